"""The page of the audit trail, and the trail as a file."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from geomonitor.errors import UnknownCodeError
from geomonitor.register.access import require
from geomonitor.register.models import User
from geomonitor.register.trail_events import note_event
from geomonitor.web.downloads import neutral_text
from geomonitor.web.exchange.trail import (
    ACTIONS,
    KINDS,
    TrailFilter,
    TrailLine,
    trail_entries,
    trail_lines,
)
from geomonitor.web.language import say, say_lazy
from geomonitor.web.words import PageError

__all__ = ["TrailForm", "audit_export", "audit_trail"]

_LINES_A_PAGE = 50
_COLUMNS = (
    "at",
    "user",
    "action",
    "kind",
    "record",
    "case",
    "field",
    "before",
    "after",
    "details",
    "address",
)


def _day(key: str) -> forms.DateField:
    # the first and last days that there are cannot be counted on
    between = [MinValueValidator(datetime.date(2000, 1, 1)), MaxValueValidator(datetime.date(2999, 12, 31))]
    widget = forms.DateInput({"type": "date"})
    return forms.DateField(required=False, label=say_lazy(key), widget=widget, validators=between)


class TrailForm(forms.Form):
    """What to filter the trail by."""

    user = forms.ChoiceField(required=False, label=say_lazy("audit.user"))
    action = forms.ChoiceField(required=False, label=say_lazy("audit.action"))
    kind = forms.ChoiceField(required=False, label=say_lazy("audit.kind"))
    case = forms.CharField(required=False, max_length=20, label=say_lazy("audit.case"))
    first = _day("audit.first")
    last = _day("audit.last")

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        every = ("", say(None, "audit.all"))
        names = User.objects.order_by("username").values_list("username", flat=True)
        self._choose("user", [every, *((name, name) for name in names)])
        self._choose("action", [every, *((each, say(None, f"trail_action.{each}")) for each in ACTIONS)])
        self._choose("kind", [every, *((each, say(None, f"trail_kind.{each}")) for each in KINDS)])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def wanted(self) -> TrailFilter:
        """Give the filter.

        Raises
        ------
        GeomonitorError
            If a field is not right.
        """
        if not self.is_valid():
            name, texts = next(iter(self.errors.items()))
            raise PageError(
                str(texts[0]),
                where=name,
                expected=say(None, "audit.expected"),
                next_step=say(None, "audit.next"),
            )
        return TrailFilter(**self.cleaned_data)


@require_safe
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Show the trail, newest first."""
    user = _administrator(request)
    form = TrailForm(request.GET)
    page = None
    lines: list[TrailLine] = []
    if form.is_valid():
        page = Paginator(trail_entries(form.wanted()), _LINES_A_PAGE).get_page(request.GET.get("page"))
        lines = list(trail_lines(user, page.object_list))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page": page, "lines": lines, "query": query.urlencode()}
    return render(request, "web/exchange/audit.html", context, status=200 if page else 400)


@require_safe
def audit_export(request: HttpRequest, file_format: str) -> StreamingHttpResponse:
    """Give what passes the filter as a file, line by line as it is read."""
    user = _administrator(request)
    writers = {"csv": (_csv, "text/csv; charset=utf-8"), "jsonl": (_json_lines, "application/x-ndjson")}
    if file_format not in writers:
        raise UnknownCodeError(
            f"There is no format {file_format!r}.", where="format", expected=" or ".join(writers)
        )
    wanted = TrailForm(request.GET).wanted()
    note_event("export", user, format=file_format, of="audit_trail")
    write, content_type = writers[file_format]
    lines = trail_lines(user, trail_entries(wanted).iterator(chunk_size=500))
    response = StreamingHttpResponse(write(lines), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="geomonitor-trail.{file_format}"'
    return response


def _administrator(request: HttpRequest) -> User:
    require(request.user, "read_audit_trail")
    assert isinstance(request.user, User)
    return request.user


class _Line:
    """Gives the writer of CSV back what it wrote."""

    def write(self, text: str) -> str:
        return text


def _csv(lines: Iterator[TrailLine]) -> Iterator[str]:
    """Write a row a field that changed, or one where none did."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(_COLUMNS)
    for line in lines:
        head = [line.at.isoformat(), line.user, line.action, line.kind, line.record, line.case]
        changes = [(name, old, new) for name, (old, new) in line.changes.items()] or [("", "", "")]
        for change in changes:
            row = [*head, *change, line.details_text, line.address]
            yield writer.writerow([neutral_text(each) for each in row])


def _json_lines(lines: Iterator[TrailLine]) -> Iterator[str]:
    for line in lines:
        entry = {
            "at": line.at.isoformat(),
            "user": line.user or None,
            "action": line.action,
            "kind": line.kind,
            "record": line.record or None,
            "case": line.case or None,
            "changes": {name: list(change) for name, change in line.changes.items()},
            "details": dict(line.details),
            "address": line.address or None,
            "restricted": line.hidden,
        }
        yield json.dumps(entry, ensure_ascii=False) + "\n"
