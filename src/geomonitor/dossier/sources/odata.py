"""The OData v4 service of the Tweede Kamer, and files with its rows.

A row that cannot be read in a file (it is no JSON, or no object) is listed as `Unreadable` and the rest read
on; a row whose schema has changed raises `DataError` from its own function, with entity, field and row.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from geomonitor.dossier.records import PaperRecord
from geomonitor.dossier.sources.bounded import BoundedGzip
from geomonitor.dossier.sources.clean_text import clean_line
from geomonitor.dossier.sources.tweede_kamer_decisions import (
    ActivityRecord,
    PartyRecord,
    activity_record,
    commitment_record,
    party_record,
    vote_records,
    votes_of_summary,
)
from geomonitor.dossier.sources.tweede_kamer_papers import (
    VersionRecord,
    document_record,
    expanded_matter_records,
    matter_record,
    version_record,
)
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.errors import DataError

__all__ = [
    "ActivityRecord",
    "ODataPage",
    "PartyRecord",
    "Unreadable",
    "VersionRecord",
    "activity_record",
    "commitment_record",
    "document_record",
    "expanded_matter_records",
    "matter_record",
    "papers_in",
    "party_record",
    "read_page",
    "rows_in",
    "version_record",
    "vote_records",
    "votes_of_summary",
]

_LARGEST_PAGE = 50_000_000
_LONGEST_ROW = 5_000_000


@dataclass(frozen=True, slots=True)
class ODataPage:
    """A page of an answer: its rows, and the address of the next one (empty on the last)."""

    rows: tuple[Mapping[str, Any], ...]
    next_link: str = ""


def read_page(data: bytes, where: str) -> ODataPage:
    """Read a page of the service.

    Raises
    ------
    DataError
        If it is not JSON, not a page, or the service says in it that it cannot answer.

    Examples
    --------
    >>> page = read_page(b'{"value": [{"Id": "1"}], "@odata.nextLink": "https://e.nl/?$skip=1"}', "page 1")
    >>> len(page.rows), page.next_link
    (1, 'https://e.nl/?$skip=1')
    """
    if len(data) > _LARGEST_PAGE:
        raise DataError(
            f"The answer of the service has {len(data):,} bytes.",
            where=where,
            expected=f"at most {_LARGEST_PAGE:,} bytes",
            next_step="Ask for fewer rows at a time.",
        )
    answer = _json(data, where)
    if not isinstance(answer, dict):
        raise _no_page(where, f"it is {type(answer).__name__}, not an object")
    if "error" in answer:
        raise DataError(
            f"The service of the Tweede Kamer could not answer: {_said(answer['error'])}",
            where=where,
            next_step="Ask again later; if it stays so, look for a newer version of Geomonitor.",
        )
    rows, next_link = answer.get("value"), answer.get("@odata.nextLink", "")
    if not isinstance(rows, list):
        raise _no_page(where, "it has no list named value")
    for place, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _no_page(f"{where}, row {place}", "a row is no object")
    if not isinstance(next_link, str):
        raise _no_page(where, "@odata.nextLink is no text")
    return ODataPage(tuple(rows), next_link)


def _said(error: object) -> str:
    if isinstance(error, dict):
        words = [error.get("message"), error.get("code")]
        # older services wrap the message once more
        words = [each.get("value") if isinstance(each, dict) else each for each in words]
        told = [clean_line(each)[:300] for each in words if isinstance(each, str) and each]
        if told:
            return " ".join([told[0].rstrip(".") + ".", *(f"Code: {each}." for each in told[1:])])
    return "it gives no reason."


def _no_page(where: str, why: str) -> DataError:
    return DataError(
        f"The answer is no page of the Tweede Kamer's service: {why}.",
        where=where,
        expected='an object with a list of rows: {"value": [ … ]}',
        next_step="Ask again later; if it stays so, the service has changed: look for a newer version.",
    )


def _no_number(written: str) -> NoReturn:
    raise ValueError(f"{written} is no number of JSON")


def _json(data: bytes, where: str) -> Any:
    try:
        return json.loads(data, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise DataError(
            "The JSON is not in UTF-8.",
            where=f"{where}, byte {error.start:,}",
            next_step="Fetch it again.",
        ) from error
    except json.JSONDecodeError as error:
        raise DataError(
            f"It is not JSON that can be read: {error.msg}.",
            where=f"{where}, line {error.lineno}, column {error.colno}",
            expected="a whole JSON text",
            next_step="Fetch it again: it may have been cut off, or be an error page.",
        ) from error
    except RecursionError as error:
        raise DataError(
            "The JSON is nested too deeply.", where=where, next_step="Do not trust it."
        ) from error
    except ValueError as error:
        raise DataError(
            f"It is not JSON that can be read: {clean_line(str(error))[:120]}.",
            where=where,
            next_step="Fetch it again.",
        ) from error


def rows_in(path: Path) -> Iterator[tuple[int, dict[str, Any] | Unreadable]]:
    """Read the rows of a file with one JSON object a line (``.jsonl``, ``.jsonl.gz``).

    Yields
    ------
    tuple of (int, dict or Unreadable)
        The line, from 1, and its row, or why it cannot be read; a compressed file that was cut off ends
        with such a line. Blank lines are left out.

    Raises
    ------
    DataError
        If there is no such file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "zaak.jsonl"
    ...     _ = file.write_text('{"Id": "1"}' + chr(10) + '[1]')
    ...     list(rows_in(file))[0]
    (1, {'Id': '1'})
    """
    if not path.is_file():
        raise DataError(
            "There is no such file.", where=str(path), next_step="Check the path for typing errors."
        )
    return _rows(path)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | Unreadable]]:
    line = 0
    opened: BinaryIO = (
        io.BufferedReader(BoundedGzip(path), 1 << 20)
        if path.name.lower().endswith(".gz")
        else path.open("rb")
    )
    with opened as file:
        try:
            while written := file.readline(_LONGEST_ROW + 1):
                line += 1
                if len(written) > _LONGEST_ROW:
                    reason = f"The row is longer than {_LONGEST_ROW:,} bytes; reading stops."
                    yield line, Unreadable(f"{path}, line {line}", reason)
                    return
                if not written.isspace():
                    yield line, _row(written, f"{path}, line {line}")
        except DataError as error:
            yield line + 1, Unreadable.of(error, str(path))


def _row(written: bytes, where: str) -> dict[str, Any] | Unreadable:
    try:
        row = _json(written, where)
    except DataError as error:
        return Unreadable(where, error.what)
    return row if isinstance(row, dict) else Unreadable(where, "The row is no JSON object.")


def papers_in(path: Path) -> Iterator[PaperRecord | Unreadable]:
    """Read the papers of a file of rows: matters, matters with their documents expanded, or documents.

    Which of them a row is, its fields say. Rows that cannot be read are listed.

    Raises
    ------
    DataError
        If there is no such file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "zaak.jsonl"
    ...     _ = file.write_text('{"Id": "1", "Onbekend": true}')
    ...     next(papers_in(file)).reason
    'The row is neither a matter (Zaak) nor a document (Document).'
    """
    for line, row in rows_in(path):
        if isinstance(row, Unreadable):
            yield row
            continue
        where = f"{path}, line {line}"
        read = _reader(row)
        if read is None:
            yield Unreadable(where, "The row is neither a matter (Zaak) nor a document (Document).")
            continue
        try:
            yield from read(row, where)
        except DataError as error:
            yield Unreadable.of(error, where)


def _reader(row: Mapping[str, Any]) -> Callable[[Mapping[str, Any], str], tuple[PaperRecord, ...]] | None:
    if "DocumentNummer" in row:
        return lambda each, where: (document_record(each, where),)
    if "GestartOp" in row and "Nummer" in row:
        return (
            expanded_matter_records
            if "Document" in row
            else lambda each, where: (matter_record(each, where),)
        )
    return None
