"""When something is due: Dutch words for a time ahead, as first and last day, seen from a paper's date.

Conventions, since the words leave room. "begin" is the first three months of a year or ten days of a
month, "medio" May to August or the 11th to the 20th, "eind" the last three months or from the 21st. Spring
runs from March to 20 June, summer to 20 September, autumn from September to 20 December, winter to 20 March.
"voor de zomer" is before the summer recess, "na de zomer" within the three months after it
(facts/recesses.toml). A time without a year is the next one that has not passed. Words such as "op korte
termijn" give no days.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources

__all__ = ["MONTHS", "Due", "due_dates_in", "recess_of"]

Span = tuple[datetime.date, datetime.date]

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_MONTH_OF = {name: number for number, name in enumerate(MONTHS, start=1)}
_ORDINALS = {
    "eerste": 1,
    "tweede": 2,
    "derde": 3,
    "vierde": 4,
    "laatste": 4,
    "1e": 1,
    "2e": 2,
    "3e": 3,
    "4e": 4,
}
_NUMBERS = {
    "een": 1,
    "één": 1,
    "twee": 2,
    "drie": 3,
    "vier": 4,
    "vijf": 5,
    "zes": 6,
    "zeven": 7,
    "acht": 8,
    "negen": 9,
    "tien": 10,
    "twaalf": 12,
    "anderhalf": 1.5,
    "anderhalve": 1.5,
}
# first day and last day, each as month and day; winter begins in the year before the one that it is named by
_SEASONS = {
    "voorjaar": ((3, 1), (6, 20)),
    "lente": ((3, 1), (6, 20)),
    "zomer": ((6, 21), (9, 20)),
    "najaar": ((9, 1), (12, 20)),
    "herfst": ((9, 1), (12, 20)),
    "winter": ((12, 21), (3, 20)),
}
_AROUND = datetime.timedelta(days=30)
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Words for a time ahead, with the days that they give.

    Parameters
    ----------
    start, end : int
        Characters of the text.
    quoted : str
    first, last : datetime.date or None
        None where the words give no day.
    rule : str
    """

    start: int
    end: int
    quoted: str
    first: datetime.date | None
    last: datetime.date | None
    rule: str


_YEAR = r"(?P<year>(?:19|20)\d\d)(?![\d-])"
_OF_YEAR = r"(?:\s+(?:van\s+)?(?:het\s+jaar\s+)?(?:" + _YEAR + r"|(?P<relative>dit|volgend|komend)\s+jaar))?"
_PART = r"(?P<part>begin|medio|half|halverwege|eind|einde)"
_MONTH = r"(?P<month>" + "|".join(MONTHS) + r")"
_RECESS_WORDS = r"(?:zomer|herfst|kerst|winter|voorjaars|krokus|mei)"
_COMING = r"(?P<coming>dit|deze|komende?|aankomende?|aanstaande?|volgende?)"

# what a period can be; each with the words that must come before it unless it stands alone
_PERIODS: tuple[tuple[str, str, bool], ...] = (
    (
        "quarter",
        r"(?:het\s+)?(?P<ordinal>eerste|tweede|derde|vierde|laatste|[1-4]e)\s+kwartaal" + _OF_YEAR,
        False,
    ),
    ("quarter", r"(?:(?P<part>begin|medio|eind)\s+)?[QqKk](?P<ordinal>[1-4])(?!\w)" + _OF_YEAR, False),
    ("this_quarter", r"(?:het\s+)?" + _COMING + r"\s+kwartaal", False),
    (
        "half",
        r"(?:de\s+|het\s+)?(?P<ordinal>eerste|tweede|[12]e)\s+(?:helft|halfjaar|half\s+jaar)" + _OF_YEAR,
        False,
    ),
    ("day", r"(?P<day>[0-3]?\d)\s+" + _MONTH + r"(?:\s+" + _YEAR + r")?", True),
    ("part_month", r"(?:het\s+)?" + _PART + r"\s+(?:van\s+)?" + _MONTH + r"(?:\s+" + _YEAR + r")?", False),
    ("month", r"(?:de\s+maand\s+)?" + _MONTH + r"(?:\s+" + _YEAR + r")?", True),
    ("this_month", r"(?:de\s+)?" + _COMING + r"\s+(?P<unit>maand|week)", False),
    (
        "season",
        r"(?:het\s+|de\s+)?(?:"
        + _COMING
        + r"\s+)?(?P<season>voorjaar|lente|zomer|najaar|herfst|winter)(?!\w)(?:\s+(?:van\s+)?"
        + _YEAR
        + r")?",
        True,
    ),
    (
        "season",
        _COMING + r"\s+(?P<season>voorjaar|lente|zomer|najaar|herfst|winter)(?!\w)(?P<year>(?!))?",
        False,
    ),
    (
        "part_year",
        r"(?:het\s+)?(?P<part>begin|medio|half|halverwege|eind|einde)\s+(?:van\s+)?(?:het\s+jaar\s+)?"
        r"(?:" + _YEAR + r"|(?P<relative>dit|volgend|komend|het)\s+jaar)",
        False,
    ),
    ("year", r"(?:het\s+(?:jaar|kalenderjaar)\s+)?" + _YEAR, True),
    ("this_year", r"(?P<relative>dit|volgend|komend)\s+(?:kalender)?jaar", False),
    (
        "recess",
        r"(?:het\s+|de\s+)?(?:"
        + _COMING
        + r"\s+)?(?P<recess>"
        + _RECESS_WORDS
        + r"reces)(?:\s+(?:van\s+)?"
        + _YEAR
        + r")?",
        True,
    ),
    ("budget_day", r"(?P<budget>[Pp]rinsjesdag)(?:\s+(?:van\s+)?" + _YEAR + r")?", True),
    ("recess", r"(?:de\s+)?(?P<recess>kerst|kerstmis)(?!\w)(?:\s+(?:van\s+)?" + _YEAR + r")?", True),
)

