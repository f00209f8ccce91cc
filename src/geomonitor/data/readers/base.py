"""What a reader of a published format is, and what it tells the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from geomonitor.codes import ECONOMY_CODES
from geomonitor.data.readers.members import Member

__all__ = ["ECONOMY", "ROW", "Notes", "ReadOptions", "Reader", "Survey"]

ECONOMY = pl.Enum(ECONOMY_CODES)
"""The Polars type of the columns exporter and importer."""

ROW = "row"
"""The column that carries the row of the source file, for error messages; it is never stored."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller asks of a reader.

    Parameters
    ----------
    revision : str or None
        HS revision such as ``HS17``, where the files do not name it.
    years : tuple of int or None
        Calendar years to keep; all when None.
    flow : str
        ``import`` or ``export``: whose reports to read, where a format holds both.
    """

    revision: str | None = None
    years: tuple[int, ...] | None = None
    flow: str = "import"


@dataclass(slots=True)
class Notes:
    """Repairs and mappings that a reader applied, each once, with counts added up."""

    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, count: int = 0) -> None:
        """Record a repair; ``{count}`` in the text stands for the number of rows, summed over calls."""
        self._counts[text] = self._counts.get(text, 0) + count

    def texts(self) -> tuple[str, ...]:
        """Give the notes in the order in which they arose."""
        return tuple(text.replace("{count}", f"{count:,}") for text, count in self._counts.items())


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in the input, found without reading the flows.

    Parameters
    ----------
    hs_revision : str
        The one HS revision of all flows.
    product_names : Mapping of str to str
        The release's own product table, or empty when it has none.
    flow_files : tuple of Member
        The files with flows, in order.
    other_files : tuple of Member
        Code tables and the like that were used.
    file_years : Mapping of str to int
        The one year that a flow file's name promises, by label.
    title : str
        A title for people.
    source_id : str or None
        The id of the source registry, where the format tells it.
    """

    hs_revision: str
    product_names: Mapping[str, str]
    flow_files: tuple[Member, ...]
    other_files: tuple[Member, ...] = ()
    file_years: Mapping[str, int] = field(default_factory=dict)
    title: str = ""
    source_id: str | None = None


class Reader(Protocol):
    """A reader of one published format.

    A reader surveys the input, then turns each flow file into frames in canonical columns plus `ROW`,
    with exporter and importer of type `ECONOMY`. It maps codes; the store verifies, sorts and writes.
    """

    @property
    def format(self) -> str:
        """The word of ``--format``."""

    @property
    def version(self) -> int:
        """Goes up when the same bytes would be read differently."""

    @property
    def adds_up_unallocated(self) -> bool:
        """Whether several partners of the format become one unallocated one, to be added up."""

    def survey(self, members: Sequence[Member], options: ReadOptions, notes: Notes) -> Survey:
        """Find the revision, the code tables and the flow files."""

    def read(
        self, file: Path, label: str, survey: Survey, options: ReadOptions, notes: Notes
    ) -> Iterator[pl.DataFrame]:
        """Read one flow file, in one frame when its name promises one year, else in batches."""
