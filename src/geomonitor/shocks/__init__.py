"""Shocks: what tariffs, costs of trade and denial of access do, directly and through the chains."""

from geomonitor.shocks.base import Base, rebase, take_as_base
from geomonitor.shocks.calibration import Calibration, Links, check_calibration, with_links
from geomonitor.shocks.equilibrium import Equilibrium, solve_equilibrium
from geomonitor.shocks.examples import made_up_calibration, small_calibration, small_scenario
from geomonitor.shocks.prices import PriceEffects, price_effects
from geomonitor.shocks.run import ShockResult, counterparts_of, run_scenario
from geomonitor.shocks.scenario import (
    SECTOR_FAMILIES,
    Change,
    Scenario,
    load_scenario,
    scenario,
    scenarios,
    sectors_meant,
    shock_of,
)
from geomonitor.shocks.system import Deficits, EquilibriumError, Shock
from geomonitor.shocks.uncertainty import (
    QUANTILES,
    ShockFan,
    draw_elasticities,
    elasticity_grid,
    shock_fan,
)
from geomonitor.shocks.welfare import (
    HomeShareParts,
    WelfareParts,
    chained_parts,
    first_order_parts,
    home_share_parts,
    price_index,
    real_income,
    real_wage,
)

__all__ = [
    "QUANTILES",
    "SECTOR_FAMILIES",
    "Base",
    "Calibration",
    "Change",
    "Deficits",
    "Equilibrium",
    "EquilibriumError",
    "HomeShareParts",
    "Links",
    "PriceEffects",
    "Scenario",
    "Shock",
    "ShockFan",
    "ShockResult",
    "WelfareParts",
    "chained_parts",
    "check_calibration",
    "counterparts_of",
    "draw_elasticities",
    "elasticity_grid",
    "first_order_parts",
    "home_share_parts",
    "load_scenario",
    "made_up_calibration",
    "price_effects",
    "price_index",
    "real_income",
    "real_wage",
    "rebase",
    "run_scenario",
    "scenario",
    "scenarios",
    "sectors_meant",
    "shock_fan",
    "shock_of",
    "small_calibration",
    "small_scenario",
    "solve_equilibrium",
    "take_as_base",
    "with_links",
]
