"""The ``geomonitor`` command: one module a topic, each of which imports what it needs when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from geomonitor._version import __version__
from geomonitor.cli import chains, data, dossier, material_tables, methods, register, shock, tables
from geomonitor.cli.chains import exposure_command
from geomonitor.cli.editions import compare_command, profile_command, run_command
from geomonitor.cli.material_page import material_page_command
from geomonitor.cli.materials import materials_command
from geomonitor.cli.screening import dependencies_command, explain_command, relations_command
from geomonitor.cli.serve import backup_command, restore_command, serve_command, worker_command
from geomonitor.cli.stacking import stacking_command
from geomonitor.errors import GeomonitorError

__all__ = ["app", "main"]

app = typer.Typer(
    name="geomonitor",
    help="An open geo-economic monitor: from public data to a defensible decision on strategic dependencies.",
    epilog="Example: geomonitor run",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run_command)
app.command("serve")(serve_command)
app.command("dependencies")(dependencies_command)
app.command("explain")(explain_command)
app.command("relations")(relations_command)
app.command("exposure")(exposure_command)
app.command("stacking")(stacking_command)
app.command("materials")(materials_command)
app.command("material-page")(material_page_command)
app.command("compare")(compare_command)
app.command("profile")(profile_command)
app.command("worker")(worker_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.add_typer(chains.app, name="chains")
app.add_typer(shock.app, name="shock")
app.add_typer(register.app, name="register")
app.add_typer(dossier.app, name="dossier")
app.add_typer(methods.app, name="methods")
app.add_typer(data.app, name="data")
app.add_typer(tables.app, name="tables")
app.add_typer(material_tables.app, name="material-tables")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"geomonitor {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Carry the options that come before the command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error that a user can mend is told without a traceback.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments; those of the process when left out.

    Raises
    ------
    SystemExit
        Always, with 0 when all went well, 2 on wrong usage, or the exit status of the error.
    """
    try:
        app(args=list(arguments) if arguments is not None else None)
    except GeomonitorError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_status)
