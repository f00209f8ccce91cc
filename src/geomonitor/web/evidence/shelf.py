"""The shelf: the folder of editions, and the editions in it, opened once a process."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.findings import Edition

__all__ = ["LATEST", "EditionEntry", "Shelf", "shelf"]

LATEST = "latest"
"""Names the newest edition in a URL."""

_RECORD = "edition.json"
_OPEN_EDITIONS = 4
# what comes from an address becomes a path only where it can be the name of a folder
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class EditionEntry:
    """An edition as it stands on the shelf: what its record says, without its tables.

    Attributes
    ----------
    id : str
    path : pathlib.Path
    record : mapping
    created : datetime.datetime
    """

    id: str
    path: Path
    record: Mapping[str, Any]
    created: datetime

    def title(self, language: str) -> str:
        """Give its title in a language."""
        title = self.record.get("title", self.id)
        if isinstance(title, str):
            return title
        return str(title.get(language) or next(iter(title.values()), self.id))

    @property
    def period(self) -> str:
        """Its years, in short."""
        first, last = self.record["period"][0], self.record["period"][-1]
        return str(self.record.get("period_text") or f"{first}-{last}").replace("-", "–")


class Shelf:
    """A folder of editions.

    Editions never change once written, so one that was opened and checked is kept; the least recently
    used is let go.

    Parameters
    ----------
    folder : pathlib.Path
        It need not exist: then there are no editions.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, Edition] = OrderedDict()
        self._entries: dict[str, tuple[int, EditionEntry | None]] = {}

    def editions(self) -> tuple[EditionEntry, ...]:
        """List the editions, newest first.

        A folder without a record, or with one that cannot be read, is no edition: `geomonitor run` writes
        the record last.
        """
        try:
            folders = [each for each in self.folder.iterdir() if not each.name.startswith(".")]
        except FileNotFoundError:
            return ()
        found = [entry for entry in map(self._entry, folders) if entry is not None]
        return tuple(sorted(found, key=lambda entry: (entry.created, entry.id), reverse=True))

    def newest(self) -> EditionEntry | None:
        """Give the newest edition; none where the shelf is empty."""
        return next(iter(self.editions()), None)

    def entry(self, edition: str) -> EditionEntry:
        """Find an edition by its id; ``latest`` is the newest.

        Raises
        ------
        UnknownCodeError
            If it is not on the shelf.
        """
        if edition == LATEST:
            newest = self.newest()
            if newest is not None:
                return newest
        elif _FOLDER.fullmatch(edition):
            found = self._entry(self.folder / edition)
            if found is not None:
                return found
        known = [entry.id for entry in self.editions()]
        near = get_close_matches(edition, known, n=3)
        raise UnknownCodeError(
            f"There is no edition {edition!r}.",
            where="edition",
            expected=f"one of {', '.join(known)}" if known else "an edition; there is none yet",
            next_step=f"Did you mean {' or '.join(near)}?" if near else "See the list of editions.",
        )

    def open(self, edition: str) -> Edition:
        """Open an edition and check that no table has changed; the next time it is there at once.

        Raises
        ------
        UnknownCodeError
            If it is not on the shelf.
        DataError
            If a table is missing or changed.
        """
        entry = self.entry(edition)
        with self._lock:
            found = self._opened.get(entry.id)
            if found is None:
                found = Edition.open(entry.path)
                if found.id != entry.id:
                    raise DataError(
                        f"The folder {entry.id} holds the edition {found.id}.",
                        where=str(entry.path),
                        expected="a folder that is named after its edition",
                    )
                self._opened[entry.id] = found
                while len(self._opened) > _OPEN_EDITIONS:
                    self._opened.popitem(last=False)
            self._opened.move_to_end(entry.id)
            return found

    def _entry(self, folder: Path) -> EditionEntry | None:
        """Read a record; again only where the file changed."""
        file = folder / _RECORD
        try:
            changed = file.stat().st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return None
        known = self._entries.get(folder.name)
        if known is None or known[0] != changed:
            known = (changed, _read(folder))
            self._entries[folder.name] = known
        return known[1]


def _read(folder: Path) -> EditionEntry | None:
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        created = datetime.fromisoformat(record["created"])
        named, _ = record["id"], record["period"][0]
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        # no record of an edition: whoever opens this folder by name is told what it lacks
        return None
    return EditionEntry(id=str(named), path=folder, record=record, created=created)


@functools.lru_cache(maxsize=8)
def _shelf_of(folder: Path) -> Shelf:
    return Shelf(folder)


def shelf() -> Shelf:
    """Give the shelf of the application, the folder named by the setting EDITIONS."""
    from django.conf import settings

    return _shelf_of(Path(settings.EDITIONS))
