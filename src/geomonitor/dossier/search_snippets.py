"""Where the words that were asked for stand in a text, and the part of it that shows them best."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geomonitor.dossier.search_query import Item, ItemKind
from geomonitor.dossier.search_words import fold, positions

__all__ = ["MarkedText", "Wanted", "mark_title", "snippet"]

_PIECE = 4_000
# after so many characters without all of the words, look only where the beginning of a word occurs
_READ_WHOLE = 60_000
_MOST_PLACES = 40
_SNIPPET = 240
_LONGEST_TITLE = 2_000


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text and the places in it that answer the query. Plain text: nothing in it is markup.

    Parameters
    ----------
    text : str
    marks : tuple of (int, int)
        Start and end of each place, in order.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def parts(self) -> tuple[tuple[str, bool], ...]:
        """Give the text in parts, each with whether it is marked.

        Examples
        --------
        >>> MarkedText("Motie over chips", ((11, 16),)).parts()
        (('Motie over ', False), ('chips', True))
        """
        found, at = [], 0
        for start, end in self.marks:
            found += [(self.text[at:start], False), (self.text[start:end], True)]
            at = end
        found.append((self.text[at:], False))
        return tuple(each for each in found if each[0])


class Wanted:
    """The words to look for, taken from a query.

    Parameters
    ----------
    items : sequence of Item
        Those that a hit answers: `Query.positive`.
    stems_of_prefixes : sequence of str
        Stems of words that begin as asked, where the stem itself does not.
    enough : int, optional
        With so many different words a part of a text is as good as can be; all of them by default.
    """

    def __init__(
        self, items: Sequence[Item], stems_of_prefixes: Sequence[str] = (), enough: int | None = None
    ) -> None:
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        self._stems = set(stems_of_prefixes)
        self._starts: tuple[str, ...] = ()
        self._beginnings: re.Pattern[str] | None = None
        for item in items:
            if item.kind is ItemKind.PREFIX:
                self._starts += item.stems
            elif len(item.stems) == 1:
                self._stems |= set(item.stems)
            else:
                self._phrases.setdefault(item.stems[0], []).append(item.stems)
        self.enough = len(items) if enough is None else enough

    def __bool__(self) -> bool:
        return bool(self._stems or self._starts or self._phrases)

    def places(self, words: Sequence[tuple[int, int, str]], text: str) -> list[tuple[int, int, str]]:
        """Give start, end and which word, of what is wanted among these words."""
        found: list[tuple[int, int, str]] = []
        last = len(words) - 1
        for number, (start, end, stem) in enumerate(words):
            if stem in self._stems or (self._starts and self._begins(stem, text[start:end])):
                found.append((start, end, stem))
            for phrase in self._phrases.get(stem, ()):
                stop = number + len(phrase) - 1
                if stop <= last and all(words[number + i][2] == each for i, each in enumerate(phrase)):
                    found.append((start, words[stop][1], " ".join(phrase)))
        return _without_overlap(found)

    def _begins(self, stem: str, token: str) -> bool:
        return stem.startswith(self._starts) or fold(token).startswith(self._starts)

    def beginnings(self) -> re.Pattern[str] | None:
        """Give a pattern for the beginning of the words: coarse, and quick over a long text."""
        begins = {each[:4] for each in (*self._stems, *self._phrases, *self._starts)}
        if self._beginnings is None and begins:
            either = "|".join(re.escape(each) for each in sorted(begins))
            self._beginnings = re.compile(either, re.IGNORECASE)
        return self._beginnings


def _without_overlap(found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for each in sorted(found, key=lambda place: (place[0], -place[1])):
        if not kept or each[0] >= kept[-1][1]:
            kept.append(each)
    return kept


def mark_title(title: str, wanted: Wanted) -> MarkedText:
    """Mark the words in a title.

    Examples
    --------
    >>> mark_title("Brief over grondstoffen", Wanted([Item(ItemKind.WORDS, ("grondstof",))])).marks
    ((11, 23),)
    """
    shown = title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE] + "…"
    if not wanted:
        return MarkedText(shown)
    places = wanted.places(positions(shown), shown)
    return MarkedText(shown, tuple((start, end) for start, end, _ in places))


def snippet(text: str, wanted: Wanted, length: int = _SNIPPET) -> MarkedText:
    """Give the part of a text in which most of the words occur, with the words marked.

    The time is bounded, however long the text: from some length on, only places are read where a word begins
    as one that is wanted.

    Parameters
    ----------
    text : str
    wanted : Wanted
    length : int
        Characters, about.

    Returns
    -------
    MarkedText
        Without marks where no word was found; then the beginning of the text.

    Examples
    --------
    >>> found = snippet("Niets. " * 200 + "Wij zijn afhankelijk van chips. " + "Niets. " * 200,
    ...                 Wanted([Item(ItemKind.WORDS, ("chip",))]), length=40)
    >>> found.text, [found.text[start:end] for start, end in found.marks]
    ('…van chips. Niets. Niets. Niets.…', ['chips'])
    """
    best: list[tuple[int, int, str]] = []
    best_number = 0
    if wanted:
        for start, end in _pieces(text, wanted):
            places = wanted.places(positions(text, start, end), text)
            window = _window(places, length)
            number = len({each[2] for each in window})
            if number > best_number:
                best, best_number = window, number
            if best_number >= wanted.enough:
                break
    return _cut(text, best, length)


def _pieces(text: str, wanted: Wanted) -> Iterator[tuple[int, int]]:
    at = 0
    while at < min(len(text), _READ_WHOLE):
        end = min(at + _PIECE, len(text))
        if end < len(text):
            end = _at_blank(text, end)
        yield at, end
        at = end
    beginnings = wanted.beginnings() if at < len(text) else None
    if beginnings is None:
        return
    read_to = at
    for count, found in enumerate(beginnings.finditer(text, at)):
        if count >= 50 * _MOST_PLACES:
            return
        if found.start() < read_to:
            continue
        begin = max(read_to, _at_blank(text, max(0, found.start() - 150)))
        read_to = _at_blank(text, min(len(text), found.end() + 350))
        yield begin, read_to


def _at_blank(text: str, near: int) -> int:
    """Give a place at a blank, not far after this one."""
    found = re.compile(r"\s").search(text, near, min(len(text), near + 200))
    return found.start() if found else min(near, len(text))


def _window(places: Sequence[tuple[int, int, str]], length: int) -> list[tuple[int, int, str]]:
    """Give the run of places, no longer than a snippet, with most different words; the first such."""
    best: list[tuple[int, int, str]] = []
    most = (0, 0)
    first = 0
    for last in range(len(places)):
        while places[last][1] - places[first][0] > length and first < last:
            first += 1
        run = places[first : last + 1]
        found = (len({each[2] for each in run}), len(run))
        if found > most:
            best, most = list(run), found
    return best


def _cut(text: str, places: Sequence[tuple[int, int, str]], length: int) -> MarkedText:
    if places:
        room = max(0, length - (places[-1][1] - places[0][0]))
        begin, end = places[0][0] - room // 3, places[-1][1] + room - room // 3
        begin = max(0, begin)
    else:
        begin, end = 0, length
    begin = _start_of_word(text, begin, places[0][0] if places else 0)
    end = _end_of_word(text, min(len(text), end), places[-1][1] if places else 0)
    before = "…" if text[:begin].strip() else ""
    after = "…" if text[end : end + 1_000].strip() else ""
    # one blank for each sign of white space: places stay as they are
    shown = before + re.sub(r"\s", " ", text[begin:end]) + after
    shift = len(before) - begin
    return MarkedText(shown, tuple((start + shift, stop + shift) for start, stop, _ in places if stop <= end))


def _start_of_word(text: str, begin: int, most: int) -> int:
    if begin == 0 or text[begin - 1].isspace():
        return begin
    found = re.compile(r"\s\S").search(text, begin, most + 1)
    return found.end() - 1 if found else begin


def _end_of_word(text: str, end: int, least: int) -> int:
    if end >= len(text) or text[end].isspace():
        return end
    found = max(text.rfind(each, least, end) for each in " \n\t")
    return found if found > least else end
