"""World Mineral Statistics of the British Geological Survey: CSV files and the JSON of the interface."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from geomonitor.codes import ECONOMY_CODES
from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.files import json_content
from geomonitor.data.raw_materials.numbers import POINT, NumberStyle, read_number
from geomonitor.data.raw_materials.readers.base import (
    Lookup,
    ReadOptions,
    ReadTable,
    TableRows,
    column_style,
    is_economy_name,
)
from geomonitor.data.raw_materials.readers.wording import stage_in_words
from geomonitor.data.raw_materials.textfile import read_text_table, refuse_field
from geomonitor.errors import DataError

__all__ = ["BGS_SOURCE", "read_bgs_wms"]

BGS_SOURCE = "bgs-wms"

_TABLE = Path(__file__).with_name("bgs.toml")
_REQUIRED = ("bgs_statistic_type_trans", "bgs_commodity_trans", "year", "country_trans", "units", "quantity")
_CODE_COLUMNS = ("country_iso3_code", "country_iso3_trans")
_OPTIONAL = (
    "bgs_sub_commodity_trans",
    *_CODE_COLUMNS,
    "data_precision_description",
    "concat_figure_notes_text",
    "concat_table_notes_text",
)
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+Z?)?)?")
_UNITS = re.compile(r"(?P<unit>[a-z0-9 ³]+?)(?:\s*\((?P<basis>[^()]*)\))?", re.IGNORECASE)
_UNIT_WORDS = {
    "tonnes": "t",
    "metric tonnes": "t",
    "thousand tonnes": "kt",
    "million tonnes": "Mt",
    "kilograms": "kg",
    "kilogrammes": "kg",
    "carats": "ct",
    "million cubic metres": "million m3",
    "million cubic meters": "million m3",
}
_ESTIMATED = re.compile(r"\bestimate", re.IGNORECASE)
_CODES = frozenset(ECONOMY_CODES)


class _Record(NamedTuple):
    line: int
    statistic: str
    commodity: str
    year: str
    country: str
    units: str
    quantity: str
    sub_commodity: str
    code: str
    precision: str
    remarks: str


def read_bgs_wms(content: bytes, label: str, notes: CheckNotes, options: ReadOptions) -> ReadTable:
    """Read production by commodity and country.

    Parameters
    ----------
    content : bytes
        A CSV file with the columns bgs_statistic_type_trans, bgs_commodity_trans, year, country_trans, units
        and quantity, or the JSON of the interface: features with these properties.
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what is found.
    options : ReadOptions
        Not used: the file says all.

    Returns
    -------
    ReadTable
        Row numbers are lines of a CSV file, and ordinals of the features of a JSON file.

    Raises
    ------
    DataError
        If it is no such file.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        style, records = POINT, _json_records(content, label)
    else:
        style, records = _csv_records(content, label, notes)
    reader = _Reader(notes, label, style)
    for record in records:
        reader.add(record)
    reader.report()
    return ReadTable(reader.rows.frame(), reader.totals.frame())


@dataclass(frozen=True, slots=True)
class _Form:
    material: str | None
    stage: str | None
    words: str


