"""Screening: every product of an importer against a method, with distances and main suppliers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import group
from geomonitor.dependency.fragility import Fragility
from geomonitor.dependency.indicators import Indicators, WorldMarket, indicators, world_market
from geomonitor.dependency.specification import Condition, MethodSpecification
from geomonitor.errors import DataError
from geomonitor.trade import Amounts, Importer, Supply

__all__ = ["Measurement", "Screening", "ScreeningOptions", "measure", "screen"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SHOWN = (
    "import_concentration",
    "extra_import_share",
    "imports_to_exports",
    "imports_to_extra_exports",
    "world_export_concentration",
    "world_economies_concentration",
    "world_main_exporter_share",
    "supply_fragility",
    "main_supplier_share",
    "supplier_count",
    "import_value_kusd",
    "extra_import_value_kusd",
    "intra_import_value_kusd",
    "export_value_kusd",
    "domestic_use_lower_kusd",
    "domestic_use_upper_kusd",
    "re_export_share",
    "imports_to_exports_net_of_re_exports",
    "import_concentration_lower",
    "import_concentration_upper",
    "unallocated_share",
    "import_quantity_t",
    "quantity_concentration",
    "quantity_coverage",
)


@dataclass(frozen=True, slots=True)
class ScreeningOptions:
    """Choices around a method; the defaults are those of the published methods.

    Attributes
    ----------
    intra_group : {'excluded', 'included'}
        Whether suppliers at home are left out of the concentration.
    minimum_import_value_kusd : float
        Foreign imports a year below which a product is never called dependent.
    re_export_shares : dict of str to float
        Share of imports that is re-exported, by HS6 code.
    partner_group : str, optional
        Group of which the main supplier is or is not a member.
    supplier_groups : tuple of str
        Groups measured as one supplier each; the share is then the group's.
    groups : dict of str to sequence of str
        User-defined groups, which the two above may name.
    """

    intra_group: Literal["excluded", "included"] = "excluded"
    minimum_import_value_kusd: float = 0.0
    re_export_shares: Mapping[str, float] = field(default_factory=dict)
    partner_group: str | None = None
    supplier_groups: tuple[str, ...] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = {code: share for code, share in self.re_export_shares.items() if not 0.0 <= share <= 1.0}
        if wrong:
            raise DataError(
                f"Re-export shares must lie between 0 and 1: {wrong}.",
                where="option re_export_shares",
                expected="a share, such as 0.67",
                next_step="Divide percentages by 100.",
            )
        if not (np.isfinite(self.minimum_import_value_kusd) and self.minimum_import_value_kusd >= 0):
            raise DataError(
                f"{self.minimum_import_value_kusd} cannot be a minimum value.",
                where="option minimum_import_value_kusd",
                expected="a number of at least 0, thousand US dollars a year",
            )

    def as_record(self) -> dict[str, Any]:
        """Give the options as plain data."""
        return {
            "intra_group": self.intra_group,
            "minimum_import_value_kusd": self.minimum_import_value_kusd,
            "re_export_shares": dict(self.re_export_shares),
            "partner_group": self.partner_group,
            "supplier_groups": list(self.supplier_groups),
            "groups": {name: list(members) for name, members in self.groups.items()},
        }


@dataclass(frozen=True, slots=True)
class Screening:
    """Every product of one importer against one method.

    Attributes
    ----------
    table : polars.DataFrame
        One row a product that the importer imports: indicators, verdict and distances.
    specification : MethodSpecification
    importer : Importer
    years : tuple of int
    options : ScreeningOptions
    """

    table: pl.DataFrame
    specification: MethodSpecification
    importer: Importer
    years: tuple[int, ...]
    options: ScreeningOptions

    @property
    def dependent(self) -> pl.DataFrame:
        """The rows of dependent products."""
        return self.table.filter(pl.col("dependent"))


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """Verdicts by product; flags of shape (products,)."""

    met: Flags
    possible: Flags
    severe: Flags
    years_met: NDArray[np.int64]
    margin: Floats
    distances: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Indicators of one importer, measured once for all methods.

    Attributes
    ----------
    supply : Supply
    importer : Importer
    years : tuple of int
    options : ScreeningOptions
    pooled : Indicators
        Of the years added up.
    yearly : Indicators or None
        Of every year apart; only where a method needs it.
    """

    supply: Supply
    importer: Importer
    years: tuple[int, ...]
    options: ScreeningOptions
    pooled: Indicators
    yearly: Indicators | None


