"""Errors that say what happened, where, what was expected and what to do next."""

from __future__ import annotations

__all__ = ["DataError", "FetchError", "GeomonitorError", "ProfileError", "UnknownCodeError"]


class GeomonitorError(Exception):
    """Base of every error that a user can cause and mend.

    The command line prints these without a traceback; everything else is a defect of Geomonitor.

    Parameters
    ----------
    what : str
        What happened, in one sentence.
    where : str, optional
        File, row, column, option or key.
    expected : str, optional
        What would have been right.
    next_step : str, optional
        What the user can do now.

    Examples
    --------
    >>> print(GeomonitorError("The value is negative.", where="flows.csv, row 12, column v",
    ...                       expected="a number of at least 0", next_step="Correct the row."))
    The value is negative.
      where: flows.csv, row 12, column v
      expected: a number of at least 0
      next: Correct the row.
    """

    exit_status = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [self.what]
        for label, text in (("where", self.where), ("expected", self.expected), ("next", self.next_step)):
            if text:
                lines.append(f"  {label}: {text}")
        return "\n".join(lines)


class UnknownCodeError(GeomonitorError):
    """A code of an economy, group, product or method is not known; the message names it."""

    exit_status = 3


class DataError(GeomonitorError):
    """A data file or table is not what its format promises."""

    exit_status = 4


class FetchError(GeomonitorError):
    """A source could not be brought in, or is not what its checksum promises."""

    exit_status = 5


class ProfileError(GeomonitorError):
    """A profile (what to monitor) is not valid."""

    exit_status = 6
