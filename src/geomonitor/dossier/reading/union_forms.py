"""Normal forms of documents of the Union's institutions and of its laws.

A document keeps its series, year and number: COM(2020)474. A law has its CELEX number, which is the same
whichever way a paper writes it: 32021R0821 for "Verordening (EU) 2021/821" and for its ELI address.
"""

from __future__ import annotations

import re

__all__ = [
    "FIRST_YEAR_OF_ONE_SERIES",
    "LAW_WORDS",
    "celex",
    "celex_of_eli",
    "celex_of_numbers",
    "four_digit_year",
    "shown_law",
    "shown_union_document",
    "union_address",
    "union_document",
]

FIRST_YEAR_OF_ONE_SERIES = 2015
"""Since then the year stands first for every kind of law ("2021/821"); before, a regulation had it last."""

FIRST_YEAR = 1951
LAST_YEAR = 2049

LAW_WORDS = {
    "verordening": "R",
    "uitvoeringsverordening": "R",
    "richtlijn": "L",
    "uitvoeringsrichtlijn": "L",
    "besluit": "D",
    "uitvoeringsbesluit": "D",
    "beschikking": "D",
    "kaderbesluit": "F",
    "aanbeveling": "H",
    "regulation": "R",
    "directive": "L",
    "decision": "D",
}
"""Dutch (and English) words for laws of the Union, with their letter in CELEX."""

_SHOWN_WORDS = {"R": "Verordening", "L": "Richtlijn", "D": "Besluit", "F": "Kaderbesluit", "H": "Aanbeveling"}
_ELI_LETTERS = {
    "reg": "R",
    "reg_impl": "R",
    "reg_del": "R",
    "dir": "L",
    "dir_impl": "L",
    "dir_del": "L",
    "dec": "D",
    "dec_impl": "D",
    "dec_del": "D",
    "dec_framw": "F",
    "reco": "H",
}
_DOCUMENT = re.compile(r"(COM|SWD|JOIN|SEC|C)\((\d{4})\)(\d{1,5})")
_CELEX = re.compile(r"3(\d{4})([RLDFH])(\d{4})")


def four_digit_year(digits: str) -> int:
    """Read a year of two or four digits.

    Examples
    --------
    >>> four_digit_year("2021"), four_digit_year("96"), four_digit_year("08")
    (2021, 1996, 2008)
    """
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= 50 else 2000)


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and FIRST_YEAR <= int(digits) <= LAST_YEAR


def _is_short_year(digits: str) -> bool:
    """Say whether two digits are a year: laws had those until 1998."""
    return len(digits) == 2 and int(digits) > FIRST_YEAR % 100


def union_document(series: str, year: str, number: str) -> str:
    """Give the normal form of a document of the Union's institutions.

    Examples
    --------
    >>> union_document("swd", "2021", "0352")
    'SWD(2021)352'
    """
    return f"{series.upper()}({four_digit_year(year)}){int(number)}"


def celex(letter: str, year: int, number: int) -> str:
    """Give the CELEX number of a law.

    Examples
    --------
    >>> celex("R", 2021, 821)
    '32021R0821'
    """
    return f"3{year}{letter}{number:04d}"


def celex_of_numbers(word: str, first: str, second: str, *, numbered: bool = False) -> str | None:
    """Read the two numbers of a law: which one is the year depends on the kind and the time of the law.

    Parameters
    ----------
    word : str
        The word for the law: "Verordening".
    first, second : str
        The digits before and after the stroke.
    numbered : bool
        Whether "nr." stands before them; then the year is last, as it was until 2014.

    Returns
    -------
    str or None
        None where neither is a year.

    Examples
    --------
    >>> celex_of_numbers("Verordening", "2021", "821")
    '32021R0821'
    >>> celex_of_numbers("Verordening", "428", "2009", numbered=True)
    '32009R0428'
    >>> celex_of_numbers("Richtlijn", "95", "46")
    '31995L0046'
    """
    letter = LAW_WORDS[word.casefold()]
    year_last = letter == "R"
    if _is_year(first) and int(first) >= FIRST_YEAR_OF_ONE_SERIES and not (numbered and _is_year(second)):
        year_last = False
    elif _is_year(first) != _is_year(second):
        year_last = _is_year(second)
    elif not _is_year(first) and not _is_short_year(second if year_last else first):
        return None
    year, number = (second, first) if year_last else (first, second)
    if int(number) == 0 or len(number) > 4:
        return None
    return celex(letter, four_digit_year(year), int(number))


def celex_of_eli(kind: str, year: str, number: str) -> str | None:
    """Read the parts of an ELI address of EUR-Lex; None for a kind of law that has no CELEX letter here.

    Examples
    --------
    >>> celex_of_eli("reg", "2021", "821")
    '32021R0821'
    """
    letter = _ELI_LETTERS.get(kind.casefold())
    if letter is None or not _is_year(year) or len(number) > 4:
        return None
    return celex(letter, int(year), int(number))


def shown_union_document(normal: str) -> str:
    """Write a document of the Union as papers do.

    Examples
    --------
    >>> shown_union_document("COM(2020)474")
    'COM(2020) 474'
    """
    return normal.replace(")", ") ")


def shown_law(number: str) -> str:
    """Write a law of the Union as papers do.

    Examples
    --------
    >>> shown_law("32021R0821"), shown_law("32009R0428"), shown_law("32009L0028")
    ('Verordening (EU) 2021/821', 'Verordening (EG) nr. 428/2009', 'Richtlijn 2009/28/EG')
    """
    found = _CELEX.fullmatch(number)
    if found is None:
        return number
    year, law_number = int(found[1]), int(found[3])
    word = _SHOWN_WORDS[found[2]]
    if year >= FIRST_YEAR_OF_ONE_SERIES:
        return f"{word} (EU) {year}/{law_number}"
    union = "EEG" if year < 1994 else "EG" if year < 2010 else "EU"
    if found[2] == "R":
        return f"{word} ({union}) nr. {law_number}/{year}"
    return f"{word} {year}/{law_number}/{union}"


def union_address(normal: str) -> str | None:
    """Give the address on EUR-Lex of a document or law of the Union; None for anything else.

    Examples
    --------
    >>> union_address("32021R0821")
    'https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32021R0821'
    """
    page = "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri="
    if _CELEX.fullmatch(normal):
        return f"{page}CELEX:{normal}"
    document = _DOCUMENT.fullmatch(normal)
    if document is None:
        return None
    series, year, number = document.groups()
    if series == "C":
        return f"{page}PI_COM:{normal}"
    return f"{page}{series}:{year}:{number}:FIN"
