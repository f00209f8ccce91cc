"""OECD Inter-Country Input-Output tables: ``2022_SML.csv`` and the like."""

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
    require_scheme,
    require_unique,
)
from geomonitor.data.input_output.readers.matrix import MatrixFile
from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.data.readers import Notes
from geomonitor.errors import DataError

__all__ = ["FINAL_DEMAND", "read_oecd_icio"]

FINAL_DEMAND: tuple[str, ...] = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
"""Suffixes of the columns of final demand."""

_SCHEME = "oecd-icio-2025"
_OUTPUT = "OUT"
_PRIMARY = ("TLS", "VA", _OUTPUT)
# China and Mexico are split by kind of exporter in some files: the parts and the whole.
_PARTS = {"CN1": "CHN", "CN2": "CHN", "MX1": "MEX", "MX2": "MEX"}
_CITATION = "OECD Inter-Country Input-Output Database, http://oe.cd/icio"


def read_oecd_icio(path: Path, label: str, options: ReadOptions) -> InputOutputTable:
    """Read a table of the OECD in million USD; see `read_input_output`."""
    notes = Notes()
    file = MatrixFile(path, label)
    columns = [name for (name,) in file.columns]
    nodes = [name for name in columns if name != _OUTPUT and name.partition("_")[2] not in FINAL_DEMAND]
    demand = [name for name in columns if name.partition("_")[2] in FINAL_DEMAND]
    _require_columns(columns, nodes, demand, label)
    require_unique(columns, "Columns", label)
    sectors = require_scheme((name.partition("_")[2] for name in nodes), _SCHEME, label)
    countries = tuple(dict.fromkeys(_country(name, options, label) for name in nodes))
    place = {name: i for i, name in enumerate(f"{c}_{s}" for c in countries for s in sectors)}
    target = {name: place[f"{_country(name, options, label)}_{name.partition('_')[2]}"] for name in nodes}
    demand_labels = list(
        dict.fromkeys((_country(name, options, label), name.partition("_")[2]) for name in demand)
    )
    demand_target = [
        demand_labels.index((_country(name, options, label), name.partition("_")[2])) for name in demand
    ]
    merged = sorted({name[:3] for name in nodes} & set(_PARTS))
    if merged:
        notes.add(f"{', '.join(merged)} were merged into {', '.join(sorted({_PARTS[p] for p in merged}))}.")

    size = len(place)
    position = {name: i for i, name in enumerate(columns)}
    flow_passes = _passes([(position[name], target[name]) for name in nodes])
    demand_passes = _passes(
        [(position[name], column) for name, column in zip(demand, demand_target, strict=True)]
    )
    flows = np.zeros((size, size))
    final_demand = np.zeros((size, len(demand_labels)))
    output = np.zeros(size)
    primary: dict[str, NDArray[np.float64]] = {}
    rows: list[str] = []
    for block in file.blocks():
        inputs = _gather(block.numbers, flow_passes, size)
        uses = _gather(block.numbers, demand_passes, len(demand_labels))
        for i, (name,) in enumerate(block.labels):
            rows.append(name)
            if name in target:
                node = target[name]
                flows[node] += inputs[i]
                final_demand[node] += uses[i]
                output[node] += block.numbers[i, position[_OUTPUT]]
            elif name in _PRIMARY:
                primary[name] = inputs[i].copy()
    require_same_labels([name for name in rows if name not in _PRIMARY], nodes, label)
    require_same_labels([name for name in rows if name in _PRIMARY], _PRIMARY, label)
    named = re.search(r"(19|20)\d\d", Path(label).name)
    year = options.year or (int(named[0]) if named else options.required_year(label))
    return finish(
        format_name="oecd-icio",
        year=year,
        countries=countries,
        sectors=sectors,
        flows=flows,
        final_demand=final_demand,
        final_demand_labels=demand_labels,
        output=output,
        value_added=primary["VA"],
        taxes=primary["TLS"],
        options=options,
        notes=notes,
        where=label,
        metadata={
            "title": f"OECD Inter-Country Input-Output table, {year}",
            "citation": _CITATION,
            "licence": "CC BY 4.0",
            "sector_scheme": _SCHEME,
        },
        default_world_output_musd=WORLD_OUTPUT_MUSD,
    )


def _country(name: str, options: ReadOptions, label: str) -> str:
    code = name.partition("_")[0]
    return _PARTS.get(code) or economy_code(code, options, f"{label}, label {name}")


def _require_columns(columns: Sequence[str], nodes: Sequence[str], demand: Sequence[str], label: str) -> None:
    if not nodes or not demand or _OUTPUT not in columns:
        raise DataError(
            "The file has no columns of an inter-country table.",
            where=f"{label}, row 1: {len(nodes):,} economies and sectors, {len(demand):,} of final demand, "
            f"{'with' if _OUTPUT in columns else 'without'} {_OUTPUT}",
            expected=f"columns such as NLD_C26, NLD_{FINAL_DEMAND[0]}, and {_OUTPUT} at the end",
            next_step="The file looks truncated or is another one: download it again.",
        )


def _passes(pairs: Sequence[tuple[int, int]]) -> list[tuple[list[int], list[int]]]:
    """Group source and target columns so that no target occurs twice in a group."""
    seen: dict[int, int] = {}
    groups: list[tuple[list[int], list[int]]] = []
    for source, target in pairs:
        turn = seen.get(target, 0)
        seen[target] = turn + 1
        if turn == len(groups):
            groups.append(([], []))
        groups[turn][0].append(source)
        groups[turn][1].append(target)
    return groups


def _gather(
    numbers: NDArray[np.float64], passes: Sequence[tuple[list[int], list[int]]], width: int
) -> NDArray[np.float64]:
    gathered = np.zeros((len(numbers), width))
    for sources, targets in passes:
        gathered[:, targets] += numbers[:, sources]
    return gathered
