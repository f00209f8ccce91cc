"""Churn: which products were dependent in every year, and how many come and go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.dependency.fragility import Fragility
from geomonitor.dependency.screening import Measurement, ScreeningOptions, measure
from geomonitor.dependency.specification import Condition, MethodSpecification
from geomonitor.errors import DataError
from geomonitor.trade import Importer, Supply

__all__ = ["churn", "history"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_INDICATORS = (
    "import_concentration",
    "extra_import_share",
    "imports_to_exports",
    "world_export_concentration",
)
_HISTORY = {
    "importer": pl.String,
    "home": pl.String,
    "method": pl.String,
    "year": pl.Int64,
    "product": pl.String,
    "dependent": pl.Boolean,
    **dict.fromkeys(_INDICATORS, pl.Float64),
    "main_supplier": pl.String,
    "main_supplier_share": pl.Float64,
    "extra_import_value_kusd": pl.Float64,
}
_SERIES = ["importer", "home", "method"]


def history(
    supply: Supply,
    importers: Importer | Sequence[Importer],
    specification: MethodSpecification,
    *,
    years: Sequence[int] | None = None,
    options: ScreeningOptions | None = None,
    fragility: Fragility | Mapping[int, Fragility] | None = None,
) -> pl.DataFrame:
    """Hold every product in every year apart against a method.

    Parameters
    ----------
    supply : Supply
        Made for all years wanted.
    importers : Importer or sequence of Importer
        Some of those that the supply was made for; world exports are summed once for all.
    specification : MethodSpecification
        Its test of one year is used, also where its own verdict asks for several years.
    years : sequence of int, optional
        Some of the years of the supply; all by default.
    options : ScreeningOptions, optional
    fragility : Fragility or mapping of int to Fragility, optional
        Network scores for the method that needs them: one for all years, or one a year.

    Returns
    -------
    polars.DataFrame
        One row an importer, year and product imported in it: `importer`, `home`, `method`, `year`,
        `product`, `dependent` (null where open), `import_concentration`, `extra_import_share`,
        `imports_to_exports`, `world_export_concentration` (null where world exports were not added
        up), `main_supplier`, `main_supplier_share`, `extra_import_value_kusd`.

    Raises
    ------
    DataError
        If the method needs world exports or network scores that were not computed.

    Examples
    --------
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2020, 2021, 2021], "exporter": ["CHN", "CHN", "USA"],
    ...     "importer": ["NLD"] * 3, "product": ["810600"] * 3, "value_kusd": [8.0, 5.0, 5.0]})
    >>> supply = supply_tables(flows, [importer("NLD")], [2020, 2021], quantities=False)
    >>> found = history(supply, importer("NLD"), method("cae-2021"))
    >>> found.select("year", "dependent", "import_concentration").rows()
    [(2020, True, 1.0), (2021, False, 0.5)]
    """
    _refuse_missing(supply, specification, fragility)
    chosen = [importers] if isinstance(importers, Importer) else list(importers)
    parts = [
        _of_one(each, specification, _scores(each, fragility))
        for each in measure(supply, chosen, years=years, options=options)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_HISTORY)


def churn(history: pl.DataFrame) -> pl.DataFrame:
    """Count how many products come to be dependent, and how many stop to be, from year to year.

    Parameters
    ----------
    history : polars.DataFrame
        What `history` gives; one or more importers and methods.

    Returns
    -------
    polars.DataFrame
        One row an importer, method and year: `dependent_count`; `came` and `went` (products, against
        the year before); `gone_share`, the part of the products dependent a year ago that are no
        longer; `gone_share_5y`, the same after five years. Null where the history does not hold the
        earlier year, and shares also where nothing was dependent then. A product that is no longer
        imported counts as gone; one whose verdict has become open is left out of both counts.

    Notes
    -----
    Published for comparison: of the products on which the EU depended in 2018 one in five was not
    dependent in 2019, and of those of 2014 nearly half were not (Vicard and Wibaux 2023, CEPII
    Policy Brief 2023-41; all products, HS6).

    Examples
    --------
    >>> flags = pl.DataFrame({"importer": ["NLD"] * 4, "home": ["NLD"] * 4, "method": ["cae-2021"] * 4,
    ...     "year": [2020, 2020, 2021, 2021], "product": ["250410", "810600"] * 2,
    ...     "dependent": [True, True, False, True]})
    >>> churn(flags).select("year", "dependent_count", "came", "went", "gone_share").rows()
    [(2020, 2, None, None, None), (2021, 1, 0, 1, 0.5)]
    """
    flags = history.select(*_SERIES, "year", "product", "dependent").with_columns(
        pl.col("year").cast(pl.Int64)
    )
    counts = flags.group_by(*_SERIES, "year").agg(
        dependent_count=pl.col("dependent").fill_null(False).sum().cast(pl.Int64)
    )
    after_one = _change(flags, counts, 1)
    after_five = _change(flags, counts, 5).select(
        *_SERIES, "year", pl.col("gone_share").alias("gone_share_5y")
    )
    return (
        counts.join(after_one, on=[*_SERIES, "year"], how="left")
        .join(after_five, on=[*_SERIES, "year"], how="left")
        .select(*_SERIES, "year", "dependent_count", "came", "went", "gone_share", "gone_share_5y")
        .sort(*_SERIES, "year")
    )


def _refuse_missing(
    supply: Supply,
    specification: MethodSpecification,
    fragility: Fragility | Mapping[int, Fragility] | None,
) -> None:
    tested = [each.indicator for each in specification.conditions]
    if not supply.world and any(name.startswith("world_") for name in tested):
        raise DataError(
            f"{specification.id} needs the exports of every exporter, which were not added up.",
            where="supply_tables(world=False)",
            next_step="Make the supply with world=True.",
        )
    if specification.network and fragility is None:
        raise DataError(
            f"{specification.id} needs the scores of the products' trade networks.",
            where="history(fragility=None)",
            next_step="Compute them with geomonitor.dependency.supply_fragility.",
        )


def _scores(measurement: Measurement, fragility: Fragility | Mapping[int, Fragility] | None) -> Floats | None:
    """Give network scores by year and product."""
    if fragility is None:
        return None
    products, years = measurement.supply.products, measurement.years
    if isinstance(fragility, Fragility):
        return np.tile(fragility.score_of(products), (len(years), 1))
    missing = [year for year in years if year not in fragility]
    if missing:
        raise DataError(
            f"There are no network scores for {', '.join(map(str, missing))}.",
            where="option fragility",
            expected="one set of scores for every year",
        )
    return np.stack([fragility[year].score_of(products) for year in years])


def _of_one(
    measurement: Measurement, specification: MethodSpecification, scores: Floats | None
) -> pl.DataFrame:
    found = measurement.yearly
    if found is None:
        raise ValueError("the years were not measured apart")
    columns = found.columns if scores is None else {**found.columns, "supply_fragility": scores}

    def met(condition: Condition, bound: str) -> Flags:
        name = condition.indicator
        return condition.met(columns[f"domestic_use_{bound}_kusd" if name == "domestic_use_kusd" else name])

    extra = columns["extra_import_value_kusd"]
    large_enough = extra >= measurement.options.minimum_import_value_kusd
    sure = np.logical_and.reduce([large_enough, *(met(each, "lower") for each in specification.conditions)])
    maybe = np.logical_and.reduce([large_enough, *(met(each, "upper") for each in specification.conditions)])

    supply = measurement.supply
    year, product = np.nonzero(columns["import_value_kusd"] > 0)
    main = found.main_supplier[year, product]
    economies = np.array([*supply.economies, None], dtype=object)
    values = {
        name: columns[name][year, product] if name in columns else np.full(len(year), np.nan)
        for name in (*_INDICATORS, "main_supplier_share", "extra_import_value_kusd")
    }
    table = pl.DataFrame(
        {
            "year": np.asarray(measurement.years, dtype=np.int64)[year],
            "product": np.asarray(supply.products, dtype=object)[product],
            "sure": sure[year, product],
            "maybe": maybe[year, product],
            # place -1, no supplier, is the None at the end
            "main_supplier": economies[main].tolist(),
            **values,
        },
        schema_overrides={"product": pl.String, "main_supplier": pl.String},
    )
    return table.with_columns(
        pl.col(pl.Float64).fill_nan(None),
        importer=pl.lit(measurement.importer.code),
        home=pl.lit(measurement.importer.home_code),
        method=pl.lit(specification.id),
        # open where the verdict hangs on re-exports that are not known
        dependent=pl.when(pl.col("sure") | ~pl.col("maybe")).then("sure"),
    ).select(pl.col(name).cast(kind) for name, kind in _HISTORY.items())


def _change(flags: pl.DataFrame, counts: pl.DataFrame, years: int) -> pl.DataFrame:
    """Compare every year with the one so many years before, where the history holds it."""
    keys = [*_SERIES, "year"]
    later = counts.select(keys)
    earlier = later.select(*_SERIES, pl.col("year") + years)
    both = later.join(earlier, on=keys, how="semi")
    before = flags.with_columns(pl.col("year") + years).with_columns(known_before=pl.lit(True))
    now = flags.with_columns(known_now=pl.lit(True))
    pairs = now.join(before, on=[*keys, "product"], how="full", coalesce=True, suffix="_before")
    # what is not imported is not dependent; what is open stays null
    is_now = pl.when(pl.col("known_now").is_null()).then(False).otherwise("dependent")
    was = pl.when(pl.col("known_before").is_null()).then(False).otherwise("dependent_before")
    summed = (
        pairs.with_columns(is_now=is_now, was=was)
        .group_by(keys)
        .agg(
            came=(pl.col("is_now") & ~pl.col("was")).fill_null(False).sum().cast(pl.Int64),
            went=(~pl.col("is_now") & pl.col("was")).fill_null(False).sum().cast(pl.Int64),
            known=(pl.col("was") & pl.col("is_now").is_not_null()).fill_null(False).sum(),
        )
        .with_columns(gone_share=pl.when(pl.col("known") > 0).then(pl.col("went") / pl.col("known")))
    )
    return both.join(summed, on=keys, how="left").select(*keys, "came", "went", "gone_share")
