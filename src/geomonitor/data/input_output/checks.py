"""Named checks of the accounts of an input-output table: what does not add up, and the worst cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.data.input_output.table import InputOutputTable, worst_cells
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "ACCOUNT_CHECKS",
    "WORLD_OUTPUT_MUSD",
    "AccountCheck",
    "check_accounts",
    "require_balance",
    "require_unit",
]

FloatArray = NDArray[np.floating[Any]]

WORLD_OUTPUT_MUSD = 1e8
"""World gross output, in million USD, to the order of magnitude: 6e7 in 1995, 2e8 in 2022."""

_RELATIVE_TOLERANCE = 1e-3  # of output: published tables are rounded and estimated
_ABSOLUTE_TOLERANCE_MUSD = 1.0
_ORDER = 12.0  # how far from the yardstick a unit may be
_THOUSAND = (250.0, 4000.0)
_FINDING = {"node": pl.String, "counterpart": pl.String, "amount_musd": pl.Float64, "share": pl.Float64}


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What a check of the accounts found.

    Parameters
    ----------
    name : str
        Name of the check.
    severity : str
        ``error``: measures would be wrong; ``warning``: look before you use them; ``information``.
    count : int
        How many cells or nodes it found.
    worst : polars.DataFrame
        The worst of them: ``node``, ``counterpart`` (the using node or the column of final demand, where
        there is one), ``amount_musd`` in million USD, ``share`` of the node's output.
    explanation : str
        What it means.
    """

    name: str
    severity: str
    count: int
    worst: pl.DataFrame
    explanation: str

    @property
    def failed(self) -> bool:
        """Whether measures from this table would be wrong."""
        return self.severity == "error" and self.count > 0


@dataclass(frozen=True, slots=True)
class _Rule:
    severity: str
    explanation: str
    find: Callable[[InputOutputTable, int], tuple[int, pl.DataFrame]]


def _tolerance_musd(table: InputOutputTable, cells: int) -> FloatArray:
    # Numbers rounded to a unit can add up to half a unit a cell, and no more.
    rounding = float(table.metadata.get("rounding_musd", 0.0)) * cells
    return np.maximum(
        _ABSOLUTE_TOLERANCE_MUSD + rounding, _RELATIVE_TOLERANCE * np.abs(np.asarray(table.output_musd))
    )


def _row_gaps(table: InputOutputTable) -> FloatArray:
    used = table.flows_musd.sum(axis=1, dtype=np.float64) + table.final_demand_musd.sum(axis=1)
    return np.asarray(used - table.output_musd)


def _column_gaps(table: InputOutputTable) -> FloatArray:
    inputs = table.flows_musd.sum(axis=0, dtype=np.float64)
    return np.asarray(inputs + table.value_added_musd + table.taxes_musd - table.output_musd)


def _beyond(table: InputOutputTable, gaps: FloatArray, cells: int, worst: int) -> tuple[int, pl.DataFrame]:
    found = np.where(np.abs(gaps) > _tolerance_musd(table, cells), gaps, 0.0)
    return int(np.count_nonzero(found)), _by_node(table, found, worst)


