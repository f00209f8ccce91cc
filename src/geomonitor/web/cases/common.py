"""What every page on a case shares: finding the case, its head, its steps, who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from geomonitor.errors import GeomonitorError
from geomonitor.register.access import may, may_change_case, may_judge_decision, visible_cases
from geomonitor.register.models import STEPS, Case, CaseMember, RiskJudgement, Role, User
from geomonitor.register.services.cases import missing_for_step
from geomonitor.web.language import active_language, say

__all__ = [
    "STEP_PAGES",
    "Lacking",
    "StepView",
    "economy_name",
    "lacking",
    "render_case",
    "step_views",
    "the_case",
    "the_user",
    "users_who_read",
]

STEP_PAGES: tuple[str, ...] = ("case-interests", "case-risk", "case-options", "case-decision")


def the_user(request: HttpRequest) -> User:
    """Give the user of a request; the log-in middleware has seen to it that there is one."""
    assert isinstance(request.user, User)
    return request.user


def the_case(request: HttpRequest, reference: str) -> Case:
    """Give a case that the user may read.

    Raises
    ------
    django.http.Http404
        If it does not exist, or not for this user: the answer does not tell which.
    """
    found = (
        visible_cases(request.user)
        .select_related("assigned_to", "created_by", "changed_by", "withdrawn_by")
        .filter(reference=reference)
        .first()
    )
    if found is None:
        raise Http404
    return found


def users_who_read(case: Case) -> QuerySet[User]:
    """Give the active users who may read a case."""
    users = User.objects.filter(is_active=True).order_by("username")
    if case.visibility == Case.Visibility.EVERYONE:
        return users
    members = CaseMember.objects.filter(case=case, until__isnull=True).values("user")
    return users.filter(pk__in=members)


def economy_name(code: str) -> str:
    """Name an economy or group; a code that the tables do not know stands for itself.

    Examples
    --------
    >>> economy_name("CHN"), economy_name("a group of our own")
    ('China', 'a group of our own')
    """
    if not code:
        return "–"
    try:
        return active_language().importer(code)
    except GeomonitorError:
        return code


@dataclass(frozen=True, slots=True)
class Lacking:
    """Something that a step still lacks, and where to add it."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as the pages show it.

    Attributes
    ----------
    number : int
        1 to 4.
    name, address : str
    state : {'done', 'current', 'ahead'}
    """

    number: int
    name: str
    page: str
    address: str
    state: str


def step_views(case: Case) -> tuple[StepView, ...]:
    """Give the four steps of a case, with where each stands."""
    views = []
    for number, (step, page) in enumerate(zip(STEPS, STEP_PAGES, strict=True), start=1):
        if number <= case.completed_steps:
            state = "done"
        else:
            state = "current" if number == case.current_step else "ahead"
        address = reverse(page, args=[case.reference])
        views.append(StepView(number, say(None, f"case_step.{step}"), page, address, state))
    return tuple(views)


def lacking(case: Case, step: int) -> tuple[Lacking, ...]:
    """Give what a step still lacks, each with the page that adds it."""
    found = []
    for key in missing_for_step(case, step):
        if key in RiskJudgement.Dimension.values:
            address = _record_address(case, "judgement", key)
        elif key == "do_nothing":
            address = _record_address(case, "option", key)
        elif key == "benefits":
            address = reverse("case-change", args=[case.reference]) + "#id_benefits"
        else:
            address = reverse(STEP_PAGES[step - 1], args=[case.reference])
        found.append(Lacking(say(None, f"missing.{key}"), address))
    return tuple(found)


def _record_address(case: Case, kind: str, about: str) -> str:
    return reverse("case-record-new", args=[case.reference, kind]) + f"?about={about}"


def render_case(
    request: HttpRequest,
    case: Case,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    page: str = "case",
    status: int = 200,
) -> HttpResponse:
    """Show a page of a case, with its head, the steps, and what the user may do.

    Parameters
    ----------
    request : HttpRequest
    case : Case
    template : str
        File in templates/web/cases.
    context : mapping, optional
        What the page itself shows.
    page : str
        Name of the page's address, to mark it among the others.
    status : int
        HTTP status.
    """
    user = the_user(request)
    standing = case.closed_at is None and not case.withdrawn
    allowed = may_change_case(user, case)
    shared = {
        "case": case,
        "page": page,
        "steps": step_views(case),
        "may_change": allowed and standing,
        "may_open_again": allowed and case.closed_at is not None and not case.withdrawn,
        "may_comment": may(user, "comment") and standing,
        "may_judge": may_judge_decision(user, case) and standing,
        "may_give_access": allowed or user.role == Role.ADMINISTRATOR,
        "standing": standing,
        "counterpart_name": economy_name(case.counterpart),
        "importer_name": economy_name(case.importer),
    }
    return render(request, f"web/cases/{template}", {**shared, **(context or {})}, status=status)
