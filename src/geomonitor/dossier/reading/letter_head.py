"""What the head of a letter says of itself: identifier, date, kind, dossier and addressee."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from geomonitor.dossier.reading.normal_forms import plain_marks, split_paper
from geomonitor.dossier.reading.paper_head import read_head

__all__ = ["LetterHead", "head_of"]

_HEAD_LINES = 60
_LONGEST_LINE = 300
_MARKS = re.compile(r"[*#_]{1,6}")
_KINDS = (
    (re.compile(r"(?:nader |nadere |tweede |derde )?gewijzigde motie\b"), "Gewijzigde motie"),
    (re.compile(r"motie\b"), "Motie"),
    (re.compile(r"(?:nader )?(?:gewijzigd )?(?:sub)?amendement\b"), "Amendement"),
    (
        re.compile(r"brief van het (?:lid|presidium)|brief van de (?:leden|algemene rekenkamer|vaste)"),
        "Brief Kamer",
    ),
    (re.compile(r"brief van de (?:minister|staatssecretaris|eerste minister)"), "Brief regering"),
    (re.compile(r"verslag van een (?:schriftelijk overleg|commissiedebat|algemeen overleg)"), "Verslag"),
    (re.compile(r"lijst van vragen(?: en antwoorden)?"), "Lijst van vragen"),
    (re.compile(r"nota (?:naar aanleiding van|van wijziging)"), "Nota"),
    (re.compile(r"memorie van toelichting"), "Memorie van toelichting"),
    (re.compile(r"voorstel van wet"), "Voorstel van wet"),
    (re.compile(r"verslag\b"), "Verslag"),
)
_ADDRESSEE = re.compile(
    r"aan (?:de |het )?(?P<who>(?:voorzitter|leden|minister|griffier)\b.{0,160})", re.IGNORECASE
)
_SALUTATION = re.compile(r"geachte (?:voorzitter|heer|mevrouw)", re.IGNORECASE)
_CONTINUES = re.compile(r"(?:van|de|der|het)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LetterHead:
    """The head of a letter; what it does not say is empty.

    Parameters
    ----------
    paper : str
        Identifier in normal form.
    date : datetime.date or None
    kind : str
        In Dutch: Brief regering, Motie, …
    dossier : str
        Dossier with its chapter: 35207, 36200-X.
    addressee : str
    """

    paper: str = ""
    date: datetime.date | None = None
    kind: str = ""
    dossier: str = ""
    addressee: str = ""


def head_of(text: str) -> LetterHead:
    r"""Read the head of a letter or another paper.

    Parameters
    ----------
    text : str
        The text as given, with its page furniture; only its first lines are looked at.

    Examples
    --------
    >>> head = head_of("**35 207**\n\n**Nr. 60**\n\nBRIEF VAN DE MINISTER VAN BUITENLANDSE ZAKEN\n\n"
    ...                "Aan de Voorzitter van de Tweede Kamer der Staten-Generaal\n\nDen Haag, 11 mei 2022")
    >>> head.paper, head.kind, head.dossier, head.addressee
    ('kst-35207-60', 'Brief regering', '35207', 'Voorzitter van de Tweede Kamer der Staten-Generaal')
    """
    paper, date = read_head(text)
    kind = addressee = ""
    lines = [_bare(line) for line in text[: _HEAD_LINES * _LONGEST_LINE].split("\n")[:_HEAD_LINES]]
    for place, line in enumerate(lines):
        if not kind:
            kind = _kind(line)
        found = _ADDRESSEE.match(line) if not addressee else None
        if found:
            following = lines[place + 1] if place + 1 < len(lines) else ""
            addressee = found["who"] + (
                f" {following}" if following and _CONTINUES.search(found["who"]) else ""
            )
        if _SALUTATION.match(line):
            kind = kind or "Brief regering"
            break
    return LetterHead(paper, date, kind, split_paper(paper)[0] if paper else "", addressee)


def _bare(line: str) -> str:
    return " ".join(_MARKS.sub("", plain_marks(line[:_LONGEST_LINE])).split())


def _kind(line: str) -> str:
    """Name the kind of paper that a heading in capitals says; running text says none."""
    if len(line) < 5 or line != line.upper():
        return ""
    for pattern, kind in _KINDS:
        if pattern.match(line.casefold()):
            return kind
    return ""
