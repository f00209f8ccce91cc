"""The list of motions that a paper says it settles, held against the motions that its running text names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geomonitor.dossier.reading.mentions import SettledList
from geomonitor.dossier.reading.motions import FoundMotion

__all__ = ["settled_list", "settled_span"]

_SETTLED = r"(?:afgedaan|afgehandeld|uitgevoerd|afgerond)"
_HEADING = re.compile(
    r"(?:.{0,200}\b(?:volgende|onderstaande|hieronder\s+genoemde|hierna\s+genoemde)\b"
    rf".{{0,60}}\bmoties?\b.{{0,120}}\b{_SETTLED}\b.{{0,80}}:?"
    rf"|.{{0,100}}\b{_SETTLED}\b.{{0,80}}\b(?:volgende|onderstaande)\b.{{0,60}}\bmoties?\b.{{0,80}}:"
    r"|[ #]{0,5}(?:afgedane|uitgevoerde|afgehandelde|af te doen)[ ]moties(?:[ ]en[ ]toezeggingen)?[ :]*"
    rf"|[ #]{{0,5}}moties(?:[ ]en[ ]toezeggingen)?[ ]die[ ].{{0,80}}\b{_SETTLED}[ :]*)\s*",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]+")
_LAST_SENTENCE = re.compile(r"(?<=[.!?:])[ ]+(?=[A-ZÀ-Þ])")
_LONGEST_HEADING = 400
_ITEM = re.compile(r"[ \t]*(?:[-•*–▪·|]|\d{1,2}[.)]|[a-z][.)])[ \t|]*\S|[ \t|]*moties?\b", re.IGNORECASE)
_LONGEST_ITEM = 600


def settled_span(text: str) -> tuple[int, int] | None:
    r"""Find the list of motions that are settled, with its heading.

    Parameters
    ----------
    text : str
        Repaired.

    Returns
    -------
    (int, int) or None
        None where the paper has none. A heading without items is none.

    Examples
    --------
    >>> text = "Hiermee worden de volgende moties afgedaan:\n\n- Motie Jansen (35207-46)\n\nEinde."
    >>> text[slice(*settled_span(text))].splitlines()[-1]
    '- Motie Jansen (35207-46)'
    """
    for line in _LINE.finditer(text):
        tail = text[max(line.start(), line.end() - _LONGEST_HEADING) : line.end()]
        if "moties" not in tail.casefold():
            continue
        heading = _LAST_SENTENCE.split(tail)[-1]
        if _HEADING.fullmatch(heading) is None:
            continue
        end = _end_of_items(text, line.end())
        if end > line.end():
            return line.end() - len(heading.lstrip()), end
    return None


def _end_of_items(text: str, position: int) -> int:
    """Give the end of the items that follow; a line that goes on with an item belongs to it."""
    end = position
    at = position
    seen = in_item = False
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        line = text[at:stop]
        if not line.strip():
            in_item = False
        elif _ITEM.match(line) and len(line) < _LONGEST_ITEM:
            seen = in_item = True
            end = at + len(line.rstrip())
        elif in_item and line[:1] in " \tabcdefghijklmnopqrstuvwxyz(":
            end = at + len(line.rstrip())
        else:
            break
        at = stop + 1
    return end if seen else position


def settled_list(
    span: tuple[int, int] | None, given: tuple[int, int], motions: Sequence[FoundMotion]
) -> SettledList:
    """Hold the list against the running text.

    Parameters
    ----------
    span : (int, int) or None
        As `settled_span` gives it.
    given : (int, int)
        The same in the text that was given; (0, 0) for none.
    motions : sequence of FoundMotion
        Of the whole text, in its order.
    """
    listed: dict[str, None] = {}
    in_text: dict[str, None] = {}
    for motion in motions:
        inside = span is not None and span[0] <= motion.start < span[1]
        (listed if inside else in_text).update(dict.fromkeys(motion.targets))
    return SettledList(
        start=given[0],
        end=given[1],
        listed=tuple(listed),
        in_text=tuple(in_text),
        only_listed=tuple(paper for paper in listed if paper not in in_text),
        only_in_text=tuple(paper for paper in in_text if paper not in listed) if listed else (),
    )