_PREFIXES: tuple[tuple[str, str], ...] = (
    ("before", r"(?:uiterlijk\s+|nog\s+|ruim\s+|kort\s+)?(?:voor|vóór|voorafgaand\s+aan|eerder\s+dan)\s+"),
    (
        "until",
        r"(?:uiterlijk|niet\s+later\s+dan|tot\s+en\s+met|t/m|ten\s+laatste)\s+(?:in\s+|op\s+|per\s+|aan\s+)?",
    ),
    ("after", r"(?:kort\s+|direct\s+|meteen\s+)?na\s+(?:afloop\s+van\s+)?"),
    ("from", r"(?:vanaf|met\s+ingang\s+van)\s+"),
    ("around", r"(?:rond|rondom|omstreeks)\s+"),
    (
        "in",
        r"(?:nog\s+|later\s+|naar\s+verwachting\s+)?(?:in\s+de\s+loop\s+van|in|tijdens|gedurende"
        r"|op|per|met)\s+",
    ),
    ("in", r"(?:nog|later|in\s+de\s+loop\s+van)\s+"),
)

_DURATION = re.compile(
    r"\b(?:binnen|over|(?:in|gedurende)?\s*de\s+komende)\s+(?:uiterlijk\s+|circa\s+|ongeveer\s+)?"
    r"(?:(?P<number>\d{1,3}|" + "|".join(_NUMBERS) + r")\s+)?"
    r"(?P<unit>werkdagen|dagen|dag|weken|week|maanden|maand|kwartalen|kwartaal|halfjaar"
    r"|half\s+jaar|jaar|jaren)\b",
    re.IGNORECASE,
)
_WORDS_ONLY = re.compile(
    r"\b(?:op\s+(?:zeer\s+|de\s+)?(?:korte|kortst\s+mogelijke|afzienbare|redelijke|middellange"
    r"|langere)\s+termijn"
    r"|op\s+termijn|binnen\s+(?:afzienbare\s+tijd|enkele\s+(?:weken|maanden)|een\s+redelijke\s+termijn)"
    r"|(?:zo|zo\s+)?\s?spoedig\s+mogelijk|zo\s+snel\s+mogelijk|binnenkort|spoedig|t\.z\.t\."
    r"|te\s+zijner\s+tijd"
    r"|eerdaags|tijdig|op\s+een\s+later\s+moment|in\s+een\s+later\s+stadium"
    r"|(?:in\s+)?de\s+komende\s+(?:tijd|periode|weken|maanden|jaren)"
    r"|jaarlijks|halfjaarlijks|periodiek|(?:ieder|elk)\s+(?:kwartaal|half\s?jaar|jaar|voorjaar|najaar)"
    r"|(?:ruim\s+)?(?:voor|vóór|voorafgaand\s+aan|bij|tijdens|na)\s+(?:(?:afloop|aanvang)\s+van\s+)?"
    r"(?:de\s+|het\s+|uw\s+|mijn\s+)?(?:eerstvolgende\s+|volgende\s+|komende\s+)?"
    r"(?:begrotingsbehandelingen|begrotingsbehandeling|plenaire\s+behandeling|behandeling|commissiedebat"
    r"|wetgevingsoverleg|notaoverleg|algemeen\s+overleg|tweeminutendebat|debat|voorjaarsnota|miljoenennota"
    r"|najaarsnota|ontwerpbegroting|begroting|jaarverslag|voortgangsrapportage"
    r"|voortgangsbrief)\b(?:\s+\d{4})?"
    r"|in\s+(?:de|het|een)\s+(?:eerstvolgende|volgende|komende)\s+(?:voortgangsrapportage|voortgangsbrief"
    r"|rapportage|brief|jaarverslag|begroting|geannoteerde\s+agenda|stand\s+van\s+zakenbrief))",
    re.IGNORECASE,
)
_SAID_OF_THE_PAST = re.compile(r"\s*(?:jl\.?|j\.l\.?|jongstleden|l\.l\.|ll\.?)(?!\w)", re.IGNORECASE)


