"""How every figure looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from geomonitor.report.language import Language

__all__ = [
    "ACCENT",
    "FONT",
    "GRID",
    "INK",
    "MUTED",
    "PALE",
    "PlainFigure",
    "as_figure",
    "level_line",
    "plain",
    "plain_figure",
    "styled",
    "upright_line",
]

PlainFigure = dict[str, Any]
"""A figure as Plotly's JSON has it, made without checking every value: traces (`data`) and `layout`."""

ACCENT = "#1B4F72"
INK = "#1F2933"
MUTED = "#52606D"
GRID = "#E4E7EB"
PALE = "#EEF1F4"
FONT = 'system-ui, "Segoe UI", Calibri, "Helvetica Neue", Arial, sans-serif'


def styled(figure: go.Figure, language: Language, *, height: int, **layout: Any) -> go.Figure:
    """Give a figure the look of the report.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    language : Language
        For the marks in numbers.
    height : int
        Pixels.
    **layout
        Layout entries that differ.
    """
    figure.update_layout({**_layout(language, height), **layout})
    figure.update_xaxes(**_AXES)
    figure.update_yaxes(**_AXES)
    return figure


_AXES = {"gridcolor": GRID, "linecolor": "#9AA5B1", "zeroline": False, "fixedrange": True}


def _layout(language: Language, height: int) -> dict[str, Any]:
    return {
        "template": None,
        "height": height,
        "autosize": True,
        "margin": {"l": 48, "r": 12, "t": 8, "b": 36},
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "separators": ",." if language.code == "nl" else ".,",
        "hoverlabel": {"bgcolor": "#FFFFFF", "bordercolor": MUTED, "font": {"family": FONT, "color": INK}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    }


def plain_figure(
    traces: Sequence[Mapping[str, Any]], language: Language, *, height: int, **layout: Any
) -> PlainFigure:
    """Make a figure with the look of the report as plain data: many of them cost little.

    Parameters
    ----------
    traces : sequence of mapping
        Each with its `type`.
    language : Language
    height : int
        Pixels.
    **layout
        Layout entries that differ; axes get the look of the report.

    Examples
    --------
    >>> figure = plain_figure([{"type": "bar", "x": [1]}], Language("nl"), height=90, xaxis={"nticks": 3})
    >>> figure["layout"]["separators"], figure["layout"]["xaxis"]["gridcolor"]
    (',.', '#E4E7EB')
    """
    axes = {name: {**each, **_AXES} for name, each in layout.items() if name in {"xaxis", "yaxis"}}
    return {"data": list(traces), "layout": {**_layout(language, height), **layout, **axes}}


def as_figure(figure: PlainFigure) -> go.Figure:
    """Make a figure that Plotly has checked of plain data."""
    made = go.Figure(data=figure["data"], layout=figure["layout"])
    return made.update_layout(template=None)


def upright_line(x: float, **line: Any) -> dict[str, Any]:
    """Make an upright line over the whole height of a plot."""
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def level_line(y: float, **line: Any) -> dict[str, Any]:
    """Make a level line over the whole width of a plot."""
    return {"type": "line", "y0": y, "y1": y, "x0": 0, "x1": 1, "xref": "x domain", "line": line}


def plain(text: str) -> str:
    """Keep text from being read as markup by Plotly.

    Examples
    --------
    >>> plain("<b>ores & concentrates")
    '&lt;b&gt;ores &amp; concentrates'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
