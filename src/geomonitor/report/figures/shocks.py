"""What a shock does to real income: on the map, over the size of a tariff, and scenario by scenario."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.changes import percent, signed_percent
from geomonitor.report.figures.shock_style import (
    DIVERGING,
    MARKS,
    TOP_LEGEND,
    ZERO_UPRIGHT,
    padded_range,
    wrapped,
    zero_axis,
)
from geomonitor.report.figures.style import (
    GRID,
    MUTED,
    PlainFigure,
    as_figure,
    level_line,
    plain,
    plain_figure,
)
from geomonitor.report.figures.world import world_layout
from geomonitor.report.language import Language

__all__ = [
    "LOSS_EDGES",
    "narrow_comparison",
    "narrow_income_map",
    "plain_real_income_map_figure",
    "real_income_map_figure",
    "response_curve_figure",
    "scenario_comparison_figure",
]

LOSS_EDGES: tuple[float, ...] = (0.02, 0.1, 0.3, 1.0)
"""Where the classes of changes begin on either side of none, percent."""

_NOT_IN_TABLE = "#C9CED4"


def real_income_map_figure(changes: pl.DataFrame, *, language: Language | None = None) -> go.Figure:
    """Draw a world map of changes of real income, in classes that are the same for every scenario.

    Parameters
    ----------
    changes : polars.DataFrame
        `economy` and `real_income_change` (fraction).
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"economy": ["NLD", "USA"], "real_income_change": [-0.0008, 0.00001]})
    >>> real_income_map_figure(table).data[0].z
    (-1, 0)
    """
    return as_figure(plain_real_income_map_figure(changes, language=language))


def plain_real_income_map_figure(changes: pl.DataFrame, *, language: Language | None = None) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    known = changes.filter(pl.col("real_income_change").is_not_null())
    half = len(LOSS_EDGES)
    size = 1 / len(DIVERGING)
    edges = [*(-edge for edge in reversed(LOSS_EDGES)), *LOSS_EDGES]
    ticks = [place + 0.5 for place in range(-half, half)]
    drawn = {
        "type": "choropleth",
        "locations": known["economy"].to_list(),
        "z": [_class(value) for value in known["real_income_change"]],
        "zmin": -half - 0.5,
        "zmax": half + 0.5,
        "colorscale": [
            [round(edge, 4), colour]
            for place, colour in enumerate(DIVERGING)
            for edge in (place * size, (place + 1) * size)
        ],
        "text": [plain(say.economy(code)) for code in known["economy"]],
        "customdata": [signed_percent(value, say) for value in known["real_income_change"]],
        "hovertemplate": "%{text}: %{customdata}<extra></extra>",
        "marker": {"line": {"color": "#9AA5B1", "width": 0.4}},
        "colorbar": {
            "title": {"text": say.say("figure.income_percent"), "side": "top"},
            "orientation": "h",
            "thickness": 10,
            "len": 0.62,
            "x": 0.0,
            "xanchor": "left",
            "y": -0.02,
            "yanchor": "top",
            "outlinewidth": 0,
            "tickvals": ticks,
            "ticktext": [_edge(edge, say) for edge in edges],
            "tickangle": 0,
        },
    }
    layout = world_layout()
    layout["geo"]["landcolor"] = _NOT_IN_TABLE
    return plain_figure([drawn], say, **layout)


def _edge(value: float, say: Language) -> str:
    decimals = 0 if float(value).is_integer() else len(f"{abs(value):g}") - 2
    return f"{'+' if value > 0 else ''}{say.number(value, decimals)}"


def _class(fraction: float) -> int:
    """Give the class of a change: 0 for hardly any, counted up for gains and down for losses."""
    value = fraction * 100
    place = bisect.bisect_right(LOSS_EDGES, abs(value))
    return place if value > 0 else -place


def narrow_income_map(figure: PlainFigure) -> PlainFigure:
    """Give the map as it is drawn on a narrow screen."""
    (drawn,) = figure["data"]
    bar = {**drawn["colorbar"], "len": 1.0, "tickfont": {"size": 10}}
    layout = {**figure["layout"], "height": 250}
    return {"data": [{**drawn, "colorbar": bar}], "layout": layout}


def scenario_comparison_figure(
    changes: pl.DataFrame,
    scenarios: Mapping[str, str],
    economies: Mapping[str, str],
    *,
    language: Language | None = None,
) -> go.Figure:
    """Draw the change of real income of several economies under several scenarios, with its spread.

    Parameters
    ----------
    changes : polars.DataFrame
        `scenario`, `economy`, `real_income_change` (fraction), and `q05` and `q95` where the spread is known.
    scenarios, economies : mapping of str to str
        Names by code, in the order of the rows and of the legend.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"scenario": ["a", "b"], "economy": ["NLD"] * 2,
    ...     "real_income_change": [-0.0008, -0.004]})
    >>> scenario_comparison_figure(table, {"b": "Decoupling", "a": "Tariffs"}, {"NLD": "NL"}).data[1].x
    (-0.4, -0.08)
    """
    say = language or Language("en")
    spread = {"q05", "q95"} <= set(changes.columns)
    columns = ["real_income_change", *(("q05", "q95") if spread else ())]
    values = {row[:2]: row[2:] for row in changes.select("scenario", "economy", *columns).iter_rows()}
    step = 0.62 / max(len(economies), 1)
    traces: list[dict[str, Any]] = []
    for number, (code, label) in enumerate(economies.items()):
        colour, symbol = MARKS[number % len(MARKS)]
        rows = [values.get((each, code), (None, None, None)) for each in scenarios]
        places = [round(row + step * (number - (len(economies) - 1) / 2), 4) for row in range(len(scenarios))]
        lines: list[float | None] = []
        heights: list[float | None] = []
        for place, row in zip(places, rows, strict=True):
            if spread and row[1] is not None and row[2] is not None:
                lines += [percent(row[1]), percent(row[2]), None]
                heights += [place, place, None]
        traces.append(
            {
                "type": "scatter", "x": lines, "y": heights, "mode": "lines", "hoverinfo": "skip",
                "line": {"color": colour, "width": 2}, "opacity": 0.55, "showlegend": False,
            }
        )  # fmt: skip
        traces.append(
            {
                "type": "scatter",
                "x": [percent(row[0]) for row in rows],
                "y": places,
                "mode": "markers",
                "name": plain(label),
                "marker": {"symbol": symbol, "size": 9, "color": colour},
                "customdata": [
                    plain(f"{name}: {signed_percent(row[0], say)}")
                    for name, row in zip(scenarios.values(), rows, strict=True)
                ],
                "hovertemplate": "%{customdata}<extra>" + plain(label) + "</extra>",
                "cliponaxis": False,
            }
        )
    return as_figure(
        plain_figure(
            traces,
            say,
            height=104 + max(46, 13 * len(economies)) * max(len(scenarios), 1),
            xaxis=zero_axis(
                say.say("figure.income_percent"),
                range=padded_range(value for trace in traces for value in trace["x"]),
            ),
            yaxis={
                "tickvals": list(range(len(scenarios))),
                "ticktext": [wrapped(name, 34) for name in scenarios.values()],
                "range": [len(scenarios) - 0.5, -0.5],
                "automargin": True,
                "showgrid": False,
                "ticks": "",
            },
            shapes=[
                ZERO_UPRIGHT,
                *({
                    "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": place + 0.5, "y1": place + 0.5,
                    "line": {"color": GRID, "width": 1}, "layer": "below",
                }
                for place in range(len(scenarios) - 1))
            ],
            legend=dict(TOP_LEGEND),
            margin={"l": 220, "r": 16, "t": 56, "b": 44},
        )
    )  # fmt: skip


def narrow_comparison(figure: PlainFigure, names: Mapping[str, str], title: str) -> PlainFigure:
    """Give the comparison as it is drawn on a narrow screen: names in shorter lines, a short title."""
    axis = {
        **figure["layout"]["yaxis"],
        "ticktext": [wrapped(name, 17) for name in names.values()],
        "tickfont": {"size": 10},
    }
    layout = {
        **figure["layout"],
        "xaxis": {**figure["layout"]["xaxis"], "title": {"text": title}},
        "yaxis": axis,
        "height": int(figure["layout"]["height"] * 1.15) + 60,
        "margin": {"l": 112, "r": 10, "t": 104, "b": 44},
    }
    return {"data": figure["data"], "layout": layout}


def response_curve_figure(
    curve: pl.DataFrame,
    economies: Mapping[str, str],
    *,
    marked: tuple[float, str] | None = None,
    language: Language | None = None,
) -> go.Figure:
    """Draw the change of real income over the size of a tariff.

    Parameters
    ----------
    curve : polars.DataFrame
        `points` (percentage points added to tariffs), `economy`, `real_income_change` (fraction).
    economies : mapping of str to str
        Names by code, in the order of the legend.
    marked : (float, str), optional
        A size that is pointed out, percentage points, and what is written there.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"points": [25.0, 50.0], "economy": ["NLD"] * 2,
    ...     "real_income_change": [-0.0008, -0.0017]})
    >>> response_curve_figure(table, {"NLD": "Netherlands"}).data[0].y
    (0.0, -0.08, -0.17)
    """
    say = language or Language("en")
    traces: list[dict[str, Any]] = []
    for number, (code, label) in enumerate(economies.items()):
        colour, symbol = MARKS[number % len(MARKS)]
        rows = curve.filter(pl.col("economy") == code).sort("points").select("points", "real_income_change")
        # no tariff, no change
        drawn = [(0.0, 0.0), *(row for row in rows.iter_rows() if row[0] != 0)]
        traces.append(
            {
                "type": "scatter",
                "x": [points for points, _ in drawn],
                "y": [percent(value) for _, value in drawn],
                "mode": "lines+markers",
                "name": plain(label),
                "line": {"color": colour, "width": 2.2},
                "marker": {"symbol": symbol, "size": 8, "color": colour},
                "customdata": [signed_percent(value, say) for _, value in drawn],
                "hovertemplate": f"+%{{x}} {say.say('figure.points_short')}: %{{customdata}}"
                f"<extra>{plain(label)}</extra>",
                "cliponaxis": False,
            }
        )
    layout: dict[str, Any] = {"shapes": [level_line(0, color=MUTED, width=1)]}
    if marked is not None:
        layout["shapes"] += [
            {
                "type": "line", "x0": marked[0], "x1": marked[0], "y0": 0, "y1": 1, "yref": "paper",
                "line": {"color": MUTED, "width": 1.2, "dash": "dot"}, "layer": "below",
            }
        ]  # fmt: skip
        layout["annotations"] = [
            {
                "x": marked[0], "y": 0.0, "yref": "paper", "xanchor": "left", "yanchor": "bottom",
                "xshift": 4, "text": plain(marked[1]), "showarrow": False,
                "font": {"size": 11, "color": MUTED},
            }
        ]  # fmt: skip
    largest = max(curve["points"].to_list(), default=100.0)
    return as_figure(
        plain_figure(
            traces,
            say,
            height=400,
            xaxis={
                "title": {"text": say.say("figure.tariff_points")},
                "range": [-largest * 0.02, largest * 1.03],
                "nticks": 9,
                "tickangle": 0,
            },
            yaxis=zero_axis(say.say("figure.income_percent_short")),
            legend={"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top", "traceorder": "normal"},
            margin={"l": 58, "r": 14, "t": 10, "b": 110},
            **layout,
        )
    )
