"""The native chart of the workbook on shocks: real income over the size of the tariff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geomonitor.report.content import Content
from geomonitor.report.figures.shock_style import MARKS
from geomonitor.report.shock_view import ShockView

__all__ = ["add_curve_chart"]

_LINES = 6
# marks that the format knows, in the order of those of the brief
_SYMBOLS = ("circle", "diamond", "square", "triangle", "plus", "x")


def add_curve_chart(
    book: Any, sheet: Any, data: Any, content: Content, formats: Mapping[str, Any], *, place: int, row: int
) -> bool:
    """Draw the change of real income over the size of the tariff, a line an economy.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    sheet, data : xlsxwriter.worksheet.Worksheet
        Where the chart goes, and the cells that it draws.
    content : Content
    formats : mapping of str to xlsxwriter.format.Format
    place, row : int
        First free row of the two sheets.

    Returns
    -------
    bool
        Whether there was anything to draw.
    """
    view = ShockView.of(content)
    if view is None or view.curve.is_empty():
        return False
    say = content.language
    curve = view.curve
    present = set(curve["economy"])
    codes = [code for code in view.compared(len(present) + _LINES) if code in present][:_LINES]
    sizes = curve["points"].unique().sort().to_list()
    values = {
        line[:2]: line[2] for line in curve.select("points", "economy", "real_income_change").iter_rows()
    }
    title = say.say("workbook.curve_chart")
    for column, label in enumerate([title, *map(view.label, codes)]):
        data.write_string(row, column, label, formats["header"])
    # no tariff, no change
    for number, size in enumerate([0.0, *sizes], start=row + 1):
        data.write_number(number, 0, size, formats["integer"])
        for column, code in enumerate(codes, start=1):
            value = 0.0 if size == 0 else values.get((size, code))
            if value is not None:
                data.write_number(number, column, value, formats["change"])
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    first, last = row + 1, row + 1 + len(sizes)
    for column, (symbol, (colour, _)) in enumerate(zip(_SYMBOLS[: len(codes)], MARKS, strict=False), start=1):
        chart.add_series(
            {
                "name": [data.get_name(), row, column],
                "categories": [data.get_name(), first, 0, last, 0],
                "values": [data.get_name(), first, column, last, column],
                "line": {"color": colour, "width": 1.75},
                "marker": {
                    "type": symbol, "size": 6, "fill": {"color": colour}, "border": {"color": colour},
                },
            }
        )  # fmt: skip
    font = {"name": "Calibri", "size": 9}
    grid = {"visible": True, "line": {"color": "#E4E7EB"}}
    chart.set_title({"name": title, "name_font": {**font, "size": 12, "bold": True}, "overlay": False})
    chart.set_x_axis(
        {
            "name": say.say("figure.tariff_points"), "name_font": {**font, "bold": False}, "num_font": font,
            "min": 0, "max": max(sizes), "label_position": "low", "major_gridlines": {"visible": False},
        }
    )  # fmt: skip
    chart.set_y_axis({"num_font": font, "num_format": "0.0%", "major_gridlines": grid})
    chart.set_legend({"position": "bottom", "font": font})
    sheet.insert_chart(place, 1, chart, {"x_scale": 1.35, "y_scale": 1.4, "description": title})
    return True
