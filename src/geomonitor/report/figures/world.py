"""The world map of main suppliers."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import styled
from geomonitor.report.language import Language

__all__ = ["base_map", "not_on_the_map", "supplier_map_figure"]

_SHADES = ("#C6DBEF", "#9ECAE1", "#6BAED6", "#3182BD", "#08519C", "#08306B")
_LAND = "#F2F2EE"
_HOME = "#E8D5A9"


@functools.cache
def base_map() -> str:
    """Read the base map (TopoJSON) that goes into a page before the map is drawn."""
    file = Path(__file__).parents[1] / "static" / "world_110m.json"
    return file.read_text(encoding="utf-8")


@functools.cache
def _mapped() -> frozenset[str]:
    countries = json.loads(base_map())["objects"]["countries"]["geometries"]
    return frozenset(str(each["id"]) for each in countries if each.get("id"))


def not_on_the_map(codes: Iterable[str]) -> tuple[str, ...]:
    """Name the economies that the base map is too coarse to show.

    Examples
    --------
    >>> not_on_the_map(["CHN", "HKG"])
    ('HKG',)
    """
    return tuple(code for code in codes if code not in _mapped())


def supplier_map_figure(
    suppliers: pl.DataFrame, *, home: Sequence[str] = (), language: Language | None = None
) -> go.Figure:
    """Draw a world map of main suppliers, by the number of products.

    Parameters
    ----------
    suppliers : polars.DataFrame
        `supplier`, `products` (number of dependent products of which it is the main supplier) and
        `value_musd` (imports of those products, million dollars a year).
    home : sequence of str
        Economies that count as home, drawn in another colour.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"supplier": ["CHN"], "products": [3], "value_musd": [12.0]})
    >>> [trace.type for trace in supplier_map_figure(table, home=["NLD"]).data]
    ['choropleth', 'choropleth']
    """
    say = language or Language("en")
    figure = go.Figure()
    if home:
        figure.add_choropleth(
            locations=list(home),
            z=[1] * len(home),
            colorscale=[[0, _HOME], [1, _HOME]],
            showscale=False,
            text=[say.economy(code) for code in home],
            hovertemplate=f"%{{text}}<extra>{say.say('figure.home')}</extra>",
            marker={"line": {"color": "#FFFFFF", "width": 0.4}},
        )
    counts = suppliers["products"].to_list()
    most = max(counts, default=1)
    levels = min(most, len(_SHADES))
    shades = (_SHADES[3],) if levels == 1 else [_SHADES[round(i * 5 / (levels - 1))] for i in range(levels)]
    size = 1 / levels
    scale = [[edge, shades[i]] for i in range(levels) for edge in (i * size, min((i + 1) * size, 1.0))]
    ticks = list(range(1, most + 1)) if most <= len(_SHADES) else None
    figure.add_choropleth(
        locations=suppliers["supplier"].to_list(),
        z=counts,
        zmin=0.5,
        zmax=most + 0.5,
        colorscale=scale,
        text=[say.economy(code) for code in suppliers["supplier"]],
        customdata=[say.number(value, 1) for value in suppliers["value_musd"]],
        hovertemplate=(
            f"%{{text}}: %{{z}} {say.say('figure.products_lower')}<br>"
            f"%{{customdata}} {say.say('figure.musd_a_year')}<extra></extra>"
        ),
        marker={"line": {"color": "#FFFFFF", "width": 0.5}},
        colorbar={
            "title": {"text": say.say("figure.products"), "side": "top"},
            "orientation": "h",
            "thickness": 10,
            "len": 0.36,
            "x": 0.0,
            "xanchor": "left",
            "y": -0.02,
            "yanchor": "top",
            "outlinewidth": 0,
            **({"tickvals": ticks} if ticks else {"nticks": 6}),
        },
    )
    return styled(
        figure,
        say,
        height=440,
        margin={"l": 0, "r": 0, "t": 0, "b": 56},
        geo={
            "projection": {"type": "natural earth", "rotation": {"lon": 10}},
            "resolution": 110,
            "showland": True,
            "landcolor": _LAND,
            "showcountries": True,
            "countrycolor": "#D5D8DC",
            "countrywidth": 0.5,
            "showcoastlines": False,
            "showframe": False,
            "showocean": False,
            "showlakes": False,
            "lataxis": {"range": [-58, 84]},
        },
        dragmode=False,
    )
