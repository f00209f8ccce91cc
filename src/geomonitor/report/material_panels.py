"""One panel a raw material: facts, factors, suppliers by stage, published values, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.materials.explain_texts import spoken_source
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.language import OTHER
from geomonitor.report.material_supply_blocks import history_text
from geomonitor.report.material_unknowns import unknowns
from geomonitor.report.material_view import STAGES, MaterialView, capital, source_title, with_bounds

__all__ = ["MaterialPanel", "material_panel"]

_SUPPLIERS_LISTED = 5


@dataclass(frozen=True, slots=True)
class MaterialPanel:
    """What the brief says of one raw material.

    Attributes
    ----------
    anchor, code, name, symbol : str
    summary : str
        In the line that is seen when the panel is folded.
    tags : tuple of str
    facts : tuple of (str, str)
        Label and value.
    factors : tuple of (str, DataTable)
        A table an importer, under its name.
    sources : str
        Where the factors come from.
    suppliers : tuple of (str, DataTable)
        A table a stage, under its name.
    history : str
    published : DataTable
    unknown : tuple of str
        What is not known, and why.
    """

    anchor: str
    code: str
    name: str
    symbol: str
    summary: str
    tags: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    factors: tuple[tuple[str, DataTable], ...]
    sources: str
    suppliers: tuple[tuple[str, DataTable], ...]
    history: str
    published: DataTable
    unknown: tuple[str, ...]


def material_panel(view: MaterialView, code: str) -> MaterialPanel:
    """Make the panel of one material, over every importer that the brief shows in full.

    Parameters
    ----------
    view : MaterialView
    code : str
        Of the material.

    Returns
    -------
    MaterialPanel
    """
    content = view.content
    say = content.language
    rows = _rows(content, code)
    history = content.tables["material_history"].filter(pl.col("material") == code)
    published = content.tables["material_published"].filter(pl.col("material") == code).sort("year")
    return MaterialPanel(
        anchor=f"material-{code.replace('_', '-')}",
        code=code,
        name=view.names.name(code),
        symbol=view.names.symbols.get(code, ""),
        summary=_summary(view, rows),
        tags=tuple(_tags(content, rows, published)),
        facts=tuple(_facts(view, code, rows)),
        factors=tuple(_factors(view, code)),
        sources=_sources(view, code),
        suppliers=tuple(_suppliers(view, code)),
        history=history_text(view, history),
        published=DataTable.of(
            say.say("materials.published_table", material=view.names.name(code)),
            (
                Column(say.say("column.study"), "year"),
                Column(say.say("column.supply_risk"), "tenth"),
                Column(say.say("column.economic_importance"), "tenth"),
                Column(say.say("column.critical_by_rule"), "yesno"),
                Column(say.say("column.on_the_list"), "yesno"),
            ),
            published.select("year", "supply_risk", "economic_importance", "critical", "listed").rows(),
        ),
        unknown=tuple(unknowns(view, code)),
    )


def _rows(content: Content, code: str) -> list[tuple[ShownImporter, Mapping[str, Any]]]:
    """Take the material's row of every importer that is shown in full and has one."""
    found: list[tuple[ShownImporter, Mapping[str, Any]]] = []
    for importer in content.in_full:
        mine = content.of_importer("materials", importer).filter(pl.col("material") == code)
        if mine.height:
            found.append((importer, mine.row(0, named=True)))
    return found


def _summary(view: MaterialView, rows: list[tuple[ShownImporter, Mapping[str, Any]]]) -> str:
    say = view.content.language
    if not rows:
        return ""
    importer, row = rows[0]
    least, most = row["supply_risk_low"], row["supply_risk_high"]
    risk = say.number(row["supply_risk"], 1)
    if row["supply_risk"] is None:
        if least is None or most is None:
            return say.say("materials.panel_unscored")
        risk = f"{say.number(least, 1)}–{say.number(most, 1)}"
    return say.say(
        "materials.panel_summary",
        importer=say.importer(importer.code),
        risk=risk,
        stage=say.say(f"stage.{row['stage']}"),
    )


def _tags(
    content: Content, rows: list[tuple[ShownImporter, Mapping[str, Any]]], published: pl.DataFrame
) -> list[str]:
    say = content.language
    found = []
    if any(row["strategic"] for _, row in rows):
        found.append(say.say("materials.tag_strategic"))
    newest = content.tables["material_published"]["year"].max()
    latest = published.filter(pl.col("year").eq_missing(pl.lit(newest)))
    if latest.height and latest["critical"][0]:
        found.append(say.say("materials.tag_critical", year=latest["year"][0]))
    elif latest.height and latest["listed"][0]:
        found.append(say.say("materials.tag_listed", year=latest["year"][0]))
    return found


