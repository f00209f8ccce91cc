"""What a state rests on: each finding with its quotation, the paper, and what follows from it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.language import has_text, say
from geomonitor.web.parliament.naming import Named, named_targets

__all__ = ["Evidence", "evidence_rows", "evidence_table"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that a state was derived from.

    Attributes
    ----------
    rule : str
        What was found, in words.
    follows : str
        The state that it speaks for, in words; empty where for none.
    passed_over : str
        Why it does not count, in words; empty where it does.
    """

    rule: str
    paper: Named | None
    date: datetime.date | None
    quoted: str
    follows: str
    passed_over: str


def evidence_rows(evidence: Sequence[Mapping[str, Any]], states: str) -> list[Evidence]:
    """Give the evidence of a state, in its order.

    Parameters
    ----------
    evidence : sequence of mapping
        As `geomonitor.dossier.states` gives it.
    states : str
        Section of the texts that names the states.
    """
    named = named_targets(str(each.get("paper") or "") for each in evidence)
    return [
        Evidence(
            rule=_said("state_rule", str(each.get("rule") or "")),
            paper=named.get(str(each.get("paper") or "")),
            date=_day(each.get("date")),
            quoted=str(each.get("quoted") or ""),
            follows=_said(states, str(each.get("state") or "")),
            passed_over=_said("passed_over", str(each.get("passed_over") or "")),
        )
        for each in evidence
    ]


def _said(section: str, code: str) -> str:
    """Say a code in words; one that has none, such as of a later version, by its own name."""
    key = f"{section}.{code}"
    return say(None, key) if has_text(key) else code.replace("_", " ")


def _day(value: object) -> datetime.date | None:
    return datetime.date.fromisoformat(str(value)[:10]) if value else None


def evidence_table(rows: Sequence[Evidence]) -> DataTable:
    """Make the table of what a state rests on."""
    return DataTable.of(
        say(None, "judged_state.evidence"),
        [
            Column(say(None, f"judged_state.{key}"))
            for key in ("found", "evidence_paper", "evidence_date", "quoted", "follows", "passed_over")
        ],
        [
            (
                each.rule,
                each.paper.key if each.paper else None,
                each.date.isoformat() if each.date else None,
                each.quoted or None,
                each.follows or None,
                each.passed_over or None,
            )
            for each in rows
        ],
    )
