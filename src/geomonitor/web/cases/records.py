"""Adding, changing and withdrawing what a case holds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from geomonitor.register.access import may_read_case, require
from geomonitor.register.errors import NotAllowedError, RuleError
from geomonitor.register.facts import OptionKind, option_kinds, public_interests
from geomonitor.register.models import (
    Action,
    Case,
    Comment,
    Decision,
    Evidence,
    InterestTouched,
    PaperLink,
    PolicyOption,
    RiskJudgement,
)
from geomonitor.register.services import cases, content
from geomonitor.web.cases.common import render_case, the_case, the_user
from geomonitor.web.cases.evidence_view import measure_name
from geomonitor.web.cases.forms import ReasonForm
from geomonitor.web.cases.record_forms import (
    ActionForm,
    CommentForm,
    EvidenceNoteForm,
    InterestForm,
    JudgementForm,
    OptionForm,
    PaperForm,
    RecordForm,
    interest_name,
    option_name,
)
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.language import active_language, say

__all__ = ["KINDS", "Kind", "record_change", "record_new", "record_title", "record_withdraw"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record of a case.

    Attributes
    ----------
    model : type
    form : type or None
        None where it cannot be changed, as a decision.
    page : str
        Name of the page that shows it.
    added : bool
        Whether it is added on a page of its own here.
    """

    model: Any
    form: type[RecordForm] | None
    page: str
    added: bool = True


KINDS: Mapping[str, Kind] = {
    "interest": Kind(InterestTouched, InterestForm, "case-interests"),
    "judgement": Kind(RiskJudgement, JudgementForm, "case-risk"),
    "option": Kind(PolicyOption, OptionForm, "case-options"),
    "action": Kind(Action, ActionForm, "case-follow-up"),
    "paper": Kind(PaperLink, PaperForm, "case-follow-up"),
    "comment": Kind(Comment, CommentForm, "case"),
    "evidence": Kind(Evidence, EvidenceNoteForm, "case", added=False),
    "decision": Kind(Decision, None, "case-decision", added=False),
}


