"""What pages and commands ask of the archive: motions, commitments, references both ways, a dossier in time.

Each answer takes a fixed number of queries, however many rows it has, and leaves withdrawn papers out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from geomonitor.archive.models import (
    Commitment,
    Judged,
    Motion,
    Paper,
    Reference,
    StateJudgement,
    Vote,
)
from geomonitor.archive.neighbourhood import LIGHT_PAPER, Neighbourhood, neighbourhood
from geomonitor.dossier.records import Family

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "CommitmentFilters",
    "MotionFilters",
    "Neighbourhood",
    "PaperAround",
    "ReferenceShown",
    "TimelineEntry",
    "TimelinePage",
    "commitments_of",
    "find_commitment",
    "find_motion",
    "find_paper",
    "identities_of",
    "judgements_of",
    "motions_of",
    "neighbourhood",
    "references_from",
    "references_to",
    "timeline",
    "votes_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionFilters:
    """Which motions; empty fields leave nothing out.

    Parameters
    ----------
    dossier : str
        Key of a dossier (35207); 36200 means its chapters too.
    state : str
        The current state: what a person judged, or else the derived one.
    words : str
        Found in title or request.
    date_from, date_until : datetime.date or None
    judged : bool or None
        Whether a person judged the state.
    settled_by : str
        The paper that settles or carries it out.
    """

    dossier: str = ""
    state: str = ""
    words: str = ""
    date_from: datetime.date | None = None
    date_until: datetime.date | None = None
    judged: bool | None = None
    settled_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentFilters:
    """Which commitments; empty fields leave nothing out.

    Parameters
    ----------
    dossier, state, words, judged
        As for motions.
    due_from, due_before : datetime.date or None
        The last day on which it is due; `due_before` leaves that day itself out.
    official : bool or None
        Whether parliament registered it.
    kind : str
        commitment or announcement.
    paper : str
        The paper that it was read in.
    """

    dossier: str = ""
    state: str = ""
    words: str = ""
    due_from: datetime.date | None = None
    due_before: datetime.date | None = None
    official: bool | None = None
    kind: str = ""
    paper: str = ""
    judged: bool | None = None


@dataclass(frozen=True, slots=True)
class ReferenceShown:
    """A reference, and what stands at its other end where the archive has it.

    Parameters
    ----------
    reference : Reference
    paper : Paper or None
        The other paper: the one referred to, or the one that refers. Without its text.
    motion : Motion or None
        The motion that it was linked to.
    """

    reference: Reference
    paper: Paper | None
    motion: Motion | None


@dataclass(frozen=True, slots=True)
class PaperAround:
    """A paper with all identifiers that mean the same, and what it is besides a paper."""

    paper: Paper
    identities: tuple[str, ...]
    motion: Motion | None
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A paper of a dossier, with the motion that it is and the commitments that were read in it."""

    paper: Paper
    motion: Motion | None
    commitments: int


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of a dossier in time, newest first; `kinds` counts the kinds of the whole dossier."""

    entries: tuple[TimelineEntry, ...]
    total: int
    page: int
    pages: int
    kinds: tuple[tuple[str, int], ...] = field(default=())


def motions_of(filters: MotionFilters) -> QuerySet[Motion]:
    """Give motions, newest first, each with `current`: the state that counts."""
    found = Motion.objects.annotate(
        current=Coalesce(NullIf(F("judged_state"), Value("")), F("state"))
    ).order_by(F("date").desc(nulls_last=True), "motion")
    if filters.dossier:
        found = found.filter(_of_dossier(filters.dossier))
    if filters.state:
        found = found.filter(current=filters.state)
    for word in filters.words.split():
        found = found.filter(Q(title__icontains=word) | Q(request_text__icontains=word))
    if filters.date_from:
        found = found.filter(date__gte=filters.date_from)
    if filters.date_until:
        found = found.filter(date__lte=filters.date_until)
    if filters.judged is not None:
        found = found.exclude(judged_state="") if filters.judged else found.filter(judged_state="")
    if filters.settled_by:
        found = found.filter(settled_by__in=identities_of(filters.settled_by))
    return found


def commitments_of(filters: CommitmentFilters) -> QuerySet[Commitment]:
    """Give commitments, those with the nearest last day first, each with `current`: the state that counts."""
    found = (
        Commitment.objects.select_related("paper")
        .defer("paper__text")
        .annotate(current=Coalesce(NullIf(F("judged_state"), Value("")), F("state")))
        .order_by(F("due_until").asc(nulls_last=True), F("made_on").desc(nulls_last=True), "commitment")
    )
    if filters.dossier:
        found = found.filter(_of_dossier(filters.dossier))
    if filters.state:
        found = found.filter(current=filters.state)
    for word in filters.words.split():
        found = found.filter(Q(text__icontains=word) | Q(subject__icontains=word))
    if filters.due_from:
        found = found.filter(due_until__gte=filters.due_from)
    if filters.due_before:
        found = found.filter(due_until__lt=filters.due_before)
    if filters.official is not None:
        found = found.filter(official=filters.official)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.paper:
        found = found.filter(paper__paper__in=identities_of(filters.paper))
    if filters.judged is not None:
        found = found.exclude(judged_state="") if filters.judged else found.filter(judged_state="")
    return found


def find_motion(key: str) -> Motion | None:
    """Find a motion by its paper or its matter."""
    return Motion.objects.filter(Q(motion=key) | Q(paper=key) | Q(matter=key)).order_by("motion").first()


def find_commitment(key: str) -> Commitment | None:
    """Find a commitment by its number, or its paper and position."""
    return Commitment.objects.select_related("paper").filter(commitment=key).first()


def find_paper(paper: str) -> PaperAround | None:
    """Find a paper, whole, with what it is besides: a motion, a source of commitments.

    A paper that the archive knows only as a matter or document that became it is found as that.
    """
    found = (
        Paper.objects.filter(withdrawn_at__isnull=True)
        .filter(Q(paper=paper) | Q(same_as=paper))
        .order_by("-family", "paper")
    )
    own = next((each for each in found if each.paper == paper), None) or found.first()
    if own is None:
        return None
    identities = identities_of(own.paper)
    return PaperAround(
        paper=own,
        identities=identities,
        motion=Motion.objects.filter(Q(paper__in=identities) | Q(matter__in=identities)).first(),
        commitments=tuple(commitments_of(CommitmentFilters(paper=own.paper)).order_by("start")),
    )


def identities_of(paper: str) -> tuple[str, ...]:
    """Give all identifiers that mean the same as one: a paper, and the matter and document that became it.

    A motion whose paper follows from the title of its dossier counts too.
    """
    return tuple(sorted(_identities([paper])[paper]))


def references_from(paper: str, *, largest: int = 500) -> tuple[ReferenceShown, ...]:
    """Give what a paper refers to, title first, in the order of the text."""
    rows = list(
        Reference.objects.filter(paper__paper__in=identities_of(paper), paper__withdrawn_at__isnull=True)
        .select_related("paper")
        .defer("paper__text")
        .order_by("-field", "paper__paper", "start", "id")[:largest]
    )
    by_target = _papers_by_identity({each.target for each in rows if each.target})
    motions = _motions({each.motion for each in rows if each.motion})
    return tuple(
        ReferenceShown(
            each, by_target.get(each.target) or by_target.get(each.motion), motions.get(each.motion)
        )
        for each in rows
    )


def references_to(paper: str, *, largest: int = 500) -> tuple[ReferenceShown, ...]:
    """Give the places that refer to a paper, or to the motion that it is; newest paper first."""
    identities = identities_of(paper)
    rows = list(
        Reference.objects.filter(Q(target__in=identities) | Q(motion__in=identities))
        .filter(paper__withdrawn_at__isnull=True)
        .exclude(paper__paper__in=identities)
        .select_related("paper")
        .defer("paper__text")
        .order_by(F("paper__date").desc(nulls_last=True), "paper__paper", "-field", "start", "id")[:largest]
    )
    motions = _motions({each.motion for each in rows if each.motion})
    return tuple(ReferenceShown(each, each.paper, motions.get(each.motion)) for each in rows)


def votes_of(motion: Motion) -> QuerySet[Vote]:
    """Give the decisions on a motion, oldest first."""
    return Vote.objects.filter(vote_on(motion)).order_by(F("date").asc(nulls_first=True), "decision")


def vote_on(motion: Motion) -> Q:
    """Say which votes are on a motion: by its paper, or by its matter."""
    found = Q(motion__in=[each for each in (motion.motion, motion.paper) if each])
    return found | Q(matter=motion.matter) if motion.matter else found


def judgements_of(record: Motion | Commitment) -> QuerySet[StateJudgement]:
    """Give what people judged about a motion or commitment, newest first, ended judgements included."""
    if isinstance(record, Motion):
        keys = [each for each in (record.motion, record.paper, record.matter) if each]
        found = StateJudgement.objects.filter(judged=Judged.MOTION, key__in=keys)
    else:
        found = StateJudgement.objects.filter(judged=Judged.COMMITMENT, key=record.commitment)
    return found.select_related("made_by", "ended_by").order_by("-made_at", "-id")


def timeline(dossier: str, *, page: int = 1, page_size: int = 50, kind: str = "") -> TimelinePage:
    """Give the papers of a dossier, newest first.

    A matter stands in the timeline where its paper is not in the archive; otherwise the paper does.

    Parameters
    ----------
    dossier : str
    page, page_size : int
        Pages start at 1; a page past the last is the last.
    kind : str
        Only papers of this kind.
    """
    known = Paper.objects.filter(withdrawn_at__isnull=True).filter(_of_dossier(dossier))
    printed = Paper.objects.filter(family=Family.PAPER, withdrawn_at__isnull=True)
    as_motion = Motion.objects.filter(matter=OuterRef("paper")).filter(
        Exists(printed.filter(paper=OuterRef("paper")))
    )
    # by key for each paper of the dossier: the list of all papers would be gone through once a paper
    known = known.exclude(Exists(printed.filter(paper=OuterRef("same_as")))).exclude(Exists(as_motion))
    counted: dict[str, int] = {}
    for each in known.values_list("kind", flat=True).iterator():
        counted[each] = counted.get(each, 0) + 1
    chosen = known.filter(kind=kind) if kind else known
    total = counted.get(kind, 0) if kind else sum(counted.values())
    pages = max(1, -(-total // page_size))
    page = min(max(page, 1), pages)
    rows = list(
        chosen.only(*LIGHT_PAPER).order_by(F("date").desc(nulls_last=True), "-search_row")[
            (page - 1) * page_size : page * page_size
        ]
    )
    names = {name for each in rows for name in (each.paper, each.same_as) if name}
    motions = {
        name: each
        for each in Motion.objects.filter(Q(paper__in=names) | Q(matter__in=names))
        for name in (each.paper, each.matter)
        if name
    }
    read_in: dict[int, int] = {}
    for pk in Commitment.objects.filter(paper__in=rows).values_list("paper_id", flat=True):
        if pk is not None:
            read_in[pk] = read_in.get(pk, 0) + 1
    entries = tuple(
        TimelineEntry(each, motions.get(each.paper) or motions.get(each.same_as), read_in.get(each.pk, 0))
        for each in rows
    )
    kinds = tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
    return TimelinePage(entries, total, page, pages, kinds)


def _of_dossier(dossier: str) -> Q:
    found = Q(dossier=dossier)
    # a whole budget: 36200 has chapters 36200-X; 21501 has 21501-20
    return found if "-" in dossier else found | Q(dossier__startswith=f"{dossier}-")


def _identities(papers: Iterable[str]) -> dict[str, set[str]]:
    """Give for each identifier all that mean the same, in three queries."""
    wanted = set(papers)
    same: dict[str, set[str]] = {each: {each} for each in wanted}
    became = dict(Paper.objects.filter(paper__in=wanted).exclude(same_as="").values_list("paper", "same_as"))
    heads = wanted | set(became.values())
    of_head: dict[str, set[str]] = {}
    for name, head in Paper.objects.filter(same_as__in=heads).values_list("paper", "same_as"):
        of_head.setdefault(head, set()).add(name)
    known = (
        Motion.objects.filter(Q(paper__in=heads) | Q(matter__in=heads)).exclude(paper="").exclude(matter="")
    )
    for paper, matter in known.values_list("paper", "matter"):
        of_head.setdefault(paper, set()).add(matter)
        became.setdefault(matter, paper)
    for each in wanted:
        head = became.get(each, each)
        same[each] |= {head} | of_head.get(head, set())
    return same


def _papers_by_identity(names: set[str]) -> dict[str, Paper]:
    """Find papers by any identifier that means them, without their texts; the paper itself goes first."""
    names = {each for each in names if each}
    found = (
        Paper.objects.filter(Q(paper__in=names) | Q(same_as__in=names), withdrawn_at__isnull=True)
        .only(*LIGHT_PAPER)
        .order_by("paper")
    )
    by_name: dict[str, Paper] = {}
    for each in found:
        if each.same_as in names:
            by_name.setdefault(each.same_as, each)
    by_name.update({each.paper: each for each in found if each.paper in names})
    missing = names - set(by_name)
    linked = {each.matter: each.paper for each in Motion.objects.filter(paper__in=missing).exclude(matter="")}
    for each in Paper.objects.filter(paper__in=linked, withdrawn_at__isnull=True).only(*LIGHT_PAPER):
        by_name[linked[each.paper]] = each
    return by_name


def _motions(names: Iterable[str]) -> dict[str, Motion]:
    return {each.motion: each for each in Motion.objects.filter(motion__in=set(names))}
