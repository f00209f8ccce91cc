"""What a sync asks of each source, page by page, and what the pages hold.

Addresses, filters and relations of the Tweede Kamer are those of its documentation and of public programs
that ask it; they were not tried against the services themselves.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, unquote_plus, urlsplit

from geomonitor.archive.feed_records import feed_records
from geomonitor.archive.models import Paper
from geomonitor.archive.row_records import Found, records_of
from geomonitor.dossier.reading.normal_forms import official_address, split_paper
from geomonitor.dossier.records import Family, PaperRecord
from geomonitor.dossier.sources import koop, odata, sru, syncfeed
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.dossier.transport import KNOWN_HOSTS, Answer, Client, same_place
from geomonitor.errors import DataError

__all__ = ["KOOP_HOST", "TWEEDE_KAMER_HOST", "Page", "Stream", "koop_streams", "tweede_kamer_streams"]

TWEEDE_KAMER_HOST = "https://gegevensmagazijn.tweedekamer.nl"
KOOP_HOST = "https://repository.overheid.nl"

_RECORDS_A_PAGE = 100
_FEED_CATEGORIES = ("Kamerstukdossier", "Zaak", "Document", "DocumentVersie", "Toezegging")
_EXPAND = {
    "Zaak": "Kamerstukdossier,Document($expand=HuidigeDocumentVersie,Kamerstukdossier),"
    "Besluit($expand=Stemming,Agendapunt($expand=Activiteit))",
    "Document": "HuidigeDocumentVersie,Kamerstukdossier,Zaak",
    "Besluit": "Zaak,Stemming,Agendapunt($expand=Activiteit)",
    "Toezegging": "Activiteit,KamerbriefNakoming($expand=HuidigeDocumentVersie)",
}
_DOSSIER_OF = {
    "Zaak": "Kamerstukdossier/any(k:{})",
    "Document": "Kamerstukdossier/any(k:{})",
    "Toezegging": "Activiteit/Agendapunt/any(a:a/Zaak/any(z:z/Kamerstukdossier/any(k:{})))",
}
_SAFE = "$(),;:/'"
_DAY = re.compile(r"dt\.modified>=(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds, and where to go on.

    Parameters
    ----------
    found : list
        Records, in order.
    next_address : str
        The next page; empty on the last.
    resume : str
        Where a later sync begins; empty for the beginning.
    left_out : int
        What is there and is not kept, such as annexes without a text.
    """

    found: list[Found] = field(default_factory=list)
    next_address: str = ""
    resume: str = ""
    left_out: int = 0


class Stream(Protocol):
    """A sequence of pages of a source.

    Attributes
    ----------
    name : str
        Under which its position is kept.
    first : str
        Address of the first page, where no earlier sync says where to begin.
    """

    name: str
    first: str

    def ask(self, client: Client, address: str, etag: str, last_modified: str) -> Answer:
        """Ask for a page."""

    def read(self, client: Client, answer: Answer, address: str) -> Page:
        """Read it."""


def tweede_kamer_streams(scope: str, base: str, since: datetime.date | None) -> list[Stream]:
    """Give the streams of the Tweede Kamer for a dossier, or for all.

    All without a day is the SyncFeed, which tells of withdrawals too; with a day it is what changed since
    then. Decisions come from OData, where they stand with their votes.
    """
    if scope != "all":
        return [
            _ODataStream(entity, _rows_address(base, entity, scope, since))
            for entity in ("Zaak", "Document", "Toezegging")
        ]
    if since is not None:
        return [
            _ODataStream(entity, _rows_address(base, entity, "", since))
            for entity in ("Zaak", "Document", "Toezegging")
        ]
    feeds: list[Stream] = [
        _FeedStream(category, f"{base}/SyncFeed/2.0/Feed?category={category}")
        for category in _FEED_CATEGORIES
    ]
    return [*feeds, _ODataStream("Besluit", _rows_address(base, "Besluit", "", None), by_change=True)]


def koop_streams(scope: str, base: str, since: datetime.date | None) -> list[Stream]:
    """Give the stream of official publications of a dossier, or of all since a day."""
    if scope != "all":
        first = sru.search_address(
            dossier=scope, modified_since=since, records=_RECORDS_A_PAGE, base=f"{base}/sru"
        )
        return [_SearchStream(first, by_day=False)]
    # a day at a time: the service does not page beyond 10,000 records
    return [_SearchStream(_day_address(f"{base}/sru", since) if since else "", by_day=True)]


def _rows_address(base: str, entity: str, dossier: str, since: datetime.date | None) -> str:
    conditions = []
    if dossier:
        number, _, chapter = dossier.partition("-")
        wanted = f"k/Nummer eq {number}" + (f" and k/Toevoeging eq '{chapter}'" if chapter else "")
        conditions.append(_DOSSIER_OF[entity].format(wanted))
    if since is not None:
        conditions.append(f"ApiGewijzigdOp ge {since.isoformat()}T00:00:00Z")
    asked = {
        "$filter": " and ".join(conditions),
        "$expand": _EXPAND[entity],
        "$orderby": "ApiGewijzigdOp,Id",
    }
    told = "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in asked.items() if value)
    return f"{base}/OData/v4/2.0/{entity}?{told}"


