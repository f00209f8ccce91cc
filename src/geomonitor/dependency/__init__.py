"""Product-level dependency: methods, screening and what stands around them."""

from geomonitor.dependency.fragility import (
    Fragility,
    clustering_coefficient,
    out_degree_spread,
    supply_fragility,
)
from geomonitor.dependency.indicators import INDICATORS, Indicators, indicators, world_market
from geomonitor.dependency.screening import Measurement, Screening, ScreeningOptions, measure, screen
from geomonitor.dependency.specification import Condition, MethodSpecification, method, method_ids, methods

__all__ = [
    "INDICATORS",
    "Condition",
    "Fragility",
    "Indicators",
    "Measurement",
    "MethodSpecification",
    "Screening",
    "ScreeningOptions",
    "clustering_coefficient",
    "indicators",
    "measure",
    "method",
    "method_ids",
    "methods",
    "out_degree_spread",
    "screen",
    "supply_fragility",
    "world_market",
]
