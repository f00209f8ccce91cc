"""Exposure through suppliers' suppliers: who leans on whom, face value beside look-through, supply paths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import polars as pl

from geomonitor.data.input_output import sector_name
from geomonitor.report.figures.style import ACCENT, INK, styled
from geomonitor.report.language import Language

__all__ = ["exposure_map_figure", "exposure_ranking_figure", "node_name", "supply_paths_figure"]

_FACE = "#B9770E"
_ADDED = "#7B8794"
_OTHER_COLOUR = "#C9CED4"
# The first code of a node names its economy.
_NODE = re.compile(r"([A-Z0-9]+)_(\S+?)(?: \[\d+\])?")


def node_name(node: str, language: Language) -> str:
    """Name a node of an input-output table: economy and sector.

    Parameters
    ----------
    node : str
        Such as ``CHN_C26``, or ``CHN_C26 [2]`` two steps before the user.
    language : Language

    Examples
    --------
    >>> node_name("CHN_C26 [1]", Language("en"))
    'China: Computers and electronics'
    """
    found = _NODE.fullmatch(node)
    if found is None:
        return node
    return f"{language.economy(found[1])}: {sector_name(found[2], language.code)}"


def exposure_map_figure(
    exposure: pl.DataFrame,
    economies: Mapping[str, str],
    origins: Sequence[str],
    *,
    language: Language | None = None,
) -> go.Figure:
    """Draw a heat map: the part of all upstream purchases of each economy that comes from each origin.

    Parameters
    ----------
    exposure : polars.DataFrame
        `economy`, `origin`, `look_through_share` (between 0 and 1).
    economies : mapping of str to str
        Label by code, in the order of the rows.
    origins : sequence of str
        In the order of the columns.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"economy": ["NLD"], "origin": ["CHN"], "look_through_share": [0.05]})
    >>> exposure_map_figure(table, {"NLD": "Netherlands"}, ["CHN"]).data[0].z
    ([5.0],)
    """
    say = language or Language("en")
    known = {
        (economy, origin): share
        for economy, origin, share in exposure.select("economy", "origin", "look_through_share").iter_rows()
    }
    values = [[_percent(known.get((code, origin))) for origin in origins] for code in economies]
    figure = go.Figure()
    figure.add_heatmap(
        x=[_plain(say.economy(code)) for code in origins],
        y=[_plain(label) for label in economies.values()],
        z=values,
        texttemplate="%{z:.1f}",
        textfont={"size": 10.5},
        hovertemplate=f"%{{y}} ← %{{x}}: %{{z:.2f}}%<extra>{say.say('measure.look_through_share')}</extra>",
        colorscale=[[0, "#F4F7FA"], [0.35, "#A9C6DB"], [0.7, "#4F88AE"], [1, ACCENT]],
        zmin=0,
        showscale=False,
        xgap=1,
        ygap=1,
    )
    return styled(
        figure,
        say,
        height=110 + 20 * max(len(economies), 1),
        xaxis={"side": "top", "showgrid": False, "ticks": "", "tickangle": -45, "type": "category"},
        yaxis={
            "autorange": "reversed",
            "type": "category",
            "showgrid": False,
            "ticks": "",
            "automargin": True,
        },
        margin={"l": 130, "r": 52, "t": 92, "b": 8},
    )


def exposure_ranking_figure(
    exposure: pl.DataFrame, labels: Sequence[str], *, language: Language | None = None
) -> go.Figure:
    """Draw what a dependence seems at face value beside what it is when suppliers' suppliers count.

    Parameters
    ----------
    exposure : polars.DataFrame
        `face_value_share`, `look_through_share`, `value_added_share`, in the order of the rows.
    labels : sequence of str
        Of the rows.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"face_value_share": [0.03], "look_through_share": [0.05],
    ...     "value_added_share": [0.02]})
    >>> [trace.x for trace in exposure_ranking_figure(table, ["Machines"]).data]
    [(3.0, 5.0, None), (2.0,), (3.0,), (5.0,)]
    """
    say = language or Language("en")
    # rows by place, so that rows with the same label stay apart
    places = list(range(len(labels)))
    face = [_percent(value) for value in exposure["face_value_share"]]
    through = [_percent(value) for value in exposure["look_through_share"]]
    joined: list[float | None] = []
    rows: list[int | None] = []
    for place, start, end in zip(places, face, through, strict=True):
        joined += [start, end, None]
        rows += [place, place, None]
    figure = go.Figure()
    figure.add_scatter(
        x=joined,
        y=rows,
        mode="lines",
        line={"color": "#AEC4D4", "width": 4},
        hoverinfo="skip",
        showlegend=False,
    )
    drawn = (
        (
            "value_added_share",
            [_percent(value) for value in exposure["value_added_share"]],
            "diamond-open",
            _ADDED,
            8,
        ),
        ("face_value_share", face, "circle-open", _FACE, 10),
        ("look_through_share", through, "circle", ACCENT, 11),
    )
    for name, values, symbol, colour, size in drawn:
        wording = say.say(f"measure.{name}")
        figure.add_scatter(
            x=values,
            y=places,
            mode="markers",
            name=_capital(wording),
            text=[_plain(label) for label in labels],
            marker={"symbol": symbol, "size": size, "color": colour, "line": {"width": 2, "color": colour}},
            hovertemplate=f"%{{text}}: %{{x:.2f}}%<extra>{wording}</extra>",
        )
    return styled(
        figure,
        say,
        height=104 + 21 * max(len(labels), 1),
        xaxis={"title": {"text": say.say("figure.percent")}, "rangemode": "tozero", "nticks": 6},
        yaxis={
            "tickvals": places,
            "ticktext": [_plain(label) for label in labels],
            "range": [len(labels) - 0.4, -0.6],
            "automargin": True,
        },
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1.0,
            "yref": "container",
            "yanchor": "top",
        },
        margin={"l": 130, "r": 12, "t": 52, "b": 44},
    )


def supply_paths_figure(
    links: pl.DataFrame, importer: str, *, coverage: float, language: Language | None = None
) -> go.Figure:
    """Draw the largest supply paths as a flow, under a bar with the part that they are of all paths.

    Parameters
    ----------
    links : polars.DataFrame
        `source`, `target`, `step`, `product_value_share`; the row to `importer` itself is the rest.
    importer : str
        Its code, or that of the group.
    coverage : float
        Part of the exposure in the paths that are drawn, between 0 and 1.
    language : Language, optional
        English by default.

    Notes
    -----
    Drawn in one scale, the rest would leave the paths as hairlines; the bar says how large it is.

    Examples
    --------
    >>> table = pl.DataFrame({"source": ["CHN_C26 [1]", "CHN: other paths"], "target": ["NLD_C26", "NLD"],
    ...     "step": [0, 0], "product_value_share": [0.01, 0.03]})
    >>> supply_paths_figure(table, "NLD", coverage=0.25).data[2].node.label
    ('China: Computers and electronics', 'Netherlands: Computers and electronics')
    """
    say = language or Language("en")
    drawn = links.filter(pl.col("target") != importer)
    names = list(dict.fromkeys([*drawn["source"], *drawn["target"]]))
    place = {name: number for number, name in enumerate(names)}
    whole = float(links["product_value_share"].sum()) or 1.0
    # nothing is delivered to where a path begins
    origins = {name.split("_")[0] for name in set(drawn["source"]) - set(drawn["target"])}
    figure = go.Figure()
    for key, value, colour in (
        ("paths_drawn", coverage, ACCENT),
        ("paths_other", 1 - coverage, _OTHER_COLOUR),
    ):
        wording = say.say(f"figure.{key}")
        text = f"{wording}: {say.share(value, 1)}"
        figure.add_bar(
            x=[value * 100],
            y=[0],
            orientation="h",
            name=text,
            marker={"color": colour},
            hovertemplate=f"{text}<extra></extra>",
        )
    figure.add_sankey(
        arrangement="snap",
        domain={"x": [0, 1], "y": [0, 0.84]},
        valueformat=".2%",
        textfont={"size": 11, "color": INK},
        node={
            "label": [_plain(node_name(name, say)) for name in names],
            "color": [ACCENT if name.split("_")[0] in origins else "#C98A1B" for name in names],
            "pad": 14,
            "thickness": 12,
            "line": {"width": 0},
        },
        link={
            "source": [place[name] for name in drawn["source"]],
            "target": [place[name] for name in drawn["target"]],
            # as parts of all that comes from the origin
            "value": [value / whole for value in drawn["product_value_share"]],
            "color": "rgba(27,79,114,0.22)",
        },
    )
    most = max((part.n_unique() for part in (drawn["source"], drawn["target"])), default=3)
    return styled(
        figure,
        say,
        height=150 + 28 * max(most, 3),
        barmode="stack",
        xaxis={"domain": [0, 1], "range": [0, 100], "visible": False},
        yaxis={"domain": [0.94, 1], "visible": False},
        legend={"orientation": "h", "x": 0, "y": 0.93, "yanchor": "top", "traceorder": "normal"},
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else value * 100


def _plain(text: str) -> str:
    """Keep text from being read as markup by Plotly."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
