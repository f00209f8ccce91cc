"""What somebody typed in the search box, as words, phrases and filters.

Nothing is an error: what has no meaning here is taken as the words that it consists of, and a note says what
was left out.

====================  ==========================================================
dwang afhankelijk     both words occur, in any inflection
"strategische keuze"  these words occur after each other
china OR rusland      one of them occurs (OF means the same)
-amerika              the word does not occur
grondsto*             a word occurs that begins so
title:invest          the word is in the title (titel: means the same)
dossier:36200-X       papers of this dossier; dossier:36200* of all its chapters
kind:motie            papers of this kind (soort: means the same)
35207-60              the paper itself, and the papers that name it
====================  ==========================================================
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from geomonitor.dossier.reading.dossier_numbers import spaced
from geomonitor.dossier.reading.normal_forms import identify, normal_dossier, split_paper
from geomonitor.dossier.search_words import fold, stems_of
from geomonitor.errors import GeomonitorError

__all__ = [
    "LONGEST_QUERY",
    "MOST_ITEMS",
    "Item",
    "ItemKind",
    "Query",
    "QueryNote",
    "filter_item",
    "ids_mark",
    "mark_of",
    "parse_query",
]

LONGEST_QUERY = 500
"""Characters of a query that are read."""

MOST_ITEMS = 40
"""Words, phrases and filters of a query that are read."""

_SHORTEST_PREFIX = 2
_FIELDS = {
    "title": "title",
    "titel": "title",
    "dossier": "dossier",
    "kind": "kind",
    "soort": "kind",
    "family": "family",
}
_PART = re.compile(
    r"""(?P<not>-?)(?:(?P<field>[a-z]+):)?(?:"(?P<phrase>[^"]*)"?(?P<many>\*?)|(?P<word>[^\s"]+))""",
    re.IGNORECASE,
)
_NO_SIGN = re.compile(r"[^a-z0-9]+")
_BLANKS = re.compile(r"\s+")


class ItemKind(enum.Enum):
    """What an item asks for."""

    WORDS = "words"
    PREFIX = "prefix"
    MARK = "mark"
    MARK_PREFIX = "mark_prefix"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Item:
    """One condition.

    Parameters
    ----------
    kind : ItemKind
        Words (one, or several as a phrase), the beginning of a word, a mark of the paper, or any of `any_of`.
    stems : tuple of str
        Of the words; for a mark, the mark.
    title : bool
        Whether the words must be in the title.
    negative : bool
        Whether it must not hold.
    any_of : tuple of Item
    """

    kind: ItemKind
    stems: tuple[str, ...] = ()
    title: bool = False
    negative: bool = False
    any_of: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryNote:
    """Something that whoever asked should know, as a key and a value."""

    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read.

    Parameters
    ----------
    groups : tuple of tuple of Item
        All groups must hold; of each group, one item.
    identifier : tuple of (str, str) or None
        Kind and normal form, where the query is an identifier.
    notes : tuple of QueryNote
        Keys: query_cut, prefix_too_short, no_words, dossier_unknown_form.
    wordless : bool
        Whether something was typed, and nothing of it can be searched.
    """

    groups: tuple[tuple[Item, ...], ...] = ()
    identifier: tuple[str, str] | None = None
    notes: tuple[QueryNote, ...] = ()
    wordless: bool = False

    @property
    def wanted_groups(self) -> int:
        """How many groups of words a hit answers."""
        return sum(any(not item.negative for item in group) for group in self.groups)

    def positive(self) -> tuple[Item, ...]:
        """Give the items with words that a hit has, for ranking and marking."""
        return tuple(
            flat
            for group in self.groups
            for item in group
            if not item.negative
            for flat in (item.any_of or (item,))
            if flat.kind in (ItemKind.WORDS, ItemKind.PREFIX)
        )


def parse_query(text: str) -> Query:
    """Read a query.

    Parameters
    ----------
    text : str
        Any text; what has no meaning is taken as words.

    Examples
    --------
    >>> query = parse_query('strategische "open autonomie" -amerika')
    >>> [(item.stems, item.negative) for group in query.groups for item in group]
    [(('strategisch',), False), (('open', 'autonomie'), False), (('amerika',), True)]
    >>> parse_query("35 207, nr. 60").identifier
    ('paper', 'kst-35207-60')
    >>> parse_query('"((AND:*').wordless
    False
    """
    bare = _BLANKS.sub(" ", text[:LONGEST_QUERY]).strip()
    notes: list[QueryNote] = []
    if len(text.strip()) > LONGEST_QUERY:
        notes.append(QueryNote("query_cut", str(LONGEST_QUERY)))
    identifier = identify(bare) if bare and not bare.startswith("-") else None
    if identifier is not None:
        return Query(((_identified(bare, identifier),),), identifier, tuple(notes))
    groups: list[list[Item]] = []
    joins = False
    for count, found in enumerate(_PART.finditer(bare)):
        if count >= MOST_ITEMS:
            notes.append(QueryNote("query_cut", str(MOST_ITEMS)))
            break
        if found[0] in ("OR", "OF") and groups:
            joins = True
            continue
        item = _item(found, notes.append)
        if item is None:
            continue
        if joins:
            groups[-1].append(item)
        else:
            groups.append([item])
        joins = False
    if bare and not groups:
        notes.append(QueryNote("no_words"))
    return Query(tuple(map(tuple, groups)), None, tuple(dict.fromkeys(notes)), bool(bare) and not groups)