def _rows(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    cells = table.size + len(table.final_demand_labels)
    return _beyond(table, _row_gaps(table), cells, worst)


def _columns(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    return _beyond(table, _column_gaps(table), table.size, worst)


def _value_added(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    negative = np.where(table.value_added_musd < -_tolerance_musd(table, 0), table.value_added_musd, 0.0)
    return int(np.count_nonzero(negative)), _by_node(table, negative, worst)


def _no_inputs_left(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    inputs = table.flows_musd.sum(axis=0, dtype=np.float64)
    excess = inputs - np.asarray(table.output_musd)
    found = np.where(excess > _tolerance_musd(table, table.size), excess, 0.0)
    return int(np.count_nonzero(found)), _by_node(table, found, worst)


def _negative_cells(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    if not (table.flows_musd < 0.0).any():
        return 0, _frame([])
    negative = np.minimum(table.flows_musd, 0.0)
    cells = worst_cells(negative, (table.nodes, table.nodes), worst)
    rows = [(row, column, amount) for (row, column), amount in cells]
    return int(np.count_nonzero(negative)), _frame(_with_share(table, rows))


def _negative_final_demand(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    negative = np.minimum(table.final_demand_musd, 0.0)
    labels = tuple("_".join(label) for label in table.final_demand_labels)
    rows = [
        (row, column, amount) for (row, column), amount in worst_cells(negative, (table.nodes, labels), worst)
    ]
    return int(np.count_nonzero(negative)), _frame(_with_share(table, rows))


def _inactive_nodes(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    idle = np.flatnonzero(~table.active)
    nodes = table.nodes
    rows = [(nodes[i], None, float(table.output_musd[i]), None) for i in idle[:worst]]
    return len(idle), _frame(rows)


def _ghosts(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    traded = table.flows_musd.sum(axis=0, dtype=np.float64) + table.flows_musd.sum(axis=1, dtype=np.float64)
    found = np.where(table.active, 0.0, traded)
    return int(np.count_nonzero(found)), _by_node(table, found, worst)


def _units(table: InputOutputTable, worst: int) -> tuple[int, pl.DataFrame]:
    by_country = np.asarray(table.output_musd).reshape(len(table.countries), -1).sum(axis=1)
    total = float(by_country.sum())
    if WORLD_OUTPUT_MUSD / _ORDER <= total <= WORLD_OUTPUT_MUSD * _ORDER:
        return 0, _frame([])
    rows = [
        (country, None, amount, amount / total if total else None)
        for (country,), amount in worst_cells(by_country, (table.countries,), worst)
    ]
    return 1, _frame(rows)


def _by_node(table: InputOutputTable, amounts: FloatArray, worst: int) -> pl.DataFrame:
    rows = [(node, None, amount) for (node,), amount in worst_cells(amounts, (table.nodes,), worst)]
    return _frame(_with_share(table, rows))


def _with_share(
    table: InputOutputTable, rows: Iterable[tuple[str, str | None, float]]
) -> list[tuple[str, str | None, float, float | None]]:
    output_of = dict(zip(table.nodes, np.asarray(table.output_musd).tolist(), strict=True))
    return [
        (node, other, amount, amount / output_of[node] if output_of[node] else None)
        for node, other, amount in rows
    ]


def _frame(rows: Sequence[tuple[str, str | None, float, float | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_FINDING, orient="row")


_RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        "rows": _Rule(
            "error",
            "Deliveries and final demand differ from gross output by more than rounding, one per mille of "
            "output or 1 million USD, whichever is larger.",
            _rows,
        ),
        "columns": _Rule(
            "error",
            "Inputs, taxes and value added differ from gross output by more than rounding, one per mille of "
            "output or 1 million USD, whichever is larger.",
            _columns,
        ),
        "inputs_exceed_output": _Rule(
            "error",
            "A node buys more than it makes: the Leontief series need not converge.",
            _no_inputs_left,
        ),
        "value_added": _Rule(
            "warning",
            "Value added is negative: shares of value added in this node's product are outside 0 and 1.",
            _value_added,
        ),
        "negative_cells": _Rule(
            "error",
            "Negative intermediate deliveries: shares of inputs are outside 0 and 1.",
            _negative_cells,
        ),
        "negative_final_demand": _Rule(
            "information",
            "Negative final demand: mostly inventories that were drawn down.",
            _negative_final_demand,
        ),
        "trade_without_output": _Rule(
            "error",
            "Nodes without output that buy or deliver: coefficients per unit of output do not exist.",
            _ghosts,
        ),
        "inactive_nodes": _Rule(
            "information", "Nodes without output; measures leave them empty.", _inactive_nodes
        ),
        "units": _Rule(
            "warning",
            f"World output is not of the order of {WORLD_OUTPUT_MUSD:.0e} million USD: another unit, or not "
            "a table of the world.",
            _units,
        ),
    }
)

ACCOUNT_CHECKS: tuple[str, ...] = tuple(_RULES)
"""Names of the checks, in the order in which they run."""


def check_accounts(
    table: InputOutputTable, only: Iterable[str] | None = None, *, worst: int = 10
) -> tuple[AccountCheck, ...]:
    """Check the accounts of a table.

    Parameters
    ----------
    table : InputOutputTable
        What to check.
    only : iterable of str, optional
        Names among `ACCOUNT_CHECKS`; all when left out.
    worst : int
        How many of the worst cells to keep for each.

    Returns
    -------
    tuple of AccountCheck
        One a check, in the order of `ACCOUNT_CHECKS`.

    Raises
    ------
    UnknownCodeError
        If there is no check of a name.

    Examples
    --------
    >>> from geomonitor.data.input_output import embedded_input_output
    >>> [check.count for check in check_accounts(embedded_input_output(), ["rows", "columns"])]
    [0, 0]
    """
    wanted = set(ACCOUNT_CHECKS) if only is None else set(only)
    unknown = sorted(wanted - set(ACCOUNT_CHECKS))
    if unknown:
        raise UnknownCodeError(
            f"There is no check of accounts named {', '.join(map(repr, unknown))}.",
            expected=f"names among {', '.join(ACCOUNT_CHECKS)}",
        )
    results = []
    for name, rule in _RULES.items():
        if name in wanted:
            count, frame = rule.find(table, worst)
            results.append(AccountCheck(name, rule.severity, count, frame, rule.explanation))
    return tuple(results)


def require_balance(table: InputOutputTable, where: str) -> None:
    """Refuse a table whose rows or columns do not add up.

    Parameters
    ----------
    table : InputOutputTable
        What to check.
    where : str
        The file, for the message.

    Raises
    ------
    DataError
        Naming the worst nodes.
    """
    for check in check_accounts(table, ("rows", "columns"), worst=5):
        if check.count:
            cells = "; ".join(
                f"{row['node']} {row['amount_musd']:+,.3f} million USD" for row in check.worst.to_dicts()
            )
            raise DataError(
                f"{check.count:,} {check.name} do not balance, worst first: {cells}.",
                where=where,
                expected=check.explanation.replace("differ from", "equal").split(" by more", maxsplit=1)[0]
                + ".",
                next_step="Download the file again; or read it with check=False and look at check_accounts.",
            )


def require_unit(table: InputOutputTable, world_output_musd: float, where: str) -> None:
    """Refuse a table whose output is of another order than the yardstick.

    Parameters
    ----------
    table : InputOutputTable
        What to check.
    world_output_musd : float
        Gross output that is expected, in million USD.
    where : str
        The file, for the message.

    Raises
    ------
    DataError
        Naming the factor and the largest nodes.
    """
    output = np.asarray(table.output_musd)
    total = float(output.sum())
    if world_output_musd / _ORDER <= total <= world_output_musd * _ORDER:
        return
    factor = total / world_output_musd
    distance = max(factor, 1.0 / factor) if factor > 0 else 0.0
    cells = "; ".join(f"{node} {amount:,.3f}" for (node,), amount in worst_cells(output, (table.nodes,), 3))
    thousand = _THOUSAND[0] <= distance <= _THOUSAND[1]
    raise DataError(
        f"Gross output adds up to {total:,.0f} million USD, {factor:.3g} times what is expected"
        f"{': a unit mix-up of a factor thousand' if thousand else ''}. Largest: {cells}.",
        where=where,
        expected=f"about {world_output_musd:,.0f} million USD",
        next_step="Check the unit of the file, or give the option world_output_musd.",
    )
