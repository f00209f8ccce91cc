"""`geomonitor backup` and `restore`: every row comes back, on either engine, or nothing changes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from geomonitor.errors import DataError
from geomonitor.web.serving.restoring import checked_backup, finish_restore
from web.conftest_server import database_of_its_own

GEOMONITOR = Path(sys.executable).with_name("geomonitor")

FILL = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from auditlog.context import set_actor
from django.utils import timezone
from geomonitor.register.models import Comment, Role, User
from geomonitor.register.services import cases, content
from geomonitor.register.services.catalogues import load_catalogues
from geomonitor.web.jobs import queue

load_catalogues()
user = User.objects.create_user("analyst", "a@example.org", "a-long-password-of-tests", role=Role.ANALYST)
with set_actor(user):
    case = cases.open_case(user, title='Wolfraam "één" \\u2028 <b>', subject_kind="product",
                           subject_code="810110", subject_name="Tungsten powders")
    for number in range(3):
        content.add(user, case, Comment, text=f"comment {number}\\nline two")
    cases.change_case(user, case, case.version, summary="changed")
import datetime
from geomonitor.archive.loading import load_papers
from geomonitor.dossier.records import Family, PaperRecord
load_papers([
    PaperRecord(paper=f"kst-36999-{number}", family=Family.PAPER, source="koop", dossier="36999",
                number=str(number), date=datetime.date(2025, 2, 18), title=f"Brief {number} over bijen",
                text="De bijen \u2028 vliegen, zie Kamerstuk 36 999, nr. 1.", movers=("Een", "Twee"))
    for number in range(1, 4)
])
job = queue.ask(user, "edition", "An edition", {"profile": "", "deep": {"a": [1, 2.5, None, True]}})
queue.finish(queue.claim("w"), result={"edition": "x"})
from django.conf import settings
folder = settings.HOME / "results" / str(job.pk)
folder.mkdir(parents=True)
(folder / "table.csv").write_text("a;b\\n1;2\\n")
(settings.HOME / "results" / ".half").mkdir()
(settings.HOME / "results" / ".half" / "half.csv").write_text("a")
"""

LITTLE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from geomonitor.register.models import User
User.objects.create_user("mine")
"""

WHO = """
import django
django.setup()
from geomonitor.register.models import User
print(*User.objects.values_list("username", flat=True))
"""

ROWS = """
import hashlib, io, json
import django
django.setup()
from django.apps import apps
from geomonitor.web.serving.tables import tables_of, write_rows
found = {}
for name, model in tables_of(apps).items():
    file = io.BytesIO()
    write_rows(model, file)
    found[name] = file.getvalue().decode().splitlines()
print(json.dumps(found))
"""

FOUND = """
import django
django.setup()
from geomonitor.archive.search import SearchRequest, search
print(*sorted(each.paper for each in search(SearchRequest(query="bijen")).hits))
"""

GUARDED = """
import django
django.setup()
from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from geomonitor.register.trail_guard import is_guarded
for change in (lambda: LogEntry.objects.update(changes={}), lambda: LogEntry.objects.all().delete()):
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        pass
    else:
        raise SystemExit("the trail was changed")
from geomonitor.register.models import Role, User
made = User.objects.create_user("one_more", role=Role.READER)
print(is_guarded(connection), LogEntry.objects.count() > 0, made.pk > User.objects.get(username="analyst").pk)
"""


class Place:
    """A home folder and its database."""

    def __init__(self, home: Path, address: str | None) -> None:
        self.home = home
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("GEOMONITOR_") and k != "DATABASE_URL"
        }
        self.environment = {
            **kept,
            "GEOMONITOR_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        }
        if address is not None:
            self.environment["DATABASE_URL"] = address

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(arguments, env=self.environment, capture_output=True, text=True, check=False)

    def python(self, code: str) -> str:
        done = self.run(sys.executable, "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def geomonitor(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return self.run(GEOMONITOR, *arguments, "--home", self.home)

    def rows(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads(self.python(ROWS))
        return found


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Path]]:
    """A filled place, and its backup with editions."""
    folder = tmp_path_factory.mktemp("original")
    home = folder / "home"
    (home / "editions" / "an-edition").mkdir(parents=True)
    record = {
        "id": "an-edition",
        "created": "2026-01-01T00:00:00+00:00",
        "period": [2022, 2024],
        "title": "One",
    }
    (home / "editions" / "an-edition" / "edition.json").write_text(json.dumps(record))
    (home / "editions" / ".incoming-other-1").mkdir()
    (home / "editions" / ".incoming-other-1" / "half").write_text("half")
    (home / "secret_key").write_text("k" * 60)
    with database_of_its_own(folder) as address:
        place = Place(home, None if address.startswith("sqlite") else address)
        place.python(FILL)
        done = place.geomonitor("backup", folder / "backup.zip", "--editions")
        assert done.returncode == 0, done.stderr
        yield place, folder / "backup.zip"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty place, on each engine that there is."""
    if request.param == "sqlite":
        yield Place(tmp_path / "home", None)
        return
    if not os.environ.get("GEOMONITOR_TEST_DATABASE_URL"):
        pytest.skip("GEOMONITOR_TEST_DATABASE_URL is not set")
    with database_of_its_own(tmp_path) as address:
        yield Place(tmp_path / "home", address)


