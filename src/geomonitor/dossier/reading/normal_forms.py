"""One identifier for each paper, however it is written.

A paper is kst-<dossier>[-<chapter or suffix>]-<number>: kst-35207-60, kst-36200-X-25, kst-21501-20-1847, a
paper of the Senate kst-35526-L. The mark of an act of the Kingdom, "(R2160)", is left out, as official
publications do (kst-36027-12): the dossier's number says it already. A reprint ("herdruk", "H") is the
same paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from geomonitor.dossier.reading.dossier_numbers import is_chapter, is_dossier_number, is_suffix, spaced
from geomonitor.dossier.reading.union_forms import (
    celex_of_eli,
    celex_of_numbers,
    shown_law,
    shown_union_document,
    union_address,
    union_document,
)
from geomonitor.errors import GeomonitorError

__all__ = [
    "identify",
    "kind_of",
    "normal_dossier",
    "normal_paper",
    "official_address",
    "plain_marks",
    "session_digits",
    "shown",
    "split_paper",
]

_MARKS = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\n\r\f\v", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"),
    }
)


def plain_marks(text: str) -> str:
    """Make every blank a space and every dash a hyphen, character by character: positions stay.

    Examples
    --------
    >>> plain_marks("35\u00a0207, 2021\u20132022")
    '35 207, 2021-2022'
    """
    return text.translate(_MARKS)


def normal_dossier(dossier: str) -> str:
    """Give the key of a dossier from any way to write it.

    Raises
    ------
    GeomonitorError
        If it cannot be a dossier.

    Examples
    --------
    >>> normal_dossier("36 200 X"), normal_dossier("21 501-02"), normal_dossier("36 027 (R2160)")
    ('36200-X', '21501-02', '36027')
    """
    bare = plain_marks(dossier).strip().upper()
    found = re.fullmatch(
        r"(?:DOSSIER[- ]?)?(\d{2})[ .]?(\d{3})(?: ?-? ?\(?R ?\d{3,4}\)?)?(?: ?- ?(\d{2})| ?-? ?"
        r"([A-Z]{1,5}))?[ -]*",
        bare,
    )
    if found is None or not is_dossier_number(found[1] + found[2]):
        raise _not_a("dossier", dossier, "five digits, with a chapter or suffix: 35207, 36200-X, 21501-20")
    tail = found[3] or found[4]
    return found[1] + found[2] + (f"-{tail}" if tail else "")


def normal_paper(dossier: str, number: str, chapter: str = "") -> str:
    """Give the normal form of a paper.

    Parameters
    ----------
    dossier : str
        In any way to write it; may hold the chapter or suffix.
    number : str
        Number within the dossier, or the letters of a paper of the Senate.
    chapter : str
        Chapter of the budget, where `dossier` does not hold it.

    Raises
    ------
    GeomonitorError
        If dossier or number cannot be one.

    Examples
    --------
    >>> normal_paper("35 207", "060"), normal_paper("36200", "25", "X"), normal_paper("21 501-20", "1847")
    ('kst-35207-60', 'kst-36200-X-25', 'kst-21501-20-1847')
    """
    key = normal_dossier(f"{dossier} {chapter}" if chapter else dossier)
    bare = (
        re.sub(r"[ -]*(?:\(?HERDRUK\)?|H\d?)$", "", plain_marks(number).strip().upper(), count=1)
        or number.upper()
    )
    if re.fullmatch(r"\d{1,5}", bare) and int(bare) > 0:
        return f"kst-{key}-{int(bare)}"
    if re.fullmatch(r"[A-Z]{1,3}", bare):
        return f"kst-{key}-{bare}"
    raise _not_a("number of a paper", number, "digits, or the letters of a paper of the Senate: 60, A, AB")


def _not_a(what: str, given: str, expected: str) -> GeomonitorError:
    return GeomonitorError(
        f"{given!r} is no {what}.",
        expected=expected,
        next_step="Write it as on the paper itself, for example 35207-60.",
    )


def split_paper(paper: str) -> tuple[str, str]:
    """Give the dossier and the number of a paper in normal form.

    Raises
    ------
    GeomonitorError
        If it is not the normal form of a paper.

    Examples
    --------
    >>> split_paper("kst-36200-X-25"), split_paper("kst-35207-60"), split_paper("kst-35526-L")
    (('36200-X', '25'), ('35207', '60'), ('35526', 'L'))
    """
    found = _NORMAL_PAPER.fullmatch(paper)
    if found is None:
        raise _not_a("paper in normal form", paper, "kst-35207-60, kst-36200-X-25 or kst-21501-20-1847")
    return found[1], found[2]


_NORMAL_PAPER = re.compile(r"kst-(\d{5}(?:-(?:\d{2}|[A-Z]{1,5}))?)-(\d{1,5}|[A-Z]{1,3})")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("paper", _NORMAL_PAPER),
    ("dossier", re.compile(r"dossier-\d{5}(?:-(?:\d{2}|[A-Z]{1,5}))?")),
    ("matter", re.compile(r"\d{4}Z\d{5}")),
    ("document", re.compile(r"\d{4}D\d{5}")),
    ("commitment", re.compile(r"TZ\d{6}-\d{3,4}")),
    ("question", re.compile(r"ah-(?:tk|ek)-\d{8}-\d{1,5}")),
    ("proceedings", re.compile(r"h-(?:tk|ek)-\d{8}-\d{1,3}(?:-\d{1,3})?")),
    ("annex", re.compile(r"blg-\d{1,8}")),
    ("eu_document", re.compile(r"(?:COM|SWD|JOIN|SEC|C)\(\d{4}\)\d{1,5}")),
    ("eu_law", re.compile(r"3\d{4}[RLDFH]\d{4}")),
)


def kind_of(normal: str) -> str | None:
    """Say what kind of thing a normal form is: paper, dossier, matter, … ; None if it is no normal form.

    Examples
    --------
    >>> kind_of("kst-35207-60"), kind_of("2022Z24775"), kind_of("32021R0821"), kind_of("35 207")
    ('paper', 'matter', 'eu_law', None)
    """
    for kind, pattern in _KINDS:
        if pattern.fullmatch(normal):
            return kind
    return None


def session_digits(first: str, second: str) -> str | None:
    """Give the eight digits of a parliamentary year; None where the second year does not follow the first.

    Examples
    --------
    >>> session_digits("2022", "23"), session_digits("1999", "2000"), session_digits("2022", "2030")
    ('20222023', '19992000', None)
    """
    start = int(first)
    end = int(second) if len(second) == 4 else int(first[:2] + second)
    if len(second) == 2 and end < start:
        end += 100
    return f"{start}{end}" if end == start + 1 else None


_YEARS = r"(\d{4}) ?[-/] ?(\d{4}|\d{2})"
_SESSION = rf"(?:,? ?(?:vergaderjaar|zitting|verg\. ?jaar|vj\.?)? ?{_YEARS})"
_INTRODUCED = re.compile(
    r"(?:zie |motie |amendement |brief |in )?"
    r"(?:kamerstuk(?:ken)?(?:nummers?|nrs?|dossier)?|kamerdossier|dossier(?:nummer|nr)?|kst|stuk|tk|ek"
    r"|t\.? ?v\.? ?v\.?)"
    rf"\.? ?(?:(?:ii|i|tk|ek)\b)?{_SESSION}?[ ,.:-]*",
    re.IGNORECASE,
)
_TYPED_PAPER = re.compile(
    r"(\d{2})[ .]?(\d{3})"
    r"(?: ?-? ?\(R ?\d{3,4}\)| ?-? ?R ?\d{4})?"
    r"(?: ?[- /] ?(?P<suffix>\d{2})(?=\D+\d)|[ -]{1,3}(?P<chapter>[IVX]{1,6}[ABC]?|[A-Z])(?=[ ,-]+"
    r"(?:nr|\d)))?"
    r"(?P<between>[ ,.:/-]*(?:nummer|num|nrs?|no|#)?[ .:]*)"
    r"(?P<number>\d{1,5}|[IVX]{1,6}[ABC]?|[A-Z]{1,3})?"
    r"(?: ?-? ?(?:\(?herdruk\)?|H\d?))?",
    re.IGNORECASE,
)
_Reader = Callable[[re.Match[str]], str | None]


def _typed_law(found: re.Match[str]) -> str | None:
    return celex_of_numbers(found["word"], found["first"], found["second"], numbered=bool(found["numbered"]))


def _typed_session(prefix: str) -> _Reader:
    def read(found: re.Match[str]) -> str | None:
        years = session_digits(found[1], found[2])
        if years is None:
            return None
        rest = "-".join(str(int(each)) for each in found.groups()[2:] if each)
        return f"{prefix}-{years}-{rest}"

    return read


_TYPED: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reader)
    for pattern, reader in (
        (r"(20\d{2}) ?([ZD]) ?(\d{5})", lambda found: found[1] + found[2].upper() + found[3]),
        (r"TZ ?(\d{6}) ?- ?(\d{1,4})", lambda found: f"TZ{found[1]}-{int(found[2]):03d}"),
        (r"blg-?(\d{1,8})", lambda found: f"blg-{found[1]}"),
        (r"(ah|h)-(tk|ek)-(\d{8})-(\d{1,5})(?:-(\d{1,3}))?", lambda found: found[0].lower()),
        (r"(3\d{4})([RLDFH])(\d{4})", lambda found: found[0].upper()),
        (
            r"(COM|SWD|JOIN|SEC|C) ?\(? ?(\d{4}|\d{2}) ?[)/ ] ?(\d{1,5})(?: ?/ ?\d)?(?:[ ,]*(?:final"
            r"|definitief|def\.?|fin))?",
            lambda found: union_document(found[1], found[2], found[3]),
        ),
        (
            r"(?P<word>(?:uitvoerings|gedelegeerde )?verordening|(?:uitvoerings)?richtlijn|(?:uitvoerings"
            r"|kader)?besluit"
            r"|beschikking|aanbeveling|regulation|directive|decision)"
            r" ?(?:\((?:EU|EG|EEG|EC|EEC|GBVB|Euratom)(?:, ?Euratom)?\))? ?(?P<numbered>nr\.?|no\.?)? ?"
            r"(?P<first>\d{1,4})/(?P<second>\d{1,4})(?:/(?:EU|EG|EEG|EC|EEC|GBVB|JBZ|Euratom))?",
            _typed_law,
        ),
        (
            r"(?:aanhangsel|ah)(?: (?:van de )?handelingen)?(?: (?:ii|tk))?"
            rf"{_SESSION}[ ,]*(?:nr\.?|nummer)? ?(\d{{1,5}})",
            _typed_session("ah-tk"),
        ),
        (
            rf"handelingen(?: (?:ii|tk))?{_SESSION}[ ,]*(?:nr\.?|nummer)? ?(\d{{1,3}})"
            r"(?:[ ,]*(?:item|onderwerp|-) ?(\d{1,3}))?",
            _typed_session("h-tk"),
        ),
        (
            rf"handelingen (?:i|ek){_SESSION}[ ,]*(?:nr\.?)? ?(\d{{1,3}})(?:[ ,]*(?:item|-) ?(\d{{1,3}}))?",
            _typed_session("h-ek"),
        ),
    )
)
_IN_ADDRESS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (
        re.compile(r"/eli/([a-z_]+)/(\d{4})/(\d{1,4})", re.IGNORECASE),
        lambda found: celex_of_eli(*found.groups()),
    ),
    (re.compile(r"CELEX(?::|%3A)(3\d{4}[RLDFH]\d{4})", re.IGNORECASE), lambda found: found[1].upper()),
    (
        re.compile(r"uri=(COM|SWD|JOIN|SEC)(?::|%3A)(\d{4})(?::|%3A)0*(\d{1,5})", re.IGNORECASE),
        lambda found: union_document(found[1], found[2], found[3]),
    ),
    (re.compile(r"\b(20\d{2}D\d{5})\b", re.IGNORECASE), lambda found: found[1].upper()),
    (re.compile(r"\b(20\d{2}Z\d{5})\b", re.IGNORECASE), lambda found: found[1].upper()),
    (
        re.compile(r"\b((?:ah|h)-(?:tk|ek)-\d{8}-\d{1,5}(?:-\d{1,3})?)", re.IGNORECASE),
        lambda found: found[1].lower(),
    ),
    (re.compile(r"\b(blg-\d{1,8})", re.IGNORECASE), lambda found: found[1].lower()),
)
_KST = re.compile(r"\bkst-(\d{5}[-0-9A-Za-z()]*)", re.IGNORECASE)
_LONGEST = 400


def identify(text: str) -> tuple[str, str] | None:
    """Read one identifier that a person typed or pasted, in any form; None where it is none.

    Returns
    -------
    tuple of (str, str) or None
        Kind and normal form.

    Examples
    --------
    >>> identify("Kamerstukken II 2021/22, 35 207, nr. 60")
    ('paper', 'kst-35207-60')
    >>> identify("35925-45"), identify("21501-20-1847"), identify("36 200 X")
    (('paper', 'kst-35925-45'), ('paper', 'kst-21501-20-1847'), ('dossier', 'dossier-36200-X'))
    >>> identify("https://zoek.officielebekendmakingen.nl/kst-35207-60.html")
    ('paper', 'kst-35207-60')
    >>> identify("020 624 1111") is None
    True
    """
    if len(text) > _LONGEST:
        return None
    bare = " ".join(plain_marks(text).split()).strip("()[]«»\"'.,; ")
    bare = bare + ")" * (bare.count("(") - bare.count(")"))
    normal = _in_address(bare) if "://" in bare or bare.startswith("www.") else _typed(bare)
    kind = kind_of(normal) if normal else None
    return (kind, normal) if kind and normal else None


def _in_address(address: str) -> str | None:
    paper = _KST.search(address)
    if paper:
        return _typed_paper(paper[1])
    for pattern, reader in _IN_ADDRESS:
        found = pattern.search(address)
        if found:
            return reader(found)
    dossier = re.search(r"/dossier/(\d{5}[-A-Z0-9]*)", address)
    return f"dossier-{dossier[1]}" if dossier else None


def _typed(bare: str) -> str | None:
    for each in (bare, _without_introduction(bare)):
        for pattern, reader in _TYPED:
            found = pattern.fullmatch(each)
            if found:
                return reader(found)
    return _typed_paper(_without_introduction(bare))


def _without_introduction(bare: str) -> str:
    found = _INTRODUCED.match(bare)
    return bare[found.end() :].lstrip() if found else bare


def _typed_paper(bare: str) -> str | None:
    found = _TYPED_PAPER.fullmatch(bare)
    if found is None:
        return None
    dossier = found[1] + found[2]
    if not is_dossier_number(dossier):
        return None
    suffix, chapter, number = (
        found["suffix"],
        (found["chapter"] or "").upper(),
        (found["number"] or "").upper(),
    )
    if suffix:
        if not is_suffix(dossier, suffix):
            return None
        return f"kst-{dossier}-{suffix}-{int(number)}" if number.isdecimal() else None
    if chapter:
        if not is_chapter(dossier, chapter, number_follows=True) or not number.isdecimal():
            return None
        return f"kst-{dossier}-{chapter}-{int(number)}"
    if not number:
        return f"dossier-{dossier}" if not found["between"].strip(" -") else None
    if not found["between"]:
        return None
    bare_hyphen = found["between"].strip() in ("", "-", "/")
    if number.isdecimal():
        if is_suffix(dossier, number) and bare_hyphen:
            return f"dossier-{dossier}-{number}"
        return f"kst-{dossier}-{int(number)}" if int(number) > 0 else None
    if is_chapter(dossier, number, number_follows=False) and bare_hyphen:
        return f"dossier-{dossier}-{number}"
    return f"kst-{dossier}-{number}"


def shown(normal: str) -> str:
    """Write an identifier as papers do; what is no normal form comes back as it is.

    Examples
    --------
    >>> shown("kst-35207-60"), shown("kst-36200-X-25"), shown("kst-35526-L")
    ('Kamerstuk 35 207, nr. 60', 'Kamerstuk 36 200 X, nr. 25', 'Kamerstuk 35 526, L')
    >>> shown("dossier-21501-20"), shown("ah-tk-20222023-123")
    ('Dossier 21 501-20', 'Aanhangsel Handelingen II 2022/23, nr. 123')
    """
    kind = kind_of(normal)
    if kind == "paper":
        dossier, number = split_paper(normal)
        return f"Kamerstuk {spaced(dossier)}, {f'nr. {number}' if number.isdecimal() else number}"
    if kind == "dossier":
        return f"Dossier {spaced(normal.removeprefix('dossier-'))}"
    if kind in ("question", "proceedings"):
        words = normal.split("-")
        years = words[-2] if kind == "question" else words[2]
        chamber = "II" if words[1] == "tk" else "I"
        where = f"Handelingen {chamber} {years[:4]}/{years[6:]}, nr. {words[3]}"
        if kind == "question":
            return f"Aanhangsel {where}"
        return f"{where}, item {words[4]}" if len(words) > 4 else where
    if kind == "eu_document":
        return shown_union_document(normal)
    if kind == "eu_law":
        return shown_law(normal)
    return normal


def official_address(normal: str) -> str:
    """Give the address of the official publication; empty for what is no normal form.

    Examples
    --------
    >>> official_address("kst-36200-X-25")
    'https://zoek.officielebekendmakingen.nl/kst-36200-X-25.html'
    >>> official_address("2022Z24775")
    'https://www.tweedekamer.nl/kamerstukken/detail?id=2022Z24775'
    """
    kind = kind_of(normal)
    if kind in ("paper", "proceedings", "question", "annex"):
        return f"https://zoek.officielebekendmakingen.nl/{normal}.html"
    if kind == "dossier":
        return f"https://zoek.officielebekendmakingen.nl/dossier/{normal.removeprefix('dossier-')}"
    if kind == "matter":
        return f"https://www.tweedekamer.nl/kamerstukken/detail?id={normal}"
    if kind == "document":
        return f"https://www.tweedekamer.nl/kamerstukken/detail?did={normal}"
    if kind == "commitment":
        return f"https://www.tweedekamer.nl/kamerstukken/toezeggingen/detail?id={normal}"
    return union_address(normal) or ""
