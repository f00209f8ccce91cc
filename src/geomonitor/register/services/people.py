"""Users: made, changed, let in again and shut out; never deleted, for the trail names them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from geomonitor.register.access import require
from geomonitor.register.errors import RuleError
from geomonitor.register.models import Role, User
from geomonitor.register.services.writing import refused

__all__ = [
    "LastAdministratorError",
    "NewPassword",
    "change_user",
    "create_user",
    "member_of_organisation",
    "note_event",
    "random_password",
    "reset_password",
    "saw_tour",
    "set_own_language",
    "set_own_password",
]

_CHANGEABLE = frozenset({"username", "first_name", "last_name", "email", "role", "language", "is_active"})
# no signs that are read for one another
_SIGNS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class LastAdministratorError(RuleError):
    """Without an active administrator nobody could let anybody in again."""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A user and the password to hand over: it is kept nowhere, and works until the first log-in."""

    user: User
    password: str


def random_password(groups: int = 4, length: int = 5) -> str:
    """Make a password that can be read aloud: groups of signs, about 5.8 bits each.

    Examples
    --------
    >>> len(random_password())
    23
    """
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(length)) for _ in range(groups))


@transaction.atomic
def create_user(by: User, *, username: str, role: str, **fields: Any) -> NewPassword:
    """Make a user with a random password, to be changed at the first log-in.

    Parameters
    ----------
    by : User
        An administrator.
    username : str
    role : Role
    **fields
        first_name, last_name, email, language.

    Raises
    ------
    NotAllowedError
        If `by` is no administrator.
    RuleError
        If a field is not right: the username is taken, say.
    """
    require(by, "manage_users")
    password = random_password()
    user = User(username=username, role=role, must_change_password=True, **fields)
    user.set_password(password)
    return NewPassword(_saved(user), password)


@transaction.atomic
def member_of_organisation(*, username: str, email: str, first_name: str = "", last_name: str = "") -> User:
    """Make a reader of somebody whom the organisation's log-in vouches for; he has no password here.

    Raises
    ------
    RuleError
        If the username is taken: it is another account.
    """
    user = User(username=username, email=email, first_name=first_name, last_name=last_name, role=Role.READER)
    user.set_unusable_password()
    return _saved(user)


@transaction.atomic
def change_user(by: User, user: User, **fields: Any) -> User:
    """Change the fields that are named, and no others.

    Parameters
    ----------
    by : User
        An administrator.
    user : User
    **fields
        username, first_name, last_name, email, role, language, is_active.

    Raises
    ------
    NotAllowedError
    LastAdministratorError
        If no active administrator were left.
    RuleError
        If a field is not right.
    """
    require(by, "manage_users")
    foreign = set(fields) - _CHANGEABLE
    if foreign:
        raise RuleError(
            "These are not changed by hand: {fields}.",
            key="not_by_hand",
            values={"fields": ", ".join(sorted(foreign))},
        )
    # all administrators are locked, so that two of them cannot demote each other at once
    administrators = set(
        User.objects.select_for_update()
        .filter(role=Role.ADMINISTRATOR, is_active=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    current = User.objects.select_for_update().get(pk=user.pk)
    for name, value in fields.items():
        setattr(current, name, value)
    stays = current.role == Role.ADMINISTRATOR and current.is_active
    if current.pk in administrators and not stays and len(administrators) == 1:
        raise LastAdministratorError(
            "This is the last active administrator.",
            key="last_administrator",
            values={"user": current.username},
            where="{user}",
            expected="at least one active administrator",
            next_step="Make somebody else administrator first.",
        )
    return _saved(current)


@transaction.atomic
def reset_password(by: User, user: User) -> NewPassword:
    """Give a user a random password; his sessions end, and he changes it at the next log-in.

    Raises
    ------
    NotAllowedError
    """
    require(by, "manage_users")
    password = random_password()
    _set_password(user, password, must_change=True)
    return NewPassword(user, password)


@transaction.atomic
def set_own_password(user: User, password: str) -> User:
    """Set the password that the user chose; it was validated by the form."""
    return _set_password(user, password, must_change=False)


def set_own_language(user: User, language: str) -> User:
    """Keep the language that the user chose; empty for that of the browser.

    Raises
    ------
    RuleError
        If there are no texts in that language.
    """
    user.language = language
    return _saved(user)


def saw_tour(user: User) -> User:
    """Keep that the user took the tour, or skipped it."""
    if user.tour_seen_at is None:
        user.tour_seen_at = timezone.now()
        user.save(update_fields=["tour_seen_at"])
    return user


def note_event(user: User, event: str, by: User | None = None) -> None:
    """Write in the trail what happened to a user's access without a change of a field.

    Parameters
    ----------
    user : User
    event : str
        "logged_in", "logged_out", "unlocked", "sessions_ended".
    by : User, optional
        Who did it; whoever the request is of, where left out.
    """
    LogEntry.objects.log_create(
        user,
        force_log=True,
        action=LogEntry.Action.ACCESS,
        changes={},
        actor=by,
        additional_data={"event": event},
    )


def _saved(user: User) -> User:
    try:
        user.full_clean()
    except ValidationError as error:
        raise refused(error) from error
    user.save()
    return user


def _set_password(user: User, password: str, *, must_change: bool) -> User:
    user.set_password(password)
    user.must_change_password = must_change
    user.save(update_fields=["password", "must_change_password"])
    # the trail leaves passwords out, so it is told that there is a new one
    LogEntry.objects.log_create(user, action=LogEntry.Action.UPDATE, changes={"password": ["***", "***"]})
    return user
