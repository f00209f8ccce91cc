"""The register as a workbook: a sheet a table, and a sheet that explains every column."""

from __future__ import annotations

import datetime
import functools
import io
import json
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import openpyxl
import xlsxwriter
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from geomonitor.register.errors import Words
from geomonitor.register.exchange.cells import join_parts, text_parts
from geomonitor.register.exchange.document import Document, FileRow, check_row, check_whole
from geomonitor.register.exchange.export import PlainTables
from geomonitor.register.exchange.problems import ImportRefusedError, Problem, Problems
from geomonitor.register.exchange.strict_json import strict_json
from geomonitor.register.exchange.tables import FORMAT, FORMAT_VERSION, Column, Table, explanations, tables
from geomonitor.register.exchange.values import DEEPEST, ValueProblemError

__all__ = ["MOST_UNPACKED_BYTES", "READ_ME", "read_workbook", "write_workbook"]

READ_ME = "read_me"
MOST_UNPACKED_BYTES = 64 * 1024 * 1024
"""A workbook that unpacks to more is refused before it is unpacked."""

_MOST_PARTS = 200
_MOST_ROWS = 100_000
_MOST_COLUMNS = 1_000
# in all sheets: a row can claim columns that the file does not hold
_MOST_CELLS = 5_000_000
_CONTINUED = re.compile(r"(?P<name>[a-z0-9_]+) \((?P<part>[1-9][0-9]{0,3})\)")


