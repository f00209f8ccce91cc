"""Pages on commitments: the list, overdue ones first, and one commitment with what its state rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from geomonitor.archive.models import Commitment, CommitmentState, Judged
from geomonitor.archive.queries import CommitmentFilters, commitments_of
from geomonitor.dossier.reading.normal_forms import shown
from geomonitor.register.access import require
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.language import say
from geomonitor.web.parliament.asking import asked_choice, asked_words, kept_query, page_of
from geomonitor.web.parliament.evidence import evidence_rows, evidence_table
from geomonitor.web.parliament.judgement_forms import JudgementForm, judgement_context
from geomonitor.web.parliament.naming import (
    Named,
    StateTag,
    commitment_tag,
    kind_of_commitment,
    named_paper,
    named_targets,
    paper_url,
)
from geomonitor.web.parliament.tables import (
    LONGEST_DOWNLOAD,
    archive_provenance,
    asked_dossier,
    counted_states,
    cut_note,
    in_parts,
    with_state,
)
from geomonitor.web.words import NotThereError

__all__ = [
    "CommitmentRow",
    "by_urgency",
    "commitment_page",
    "commitment_response",
    "commitment_rows",
    "commitments_page",
    "urgent_commitments",
]

_PAGE = 50
_ON_START_PAGE = 5
_FILTERS = ("dossier", "state", "kind", "words", "order")
_KINDS = ("commitment", "announcement")
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "urgency": (),
    "newest": ("-made_on", "-commitment"),
    "due": ("due_until", "commitment"),
}
# "overdue" stands first, then what is due, open, met
_URGENCY = (
    CommitmentState.OVERDUE,
    CommitmentState.DUE,
    CommitmentState.OPEN,
    CommitmentState.MET,
)


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """A commitment in a list.

    Attributes
    ----------
    when : str
        The days that its words for when mean.
    source : Named or None
        The paper that makes it.
    place : str
        Address of the sentence in that paper.
    """

    commitment: Commitment
    name: str
    kind: str
    state: StateTag
    when: str
    source: Named | None
    place: str
    met_by: Named | None


def commitment_rows(commitments: Sequence[Commitment]) -> list[CommitmentRow]:
    """Give commitments, read with their papers, as rows: a query for all the papers that meet them."""
    named = named_targets(each.met_by for each in commitments)
    return [
        CommitmentRow(
            commitment=each,
            name=_name(each),
            kind=kind_of_commitment(each),
            state=commitment_tag(each),
            when=_when(each),
            source=named_paper(each.paper) if each.paper is not None else None,
            place=f"{paper_url(each.paper.paper)}#c-{each.start}"
            if each.paper is not None and each.start is not None
            else "",
            met_by=named.get(each.met_by),
        )
        for each in commitments
    ]


def _name(commitment: Commitment) -> str:
    if commitment.official or commitment.paper is None:
        return commitment.commitment
    return shown(commitment.paper.paper)


def _when(commitment: Commitment) -> str:
    """Say which days its words mean; empty where they give none."""
    if commitment.due_until is None:
        return ""
    last = date_format(commitment.due_until, "j F Y")
    # "by" a day counts from the paper itself
    if commitment.due_from in (None, commitment.due_until, commitment.made_on):
        return say(None, "commitment.until", last=last)
    return say(None, "commitment.from_until", first=date_format(commitment.due_from, "j F Y"), last=last)


def by_urgency(found: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """Put overdue ones first, then what is due soonest; of `commitments_of`, which gives the state."""
    rank = Case(
        *(When(current=each, then=Value(place)) for place, each in enumerate(_URGENCY)),
        default=Value(len(_URGENCY)),
        output_field=IntegerField(),
    )
    return found.order_by(
        rank, F("due_until").asc(nulls_last=True), F("made_on").desc(nulls_last=True), "commitment"
    )


def urgent_commitments() -> dict[str, Any]:
    """Give what the start page shows: commitments to parliament that are overdue or due, the most urgent."""
    found = with_state(
        commitments_of(CommitmentFilters(kind="commitment")), CommitmentState.OVERDUE, CommitmentState.DUE
    )
    counted = counted_states(found)
    return {
        "urgent": commitment_rows(list(by_urgency(found)[:_ON_START_PAGE])) if counted else [],
        "urgent_overdue": counted[CommitmentState.OVERDUE],
        "urgent_due": counted[CommitmentState.DUE],
    }


@require_safe
def commitments_page(request: HttpRequest) -> HttpResponse:
    """List commitments, by dossier, state, kind and words."""
    require(request.user, "read_evidence")
    dossier = asked_dossier(request)
    state = asked_choice(request, "state", CommitmentState.values)
    kind = asked_choice(request, "kind", _KINDS)
    order = asked_choice(request, "order", _ORDERS) or "urgency"
    words = asked_words(request, "words")
    found = commitments_of(CommitmentFilters(dossier=dossier, state=state, kind=kind, words=words))
    found = by_urgency(found) if order == "urgency" else found.order_by(*_ORDERS[order])
    wanted = wanted_download(request)
    if wanted:
        rows = in_parts(list(found[:LONGEST_DOWNLOAD]), commitment_rows)
        filters = [
            dossier,
            state and say(None, f"commitment_state.{state}"),
            kind and say(None, f"commitment.kind_{kind}"),
            words,
        ]
        return page_download(
            wanted,
            {"commitments": commitments_table(rows)},
            name="geomonitor",
            title=say(None, "commitment.many"),
            provenance=archive_provenance(request, filters, cut=cut_note(found, len(rows))),
        )
    page = page_of(request, found, _PAGE)
    context = {
        "rows": commitment_rows(list(page)),
        "page": page,
        "count": page.paginator.count,
        "any": bool(page.paginator.count) or Commitment.objects.exists(),
        "chosen": {
            "dossier": request.GET.get("dossier", ""),
            "state": state,
            "kind": kind,
            "words": words,
            "order": order,
        },
        "states": [(each, say(None, f"commitment_state.{each}")) for each in _URGENCY],
        "kinds": [(each, say(None, f"commitment.kind_{each}")) for each in _KINDS],
        "orders": [(each, say(None, f"commitment.order_{each}")) for each in _ORDERS],
        "query": kept_query(request, _FILTERS),
        "longest_download": LONGEST_DOWNLOAD,
    }
    return render(request, "web/parliament/commitments.html", context)


def commitments_table(rows: Sequence[CommitmentRow]) -> DataTable:
    """Make the table of commitments, for a download."""
    keys = (
        "number", "kind", "text", "actor", "subject", "dossier", "source", "made_on", "due_text",
        "due_from", "due_until", "state", "judged", "met_by", "met_on",
    )  # fmt: skip
    made = []
    for row in rows:
        each = row.commitment
        made.append(
            (
                each.commitment,
                row.kind,
                each.text,
                each.actor or None,
                each.subject or None,
                each.dossier or None,
                row.source.key if row.source else None,
                each.made_on.isoformat() if each.made_on else None,
                each.due_text or None,
                *(day.isoformat() if day else None for day in (each.due_from, each.due_until)),
                row.state.name,
                say(None, "parliament.yes") if row.state.judged else say(None, "parliament.no"),
                each.met_by or None,
                each.met_on.isoformat() if each.met_on else None,
            )
        )
    return DataTable.of(
        say(None, "commitment.many"), [Column(say(None, f"commitment.{key}")) for key in keys], made
    )


@require_safe
def commitment_page(request: HttpRequest, commitment: str) -> HttpResponse:
    """Show one commitment."""
    require(request.user, "read_evidence")
    return commitment_response(request, commitment)


def commitment_response(
    request: HttpRequest, key: str, form: JudgementForm | None = None, status: int = 200
) -> HttpResponse:
    """Show one commitment, with the form of a judgement as it was sent where that was refused."""
    record = commitments_of(CommitmentFilters()).filter(commitment=key).first()
    if record is None:
        raise NotThereError(
            say(None, "commitment.not_there"), where=key, next_step=say(None, "parliament.not_there_next")
        )
    row = commitment_rows([record])[0]
    evidence = evidence_rows(record.state_evidence, "commitment_state")
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {
                "commitment": commitments_table([row]),
                "evidence": evidence_table(evidence),
            },
            name=f"geomonitor-{record.commitment}",
            title=row.name,
            provenance=archive_provenance(request),
        )
    context = {
        "row": row,
        "record": record,
        "dossier_name": shown(f"dossier-{record.dossier}"),
        "evidence": evidence,
        "derived": say(None, f"commitment_state.{record.state}"),
        **judgement_context(request, Judged.COMMITMENT, record.commitment, record, form),
    }
    return render(request, "web/parliament/commitment.html", context, status=status)
