"""The parts of the brief: a figure, what it says, and the table that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl
from markupsafe import Markup

from geomonitor.report.choices import Choice, plain_data, safe_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures import (
    dependent_count_figure,
    not_on_the_map,
    supplier_map_figure,
    supplier_value_figure,
    two_way_figure,
    verdict_years_figure,
)
from geomonitor.report.figures.overview import counts_by_supplier
from geomonitor.report.language import OTHER, short_name

__all__ = [
    "COLOURS_IN_BARS",
    "Block",
    "count_block",
    "figure_json",
    "map_block",
    "product_list",
    "relation_block",
    "value_block",
    "years_block",
]

# rows of the product-by-year figure; the workbook has them all
ROWS_IN_HEAT_MAP = 48
# main suppliers and counterparts that are drawn one by one
BARS = 12
COLOURS_IN_BARS = 8


@dataclass(frozen=True, slots=True)
class Block:
    """A figure with its table.

    Attributes
    ----------
    anchor, title, note, description : str
        `description` is read out in place of the figure.
    figure : str or None
        JSON of the figure, safe inside a script element; none where there is nothing to draw.
    table : DataTable
    height : int
        Pixels, so that the page does not jump.
    choices : tuple of Choice
        Select boxes, where the figure has several states.
    reading : str
        What the first state says.
    """

    anchor: str
    title: str
    note: str
    description: str
    figure: Markup | None
    table: DataTable
    height: int
    choices: tuple[Choice, ...] = ()
    reading: str = ""


def figure_json(figure: go.Figure) -> Markup:
    """Write a figure as JSON that can stand inside a script element of a page."""
    return safe_json(plain_data(figure))


def _block(
    content: Content, kind: str, importer: ShownImporter, figure: go.Figure | None, table: DataTable,
    *, note: str = "", summary: str = "",
) -> Block:  # fmt: skip
    say = content.language
    title = say.say(f"block.{kind}_title")
    return Block(
        anchor=f"{importer.anchor}-{kind}",
        title=title,
        note=note or say.say(f"block.{kind}_note"),
        description=f"{title}. {importer.name}. {summary or say.say('word.see_table')}",
        figure=None if figure is None else figure_json(figure),
        table=table,
        height=int(figure.layout.height) if figure is not None else 0,
    )


def product_list(content: Content, importer: ShownImporter) -> DataTable:
    """Make the list of one importer's dependent products."""
    say = content.language
    rows = []
    for row in content.dependent(importer).iter_rows(named=True):
        rows.append(
            (
                row["product"],
                row["product_name"],
                say.economy(row["main_supplier"]),
                row["main_supplier_share"],
                row["extra_import_value_kusd"] / content.years_in_period,
                *(row.get(name) for name in _index_columns(content)),
                bool(row.get("strategic")),
                row.get("stability"),
            )
        )
    return DataTable.of(
        say.say("table.dependent", importer=importer.name, period=content.period_text),
        (
            Column(say.say("column.product"), "code"),
            Column(say.say("column.name"), "name"),
            Column(say.say("column.main_supplier")),
            Column(say.say("column.share"), "share"),
            Column(say.say("column.value_list"), "musd"),
            *(Column(say.short_indicator(name), "ratio") for name in _index_columns(content)),
            Column(say.say("column.strategic"), "yesno"),
            Column(say.say("column.stability"), "share"),
        ),
        rows,
    )


def _index_columns(content: Content) -> list[str]:
    table = content.tables["products"]
    return [name for name, _, _ in content.main_method["conditions"] if name in table.columns]


def count_block(content: Content, importer: ShownImporter) -> Block:
    """Dependent products over all years by main supplier, with what came and went."""
    say = content.language
    history = content.of_importer("history", importer)
    churn = content.of_importer("churn", importer).sort("year")
    # more colours than this cannot be told apart in thin bars
    colours = dict(list(content.colours.items())[:COLOURS_IN_BARS])
    counted = counts_by_supplier(history, colours)
    present = set(counted["supplier"])
    suppliers = [code for code in (*colours, OTHER) if code in present]
    lookup = {(year, code): count for year, code, count in counted.iter_rows()}
    moves = {row["year"]: row for row in churn.iter_rows(named=True)}
    years = sorted(history["year"].unique().to_list())
    rows = []
    for year in years:
        counts = [int(lookup.get((year, code), 0)) for code in suppliers]
        move = moves.get(year, {})
        rows.append((year, sum(counts), *counts, move.get("came"), move.get("went"), move.get("gone_share")))
    table = DataTable.of(
        say.say("table.count", importer=importer.name),
        (
            Column(say.say("column.year"), "year"),
            Column(say.say("column.dependent"), "count"),
            *(Column(say.economy(code), "count") for code in suppliers),
            Column(say.say("figure.came"), "count"),
            Column(say.say("figure.went"), "count"),
            Column(say.say("column.gone_share"), "share"),
        ),
        rows,
    )
    figure = dependent_count_figure(history, churn, colours=colours, language=say) if counted.height else None
    return _block(content, "count", importer, figure, table)


