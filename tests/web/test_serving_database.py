"""Bringing the database up to date: whole, or as it was before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

# an older database, then a migration that fails or is killed after it has changed something
CODE = """
import json, os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from geomonitor.errors import GeomonitorError
from geomonitor.web.serving import database

found = {}
applied = lambda: len(MigrationExecutor(connection).loader.applied_migrations)
if sys.argv[1] == "after the kill":
    said = []
    database.bring_up_to_date(said.append)
    found["said"] = said
else:
    call_command("migrate", "register", "0001", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (value text)")
        cursor.execute("INSERT INTO kept VALUES ('here')")
    before = applied()

    def half(*arguments, **options):
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE kept")
        if sys.argv[1] == "kill":
            print("", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM there_is_no_such_table")

    database.call_command = half
    try:
        database.bring_up_to_date(lambda text: None)
    except GeomonitorError as error:
        found["error"] = str(error)
    assert applied() == before
with connection.cursor() as cursor:
    cursor.execute("SELECT value FROM kept")
    found["kept"] = cursor.fetchone()[0]
found["up_to_date"] = database.is_up_to_date()
print(json.dumps(found))
"""


def run(home: Path, address: str, how: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "GEOMONITOR_HOME": str(home),
        "DATABASE_URL": address,
    }
    return subprocess.run(
        [sys.executable, "-c", CODE, how], env=environment, capture_output=True, text=True, check=False
    )


def test_a_migration_that_fails_leaves_the_database_as_it_was(own_database: str, tmp_path: Path) -> None:
    done = run(tmp_path, own_database, "fail")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "The database could not be brought up to date" in found["error"]
    assert "there_is_no_such_table" in found["error"]
    assert (found["kept"], found["up_to_date"]) == ("here", False)
    assert not list(tmp_path.glob("*.before-migration*"))


def test_a_migration_that_is_killed_is_undone_and_done_again(own_database: str, tmp_path: Path) -> None:
    assert run(tmp_path, own_database, "kill").returncode == -9
    done = run(tmp_path, own_database, "after the kill")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["kept"], found["up_to_date"]) == ("here", True)
    assert "Bringing the database up to date." in found["said"]
    if own_database.startswith("sqlite"):
        assert "A migration of the database did not end" in found["said"][0]
    assert not list(tmp_path.glob("*.before-migration*"))


@pytest.mark.django_db
def test_sessions_that_ended_and_old_forms_are_forgotten(users: dict[str, Any]) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from geomonitor.web.models import SubmittedForm
    from geomonitor.web.serving.preparing import clear_what_is_over

    now = timezone.now()
    for name, days in (("ended", -1), ("going-on", 1)):
        Session.objects.create(session_key=name, session_data="", expire_date=now + timedelta(days=days))
    for days in (8, 1):
        SubmittedForm.objects.create(user=users["analyst"], token=uuid4(), at=now - timedelta(days=days))
    clear_what_is_over()
    assert [each.session_key for each in Session.objects.all()] == ["going-on"]
    assert SubmittedForm.objects.count() == 1
