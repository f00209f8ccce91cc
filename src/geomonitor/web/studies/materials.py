"""The list of raw materials of an edition: filtered, sorted, with supply risk and what was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from geomonitor.report.blocks import Block
from geomonitor.report.choices import chosen_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.material_blocks import benchmark_block, plane_block
from geomonitor.report.material_names import material_names
from geomonitor.report.material_part import material_notes, material_view
from geomonitor.report.material_sentences import MaterialRules, importer_sentences
from geomonitor.report.material_view import MaterialView
from geomonitor.web.evidence.contents import of_edition
from geomonitor.web.evidence.shown import provenance
from geomonitor.web.language import say
from geomonitor.web.studies.figures import material_treemap
from geomonitor.web.studies.pages import (
    answer,
    content_for,
    figure,
    importer_options,
    kept,
    tables_of,
)
from geomonitor.web.studies.parameters import Asked

__all__ = ["LISTS", "SORTS", "VERDICTS", "MaterialFilter", "MaterialList", "material_list", "materials"]

LISTS = ("strategic", "published", "benchmark", "chain")
VERDICTS = ("reached", "open", "below", "unknown")
SORTS = ("risk", "name", "share", "importance", "published")
_STAGES = ("extraction", "processing")
_NAMES = ("importer", "stage", "list", "verdict", "supplier", "sort")
_SMALLEST_DRAWN = 0.002


@dataclass(frozen=True, slots=True)
class MaterialFilter:
    """Which materials are listed, and in which order; empty for no such filter.

    Attributes
    ----------
    stage : str
        The riskiest one.
    chosen_list : str
        One of `LISTS`: strategic by the regulation, critical as published, above the benchmark for one
        third country, or in a value chain.
    verdict : str
        One of `VERDICTS`: whether the threshold of supply risk is reached.
    supplier : str
        The largest one.
    sort : str
        One of `SORTS`.
    """

    stage: str = ""
    chosen_list: str = ""
    verdict: str = ""
    supplier: str = ""
    sort: str = "risk"


@dataclass(frozen=True, slots=True)
class MaterialList:
    """What the page shows.

    Attributes
    ----------
    codes : tuple of str
        In the order of the table.
    table : DataTable
    blocks : tuple of (Block, str)
        Each with the key of its unit.
    total : int
        Materials without filters.
    suppliers : tuple of str
        Largest suppliers that can be chosen.
    sentences, notes : tuple of str
    """

    codes: tuple[str, ...]
    table: DataTable
    blocks: tuple[tuple[Block, str], ...]
    total: int
    suppliers: tuple[str, ...]
    sentences: tuple[str, ...]
    notes: tuple[str, ...]


def material_list(content: Content, importer: ShownImporter, chosen: MaterialFilter) -> MaterialList | None:
    """Prepare the list of one importer; none where the edition has no raw materials.

    Parameters
    ----------
    content : Content
    importer : ShownImporter
    chosen : MaterialFilter
    """
    mine = content_for(content, importer)
    rules, names = MaterialRules.of(content), material_names(content)
    whole = mine.of_importer("materials", importer)
    if whole.is_empty():
        return None
    whole = whole.with_columns(
        least=pl.coalesce("supply_risk_low", "supply_risk").cast(pl.Float64),
        most=pl.coalesce("supply_risk_high", "supply_risk").cast(pl.Float64),
        shown_name=pl.Series([names.name(code) for code in whole["material"]], dtype=pl.String),
    )
    known = pl.col("least").is_not_null() & pl.col("most").is_not_null()
    whole = whole.with_columns(reached=rules.at_risk(whole["least"], whole["most"])).with_columns(
        verdict=pl.when(~known)
        .then(pl.lit("unknown"))
        .when(pl.col("reached").is_null())
        .then(pl.lit("open"))
        .when(pl.col("reached"))
        .then(pl.lit("reached"))
        .otherwise(pl.lit("below"))
    )
    found = _sorted(_filtered(whole, chosen), chosen.sort)
    codes = tuple(found["material"])
    view = MaterialView(_only(mine, codes), names, rules, tuple(sorted(codes, key=names.name)))
    blocks = [
        (_treemap(view, importer), "import_value"),
        (benchmark_block(view, importer), "share_of_supply"),
    ]
    if codes:
        blocks.append((plane_block(material_view(_only(mine, codes), codes)), "index"))
    return MaterialList(
        codes=codes,
        table=_table(view, importer, found),
        blocks=tuple((block, unit) for block, unit in blocks if block is not None),
        total=whole.height,
        suppliers=tuple(sorted(set(whole["main_supplier"].drop_nulls()), key=content.language.economy)),
        sentences=tuple(importer_sentences(mine, importer, names, rules)),
        notes=tuple(material_notes(view)),
    )


def _filtered(table: pl.DataFrame, chosen: MaterialFilter) -> pl.DataFrame:
    if chosen.stage:
        table = table.filter(pl.col("stage") == chosen.stage)
    if chosen.verdict:
        table = table.filter(pl.col("verdict") == chosen.verdict)
    if chosen.supplier:
        table = table.filter(pl.col("main_supplier") == chosen.supplier)
    kinds: Mapping[str, pl.Expr] = {
        "strategic": pl.col("strategic").fill_null(value=False),
        "published": pl.col("published_critical").fill_null(value=False),
        "benchmark": pl.col("above_benchmark").fill_null(value=False),
        "chain": pl.col("chains").fill_null("") != "",
    }
    return table.filter(kinds[chosen.chosen_list]) if chosen.chosen_list else table


def _sorted(table: pl.DataFrame, sort: str) -> pl.DataFrame:
    if sort == "name":
        return table.sort("shown_name")
    columns = {
        "risk": ["least", "most"],
        "share": ["main_supplier_share"],
        "importance": ["economic_importance", "published_economic_importance"],
        "published": ["published_supply_risk"],
    }[sort]
    falls = [True] * len(columns)
    return table.sort([*columns, "shown_name"], descending=[*falls, False], nulls_last=True)


def _only(content: Content, codes: tuple[str, ...]) -> Content:
    """Take an edition as if it had some of its materials only."""
    tables = {
        name: table.filter(pl.col("material").is_in(list(codes)))
        if name.startswith("material") and "material" in table.columns
        else table
        for name, table in content.tables.items()
    }
    return replace(content, tables=tables)


def _treemap(view: MaterialView, importer: ShownImporter) -> Block | None:
    """Draw what is imported of each material at each stage, coloured by the supply risk there."""
    content, say_in = view.content, view.content.language
    years = content.years_in_period
    stages = content.of_importer("material_stages", importer).filter(pl.col("import_value_kusd") > 0)
    if stages.is_empty():
        return None
    published = content.tables["material_published"]
    assessed = set(published["material"]) & set(stages["material"])
    drawn_sum = stages.filter(pl.col("material").is_in(sorted(assessed) or stages["material"].to_list()))
    smallest = _SMALLEST_DRAWN * float(drawn_sum["import_value_kusd"].sum())
    parts, rows = [], []
    ranked = stages.sort(["import_value_kusd", "material"], descending=[True, False])
    for row in ranked.iter_rows(named=True):
        name, value = view.names.name(row["material"]), row["import_value_kusd"] / years
        supplier = (
            say_in.economy(row["main_supplier"]) if row["main_supplier"] else say_in.say("word.unknown")
        )
        if row["import_value_kusd"] >= smallest and (row["material"] in assessed or not assessed):
            said = say(
                say_in,
                "materials_page.treemap_pointer",
                risk=say_in.number(row["supply_risk"], 2),
                supplier=supplier,
                share=say_in.share(row["main_supplier_share"]),
            )
            parts.append((name, row["stage"], value, row["supply_risk"], said))
        rows.append(
            (
                view.names.with_symbol(row["material"]), say_in.say(f"stage.{row['stage']}"), value,
                row["mixed"], row["supply_risk"], supplier, row["main_supplier_share"],
            )
        )  # fmt: skip
    title = say(say_in, "materials_page.treemap_title", importer=view.importer_name(importer))
    drawn = material_treemap(
        parts, language=say_in, groups={each: say_in.say(f"stage.{each}_title") for each in _STAGES}
    )
    return Block(
        anchor="materials-values",
        title=title,
        note=say(say_in, "materials_page.treemap_note"),
        description=f"{title}. {say_in.say('word.see_table')}",
        figure=chosen_json({"": drawn}, {"": ""}),
        table=DataTable.of(
            title,
            (
                Column(say_in.say("column.material")),
                Column(say_in.say("column.stage_of")),
                Column(say(say_in, "materials_page.import_value"), "musd"),
                Column(say(say_in, "materials_page.mixed"), "yesno"),
                Column(say_in.say("column.supply_risk"), "ratio"),
                Column(say_in.say("column.main_supplier")),
                Column(say_in.say("column.share"), "share"),
            ),
            rows,
        ),
        height=int(drawn["layout"]["height"]),
    )


def _table(view: MaterialView, importer: ShownImporter, found: pl.DataFrame) -> DataTable:
    content, rules = view.content, view.rules
    language = content.language
    year = found["published_year"].max() if found.height else None
    rows = [
        (
            view.names.with_symbol(row["material"]), row["supply_risk"], row["least"], row["most"],
            say(language, f"materials_verdict.{row['verdict']}"),
            language.say(f"stage.{row['stage']}") if row["stage"] else "–",
            row["economic_importance"], _open(language, row["critical"]),
            language.economy(row["main_supplier"]), row["main_supplier_share"],
            _open(language, row["above_benchmark"]), row["strategic"], row["published_supply_risk"],
            row["published_critical"], len([part for part in (row["chains"] or "").split(";") if part]),
        )
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    said = language.say
    return DataTable.of(
        said("materials.list_table", importer=importer.name, period=content.period_text),
        (
            Column(said("column.material")),
            Column(said("column.supply_risk"), "ratio"),
            Column(said("column.supply_risk_low"), "ratio"),
            Column(said("column.supply_risk_high"), "ratio"),
            Column(say(language, "materials_page.threshold", value=language.number(rules.supply_risk, 1))),
            Column(said("column.bottleneck")),
            Column(said("column.economic_importance"), "ratio"),
            Column(said("column.critical")),
            Column(said("column.main_supplier")),
            Column(said("column.share"), "share"),
            Column(said("column.above_benchmark", share=language.share(rules.benchmark))),
            Column(said("column.strategic_act"), "yesno"),
            Column(said("column.published_risk"), "tenth"),
            Column(said("column.critical_in", year=year or ""), "yesno"),
            Column(say(language, "materials_page.chains"), "count"),
        ),
        rows,
    )


def _open(language: Any, verdict: bool | None) -> str:
    if verdict is None:
        return str(language.say("verdict.open"))
    return str(language.say("word.yes" if verdict else "word.no"))


@require_safe
@of_edition
def materials(request: HttpRequest, content: Content) -> HttpResponse:
    """List the raw materials of an importer."""
    asked = Asked(request.GET, _NAMES)
    importer = asked.importer(content)
    present = content.of_importer("materials", importer)["main_supplier"].drop_nulls().unique().to_list()
    chosen = MaterialFilter(
        stage=asked.choice("stage", _STAGES),
        chosen_list=asked.choice("list", LISTS),
        verdict=asked.choice("verdict", VERDICTS),
        supplier=asked.choice("supplier", sorted(present)),
        sort=asked.choice("sort", SORTS, SORTS[0]),
    )
    page = kept(material_list, content, importer, chosen)
    title = say(None, "materials_page.title")
    context: dict[str, Any] = {"content": content, "importers": importer_options(content), "page": page}
    about = provenance(content)
    if page is None:
        return answer(
            request, "materials.html", context, asked=asked, tables={}, title=title, provenance=about
        )
    figures = [figure(content, block, asked, unit=unit) for block, unit in page.blocks]
    edition = content.record["id"]
    language = content.language
    context |= {
        "figures": figures,
        "links": {
            0: [reverse("material", kwargs={"edition": edition, "material": code}) for code in page.codes]
        },
        "selects": [
            (name, say(None, f"materials_page.{name}"), options)
            for name, options in (
                ("stage", [(each, language.say(f"stage.{each}")) for each in _STAGES]),
                ("list", [(each, say(None, f"materials_list.{each}")) for each in LISTS]),
                ("verdict", [(each, say(None, f"materials_verdict.{each}")) for each in VERDICTS]),
                ("supplier", [(each, language.economy(each)) for each in page.suppliers]),
            )
        ],
        "sorts": [(each, say(None, f"materials_sort.{each}")) for each in SORTS],
    }
    return answer(
        request,
        "materials.html",
        context,
        asked=asked,
        tables=tables_of(("list", page.table), *figures),
        title=title,
        provenance=about,
    )
