"""Products of the Harmonized System: revisions, six-digit codes, chapters and sections."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from geomonitor.codes.economies import in_language
from geomonitor.errors import UnknownCodeError

__all__ = [
    "HS_REVISIONS",
    "UNSPECIFIED_PRODUCT",
    "chapter_name",
    "hs_chapter",
    "hs_chapters",
    "hs_revision",
    "hs_section",
    "product_code",
    "section_name",
]

HS_REVISIONS: Mapping[str, int] = MappingProxyType(
    {"HS92": 1992, "HS96": 1996, "HS02": 2002, "HS07": 2007, "HS12": 2012, "HS17": 2017, "HS22": 2022}
)

# "Commodities not specified according to kind": the one code with letters in the tables of BACI and Comtrade.
UNSPECIFIED_PRODUCT = "9999AA"

_TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True, slots=True)
class _Named:
    name_en: str
    name_nl: str


def hs_revision(text: str | int) -> str:
    """Normalise the name of a revision of the Harmonized System.

    Parameters
    ----------
    text : str or int
        A name in use: "HS17", "HS2017", "2017", "17", or UN Comtrade's "H5".

    Returns
    -------
    str
        The name as in `HS_REVISIONS`.

    Raises
    ------
    UnknownCodeError
        No revision has that name.

    Examples
    --------
    >>> hs_revision("H5"), hs_revision(1992), hs_revision("hs02")
    ('HS17', 'HS92', 'HS02')
    """
    found = _revision_names().get(str(text).strip().upper())
    if found is None:
        raise UnknownCodeError(
            f"The HS revision {text!r} is not known.", expected=f"one of {', '.join(HS_REVISIONS)}"
        )
    return found


@cache
def _revision_names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for number, (revision, year) in enumerate(HS_REVISIONS.items()):
        for name in (revision, f"HS{year}", f"H{number}", str(year), revision.removeprefix("HS")):
            names[name] = revision
    return MappingProxyType(names)


def product_code(text: str | int, *, where: str | None = None) -> str:
    """Normalise a six-digit product code; a leading zero that a spreadsheet took is put back.

    Parameters
    ----------
    text : str or int
        Six digits, five of which the leading zero was lost, or `UNSPECIFIED_PRODUCT`.
    where : str, optional
        File and row, for the error message.

    Returns
    -------
    str
        Six digits (or `UNSPECIFIED_PRODUCT`).

    Raises
    ------
    UnknownCodeError
        The text is not such a code, or its chapter does not exist.

    Examples
    --------
    >>> product_code("10121"), product_code(810600)
    ('010121', '810600')
    """
    digits = str(text).strip()
    if digits == UNSPECIFIED_PRODUCT:
        return digits
    # isascii: other scripts' digits also answer isdigit, and no code list has them.
    if not (digits.isascii() and digits.isdigit() and len(digits) in (5, 6)):
        raise UnknownCodeError(
            f"{text!r} is not a product code of the Harmonized System.",
            where=where,
            expected="six digits, such as 810600 or 010121",
            next_step="Cut longer national codes (CN8, HTS) to six digits and add up their values first.",
        )
    code = digits.zfill(6)
    if code[:2] not in _chapters():
        raise UnknownCodeError(
            f"The product code {text!r} is in chapter {code[:2]}, which the Harmonized System does not have.",
            where=where,
            expected="chapters 01 to 97 without 77, or 98 and 99 for special codes",
        )
    return code


def hs_chapters() -> tuple[str, ...]:
    """Return the chapters of the Harmonized System as two digits, with 98 and 99 for special codes.

    Examples
    --------
    >>> hs_chapters()[:2], "77" in hs_chapters()
    (('01', '02'), False)
    """
    return tuple(_chapters())


def hs_chapter(code: str) -> str:
    """Return the chapter, as two digits, that a product belongs to.

    Parameters
    ----------
    code : str
        Product code (six digits, or five without the leading zero).

    Raises
    ------
    UnknownCodeError
        The product code is not one.

    Examples
    --------
    >>> hs_chapter("810600")
    '81'
    """
    return product_code(code)[:2]


def chapter_name(chapter: str, language: str = "en") -> str:
    """Return the short name of a chapter.

    Parameters
    ----------
    chapter : str
        Two digits.
    language : str
        "en" or "nl".

    Raises
    ------
    UnknownCodeError
        The chapter or the language is not known.

    Examples
    --------
    >>> chapter_name("25"), chapter_name("25", "nl")
    ('Salt, stone, cement', 'Zout, steen, cement')
    """
    return in_language(_known_chapter(chapter), language)


def hs_section(chapter: str) -> str:
    """Return the section, as a Roman number, that a chapter belongs to.

    Parameters
    ----------
    chapter : str
        Two digits, from 01 to 97.

    Raises
    ------
    UnknownCodeError
        The chapter is not known or in no section (98 and 99).

    Examples
    --------
    >>> hs_section("81")
    'XV'
    """
    _known_chapter(chapter)
    for section, (first, last, _) in _sections().items():
        if first <= chapter <= last:
            return section
    raise UnknownCodeError(f"The chapter {chapter!r} is in no section.", expected="a chapter from 01 to 97")


def section_name(section: str, language: str = "en") -> str:
    """Return the short name of a section.

    Parameters
    ----------
    section : str
        Roman number, from I to XXI.
    language : str
        "en" or "nl".

    Raises
    ------
    UnknownCodeError
        The section or the language is not known.

    Examples
    --------
    >>> section_name("XV", "nl")
    'Onedele metalen'
    """
    if section not in _sections():
        raise UnknownCodeError(
            f"The section {section!r} is not known.", expected="a Roman number from I to XXI"
        )
    return in_language(_sections()[section][2], language)


def _known_chapter(chapter: str) -> _Named:
    found = _chapters().get(chapter)
    if found is None:
        raise UnknownCodeError(
            f"The chapter {chapter!r} is not known.", expected="two digits from 01 to 99, without 77"
        )
    return found


@cache
def _chapters() -> Mapping[str, _Named]:
    with (_TABLES / "hs_chapters.csv").open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle)
        return MappingProxyType({row["chapter"]: _Named(row["name_en"], row["name_nl"]) for row in rows})


@cache
def _sections() -> Mapping[str, tuple[str, str, _Named]]:
    with (_TABLES / "hs_sections.csv").open(encoding="utf-8", newline="") as handle:
        return MappingProxyType(
            {
                row["section"]: (
                    row["first_chapter"],
                    row["last_chapter"],
                    _Named(row["name_en"], row["name_nl"]),
                )
                for row in csv.DictReader(handle)
            }
        )
