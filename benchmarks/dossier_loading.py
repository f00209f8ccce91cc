"""How long it takes to bring all reference papers into an archive, and to find that nothing changed.

    python benchmarks/dossier_loading.py FOLDER [--home FOLDER] [--lines 10000]

loads the files of FOLDER (kamerstuk_moties_xml.tar.gz, odata_zaak.jsonl.gz,
odata_zaak_motie_expanded.jsonl.gz, odata_document.jsonl.gz, motion_votes_summary.json) into a new archive
on SQLite, with the search index and the graph, derives the states, and loads all of it a second time.
Prints time, papers a second, the peak of memory and the size of the database; where other programs take
the processors too, the time of the process itself and of those that read for it says more. PostgreSQL is
measured where DATABASE_URL names an empty one.

Before that, a slice of the cases is brought in by three other scripts, each undone at once: one that saves
each row by itself, one that also indexes and reads each paper by itself, and one that inserts the rows in
batches without index or graph, which is the least that any load can take.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

FILES = (
    "kamerstuk_moties_xml.tar.gz",
    "odata_zaak_motie_expanded.jsonl.gz",
    "odata_zaak.jsonl.gz",
    "odata_document.jsonl.gz",
    "motion_votes_summary.json",
)
SLICE = 5_000
BATCH = 2_000


def main() -> None:
    """Load twice, and print what it took."""
    parser = argparse.ArgumentParser(description="Loading of parliamentary papers.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path, help="Where the archive is made; a folder that is thrown away.")
    parser.add_argument("--lines", type=int, help="Read no more than so many lines of each file.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="geomonitor-loading-") as folder:
        home = asked.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        os.environ["GEOMONITOR_HOME"] = str(home)
        os.environ.setdefault("GEOMONITOR_SECRET_KEY", "only-for-this-benchmark-" * 3)
        os.environ["DJANGO_SETTINGS_MODULE"] = "geomonitor.web.settings"
        _measure(asked.folder, home, asked.lines)


def _measure(folder: Path, home: Path, lines: int | None) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from geomonitor.archive.after_loading import derive_all
    from geomonitor.archive.load_files import load_file
    from geomonitor.archive.models import Paper, Reference

    call_command("migrate", verbosity=0)
    _compare(folder / "odata_zaak.jsonl.gz")
    for which in ("first", "second"):
        whole = _Clock()
        for name in FILES:
            clock = _Clock()
            outcome = load_file(folder / name, limit=lines)
            papers, votes = outcome.papers, outcome.votes
            print(
                f"{which} load, {name}: {clock}, {(papers.read + votes.read) / clock.wall:,.0f} a second; "
                f"{papers.added:,} added, {papers.changed:,} changed, {papers.withdrawn:,} withdrawn, "
                f"{papers.unchanged:,} unchanged, {papers.incomplete:,} incomplete, {votes.added:,} votes, "
                f"{len(outcome.unreadable):,} unreadable; {_memory()}",
                flush=True,
            )
        print(f"{which} load, all: {whole}; database {_size_mb(home):,.0f} MB", flush=True)
        if which == "first":
            clock = _Clock()
            derived = derive_all(today=timezone.localdate())
            print(f"deriving: {clock}; {derived}; {_memory()}", flush=True)
    print(f"{Paper.objects.count():,} papers, {Reference.objects.count():,} references", flush=True)
    lacking = Paper.objects.filter(date=None, missing=[], withdrawn_at=None).count()
    print(f"papers without a date that do not say why: {lacking}", flush=True)


def _compare(path: Path) -> None:
    """Bring a slice in by scripts that do less, or do it one by one."""
    from django.db import transaction

    from geomonitor.archive.graph import read_papers
    from geomonitor.archive.merging import fill
    from geomonitor.archive.models import Paper
    from geomonitor.archive.row_records import records_of
    from geomonitor.archive.search_index import index_papers, rows_for
    from geomonitor.archive.writing import insert_rows
    from geomonitor.dossier.records import PaperRecord
    from geomonitor.dossier.sources import odata

    def papers() -> Iterator[Paper]:
        for number, row in islice(odata.rows_in(path), SLICE):
            for record in records_of("Zaak", row, f"line {number}"):
                if isinstance(record, PaperRecord) and record.paper:
                    paper = Paper()
                    fill(paper, record, record.fingerprint())
                    yield paper

    def rows_one_by_one() -> None:
        for paper in papers():
            [paper.search_row] = rows_for([paper.date])
            paper.save()

    def all_one_by_one() -> None:
        for paper in papers():
            [paper.search_row] = rows_for([paper.date])
            paper.save()
            index_papers([paper])
            read_papers([paper])

    def rows_in_batches() -> None:
        coming = papers()
        while some := list(islice(coming, BATCH)):
            for paper, row in zip(some, rows_for([each.date for each in some]), strict=True):
                paper.search_row = row
            insert_rows(some)

    for what, script in (
        ("each row by itself", rows_one_by_one),
        ("each paper by itself, with index and graph", all_one_by_one),
        ("rows in batches, no index, no graph", rows_in_batches),
    ):
        clock = _Clock()
        with transaction.atomic():
            script()
            transaction.set_rollback(True)
        print(f"{SLICE:,} cases, {what}: {clock}, {clock.worked * 1e3 / SLICE:.2f} ms a case", flush=True)


class _Clock:
    """Time by the clock, of this process, and of processes that read for it and have ended."""

    def __init__(self) -> None:
        self._began = (time.perf_counter(), time.process_time(), _of_children())

    @property
    def wall(self) -> float:
        return time.perf_counter() - self._began[0]

    @property
    def worked(self) -> float:
        return time.process_time() - self._began[1] + _of_children() - self._began[2]

    def __str__(self) -> str:
        own = time.process_time() - self._began[1]
        return (
            f"{self.wall:.1f} s, of which {own:.1f} s of this process and "
            f"{_of_children() - self._began[2]:.1f} s of others that read for it"
        )


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory() -> str:
    unit = 1e6 if sys.platform == "darwin" else 1e3
    own, other = (
        resource.getrusage(whose).ru_maxrss / unit
        for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"{own:,.0f} MB, and at most {other:,.0f} MB in a process that reads"


def _size_mb(home: Path) -> float:
    return sum(each.stat().st_size for each in home.glob("*.sqlite3*")) / 1e6


if __name__ == "__main__":
    main()
