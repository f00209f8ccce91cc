"""How changes are written: percentages with their sign, percentage points apart from them."""

from __future__ import annotations

import math

from geomonitor.report.language import Language

__all__ = ["percent", "signed_percent", "spoken_points"]

# below this a change is written as none, percent
_NOTHING = 0.0005
_MOST_DECIMALS = 3


def percent(fraction: float | None, decimals: int = 4) -> float | None:
    """Give a fraction as a percentage for a figure; none where it is not known.

    Examples
    --------
    >>> percent(-0.000816)
    -0.0816
    """
    if fraction is None or math.isnan(fraction):
        return None
    # a zero without sign
    return round(fraction * 100, decimals) + 0.0


def signed_percent(fraction: float | None, language: Language, decimals: int | None = None) -> str:
    """Write a change as a percentage with its sign, in two digits that count unless decimals are given.

    Parameters
    ----------
    fraction : float or None
        0.01 is one percent.
    language : Language
    decimals : int, optional

    Examples
    --------
    >>> [signed_percent(each, Language("en")) for each in (-0.000816, 0.0414, -0.5464, 0.000001, None)]
    ['−0.082%', '+4.1%', '−55%', '0.000%', '–']
    """
    value = percent(fraction, 8)
    if value is None:
        return "–"
    if decimals is None:
        if abs(value) < _NOTHING:
            return f"{language.number(0.0, _MOST_DECIMALS)}%"
        decimals = min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(abs(value)))))
    text = language.number(value, decimals)
    sign = "+" if value > 0 and any(each in text for each in "123456789") else ""
    return f"{sign}{text}%"


def spoken_points(points: float, language: Language) -> str:
    """Write percentage points in full, so that nobody takes them for percent.

    Examples
    --------
    >>> spoken_points(25, Language("en")), spoken_points(12.5, Language("nl"))
    ('25 percentage points', '12,5 procentpunt')
    """
    decimals = 0 if float(points).is_integer() else 1
    return language.say("shocks.points", number=language.number(points, decimals))
