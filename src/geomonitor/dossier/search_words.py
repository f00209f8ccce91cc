"""The words of papers as they are searched: folded, and brought back to Dutch stems.

Both databases index these stems, so that both find the same. A stem stands between two blanks; nothing but
letters, digits and "_" (for an apostrophe) occurs in it, so it needs no escaping in any query language.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import Stemmer

__all__ = [
    "GAP",
    "LARGEST_TITLE",
    "MOST_WORDS",
    "RULES",
    "TextStems",
    "fold",
    "positions",
    "stem_of",
    "stems_of",
    "text_stems",
    "words_with_other_stems",
]

RULES = 1
"""Number of these rules. Add one when a word becomes something else; `rebuild` then indexes again."""

GAP = "·"
"""Stands between parts that no phrase may join."""

MOST_WORDS = 200_000
"""Words of one text that are indexed; some 400 pages."""

LARGEST_TITLE = 20_000
"""Characters of a title that are indexed."""

# PostgreSQL keeps at most a megabyte of distinct words for a paper
_MOST_BYTES = 800_000
_LONGEST = 60
_MOST_JOINED = 5_000
_KEPT_STEMS = 400_000

_APOSTROPHES = "'\u2019\u02bc"
# inside a word: combining accents, the soft hyphen, joiners without width
_INVISIBLE = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_PLAIN_TOKEN = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*")
_TOKEN = re.compile(rf"(?:[^\W_][{_INVISIBLE}]*)+(?:[{_APOSTROPHES}](?:[^\W_][{_INVISIBLE}]*)+)*")
_NEEDS_CARE = re.compile(f"[{_INVISIBLE}]")
_HYPHENED = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)+")
_LIGATURES = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ſ": "s"}
)
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_ENDINGS_AFTER_APOSTROPHE = frozenset({"s", "en", "er", "ers", "tje", "tjes"})
_PLURAL_AFTER_VOWEL = re.compile(r"(ie|ee)en$")

# the algorithm takes an s away that belongs to the word: grens (but grenzen keeps it), toets, mens
_KEEPS_S = ("toets", "plaats", "fiets", "schets", "grens", "kans", "mens", "wens", "beurs", "koers", "prijs")
# moties is a plural, advies is none
_NO_PLURAL = ("advies", "verlies", "precies", "fries", "kies", "vlies", "dies", "bies", "spies")
# words that the algorithm makes the same as one that means something else
_APART = {
    **dict.fromkeys(("overheid", "overheids", "overheden"), "overheid"),
    **dict.fromkeys(("overig", "overige", "overigen", "overigens"), "overig"),
    **dict.fromkeys(("meten", "meet", "meting", "metingen"), "meet"),
    **dict.fromkeys(("weten", "weet"), "weet"),
    **dict.fromkeys(("zak", "zakken"), "zakk"),
    **dict.fromkeys(("deen", "denen", "deens", "deense"), "deens"),
    **dict.fromkeys(("peer", "peren"), "peer"),
    **dict.fromkeys(("eens", "eenheid", "eenheden"), "eenheid"),
    **dict.fromkeys(("gat", "gaten"), "gatt"),
    **dict.fromkeys(("steden", "stedelijk", "stedelijke"), "stad"),
    **dict.fromkeys(("iets", "niets", "pers", "vers", "gas", "eis", "nieuws"), ""),
}

# one for each thread: the stemmer keeps a buffer of its own
_stemmers = threading.local()


def fold(token: str) -> str:
    """Make a word lower case, without accents and ligatures.

    Examples
    --------
    >>> fold("Coördinatie"), fold("ŒUVRE"), fold("ﬁnanciën")
    ('coordinatie', 'oeuvre', 'financien')
    """
    if token.isascii():
        return token.lower()
    apart = unicodedata.normalize("NFKD", token.casefold()).casefold()
    return "".join(each for each in apart.translate(_LIGATURES) if each.isalnum() or each in _APOSTROPHES)


def _stem(token: str) -> str:
    folded = fold(token)[:_LONGEST]
    word, *tail = _APOSTROPHE.split(folded)
    if tail and tail[-1] in _ENDINGS_AFTER_APOSTROPHE:
        word = "_".join([word, *tail[:-1]])
    elif tail:
        word = "_".join([word, *tail])
    if not word.isalpha():
        return word or "_"
    if word in _APART:
        return _APART[word] or word
    if word.endswith(_KEEPS_S):
        return word
    word = _PLURAL_AFTER_VOWEL.sub(r"\1", word)
    if word.endswith("ies") and not word.endswith(_NO_PLURAL):
        word = word[:-1]
    stemmer = getattr(_stemmers, "dutch", None)
    if stemmer is None:
        stemmer = _stemmers.dutch = Stemmer.Stemmer("dutch_porter", 0)
    stem: str = stemmer.stemWord(word)
    # stoffen is stoff, stof is stof; brieven is briev, brief is brief
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeiou":
        stem = stem[:-1]
    return stem[:-1] + {"v": "f", "z": "s"}.get(stem[-1], stem[-1])


class _Stems(dict[str, str]):
    """The stem of every word seen so far; emptied when it grows too large."""

    def __missing__(self, token: str) -> str:
        stem = _stem(token)
        if len(self) >= _KEPT_STEMS:
            self.clear()
        if len(token) <= _LONGEST:
            self[token] = stem
        return stem


_known = _Stems()


def stem_of(token: str) -> str:
    """Give the stem of one word, as `positions` finds it.

    Examples
    --------
    >>> stem_of("afhankelijkheden") == stem_of("Afhankelijkheid") == stem_of("afhankelijk")
    True
    >>> stem_of("brieven"), stem_of("moties"), stem_of("strategieën"), stem_of("foto's"), stem_of("35207")
    ('brief', 'motie', 'strategie', 'foto', '35207')
    """
    return _known[token]


def _pattern(text: str) -> re.Pattern[str]:
    return _TOKEN if not text.isascii() and _NEEDS_CARE.search(text) else _PLAIN_TOKEN


def stems_of(text: str) -> list[str]:
    """Give the stems of a text, in order.

    Examples
    --------
    >>> stems_of("De EU-China-strategie; 2e brief")
    ['de', 'eu', 'china', 'strategie', '2e', 'brief']
    """
    return list(map(_known.__getitem__, _pattern(text).findall(text)))


def positions(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int, str]]:
    """Give start, end and stem of each word between two places of a text.

    Examples
    --------
    >>> positions("Strategische brieven")
    [(0, 12, 'strategisch'), (13, 20, 'brief')]
    """
    stop = len(text) if end is None else end
    return [
        (*found.span(), _known[found[0]]) for found in _pattern(text[start:stop]).finditer(text, start, stop)
    ]


@dataclass(frozen=True, slots=True)
class TextStems:
    """The stems of a text, ready to be indexed.

    Parameters
    ----------
    stems : str
        Separated by blanks; at the end, after a `GAP`, hyphenated words once more in one piece.
    words : int
        How many words of the text are in it.
    cut : bool
        Whether the text goes on after them.
    tokens : frozenset of str
        The different words, as they are written.
    """

    stems: str
    words: int
    cut: bool
    tokens: frozenset[str]


def text_stems(*texts: str) -> TextStems:
    """Give the stems of texts, such as a body and the title of its dossier, up to a bound.

    Parameters
    ----------
    *texts : str
        No phrase goes over from one to the next.

    Examples
    --------
    >>> text_stems("Het anti-dwanginstrument", "Handelspolitiek").stems
    'het anti dwanginstrument · handelspolitiek · antidwanginstrument'
    >>> text_stems("woord " * 300_000).words
    200000
    """
    parts: list[str] = []
    joined: dict[str, None] = {}
    tokens: set[str] = set()
    left, cut = MOST_WORDS, False
    for text in texts:
        found, whole = _first_tokens(text, left)
        cut = cut or not whole
        left -= len(found)
        tokens.update(found)
        if found:
            parts.append(" ".join(map(_known.__getitem__, found)))
        if "-" in text or "\u2010" in text or "\u2011" in text:
            joined |= _joined(text if whole else text[: 10 * MOST_WORDS])
    if joined:
        parts.append(" ".join(dict.fromkeys(map(_known.__getitem__, joined))))
        tokens.update(joined)
    return TextStems(f" {GAP} ".join(parts), MOST_WORDS - left, cut, frozenset(tokens))


def _first_tokens(text: str, most: int) -> tuple[list[str], bool]:
    if len(text) < _MOST_BYTES // 4:
        tokens: list[str] = _pattern(text).findall(text)
        return (tokens, True) if len(tokens) <= most else (tokens[:most], False)
    # long: one at a time, so that memory is bounded and the different words can be counted
    tokens, seen, used = [], set[str](), 0
    for found in _pattern(text).finditer(text):
        token = found[0]
        if token not in seen:
            seen.add(token)
            used += len(_known[token].encode())
        if len(tokens) >= most or used > _MOST_BYTES:
            return tokens, False
        tokens.append(token)
    return tokens, True


def _joined(text: str) -> dict[str, None]:
    """Give hyphenated words in one piece: antidwang of anti-dwang."""
    found: dict[str, None] = {}
    for match in _HYPHENED.finditer(text):
        word = re.sub(r"[-\u2010\u2011]", "", match[0])
        if not word.isdecimal() and len(word) <= _LONGEST:
            found[word] = None
            if len(found) >= _MOST_JOINED:
                break
    return found


def words_with_other_stems(tokens: Iterable[str]) -> dict[str, str]:
    """Give words, folded, that are not their own stem; with it.

    Examples
    --------
    >>> words_with_other_stems(["Strategische", "chips", "en"])
    {'strategische': 'strategisch', 'chips': 'chip'}
    """
    found = {}
    for token in tokens:
        stem, word = _known[token], fold(token)[:_LONGEST]
        if stem != word and word.isalpha():
            found[word] = stem
    return found
