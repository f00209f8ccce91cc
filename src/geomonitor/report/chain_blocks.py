"""The part of the brief on value chains: sentences, figures and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.codes import material_name
from geomonitor.errors import UnknownCodeError
from geomonitor.report.blocks import Block
from geomonitor.report.chain_sentences import chain_sentences
from geomonitor.report.content import SUPPLIER_COLOURS, Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.exposure_blocks import (
    chain_block,
    exposure_blocks,
    exposure_map_block,
    plain_name,
)
from geomonitor.report.figures.chains import NOT_NAMED, chain_stages_figure, evidence_of
from geomonitor.report.figures.stacking import stacking_figure
from geomonitor.report.language import OTHER

__all__ = ["ChainPart", "chain_part"]

# economies that are drawn, and suppliers that are listed; the edition's tables have them all
_ECONOMIES_DRAWN = 10
_SUPPLIERS_LISTED = 5
_ROUNDING = 1e-9
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
            sentences=tuple(chain_sentences(content, each)),
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
            *_world_supply_notes(content),
            say.say("chains.stacking", threshold=say.share(threshold)),
        ]
    if about.get("not_in_table"):
        names = say.listing(say.importer(code) for code in about["not_in_table"])
        notes.append(say.say("chains.absent", economies=names))
    return notes


def _world_supply_notes(content: Content) -> list[str]:
    """Say what dotted stages are, where there are any, and which publications they rest on."""
    stages = content.tables["chain_stages"].filter("known")
    if not any(evidence_of(source, known=True) == "production" for source in stages["source"].unique()):
        return []
    sources = content.record.get("chains", {}).get("world_supply", {}).get("sources", ())
    cited = "; ".join(str(each["citation"]).rstrip(".") for each in sources)
    note = content.language.say("chains.world_supply")
    return [f"{note} {content.language.say('chains.cited', sources=cited)}" if cited else note]


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
    kinds = {each["code"]: each["kind"] for each in described["stages"]}
    materials = {each["code"]: _materials(content, each) for each in described["stages"]}
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
        about = (place, names[stage], say.say(f"stage_kind.{kinds[stage]}"), materials[stage] or None)
        if not part["known"][0]:
            rows.append((*about, say.say("word.unknown"), None, evidence))
            continue
        listed = part.filter(pl.col("supplier") != NOT_NAMED).head(_SUPPLIERS_LISTED)
        for supplier, share in listed.select("supplier", "share").iter_rows():
            rows.append((*about, say.economy(supplier), share, evidence))
        rest = sum(part["share"].to_list()) - sum(listed["share"].to_list())
        # what sums of decimals leave over is nothing
        if rest > _ROUNDING:
            rows.append((*about, say.economy(OTHER), rest, evidence))
    return chain_block(
        content,
        f"{importer.anchor}-chain-{code.replace('_', '-')}",
        title,
        _chain_note(content, stages, top, single, threshold),
        chain_stages_figure(
            stages,
            names,
            colours=colours,
            kinds=kinds,
            materials=materials,
            stacked=stacked,
            threshold=threshold,
            language=say,
        ),
        DataTable.of(
            say.say("chains.stages_table", chain=title, importer=importer.name),
            (
                Column(say.say("column.place"), "count"),
                Column(say.say("column.stage")),
                Column(say.say("column.stage_kind")),
                Column(say.say("column.stage_materials")),
                Column(say.say("column.supplier")),
                Column(say.say("column.share_of_supply"), "share"),
                Column(say.say("column.source")),
            ),
            rows,
        ),
    )


def _materials(content: Content, stage: Mapping[str, Any]) -> str:
    """Name the raw materials of a stage; an edition of before they were recorded has none."""
    names = []
    for each in stage.get("materials", ()):
        try:
            names.append(material_name(each["material"], content.language.code))
        except UnknownCodeError:
            # a material of a later table of codes
            names.append(str(each["material"]).replace("_", " "))
    return ", ".join(names)


def _evidence(content: Content, known: bool, source: str) -> str:
    """Say in the reader's language where a share comes from, with the codes as they stand in the table."""
    say = content.language
    kind = evidence_of(source, known=known)
    if kind == "unknown":
        return say.say("evidence.unknown")
    # the label of world supply is said in the reader's language
    detail = source.split(": ", 2 if kind == "production" else 1)[-1]
    return f"{say.say(f'evidence.{kind}')} ({detail})"


def _chain_note(
    content: Content,
    stages: pl.DataFrame,
    top: Mapping[str, Any] | None,
    single: list[str],
    threshold: float,
) -> str:
    """Say who stacks, or that nobody does, and how many stages are of world supply or not known."""
    say = content.language
    each = stages.unique("place")
    total = each.height
    sources = each.filter("known")["source"].to_list()
    known = len(sources)
    world = sum(evidence_of(source, known=True) == "production" for source in sources)
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
    if world:
        texts.append(say.say("chains.of_world", number=say.number(world)))
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
