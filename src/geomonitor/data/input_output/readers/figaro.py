"""FIGARO inter-country tables of Eurostat, industry by industry, in the flat CSV."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.data.input_output.checks import WORLD_OUTPUT_MUSD
from geomonitor.data.input_output.readers.base import (
    ReadOptions,
    economy_code,
    finish,
    require_scheme,
    split_blocks,
)
from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.data.readers import Notes
from geomonitor.data.readers.base import ROW
from geomonitor.data.readers.csvfile import Column, read_csv
from geomonitor.errors import DataError

__all__ = ["FINAL_DEMAND", "read_figaro"]

FINAL_DEMAND: tuple[str, ...] = ("P3_S13", "P3_S14", "P3_S15", "P51G", "P5M")
"""Government, households, non-profit institutions, fixed capital, inventories and valuables."""

Integers = NDArray[np.int32]

_SCHEME = "figaro-64"
_DOMESTIC = "W2"
_TAXES = ("D21X31", "OP_RES", "OP_NRES")
_VALUE_ADDED = ("D1", "D29X39", "B2A3G")
_KEYS = ("refArea", "rowPi", "counterpartArea", "colPi")
_COLUMNS = (*(Column(name, "text") for name in _KEYS), Column("obsValue", "number"))
_LICENCE = "Eurostat copyright notice, reuse authorised provided the source is acknowledged"


def read_figaro(path: Path, label: str, options: ReadOptions) -> InputOutputTable:
    """Read a flat CSV of FIGARO in million euro; see `read_input_output`."""
    rate = options.required_rate(label)
    notes = Notes()
    rows: dict[tuple[str, str], int] = {}
    columns: dict[tuple[str, str], int] = {}
    parts: list[tuple[Integers, Integers, NDArray[np.float64]]] = []
    for frame in read_csv(path, label, _COLUMNS, notes):
        _require_finite(frame, label)
        parts.append(
            (
                _number(frame, "refArea", "rowPi", rows),
                _number(frame, "counterpartArea", "colPi", columns),
                frame["obsValue"].to_numpy(),
            )
        )
    row, column, value = (np.concatenate([part[i] for part in parts]) for i in range(3))
    _require_single(row, column, list(rows), list(columns), label)

    producers = [pair for pair in rows if pair[0] != _DOMESTIC]
    users = [pair for pair in columns if pair[1] not in FINAL_DEMAND]
    demand = [pair for pair in columns if pair[1] in FINAL_DEMAND]
    sectors = require_scheme((sector for _, sector in producers), _SCHEME, f"{label}, rowPi")
    require_scheme((sector for _, sector in users), _SCHEME, f"{label}, colPi")
    areas, _ = split_blocks(producers, label)
    _require_areas(areas, users, demand, label)
    countries = tuple(economy_code(area, options, f"{label}, refArea") for area in areas)
    nodes = {(area, sector): i for i, (area, sector) in enumerate((a, s) for a in areas for s in sectors)}
    primary = {(_DOMESTIC, name): len(nodes) + i for i, name in enumerate((*_TAXES, *_VALUE_ADDED))}
    row_place = np.array([{**nodes, **primary}.get(_plain(pair), -1) for pair in rows])
    if (row_place < 0).any():
        strange = next(pair for pair, place in zip(rows, row_place, strict=True) if place < 0)
        raise DataError(
            f"A row is not known: {' '.join(strange)}.",
            where=f"{label}, refArea and rowPi",
            expected=f"an industry of an area, or {_DOMESTIC} with {', '.join((*_TAXES, *_VALUE_ADDED))}",
        )
    absent = set(primary.values()) - set(row_place.tolist())
    if absent:
        raise DataError(
            "Rows of taxes or value added are missing: "
            f"{', '.join(name for (_, name), place in primary.items() if place in absent)}.",
            where=f"{label}, rowPi",
            expected=f"{', '.join((*_TAXES, *_VALUE_ADDED))} for {_DOMESTIC}",
            next_step="The file looks truncated: download it again.",
        )
    demand_labels = [(area, name) for area in areas for name in FINAL_DEMAND]
    column_place = np.array(
        [nodes[pair] if pair in nodes else len(nodes) + demand_labels.index(pair) for pair in columns]
    )
    table = np.zeros((len(nodes) + len(primary), len(nodes) + len(demand_labels)))
    table[row_place[row], column_place[column]] = value
    lacking = table.size - len(value)
    if lacking:
        notes.add("{count} cells are not in the file and were read as 0.", lacking)

    size = len(nodes)
    named = re.search(r"(?<!\d)(19|20)\d\d(?!\d)", Path(label).stem)
    year = options.year or (int(named[0]) if named else options.required_year(label))
    notes.add(f"Million euro were converted at {rate:g} USD a euro.")
    notes.add("Gross output is the sum of the row: the flat file states none.")
    return finish(
        format_name="figaro",
        year=year,
        countries=countries,
        sectors=sectors,
        flows=table[:size, :size],
        final_demand=table[:size, size:],
        final_demand_labels=[(countries[areas.index(area)], name) for area, name in demand_labels],
        output=table[:size].sum(axis=1),
        value_added=table[size + len(_TAXES) :, :size].sum(axis=0),
        taxes=table[size : size + len(_TAXES), :size].sum(axis=0),
        options=options,
        notes=notes,
        where=label,
        musd_per_unit=rate,
        metadata={
            "title": f"FIGARO inter-country input-output table, industry by industry, {year}",
            "citation": "Eurostat, FIGARO tables, with the edition and the date of access",
            "licence": _LICENCE,
            "sector_scheme": _SCHEME,
            "usd_per_eur": rate,
        },
        default_world_output_musd=WORLD_OUTPUT_MUSD,
    )


def _plain(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[0], pair[1].removeprefix(f"{_DOMESTIC}_")


def _number(frame: pl.DataFrame, area: str, code: str, known: dict[tuple[str, str], int]) -> Integers:
    """Give pairs of labels numbers, in order of appearance over the whole file."""
    pairs = frame.select(area, code).unique(maintain_order=True)
    for pair in pairs.iter_rows():
        known.setdefault((pair[0].strip(), pair[1].strip()), len(known))
    numbers = pairs.with_columns(
        pl.Series("__place", [known[a.strip(), c.strip()] for a, c in pairs.iter_rows()], dtype=pl.Int32)
    )
    return (
        frame.select(area, code)
        .join(numbers, on=[area, code], how="left", maintain_order="left")["__place"]
        .to_numpy()
    )


def _require_finite(frame: pl.DataFrame, label: str) -> None:
    wrong = frame.filter(~pl.col("obsValue").is_finite())
    if wrong.height:
        first = wrong.row(0, named=True)
        raise DataError(
            f"{wrong.height:,} values are not finite, first: {' '.join(first[key] for key in _KEYS)}.",
            where=f"{label}, row {first[ROW]}, column obsValue",
            expected="finite numbers",
            next_step="Correct the rows, or download the file again.",
        )


def _require_single(
    row: Integers,
    column: Integers,
    rows: list[tuple[str, str]],
    columns: list[tuple[str, str]],
    label: str,
) -> None:
    counts = np.zeros((len(rows), len(columns)), dtype=np.uint8)
    seen = row.astype(np.int64) * len(columns) + column
    found, times = np.unique(seen, return_counts=True)
    counts.ravel()[found] = np.minimum(times, 2)
    if (counts > 1).any():
        i, j = np.argwhere(counts > 1)[0]
        raise DataError(
            f"{int((counts > 1).sum()):,} cells occur more than once, first: "
            f"{' '.join(rows[i])} to {' '.join(columns[j])}.",
            where=label,
            expected="each cell once",
            next_step="Download the file again.",
        )


def _require_areas(
    areas: tuple[str, ...], users: list[tuple[str, str]], demand: list[tuple[str, str]], label: str
) -> None:
    for what, pairs, wanted in (
        ("using industries", users, len(users) // max(len(areas), 1)),
        ("final demand", demand, len(FINAL_DEMAND)),
    ):
        have: dict[str, int] = dict.fromkeys(areas, 0)
        for area, _ in pairs:
            if area not in have:
                raise DataError(
                    f"The area {area} has {what} and no delivering industries.",
                    where=f"{label}, counterpartArea",
                    expected="the same areas in rows and columns",
                    next_step="The file looks truncated: download it again.",
                )
            have[area] += 1
        lacking = [area for area, count in have.items() if count != wanted]
        if lacking:
            raise DataError(
                f"{what.capitalize()} are incomplete for {', '.join(lacking[:5])}.",
                where=f"{label}, counterpartArea and colPi",
                expected=f"{wanted} columns for each area",
                next_step="The file looks truncated: download it again.",
            )