# no pattern is tried on a sentence that has none of its words
_TELLTALES: dict[str, tuple[str, ...]] = {
    "quarter": ("kwartaal", "q1", "q2", "q3", "q4", "k1", "k2", "k3", "k4"),
    "this_quarter": ("kwartaal",),
    "half": ("helft", "half"),
    "day": MONTHS,
    "part_month": MONTHS,
    "month": MONTHS,
    "this_month": ("maand", "week"),
    "season": tuple(_SEASONS),
    "part_year": ("19", "20", "jaar"),
    "year": ("19", "20"),
    "this_year": ("jaar",),
    "recess": ("reces", "kerst"),
    "budget_day": ("prinsjesdag",),
}


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """One pattern a kind of period, with the words before it."""
    prefix = "|".join(rf"(?P<p{place}>{words})" for place, (_, words) in enumerate(_PREFIXES))
    return tuple(
        (kind, re.compile(rf"(?<![\w-])(?:{prefix}){'' if needs else '?'}{period}(?!\w)", re.IGNORECASE))
        for kind, period, needs in _PERIODS
    )


@functools.cache
def _recesses() -> dict[str, tuple[int, int, int]]:
    """Month and day from which the Friday is looked for, and length in days, by the Dutch word."""
    raw = tomllib.loads(
        (resources.files("geomonitor.dossier.reading") / "facts" / "recesses.toml").read_text(
            encoding="utf-8"
        )
    )
    return {
        word: (each["from"]["month"], each["from"]["day"], each["days"])
        for each in raw["recess"]
        for word in each["words"]
    }


def recess_of(word: str, year: int) -> Span:
    """Give the first and last day of a recess, by the convention of facts/recesses.toml.

    Parameters
    ----------
    word : str
        zomerreces, herfstreces, kerstreces, voorjaarsreces or meireces.
    year : int
        The year in which it begins.

    Examples
    --------
    >>> [day.isoformat() for day in recess_of("zomerreces", 2023)]
    ['2023-07-07', '2023-09-04']
    """
    month, day, days = _recesses()[word.casefold()]
    earliest = datetime.date(year, month, day)
    friday = earliest + datetime.timedelta(days=(4 - earliest.weekday()) % 7)
    return friday, friday + datetime.timedelta(days=days)


def due_dates_in(text: str, written: datetime.date | None = None) -> tuple[Due, ...]:
    """Find the words for a time ahead, in their order; where two overlap, the longer.

    Parameters
    ----------
    text : str
        A sentence or clause.
    written : datetime.date, optional
        The paper's date. Without it, only words that name their year give days.

    Returns
    -------
    tuple of Due

    Examples
    --------
    >>> made = datetime.date(2023, 1, 13)
    >>> for due in due_dates_in("Uw Kamer ontvangt dit in het eerste kwartaal van 2023.", made):
    ...     print(due.quoted, due.first, due.last)
    in het eerste kwartaal van 2023 2023-01-01 2023-03-31
    >>> [due.last for due in due_dates_in("Dat volgt op korte termijn.", made)]
    [None]
    """
    kept: list[Due] = []
    for due in sorted(
        _candidates(text, written), key=lambda each: (each.start - each.end, each.first is None)
    ):
        if all(due.end <= other.start or due.start >= other.end for other in kept):
            kept.append(due)
    return tuple(sorted(kept, key=lambda each: each.start))


