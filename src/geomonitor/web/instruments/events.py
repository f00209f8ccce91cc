"""Events of coercion as a list: their table, and the time line."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from geomonitor.errors import GeomonitorError
from geomonitor.register.facts import PartialDate
from geomonitor.register.models import CoercionCase
from geomonitor.report.blocks import Block
from geomonitor.report.choices import safe_json
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.style import ACCENT, plain_figure
from geomonitor.report.language import short_name
from geomonitor.web.evidence.shown import Shown
from geomonitor.web.instruments.shown_codes import (
    in_language,
    named,
    named_economies,
    named_economy,
    partial_date_text,
)
from geomonitor.web.language import active_language, say

__all__ = ["events_table", "timeline"]

_COLOURS = {"coercion": "#882255", "disputed": ACCENT, "other_measure": "#9AA5B1"}
_SYMBOLS = {"coercion": "square", "disputed": "circle", "other_measure": "diamond"}


def events_table(events: Sequence[CoercionCase]) -> DataTable:
    """Make the table of every field, for a download."""
    named_texts = ("measure", "goods", "trigger", "motive", "motive_argument", "outcome")
    columns = [
        *(
            Column(say(None, f"coercion.{key}"))
            for key in (
                "title", "sender", "targets", "judgement", "measure_kind", "direction", "started_on",
                "ended_on", "products", "hs_revision", *named_texts, "motive_confidence", "sources",
            )
        ),
        Column(say(None, "instrument.letter")),
        Column(say(None, "coercion.notes")),
        Column(say(None, "instrument.code")),
    ]  # fmt: skip
    rows = [
        (
            in_language(each, "title"),
            named_economy(each.sender),
            named_economies(each.targets),
            named(f"coercion_judgement.{each.judgement}"),
            named(f"coercion_measure.{each.measure_kind}"),
            named(f"coercion_direction.{each.direction}"),
            each.started_on,
            each.ended_on or None,
            ", ".join(each.products) or None,
            each.hs_revision or None,
            *(in_language(each, field) or None for field in named_texts),
            named(f"coercion_confidence.{each.motive_confidence}"),
            " | ".join(each.sources),
            each.letter_reference or None,
            each.notes or None,
            each.code,
        )
        for each in events
    ]
    return DataTable.of(say(None, "coercion.many"), columns, rows)


def timeline(events: Sequence[CoercionCase], on: datetime.date, about: str) -> Shown | None:
    """Draw events over time, the newest at the top; nothing where there is none.

    Parameters
    ----------
    events : sequence of CoercionCase
    on : datetime.date
        Where a bar with an open end stops.
    about : str
        Unit, source and date.
    """
    drawn = sorted((each for each in events if _spans(each, on)), key=lambda each: each.started_on)
    if not drawn:
        return None
    height = 90 + 42 * len(drawn)
    table = DataTable.of(
        say(None, "coercion.timeline"),
        [
            Column(say(None, f"coercion.{key}"))
            for key in ("title", "judgement", "sender", "targets", "started_on", "ended_on")
        ],
        [
            (
                in_language(each, "title"),
                named(f"coercion_judgement.{each.judgement}"),
                named_economy(each.sender),
                named_economies(each.targets),
                partial_date_text(each.started_on),
                partial_date_text(each.ended_on) if each.ended_on else say(None, "coercion.lasts"),
            )
            for each in reversed(drawn)
        ],
    )
    block = Block(
        anchor="timeline",
        title=say(None, "coercion.timeline"),
        note=say(None, "coercion.timeline_note"),
        description=say(
            None,
            "coercion.timeline_description",
            count=len(drawn),
            first=PartialDate(drawn[0].started_on).year,
            last=PartialDate(drawn[-1].started_on).year,
        ),
        figure=safe_json(_drawn(drawn, on, height)),
        table=table,
        height=height,
    )
    return Shown(block, about, "timeline", downloads=None)


def _spans(event: CoercionCase, on: datetime.date) -> tuple[datetime.date, datetime.date] | None:
    """Give first and last day; none where an imported date cannot be read."""
    try:
        start = PartialDate(event.started_on).earliest
        end = PartialDate(event.ended_on).latest if event.ended_on else on
    except GeomonitorError:
        return None
    # a measure of a day is drawn as a week, so that it can be seen
    return start, max(end, start + datetime.timedelta(days=7))


def _drawn(events: Sequence[CoercionCase], on: datetime.date, height: int) -> Mapping[str, Any]:
    traces: list[dict[str, Any]] = []
    for judgement in CoercionCase.Judgement.values:
        xs: list[str | None] = []
        ys: list[int | None] = []
        symbols: list[str] = []
        texts: list[str] = []
        for row, event in enumerate(events):
            span = _spans(event, on)
            if event.judgement != judgement or span is None:
                continue
            xs += [span[0].isoformat(), span[1].isoformat(), None]
            ys += [row, row, None]
            shape = _SYMBOLS[judgement]
            symbols += [shape, shape if event.ended_on else "triangle-right-open", shape]
            hover = _hover(event)
            texts += [hover, hover, ""]
        if xs:
            traces.append(_trace(judgement, xs, ys, symbols, texts))
    titles = [
        {
            # above its bar and clear of it, so that a narrow screen has room for both
            "text": escape(short_name(in_language(event, "title"), 56)),
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "y",
            "y": row,
            "yshift": 17,
            "showarrow": False,
            "font": {"size": 11},
        }
        for row, event in enumerate(events)
    ]
    return plain_figure(
        traces,
        active_language(),
        height=height,
        annotations=titles,
        margin={"l": 8, "r": 16, "t": 8, "b": 36},
        xaxis={"type": "date", "tickformat": "%Y", "nticks": 8},
        yaxis={"showticklabels": False, "range": [-0.6, len(events) - 0.1], "showgrid": False},
    )


def _trace(
    judgement: str,
    xs: Sequence[str | None],
    ys: Sequence[int | None],
    symbols: Sequence[str],
    texts: Sequence[str],
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escape(named(f"coercion_judgement.{judgement}")),
        "x": xs,
        "y": ys,
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": _COLOURS[judgement], "width": 5},
        "marker": {"symbol": symbols, "size": 10, "color": _COLOURS[judgement]},
        "connectgaps": False,
    }


def _hover(event: CoercionCase) -> str:
    until = partial_date_text(event.ended_on) if event.ended_on else say(None, "coercion.open_end")
    lines = (in_language(event, "title"), f"{partial_date_text(event.started_on)} – {until}")
    return "<br>".join(escape(line) for line in lines)
