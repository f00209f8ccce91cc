"""Robustness: does a verdict survive other thresholds, other years, and tonnes in place of value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from geomonitor.dependency.fragility import Fragility
from geomonitor.dependency.indicators import Indicators
from geomonitor.dependency.screening import Measurement, ScreeningOptions, measure, screen
from geomonitor.dependency.specification import MethodSpecification
from geomonitor.trade import Importer, Supply

__all__ = ["Robustness", "robustness", "robustness_of_importers"]

VariantKind = Literal["threshold", "single year", "leave one out", "quantity"]

_THRESHOLD_STEPS = {"-10 %": 0.9, "+10 %": 1.1}
_QUANTITY_VARIANT = "quantity instead of value"
_MINIMUM_QUANTITY_COVERAGE = 0.5


@dataclass(frozen=True, slots=True)
class Robustness:
    """Verdicts of one importer and method under every variant.

    Attributes
    ----------
    table : polars.DataFrame
        One row a product and variant: `product`, `variant`, `kind` ('threshold', 'single year',
        'leave one out' or 'quantity'), `measured` (whether the variant could be measured) and
        `dependent` (null where it could not, or where the verdict is open).
    stability : polars.DataFrame
        One row a product: `product`, `dependent` (of the method as published), `variants` (how many
        could be measured), `same` (how many give that verdict too) and `stability` (same / variants,
        0 to 1; null where no variant could be measured).
    specification : MethodSpecification
    importer : Importer
    years : tuple of int
    """

    table: pl.DataFrame
    stability: pl.DataFrame
    specification: MethodSpecification
    importer: Importer
    years: tuple[int, ...]


def robustness(
    supply: Supply,
    importer: Importer,
    specification: MethodSpecification,
    *,
    years: Sequence[int] | None = None,
    options: ScreeningOptions | None = None,
    fragility: Fragility | None = None,
    products: Collection[str] | None = None,
) -> Robustness:
    """Test whether the verdicts on an importer's products survive reasonable other choices.

    The variants are: every threshold 10 % lower and higher, alone and all together; every year
    alone; every year left out; concentration by tonnes in place of by value.

    Parameters
    ----------
    supply : Supply
    importer : Importer
        One of those that the supply was made for.
    specification : MethodSpecification
    years : sequence of int, optional
        Years of the verdict that is tested; all of the supply by default.
    options : ScreeningOptions, optional
    fragility : Fragility, optional
        For the method that needs network scores; the same scores serve every variant.
    products : collection of str, optional
        Only these HS6 codes; all that the importer imports by default.

    Returns
    -------
    Robustness

    Raises
    ------
    DataError
        As `measure` and `screen`.

    Notes
    -----
    Threshold sensitivity as in the practice of publishing results at 10 % lower and higher
    thresholds. A year alone is tested with the method's test of one year; a product that was not
    imported in the years of a variant is not measured in it. The quantity variant is measured where
    tonnes are known for at least half of the value. Methods that do not test import concentration
    have no quantity variant.

    Examples
    --------
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["CHN", "USA", "NLD"],
    ...     "importer": ["NLD", "NLD", "USA"], "product": ["810600"] * 3,
    ...     "value_kusd": [8.0, 2.0, 4.0], "quantity_t": [5.0, 5.0, 1.0]})
    >>> supply = supply_tables(flows, [importer("NLD")], [2021])
    >>> robustness(supply, importer("NLD"), method("commission-2021")).stability.rows()
    [('810600', True, 10, 10, 1.0)]
    """
    return next(
        robustness_of_importers(
            supply,
            [importer],
            specification,
            years=years,
            options=options,
            fragility=fragility,
            products=products,
        )
    )


def robustness_of_importers(
    supply: Supply,
    importers: Sequence[Importer],
    specification: MethodSpecification,
    *,
    years: Sequence[int] | None = None,
    options: ScreeningOptions | None = None,
    fragility: Fragility | None = None,
    products: Collection[str] | None = None,
) -> Iterator[Robustness]:
    """Test the verdicts on several importers; world exports are summed once a variant.

    Parameters
    ----------
    supply : Supply
    importers : sequence of Importer
        Some of those that the supply was made for.
    specification : MethodSpecification
    years, options, fragility, products
        See `robustness`.

    Yields
    ------
    Robustness
        In the order of the importers.

    Examples
    --------
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021], "exporter": ["CHN"], "importer": ["NLD"],
    ...     "product": ["810600"], "value_kusd": [8.0]})
    >>> supply = supply_tables(flows, [importer("NLD")], [2021], quantities=False)
    >>> found = robustness_of_importers(supply, supply.importers, method("commission-2021"))
    >>> [each.stability["stability"].to_list() for each in found]
    [[1.0]]
    """
    period = tuple(sorted(set(years))) if years is not None else supply.years
    persistent = specification.period_rule == "persistence"

    def measured(chosen: Sequence[int]) -> list[Measurement]:
        return list(measure(supply, importers, years=chosen, options=options, yearly=persistent))

    whole = measured(period)
    single = {year: measured([year]) for year in period}
    without = (
        {year: measured([each for each in period if each != year]) for year in period}
        if len(period) > 1
        else {}
    )
    for place, base in enumerate(whole):
        yield _compared(
            base,
            {year: found[place] for year, found in single.items()},
            {year: found[place] for year, found in without.items()},
            specification,
            fragility,
            products,
        )


def _compared(
    base: Measurement,
    single: Mapping[int, Measurement],
    without: Mapping[int, Measurement],
    specification: MethodSpecification,
    fragility: Fragility | None,
    products: Collection[str] | None,
) -> Robustness:
    verdicts = screen(base, specification, fragility=fragility).table.select("product", "dependent")
    if products is not None:
        verdicts = verdicts.filter(pl.col("product").is_in(list(products)))

    def variant(
        name: str, kind: VariantKind, measurement: Measurement, changed: MethodSpecification
    ) -> pl.DataFrame:
        found = screen(measurement, changed, fragility=fragility).table.select("product", "dependent")
        found = found.with_columns(measured=pl.lit(True))
        return (
            verdicts.select("product")
            .join(found, on="product", how="left", maintain_order="left")
            .select(
                "product",
                pl.lit(name).alias("variant"),
                pl.lit(kind).alias("kind"),
                pl.col("measured").fill_null(False),
                "dependent",
            )
        )

    parts = [
        variant(name, "threshold", base, changed)
        for name, changed in _threshold_variants(specification).items()
    ]
    parts += [variant(f"{year} alone", "single year", found, specification) for year, found in single.items()]
    parts += [
        variant(f"without {year}", "leave one out", found, specification) for year, found in without.items()
    ]
    if any(each.indicator == "import_concentration" for each in specification.conditions):
        by_tonnes, covered = _by_quantity(base, single)
        part = variant(_QUANTITY_VARIANT, "quantity", by_tonnes, specification)
        known = pl.col("product").is_in(covered)
        parts.append(part.with_columns(measured=known, dependent=pl.when(known).then("dependent")))
    table = pl.concat(parts).sort("product", maintain_order=True)
    return Robustness(
        table=table,
        stability=_stability(verdicts, table),
        specification=specification,
        importer=base.importer,
        years=base.years,
    )


def _threshold_variants(specification: MethodSpecification) -> dict[str, MethodSpecification]:
    """Move every threshold of the verdict alone, then all together."""
    thresholds = {each.indicator: each.threshold for each in specification.conditions}
    variants = {
        f"{name} {step}": specification.with_thresholds({name: threshold * factor})
        for name, threshold in thresholds.items()
        for step, factor in _THRESHOLD_STEPS.items()
    }
    if len(thresholds) > 1:
        variants |= {
            f"all thresholds {step}": specification.with_thresholds(
                {name: threshold * factor for name, threshold in thresholds.items()}
            )
            for step, factor in _THRESHOLD_STEPS.items()
        }
    return variants


def _by_quantity(base: Measurement, single: Mapping[int, Measurement]) -> tuple[Measurement, list[str]]:
    """Put concentration by tonnes in place of by value; name the products where tonnes are known."""
    if "quantity_concentration" not in base.pooled.columns:
        return base, []
    coverage = base.pooled.columns["quantity_coverage"][0]
    enough = np.flatnonzero(np.nan_to_num(coverage, nan=0.0) >= _MINIMUM_QUANTITY_COVERAGE)
    yearly = None
    if base.yearly is not None:
        # the years apart were measured in detail for the variants of one year
        yearly = _with_tonnes(_stacked([each.pooled for each in single.values()]))
    by_tonnes = replace(base, pooled=_with_tonnes(base.pooled), yearly=yearly)
    return by_tonnes, [base.supply.products[place] for place in enough]


def _with_tonnes(found: Indicators) -> Indicators:
    return replace(
        found, columns={**found.columns, "import_concentration": found.columns["quantity_concentration"]}
    )


def _stacked(years: Sequence[Indicators]) -> Indicators:
    return Indicators(
        importer=years[0].importer,
        columns={name: np.concatenate([each.columns[name] for each in years]) for name in years[0].columns},
        main_supplier=np.concatenate([each.main_supplier for each in years]),
        world_main_exporter=np.concatenate([each.world_main_exporter for each in years]),
    )


def _stability(verdicts: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    compared = table.filter("measured").join(verdicts, on="product", suffix="_base")
    counted = compared.group_by("product").agg(
        variants=pl.len().cast(pl.Int64),
        # an open verdict is the same as an open one
        same=pl.col("dependent").eq_missing(pl.col("dependent_base")).sum().cast(pl.Int64),
    )
    return (
        verdicts.join(counted, on="product", how="left", maintain_order="left")
        .with_columns(pl.col("variants", "same").fill_null(0))
        .with_columns(stability=pl.when(pl.col("variants") > 0).then(pl.col("same") / pl.col("variants")))
    )
