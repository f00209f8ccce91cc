"""Value chains: the suppliers of every stage, and on whom dependencies stack."""

from __future__ import annotations

import math
from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import ACCENT, INK, MUTED, styled
from geomonitor.report.language import OTHER, Language

__all__ = ["chain_stages_figure", "stacking_figure"]

_OTHER_COLOUR = "#C9CED4"
_UNNAMED_COLOUR = "#9AA5B1"
# A narrower segment has no room for a name.
_SMALLEST_NAMED = 0.075
# Letters that fit in a bar of the whole width.
_BAR_LETTERS = 88


def chain_stages_figure(
    stages: pl.DataFrame,
    names: Mapping[str, str],
    *,
    colours: Mapping[str, str],
    stacked: str | None = None,
    threshold: float = 0.3,
    language: Language | None = None,
) -> go.Figure:
    """Draw a chain from raw material to product: who supplies every stage, and where it stacks.

    Parameters
    ----------
    stages : polars.DataFrame
        `place`, `stage`, `supplier`, `share` (between 0 and 1), `known`, `source`.
    names : mapping of str to str
        Of the stages, by code.
    colours : mapping of str to str
        Colour by supplier; suppliers without one are grey, and named where there is room.
    stacked : str, optional
        Economy whose shares above the threshold are outlined.
    threshold : float
        Between 0 and 1.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"place": [1, 2], "stage": ["ore", "cell"], "supplier": [None, "CHN"],
    ...     "share": [None, 0.6], "known": [False, True], "source": ["unknown: why", "trade: there"]})
    >>> figure = chain_stages_figure(table, {"ore": "Ore", "cell": "Cells"}, colours={"CHN": "#332288"})
    >>> [trace.name for trace in figure.data]
    ['China', 'Other suppliers', 'not known']
    """
    say = language or Language("en")
    order = stages.select("place", "stage", "known", "source").unique("place").sort("place")
    shares = {
        (place, supplier): share
        for place, supplier, share in stages.filter("known").select("place", "supplier", "share").iter_rows()
    }
    largest: dict[str, float] = {}
    for (_, supplier), share in shares.items():
        largest[supplier] = max(largest.get(supplier, 0.0), share)
    shown = sorted(
        (code for code, share in largest.items() if share >= _SMALLEST_NAMED),
        key=lambda code: (code != stacked, -largest[code], code),
    )
    known = order.filter("known")["place"].to_list()
    figure = go.Figure()
    for code in shown:
        values = [shares.get((place, code), 0.0) for place in known]
        marked = [code == stacked and value > threshold for value in values]
        colour = colours.get(code, _UNNAMED_COLOUR)
        name = _plain(say.economy(code))
        figure.add_bar(
            x=[value * 100 for value in values],
            y=known,
            orientation="h",
            name=name,
            # grey is many: those are named in the bar only
            showlegend=code in colours,
            marker={
                "color": colour,
                "line": {
                    "color": ["#000000" if each else "#FFFFFF" for each in marked],
                    "width": [3 if each else 1 for each in marked],
                },
            },
            text=[
                _segment_text(code, name, value, say, bold=mark)
                for value, mark in zip(values, marked, strict=True)
            ],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": _readable(colour), "size": 11},
            customdata=[say.share(value, 1) for value in values],
            hovertemplate=f"{name}: %{{customdata}}<extra></extra>",
        )
    rest = [max(0.0, 1 - sum(shares.get((place, code), 0.0) for code in shown)) for place in known]
    if known:
        figure.add_bar(
            x=[value * 100 for value in rest],
            y=known,
            orientation="h",
            name=say.economy(OTHER),
            marker={"color": "#E4E7EB", "line": {"color": "#FFFFFF", "width": 1}},
            customdata=[say.share(value, 1) for value in rest],
            hovertemplate=f"{say.economy(OTHER)}: %{{customdata}}<extra></extra>",
        )
    unknown = order.filter(~pl.col("known"))["place"].to_list()
    if unknown:
        figure.add_bar(
            x=[100] * len(unknown),
            y=unknown,
            orientation="h",
            name=say.say("word.unknown"),
            marker={
                "color": "#FFFFFF",
                "line": {"color": _UNNAMED_COLOUR, "width": 1},
                "pattern": {"shape": "/", "fgcolor": _OTHER_COLOUR, "size": 8, "solidity": 0.25},
            },
            hovertemplate=f"{say.say('word.unknown')}<extra></extra>",
        )
        for place in unknown:
            figure.add_annotation(
                x=50, y=place, text=say.say("word.unknown"), showarrow=False, bgcolor="#FFFFFF",
                font={"color": MUTED, "size": 11},
            )  # fmt: skip
    figure.add_vline(x=threshold * 100, line={"color": INK, "width": 1, "dash": "dot"})
    ticks = [
        f"{place}. {_plain(_broken(names.get(stage, stage)))}<br><span style='color:{MUTED};font-size:10px'>"
        f"{say.say(_evidence(known_here, source))}</span>"
        for place, stage, known_here, source in order.iter_rows()
    ]
    # three names in a row fit on paper too
    above = 16 + 17 * math.ceil(sum(trace.showlegend is not False for trace in figure.data) / 3)
    return styled(
        figure,
        say,
        height=58 + above + 46 * max(order.height, 1),
        barmode="stack",
        bargap=0.28,
        # a name that does not fit is left out, not shrunk until nobody can read it
        uniformtext={"minsize": 10, "mode": "hide"},
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
        },
        xaxis={"title": {"text": say.say("figure.percent_of_supply")}, "range": [0, 100], "nticks": 6},
        yaxis={
            "tickvals": order["place"].to_list(),
            "ticktext": ticks,
            "range": [order.height + 0.6, 0.4],
            "showgrid": False,
            "ticks": "",
            "automargin": True,
        },
        margin={"l": 150, "r": 14, "t": above, "b": 44},
    )


