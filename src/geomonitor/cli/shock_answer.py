"""What ``geomonitor shock run`` prints: tables of a result, and the JSON object that holds all of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from geomonitor.cli.shock_asked import AskedShock, LinksKept, spoken_change

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.monitor.shock_results import ShockUnit
    from geomonitor.shocks import Calibration, Scenario, ShockResult

__all__ = ["MODEL", "Show", "context_columns", "named_partners", "run_document", "shown_table"]

MODEL = "caliendo-parro-2015"
"""Method of `geomonitor.shocks.run_scenario`."""

_UNITS = (
    "changes are fractions (-0.01 is -1 %); amounts are million US dollars, with world value added as the "
    "unit of money, the same before and after"
)
_MEANINGS = {
    "real_income_change": "exact change of income over the price of final spending",
    "direct_price_change": "of final spending, at the border, at given wages and shares of suppliers",
    "total_price_change": "the same with what comes in through inputs (price model of Leontief)",
    "price_change": "of final spending in the new equilibrium, when buyers have moved to other suppliers",
    "ratio_total_to_direct": "total_price_change over direct_price_change",
    "terms_of_trade": "first-order part of the change of income, as published studies print it",
    "volume_of_trade": "first-order part of the change of income from tariff revenue",
    "imports_change": "volume at prices of the base, of all trade with economies outside",
}


class Show(StrEnum):
    """Tables of a result."""

    economies = "economies"
    sectors = "sectors"
    trade = "trade"
    prices = "prices"
    assumptions = "assumptions"


def named_partners(asked: AskedShock, unit: ShockUnit) -> tuple[ShockUnit, ...]:
    """Name the partners of a unit in the scenario."""
    from geomonitor.monitor.shock_results import partners_of

    return partners_of(asked.scenario, asked.calibration, unit)


def context_columns(result: ShockResult, links: LinksKept) -> dict[str, str]:
    """Give what every row of a file says of the run."""
    from geomonitor.shocks.methods import shock_methods

    method = shock_methods()[MODEL]
    return {
        "scenario": result.scenario.code,
        "calibration": result.base.calibration.name,
        "links": links.value,
        "deficits": result.scenario.deficits,
        "elasticities": str(result.base.calibration.metadata.get("elasticities", "given")),
        "method": method.id,
        "method_version": method.version,
    }


def shown_table(
    show: Show, asked: AskedShock, result: ShockResult, *, by_sector: bool = False
) -> pl.DataFrame:
    """Give one of the tables of a result."""
    import polars as pl

    from geomonitor.monitor.shock_results import economy_changes, sector_changes, unit_changes

    if show is Show.economies:
        groups = [each for each in asked.units if each.is_group]
        members = pl.lit(1, dtype=pl.Int64).alias("members")
        table = economy_changes(result)
        table = table.select("economy", members, pl.exclude("economy"))
        return pl.concat([unit_changes(result, groups), table]) if groups else table
    if show is Show.assumptions:
        return pl.DataFrame(
            {"number": range(1, len(result.assumptions) + 1), "assumption": list(result.assumptions)}
        )
    if show is Show.trade:
        return _trade(asked, result, by_sector=by_sector)
    table = sector_changes(result, asked.units)
    if show is Show.sectors:
        return table.drop("direct_price_change", "total_price_change", "ratio_total_to_direct")
    bought = _bought_from_partners(asked, result)
    return (
        table.drop("output_musd", "output_change")
        .join(bought, on=["economy", "sector"], how="left", maintain_order="left")
        .with_columns(
            spending_share=pl.col("spending_musd") / pl.col("spending_musd").sum().over("economy"),
            partner_share=pl.when(pl.col("spending_musd") > 0).then(
                pl.col("from_partners_musd").fill_null(0.0) / pl.col("spending_musd")
            ),
        )
        .drop("from_partners_musd")
        .filter(pl.col("spending_musd") > 0)
        .sort("economy", "direct_price_change", "sector", descending=[False, True, False])
    )


def _bought_from_partners(asked: AskedShock, result: ShockResult) -> pl.DataFrame:
    import polars as pl

    parts = [
        pl.DataFrame(schema={"economy": pl.String, "sector": pl.String, "from_partners_musd": pl.Float64})
    ]
    for unit in asked.units:
        others = {code for each in named_partners(asked, unit) for code in each.members} - set(unit.members)
        rows = result.trade.filter(
            pl.col("buyer").is_in(list(unit.members)), pl.col("seller").is_in(sorted(others))
        )
        parts.append(
            rows.group_by("sector")
            .agg(from_partners_musd=pl.col("before_musd").sum())
            .select(pl.lit(unit.code).alias("economy"), "sector", "from_partners_musd")
        )
    return pl.concat(parts)


def _trade(asked: AskedShock, result: ShockResult, *, by_sector: bool) -> pl.DataFrame:
    """Give trade of the units in focus with every other economy, the largest partners first."""
    import polars as pl

    parts = []
    keys = ["partner", "sector"] if by_sector else ["partner"]
    for unit in asked.units:
        mine = list(unit.members)
        in_scenario = {code for each in named_partners(asked, unit) for code in each.members}
        sides = []
        for name, own, other in (("imports", "buyer", "seller"), ("exports", "seller", "buyer")):
            rows = result.trade.filter(pl.col(own).is_in(mine), ~pl.col(other).is_in(mine))
            sides.append(
                rows.rename({other: "partner"})
                .group_by(keys)
                .agg(
                    pl.col("before_musd").sum().alias(f"{name}_before_musd"),
                    pl.col("after_musd").sum().alias(f"{name}_after_musd"),
                )
            )
        joined = sides[0].join(sides[1], on=keys, how="full", coalesce=True).fill_null(0.0)
        parts.append(
            joined.select(
                pl.lit(unit.code).alias("economy"),
                *keys,
                pl.col("partner").is_in(sorted(in_scenario)).alias("in_scenario"),
                *_with_change("imports"),
                *_with_change("exports"),
            ).sort("imports_before_musd", *keys, descending=[True] + [False] * len(keys))
        )
    return pl.concat(parts)


def _with_change(name: str) -> list[pl.Expr]:
    import polars as pl

    before, after = pl.col(f"{name}_before_musd"), pl.col(f"{name}_after_musd")
    return [before, after, pl.when(before > 0).then(after / before - 1).alias(f"{name}_change")]


def run_document(asked: AskedShock, result: ShockResult, links: LinksKept) -> dict[str, Any]:
    """Put all that a reader needs in one object."""
    from dataclasses import asdict

    from geomonitor.monitor.shock_results import economy_changes
    from geomonitor.shocks.methods import shock_methods

    return {
        "scenario": _scenario(asked.scenario),
        "calibration": _calibration(result.base.calibration, result.base.moved),
        "links": links.value,
        "deficits": asked.scenario.deficits,
        "method": asdict(shock_methods()[MODEL]),
        "assumptions": list(result.assumptions),
        "units": _UNITS,
        "meanings": _MEANINGS,
        "focus": [_unit(asked, result, unit) for unit in asked.units],
        "economies": economy_changes(result).to_dicts(),
        "solver": {"method": result.found.method, "steps": result.found.steps},
        "residuals": result.found.residuals,
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "code": scenario.code,
        "name": dict(scenario.name),
        "about": dict(scenario.about),
        "source": scenario.source,
        "date": scenario.date,
        "changes": [
            {
                "kind": each.kind,
                "buyers": each.buyers,
                "sellers": each.sellers,
                "both_ways": each.both_ways,
                "sectors": each.sectors,
                "size": spoken_change(each),
            }
            for each in scenario.changes
        ],
    }


def _calibration(calibration: Calibration, moved: float) -> dict[str, Any]:
    from geomonitor.shocks.elasticities import elasticity_sets

    known = calibration.metadata
    name = known.get("elasticities")
    chosen = elasticity_sets().get(str(name))
    about = {key: getattr(chosen, key) for key in ("title", "citation", "filled")} if chosen else {}
    return {
        "name": calibration.name,
        **{key: known.get(key) for key in ("title", "year", "citation", "licence", "licence_url")},
        "economies": len(calibration.economies),
        "sectors": len(calibration.sectors),
        "elasticities": {"set": name, **about},
        "notes": list(known.get("notes", ())),
        "largest_wage_change_to_equilibrium": moved,
    }


def _unit(asked: AskedShock, result: ShockResult, unit: ShockUnit) -> dict[str, Any]:
    from geomonitor.monitor.shock_results import WORLD, partner_trade, shock_unit, unit_changes

    partners = named_partners(asked, unit)
    everyone = shock_unit(asked.calibration, WORLD)
    alone = AskedShock(asked.scenario, asked.calibration, (unit,))
    sectors = shown_table(Show.prices, alone, result).drop("economy")
    output = shown_table(Show.sectors, alone, result).select("sector", "output_musd", "output_change")
    row = unit_changes(result, [unit]).row(0, named=True)
    return {
        "economy": unit.code,
        "name": unit.name,
        "members": unit.members,
        **{key: value for key, value in row.items() if key not in ("economy", "members")},
        "partners": [each.code for each in partners],
        "trade": partner_trade(result, unit, [*partners, everyone]).drop("economy").to_dicts(),
        "sectors": sectors.join(output, on="sector", how="left", maintain_order="left").to_dicts(),
    }
