"""The part of the brief on value chains: sentences, figures and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.data.input_output import sector_name
from geomonitor.report.blocks import Block
from geomonitor.report.content import SUPPLIER_COLOURS, Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.exposure_blocks import (
    chain_block,
    exposure_blocks,
    exposure_map_block,
    plain_name,
)
from geomonitor.report.figures.chains import chain_stages_figure, stacking_figure
from geomonitor.report.language import OTHER

__all__ = ["ChainPart", "chain_part"]

# economies that are drawn, and suppliers that are listed; the edition's tables have them all
_ECONOMIES_DRAWN = 10
_SUPPLIERS_LISTED = 5
# for suppliers of stages that are no main supplier of a product
_MORE_COLOURS = ("#B35806", "#5AAE61", "#7B3294", "#F4A582")


@dataclass(frozen=True, slots=True)
class ImporterChains:
    """What the brief says of one importer's value chains.

    Attributes
    ----------
    name, short_name, anchor : str
        `short_name` is without the home of the importer.
    sentences : tuple of str
    exposure, chains : tuple of Block
    """

    name: str
    short_name: str
    anchor: str
    sentences: tuple[str, ...]
    exposure: tuple[Block, ...]
    chains: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ChainPart:
    """The whole part.

    Attributes
    ----------
    notes : tuple of str
        How to read it.
    map : Block or None
    importers : tuple of ImporterChains
    """

    notes: tuple[str, ...]
    map: Block | None
    importers: tuple[ImporterChains, ...]


def chain_part(content: Content) -> ChainPart | None:
    """Make the part on value chains; none where the edition does not have its tables.

    Parameters
    ----------
    content : Content

    Returns
    -------
    ChainPart or None
    """
    about = content.record.get("input_output")
    if not about or (content.tables["exposure"].is_empty() and content.tables["chain_stages"].is_empty()):
        return None
    colours = _colours(content)
    importers = tuple(
        ImporterChains(
            name=each.name,
            short_name=plain_name(content, each),
            anchor=each.anchor,
            sentences=tuple(_sentences(content, each)),
            exposure=tuple(exposure_blocks(content, each)),
            chains=tuple(_chain_blocks(content, each, colours)),
        )
        for each in content.in_full
    )
    return ChainPart(
        notes=tuple(_notes(content, about)), map=exposure_map_block(content), importers=importers
    )


def _notes(content: Content, about: Mapping[str, Any]) -> list[str]:
    say = content.language
    notes = [
        say.say("chains.look_through"),
        say.say("chains.double"),
        say.say("chains.value_added"),
        say.say(
            "chains.table",
            year=about["year"],
            economies=say.number(about["economies"]),
            sectors=say.number(about["sectors"]),
        ),
    ]
    losses = about.get("losses") or {}
    dropped = losses.get("flow_in_dropped_cells_share")
    largest = losses.get("differences_in_measures", {}).get("look_through_share", {}).get("largest")
    if dropped is not None and largest is not None:
        notes.append(
            say.say("chains.losses", dropped=say.share(dropped, 2), points=say.number(largest * 100, 2))
        )
    if not content.tables["chain_stages"].is_empty():
        threshold = content.record.get("chains", {}).get("threshold", 0.3)
        notes += [
            say.say("chains.stages", period=content.period_text),
            say.say("chains.stacking", threshold=say.share(threshold)),
        ]
    if about.get("not_in_table"):
        names = say.listing(say.importer(code) for code in about["not_in_table"])
        notes.append(say.say("chains.absent", economies=names))
    return notes


def _colours(content: Content) -> Mapping[str, str]:
    """Keep the colours of the other figures; give free ones to the other large suppliers of stages."""
    stages = content.tables["chain_stages"].filter("known")
    weight = (
        stages.filter(pl.col("share") >= 0.15)
        .group_by("supplier")
        .agg(pl.col("share").sum())
        .sort(["share", "supplier"], descending=[True, False])
    )
    colours = {code: content.colours[code] for code in weight["supplier"] if code in content.colours}
    free = [each for each in (*SUPPLIER_COLOURS, *_MORE_COLOURS) if each not in content.colours.values()]
    others = [code for code in weight["supplier"] if code not in colours]
    return {**colours, **dict(zip(others, free, strict=False))}


def _chain_blocks(content: Content, importer: ShownImporter, colours: Mapping[str, str]) -> list[Block]:
    blocks = []
    across = content.of_importer("stacking_across", importer)
    if across.height:
        blocks.append(_across(content, importer, across))
    stages = content.of_importer("chain_stages", importer)
    for described in content.record.get("chains", {}).get("described", ()):
        mine = stages.filter(pl.col("chain") == described["code"])
        if mine.height:
            blocks.append(_chain(content, importer, described, mine, colours))
    return blocks


def _chain(
    content: Content,
    importer: ShownImporter,
    described: Mapping[str, Any],
    stages: pl.DataFrame,
    colours: Mapping[str, str],
) -> Block:
    say = content.language
    code = described["code"]
    names = {each["code"]: str(each["name"].get(say.code) or each["code"]) for each in described["stages"]}
    stacking = content.of_importer("chain_stacking", importer).filter(pl.col("chain") == code)
    top = stacking.row(0, named=True) if stacking.height else None
    # one stage above the threshold is a dependence; several are a stack
    stacked = top["economy"] if top and (top["stages_above"] or 0) > 1 else None
    single = stacking.filter(pl.col("stages_above") == 1)["economy"].to_list()
    threshold = float(content.record["chains"].get("threshold", 0.3))
    title = str(described["name"].get(say.code) or code)
    rows: list[tuple[Any, ...]] = []
    for place, stage in stages.select("place", "stage").unique().sort("place").iter_rows():
        part = stages.filter(pl.col("stage") == stage).sort(["share", "supplier"], descending=[True, False])
        evidence = _evidence(content, bool(part["known"][0]), part["source"][0])
        if not part["known"][0]:
            rows.append((place, names[stage], say.say("word.unknown"), None, evidence))
            continue
        for supplier, share in part.select("supplier", "share").head(_SUPPLIERS_LISTED).iter_rows():
            rows.append((place, names[stage], say.economy(supplier), share, evidence))
        rest = part["share"][_SUPPLIERS_LISTED:].sum()
        if rest:
            rows.append((place, names[stage], say.economy(OTHER), rest, evidence))
    return chain_block(
        content,
        f"{importer.anchor}-chain-{code.replace('_', '-')}",
        title,
        _chain_note(content, described, top, single, threshold),
        chain_stages_figure(
            stages, names, colours=colours, stacked=stacked, threshold=threshold, language=say
        ),
        DataTable.of(
            say.say("chains.stages_table", chain=title, importer=importer.name),
            (
                Column(say.say("column.place"), "count"),
                Column(say.say("column.stage")),
                Column(say.say("column.supplier")),
                Column(say.say("column.share_of_supply"), "share"),
                Column(say.say("column.source")),
            ),
            rows,
        ),
    )


def _evidence(content: Content, known: bool, source: str) -> str:
    """Say in the reader's language where a share comes from, with the codes as they stand in the table."""
    kind = "trade" if source.startswith("trade") else "table" if known else "unknown"
    _, _, detail = source.partition(": ")
    say = content.language
    return f"{say.say(f'evidence.{kind}')} ({detail})" if known else say.say("evidence.unknown")


