"""What search asks of a database: the full-text index of SQLite (FTS5) or of PostgreSQL (tsvector, GIN).

Both hold the same stems, and answer the same conditions with the same papers.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from geomonitor.dossier.search_query import Item

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["ALL", "Backend", "Condition", "FoundRows", "IndexRow"]

ALL = ":all"
"""The mark of every paper."""


FoundRows = list[tuple[int, int]]
"""Row and group of each hit."""


class IndexRow(NamedTuple):
    """What is indexed of one paper; the stems of title and body, and marks, each separated by blanks."""

    search_row: int
    title: str
    body: str
    marks: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What a hit must satisfy.

    Parameters
    ----------
    groups : tuple of tuple of Item
        All groups must hold; of each group, one item.
    expansions : mapping of str to tuple of str
        By the beginning of a word: stems of words that begin so, where the stem itself does not.
    first_row, last_row : int
        Rows between which a hit lies, both included.
    loaded_after : datetime.datetime or None
    """

    groups: tuple[tuple[Item, ...], ...]
    expansions: Mapping[str, tuple[str, ...]]
    first_row: int
    last_row: int
    loaded_after: datetime.datetime | None = None


class Backend(Protocol):
    """The full-text index of one kind of database."""

    def make(self, connection: BaseDatabaseWrapper) -> None:
        """Make the index, empty."""

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Take the index away."""

    def add(self, connection: BaseDatabaseWrapper, rows: Sequence[IndexRow]) -> None:
        """Write rows that are not there yet, with their stems."""

    def remove(self, connection: BaseDatabaseWrapper, search_rows: Sequence[int]) -> None:
        """Take rows away, with their stems."""

    def empty(self, connection: BaseDatabaseWrapper) -> None:
        """Take all rows away, whatever state the index is in."""

    def tidy(self, connection: BaseDatabaseWrapper) -> None:
        """Bring the index into the shape in which it answers quickest."""

    def newest(self, connection: BaseDatabaseWrapper, condition: Condition, most: int) -> FoundRows:
        """Give row and group of hits, newest first."""

    def count(self, connection: BaseDatabaseWrapper, condition: Condition, most: int) -> int:
        """Count hits, as far as `most`."""
