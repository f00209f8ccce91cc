"""The list of cases: filters, order, pages, and the list as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from geomonitor.register.access import may, visible_cases
from geomonitor.register.facts import public_interests
from geomonitor.register.models import STEPS, Case, Decision, User
from geomonitor.web.cases.common import economy_name, the_user
from geomonitor.web.cases.record_forms import interest_name
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.language import active_language, say
from geomonitor.web.words import NotThereError

__all__ = ["CaseRow", "case_list", "case_rows", "filtered_cases"]

_PAGE = 25
_STATUSES = (*STEPS, "approval", "follow_up", "closed", "withdrawn")
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "newest": ("-created_at", "reference"),
    "changed": ("-changed_at", "reference"),
    "reference": ("reference",),
    "title": ("title", "reference"),
}


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the list."""

    case: Case
    importer: str
    counterpart: str
    interests: tuple[str, ...]


def case_rows(cases: Any) -> tuple[CaseRow, ...]:
    """Give cases as rows of the list."""
    return tuple(
        CaseRow(
            case=case,
            importer=economy_name(case.importer),
            counterpart=economy_name(case.counterpart),
            interests=tuple(
                interest_name(each.interest)
                for each in case.interests.all()
                if not each.withdrawn and each.touched == "yes"
            ),
        )
        for case in cases
    )


def _with_status(cases: QuerySet[Case], status: str) -> QuerySet[Case]:
    if status == "withdrawn":
        return cases.filter(withdrawn_at__isnull=False)
    cases = cases.filter(withdrawn_at__isnull=True)
    if status == "closed":
        return cases.filter(closed_at__isnull=False)
    cases = cases.filter(closed_at__isnull=True)
    if status == "follow_up":
        return cases.filter(completed_steps=len(STEPS))
    waiting = Decision.objects.current().filter(state=Decision.State.PROPOSED).values("case")
    if status == "approval":
        return cases.filter(completed_steps=len(STEPS) - 1, pk__in=waiting)
    cases = cases.filter(completed_steps=STEPS.index(status))
    return cases.exclude(pk__in=waiting) if status == "decision" else cases


def filtered_cases(user: User, wanted: QueryDict) -> QuerySet[Case]:
    """Give the cases that a user may read and that meet the conditions of the address.

    Raises
    ------
    UnknownCodeError
        If a condition has a value that does not exist.
    """
    cases = visible_cases(user)
    if words := wanted.get("words", "").replace("\x00", "").strip():
        for word in words.split()[:10]:
            cases = cases.filter(
                Q(title__icontains=word)
                | Q(subject_name__icontains=word)
                | Q(subject_code__istartswith=word)
                | Q(summary__icontains=word)
                | Q(reference__icontains=word)
            )
    if status := _choice(wanted, "status", _STATUSES):
        cases = _with_status(cases, status)
    if step := _choice(wanted, "step", [str(each) for each in range(len(STEPS) + 1)]):
        cases = cases.filter(completed_steps=int(step))
    if counterpart := wanted.get("counterpart", "").replace("\x00", ""):
        cases = cases.filter(counterpart=counterpart)
    if interest := _choice(wanted, "interest", [each.code for each in public_interests()]):
        cases = cases.filter(
            interests__interest=interest,
            interests__touched="yes",
            interests__withdrawn_at__isnull=True,
        )
    if assigned := wanted.get("assigned", "").replace("\x00", ""):
        if assigned == "nobody":
            cases = cases.filter(assigned_to__isnull=True)
        else:
            cases = cases.filter(assigned_to__username=user.username if assigned == "me" else assigned)
    if restricted := _choice(wanted, "restricted", ["yes", "no"]):
        cases = cases.filter(visibility="members" if restricted == "yes" else "everyone")
    order = _choice(wanted, "sort", list(_ORDERS)) or "newest"
    return cases.select_related("assigned_to").prefetch_related("interests").order_by(*_ORDERS[order])


