"""How long it takes to bring all reference papers into an archive, and to find that nothing changed.

    python benchmarks/dossier_loading.py FOLDER [--home FOLDER] [--lines 10000]

loads the files of FOLDER (kamerstuk_moties_xml.tar.gz, odata_zaak.jsonl.gz,
odata_zaak_motie_expanded.jsonl.gz, odata_document.jsonl.gz, motion_votes_summary.json) into a new archive
on SQLite, with the search index and the graph, derives the states, and loads all of it a second time.
Prints time, papers a second, the peak of memory and the size of the database; where other programs take
the processors too, the time of the process itself says more. PostgreSQL is measured where DATABASE_URL
names an empty one.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

FILES = (
    "kamerstuk_moties_xml.tar.gz",
    "odata_zaak_motie_expanded.jsonl.gz",
    "odata_zaak.jsonl.gz",
    "odata_document.jsonl.gz",
    "motion_votes_summary.json",
)


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
    for which in ("first", "second"):
        whole, working = time.perf_counter(), time.process_time()
        for name in FILES:
            began, working = time.perf_counter(), time.process_time()
            outcome = load_file(folder / name, limit=lines)
            papers, votes = outcome.papers, outcome.votes
            took, worked = time.perf_counter() - began, time.process_time() - working
            print(
                f"{which} load, {name}: {took:.1f} s, of which {worked:.1f} s of this process, "
                f"{(papers.read + votes.read) / took:,.0f} a second; "
                f"{papers.added:,} added, {papers.changed:,} changed, {papers.withdrawn:,} withdrawn, "
                f"{papers.unchanged:,} unchanged, {papers.incomplete:,} incomplete, {votes.added:,} votes, "
                f"{len(outcome.unreadable):,} unreadable; {_memory_mb():,.0f} MB",
                flush=True,
            )
        took, worked = time.perf_counter() - whole, time.process_time() - working
        print(
            f"{which} load, all: {took:.1f} s ({worked:.1f} s); database {_size_mb(home):,.0f} MB", flush=True
        )
        if which == "first":
            began = time.perf_counter()
            derived = derive_all(today=timezone.localdate())
            print(
                f"deriving: {time.perf_counter() - began:.1f} s; {derived}; {_memory_mb():,.0f} MB",
                flush=True,
            )
    print(f"{Paper.objects.count():,} papers, {Reference.objects.count():,} references", flush=True)
    lacking = Paper.objects.filter(date=None, missing=[], withdrawn_at=None).count()
    print(f"papers without a date that do not say why: {lacking}", flush=True)


def _memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def _size_mb(home: Path) -> float:
    return sum(each.stat().st_size for each in home.glob("*.sqlite3*")) / 1e6


if __name__ == "__main__":
    main()
