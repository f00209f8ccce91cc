"""An export as a file, and a file as what it holds."""

from __future__ import annotations

import hashlib
from typing import Literal

from django.utils import timezone

from geomonitor._version import __version__
from geomonitor.register.errors import Words
from geomonitor.register.exchange.document import Document
from geomonitor.register.exchange.export import collect
from geomonitor.register.exchange.json_format import read_json, write_json
from geomonitor.register.exchange.problems import ImportRefusedError, Problem
from geomonitor.register.exchange.workbook import read_workbook, write_workbook
from geomonitor.register.models import User
from geomonitor.register.trail_events import note_event

__all__ = ["FORMATS", "FileFormat", "export_file", "read_file"]

FileFormat = Literal["xlsx", "json"]
FORMATS: dict[FileFormat, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
"""Formats with their media type."""

_START_OF_ZIP = b"PK\x03\x04"


def export_file(user: User, file_format: FileFormat) -> bytes:
    """Write everything that a user may see; the trail says that he took it.

    Parameters
    ----------
    user : User
    file_format : 'xlsx' or 'json'

    Raises
    ------
    NotAllowedError
    """
    found = collect(user)
    write = write_workbook if file_format == "xlsx" else write_json
    moment = timezone.now().isoformat(timespec="seconds")
    content = write(found, made_at=moment, program=f"Geomonitor {__version__}")
    rows = {name: len(each) for name, each in found.items()}
    note_event("export", user, format=file_format, sha256=hashlib.sha256(content).hexdigest(), rows=rows)
    return content


def read_file(content: bytes) -> Document:
    """Read a workbook or a JSON document, whichever it is.

    Raises
    ------
    ImportRefusedError
        With all that is wrong.
    """
    if content.startswith(_START_OF_ZIP):
        return read_workbook(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return read_json(content)
    raise ImportRefusedError(
        [
            Problem(
                Words("The file is neither a workbook nor JSON.", "problem.no_format"),
                Words("an export of the register: XLSX or JSON", "expected.export"),
            )
        ]
    )
