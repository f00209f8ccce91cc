"""The page of a paper: its text with what was recognised in it, and what it refers to, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from geomonitor.archive.models import Commitment, Dossier, Motion, Paper, Relation
from geomonitor.archive.queries import (
    CommitmentFilters,
    MotionFilters,
    PaperAround,
    ReferenceShown,
    commitments_of,
    find_paper,
    motions_of,
    references_from,
    references_to,
)
from geomonitor.dossier.reading.normal_forms import official_address, shown
from geomonitor.register.access import require
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.language import has_text, say
from geomonitor.web.parliament.commitments import commitment_rows, commitments_table
from geomonitor.web.parliament.marking import Mark, marked_line, marked_text
from geomonitor.web.parliament.motions import motion_rows
from geomonitor.web.parliament.naming import (
    Named,
    commitment_tag,
    kind_of_commitment,
    named_targets,
)
from geomonitor.web.parliament.paper_links import LinkForm, link_context
from geomonitor.web.parliament.references import (
    OutgoingRow,
    incoming_rows,
    incoming_table,
    named_of,
    outgoing_rows,
    outgoing_table,
    strength,
)
from geomonitor.web.parliament.tables import archive_provenance, in_parts
from geomonitor.web.words import NotThereError

__all__ = ["found_paper", "paper_page", "paper_response"]

# references that are read, and rows of a table on the page; the file has all that are read
_MOST = 2_000
_SHOWN = 200


def found_paper(key: str) -> PaperAround:
    """Give a paper of the archive with what it is besides.

    Raises
    ------
    NotThereError
        If the archive does not have it.
    """
    found = find_paper(key)
    if found is None:
        official = official_address(key)
        withdrawn = Paper.objects.filter(paper=key).values_list("withdrawn_at", flat=True).first()
        if withdrawn is not None:
            when = date_format(timezone.localtime(withdrawn), "j F Y")
            raise NotThereError(
                say(None, "paper.withdrawn", paper=shown(key), when=when),
                where=key,
                next_step=say(None, "paper.withdrawn_next"),
            )
        raise NotThereError(
            say(None, "paper.not_there", paper=shown(key)),
            where=key,
            next_step=say(None, "paper.not_there_next", address=official)
            if official
            else say(None, "parliament.not_there_next"),
        )
    return found


@require_safe
def paper_page(request: HttpRequest, paper: str) -> HttpResponse:
    """Show a paper."""
    require(request.user, "read_evidence")
    return paper_response(request, paper)


def paper_response(
    request: HttpRequest, key: str, form: LinkForm | None = None, status: int = 200
) -> HttpResponse:
    """Show a paper, with the form that links it to a case as it was sent where that was refused."""
    around = found_paper(key)
    paper = around.paper
    refers = references_from(paper.paper, largest=_MOST)
    named = named_of(refers)
    outgoing = outgoing_rows(refers, named)
    incoming = incoming_rows(references_to(paper.paper, largest=_MOST))
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {
                "refers-to": outgoing_table(outgoing),
                "referred-to-by": incoming_table(incoming),
                "commitments": commitments_table(in_parts(around.commitments, commitment_rows)),
            },
            name=f"geomonitor-{paper.paper}",
            title=shown(paper.paper),
            provenance=archive_provenance(request),
        )
    dossier = Dossier.objects.filter(dossier=paper.dossier).first() if paper.dossier else None
    context: dict[str, Any] = {
        "paper": paper,
        "name": shown(paper.paper),
        "source_name": _source_name(paper.source),
        "official": paper.url or official_address(paper.paper),
        "dossier": dossier,
        "dossier_name": shown(f"dossier-{paper.dossier}") if paper.dossier else "",
        "belongs": _belongs(around),
        "missing": [(str(each[0]), str(each[1])) for each in paper.missing if len(each) > 1],
        **_marked(paper, refers, around.commitments, named),
        "outgoing": outgoing[:_SHOWN],
        "outgoing_count": len(outgoing),
        "incoming": incoming[:_SHOWN],
        "incoming_count": len(incoming),
        "shown_most": _SHOWN,
        **_motions_and_commitments(around, outgoing),
        **link_context(request, around, form),
    }
    return render(request, "web/parliament/paper.html", context, status=status)


def _source_name(source: str) -> str:
    key = f"paper_source.{source.replace('-', '_')}"
    return say(None, key) if has_text(key) else source


def _belongs(around: PaperAround) -> list[Named]:
    """Give the matters and documents that a paper belongs to or is the same as."""
    other = [*around.identities, around.paper.same_as, *(str(each) for each in around.paper.matters)]
    keys = [each for each in dict.fromkeys(other) if each and each != around.paper.paper]
    named = named_targets(keys)
    found = {named[each].key: named[each] for each in keys if named[each].key != around.paper.paper}
    return list(found.values())


def _marked(
    paper: Paper,
    refers: Sequence[ReferenceShown],
    commitments: Sequence[Commitment],
    named: Mapping[str, Named],
) -> dict[str, Any]:
    """Write title and text with their marks."""
    # a reference may stand in the matter that the paper is the same as: its places are of another text
    own = [each for each in refers if each.reference.paper_id == paper.pk]
    in_title = [_mark(each, named) for each in own if each.reference.field == "title"]
    in_text = [_mark(each, named) for each in own if each.reference.field == "text"]
    in_text += [_commitment_mark(each) for each in commitments if each.start is not None]
    return {
        "marked_title": marked_line(paper.title, in_title),
        "marked_text": marked_text(paper.text, in_text),
        "has_marks": bool(in_text if paper.text else in_title),
    }


def _mark(each: ReferenceShown, named: Mapping[str, Named]) -> Mark:
    reference, target = each.reference, named.get(each.reference.target)
    is_motion = reference.kind == "motion" or each.motion is not None
    url, said = "", say(None, f"relation.{reference.relation}")
    if target is not None:
        url = target.url or target.official
        where = "" if target.url else f"; {say(None, 'paper.elsewhere')}"
        said = f"{said}: {target.name}{where}"
    elif each.motion is not None:
        url = reverse("motion", kwargs={"motion": each.motion.motion})
        said = f"{said}: {shown(each.motion.motion)}"
    return Mark(
        reference.start,
        reference.end,
        "motion" if is_motion else "reference",
        url=url,
        said=said,
        anchor=f"r-{reference.start}" if reference.field == "text" else "",
    )


def _commitment_mark(commitment: Commitment) -> Mark:
    start = commitment.start or 0
    kind, state = kind_of_commitment(commitment), commitment_tag(commitment).name
    return Mark(
        start,
        commitment.end or start,
        "commitment",
        url=reverse("commitment", kwargs={"commitment": commitment.commitment}),
        note=f"{kind}: {state}",
        anchor=f"c-{start}",
    )


def _motions_and_commitments(around: PaperAround, outgoing: Sequence[OutgoingRow]) -> dict[str, Any]:
    """Give the motion that the paper is, those that it deals with, and the commitments it makes and meets."""
    dealt: dict[str, str] = {}
    motions: dict[str, Motion] = {}
    for each in outgoing:
        if each.motion is not None and each.relation in (
            Relation.CARRIES_OUT,
            Relation.ANSWERS,
            Relation.SETTLES,
        ):
            key = each.motion.motion
            motions[key] = each.motion
            dealt[key] = min(dealt.get(key, each.relation), each.relation, key=strength)
    for motion in motions_of(MotionFilters(settled_by=around.paper.paper))[:_SHOWN]:
        motions.setdefault(motion.motion, motion)
    own = [around.motion] if around.motion is not None else []
    rows = motion_rows([*own, *motions.values()])
    met = list(commitments_of(CommitmentFilters()).filter(met_by__in=around.identities)[:_SHOWN])
    makes = list(around.commitments[:_SHOWN])
    commitments = commitment_rows([*makes, *met])
    return {
        "own_motion": rows[0] if own else None,
        "dealt_with": [
            (row, say(None, f"relation.{dealt.get(row.motion.motion, row.state.state_relation)}"))
            for row in rows[len(own) :]
        ],
        "makes": commitments[: len(makes)],
        "makes_count": len(around.commitments),
        "meets": commitments[len(makes) :],
    }
