r"""Production lost when deliveries of inputs stop and only critical inputs bind.

With :math:`y_i` the part of its output that node i still makes and :math:`\rho_i` the part of its
deliveries that still arrives, user j can have of input k, whoever delivered it,

.. math:: r_{kj} = \frac{\sum_c Z_{ckj} \rho_{ck} (1 - d_{ckj})}{\sum_c Z_{ckj}},

and makes :math:`y_j = \min(1, \min_{k\ critical} r_{kj}, \min_{k\ important} (1 + r_{kj})/2, 1 - \sum_{k\
other} a_{kj} (1 - r_{kj}))`: a critical input stops production, half of it goes on without an important
one, and any other input costs no more than its own value.

Why it ends: all these are increasing functions of y, so y = F(y) has a largest solution, which F, repeated
from y = 1, falls towards (Tarski). F is moreover the smallest of finitely many affine functions with
coefficients of at least 0: one for every choice of the input that binds each node, and of the nodes whose
output no longer covers what industries took. Take the choice that is smallest at y, and go to its own
solution: as F lies below it, that solution is not below the one looked for; as it is F at y, it is not
above y. So y falls from choice to choice, no choice comes twice, and the last one solves the equations
(Howard's policy iteration; a handful of choices in practice). A choice is changed only where that lowers y:
a group of nodes that live on each other alone then never forms, and every system has one solution.

Rationing decides how far a loss travels. Where industries come first, users get what they had as long as
output covers what industries took, and final users go short before them; in proportion, all go short alike,
and a sector that needs its own product can dry up: the loss d becomes d / (1 - h) where h is its own share,
and in a real table with critical inputs production everywhere can fall to nothing (Pichler and Farmer
2022). With no critical inputs and rationing in proportion, the loss is that of hypothetical extraction
downstream.

Sources: Pichler, Pangallo, del Rio-Chanona, Lafond and Farmer (2022), Journal of Economic Dynamics and
Control 144; Pichler and Farmer (2022), Economic Systems Research 34(3), on rationing.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres

from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError

__all__ = ["InputPropagation", "Rationing", "output_left"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Rationing = Literal["inputs_first", "proportional"]

_LOWERED = 1e-9
_BINDS = 1e-6
_STEPS = 1_000
# Systems above this size are iterated first; a residual above the other bound is solved directly.
_LARGE = 600
_SETTLED = 1e-13


def output_left(
    table: InputOutputTable,
    denied: Floats,
    critical: Flags,
    important: Flags | None = None,
    *,
    rationing: Rationing = "inputs_first",
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

    Returns
    -------
    tuple of numpy.ndarray, int and float
        Parts of output, shape (nodes,), the number of choices tried, and by how much one more round would
        still lower a node.

    Raises
    ------
    DataError
        If no solution is found.
    """
    propagation = InputPropagation(table, denied, critical, important, rationing)
    left = np.ones(table.size)
    # -1: nothing binds; sectors: value of the other inputs; else the input that binds
    choice = np.full(table.size, -1, dtype=np.intp)
    for step in range(1, _STEPS + 1):
        best, value = propagation.binding(left)
        lowered = value < left - _LOWERED
        if not lowered.any():
            return left, step, float(np.max(left - value, initial=0.0))
        choice = np.where(lowered, best, choice)
        new = propagation.solution(choice, left)
        if not np.isfinite(new).all() or (new > left + _LOWERED).any() or (new < -_LOWERED).any():
            break
        left = np.clip(new, 0.0, left)
    raise DataError(
        "No solution was found for the propagation of the shortage.",
        where=f"table {table.name}, after {step} choices",
        expected="deliveries that are not negative, and inputs below output",
        next_step="Check the accounts of the table.",
    )


def _solved(among: Floats, constant: Floats, start: Floats) -> Floats:
    """Solve ``y = among' y + constant``; not a number where there is no single solution."""
    size = len(constant)
    if size > _LARGE:
        operator = LinearOperator((size, size), matvec=lambda each: each - each @ among, dtype=np.float64)
        found, _ = gmres(operator, constant, x0=start, rtol=1e-14, atol=0.0, restart=80, maxiter=3)
        if np.abs(found - found @ among - constant).max() <= _SETTLED:
            return np.asarray(found)
    try:
        return np.asarray(np.linalg.solve(np.eye(size) - among.T, constant), dtype=np.float64)
    except np.linalg.LinAlgError:
        # the caller refuses it with the place
        return np.full(size, np.nan)


