"""Changes of tariffs, laid out over the nodes of an input-output table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geomonitor.chains import economies_of, nodes_of, sectors_of
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError
from geomonitor.shocks.rates import Percent, PercentagePoints, Rate

__all__ = ["TariffChange", "tariff_changes"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TariffChange:
    """A change of the tariffs of some economies on others.

    Parameters
    ----------
    buyers, sellers : str
        Who levies the tariff on whom: economies of the table, or groups.
    change : PercentagePoints or Percent or Rate
        What is added to the rate; a `Rate` is what it becomes. Percent and rates need the base tariffs.
    sectors : tuple of str
        Codes or families of the sellers' sectors; all where empty.
    """

    buyers: str
    sellers: str
    change: PercentagePoints | Percent | Rate
    sectors: tuple[str, ...] = ()

    def __str__(self) -> str:
        what = ", ".join(self.sectors) or "all sectors"
        verb = "become" if isinstance(self.change, Rate) else "change by"
        return f"tariffs of {self.buyers} on {self.sellers} ({what}) {verb} {self.change}"


def tariff_changes(
    table: InputOutputTable,
    changes: Sequence[TariffChange],
    *,
    base_rates: Floats | Rate | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Floats:
    """Lay out changes of tariffs by seller and buyer; later ones come on top of earlier ones.

    Parameters
    ----------
    table : InputOutputTable
    changes : sequence of TariffChange
    base_rates : numpy.ndarray of float, shape (nodes, economies), or Rate, optional
        Tariffs before the change, as fractions.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    numpy.ndarray of float, shape (nodes, economies)
        Change of the tariff that the economy levies on the node, as a fraction of its price.

    Raises
    ------
    DataError
        If buyers and sellers overlap, a change needs base tariffs that were not given, or base tariffs look
        like percentages.
    UnknownCodeError
        If an economy or sector is not in the table.
    """
    shape = (table.size, len(table.countries))
    base = _base(base_rates, shape)
    rates = base.copy()
    for change in changes:
        buyers, sellers = (economies_of(table, code, groups) for code in (change.buyers, change.sellers))
        both = sorted(set(buyers) & set(sellers))
        if both:
            raise DataError(
                f"{', '.join(both)} is on both sides of a tariff.",
                where=str(change),
                expected="buyers and sellers that do not overlap",
            )
        if base_rates is None and not isinstance(change.change, PercentagePoints):
            raise DataError(
                "The change needs the tariffs before it, which were not given.",
                where=str(change),
                expected="base_rates, or a change in percentage points",
            )
        rows = nodes_of(table, sellers, sectors_of(table, change.sectors))
        cells = np.ix_(rows, np.array([table.countries.index(each) for each in buyers]))
        if isinstance(change.change, Rate):
            rates[cells] = change.change.fraction
        elif base_rates is None:
            # without base tariffs only the sum of the changes is known
            rates[cells] += change.change.fraction
        else:
            rates[cells] = change.change.added_to(rates[cells])
    return np.asarray(rates - base)


def _base(base_rates: Floats | Rate | None, shape: tuple[int, int]) -> Floats:
    if base_rates is None:
        return np.zeros(shape)
    if isinstance(base_rates, Rate):
        return np.full(shape, base_rates.fraction)
    rates = np.asarray(base_rates, dtype=np.float64)
    if rates.shape != shape or not np.isfinite(rates).all() or (rates <= -1).any():
        raise DataError(
            "The base tariffs are not what the table needs.",
            where="base_rates",
            expected=f"finite fractions above -1, shape {shape[0]} sellers by {shape[1]} economies",
        )
    positive = rates[rates > 0]
    if positive.size and np.median(positive) > 1:
        raise DataError(
            f"Half of the base tariffs are above {np.median(positive):.3g}, so they look like percentages.",
            where="base_rates",
            expected="fractions: 0.035 for 3.5 %",
            next_step="Divide them by 100.",
        )
    return rates