def damaged(backup: Path, target: Path, change) -> Path:
    """Write the backup again with some members changed; None leaves one out."""
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(target, "w") as result:
        members = {each.filename: source.read(each) for each in source.infolist()}
        for name, content in change(members).items():
            result.writestr(name, content)
    return target


def test_a_backup_holds_what_it_says_and_no_secret(original) -> None:
    _, backup = original
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = set(archive.namelist())
        content = b"".join(archive.read(name) for name in names)
    assert names == {"manifest.json", *manifest["files"]}
    assert manifest["tables"]["register_case"] == 1
    assert manifest["tables"]["register_comment"] == 3
    assert manifest["tables"]["auditlog_logentry"] > 4
    assert manifest["tables"]["archive_paper"] == 3
    assert "django_session" not in manifest["tables"]
    assert not [name for name in manifest["tables"] if name.startswith(("archive_search", "archive_stem"))]
    assert "editions/an-edition/edition.json" in names
    assert not any("half" in name or "incoming" in name for name in names)
    assert b"k" * 60 not in content


def test_every_row_and_file_comes_back(original, empty: Place) -> None:
    place, backup = original
    done = empty.geomonitor("restore", backup)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Everybody logs in again." in done.stdout
    assert empty.rows() == place.rows()
    for folder in ("results", "editions"):
        files = {
            each.relative_to(place.home): each.read_bytes()
            for each in (place.home / folder).rglob("*")
            if each.is_file() and "/." not in str(each.relative_to(place.home))
        }
        assert files
        assert files == {
            each.relative_to(empty.home): each.read_bytes()
            for each in (empty.home / folder).rglob("*")
            if each.is_file()
        }
    assert empty.python(GUARDED).split() == ["True", "True", "True"]
    # the search index is in no backup, and made anew
    assert empty.python(FOUND).split() == ["kst-36999-1", "kst-36999-2", "kst-36999-3"]
    assert not [each for each in empty.home.iterdir() if "restoring" in each.name]
    assert stat.S_IMODE(empty.home.stat().st_mode) == 0o700


def test_what_is_there_is_replaced_only_when_asked(original, empty: Place) -> None:
    place, backup = original
    (empty.home / "results" / "mine").mkdir(parents=True)
    (empty.home / "secret_key").write_text("k" * 60)
    empty.python(LITTLE)
    done = empty.geomonitor("restore", backup)
    assert done.returncode == 1
    assert "There is something here already." in done.stderr
    assert "mine" in empty.python(WHO)
    done = empty.geomonitor("restore", backup, "--replace")
    assert (done.returncode, done.stderr) == (0, "")
    assert empty.python(WHO).split() == ["analyst"]
    assert {each.name for each in (empty.home / "results").iterdir()} == {
        each.name for each in (place.home / "results").iterdir() if not each.name.startswith(".")
    }


def _other_bytes(members):
    return {**members, "tables/register_case.jsonl": members["tables/register_case.jsonl"][:-3]}


def _left_out(members):
    del members["tables/register_comment.jsonl"]
    return members


def _one_more(members):
    return {**members, "tables/extra.jsonl": b""}


def _manifest(**changed):
    def change(members):
        manifest = json.loads(members["manifest.json"])
        return {**members, "manifest.json": json.dumps({**manifest, **changed}).encode()}

    return change


def _outside(members):
    import hashlib

    manifest = json.loads(members["manifest.json"])
    manifest["files"]["results/../../outside"] = hashlib.sha256(b"x").hexdigest()
    return {**members, "results/../../outside": b"x", "manifest.json": json.dumps(manifest).encode()}


