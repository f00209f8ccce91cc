"""The search service of KOOP's repository of official publications: SRU 2.0.

What is relied on: the parameters of SRU 2.0 (query in CQL, startRecord from 1, maximumRecords); the
indexes ``c.product-area``, ``w.publicatienaam``, ``w.dossiernummer`` (exact with ``==``) and
``dt.modified``; an answer of ``searchRetrieveResponse`` with ``numberOfRecords``, records of schema gzd
with ``itemUrl`` by manifestation, and ``nextRecordPosition``. Elements are found by their local names: the
namespaces have changed over the years. The service negotiates what it sends: ask for ``application/xml``. It
does not page beyond record 10,000. All this is known from public programs that ask it; it was not tried
against the service itself.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from lxml import etree

from geomonitor.dossier.reading.normal_forms import identify, normal_dossier
from geomonitor.dossier.sources.safe_xml import children_named, local_name, parse_xml, plain_line
from geomonitor.errors import DataError

__all__ = [
    "LAST_RECORD",
    "MOST_RECORDS",
    "SRU_ADDRESS",
    "SearchPage",
    "SearchResult",
    "read_search_page",
    "search_address",
]

SRU_ADDRESS = "https://repository.overheid.nl/sru"
MOST_RECORDS = 1_000
LAST_RECORD = 10_000
_IGNORED_PART = re.compile(r"IGNORED", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One publication that was found.

    Parameters
    ----------
    paper : str
        Identifier in normal form, or as the service gives it where it has none (stcrt-2023-1).
    title : str
    date : datetime.date or None
    modified : datetime.date or None
    dossiers : tuple of str
        Keys of the dossiers it stands in.
    kind : str
    xml_address : str
        Where its XML is; empty where it has none (scans, annexes).
    """

    paper: str
    title: str = ""
    date: datetime.date | None = None
    modified: datetime.date | None = None
    dossiers: tuple[str, ...] = ()
    kind: str = ""
    xml_address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """A page of an answer.

    Parameters
    ----------
    total : int
        Publications found in all.
    results : tuple of SearchResult
    next_record : int or None
        Where the next page begins; None on the last.
    warnings : tuple of str
        What the service says that it left out of the question.
    """

    total: int
    results: tuple[SearchResult, ...]
    next_record: int | None = None
    warnings: tuple[str, ...] = ()


def search_address(
    *,
    dossier: str = "",
    modified_since: datetime.date | None = None,
    modified_until: datetime.date | None = None,
    start_record: int = 1,
    records: int = 100,
    base: str = SRU_ADDRESS,
) -> str:
    """Give the address that asks for papers (Kamerstukken), of one dossier or all.

    Parameters
    ----------
    dossier : str
        In any way to write it; empty for all.
    modified_since, modified_until : datetime.date or None
        Days of the last change, both included.
    start_record : int
        From 1.
    records : int
        How many to give, from 1 to 1,000.
    base : str
        Address of the service.

    Raises
    ------
    DataError
        If the page asked for is beyond what the service gives.

    Examples
    --------
    >>> search_address(dossier="35 207", records=50)
    'https://repository.overheid.nl/sru?operation=searchRetrieve&version=2.0&x-connection=officielepublicaties&query=c.product-area%3D%3Dofficielepublicaties+AND+w.publicatienaam%3D%3DKamerstuk+AND+w.dossiernummer%3D%3D%2235207%22&startRecord=1&maximumRecords=50&recordSchema=gzd'
    """
    if not 1 <= records <= MOST_RECORDS or not 1 <= start_record <= LAST_RECORD:
        raise DataError(
            f"The search service gives no page of {records:,} records from record {start_record:,} on.",
            where=base,
            expected=f"1 to {MOST_RECORDS:,} records a page, up to record {LAST_RECORD:,}",
            next_step="Ask for one dossier, or for the changes of a shorter period.",
        )
    conditions = ["c.product-area==officielepublicaties", "w.publicatienaam==Kamerstuk"]
    if dossier:
        conditions.append(f'w.dossiernummer=="{normal_dossier(dossier)}"')
    if modified_since:
        conditions.append(f"dt.modified>={modified_since.isoformat()}")
    if modified_until:
        conditions.append(f"dt.modified<={modified_until.isoformat()}")
    asked = {
        "operation": "searchRetrieve",
        "version": "2.0",
        "x-connection": "officielepublicaties",
        "query": " AND ".join(conditions),
        "startRecord": start_record,
        "maximumRecords": records,
        "recordSchema": "gzd",
    }
    return f"{base}?{urlencode(asked)}"


