"""Completing and reopening steps; closing, opening again and withdrawing a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from geomonitor.register.errors import RuleError
from geomonitor.register.models import STEPS, Action, Case, Decision, User
from geomonitor.register.services import cases
from geomonitor.web.cases.common import STEP_PAGES, lacking, render_case, the_case, the_user
from geomonitor.web.cases.forms import ReasonForm, RegisterForm
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.language import say

__all__ = ["case_close", "case_open_again", "case_withdraw", "step_complete", "step_reopen"]

Work = Callable[[User, Case, int, str], Case]


@require_POST
def step_complete(request: HttpRequest, reference: str, step: int) -> HttpResponse:
    """Complete a step: the next in order, with nothing missing."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case)
    if not 1 <= step < len(STEPS):
        raise Http404
    missing = lacking(case, step) if step > case.completed_steps else ()
    if missing:
        raise RuleError(
            say(None, "case_step.missing", number=step),
            where=case.reference,
            expected="; ".join(each.text for each in missing),
        )
    form = RegisterForm(request.POST)
    form.fields["version"].required = True

    def save(values: dict[str, Any]) -> str:
        cases.complete_step(the_user(request), case, values["version"], step)
        return reverse(STEP_PAGES[step], args=[case.reference])

    done = posted_form(request, form, save, stay=reverse(STEP_PAGES[step - 1], args=[case.reference]))
    if done is not None:
        return done
    raise RuleError(
        " ".join(str(each) for messages in form.errors.values() for each in messages),
        where=case.reference,
    )


@require_http_methods(["GET", "POST"])
def step_reopen(request: HttpRequest, reference: str, step: int) -> HttpResponse:
    """Reopen a step, with a reason."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case)
    if not 1 <= step <= len(STEPS):
        raise Http404
    if step > case.completed_steps and request.method == "GET":
        raise RuleError(say(None, "case_step.not_complete", number=step), where=case.reference)

    def work(user: User, found: Case, version: int, reason: str) -> Case:
        return cases.reopen_step(user, found, version, step, reason)

    title = say(None, "case_step.reopen", number=step)
    return _with_reason(request, case, work, STEP_PAGES[step - 1], title, say(None, "case_step.reopen_note"))


@require_http_methods(["GET", "POST"])
def case_close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close a case, with a reason."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case)
    for found, key in (
        (case.decisions.current().filter(state=Decision.State.PROPOSED), "close_waiting"),
        (case.actions.current().filter(state=Action.State.OPEN), "close_open_actions"),
    ):
        if found.exists():
            raise RuleError(say(None, f"case_follow_up.{key}"), where=case.reference)
    title, note = say(None, "case_follow_up.close"), say(None, "case_follow_up.close_note")
    return _with_reason(request, case, cases.close_case, "case-follow-up", title, note)


@require_http_methods(["GET", "POST"])
def case_open_again(request: HttpRequest, reference: str) -> HttpResponse:
    """Open a closed case again, with a reason."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case, closed=True)
    if case.closed_at is None and request.method == "GET":
        raise RuleError(say(None, "case_follow_up.is_open"), where=case.reference)
    title = say(None, "case_follow_up.open_again")
    return _with_reason(request, case, cases.open_case_again, "case-follow-up", title, "")


@require_http_methods(["GET", "POST"])
def case_withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Withdraw a case, with a reason."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case)
    title, note = say(None, "case.withdraw_case"), say(None, "case_form.withdraw_note")
    return _with_reason(request, case, cases.withdraw_case, "case", title, note, dangerous=True)


def _with_reason(
    request: HttpRequest,
    case: Case,
    work: Work,
    page: str,
    title: str,
    note: str,
    *,
    dangerous: bool = False,
) -> HttpResponse:
    """Ask for a reason, and do what was asked for."""
    address = reverse(page, args=[case.reference])
    form = ReasonForm(request.POST if request.method == "POST" else None, initial={"version": case.version})
    form.fields["version"].required = True

    def save(values: dict[str, Any]) -> str:
        work(the_user(request), case, values["version"], values["reason"])
        return address

    if request.method == "POST":
        done = posted_form(request, form, save, stay=address)
        if done is not None:
            return done
    context = {
        "form": form,
        "title": title,
        "note": note,
        "button": title,
        "dangerous": dangerous,
        "cancel": address,
    }
    return render_case(request, case, "form.html", context, page=page)
