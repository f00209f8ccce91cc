"""How every figure looks."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from geomonitor.report.language import Language

__all__ = ["ACCENT", "FONT", "GRID", "INK", "MUTED", "PALE", "styled"]

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
    base: dict[str, Any] = {
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
    figure.update_layout({**base, **layout})
    axes = {"gridcolor": GRID, "linecolor": "#9AA5B1", "zeroline": False, "fixedrange": True}
    figure.update_xaxes(**axes)
    figure.update_yaxes(**axes)
    return figure