def measure(
    supply: Supply,
    importers: Sequence[Importer],
    *,
    years: Sequence[int] | None = None,
    options: ScreeningOptions | None = None,
    yearly: bool = True,
) -> Iterator[Measurement]:
    """Measure the indicators of importers, one after the other.

    World exports are summed once for all of them.

    Parameters
    ----------
    supply : Supply
        What `geomonitor.trade.supply_tables` found.
    importers : sequence of Importer
        Some of those that the supply was made for.
    years : sequence of int, optional
        Some of the years of the supply; all by default.
    options : ScreeningOptions, optional
    yearly : bool
        Whether every year apart is wanted too.

    Yields
    ------
    Measurement

    Raises
    ------
    DataError
        If a year is not in the supply.

    Examples
    --------
    >>> import polars as pl
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021], "exporter": ["CHN"], "importer": ["NLD"],
    ...     "product": ["810600"], "value_kusd": [8.0]})
    >>> supply = supply_tables(flows, [importer("NLD")], [2021], quantities=False)
    >>> next(measure(supply, supply.importers)).pooled.columns["import_concentration"].tolist()
    [[1.0]]
    """
    chosen = options or ScreeningOptions()
    period = tuple(sorted(set(years))) if years is not None else supply.years
    if not supply.by_year and (yearly or period != supply.years):
        raise DataError(
            "Years apart cannot be measured: the supply holds their sum.",
            where="supply_tables(by_year=False)",
            next_step="Make the supply with by_year=True.",
        )
    places = _year_places(supply, period) if supply.by_year else [0]
    pooled_world = world_market(supply.exports.pooled(places))
    whole = period == supply.years
    yearly_world = world_market(supply.exports if whole else supply.exports.years(places)) if yearly else None
    for each in importers:
        imports = supply.imports[each.code]
        apart = None
        if yearly_world is not None:
            by_year = imports if whole else imports.years(places)
            apart = _indicators(supply, each, by_year, yearly_world, chosen, 1, detail=False)
        yield Measurement(
            supply=supply,
            importer=each,
            years=period,
            options=chosen,
            pooled=_indicators(
                supply, each, imports.pooled(places), pooled_world, chosen, len(period), detail=True
            ),
            yearly=apart,
        )


def screen(
    measurement: Measurement, specification: MethodSpecification, *, fragility: Fragility | None = None
) -> Screening:
    """Hold every product of a measured importer against a method.

    Parameters
    ----------
    measurement : Measurement
    specification : MethodSpecification
    fragility : Fragility, optional
        Scores of the products' networks, for the method that needs them.

    Returns
    -------
    Screening

    Raises
    ------
    DataError
        If the method needs world exports, single years or network scores that were not computed.

    Examples
    --------
    >>> import polars as pl
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["CHN", "USA", "NLD"],
    ...     "importer": ["NLD", "NLD", "USA"], "product": ["810600"] * 3, "value_kusd": [8.0, 2.0, 4.0]})
    >>> supply = supply_tables(flows, [importer("NLD")], [2021], quantities=False)
    >>> measured = next(measure(supply, supply.importers))
    >>> screen(measured, method("commission-2021")).table["dependent"].to_list()
    [True]
    """
    _refuse_missing(measurement, specification, fragility)
    pooled = measurement.pooled
    if fragility is not None:
        scores = fragility.score_of(measurement.supply.products)[np.newaxis, :]
        pooled = replace(pooled, columns={**pooled.columns, "supply_fragility": scores})
    judged, needed = pooled, 1
    if specification.period_rule == "persistence" and measurement.yearly is not None:
        judged, needed = measurement.yearly, specification.years_needed(len(measurement.years))
    verdicts = _judge(specification, judged, needed)
    table = _table(measurement, specification, pooled, verdicts)
    if "re_export_share" in judged.columns:
        net = _judge(specification, _net_of_re_exports(judged), needed)
        table = _with_re_export_sensitivity(table, measurement.supply, verdicts, net)
    return Screening(
        table=table,
        specification=specification,
        importer=measurement.importer,
        years=measurement.years,
        options=measurement.options,
    )


