"""Read a small published CSV file into rows, whole, and say what is wrong with it where it is not one.

The tables of this kind of statistics are hand-made: encodings, quotes and columns go wrong in ways that a
fast reader would turn into wrong numbers. So every row is looked at, in plain Python.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.files import file_text
from geomonitor.errors import DataError

__all__ = [
    "TextRow",
    "TextTable",
    "read_text_table",
    "refuse_field",
]

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}

TextRow = tuple[int, list[str]]
"""The line of the file at which a row begins, and its fields without surrounding blanks."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """The rows of a file.

    Parameters
    ----------
    label : str
        Name of the file for people.
    header : tuple of str
        Names of the columns.
    rows : tuple of TextRow
        Rows that are not blank, all as wide as the header.
    positions : dict
        Place of each column that was asked for.
    """

    label: str
    header: tuple[str, ...]
    rows: tuple[TextRow, ...]
    positions: dict[str, int]

    def records(self, *columns: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Give the line and the fields of some columns, row by row."""
        places = [self.positions[name] for name in columns]
        for line, fields in self.rows:
            yield line, tuple(fields[place] for place in places)

    def texts(self, column: str) -> list[str]:
        """Give all fields of a column."""
        place = self.positions[column]
        return [fields[place] for _, fields in self.rows]


def read_text_table(
    content: bytes,
    label: str,
    columns: Sequence[str],
    notes: CheckNotes,
    *,
    optional: Sequence[str] = (),
    name_column: str | None = None,
    is_name: Callable[[str], bool] | None = None,
) -> TextTable:
    """Read a CSV file with a header.

    Parameters
    ----------
    content : bytes
        The file.
    label : str
        Its name for people.
    columns : sequence of str
        Columns that must be there; the match leaves capitals and spaces out of account, and a name that ends
        in ``*`` matches by its beginning.
    notes : CheckNotes
        Takes what was put right.
    optional : sequence of str
        Columns that may be there.
    name_column : str, optional
        A column of names that may hold a comma. A row with one field too many, where joining this field with
        the next gives a known name, is put right: someone left out the quotes.
    is_name : callable, optional
        Tells whether a text is a known name.

    Returns
    -------
    TextTable

    Raises
    ------
    DataError
        If the file is no CSV file with these columns, or a row has too few or too many fields.
    """
    text = file_text(content, label, notes)
    numbered = _numbered(text, label)
    first_line, header = next(numbered, (1, []))
    header = [" ".join(name.split()) for name in header]
    printed_width = len(header)
    while header and not header[-1]:
        header.pop()
    positions = _positions(header, columns, optional, label, first_line)
    name_place = positions[name_column] if name_column is not None else None
    rows: list[TextRow] = []
    for line, fields in numbered:
        if not any(fields):
            continue
        if len(fields) == printed_width and not any(fields[len(header) :]):
            # columns without a name and without content, which spreadsheets leave behind
            del fields[len(header) :]
        if len(fields) != len(header):
            fields = _fitted(line, fields, header, label, notes, name_place, is_name)
        rows.append((line, fields))
    if not rows:
        raise DataError(
            "The file has a header and no rows.",
            where=f"{label}, row {first_line + 1}, column {header[0]}",
            expected="at least one row",
            next_step="Download the file again.",
        )
    return TextTable(label, tuple(header), tuple(rows), positions)


def refuse_field(label: str, line: int, column: str, text: str, expected: str) -> NoReturn:
    """Refuse a field that is not of its kind.

    Raises
    ------
    DataError
        Always, naming file, row and column.
    """
    shown = text if len(text) <= 60 else text[:57] + "..."
    raise DataError(
        f"There is {shown!r} where {expected} belongs."
        if shown
        else f"A field is empty where {expected} belongs.",
        where=f"{label}, row {line}, column {column}",
        expected=expected,
        next_step="Correct the row, or download the file again.",
    )


def _numbered(text: str, label: str) -> Iterator[TextRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"A row cannot be read: {error}.",
                where=f"{label}, row {line}, column 1",
                expected="fields separated by commas, a quote closed where it is opened",
                next_step="The file may have been cut off: download it again, or correct the row.",
            ) from error
        yield line, [*map(str.strip, fields)]


def _positions(
    header: list[str], columns: Sequence[str], optional: Sequence[str], label: str, line: int
) -> dict[str, int]:
    spelled = [_plain(name) for name in header]
    missing = [name for name in columns if not _named(name, spelled)]
    if missing:
        joined = "".join(header)
        found = ", ".join(map(repr, header[:30]))[:300]
        other = next((word for sign, word in _DELIMITERS.items() if len(header) < 2 and sign in joined), None)
        raise DataError(
            f"The fields are separated by {other}."
            if other
            else f"The file has no column {', '.join(map(repr, missing))}.",
            where=f"{label}, row {line}, column {missing[0]}: found {found}",
            expected=f"the columns {', '.join(columns)}, separated by commas",
            next_step="Save the file with commas between the fields."
            if other
            else "Check that the file is in the format that was named.",
        )
    for name in (*columns, *optional):
        if len(_named(name, spelled)) > 1:
            raise DataError(
                f"The header names a column twice: {name!r}.",
                where=f"{label}, row {line}, column {name}",
                expected="each column once",
                next_step="Correct the header.",
            )
    return {name: places[0] for name in (*columns, *optional) if (places := _named(name, spelled))}


def _named(name: str, spelled: list[str]) -> list[int]:
    wanted = _plain(name)
    if wanted.endswith("*"):
        return [place for place, each in enumerate(spelled) if each.startswith(wanted[:-1])]
    return [place for place, each in enumerate(spelled) if each == wanted]


def _fitted(
    line: int,
    fields: list[str],
    header: list[str],
    label: str,
    notes: CheckNotes,
    name_place: int | None,
    is_name: Callable[[str], bool] | None,
) -> list[str]:
    width = len(header)
    if len(fields) > width and not any(fields[width:]):
        notes.add("columns_put_right", line, "empty fields at the end of the row were left out")
        return fields[:width]
    if len(fields) == width + 1 and name_place is not None and is_name is not None:
        joined = f"{fields[name_place]}, {fields[name_place + 1]}"
        if is_name(joined):
            notes.add(
                "columns_put_right",
                line,
                f"{joined!r} stood in two fields; its comma is not quoted",
                value=", ".join(fields),
            )
            return [*fields[:name_place], joined, *fields[name_place + 2 :]]
    column = header[len(fields)] if len(fields) < width else header[-1]
    raise DataError(
        f"A row has {len(fields)} fields where the header has {width}.",
        where=f"{label}, row {line}, column {column}",
        expected=f"{width} fields: {', '.join(header[:30])}",
        next_step="The file may have been cut off: download it again, or correct the row.",
    )


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
