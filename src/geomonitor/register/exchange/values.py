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

from geomonitor.register.errors import Words
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
            raise ValueProblemError(Words("A value is missing.", "problem.missing_value"), _expected(column))
        empty = {"text": "", "references": [], "json": []}
        return empty.get(column.kind)
    return _CHECKS[column.kind](column, value)


def _expected(column: Column) -> str:
    if column.choices:
        return Words("one of {choices}", "expected.choices", {"choices": ", ".join(column.choices)})
    if column.kind == "text" and column.limit:
        return Words("text of at most {limit} signs", "expected.text_limit", {"limit": column.limit})
    values = {
        "smallest": column.smallest,
        "largest": column.largest,
        "first_year": YEARS[0],
        "last_year": YEARS[-1],
        "table": column.target,
    }
    words = {
        "text": Words("text", "expected.text"),
        "whole": Words("a whole number from {smallest} to {largest}", "expected.whole", values),
        "decimal": Words("a number of at least 0 with at most 3 decimals, such as 12.5", "expected.decimal"),
        "yes_no": Words("true or false", "expected.yes_no"),
        "date": Words("a date such as 2026-03-31, from {first_year} to {last_year}", "expected.date", values),
        "moment": Words("a date and time such as 2026-03-31T14:00:00+00:00", "expected.moment"),
        "uid": Words("a UUID such as 8c9f0d5e-5f0b-4c55-9f64-0a1d6f0f7a10", "expected.uid"),
        "user": Words("the name with which a user logs in", "expected.user"),
        "reference": Words("the uid of a row of {table}", "expected.reference", values),
        "references": Words("uids of rows of {table}", "expected.references", values),
        "json": "JSON",
    }
    return words[column.kind]


def _wrong(english: str, key: str, value: Any, column: Column) -> ValueProblemError:
    text = repr(value)
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    return ValueProblemError(Words(english, key, {"value": shown}), _expected(column))


def _text(column: Column, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str):
        raise _wrong("{value} is not text.", "problem.no_text", value, column)
    if _NO_TEXT.search(value):
        raise ValueProblemError(
            Words("The text has a sign that cannot be kept (NUL, or half of a pair).", "problem.text_sign"),
            Words("text", "expected.text"),
        )
    if column.limit is not None and len(value) > column.limit:
        raise ValueProblemError(
            Words("The text has {count} signs.", "problem.long_text", {"count": len(value)}),
            _expected(column),
        )
    if column.choices and value not in column.choices:
        raise _wrong("There is no {value} here.", "problem.no_choice", value, column)
    return value


def _whole(column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong("{value} is not a whole number.", "problem.no_whole", value, column)
    if (column.smallest is not None and value < column.smallest) or (
        column.largest is not None and value > column.largest
    ):
        raise _wrong("{value} is out of range.", "problem.out_of_range", value, column)
    return value


def _decimal(column: Column, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong("{value} is not a number.", "problem.no_number", value, column)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _wrong("{value} is not a number.", "problem.no_number", value, column) from None
    if not number.is_finite() or number < 0 or number >= 10**11:
        raise _wrong("{value} is out of range.", "problem.out_of_range", value, column)
    if number != round(number, 3):
        raise _wrong("{value} has more than 3 decimals.", "problem.decimals", value, column)
    return _decimal_text(number)


def _decimal_text(number: Decimal) -> str:
    """Write an amount in one way only, so that 1.50 and 1.5 are not two values."""
    return format(number.quantize(Decimal("0.001")).normalize(), "f")


def _yes_no(column: Column, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong("{value} is not true or false.", "problem.no_yes_no", value, column)
    return value


def _date(column: Column, value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            found = datetime.date.fromisoformat(value)
        except ValueError:
            found = None
        if found is not None and found.year in YEARS:
            return found.isoformat()
    raise _wrong("{value} is not a date.", "problem.no_date", value, column)


def _moment(column: Column, value: Any) -> str:
    try:
        found = datetime.datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None and found.tzinfo is not None and found.year in YEARS:
            return found.astimezone(datetime.UTC).isoformat()
    except (ValueError, OverflowError):
        pass
    raise _wrong("{value} is not a date and time with its zone.", "problem.no_moment", value, column)


def _uid(column: Column, value: Any) -> str:
    if isinstance(value, str):
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    raise _wrong("{value} is not a UUID.", "problem.no_uid", value, column)


def _uids(column: Column, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise _wrong("{value} is not a list of uids.", "problem.no_uids", value, column)
    found = [_uid(column, each) for each in value]
    if len(set(found)) != len(found):
        raise ValueProblemError(Words("The same uid stands twice.", "problem.uid_twice"), _expected(column))
    return sorted(found)


def _json(column: Column, value: Any) -> Any:
    _check_json(value, 1)
    return value


def _check_json(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueProblemError(
            Words("The JSON is nested too deeply.", "problem.nested"),
            Words("at most {levels} levels", "expected.levels", {"levels": DEEPEST}),
        )
    if isinstance(value, str) and _NO_TEXT.search(value):
        raise ValueProblemError(
            Words("The JSON has a sign that cannot be kept (NUL, or half of a pair).", "problem.json_sign"),
            Words("text", "expected.text"),
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueProblemError(
            Words("The JSON has a number that is none.", "problem.json_number"),
            Words("a finite number, or null", "expected.finite"),
        )
    if isinstance(value, list):
        for each in value:
            _check_json(each, depth + 1)
    elif isinstance(value, dict):
        for key, each in value.items():
            _check_json(key, depth + 1)
            _check_json(each, depth + 1)


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
