"""Finds references that carry their own kind: matters, commitments, Union documents and laws, proceedings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from geomonitor.dossier.reading.normal_forms import identify, session_digits
from geomonitor.dossier.reading.reference_rules import Found
from geomonitor.dossier.reading.union_forms import (
    LAW_WORDS,
    celex_of_numbers,
    four_digit_year,
    union_document,
)

__all__ = ["address_spans", "numbered_references"]

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"«»]{3,800}", re.IGNORECASE)
_PARLIAMENT_NUMBER = re.compile(r"(?<![^\W_])(20\d{2}) ?(?P<letter>[ZzDd]) ?(\d{5})(?![^\W_])")
_COMMITMENT = re.compile(r"(?<![^\W_])TZ ?(20\d{4}) ?- ?(\d{1,4})(?![^\W_])", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"(?<![^\W_])(?:kst-(?=\d{5})[-0-9A-Z()]{7,30}|blg-\d{1,8}|(?:ah|h)-(?:tk|ek)-\d{8}-\d{1,5}"
    r"(?:-\d{1,3})?)(?![^\W_])",
    re.IGNORECASE,
)
_UNION_DOCUMENT = re.compile(
    r"(?<![^\W_])(?P<series>COM|SWD|JOIN|SEC|C) {0,2}"
    r"(?:\( ?(?P<year>(?:19|20)\d{2}|\d{2}) ?\) ?(?:nr\. ?)?(?P<number>\d{1,4})"
    r"|(?P<open_year>(?:19|20)\d{2}) ?[/ -] ?(?P<open_number>\d{1,4}))(?!\d)"
    r"(?P<tail>(?: ?/ ?\d(?!\d))?(?:[ ,]{0,2}(?:final|definitief|def\.?|fin\.?)(?![^\W_]))?)",
)
_FURTHER_DOCUMENT = re.compile(r"(?:, ?| en | & |/ ?)(\d{2,4})(?![\d/])(?= ?(?:[,;.)\]]|en |& |$))")
_UNIONS = r"(?:EU|EG|EEG|EC|EEC|EGKS|GBVB|CFSP|JBZ|Euratom)"
_LAW = re.compile(
    r"(?<![^\W_])(?P<word>[^\W\d_]{0,30}?(?:verordening(?:en)?|richtlijn(?:en)?)"
    r"|(?:uitvoerings|kader)?besluit(?:en)?|beschikking(?:en)?|aanbeveling(?:en)?|regulation|directive"
    r"|decision)"
    r"(?: van de (?:Raad|Commissie))?"
    rf" {{0,2}}(?P<union>\( ?{_UNIONS}(?:[,/ ]{{1,2}}{_UNIONS})? ?\))? {{0,2}}(?P<numbered>(?:nrs?|nummer"
    rf"|no)\.? {{0,2}})?"
    rf"\(?(?P<first>\d{{1,4}})/(?P<second>\d{{1,4}})(?P<suffix>/{_UNIONS})?(?![\d/]|\.\d)",
    re.IGNORECASE,
)
_FURTHER_LAW = re.compile(
    rf"(?:, ?| en | alsmede |, en )(?:(?:nr\.|\({_UNIONS}\)) ?)?(?P<first>\d{{1,4}})/(?P<second>\d{{1,4}})"
    rf"(?P<suffix>/{_UNIONS})?(?![\d/])",
    re.IGNORECASE,
)
# treaties and ministers have decisions and recommendations too; regulations and directives are the Union's
_NEED_A_UNION = frozenset("DFH")
_CELEX = re.compile(r"(?<![^\W_])3(?:19|20)\d{2}[RLDFH]\d{4}(?![^\W_])")
_YEARS = r"((?:19|20)\d{2}) ?[-/] ?(\d{4}|\d{2})"
_QUESTION = re.compile(
    r"(?<![^\W_])(?:aanhangsel(?: van de)?(?: handelingen)?|ah)(?: (?P<chamber>ii|i|tk|ek"
    r"|tweede kamer))?[ ,]{0,2}"
    rf"(?:\(?vergaderjaar )?{_YEARS}\)?[ ,]{{0,2}}(?:nrs?\.?|nummer|aanhangselnummer)? ?(\d{{1,5}})(?!\d)",
    re.IGNORECASE,
)
_PROCEEDINGS = re.compile(
    r"(?<![^\W_])handelingen(?: (?P<chamber>ii|i|tk|ek|tweede kamer|eerste kamer))?[ ,]{0,2}"
    rf"(?:vergaderjaar )?{_YEARS}[ ,]{{0,2}}(?:nr\.?|nummer)? ?(\d{{1,3}})(?!\d)"
    r"(?:[ ,]{0,2}(?:(?:item|onderwerp|p\.|blz\.) ?|- ?)(\d{1,3})(?!\d))?",
    re.IGNORECASE,
)
_QUICK = re.compile(
    r"\d[ZDzd] ?\d|TZ ?\d|kst-|blg-|(?:COM|SWD|JOIN|SEC|C) ?\(|(?:COM|SWD|JOIN|SEC) \d|\d/\d|3\d{4}[RLDFH]"
    r"|handelingen|://|www\.|[AaHh]-[TtEe][Kk]-",
    re.IGNORECASE,
)


def address_spans(text: str) -> list[tuple[int, int]]:
    """Give where addresses stand; numbers within them are no references of their own."""
    return [found.span() for found in _ADDRESS.finditer(text)]


def _addresses(text: str) -> Iterator[Found]:
    for found in _ADDRESS.finditer(text):
        end = found.end()
        while text[end - 1] in ".,;:'":
            end -= 1
        known = identify(text[found.start() : end])
        if known:
            yield Found(found.start(), end, *known, "address")


def _parliament_numbers(text: str) -> Iterator[Found]:
    for found in _PARLIAMENT_NUMBER.finditer(text):
        matter = found["letter"] in "Zz"
        yield Found(
            *found.span(),
            "matter" if matter else "document",
            f"{found[1]}{'Z' if matter else 'D'}{found[3]}",
            "matter-number" if matter else "document-number",
        )
    for found in _COMMITMENT.finditer(text):
        yield Found(*found.span(), "commitment", f"TZ{found[1]}-{int(found[2]):03d}", "commitment-number")
    for found in _IDENTIFIER.finditer(text):
        known = identify(found[0].rstrip("-("))
        if known:
            yield Found(*found.span(), *known, "identifier")


def _union_documents(text: str) -> Iterator[Found]:
    for found in _UNION_DOCUMENT.finditer(text):
        series, closed = found["series"], found["year"] is not None
        year, number = (
            (found["year"], found["number"]) if closed else (found["open_year"], found["open_number"])
        )
        if int(number) == 0 or (series == "C" and not closed):
            continue
        certain = closed and series != "C"
        yield Found(
            *found.span(),
            "eu_document",
            union_document(series, year, number),
            "union-document" if certain else "union-document-open",
        )
        end = found.end()
        while certain and not found["tail"]:
            further = _FURTHER_DOCUMENT.match(text, end)
            if further is None or further[1] == str(four_digit_year(year)):
                break
            yield Found(
                *further.span(1),
                "eu_document",
                union_document(series, year, further[1]),
                "union-document-list",
            )
            end = further.end()


def _laws(text: str) -> Iterator[Found]:
    for found in _LAW.finditer(text):
        word = _singular(found["word"])
        number = celex_of_numbers(word, found["first"], found["second"], numbered=bool(found["numbered"]))
        if number is None:
            continue
        named = bool(found["union"] or found["suffix"])
        if not named and LAW_WORDS[word] in _NEED_A_UNION:
            continue
        yield Found(*found.span(), "eu_law", number, "union-law" if named else "union-law-bare")
        end = found.end()
        while True:
            further = _FURTHER_LAW.match(text, end)
            if further is None:
                break
            number = celex_of_numbers(
                word, further["first"], further["second"], numbered=bool(found["numbered"])
            )
            if number is not None:
                yield Found(further.start("first"), further.end(), "eu_law", number, "union-law-list")
            end = further.end()
    for found in _CELEX.finditer(text):
        yield Found(*found.span(), "eu_law", found[0], "celex")


def _singular(word: str) -> str:
    """Give the word for the law: "Opvangrichtlijnen" is a richtlijn."""
    word = word.casefold()
    for kind in ("verordening", "richtlijn"):
        if kind in word:
            return kind
    return word if word in LAW_WORDS else word.removesuffix("en")


def _sessions(text: str) -> Iterator[Found]:
    for found in _QUESTION.finditer(text):
        years = session_digits(found[2], found[3])
        if years:
            yield Found(*found.span(), "question", f"ah-tk-{years}-{int(found[4])}", "question")
    for found in _PROCEEDINGS.finditer(text):
        years = session_digits(found[2], found[3])
        if years is None or text[max(found.start() - 4, 0) : found.start()].casefold() == " de ":
            continue
        chamber = "ek" if (found["chamber"] or "").casefold() in ("i", "ek", "eerste kamer") else "tk"
        item = f"-{int(found[5])}" if found[5] else ""
        yield Found(*found.span(), "proceedings", f"h-{chamber}-{years}-{int(found[4])}{item}", "proceedings")


_FINDERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    _addresses,
    _parliament_numbers,
    _union_documents,
    _laws,
    _sessions,
)


def numbered_references(text: str) -> list[Found]:
    """Find every reference but those to papers by dossier and number, in a text with plain blanks and dashes.

    Examples
    --------
    >>> [found.target for found in numbered_references("SWD (2021) 352 final en Verordening (EU) 2021/821")]
    ['SWD(2021)352', '32021R0821']
    """
    if _QUICK.search(text) is None:
        return []
    return [found for finder in _FINDERS for found in finder(text)]
