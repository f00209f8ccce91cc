"""Titles and texts read in other processes, before their batch is written: so that all cores have work.

What is read depends on title and text alone, never on the archive. Whatever was not read ahead is read when
it is asked for, so that nothing but the time depends on this module.
"""

from __future__ import annotations

import datetime
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, TypeVar

from geomonitor.dossier.paper_kinds import of_government
from geomonitor.dossier.reading.paper_reading import (
    LARGEST_CHARACTERS,
    EdgesReading,
    TitleReading,
    read_edges,
    read_title,
)
from geomonitor.dossier.search_words import LARGEST_TITLE, TextStems, text_stems
from geomonitor.errors import GeomonitorError

__all__ = [
    "BATCHES_AHEAD",
    "Readable",
    "WantedText",
    "read_ahead",
    "stems_reading",
    "text_reading",
    "title_reading",
    "wanted_of",
]

B = TypeVar("B")

BATCHES_AHEAD = 3
"""Batches that are in memory at most: the one that is written, and those that are read meanwhile."""

# fewer papers are read before a process has started
_WORTH_PROCESSES = 1_000
_PIECE = 200
_MOST_PROCESSES = 4


@dataclass(frozen=True, slots=True)
class WantedText:
    """A text to be read, with all that its reading depends on.

    Parameters
    ----------
    text, paper : str
    date : datetime.date or None
    promises : bool
        Whether commitments are looked for: only the government makes them.
    """

    text: str
    paper: str
    date: datetime.date | None
    promises: bool


