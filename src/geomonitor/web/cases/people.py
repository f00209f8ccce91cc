"""Who works on a case, who may read it, and since when."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from geomonitor.register.access import may_change_case, require
from geomonitor.register.errors import NotAllowedError
from geomonitor.register.models import Case, CaseMember, Role, User
from geomonitor.register.services import cases
from geomonitor.register.trail import saw
from geomonitor.web.cases.case_forms import AccessForm, AssignForm, VisibilityForm
from geomonitor.web.cases.common import render_case, the_case, the_user
from geomonitor.web.cases.forms import RegisterForm
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.language import say

__all__ = ["access_end", "access_give", "case_access", "case_assign", "case_visibility"]


def _page_address(case: Case) -> str:
    return reverse("case-access", args=[case.reference])


def _page(request: HttpRequest, case: Case, **forms: RegisterForm) -> HttpResponse:
    members = list(case.members.select_related("user", "given_by"))
    other = Case.Visibility.EVERYONE if _restricted(case) else Case.Visibility.MEMBERS
    context = {
        "members": sorted(members, key=lambda each: (each.until is not None, each.since)),
        "assign_form": AssignForm(case=case),
        "visibility_form": VisibilityForm(initial={"version": case.version, "visibility": other.value}),
        "access_form": AccessForm(),
        "end_form": RegisterForm(),
        "restricted": _restricted(case),
        **forms,
    }
    return render_case(request, case, "people.html", context, page="case-access")


def _restricted(case: Case) -> bool:
    return case.visibility == Case.Visibility.MEMBERS


@require_http_methods(["GET", "HEAD"])
def case_access(request: HttpRequest, reference: str) -> HttpResponse:
    """Show who works on a case and who may read it."""
    case = the_case(request, reference)
    saw(case)
    return _page(request, case)


@require_http_methods(["POST"])
def case_assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Assign a case to somebody who can work on it."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case)
    form = AssignForm(request.POST, case=case)

    def save(values: dict[str, Any]) -> str:
        cases.change_case(the_user(request), case, values["version"], assigned_to=values["assigned_to"])
        return _page_address(case)

    done = posted_form(request, form, save, theirs=AssignForm.values_of, stay=_page_address(case))
    return done if done is not None else _page(request, case, assign_form=form)


@require_http_methods(["POST"])
def case_visibility(request: HttpRequest, reference: str) -> HttpResponse:
    """Restrict a case to those with access, or open it to all users."""
    case = the_case(request, reference)
    user = the_user(request)
    cases.require_change(user, case)
    form = VisibilityForm(request.POST)
    form.fields["version"].required = True

    def save(values: dict[str, Any]) -> str:
        wanted = values["visibility"]
        if wanted == Case.Visibility.MEMBERS:
            # who restricts a case keeps the access that he or she had as one of all
            _keep_access(user, case)
        cases.change_case(user, case, values["version"], visibility=wanted)
        return _page_address(case)

    done = posted_form(request, form, save, stay=_page_address(case))
    return done if done is not None else _page(request, case, visibility_form=form)


def _keep_access(user: User, case: Case) -> None:
    own = case.members.filter(user=user, until__isnull=True, access=CaseMember.Access.WRITE)
    if not own.exists():
        cases.give_access(user, case, user, CaseMember.Access.WRITE)


def _require_access_management(user: User, case: Case) -> None:
    if user.role != Role.ADMINISTRATOR and not may_change_case(user, case):
        require(user, "change_cases")
        raise NotAllowedError(say(None, "case.read_only"), where=case.reference)


@require_http_methods(["POST"])
def access_give(request: HttpRequest, reference: str) -> HttpResponse:
    """Give somebody access to a case."""
    case = the_case(request, reference)
    _require_access_management(the_user(request), case)
    form = AccessForm(request.POST)

    def save(values: dict[str, Any]) -> str:
        cases.give_access(the_user(request), case, values["user"], values["access"])
        return _page_address(case)

    done = posted_form(request, form, save, stay=_page_address(case))
    return done if done is not None else _page(request, case, access_form=form)


@require_http_methods(["POST"])
def access_end(request: HttpRequest, reference: str, member: int) -> HttpResponse:
    """End somebody's access to a case."""
    case = the_case(request, reference)
    _require_access_management(the_user(request), case)
    found = case.members.filter(pk=member, until__isnull=True).select_related("user").first()
    if found is None:
        raise Http404
    form = RegisterForm(request.POST)

    def save(values: dict[str, Any]) -> str:
        cases.end_access(the_user(request), case, found.user)
        return reverse("cases") if found.user_id == the_user(request).pk else _page_address(case)

    done = posted_form(request, form, save, stay=_page_address(case))
    return done if done is not None else _page(request, case, end_form=form)
