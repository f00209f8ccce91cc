"""The queue of work: who takes what, what is given back, what a dead worker cannot do any more."""

from __future__ import annotations

import datetime
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from geomonitor.errors import UnknownCodeError
from geomonitor.register.errors import NotAllowedError
from geomonitor.register.models import User
from geomonitor.web.jobs import queue
from geomonitor.web.jobs.edition_job import checked_profile
from geomonitor.web.jobs.kinds import KINDS, work_of
from geomonitor.web.jobs.worker import Worker
from geomonitor.web.models import Job, Pulse

pytestmark = pytest.mark.django_db

WRONG_PROFILE = (
    'name = "wrong"\nyears = [1066]\nmethods = ["commission-2021"]\nimporters = [{code = "NLD"}]\n'
)

# without the parts that take long: what is looked at is who does the work
QUICK_PROFILE = """
name = "quick"
years = [2023]
methods = ["commission-2021"]
importers = [{code = "NLD"}]
table = false
materials = false
shocks = false
"""


def asked(users: dict[str, User], title: str = "Work", **parameters: object) -> Job:
    return queue.ask(users["analyst"], "edition", title, parameters or {"profile": ""})


def silent(job: Job) -> None:
    long_ago = timezone.now() - datetime.timedelta(seconds=queue.SILENCE_S + 1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)


def state(job: Job) -> str:
    job.refresh_from_db()
    return str(job.state)


def test_only_who_may_asks(users) -> None:
    with pytest.raises(NotAllowedError):
        queue.ask(users["reader"], "edition", "Work", {})
    with pytest.raises(UnknownCodeError, match="no work of the kind 'shell'"):
        queue.ask(users["analyst"], "shell", "Work", {})
    assert not Job.objects.exists()


def test_work_is_taken_in_order_and_once(users) -> None:
    first, second = asked(users, "first"), asked(users, "second")
    taken = queue.claim("a")
    assert taken is not None
    assert (taken.pk, taken.worker, taken.attempts, taken.state) == (first.pk, "a", 1, "running")
    other = queue.claim("b")
    assert other is not None
    assert other.pk == second.pk
    assert queue.claim("c") is None


MANY_WORKERS = """
import threading
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.db import connection
from geomonitor.register.models import Role, User
from geomonitor.web.jobs import queue

user = User.objects.create_user("analyst", role=Role.ANALYST)
for number in range(12):
    queue.ask(user, "edition", str(number), {})
taken, begin = [], threading.Barrier(4)

def work(name):
    begin.wait()
    while (job := queue.claim(name)) is not None:
        taken.append(job.title)
    connection.close()

threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
for each in threads: each.start()
for each in threads: each.join()
# one that is just being taken is passed over, so another look may be needed
while (job := queue.claim("e")) is not None:
    taken.append(job.title)
print(*sorted(taken, key=int))
"""


def test_many_workers_at_once_take_each_job_once(own_database: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "GEOMONITOR_HOME": str(tmp_path),
        "DATABASE_URL": own_database,
    }
    done = subprocess.run(
        [sys.executable, "-c", MANY_WORKERS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(number) for number in range(12)]


def test_progress_and_result(users) -> None:
    asked(users)
    job = queue.claim("a")
    assert job is not None
    assert queue.beat(job, ("Reading the flows", 1, 10))
    assert state(job) == "running"
    assert (job.message, job.step, job.steps) == ("Reading the flows", 1, 10)
    assert queue.finish(job, result={"edition": "x"})
    assert state(job) == "done"
    assert (job.result, job.step, job.ended_at is not None) == ({"edition": "x"}, 10, True)
    assert not queue.finish(job, error="too late")
    assert state(job) == "done"


def test_what_waits_is_cancelled_at_once_and_what_runs_when_its_worker_sees_it(users) -> None:
    waiting = asked(users)
    assert queue.cancel(users["analyst"], waiting).state == "cancelled"
    assert queue.claim("a") is None
    running = asked(users)
    job = queue.claim("a")
    assert job is not None
    assert queue.cancel(users["administrator"], running).state == "running"
    assert not queue.beat(job)
    assert queue.finish(job, error="It was cancelled.")
    assert (state(job), job.error) == ("cancelled", "")


def test_a_job_of_somebody_else_is_not_there(users) -> None:
    job = asked(users)
    assert list(queue.visible_jobs(users["second_analyst"])) == []
    assert list(queue.visible_jobs(users["administrator"])) == [job]
    with pytest.raises(UnknownCodeError):
        queue.cancel(users["second_analyst"], job)
    assert state(job) == "waiting"


def test_a_job_of_a_silent_worker_goes_back_and_that_worker_has_no_say_any_more(users) -> None:
    asked(users)
    old = queue.claim("dead")
    assert old is not None
    assert queue.give_back_stale() == 0
    silent(old)
    assert queue.give_back_stale() == 1
    new = queue.claim("alive")
    assert new is not None
    assert (new.pk, new.attempts) == (old.pk, 2)
    # the old one wakes up
    assert not queue.beat(old, ("Still here", 5, 10))
    assert not queue.finish(old, result={"edition": "old"})
    assert not queue.give_back(old)
    assert (state(new), new.message, new.worker) == ("running", "", "alive")
    assert queue.finish(new, result={"edition": "new"})
    assert Job.objects.get().result == {"edition": "new"}


def test_a_worker_that_is_known_to_be_dead_is_not_waited_for(users) -> None:
    asked(users)
    queue.claim("dead")
    assert queue.give_back_stale(lambda worker: worker == "other") == 0
    assert queue.give_back_stale(lambda worker: worker == "dead") == 1
    assert Job.objects.get().state == "waiting"


def test_after_three_deaths_a_job_is_given_up_in_words(users) -> None:
    asked(users)
    for number in range(queue.MOST_ATTEMPTS):
        job = queue.claim(f"worker {number}")
        assert job is not None
        silent(job)
        assert queue.give_back_stale() == 1
    assert queue.claim("one more") is None
    assert state(job) == "failed"
    assert "3 times" in job.error
    assert "next:" in job.error


def test_a_worker_that_is_stopped_in_order_costs_no_attempt(users) -> None:
    asked(users)
    for _ in range(5):
        job = queue.claim("a")
        assert job is not None
        assert queue.give_back(job)
    assert (state(job), job.attempts, job.worker) == ("waiting", 0, "")


def test_a_cancelled_job_of_a_dead_worker_is_not_started_again(users) -> None:
    asked(users)
    job = queue.claim("dead")
    assert job is not None
    queue.cancel(users["analyst"], job)
    silent(job)
    queue.give_back_stale()
    assert state(job) == "cancelled"


def test_pulses_are_kept_for_a_day(users) -> None:
    Pulse.objects.create(worker="old", at=timezone.now() - datetime.timedelta(days=2))
    queue.pulse("a")
    queue.pulse("a")
    assert [each.worker for each in Pulse.objects.all()] == ["a"]


# a worker


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "geomonitor.web.settings")
    made = Worker(tmp_path)
    made.results.mkdir()
    made.locks.mkdir()
    return made


