"""Files that are no export, damaged ones, and ones with errors: each is refused at its place."""

from __future__ import annotations

import copy
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from openpyxl.cell.cell import Cell

from geomonitor.register.exchange.export import PlainTables
from geomonitor.register.exchange.files import read_file
from geomonitor.register.exchange.problems import ImportRefusedError, Problem
from register.register_to_exchange import fill
from register.test_exchange import everything, written
from tests_of_the_application import users_by_role

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def collected(django_db_setup: None, django_db_blocker: Any) -> PlainTables:
    """A register with one of everything as it is exported: files only are read here, so it is filled once."""
    with django_db_blocker.unblock(), transaction.atomic():
        users = users_by_role()
        fill(users)
        found = everything(users)
        transaction.set_rollback(True)
    return found


@pytest.fixture
def tables(collected: PlainTables) -> PlainTables:
    """The tables of the export, for a test to change."""
    return copy.deepcopy(collected)


@pytest.fixture(scope="module")
def export(collected: PlainTables) -> bytes:
    """The workbook of the export."""
    return written(collected, "xlsx")


def problems_of(content: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ImportRefusedError) as refused:
        read_file(content)
    assert refused.value.next_step
    return refused.value.problems


def edited_workbook(export: bytes, edit: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(export))
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cell_of(book: Any, table: str, column: str, row: int = 2) -> Cell:
    sheet = book[table]
    place = next(cell.column for cell in sheet[1] if cell.value == column)
    found: Cell = sheet.cell(row, place)
    return found


def test_what_a_program_makes_of_an_export_reads_the_same(tables: PlainTables, export: bytes) -> None:
    """Saved again by another program; dates as dates, whole numbers with a point."""
    import datetime

    def edit(book: Any) -> None:
        cell_of(book, "actions", "due_on").value = datetime.datetime(2026, 1, 1)
        cell_of(book, "judgements", "level").value = 3.0
        cell_of(book, "cases", "subject_code", 3).value = 810110

    assert read_file(edited_workbook(export, edit)).plain == tables


CELLS: list[tuple[str, str, Any, str]] = [
    ("actions", "due_on", "31-03-2026", "such as 2026-03-31"),
    ("actions", "due_on", "2026-02-30", "such as 2026-03-31"),
    ("actions", "due_on", "0001-01-01", "from 1800"),
    ("actions", "due_on", None, "such as 2026-03-31"),
    ("cases", "created_at", "2026-03-31T14:00:00", "such as 2026-03-31T14:00:00+00:00"),
    ("judgements", "level", "high", "from 1 to 5"),
    ("judgements", "level", 6, "from 1 to 5"),
    ("judgements", "level", 2.5, "from 1 to 5"),
    ("judgements", "version", 0, "from 1"),
    ("options", "cost_minimum_meur", "a lot", "3 decimals"),
    ("options", "cost_minimum_meur", "-1", "at least 0"),
    ("options", "cost_minimum_meur", "0.0001", "3 decimals"),
    ("options", "kind", "magic", "do_nothing"),
    ("instruments", "to_check", "perhaps", "true or false"),
    ("cases", "uid", "1", "a UUID"),
    ("cases", "title", "x" * 201, "at most 200"),
    ("cases", "title", None, "at most 200"),
    ("cases", "title", True, "at most 200"),
    ("evidence", "finding", "{", "JSON"),
    ("evidence", "finding", '{"a": NaN}', "finite"),
    ("evidence", "finding", '{"a": 1, "a": 2}', "once"),
    ("evidence", "finding", "[" * 5000 + "]" * 5000, "at most 30 levels"),
    ("comments", "text", "\\u{0}", "text"),
    ("interests", "evidence", "abc", "uids of rows of evidence"),
]


@pytest.mark.parametrize(("table", "column", "value", "expected"), CELLS)
def test_a_value_that_does_not_fit(export: bytes, table: str, column: str, value: Any, expected: str) -> None:
    def edit(book: Any) -> None:
        cell_of(book, table, column).value = value

    (problem,) = problems_of(edited_workbook(export, edit))
    assert (problem.table, problem.row, problem.column) == (table, 2, column)
    assert expected in problem.expected
    assert problem.where == f"{table}, row 2, column {column}"


@pytest.mark.parametrize("value", ["=1+1", '=HYPERLINK("http://example.org")'])
def test_a_formula_is_no_value(export: bytes, value: str) -> None:
    def edit(book: Any) -> None:
        cell_of(book, "cases", "title").value = value

    (problem,) = problems_of(edited_workbook(export, edit))
    assert problem.what == "The cell holds a formula."


def test_sheets_and_columns_that_are_missing_or_unknown(export: bytes) -> None:
    def edit(book: Any) -> None:
        del book["papers"]
        book.create_sheet("extra")
        cell_of(book, "cases", "title", 1).value = "titel"
        cell_of(book, "actions", "result", 1).value = "title"

    found = {(each.table, each.column): each.what for each in problems_of(edited_workbook(export, edit))}
    assert found == {
        ("extra", ""): "There is no such table.",
        ("papers", ""): "The sheet is missing.",
        ("cases", "titel"): "There is no such column.",
        ("cases", "title"): "The column is missing.",
        ("actions", "title"): "The column stands twice.",
        ("actions", "result"): "The column is missing.",
    }