def _segment_text(code: str, name: str, share: float, say: Language, *, bold: bool) -> str:
    """Write who a segment is: by name where that fits, else by code, else not at all."""
    if share < _SMALLEST_NAMED:
        return ""
    text = f"{name} {say.share(share)}"
    if share * _BAR_LETTERS < len(text):
        text = f"{code} {say.share(share)}"
    return f"<b>{text}</b>" if bold else text


def _evidence(known: bool, source: str) -> str:
    """Say where a stage comes from: the key of the text."""
    if not known:
        return "evidence.unknown"
    return "evidence.trade" if source.startswith("trade") else "evidence.table"


def stacking_figure(across: pl.DataFrame, *, language: Language | None = None) -> go.Figure:
    """Draw on whom dependencies stack across chains, with what unknown stages could add.

    Parameters
    ----------
    across : polars.DataFrame
        `economy`, `weighted_exposure`, `weighted_exposure_high` (between 0 and 1), `stages_above`;
        in the order of the rows.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"economy": ["CHN"], "weighted_exposure": [0.6], "weighted_exposure_high": [0.8],
    ...     "stages_above": [5]})
    >>> [trace.x for trace in stacking_figure(table).data]
    [(60.0,), (20.0,)]
    """
    say = language or Language("en")
    names = [_plain(say.economy(code)) for code in across["economy"]]
    low = [value * 100 for value in across["weighted_exposure"]]
    high = [None if value is None else value * 100 for value in across["weighted_exposure_high"]]
    stages = [say.count("figure.stages_above", count) for count in across["stages_above"]]
    figure = go.Figure()
    figure.add_bar(
        x=low,
        y=names,
        orientation="h",
        name=say.say("figure.known_stages"),
        marker={"color": ACCENT},
        text=stages,
        textposition="auto",
        textangle=0,
        customdata=[say.number(value, 1) for value in low],
        hovertemplate="%{y}: %{customdata}%, %{text}<extra></extra>",
    )
    figure.add_bar(
        x=[None if most is None else max(0.0, most - least) for most, least in zip(high, low, strict=True)],
        y=names,
        orientation="h",
        name=say.say("figure.unknown_stages"),
        marker={
            "color": "#FFFFFF",
            "line": {"color": _OTHER_COLOUR, "width": 1},
            "pattern": {"shape": "/", "fgcolor": _OTHER_COLOUR, "size": 8, "solidity": 0.25},
        },
        customdata=[say.number(value, 1) for value in high],
        hovertemplate="%{y}: ≤ %{customdata}%<extra></extra>",
    )
    return styled(
        figure,
        say,
        height=110 + 26 * max(len(names), 1),
        barmode="stack",
        bargap=0.25,
        xaxis={"title": {"text": say.say("figure.percent")}, "range": [0, 100], "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
        },
        margin={"l": 120, "r": 12, "t": 46, "b": 44},
    )


def _readable(colour: str) -> str:
    """Choose white or dark letters on a colour, whichever stands out more."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#FFFFFF" if light < 0.18 else INK


def _broken(text: str, length: int = 30) -> str:
    """Break a long label over two lines."""
    if len(text) <= length or " " not in text[:length]:
        return text
    cut = text.rindex(" ", 0, length)
    return f"{text[:cut]}\n{text[cut + 1 :]}"


def _plain(text: str) -> str:
    """Keep text from being read as markup by Plotly."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
