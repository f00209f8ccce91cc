"""``geomonitor serve``, ``worker``, ``backup`` and ``restore``: the web application."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["backup_command", "restore_command", "serve_command", "worker_command"]

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder with database, editions and secret key; GEOMONITOR_HOME, or your own, by default.",
    ),
]


def _home(named: Path | None) -> Path:
    from geomonitor.web.environment import application_home

    return named.expanduser().absolute() if named is not None else application_home()


def serve_command(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for every network of this machine.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65_535, help="The next free one where it is in use; 0 for any."),
    ] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes of the web server.")
    ] = 2,
    home: Home = None,
) -> None:
    """Open the web application: prepare what is missing, say the address, serve until stopped.

    Example: geomonitor serve --port 8000
    """
    from geomonitor.web.serving.supervisor import serve

    serve(host, port, workers, _home(home), lambda text: print(text, flush=True))


def worker_command(home: Home = None) -> None:
    """Run one more worker for work that takes long, beside the one of `geomonitor serve`.

    It uses the same database, and the same home folder or one that shares its folders of editions
    and results.

    Example: geomonitor worker
    """
    from geomonitor.web.serving.supervisor import work

    work(_home(home), lambda text: print(text, flush=True))


def backup_command(
    file: Annotated[Path, typer.Argument(help="The backup to write; a ZIP file.")],
    home: Home = None,
    editions: Annotated[
        bool, typer.Option("--editions", help="With the editions themselves, not only their names.")
    ] = False,
) -> None:
    """Write the register, users, audit trail, work and its results to one file; the application may run.

    Example: geomonitor backup geomonitor-backup.zip --editions
    """
    from geomonitor.web.serving.supervisor import backup

    backup(file.absolute(), _home(home), editions)


def restore_command(
    file: Annotated[Path, typer.Argument(help="A backup that `geomonitor backup` wrote.")],
    home: Home = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace what is there. Without it, only an empty place is filled."),
    ] = False,
) -> None:
    """Put a backup back: checked first, then whole or not at all. The application must not run.

    Example: geomonitor restore geomonitor-backup.zip --home new-home
    """
    from geomonitor.web.serving.supervisor import restore

    restore(file.absolute(), _home(home), replace)
