"""Value chains: the suppliers of every stage of one chain, and the stack."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import INK, MUTED, plain, styled
from geomonitor.report.language import OTHER, Language

__all__ = ["NOT_NAMED", "chain_stages_figure", "evidence_of"]

NOT_NAMED = "XXX"
"""Supplier that stands for all that a source does not name; drawn with the other suppliers."""

_OTHER_COLOUR = "#C9CED4"
_UNNAMED_COLOUR = "#9AA5B1"
_REST_COLOUR = "#E4E7EB"
# A narrower segment has no room for a name.
_SMALLEST_NAMED = 0.075
# Letters that fit in a bar of the whole width.
_BAR_LETTERS = 88
# Heights of the line above the legend and of a stage, pixels.
_TITLE = 24
_ROW = 48


def chain_stages_figure(
    stages: pl.DataFrame,
    names: Mapping[str, str],
    *,
    colours: Mapping[str, str],
    kinds: Mapping[str, str] | None = None,
    materials: Mapping[str, str] | None = None,
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
    kinds : mapping of str to str, optional
        What happens in each stage, by its code ("extraction", "processing", "component", "assembly");
        stages of a kind in a row then stand under its name.
    materials : mapping of str to str, optional
        Names of the raw materials that a stage yields, by its code; shown where one points at it.
    stacked : str, optional
        Economy whose shares above the threshold are outlined, and counted in the title.
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
    rows = _rows(stages, names, kinds or {}, materials or {}, say)
    shares = {
        (place, supplier): share
        for place, supplier, share in stages.filter("known").select("place", "supplier", "share").iter_rows()
    }
    largest: dict[str, float] = {}
    for (_, supplier), share in shares.items():
        largest[supplier] = max(largest.get(supplier, 0.0), share)
    shown = sorted(
        (code for code, share in largest.items() if share >= _SMALLEST_NAMED and code != NOT_NAMED),
        key=lambda code: (code != stacked, -largest[code], code),
    )
    known = [row for row in rows if row.known]
    places = [row.place for row in known]
    heights = [row.height for row in known]
    # dots: shares of what the world makes, and not of what the importer buys
    world = ["." if row.evidence == "production" else "" for row in known]
    figure = go.Figure()
    for code in shown:
        values = [shares.get((place, code), 0.0) for place in places]
        marked = [code == stacked and value > threshold for value in values]
        colour = colours.get(code, _UNNAMED_COLOUR)
        name = _plain(say.economy(code))
        figure.add_bar(
            x=[value * 100 for value in values],
            y=heights,
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
                "pattern": _dotted(world, colour),
            },
            text=[
                _segment_text(code, name, value, say, bold=mark)
                for value, mark in zip(values, marked, strict=True)
            ],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": _readable(colour), "size": 11},
            **_hover(name, known, [say.share(value, 1) for value in values]),
        )
    rest = [max(0.0, 1 - sum(shares.get((place, code), 0.0) for code in shown)) for place in places]
    if known:
        figure.add_bar(
            x=[value * 100 for value in rest],
            y=heights,
            orientation="h",
            name=say.economy(OTHER),
            marker={
                "color": _REST_COLOUR,
                "line": {"color": "#FFFFFF", "width": 1},
                "pattern": _dotted(world, _REST_COLOUR),
            },
            **_hover(say.economy(OTHER), known, [say.share(value, 1) for value in rest]),
        )
    unknown = [row for row in rows if not row.known]
    if unknown:
        figure.add_bar(
            x=[100] * len(unknown),
            y=[row.height for row in unknown],
            orientation="h",
            name=say.say("word.unknown"),
            marker={
                "color": "#FFFFFF",
                "line": {"color": _UNNAMED_COLOUR, "width": 1},
                "pattern": {"shape": "/", "fgcolor": _OTHER_COLOUR, "size": 8, "solidity": 0.25},
            },
            **_hover(say.say("word.unknown"), unknown, [""] * len(unknown)),
        )
        for row in unknown:
            figure.add_annotation(
                x=50, y=row.height, text=say.say("word.unknown"), showarrow=False, bgcolor="#FFFFFF",
                font={"color": MUTED, "size": 11},
            )  # fmt: skip
    figure.add_vline(x=threshold * 100, line={"color": INK, "width": 1, "dash": "dot"})
    headings = [row for row in rows if row.heading]
    for row in headings:
        figure.add_annotation(
            x=0, y=row.height - 0.68, xref="paper", xanchor="left", text=f"<b>{row.heading}</b>",
            showarrow=False, font={"color": MUTED, "size": 11},
        )  # fmt: skip
    ticks = [
        f"{row.place}. {_plain(_broken(row.name))}<br><span style='color:{MUTED};font-size:10px'>"
        f"{say.say(f'evidence.{row.evidence}')}</span>"
        for row in rows
    ]
    # three names in a row fit on paper too
    legend = 8 + 17 * math.ceil(sum(trace.showlegend is not False for trace in figure.data) / 3)
    headline = _headline(
        [shares.get((place, stacked or ""), 0.0) for place in places], stacked, threshold, say
    )
    title = _TITLE if headline else 0
    top = 8 + title + legend
    length = (rows[-1].height if rows else 1) + 0.6
    height = round(58 + top + _ROW * (length - 0.6))
    return styled(
        figure,
        say,
        height=height,
        barmode="stack",
        bargap=0.28,
        # a name that does not fit is left out, not shrunk until nobody can read it
        uniformtext={"minsize": 10, "mode": "hide"},
        title={
            "text": f"<b>{headline}</b>" if headline else "",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 4},
            "font": {"size": 13},
        },
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1 - title / height,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
        },
        xaxis={"title": {"text": say.say("figure.percent_of_supply")}, "range": [0, 100], "nticks": 6},
        yaxis={
            "tickvals": [row.height for row in rows],
            "ticktext": ticks,
            "range": [length, 0.4],
            "showgrid": False,
            "ticks": "",
            "automargin": True,
        },
        margin={"l": 150, "r": 14, "t": top, "b": 44},
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A stage as it is drawn; the heading of its kind only above the first stage of that kind."""

    place: int
    name: str
    known: bool
    evidence: str
    height: float
    heading: str
    hover: str


