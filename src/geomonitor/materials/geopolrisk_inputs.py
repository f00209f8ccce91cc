"""Production, governance and the material map as arrays over years, materials and economies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import ECONOMY_CODES
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["Production", "governance_array", "material_shares", "production_arrays"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Production:
    """World production by year and material.

    Attributes
    ----------
    concentration_low, concentration_high : numpy.ndarray of float, shape (years, materials)
        Herfindahl-Hirschman index of the producers' shares, 0 to 1; production without an economy belongs to
        many small producers in the one and to a single producer in the other. NaN without production.
    home_t : numpy.ndarray of float, shape (years, materials, economies)
        Production in tonnes, as far as it is known.
    home_unknown : numpy.ndarray of bool, shape (years, materials, economies)
        Whether an economy produces an amount that is not given, or not in tonnes.
    without_amount : numpy.ndarray of int, shape (years, materials)
        Number of producers whose amount is not given; they are not in the concentration.
    """

    concentration_low: Floats
    concentration_high: Floats
    home_t: Floats
    home_unknown: NDArray[np.bool_]
    without_amount: NDArray[np.int64]


def _require(frame: pl.DataFrame, table: str, needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise DataError(
            f"The table of {table} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}.",
            where=f"columns found: {', '.join(frame.columns)}",
            expected=", ".join(needed),
        )


def _refuse(rows: pl.DataFrame, what: str, where: str, expected: str) -> None:
    if not rows.is_empty():
        first = ", ".join(f"{name} {value}" for name, value in rows.row(0, named=True).items())
        raise DataError(f"{what} ({rows.height} times; {first}).", where=where, expected=expected)


def _economy_places(codes: pl.Series, where: str) -> NDArray[np.int64]:
    """Find economies on the axis of all economies; -1 where there is none."""
    index = {code: place for place, code in enumerate(ECONOMY_CODES)}
    text = codes.cast(pl.String)
    unknown = sorted(set(text.drop_nulls()) - set(index))
    if unknown:
        raise UnknownCodeError(
            f"The table of {where} holds economies that Geomonitor does not know: {', '.join(unknown)}.",
            where="column economy",
            expected="ISO 3166 alpha-3 codes",
        )
    places: NDArray[np.int64] = text.replace_strict(index, default=-1, return_dtype=pl.Int64).to_numpy()
    return places


def production_arrays(
    production: pl.DataFrame,
    materials: Sequence[str],
    years: Sequence[int],
    *,
    tonnes_per_million_m3: float,
    whole: bool = False,
) -> Production:
    """Place production on the axes and measure its concentration.

    Parameters
    ----------
    production : polars.DataFrame
        `material`, `year`, `economy` (null where the source names none), and `quantity` with `unit`, or
        `quantity_t` in tonnes, or all three. Of a table with `measure`, only production is read. Rows of the
        same material, year and economy are added up.
    materials, years : sequence
        The axes.
    tonnes_per_million_m3 : float
        For gases.
    whole : bool
        Whether shares are taken of whole units, what is behind the comma being dropped.

    Returns
    -------
    Production

    Raises
    ------
    DataError
        If a column is missing, an amount is negative or not finite, or a material is given at two stages or
        in units or content that cannot be added up.
    UnknownCodeError
        If an economy is not known.

    Examples
    --------
    >>> rows = pl.DataFrame({"material": "cobalt", "year": 2022, "economy": ["COD", "IDN"],
    ...     "quantity_t": [80.0, 20.0]})
    >>> production_arrays(rows, ["cobalt"], [2022], tonnes_per_million_m3=800.0).concentration_low.round(4)
    array([[0.68]])
    """
    _require(production, "production", ["material", "year", "economy"])
    if "measure" in production.columns:
        production = production.filter(pl.col("measure") == "production")
    columns = production.columns
    if "quantity_t" not in columns and not {"quantity", "unit"} <= set(columns):
        _require(production, "production", ["quantity", "unit"])
    rows = production.filter(pl.col("material").is_in(list(materials)) & pl.col("year").is_in(list(years)))
    amount, tonnes = pl.lit(None, pl.Float64), pl.lit(None, pl.Float64)
    if "quantity" in columns:
        amount = pl.col("quantity").cast(pl.Float64)
    if "quantity_t" in columns:
        tonnes = pl.col("quantity_t").cast(pl.Float64)
    if {"quantity", "unit"} <= set(columns):
        # tonnes and gases only: every other unit is converted where the source is read
        factor = (
            pl.when(pl.col("unit") == "t")
            .then(1.0)
            .when(pl.col("unit") == "million m3")
            .then(tonnes_per_million_m3)
        )
        tonnes = pl.coalesce(tonnes, amount * factor)
    parts = [name for name in ("stage", "content", "unit") if name in columns]
    rows = rows.select("material", "year", "economy", *parts, amount=amount, tonnes=tonnes)
    _check_production(rows, parts)
    one_unit = pl.col("unit").n_unique() == 1 if "unit" in columns else pl.lit(value=True)
    by = ["material", "year"]
    rows = rows.with_columns(
        counted=pl.when((one_unit & pl.col("amount").is_not_null().any()).over(by))
        .then("amount")
        .otherwise("tonnes")
    )

    shape = (len(years), len(materials), len(ECONOMY_CODES) + 1)
    place = np.ravel_multi_index(
        (
            rows["year"].replace_strict({y: n for n, y in enumerate(years)}, return_dtype=pl.Int64),
            rows["material"].replace_strict({m: n for n, m in enumerate(materials)}, return_dtype=pl.Int64),
            # the last place is for production without an economy
            _economy_places(rows["economy"], "production") % shape[2],
        ),
        shape,
    )

    def placed(column: pl.Series) -> Floats:
        weights = column.fill_null(0.0).to_numpy()
        summed = np.bincount(place, weights=weights, minlength=int(np.prod(shape)))
        return np.asarray(summed, dtype=np.float64).reshape(shape)

    counted = placed(rows["counted"].floor() if whole else rows["counted"])
    world = counted.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        low = (counted[:, :, :-1] ** 2).sum(axis=2) / world**2
        high = (counted**2).sum(axis=2) / world**2
    unknown = placed(rows["tonnes"].is_null().cast(pl.Float64)) > 0
    missing = placed(rows["counted"].is_null().cast(pl.Float64)) > 0
    return Production(
        concentration_low=low,
        concentration_high=high,
        home_t=placed(rows["tonnes"])[:, :, :-1],
        home_unknown=unknown[:, :, :-1],
        without_amount=missing.sum(axis=2),
    )


def _check_production(rows: pl.DataFrame, parts: Sequence[str]) -> None:
    keys = ["material", "year"]
    amounts = pl.col("amount", "tonnes")
    _refuse(
        rows.filter(pl.any_horizontal((amounts < 0) | ~amounts.is_finite())).select(*keys, "economy"),
        "Production holds amounts that cannot be added up",
        "columns quantity and quantity_t",
        "finite numbers of at least 0; unknown amounts empty",
    )
    for name in parts:
        mixed = rows.group_by(keys).agg(
            pl.col(name).unique().sort().cast(pl.String).str.join(" and "),
            kinds=pl.col(name).n_unique(),
            in_tonnes=pl.col("tonnes").is_not_null().all(),
        )
        wrong = pl.col("kinds") > 1
        if name == "unit":
            wrong &= ~pl.col("in_tonnes")
        _refuse(
            mixed.filter(wrong).select(*keys, name).sort(keys),
            f"Production of one material has more than one {name}",
            f"column {name}",
            "rows that can be added up: filter the table first",
        )


def governance_array(governance: pl.DataFrame, years: Sequence[int]) -> Floats:
    """Place normalised governance on the axes.

    Parameters
    ----------
    governance : polars.DataFrame
        `economy`, `year`, `governance_risk` (0 stable to 1).
    years : sequence of int

    Returns
    -------
    numpy.ndarray of float, shape (years, economies)
        NaN where not known.

    Raises
    ------
    DataError
        If a value is outside 0 to 1, or an economy has two in a year.
    """
    _require(governance, "governance", ["economy", "year", "governance_risk"])
    rows = governance.filter(pl.col("year").is_in(list(years)) & pl.col("governance_risk").is_not_null())
    _refuse(
        rows.filter(~pl.col("governance_risk").is_between(0.0, 1.0)),
        "Governance is not normalised",
        "column governance_risk",
        "numbers from 0 (stable) to 1: see governance_risk",
    )
    _refuse(
        rows.filter(pl.struct("economy", "year").is_duplicated()).select("economy", "year"),
        "An economy has two values of governance in a year",
        "table of governance",
        "one row an economy and year",
    )
    found = np.full((len(years), len(ECONOMY_CODES)), np.nan)
    year = rows["year"].replace_strict({y: n for n, y in enumerate(years)}, return_dtype=pl.Int64)
    found[year.to_numpy(), _economy_places(rows["economy"], "governance")] = rows["governance_risk"]
    return found


def material_shares(
    material_products: pl.DataFrame, materials: Sequence[str], products: Sequence[str]
) -> Floats:
    """Say which part of a product's trade is which material.

    Parameters
    ----------
    material_products : polars.DataFrame
        `material`, `product` (HS6) and, where known, `share` (0 to 1; the whole product where empty).
    materials, products : sequence of str
        The axes.

    Returns
    -------
    numpy.ndarray of float, shape (products, materials)
    """
    rows = material_products.filter(pl.col("product").cast(pl.String).is_in(list(products)))
    share = pl.col("share").fill_null(1.0) if "share" in rows.columns else pl.lit(1.0)
    rows = rows.select("material", pl.col("product").cast(pl.String), share=share).unique()
    _refuse(
        rows.filter(~pl.col("share").is_between(0.0, 1.0) | pl.struct("material", "product").is_duplicated()),
        "The map from materials to products is not clear",
        "column share",
        "one share from 0 to 1 a material and product",
    )
    found = np.zeros((len(products), len(materials)))
    product = rows["product"].replace_strict({p: n for n, p in enumerate(products)}, return_dtype=pl.Int64)
    material = rows["material"].replace_strict({m: n for n, m in enumerate(materials)}, return_dtype=pl.Int64)
    found[product.to_numpy(), material.to_numpy()] = rows["share"]
    return found
