"""The archive brought up to date with the sources: one dossier or all, from where the last sync stopped."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from geomonitor.archive.after_loading import derive_all
from geomonitor.archive.deriving import derive_for
from geomonitor.archive.load_decisions import DecisionOutcome, load_commitments, load_votes
from geomonitor.archive.loading import LoadOutcome, Progress, load_papers
from geomonitor.archive.models import Paper, SyncPosition
from geomonitor.archive.row_records import Found
from geomonitor.archive.sync_lock import sync_lock
from geomonitor.archive.sync_streams import (
    KOOP_HOST,
    TWEEDE_KAMER_HOST,
    Stream,
    koop_streams,
    tweede_kamer_streams,
)
from geomonitor.data.asking import InterruptedTransferError
from geomonitor.dossier.reading.normal_forms import normal_dossier
from geomonitor.dossier.records import CommitmentRecord, PaperRecord, VoteRecord
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.dossier.transport import Client
from geomonitor.errors import GeomonitorError

__all__ = ["SOURCES", "SyncOutcome", "sync"]

SOURCES = ("tweede-kamer", "koop")
"""The sources that can be asked."""

# pages whose version is kept, so that they are asked for again only if they changed
_PAGES_KEPT = 200


@dataclass(slots=True)
class SyncOutcome:
    """What a sync did.

    Parameters
    ----------
    papers : LoadOutcome
    votes, commitments : DecisionOutcome
    pages, unchanged_pages : int
        Pages that were read, and pages that the source says are as they were.
    left_out : int
        What the source has and the archive does not keep, such as annexes without a text.
    went_on : list of str
        Streams that went on where an earlier sync was ended.
    problems : list of (str, GeomonitorError)
        Streams that could not be read to their end, each with the reason; the others were.
    """

    papers: LoadOutcome = field(default_factory=LoadOutcome)
    votes: DecisionOutcome = field(default_factory=DecisionOutcome)
    commitments: DecisionOutcome = field(default_factory=DecisionOutcome)
    pages: int = 0
    unchanged_pages: int = 0
    left_out: int = 0
    went_on: list[str] = field(default_factory=list)
    problems: list[tuple[str, GeomonitorError]] = field(default_factory=list)

    @property
    def changed_anything(self) -> bool:
        """Whether anything in the archive is other than before."""
        counted = (self.papers, self.votes, self.commitments)
        return any(each.added or each.changed or each.withdrawn for each in counted)

    @property
    def unreadable(self) -> list[Unreadable]:
        """What was not loaded, and why."""
        return [*self.papers.unreadable, *self.votes.unreadable, *self.commitments.unreadable]


def sync(
    scope: str,
    *,
    client: Client,
    sources: Sequence[str] = SOURCES,
    since: datetime.date | None = None,
    address: str = "",
    progress: Progress | None = None,
    today: datetime.date | None = None,
) -> SyncOutcome:
    """Bring the archive up to date with the sources.

    Each page is one transaction, with the place where to go on: a sync that is ended at any moment goes on
    there. A source that cannot be read is told of, and the others are read.

    Parameters
    ----------
    scope : str
        A dossier, in any way to write it, or "all".
    client : Client
        Who asks, and how politely.
    sources : sequence of str
        Of `SOURCES`.
    since : datetime.date, optional
        Only what changed on or after this day; the position of other syncs stays as it is.
    address : str
        Where the services are, instead of at parliament and KOOP: a mirror, or a test.
    progress : callable, optional
    today : datetime.date, optional
        The day for which commitments are due; that of the clock when left out.

    Returns
    -------
    SyncOutcome

    Raises
    ------
    GeomonitorError
        If another sync runs, or the scope is none.
    """
    key = scope if scope == "all" else normal_dossier(scope)
    base = address.rstrip("/")
    streams: list[Stream] = []
    if "tweede-kamer" in sources:
        streams += tweede_kamer_streams(key, base or TWEEDE_KAMER_HOST, since)
    if "koop" in sources:
        streams += koop_streams(key, base or KOOP_HOST, since)
    outcome = SyncOutcome()
    tell = progress or (lambda text, done, total: None)
    silent: dict[str, GeomonitorError] = {}
    with sync_lock():
        for number, stream in enumerate(streams):
            if (host := _host(stream.first)) in silent:
                outcome.problems.append((stream.name, silent[host]))
                continue
            try:
                _Pass(stream, key, since, outcome).run(client, partial(_tell, tell, number, len(streams)))
            except GeomonitorError as error:
                outcome.problems.append((stream.name, error))
                if _is_silent(error):
                    # its other streams would wait as long, and hear as little
                    silent[host] = error
        if outcome.changed_anything:
            tell("Deriving states", len(streams), len(streams))
            _derive(key, today or timezone.localdate())
    return outcome


def _host(address: str) -> str:
    return urlsplit(address).netloc


def _is_silent(error: GeomonitorError) -> bool:
    """Say whether no connection could be made at all."""
    return isinstance(error.__cause__, InterruptedTransferError) and error.__cause__.unreachable


def _tell(tell: Progress, done: int, total: int, text: str) -> None:
    tell(text, done, total)


def _derive(scope: str, today: datetime.date) -> None:
    if scope == "all":
        derive_all(today=today)
    else:
        derive_for(list(Paper.objects.filter(dossier=scope).values_list("paper", flat=True)), today=today)


class _Pass:
    """One pass over a stream, from where it stopped to its end."""

    def __init__(self, stream: Stream, scope: str, since: datetime.date | None, outcome: SyncOutcome) -> None:
        self._stream, self._outcome = stream, outcome
        self._scope = scope if since is None else f"{scope} since {since.isoformat()}"
        kept = SyncPosition.objects.filter(source=stream.name, scope=self._scope).first()
        self._position: dict[str, Any] = dict(kept.position) if kept is not None else {}
        if self._position.get("first", stream.first) != stream.first and stream.first:
            # asked another way than before, or at another address
            self._position, kept = {}, None
        self._interrupted = kept is not None and not kept.complete
        self._started_at = kept.started_at if kept is not None and self._interrupted else timezone.now()

    def run(self, client: Client, tell: Callable[[str], None]) -> None:
        """Read page after page."""
        address = self._position.get("next") or self._position.get("begin") or self._stream.first
        if not address:
            raise GeomonitorError(
                "All official publications cannot be asked for from the beginning.",
                where=self._stream.name,
                expected="the day from which on, or an earlier sync to go on from",
                next_step="Add --since YYYY-MM-DD, or load the files of KOOP: geomonitor dossier load FOLDER",
            )
        if self._interrupted and self._position.get("next"):
            self._outcome.went_on.append(self._stream.name)
        pages = 0
        seen: set[str] = set()
        while address:
            if address in seen:
                raise GeomonitorError(
                    "The source leads in a circle: a next page was read already.",
                    where=address,
                    next_step="Try again later; what was read is kept.",
                )
            seen.add(address)
            pages += 1
            tell(f"{self._stream.name}, page {pages}")
            address = self._page(client, address)

    def _page(self, client: Client, address: str) -> str:
        etag, last_modified, following, resume = self._position.get("pages", {}).get(
            address, ("", "", "", "")
        )
        answer = self._stream.ask(client, address, etag, last_modified)
        if not answer.changed:
            self._outcome.unchanged_pages += 1
            with transaction.atomic():
                self._keep(
                    address, following, resume, answer.etag or etag, answer.last_modified or last_modified
                )
            return str(following)
        page = self._stream.read(client, answer, address)
        with transaction.atomic():
            self._load(page.found)
            self._keep(address, page.next_address, page.resume, answer.etag, answer.last_modified)
        self._outcome.pages += 1
        self._outcome.left_out += page.left_out
        return page.next_address

    def _load(self, found: Sequence[Found]) -> None:
        papers = [each for each in found if isinstance(each, (PaperRecord, Unreadable))]
        self._outcome.papers.add(load_papers(papers))
        votes = [each for each in found if isinstance(each, VoteRecord)]
        if votes:
            self._outcome.votes.add(load_votes(votes))
        commitments = [each for each in found if isinstance(each, CommitmentRecord)]
        if commitments:
            self._outcome.commitments.add(load_commitments(commitments))

    def _keep(self, address: str, following: str, resume: str, etag: str, last_modified: str) -> None:
        """Write down where to go on."""
        pages = dict(self._position.get("pages", {}))
        pages.pop(address, None)
        if etag or last_modified:
            pages[address] = [etag, last_modified, following, resume]
        self._position = {
            "first": self._stream.first or self._position.get("first", address),
            "next": following,
            "begin": resume or self._position.get("begin", ""),
            "pages": dict(list(pages.items())[-_PAGES_KEPT:]),
        }
        SyncPosition.objects.update_or_create(
            source=self._stream.name,
            scope=self._scope,
            defaults={
                "position": self._position,
                "complete": not following,
                "started_at": self._started_at,
                "changed_at": timezone.now(),
            },
        )
