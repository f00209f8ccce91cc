"""Policy instruments: what they are, where they stand, which risks they address and what they cannot do."""

from __future__ import annotations

import datetime
import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.register.facts.reading import (
    FILES,
    catalogue,
    choice,
    code_text,
    text_list,
    translated,
    unique,
)
from geomonitor.register.facts.risk_kinds import risk_kinds

__all__ = [
    "COVERAGE_GAPS",
    "DATE_CONFIDENCES",
    "INSTRUMENT_KINDS",
    "INSTRUMENT_LEVELS",
    "INSTRUMENT_STATES",
    "STRENGTHS",
    "Instrument",
    "RiskAddressed",
    "coverage_gap",
    "instruments",
    "is_working",
    "load_instruments",
]

INSTRUMENT_LEVELS = ("national", "eu", "international")
INSTRUMENT_KINDS = (
    "law",
    "regulation",
    "directive",
    "decree",
    "agreement",
    "strategy",
    "toolbox",
    "guideline",
    "body",
)
INSTRUMENT_STATES = ("planned", "proposed", "adopted", "in_force", "ended")
STRENGTHS = ("direct", "partly")
DATE_CONFIDENCES = ("certain", "likely")
COVERAGE_GAPS = ("none", "planned_only", "partly_only")

_DATES = ("proposed_on", "adopted_on", "in_force_on", "applies_from", "ended_on")


