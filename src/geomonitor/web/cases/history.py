"""What happened to a case, from the audit trail: who changed what, when, and why."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from geomonitor.register.models import Case, CaseMember, StepEvent, User
from geomonitor.register.trail import saw
from geomonitor.web.cases.common import render_case, the_case
from geomonitor.web.cases.records import KINDS, record_title
from geomonitor.web.language import has_text, say

__all__ = ["FieldChange", "HistoryEntry", "case_history", "history_entries"]

_PAGE = 50
_AT_ONCE = datetime.timedelta(seconds=2)
_QUIET = frozenset(
    {
        "uid", "id", "case", "created_by", "created_at", "changed_by", "changed_at", "version", "finding",
        "finding_sha256", "edition_created", "snapshot", "withdrawn_by", "withdrawn_at", "given_by",
        "judged_by", "judged_at", "reminded_at",
    }
)  # fmt: skip
_LABELS: Mapping[str, str] = {
    "title": "case.title",
    "summary": "case.summary",
    "benefits": "case.benefits",
    "importer": "case.importer",
    "counterpart": "case.counterpart",
    "assigned_to": "case.assigned",
    "visibility": "case_people.visibility",
    "argument": "case_form.argument",
    "level": "case_risk.level",
    "touched": "case_interest.touched",
    "evidence": "case_evidence.title",
    "note": "case_evidence.note",
    "withdrawn_reason": "case_form.reason",
    "reason": "case_form.reason",
    "closed_reason": "case_form.reason",
    "subject_kind": "case_form.subject_kind",
    "subject_code": "case_form.subject_code",
    "subject_name": "case_form.subject_name",
    "completed_steps": "case_list.steps",
    "cost": "case_option.cost",
    "benefit": "case_option.benefit",
    "borne_by": "case_option.borne_by",
    "side_effects": "case_option.side_effects",
    "instruments": "case_option.instruments",
    "description": "case_option.description",
    "cost_minimum_meur": "case_form.cost_minimum",
    "cost_maximum_meur": "case_form.cost_maximum",
    "lead_time_minimum_months": "case_form.lead_minimum",
    "lead_time_maximum_months": "case_form.lead_maximum",
    "chosen": "case_decision.chosen",
    "outcome": "case_decision.outcome",
    "decided_by": "case_decision.decided_by",
    "decided_on": "case_decision.decided_on",
    "review_on": "case_decision.review_on",
    "judged_reason": "case_decision.judged_reason",
    "state": "case_decision.state",
    "owner": "case_follow_up.owner_user",
    "owner_text": "case_follow_up.owner_text",
    "due_on": "case_follow_up.due_on",
    "result": "case_follow_up.result",
    "text": "case_comment.text",
    "about": "case_comment.about",
    "access": "case_people.access",
    "until": "case_people.until",
    "user": "case_people.user",
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a case or of something in it."""

    at: Any
    who: str
    what: str
    action: str
    reason: str
    changes: tuple[FieldChange, ...]


def history_entries(case: Case) -> list[HistoryEntry]:
    """Give every change of a case, newest first. Who merely read it is in the audit trail."""
    named = _named_records(case)
    users = dict(User.objects.values_list("pk", "username"))
    types = {each.pk: each.model for each in ContentType.objects.filter(app_label="register")}
    keys = {(kind, pk) for kind, pk in named}
    found = LogEntry.objects.filter(
        content_type__in=types, object_pk__in={pk for _, pk in keys}, action__lt=LogEntry.Action.DELETE
    ).select_related("actor")
    entries = []
    logs = list(found.order_by("-timestamp", "-pk"))
    made = {
        (log.content_type_id, log.object_pk): log.timestamp
        for log in logs
        if log.action == LogEntry.Action.CREATE
    }
    for log in logs:
        kind = types[log.content_type_id]
        if (kind, log.object_pk) not in keys:
            continue
        if _came_with_it(log, made.get((log.content_type_id, log.object_pk))):
            continue
        entry = _entry(log, kind, named[kind, log.object_pk], users)
        if entry is not None:
            entries.append(entry)
    return entries


def _came_with_it(log: LogEntry, made: datetime.datetime | None) -> bool:
    """Say whether an entry is what a new record points at: written apart, though it came with it."""
    if log.action != LogEntry.Action.UPDATE or made is None or log.timestamp - made > _AT_ONCE:
        return False
    return all(isinstance(each, Mapping) for each in log.changes_dict.values())


def _named_records(case: Case) -> dict[tuple[str, str], Any]:
    """Give what to call each record of the case in the trail."""
    named: dict[tuple[str, str], Any] = {("case", str(case.pk)): case.title}
    for kind in KINDS.values():
        model = kind.model
        for record in model.objects.filter(case=case):
            named[model._meta.model_name, str(record.pk)] = record_title(record)
    for member in CaseMember.objects.filter(case=case).select_related("user"):
        named["casemember", str(member.pk)] = member.user.shown_name
    for event in StepEvent.objects.filter(case=case):
        text = say(None, f"case_step.{event.kind}_event", number=event.step or "")
        named["stepevent", str(event.pk)] = (text, event.reason)
    return named


def _entry(log: LogEntry, kind: str, name: Any, users: Mapping[int, str]) -> HistoryEntry | None:
    who = log.actor.shown_name if log.actor is not None else say(None, "case.program")
    if kind == "stepevent":
        text, reason = name
        return HistoryEntry(log.timestamp, who, text, "", reason, ())
    what = f"{say(None, f'case_history.kind_{kind}')}: {name}"
    changed = log.changes_dict
    if log.action == LogEntry.Action.CREATE:
        return HistoryEntry(log.timestamp, who, what, say(None, "case_history.create"), "", ())
    changes = tuple(
        _field_change(field, change, users) for field, change in changed.items() if field not in _QUIET
    )
    if "withdrawn_at" in changed:
        reason = str(changed.get("withdrawn_reason", ["", ""])[1])
        return HistoryEntry(log.timestamp, who, what, say(None, "case_history.withdraw"), reason, ())
    if not changes or set(changed) <= {"completed_steps", "closed_at", "closed_reason"}:
        # said already by the event of the step
        return None
    return HistoryEntry(log.timestamp, who, what, say(None, "case_history.update"), "", changes)


def _field_change(field: str, change: Any, users: Mapping[int, str]) -> FieldChange:
    label = say(None, _LABELS[field]) if field in _LABELS else field.replace("_", " ")
    if isinstance(change, Mapping):
        key = f"case_history.relations_{change.get('operation')}"
        names = ", ".join(str(each) for each in change.get("objects", ()))
        return FieldChange(label, "", say(None, key, names=names) if has_text(key) else names)
    before, after = (_value(field, each, users) for each in change)
    return FieldChange(label, before, after)


def _value(field: str, value: Any, users: Mapping[int, str]) -> str:
    if value in (None, "", "None"):
        return say(None, "case_history.empty")
    if field in {"assigned_to", "owner", "user"} and str(value).isdigit():
        return users.get(int(value), str(value))
    return str(value)


@require_safe
def case_history(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what happened to a case."""
    case = the_case(request, reference)
    saw(case)
    pages = Paginator(history_entries(case), _PAGE)
    context = {"entries": pages.get_page(request.GET.get("page"))}
    return render_case(request, case, "history.html", context, page="case-history")
