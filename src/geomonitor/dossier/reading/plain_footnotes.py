"""Footnotes whose raised numbers became plain digits, as programs that read PDF files write them.

"… over kennisveiligheid.1 In" calls the footnote that a later line begins: "1 Kamerstuk 31 288, nr. 948". A
line is a footnote only where both are found and the numbers run on: 1, 2, 3. A numbered list has no calls.
"""

from __future__ import annotations

import re

from geomonitor.dossier.reading.page_furniture import Line, Use

__all__ = ["plain_footnotes"]

_OPENS = re.compile(r"[ \t]{0,8}(\d{1,3})[ \t]{1,6}(?=[A-Z(‘’'\"«“<]|https?:)")
_MOST_MISSES = 40


def plain_footnotes(text: str, lines: list[Line]) -> tuple[dict[int, str], dict[int, tuple[int, str]]]:
    """Find plain footnotes.

    Returns
    -------
    calls : dict of int to str
        Position of each call in the text, with its digits.
    notes : dict of int to (int, str)
        For the line (by its place in `lines`) that begins a footnote, where its words begin, and its digits.
    """
    calls: dict[int, str] = {}
    notes: dict[int, tuple[int, str]] = {}
    expected, searched_from, misses = 1, 0, 0
    last_note = -2
    for place, line in enumerate(lines):
        if line.use is not Use.TEXT:
            continue
        opens = _OPENS.match(text, line.start, line.end)
        if opens is None or int(opens[1]) != expected:
            continue
        call = _call(text, opens[1], searched_from, line.start)
        follows_a_note = expected > 1 and all(
            each.use in (Use.TEXT, Use.BLANK) for each in lines[last_note + 1 : place]
        )
        if call is None and not (follows_a_note and place - last_note <= 6):
            misses += 1
            if misses > _MOST_MISSES:
                break
            continue
        if call is not None:
            calls[call] = opens[1]
            searched_from = call + 1
        notes[place] = (opens.end(), opens[1])
        last_note = place
        expected += 1
    return calls, notes


def _call(text: str, digits: str, start: int, end: int) -> int | None:
    found = re.compile(
        rf"(?:[a-zà-ÿ]{{2}}|[a-zà-ÿ)][.,;:)»”’\"'])({digits})(?=[\s.,;:)»”]|$)(?![.,]\d)"
    ).search(text, start, end)
    return found.start(1) if found else None
