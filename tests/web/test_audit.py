"""The audit trail: append-only, with log-ins, exports and imports; no text of cases without access."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test import Client

from geomonitor.register.models import Case, Comment, User
from geomonitor.register.services import cases, content
from geomonitor.register.trail_guard import is_guarded

pytestmark = pytest.mark.django_db

OpenCase = Callable[..., Case]


def test_the_database_refuses_to_change_or_delete_a_line(open_case: OpenCase) -> None:
    open_case()
    assert is_guarded(connection)
    count = LogEntry.objects.count()
    entry = LogEntry.objects.latest()
    for spoil in (
        lambda: LogEntry.objects.update(object_repr="other"),
        lambda: LogEntry.objects.filter(pk=entry.pk).delete(),
        lambda: LogEntry.objects.all()._raw_delete("default"),
        lambda: entry.delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            spoil()
    assert LogEntry.objects.count() == count
    assert LogEntry.objects.get(pk=entry.pk).object_repr == entry.object_repr


@pytest.mark.parametrize("role", ["reader", "analyst", "decision_maker"])
def test_administrators_only(users: dict[str, User], role: str) -> None:
    client = Client()
    client.force_login(users[role], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/audit/").status_code == 403
    assert client.get("/audit/export/csv/").status_code == 403


def test_log_ins_stand_in_the_trail(client: Client, users: dict[str, User]) -> None:
    from tests_of_the_application import PASSWORD

    client.post("/log-in/", {"username": "analyst", "password": "wrong"})
    client.post("/log-in/", {"username": "a-password-in-the-wrong-field", "password": "x"})
    client.post("/log-in/", {"username": "analyst", "password": PASSWORD})
    client.post("/log-out/")
    events = LogEntry.objects.filter(additional_data__has_key="event").order_by("pk")
    assert [(each.additional_data["event"], each.object_repr) for each in events] == [
        ("log_in_failed", "analyst"),
        ("log_in_failed", ""),
        ("logged_in", "analyst"),
        ("logged_out", "analyst"),
    ]
    failed = events[0]
    assert (failed.actor, failed.remote_addr) == (None, "127.0.0.1")
    assert "wrong-field" not in str(list(LogEntry.objects.values()))


@pytest.fixture
def trail(users: dict[str, User], open_case: OpenCase) -> dict[str, Case]:
    """An open case that was changed, and a restricted one with a comment."""
    # what a request does of itself
    with set_actor(users["analyst"]):
        case = open_case()
        shown = cases.change_case(users["analyst"], case, case.version, summary="Open words")
        hidden = open_case(visibility="members", title="Hidden title")
        content.add(users["analyst"], hidden, Comment, text="Hidden words")
    with set_actor(users["second_analyst"]):
        cases.withdraw_case(users["second_analyst"], shown, shown.version, "Opened twice")
    return {"shown": shown, "hidden": hidden}


def test_the_texts_of_a_restricted_case_are_not_shown(
    as_administrator: Client, users: dict[str, User], trail: dict[str, Case]
) -> None:
    hidden = trail["hidden"].reference
    places = ("/audit/", "/audit/export/csv/", "/audit/export/jsonl/")
    for place in places:
        answer = as_administrator.get(place)
        text = (b"".join(answer) if answer.streaming else answer.content).decode()
        assert hidden in text
        assert "Hidden" not in text
        assert "Open words" in text
    cases.give_access(users["analyst"], trail["hidden"], users["administrator"], "read")
    for place in places:
        answer = as_administrator.get(place)
        text = (b"".join(answer) if answer.streaming else answer.content).decode()
        assert "Hidden words" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"user": "second_analyst"}, {("second_analyst", "withdrawn", "case")}),
        ({"action": "withdrawn"}, {("second_analyst", "withdrawn", "case")}),
        ({"kind": "comment"}, {("analyst", "created", "comment")}),
        ({"action": "created", "kind": "case"}, {("analyst", "created", "case")}),
        ({"last": "2020-01-01"}, set()),
        ({"first": "2020-01-01", "action": "changed", "user": "analyst"}, {("analyst", "changed", "case")}),
        ({"action": "export", "kind": "case"}, set()),
        ({"case": "1999-001"}, set()),
    ],
)
def test_filters(
    as_administrator: Client,
    trail: dict[str, Case],
    query: dict[str, str],
    expected: set[tuple[str, str, str]],
) -> None:
    lines = as_administrator.get("/audit/", query).context["lines"]
    assert {(line.user, line.action, line.kind) for line in lines} == expected


def test_filter_by_case(as_administrator: Client, trail: dict[str, Case]) -> None:
    lines = as_administrator.get("/audit/", {"case": trail["hidden"].reference}).context["lines"]
    assert {line.kind for line in lines} == {"case", "casemember", "comment"}


@pytest.mark.parametrize(
    "query", [{"user": "' OR 1=1 --"}, {"first": "yesterday"}, {"kind": "x"}, {"last": "9999-12-31"}]
)
def test_a_filter_that_is_not_right_is_explained(as_administrator: Client, query: dict[str, str]) -> None:
    answer = as_administrator.get("/audit/", query)
    assert answer.status_code == 400
    assert 'class="errors"' in answer.content.decode()
    assert as_administrator.get("/audit/export/csv/", query).status_code == 400


def test_pages(as_administrator: Client, users: dict[str, User], open_case: OpenCase) -> None:
    case = open_case()
    for number in range(60):
        content.add(users["analyst"], case, Comment, text=f"Comment {number}")
    first = as_administrator.get("/audit/", {"kind": "comment"})
    second = as_administrator.get("/audit/", {"kind": "comment", "page": 2})
    assert [len(answer.context["lines"]) for answer in (first, second)] == [50, 10]
    assert "kind=comment&amp;page=2" in first.content.decode()


def test_files(as_administrator: Client, users: dict[str, User], open_case: OpenCase) -> None:
    case = open_case(title="=1+1")
    answer = as_administrator.get("/audit/export/csv/", {"kind": "case"})
    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    title = next(row for row in rows if row["field"] == "title")
    assert (title["after"], title["case"], title["user"]) == ("'=1+1", case.reference, "")
    lines = b"".join(as_administrator.get("/audit/export/jsonl/", {"kind": "case"})).decode().splitlines()
    found: dict[str, Any] = json.loads(lines[0])
    assert (found["case"], found["changes"]["title"]) == (case.reference, ["", "=1+1"])
    exports = LogEntry.objects.filter(additional_data__event="export")
    assert [each.additional_data["of"] for each in exports] == ["audit_trail"] * 2
    assert {each.actor for each in exports} == {users["administrator"]}
    assert as_administrator.get("/audit/export/pdf/").status_code == 404
