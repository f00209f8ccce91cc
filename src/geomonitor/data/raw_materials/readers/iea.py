"""Critical Minerals Data Explorer of the IEA: supply by country at mining and refining."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.files import json_content
from geomonitor.data.raw_materials.names import spoken_economy
from geomonitor.data.raw_materials.readers.base import Lookup, ReadOptions, ReadTable, TableRows
from geomonitor.data.raw_materials.textfile import refuse_field
from geomonitor.data.raw_materials.workbook import SheetCell, SheetRow, read_workbook
from geomonitor.errors import DataError

__all__ = ["IEA_SOURCE", "read_iea_cmde"]

IEA_SOURCE = "iea-cmde"

_STAGES = {
    "mining": "extraction",
    "refining": "processing",
    "chemicals": "processing",
    "battery grade": "processing",
}
_SUPPLY_SHEET = re.compile(r"2\b.*supply.*", re.IGNORECASE)
_HEAD = re.compile(r"(?P<mineral>.+?)\s+[-–]\s+(?P<stage>[A-Za-z ]+?)\s*(?:\((?P<unit>[^)]*)\))?")
_TOTALS = ("total", "total clean technologies")
_REMARKS = ("note", "source", "top 3")
_YEAR_ROWS = 20


class _Entry(NamedTuple):
    line: int
    mineral: str
    stage: str
    content: str
    country: str
    year: int
    quantity_kt: float


def read_iea_cmde(content: bytes, label: str, notes: CheckNotes, options: ReadOptions) -> ReadTable:
    """Read supply by country of the first year; later years are projections and are left out.

    Parameters
    ----------
    content : bytes
        The workbook (sheet "2 Total supply for key minerals"), or JSON with supply, mineral, mining or
        refining, countries, year.
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what is found.
    options : ReadOptions
        Not used: the file says all.

    Returns
    -------
    ReadTable
        Thousand tonnes; only the largest countries are named, the others are one remainder. Row numbers are
        rows of the sheet, or ordinals of the entries of a JSON file.

    Raises
    ------
    DataError
        If it is no such file.
    """
    workbook = content.startswith(b"PK\x03\x04")
    found = _sheet_entries if workbook else _json_entries
    entries = list(found(content, label, notes))
    first: dict[tuple[str, str], int] = {}
    for entry in entries:
        key = (entry.mineral, entry.stage)
        first[key] = min(first.get(key, entry.year), entry.year)
    notes.add("not_in_file", None, "quantities are taken to be in thousand tonnes", value="kt")
    lookup = Lookup(notes)
    rows, totals = TableRows(IEA_SOURCE, "production"), TableRows(IEA_SOURCE, "production")
    projected: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.year > first[entry.mineral, entry.stage]:
            projected[entry.mineral, entry.stage] = projected.get((entry.mineral, entry.stage), 0) + 1
            continue
        material = lookup.material(entry.mineral, entry.line)
        if material is None:
            continue
        total = entry.country.casefold() in _TOTALS
        spoken = None
        if total:
            notes.add(
                "total_row", entry.line, "a total", material=material, stage=entry.stage, value=entry.country
            )
        else:
            spoken = lookup.economy(entry.country, entry.line, material=material, stage=entry.stage)
        (totals if total else rows).add(
            material=material,
            stage=entry.stage,
            years=str(entry.year),
            year=entry.year,
            economy=spoken.code if spoken else None,
            quantity=entry.quantity_kt,
            unit="kt",
            content=entry.content,
            quality="not stated",
            row=entry.line,
        )
    for (mineral, stage), count in projected.items():
        notes.add("entry_left_out", None, f"{count} projections of {mineral}", stage=stage, value=mineral)
    return ReadTable(
        rows.frame(),
        totals.frame(),
        (
            "Rare earths are the magnet rare earths (neodymium, praseodymium, dysprosium, terbium); refined "
            "graphite is battery grade, natural and synthetic.",
        ),
    )


def _json_entries(content: bytes, label: str, notes: CheckNotes) -> Iterator[_Entry]:
    document = json_content(content, label)
    supply = document.get("supply") if isinstance(document, dict) else None
    ordinal = 0
    for mineral, stages in _objects(supply, label, "supply"):
        for stage_name, block in _objects(stages, label, f"supply.{mineral}"):
            place = f"supply.{mineral}.{stage_name}"
            if stage_name.casefold() not in _STAGES:
                refuse_field(label, 1, place, stage_name, f"one of {', '.join(_STAGES)}")
            parts = dict(_objects(block, label, place))
            countries = [*_objects(parts.get("countries"), label, f"{place}.countries")]
            if "total" in parts:
                countries.append(("Total", parts["total"]))
            for country, years in countries:
                given = dict(_objects(years, label, f"{place}.countries.{country}"))
                if all(value is None for value in given.values()) and spoken_economy(country) is None:
                    ordinal += 1
                    notes.add("entry_left_out", ordinal, "a remark among countries", value=country[:80])
                    continue
                for year, value in given.items():
                    ordinal += 1
                    where = f"{place}.countries.{country}.{year}"
                    if not re.fullmatch(r"20[0-9]{2}", year):
                        refuse_field(label, ordinal, where, year, "a year")
                    # a truth value is a number to Python
                    if isinstance(value, bool) or not isinstance(value, int | float):
                        refuse_field(label, ordinal, where, str(value), "a quantity in thousand tonnes")
                    stage = _STAGES[stage_name.casefold()]
                    yield _Entry(ordinal, mineral, stage, "not stated", country, int(year), float(value))


def _objects(value: Any, label: str, place: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        raise DataError(
            f"There is no object {place!r} with entries.",
            where=f"{label}, row 1, column {place}",
            expected="supply, then mineral, mining or refining, countries, name, year",
            next_step="Check that it is the supply of the Critical Minerals Data Explorer.",
        )
    yield from value.items()


def _sheet_entries(content: bytes, label: str, notes: CheckNotes) -> Iterator[_Entry]:
    sheet = next(
        (
            (name, rows)
            for name, rows in read_workbook(content, label)
            if _SUPPLY_SHEET.fullmatch(name.strip())
        ),
        None,
    )
    if sheet is None:
        raise DataError(
            "The workbook has no sheet of supply.",
            where=f"{label}, row 1, column A",
            expected='a sheet named "2 Total supply for key minerals"',
            next_step="Check that it is the workbook of the Critical Minerals Data Explorer.",
        )
    name, rows = sheet
    header = next((at for at, row in enumerate(rows[:_YEAR_ROWS]) if len(_year_places(row[1])) >= 2), None)
    if header is None:
        raise DataError(
            "The sheet has no row of years.",
            where=f"{label}, sheet {name}, row 1, column B",
            expected="a row with two or more years",
            next_step="Check that it is the workbook of the Critical Minerals Data Explorer.",
        )
    for names_at, years in _blocks(_year_places(rows[header][1])):
        yield from _block_entries(rows[header + 1 :], names_at, years, name, label, notes)


def _block_entries(
    rows: tuple[SheetRow, ...],
    names_at: int,
    years: dict[int, int],
    sheet: str,
    label: str,
    notes: CheckNotes,
) -> Iterator[_Entry]:
    head: tuple[str, str, str] | None = None
    for line, cells in rows:
        text = cells[names_at] if names_at < len(cells) else None
        values = {year: cells[place] if place < len(cells) else None for place, year in years.items()}
        if text is None and all(value is None for value in values.values()):
            continue
        spoken = str(text) if text is not None else ""
        if spoken.casefold().startswith(_REMARKS):
            notes.add("entry_left_out", line, f"sheet {sheet}: no figure of a country", value=spoken)
            continue
        if all(value is None for value in values.values()):
            found = _HEAD.fullmatch(spoken)
            stage = _STAGES.get(found["stage"].casefold()) if found else None
            if found is None or stage is None:
                notes.add("entry_left_out", line, f"sheet {sheet}: a line without figures", value=spoken)
                continue
            form = "" if found["stage"].casefold() in ("mining", "refining") else found["stage"]
            head = (found["mineral"], stage, form.casefold() or "not stated")
            continue
        if head is None or not spoken:
            refuse_field(
                label,
                line,
                f"{names_at + 1} of sheet {sheet}",
                spoken,
                "a mineral and stage, then its countries",
            )
        for year, value in values.items():
            if not isinstance(value, float):
                refuse_field(
                    label,
                    line,
                    f"{year} of sheet {sheet}",
                    "" if value is None else str(value),
                    "a quantity in thousand tonnes",
                )
            yield _Entry(line, *head, spoken, year, value)


def _year_places(cells: list[SheetCell]) -> dict[int, int]:
    found = {}
    for place, cell in enumerate(cells):
        text = f"{cell:.0f}" if isinstance(cell, float) else (cell or "")
        if re.fullmatch(r"20[0-9]{2}", text):
            found[place] = int(text)
    return found


def _blocks(places: dict[int, int]) -> Iterator[tuple[int, dict[int, int]]]:
    """Give, for each run of columns of years, the column of names before it and the years by column."""
    run: dict[int, int] = {}
    for place in [*sorted(places), -1]:
        if run and place != max(run) + 1:
            if min(run) > 0:
                yield min(run) - 1, run
            run = {}
        if place >= 0:
            run[place] = places[place]
