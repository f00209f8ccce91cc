"""Rows of the Tweede Kamer's open data, read field by field: a changed schema is noticed and named."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from geomonitor.dossier.sources.clean_text import clean_line, clean_text
from geomonitor.errors import DataError

__all__ = ["Row"]

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# how the source writes that there is no day
_NO_DAY = "0001-01-01"


class Row:
    """A row of one entity.

    Parameters
    ----------
    entity : str
        Zaak, Document, Besluit …
    values : Mapping
        Fields by the names of the OData service.
    where : str
        File or address and row, for messages.
    whole : bool
        Whether each field must be there (OData), or an empty one may be left out (SyncFeed).

    Examples
    --------
    >>> row = Row("Zaak", {"Nummer": "2022Z24775", "GestartOp": "2022-12-14T23:30:00Z"}, "zaak.json, row 1")
    >>> row.line("Nummer"), row.day("GestartOp").isoformat()
    ('2022Z24775', '2022-12-15')
    """

    __slots__ = ("_values", "_whole", "entity", "where")

    def __init__(self, entity: str, values: Mapping[str, Any], where: str, *, whole: bool = True) -> None:
        self.entity = entity
        self._values = values
        self.where = where
        self._whole = whole

    def _value(self, field: str) -> Any:
        try:
            return self._values[field]
        except KeyError as error:
            if not self._whole:
                return None
            raise DataError(
                f"The field {field} of {self.entity} is not there.",
                where=self.where,
                expected=f"{field}, also where it is empty",
                next_step="The source may have changed its schema: look for a newer version, or report it.",
            ) from error

    def _not_of_type(self, field: str, value: Any, expected: str) -> DataError:
        return DataError(
            f"The field {field} of {self.entity} is not {expected}: {clean_line(repr(value))[:80]}.",
            where=self.where,
            expected=expected,
            next_step="The source may have changed its schema: look for a newer version, or report it.",
        )

    def has(self, field: str) -> bool:
        """Say whether a field was asked for: relations are there only where they are expanded."""
        return field in self._values

    def holds_text(self, field: str) -> bool:
        """Say whether a field holds text; what is a relation in one service may be text in the other."""
        return isinstance(self._values.get(field), str)

    def line(self, field: str) -> str:
        """Give a text as one clean line; empty for null."""
        value = self._value(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._not_of_type(field, value, "text")
        return clean_line(value)

    def text(self, field: str) -> str:
        """Give a text, clean, with its lines; empty for null."""
        value = self._value(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._not_of_type(field, value, "text")
        return clean_text(value).strip()

    def number(self, field: str) -> int | None:
        """Give a whole number; None for null."""
        value = self._value(field)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._not_of_type(field, value, "a whole number")

    def truth(self, field: str) -> bool | None:
        """Give true or false; None for null."""
        value = self._value(field)
        if value is None or isinstance(value, bool):
            return value
        raise self._not_of_type(field, value, "true or false")

    def moment(self, field: str) -> datetime.datetime | None:
        """Give a moment in the time of Amsterdam, as which one without a zone is read; None for null."""
        value = self._value(field)
        if value is None or value == "":
            return None
        try:
            read = datetime.datetime.fromisoformat(value)
            # what has no offset at the source is written in local time
            local = read.replace(tzinfo=_AMSTERDAM) if read.tzinfo is None else read.astimezone(_AMSTERDAM)
        except (TypeError, ValueError, OverflowError) as error:
            if isinstance(value, str) and value.startswith(_NO_DAY):
                return None
            raise self._not_of_type(field, value, "a moment (ISO 8601)") from error
        return None if value.startswith(_NO_DAY) else local

    def day(self, field: str) -> datetime.date | None:
        """Give the day of a moment, in Amsterdam; None for null and for the year 1, which means null."""
        moment = self.moment(field)
        if moment is None:
            return None
        written = datetime.datetime.fromisoformat(self._value(field))
        # what has an offset is written in local time, also where summer time was none yet (1966)
        return written.date() if written.utcoffset() else moment.date()

    def row(self, field: str, entity: str) -> Row | None:
        """Give the row of a relation that is expanded to one row; None where it is not, or empty."""
        value = self._values.get(field)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self._not_of_type(field, value, f"one row of {entity}")
        return Row(entity, value, self.where, whole=self._whole)

    def rows(self, field: str, entity: str) -> list[Row]:
        """Give the rows of a relation that is expanded, without the withdrawn; empty where it is not."""
        value = self._values.get(field)
        if value is None:
            return []
        # some relations are one row in one version of the service, and a list in the next
        listed = [value] if isinstance(value, Mapping) else value
        if not isinstance(listed, Sequence) or not all(isinstance(each, Mapping) for each in listed):
            raise self._not_of_type(field, value, f"rows of {entity}")
        return [
            Row(entity, each, self.where, whole=self._whole)
            for each in listed
            if each.get("Verwijderd") is not True
        ]
