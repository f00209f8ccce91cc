"""Hypothetical extraction: what hangs on a supplier's deliveries, if nothing could take their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from geomonitor.chains.leontief import LeontiefSystem
from geomonitor.chains.selection import economies_of, nodes_of, sectors_of
from geomonitor.errors import DataError

__all__ = ["Extraction", "extract_supplier"]

NO_SUBSTITUTION = "upper bound: no substitution, no stocks, no other supplier steps in"


@dataclass(frozen=True, slots=True)
class Extraction:
    """What would be lost if deliveries of inputs stopped and nothing took their place.

    Attributes
    ----------
    table : polars.DataFrame
        `economy`, `output_musd`; upstream, what suppliers no longer sell while final demand stays:
        `output_loss_musd`, `output_loss_share`, `value_added_loss_musd`; downstream, the output of
        users whose value reaches them through the deliveries that stop: `downstream_loss_musd`,
        `downstream_loss_share`.
    label : str
        What the numbers are: an upper bound without substitution.
    """

    table: pl.DataFrame
    label: str = NO_SUBSTITUTION


def extract_supplier(
    system: LeontiefSystem,
    to: str,
    origin: str,
    *,
    sectors: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Extraction:
    r"""Stop the deliveries of inputs from one economy to another.

    Upstream, final demand is unchanged and inputs that stop are not needed; downstream, primary
    inputs are unchanged and value that came through the deliveries is missing (Ghosh):

    .. math:: \Delta x = x - (I - A^*)^{-1} f, \quad \Delta x'_j / x_j = 1 - [v' (I - A^*)^{-1}]_j

    Parameters
    ----------
    system : LeontiefSystem
    to : str
        Who no longer receives: an economy of the table, or a group.
    origin : str
        Who no longer delivers.
    sectors : sequence of str, optional
        Codes or families of the sectors of `origin` whose deliveries stop; all by default.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    Extraction

    Raises
    ------
    DataError
        If receiver and supplier overlap.

    Notes
    -----
    Dietzenbacher, van Burken and Kondo (2019), Hypothetical extractions from a global perspective,
    Economic Systems Research 31(4). `A*` differs from `A` in one block, so the factorisation of
    `A` is used again: one substitution a sector that stops (Woodbury).

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("CHN", "NLD"), ("A",), np.array([[0.0, 50.0], [0.0, 0.0]]),
    ...     np.array([[0.0], [100.0]]), (("*", "total"),), np.array([50.0, 100.0]))
    >>> extract_supplier(leontief_system(table), "NLD", "CHN").table["output_loss_musd"].to_list()
    [50.0, 0.0]
    """
    table = system.table
    receivers, suppliers = economies_of(table, to, groups), economies_of(table, origin, groups)
    if set(receivers) & set(suppliers):
        raise DataError(
            f"{origin} cannot be cut off from itself.",
            where="options to and from",
            expected="a receiver and a supplier that do not overlap",
        )
    rows = nodes_of(table, suppliers, sectors_of(table, sectors))
    columns = nodes_of(table, receivers)
    output = np.asarray(table.output_musd, dtype=np.float64)
    # A* = A - E C with C the block of coefficients that stops, so (I - A*) = (I - A) + E C
    block = np.zeros((len(rows), system.size))
    block[:, columns] = system.coefficients(columns)[rows]
    unit = np.zeros((system.size, len(rows)))
    unit[rows, np.arange(len(rows))] = 1.0
    response = system.requirements(unit)
    small = np.eye(len(rows)) + block @ response
    loss = response @ np.linalg.solve(small, block @ output)
    # the same block from below: v'L is 1 for every node that produces
    held = np.asarray(output > 0, dtype=np.float64)
    missing = system.contents(block.T) @ np.linalg.solve(small.T, held[rows])
    economies = np.repeat(np.arange(len(table.countries)), len(table.sectors))

    def by_economy(values: np.ndarray) -> np.ndarray:
        return np.bincount(economies, weights=values, minlength=len(table.countries))

    total, lost = by_economy(output), by_economy(loss)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = lost / total
        downstream = by_economy(missing * output)
        downstream_share = downstream / total
    return Extraction(
        table=pl.DataFrame(
            {
                "economy": list(table.countries),
                "output_musd": total,
                "output_loss_musd": lost,
                "output_loss_share": share,
                "value_added_loss_musd": by_economy(loss * system.value_added_share),
                "downstream_loss_musd": downstream,
                "downstream_loss_share": downstream_share,
            }
        ).with_columns(pl.col("output_loss_share", "downstream_loss_share").fill_nan(None))
    )
