"""Findings, editions and their comparison."""

from geomonitor.findings.compare import Comparison, compare
from geomonitor.findings.edition import Edition, edition_id, frame_sha256, write_edition
from geomonitor.findings.finding import FINDING_SCHEMA, Finding, findings_of, findings_table

__all__ = [
    "FINDING_SCHEMA",
    "Comparison",
    "Edition",
    "Finding",
    "compare",
    "edition_id",
    "findings_of",
    "findings_table",
    "frame_sha256",
    "write_edition",
]
