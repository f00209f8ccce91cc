"""EXIOBASE 3: a folder or zip with ``Z.txt`` and ``Y.txt`` in million euro."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output.checks import WORLD_OUTPUT_MUSD
from geomonitor.data.input_output.readers.base import (
    ReadOptions,
    economy_code,
    finish,
    require_same_labels,
    require_unique,
    split_blocks,
)
from geomonitor.data.input_output.readers.matrix import MatrixFile, first_rows
from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.data.readers import Notes
from geomonitor.errors import DataError

__all__ = ["FILES", "read_exiobase_3"]

FILES: tuple[str, ...] = ("Z.txt", "Y.txt")
"""The files that are needed; ``unit.txt`` is compared with million euro where it is there."""

_UNIT = "M.EUR"


def read_exiobase_3(
    flows_file: Path, demand_file: Path, unit_file: Path | None, label: str, options: ReadOptions
) -> InputOutputTable:
    """Read the monetary tables of EXIOBASE 3; see `read_input_output`."""
    rate = options.required_rate(label)
    if unit_file is not None:
        _require_unit(unit_file, label)
    flows_table = _open(flows_file, f"{label}, {FILES[0]}")
    columns = [(pair[0], pair[1]) for pair in flows_table.columns]
    rows, flows = _read(flows_table, len(columns))
    where = f"{label}, {FILES[0]}"
    require_same_labels([" ".join(pair) for pair in rows], [" ".join(pair) for pair in columns], where)
    regions, sectors = split_blocks(rows, where)
    codes = {region: economy_code(region, options, f"{where}, region {region}") for region in regions}
    if rows != columns:
        raise DataError(
            "Rows and columns have the same labels in another order.",
            where=where,
            expected="the same order",
            next_step="Download the file again.",
        )
    demand_table = _open(demand_file, f"{label}, {FILES[1]}")
    demand_labels = [(pair[0], pair[1]) for pair in demand_table.columns]
    demand_rows, final_demand = _read(demand_table, len(rows))
    _require_rows_of(rows, demand_rows, f"{label}, {FILES[1]}")
    require_unique([" ".join(pair) for pair in demand_labels], "Columns", f"{label}, {FILES[1]}")
    place = {pair: i for i, pair in enumerate(demand_rows)}
    nodes = [(region, sector) for region in regions for sector in sectors]
    split_blocks(demand_labels, f"{label}, {FILES[1]}")
    if nodes != rows:
        at = {pair: i for i, pair in enumerate(rows)}
        order = [at[pair] for pair in nodes]
        flows = flows[np.ix_(order, order)]
    strangers = sorted({region for region, _ in demand_labels} ^ set(regions))
    if strangers:
        raise DataError(
            f"Final demand and deliveries have different regions: {', '.join(strangers[:5])}.",
            where=f"{label}, {FILES[1]}",
            expected="the same regions",
            next_step="The file looks truncated: download it again.",
        )
    final_demand = final_demand[[place[pair] for pair in nodes]]
    notes = Notes()
    notes.add(f"Million euro were converted at {rate:g} USD a euro.")
    notes.add("Gross output is the sum of the row and value added what the inputs leave of it.")
    found = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", Path(label).name)
    year = options.year or (int(found[0]) if found else options.required_year(label))
    return finish(
        format_name="exiobase-3",
        year=year,
        countries=tuple(codes[region] for region in regions),
        sectors=sectors,
        flows=flows,
        final_demand=final_demand,
        final_demand_labels=[(codes[region], category) for region, category in demand_labels],
        output=flows.sum(axis=1) + final_demand.sum(axis=1),
        value_added=None,
        taxes=None,
        options=options,
        notes=notes,
        where=label,
        musd_per_unit=rate,
        metadata={
            "title": f"EXIOBASE 3, {year}",
            "citation": "Stadler, K. et al. (2018). EXIOBASE 3. Journal of Industrial Ecology 22, 502-515.",
            "licence": "see the release",
            "usd_per_eur": rate,
        },
        default_world_output_musd=WORLD_OUTPUT_MUSD,
    )


def _require_rows_of(
    deliveries: Sequence[tuple[str, str]], demand: Sequence[tuple[str, str]], where: str
) -> None:
    require_unique([" ".join(pair) for pair in demand], "Rows", where)
    differing = sorted(set(deliveries) ^ set(demand))
    if differing:
        raise DataError(
            f"{FILES[0]} and {FILES[1]} have different rows: "
            f"{', '.join(' '.join(pair) for pair in differing[:5])}.",
            where=where,
            expected="the same regions and sectors in both",
            next_step="Take both files from one release and year.",
        )


def _open(path: Path, label: str) -> MatrixFile:
    top = first_rows(path, 3, "\t")
    # pandas writes the names of the label columns in a row of their own
    index_row = len(top) == 3 and bool(top[2]) and top[2][0] == "region" and not any(top[2][2:])
    if len(top) < 2 or [row[0] if row else "" for row in top[:2]] not in (
        ["region", "sector"],
        ["region", "category"],
    ):
        raise DataError(
            "The two rows on top do not name regions and sectors.",
            where=f"{label}, rows 1 and 2",
            expected="region and sector (or category), separated by tabs",
            next_step="Check that the file is of EXIOBASE 3 and whole.",
        )
    return MatrixFile(path, label, separator="\t", header_rows=2, label_columns=2, index_row=index_row)


def _read(file: MatrixFile, expected_rows: int) -> tuple[list[tuple[str, str]], NDArray[np.float64]]:
    """Fill the array block by block, so that text and numbers are never whole in memory together."""
    labels: list[tuple[str, str]] = []
    numbers = np.zeros((expected_rows, len(file.columns)))
    for block in file.blocks():
        start = len(labels)
        labels += [(fields[0], fields[1]) for fields in block.labels]
        if len(labels) > expected_rows:
            raise DataError(
                f"There are more than {expected_rows:,} rows.",
                where=file.label,
                expected=f"{expected_rows:,} rows",
                next_step="Download the file again.",
            )
        numbers[start : len(labels)] = block.numbers
    if len(labels) != expected_rows:
        raise DataError(
            f"There are {len(labels):,} rows; the last is {' '.join(labels[-1])}.",
            where=file.label,
            expected=f"{expected_rows:,} rows",
            next_step="The file looks truncated: download it again.",
        )
    return labels, numbers


def _require_unit(path: Path, label: str) -> None:
    rows: Sequence[Sequence[str]] = first_rows(path, 100_000, "\t")[1:]
    others = sorted({row[-1] for row in rows if row} - {_UNIT})
    if others or not rows:
        raise DataError(
            f"The unit is {', '.join(others[:5]) or 'not stated'}.",
            where=f"{label}, unit.txt",
            expected=f"{_UNIT} for every sector (the monetary tables)",
            next_step="Take the monetary tables, not the hybrid ones.",
        )
