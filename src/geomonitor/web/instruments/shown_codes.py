"""Names of codes in the language of the page; a code that nobody knows is shown as it is."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache

from geomonitor.errors import GeomonitorError
from geomonitor.register.facts import PartialDate, RiskKind, risk_kinds
from geomonitor.web.language import active_language, has_text, say

__all__ = [
    "choices_of",
    "in_language",
    "named",
    "named_economies",
    "named_economy",
    "named_risk",
    "partial_date_text",
    "risk_choices",
    "risk_kind",
]

_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "nl": (
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
        "november", "december",
    ),
}  # fmt: skip


def named(key: str) -> str:
    """Give the text of a code, by section and code; the code itself where nobody knows it.

    Examples
    --------
    >>> named("instrument_level.eu"), named("instrument_level.moon")
    ('EU', 'moon')
    """
    return say(None, key) if has_text(key) else key.partition(".")[2]


def choices_of(section: str, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Give codes with their texts, for a select box."""
    return [(code, named(f"{section}.{code}")) for code in codes]


def in_language(record: object, field: str) -> str:
    """Give a text of a record in the language of the page; in the other one where it lacks.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> in_language(SimpleNamespace(name_en="Law", name_nl=""), "name")
    'Law'
    """
    code = active_language().code
    other = "nl" if code == "en" else "en"
    return str(getattr(record, f"{field}_{code}") or getattr(record, f"{field}_{other}"))


@cache
def _kinds() -> Mapping[str, RiskKind]:
    return {each.code: each for each in risk_kinds()}


def risk_kind(code: str) -> RiskKind | None:
    """Give a kind of risk; none where the code is not of the catalogue."""
    return _kinds().get(code)


def named_risk(code: str) -> str:
    """Name a kind of risk."""
    kind = risk_kind(code)
    return kind.name[active_language().code] if kind else code


def risk_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the kinds of risk by family, for a select box."""
    language = active_language().code
    grouped: dict[str, list[tuple[str, str]]] = {}
    for kind in risk_kinds():
        grouped.setdefault(kind.family.name[language], []).append((kind.code, kind.name[language]))
    return list(grouped.items())


def named_economy(code: str) -> str:
    """Name an economy or a group; a code that nobody knows is shown as it is."""
    try:
        return active_language().importer(code)
    except GeomonitorError:
        return code


def named_economies(codes: Sequence[str]) -> str:
    """Name economies and groups in one line."""
    return ", ".join(named_economy(str(code)) for code in codes)


def partial_date_text(text: str) -> str:
    """Write a date as precise as it is known.

    Examples
    --------
    >>> partial_date_text("2010-09-07"), partial_date_text("2010-09"), partial_date_text("2010")
    ('7 September 2010', 'September 2010', '2010')
    """
    try:
        date = PartialDate(text)
    except GeomonitorError:
        return text
    return _written(date.earliest, date.precision)


def _written(day: datetime.date, precision: str) -> str:
    month = _MONTHS[active_language().code][day.month - 1]
    if precision == "year":
        return str(day.year)
    return f"{month} {day.year}" if precision == "month" else f"{day.day} {month} {day.year}"
