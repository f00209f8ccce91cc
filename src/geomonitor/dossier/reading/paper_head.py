"""What the head of a paper says of itself: its number in the dossier and its date."""

from __future__ import annotations

import datetime
import re

from geomonitor.dossier.reading.dates import MONTHS, date_of
from geomonitor.dossier.reading.normal_forms import normal_paper
from geomonitor.errors import GeomonitorError

__all__ = ["read_head"]

_HEAD_CHARACTERS = 4_000
_DOSSIER = re.compile(
    r"[\s*#]*(\d{2}[ .\u00a0]?\d{3}(?:[ \u00a0-]{1,2}(?:[IVXLC]{1,6}|[A-Z]"
    r"|\d{2}))?)[\s*]*(?:\(R ?\d{4}\))?[\s*]*"
)
_NUMBER = re.compile(r"[\s*#]*Nr\.?\s*(\d{1,5}|[A-Z]{1,3})[\s*]*(?:\(?herdruk\)?)?[\s*]*", re.IGNORECASE)
_IDENTIFIER = re.compile(r"kst-(\d{5}(?:-(?:\d{2}|[A-Z]{1,5}))?)-(\d{1,5}|[A-Z]{1,3})")
_DATE = re.compile(rf"(?P<day>[0-3]?\d) (?P<month>{'|'.join(MONTHS)}) (?P<year>(?:19|20)\d\d)", re.IGNORECASE)
_DATED = re.compile(
    r"(?:^|\n)[\s*]*(?:Datum|Den Haag|['’‘]s-Gravenhage|Amsterdam|Voorgesteld|Ontvangen"
    r"|Vastgesteld)[\s:,*]*(?:d\.d\.\s*)?" + _DATE.pattern,
    re.IGNORECASE,
)
_ONLY_A_DATE = re.compile(r"(?:^|\n)[ *]*" + _DATE.pattern + r"[ *]*(?=\n|$)", re.IGNORECASE)


def read_head(text: str) -> tuple[str, datetime.date | None]:
    r"""Give the paper's own identifier and date, as far as its first lines say them.

    Parameters
    ----------
    text : str

    Returns
    -------
    (str, datetime.date or None)
        The identifier in normal form, empty where the head has none.

    Examples
    --------
    >>> paper, day = read_head("**35 207**\n\n**Nr. 60**\n\nDen Haag, 11 mei 2022\n\nTekst.")
    >>> paper, day.isoformat()
    ('kst-35207-60', '2022-05-11')
    """
    head = text[:_HEAD_CHARACTERS].replace("\u00a0", " ")
    return _paper(head), _date(head)


def _paper(head: str) -> str:
    dossier = ""
    for line in head.split("\n"):
        if _IDENTIFIER.fullmatch(line.strip()):
            return line.strip()
        found = _DOSSIER.fullmatch(line)
        if found is not None:
            dossier = found[1]
            continue
        number = _NUMBER.fullmatch(line)
        if number is not None and dossier:
            try:
                return normal_paper(dossier, number[1])
            except GeomonitorError:
                # a line of five digits that is no dossier: a postcode, a count
                dossier = ""
    return ""


def _date(head: str) -> datetime.date | None:
    for pattern in (_DATED, _ONLY_A_DATE):
        for match in pattern.finditer(head):
            # none for the 31st of a month that has thirty days: look further
            day = date_of(int(match["day"]), MONTHS[match["month"].casefold()], int(match["year"]))
            if day is not None:
                return day
    return None
