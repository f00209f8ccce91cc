"""What figures of shocks have in common: colours around no change, marks of economies, lines of labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geomonitor.report.figures.style import MUTED, PlainFigure, plain, upright_line

__all__ = [
    "DIVERGING",
    "MARKS",
    "TOP_LEGEND",
    "ZERO_UPRIGHT",
    "narrow_lines",
    "narrow_rows",
    "padded_range",
    "wrapped",
    "zero_axis",
]

# ColorBrewer's PuOr: its two arms are told apart by colour-blind readers; the middle is no change
DIVERGING: tuple[str, ...] = (
    "#7F3B08", "#B35806", "#E08214", "#FDB863", "#F7F7F7", "#B2ABD2", "#8073AC", "#542788", "#2D004B",
)  # fmt: skip

# one colour and one shape an economy, the same in every figure that names them
MARKS: tuple[tuple[str, str], ...] = (
    ("#1B4F72", "circle"), ("#C77C02", "diamond"), ("#882255", "square"), ("#117733", "triangle-up"),
    ("#52606D", "cross"), ("#AA4499", "triangle-down"), ("#999933", "star"), ("#332288", "x"),
)  # fmt: skip
TOP_LEGEND: Mapping[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xref": "container",
    "y": 1.0,
    "yref": "container",
    "yanchor": "top",
    "traceorder": "normal",
}


ZERO_UPRIGHT: Mapping[str, Any] = {**upright_line(0, color=MUTED, width=1), "layer": "below"}


def zero_axis(title: str, **entries: Any) -> dict[str, Any]:
    """Make an axis of changes, whose line at none is drawn apart."""
    return {
        "title": {"text": title},
        "nticks": 7,
        "tickangle": 0,
        "tickformat": "~g",
        **entries,
    }


def padded_range(values: Iterable[float | None]) -> list[float]:
    """Make the range of an axis of changes: with the line at none, and room at both ends.

    Examples
    --------
    >>> padded_range([-2.0, None, -1.0])
    [-2.08, 0.08]
    """
    known = [0.0, *(value for value in values if value is not None)]
    low, high = min(known), max(known)
    room = 0.04 * ((high - low) or 1.0)
    return [round(low - room, 4), round(high + room, 4)]


def narrow_rows(figure: PlainFigure, title: str, *, top: int | None = None) -> PlainFigure:
    """Give a figure with named rows as it is drawn on a narrow screen.

    Parameters
    ----------
    figure : PlainFigure
    title : str
        Of the level axis, in few words.
    top : int, optional
        Room for a legend of several lines, pixels.
    """
    layout = figure["layout"]
    margin = {**layout["margin"], "l": 108, **({} if top is None else {"t": top})}
    return {
        **figure,
        "layout": {
            **layout,
            "xaxis": {**layout["xaxis"], "title": {"text": title}},
            "yaxis": {**layout["yaxis"], "tickfont": {"size": 9.5}},
            "margin": margin,
        },
    }


def narrow_lines(figure: PlainFigure, title: str) -> PlainFigure:
    """Give a figure of lines as it is drawn on a narrow screen: a legend of several lines below it."""
    layout = figure["layout"]
    return {
        **figure,
        "layout": {
            **layout,
            "height": 440,
            "xaxis": {**layout["xaxis"], "title": {"text": title}},
            "legend": {**layout["legend"], "y": -0.24},
            "margin": {**layout["margin"], "b": 172},
        },
    }


def wrapped(text: str, width: int) -> str:
    """Break a label into lines that fit, safe from being read as markup.

    Examples
    --------
    >>> wrapped("The EU and China no longer trade", 16)
    'The EU and China<br>no longer trade'
    """
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(plain(line) for line in lines)
