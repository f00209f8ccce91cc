"""Amounts by year, product and economy, kept sparse and sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Amounts", "amounts_at"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Amounts:
    """Trade by year, product and economy: only what is not zero, in that order.

    Attributes
    ----------
    places : numpy.ndarray of int, shape (n,)
        Place of each amount in the flattened array of `shape`; increasing.
    value_kusd : numpy.ndarray of float, shape (n,)
        Value, thousand current dollars.
    quantity_t, value_with_quantity_kusd : numpy.ndarray of float, shape (n,), or None
        Known quantity in tonnes, and the part of the value whose quantity is known.
    shape : tuple of int
        Number of years, products and economies.
    """

    places: Places
    value_kusd: Floats
    quantity_t: Floats | None
    value_with_quantity_kusd: Floats | None
    shape: tuple[int, int, int]

    @property
    def economy(self) -> Places:
        """Place of the economy of each amount."""
        return self.places % self.shape[2]

    @property
    def segment(self) -> Places:
        """Place of (year, product) of each amount."""
        return self.places // self.shape[2]

    def _taken(
        self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice, places: Places | None = None
    ) -> Amounts:
        return Amounts(
            places=self.places[rows] if places is None else places,
            value_kusd=self.value_kusd[rows],
            quantity_t=None if self.quantity_t is None else self.quantity_t[rows],
            value_with_quantity_kusd=(
                None if self.value_with_quantity_kusd is None else self.value_with_quantity_kusd[rows]
            ),
            shape=self.shape,
        )

    def only_economies(self, wanted: NDArray[np.bool_]) -> Amounts:
        """Keep the amounts of some economies.

        Parameters
        ----------
        wanted : numpy.ndarray of bool, shape (economies,)
            True for those to keep.
        """
        return self._taken(wanted[self.economy])

    def moved(self, to_economy: NDArray[np.int64]) -> Amounts:
        """Give amounts of one economy to another, to measure several suppliers as one.

        Parameters
        ----------
        to_economy : numpy.ndarray of int, shape (economies,)
            New place of every economy.
        """
        places = self.places - self.economy + to_economy[self.economy]
        return amounts_at(places, self._columns(), self.shape)

    def pooled(self, years: Sequence[int]) -> Amounts:
        """Add up some years.

        Parameters
        ----------
        years : sequence of int
            Places of the years to add up.

        Returns
        -------
        Amounts
            With one year.
        """
        _, products, economies = self.shape
        chosen = self.years(years)
        return amounts_at(chosen.places % (products * economies), chosen._columns(), (1, products, economies))

    def years(self, years: Sequence[int]) -> Amounts:
        """Keep some years.

        Parameters
        ----------
        years : sequence of int
            Places of the years to keep, increasing.
        """
        if list(years) == list(range(self.shape[0])):
            return self
        _, products, economies = self.shape
        size = products * economies
        bounds = np.searchsorted(self.places, [(year * size, (year + 1) * size) for year in years])
        rows = np.concatenate([np.arange(low, high) for low, high in bounds])
        shift = np.repeat((np.arange(len(years)) - np.asarray(years)) * size, bounds[:, 1] - bounds[:, 0])
        kept = self._taken(rows, self.places[rows] + shift)
        return replace(kept, shape=(len(years), products, economies))

    def _columns(self) -> dict[str, Floats]:
        columns = {"value_kusd": self.value_kusd}
        if self.quantity_t is not None and self.value_with_quantity_kusd is not None:
            columns |= {
                "quantity_t": self.quantity_t,
                "value_with_quantity_kusd": self.value_with_quantity_kusd,
            }
        return columns

    def dense(self) -> Floats:
        """Give the values as an array of `shape`, zero where there is no trade."""
        flat = np.zeros(int(np.prod(self.shape)))
        flat[self.places] = self.value_kusd
        return flat.reshape(self.shape)


def amounts_at(
    places: Places, columns: Mapping[str, Floats], shape: tuple[int, int, int], scale: float = 1.0
) -> Amounts:
    """Add up amounts that share a place, and sort them.

    Parameters
    ----------
    places : numpy.ndarray of int, shape (n,)
        Place of each row in the flattened array of `shape`, in any order, repeated or not.
    columns : mapping of str to numpy.ndarray of float
        `value_kusd` and, where known, `quantity_t` and `value_with_quantity_kusd`.
    shape : tuple of int
        Number of years, products and economies.
    scale : float
        What the sums are divided by.

    Returns
    -------
    Amounts
        Rows whose value is zero are left out: they are no supply.

    Examples
    --------
    >>> found = amounts_at(np.array([3, 1, 3]), {"value_kusd": np.array([1.0, 5.0, 2.0])}, (1, 2, 2))
    >>> found.places.tolist(), found.value_kusd.tolist()
    ([1, 3], [5.0, 3.0])
    """
    size = int(np.prod(shape))
    value = columns["value_kusd"]
    if len(places) > 1 and not (np.diff(places) > 0).all():
        if size <= 20 * len(places):
            # well filled: one sum into a dense array sorts and adds up at once
            summed = {
                name: np.asarray(np.bincount(places, weights=column, minlength=size), dtype=np.float64)
                for name, column in columns.items()
            }
            kept = np.flatnonzero(summed["value_kusd"] > 0)
            columns = {name: column[kept] for name, column in summed.items()}
            places = kept
        else:
            places, inverse = np.unique(places, return_inverse=True)
            columns = {
                name: np.asarray(
                    np.bincount(inverse, weights=column, minlength=len(places)), dtype=np.float64
                )
                for name, column in columns.items()
            }
        value = columns["value_kusd"]
    if not (value > 0).all():
        kept = np.flatnonzero(value > 0)
        places = places[kept]
        columns = {name: column[kept] for name, column in columns.items()}
    scaled = {
        name: np.asarray(column / scale if scale != 1.0 else column) for name, column in columns.items()
    }
    return Amounts(
        places=np.asarray(places, dtype=np.int64),
        value_kusd=scaled["value_kusd"],
        quantity_t=scaled.get("quantity_t"),
        value_with_quantity_kusd=scaled.get("value_with_quantity_kusd"),
        shape=shape,
    )
