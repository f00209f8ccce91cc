"""Evidence as the pages show it: in words and units, and held against the newest edition that says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime

from geomonitor.register.models import Evidence
from geomonitor.register.services.evidence import Standing, standing
from geomonitor.web.cases.common import economy_name
from geomonitor.web.language import active_language, has_text, say

__all__ = ["EvidenceView", "difference", "evidence_label", "evidence_views", "measure_name", "shown_value"]

_ASKED = 4
"""So many of the newest editions are asked: as many as the shelf keeps open."""


def measure_name(measure: str) -> str:
    """Name a measure in words.

    Examples
    --------
    >>> measure_name("supply_risk"), measure_name("import_concentration")
    ('supply risk', 'concentration of foreign supply')
    """
    key = f"case_measure.{measure}"
    return say(None, key) if has_text(key) else active_language().indicator(measure)


def _number(value: Any) -> float | None:
    """Give a frozen value as a number; JSON has no infinity, so that is kept as text."""
    return None if value is None else float(value)


def shown_value(finding: Mapping[str, Any]) -> str:
    """Write the value of a finding with the marks of the language and its unit.

    Examples
    --------
    >>> shown_value({"value": 0.4712, "unit": "share", "verdict": "met"})
    '47.1%'
    """
    language = active_language()
    value, unit = _number(finding["value"]), finding["unit"]
    if unit == "verdict":
        return _verdict(finding["verdict"])
    if unit == "share":
        return language.share(value, 1)
    if unit == "fraction":
        return language.share(value, 2)
    if unit == "thousand USD a year":
        return language.money(value)
    return language.number(value, 3 if unit in {"index", "rank"} else 2)


def _verdict(verdict: str) -> str:
    key = f"case_verdict.{verdict.replace(' ', '_')}"
    return say(None, key) if has_text(key) else verdict


def _unit(unit: str) -> str:
    key = f"case_unit.{unit.lower().replace(' ', '_')}"
    return say(None, key) if has_text(key) else unit


def difference(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Write by how much a value changed, with its sign; empty where that has no meaning.

    Examples
    --------
    >>> difference({"value": 0.5, "unit": "share"}, {"value": 0.47, "unit": "share"})
    '−3.0 percentage points'
    """
    language = active_language()
    old, new = _number(then["value"]), _number(now["value"])
    unit = then["unit"]
    if old is None or new is None or unit == "verdict" or unit != now["unit"]:
        return ""
    change = new - old
    sign = "+" if change > 0 else ""
    if unit in {"share", "fraction"}:
        points = language.number(change * 100, 1 if unit == "share" else 2)
        return say(None, "case_unit.points", value=f"{sign}{points}")
    if unit == "thousand USD a year":
        return f"{'+' if change > 0 else '−'}{language.money(abs(change))}"
    return f"{sign}{language.number(change, 3 if unit in {'index', 'rank'} else 2)}"


def evidence_label(finding: Mapping[str, Any]) -> str:
    """Name a finding in one line, for a list to tick from."""
    origin = f"{finding['method']}, {finding['period'].replace('-', '–')}"
    return f"{measure_name(finding['measure'])}: {shown_value(finding)} ({origin})"


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A piece of evidence with what the newest edition says.

    Attributes
    ----------
    record : Evidence
    standing : Standing or None
        None where no newer edition is there.
    now_created : datetime or None
        When that edition was made.
    """

    record: Evidence
    standing: Standing | None = None
    now_created: Any = None

    @property
    def finding(self) -> Mapping[str, Any]:
        """The frozen finding."""
        frozen: Mapping[str, Any] = self.record.finding
        return frozen

    @property
    def measure(self) -> str:
        """What was measured."""
        return measure_name(self.finding["measure"])

    @property
    def value(self) -> str:
        """The frozen value."""
        return shown_value(self.finding)

    @property
    def unit(self) -> str:
        """Its unit."""
        return _unit(self.finding["unit"])

    @property
    def period(self) -> str:
        """The years that it covers."""
        return str(self.finding["period"]).replace("-", "–")

    @property
    def threshold(self) -> str:
        """The threshold that it was held against, in the same unit."""
        if self.finding["threshold"] is None:
            return "–"
        return shown_value({**self.finding, "value": self.finding["threshold"]})

    @property
    def verdict(self) -> str:
        """The verdict, in words; of a finding that is a verdict itself, the value says it."""
        return "–" if self.finding["unit"] == "verdict" else _verdict(self.finding["verdict"])

    @property
    def supplier(self) -> str:
        """The main supplier, or the economy on the other side."""
        return economy_name(self.finding["counterpart"] or "")

    @property
    def edition_created(self) -> Any:
        """When the edition that it comes from was made."""
        return parse_datetime(self.record.edition_created)

    @property
    def differs(self) -> bool:
        """Whether a newer edition says otherwise."""
        return self.standing is not None and self.standing.differs

    @property
    def now_value(self) -> str:
        """What the newest edition says."""
        assert self.standing is not None
        assert self.standing.now is not None
        return shown_value(self.standing.now)

    @property
    def now_difference(self) -> str:
        """By how much that differs; empty for a verdict, where it is said in words."""
        if self.standing is None or self.standing.now is None:
            return ""
        parts = []
        if "value" in self.standing.changed:
            parts.append(difference(self.finding, self.standing.now))
        if "verdict" in self.standing.changed and self.finding["unit"] != "verdict":
            verdict = _verdict(self.standing.now["verdict"])
            parts.append(say(None, "case_evidence.now_verdict", verdict=verdict))
        if "counterpart" in self.standing.changed:
            name = economy_name(self.standing.now["counterpart"] or "")
            parts.append(say(None, "case_evidence.now_supplier", name=name))
        return "; ".join(part for part in parts if part)


def evidence_views(records: Iterable[Evidence]) -> tuple[EvidenceView, ...]:
    """Give evidence with what the newest edition says that makes the same statement.

    Only editions made after the one that a finding comes from are asked, newest first. Where none of
    them makes the statement, the newest is named as the one that no longer does.
    """
    from geomonitor.web.evidence.shelf import shelf

    found = list(records)
    if not found:
        return ()
    editions = shelf()
    entries = [(entry.id, entry.created) for entry in editions.editions()[:_ASKED]]
    views = []
    for record in found:
        made = parse_datetime(record.edition_created)
        answer = None
        answered = None
        for edition_id, created in entries:
            if edition_id == record.edition or made is None or created <= made:
                continue
            said = standing(record, editions.open(edition_id))
            if answer is None or said.now is not None:
                answer, answered = said, created
            if said.now is not None:
                break
        views.append(EvidenceView(record, answer, answered))
    return tuple(views)
