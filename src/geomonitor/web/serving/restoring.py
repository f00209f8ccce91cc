"""A backup put back: checked first, then whole or not at all.

``python -m geomonitor.web.serving.restoring FILE yes|no``, as `geomonitor restore` starts it, which
holds the home folder meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from geomonitor.errors import DataError, GeomonitorError
from geomonitor.web.serving.backup import FORMAT, MANIFEST

__all__ = ["checked_backup", "finish_restore", "main", "restore_backup"]

_STAGING = ".restoring"
_READY = "ready"
_PLAN = "plan.json"


def checked_backup(archive: zipfile.ZipFile, where: str) -> dict[str, Any]:
    """Check that a backup is whole: every file that its manifest names, as it was written, and no other.

    Parameters
    ----------
    archive : zipfile.ZipFile
    where : str
        Its name, for the message.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    DataError
    """

    def wrong(what: str) -> DataError:
        return DataError(
            what,
            where=where,
            expected="a backup as `geomonitor backup` wrote it",
            next_step="Take another backup. Nothing was changed.",
        )

    try:
        manifest = json.loads(archive.read(MANIFEST))
        files, tables = dict(manifest["files"]), dict(manifest["tables"])
        found_format = manifest["format"]
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise wrong("The file has no manifest of a backup.") from error
    if found_format != FORMAT:
        raise wrong(f"The backup has the format {found_format!r}; this version reads {FORMAT}.")
    names = [each.filename for each in archive.infolist()]
    if sorted(names) != sorted([MANIFEST, *files]):
        raise wrong("The backup holds other files than its manifest names.")
    if {f"tables/{name}.jsonl" for name in tables} != {name for name in files if name.startswith("tables/")}:
        raise wrong("The tables of the backup are not those that its manifest names.")
    for name, known in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or path.parts[0] not in {"tables", "results", "editions"}:
            raise wrong(f"The backup holds a file with a name that it cannot have: {name!r}.")
        digest = hashlib.sha256()
        try:
            with archive.open(name) as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except (zipfile.BadZipFile, EOFError, OSError) as error:
            raise wrong(f"A file of the backup cannot be read: {name}.") from error
        if digest.hexdigest() != known:
            raise wrong(f"A file of the backup is not as it was written: {name}.")
    return dict(manifest)


def restore_backup(file: Path, *, replace: bool = False) -> dict[str, Any]:
    """Put a backup back. Call it in a process that has not yet used the database.

    Parameters
    ----------
    file : pathlib.Path
    replace : bool
        Whether what is there may be replaced.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    GeomonitorError
        If the backup is not whole, is that of a newer version, or the place is not empty.
    """
    from django.conf import settings

    home: Path = settings.HOME
    finish_restore(home)
    database = settings.DATABASES["default"]
    target = Path(database["NAME"]) if database["ENGINE"].endswith("sqlite3") else None
    staging = home / _STAGING
    beside = target.with_name(f".{target.name}.restoring") if target is not None else None
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = checked_backup(archive, str(file))
            _prepare(home, target, beside, replace)
            staging.mkdir(mode=0o700)
            _extract(archive, manifest, staging)
            _fill_database(archive, manifest)
        plan = {
            "database": str(target) if target is not None else None,
            "beside": str(beside) if beside is not None else None,
            "editions": str(settings.EDITIONS),
        }
        (staging / _PLAN).write_text(json.dumps(plan), encoding="utf-8")
    except BaseException as error:
        _forget(staging, beside)
        _in_words(error, file, home)
        raise
    # from here on it is finished, by this process or by the next that starts on this home folder
    _sync(staging / _PLAN)
    (staging / _READY).touch()
    _sync(staging)
    finish_restore(home)
    return manifest


def finish_restore(home: Path) -> bool:
    """Finish, or forget, a restore that was interrupted.

    Parameters
    ----------
    home : pathlib.Path

    Returns
    -------
    bool
        Whether one was finished.
    """
    staging = home / _STAGING
    if not (staging / _READY).exists():
        _forget(staging, None)
        return False
    plan = json.loads((staging / _PLAN).read_text(encoding="utf-8"))
    if plan["beside"] and Path(plan["beside"]).exists():
        target = Path(plan["database"])
        # what is not yet in the old file must not come into the new one
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        Path(plan["beside"]).replace(target)
        _sync(target.parent)
    if (staging / "results").exists():
        if (home / "results").exists():
            old = staging / "old-results"
            shutil.rmtree(old, ignore_errors=True)
            (home / "results").rename(old)
        (staging / "results").rename(home / "results")
    editions = Path(plan["editions"])
    editions.mkdir(parents=True, exist_ok=True)
    for each in sorted((staging / "editions").glob("*")):
        # one that is there already is the same: an edition is named after all that went in
        if not (editions / each.name).exists():
            half = editions / f".incoming-{each.name}-{os.getpid()}"
            shutil.copytree(each, half)
            half.rename(editions / each.name)
    _sync(home)
    shutil.rmtree(staging)
    return True


def _forget(staging: Path, beside: Path | None) -> None:
    shutil.rmtree(staging, ignore_errors=True)
    if beside is not None:
        for ending in ("", "-wal", "-shm", "-journal"):
            beside.with_name(beside.name + ending).unlink(missing_ok=True)


def _in_words(error: BaseException, file: Path, home: Path) -> None:
    """Raise what a user can mend as such; anything else goes on as it is."""
    if isinstance(error, zipfile.BadZipFile):
        raise DataError(
            "The file is no backup, or it is damaged.",
            where=str(file),
            expected="a ZIP file that `geomonitor backup` wrote",
            next_step="Take another backup. Nothing was changed.",
        ) from error
    if isinstance(error, OSError):
        raise GeomonitorError(
            f"The backup cannot be put back: {error.strerror or error}.",
            where=str(error.filename or home),
            expected="a backup that can be read, and a folder that can be written, with room",
            next_step="Nothing was changed. Mend that, or choose another folder with --home.",
        ) from error


def _prepare(home: Path, target: Path | None, beside: Path | None, replace: bool) -> None:
    """Refuse a place that is in use or not empty, and start Django on the new database."""
    from django.conf import settings
    from django.db import DatabaseError, connection

    from geomonitor.web.jobs.worker import living_workers
    from geomonitor.web.serving.database import database_place, set_up_django

    if beside is not None:
        _forget(home / _STAGING, beside)
        settings.DATABASES["default"]["NAME"] = beside
    set_up_django()
    working = living_workers(home)
    if working:
        raise GeomonitorError(
            f"A worker works on this home folder: {working[0]}.",
            where=str(home),
            next_step="Stop it (Ctrl-C where `geomonitor worker` runs), then restore.",
        )
    try:
        found = [str(target)] if target is not None and target.exists() else []
        if target is None and "django_migrations" in connection.introspection.table_names():
            found = [database_place()]
    except DatabaseError as error:
        raise GeomonitorError(
            f"The database cannot be reached: {str(error).strip()}.",
            where=database_place(),
            next_step="Check DATABASE_URL, and whether the database server runs.",
        ) from error
    results = home / "results"
    if results.is_dir() and any(not each.name.startswith(".") for each in results.iterdir()):
        found.append(str(results))
    if found and not replace:
        raise GeomonitorError(
            "There is something here already.",
            where=", ".join(found),
            expected="an empty place",
            next_step="Choose another folder with --home, or say --replace to lose what is here.",
        )


def _extract(archive: zipfile.ZipFile, manifest: dict[str, Any], staging: Path) -> None:
    """Lay out results and editions; their names were checked."""
    for folder in ("results", "editions"):
        (staging / folder).mkdir(mode=0o700)
    for name in manifest["files"]:
        if name.startswith("tables/"):
            continue
        target = staging / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)


def _fill_database(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Make the tables as they were, fill them, and bring them up to date."""
    from django.db import connection, connections, transaction

    if connection.vendor == "sqlite":
        # a new file, that nobody else sees
        _migrate_and_fill(archive, manifest)
        with connection.cursor() as cursor:
            # all of it in one file
            cursor.execute("PRAGMA journal_mode=DELETE")
        connections.close_all()
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            for name in connection.introspection.table_names(cursor):
                cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")
        _migrate_and_fill(archive, manifest)


