"""Stacking: who dominates which stage, and how dependence on one economy adds up over chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from geomonitor.report.blocks import Block
from geomonitor.report.choices import chosen_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.chains import NOT_NAMED, evidence_of
from geomonitor.report.figures.style import PlainFigure
from geomonitor.web.evidence.contents import of_edition
from geomonitor.web.evidence.shown import provenance
from geomonitor.web.language import say
from geomonitor.web.studies.chains import chain_page, chain_title
from geomonitor.web.studies.figures import (
    StageCell,
    narrow_heat_map,
    share_heat_map,
    supplier_colours,
    supplier_heat_map,
)
from geomonitor.web.studies.pages import (
    answer,
    case_address,
    content_for,
    figure,
    importer_options,
    kept,
    tables_of,
    two_sources,
)
from geomonitor.web.studies.parameters import Asked

__all__ = ["StackingPage", "economy_page", "stacking", "stacking_page"]

_NAMES = ("importer", "economy")
_ECONOMIES_OFFERED = 40


@dataclass(frozen=True, slots=True)
class StackingPage:
    """What the page shows of one importer, whichever economy is chosen.

    Attributes
    ----------
    dominating : Block
        Every stage in the colour of its largest supplier.
    economies : tuple of str
        Those that can be chosen, the ones that stack highest first.
    """

    dominating: Block
    economies: tuple[str, ...]


def stacking_page(content: Content, importer: ShownImporter) -> StackingPage | None:
    """Prepare the page; none where the edition has no chains.

    Parameters
    ----------
    content : Content
    importer : ShownImporter
    """
    mine = content_for(content, importer)
    cells = _largest(mine)
    if not cells:
        return None
    language = content.language
    weight: dict[str, float] = {}
    for cell in cells:
        if cell.supplier is not None:
            weight[cell.supplier] = weight.get(cell.supplier, 0.0) + (cell.share or 0.0)
    ranked = sorted(weight, key=lambda code: (-weight[code], code))
    drawn = supplier_heat_map(
        cells,
        supplier_colours(ranked, mine.colours),
        language=language,
        other=language.say("word.other"),
        unknown=language.say("word.unknown"),
    )
    (party,) = mine.importers
    title = say(language, "stacking.dominating_title", importer=party.name)
    rows = [
        (cell.row, cell.place, cell.stage, _named(cell.supplier, language), cell.share, cell.note)
        for cell in cells
    ]
    block = _block(
        content, "dominating", title, say(language, "stacking.dominating_note"), drawn,
        DataTable.of(title, _stage_columns(content), rows),
    )  # fmt: skip
    across = mine.of_importer("stacking_across", party).sort(
        ["weighted_exposure", "dependent_count", "economy"], descending=[True, True, False]
    )
    economies = tuple(across["economy"].head(_ECONOMIES_OFFERED)) or tuple(ranked)
    return StackingPage(block, economies)


def economy_page(content: Content, importer: ShownImporter, economy: str) -> tuple[Block, DataTable]:
    """Show how dependence on one economy stacks, stage by stage, and what that makes of each chain.

    Parameters
    ----------
    content : Content
    importer : ShownImporter
    economy : str
    """
    mine, language = content_for(content, importer), content.language
    (party,) = mine.importers
    stages = mine.of_importer("chain_stages", party)
    shares = {
        (chain, place): share
        for chain, place, share in stages.filter(pl.col("known"), pl.col("supplier") == economy)
        .select("chain", "place", "share")
        .iter_rows()
    }
    cells = []
    for chain, place, stage, known, source in _each_stage(stages):
        share = shares.get((chain, place), 0.0) if known else None
        cells.append(
            StageCell(
                row=chain_title(content, chain), place=place, stage=_stage_name(content, chain, stage),
                supplier=economy, share=share, note=_note(content, known, source),
            )
        )  # fmt: skip
    name = language.economy(economy)
    title = say(language, "stacking.economy_title", economy=name, importer=party.name)
    rows = [(cell.row, cell.place, cell.stage, name, cell.share, cell.note) for cell in cells]
    block = _block(
        content, "economy", title, say(language, "stacking.economy_note"),
        share_heat_map(cells, language=language), DataTable.of(title, _stage_columns(content), rows),
    )  # fmt: skip
    return block, _within(content, mine.of_importer("chain_stacking", party), economy, party.name)


def _within(content: Content, stacking_table: pl.DataFrame, economy: str, importer: str) -> DataTable:
    """List what one economy's stages add up to within every chain, with bounds for what is not known."""
    language = content.language
    found = stacking_table.filter(pl.col("economy") == economy).sort(
        ["stages_above", "any_stage_exposure", "chain"], descending=[True, True, False], nulls_last=True
    )
    rows = [
        (
            chain_title(content, row["chain"]), row["stages"], row["known_stages"], row["stages_above"],
            row["stages_above_high"], row["longest_run"], row["any_stage_exposure"],
            row["any_stage_exposure_high"], row["bottleneck"],
            _stage_name(content, row["chain"], row["bottleneck_stage"]) if row["bottleneck_stage"] else "–",
            row["mean_dependency_low"], row["mean_dependency_high"],
        )
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    return DataTable.of(
        say(language, "stacking.within_table", economy=language.economy(economy), importer=importer),
        (
            Column(say(language, "chains.chain")),
            Column(say(language, "chains.stages"), "count"),
            Column(say(language, "stacking.known"), "count"),
            Column(say(language, "chains.above"), "count"),
            Column(say(language, "stacking.above_most"), "count"),
            Column(say(language, "chains.run"), "count"),
            Column(say(language, "chains.any"), "share"),
            Column(say(language, "stacking.any_most"), "share"),
            Column(say(language, "stacking.bottleneck"), "share"),
            Column(say(language, "stacking.bottleneck_stage")),
            Column(say(language, "stacking.mean_least"), "share"),
            Column(say(language, "stacking.mean_most"), "share"),
        ),
        rows,
    )


def _each_stage(stages: pl.DataFrame) -> list[tuple[str, int, str, bool, str]]:
    return (
        stages.unique(["chain", "place"], maintain_order=True)
        .sort("chain", "place")
        .select("chain", "place", "stage", "known", "source")
        .rows()
    )


def _largest(content: Content) -> list[StageCell]:
    """Take the largest supplier that is named of every stage."""
    (party,) = content.importers
    stages = content.of_importer("chain_stages", party)
    top = {
        (row["chain"], row["place"]): row
        for row in stages.filter(pl.col("known"), pl.col("supplier") != NOT_NAMED)
        .sort(["share", "supplier"], descending=[True, False])
        .unique(["chain", "place"], keep="first", maintain_order=True)
        .iter_rows(named=True)
    }
    return [
        StageCell(
            row=chain_title(content, chain),
            place=place,
            stage=_stage_name(content, chain, stage),
            supplier=top[chain, place]["supplier"] if (chain, place) in top else None,
            share=top[chain, place]["share"] if (chain, place) in top else None,
            note=_note(content, known, source),
        )
        for chain, place, stage, known, source in _each_stage(stages)
    ]


def _stage_name(content: Content, chain: str, stage: str) -> str:
    for each in (content.record.get("chains") or {}).get("described", ()):
        if each["code"] == chain:
            for part in each["stages"]:
                if part["code"] == stage:
                    return str(part["name"].get(content.language.code) or stage)
    return stage.replace("_", " ")


def _note(content: Content, known: bool, source: str) -> str:
    return content.language.say(f"evidence.{evidence_of(source, known=known)}")


def _named(code: str | None, language: Any) -> str:
    return language.say("word.unknown") if code is None else str(language.economy(code))


def _stage_columns(content: Content) -> tuple[Column, ...]:
    said = content.language.say
    return (
        Column(say(content.language, "chains.chain")),
        Column(said("column.place"), "count"),
        Column(said("column.stage")),
        Column(said("column.supplier")),
        Column(said("column.share_of_supply"), "share"),
        Column(said("column.source")),
    )


def _block(content: Content, name: str, title: str, note: str, drawn: PlainFigure, table: DataTable) -> Block:
    return Block(
        anchor=f"stacking-{name}",
        title=title,
        note=note,
        description=f"{title}. {content.language.say('word.see_table')}",
        figure=chosen_json({"": drawn}, {"": ""}, narrow=narrow_heat_map(drawn)),
        table=table,
        height=int(drawn["layout"]["height"]),
    )


@require_safe
@of_edition
def stacking(request: HttpRequest, content: Content) -> HttpResponse:
    """Show who dominates the stages of the chains, and how dependence on one economy stacks."""
    asked = Asked(request.GET, _NAMES)
    importer = asked.importer(content)
    page = kept(stacking_page, content, importer)
    title = say(None, "stacking.title")
    context: dict[str, Any] = {"content": content, "importers": importer_options(content), "page": page}
    about = provenance(content)
    if page is None:
        return answer(
            request, "stacking.html", context, asked=asked, tables={}, title=title, provenance=about
        )
    economy = asked.choice("economy", page.economies, page.economies[0])
    source, dates = two_sources(content)
    of_chains = kept(chain_page, content, importer)
    mine, within = kept(economy_page, content, importer, economy)
    dominating, chosen, across = (
        None if block is None else figure(content, block, asked, unit=unit, source=source, date=dates)
        for block, unit in (
            (page.dominating, "share_of_supply"),
            (mine, "share_of_supply"),
            (None if of_chains is None else of_chains.across, "weighted_exposure"),
        )
    )
    name = content.language.economy(economy)
    context |= {
        "economies": [(code, content.language.economy(code)) for code in page.economies],
        "economy": economy,
        "dominating": dominating,
        "chosen": chosen,
        "within": within,
        "across": across,
        "new_case": case_address(
            content, "economy", economy, name, importer=importer.code, counterpart=economy
        ),
    }
    return answer(
        request,
        "stacking.html",
        context,
        asked=asked,
        tables=tables_of(dominating, chosen, ("within", within), across),
        title=title,
        provenance=about,
    )
