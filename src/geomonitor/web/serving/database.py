"""The database of the application: reached, and brought up to date whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from geomonitor.errors import GeomonitorError

__all__ = [
    "bring_up_to_date",
    "database_place",
    "is_up_to_date",
    "pending_migrations",
    "set_up_django",
    "setting_errors",
    "sqlite_file",
]

# any number: it keeps two servers from migrating one PostgreSQL database at a time
_MIGRATION_LOCK = 6_472_019


def sqlite_file() -> Path | None:
    """Give the file of the database; None where it is PostgreSQL, or in memory."""
    if connection.vendor != "sqlite":
        return None
    name = str(connection.settings_dict["NAME"])
    return None if name.startswith("file:") or ":memory:" in name else Path(name)


def database_place() -> str:
    """Say where the database is, without its password."""
    file = sqlite_file()
    if file is not None:
        return str(file)
    about = connection.settings_dict
    return f"{connection.vendor}, {about.get('HOST') or 'local socket'}, database {about.get('NAME')}"


@contextlib.contextmanager
def setting_errors() -> Iterator[None]:
    """Turn a setting that is wrong, or a driver that lacks, into words.

    Raises
    ------
    GeomonitorError
    """
    try:
        yield
    except ImproperlyConfigured as error:
        if "psycopg" in str(error):
            raise GeomonitorError(
                "DATABASE_URL names PostgreSQL, but its driver is not installed.",
                where="DATABASE_URL",
                expected="the extra postgres of Geomonitor",
                next_step='Run: pip install "geomonitor[postgres]"',
            ) from error
        raise GeomonitorError(
            f"A setting is not right: {error}", next_step="See docs/application-running.md."
        ) from error
    except ValueError as error:
        # dj_database_url refuses with classes of its own below ValueError; its text may hold the address
        if type(error).__module__.partition(".")[0] != "dj_database_url":
            raise
        raise GeomonitorError(
            "DATABASE_URL is not the address of a database.",
            where="DATABASE_URL",
            expected="such as postgresql://user:password@host:5432/database",
            next_step="Correct it, or leave it out for SQLite in the home folder.",
        ) from error


def set_up_django() -> None:
    """Start Django with its settings; call it within `setting_errors`.

    Raises
    ------
    GeomonitorError
        If the database is none that Geomonitor works on.
    """
    import django

    engine = str(settings.DATABASES["default"]["ENGINE"])
    if not engine.endswith(("sqlite3", "postgresql")):
        raise GeomonitorError(
            f"Geomonitor does not work on this kind of database ({engine.rpartition('.')[2]}).",
            where="DATABASE_URL",
            expected="sqlite:///FILE or postgresql://user:password@host:5432/database",
            next_step="Correct it, or leave it out for SQLite in the home folder.",
        )
    django.setup()


def pending_migrations() -> int:
    """Count the migrations that are still to be done.

    Raises
    ------
    django.db.DatabaseError
        If the database cannot be reached.
    """
    return len(_plan(MigrationExecutor(connection)))


@functools.cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """List the migrations that this version has; its files do not change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def is_up_to_date() -> bool:
    """Say whether every migration was done, with one question to the database.

    Raises
    ------
    django.db.DatabaseError
        If the database cannot be reached.
    """
    return _known_migrations() <= set(MigrationRecorder(connection).applied_migrations())


def bring_up_to_date(tell: Callable[[str], None]) -> bool:
    """Migrate the database: whole, or not at all.

    On SQLite a copy is made first and put back if a migration fails, also one that was killed; on
    PostgreSQL all migrations are one transaction.

    Parameters
    ----------
    tell : callable
        Takes lines for the terminal.

    Returns
    -------
    bool
        Whether there was something to do.

    Raises
    ------
    GeomonitorError
        If the database cannot be reached, is that of a newer version, or a migration fails.
    """
    file = sqlite_file()
    if file is not None:
        _put_back(file, tell)
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        raise GeomonitorError(
            f"The database cannot be reached: {str(error).strip()}.",
            where=database_place(),
            expected="a database that answers, with this user and password",
            next_step="Check DATABASE_URL, and whether the database server runs.",
        ) from error
    _require_known(executor)
    if not _plan(executor):
        return False
    tell("Bringing the database up to date.")
    try:
        if file is None:
            _migrate_at_once()
        else:
            _migrate_with_copy(file)
    except DatabaseError as error:
        raise GeomonitorError(
            f"The database could not be brought up to date: {str(error).strip()}.",
            where=database_place(),
            expected="a database that only Geomonitor changes",
            next_step="It is as it was before. Keep a backup, and report this with the version that you had.",
        ) from error
    return True


def _plan(executor: MigrationExecutor) -> list[Any]:
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def _require_known(executor: MigrationExecutor) -> None:
    own = {"register", "archive", "web"}
    applied = {key for key in executor.loader.applied_migrations if key[0] in own}
    unknown = sorted(name for app, name in applied - set(executor.loader.disk_migrations))
    if unknown:
        raise GeomonitorError(
            "The database was made by a newer version of Geomonitor.",
            where=f"{database_place()}, {', '.join(unknown)}",
            expected="a database of this version or an older one",
            next_step="Install that version again, or restore a backup of this one.",
        )


def _migrate_at_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        with transaction.atomic():
            call_command("migrate", interactive=False, verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _copy_of(file: Path) -> Path:
    return file.with_name(file.name + ".before-migration")


def _migrate_with_copy(file: Path) -> None:
    copy = _copy_of(file)
    half = copy.with_name(copy.name + ".half")
    half.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(half)) as target:
        connection.ensure_connection()
        connection.connection.backup(target)
    half.rename(copy)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except BaseException:
        connection.close()
        _put_back(file, lambda text: None)
        raise
    copy.unlink()


def _put_back(file: Path, tell: Callable[[str], None]) -> None:
    """Put back the copy that a migration left which did not end."""
    copy = _copy_of(file)
    if not copy.exists():
        return
    tell("A migration of the database did not end; the database is put back as it was before.")
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    copy.replace(file)
