"""What papers refer to, ask and promise, as rows of the graph; in the caller's transaction.

The rows of a paper are what its title and text say, whatever else is in the archive and in whatever order it
came. What takes the whole archive, links and states, is in `geomonitor.archive.deriving`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from geomonitor.archive.models import Commitment, DossierTitle, Paper, Reference, Relation, StateJudgement
from geomonitor.archive.motions_found import write_motions
from geomonitor.archive.reading_ahead import text_reading, title_reading, wanted_of
from geomonitor.archive.writing import insert_rows, update_rows
from geomonitor.dossier.dossier_titles import title_key
from geomonitor.dossier.execution import progress_only, stands_for_another
from geomonitor.dossier.paper_kinds import is_motion
from geomonitor.dossier.reading.mentions import CommitmentMention, MotionMention, ReferenceMention
from geomonitor.dossier.records import Family

__all__ = ["fill_dossiers", "read_papers"]

# Where it is still to come, the readers end the name of the rule with this.
_DONE = frozenset({Relation.CARRIES_OUT, Relation.SETTLES, Relation.MEETS})
_ANNOUNCED = "-announced"

# What two readings of a reference are compared by; links are no part of it and stay where it is as it was.
_READ_FIELDS = (
    "target",
    "kind",
    "relation",
    "field",
    "start",
    "end",
    "quoted",
    "confidence",
    "rule",
    "movers",
    "said",
)
_COMMITMENT_FIELDS = (
    "start",
    "end",
    "kind",
    "dossier",
    "text",
    "actor",
    "subject",
    "made_on",
    "due_text",
    "due_from",
    "due_until",
    "confidence",
    "example",
)
_LENGTHS = {
    (model, each.name): each.max_length
    for model in (Reference, Commitment)
    for each in model._meta.concrete_fields
    if getattr(each, "max_length", None)
}


def read_papers(papers: Sequence[Paper]) -> None:
    """Read papers anew: references, commitments and motions; rows that are as they were are not touched.

    Papers that were withdrawn lose their rows, except commitments on which somebody passed judgement.

    Parameters
    ----------
    papers : sequence of Paper
        Saved, with their texts.
    """
    fill_dossiers(papers)
    references: dict[int, list[Reference]] = {}
    commitments: dict[int, list[Commitment]] = {}
    for paper in papers:
        references[paper.pk], commitments[paper.pk] = _read(paper)
    _write_references(references)
    _write_commitments(commitments)
    write_motions(papers)


def fill_dossiers(papers: Iterable[Paper]) -> None:
    """Give matters the dossier that the title of their dossier stands for, where that was learned already."""
    wanted = [
        each for each in papers if each.family == Family.MATTER and not each.dossier and each.dossier_title
    ]
    keys = {title_key(each.dossier_title) for each in wanted}
    known = dict(DossierTitle.objects.filter(title__in=keys).values_list("title", "dossier"))
    filled = []
    for each in wanted:
        if dossier := known.get(title_key(each.dossier_title)):
            each.dossier, each.dossier_known_by = dossier, "title"
            filled.append(each)
    update_rows(filled, ("dossier", "dossier_known_by"))


def _read(paper: Paper) -> tuple[list[Reference], list[Commitment]]:
    """Read one paper; nothing of a withdrawn one counts."""
    if paper.withdrawn_at is not None:
        return [], []
    title = title_reading(paper.title)
    references = [
        *(_reference(paper, "title", _replacing(paper, each)) for each in title.references),
        *(_motion_reference(paper, "title", each) for each in title.motions),
    ]
    commitments: list[Commitment] = []
    if paper.text:
        text = text_reading(wanted_of(paper))
        references += [_reference(paper, "text", each) for each in text.references]
        references += [_motion_reference(paper, "text", each) for each in text.motions]
        commitments = [_commitment(paper, each) for each in text.commitments]
    return references, commitments


def _replacing(paper: Paper, mention: ReferenceMention) -> ReferenceMention:
    """Let a motion replace the paper that its title names behind "t.v.v."."""
    own = mention.kind == "paper" and is_motion(paper.kind, paper.title)
    if not own or not stands_for_another(paper.title, mention.start):
        return mention
    return replace(mention, relation=Relation.REPLACES.value, rule=f"{mention.rule}; in-place-of")


def _relation(paper: Paper, field: str, mention: ReferenceMention | MotionMention) -> str:
    """Say what the paper does, as far as it is done: what it announces, or only reports on, is progress."""
    if mention.relation not in _DONE:
        return mention.relation
    reports = mention.relation == Relation.CARRIES_OUT and field == "title" and progress_only(paper.title)
    announces = mention.rule.endswith(_ANNOUNCED)
    return Relation.PROGRESS.value if reports or announces else mention.relation


def _reference(paper: Paper, field: str, mention: ReferenceMention) -> Reference:
    return Reference(
        paper=paper,
        target=_cut(Reference, "target", mention.target),
        kind=mention.kind,
        relation=_relation(paper, field, mention),
        field=field,
        start=mention.start,
        end=mention.end,
        quoted=_cut(Reference, "quoted", mention.quoted),
        confidence=mention.confidence,
        rule=_cut(Reference, "rule", mention.rule),
    )


def _motion_reference(paper: Paper, field: str, mention: MotionMention) -> Reference:
    return Reference(
        paper=paper,
        target=_cut(Reference, "target", mention.target),
        kind="motion",
        relation=_relation(paper, field, mention),
        field=field,
        start=mention.start,
        end=mention.end,
        quoted=_cut(Reference, "quoted", mention.quoted),
        confidence=mention.confidence,
        rule=_cut(Reference, "rule", "settled_list" if mention.in_list else mention.rule),
        movers=list(mention.movers),
        said=_cut(Reference, "said", mention.relation_quoted),
    )


def _commitment(paper: Paper, mention: CommitmentMention) -> Commitment:
    return Commitment(
        commitment=f"{paper.paper}@{mention.start}",
        official=False,
        paper=paper,
        start=mention.start,
        end=mention.end,
        kind=mention.kind,
        dossier=paper.dossier,
        text=mention.text,
        actor=_cut(Commitment, "actor", mention.actor),
        subject=mention.subject,
        made_on=paper.date,
        due_text=_cut(Commitment, "due_text", mention.due_text),
        due_from=mention.due_from,
        due_until=mention.due_until,
        confidence=mention.confidence,
        example=paper.example,
    )


def _cut(model: type[Reference] | type[Commitment], field: str, text: str) -> str:
    longest = _LENGTHS[model, field]
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def _write_references(read: dict[int, list[Reference]]) -> None:
    """Write the references of papers whose references differ from those that are there."""
    there: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = Reference.objects.filter(paper__in=list(read)).order_by("id")
    for pk, *fields in rows.values_list("paper_id", *_READ_FIELDS):
        there[pk].append(tuple(fields))
    differing = {
        pk: rows
        for pk, rows in read.items()
        if [tuple(getattr(each, name) for name in _READ_FIELDS) for each in rows] != there[pk]
    }
    emptied = [pk for pk in differing if there[pk]]
    if emptied:
        Reference.objects.filter(paper__in=emptied).delete()
    insert_rows([each for rows in differing.values() for each in rows])


def _write_commitments(read: dict[int, list[Commitment]]) -> None:
    """Write the commitments of papers; one whose sentence is still there keeps its name and its state.

    A commitment that is no longer read is deleted, unless somebody passed judgement on it.
    """
    there: defaultdict[int, list[Commitment]] = defaultdict(list)
    for row in Commitment.objects.filter(paper__in=list(read), official=False).order_by("start"):
        there[row.paper_id or 0].append(row)
    new: list[Commitment] = []
    changed: list[Commitment] = []
    gone: list[Commitment] = []
    for pk, rows in read.items():
        known: defaultdict[str, list[Commitment]] = defaultdict(list)
        for old in there[pk]:
            known[old.text].append(old)
        taken = {old.commitment for old in there[pk]}
        for row in rows:
            if known[row.text]:
                old = known[row.text].pop(0)
                if any(getattr(old, name) != getattr(row, name) for name in _COMMITMENT_FIELDS):
                    for name in _COMMITMENT_FIELDS:
                        setattr(old, name, getattr(row, name))
                    changed.append(old)
                continue
            row.commitment = _free_key(row.commitment, taken)
            taken.add(row.commitment)
            new.append(row)
        gone += [old for rest in known.values() for old in rest]
    judged = set(
        StateJudgement.objects.filter(
            judged="commitment", key__in=[each.commitment for each in gone]
        ).values_list("key", flat=True)
    )
    Commitment.objects.filter(pk__in=[each.pk for each in gone if each.commitment not in judged]).delete()
    update_rows(changed, _COMMITMENT_FIELDS)
    insert_rows(new)


def _free_key(key: str, taken: set[str]) -> str:
    """Give a key that no commitment of the paper has: its text moved, and another one keeps that position."""
    found, serial = key, 2
    while found in taken:
        found, serial = f"{key}-{serial}", serial + 1
    return found
