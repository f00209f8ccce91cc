"""Matters (Zaak) and documents (Document, DocumentVersie) of the Tweede Kamer's open data, as records.

The Tweede Kamer gives a matter no number of a dossier unless Kamerstukdossier, or the version of its
document, is expanded: without either, the dossier of a matter is left empty, which is no lack. A row that was
withdrawn has its Id and the moment of the change, and nothing else: its record has no paper, but a
`source_id`.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping
from typing import Any

from geomonitor.dossier.reading.normal_forms import identify, normal_dossier, official_address, split_paper
from geomonitor.dossier.records import Family, PaperRecord
from geomonitor.dossier.sources.rows import Row
from geomonitor.errors import DataError, GeomonitorError

__all__ = ["VersionRecord", "document_record", "expanded_matter_records", "matter_record", "version_record"]

_SOURCE = "tweede-kamer"
_ANNEX_NUMBER = re.compile(r"(\d{2})(\d{2})0*(\d{1,5})")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """Which official publication a version of a document became.

    Parameters
    ----------
    source_id, document_id : str
        Identifiers of the version and of its document, at the source.
    paper : str
        The publication in normal form; empty where there is none (yet).
    changed_at : datetime.datetime or None
    deleted : bool
    """

    source_id: str
    document_id: str = ""
    paper: str = ""
    changed_at: datetime.datetime | None = None
    deleted: bool = False


def matter_record(row: Mapping[str, Any] | Row, where: str = "") -> PaperRecord:
    """Give the record of a matter (Zaak).

    Raises
    ------
    DataError
        If a field is not there or of another type, naming entity, field and row.

    Examples
    --------
    >>> record = matter_record({"Id": "1", "Nummer": "2022Z24775", "Soort": "Brief regering",
    ...     "Titel": "China", "Onderwerp": "Beleid over China", "GestartOp": "2022-12-14T00:00:00+01:00",
    ...     "Vergaderjaar": "2022-2023", "Volgnummer": 60, "Afgedaan": True,
    ...     "Kabinetsappreciatie": None, "Verwijderd": False, "GewijzigdOp": None}, "zaak.jsonl, line 1")
    >>> record.paper, record.kind, record.title, record.date.isoformat(), record.number
    ('2022Z24775', 'Brief regering', 'Beleid over China', '2022-12-14', '60')
    """
    matter = row if isinstance(row, Row) else Row("Zaak", row, where)
    if matter.truth("Verwijderd"):
        return _withdrawn(matter, "Nummer", Family.MATTER)
    paper = _own_number(matter, "Nummer")
    same_as = _same_as(matter)
    dossiers = _dossiers(matter)
    number = _positive(matter.number("Volgnummer"))
    if same_as.startswith("kst-"):
        own_dossier, number = split_paper(same_as)
        dossiers = (own_dossier, *(each for each in dossiers if each != own_dossier))
    date, title = matter.day("GestartOp"), matter.line("Onderwerp")
    return PaperRecord(
        paper=paper,
        family=Family.MATTER,
        source=_SOURCE,
        dossier=dossiers[0] if dossiers else "",
        other_dossiers=dossiers[1:],
        number=number,
        date=date,
        kind=matter.line("Soort"),
        title=title,
        dossier_title=matter.line("Titel"),
        session_year=matter.line("Vergaderjaar"),
        same_as=same_as,
        settled=matter.truth("Afgedaan"),
        cabinet_view=matter.line("Kabinetsappreciatie"),
        url=official_address(paper),
        changed_at=matter.moment("GewijzigdOp"),
        missing=_missing(date, title, "GestartOp"),
        source_id=matter.line("Id"),
    )


def document_record(row: Mapping[str, Any] | Row, where: str = "") -> PaperRecord:
    """Give the record of a document (Document), with the publication it became where its version is expanded.

    Raises
    ------
    DataError
        If a field is not there or of another type, naming entity, field and row.

    Examples
    --------
    >>> document_record({"Id": "2", "Verwijderd": True, "DocumentNummer": None,
    ...                  "GewijzigdOp": "2024-10-15T11:42:51+02:00"}, "document.jsonl, line 1").deleted
    True
    """
    document = row if isinstance(row, Row) else Row("Document", row, where)
    if document.truth("Verwijderd"):
        return _withdrawn(document, "DocumentNummer", Family.DOCUMENT)
    paper = _own_number(document, "DocumentNummer")
    same_as = _publication(document) or _annex(document.line("Aanhangselnummer"))
    dossiers = _dossiers(document)
    number = _positive(document.number("Volgnummer"))
    if same_as.startswith("kst-"):
        own_dossier, number = split_paper(same_as)
        dossiers = (own_dossier, *(each for each in dossiers if each != own_dossier))
    date, title = document.day("Datum"), document.line("Onderwerp") or document.line("Titel")
    return PaperRecord(
        paper=paper,
        family=Family.DOCUMENT,
        source=_SOURCE,
        dossier=dossiers[0] if dossiers else "",
        other_dossiers=dossiers[1:],
        number=number,
        date=date,
        kind=document.line("Soort"),
        title=title,
        dossier_title=document.line("Titel"),
        session_year=document.line("Vergaderjaar"),
        same_as=same_as,
        matters=tuple(filter(None, (matter.line("Nummer") for matter in document.rows("Zaak", "Zaak")))),
        url=official_address(paper),
        changed_at=document.moment("GewijzigdOp"),
        missing=_missing(date, title, "Datum"),
        source_id=document.line("Id"),
    )


def version_record(row: Mapping[str, Any] | Row, where: str = "") -> VersionRecord:
    """Give the record of a version of a document (DocumentVersie).

    Examples
    --------
    >>> version_record({"Id": "3", "Document_Id": "2", "ExterneIdentifier": "kst-19637-3384",
    ...                 "GewijzigdOp": "2025-02-19T16:23:02.563+01:00", "Verwijderd": False}, "row 1").paper
    'kst-19637-3384'
    """
    version = row if isinstance(row, Row) else Row("DocumentVersie", row, where)
    deleted = bool(version.truth("Verwijderd"))
    return VersionRecord(
        source_id=version.line("Id"),
        document_id="" if deleted and not version.has("Document_Id") else version.line("Document_Id"),
        paper="" if deleted else _normal(version.line("ExterneIdentifier")),
        changed_at=version.moment("GewijzigdOp"),
        deleted=deleted,
    )


def expanded_matter_records(row: Mapping[str, Any] | Row, where: str = "") -> tuple[PaperRecord, ...]:
    """Give the records of a matter with its documents expanded: matter, documents, and papers they became.

    The record of a paper has no text: that is with the official publication.

    Examples
    --------
    >>> version = {"Id": "3", "ExterneIdentifier": "kst-35207-60", "GewijzigdOp": None, "Verwijderd": False}
    >>> document = {"Id": "2", "DocumentNummer": "2022D50000", "Soort": "Brief regering", "Titel": "China",
    ...     "Onderwerp": "Beleid", "Datum": "2022-12-14T00:00:00+01:00", "Vergaderjaar": "2022-2023",
    ...     "Volgnummer": 60, "Aanhangselnummer": None, "GewijzigdOp": None, "Verwijderd": False,
    ...     "HuidigeDocumentVersie": version}
    >>> matter = {"Id": "1", "Nummer": "2022Z24775", "Soort": "Brief regering", "Titel": "China",
    ...     "Onderwerp": "Beleid", "GestartOp": "2022-12-14T00:00:00+01:00", "Vergaderjaar": "2022-2023",
    ...     "Volgnummer": 60, "Afgedaan": True, "Kabinetsappreciatie": None, "Verwijderd": False,
    ...     "GewijzigdOp": None, "Document": [document]}
    >>> [each.paper for each in expanded_matter_records(matter, "zaak.jsonl, line 1")]
    ['2022Z24775', '2022D50000', 'kst-35207-60']
    """
    matter = row if isinstance(row, Row) else Row("Zaak", row, where)
    own = matter_record(matter)
    if own.deleted:
        return (own,)
    records = {own.paper: own}
    for document in matter.rows("Document", "Document"):
        read = document_record(document)
        known = (*read.matters, *((own.paper,) if own.paper not in read.matters else ()))
        records[read.paper] = dataclasses.replace(read, matters=known)
        if read.same_as.startswith("kst-") and read.same_as not in records:
            version = document.row("HuidigeDocumentVersie", "DocumentVersie")
            records[read.same_as] = PaperRecord(
                paper=read.same_as,
                family=Family.PAPER,
                source=_SOURCE,
                dossier=read.dossier,
                other_dossiers=read.other_dossiers,
                number=read.number,
                date=read.date,
                kind=read.kind,
                title=read.title,
                dossier_title=read.dossier_title,
                session_year=read.session_year,
                matters=known,
                cabinet_view=own.cabinet_view if read.same_as == own.same_as else "",
                url=official_address(read.same_as),
                changed_at=version.moment("GewijzigdOp") if version else read.changed_at,
                missing=read.missing,
                source_id=version.line("Id") if version else "",
            )
    return tuple(records.values())


def _withdrawn(row: Row, number: str, family: Family) -> PaperRecord:
    return PaperRecord(
        paper=row.line(number),
        family=family,
        source=_SOURCE,
        source_id=row.line("Id"),
        changed_at=row.moment("GewijzigdOp"),
        deleted=True,
    )


def _own_number(row: Row, field: str) -> str:
    number = row.line(field).upper()
    if not number:
        raise DataError(
            f"The field {field} of {row.entity} is empty, and the row is not withdrawn.",
            where=row.where,
            expected="a number such as 2022Z24775",
            next_step="Ask for the row again; otherwise report it to the source.",
        )
    return number


def _positive(number: int | None) -> str:
    return str(number) if number is not None and number > 0 else ""


def _missing(date: datetime.date | None, title: str, field: str) -> tuple[tuple[str, str], ...]:
    lacks = []
    if date is None:
        lacks.append(("date", f"the field {field} is empty at the source"))
    if not title:
        lacks.append(("title", "the field Onderwerp is empty at the source"))
    return tuple(lacks)


def _normal(identifier: str) -> str:
    known = identify(identifier) if identifier else None
    return known[1] if known and known[0] != "dossier" else ""


def _publication(document: Row) -> str:
    version = document.row("HuidigeDocumentVersie", "DocumentVersie")
    return _normal(version.line("ExterneIdentifier")) if version else ""


def _same_as(matter: Row) -> str:
    """Give the paper of the document that is of the matter's own kind, else of its first that has one."""
    kind, first = matter.line("Soort"), ""
    for document in matter.rows("Document", "Document"):
        publication = _publication(document)
        if publication and document.line("Soort").startswith(kind):
            return publication
        first = first or publication
    return first


def _dossiers(row: Row) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for dossier in row.rows("Kamerstukdossier", "Kamerstukdossier"):
        number = dossier.number("Nummer")
        try:
            keys[normal_dossier(f"{number} {dossier.line('Toevoeging')}".strip())] = None
        except GeomonitorError as error:
            raise DataError(
                f"The field Nummer of Kamerstukdossier is no dossier: {error.what}",
                where=row.where,
                expected=error.expected,
                next_step="The source may have changed its schema: look for a newer version, or report it.",
            ) from error
    return tuple(keys)


def _annex(number: str) -> str:
    """Give the printed answer to written questions: 242502605 is number 2605 of the year 2024-2025."""
    found = _ANNEX_NUMBER.fullmatch(number)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        return ""
    century = "19" if int(found[1]) >= 50 else "20"
    following = str(int(century + found[1]) + 1)
    return f"ah-tk-{century}{found[1]}{following}-{int(found[3])}"