def _chain_note(
    content: Content,
    described: Mapping[str, Any],
    top: Mapping[str, Any] | None,
    single: list[str],
    threshold: float,
) -> str:
    """Say who stacks, or that nobody does, and how many stages are not known."""
    say = content.language
    total = len(described["stages"])
    known = int(top["known_stages"]) if top else 0
    texts = []
    if top is not None and known:
        above = int(top["stages_above"] or 0)
        values = {
            "known": say.number(known),
            "threshold": say.share(threshold),
            "economies": say.listing(map(say.economy, single)),
        }
        if above > 1:
            texts.append(
                say.say(
                    "chains.stack",
                    economy=say.economy(top["economy"]),
                    number=say.number(above),
                    run=say.number(top["longest_run"]),
                    known=values["known"],
                    threshold=values["threshold"],
                )
            )
        elif known == 1:
            texts.append(say.say("chains.only_known"))
        elif above == 1:
            texts.append(say.say("chains.one_above", **values))
        else:
            texts.append(say.say("chains.none_above", known=values["known"], threshold=values["threshold"]))
    if known < total:
        texts.append(say.say("chains.unknown", unknown=say.number(total - known), total=say.number(total)))
    return " ".join(texts)


def _across(content: Content, importer: ShownImporter, across: pl.DataFrame) -> Block:
    say = content.language
    ranked = across.sort(["weighted_exposure", "dependent_count", "economy"], descending=[True, True, False])
    drawn = ranked.filter(pl.col("weighted_exposure") > 0).head(_ECONOMIES_DRAWN)
    title = say.say("chains.across_title", importer=importer.name)
    note = say.say("chains.across_note")
    concentration = ranked["stage_concentration"][0]
    if concentration is not None:
        note = f"{note} {say.say('chains.concentration', value=say.number(concentration, 2))}"
    rows = [
        (
            say.economy(row["economy"]),
            row["weighted_exposure"],
            row["weighted_exposure_high"],
            row["chains_hit"],
            row["stages_above"],
            row["main_supplier_stages"],
            ", ".join(content.interest(part) for part in row["interests"].split(";") if part),
            row["dependent_count"],
        )
        for row in ranked.filter(
            (pl.col("weighted_exposure") > 0.005) | (pl.col("dependent_count") > 0)
        ).iter_rows(named=True)
    ]
    return chain_block(
        content,
        f"{importer.anchor}-stacking",
        title,
        note,
        stacking_figure(drawn, language=say),
        DataTable.of(
            title,
            (
                Column(say.say("column.economy")),
                Column(say.say("column.weighted_exposure"), "share"),
                Column(say.say("column.weighted_exposure_high"), "share"),
                Column(say.say("column.chains_hit"), "count"),
                Column(say.say("column.stages_above"), "count"),
                Column(say.say("column.main_supplier_stages"), "count"),
                Column(say.say("column.interests_hit")),
                Column(say.say("column.dependent"), "count"),
            ),
            rows,
        ),
    )


def _sentences(content: Content, importer: ShownImporter) -> list[str]:
    """Say the main points of one importer's value chains; every number comes from a table."""
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
