"""How fast papers are indexed and searched, beside other ways to do it.

    python benchmarks/dossier_search.py [--papers 330000 1000000] [--queries 1000] [--write]

makes an archive of each size (from the reference data that GEOMONITOR_REFERENCE_DATA names, or of made-up
words with a fixed seed), indexes it, and asks mixed queries. More papers than there are come from
repetition: of each copy a fifth of the words is drawn anew. Each step is a process of its own, so that its
memory is its own. --folder keeps the databases, and uses them again.

Beside it, on the same papers: a LIKE scan; FTS5 with its own tokenizer and no stems; and what nothing can be
faster than: reading the titles and texts of a page of hits, and one pass over the index.

    python tests/postgresql.py python benchmarks/dossier_search.py --papers 300000

measures on PostgreSQL, without the others. --write puts the figures into docs/performance.md.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import os
import platform
import random
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SEED = 20261122
BAR_MS = 50.0
BAR_RATE = 5_000
BAR_BYTES = 1 << 30
BATCH = 2_000
CHANGED = 0.2
DOCS = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN = "<!-- Search figures: begin. Written by benchmarks/dossier_search.py --write; state the machine. -->"
END = "<!-- Search figures: end. -->"


class Made(NamedTuple):
    """What a paper of the benchmark is made of."""

    paper: str
    family: str
    kind: str
    dossier: str
    date: datetime.date | None
    title: str
    text: str
    dossier_title: str


def day(text: str | None) -> datetime.date | None:
    """Read the date of a moment."""
    return datetime.date.fromisoformat(text[:10]) if text else None


def reference_papers(folder: Path) -> Iterator[Made]:
    """Read matters, documents and motions of the reference data."""
    where = folder / "policy" / "tk_kamerstukken"

    def rows(name: str) -> Iterator[dict[str, Any]]:
        with gzip.open(where / name, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)

    for row in rows("odata_zaak.jsonl.gz"):
        if not row["Verwijderd"]:
            title = row["Onderwerp"] or row["Titel"] or ""
            yield Made(row["Nummer"], "matter", row["Soort"] or "", "", day(row["GestartOp"]), title, "", "")
    for row in rows("odata_document.jsonl.gz"):
        if not row["Verwijderd"]:
            about = (row["DocumentNummer"], "document", row["Soort"] or "", "", day(row["Datum"]))
            yield Made(*about, row["Onderwerp"] or "", "", "")
    for number, row in enumerate(rows("moties_text.jsonl.gz")):
        dossier = (row["dossier"] or "").replace(" ", "")
        about = (f"kst-{dossier}-{row['ondernummer']}-{number}", "paper", "Motie", dossier, day(row["datum"]))
        yield Made(*about, row["titel"] or "", "\n\n".join(row["alineas"]), row["dossiertitel"] or "")


def made_up_papers(number: int) -> Iterator[Made]:
    """Make papers of made-up words, some frequent and most rare, as in a language."""
    rng = random.Random(SEED)
    parts = [
        "han",
        "del",
        "stra",
        "te",
        "gie",
        "grond",
        "stof",
        "vei",
        "lig",
        "heid",
        "ka",
        "mer",
        "brief",
        "ze",
    ]
    words = ["".join(rng.choices(parts, k=rng.randint(1, 5))) for _ in range(60_000)]
    weights = [1 / (place + 3) for place in range(len(words))]
    start = datetime.date(2008, 1, 1).toordinal()
    for count in range(number):
        long = count % 40 == 0
        title = " ".join(rng.choices(words, weights, k=rng.randint(4, 18)))
        text = " ".join(rng.choices(words, weights, k=rng.randint(100, 300))) if long else ""
        date = datetime.date.fromordinal(start + rng.randrange(6_500))
        dossier = str(20_000 + rng.randrange(3_000)) if long else ""
        kind = rng.choice(["Motie", "Brief regering", "Schriftelijke vragen", "Verslag"])
        yield Made(f"2020Z{count:07}", "paper" if long else "matter", kind, dossier, date, title, text, "")


def papers(number: int) -> Iterator[Made]:
    """Give so many papers: what there is, and then copies with changed words."""
    folder = os.environ.get("GEOMONITOR_REFERENCE_DATA")
    originals = list(reference_papers(Path(folder)) if folder else made_up_papers(min(number, 330_000)))
    originals.sort(key=lambda each: each.date or datetime.date.min)
    yield from originals[:number]
    rng = random.Random(SEED)
    drawn = [
        word for each in rng.sample(originals, min(50_000, len(originals))) for word in each.title.split()
    ]

    def changed(text: str) -> str:
        return " ".join(
            word if rng.random() > CHANGED else rng.choice(drawn) for word in re.split(r"(?<=\S) ", text)
        )

    left, copy = number - len(originals), 1
    while left > 0:
        for each in originals[:left]:
            yield each._replace(
                paper=f"{each.paper}.{copy}", title=changed(each.title), text=changed(each.text)
            )
        left -= len(originals)
        copy += 1


def set_up() -> None:
    """Start Django."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "geomonitor.web.settings"
    django.setup()