def _facts(
    view: MaterialView, code: str, rows: list[tuple[ShownImporter, Mapping[str, Any]]]
) -> list[tuple[str, str]]:
    content = view.content
    say = content.language
    facts = []
    for importer, row in rows:
        name = view.importer_name(importer)
        text = with_bounds(view, row)
        if row["stage"]:
            stage = row["stage"]
            text += f", {say.say(f'stage.{stage}')}"
        facts.append((say.say("materials.fact_risk", importer=name), text))
        if row["economic_importance"] is not None:
            source = row.get("economic_importance_source")
            importance = say.number(row["economic_importance"], 2)
            if source:
                importance += f" ({spoken_source(source, say.code)})"
            facts.append((say.say("materials.fact_importance", importer=name), importance))
        if row["critical"] is not None:
            verdict = say.say("word.yes" if row["critical"] else "word.no")
            facts.append((say.say("materials.fact_critical", importer=name), verdict))
        if row["main_supplier"]:
            facts.append(
                (
                    say.say("materials.fact_supplier", importer=name),
                    f"{say.economy(row['main_supplier'])} ({say.share(row['main_supplier_share'])})",
                )
            )
    if rows:
        facts.append((say.say("materials.fact_basis"), say.say(f"basis.{rows[0][1]['basis']}")))
    chains = {
        each["code"]: each["name"] for each in (content.record.get("chains") or {}).get("described", ())
    }
    fed = [part for part in (rows[0][1]["chains"] or "").split(";") if part] if rows else []
    named = [str((chains.get(part) or {}).get(say.code) or part.replace("_", " ")) for part in fed]
    facts.append((say.say("materials.fact_chains"), "; ".join(named) or say.say("materials.no_chain")))
    facts += _products(content, code)
    return facts


def _products(content: Content, code: str) -> list[tuple[str, str]]:
    """Name the products of each stage, once."""
    say = content.language
    table = (
        content.tables["material_stages"]
        .filter(pl.col("material") == code)
        .unique("stage", maintain_order=True)
    )
    facts = []
    for stage in STAGES:
        for products, mixed in table.filter(pl.col("stage") == stage).select("products", "mixed").iter_rows():
            text = ", ".join(part for part in (products or "").split(";") if part) or "–"
            if mixed:
                text += f" ({say.say('materials.mixed')})"
            facts.append((say.say("materials.fact_products", stage=say.say(f"stage.{stage}")), text))
    return facts


def _factors(view: MaterialView, code: str) -> list[tuple[str, DataTable]]:
    """Make a table an importer: every factor of every stage, and the risk without it."""
    content = view.content
    say = content.language
    found = []
    for importer in content.in_full:
        table = content.of_importer("material_factors", importer).filter(pl.col("material") == code)
        if table.is_empty():
            continue
        stages = [stage for stage in STAGES if stage in set(table["stage"])]
        values = {
            row[:2]: row[2:]
            for row in table.select("stage", "factor", "value", "supply_risk_if_neutral").iter_rows()
        }
        columns = [Column(say.say("column.factor"))]
        for stage in stages:
            name = say.say(f"stage.{stage}_title")
            columns += [
                Column(name, "ratio"),
                Column(say.say("column.risk_if_one"), "ratio"),
            ]
        rows = [
            (
                capital(say.say(f"factor.{factor}")),
                *(value for stage in stages for value in values.get((stage, factor), (None, None))),
            )
            for factor in table["factor"].unique(maintain_order=True)
        ]
        name = view.importer_name(importer)
        caption = say.say("materials.factors_table", material=view.names.name(code), importer=name)
        found.append((say.say("materials.factors_of", importer=name), DataTable.of(caption, columns, rows)))
    return found


def _sources(view: MaterialView, code: str) -> str:
    """Say where the factors come from, each source once."""
    say = view.content.language
    table = view.content.tables["material_factors"].filter(pl.col("material") == code)
    if "source" not in table.columns:
        return ""
    named: dict[str, dict[str, None]] = {}
    for factor, source in table.select("factor", "source").iter_rows():
        if source is not None:
            wording = spoken_source(source_title(view.content, source), say.code)
            named.setdefault(wording, {})[say.say(f"factor.{factor}")] = None
    if not named:
        return ""
    listed = "; ".join(f"{source} ({say.listing(factors)})" for source, factors in named.items())
    return say.say("materials.sources_of", sources=listed)


def _suppliers(view: MaterialView, code: str) -> list[tuple[str, DataTable]]:
    """Make a table a stage: the largest suppliers of the world and of every importer, side by side."""
    content = view.content
    say = content.language
    table = content.tables["material_suppliers"].filter(pl.col("material") == code)
    found = []
    for stage in STAGES:
        part = table.filter(pl.col("stage") == stage)
        if part.is_empty():
            continue
        lists = [
            _largest(part.filter(pl.col("scope") == "world").unique("supplier")),
            *(
                _largest(part.filter(pl.col("scope") == "importer", pl.col("label") == importer.label))
                for importer in content.in_full
            ),
        ]
        heads = [
            say.say(f"materials.world_suppliers_{view.basis}"),
            *(
                say.say(f"materials.suppliers_of_{view.basis}", importer=view.importer_name(each))
                for each in content.in_full
            ),
        ]
        kept = [(head, each) for head, each in zip(heads, lists, strict=True) if each]
        if not kept:
            continue
        rows = []
        for number in range(max(len(each) for _, each in kept)):
            row: list[Any] = [number + 1]
            for _, each in kept:
                row += [say.economy(each[number][0]), each[number][1]] if number < len(each) else ["", None]
            rows.append(row)
        columns = [Column(say.say("column.rank"), "count")]
        for head, _ in kept:
            columns += [Column(head), Column(say.say("column.share_short"), "bar")]
        name = say.say("materials.suppliers_title", stage=say.say(f"stage.{stage}"))
        caption = say.say(
            "materials.suppliers_table", material=view.names.name(code), stage=say.say(f"stage.{stage}")
        )
        found.append((name, DataTable.of(caption, columns, rows)))
    return found


def _largest(suppliers: pl.DataFrame) -> list[tuple[str, float]]:
    ranked = suppliers.filter(pl.col("supplier") != OTHER, pl.col("share").is_not_null()).sort(
        ["share", "supplier"], descending=[True, False]
    )
    return ranked.select("supplier", "share").head(_SUPPLIERS_LISTED).rows()
