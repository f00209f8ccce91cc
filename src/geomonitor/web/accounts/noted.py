"""Logging in and out stand in the audit trail, by whatever door."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from geomonitor.register.models import User
from geomonitor.register.services.people import note_event

__all__ = ["note_log_in", "note_log_out"]


@receiver(user_logged_in, dispatch_uid="geomonitor_note_log_in")
def note_log_in(sender: type[User], user: User, **signal: Any) -> None:
    """Write down that a user logged in."""
    note_event(user, "logged_in", by=user)


@receiver(user_logged_out, dispatch_uid="geomonitor_note_log_out")
def note_log_out(sender: type[User], user: User | None, **signal: Any) -> None:
    """Write down that a user logged out; there is none where the session had ended already."""
    if user is not None:
        note_event(user, "logged_out", by=user)