def peak() -> int:
    """Give the largest memory that this process had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def make(number: int) -> dict[str, Any]:
    """Save the papers, without an index."""
    set_up()
    from django.core.management import call_command
    from django.db import transaction

    from geomonitor.archive.models import Paper
    from geomonitor.archive.search import rows_for

    call_command("migrate", verbosity=0)
    coming = papers(number)
    count = 0
    while batch := [each for _, each in zip(range(BATCH), coming)]:  # noqa: B905
        with transaction.atomic():
            rows = rows_for([each.date for each in batch])
            Paper.objects.bulk_create(
                Paper(source="benchmark", fingerprint="-", search_row=row, **each._asdict())
                for each, row in zip(batch, rows, strict=True)
            )
        count += len(batch)
    return {"papers": count}


def index_in_batches() -> dict[str, Any]:
    """Index as a load does: some papers in each transaction."""
    set_up()
    from django.db import transaction

    from geomonitor.archive.models import Paper
    from geomonitor.archive.search import forget_papers, index_papers

    seconds, used, count, after = 0.0, 0.0, 0, -1
    while count < 30_000:
        batch = list(Paper.objects.filter(search_row__gt=after).order_by("search_row")[:BATCH])
        if not batch:
            break
        # what is indexed as it is would be skipped
        forget_papers(batch)
        begin, before = time.perf_counter(), time.process_time()
        with transaction.atomic():
            index_papers(batch)
        seconds += time.perf_counter() - begin
        used += time.process_time() - before
        count += len(batch)
        after = batch[-1].search_row
    return {"rate": count / seconds, "by_processor": count / used, "peak": peak()}


def index() -> dict[str, Any]:
    """Make the index of all papers."""
    set_up()
    from geomonitor.archive.search import rebuild

    begin, used = time.perf_counter(), time.process_time()
    outcome = rebuild(everything=True)
    seconds, used = time.perf_counter() - begin, time.process_time() - used
    begin = time.perf_counter()
    again = rebuild()
    assert again.indexed == 0
    return {
        "papers": outcome.indexed, "seconds": seconds, "rate": outcome.indexed / seconds, "peak": peak(),
        "by_processor": outcome.indexed / used, "again": time.perf_counter() - begin,
    }  # fmt: skip


class Asked(NamedTuple):
    """A query of the benchmark."""

    kind: str
    about: dict[str, Any]


def queries(number: int) -> list[Asked]:
    """Make mixed queries out of what the papers say; the same for the same papers."""
    from geomonitor.archive.models import Paper

    rng = random.Random(SEED)
    rows = list(Paper.objects.values_list("search_row", flat=True))
    sample = sorted(rng.sample(rows, min(3_000, len(rows))))
    found: list[tuple[str, str, str, str, datetime.date | None, str]] = []
    for start in range(0, len(sample), 500):
        found += Paper.objects.filter(search_row__in=sample[start : start + 500]).values_list(
            "title", "text", "kind", "dossier", "date", "paper"
        )
    rng.shuffle(found)
    words = Counter(word.lower() for title, *_ in found for word in re.findall(r"[^\W\d_]{2,}", title))
    common = [word for word, _ in words.most_common(60)]
    rare = [word for word, count in words.items() if count == 1 and len(word) > 5]
    titles = [(re.findall(r"[^\W_]{2,}", row[0]), row) for row in found]
    titles = [each for each in titles if len(each[0]) >= 6]

    def some(low: int, high: int) -> str:
        said, _ = rng.choice(titles)
        return " ".join(rng.sample(said, min(rng.randint(low, high), len(said))))

    def phrase() -> str:
        said, row = rng.choice(titles)
        said = re.findall(r"[^\W_]+", row[1])[:400] if row[1] and rng.random() < 0.5 else said
        at, length = rng.randrange(max(len(said) - 4, 1)), rng.randint(2, 4)
        return f'"{" ".join(said[at : at + length])}"'

    def one(kind: str) -> dict[str, Any]:
        said, row = rng.choice(titles)
        if kind == "common word":
            return {"query": rng.choice(common)}
        if kind == "rare word":
            return {"query": rng.choice(rare)}
        if kind == "two to five words":
            return {"query": some(2, 5)}
        if kind == "common words":
            return {"query": " ".join(rng.sample(common, rng.randint(2, 4)))}
        if kind == "phrase":
            return {"query": phrase()}
        if kind == "prefix":
            word = max(said, key=len)
            return {"query": word[: rng.randint(2, min(7, len(word)))] + "*"}
        if kind == "filters":
            about: dict[str, Any] = {"query": some(1, 1) if rng.random() < 0.7 else rng.choice(common)}
            chosen = rng.randrange(3)
            if chosen == 0 or (chosen == 1 and not row[3]):
                about["kind"] = row[2]
            elif chosen == 1:
                about["dossier"] = row[3]
            else:
                about["since"] = row[4]
                about["until"] = row[4] and row[4] + datetime.timedelta(days=rng.choice([30, 365, 1_500]))
            return about
        if kind == "or":
            return {
                "query": " OR ".join(rng.sample([*rng.sample(rare, 3), some(1, 1), rng.choice(common)], 3))
            }
        if kind == "not":
            return {"query": f"{some(1, 2)} -{rng.choice(common)}"}
        if kind == "title":
            return {"query": f"title:{rng.choice(said)} {rng.choice(said)}"}
        if kind == "best first":
            return {"query": rng.choice([some(2, 4), rng.choice(common)]), "order": "relevance"}
        assert kind == "identifier", kind
        return {"query": row[5]}

    kinds = ["common word", "rare word", "two to five words", "common words", "phrase", "prefix", "filters",
             "or", "not", "title", "best first", "identifier"]  # fmt: skip
    return [Asked(kind := kinds[count % len(kinds)], one(kind)) for count in range(number)]


def ask(number: int) -> dict[str, Any]:
    """Ask the queries, once each, and say how long each took."""
    set_up()
    from geomonitor.archive.search import SearchRequest, search

    asked = queries(number)
    search(SearchRequest(query="de"))
    told = []
    for kind, about in asked:
        begin, used = time.perf_counter(), time.process_time()
        answer = search(SearchRequest(**about))
        seconds, used = time.perf_counter() - begin, time.process_time() - used
        told.append(
            {
                "kind": kind,
                "ms": 1000 * seconds,
                "used": 1000 * used,
                "total": answer.total,
                "query": str(about),
            }
        )
    return {"told": told, "peak": peak()}


def others(number: int, database: str) -> dict[str, Any]:
    """Do it in other ways, with the words of the same queries."""
    set_up()
    asked = [about["query"] for kind, about in queries(number)
             if kind in ("common word", "rare word", "two to five words", "common words")]  # fmt: skip
    lists = [re.findall(r"[^\W_]+", query) for query in asked]
    Path(f"{database}.beside").unlink(missing_ok=True)
    beside = sqlite3.connect(f"{database}.beside")
    beside.execute("ATTACH ? AS main_archive", [database])
    begin = time.perf_counter()
    beside.execute(
        "CREATE VIRTUAL TABLE plain USING fts5("
        "title, text, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    beside.execute(
        "INSERT INTO plain (rowid, title, text) "
        "SELECT search_row, title, text FROM main_archive.archive_paper ORDER BY search_row"
    )
    beside.commit()
    made = time.perf_counter() - begin
    plain, ranked, scan, page = [], [], [], []
    for words in lists:
        match = " AND ".join(f'"{word}"' for word in words)
        begin = time.perf_counter()
        rows = beside.execute(
            "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rowid DESC LIMIT 20", [match]
        ).fetchall()
        beside.execute(
            "SELECT count(*) FROM (SELECT 1 FROM plain WHERE plain MATCH ? LIMIT 50001)", [match]
        ).fetchall()
        plain.append(1000 * (time.perf_counter() - begin))
        begin = time.perf_counter()
        beside.execute(
            "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 20", [match]
        ).fetchall()
        ranked.append(1000 * (time.perf_counter() - begin))
        begin = time.perf_counter()
        holes = ", ".join("?" * len(rows))
        beside.execute(
            f"SELECT title, text FROM main_archive.archive_paper WHERE search_row IN ({holes})",
            [row for (row,) in rows],
        ).fetchall()
        page.append(1000 * (time.perf_counter() - begin))
    for words in lists[:12]:
        begin = time.perf_counter()
        beside.execute(
            "SELECT search_row FROM main_archive.archive_paper WHERE "
            + " AND ".join(["(title LIKE ? OR text LIKE ?)"] * len(words))
            + " ORDER BY search_row DESC",
            [f"%{word}%" for word in words for _ in range(2)],
        ).fetchall()
        scan.append(1000 * (time.perf_counter() - begin))
    begin = time.perf_counter()
    beside.execute("SELECT sum(length(block)) FROM main_archive.archive_search_data").fetchall()
    whole = 1000 * (time.perf_counter() - begin)
    sizes = {
        name: int(size)
        for name, size in beside.execute("SELECT name, sum(pgsize) FROM dbstat('main_archive') GROUP BY name")
    }
    return {"plain": plain, "ranked": ranked, "scan": scan, "page": page, "pass": whole, "made": made,
            "sizes": sizes}  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """Give the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def at(values: list[float]) -> str:
    """Write the 50th, 95th and 99th percentile and the largest."""
    return " | ".join(f"{percentile(values, share):,.1f}" for share in (0.5, 0.95, 0.99, 1.0))


