"""Which hits answer best: BM25 over the stems, computed here so that both databases rank alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from django.db import connection

from geomonitor.archive.models import SearchEntry, StemCount
from geomonitor.archive.search_backend import Condition
from geomonitor.dossier.search_query import Item, ItemKind

__all__ = ["MOST_RANKED", "rank"]

MOST_RANKED = 1_000
"""Of the newest so many hits are ranked."""

_MOST_WORDS = 400_000
_TITLE_WEIGHT = 4
# the usual values: how soon more of a word counts less, and how much a long text counts less
_SATURATION = 1.2
_LENGTH = 0.75


def rank(rows: Sequence[int], items: Sequence[Item], condition: Condition) -> dict[int, float]:
    """Give the score of the first hits, by row.

    Parameters
    ----------
    rows : sequence of int
        Of the hits, newest first.
    items : sequence of Item
        What the hits answer.
    condition : Condition

    Returns
    -------
    dict of int to float
        Of at most `MOST_RANKED` hits, and fewer where they are long.
    """
    if not rows or not items:
        return {}
    lengths = _lengths(rows[:MOST_RANKED])
    terms = _terms(items, condition)
    average = sum(lengths.values()) / max(len(lengths), 1) or 1.0
    scores: dict[int, float] = {}
    for row, title, body in _stems(list(lengths)):
        title, body = f" {title} ", f" {body} "
        long = 1 - _LENGTH + _LENGTH * lengths[row] / average
        score = 0.0
        for weight, occurs in terms:
            times = _TITLE_WEIGHT * occurs(title) + occurs(body)
            score += weight * times * (_SATURATION + 1) / (times + _SATURATION * long)
        scores[row] = score
    return scores


def _lengths(rows: Sequence[int]) -> dict[int, int]:
    """Give the number of words of papers, as far as they are not too many to read."""
    known: dict[int, int] = {}
    for start in range(0, len(rows), 500):
        entries = SearchEntry.objects.filter(search_row__in=rows[start : start + 500])
        known |= dict(entries.values_list("search_row", "words"))
    lengths: dict[int, int] = {}
    words = 0
    # one that is missing was taken out this moment
    for row in (row for row in rows if row in known):
        words += known[row]
        if lengths and words > _MOST_WORDS:
            break
        lengths[row] = known[row]
    return lengths


def _terms(items: Sequence[Item], condition: Condition) -> list[tuple[float, Callable[[str], int]]]:
    """Give for each item its weight, and a function that counts it in a text of stems."""
    stems = {stem for item in items for stem in item.stems if item.kind is ItemKind.WORDS}
    counts = dict(StemCount.objects.filter(stem__in=[*stems, ""]).values_list("stem", "papers"))
    papers = max(counts.get("", 0), 1)
    terms: list[tuple[float, Callable[[str], int]]] = []
    for item in items:
        if item.kind is ItemKind.PREFIX:
            begins = item.stems[0]
            sought = [f" {begins}", *(f" {stem} " for stem in condition.expansions.get(begins, ()))]
            weight = 1.0
        else:
            sought = [f" {' '.join(item.stems)} "]
            occurs = min(counts.get(stem, 0) for stem in item.stems)
            weight = math.log(1 + (papers - occurs + 0.5) / (occurs + 0.5)) if occurs <= papers else 0.0
        terms.append((weight, _counter(sought)))
    return terms


def _counter(sought: Sequence[str]) -> Callable[[str], int]:
    return lambda text: sum(map(text.count, sought))


def _stems(rows: Sequence[int]) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 500):
            some = rows[start : start + 500]
            cursor.execute(
                "SELECT search_row, title, body FROM archive_searchstems "
                f"WHERE search_row IN ({', '.join(['%s'] * len(some))})",
                some,
            )
            found += cursor.fetchall()
    return found