def test_a_record_that_stands_twice(tables: PlainTables) -> None:
    tables["papers"].append({**tables["papers"][0], "title": "Again"})
    for name, first in (("xlsx", 2), ("json", 1)):
        (problem,) = problems_of(written(tables, name))
        assert (problem.table, problem.row) == ("papers", first + 1)
        assert f"in row {first} too" in problem.what


def test_a_workbook_of_something_else() -> None:
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    assert any(each.table == "read_me" for each in problems_of(buffer.getvalue()))


def package(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def changed_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            old_content = old.read(part)
            new.writestr(part.filename, change(old_content) if part.filename == name else old_content)
    return buffer.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = package(xl__workbook=b"\0" * 80 * 1024 * 1024)
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        (problem,) = problems_of(bomb)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "unpacks to 80 MB" in problem.what
    assert most < 5_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(export: bytes, encoding: str) -> None:
    evil = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    content = changed_part(export, "xl/sharedStrings.xml", lambda _: evil.encode(encoding))
    (problem,) = problems_of(content)
    assert problem.what == "The workbook defines XML entities."


@pytest.mark.parametrize(
    "part",
    [
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/worksheets/sheet3.xml",
        "[Content_Types].xml",
        "xl/styles.xml",
    ],
)
@pytest.mark.parametrize("content", [b"", b"<a>", b"\xff\xfe\x00", b"<a/>"])
def test_damaged_workbooks(tables: PlainTables, export: bytes, part: str, content: bytes) -> None:
    damaged = changed_part(export, part, lambda _: content)
    if (part, content) == ("xl/styles.xml", b"<a/>"):
        # how it looks does not matter
        assert read_file(damaged).plain == tables
    else:
        assert problems_of(damaged)


@pytest.mark.parametrize("length", [5, 200, -30])
def test_workbooks_that_end_too_early(export: bytes, length: int) -> None:
    assert problems_of(export[:length])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "neither a workbook nor JSON"),
        (b"<html>", "neither"),
        (b"\x89PNG\r\n", "neither"),
        (b"PK\x03\x04", "no workbook"),
        (b"{", "no JSON"),
        (b'{"a": \xff}', "not UTF-8"),
        (b"{}", "no export"),
        (b'{"format": "geomonitor-register", "format_version": 2}', "version 2"),
        (b'{"format": "geomonitor-register", "format_version": true}', "version True"),
        (b'{"format": "geomonitor-register", "format_version": 1}', "no tables"),
        (b'{"format": 1, "format": 2}', "twice"),
        (b'{"a": Infinity}', "no number"),
        (b'{"a":' * 100_000, "too deeply"),
        (b'{"a": ' + b"1" * 5000 + b"}", "too long"),
    ],
)
def test_files_that_are_no_export(content: bytes, what: str) -> None:
    (problem,) = problems_of(content)
    assert what in problem.what


@pytest.mark.parametrize("rows", [{}, "x", None, [1], [[]], [{}], [{"uid": 1, "extra": 2}]])
def test_tables_of_another_shape(tables: PlainTables, rows: Any) -> None:
    document = json.loads(written(tables))
    document["tables"]["comments"] = rows
    assert {each.table for each in problems_of(json.dumps(document).encode())} == {"comments"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("finding", {"a": "\x00"}),
        ("finding", {"\ud800": 1}),
        ("source", "\ud800"),
        ("version", True),
        ("version", 1.0),
        ("version", 2**40),
        ("withdrawn_at", 5),
        ("created_at", "9999-12-31T23:59:59-23:00"),
        ("uid", None),
        ("case", []),
    ],
)
def test_json_values_that_do_not_fit(tables: PlainTables, column: str, value: Any) -> None:
    tables["evidence"][0][column] = value
    document = {"format": "geomonitor-register", "format_version": 1, "tables": tables}
    (problem,) = problems_of(json.dumps(document).encode())
    assert (problem.table, problem.row, problem.column) == ("evidence", 1, column)


def test_a_file_full_of_errors_names_the_first_of_them(tables: PlainTables) -> None:
    tables["comments"] = [{**tables["comments"][0], "uid": "x"} for _ in range(2_000)]
    assert len(problems_of(written(tables))) == 500


def test_cells_that_are_claimed_and_not_there(export: bytes) -> None:
    """A row can say that its one cell is in column 1000: memory for the others is not spent."""
    rows = "".join(f'<row r="{number}"><c r="ALL{number}"/></row>' for number in range(1, 6_000))
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    content = changed_part(export, "xl/worksheets/sheet3.xml", lambda _: sheet.encode())
    (problem,) = problems_of(content)
    assert problem.what == "The workbook has more than 5000000 cells."
