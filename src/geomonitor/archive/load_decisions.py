"""Decisions with their votes, and the commitments that parliament registered, brought into the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.db import models, transaction

from geomonitor.archive.loading import Progress, one_writer
from geomonitor.archive.models import Commitment, Paper, Vote
from geomonitor.dossier.records import CommitmentRecord, VoteRecord
from geomonitor.dossier.sources.unreadable import Unreadable

__all__ = ["DecisionOutcome", "load_commitments", "load_votes"]

_BATCH = 2_000


@dataclass(slots=True)
class DecisionOutcome:
    """What a load of votes or commitments did.

    Parameters
    ----------
    added, changed, unchanged, withdrawn : int
    unreadable : list of Unreadable
        What was not loaded, and why.
    motions : set of str
        Motions that were decided on anew.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    motions: set[str] = field(default_factory=set)

    @property
    def read(self) -> int:
        """How many came in."""
        return self.added + self.changed + self.unchanged + self.withdrawn + len(self.unreadable)

    def add(self, other: DecisionOutcome) -> None:
        """Count what another load did, too."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.withdrawn += other.withdrawn
        self.unreadable += other.unreadable
        self.motions |= other.motions


def load_votes(
    records: Iterable[VoteRecord | Unreadable], *, progress: Progress | None = None, batch: int = _BATCH
) -> DecisionOutcome:
    """Add and change decisions; one whose record is as it was loaded is not touched.

    Parameters
    ----------
    records : iterable of VoteRecord or Unreadable
    progress : callable, optional
    batch : int
        Decisions in a transaction.

    Returns
    -------
    DecisionOutcome
    """
    outcome = DecisionOutcome()
    coming = iter(records)
    while some := list(islice(coming, batch)):
        with transaction.atomic():
            one_writer()
            _votes(_fitting(some, Vote, outcome, _vote_values), outcome)
        if progress is not None:
            progress("Loading votes", outcome.read, 0)
    return outcome


def load_commitments(
    records: Iterable[CommitmentRecord | Unreadable],
    *,
    progress: Progress | None = None,
    batch: int = _BATCH,
) -> DecisionOutcome:
    """Add, change and withdraw the commitments that parliament registered.

    What was derived from papers, and what people judged, stays as it is.

    Parameters
    ----------
    records : iterable of CommitmentRecord or Unreadable
    progress : callable, optional
    batch : int
        Commitments in a transaction.

    Returns
    -------
    DecisionOutcome
    """
    outcome = DecisionOutcome()
    coming = iter(records)
    while some := list(islice(coming, batch)):
        with transaction.atomic():
            one_writer()
            _commitments(_fitting(some, Commitment, outcome, _commitment_values), outcome)
        if progress is not None:
            progress("Loading commitments", outcome.read, 0)
    return outcome


def _votes(records: Sequence[VoteRecord], outcome: DecisionOutcome) -> None:
    there = {
        vote.decision: vote for vote in Vote.objects.filter(decision__in=[each.decision for each in records])
    }
    # the motion is known by its paper where there is one
    matters = {each.matter for each in records if each.matter and not each.paper}
    papers = dict(Paper.objects.filter(paper__in=matters).exclude(same_as="").values_list("paper", "same_as"))
    new: dict[str, Vote] = {}
    changed: dict[str, Vote] = {}
    for record in records:
        fingerprint = record.fingerprint()
        motion = record.paper or papers.get(record.matter, record.matter)
        vote = new.get(record.decision) or there.get(record.decision)
        if vote is not None and vote.fingerprint == fingerprint and vote.motion == motion:
            outcome.unchanged += 1
            continue
        outcome.motions.add(motion)
        if vote is None:
            new[record.decision] = vote = Vote(decision=record.decision)
            outcome.added += 1
        else:
            outcome.changed += 1
            if record.decision in there:
                changed[record.decision] = vote
        for name, value in _vote_values(record).items():
            setattr(vote, name, value)
        vote.motion, vote.fingerprint = motion, fingerprint
    Vote.objects.bulk_create(list(new.values()))
    for vote in changed.values():
        vote.save(force_update=True)


def _vote_values(record: VoteRecord) -> dict[str, Any]:
    return {
        "decision": record.decision,
        "matter": record.matter,
        "date": record.date,
        "outcome": record.outcome,
        "votes_for": record.votes_for,
        "votes_against": record.votes_against,
        "parties": [asdict(each) for each in record.parties],
    }


def _commitments(records: Sequence[CommitmentRecord], outcome: DecisionOutcome) -> None:
    names = {each.commitment for each in records if each.commitment}
    ids = {each.source_id for each in records if not each.commitment}
    official = Commitment.objects.filter(official=True)
    there = {each.commitment: each for each in official.filter(commitment__in=names)}
    by_source_id = {}
    if ids:
        by_source_id = dict(official.filter(source_id__in=ids).values_list("source_id", "commitment"))
    new: dict[str, Commitment] = {}
    changed: dict[str, Commitment] = {}
    for record in records:
        fingerprint = record.fingerprint()
        commitment = new.get(record.commitment) or there.get(record.commitment)
        if record.deleted:
            name = record.commitment or by_source_id.get(record.source_id, "")
            known = [new.pop(name, None), there.pop(name, None)]
            changed.pop(name, None)
            if known == [None, None] and not official.filter(commitment=name).exists():
                outcome.unchanged += 1
                continue
            official.filter(commitment=name).delete()
            outcome.withdrawn += 1
            continue
        if commitment is not None and commitment.fingerprint == fingerprint:
            outcome.unchanged += 1
            continue
        if commitment is None:
            new[record.commitment] = commitment = Commitment(commitment=record.commitment, official=True)
            outcome.added += 1
        else:
            outcome.changed += 1
            if record.commitment in there:
                changed[record.commitment] = commitment
        for name, value in _commitment_values(record).items():
            setattr(commitment, name, value)
        commitment.fingerprint = fingerprint
    Commitment.objects.bulk_create(list(new.values()))
    for commitment in changed.values():
        commitment.save(force_update=True)


def _commitment_values(record: CommitmentRecord) -> dict[str, Any]:
    return {
        "commitment": record.commitment,
        "text": record.text,
        "actor": record.actor,
        "made_on": record.made_on,
        "due_until": record.due_until,
        "due_text": record.due_text,
        "source_status": record.status,
        "dossier": record.dossier,
        "source_met_by": record.met_by,
        "source_id": record.source_id,
    }


def _fitting(
    some: Sequence[Any],
    model: type[models.Model],
    outcome: DecisionOutcome,
    values: Callable[[Any], dict[str, Any]],
) -> list[Any]:
    """Keep what the table can hold; what does not fit is listed."""
    lengths = {
        each.name: each.max_length
        for each in model._meta.concrete_fields
        if isinstance(each, models.CharField) and each.max_length is not None
    }
    kept = []
    for each in some:
        if isinstance(each, Unreadable):
            outcome.unreadable.append(each)
            continue
        found = values(each)
        where = str(next(iter(found.values())) or found.get("source_id") or "")
        long = [name for name, length in lengths.items() if len(str(found.get(name) or "")) > length]
        if not where:
            outcome.unreadable.append(Unreadable(model.__name__, "it has no identifier"))
        elif long:
            name = long[0]
            reason = f"the field {name} has more than {lengths[name]} signs"
            outcome.unreadable.append(Unreadable(where, reason))
        else:
            kept.append(each)
    return kept
