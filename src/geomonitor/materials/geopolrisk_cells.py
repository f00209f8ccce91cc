"""The arithmetic of GeoPolRisk on arrays over importers, years and materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.errors import DataError
from geomonitor.materials.geopolrisk_inputs import Production
from geomonitor.materials.geopolrisk_options import GeoPolRiskOptions
from geomonitor.materials.specification import MaterialMethod
from geomonitor.trade import Importer, Supply

__all__ = ["Cells", "cell_table"]

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

_REASONS = (
    "none of its products is traded in the data",
    "no production in the data",
    "nothing is imported or produced at home",
    "no quantity of the imports is known",
    "production at home is not known in tonnes",
    "part of world production has no single origin",
    "governance of a supplier is not known",
)


@dataclass(frozen=True, slots=True)
class Cells:
    """The inputs on their axes.

    Attributes
    ----------
    supply : Supply
        Imports of every importer and exports of the world, with quantities.
    importers : sequence of Importer
    materials : sequence of str
    shares : numpy.ndarray of float, shape (products, materials)
        Which part of a product is which material.
    risk : numpy.ndarray of float, shape (years, economies)
        Political instability, NaN where not known.
    production : Production
    """

    supply: Supply
    importers: Sequence[Importer]
    materials: Sequence[str]
    shares: Floats
    risk: Floats
    production: Production

    def imports(self) -> dict[str, Floats]:
        """Add up imports over importers, years and materials, in all and by what is known of them."""
        supply = self.supply
        years, products, economies = supply.exports.shape
        per_importer = [supply.imports[each.code] for each in self.importers]
        places = np.concatenate([each.places for each in per_importer])
        who = np.repeat(np.arange(len(per_importer)), [len(each.places) for each in per_importer])
        economy, segment = places % economies, places // economies
        home = np.zeros((len(self.importers), economies), dtype=bool)
        for number, each in enumerate(self.importers):
            home[number, supply.positions(each.home)] = True
        risk = np.where(home[who, economy], 0.0, self.risk[segment // products, economy])
        unknown = np.isnan(risk)
        quantity = _joined([each.quantity_t for each in per_importer])
        amounts = {
            "value": np.concatenate([each.value_kusd for each in per_importer]),
            "value_with_quantity": _joined([each.value_with_quantity_kusd for each in per_importer]),
            "quantity": quantity,
            "at_risk": quantity * np.where(unknown, 0.0, risk),
            "ungoverned": quantity * unknown,
        }
        where = who * (years * products) + segment
        size = len(self.importers) * years * products
        return {
            name: (
                np.bincount(where, weights=amount, minlength=size).reshape(-1, products) @ self.shares
            ).reshape(len(self.importers), years, -1)
            for name, amount in amounts.items()
        }

    def home(self) -> tuple[Floats, Marks]:
        """Add up production at home over importers, years and materials; and whether part is unknown."""
        made = self.production
        members = np.zeros((len(self.importers), len(self.supply.economies)))
        for number, each in enumerate(self.importers):
            members[number, self.supply.positions(each.members)] = 1.0
        known = np.tensordot(members, made.home_t, axes=(1, 2))
        return known, np.tensordot(members, made.home_unknown.astype(float), axes=(1, 2)) > 0

    def traded(self) -> Marks:
        """Say for every year and material whether anyone trades one of its products."""
        years, products, _ = self.supply.exports.shape
        seen = np.bincount(self.supply.exports.segment, minlength=years * products).reshape(years, products)
        empty = [str(self.supply.years[place]) for place in np.flatnonzero(seen.sum(axis=1) == 0)]
        if empty:
            raise DataError(
                f"The flows hold no trade in these materials in {', '.join(empty)}.",
                where="column year of the flows",
                expected="flows for every year that is scored",
                next_step="Choose other years, or add flows of these years.",
            )
        return np.asarray((seen > 0) @ (self.shares > 0))


def _joined(parts: Sequence[Floats | None]) -> Floats:
    return np.concatenate([part for part in parts if part is not None])


def cell_table(cells: Cells, method: MaterialMethod, options: GeoPolRiskOptions) -> pl.DataFrame:
    """Score every cell.

    Parameters
    ----------
    cells : Cells
    method : MaterialMethod
        ``geopolrisk-2024``.
    options : GeoPolRiskOptions

    Returns
    -------
    polars.DataFrame
        See `GeoPolRisk.table`.
    """
    found, (home, home_unknown) = cells.imports(), cells.home()
    quantity, value, ungoverned = found["quantity"], found["value"], found["ungoverned"]
    low, high = cells.production.concentration_low, cells.production.concentration_high
    untraded = np.broadcast_to(~cells.traded(), quantity.shape)
    no_quantity = (quantity == 0) & (value > 0) & (options.missing_quantity == "unknown")
    no_supply = (quantity == 0) & (home == 0) & ~home_unknown & ~no_quantity
    filled = options.unknown_governance
    zero = options.no_supply == "zero"
    with np.errstate(invalid="ignore", divide="ignore"):
        lowest, highest, risk = (
            (found["at_risk"] + part * ungoverned) / (quantity + home) for part in (0.0, 1.0, filled or 0.0)
        )
        priced = found["value" if options.missing_quantity == "zero" else "value_with_quantity"]
        price = np.where(quantity > 0, priced / quantity, 0.0 if zero else np.nan)
    if zero:
        risk, lowest, highest = (np.where(no_supply, 0.0, each) for each in (risk, lowest, highest))
    # production beyond what is known can only lower the risk; without any quantity it can be anything
    only_home = home_unknown & (quantity + home == 0)
    lowest = np.where(home_unknown | no_quantity, 0.0, lowest)
    highest = np.where(no_quantity, 1.0, np.where(only_home, 0.0, highest))

    unclear = np.isfinite(low) & (low != high)
    blocked = np.stack(
        [
            untraded & (not zero),
            np.broadcast_to(np.isnan(low), quantity.shape),
            no_supply & (not zero),
            no_quantity,
            home_unknown,
            np.broadcast_to(unclear, quantity.shape),
            (ungoverned > 0) & (filled is None),
        ]
    )
    of_production = [1, 5]
    risk = np.where(np.delete(blocked, of_production, axis=0).any(axis=0), np.nan, risk)
    concentration = np.broadcast_to(np.where(unclear, np.nan, low), risk.shape)
    unbounded = blocked[:3].any(axis=0)
    score = concentration * risk
    columns = {
        "production_concentration": concentration,
        "import_risk": risk,
        "score": score,
        "score_low": np.where(unbounded, np.nan, low * lowest),
        "score_high": np.where(unbounded, np.nan, high * highest),
        "price_kusd_t": price,
        "characterisation_factor": score * price / method.parameters["copper_factor"],
        "imports_t": quantity,
        "production_t": np.where(home_unknown, np.nan, home),
        "imports_without_governance_t": ungoverned,
        "import_value_kusd": value,
        "value_share_without_quantity": _part(value - found["value_with_quantity"], value),
    }
    return _labelled(cells, columns, np.where(blocked.any(axis=0), blocked.argmax(axis=0), -1))


def _part(part: Floats, whole: Floats) -> Floats:
    # a difference of two sums: what is left of equal sums is rounding
    part = np.where(np.abs(part) <= 1e-12 * whole, 0.0, part)
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def _labelled(cells: Cells, columns: Mapping[str, Floats], reason: NDArray[np.intp]) -> pl.DataFrame:
    """Write arrays over importers, years and materials as rows by importer, material and year."""
    who = [(each.code, each.home_code) for each in cells.importers]
    order = sorted(range(len(who)), key=who.__getitem__)
    importers, years, materials = reason.shape

    def rows(array: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(array, reason.shape)[order].swapaxes(1, 2).ravel()

    def axis(labels: Sequence[str], each: int, times: int) -> pl.Series:
        places = np.tile(np.repeat(np.arange(len(labels)), each), times)
        return pl.Series(labels).gather(places)

    return pl.DataFrame(
        {
            "importer": axis([who[place][0] for place in order], materials * years, 1),
            "home": axis([who[place][1] for place in order], materials * years, 1),
            "material": axis(list(cells.materials), years, importers),
            "year": np.tile(np.asarray(cells.supply.years, dtype=np.int16), importers * materials),
            **{name: rows(array) for name, array in columns.items()},
            "producers_without_quantity": rows(cells.production.without_amount.astype(np.int32)),
            "reason": pl.Series([*_REASONS, None]).gather(rows(reason)),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
