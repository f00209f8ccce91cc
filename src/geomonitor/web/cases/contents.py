"""What the pages and the dossier show of the steps: interests, judgements, options, decisions, actions."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from geomonitor.dependency.interests import PublicInterest
from geomonitor.register.facts import option_kinds, public_interests
from geomonitor.register.models import (
    Action,
    Case,
    InterestTouched,
    PolicyOption,
    RiskJudgement,
)
from geomonitor.web.cases.record_forms import option_name
from geomonitor.web.language import active_language, say

__all__ = [
    "ActionView",
    "DimensionView",
    "InterestView",
    "OptionView",
    "action_views",
    "catalogue_of_options",
    "dimension_views",
    "interest_views",
    "judged_levels",
    "months",
    "option_views",
]


@dataclass(frozen=True, slots=True)
class InterestView:
    """A public interest with the judgements on it; withdrawn ones after the one that stands."""

    code: str
    name: str
    source: str
    current: InterestTouched | None
    withdrawn: tuple[InterestTouched, ...]


def interest_views(case: Case) -> tuple[InterestView, ...]:
    """Give every public interest, judged or not."""
    language = active_language().code
    by_code: dict[str, list[InterestTouched]] = {}
    for record in case.interests.select_related("created_by", "changed_by", "withdrawn_by").prefetch_related(
        "evidence"
    ):
        by_code.setdefault(record.interest, []).append(record)
    known: dict[str, PublicInterest] = {each.code: each for each in public_interests()}
    views = []
    for code in dict.fromkeys([*known, *by_code]):
        records = by_code.get(code, [])
        interest = known.get(code)
        views.append(
            InterestView(
                code=code,
                name=interest.name[language] if interest else code.replace("_", " "),
                source=interest.source if interest else "",
                current=next((each for each in records if not each.withdrawn), None),
                withdrawn=tuple(each for each in records if each.withdrawn),
            )
        )
    return tuple(views)


@dataclass(frozen=True, slots=True)
class DimensionView:
    """A dimension of the risk with the judgement on it, and the scale in words."""

    code: str
    name: str
    question: str
    anchors: tuple[tuple[int, str], ...]
    current: RiskJudgement | None
    withdrawn: tuple[RiskJudgement, ...]

    @property
    def anchor(self) -> str:
        """What the judged level means."""
        return self.anchor_of(self.current.level) if self.current else ""

    def anchor_of(self, level: int) -> str:
        """Say what a level means."""
        return dict(self.anchors)[level]


def dimension_views(case: Case) -> tuple[DimensionView, ...]:
    """Give the five dimensions, judged or not."""
    records = list(
        case.judgements.select_related("created_by", "changed_by", "withdrawn_by").prefetch_related(
            "evidence"
        )
    )
    views = []
    for code in RiskJudgement.Dimension.values:
        own = [each for each in records if each.dimension == code]
        views.append(
            DimensionView(
                code=code,
                name=say(None, f"case_risk.{code}"),
                question=say(None, f"case_risk.about_{code}"),
                anchors=tuple((level, say(None, f"case_anchor.{code}_{level}")) for level in range(1, 6)),
                current=next((each for each in own if not each.withdrawn), None),
                withdrawn=tuple(each for each in own if each.withdrawn),
            )
        )
    return tuple(views)


def judged_levels(views: Iterable[DimensionView]) -> dict[str, int]:
    """Give the levels that were judged, by dimension."""
    return {each.code: each.current.level for each in views if each.current is not None}


@dataclass(frozen=True, slots=True)
class OptionView:
    """A policy option that was weighed, or "do nothing" before it was."""

    kind: str
    kind_name: str
    title: str
    level: str
    cost_range: str
    lead_time: str
    instruments: tuple[str, ...]
    record: PolicyOption | None


def option_views(case: Case, *, withdrawn: bool = False) -> tuple[OptionView, ...]:
    """Give the options of a case, "do nothing" first; it is there before it was weighed."""
    language = active_language().code
    views = []
    for record in case.options.select_related("created_by", "withdrawn_by").prefetch_related("instruments"):
        if record.withdrawn != withdrawn:
            continue
        names = sorted(str(getattr(each, f"name_{language}")) for each in record.instruments.all())
        views.append(
            OptionView(
                kind=record.kind,
                kind_name=option_name(record.kind),
                title=record.title,
                level=say(None, f"case_option.level_{record.level}"),
                cost_range=_cost(record.cost_minimum_meur, record.cost_maximum_meur),
                lead_time=months(record.lead_time_minimum_months, record.lead_time_maximum_months),
                instruments=tuple(names),
                record=record,
            )
        )
    if withdrawn:
        return tuple(views)
    if not any(each.kind == "do_nothing" for each in views):
        name = option_name("do_nothing")
        views.append(OptionView("do_nothing", name, name, "", "", "", (), None))
    return tuple(sorted(views, key=lambda each: each.kind != "do_nothing"))


def months(low: int | None, high: int | None) -> str:
    """Write a lead time in words.

    Examples
    --------
    >>> months(6, 24), months(None, 12), months(0, 0), months(None, None)
    ('6 to 24 months', 'at most 12 months', 'at once', 'not known')
    """
    if low is None and high is None:
        return say(None, "case_option.not_known")
    if high == 0:
        return say(None, "case_option.at_once")
    if low is None:
        return say(None, "case_option.months_to", high=high)
    if high is None:
        return say(None, "case_option.months_from", low=low)
    return say(None, "case_option.months", low=low, high=high)


def _cost(low: Decimal | None, high: Decimal | None) -> str:
    written = {name: _amount(value) for name, value in (("low", low), ("high", high)) if value is not None}
    if not written:
        return say(None, "case_option.not_known")
    ending = {("low", "high"): "", ("low",): "_from", ("high",): "_to"}[tuple(written)]
    return say(None, f"case_option.cost_meur{ending}", **written)


def _amount(value: Decimal) -> str:
    decimals = max(0, -int(value.normalize().as_tuple().exponent))
    return active_language().number(float(value), min(decimals, 3))


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action with how near it is: ``overdue``, ``due_soon`` or nothing."""

    record: Action
    owner: str
    urgency: str


def action_views(records: Iterable[Action], on: datetime.date | None = None) -> tuple[ActionView, ...]:
    """Give actions, open ones first, by the day that they are due."""
    today = on or timezone.localdate()
    views = []
    for record in records:
        urgency = ""
        if record.state == Action.State.OPEN and not record.withdrawn:
            if record.due_on < today:
                urgency = "overdue"
            elif record.due_on <= today + datetime.timedelta(days=record.remind_days_before):
                urgency = "due_soon"
        owner = record.owner.shown_name if record.owner else record.owner_text
        views.append(ActionView(record, owner, urgency))
    return tuple(
        sorted(
            views,
            key=lambda each: (each.record.withdrawn, each.record.state != "open", each.record.due_on),
        )
    )


def catalogue_of_options(weighed: Sequence[str]) -> list[Mapping[str, Any]]:
    """Give the kinds of options to choose from, with whether one was weighed."""
    language = active_language().code
    return [
        {
            "code": each.code,
            "name": each.name[language],
            "does": each.does[language],
            "indication": say(
                None,
                "case_option.indication",
                months=months(*each.lead_time_months),
                level=say(None, f"case_option.level_{each.usual_level}"),
            ),
            "weighed": each.code in weighed,
        }
        for each in option_kinds()
    ]