def value_block(content: Content, importer: ShownImporter) -> Block:
    """Import value by main supplier, dependent products apart."""
    say = content.language
    value = pl.col("extra_import_value_kusd").fill_null(0.0)
    values = (
        content.of_importer("products", importer)
        .filter(pl.col("main_supplier").is_not_null())
        .group_by(supplier="main_supplier")
        .agg(
            dependent_count=pl.col("dependent").fill_null(value=False).sum(),
            dependent_kusd=value.filter(pl.col("dependent").fill_null(value=False)).sum(),
            open_kusd=value.filter(pl.col("dependent").is_null()).sum(),
            other_kusd=value.filter(~pl.col("dependent").fill_null(value=True)).sum(),
        )
        .sort(
            pl.sum_horizontal("dependent_kusd", "open_kusd", "other_kusd"),
            "supplier",
            descending=[True, False],
        )
    )
    years = content.years_in_period
    table = DataTable.of(
        say.say("table.value", importer=importer.name, period=content.period_text),
        (
            Column(say.say("column.main_supplier")),
            Column(say.say("column.dependent"), "count"),
            Column(say.say("column.value_dependent"), "musd"),
            Column(say.say("column.value_open"), "musd"),
            Column(say.say("column.value_not"), "musd"),
        ),
        [
            (say.economy(code), count, dependent / years, undecided / years, other / years)
            for code, count, dependent, undecided, other in values.iter_rows()
        ],
    )
    figure = None
    if values.height:
        figure = supplier_value_figure(values, bars=BARS, years_in_period=years, language=say)
    note = say.say("block.value_note")
    if values.height > BARS:
        note = f"{note} {say.say('word.first_bars', number=BARS, total=say.number(values.height))}"
    return _block(content, "value", importer, figure, table, note=note)


def map_block(content: Content, importer: ShownImporter) -> Block:
    """Draw the world map of main suppliers of dependent products."""
    say = content.language
    suppliers = (
        content.dependent(importer)
        .filter(pl.col("main_supplier").is_not_null())
        .group_by(supplier="main_supplier")
        .agg(
            products=pl.len().cast(pl.Int64),
            value_musd=pl.col("extra_import_value_kusd").sum() / 1000 / content.years_in_period,
            listed=pl.col("product").sort(),
        )
        .sort(["products", "value_musd"], descending=True)
    )
    table = DataTable.of(
        say.say("table.map", importer=importer.name, period=content.period_text),
        (
            Column(say.say("column.main_supplier")),
            Column(say.say("column.dependent"), "count"),
            Column(say.say("column.value_musd"), "musd"),
            Column(say.say("column.products")),
        ),
        [
            (say.economy(code), count, value * 1000, ", ".join(listed))
            for code, count, value, listed in suppliers.iter_rows()
        ],
    )
    note = say.say("block.map_note")
    unseen = not_on_the_map(suppliers["supplier"])
    if unseen:
        note = f"{note} {say.say('word.not_on_map', economies=say.listing(map(say.economy, unseen)))}"
    figure = supplier_map_figure(suppliers, home=importer.home, language=say) if suppliers.height else None
    return _block(content, "map", importer, figure, table, note=note)