def _year_places(supply: Supply, years: Sequence[int]) -> list[int]:
    unknown = [year for year in years if year not in supply.years]
    if unknown or not years:
        raise DataError(
            f"The supply does not hold these years: {', '.join(map(str, unknown)) or 'none was asked for'}.",
            where="option years",
            expected=f"years among {', '.join(map(str, supply.years))}",
        )
    return [supply.years.index(year) for year in years]


def _refuse_missing(
    measurement: Measurement, specification: MethodSpecification, fragility: Fragility | None
) -> None:
    needs_world = any(name.startswith("world_") for name in specification.indicators())
    if needs_world and not measurement.supply.world:
        raise DataError(
            f"{specification.id} needs the exports of every exporter, which were not added up.",
            where="supply_tables(world=False)",
            next_step="Make the supply with world=True.",
        )
    if specification.period_rule == "persistence" and measurement.yearly is None:
        raise DataError(
            f"{specification.id} tests every year apart, which was not measured.",
            where="measure(yearly=False)",
            next_step="Measure with yearly=True.",
        )
    if specification.network and fragility is None:
        raise DataError(
            f"{specification.id} needs the scores of the products' trade networks.",
            where="screen(fragility=None)",
            next_step="Compute them once with geomonitor.dependency.supply_fragility.",
        )


def _indicators(
    supply: Supply,
    importer: Importer,
    imports: Amounts,
    world: WorldMarket,
    options: ScreeningOptions,
    years_in_period: int,
    *,
    detail: bool,
) -> Indicators:
    if options.supplier_groups:
        imports = imports.moved(_as_one_supplier(supply, importer, options))
    return indicators(
        supply,
        importer,
        imports,
        world,
        intra_group=options.intra_group,
        years_in_period=years_in_period,
        re_export_shares=options.re_export_shares,
        detail=detail,
    )


def _as_one_supplier(supply: Supply, importer: Importer, options: ScreeningOptions) -> NDArray[np.int64]:
    """Move every member of a group to the place of its first member that is not at home."""
    target = np.arange(len(supply.economies))
    for code in options.supplier_groups:
        members = supply.positions(set(group(code, extra=options.groups).members) - set(importer.home))
        if len(members):
            target[members] = members[0]
    return target


def _judge(specification: MethodSpecification, found: Indicators, needed: int) -> _Verdicts:
    """Apply the conditions; with several periods the verdict needs enough of them."""

    def value(condition: Condition, bound: str) -> Floats:
        if condition.indicator == "domestic_use_kusd":
            return found.columns[f"domestic_use_{bound}_kusd"]
        return found.columns[condition.indicator]

    def all_met(conditions: Sequence[Condition], bound: str) -> Flags:
        tests = [each.met(value(each, bound)) for each in conditions]
        return np.asarray(np.logical_and.reduce(tests))

    def deciding(values: Floats) -> Floats:
        """Give the value that decides: the needed-th largest over the periods."""
        ordered = np.sort(np.where(np.isnan(values), -np.inf, values), axis=0)
        chosen = ordered[-needed]
        return np.where(np.isneginf(chosen), np.nan, chosen)

    certain = all_met(specification.conditions, "lower")
    possible = all_met(specification.conditions, "upper")
    by_period = np.stack([each.distance(value(each, "lower")) for each in specification.conditions])
    # the smallest distance of each period; undefined where one of them is
    margin = deciding(by_period.min(axis=0))
    severe = np.zeros(certain.shape[1], dtype=bool)
    if specification.severe_conditions:
        both = certain & all_met(specification.severe_conditions, "lower")
        severe = both.sum(axis=0) >= needed
    years_met = certain.sum(axis=0)
    return _Verdicts(
        met=years_met >= needed,
        possible=possible.sum(axis=0) >= needed,
        severe=severe,
        years_met=years_met,
        margin=margin,
        distances={
            each.indicator: deciding(each.distance(value(each, "lower")))
            for each in (*specification.conditions, *specification.severe_conditions)
        },
    )


