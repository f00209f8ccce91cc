"""Writing of instruments with the risks they address, and of events of coercion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from geomonitor.register.access import require
from geomonitor.register.errors import Codes, RuleError
from geomonitor.register.models import CoercionCase, Instrument, InstrumentRisk, User
from geomonitor.register.services.writing import (
    change,
    check_version,
    create,
    locked,
    save,
    withdraw,
)

__all__ = [
    "add_coercion_case",
    "add_instrument",
    "change_coercion_case",
    "change_instrument",
    "withdraw_coercion_case",
    "withdraw_instrument",
]

Risks = Sequence[Mapping[str, str]]
"""Rows with `risk`, `strength`, `argument_en` and `argument_nl`."""

_RISK_FIELDS = ("strength", "argument_en", "argument_nl")


@transaction.atomic
def add_instrument(user: User, risks: Risks, **fields: Any) -> Instrument:
    """Add an instrument with the risks it addresses.

    Parameters
    ----------
    user : User
    risks : sequence of mapping
        Rows with `risk`, `strength`, `argument_en` and `argument_nl`.
    **fields
        Of `Instrument`.

    Raises
    ------
    NotAllowedError
    RuleError
        If a field is not right, or a risk is there twice.
    """
    require(user, "change_instruments")
    _once_each(risks)
    made = create(user, Instrument(**fields))
    for row in risks:
        create(user, InstrumentRisk(instrument=made, **row))
    return made


@transaction.atomic
def change_instrument(
    user: User, instrument: Instrument, version: int, risks: Risks, **fields: Any
) -> Instrument:
    """Change an instrument and its risks as one: its version holds for both.

    Risks that are no longer there are withdrawn, and stay in the register.

    Raises
    ------
    NotAllowedError
    ConflictError
        If somebody changed it since it was read; nothing is saved.
    RuleError
        If a field is not right, a risk is there twice, or it was withdrawn.
    """
    require(user, "change_instruments")
    _once_each(risks)
    current = locked(instrument)
    check_version(current, version, {**fields, "risks": list(risks)})
    _not_withdrawn(current)
    differs = any(getattr(current, name) != value for name, value in fields.items())
    if _risks_written(user, current, risks) or differs:
        for name, value in fields.items():
            setattr(current, name, value)
        return save(user, current)
    return current


@transaction.atomic
def withdraw_instrument(user: User, instrument: Instrument, version: int, reason: str) -> Instrument:
    """Withdraw an instrument; its page stays.

    Raises
    ------
    NotAllowedError
    ConflictError
    RuleError
        Without a reason, or if it was withdrawn already.
    """
    require(user, "change_instruments")
    return withdraw(user, instrument, version, reason)


@transaction.atomic
def add_coercion_case(user: User, **fields: Any) -> CoercionCase:
    """Add an event of coercion.

    Raises
    ------
    NotAllowedError
    RuleError
        If a field is not right.
    """
    require(user, "change_coercion_cases")
    return create(user, CoercionCase(**fields))


@transaction.atomic
def change_coercion_case(user: User, event: CoercionCase, version: int, **fields: Any) -> CoercionCase:
    """Change an event of coercion.

    Raises
    ------
    NotAllowedError
    ConflictError
        If somebody changed it since it was read; nothing is saved.
    RuleError
        If a field is not right, or it was withdrawn.
    """
    require(user, "change_coercion_cases")
    _not_withdrawn(locked(event))
    return change(user, event, version, **fields)


@transaction.atomic
def withdraw_coercion_case(user: User, event: CoercionCase, version: int, reason: str) -> CoercionCase:
    """Withdraw an event of coercion; its page stays.

    Raises
    ------
    NotAllowedError
    ConflictError
    RuleError
        Without a reason, or if it was withdrawn already.
    """
    require(user, "change_coercion_cases")
    return withdraw(user, event, version, reason)


def _once_each(risks: Risks) -> None:
    named = [row["risk"] for row in risks]
    twice = sorted({each for each in named if named.count(each) > 1})
    if twice:
        raise RuleError(
            "A risk is there twice.",
            key="risk_twice",
            values={"risks": Codes("risk", twice)},
            where="{risks}",
            expected="every risk once, with one argument",
            next_step="Put the two arguments together.",
        )


def _not_withdrawn(record: Instrument | CoercionCase) -> None:
    if record.withdrawn:
        raise RuleError(
            "This was withdrawn, and does not change any more.",
            key="withdrawn_for_good",
            values={"record": record.code},
            where="{record}",
            next_step="Add it again if it should count.",
        )


def _risks_written(user: User, instrument: Instrument, risks: Risks) -> bool:
    """Bring the risks of an instrument to what is wanted; say whether anything changed."""
    there = {each.risk: each for each in instrument.risks.filter(withdrawn_at__isnull=True)}
    wanted = {row["risk"]: row for row in risks}
    changed = False
    for risk, record in there.items():
        if risk not in wanted:
            withdraw(user, record, record.version, "No longer in the list of its instrument.")
            changed = True
        elif any(getattr(record, name) != wanted[risk][name] for name in _RISK_FIELDS):
            for name in _RISK_FIELDS:
                setattr(record, name, wanted[risk][name])
            save(user, record)
            changed = True
    for risk, row in wanted.items():
        if risk not in there:
            create(user, InstrumentRisk(instrument=instrument, **row))
            changed = True
    return changed
