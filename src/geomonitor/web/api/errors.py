"""Errors of the API: always JSON with what happened, where, what was expected and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from geomonitor.errors import GeomonitorError
from geomonitor.register.errors import ConflictError, RuleError
from geomonitor.register.exchange.export import plain_rows
from geomonitor.register.exchange.tables import tables
from geomonitor.register.exchange.values import plain
from geomonitor.web.api.security import TooManyFailuresError
from geomonitor.web.api.tokens import PAUSE_SECONDS
from geomonitor.web.failures import status_of

__all__ = ["handle_errors"]


def handle_errors(api: NinjaAPI) -> None:
    """Have an API answer every error that a program can mend as JSON."""

    @api.exception_handler(GeomonitorError)
    def _failed(request: HttpRequest, error: GeomonitorError) -> HttpResponse:
        status = 429 if isinstance(error, TooManyFailuresError) else status_of(error)
        body = _body(error.what, error.where, error.expected, error.next_step)
        if isinstance(error, ConflictError):
            body |= {"current": _record(error.record), "wanted": _wanted(error.wanted)}
        if isinstance(error, RuleError) and error.fields:
            body["where"] = "; ".join(
                f"{name}: {' '.join(texts)}" if name else " ".join(texts)
                for name, texts in error.fields.items()
            )
        response = api.create_response(request, body, status=status)
        if status == 429:
            response["Retry-After"] = str(PAUSE_SECONDS)
        return response

    @api.exception_handler(ValidationError)
    def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        places = ["/".join(str(part) for part in each["loc"]) for each in error.errors]
        first = error.errors[0]
        body = _body(
            "The request does not fit its description.",
            ", ".join(dict.fromkeys(places)),
            str(first.get("msg", "")),
            "See /api/v1/openapi.json for what each call takes.",
        )
        return api.create_response(request, body, status=422)

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        body = _body(
            "There is no valid token with this request.",
            "header Authorization",
            "Bearer, a blank, and a token that is not expired or revoked",
            "Make a token at /account/tokens/.",
        )
        response = api.create_response(request, body, status=401)
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(Http404)
    def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        body = _body("There is nothing here, or nothing that you may see.", None, None, "Check the address.")
        return api.create_response(request, body, status=404)

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
        body = _body(str(error), None, None, "Correct the request.")
        return api.create_response(request, body, status=error.status_code)


def _body(what: str, where: str | None, expected: str | None, next_step: str | None) -> dict[str, Any]:
    return {"what": what, "where": where, "expected": expected, "next": next_step}


def _record(record: Any) -> dict[str, Any]:
    """Give a record as it is now."""
    for each in tables():
        if each.model is type(record):
            return plain_rows(each, each.model._default_manager.filter(pk=record.pk))[0]
    return {}


def _wanted(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was to be written as plain data."""
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        if isinstance(value, list | tuple | set):
            found[name] = [str(getattr(each, "pk", each)) for each in value]
        elif hasattr(value, "username"):
            found[name] = value.username
        elif hasattr(value, "isoformat"):
            found[name] = plain(value, "date")
        else:
            found[name] = value if isinstance(value, bool | int | float | str | None) else str(value)
    return found
