"""Pages for what went wrong: in words, with what to do next, and never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils import translation

from geomonitor.errors import DataError, GeomonitorError, UnknownCodeError
from geomonitor.register.errors import ConflictError, NotAllowedError, RegisterError, RuleError
from geomonitor.web import failures
from geomonitor.web import urls as application
from geomonitor.web.language import say
from geomonitor.web.words import said

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from geomonitor.register.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

ERRORS = {
    "rule": (
        RuleError(
            "A decision waits for approval already.",
            key="decision_waits",
            next_step="Withdraw that one first.",
        ),
        400,
    ),
    "data": (DataError("The table is damaged.", where="products.parquet"), 400),
    "role": (NotAllowedError("You cannot read this case.", key="case_unreadable"), 403),
    "code": (UnknownCodeError("There is no product 999999.", expected="an HS6 code"), 404),
    "conflict": (
        ConflictError(
            "{who} changed this while you were working on it; nothing of yours was saved yet.",
            key="conflict",
            values={"who": "Anna", "now": 3, "read": 2},
            record=None,
            wanted={},
            where="version {now}, and you started from version {read}",
        ),
        409,
    ),
    "denied": (PermissionDenied("secret detail"), 403),
    "suspicious": (SuspiciousOperation("secret detail"), 400),
    "defect": (ZeroDivisionError("secret detail"), 500),
}


@login_not_required
def fail(request: HttpRequest, kind: str) -> HttpResponse:
    raise ERRORS[kind][0]


@login_not_required
def upload(request: HttpRequest) -> HttpResponse:
    sent = len(request.FILES)
    if getattr(request, "upload_too_large", False):
        return failures.upload_too_large(request)
    return HttpResponse(f"{sent} file")


urlpatterns = [
    path("fail/<str:kind>/", fail),
    path("api/fail/<str:kind>/", fail),
    path("upload/", upload),
    *application.urlpatterns,
]
handler400, handler403 = application.handler400, application.handler403
handler404, handler500 = application.handler404, application.handler500


@pytest.mark.filterwarnings("default::UserWarning")
@pytest.mark.parametrize("kind", list(ERRORS))
@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_failure_has_a_page(kind: str, language: str, users: dict[str, User]) -> None:
    error, status = ERRORS[kind]
    visitor = Client(raise_request_exception=False, headers={"accept-language": language})
    member = Client(raise_request_exception=False, headers={"accept-language": language})
    member.force_login(users["second_analyst"], backend="django.contrib.auth.backends.ModelBackend")
    users["second_analyst"].language = language
    users["second_analyst"].save()
    for client in (visitor, member):
        answer = client.get(f"/fail/{kind}/")
        page = answer.content.decode()
        assert answer.status_code == status
        assert f'<html lang="{language}"' in page
        assert say(language, f"failure.title_{status}") in page
        assert "Traceback" not in page
        assert "secret detail" not in page
        if isinstance(error, RegisterError):
            with translation.override(language):
                words = said(error)
            assert f'<p class="lead">{words.what}</p>' in page
            assert all(part in page for part in (words.where, words.expected, words.next_step) if part)
            assert (words.what == error.what) == (language == "en")
        elif isinstance(error, GeomonitorError):
            assert f'<p class="lead" lang="en">{error.what}</p>' in page
            assert all(part in page for part in (error.where, error.expected, error.next_step) if part)


@pytest.mark.parametrize("kind", list(ERRORS))
def test_the_api_answers_in_json(kind: str) -> None:
    error, status = ERRORS[kind]
    answer = Client(raise_request_exception=False).get(f"/api/fail/{kind}/")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    found = answer.json()
    assert found["what"]
    assert "secret detail" not in answer.content.decode()
    if isinstance(error, GeomonitorError):
        assert found == {
            "what": error.what, "where": error.where, "expected": error.expected, "next": error.next_step
        }  # fmt: skip


def test_a_page_that_is_not_there(as_reader: Client) -> None:
    answer = as_reader.get("/no/such/page/")
    assert answer.status_code == 404
    assert say("en", "failure.not_found_next") in answer.content.decode()


def test_another_host_name_is_refused() -> None:
    answer = Client(raise_request_exception=False).get("/log-in/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert say("en", "failure.bad_request") in answer.content.decode()


def test_an_upload_that_is_too_large(settings: SettingsWrapper) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    client = Client(enforce_csrf_checks=True)
    client.get("/log-in/")
    token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    # the first is stopped as it comes in, the second before, so that not even its token is read
    for size_bytes in (1024 * 1024 + 1, 2 * 1024 * 1024):
        file = SimpleUploadedFile("register.xlsx", b"x" * size_bytes)
        answer = client.post("/upload/", {**token, "file": file})
        assert answer.status_code == 413, size_bytes
        assert say("en", "failure.too_large_expected", limit_mb=1) in answer.content.decode()
    small = client.post("/upload/", {**token, "file": SimpleUploadedFile("register.xlsx", b"x" * 1024)})
    assert small.content == b"1 file"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b"a=%00&b=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(600)), "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * (3 * 1024 * 1024), "application/x-www-form-urlencoded"),
    ],
)
def test_forms_that_cannot_be_read(content: bytes, kind: str) -> None:
    for check in (False, True):
        client = Client(enforce_csrf_checks=check, raise_request_exception=False)
        answer = client.post("/log-in/", content, content_type=kind)
        assert answer.status_code in {200, 400, 403}
        assert "Traceback" not in answer.content.decode()


def test_the_page_on_a_defect_needs_no_static_files(settings: SettingsWrapper) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    answer = Client(raise_request_exception=False).get("/fail/defect/")
    assert answer.status_code == 500
    assert say("en", "failure.defect") in answer.content.decode()
