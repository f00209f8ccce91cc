"""The part of the brief on critical raw materials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.material_blocks import benchmark_block, comparison_block, plane_block
from geomonitor.report.material_names import material_names
from geomonitor.report.material_panels import MaterialPanel, material_panel
from geomonitor.report.material_sentences import (
    MaterialRules,
    importer_sentences,
    published_sentences,
    stage_verdict,
)
from geomonitor.report.material_supply_blocks import factor_block, history_block, supplier_block
from geomonitor.report.material_view import MaterialView, source_title

__all__ = [
    "MATERIALS_IN_FULL",
    "ImporterMaterials",
    "MaterialPart",
    "material_notes",
    "material_part",
    "material_view",
]

# materials with a panel of their own, which readers can choose in the figures: those on the published list,
# strategic or at risk first; the list and the workbook have them all
MATERIALS_IN_FULL = 36


@dataclass(frozen=True, slots=True)
class ImporterMaterials:
    """What the brief says of one importer's raw materials.

    Attributes
    ----------
    name, anchor : str
    sentences : tuple of str
    note : str
        How to read the table.
    table : DataTable
    benchmark : Block or None
    """

    name: str
    anchor: str
    sentences: tuple[str, ...]
    note: str
    table: DataTable
    benchmark: Block | None


@dataclass(frozen=True, slots=True)
class MaterialPart:
    """The whole part.

    Attributes
    ----------
    sentences : tuple of str
        On the published lists and on the two stages.
    notes : tuple of str
        How to read it.
    importers : tuple of ImporterMaterials
    blocks : tuple of Block
        Figures for all importers together.
    panels : tuple of MaterialPanel
    more : str
        How many materials have no panel; empty where all have.
    methods : tuple of mapping
        Records of the methods for raw materials.
    facts : tuple of (str, str, str)
        Title, citation and licence of what was published by others.
    """

    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    importers: tuple[ImporterMaterials, ...]
    blocks: tuple[Block, ...]
    panels: tuple[MaterialPanel, ...]
    more: str
    methods: tuple[Mapping[str, Any], ...]
    facts: tuple[tuple[str, str, str], ...]


def material_view(content: Content, only: tuple[str, ...] | None = None) -> MaterialView:
    """Choose the materials that are shown in full, or take those that are named."""
    names, rules = material_names(content), MaterialRules.of(content)
    chosen = only if only is not None else _in_full(content, rules)
    return MaterialView(content, names, rules, tuple(sorted(chosen, key=names.name)))


def _in_full(content: Content, rules: MaterialRules) -> list[str]:
    codes = [each.code for each in content.in_full]
    table = content.tables["materials"].filter(pl.col("importer").is_in(codes))
    published = content.tables["material_published"]
    latest = published.filter(pl.col("year") == pl.col("year").max())
    listed = set(
        latest.filter(pl.col("critical").fill_null(value=False) | pl.col("listed").fill_null(value=False))[
            "material"
        ]
    )
    ranked = (
        table.group_by("material")
        .agg(
            pl.coalesce("supply_risk_low", "supply_risk").cast(pl.Float64).max().alias("least"),
            pl.coalesce("supply_risk_high", "supply_risk").cast(pl.Float64).max().alias("most"),
            pl.col("strategic").any(),
        )
        .with_columns(listed=pl.col("material").is_in(sorted(listed)))
    )
    at_risk = rules.at_risk(ranked["least"], ranked["most"])
    ranked = ranked.with_columns(risky=at_risk.fill_null(value=False)).with_columns(
        weight=pl.col("listed") * 2 + pl.col("strategic") + pl.col("risky")
    )
    return (
        ranked.sort(["weight", "least", "material"], descending=[True, True, False], nulls_last=True)[
            "material"
        ]
        .head(MATERIALS_IN_FULL)
        .to_list()
    )


def material_part(content: Content) -> MaterialPart | None:
    """Make the part on raw materials; none where the edition does not have its table.

    Parameters
    ----------
    content : Content

    Returns
    -------
    MaterialPart or None
    """
    if content.tables["materials"].is_empty():
        return None
    say = content.language
    view = material_view(content)
    blocks = (
        plane_block(view), comparison_block(view), supplier_block(view), history_block(view),
        factor_block(view),
    )  # fmt: skip
    total = content.tables["materials"]["material"].n_unique()
    more = ""
    if total > len(view.chosen):
        more = say.say("materials.panels_more", number=say.number(len(view.chosen)), total=say.number(total))
    return MaterialPart(
        sentences=tuple(_sentences(view)),
        notes=tuple(material_notes(view)),
        importers=tuple(
            _importer(view, each) for each in content.in_full if content.of_importer("materials", each).height
        ),
        blocks=tuple(each for each in blocks if each is not None),
        panels=tuple(material_panel(view, code) for code in view.chosen),
        more=more,
        facts=tuple(_facts(content)),
        methods=tuple((content.record.get("materials") or {}).get("methods", ())),
    )


def _sentences(view: MaterialView) -> list[str]:
    """Say what holds for every importer: published lists, and where concentration sits."""
    content = view.content
    texts = published_sentences(content, view.names, view.rules)
    comparison = content.tables["material_comparison"]
    if comparison.height:
        first = comparison.row(0, named=True)
        same = comparison.filter(
            pl.col("measure") == first["measure"], pl.col("source") == first["source"],
            pl.col("years") == first["years"],
        )  # fmt: skip
        texts.append(
            content.language.say(
                "materials.finding_stages",
                verdict=stage_verdict(content, same),
                source=source_title(content, first["source"]),
                years=str(first["years"]).replace("-", "–"),
            )
        )
    return texts


def material_notes(view: MaterialView) -> list[str]:
    """Say how to read what the report shows of raw materials."""
    content, rules = view.content, view.rules
    say = content.language
    years = content.tables["material_published"]["year"].unique().sort().to_list()
    bases = set(content.tables["material_stages"]["basis"]) | set(content.tables["materials"]["basis"])
    notes = [
        say.say("materials.note_method"),
        say.say(
            "materials.note_rule",
            risk=say.number(rules.supply_risk, 1),
            importance=say.number(rules.economic_importance, 1),
        ),
    ]
    if years:
        notes.append(say.say("materials.note_published", years=say.listing(str(year) for year in years)))
    notes += [say.say(f"materials.note_{basis}") for basis in ("trade", "production") if basis in bases]
    notes += [say.say("materials.note_bounds"), say.say("materials.note_mixed")]
    extracted, processed, recycled = rules.home_goals
    notes.append(
        say.say(
            "materials.note_act",
            share=say.share(rules.benchmark),
            extracted=say.share(extracted),
            processed=say.share(processed),
            recycled=say.share(recycled),
        )
    )
    return notes


def _importer(view: MaterialView, importer: ShownImporter) -> ImporterMaterials:
    content = view.content
    return ImporterMaterials(
        name=importer.name,
        anchor=importer.anchor,
        sentences=tuple(importer_sentences(content, importer, view.names, view.rules)),
        note=content.language.say(
            "materials.list_note",
            share=content.language.share(view.rules.benchmark),
            year=content.of_importer("materials", importer)["published_year"].max(),
        ),
        table=_list(view, importer),
        benchmark=benchmark_block(view, importer),
    )


def _list(view: MaterialView, importer: ShownImporter) -> DataTable:
    """List every material of one importer, the highest lower bound of supply risk first."""
    content, rules = view.content, view.rules
    say = content.language
    table = content.of_importer("materials", importer).sort(
        [pl.coalesce("supply_risk_low", "supply_risk"), "supply_risk_high", "material"],
        descending=[True, True, False],
        nulls_last=True,
    )
    # economic importance from data on uses; what was published has its own table
    own = table.filter(pl.col("economic_importance").is_not_null())
    if "economic_importance_source" in table.columns:
        own = own.filter(~pl.col("economic_importance_source").fill_null("").str.starts_with("published"))
    decided = table["critical"].drop_nulls().len() > 0
    rows = []
    for row in table.iter_rows(named=True):
        rows.append(
            (
                view.names.with_symbol(row["material"]), row["supply_risk"], _bounds(view, row),
                say.say(f"stage.{row['stage']}") if row["stage"] else "–",
                *((row["economic_importance"],) if own.height else ()),
                *((_verdict(view, row["critical"]),) if decided else ()),
                say.economy(row["main_supplier"]), row["main_supplier_share"],
                _verdict(view, row["above_benchmark"]), row["strategic"], row["published_supply_risk"],
                row["published_critical"],
            )
        )  # fmt: skip
    return DataTable.of(
        say.say("materials.list_table", importer=importer.name, period=content.period_text),
        (
            Column(say.say("column.material")),
            Column(say.say("column.supply_risk"), "ratio"),
            Column(say.say("column.bounds")),
            Column(say.say("column.bottleneck")),
            *((Column(say.say("column.economic_importance"), "ratio"),) if own.height else ()),
            *((Column(say.say("column.critical")),) if decided else ()),
            Column(say.say("column.main_supplier")),
            Column(say.say("column.share"), "share"),
            Column(say.say("column.above_benchmark", share=say.share(rules.benchmark))),
            Column(say.say("column.strategic_act"), "yesno"),
            Column(say.say("column.published_risk"), "tenth"),
            Column(say.say("column.published_critical"), "yesno"),
        ),
        rows,
    )


def _bounds(view: MaterialView, row: Mapping[str, Any]) -> str:
    low, high = row["supply_risk_low"], row["supply_risk_high"]
    if low is None or high is None or high - low < 0.005:
        return "–"
    say = view.content.language
    # joined, so that the two stay on one line
    return f"{say.number(low, 2)}\u2060–\u2060{say.number(high, 2)}"


def _verdict(view: MaterialView, verdict: bool | None) -> str:
    say = view.content.language
    if verdict is None:
        return say.say("verdict.open")
    return say.say("word.yes" if verdict else "word.no")


def _facts(content: Content) -> list[tuple[str, str, str]]:
    """Name the sources of published facts and of tables of production: title, citation and licence."""
    about = content.record.get("materials") or {}
    return [
        (str(each.get("title") or ""), str(each["citation"]), str(each.get("licence") or ""))
        for name in ("facts", "tables")
        for each in about.get(name, ())
        if each.get("citation")
    ]
