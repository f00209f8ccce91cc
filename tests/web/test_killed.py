"""Kill the application in the middle of a run, an import and a save: nothing is half there afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from web.conftest_server import Application, served

pytestmark = pytest.mark.xdist_group("killed application")

ASK = """
import json, sys
import django
django.setup()
from geomonitor.register.models import User
from geomonitor.web.jobs import queue
job = queue.ask(User.objects.get(username="analyst"), "edition", "Mine", {"profile": sys.argv[1]})
print(job.pk)
"""

JOB = """
import json, sys, time
import django
django.setup()
from geomonitor.web.models import Job
for _ in range(600):
    job = Job.objects.get(pk=sys.argv[1])
    if sys.argv[2] == "now" or job.ended:
        break
    time.sleep(0.2)
print(json.dumps({"state": job.state, "step": job.step, "attempts": job.attempts, "worker": job.worker,
                  "result": job.result, "error": job.error}))
"""

# a small profile, so that the work takes seconds; another name than that of the edition that is there
PROFILE = """
name = "killed"
years = [2023]
methods = ["commission-2021"]
importers = [{code = "NLD"}]
table = false
materials = false
shocks = false
"""

# stops in the middle of a save, after its first rows are written, and says so
SAVE = """
import sys, time
import django
django.setup()
from django.db import transaction
from geomonitor.register.models import Case, Comment, User
from geomonitor.register.services import cases, content
user = User.objects.get(username="analyst")
with transaction.atomic():
    case = cases.open_case(user, title="Half saved", subject_kind="product", subject_code="810110",
                           subject_name="Tungsten powders")
    content.add(user, case, Comment, text="half")
    print("in the middle", flush=True)
    time.sleep(60)
"""

# stops in the middle of an import of five cases, after three are written, and says so
IMPORT = """
import hashlib, time
import django
django.setup()
from django.db import transaction
from geomonitor.register.exchange.files import export_file, read_file
from geomonitor.register.exchange.importing import apply_import
from geomonitor.register.exchange.merging import Merge
from geomonitor.register.models import User
from geomonitor.register.services import cases
user = User.objects.get(username="analyst")
with transaction.atomic():
    for number in range(5):
        cases.open_case(user, title=f"Imported {number}", subject_kind="product", subject_code="810110",
                        subject_name="Tungsten powders")
    content = export_file(user, "json")
    transaction.set_rollback(True)
write, written = Merge._row, []

def slow(self, of, row, existing):
    write(self, of, row, existing)
    written.append(existing is None and of.name == "cases")
    if sum(written) == 3:
        print("in the middle", flush=True)
        time.sleep(60)

Merge._row = slow
apply_import(user, read_file(content), sha256=hashlib.sha256(content).hexdigest())
"""

COUNT = """
import json
import django
django.setup()
from auditlog.models import LogEntry
from geomonitor.register.models import Case, Comment
print(json.dumps([sorted(Case.objects.values_list("title", flat=True)), Comment.objects.count(),
                  LogEntry.objects.count()]))
"""


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until something is so, and give it."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


def processes_of(home: Path) -> set[int]:
    """The processes that work on a home folder."""
    found = set()
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if f"GEOMONITOR_HOME={home}".encode() in (each / "environ").read_bytes().split(b"\0"):
                found.add(int(each.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            # it ended while we looked, or is somebody else's
            continue
    return found


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory, edition_folder: Path) -> Iterator[Application]:
    """An application of its own: it is killed again and again."""
    with served(tmp_path_factory.mktemp("killed"), edition_folder, workers=1) as made:
        yield made


def job_of(application: Application, uid: str, when: str = "now") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(application.run(JOB, uid, when))
    return found


def children_at_work(application: Application) -> list[int]:
    """The processes that do a job now."""
    found = []
    for each in processes_of(application.home):
        try:
            command = Path(f"/proc/{each}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"geomonitor.web.jobs.child" in command:
            found.append(each)
    return found


def editions(application: Application) -> set[str]:
    """What is listed: folders that do not begin with a point."""
    return {each.name for each in (application.home / "editions").iterdir() if not each.name.startswith(".")}


@pytest.mark.parametrize("who", ["everything", "the server", "the worker"])
def test_a_run_is_taken_up_again(application: Application, who: str) -> None:
    before = editions(application)
    uid = application.run(ASK, PROFILE.replace("killed", f"killed-{who.replace(' ', '-')}")).strip()
    until(lambda: children_at_work(application))
    if who == "the server":
        # what it started ends by itself
        application.kill()
        until(lambda: not processes_of(application.home))
    else:
        child, *_ = children_at_work(application)
        worker = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
        if who == "everything":
            for each in processes_of(application.home):
                os.kill(each, signal.SIGKILL)
            assert application.process is not None
            application.process.kill()
            application.process.wait()
        else:
            os.kill(worker, signal.SIGKILL)
        until(lambda: child not in processes_of(application.home))
    assert editions(application) == before
    if who != "the worker":
        # a worker whose server is gone gives back what it does; one that was killed cannot
        assert job_of(application, uid)["state"] == ("running" if who == "everything" else "waiting")
        application.start()
    found = job_of(application, uid, "at the end")
    assert (found["state"], found["error"]) == ("done", "")
    assert found["attempts"] == (1 if who == "the server" else 2)
    assert editions(application) == before | {found["result"]["edition"]}
    assert (application.home / "editions" / found["result"]["edition"] / "edition.json").exists()
    # nothing that the killed attempt left
    assert [each.name for each in (application.home / "results").iterdir() if each.name.startswith(".")] == []
    assert not list((application.home / "editions").glob(".incoming-*"))
    assert application.health()[0] == 200


def killed_in_the_middle(application: Application, code: str, *arguments: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=application.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in the middle\n"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("code", [SAVE, IMPORT], ids=["save", "import"])
def test_what_was_being_written_leaves_nothing(application: Application, code: str) -> None:
    before = application.run(COUNT)
    killed_in_the_middle(application, code)
    # from the file as it was left
    assert application.run(COUNT) == before
