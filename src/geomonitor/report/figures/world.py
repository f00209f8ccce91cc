"""World maps of suppliers."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import PlainFigure, as_figure, plain, plain_figure, styled
from geomonitor.report.language import OTHER, Language

__all__ = [
    "base_map",
    "narrow_map",
    "not_on_the_map",
    "plain_supplier_share_map_figure",
    "supplier_map_figure",
    "supplier_share_map_figure",
    "world_layout",
]

_SHADES = ("#C6DBEF", "#9ECAE1", "#6BAED6", "#3182BD", "#08519C", "#08306B")
_LAND = "#F2F2EE"
_HOME = "#E8D5A9"
# where the shades of shares begin, percent
_EDGES = (0, 5, 15, 30, 45, 65)
_COLOUR_BAR = {
    "orientation": "h",
    "thickness": 10,
    "len": 0.36,
    "x": 0.0,
    "xanchor": "left",
    "y": -0.02,
    "yanchor": "top",
    "outlinewidth": 0,
}


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
        figure.add_trace(_home(home, say))
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
            **_COLOUR_BAR,
            **({"tickvals": ticks} if ticks else {"nticks": 6}),
        },
    )
    return styled(figure, say, **_WORLD)


def supplier_share_map_figure(
    suppliers: pl.DataFrame, *, home: Sequence[str] = (), language: Language | None = None
) -> go.Figure:
    """Draw a world map of the suppliers of one material or product, by their share.

    The shades are the same whatever is drawn, so that maps can be compared; the darkest begins at 65 %,
    the benchmark of the Critical Raw Materials Act for one third country.

    Parameters
    ----------
    suppliers : polars.DataFrame
        `supplier` and `share` (between 0 and 1).
    home : sequence of str
        Economies that count as home, drawn in another colour where they are no supplier.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"supplier": ["CHN", "VNM"], "share": [0.82, 0.06]})
    >>> supplier_share_map_figure(table, home=["NLD"]).data[1].z
    (82.0, 6.0)
    """
    return as_figure(plain_supplier_share_map_figure(suppliers, home=home, language=language))


def plain_supplier_share_map_figure(
    suppliers: pl.DataFrame, *, home: Sequence[str] = (), language: Language | None = None
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    drawn = suppliers.filter(pl.col("supplier") != OTHER, pl.col("share").is_not_null())
    codes = drawn["supplier"].to_list()
    shares = {
        "type": "choropleth",
        "locations": codes,
        "z": [round(share * 100, 1) for share in drawn["share"]],
        "zmin": 0,
        "zmax": 100,
        "colorscale": [
            [edge / 100, shade]
            for low, high, shade in zip(_EDGES, (*_EDGES[1:], 100), _SHADES, strict=True)
            for edge in (low, high)
        ],
        "text": [plain(say.economy(code)) for code in codes],
        "hovertemplate": "%{text}: %{z:.1f}%<extra></extra>",
        "marker": {"line": {"color": "#FFFFFF", "width": 0.5}},
        "colorbar": {
            "title": {"text": say.say("figure.share_of_supply"), "side": "top"},
            **_COLOUR_BAR,
            "len": 0.5,
            "tickvals": list(_EDGES[1:]),
            "ticktext": [f"{edge}%" for edge in _EDGES[1:]],
            "tickangle": 0,
        },
    }
    known = set(codes)
    traces = [_home([code for code in home if code not in known], say), shares]
    return plain_figure(traces, say, **_WORLD)


def _home(home: Sequence[str], say: Language) -> dict[str, Any]:
    return {
        "type": "choropleth",
        "locations": list(home),
        "z": [1] * len(home),
        "colorscale": [[0, _HOME], [1, _HOME]],
        "showscale": False,
        "text": [plain(say.economy(code)) for code in home],
        "hovertemplate": f"%{{text}}<extra>{say.say('figure.home')}</extra>",
        "marker": {"line": {"color": "#FFFFFF", "width": 0.4}},
    }


def narrow_map(figure: PlainFigure) -> PlainFigure:
    """Give a map of shares as it is drawn on a narrow screen."""
    home, shares = figure["data"]
    bar = {**shares["colorbar"], "len": 0.96}
    layout = {**figure["layout"], "height": 250}
    return {"data": [home, {**shares, "colorbar": bar}], "layout": layout}


def world_layout() -> dict[str, Any]:
    """Give the layout of a world map, to be changed at will."""
    return copy.deepcopy(_WORLD)


_WORLD: dict[str, Any] = {
    "height": 440,
    "margin": {"l": 0, "r": 0, "t": 0, "b": 56},
    "geo": {
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
    "dragmode": False,
}
