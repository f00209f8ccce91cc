"""The register as one JSON document, with a schema."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from geomonitor.register.errors import Words
from geomonitor.register.exchange.document import Document, FileRow, check_row, check_whole
from geomonitor.register.exchange.export import PlainTables
from geomonitor.register.exchange.problems import ImportRefusedError, Problem, Problems
from geomonitor.register.exchange.strict_json import strict_json
from geomonitor.register.exchange.tables import FORMAT, FORMAT_VERSION, Column, Table, tables
from geomonitor.register.exchange.values import DEEPEST, ValueProblemError

__all__ = ["json_schema", "read_json", "write_json"]

# the document, its tables and a row are levels of their own
_DEEPEST_DOCUMENT = DEEPEST + 4


def write_json(found: PlainTables, *, made_at: str, program: str) -> bytes:
    """Write tables as a JSON document.

    Parameters
    ----------
    found : dict of str to list of dict
    made_at : str
        ISO 8601.
    program : str
        Name and version of what made it.
    """
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "made_at": made_at,
        "made_by": program,
        "tables": found,
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def read_json(content: bytes) -> Document:
    """Read a JSON document and check each value.

    Raises
    ------
    ImportRefusedError
        With all problems: table, row, column, what was expected.
    """
    document = _parsed(content)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        _refuse(
            Words("This is no export of the register.", "problem.no_export"),
            Words('an object with "format": "{name}"', "expected.json_format", {"name": FORMAT}),
        )
    if document.get("format_version") != FORMAT_VERSION or isinstance(document["format_version"], bool):
        _refuse(
            Words(
                "The document has format version {version!r}.",
                "problem.format_version",
                {"version": document.get("format_version")},
            ),
            Words("version {version}", "expected.version", {"version": FORMAT_VERSION}),
        )
    lists = document.get("tables")
    if not isinstance(lists, dict):
        _refuse(
            Words("The document has no tables.", "problem.no_tables"),
            Words('"tables": an object with a list for each table', "expected.tables"),
        )
    problems = Problems()
    known = {each.name for each in tables()}
    for name in sorted(set(lists) - known):
        problems.add(
            Words("There is no such table.", "problem.no_table"), ", ".join(sorted(known)), name[:60]
        )
    rows: dict[str, list[FileRow]] = {table.name: [] for table in tables()}
    for table in tables():
        if not isinstance(lists.get(table.name), list):
            problems.add(
                Words("The table is missing.", "problem.table_missing"),
                Words("a list; an empty one will do", "expected.list"),
                table.name,
            )
            continue
        for number, entry in enumerate(lists[table.name], start=1):
            if not isinstance(entry, dict):
                problems.add(
                    Words("The row is no object.", "problem.no_object"),
                    Words("an object with the columns", "expected.object"),
                    table.name,
                    number,
                )
                continue
            _check_names(table, number, entry, problems)
            row = check_row(table, number, functools.partial(_value_of, entry), problems)
            if row is not None:
                rows[table.name].append(row)
    return check_whole(rows, problems)


def _value_of(entry: Mapping[str, Any], column: Column) -> Any:
    return entry.get(column.name)


def _check_names(table: Table, number: int, entry: Mapping[str, Any], problems: Problems) -> None:
    names = [each.name for each in table.columns]
    for name in sorted(set(entry) - set(names)):
        problems.add(
            Words("There is no such column.", "problem.no_column"),
            ", ".join(names),
            table.name,
            number,
            name[:60],
        )
    for name in names:
        if name not in entry:
            problems.add(
                Words("The column is missing.", "problem.column_missing"),
                Words("every column, with null where empty", "expected.every_column"),
                table.name,
                number,
                name,
            )


def _parsed(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefusedError(
            [
                Problem(
                    Words(
                        "The file is not UTF-8: byte {byte} does not fit.",
                        "problem.no_utf8",
                        {"byte": error.start},
                    ),
                    Words("JSON in UTF-8", "expected.utf8"),
                )
            ]
        ) from error
    try:
        return strict_json(text, _DEEPEST_DOCUMENT)
    except ValueProblemError as error:
        raise ImportRefusedError([Problem(error.what, error.expected)]) from error


def _refuse(what: str, expected: str) -> NoReturn:
    raise ImportRefusedError([Problem(what, expected)])


def json_schema() -> dict[str, Any]:
    """Give the JSON schema (2020-12) of an export.

    Examples
    --------
    >>> json_schema()["properties"]["format"]
    {'const': 'geomonitor-register'}
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Export of the register of Geomonitor",
        "type": "object",
        "required": ["format", "format_version", "tables"],
        "properties": {
            "format": {"const": FORMAT},
            "format_version": {"const": FORMAT_VERSION},
            "made_at": {"type": "string", "format": "date-time"},
            "made_by": {"type": "string"},
            "tables": {
                "type": "object",
                "additionalProperties": False,
                "required": [each.name for each in tables()],
                "properties": {each.name: {"type": "array", "items": _row_schema(each)} for each in tables()},
            },
        },
    }


def _row_schema(table: Table) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [each.name for each in table.columns],
        "properties": {each.name: _value_schema(each) for each in table.columns},
    }


def _value_schema(column: Column) -> dict[str, Any]:
    uid = {"type": "string", "format": "uuid"}
    by_kind: dict[str, dict[str, Any]] = {
        "text": {"type": "string"},
        "user": {"type": "string"},
        "whole": {"type": "integer"},
        "decimal": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,3})?$"},
        "yes_no": {"type": "boolean"},
        "date": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "uid": uid,
        "reference": uid,
        "references": {"type": "array", "items": uid, "uniqueItems": True},
        "json": {},
    }
    schema = dict(by_kind[column.kind])
    if column.limit is not None:
        schema["maxLength"] = column.limit
    if column.smallest is not None:
        schema |= {"minimum": column.smallest, "maximum": column.largest}
    if column.choices:
        schema["enum"] = [*column.choices, *([] if column.required else [""])]
    elif not column.required and "type" in schema and column.kind not in ("text", "references"):
        schema["type"] = [schema["type"], "null"]
    return {**schema, "description": column.meaning["en"]}
