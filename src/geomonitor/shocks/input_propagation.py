r"""Production lost when deliveries of inputs stop and only critical inputs bind.

With :math:`y_i` the part of its output that node i still makes and :math:`\rho_i` the part of its
deliveries that still arrives, user j can have of input k, whoever delivered it,

.. math:: r_{kj} = \frac{\sum_c Z_{ckj} \rho_{ck} (1 - d_{ckj})}{\sum_c Z_{ckj}},

and makes :math:`y_j = \min(1, \min_{k\ critical} r_{kj}, \min_{k\ important} (1 + r_{kj})/2, 1 - \sum_{k\
other} a_{kj} (1 - r_{kj}))`: a critical input stops production, half of it goes on without an important
one, and any other input costs no more than its own value.

Why it ends: all these are increasing functions of y, so repeating them from y = 1 gives a falling sequence
that is bounded by 0. It has a limit; as the functions are continuous, the limit solves the equations, and it
is the largest solution: any other one lies below the start, hence below every step. The iteration stops where
the steps that would follow take off less than its tolerance, and is refused where that takes too long.

Rationing decides how far a loss travels. Where industries come first, users get what they had as long as
output covers what industries took, and final users go short before them; in proportion, all go short alike,
and a sector that needs its own product can dry up: the loss d becomes d / (1 - h) where h is its own share,
and in a real table with critical inputs production everywhere can fall to nothing (Pichler and Farmer 2022).
With no critical inputs and rationing in proportion, the loss is that of hypothetical extraction downstream.

Sources: Pichler, Pangallo, del Rio-Chanona, Lafond and Farmer (2022), Journal of Economic Dynamics and
Control 144; Pichler and Farmer (2022), Economic Systems Research 34(3), on rationing.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError

__all__ = ["InputPropagation", "Rationing", "output_left"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rationing = Literal["inputs_first", "proportional"]

_TOLERANCE = 1e-9
_STEPS = 5_000
_BINDS = 1e-6


def output_left(
    table: InputOutputTable,
    denied: Floats,
    critical: Flags,
    important: Flags | None = None,
    *,
    rationing: Rationing = "inputs_first",
    tolerance: float = _TOLERANCE,
) -> tuple[Floats, int, float]:
    """Find the part of output that every node still makes: the largest fixed point.

    Parameters
    ----------
    table : InputOutputTable
    denied : numpy.ndarray of float, shape (nodes, economies)
        Part of the deliveries of a node to the industries of an economy that stops.
    critical, important : numpy.ndarray of bool, shape (sectors, sectors)
        ``[input, user]``.
    rationing : {'inputs_first', 'proportional'}
    tolerance : float
        On what the steps that are left out would still take off.

    Returns
    -------
    tuple of numpy.ndarray, int and float
        Parts of output, shape (nodes,), the number of steps, and how far they still are from the limit, by
        the rate at which steps become smaller.

    Raises
    ------
    DataError
        If the steps do not come to an end.
    """
    propagation = InputPropagation(table, denied, critical, important, rationing)
    left = np.ones(table.size)
    before, settled = np.inf, 0
    for step in range(1, _STEPS + 1):
        new = propagation.step(left)
        change = float(np.max(left - new, initial=0.0))
        rate = change / before if before > 0 else 0.0
        ahead = change * rate / (1 - rate) if rate < 1 else np.inf
        left, before = new, change
        # twice in a row, as one step may stall where a buffer takes the loss
        settled = settled + 1 if step > 1 and ahead <= tolerance else 0
        if change == 0 or settled == 2:
            return left, step, ahead if change else 0.0
    place = int(np.argmax(left - propagation.step(left)))
    raise DataError(
        f"Production still falls by {before:.2g} a step after {_STEPS} steps.",
        where=f"table {table.name}, node {table.nodes[place]}",
        expected="a sector that does not live on its own product alone",
        next_step='Use rationing="inputs_first", or take its own product off its critical inputs.',
    )


class InputPropagation:
    """One step of the propagation, with what does not change computed once."""

    def __init__(
        self,
        table: InputOutputTable,
        denied: Floats,
        critical: Flags,
        important: Flags | None,
        rationing: Rationing,
    ) -> None:
        self.countries, self.sectors = len(table.countries), len(table.sectors)
        self.flows = np.asarray(table.flows_musd).reshape(self.countries, self.sectors, table.size)
        self.rationing = rationing
        self.output = np.asarray(table.output_musd, dtype=np.float64)
        self.to_industries = np.asarray(table.flows_musd.sum(axis=1, dtype=np.float64))
        self.bought = self.flows.sum(axis=0, dtype=np.float64)
        self.has_inputs = self.bought > 0
        self.denied_blocks = [
            (place, rows, denied[rows, place][:, None] * self._block(rows, place))
            for place in range(self.countries)
            if len(rows := np.flatnonzero(denied[:, place]))
        ]
        important = np.zeros_like(critical) if important is None else important & ~critical
        # users in the order of the nodes: sectors of the first economy, then of the second
        self.binds = np.tile(critical, self.countries) & self.has_inputs
        self.halves = np.tile(important, self.countries) & self.has_inputs
        inverse = np.divide(1.0, self.output, out=np.zeros_like(self.output), where=self.output > 0)
        self.cost_shares = np.where(self.binds | self.halves, 0.0, self.bought * inverse)

    def _block(self, rows: NDArray[np.intp], place: int) -> Floats:
        columns = slice(place * self.sectors, (place + 1) * self.sectors)
        flat = self.flows.reshape(-1, self.flows.shape[2])
        return np.asarray(flat[rows, columns], dtype=np.float64)

    def available(self, left: Floats) -> Floats:
        """Give what every user can have of every input, as a part of what it took: (sectors, nodes)."""
        if self.rationing == "proportional":
            arrives = left
        else:
            possible = np.divide(
                left * self.output,
                self.to_industries,
                out=np.ones_like(left),
                where=self.to_industries > 0,
            )
            arrives = np.minimum(possible, 1.0)
        found = np.zeros_like(self.bought)
        for country in range(self.countries):
            part = arrives[country * self.sectors : (country + 1) * self.sectors]
            found += self.flows[country] * part[:, None]
        for place, rows, block in self.denied_blocks:
            columns = slice(place * self.sectors, (place + 1) * self.sectors)
            np.subtract.at(found[:, columns], rows % self.sectors, block * arrives[rows][:, None])
        return np.asarray(np.divide(found, self.bought, out=np.ones_like(found), where=self.has_inputs))

    def step(self, left: Floats) -> Floats:
        """Give the parts of output after one more round."""
        available = np.clip(self.available(left), 0.0, 1.0)
        bound = np.where(self.binds, available, 1.0).min(axis=0)
        half = np.where(self.halves, (1 + available) / 2, 1.0).min(axis=0)
        others = 1 - (self.cost_shares * (1 - available)).sum(axis=0)
        # rounding must not let production rise again
        return np.asarray(np.maximum(np.minimum.reduce([left, bound, half, others]), 0.0))

    def binding(self, left: Floats) -> NDArray[np.intp]:
        """Name the input that holds every user back most, -1 where none does alone."""
        available = np.clip(self.available(left), 0.0, 1.0)
        bounds = np.where(self.binds, available, np.where(self.halves, (1 + available) / 2, 1.0))
        place = bounds.argmin(axis=0)
        alone = bounds.min(axis=0) <= left + _BINDS
        return np.where((left < 1 - _BINDS) & alone, place, -1)
