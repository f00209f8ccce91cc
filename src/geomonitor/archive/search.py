"""Search in the papers of the archive."""

from __future__ import annotations

import datetime
import enum
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from geomonitor.archive.models import Paper, SearchEntry, SearchGroup, StemCount, StemOfWord
from geomonitor.archive.search_backend import Condition
from geomonitor.archive.search_databases import backend_of
from geomonitor.archive.search_index import (
    ROWS_A_DAY,
    RebuildOutcome,
    forget_papers,
    index_papers,
    rebuild,
    rows_for,
)
from geomonitor.archive.search_rank import rank
from geomonitor.dossier.search_query import Item, ItemKind, Query, QueryNote, filter_item, parse_query
from geomonitor.dossier.search_snippets import MarkedText, Wanted, mark_title, snippet

__all__ = [
    "LARGEST_PAGE",
    "MOST_COUNTED",
    "MOST_FACETED",
    "Facet",
    "Hit",
    "MarkedText",
    "Order",
    "RebuildOutcome",
    "SearchAnswer",
    "SearchRequest",
    "forget_papers",
    "index_papers",
    "rebuild",
    "rows_for",
    "search",
]

MOST_FACETED = 5_000
"""Of the newest so many hits the facets are counted, and so many can be paged through."""

MOST_COUNTED = 50_000
"""Hits beyond this number are not counted: "at least"."""

LARGEST_PAGE = 200

_LAST_DAY = datetime.date.max.toordinal()
_MOST_EXPANSIONS = 50
_SHOWN_FACETS = 30


class Order(enum.StrEnum):
    """In which order hits are shown."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What to search for.

    Parameters
    ----------
    query : str
        As `geomonitor.dossier.search_query` reads it; any text. Without words, the filters alone.
    dossier, kind, family : str
        Only papers of this dossier, of this kind, of this family; empty for all.
    since, until : datetime.date or None
        Only papers of these days, both included. Papers without a date are then left out.
    loaded_after : datetime.datetime or None
        Only papers that were loaded or changed after this moment.
    order : Order
    page : int
        From 1.
    page_size : int
        At most `LARGEST_PAGE`.
    """

    query: str = ""
    dossier: str = ""
    kind: str = ""
    family: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None
    loaded_after: datetime.datetime | None = None
    order: Order | str = Order.NEWEST
    page: int = 1
    page_size: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that answers.

    Parameters
    ----------
    paper : str
        Its identifier.
    family, kind, dossier, number : str
    date : datetime.date or None
    title : MarkedText
    snippet : MarkedText or None
        The part of the text that answers best; None for a paper without text.
    score : float or None
        Where hits are ranked.
    identified : bool
        Whether the query is its identifier.
    cut : bool
        Whether its text was too long to be indexed to the end.
    """

    paper: str
    family: str
    kind: str
    dossier: str
    number: str
    date: datetime.date | None
    title: MarkedText
    snippet: MarkedText | None
    score: float | None
    identified: bool
    cut: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that hits have, and how many have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """What was found.

    Parameters
    ----------
    hits : tuple of Hit
        Of the page that was asked for.
    total : int
    total_is_exact : bool
        False where there are at least so many.
    facets : mapping of str to tuple of Facet
        By dossier, kind, family and year; the most frequent first, years newest first.
    facets_are_exact : bool
        False where only the newest `MOST_FACETED` hits were counted.
    notes : tuple of QueryNote
        What whoever asked should know. Keys: query_cut, prefix_too_short, no_words, dossier_unknown_form
        (of the query), until_before_since, identifier_not_here, total_at_least, facets_of_newest,
        ranked_newest, index_empty.
    order : Order
        The one that was used.
    page, pages : int
        The page given, and how many can be asked for.
    identifier : tuple of (str, str) or None
        Kind and normal form, where the query is an identifier.
    elapsed : float
        Seconds.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    total_is_exact: bool = True
    facets: Mapping[str, tuple[Facet, ...]] = field(default_factory=dict)
    facets_are_exact: bool = True
    notes: tuple[QueryNote, ...] = ()
    order: Order = Order.NEWEST
    page: int = 1
    pages: int = 0
    identifier: tuple[str, str] | None = None
    elapsed: float = 0.0


