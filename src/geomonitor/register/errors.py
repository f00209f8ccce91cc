"""What can go wrong when people work in the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geomonitor.errors import GeomonitorError

__all__ = ["ConflictError", "NotAllowedError", "RecordKeptError", "RuleError"]


class ConflictError(GeomonitorError):
    """Somebody else changed the record since it was read; nothing was saved.

    Attributes
    ----------
    record : object
        The record as it is now.
    wanted : mapping of str to object
        What was to be written, by field.
    """

    exit_status = 7

    def __init__(self, what: str, *, record: Any, wanted: Mapping[str, Any], **about: str | None) -> None:
        super().__init__(what, **about)
        self.record = record
        self.wanted = dict(wanted)


class NotAllowedError(GeomonitorError):
    """The user's role, or access to the case, does not allow this."""

    exit_status = 8


class RuleError(GeomonitorError):
    """A rule of the register stands in the way: steps in order, four eyes, a reason that lacks.

    Attributes
    ----------
    fields : mapping of str to list of str
        What is wrong, by field; empty where no one field is.
    """

    exit_status = 9

    def __init__(
        self, what: str, *, fields: Mapping[str, list[str]] | None = None, **about: str | None
    ) -> None:
        super().__init__(what, **about)
        self.fields = dict(fields or {})


class RecordKeptError(GeomonitorError):
    """Something tried to delete a record; records are withdrawn, with a reason."""

    exit_status = 10