@dataclass(frozen=True, slots=True)
class RiskAddressed:
    """A risk that an instrument addresses.

    Attributes
    ----------
    risk : str
        Code of a kind of risk.
    strength : str
        'direct' where the instrument was made for it, 'partly' where it helps.
    argument : mapping of str to str
        Why, by language.
    """

    risk: str
    strength: str
    argument: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A policy instrument.

    Attributes
    ----------
    code : str
    name, summary, limits : mapping of str to str
        By language; limits say what it cannot do.
    level, kind, state : str
        See `INSTRUMENT_LEVELS`, `INSTRUMENT_KINDS` and `INSTRUMENT_STATES`.
    legal_basis : str
        The act or paper it rests on.
    celex : str or None
        Number in EUR-Lex.
    proposed_on, adopted_on, in_force_on, applies_from, ended_on : datetime.date or None
        Where known.
    date_confidence : str
        'certain' or 'likely'.
    responsible : str
    risks : tuple of RiskAddressed
    letters : tuple of str
        Letter and number of the quote, such as 'B I1'; empty for an addition to the letters.
    source : str
    to_check : bool
        True where the state or a date may have changed, or is not certain.
    check_note : str
        What to look at.
    """

    code: str
    name: Mapping[str, str]
    level: str
    kind: str
    legal_basis: str
    celex: str | None
    state: str
    proposed_on: datetime.date | None
    adopted_on: datetime.date | None
    in_force_on: datetime.date | None
    applies_from: datetime.date | None
    ended_on: datetime.date | None
    date_confidence: str
    responsible: str
    summary: Mapping[str, str]
    limits: Mapping[str, str]
    risks: tuple[RiskAddressed, ...]
    letters: tuple[str, ...]
    source: str
    to_check: bool
    check_note: str


@functools.cache
def instruments() -> tuple[Instrument, ...]:
    """Give the instruments that ship with Geomonitor: those of the letters first.

    Examples
    --------
    >>> next(each.celex for each in instruments() if each.code == "anti_coercion_instrument")
    '32023R2675'
    """
    return load_instruments()


def is_working(state: str, applies_from: datetime.date | None, on: datetime.date) -> bool:
    """Say whether an instrument does its work on a day: in force, and its rules apply.

    Parameters
    ----------
    state : str
    applies_from : datetime.date or None
        Where its rules apply later than it entered into force.
    on : datetime.date

    Examples
    --------
    >>> is_working("in_force", datetime.date(2027, 12, 14), datetime.date(2026, 11, 21))
    False
    """
    return state == "in_force" and (applies_from is None or applies_from <= on)


def coverage_gap(working: Iterable[str], coming: Iterable[str]) -> str | None:
    """Say which gap there is in what addresses a risk; nothing where there is none.

    Parameters
    ----------
    working : iterable of str
        Strengths of the instruments that do their work.
    coming : iterable of str
        Strengths of those that are planned, proposed, adopted, or in force without their rules applying.

    Returns
    -------
    str or None
        'none' (no instrument at all), 'planned_only' (nothing works yet), 'partly_only' (none was made
        for this risk), or None.

    Examples
    --------
    >>> coverage_gap(["partly"], ["direct"]), coverage_gap([], ["direct"]), coverage_gap(["direct"], [])
    ('partly_only', 'planned_only', None)
    """
    working, coming = list(working), list(coming)
    if "direct" in working:
        return None
    if working:
        return "partly_only"
    return "planned_only" if coming else "none"


def load_instruments(path: str | Path | None = None) -> tuple[Instrument, ...]:
    """Read instruments.

    Parameters
    ----------
    path : path, optional
        TOML file to use in place of the one that ships.

    Raises
    ------
    DataError
        If an entry is not valid; the message names file, entry and key.
    """
    raw, file = catalogue("instruments.toml", path)
    FILES.checked(raw, {"version": str, "date": datetime.date, "source": str, "instrument": list}, file)
    known = [each.code for each in risk_kinds()]
    read = tuple(
        _instrument(each, _called(each, number, file), known, raw["date"])
        for number, each in enumerate(raw["instrument"], start=1)
    )
    unique([each.code for each in read], f"{file}, instrument")
    return read


def _called(raw: object, number: int, file: str) -> str:
    code = raw.get("code") if isinstance(raw, dict) else None
    return f"{file}, instrument {number}" + (f" ({code})" if isinstance(code, str) else "")


def _instrument(raw: Any, where: str, known: Sequence[str], as_of: datetime.date) -> Instrument:
    FILES.checked(
        raw,
        {
            "code": str,
            "name": dict,
            "level": str,
            "kind": str,
            "legal_basis": str,
            "celex": str,
            "state": str,
            **dict.fromkeys(_DATES, datetime.date),
            "date_confidence": str,
            "responsible": str,
            "summary": dict,
            "limits": dict,
            "risks": list,
            "letters": list,
            "source": str,
            "to_check": bool,
            "check_note": str,
        },
        where,
        optional=("celex", *_DATES, "letters", "to_check", "check_note"),
    )
    dates: dict[str, datetime.date | None] = {key: raw.get(key) for key in _DATES}
    state = choice(raw["state"], INSTRUMENT_STATES, where, "state")
    _dates_in_order(dates, where)
    _dates_fit_state(dates, state, as_of, where)
    to_check = raw.get("to_check", False)
    if to_check != ("check_note" in raw):
        raise FILES.wrong(
            "What to check, and the note on it, belong together.",
            where,
            "check_note",
            "a note with to_check = true, and none without",
        )
    risks = tuple(
        _risk(each, f"{where}, risk {number}", known) for number, each in enumerate(raw["risks"], start=1)
    )
    unique([each.risk for each in risks], f"{where}, risks")
    return Instrument(
        code=code_text(raw["code"], where),
        name=translated(raw["name"], where, "name"),
        level=choice(raw["level"], INSTRUMENT_LEVELS, where, "level"),
        kind=choice(raw["kind"], INSTRUMENT_KINDS, where, "kind"),
        legal_basis=raw["legal_basis"],
        celex=raw.get("celex"),
        state=state,
        **dates,
        date_confidence=choice(raw["date_confidence"], DATE_CONFIDENCES, where, "date_confidence"),
        responsible=raw["responsible"],
        summary=translated(raw["summary"], where, "summary"),
        limits=translated(raw["limits"], where, "limits"),
        risks=risks,
        letters=text_list(raw.get("letters", []), where, "letters"),
        source=raw["source"],
        to_check=to_check,
        check_note=raw.get("check_note", ""),
    )


def _risk(raw: Any, where: str, known: Sequence[str]) -> RiskAddressed:
    FILES.checked(raw, {"risk": str, "strength": str, "en": str, "nl": str}, where)
    return RiskAddressed(
        risk=choice(raw["risk"], known, where, "risk"),
        strength=choice(raw["strength"], STRENGTHS, where, "strength"),
        argument={"en": raw["en"], "nl": raw["nl"]},
    )


def _dates_in_order(dates: Mapping[str, datetime.date | None], where: str) -> None:
    given = [(key, date) for key, date in dates.items() if date is not None]
    for (first, earlier), (second, later) in itertools.pairwise(given):
        if earlier > later:
            raise FILES.wrong(
                f"{second} ({later}) is before {first} ({earlier}).", where, second, "a later date"
            )


def _dates_fit_state(
    dates: Mapping[str, datetime.date | None], state: str, as_of: datetime.date, where: str
) -> None:
    """Refuse a date that says more than the state: what is only proposed was not yet adopted."""
    reached = {"planned": 0, "proposed": 1, "adopted": 2, "in_force": 4, "ended": 5}[state]
    for number, (key, date) in enumerate(dates.items(), start=1):
        if date is not None and date <= as_of and number > reached:
            raise FILES.wrong(
                f"{key} is {date}, and the state is {state}.", where, key, "a state that fits the dates"
            )
    in_force_on = dates["in_force_on"]
    if state == "in_force" and in_force_on is not None and in_force_on > as_of:
        raise FILES.wrong(
            f"It enters into force on {in_force_on} only.", where, "state", "adopted until then"
        )
