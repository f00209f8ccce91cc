"""Small figures of one product: its suppliers over time, its indicators against their thresholds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import (
    ACCENT,
    GRID,
    MUTED,
    PlainFigure,
    as_figure,
    plain_figure,
    upright_line,
)
from geomonitor.report.language import OTHER, Language, short_name

__all__ = [
    "indicator_figure",
    "plain_indicator_figure",
    "plain_supplier_shares_figure",
    "supplier_shares_figure",
]

_OTHER_COLOUR = "#D5D8DC"
_GREYS = ("#7B8794", "#9AA5B1", "#B8C1CA")

# thresholds away from zero at which an indicator is drawn at the edge, with an arrow
_EDGE = 3.0


def supplier_shares_figure(
    suppliers: pl.DataFrame, *, colours: Mapping[str, str], language: Language | None = None
) -> go.Figure:
    """Draw the shares of one product's suppliers over the years as stacked areas.

    Parameters
    ----------
    suppliers : polars.DataFrame
        `year`, `supplier`, `share`; the rest of the suppliers as ``OTHER``.
    colours : mapping of str to str
        Colour by supplier; the largest others get shades of grey.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"year": [2020, 2021], "supplier": ["CHN"] * 2, "share": [0.6, 0.8]})
    >>> supplier_shares_figure(table, colours={"CHN": "#332288"}).data[0].y
    (60.0, 80.0)
    """
    return as_figure(plain_supplier_shares_figure(suppliers, colours=colours, language=language))


def plain_supplier_shares_figure(
    suppliers: pl.DataFrame, *, colours: Mapping[str, str], language: Language | None = None
) -> PlainFigure:
    """Make the same figure as plain data, for pages that are made while somebody waits."""
    say = language or Language("en")
    years = sorted(suppliers["year"].unique().to_list())
    shown = shown_suppliers(suppliers)
    traces: list[dict[str, Any]] = []
    greys = iter(_GREYS)
    for supplier in shown:
        if supplier == OTHER:
            part = suppliers.filter(~pl.col("supplier").is_in([code for code in shown if code != OTHER]))
        else:
            part = suppliers.filter(pl.col("supplier") == supplier)
        by_year = dict(part.group_by("year").agg(pl.col("share").sum()).iter_rows())
        colour = colours.get(supplier) or next(greys, _OTHER_COLOUR)
        if supplier == OTHER:
            colour = _OTHER_COLOUR
        name = short_name(say.economy(supplier), 22)
        traces.append(
            {
                "type": "scatter",
                "x": years,
                "y": [100 * by_year.get(year, 0.0) for year in years],
                "name": name,
                "mode": "lines",
                "stackgroup": "one",
                "line": {"width": 0.5, "color": "#FFFFFF"},
                "fillcolor": colour,
                "hovertemplate": f"%{{x}}: %{{y:.0f}}%<extra>{name}</extra>",
            }
        )
    return plain_figure(
        traces,
        say,
        height=210,
        xaxis={"nticks": 4, "tickangle": 0, "range": [years[0], years[-1]], "showgrid": False},
        yaxis={"range": [0, 100], "ticksuffix": "%", "dtick": 25},
        legend={"orientation": "v", "x": 1.02, "y": 1, "traceorder": "normal", "font": {"size": 11}},
        margin={"l": 40, "r": 8, "t": 8, "b": 26},
    )


def shown_suppliers(suppliers: pl.DataFrame, number: int = 5) -> list[str]:
    """Choose a product's largest suppliers over all years, by value where known, the rest last."""
    weight = "value_kusd" if "value_kusd" in suppliers.columns else "share"
    ranked = (
        suppliers.filter(pl.col("supplier") != OTHER)
        .group_by("supplier")
        .agg(pl.col(weight).sum())
        .sort([weight, "supplier"], descending=[True, False])["supplier"]
        .to_list()
    )
    rest = len(ranked) > number or OTHER in suppliers["supplier"]
    return [*ranked[:number], *([OTHER] if rest else [])]


