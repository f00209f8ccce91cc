"""The part of the brief on exposure through suppliers' suppliers: figures and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from geomonitor.data.input_output import sector_name
from geomonitor.report.blocks import Block, figure_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.exposure import (
    exposure_map_figure,
    exposure_ranking_figure,
    node_name,
    supply_paths_figure,
)

__all__ = ["chain_block", "exposure_blocks", "exposure_map_block", "plain_name"]

# sectors and origins that are drawn; the tables have them all
_SECTORS_DRAWN = 18
# below this part of the exposure, the largest paths do not stand for it
_BROAD = 0.25
_MEASURES = ("face_value_share", "look_through_share", "value_added_share")


def chain_block(content: Content, anchor: str, title: str, note: str, figure: Any, table: DataTable) -> Block:
    """Put a figure, what it says and its table together."""
    return Block(
        anchor=anchor,
        title=title,
        note=note,
        description=f"{title}. {content.language.say('word.see_table')}",
        figure=figure_json(figure),
        table=table,
        height=int(figure.layout.height),
    )


def _measure_columns(content: Content) -> tuple[Column, ...]:
    say = content.language
    names = ("face_value_share", "look_through_share", "value_added_share")
    return tuple(Column(_capital(say.say(f"measure.{name}")), "share") for name in names)


def exposure_map_block(content: Content) -> Block | None:
    """Draw who leans on whom: importers, then members, those that lean most on the first origin above."""
    say = content.language
    table = content.tables["exposure"].filter(pl.col("sectors") == "manufacturing")
    if table.is_empty():
        return None
    origins = table["origin"].unique(maintain_order=True).to_list()
    importers = [each.code for each in content.importers]
    first = table.filter(pl.col("origin") == origins[0]).sort(
        [pl.col("economy").is_in(importers), "look_through_share", "economy"],
        descending=[True, True, False],
        nulls_last=True,
    )
    top = [code for code in importers if code in set(first["economy"])]
    codes = list(dict.fromkeys([*top, *first["economy"]]))
    labels = {code: _capital(_party(content, code)) for code in codes}
    shares = {row[:2]: row[2:] for row in table.select("economy", "origin", *_MEASURES).iter_rows()}
    rows = [
        (labels[code], say.economy(origin), *shares[code, origin])
        for code in codes
        for origin in origins
        if (code, origin) in shares
    ]
    title = say.say("chains.map_title")
    return chain_block(
        content,
        "chains-map",
        title,
        say.say(
            "chains.map_note", year=content.record["input_output"]["year"], first=say.economy(origins[0])
        ),
        exposure_map_figure(table, labels, origins, language=say),
        DataTable.of(
            title,
            (Column(say.say("column.economy")), Column(say.say("column.origin")), *_measure_columns(content)),
            rows,
        ),
    )


def _party(content: Content, code: str) -> str:
    economy = content.language.importer(code)
    # as in the other labels, without an article
    return content.language.economy(code) if len(code) == 3 and code not in _groups(content) else economy


def plain_name(content: Content, importer: ShownImporter) -> str:
    """Name an importer without its home: exposure counts purchases from everywhere."""
    return content.language.importer(importer.code)


def _groups(content: Content) -> Mapping[str, Any]:
    return content.record.get("profile", {}).get("groups") or {}


def exposure_blocks(content: Content, importer: ShownImporter) -> list[Block]:
    """Show how far one importer leans on others: by origin, by sector, and over which paths."""
    say = content.language
    blocks = []
    mine = content.tables["exposure"].filter(
        pl.col("sectors") == "manufacturing",
        pl.col("economy") == importer.code,
        ~pl.col("origin").is_in(list(importer.home)),
    )
    if mine.height:
        ranked = mine.sort(["look_through_share", "origin"], descending=[True, False], nulls_last=True)
        title = say.say("chains.ranking_title", importer=plain_name(content, importer))
        blocks.append(
            _ranking(content, f"{importer.anchor}-exposure", title, "chains.ranking_note", ranked,
                     [say.economy(code) for code in ranked["origin"]], say.say("column.origin"))
        )  # fmt: skip
    sectors = content.of_importer("exposure_sectors", importer).filter(
        pl.col("output_musd") > 0, pl.col("look_through_share").is_not_null()
    )
    if sectors.height:
        ranked = sectors.sort(["look_through_share", "sector"], descending=[True, False])
        origin = say.economy(ranked["origin"][0])
        title = say.say("chains.sectors_title", importer=plain_name(content, importer), origin=origin)
        blocks.append(
            _ranking(content, f"{importer.anchor}-sectors", title, "chains.sectors_note", ranked,
                     [sector_name(code, say.code) for code in ranked["sector"]], say.say("column.sector"))
        )  # fmt: skip
    for origin in content.of_importer("path_links", importer)["origin"].unique(maintain_order=True):
        blocks.append(_paths(content, importer, origin))
    return blocks


def _ranking(
    content: Content, anchor: str, title: str, note: str, table: pl.DataFrame, labels: list[str], heading: str
) -> Block:
    say = content.language
    text = say.say(note)
    if table.height > _SECTORS_DRAWN:
        text = f"{text} {say.say('chains.first_rows', number=_SECTORS_DRAWN, total=say.number(table.height))}"
    rows = [
        (label, *shares) for label, shares in zip(labels, table.select(_MEASURES).iter_rows(), strict=True)
    ]
    figure = exposure_ranking_figure(table.head(_SECTORS_DRAWN), labels[:_SECTORS_DRAWN], language=say)
    return chain_block(
        content,
        anchor,
        title,
        text,
        figure,
        DataTable.of(title, (Column(heading), *_measure_columns(content)), rows),
    )


def _paths(content: Content, importer: ShownImporter, origin: str) -> Block:
    say = content.language
    links = content.of_importer("path_links", importer).filter(pl.col("origin") == origin)
    paths = content.of_importer("paths", importer).filter(pl.col("origin") == origin).sort("rank")
    coverage = float(paths["coverage"][0]) if paths.height else 0.0
    title = say.say("chains.paths_title", origin=say.economy(origin), importer=plain_name(content, importer))
    note = say.say(
        "chains.paths_note",
        number=say.number(paths.height),
        share=say.share(coverage, 1),
        origin=say.economy(origin),
    )
    if coverage < _BROAD:
        note = f"{note} {say.say('chains.paths_broad')}"
    if paths.height and not paths["exact"].all():
        note = f"{note} {say.say('chains.paths_inexact')}"
    rows = [
        (rank, " → ".join(node_name(node, say) for node in path.split(" > ")), steps, share, cumulative)
        for rank, path, steps, share, cumulative in paths.select(
            "rank", "path", "steps", "exposure_share", "cumulative_share"
        ).iter_rows()
    ]
    return chain_block(
        content,
        f"{importer.anchor}-paths-{origin.lower()}",
        title,
        note,
        supply_paths_figure(links, importer.code, coverage=coverage, language=say),
        DataTable.of(
            title,
            (
                Column(say.say("column.rank"), "count"),
                Column(say.say("column.path")),
                Column(say.say("column.steps"), "count"),
                Column(say.say("column.exposure_share"), "share"),
                Column(say.say("column.cumulative_share"), "share"),
            ),
            rows,
        ),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