def _migrate_and_fill(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    from django.core.exceptions import ValidationError
    from django.core.management import call_command
    from django.core.management.color import no_style
    from django.db import IntegrityError, connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    from geomonitor.archive.search_index import rebuild
    from geomonitor.register.trail_guard import is_guarded
    from geomonitor.web.serving.tables import read_rows, tables_of

    executor = MigrationExecutor(connection)
    applied = {(app, name) for app, name in manifest["migrations"]}
    unknown = sorted(applied - set(executor.loader.graph.nodes))
    if unknown:
        raise GeomonitorError(
            "The backup was made by a newer version of Geomonitor, or one with other parts.",
            where=", ".join(f"{app} {name}" for app, name in unknown),
            expected=f"migrations that this version knows; the backup is of {manifest['geomonitor_version']}",
            next_step="Install that version. Nothing was changed.",
        )
    # the last of each app: those that no other one that was applied builds on
    built_on = {
        parent.key
        for key in applied
        for parent in executor.loader.graph.node_map[key].parents
        if parent.key[0] == key[0]
    }
    targets = sorted(applied - built_on)
    executor.migrate(targets)
    then = executor.loader.project_state(targets).apps
    models = tables_of(then)
    if set(models) != set(manifest["tables"]):
        raise DataError(
            "The tables of the backup are not those of its migrations.",
            where=", ".join(sorted(set(models) ^ set(manifest["tables"]))),
            next_step="Take another backup. Nothing was changed.",
        )
    with transaction.atomic():
        for name, model in models.items():
            # rows that a migration made are in the backup too
            model._base_manager.all()._raw_delete(connection.alias)
            try:
                with archive.open(f"tables/{name}.jsonl") as lines:
                    found = read_rows(model, lines)
            except (ValueError, TypeError, ValidationError, IntegrityError, StopIteration) as error:
                raise DataError(
                    f"The rows of the table {name} cannot be read: {error}.",
                    expected="rows as `geomonitor backup` wrote them",
                    next_step="Take another backup. Nothing was changed.",
                ) from error
            if found != manifest["tables"][name]:
                raise DataError(
                    f"The table {name} has {found} rows; the manifest says {manifest['tables'][name]}."
                )
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
                cursor.execute(statement)
        connection.check_constraints()
    call_command("migrate", interactive=False, verbosity=0)
    # no backup holds the search index
    rebuild()
    if not is_guarded(connection):
        raise GeomonitorError("The audit trail of the restored database can be changed: nothing was kept.")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def main() -> None:
    """Put the backup back, or say in words what stands in the way."""
    from geomonitor.web.serving.database import setting_errors

    file, replace = Path(sys.argv[1]), sys.argv[2] == "yes"
    try:
        with setting_errors():
            manifest = restore_backup(file, replace=replace)
    except GeomonitorError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    print(f"Restored the backup of {manifest['created']}: {sum(manifest['tables'].values()):,} rows.")
    if not manifest["with_editions"] and manifest["editions"]:
        print("The backup names these editions, but does not hold them:")
        for each in manifest["editions"]:
            print(f"  {each['id']}")
    print("Everybody logs in again.")


if __name__ == "__main__":
    main()
