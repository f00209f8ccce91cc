"""Which lines of a text belong to its pages and not to its sentences.

Three kinds of evidence: the line has the form of furniture (a running foot of official publications, "Pagina
3 van 12", a letterhead's label with a mark below it); it is next to the end of a page; or it recurs, word for
word, and stands in the middle of a sentence at least once. Recurrence alone is none: "Antwoord" recurs too.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections import defaultdict
from dataclasses import dataclass

from geomonitor.errors import GeomonitorError

__all__ = ["MOST_LINES", "Line", "Use", "classified_lines", "is_unfinished"]


class Use(enum.Enum):
    """What a line is for."""

    TEXT = "text"
    BLANK = "blank"
    FURNITURE = "furniture"
    PAGE_END = "page end"
    SEPARATOR = "separator"
    FOOTNOTE = "footnote"


@dataclass(slots=True)
class Line:
    """A line of the given text, without its end; `words` are without blanks and emphasis around."""

    start: int
    end: int
    words: str
    use: Use = Use.TEXT


MOST_LINES = 500_000
_LONGEST_FURNITURE = 160
# blank lines are taken together with the end of the line before them
_LINE_END = re.compile(r"(?:\r\n|[\n\r])(?:[ \t\u00a0]*(?:\r\n|[\n\r]))*|\f")
_RECURRING = 3
_SEPARATOR = re.compile(r"[-_=—*]{3,}|(?:[-*_] ){2,}[-*_]|!\[[^\]]*\]\([^)]*\)")
_RUNNING_FOOT = re.compile(
    r"(?:['’‘`]s-Gravenhage \d{4} )?(?:Tweede|Eerste) Kamer(?: der Staten-Generaal)?,"
    r" vergaderjaar \d{4} ?[-–] ?\d{2,4}, \d{2} ?\d{3}[-A-Z0-9() ]{0,16},"
    r" (?:nr\. )?[0-9A-Z]{1,5}(?: \d{1,4})?"
    r"|kst-\d{5}[-0-9A-Z]{2,20}"
    r"|ISSN ?\d{4} ?[-–] ?\d{4}"
    r"|['’‘`]s-Gravenhage \d{4}"
    r"|(?:Pagina|Bladzijde|Blad|Blz\.?|Page) ?:? ?\d{1,4}(?: ?(?:van|of|/) ?\d{1,4})?"
    r"|[-–] ?\d{1,4} ?[-–]",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:(?:Onze|Uw) referentie|(?:Ons|Uw) kenmerk|Kenmerk|Documentnummer|Zaaknummer)(?: ?:)?", re.IGNORECASE
)
_LABEL_WITH_MARK = re.compile(_LABEL.pattern + r" {0,3}(?=\S*\d)[^\s,;]{4,50}", re.IGNORECASE)
_DATE_LABEL = re.compile(r"Datum ?:?(?: ?\d{1,2} [a-z]+ \d{4})?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2} [a-z]+ \d{4}", re.IGNORECASE)
_MARK = re.compile(r"(?=\S*\d)[A-Za-z0-9][\w.:/()-]{3,49}")
_PAGE_NUMBER = re.compile(r"\d{1,4}|\d{1,4} ?(?:van|/) ?\d{1,4}")
_ENDS_IN_NUMBER = re.compile(r"[ \t]\d{1,4}$")
_EMPHASIS = re.compile(r"^[#>\s*_]+|[\s*_]+$")
_UNFINISHED_END = re.compile(
    r"[^\W_]$|[,(«‘“/&–-]$|\b(?:nrs?|jl|blz|art|c\.s|i\.v\.m|d\.d|m\.b\.t|t\.a\.v|o\.a|bijv)\.$"
)
_FOOTNOTE_MARKS = re.compile(r"(?:[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|<sup>\d{1,3}</sup>|\[\^?\d{1,3}\]:?)$")


def is_unfinished(words: str) -> bool:
    """Say whether a sentence runs on after these words.

    Examples
    --------
    >>> is_unfinished("ook al"), is_unfinished("geheel gereed."), is_unfinished("in (Kamerstuk 35 207, nr.")
    (True, False, True)
    """
    tail = _FOOTNOTE_MARKS.sub("", words[-80:].rstrip().rstrip("*_")).rstrip()
    return _UNFINISHED_END.search(tail) is not None


def classified_lines(text: str) -> list[Line]:
    """Split a text into lines and say which of them belong to pages; footnotes are left to the caller."""
    lines = _split(text)
    _by_form(lines)
    _by_recurrence(lines)
    _page_numbers(lines)
    return lines


def _split(text: str) -> list[Line]:
    lines: list[Line] = []
    start = 0
    for found in _LINE_END.finditer(text):
        lines.append(_line(text, start, found.start()))
        start = found.end()
        if found[0] == "\f":
            lines.append(Line(found.start(), start, "", Use.PAGE_END))
        elif len(found[0]) > 2 or found[0] in ("\n\n", "\r\r"):
            lines.append(Line(found.start(), start, "", Use.BLANK))
        if len(lines) > MOST_LINES:
            raise GeomonitorError(
                f"The text has more than {MOST_LINES:,} lines.",
                expected="the text of one paper",
                next_step="Read the papers one by one.",
            )
    lines.append(_line(text, start, len(text)))
    return lines


def _line(text: str, start: int, end: int) -> Line:
    if end - start > _LONGEST_FURNITURE * 2:
        return Line(start, end, text[start : start + 120].strip() + text[end - 120 : end].rstrip())
    raw = text[start:end].strip()
    if not raw:
        return Line(start, end, "", Use.BLANK)
    if _SEPARATOR.fullmatch(raw):
        return Line(start, end, raw, Use.SEPARATOR)
    return Line(start, end, " ".join(_EMPHASIS.sub("", raw).split()))


def _by_form(lines: list[Line]) -> None:
    dates_seen: set[str] = set()
    written = [line for line in lines if line.use is Use.TEXT]
    for position, line in enumerate(written):
        words = line.words
        if line.use is not Use.TEXT or len(words) > _LONGEST_FURNITURE:
            continue
        following = written[position + 1] if position + 1 < len(written) else None
        if _RUNNING_FOOT.fullmatch(words) or _LABEL_WITH_MARK.fullmatch(words):
            line.use = Use.FURNITURE
        elif _LABEL.fullmatch(words) and following is not None and _MARK.fullmatch(following.words):
            line.use = following.use = Use.FURNITURE
        elif _DATE_LABEL.fullmatch(words) and following is not None:
            # the first one dates the paper; again, it is the head of a following page
            pair = [line, following] if _DATE.fullmatch(following.words) else [line]
            said = " ".join(each.words for each in pair).casefold()
            if said in dates_seen:
                for each in pair:
                    each.use = Use.FURNITURE
            dates_seen.add(said)


def _key(words: str) -> str:
    return _ENDS_IN_NUMBER.sub(" #", words).casefold()


def _by_recurrence(lines: list[Line]) -> None:
    places: dict[str, list[int]] = defaultdict(list)
    for position, line in enumerate(lines):
        if line.use is Use.TEXT and len(line.words) <= 100 and not line.words[:1].islower():
            places[_key(line.words)].append(position)
    recurring = {key: found for key, found in places.items() if len(found) >= _RECURRING}
    if not recurring:
        return
    candidates = {position for found in recurring.values() for position in found}
    before, after = _text_around(lines, candidates)
    for found in recurring.values():
        apart = [position for position in found if _stands_apart(lines, position, candidates)]
        if len(apart) >= _RECURRING and any(
            _interrupts(lines, before[position], after[position]) for position in apart
        ):
            for position in apart:
                lines[position].use = Use.FURNITURE


def _text_around(lines: list[Line], skipped: set[int]) -> tuple[list[int], list[int]]:
    """For each line the nearest line of text before and after it, leaving those in `skipped`; -1: none."""
    before, after = [-1] * len(lines), [-1] * len(lines)
    last = -1
    for position, line in enumerate(lines):
        before[position] = last
        if line.use is Use.TEXT and position not in skipped and not _opens_footnote(line.words):
            last = position
    last = -1
    for position in range(len(lines) - 1, -1, -1):
        after[position] = last
        line = lines[position]
        if line.use is Use.TEXT and position not in skipped and not _opens_footnote(line.words):
            last = position
    return before, after


def _opens_footnote(words: str) -> bool:
    return words.startswith((*"⁰¹²³⁴⁵⁶⁷⁸⁹", "<sup>", "[^", "<http", "http"))


def _stands_apart(lines: list[Line], position: int, candidates: set[int]) -> bool:
    for neighbour in (position - 1, position + 1):
        if not 0 <= neighbour < len(lines):
            return True
        if lines[neighbour].use is not Use.TEXT or neighbour in candidates:
            return True
    return False


def _interrupts(lines: list[Line], before: int, after: int) -> bool:
    if before < 0 or after < 0:
        return False
    return is_unfinished(lines[before].words) and lines[after].words[:1].islower()


def _page_numbers(lines: list[Line]) -> None:
    numbered = [
        position
        for position, line in enumerate(lines)
        if line.use is Use.TEXT and len(line.words) < 14 and _PAGE_NUMBER.fullmatch(line.words)
    ]
    if not numbered:
        return
    pages = {Use.PAGE_END, Use.FURNITURE}
    written = [position for position, line in enumerate(lines) if line.use is not Use.BLANK]
    rank = {position: place for place, position in enumerate(written)}
    for position in numbered:
        around = (rank[position] - 1, rank[position] + 1)
        if any(0 <= place < len(written) and lines[written[place]].use in pages for place in around):
            lines[position].use = Use.FURNITURE
    left = [position for position in numbered if lines[position].use is Use.TEXT]
    counted = [int(re.split(r"\D", lines[position].words)[0]) for position in left]
    runs = len(left) >= _RECURRING and all(b == a + 1 for a, b in itertools.pairwise(counted))
    if runs:
        before, after = _text_around(lines, set(left))
        if any(_interrupts(lines, before[position], after[position]) for position in left):
            for position in left:
                lines[position].use = Use.FURNITURE
