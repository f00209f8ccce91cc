"""Rates and their changes, typed apart: 25 percentage points on 3 % gives 28 %, 25 percent gives 3.75 %."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import DataError

__all__ = ["Percent", "PercentagePoints", "Rate", "parse_rate"]

Floats = NDArray[np.float64]
_Amount = TypeVar("_Amount", float, Floats)

# A single rate above 1,000 % is a percentage taken for a fraction more often than a tariff.
_LARGEST_FRACTION = 10.0

_TEXT = re.compile(
    r"(?P<sign>[+\-\u2212]?)\s*(?P<number>[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)\s*"
    r"(?P<unit>%|pct|percent|procent|pp|ppt|p\.p\.|percentage points?|procentpunt(?:en)?|)",
    re.IGNORECASE,
)
_POINTS = re.compile(r"pp|ppt|p\.p\.|percentage points?|procentpunt(?:en)?", re.IGNORECASE)


def _refuse_not_finite(value: float, what: str) -> None:
    if not math.isfinite(value):
        raise DataError(f"{value} is no {what}.", where=what, expected="a finite number")


def _refuse_below_nothing(rate: float | Floats, where: str) -> None:
    if np.any(np.asarray(rate) <= -1):
        raise DataError(
            f"A rate would be {100 * float(np.min(rate)):g} %.",
            where=where,
            expected="above -100 %: nobody is paid more than the price for buying",
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """A level, such as a tariff, as a fraction of the price.

    Parameters
    ----------
    fraction : float
        0.03 for 3 %; above -1.

    Raises
    ------
    DataError
        If it is not finite, -100 % or less, or above 1,000 %, which is a percentage that was taken for a
        fraction.

    Examples
    --------
    >>> Rate(0.03).plus(PercentagePoints(25.0)), Rate(0.03).plus(Percent(25.0))
    (Rate(fraction=0.28), Rate(fraction=0.0375))
    """

    fraction: float

    def __post_init__(self) -> None:
        _refuse_not_finite(self.fraction, "rate")
        _refuse_below_nothing(self.fraction, "rate")
        if self.fraction > _LARGEST_FRACTION:
            raise DataError(
                f"A rate of {self.fraction:g} would be {100 * self.fraction:g} %.",
                where="rate",
                expected=f"a fraction of at most {_LARGEST_FRACTION:g}: 0.035 for 3.5 %",
                next_step=f"Rate.of_percent({self.fraction:g}) if {self.fraction:g} % is meant.",
            )

    @classmethod
    def of_percent(cls, percent: float) -> Rate:
        """Make a rate of a number in percent.

        Examples
        --------
        >>> Rate.of_percent(3.5).fraction
        0.035
        """
        return cls(percent / 100)

    @property
    def percent(self) -> float:
        """The rate in percent."""
        return 100 * self.fraction

    def plus(self, change: PercentagePoints | Percent) -> Rate:
        """Give the rate after a change.

        Parameters
        ----------
        change : PercentagePoints or Percent

        Raises
        ------
        DataError
            If it would be -100 % or less.
        """
        return Rate(change.added_to(self.fraction))

    def __str__(self) -> str:
        return f"{self.percent:g} %"


@dataclass(frozen=True, slots=True)
class PercentagePoints:
    """A change that is added to a rate.

    Parameters
    ----------
    points : float
        25.0 brings 3 % to 28 %.

    Raises
    ------
    DataError
        If it is not finite.

    Examples
    --------
    >>> PercentagePoints(25.0).added_to(0.03)
    0.28
    """

    points: float

    def __post_init__(self) -> None:
        _refuse_not_finite(self.points, "change in percentage points")

    @property
    def fraction(self) -> float:
        """The change as a fraction of the price."""
        return self.points / 100

    def added_to(self, rate: _Amount) -> _Amount:
        """Give a rate after the change.

        Parameters
        ----------
        rate : float or numpy.ndarray
            As a fraction.

        Raises
        ------
        DataError
            If a rate would be -100 % or less.
        """
        new = rate + self.fraction
        _refuse_below_nothing(new, str(self))
        return new

    def __str__(self) -> str:
        return f"{self.points:+g} percentage points"


@dataclass(frozen=True, slots=True)
class Percent:
    """A number in percent: of the price where it is a level, of the rate where it is added to one.

    Parameters
    ----------
    percent : float
        25.0 brings a rate of 3 % to 3.75 %.

    Raises
    ------
    DataError
        If it is not finite.

    Examples
    --------
    >>> Percent(25.0).added_to(0.03), Percent(25.0).as_rate()
    (0.0375, Rate(fraction=0.25))
    """

    percent: float

    def __post_init__(self) -> None:
        _refuse_not_finite(self.percent, "number in percent")

    @property
    def fraction(self) -> float:
        """The number as a fraction."""
        return self.percent / 100

    def as_rate(self) -> Rate:
        """Take the number for a level."""
        return Rate(self.fraction)

    def added_to(self, rate: _Amount) -> _Amount:
        """Give a rate after the change.

        Parameters
        ----------
        rate : float or numpy.ndarray
            As a fraction.

        Raises
        ------
        DataError
            If a rate would be -100 % or less.
        """
        new = rate * (1 + self.fraction)
        _refuse_below_nothing(new, str(self))
        return new

    def __str__(self) -> str:
        return f"{self.percent:g} %"


def parse_rate(text: str, where: str = "rate") -> PercentagePoints | Percent:
    """Read percentage points or percent; a number without a unit is refused.

    Parameters
    ----------
    text : str
        ``"+25 pp"`` (percentage points) or ``"25 %"``; a decimal point or comma.
    where : str
        File and key, for the message.

    Returns
    -------
    PercentagePoints or Percent
        Whether percent are a level or a change of a rate is for the place where they stand to say.

    Raises
    ------
    DataError
        If it is no text, has no unit or another one, or is no number.

    Examples
    --------
    >>> parse_rate("+25 pp"), parse_rate("25 %"), parse_rate("-2,5 %")
    (PercentagePoints(points=25.0), Percent(percent=25.0), Percent(percent=-2.5))
    """
    expected = 'percentage points such as "+25 pp", or percent such as "25 %"'
    if not isinstance(text, str):
        raise DataError(f"{text!r} is a number without a unit.", where=where, expected=expected)
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise DataError(f"{text!r} is no rate.", where=where, expected=expected)
    whole, comma, decimals = found["number"].partition(",")
    if comma and len(decimals) == 3:
        raise DataError(
            f"{text!r} can be read in two ways: a comma for thousands or for decimals.",
            where=where,
            expected=f'"{whole}{decimals}" or "{whole}.{decimals}", with the unit',
        )
    number = float(found["number"].replace(",", "."))
    if found["sign"] in ("-", "\u2212"):
        number = -number
    if not found["unit"]:
        raise DataError(
            f"{text!r} has no unit.",
            where=where,
            expected=expected,
            next_step=f'Write "{found["sign"]}{found["number"]} pp" to add to the rate, or '
            f'"{found["number"]} %".',
        )
    return PercentagePoints(number) if _POINTS.fullmatch(found["unit"]) else Percent(number)
