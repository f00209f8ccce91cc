"""The trade around a measure, as a page shows it: data set, figure, tables, and what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from geomonitor.data import Dataset, Store
from geomonitor.errors import UnknownCodeError
from geomonitor.register.facts import PartialDate
from geomonitor.register.models import CoercionCase
from geomonitor.register.trade_effect import SERIES, TradeEffect, trade_effect
from geomonitor.report.blocks import Block
from geomonitor.report.choices import safe_json
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.style import ACCENT, MUTED, plain_figure
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.shown import Shown
from geomonitor.web.instruments.shown_codes import named_economies, named_economy
from geomonitor.web.language import active_language, say

__all__ = ["ShownEffect", "datasets", "measured", "shown_effect"]

_COLOURS = {"hit": ACCENT, "sender_others": "#882255", "target_others": "#117733", "rest": "#9AA5B1"}
_DASHES = {"hit": "solid", "sender_others": "dash", "target_others": "dot", "rest": "dashdot"}
_HEIGHT = 460

_effects: Kept[TradeEffect] = Kept(200)


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """What a page shows of an effect.

    Attributes
    ----------
    effect : TradeEffect
    reason : str
        Why it was not measured, in words; empty where it was.
    reading : str
        What the figure says in a sentence; empty where there is nothing to say.
    figure : Shown or None
    changes : DataTable or None
    cannot : tuple of str
        What the data cannot say.
    """

    effect: TradeEffect
    reason: str
    reading: str
    figure: Shown | None
    changes: DataTable | None
    cannot: tuple[str, ...]


def datasets() -> tuple[Dataset, ...]:
    """Give the data sets with which an effect can be measured: the widest first, so the sample last."""
    return tuple(sorted(Store().datasets(), key=lambda each: -int(each.metadata["products"])))


def measured(case: CoercionCase, wanted: str = "") -> tuple[Dataset, TradeEffect]:
    """Measure the trade around a measure.

    Parameters
    ----------
    case : CoercionCase
    wanted : str
        Name of a data set; without it, the first that can measure it is taken, else the last.

    Raises
    ------
    UnknownCodeError
        If there is no such data set, or the case names an unknown economy.
    """
    held = datasets()
    if wanted:
        chosen = [each for each in held if each.name == wanted]
        if not chosen:
            raise UnknownCodeError(
                f"There is no data set {wanted!r}.",
                where="dataset",
                expected=f"one of {', '.join(each.name for each in held)}",
            )
        return chosen[0], _effect(case, chosen[0])
    for dataset in held:
        effect = _effect(case, dataset)
        if effect.reason is None:
            return dataset, effect
    return dataset, effect


def _effect(case: CoercionCase, dataset: Dataset) -> TradeEffect:
    ended = PartialDate(case.ended_on).year if case.ended_on else None
    started = PartialDate(case.started_on).year
    key = (
        dataset.name,
        dataset.content_sha256,
        case.sender,
        tuple(case.targets),
        tuple(case.products),
        case.hs_revision,
        case.direction,
        started,
        ended,
    )
    return _effects.get(
        key,
        lambda: trade_effect(
            dataset,
            case.sender,
            case.targets,
            case.products,
            started,
            direction=case.direction,
            ended_year=ended,
            hs_revision=case.hs_revision or None,
        ),
    )


def shown_effect(case: CoercionCase, dataset: Dataset, effect: TradeEffect, downloads: str) -> ShownEffect:
    """Make figure, tables and words of an effect.

    Parameters
    ----------
    case : CoercionCase
    dataset : Dataset
    effect : TradeEffect
    downloads : str
        Start of the query of a download.
    """
    return ShownEffect(
        effect=effect,
        reason=_reason(case, dataset, effect),
        reading=_reading(effect),
        figure=None if effect.table.is_empty() else _figure(case, dataset, effect, downloads),
        changes=_changes_table(effect) if effect.changes else None,
        cannot=_cannot(effect),
    )


def _reason(case: CoercionCase, dataset: Dataset, effect: TradeEffect) -> str:
    if effect.reason is None:
        return ""
    return say(
        None,
        f"effect_reason.{effect.reason}",
        asked=case.hs_revision,
        held=dataset.hs_revision,
        years=f"{effect.started_year - 1}, {effect.started_year}",
    )


def _reading(effect: TradeEffect) -> str:
    hit, control = effect.change("hit"), effect.change("sender_others")
    if hit is None or control is None or hit.change_during is None or control.change_during is None:
        return ""
    return say(
        None,
        "effect.reading",
        change=_compared(hit.change_during, "effect."),
        control=_compared(control.change_during, "effect.control_"),
    )


def _compared(change: float, keys: str) -> str:
    said = active_language().share(abs(change), 0)
    if said == active_language().share(0.0, 0):
        return say(None, f"{keys}equal")
    return say(None, f"{keys}{'higher' if change > 0 else 'lower'}", share=said)


def _cannot(effect: TradeEffect) -> tuple[str, ...]:
    lines = []
    if not effect.table.is_empty():
        lines = [say(None, f"effect.cannot_{key}") for key in ("cause", "year", "prefix", "route")]
        if effect.missing_products:
            lines.append(say(None, "effect.cannot_products", products=", ".join(effect.missing_products)))
        if effect.missing_years:
            lines.append(say(None, "effect.cannot_years", years=", ".join(map(str, effect.missing_years))))
    return tuple(lines)


def _changes_table(effect: TradeEffect) -> DataTable:
    columns = [
        Column(say(None, "effect.series")),
        *(Column(say(None, f"effect.{key}"), "musd") for key in ("before", "during", "afterwards")),
        *(
            Column(say(None, f"effect.{key}"), "change")
            for key in ("change_during", "change_afterwards", "during_to_control", "afterwards_to_control")
        ),
    ]
    rows = [
        (
            say(None, f"effect_series.{each.series}"),
            each.before_value_kusd,
            each.during_value_kusd,
            each.afterwards_value_kusd,
            each.change_during,
            each.change_afterwards,
            each.change_during_to_control,
            each.change_afterwards_to_control,
        )
        for each in effect.changes
    ]
    return DataTable.of(say(None, "effect.changes"), columns, rows)


def _year_table(case: CoercionCase, effect: TradeEffect) -> DataTable:
    named = {series: say(None, f"effect_series.{series}") for series in SERIES}
    columns = [
        Column(say(None, "effect.year"), "year"),
        Column(say(None, "effect.period")),
        *(Column(say(None, "effect.value", series=named[series]), "musd") for series in SERIES),
        Column(say(None, "effect.sender_share", sender=named_economy(case.sender)), "share"),
        *(Column(say(None, "effect.quantity", series=named[series]), "count") for series in SERIES),
        Column(say(None, "effect.known", series=named["hit"]), "share"),
    ]
    rows = [
        (
            row["year"],
            say(None, f"effect_period.{row['period']}"),
            *(row[f"{series}_value_kusd"] for series in SERIES),
            row["sender_share"],
            *(row[f"{series}_quantity_t"] for series in SERIES),
            row["hit_quantity_known_share"],
        )
        for row in effect.table.iter_rows(named=True)
    ]
    return DataTable.of(say(None, "effect.table"), columns, rows)


def _figure(case: CoercionCase, dataset: Dataset, effect: TradeEffect, downloads: str) -> Shown:
    years = effect.table["year"].to_list()
    about = say(
        None,
        "effect.about",
        source=f"{dataset.metadata['title']} ({dataset.metadata['producer']})",
        products=", ".join(effect.products),
        revision=dataset.hs_revision,
        first=years[0],
        last=years[-1],
    )
    description = say(
        None,
        "effect.description",
        sender=named_economy(case.sender),
        targets=named_economies(case.targets),
        first=years[0],
        last=years[-1],
    )
    block = Block(
        anchor="effect",
        title=say(None, "effect.title"),
        note=say(None, "effect.note"),
        description=description,
        figure=safe_json(_drawn(effect, years)),
        table=_year_table(case, effect),
        height=_HEIGHT,
        reading=_reading(effect),
    )
    return Shown(block, about, "effect", downloads=downloads)


def _drawn(effect: TradeEffect, years: Sequence[int]) -> Mapping[str, Any]:
    language = active_language()
    values = [value / 1000 for value in effect.table["hit_value_kusd"]]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": escape(say(None, "effect_series.hit")),
            "x": list(years),
            "y": values,
            "marker": {"color": ACCENT},
            "showlegend": False,
            "customdata": [language.number(value, 1) for value in values],
            "hovertemplate": f"%{{x}}: %{{customdata}} {say(None, 'effect.axis_value')}<extra></extra>",
        }
    ]
    for change in effect.changes:
        if not change.before_value_kusd:
            continue
        index = [
            100 * value / change.before_value_kusd for value in effect.table[f"{change.series}_value_kusd"]
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": escape(say(None, f"effect_series.{change.series}")),
                "x": list(years),
                "y": index,
                "yaxis": "y2",
                "xaxis": "x",
                "line": {"color": _COLOURS[change.series], "dash": _DASHES[change.series], "width": 2},
                "customdata": [language.number(value, 0) for value in index],
                "hovertemplate": "%{x}: %{customdata}",
            }
        )
    last = effect.table.filter(effect.table["period"] == "during")["year"].max()
    band = {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": effect.started_year - 0.5,
        "x1": float(str(last)) + 0.5,
        "y0": 0,
        "y1": 1,
        "fillcolor": MUTED,
        "opacity": 0.12,
        "line": {"width": 0},
        "layer": "below",
    }
    return plain_figure(
        traces,
        language,
        height=_HEIGHT,
        shapes=[band],
        xaxis={"anchor": "y2", "dtick": 1, "tickformat": "d"},
        yaxis={"domain": [0.58, 1], "title": {"text": say(None, "effect.axis_value")}, "rangemode": "tozero"},
        yaxis2={
            "domain": [0, 0.48],
            "title": {"text": say(None, "effect.axis_index")},
            "rangemode": "tozero",
            "gridcolor": "#E4E7EB",
            "fixedrange": True,
        },
    )
