"""Where sentences of a Dutch paper begin and end."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from importlib import resources

__all__ = ["sentence_around", "sentences_in"]

_END = re.compile(
    r"(?P<stop>[.!?]{1,8}[\"'’”»)\]]{0,4})(?=[ \t]{0,9}\n|[ \t]{1,9}[^\s]|[ \t]{0,9}$)"
    r"|\n[ \t]{0,80}\n\s*|\n(?=[ \t]{0,9}(?:[-•*–▪·]|\d{1,2}[.)])[ \t])"
)
_LAST_WORD = re.compile(r"[^\s(\[«“‘\"']{1,16}$")
_INITIAL = re.compile(r"(?:[A-ZÀ-Þ]\.)+$")
_ORDER = re.compile(r"^\d{1,3}\.$|^[a-z]\.$")


@functools.cache
def _abbreviations() -> tuple[frozenset[str], frozenset[str]]:
    """Abbreviations that do not end a sentence, and those that can."""
    path = resources.files("geomonitor.dossier.reading") / "facts" / "abbreviations.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return frozenset(raw["within"]), frozenset(raw["at_the_end"])


def sentences_in(text: str) -> Iterator[tuple[int, int]]:
    """Give start and end of each sentence; a blank line, a heading or an item of a list ends one too.

    Examples
    --------
    >>> text = "Op 31 januari jl. is dit o.a. met dr. Bos besproken (nr. 12). Daarna volgt meer."
    >>> [text[start:end] for start, end in sentences_in(text)][1]
    'Daarna volgt meer.'
    """
    start = 0
    for match in _END.finditer(text):
        if match["stop"] is not None and not _ends_here(text, start, match):
            continue
        yield from _stripped(text, start, match.end() if match["stop"] is not None else match.start())
        start = match.end()
    yield from _stripped(text, start, len(text))


def sentence_around(spans: list[tuple[int, int]], position: int) -> int:
    """Give the index of the sentence that a position stands in; of the one before it, between two.

    Examples
    --------
    >>> sentence_around([(0, 10), (11, 30)], 12)
    1
    """
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle][0] <= position:
            low = middle + 1
        else:
            high = middle
    return max(low - 1, 0)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end


def _ends_here(text: str, start: int, match: re.Match[str]) -> bool:
    stop = match["stop"]
    after = text[match.end() : match.end() + 12].lstrip(" \t")
    if after[:1] == "\n" or not after:
        following = after.lstrip("\n ")
        # a line break inside a sentence goes on with a small letter
        return not following or after.startswith("\n\n") or not following[0].islower()
    if stop[0] in "!?":
        return not after[0].islower()
    word = _LAST_WORD.search(text, max(start, match.start() - 15), match.start() + 1)
    said = word[0].lstrip("(").casefold() if word else ""
    within, at_the_end = _abbreviations()
    if said in at_the_end:
        return after[0].isupper()
    if said in within or (word is not None and _INITIAL.search(word[0])):
        return False
    if word is not None and _ORDER.fullmatch(word[0]) and match.start() - start < 4:
        return False
    return not after[0].islower()
