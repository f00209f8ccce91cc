"""The home folder of the application: made once, private, used by one server at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geomonitor.errors import GeomonitorError

__all__ = ["SECRET_KEY_FILE", "hold_home", "make_home", "private_file"]

SECRET_KEY_FILE = "secret_key"
_LOCK_FILE = "serve.lock"
# how long a server that was killed may take to end its processes
_ENDING_S = 15.0


def make_home(home: Path) -> bool:
    """Make the home folder and its secret key, where they lack.

    Parameters
    ----------
    home : pathlib.Path

    Returns
    -------
    bool
        Whether the folder was new.

    Raises
    ------
    GeomonitorError
        If the operating system refuses.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     home = Path(folder, "home")
    ...     made = make_home(home)
    ...     made, make_home(home), oct(home.stat().st_mode)[-3:]
    (True, False, '700')
    """
    new = not home.exists()
    with _refused(home):
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        key = home / SECRET_KEY_FILE
        if not key.exists() and not os.environ.get("GEOMONITOR_SECRET_KEY"):
            private_file(key, secrets.token_urlsafe(64) + "\n")
    return new


def private_file(path: Path, text: str) -> None:
    """Write a file that only its owner reads; whole, or not at all.

    Parameters
    ----------
    path : pathlib.Path
    text : str
    """
    half = path.with_name(f".{path.name}-{os.getpid()}")
    handle = os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)


@contextmanager
def hold_home(home: Path) -> Iterator[int]:
    """Hold the home folder: a second server is refused, and one that was killed is waited for.

    Parameters
    ----------
    home : pathlib.Path

    Yields
    ------
    int
        The handle of the lock. Processes that inherit it hold the home as long as they live.

    Raises
    ------
    GeomonitorError
        If a server or a restore uses it.
    """
    with _refused(home):
        handle = os.open(home / _LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(handle, home)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, home: Path) -> None:
    until = time.monotonic() + _ENDING_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            # of a server that was killed, the processes still end: that is worth the wait
            if _alive(holder) or time.monotonic() > until:
                raise GeomonitorError(
                    "This home folder is in use by another Geomonitor"
                    + (f" (process {holder})." if holder else "."),
                    where=str(home),
                    expected="one `geomonitor serve` or `geomonitor restore` at a time on one home folder",
                    next_step="Stop that one (Ctrl-C where it runs), or choose another folder with --home.",
                ) from error
            time.sleep(0.1)


def _alive(process: str) -> bool:
    if not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _refused(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GeomonitorError(
            f"The home folder cannot be used: {error.strerror or error}.",
            where=str(home),
            expected="a folder that you can write in",
            next_step="Choose another with --home, or set GEOMONITOR_HOME.",
        ) from error