class InputPropagation:
    """The equations of the propagation, with what does not change computed once.

    Parameters
    ----------
    table : InputOutputTable
    denied, critical, important, rationing
        See `output_left`.
    """

    def __init__(
        self,
        table: InputOutputTable,
        denied: Floats,
        critical: Flags,
        important: Flags | None,
        rationing: Rationing,
    ) -> None:
        self.countries, self.sectors = len(table.countries), len(table.sectors)
        self.flows, self.denied = np.asarray(table.flows_musd), denied
        output = np.asarray(table.output_musd, dtype=np.float64)
        to_industries = np.asarray(self.flows.sum(axis=1, dtype=np.float64))
        # deliveries to industries by unit of output; above 1 where final users go short first
        self.slope = np.ones_like(output)
        if rationing == "inputs_first":
            np.divide(output, to_industries, out=self.slope, where=to_industries > 0)
        by_supplier = self.flows.reshape(self.countries, self.sectors, table.size)
        self.by_supplier = by_supplier
        self.bought = by_supplier.sum(axis=0, dtype=np.float64)
        has_inputs = self.bought > 0
        important = np.zeros_like(critical) if important is None else important & ~critical
        # users in the order of the nodes: sectors of the first economy, then of the second
        self.binds = np.tile(critical, self.countries) & has_inputs
        self.halves = np.tile(important, self.countries) & has_inputs
        self.others = has_inputs & ~self.binds & ~self.halves
        self.inverse_output = np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)
        self.inverse_bought = np.divide(1.0, self.bought, out=np.zeros_like(self.bought), where=has_inputs)
        self.other_shares = np.where(self.others, self.bought * self.inverse_output, 0.0)

    def arrives(self, left: Floats) -> Floats:
        """Give the part of its deliveries to industries that every node still makes."""
        return np.minimum(self.slope * left, 1.0)

    def available(self, left: Floats) -> Floats:
        """Give what every user can have of every input, as a part of what it took: (sectors, nodes)."""
        arrives = self.arrives(left)
        lost = np.zeros_like(self.bought)
        short = 1 - arrives.reshape(self.countries, self.sectors)
        for country in range(self.countries):
            if short[country].any():
                lost += self.by_supplier[country] * short[country][:, None]
        for country in range(self.countries):
            rows = np.flatnonzero(self.denied[:, country])
            if len(rows):
                columns = slice(country * self.sectors, (country + 1) * self.sectors)
                stopped = self.flows[rows, columns] * (self.denied[rows, country] * arrives[rows])[:, None]
                np.add.at(lost[:, columns], rows % self.sectors, stopped)
        return np.asarray(np.clip(1 - lost * self.inverse_bought, 0.0, 1.0))

    def binding(self, left: Floats) -> tuple[Places, Floats]:
        """Give what holds every node back most, and the part of output that it leaves.

        Parameters
        ----------
        left : numpy.ndarray of float, shape (nodes,)

        Returns
        -------
        tuple of numpy.ndarray
            The input (place of its sector), the number of sectors for the value of all other inputs, and -1
            where nothing is short; and one round of the equations.
        """
        available = self.available(left)
        bounds = np.where(self.binds, available, np.where(self.halves, (1 + available) / 2, 1.0))
        by_value = 1 - (self.other_shares * (1 - available)).sum(axis=0)
        bounds = np.vstack([bounds, by_value])
        place = bounds.argmin(axis=0)
        value = bounds[place, np.arange(bounds.shape[1])]
        return np.where(value < 1, place, -1), np.minimum(value, 1.0)

    def solution(self, choice: Places, left: Floats) -> Floats:
        """Solve the affine equations of a choice: one dense system of the nodes that are held back.

        Parameters
        ----------
        choice : numpy.ndarray of int, shape (nodes,)
            As `binding` gives it.
        left : numpy.ndarray of float, shape (nodes,)
            At which nodes no longer cover what industries took.
        """
        users = np.flatnonzero(choice >= 0)
        picked = choice[users]
        by_value = picked == self.sectors
        # coefficient of each input, by user: of the one that binds, or of all others by value
        coefficients = np.where(by_value, self.others[:, users] * self.inverse_output[users], 0.0)
        single = np.flatnonzero(~by_value)
        cells = (picked[single], users[single])
        half = self.halves[cells]
        coefficients[picked[single], single] = self.inverse_bought[cells] * np.where(half, 0.5, 1.0)
        constant = np.where(by_value, 1 - self.other_shares[:, users].sum(axis=0), 0.0)
        constant[single] = np.where(half, 0.5, 0.0)

        weights = self.flows[:, users] * np.tile(coefficients, (self.countries, 1))
        weights *= 1 - self.denied[:, users // self.sectors]
        short = self.slope * left < 1
        moves = short[users]
        constant += np.where(short, 0.0, 1.0) @ weights
        among = weights[users] * (self.slope[users] * moves)[:, None]
        found = left.copy()
        found[users] = _solved(among, constant, left[users])
        return found

    def single_input(self, left: Floats) -> Places:
        """Name the input that holds every node back alone, -1 where there is none."""
        place, value = self.binding(left)
        alone = (place >= 0) & (place < self.sectors) & (left < 1 - _BINDS) & (value <= left + _BINDS)
        return np.where(alone, place, -1)
