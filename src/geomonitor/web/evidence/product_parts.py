"""What the page of a product is made of, from the tables of an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from geomonitor.chains import load_chains
from geomonitor.codes import material_name
from geomonitor.dependency import explain, load_interests
from geomonitor.report.blocks import Block
from geomonitor.report.choices import safe_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.overview import plain_verdict_years_figure
from geomonitor.report.language import OTHER
from geomonitor.web.evidence.contents import method_title
from geomonitor.web.evidence.recompute import (
    NotRecomputableError,
    edition_fragility,
    edition_specification,
    measured,
)
from geomonitor.web.language import say

__all__ = [
    "belonging",
    "explanation_steps",
    "history_block",
    "indicator_table",
    "interest_reasons",
    "period_suppliers",
    "verdict_table",
    "world_facts",
]

_BOUNDED = "domestic_use_kusd"
_SUPPLIERS_SHOWN = 8


def verdict_table(content: Content, importer: ShownImporter, rows: Sequence[Mapping[str, Any]]) -> DataTable:
    """Give the verdict of every method on a product."""
    language = content.language
    titles = {str(each["id"]): method_title(each, language) for each in content.methods}
    return DataTable.of(
        say(language, "product.verdicts", importer=importer.name, period=content.period_text),
        (
            Column(say(language, "asked.method"), "text"),
            Column(language.say("column.verdict"), "verdict"),
            Column(language.say("column.strategic"), "yesno"),
            Column(language.say("column.distance"), "share"),
            Column(language.say("column.stability"), "share"),
            Column(say(language, "product.years_met"), "count"),
        ),
        [
            (
                titles[row["method"]],
                row["dependent"],
                row.get("strategic"),
                row["margin"],
                row.get("stability"),
                row.get("years_met"),
            )
            for row in rows
        ],
    )


def indicator_table(
    content: Content, importer: ShownImporter, rows: Sequence[Mapping[str, Any]]
) -> DataTable:
    """Give every indicator of every method, with its threshold and the distance to it."""
    language = content.language
    records = {str(each["id"]): each for each in content.methods}
    found = []
    for row in rows:
        record = records[row["method"]]
        for severe, conditions in (
            (False, record["conditions"]),
            (True, record.get("severe_conditions") or []),
        ):
            for name, operator, threshold in conditions:
                label = language.indicator(name)
                distance = row.get(f"{name}_distance")
                found.append(
                    (
                        method_title(record, language),
                        say(language, "product.severe", name=label) if severe else label,
                        _value(content, row, name),
                        f"{'≥' if operator == '>=' else '>'} "
                        f"{language.number(threshold, 0 if threshold > 1000 else 2)}",
                        distance,
                        _met(distance, operator),
                    )
                )
    return DataTable.of(
        say(language, "product.indicators", importer=importer.name, period=content.period_text),
        (
            Column(say(language, "asked.method")),
            Column(language.say("column.indicator")),
            Column(language.say("column.indicator_value")),
            Column(language.say("column.threshold")),
            Column(language.say("column.distance"), "share"),
            Column(say(language, "product.met")),
        ),
        [(*cells[:5], say(language, f"product.met_{cells[5]}")) for cells in found],
    )


def _value(content: Content, row: Mapping[str, Any], name: str) -> str:
    """Write an indicator; imports for use at home are known between two bounds."""
    language = content.language
    if name == _BOUNDED:
        low, high = row.get("domestic_use_lower_kusd"), row.get("domestic_use_upper_kusd")
        if low is None or high is None or low == high:
            return language.number(low)
        return f"{language.number(low)}–{language.number(high)}"
    return language.number(row.get(name), 3)


def _met(distance: float | None, operator: str) -> str:
    """Say whether a test is met: the deciding year counts where every year is tested apart.

    Examples
    --------
    >>> _met(0.2, ">"), _met(0.0, ">"), _met(0.0, ">="), _met(None, ">")
    ('yes', 'no', 'yes', 'unknown')
    """
    if distance is None:
        return "unknown"
    # as the specification does: a difference in the last bit is no difference
    return "yes" if (distance > 1e-12 if operator == ">" else distance >= -1e-12) else "no"


def history_block(content: Content, product: str) -> Block | None:
    """Draw the verdict of the main method by year, a row an importer; the colour is the main supplier's."""
    language = content.language
    parts, labels = [], {}
    for importer in content.importers:
        table = content.of_importer("history", importer).filter(pl.col("product") == product)
        if table.height:
            parts.append(table.with_columns(product=pl.lit(importer.label)).sort("year"))
            labels[importer.label] = importer.name
    if not parts:
        return None
    history = pl.concat(parts)
    figure = plain_verdict_years_figure(history, labels, colours=content.colours, language=language)
    layout = figure["layout"]
    layout |= {"height": 150 + 26 * len(labels), "margin": {"l": 230, "r": 8, "t": 26, "b": 70}}
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(figure["data"][0]["y"]),
        "ticktext": [capfirst(name).replace(" (", "<br>(") for name in labels.values()],
    }
    title = say(language, "product.history")
    names = [name for name, _, _ in content.main_method["conditions"] if name in history.columns]
    rows = [
        (
            labels[row["product"]],
            row["year"],
            row["dependent"],
            language.economy(row["main_supplier"]),
            row["main_supplier_share"],
            row["extra_import_value_kusd"],
            *(row[name] for name in names),
        )
        for row in history.iter_rows(named=True)
    ]
    return Block(
        anchor="product-history",
        title=title,
        note=say(language, "product.history_note"),
        description=f"{title}: {content.product_name(product)}. {language.say('word.see_table')}",
        figure=safe_json(figure),
        table=DataTable.of(
            f"{title}: {content.product_name(product)}",
            (
                Column(say(language, "asked.importer")),
                Column(language.say("column.year"), "year"),
                Column(language.say("column.verdict"), "verdict"),
                Column(language.say("column.main_supplier")),
                Column(language.say("column.share"), "share"),
                Column(language.say("column.value_year"), "musd"),
                *(Column(language.short_indicator(name), "ratio") for name in names),
            ),
            rows,
        ),
        height=int(layout["height"]),
    )


