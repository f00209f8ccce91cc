"""Codes: economies and groups of economies, revisions and products of the Harmonized System."""

from __future__ import annotations

from geomonitor.codes.economies import (
    BACI_ECONOMIES,
    COMTRADE_ECONOMIES,
    ECONOMY_CODES,
    LANGUAGES,
    UNALLOCATED_CODES,
    Economy,
    economy,
    economy_from_baci,
    economy_from_comtrade,
    economy_name,
    near_matches,
)
from geomonitor.codes.groups import Group, group, group_codes, group_members, resolve_importer
from geomonitor.codes.products import (
    HS_REVISIONS,
    UNSPECIFIED_PRODUCT,
    chapter_name,
    hs_chapter,
    hs_chapters,
    hs_revision,
    hs_section,
    product_code,
    section_name,
)

__all__ = [
    "BACI_ECONOMIES",
    "COMTRADE_ECONOMIES",
    "ECONOMY_CODES",
    "HS_REVISIONS",
    "LANGUAGES",
    "UNALLOCATED_CODES",
    "UNSPECIFIED_PRODUCT",
    "Economy",
    "Group",
    "chapter_name",
    "economy",
    "economy_from_baci",
    "economy_from_comtrade",
    "economy_name",
    "group",
    "group_codes",
    "group_members",
    "hs_chapter",
    "hs_chapters",
    "hs_revision",
    "hs_section",
    "near_matches",
    "product_code",
    "resolve_importer",
    "section_name",
]
