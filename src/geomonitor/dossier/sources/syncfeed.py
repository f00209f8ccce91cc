"""The SyncFeed of the Tweede Kamer: an Atom feed of everything that changed, page after page.

Each entry holds one entity as XML, whole as it is after the change, or empty with ``verwijderd`` where it was
withdrawn; its link ``next`` goes on behind it, by a ``skiptoken``. The last page has a link ``resume`` in the
place of ``next``: that is where to go on another day. Entities become the same records as from the OData
service, through the same functions: names of fields are turned into those of OData (``gestartOp`` into
``GestartOp``). What the feed leaves out is empty. An entity whose schema has changed is listed in its entry.

Unverified: that moments without a zone are in the time of Amsterdam.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from geomonitor.dossier.records import CommitmentRecord, PaperRecord
from geomonitor.dossier.sources.rows import Row
from geomonitor.dossier.sources.safe_xml import children_named, local_name, parse_xml, plain_line
from geomonitor.dossier.sources.tweede_kamer_decisions import (
    ActivityRecord,
    PartyRecord,
    activity_record,
    commitment_record,
    party_record,
)
from geomonitor.dossier.sources.tweede_kamer_papers import (
    VersionRecord,
    document_record,
    matter_record,
    version_record,
)
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.errors import DataError

__all__ = ["FeedEntry", "FeedPage", "FeedRecord", "read_feed"]

FeedRecord = PaperRecord | VersionRecord | CommitmentRecord | ActivityRecord | PartyRecord
_READERS: Mapping[str, Callable[[Row], FeedRecord]] = {
    "Zaak": matter_record,
    "Document": document_record,
    "DocumentVersie": version_record,
    "Toezegging": commitment_record,
    "Activiteit": activity_record,
    "Fractie": party_record,
}
# the feed has texts only: what is a number or a truth at the OData service
_NUMBERS = frozenset({
    "volgnummer", "kamer", "versienummer", "bestandsgrootte", "aantalZetels", "aantalStemmen",
    "fractieGrootte", "contentLength", "hoogsteVolgnummer",
})  # fmt: skip
_TRUTHS = frozenset({"afgedaan", "grootProject", "besloten", "afgesloten", "vergissing"})
_OTHER_NAMES = {"naamNl": "NaamNL", "naamEn": "NaamEN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One change.

    Parameters
    ----------
    entity : str
        As the OData service names it: Zaak, Document, Besluit …
    source_id : str
    deleted : bool
    record : FeedRecord, Unreadable or None
        Of the entities that become records by themselves; for the others (Besluit, Stemming) there are the
        values.
    values : Mapping
        Fields by their OData names.
    relations : tuple of (str, str)
        Other entities that it points at, with their source identifiers.
    enclosure : str
        Address of the file behind it.
    next_link : str
        Where to go on behind this entry.
    """

    entity: str
    source_id: str
    deleted: bool
    record: FeedRecord | Unreadable | None
    values: Mapping[str, Any]
    relations: tuple[tuple[str, str], ...] = ()
    enclosure: str = ""
    next_link: str = ""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of the feed.

    Parameters
    ----------
    entries : tuple of FeedEntry
    next_link : str
        The next page; empty where the feed is at its end for now.
    resume_link : str
        Where to go on later, when there is no next page.
    """

    entries: tuple[FeedEntry, ...]
    next_link: str = ""
    resume_link: str = ""


def read_feed(data: bytes, where: str) -> FeedPage:
    """Read a page of the feed.

    Raises
    ------
    DataError
        If it is no Atom feed, or an entry has no entity or identifier.

    Examples
    --------
    >>> page = read_feed(b'''<feed xmlns="http://www.w3.org/2005/Atom"><link rel="resume" href="https://e.nl/2"/>
    ...   <entry><content><zaak xmlns="urn:tk" id="z1" verwijderd="true" bijgewerkt="2024-10-15T11:42:51"/>
    ...   </content></entry></feed>''', "page 1")
    >>> page.entries[0].entity, page.entries[0].record.deleted, page.next_link, page.resume_link
    ('Zaak', True, '', 'https://e.nl/2')
    """
    root = parse_xml(data, where=where)
    if local_name(root) != "feed":
        raise DataError(
            f"The answer is no feed: its root is <{local_name(root)[:60]}>.",
            where=where,
            expected="an Atom feed",
            next_step="Ask again later; if it stays so, the service has changed: look for a newer version.",
        )
    links = _links(root)
    entries = tuple(
        _entry(entry, f"{where}, entry {place}")
        for place, entry in enumerate(children_named(root, "entry"), start=1)
    )
    last = entries[-1].next_link if entries else ""
    next_link = links.get("next", "")
    if not next_link and "resume" not in links:
        # pages without links of their own go on behind their last entry
        next_link = last
    return FeedPage(entries, next_link, links.get("resume", "") or last)


def _links(element: etree._Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "").strip() for link in children_named(element, "link")}


def _entry(entry: etree._Element, where: str) -> FeedEntry:
    content = next(children_named(entry, "content"), None)
    entity = next((child for child in content if local_name(child)), None) if content is not None else None
    if entity is None:
        raise DataError(
            "An entry of the feed holds no entity.",
            where=where,
            expected="<content> with one element, such as <zaak>",
            next_step="Ask again later; if it stays so, the service has changed: look for a newer version.",
        )
    attributes = {
        name.rpartition("}")[2] if isinstance(name, str) else "": str(value)
        for name, value in entity.attrib.items()
    }
    source_id = attributes.get("id", "")
    if not source_id:
        raise DataError(
            f"An entry of the feed has no identifier on its <{local_name(entity)[:60]}>.",
            where=where,
            expected="the attribute id",
            next_step="Ask again later; if it stays so, the service has changed: look for a newer version.",
        )
    deleted = attributes.get("verwijderd", "").lower() == "true"
    values, relations = _values(entity, deleted=deleted)
    values.update(Id=source_id, Verwijderd=deleted, GewijzigdOp=attributes.get("bijgewerkt"))
    name = _upper(local_name(entity))
    links = _links(entry)
    return FeedEntry(
        entity=name,
        source_id=source_id,
        deleted=deleted,
        record=_record(name, values, where),
        values=values,
        relations=relations,
        enclosure=links.get("enclosure", ""),
        next_link=links.get("next", ""),
    )


def _record(entity: str, values: Mapping[str, Any], where: str) -> FeedRecord | Unreadable | None:
    reader = _READERS.get(entity)
    if reader is None:
        return None
    try:
        return reader(Row(entity, values, where, whole=False))
    except DataError as error:
        return Unreadable.of(error, where)


def _upper(name: str) -> str:
    return _OTHER_NAMES.get(name) or name[:1].upper() + name[1:]


def _values(entity: etree._Element, *, deleted: bool) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    values: dict[str, Any] = {}
    relations: list[tuple[str, str]] = []
    for field in () if deleted else entity:
        name = local_name(field)
        referred = field.get("ref", "")
        if referred:
            relations.append((_upper(name), referred))
            values.setdefault(f"{_upper(name)}_Id", referred)
            continue
        written = plain_line(field)
        if not written:
            continue
        own = _upper(name)
        value = _typed(name, written)
        # some fields come once for each value
        values[own] = f"{values[own]}, {value}" if isinstance(values.get(own), str) else value
    return values, tuple(relations)


def _typed(name: str, written: str) -> str | int | bool:
    if name in _TRUTHS and written.lower() in ("true", "false"):
        return written.lower() == "true"
    if name in _NUMBERS and written.lstrip("-").isdecimal() and len(written) < 20:
        return int(written)
    return written
