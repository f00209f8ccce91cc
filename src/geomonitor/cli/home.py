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
        If there is no such folder, a setting is wrong, or the database is not reached or not up to date.
    """
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geomonitor.web.settings")
    if home is not None:
        os.environ["GEOMONITOR_HOME"] = str(home.expanduser().absolute())
    if os.environ["DJANGO_SETTINGS_MODULE"] == "geomonitor.web.settings":
        _require_home()
    from geomonitor.web.serving.database import set_up_django, setting_errors
    from geomonitor.web.serving.ready import require_ready

    with setting_errors():
        set_up_django()
    require_ready()


def _require_home() -> None:
    """Refuse a folder that `geomonitor serve` has not made."""
    import os

    from geomonitor.errors import GeomonitorError
    from geomonitor.web.environment import application_home

    folder = application_home()
    if not os.environ.get("GEOMONITOR_SECRET_KEY") and not (folder / "secret_key").is_file():
        raise GeomonitorError(
            "There is no application here yet, so there is no database of papers.",
            where=str(folder),
            expected="a folder that `geomonitor serve` made on its first start",
            next_step="Start `geomonitor serve` once, or name another folder with --home or GEOMONITOR_HOME.",
        )
