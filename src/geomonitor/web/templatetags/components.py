"""Figures and tables in templates: ``{% figure shown %}``, ``{% data_table table %}``."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import plotly
from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

from geomonitor.report.datatable import NUMERIC_KINDS, Cell, DataTable
from geomonitor.web.language import active_language

__all__ = ["register"]

register = template.Library()

# text of more signs gets a wide column
_LONG_TEXT = 24


@register.inclusion_tag("web/components/figure.html")
def figure(shown: Any, level: int = 2) -> dict[str, Any]:
    """Show a `geomonitor.web.evidence.shown.Shown`: figure, what it says, unit, source and date, table."""
    return {"shown": shown, "level": level}


@register.inclusion_tag("web/components/table.html")
def data_table(
    table: DataTable,
    name: str = "",
    downloads: str | None = "",
    links: Mapping[int, Sequence[str]] | None = None,
    sorts: Sequence[tuple[str, str]] | None = None,
    dense: bool = False,
) -> dict[str, Any]:
    """Show a table with its downloads.

    Parameters
    ----------
    table : DataTable
    name : str
        Name of the table in the URL of the download, where the page has several.
    downloads : str or None
        Start of the download's query (``importer=NLD&``); no downloads where None.
    links : mapping of int to sequence of str, optional
        Addresses for the cells of a column, by row; empty text for no link.
    sorts : sequence of (str, str), optional
        For each column the address that sorts by it (empty: none), and how it is sorted now
        (``ascending``, ``descending`` or empty).
    dense : bool
        Narrow cells, for a table of many columns.
    """
    ways = sorts or [("", "")] * len(table.columns)
    headings = [
        (column.heading, column.kind in NUMERIC_KINDS, address, now)
        for column, (address, now) in zip(table.columns, ways, strict=True)
    ]
    return {
        "table": table,
        "name": name,
        "downloads": downloads,
        "headings": headings,
        "body": _body(table, links or {}),
        "dense": dense,
    }


@register.filter
def plain_number(value: float) -> str:
    """Write a number as forms and scripts read it, whatever the language."""
    return f"{value:.10g}"


@register.simple_tag
def component_styles() -> SafeString:
    """Give the styles of figures and tables, those of Plotly among them.

    The name and the class tell Plotly that its styles are there already: it would make a style element,
    which the content security policy refuses.
    """
    return format_html(
        '<link rel="stylesheet" id="plotly.js-style-global" class="no-inline-styles" href="{}">',
        static("geomonitor/figures.css"),
    )


@register.simple_tag
def figure_scripts() -> SafeString:
    """Give the script that draws figures; Plotly itself is fetched when a figure comes near."""
    return format_html(
        '<script src="{}" defer data-plotly="{}" data-map="{}" data-without="{}"></script>',
        static("geomonitor/figures.js"),
        static("plotly/plotly.min.js"),
        reverse("base-map"),
        " ".join(_styles_of_maps()),
    )


@register.simple_tag
def table_scripts() -> SafeString:
    """Give the script of sliders and choosers."""
    return format_html('<script src="{}" defer></script>', static("geomonitor/tables.js"))


@functools.cache
def _styles_of_maps() -> tuple[str, ...]:
    """Name the style elements that Plotly makes on loading, for street maps that we do not have.

    It makes none that is there already; their names are hashes that differ with its version.
    """
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    found = re.findall(r'getElementById\("([0-9a-f]{64})"\)', script.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(found))


def _body(table: DataTable, links: Mapping[int, Sequence[str]]) -> SafeString:
    """Write the rows: by hand, for a template takes ten times as long over a thousand cells."""
    language = active_language()
    foreign = "" if language.code == "en" else ' lang="en"'
    lines = []
    for number, row in enumerate(table.cells(language)):
        cells = []
        for place, cell in enumerate(row):
            text = conditional_escape(cell.text)
            if place in links and links[place][number]:
                text = format_html('<a href="{}">{}</a>', links[place][number], text)
            cells.append(_cell(cell, text, first=place == 0, foreign=foreign))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return mark_safe("\n".join(lines))  # every cell is escaped above


def _cell(cell: Cell, text: str, *, first: bool, foreign: str) -> str:
    kind = ' class="n"' if cell.numeric else f' class="name"{foreign}' if cell.kind == "name" else ""
    if cell.kind == "hash":
        kind = ' class="hash"'
    if not kind and len(cell.text) > _LONG_TEXT:
        kind = ' class="wrap"'
    title = f' title="{escape(cell.raw)}"' if cell.kind in {"name", "hash"} and cell.raw != cell.text else ""
    tag = 'th scope="row"' if first else "td"
    return f"<{tag}{kind}{title}>{text}</{'th' if first else 'td'}>"
