"""The Leontief system of a table: factorised once, solved for what is asked."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning, lu_factor, lu_solve
from scipy.sparse.linalg import LinearOperator, gmres

from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError

__all__ = ["LeontiefSystem", "leontief_system"]

Floats = NDArray[np.float64]

# A solution whose residual is a larger part of its terms than this is an error, never a number.
BACKWARD_ERROR_BOUND = 1e-10

# Combinations of columns whose residual is checked where there are many.
CHECKED_COMBINATIONS = 4

# Value added by origin adds up to 1 in every product; a larger gap than this means a singular system.
VALUE_ADDED_BOUND = 1e-6


@dataclass(frozen=True, slots=True)
class LeontiefSystem:
    """The factorised system ``I - A`` of an input-output table.

    Purchases come as columns: ``A[i, j]`` is what a unit of output of j takes from i. Nodes without
    output take part with a row and column of zeros, so that they neither use nor deliver.

    Attributes
    ----------
    table : InputOutputTable
    value_added_share : numpy.ndarray of float, shape (nodes,)
        Value added, taxes and inputs from outside the table, by unit of output: what the columns
        of ``A`` leave of 1; 0 for nodes without output.
    solver : {'direct', 'iterative'}
        Whether the matrix was factorised, or every solution is iterated.
    """

    table: InputOutputTable
    value_added_share: Floats
    solver: Literal["direct", "iterative"]
    _factors: tuple[Any, Any] | None
    _inverse_output: Floats

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self._inverse_output)

    def coefficients(self, columns: NDArray[np.intp] | slice = slice(None)) -> Floats:
        """Give columns of the input coefficients ``A``.

        Parameters
        ----------
        columns : numpy.ndarray of int or slice
            Using nodes; all by default.

        Returns
        -------
        numpy.ndarray of float, shape (nodes, columns)
        """
        return np.asarray(self.table.flows_musd[:, columns], dtype=np.float64) * self._inverse_output[columns]

    def times_coefficients(self, vectors: Floats) -> Floats:
        """Multiply ``A`` with columns: inputs of every node needed for the given outputs."""
        return self._product(vectors, transposed=False)

    def coefficients_under(self, vectors: Floats) -> Floats:
        """Multiply rows with ``A``: ``A.T @ vectors``."""
        return self._product(vectors, transposed=True)

    def _product(self, vectors: Floats, *, transposed: bool) -> Floats:
        flows = self.table.flows_musd
        weight = self._inverse_output if vectors.ndim == 1 else self._inverse_output[:, np.newaxis]
        if transposed:
            return np.asarray(weight * _accurate(flows.T, vectors))
        return _accurate(flows, weight * vectors)

    def requirements(self, demand: Floats) -> Floats:
        """Solve ``(I - A) x = demand``: output of every node for a demand, suppliers' suppliers included.

        Parameters
        ----------
        demand : numpy.ndarray of float, shape (nodes,) or (nodes, columns)

        Returns
        -------
        numpy.ndarray of float
            ``L @ demand``, of the same shape.

        Raises
        ------
        DataError
            If the solution does not satisfy the system: the message names the worst node.
        """
        return self._solved(demand, transposed=False)

    def contents(self, weights: Floats) -> Floats:
        """Solve ``(I - A)' y = weights``: what a unit of output of every node holds of the weights.

        Parameters
        ----------
        weights : numpy.ndarray of float, shape (nodes,) or (nodes, columns)
            Such as value added by unit of output, or 1 for the nodes of one economy.

        Returns
        -------
        numpy.ndarray of float
            ``L.T @ weights``, of the same shape.

        Raises
        ------
        DataError
            If the solution does not satisfy the system.
        """
        return self._solved(weights, transposed=True)

    def unchecked_contents(self, weights: Floats) -> Floats:
        """Solve as `contents` does, without holding the residual against its bound."""
        return self._unchecked(np.asarray(weights, dtype=np.float64), transposed=True)

    def _solved(self, right: Floats, *, transposed: bool) -> Floats:
        right = np.asarray(right, dtype=np.float64)
        found = self._unchecked(right, transposed=transposed)
        self._check(found, right, transposed=transposed)
        return found

    def _unchecked(self, right: Floats, *, transposed: bool) -> Floats:
        if self._factors is None:
            return self._iterated(right, transposed=transposed)
        # the factors are those of the transposed matrix, see leontief_system
        return np.asarray(lu_solve(self._factors, right, trans=0 if transposed else 1, check_finite=False))

    def _iterated(self, right: Floats, *, transposed: bool) -> Floats:
        def apply(vector: Floats) -> Floats:
            return vector - self._product(vector, transposed=transposed)

        operator = LinearOperator((self.size, self.size), matvec=apply, dtype=np.float64)
        columns = right if right.ndim == 2 else right[:, np.newaxis]
        found = np.empty_like(columns)
        for number in range(columns.shape[1]):
            found[:, number], _ = gmres(
                operator, columns[:, number], rtol=1e-12, atol=0.0, restart=60, maxiter=40
            )
        return found if right.ndim == 2 else found[:, 0]

    def backward_error(self) -> float:
        """Report how well the system is solved: the relative residual of value added in all products.

        Returns
        -------
        float
            Largest residual of ``(I - A)' y = v`` as a part of its terms; about 1e-16 for a direct solution.
            Every solution is held against `BACKWARD_ERROR_BOUND` besides.
        """
        right = self.value_added_share
        return self._relative(self._residual(self.unchecked_contents(right), right, transposed=True), right)

    def _residual(self, found: Floats, right: Floats, *, transposed: bool) -> Floats:
        return np.asarray(np.abs(right - (found - self._product(found, transposed=transposed))))

    def _relative(self, residual: Floats, *terms: Floats) -> float:
        scale = sum(float(np.abs(term).max(initial=0.0)) for term in terms)
        return float(residual.max(initial=0.0)) / max(scale, float(np.finfo(np.float64).tiny))

    def _check(self, found: Floats, right: Floats, *, transposed: bool) -> None:
        """Refuse a solution whose backward error is too large, naming the worst node.

        Of many columns a few random combinations are checked: a fault in any column shows in them.
        """
        if found.ndim == 2 and found.shape[1] > 2 * CHECKED_COMBINATIONS:
            weights = np.random.default_rng(0).standard_normal((found.shape[1], CHECKED_COMBINATIONS))
            found, right = found @ weights, right @ weights
        residual = self._residual(found, right, transposed=transposed)
        worst = self._relative(residual, found, found, right)
        if worst <= BACKWARD_ERROR_BOUND:
            return
        by_node = residual.max(axis=1) if residual.ndim == 2 else residual
        place = int(np.argmax(np.where(np.isnan(by_node), np.inf, by_node)))
        raise DataError(
            "The system of the table has no reliable solution.",
            where=f"node {self.table.nodes[place]}, relative residual {worst:.2g}",
            expected=f"a relative residual of at most {BACKWARD_ERROR_BOUND:g}",
            next_step="Check the accounts of the table: nodes that only feed each other make it singular.",
        )


def _accurate(matrix: NDArray[Any], vectors: Floats) -> Floats:
    """Multiply in double precision without copying a single-precision matrix whole."""
    if matrix.dtype == np.float64:
        return np.asarray(matrix @ vectors)
    rows = max(1, 2**24 // max(matrix.shape[1], 1))
    parts = [
        matrix[first : first + rows].astype(np.float64) @ vectors for first in range(0, matrix.shape[0], rows)
    ]
    return np.concatenate(parts)


def leontief_system(
    table: InputOutputTable, *, solver: Literal["direct", "iterative"] | None = None
) -> LeontiefSystem:
    """Factorise the system of a table, to solve it for whatever is asked.

    Parameters
    ----------
    table : InputOutputTable
    solver : {'direct', 'iterative'}, optional
        Direct factorises the matrix once, so that every later question costs one substitution;
        iterative keeps only the table, for a few columns of a very large one. Direct by default.

    Returns
    -------
    LeontiefSystem

    Raises
    ------
    DataError
        If a column takes more than the output of its node, or the matrix is singular.

    Notes
    -----
    Direct costs 2/3 n**3 operations and 8 n**2 bytes, once; every solution 2 n**2 operations.
    Iterative costs about 4 n**2 operations a step and column, and no memory beyond the table.
    The inverse is never formed.

    Examples
    --------
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("NLD", "CHN"), ("A",), np.array([[20.0, 30.0], [10.0, 20.0]]),
    ...     np.array([[50.0], [70.0]]), (("*", "total"),), np.array([100.0, 100.0]))
    >>> leontief_system(table).requirements(np.array([1.0, 0.0])).round(6).tolist()
    [1.311475, 0.163934]
    """
    output = np.asarray(table.output_musd, dtype=np.float64)
    active = output > 0
    inverse_output = np.divide(1.0, output, out=np.zeros_like(output), where=active)
    taken = _column_sums(table.flows_musd) * inverse_output
    share = np.where(active, 1.0 - taken, 0.0)
    over = np.flatnonzero(share < -1e-6)
    if len(over):
        worst = over[np.argsort(share[over])][:3]
        named = ", ".join(f"{table.nodes[place]} takes {taken[place]:.3f} of its output" for place in worst)
        raise DataError(
            f"{len(over)} nodes take more inputs than they produce.",
            where=named,
            expected="inputs below the output, so that value added is not negative",
            next_step="Check the accounts of the table, and repair them on request.",
        )
    factors = None
    if solver != "iterative":
        # I - A row by row in memory is (I - A)' column by column, which LAPACK factorises in place
        matrix = np.multiply(table.flows_musd, -inverse_output, dtype=np.float64)
        matrix[np.diag_indices_from(matrix)] += 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("error", LinAlgWarning)
            try:
                factors = lu_factor(matrix.T, overwrite_a=True, check_finite=False)
            except LinAlgWarning as error:
                raise DataError(
                    "The system of the table is singular: some nodes only feed each other.",
                    where=table.name,
                    expected="value added somewhere in every chain",
                    next_step="Check the accounts of the table.",
                ) from error
    system = LeontiefSystem(
        table=table,
        value_added_share=share,
        solver="iterative" if factors is None else "direct",
        _factors=factors,
        _inverse_output=inverse_output,
    )
    _refuse_nearly_singular(system, active)
    return system


def _refuse_nearly_singular(system: LeontiefSystem, active: NDArray[np.bool_]) -> None:
    """Refuse what rounding keeps from being exactly singular: value added must add up to 1."""
    # the sum to 1 is itself the check of this solution
    held = system.unchecked_contents(system.value_added_share)
    wrong = np.abs(np.where(active, held - 1.0, 0.0))
    place = int(np.argmax(wrong))
    if wrong[place] > VALUE_ADDED_BOUND:
        raise DataError(
            "The system of the table is singular: some nodes only feed each other.",
            where=f"table {system.table.name}, node {system.table.nodes[place]}",
            expected="value added somewhere in every chain",
            next_step="Check the accounts of the table.",
        )


def _column_sums(flows: NDArray[Any]) -> Floats:
    return np.asarray(flows.sum(axis=0, dtype=np.float64))
