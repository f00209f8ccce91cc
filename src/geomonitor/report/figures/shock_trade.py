"""Trade before and after a shock: who loses it, who gains it, and what is no longer traded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.changes import signed_percent
from geomonitor.report.figures.style import ACCENT, INK, PlainFigure, as_figure, plain, plain_figure
from geomonitor.report.language import Language

__all__ = [
    "Diversion",
    "diverted_trade",
    "narrow_diversion",
    "plain_trade_diversion_figure",
    "trade_diversion_figure",
]

_HIT = "#C77C02"
_GONE = "#7B8794"
# with their opacity: what stays is pale, what moves away from those that are hit stands out
_KEPT = "#1B4F7229"
_MOVED = "#C77C028C"
_SHIFTED = "#52606D59"
# parts of the larger of the two totals: thinner flows cannot be seen, and are put with what is gone or new
_THINNEST = 0.0004
_HEIGHT = 470
_MARGIN = 26
_PAD = 13.0


@dataclass(frozen=True, slots=True)
class Diversion:
    """One flow from trade before to trade after, million US dollars.

    Attributes
    ----------
    source : str or None
        Partner before; none for trade that is new.
    target : str or None
        Partner after; none for trade that is gone.
    value_musd : float
    """

    source: str | None
    target: str | None
    value_musd: float


def diverted_trade(trade: pl.DataFrame) -> tuple[Diversion, ...]:
    """Split trade into what stays with each partner, what moves from one to another, what is gone or new.

    A model gives totals by partner. What partners lose is laid with those that gain in proportion to their
    gains; what nobody gains is gone, and what nobody lost is new.

    Parameters
    ----------
    trade : polars.DataFrame
        `partner`, `before_musd`, `after_musd`.

    Returns
    -------
    tuple of Diversion

    Examples
    --------
    >>> table = pl.DataFrame({"partner": ["CHN", "DEU"], "before_musd": [20.0, 50.0],
    ...     "after_musd": [8.0, 53.0]})
    >>> [(each.source, each.target, each.value_musd) for each in diverted_trade(table)]
    [('CHN', 'CHN', 8.0), ('DEU', 'DEU', 50.0), ('CHN', 'DEU', 3.0), ('CHN', None, 9.0)]
    """
    rows = list(trade.select("partner", "before_musd", "after_musd").iter_rows())
    flows = [Diversion(partner, partner, min(before, after)) for partner, before, after in rows]
    losses = {partner: before - after for partner, before, after in rows if before > after}
    gains = {partner: after - before for partner, before, after in rows if after > before}
    lost, gained = sum(losses.values()), sum(gains.values())
    moved = min(lost, gained)
    for loser, loss in losses.items():
        flows += [
            Diversion(loser, gainer, moved * (loss / lost) * (gain / gained))
            for gainer, gain in gains.items()
        ]
        flows.append(Diversion(loser, None, loss * (1 - moved / lost)))
    flows += [Diversion(None, gainer, gain * (1 - moved / gained)) for gainer, gain in gains.items()]
    return tuple(each for each in flows if each.value_musd > 0)


def trade_diversion_figure(
    trade: pl.DataFrame,
    *,
    hit: Collection[str] = (),
    buyers: bool = False,
    language: Language | None = None,
) -> go.Figure:
    """Draw trade with partners before and after as one flow: straight what stays, crossing what moves.

    Parameters
    ----------
    trade : polars.DataFrame
        One economy: `partner` (``OTHER`` for the rest), `before_musd`, `after_musd`.
    hit : collection of str
        Partners with which the scenario itself changes trade; what they lose is coloured.
    buyers : bool
        Whether partners buy; they supply by default.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"partner": ["CHN", "DEU"], "before_musd": [20e3, 50e3],
    ...     "after_musd": [8e3, 53e3]})
    >>> trade_diversion_figure(table, hit=["CHN"]).data[0].node.label[-1]
    'No longer traded 9.0'
    """
    return as_figure(plain_trade_diversion_figure(trade, hit=hit, buyers=buyers, language=language))


def plain_trade_diversion_figure(
    trade: pl.DataFrame,
    *,
    hit: Collection[str] = (),
    buyers: bool = False,
    language: Language | None = None,
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    rows = list(trade.select("partner", "before_musd", "after_musd").iter_rows())
    before = {partner: value for partner, value, _ in rows}
    after = {partner: value for partner, _, value in rows}
    thinnest = _THINNEST * max(sum(before.values()), sum(after.values()), 1e-9)
    flows = [each for each in diverted_trade(trade) if each.value_musd >= thinnest]
    left = [partner for partner, _, _ in rows if any(each.source == partner for each in flows)]
    right = [partner for partner, _, _ in rows if any(each.target == partner for each in flows)]
    new = sum(each.value_musd for each in flows if each.source is None)
    gone = sum(each.value_musd for each in flows if each.target is None)

    def name(partner: str) -> str:
        if partner == "OTHER":
            return say.say("shocks.other_buyers" if buyers else "word.other")
        return say.economy(partner)

    def change(partner: str) -> str:
        if not before[partner]:
            return ""
        part = after[partner] / before[partner] - 1
        # small moves elsewhere are not what the figure is about
        return f" ({signed_percent(part, say, 0)})" if partner in hit or abs(part) >= 0.02 else ""

    labels = [f"{name(each)} {_billion(before[each], say)}" for each in left]
    colours = [_HIT if each in hit else ACCENT for each in left]
    sizes = [before[each] for each in left]
    if new:
        labels.append(f"{say.say('figure.trade_new')} {_billion(new, say)}")
        colours.append(_GONE)
        sizes.append(new)
    first_right = len(labels)
    labels += [f"{name(each)} {_billion(after[each], say)}{change(each)}" for each in right]
    colours += [_HIT if each in hit else ACCENT for each in right]
    sizes += [after[each] for each in right]
    if gone:
        labels.append(f"{say.say('figure.trade_gone')} {_billion(gone, say)}")
        colours.append(_GONE)
        sizes.append(gone)
    starts = {**{each: place for place, each in enumerate(left)}, None: first_right - 1}
    ends = {**{each: first_right + place for place, each in enumerate(right)}, None: len(labels) - 1}
    heights = [*_centres(sizes[:first_right]), *_centres(sizes[first_right:])]
    total = say.say("figure.billion_usd")
    sankey = {
        "type": "sankey",
        "arrangement": "snap",
        "valueformat": ",.1f",
        "valuesuffix": f" {total}",
        "textfont": {"size": 11, "color": INK},
        "node": {
            "label": [plain(each) for each in labels],
            "color": colours,
            "x": [0.001] * first_right + [0.999] * (len(labels) - first_right),
            "y": heights,
            "pad": _PAD,
            "thickness": 11,
            "line": {"width": 0},
        },
        "link": {
            "source": [starts[each.source] for each in flows],
            "target": [ends[each.target] for each in flows],
            "value": [round(each.value_musd / 1000, 4) for each in flows],
            "color": [_link_colour(each, hit) for each in flows],
        },
    }
    return plain_figure(
        [sankey],
        say,
        height=_HEIGHT,
        annotations=[
            {
                "text": f"<b>{say.say(key)}</b>", "xref": "paper", "x": x, "yref": "paper", "y": 1,
                "xanchor": anchor, "yanchor": "bottom", "showarrow": False, "yshift": 6,
                "font": {"size": 12},
            }
            for key, x, anchor in (("figure.before", 0, "left"), ("figure.after", 1, "right"))
        ],
        margin={"l": 6, "r": 6, "t": _MARGIN, "b": 8},
    )  # fmt: skip


def narrow_diversion(figure: PlainFigure) -> PlainFigure:
    """Give the flow as it is drawn on a narrow screen: smaller names."""
    (sankey,) = figure["data"]
    return {**figure, "data": [{**sankey, "textfont": {"size": 9, "color": INK}}]}


def _link_colour(flow: Diversion, hit: Collection[str]) -> str:
    if flow.source == flow.target:
        return _KEPT
    return _MOVED if flow.source in hit else _SHIFTED


def _billion(value_musd: float, say: Language) -> str:
    return say.number(value_musd / 1000, 1 if value_musd >= 100 else 2)


def _centres(sizes: Sequence[float]) -> list[float]:
    """Place nodes one below the other, as parts of the height, in the order in which they are given."""
    room = _HEIGHT - _MARGIN - 8
    pads = _PAD * max(len(sizes) - 1, 0)
    scale = max(room - pads, 1.0) / (sum(sizes) or 1.0)
    found, top = [], 0.0
    for size in sizes:
        found.append(round(min(0.999, max(0.001, (top + size * scale / 2) / room)), 4))
        top += size * scale + _PAD
    return found
