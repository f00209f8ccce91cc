"""The page of a case, and those of its steps and follow-up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from geomonitor.register.models import Decision
from geomonitor.register.services import cases
from geomonitor.register.trail import saw
from geomonitor.web.cases.case_forms import CaseForm
from geomonitor.web.cases.common import lacking, render_case, the_case, the_user
from geomonitor.web.cases.contents import (
    action_views,
    catalogue_of_options,
    dimension_views,
    interest_views,
    judged_levels,
    option_views,
)
from geomonitor.web.cases.evidence_view import evidence_views
from geomonitor.web.cases.matrix import risk_matrix
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.language import say
from geomonitor.web.parliament.paper_links import linked_papers

__all__ = ["case_change", "case_follow_up", "case_interests", "case_options", "case_page", "case_risk"]


@require_safe
def case_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a case: its head, benefits beside risk, evidence with what newer editions say, comments."""
    case = the_case(request, reference)
    saw(case)
    evidence = evidence_views(case.evidence.select_related("created_by", "withdrawn_by"))
    dimensions = dimension_views(case)
    step = min(case.current_step, 4)
    context = {
        "evidence": evidence,
        "otherwise": sum(each.differs for each in evidence if not each.record.withdrawn),
        "dimensions": [each for each in dimensions if each.current],
        "touched": [each for each in interest_views(case) if each.current and each.current.touched == "yes"],
        "comments": case.comments.select_related("created_by", "withdrawn_by"),
        "lacking": lacking(case, step) if case.completed_steps < step else (),
        "step_number": step,
        "decision": case.decisions.current().filter(state=Decision.State.APPROVED).first(),
    }
    return render_case(request, case, "case.html", context)


@require_http_methods(["GET", "POST"])
def case_change(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the head of a case."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case)
    page = reverse("case", args=[case.reference])
    form = CaseForm(request.POST if request.method == "POST" else None, case=case)

    def save(values: dict[str, Any]) -> str:
        version = values.pop("version")
        cases.change_case(the_user(request), case, version, **values)
        return page

    if request.method == "POST":
        done = posted_form(request, form, save, theirs=CaseForm.values_of, stay=page)
        if done is not None:
            return done
    context = {
        "form": form,
        "title": say(None, "case.change_head"),
        "button": say(None, "case_form.save"),
        "cancel": page,
    }
    return render_case(request, case, "form.html", context)


def _step_context(case: Any, number: int) -> dict[str, Any]:
    done = number <= case.completed_steps
    completed = case.step_events.filter(kind="completed", step=number).select_related("by").last()
    return {
        "step_number": number,
        "step_done": done,
        "step_ahead": number > case.current_step,
        "step_completed": completed if done else None,
        "lacking": () if done else lacking(case, number),
    }


@require_safe
def case_interests(request: HttpRequest, reference: str) -> HttpResponse:
    """Show step 1: whether it touches a public interest."""
    case = the_case(request, reference)
    saw(case)
    views = interest_views(case)
    judged = [each.current for each in views if each.current is not None]
    context = {
        **_step_context(case, 1),
        "interests": views,
        "all_no": bool(judged) and all(each.touched == "no" for each in judged),
    }
    return render_case(request, case, "interests.html", context, page="case-interests")


@require_safe
def case_risk(request: HttpRequest, reference: str) -> HttpResponse:
    """Show step 2: how large the risk is."""
    case = the_case(request, reference)
    saw(case)
    views = dimension_views(case)
    levels = judged_levels(views)
    context = {
        **_step_context(case, 2),
        "dimensions": views,
        "matrix": risk_matrix(levels),
        "levels": levels,
        "placed": {"probability", "impact"} <= set(levels),
        "columns": next(each for each in views if each.code == "probability").anchors,
        "rows": dict(next(each for each in views if each.code == "impact").anchors),
        "beside": [each for each in views if each.code not in {"probability", "impact"}],
    }
    return render_case(request, case, "risk.html", context, page="case-risk")


@require_safe
def case_options(request: HttpRequest, reference: str) -> HttpResponse:
    """Show step 3: what can be done, at what cost and benefit."""
    case = the_case(request, reference)
    saw(case)
    options = option_views(case)
    context = {
        **_step_context(case, 3),
        "options": options,
        "withdrawn_options": option_views(case, withdrawn=True),
        "catalogue": catalogue_of_options([each.kind for each in options if each.record is not None]),
    }
    return render_case(request, case, "options.html", context, page="case-options")


@require_safe
def case_follow_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Follow-up: actions, papers, closing."""
    case = the_case(request, reference)
    saw(case)
    context = {
        "actions": action_views(case.actions.select_related("owner", "withdrawn_by")),
        "papers": linked_papers(case.papers.select_related("created_by", "withdrawn_by")),
        "decision": case.decisions.current().filter(state=Decision.State.APPROVED).first(),
    }
    return render_case(request, case, "follow_up.html", context, page="case-follow-up")
