"""The sessions of a user: how many there are, and their end."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from geomonitor.register.models import User

__all__ = ["count_sessions", "log_out_everywhere"]


def count_sessions(user: User) -> int:
    """Count the browsers in which a user is logged in."""
    return sum(1 for _ in _sessions(user))


def log_out_everywhere(user: User, *, keep: str | None = None) -> int:
    """End every session of a user; give how many that were.

    Parameters
    ----------
    user : User
    keep : str, optional
        Key of the session that goes on.
    """
    ended = [session for session in _sessions(user) if session.session_key != keep]
    for session in ended:
        session.delete()
    return len(ended)


def _sessions(user: User) -> Iterator[Session]:
    wanted = str(user.pk)
    # whose a session is stands only inside it
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == wanted:
            yield session
