"""Twenty editors on one case: whoever comes late is told so, and no change is lost.

Runs in processes of its own on a database of its own, because the tests around it share one
transaction.
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

EDITORS = 20

SCRIPT = """
import json, sys, threading
import django
django.setup()
from django.db import connection
from geomonitor.register.errors import ConflictError
from geomonitor.register.models import Case, Comment, Role, User
from geomonitor.register.services import cases, content

def edit(number, barrier, found):
    user = User.objects.get(username=f"analyst{number}")
    case = Case.objects.get()
    # everybody has read the same version before anybody saves
    barrier.wait()
    conflicts = 0
    while True:
        try:
            text = f"{case.summary}line {number}\\n"
            cases.change_case(user, case, case.version, summary=text)
            break
        except ConflictError as conflict:
            conflicts += 1
            case = conflict.record
    content.add(user, case, Comment, text=f"comment {number}")
    barrier.wait()
    cases.open_case(user, title="Another", subject_kind="other", subject_name="At the same moment")
    found.append(conflicts)
    connection.close()

editors = int(sys.argv[1])
for number in range(editors):
    User.objects.create_user(f"analyst{number}", password=None, role=Role.ANALYST)
cases.open_case(User.objects.get(username="analyst0"), title="One case", subject_kind="product",
                subject_code="810110", subject_name="Tungsten powders")
barrier, found = threading.Barrier(editors), []
threads = [threading.Thread(target=edit, args=(number, barrier, found)) for number in range(editors)]
for each in threads: each.start()
for each in threads: each.join()
case = Case.objects.get(title="One case")
print(json.dumps({"summary": case.summary, "version": case.version, "finished": len(found),
                  "conflicts": sum(found), "comments": case.comments.count(),
                  "references": list(Case.objects.values_list("reference", flat=True))}))
"""


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """An empty database: a file, or one of its own on the PostgreSQL of the tests."""
    server = os.environ.get("GEOMONITOR_TEST_DATABASE_URL")
    if not server:
        yield f"sqlite:///{tmp_path / 'register.sqlite3'}"
        return
    import psycopg
    from psycopg import sql

    name = f"editors_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_twenty_editors_lose_no_change(database_url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "GEOMONITOR_HOME": str(tmp_path),
        "GEOMONITOR_SECRET_KEY": "only-for-tests-" * 5,
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr, done.stderr
        return done.stdout

    run("-m", "django", "migrate", "--verbosity", "0")
    found = json.loads(run("-c", SCRIPT, str(EDITORS)))
    assert found["finished"] == EDITORS
    assert sorted(found["summary"].split("\n")) == sorted(
        ["", *(f"line {number}" for number in range(EDITORS))]
    )
    assert found["version"] == 1 + EDITORS
    assert found["comments"] == EDITORS
    # and twenty cases opened at the same moment have references of their own, without a gap
    assert sorted(int(each.split("-")[1]) for each in found["references"]) == list(range(1, EDITORS + 2))
    # all but the first had read an older version, so each of them was told
    assert found["conflicts"] >= EDITORS - 1
