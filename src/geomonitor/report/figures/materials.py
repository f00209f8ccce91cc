"""One raw material: what each factor does to its supply risk, and how concentrated its supply was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.stages import STAGE_COLOURS
from geomonitor.report.figures.style import (
    ACCENT,
    GRID,
    PlainFigure,
    as_figure,
    plain,
    plain_figure,
)
from geomonitor.report.language import Language

__all__ = [
    "concentration_history_figure",
    "factor_contributions_figure",
    "narrow_factors",
    "plain_concentration_history_figure",
    "plain_factor_contributions_figure",
]

_DASHES = ("solid", "dot", "dash", "dashdot", "longdash")
_WARN = "#B03A2E"


def factor_contributions_figure(
    factors: pl.DataFrame,
    risk: float | None,
    *,
    low: float | None = None,
    high: float | None = None,
    threshold: float = 1.0,
    language: Language | None = None,
) -> go.Figure:
    """Draw a supply risk as it is, and as it would be with each factor at 1.

    Parameters
    ----------
    factors : polars.DataFrame
        One importer, material and stage: `factor`, `value`, `supply_risk_if_neutral`; null where not known.
    risk : float or None
        The supply risk; none where it is not known, or between its bounds only.
    low, high : float, optional
        Its bounds.
    threshold : float
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"factor": ["recycling"], "value": [0.42], "supply_risk_if_neutral": [2.0]})
    >>> figure = factor_contributions_figure(table, 1.16, low=1.0, high=1.3)
    >>> figure.data[0].x
    (1.16, 2.0)
    """
    return as_figure(
        plain_factor_contributions_figure(
            factors, risk, low=low, high=high, threshold=threshold, language=language
        )
    )


def plain_factor_contributions_figure(
    factors: pl.DataFrame,
    risk: float | None,
    *,
    low: float | None = None,
    high: float | None = None,
    threshold: float = 1.0,
    language: Language | None = None,
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    rows = list(factors.iter_rows(named=True))
    values: list[float | None] = [None if risk is None else round(risk, 3)]
    labels = [f"<b>{say.say('figure.as_measured')}</b>"]
    for row in rows:
        after = row["supply_risk_if_neutral"]
        values.append(None if after is None else round(after, 3))
        labels.append(
            _wrapped(_capital(say.say("figure.if_neutral", factor=say.say(f"factor.{row['factor']}"))))
        )
    places = list(range(len(values)))
    most = max([threshold, *(value for value in (high, *values) if value is not None)]) * 1.5
    return plain_figure(
        [
            {
                "type": "bar",
                "x": [value or 0.0 for value in values],
                "y": places,
                "orientation": "h",
                "marker": {"color": [ACCENT, *["#9DB9CC"] * len(rows)]},
                "text": [
                    _risk_text(risk, None, say),
                    *(_risk_text(row["supply_risk_if_neutral"], risk, say) for row in rows),
                ],
                # inside, so that the bar of the bounds does not run through it
                "textposition": ["auto", *["outside"] * len(rows)],
                "insidetextanchor": "start",
                "cliponaxis": False,
                "hoverinfo": "skip",
                "showlegend": False,
            },
            {
                "type": "scatter",
                "x": [None if low is None else round(low, 3), None if high is None else round(high, 3)],
                "y": [0, 0],
                "mode": "lines+markers",
                "marker": {"symbol": "line-ns-open", "size": 12, "color": "#C77C02", "line": {"width": 2.5}},
                "line": {"color": "#C77C02", "width": 2.5},
                "hoverinfo": "skip",
                "showlegend": False,
            },
            {
                "type": "scatter",
                "x": [values[0]] * 2,
                "y": [-0.5, len(values) - 0.5],
                "mode": "lines",
                "line": {"color": "#7B8794", "width": 1},
                "hoverinfo": "skip",
                "showlegend": False,
            },
        ],
        say,
        height=70 + 36 * len(values),
        bargap=0.3,
        shapes=[
            {
                "type": "line",
                "x0": threshold,
                "x1": threshold,
                "y0": -0.5,
                "y1": len(values) - 0.5,
                "line": {"color": _WARN, "width": 1.3, "dash": "dot"},
                # over the grid, under bars and numbers
                "layer": "between",
            }
        ],
        xaxis={"title": {"text": say.say("figure.supply_risk")}, "range": [0, round(most, 2)], "nticks": 7},
        yaxis={
            "tickvals": places,
            "ticktext": labels,
            "range": [len(values) - 0.5, -0.5],
            "automargin": True,
            "showgrid": False,
            "ticks": "",
        },
        margin={"l": 170, "r": 12, "t": 10, "b": 44},
    )


def narrow_factors(figure: PlainFigure) -> PlainFigure:
    """Give a figure of factors as it is drawn on a narrow screen."""
    bars, *rest = figure["data"]
    axis = {**figure["layout"]["yaxis"], "tickfont": {"size": 10}}
    layout = {**figure["layout"], "yaxis": axis, "margin": {**figure["layout"]["margin"], "l": 100}}
    return {"data": [{**bars, "textfont": {"size": 10}}, *rest], "layout": layout}


def _risk_text(value: float | None, risk: float | None, say: Language) -> str:
    """Write a supply risk, and how far it is from what it really is."""
    if value is None:
        return say.say("word.unknown")
    if risk is None:
        return f"<b>{say.number(value, 2)}</b>"
    change = value - risk
    return f"{say.number(value, 2)} ({'+' if change > 0.005 else ''}{say.number(change, 2)})"


def concentration_history_figure(
    history: pl.DataFrame,
    scopes: Mapping[str, str],
    *,
    years: tuple[int, int] | None = None,
    language: Language | None = None,
) -> go.Figure:
    """Draw the concentration of one material's supply over the years, by stage and by whose supply.

    Parameters
    ----------
    history : polars.DataFrame
        `stage`, `scope`, `year`, `concentration` (between 0 and 1), `main_supplier`,
        `main_supplier_share` (between 0 and 1).
    scopes : mapping of str to str
        Name of every scope that is drawn, by its value in the table; each has a line style.
    years : tuple of int, optional
        First and last year of the axis.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"stage": ["extraction"] * 2, "scope": ["world exports"] * 2,
    ...     "year": [2023, 2024], "concentration": [0.4, 0.5], "main_supplier": ["COD"] * 2,
    ...     "main_supplier_share": [0.6, 0.7]})
    >>> figure = concentration_history_figure(table, {"world exports": "world exports"})
    >>> [(trace.name, trace.y, trace.visible) for trace in figure.data]
    [('Extraction, world exports', (0.4, 0.5), True), ('Processing, world exports', (), False)]
    """
    return as_figure(plain_concentration_history_figure(history, scopes, years=years, language=language))


def plain_concentration_history_figure(
    history: pl.DataFrame,
    scopes: Mapping[str, str],
    *,
    years: tuple[int, int] | None = None,
    language: Language | None = None,
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    drawn = history["year"].to_list() or [0]
    first, last = years or (min(drawn), max(drawn))
    parts = history.partition_by("stage", "scope", as_dict=True)
    traces: list[dict[str, Any]] = []
    for stage in STAGE_COLOURS:
        for scope, dash in zip(scopes, _DASHES, strict=False):
            part = parts.get((stage, scope), history.clear())
            known = {
                year: (round(value, 3), code, share)
                for year, value, code, share in part.select(
                    "year", "concentration", "main_supplier", "main_supplier_share"
                ).iter_rows()
                if value is not None
            }
            rows = [known.get(year, (None, None, None)) for year in range(first, last + 1)]
            traces.append(
                {
                    "type": "scatter",
                    "x0": first,
                    "dx": 1,
                    "y": [value for value, _, _ in rows] if known else [],
                    "name": plain(f"{_capital(say.say(f'stage.{stage}'))}, {scopes[scope]}"),
                    "mode": "lines",
                    "line": {"color": STAGE_COLOURS[stage], "dash": dash, "width": 2.2},
                    "customdata": [
                        plain(f"{say.economy(code)} {say.share(share)}") if code else ""
                        for _, code, share in rows
                    ]
                    if known
                    else [],
                    "hovertemplate": "%{x}: %{y:.2f}, %{customdata}",
                    "visible": bool(known),
                }
            )
    return plain_figure(
        traces,
        say,
        height=380,
        xaxis={"range": [first - 0.3, last + 0.5], "dtick": 5, "tick0": 1995, "tickangle": 0},
        yaxis={
            "range": [0, 1.02],
            "title": {"text": say.say("figure.concentration_short")},
            "gridcolor": GRID,
        },
        legend={"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top", "traceorder": "normal"},
        margin={"l": 50, "r": 12, "t": 10, "b": 96},
    )


def _wrapped(text: str, width: int = 20) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(plain(line) for line in lines)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
