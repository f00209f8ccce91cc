"""Which dossier a title stands for, and which motion a reference means: what takes the whole archive."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet

from geomonitor.archive.dossiers import refresh_dossiers
from geomonitor.archive.models import DossierTitle, Motion, Paper, Reference, Relation
from geomonitor.archive.motions_found import write_motions
from geomonitor.archive.search_index import index_papers
from geomonitor.archive.writing import insert_rows, update_rows
from geomonitor.dossier.dossier_titles import (
    TitleLearned,
    TitleSaid,
    learn_titles,
    title_key,
    titles_of_several,
)
from geomonitor.dossier.execution import (
    ExecutedMotion,
    KnownMotion,
    MotionLink,
    MotionsKnown,
    known_words,
    movers_agree,
    subject_agreement,
    subject_of,
    subject_words,
)
from geomonitor.dossier.records import Family

__all__ = [
    "Progress",
    "fill_dossiers_of_matters",
    "known_motions",
    "learn_dossier_titles",
    "link_references",
    "numbered_titles",
    "what_titles_say",
]

Progress = Callable[[str, int, int], None]
"""Takes what is done now, how much is done, and how much there is."""

_ACTING = (Relation.CARRIES_OUT, Relation.PROGRESS, Relation.SETTLES, Relation.ANSWERS, Relation.REPLACES)
_LEAST_SUBJECT = 0.5
_AT_ONCE = 5_000


class _Row(NamedTuple):
    """What linking needs of a reference."""

    pk: int
    paper: int
    target: str
    kind: str
    relation: str
    field: str
    start: int
    end: int
    movers: list[str]
    motion: str
    link_rule: str
    link_confidence: float


def learn_dossier_titles() -> int:
    """Learn anew which dossier each title stands for; give how many titles changed."""
    numbered = numbered_titles()
    learned = learn_titles(what_titles_say(), {title for title, _ in numbered}, titles_of_several(numbered))
    there = {each.title: each for each in DossierTitle.objects.all()}
    new, changed = [], []
    for title, found in sorted(learned.items()):
        old = there.get(title)
        if old is None:
            new.append(DossierTitle(title=title, **_values(found)))
        elif any(getattr(old, name) != value for name, value in _values(found).items()):
            for name, value in _values(found).items():
                setattr(old, name, value)
            changed.append(old)
    gone = [each.pk for title, each in there.items() if title not in learned]
    DossierTitle.objects.filter(pk__in=gone).delete()
    update_rows(changed)
    insert_rows(new)
    return len(new) + len(changed) + len(gone)


def _values(found: TitleLearned) -> dict[str, str | int]:
    return {
        "dossier": found.dossier,
        "rule": found.rule,
        "support": found.support,
        "against": found.against,
    }


def numbered_titles() -> list[tuple[str, str]]:
    """Give of every matter the title of its dossier and its number."""
    matters = Paper.objects.filter(family=Family.MATTER, withdrawn_at__isnull=True).exclude(dossier_title="")
    return [(title_key(title), number) for title, number in matters.values_list("dossier_title", "number")]


def what_titles_say() -> Iterator[TitleSaid]:
    """Give all that papers say about which dossier a title stands for."""
    live = Paper.objects.filter(withdrawn_at__isnull=True).exclude(dossier_title="")
    for title, dossier in (
        live.exclude(dossier="")
        .filter(dossier_known_by="")
        .values_list("dossier_title", "dossier")
        .iterator()
    ):
        yield TitleSaid(title_key(title), dossier, "source")
    for title, same_as in (
        live.filter(dossier="", same_as__startswith="kst-").values_list("dossier_title", "same_as").iterator()
    ):
        yield TitleSaid(title_key(title), _dossier_of(same_as), "source")
    yield from _named_motions()


def _named_motions() -> Iterator[TitleSaid]:
    """Hold titles that name a motion by its paper against the motions of matters with that number."""
    titles = dict(
        Paper.objects.filter(family=Family.MATTER, withdrawn_at__isnull=True, kind__istartswith="motie")
        .exclude(dossier_title="")
        .values_list("paper", "dossier_title")
    )
    under: defaultdict[str, list[tuple[str, KnownMotion]]] = defaultdict(list)
    for motion, matter, number, movers, title in Motion.objects.exclude(matter="").values_list(
        "motion", "matter", "number", "movers", "title"
    ):
        if matter in titles and number:
            known = KnownMotion(motion=motion, papers=(matter,), title=title, movers=tuple(movers))
            under[number].append((title_key(titles[matter]), known))
    named = (
        Reference.objects.filter(field="title", target__startswith="kst-")
        .filter(Q(relation=Relation.REPLACES) | Q(kind="motion"))
        .filter(paper__withdrawn_at__isnull=True)
        .values_list(
            "target", "kind", "relation", "movers", "paper__paper", "paper__title", "paper__dossier_title"
        )
    )
    movers_of = {known.papers[0]: known.movers for found in under.values() for _, known in found}
    for target, kind, relation, movers, paper, title, own_title in named.iterator():
        dossier, number = _dossier_of(target), target.rpartition("-")[2]
        if relation == Relation.REPLACES and kind != "motion":
            # a motion that is replaced is one of the same dossier
            own = title_key(own_title)
            if own and any(
                under_title == own
                and paper not in each.papers
                and _fits(each, title, movers_of.get(paper, ()))
                for under_title, each in under[number]
            ):
                yield TitleSaid(own, dossier, "replaced_motion")
            continue
        found = {
            under_title
            for under_title, each in under[number]
            if movers_agree(movers, each.movers) and _fits(each, title, movers)
        }
        if len(found) == 1:
            yield TitleSaid(found.pop(), dossier, "named_motion")


def _fits(known: KnownMotion, title: str, movers: Sequence[str]) -> bool:
    """Say whether a title speaks of the subject of a motion, or a replacing motion of its movers."""
    words = known_words(known)
    return (
        bool(words)
        and len(words & subject_words(title)) >= min(2, len(words))
        and (
            subject_agreement(words, subject_words(title)) >= _LEAST_SUBJECT
            or movers_agree(movers, known.movers)
        )
    )


def _dossier_of(paper: str) -> str:
    return paper.removeprefix("kst-").rpartition("-")[0]


def fill_dossiers_of_matters(progress: Progress) -> int:
    """Give matters the dossier that their title stands for, and motions the paper that follows from it.

    The search index and the counts of dossiers follow.

    Parameters
    ----------
    progress : callable
        Takes what is done now, how much is done, and how much there is.

    Returns
    -------
    int
        How many matters got, lost or changed their dossier.
    """
    known = dict(DossierTitle.objects.values_list("title", "dossier"))
    wanted: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    motions: list[tuple[str, int]] = []
    touched: set[str] = set()
    matters = Paper.objects.filter(family=Family.MATTER).filter(Q(dossier="") | Q(dossier_known_by="title"))
    rows = matters.exclude(dossier_title="").values_list("pk", "dossier", "dossier_title", "kind")
    for pk, dossier, title, kind in rows.iterator(chunk_size=_AT_ONCE):
        found = known.get(title_key(title), "")
        if found != dossier:
            wanted[found, "title" if found else ""].append(pk)
            touched |= {dossier, found}
            if kind.casefold().startswith("motie"):
                motions.append((found, pk))
    for (dossier, known_by), pks in wanted.items():
        for some in _parts(pks):
            Paper.objects.filter(pk__in=some).update(dossier=dossier, dossier_known_by=known_by)
    for some in _parts([pk for _, pk in sorted(motions)]):
        write_motions(Paper.objects.filter(pk__in=some))
    changed = sorted(pk for pks in wanted.values() for pk in pks)
    done = 0
    for some in _parts(changed):
        index_papers(list(Paper.objects.filter(pk__in=some, withdrawn_at__isnull=True)))
        done += len(some)
        progress("Indexing matters whose dossier is known now", done, len(changed))
    refresh_dossiers(touched - {""})
    return len(changed)


def known_motions(out: Collection[str]) -> list[KnownMotion]:
    """Give all motions, as links to them are found.

    Parameters
    ----------
    out : collection of str
        Those that were rejected, withdrawn or replaced.
    """
    titles = dict(
        Paper.objects.filter(family=Family.MATTER, kind__istartswith="motie").values_list(
            "paper", "dossier_title"
        )
    )
    rows = Motion.objects.order_by("motion").values_list(
        "motion", "paper", "matter", "title", "date", "movers", "number"
    )
    return [
        KnownMotion(
            motion=motion,
            papers=tuple({motion, paper, matter} - {""}),
            title=title,
            date=date,
            movers=tuple(movers),
            number=number,
            dossier_title=title_key(titles.get(matter, "")),
            out=motion in out,
        )
        for motion, paper, matter, title, date, movers, number in rows
    ]


def link_references(out: Collection[str], papers: Sequence[int] | None = None) -> int:
    """Link references to the motions that they mean; give how many changed.

    Parameters
    ----------
    out : collection of str
        Motions that were rejected, withdrawn or replaced.
    papers : sequence of int or None
        Rows of papers; None for all.
    """
    known = MotionsKnown(known_motions(out))
    chosen = Reference.objects.filter(Q(kind__in=("motion", "paper", "matter")) | ~Q(motion=""))
    if papers is not None:
        chosen = chosen.filter(paper__in=list(papers))
    changed = 0
    for some in _by_paper(chosen):
        changed += _link_some(known, some)
    return changed


def _by_paper(chosen: QuerySet[Reference]) -> Iterator[list[_Row]]:
    """Give the references in parts, those of one paper together."""
    papers = list(chosen.order_by("paper_id").values_list("paper_id", flat=True).distinct())
    for some in _parts(papers):
        rows = (
            chosen.filter(paper__in=some)
            .order_by("paper_id", "field", "start", "id")
            .values_list(
                "pk",
                "paper_id",
                "target",
                "kind",
                "relation",
                "field",
                "start",
                "end",
                "movers",
                "motion",
                "link_rule",
                "link_confidence",
            )
        )
        yield [_Row(*each) for each in rows]


def _link_some(known: MotionsKnown, rows: Sequence[_Row]) -> int:
    papers = {
        pk: (title, date, dossier_title)
        for pk, title, date, dossier_title in Paper.objects.filter(
            pk__in={each.paper for each in rows}
        ).values_list("pk", "title", "date", "dossier_title")
    }
    apart: defaultdict[tuple[int, str], list[_Row]] = defaultdict(list)
    for each in rows:
        apart[each.paper, each.field].append(each)
    changed: list[tuple[_Row, MotionLink | None]] = []
    for (paper, field), found in apart.items():
        title, date, dossier_title = papers[paper]
        links = _links(known, found, title if field == "title" else "", date, title_key(dossier_title))
        changed += [
            (row, link)
            for row, link in zip(found, links, strict=True)
            if (row.motion, row.link_rule, row.link_confidence)
            != ((link.motion, link.rule, link.confidence) if link else ("", "", 0.0))
        ]
    _write_links(changed)
    return len(changed)


def _links(
    known: MotionsKnown, rows: Sequence[_Row], title: str, date: datetime.date | None, dossier_title: str
) -> list[MotionLink | None]:
    """Link the references of one paper's title, or of its text."""
    mentions = [each for each in rows if each.kind == "motion"]
    by_target: dict[str, MotionLink | None] = {}
    by_row: dict[int, MotionLink | None] = {}
    for at, each in enumerate(mentions):
        following = mentions[at + 1].start if at + 1 < len(mentions) else len(title)
        subject = subject_of(title, each.end, max(each.end, following)) if title else ""
        if not each.target and not (title and each.relation in _ACTING):
            # in running text the subject of a motion can stand anywhere
            continue
        link = known.link(
            ExecutedMotion(
                target=each.target,
                movers=tuple(each.movers),
                subject=subject,
                date=date,
                dossier_title=dossier_title,
            )
        )
        by_row[each.pk] = link
        if each.target:
            by_target.setdefault(each.target, link)
    for each in rows:
        if each.kind != "motion" and each.target and each.target not in by_target:
            by_target[each.target] = known.link(ExecutedMotion(target=each.target, date=date))
    return [by_row.get(each.pk) if each.kind == "motion" else by_target.get(each.target) for each in rows]


def _write_links(changed: Sequence[tuple[_Row, MotionLink | None]]) -> None:
    rows = [
        Reference(
            pk=row.pk,
            motion=link.motion if link else "",
            link_rule=link.rule if link else "",
            link_confidence=link.confidence if link else 0.0,
        )
        for row, link in changed
    ]
    update_rows(rows, ("motion", "link_rule", "link_confidence"))


def _parts(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(pks), _AT_ONCE):
        yield pks[start : start + _AT_ONCE]
