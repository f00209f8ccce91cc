"""A backup: the whole register in one file, at one moment, while the application runs.

``python -m geomonitor.web.serving.backup FILE yes|no``, as `geomonitor backup` starts it.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geomonitor._version import __version__
from geomonitor.errors import GeomonitorError

__all__ = ["FORMAT", "MANIFEST", "main", "write_backup"]

FORMAT = 1
MANIFEST = "manifest.json"


def write_backup(file: Path, *, editions: bool = False) -> dict[str, Any]:
    """Write a backup, whole or not at all.

    It holds every table but the sessions (who is logged in), with the audit trail and the hashes of
    passwords; the results of work; and the editions, or their names. It does not hold the secret key.

    Parameters
    ----------
    file : pathlib.Path
        Must not exist.
    editions : bool
        Whether the editions themselves go in.

    Returns
    -------
    dict
        The manifest: what is in it, with the SHA-256 of each file.

    Raises
    ------
    GeomonitorError
        If there is nothing to back up, the file exists, or it cannot be written.
    """
    from django.conf import settings

    from geomonitor.web.evidence.shelf import Shelf
    from geomonitor.web.serving.database import sqlite_file
    from geomonitor.web.serving.ready import require_ready

    database = sqlite_file()
    if database is not None and not database.exists():
        raise GeomonitorError(
            "There is nothing to back up: there is no database here.",
            where=str(database),
            expected="a home folder that `geomonitor serve` has used",
            next_step="Name it with --home.",
        )
    require_ready()
    if file.exists():
        raise GeomonitorError(
            "This file exists already.",
            where=str(file),
            expected="a new file: no backup is written over another",
            next_step="Choose another name.",
        )
    shelf = Shelf(settings.EDITIONS)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "geomonitor_version": __version__,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "editions": [{"id": each.id, "created": each.created.isoformat()} for each in shelf.editions()],
        "with_editions": editions,
        "tables": {},
        "files": {},
    }
    half = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        # made with these permissions before anything is written: it holds hashes of passwords
        os.close(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            _write_tables(archive, manifest)
            _write_folder(archive, manifest, settings.HOME / "results", "results")
            if editions:
                _write_folder(archive, manifest, settings.EDITIONS, "editions")
            archive.writestr(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False))
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.rename(file)
    except OSError as error:
        raise GeomonitorError(
            f"The backup cannot be written: {error.strerror or error}.",
            where=str(file),
            expected="a folder that can be written, with room",
            next_step="Choose another place. Nothing was left behind.",
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return manifest


@contextlib.contextmanager
def _one_moment() -> Iterator[None]:
    """Read all tables as they are at one moment, without keeping anybody from writing."""
    from django.db import connection, transaction

    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with connection.cursor() as cursor:
            # Django's own would ask for the right to write
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _write_tables(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from geomonitor.web.serving.tables import tables_of, write_rows

    with _one_moment(), tempfile.TemporaryDirectory(prefix="geomonitor-backup-") as folder:
        manifest["migrations"] = sorted(map(list, MigrationRecorder(connection).applied_migrations()))
        manifest["engine"] = connection.vendor
        for name, model in tables_of(apps).items():
            rows = Path(folder, "rows")
            with rows.open("wb") as file:
                manifest["tables"][name] = write_rows(model, file)
            _add(archive, manifest, rows, f"tables/{name}.jsonl")


def _write_folder(archive: zipfile.ZipFile, manifest: dict[str, Any], folder: Path, name: str) -> None:
    """Add the files below a folder; what is still being made has a name that begins with a point."""
    for each in sorted(folder.rglob("*")):
        inside = each.relative_to(folder)
        if each.is_file() and not any(part.startswith(".") for part in inside.parts):
            _add(archive, manifest, each, f"{name}/{inside.as_posix()}")


def _add(archive: zipfile.ZipFile, manifest: dict[str, Any], source: Path, name: str) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
        file.seek(0)
        with archive.open(name, "w", force_zip64=True) as target:
            shutil.copyfileobj(file, target, 1 << 20)
    manifest["files"][name] = digest.hexdigest()


def main() -> None:
    """Write the backup, or say in words what stands in the way."""
    from geomonitor.web.serving.database import set_up_django, setting_errors

    file, editions = Path(sys.argv[1]), sys.argv[2] == "yes"
    try:
        with setting_errors():
            set_up_django()
            manifest = write_backup(file, editions=editions)
    except GeomonitorError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    print(f"Backup: {file} ({file.stat().st_size / 1e6:.1f} MB)")
    print(f"  {sum(manifest['tables'].values()):,} rows in {len(manifest['tables'])} tables")
    print(
        f"  {len(manifest['editions'])} editions"
        + ("" if editions else ", by name only (--editions takes them along)")
    )
    print("It holds hashes of passwords and restricted cases: keep it as you keep those.")
    print("It does not hold the secret key: after a restore elsewhere, people log in again.")


if __name__ == "__main__":
    main()
