"""What the models of one product's market need: elasticities by product, and tariffs before and after.

The models themselves are `geomonitor.shocks.smart` (one importer) and `geomonitor.shocks.gsim` (the world).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from geomonitor.codes import resolve_importer
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks.rates import Percent, PercentagePoints, Rate

__all__ = [
    "ELASTICITY_COLUMNS",
    "TARIFF_COLUMNS",
    "Elasticities",
    "product_elasticities",
    "tariff_change_row",
    "tariffs_of",
]

ELASTICITY_COLUMNS = ("import_demand_elasticity", "substitution_elasticity", "export_supply_elasticity")
"""Of a table of elasticities by product; all positive, infinite supply as infinity."""

TARIFF_COLUMNS = ("importer", "exporter", "product", "tariff_before", "tariff_after")
"""Of a table of tariffs, as fractions."""

_ANY = "*"
_PRODUCT_LENGTHS = (6, 4, 2, 0)
# Medians above which tariffs look like percentages: those applied before, and new ones where none were.
_LARGEST_USUAL = 1.0
_LARGEST_NEW = 3.0


@dataclass(frozen=True, slots=True)
class Elasticities:
    """Elasticities of a product's market, all without a sign.

    Parameters
    ----------
    import_demand : float
        Fall of imports, in percent, when their price rises by 1 %; above 0.
    substitution : float
        Between origins; above 0.
    export_supply : float
        Rise of supply when its price rises by 1 %; above 0, infinite where sellers' prices are given.

    Raises
    ------
    DataError
        If one is 0, negative or missing.

    Examples
    --------
    >>> Elasticities(1.25, 5.0).export_supply
    inf
    """

    import_demand: float
    substitution: float
    export_supply: float = math.inf

    def __post_init__(self) -> None:
        for name, value in zip(
            ELASTICITY_COLUMNS, (self.import_demand, self.substitution, self.export_supply), strict=True
        ):
            finite = name == "export_supply_elasticity" or math.isfinite(value)
            if math.isnan(value) or value <= 0 or not finite:
                raise DataError(
                    f"{name} is {value:g}.",
                    where="elasticities",
                    expected="a number above 0; some sources print elasticities with a minus sign",
                )

    def __str__(self) -> str:
        return (
            f"import demand {self.import_demand:g}, substitution {self.substitution:g}, "
            f"export supply {self.export_supply:g}"
        )


def product_elasticities(
    products: Sequence[str], table: pl.DataFrame | None = None, default: Elasticities | None = None
) -> pl.DataFrame:
    """Give the elasticities of every product, from a table where it has them, else the default.

    Parameters
    ----------
    products : sequence of str
        HS6 codes.
    table : polars.DataFrame, optional
        `product` and any of `ELASTICITY_COLUMNS`; null where not known.
    default : Elasticities, optional
        For what the table does not have. Without one, what is missing is an error.

    Returns
    -------
    polars.DataFrame
        `product`, `ELASTICITY_COLUMNS`, `elasticity_source` ("table", "default", or both).

    Raises
    ------
    DataError
        If an elasticity is missing, 0 or negative, or a product is there twice.

    Examples
    --------
    >>> product_elasticities(["810600"], default=Elasticities(1.25, 5.0)).row(0)
    ('810600', 1.25, 5.0, inf, 'default')
    """
    found = pl.DataFrame({"product": list(products)}, schema={"product": pl.String})
    if table is not None:
        _check_elasticities(table)
        given = [name for name in ELASTICITY_COLUMNS if name in table.columns]
        found = found.join(
            table.select(
                pl.col("product").cast(pl.String), *(pl.col(name).cast(pl.Float64) for name in given)
            ),
            on="product",
            how="left",
            maintain_order="left",
        )
    found = found.with_columns(
        pl.lit(None, dtype=pl.Float64).alias(name) for name in ELASTICITY_COLUMNS if name not in found.columns
    )
    missing = found.filter(pl.any_horizontal(pl.col(name).is_null() for name in ELASTICITY_COLUMNS))
    if missing.height and default is None:
        row = missing.row(0, named=True)
        lacking = ", ".join(name for name in ELASTICITY_COLUMNS if row[name] is None)
        more = f" and {missing.height - 1} more products" if missing.height > 1 else ""
        raise DataError(
            f"{row['product']}{more} has no {lacking}.",
            where="elasticities",
            expected="elasticities for every product, or a default that is stated with the results",
            next_step="Pass default=Elasticities(...).",
        )
    from_table = pl.sum_horizontal(pl.col(name).is_not_null() for name in ELASTICITY_COLUMNS)
    source = (
        pl.when(from_table == len(ELASTICITY_COLUMNS))
        .then(pl.lit("table"))
        .when(from_table == 0)
        .then(pl.lit("default"))
        .otherwise(pl.lit("table and default"))
    )
    found = found.with_columns(elasticity_source=source)
    if default is not None:
        values = (default.import_demand, default.substitution, default.export_supply)
        found = found.with_columns(
            pl.col(name).fill_null(value) for name, value in zip(ELASTICITY_COLUMNS, values, strict=True)
        )
    return found.select("product", *ELASTICITY_COLUMNS, "elasticity_source")


def _check_elasticities(table: pl.DataFrame) -> None:
    given = [name for name in ELASTICITY_COLUMNS if name in table.columns]
    if "product" not in table.columns or not given:
        raise DataError(
            "The table of elasticities lacks a column.",
            where=f"columns found: {', '.join(table.columns)}",
            expected=f"product, and any of {', '.join(ELASTICITY_COLUMNS)}",
        )
    if table["product"].dtype.is_numeric():
        raise DataError(
            "The column product holds numbers, which have lost leading zeros.",
            where="elasticities, column product",
            expected="HS6 codes as text",
        )
    twice = table.filter(pl.col("product").is_duplicated())
    if twice.height:
        raise DataError(
            f"The product {twice['product'][0]} is in the table of elasticities twice.",
            where="elasticities, column product",
            expected="every product once",
        )
    for name in given:
        value = pl.col(name).cast(pl.Float64)
        bad = value.is_nan() | (value <= 0)
        if name != "export_supply_elasticity":
            bad |= value.is_infinite()
        wrong = table.filter(bad)
        if wrong.height:
            raise DataError(
                f"{name} of {wrong['product'][0]} is {wrong[name][0]:g}.",
                where=f"elasticities, column {name}",
                expected="a number above 0, or null where it is not known; some sources print a minus sign",
            )


def tariff_change_row(
    importer: str,
    exporter: str,
    before: Rate,
    change: PercentagePoints | Percent | Rate,
    product: str = _ANY,
) -> pl.DataFrame:
    """Make one row of a table of tariffs before and after.

    Parameters
    ----------
    importer, exporter : str
        Economy or group; ``*`` for all others.
    before : Rate
    change : PercentagePoints or Percent or Rate
        What is added to it; a `Rate` is what it becomes.
    product : str
        HS6 code, or its first two or four digits; ``*`` for all others.

    Returns
    -------
    polars.DataFrame
        Rows are put together with ``polars.concat``.

    Examples
    --------
    >>> tariff_change_row("EU27_2020", "CHN", Rate(0.03), PercentagePoints(25.0)).row(0)
    ('EU27_2020', 'CHN', '*', 0.03, 0.28)
    """
    after = change if isinstance(change, Rate) else before.plus(change)
    values = (importer, exporter, product, before.fraction, after.fraction)
    return pl.DataFrame({name: [value] for name, value in zip(TARIFF_COLUMNS, values, strict=True)})


def tariffs_of(
    pairs: pl.DataFrame,
    tariffs: pl.DataFrame,
    units: Mapping[str, Sequence[str]],
    *,
    unlisted: Rate | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> pl.DataFrame:
    """Find the tariffs before and after of every importer, exporter and product.

    Parameters
    ----------
    pairs : polars.DataFrame
        `importer`, `exporter`, `product` (HS6) and any other columns.
    tariffs : polars.DataFrame
        `importer`, `exporter` (economies, groups or ``*``), `product` (HS6, its first two or four digits, or
        ``*``), `tariff_before`, `tariff_after` (fractions). Of several rows the most specific one counts.
    units : mapping of str to sequence of str
        Members of every importer and exporter of the pairs; none for a rest of the world.
    unlisted : Rate, optional
        Before and after, where no row fits; an error where left out.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    polars.DataFrame
        The pairs with `tariff_before` and `tariff_after`.

    Raises
    ------
    DataError
        If a column is missing, a rate is none or looks like a percentage, a pair has no tariff, or several
        rows fit it and none is the most specific.
    UnknownCodeError
        If a row names an economy or group that is not known.
    """
    _check_tariffs(tariffs)
    keyed = tariffs.with_columns(pl.col(TARIFF_COLUMNS[:3]).cast(pl.String)).with_row_index("row")
    for side in ("importer", "exporter"):
        keyed = keyed.join(_meant(keyed[side].unique().sort().to_list(), units, side, groups), on=side)
    numbered = pairs.with_row_index("pair")
    keys = numbered.select(
        "pair",
        importer_unit=pl.col("importer").cast(pl.String),
        exporter_unit=pl.col("exporter").cast(pl.String),
        code=pl.col("product").cast(pl.String),
    )
    fitting = pl.concat(
        keys.with_columns(prefix=pl.col("code").str.head(length) if length else pl.lit(_ANY))
        .join(
            keyed,
            left_on=["importer_unit", "exporter_unit", "prefix"],
            right_on=["importer_unit", "exporter_unit", "product"],
        )
        .select("pair", "row", "importer_rank", "exporter_rank", "tariff_before", "tariff_after")
        .with_columns(product_rank=pl.lit(length))
        for length in _PRODUCT_LENGTHS
    )
    ranks = ("importer_rank", "exporter_rank", "product_rank")
    best = fitting.filter(
        pl.all_horizontal(pl.col(name) == pl.col(name).max().over("pair") for name in ranks)
    )
    _refuse_undecided(numbered, fitting, best)
    found = numbered.join(
        best.select("pair", "tariff_before", "tariff_after"), on="pair", how="left", maintain_order="left"
    ).drop("pair")
    without = found.filter(pl.col("tariff_before").is_null())
    if without.height and unlisted is None:
        row = without.row(0, named=True)
        raise DataError(
            f"{without.height} flows have no tariff, such as {row['product']} from {row['exporter']} to "
            f"{row['importer']}.",
            where="tariffs",
            expected="a row for every flow; importer, exporter and product may be *",
            next_step="Pass unlisted=Rate(0.0) if they pay nothing before and after.",
        )
    if unlisted is not None:
        found = found.with_columns(pl.col("tariff_before", "tariff_after").fill_null(unlisted.fraction))
    return found


def _check_tariffs(tariffs: pl.DataFrame) -> None:
    missing = [name for name in TARIFF_COLUMNS if name not in tariffs.columns]
    if missing:
        raise DataError(
            f"The table of tariffs lacks {', '.join(missing)}.",
            where=f"columns found: {', '.join(tariffs.columns)}",
            expected=", ".join(TARIFF_COLUMNS),
        )
    for name in ("tariff_before", "tariff_after"):
        value = pl.col(name).cast(pl.Float64)
        wrong = tariffs.filter(value.is_null() | ~value.is_finite() | (value <= -1))
        if wrong.height:
            row = wrong.row(0, named=True)
            raise DataError(
                f"{name} of {row['product']} from {row['exporter']} is {row[name]}.",
                where=f"tariffs, column {name}",
                expected="a finite fraction above -1",
            )
    _refuse_percentages(tariffs)


def _refuse_percentages(tariffs: pl.DataFrame) -> None:
    """Refuse whole books of tariffs in percent; a scenario may well add 100 percentage points to a rate."""
    before, after = (tariffs[name].cast(pl.Float64) for name in ("tariff_before", "tariff_after"))
    applied = before.filter(before > 0)
    for name, rates, largest in (
        ("tariff_before", applied, _LARGEST_USUAL),
        ("tariff_after", after.filter(after > 0) if applied.is_empty() else applied.clear(), _LARGEST_NEW),
    ):
        half = rates.median()
        if isinstance(half, float) and half > largest:
            raise DataError(
                f"Half of {name} are above {half:.3g}, so they look like percentages.",
                where=f"tariffs, column {name}",
                expected="fractions: 0.035 for 3.5 %",
                next_step="Divide them by 100.",
            )


def _meant(
    codes: Sequence[str],
    units: Mapping[str, Sequence[str]],
    side: str,
    groups: Mapping[str, Sequence[str]] | None,
) -> pl.DataFrame:
    """Say which units each code of a row means, and how closely."""
    rows: list[tuple[str, str, int]] = []
    for code in codes:
        if code == _ANY:
            rows += [(code, unit, 0) for unit in units]
            continue
        members: set[str] = set()
        if code not in units:
            try:
                members = set(resolve_importer(code, extra=groups).members)
            except UnknownCodeError as error:
                raise UnknownCodeError(
                    error.what, where=f"tariffs, column {side}", expected=error.expected or "a known code"
                ) from error
        for unit, inside in units.items():
            if unit == code:
                rows.append((code, unit, 2))
            elif members and inside and set(inside) <= members:
                rows.append((code, unit, 1))
    schema = {side: pl.String, f"{side}_unit": pl.String, f"{side}_rank": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _refuse_undecided(pairs: pl.DataFrame, fitting: pl.DataFrame, best: pl.DataFrame) -> None:
    """Refuse pairs for which two rows are as specific, or none is the most specific one."""
    counted = (
        fitting.group_by("pair")
        .agg(fits=pl.len())
        .join(best.group_by("pair").agg(best=pl.len()), on="pair", how="left")
        .filter(pl.col("best").fill_null(0) != 1)
        .sort("pair")
    )
    if counted.height:
        row = pairs.row(int(counted["pair"][0]), named=True)
        raise DataError(
            f"{counted['fits'][0]} rows of tariffs fit {row['product']} from {row['exporter']} to "
            f"{row['importer']}, and none is the most specific.",
            where="tariffs",
            expected="one row, or one that is the most specific in importer, exporter and product",
            next_step="Add the row for this flow, or take out the other ones.",
        )
