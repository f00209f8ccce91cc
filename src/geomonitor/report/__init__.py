"""The report: figures, the HTML brief, pages of raw materials and the workbook of an edition."""

from geomonitor.report.brief import brief_html, write_brief
from geomonitor.report.language import LANGUAGES, Language
from geomonitor.report.material_page import material_page_html, write_material_page
from geomonitor.report.workbook import write_workbook

__all__ = [
    "LANGUAGES",
    "Language",
    "brief_html",
    "material_page_html",
    "write_brief",
    "write_material_page",
    "write_workbook",
]
