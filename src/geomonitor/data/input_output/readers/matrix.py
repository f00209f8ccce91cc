"""Read a wide text table of numbers in blocks of rows: fast when it is regular, carefully when it is not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.errors import DataError

__all__ = ["Block", "MatrixFile", "first_rows"]

_BLOCK_ROWS = 256
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a table.

    Parameters
    ----------
    first_row : int
        Row of the file of the first of them, from 1.
    labels : list of tuple of str
        The leading fields of each row.
    numbers : numpy.ndarray
        The fields after them.
    """

    first_row: int
    labels: list[tuple[str, ...]]
    numbers: NDArray[np.float64]


def first_rows(path: Path, count: int, separator: str = ",") -> list[list[str]]:
    """Read the first rows of a text table as fields without blanks around them.

    Parameters
    ----------
    path : pathlib.Path
        Text in UTF-8.
    count : int
        How many rows to read.
    separator : str
        One character.

    Returns
    -------
    list of list of str
        Fewer rows where the file is shorter.

    Raises
    ------
    DataError
        If the file is no text table.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as handle:
            rows = islice(csv.reader(handle, delimiter=separator), count)
            return [[field.strip() for field in row] for row in rows]
    except (OSError, csv.Error) as error:
        raise DataError(
            f"The file cannot be read: {error}.",
            where=str(path),
            expected="a text file with separated fields",
            next_step="Check the path, and that the file is what its name says.",
        ) from error


class MatrixFile:
    """A table with rows of column labels on top and columns of row labels at the left.

    Parameters
    ----------
    path : pathlib.Path
        Text in UTF-8.
    label : str
        Its name for people.
    separator : str
        One character.
    header_rows : int
        Rows on top that hold labels.
    label_columns : int
        Columns at the left that hold labels.
    title_rows : int
        Rows above the labels, which are skipped.
    index_row : bool
        Whether a row with the names of the label columns follows the header, which is skipped.

    Raises
    ------
    DataError
        If the file cannot be read, or its header is shorter than promised.
    """

    def __init__(
        self,
        path: Path,
        label: str,
        *,
        separator: str = ",",
        header_rows: int = 1,
        label_columns: int = 1,
        title_rows: int = 0,
        index_row: bool = False,
    ) -> None:
        self._path, self.label = path, label
        self._separator, self._label_columns = separator, label_columns
        self._rows_above = title_rows + header_rows + index_row
        field = rf'"(?:[^"]|"")*"|[^{re.escape(separator)}"]*'
        self._quoted_labels = re.compile(rf"(?:(?:{field}){re.escape(separator)}){{{label_columns}}}")
        top = first_rows(path, title_rows + header_rows, separator)
        rows = top[title_rows:]
        if len(rows) < header_rows or not all(any(row) for row in rows):
            raise DataError(
                "The file is empty or has no header.",
                where=label,
                expected=f"{header_rows} rows of labels, then numbers",
                next_step="Download the file again.",
            )
        # A comma at the end of every row, as some producers write, is no column.
        self._trailing = all(row and not row[-1] for row in rows) and len(rows[0]) > label_columns + 1
        kept = [row[:-1] if self._trailing else row for row in rows]
        if len({len(row) for row in kept}) != 1:
            raise DataError(
                f"The rows of the header have {', '.join(str(len(row)) for row in kept)} fields.",
                where=f"{label}, rows {title_rows + 1} to {title_rows + header_rows}",
                expected="the same number of fields in each",
                next_step="Download the file again.",
            )
        self.corner: list[list[str]] = [row[:label_columns] for row in kept]
        self.columns: list[tuple[str, ...]] = list(zip(*(row[label_columns:] for row in kept), strict=True))

    def blocks(self) -> Iterator[Block]:
        """Read the rows below the header.

        Yields
        ------
        Block

        Raises
        ------
        DataError
            If a row has too few or too many fields, or a field is no number; the message says where.
        """
        with self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as handle:
            for _ in range(self._rows_above):
                handle.readline()
            row = self._rows_above + 1
            seen = False
            while lines := list(islice(handle, _BLOCK_ROWS)):
                kept = [
                    (row + i, text) for i, line in enumerate(lines) if (text := line.rstrip("\r\n")).strip()
                ]
                if kept:
                    seen = True
                    yield self._block(kept)
                row += len(lines)
        if not seen:
            raise DataError(
                "The file has a header and no rows.",
                where=self.label,
                expected="a row for every economy and sector",
                next_step="Download the file again.",
            )

    def _block(self, lines: list[tuple[int, str]]) -> Block:
        labels: list[tuple[str, ...]] = []
        rest: list[str] = []
        for row, line in lines:
            if '"' in line:
                match = self._quoted_labels.match(line)
                if match is None or '"' in line[match.end() :]:
                    return self._careful(lines)
                fields = [*next(csv.reader([match[0]], delimiter=self._separator))[:-1], line[match.end() :]]
            else:
                fields = line.split(self._separator, self._label_columns)
            if len(fields) != self._label_columns + 1:
                self._refuse_width(row, len(fields))
            labels.append(tuple(field.strip() for field in fields[:-1]))
            rest.append(fields[-1])
        separators = len(self.columns) - 1 + self._trailing
        if any(line.count(self._separator) != separators for line in rest):
            return self._careful(lines)
        schema = {f"c{i}": pl.Float64 for i in range(separators + 1)}
        try:
            frame = pl.read_csv(
                io.BytesIO("\n".join(rest).encode("utf-8", "surrogateescape")),
                has_header=False,
                schema=schema,
                separator=self._separator,
                quote_char=None,
            )
        except pl.exceptions.PolarsError:
            # The careful pass says which cell it is, or reads what Polars would not.
            return self._careful(lines)
        numbers = frame.to_numpy()[:, : len(self.columns)]
        if frame.height != len(lines) or not np.isfinite(numbers).all():
            return self._careful(lines)
        return Block(lines[0][0], labels, np.ascontiguousarray(numbers))

    def _careful(self, lines: list[tuple[int, str]]) -> Block:
        labels: list[tuple[str, ...]] = []
        numbers = np.empty((len(lines), len(self.columns)))
        width = self._label_columns + len(self.columns)
        for i, (row, line) in enumerate(lines):
            fields = next(csv.reader([line], delimiter=self._separator))
            if len(fields) == width + 1 and not fields[-1].strip():
                fields.pop()
            if len(fields) != width:
                self._refuse_width(row, len(fields))
            labels.append(tuple(field.strip() for field in fields[: self._label_columns]))
            for j, text in enumerate(fields[self._label_columns :]):
                if not _NUMBER.fullmatch(text.strip()):
                    self._refuse_cell(row, j, labels[-1], text)
                numbers[i, j] = float(text)
        return Block(lines[0][0], labels, numbers)

    def _refuse_width(self, row: int, fields: int) -> NoReturn:
        raise DataError(
            f"A row has {fields:,} fields.",
            where=f"{self.label}, row {row}",
            expected=f"{self._label_columns + len(self.columns):,} fields, as in the header",
            next_step="The file looks truncated or damaged: download it again.",
        )

    def _refuse_cell(self, row: int, column: int, labels: tuple[str, ...], text: str) -> NoReturn:
        shown = text.encode("utf-8", "backslashreplace").decode("utf-8")[:40]
        raise DataError(
            f"There is {shown!r} where a number belongs.",
            where=f"{self.label}, row {row} ({' '.join(labels)}), "
            f"column {column + self._label_columns + 1} ({' '.join(self.columns[column])})",
            expected="a number with a decimal point, 0 where there is no delivery",
            next_step="Correct the cell, or download the file again.",
        )
