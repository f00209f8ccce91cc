"""Step 4: a decision is recorded by one user and approved or rejected by another."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from geomonitor.register.access import may_judge_decision
from geomonitor.register.errors import NotAllowedError, RuleError
from geomonitor.register.models import STEPS, Case, Decision, User
from geomonitor.register.services import cases, decisions
from geomonitor.register.trail import saw
from geomonitor.web.cases.case_forms import JudgeForm, ProposeForm
from geomonitor.web.cases.common import lacking, render_case, the_case, the_user
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.language import say

__all__ = ["case_decision", "decision_judge", "decision_propose"]


def _decisions(case: Case) -> list[Decision]:
    found = case.decisions.select_related("created_by", "judged_by", "withdrawn_by")
    return list(found.prefetch_related("chosen"))[::-1]


def _in_waiting(decision: Decision) -> bool:
    return decision.state == Decision.State.PROPOSED and not decision.withdrawn


def _to_judge(user: User, case: Case, waiting: Decision | None) -> bool:
    return (
        waiting is not None
        and case.closed_at is None
        and may_judge_decision(user, case)
        and waiting.created_by_id != user.pk
    )


@require_http_methods(["GET", "HEAD"])
def case_decision(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what was decided, what waits for approval, and what went before."""
    case = the_case(request, reference)
    saw(case)
    return _page(request, case)


def _page(request: HttpRequest, case: Case, *, judge_form: JudgeForm | None = None) -> HttpResponse:
    user = the_user(request)
    every = _decisions(case)
    waiting = next((each for each in every if _in_waiting(each)), None)
    approved = next(
        (each for each in every if each.state == Decision.State.APPROVED and not each.withdrawn), None
    )
    judging = _to_judge(user, case, waiting)
    if judging and judge_form is None:
        assert waiting is not None
        judge_form = JudgeForm(decision=waiting)
    ready = case.completed_steps == len(STEPS) - 1
    done = case.completed_steps == len(STEPS)
    context = {
        "step_number": len(STEPS),
        "step_done": done,
        "step_ahead": case.current_step < len(STEPS),
        "step_completed": case.step_events.filter(kind="completed", step=len(STEPS)).last() if done else None,
        "lacking": () if done else lacking(case, len(STEPS)),
        "waiting": waiting,
        "waiting_own": waiting is not None and waiting.created_by_id == user.pk,
        "approved": approved,
        "earlier": [each for each in every if each not in (waiting, approved)],
        "may_propose": ready and waiting is None,
        "judge_form": judge_form if judging else None,
    }
    return render_case(request, case, "decision.html", context, page="case-decision")


@require_http_methods(["GET", "POST"])
def decision_propose(request: HttpRequest, reference: str) -> HttpResponse:
    """Record a decision that was taken, for somebody else to approve."""
    case = the_case(request, reference)
    user = the_user(request)
    cases.require_change(user, case)
    page = reverse("case-decision", args=[case.reference])
    if request.method == "GET":
        if case.completed_steps != len(STEPS) - 1:
            raise RuleError(say(None, "case_decision.not_yet"), where=case.reference)
        if case.decisions.current().filter(state=Decision.State.PROPOSED).exists():
            raise RuleError(say(None, "case_decision.waiting"), where=case.reference)
    form = ProposeForm(request.POST if request.method == "POST" else None, case=case)

    def save(values: dict[str, Any]) -> str:
        version = values.pop("version")
        chosen = case.options.current().filter(pk__in=values.pop("chosen"))
        decisions.propose(user, case, version, chosen=list(chosen), **values)
        return page

    if request.method == "POST":
        done = posted_form(request, form, save, stay=page)
        if done is not None:
            return done
    context = {
        "form": form,
        "title": say(None, "case_decision.propose_title"),
        "note": say(None, "case_decision.four_eyes"),
        "button": say(None, "case_decision.propose"),
        "cancel": page,
    }
    return render_case(request, case, "form.html", context, page="case-decision")


@require_http_methods(["POST"])
def decision_judge(request: HttpRequest, reference: str, uid: uuid.UUID) -> HttpResponse:
    """Approve or reject a decision that somebody else recorded."""
    case = the_case(request, reference)
    user = the_user(request)
    decision = case.decisions.select_related("case").filter(pk=uid).first()
    if decision is None:
        raise Http404
    if not may_judge_decision(user, case):
        raise NotAllowedError(say(None, "case_decision.waiting_role"), where=case.reference)
    if decision.created_by_id == user.pk:
        raise NotAllowedError(say(None, "case_decision.waiting_own"), where=case.reference)
    form = JudgeForm(request.POST, decision=decision)

    def save(values: dict[str, Any]) -> str:
        approve = values["verdict"] == "approve"
        decisions.judge(user, decision, values["version"], approve=approve, reason=values["reason"])
        return reverse("case-decision", args=[case.reference])

    done = posted_form(request, form, save, stay=reverse("case-decision", args=[case.reference]))
    return done if done is not None else _page(request, case, judge_form=form)
