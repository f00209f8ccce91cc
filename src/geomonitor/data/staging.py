"""Writing folders (datasets, editions) so that nothing is half-written and two runs never meet."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from geomonitor.errors import DataError

__all__ = ["clear_debris", "disk_errors", "incoming_folder", "name_lock", "require_free_space", "swap_in"]


_STORE_ADVICE = "set GEOMONITOR_DATA to a folder on a larger disk"


@contextmanager
def disk_errors(root: Path, advice: str = _STORE_ADVICE) -> Iterator[None]:
    """Turn a full or read-only disk into an error that says so.

    Parameters
    ----------
    root : pathlib.Path
        The folder that is written to.
    advice : str
        How to choose another folder.

    Raises
    ------
    DataError
        If the operating system refuses to write.
    """
    try:
        yield
    except OSError as error:
        raise _disk_error(root, error.errno, error.strerror or str(error), advice) from error
    except pl.exceptions.PolarsError as error:
        # Polars wraps what the operating system says; the number survives in the text only.
        found = re.search(r"\(os error (\d+)\)", str(error))
        if found is None:
            raise
        raise _disk_error(root, int(found[1]), os.strerror(int(found[1])), advice) from error


def _disk_error(root: Path, number: int | None, text: str, advice: str) -> DataError:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return DataError(
            "The disk is full; nothing was added and what was there is untouched.",
            where=str(root),
            expected="room to write",
            next_step=f"Free some space, or {advice}.",
        )
    return DataError(
        f"The operating system refuses: {text}.",
        where=str(root),
        expected="a folder that can be read and written",
        next_step=f"Check its permissions, or {advice}.",
    )


def require_free_space(root: Path, needed_bytes: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Parameters
    ----------
    root : pathlib.Path
        The folder of the store.
    needed_bytes : int
        An estimate of what will be written.

    Raises
    ------
    DataError
        If there is less room.
    """
    free_bytes = shutil.disk_usage(root).free
    if needed_bytes > free_bytes:
        raise DataError(
            "The disk has no room for this dataset.",
            where=str(root),
            expected=f"about {needed_bytes:,} bytes free; there are {free_bytes:,}",
            next_step="Free some space, or set GEOMONITOR_DATA to a folder on a larger disk.",
        )


@contextmanager
def name_lock(root: Path, name: str, *, what: str = "dataset", advice: str = _STORE_ADVICE) -> Iterator[None]:
    """Hold the right to change one folder under a root; a dead process loses it by itself.

    Parameters
    ----------
    root : pathlib.Path
        The folder above.
    name : str
        The name of the folder to change.
    what, advice : str
        What the folder is, and how to choose another root, for the message.

    Raises
    ------
    DataError
        If another run holds it.
    """
    with disk_errors(root, advice):
        root.mkdir(parents=True, exist_ok=True)
        handle = os.open(root / f".lock-{name}", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataError(
                f"Another run is changing the {what} {name} now.",
                where=str(root / f".lock-{name}"),
                expected="one run at a time",
                next_step="Wait until it has ended, then run this again.",
            ) from error
        yield
    finally:
        # The lock file stays: to remove it would let a third run lock a file that no one sees.
        os.close(handle)


def clear_debris(root: Path, name: str) -> None:
    """Remove what an interrupted run of this name left, and put back what it had set aside.

    Call it with `name_lock` held: then no live run owns the folders.
    """
    for folder in sorted(root.glob(".*")):
        match = re.fullmatch(r"\.(incoming|replaced|removed)-(.+)-(\d+)", folder.name)
        if match is None or match[2] != name:
            continue
        if match[1] == "replaced" and not (root / name).exists():
            folder.rename(root / name)
        else:
            shutil.rmtree(folder)


@contextmanager
def incoming_folder(root: Path, name: str) -> Iterator[Path]:
    """Give a folder to write into, on the disk of the store; it is removed unless it was moved away."""
    folder = root / f".incoming-{name}-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def swap_in(incoming: Path, target: Path) -> None:
    """Move a finished folder to its place, setting aside the one that it replaces until it is there.

    Parameters
    ----------
    incoming : pathlib.Path
        The finished folder.
    target : pathlib.Path
        Its place.
    """
    for file in (*incoming.rglob("*"), incoming):
        _sync(file)
    aside = target.with_name(f".replaced-{target.name}-{os.getpid()}")
    if target.exists():
        target.rename(aside)
    incoming.rename(target)
    _sync(target.parent)
    if aside.exists():
        shutil.rmtree(aside)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