def period_suppliers(content: Content, importer: ShownImporter, product: str) -> pl.DataFrame:
    """Give the foreign suppliers of a product in the years of the edition, from the dataset.

    Empty where the dataset is no longer in the store.
    """
    empty = content.tables["suppliers"].clear()
    try:
        measurement = measured(content, importer)
    except NotRecomputableError:
        return empty
    found = measurement.supply.table(importer.code).filter(
        pl.col("product") == product, ~pl.col("exporter").is_in(list(measurement.importer.home))
    )
    if found.is_empty():
        return empty
    largest = (
        found.group_by("exporter")
        .agg(pl.col("value_kusd").sum())
        .sort(["value_kusd", "exporter"], descending=[True, False])["exporter"]
        .head(_SUPPLIERS_SHOWN)
    )
    named = (
        pl.when(pl.col("exporter").is_in(largest.to_list())).then(pl.col("exporter")).otherwise(pl.lit(OTHER))
    )
    return (
        found.group_by("year", "product", named.alias("supplier"))
        .agg(pl.col("value_kusd").sum())
        .sort("year", "supplier")
        .select(
            pl.lit(importer.code).alias("importer"),
            pl.lit(importer.home_code).alias("home"),
            "year",
            "product",
            "supplier",
            "value_kusd",
            (pl.col("value_kusd") / pl.col("value_kusd").sum().over("year")).alias("share"),
        )
    )


