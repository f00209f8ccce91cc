"""What an import would do, or did: row by row and field by field."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from geomonitor.register.exchange.problems import Problem

__all__ = ["STATUSES", "FieldChange", "ImportOutcome", "RowOutcome", "Status"]

Status = Literal["new", "changed", "unchanged", "left_out", "conflict"]
STATUSES: tuple[Status, ...] = ("new", "changed", "unchanged", "left_out", "conflict")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with what it holds in the register, and in the file."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What becomes of a row.

    Attributes
    ----------
    table, row, label : str, int, str
        Where it stands in the file, and what a reader knows the record by.
    status : Status
        A conflict is a row whose version is older than that of the register, and whose content differs.
    fields : tuple of FieldChange
    note : str
        Why it is left out: 'decision', 'history', 'withdrawn' or 'account'; versions of a conflict.
    """

    table: str
    row: int
    label: str
    status: Status
    fields: tuple[FieldChange, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What becomes of a file.

    Attributes
    ----------
    rows : tuple of RowOutcome
    problems : tuple of Problem

    Examples
    --------
    >>> ImportOutcome((RowOutcome("cases", 2, "2026-001", "new"),), ()).counts["cases"]["new"]
    1
    """

    rows: tuple[RowOutcome, ...]
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> Mapping[str, Counter[str]]:
        """How many rows of each status, by table."""
        found: dict[str, Counter[str]] = {}
        for each in self.rows:
            found.setdefault(each.table, Counter())[each.status] += 1
        return found

    def of(self, *statuses: Status) -> tuple[RowOutcome, ...]:
        """Give the rows of some statuses."""
        return tuple(each for each in self.rows if each.status in statuses)

    @property
    def can_be_applied(self) -> bool:
        """Whether nothing stands in the way, and there is something to do."""
        return not self.problems and not self.of("conflict") and bool(self.of("new", "changed"))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all of it: the same file on a register that changed meanwhile has another one."""
        text = json.dumps([asdict(self)], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()
