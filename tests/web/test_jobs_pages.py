"""The pages on work in the background, as each role sees them."""

from __future__ import annotations

import importlib.resources
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from geomonitor.web.jobs import queue
from geomonitor.web.models import Job, Pulse

pytestmark = pytest.mark.django_db

SHIPPED = (importlib.resources.files("geomonitor.monitor") / "profiles" / "default.toml").read_text("utf-8")


@pytest.fixture
def job(users) -> Job:
    return queue.ask(users["analyst"], "edition", "Edition: <b>mine</b>", {"profile": ""})


def test_no_work_says_what_to_do_next(as_analyst, as_reader) -> None:
    assert b'href="/jobs/new-edition/"' in as_analyst.get("/jobs/").content
    reader = as_reader.get("/jobs/").content.decode()
    assert "No work was asked for yet." in reader
    assert "/jobs/new-edition/" not in reader.partition("<main")[2]


def test_each_sees_their_own_and_an_administrator_all(
    job, as_analyst, as_decision_maker, as_administrator
) -> None:
    assert f"/jobs/{job.pk}/".encode() in as_analyst.get("/jobs/").content
    assert f"/jobs/{job.pk}/".encode() in as_administrator.get("/jobs/").content
    assert f"/jobs/{job.pk}/".encode() not in as_decision_maker.get("/jobs/").content
    assert as_decision_maker.get(f"/jobs/{job.pk}/").status_code == 404
    assert as_decision_maker.post(f"/jobs/{job.pk}/cancel/").status_code == 404
    assert as_analyst.get(f"/jobs/{uuid.uuid4()}/").status_code == 404


def test_what_a_user_wrote_is_text(job, as_analyst) -> None:
    for page in ("/jobs/", f"/jobs/{job.pk}/"):
        content = as_analyst.get(page).content
        assert b"&lt;b&gt;mine" in content
        assert b"<b>mine" not in content


def test_waiting_without_a_worker_says_so(job, as_analyst) -> None:
    assert b"No worker has been alive" in as_analyst.get(f"/jobs/{job.pk}/").content
    Pulse.objects.create(worker="w", at=timezone.now())
    content = as_analyst.get(f"/jobs/{job.pk}/").content
    assert b"No worker has been alive" not in content
    assert b"It waits for a worker." in content


def test_progress_is_asked_for_each_second_until_the_end(job, as_analyst) -> None:
    running = queue.claim("w")
    queue.beat(running, ("Screening every product", 4, 14))
    whole = as_analyst.get(f"/jobs/{job.pk}/").content.decode()
    assert '<noscript><meta http-equiv="refresh"' in whole
    part = as_analyst.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert 'hx-trigger="every 1s"' in part.content.decode()
    assert '<progress id="how-far" max="14" value="4">' in part.content.decode()
    assert "Step 4 of 14" in part.content.decode()
    assert "HX-Refresh" not in part.headers
    queue.finish(running, error="The disk is full.\n  next: Free some <space>.")
    part = as_analyst.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"
    whole = as_analyst.get(f"/jobs/{job.pk}/").content.decode()
    assert "The disk is full." in whole
    assert "Free some &lt;space&gt;." in whole
    assert "http-equiv" not in whole
    assert "every 1s" not in whole


def test_what_is_done_leads_to_its_result(job, as_analyst) -> None:
    queue.finish(queue.claim("w"), result={"edition": "raw-materials-123"})
    assert b'href="/editions/raw-materials-123/"' in as_analyst.get(f"/jobs/{job.pk}/").content


def test_cancelling_is_a_form(job, as_analyst) -> None:
    assert as_analyst.get(f"/jobs/{job.pk}/cancel/").status_code == 405
    assert as_analyst.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"
    content = as_analyst.get(f"/jobs/{job.pk}/").content
    assert b"It was cancelled" in content
    assert b"/cancel/" not in content


def test_pages_speak_dutch(job, users, as_analyst) -> None:
    users["analyst"].language = "nl"
    users["analyst"].save()
    queue.beat(queue.claim("w"), ("Screening every product", 4, 14))
    content = as_analyst.get(f"/jobs/{job.pk}/").content.decode()
    assert "Elk product toetsen" in content
    assert "Stap 4 van 14" in content


def test_a_reader_asks_for_no_edition(as_reader) -> None:
    assert as_reader.get("/jobs/new-edition/").status_code == 403
    assert as_reader.post("/jobs/new-edition/", {"which": "shipped"}).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("how", ["shipped", "file", "text"])
def test_an_edition_is_asked_for(as_analyst, how: str) -> None:
    own = SHIPPED.replace('en = "Strategic dependencies in raw materials"', 'en = "Mine"')
    given = {
        "shipped": {"which": "shipped"},
        "file": {"which": "own", "file": SimpleUploadedFile("p.toml", b"\xef\xbb\xbf" + own.encode())},
        "text": {"which": "own", "text": own},
    }[how]
    answer = as_analyst.post("/jobs/new-edition/", given)
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    assert job.kind == "edition"
    if how == "shipped":
        assert (job.title, job.parameters) == (
            "Edition: Strategic dependencies in raw materials",
            {"profile": ""},
        )
    else:
        assert (job.title, job.parameters["profile"].replace("\r\n", "\n")) == ("Edition: Mine", own)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"which": "own"}, "Give a file or a text, or choose"),
        ({"which": "own", "text": "years = ["}, "The profile is not valid TOML"),
        ({"which": "own", "text": 'name = "x"'}, "The profile lacks importers"),
        ({"which": "own", "text": 'interests = "/etc/passwd"'}, "names a file of its own"),
        ({"which": "own", "text": "#" * 210_000}, "larger than 200 kB"),
        ({"which": "own", "file": SimpleUploadedFile("p.toml", b"\xff\xfe")}, "not a text in UTF-8"),
        ({"which": "own", "text": "x", "file": SimpleUploadedFile("p.toml", b"x")}, "not both"),
        ({"which": "nonsense"}, "nonsense is not one of the available choices"),
        ({}, "This field is required"),
    ],
)
def test_a_profile_that_is_wrong_is_told_before_anything_starts(as_analyst, given, said: str) -> None:
    answer = as_analyst.post("/jobs/new-edition/", given)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "/tmp" not in answer.content.decode()
    assert not Job.objects.exists()


def test_an_upload_beyond_the_limit_is_told(as_analyst, settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1000
    file = SimpleUploadedFile("p.toml", b"#" * 100_000)
    answer = as_analyst.post("/jobs/new-edition/", {"which": "own", "file": file})
    assert answer.status_code == 413
    assert "larger than" in answer.content.decode()