def interest_reasons(content: Content, row: Mapping[str, Any]) -> list[dict[str, str]]:
    """Say which public interests a product serves, and why, in the words of the mapping."""
    served = [code for code in (row.get("interests") or "").split(";") if code]
    known = load_interests()
    reasons: dict[str, list[tuple[str, str]]] = {code: [] for code in served}
    if content.record.get("interests", {}).get("version") == known.version:
        for entry in known.entries_for(row["product"], content.record["dataset"].get("hs_revision")):
            for code in entry.interests:
                if code in reasons:
                    reasons[code].append((entry.reason, entry.source))
    return [
        {
            "name": content.interest(code),
            "reason": " ".join(reason for reason, _ in reasons[code]),
            "source": "; ".join(dict.fromkeys(source for _, source in reasons[code])),
        }
        for code in served
    ]


def belonging(content: Content, importer: ShownImporter, product: str) -> list[dict[str, Any]]:
    """Find the materials that a product is traded as, and the stages of chains that it stands in."""
    language = content.language
    found: list[dict[str, Any]] = []
    stages = content.of_importer("material_stages", importer)
    for material, stage, products in stages.select("material", "stage", "products").iter_rows():
        if product in (products or "").split(";"):
            found.append(
                {
                    "kind": "material",
                    "name": material_name(material, language.code),
                    "part": language.say(f"stage_kind.{stage}"),
                    "url": _address("material", content, material=material),
                }
            )
    described = {each["code"]: each for each in (content.record.get("chains") or {}).get("described", [])}
    revision = content.record["dataset"].get("hs_revision")
    for chain in load_chains() if described else ():
        about = described.get(chain.code)
        if about is None:
            continue
        names = {each["code"]: each["name"] for each in about["stages"]}
        for stage in chain.stages:
            prefixes = [
                prefix
                for group in stage.products
                if not group.hs_revisions or revision in group.hs_revisions
                for prefix in group.prefixes
            ]
            if stage.code in names and product.startswith(tuple(prefixes)):
                found.append(
                    {
                        "kind": "chain",
                        "name": about["name"].get(language.code, chain.code),
                        "part": names[stage.code].get(language.code, stage.code),
                        "url": _address("chains", content, query=f"?chain={chain.code}"),
                    }
                )
    return found


def _address(name: str, content: Content, query: str = "", **parts: str) -> str:
    try:
        return reverse(name, kwargs={"edition": content.record["id"], **parts}) + query
    except NoReverseMatch:
        # an application without that page: the name stands without a link
        return ""


def world_facts(content: Content, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say what the world market of a product looks like."""
    language = content.language
    facts = []
    if row.get("world_main_exporter"):
        facts.append(
            (
                say(language, "product.world_exporter"),
                f"{language.economy(row['world_main_exporter'])} "
                f"({language.share(row.get('world_main_exporter_share'), 1)})",
            )
        )
    for name in ("world_economies_concentration", "world_export_concentration"):
        if row.get(name) is not None:
            facts.append((language.indicator(name), language.number(row[name], 3)))
    scores = content.tables.get("fragility")
    if scores is not None and scores.height:
        for score in scores.filter(pl.col("product") == row["product"]).iter_rows(named=True):
            facts.append((say(language, "product.traders"), language.number(score["traders"])))
            facts.append(
                (
                    language.indicator("supply_fragility"),
                    say(language, "product.rank", value=language.number(score["supply_fragility"], 2)),
                )
            )
    return facts


def explanation_steps(
    content: Content, importer: ShownImporter, product: str
) -> tuple[list[dict[str, Any]], str]:
    """Explain the verdict of the main method step by step; or say why that cannot be done here."""
    code = content.language.code
    try:
        specification = edition_specification(content, str(content.main_method["id"]))
        measurement = measured(content, importer)
    except NotRecomputableError as reason:
        return [], reason.what
    found = explain(
        measurement, specification, product, fragility=edition_fragility(content), names=content.names
    )
    return [
        {
            "title": step.title[code],
            "formula": step.formula[code],
            "numbers": step.numbers[code].splitlines(),
            "verdict": step.verdict,
        }
        for step in found.steps
    ], ""
