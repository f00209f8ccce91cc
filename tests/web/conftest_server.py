"""The application as it is really served: `geomonitor serve` in a process, with a home folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

__all__ = ["Application", "own_database", "running_application", "served"]

PASSWORD = "a-long-password-of-tests"
_STARTING_S = 120.0

_MAKE_USERS = """
import django
django.setup()
from geomonitor.register.models import Role, User
for role in [*Role.values, "second_analyst"]:
    User.objects.create_user(
        role, f"{role}@example.org", PASSWORD, language="en",
        role=Role.ANALYST if role == "second_analyst" else role,
    )
"""


@dataclass(slots=True)
class Application:
    """An application that is served.

    Attributes
    ----------
    home : Path
    users : dict of str to str
        Password by user name. Beside "admin" one a role, named after it, and "second_analyst".
    output : Path
        What the terminal would show.
    """

    home: Path
    output: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    workers: int = 2
    users: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a program that works on its home folder."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GEOMONITOR_") and name != "DATABASE_URL"
        }
        return {
            **kept,
            "GEOMONITOR_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
            **self.extra,
        }

    def start(self) -> None:
        """Start it, on the port that it had before, and wait until its address is printed."""
        seen = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    Path(sys.executable).with_name("geomonitor"),
                    "serve",
                    "--port",
                    str(self.port),
                    "--workers",
                    str(self.workers),
                ],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + _STARTING_S
        while True:
            said = self.output.read_bytes()[seen:].decode()
            found = re.search(r"Geomonitor is at http://127\.0\.0\.1:(\d+)/", said)
            if found:
                break
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"The application did not start:\n{said}")
            time.sleep(0.05)
        if self.port:
            assert int(found[1]) == self.port, said
        self.port = int(found[1])
        password = re.search(r"password: (\S+)", said)
        if password:
            self.users["admin"] = password[1]

    def stop(self) -> int:
        """Stop it as Ctrl-C does, and give its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def kill(self) -> None:
        """Kill the process that keeps it running, as a machine that runs out of memory does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Stop it where it runs, and start it."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
        self.start()

    def run(self, code: str, *arguments: str) -> str:
        """Run Python with its settings, and give what it prints."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def health(self) -> tuple[int, dict[str, Any]]:
        """Ask the health page: status and content."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/health/")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def make_users(self) -> None:
        """Make one user a role."""
        self.run(_MAKE_USERS.replace("PASSWORD", repr(PASSWORD)))
        for name in ("reader", "analyst", "decision_maker", "administrator", "second_analyst"):
            self.users[name] = PASSWORD


def start_application(folder: Path, editions: Path | None, workers: int, **extra: str) -> Application:
    """Start an application in a new home folder; with editions that are there already, it starts quickly."""
    made = Application(home=folder / "home", output=folder / "output.txt", extra=extra, workers=workers)
    if editions is not None:
        made.home.mkdir(mode=0o700, parents=True)
        shutil.copytree(editions, made.home / "editions", ignore=shutil.ignore_patterns(".*"))
    made.start()
    made.make_users()
    return made


@contextmanager
def database_of_its_own(folder: Path) -> Iterator[str]:
    """Give the address of an empty database: a file, or one on the PostgreSQL of the tests."""
    server = os.environ.get("GEOMONITOR_TEST_DATABASE_URL")
    if not server:
        yield f"sqlite:///{folder / 'own.sqlite3'}"
        return
    import psycopg
    from psycopg import sql

    name = f"own_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, for a program that the test runs."""
    with database_of_its_own(tmp_path) as address:
        yield address


@contextmanager
def served(folder: Path, editions: Path | None, *, workers: int = 2, **extra: str) -> Iterator[Application]:
    """Serve an application on a database of its own, and stop it in the end."""
    with database_of_its_own(folder) as address:
        database = {} if address.startswith("sqlite") else {"DATABASE_URL": address}
        made = start_application(folder, editions, workers, **database, **extra)
        try:
            yield made
        finally:
            if made.process is not None and made.process.poll() is None:
                made.stop()


@pytest.fixture(scope="session")
def running_application(
    tmp_path_factory: pytest.TempPathFactory, edition_folder: Path
) -> Iterator[Application]:
    """The application with the embedded edition and one user a role; tests share it, so none resets it."""
    with served(tmp_path_factory.mktemp("application"), edition_folder) as made:
        yield made
