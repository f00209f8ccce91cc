"""Two loads at once, and readers meanwhile.

Runs in a process of its own on a database of its own, because the tests around it share one transaction.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

SCRIPT = """
import json, threading
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.db import connection, transaction
from archive.search_papers import keep, made
from geomonitor.archive.models import Paper, StemCount
from geomonitor.archive.search import SearchRequest, rebuild, search

barrier, totals, failures = threading.Barrier(4), [], []

def told(work):
    def run(*given):
        barrier.wait()
        try:
            work(*given)
        except Exception as error:
            failures.append(repr(error))
        connection.close()
    return run

def load(name):
    for number in range(15):
        with transaction.atomic():
            keep(*(made(f"kst-{name}-{5 * number + each}", f"Gallium {name} w{number}") for each in range(5)))

def read():
    for _ in range(40):
        totals.append(search(SearchRequest(query="gallium")).total)

def again():
    for _ in range(5):
        rebuild()

threads = [threading.Thread(target=told(load), args=(name,)) for name in ("1", "2")]
threads += [threading.Thread(target=told(read)), threading.Thread(target=told(again))]
for each in threads: each.start()
for each in threads: each.join()
rows = list(Paper.objects.values_list("search_row", flat=True))
counts = dict(StemCount.objects.filter(stem__in=["", "gallium", "1"]).values_list("stem", "papers"))
print(json.dumps({"rows": len(rows), "different": len(set(rows)), "counts": counts, "failures": failures,
                  "growing": totals == sorted(totals) and all(each % 5 == 0 for each in totals),
                  "total": search(SearchRequest(query="gallium")).total}))
"""


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """An empty database: a file, or one of its own on the PostgreSQL of the tests."""
    server = os.environ.get("GEOMONITOR_TEST_DATABASE_URL")
    if not server:
        yield f"sqlite:///{tmp_path / 'archive.sqlite3'}"
        return
    import psycopg
    from psycopg import sql

    name = f"loads_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_two_loads_a_rebuild_and_a_reader_at_once(database_url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "GEOMONITOR_HOME": str(tmp_path),
        "GEOMONITOR_SECRET_KEY": "only-for-tests-" * 5,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["failures"] == []
    assert found["rows"] == found["different"] == found["total"] == 150
    assert found["counts"] == {"": 150, "gallium": 150, "1": 75}
    # a reader sees whole batches
    assert found["growing"]
