r"""Which economy buys final goods, for tables that do not say it.

Let :math:`Z^s_{oc}` be what producers in economy c buy of good s from origin o, and :math:`F^s_o` what origin
o delivers of s to final users anywhere. The rule "proportional" gives

.. math:: F^s_{oc} = F^s_o \, Z^s_{oc} / \sum_c Z^s_{oc}

so that what every origin delivers of every good (the rows of the table) is kept, and final users of a
good have about the same suppliers as producers in the same economy. Totals by economy follow from it, and
need not be plausible: an economy that works up much for others is given many final goods.

The rule "balanced" keeps the rows too, and in addition the total of every economy: final purchases equal
value added plus a trade deficit that is given (0 when left out). It starts from the rule above and scales
columns and rows in turn (Deming and Stephan 1940, known as RAS), which changes the starting point as little
as possible in the sense of relative entropy. It needs no more data than value added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError

__all__ = ["FinalDeliveries", "FinalRule", "allocate_final_deliveries", "final_deliveries_given"]

Floats = NDArray[np.float64]
FinalRule = Literal["given", "proportional", "balanced"]

_ROUNDING_MUSD = 1e-6
_BALANCE_TOLERANCE = 1e-10
_BALANCE_STEPS = 5_000


@dataclass(frozen=True, slots=True)
class FinalDeliveries:
    """Deliveries to final users by origin, sector and economy of the user.

    Attributes
    ----------
    value_musd : numpy.ndarray, shape (J, N, N)
        ``[sector, buyer, seller]``, million US dollars, at least 0.
    notes : tuple of str
        What was assumed or mended.
    """

    value_musd: Floats
    notes: tuple[str, ...]


def final_deliveries_given(table: InputOutputTable) -> FinalDeliveries:
    """Take the final deliveries that a table gives by destination.

    Negative deliveries (mostly stocks drawn down) are set to 0 and the others of the same origin and good are
    scaled, so that the origin's total stays. Where that total is itself negative all of them are 0, and the
    origin is left with more sales than output.

    Parameters
    ----------
    table : InputOutputTable

    Raises
    ------
    DataError
        If the table does not say who uses its final goods.
    """
    if not table.has_destinations:
        raise DataError(
            f"The table {table.name} does not say which economy uses its final goods.",
            where=f"table {table.name}, final demand",
            expected="final demand by destination",
            next_step='Use the rule "proportional" or "balanced", or read a full release.',
        )
    economies, sectors = len(table.countries), len(table.sectors)
    place = {code: number for number, code in enumerate(table.countries)}
    by_user = np.zeros((economies * sectors, economies))
    for column, (code, _) in enumerate(table.final_demand_labels):
        by_user[:, place[code]] += table.final_demand_musd[:, column]
    totals = by_user.sum(axis=1)
    positive = np.maximum(by_user, 0.0)
    kept = positive.sum(axis=1)
    factor = np.divide(np.maximum(totals, 0.0), kept, out=np.zeros_like(kept), where=kept > 0)
    negative = by_user < 0
    notes: list[str] = []
    if negative.any():
        notes.append(
            f"{int(negative.sum()):,} negative final deliveries (-{-by_user[negative].sum():,.0f} million US "
            "dollars, mostly stocks drawn down) were set to 0 and the others of the same origin and sector "
            "scaled to their total."
        )
    if (totals < -_ROUNDING_MUSD).any():
        notes.append(
            f"Final deliveries of {_nodes(table, totals < -_ROUNDING_MUSD)} are negative in total and were "
            "set to 0."
        )
    musd = (positive * factor[:, None]).reshape(economies, sectors, economies)
    return FinalDeliveries(np.ascontiguousarray(musd.transpose(1, 2, 0)), tuple(notes))


def allocate_final_deliveries(
    intermediate_musd: Floats,
    totals_musd: Floats,
    *,
    spending_musd: Floats | None = None,
    where: str = "final deliveries",
) -> Floats:
    """Allocate final deliveries to buyers in proportion to their intermediate purchases of the same good.

    Parameters
    ----------
    intermediate_musd : numpy.ndarray, shape (J, N, N)
        Purchases by producers, ``[sector, buyer, seller]``, million US dollars.
    totals_musd : numpy.ndarray, shape (J, N)
        Final deliveries of every sector and seller, at least 0.
    spending_musd : numpy.ndarray, shape (N,), optional
        What final users of every economy spend; with it rows and columns are scaled in turn (RAS).
    where : str
        For the message.

    Returns
    -------
    numpy.ndarray, shape (J, N, N)
        Their sum over buyers is `totals_musd`. A seller without intermediate deliveries of a good keeps its
        final deliveries of it at home.

    Raises
    ------
    DataError
        If a total is negative, or no allocation meets both totals.

    Examples
    --------
    >>> bought = np.array([[[6.0, 1.0], [2.0, 3.0]]])
    >>> allocate_final_deliveries(bought, np.array([[4.0, 8.0]]))[0]
    array([[3., 2.],
           [1., 6.]])
    """
    if (totals_musd < 0).any():
        raise DataError(
            "Final deliveries are negative in total.", where=where, expected="amounts of at least 0"
        )
    sold = intermediate_musd.sum(axis=1)
    economies = sold.shape[1]
    shares = np.divide(
        intermediate_musd,
        sold[:, None, :],
        out=np.zeros_like(intermediate_musd),
        where=sold[:, None, :] > 0,
    )
    at_home = ~(sold > 0)
    for sector, seller in np.argwhere(at_home):
        shares[sector, seller, seller] = 1.0
    allocated: Floats = shares * totals_musd[:, None, :]
    if spending_musd is None:
        return allocated
    wanted = spending_musd * (totals_musd.sum() / spending_musd.sum())
    gap = np.inf
    for _ in range(_BALANCE_STEPS):
        now = allocated.sum(axis=(0, 2))
        gap = float(np.max(np.abs(now - wanted)) / (wanted.sum() / economies))
        if gap <= _BALANCE_TOLERANCE:
            return allocated
        allocated *= np.divide(wanted, now, out=np.zeros_like(now), where=now > 0)[None, :, None]
        rows = allocated.sum(axis=1)
        allocated *= np.divide(totals_musd, rows, out=np.zeros_like(rows), where=rows > 0)[:, None, :]
    raise DataError(
        f"No allocation of final deliveries meets the totals of origins and of buyers (off by {gap:.1e}).",
        where=where,
        expected="final purchases of every economy that its suppliers can meet",
        next_step='Use the rule "proportional".',
    )


def _nodes(table: InputOutputTable, marks: NDArray[np.bool_]) -> str:
    found = [table.nodes[i] for i in np.flatnonzero(marks)]
    named = ", ".join(found[:3])
    return named if len(found) <= 3 else f"{named} and {len(found) - 3} more"
