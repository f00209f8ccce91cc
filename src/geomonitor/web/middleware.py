"""Between the request and the page: the user's language, a password to change, errors in words."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils import translation

from geomonitor.errors import GeomonitorError
from geomonitor.web.accounts.addresses import client_address
from geomonitor.web.failures import failed

__all__ = [
    "ClientAddressMiddleware",
    "LogInAgainMiddleware",
    "MessagesForPeopleMiddleware",
    "PasswordChangeMiddleware",
    "PrivatePagesMiddleware",
    "UserLanguageMiddleware",
]

Handler = Callable[[HttpRequest], HttpResponse]

_ALWAYS_ALLOWED = frozenset({"change-password", "log-out", "set-language", "set-theme", "health"})


class ClientAddressMiddleware:
    """Make REMOTE_ADDR the address of whoever asks, for the lock-out and the audit trail.

    X-Forwarded-For is believed as far as our own proxies wrote it (`GEOMONITOR_PROXIES`) and then taken
    away, so that nothing further on believes what a visitor wrote.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the address; none where it cannot be known."""
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        address = client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES)
        if address is None:
            request.META.pop("REMOTE_ADDR", None)
        else:
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Have no cache keep a page: not the browser's after the user has logged out, nor a proxy's.

    What may be kept, such as the data of a figure, says so itself.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say so, where the page does not say anything."""
        answer = self.get_response(request)
        if "Cache-Control" not in answer:
            answer["Cache-Control"] = "private, no-store"
        return answer


class LogInAgainMiddleware:
    """Where a session ended, have the whole page lead to the log-in, and not a part of it.

    htmx would follow the redirect and put the page to log in where the part was to come.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Ask htmx to load the page again; that request is then led to the log-in, and back."""
        answer = self.get_response(request)
        if request.headers.get("HX-Request") == "true" and answer.status_code == HTTPStatus.FOUND:
            led_to = urlsplit(answer["Location"]).path
            if led_to in {resolve_url(settings.LOGIN_URL), reverse("change-password")}:
                return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Refresh": "true"})
        return answer


class UserLanguageMiddleware:
    """Show pages in the language that the user chose, on whatever machine."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Switch the language for this request."""
        chosen = getattr(request.user, "language", "")
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        return self.get_response(request)


class PasswordChangeMiddleware:
    """Lead a user with a password that somebody else knows to the page that changes it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Redirect, unless the page is one that is needed for the change."""
        if getattr(request.user, "must_change_password", False):
            try:
                name = resolve(request.path_info).url_name
            except Resolver404:
                name = None
            if name not in _ALWAYS_ALLOWED:
                return redirect("change-password")
        return self.get_response(request)


class MessagesForPeopleMiddleware:
    """Show an error that a user can mend as a page, without a traceback."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Make a page of an error of Geomonitor; every other error is a defect and goes on."""
        if isinstance(exception, GeomonitorError):
            return failed(request, exception)
        return None
