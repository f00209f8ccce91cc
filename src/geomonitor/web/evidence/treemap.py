"""Treemap of the import value of dependent products, by main supplier or by public interest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.choices import Choice, chosen_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.style import PlainFigure, plain, plain_figure
from geomonitor.report.language import short_name
from geomonitor.web.language import say

__all__ = ["treemap_block"]

_GREY = "#9AA5B1"
_NO_INTEREST = "none"


def treemap_block(content: Content, importer: ShownImporter, table: pl.DataFrame, *, anchor: str) -> Block:
    """Draw products as areas by import value, inside their main supplier or the interest they serve.

    Parameters
    ----------
    content : Content
    importer : ShownImporter
    table : polars.DataFrame
        Products to draw: `product`, `product_name`, `main_supplier`, `interests`,
        `extra_import_value_kusd` (sum over the period).
    anchor : str

    Returns
    -------
    Block
    """
    language = content.language
    years = content.years_in_period
    rows = (
        table.filter(pl.col("extra_import_value_kusd") > 0)
        .sort(["extra_import_value_kusd", "product"], descending=[True, False])
        .select("product", "product_name", "main_supplier", "interests", "extra_import_value_kusd")
        .rows(named=True)
    )
    total = sum(row["extra_import_value_kusd"] for row in rows) / years
    title = say(language, "treemap.title")
    figure, reading = None, ""
    choices: tuple[Choice, ...] = ()
    if rows:
        ways = (("supplier", _by_supplier(content, rows)), ("interest", _by_interest(content, rows)))
        readings = {
            way: say(
                language,
                f"treemap.reading_{way}",
                products=language.number(len(rows)),
                value=language.money(total),
            )
            for way, _ in ways
        }
        figure = chosen_json({way: _figure(content, parts) for way, parts in ways}, readings)
        options = tuple((way, say(language, f"treemap.by_{way}")) for way, _ in ways)
        choices = (Choice(say(language, "treemap.choice"), options),)
        reading = readings["supplier"]
    return Block(
        anchor=anchor,
        title=title,
        note=say(language, "treemap.note"),
        description=f"{title}. {importer.name}. {reading} {say(language, 'treemap.see_table')}",
        figure=figure,
        table=_table(content, importer, rows, total),
        height=420,
        choices=choices,
        reading=reading,
    )


def _table(content: Content, importer: ShownImporter, rows: list[dict[str, Any]], total: float) -> DataTable:
    language, years = content.language, content.years_in_period
    return DataTable.of(
        say(language, "treemap.caption", importer=importer.name, period=content.period_text),
        (
            Column(language.say("column.product"), "code"),
            Column(language.say("column.name"), "name"),
            Column(language.say("column.main_supplier")),
            Column(language.say("column.interests")),
            Column(language.say("column.value_list"), "musd"),
            Column(say(language, "treemap.part"), "share"),
        ),
        [
            (
                row["product"],
                row["product_name"] or row["product"],
                language.economy(row["main_supplier"]),
                ", ".join(map(content.interest, _codes(row))),
                row["extra_import_value_kusd"] / years,
                row["extra_import_value_kusd"] / years / total,
            )
            for row in rows
        ],
    )


def _codes(row: Mapping[str, Any]) -> list[str]:
    return [code for code in (row["interests"] or "").split(";") if code]


def _by_supplier(content: Content, rows: list[dict[str, Any]]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Give the group of every product: its key, its wording, the product."""
    return [(row["main_supplier"] or "", content.language.economy(row["main_supplier"]), row) for row in rows]


def _by_interest(content: Content, rows: list[dict[str, Any]]) -> list[tuple[str, str, Mapping[str, Any]]]:
    none = say(content.language, "treemap.no_interest")
    return [
        (code, none if code == _NO_INTEREST else content.interest(code), row)
        for row in rows
        for code in (_codes(row) or [_NO_INTEREST])
    ]


def _figure(content: Content, parts: list[tuple[str, str, Mapping[str, Any]]]) -> PlainFigure:
    language, years = content.language, content.years_in_period
    groups: dict[str, tuple[str, float]] = {}
    for key, wording, row in parts:
        _, so_far = groups.get(key, (wording, 0.0))
        groups[key] = (wording, so_far + row["extra_import_value_kusd"] / years / 1000)
    ids = [f"g:{key}" for key in groups] + [f"{key}:{row['product']}" for key, _, row in parts]
    values = [value for _, value in groups.values()]
    values += [row["extra_import_value_kusd"] / years / 1000 for _, _, row in parts]
    labels = [plain(wording) for wording, _ in groups.values()]
    labels += [plain(short_name(row["product_name"] or row["product"], 40)) for _, _, row in parts]
    colours = [content.colours.get(key, _GREY) for key in groups]
    colours += [content.colours.get(row["main_supplier"] or "", _GREY) for _, _, row in parts]
    unit = language.say("figure.musd_a_year")
    trace = {
        "type": "treemap",
        "ids": ids,
        "labels": labels,
        "parents": [""] * len(groups) + [f"g:{key}" for key, _, _ in parts],
        # a group is as large as its products: the remainder of its own is nothing
        "values": [0.0] * len(groups) + values[len(groups) :],
        "branchvalues": "remainder",
        "marker": {
            "colors": colours,
            "line": {"width": 1, "color": "#FFFFFF"},
            "pad": {"t": 22, "l": 2, "r": 2, "b": 2},
        },
        "customdata": [language.number(value, 1) for value in values],
        "hovertemplate": f"%{{label}}: %{{customdata}} {unit}<extra></extra>",
        "texttemplate": "%{label}<br>%{customdata}",
        "textposition": "top left",
        "tiling": {"pad": 1},
        "pathbar": {"visible": False},
    }
    return plain_figure([trace], language, height=420, margin={"l": 0, "r": 0, "t": 4, "b": 4})
