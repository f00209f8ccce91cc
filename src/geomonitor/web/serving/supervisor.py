"""``geomonitor serve``: prepare, start the web server and a worker, and keep them running."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geomonitor.errors import GeomonitorError
from geomonitor.web.serving.home import hold_home, make_home

__all__ = ["Stop", "backup", "environment_of", "prepare", "restore", "run_in_home", "serve", "work"]

_STOPPING_S = 15.0
_STARTING_S = 120.0
_PORTS_TRIED = 50
_BETWEEN_STARTS_S = 2.0
Tell = Callable[[str], None]


@dataclass(slots=True)
class _Part:
    """A process that is kept running."""

    name: str
    command: Sequence[str]
    handles: Sequence[int]
    process: subprocess.Popen[bytes] = field(init=False)
    started: float = field(init=False, default=0.0)

    def start(self, environment: Mapping[str, str]) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.command],
            # nothing is written to it: when this process is gone it closes, and the part ends
            stdin=subprocess.PIPE,
            env=environment,
            pass_fds=self.handles,
            # Ctrl-C is for this process, which stops its parts in order
            process_group=0,
        )

    def stop(self, until: float) -> None:
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def environment_of(home: Path, host: str | None = None) -> dict[str, str]:
    """Give the environment of the processes that serve a home folder.

    Parameters
    ----------
    home : pathlib.Path
    host : str, optional
        The address that is listened on; a single one is answered to without further settings.

    Examples
    --------
    >>> environment_of(Path("/srv/geomonitor"))["GEOMONITOR_HOME"]
    '/srv/geomonitor'
    """
    made = {
        **os.environ,
        "GEOMONITOR_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "PYTHONUNBUFFERED": "1",
    }
    if host and host not in {"0.0.0.0", "::", "127.0.0.1", "::1", "localhost"}:
        shown = f"[{host}]" if ":" in host else host
        made.setdefault("GEOMONITOR_ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{shown}")
    return made


def prepare(environment: Mapping[str, str], lock: int, stop: Stop | None = None) -> None:
    """Prepare a home folder in a process of its own, which says what it does.

    Parameters
    ----------
    environment : mapping of str to str
    lock : int
        Handle of the lock on the home folder, which that process holds too.
    stop : Stop, optional
        Whether this process was told to stop.

    Raises
    ------
    SystemExit
        With the status of that process, if it failed; it has said why.
    """
    part = _Part("preparation", ["geomonitor.web.serving.preparing"], [lock])
    part.start(environment)
    while part.process.poll() is None:
        if stop is not None and stop.asked:
            _stop_all([part])
        time.sleep(0.05)
    if part.process.returncode and not (stop is not None and stop.asked):
        sys.exit(part.process.returncode if part.process.returncode > 0 else 1)


def serve(host: str, port: int, workers: int, home: Path, tell: Tell) -> None:
    """Serve the application until this process is told to stop.

    Parameters
    ----------
    host : str
        Address to listen on.
    port : int
        The next free one is taken where it is in use.
    workers : int
        Processes of the web server.
    home : pathlib.Path
    tell : callable
        Takes lines for the terminal.

    Raises
    ------
    GeomonitorError
        If the home folder or the address cannot be used, or the server does not start.
    """
    os.umask(0o077)
    stop = Stop()
    make_home(home)
    with hold_home(home) as lock, _listening(host, port) as listening:
        found = listening.getsockname()[1]
        if port and found != port:
            tell(f"Port {port} is in use by another program; {found} is free.")
        environment = environment_of(home, host)
        prepare(environment, lock, stop)
        server = _Part(
            "web server",
            ["geomonitor.web.serving.server", str(listening.fileno()), str(workers)],
            [listening.fileno(), lock],
        )
        worker = _Part("worker", ["geomonitor.web.jobs.worker"], [lock])
        running: list[_Part] = []
        try:
            for part in () if stop.asked else (server, worker):
                part.start(environment)
                running.append(part)
            if running:
                _wait_until_answered(server, host, found, environment, stop)
            if not stop.asked:
                shown = f"[{host}]" if ":" in host else host
                tell(f"Geomonitor is at http://{shown}:{found}/")
                tell(f"Its data are in {home}. Stop it with Ctrl-C.")
            _keep(server, worker, environment, stop, tell)
        finally:
            if stop.asked:
                tell("Stopping.")
            _stop_all(running)


def work(home: Path, tell: Tell) -> None:
    """Run one more worker until this process is told to stop; one that died is started again.

    Parameters
    ----------
    home : pathlib.Path
    tell : callable
        Takes lines for the terminal.

    Raises
    ------
    GeomonitorError
        If the home folder or the database cannot be used.
    """
    os.umask(0o077)
    stop = Stop()
    make_home(home)
    environment = environment_of(home)
    run_in_home("geomonitor.web.serving.ready", home)
    worker = _Part("worker", ["geomonitor.web.jobs.worker"], [])
    worker.start(environment)
    tell(f"A worker runs on {home}. Stop it with Ctrl-C.")
    try:
        while not stop.asked:
            _start_again(worker, environment, tell)
            time.sleep(0.2)
    finally:
        _stop_all([worker])


def run_in_home(module: str, home: Path, *arguments: str | Path) -> None:
    """Run a module of Geomonitor in a process of its own, with the settings of a home folder.

    Parameters
    ----------
    module : str
    home : pathlib.Path
    *arguments : str or pathlib.Path

    Raises
    ------
    SystemExit
        With the status of that process, if it failed; it has said why.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], env=environment_of(home), check=False
    )
    if done.returncode:
        sys.exit(done.returncode if done.returncode > 0 else 1)