def write_workbook(found: PlainTables, *, made_at: str, program: str) -> bytes:
    """Write tables as a workbook (XLSX).

    Parameters
    ----------
    found : dict of str to list of dict
    made_at : str
        ISO 8601.
    program : str
        Name and version of what made it.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _write_read_me(book.add_worksheet(READ_ME), bold, wrapped, made_at, program)
        for table in tables():
            _write_table(book.add_worksheet(table.name), table, found[table.name], bold)
    return buffer.getvalue()


def _write_read_me(sheet: Any, bold: Any, wrapped: Any, made_at: str, program: str) -> None:
    head = [
        ("format", FORMAT),
        ("format_version", FORMAT_VERSION),
        ("made_at", made_at),
        ("made_by", program),
    ]
    for number, (name, value) in enumerate(head):
        sheet.write_string(number, 0, name, bold)
        sheet.write(number, 1, value)
    first = len(head) + 1
    how_to = [text[language] for language in ("en", "nl") for text in explanations()["read_me"].values()]
    for number, text in enumerate(how_to, start=first):
        sheet.merge_range(number, 0, number, 6, text, wrapped)
        sheet.set_row(number, 48)
    first += len(how_to) + 1
    titles = ("sheet", "column", "kind", "may be empty", "values", "meaning (en)", "betekenis (nl)")
    for place, title in enumerate(titles):
        sheet.write_string(first, place, title, bold)
    explained = [(table, column) for table in tables() for column in table.columns]
    for number, (table, column) in enumerate(explained, start=first + 1):
        cells = (
            table.name,
            column.name,
            f"uid of {column.target}" if column.target and column.kind != "user" else column.kind,
            "no" if column.required else "yes",
            _values_in_words(column),
            column.meaning["en"],
            column.meaning["nl"],
        )
        for place, text in enumerate(cells):
            sheet.write_string(number, place, text)
    sheet.set_column(0, 4, 18)
    sheet.set_column(5, 6, 70)


def _values_in_words(column: Column) -> str:
    if column.choices:
        return ", ".join(column.choices)
    if column.limit is not None:
        return f"at most {column.limit} signs"
    return f"{column.smallest} to {column.largest}" if column.smallest is not None else ""


def _write_table(sheet: Any, table: Table, rows: Sequence[dict[str, Any]], bold: Any) -> None:
    written = [{column.name: _cells(column, row[column.name]) for column in table.columns} for row in rows]
    place = 0
    for column in table.columns:
        width = max((len(row[column.name]) for row in written), default=1)
        for part in range(width):
            title = column.name if part == 0 else f"{column.name} ({part + 1})"
            sheet.write_string(0, place + part, title, bold)
        for number, row in enumerate(written, start=1):
            for part, value in enumerate(row[column.name]):
                if isinstance(value, bool):
                    sheet.write_boolean(number, place + part, value)
                elif isinstance(value, int):
                    sheet.write_number(number, place + part, value)
                elif value != "":
                    sheet.write_string(number, place + part, value)
        place += width
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(rows), place - 1)
    sheet.set_column(0, place - 1, 18)


def _cells(column: Column, value: Any) -> list[Any]:
    if value is None:
        return [""]
    if column.kind in ("whole", "yes_no"):
        return [value]
    if column.kind == "references":
        return text_parts(";".join(value))
    if column.kind == "json":
        return text_parts(json.dumps(value, ensure_ascii=False, allow_nan=False))
    return text_parts(str(value))


def read_workbook(content: bytes) -> Document:
    """Read a workbook and check each value.

    Raises
    ------
    ImportRefusedError
        With all problems: sheet, row, column, what was expected.
    """
    _check_package(content)
    try:
        with warnings.catch_warnings():
            # styles and extensions that it does not know: only values are read
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=False, keep_links=False
            )
            sheets: dict[str, list[tuple[Any, ...]]] = {}
            for sheet in book.worksheets:
                room = _MOST_CELLS - sum(len(row) for grid in sheets.values() for row in grid)
                sheets[sheet.title] = _grid(sheet, room)
    # what openpyxl raises on a broken package; everything else is a defect
    except (
        InvalidFileException,
        DefusedXmlException,
        # of XML: openpyxl reads with lxml where it is there, whose errors have only this in common
        SyntaxError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OSError,
        EOFError,
    ) as error:
        raise ImportRefusedError(
            [
                Problem(
                    Words(
                        "The workbook cannot be read: {reason}",
                        "problem.unreadable",
                        {"reason": str(error)[:200]},
                    ),
                    Words("a workbook (XLSX) as it was exported", "expected.workbook_as_exported"),
                )
            ]
        ) from error
    problems = Problems()
    _check_read_me(sheets.get(READ_ME), problems)
    known = [READ_ME, *(each.name for each in tables())]
    for title in sheets:
        if title not in known:
            problems.add(Words("There is no such table.", "problem.no_table"), ", ".join(known), title[:60])
    rows: dict[str, list[FileRow]] = {}
    for table in tables():
        rows[table.name] = []
        if table.name not in sheets:
            problems.add(
                Words("The sheet is missing.", "problem.sheet_missing"),
                Words("a sheet with the columns; no rows will do", "expected.sheet"),
                table.name,
            )
            continue
        rows[table.name] = _read_table(table, sheets[table.name], problems)
    return check_whole(rows, problems)


def _check_package(content: bytes) -> None:
    """Look at the package before anything unpacks it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            unpacked = sum(each.file_size for each in parts)
            if unpacked > MOST_UNPACKED_BYTES or len(parts) > _MOST_PARTS:
                limit = MOST_UNPACKED_BYTES // 1024 // 1024
                _refuse(
                    Words(
                        "The workbook unpacks to {size_mb} MB in {parts} parts.",
                        "problem.unpacked",
                        {"size_mb": unpacked // 1024 // 1024, "parts": len(parts)},
                    ),
                    Words(
                        "at most {size_mb} MB in {parts} parts",
                        "expected.unpacked",
                        {"size_mb": limit, "parts": _MOST_PARTS},
                    ),
                )
            for part in parts:
                if part.flag_bits & 1:
                    _refuse(
                        Words("The workbook is locked with a password.", "problem.locked"),
                        Words("a workbook without a password", "expected.unlocked"),
                    )
                # UTF-16 has a zero between the letters
                start = package.read(part).replace(b"\0", b"")
                if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                    _refuse(
                        Words("The workbook defines XML entities.", "problem.entities"),
                        Words("a workbook (XLSX) as it was exported", "expected.workbook_as_exported"),
                    )
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError, zlib.error) as error:
        raise ImportRefusedError(
            [
                Problem(
                    Words("The file is no workbook: it is no zip, or a damaged one.", "problem.no_workbook"),
                    Words("a workbook (XLSX)", "expected.workbook"),
                )
            ]
        ) from error


def _refuse(what: str, expected: str) -> NoReturn:
    raise ImportRefusedError([Problem(what, expected)])


def _grid(sheet: Any, room: int) -> list[tuple[Any, ...]]:
    """Read a sheet of which at most so many cells are wanted."""
    sheet.reset_dimensions()
    found: list[tuple[Any, ...]] = []
    for row in sheet.iter_rows():
        if len(found) == _MOST_ROWS:
            _refuse(
                Words(
                    "The sheet {sheet} has more than {count} rows.",
                    "problem.many_rows",
                    {"sheet": sheet.title[:60], "count": _MOST_ROWS},
                ),
                Words("a smaller file", "expected.smaller"),
            )
        if len(row) > _MOST_COLUMNS:
            _refuse(
                Words(
                    "The sheet {sheet} has more than {count} columns.",
                    "problem.many_columns",
                    {"sheet": sheet.title[:60], "count": _MOST_COLUMNS},
                ),
                Words("fewer columns", "expected.fewer_columns"),
            )
        room -= len(row)
        if room < 0:
            _refuse(
                Words(
                    "The workbook has more than {count} cells.", "problem.many_cells", {"count": _MOST_CELLS}
                ),
                Words("a smaller file", "expected.smaller"),
            )
        found.append(row)
    return found


