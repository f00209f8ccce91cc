"""States of motions and commitments, derived from the graph; only rows that change are written.

Deriving comes after loading: it takes the whole archive, so that it makes no difference in which order papers
came. `geomonitor.dossier.states` has the rules.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from geomonitor.archive.linking import (
    Progress,
    fill_dossiers_of_matters,
    learn_dossier_titles,
    link_references,
)
from geomonitor.archive.loading import one_writer
from geomonitor.archive.models import Commitment, Motion, Paper, Reference, Relation, StateJudgement, Vote
from geomonitor.archive.writing import update_rows
from geomonitor.dossier.paper_kinds import of_government
from geomonitor.dossier.states import (
    DUE_WITHIN_DAYS,
    SURE_ENOUGH,
    Evidence,
    StateFound,
    commitment_state,
    met_evidence,
    motion_state,
    paper_evidence,
    replaced_evidence,
    status_evidence,
    submitted_evidence,
    taken_over_evidence,
    vote_evidence,
)

__all__ = ["DeriveOutcome", "derive_for", "derive_states"]

M = TypeVar("M", Motion, Commitment)

_OUT = frozenset({"rejected", "withdrawn", "replaced"})
_SAYING = (Relation.CARRIES_OUT, Relation.SETTLES, Relation.PROGRESS)
_STATE_FIELDS = ("state", "state_evidence", "judged_state", "changed_at")
_STEPS = 5
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class DeriveOutcome:
    """What deriving changed.

    Parameters
    ----------
    titles, matters : int
        Titles of dossiers that were learned anew, and matters whose dossier follows from them.
    links : int
        References that were linked to a motion, or no longer are.
    motions, commitments : int
        Rows whose state or evidence changed.
    """

    titles: int = 0
    matters: int = 0
    links: int = 0
    motions: int = 0
    commitments: int = 0


def derive_states(
    *,
    today: datetime.date,
    due_within_days: int = DUE_WITHIN_DAYS,
    progress: Progress | None = None,
) -> DeriveOutcome:
    """Derive the links and states of everything in the archive.

    Parameters
    ----------
    today : datetime.date
        The day for which commitments are due or overdue.
    due_within_days : int
        A commitment is due when its last day is at most so many days away.
    progress : callable, optional

    Returns
    -------
    DeriveOutcome
    """
    tell = progress or (lambda text, done, total: None)
    with transaction.atomic():
        one_writer()
        tell("Learning titles of dossiers", 0, _STEPS)
        titles = learn_dossier_titles()
        tell("Filling in dossiers", 1, _STEPS)
        matters = fill_dossiers_of_matters(tell)
    with transaction.atomic():
        one_writer()
        tell("Linking motions", 2, _STEPS)
        decided = _decisions(Motion.objects.all())
        links = link_references(_out_of(decided))
        tell("Deriving states of motions", 3, _STEPS)
        motions = _write_motions(Motion.objects.all(), decided)
        tell("Deriving states of commitments", 4, _STEPS)
        commitments = _write_commitments(Commitment.objects.all(), today, due_within_days)
    tell("Derived", _STEPS, _STEPS)
    return DeriveOutcome(titles, matters, links, motions, commitments)


def derive_for(
    papers: Collection[str], *, today: datetime.date, due_within_days: int = DUE_WITHIN_DAYS
) -> DeriveOutcome:
    """Derive the links and states that depend on some papers, after a small sync.

    Titles of dossiers are not learned anew: `derive_states` does that.

    Parameters
    ----------
    papers : collection of str
        Papers or matters that were loaded, or motions and commitments that were decided on.
    today : datetime.date
    due_within_days : int
    """
    if not papers:
        return DeriveOutcome()
    names = set(papers)
    rows = list(
        Paper.objects.filter(Q(paper__in=names) | Q(same_as__in=names)).values_list("pk", "paper", "same_as")
    )
    names |= {name for _, paper, same_as in rows for name in (paper, same_as) if name}
    with transaction.atomic():
        one_writer()
        pks = {pk for pk, _, _ in rows}
        pks |= set(Reference.objects.filter(target__in=names).values_list("paper_id", flat=True))
        links = link_references(_out_of(_decisions(Motion.objects.all())), sorted(pks))
        touched = Reference.objects.filter(paper__in=pks)
        targets = {name for pair in touched.values_list("target", "motion") for name in pair if name} | names
        chosen = Motion.objects.filter(Q(motion__in=targets) | Q(paper__in=targets) | Q(matter__in=targets))
        chosen = Motion.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))
        motions = _write_motions(chosen, _decisions(chosen))
        due = Commitment.objects.filter(Q(paper__in=pks) | Q(commitment__in=targets))
        commitments = _write_commitments(due, today, due_within_days)
    return DeriveOutcome(links=links, motions=motions, commitments=commitments)


def _decisions(motions: QuerySet[Motion]) -> dict[str, list[Evidence]]:
    """Give by motion what parliament did with it: submitted, voted on, replaced."""
    found: dict[str, list[Evidence]] = {}
    names: dict[str, str] = {}
    rows = motions.values_list("motion", "paper", "matter", "date", "cabinet_view")
    for motion, paper, matter, date, cabinet_view in rows.iterator(chunk_size=_AT_ONCE):
        taken_over = taken_over_evidence(cabinet_view, motion, date)
        found[motion] = [submitted_evidence(motion, date), *([taken_over] if taken_over else [])]
        names |= {name: motion for name in (motion, paper, matter) if name}
    votes = Vote.objects.values_list(
        "motion", "matter", "decision", "date", "outcome", "votes_for", "votes_against"
    )
    for voted, matter, decision, date, outcome, votes_for, votes_against in votes.iterator():
        motion = names.get(voted) or names.get(matter) or ""
        if motion:
            found[motion].append(
                vote_evidence(
                    outcome, decision=decision, date=date, votes_for=votes_for, votes_against=votes_against
                )
            )
    replacing = Reference.objects.filter(relation=Relation.REPLACES, paper__withdrawn_at__isnull=True)
    for target, paper, date, quoted in replacing.values_list(
        "target", "paper__paper", "paper__date", "quoted"
    ).iterator():
        motion, by = names.get(target, ""), names.get(paper, paper)
        if motion and motion != by:
            found[motion].append(replaced_evidence(by, date, quoted))
    return found


def _out_of(decided: dict[str, list[Evidence]]) -> set[str]:
    return {motion for motion, evidence in decided.items() if motion_state(evidence).state in _OUT}


def _write_motions(motions: QuerySet[Motion], decided: dict[str, list[Evidence]]) -> int:
    _add_what_papers_say(decided)
    judged = _judgements("motion")
    rows = motions.only(
        "motion",
        "paper",
        "matter",
        "date",
        "state",
        "state_evidence",
        "settled_by",
        "settled_on",
        "judged_state",
        "changed_at",
    )
    now = timezone.now()
    written = 0
    for some in _parts(rows):
        changed = []
        for each in some:
            state = motion_state(decided[each.motion], motion_date=each.date)
            settled = state.state in {"carried_out", "settled", "replaced"}
            values = {
                "state": state.state,
                "state_evidence": [evidence.plain() for evidence in state.evidence],
                "settled_by": state.by if settled else "",
                "settled_on": state.on if settled else None,
                "judged_state": next(
                    (judged[name] for name in (each.motion, each.paper, each.matter) if name in judged), ""
                ),
            }
            if _set(each, values, now):
                changed.append(each)
        update_rows(changed, (*_STATE_FIELDS, "settled_by", "settled_on"))
        written += len(changed)
    return written


def _add_what_papers_say(decided: dict[str, list[Evidence]]) -> None:
    """Add what government papers say about the motions that they were linked to."""
    said = Reference.objects.filter(relation__in=_SAYING, paper__withdrawn_at__isnull=True).exclude(motion="")
    rows = said.values_list(
        "motion",
        "relation",
        "quoted",
        "said",
        "field",
        "confidence",
        "link_confidence",
        "paper__paper",
        "paper__same_as",
        "paper__date",
        "paper__kind",
        "paper__title",
    )
    seen: defaultdict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for (
        motion,
        relation,
        quoted,
        words,
        field,
        confidence,
        link,
        paper,
        same_as,
        date,
        kind,
        title,
    ) in rows.iterator():
        if motion not in decided or not of_government(kind, title):
            continue
        seen[motion, relation, same_as or paper].append(
            paper_evidence(
                relation,
                paper=same_as or paper,
                date=date,
                quoted=title[:300] if field == "title" else _told(quoted, words),
                confidence=min(confidence, link),
                progress_only=relation == Relation.PROGRESS,
            )
        )
    for (motion, _, _), found in seen.items():
        # a paper that says it in several places says it once: the place that counts most
        decided[motion].append(
            min(
                found,
                key=_least,
            )
        )


def _least(evidence: Evidence) -> tuple[bool, bool, bool, str]:
    """Put first what counts, then what gives the words that say it."""
    return bool(evidence.passed_over), not evidence.state, " … " not in evidence.quoted, evidence.quoted


def _told(quoted: str, words: str) -> str:
    """Give the motion as it is named, with the words that say what is done with it."""
    return f"{quoted} … {words}" if words and words not in quoted else quoted


def _write_commitments(commitments: QuerySet[Commitment], today: datetime.date, due_within_days: int) -> int:
    met: defaultdict[str, list[Evidence]] = defaultdict(list)
    meeting = Reference.objects.filter(
        relation__in=(Relation.MEETS, Relation.SETTLES),
        kind="commitment",
        confidence__gte=SURE_ENOUGH,
        paper__withdrawn_at__isnull=True,
    )
    rows = meeting.values_list("target", "paper__paper", "paper__same_as", "paper__date", "quoted")
    for target, paper, same_as, date, quoted in rows.iterator():
        met[target].append(met_evidence(same_as or paper, date, quoted))
    judged = _judgements("commitment")
    now = timezone.now()
    written = 0
    for some in _parts(commitments):
        changed = []
        by_source = {each.source_met_by for each in some if each.source_met_by}
        dates = dict(Paper.objects.filter(paper__in=by_source).values_list("paper", "date"))
        for each in some:
            state = _state_of(each, met[each.commitment], dates, today, due_within_days)
            values = {
                "state": state.state,
                "state_evidence": [evidence.plain() for evidence in state.evidence],
                "met_by": state.by,
                "met_on": state.on,
                "judged_state": judged.get(each.commitment, ""),
            }
            if _set(each, values, now):
                changed.append(each)
        update_rows(changed, (*_STATE_FIELDS, "met_by", "met_on"))
        written += len(changed)
    return written


def _state_of(
    commitment: Commitment,
    met: Iterable[Evidence],
    dates: dict[str, datetime.date | None],
    today: datetime.date,
    due_within_days: int,
) -> StateFound:
    found = [each for each in met if each.paper != commitment.commitment]
    if status := status_evidence(commitment.source_status, commitment.commitment):
        found.append(status)
    if paper := commitment.source_met_by:
        found.append(met_evidence(paper, dates.get(paper), commitment.source_status))
    return commitment_state(
        found,
        today=today,
        due_text=commitment.due_text,
        due_until=commitment.due_until,
        due_within_days=due_within_days,
    )


def _judgements(judged: str) -> dict[str, str]:
    """Give the states that people judged, of judgements in force."""
    found = StateJudgement.objects.filter(judged=judged, ended_at__isnull=True)
    return dict(found.order_by("made_at", "id").values_list("key", "state"))


def _set(row: Motion | Commitment, values: Mapping[str, object], now: datetime.datetime) -> bool:
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    # who follows it hears of another state, not of another reason for the same one
    moved = any(getattr(row, name) != values[name] for name in ("state", "judged_state"))
    for name, value in values.items():
        setattr(row, name, value)
    if moved:
        row.changed_at = now
    return True


def _parts(rows: QuerySet[M]) -> Iterator[list[M]]:
    """Give rows in parts, each read on its own: they are written in between."""
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        yield some
        last = some[-1].pk