@require_http_methods(["GET", "POST"])
def record_new(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Add a record: a judgement, an option, an action, a comment ..."""
    case = the_case(request, reference)
    of_kind = KINDS.get(kind)
    if of_kind is None or of_kind.form is None or not of_kind.added:
        raise Http404
    _require(request, case, of_kind)
    page = reverse(of_kind.page, args=[case.reference])
    initial = _first_values(request, of_kind.form)
    form_class = of_kind.form
    form = form_class(request.POST if request.method == "POST" else None, case=case, initial=initial)

    def save(values: dict[str, Any]) -> str:
        relations, fields = form.values()
        record = content.add(the_user(request), case, of_kind.model, relations, **fields)
        return f"{page}#{kind}-{record.pk}"

    if request.method == "POST":
        done = posted_form(request, form, save, stay=page)
        if done is not None:
            return done
    about = str(form.data.get(form.about, initial.get(form.about, ""))) if form.about else ""
    return _form_page(request, case, of_kind, kind, form, about, page)


@require_http_methods(["GET", "POST"])
def record_change(request: HttpRequest, reference: str, kind: str, uid: uuid.UUID) -> HttpResponse:
    """Change a record."""
    case = the_case(request, reference)
    of_kind = KINDS.get(kind)
    if of_kind is None or of_kind.form is None:
        raise Http404
    record = _record(case, of_kind, uid)
    _require(request, case, of_kind, record)
    page = reverse(of_kind.page, args=[case.reference])
    form_class = of_kind.form
    form = form_class(request.POST if request.method == "POST" else None, case=case, record=record)

    def save(values: dict[str, Any]) -> str:
        relations, fields = form.values()
        content.change_content(the_user(request), record, values["version"], relations, **fields)
        return f"{page}#{kind}-{record.pk}"

    if request.method == "POST":
        done = posted_form(request, form, save, theirs=form_class.values_of, stay=f"{page}#{kind}-{uid}")
        if done is not None:
            return done
    about = str(getattr(record, form.about)) if form.about else ""
    return _form_page(request, case, of_kind, kind, form, about, page)


@require_http_methods(["GET", "POST"])
def record_withdraw(request: HttpRequest, reference: str, kind: str, uid: uuid.UUID) -> HttpResponse:
    """Withdraw a record, with a reason; it stays visible."""
    case = the_case(request, reference)
    of_kind = KINDS.get(kind)
    if of_kind is None:
        raise Http404
    record = _record(case, of_kind, uid)
    _require(request, case, of_kind, record)
    page = reverse(of_kind.page, args=[case.reference])
    initial = {"version": record.version}
    form = ReasonForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["version"].required = True

    def save(values: dict[str, Any]) -> str:
        content.withdraw_content(the_user(request), record, values["version"], values["reason"])
        return f"{page}#{kind}-{record.pk}"

    if request.method == "POST":
        done = posted_form(request, form, save, stay=f"{page}#{kind}-{uid}")
        if done is not None:
            return done
    context = {
        "form": form,
        "title": say(None, "case_form.withdraw_title"),
        "note": say(None, "case_form.withdraw_note"),
        "what": f"{say(None, f'case_history.kind_{record._meta.model_name}')}: {record_title(record)}",
        "button": say(None, "case.withdraw"),
        "dangerous": True,
        "cancel": page,
    }
    return render_case(request, case, "form.html", context, page=of_kind.page)


def record_title(record: Any) -> str:
    """Name a record in a few words, for headings and the history."""
    if isinstance(record, InterestTouched):
        return interest_name(record.interest)
    if isinstance(record, RiskJudgement):
        return say(None, f"case_risk.{record.dimension}")
    if isinstance(record, Evidence):
        return measure_name(record.finding["measure"])
    if isinstance(record, Comment):
        return record.text[:60]
    if isinstance(record, Decision):
        return record.outcome[:60]
    return str(getattr(record, "title", ""))


def _record(case: Case, kind: Kind, uid: uuid.UUID) -> Any:
    found = kind.model.objects.filter(case=case, pk=uid).select_related("case", "changed_by").first()
    if found is None:
        raise Http404
    return found


def _require(request: HttpRequest, case: Case, kind: Kind, record: Any = None) -> None:
    """Refuse at once what saving would refuse, before somebody types anything."""
    user = the_user(request)
    if kind.model is Comment:
        require(user, "comment")
        if record is not None and record.created_by_id != user.pk:
            raise NotAllowedError(
                "A comment is changed by whoever wrote it.",
                key="comment_of_another",
                next_step="Write a comment of your own.",
            )
        if not may_read_case(user, case):
            raise Http404
    else:
        cases.require_change(user, case)
    step = content.STEP_OF.get(kind.model)
    if step is not None and step <= case.completed_steps:
        raise RuleError(
            say(None, "case_step.stands", number=step), next_step=say(None, "case_step.stands_next")
        )


def _first_values(request: HttpRequest, form: type[RecordForm]) -> dict[str, Any]:
    """Take what a new record is about from the address: an interest, a dimension, a kind of option."""
    if form.about is None:
        return {}
    about = request.POST.get(form.about) or request.GET.get("about", "")
    known = {
        "interest": [each.code for each in public_interests()],
        "dimension": list(RiskJudgement.Dimension.values),
        "kind": [each.code for each in option_kinds()],
    }[form.about]
    if about not in known:
        raise Http404
    first: dict[str, Any] = {form.about: about}
    if form.about == "kind":
        first |= {"title": option_name(about), "level": _option_kind(about).usual_level}
    return first


def _option_kind(code: str) -> OptionKind:
    return next(each for each in option_kinds() if each.code == code)


def _form_page(
    request: HttpRequest, case: Case, of_kind: Kind, kind: str, form: RecordForm, about: str, page: str
) -> HttpResponse:
    language = active_language().code
    context: dict[str, Any] = {"form": form, "button": say(None, "case_form.save"), "cancel": page}
    if kind == "interest":
        context["title"] = say(None, "case_interest.judge_named", name=interest_name(about))
    elif kind == "judgement":
        context["title"] = say(None, "case_risk.judge_named", name=say(None, f"case_risk.{about}"))
        context["note"] = say(None, f"case_risk.about_{about}")
    elif kind == "option":
        option = _option_kind(about)
        context["title"] = say(None, "case_option.weigh_named", name=option.name[language])
        context["note"] = option.does[language]
        context["questions"] = [
            (say(None, "case_option.questions_cost"), option.cost_questions[language]),
            (say(None, "case_option.questions_benefit"), option.benefit_questions[language]),
        ]
    elif kind == "evidence":
        context["title"] = say(None, "case_evidence.change_note")
    elif kind == "comment":
        context["title"] = say(None, f"case_comment.{'change' if form.record else 'add'}")
        context["button"] = say(None, "case_comment.send")
    else:
        context["title"] = say(None, f"case_follow_up.{'change' if form.record else 'add'}_{kind}")
    return render_case(request, case, "form.html", context, page=of_kind.page)
