"""A worker: takes jobs one by one, each done in a process of its own.

``python -m geomonitor.web.jobs.worker``; `geomonitor serve` starts one, `geomonitor worker` more.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from geomonitor.web.serving.watching import end_with_parent

__all__ = ["Worker", "living_workers", "main"]

_LOG = logging.getLogger(__name__)
_PULSE_S = 5.0
_IDLE_S = 0.5
_BEAT_S = 0.5


class Worker:
    """One worker, by a name that no other has.

    Parameters
    ----------
    home : pathlib.Path
        The home folder: results go to its folder `results`, and a lock there says that the worker lives.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.results = home / "results"
        self.locks = home / "workers"
        self.name = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(3)}"
        self.stopping = False

    def run(self) -> None:
        """Work until told to stop; what is running then is given back."""
        from geomonitor.web.jobs.queue import claim, give_back_stale, pulse

        self.results.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._lock_file(self.name), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        next_pulse = 0.0
        try:
            while not self.stopping:
                if time.monotonic() >= next_pulse:
                    pulse(self.name)
                    give_back_stale(self._is_dead)
                    next_pulse = time.monotonic() + _PULSE_S
                job = claim(self.name)
                if job is None:
                    time.sleep(_IDLE_S)
                else:
                    self._do(job)
                    next_pulse = 0.0
        finally:
            self._lock_file(self.name).unlink()
            os.close(lock)

    def stop(self) -> None:
        """Stop after what is being done was given back."""
        self.stopping = True

    def _lock_file(self, worker: str) -> Path:
        return self.locks / f"{worker}.lock"

    def _is_dead(self, worker: str) -> bool:
        """Say whether a worker of this home folder is known to be dead: nobody holds its lock."""
        # one without a lock is of another home folder, or ended well
        file = self._lock_file(worker)
        return worker != self.name and file.exists() and not _locked(file)

    def _do(self, job: Any) -> None:
        """Do a job and write down how it went."""
        from geomonitor.web.jobs.queue import beat, finish, give_back

        staging = self._cleared(str(job.pk))
        staging.mkdir(mode=0o700)
        child = subprocess.Popen(
            [sys.executable, "-m", "geomonitor.web.jobs.child", job.kind, str(staging)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
            env={**os.environ, "GEOMONITOR_HOME": str(self.home)},
        )
        outcome: dict[str, Any] = {}
        wanted, lines = True, None
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with suppress(BrokenPipeError):
                child.stdin.write(json.dumps(job.parameters).encode() + b"\n")
                child.stdin.flush()
            lines = _Lines(child.stdout)
            while wanted and not self.stopping and not lines.ended:
                progress = None
                for line in lines.read(_BEAT_S):
                    content = json.loads(line)
                    if "progress" in content:
                        progress = tuple(content["progress"])
                    else:
                        outcome |= content
                wanted = beat(job, progress)
        finally:
            if not (lines is not None and lines.ended):
                _end(child)
            # dead, but not yet forgotten: its number is still its own, and that of its group
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
            _end(child)
            status = child.wait()
            _close(child)
        if "result" in outcome and wanted and status == 0:
            # the folder first: a job that is done has its result; one that is not is done again
            staging.rename(self.results / str(job.pk))
            finish(job, result=outcome["result"])
            return
        shutil.rmtree(staging)
        if not wanted:
            finish(job, error="It was cancelled.")
        elif self.stopping and not outcome:
            give_back(job)
        elif "error" in outcome:
            finish(job, error=str(outcome["error"]))
        else:
            _LOG.error("Job %s of the kind %s ended with status %s", job.pk, job.kind, status)
            finish(job, error=_ended_badly(status))

    def _cleared(self, uid: str) -> Path:
        """Remove what an earlier attempt left, and name the folder to work in."""
        for left in (self.results / uid, *self.results.glob(f".{uid}-*")):
            if left.exists():
                shutil.rmtree(left)
        return self.results / f".{uid}-{os.getpid()}"


def living_workers(home: Path) -> tuple[str, ...]:
    """Name the workers that live on a home folder.

    Parameters
    ----------
    home : pathlib.Path
    """
    return tuple(file.stem for file in sorted((home / "workers").glob("*.lock")) if _locked(file))


def _locked(file: Path) -> bool:
    handle = os.open(file, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


class _Lines:
    """Lines of a pipe, without waiting longer than asked."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.pipe = pipe
        self.ended = False
        self._rest = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(pipe, selectors.EVENT_READ)

    def read(self, seconds: float) -> list[bytes]:
        if not self._selector.select(seconds):
            return []
        # a little later there is often more: one change of the database for many lines
        time.sleep(0.05)
        found = os.read(self.pipe.fileno(), 65_536)
        if not found:
            self.ended = True
            self._selector.close()
        *whole, self._rest = (self._rest + found).split(b"\n")
        return whole


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _close(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def _ended_badly(status: int) -> str:
    if status == -signal.SIGKILL:
        return (
            "The operating system ended the work, most likely for want of memory.\n"
            "  next: Ask for less at a time, or ask an administrator for a machine with more memory."
        )
    return (
        f"The work stopped by an error of Geomonitor itself (status {status}).\n"
        "  next: The log of the worker has the details; please report it."
    )


def main() -> None:
    """Work until told to stop, or until the process that started this one is gone."""
    import django

    django.setup()
    from django.conf import settings

    worker = Worker(settings.HOME)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, frame: worker.stop())
    if not sys.stdin.isatty():
        end_with_parent(worker.stop)
    worker.run()


if __name__ == "__main__":
    main()
