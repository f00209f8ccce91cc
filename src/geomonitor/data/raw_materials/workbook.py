"""Read the cells of an Excel workbook (.xlsx): text and numbers, nothing else."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from geomonitor.errors import DataError

__all__ = ["Sheet", "SheetCell", "SheetRow", "read_workbook"]

SheetCell = str | float | None
"""Text without surrounding blanks, a number, or nothing."""

SheetRow = tuple[int, list[SheetCell]]
"""Number of the row as Excel shows it, and its cells from column A on."""

Sheet = tuple[str, tuple[SheetRow, ...]]
"""Name of the sheet, and its rows that are not empty."""

_LARGEST_BYTES = 512 * 2**20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LAST_COLUMN = 16_384


def read_workbook(content: bytes, label: str) -> tuple[Sheet, ...]:
    """Read all sheets of a workbook in their order.

    Parameters
    ----------
    content : bytes
        The file.
    label : str
        Its name for people.

    Returns
    -------
    tuple of Sheet

    Raises
    ------
    DataError
        If it is no workbook, or damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST_BYTES:
                raise DataError(
                    "The workbook unpacks to far more than any of its kind.",
                    where=f"{label}, row 1, column A",
                    expected=f"at most {_LARGEST_BYTES // 2**20} MiB",
                    next_step="Check that it is the file that was meant.",
                )
            texts = _shared_texts(archive)
            return tuple(
                (name, tuple(_rows(archive, member, texts))) for name, member in _sheet_members(archive)
            )
    except (
        zipfile.BadZipFile,
        KeyError,
        IndexError,
        ValueError,
        EOFError,
        NotImplementedError,
        ElementTree.ParseError,
        zipfile.zlib.error,  # type: ignore[attr-defined]
    ) as error:
        raise DataError(
            f"The workbook cannot be read: {error}.",
            where=f"{label}, row 1, column A",
            expected="an Excel workbook (.xlsx) as published",
            next_step="Download it again; it may have been cut off, or be of another kind.",
        ) from error


def _sheet_members(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    relations = {
        relation.attrib["Id"]: relation.attrib["Target"]
        for relation in _parse(archive, "xl/_rels/workbook.xml.rels").iter(f"{_PACKAGE}Relationship")
    }
    for sheet in _parse(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        target = relations[sheet.attrib[_RELATION]]
        # a chart sheet has no cells
        if "chartsheets" not in target:
            yield sheet.attrib["name"], target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [_text(item) for item in _parse(archive, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]


def _rows(archive: zipfile.ZipFile, member: str, texts: list[str]) -> Iterator[SheetRow]:
    for place, row in enumerate(_parse(archive, member).iter(f"{_MAIN}row"), start=1):
        number = int(row.attrib.get("r", place))
        cells: list[SheetCell] = []
        for cell in row.iter(f"{_MAIN}c"):
            at = _column(cell.attrib["r"]) if "r" in cell.attrib else len(cells)
            cells.extend([None] * (at - len(cells)))
            cells.append(_value(cell, texts))
        if any(value is not None for value in cells):
            yield number, cells


def _column(reference: str) -> int:
    found = _CELL.fullmatch(reference)
    if found is None:
        raise ValueError(f"the cell reference {reference!r}")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - 64
    if column > _LAST_COLUMN:
        raise ValueError(f"the cell reference {reference!r}")
    return column - 1


def _value(cell: ElementTree.Element, texts: list[str]) -> SheetCell:
    kind = cell.attrib.get("t", "n")
    if kind == "inlineStr":
        return _text(cell).strip() or None
    value = cell.findtext(f"{_MAIN}v")
    if value is None or not value.strip():
        return None
    if kind == "s":
        return texts[int(value)].strip() or None
    if kind == "n":
        return float(value)
    # b, e, str: a truth value, an error such as #N/A, the result of a formula
    return value.strip()


def _text(element: ElementTree.Element) -> str:
    # rPh holds how a text is pronounced, which is not the text
    spoken = {part for ring in element.iter(f"{_MAIN}rPh") for part in ring.iter(f"{_MAIN}t")}
    return "".join(part.text or "" for part in element.iter(f"{_MAIN}t") if part not in spoken)


def _parse(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    content = archive.read(member)
    if b"<!DOCTYPE" in content[:2048]:
        raise ValueError("its XML declares a document type")
    return ElementTree.fromstring(content)
