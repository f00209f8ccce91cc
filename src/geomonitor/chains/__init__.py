"""Value chains: exposure through suppliers' suppliers, position, paths, extraction and stacking."""

from geomonitor.chains.across_chains import StackingAcrossChains, stack_across_chains
from geomonitor.chains.chain_files import (
    STAGE_KINDS,
    Chain,
    ChainStage,
    ProductGroup,
    StageMaterial,
    chain_named,
    load_chain,
    load_chains,
)
from geomonitor.chains.comparisons import TwoWay, pass_through_stacking, rank_members, two_way
from geomonitor.chains.exposure import (
    EXPOSURE_MEASURES,
    Exposure,
    ExposureMatrix,
    exposure,
    exposure_matrix,
    face_value_shares,
    look_through_shares,
    market_shares,
    value_added_shares,
)
from geomonitor.chains.extraction import Extraction, extract_supplier
from geomonitor.chains.factor_cache import cached_system, factor_folder
from geomonitor.chains.leontief import LeontiefSystem, leontief_system
from geomonitor.chains.letter import LetterClaims, letter_claims
from geomonitor.chains.measures import MeasureSpecification, chain_measures
from geomonitor.chains.paths import SupplyPaths, supply_paths
from geomonitor.chains.position import (
    PassThrough,
    average_propagation_length,
    downstreamness,
    pass_through_frequency,
    pass_through_of_paths,
    position_table,
    upstreamness,
)
from geomonitor.chains.selection import economies_of, indicator, nodes_of, sectors_of
from geomonitor.chains.stacking import (
    ChainStacking,
    any_stage_exposure,
    bottleneck,
    longest_run,
    mean_dependency,
    portfolio_concentration,
    stack_chain,
    stages_above,
)
from geomonitor.chains.stage_shares import StageShares, stage_shares
from geomonitor.chains.world_source import check_world_supply
from geomonitor.chains.world_supply import (
    WORLD_SUPPLY_SCHEMA,
    WorldSupply,
    published_world_supply,
    world_supply_of,
)

__all__ = [
    "EXPOSURE_MEASURES",
    "STAGE_KINDS",
    "WORLD_SUPPLY_SCHEMA",
    "Chain",
    "ChainStacking",
    "ChainStage",
    "Exposure",
    "ExposureMatrix",
    "Extraction",
    "LeontiefSystem",
    "LetterClaims",
    "MeasureSpecification",
    "PassThrough",
    "ProductGroup",
    "StackingAcrossChains",
    "StageMaterial",
    "StageShares",
    "SupplyPaths",
    "TwoWay",
    "WorldSupply",
    "any_stage_exposure",
    "average_propagation_length",
    "bottleneck",
    "cached_system",
    "chain_measures",
    "chain_named",
    "check_world_supply",
    "downstreamness",
    "economies_of",
    "exposure",
    "exposure_matrix",
    "extract_supplier",
    "face_value_shares",
    "factor_folder",
    "indicator",
    "leontief_system",
    "letter_claims",
    "load_chain",
    "load_chains",
    "longest_run",
    "look_through_shares",
    "market_shares",
    "mean_dependency",
    "nodes_of",
    "pass_through_frequency",
    "pass_through_of_paths",
    "pass_through_stacking",
    "portfolio_concentration",
    "position_table",
    "published_world_supply",
    "rank_members",
    "sectors_of",
    "stack_across_chains",
    "stack_chain",
    "stage_shares",
    "stages_above",
    "supply_paths",
    "two_way",
    "upstreamness",
    "value_added_shares",
    "world_supply_of",
]
