"""Repairs of the accounts of an input-output table: only on request, and written into its notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.errors import UnknownCodeError

__all__ = ["REPAIRS", "repair"]

FloatArray = NDArray[np.float64]


@dataclass(slots=True)
class _Accounts:
    """The arrays of a table while they are mended."""

    flows: FloatArray
    demand: FloatArray
    output: FloatArray
    value_added: FloatArray
    taxes: FloatArray
    buffer_column: NDArray[np.intp]
    """For each node, the column of final demand of its economy that takes what has to go somewhere."""


@dataclass(frozen=True, slots=True)
class _Repair:
    explanation: str
    mend: Callable[[_Accounts], tuple[int, float]]


def _negative_cells(accounts: _Accounts) -> tuple[int, float]:
    rows, columns = np.nonzero(accounts.flows < 0.0)
    amounts = accounts.flows[rows, columns]
    accounts.flows[rows, columns] = 0.0
    np.add.at(accounts.demand, (rows, accounts.buffer_column[columns]), amounts)
    np.add.at(accounts.value_added, columns, amounts)
    return len(rows), float(-amounts.sum())


def _trade_without_output(accounts: _Accounts) -> tuple[int, float]:
    idle = np.flatnonzero(accounts.output <= 0.0)
    bought, sold = accounts.flows[:, idle].copy(), accounts.flows[idle, :].copy()
    touched = int(np.count_nonzero(bought.sum(axis=0) + sold.sum(axis=1)))
    moved = float(np.abs(bought).sum() + np.abs(sold).sum() - np.abs(bought[idle]).sum())
    # What an idle node bought is used in its economy; what it sold was value added of the buyer.
    for k, node in enumerate(idle):
        accounts.demand[:, accounts.buffer_column[node]] += bought[:, k]
    accounts.flows[:, idle] = 0.0
    accounts.value_added += sold.sum(axis=0)
    accounts.flows[idle, :] = 0.0
    accounts.demand[idle, :] = 0.0
    accounts.output[idle] = accounts.value_added[idle] = accounts.taxes[idle] = 0.0
    return touched, moved


def _inputs_exceed_output(accounts: _Accounts) -> tuple[int, float]:
    inputs = accounts.flows.sum(axis=0)
    room = np.maximum(accounts.output - np.maximum(accounts.taxes, 0.0), 0.0)
    columns = np.flatnonzero(inputs > room)
    moved = 0.0
    for column in columns:
        freed = accounts.flows[:, column] * (1.0 - room[column] / inputs[column])
        accounts.flows[:, column] -= freed
        accounts.demand[:, accounts.buffer_column[column]] += freed
        moved += float(freed.sum())
    accounts.value_added[columns] = (accounts.output - accounts.flows.sum(axis=0) - accounts.taxes)[columns]
    return len(columns), moved


def _rows(accounts: _Accounts) -> tuple[int, float]:
    gaps = accounts.output - accounts.flows.sum(axis=1) - accounts.demand.sum(axis=1)
    nodes = np.arange(len(gaps))
    accounts.demand[nodes, accounts.buffer_column] += gaps
    return int(np.count_nonzero(gaps)), float(np.abs(gaps).sum())


def _columns(accounts: _Accounts) -> tuple[int, float]:
    found = accounts.output - accounts.flows.sum(axis=0) - accounts.taxes
    gaps = found - accounts.value_added
    accounts.value_added[:] = found
    return int(np.count_nonzero(gaps)), float(np.abs(gaps).sum())


_REPAIRS: Mapping[str, _Repair] = MappingProxyType(
    {
        "negative_cells": _Repair(
            "negative deliveries were set to zero; final demand of the buyer's economy and the buyer's value "
            "added carry them",
            _negative_cells,
        ),
        "trade_without_output": _Repair(
            "nodes without output were emptied; final demand of their economy carries what they bought, the "
            "buyers' value added what they sold",
            _trade_without_output,
        ),
        "inputs_exceed_output": _Repair(
            "inputs of nodes that bought more than they made were scaled to their output; final demand of "
            "their economy carries the rest, and their value added is zero",
            _inputs_exceed_output,
        ),
        "rows": _Repair("final demand of the delivering economy took the gaps of the rows", _rows),
        "columns": _Repair("value added was set to output less inputs and taxes", _columns),
    }
)

REPAIRS: Mapping[str, str] = MappingProxyType({name: found.explanation for name, found in _REPAIRS.items()})
"""Repairs by name, with what they do, in the order in which they are applied."""


def repair(table: InputOutputTable, names: Iterable[str]) -> InputOutputTable:
    """Mend the accounts of a table by name, each repair noted in the metadata.

    Gross output stays as it is, except where a repair says otherwise. What has to go somewhere goes to the
    last column of final demand of the economy concerned (mostly inventories), or to the one column of a
    table without destinations.

    Parameters
    ----------
    table : InputOutputTable
        The table; it is not changed.
    names : iterable of str
        Names among `REPAIRS`; they are applied in the order of `REPAIRS`.

    Returns
    -------
    InputOutputTable

    Raises
    ------
    UnknownCodeError
        If there is no repair of a name.

    Examples
    --------
    >>> table = InputOutputTable("made", 2022, ("NLD",), ("A", "B"),
    ...     flows_musd=np.array([[1.0, -1.0], [0.0, 2.0]]), final_demand_musd=np.array([[10.0], [8.0]]),
    ...     final_demand_labels=(("NLD", "total"),), output_musd=np.array([10.0, 10.0]))
    >>> mended = repair(table, ["negative_cells"])
    >>> mended.flows_musd.min(), mended.final_demand_musd[0, 0], len(mended.metadata["notes"])
    (np.float64(0.0), np.float64(9.0), 1)
    """
    wanted = set(names)
    unknown = sorted(wanted - set(REPAIRS))
    if unknown:
        raise UnknownCodeError(
            f"There is no repair named {', '.join(map(repr, unknown))}.",
            expected=f"names among {', '.join(REPAIRS)}",
        )
    accounts = _Accounts(
        flows=np.array(table.flows_musd, dtype=np.float64),
        demand=np.array(table.final_demand_musd),
        output=np.array(table.output_musd),
        value_added=np.array(table.value_added_musd),
        taxes=np.array(table.taxes_musd),
        buffer_column=_buffer_columns(table),
    )
    notes = list(table.metadata.get("notes", ()))
    for name, found in _REPAIRS.items():
        if name in wanted:
            count, moved_musd = found.mend(accounts)
            notes.append(
                f"Repair {name}: {count:,} found, {moved_musd:,.3f} million USD moved; {REPAIRS[name]}."
            )
    metadata: dict[str, Any] = {**table.metadata, "notes": notes}
    return replace(
        table,
        flows_musd=accounts.flows,
        final_demand_musd=accounts.demand,
        output_musd=accounts.output,
        value_added_musd=accounts.value_added,
        taxes_musd=accounts.taxes,
        metadata=metadata,
    )


def _buffer_columns(table: InputOutputTable) -> NDArray[np.intp]:
    last = {place: i for i, (place, _) in enumerate(table.final_demand_labels)}
    fallback = len(table.final_demand_labels) - 1
    by_country = [last.get(country, fallback) for country in table.countries]
    return np.repeat(np.array(by_country, dtype=np.intp), len(table.sectors))
