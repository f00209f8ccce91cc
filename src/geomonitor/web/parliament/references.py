"""What a paper refers to and what refers to it, as tables of a page and of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geomonitor.archive.models import Motion
from geomonitor.archive.neighbourhood import STRENGTH
from geomonitor.archive.queries import ReferenceShown
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.language import has_text, say
from geomonitor.web.parliament.naming import Named, named_paper, named_targets

__all__ = [
    "IncomingRow",
    "OutgoingRow",
    "incoming_rows",
    "incoming_table",
    "named_of",
    "outgoing_rows",
    "outgoing_table",
    "strength",
]


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """What a paper refers to, however often.

    Attributes
    ----------
    target : Named or None
        None where a motion is named without its paper.
    motion : Motion or None
        The motion that it is.
    relation, relation_name : str
        The strongest one.
    places : int
        How often it is referred to.
    first : str
        Anchor of the first place in the text; empty where it is in the title only.
    confidence : float
        That of the surest place.
    """

    target: Named | None
    motion: Motion | None
    relation: str
    relation_name: str
    kind: str
    quoted: str
    places: int
    first: str
    confidence: float


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """A paper that refers to this one, however often."""

    paper: Named
    relation: str
    relation_name: str
    quoted: str
    places: int


def strength(relation: str) -> int:
    """Give the place of a relation among the others: the least says most.

    Examples
    --------
    >>> strength("carries_out") < strength("mentions")
    True
    """
    return -STRENGTH[relation]


def named_of(shown: Sequence[ReferenceShown]) -> dict[str, Named]:
    """Name what references lead to, by the identifier that they use."""
    found = {each.reference.target: named_paper(each.paper) for each in shown if each.paper is not None}
    others = {each.reference.target for each in shown} - set(found)
    return {**named_targets(others), **{key: each for key, each in found.items() if key}}


def outgoing_rows(shown: Sequence[ReferenceShown], named: Mapping[str, Named]) -> list[OutgoingRow]:
    """Give what a paper refers to, a row for each; in the order of the paper."""
    grouped: dict[str, list[ReferenceShown]] = {}
    for each in shown:
        found = each.reference
        # a motion that is named without its paper may have been linked by its movers
        grouped.setdefault(found.target or found.motion or f"{found.quoted}\n", []).append(each)
    rows = []
    for same in grouped.values():
        places = [each.reference for each in same]
        relation = min((each.relation for each in places), key=strength)
        first = next((each for each in places if each.field == "text"), None)
        motion = next((each.motion for each in same if each.motion is not None), None)
        target = named.get(places[0].target)
        if target is None and motion is not None and same[0].paper is not None:
            target = named_paper(same[0].paper)
        rows.append(
            OutgoingRow(
                target=target,
                motion=motion,
                relation=relation,
                relation_name=_said("relation", relation),
                kind=_said("reference_kind", "motion" if motion is not None else places[0].kind),
                quoted=(first or places[0]).quoted,
                places=len(places),
                first=f"r-{first.start}" if first is not None else "",
                confidence=max(
                    each.confidence if each.target or not each.motion else each.link_confidence
                    for each in places
                ),
            )
        )
    return rows


def incoming_rows(shown: Sequence[ReferenceShown]) -> list[IncomingRow]:
    """Give the papers that refer to one, a row for each; in the order of `shown`."""
    grouped: dict[int, list[ReferenceShown]] = {}
    for each in shown:
        grouped.setdefault(each.reference.paper_id, []).append(each)
    rows = []
    for same in grouped.values():
        strongest = min((each.reference for each in same), key=lambda each: strength(each.relation))
        rows.append(
            IncomingRow(
                paper=named_paper(strongest.paper),
                relation=strongest.relation,
                relation_name=_said("relation", f"{strongest.relation}_by"),
                quoted=strongest.quoted,
                places=len(same),
            )
        )
    return rows


def _said(section: str, code: str) -> str:
    key = f"{section}.{code}"
    return say(None, key) if has_text(key) else code.replace("_", " ")


def outgoing_table(rows: Sequence[OutgoingRow]) -> DataTable:
    """Make the table of what a paper refers to, for a file."""
    keys = ("target", "target_title", "target_date", "reference_kind", "relation", "quoted")
    return DataTable.of(
        say(None, "paper.refers_to"),
        [
            *(Column(say(None, f"paper.{key}")) for key in keys),
            Column(say(None, "paper.places"), "count"),
            Column(say(None, "paper.confidence"), "share"),
            Column(say(None, "paper.official")),
        ],
        [
            (
                each.target.key if each.target else None,
                (each.target.title if each.target else "") or None,
                each.target.date.isoformat() if each.target and each.target.date else None,
                each.kind,
                each.relation_name,
                each.quoted,
                each.places,
                each.confidence,
                (each.target.official if each.target else "") or None,
            )
            for each in rows
        ],
    )


def incoming_table(rows: Sequence[IncomingRow]) -> DataTable:
    """Make the table of what refers to a paper, for a file."""
    keys = ("source_paper", "target_title", "target_date", "kind", "relation", "quoted")
    return DataTable.of(
        say(None, "paper.referred_to_by"),
        [*(Column(say(None, f"paper.{key}")) for key in keys), Column(say(None, "paper.places"), "count")],
        [
            (
                each.paper.key,
                each.paper.title,
                each.paper.date.isoformat() if each.paper.date else None,
                each.paper.kind or None,
                each.relation_name,
                each.quoted,
                each.places,
            )
            for each in rows
        ],
    )