def _choice(wanted: QueryDict, name: str, known: Any) -> str:
    value = wanted.get(name, "")
    if value and value not in known:
        raise NotThereError(
            say(None, "case_list.bad_filter", field=name, value=value),
            where=name,
            expected=", ".join(known),
        )
    return value


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """Show the cases that the user may read."""
    user = the_user(request)
    cases = filtered_cases(user, request.GET)
    wanted = wanted_download(request)
    if wanted is not None:
        return page_download(
            wanted,
            {"cases": _table(case_rows(cases))},
            name="geomonitor",
            title=say(None, "case_list.download_title"),
            provenance=[(say(None, "case.changed"), timezone.localtime().isoformat(timespec="minutes"))],
        )
    every = visible_cases(user)
    page = Paginator(cases, _PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": case_rows(page.object_list),
        "page": page,
        "count": page.paginator.count,
        "any_case": every.exists(),
        "may_open": may(user, "change_cases"),
        "chosen": {name: request.GET.get(name, "") for name in _FILTERS},
        "filters": _filters(every),
        "query": _query(request.GET),
    }
    return render(request, "web/cases/list.html", context)


_FILTERS = ("words", "status", "step", "counterpart", "interest", "assigned", "restricted", "sort")


def _filters(every: QuerySet[Case]) -> dict[str, list[tuple[str, str]]]:
    counterparts = every.exclude(counterpart="").values_list("counterpart", flat=True).distinct()
    people = User.objects.filter(pk__in=every.values("assigned_to")).order_by("username")
    total = len(STEPS)
    return {
        "status": [(each, say(None, f"case_status.{each}")) for each in _STATUSES],
        "step": [
            (str(each), say(None, "case_list.steps_done", number=each, total=total))
            for each in range(total + 1)
        ],
        "counterpart": sorted(
            ((code, economy_name(code)) for code in set(counterparts)), key=lambda each: each[1].casefold()
        ),
        "interest": [(each.code, interest_name(each.code)) for each in public_interests()],
        "assigned": [
            ("me", say(None, "case_list.mine")),
            *((each.username, each.shown_name) for each in people),
            ("nobody", say(None, "case.nobody")),
        ],
        "restricted": [(each, say(None, f"case_list.{each}")) for each in ("yes", "no")],
        "sort": [(each, say(None, f"case_list.sort_{each}")) for each in _ORDERS],
    }


def _query(sent: QueryDict) -> str:
    """Give the conditions for the links to other pages and to files."""
    kept = QueryDict(mutable=True)
    for name in _FILTERS:
        if value := sent.get(name):
            kept[name] = str(value)
    return kept.urlencode()


def _table(rows: tuple[CaseRow, ...]) -> pl.DataFrame:
    headings = {
        say(None, "case.reference"): [row.case.reference for row in rows],
        say(None, "case.title"): [row.case.title for row in rows],
        say(None, "case.subject"): [row.case.subject_name for row in rows],
        say(None, "case_form.subject_code"): [row.case.subject_code for row in rows],
        say(None, "case.importer"): [row.importer for row in rows],
        say(None, "case.counterpart"): [row.counterpart for row in rows],
        say(None, "case.status"): [say(None, f"case_status.{row.case.status}") for row in rows],
        say(None, "case_list.steps"): [row.case.completed_steps for row in rows],
        say(None, "case_list.interests"): [active_language().listing(row.interests) for row in rows],
        say(None, "case.assigned"): [
            row.case.assigned_to.shown_name if row.case.assigned_to else "" for row in rows
        ],
        say(None, "case.confidentiality"): [
            say(None, f"case_visibility.{row.case.visibility}") for row in rows
        ],
        say(None, "case.opened"): [timezone.localtime(row.case.created_at).date() for row in rows],
        say(None, "case.changed"): [timezone.localtime(row.case.changed_at).date() for row in rows],
    }
    return pl.DataFrame(headings)
