"""Who asks: the token of a request, and what it may do."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from django.http import HttpRequest
from ninja.security import HttpBearer

from geomonitor.errors import GeomonitorError
from geomonitor.register.errors import NotAllowedError
from geomonitor.register.models import User
from geomonitor.register.trail_events import act_as
from geomonitor.web.api.tokens import failed_too_often, find_token, note_failure, note_use
from geomonitor.web.models import ApiToken

__all__ = ["BearerToken", "TooManyFailuresError", "asking_user", "require_writing"]


class TooManyFailuresError(GeomonitorError):
    """An address sent too many wrong tokens."""


class BearerToken(HttpBearer):
    """A token in the header Authorization."""

    def __call__(self, request: HttpRequest) -> Any:
        """Refuse an address that tries tokens, before any is looked at."""
        address = get_client_ip_address(request) or ""
        if failed_too_often(address):
            raise TooManyFailuresError(
                "Too many wrong tokens came from this address.", next_step="Try again in five minutes."
            )
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Find the token, and act in the name of its user from here on.

        Raises
        ------
        NotAllowedError
            If the user has to change the password first.
        """
        found = find_token(token)
        if found is None:
            note_failure(get_client_ip_address(request) or "")
            return None
        if found.user.must_change_password:
            raise NotAllowedError(
                "The user of this token has to change the password first.", next_step="Log in, and change it."
            )
        note_use(found)
        request.user = found.user
        act_as(found.user)
        return found


def asking_user(request: HttpRequest) -> User:
    """Give the user whom a request with a token acts for."""
    assert isinstance(request.user, User)
    return request.user


def require_writing(request: HttpRequest) -> User:
    """Refuse a token that only reads.

    Raises
    ------
    NotAllowedError
    """
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # set by ninja
    if not token.writes:
        raise NotAllowedError(
            "This token reads only.",
            expected="a token that may change records",
            next_step="Make one on the page of your account.",
        )
    return asking_user(request)
