"""One panel a dependent product, and the comparison of the methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.choices import safe_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.panels import (
    indicator_value,
    plain_indicator_figure,
    plain_supplier_shares_figure,
    shown_suppliers,
)
from geomonitor.report.language import OTHER, short_name

__all__ = ["PANELS_PER_IMPORTER", "MethodComparison", "Panel", "compare_methods", "panels", "product_panel"]

# panels of one importer: strategic products first, then by value; the tables have every product
PANELS_PER_IMPORTER = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """One variant of the robustness check.

    Attributes
    ----------
    label : str
    same : bool or None
        Whether the verdict is that of the edition; none where the variant leaves it open.
    """

    label: str
    same: bool | None


@dataclass(frozen=True, slots=True)
class Panel:
    """What the brief says of one product of one importer.

    Attributes
    ----------
    anchor, code, name : str
    strategic : bool
    facts : tuple of (str, str)
        Label and value.
    suppliers, indicators : Block
    marks : tuple of (str, tuple of Mark)
        Kind of robustness variant, and its variants.
    robust_text : str
    robustness : DataTable
    """

    anchor: str
    code: str
    name: str
    strategic: bool
    facts: tuple[tuple[str, str], ...]
    suppliers: Block | None
    indicators: Block
    marks: tuple[tuple[str, tuple[Mark, ...]], ...]
    robust_text: str
    robustness: DataTable


@dataclass(frozen=True, slots=True)
class MethodComparison:
    """Verdicts of every method, side by side.

    Attributes
    ----------
    methods : tuple of str
        Their ids.
    counts : tuple of int
        Dependent products by method.
    rows : tuple of (code, name, tuple of verdict)
        Verdicts are true, false, none (open) or the text ``absent``.
    caption : str
    """

    methods: tuple[str, ...]
    counts: tuple[int, ...]
    rows: tuple[tuple[str, str, tuple[bool | str | None, ...]], ...]
    caption: str


def panels(content: Content, importer: ShownImporter) -> list[Panel]:
    """Make the panels of one importer's dependent products."""
    chosen = content.dependent(importer).head(PANELS_PER_IMPORTER)
    return [product_panel(content, importer, row) for row in chosen.iter_rows(named=True)]


def product_panel(content: Content, importer: ShownImporter, row: Mapping[str, Any]) -> Panel:
    """Make the panel of one product, dependent or not.

    Parameters
    ----------
    content : Content
    importer : ShownImporter
    row : mapping
        Its row in the table of products, under the main method.
    """
    say, code = content.language, row["product"]
    anchor = f"{importer.anchor}-{code}"
    marks, robust_text, robustness = _robustness(content, importer, row)
    return Panel(
        anchor=anchor,
        code=code,
        name=row["product_name"] or code,
        strategic=bool(row.get("strategic")),
        facts=tuple(_facts(content, importer, row)),
        suppliers=_suppliers(content, importer, code, anchor),
        indicators=_indicators(content, row, anchor),
        marks=marks,
        robust_text=robust_text or say.say("panel.no_robustness"),
        robustness=robustness,
    )


