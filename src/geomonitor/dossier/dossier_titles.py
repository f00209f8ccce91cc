"""Which dossier a title stands for: matters give the title of their dossier and a number, never its number.

It is learned from papers that say both, and from titles that name a motion with its paper. What is learned is
kept only where the papers agree.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

__all__ = ["LONGEST_KEY", "TitleLearned", "TitleSaid", "learn_titles", "title_key", "titles_of_several"]

LONGEST_KEY = 400
"""Characters of a title that are compared."""

_BLANKS = re.compile(r"\s+")
_BUDGET = re.compile(
    r"^vaststelling van de (?:begrotingssta|departementale begrotingssta)\w* .*?\((?P<chapter>[ivx]+[a-c]?)\)"
    r".*voor het jaar (?P<year>20\d\d)$"
)
# Least share of what is said about a title that has to agree; sources know, titles may err in a number.
_LEAST_SHARE = {"source": 0.95, "named": 0.8}
# Share of numbers that come back under a title before it is one of several dossiers; parliament errs too.
_MOST_TWICE = 0.05


@dataclass(frozen=True, slots=True)
class TitleSaid:
    """One paper that says which dossier a title stands for.

    Parameters
    ----------
    title : str
        As `title_key` gives it.
    dossier : str
    rule : str
        source: a paper or matter with both. replaced_motion: a motion with this title replaces one by number,
        and the title has a motion with that number. named_motion: a title names a motion by its movers and
        paper, and only under this title is there a motion of theirs with that number.
    """

    title: str
    dossier: str
    rule: str


@dataclass(frozen=True, slots=True)
class TitleLearned:
    """The dossier of a title, by which rule, and how many papers say so and otherwise."""

    dossier: str
    rule: str
    support: int
    against: int


def title_key(title: str) -> str:
    """Give a title as it is compared: in small letters, blanks made single.

    Examples
    --------
    >>> title_key("Deltaplan  inburgering ")
    'deltaplan inburgering'
    """
    return _BLANKS.sub(" ", title).strip().casefold()[:LONGEST_KEY]


def titles_of_several(numbered: Iterable[tuple[str, str]]) -> set[str]:
    """Find the titles that stand for several dossiers, such as one a year: numbers come back under them.

    Parameters
    ----------
    numbered : iterable of (str, str)
        Of every matter the key of its title, and its number.

    Examples
    --------
    >>> titles_of_several([("benoeming", "1"), ("benoeming", "2"), ("benoeming", "1"), ("zorg", "1")])
    {'benoeming'}
    """
    numbers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for title, number in numbered:
        if title and number:
            numbers[title][number] += 1
    return {
        title
        for title, counted in numbers.items()
        if counted.total() - len(counted) > _MOST_TWICE * counted.total()
    }


def learn_titles(
    said: Iterable[TitleSaid], titles: Iterable[str] = (), several: Collection[str] = frozenset()
) -> dict[str, TitleLearned]:
    """Decide for every title which dossier it stands for, where what is said agrees.

    Parameters
    ----------
    said : iterable of TitleSaid
        In any order.
    titles : iterable of str
        Keys of more titles; those of a budget are filled in from the other budgets of their year.
    several : collection of str
        Keys of titles that stand for several dossiers; nothing is learned of them.

    Examples
    --------
    >>> key = title_key("Vaststelling van de begrotingsstaten van het Ministerie van Defensie (X)"
    ...                 " voor het jaar 2023")
    >>> other = key.replace("defensie (x)", "economische zaken (xiii)")
    >>> learn_titles([TitleSaid(key, "36200-X", "source")], [other])[other]
    TitleLearned(dossier='36200-XIII', rule='budget_year', support=1, against=0)
    """
    by_title: defaultdict[str, dict[str, Counter[str]]] = defaultdict(
        lambda: {"source": Counter(), "named": Counter()}
    )
    rules: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in said:
        if not each.title or each.title in several:
            continue
        by_title[each.title]["source" if each.rule == "source" else "named"][each.dossier] += 1
        rules[each.title, each.dossier].add(each.rule)
    learned: dict[str, TitleLearned] = {}
    for title, counted in by_title.items():
        found = _agreed(counted["source"], _LEAST_SHARE["source"], 1)
        rule = "source"
        if found is None and not counted["source"]:
            found = _agreed(counted["named"], _LEAST_SHARE["named"], 1)
            rule = "replaced_motion"
            if found is not None and "replaced_motion" not in rules[title, found[0]]:
                rule = "named_motion"
        if found is not None:
            dossier, support, against = found
            learned[title] = TitleLearned(dossier, rule, support, against)
    return {**_budgets(learned, (each for each in titles if each not in several)), **learned}


def _agreed(counted: Counter[str], least_share: float, least_support: int) -> tuple[str, int, int] | None:
    total = counted.total()
    if not total:
        return None
    dossier, support = max(counted.items(), key=lambda item: (item[1], item[0]))
    if support < least_support or support < least_share * total:
        return None
    return dossier, support, total - support


def _budgets(learned: Mapping[str, TitleLearned], titles: Iterable[str]) -> dict[str, TitleLearned]:
    """Give the budgets of a year the number that the other budgets of that year have."""
    numbers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for title, found in learned.items():
        budget = _BUDGET.match(title)
        number, _, chapter = found.dossier.partition("-")
        if budget and chapter == budget["chapter"].upper():
            numbers[budget["year"]][number] += 1
    filled: dict[str, TitleLearned] = {}
    for title in titles:
        budget = _BUDGET.match(title)
        agreed = _agreed(numbers[budget["year"]], 0.9, 1) if budget else None
        if budget and agreed:
            number, support, against = agreed
            filled[title] = TitleLearned(
                f"{number}-{budget['chapter'].upper()}", "budget_year", support, against
            )
    return filled
