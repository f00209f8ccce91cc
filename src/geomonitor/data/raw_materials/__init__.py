"""Raw materials: published statistics in one canonical table, their checks, and the store."""

from geomonitor.data.raw_materials.assessments import (
    ASSESSMENT_FORMATS,
    ASSESSMENT_SCHEMA,
    read_published_assessments,
)
from geomonitor.data.raw_materials.check_rules import check_material_table
from geomonitor.data.raw_materials.checks import MATERIAL_CHECKS, governance_check, require_sound
from geomonitor.data.raw_materials.facts import (
    FactSource,
    fact_sources,
    on_published_list,
    published_assessments,
    published_list,
    published_list_years,
    published_main_suppliers,
    recycling_rates,
)
from geomonitor.data.raw_materials.governance import (
    GOVERNANCE_DIMENSIONS,
    governance_mean,
    read_governance,
)
from geomonitor.data.raw_materials.names import SpokenEconomy, spoken_economy
from geomonitor.data.raw_materials.readers import MATERIAL_FORMATS, read_material_data
from geomonitor.data.raw_materials.store import (
    add_material_data,
    material_data,
    material_data_folder,
    material_data_list,
    remove_material_data,
)
from geomonitor.data.raw_materials.table import (
    MATERIAL_MEASURES,
    MATERIAL_QUALITIES,
    MATERIAL_SCHEMA,
    SHARE_SUM_TOLERANCE,
    TONNES_PER_UNIT,
    MaterialCheck,
    MaterialData,
    share_sums,
)

__all__ = [
    "ASSESSMENT_FORMATS",
    "ASSESSMENT_SCHEMA",
    "GOVERNANCE_DIMENSIONS",
    "MATERIAL_CHECKS",
    "MATERIAL_FORMATS",
    "MATERIAL_MEASURES",
    "MATERIAL_QUALITIES",
    "MATERIAL_SCHEMA",
    "SHARE_SUM_TOLERANCE",
    "TONNES_PER_UNIT",
    "FactSource",
    "MaterialCheck",
    "MaterialData",
    "SpokenEconomy",
    "add_material_data",
    "check_material_table",
    "fact_sources",
    "governance_check",
    "governance_mean",
    "material_data",
    "material_data_folder",
    "material_data_list",
    "on_published_list",
    "published_assessments",
    "published_list",
    "published_list_years",
    "published_main_suppliers",
    "read_governance",
    "read_material_data",
    "read_published_assessments",
    "recycling_rates",
    "remove_material_data",
    "require_sound",
    "share_sums",
    "spoken_economy",
]
