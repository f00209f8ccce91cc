"""Logging in with the organisation's account (OpenID Connect), where it is set up."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from jwt import PyJWTError
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView
from requests import RequestException

from geomonitor.register.errors import RuleError
from geomonitor.register.models import User
from geomonitor.register.services import people
from geomonitor.web.language import say

__all__ = ["Callback", "OrganisationLogIn", "urlpatterns"]

_LOG = logging.getLogger(__name__)


class OrganisationLogIn(OIDCAuthenticationBackend):  # type: ignore[misc]  # the package has no types
    """Let in whom the organisation vouches for.

    Who is new becomes a reader. Nothing that the organisation says raises a role: that is done by an
    administrator here. Who was deactivated here stays out.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Go on only from the callback, which has checked the state; a form with a password is not ours."""
        if request is None or not credentials.get("nonce"):
            return None
        user: User | None = super().authenticate(request, **credentials)
        return user if user is not None and self.user_can_authenticate(user) else None

    def verify_token(self, token: str, **about: Any) -> dict[str, Any]:
        """Check the signature, as the package does, and that the token was made out to us."""
        payload: dict[str, Any] = super().verify_token(token, **about)
        made_out_to = payload.get("aud")
        known = made_out_to if isinstance(made_out_to, list) else [made_out_to]
        if "nonce" in about and self.OIDC_RP_CLIENT_ID not in known:
            raise SuspiciousOperation("The token was made out to somebody else.")
        return payload

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask who it is; the answer must be about the person that the token is about."""
        found: dict[str, Any] = super().get_userinfo(access_token, id_token, payload)
        if found.get("sub") != payload.get("sub"):
            raise SuspiciousOperation("The claims are about somebody else than the token.")
        return found

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """Ask for an e-mail address that is not said to be unverified, for by it a user is known."""
        email = claims.get("email")
        return isinstance(email, str) and "@" in email and claims.get("email_verified", True) is True

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        """Find the user by e-mail address; where two have it, the package refuses."""
        return User.objects.filter(email__iexact=claims["email"])

    def create_user(self, claims: dict[str, Any]) -> User:
        """Make a reader; never take over an account that happens to have the username."""
        username = str(claims.get("preferred_username") or claims["email"])
        try:
            return people.member_of_organisation(
                username=username,
                email=claims["email"],
                first_name=str(claims.get("given_name") or "")[:150],
                last_name=str(claims.get("family_name") or "")[:150],
            )
        except RuleError as error:
            raise SuspiciousOperation(f"No account was made for {username!r}: {error.where}") from error

    def update_user(self, user: User, claims: dict[str, Any]) -> User:
        """Leave the user as he is here: name and role are kept by administrators."""
        return user

    def get_user(self, user_id: int) -> User | None:
        """Give the user of a session; none once he was deactivated."""
        user: User | None = super().get_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]  # the package has no types
    """Where the organisation's log-in sends the browser back to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Log in; what the organisation's server does wrong is said on the page to log in."""
        try:
            answer: HttpResponse = super().get(request)
        except (RequestException, PyJWTError, SuspiciousOperation, KeyError, ValueError) as error:
            _LOG.warning("The organisation's log-in failed: %s", error)
            return self.login_failure()
        return answer

    def login_failure(self) -> HttpResponse:
        """Say that it did not work, without saying whether there is an account."""
        messages.error(self.request, f"{say(None, 'oidc.failed')} {say(None, 'oidc.failed_next')}")
        return redirect("log-in")


urlpatterns: list[URLPattern] = [
    path(
        "oidc/authenticate/",
        login_not_required(OIDCAuthenticationRequestView.as_view()),
        name="oidc_authentication_init",
    ),
    path("oidc/callback/", login_not_required(Callback.as_view()), name="oidc_authentication_callback"),
]
