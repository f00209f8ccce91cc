"""Export and import in the browser: look first, then import; nothing but what was looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from geomonitor.register.models import Case, User
from geomonitor.register.services import cases

pytestmark = pytest.mark.django_db

OpenCase = Callable[..., Case]


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def case(open_case: OpenCase) -> Case:
    return open_case()


def exported(client: Client) -> dict[str, Any]:
    answer = client.get("/exchange/export/json/")
    assert answer["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.content)
    return found


def look(client: Client, document: Any, **fields: str) -> Any:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return client.post("/exchange/import/", {"file": SimpleUploadedFile("file.json", content), **fields})


def test_export_in_both_formats_stands_in_the_trail(as_reader: Client, case: Case) -> None:
    xlsx = as_reader.get("/exchange/export/xlsx/")
    assert xlsx.content.startswith(b"PK")
    assert ".xlsx" in xlsx["Content-Disposition"]
    assert [row["reference"] for row in exported(as_reader)["tables"]["cases"]] == [case.reference]
    entries = LogEntry.objects.filter(additional_data__event="export").order_by("pk")
    assert [(each.actor.username, each.additional_data["format"]) for each in entries] == [
        ("reader", "xlsx"),
        ("reader", "json"),
    ]
    assert as_reader.get("/exchange/export/pdf/").status_code == 404
    assert as_reader.get("/exchange/schema.json").json()["properties"]["format_version"] == {"const": 1}


def test_look_and_import(as_analyst: Client, case: Case, tmp_path: Path) -> None:
    document = exported(as_analyst)
    document["tables"]["cases"][0]["title"] = "Better <b>title</b>"
    answer = look(as_analyst, document)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Better &lt;b&gt;title&lt;/b&gt;" in page
    assert case.title in page
    case.refresh_from_db()
    assert case.version == 1
    sha256 = answer.context["sha256"]
    answer = as_analyst.post("/exchange/import/apply/", {"sha256": sha256}, follow=True)
    assert "0 new and 1 changed" in answer.content.decode()
    case.refresh_from_db()
    assert (case.title, case.version) == ("Better <b>title</b>", 2)
    entry = LogEntry.objects.get(additional_data__event="import")
    assert (entry.actor.username, entry.additional_data["sha256"]) == ("analyst", sha256)
    # it is gone, and is not imported twice
    assert list((tmp_path / "waiting-imports").iterdir()) == []
    assert as_analyst.post("/exchange/import/apply/", {"sha256": sha256}).status_code == 400


def test_a_register_that_changed_meanwhile_is_shown_again(
    as_analyst: Client, users: dict[str, User], case: Case
) -> None:
    document = exported(as_analyst)
    document["tables"]["cases"][0]["title"] = "Mine"
    sha256 = look(as_analyst, document).context["sha256"]
    cases.change_case(users["second_analyst"], case, 1, title="Theirs")
    answer = as_analyst.post("/exchange/import/apply/", {"sha256": sha256})
    assert answer.status_code == 409
    assert {"Theirs", "Mine"} <= set(answer.content.decode().replace("<", ">").split(">"))
    case.refresh_from_db()
    assert case.title == "Theirs"


def test_another_session_does_not_find_the_file(
    as_analyst: Client, users: dict[str, User], case: Case
) -> None:
    document = exported(as_analyst)
    document["tables"]["cases"][0]["title"] = "Mine"
    sha256 = look(as_analyst, document).context["sha256"]
    other = Client()
    other.force_login(users["analyst"], backend="django.contrib.auth.backends.ModelBackend")
    assert other.post("/exchange/import/apply/", {"sha256": sha256}).status_code == 400
    for wrong in ("", "../../etc/passwd", "0" * 64):
        assert as_analyst.post("/exchange/import/apply/", {"sha256": wrong}).status_code == 400


def test_a_file_that_waited_too_long_is_swept_away(as_analyst: Client, case: Case, tmp_path: Path) -> None:
    import os

    document = exported(as_analyst)
    document["tables"]["cases"][0]["title"] = "Mine"
    look(as_analyst, document)
    (first,) = (tmp_path / "waiting-imports").iterdir()
    os.utime(first, (0, 0))
    document["tables"]["cases"][0]["title"] = "Mine too"
    look(as_analyst, document)
    (second,) = (tmp_path / "waiting-imports").iterdir()
    assert second != first


def test_errors_stand_at_their_place(as_analyst: Client, case: Case) -> None:
    document = exported(as_analyst)
    document["tables"]["cases"][0]["subject_kind"] = "<script>"
    answer = look(as_analyst, document)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "cases, row 1, column subject_kind" in page
    assert "<script>&" not in page
    assert "one of product, material" in page


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{", b"\x00" * 100])
def test_what_is_no_export(as_analyst: Client, content: bytes) -> None:
    answer = look(as_analyst, content)
    assert answer.status_code == 400
    assert 'class="errors"' in answer.content.decode()


def test_no_file_and_a_file_that_is_too_large(as_analyst: Client, settings: Any) -> None:
    assert as_analyst.post("/exchange/import/").status_code == 400
    settings.UPLOAD_LIMIT_BYTES = 1024
    answer = look(as_analyst, b"{" + b" " * 200_000)
    assert answer.status_code == 413
    assert "geomonitor register import" in answer.content.decode()


@pytest.mark.parametrize("role", ["reader", "decision_maker"])
def test_roles_that_do_not_import(users: dict[str, User], role: str) -> None:
    client = Client()
    client.force_login(users[role], backend="django.contrib.auth.backends.ModelBackend")
    assert "does not import" in client.get("/exchange/").content.decode()
    assert look(client, b"{}").status_code == 403
    assert client.post("/exchange/import/apply/", {"sha256": "0"}).status_code == 403


def test_history_is_offered_to_administrators_and_refused_to_others(
    as_analyst: Client, as_administrator: Client, case: Case
) -> None:
    assert 'name="history"' in as_administrator.get("/exchange/").content.decode()
    assert 'name="history"' not in as_analyst.get("/exchange/").content.decode()
    assert look(as_analyst, exported(as_analyst), history="yes").status_code == 403
    assert look(as_administrator, exported(as_analyst), history="yes").status_code == 200


def test_in_dutch(as_analyst: Client, users: dict[str, User], case: Case) -> None:
    User.objects.update(language="nl")
    assert "Uitvoer en invoer" in as_analyst.get("/exchange/").content.decode()
    document = exported(as_analyst)
    assert "niets wat het register niet al heeft" in look(as_analyst, document).content.decode()
    document["tables"]["cases"][0]["created_at"] = "yesterday"
    problems = look(as_analyst, document).content.decode()
    assert "cases, rij 1, kolom created_at" in problems
    assert "geen datum en tijd met tijdzone" in problems
    assert "een datum en tijd zoals" in problems
