"""Rows as they are read from a file: checked value by value, with the place of each for messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geomonitor.register.errors import Words
from geomonitor.register.exchange.problems import Problems
from geomonitor.register.exchange.tables import Column, Table, tables
from geomonitor.register.exchange.values import ValueProblemError, checked

__all__ = ["Document", "FileRow", "check_row", "check_whole"]


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a file, all of whose values fit their columns.

    Attributes
    ----------
    table : str
    number : int
        As the program that shows the file counts.
    values : mapping of str to object
        Plain values by column.
    key : tuple
        What says which record it is.
    """

    table: str
    number: int
    values: Mapping[str, Any]
    key: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds.

    Attributes
    ----------
    rows : mapping of str to tuple of FileRow
        By table, in the order of the file.
    """

    rows: Mapping[str, tuple[FileRow, ...]]

    @property
    def plain(self) -> dict[str, list[dict[str, Any]]]:
        """The plain tables, as `collect` gives them."""
        return {name: [dict(row.values) for row in found] for name, found in self.rows.items()}


def check_row(
    table: Table, number: int, value_of: Callable[[Column], Any], problems: Problems
) -> FileRow | None:
    """Check the values of a row.

    Parameters
    ----------
    table : Table
    number : int
    value_of : callable
        Gives the plain value of a column; may raise `ValueProblemError`.
    problems : Problems
        Receives what is wrong.

    Returns
    -------
    FileRow or None
        None where something was wrong.
    """
    values: dict[str, Any] = {}
    for column in table.columns:
        try:
            values[column.name] = checked(column, value_of(column))
        except ValueProblemError as error:
            problems.add(error.what, error.expected, table.name, number, column.name)
    if len(values) < len(table.columns):
        return None
    return FileRow(table.name, number, values, tuple(values[name] for name in table.keys))


def check_whole(rows: Mapping[str, list[FileRow]], problems: Problems) -> Document:
    """Check that no record stands twice.

    Raises
    ------
    ImportRefusedError
        With all that was found so far.
    """
    for table in tables():
        seen: dict[tuple[Any, ...], int] = {}
        for row in rows[table.name]:
            if row.key in seen:
                problems.add(
                    Words(
                        "This record stands twice: in row {row} too.",
                        "problem.record_twice",
                        {"row": seen[row.key]},
                    ),
                    Words("each record once", "expected.record_once"),
                    table.name,
                    row.number,
                    ", ".join(table.keys),
                )
            seen.setdefault(row.key, row.number)
    problems.stop_here()
    return Document({name: tuple(found) for name, found in rows.items()})
