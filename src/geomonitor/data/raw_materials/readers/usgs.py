"""USGS Mineral Commodity Summaries data release: world production, in the layouts of 2024, 2025 and 2026."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geomonitor.codes import material
from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.files import file_text
from geomonitor.data.raw_materials.numbers import NumberStyle, read_number
from geomonitor.data.raw_materials.readers.base import (
    Lookup,
    ReadOptions,
    ReadTable,
    TableRows,
    column_style,
    is_economy_name,
)
from geomonitor.data.raw_materials.readers.wording import content_in_words, stage_in_words
from geomonitor.data.raw_materials.textfile import TextTable, read_text_table, refuse_field
from geomonitor.errors import DataError

__all__ = ["USGS_SOURCE", "read_usgs_mcs"]

USGS_SOURCE = "usgs-mcs"

_TABLE = Path(__file__).with_name("usgs.toml")
_PRODUCTION = re.compile(r"prod_(?:(?P<unit>[a-z0-9]+)_)??(?P<est>est_)?(?P<year>(?:19|20)[0-9]{2})")
_OTHER = re.compile(r"(?:reserves?|cap)_?.*")
_NOTES = re.compile(r".*_notes?")
_COLUMN_UNITS = {
    "t": "t",
    "kt": "kt",
    "mmt": "Mt",
    "mt": "Mt",
    "kg": "kg",
    "mct": "million ct",
    "kct": "thousand ct",
    "ct": "ct",
    "mcm": "million m3",
    "mm3": "million m3",
}
_WORD_UNITS = {
    "metric tons": "t",
    "metric ton": "t",
    "thousand metric tons": "kt",
    "million metric tons": "Mt",
    "kilograms": "kg",
    "kilogram": "kg",
    "thousand carats": "thousand ct",
    "million carats": "million ct",
    "carats": "ct",
    "million cubic meters": "million m3",
    "million cubic meters of contained helium": "million m3",
}
_LONG_COLUMNS = (
    "Section",
    "Commodity",
    "Country",
    "Statistics",
    "Statistics_detail",
    "Unit",
    "Year",
    "Value",
)
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:[_ ]?e(?:st(?:imated)?)?)?", re.IGNORECASE)
_WITHHELD = ("w",)
_NOT_AVAILABLE = ("na", "n.a.", "not available")
_NIL = ("—", "–", "-", "--", "---")
_LESS_THAN_HALF = re.compile(
    r"\(?less than (?:1/2|½|one-half|0\.5) (?:of a |of the )?unit\)?\.?", re.IGNORECASE
)


def read_usgs_mcs(content: bytes, label: str, notes: CheckNotes, options: ReadOptions) -> ReadTable:
    """Read world production by country from a Mineral Commodity Summaries data release.

    Parameters
    ----------
    content : bytes
        The world CSV of one commodity (columns Source, Country, Type, Prod_t_2022, Prod_t_est_2023 and the
        like, with the unit in the name of the column or in Unit_Meas), the world CSV of all (COMMODITY,
        COUNTRY, TYPE, UNIT_MEAS, PROD_2023, ...), or the long one (Section, Commodity, Country, Statistics,
        Statistics_detail, Unit, Year, Value).
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what is found.
    options : ReadOptions
        `material`, for a file that does not name it.

    Returns
    -------
    ReadTable

    Raises
    ------
    DataError
        If it is no such file, or names no material and none is given.
    UnknownCodeError
        If the material that is given is not known.
    """
    entries = _Entries(notes, label)
    if _first_line(content, label).startswith("mcschapter"):
        _read_long(content, label, entries)
    else:
        _read_wide(content, label, entries, options)
    return ReadTable(entries.rows.frame(), entries.totals.frame())


def _first_line(content: bytes, label: str) -> str:
    text = file_text(content, label, CheckNotes(label))
    return "".join(text.split("\n", 1)[0].split()).replace('"', "").casefold()


@dataclass(frozen=True, slots=True)
class _Commodity:
    material: str | None
    name: str


class _Entries:
    """Puts entries into the canonical table."""

    def __init__(self, notes: CheckNotes, label: str) -> None:
        self.notes, self.label = notes, label
        self.rows, self.totals = TableRows(USGS_SOURCE, "production"), TableRows(USGS_SOURCE, "production")
        self._lookup = Lookup(notes)
        self._outside: set[str] = set()

    def commodity(self, name: str, line: int) -> _Commodity:
        plain = " ".join(name.split()).casefold()
        materials, outside = _names()
        if plain in outside:
            if plain not in self._outside:
                self._outside.add(plain)
                self.notes.add(
                    "entry_left_out", line, "a commodity that Geomonitor does not cover", value=name
                )
            return _Commodity(None, name)
        return _Commodity(self._lookup.material(materials.get(plain, name), line), name)

    def add(
        self,
        commodity: _Commodity,
        line: int,
        country: str,
        description: str,
        unit: str,
        year: int,
        text: str,
        style: NumberStyle,
        column: str,
        *,
        estimated: bool,
    ) -> None:
        stage = stage_in_words(description)
        if stage is None:
            self.notes.add(
                "stage_not_stated",
                line,
                f"{description!r} names no stage",
                material=commodity.material,
                value=description,
            )
        spoken = self._lookup.economy(_country(country), line, material=commodity.material, stage=stage)
        total = spoken is not None and spoken.kind == "total"
        about: dict[str, Any] = {"material": commodity.material, "stage": stage}
        if total:
            self.notes.add("total_row", line, f"a total for {year}", value=country, **about)
        quantity, bound = self._quantity(text, style, line, column, about)
        below = bound is not None
        (self.totals if total else self.rows).add(
            years=str(year),
            year=year,
            economy=spoken.code if spoken else None,
            quantity=quantity,
            quantity_max=bound,
            unit=unit,
            content=content_in_words(description),
            quality="below" if below else "estimated" if estimated else "reported",
            row=line,
            **about,
        )

    def _quantity(
        self, text: str, style: NumberStyle, line: int, column: str, about: Mapping[str, Any]
    ) -> tuple[float | None, float | None]:
        plain = text.casefold()
        if not text:
            self.notes.add("quantity_missing", line, f"{column} is empty", **about)
            return None, None
        if plain in _WITHHELD:
            self.notes.add("withheld", line, f"{column} is withheld", value=text, **about)
            return None, None
        if plain in _NOT_AVAILABLE:
            self.notes.add("not_available", line, f"{column} is not available", value=text, **about)
            return None, None
        if plain in _NIL:
            self.notes.add("nil", line, f"{column} is nil", value=text, **about)
            return 0.0, None
        if _LESS_THAN_HALF.fullmatch(text):
            self.notes.add("less_than_half_unit", line, f"{column} is below half a unit", value=text, **about)
            return None, 0.5
        number = read_number(text, style)
        if number is None and style.mixed and read_number(text) is not None:
            self.notes.add(
                "ambiguous_number", line, "a point or a comma of either meaning", value=text, **about
            )
            return None, None
        if number is None or number.percent:
            refuse_field(self.label, line, column, text, "a quantity, W, NA or a dash")
        if number.bound:
            self.notes.add("below_threshold", line, f"{column} is printed as a bound", value=text, **about)
            return None, number.value if number.bound == "<" else None
        return number.value, None


def _read_wide(content: bytes, label: str, entries: _Entries, options: ReadOptions) -> None:
    table = read_text_table(
        content,
        label,
        ("Country", "Type"),
        entries.notes,
        optional=("Commodity", "Unit_Meas"),
        name_column="Country",
        is_name=is_economy_name,
    )
    columns = _production_columns(table, label)
    given = material(options.material).code if options.material is not None else None
    has_name = "Commodity" in table.positions
    if not has_name and given is None:
        raise DataError(
            "The file does not name its material.",
            where=f"{label}, row 1, column Commodity",
            expected="a column of commodities, or the material given beside it",
            next_step="Give it with --material, such as --material cobalt.",
        )
    if has_name and given is not None:
        raise DataError(
            "The file names its materials itself.",
            where=f"{label}, row 1, column Commodity",
            expected="no material given beside it",
            next_step="Leave --material out.",
        )
    for place, name in enumerate(table.header):
        if _OTHER.fullmatch(_plain(name)) and not _NOTES.fullmatch(_plain(name)):
            filled = sum(bool(fields[place]) for _, fields in table.rows)
            if filled:
                entries.notes.add("entry_left_out", 1, f"{filled} entries of {name}", value=name)
    for column in columns:
        style = column_style([fields[column.place] for _, fields in table.rows], entries.notes, column.name)
        for line, fields in table.rows:
            if given is not None:
                commodity = _Commodity(given, given)
            else:
                commodity = entries.commodity(fields[table.positions["Commodity"]], line)
            if commodity.material is None:
                continue
            description = fields[table.positions["Type"]]
            words = fields[table.positions["Unit_Meas"]] if "Unit_Meas" in table.positions else ""
            unit = _unit(column.unit, words, line, entries.notes, commodity.material)
            entries.add(
                commodity,
                line,
                fields[table.positions["Country"]],
                description,
                unit,
                column.year,
                fields[column.place],
                style,
                column.name,
                estimated=column.estimated,
            )


def _read_long(content: bytes, label: str, entries: _Entries) -> None:
    table = read_text_table(
        content, label, _LONG_COLUMNS, entries.notes, name_column="Country", is_name=is_economy_name
    )
    style = column_style(table.texts("Value"), entries.notes, "Value")
    left_out: dict[str, int] = {}
    for line, (section, name, country, statistics, detail, unit, year_text, text) in table.records(
        *_LONG_COLUMNS
    ):
        if not section.casefold().startswith("world") or statistics.casefold() != "production":
            kind = f"{section}: {statistics}"
            left_out[kind] = left_out.get(kind, 0) + 1
            continue
        commodity = entries.commodity(name, line)
        if commodity.material is None:
            continue
        year = _YEAR.fullmatch(year_text)
        if year is None:
            refuse_field(label, line, "Year", year_text, "a year, or a year with _estimated")
        entries.add(
            commodity,
            line,
            country,
            detail or statistics,
            _unit(None, unit, line, entries.notes, commodity.material),
            int(year[1]),
            text,
            style,
            "Value",
            estimated=len(year_text) > 4,
        )
    for kind, count in left_out.items():
        entries.notes.add("entry_left_out", None, f"{count} entries of {kind}", value=kind)


@dataclass(frozen=True, slots=True)
class _Column:
    place: int
    name: str
    unit: str | None
    year: int
    estimated: bool


def _production_columns(table: TextTable, label: str) -> list[_Column]:
    columns = []
    for place, name in enumerate(table.header):
        found = _PRODUCTION.fullmatch(_plain(name))
        if found is None:
            continue
        unit = found["unit"]
        if unit is not None and unit not in _COLUMN_UNITS:
            refuse_field(
                label, 1, name, unit, f"a unit in the name of the column ({', '.join(_COLUMN_UNITS)})"
            )
        columns.append(
            _Column(place, name, unit and _COLUMN_UNITS[unit], int(found["year"]), found["est"] is not None)
        )
    if not columns:
        raise DataError(
            "The file has no column of production.",
            where=f"{label}, row 1, column Prod_t_2022 or the like: found {', '.join(table.header)[:300]}",
            expected="columns such as Prod_t_2022, Prod_kt_est_2023 or PROD_2023",
            next_step="Take the world file of the release, not the salient statistics.",
        )
    return columns


def _unit(of_column: str | None, words: str, line: int, notes: CheckNotes, code: str) -> str:
    spoken = " ".join(words.split()).casefold()
    of_row = _WORD_UNITS.get(spoken)
    if of_column is not None:
        if of_row is not None and of_row != of_column:
            notes.add(
                "unknown_unit",
                line,
                f"the column is in {of_column} and the row says {words}",
                material=code,
                value=words,
            )
            return words
        return of_column
    if of_row is None:
        notes.add("unknown_unit", line, f"{words!r} is no known unit", material=code, value=words)
        return words or "not stated"
    return of_row


def _country(name: str) -> str:
    # footnote signs and what is said of a part: "United States (extracted from natural gas)"
    plain = re.sub(r"\s*\((?:extracted from|from)[^)]*\)", "", name)
    total = re.match(r"\s*(world total)\b", plain, re.IGNORECASE)
    return total[1] if total else re.sub(r"[\d*]+$", "", plain).strip()


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


@cache
def _names() -> tuple[Mapping[str, str], frozenset[str]]:
    content = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return content["materials"], frozenset(name.strip() for name in content["outside"]["names"])
