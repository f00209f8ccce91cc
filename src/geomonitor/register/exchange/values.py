"""Values between the database and a file: plain on the way out, checked on the way in.

A plain value is what JSON holds: text, whole number, number, true, false, null, list, object. A moment is ISO
8601 in UTC, an amount a text with its decimals, a user the name with which he logs in, a record its uid.
"""

from __future__ import annotations

import datetime
import math
import re
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from geomonitor.register.exchange.tables import Column

__all__ = ["DEEPEST", "YEARS", "ValueProblemError", "checked", "plain"]

DEEPEST = 30
"""Levels of lists and objects within one another, at most."""

YEARS = range(1800, 2201)
"""Years of dates: beyond them sums with days and time zones fail."""

# PostgreSQL holds no NUL, and no text of the web holds half a pair
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class ValueProblemError(ValueError):
    """A value does not fit its column.

    Attributes
    ----------
    what, expected : str
    """

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected


def plain(value: Any, kind: str) -> Any:
    """Give a value of the database as a plain one.

    Parameters
    ----------
    value : object
        For a user the user name, for a record its uid.
    kind : str
        That of the column.

    Examples
    --------
    >>> plain(datetime.date(2026, 3, 31), "date")
    '2026-03-31'
    >>> plain(Decimal("1.50"), "decimal")
    '1.5'
    """
    if value is None:
        return None
    if kind == "moment":
        return value.astimezone(datetime.UTC).isoformat()
    if kind == "date":
        return value.isoformat()
    if kind == "decimal":
        return _decimal_text(value)
    if kind in ("uid", "reference"):
        return str(value)
    if kind == "references":
        return sorted(str(each) for each in value)
    return value


def checked(column: Column, value: Any) -> Any:
    """Give a plain value that fits its column.

    Raises
    ------
    ValueProblemError
        Says what was expected.
    """
    if value is None or value == "":
        if column.required:
            raise ValueProblemError("A value is missing.", _expected(column))
        empty = {"text": "", "references": [], "json": []}
        return empty.get(column.kind)
    return _CHECKS[column.kind](column, value)


def _expected(column: Column) -> str:
    if column.choices:
        return "one of " + ", ".join(column.choices)
    words = {
        "text": f"text of at most {column.limit} signs" if column.limit else "text",
        "whole": f"a whole number from {column.smallest} to {column.largest}",
        "decimal": "a number of at least 0 with at most 3 decimals, such as 12.5",
        "yes_no": "true or false",
        "date": f"a date such as 2026-03-31, from {YEARS[0]} to {YEARS[-1]}",
        "moment": "a date and time such as 2026-03-31T14:00:00+00:00",
        "uid": "a UUID such as 8c9f0d5e-5f0b-4c55-9f64-0a1d6f0f7a10",
        "user": "the name with which a user logs in",
        "reference": f"the uid of a row of {column.target}",
        "references": f"uids of rows of {column.target}",
        "json": "JSON",
    }
    return words[column.kind]


def _text(column: Column, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str):
        raise ValueProblemError(f"{_shown(value)} is not text.", _expected(column))
    if _NO_TEXT.search(value):
        raise ValueProblemError("The text has a sign that cannot be kept (NUL, or half of a pair).", "text")
    if column.limit is not None and len(value) > column.limit:
        raise ValueProblemError(f"The text has {len(value)} signs.", _expected(column))
    if column.choices and value not in column.choices:
        raise ValueProblemError(f"There is no {_shown(value)} here.", _expected(column))
    return value


def _whole(column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueProblemError(f"{_shown(value)} is not a whole number.", _expected(column))
    if (column.smallest is not None and value < column.smallest) or (
        column.largest is not None and value > column.largest
    ):
        raise ValueProblemError(f"{_shown(value)} is out of range.", _expected(column))
    return value


def _decimal(column: Column, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueProblemError(f"{_shown(value)} is not a number.", _expected(column))
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueProblemError(f"{_shown(value)} is not a number.", _expected(column)) from None
    if not number.is_finite() or number < 0 or number >= 10**11:
        raise ValueProblemError(f"{_shown(value)} is out of range.", _expected(column))
    if number != round(number, 3):
        raise ValueProblemError(f"{_shown(value)} has more than 3 decimals.", _expected(column))
    return _decimal_text(number)


def _decimal_text(number: Decimal) -> str:
    """Write an amount in one way only, so that 1.50 and 1.5 are not two values."""
    return format(number.quantize(Decimal("0.001")).normalize(), "f")


def _yes_no(column: Column, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueProblemError(f"{_shown(value)} is not true or false.", _expected(column))
    return value


def _date(column: Column, value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            found = datetime.date.fromisoformat(value)
        except ValueError:
            found = None
        if found is not None and found.year in YEARS:
            return found.isoformat()
    raise ValueProblemError(f"{_shown(value)} is not a date.", _expected(column))


def _moment(column: Column, value: Any) -> str:
    try:
        found = datetime.datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None and found.tzinfo is not None and found.year in YEARS:
            return found.astimezone(datetime.UTC).isoformat()
    except (ValueError, OverflowError):
        pass
    raise ValueProblemError(f"{_shown(value)} is not a date and time with its zone.", _expected(column))


def _uid(column: Column, value: Any) -> str:
    if isinstance(value, str):
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    raise ValueProblemError(f"{_shown(value)} is not a UUID.", _expected(column))


def _uids(column: Column, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueProblemError(f"{_shown(value)} is not a list of uids.", _expected(column))
    found = [_uid(column, each) for each in value]
    if len(set(found)) != len(found):
        raise ValueProblemError("The same uid stands twice.", _expected(column))
    return sorted(found)


def _json(column: Column, value: Any) -> Any:
    _check_json(value, 1)
    return value


def _check_json(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueProblemError("The JSON is nested too deeply.", f"at most {DEEPEST} levels")
    if isinstance(value, str) and _NO_TEXT.search(value):
        raise ValueProblemError("The JSON has a sign that cannot be kept (NUL, or half of a pair).", "text")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueProblemError("The JSON has a number that is none.", "a finite number, or null")
    if isinstance(value, list):
        for each in value:
            _check_json(each, depth + 1)
    elif isinstance(value, dict):
        for key, each in value.items():
            _check_json(key, depth + 1)
            _check_json(each, depth + 1)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


_CHECKS: dict[str, Callable[[Column, Any], Any]] = {
    "text": _text,
    "whole": _whole,
    "decimal": _decimal,
    "yes_no": _yes_no,
    "date": _date,
    "moment": _moment,
    "uid": _uid,
    "user": _text,
    "reference": _uid,
    "references": _uids,
    "json": _json,
}
