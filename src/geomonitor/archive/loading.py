"""Papers brought into the archive: in batches, each of them whole or not at all."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter

from django.db import connection, models, transaction
from django.utils import timezone

from geomonitor.archive import graph, search_index
from geomonitor.archive.dossiers import refresh_dossiers
from geomonitor.archive.linking import learn_dossier_titles
from geomonitor.archive.merging import fill, knows, merge, withdraw
from geomonitor.archive.models import Paper, SyncPosition
from geomonitor.archive.motions_found import write_motions
from geomonitor.archive.reading_ahead import read_ahead
from geomonitor.archive.writing import insert_rows, update_rows
from geomonitor.dossier.records import PaperRecord
from geomonitor.dossier.sources.unreadable import Unreadable

__all__ = ["BATCH", "LoadOutcome", "Mark", "Progress", "load_papers", "one_writer"]

BATCH = 2_000
_WORTH_LEARNING = 1_000
_LEARN_AFTER = 10_000

_Taken = tuple[list[PaperRecord | Unreadable], Callable[[bool], None] | None]
Mark = Callable[[], Callable[[bool], None]]
"""Notes how far a source was read, and gives what keeps that note in the transaction of the batch."""

Progress = Callable[[str, int, int], None]
"""Takes what is done now, how much is done, and how much there is (0 where that is not known)."""

# fields on which the reading of a paper depends; it is read anew only where one of them changed
_READ = frozenset({"title", "text", "date", "kind", "dossier", "number", "same_as", "withdrawn_at"})
_STALE = "stale-dossiers"
# any number: it keeps two loads from writing papers to one PostgreSQL database at a time
_LOAD_LOCK = 6_472_020
_LENGTHS = {
    each.name: each.max_length
    for each in Paper._meta.concrete_fields
    if isinstance(each, models.CharField) and each.max_length is not None
}
_SHORT = tuple(each.name for each in dataclasses.fields(PaperRecord) if each.name in _LENGTHS)
_TEXTS = ("paper", "title", "text", "dossier_title", "kind", "cabinet_view", "dossier", "number", "same_as")
_short_values, _text_values = attrgetter(*_SHORT), attrgetter(*_TEXTS)


@dataclass(slots=True)
class LoadOutcome:
    """What a load did.

    Parameters
    ----------
    added, changed, unchanged, withdrawn : int
        Papers, by what happened to them.
    incomplete : int
        Papers that came without a field that they should have; `geomonitor dossier incomplete` lists them.
    unreadable : list of Unreadable
        What was not loaded, and why.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    incomplete: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many papers came in."""
        return self.added + self.changed + self.unchanged + self.withdrawn + len(self.unreadable)

    def add(self, other: LoadOutcome) -> None:
        """Count what another load did, too."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.withdrawn += other.withdrawn
        self.incomplete += other.incomplete
        self.unreadable += other.unreadable


def load_papers(
    records: Iterable[PaperRecord | Unreadable],
    *,
    progress: Progress | None = None,
    batch: int = BATCH,
    example: bool = False,
    mark: Mark | None = None,
) -> LoadOutcome:
    """Add, change and withdraw papers; index them and read their references.

    A paper whose record is as it was loaded is not touched. What another source gave of a paper stays,
    by the rule of `geomonitor.archive.merging`. Each batch is one transaction with all that follows from
    it, so that a load that is ended at any moment leaves an archive that is right as far as it goes.

    Parameters
    ----------
    records : iterable of PaperRecord or Unreadable
        Read as they are needed; never held all at once.
    progress : callable, optional
    batch : int
        Papers in a transaction.
    example : bool
        Whether these papers belong to the example that the application starts with.
    mark : callable, optional
        Called when a batch was taken from the source; gives what is called in its transaction, after its
        papers, with whether it changed anything: notes how far the source was read.

    Returns
    -------
    LoadOutcome
    """
    outcome = LoadOutcome()
    tell = progress or (lambda text, done, total: None)
    _mend_dossiers()
    touched: set[str] = set()
    run = uuid.uuid4().hex
    learning = _Learning()
    with closing(read_ahead(_batches(records, batch, mark), _to_read)) as batches:
        for some, keep in batches:
            with transaction.atomic():
                one_writer()
                added = outcome.added
                wrote, keys = _load_batch(some, outcome, example)
                learning.after(outcome.added - added)
                if keys and not touched:
                    SyncPosition.objects.create(source=_STALE, scope=run)
                touched |= keys
                if keep is not None:
                    keep(wrote)
            tell("Loading papers", outcome.read, 0)
    if touched:
        tell("Counting dossiers", outcome.read, 0)
        with transaction.atomic():
            one_writer()
            refresh_dossiers(touched)
            SyncPosition.objects.filter(source=_STALE, scope=run).delete()
    return outcome


