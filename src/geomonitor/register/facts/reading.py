"""What the readers of the catalogues share: texts in two languages, choices, codes and partial dates."""

from __future__ import annotations

import calendar
import datetime
import importlib.resources
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.data.described_files import DescribedFiles
from geomonitor.errors import DataError

__all__ = [
    "FILES",
    "LANGUAGES",
    "PartialDate",
    "catalogue",
    "choice",
    "code_text",
    "date_text",
    "text_list",
    "translated",
    "translated_lists",
    "unique",
]

FILES = DescribedFiles("See docs/register.md for the format.")
LANGUAGES = ("en", "nl")

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_DATE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?")


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date of which the day, or the month and the day, need not be known.

    Attributes
    ----------
    text : str
        ``2010``, ``2010-09`` or ``2010-09-07``.

    Examples
    --------
    >>> PartialDate("2010-09").precision, PartialDate("2010-09").latest.isoformat()
    ('month', '2010-09-30')
    """

    text: str

    def __post_init__(self) -> None:
        self._parts()

    def _parts(self) -> tuple[int, int | None, int | None]:
        found = _DATE.fullmatch(self.text)
        try:
            if found is None:
                raise ValueError(self.text)
            year, month, day = (None if part is None else int(part) for part in found.groups())
            datetime.date(year or 0, month or 1, day or 1)
        except ValueError as error:
            raise DataError(
                f"{self.text!r} is not a date.",
                where="a date of the register",
                expected="a year, a month or a day: 2010, 2010-09 or 2010-09-07",
                next_step="Write as much of the date as is known.",
            ) from error
        return year or 0, month, day

    @property
    def precision(self) -> str:
        """Say how much is known: 'year', 'month' or 'day'."""
        _, month, day = self._parts()
        return "year" if month is None else "month" if day is None else "day"

    @property
    def year(self) -> int:
        """The calendar year."""
        return self._parts()[0]

    @property
    def earliest(self) -> datetime.date:
        """The first day that the date can mean."""
        year, month, day = self._parts()
        return datetime.date(year, month or 1, day or 1)

    @property
    def latest(self) -> datetime.date:
        """The last day that the date can mean."""
        year, month, day = self._parts()
        if day is not None and month is not None:
            return datetime.date(year, month, day)
        month = month or 12
        return datetime.date(year, month, calendar.monthrange(year, month)[1])


def catalogue(file: str, path: str | Path | None = None) -> tuple[dict[str, Any], str]:
    """Read a catalogue that ships with Geomonitor, or another file in its place.

    Parameters
    ----------
    file : str
        Name of the file that ships.
    path : path, optional
        File to read in its place.

    Returns
    -------
    tuple of dict and str
        What it holds, and its name for messages.

    Raises
    ------
    DataError
        If it cannot be read, or is no TOML.
    """
    if path is not None:
        return FILES.read(path), str(path)
    shipped = importlib.resources.files("geomonitor.register.facts") / file
    return FILES.parsed(shipped.read_text(encoding="utf-8"), file), file


def translated(raw: object, where: str, key: str) -> Mapping[str, str]:
    """Check a text in two languages.

    Raises
    ------
    DataError
        If a language is missing or empty, or there is another one.

    Examples
    --------
    >>> translated({"en": "Inform", "nl": "Informeren"}, "here", "name")["nl"]
    'Informeren'
    """
    FILES.checked(raw, dict.fromkeys(LANGUAGES, str), f"{where}, key {key}")
    assert isinstance(raw, dict)
    return dict(raw)


def translated_lists(raw: object, where: str, key: str) -> Mapping[str, tuple[str, ...]]:
    """Check lists of texts in two languages, of the same length.

    Raises
    ------
    DataError
        If a language is missing, or one has more texts than the other.
    """
    FILES.checked(raw, dict.fromkeys(LANGUAGES, list), f"{where}, key {key}")
    assert isinstance(raw, dict)
    lists = {language: text_list(raw[language], where, f"{key}.{language}") for language in LANGUAGES}
    if len({len(each) for each in lists.values()}) > 1:
        raise FILES.wrong("One language has more texts than the other.", where, key, "as many in both")
    return lists


def text_list(raw: object, where: str, key: str) -> tuple[str, ...]:
    """Check a list of texts, none empty and none twice.

    Raises
    ------
    DataError
    """
    if not isinstance(raw, list) or not all(isinstance(each, str) and each.strip() for each in raw):
        raise FILES.wrong(f"{raw!r} is not a list of texts.", where, key, "texts in quotes, none empty")
    if len(set(raw)) < len(raw):
        raise FILES.wrong("A text stands in the list twice.", where, key, "every text once")
    return tuple(raw)


def code_text(raw: str, where: str) -> str:
    """Check a code.

    Raises
    ------
    DataError
        If it is not lower-case letters, digits and underscores.
    """
    if not _CODE.fullmatch(raw):
        raise FILES.wrong(
            f"{raw!r} cannot be a code.", where, "code", "lower-case letters, digits and underscores"
        )
    return raw


def choice(raw: object, allowed: Sequence[str], where: str, key: str) -> str:
    """Check that a value is one of a list.

    Raises
    ------
    DataError
    """
    if not isinstance(raw, str) or raw not in allowed:
        raise FILES.wrong(f"{raw!r} is not known here.", where, key, f"one of {', '.join(allowed)}")
    return raw


def date_text(raw: str | None, where: str, key: str) -> PartialDate | None:
    """Read a partial date; nothing where there is none.

    Raises
    ------
    DataError
        If the text is no date; the message names the entry.
    """
    if raw is None:
        return None
    try:
        return PartialDate(raw)
    except DataError as error:
        raise FILES.wrong(
            f"{raw!r} is not a date.", where, key, "2010, 2010-09 or 2010-09-07, in quotes"
        ) from error


def unique(codes: Sequence[str], where: str) -> None:
    """Refuse a code that is there twice.

    Raises
    ------
    DataError
    """
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise FILES.wrong(f"{', '.join(twice)} is defined twice.", where, "code", "one definition")