class Readable(Protocol):
    """What is needed of a paper, or of its record, to read it."""

    @property
    def paper(self) -> str:
        """Its identifier."""

    @property
    def same_as(self) -> str:
        """The paper that it is printed as."""

    @property
    def date(self) -> datetime.date | None:
        """Its day."""

    @property
    def kind(self) -> str:
        """Its kind, in the words of the source."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def dossier_title(self) -> str:
        """The title of its dossier."""

    @property
    def text(self) -> str:
        """Its text."""


def wanted_of(paper: Readable) -> WantedText:
    """Say how the text of a paper is read."""
    return WantedText(
        paper.text, paper.same_as or paper.paper, paper.date, of_government(paper.kind, paper.title)
    )


@dataclass(slots=True)
class _Ahead:
    """What was read ahead for the batch that is written now."""

    titles: dict[str, TitleReading] = field(default_factory=dict)
    texts: dict[WantedText, EdgesReading] = field(default_factory=dict)
    stems: dict[tuple[str, str, str], tuple[TextStems, TextStems]] = field(default_factory=dict)


_now = _Ahead()


def title_reading(title: str) -> TitleReading:
    """Read a title, or give what was read ahead."""
    found = _now.titles.get(title)
    return _read_title(title) if found is None else found


# a title is asked for twice: for what it refers to, and for the movers of the motion that it is
@lru_cache(maxsize=4_096)
def _read_title(title: str) -> TitleReading:
    return read_title(title)


def text_reading(wanted: WantedText) -> EdgesReading:
    """Read a text, or give what was read ahead."""
    found = _now.texts.get(wanted)
    return _read_text(wanted) if found is None else found


def _read_text(wanted: WantedText) -> EdgesReading:
    return read_edges(wanted.text, paper=wanted.paper, date=wanted.date, promises=wanted.promises)


def stems_reading(title: str, text: str, dossier_title: str) -> tuple[TextStems, TextStems]:
    """Give the stems of a title, and those of a text with the title of its dossier, for the search index."""
    found = _now.stems.get((title, text, dossier_title))
    return _stems(title, text, dossier_title) if found is None else found


def _stems(title: str, text: str, dossier_title: str) -> tuple[TextStems, TextStems]:
    return text_stems(title[:LARGEST_TITLE]), text_stems(text, dossier_title)


def read_ahead(batches: Iterable[B], wanted: Callable[[B], Sequence[Readable]]) -> Generator[B, None, None]:
    """Give batches one by one, each after its papers were read; the next are read while it is written.

    Small batches are given as they come: starting a process would take longer than reading them.

    Parameters
    ----------
    batches : iterable
        Taken as they are needed, at most `BATCHES_AHEAD` at a time.
    wanted : callable
        Gives the papers of a batch that will have to be read.

    Raises
    ------
    GeomonitorError
        If a process that reads ends before it is done.
    """
    with _Readers() as readers:
        coming = iter(batches)
        waiting: deque[tuple[B, _Pieces]] = deque()
        for batch in coming:
            waiting.append((batch, readers.begin(wanted(batch))))
            # only where processes read is there anything to gain from looking further
            if len(waiting) < BATCHES_AHEAD and readers.started:
                continue
            yield from _next(waiting)
        while waiting:
            yield from _next(waiting)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A piece of a batch: what is sent to a process that reads."""

    indexed: tuple[tuple[str, str, str], ...]
    texts: tuple[WantedText, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """What comes back, in the same order."""

    titles: tuple[TitleReading, ...]
    texts: tuple[EdgesReading, ...]
    stems: tuple[tuple[TextStems, TextStems], ...]


_Pieces = list[tuple[_Wanted, "Future[_Read]"]]


def _next(waiting: deque[tuple[B, _Pieces]]) -> Iterator[B]:
    batch, pieces = waiting.popleft()
    try:
        for wanted, future in pieces:
            read = future.result()
            titles = (title for title, _, _ in wanted.indexed)
            _now.titles.update(zip(titles, read.titles, strict=True))
            _now.texts.update(zip(wanted.texts, read.texts, strict=True))
            _now.stems.update(zip(wanted.indexed, read.stems, strict=True))
        yield batch
    except BrokenProcessPool as error:
        raise GeomonitorError(
            "A process that reads papers ended before it was done.",
            where=f"titles and texts of {sum(len(wanted.indexed) for wanted, _ in pieces):,} papers",
            expected="memory enough for a few hundred megabytes in each of a few processes",
            next_step="See to it that there is memory, and load again: it goes on where it stopped.",
        ) from error
    finally:
        _now.titles.clear()
        _now.texts.clear()
        _now.stems.clear()


class _Readers:
    """The processes that read; there are none until there is enough to read."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Readers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    @property
    def started(self) -> bool:
        return self._pool is not None

    def begin(self, papers: Sequence[Readable]) -> _Pieces:
        processes = min(_cores() - 1, _MOST_PROCESSES)
        if len(papers) < _WORTH_PROCESSES or processes < 1:
            return []
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                processes, multiprocessing.get_context("spawn"), initializer=_begin_process
            )
        pieces: _Pieces = []
        for start in range(0, len(papers), _PIECE):
            some = papers[start : start + _PIECE]
            wanted = _Wanted(
                tuple((each.title, each.text, each.dossier_title) for each in some),
                # one that is too long is refused where it is asked for
                tuple(wanted_of(each) for each in some if 0 < len(each.text) <= LARGEST_CHARACTERS),
            )
            pieces.append((wanted, _submitted(self._pool, wanted)))
        return pieces


def _submitted(pool: ProcessPoolExecutor, wanted: _Wanted) -> Future[_Read]:
    try:
        return pool.submit(_read_piece, wanted)
    except BrokenProcessPool as error:
        # told when the batch is asked for
        broken: Future[_Read] = Future()
        broken.set_exception(error)
        return broken


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _begin_process() -> None:
    """Leave Ctrl-C to the process that writes, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read_piece(wanted: _Wanted) -> _Read:
    return _Read(
        tuple(read_title(title) for title, _, _ in wanted.indexed),
        tuple(_read_text(each) for each in wanted.texts),
        tuple(_stems(*each) for each in wanted.indexed),
    )
