"""Papers put into the search index, and taken out of it."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from geomonitor.archive.models import Paper, SearchEntry, SearchGroup, SearchStems, StemCount, StemOfWord
from geomonitor.archive.reading_ahead import stems_reading
from geomonitor.archive.search_backend import ALL, IndexRow
from geomonitor.archive.search_databases import backend_of
from geomonitor.dossier.search_query import ids_mark, mark_of
from geomonitor.dossier.search_words import (
    LARGEST_TITLE,
    RULES,
    words_with_other_stems,
)
from geomonitor.errors import DataError

__all__ = ["ROWS_A_DAY", "RebuildOutcome", "forget_papers", "index_papers", "rebuild", "rows_for"]

ROWS_A_DAY = 1_000_000
"""Rows of one day in the index; the number of the day times this begins them."""

Progress = Callable[[str, int, int], None]
"""Takes what is done now, how much is done, and how much there is."""

_BATCH = 2_000
# any number that nothing else uses
_LOCK = 6_472_021
_READ = ("pk", "search_row", "paper", "family", "dossier", "kind", "title", "dossier_title", "text",
         "same_as", "matters", "withdrawn_at")  # fmt: skip


@dataclass(slots=True)
class RebuildOutcome:
    """What a rebuild did, in papers.

    Parameters
    ----------
    papers : int
        Looked at.
    indexed : int
        Indexed, for the first time or again.
    forgotten : int
        Taken out, since they are withdrawn or gone.
    """

    papers: int = 0
    indexed: int = 0
    forgotten: int = 0


def rows_for(dates: Sequence[datetime.date | None]) -> list[int]:
    """Give each new paper its row in the index, in order of date.

    Call it in the transaction that saves the papers, and save them before calling it again.

    Parameters
    ----------
    dates : sequence of datetime.date or None
        Of each paper; None comes before all dates.

    Raises
    ------
    DataError
        If a day has more papers than there are rows.
    """
    days = [0 if date is None else date.toordinal() for date in dates]
    with transaction.atomic():
        _one_at_a_time()
        taken = _last_serials(sorted(set(days)))
    rows = []
    for day in days:
        serial = taken[day] = taken[day] + 1
        if serial >= ROWS_A_DAY:
            raise DataError(
                f"There are more than {ROWS_A_DAY:,} papers of one day.",
                where=datetime.date.fromordinal(day).isoformat() if day else "papers without a date",
                expected="papers with the day of the paper itself",
                next_step="Look at the dates that the source gives.",
            )
        rows.append(day * ROWS_A_DAY + serial)
    return rows


def _one_at_a_time() -> None:
    """Wait, on PostgreSQL, until no other transaction writes the index; SQLite sees to it by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _last_serials(days: Sequence[int]) -> dict[int, int]:
    """Give the last serial number in use on each day; -1 where the day has none."""
    found: dict[int, int] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(days), 200):
            some = days[start : start + 200]
            given = " UNION ALL ".join(["SELECT %s AS low, %s AS high"] * len(some))
            values = [bound for day in some for bound in (day * ROWS_A_DAY, (day + 1) * ROWS_A_DAY)]
            cursor.execute(
                "SELECT days.low, (SELECT max(search_row) FROM archive_paper "
                "WHERE search_row >= days.low AND search_row < days.high) "
                f"FROM ({given}) AS days",
                values,
            )
            for low, last in cursor.fetchall():
                found[int(low) // ROWS_A_DAY] = -1 if last is None else int(last) - int(low)
    return found


def index_papers(papers: Sequence[Paper]) -> None:
    """Put papers into the index, or put them in anew; withdrawn ones are taken out.

    In the caller's transaction, if there is one.
    """
    with transaction.atomic():
        _one_at_a_time()
        _index([_Content.of_paper(paper) for paper in papers])


def forget_papers(papers: Sequence[Paper]) -> None:
    """Take papers out of the index; nothing happens to those that are not in it."""
    with transaction.atomic():
        _one_at_a_time()
        _forget(SearchEntry.objects.filter(paper_id__in=some) for some in _parts([p.pk for p in papers]))


def rebuild(progress: Progress | None = None, *, everything: bool = False) -> RebuildOutcome:
    """Bring the index up to date with the papers.

    It goes through all papers, and indexes those that the index does not have as they are now. Each batch
    is a transaction of its own: people can search and save meanwhile, and a rebuild that was ended goes on
    where it was.

    Parameters
    ----------
    progress : callable, optional
    everything : bool
        Empty the index first: when it is damaged. Until the rebuild ends, searches do not find everything.
    """
    tell = progress or (lambda text, done, total: None)
    outcome = RebuildOutcome()
    backend = backend_of(connection)
    if everything:
        with transaction.atomic():
            _one_at_a_time()
            backend.empty(connection)
            for model in (SearchEntry, StemCount, StemOfWord):
                model.objects.all().delete()
    total = Paper.objects.count()
    tell("Indexing papers", 0, total)
    after = -1
    while True:
        # read under the same lock as it is written, so that no paper changes in between
        with transaction.atomic():
            _one_at_a_time()
            rows = list(
                Paper.objects.filter(search_row__gt=after).order_by("search_row").values_list(*_READ)[:_BATCH]
            )
            if not rows:
                last = SearchEntry.objects.aggregate(last=Max("search_row"))["last"] or 0
                outcome.forgotten += _forget_between(after + 1, max(last, after + 1), set())
                break
            contents = [_Content(*row) for row in rows]
            live = {each.search_row for each in contents if each.withdrawn_at is None}
            outcome.forgotten += _forget_between(after + 1, contents[-1].search_row, live)
            outcome.indexed += _index([each for each in contents if each.search_row in live])
            after = contents[-1].search_row
        outcome.papers += len(rows)
        tell("Indexing papers", outcome.papers, total)
    if outcome.indexed or outcome.forgotten:
        tell("Putting the index in order", total, total)
        with transaction.atomic():
            backend.tidy(connection)
    return outcome


@dataclass(slots=True)
class _Content:
    """The fields of a paper that the index depends on, in the order of `_READ`."""

    pk: int
    search_row: int
    paper: str
    family: str
    dossier: str
    kind: str
    title: str
    dossier_title: str
    text: str
    same_as: str
    matters: Any
    withdrawn_at: datetime.datetime | None

    @classmethod
    def of_paper(cls, paper: Paper) -> _Content:
        return cls(*(getattr(paper, name) for name in _READ))

    def hash(self) -> int:
        about = [self.paper, self.family, self.dossier, self.kind, self.title, self.dossier_title, self.text,
                 self.same_as, self.matters]  # fmt: skip
        digest = hashlib.blake2b(json.dumps(about).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def group(self) -> tuple[int, str, str, str]:
        return _group(self.dossier, self.kind, self.family)

    def marks(self) -> str:
        marks = [ALL, mark_of("family", self.family)]
        marks += [ids_mark(each) for each in (self.paper, self.same_as, *self.matters) if each]
        if self.dossier:
            marks.append(mark_of("dossier", self.dossier))
        if self.kind:
            marks.append(mark_of("kind", self.kind))
        return " ".join(dict.fromkeys(marks))


@lru_cache(maxsize=50_000)
def _group(*about: str) -> tuple[int, str, str, str]:
    # six bytes: few enough for a small table, many enough that no two groups get the same
    digest = hashlib.blake2b("\0".join(about).encode(), digest_size=6).digest()
    dossier, kind, family = about
    return int.from_bytes(digest, "big", signed=True), dossier, kind, family


def _index(contents: Sequence[_Content]) -> int:
    """Index what is not in the index as it is now, and say how many those were."""
    there: dict[int, tuple[int, int, int]] = {}
    for some in _parts([each.pk for each in contents]):
        known = SearchEntry.objects.filter(paper_id__in=some)
        there |= {
            pk: (row, rules, content)
            for pk, row, rules, content in known.values_list("paper_id", "search_row", "rules", "content")
        }
    hashes = {each.pk: each.hash() for each in contents}
    live = [each for each in contents if each.withdrawn_at is None]
    todo = [each for each in live if there.get(each.pk) != (each.search_row, RULES, hashes[each.pk])]
    kept = {each.pk for each in live} - {each.pk for each in todo}
    old = [each.pk for each in contents if each.pk in there and each.pk not in kept]
    if old:
        _forget(SearchEntry.objects.filter(paper_id__in=some) for some in _parts(old))
    if not todo:
        return 0
    # a row that another paper had
    _forget(SearchEntry.objects.filter(search_row__in=some) for some in _parts([e.search_row for e in todo]))
    rows, entries, groups, tokens = [], [], {}, set[str]()
    for each in todo:
        title, body = stems_reading(each.title, each.text, each.dossier_title)
        rows.append(IndexRow(each.search_row, title.stems, body.stems, each.marks()))
        group = each.group()
        groups[group[0]] = group
        cut = body.cut or len(each.title) > LARGEST_TITLE
        entries.append(
            (each.search_row, each.pk, group[0], title.words + body.words, cut, RULES, hashes[each.pk])
        )
        tokens |= title.tokens | body.tokens
    backend_of(connection).add(connection, rows)
    _insert(SearchEntry, entries)
    _insert(SearchGroup, sorted(groups.values()), 'ON CONFLICT ("group") DO NOTHING')
    _count(rows, 1)
    words = sorted(words_with_other_stems(tokens).items())
    _insert(StemOfWord, words, "ON CONFLICT (word) DO NOTHING")
    return len(todo)


def _forget(sets: Iterable[Any]) -> int:
    """Take entries out of the index, and say how many there were."""
    number = 0
    for entries in sets:
        rows = list(entries.values_list("search_row", flat=True))
        for some in _parts(rows):
            stems = SearchStems.objects.filter(search_row__in=some)
            _count([IndexRow(*row) for row in stems.values_list("search_row", "title", "body", "marks")], -1)
            backend_of(connection).remove(connection, some)
            SearchEntry.objects.filter(search_row__in=some).delete()
        number += len(rows)
    return number


def _forget_between(first: int, last: int, live: set[int]) -> int:
    entries = SearchEntry.objects.filter(search_row__gte=first, search_row__lte=last)
    gone = [row for row in entries.values_list("search_row", flat=True) if row not in live]
    return _forget(SearchEntry.objects.filter(search_row__in=some) for some in _parts(gone))


def _count(rows: Sequence[IndexRow], step: int) -> None:
    """Add to, or take from, the numbers of papers in which stems occur."""
    if not rows:
        return
    counted: Counter[str] = Counter()
    for row in rows:
        counted.update({*row.title.split(), *row.body.split()})
    counted[""] = len(rows)
    # sorted, so that two processes cannot wait for each other
    changes = [(stem, step * number) for stem, number in sorted(counted.items())]
    _insert(
        StemCount,
        changes,
        "ON CONFLICT (stem) DO UPDATE SET papers = archive_stemcount.papers + excluded.papers",
    )


_TYPES = {"BigIntegerField": "bigint", "IntegerField": "integer", "PositiveIntegerField": "integer",
          "PositiveSmallIntegerField": "smallint", "BooleanField": "boolean"}  # fmt: skip


def _insert(model: Any, rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
    """Insert rows with all fields of a table: quicker than one object each."""
    if not rows:
        return
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    into = f"INSERT INTO {model._meta.db_table} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            types = [_TYPES.get(field.get_internal_type(), "text") for field in fields]
            given = ", ".join(f"%s::{each}[]" for each in types)
            values = [list(each) for each in zip(*rows, strict=True)]
            cursor.execute(f"{into} SELECT * FROM unnest({given}) {conflict}", values)
        else:
            cursor.executemany(f"{into} VALUES ({', '.join(['%s'] * len(fields))}) {conflict}", rows)


def _parts(values: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(values), 500):
        yield list(values[start : start + 500])
