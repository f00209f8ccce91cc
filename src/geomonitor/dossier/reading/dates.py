"""Recognises Dutch dates: days, ranges of days, months, and parts of a year.

A date without a year ("10 augustus jl.", "op 14 november") means the last such day before the paper was
written, with "a.s." the first one after it; without the paper's own date it is left out, not guessed.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator

from geomonitor.dossier.reading.mapped_text import MappedText, RepairedText
from geomonitor.dossier.reading.mentions import DateMention
from geomonitor.dossier.reading.normal_forms import plain_marks

__all__ = ["MONTHS", "date_of", "dates_in"]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januari", "jan"),
            ("februari", "feb"),
            ("maart", "mrt"),
            ("april", "apr"),
            ("mei",),
            ("juni", "jun"),
            ("juli", "jul"),
            ("augustus", "aug"),
            ("september", "sept", "sep"),
            ("oktober", "okt"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_LONG = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
_MONTH = rf"(?:{_LONG}|(?:jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec)\b\.?)"
_YEAR = r"(?:1[89]\d{2}|20\d{2})"
_NEAR = r"jl\.?|jongstleden|j\.l\.|a\.s\.|aanstaande|(?:van )?(?:dit|vorig|volgend|afgelopen|komend) jaar"
_DAY = re.compile(
    r"(?<![\w./-])(?P<day>\d{1,2})(?:e|ste|de)?"
    rf"(?:(?: ?(?:-|t/m|tot en met|tot|en|,) ?)(?P<last>\d{{1,2}}))? (?P<month>{_MONTH})"
    rf"(?:,? (?P<year>{_YEAR})(?!\d)|,? (?P<near>{_NEAR}))?(?![^\W_])",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"(?<![\w./-])(?P<day>\d{{1,2}}) (?P<month>{_MONTH})(?: (?P<first_year>{_YEAR}))? ?(?:-|t/m"
    rf"|tot en met|tot) ?"
    rf"(?P<last>\d{{1,2}}) (?P<last_month>{_MONTH}) (?P<year>{_YEAR})(?!\d)",
    re.IGNORECASE,
)
_PART = r"(?P<part>begin|medio|midden|half|halverwege|eind|einde)"
_MONTH_ONLY = re.compile(
    rf"(?<![^\W_])(?:{_PART} )?(?P<month>{_LONG})(?:,? (?:van )?(?P<year>{_YEAR})(?!\d)|,? "
    rf"(?P<near>{_NEAR}))?(?![^\W_])",
    re.IGNORECASE,
)
_YEAR_PART = re.compile(rf"(?<![^\W_]){_PART} (?P<year>{_YEAR})(?![\d/-])", re.IGNORECASE)
_SHARE = re.compile(
    r"(?<![^\W_])(?:(?P<order>eerste|tweede|derde|vierde|laatste|1e|2e|3e|4e) (?P<unit>kwartaal|helft)"
    rf"|(?P<quarter>Q[1-4])|(?P<season>voorjaar|lente|zomer|najaar|herfst))(?: van| in)?(?: het jaar)? "
    rf"(?P<year>{_YEAR})(?!\d)",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<![\w./-])(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?![\w-])")
_DIGITS = re.compile(
    r"(?<![\w./-])(?P<day>\d{1,2})(?P<sep>[-/])(?P<month>\d{1,2})(?P=sep)(?P<year>(?:19|20)\d{2})(?![\w-])"
)
_HINT = re.compile(
    rf"(?:{_LONG}|kwartaal|helft|voorjaar|lente|zomer|najaar|herfst|eind|begin|medio)|\d[-/]\d|\bQ[1-4]"
    r"|\d (?:jan|feb|mrt|apr|jun|jul|aug|sep|okt|nov|dec)",
    re.IGNORECASE,
)
_REACH = 60
_ORDER = {"eerste": 1, "1e": 1, "tweede": 2, "2e": 2, "derde": 3, "3e": 3, "vierde": 4, "4e": 4}
_SEASONS = {"voorjaar": (3, 6), "lente": (3, 6), "zomer": (6, 9), "najaar": (9, 12), "herfst": (9, 12)}
_Days = tuple[datetime.date, datetime.date]


def date_of(day: int, month: int, year: int) -> datetime.date | None:
    """Give a day; None where the calendar has none.

    Examples
    --------
    >>> date_of(13, 1, 2023), date_of(31, 2, 2023)
    (datetime.date(2023, 1, 13), None)
    """
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return datetime.date(year, month, day)


def dates_in(text: MappedText, written: datetime.date | None = None) -> tuple[DateMention, ...]:
    """Find the dates of a text, with its footnotes if it has any.

    Parameters
    ----------
    text : MappedText
        As `repair` gives it.
    written : datetime.date or None
        Day of the paper, for dates without a year.

    Examples
    --------
    >>> from geomonitor.dossier.reading.page_repair import repair
    >>> made = datetime.date(2023, 1, 13)
    >>> for mention in dates_in(repair("Bali (7-8 juli 2022), op 10 augustus jl. en in mei 2019"), made):
    ...     print(mention.quoted, mention.first, mention.date)
    7-8 juli 2022 2022-07-07 2022-07-08
    10 augustus jl. 2022-08-10 2022-08-10
    mei 2019 2019-05-01 2019-05-31
    """
    found = list(_mentions(text, written))
    if isinstance(text, RepairedText):
        for footnote in text.footnotes:
            found.extend(_mentions(footnote.body, written))
    return tuple(sorted(found, key=lambda mention: mention.start))


def _mentions(text: MappedText, written: datetime.date | None) -> Iterator[DateMention]:
    plain = plain_marks(text.text)
    taken = -1
    found = [each for start, end in _windows(plain) for each in _all(plain, start, end, written)]
    ranked = sorted(found, key=lambda one: (one[0], -one[1]))
    for start, end, days in ranked:
        if start < taken:
            continue
        taken = end
        if days is None:
            continue
        given_start, given_end = text.span(start, end)
        yield DateMention(
            start=given_start,
            end=given_end,
            quoted=" ".join(text.text[start:end].split()),
            first=days[0],
            date=days[1],
        )


def _windows(plain: str) -> Iterator[tuple[int, int]]:
    """Give the parts of a text that can hold a date: what stands around the words and signs of dates."""
    start = end = -1
    for hit in _HINT.finditer(plain):
        if hit.start() - _REACH > end:
            if end >= 0:
                yield start, end
            start = max(hit.start() - _REACH, 0)
        end = min(hit.end() + _REACH, len(plain))
    if end >= 0:
        yield start, end


def _all(
    plain: str, start: int, end: int, written: datetime.date | None
) -> Iterator[tuple[int, int, _Days | None]]:
    for found in _SPAN.finditer(plain, start, end):
        yield *found.span(), _span(found)
    for found in _DAY.finditer(plain, start, end):
        yield *found.span(), _days(found, written)
    for found in _MONTH_ONLY.finditer(plain, start, end):
        # "mei" and "maart" alone are words as well; a month needs a year, "jl.", or a part of it
        if found["year"] or found["near"] or found["part"]:
            yield *found.span(), _month(found, written)
    for found in _YEAR_PART.finditer(plain, start, end):
        yield *found.span(), _part_of(found["part"], int(found["year"]), None)
    for found in _SHARE.finditer(plain, start, end):
        yield *found.span(), _share(found)
    for pattern in (_ISO, _DIGITS):
        for found in pattern.finditer(plain, start, end):
            day = date_of(int(found["day"]), int(found["month"]), int(found["year"]))
            if day:
                yield *found.span(), (day, day)


def _month_number(word: str) -> int:
    return MONTHS[word.casefold().rstrip(".")]


def _span(found: re.Match[str]) -> _Days | None:
    last = date_of(int(found["last"]), _month_number(found["last_month"]), int(found["year"]))
    year = int(found["first_year"] or found["year"])
    first = date_of(int(found["day"]), _month_number(found["month"]), year)
    return (first, last) if first and last and first <= last else None


def _days(found: re.Match[str], written: datetime.date | None) -> _Days | None:
    month = _month_number(found["month"])
    day = int(found["day"])
    last = int(found["last"] or day)
    year = int(found["year"]) if found["year"] else _year_near(last, month, found["near"], written)
    if year is None:
        return None
    first_day, last_day = date_of(day, month, year), date_of(last, month, year)
    return (first_day, last_day) if first_day and last_day and first_day <= last_day else None


def _year_near(day: int, month: int, near: str | None, written: datetime.date | None) -> int | None:
    if written is None:
        return None
    said = (near or "").casefold()
    if said.endswith("jaar"):
        if "vorig" in said:
            return written.year - 1
        return written.year + 1 if "volgend" in said or "komend" in said else written.year
    ahead = said in ("a.s.", "aanstaande")
    for year in (written.year, written.year + (1 if ahead else -1)):
        meant = date_of(min(day, calendar.monthrange(year, month)[1]), month, year)
        if meant and (meant >= written if ahead else meant <= written):
            return year
    return None


def _month(found: re.Match[str], written: datetime.date | None) -> _Days | None:
    month = _month_number(found["month"])
    year = int(found["year"]) if found["year"] else _year_near(1, month, found["near"], written)
    if year is None:
        return None
    return _part_of(found["part"], year, month)


def _part_of(part: str | None, year: int, month: int | None) -> _Days:
    """Give the days that begin, medio or eind of a month or a year mean: about a third of it each."""
    said = (part or "").casefold()
    if month is None:
        first, last = {"begin": (1, 3), "eind": (10, 12), "einde": (10, 12)}.get(said, (5, 8))
        return _months(year, first, last)
    length = calendar.monthrange(year, month)[1]
    if not said:
        days = (1, length)
    else:
        days = {"begin": (1, 10), "eind": (21, length), "einde": (21, length)}.get(said, (11, 20))
    return datetime.date(year, month, days[0]), datetime.date(year, month, days[1])


def _months(year: int, first: int, last: int) -> _Days:
    return datetime.date(year, first, 1), datetime.date(year, last, calendar.monthrange(year, last)[1])


def _share(found: re.Match[str]) -> _Days | None:
    year = int(found["year"])
    if found["season"]:
        return _months(year, *_SEASONS[found["season"].casefold()])
    if found["quarter"]:
        quarter = int(found["quarter"][1])
        return _months(year, 3 * quarter - 2, 3 * quarter)
    halves = found["unit"].casefold() == "helft"
    order = _ORDER.get(found["order"].casefold(), 2 if halves else 4)
    if halves:
        return _months(year, 6 * order - 5, 6 * order) if order <= 2 else None
    return _months(year, 3 * order - 2, 3 * order)
