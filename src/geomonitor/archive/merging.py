"""Which source counts for which field of a paper that several sources gave.

The rule, field by field:

- A source fills what is still empty.
- Where two sources fill the same field, the first in this order counts: for what parliament keeps of
  its own proceedings (settled, cabinet_view, matters, same_as) tweede-kamer, koop, text, example; for
  everything else koop, text, tweede-kamer, example. So a paper whose text came from the official
  publication keeps it when parliament's administration, which has no texts, gives the same paper later,
  and the order in which they are loaded makes no difference.
- Of two titles of which one begins with the other, the longer counts, whoever gave it: official publications
  of some years name a motion by its movers only, where parliament says what it is about.
- A source may change what it filled itself. A record that is older than the one it gave before only fills
  what is empty, and what a record does not say takes nothing away: parliament gives the same matter with
  and without its documents.
- A source that withdraws a paper takes away only that it gave it; the paper is withdrawn when the source
  that counts most for it withdraws it.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.utils import timezone

from geomonitor.archive.models import Paper
from geomonitor.dossier.records import PaperRecord

__all__ = ["fill", "knows", "merge", "rank", "withdraw"]

_ORDER = ("koop", "text", "tweede-kamer", "example")
_OWN_PROCEEDINGS = frozenset({"settled", "cabinet_view", "matters", "same_as"})
_OWN_ORDER = ("tweede-kamer", "koop", "text", "example")

_NOT_MERGED = frozenset({"paper", "family", "source", "changed_at", "deleted", "missing", "source_id"})
_MERGED = tuple(each.name for each in fields(PaperRecord) if each.name not in _NOT_MERGED)


def rank(source: str, field: str = "") -> int:
    """Say how little a source counts for a field: 0 counts most.

    Examples
    --------
    >>> rank("koop", "text") < rank("tweede-kamer", "text")
    True
    >>> rank("koop", "settled") < rank("tweede-kamer", "settled")
    False
    """
    order = _OWN_ORDER if field in _OWN_PROCEEDINGS else _ORDER
    return order.index(source) if source in order else len(order)


def knows(paper: Paper, record: PaperRecord, fingerprint: str) -> bool:
    """Say whether a paper holds exactly this record already."""
    if paper.source == record.source:
        return paper.fingerprint == fingerprint and paper.withdrawn_at is None
    return bool(paper.other_sources.get("fingerprints", {}).get(record.source) == fingerprint)


def fill(paper: Paper, record: PaperRecord, fingerprint: str) -> None:
    """Set all fields of a new paper."""
    for name in _MERGED:
        setattr(paper, name, _plain(getattr(record, name)))
    paper.paper, paper.family = record.paper, record.family.value
    paper.source, paper.source_id = record.source, record.source_id
    paper.fingerprint, paper.other_sources = fingerprint, {}
    paper.source_changed_at = record.changed_at
    paper.missing = [list(each) for each in record.missing]


def merge(paper: Paper, record: PaperRecord, fingerprint: str) -> set[str]:
    """Bring a record into a paper that is there, by the rule above.

    Parameters
    ----------
    paper : Paper
        Changed in place; not saved.
    record : PaperRecord
        Not one that withdraws.
    fingerprint : str
        Of the record.

    Returns
    -------
    set of str
        Fields that people see and that changed.
    """
    owners = {name: paper.source for name in _MERGED if not _empty(getattr(paper, name))}
    owners |= paper.other_sources.get("fields", {})
    if paper.dossier_known_by:
        # found by ourselves: whatever a source says counts for more
        owners.pop("dossier", None)
    fingerprints = {paper.source: paper.fingerprint} | paper.other_sources.get("fingerprints", {})
    older = _is_older(paper, record)
    changed: set[str] = set()
    for name in _MERGED:
        new, owner = _plain(getattr(record, name)), owners.get(name)
        if _empty(new):
            continue
        counts = owner is None or _counts(record.source, owner, name, older=older)
        if name == "title" and owner not in (None, record.source):
            counts = _goes_on(new, paper.title) or (counts and not _goes_on(paper.title, new))
        if not counts:
            continue
        owners[name] = record.source
        if name == "dossier":
            paper.dossier_known_by = ""
        if getattr(paper, name) != new:
            setattr(paper, name, new)
            changed.add(name)
    first = min({*fingerprints, record.source}, key=rank)
    if first == record.source and not older:
        if paper.withdrawn_at is not None:
            paper.withdrawn_at = None
            changed.add("withdrawn_at")
        paper.source_id = record.source_id or paper.source_id
        paper.source_changed_at = record.changed_at or paper.source_changed_at
    missing = _still_missing(paper, record)
    changed |= {"source"} if first != paper.source else set()
    changed |= {"missing"} if missing != paper.missing else set()
    if changed or record.source not in fingerprints:
        fingerprints[record.source] = fingerprint
    paper.source, paper.missing = first, missing
    paper.fingerprint = fingerprints.pop(first)
    fields_of_others = {name: owner for name, owner in owners.items() if owner != first}
    others = {"fingerprints": fingerprints, "fields": fields_of_others}
    paper.other_sources = others if fingerprints or fields_of_others else {}
    return changed


def _is_older(paper: Paper, record: PaperRecord) -> bool:
    if paper.source != record.source or record.changed_at is None or paper.source_changed_at is None:
        return False
    return record.changed_at < paper.source_changed_at


def _counts(source: str, owner: str, field: str, *, older: bool) -> bool:
    """Say whether a source may set a field that another, or itself, filled."""
    if source == owner:
        return not older
    return rank(source, field) < rank(owner, field)


def _goes_on(longer: str, shorter: str) -> bool:
    """Say whether a title begins with another and says more.

    Examples
    --------
    >>> _goes_on("Motie van het lid Vos over inkoop", "Motie van het lid Vos")
    True
    >>> _goes_on("Motie van het lid Vosman over inkoop", "Motie van het lid Vos")
    False
    """
    return longer.casefold().startswith(f"{shorter.casefold()} ")


def withdraw(paper: Paper, source: str) -> bool:
    """Let a source withdraw a paper, by the rule above.

    Returns
    -------
    bool
        Whether anything changed.
    """
    if paper.source == source:
        if paper.withdrawn_at is not None:
            return False
        paper.withdrawn_at = timezone.now()
        return True
    if source not in paper.other_sources.get("fingerprints", {}):
        return False
    fingerprints = {
        name: value for name, value in paper.other_sources["fingerprints"].items() if name != source
    }
    paper.other_sources = {"fingerprints": fingerprints, "fields": paper.other_sources["fields"]}
    return True


def _still_missing(paper: Paper, record: PaperRecord) -> list[list[str]]:
    """Keep the reasons for what no source gave, in the words of the first that said so."""
    reasons = dict(paper.missing)
    for field, reason in record.missing:
        reasons.setdefault(field, reason)
    return [
        [field, reason]
        for field, reason in reasons.items()
        if field not in _MERGED or _empty(getattr(paper, field))
    ]


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
