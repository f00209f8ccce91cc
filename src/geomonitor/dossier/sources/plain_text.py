"""The text of a letter from a file: plain text, or what a program made of a PDF.

The bytes are decoded by a rule that can be checked: by the byte order mark where there is one, else as UTF-8,
else as Windows-1252 (in which Dutch texts from before UTF-8 are), but for the five bytes that mean nothing in
it. Line ends become a line feed each. Nothing else is changed: form feeds, soft hyphens and ligatures stand
where they stood, so that positions count the characters of this text.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from geomonitor.errors import DataError

__all__ = ["LARGEST_BYTES", "DecodedText", "decode_text", "read_text", "require_no_other_format"]

LARGEST_BYTES = 50_000_000
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TEXT = (
    (b"%PDF", "a PDF", "Make text of it first, for example with: pdftotext -layout letter.pdf letter.txt"),
    (b"PK\x03\x04", "a Word or OpenDocument file, or a zip", "Save it as plain text (.txt) first."),
    (b"\xd0\xcf\x11\xe0", "an old Word file", "Save it as plain text (.txt) first."),
    (b"{\\rtf", "an RTF file", "Save it as plain text (.txt) first."),
    (b"\x1f\x8b", "a gzip file", "Unpack it first."),
    (b"\x89PNG", "an image", "Make text of it first, with a program that recognises characters."),
    (b"\xff\xd8\xff", "an image", "Make text of it first, with a program that recognises characters."),
)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, and how it was decoded (utf-8, utf-16-le, cp1252 …)."""

    text: str
    encoding: str


def read_text(path: Path) -> str:
    """Give the text of a file.

    Raises
    ------
    DataError
        If there is no such file, it is larger than 50 million bytes, empty, or no text.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "brief.txt"
    ...     _ = file.write_bytes("Geachte Voorzitter,".encode("utf-16"))
    ...     read_text(file)
    'Geachte Voorzitter,'
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise DataError(
                f"The file has {size:,} bytes.",
                where=str(path),
                expected=f"at most {LARGEST_BYTES:,} bytes",
                next_step="Split it: a letter is never that large.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {error.strerror}.",
            where=str(path),
            expected="a text file",
            next_step="Check the path for typing errors.",
        ) from error
    return decode_text(data, str(path)).text


def require_no_other_format(head: bytes, where: str) -> None:
    """Refuse what begins as a PDF, an office document, an archive or an image.

    Parameters
    ----------
    head : bytes
        The beginning of the file; 16 bytes are enough.
    where : str

    Raises
    ------
    DataError
        Naming the format, and how to make text of it.
    """
    for magic, kind, next_step in _NOT_TEXT:
        if head.startswith(magic):
            raise DataError(
                f"The file is no text but {kind}.", where=where, expected="plain text", next_step=next_step
            )


def decode_text(data: bytes, where: str) -> DecodedText:
    r"""Decode the bytes of a text, and say how.

    Raises
    ------
    DataError
        If they are no text.

    Examples
    --------
    >>> decode_text("Coördinatie\r\n".encode("cp1252"), "brief.txt")
    DecodedText(text='Coördinatie\n', encoding='cp1252')
    """
    if len(data) > LARGEST_BYTES:
        raise DataError(
            f"The text has {len(data):,} bytes.",
            where=where,
            expected=f"at most {LARGEST_BYTES:,} bytes",
            next_step="Split it: a letter is never that large.",
        )
    require_no_other_format(data, where)
    text, encoding = _decoded(data, where)
    nothing = text.find("\0")
    if nothing >= 0:
        raise DataError(
            "The file is no text: it holds NUL characters.",
            where=f"{where}, character {nothing:,} (read as {encoding})",
            expected="plain text",
            next_step="Save it as plain text in UTF-8.",
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(
            "The file holds no text.",
            where=where,
            expected="plain text",
            next_step="A scanned PDF gives an empty text: recognise its characters first.",
        )
    return DecodedText(text, encoding)


def _decoded(data: bytes, where: str) -> tuple[str, str]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise DataError(
                    f"The text is not in {encoding}, as its first bytes say.",
                    where=f"{where}, byte {len(mark) + error.start:,}",
                    next_step="Save it as plain text in UTF-8.",
                ) from error
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as not_utf8:
        try:
            return data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError as error:
            raise DataError(
                "The text is neither in UTF-8 nor in Windows-1252.",
                where=f"{where}, byte {not_utf8.start:,} (UTF-8), byte {error.start:,} (Windows-1252)",
                expected="text in UTF-8",
                next_step="Save it as plain text in UTF-8.",
            ) from error
