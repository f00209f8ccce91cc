"""An inter-country input-output table: who delivers how much to whom, and what is left for final use."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["NO_DESTINATION", "InputOutputTable", "as_float_array", "worst_cells"]

NO_DESTINATION = "*"
"""Stands for the economy of final demand that a table does not split by destination."""

FloatArray = NDArray[np.floating[Any]]

_WORST = 5


@dataclass(frozen=True, slots=True, eq=False)
class InputOutputTable:
    """A table of C economies by S sectors: N = C x S nodes, in million current US dollars.

    Nodes run through the sectors of the first economy, then of the second, and so on:
    ``node = economy * S + sector``. Shapes, finite numbers and unique labels are checked when a table is
    made; whether its accounts balance is for `geomonitor.data.input_output.check_accounts` to say. The
    arrays are read-only.

    Parameters
    ----------
    name : str
        Short name of the table.
    year : int
        Calendar year.
    countries : tuple of str
        Codes of the economies, ``ROW`` for the rest of the world.
    sectors : tuple of str
        Codes of the sectors, the same in every economy.
    flows_musd : numpy.ndarray
        N x N, float32 or float64: intermediate deliveries in million USD; rows deliver, columns use.
    final_demand_musd : numpy.ndarray
        N x F, in million USD.
    final_demand_labels : tuple of (str, str)
        Economy (or ``*``, where the table lacks destinations) and category of each column of final demand.
    output_musd : numpy.ndarray
        N: gross output in million USD.
    value_added_musd : numpy.ndarray, optional
        N: value added in million USD; output minus inputs minus taxes when left out.
    taxes_musd : numpy.ndarray, optional
        N: taxes less subsidies on products and other adjustments between inputs and value added, in million
        USD, where the table lists them apart; zero when left out.
    metadata : Mapping
        Such as title, citation, licence, and notes: what was mended or left out.

    Raises
    ------
    DataError
        If shapes, labels or numbers cannot be right; the message names the worst cells.

    Examples
    --------
    >>> table = InputOutputTable("made", 2022, ("NLD", "CHN"), ("A", "C"),
    ...     flows_musd=np.eye(4), final_demand_musd=np.full((4, 1), 2.0),
    ...     final_demand_labels=(("*", "total"),), output_musd=np.full(4, 3.0))
    >>> table.nodes
    ('NLD_A', 'NLD_C', 'CHN_A', 'CHN_C')
    >>> table.value_added_musd
    array([2., 2., 2., 2.])
    """

    name: str
    year: int
    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    flows_musd: FloatArray
    final_demand_musd: FloatArray
    final_demand_labels: tuple[tuple[str, str], ...]
    output_musd: FloatArray
    value_added_musd: FloatArray = None  # type: ignore[assignment]
    taxes_musd: FloatArray = None  # type: ignore[assignment]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._set("countries", tuple(self.countries))
        self._set("sectors", tuple(self.sectors))
        self._set("final_demand_labels", tuple((place, kind) for place, kind in self.final_demand_labels))
        self._set("metadata", dict(self.metadata))
        self._check_labels()
        size = len(self.countries) * len(self.sectors)
        columns = len(self.final_demand_labels)
        rows, demand = tuple(self.nodes), tuple("_".join(label) for label in self.final_demand_labels)
        self._set_array("flows_musd", (size, size), (rows, rows), keep_single=True)
        self._set_array("final_demand_musd", (size, columns), (rows, demand))
        self._set_array("output_musd", (size,), (rows,))
        if _left_out(self.taxes_musd):
            self._set("taxes_musd", np.zeros(size))
        self._set_array("taxes_musd", (size,), (rows,))
        if _left_out(self.value_added_musd):
            inputs_musd = self.flows_musd.sum(axis=0, dtype=np.float64)
            self._set("value_added_musd", self.output_musd - inputs_musd - self.taxes_musd)
        self._set_array("value_added_musd", (size,), (rows,))

    @property
    def unit(self) -> str:
        """The unit of every amount: million current US dollars."""
        return "million current USD"

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.countries) * len(self.sectors)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Labels such as ``NLD_C26``, in the order of the rows."""
        return tuple(f"{country}_{sector}" for country in self.countries for sector in self.sectors)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which nodes have an output above zero."""
        return np.asarray(self.output_musd > 0.0)

    @property
    def has_destinations(self) -> bool:
        """Whether final demand is split by the economy that uses it."""
        return all(place != NO_DESTINATION for place, _ in self.final_demand_labels)

    def node_index(self, country: str, sector: str) -> int:
        """Give the position of a node.

        Parameters
        ----------
        country, sector : str
            Codes of the table.

        Returns
        -------
        int

        Raises
        ------
        UnknownCodeError
            If the table lacks the economy or the sector; the message names near matches.
        """
        return self._country(country) * len(self.sectors) + self._sector(sector)

    def country_nodes(self, country: str) -> slice:
        """Give the nodes of an economy, which lie beside each other.

        Parameters
        ----------
        country : str
            Code of the table.

        Returns
        -------
        slice

        Raises
        ------
        UnknownCodeError
            If the table lacks the economy.
        """
        first = self._country(country) * len(self.sectors)
        return slice(first, first + len(self.sectors))

    def sector_nodes(self, sectors: str | Iterable[str]) -> NDArray[np.intp]:
        """Give the nodes of one or more sectors in every economy.

        Parameters
        ----------
        sectors : str or iterable of str
            Codes of the table.

        Returns
        -------
        numpy.ndarray
            Positions, ascending.

        Raises
        ------
        UnknownCodeError
            If the table lacks a sector.
        """
        wanted = (sectors,) if isinstance(sectors, str) else tuple(sectors)
        positions = np.array(sorted({self._sector(sector) for sector in wanted}), dtype=np.intp)
        starts = np.arange(len(self.countries), dtype=np.intp) * len(self.sectors)
        return np.asarray((starts[:, None] + positions[None, :]).ravel(), dtype=np.intp)

    def final_demand_of(self, country: str) -> FloatArray:
        """Give the final demand of one economy, summed over categories, in million USD by node.

        Parameters
        ----------
        country : str
            Code of the table.

        Returns
        -------
        numpy.ndarray
            N amounts in million USD.

        Raises
        ------
        DataError
            If the table does not split final demand by destination.
        UnknownCodeError
            If the table lacks the economy.
        """
        if not self.has_destinations:
            raise DataError(
                "This table does not say which economy uses the final goods.",
                where=f"table {self.name}, final demand",
                expected="final demand by destination",
                next_step="Choose a measure that needs intermediate deliveries only, or read a full release.",
            )
        self._country(country)
        mine = [i for i, (place, _) in enumerate(self.final_demand_labels) if place == country]
        return np.asarray(self.final_demand_musd[:, mine].sum(axis=1, dtype=np.float64))

    def _country(self, code: str) -> int:
        return _position(code, self.countries, "economy", self.name)

    def _sector(self, code: str) -> int:
        return _position(code, self.sectors, "sector", self.name)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _check_labels(self) -> None:
        for what, labels in (("economies", self.countries), ("sectors", self.sectors)):
            _check_unique(labels, what, self.name)
            faulty = [
                label for label in labels if not isinstance(label, str) or label != label.strip() or not label
            ]
            if faulty:
                raise DataError(
                    f"{len(faulty)} {what} have no usable label: {', '.join(map(repr, faulty[:_WORST]))}.",
                    where=f"table {self.name}",
                    expected="text without blanks around it",
                )
        _check_unique(
            ["_".join(label) for label in self.final_demand_labels], "columns of final demand", self.name
        )
        placed = {place for place, _ in self.final_demand_labels}
        strangers = sorted(placed - set(self.countries) - {NO_DESTINATION})
        if strangers:
            raise DataError(
                f"Final demand names economies that the table lacks: {', '.join(strangers[:_WORST])}.",
                where=f"table {self.name}, columns of final demand",
                expected=f"economies of the table, or {NO_DESTINATION}",
            )
        if NO_DESTINATION in placed and len(placed) > 1:
            raise DataError(
                "Final demand is split by destination in some columns and not in others.",
                where=f"table {self.name}, columns of final demand",
                expected="every column with an economy, or none",
            )

    def _set_array(
        self,
        name: str,
        shape: tuple[int, ...],
        labels: tuple[Sequence[str], ...],
        *,
        keep_single: bool = False,
    ) -> None:
        array = as_float_array(getattr(self, name), f"table {self.name}, {name}", keep_single=keep_single)
        if array.shape != shape:
            raise DataError(
                f"{name} has the shape {_shape(array.shape)}.",
                where=f"table {self.name}",
                expected=f"{_shape(shape)}: {len(self.countries)} economies, {len(self.sectors)} sectors "
                f"and {len(self.final_demand_labels)} columns of final demand",
                next_step="Check that the file is whole and of one edition.",
            )
        # A sum is finite only if every part is; the cells are looked up when it is not.
        with np.errstate(invalid="ignore", over="ignore"):
            total = array.sum(dtype=np.float64)
        if not np.isfinite(total):
            wrong = ~np.isfinite(array)
            if wrong.any():
                cells = list(islice(_cells(wrong, array, labels), _WORST))
                raise DataError(
                    f"{int(wrong.sum()):,} numbers in {name} are missing or infinite: {'; '.join(cells)}.",
                    where=f"table {self.name}, {name}",
                    expected="finite numbers, 0 where there is no delivery",
                    next_step="Correct the cells, or download the file again.",
                )
        frozen = array.view()
        frozen.flags.writeable = False
        self._set(name, frozen)


def as_float_array(values: object, where: str, *, keep_single: bool = False) -> FloatArray:
    """Give values as a C-contiguous array of float64, without a copy where they are one.

    Parameters
    ----------
    values : array-like
        Numbers.
    where : str
        Their place, for the message.
    keep_single : bool
        Leave float32 as it is.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    DataError
        If they are not numbers, or not of one shape.

    Examples
    --------
    >>> as_float_array([[1, 2]], "made")
    array([[1., 2.]])
    """
    try:
        array = np.asarray(values)
        kept = keep_single and array.dtype == np.float32
        if array.dtype.kind not in "fiub":
            raise TypeError(f"type {array.dtype}")
        return np.ascontiguousarray(array, dtype=np.float32 if kept else np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"These are not the numbers of a table: {error}.",
            where=where,
            expected="an array of real numbers",
        ) from error


def worst_cells(
    amounts: FloatArray, labels: tuple[Sequence[str], ...], count: int = _WORST
) -> list[tuple[tuple[str, ...], float]]:
    """Give the cells that are largest in absolute value, with their labels.

    Parameters
    ----------
    amounts : numpy.ndarray
        Amounts in one or two dimensions.
    labels : tuple of sequences of str
        Labels along each dimension.
    count : int
        How many to give.

    Returns
    -------
    list of (tuple of str, float)
        Largest first; zeros left out.

    Examples
    --------
    >>> worst_cells(np.array([0.0, -3.0, 1.0]), (("a", "b", "c"),))
    [(('b',), -3.0), (('c',), 1.0)]
    """
    flat = np.abs(amounts).ravel()
    count = min(count, int(np.count_nonzero(flat)))
    if not count:
        return []
    top = np.argpartition(flat, -count)[-count:]
    top = top[np.lexsort((top, -flat[top]))]
    found = []
    for position in top:
        place = np.unravel_index(position, amounts.shape)
        found.append((tuple(names[i] for names, i in zip(labels, place, strict=True)), float(amounts[place])))
    return found


def _left_out(value: object) -> bool:
    return value is None


def _cells(wrong: NDArray[np.bool_], array: FloatArray, labels: tuple[Sequence[str], ...]) -> Iterator[str]:
    for place in np.argwhere(wrong):
        label = " to ".join(names[i] for names, i in zip(labels, place, strict=True))
        yield f"{label} ({array[tuple(place)]})"


def _check_unique(labels: Sequence[str], what: str, name: str) -> None:
    if not labels:
        raise DataError(f"The table has no {what}.", where=f"table {name}", expected="at least one")
    if len(set(labels)) != len(labels):
        twice = sorted({str(label) for label in labels if labels.count(label) > 1})
        raise DataError(
            f"{what.capitalize()} are named more than once: {', '.join(twice[:_WORST])}.",
            where=f"table {name}",
            expected="each label once",
            next_step="Merge or rename them before reading.",
        )


def _position(code: str, codes: tuple[str, ...], what: str, name: str) -> int:
    if code in codes:
        return codes.index(code)
    near = difflib.get_close_matches(code, codes, n=3, cutoff=0.5)
    raise UnknownCodeError(
        f"The table has no {what} {code!r}.",
        where=f"table {name}",
        expected=f"one of {', '.join(codes)}",
        next_step=f"Did you mean {' or '.join(near)}?" if near else None,
    )


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape) or "a single number"
