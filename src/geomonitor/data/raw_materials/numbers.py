"""Numbers as statistics print them: 1234.5, 1.234,5, 1,234.5, 12 %, <0.1 %."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["POINT", "NumberStyle", "PrintedNumber", "number_style", "read_number"]

_INTEGER = re.compile(r"[0-9]{1,15}")
_POINT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_POINT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_COMMA = re.compile(r"[+-]?\d+(?:,\d+)?")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_PARTS = re.compile(r"(?P<bound>[<>]?)\s*(?P<number>[^%<>]*?)\s*(?P<percent>%?)")
# one group of three digits after one sign: 1,234 and 1.234 mean different numbers in different countries
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_SPACES = re.compile(r"(?<=\d)[\s\u00a0\u202f](?=\d{3})")
_MINUS = str.maketrans({"\u2212": "-", "\u00a0": " ", "\u202f": " "})


class PrintedNumber(NamedTuple):
    """A number as it was printed.

    Parameters
    ----------
    value : float
        The number, not divided by a hundred.
    percent : bool
        Whether a percent sign follows.
    bound : str
        ``<`` or ``>`` where it is a bound, else empty.
    """

    value: float
    percent: bool = False
    bound: str = ""


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How the numbers of a column are printed.

    Parameters
    ----------
    decimal : str
        ``.`` or ``,``.
    sure : bool
        Whether a number of the column shows it; otherwise it is the usage of the format.
    mixed : bool
        Whether numbers of both styles are in the column; those that could be either are then not read.
    """

    decimal: str
    sure: bool = False
    mixed: bool = False


POINT = NumberStyle(".")


def number_style(texts: Iterable[str], default: str = ".") -> NumberStyle:
    """Tell from a column whether it writes a decimal point or a decimal comma.

    Parameters
    ----------
    texts : iterable of str
        The fields of the column.
    default : str
        What the format uses where no field shows it.

    Returns
    -------
    NumberStyle

    Examples
    --------
    >>> number_style(["12,5", "1.234", "7"])
    NumberStyle(decimal=',', sure=True, mixed=False)
    >>> number_style(["1,234", "7"]).sure
    False
    """
    point = comma = False
    for text in texts:
        if _INTEGER.fullmatch(text) or (point and "," not in text and text.count(".") < 2):
            continue
        number = _number_part(text)
        if ("," not in number and "." not in number) or _ONE_GROUP.fullmatch(number):
            continue
        as_point = bool(_POINT.fullmatch(number) or _POINT_GROUPS.fullmatch(number))
        as_comma = bool(_COMMA.fullmatch(number) or _COMMA_GROUPS.fullmatch(number))
        if as_point and not as_comma:
            point = True
        elif as_comma and not as_point:
            comma = True
    if point and comma:
        return NumberStyle(default, sure=True, mixed=True)
    if point or comma:
        return NumberStyle("." if point else ",", sure=True)
    return POINT if default == "." else NumberStyle(default)


def read_number(text: str, style: NumberStyle = POINT) -> PrintedNumber | None:
    """Read a number as printed.

    Parameters
    ----------
    text : str
        The field.
    style : NumberStyle
        That of its column.

    Returns
    -------
    PrintedNumber or None
        None where it is no number, or could be two different ones.

    Examples
    --------
    >>> read_number("<0.1%")
    PrintedNumber(value=0.1, percent=True, bound='<')
    >>> read_number("1.234,5", NumberStyle(",")).value
    1234.5
    >>> read_number("12,5"), read_number("n.a.")
    (None, None)
    """
    if _INTEGER.fullmatch(text):
        return PrintedNumber(float(text))
    if style.decimal == "." and not style.mixed and _POINT.fullmatch(text):
        value = float(text)
        return PrintedNumber(value) if math.isfinite(value) else None
    parts = _PARTS.fullmatch(_cleaned(text))
    if parts is None:
        return None
    number = parts["number"]
    if style.mixed and _ONE_GROUP.fullmatch(number):
        return None
    found = _value(number, style)
    if found is None or not math.isfinite(found):
        return None
    return PrintedNumber(found, bool(parts["percent"]), parts["bound"])


def _value(number: str, style: NumberStyle) -> float | None:
    decimals = (".", ",") if style.mixed else (style.decimal,)
    for decimal in decimals:
        if decimal == ".":
            if _POINT.fullmatch(number):
                return float(number)
            if _POINT_GROUPS.fullmatch(number):
                return float(number.replace(",", ""))
        else:
            if _COMMA_GROUPS.fullmatch(number):
                return float(number.replace(".", "").replace(",", "."))
            if _COMMA.fullmatch(number):
                return float(number.replace(",", "."))
    return None


def _number_part(text: str) -> str:
    parts = _PARTS.fullmatch(_cleaned(text))
    return parts["number"] if parts else ""


def _cleaned(text: str) -> str:
    return _SPACES.sub("", text.translate(_MINUS).strip())