def search(request: SearchRequest) -> SearchAnswer:
    """Search.

    Parameters
    ----------
    request : SearchRequest

    Returns
    -------
    SearchAnswer

    Raises
    ------
    ValueError
        If the order is none of `Order`.
    """
    begin = time.perf_counter()
    query = parse_query(request.query)
    notes = list(query.notes)
    order = Order(request.order)
    condition = _condition(request, query)
    if condition is None:
        if not query.wordless:
            notes.append(QueryNote("until_before_since"))
        return SearchAnswer(notes=tuple(notes), order=order, elapsed=time.perf_counter() - begin)
    backend = backend_of(connection)
    found = backend.newest(connection, condition, MOST_FACETED + 1)
    total, exact = len(found), True
    faceted = found[:MOST_FACETED]
    rows = [row for row, _ in faceted]
    if total > MOST_FACETED:
        total = backend.count(connection, condition, MOST_COUNTED + 1)
        exact = total <= MOST_COUNTED
        total = min(total, MOST_COUNTED)
        notes.append(QueryNote("facets_of_newest", str(MOST_FACETED)))
    if not exact:
        notes.append(QueryNote("total_at_least", str(MOST_COUNTED)))
    facets = _facets(faceted)
    scores: dict[int, float] = {}
    if order is Order.RELEVANCE:
        scores = rank(rows, query.positive(), condition)
        if scores and len(scores) < total:
            notes.append(QueryNote("ranked_newest", str(len(scores))))
        rows = [*sorted(scores, key=lambda row: (-scores[row], -row)), *rows[len(scores) :]]
    named = _named(query, rows)
    if named is not None:
        rows = [named, *(row for row in rows if row != named)]
    elif query.identifier is not None and query.identifier[0] in ("paper", "matter", "document"):
        notes.append(QueryNote("identifier_not_here", query.identifier[1]))
    if not found and not SearchEntry.objects.exists() and Paper.objects.exists():
        notes.append(QueryNote("index_empty"))
    size = min(max(request.page_size, 1), LARGEST_PAGE)
    pages = -(-len(rows) // size)
    page = min(max(request.page, 1), max(pages, 1))
    return SearchAnswer(
        hits=_hits(rows[(page - 1) * size : page * size], query, condition, scores, named),
        total=total,
        total_is_exact=exact,
        facets=facets,
        facets_are_exact=len(found) <= MOST_FACETED,
        notes=tuple(notes),
        order=order,
        page=page,
        pages=pages,
        identifier=query.identifier,
        elapsed=time.perf_counter() - begin,
    )


def _condition(request: SearchRequest, query: Query) -> Condition | None:
    """Put query and filters together; None where nothing can answer."""
    if query.wordless:
        return None
    groups = list(query.groups)
    for name in ("dossier", "kind", "family"):
        if value := getattr(request, name).strip():
            groups.append((filter_item(name, value),))
    first = 0
    last = (_LAST_DAY + 1) * ROWS_A_DAY - 1
    if request.since is not None or request.until is not None:
        # day 1: papers without a date have day 0
        first = max(request.since.toordinal() if request.since else 1, 1) * ROWS_A_DAY
    if request.until is not None:
        last = (request.until.toordinal() + 1) * ROWS_A_DAY - 1
    if first > last:
        return None
    return Condition(tuple(groups), _expansions(groups), first, last, request.loaded_after)


def _expansions(groups: Sequence[Sequence[Item]]) -> dict[str, tuple[str, ...]]:
    """Find the stems of words that begin as asked, where the stem does not: afhank of afhankelijkhe*."""
    found: dict[str, tuple[str, ...]] = {}
    for item in (each for group in groups for each in group if each.kind is ItemKind.PREFIX):
        begins = item.stems[0]
        if connection.vendor == "sqlite":
            # where LIKE would go through the whole table
            words = StemOfWord.objects.filter(
                word__gte=begins, word__lt=begins[:-1] + chr(ord(begins[-1]) + 1)
            )
        else:
            words = StemOfWord.objects.filter(word__startswith=begins)
        begin_otherwise = (
            words.exclude(stem__startswith=begins).values_list("stem", flat=True).distinct().order_by("stem")
        )
        stems = tuple(begin_otherwise[: 20 * _MOST_EXPANSIONS])
        found[begins] = stems if len(stems) <= _MOST_EXPANSIONS else _most_frequent(stems)
    return found


def _most_frequent(stems: Sequence[str]) -> tuple[str, ...]:
    counted = StemCount.objects.filter(stem__in=stems).order_by("-papers", "stem")
    return tuple(counted.values_list("stem", flat=True)[:_MOST_EXPANSIONS])


# a group never changes, so what was read once stays true
_groups: dict[int, tuple[str, str, str]] = {}


def _facets(found: Sequence[tuple[int, int]]) -> dict[str, tuple[Facet, ...]]:
    days = Counter([row // ROWS_A_DAY for row, _ in found])
    years: Counter[str] = Counter()
    for day, count in days.items():
        if day:
            years[str(datetime.date.fromordinal(day).year)] += count
    counted: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    for group, count in _counted_groups(found).items():
        for counter, value in zip(counted, _groups[group], strict=True):
            counter[value] += count
    facets = {}
    for name, counter in zip(("dossier", "kind", "family"), counted, strict=True):
        del counter[""]
        most = sorted(counter.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN_FACETS]
        facets[name] = tuple(Facet(value, count) for value, count in most)
    facets["year"] = tuple(Facet(year, years[year]) for year in sorted(years, reverse=True))
    return facets


def _counted_groups(found: Sequence[tuple[int, int]]) -> Counter[int]:
    """Count the groups of hits, and read the groups that are not known yet."""
    counted = Counter([group for _, group in found])
    new = [group for group in counted if group not in _groups]
    for start in range(0, len(new), 500):
        some = SearchGroup.objects.filter(group__in=new[start : start + 500])
        for group, *values in some.values_list("group", "dossier", "kind", "family"):
            dossier, kind, family = values
            _groups[group] = (dossier, kind, family)
    return counted


def _named(query: Query, rows: Sequence[int]) -> int | None:
    """Give the row of the paper whose identifier was asked for, where it is among the hits."""
    if query.identifier is None:
        return None
    row = Paper.objects.filter(paper=query.identifier[1]).values_list("search_row", flat=True).first()
    return row if row in rows else None


def _hits(
    rows: Sequence[int], query: Query, condition: Condition, scores: Mapping[int, float], named: int | None
) -> tuple[Hit, ...]:
    items = query.positive()
    wanted = Wanted(
        items,
        [stem for stems in condition.expansions.values() for stem in stems],
        enough=query.wanted_groups,
    )
    papers = {
        paper.search_row: paper
        for paper in Paper.objects.filter(search_row__in=rows, withdrawn_at=None).only(
            "search_row", "paper", "family", "kind", "dossier", "number", "date", "title", "text"
        )
    }
    cut = set(SearchEntry.objects.filter(search_row__in=rows, cut=True).values_list("search_row", flat=True))
    return tuple(
        _hit(papers[row], wanted, scores.get(row), row == named, row in cut) for row in rows if row in papers
    )


def _hit(paper: Paper, wanted: Wanted, score: float | None, identified: bool, cut: bool) -> Hit:
    return Hit(
        paper=paper.paper,
        family=paper.family,
        kind=paper.kind,
        dossier=paper.dossier,
        number=paper.number,
        date=paper.date,
        title=mark_title(paper.title, wanted),
        snippet=snippet(paper.text, wanted) if paper.text.strip() else None,
        score=score,
        identified=identified,
        cut=cut,
    )
