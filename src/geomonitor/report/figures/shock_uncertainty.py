"""How sure results of a shock are: quantiles over many elasticities, and results over their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.changes import percent, signed_percent
from geomonitor.report.figures.shock_style import MARKS, TOP_LEGEND, ZERO_UPRIGHT, padded_range, zero_axis
from geomonitor.report.figures.style import (
    ACCENT,
    INK,
    MUTED,
    PlainFigure,
    as_figure,
    level_line,
    plain,
    plain_figure,
)
from geomonitor.report.language import Language, short_name

__all__ = [
    "elasticity_grid_figure",
    "plain_elasticity_grid_figure",
    "plain_result_fan_figure",
    "result_fan_figure",
]

_WIDE, _MIDDLE = "#AEC4D4", "#5D8AA8"
_EXACT = "#C77C02"


def result_fan_figure(
    fan: pl.DataFrame, labels: Sequence[str], *, language: Language | None = None
) -> go.Figure:
    """Draw the spread of the change of real income over many elasticities, economy by economy.

    Parameters
    ----------
    fan : polars.DataFrame
        `q05`, `q25`, `q50`, `q75`, `q95` and `real_income_change` (with the elasticities of the calibration;
        null where not known), fractions, in the order of the rows.
    labels : sequence of str
        Of the rows.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"q05": [-0.002], "q25": [-0.0015], "q50": [-0.001], "q75": [-0.0009],
    ...     "q95": [-0.0005], "real_income_change": [-0.0011]})
    >>> [trace.x for trace in result_fan_figure(table, ["Netherlands"]).data]
    [(-0.2, -0.05, None), (-0.15, -0.09, None), (-0.1,), (-0.11,)]
    """
    return as_figure(plain_result_fan_figure(fan, labels, language=language))


def plain_result_fan_figure(
    fan: pl.DataFrame, labels: Sequence[str], *, language: Language | None = None
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    places = list(range(len(labels)))
    traces: list[dict[str, Any]] = []
    for low, high, key, colour, width in (
        ("q05", "q95", "fan_wide", _WIDE, 4),
        ("q25", "q75", "fan_middle", _MIDDLE, 10),
    ):
        ends: list[float | None] = []
        rows: list[int | None] = []
        for place, (start, end) in enumerate(fan.select(low, high).iter_rows()):
            ends += [percent(start), percent(end), None]
            rows += [place, place, None]
        traces.append(
            {
                "type": "scatter", "x": ends, "y": rows, "mode": "lines", "hoverinfo": "skip",
                "name": say.say(f"figure.{key}"), "line": {"color": colour, "width": width},
            }
        )  # fmt: skip
    for column, key, mark in (
        ("q50", "fan_median", {"symbol": "line-ns", "size": 11, "line": {"color": INK, "width": 2}}),
        ("real_income_change", "fan_calibration", {"symbol": "diamond", "size": 8, "color": _EXACT}),
    ):
        name = say.say(f"figure.{key}")
        traces.append(
            {
                "type": "scatter",
                "x": [percent(value) for value in fan[column]],
                "y": places,
                "mode": "markers",
                "name": name,
                "marker": mark,
                "customdata": [
                    plain(f"{label}: {signed_percent(value, say)}")
                    for label, value in zip(labels, fan[column], strict=True)
                ],
                "hovertemplate": f"%{{customdata}}<extra>{name}</extra>",
                "cliponaxis": False,
            }
        )
    return plain_figure(
        traces,
        say,
        height=104 + 24 * max(len(labels), 1),
        shapes=[ZERO_UPRIGHT],
        xaxis=zero_axis(
            say.say("figure.income_percent"),
            range=padded_range(value for trace in traces for value in trace["x"]),
        ),
        yaxis={
            "tickvals": places,
            "ticktext": [plain(short_name(label, 30)) for label in labels],
            "range": [len(labels) - 0.4, -0.6],
            "automargin": True,
            "showgrid": False,
            "ticks": "",
        },
        legend=dict(TOP_LEGEND),
        margin={"l": 120, "r": 14, "t": 52, "b": 44},
    )


def elasticity_grid_figure(
    grid: pl.DataFrame, economies: Mapping[str, str], *, language: Language | None = None
) -> go.Figure:
    """Draw the change of real income over the size of all elasticities together.

    Parameters
    ----------
    grid : polars.DataFrame
        `elasticity_factor` (on every elasticity; below 1 for a shorter horizon), `economy`,
        `real_income_change` (fraction).
    economies : mapping of str to str
        Names by code, in the order of the legend.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"elasticity_factor": [2.0, 0.5], "economy": ["NLD"] * 2,
    ...     "real_income_change": [-0.001, -0.0005]})
    >>> elasticity_grid_figure(table, {"NLD": "Netherlands"}).data[0].y
    (-0.05, -0.1)
    """
    return as_figure(plain_elasticity_grid_figure(grid, economies, language=language))


def plain_elasticity_grid_figure(
    grid: pl.DataFrame, economies: Mapping[str, str], *, language: Language | None = None
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    factors = grid["elasticity_factor"].unique().sort().to_list()
    ticks = [factor for factor in factors if len(factors) <= 6 or factor in {0.25, 0.5, 1.0, 2.0, 4.0}]
    traces = []
    for number, (code, label) in enumerate(economies.items()):
        colour, symbol = MARKS[number % len(MARKS)]
        rows = grid.filter(pl.col("economy") == code).sort("elasticity_factor")
        traces.append(
            {
                "type": "scatter",
                "x": rows["elasticity_factor"].to_list(),
                "y": [percent(value) for value in rows["real_income_change"]],
                "mode": "lines+markers",
                "name": plain(label),
                "line": {"color": colour, "width": 2.2},
                "marker": {"symbol": symbol, "size": 8, "color": colour},
                "customdata": [signed_percent(value, say) for value in rows["real_income_change"]],
                "hovertemplate": f"× %{{x}}: %{{customdata}}<extra>{plain(label)}</extra>",
                "cliponaxis": False,
            }
        )
    return plain_figure(
        traces,
        say,
        height=380,
        shapes=[
            level_line(0, color=MUTED, width=1),
            {
                "type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper", "layer": "below",
                "line": {"color": ACCENT, "width": 1.2, "dash": "dot"},
            },
        ],
        xaxis={
            "type": "log",
            "title": {"text": say.say("figure.elasticity_factor")},
            "tickvals": ticks,
            "ticktext": [
                f"× {say.number(tick, len(f'{tick:g}'.partition('.')[2]))}" for tick in ticks
            ],
            "tickangle": 0,
        },
        yaxis=zero_axis(say.say("figure.income_percent_short")),
        legend={"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top", "traceorder": "normal"},
        margin={"l": 58, "r": 14, "t": 10, "b": 110},
    )  # fmt: skip