class _Reader:
    """Puts records into the canonical table."""

    def __init__(self, notes: CheckNotes, label: str, style: NumberStyle) -> None:
        self.notes, self.label, self.style = notes, label, style
        self.rows, self.totals = TableRows(BGS_SOURCE, "production"), TableRows(BGS_SOURCE, "production")
        self._lookup = Lookup(notes)
        self._forms: dict[tuple[str, str], _Form] = {}
        self._units: dict[str, tuple[str, str]] = {}
        self._years: dict[str, int] = {}
        self._estimated: dict[str, bool] = {}
        self._left_out: dict[str, int] = {}
        self._mismatched: set[tuple[str, str]] = set()

    def add(self, record: _Record) -> None:
        if record.statistic.casefold() != "production":
            self._left_out[record.statistic] = self._left_out.get(record.statistic, 0) + 1
            return
        form = self._form(record)
        if form.material is None:
            return
        unit, basis = self._unit(record, form)
        about: dict[str, Any] = {"material": form.material, "stage": form.stage}
        spoken = self._lookup.economy(record.country, record.line, **about)
        total = spoken is not None and spoken.kind == "total"
        economy = spoken.code if spoken else None
        if total:
            self.notes.add("total_row", record.line, "a total", value=record.country, **about)
        elif economy is not None and record.code != economy and record.code in _CODES:
            self._mismatch(record, economy, about)
        year = self._year(record)
        quantity, bound = self._quantity(record, about)
        estimated = self._is_estimated(record.remarks) or self._is_estimated(record.precision)
        (self.totals if total else self.rows).add(
            years=str(year),
            year=year,
            economy=economy,
            quantity=quantity,
            quantity_max=bound,
            unit=unit,
            content=", ".join(part for part in (form.words, basis) if part) or "not stated",
            quality="below" if bound is not None else "estimated" if estimated else "reported",
            row=record.line,
            **about,
        )

    def report(self) -> None:
        for kind, count in self._left_out.items():
            self.notes.add("entry_left_out", None, f"{count} entries of {kind}", value=kind)

    def _is_estimated(self, remark: str) -> bool:
        if remark not in self._estimated:
            self._estimated[remark] = _ESTIMATED.search(remark) is not None
        return self._estimated[remark]

    def _form(self, record: _Record) -> _Form:
        key = (record.commodity, record.sub_commodity)
        if key in self._forms:
            return self._forms[key]
        names = _names()
        commodity = " ".join(record.commodity.split()).casefold()
        first, _, rest = record.commodity.partition(",")
        words = ", ".join(part.strip() for part in (rest, record.sub_commodity) if part.strip())
        if commodity in names.outside:
            self.notes.add(
                "entry_left_out",
                record.line,
                "a commodity that Geomonitor does not cover",
                value=record.commodity,
            )
            form = _Form(None, None, words)
        else:
            spoken = names.materials.get(commodity, first.strip())
            if commodity in names.by_sub_commodity:
                sub = record.sub_commodity.casefold()
                spoken = names.sub_commodities.get(sub, record.sub_commodity or record.commodity)
            found = self._lookup.material(spoken, record.line)
            stage = stage_in_words(f"{record.commodity}, {record.sub_commodity}")
            if found is not None and stage is None:
                self.notes.add(
                    "stage_not_stated",
                    record.line,
                    f"{record.commodity!r} names no stage",
                    material=found,
                    value=record.commodity,
                )
            form = _Form(found, stage, words)
        self._forms[key] = form
        return form

    def _unit(self, record: _Record, form: _Form) -> tuple[str, str]:
        if record.units not in self._units:
            plain = record.units.replace("(metric)", " ").strip()
            found = _UNITS.fullmatch(" ".join(plain.split()))
            unit = _UNIT_WORDS.get(found["unit"].casefold()) if found else None
            if unit is None:
                self.notes.add(
                    "unknown_unit",
                    record.line,
                    f"{record.units!r} is no known unit",
                    material=form.material,
                    stage=form.stage,
                    value=record.units,
                )
                self._units[record.units] = (record.units or "not stated", "")
            else:
                self._units[record.units] = (unit, (found["basis"] or "") if found else "")
        return self._units[record.units]

    def _year(self, record: _Record) -> int:
        if record.year not in self._years:
            found = _YEAR.fullmatch(record.year)
            if found is None:
                refuse_field(self.label, record.line, "year", record.year, "a year, or the first day of one")
            self._years[record.year] = int(found[1])
        return self._years[record.year]

    def _quantity(self, record: _Record, about: Mapping[str, Any]) -> tuple[float | None, float | None]:
        precision = record.precision.casefold()
        if precision.startswith("less than"):
            self.notes.add(
                "less_than_half_unit", record.line, record.precision, value=record.quantity, **about
            )
            return None, 0.5
        if not record.quantity:
            if precision.startswith(("figures not available", "not available")):
                self.notes.add("not_available", record.line, record.precision, **about)
            else:
                self.notes.add("quantity_missing", record.line, "quantity is empty", **about)
            return None, None
        if precision.startswith("nil"):
            self.notes.add("nil", record.line, record.precision, value=record.quantity, **about)
        number = read_number(record.quantity, self.style)
        if number is None and self.style.mixed and read_number(record.quantity) is not None:
            self.notes.add(
                "ambiguous_number",
                record.line,
                "a point or a comma of either meaning",
                value=record.quantity,
                **about,
            )
            return None, None
        if number is None or number.percent or number.bound:
            refuse_field(self.label, record.line, "quantity", record.quantity, "a quantity")
        return number.value, None

    def _mismatch(self, record: _Record, economy: str, about: Mapping[str, Any]) -> None:
        if (record.country, record.code) not in self._mismatched:
            self._mismatched.add((record.country, record.code))
            self.notes.add(
                "economy_code",
                record.line,
                f"{record.country} has the code {record.code}",
                value=record.code,
                **about,
            )


