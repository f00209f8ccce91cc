"""Which full-text index a database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomonitor.archive.search_postgresql import PostgresqlBackend
from geomonitor.archive.search_sqlite import SqliteBackend

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from geomonitor.archive.search_backend import Backend

__all__ = ["backend_of"]


def backend_of(connection: BaseDatabaseWrapper) -> Backend:
    """Give the backend of a database.

    Raises
    ------
    NotImplementedError
        If the database is neither SQLite nor PostgreSQL.
    """
    if connection.vendor == "sqlite":
        return SqliteBackend()
    if connection.vendor == "postgresql":
        return PostgresqlBackend()
    raise NotImplementedError("Search works on SQLite and PostgreSQL only.")
