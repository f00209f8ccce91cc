"""Raw materials by stage: supply risk, economic importance, and where concentration sits."""

from geomonitor.materials.assessment import ASSESSMENT_PARAMETERS, NO_SUPPLY_KNOWN, Assessment, assess
from geomonitor.materials.criticality import at_one_decimal, critical_by_rule, is_critical
from geomonitor.materials.economic_importance import (
    EconomicImportance,
    economic_importance,
    importance_of_uses,
    substitution_economic,
)
from geomonitor.materials.evaluate import (
    MaterialsEvaluation,
    materials_from_production,
    materials_from_trade,
)
from geomonitor.materials.geopolrisk import GeoPolRisk, geopolrisk_scores, governance_risk
from geomonitor.materials.geopolrisk_options import GeoPolRiskOptions, geopolrisk_reproduction
from geomonitor.materials.inputs import INPUT_MEASURES, MaterialInput, MaterialInputs, load_material_inputs
from geomonitor.materials.parameters import AssessmentParameters, assessment_parameters
from geomonitor.materials.production_basis import production_shares, sourcing_shares, use_rows
from geomonitor.materials.shares import governed_shares, weighted_governance
from geomonitor.materials.specification import MaterialMethod, material_method, material_methods
from geomonitor.materials.stages import StageComparison, compare_stages
from geomonitor.materials.supply_risk import (
    SUPPLY_RISK_FACTORS,
    SubstituteUse,
    governance_weight,
    governed_concentration,
    import_reliance,
    substitution_risk,
    supply_risk,
    supply_risk_bounds,
)
from geomonitor.materials.trade_basis import MaterialTrade, material_trade

__all__ = [
    "ASSESSMENT_PARAMETERS",
    "INPUT_MEASURES",
    "NO_SUPPLY_KNOWN",
    "SUPPLY_RISK_FACTORS",
    "Assessment",
    "AssessmentParameters",
    "EconomicImportance",
    "GeoPolRisk",
    "GeoPolRiskOptions",
    "MaterialInput",
    "MaterialInputs",
    "MaterialMethod",
    "MaterialTrade",
    "MaterialsEvaluation",
    "StageComparison",
    "SubstituteUse",
    "assess",
    "assessment_parameters",
    "at_one_decimal",
    "compare_stages",
    "critical_by_rule",
    "economic_importance",
    "geopolrisk_reproduction",
    "geopolrisk_scores",
    "governance_risk",
    "governance_weight",
    "governed_concentration",
    "governed_shares",
    "import_reliance",
    "importance_of_uses",
    "is_critical",
    "load_material_inputs",
    "material_method",
    "material_methods",
    "material_trade",
    "materials_from_production",
    "materials_from_trade",
    "production_shares",
    "sourcing_shares",
    "substitution_economic",
    "substitution_risk",
    "supply_risk",
    "supply_risk_bounds",
    "use_rows",
    "weighted_governance",
]
