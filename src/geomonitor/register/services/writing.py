"""Making and changing records, so that no change of somebody else is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from geomonitor.register.errors import ConflictError, RuleError
from geomonitor.register.models import Record, User

__all__ = ["change", "check_version", "create", "locked", "refused", "required_reason", "save", "withdraw"]

R = TypeVar("R", bound=Record)
Relations = Mapping[str, Iterable[Any]]


def refused(error: ValidationError) -> RuleError:
    """Say in words which fields are not right, and keep them by name in `fields`."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    where = "; ".join(
        f"{name.replace('_', ' ')}: {' '.join(texts)}" if name and name != "__all__" else " ".join(texts)
        for name, texts in by_field.items()
    )
    return RuleError(
        "The record cannot be saved as it is.",
        key="record_wrong",
        values={"fields": where},
        fields=by_field,
        where="{fields}",
        expected="a value that fits each field",
        next_step="Correct the fields that are named, and save again.",
    )


@transaction.atomic
def create(user: User | None, record: R, relations: Relations | None = None) -> R:
    """Save a new record.

    Parameters
    ----------
    user : User or None
        Who makes it; None for what the program brings itself.
    record : Record
        Not saved yet.
    relations : mapping of str to iterable, optional
        Records of many-to-many fields.

    Raises
    ------
    RuleError
        If a field is not right; the message names it.
    """
    record.created_by = record.changed_by = user
    record.changed_at = record.created_at
    return _written(record, relations, adding=True)


@transaction.atomic
def change(user: User, record: R, version: int, relations: Relations | None = None, **fields: Any) -> R:
    """Change a record that nobody changed since it was read.

    Parameters
    ----------
    user : User
    record : Record
        As it was read.
    version : int
        The version that the user saw.
    relations : mapping of str to iterable, optional
        New content of many-to-many fields.
    **fields
        New values.

    Returns
    -------
    Record
        Read again and changed; as it is where nothing differs.

    Raises
    ------
    ConflictError
        If there is a newer version; nothing is saved.
    RuleError
        If a field is not right.
    """
    current = locked(record)
    check_version(current, version, {**fields, **(relations or {})})
    changed = any(getattr(current, name) != value for name, value in fields.items()) or any(
        {each.pk for each in getattr(current, name).all()} != {each.pk for each in wanted}
        for name, wanted in (relations or {}).items()
    )
    if not changed:
        return current
    for name, value in fields.items():
        setattr(current, name, value)
    return save(user, current, relations)


def save(user: User | None, record: R, relations: Relations | None = None) -> R:
    """Write a record that is locked, as a new version."""
    record.version += 1
    record.changed_by = user
    record.changed_at = timezone.now()
    return _written(record, relations, adding=False)


@transaction.atomic
def withdraw(user: User, record: R, version: int, reason: str) -> R:
    """Withdraw a record: it stays, with the reason, and no longer counts.

    Raises
    ------
    ConflictError
        If there is a newer version.
    RuleError
        Without a reason, or if it was withdrawn already.
    """
    current = locked(record)
    check_version(current, version, {"withdrawn_reason": reason})
    if current.withdrawn:
        raise RuleError(
            "This was withdrawn already.", key="withdrawn_already", next_step="Read the page again."
        )
    current.withdrawn_at = timezone.now()
    current.withdrawn_by = user
    current.withdrawn_reason = required_reason(reason)
    return save(user, current)


def locked(record: R) -> R:
    """Read a record again and keep others from changing it until the transaction ends."""
    found: R = type(record)._default_manager.select_for_update().get(pk=record.pk)
    return found


def check_version(current: Record, version: int, wanted: Mapping[str, Any]) -> None:
    """Refuse to write over a version that the user did not see.

    Raises
    ------
    ConflictError
    """
    if current.version != version:
        who = current.changed_by.shown_name if current.changed_by else "Geomonitor"
        raise ConflictError(
            "{who} changed this while you were working on it; nothing of yours was saved yet.",
            key="conflict",
            values={"who": who, "now": current.version, "read": version},
            record=current,
            wanted=wanted,
            where="version {now}, and you started from version {read}",
            next_step="Compare the two, and save the one that should stand.",
        )


def required_reason(reason: str) -> str:
    """Give the reason without blanks around it.

    Raises
    ------
    RuleError
        If there is none.

    Examples
    --------
    >>> required_reason(" Wrong product. ")
    'Wrong product.'
    """
    tidy = reason.strip()
    if not tidy:
        raise RuleError(
            "A reason is missing.",
            key="reason_missing",
            field="reason",
            where="reason",
            expected="a sentence that somebody understands years from now",
            next_step="Say why, and try again.",
        )
    return tidy


def _written(record: R, relations: Relations | None, *, adding: bool) -> R:
    wanted = {name: list(found) for name, found in (relations or {}).items()}
    try:
        # constraints are left to the database, which alone knows what others do at the same time
        record.full_clean(validate_unique=adding, validate_constraints=True)
    except ValidationError as error:
        raise refused(error) from error
    record.save(force_insert=adding)
    for name, found in wanted.items():
        getattr(record, name).set(found)
    return record