def _newer(members):
    manifest = json.loads(members["manifest.json"])
    manifest["migrations"].append(["register", "9999_of_the_future"])
    return {**members, "manifest.json": json.dumps(manifest).encode()}


def _wrong_rows(members):
    import hashlib

    manifest = json.loads(members["manifest.json"])
    lines = members["tables/register_comment.jsonl"].splitlines(keepends=True)
    content = b"".join([*lines, b'["not", "a", "row"]\n'])
    manifest["files"]["tables/register_comment.jsonl"] = hashlib.sha256(content).hexdigest()
    return {
        **members,
        "tables/register_comment.jsonl": content,
        "manifest.json": json.dumps(manifest).encode(),
    }


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_other_bytes, "not as it was written: tables/register_case.jsonl"),
        (_left_out, "holds other files than its manifest names"),
        (_one_more, "holds other files than its manifest names"),
        (_manifest(format=2), "has the format 2"),
        (_manifest(files=[1]), "no manifest of a backup"),
        (_outside, "a name that it cannot have"),
    ],
)
def test_a_backup_that_is_not_whole_is_not_begun_with(original, tmp_path: Path, change, what: str) -> None:
    bad = damaged(original[1], tmp_path / "bad.zip", change)
    with zipfile.ZipFile(bad) as archive, pytest.raises(DataError, match=what):
        checked_backup(archive, "bad.zip")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_newer, "made by a newer version"),
        (_wrong_rows, "The rows of the table register_comment cannot be read"),
    ],
)
def test_a_restore_that_fails_half_way_changes_nothing(original, tmp_path: Path, change, what: str) -> None:
    home = tmp_path / "home"
    (home / "results" / "mine").mkdir(parents=True)
    (home / "geomonitor.sqlite3").write_bytes(b"as it was")
    (home / "secret_key").write_text("k" * 60)
    bad = damaged(original[1], tmp_path / "bad.zip", change)
    done = Place(home, None).geomonitor("restore", bad, "--replace")
    assert done.returncode != 0
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    assert (home / "geomonitor.sqlite3").read_bytes() == b"as it was"
    assert {each.name for each in home.iterdir()} == {
        "geomonitor.sqlite3",
        "results",
        "secret_key",
        "serve.lock",
    }
    assert [each.name for each in (home / "results").iterdir()] == ["mine"]
    assert not (tmp_path / "outside").exists()


def test_what_is_no_backup_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path / "home", None)
    (tmp_path / "file.zip").write_bytes(b"PK\x03\x04 no")
    for file, what in (
        ("file.zip", "no backup, or it is damaged"),
        ("none.zip", "No such file or directory"),
    ):
        done = place.geomonitor("restore", tmp_path / file)
        assert done.returncode != 0
        assert what in done.stderr
        assert "Traceback" not in done.stderr


def test_a_backup_is_not_written_over_another(original) -> None:
    place, backup = original
    before = backup.read_bytes()
    done = place.geomonitor("backup", backup)
    assert done.returncode == 1
    assert "This file exists already." in done.stderr
    assert backup.read_bytes() == before


def test_nothing_to_back_up(tmp_path: Path) -> None:
    done = Place(tmp_path / "none", None).geomonitor("backup", tmp_path / "b.zip")
    assert done.returncode == 1
    assert "There is no such home folder." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_restore_that_was_killed_when_all_was_ready_is_finished(original, tmp_path: Path) -> None:
    place, backup = original
    if "DATABASE_URL" in place.environment:
        pytest.skip("on SQLite the database is part of it")
    target = Place(tmp_path / "home", None)
    target.home.mkdir()
    (target.home / "secret_key").write_text("k" * 60)
    killed = (
        "import os, signal\n"
        "from geomonitor.web.serving import restoring\n"
        "from pathlib import Path\n"
        "finish = restoring.finish_restore\n"
        "def die(home):\n"
        "    if (home / '.restoring' / 'ready').exists():\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return finish(home)\n"
        "restoring.finish_restore = die\n"
        f"restoring.restore_backup(Path({str(backup)!r}))\n"
    )
    assert target.run(sys.executable, "-c", killed).returncode == -9
    assert not (target.home / "geomonitor.sqlite3").exists()
    assert finish_restore(target.home)
    assert target.python(WHO).split() == ["analyst"]
    assert not finish_restore(target.home)
