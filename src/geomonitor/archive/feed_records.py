"""Entries of the SyncFeed as records, with what they point at looked up in the archive.

The feed gives each entity by itself: a matter names its dossier, a document its matters, and the version
of a document its document, by identifiers of the source. Categories are therefore read in that order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from geomonitor.archive.models import Dossier, Paper
from geomonitor.archive.row_records import Found
from geomonitor.dossier.reading.normal_forms import normal_dossier, split_paper
from geomonitor.dossier.records import CommitmentRecord, Family, PaperRecord
from geomonitor.dossier.sources.syncfeed import FeedEntry
from geomonitor.dossier.sources.tweede_kamer_papers import VersionRecord
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.errors import GeomonitorError

__all__ = ["feed_records"]

_SOURCE = "tweede-kamer"


def feed_records(entries: Sequence[FeedEntry]) -> list[Found]:
    """Give what entries tell; dossiers, which are no papers, are written down at once."""
    found: list[Found] = []
    wanted = {guid for entry in entries for _, guid in entry.relations}
    wanted |= {each.record.document_id for each in entries if isinstance(each.record, VersionRecord)}
    dossiers = dict(Dossier.objects.filter(source_id__in=wanted).values_list("source_id", "dossier"))
    papers = {paper.source_id: paper for paper in Paper.objects.filter(source_id__in=wanted, source=_SOURCE)}
    for entry in entries:
        record = entry.record
        if entry.entity == "Kamerstukdossier":
            found += _dossier(entry)
        elif isinstance(record, VersionRecord):
            found += _version(record, papers)
        elif isinstance(record, PaperRecord):
            found.append(record if record.deleted else _with_relations(record, entry, dossiers, papers))
        elif isinstance(record, (CommitmentRecord, Unreadable)):
            found.append(record)
    return found


def _dossier(entry: FeedEntry) -> list[Found]:
    """Keep a dossier with the identifier by which matters name it; a withdrawn one stays where it is."""
    if entry.deleted:
        return []
    number, chapter = entry.values.get("Nummer"), entry.values.get("Toevoeging") or ""
    try:
        key = normal_dossier(f"{number} {chapter}".strip())
    except GeomonitorError as error:
        return [Unreadable.of(error, f"Kamerstukdossier {entry.source_id}")]
    title = str(entry.values.get("Titel") or "")
    dossier, added = Dossier.objects.get_or_create(
        dossier=key, defaults={"title": title, "source_id": entry.source_id}
    )
    if not added and (dossier.source_id != entry.source_id or (title and not dossier.title)):
        dossier.source_id, dossier.title = entry.source_id, dossier.title or title
        dossier.save()
    return []


def _with_relations(
    record: PaperRecord, entry: FeedEntry, dossiers: dict[str, str], papers: dict[str, Paper]
) -> PaperRecord:
    keys = [
        dossiers[guid] for name, guid in entry.relations if name == "Kamerstukdossier" and guid in dossiers
    ]
    matters = [
        papers[guid].paper
        for name, guid in entry.relations
        if name == "Zaak" and guid in papers and papers[guid].family == Family.MATTER
    ]
    return dataclasses.replace(
        record,
        dossier=record.dossier or (keys[0] if keys else ""),
        other_dossiers=record.other_dossiers or tuple(keys[1:]),
        matters=record.matters or (tuple(matters) if record.family is Family.DOCUMENT else ()),
    )


def _version(version: VersionRecord, papers: dict[str, Paper]) -> Iterable[Found]:
    """Say of a document, and of its matters, which publication it became; and give that publication."""
    if version.deleted:
        # the publication bears the identifier of the version
        yield PaperRecord(
            paper="", family=Family.PAPER, source=_SOURCE, deleted=True, source_id=version.source_id
        )
        return
    document = papers.get(version.document_id)
    if not version.paper.startswith("kst-") or document is None:
        return
    dossier, number = split_paper(version.paper)
    own = _record_of(document)
    yield dataclasses.replace(own, same_as=version.paper, dossier=dossier, number=number)
    yield dataclasses.replace(
        own,
        paper=version.paper,
        family=Family.PAPER,
        dossier=dossier,
        number=number,
        same_as="",
        changed_at=version.changed_at,
        source_id=version.source_id,
        url="",
    )
    for matter in Paper.objects.filter(paper__in=document.matters, source=_SOURCE, same_as=""):
        if document.kind.startswith(matter.kind):
            yield dataclasses.replace(
                _record_of(matter), same_as=version.paper, dossier=dossier, number=number
            )


def _record_of(paper: Paper) -> PaperRecord:
    return PaperRecord(
        paper=paper.paper,
        family=Family(paper.family),
        source=paper.source,
        dossier=paper.dossier,
        number=paper.number,
        date=paper.date,
        kind=paper.kind,
        title=paper.title,
        dossier_title=paper.dossier_title,
        text=paper.text,
        session_year=paper.session_year,
        movers=tuple(paper.movers),
        same_as=paper.same_as,
        matters=tuple(paper.matters),
        settled=paper.settled,
        cabinet_view=paper.cabinet_view,
        url=paper.url,
        changed_at=paper.source_changed_at,
        missing=tuple((field, reason) for field, reason in paper.missing),
        source_id=paper.source_id,
        other_dossiers=tuple(paper.other_dossiers),
    )