def read_search_page(data: bytes, where: str) -> SearchPage:
    """Read a page of the answer.

    Raises
    ------
    DataError
        If it is not an answer of SRU, or the service says that it cannot answer (its diagnostics, in words).

    Examples
    --------
    >>> page = read_search_page(b'''<searchRetrieveResponse><numberOfRecords>1</numberOfRecords>
    ...   <records><record><recordData><gzd><identifier>kst-35207-60</identifier><enrichedData>
    ...   <itemUrl manifestation="xml">https://example.nl/kst-35207-60.xml</itemUrl>
    ...   </enrichedData></gzd></recordData></record></records></searchRetrieveResponse>''', where="page 1")
    >>> page.total, page.results[0].paper, page.results[0].xml_address
    (1, 'kst-35207-60', 'https://example.nl/kst-35207-60.xml')
    """
    root = parse_xml(data, where=where)
    if local_name(root) not in ("searchRetrieveResponse", "diagnostics"):
        raise DataError(
            f"The answer is not one of the search service: its root is <{local_name(root)[:60]}>.",
            where=where,
            expected="<searchRetrieveResponse>",
            next_step="Ask again later; if it stays so, the address of the service may have changed.",
        )
    said = tuple(_diagnostics(root))
    records = [
        record for part in children_named(root, "records") for record in children_named(part, "record")
    ]
    if said and not (records and all(_IGNORED_PART.search(each) for each in said)):
        raise DataError(
            f"The search service could not answer: {'; '.join(said)[:400]}.",
            where=where,
            next_step="Ask for one dossier, or a shorter period; otherwise ask again later.",
        )
    total = _whole_number(root, "numberOfRecords", where)
    if total is None:
        raise DataError(
            "The answer of the search service does not say how many records there are.",
            where=where,
            expected="<numberOfRecords>",
            next_step="Ask again later.",
        )
    results = tuple(_result(each, f"{where}, record {place}") for place, each in enumerate(records, start=1))
    if total and not results and (_whole_number(root, "startRecord", where) or 1) <= total:
        raise DataError(
            f"The search service counts {total:,} records and gives none of them.",
            where=where,
            expected="<records> with the first of them",
            next_step="Ask again later.",
        )
    return SearchPage(
        total=total,
        results=results,
        next_record=_whole_number(root, "nextRecordPosition", where),
        warnings=said,
    )


def _diagnostics(root: etree._Element) -> Iterator[str]:
    for diagnostic in root.iter("{*}diagnostic"):
        told = {local_name(part): plain_line(part) for part in diagnostic}
        words = [told[name] for name in ("message", "details", "uri") if told.get(name)]
        yield (
            f"{words[0]} ({', '.join(words[1:])})" if len(words) > 1 else " ".join(words) or "no reason given"
        )


def _whole_number(root: etree._Element, name: str, where: str) -> int | None:
    element = next((child for child in root if local_name(child) == name), None)
    written = plain_line(element)
    if not written:
        return None
    if not re.fullmatch(r"\d{1,12}", written):
        raise DataError(
            f"<{name}> is no whole number: {written[:40]!r}.", where=where, next_step="Ask again later."
        )
    return int(written)


def _result(record: etree._Element, where: str) -> SearchResult:
    identifier = _first(record, "identifier")
    if not identifier:
        raise DataError(
            "A record of the search service has no identifier.",
            where=where,
            expected="<identifier>, such as kst-35207-60",
            next_step="Ask again later; if it stays so, the service has changed.",
        )
    known = identify(identifier)
    addresses = {
        item.get("manifestation", ""): plain_line(item)
        for item in record.iter("{*}itemUrl")
    }  # fmt: skip
    dossiers: dict[str, None] = {}
    for element in record.iter("{*}dossiernummer"):
        for each in plain_line(element).split(";"):
            found = identify(each)
            if found and found[0] == "dossier":
                dossiers[found[1].removeprefix("dossier-")] = None
    return SearchResult(
        paper=known[1] if known else identifier,
        title=_first(record, "documenttitel") or _first(record, "title"),
        date=_day(_first(record, "issued") or _first(record, "date")),
        modified=_day(_first(record, "modified")),
        dossiers=tuple(dossiers),
        kind=_first(record, "subrubriek") or _first(record, "type"),
        xml_address=addresses.get("xml", ""),
    )


def _first(record: etree._Element, name: str) -> str:
    return plain_line(next(record.iter(f"{{*}}{name}"), None))


def _day(written: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(written[:10]) if written else None
    except ValueError:
        return None
