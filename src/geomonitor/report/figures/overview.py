"""Figures over all products: counts over the years, value by supplier, products by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import ACCENT, GRID, PALE, PlainFigure, as_figure, plain_figure, styled
from geomonitor.report.language import OTHER, Language

__all__ = [
    "dependent_count_figure",
    "plain_verdict_years_figure",
    "supplier_value_figure",
    "verdict_years_figure",
]

_OTHER_COLOUR = "#BBBBBB"
_OPEN_COLOUR = "#F3E3B3"


def dependent_count_figure(
    history: pl.DataFrame,
    churn: pl.DataFrame,
    *,
    colours: Mapping[str, str],
    language: Language | None = None,
) -> go.Figure:
    """Draw the number of dependent products a year by main supplier, with what came and went below.

    Parameters
    ----------
    history : polars.DataFrame
        One importer's verdicts of single years: `year`, `dependent`, `main_supplier`.
    churn : polars.DataFrame
        `year`, `came`, `went`.
    colours : mapping of str to str
        Colour by supplier; suppliers without one are added up.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> history = pl.DataFrame({"year": [2020, 2021], "dependent": [True, True],
    ...     "main_supplier": ["CHN"] * 2})
    >>> churn = pl.DataFrame({"year": [2021], "came": [0], "went": [0]})
    >>> [trace.name for trace in dependent_count_figure(history, churn, colours={"CHN": "#332288"}).data]
    ['China', 'New', 'No longer']
    """
    say = language or Language("en")
    counted = counts_by_supplier(history, colours)
    years = sorted(history["year"].unique().to_list())
    figure = go.Figure()
    for supplier in [*colours, OTHER]:
        part = counted.filter(pl.col("supplier") == supplier)
        if part.is_empty():
            continue
        by_year = dict(part.select("year", "count").iter_rows())
        name = say.economy(supplier)
        figure.add_bar(
            x=years,
            y=[by_year.get(year, 0) for year in years],
            name=name,
            marker={
                "color": colours.get(supplier, _OTHER_COLOUR),
                "line": {"color": "#FFFFFF", "width": 0.5},
            },
            hovertemplate=f"%{{x}}: %{{y}}<extra>{_plain(name)}</extra>",
        )
    known = churn.filter(pl.col("came").is_not_null()).sort("year")
    for key, column, sign, colour in (("came", "came", 1, ACCENT), ("went", "went", -1, "#9AA5B1")):
        values = known[column].to_list()
        figure.add_bar(
            x=known["year"].to_list(),
            y=[sign * value for value in values],
            customdata=values,
            name=say.say(f"figure.{key}"),
            marker={"color": colour},
            yaxis="y2",
            legend="legend2",
            hovertemplate=f"%{{x}}: %{{customdata}}<extra>{say.say(f'figure.{key}')}</extra>",
        )
    return styled(
        figure,
        say,
        height=430,
        barmode="relative",
        bargap=0.12,
        xaxis={"anchor": "y2", "dtick": 5, "tick0": 1995, "range": [years[0] - 0.6, years[-1] + 0.6]},
        yaxis={"domain": [0.36, 1], "title": {"text": say.say("figure.products")}, "rangemode": "tozero"},
        yaxis2={"domain": [0, 0.2], "title": {"text": say.say("figure.change")}, "nticks": 5},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        legend2={"orientation": "h", "x": 0, "y": 0.21, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 52, "r": 8, "t": 8, "b": 28},
    )


def counts_by_supplier(history: pl.DataFrame, colours: Mapping[str, str]) -> pl.DataFrame:
    """Count dependent products by year and main supplier; suppliers without a colour are added up."""
    return (
        history.filter(pl.col("dependent").fill_null(value=False))
        .with_columns(
            supplier=pl.when(pl.col("main_supplier").is_in(list(colours)))
            .then(pl.col("main_supplier"))
            .otherwise(pl.lit(OTHER))
        )
        .group_by("year", "supplier")
        .agg(count=pl.len())
        .sort("year", "supplier")
    )


def supplier_value_figure(
    values: pl.DataFrame, *, bars: int = 12, years_in_period: int = 1, language: Language | None = None
) -> go.Figure:
    """Draw import value by main supplier: dependent products on the left, the others on the right.

    The halves have scales of their own: a few large energy flows would hide the dependent products.

    Parameters
    ----------
    values : polars.DataFrame
        `supplier`, `dependent_kusd`, `open_kusd`, `other_kusd`: sums over the period.
    bars : int
        Suppliers drawn in each half, the largest.
    years_in_period : int
        To give values a year.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> values = pl.DataFrame({"supplier": ["CHN"], "dependent_kusd": [2e6], "open_kusd": [0.0],
    ...     "other_kusd": [1e6]})
    >>> supplier_value_figure(values).data[0].x
    (2000.0,)
    """
    say = language or Language("en")
    figure = go.Figure()
    rows = 1
    halves = (
        ("", "page.dependent_part", (("dependent_kusd", "verdict.dependent", ACCENT),)),
        (
            "2",
            "page.other_part",
            (("open_kusd", "verdict.open", "#D9B44A"), ("other_kusd", "verdict.not", "#9AA5B1")),
        ),
    )
    for axis, title, parts in halves:
        total = pl.sum_horizontal(*(column for column, _, _ in parts))
        drawn = values.filter(total > 0).sort([total, "supplier"], descending=[True, False]).head(bars)
        rows = max(rows, drawn.height)
        names = [_plain(say.economy(code)) for code in drawn["supplier"]]
        for column, key, colour in parts:
            amounts = [value / 1000 / years_in_period for value in drawn[column]]
            if sum(amounts) == 0:
                continue
            figure.add_bar(
                y=names,
                x=amounts,
                orientation="h",
                name=_capital(say.say(key)),
                marker={"color": colour},
                xaxis=f"x{axis}",
                yaxis=f"y{axis}",
                customdata=[say.number(amount, 1) for amount in amounts],
                hovertemplate=(
                    f"%{{y}}: %{{customdata}} {say.say('figure.musd_a_year')}<extra>{say.say(key)}</extra>"
                ),
            )
        whole = float(values.select(total.sum()).item()) / years_in_period
        figure.add_annotation(
            text=f"<b>{say.say(title, value=say.money(whole))}</b>",
            x=0.0 if not axis else 0.58,
            y=1.0,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
        )
    horizontal = {
        "title": {"text": say.say("figure.musd_a_year")},
        "rangemode": "tozero",
        "nticks": 4,
        "tickformat": ",d",
        "tickangle": 0,
    }
    # both halves have room for as many bars, so that bars are equally thick
    vertical = {"range": [rows - 0.5, -0.5], "ticks": "", "showgrid": False}
    return styled(
        figure,
        say,
        height=96 + 23 * rows,
        barmode="stack",
        bargap=0.25,
        showlegend=any(trace.name == _capital(say.say("verdict.open")) for trace in figure.data),
        xaxis={**horizontal, "domain": [0.0, 0.4], "anchor": "y"},
        xaxis2={**horizontal, "domain": [0.58, 1.0], "anchor": "y2"},
        yaxis=vertical,
        yaxis2={**vertical, "anchor": "x2"},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 0, "yanchor": "bottom"},
        margin={"l": 118, "r": 14, "t": 26, "b": 44},
    )


def verdict_years_figure(
    history: pl.DataFrame,
    products: Mapping[str, str],
    *,
    colours: Mapping[str, str],
    language: Language | None = None,
) -> go.Figure:
    """Draw products by year: the colour of a dependent year is that of the main supplier.

    Parameters
    ----------
    history : polars.DataFrame
        One importer's verdicts: `year`, `product`, `dependent`, `main_supplier`.
    products : mapping of str to str
        Label by product, in the order of the rows.
    colours : mapping of str to str
        Colour by supplier; suppliers without one are grey.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> history = pl.DataFrame({"year": [2020, 2021], "product": ["810600"] * 2, "dependent": [True, False],
    ...     "main_supplier": ["CHN"] * 2})
    >>> verdict_years_figure(history, {"810600": "Bismuth"}, colours={"CHN": "#332288"}).data[0].z
    ([2, 0],)
    """
    return as_figure(plain_verdict_years_figure(history, products, colours=colours, language=language))


def plain_verdict_years_figure(
    history: pl.DataFrame,
    products: Mapping[str, str],
    *,
    colours: Mapping[str, str],
    language: Language | None = None,
) -> PlainFigure:
    """Make the same figure as plain data, for pages that are made while somebody waits."""
    say = language or Language("en")
    years = sorted(history["year"].unique().to_list())
    suppliers = [*colours, OTHER]
    scale: list[tuple[str, str]] = [
        (say.say("verdict.not"), PALE),
        (say.say("verdict.open"), _OPEN_COLOUR),
        *[(say.economy(code), colours.get(code, _OTHER_COLOUR)) for code in suppliers],
    ]
    step = {code: place + 2 for place, code in enumerate(suppliers)}
    cells: dict[tuple[str, int], tuple[int, str]] = {}
    for row in history.select("product", "year", "dependent", "main_supplier").iter_rows():
        product, year, dependent, supplier = row
        if product not in products:
            continue
        level = 1 if dependent is None else step.get(supplier, step[OTHER]) if dependent else 0
        cells[product, year] = (level, f"{say.verdict(dependent)}, {_plain(say.economy(supplier))}")
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": years,
            "y": [f"{_plain(label)} · {code}" for code, label in products.items()],
            "z": [
                [cells[code, year][0] if (code, year) in cells else None for year in years]
                for code in products
            ],
            "text": [
                [cells[code, year][1] if (code, year) in cells else "" for year in years] for code in products
            ],
            "hovertemplate": "%{y}<br>%{x}: %{text}<extra></extra>",
            "colorscale": _steps([colour for _, colour in scale]),
            "zmin": -0.5,
            "zmax": len(scale) - 0.5,
            "showscale": False,
            "xgap": 1,
            "ygap": 1,
        }
    ]
    used = {level for level, _ in cells.values()}
    for level, (name, colour) in enumerate(scale):
        if level in used or level == 0:
            traces.append(
                {
                    "type": "scatter",
                    "x": [None],
                    "y": [None],
                    "mode": "markers",
                    "name": _capital(_plain(name)),
                    "marker": {
                        "symbol": "square",
                        "size": 11,
                        "color": colour,
                        "line": {"color": GRID, "width": 1},
                    },
                }
            )
    return plain_figure(
        traces,
        say,
        height=90 + 19 * max(len(products), 1),
        xaxis={"dtick": 5, "tick0": 1995, "side": "top", "showgrid": False, "ticks": ""},
        yaxis={
            "autorange": "reversed",
            "type": "category",
            "showgrid": False,
            "ticks": "",
            "tickfont": {"size": 11},
            "automargin": True,
        },
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
        },
        margin={"l": 290, "r": 8, "t": 26, "b": 56},
    )


def _steps(colours: list[str]) -> list[list[Any]]:
    """Make a colour scale of even steps."""
    size = 1 / len(colours)
    return [
        [min(max(edge, 0.0), 1.0), colour]
        for place, colour in enumerate(colours)
        for edge in (place * size, (place + 1) * size)
    ]


def _plain(text: str) -> str:
    """Keep text from being read as markup by Plotly."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
