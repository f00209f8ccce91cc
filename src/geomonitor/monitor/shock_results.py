"""Results of a shock for the economies and groups that people ask about: changes, sectors, partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import ECONOMY_CODES, economy_name, resolve_importer
from geomonitor.data.input_output import sector_name
from geomonitor.errors import UnknownCodeError
from geomonitor.shocks import QUANTILES, Base, Calibration, Scenario, ShockResult
from geomonitor.shocks.curve import ResponseCurve

__all__ = [
    "WORLD",
    "ShockUnit",
    "curve_of_units",
    "economy_changes",
    "fan_summary",
    "grouped_changes",
    "partner_trade",
    "partners_of",
    "sector_changes",
    "sector_names",
    "shock_unit",
    "unit_changes",
    "unsigned_zeros",
]

Floats = NDArray[np.float64]

WORLD = "WORLD"

# weights with which economies make up a group
_BY_INCOME = (
    *("real_income_change", "direct_price_change", "total_price_change", "price_change"),
    *("terms_of_trade", "volume_of_trade", "trade_costs"),
)
_BY_VALUE_ADDED = ("wage_change", "real_wage_change")
_SUMS = ("income_musd", "income_after_musd", "revenue_musd", "revenue_after_musd")
# a direct effect below this is none: what is left of it is rounding
_NO_EFFECT = 1e-9


@dataclass(frozen=True, slots=True)
class ShockUnit:
    """An economy, or a group of economies, of a calibration.

    Attributes
    ----------
    code : str
    members : tuple of str
        Economies of the calibration.
    """

    code: str
    members: tuple[str, ...]

    @property
    def is_group(self) -> bool:
        """Whether it stands for several economies."""
        return self.members != (self.code,)

    @property
    def name(self) -> str:
        """English name, where the code has one."""
        if self.code in ECONOMY_CODES:
            return economy_name(self.code)
        return resolve_importer(self.code).name_en if self.is_group else self.code


def shock_unit(
    calibration: Calibration, code: str, groups: Mapping[str, Sequence[str]] | None = None
) -> ShockUnit:
    """Find what a code means in a calibration.

    Parameters
    ----------
    calibration : Calibration
    code : str
        An economy or a group; ``WORLD`` is all.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    ShockUnit

    Raises
    ------
    UnknownCodeError
        If it is neither, or none of its members is in the calibration.

    Examples
    --------
    >>> from geomonitor.shocks import small_calibration
    >>> shock_unit(small_calibration(), "EU27_2020").members
    ('NLD',)
    """
    if code in calibration.economies:
        return ShockUnit(code, (code,))
    if code == WORLD:
        return ShockUnit(code, calibration.economies)
    members = resolve_importer(code, extra=groups).members
    inside = tuple(each for each in members if each in calibration.economies)
    if not inside:
        raise UnknownCodeError(
            f"The calibration {calibration.name} has no economy {code}.",
            where="focus",
            expected=f"one of {', '.join(calibration.economies)}, or a group of them",
        )
    return ShockUnit(code, inside)


def partners_of(scenario: Scenario, calibration: Calibration, unit: ShockUnit) -> tuple[ShockUnit, ...]:
    """Name those with whom a scenario changes the trade of an economy or group, as the scenario names them.

    Parameters
    ----------
    scenario : Scenario
    calibration : Calibration
    unit : ShockUnit

    Returns
    -------
    tuple of ShockUnit
        Empty where the scenario leaves its trade alone.

    Examples
    --------
    >>> from geomonitor.shocks import small_calibration, small_scenario
    >>> here = small_calibration()
    >>> [each.code for each in partners_of(small_scenario(), here, shock_unit(here, "NLD"))]
    ['CHN']
    """
    mine = set(unit.members)
    found: dict[str, ShockUnit] = {}
    for change in scenario.changes:
        for own, other in ((change.buyers, change.sellers), (change.sellers, change.buyers)):
            if not any(mine & set(shock_unit(calibration, code).members) for code in own):
                continue
            for code in other:
                partner = shock_unit(calibration, code)
                if not set(partner.members) <= mine:
                    found.setdefault(code, partner)
    return tuple(found.values())


def economy_changes(result: ShockResult) -> pl.DataFrame:
    """Give the table of economies with the ratio of total to direct effects on prices.

    Parameters
    ----------
    result : ShockResult

    Returns
    -------
    polars.DataFrame
        Columns of `ShockResult.economies` and `ratio_total_to_direct`, null where nothing is hit directly.
    """
    return _with_ratio(result.economies)


def unsigned_zeros(frame: pl.DataFrame) -> pl.DataFrame:
    """Take the sign off zeros, which means nothing to readers and differs from machine to machine.

    Examples
    --------
    >>> unsigned_zeros(pl.DataFrame({"change": [-0.0]}))["change"].to_list()
    [0.0]
    """
    numbers = pl.col(pl.Float64)
    return frame.with_columns(pl.when(numbers == 0).then(0.0).otherwise(numbers).name.keep())


def _with_ratio(frame: pl.DataFrame) -> pl.DataFrame:
    direct = pl.col("direct_price_change")
    return unsigned_zeros(frame).with_columns(
        ratio_total_to_direct=pl.when(direct.abs() > _NO_EFFECT).then(pl.col("total_price_change") / direct)
    )


def unit_changes(result: ShockResult, units: Sequence[ShockUnit]) -> pl.DataFrame:
    """Give the changes of economies and groups.

    Parameters
    ----------
    result : ShockResult
    units : sequence of ShockUnit

    Returns
    -------
    polars.DataFrame
        The columns of `economy_changes`, with `members` (their number) behind `economy`. Changes of a group
        are means: of prices and real income weighted by income, of wages by value added; its trade is that
        with economies outside it.
    """
    table = economy_changes(result)
    rows = []
    for unit in units:
        part = table.filter(pl.col("economy").is_in(list(unit.members)))
        row = part.row(0, named=True) if not unit.is_group else _group_row(result, unit, part)
        rows.append({**row, "economy": unit.code, "members": len(unit.members)})
    frame = pl.DataFrame(rows, schema={**table.schema, "members": pl.Int64})
    return _with_ratio(frame.select("economy", "members", pl.exclude("economy", "members")))


def _group_row(result: ShockResult, unit: ShockUnit, part: pl.DataFrame) -> dict[str, object]:
    places = _places(result.base.calibration, unit)
    income = part["income_musd"].to_numpy()
    # the rows are in the order of the calibration
    added = result.base.calibration.value_added_musd[np.sort(places)]
    row: dict[str, object] = {"in_scenario": bool(part["in_scenario"].any())}
    for weights, names in ((income, _BY_INCOME), (added, _BY_VALUE_ADDED)):
        row |= {name: float(np.average(part[name].to_numpy(), weights=weights)) for name in names}
    row |= {name: float(part[name].sum()) for name in _SUMS}
    before, volume = _flows(result)
    inside = np.isin(np.arange(before.shape[1]), places)
    for name, mask in (
        ("imports_change", inside[:, None] & ~inside[None, :]),
        ("exports_change", ~inside[:, None] & inside[None, :]),
    ):
        base = float((before * mask).sum())
        row[name] = float((volume * mask).sum()) / base - 1 if base > 0 else None
    return row


def _places(calibration: Calibration, unit: ShockUnit) -> NDArray[np.intp]:
    return np.array([calibration.economies.index(each) for each in unit.members], dtype=np.intp)


def _flows(result: ShockResult) -> tuple[Floats, Floats]:
    """Give trade before, and after at the prices of the base, net of tariffs: (J, N, N), million USD."""
    calibration, start, found = result.base.calibration, result.base.equilibrium, result.found
    before = start.spending_musd[:, :, None] * start.trade_shares / (1 + calibration.tariff_rates)
    after = found.spending_musd[:, :, None] * found.trade_shares / (1 + found.tariff_rates)
    return before, after / found.costs[:, None, :]


def sector_names(calibration: Calibration) -> pl.DataFrame:
    """Give the sectors of a calibration with their names and elasticities.

    Parameters
    ----------
    calibration : Calibration

    Returns
    -------
    polars.DataFrame
        `sector`, `sector_name_en`, `sector_name_nl`, `trade_elasticity`.
    """
    given = calibration.metadata.get("sector_names", {})
    english, dutch = [], []
    for code in calibration.sectors:
        own = sector_name(code)
        # a code that the OECD's tables do not have names itself; the calibration may know better
        english.append(own if own != code else str(given.get(code, code)))
        dutch.append(sector_name(code, "nl") if own != code else str(given.get(code, code)))
    return pl.DataFrame(
        {
            "sector": calibration.sectors,
            "sector_name_en": english,
            "sector_name_nl": dutch,
            "trade_elasticity": calibration.elasticities,
        }
    )


def sector_changes(result: ShockResult, units: Sequence[ShockUnit]) -> pl.DataFrame:
    """Give output and prices by sector of economies and groups.

    Parameters
    ----------
    result : ShockResult
    units : sequence of ShockUnit

    Returns
    -------
    polars.DataFrame
        `economy`, `sector`, names, `trade_elasticity`, `spending_musd`, `output_musd`, `output_change`
        (volume), `direct_price_change`, `total_price_change`, `price_change` and `ratio_total_to_direct`. Of
        groups: means, weighted by spending (prices) or output.
    """
    names = sector_names(result.base.calibration)
    prices = ("direct_price_change", "total_price_change", "price_change")

    def mean(name: str, weight: str) -> pl.Expr:
        known = pl.col(name).is_not_null() & (pl.col(weight) > 0)
        total = pl.col(weight).filter(known).sum()
        weighted = (pl.col(name) * pl.col(weight)).filter(known).sum()
        return pl.when(total > 0).then(weighted / total).alias(name)

    parts = []
    for unit in units:
        rows = result.sectors.filter(pl.col("economy").is_in(list(unit.members)))
        if unit.is_group:
            rows = rows.group_by("sector", maintain_order=True).agg(
                pl.col("spending_musd", "output_musd").sum(),
                mean("output_change", "output_musd"),
                *(mean(name, "spending_musd") for name in prices),
            )
        parts.append(
            rows.select(
                pl.lit(unit.code).alias("economy"),
                *("sector", "spending_musd", "output_musd", "output_change"),
                *prices,
            )
        )
    return _with_ratio(
        pl.concat(parts)
        .join(names, on="sector", how="left", maintain_order="left")
        .select("economy", *names.columns, pl.exclude("economy", *names.columns))
    )


def partner_trade(result: ShockResult, unit: ShockUnit, partners: Sequence[ShockUnit]) -> pl.DataFrame:
    """Give the trade of an economy or group with partners, before and after.

    Parameters
    ----------
    result : ShockResult
        With the members of the unit in focus.
    unit : ShockUnit
    partners : sequence of ShockUnit

    Returns
    -------
    polars.DataFrame
        `economy`, `partner`, `imports_before_musd`, `imports_after_musd`, `imports_change`,
        `exports_before_musd`, `exports_after_musd`, `exports_change`: in money at current prices, net of
        tariffs, world value added as the unit of money; changes as fractions, null where nothing was traded.
    """
    trade = result.trade
    rows = []
    for partner in partners:
        row: dict[str, object] = {"economy": unit.code, "partner": partner.code}
        others = [each for each in partner.members if each not in unit.members]
        for name, own, other in (("imports", "buyer", "seller"), ("exports", "seller", "buyer")):
            part = trade.filter(pl.col(own).is_in(list(unit.members)), pl.col(other).is_in(others))
            before, after = float(part["before_musd"].sum()), float(part["after_musd"].sum())
            row |= {
                f"{name}_before_musd": before,
                f"{name}_after_musd": after,
                f"{name}_change": after / before - 1 if before > 0 else None,
            }
        rows.append(row)
    numbers = [
        f"{name}_{what}"
        for name in ("imports", "exports")
        for what in ("before_musd", "after_musd", "change")
    ]
    schema = {"economy": pl.String, "partner": pl.String, **dict.fromkeys(numbers, pl.Float64)}
    return pl.DataFrame(rows, schema=schema)


def grouped_changes(
    table: pl.DataFrame, keys: Sequence[str], base: Base, units: Sequence[ShockUnit]
) -> pl.DataFrame:
    """Give changes by economy for economies and groups; those of a group weighted by income of the base.

    Parameters
    ----------
    table : polars.DataFrame
        With the columns `keys` and `economy`; every other one is a change.
    keys : sequence of str
        What tells the rows of an economy apart.
    base : Base
    units : sequence of ShockUnit

    Returns
    -------
    polars.DataFrame
        The same columns, unit by unit; null where one member has no value.
    """
    income = pl.DataFrame({"economy": base.calibration.economies, "weight": base.equilibrium.income_musd})
    changes = [name for name in table.columns if name not in (*keys, "economy")]
    weighted = table.join(income, on="economy", how="left", maintain_order="left")
    parts = []
    for unit in units:
        rows = weighted.filter(pl.col("economy").is_in(list(unit.members)))
        if unit.is_group:
            whole = [
                pl.when(pl.col(name).is_not_null().all())
                .then((pl.col(name) * pl.col("weight")).sum() / pl.col("weight").sum())
                .alias(name)
                for name in changes
            ]
            whole_rows = rows.group_by(keys, maintain_order=True).agg(whole) if keys else rows.select(whole)
            rows = whole_rows.with_columns(economy=pl.lit(unit.code))
        parts.append(rows.select(table.columns))
    return pl.concat(parts)


def curve_of_units(curve: ResponseCurve, base: Base, units: Sequence[ShockUnit]) -> ResponseCurve:
    """Give a response curve for economies and groups.

    Parameters
    ----------
    curve : ResponseCurve
    base : Base
    units : sequence of ShockUnit

    Returns
    -------
    ResponseCurve
        Its `economy` holds their codes.
    """
    return ResponseCurve(grouped_changes(curve.table, ["points"], base, units), curve.scenario)


def fan_summary(rows: pl.DataFrame) -> pl.DataFrame:
    """Give quantiles of the change of real income over variants.

    Parameters
    ----------
    rows : polars.DataFrame
        `variant`, `economy`, `real_income_change` (null where there is no result).

    Returns
    -------
    polars.DataFrame
        `economy`, `variants`, `failed`, `mean`, `q05` to `q95`; in the order of the rows.
    """
    change = pl.col("real_income_change")
    return rows.group_by("economy", maintain_order=True).agg(
        variants=pl.len(),
        failed=change.null_count(),
        mean=change.mean(),
        **{f"q{round(100 * part):02d}": change.quantile(part, interpolation="linear") for part in QUANTILES},
    )