def measure(number: int, folder: Path, options: argparse.Namespace) -> tuple[list[str], bool]:
    """Do all steps for one size; give the lines of the tables, and whether the bars are reached."""
    address = os.environ.get("GEOMONITOR_TEST_DATABASE_URL")
    database = folder / f"archive-{number}.sqlite3"
    environment = {
        **os.environ,
        "DATABASE_URL": address or f"sqlite:///{database}",
        "GEOMONITOR_HOME": str(folder / "home"),
        "GEOMONITOR_SECRET_KEY": "only-for-the-benchmark-" * 3,
    }

    def step(name: str) -> dict[str, Any]:
        begin = time.perf_counter()
        command = [sys.executable, __file__, "--step", name, "--papers", str(number)]
        command += ["--queries", str(options.queries), "--database", str(database)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        print(f"  {name}: {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    if address or not database.exists():
        step("make")
    steps = ["batches", "index", "ask", *([] if address else ["others"])]
    return figures("PostgreSQL" if address else "SQLite", {name: step(name) for name in steps})


def figures(database: str, found: dict[str, dict[str, Any]]) -> tuple[list[str], bool]:
    """Write the tables of one size, and say whether the bars are reached."""
    loading, indexed, asked = found["batches"], found["index"], found["ask"]
    every = [each["ms"] for each in asked["told"]]
    lines = [
        f"{indexed['papers']:,} papers, {database}.",
        "",
        "| step | papers a second | a second of processor time | bar | peak memory, GiB |",
        "|---|---:|---:|---:|---:|",
        f"| `rebuild`: all papers | {indexed['rate']:,.0f} | {indexed['by_processor']:,.0f} | {BAR_RATE:,} "
        f"| {indexed['peak'] / BAR_BYTES:.2f} |",
        f"| `index_papers`: within a load, {BATCH:,} a transaction | {loading['rate']:,.0f} "
        f"| {loading['by_processor']:,.0f} | {BAR_RATE:,} | {loading['peak'] / BAR_BYTES:.2f} |",
        f"| `rebuild` again, nothing changed | {indexed['papers'] / indexed['again']:,.0f} | | | |",
        "",
        f"| queries (memory of the process: {asked['peak'] / BAR_BYTES:.2f} GiB) | number "
        "| p50, ms | p95, ms | p99, ms | largest, ms | p95 of processor time, ms |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind in dict.fromkeys(each["kind"] for each in asked["told"]):
        values = [each["ms"] for each in asked["told"] if each["kind"] == kind]
        used = percentile([each["used"] for each in asked["told"] if each["kind"] == kind], 0.95)
        lines.append(f"| {kind} | {len(values)} | {at(values)} | {used:,.1f} |")
    used = percentile([each["used"] for each in asked["told"]], 0.95)
    lines.append(f"| **all** (bar: p95 {BAR_MS:.0f} ms) | {len(every)} | {at(every)} | {used:,.1f} |")
    slowest = sorted(asked["told"], key=lambda each: -each["ms"])[:8]
    for each in slowest:
        print(f"  {each['ms']:.0f} ms, {each['total']:,} hits: {each['query']}", file=sys.stderr)
    if "others" in found:
        lines += _beside(found["others"], asked)
    reached = (
        percentile(every, 0.95) < BAR_MS
        and min(indexed["rate"], loading["rate"]) >= BAR_RATE
        and max(each["peak"] for each in (indexed, asked, loading)) < BAR_BYTES
    )
    return lines, reached


def _beside(other: dict[str, Any], asked: dict[str, Any]) -> list[str]:
    kinds = ("common word", "rare word", "two to five words", "common words")
    ours = [each["ms"] for each in asked["told"] if each["kind"] in kinds]
    middle, high = percentile(ours, 0.5), percentile(ours, 0.95)
    lines = [
        "",
        "| the same words | p50, ms | p95, ms | p99, ms | largest, ms | p50 over ours | p95 over ours |",
        "|---|---:|---:|---:|---:|---:|---:|",
        f"| Geomonitor: page, facets, snippets | {at(ours)} | 1 | 1 |",
    ]
    for name, key in (
        ("LIKE over titles and texts (12 queries)", "scan"),
        ("FTS5 without stems: 20 newest and a count", "plain"),
        ("FTS5 without stems: 20 best by bm25", "ranked"),
        ("limit: read title and text of 20 papers", "page"),
    ):
        values = other[key]
        ratios = f"{percentile(values, 0.5) / middle:,.2f} | {percentile(values, 0.95) / high:,.2f}"
        lines.append(f"| {name} | {at(values)} | {ratios} |")
    sizes = other["sizes"]
    index_tables = ("archive_search_data", "archive_search_idx")
    parts = {
        "papers with their own indexes": sum(
            size
            for name, size in sizes.items()
            if name.startswith(("archive_paper", "sqlite_autoindex_archive_paper"))
        ),
        "full-text index": sum(sizes.get(name, 0) for name in index_tables),
        "stems": sizes.get("archive_searchstems", 0),
        "entries": sum(size for name, size in sizes.items() if "archive_searchentry" in name),
        "words and counts": sum(size for name, size in sizes.items() if "archive_stem" in name),
    }
    said = ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in parts.items())
    lines += [
        "",
        f"One pass over the full-text index takes {other['pass']:,.0f} ms; FTS5 without stems is made in "
        f"{other['made']:,.1f} s. On disk: {said}.",
    ]
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--papers", type=int, nargs="+", default=[330_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="where the databases are made, and stay")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    parser.add_argument("--step", help="asked by this program of itself", default="")
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    if options.step:
        number = options.papers[0]
        steps = {
            "make": lambda: make(number),
            "batches": index_in_batches,
            "index": index,
            "ask": lambda: ask(options.queries),
            "others": lambda: others(options.queries, options.database),
        }
        print(json.dumps(steps[options.step]()))
        return
    text, reached = [], True
    with tempfile.TemporaryDirectory(prefix="geomonitor-benchmark-") as made:
        folder = options.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        for number in options.papers:
            lines, good = measure(number, folder, options)
            text += [*lines, ""]
            reached = reached and good
            print("\n".join(lines), end="\n\n", flush=True)
    if options.write:
        data = "reference data" if os.environ.get("GEOMONITOR_REFERENCE_DATA") else "made-up words"
        head = (
            f"Measured on {datetime.date.today():%Y-%m-%d}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}; {data}."
        )
        page = DOCS.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        after = rest.split(END)[1]
        DOCS.write_text(
            f"{before}{BEGIN}\n\n{head}\n\n" + "\n".join(text) + f"\n{END}{after}", encoding="utf-8"
        )
    if not reached:
        sys.exit("A bar is not reached.")


if __name__ == "__main__":
    main()
