"""A text with what was recognised in it, marked; marks may overlap and run over paragraphs."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

__all__ = ["Mark", "Piece", "highlighted", "marked_line", "marked_text", "pieces"]

_BETWEEN_PARAGRAPHS = re.compile(r"\n[ \t\r\f\v]*\n\s*")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something recognised in a text.

    Attributes
    ----------
    start, end : int
        Characters of the text.
    kind : str
        reference, motion or commitment: the class of the mark.
    url : str
        Where it leads; nowhere where empty.
    said : str
        What it is, for who does not see the mark.
    note : str
        Words that stand after it as a link, where the marked words are too many to be one.
    anchor : str
        Its id in the page; none where empty.
    """

    start: int
    end: int
    kind: str
    url: str = ""
    said: str = ""
    note: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text that has the same marks throughout.

    Attributes
    ----------
    marks : tuple of Mark
        The longest first.
    opens, closes : tuple of Mark
        Those that start, and that end, with this piece.
    """

    text: str
    marks: tuple[Mark, ...]
    opens: tuple[Mark, ...]
    closes: tuple[Mark, ...]


def pieces(text: str, marks: Sequence[Mark], start: int = 0, end: int | None = None) -> Iterator[Piece]:
    """Cut a text where a mark starts or ends.

    Marks outside the text, and empty ones, are left out: a text that was loaded anew may be shorter than
    the one that was read.

    Parameters
    ----------
    text : str
    marks : sequence of Mark
        In any order.
    start, end : int
        The part of the text to cut; the whole where left out.

    Examples
    --------
    >>> [(piece.text, [mark.kind for mark in piece.marks]) for piece in pieces(
    ...     "We answer nr. 46 soon.", [Mark(0, 21, "commitment"), Mark(10, 16, "reference")])]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('We answer ', ['commitment']), ('nr. 46', ['commitment', 'reference']), (' soon', ['commitment']),
     ('.', [])]
    """
    last = len(text) if end is None else end
    waiting = sorted(
        (each for each in marks if max(each.start, start) < min(each.end, last)),
        key=lambda each: (max(each.start, start), each.start, -each.end, each.kind),
    )
    active: list[Mark] = []
    ends: list[int] = []
    place, number = start, 0
    while place < last:
        opened = []
        while number < len(waiting) and max(waiting[number].start, start) <= place:
            opened.append(waiting[number])
            heapq.heappush(ends, min(waiting[number].end, last))
            number += 1
        active += opened
        stop = last
        if number < len(waiting):
            stop = min(stop, max(waiting[number].start, start))
        while ends and ends[0] <= place:
            heapq.heappop(ends)
        if ends:
            stop = min(stop, ends[0])
        closed = tuple(each for each in active if min(each.end, last) == stop)
        yield Piece(
            text[place:stop],
            tuple(sorted(active, key=lambda each: each.start - each.end)),
            tuple(each for each in opened if each.start >= start),
            tuple(each for each in closed if each.end <= last),
        )
        if closed:
            active = [each for each in active if min(each.end, last) != stop]
        place = stop


def marked_line(text: str, marks: Sequence[Mark], start: int = 0, end: int | None = None) -> SafeString:
    """Write a text, or a part of it, with its marks as HTML; every sign of the text stays text.

    Parameters
    ----------
    text : str
    marks : sequence of Mark
    start, end : int

    Examples
    --------
    >>> print(marked_line("See <46>.", [Mark(4, 8, "reference", url="/papers/kst-1-46/")]))
    See <mark class="mark-reference"><a href="/papers/kst-1-46/">&lt;46&gt;</a></mark>.
    """
    written: list[str] = []
    linked: set[int] = set()
    for piece in pieces(text, marks, start, end):
        shown: str = conditional_escape(piece.text)
        if not piece.marks:
            written.append(shown)
            continue
        # the shortest mark is the one that the words are about; it leads there once
        inner = next((each for each in reversed(piece.marks) if each.url and not each.note), None)
        if inner is not None and id(inner) not in linked:
            linked.add(id(inner))
            shown = _link(inner.url, shown + _unseen(inner.said))
        written += [_anchor(each) for each in piece.opens if each.anchor]
        kinds = " ".join(dict.fromkeys(f"mark-{each.kind}" for each in piece.marks))
        written.append(f'<mark class="{conditional_escape(kinds)}">{shown}</mark>')
        for each in piece.closes:
            if not each.url:
                written.append(_unseen(each.said))
            if each.note:
                written.append(_note(each))
    return mark_safe("".join(written))  # every piece is escaped above


def _unseen(said: str) -> str:
    return f'<span class="visually-hidden"> ({conditional_escape(said)})</span>' if said else ""


def _anchor(mark: Mark) -> str:
    return f'<span id="{conditional_escape(mark.anchor)}"></span>'


def _link(url: str, shown: str) -> str:
    return f'<a href="{conditional_escape(url)}">{shown}</a>'


def _note(mark: Mark) -> str:
    note = conditional_escape(mark.note)
    return f' <span class="mark-note">{_link(mark.url, note) if mark.url else note}</span>'


def marked_text(text: str, marks: Sequence[Mark]) -> SafeString:
    r"""Write a text as paragraphs, each with its marks.

    Parameters
    ----------
    text : str
        Paragraphs are separated by a blank line.
    marks : sequence of Mark

    Examples
    --------
    >>> print(marked_text("One.\n\nTwo.", [Mark(0, 10, "motion")]))
    <p><mark class="mark-motion">One.</mark></p>
    <p><mark class="mark-motion">Two.</mark></p>
    """
    written: list[str] = []
    ordered = sorted(marks, key=lambda each: each.start)
    number = 0
    running: list[Mark] = []
    for start, end in _paragraphs(text):
        running = [each for each in running if each.end > start]
        while number < len(ordered) and ordered[number].start < end:
            if ordered[number].end > start:
                running.append(ordered[number])
            number += 1
        written.append(f"<p>{marked_line(text, running, start, end)}</p>")
    return mark_safe("\n".join(written))  # every paragraph is escaped above


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _BETWEEN_PARAGRAPHS.finditer(text):
        if text[start : gap.start()].strip():
            yield start, gap.start()
        start = gap.end()
    if text[start:].strip():
        yield start, len(text)


def highlighted(text: str, spans: Sequence[tuple[int, int]]) -> SafeString:
    """Write words that were found, each span in a ``<mark>``.

    Examples
    --------
    >>> print(highlighted("<b>export", [(3, 9)]))
    &lt;b&gt;<mark>export</mark>
    """
    written: list[str] = []
    place = 0
    for start, stop in sorted(spans):
        first, end = max(start, place), min(stop, len(text))
        if first >= end:
            continue
        found = conditional_escape(text[first:end])
        written += [conditional_escape(text[place:first]), f"<mark>{found}</mark>"]
        place = end
    return mark_safe("".join([*written, conditional_escape(text[place:])]))  # every part is escaped above
