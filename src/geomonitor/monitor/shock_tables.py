"""The part of an edition on shocks: what tariffs and denial of access would do, to whom, and how sure it is.

Numbers are rounded further than those of other parts: solvers and libraries for linear algebra differ in the
last digits from machine to machine (some 1e-15 of a fraction here), and the tables of an edition should not.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from geomonitor.errors import UnknownCodeError
from geomonitor.monitor.shock_results import (
    ShockUnit,
    curve_of_units,
    economy_changes,
    fan_summary,
    grouped_changes,
    partners_of,
    sector_changes,
    shock_unit,
    unit_changes,
    unsigned_zeros,
)
from geomonitor.monitor.shock_runs import FanAsked, ShockSolver, kept_fan, shock_solver
from geomonitor.monitor.shock_sources import DRAWS_SPREAD, GRID_FACTORS, ShockSources, elasticities_record
from geomonitor.shocks import Calibration, Links, Scenario, ShockResult, draw_elasticities, elasticity_grid
from geomonitor.shocks.rates import PercentagePoints

__all__ = ["SHOCK_TABLES", "shock_tables"]

SHOCK_TABLES: tuple[str, ...] = (
    "shocks",
    "shock_groups",
    "shock_links",
    "shock_sectors",
    "shock_trade",
    "shock_curve",
    "shock_fan",
    "shock_grid",
    "shock_assumptions",
)
"""Names of the tables that this part adds to an edition."""

_LARGEST_PARTNERS = 12
_OTHER = "OTHER"
_DECIMALS = 8
_RATIO_DECIMALS = 4
_MONEY_DIGITS = 8
_MONEY_DECIMALS = 3
_LINKS: tuple[Links, ...] = ("none", "materials", "full")
_SIZE = re.compile(r"-\d+pp$")
_CHANGES = (
    *("real_income_change", "direct_price_change", "total_price_change", "price_change"),
    *("wage_change", "real_wage_change", "imports_change", "exports_change"),
    *("terms_of_trade", "volume_of_trade", "income_musd", "ratio_total_to_direct"),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the tables hang on, told apart by what goes into them."""

    key: str
    root: Path | None
    sources: ShockSources = field(compare=False)


def shock_tables(
    sources: ShockSources, root: Path | None = None
) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Make the tables on shocks, and what the record says of them.

    Parameters
    ----------
    sources : ShockSources
    root : pathlib.Path, optional
        Of the store.

    Returns
    -------
    tuple of (dict of str to polars.DataFrame, dict)
        Tables by name (`SHOCK_TABLES`; those without a row are left out), and the entry `shocks` of the
        record.

    Raises
    ------
    GeomonitorError
        If an economy of a scenario or of the focus is not in the calibration, a scenario touches nothing, or
        there is no equilibrium.
    """
    groups = {name: list(members) for name, members in sources.groups.items()}
    key = json.dumps([sources.as_record(), groups, sources.part.calibration], sort_keys=True)
    tables, about = _tables(_Asked(key, root, sources))
    return dict(tables), {"shocks": copy.deepcopy(about)}


@functools.lru_cache(maxsize=4)
def _tables(asked: _Asked) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Make the tables once in the life of the program."""
    sources, root = asked.sources, asked.root
    part = sources.part
    solver = shock_solver(part.calibration, sources.calibration_sha256, sources.elasticities, part.year, root)
    units, absent = _units(solver.calibration, sources)
    members = list(dict.fromkeys(code for unit in units for code in unit.members))
    results = [solver.run(each, members) for each in part.scenarios]
    curves, described_curves = _curves(solver, part.scenarios, units)
    tables = {
        "shocks": _joined(_named(each, economy_changes(each), "economy", "in_scenario") for each in results),
        "shock_groups": _joined(_groups(each, units) for each in results),
        "shock_links": _joined(_links(solver, each, units) for each in results),
        "shock_sectors": _joined(_sectors(each, units, members) for each in results),
        "shock_trade": _joined(_trade(each) for each in results),
        "shock_curve": curves,
        **_uncertainty(sources, solver, results, units),
        "shock_assumptions": _joined(_assumptions(each) for each in results),
    }
    rounded = {name: _rounded(tables[name]) for name in SHOCK_TABLES if tables[name].height}
    record = sources.as_record()
    about = {
        **record,
        "calibration": {**record["calibration"], **_about(solver.calibration)},
        # a published calibration names its own
        "elasticities": elasticities_record(solver.calibration.metadata.get("elasticities")),
        "not_in_calibration": absent,
        "counterparts": {each.scenario.code: _counterparts(each, units) for each in results},
        "curves": described_curves,
        "solutions": [
            {
                "scenario": each.scenario.code,
                "solver": each.found.method,
                "steps": each.found.steps,
                "residuals": each.found.residuals,
                "largest_wage_change_to_equilibrium": each.base.moved,
            }
            for each in results
        ],
    }
    return rounded, about


