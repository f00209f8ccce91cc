"""Shocks: what tariffs, costs of trade and denial of access do, directly and through the chains."""

from geomonitor.shocks.base import Base, rebase, take_as_base
from geomonitor.shocks.calibrate import calibration_from_table, embedded_calibration
from geomonitor.shocks.calibration import Calibration, Links, check_calibration, with_links
from geomonitor.shocks.calibration_store import CALIBRATION_FORMATS, load_calibration
from geomonitor.shocks.critical_inputs import CriticalInputLoss, critical_input_loss
from geomonitor.shocks.curve import ResponseCurve, response_curve
from geomonitor.shocks.elasticities import ElasticitySet, elasticity_set, elasticity_sets
from geomonitor.shocks.equilibrium import Equilibrium, solve_equilibrium
from geomonitor.shocks.examples import made_up_calibration, small_calibration, small_scenario
from geomonitor.shocks.methods import ShockMethod, shock_methods
from geomonitor.shocks.pass_through import PricePassThrough, price_pass_through
from geomonitor.shocks.prices import PriceEffects, price_effects
from geomonitor.shocks.product_elasticities import read_product_elasticities
from geomonitor.shocks.re_exports import no_home_sales, strip_re_exports
from geomonitor.shocks.run import ShockResult, counterparts_of, run_scenario
from geomonitor.shocks.scenario_files import (
    SECTOR_FAMILIES,
    Change,
    Scenario,
    load_scenario,
    scenario,
    scenario_from,
    scenarios,
    sectors_meant,
    shock_of,
)
from geomonitor.shocks.short_run import (
    armington_real_income,
    ces_output,
    denied_share_price,
    second_order_bound,
)
from geomonitor.shocks.shortage import Shortage, material_shortage, physical_shortage
from geomonitor.shocks.system import Deficits, EquilibriumError, Shock
from geomonitor.shocks.uncertainty import QUANTILES, ShockFan, draw_elasticities, elasticity_grid, shock_fan
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
    "CALIBRATION_FORMATS",
    "QUANTILES",
    "SECTOR_FAMILIES",
    "Base",
    "Calibration",
    "Change",
    "CriticalInputLoss",
    "Deficits",
    "ElasticitySet",
    "Equilibrium",
    "EquilibriumError",
    "HomeShareParts",
    "Links",
    "PriceEffects",
    "PricePassThrough",
    "ResponseCurve",
    "Scenario",
    "Shock",
    "ShockFan",
    "ShockMethod",
    "ShockResult",
    "Shortage",
    "WelfareParts",
    "armington_real_income",
    "calibration_from_table",
    "ces_output",
    "chained_parts",
    "check_calibration",
    "counterparts_of",
    "critical_input_loss",
    "denied_share_price",
    "draw_elasticities",
    "elasticity_grid",
    "elasticity_set",
    "elasticity_sets",
    "embedded_calibration",
    "first_order_parts",
    "home_share_parts",
    "load_calibration",
    "load_scenario",
    "made_up_calibration",
    "material_shortage",
    "no_home_sales",
    "physical_shortage",
    "price_effects",
    "price_index",
    "price_pass_through",
    "read_product_elasticities",
    "real_income",
    "real_wage",
    "rebase",
    "response_curve",
    "run_scenario",
    "scenario",
    "scenario_from",
    "scenarios",
    "second_order_bound",
    "sectors_meant",
    "shock_fan",
    "shock_methods",
    "shock_of",
    "small_calibration",
    "small_scenario",
    "solve_equilibrium",
    "strip_re_exports",
    "take_as_base",
    "with_links",
]
