"""What the head and the foot of a printed motion say: its kind, and its movers as it signs them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["kind_of_title", "movers_of", "title_in_sentence_case"]

_MOTION = re.compile(r"^\s*(?P<changed>.*?)\s*\bMOTIE\b", re.IGNORECASE)
_KINDS = (
    ("AMENDEMENT", "Amendement"),
    ("BRIEF", "Brief"),
    ("VOORSTEL VAN WET", "Voorstel van wet"),
    ("MEMORIE VAN TOELICHTING", "Memorie van toelichting"),
    ("KONINKLIJKE BOODSCHAP", "Koninklijke boodschap"),
    ("NOTA NAAR AANLEIDING", "Nota naar aanleiding van het verslag"),
    ("NOTA VAN WIJZIGING", "Nota van wijziging"),
    ("LIJST VAN VRAGEN", "Lijst van vragen en antwoorden"),
    ("VERSLAG", "Verslag"),
    ("ADVIES", "Advies"),
    ("RAPPORT", "Rapport"),
)
_CLOSING = re.compile(r"\bover tot de orde van de dag\b", re.IGNORECASE)
_LONGEST_NAME = 60
_LONGEST_TITLE = 1_000
_IN_TITLE = re.compile(
    r"\bMOTIE\s+(?:VAN\s+)?(?:DE\s+)?(?:HET\s+)?(?:LID\s*|LEDEN\s*|FRACTIE\s*)?(?P<names>.*?)"
    r"(?:\s+TER\s+VERVANGING\b.*|\s+OVER\s.*|\s+C\.?\s?S\.?)?$",
    re.IGNORECASE | re.DOTALL,
)
_NAME_LINE = re.compile(r"[^\W\d][^\d;:,]{1,50}[^\W\d]")
_PARTICLES = frozenset({
    "van", "der", "den", "de", "het", "ter", "ten", "te", "'t", "in", "op", "la", "le", "du",
})  # fmt: skip
_BETWEEN_NAMES = re.compile(r"\s*,\s*|\s+EN\s+", re.IGNORECASE)
_AND_OTHERS = re.compile(r"\s+c\.?\s?s\.?$", re.IGNORECASE)
# the words of a title that are no names
_WORDS = frozenset({
    "motie", "van", "het", "de", "lid", "leden", "en", "over", "c.s.", "c.s", "cs.", "cs",
    "gewijzigde", "nader", "tweede", "derde", "vierde", "vijfde",
    "ter", "vervanging", "die", "dat", "gedrukt", "onder", "nr.", "nr", "nrs.",
})  # fmt: skip


def kind_of_title(title: str) -> str:
    """Give the kind of paper that a printed title names; empty where it names none that is known.

    Examples
    --------
    >>> kind_of_title("NADER GEWIJZIGDE MOTIE VAN HET LID JANSEN"), kind_of_title("BRIEF VAN DE MINISTER")
    ('Motie (nader gewijzigd)', 'Brief')
    """
    motion = _MOTION.match(title)
    if motion:
        changed = " ".join(motion["changed"].lower().split())
        if not changed:
            return "Motie"
        # "GEWIJZIGE", "GEWIJZGIDE": the word is misprinted in some
        *before, last = changed.split()
        if last.startswith("gewij"):
            return f"Motie ({' '.join((*before, 'gewijzigd'))})"
    upper = title.upper()
    return next((kind for word, kind in _KINDS if upper.startswith(word)), "")


def movers_of(title: str, paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Give the movers of a printed motion, as it signs them.

    They stand below "en gaat over tot de orde van de dag", or, where that is left out, in the short lines at
    the end; where nothing stands there, those of the title are given. Empty for a paper that is no motion.

    Examples
    --------
    >>> movers_of("MOTIE VAN HET LID BOS C.S.", ["en gaat over tot de orde van de dag.", "Bos", "Van Dijk"])
    ('Bos', 'Van Dijk')
    >>> movers_of("MOTIE VAN DE LEDEN JANSEN EN DE VRIES", ["De Kamer,"])
    ('Jansen', 'De Vries')
    """
    if not _MOTION.match(title):
        return ()
    names = [name for line in _signed(paragraphs) for name in _names_in(line)]
    if names:
        return tuple(dict.fromkeys(names))
    named = _IN_TITLE.search(_AND_OTHERS.sub("", title))
    if named is None:
        return ()
    parts = (_AND_OTHERS.sub("", part).strip(" .") for part in _BETWEEN_NAMES.split(named["names"]))
    return tuple(_name_from_capitals(part) for part in parts if part)


def _signed(paragraphs: Sequence[str]) -> Sequence[str]:
    for place in range(len(paragraphs) - 1, -1, -1):
        if _CLOSING.search(paragraphs[place]):
            return [line for line in paragraphs[place + 1 :] if len(line) <= _LONGEST_NAME and line[0] != "["]
    first = len(paragraphs)
    while first > 0 and _NAME_LINE.fullmatch(paragraphs[first - 1]):
        first -= 1
    return paragraphs[first:] if first > 0 else ()


def _names_in(line: str) -> list[str]:
    names = [_AND_OTHERS.sub("", part).strip(" .;") for part in line.split(",")]
    # "D, van Dijk" is one name with a comma for a point
    if any(0 < len(name) < 3 for name in names):
        names = [_AND_OTHERS.sub("", line).strip(" .;,")]
    return [name for name in names if name]


def _name_from_capitals(name: str) -> str:
    if name != name.upper():
        return name
    words = [
        word.lower()
        if word.lower() in _PARTICLES
        else re.sub(r"[^\W\d]+", lambda part: part[0].capitalize(), word)
        for word in name.split()
    ]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def title_in_sentence_case(title: str, movers: Sequence[str]) -> str:
    """Give a title that is printed in capitals as a sentence, with the names as the movers sign.

    A title with a word that is neither a word of such titles nor part of a mover's name stays as printed.

    Examples
    --------
    >>> title_in_sentence_case("MOTIE VAN DE LEDEN VAN DIJK EN JANSEN", ("Van Dijk", "Jansen"))
    'Motie van de leden Van Dijk en Jansen'
    >>> title_in_sentence_case("MOTIE VAN HET LID PIETERSEN", ("Jansen",))
    'MOTIE VAN HET LID PIETERSEN'
    """
    title = " ".join(title.split())
    if title != title.upper() or not movers:
        return title
    spoken = title.lower()
    # letters whose small form is longer (İ) would shift the places of the names
    if len(title) > _LONGEST_TITLE or any(len(each) != len(each.lower()) for each in (title, *movers)):
        return title
    folded = _folded(spoken)
    left = folded
    for mover in sorted(movers, key=len, reverse=True):
        for found in re.finditer(rf"(?<!\w){re.escape(_folded(mover.lower()))}(?!\w)", folded):
            spoken = spoken[: found.start()] + mover + spoken[found.end() :]
            left = left[: found.start()] + " " * len(mover) + left[found.end() :]
    if any(word not in _WORDS and not word.isdigit() for word in re.findall(r"[^\s,]+", left)):
        return title
    return spoken[:1].upper() + spoken[1:]


def _folded(text: str) -> str:
    """Give the text without accents, character by character: titles in capitals often leave them out."""
    return "".join(unicodedata.normalize("NFD", character)[0] for character in text)
