"""Pages for what went wrong: each says what happened and what to do next."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from geomonitor.errors import GeomonitorError, UnknownCodeError
from geomonitor.register.errors import ConflictError, NotAllowedError, RegisterError
from geomonitor.web.language import active_language, say
from geomonitor.web.words import Said, said

__all__ = [
    "bad_request",
    "csrf_failed",
    "failed",
    "locked_out",
    "not_found",
    "not_permitted",
    "server_error",
    "status_of",
    "upload_too_large",
]


def status_of(error: GeomonitorError) -> int:
    """Give the HTTP status of an error.

    Examples
    --------
    >>> status_of(UnknownCodeError("No such product."))
    404
    """
    if isinstance(error, UnknownCodeError):
        return 404
    if isinstance(error, NotAllowedError):
        return 403
    if isinstance(error, ConflictError):
        return 409
    return 400


def failed(request: HttpRequest, error: GeomonitorError) -> HttpResponse:
    """Show an error that a user can mend, as a page or as JSON for the API.

    The page says it in the language of the reader; the API, like the library, in English.
    """
    return _answer(request, error, status_of(error), said(error))


def _answer(request: HttpRequest, error: GeomonitorError, status: int, words: Said) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        content = {"what": error.what, "where": error.where, "expected": error.expected}
        return JsonResponse({**content, "next": error.next_step}, status=status)
    context = {
        "error": words,
        "title": say(request, f"failure.title_{status}"),
        "case_url": _case_url(request) if status != 404 else "",
    }
    return render(request, "web/failures/message.html", context, status=status)


def _case_url(request: HttpRequest) -> str:
    """Give the page of the case that the address is about; empty where it is about none."""
    match = request.resolver_match
    reference = match.kwargs.get("reference") if match is not None else None
    return reverse("case", kwargs={"reference": reference}) if reference else ""


def _page(
    request: HttpRequest, kind: str, status: int, expected: str | None = None, **values: object
) -> HttpResponse:
    # its words are the page's own
    error = RegisterError(
        say(request, f"failure.{kind}"),
        expected=expected,
        next_step=say(request, f"failure.{kind}_next", **values),
    )
    return _answer(request, error, status, said(error))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be understood."""
    return _page(request, "bad_request", 400)


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that the user's role does not allow."""
    return _page(request, "not_permitted", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for what is not there, or not there for this user."""
    return _page(request, "not_found", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after a defect: without the database or the user, which may be the cause."""
    if request.path_info.startswith("/api/"):
        words = {"what": say(request, "failure.defect"), "next": say(request, "failure.defect_next")}
        return JsonResponse(words, status=500)
    try:
        stylesheet = staticfiles_storage.url("geomonitor/geomonitor.css")
    except ValueError:
        # static files were not collected, which may be the defect itself: the page does without
        stylesheet = ""
    context = {"language": active_language().code, "stylesheet": stylesheet}
    return HttpResponse(render_to_string("web/failures/defect.html", context), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from our own page, or too late, or was too large to be read."""
    if getattr(request, "upload_too_large", False):
        return upload_too_large(request)
    return _page(request, "csrf", 403)


def upload_too_large(request: HttpRequest) -> HttpResponse:
    """Answer an upload that was stopped at the limit, for a page that has nothing better to say.

    `geomonitor.web.uploads` sets `request.upload_too_large`.
    """
    limit_mb = settings.UPLOAD_LIMIT_BYTES // (1024 * 1024)
    expected = say(request, "failure.too_large_expected", limit_mb=limit_mb)
    return _page(request, "too_large", 413, expected)


def locked_out(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
    """Answer after too many wrong passwords; the same whether the account exists or not."""
    from geomonitor.web.accounts.lockout import pause_minutes

    minutes = pause_minutes()
    expected = say(
        request, "failure.locked_out_expected", attempts=settings.AXES_FAILURE_LIMIT, minutes=minutes
    )
    answer = _page(request, "locked_out", 429, expected, minutes=minutes)
    answer["Retry-After"] = str(minutes * 60)
    return answer
