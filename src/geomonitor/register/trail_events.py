"""Events in the audit trail that change no record: log-ins, exports, imports.

They are rows of the same table as the changes, with the name of the event in `additional_data`: one table
means one order in time, one guard against changes, and one export. The record that such a row points at is
the user.
"""

from __future__ import annotations

from typing import Any

from auditlog.context import auditlog_value
from auditlog.models import LogEntry
from django.contrib.auth.signals import user_login_failed
from django.contrib.contenttypes.models import ContentType

from geomonitor.register.models import User

__all__ = ["EVENTS", "act_as", "follow_failed_log_ins", "note_event"]

EVENTS = (
    "logged_in",
    "log_in_failed",
    "logged_out",
    "unlocked",
    "sessions_ended",
    "export",
    "import",
    "token_made",
    "token_revoked",
)
"""What may stand in the trail beside changes and views of records."""


def note_event(event: str, user: User | None, **details: Any) -> LogEntry:
    """Write an event in the trail.

    Parameters
    ----------
    event : str
        One of `EVENTS`.
    user : User or None
        Who did it, or whose account it is about; None where nobody with an account did.
    **details
        Plain data, such as the format and the SHA-256 of a file. Never a password, a token or a text of a
        case.
    """
    if event not in EVENTS:
        raise ValueError(f"{event!r} is not one of {EVENTS}")
    failed = event == "log_in_failed"
    entry: LogEntry = LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User),
        object_pk=str(user.pk) if user else "",
        object_id=user.pk if user else None,
        object_repr=user.username if user else "",
        action=LogEntry.Action.ACCESS,
        changes={},
        additional_data={"event": event, **details},
        # whoever fails to log in is not known to be the user
        actor=None if failed else user,
    )
    return entry


def act_as(user: User) -> None:
    """Have what the rest of this request writes stand in the user's name.

    The middleware of the trail looks for the user before the API has read the token.

    Parameters
    ----------
    user : User
    """
    context = auditlog_value.get(None)
    if context is not None:
        context["actor"] = user


def follow_failed_log_ins() -> None:
    """Have failed log-ins written down; called once, when Django starts."""
    user_login_failed.connect(_log_in_failed, dispatch_uid="geomonitor.trail.log_in_failed")


def _log_in_failed(sender: Any, credentials: dict[str, Any], **about: Any) -> None:
    # a name that is no account may be a password typed in the wrong field: it is not written down
    named = User.objects.filter(username=str(credentials.get("username", ""))[:150]).first()
    note_event("log_in_failed", named)
