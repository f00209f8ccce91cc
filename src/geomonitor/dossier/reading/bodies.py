"""Recognises ministries, institutes and organisations by a list of their names.

The list is `facts/bodies.toml`. Of two names at one place the longer one counts: "Economische Zaken en
Klimaat", not "Economische Zaken".
"""

from __future__ import annotations

import functools
import importlib.resources
import itertools
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from geomonitor.dossier.reading.mapped_text import MappedText, RepairedText
from geomonitor.dossier.reading.mentions import BodyMention

__all__ = ["bodies_in", "body_names"]

_WORD = re.compile(r"[^\W_]+")
_OFFICE_BEFORE = re.compile(
    r"(?:minister(?:ie|ies|s)?|staatssecretaris(?:sen)?|departement(?:en)?) (?:van|voor) (?:de )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to name a body, in words; `exact` where capitals must be the same."""

    words: tuple[str, ...]
    body: str
    exact: bool
    needs_office: bool


@functools.cache
def _forms() -> dict[str, tuple[_Form, ...]]:
    """Give the forms by their first word, longest first."""
    facts = tomllib.loads(
        (importlib.resources.files("geomonitor.dossier.reading") / "facts" / "bodies.toml").read_text("utf-8")
    )
    forms: dict[str, list[_Form]] = defaultdict(list)
    for entry in [*facts["ministry"], *facts["body"]]:
        named = [(name, False, False) for name in entry.get("names", ())]
        named += [(name, True, False) for name in entry.get("short", ())]
        named += [(name, True, " " not in name) for name in entry.get("office", ())]
        for name, exact, needs_office in named:
            words = tuple(_WORD.findall(name if exact else name.casefold()))
            forms[words[0].casefold()].append(_Form(words, entry["body"], exact, needs_office))
    return {first: tuple(sorted(each, key=lambda form: -len(form.words))) for first, each in forms.items()}


def body_names() -> tuple[str, ...]:
    """Give the short names of all bodies of the list.

    Examples
    --------
    >>> "Clingendael" in body_names()
    True
    """
    return tuple(sorted({form.body for forms in _forms().values() for form in forms}))


def bodies_in(text: MappedText) -> tuple[BodyMention, ...]:
    """Find the bodies that a text names, with its footnotes if it has any.

    Examples
    --------
    >>> from geomonitor.dossier.reading.page_repair import repair
    >>> [mention.body for mention in bodies_in(repair("Economische Zaken en Klimaat, en de WTO"))]
    ['EZK', 'WTO']
    """
    found = list(_mentions(text))
    if isinstance(text, RepairedText):
        for footnote in text.footnotes:
            found.extend(_mentions(footnote.body))
    return tuple(sorted(found, key=lambda mention: mention.start))


def _mentions(text: MappedText) -> Iterator[BodyMention]:
    forms = _forms()
    words = list(_WORD.finditer(text.text))
    position = 0
    while position < len(words):
        form = None
        for candidate in forms.get(words[position][0].casefold(), ()):
            if _fits(text.text, words, position, candidate):
                form = candidate
                break
        if form is None:
            position += 1
            continue
        start, end = words[position].start(), words[position + len(form.words) - 1].end()
        given_start, given_end = text.span(start, end)
        quoted = " ".join(text.text[start:end].split())
        yield BodyMention(start=given_start, end=given_end, quoted=quoted, body=form.body)
        position += len(form.words)


def _fits(text: str, words: list[re.Match[str]], position: int, form: _Form) -> bool:
    chosen = words[position : position + len(form.words)]
    if len(chosen) < len(form.words):
        return False
    for word, wanted in zip(chosen, form.words, strict=True):
        if (word[0] if form.exact else word[0].casefold()) != wanted:
            return False
    # between its words stand blanks, hyphens, commas and ampersands, but no end of a sentence
    if any(
        len(between) > 4 or "." in between
        for between in (text[one.end() : other.start()] for one, other in itertools.pairwise(chosen))
    ):
        return False
    if not form.needs_office:
        return True
    before = text[max(chosen[0].start() - 40, 0) : chosen[0].start()]
    return _OFFICE_BEFORE.search(" ".join(before.split()) + " ") is not None