def _rows(
    stages: pl.DataFrame,
    names: Mapping[str, str],
    kinds: Mapping[str, str],
    materials: Mapping[str, str],
    say: Language,
) -> list[_Row]:
    """Place the stages from top to bottom, with room for the heading of each kind."""
    rows: list[_Row] = []
    before, headings = None, 0
    order = stages.select("place", "stage", "known", "source").unique("place").sort("place")
    for number, (place, stage, known, source) in enumerate(order.iter_rows(), start=1):
        kind = kinds.get(stage)
        begins = kind is not None and kind != before
        headings += begins
        before = kind
        name = names.get(stage, stage)
        texts = [f"<b>{_plain(name)}</b>"]
        if kind is not None:
            texts.append(say.say(f"stage_kind.{kind}"))
        if materials.get(stage):
            texts.append(f"{say.say('figure.raw_materials')}: {_plain(materials[stage])}")
        evidence = evidence_of(source, known=known)
        texts.append(say.say(f"evidence.{evidence}"))
        rows.append(
            _Row(
                place=place,
                name=name,
                known=known,
                evidence=evidence,
                height=number + 0.5 * headings,
                heading=say.say(f"stage_kind.{kind}") if begins else "",
                hover="<br>".join(texts),
            )
        )
    return rows


def _hover(name: str, rows: Sequence[_Row], values: Sequence[str]) -> dict[str, Any]:
    """Say the stage, the supplier and its share, and what else is known of the stage."""
    return {
        "customdata": [[row.hover, value] for row, value in zip(rows, values, strict=True)],
        "hovertemplate": f"%{{customdata[0]}}<br>{name} %{{customdata[1]}}<extra></extra>",
    }


def _dotted(shapes: list[str], colour: str) -> dict[str, Any]:
    return {
        "shape": shapes,
        "bgcolor": colour,
        "fgcolor": "#FFFFFF",
        "fgopacity": 0.5,
        "size": 7,
        "solidity": 0.1,
    }


def _headline(shares: Sequence[float], stacked: str | None, threshold: float, say: Language) -> str:
    """Name the stack of the largest supplier; nothing where fewer than two stages are known."""
    if stacked is not None:
        return say.say(
            "figure.stack",
            economy=_plain(say.economy(stacked)),
            threshold=say.share(threshold),
            number=say.number(sum(share > threshold for share in shares)),
            known=say.number(len(shares)),
        )
    return say.say("figure.no_stack", threshold=say.share(threshold)) if len(shares) > 1 else ""


def _segment_text(code: str, name: str, share: float, say: Language, *, bold: bool) -> str:
    """Write who a segment is: by name where that fits, else by code, else not at all."""
    if share < _SMALLEST_NAMED:
        return ""
    text = f"{name} {say.share(share)}"
    if share * _BAR_LETTERS < len(text):
        text = f"{code} {say.share(share)}"
    return f"<b>{text}</b>" if bold else text


def evidence_of(source: str, *, known: bool) -> str:
    """Tell from its source what a share of a stage rests on.

    Parameters
    ----------
    source : str
        As in the table `chain_stages` of an edition.
    known : bool

    Returns
    -------
    str
        "trade", "table", "production" (world supply) or "unknown": the end of a key ``evidence.``.

    Examples
    --------
    >>> evidence_of("production: world supply, not supply to NLD: gallium", known=True)
    'production'
    """
    if not known:
        return "unknown"
    kind = source.partition(":")[0]
    return kind if kind in {"trade", "production"} else "table"


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
    """Keep text from being read as markup by Plotly; a break stays a break."""
    return plain(text).replace("\n", "<br>")
