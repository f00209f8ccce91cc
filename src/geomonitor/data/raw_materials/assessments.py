"""Published results of the EU assessments of critical raw materials, read from their tables."""

from __future__ import annotations

import difflib
from pathlib import Path

import polars as pl

from geomonitor.data.raw_materials.checks import CheckNotes, require_sound
from geomonitor.data.raw_materials.files import file_bytes
from geomonitor.data.raw_materials.numbers import read_number
from geomonitor.data.raw_materials.readers.base import Lookup
from geomonitor.data.raw_materials.textfile import TextTable, read_text_table, refuse_field
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["ASSESSMENT_FORMATS", "ASSESSMENT_SCHEMA", "read_published_assessments"]

ASSESSMENT_FORMATS = ("eu-crm-history", "eu-crm-2017-results")

ASSESSMENT_SCHEMA = pl.Schema(
    {
        "material": pl.String(),
        "year": pl.Int16(),
        "stage": pl.String(),
        "supply_risk": pl.Float64(),
        "economic_importance": pl.Float64(),
        "import_reliance": pl.Float64(),
        "recycling_rate": pl.Float64(),
        "substitution_economic": pl.Float64(),
        "substitution_risk": pl.Float64(),
        "governed_world": pl.Float64(),
        "governed_sourcing": pl.Float64(),
        "supply_basis": pl.String(),
        "supply_risk_world": pl.Float64(),
        "supply_risk_sourcing": pl.Float64(),
        "supply_risk_both": pl.Float64(),
        "source": pl.String(),
        "row": pl.Int32(),
    }
)
"""Columns of published assessments: rates as fractions; ``governed_world`` and ``governed_sourcing`` are the
concentrations of supply weighted with governance and trade factor; ``supply_basis`` which of the two the
published supply risk rests on ("world only", "sourcing only", "world and sourcing"); the last three supply
risks by either or both. Null where the study gives none."""

_SOURCE = "eu-crm-studies"
_MISSING = ("", "-", "–", "—", "N/A", "NA", "n.a.")
_STAGES = {"extraction": "extraction", "processing": "processing"}
_SUPPLY_DATA = {"GS only": "world only", "EUS only": "sourcing only", "GS + EUS": "world and sourcing"}
# column of the 2017 table: (column of the schema, what to divide by)
_RESULTS_2017 = {
    "SR": ("supply_risk", 1.0),
    "EI": ("economic_importance", 1.0),
    "IR_pct": ("import_reliance", 100.0),
    "EoL_RIR_pct": ("recycling_rate", 100.0),
    "SI_EI": ("substitution_economic", 1.0),
    "SI_SR": ("substitution_risk", 1.0),
    "HHI_WGI_t_GS": ("governed_world", 1.0),
    "HHI_WGI_t_EU28": ("governed_sourcing", 1.0),
    "SR_GS_only": ("supply_risk_world", 1.0),
    "SR_EU_only": ("supply_risk_sourcing", 1.0),
    "SR_GS_EU": ("supply_risk_both", 1.0),
}


def read_published_assessments(path: Path | str, format: str) -> pl.DataFrame:  # noqa: A002
    """Read published values of supply risk and economic importance.

    Parameters
    ----------
    path : pathlib.Path or str
        A CSV file.
    format : str
        ``eu-crm-history``: Material, Year, SR, EI, for the studies of 2011 to 2023; ``eu-crm-2017-results``:
        the 2017 study by material, with stage and every factor.

    Returns
    -------
    polars.DataFrame
        Columns as in `ASSESSMENT_SCHEMA`, in the order of the file.

    Raises
    ------
    UnknownCodeError
        If there is no such format.
    DataError
        If it is no such file, a material is not known, or an assessment stands twice.
    """
    if format not in ASSESSMENT_FORMATS:
        near = difflib.get_close_matches(format, ASSESSMENT_FORMATS, n=1, cutoff=0.4)
        raise UnknownCodeError(
            f"There is no format {format!r} of published assessments.",
            expected=f"one of {', '.join(ASSESSMENT_FORMATS)}",
            next_step=f"Perhaps {near[0]} was meant." if near else None,
        )
    path = Path(path)
    notes = CheckNotes(path.name)
    read = _read_history if format == "eu-crm-history" else _read_2017
    rows = read(file_bytes(path), path.name, notes)
    require_sound(notes.results(), path.name)
    frame = pl.DataFrame(rows, schema=ASSESSMENT_SCHEMA)
    twice = frame.filter(pl.struct("material", "year", "stage").is_duplicated())
    if twice.height:
        material, year, row = twice.select("material", "year", "row").row(-1)
        raise DataError(
            f"The assessment of {material} in {year} is there twice.",
            where=f"{path.name}, row {row}, column Material",
            expected="each material and year once",
            next_step="Correct the file.",
        )
    return frame


def _read_history(content: bytes, label: str, notes: CheckNotes) -> list[dict[str, object]]:
    table = read_text_table(content, label, ("Material", "Year", "SR", "EI"), notes)
    lookup = Lookup(notes)
    rows: list[dict[str, object]] = []
    for line, (name, year, risk, importance) in table.records("Material", "Year", "SR", "EI"):
        if not (year.isdigit() and 2000 <= int(year) <= 2100):
            refuse_field(label, line, "Year", year, "the year of a study")
        rows.append(
            {
                "material": lookup.material(name, line),
                "year": int(year),
                "supply_risk": _value(risk, label, line, "SR"),
                "economic_importance": _value(importance, label, line, "EI"),
                "source": _SOURCE,
                "row": line,
            }
        )
    return rows


def _read_2017(content: bytes, label: str, notes: CheckNotes) -> list[dict[str, object]]:
    columns = ("material", "stage", "supply_data", *_RESULTS_2017)
    table: TextTable = read_text_table(content, label, columns, notes)
    lookup = Lookup(notes)
    rows: list[dict[str, object]] = []
    for line, (name, stage, supply_data, *values) in table.records(*columns):
        if stage.casefold() not in _STAGES:
            refuse_field(label, line, "stage", stage, "Extraction or Processing")
        if supply_data not in _SUPPLY_DATA:
            refuse_field(label, line, "supply_data", supply_data, f"one of {', '.join(_SUPPLY_DATA)}")
        row: dict[str, object] = {
            "material": lookup.material(name, line),
            "year": 2017,
            "stage": _STAGES[stage.casefold()],
            "supply_basis": _SUPPLY_DATA[supply_data],
            "source": _SOURCE,
            "row": line,
        }
        for (column, (target, divisor)), text in zip(_RESULTS_2017.items(), values, strict=True):
            value = _value(text, label, line, column)
            row[target] = None if value is None else value / divisor
        rows.append(row)
    return rows


def _value(text: str, label: str, line: int, column: str) -> float | None:
    if text in _MISSING:
        return None
    number = read_number(text)
    if number is None or number.percent or number.bound or number.value < 0:
        refuse_field(label, line, column, text, "a number of at least 0, or - for none")
    return number.value
