"""The main points of the value chains of an importer, in sentences."""

from __future__ import annotations

import polars as pl

from geomonitor.data.input_output import sector_name
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.exposure_blocks import plain_name

__all__ = ["chain_sentences"]


def chain_sentences(content: Content, importer: ShownImporter) -> list[str]:
    """Say the main points of one importer's value chains; every number comes from a table.

    Parameters
    ----------
    content : Content
    importer : ShownImporter

    Returns
    -------
    list of str
    """
    say = content.language
    texts = []
    mine = content.tables["exposure"].filter(
        pl.col("sectors") == "manufacturing",
        pl.col("economy") == importer.code,
        ~pl.col("origin").is_in(list(importer.home)),
        pl.col("look_through_share").is_not_null(),
    )
    if mine.height:
        row = mine.sort(["look_through_share", "origin"], descending=[True, False]).row(0, named=True)
        texts.append(
            say.say(
                "chains.finding_exposure",
                importer=plain_name(content, importer),
                origin=say.economy(row["origin"]),
                outside=say.say("chains.outside", home=say.importer(importer.home_code))
                if importer.home_code != importer.code or len(importer.members) > 1
                else "",
                face=say.share(row["face_value_share"], 1),
                through=say.share(row["look_through_share"], 1),
                added=say.share(row["value_added_share"], 1),
            )
        )
    texts += _ranked_members(content, importer)
    sectors = content.of_importer("exposure_sectors", importer).filter(
        pl.col("look_through_share").is_not_null(), pl.col("output_musd") > 0
    )
    if sectors.height:
        top = sectors.sort(["look_through_share", "sector"], descending=[True, False]).head(3)
        listed = say.listing(
            f"{_lower(sector_name(code, say.code))} ({say.share(share, 1)})"
            for code, share in top.select("sector", "look_through_share").iter_rows()
        )
        texts.append(say.say("chains.finding_sectors", origin=say.economy(top["origin"][0]), sectors=listed))
    across = content.of_importer("stacking_across", importer)
    if across.height:
        row = across.sort(
            ["stages_above", "weighted_exposure", "economy"], descending=[True, True, False]
        ).row(0, named=True)
        if row["stages_above"]:
            stages = content.of_importer("chain_stages", importer)
            known = stages.filter("known").select("chain", "stage").n_unique()
            texts.append(
                say.count(
                    "chains.finding_stacking",
                    row["stages_above"],
                    economy=say.economy(row["economy"]),
                    known=say.number(known),
                    total=say.number(stages.select("chain", "stage").n_unique()),
                    chains=say.number(row["chains_hit"]),
                    all_chains=say.number(stages["chain"].n_unique()),
                    threshold=say.share(content.record["chains"].get("threshold", 0.3)),
                )
            )
    return texts


def _ranked_members(content: Content, importer: ShownImporter) -> list[str]:
    """Say which members lean most on the economy on which the group leans most."""
    say = content.language
    if len(importer.members) < 3:
        return []
    table = content.tables["exposure"].filter(
        pl.col("sectors") == "manufacturing", pl.col("look_through_share").is_not_null()
    )
    own = table.filter(pl.col("economy") == importer.code, ~pl.col("origin").is_in(list(importer.home)))
    if own.is_empty():
        return []
    origin = own.sort(["look_through_share", "origin"], descending=[True, False])["origin"][0]
    members = table.filter(pl.col("economy").is_in(list(importer.members)), pl.col("origin") == origin).sort(
        ["look_through_share", "economy"], descending=[True, False]
    )
    if members.height < 3:
        return []
    listed = say.listing(
        f"{say.economy(code)} ({say.share(share, 1)})"
        for code, share in members.select("economy", "look_through_share").head(3).iter_rows()
    )
    return [say.say("chains.finding_members", origin=say.economy(origin), members=listed)]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
