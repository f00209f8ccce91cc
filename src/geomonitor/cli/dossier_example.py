"""``geomonitor dossier withdraw-example``: an archive without the made-up dossier it started with."""

from __future__ import annotations

import typer

from geomonitor.cli.home import Home, open_home

__all__ = ["withdraw_example_command"]


def withdraw_example_command(home: Home = None) -> None:
    """Take the example dossier out of the archive; it does not come back at the next start.

    Example: geomonitor dossier withdraw-example
    """
    open_home(home)
    from geomonitor.archive.example import withdraw_example_dossier

    withdrawn = withdraw_example_dossier()
    typer.echo(
        f"{withdrawn} papers of the example withdrawn." if withdrawn else "There is no example dossier."
    )
