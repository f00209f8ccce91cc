"""What is wrong with a file that is to be imported: where, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geomonitor.errors import GeomonitorError

__all__ = ["MOST_PROBLEMS", "ImportRefusedError", "Problem", "Problems"]

MOST_PROBLEMS = 500
"""So many are listed; a file with more has one cause."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    what, expected : str
        In English, as all messages of the program.
    table : str
        Sheet of the workbook, or list of the JSON document; empty for the file as a whole.
    row : int or None
        In a workbook as the program numbers it; in JSON counted from 1.
    column : str

    Examples
    --------
    >>> Problem("This is no date.", "such as 2026-03-31", "actions", 4, "due_on").where
    'actions, row 4, column due_on'
    """

    what: str
    expected: str = ""
    table: str = ""
    row: int | None = None
    column: str = ""

    @property
    def where(self) -> str:
        """The place in words."""
        parts = [self.table]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(part for part in parts if part)


class ImportRefusedError(GeomonitorError):
    """A file that is not imported; nothing of it was written.

    Attributes
    ----------
    problems : tuple of Problem
    """

    exit_status = 11

    def __init__(self, problems: Iterable[Problem], what: str | None = None) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        count = len(self.problems)
        super().__init__(
            what or (first.what if count == 1 else f"The file has {count} errors; the first: {first.what}"),
            where=first.where or None,
            expected=first.expected or None,
            next_step="Correct the file and try again; nothing was written.",
        )


class Problems:
    """Problems as they are found, up to `MOST_PROBLEMS`.

    Examples
    --------
    >>> found = Problems()
    >>> found.add("This is no date.", "such as 2026-03-31", "actions", 4, "due_on")
    >>> [each.where for each in found.found]
    ['actions, row 4, column due_on']
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(
        self, what: str, expected: str = "", table: str = "", row: int | None = None, column: str = ""
    ) -> None:
        """Note one, unless there are too many already."""
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(what, expected, table, row, column))

    def stop_here(self) -> None:
        """Raise what was found, if anything was.

        Raises
        ------
        ImportRefusedError
        """
        if self.found:
            raise ImportRefusedError(self.found)
