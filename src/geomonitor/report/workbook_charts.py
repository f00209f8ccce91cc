"""Native charts of the workbook, with the cells that they draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from geomonitor.report.blocks import COLOURS_IN_BARS
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.figures.overview import counts_by_supplier
from geomonitor.report.figures.panels import shown_suppliers
from geomonitor.report.language import OTHER, short_name
from geomonitor.report.workbook_materials import add_stage_chart
from geomonitor.report.workbook_shocks import add_curve_chart

__all__ = ["add_charts"]

_BARS = 10
# rows of the sheet that a chart takes; three charts fill a page of A4
_HEIGHT = 16
_CHARTS_ON_A_PAGE = 3
# rows that the chart of stages takes, and those of its data
_STAGE_HEIGHT = 25
_STAGE_ROWS = 44


def add_charts(book: Any, sheet: Any, content: Content, formats: Mapping[str, Any]) -> None:
    """Draw the charts on their sheet, and put the cells that they draw on a sheet of their own.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    sheet : xlsxwriter.worksheet.Worksheet
        Where the charts go.
    content : Content
    formats : mapping of str to xlsxwriter.format.Format
    """
    data = book.add_worksheet(content.language.say("workbook.chart_data")[:31])
    data.set_column(0, 20, 16)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 2)
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5)
    sheet.set_print_scale(70)
    place, row, drawn = 0, 0, 0
    breaks = []
    for importer in content.in_full:
        for title, header, rows, kind in _charts(content, importer):
            if not rows:
                continue
            _cells(data, row, [title, *header[1:]], rows, formats)
            chart = _chart(book, data.get_name(), row, header, rows, kind, title, content)
            sheet.insert_chart(place, 1, chart, {"x_scale": 1.35, "y_scale": 1.05, "description": title})
            place, drawn = place + _HEIGHT, drawn + 1
            if drawn % _CHARTS_ON_A_PAGE == 0:
                breaks.append(place)
            row += len(rows) + 3
    # three charts fill a page; this one takes the room of one and a half
    staged = add_stage_chart(book, sheet, data, content, formats, place=place, row=row)
    if staged:
        if drawn % _CHARTS_ON_A_PAGE == 2:
            breaks.append(place)
        place, row = place + _STAGE_HEIGHT, row + _STAGE_ROWS
    if add_curve_chart(book, sheet, data, content, formats, place=place, row=row) and staged:
        breaks.append(place)
    sheet.set_h_pagebreaks(breaks)


def _charts(content: Content, importer: ShownImporter) -> list[tuple[str, list[str], list[list[Any]], str]]:
    say = content.language
    found = [_counts(content, importer), _values(content, importer)]
    dependent = content.dependent(importer)
    if dependent.height:
        code = dependent["product"][0]
        suppliers = content.of_importer("suppliers", importer).filter(pl.col("product") == code)
        if suppliers.height:
            name = f"{code} {short_name(content.product_name(code), 40)}"
            title = f"{say.say('workbook.top_product', product=name)}, {importer.name}"
            shown = shown_suppliers(suppliers)
            named = [each for each in shown if each != OTHER]
            share = {
                (year, supplier): value
                for year, supplier, value in suppliers.select("year", "supplier", "share").iter_rows()
            }
            rows = []
            for year in sorted(suppliers["year"].unique().to_list()):
                parts = [share.get((year, supplier)) or 0.0 for supplier in named]
                rest = [max(0.0, 1.0 - sum(parts))] if OTHER in shown else []
                rows.append([year, *parts, *rest])
            found.append((title, ["", *(say.economy(each) for each in shown)], rows, "shares"))
    return found


def _counts(content: Content, importer: ShownImporter) -> tuple[str, list[str], list[list[Any]], str]:
    say = content.language
    history = content.of_importer("history", importer)
    colours = list(content.colours)[:COLOURS_IN_BARS]
    counted = counts_by_supplier(history, dict.fromkeys(colours, ""))
    present = set(counted["supplier"])
    suppliers = [code for code in (*colours, OTHER) if code in present]
    lookup = {(year, code): count for year, code, count in counted.iter_rows()}
    years = sorted(history["year"].unique().to_list()) if suppliers else []
    rows = [[year, *(lookup.get((year, code), 0) for code in suppliers)] for year in years]
    title = say.say("table.count", importer=importer.name)
    return title, ["", *(say.economy(code) for code in suppliers)], rows, "counts"


def _values(content: Content, importer: ShownImporter) -> tuple[str, list[str], list[list[Any]], str]:
    say = content.language
    summed = (
        content.dependent(importer)
        .filter(pl.col("main_supplier").is_not_null())
        .group_by("main_supplier")
        .agg(musd=pl.col("extra_import_value_kusd").sum() / 1000 / content.years_in_period)
        .sort(["musd", "main_supplier"], descending=[True, False])
        .head(_BARS)
    )
    rows = [[say.economy(code), value] for code, value in summed.iter_rows()]
    title = f"{say.say('column.value_dependent')}, {importer.name}, {content.period_text}"
    return title, ["", say.say("column.value_dependent")], rows, "values"


def _cells(
    data: Any, row: int, header: Sequence[str], rows: Sequence[Sequence[Any]], formats: Mapping[str, Any]
) -> None:
    for column, label in enumerate(header):
        data.write_string(row, column, label, formats["header"])
    for number, values in enumerate(rows, start=row + 1):
        for column, value in enumerate(values):
            if isinstance(value, str):
                data.write_string(number, column, value, formats["text"])
            else:
                kind = "year" if column == 0 else "integer" if isinstance(value, int) else "decimal"
                data.write_number(number, column, value, formats[kind])


def _chart(
    book: Any,
    data: str,
    row: int,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    kind: str,
    title: str,
    content: Content,
) -> Any:
    types = {
        "counts": {"type": "column", "subtype": "stacked"},
        "values": {"type": "bar"},
        "shares": {"type": "area", "subtype": "percent_stacked"},
    }
    chart = book.add_chart(types[kind])
    named = {content.language.economy(code): colour for code, colour in content.colours.items()}
    greys = iter(("#7B8794", "#9AA5B1", "#B8C1CA", "#CBD2D9", "#D5D8DC"))
    first, last = row + 1, row + len(rows)
    for column, label in enumerate(header[1:], start=1):
        colour = "#1B4F72" if kind == "values" else named.get(label) or next(greys, "#D5D8DC")
        chart.add_series(
            {
                "name": [data, row, column],
                "categories": [data, first, 0, last, 0],
                "values": [data, first, column, last, column],
                "fill": {"color": colour},
                "border": {"color": "#FFFFFF", "width": 0.25},
                "gap": 30,
            }
        )
    font = {"name": "Calibri", "size": 9}
    chart.set_title({"name": title, "name_font": {**font, "size": 12, "bold": True}, "overlay": False})
    grid = {"visible": True, "line": {"color": "#E4E7EB"}}
    chart.set_x_axis({"num_font": font, "major_gridlines": grid if kind == "values" else {"visible": False}})
    chart.set_y_axis(
        {"num_font": font, "major_gridlines": grid, **({"reverse": True} if kind == "values" else {})}
    )
    chart.set_legend({"none": True} if kind == "values" else {"position": "bottom", "font": font})
    return chart
