"""Product-level dependency: methods, screening and what stands around them."""

from geomonitor.dependency.churn import churn, history
from geomonitor.dependency.explain import Explanation, ExplanationStep, explain
from geomonitor.dependency.flow_screening import as_frame_of, screen_flows
from geomonitor.dependency.fragility import (
    Fragility,
    clustering_coefficient,
    out_degree_spread,
    supply_fragility,
)
from geomonitor.dependency.indicators import INDICATORS, Indicators, indicators, world_market
from geomonitor.dependency.interests import InterestEntry, Interests, PublicInterest, load_interests
from geomonitor.dependency.relations import Common, Mutual, Reverse, common, mutual, reverse
from geomonitor.dependency.robustness import Robustness, robustness, robustness_of_importers
from geomonitor.dependency.screening import Measurement, Screening, ScreeningOptions, measure, screen
from geomonitor.dependency.specification import Condition, MethodSpecification, method, method_ids, methods
from geomonitor.dependency.strategic import Judgement, Judgements, load_substitutability, strategic

__all__ = [
    "INDICATORS",
    "Common",
    "Condition",
    "Explanation",
    "ExplanationStep",
    "Fragility",
    "Indicators",
    "InterestEntry",
    "Interests",
    "Judgement",
    "Judgements",
    "Measurement",
    "MethodSpecification",
    "Mutual",
    "PublicInterest",
    "Reverse",
    "Robustness",
    "Screening",
    "ScreeningOptions",
    "as_frame_of",
    "churn",
    "clustering_coefficient",
    "common",
    "explain",
    "history",
    "indicators",
    "load_interests",
    "load_substitutability",
    "measure",
    "method",
    "method_ids",
    "methods",
    "mutual",
    "out_degree_spread",
    "reverse",
    "robustness",
    "robustness_of_importers",
    "screen",
    "screen_flows",
    "strategic",
    "supply_fragility",
    "world_market",
]
