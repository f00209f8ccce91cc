"""One sync at a time on an archive: two at once would ask a source twice as much as agreed."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from geomonitor.errors import GeomonitorError

__all__ = ["sync_lock"]

# any number that nothing else uses
_SYNC_LOCK = 6_472_022


@contextlib.contextmanager
def sync_lock() -> Iterator[None]:
    """Hold the right to sync while the block runs; it ends with the process, whatever ends that.

    On PostgreSQL the database holds it, so that several machines can share an archive; on SQLite a file
    in the home folder does.

    Raises
    ------
    GeomonitorError
        If another process syncs.
    """
    with _database_lock() if connection.vendor == "postgresql" else _file_lock(settings.HOME):
        yield


@contextlib.contextmanager
def _database_lock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SYNC_LOCK])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise _busy("the database")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_SYNC_LOCK])


@contextlib.contextmanager
def _file_lock(home: Path) -> Iterator[None]:
    file = home / "dossier-sync.lock"
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(str(file)) from error
        yield


def _busy(where: str) -> GeomonitorError:
    return GeomonitorError(
        "Another sync of this archive is running.",
        where=where,
        expected="one sync at a time, so that the sources are asked no more than agreed",
        next_step="Wait for it to end, or end it: the next one goes on where it stopped.",
    )
