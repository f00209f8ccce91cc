"""The six dimensions of the World Bank's Worldwide Governance Indicators."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import polars as pl

from geomonitor.codes import ECONOMY_CODES
from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.files import file_bytes
from geomonitor.data.raw_materials.textfile import read_text_table, refuse_field
from geomonitor.errors import DataError

__all__ = ["GOVERNANCE_DIMENSIONS", "governance_mean", "read_governance"]

GOVERNANCE_DIMENSIONS = (
    "voice and accountability",
    "political stability",
    "government effectiveness",
    "regulatory quality",
    "rule of law",
    "control of corruption",
)

_SPOKEN = {
    "voiceandaccountability": "voice and accountability",
    "va": "voice and accountability",
    "politicalstability": "political stability",
    "politicalstabilitynoviolence": "political stability",
    "politicalstabilityandabsenceofviolence": "political stability",
    "politicalstabilityandabsenceofviolence/terrorism": "political stability",
    "pv": "political stability",
    "governmenteffectiveness": "government effectiveness",
    "ge": "government effectiveness",
    "regulatoryquality": "regulatory quality",
    "rq": "regulatory quality",
    "ruleoflaw": "rule of law",
    "rl": "rule of law",
    "controlofcorruption": "control of corruption",
    "cc": "control of corruption",
}
# codes that the World Bank used before, and those that are no economy of their own any more
_CODES = {"ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "ADO": "AND", "WBG": "PSE", "KSV": "XKX", "LTE": "TLS"}
_MISSING = ("", "NA", "N/A", "#N/A", "..", "NaN", "nan")
_LARGEST = 4.0


def read_governance(path: Path | str) -> pl.DataFrame:
    """Read a CSV file of governance estimates by country, year and dimension.

    Parameters
    ----------
    path : pathlib.Path or str
        A file with the columns Code, Year, Estimate and Indicator, a row for each country, year and
        dimension.

    Returns
    -------
    polars.DataFrame
        Columns `economy` (ISO3), `year`, `dimension` (one of `GOVERNANCE_DIMENSIONS`), `estimate` (about
        -2.5, weak, to 2.5, strong). A missing estimate has no row: not known is not zero.

    Raises
    ------
    DataError
        If it is no such file, a code or dimension is not known, or an entry stands twice.

    References
    ----------
    Kaufmann, D., Kraay, A. and Mastruzzi, M. (2010). The Worldwide Governance Indicators: Methodology and
    Analytical Issues. World Bank Policy Research Working Paper 5430.
    """
    path = Path(path)
    label = path.name
    notes = CheckNotes(label)
    table = read_text_table(file_bytes(path), label, ("Code", "Year", "Estimate", "Indicator"), notes)
    codes = _known_codes(table.texts("Code"), table.rows, label)
    dimensions = {text: _SPOKEN.get("".join(text.split()).casefold()) for text in table.texts("Indicator")}
    rows: list[tuple[str, int, str, float]] = []
    seen: dict[tuple[str, int, str], int] = {}
    for line, (code_text, year_text, estimate_text, dimension_text) in table.records(
        "Code", "Year", "Estimate", "Indicator"
    ):
        dimension = dimensions[dimension_text]
        if dimension is None:
            refuse_field(label, line, "Indicator", dimension_text, "a dimension of governance")
        if not (year_text.isdigit() and 1990 <= int(year_text) <= 2100):
            refuse_field(label, line, "Year", year_text, "a year")
        key = (codes[code_text], int(year_text), dimension)
        if key in seen:
            _refuse_twice(label, line, seen[key], key)
        seen[key] = line
        if estimate_text in _MISSING:
            continue
        rows.append((*key, _estimate(estimate_text, label, line)))
    schema = {"economy": pl.String, "year": pl.Int16, "dimension": pl.String, "estimate": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("economy", "year", "dimension")


def governance_mean(frame: pl.DataFrame, years: Iterable[int]) -> pl.DataFrame:
    """Average governance over years and dimensions: the mean over years of each dimension, then over these.

    Parameters
    ----------
    frame : polars.DataFrame
        As `read_governance` gives it.
    years : iterable of int
        Calendar years; those without estimates are left out of the mean.

    Returns
    -------
    polars.DataFrame
        Columns `economy`, `governance` (mean of the dimensions, about -2.5 to 2.5), `dimensions` (how many
        have an estimate; fewer than six is a mean of fewer). An economy without any has no row.

    Raises
    ------
    DataError
        If no year has estimates.

    Examples
    --------
    >>> estimates = pl.DataFrame({"economy": ["NLD"] * 3, "year": [2018, 2019, 2019],
    ...     "dimension": ["rule of law", "rule of law", "political stability"], "estimate": [1.8, 1.6, 0.9]})
    >>> governance_mean(estimates, [2018, 2019]).row(0)
    ('NLD', 1.3, 2)
    """
    wanted = sorted(set(years))
    chosen = frame.filter(pl.col("year").is_in(wanted))
    if not chosen.height:
        known = frame["year"].unique().sort().to_list() or [0]
        raise DataError(
            f"There are no governance estimates for {', '.join(map(str, wanted)) or 'no years'}.",
            expected=f"years among {known[0]}-{known[-1]}",
            next_step="Choose other years, or read a newer file.",
        )
    return (
        chosen.group_by("economy", "dimension")
        .agg(pl.col("estimate").mean())
        .group_by("economy")
        # the same order of summation on every run
        .agg(governance=pl.col("estimate").sort().mean().round(12), dimensions=pl.len().cast(pl.Int64))
        .sort("economy")
    )


def _known_codes(texts: list[str], rows: tuple[tuple[int, list[str]], ...], label: str) -> dict[str, str]:
    known = frozenset(ECONOMY_CODES)
    codes: dict[str, str] = {}
    for text, (line, _) in zip(texts, rows, strict=True):
        if text in codes:
            continue
        code = _CODES.get(text, text)
        if code not in known:
            refuse_field(label, line, "Code", text, "an ISO 3166-1 alpha-3 code")
        codes[text] = code
    return codes


def _estimate(text: str, label: str, line: int) -> float:
    try:
        estimate = float(text)
    except ValueError:
        refuse_field(label, line, "Estimate", text, "a number with a decimal point")
    if not -_LARGEST <= estimate <= _LARGEST:
        refuse_field(label, line, "Estimate", text, "an estimate of about -2.5 to 2.5")
    return estimate


def _refuse_twice(label: str, line: int, first: int, key: tuple[str, int, str]) -> NoReturn:
    raise DataError(
        f"The {key[2]} of {key[0]} in {key[1]} is there twice.",
        where=f"{label}, row {line}, column Estimate; first in row {first}",
        expected="one estimate for each country, year and dimension",
        next_step="Remove one of the rows.",
    )