def indicator_figure(
    row: Mapping[str, Any],
    conditions: Sequence[Sequence[Any]],
    *,
    language: Language | None = None,
) -> go.Figure:
    """Draw one product's indicators as multiples of their thresholds; right of the line is beyond.

    Parameters
    ----------
    row : mapping
        The product's indicators by name.
    conditions : sequence of (indicator, operator, threshold)
        The method's tests.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> figure = indicator_figure({"import_concentration": 0.6}, [["import_concentration", ">", 0.4]])
    >>> [round(x, 3) for x in figure.data[0].x]
    [1.5]
    """
    return as_figure(plain_indicator_figure(row, conditions, language=language))


def plain_indicator_figure(
    row: Mapping[str, Any],
    conditions: Sequence[Sequence[Any]],
    *,
    language: Language | None = None,
) -> PlainFigure:
    """Make the same figure as plain data, for pages that are made while somebody waits."""
    say = language or Language("en")
    labels, places, texts, marks, colours = [], [], [], [], []
    for name, operator, threshold in conditions:
        value = indicator_value(row, name)
        labels.append(_wrapped(say.indicator(name)))
        if value is None or math.isnan(value):
            places.append(0.0)
            marks.append("x-thin-open")
            colours.append(MUTED)
            texts.append(say.say("word.unknown"))
            continue
        multiple = value / threshold
        beyond = multiple > 1 if operator == ">" else multiple >= 1
        places.append(min(multiple, _EDGE))
        marks.append("triangle-right" if multiple > _EDGE else "circle")
        colours.append(ACCENT if beyond else MUTED)
        shown = say.number(value, 2 if value < 100 else 0)
        limit = say.number(threshold, 2 if threshold < 100 else 0)
        texts.append(f"<b>{shown}</b> {'>' if operator == '>' else '≥'} {limit}")
        if not beyond:
            texts[-1] = f"<b>{shown}</b> {'≤' if operator == '>' else '<'} {limit}"
    trace = {
        "type": "scatter",
        "x": places,
        "y": labels,
        "mode": "markers",
        "marker": {"size": 13, "symbol": marks, "color": colours},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    stems = [
        {
            "type": "line",
            "x0": 0,
            "x1": place,
            "y0": label,
            "y1": label,
            "line": {"color": "#9AA5B1", "width": 3},
            "layer": "below",
        }
        for place, label in zip(places, labels, strict=True)
    ]
    at_threshold = upright_line(1, color="#B03A2E", width=1.5, dash="dot")
    values = [
        {
            "x": 1,
            "xref": "paper",
            "y": label,
            "text": text,
            "showarrow": False,
            "xanchor": "right",
            "font": {"size": 11},
        }
        for label, text in zip(labels, texts, strict=True)
    ]
    return plain_figure(
        [trace],
        say,
        height=74 + 46 * len(labels),
        showlegend=False,
        shapes=[*stems, {**at_threshold, "xref": "x", "layer": "below"}],
        annotations=values,
        xaxis={
            "range": [0, _EDGE * 1.75],
            "tickvals": [0, 1, 2, 3],
            "ticktext": ["0", "1", "2", "3"],
            "tickangle": 0,
            "title": {"text": f"× {say.say('figure.threshold')}", "font": {"size": 11}, "standoff": 4},
            "gridcolor": GRID,
        },
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False, "tickfont": {"size": 11}},
        margin={"l": 128, "r": 2, "t": 6, "b": 42},
    )


def indicator_value(row: Mapping[str, Any], name: str) -> float | None:
    """Take an indicator from a row; imports for use at home by their lower bound."""
    value = row.get("domestic_use_lower_kusd" if name == "domestic_use_kusd" else name)
    return None if value is None else float(value)


def _wrapped(label: str, width: int = 20) -> str:
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)