def _units(calibration: Calibration, sources: ShockSources) -> tuple[list[ShockUnit], list[str]]:
    """Find the economies and groups in focus; of importers, those that the calibration lacks are named."""
    units, absent = [], []
    for code in sources.focus:
        try:
            units.append(shock_unit(calibration, code, sources.groups))
        except UnknownCodeError:
            # an importer need not be in the calibration; a focus that somebody wrote down does
            if sources.part.focus:
                raise
            absent.append(code)
    return units, absent


def _joined(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(list(frames))


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Round amounts and changes."""
    floats = [name for name, kind in frame.schema.items() if kind == pl.Float64]
    money = [name for name in floats if name.endswith("_musd")]
    ratios = [name for name in floats if name.startswith("ratio_")]
    rest = [name for name in floats if name not in (*money, *ratios)]
    return unsigned_zeros(
        frame.with_columns(
            pl.col(money).round_sig_figs(_MONEY_DIGITS).round(_MONEY_DECIMALS),
            pl.col(ratios).round(_RATIO_DECIMALS),
            pl.col(rest).round(_DECIMALS),
        )
    )


def _of(result: ShockResult, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.lit(result.scenario.code).alias("scenario"), pl.all())


def _named(result: ShockResult, frame: pl.DataFrame, *first: str) -> pl.DataFrame:
    name, calibration = result.scenario.name, result.base.calibration.name
    return _of(
        result,
        frame.select(
            pl.lit(name["en"]).alias("name_en"),
            pl.lit(name["nl"]).alias("name_nl"),
            pl.lit(calibration).alias("calibration"),
            *first,
            *_CHANGES,
        ),
    )


def _groups(result: ShockResult, units: Sequence[ShockUnit]) -> pl.DataFrame:
    """Give the groups in focus and those that the scenario names."""
    calibration = result.base.calibration
    named = [
        shock_unit(calibration, code)
        for each in result.scenario.changes
        for code in (*each.buyers, *each.sellers)
    ]
    groups = {each.code: each for each in (*units, *named) if each.is_group and each.code != "WORLD"}
    return _named(result, unit_changes(result, list(groups.values())), "economy", "members", "in_scenario")


def _links(solver: ShockSolver, full: ShockResult, units: Sequence[ShockUnit]) -> pl.DataFrame:
    """Say what links between sectors add to the effect, for all economies and the groups in focus."""
    groups = [each for each in units if each.is_group]
    parts = []
    for links in _LINKS:
        table = solver.links(full, links)
        if groups:
            base = solver.base(full.scenario, links)
            table = pl.concat([grouped_changes(table, [], base, groups), table])
        parts.append(_of(full, table.select(pl.lit(links).alias("links"), pl.all())))
    return pl.concat(parts)


def _sectors(result: ShockResult, units: Sequence[ShockUnit], members: Sequence[str]) -> pl.DataFrame:
    calibration = result.base.calibration
    shown = {each.code: each for each in units}
    shown |= {code: shock_unit(calibration, code) for code in members if code not in shown}
    if not shown:
        return pl.DataFrame()
    return _of(result, sector_changes(result, list(shown.values())).drop("ratio_total_to_direct"))


def _trade(result: ShockResult) -> pl.DataFrame:
    """Add up trade over sectors; beyond the largest partners and those hit, as OTHER."""
    pairs = result.trade.group_by("buyer", "seller").agg(pl.col("before_musd", "after_musd").sum())
    size = pl.max_horizontal("before_musd", "after_musd")
    hit = set(result.economies.filter("in_scenario")["economy"])
    mine = sorted({*result.focus, *hit})
    named = [_touched_pairs(result)]
    for own, other in (("buyer", "seller"), ("seller", "buyer")):
        named.append(
            pairs.filter(pl.col(own).is_in(mine))
            .sort(size, other, descending=[True, False])
            .group_by(own, maintain_order=True)
            .head(_LARGEST_PARTNERS)
            .select("buyer", "seller")
        )
    kept = pl.concat(named).unique()
    shown = pairs.join(kept, on=["buyer", "seller"], how="semi")
    rest = pairs.join(kept, on=["buyer", "seller"], how="anti")
    parts = [shown]
    for own, other in (("buyer", "seller"), ("seller", "buyer")):
        parts.append(
            rest.filter(pl.col(own).is_in(mine))
            .group_by(own)
            .agg(pl.col("before_musd", "after_musd").sum())
            .with_columns(pl.lit(_OTHER).alias(other))
            .select(shown.columns)
        )
    return _of(result, pl.concat(parts).sort("buyer", "seller"))


def _touched_pairs(result: ShockResult) -> pl.DataFrame:
    """Name the buyers and sellers whose trade the scenario itself changes."""
    names = np.asarray(result.base.calibration.economies)
    shock, old = result.shock, result.base.calibration.tariff_rates
    marks = np.zeros(old.shape, dtype=bool)
    if shock.tariff_rates is not None:
        marks |= shock.tariff_rates != old
    if shock.cost_factors is not None:
        marks |= shock.cost_factors != 1
    if shock.denied is not None:
        marks |= shock.denied
    buyers, sellers = np.nonzero(marks.any(axis=0))
    return pl.DataFrame(
        {"buyer": names[buyers], "seller": names[sellers]},
        schema={"buyer": pl.String, "seller": pl.String},
    )


def _assumptions(result: ShockResult) -> pl.DataFrame:
    # how it was solved differs from machine to machine, and stands in the record
    said = [each for each in result.assumptions if not each.startswith("solved by")]
    return _of(result, pl.DataFrame({"number": range(1, len(said) + 1), "text": said}))


def _curves(
    solver: ShockSolver, scenarios: Sequence[Scenario], units: Sequence[ShockUnit]
) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Run every family of tariffs in percentage points in several sizes."""
    families: dict[str, Scenario] = {}
    for each in scenarios:
        if all(isinstance(change.add, PercentagePoints) for change in each.changes):
            families.setdefault(_SIZE.sub("-pp", each.code), each)
    frames, described = [], []
    for family, scenario in families.items():
        base = solver.base(scenario)
        curve = solver.curve(scenario)
        groups = [each for each in units if each.is_group]
        parts = [curve_of_units(curve, base, groups).table] if groups else []
        table = pl.concat([*parts, curve.table]).drop("wage_change")
        frames.append(table.select(pl.lit(family).alias("family"), pl.all()))
        sides = curve_of_units(curve, base, _reported(scenario, base.calibration, units))
        described.append(
            {
                "family": family,
                "scenario": scenario.code,
                "falls_from_25_points": dict(sides.monotone(25.0).select("economy", "falls").iter_rows()),
            }
        )
    schema = {"family": pl.String}
    return (pl.concat(frames) if frames else pl.DataFrame(schema=schema)), described


def _reported(scenario: Scenario, calibration: Calibration, units: Sequence[ShockUnit]) -> list[ShockUnit]:
    """Name the units in focus and the sides of a scenario."""
    codes = [code for each in scenario.changes for code in (*each.buyers, *each.sellers) if code != "WORLD"]
    found = {each.code: each for each in units}
    return list({**found, **{code: shock_unit(calibration, code) for code in codes}}.values())


def _uncertainty(
    sources: ShockSources, solver: ShockSolver, results: Sequence[ShockResult], units: Sequence[ShockUnit]
) -> dict[str, pl.DataFrame]:
    """Run every scenario under drawn elasticities and on a grid."""
    part, calibration = sources.part, solver.calibration
    values = elasticity_grid(calibration, GRID_FACTORS)
    if part.draws:
        drawn = draw_elasticities(calibration, part.draws, seed=part.seed, spread=DRAWS_SPREAD)
        values = np.concatenate([values, drawn])
    key = f"{sources.calibration_sha256} {part.calibration} {part.year}"
    fans, grids = [], []
    for result in results:
        base, hit = result.base, set(result.economies.filter("in_scenario")["economy"])
        codes = dict.fromkeys([*(unit.code for unit in units), *result.focus, *sorted(hit)])
        shown = [shock_unit(calibration, code, sources.groups) for code in codes]
        fan = kept_fan(FanAsked(key, repr(result.scenario), values.tobytes(), base, result.scenario, values))
        rows = grouped_changes(
            fan.draws.select("variant", "economy", "real_income_change"), ["variant"], base, shown
        )
        on_grid = pl.col("variant") < len(GRID_FACTORS)
        grid = rows.filter(on_grid).with_columns(
            elasticity_factor=pl.Series(GRID_FACTORS).gather(rows.filter(on_grid)["variant"])
        )
        grids.append(_of(result, grid.select("elasticity_factor", "economy", "real_income_change")))
        if part.draws:
            fans.append(_of(result, fan_summary(rows.filter(~on_grid))))
    return {
        "shock_fan": pl.concat(fans) if fans else pl.DataFrame(),
        "shock_grid": pl.concat(grids),
    }


def _counterparts(result: ShockResult, units: Sequence[ShockUnit]) -> dict[str, str]:
    """Name whom a scenario sets against those in it, as it names them."""
    calibration = result.base.calibration
    hit = result.economies.filter("in_scenario")["economy"].to_list()
    shown = {each.code: each for each in _reported(result.scenario, calibration, units)}
    shown |= {code: shock_unit(calibration, code) for code in hit}
    found = {code: partners_of(result.scenario, calibration, each) for code, each in shown.items()}
    return {code: ";".join(each.code for each in others) for code, others in found.items() if others}


def _about(calibration: Calibration) -> dict[str, Any]:
    known = calibration.metadata
    return {
        "title": known.get("title"),
        "year": known.get("year"),
        **{key: known.get(key) for key in ("citation", "licence", "licence_url")},
        "economies": len(calibration.economies),
        "sectors": len(calibration.sectors),
        "assumptions": list(known.get("assumptions", ())),
        "notes": list(known.get("notes", ())),
    }
