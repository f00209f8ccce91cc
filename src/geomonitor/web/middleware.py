"""Between the request and the page: the user's language, a password to change, errors in words."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import translation

from geomonitor.errors import GeomonitorError
from geomonitor.web.failures import failed

__all__ = ["MessagesForPeopleMiddleware", "PasswordChangeMiddleware", "UserLanguageMiddleware"]

Handler = Callable[[HttpRequest], HttpResponse]

_ALWAYS_ALLOWED = frozenset({"change-password", "log-out", "set-language", "health"})


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
