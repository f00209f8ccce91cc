"""Pages on dossiers: the list, and a dossier as a timeline."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from geomonitor.archive.models import (
    CommitmentState,
    Dossier,
    MotionState,
    Reference,
    SyncPosition,
)
from geomonitor.archive.queries import (
    CommitmentFilters,
    MotionFilters,
    TimelineEntry,
    commitments_of,
    motions_of,
    timeline,
)
from geomonitor.dossier.reading.normal_forms import identify, official_address, shown
from geomonitor.register.access import may, require
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.language import say
from geomonitor.web.parliament.asking import asked_choice, asked_words, kept_query, page_of
from geomonitor.web.parliament.commitments import CommitmentRow, commitment_rows
from geomonitor.web.parliament.naming import StateTag, motion_tag, paper_url
from geomonitor.web.parliament.tables import LONGEST_DOWNLOAD, archive_provenance, counted_states, with_state
from geomonitor.web.words import NotThereError

__all__ = ["Stop", "Year", "dossier_page", "dossiers_page"]

_PAGE = 50
_STOPS = 100
_AHEAD = 20
_AT_ONCE = 500
_ORDERS: Mapping[str, tuple[str | OrderBy, ...]] = {
    "newest": (F("last_date").desc(nulls_last=True), "dossier"),
    "papers": ("-papers", "dossier"),
    "dossier": ("dossier",),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A paper in the timeline.

    Attributes
    ----------
    referred : int
        How many papers refer to it.
    motion_state : StateTag or None
        Where it is a motion.
    """

    entry: TimelineEntry
    name: str
    url: str
    referred: int
    motion_state: StateTag | None


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the timeline; none for papers without a date."""

    year: int | None
    stops: tuple[Stop, ...]


@require_safe
def dossiers_page(request: HttpRequest) -> HttpResponse:
    """List the dossiers of the archive, those with the newest papers first."""
    require(request.user, "read_evidence")
    words = asked_words(request, "words")
    order = asked_choice(request, "order", _ORDERS) or "newest"
    found = Dossier.objects.filter(papers__gt=0)
    for word in words.split()[:10]:
        read = identify(word)
        key = read[1].removeprefix("dossier-") if read is not None and read[0] == "dossier" else word
        found = found.filter(Q(title__icontains=word) | Q(dossier__istartswith=key))
    read = identify(words) if words else None
    if read is not None and read[0] == "dossier":
        found = Dossier.objects.filter(dossier__startswith=read[1].removeprefix("dossier-"))
    found = found.order_by(*_ORDERS[order])
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {"dossiers": _dossiers_table(list(found[:LONGEST_DOWNLOAD]))},
            name="geomonitor",
            title=say(None, "parliament_dossier.many"),
            provenance=archive_provenance(request, [words]),
        )
    page = page_of(request, found, _PAGE)
    context = {
        "rows": [(each, shown(f"dossier-{each.dossier}")) for each in page],
        "page": page,
        "count": page.paginator.count,
        "any": bool(page.paginator.count) or Dossier.objects.exists(),
        "chosen": {"words": words, "order": order},
        "orders": [(each, say(None, f"parliament_dossier.order_{each}")) for each in _ORDERS],
        "query": kept_query(request, ("words", "order")),
        "may_sync": may(request.user, "run_jobs"),
    }
    return render(request, "web/parliament/dossiers.html", context)


def _dossiers_table(dossiers: Sequence[Dossier]) -> DataTable:
    return DataTable.of(
        say(None, "parliament_dossier.many"),
        [
            Column(say(None, "parliament_dossier.key")),
            Column(say(None, "parliament_dossier.title")),
            Column(say(None, "parliament_dossier.papers"), "count"),
            Column(say(None, "parliament_dossier.first_date")),
            Column(say(None, "parliament_dossier.last_date")),
        ],
        [
            (
                each.dossier,
                each.title or None,
                each.papers,
                each.first_date.isoformat() if each.first_date else None,
                each.last_date.isoformat() if each.last_date else None,
            )
            for each in dossiers
        ],
    )


@require_safe
def dossier_page(request: HttpRequest, dossier: str) -> HttpResponse:
    """Show a dossier as a timeline, with what is due ahead of today."""
    require(request.user, "read_evidence")
    record = Dossier.objects.filter(dossier=dossier).first()
    if record is None:
        raise NotThereError(
            say(None, "parliament_dossier.not_there", dossier=shown(f"dossier-{dossier}")),
            where=dossier,
            next_step=say(None, "parliament_dossier.not_there_next"),
        )
    kind = asked_words(request, "kind", 120)
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {"timeline": _timeline_table(_every_stop(dossier, kind))},
            name=f"geomonitor-{dossier}",
            title=shown(f"dossier-{dossier}"),
            provenance=archive_provenance(request, [kind]),
        )
    page = timeline(dossier, page=_page_number(request), page_size=_STOPS, kind=kind)
    today = timezone.localdate()
    ahead, overdue = _unmet(dossier, today) if page.page == 1 else ([], [])
    pages = Paginator(range(page.total), _STOPS)
    context = {
        "dossier": record,
        "name": shown(f"dossier-{dossier}"),
        "official": official_address(f"dossier-{dossier}"),
        "timeline": page,
        "page": pages.get_page(page.page),
        "years": _years(_stops(page.entries)),
        "ahead": ahead,
        "overdue": overdue,
        "today": today,
        "kind": kind,
        "query": kept_query(request, ("kind",)),
        "counts": _counts(dossier),
        "positions": SyncPosition.objects.filter(scope__in=(dossier, "all")).order_by("-changed_at")[:10],
        "may_sync": may(request.user, "run_jobs"),
    }
    return render(request, "web/parliament/dossier.html", context)


def _page_number(request: HttpRequest) -> int:
    typed = request.GET.get("page", "1")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 1


def _stops(entries: Sequence[TimelineEntry]) -> list[Stop]:
    referring = _referring({name for each in entries for name in _names(each) if name})
    return [
        Stop(
            entry=each,
            name=shown(each.paper.paper),
            url=paper_url(each.paper.paper),
            referred=len(set().union(*(referring.get(name, ()) for name in _names(each)))),
            motion_state=motion_tag(each.motion) if each.motion is not None else None,
        )
        for each in entries
    ]


def _names(entry: TimelineEntry) -> tuple[str, str]:
    """Give the identifiers by which others refer to a paper."""
    return entry.paper.paper, entry.paper.same_as


def _referring(names: Collection[str]) -> dict[str, set[int]]:
    """Give the papers that refer to each of these, by number or as the motion that it is: one query."""
    found: dict[str, set[int]] = {}
    places = (
        Reference.objects.filter(Q(target__in=names) | Q(motion__in=names))
        .filter(paper__withdrawn_at__isnull=True)
        .order_by()
        .values_list("target", "motion", "paper")
        .distinct()
    )
    for target, motion, paper in places:
        for name in {target, motion} & set(names):
            found.setdefault(name, set()).add(paper)
    return found


def _every_stop(dossier: str, kind: str) -> list[Stop]:
    """Give the timeline for a file, as far as a file goes."""
    stops: list[Stop] = []
    number, last = 1, 1
    while number <= last and len(stops) < LONGEST_DOWNLOAD:
        page = timeline(dossier, page=number, page_size=_AT_ONCE, kind=kind)
        stops += _stops(page.entries)
        number, last = number + 1, page.pages
    return stops


def _years(stops: Sequence[Stop]) -> list[Year]:
    grouped: dict[int | None, list[Stop]] = {}
    for stop in stops:
        date = stop.entry.paper.date
        grouped.setdefault(date.year if date else None, []).append(stop)
    return [Year(year, tuple(found)) for year, found in grouped.items()]


def _unmet(dossier: str, today: datetime.date) -> tuple[list[CommitmentRow], list[CommitmentRow]]:
    """Give the commitments ahead, the farthest first as time runs on the page, and those that are overdue."""
    unmet = commitments_of(CommitmentFilters(dossier=dossier))
    ahead = with_state(unmet, CommitmentState.OPEN, CommitmentState.DUE).filter(due_until__gte=today)
    late = with_state(unmet, CommitmentState.OVERDUE).order_by(F("due_until").desc(nulls_last=True), "-pk")
    rows = commitment_rows([*reversed(ahead[:_AHEAD]), *late[:_AHEAD]])
    first_late = sum(1 for each in rows if each.state.state != CommitmentState.OVERDUE)
    return rows[:first_late], rows[first_late:]


def _counts(dossier: str) -> dict[str, int]:
    motions = counted_states(motions_of(MotionFilters(dossier=dossier)))
    commitments = counted_states(commitments_of(CommitmentFilters(dossier=dossier)))
    return {
        "motions": motions.total(),
        "motions_done": motions[MotionState.CARRIED_OUT] + motions[MotionState.SETTLED],
        "motions_open": motions[MotionState.ADOPTED],
        "commitments": commitments.total(),
        "overdue": commitments[CommitmentState.OVERDUE],
        "due": commitments[CommitmentState.DUE],
    }


def _timeline_table(stops: Sequence[Stop]) -> DataTable:
    keys = ("paper", "date", "kind", "title", "motion_state", "settled_by")
    return DataTable.of(
        say(None, "parliament_dossier.timeline"),
        [
            *(Column(say(None, f"parliament_dossier.{key}")) for key in keys),
            Column(say(None, "parliament_dossier.referred"), "count"),
            Column(say(None, "parliament_dossier.commitments"), "count"),
            Column(say(None, "parliament_dossier.url")),
        ],
        [
            (
                each.entry.paper.paper,
                each.entry.paper.date.isoformat() if each.entry.paper.date else None,
                each.entry.paper.kind or None,
                each.entry.paper.title,
                each.motion_state.name if each.motion_state else None,
                (each.entry.motion.settled_by if each.entry.motion else "") or None,
                each.referred,
                each.entry.commitments,
                each.entry.paper.url or official_address(each.entry.paper.paper) or None,
            )
            for each in stops
        ],
    )
