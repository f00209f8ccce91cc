"""Pages on motions: the list, and one motion with its votes, its state and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from geomonitor.archive.models import Judged, Motion, MotionState, Vote
from geomonitor.archive.queries import MotionFilters, find_motion, motions_of
from geomonitor.dossier.reading.normal_forms import shown
from geomonitor.register.access import require
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.language import say
from geomonitor.web.parliament.asking import asked_choice, asked_words, kept_query, page_of
from geomonitor.web.parliament.evidence import Evidence, evidence_rows, evidence_table
from geomonitor.web.parliament.judgement_forms import JudgementForm, judgement_context
from geomonitor.web.parliament.naming import (
    Named,
    StateTag,
    motion_tag,
    motion_title,
    named_targets,
    papers_by_name,
    shortened,
)
from geomonitor.web.parliament.tables import (
    LONGEST_DOWNLOAD,
    archive_provenance,
    asked_dossier,
    cut_note,
    in_parts,
)
from geomonitor.web.parliament.votes import last_votes, party_rows, party_table, votes_on
from geomonitor.web.words import NotThereError

__all__ = ["MotionRow", "motion_page", "motion_response", "motion_rows", "motions_page"]

_PAGE = 50
_FILTERS = ("dossier", "state", "words")


@dataclass(frozen=True, slots=True)
class MotionRow:
    """A motion in a list."""

    motion: Motion
    name: str
    title: str
    request: str
    state: StateTag
    vote: Vote | None
    settled_by: Named | None


def motion_rows(motions: Sequence[Motion]) -> list[MotionRow]:
    """Give motions as rows, with votes and what settled them: two queries for all."""
    votes = last_votes(motions)
    settling = named_targets(each.settled_by for each in motions)
    return [
        MotionRow(
            motion=each,
            name=shown(each.motion),
            title=motion_title(each),
            request=shortened(each.request_text),
            state=motion_tag(each),
            vote=votes.get(each.motion),
            settled_by=settling.get(each.settled_by),
        )
        for each in motions
    ]


@require_safe
def motions_page(request: HttpRequest) -> HttpResponse:
    """List motions, by dossier, state and words."""
    require(request.user, "read_evidence")
    dossier = asked_dossier(request)
    state = asked_choice(request, "state", MotionState.values)
    words = asked_words(request, "words")
    found = motions_of(MotionFilters(dossier=dossier, state=state, words=words))
    wanted = wanted_download(request)
    if wanted:
        rows = in_parts(list(found[:LONGEST_DOWNLOAD]), motion_rows)
        filters = [dossier, state and say(None, f"motion_state.{state}"), words]
        return page_download(
            wanted,
            {"motions": motions_table(rows)},
            name="geomonitor",
            title=say(None, "motion.many"),
            provenance=archive_provenance(request, filters, cut=cut_note(found, len(rows))),
        )
    page = page_of(request, found, _PAGE)
    rows = motion_rows(list(page))
    context = {
        "rows": rows,
        "paired": [(each, "") for each in rows],
        "page": page,
        "count": page.paginator.count,
        "any": bool(page.paginator.count) or Motion.objects.exists(),
        "chosen": {"dossier": request.GET.get("dossier", ""), "state": state, "words": words},
        "states": [(each, say(None, f"motion_state.{each}")) for each in MotionState.values],
        "query": kept_query(request, _FILTERS),
        "longest_download": LONGEST_DOWNLOAD,
    }
    return render(request, "web/parliament/motions.html", context)


def motions_table(rows: Sequence[MotionRow]) -> DataTable:
    """Make the table of motions, for a download."""
    columns = [
        *(
            Column(say(None, f"motion.{key}"))
            for key in ("paper", "matter", "dossier", "date", "title", "movers", "request", "outcome")
        ),
        Column(say(None, "motion.votes_for"), "count"),
        Column(say(None, "motion.votes_against"), "count"),
        *(Column(say(None, f"motion.{key}")) for key in ("state", "judged", "settled_by", "settled_on")),
    ]
    made = [
        (
            each.motion.paper or each.motion.motion,
            each.motion.matter or None,
            each.motion.dossier or None,
            each.motion.date.isoformat() if each.motion.date else None,
            each.title,
            "; ".join(map(str, each.motion.movers)) or None,
            each.motion.request_text or None,
            each.vote.outcome if each.vote else None,
            each.vote.votes_for if each.vote else None,
            each.vote.votes_against if each.vote else None,
            each.state.name,
            say(None, "parliament.yes") if each.state.judged else say(None, "parliament.no"),
            each.motion.settled_by or None,
            each.motion.settled_on.isoformat() if each.motion.settled_on else None,
        )
        for each in rows
    ]
    return DataTable.of(say(None, "motion.many"), columns, made)


@require_safe
def motion_page(request: HttpRequest, motion: str) -> HttpResponse:
    """Show one motion."""
    require(request.user, "read_evidence")
    return motion_response(request, motion)


def motion_response(
    request: HttpRequest, key: str, form: JudgementForm | None = None, status: int = 200
) -> HttpResponse:
    """Show one motion, with the form of a judgement as it was sent where that was refused."""
    motion = find_motion(key)
    if motion is None:
        raise NotThereError(
            say(None, "motion.not_there", motion=shown(key)),
            where=key,
            next_step=say(None, "parliament.not_there_next"),
        )
    votes = votes_on([motion]).get(motion.motion, [])
    evidence = evidence_rows(motion.state_evidence, "motion_state")
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {
                "motion": motions_table(motion_rows([motion])),
                "evidence": evidence_table(evidence),
                **({"votes": party_table(_counted(votes))} if votes else {}),
            },
            name=f"geomonitor-{motion.motion}",
            title=shown(motion.motion),
            provenance=archive_provenance(request),
        )
    context = {
        **_facts(motion, votes, evidence),
        **judgement_context(request, Judged.MOTION, motion.motion, motion, form),
    }
    return render(request, "web/parliament/motion.html", context, status=status)


def _counted(votes: Sequence[Vote]) -> Vote:
    return next((each for each in votes if each.parties), votes[0])


def _facts(motion: Motion, votes: Sequence[Vote], evidence: Sequence[Evidence]) -> Mapping[str, Any]:
    row = motion_rows([motion])[0]
    keys = (motion.paper, motion.matter, motion.motion)
    papers = papers_by_name(keys)
    paper = next((papers[key] for key in keys if key in papers), None)
    counted = _counted(votes) if votes else None
    return {
        "row": row,
        "motion": motion,
        "paper": paper,
        "dossier_name": shown(f"dossier-{motion.dossier}"),
        "votes": votes,
        "counted": counted,
        "parties": party_rows(counted) if counted is not None else [],
        "evidence": evidence,
        "derived": say(None, f"motion_state.{motion.state}"),
    }
