"""Official publications of parliament, as KOOP publishes them: XML with ``<officiele-publicatie>`` as root.

Where the file holds its own metadata (OWMS), they are believed; older files name only the address of theirs,
and the rest is read from the head of the paper itself. A paper that is printed in several dossiers belongs to
the first, as its identifier says; the others are kept as `other_dossiers`.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field

from lxml import etree

from geomonitor.dossier.reading.normal_forms import identify, normal_dossier, normal_paper, official_address
from geomonitor.dossier.records import Family, PaperRecord
from geomonitor.dossier.sources.clean_text import clean_line
from geomonitor.dossier.sources.motion_heads import kind_of_title, movers_of, title_in_sentence_case
from geomonitor.dossier.sources.publication_text import paragraphs_of
from geomonitor.dossier.sources.safe_xml import local_name, parse_xml, plain_line
from geomonitor.errors import DataError, GeomonitorError

__all__ = ["read_publication", "written_date"]

_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_WRITTEN_DATE = re.compile(rf"(?<!\d)(\d{{1,2}})\s*({'|'.join(_MONTHS)})\s*(\d{{4}})(?!\d)", re.IGNORECASE)
# parts of a dossier's number that stand in its identifier; that of an act of the Kingdom (R2160) does not
_DOSSIER_PARTS = frozenset({"begrotingshoofdstuk", "raadnr", "toevoeging", "letter"})
_HEAD = frozenset({"stuknr", "titel", "datumtekst"})
_IDENTIFIER = re.compile(r"[a-z]{1,6}(?:-[A-Za-z0-9()]{1,12}){1,6}")


def read_publication(data: bytes, where: str) -> PaperRecord:
    """Read one official publication.

    Parameters
    ----------
    data : bytes
        The XML file.
    where : str
        File or address, for messages.

    Raises
    ------
    DataError
        If it is not XML that can be trusted, not a publication, or has neither identifier nor dossier.

    Examples
    --------
    >>> record = read_publication(b'''<officiele-publicatie><kamerstuk>
    ...   <dossier><dossiernummer><dossiernr>36 200</dossiernr> <begrotingshoofdstuk>X</begrotingshoofdstuk>
    ...   </dossiernummer><titel>Begroting Defensie</titel></dossier>
    ...   <stuk><stuknr>Nr. <ondernummer>25</ondernummer></stuknr><titel>MOTIE VAN HET LID JANSEN</titel>
    ...   <datumtekst>Voorgesteld 1 december 2022</datumtekst><algemeen><vrije-tekst><tekst>
    ...   <al>De Kamer,</al><al>en gaat over tot de orde van de dag.</al><al>Jansen</al>
    ...   </tekst></vrije-tekst></algemeen></stuk></kamerstuk></officiele-publicatie>''', where="x.xml")
    >>> record.paper, record.kind, record.date.isoformat(), record.movers
    ('kst-36200-X-25', 'Motie', '2022-12-01', ('Jansen',))
    """
    root = parse_xml(data, where=where)
    if local_name(root) != "officiele-publicatie":
        raise DataError(
            f"The XML file is no official publication: its root is <{local_name(root)[:60]}>.",
            where=where,
            expected="<officiele-publicatie>",
            next_step="Give the XML manifestation of the paper itself, not its metadata or web page.",
        )
    metadata, body = _Metadata(), None
    for child in root:
        name = local_name(child)
        if name == "metadata":
            metadata = _metadata(child)
        elif name and body is None:
            body = child
    if body is None:
        raise DataError("The publication has no content.", where=where, next_step="Fetch it again.")
    return _paper(_head(body), metadata, where)


@dataclass(slots=True)
class _Metadata:
    """What the file says of itself: name and contents of its meta elements."""

    values: dict[str, list[str]] = field(default_factory=dict)
    # Kamerstuktype and other schemes share the name DC.type
    kind: str = ""

    def first(self, name: str) -> str:
        return self.values.get(name, ("",))[0]


def _metadata(element: etree._Element) -> _Metadata:
    read = _Metadata()
    for meta in element.iter("{*}meta"):
        content = clean_line(meta.get("content", ""))
        if content:
            if meta.get("scheme") == "OVERHEIDop.KamerstukTypen":
                read.kind = content
            read.values.setdefault(meta.get("name", ""), []).append(content)
    return read


@dataclass(slots=True)
class _Head:
    """What stands above the text of a paper, and the text."""

    dossiers: list[str] = field(default_factory=list)
    dossier_title: str = ""
    number: str = ""
    title: str = ""
    date_text: str = ""
    iso_date: str = ""
    session_year: str = ""
    paragraphs: list[str] = field(default_factory=list)


def _head(body: etree._Element) -> _Head:
    head = _Head()
    content: list[etree._Element] = []
    for part in body:
        name = local_name(part)
        if name == "kamerstukkop":
            for line in part:
                if line.get("inhoud") == "vergaderjaar":
                    head.session_year = plain_line(line)
        elif name == "dossier":
            _add_dossier(head, part)
        elif name == "stuk":
            for inner in part:
                if local_name(inner) in _HEAD:
                    _add_to_head(head, inner)
                else:
                    content.append(inner)
        else:
            content.append(part)
    head.paragraphs = paragraphs_of(content)
    return head


def _add_dossier(head: _Head, element: etree._Element) -> None:
    for part in element:
        name = local_name(part)
        if name == "dossiernummer":
            pieces = [
                plain_line(piece)
                for piece in part
                if local_name(piece) == "dossiernr" or local_name(piece) in _DOSSIER_PARTS
            ]
            # a suffix must stand behind a hyphen (21 501-20), a chapter may (36 200-X)
            head.dossiers.append("-".join(pieces) if pieces else plain_line(part))
        elif name == "titel" and not head.dossier_title:
            head.dossier_title = plain_line(part)


def _add_to_head(head: _Head, element: etree._Element) -> None:
    name = local_name(element)
    if name == "stuknr":
        number = next(element.iter("{*}ondernummer"), None)
        head.number = plain_line(number) or re.sub(r"^N(?:r|o)s?\.?\s*", "", plain_line(element))
    elif name == "titel":
        head.title = plain_line(element)
    else:
        head.date_text = plain_line(element)
        for dated in element.iter("{*}datum"):
            head.iso_date = dated.get("isodatum", "")


def _paper(head: _Head, metadata: _Metadata, where: str) -> PaperRecord:
    missing: list[tuple[str, str]] = []
    dossiers = _dossiers(metadata.values.get("OVERHEIDop.dossiernummer", []) or head.dossiers)
    number = metadata.first("OVERHEIDop.ondernummer") or head.number
    paper = _identifier(metadata)
    if not paper and dossiers and number:
        try:
            paper = normal_paper(dossiers[0], number)
        except GeomonitorError as error:
            raise DataError(
                error.what, where=where, expected=error.expected, next_step="Report it to the publisher."
            ) from error
    if not paper:
        raise DataError(
            "The publication names neither its identifier nor its dossier and number.",
            where=where,
            expected="DC.identifier in its metadata, or <dossiernr> and <ondernummer>",
            next_step="Fetch it again, or report it to the publisher.",
        )
    if paper.startswith("kst-"):
        # the identifier decides, and says number and dossier without blanks, zeros and marks of a reprint
        own_dossier, _, own_number = paper.removeprefix("kst-").rpartition("-")
        dossiers = [own_dossier, *(each for each in dossiers if each != own_dossier)]
        number = own_number
    if not dossiers:
        missing.append(("dossier", "neither its metadata nor its head names a dossier"))
    if not number:
        missing.append(("number", "neither its metadata nor its head gives a number within the dossier"))
    date = _date(head, metadata)
    if date is None:
        missing.append(("date", _why_no_date(head)))
    movers = movers_of(head.title, head.paragraphs)
    return PaperRecord(
        paper=paper,
        family=Family.PAPER,
        source="koop",
        dossier=dossiers[0] if dossiers else "",
        other_dossiers=tuple(dossiers[1:]),
        number=number,
        date=date,
        kind=kind_of_title(head.title) or metadata.kind,
        title=metadata.first("OVERHEIDop.documenttitel")
        or title_in_sentence_case(head.title, movers)
        or metadata.first("DC.title"),
        dossier_title=metadata.first("OVERHEIDop.dossiertitel") or head.dossier_title,
        text="\n\n".join(head.paragraphs),
        session_year=_session_year(metadata.first("OVERHEIDop.vergaderjaar") or head.session_year),
        movers=movers,
        url=official_address(paper),
        missing=tuple(missing),
    )


def _dossiers(written: list[str]) -> list[str]:
    """Give the keys of dossiers, each once; a single value may name several, with a semicolon."""
    keys: dict[str, None] = {}
    for each in (part for value in written for part in value.split(";")):
        try:
            keys[normal_dossier(each)] = None
        except GeomonitorError:
            # what is no dossier's number cannot be one: the paper is then listed as lacking it
            continue
    return list(keys)


def _identifier(metadata: _Metadata) -> str:
    """Give the identifier from the metadata, or from the address of those that are kept elsewhere."""
    for written in (
        metadata.first("DC.identifier"),
        metadata.first("OVERHEIDop.externMetadataRecord").rpartition("/metadata.xml")[0].rpartition("/")[2],
    ):
        if written:
            known = identify(written)
            if known is not None and known[0] != "dossier":
                return known[1]
            if _IDENTIFIER.fullmatch(written) and not written.startswith("kst-"):
                return written
    return ""


def written_date(text: str) -> datetime.date | None:
    """Read the first date that is written out in Dutch; None where there is none.

    Examples
    --------
    >>> written_date("Voorgesteld 3december 2024"), written_date("30 februari 2024")
    (datetime.date(2024, 12, 3), None)
    """
    for day, month, year in _WRITTEN_DATE.findall(text):
        found = _day(int(year), _MONTHS.index(month.lower()) + 1, int(day))
        if found:
            return found
    return None


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _iso(text: str) -> datetime.date | None:
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    return _day(int(found[1]), int(found[2]), int(found[3])) if found else None


def _date(head: _Head, metadata: _Metadata) -> datetime.date | None:
    """Give the day of the paper: as its head dates it, its metadata issue it, or its letterhead writes it."""
    return (
        _iso(head.iso_date)
        or written_date(head.date_text)
        or _iso(metadata.first("DCTERMS.issued"))
        or next(
            # a letter is dated by place and day, above its salutation
            (found for line in head.paragraphs[:6] if len(line) < 60 and (found := written_date(line))),
            None,
        )
    )


def _why_no_date(head: _Head) -> str:
    if head.date_text or head.iso_date:
        return f"what stands as its date is none: {(head.date_text or head.iso_date)[:80]!r}"
    return "its head has no date (no <datumtekst>), nor do its metadata or first lines"


def _session_year(written: str) -> str:
    found = re.search(r"(\d{4})\s*[-–/]\s*(\d{4})", written)
    return f"{found[1]}-{found[2]}" if found else ""
