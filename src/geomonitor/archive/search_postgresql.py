"""The full-text index on PostgreSQL: the stems as lexemes of a tsvector, with a GIN index.

The lexemes have no positions: PostgreSQL keeps at most 256 of a word, and would miss a phrase of common words
in a long text. Phrases are looked for in the table of stems, among the papers that have all words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geomonitor.archive.search_backend import Condition, FoundRows, IndexRow
from geomonitor.dossier.search_query import Item, ItemKind

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["PostgresqlBackend"]

_STEMS = "archive_searchstems"
_MAKE = (
    "CREATE TABLE archive_search (search_row bigint PRIMARY KEY, lexemes tsvector NOT NULL)",
    "CREATE INDEX archive_search_lexemes ON archive_search USING gin (lexemes)",
    # what the planner knows of words decides between the index and the newest rows first
    "ALTER TABLE archive_search ALTER COLUMN lexemes SET STATISTICS 500",
)
# no word and no mark begins so
_TITLE = "="


class PostgresqlBackend:
    """A tsvector with a GIN index; see `geomonitor.archive.search_backend.Backend`."""

    def make(self, connection: BaseDatabaseWrapper) -> None:
        """Make the index, empty."""
        with connection.cursor() as cursor:
            for statement in _MAKE:
                cursor.execute(statement)

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Take the index away."""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS archive_search")

    def add(self, connection: BaseDatabaseWrapper, rows: Sequence[IndexRow]) -> None:
        """Write rows that are not there yet, with their stems."""
        if not rows:
            return
        keys, titles, bodies, marks = (list(each) for each in zip(*rows, strict=True))
        lexemes = [_lexemes(row) for row in rows]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {_STEMS} (search_row, title, body, marks) "
                "SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])",
                [keys, titles, bodies, marks],
            )
            cursor.execute(
                "INSERT INTO archive_search (search_row, lexemes) "
                "SELECT key, array_to_tsvector(string_to_array(words, ' ')) "
                "FROM unnest(%s::bigint[], %s::text[]) AS given (key, words)",
                [keys, lexemes],
            )

    def remove(self, connection: BaseDatabaseWrapper, search_rows: Sequence[int]) -> None:
        """Take rows away, with their stems."""
        with connection.cursor() as cursor:
            for table in ("archive_search", _STEMS):
                cursor.execute(f"DELETE FROM {table} WHERE search_row = ANY(%s)", [list(search_rows)])

    def empty(self, connection: BaseDatabaseWrapper) -> None:
        """Take all rows away, whatever state the index is in."""
        self.drop(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {_STEMS}")
        self.make(connection)

    def tidy(self, connection: BaseDatabaseWrapper) -> None:
        """Count how often words occur, for the planner of queries."""
        with connection.cursor() as cursor:
            for table in ("archive_search", _STEMS, "archive_searchentry"):
                cursor.execute(f"ANALYZE {table}")

    def newest(self, connection: BaseDatabaseWrapper, condition: Condition, most: int) -> FoundRows:
        """Give row and group of hits, newest first."""
        source, values = _source(condition)
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT s.search_row, e."group" '
                f"FROM (SELECT s.search_row FROM {source} ORDER BY s.search_row DESC LIMIT %s) s "
                "JOIN archive_searchentry e ON e.search_row = s.search_row ORDER BY s.search_row DESC",
                [*values, most],
            )
            found: FoundRows = cursor.fetchall()
        return found

    def count(self, connection: BaseDatabaseWrapper, condition: Condition, most: int) -> int:
        """Count hits, as far as `most`."""
        source, values = _source(condition)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT %s) AS found", [*values, most]
            )
            found: Any = cursor.fetchone()
        return int(found[0])


def _lexemes(row: IndexRow) -> str:
    title = row.title.split()
    words = {*title, *row.body.split(), *row.marks.split(), *(_TITLE + each for each in title)}
    return " ".join(words)


def _source(condition: Condition) -> tuple[str, list[Any]]:
    """Write tables and conditions; what the lexemes can say, and what is looked up in the stems."""
    clauses: list[str] = []
    values: list[Any] = []
    lexemes = _tsquery(condition)
    if lexemes:
        clauses.append("s.lexemes @@ %s::tsquery")
        values.append(lexemes)
    clauses.append("s.search_row BETWEEN %s AND %s")
    values += [condition.first_row, condition.last_row]
    tables = "archive_search s"
    exact = [group for group in condition.groups if any(_has_phrase(item) for item in group)]
    if exact:
        tables += f" JOIN {_STEMS} t ON t.search_row = s.search_row"
        for group in exact:
            either = [_exactly(item, condition, values) for item in group]
            clauses.append(f"({' OR '.join(either)})")
    if condition.loaded_after is not None:
        clauses.append("s.search_row IN (SELECT search_row FROM archive_paper WHERE loaded_at > %s)")
        values.append(condition.loaded_after)
    return f"{tables} WHERE {' AND '.join(clauses)}", values


def _has_phrase(item: Item) -> bool:
    if item.kind is ItemKind.ANY:
        return any(_has_phrase(each) for each in item.any_of)
    return item.kind is ItemKind.WORDS and len(item.stems) > 1


def _tsquery(condition: Condition) -> str:
    """Write what the index can decide: phrases as the words that they consist of."""
    groups = []
    for group in condition.groups:
        either = [_lexeme_condition(item, condition) for item in group]
        # not the phrase says nothing of its words
        if not any(each is None for each in either):
            groups.append(f"({' | '.join(each for each in either if each)})")
    return " & ".join(groups)


def _lexeme_condition(item: Item, condition: Condition) -> str | None:
    if item.negative and _has_phrase(item):
        return None
    said = _positive(item, condition)
    return f"!({said})" if item.negative else said


def _positive(item: Item, condition: Condition) -> str:
    if item.kind is ItemKind.ANY:
        return " | ".join(f"({_positive(each, condition)})" for each in item.any_of)
    field = _TITLE if item.title else ""
    if item.kind is ItemKind.MARK_PREFIX:
        return f"'{item.stems[0]}':*"
    if item.kind is ItemKind.PREFIX:
        begins = item.stems[0]
        stems = [f"'{field}{stem}'" for stem in condition.expansions.get(begins, ())]
        return " | ".join([f"'{field}{begins}':*", *stems])
    return " & ".join(f"'{field}{stem}'" for stem in item.stems)


def _exactly(item: Item, condition: Condition, values: list[Any]) -> str:
    """Write an item as a condition on lexemes and stems, phrases word after word."""
    if item.kind is ItemKind.ANY:
        said = " OR ".join(_exactly(each, condition, values) for each in item.any_of)
    elif _has_phrase(item):
        columns = ("title",) if item.title else ("title", "body")
        said = " OR ".join(f"strpos(' ' || t.{column} || ' ', %s) > 0" for column in columns)
        values += [f" {' '.join(item.stems)} "] * len(columns)
    else:
        said = "s.lexemes @@ %s::tsquery"
        values.append(_positive(item, condition))
    return f"NOT ({said})" if item.negative else f"({said})"
