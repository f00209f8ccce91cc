"""Figures of the report as Plotly figures, for notebooks too: a table in, a figure out."""

from geomonitor.report.figures.chains import chain_stages_figure
from geomonitor.report.figures.criticality import criticality_figure
from geomonitor.report.figures.exposure import (
    exposure_map_figure,
    exposure_ranking_figure,
    supply_paths_figure,
)
from geomonitor.report.figures.materials import (
    concentration_history_figure,
    factor_contributions_figure,
)
from geomonitor.report.figures.overview import (
    dependent_count_figure,
    supplier_value_figure,
    verdict_years_figure,
)
from geomonitor.report.figures.panels import indicator_figure, supplier_shares_figure
from geomonitor.report.figures.relations import two_way_figure
from geomonitor.report.figures.shock_prices import (
    direct_total_figure,
    output_change_figure,
    price_effects_figure,
    price_grid_figure,
)
from geomonitor.report.figures.shock_trade import trade_diversion_figure
from geomonitor.report.figures.shock_uncertainty import elasticity_grid_figure, result_fan_figure
from geomonitor.report.figures.shocks import (
    real_income_map_figure,
    response_curve_figure,
    scenario_comparison_figure,
)
from geomonitor.report.figures.stacking import stacking_figure
from geomonitor.report.figures.stages import benchmark_figure, stage_comparison_figure
from geomonitor.report.figures.world import (
    not_on_the_map,
    supplier_map_figure,
    supplier_share_map_figure,
)

__all__ = [
    "benchmark_figure",
    "chain_stages_figure",
    "concentration_history_figure",
    "criticality_figure",
    "dependent_count_figure",
    "direct_total_figure",
    "elasticity_grid_figure",
    "exposure_map_figure",
    "exposure_ranking_figure",
    "factor_contributions_figure",
    "indicator_figure",
    "not_on_the_map",
    "output_change_figure",
    "price_effects_figure",
    "price_grid_figure",
    "real_income_map_figure",
    "response_curve_figure",
    "result_fan_figure",
    "scenario_comparison_figure",
    "stacking_figure",
    "stage_comparison_figure",
    "supplier_map_figure",
    "supplier_share_map_figure",
    "supplier_shares_figure",
    "supplier_value_figure",
    "supply_paths_figure",
    "trade_diversion_figure",
    "two_way_figure",
    "verdict_years_figure",
]
