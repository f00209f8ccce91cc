"""The report: figures, the HTML brief and the workbook of an edition."""

from geomonitor.report.brief import brief_html, write_brief
from geomonitor.report.language import LANGUAGES, Language
from geomonitor.report.workbook import write_workbook

__all__ = ["LANGUAGES", "Language", "brief_html", "write_brief", "write_workbook"]