def _candidates(text: str, written: datetime.date | None) -> Iterator[Due]:
    for match in _WORDS_ONLY.finditer(text):
        yield _due(match, None, "words")
    for match in _DURATION.finditer(text):
        yield from _duration(match, written)
    said = text.casefold()
    for kind, pattern in _patterns():
        if not any(word in said for word in _TELLTALES[kind]):
            continue
        for match in pattern.finditer(text):
            if _SAID_OF_THE_PAST.match(text, match.end()):
                continue
            prefix = next(
                (name for place, (name, _) in enumerate(_PREFIXES) if match[f"p{place}"] is not None), ""
            )
            found = _days(kind, match, prefix, written)
            if found is _NO_DATE:
                continue
            yield _due(match, found, f"{prefix}-{kind}".strip("-"))


def _due(
    match: re.Match[str], days: tuple[datetime.date | None, datetime.date | None] | None, rule: str
) -> Due:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    first, last = days or (None, None)
    return Due(
        start=start, end=match.end(), quoted=" ".join(match[0].split()), first=first, last=last, rule=rule
    )


def _duration(match: re.Match[str], written: datetime.date | None) -> Iterator[Due]:
    number = match["number"]
    unit = " ".join(match["unit"].casefold().split())
    opening = match[0].casefold().split()[0]
    if number is None and (opening == "over" or unit not in ("halfjaar", "half jaar")):
        return
    amount = 1.0 if number is None else _NUMBERS.get(number.casefold()) or float(number)
    if written is None:
        yield _due(match, None, "within")
        return
    yield _due(match, (written, _later(written, amount, unit)), "within")


def _later(day: datetime.date, amount: float, unit: str) -> datetime.date:
    if unit in ("dag", "dagen", "week", "weken", "werkdagen"):
        # working days: five a week, whatever day it starts
        days = {"d": 1.0, "we": 7.0}["d" if unit.startswith("d") else "we"]
        days = 7 / 5 if unit == "werkdagen" else days
        return day + datetime.timedelta(days=round(amount * days))
    months = {"maand": 1, "maanden": 1, "kwartaal": 3, "kwartalen": 3, "halfjaar": 6, "half jaar": 6}.get(
        unit, 12
    )
    return _months_later(day, round(amount * months))


