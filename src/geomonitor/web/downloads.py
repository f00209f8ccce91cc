"""Tables as files: CSV and XLSX, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
import xlsxwriter
from django.http import HttpRequest, HttpResponse

from geomonitor.errors import UnknownCodeError
from geomonitor.report import Language
from geomonitor.report.datatable import NUMERIC_KINDS, DataTable
from geomonitor.web.language import active_language, say

__all__ = [
    "FILE_FORMATS",
    "WantedDownload",
    "neutral_text",
    "page_download",
    "table_response",
    "wanted_download",
]

FILE_FORMATS = ("csv", "xlsx")

_CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MARKS = {"en": (",", "."), "nl": (";", ",")}
_MOST_SIGNS_IN_CELL = 32_767


@dataclass(frozen=True, slots=True)
class WantedDownload:
    """What a request wants as a file.

    Attributes
    ----------
    file_format : str
        One of `FILE_FORMATS`.
    table : str
        Name of the table; empty for the only or first one of the page.
    """

    file_format: str
    table: str


def wanted_download(request: HttpRequest) -> WantedDownload | None:
    """Read ``?download=csv`` (or ``xlsx``) and ``&table=name``; none where the page itself is wanted.

    Raises
    ------
    UnknownCodeError
        If there is no such format.
    """
    wanted = request.GET.get("download", "")
    if not wanted:
        return None
    if wanted not in FILE_FORMATS:
        raise UnknownCodeError(
            f"There is no download as {wanted!r}.", where="download", expected=" or ".join(FILE_FORMATS)
        )
    return WantedDownload(wanted, request.GET.get("table", ""))


def page_download(
    wanted: WantedDownload,
    tables: Mapping[str, DataTable | pl.DataFrame],
    *,
    name: str,
    title: str,
    provenance: Sequence[tuple[str, str]],
) -> HttpResponse:
    """Answer with one of the tables of a page.

    Parameters
    ----------
    wanted : WantedDownload
    tables : mapping of str to DataTable or polars.DataFrame
        By the name in the URL; the first is taken where none is named.
    name : str
        Start of the file's name.
    title : str
    provenance : sequence of (str, str)

    Raises
    ------
    UnknownCodeError
        If the page has no table of that name.
    """
    chosen = wanted.table or next(iter(tables), "")
    if chosen not in tables:
        raise UnknownCodeError(
            f"This page has no table {chosen!r}.",
            where="table",
            expected=f"one of {', '.join(tables)}" if tables else "a page with a table",
        )
    file_name = f"{name}-{chosen}" if chosen else name
    return table_response(tables[chosen], file_name, wanted.file_format, title=title, provenance=provenance)


def table_response(
    table: DataTable | pl.DataFrame,
    name: str,
    file_format: str,
    *,
    title: str,
    provenance: Sequence[tuple[str, str]],
    language: Language | None = None,
) -> HttpResponse:
    """Answer with a table as a file.

    Parameters
    ----------
    table : DataTable or polars.DataFrame
    name : str
        File name without its ending.
    file_format : {'csv', 'xlsx'}
        CSV is UTF-8 with a byte-order mark, with the separators of the language; a text that a
        spreadsheet would run as a formula gets an apostrophe.
    title : str
        Stands above the provenance in the workbook.
    provenance : sequence of (str, str)
        Label and value: unit, source, date, edition.
    language : Language, optional
        That of the page by default.

    Raises
    ------
    UnknownCodeError
        If there is no such format.
    """
    say_in = language or active_language()
    headings, rows = _plain(table)
    if file_format == "csv":
        content = _csv(headings, rows, say_in)
    elif file_format == "xlsx":
        content = _xlsx(headings, rows, title, provenance, say_in)
    else:
        raise UnknownCodeError(
            f"There is no download as {file_format!r}.", where="download", expected=" or ".join(FILE_FORMATS)
        )
    response = HttpResponse(content, content_type=_CONTENT_TYPES[file_format])
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "table"
    response["Content-Disposition"] = f'attachment; filename="{safe[:120]}.{file_format}"'
    return response


def neutral_text(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Examples
    --------
    >>> neutral_text("=1+1"), neutral_text("bismuth")
    ("'=1+1", 'bismuth')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "|")) else text


def _plain(table: DataTable | pl.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """Give headings and values: numbers stay numbers, what is not known is None."""
    if isinstance(table, pl.DataFrame):
        return table.columns, [[_flat(value) for value in row] for row in table.iter_rows()]
    kinds = [column.kind for column in table.columns]
    rows = [[_of_kind(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in table.rows]
    return [column.heading for column in table.columns], rows


def _flat(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _of_kind(value: Any, kind: str) -> Any:
    if kind == "verdict":
        return active_language().verdict(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "yesno":
        return active_language().say("word.yes" if value else "word.no")
    if kind == "musd":
        return float(value) / 1000
    if kind in {"count", "year"}:
        return int(value)
    return float(value) if kind in NUMERIC_KINDS else str(value)


def _csv(headings: Sequence[str], rows: Sequence[Sequence[Any]], language: Language) -> bytes:
    separator, decimal = _MARKS[language.code]

    def field(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return language.say("word.yes" if value else "word.no")
        if isinstance(value, float):
            return "" if math.isnan(value) else f"{value:.10g}".replace(".", decimal)
        if isinstance(value, int):
            return str(value)
        return neutral_text(str(value))

    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    writer.writerow([neutral_text(heading) for heading in headings])
    writer.writerows([field(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _xlsx(
    headings: Sequence[str],
    rows: Sequence[Sequence[Any]],
    title: str,
    provenance: Sequence[tuple[str, str]],
    language: Language,
) -> bytes:
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        bold, wrapped = (
            book.add_format({"bold": True, "text_wrap": True}),
            book.add_format({"text_wrap": True, "valign": "top"}),
        )
        sheet = book.add_worksheet(say(language, "download.sheet_table"))
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
            longest = max((len(str(row[column])) for row in rows[:200]), default=0)
            sheet.set_column(column, column, min(60, max(10, longest + 1)))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _cell(sheet, number, column, value, language)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(headings) - 1)
        about = book.add_worksheet(say(language, "download.sheet_source"))
        about.set_column(0, 0, 26)
        about.set_column(1, 1, 90)
        about.write_string(0, 0, title, bold)
        for number, (label, value) in enumerate(provenance, start=2):
            about.write_string(number, 0, label, bold)
            about.write_string(number, 1, value[:_MOST_SIGNS_IN_CELL], wrapped)
    return stream.getvalue()


def _cell(sheet: Any, row: int, column: int, value: Any, language: Language) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, language.say("word.yes" if value else "word.no"))
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime | date):
        sheet.write_string(row, column, value.isoformat())
    else:
        sheet.write_string(row, column, str(value)[:_MOST_SIGNS_IN_CELL])