def _batches(records: Iterable[PaperRecord | Unreadable], batch: int, mark: Mark | None) -> Iterator[_Taken]:
    coming = iter(records)
    while some := list(islice(coming, batch)):
        yield some, mark() if mark is not None else None


def _to_read(taken: _Taken) -> list[PaperRecord]:
    """Choose what is new, as far as is known before the batches in between are written."""
    # a title alone is read in less time than it takes to send it to another process and its reading back
    papers = [each for each in taken[0] if isinstance(each, PaperRecord) and each.paper and each.text]
    records = {each.paper: each for each in papers if not each.deleted}
    if not records:
        return []
    there = set(Paper.objects.filter(paper__in=list(records)).values_list("paper", flat=True))
    return [each for paper, each in records.items() if paper not in there]


class _Learning:
    """Learns titles of dossiers in the course of a long load, so that few papers have to move after it."""

    def __init__(self) -> None:
        self._added = self._enough = 0

    def after(self, added: int) -> None:
        """Learn after a batch, if so much is new that it is worth it: each time from twice as many papers."""
        self._added += added
        if added < _WORTH_LEARNING or self._added < self._enough:
            return
        learn_dossier_titles()
        self._added, self._enough = 0, max(_LEARN_AFTER, Paper.objects.count())


def one_writer() -> None:
    """Wait, on PostgreSQL, until no other transaction brings papers in; SQLite sees to it by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOAD_LOCK])


def _mend_dossiers() -> None:
    """Count all dossiers anew where a load was ended before it came to that."""
    stale = list(SyncPosition.objects.filter(source=_STALE).values_list("pk", flat=True))
    if stale:
        with transaction.atomic():
            one_writer()
            refresh_dossiers(None)
            SyncPosition.objects.filter(pk__in=stale).delete()


def _load_batch(
    some: Sequence[PaperRecord | Unreadable], outcome: LoadOutcome, example: bool
) -> tuple[bool, set[str]]:
    """Bring one batch in; say whether anything was written, and which dossiers it touched."""
    records = []
    for each in some:
        checked = each if isinstance(each, Unreadable) else _checked(each)
        if isinstance(checked, Unreadable):
            outcome.unreadable.append(checked)
        else:
            records.append(checked)
    work = _Batch(records)
    for record in records:
        work.take(record, outcome, example)
    return work.write()


class _Batch:
    """The papers of one batch: as they are in the database, and as they become."""

    def __init__(self, records: Sequence[PaperRecord]) -> None:
        self._fingerprints = {id(record): record.fingerprint() for record in records}
        names = {record.paper for record in records if record.paper}
        ids = {record.source_id for record in records if not record.paper}
        self._papers: dict[str, Paper] = {}
        light = Paper.objects.only("paper", "source", "fingerprint", "other_sources", "withdrawn_at").filter(
            paper__in=names
        )
        there = {paper.paper: paper for paper in light}
        full = {
            record.paper
            for record in records
            if record.paper in there
            and (record.deleted or not knows(there[record.paper], record, self._fingerprints[id(record)]))
        }
        self._known = there
        for paper in Paper.objects.filter(paper__in=full):
            self._papers[paper.paper] = paper
        self._by_source_id: dict[tuple[str, str], Paper] = {}
        if ids:
            for paper in Paper.objects.filter(source_id__in=ids):
                paper = self._papers.setdefault(paper.paper, paper)
                self._by_source_id[paper.source, paper.source_id] = paper
        self._new: dict[str, Paper] = {}
        self._changed: dict[str, Paper] = {}
        self._unseen: dict[str, Paper] = {}
        self._moved: dict[str, Paper] = {}
        self._gone: dict[str, Paper] = {}
        self._to_read: set[str] = set()
        self._keys: set[str] = set()

    def take(self, record: PaperRecord, outcome: LoadOutcome, example: bool) -> None:
        """Take one record in, in the memory of this process."""
        if record.deleted:
            self._take_withdrawal(record, outcome)
            return
        if record.missing:
            outcome.incomplete += 1
        fingerprint = self._fingerprints[id(record)]
        paper = self._papers.get(record.paper) or self._new.get(record.paper)
        if paper is None and record.paper in self._known:
            outcome.unchanged += 1
            return
        if paper is None:
            paper = Paper(example=example)
            fill(paper, record, fingerprint)
            self._new[record.paper] = paper
            self._keys.add(paper.dossier)
            if record.source_id:
                self._by_source_id[record.source, record.source_id] = paper
            outcome.added += 1
            return
        if knows(paper, record, fingerprint):
            outcome.unchanged += 1
            return
        before = (paper.dossier, paper.date)
        others = (paper.source, paper.fingerprint, paper.other_sources)
        if fields := merge(paper, record, fingerprint):
            outcome.changed += 1
            if fields & _READ:
                self._to_read.add(record.paper)
            self._keys |= {before[0], paper.dossier}
            if record.paper in self._papers:
                self._changed[record.paper] = paper
                if paper.date != before[1]:
                    self._moved[record.paper] = paper
            self._gone.pop(record.paper, None)
        else:
            # only that this source gives it, too
            outcome.unchanged += 1
            if others != (paper.source, paper.fingerprint, paper.other_sources):
                self._unseen[record.paper] = paper

    def _take_withdrawal(self, record: PaperRecord, outcome: LoadOutcome) -> None:
        if record.paper:
            paper = self._papers.get(record.paper) or self._new.get(record.paper)
        else:
            paper = self._by_source_id.get((record.source, record.source_id))
        if paper is None or not withdraw(paper, record.source):
            outcome.unchanged += 1
            return
        outcome.withdrawn += 1
        self._keys.add(paper.dossier)
        if paper.withdrawn_at is not None:
            self._gone[paper.paper] = paper
        if paper.paper not in self._new:
            self._changed[paper.paper] = paper

    def write(self) -> tuple[bool, set[str]]:
        """Write what changed, and all that follows from it."""
        now = timezone.now()
        new, changed = list(self._new.values()), list(self._changed.values())
        placed = [*new, *self._moved.values()]
        if placed:
            for paper, row in zip(
                placed, search_index.rows_for([paper.date for paper in placed]), strict=True
            ):
                paper.search_row = row
        for paper in (*new, *changed):
            paper.loaded_at = now
        _insert(new)
        written = {**self._unseen, **self._changed}
        update_rows(list(written.values()))
        live = [paper for paper in (*new, *changed) if paper.withdrawn_at is None]
        gone = list(self._gone.values())
        # first of all: reading a paper may find its dossier, which is in the index too
        to_read = [
            *new,
            *(paper for paper in changed if paper.paper in self._to_read or paper.paper in self._gone),
        ]
        read = {paper.paper for paper in to_read}
        if to_read:
            graph.read_papers(to_read)
        if others := [paper for paper in live if paper.paper not in read]:
            graph.fill_dossiers(others)
            write_motions(others)
        if live:
            search_index.index_papers(live)
        if gone:
            search_index.forget_papers(gone)
        # reading a paper may find its dossier
        self._keys |= {paper.dossier for paper in live}
        return bool(new or written), {key for key in self._keys if key}


def _insert(papers: Sequence[Paper]) -> None:
    """Insert new papers and give them their keys."""
    if not papers:
        return
    insert_rows(papers)
    keys = dict(Paper.objects.filter(paper__in=[each.paper for each in papers]).values_list("paper", "pk"))
    for paper in papers:
        paper.pk = keys[paper.paper]
        paper._state.adding = False
        paper._state.db = connection.alias


def _checked(record: PaperRecord) -> PaperRecord | Unreadable:
    """Clean what no database can hold, and refuse what does not fit."""
    if not record.paper and not (record.deleted and record.source_id):
        return Unreadable(record.url or record.title or record.source, "it has no identifier")
    for name, value in zip(_SHORT, _short_values(record), strict=True):
        if len(value) > _LENGTHS[name]:
            return Unreadable(
                record.paper,
                f"the field {name} has {len(value)} signs, where at most {_LENGTHS[name]} are possible",
            )
    changes = {}
    for name, value in zip(_TEXTS, _text_values(record), strict=True):
        if not value.isascii() or "\x00" in value:
            clean = value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
            if clean != value:
                changes[name] = clean
    return dataclasses.replace(record, **changes) if changes else record
