"""TOML files that people write (interests, judgements, chains): read strictly, faults named."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.codes import HS_REVISIONS
from geomonitor.errors import DataError

__all__ = ["DescribedFiles"]

_PREFIX = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}")

_SPOKEN: Mapping[type, str] = {
    str: "a text in quotes",
    bool: "true or false",
    float: "a number",
    list: "a list",
    dict: "a table",
    datetime.date: "a date such as 2026-01-31, without quotes",
}


@dataclass(frozen=True, slots=True)
class DescribedFiles:
    """The checks of one kind of file.

    Attributes
    ----------
    next_step : str
        Where its format is described, for every message.

    Examples
    --------
    >>> files = DescribedFiles("See docs/stacking.md.")
    >>> files.parsed('code = "solar"', "solar.toml")
    {'code': 'solar'}
    """

    next_step: str

    def read(self, path: str | Path) -> dict[str, Any]:
        """Read a TOML file.

        Raises
        ------
        DataError
            If it cannot be read, or is no TOML.
        """
        return self.parsed(self.text(path), str(path))

    def text(self, path: str | Path) -> str:
        """Read a text file in UTF-8, with or without a byte order mark.

        Raises
        ------
        DataError
            If it cannot be read.
        """
        try:
            return Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"The file cannot be read: {error}.", where=str(path), expected="a TOML file in UTF-8"
            ) from error

    def parsed(self, text: str, where: str) -> dict[str, Any]:
        """Parse TOML.

        Raises
        ------
        DataError
            If it is none.
        """
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DataError(
                f"The file is no TOML: {error}.", where=where, expected="TOML 1.0", next_step=self.next_step
            ) from error

    def wrong(self, what: str, where: str, key: str, expected: str) -> DataError:
        """Make the error for a key."""
        return DataError(what, where=f"{where}, key {key}", expected=expected, next_step=self.next_step)

    def checked(
        self, raw: object, kinds: Mapping[str, type], where: str, optional: Sequence[str] = ()
    ) -> None:
        """Refuse a table with an unknown, missing or wrongly typed key, or an empty text or list.

        Parameters
        ----------
        raw : object
            What the file holds at this place.
        kinds : mapping of str to type
            Type of every key.
        where : str
            File and entry, for the message.
        optional : sequence of str
            Keys that may be left out.

        Raises
        ------
        DataError
        """
        if not isinstance(raw, dict):
            raise DataError(
                "A table is missing.", where=where, expected=", ".join(kinds), next_step=self.next_step
            )
        for key in raw:
            if key not in kinds:
                raise self.wrong(f"There is no key {key!r}.", where, key, f"one of {', '.join(kinds)}")
        for key, kind in kinds.items():
            if key not in raw:
                if key in optional:
                    continue
                raise self.wrong(f"The key {key!r} is missing.", where, key, _SPOKEN[kind])
            value = raw[key]
            # bool is an int and a datetime a date; neither is meant
            if type(value) is not kind:
                raise self.wrong(f"{value!r} is not {_SPOKEN[kind]}.", where, key, _SPOKEN[kind])
            if isinstance(value, str) and not value.strip():
                raise self.wrong("The text is empty.", where, key, "a text that says something")
            if isinstance(value, list) and not value:
                raise self.wrong("The list is empty.", where, key, "at least one entry")

    def prefixes(self, values: Sequence[object], where: str, key: str) -> tuple[str, ...]:
        """Check product prefixes.

        Raises
        ------
        DataError
            If one is not 2, 4 or 6 digits, or there is none.
        """
        for value in values:
            if not isinstance(value, str) or not _PREFIX.fullmatch(value):
                raise self.wrong(
                    f"{value!r} is not a product prefix.",
                    where,
                    key,
                    '2, 4 or 6 digits in quotes, such as "2941"',
                )
        if not values:
            raise self.wrong("The list is empty.", where, key, "at least one prefix")
        return tuple(str(value) for value in values)

    def revisions(self, text: str, where: str) -> tuple[str, ...]:
        """Read a range of HS revisions.

        Raises
        ------
        DataError
            If it is none.

        Examples
        --------
        >>> DescribedFiles("").revisions("HS92-HS02", "here")
        ('HS92', 'HS96', 'HS02')
        """
        known = list(HS_REVISIONS)
        first, _, last = text.partition("-")
        last = last or first
        if first not in known or last not in known or known.index(first) > known.index(last):
            raise self.wrong(
                f"{text!r} is not a range of HS revisions.",
                where,
                "hs_revisions",
                'such as "HS92-HS22" or "HS17"',
            )
        return tuple(known[known.index(first) : known.index(last) + 1])
