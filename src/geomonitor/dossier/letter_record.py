"""A letter or printed paper in plain text, as a record: what its head says of it, and its text."""

from __future__ import annotations

import re

from geomonitor.dossier.reading.letter_head import head_of
from geomonitor.dossier.reading.normal_forms import official_address, split_paper
from geomonitor.dossier.records import Family, PaperRecord
from geomonitor.errors import DataError

__all__ = ["letter_record"]

_HEAD_LINES = 80
_SUBJECT = re.compile(r"^betreft:?\s+(?P<subject>\S.*)$", re.IGNORECASE)
_DOSSIER = re.compile(r"^\d{2}[ .]?\d{3}(?:[ -](?:[IVX]{1,7}|\d{2}))?(?:\s+(?P<title>[^\d\s].*))?$")
_NUMBER = re.compile(r"^nr\.?\s*\w{1,5}\b", re.IGNORECASE)
_YEAR = re.compile(r"^vergaderjaar\s+(?P<first>\d{4})\s*[-–—]\s*(?P<second>\d{4})$", re.IGNORECASE)
_MARKS = re.compile(r"^[#*_\s]+|[*_\s]+$")


def letter_record(text: str, *, paper: str = "", where: str) -> PaperRecord:
    r"""Make a record of a letter in plain text.

    Parameters
    ----------
    text : str
        The whole letter.
    paper : str
        Its identifier in normal form, where the letter does not bear it.
    where : str
        File, for messages.

    Returns
    -------
    PaperRecord
        Of the source "text".

    Raises
    ------
    DataError
        If the text is empty, it is not known which paper it is, or it bears another identifier.

    Examples
    --------
    >>> head = "Vergaderjaar 2021-2022\n\n35 207\n\nChina\n\nNr. 60\n\nBRIEF VAN DE MINISTER\n\n"
    >>> record = letter_record(head + "Den Haag, 11 mei 2022\n\nHet kabinet ...", where="letter.txt")
    >>> record.paper, record.date.isoformat(), record.dossier_title, record.session_year
    ('kst-35207-60', '2022-05-11', 'China', '2021-2022')
    """
    if not text.strip():
        raise DataError("The file has no text.", where=where, expected="a letter as plain text")
    head = head_of(text)
    identifier = paper or head.paper
    if not identifier:
        raise DataError(
            "The letter does not say which paper it is.",
            where=where,
            expected="a dossier and a number above the text, such as 35 207 and Nr. 60",
            next_step="Name it: --paper kst-35207-60",
        )
    if head.paper and head.paper != identifier:
        raise DataError(
            f"The letter bears another identifier: {head.paper}.",
            where=where,
            expected=identifier,
            next_step="Leave --paper out, or name the paper that it is.",
        )
    dossier, number = split_paper(identifier)
    subject, dossier_title, session_year = _further(text)
    title = subject or head.kind
    missing = []
    if head.date is None:
        missing.append(("date", "the head of the letter has no line with its date"))
    if not title:
        missing.append(("title", "the head of the letter has no subject"))
    return PaperRecord(
        paper=identifier,
        family=Family.PAPER,
        source="text",
        dossier=dossier,
        number=number,
        date=head.date,
        kind=head.kind,
        title=title,
        dossier_title=dossier_title,
        session_year=session_year,
        text=text,
        url=official_address(identifier),
        missing=tuple(missing),
    )


def _further(text: str) -> tuple[str, str, str]:
    """Find subject, title of the dossier and year of the session; the first of each counts."""
    subject = title = year = ""
    above = [bare for line in text.split("\n")[:_HEAD_LINES] if (bare := _MARKS.sub("", line))]
    for place, line in enumerate(above):
        if found := _SUBJECT.match(line):
            subject = subject or found["subject"]
        elif found := _YEAR.match(line):
            year = year or f"{found['first']}-{found['second']}"
        elif (found := _DOSSIER.match(line)) and not title:
            following = above[place + 1] if place + 1 < len(above) else ""
            title = found["title"] or ("" if _NUMBER.match(following) else following)
    return subject, title, year