def _facts(content: Content, importer: ShownImporter, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    say = content.language
    value = row["extra_import_value_kusd"] / content.years_in_period
    facts = [
        (say.say("column.value_short"), say.money(value)),
        (
            say.say("column.main_supplier"),
            f"{say.economy(row['main_supplier'])} ({say.share(row['main_supplier_share'])})",
        ),
    ]
    if row.get("supplier_count") is not None:
        facts.append((say.say("column.supplier_count"), say.number(row["supplier_count"])))
    if row.get("governance") is not None:
        facts.append(
            (
                say.say("column.governance"),
                say.say(
                    "panel.governance", value=say.number(row["governance"], 1), year=row["governance_year"]
                ),
            )
        )
    friend = row.get("main_supplier_in_partner_group")
    if friend is not None:
        group = content.record.get("profile", {}).get("partner_group")
        label = say.say("column.partner", group=group) if group else say.say("column.partner_group")
        facts.append((label, say.say("word.yes" if friend else "word.no")))
    substitutable = row.get("substitutable")
    judged = "unjudged" if substitutable is None else "yes" if substitutable else "no"
    facts.append((say.say("column.substitutable"), say.say(f"word.{judged}")))
    interests = [part for part in (row.get("interests") or "").split(";") if part]
    facts.append(
        (say.say("column.interests"), ", ".join(map(content.interest, interests)) or say.say("word.none"))
    )
    others = _other_methods(content, importer, row["product"])
    if others:
        facts.append((say.say("column.other_methods"), others))
    shared = _shared(content, importer, row["product"])
    if shared:
        facts.append((say.say("column.shared"), shared))
    return facts


def _other_methods(content: Content, importer: ShownImporter, code: str) -> str:
    say = content.language
    table = content.of_importer("products", importer, main=False).filter(
        pl.col("product") == code, pl.col("method") != content.main_method["id"]
    )
    grouped: dict[str, list[str]] = {}
    for method, dependent in table.sort("method").select("method", "dependent").iter_rows():
        grouped.setdefault(say.verdict(dependent), []).append(method)
    return "; ".join(f"{verdict}: {', '.join(methods)}" for verdict, methods in grouped.items())


def _shared(content: Content, importer: ShownImporter, code: str) -> str:
    """Say which members of the group depend on foreign supply of the product too."""
    say = content.language
    table = content.of_importer("common", importer).filter(pl.col("product") == code)
    if table.is_empty():
        return ""
    also = sorted(
        say.economy(member)
        for member in table.filter(pl.col("dependent").fill_null(value=False))["member"].to_list()
    )
    if not also:
        return say.say("panel.shared_none", total=say.number(table.height))
    return say.say(
        "panel.shared",
        number=say.number(len(also)),
        total=say.number(table.height),
        members=", ".join(also),
    )


def _suppliers(content: Content, importer: ShownImporter, code: str, anchor: str) -> Block | None:
    say = content.language
    table = content.of_importer("suppliers", importer).filter(pl.col("product") == code)
    if table.is_empty():
        return None
    shown = shown_suppliers(table)
    named = [each for each in shown if each != OTHER]
    shares = {
        (year, supplier): share
        for year, supplier, share in table.select("year", "supplier", "share").iter_rows()
    }
    totals = dict(table.group_by("year").agg(pl.col("value_kusd").sum()).iter_rows())
    rows = []
    for year in sorted(totals):
        parts = [shares.get((year, supplier)) or 0.0 for supplier in named]
        rest = [max(0.0, 1.0 - sum(parts))] if OTHER in shown else []
        rows.append((year, totals[year], *parts, *rest))
    title = say.say("panel.suppliers_title")
    figure = plain_supplier_shares_figure(table, colours=content.colours, language=say)
    return Block(
        anchor=f"{anchor}-suppliers",
        title=title,
        note="",
        description=f"{title}: {content.product_name(code)}. {say.say('word.see_table')}",
        figure=safe_json(figure),
        table=DataTable.of(
            f"{title}: {content.product_name(code)}",
            (
                Column(say.say("column.year"), "year"),
                Column(say.say("column.value_year"), "musd"),
                *(Column(say.economy(supplier), "share") for supplier in shown),
            ),
            rows,
        ),
        height=int(figure["layout"]["height"]),
    )


def _indicators(content: Content, row: Mapping[str, Any], anchor: str) -> Block:
    say = content.language
    conditions = content.main_method["conditions"]
    title = say.say("panel.indicators_title")
    figure = plain_indicator_figure(row, conditions, language=say)
    rows, spoken = [], []
    for name, operator, threshold in conditions:
        value = indicator_value(row, name)
        rows.append(
            (
                say.indicator(name),
                value,
                f"{operator} {say.number(threshold, 2)}",
                row.get(f"{name}_distance"),
            )
        )
        spoken.append(f"{say.indicator(name)} {say.number(value, 2)} ({operator} {say.number(threshold, 2)})")
    return Block(
        anchor=f"{anchor}-indicators",
        title=title,
        note="",
        description=f"{title}: {'; '.join(spoken)}",
        figure=safe_json(figure),
        table=DataTable.of(
            f"{title}: {row['product_name'] or row['product']}",
            (
                Column(say.say("column.indicator")),
                Column(say.say("column.indicator_value"), "index"),
                Column(say.say("column.threshold")),
                Column(say.say("column.distance"), "share"),
            ),
            rows,
        ),
        height=int(figure["layout"]["height"]),
    )


def _robustness(
    content: Content, importer: ShownImporter, row: Mapping[str, Any]
) -> tuple[tuple[tuple[str, tuple[Mark, ...]], ...], str, DataTable]:
    say = content.language
    table = content.of_importer("robustness", importer).filter(pl.col("product") == row["product"])
    grouped: dict[str, list[Mark]] = {}
    rows = []
    for kind, variant, dependent in table.select("kind", "variant", "dependent").iter_rows():
        same = None if dependent is None else dependent == row["dependent"]
        wording = _kind(content, kind)
        grouped.setdefault(wording, []).append(Mark(say.variant(variant), same))
        rows.append((wording, say.variant(variant), dependent))
    marks = [mark for each in grouped.values() for mark in each]
    text = ""
    if marks:
        flips = [mark.label for mark in marks if mark.same is False]
        text = say.say("panel.robust", held=sum(mark.same is True for mark in marks), total=len(marks))
        if flips:
            text = f"{text} {say.say('panel.flips', variants='; '.join(flips))}"
    columns = (
        Column(say.say("column.kind")),
        Column(say.say("column.variant")),
        Column(say.say("column.verdict"), "verdict"),
    )
    caption = f"{say.say('panel.robust_title')}: {row['product_name'] or row['product']}"
    return (
        tuple((kind, tuple(each)) for kind, each in grouped.items()),
        text,
        DataTable.of(caption, columns, rows),
    )


def _kind(content: Content, kind: str) -> str:
    known = {"threshold", "single year", "leave one out", "quantity"}
    return content.language.say(f"kind.{kind.replace(' ', '_')}") if kind in known else kind


def compare_methods(content: Content, importer: ShownImporter) -> MethodComparison:
    """Set the verdicts of every method side by side, for products dependent under any of them."""
    say = content.language
    table = content.of_importer("products", importer, main=False)
    methods = tuple(each["id"] for each in content.methods)
    any_method = table.filter(pl.col("dependent").fill_null(value=False))["product"].unique().sort().to_list()
    verdicts = {
        (product, method): dependent
        for product, method, dependent in table.select("product", "method", "dependent").iter_rows()
    }
    rows = [
        (
            code,
            short_name(content.product_name(code), 64),
            tuple(verdicts.get((code, method), "absent") for method in methods),
        )
        for code in any_method
    ]
    # those on which most methods agree come first
    rows.sort(key=lambda row: (-sum(verdict is True for verdict in row[2]), row[0]))
    counts = tuple(sum(verdicts.get((code, method)) is True for code in any_method) for method in methods)
    return MethodComparison(
        methods,
        counts,
        tuple(rows),
        say.say("table.methods", importer=importer.name, period=content.period_text),
    )
