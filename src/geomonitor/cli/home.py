"""The home folder of the application, opened by a command that works on its database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Home", "open_home"]

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the application; GEOMONITOR_HOME, or your own, by default."),
]
"""The option that every command on the database has."""


def open_home(home: Path | None) -> None:
    """Start Django on the database of a home folder.

    Parameters
    ----------
    home : pathlib.Path or None
        None for `GEOMONITOR_HOME`, or the user's own.

    Raises
    ------
    GeomonitorError
        If a setting is wrong, or the database cannot be reached or is not up to date.
    """
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geomonitor.web.settings")
    if home is not None:
        os.environ["GEOMONITOR_HOME"] = str(home.expanduser().absolute())
    from geomonitor.web.serving.database import set_up_django, setting_errors
    from geomonitor.web.serving.ready import require_ready

    with setting_errors():
        set_up_django()
    require_ready()
