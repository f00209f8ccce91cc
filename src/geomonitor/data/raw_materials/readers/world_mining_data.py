"""World Mining Data: the workbook of production by mineral and country, and the long CSV file of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geomonitor.codes import ECONOMY_CODES
from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.numbers import read_number
from geomonitor.data.raw_materials.readers.base import (
    Lookup,
    ReadOptions,
    ReadTable,
    TableRows,
    column_style,
    is_economy_name,
)
from geomonitor.data.raw_materials.textfile import read_text_table, refuse_field
from geomonitor.data.raw_materials.workbook import SheetCell, SheetRow, read_workbook
from geomonitor.errors import DataError

__all__ = ["WORLD_MINING_SOURCE", "read_world_mining_data"]

WORLD_MINING_SOURCE = "world-mining-data"

_TABLE = Path(__file__).with_name("world_mining_data.toml")
_QUALITIES = {"r": "reported", "p": "provisional", "e": "estimated"}
_UNITS = {
    "metr. t": "t",
    "metric t": "t",
    "t": "t",
    "kg": "kg",
    "ct": "ct",
    "carat": "ct",
    "mio m3": "million m3",
    "mio. m3": "million m3",
    "mio m³": "million m3",
}
_LONG_COLUMNS = ("mineral", "Country", "unit", "data_source", "year", "production")
_HEADER_ROWS = 12
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_BASIS = re.compile(r".*\(([A-Z][A-Za-z0-9]*)\)")
_MISSING = ("", "-", "–", "—", "NA", "n.a.", "...")
_CODES = frozenset(ECONOMY_CODES)


def read_world_mining_data(content: bytes, label: str, notes: CheckNotes, options: ReadOptions) -> ReadTable:
    """Read production of mineral raw materials of individual countries by minerals.

    Parameters
    ----------
    content : bytes
        The workbook of table 6.4 (a sheet a mineral: a title, a header with Country, unit, the years and the
        data source, rows, a total), or a CSV file with the columns mineral, Country, unit, data_source, year
        and production, and Country_ISO if it has it.
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what is found.
    options : ReadOptions
        Not used: the file says all.

    Returns
    -------
    ReadTable

    Raises
    ------
    DataError
        If it is no such file.
    """
    collector = _Collector(notes)
    if content.startswith(b"PK\x03\x04"):
        _read_sheets(content, label, collector)
    else:
        _read_long(content, label, collector)
    return ReadTable(
        collector.rows.frame(),
        collector.totals.frame(),
        ("The mark reported, provisional or estimated is given for a row of five years as a whole.",),
    )


@dataclass(frozen=True, slots=True)
class _Mineral:
    material: str | None
    stage: str | None
    content: str


class _Collector:
    """Puts entries into the canonical table."""

    def __init__(self, notes: CheckNotes) -> None:
        self.notes = notes
        self.rows = TableRows(WORLD_MINING_SOURCE, "production")
        self.totals = TableRows(WORLD_MINING_SOURCE, "production")
        self._lookup = Lookup(notes)
        self._minerals: dict[str, _Mineral] = {}
        self._noted: set[tuple[str, str, str]] = set()

    def mineral(self, name: str, line: int) -> _Mineral:
        if name not in self._minerals:
            stage, content = _stages().get(" ".join(name.split()), (None, "not stated"))
            found = self._lookup.material(name, line)
            if found is not None and stage is None:
                basis = _BASIS.fullmatch(name)
                content = f"{basis[1]} content" if basis else content
                self.notes.add(
                    "stage_not_stated", line, f"{name!r} is in no list of stages", material=found, value=name
                )
            self._minerals[name] = _Mineral(found, stage, content)
        return self._minerals[name]

    def add(
        self,
        mineral: _Mineral,
        line: int,
        country: str,
        year: int,
        quantity: float | None,
        unit_text: str,
        source_text: str,
        *,
        code: str = "",
        file: str = "",
    ) -> None:
        if mineral.material is None:
            return
        spoken = self._lookup.economy(country, line, material=mineral.material, stage=mineral.stage)
        total = spoken is not None and spoken.kind == "total"
        economy = spoken.code if spoken else None
        if total:
            self._note_once("total_row", line, "a total", mineral, country)
        elif code in _CODES and economy is not None and code != economy:
            self._note_once("economy_code", line, f"{country} has the code {code}", mineral, code)
        unit = _UNITS.get(unit_text.casefold())
        if unit is None:
            self._note_once("unknown_unit", line, f"{unit_text!r} is no known unit", mineral, unit_text)
        (self.totals if total else self.rows).add(
            material=mineral.material,
            stage=mineral.stage,
            years=str(year),
            year=year,
            economy=economy,
            quantity=quantity,
            unit=unit or unit_text,
            content=mineral.content,
            quality=_QUALITIES.get(source_text.casefold(), "not stated"),
            row=line,
        )

    def _note_once(self, check: str, line: int, what: str, mineral: _Mineral, value: str) -> None:
        # once a mineral and country or unit: not once a year of the same row
        key = (check, mineral.material or "", value)
        if key not in self._noted:
            self._noted.add(key)
            self.notes.add(check, line, what, material=mineral.material, stage=mineral.stage, value=value)


def _read_long(content: bytes, label: str, collector: _Collector) -> None:
    table = read_text_table(
        content,
        label,
        _LONG_COLUMNS,
        collector.notes,
        optional=("Country_ISO",),
        name_column="Country",
        is_name=is_economy_name,
    )
    style = column_style(table.texts("production"), collector.notes, "production")
    codes = table.texts("Country_ISO") if "Country_ISO" in table.positions else [""] * len(table.rows)
    for (line, (name, country, unit, source, year, text)), code in zip(
        table.records(*_LONG_COLUMNS), codes, strict=True
    ):
        mineral = collector.mineral(name, line)
        if not _YEAR.fullmatch(year):
            refuse_field(label, line, "year", year, "a year")
        quantity = None
        if text in _MISSING:
            collector.notes.add(
                "quantity_missing", line, f"{country} has no figure", material=mineral.material, value=text
            )
        else:
            number = read_number(text, style)
            if number is None and style.mixed and read_number(text) is not None:
                collector.notes.add(
                    "ambiguous_number", line, "a point or a comma of either meaning", value=text
                )
            elif number is None or number.percent or number.bound:
                refuse_field(label, line, "production", text, "a quantity")
            else:
                quantity = number.value
        collector.add(mineral, line, country, int(year), quantity, unit, source, code=code)


def _read_sheets(content: bytes, label: str, collector: _Collector) -> None:
    read = 0
    for name, rows in read_workbook(content, label):
        header = next(((at, row) for at, row in enumerate(rows[:_HEADER_ROWS]) if _is_header(row)), None)
        if header is None:
            collector.notes.add(
                "entry_left_out", 1, f"the sheet {name!r} has no header with Country", value=name
            )
            continue
        read += 1
        at, (header_line, cells) = header
        names = [" ".join(str(cell).split()).casefold() if cell is not None else "" for cell in cells]
        years = {place: found for place, cell in enumerate(cells) if (found := _year(cell)) is not None}
        if "unit" not in names or not years:
            raise DataError(
                "The sheet has no column of units, or none of years.",
                where=f"{label}, sheet {name}, row {header_line}, column {'unit' if years else 'year'}",
                expected="a header with Country, unit, years and data source",
                next_step="Check that it is table 6.4 of World Mining Data.",
            )
        if len(set(years.values())) < len(years):
            raise DataError(
                "The sheet names a year twice.",
                where=f"{label}, sheet {name}, row {header_line}, column {max(years.values())}",
                expected="each year once",
                next_step="Correct the header.",
            )
        places = _Places(
            names.index("country"),
            names.index("unit"),
            next((place for place, text in enumerate(names) if "source" in text), None),
            years,
        )
        _read_rows(rows[at + 1 :], name, label, places, collector)
    if not read:
        raise DataError(
            "No sheet of the workbook has a header with Country.",
            where=f"{label}, row 1, column A",
            expected="table 6.4 of World Mining Data: one sheet a mineral",
            next_step="Check that it is the file that was meant.",
        )


@dataclass(frozen=True, slots=True)
class _Places:
    country: int
    unit: int
    source: int | None
    years: Mapping[int, int]


def _read_rows(
    rows: tuple[SheetRow, ...], sheet: str, label: str, places: _Places, collector: _Collector
) -> None:
    mineral: _Mineral | None = None
    for line, cells in rows:
        country, unit = _cell_text(cells, places.country), _cell_text(cells, places.unit)
        quantities = {
            year: _quantity(cells, place, label, sheet, line, year) for place, year in places.years.items()
        }
        if not country or (not unit and all(value is None for value in quantities.values())):
            text = country or next(str(cell) for cell in cells if cell is not None)
            collector.notes.add("entry_left_out", line, f"sheet {sheet}: a line without figures", value=text)
            continue
        mineral = mineral or collector.mineral(sheet, line)
        source = _cell_text(cells, places.source) if places.source is not None else ""
        for year, quantity in quantities.items():
            if quantity is None:
                collector.notes.add(
                    "quantity_missing",
                    line,
                    f"sheet {sheet}: {country} has no figure for {year}",
                    material=mineral.material,
                    stage=mineral.stage,
                )
            collector.add(mineral, line, country, year, quantity, unit, source)


def _quantity(
    cells: list[SheetCell], place: int, label: str, sheet: str, line: int, year: int
) -> float | None:
    cell = cells[place] if place < len(cells) else None
    if cell is None or isinstance(cell, float):
        return cell
    if cell in _MISSING:
        return None
    number = read_number(cell)
    if number is None or number.percent or number.bound:
        refuse_field(label, line, f"{year} of sheet {sheet}", cell, "a quantity")
    return number.value


def _cell_text(cells: list[SheetCell], place: int) -> str:
    cell = cells[place] if place < len(cells) else None
    return "" if cell is None else " ".join(str(cell).split())


def _is_header(row: SheetRow) -> bool:
    return any(isinstance(cell, str) and cell.strip().casefold() == "country" for cell in row[1])


def _year(cell: SheetCell) -> int | None:
    text = f"{cell:.0f}" if isinstance(cell, float) else (cell or "")
    return int(text) if _YEAR.fullmatch(text) else None


@cache
def _stages() -> Mapping[str, tuple[str, str]]:
    content = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {name: (stage, basis) for stage, sheets in content.items() for name, basis in sheets.items()}