class _ODataStream:
    """Rows of one entity, with their relations.

    A pass of everything that changed goes on, a day later, from the day on which it ended.
    """

    def __init__(self, entity: str, first: str, *, by_change: bool = False) -> None:
        self.name = f"tweede-kamer/{entity}"
        self.first = first
        self._entity = entity
        self._by_change = by_change

    def ask(self, client: Client, address: str, etag: str, last_modified: str) -> Answer:
        return client.json(address, etag=etag, last_modified=last_modified)

    def read(self, client: Client, answer: Answer, address: str) -> Page:
        page = odata.read_page(answer.body, address)
        found: list[Found] = []
        for number, row in enumerate(page.rows, start=1):
            found += records_of(self._entity, row, f"{address}, row {number}")
        following = same_place(address, page.next_link) if page.next_link else ""
        return Page(found, following, self._later(address, following))

    def _later(self, address: str, following: str) -> str:
        if not self._by_change or following:
            return ""
        base = address.partition("/OData/")[0]
        yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
        return _rows_address(base, self._entity, "", yesterday)


class _FeedStream:
    """One category of the SyncFeed: everything that changed since the token of the last entry."""

    def __init__(self, category: str, first: str) -> None:
        self.name = f"tweede-kamer/feed/{category}"
        self.first = first

    def ask(self, client: Client, address: str, etag: str, last_modified: str) -> Answer:
        return client.xml(address, etag=etag, last_modified=last_modified)

    def read(self, client: Client, answer: Answer, address: str) -> Page:
        page = syncfeed.read_feed(answer.body, address)
        following = same_place(address, page.next_link) if page.next_link else ""
        if following == address:
            raise DataError(
                "The feed says that its next page is this page.",
                where=address,
                expected="a link to what comes after it",
                next_step="Ask again later; what was read is kept.",
            )
        resume = same_place(address, page.resume_link) if page.resume_link else address
        return Page(feed_records(page.entries), following, resume)


class _SearchStream:
    """Official publications: found by the search service, and then asked for one by one."""

    def __init__(self, first: str, *, by_day: bool) -> None:
        self.name = "koop"
        self.first = first
        self._by_day = by_day

    def ask(self, client: Client, address: str, etag: str, last_modified: str) -> Answer:
        return client.xml(address, etag=etag, last_modified=last_modified)

    def read(self, client: Client, answer: Answer, address: str) -> Page:
        page = sru.read_search_page(answer.body, address)
        known = _known_versions(page.results)
        found: list[Found] = []
        left_out = 0
        for result in page.results:
            if not result.paper.startswith("kst-"):
                left_out += 1
            elif not result.xml_address:
                found.append(_without_text(result))
            elif not _is_known(result, known):
                found.append(_publication(client, result, address))
        following = self._following(page, address)
        return Page(found, following, address if self._by_day and not following else "", left_out)

    def _following(self, page: sru.SearchPage, address: str) -> str:
        base = address.partition("?")[0]
        if page.next_record is not None:
            start = f"startRecord={page.next_record}"
            if page.next_record > sru.LAST_RECORD:
                raise DataError(
                    f"There are {page.total:,} publications, and the service gives {sru.LAST_RECORD:,}.",
                    where=address,
                    next_step="Ask for a shorter period with --since.",
                )
            return re.sub(r"startRecord=\d+", start, address)
        if not self._by_day:
            return ""
        day = _day_of(address) + datetime.timedelta(days=1)
        return _day_address(base, day) if day <= datetime.datetime.now(datetime.UTC).date() else ""


def _day_address(base: str, day: datetime.date) -> str:
    return sru.search_address(modified_since=day, modified_until=day, records=_RECORDS_A_PAGE, base=base)


def _day_of(address: str) -> datetime.date:
    found = _DAY.search(unquote_plus(urlsplit(address).query))
    if found is None:
        raise DataError("The address asks for no day.", where=address)
    return datetime.date.fromisoformat(found[1])


def _known_versions(results: Sequence[sru.SearchResult]) -> dict[str, datetime.date]:
    """Give the day of the last change of the papers that the archive has from the publications."""
    papers = Paper.objects.filter(
        paper__in=[each.paper for each in results], source="koop", withdrawn_at=None
    ).exclude(source_changed_at=None)
    return {
        paper: moment.astimezone(datetime.UTC).date()
        for paper, moment in papers.values_list("paper", "source_changed_at")
        if moment is not None
    }


def _is_known(result: sru.SearchResult, known: dict[str, datetime.date]) -> bool:
    day = known.get(result.paper)
    return day is not None and result.modified is not None and result.modified <= day


def _publication(client: Client, result: sru.SearchResult, page: str) -> PaperRecord | Unreadable:
    target, asked = urlsplit(result.xml_address), urlsplit(page)
    stays = (target.scheme, target.netloc) == (asked.scheme, asked.netloc)
    if not stays and (target.scheme != "https" or target.netloc not in KNOWN_HOSTS):
        return Unreadable(
            result.paper, f"its text is said to be at another place: {result.xml_address[:200]}"
        )
    answer = client.xml(result.xml_address)
    try:
        record = koop.read_publication(answer.body, result.xml_address)
    except DataError as error:
        return Unreadable.of(error, result.paper)
    return dataclasses.replace(record, changed_at=_moment(result.modified) or record.changed_at)


def _without_text(result: sru.SearchResult) -> PaperRecord:
    """Keep what the search service says of a paper that was published as a scan."""
    dossier, number = split_paper(result.paper)
    missing = [("text", "the publication has no text, only pictures of pages")]
    if result.date is None:
        missing.append(("date", "the search service gives none"))
    return PaperRecord(
        paper=result.paper,
        family=Family.PAPER,
        source="koop",
        dossier=dossier,
        number=number,
        date=result.date,
        kind=result.kind,
        title=result.title,
        url=official_address(result.paper),
        other_dossiers=tuple(each for each in result.dossiers if each != dossier),
        changed_at=_moment(result.modified),
        missing=tuple(missing),
    )


def _moment(day: datetime.date | None) -> datetime.datetime | None:
    return None if day is None else datetime.datetime.combine(day, datetime.time(), datetime.UTC)
