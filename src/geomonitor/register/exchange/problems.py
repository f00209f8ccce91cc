"""What is wrong with a file that is to be imported: where, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geomonitor.register.errors import RegisterError, Words

__all__ = ["MOST_PROBLEMS", "ImportRefusedError", "Problem", "Problems"]

MOST_PROBLEMS = 500
"""So many are listed; a file with more has one cause."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    what, expected : str
        In English; those with a key are said in the reader's language on a page.
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
        values = {"table": self.table, "row": self.row, "column": self.column}
        if self.row is not None and self.column:
            return Words("{table}, row {row}, column {column}", "problem.place_cell", values)
        if self.row is not None:
            return Words("{table}, row {row}", "problem.place_row", values)
        return self.table


class ImportRefusedError(RegisterError):
    """A file that is not imported; nothing of it was written.

    Attributes
    ----------
    problems : tuple of Problem
    """

    exit_status = 11

    def __init__(self, problems: Iterable[Problem], what: str | None = None) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        if what is None and len(self.problems) > 1:
            what = Words(
                "The file has {count} errors; the first: {first}",
                "problem.many",
                {"count": len(self.problems), "first": first.what},
            )
        # the texts have keys of their own
        super().__init__(
            what or first.what,
            where=first.where or None,
            expected=first.expected or None,
            next_step=Words("Correct the file and try again; nothing was written.", "problem.next"),
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
