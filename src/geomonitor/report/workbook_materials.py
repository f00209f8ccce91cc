"""The native chart of the workbook on the two stages of raw materials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from geomonitor.report.content import Content
from geomonitor.report.figures.stages import STAGE_COLOURS
from geomonitor.report.material_names import material_names
from geomonitor.report.material_sentences import SHARE_MEASURE

__all__ = ["add_stage_chart"]

# materials whose names can be read below one chart: those with the largest differences either way
_MATERIALS = 40


def add_stage_chart(
    book: Any, sheet: Any, data: Any, content: Content, formats: Mapping[str, Any], *, place: int, row: int
) -> bool:
    """Draw extraction beside processing, joined by a line, material by material.

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
    say = content.language
    table = content.tables["material_comparison"].filter(
        pl.col("extraction").is_not_null(), pl.col("processing").is_not_null()
    )
    if table.is_empty():
        return False
    measure, source, years = table.select("measure", "source", "years").row(0)
    rows = table.filter(
        pl.col("measure") == measure, pl.col("source") == source, pl.col("years") == years
    ).sort(pl.col("difference").abs(), descending=True)
    drawn = rows.head(_MATERIALS).sort(["difference", "material"], descending=[True, False])
    shares = measure == SHARE_MEASURE
    title = say.say(
        "workbook.stage_chart",
        measure=say.say("materials.comparison_share" if shares else "materials.comparison_concentration"),
        source=source,
        years=str(years).replace("-", "–"),
    )
    stages = ("extraction", "processing")
    for column, label in enumerate([title, *(say.say(f"stage.{stage}_title") for stage in stages)]):
        data.write_string(row, column, label, formats["header"])
    names = material_names(content)
    kind = formats["share" if shares else "decimal"]
    for number, values in enumerate(drawn.select("material", *stages).iter_rows(), start=row + 1):
        data.write_string(number, 0, names.name(values[0]), formats["text"])
        for column, value in enumerate(values[1:], start=1):
            data.write_number(number, column, value, kind)
    # marks of two lines without lines, joined from high to low: what readers know as a dumbbell
    chart = book.add_chart({"type": "line"})
    first, last = row + 1, row + drawn.height
    for column, stage in enumerate(stages, start=1):
        colour = STAGE_COLOURS[stage]
        chart.add_series(
            {
                "name": [data.get_name(), row, column],
                "categories": [data.get_name(), first, 0, last, 0],
                "values": [data.get_name(), first, column, last, column],
                "line": {"none": True},
                "marker": {
                    "type": "circle" if stage == "extraction" else "diamond",
                    "size": 8,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
            }
        )
    chart.set_high_low_lines({"line": {"color": "#C9D3DC", "width": 3}})
    font = {"name": "Calibri", "size": 9}
    chart.set_title({"name": title, "name_font": {**font, "size": 12, "bold": True}, "overlay": False})
    grid = {"visible": True, "line": {"color": "#E4E7EB"}}
    # lines upright help the eye where a program does not draw the joining ones
    chart.set_x_axis(
        {"num_font": {**font, "rotation": -60 if drawn.height > 8 else 0}, "major_gridlines": grid}
    )
    chart.set_y_axis(
        {
            "num_font": font,
            "num_format": "0%" if shares else "0.00",
            "min": 0,
            "max": 1,
            "major_gridlines": grid,
        }
    )
    chart.set_legend({"position": "bottom", "font": font})
    sheet.insert_chart(place, 1, chart, {"x_scale": 1.35, "y_scale": 1.6, "description": title})
    return True
