"""Read a file whole, as bytes, text or JSON, and say what is wrong with it where it is not one."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, NoReturn

from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.errors import DataError

__all__ = ["file_bytes", "file_text", "json_content", "sha256_of"]

_LARGEST_BYTES = 512 * 2**20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MAGIC = {
    b"PK\x03\x04": "a zip archive or a workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"PAR1": "a Parquet file",
    b"\x89PNG": "a picture",
}


def file_bytes(path: Path) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        If it is missing, a folder, empty, cannot be read, or is far too large for its kind.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise DataError(
                "The file is far larger than any of its kind.",
                where=str(path),
                expected=f"at most {_LARGEST_BYTES // 2**20} MiB",
                next_step="Check that it is the file that was meant.",
            )
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {error.strerror}.",
            where=str(path),
            expected="a file as published",
            next_step="Check the path.",
        ) from error
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise DataError(
            "The file is empty.",
            where=f"{path.name}, row 1, column 1",
            expected="a header and rows",
            next_step="Download the file again.",
        )
    return content


def sha256_of(content: bytes) -> str:
    """Give the SHA-256 of a file's content, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def file_text(content: bytes, label: str, notes: CheckNotes) -> str:
    """Decode a text file: UTF-8, or the Windows and Latin encodings of Western Europe.

    Parameters
    ----------
    content : bytes
        The file.
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what was not plain UTF-8 with Unix line ends.

    Returns
    -------
    str
        Line ends as in the file.

    Raises
    ------
    DataError
        If it is no text.
    """
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            _refuse_binary(label, 1, 1, f"The file is {kind}, not a text file.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, name = "utf-16", "UTF-16"
    elif content.startswith(b"\xef\xbb\xbf"):
        encoding, name = "utf-8-sig", "UTF-8 with a byte-order mark"
    else:
        encoding, name = "utf-8", ""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            _refuse_binary(label, 1, 1, "The file is not in the encoding that it begins with.")
        name = "Windows-1252" if any(0x80 <= byte < 0xA0 for byte in content) else "Latin-1"
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            line, column = _place(content, error.start)
            _refuse_binary(label, line, column, "The file holds bytes that are no text.")
    if name:
        notes.add("encoding", 1, f"read as {name}", value=name)
    control = _CONTROL.search(text)
    if control is not None:
        place = control.start()
        line = text.count("\n", 0, place) + 1
        column = place - text.rfind("\n", 0, place)
        _refuse_binary(label, line, column, f"The file holds the control character {control[0]!r}.")
    if "\r\n" in text:
        notes.add("encoding", 1, "Windows line ends were read as line ends", value="CRLF")
    return text


def json_content(content: bytes, label: str) -> Any:
    """Read a JSON file.

    Parameters
    ----------
    content : bytes
        The file.
    label : str
        Its name for people.

    Returns
    -------
    object

    Raises
    ------
    DataError
        If it is no JSON; the message names line and column.
    """
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line, column = _place(content, error.start)
        raise DataError(
            "The file is not in UTF-8.",
            where=f"{label}, row {line}, column {column}",
            expected="JSON in UTF-8",
            next_step="Download the file again.",
        ) from error
    except (json.JSONDecodeError, RecursionError) as error:
        at = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (1, 1)
        raise DataError(
            f"The file is not valid JSON: {error}.",
            where=f"{label}, row {at[0]}, column {at[1]}",
            expected="JSON as published",
            next_step="The file may have been cut off: download it again.",
        ) from error


def _place(content: bytes, at: int) -> tuple[int, int]:
    return content.count(b"\n", 0, at) + 1, at - content.rfind(b"\n", 0, at)


def _refuse_binary(label: str, line: int, column: int, what: str) -> NoReturn:
    raise DataError(
        what,
        where=f"{label}, row {line}, column {column}",
        expected="a text file as published",
        next_step="Give the file itself, not a packed or converted one.",
    )
