"""The database itself refuses to change or delete what stands in the audit trail.

Users are switched off, never deleted, and content types stay; so nothing that the application does has a
reason to touch a row of the trail again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["TRAIL_TABLE", "allow_changes", "is_guarded", "refuse_changes"]

TRAIL_TABLE = "auditlog_logentry"

_MESSAGE = "The audit trail is append-only."

# the same for PostgreSQL and SQLite, apart from how a trigger is written
_REFUSE: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER IF NOT EXISTS trail_no_{verb.lower()} BEFORE {verb} ON {TRAIL_TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION trail_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER trail_no_change BEFORE UPDATE OR DELETE ON {TRAIL_TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION trail_refuses()",
        # without this one, TRUNCATE passes the triggers for rows
        f"CREATE TRIGGER trail_no_truncate BEFORE TRUNCATE ON {TRAIL_TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION trail_refuses()",
    ),
}
_ALLOW: dict[str, tuple[str, ...]] = {
    "sqlite": ("DROP TRIGGER IF EXISTS trail_no_update", "DROP TRIGGER IF EXISTS trail_no_delete"),
    "postgresql": (
        f"DROP TRIGGER IF EXISTS trail_no_change ON {TRAIL_TABLE}",
        f"DROP TRIGGER IF EXISTS trail_no_truncate ON {TRAIL_TABLE}",
        "DROP FUNCTION IF EXISTS trail_refuses()",
    ),
}


def refuse_changes(connection: BaseDatabaseWrapper) -> None:
    """Add the triggers.

    Parameters
    ----------
    connection : django.db.backends.base.base.BaseDatabaseWrapper

    Raises
    ------
    NotImplementedError
        If the database is neither SQLite nor PostgreSQL.
    """
    _execute(connection, _REFUSE)


def allow_changes(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: only to undo the migration, or to empty a database of tests."""
    _execute(connection, _ALLOW)


def is_guarded(connection: BaseDatabaseWrapper) -> bool:
    """Say whether the triggers are there; a rebuilt table would have lost them."""
    if connection.vendor == "sqlite":
        question = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    else:
        question = (
            "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relname = %s AND NOT t.tgisinternal AND t.tgname LIKE 'trail_no_%%'"
        )
    with connection.cursor() as cursor:
        cursor.execute(question, [TRAIL_TABLE])
        found: Any = cursor.fetchone()
    return bool(found[0] == 2)


def _execute(connection: BaseDatabaseWrapper, statements: dict[str, tuple[str, ...]]) -> None:
    if connection.vendor not in statements:
        raise NotImplementedError(f"The audit trail is guarded on {' and '.join(statements)} only.")
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
