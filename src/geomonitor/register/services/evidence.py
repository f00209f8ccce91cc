"""Findings as evidence: frozen as they were, and held against what an edition says now."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import polars as pl
from django.db import transaction

from geomonitor.findings import Edition, Finding
from geomonitor.register.errors import FindingError, RuleError
from geomonitor.register.models import Case, Evidence, User
from geomonitor.register.services.content import add

__all__ = ["Standing", "attach", "finding_sha256", "frozen_finding", "standing"]

_FIELDS = tuple(each.name for each in fields(Finding))
# what says which statement it is; the rest is what it says
_KEY = ("subject", "product", "measure", "method")
_SAID = ("counterpart", "period", "value", "threshold", "verdict", "method_version", "dataset_sha256")


@dataclass(frozen=True, slots=True)
class Standing:
    """What an edition says now about a statement that was attached earlier.

    Attributes
    ----------
    edition : str
        The edition that was asked.
    now : dict or None
        The finding; None where the edition does not make the statement.
    changed : tuple of str
        Fields that differ.
    """

    edition: str
    now: dict[str, Any] | None
    changed: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether its number or verdict is another one now."""
        return self.now is None or bool({"value", "verdict", "counterpart"} & set(self.changed))


def frozen_finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Give a finding as plain data that JSON can hold; infinite becomes the text "Infinity".

    Parameters
    ----------
    finding : mapping
        A row of the table of findings.

    Raises
    ------
    FindingError
        If it lacks a field.
    """
    missing = [name for name in _FIELDS if name not in finding]
    if missing:
        raise FindingError(
            "The finding lacks {fields}.",
            key="finding_incomplete",
            values={"fields": ", ".join(missing)},
            expected="a row of the table of findings",
        )
    return {name: _plain(finding[name]) for name in _FIELDS}


def finding_sha256(finding: Mapping[str, Any]) -> str:
    """Hash a frozen finding: canonical JSON, SHA-256."""
    text = json.dumps(
        dict(finding), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def attach(user: User, case: Case, edition: Edition, finding: Mapping[str, Any], note: str = "") -> Evidence:
    """Attach a finding of an edition to a case; it keeps its numbers from then on.

    Raises
    ------
    NotAllowedError, RuleError
        Among others if the same finding is attached already.
    FindingError
        If the edition does not have that finding.
    """
    frozen = frozen_finding(finding)
    if _find(edition, frozen) != frozen:
        raise FindingError(
            "The edition does not have this finding.",
            key="finding_unknown",
            values={"edition": edition.id},
            where="{edition}",
            expected="a row of its table of findings",
            next_step="Choose the finding on a page of the edition.",
        )
    digest = finding_sha256(frozen)
    if case.evidence.current().filter(finding_sha256=digest).exists():
        raise RuleError(
            "This finding is attached already.",
            key="finding_attached",
            values={"case": case.reference},
            where="{case}",
        )
    dataset = edition.record["dataset"]
    parts = [dataset.get(key) for key in ("title", "citation", "licence")]
    return add(
        user,
        case,
        Evidence,
        edition=edition.id,
        edition_created=str(edition.record["created"]),
        finding=frozen,
        finding_sha256=digest,
        source="; ".join(str(part) for part in parts if part),
        note=note,
    )


def standing(evidence: Evidence, edition: Edition) -> Standing:
    """Hold a frozen finding against an edition.

    Parameters
    ----------
    evidence : Evidence
    edition : Edition
        Such as the newest one.
    """
    then = evidence.finding
    now = _find(edition, then)
    if now is None:
        return Standing(edition.id, None, ())
    return Standing(edition.id, now, tuple(name for name in _SAID if not _same(then[name], now[name])))


def _find(edition: Edition, finding: Mapping[str, Any]) -> dict[str, Any] | None:
    """Look a statement up by what it is about; the period decides where there are several."""
    conditions = [
        pl.col(name).is_null() if finding[name] is None else pl.col(name) == finding[name] for name in _KEY
    ]
    rows = [frozen_finding(row) for row in edition.findings.filter(conditions).iter_rows(named=True)]
    if len(rows) > 1:
        exact = [row for row in rows if row == dict(finding)]
        alike = [row for row in rows if row["counterpart"] == finding["counterpart"]]
        rows = exact or alike or rows
    return rows[0] if rows else None


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15)
    return bool(one == other)
