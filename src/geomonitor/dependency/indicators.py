"""Product-level indicators of one importer, by product and period, from its supply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geomonitor.codes import UNALLOCATED_CODES
from geomonitor.trade import Amounts, Importer, Supply, segment_maximum, segment_starts

__all__ = ["INDICATORS", "Indicators", "WorldMarket", "indicators", "world_market"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

# name: (unit, English, Dutch)
INDICATORS: Mapping[str, tuple[str, str, str]] = {
    "import_concentration": ("index", "concentration of foreign supply", "concentratie buitenlandse aanvoer"),
    "extra_import_share": ("share", "foreign supply in all imports", "aandeel van buiten in de invoer"),
    "imports_to_exports": ("ratio", "foreign imports over all exports", "invoer van buiten op alle uitvoer"),
    "imports_to_extra_exports": (
        "ratio",
        "foreign imports over foreign exports",
        "invoer op uitvoer naar buiten",
    ),
    "world_export_concentration": (
        "index",
        "concentration of world exports, group as one",
        "concentratie werelduitvoer, groep als één",
    ),
    "world_economies_concentration": (
        "index",
        "concentration of world exports by economy",
        "concentratie werelduitvoer per economie",
    ),
    "world_main_exporter_share": (
        "share",
        "largest foreign exporter in world exports",
        "grootste buitenlandse exporteur in werelduitvoer",
    ),
    "domestic_use_kusd": ("thousand USD a year", "imports for use at home", "invoer voor eigen gebruik"),
    "supply_fragility": (
        "rank",
        "fragility of the world trade network",
        "kwetsbaarheid van het handelsnetwerk",
    ),
}


@dataclass(frozen=True, slots=True)
class WorldMarket:
    """World exports of every product, the same for all importers.

    Attributes
    ----------
    values : numpy.ndarray of float, shape (periods, products, economies)
        Exports by exporter, thousand dollars.
    total, squares : numpy.ndarray of float, shape (periods, products)
        Sum over exporters of the value and of its square.
    """

    values: Floats
    total: Floats
    squares: Floats


@dataclass(frozen=True, slots=True)
class Indicators:
    """Indicators of one importer: arrays of shape (periods, products), NaN where undefined.

    Attributes
    ----------
    importer : Importer
    columns : dict of str to numpy.ndarray
        Values, shares and indices by name.
    main_supplier, world_main_exporter : numpy.ndarray of int
        Place of the economy, -1 where there is none.
    """

    importer: Importer
    columns: dict[str, Floats]
    main_supplier: Places
    world_main_exporter: Places


@dataclass(frozen=True, slots=True)
class _Rows:
    """Supplies to one importer, with the keys of every row worked out once."""

    segment: Places
    economy: Places
    shape: tuple[int, int]

    def grid(self, weights: Floats) -> Floats:
        """Sum by (period, product)."""
        summed = np.bincount(self.segment, weights=weights, minlength=self.shape[0] * self.shape[1])
        return np.asarray(summed, dtype=np.float64).reshape(self.shape)

    def largest(self, values: Floats) -> tuple[Floats, Places]:
        """Find the largest supplier by (period, product): its amount (0 where none) and place (-1)."""
        largest = np.zeros(self.shape[0] * self.shape[1])
        place = np.full(len(largest), -1, dtype=np.int64)
        starts = segment_starts(self.segment)
        if len(starts):
            found, row = segment_maximum(values, starts)
            positive = found > 0
            at = self.segment[starts][positive]
            largest[at] = found[positive]
            place[at] = self.economy[row[positive]]
        return largest.reshape(self.shape), place.reshape(self.shape)


def _divided(numerator: Floats, denominator: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator / denominator)


def world_market(exports: Amounts) -> WorldMarket:
    """Sum world exports of every product once, for all importers.

    Parameters
    ----------
    exports : Amounts
        Exports of every exporter, by period.

    Examples
    --------
    >>> import numpy as np
    >>> from geomonitor.trade import amounts_at
    >>> exports = amounts_at(np.array([0, 1]), {"value_kusd": np.array([3.0, 1.0])}, (1, 1, 2))
    >>> world_market(exports).total.tolist()
    [[4.0]]
    """
    values = exports.dense()
    return WorldMarket(
        values=values, total=values.sum(axis=2), squares=np.einsum("tpe,tpe->tp", values, values)
    )


def indicators(
    supply: Supply,
    importer: Importer,
    imports: Amounts,
    world: WorldMarket,
    *,
    intra_group: Literal["excluded", "included"] = "excluded",
    years_in_period: int = 1,
    re_export_shares: Mapping[str, float] | None = None,
    detail: bool = True,
) -> Indicators:
    """Compute the indicators of one importer.

    Parameters
    ----------
    supply : Supply
        For its axes.
    importer : Importer
    imports : Amounts
        Supplies to the importer, by period.
    world : WorldMarket
        World exports by the same periods.
    intra_group : {'excluded', 'included'}
        Whether suppliers at home (other members of the group) are left out of the concentration.
    years_in_period : int
        Number of years added up in a period, to give amounts a year.
    re_export_shares : mapping of str to float, optional
        Share of the imports of a product that is re-exported, by HS6 code.
    detail : bool
        Whether what stands beside the tested indicators is wanted too: bounds for unallocated
        partners, quantities, number of suppliers, largest foreign exporter on the world market.

    Returns
    -------
    Indicators

    Notes
    -----
    Core dependency indicators 1 to 3 are SWD(2021) 352: with M_o imports from foreign origin o and
    M_X their sum, ``sum_o (M_o / M_X)**2``, ``M_X / (M_X + M_intra)`` and ``M_X / E``, where E is
    all exports, those inside the group included. A product without exports has an infinite ratio.
    """
    economies = len(supply.economies)
    at_home = np.zeros(economies, dtype=bool)
    at_home[supply.positions(importer.home)] = True
    member = np.zeros(economies, dtype=bool)
    member[supply.positions(importer.members)] = True

    periods, products, _ = imports.shape
    rows = _Rows(imports.segment, imports.economy, (periods, products))
    value = imports.value_kusd
    itself = member & (not importer.is_group)
    total = rows.grid(np.where(itself[rows.economy], 0.0, value)) if itself.any() else rows.grid(value)
    extra = rows.grid(np.where(at_home[rows.economy], 0.0, value))
    counted_value = np.where(_counted(importer, at_home, member, intra_group)[rows.economy], value, 0.0)
    counted = rows.grid(counted_value) if intra_group == "included" else extra
    columns: dict[str, Floats] = {
        "import_value_kusd": total,
        "extra_import_value_kusd": extra,
        "intra_import_value_kusd": total - extra,
        "import_concentration": _divided(rows.grid(counted_value**2), counted**2),
        "extra_import_share": _divided(extra, total),
    }
    largest, main = rows.largest(counted_value)
    columns["main_supplier_share"] = _divided(largest, counted)
    if detail:
        columns["supplier_count"] = rows.grid((counted_value > 0).astype(np.float64))
        columns |= _unallocated_bounds(supply, rows, counted_value, counted)
        columns |= _quantities(imports, rows, counted_value, counted)

    exports = world.values[:, :, member].sum(axis=2)
    among_members = (
        rows.grid(np.where(member[rows.economy], value, 0.0)) if importer.is_group else np.zeros_like(total)
    )
    extra_exports = np.maximum(exports - among_members, 0.0)
    columns["export_value_kusd"] = exports
    columns["imports_to_exports"] = _divided(extra, exports)
    columns["imports_to_extra_exports"] = _divided(extra, extra_exports)
    columns |= _domestic_use(
        supply, extra, total - among_members, exports, extra_exports, years_in_period, re_export_shares
    )
    exporter = np.full(total.shape, -1, dtype=np.int64)
    if supply.world:
        own_squares = np.einsum("tpe,tpe->tp", world.values[:, :, member], world.values[:, :, member])
        outside = world.total - among_members
        columns["world_economies_concentration"] = _divided(world.squares, world.total**2)
        columns["world_export_concentration"] = _divided(
            np.maximum(world.squares - own_squares, 0.0) + extra_exports**2, outside**2
        )
        if detail:
            abroad = np.where(at_home, 0.0, world.values)
            exporter = np.asarray(abroad.argmax(axis=2))
            most = abroad.max(axis=2)
            columns["world_main_exporter_share"] = _divided(most, outside)
            exporter = np.where(most > 0, exporter, -1)
    return Indicators(importer=importer, columns=columns, main_supplier=main, world_main_exporter=exporter)


def _quantities(imports: Amounts, rows: _Rows, counted_value: Floats, counted: Floats) -> dict[str, Floats]:
    """Give concentration by tonnes beside that by value, and the part of the value that it covers."""
    if imports.quantity_t is None or imports.value_with_quantity_kusd is None:
        return {}
    keep = counted_value > 0
    quantity = np.where(keep, imports.quantity_t, 0.0)
    tonnes = rows.grid(quantity)
    known = rows.grid(np.where(keep, imports.value_with_quantity_kusd, 0.0))
    return {
        "import_quantity_t": tonnes,
        "quantity_concentration": _divided(rows.grid(quantity**2), tonnes**2),
        "quantity_coverage": _divided(known, counted),
    }


def _counted(
    importer: Importer, at_home: NDArray[np.bool_], member: NDArray[np.bool_], intra_group: str
) -> NDArray[np.bool_]:
    """Say which origins count as suppliers in the concentration."""
    if intra_group == "excluded":
        return ~at_home
    # an economy never supplies itself; the members of a group do supply each other
    return np.ones_like(at_home) if importer.is_group else ~member


def _unallocated_bounds(
    supply: Supply, rows: _Rows, counted_value: Floats, counted: Floats
) -> dict[str, Floats]:
    """Bound the concentration: unallocated partners spread out, or all part of the largest supplier."""
    unknown = np.zeros(len(supply.economies), dtype=bool)
    unknown[supply.positions(UNALLOCATED_CODES)] = True
    if not unknown[rows.economy].any():
        exact = _divided(rows.grid(counted_value**2), counted**2)
        return {
            "unallocated_share": _divided(np.zeros_like(counted), counted),
            "import_concentration_lower": exact,
            "import_concentration_upper": exact,
        }
    known_value = np.where(unknown[rows.economy], 0.0, counted_value)
    known_squares = rows.grid(known_value**2)
    unallocated = np.maximum(counted - rows.grid(known_value), 0.0)
    largest, _ = rows.largest(known_value)
    upper = known_squares - largest**2 + (largest + unallocated) ** 2
    return {
        "unallocated_share": _divided(unallocated, counted),
        "import_concentration_lower": _divided(known_squares, counted**2),
        "import_concentration_upper": _divided(upper, counted**2),
    }


def _domestic_use(
    supply: Supply,
    extra: Floats,
    outside: Floats,
    exports: Floats,
    extra_exports: Floats,
    years_in_period: int,
    re_export_shares: Mapping[str, float] | None,
) -> dict[str, Floats]:
    """Give imports for use at home a year: exact where the re-export share is known, else bounds.

    Without a share, all exports might be re-exports (lower bound) or none (upper bound). Trade among
    the members of a group is neither: `outside` are imports, and `extra_exports` exports, without it.
    """
    share = np.array([(re_export_shares or {}).get(product, np.nan) for product in supply.products])
    known = ~np.isnan(share)
    use = outside * (1.0 - share)
    lower = np.where(known, use, np.maximum(outside - extra_exports, 0.0)) / years_in_period
    upper = np.where(known, use, outside) / years_in_period
    columns = {"domestic_use_lower_kusd": lower, "domestic_use_upper_kusd": upper}
    if known.any():
        # exports of own make: what is sold abroad less what only passed through
        own_exports = np.maximum(exports - outside * share, 0.0)
        columns["re_export_share"] = np.broadcast_to(share, outside.shape).copy()
        columns["imports_to_exports_net_of_re_exports"] = _divided(extra * (1.0 - share), own_exports)
    return columns
