"""The audit trail for administrators: filtered, and without the texts of cases that they may not read."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils import timezone

from geomonitor.register.access import visible_cases
from geomonitor.register.models import Case, User
from geomonitor.register.trail_events import EVENTS

__all__ = ["ACTIONS", "KINDS", "TrailFilter", "TrailLine", "trail_entries", "trail_lines"]

ACTIONS: tuple[str, ...] = ("created", "changed", "withdrawn", "seen", *EVENTS)
"""What a line of the trail can be."""

KINDS: tuple[str, ...] = (
    "case",
    "casemember",
    "stepevent",
    "evidence",
    "interesttouched",
    "riskjudgement",
    "policyoption",
    "decision",
    "action",
    "paperlink",
    "comment",
    "instrument",
    "instrumentrisk",
    "coercioncase",
    "statejudgement",
    "user",
)
"""Models that the trail follows."""

_SHOWN_SIGNS = 300


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What is wanted of the trail; empty fields filter nothing.

    Attributes
    ----------
    user, action, kind, case : str
        User name, one of `ACTIONS`, one of `KINDS`, reference of a case.
    first, last : datetime.date or None
        Days, both included.
    """

    user: str = ""
    action: str = ""
    kind: str = ""
    case: str = ""
    first: datetime.date | None = None
    last: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class TrailLine:
    """A line of the trail.

    Attributes
    ----------
    at : datetime.datetime
    user, action, kind, record, case, address : str
        Who, what, of which kind of record, which record, of which case, from which address.
    changes : mapping of str to (str, str)
        Old and new text by field.
    details : mapping
        Of an export or import: format, sum, rows.
    hidden : bool
        The texts are those of a case that the reader has no access to.
    """

    at: datetime.datetime
    user: str
    action: str
    kind: str
    record: str
    case: str
    address: str
    changes: Mapping[str, tuple[str, str]]
    details: Mapping[str, Any]
    hidden: bool

    @property
    def shown_changes(self) -> list[tuple[str, str, str]]:
        """Field, old and new, cut to what a page has room for."""
        return [(name, _cut(old), _cut(new)) for name, (old, new) in self.changes.items()]

    @property
    def details_text(self) -> str:
        """The details as text, empty where there are none."""
        return json.dumps(self.details, ensure_ascii=False, sort_keys=True) if self.details else ""


def trail_entries(wanted: TrailFilter) -> QuerySet[Any]:
    """Give the entries that pass a filter, newest first."""
    entries: QuerySet[Any] = LogEntry.objects.select_related("actor", "content_type").order_by(
        "-timestamp", "-pk"
    )
    if wanted.user:
        entries = entries.filter(actor__username=wanted.user)
    if wanted.kind:
        # an event of a user is no change of the record of that user
        entries = entries.filter(
            content_type=ContentType.objects.get(app_label="register", model=wanted.kind)
        )
    if wanted.case:
        case = Case.objects.filter(reference=wanted.case).first()
        entries = entries.filter(additional_data__case=str(case.pk)) if case else entries.none()
    if wanted.first:
        entries = entries.filter(timestamp__gte=_start_of(wanted.first))
    if wanted.last:
        entries = entries.filter(timestamp__lt=_start_of(wanted.last + datetime.timedelta(days=1)))
    return _of_action(entries, wanted.action)


def _of_action(entries: QuerySet[Any], action: str) -> QuerySet[Any]:
    if action in EVENTS:
        return entries.filter(additional_data__event=action)
    if action == "created":
        return entries.filter(action=LogEntry.Action.CREATE)
    if action == "changed":
        return entries.filter(action=LogEntry.Action.UPDATE)
    if action == "withdrawn":
        return entries.filter(action=LogEntry.Action.UPDATE, changes__has_key="withdrawn_at")
    if action == "seen":
        return entries.filter(action=LogEntry.Action.ACCESS).exclude(additional_data__has_key="event")
    return entries


def _start_of(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def trail_lines(reader: User, entries: Iterable[Any]) -> Iterator[TrailLine]:
    """Make lines of entries, as one reader may see them.

    Parameters
    ----------
    reader : User
    entries : iterable of LogEntry
    """
    references = {str(uid): name for uid, name in Case.objects.values_list("pk", "reference")}
    visible = {str(uid) for uid in visible_cases(reader).values_list("pk", flat=True)}
    for entry in entries:
        data = dict(entry.additional_data or {})
        case = data.pop("case", None)
        event = data.pop("event", None)
        hidden = case is not None and case not in visible
        yield TrailLine(
            at=entry.timestamp,
            user=entry.actor.username if entry.actor else "",
            action=event or _action(entry),
            kind=entry.content_type.model,
            record="" if hidden else entry.object_repr,
            case=references.get(case, "") if case else "",
            address=entry.remote_addr or "",
            changes={} if hidden else _changes(entry.changes),
            details={} if hidden else data,
            hidden=hidden,
        )


def _action(entry: Any) -> str:
    if entry.action == LogEntry.Action.CREATE:
        return "created"
    if entry.action == LogEntry.Action.ACCESS:
        return "seen"
    return "withdrawn" if "withdrawn_at" in (entry.changes or {}) else "changed"


def _changes(changes: Mapping[str, Any] | None) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, change in (changes or {}).items():
        if isinstance(change, dict):
            # records that were added to or taken from a relation
            listed = ", ".join(str(each) for each in change.get("objects", ()))
            added = change.get("operation") != "delete"
            found[name] = ("", listed) if added else (listed, "")
        else:
            old, new = ("" if each in (None, "None") else str(each) for each in change)
            found[name] = (old, new)
    return found


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_SIGNS else f"{text[:_SHOWN_SIGNS]}…"