def backup(file: Path, home: Path, editions: bool) -> None:
    """Write a backup; see `geomonitor.web.serving.backup`.

    Parameters
    ----------
    file, home : pathlib.Path
    editions : bool
        Whether the editions themselves go in.

    Raises
    ------
    GeomonitorError
        If there is no such home folder.
    """
    if not home.is_dir():
        raise GeomonitorError(
            "There is no such home folder.",
            where=str(home),
            expected="a home folder that `geomonitor serve` has used",
            next_step="Name it with --home.",
        )
    run_in_home("geomonitor.web.serving.backup", home, file, "yes" if editions else "no")


def restore(file: Path, home: Path, replace: bool) -> None:
    """Put a backup back; see `geomonitor.web.serving.restoring`.

    Parameters
    ----------
    file, home : pathlib.Path
    replace : bool
        Whether what is there may be replaced.

    Raises
    ------
    GeomonitorError
        If the home folder is in use, or cannot be made.
    """
    os.umask(0o077)
    make_home(home)
    with hold_home(home):
        run_in_home("geomonitor.web.serving.restoring", home, file, "yes" if replace else "no")


class Stop:
    """Whether this process was told to stop."""

    def __init__(self) -> None:
        self.asked = False
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self.asked = True


def _keep(server: _Part, worker: _Part, environment: Mapping[str, str], stop: Stop, tell: Tell) -> None:
    """Watch both; a worker that died is started again, as jobs wait for it."""
    while not stop.asked:
        if server.process.poll() is not None:
            raise GeomonitorError(
                f"The web server stopped by itself (status {server.process.returncode}).",
                next_step="See the lines above; then start it again.",
            )
        _start_again(worker, environment, tell)
        time.sleep(0.2)


def _start_again(worker: _Part, environment: Mapping[str, str], tell: Tell) -> None:
    # not at once, so that one that cannot start does not fill the terminal
    if worker.process.poll() is not None and time.monotonic() - worker.started > _BETWEEN_STARTS_S:
        tell(f"The worker stopped (status {worker.process.returncode}); it is started again.")
        worker.start(environment)


def _stop_all(parts: Sequence[_Part]) -> None:
    for part in parts:
        if part.process.poll() is None:
            part.process.terminate()
    until = time.monotonic() + _STOPPING_S
    for part in parts:
        part.stop(until)


def _listening(host: str, port: int) -> socket.socket:
    """Listen on a port; on the next free one where it is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    tried = range(port, min(port + _PORTS_TRIED, 65_536)) if port else range(1)
    for each in tried:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, each))
            listening.listen(2048)
            return listening
        except PermissionError as error:
            listening.close()
            raise GeomonitorError(
                f"Port {each} may not be used: {error.strerror}.",
                where=f"{host}, port {each}",
                expected="a port of 1024 or above",
                next_step="Choose another with --port.",
            ) from error
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise GeomonitorError(
                    f"The address cannot be listened on: {error.strerror or error}.",
                    where=f"{host}, port {each}",
                    expected="an address of this machine",
                    next_step="Choose another with --host; 127.0.0.1 is for this machine only.",
                ) from error
    raise GeomonitorError(
        f"The ports {tried[0]} to {tried[-1]} are all in use.",
        where=host,
        expected="a free port",
        next_step="Choose another with --port.",
    )


def _wait_until_answered(
    server: _Part, host: str, port: int, environment: Mapping[str, str], stop: Stop
) -> None:
    """Wait until the application answers, so that the address that is printed works."""
    name = environment.get("GEOMONITOR_ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    headers = {"Host": "localhost" if name in {"", "*"} else name.lstrip("."), "X-Forwarded-Proto": "https"}
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    until = time.monotonic() + _STARTING_S
    while not stop.asked and server.process.poll() is None and time.monotonic() < until:
        connection = http.client.HTTPConnection(address, port, timeout=_STARTING_S)
        try:
            connection.request("GET", "/health/", headers=headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
            continue
        finally:
            connection.close()
        if answer.status < 500 or answer.status == 503:
            return
        raise GeomonitorError(
            f"The application does not start: its health page answers {answer.status}.",
            next_step="See the lines above.",
        )
    if not stop.asked:
        raise GeomonitorError(
            "The web server does not start.",
            next_step="See the lines above; GEOMONITOR_LOG_LEVEL=DEBUG shows more.",
        )
