"""Read a CSV file fast when it is regular, and carefully when it is not.

The fast pass is Polars. Whatever it cannot vouch for goes through a second pass in plain Python, which
either repairs what may be repaired (and notes it) or names the file, row and column that are wrong.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

import polars as pl

from geomonitor.data.readers.base import ROW, Notes
from geomonitor.errors import DataError

__all__ = ["Column", "read_csv", "read_header"]

_MISSING = ("", "NA")
_PADDED_MISSING = ["NA", *(" " * width + "NA" for width in range(1, 21))]
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|[+-]?inf(?:inity)?|nan", re.IGNORECASE
)
_TYPES: dict[str, pl.DataType] = {"integer": pl.Int32(), "number": pl.Float64(), "text": pl.String()}
_BATCH_ROWS = 500_000
_FAST_BATCH_ROWS = 2_000_000
_CHUNK = 4 * 2**20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Column:
    """A column to read.

    Parameters
    ----------
    name : str
        Its name in the header.
    kind : str
        ``integer``, ``number`` or ``text``.
    required : bool
        Whether an empty field or ``NA`` is an error.
    """

    name: str
    kind: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class _Shape:
    """Counts over the bytes of a file, from which irregular rows show without parsing them."""

    size_bytes: int
    lines: int
    commas: int
    quotes: int
    has_nul: bool
    has_bom: bool
    has_crlf: bool


def read_header(file: Path, label: str) -> list[str]:
    """Read the names of the columns.

    Parameters
    ----------
    file : pathlib.Path
        A CSV file.
    label : str
        Its name for people.

    Returns
    -------
    list of str
        The names, without surrounding blanks or a byte-order mark.

    Raises
    ------
    DataError
        If the file is empty, has no header, or names a column twice.
    """
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as handle:
        try:
            names = [name.strip() for name in next(csv.reader(handle), [])]
        except csv.Error as error:
            _refuse_row(
                label, 1, None, f"The header cannot be read: {error}.", "comma-separated column names"
            )
    if not any(names):
        raise DataError(
            "The file is empty.",
            where=label,
            expected="a header and rows",
            next_step="Download the file again.",
        )
    while names and not names[-1]:
        names.pop()
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"The header names a column twice: {', '.join(map(_shown, twice))}.",
            where=f"{label}, row 1",
            expected="each column once",
            next_step="Correct the header.",
        )
    return names


def read_csv(
    file: Path, label: str, columns: Sequence[Column], notes: Notes, *, whole: bool = False
) -> Iterator[pl.DataFrame]:
    """Read columns of a CSV file, with the row of the file that each came from.

    Parameters
    ----------
    file : pathlib.Path
        A CSV file in UTF-8 with a header.
    label : str
        Its name for people.
    columns : sequence of Column
        What to read; integers come as Int32, numbers as Float64, text as String.
    notes : Notes
        Takes the repairs.
    whole : bool
        Give one frame instead of batches, where the fast pass can.

    Yields
    ------
    polars.DataFrame
        The columns and `ROW` (the header is row 1).

    Raises
    ------
    DataError
        If columns are missing, rows have too few or too many fields, or a field is not of its kind.
    """
    header = read_header(file, label)
    _require_columns(header, columns, label)
    shape = _measure(file)
    if shape.has_bom:
        notes.add("A byte-order mark at the start of a file was left out.")
    if shape.has_crlf:
        notes.add("Windows line ends were read as line ends.")
    last_row = 1
    # With quotes a comma may be text, and the counts say nothing about irregular rows.
    regular = not (shape.quotes or shape.has_nul) and shape.commas == (len(header) - 1) * shape.lines
    if regular:
        try:
            for frame in _fast(file, columns, shape, whole=whole):
                if any(column.required and frame[column.name].null_count() for column in columns):
                    break
                yield frame
                last_row += frame.height
            else:
                if last_row == shape.lines:
                    if last_row == 1:
                        _refuse_empty(label)
                    return
        except pl.exceptions.PolarsError:
            # The careful pass below says which row, or reads what Polars would not.
            pass
    yield from _careful(file, label, header, columns, notes, after_row=last_row)


def _fast(file: Path, columns: Sequence[Column], shape: _Shape, *, whole: bool) -> Iterator[pl.DataFrame]:
    names = [column.name for column in columns]
    lazy = pl.scan_csv(
        file,
        schema_overrides={column.name: _TYPES[column.kind] for column in columns},
        infer_schema=False,
        null_values=_PADDED_MISSING,
        row_index_name="__row",
        row_index_offset=2,
    ).select(*names, pl.col("__row").cast(pl.UInt32).alias(ROW))
    if whole or shape.size_bytes < 64 * 2**20:
        yield lazy.collect()
    else:
        yield from lazy.collect_batches(chunk_size=_FAST_BATCH_ROWS, maintain_order=True)


def _careful(
    file: Path, label: str, header: list[str], columns: Sequence[Column], notes: Notes, *, after_row: int
) -> Iterator[pl.DataFrame]:
    positions = [header.index(column.name) for column in columns]
    width = len(header)
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as handle:
        reader = csv.reader(handle, strict=True)
        rows = _numbered(reader, label)
        next(rows, None)
        seen = False
        while True:
            values: list[list[object]] = [[] for _ in columns]
            row_numbers: list[int] = []
            taken = 0
            for row, fields in islice(rows, _BATCH_ROWS):
                taken += 1
                if not fields or fields == [""]:
                    notes.add("{count} blank rows were skipped.", 1)
                    continue
                if len(fields) == width + 1 and not fields[-1].strip():
                    notes.add("{count} rows that end in a comma were read without it.", 1)
                elif len(fields) != width:
                    _refuse_row(
                        label,
                        row,
                        None,
                        f"A row has {len(fields)} fields where the header has {width}.",
                        f"{width} fields: {', '.join(map(_shown, header))}",
                    )
                seen = True
                if row <= after_row:
                    continue
                row_numbers.append(row)
                for column, position, cells in zip(columns, positions, values, strict=True):
                    cells.append(_parse(fields[position], column, label, row))
            if row_numbers:
                schema = {column.name: _TYPES[column.kind] for column in columns}
                frame = pl.DataFrame(
                    {column.name: cells for column, cells in zip(columns, values, strict=True)}, schema=schema
                )
                yield frame.with_columns(pl.Series(ROW, row_numbers, dtype=pl.UInt32))
            if taken < _BATCH_ROWS:
                break
        if not seen:
            _refuse_empty(label)


def _parse(text: str, column: Column, label: str, row: int) -> int | float | str | None:
    text = text.strip()
    if text in _MISSING:
        if column.required:
            _refuse_row(label, row, column.name, "A field is empty that must have a value.", _wanted(column))
        return None
    if column.kind == "integer":
        if not _INTEGER.fullmatch(text):
            _refuse_row(
                label,
                row,
                column.name,
                f"There is {_shown(text)} where a whole number belongs.",
                _wanted(column),
            )
        return int(text)
    if column.kind == "number":
        if not _NUMBER.fullmatch(text):
            _refuse_row(
                label, row, column.name, f"There is {_shown(text)} where a number belongs.", _wanted(column)
            )
        return float(text)
    if not text.isprintable():
        _refuse_row(
            label, row, column.name, f"There is {_shown(text)} where text in UTF-8 belongs.", "text in UTF-8"
        )
    return text


def _numbered(reader: Iterable[list[str]], label: str) -> Iterator[tuple[int, list[str]]]:
    rows = iter(reader)
    row = 0
    while True:
        try:
            fields = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            _refuse_row(label, row + 1, None, f"A row cannot be read: {error}.", "comma-separated fields")
        row = getattr(reader, "line_num", row + 1)
        yield row, fields


def _measure(file: Path) -> _Shape:
    size = lines = commas = quotes = 0
    has_nul = has_crlf = False
    first = last = b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            first = first or chunk[:3]
            last = chunk[-1:]
            size += len(chunk)
            lines += chunk.count(b"\n")
            commas += chunk.count(b",")
            quotes += chunk.count(b'"')
            has_nul = has_nul or b"\0" in chunk
            has_crlf = has_crlf or b"\r" in chunk
    return _Shape(size, lines + (last not in (b"", b"\n")), commas, quotes, has_nul, first == _BOM, has_crlf)


def _require_columns(header: list[str], columns: Sequence[Column], label: str) -> None:
    missing = [column.name for column in columns if column.name not in header]
    if missing:
        raise DataError(
            f"The file has no column {', '.join(missing)}.",
            where=f"{label}, row 1: found {', '.join(map(_shown, header[:40]))}",
            expected=f"the columns {', '.join(column.name for column in columns)}",
            next_step="Check that the file is in the format that was named with --format.",
        )


def _wanted(column: Column) -> str:
    return {"integer": "a whole number", "number": "a number with a decimal point", "text": "text"}[
        column.kind
    ]


def _shown(text: str) -> str:
    shown = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return repr(shown if len(shown) <= 60 else shown[:57] + "...")


def _refuse_row(label: str, row: int, column: str | None, what: str, expected: str) -> NoReturn:
    place = f"{label}, row {row}" + (f", column {column}" if column else "")
    raise DataError(
        what, where=place, expected=expected, next_step="Correct the row, or download the file again."
    )


def _refuse_empty(label: str) -> NoReturn:
    raise DataError(
        "The file has a header and no rows.",
        where=label,
        expected="at least one row of flows",
        next_step="Download the file again.",
    )
