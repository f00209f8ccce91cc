"""The report: figures, the HTML brief and the workbook of an edition."""

from geomonitor.report.brief import brief_html, write_brief
from geomonitor.report.language import LANGUAGES, Language

__all__ = ["LANGUAGES", "Language", "brief_html", "write_brief"]
