"""Figures of the report as Plotly figures, for notebooks too: a table in, a figure out."""

from geomonitor.report.figures.overview import (
    dependent_count_figure,
    supplier_value_figure,
    verdict_years_figure,
)
from geomonitor.report.figures.panels import indicator_figure, supplier_shares_figure
from geomonitor.report.figures.relations import two_way_figure
from geomonitor.report.figures.world import not_on_the_map, supplier_map_figure

__all__ = [
    "dependent_count_figure",
    "indicator_figure",
    "not_on_the_map",
    "supplier_map_figure",
    "supplier_shares_figure",
    "supplier_value_figure",
    "two_way_figure",
    "verdict_years_figure",
]