def _net_of_re_exports(found: Indicators) -> Indicators:
    """Put the ratios net of re-exports, where the re-export share is known, in place of the gross ones."""
    net = found.columns["imports_to_exports_net_of_re_exports"]
    gross = {name: found.columns[name] for name in ("imports_to_exports", "imports_to_extra_exports")}
    changed = {name: np.where(np.isnan(net), values, net) for name, values in gross.items()}
    return replace(found, columns={**found.columns, **changed})


def _with_re_export_sensitivity(
    table: pl.DataFrame, supply: Supply, gross: _Verdicts, net: _Verdicts
) -> pl.DataFrame:
    """Mark products whose verdict turns when re-exports are left out; unknown without a share."""
    turned = pl.DataFrame(
        {"product": supply.products, "turned": gross.met != net.met},
        schema={"product": pl.String, "turned": pl.Boolean},
    )
    return (
        table.join(turned, on="product", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("re_export_share").is_not_null()).then("turned").alias("re_export_sensitive")
        )
        .drop("turned")
    )


def _table(
    measurement: Measurement, specification: MethodSpecification, pooled: Indicators, verdicts: _Verdicts
) -> pl.DataFrame:
    supply, importer, options = measurement.supply, measurement.importer, measurement.options
    years = len(measurement.years)
    economies = supply.economies
    rows = np.flatnonzero(pooled.columns["import_value_kusd"][0] > 0)
    extra = pooled.columns["extra_import_value_kusd"][0]
    large_enough = extra / years >= options.minimum_import_value_kusd
    # below the minimum a product is shown, but never called dependent
    met, possible = verdicts.met & large_enough, verdicts.possible & large_enough
    main, exporter = pooled.main_supplier[0][rows], pooled.world_main_exporter[0][rows]
    columns: dict[str, Any] = {
        "importer": np.full(len(rows), importer.code, dtype=object),
        "home": np.full(len(rows), importer.home_code, dtype=object),
        "product": np.asarray(supply.products, dtype=object)[rows],
        # open where the verdict hangs on re-exports that are not known
        "dependent": [
            None if maybe and not sure else bool(sure)
            for sure, maybe in zip(met[rows], possible[rows], strict=True)
        ],
        "margin": verdicts.margin[rows],
        "above_minimum_value": large_enough[rows],
        "main_supplier": [economies[place] if place >= 0 else None for place in main],
    }
    if specification.period_rule == "persistence":
        columns["years_met"] = verdicts.years_met[rows]
    if specification.severe_name:
        columns[specification.severe_name] = (verdicts.severe & met)[rows]
    shown = {name: pooled.columns[name][0][rows] for name in _SHOWN if name in pooled.columns}
    for name, distance in verdicts.distances.items():
        shown[f"{name}_distance"] = distance[rows]
    if supply.world:
        columns["world_main_exporter"] = [economies[place] if place >= 0 else None for place in exporter]
    schema = {"dependent": pl.Boolean, "main_supplier": pl.String, "world_main_exporter": pl.String}
    for name in ("importer", "home", "product"):
        schema[name] = pl.String
    table = pl.DataFrame(
        {**columns, **shown},
        schema_overrides={name: kind for name, kind in schema.items() if name in columns},
    )
    table = table.with_columns(pl.col(pl.Float64).fill_nan(None)).cast({"supplier_count": pl.Int64})
    if options.partner_group is not None:
        friends = group(options.partner_group, extra=options.groups).members
        table = table.with_columns(
            pl.col("main_supplier").is_in(friends).alias("main_supplier_in_partner_group")
        )
    return table.sort("product")
