"""Whether a worker can start: ``python -m geomonitor.web.serving.ready``."""

from __future__ import annotations

import sys

from geomonitor.errors import GeomonitorError

__all__ = ["main", "require_ready"]


def require_ready() -> None:
    """Refuse where the database is not reached, or not up to date.

    Raises
    ------
    GeomonitorError
    """
    from django.db import DatabaseError

    from geomonitor.web.serving.database import database_place, pending_migrations

    try:
        pending = pending_migrations()
    except DatabaseError as error:
        raise GeomonitorError(
            f"The database cannot be reached: {str(error).strip()}.",
            where=database_place(),
            next_step="Check DATABASE_URL, and whether the database server runs.",
        ) from error
    if pending:
        raise GeomonitorError(
            "The database is not up to date.",
            where=database_place(),
            expected="all migrations done",
            next_step="Start `geomonitor serve` once: it brings the database up to date.",
        )


def main() -> None:
    """Say in words what stands in the way, if anything does."""
    from geomonitor.web.serving.database import set_up_django, setting_errors

    try:
        with setting_errors():
            set_up_django()
            require_ready()
    except GeomonitorError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
