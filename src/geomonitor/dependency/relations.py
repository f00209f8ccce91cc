"""Relations: reverse dependencies, mutual ones, and those that the members of a group share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from geomonitor.dependency.fragility import Fragility
from geomonitor.dependency.screening import ScreeningOptions, measure, screen
from geomonitor.dependency.specification import MethodSpecification
from geomonitor.errors import DataError
from geomonitor.trade import Importer, Supply

__all__ = ["Common", "Mutual", "Reverse", "common", "mutual", "reverse"]

_ON, _OF = "on counterpart", "of counterpart"


@dataclass(frozen=True, slots=True)
class Reverse:
    """Products for which one importer depends on one supplier.

    Attributes
    ----------
    table : polars.DataFrame
        One row a dependent product whose main supplier is `supplier`: `product`, `value_kusd`
        (imports from the supplier in the years together, thousand dollars), `share` (of the
        importer's foreign supply) and `margin` (smallest relative distance to a threshold).
    dependent_count : int
        All products on which the importer depends, whoever supplies them.
    dependent_value_kusd : float
        Foreign imports of all those products.
    value_from_supplier_kusd : float
        All imports of the importer from the supplier, dependent or not.
    importer, supplier : Importer
        Who depends, and on whom.
    specification : MethodSpecification
    years : tuple of int
    """

    table: pl.DataFrame
    dependent_count: int
    dependent_value_kusd: float
    value_from_supplier_kusd: float
    importer: Importer
    supplier: Importer
    specification: MethodSpecification
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mutual:
    """Dependencies between two importers, both ways.

    Attributes
    ----------
    table : polars.DataFrame
        `importer`, `counterpart`, `method`, `direction` ('on counterpart': the importer depends on
        the counterpart; 'of counterpart': the counterpart depends on the importer), `product`,
        `value_kusd`, `share`.
    summary : polars.DataFrame
        One row a direction: `direction`, `products`, `dependent_products` (on anyone),
        `share_of_dependent_products`, `value_kusd`, `share_of_dependent_value`, `bilateral_value_kusd`
        (all imports from the other) and `share_of_bilateral_value`.
    product_balance, value_balance : float or None
        (on - of) / (on + of), by number of products and by value: 1 where only the importer depends
        on the counterpart, -1 where only the counterpart depends, None where neither does.
    """

    table: pl.DataFrame
    summary: pl.DataFrame
    product_balance: float | None
    value_balance: float | None


@dataclass(frozen=True, slots=True)
class Common:
    """Dependencies that members of a group share.

    Attributes
    ----------
    table : polars.DataFrame
        One row a member and product that the member imports, for every product on which the group
        or a member depends: `importer` (the group), `method`, `product`, `member`, `dependent`,
        `main_supplier`, `main_supplier_share`.
    counts : polars.DataFrame
        One row a product: `product`, `group_dependent`, `members_dependent`, `members_importing`,
        `same_main_supplier` (members whose verdict is dependent and whose main supplier is that of
        the group).
    """

    table: pl.DataFrame
    counts: pl.DataFrame


def reverse(
    supply: Supply,
    importer: Importer,
    counterpart: Importer,
    specification: MethodSpecification,
    *,
    years: Sequence[int] | None = None,
    options: ScreeningOptions | None = None,
    fragility: Fragility | None = None,
) -> Reverse:
    """Find the products for which the counterpart depends on the importer.

    The importer is measured as one supplier, also where it is a group. Conditions on the world
    market stay by economy.

    Parameters
    ----------
    supply : Supply
        Made for the counterpart, whose imports are screened.
    importer : Importer
        On whom the counterpart may depend.
    counterpart : Importer
        Who may depend.
    specification : MethodSpecification
    years : sequence of int, optional
        Some of the years of the supply; all by default.
    options : ScreeningOptions, optional
    fragility : Fragility, optional
        For the method that needs network scores.

    Returns
    -------
    Reverse
        Of which `importer` is the counterpart and `supplier` the importer.

    Raises
    ------
    DataError
        If the supply was not made for the counterpart, or the importer is home to it.

    Examples
    --------
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["NLD", "DEU", "USA"],
    ...     "importer": ["CHN"] * 3, "product": ["848620"] * 3, "value_kusd": [5.0, 3.0, 2.0]})
    >>> supply = supply_tables(flows, [importer("CHN")], [2021], quantities=False)
    >>> found = reverse(supply, importer("EU27_2020"), importer("CHN"), method("commission-2021"))
    >>> found.table.select("product", "value_kusd", "share").rows()
    [('848620', 8.0, 0.8)]
    """
    return _depends(supply, counterpart, importer, specification, years, options, fragility)


def mutual(
    supply: Supply,
    importer: Importer,
    counterpart: Importer,
    specification: MethodSpecification,
    *,
    years: Sequence[int] | None = None,
    options: ScreeningOptions | None = None,
    fragility: Fragility | None = None,
) -> Mutual:
    """Set the dependencies between two importers side by side.

    Each is screened with the other measured as one supplier.

    Parameters
    ----------
    supply : Supply
        Made for both.
    importer, counterpart : Importer
    specification : MethodSpecification
    years, options, fragility
        See `reverse`.

    Returns
    -------
    Mutual

    Raises
    ------
    DataError
        If the supply was not made for both, or one is home to the other.

    Examples
    --------
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021] * 2, "exporter": ["NLD", "CHN"], "importer": ["CHN", "NLD"],
    ...     "product": ["848620", "810600"], "value_kusd": [6.0, 2.0]})
    >>> pair = [importer("NLD"), importer("CHN")]
    >>> found = mutual(supply_tables(flows, pair, [2021], quantities=False), *pair, method("cae-2021"))
    >>> found.summary.select("direction", "products", "value_kusd").rows()
    [('on counterpart', 1, 2.0), ('of counterpart', 1, 6.0)]
    >>> found.value_balance
    -0.5
    """
    on = _depends(supply, importer, counterpart, specification, years, options, fragility)
    of = _depends(supply, counterpart, importer, specification, years, options, fragility)
    rows = [
        found.table.select(
            pl.lit(importer.code).alias("importer"),
            pl.lit(counterpart.code).alias("counterpart"),
            pl.lit(specification.id).alias("method"),
            pl.lit(direction).alias("direction"),
            "product",
            "value_kusd",
            "share",
        )
        for direction, found in ((_ON, on), (_OF, of))
    ]
    summary = pl.DataFrame([_summed(_ON, on), _summed(_OF, of)], schema=_SUMMARY)
    products, values = summary["products"].to_list(), summary["value_kusd"].to_list()
    return Mutual(
        table=pl.concat(rows),
        summary=summary,
        product_balance=_balance(*products),
        value_balance=_balance(*values),
    )


def common(
    supply: Supply,
    group: Importer,
    specification: MethodSpecification,
    *,
    years: Sequence[int] | None = None,
    options: ScreeningOptions | None = None,
    fragility: Fragility | None = None,
) -> Common:
    """Find which members of a group share each dependency.

    Every member is screened with the group as home, so that only third countries are foreign.

    Parameters
    ----------
    supply : Supply
        Made for the group and each of its members.
    group : Importer
    specification : MethodSpecification
    years, options, fragility
        See `reverse`.

    Returns
    -------
    Common

    Raises
    ------
    DataError
        If the importer is no group, or the supply was not made for the group and every member.

    Examples
    --------
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021] * 2, "exporter": ["CHN", "NLD"], "importer": ["NLD", "BEL"],
    ...     "product": ["810600"] * 2, "value_kusd": [6.0, 2.0]})
    >>> group = importer("BNL", groups={"BNL": ["NLD", "BEL"]})
    >>> measured = [group, importer("NLD"), importer("BEL")]
    >>> supply = supply_tables(flows, measured, [2021], quantities=False)
    >>> common(supply, group, method("cae-2021")).table.select("member", "dependent").rows()
    [('BEL', False), ('NLD', True)]
    """
    if not group.is_group:
        raise DataError(
            f"{group.code} is no group, so that there are no members to share a dependency.",
            where="option importer",
            expected="a group of economies",
        )
    members = [
        Importer(code=code, members=(code,), home=group.home, home_code=group.home_code)
        for code in group.members
    ]
    _refuse_unmeasured(supply, [group, *members])
    persistent = specification.period_rule == "persistence"
    whole, *parts = (
        screen(each, specification, fragility=fragility).table
        for each in measure(supply, [group, *members], years=years, options=options, yearly=persistent)
    )
    shown = ("product", "dependent", "main_supplier", "main_supplier_share")
    rows = pl.concat(
        part.select(pl.lit(each.code).alias("member"), *shown)
        for each, part in zip(members, parts, strict=True)
    )
    flagged = pl.concat(part.filter(pl.col("dependent")).select("product") for part in (whole, rows)).unique()
    rows = rows.join(flagged, on="product", how="semi").sort("product", "member")
    of_group = whole.join(flagged, on="product", how="semi").select(
        "product",
        pl.col("dependent").alias("group_dependent"),
        pl.col("main_supplier").alias("group_supplier"),
    )
    dependent = pl.col("dependent").fill_null(False)
    counts = (
        rows.join(of_group, on="product", how="left")
        .group_by("product")
        .agg(
            pl.col("group_dependent").first(),
            members_dependent=dependent.sum().cast(pl.Int64),
            members_importing=pl.len().cast(pl.Int64),
            same_main_supplier=(dependent & (pl.col("main_supplier") == pl.col("group_supplier")))
            .sum()
            .cast(pl.Int64),
        )
        .sort("product")
    )
    table = rows.select(
        pl.lit(group.code).alias("importer"),
        pl.lit(specification.id).alias("method"),
        "product",
        "member",
        *shown[1:],
    )
    return Common(table=table, counts=counts)


_SUMMARY = {
    "direction": pl.String,
    "products": pl.Int64,
    "dependent_products": pl.Int64,
    "share_of_dependent_products": pl.Float64,
    "value_kusd": pl.Float64,
    "share_of_dependent_value": pl.Float64,
    "bilateral_value_kusd": pl.Float64,
    "share_of_bilateral_value": pl.Float64,
}


def _refuse_unmeasured(supply: Supply, importers: Sequence[Importer]) -> None:
    missing = [each.code for each in importers if each.code not in supply.imports]
    if missing:
        raise DataError(
            f"The supply was not made for {', '.join(missing)}.",
            where="supply_tables(importers=...)",
            expected=f"supplies to each of {', '.join(each.code for each in importers)}",
            next_step="Make one supply for all importers that are compared.",
        )


def _depends(
    supply: Supply,
    dependent: Importer,
    supplier: Importer,
    specification: MethodSpecification,
    years: Sequence[int] | None,
    options: ScreeningOptions | None,
    fragility: Fragility | None,
) -> Reverse:
    _refuse_unmeasured(supply, [dependent])
    places = supply.positions(set(supplier.members) - set(dependent.home))
    if len(places) == 0:
        raise DataError(
            f"{supplier.code} is home to {dependent.label}: it is no foreign supplier.",
            where="options importer and counterpart",
            expected="two importers that do not lie inside each other",
            next_step="Measure the member without the group as home.",
        )
    part = _of_years(supply, dependent, years)
    # all members of the supplier at the place of the first one
    target = np.arange(len(supply.economies))
    target[places] = places[0]
    imports = part.imports[dependent.code].moved(target)
    merged = replace(part, imports={dependent.code: imports})
    chosen = options or ScreeningOptions()
    persistent = specification.period_rule == "persistence"
    measured = next(measure(merged, [dependent], years=years, options=chosen, yearly=persistent))
    table = screen(measured, specification, fragility=fragility).table.filter(pl.col("dependent"))
    supplied = "extra_import_value_kusd" if chosen.intra_group == "excluded" else "import_value_kusd"
    found = table.filter(pl.col("main_supplier") == supply.economies[places[0]]).select(
        "product",
        (pl.col("main_supplier_share") * pl.col(supplied)).alias("value_kusd"),
        pl.col("main_supplier_share").alias("share"),
        "margin",
    )
    return Reverse(
        table=found,
        dependent_count=len(table),
        dependent_value_kusd=float(table[supplied].sum()),
        value_from_supplier_kusd=float(imports.value_kusd[imports.economy == places[0]].sum()),
        importer=dependent,
        supplier=supplier,
        specification=specification,
        years=measured.years,
    )


def _of_years(supply: Supply, importer: Importer, years: Sequence[int] | None) -> Supply:
    """Keep the chosen years of the exports and of one importer's supplies, before they are moved."""
    if years is None or not supply.by_year or not set(years) <= set(supply.years):
        # `measure` says what is wrong with years that are not there
        return supply
    places = [place for place, year in enumerate(supply.years) if year in set(years)]
    return replace(
        supply,
        years=tuple(supply.years[place] for place in places),
        exports=supply.exports.years(places),
        imports={importer.code: supply.imports[importer.code].years(places)},
    )


def _summed(direction: str, found: Reverse) -> dict[str, str | int | float | None]:
    value = float(found.table["value_kusd"].sum())
    return {
        "direction": direction,
        "products": len(found.table),
        "dependent_products": found.dependent_count,
        "share_of_dependent_products": _share(len(found.table), found.dependent_count),
        "value_kusd": value,
        "share_of_dependent_value": _share(value, found.dependent_value_kusd),
        "bilateral_value_kusd": found.value_from_supplier_kusd,
        "share_of_bilateral_value": _share(value, found.value_from_supplier_kusd),
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _balance(on: float, of: float) -> float | None:
    return (on - of) / (on + of) if on + of > 0 else None
