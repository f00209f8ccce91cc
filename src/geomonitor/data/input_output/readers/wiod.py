"""World Input-Output Database: the releases of 2013 and 2016, as text with the layout of the workbooks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output.checks import WORLD_OUTPUT_MUSD
from geomonitor.data.input_output.readers.base import (
    ReadOptions,
    economy_code,
    finish,
    require_same_labels,
    require_scheme,
    split_blocks,
)
from geomonitor.data.input_output.readers.labelled import read_arrays
from geomonitor.data.input_output.readers.matrix import MatrixFile, first_rows
from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.data.readers import Notes
from geomonitor.errors import DataError

__all__ = ["read_wiod_2013", "read_wiod_2016"]

_LICENCES = {
    "wiod-2013": "not established for this release; see the producer's page",
    "wiod-2016": "CC BY 4.0",
}
_CITATION = (
    "Timmer, M. P., Dietzenbacher, E., Los, B., Stehrer, R. and de Vries, G. J. (2015). An Illustrated User "
    "Guide to the World Input-Output Database. Review of International Economics 23, 575-605."
)

# Release of 2016: numbers of the columns of final demand, after 56 industries.
_DEMAND_2016 = {57: "CONS_h", 58: "CONS_np", 59: "CONS_g", 60: "GFCF", 61: "INVEN"}
_ADJUSTMENTS_2016 = ("TXSP", "EXP_adj", "PURR", "PURNR", "IntTTM")
_LABELS_2016 = ("IndustryCode", "Country", "RNr")

# Release of 2013: c37 to c42 are final demand; rows below the industries.
_DEMAND_2013 = {"c37": "CONS_h", "c38": "CONS_np", "c39": "CONS_g", "c41": "GFCF", "c42": "INVEN"}
_TOTAL_INPUTS_2013, _VALUE_ADDED_2013, _OUTPUT_2013 = "r60", "r64", "r69"
_TOP_ROWS_2013 = 12


def read_wiod_2016(path: Path, label: str, options: ReadOptions) -> InputOutputTable:
    """Read ``WIOTyyyy_October16_ROW`` as CSV, in million USD; see `read_input_output`."""
    top = first_rows(path, 1)
    header = top[0] if top else []
    leading = next((i for i, name in enumerate(header) if re.fullmatch(r"[A-Z]{3}\d+", name)), len(header))
    missing = [name for name in _LABELS_2016 if name not in header[:leading]]
    if missing or "TOT" not in header[leading:]:
        lacking = missing + ([] if "TOT" in header[leading:] else ["TOT"])
        raise DataError(
            f"The file lacks the columns {', '.join(lacking)}.",
            where=f"{label}, row 1",
            expected=f"{', '.join(_LABELS_2016)}, then AUS1 to ROW61, then TOT",
            next_step="Export the table with its header; the file may be truncated.",
        )
    file = MatrixFile(path, label, label_columns=leading)
    code_at, country_at, number_at = (header.index(name) for name in _LABELS_2016)
    year_at = header.index("Year") if "Year" in header[:leading] else None
    columns = [name for (name,) in file.columns]
    rows: list[tuple[str, str]] = []
    codes: dict[int, str] = {}
    years: set[str] = set()
    body: list[NDArray[np.float64]] = []
    primary: dict[str, NDArray[np.float64]] = {}
    for block in file.blocks():
        for i, fields in enumerate(block.labels):
            if year_at is not None:
                years.add(fields[year_at])
            if fields[country_at] == "TOT":
                primary[fields[code_at]] = block.numbers[i].copy()
                continue
            number = _number(fields[number_at], f"{label}, row {block.first_row + i}, column RNr")
            codes.setdefault(number, fields[code_at])
            rows.append((fields[country_at], fields[code_at]))
            body.append(block.numbers[i])
    sectors = require_scheme((code for _, code in rows), "wiod-2016", label)
    split = [_split_2016(name, codes, label) for name in columns if name != "TOT"]
    year = options.year or _year(years, label, options)
    return _assemble(
        "wiod-2016",
        f"World Input-Output Table {year}, release of 2016",
        year,
        rows,
        [*split, ("TOT", "TOT")],
        body,
        sectors,
        tuple(_DEMAND_2016.values()),
        primary.get("VA"),
        [primary[name] for name in _ADJUSTMENTS_2016 if name in primary],
        [name for name in ("VA", "GO", *_ADJUSTMENTS_2016) if name not in primary],
        label,
        options,
    )


def read_wiod_2013(path: Path, label: str, options: ReadOptions) -> InputOutputTable:
    """Read a table of the release of 2013, text or arrays, in million USD; see `read_input_output`."""
    if path.suffix.lower() == ".npz" or label.lower().endswith(".npz"):
        return read_arrays(
            path,
            label,
            options,
            format_name="wiod-2013",
            categories=tuple(_DEMAND_2013.values()),
            metadata={"citation": _CITATION, "licence": _LICENCES["wiod-2013"], "sector_scheme": "wiod-2013"},
            world_output_musd=WORLD_OUTPUT_MUSD,
            scheme="wiod-2013",
        )
    top = first_rows(path, _TOP_ROWS_2013)
    at = next((i for i, row in enumerate(top) if "c1" in row), None)
    if at is None or at < 1:
        raise DataError(
            "There is no row with the numbers of the columns, c1 to c42.",
            where=f"{label}, rows 1 to {_TOP_ROWS_2013}",
            expected="rows with codes, names, countries and numbers of the columns above the table",
            next_step="Export the sheet whole, as text with commas.",
        )
    leading = top[at].index("c1")
    first = max(at - 3, 0)
    file = MatrixFile(path, label, header_rows=at - first + 1, title_rows=first, label_columns=leading)
    columns = [(fields[-2], fields[-1]) for fields in file.columns]
    rows: list[tuple[str, str]] = []
    body: list[NDArray[np.float64]] = []
    primary: dict[str, NDArray[np.float64]] = {}
    for block in file.blocks():
        for i, fields in enumerate(block.labels):
            country, number = fields[leading - 2], fields[leading - 1]
            if re.fullmatch(r"c\d+", number):
                rows.append((country, number))
                body.append(block.numbers[i])
            else:
                primary[number] = block.numbers[i].copy()
    sectors = require_scheme((number for _, number in rows), "wiod-2013", label)
    named = re.search(r"(19|20)\d\d", Path(label).stem)
    year = options.year or (int(named[0]) if named else _year(set(), label, options))
    known = (_TOTAL_INPUTS_2013, _VALUE_ADDED_2013, _OUTPUT_2013)
    totals = [pair for pair in columns if pair[1] not in sectors and pair[1] not in _DEMAND_2013]
    if len(totals) != 1:
        raise DataError(
            f"There are {len(totals)} columns that are neither an industry nor final demand.",
            where=label,
            expected="one, with gross output, at the end",
            next_step="Export the sheet whole; the file may be truncated.",
        )
    renamed = [
        ("TOT", "TOT") if pair == totals[0] else (pair[0], _DEMAND_2013.get(pair[1], pair[1]))
        for pair in columns
    ]
    return _assemble(
        "wiod-2013",
        f"World Input-Output Table {year}, release of 2013",
        year,
        rows,
        renamed,
        body,
        sectors,
        tuple(_DEMAND_2013.values()),
        primary.get(_VALUE_ADDED_2013),
        [amounts for name, amounts in primary.items() if name not in known],
        [name for name in (_VALUE_ADDED_2013, _OUTPUT_2013) if name not in primary],
        label,
        options,
    )


def _assemble(
    format_name: str,
    title: str,
    year: int,
    rows: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    body: Sequence[NDArray[np.float64]],
    sectors: tuple[str, ...],
    categories: tuple[str, ...],
    value_added: NDArray[np.float64] | None,
    adjustments: Sequence[NDArray[np.float64]],
    absent: Sequence[str],
    label: str,
    options: ReadOptions,
) -> InputOutputTable:
    """Put rows and columns in one order, whatever theirs was."""
    if absent or value_added is None:
        raise DataError(
            f"Rows below the industries are missing: {', '.join(absent)}.",
            where=label,
            expected="rows with taxes, adjustments, value added and output",
            next_step="The file looks truncated: download it again.",
        )
    users = [pair for pair in columns if pair[1] in sectors]
    require_same_labels(["_".join(pair) for pair in rows], ["_".join(pair) for pair in users], label)
    regions, _ = split_blocks(rows, label)
    demand = [(region, category) for region in regions for category in categories]
    column_at: Mapping[tuple[str, str], int] = {pair: i for i, pair in enumerate(columns)}
    lacking = [" ".join(pair) for pair in demand if pair not in column_at]
    if lacking:
        raise DataError(
            f"{len(lacking)} columns of final demand are missing: {', '.join(lacking[:5])}.",
            where=label,
            expected=f"{', '.join(categories)} for every economy",
            next_step="The file looks truncated: download it again.",
        )
    nodes = [(region, sector) for region in regions for sector in sectors]
    row_at = {pair: i for i, pair in enumerate(rows)}
    matrix = np.asarray(body)[[row_at[pair] for pair in nodes]]
    use = [column_at[pair] for pair in nodes]
    taxes = np.zeros(len(nodes))
    for amounts in adjustments:
        taxes += amounts[use]
    code: Callable[[str], str] = lambda region: economy_code(region, options, f"{label}, country {region}")  # noqa: E731
    return finish(
        format_name=format_name,
        year=year,
        countries=tuple(code(region) for region in regions),
        sectors=sectors,
        flows=matrix[:, use],
        final_demand=matrix[:, [column_at[pair] for pair in demand]],
        final_demand_labels=[(code(region), category) for region, category in demand],
        output=matrix[:, column_at["TOT", "TOT"]],
        value_added=value_added[use],
        taxes=taxes,
        options=options,
        notes=Notes(),
        where=label,
        metadata={
            "title": title,
            "citation": _CITATION,
            "licence": _LICENCES[format_name],
            "sector_scheme": format_name,
        },
        default_world_output_musd=WORLD_OUTPUT_MUSD,
    )


def _split_2016(name: str, codes: Mapping[int, str], label: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Z]{3})(\d+)", name)
    number = int(match[2]) if match else 0
    found = codes.get(number) or _DEMAND_2016.get(number)
    if match is None or found is None:
        raise DataError(
            f"The column {name!r} is not known.",
            where=f"{label}, row 1",
            expected="an economy and a number, such as NLD17, up to 61, and TOT",
            next_step="Check the edition of the table; the file may be truncated.",
        )
    return match[1], found


def _number(text: str, where: str) -> int:
    if not re.fullmatch(r"\d{1,3}(\.0)?", text):
        raise DataError(f"There is {text!r} where a number belongs.", where=where, expected="a whole number")
    return int(float(text))


def _year(years: set[str], label: str, options: ReadOptions) -> int:
    said = sorted(year for year in years if re.fullmatch(r"(19|20)\d\d(\.0)?", year))
    if len(said) > 1:
        raise DataError(f"The file has several years: {', '.join(said)}.", where=label, expected="one year")
    return int(float(said[0])) if said else options.required_year(label)
