"""Concentration of a market: Herfindahl-Hirschman indices and their bounds.

The kernels work on a sorted table: `values` holds the amounts and `starts` the index at which each
segment (one importer and product, say) begins. Sums run in the order of the rows, so that a result
is the same to the last bit on every run and for every number of processors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "concentration_band",
    "herfindahl",
    "herfindahl_bounds",
    "segment_herfindahl",
    "segment_maximum",
    "segment_starts",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def herfindahl(amounts: ArrayLike) -> float:
    r"""Measure how concentrated a market is: the Herfindahl-Hirschman index.

    .. math:: H = \sum_i s_i^2, \quad s_i = v_i / \sum_j v_j

    Parameters
    ----------
    amounts : array_like of float, shape (n,)
        What each supplier supplies, in any one unit; not negative.

    Returns
    -------
    float
        Between 1/n (all equal) and 1 (one supplier); NaN where nothing is supplied.

    Raises
    ------
    ValueError
        If an amount is negative or not finite.

    Notes
    -----
    Hirschman (1964), The paternity of an index, American Economic Review 54(5).

    Examples
    --------
    >>> round(herfindahl([60, 20, 10, 10]), 6)
    0.42
    """
    values = np.asarray(amounts, dtype=np.float64)
    if values.size and (not np.isfinite(values).all() or (values < 0).any()):
        raise ValueError("amounts must be finite and not negative")
    total = values.sum()
    if total <= 0:
        return float("nan")
    return float((values**2).sum() / total**2)


def herfindahl_bounds(amounts: ArrayLike, unallocated: float) -> tuple[float, float]:
    """Bound the index where part of the supply has no known origin.

    Parameters
    ----------
    amounts : array_like of float, shape (n,)
        What each known supplier supplies.
    unallocated : float
        What is supplied from unknown origins, in the same unit.

    Returns
    -------
    tuple of float
        Lower bound (the unallocated part is spread over infinitely many suppliers) and upper bound
        (it all belongs to the largest known supplier).

    Examples
    --------
    >>> low, high = herfindahl_bounds([50, 30], 20)
    >>> round(low, 4), round(high, 4)
    (0.34, 0.58)
    """
    values = np.asarray(amounts, dtype=np.float64)
    total = values.sum() + unallocated
    if total <= 0:
        return float("nan"), float("nan")
    squares = (values**2).sum()
    largest = values.max(initial=0.0)
    upper = squares - largest**2 + (largest + unallocated) ** 2
    return float(squares / total**2), float(upper / total**2)


def segment_starts(*keys: NDArray[np.generic]) -> Integers:
    """Find where each segment of equal keys begins in a table sorted by those keys.

    Parameters
    ----------
    *keys : numpy.ndarray, shape (n,)
        The key columns of the sorted table.

    Returns
    -------
    numpy.ndarray of int
        The first index of each segment; empty for an empty table.

    Examples
    --------
    >>> segment_starts(np.array([1, 1, 2, 2, 2]), np.array([1, 1, 1, 1, 3]))
    array([0, 2, 4])
    """
    size = len(keys[0])
    if size == 0:
        return np.empty(0, dtype=np.int64)
    changed = np.zeros(size, dtype=bool)
    changed[0] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed).astype(np.int64)


def segment_herfindahl(values: Floats, starts: Integers) -> tuple[Floats, Floats]:
    """Compute total and Herfindahl index of every segment of a sorted table.

    Parameters
    ----------
    values : numpy.ndarray of float, shape (n,)
        Amounts, not negative; rows that do not count hold 0.
    starts : numpy.ndarray of int, shape (m,)
        See `segment_starts`.

    Returns
    -------
    total, index : numpy.ndarray of float, shape (m,)
        Sum and index of each segment; the index is NaN where the sum is 0.

    Examples
    --------
    >>> total, index = segment_herfindahl(np.array([60.0, 40.0, 5.0]), np.array([0, 2]))
    >>> total.tolist(), index.round(2).tolist()
    ([100.0, 5.0], [0.52, 1.0])
    """
    if len(starts) == 0:
        return np.empty(0), np.empty(0)
    total = np.add.reduceat(values, starts)
    squares = np.add.reduceat(values * values, starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(total > 0, squares / (total * total), np.nan)
    return total, index


def segment_maximum(values: Floats, starts: Integers) -> tuple[Floats, Integers]:
    """Find the largest amount of every segment and the row that holds it.

    Parameters
    ----------
    values : numpy.ndarray of float, shape (n,)
        Amounts.
    starts : numpy.ndarray of int, shape (m,)
        See `segment_starts`.

    Returns
    -------
    largest : numpy.ndarray of float, shape (m,)
        The largest amount.
    row : numpy.ndarray of int, shape (m,)
        The first row that holds it: ties go to the row that sorts first.

    Examples
    --------
    >>> largest, row = segment_maximum(np.array([1.0, 7.0, 7.0, 5.0]), np.array([0, 3]))
    >>> largest.tolist(), row.tolist()
    ([7.0, 5.0], [1, 3])
    """
    if len(starts) == 0:
        return np.empty(0), np.empty(0, dtype=np.int64)
    largest = np.maximum.reduceat(values, starts)
    segment = np.zeros(len(values), dtype=np.int64)
    segment[starts[1:]] = 1
    np.cumsum(segment, out=segment)
    hits = np.flatnonzero(values == largest[segment])
    row = hits[np.searchsorted(segment[hits], np.arange(len(starts)))]
    return largest, row


def concentration_band(index: float, bands: Sequence[float] = (0.15, 0.25)) -> str:
    """Name the band of an index: ``none``, ``slight`` or ``high``.

    Statistics Netherlands (2021) calls an index below 0.15 not concentrated, from 0.15 slightly
    concentrated and from 0.25 concentrated. An index that is not a number is ``unknown``.

    Examples
    --------
    >>> concentration_band(0.14), concentration_band(0.15), concentration_band(0.25)
    ('none', 'slight', 'high')
    """
    if np.isnan(index):
        return "unknown"
    return ("none", "slight", "high")[int(index >= bands[0]) + int(index >= bands[1])]
