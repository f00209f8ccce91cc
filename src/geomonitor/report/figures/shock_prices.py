"""What a shock does to prices and output: directly, through inputs, in equilibrium; sector by sector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.changes import percent, signed_percent
from geomonitor.report.figures.shock_style import (
    DIVERGING,
    TOP_LEGEND,
    ZERO_UPRIGHT,
    narrow_rows,
    wrapped,
    zero_axis,
)
from geomonitor.report.figures.style import ACCENT, INK, PlainFigure, as_figure, plain, plain_figure
from geomonitor.report.language import Language, short_name

__all__ = [
    "direct_total_figure",
    "narrow_output",
    "narrow_price_grid",
    "output_change_figure",
    "plain_direct_total_figure",
    "plain_output_change_figure",
    "plain_price_effects_figure",
    "plain_price_grid_figure",
    "price_effects_figure",
    "price_grid_figure",
]

_INDIRECT = "#9DB9CC"
_EQUILIBRIUM = "#C77C02"
_LOSS, _GAIN = "#B35806", "#542788"
_LABEL = 34


def price_effects_figure(prices: pl.DataFrame, *, language: Language | None = None) -> go.Figure:
    """Draw effects on prices by product group: direct, through inputs, and in equilibrium.

    Parameters
    ----------
    prices : polars.DataFrame
        `label`, `direct_price_change`, `total_price_change` (both at given wages) and `price_change` (in
        equilibrium), fractions, in the order of the rows.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"label": ["Metals"], "direct_price_change": [0.01],
    ...     "total_price_change": [0.015], "price_change": [0.008]})
    >>> [trace.x for trace in price_effects_figure(table).data]
    [(1.0,), (0.5,), (0.8,)]
    """
    return as_figure(plain_price_effects_figure(prices, language=language))


def plain_price_effects_figure(prices: pl.DataFrame, *, language: Language | None = None) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    labels = prices["label"].to_list()
    direct, total = prices["direct_price_change"].to_list(), prices["total_price_change"].to_list()
    through = [
        None if whole is None or part is None else whole - part
        for part, whole in zip(direct, total, strict=True)
    ]
    series = (
        ("direct", direct, {"type": "bar", "orientation": "h", "marker": {"color": ACCENT}}),
        ("through_inputs", through, {"type": "bar", "orientation": "h", "marker": {"color": _INDIRECT}}),
        ("equilibrium", prices["price_change"].to_list(), _mark("diamond", _EQUILIBRIUM)),
    )
    traces = [
        _series(say.say(f"figure.price_{key}"), values, labels, say, look) for key, values, look in series
    ]
    return plain_figure(
        traces,
        say,
        height=100 + 24 * max(len(labels), 1),
        barmode="relative",
        bargap=0.35,
        shapes=[ZERO_UPRIGHT],
        xaxis=zero_axis(say.say("figure.price_percent")),
        yaxis=_row_axis(labels),
        legend=dict(TOP_LEGEND),
        margin={"l": 190, "r": 14, "t": 52, "b": 44},
    )


def direct_total_figure(
    changes: pl.DataFrame, labels: Sequence[str], *, language: Language | None = None
) -> go.Figure:
    """Draw what economies lose at given wages, directly and with inputs, beside their real income.

    Parameters
    ----------
    changes : polars.DataFrame
        `direct_price_change`, `total_price_change` (of final spending, drawn as losses of purchasing power)
        and `real_income_change` (exact), fractions, in the order of the rows; `income_without_links` where
        a model without links between sectors was run too.
    labels : sequence of str
        Of the rows.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"direct_price_change": [0.0014], "total_price_change": [0.0035],
    ...     "real_income_change": [-0.0008]})
    >>> [trace.x for trace in direct_total_figure(table, ["Netherlands"]).data]
    [(-0.14, -0.35, None), (-0.14,), (-0.35,), (-0.08,)]
    """
    return as_figure(plain_direct_total_figure(changes, labels, language=language))


def plain_direct_total_figure(
    changes: pl.DataFrame, labels: Sequence[str], *, language: Language | None = None
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    direct = [_loss(value) for value in changes["direct_price_change"]]
    total = [_loss(value) for value in changes["total_price_change"]]
    joined: list[float | None] = []
    rows: list[int | None] = []
    for place, (start, end) in enumerate(zip(direct, total, strict=True)):
        joined += [percent(start), percent(end), None]
        rows += [place, place, None]
    unlinked = "income_without_links"
    series = (
        ("loss_direct", direct, _mark("circle-open", ACCENT)),
        ("loss_total", total, _mark("circle", ACCENT)),
        *(
            [("income_unlinked", changes[unlinked].to_list(), _mark("diamond-open", _EQUILIBRIUM))]
            if unlinked in changes.columns
            else []
        ),
        ("income_exact", changes["real_income_change"].to_list(), _mark("diamond", _EQUILIBRIUM)),
    )
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "x": joined, "y": rows, "mode": "lines", "hoverinfo": "skip",
            "line": {"color": "#AEC4D4", "width": 4}, "showlegend": False,
        }
    ]  # fmt: skip
    traces += [_series(say.say(f"figure.{key}"), values, labels, say, look) for key, values, look in series]
    return plain_figure(
        traces,
        say,
        height=104 + 21 * max(len(labels), 1),
        shapes=[ZERO_UPRIGHT],
        xaxis=zero_axis(say.say("figure.percent")),
        yaxis=_row_axis(labels),
        legend=dict(TOP_LEGEND),
        margin={"l": 120, "r": 14, "t": 52, "b": 44},
    )


def output_change_figure(sectors: pl.DataFrame, *, language: Language | None = None) -> go.Figure:
    """Draw changes of output by sector: what shrinks and what grows.

    Parameters
    ----------
    sectors : polars.DataFrame
        `label`, `output_change` (fraction of the volume) and `output_musd`, in the order of the rows.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"label": ["Machinery"], "output_change": [-0.028], "output_musd": [37_000.0]})
    >>> output_change_figure(table).data[0].x
    (-2.8,)
    """
    return as_figure(plain_output_change_figure(sectors, language=language))


def plain_output_change_figure(sectors: pl.DataFrame, *, language: Language | None = None) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    labels = sectors["label"].to_list()
    values = sectors["output_change"].to_list()
    spoken = [signed_percent(value, say) for value in values]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [percent(value) for value in values],
        "y": list(range(len(labels))),
        "marker": {"color": [_GAIN if (value or 0) > 0 else _LOSS for value in values]},
        "text": spoken,
        "textposition": "outside",
        "textfont": {"size": 10.5, "color": INK},
        "cliponaxis": False,
        "customdata": [
            plain(f"{label}: {text}, {say.say('figure.of_output', value=say.money(output * 1000))}")
            for label, text, output in zip(labels, spoken, sectors["output_musd"], strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "showlegend": False,
    }
    largest = max((abs(value) * 100 for value in values if value is not None), default=0.01) or 0.01
    low = largest if any((value or 0) < 0 for value in values) else 0.05 * largest
    high = largest if any((value or 0) > 0 for value in values) else 0.05 * largest
    return plain_figure(
        [bars],
        say,
        height=66 + 22 * max(len(labels), 1),
        bargap=0.3,
        shapes=[ZERO_UPRIGHT],
        # room for the numbers beside the bars
        xaxis=zero_axis(
            say.say("figure.output_percent"), range=[round(-low * 1.28, 4), round(high * 1.28, 4)]
        ),
        yaxis=_row_axis(labels),
        margin={"l": 190, "r": 14, "t": 8, "b": 44},
    )


def price_grid_figure(
    values: Sequence[Sequence[float | None]],
    labels: Sequence[str],
    scenarios: Sequence[str],
    *,
    language: Language | None = None,
) -> go.Figure:
    """Draw a heat map of changes of prices: product groups by scenarios, with colours around no change.

    Parameters
    ----------
    values : sequence of sequence of float
        Fractions: a row a product group, a column a scenario; none where not known.
    labels, scenarios : sequence of str
        Of the rows and of the columns.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> figure = price_grid_figure([[0.03, None]], ["Electrical equipment"], ["Tariffs", "Denial"])
    >>> figure.data[0].z, figure.data[0].zmin
    (([3.0, None],), -3.0)
    """
    return as_figure(plain_price_grid_figure(values, labels, scenarios, language=language))


def plain_price_grid_figure(
    values: Sequence[Sequence[float | None]],
    labels: Sequence[str],
    scenarios: Sequence[str],
    *,
    language: Language | None = None,
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    drawn = [[percent(value, 3) for value in row] for row in values]
    largest = max((abs(value) for row in drawn for value in row if value is not None), default=0.0) or 0.01
    last = len(DIVERGING) - 1
    # the darkest shades would hide the numbers
    shades = [colour for place, colour in enumerate(reversed(DIVERGING)) if 1 <= place <= last - 1]
    heads = [wrapped(name, 15) for name in scenarios]
    grid = {
        "type": "heatmap",
        "x": heads,
        "y": list(range(len(labels))),
        "z": drawn,
        "zmin": -largest,
        "zmax": largest,
        "colorscale": [[round(place / (len(shades) - 1), 4), colour] for place, colour in enumerate(shades)],
        "text": [[signed_percent(value, say) for value in row] for row in values],
        "texttemplate": "%{text}",
        "textfont": {"size": 10.5},
        "customdata": [[plain(label)] * len(scenarios) for label in labels],
        "hovertemplate": "%{customdata}: %{text}<extra></extra>",
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
    }
    deepest = max((name.count("<br>") + 1 for name in heads), default=1)
    axis = {**_row_axis(labels), "range": [len(labels) - 0.5, -0.5]}
    return plain_figure(
        [grid],
        say,
        height=40 + 14 * deepest + 22 * max(len(labels), 1),
        xaxis={"side": "top", "showgrid": False, "ticks": "", "tickangle": 0, "type": "category",
               "tickfont": {"size": 10.5}},
        yaxis=axis,
        margin={"l": 190, "r": 8, "t": 22 + 14 * deepest, "b": 8},
    )  # fmt: skip


def narrow_price_grid(figure: PlainFigure, scenarios: Sequence[str]) -> PlainFigure:
    """Give the heat map as it is drawn on a narrow screen: columns by number, explained above."""
    (grid,) = figure["data"]
    numbers = [str(number) for number in range(1, len(scenarios) + 1)]
    lines = [
        line
        for number, name in zip(numbers, scenarios, strict=True)
        for line in f"{number} {wrapped(name, 52)}".split("<br>")
    ]
    top = 44 + 13 * len(lines)
    rows = figure["layout"]["yaxis"]
    layout = {
        **figure["layout"],
        "height": 22 * len(grid["y"]) + top + 8,
        "yaxis": {**rows, "tickfont": {"size": 9.5}},
        "margin": {"l": 108, "r": 4, "t": top, "b": 8},
        "title": {
            "text": "<br>".join(lines), "x": 0, "xref": "container", "y": 1, "yref": "container",
            "xanchor": "left", "yanchor": "top", "pad": {"t": 16}, "font": {"size": 10},
        },
    }  # fmt: skip
    return {"data": [{**grid, "x": numbers, "textfont": {"size": 8}}], "layout": layout}


def narrow_output(figure: PlainFigure, title: str) -> PlainFigure:
    """Give the changes of output as they are drawn on a narrow screen: without numbers beside the bars."""
    narrow = narrow_rows(figure, title)
    (bars,) = narrow["data"]
    return {**narrow, "data": [{**bars, "textposition": "none"}]}


def _row_axis(labels: Sequence[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": [plain(short_name(label, _LABEL)) for label in labels],
        "range": [len(labels) - 0.4, -0.6],
        "automargin": True,
        "showgrid": False,
        "ticks": "",
    }


def _mark(symbol: str, colour: str) -> Mapping[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "cliponaxis": False,
        "marker": {"symbol": symbol, "size": 9, "color": colour, "line": {"width": 1.6, "color": colour}},
    }


def _series(
    name: str,
    values: Sequence[float | None],
    labels: Sequence[str],
    say: Language,
    look: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        **look,
        "x": [percent(value) for value in values],
        "y": list(range(len(labels))),
        "name": plain(name),
        "customdata": [
            plain(f"{label}: {signed_percent(value, say)}")
            for label, value in zip(labels, values, strict=True)
        ],
        "hovertemplate": f"%{{customdata}}<extra>{plain(name)}</extra>",
    }


def _loss(value: float | None) -> float | None:
    return None if value is None else -value
