"""The full-text index on SQLite: FTS5 over the stems.

The index keeps no text of its own: it reads the table of stems, also when a row is taken away, so that it is
always told exactly what it was given. Rows are numbered in order of date, so that the newest are found
first and the search stops when there are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geomonitor.archive.search_backend import ALL, Condition, FoundRows, IndexRow
from geomonitor.dossier.search_query import Item, ItemKind

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["SqliteBackend", "match_expression"]

_STEMS = "archive_searchstems"
# 'ascii' parts at blanks and leaves everything else that occurs in a stem or mark alone
_MAKE = f"""
CREATE VIRTUAL TABLE archive_search USING fts5(
    title, body, marks, content='{_STEMS}', content_rowid='search_row', columnsize=0,
    tokenize="ascii tokenchars ':_'", prefix='2 3'
)
"""


class SqliteBackend:
    """FTS5; see `geomonitor.archive.search_backend.Backend`."""

    def make(self, connection: BaseDatabaseWrapper) -> None:
        """Make the index, empty."""
        with connection.cursor() as cursor:
            cursor.execute(_MAKE)

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Take the index away."""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS archive_search")

    def add(self, connection: BaseDatabaseWrapper, rows: Sequence[IndexRow]) -> None:
        """Write rows that are not there yet, with their stems."""
        with connection.cursor() as cursor:
            for table, key in ((_STEMS, "search_row"), ("archive_search", "rowid")):
                cursor.executemany(
                    f"INSERT INTO {table} ({key}, title, body, marks) VALUES (%s, %s, %s, %s)", rows
                )

    def remove(self, connection: BaseDatabaseWrapper, search_rows: Sequence[int]) -> None:
        """Take rows away, with their stems."""
        with connection.cursor() as cursor:
            for some in _parts(search_rows):
                among = f"search_row IN ({', '.join(['%s'] * len(some))})"
                cursor.execute(
                    "INSERT INTO archive_search (archive_search, rowid, title, body, marks) "
                    f"SELECT 'delete', search_row, title, body, marks FROM {_STEMS} WHERE {among}",
                    some,
                )
                cursor.execute(f"DELETE FROM {_STEMS} WHERE {among}", some)

    def empty(self, connection: BaseDatabaseWrapper) -> None:
        """Take all rows away, whatever state the index is in."""
        self.drop(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {_STEMS}")
        self.make(connection)

    def tidy(self, connection: BaseDatabaseWrapper) -> None:
        """Merge the parts of the index into one."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO archive_search (archive_search) VALUES ('optimize')")

    def newest(self, connection: BaseDatabaseWrapper, condition: Condition, most: int) -> FoundRows:
        """Give row and group of hits, newest first."""
        where, values = _where(condition)
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT s.rowid, e."group" FROM archive_search s '
                f"CROSS JOIN archive_searchentry e ON e.search_row = s.rowid WHERE {where} "
                "ORDER BY s.rowid DESC LIMIT %s",
                [*values, most],
            )
            found: FoundRows = cursor.fetchall()
        return found

    def count(self, connection: BaseDatabaseWrapper, condition: Condition, most: int) -> int:
        """Count hits, as far as `most`."""
        where, values = _where(condition)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM archive_search s WHERE {where} LIMIT %s)",
                [*values, most],
            )
            found: Any = cursor.fetchone()
        return int(found[0])


def _parts(values: Sequence[int]) -> list[list[int]]:
    # SQLite takes a bounded number of values in one statement
    return [list(values[start : start + 500]) for start in range(0, len(values), 500)]


def _where(condition: Condition) -> tuple[str, list[Any]]:
    where = "archive_search MATCH %s AND s.rowid >= %s AND s.rowid <= %s"
    values: list[Any] = [match_expression(condition), condition.first_row, condition.last_row]
    if condition.loaded_after is not None:
        # "+" keeps SQLite from asking the index for each of these papers apart
        where += " AND +s.rowid IN (SELECT search_row FROM archive_paper WHERE loaded_at > %s)"
        values.append(condition.loaded_after)
    return where, values


def match_expression(condition: Condition) -> str:
    """Write a condition in the language of FTS5.

    Examples
    --------
    >>> from geomonitor.dossier.search_query import parse_query
    >>> match_expression(Condition(parse_query('open "vrije handel" -titel:china').groups, {}, 0, 1))
    '("open" AND "vrij handel") NOT (title : "china")'
    """
    wanted, unwanted = [], []
    for group in condition.groups:
        if len(group) == 1 and group[0].negative:
            unwanted.append(_item(group[0], condition))
            continue
        either = [
            f'("{ALL}" NOT {_item(item, condition)})' if item.negative else _item(item, condition)
            for item in group
        ]
        wanted.append(either[0] if len(either) == 1 else f"({' OR '.join(either)})")
    expression = " AND ".join(wanted or [f'"{ALL}"'])
    if not unwanted:
        return expression
    if len(wanted) > 1:
        expression = f"({expression})"
    return expression + " NOT " + (unwanted[0] if len(unwanted) == 1 else f"({' OR '.join(unwanted)})")


def _item(item: Item, condition: Condition) -> str:
    if item.kind is ItemKind.ANY:
        return f"({' OR '.join(_item(each, condition) for each in item.any_of)})"
    if item.kind is ItemKind.MARK:
        return f'"{item.stems[0]}"'
    if item.kind is ItemKind.MARK_PREFIX:
        return f'"{item.stems[0]}" *'
    if item.kind is ItemKind.PREFIX:
        begins = item.stems[0]
        either = [f'"{begins}" *', *(f'"{stem}"' for stem in condition.expansions.get(begins, ()))]
        return _in_title(item, either[0] if len(either) == 1 else f"({' OR '.join(either)})")
    return _in_title(item, f'"{" ".join(item.stems)}"')


def _in_title(item: Item, expression: str) -> str:
    return f"(title : {expression})" if item.title else expression
