"""Runs of shocks for an edition: bases, links, curves and fans of a calibration, each made once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from geomonitor.monitor.shock_sources import CURVE_POINTS, FAN_TOLERANCE, TOLERANCE
from geomonitor.shocks import (
    Base,
    Calibration,
    Links,
    Scenario,
    ShockFan,
    ShockResult,
    price_effects,
    price_index,
    real_income,
    rebase,
    run_scenario,
    shock_fan,
    shock_of,
    solve_equilibrium,
)
from geomonitor.shocks.calibration_store import load_calibration
from geomonitor.shocks.curve import ResponseCurve, response_curve
from geomonitor.shocks.uncertainty import Floats

__all__ = ["FanAsked", "ShockSolver", "kept_fan", "shock_solver"]


@dataclass(frozen=True, slots=True)
class ShockSolver:
    """A calibration with what was found on it for all economies, each made once."""

    calibration: Calibration
    kept: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def base(self, scenario: Scenario, links: Links = "full") -> Base:
        """Give the equilibrium before, under the rule of a scenario for deficits."""
        found: Base = self._once(
            ("base", scenario.deficits, links),
            lambda: rebase(self.calibration, scenario.deficits, links=links),
        )
        return found

    def run(self, scenario: Scenario, focus: Sequence[str]) -> ShockResult:
        """Run a scenario."""
        return run_scenario(self.base(scenario), scenario, focus, tolerance=TOLERANCE)

    def links(self, full: ShockResult, links: Links) -> pl.DataFrame:
        """Give changes of all economies with fewer links between sectors."""
        found: pl.DataFrame = self._once(
            ("links", repr(full.scenario), links), lambda: _with_links(self, full, links)
        )
        return found

    def curve(self, scenario: Scenario) -> ResponseCurve:
        """Run the tariffs of a scenario in several sizes."""
        found: ResponseCurve = self._once(
            ("curve", repr(scenario)),
            lambda: response_curve(self.base(scenario), scenario, CURVE_POINTS, tolerance=TOLERANCE),
        )
        return found

    def _once(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]


@functools.lru_cache(maxsize=2)
def shock_solver(
    name: str, sha256: str, elasticities: str | None, year: int | None, root: Path | None
) -> ShockSolver:
    """Open a calibration once in the life of the program; its hash tells those of one name apart."""
    del sha256
    return ShockSolver(load_calibration(name, elasticity_set=elasticities, year=year, root=root))


@dataclass(frozen=True, slots=True)
class FanAsked:
    """What a fan hangs on, told apart by the names of its parts."""

    calibration_sha256: str
    scenario_text: str
    elasticities_bytes: bytes
    base: Base = field(compare=False)
    scenario: Scenario = field(compare=False)
    elasticities: Floats = field(compare=False)


@functools.lru_cache(maxsize=32)
def kept_fan(asked: FanAsked) -> ShockFan:
    """Run a scenario under many elasticities, once in the life of the program."""
    # one process: starting others takes as long as these runs
    return shock_fan(
        asked.base.calibration, asked.scenario, asked.elasticities, workers=1, tolerance=FAN_TOLERANCE
    )


def _with_links(solver: ShockSolver, full: ShockResult, links: Links) -> pl.DataFrame:
    base = solver.base(full.scenario, links)
    shock = shock_of(full.scenario, base.calibration)
    found = (
        full.found
        if links == "full"
        else solve_equilibrium(base.calibration, shock, tolerance=TOLERANCE, start=full.found.wages)
    )
    effects = price_effects(base.calibration, shock)
    return pl.DataFrame(
        {
            "economy": base.calibration.economies,
            "real_income_change": real_income(base, found) - 1,
            "direct_price_change": effects.index(base.calibration, "direct"),
            "total_price_change": effects.index(base.calibration, "total"),
            "price_change": price_index(base.calibration, found) - 1,
        }
    )