def _check_read_me(grid: list[tuple[Any, ...]] | None, problems: Problems) -> None:
    head = {row[0].value: row[1].value for row in (grid or [])[:4] if len(row) > 1}
    if head.get("format") != FORMAT or head.get("format_version") != FORMAT_VERSION:
        problems.add(
            Words("The sheet does not say that this is an export of the register.", "problem.no_head"),
            Words(
                "format {name} and format_version {version} in the first two rows",
                "expected.head",
                {"name": FORMAT, "version": FORMAT_VERSION},
            ),
            READ_ME,
        )


def _read_table(table: Table, grid: list[tuple[Any, ...]], problems: Problems) -> list[FileRow]:
    places = _places(table, grid[0] if grid else (), problems)
    if places is None:
        return []
    found = []
    for number, row in enumerate(grid[1:], start=2):
        if all(cell.value is None or cell.value == "" for cell in row):
            continue
        cells = {name: [row[at] for at in found_at if at < len(row)] for name, found_at in places.items()}
        read = check_row(table, number, functools.partial(_value_of, cells), problems)
        if read is not None:
            found.append(read)
    return found


def _places(table: Table, header: Sequence[Any], problems: Problems) -> dict[str, list[int]] | None:
    """Find the columns by their titles, with those that continue them, in order."""
    names = [each.name for each in table.columns]
    at: dict[tuple[str, int], int] = {}
    sound = True
    for place, cell in enumerate(header):
        title = cell.value
        if title is None or title == "":
            continue
        continued = _CONTINUED.fullmatch(title) if isinstance(title, str) else None
        key = (continued["name"], int(continued["part"])) if continued else (title, 1)
        if key[0] not in names or key in at:
            what = (
                Words("The column stands twice.", "problem.column_twice")
                if key in at
                else Words("There is no such column.", "problem.no_column")
            )
            problems.add(what, ", ".join(names), table.name, 1, str(title)[:60])
            sound = False
        at[key] = place
    for name in names:
        if (name, 1) not in at:
            what = Words("The column is missing.", "problem.column_missing")
            problems.add(what, ", ".join(names), table.name, 1, name)
            sound = False
    if not sound:
        return None
    return {name: [at[key] for key in sorted(at) if key[0] == name] for name in names}


def _value_of(cells: Mapping[str, Sequence[Any]], column: Column) -> Any:
    return _value(column, cells[column.name])


def _value(column: Column, cells: Sequence[Any]) -> Any:
    """Give the plain value of a cell and those that continue it."""
    for cell in cells:
        if getattr(cell, "data_type", None) == "f":
            raise ValueProblemError(
                Words("The cell holds a formula.", "problem.formula"),
                Words("a value: paste the values only", "expected.value_pasted"),
            )
        if getattr(cell, "data_type", None) == "e":
            raise ValueProblemError(
                Words("The cell holds an error: {error}.", "problem.cell_error", {"error": cell.value}),
                Words("a value", "expected.value"),
            )
    values = [cell.value for cell in cells if cell.value is not None]
    if not values:
        return None
    if len(values) == 1 and not isinstance(values[0], str):
        return _typed(column, values[0])
    if not all(isinstance(each, str) for each in values):
        raise ValueProblemError(
            Words("Only text goes on in further columns.", "problem.continued"),
            Words("text", "expected.text"),
        )
    text = join_parts(values)
    if text == "":
        return None
    if column.kind == "references":
        return [part.strip() for part in text.split(";") if part.strip()]
    if column.kind == "json":
        return strict_json(text, DEEPEST)
    if column.kind == "whole" and re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        return int(text)
    if column.kind == "yes_no" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _typed(column: Column, value: Any) -> Any:
    """Take what a program made of a text: a number, a date."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and column.kind in ("whole", "text"):
        value = int(value)
    if isinstance(value, int) and column.kind == "text":
        return str(value)
    if isinstance(value, datetime.datetime):
        if column.kind == "date" and value.time() == datetime.time.min:
            return value.date().isoformat()
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return value
    raise ValueProblemError(
        Words("{value!r} is no value of this column.", "problem.no_value", {"value": str(value)[:60]}),
        column.kind,
    )