def years_block(content: Content, importer: ShownImporter) -> Block:
    """Products that were ever dependent, by year."""
    say = content.language
    history = content.of_importer("history", importer)
    ever = (
        history.filter(pl.col("dependent").fill_null(value=False))
        .group_by("product")
        .agg(years=pl.col("year").sort(), number=pl.len(), last=pl.col("year").max())
        .sort(["number", "last", "product"], descending=[True, True, False])
    )
    runs = []
    for product, years, number, _ in ever.iter_rows():
        runs.append(
            (product, content.product_name(product), number, say.years(years),
             _supplier_runs(content, history, product))
        )  # fmt: skip
    table = DataTable.of(
        say.say("table.years", importer=importer.name),
        (
            Column(say.say("column.product"), "code"),
            Column(say.say("column.name"), "name"),
            Column(say.say("column.years_dependent"), "count"),
            Column(say.say("column.which_years")),
            Column(say.say("column.main_supplier_then")),
        ),
        runs,
    )
    labels = {code: short_name(content.product_name(code), 38) for code in ever["product"][:ROWS_IN_HEAT_MAP]}
    note = say.say("block.years_note")
    if ever.height > ROWS_IN_HEAT_MAP:
        note = f"{note} {say.say('word.first_rows', number=ROWS_IN_HEAT_MAP, total=say.number(ever.height))}"
    figure = None
    if labels:
        figure = verdict_years_figure(history, labels, colours=content.colours, language=say)
    return _block(content, "years", importer, figure, table, note=note)


def _supplier_runs(content: Content, history: pl.DataFrame, product: str) -> str:
    """Say which main supplier a product had in its dependent years."""
    say = content.language
    rows = history.filter(pl.col("product") == product, pl.col("dependent").fill_null(value=False))
    by_supplier: dict[str | None, list[int]] = {}
    for year, supplier in rows.sort("year").select("year", "main_supplier").iter_rows():
        by_supplier.setdefault(supplier, []).append(year)
    return "; ".join(f"{say.economy(code)} {say.years(years)}" for code, years in by_supplier.items())


def relation_block(content: Content, importer: ShownImporter) -> Block:
    """Trade with counterparts both ways, and the part of it that is a dependence."""
    say = content.language
    rows = _relations(content, importer)
    table = DataTable.of(
        say.say("table.relations", importer=importer.name, period=content.period_text),
        (
            Column(say.say("column.counterpart")),
            Column(say.say("column.imports_all"), "musd"),
            Column(say.say("column.on_count"), "count"),
            Column(say.say("column.on_value"), "musd"),
            Column(say.say("column.on_products")),
            Column(say.say("column.exports_all"), "musd"),
            Column(say.say("column.of_count"), "count"),
            Column(say.say("column.of_value"), "musd"),
            Column(say.say("column.of_products")),
        ),
        [
            (
                say.economy(row["counterpart"]), row["on_total_kusd"], row["on_count"], row["on_kusd"],
                _codes(row["on_products"]), row["of_total_kusd"], row["of_count"], row["of_kusd"],
                _codes(row["of_products"]),
            )
            for row in rows.iter_rows(named=True)
        ],
    )  # fmt: skip
    figure = two_way_figure(rows.head(BARS), language=say) if rows.height else None
    note = say.say("block.relations_note")
    if rows.height > BARS:
        note = f"{note} {say.say('word.first_bars', number=BARS, total=say.number(rows.height))}"
    return _block(content, "relations", importer, figure, table, note=note)


def _relations(content: Content, importer: ShownImporter) -> pl.DataFrame:
    """Put both directions of every counterpart in one row; values a year."""
    listed = content.of_importer("relations", importer)
    totals = content.of_importer("relations_summary", importer)
    years = content.years_in_period
    found = pl.concat([listed.select("counterpart"), totals.select("counterpart")]).unique()
    for prefix, direction in (("on", "on counterpart"), ("of", "of counterpart")):
        products = (
            listed.filter(pl.col("direction") == direction)
            .group_by("counterpart")
            .agg(
                pl.len().cast(pl.Int64).alias(f"{prefix}_count"),
                (pl.col("value_kusd").sum() / years).alias(f"{prefix}_kusd"),
                pl.col("product").sort().alias(f"{prefix}_products"),
            )
        )
        whole = totals.filter(pl.col("direction") == direction).select(
            "counterpart", (pl.col("bilateral_value_kusd") / years).alias(f"{prefix}_total_kusd")
        )
        found = found.join(products, on="counterpart", how="left").join(whole, on="counterpart", how="left")
    return found.with_columns(
        pl.col("on_count", "of_count").fill_null(0),
        pl.col("on_kusd", "of_kusd").fill_null(0.0),
        pl.col("on_products", "of_products").fill_null([]),
    ).sort(
        [pl.col("on_total_kusd").fill_null(0.0) + pl.col("of_total_kusd").fill_null(0.0) + pl.col("on_kusd"),
         "counterpart"],
        descending=[True, False],
    )  # fmt: skip


def _codes(codes: list[str], most: int = 12) -> str:
    shown = ", ".join(codes[:most])
    return f"{shown}, … ({len(codes)})" if len(codes) > most else shown