def _item(found: re.Match[str], tell: Callable[[QueryNote], None]) -> Item | None:
    negative = found["not"] == "-"
    field = _FIELDS.get((found["field"] or "").lower())
    phrase, word = found["phrase"], found["word"] or ""
    if phrase is not None and found["field"] and field is None:
        phrase = f"{found['field']} {phrase}"
    if phrase is None and found["field"] and field is None:
        word = f"{found['field']}:{word}"
    given = word if phrase is None else phrase
    begins = word.endswith("*") if phrase is None else bool(found["many"]) and field is not None
    if field in ("dossier", "kind", "family"):
        item = _marked(field, given.rstrip("*"), begins, tell)
    else:
        item = _worded(given, begins, field == "title", phrase is None, tell)
        if item is None and field == "title":
            item = _worded(found["field"], False, False, True, tell)
    return None if item is None else replace(item, negative=negative)


def _worded(
    given: str, begins: bool, title: bool, loose: bool, tell: Callable[[QueryNote], None]
) -> Item | None:
    stems = tuple(stems_of(given))
    if not stems:
        return None
    if begins and len(stems) == 1:
        start = fold(given.rstrip("*")).strip("\"'()[]{}.,;:!?*-")
        if start.isalnum():
            if len(start) >= _SHORTEST_PREFIX:
                return Item(ItemKind.PREFIX, (start,), title)
            tell(QueryNote("prefix_too_short", given))
    plain = Item(ItemKind.WORDS, stems, title)
    if loose and len(stems) > 1 and "-" in given:
        identifier = identify(given)
        if identifier is not None and not title:
            return _identified(given, identifier)
        whole = stems_of(re.sub(r"(?<=\w)[-\u2010\u2011](?=\w)", "", given))
        if len(whole) == 1 and not whole[0].isdecimal():
            return Item(ItemKind.ANY, any_of=(plain, Item(ItemKind.WORDS, tuple(whole), title)))
    if loose and len(stems) == 1 and not title and not given.isdecimal() and any(map(str.isdecimal, given)):
        identifier = identify(given)
        if identifier is not None:
            return _identified(given, identifier)
    return plain


def _marked(field: str, given: str, begins: bool, tell: Callable[[QueryNote], None]) -> Item | None:
    if not given.strip():
        return Item(ItemKind.WORDS, tuple(stems_of(field)))
    if field == "dossier" and _key_of_dossier(given) is None:
        tell(QueryNote("dossier_unknown_form", given))
    return filter_item(field, given, begins=begins)


def _key_of_dossier(given: str) -> str | None:
    try:
        return normal_dossier(given)
    except GeomonitorError:
        return None


def filter_item(field: str, value: str, *, begins: bool = False) -> Item:
    """Give the condition that a field of the paper has a value.

    Parameters
    ----------
    field : str
        dossier, kind or family.
    value : str
        A dossier in any way to write it.
    begins : bool
        Whether the field may go on after the value.

    Examples
    --------
    >>> filter_item("dossier", "36 200 X").stems
    (':dossier:36200_x',)
    """
    if field == "dossier":
        value = _key_of_dossier(value) or value
    return Item(ItemKind.MARK_PREFIX if begins else ItemKind.MARK, (mark_of(field, value),))


@lru_cache(maxsize=20_000)
def mark_of(field: str, value: str) -> str:
    """Give the mark under which a paper with this value of a field is indexed.

    Examples
    --------
    >>> mark_of("kind", "Brief regering"), mark_of("dossier", "36200-X")
    (':kind:brief_regering', ':dossier:36200_x')
    """
    plain = fold(value)
    if not plain.isascii():
        plain = plain.encode("ascii", "replace").decode()
    return f":{field}:{_NO_SIGN.sub('_', plain).strip('_')}"


def ids_mark(normal: str) -> str:
    """Give the mark of a paper that is, or belongs to, what has this identifier.

    Examples
    --------
    >>> ids_mark("kst-35207-60")
    ':id:kst_35207_60'
    """
    return mark_of("id", normal)


def _identified(given: str, identifier: tuple[str, str]) -> Item:
    """Ask for what has an identifier, belongs to it, or names it in one of its forms."""
    kind, normal = identifier
    forms = {tuple(stems_of(given)), tuple(stems_of(normal))}
    marks = [ids_mark(normal)]
    if kind == "paper":
        dossier, number = split_paper(normal)
        for written in (dossier, spaced(dossier)):
            forms |= {tuple(stems_of(f"{written} {between} {number}")) for between in ("", "nr")}
    elif kind == "dossier":
        dossier = normal.removeprefix("dossier-")
        marks.append(mark_of("dossier", dossier))
        forms = {tuple(stems_of(dossier)), tuple(stems_of(spaced(dossier)))}
    asked = [Item(ItemKind.MARK, (mark,)) for mark in marks]
    asked += [Item(ItemKind.WORDS, form) for form in sorted(forms) if form]
    return Item(ItemKind.ANY, any_of=tuple(asked))
