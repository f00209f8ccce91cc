"""`geomonitor serve`: what it makes, says, refuses, and leaves behind."""

from __future__ import annotations

import http.client
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from geomonitor.errors import GeomonitorError
from geomonitor.web.serving import supervisor
from geomonitor.web.serving.home import hold_home, make_home, private_file
from web.conftest_server import Application

SERVE = [Path(sys.executable).with_name("geomonitor"), "serve"]


def serve(home: Path, *options: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the command where it is to refuse."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEOMONITOR_")}
    kept.pop("DATABASE_URL", None)
    return subprocess.run(
        [*SERVE, "--home", home, *options],
        env={**kept, **extra},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def get(application: Application, path: str) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", application.port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        connection.close()


# the application that runs


def test_first_start_says_the_address_and_a_password_once(running_application: Application) -> None:
    said = running_application.output.read_text()
    assert len(re.findall(r"password: \S{20}", said)) == 1
    assert said.count("user:     admin") == 1
    assert f"Geomonitor is at {running_application.url}/" in said
    assert str(running_application.home) in said
    assert "Traceback" not in said


def test_home_is_private(running_application: Application) -> None:
    home = running_application.home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    on_postgresql = "DATABASE_URL" in running_application.extra
    for name in ("secret_key",) if on_postgresql else ("secret_key", "geomonitor.sqlite3"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert len((home / "secret_key").read_text().strip()) >= 50


def test_health_says_how_it_is_and_nothing_secret(running_application: Application) -> None:
    status, found = running_application.health()
    assert (status, found["healthy"], found["database"], found["migrations"]) == (
        200,
        True,
        "reached",
        "done",
    )
    assert found["workers"] >= 1
    assert found["edition"].startswith("raw-materials-")
    assert set(found) == {
        "healthy",
        "version",
        "database",
        "migrations",
        "workers",
        "jobs_waiting",
        "edition",
    }


def test_every_other_page_asks_for_a_log_in(running_application: Application) -> None:
    status, _, headers = get(running_application, "/jobs/")
    assert status == 302
    assert headers["Location"].endswith("?next=/jobs/")


def test_static_files_are_sent_compressed_with_a_name_by_content(running_application: Application) -> None:
    collected = running_application.home / "static" / "plotly"
    (script,) = [
        each for each in collected.iterdir() if re.fullmatch(r"plotly\.min\.[0-9a-f]{12}\.js", each.name)
    ]
    connection = http.client.HTTPConnection("127.0.0.1", running_application.port, timeout=30)
    connection.request("GET", f"/static/plotly/{script.name}", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(body) < script.stat().st_size / 2


def test_a_second_server_on_the_same_home_is_refused(running_application: Application) -> None:
    done = serve(running_application.home, "--port", "0")
    assert done.returncode == 1
    assert "in use by another Geomonitor (process" in done.stderr
    assert "next:" in done.stderr
    assert running_application.health()[0] == 200


def test_an_unknown_host_name_is_not_answered(running_application: Application) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running_application.port, timeout=30)
    connection.request("GET", "/health/", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 400
    connection.close()


# what is refused, in words


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = serve(tmp_path / "file" / "home")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "The home folder cannot be used: Not a directory." in done.stderr


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("postgresql://nobody:secret@127.0.0.1:9/none", "The database cannot be reached"),
        ("oracle://x", "Geomonitor does not work on this kind of database (oracle)"),
        ("nonsense", "DATABASE_URL is not the address of a database"),
    ],
)
def test_a_database_that_is_not_there(tmp_path: Path, address: str, what: str) -> None:
    done = serve(tmp_path / "home", "--port", "0", DATABASE_URL=address)
    assert done.returncode == 1
    assert f"Error: {what}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_setting_that_is_wrong(tmp_path: Path) -> None:
    done = serve(tmp_path / "home", "--port", "0", GEOMONITOR_SESSION_HOURS="ten")
    assert done.returncode == 1
    assert "GEOMONITOR_SESSION_HOURS is 'ten'; expected a whole number." in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_not_this_machine(tmp_path: Path) -> None:
    done = serve(tmp_path / "home", "--host", "192.0.2.1")
    assert done.returncode == 1
    assert "The address cannot be listened on" in done.stderr


# the pieces


def test_the_next_free_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with supervisor._listening("127.0.0.1", port) as found:
            assert port < found.getsockname()[1] < port + 50


def test_one_named_address_is_answered_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOMONITOR_ALLOWED_HOSTS", raising=False)
    assert supervisor.environment_of(Path("/h"), "10.1.2.3")["GEOMONITOR_ALLOWED_HOSTS"].endswith(",10.1.2.3")
    assert "GEOMONITOR_ALLOWED_HOSTS" not in supervisor.environment_of(Path("/h"), "0.0.0.0")
    monkeypatch.setenv("GEOMONITOR_ALLOWED_HOSTS", "monitor.example")
    assert supervisor.environment_of(Path("/h"), "10.1.2.3")["GEOMONITOR_ALLOWED_HOSTS"] == "monitor.example"


def test_the_lock_of_a_home_is_freed_with_its_holder(tmp_path: Path) -> None:
    make_home(tmp_path)
    with hold_home(tmp_path), pytest.raises(GeomonitorError, match="in use"), hold_home(tmp_path):
        pytest.fail("held twice")
    with hold_home(tmp_path):
        pass


def test_the_secret_key_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOMONITOR_SECRET_KEY", raising=False)
    make_home(tmp_path)
    key = (tmp_path / "secret_key").read_text()
    make_home(tmp_path)
    assert (tmp_path / "secret_key").read_text() == key


def test_a_private_file_is_never_half_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private_file(tmp_path / "key", "old")

    def broken(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="No space"):
        private_file(tmp_path / "key", "new")
    assert (tmp_path / "key").read_text() == "old"


def test_stopping_leaves_no_process_and_starting_again_keeps_everything(
    running_application: Application,
) -> None:
    before = running_application.run("from django.conf import settings; print(settings.SECRET_KEY)")
    assert running_application.stop() == 0
    assert "Stopping." in running_application.output.read_text()
    with pytest.raises(ConnectionRefusedError):
        running_application.health()
    running_application.start()
    assert running_application.run("from django.conf import settings; print(settings.SECRET_KEY)") == before
    assert len(re.findall(r"password: \S+", running_application.output.read_text())) == 1
    assert running_application.health()[0] == 200
    assert running_application.process is not None
    assert running_application.process.poll() is None
