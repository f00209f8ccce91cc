"""Tokens of the API: made once, kept as a hash, and let go."""

from __future__ import annotations

import datetime
import hashlib
import secrets

from django.core.cache import cache
from django.utils import timezone

from geomonitor.register.errors import RuleError
from geomonitor.register.models import User
from geomonitor.register.trail_events import note_event
from geomonitor.web.models import ApiToken

__all__ = [
    "FAILURES_A_PAUSE",
    "LONGEST_DAYS",
    "PAUSE_SECONDS",
    "failed_too_often",
    "find_token",
    "make_token",
    "note_failure",
    "note_use",
    "revoke_token",
]

LONGEST_DAYS = 365
FAILURES_A_PAUSE = 20
"""Wrong tokens from one address, in each process of the server, before it has to wait."""
PAUSE_SECONDS = 5 * 60

_PREFIX = "gmt_"
_SHOWN_SIGNS = 10
_NOTED_EVERY = datetime.timedelta(minutes=1)
_MOST_TOKENS = 50


def make_token(user: User, name: str, *, days: int, writes: bool) -> tuple[ApiToken, str]:
    """Make a token of 32 random bytes.

    Parameters
    ----------
    user : User
        In whose name a program acts with it.
    name : str
    days : int
        Until it expires.
    writes : bool
        Whether it changes records too.

    Returns
    -------
    ApiToken, str
        What is kept, and the token itself: it can be shown this once.

    Raises
    ------
    RuleError
    """
    if not 1 <= days <= LONGEST_DAYS or not name.strip() or len(name) > 100 or "\0" in name:
        raise RuleError(
            "The token was not made.",
            key="token_wrong",
            values={"days": LONGEST_DAYS},
            expected="a name of at most 100 signs, and 1 to {days} days",
            next_step="Correct the form, and try again.",
        )
    if user.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).count() >= _MOST_TOKENS:
        raise RuleError(
            "You have {count} tokens.",
            key="token_count",
            values={"count": _MOST_TOKENS},
            next_step="Revoke those that nobody uses.",
        )
    text = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        token_sha256=_sha256(text),
        first_signs=text[:_SHOWN_SIGNS],
        writes=writes,
        expires_at=timezone.now() + datetime.timedelta(days=days),
    )
    note_event("token_made", user, name=token.name, begins=token.first_signs, writes=writes, days=days)
    return token, text


def find_token(text: str) -> ApiToken | None:
    """Give the token that a program sent, if it holds: not expired, not revoked, of an active user."""
    found = ApiToken.objects.select_related("user").filter(token_sha256=_sha256(text)).first()
    if found is None or found.revoked_at is not None or found.expires_at <= timezone.now():
        return None
    return found if found.user.is_active else None


def revoke_token(user: User, token: ApiToken) -> None:
    """Let a token go; it stays in the list."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        note_event("token_revoked", user, name=token.name, begins=token.first_signs)


def note_use(token: ApiToken) -> None:
    """Note when a token was last used, at most once a minute."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= _NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def failed_too_often(address: str) -> bool:
    """Say whether so many wrong tokens came from an address that it has to wait."""
    return int(cache.get(_key(address), 0)) >= FAILURES_A_PAUSE


def note_failure(address: str) -> None:
    """Count a wrong token."""
    # the pause runs from the first of them
    if not cache.add(_key(address), 1, PAUSE_SECONDS):
        try:
            cache.incr(_key(address))
        except ValueError:
            cache.set(_key(address), 1, PAUSE_SECONDS)


def _key(address: str) -> str:
    return f"api-failures-{hashlib.sha256(address.encode()).hexdigest()}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
