"""The search page over all papers: words, filters, facets, hits with the words found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from geomonitor.archive.models import Paper
from geomonitor.archive.search import (
    LARGEST_PAGE,
    Facet,
    Order,
    SearchAnswer,
    SearchRequest,
    search,
)
from geomonitor.dossier.reading.normal_forms import official_address, shown
from geomonitor.dossier.records import Family
from geomonitor.dossier.search_query import LONGEST_QUERY
from geomonitor.register.access import may, require
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.language import active_language, has_text, say
from geomonitor.web.parliament.asking import asked_choice, asked_day, asked_words, kept_query
from geomonitor.web.parliament.hits import hit_rows
from geomonitor.web.parliament.naming import Named, named_targets, shortened
from geomonitor.web.parliament.tables import archive_provenance, asked_dossier

__all__ = ["FacetLink", "asked_search", "papers_page"]

FILTERS = ("q", "dossier", "kind", "family", "since", "until", "order")
"""The conditions of a search in its address."""

_PAGE = 20
_LONGEST_DOWNLOAD = 2_000
_FACETS = ("family", "kind", "dossier", "year")
_SHOWN_FACETS = 12
# the number of hits says the one, the note on the number that was typed the other
_SAID_ELSEWHERE = frozenset({"total_at_least", "identifier_not_here"})
_HELP = (
    ("dwang afhankelijk", "papers.help_words"),
    ('"strategische keuze"', "papers.help_phrase"),
    ("china OF rusland", "papers.help_or"),
    ("-amerika", "papers.help_not"),
    ("grondsto*", "papers.help_prefix"),
    ("titel:invest", "papers.help_title"),
    ("dossier:36200*", "papers.help_dossier"),
    ("soort:motie", "papers.help_kind"),
    ("35 207, nr. 60", "papers.help_identifier"),
)


@dataclass(frozen=True, slots=True)
class FacetLink:
    """A value to narrow a search down to; or, where it is chosen, the way back."""

    name: str
    count: str
    address: str
    chosen: bool
    foreign: bool


def asked_search(request: HttpRequest) -> SearchRequest:
    """Read a search from the address.

    Raises
    ------
    NotThereError, WrongRequestError
        If a filter has a value that it cannot have.
    """
    return SearchRequest(
        query=asked_words(request, "q", LONGEST_QUERY),
        dossier=asked_dossier(request),
        kind=asked_words(request, "kind", 120),
        family=asked_choice(request, "family", [each.value for each in Family]),
        since=asked_day(request, "since"),
        until=asked_day(request, "until"),
        order=Order(asked_choice(request, "order", [each.value for each in Order]) or Order.NEWEST),
        page=_page_number(request),
        page_size=_PAGE,
    )


def _page_number(request: HttpRequest) -> int:
    typed = request.GET.get("page", "1")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 1


@require_safe
def papers_page(request: HttpRequest) -> HttpResponse:
    """Search in the papers."""
    require(request.user, "read_evidence")
    asked = asked_search(request)
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {"papers": _hits_table(asked)},
            name="geomonitor",
            title=say(None, "papers.many"),
            provenance=archive_provenance(request, _filters_said(asked), cut=_cut(asked)),
        )
    answer = search(asked)
    filled = {name for name, value in request.GET.items() if value}
    leads_to = _page_of(answer) if filled <= {"q", "order"} else None
    if leads_to is not None:
        return redirect(leads_to)
    context: dict[str, Any] = {
        "asked": asked,
        "typed": {name: request.GET.get(name, "") for name in FILTERS},
        "rows": hit_rows(answer.hits),
        "count": _count(answer),
        "facets": _facets(request, answer),
        "notes": [_note(each.key, each.value) for each in answer.notes if each.key not in _SAID_ELSEWHERE],
        "named": _named(answer),
        "page": Paginator(range(answer.pages), 1).get_page(answer.page),
        "families": [(each.value, say(None, f"family.{each.value}")) for each in Family],
        "orders": [(each.value, say(None, f"papers.order_{each.value}")) for each in Order],
        "query": kept_query(request, FILTERS),
        "any": bool(answer.total) or Paper.objects.exists(),
        "asks": asked != SearchRequest(order=asked.order, page=asked.page, page_size=_PAGE),
        "help": _HELP,
        "longest": _LONGEST_DOWNLOAD,
        "longer": answer.total > _LONGEST_DOWNLOAD,
        "may_sync": may(request.user, "run_jobs"),
        "kept": _kept(asked),
    }
    return render(request, "web/parliament/papers.html", context)


def _kept(asked: SearchRequest) -> list[tuple[str, str]]:
    """Give what is kept of a search: its conditions, without the order, which is that of news."""
    days = {"since": asked.since, "until": asked.until}
    words = {"q": asked.query, "dossier": asked.dossier, "kind": asked.kind, "family": asked.family}
    words |= {name: day.isoformat() for name, day in days.items() if day}
    return [(name, value) for name, value in words.items() if value]


def _page_of(answer: SearchAnswer) -> str | None:
    """Give the page of what was typed, where that is an identifier of something in the archive."""
    if answer.identifier is None:
        return None
    key = answer.identifier[1]
    return named_targets([key])[key].url or None


def _named(answer: SearchAnswer) -> Named | None:
    return named_targets([answer.identifier[1]])[answer.identifier[1]] if answer.identifier else None


def _count(answer: SearchAnswer) -> str:
    number = active_language().number(answer.total, 0)
    if not answer.total_is_exact:
        return say(None, "papers.count_at_least", number=number)
    if answer.total == 1:
        return say(None, "papers.count_one")
    return say(None, "papers.count_many", number=number)


def _note(key: str, value: str) -> str:
    """Say what whoever asked should know; the number in it as the language writes numbers."""
    if value.isdecimal():
        value = active_language().number(int(value), 0)
    return say(None, f"search_note.{key}", value=value) if has_text(f"search_note.{key}") else key


def _facets(request: HttpRequest, answer: SearchAnswer) -> list[tuple[str, list[FacetLink]]]:
    """Give the facets with their links, those that divide the hits or are chosen."""
    found = []
    for name in _FACETS:
        links = [_facet_link(request, name, each) for each in answer.facets.get(name, ())[:_SHOWN_FACETS]]
        if len(links) > 1 or any(each.chosen for each in links):
            found.append((say(None, f"papers.facet_{name}"), links))
    return found


def _facet_link(request: HttpRequest, name: str, facet: Facet) -> FacetLink:
    value = facet.value
    wanted: Mapping[str, str] = {name: value}
    if name == "year":
        wanted = {"since": f"{value}-01-01", "until": f"{value}-12-31"}
    chosen = all(request.GET.get(key, "").strip() == each for key, each in wanted.items())
    changed = dict.fromkeys(wanted, "") if chosen else wanted
    return FacetLink(
        name={
            "family": lambda: say(None, f"family.{value}") if has_text(f"family.{value}") else value,
            "dossier": lambda: shown(f"dossier-{value}"),
        }.get(name, lambda: value)(),
        count=active_language().number(facet.count, 0),
        address=f"?{kept_query(request, FILTERS, **changed).removesuffix('&')}",
        chosen=chosen,
        foreign=name == "kind",
    )


def _filters_said(asked: SearchRequest) -> list[str]:
    days = [each.isoformat() if each else "" for each in (asked.since, asked.until)]
    return [asked.query, asked.dossier, asked.kind, asked.family, " – ".join(days) if any(days) else ""]


def _cut(asked: SearchRequest) -> str:
    answer = search(replace(asked, page=1, page_size=1))
    if answer.total <= _LONGEST_DOWNLOAD:
        return ""
    number = active_language().number
    return say(None, "parliament.cut", written=number(_LONGEST_DOWNLOAD, 0), count=number(answer.total, 0))


def _hits_table(asked: SearchRequest) -> DataTable:
    """Make the table of hits, for a file."""
    rows = []
    for page in range(1, _LONGEST_DOWNLOAD // LARGEST_PAGE + 1):
        answer = search(replace(asked, page=page, page_size=LARGEST_PAGE))
        if answer.page != page:
            break
        rows += [
            (
                each.paper,
                each.dossier or None,
                each.number or None,
                each.date.isoformat() if each.date else None,
                each.kind or None,
                each.title.text,
                shortened(each.snippet.text, 400) if each.snippet is not None else None,
                official_address(each.paper) or None,
            )
            for each in answer.hits
        ]
    keys = ("paper", "dossier", "number", "date", "kind", "title", "snippet", "official_page")
    return DataTable.of(say(None, "papers.many"), [Column(say(None, f"papers.{key}")) for key in keys], rows)
