"""Tables of the EU studies on critical raw materials: world supply, sourcing of the EU, and uses."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from geomonitor.codes import resolve_importer
from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.numbers import NumberStyle, read_number
from geomonitor.data.raw_materials.readers.base import (
    Lookup,
    ReadOptions,
    ReadTable,
    TableRows,
    column_style,
    is_economy_name,
)
from geomonitor.data.raw_materials.table import MATERIAL_SCHEMA
from geomonitor.data.raw_materials.textfile import read_text_table, refuse_field
from geomonitor.errors import DataError

__all__ = ["EU_CRM_SOURCE", "EU_CRM_YEARS", "read_eu_sourcing", "read_use_shares", "read_world_supply"]

EU_CRM_SOURCE = "eu-crm-studies"

EU_CRM_YEARS = "2016-2020"
"""The years that the 2023 study averages where data allow; its tables do not repeat them by material."""

_STAGES = {"E": "extraction", "P": "processing", "EXTRACTION": "extraction", "PROCESSING": "processing"}
_SUPPLY_COLUMNS = ("Material", "Stage", "Country", "Share", "t")
_VALUE_ADDED = "VA in million*"
_USE_COLUMNS = ("Material", "Application", "Share", "NACE sector", _VALUE_ADDED)
_FACTOR_RANGE = (0.5, 2.0)
_SECTOR = re.compile(r"([A-U][0-9]{2})\s*-\s*.+")


def read_world_supply(content: bytes, label: str, notes: CheckNotes, options: ReadOptions) -> ReadTable:
    """Read shares of world supply by material, stage and country.

    Parameters
    ----------
    content : bytes
        A CSV file with the columns Material, Stage (E or P), Country, Share and t.
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what is found.
    options : ReadOptions
        `years`.

    Returns
    -------
    ReadTable

    Raises
    ------
    DataError
        If it is no such file.
    """
    return _read_supply(content, label, notes, options, "world_supply", None)


def read_eu_sourcing(content: bytes, label: str, notes: CheckNotes, options: ReadOptions) -> ReadTable:
    """Read shares of what an importer uses, home production included, by material, stage and country.

    Parameters
    ----------
    content : bytes
        A CSV file with the columns Material, Stage (E or P), Country, Share and t.
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what is found.
    options : ReadOptions
        `years`, and `importer` (the EU of 27 when left out).

    Returns
    -------
    ReadTable

    Raises
    ------
    DataError
        If it is no such file.
    UnknownCodeError
        If there is no such importer.
    """
    importer = resolve_importer(options.importer or "EU27_2020").code
    return _read_supply(content, label, notes, options, "sourcing", importer)


def _read_supply(
    content: bytes, label: str, notes: CheckNotes, options: ReadOptions, measure: str, importer: str | None
) -> ReadTable:
    table = read_text_table(
        content, label, _SUPPLY_COLUMNS, notes, name_column="Country", is_name=is_economy_name
    )
    years, last_year = _years(options, notes)
    shares = _Shares.of(table.texts("Share"), notes)
    factors = column_style(table.texts("t"), notes, "t")
    lookup = Lookup(notes)
    rows, totals = TableRows(EU_CRM_SOURCE, measure), TableRows(EU_CRM_SOURCE, measure)
    for line, (name, stage_text, country, share_text, factor_text) in table.records(*_SUPPLY_COLUMNS):
        if stage_text.upper() not in _STAGES and country.upper() in _STAGES and is_economy_name(stage_text):
            notes.add(
                "columns_put_right", line, "stage and country stood in each other's place", value=country
            )
            stage_text, country = country, stage_text
        stage = _STAGES.get(stage_text.upper())
        if stage is None:
            notes.add("unknown_stage", line, f"{stage_text!r} is no stage; E and P are", value=stage_text)
        material = lookup.material(name, line)
        if material is None:
            continue
        if "%" in factor_text:
            factor = read_number(share_text, factors)
            if (
                "%" in share_text
                or factor is None
                or not _FACTOR_RANGE[0] <= factor.value <= _FACTOR_RANGE[1]
            ):
                notes.add(
                    "swapped_columns",
                    line,
                    f"t is {factor_text!r} and the share {share_text!r}",
                    material=material,
                    stage=stage,
                    value=factor_text,
                )
                continue
            notes.add(
                "columns_put_right",
                line,
                f"share and t stood in each other's place: {share_text}, {factor_text}",
                material=material,
                stage=stage,
                value=factor_text,
            )
            share_text, factor_text = factor_text, share_text
        spoken = lookup.economy(country, line, material=material, stage=stage)
        share = shares.read(share_text, label, line, material, stage)
        total = spoken is not None and spoken.kind == "total"
        if total:
            notes.add("total_row", line, "a total", material=material, stage=stage, value=country)
        (totals if total else rows).add(
            material=material,
            stage=stage,
            importer=importer,
            years=years,
            year=last_year,
            economy=spoken.code if spoken else None,
            quantity=share.quantity,
            quantity_max=share.bound,
            unit="share",
            restriction=_factor(factor_text, factors, label, line),
            quality=share.quality,
            row=line,
        )
    return ReadTable(rows.frame(), totals.frame())


def read_use_shares(content: bytes, label: str, notes: CheckNotes, options: ReadOptions) -> ReadTable:
    """Read shares of end use by application and sector, with the value added of the sector.

    Parameters
    ----------
    content : bytes
        A CSV file with the columns Material, Application, Share, NACE sector and VA in million euro.
    label : str
        Its name for people.
    notes : CheckNotes
        Takes what is found.
    options : ReadOptions
        `years`, and `importer` (the EU of 27 when left out).

    Returns
    -------
    ReadTable

    Raises
    ------
    DataError
        If it is no such file.
    """
    table = read_text_table(content, label, _USE_COLUMNS, notes)
    importer = resolve_importer(options.importer or "EU27_2020").code
    years, last_year = _years(options, notes)
    shares = _Shares.of(table.texts("Share"), notes)
    values = column_style(table.texts(_VALUE_ADDED), notes, "value added")
    lookup = Lookup(notes)
    rows = TableRows(EU_CRM_SOURCE, "use")
    for line, (name, application, share_text, sector_text, value_text) in table.records(*_USE_COLUMNS):
        material = lookup.material(name, line)
        if material is None:
            continue
        share = shares.read(share_text, label, line, material, None)
        found = _SECTOR.fullmatch(" ".join(sector_text.split()))
        if found is None:
            what = f"{sector_text!r} names no NACE division" if sector_text else "no sector is given"
            notes.add("sector_missing", line, what, material=material, value=" ".join(application.split()))
        rows.add(
            material=material,
            importer=importer,
            years=years,
            year=last_year,
            sector=found[1] if found else None,
            application=" ".join(application.split()),
            quantity=share.quantity,
            quantity_max=share.bound,
            unit="share",
            value_added_meur=_value_added(value_text, values, label, line),
            quality=share.quality,
            row=line,
        )
    frame = rows.frame()
    _check_value_added(frame, notes)
    return ReadTable(frame, pl.DataFrame(schema=MATERIAL_SCHEMA))


@dataclass(frozen=True, slots=True)
class _Share:
    quantity: float | None
    bound: float | None
    quality: str


@dataclass(frozen=True, slots=True)
class _Shares:
    """Reads the shares of a column, having seen all of it."""

    style: NumberStyle
    # what a number without a percent sign is divided by; None where others in the column have a sign
    divisor: float | None
    notes: CheckNotes

    @classmethod
    def of(cls, texts: Sequence[str], notes: CheckNotes) -> _Shares:
        style = column_style(texts, notes, "Share")
        divisor: float | None = None
        if not any("%" in text for text in texts):
            numbers = [found.value for text in texts if (found := read_number(text, style))]
            divisor = 100.0 if any(number > 1 for number in numbers) else 1.0
            read_as = "percents" if divisor == 100 else "fractions"
            notes.add("percent_sign", None, f"no share has a percent sign: read as {read_as}", value=read_as)
        return cls(style, divisor, notes)

    def read(self, text: str, label: str, line: int, material: str, stage: str | None) -> _Share:
        number = read_number(text, self.style)
        if number is None:
            if self.style.mixed and read_number(text) is not None:
                self.notes.add(
                    "ambiguous_number",
                    line,
                    "a point or a comma of either meaning",
                    material=material,
                    stage=stage,
                    value=text,
                )
                return _Share(None, None, "not stated")
            refuse_field(label, line, "Share", text, "a share such as 12.5%")
        divisor = 100.0 if number.percent else self.divisor
        if divisor is None:
            if 0 < number.value <= 1:
                self.notes.add(
                    "percent_or_fraction",
                    line,
                    "a percent sign lacks, and it could be a fraction",
                    material=material,
                    stage=stage,
                    value=text,
                )
                return _Share(None, None, "not stated")
            self.notes.add(
                "percent_sign", line, "read as a percentage", material=material, stage=stage, value=text
            )
            divisor = 100.0
        # rounded: 0.07 and not 0.07 + 1e-17, so that equal printed shares are equal numbers
        value = round(number.value / divisor, 12)
        if number.bound:
            self.notes.add(
                "below_threshold",
                line,
                "printed as a bound",
                material=material,
                stage=stage,
                value=text,
            )
            return _Share(None, value if number.bound == "<" else None, "below")
        return _Share(value, None, "not stated")


def _factor(text: str, style: NumberStyle, label: str, line: int) -> float | None:
    if not text:
        return None
    number = read_number(text, style)
    if number is None or number.bound:
        refuse_field(label, line, "t", text, "a trade factor such as 1.1")
    return number.value


def _value_added(text: str, style: NumberStyle, label: str, line: int) -> float | None:
    if not text:
        return None
    number = read_number(text, style)
    if number is None or number.bound or number.percent:
        refuse_field(label, line, "VA in million", text, "a value added in million euro")
    return number.value


def _years(options: ReadOptions, notes: CheckNotes) -> tuple[str, int]:
    years = options.years or EU_CRM_YEARS
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", years)
    if found is None or (found[2] is not None and found[2] < found[1]):
        raise DataError(
            f"{years!r} names no years.",
            expected="a year, or a first and last year such as 2016-2020",
            next_step="Correct the years that were given.",
        )
    notes.add("not_in_file", None, f"the years are taken to be {years}", value=years)
    return years, int(found[2] or found[1])


def _check_value_added(table: pl.DataFrame, notes: CheckNotes) -> None:
    given: dict[str, Counter[float]] = defaultdict(Counter)
    rows = table.filter(pl.col("sector").is_not_null(), pl.col("value_added_meur").is_not_null())
    for sector, value in rows.select("sector", "value_added_meur").iter_rows():
        given[sector][value] += 1
    usual = {sector: counts.most_common(1)[0][0] for sector, counts in given.items()}
    for sector, value, material, row in rows.select(
        "sector", "value_added_meur", "material", "row"
    ).iter_rows():
        if value != usual[sector]:
            notes.add(
                "sector_value_added",
                row,
                f"{sector} has {value:,.0f} here and {usual[sector]:,.0f} million euro elsewhere",
                material=material,
                value=f"{value:.0f}",
            )