def _months_later(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _month_end(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


# told apart from "no days": the words are no time at all (30 februari), or one that has passed
_NO_DATE: tuple[datetime.date | None, datetime.date | None] = (datetime.date.min, datetime.date.min)


def _days(
    kind: str, match: re.Match[str], prefix: str, written: datetime.date | None
) -> tuple[datetime.date | None, datetime.date | None]:
    """Give first and last day of a period with its preposition."""
    groups = match.groupdict()
    if kind == "season" and not _is_season(groups, prefix):
        if groups["season"].casefold() != "zomer" or prefix not in ("before", "after", "until", "around"):
            return _NO_DATE
        groups["recess"], kind = "zomerreces", "recess"
    try:
        span = _period(kind, groups, written)
    except ValueError:
        # a day that the month does not have
        return _NO_DATE
    if span is None:
        return None, None
    first, last = span
    if prefix == "before":
        # "voor eind maart" is by the end of March
        last = last if (groups.get("part") or "").casefold().startswith("eind") else first - _DAY
        # without the paper's date the beginning is open
        opening: datetime.date | None = written
        if written is not None and last < written:
            return _NO_DATE
        return opening, last
    if prefix == "until":
        return (written, last) if written is None or last >= written else _NO_DATE
    if prefix == "after":
        if kind == "recess":
            after = _months_later(last, 3)
            return last, _month_end(after.year, after.month)
        return last + _DAY, None
    if prefix == "from":
        return first, None
    if prefix == "around":
        first, last = first - _AROUND, last + _AROUND
    if written is not None and last < written:
        return _NO_DATE
    return first, last


def _is_season(groups: dict[str, str | None], prefix: str) -> bool:
    """Tell a season from the recess that "voor de zomer" means."""
    if groups["season"] is None:
        return False
    named = groups["coming"] is not None or groups["year"] is not None
    if groups["season"].casefold() == "zomer":
        return prefix in ("in", "") and (named or prefix == "in")
    return named or prefix != ""


def _period(kind: str, groups: dict[str, str | None], written: datetime.date | None) -> Span | None:
    year = int(groups["year"] or 0) if groups.get("year") else None
    relative = (groups.get("relative") or "").casefold()
    if relative and year is None:
        if written is None:
            return None
        year = written.year + (relative in ("volgend",))
        # in the last weeks of a year, "komend jaar" is the next one
        if relative == "komend" and written.month >= 10:
            year += 1
    if kind in _YEARLY:
        return _next(lambda each: _YEARLY[kind](each, groups), year, written, coming=groups.get("coming"))
    if written is None:
        return None
    coming = (groups.get("coming") or "").casefold()
    ahead = 0 if coming in ("dit", "deze") else 1
    if kind == "this_quarter":
        start = _months_later(datetime.date(written.year, (written.month - 1) // 3 * 3 + 1, 1), 3 * ahead)
        return start, _months_later(start, 3) - _DAY
    if groups.get("unit") == "week":
        monday = written - datetime.timedelta(days=written.weekday()) + datetime.timedelta(days=7 * ahead)
        return monday, monday + datetime.timedelta(days=6)
    start = _months_later(written.replace(day=1), ahead)
    return start, _month_end(start.year, start.month)


def _next(
    of_year: Callable[[int], Span], year: int | None, written: datetime.date | None, *, coming: str | None
) -> Span | None:
    """Give the period in its year, or the next one that has not passed."""
    if year is not None:
        return of_year(year)
    if written is None:
        return None
    span = of_year(written.year)
    begun = (coming or "").casefold().startswith("volgend") and span[0] <= written
    return of_year(written.year + 1) if span[1] < written or begun else span


def _quarter(year: int, groups: dict[str, str | None]) -> Span:
    word = (groups["ordinal"] or "").casefold()
    number = int(word) if word.isdigit() else _ORDINALS[word]
    first, last = datetime.date(year, 3 * number - 2, 1), _month_end(year, 3 * number)
    part = (groups.get("part") or "").casefold()
    if part == "eind":
        return datetime.date(year, 3 * number, 1), last
    if part == "begin":
        return first, _month_end(year, 3 * number - 2)
    return first, last


def _half(year: int, groups: dict[str, str | None]) -> Span:
    if _ORDINALS[(groups["ordinal"] or "").casefold()] == 1:
        return datetime.date(year, 1, 1), datetime.date(year, 6, 30)
    return datetime.date(year, 7, 1), datetime.date(year, 12, 31)


def _day(year: int, groups: dict[str, str | None]) -> Span:
    day = datetime.date(year, _month_of(groups), int(groups["day"] or 0))
    return day, day


def _month_of(groups: dict[str, str | None]) -> int:
    return _MONTH_OF[(groups["month"] or "").casefold()]


def _month(year: int, groups: dict[str, str | None]) -> Span:
    month = _month_of(groups)
    return datetime.date(year, month, 1), _month_end(year, month)


def _part_month(year: int, groups: dict[str, str | None]) -> Span:
    first, last = _month(year, groups)
    part = (groups["part"] or "").casefold()
    if part == "begin":
        return first, first.replace(day=10)
    if part in ("eind", "einde"):
        return first.replace(day=21), last
    return first.replace(day=11), first.replace(day=20)


def _part_year(year: int, groups: dict[str, str | None]) -> Span:
    part = (groups["part"] or "").casefold()
    if part == "begin":
        return datetime.date(year, 1, 1), datetime.date(year, 3, 31)
    if part in ("eind", "einde"):
        return datetime.date(year, 10, 1), datetime.date(year, 12, 31)
    return datetime.date(year, 5, 1), datetime.date(year, 8, 31)


def _whole_year(year: int, groups: dict[str, str | None]) -> Span:
    return datetime.date(year, 1, 1), datetime.date(year, 12, 31)


def _season(year: int, groups: dict[str, str | None]) -> Span:
    (month, day), (end_month, end_day) = _SEASONS[(groups["season"] or "").casefold()]
    return datetime.date(year, month, day), datetime.date(year + (end_month < month), end_month, end_day)


def _recess(year: int, groups: dict[str, str | None]) -> Span:
    return recess_of(groups["recess"] or "", year)


def _budget_day(year: int, groups: dict[str, str | None]) -> Span:
    first = datetime.date(year, 9, 1)
    tuesday = first + datetime.timedelta(days=(1 - first.weekday()) % 7 + 14)
    return tuesday, tuesday


_YEARLY: dict[str, Callable[[int, dict[str, str | None]], Span]] = {
    "quarter": _quarter,
    "half": _half,
    "day": _day,
    "month": _month,
    "part_month": _part_month,
    "part_year": _part_year,
    "year": _whole_year,
    "this_year": _whole_year,
    "season": _season,
    "recess": _recess,
    "budget_day": _budget_day,
}
