"""Shares in the trade of raw materials by stage: a stand-in where production is not known.

Shares of world exports stand in for shares of world supply, shares of imports from outside home for what
comes from abroad, and exports of the economies at home for how production at home is spread over them. Only
the principal codes of a material count. A code that mixes materials counts for a group that holds them all,
not for its members; else it counts for each in full, unless the map says which part is which, and `mixed`
marks it.

Cost: one pass over the flows for all importers together; after it, work grows with materials, suppliers and
years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from geomonitor.codes import UNALLOCATED_CODES, material, material_products
from geomonitor.trade import Importer, Supply, one_a_code

__all__ = ["MaterialTrade", "material_trade"]

_MARKET = ("importer", "material", "stage")


@dataclass(frozen=True, slots=True)
class MaterialTrade:
    """Trade in raw materials by stage.

    Attributes
    ----------
    products : polars.DataFrame
        Which codes are counted: `material`, `stage`, `product`, `part` (of the code's value), `mixed`,
        `mixed_with`.
    world : polars.DataFrame
        Exports to the world, all years together: `material`, `stage`, `economy` (null for what has no
        single origin), `value_kusd`, `share`.
    sourcing : polars.DataFrame
        Imports from outside home: the same with `importer`.
    home : polars.DataFrame
        Exports of the economies at home, the same with `importer`; shares are among them.
    history : polars.DataFrame
        Year by year: `material`, `stage`, `scope` ("world" or an importer), `year`, `concentration`,
        `main_supplier`, `main_supplier_share`, `value_kusd`.
    """

    products: pl.DataFrame
    world: pl.DataFrame
    sourcing: pl.DataFrame
    home: pl.DataFrame
    history: pl.DataFrame


def material_trade(
    supply: Supply, hs_revision: str, importers: Sequence[Importer], years: Sequence[int] | None = None
) -> MaterialTrade:
    """Add up trade in every raw material by stage.

    Parameters
    ----------
    supply : Supply
        Of `supply_tables`, with exports to the world and years kept apart.
    hs_revision : str
        Of the flows, such as "HS92".
    importers : sequence of Importer
        Those the supply was made for.
    years : sequence of int, optional
        Years that are added up for the shares; all where left out. The history has every year.

    Returns
    -------
    MaterialTrade

    Examples
    --------
    >>> from geomonitor.data import embedded_dataset, open_flows
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows, union = open_flows(embedded_dataset(), years=[2023]), [importer("EU27_2020")]
    >>> trade = material_trade(supply_tables(flows, union, [2023], by_year=True), "HS92", union)
    >>> trade.sourcing.filter(material="boron", stage="extraction").row(0, named=True)["economy"]
    'TUR'
    """
    unique = one_a_code(importers)
    products = _products(hs_revision, supply.products)
    exports = _by_material(supply.table(), products)
    imports = [
        _by_material(
            supply.table(each.code).filter(~pl.col("exporter").is_in(list(each.home))), products
        ).select(pl.lit(each.code).alias("importer"), pl.all())
        for each in unique
    ]
    sourced = pl.concat(imports) if imports else exports.clear().with_columns(importer=pl.lit(""))
    at_home = [
        exports.filter(pl.col("economy").is_in(list(each.home))).with_columns(importer=pl.lit(each.code))
        for each in unique
    ]
    made_at_home = pl.concat(at_home) if at_home else exports.clear().with_columns(importer=pl.lit(""))
    chosen = pl.col("year").is_in(list(years if years is not None else supply.years))
    history = pl.concat(
        [
            _history(exports.with_columns(importer=pl.lit("world"))),
            _history(sourced.select("importer", pl.all().exclude("importer"))),
        ],
        how="diagonal",
    )
    return MaterialTrade(
        products=products,
        world=_shares(exports.filter(chosen), ["material", "stage"]),
        sourcing=_shares(sourced.filter(chosen), list(_MARKET)),
        home=_shares(made_at_home.filter(chosen), list(_MARKET)),
        history=history.rename({"importer": "scope"}).sort("scope", "material", "stage", "year"),
    )


def _products(hs_revision: str, known: Sequence[str]) -> pl.DataFrame:
    stated = [each for each in material_products(hs_revision) if each.principal]
    covered = {(each.material, each.stage, product) for each in stated for product in each.products}
    rows = [
        {
            "material": each.material,
            "stage": each.stage,
            "product": product,
            "part": 1.0 if each.share is None else each.share,
            "mixed": each.share is None,
            "mixed_with": each.mixed_with,
        }
        for each in stated
        for product in each.products
        # a mixed code says who supplies the group, not who supplies one of its members
        if each.share is not None
        or not any((parent, each.stage, product) in covered for parent in material(each.material).parents)
    ]
    schema = {
        "material": pl.String,
        "stage": pl.String,
        "product": pl.String,
        "part": pl.Float64,
        "mixed": pl.Boolean,
        "mixed_with": pl.String,
    }
    return (
        pl.DataFrame(rows, schema=schema)
        .filter(pl.col("product").is_in(list(known)))
        .sort("material", "stage", "product")
    )


def _by_material(table: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    return (
        table.select("year", "product", "exporter", "value_kusd")
        .join(products, on="product", how="inner", maintain_order="left")
        .with_columns(
            economy=pl.when(~pl.col("exporter").is_in(list(UNALLOCATED_CODES))).then("exporter"),
            value_kusd=pl.col("value_kusd") * pl.col("part"),
        )
        .group_by("material", "stage", "year", "economy")
        .agg(pl.col("value_kusd").sort().sum())
        .filter(pl.col("value_kusd") > 0)
    )


def _shares(amounts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return (
        amounts.group_by(*by, "economy")
        .agg(pl.col("value_kusd").sort().sum())
        .sort(*by, "value_kusd", "economy", descending=[*[False] * len(by), True, False], nulls_last=True)
        .with_columns(share=pl.col("value_kusd") / pl.col("value_kusd").sum().over(by))
        .select(*by, "economy", "value_kusd", "share")
    )


def _history(amounts: pl.DataFrame) -> pl.DataFrame:
    by = [*_MARKET, "year"]
    known = pl.col("economy").is_not_null()
    return (
        _shares(amounts, by)
        .group_by(by, maintain_order=True)
        .agg(
            concentration=(pl.col("share") ** 2).filter(known).sum(),
            main_supplier=pl.col("economy").filter(known).first(),
            main_supplier_share=pl.col("share").filter(known).first(),
            value_kusd=pl.col("value_kusd").sum(),
        )
    )
