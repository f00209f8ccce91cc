"""``geomonitor register``: the register of the application as a file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geomonitor.register.exchange.outcome import ImportOutcome
    from geomonitor.register.models import User

__all__ = ["app"]

app = typer.Typer(
    help="Take the register of the application out as a file, and bring it in.", no_args_is_help=True
)

_As = Annotated[
    str, typer.Option("--as", help="In whose name: what he may see and change. The trail names him.")
]


_Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the application; GEOMONITOR_HOME, or your own, by default."),
]


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="Where to write it; .xlsx or .json says the format.")],
    username: _As,
    home: _Home = None,
) -> None:
    """Write all cases, instruments and coercion cases that a user may see to a file.

    Example: geomonitor register export register.xlsx --as admin
    """
    user = _user(username, home)
    from geomonitor.errors import GeomonitorError
    from geomonitor.register.exchange.files import FORMATS, export_file

    file_format = next((each for each in FORMATS if file.suffix.lower() == f".{each}"), None)
    if file_format is None:
        raise GeomonitorError(
            f"{file.name} does not say which format is wanted.",
            where="FILE",
            expected=" or ".join(f"a name that ends in .{each}" for each in FORMATS),
        )
    content = export_file(user, file_format)
    half = file.with_name(f".{file.name}.half")
    try:
        half.write_bytes(content)
        half.replace(file)
    except OSError as error:
        raise GeomonitorError(
            f"{file} cannot be written: {error.strerror}.", where="FILE", next_step="Choose another place."
        ) from error
    typer.echo(f"Wrote {file}: {len(content):,} bytes.")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="An export of the register: XLSX or JSON.")],
    username: _As,
    apply: Annotated[
        bool, typer.Option("--apply", help="Import it, instead of showing what would change.")
    ] = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="Bring back who did what when, for new records: administrators only."),
    ] = False,
    home: _Home = None,
) -> None:
    """Show what an import would change; with --apply, do it: all of the file or nothing.

    Exits with 11 when the file has errors or conflicts.

    Example: geomonitor register import register.xlsx --as admin --apply
    """
    import hashlib

    user = _user(username, home)
    from geomonitor.errors import GeomonitorError
    from geomonitor.register.exchange.files import read_file
    from geomonitor.register.exchange.importing import apply_import, dry_run, import_as
    from geomonitor.register.exchange.problems import ImportRefusedError

    try:
        content = file.read_bytes()
    except OSError as error:
        raise GeomonitorError(
            f"{file} cannot be read: {error.strerror}.", where="FILE", next_step="Check the name."
        ) from error
    try:
        document = read_file(content)
        with import_as(user):
            if apply:
                sha256 = hashlib.sha256(content).hexdigest()
                outcome = apply_import(user, document, sha256=sha256, history=history)
            else:
                outcome = dry_run(user, document, history=history)
    except ImportRefusedError as error:
        _print_problems(error)
        raise typer.Exit(error.exit_status) from error
    _print_outcome(outcome)
    if outcome.problems:
        refused = ImportRefusedError(outcome.problems)
        _print_problems(refused)
        raise typer.Exit(refused.exit_status)
    if outcome.of("conflict"):
        raise typer.Exit(ImportRefusedError.exit_status)
    typer.echo("Imported." if apply else "Nothing was written; add --apply to import.")


def _user(username: str, home: Path | None) -> User:
    """Start Django and find a user.

    Raises
    ------
    GeomonitorError
        If there is no register here.
    UnknownCodeError
        If there is no such user, or he is switched off.
    """
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geomonitor.web.settings")
    if home is not None:
        os.environ["GEOMONITOR_HOME"] = str(home.expanduser().absolute())
    from django.db import DatabaseError

    from geomonitor.errors import GeomonitorError, UnknownCodeError
    from geomonitor.web.serving.database import (
        database_place,
        pending_migrations,
        set_up_django,
        setting_errors,
    )

    with setting_errors():
        set_up_django()
    from geomonitor.register.models import User

    try:
        if pending_migrations():
            raise GeomonitorError(
                "The database is not up to date.",
                where=database_place(),
                next_step="Start `geomonitor serve` once: it makes the database, or brings it up to date.",
            )
    except DatabaseError as error:
        raise GeomonitorError(
            "The database cannot be reached.",
            where=database_place(),
            next_step="Is it running? Check the settings.",
        ) from error
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        active = User.objects.filter(is_active=True).order_by("username")
        names = ", ".join(active.values_list("username", flat=True))
        raise UnknownCodeError(
            f"There is no user {username!r} who is active.",
            where="--as",
            expected=f"one of {names}" if names else "a user; `geomonitor serve` makes the first",
        )
    return found


def _print_problems(error: object) -> None:
    from geomonitor.register.exchange.problems import ImportRefusedError

    assert isinstance(error, ImportRefusedError)
    for problem in error.problems:
        where = f"{problem.where}: " if problem.where else ""
        expected = f" Expected: {problem.expected}." if problem.expected else ""
        typer.echo(f"Error: {where}{problem.what}{expected}", err=True)
    typer.echo(f"  next: {error.next_step}", err=True)


def _print_outcome(outcome: ImportOutcome) -> None:
    for row in outcome.of("conflict", "new", "changed", "left_out"):
        note = f" ({row.note})" if row.note else ""
        typer.echo(f"{row.status.replace('_', ' ')}: {row.table}, row {row.row}: {row.label}{note}")
        for each in row.fields:
            typer.echo(f"  {each.column}: {_cut(each.before)} -> {_cut(each.after)}")
    for name, counts in outcome.counts.items():
        found = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items())
        typer.echo(f"{name}: {found}")


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