def test_a_worker_tells_an_error_in_words_and_leaves_nothing(users, worker: Worker) -> None:
    asked(users, profile=WRONG_PROFILE)
    job = queue.claim(worker.name)
    worker._do(job)
    assert state(job) == "failed"
    assert "1066" in job.error
    assert "Traceback" not in job.error
    assert list(worker.results.iterdir()) == []


def test_a_worker_finishes_work_and_keeps_its_folder(
    users, worker: Worker, tmp_path: Path, monkeypatch
) -> None:
    editions = tmp_path / "editions"
    editions.mkdir()
    monkeypatch.setenv("GEOMONITOR_EDITIONS", str(editions))
    asked(users, profile=QUICK_PROFILE)
    job = queue.claim(worker.name)
    # what an attempt left whose worker was killed
    (worker.results / f".{job.pk}-1").mkdir()
    (worker.results / str(job.pk)).mkdir()
    (worker.results / str(job.pk) / "old").write_text("")
    worker._do(job)
    assert (state(job), job.error) == ("done", "")
    assert (editions / job.result["edition"] / "edition.json").exists()
    assert [each.name for each in worker.results.iterdir()] == [str(job.pk)]
    assert list((worker.results / str(job.pk)).iterdir()) == []


def test_a_worker_says_so_where_the_work_has_a_defect(users, worker: Worker) -> None:
    Job.objects.create(kind="no such kind", title="x", asked_by=users["analyst"])
    job = queue.claim(worker.name)
    worker._do(job)
    assert state(job) == "failed"
    assert "an error of Geomonitor itself (status 1)" in job.error


def test_a_worker_ends_what_was_cancelled(users, worker: Worker) -> None:
    asked(users)
    job = queue.claim(worker.name)
    queue.cancel(users["analyst"], job)
    worker._do(job)
    assert state(job) == "cancelled"
    assert list(worker.results.iterdir()) == []


def test_a_worker_that_stops_gives_back(users, worker: Worker) -> None:
    asked(users)
    job = queue.claim(worker.name)
    worker.stop()
    worker._do(job)
    assert (state(job), job.attempts) == ("waiting", 0)
    assert list(worker.results.iterdir()) == []


def test_a_lock_tells_who_is_dead(worker: Worker) -> None:
    file = worker.locks / "other.lock"
    file.write_text("")
    held = os.open(file, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert not worker._is_dead("other")
    os.close(held)
    assert worker._is_dead("other")
    assert not worker._is_dead("of another home folder")


# profiles that users give


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('interests = "../secret_key"', "interests"),
        ('judgements = "judgements.toml"', "judgements"),
        ('methods = ["/etc/method.yaml"]', "methods"),
        ('table = "../table.csv"', "table"),
        ('[materials]\ninputs = ["inputs.toml"]', "materials.inputs"),
        ('[shocks]\nscenarios = ["mine.toml"]', "shocks.scenarios"),
        ('[shocks]\nscenarios = ["../../mine"]', "shocks.scenarios"),
        ('[shocks]\ncalibration = "oecd-icio:/etc/passwd"', "shocks.calibration"),
        ('[shocks]\nelasticities = "/etc/passwd"', "shocks.elasticities"),
    ],
)
def test_a_profile_that_names_files_is_refused(line: str, key: str) -> None:
    from geomonitor.errors import ProfileError

    with pytest.raises(ProfileError, match="names a file of its own") as refused:
        checked_profile(line)
    assert refused.value.where == f"the profile, key {key}"


def test_every_kind_of_work_is_there() -> None:
    for kind in KINDS:
        assert callable(work_of(kind))
