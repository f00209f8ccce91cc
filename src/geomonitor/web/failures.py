"""Pages for what went wrong: each says what happened and what to do next."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from geomonitor.errors import GeomonitorError, UnknownCodeError
from geomonitor.register.errors import ConflictError, NotAllowedError
from geomonitor.web.language import say

__all__ = [
    "bad_request",
    "csrf_failed",
    "failed",
    "locked_out",
    "not_found",
    "not_permitted",
    "server_error",
    "status_of",
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
    """Show an error that a user can mend, as a page or as JSON for the API."""
    status = status_of(error)
    if request.path_info.startswith("/api/"):
        content = {"what": error.what, "where": error.where, "expected": error.expected}
        return JsonResponse({**content, "next": error.next_step}, status=status)
    return render(request, "web/failures/message.html", {"error": error}, status=status)


def _page(request: HttpRequest, kind: str, status: int) -> HttpResponse:
    error = GeomonitorError(say(None, f"failure.{kind}"), next_step=say(None, f"failure.{kind}_next"))
    if request.path_info.startswith("/api/"):
        return JsonResponse({"what": error.what, "next": error.next_step}, status=status)
    return render(request, "web/failures/message.html", {"error": error}, status=status)


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
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("web/failures/defect.html"), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from our own page, or too late."""
    return _page(request, "csrf", 403)


def locked_out(request: HttpRequest, credentials: Any, *arguments: Any, **options: Any) -> HttpResponse:
    """Answer after too many wrong passwords."""
    return _page(request, "locked_out", 429)