def _csv_records(content: bytes, label: str, notes: CheckNotes) -> tuple[NumberStyle, Iterator[_Record]]:
    table = read_text_table(
        content,
        label,
        _REQUIRED,
        notes,
        optional=_OPTIONAL,
        name_column="country_trans",
        is_name=is_economy_name,
    )
    style = column_style(table.texts("quantity"), notes, "quantity")
    # a column that the file lacks is read from the blank that is put at the end
    blank = len(table.header)
    place = itemgetter(
        *(
            next((table.positions[name] for name in names if name in table.positions), blank)
            for names in _order()
        )
    )
    return style, (_Record._make((line, *place([*fields, ""]))) for line, fields in table.rows)


def _json_records(content: bytes, label: str) -> Iterator[_Record]:
    document = json_content(content, label)
    features = document.get("features") if isinstance(document, dict) else document
    if not isinstance(features, list) or not features:
        raise DataError(
            "The file holds no features.",
            where=f"{label}, row 1, column features",
            expected="a list of features, each with its properties",
            next_step="Download the items of the collection world-mineral-statistics again.",
        )
    order = _order()
    for ordinal, feature in enumerate(features, start=1):
        properties = feature.get("properties", feature) if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise DataError(
                "A feature has no properties.",
                where=f"{label}, row {ordinal} of the features, column properties",
                expected="an object with the properties of one figure",
                next_step="Download the file again.",
            )
        for name in _REQUIRED:
            if name not in properties:
                raise DataError(
                    f"A feature has no property {name}.",
                    where=f"{label}, row {ordinal} of the features, column {name}",
                    expected=f"the properties {', '.join(_REQUIRED)}",
                    next_step="Check that it is the collection world-mineral-statistics.",
                )
        yield _Record(
            ordinal,
            *(next((_text(properties[name]) for name in names if name in properties), "") for names in order),
        )


def _order() -> tuple[tuple[str, ...], ...]:
    """Give the columns of a record, each with the names it may have."""
    return (
        *((name,) for name in _REQUIRED),
        ("bgs_sub_commodity_trans",),
        _CODE_COLUMNS,
        ("data_precision_description",),
        ("concat_figure_notes_text", "concat_table_notes_text"),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class _Names:
    materials: Mapping[str, str]
    by_sub_commodity: frozenset[str]
    sub_commodities: Mapping[str, str]
    outside: frozenset[str]


@cache
def _names() -> _Names:
    content = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return _Names(
        content["materials"],
        frozenset(content["by_sub_commodity"]["names"]),
        content["sub_commodities"],
        frozenset(content["outside"]["names"]),
    )
