"""Motions: one row for the paper and the matter that mean the same motion.

A row is what the papers and matters in the archive say of it, in whatever order they came. A matter is
the same motion as a paper where a source says so, or where the dossier that its title stands for and its
number give that paper, the movers agree, and no other matter claims it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from geomonitor.archive.models import Motion, Paper, StateJudgement, Watch, WatchKind
from geomonitor.archive.reading_ahead import title_reading
from geomonitor.archive.writing import insert_rows, update_rows
from geomonitor.dossier.execution import movers_agree
from geomonitor.dossier.paper_kinds import is_motion
from geomonitor.dossier.records import Family
from geomonitor.dossier.states import motion_state, submitted_evidence, taken_over_evidence

__all__ = ["request_of", "write_motions"]

_ROW_FIELDS = (
    "motion",
    "paper",
    "paper_known_by",
    "matter",
    "dossier",
    "number",
    "date",
    "title",
    "movers",
    "request_text",
    "cabinet_view",
    "example",
)
_WRITTEN = (*_ROW_FIELDS, "state", "state_evidence", "settled_by", "settled_on", "judged_state", "changed_at")
_AT_ONCE = 2_000
_PAIRS_AT_ONCE = 200
_REQUEST = re.compile(
    r"(?:verzoekt|verzoeken|vraagt|roept|draagt|spreekt|nodigt|wenst|zegt|is van mening|besluit|keurt|"
    r"dringt)\b",
    re.IGNORECASE,
)
_END = re.compile(r"en gaat over tot de orde van de dag", re.IGNORECASE)


@dataclass(slots=True)
class _Group:
    """The papers and matters of one motion."""

    key: str
    exact: list[Paper] = field(default_factory=list)
    by_title: list[Paper] = field(default_factory=list)


def request_of(text: str) -> str:
    r"""Give what a motion asks: the paragraphs from "verzoekt de regering" to the order of the day.

    Parameters
    ----------
    text : str
        Paragraphs separated by a blank line.

    Examples
    --------
    >>> request_of("De Kamer,\n\nconstaterende dat het regent;\n\nverzoekt de regering een paraplu te kopen,"
    ...            "\n\nen gaat over tot de orde van de dag.\n\nVos")
    'verzoekt de regering een paraplu te kopen,'
    """
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n\s*\n", text)]
    asked: list[str] = []
    for each in paragraphs:
        if _END.match(each):
            break
        if each and (asked or _REQUEST.match(each)):
            asked.append(each)
    return "\n\n".join(asked)


def write_motions(papers: Iterable[Paper]) -> None:
    """Write the motions that papers and matters are, anew; rows that are as they were are not touched.

    Parameters
    ----------
    papers : iterable of Paper
        Those that are no motions are passed over.
    """
    # those of one dossier together: what may be the same motion is asked for by dossier
    chosen = sorted(
        (each for each in papers if _counts(each)), key=lambda each: (each.dossier, each.number, each.paper)
    )
    for start in range(0, len(chosen), _AT_ONCE):
        _write_some(chosen[start : start + _AT_ONCE])


def _counts(paper: Paper) -> bool:
    return paper.family != Family.DOCUMENT and is_motion(paper.kind, paper.title)


def _write_some(papers: Sequence[Paper]) -> None:
    every = _all_of_the_same(papers)
    groups = _grouped(each for each in every.values() if each.withdrawn_at is None)
    rows = [_row(group) for group in groups]
    names = {name for each in every.values() for name in (each.paper, each.same_as, _by_title(each)) if name}
    there = Motion.objects.filter(Q(motion__in=names) | Q(paper__in=names) | Q(matter__in=names))
    _store(rows, list(there))


def _all_of_the_same(papers: Sequence[Paper]) -> dict[str, Paper]:
    """Add all that may be the same motion, by any of its names."""
    every = {each.paper: each for each in papers}
    heads = {each.same_as or _by_title(each) or each.paper for each in papers} | {
        each.same_as for each in papers if each.same_as
    }
    found = Paper.objects.exclude(family=Family.DOCUMENT)
    for wanted in (Q(paper__in=heads), Q(same_as__in=heads), *_claiming(heads)):
        for each in found.filter(wanted):
            if each.paper not in every and _counts(each):
                every[each.paper] = each
    return every


def _claiming(heads: Iterable[str]) -> Iterator[Q]:
    """Choose the matters whose dossier and number may give one of these papers."""
    parts = (each.removeprefix("kst-").rpartition("-") for each in heads if each.startswith("kst-"))
    pairs = sorted((dossier, number) for dossier, _, number in parts)
    # that they have no paper yet is part of it, not looked at later: each pair is one step in an index
    matters = Q(family=Family.MATTER, kind__istartswith="motie", same_as="")
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs[start : start + _PAIRS_AT_ONCE]
        yield matters & reduce(or_, (Q(dossier=dossier, number=number) for dossier, number in some))


def _by_title(paper: Paper) -> str:
    """Give the paper that a matter is, if the title of its dossier is to be believed."""
    if paper.family != Family.MATTER or paper.same_as or not paper.dossier or not paper.number:
        return ""
    return f"kst-{paper.dossier}-{paper.number}"


def _grouped(papers: Iterable[Paper]) -> list[_Group]:
    groups: dict[str, _Group] = {}

    def group(key: str) -> _Group:
        return groups.setdefault(key, _Group(key))

    for each in sorted(papers, key=lambda paper: paper.paper):
        if by_title := _by_title(each):
            group(by_title).by_title.append(each)
        else:
            group(each.same_as or each.paper).exact.append(each)
    for found in list(groups.values()):
        kept = found.by_title if len(found.by_title) == 1 else []
        if kept and found.exact and not _fits(kept[0], found.exact):
            kept = []
        for refused in found.by_title:
            if refused not in kept:
                group(refused.paper).exact.append(refused)
        found.by_title = kept
    return [each for each in groups.values() if each.exact or each.by_title]


def _fits(matter: Paper, exact: Sequence[Paper]) -> bool:
    """Say whether a matter can be the motion of these: no other matter is, and the movers agree."""
    if any(each.family == Family.MATTER for each in exact):
        return False
    movers = _movers(matter)
    return all(not movers or not _movers(each) or movers_agree(movers, _movers(each)) for each in exact)


def _movers(paper: Paper) -> list[str]:
    """Give the movers as the source lists them, or as the title names them."""
    if paper.movers:
        return list(paper.movers)
    named = title_reading(paper.title).motions
    return list(named[0].movers) if named else []


def _row(group: _Group) -> Motion:
    members = [*group.exact, *group.by_title]
    papers = [each for each in members if each.family == Family.PAPER]
    matters = [each for each in members if each.family == Family.MATTER]
    first = (papers or matters)[0]
    paper = group.key if group.key.startswith("kst-") else ""
    known_by = "source" if group.exact else "dossier_title"
    dossier, number = next(
        ((each.dossier, each.number) for each in (*papers, *matters) if each.dossier), ("", first.number)
    )
    titled = next((each for each in (*matters, *papers) if each.title), first)
    row = Motion(
        motion=group.key,
        paper=paper,
        paper_known_by=known_by if paper else "",
        matter=matters[0].paper if matters else "",
        dossier=dossier,
        number=number,
        date=min((each.date for each in members if each.date), default=None),
        title=titled.title,
        movers=next((movers for each in (*papers, *matters) if (movers := _movers(each))), []),
        request_text=next((asked for each in papers if (asked := request_of(each.text))), ""),
        cabinet_view=next((each.cabinet_view for each in (*matters, *papers) if each.cabinet_view), ""),
        example=all(each.example for each in members),
    )
    # what a motion says by itself, so that a new one has a state before all states are derived
    said = (
        submitted_evidence(row.motion, row.date),
        taken_over_evidence(row.cabinet_view, row.motion, row.date),
    )
    state = motion_state([each for each in said if each], motion_date=row.date)
    row.state, row.state_evidence = state.state, [each.plain() for each in state.evidence]
    return row


def _store(rows: Sequence[Motion], there: Sequence[Motion]) -> None:
    """Bring the rows in line: a motion that gets another key keeps its row, and watches follow it."""
    by_name: defaultdict[str, list[Motion]] = defaultdict(list)
    for old in there:
        for name in {old.motion, old.paper, old.matter} - {""}:
            by_name[name].append(old)
    new: list[Motion] = []
    changed: list[Motion] = []
    kept: set[int] = set()
    renamed: dict[str, str] = {}
    # exact names first: what was always this motion stays its row
    known = {old.motion for old in there}
    for row in sorted(rows, key=lambda each: (each.motion not in known, each.motion)):
        candidates = [
            old for name in (row.motion, row.matter) if name for old in by_name[name] if old.pk not in kept
        ]
        candidates.sort(key=lambda old: (old.motion != row.motion, old.pk))
        if not candidates:
            new.append(row)
            continue
        old = candidates[0]
        kept.add(old.pk)
        for other in candidates[1:]:
            # the matter was known before its paper, and each had a row
            if other.motion in {row.matter, row.paper}:
                renamed[other.motion] = row.motion
        if old.motion != row.motion:
            renamed[old.motion] = row.motion
        if any(getattr(old, name) != getattr(row, name) for name in _ROW_FIELDS):
            for name in _ROW_FIELDS:
                setattr(old, name, getattr(row, name))
            changed.append(old)
    gone = [old for old in there if old.pk not in kept]
    wanted = {row.motion for row in rows}
    judged = _judged(gone)
    Motion.objects.filter(
        pk__in=[old.pk for old in gone if old.motion in renamed or old.motion not in judged]
    ).delete()
    update_rows(changed, _WRITTEN)
    insert_rows(new)
    _move_watches({old: now for old, now in renamed.items() if old not in wanted})


def _judged(rows: Sequence[Motion]) -> set[str]:
    """Choose those on which somebody passed judgement: they stay, even without their paper."""
    keys = {name: old.motion for old in rows for name in (old.motion, old.paper, old.matter) if name}
    found = StateJudgement.objects.filter(judged="motion", key__in=list(keys)).values_list("key", flat=True)
    return {keys[name] for name in found}


def _move_watches(renamed: dict[str, str]) -> None:
    """Let those who watch a motion go on doing so under its new name."""
    if not renamed:
        return
    watches = list(Watch.objects.filter(kind=WatchKind.MOTION, key__in=list(renamed)))
    already = set(
        Watch.objects.filter(kind=WatchKind.MOTION, key__in=list(renamed.values())).values_list(
            "user_id", "key"
        )
    )
    for each in watches:
        key = renamed[each.key]
        if (each.user_id, key) in already:
            each.delete()
            continue
        already.add((each.user_id, key))
        each.key = key
        each.save(update_fields=["key"])
