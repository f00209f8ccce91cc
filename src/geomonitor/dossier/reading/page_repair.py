"""Takes the furniture of pages out of a text, so that its sentences can be read.

Left out are running heads and feet, page numbers, form feeds and separators; sentences that a page end broke
are joined; footnotes stand beside the text; words broken at the end of a line are whole again; marks of
emphasis and links are read through. Every character that is left knows its place in the given text. A text
without any of this comes back as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from geomonitor.dossier.reading.mapped_text import (
    FootnoteCall,
    FootnoteText,
    Link,
    MappedText,
    Mapping,
    RepairedText,
)
from geomonitor.dossier.reading.page_furniture import Line, Use, classified_lines, is_unfinished
from geomonitor.dossier.reading.plain_footnotes import plain_footnotes
from geomonitor.errors import GeomonitorError

__all__ = ["LARGEST_TEXT", "FootnoteCall", "FootnoteText", "Link", "MappedText", "RepairedText", "repair"]

LARGEST_TEXT = 8_000_000
"""Characters; the longest papers (budgets with their annexes) have about three million."""

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED_DIGITS = str.maketrans(_RAISED, "0123456789")
_FOOTNOTE_AT_LINE = re.compile(
    rf"[ \t]*(?:\*\*)?(?:([{_RAISED}]{{1,3}})|<sup>\s?(\d{{1,3}})\s?</sup>|\[\^?(\d{{1,3}})\]:?)[ \t]*"
    rf"(?:\*\*)?[ \t]*"
)
_ONLY_ADDRESS = re.compile(r"<?(?:https?://|www\.)\S{3,600}>?")
_INLINE = re.compile(
    r"(?P<strong>\*\*)"
    r"|(?P<emphasis>(?<![\w*])\*(?=[^\s*][^*]{0,400}\*))"
    rf"|<sup>\s?(?P<sup>[\w.]{{1,4}})\s?</sup>"
    r"|(?P<open>\[(?=[^\[\]]{1,400}\]\([^()\s]{0,800}\)))"
    r"|\[\^?(?P<called>\d{1,3})\]"
    rf"|(?P<raised>(?<=[^\s{_RAISED}])[{_RAISED}]{{1,3}})"
    r"|(?P<caret>(?<=\d)\^(?=(?:e|de|ste)\b))"
    r"|(?P<escape>\\(?=[\\()\[\]*_#.<>-]))"
    r"|(?P<soft>\u00ad)"
)
_CLOSE_LINK = re.compile(r"\]\(([^()\s]{0,800})\)")
_UNIT_BEFORE = re.compile(r"(?:^|[\s\d/(])(?:[kcdmh]?m|10|[A-Za-z])$")
_FUNCTION_WORDS = re.compile(
    r"\b(?:de|het|een|van|en|of|in|op|te|met|door|voor|dat|die|aan|bij|naar|om|als|uit|tot|over|onder|dan"
    r"|deze|dit"
    r"|zijn|hun|is|heeft|wordt|the|kamerstuk|kamerstukken|nrs?\.?)$|[,(]$",
    re.IGNORECASE,
)
_MONTH_LAST = re.compile(r"(?:ri|rt|il|ei|ni|li|us|er)$")
_YEAR_FIRST = re.compile(r"(?:19|20)\d{2}\b")
_BROKEN_WORD = re.compile(r"([^\W\d_]{2,}|\d)-$")
_LIST_ITEM = re.compile(r"(?:[a-z]{1,4}|\d{1,3})[.)]\s|[-–•*]\s")
_SUSPENDED = re.compile(r"(?:en|of|en/of|tot|als|noch|respectievelijk|dan wel)\b")
_KEEPS_HYPHEN = frozenset(
    (
        "niet",
        "oud",
        "ex",
        "non",
        "anti",
        "pro",
        "semi",
        "vice",
        "minister",
        "inter",
        "sub",
        "co",
        "top",
        "eu",
        "vn",
    )
)
_SHORTEST_BODY_LINE = 40


@dataclass(slots=True)
class _Footnote:
    mark: str
    start: int
    end: int
    text: Mapping = field(default_factory=Mapping)
    links: list[Link] = field(default_factory=list)


class _Repair:
    def __init__(self, text: str) -> None:
        self.text = text
        self.body = Mapping()
        self.calls: list[FootnoteCall] = []
        self.links: list[Link] = []
        self.footnotes: list[_Footnote] = []
        self.furniture: list[tuple[int, int]] = []
        self.plain_calls: dict[int, str] = {}
        self.plain_call_places: list[int] = []
        self.plain_notes: dict[int, tuple[int, str]] = {}
        self.bracketed: frozenset[str] = frozenset()
        self._written_together: frozenset[str] | None = None

    def run(self) -> RepairedText:
        lines = classified_lines(self.text)
        self.plain_calls, self.plain_notes = plain_footnotes(self.text, lines)
        self.plain_call_places = sorted(self.plain_calls)
        # "[3]" calls a footnote only where a line "[3] …" gives it
        self.bracketed = frozenset(_BRACKETED_NOTE.findall(self.text))
        footnote_lines = self._footnotes(lines)
        self._body(lines, footnote_lines)
        return self._finish()

    # footnotes --------------------------------------------------------------------------------------------

    def _footnotes(self, lines: list[Line]) -> set[int]:
        """Take out the lines of footnotes: from a mark at the beginning of a line to the next blank line."""
        taken: set[int] = set()
        current: _Footnote | None = None
        after_blank = False
        for position, line in enumerate(lines):
            if line.use is Use.BLANK:
                after_blank = True
                continue
            if line.use is not Use.TEXT:
                continue
            begins = self._begins_footnote(position, line)
            if begins is not None:
                words_at, mark = begins
                current = _Footnote(mark, line.start, line.end)
                self.footnotes.append(current)
                self._inline(words_at, line.end, current.text, [], current.links)
            elif current is not None and not after_blank:
                self._continue_footnote(current, line)
            elif _ONLY_ADDRESS.fullmatch(line.words) and (
                current is not None or self._breaks_a_sentence(lines, position, taken)
            ):
                # an address on a line of its own below a footnote goes with it; one that stands in the middle
                # of a sentence belonged to a footnote of the page before
                if current is None:
                    current = _Footnote("", line.start, line.end)
                    self.footnotes.append(current)
                    self._inline(line.start, line.end, current.text, [], current.links)
                else:
                    self._continue_footnote(current, line)
            else:
                current = None
                after_blank = False
                continue
            after_blank = False
            taken.add(position)
            line.use = Use.FOOTNOTE
        return taken

    def _begins_footnote(self, position: int, line: Line) -> tuple[int, str] | None:
        """Give where the words of a footnote begin and its mark, if the line begins one."""
        if position in self.plain_notes:
            return self.plain_notes[position]
        begins = _FOOTNOTE_AT_LINE.match(self.text, line.start, line.end)
        if begins is None or begins.end() >= line.end:
            return None
        return begins.end(), (begins[1] or begins[2] or begins[3]).translate(_RAISED_DIGITS)

    def _continue_footnote(self, footnote: _Footnote, line: Line) -> None:
        start = (
            line.start
            + len(self.text[line.start : line.end])
            - len(self.text[line.start : line.end].lstrip())
        )
        footnote.text.add(" ", line.start - 1)
        self._inline(start, line.end, footnote.text, [], footnote.links)
        footnote.end = line.end

    def _breaks_a_sentence(self, lines: list[Line], position: int, taken: set[int]) -> bool:
        before = next(
            (
                lines[at]
                for at in range(position - 1, max(position - 12, -1), -1)
                if lines[at].use is Use.TEXT
            ),
            None,
        )
        after = next(
            (
                lines[at]
                for at in range(position + 1, min(position + 12, len(lines)))
                if lines[at].use is Use.TEXT
            ),
            None,
        )
        return (
            before is not None
            and after is not None
            and is_unfinished(before.words)
            and after.words[:1].islower()
        )

    # running text -----------------------------------------------------------------------------------------

    def _body(self, lines: list[Line], footnote_lines: set[int]) -> None:
        last: Line | None = None
        removed = False
        for position, line in enumerate(lines):
            if line.use is Use.TEXT:
                self._between(last, line, removed=removed)
                self._inline(self._without_heading_marks(line), line.end, self.body, self.calls, self.links)
                last, removed = line, False
            elif line.use is not Use.BLANK:
                removed = True
                if position not in footnote_lines:
                    self.furniture.append((line.start, line.end))
        if not removed:
            self.body.add(self.text[last.end if last else 0 :], last.end if last else 0)

    def _without_heading_marks(self, line: Line) -> int:
        heading = _HEADING.match(self.text, line.start, line.end)
        return heading.end() if heading else line.start

    def _between(self, last: Line | None, line: Line, *, removed: bool) -> None:
        """Write what stands between two lines: ends of lines as given, or what a page end left of them."""
        if last is None:
            if not removed:
                self.body.add(self.text[: line.start], 0)
            return
        gap = self.text[last.end : line.start]
        broken = _BROKEN_WORD.search(last.words[-60:])
        one_line_end = gap.count("\n") + gap.count("\r") - gap.count("\r\n") <= 1
        if broken and (removed or one_line_end) and self._whole_again(broken[1], line, last):
            return
        if removed:
            if self._runs_on(last, line):
                self.body.add(" ", last.end)
            else:
                self.body.add("\n\n"[: len(gap)] if _has_blank_line(gap) else "\n", last.end)
        elif not one_line_end and self._runs_on_over_blank(last, line):
            self.body.add(" ", last.end)
        else:
            self.body.add(gap, last.end)

    @staticmethod
    def _runs_on(last: Line, line: Line) -> bool:
        """Say whether a sentence runs on over what was left out."""
        if not is_unfinished(last.words) or _LIST_ITEM.match(line.words):
            return False
        if line.words[:1].islower():
            return True
        if _YEAR_FIRST.match(line.words):
            return _MONTH_LAST.search(last.words) is not None
        return _FUNCTION_WORDS.search(last.words) is not None

    @staticmethod
    def _runs_on_over_blank(last: Line, line: Line) -> bool:
        """Say whether a blank line alone stands within a sentence: a page end that left nothing else."""
        return (
            len(last.words) >= _SHORTEST_BODY_LINE
            and last.words[-1].isalpha()
            and line.words[:1].islower()
            and not _LIST_ITEM.match(line.words)
        )

    def _whole_again(self, half: str, line: Line, last: Line) -> bool:
        """Join a word that was broken at the end of a line; say whether it was one."""
        following = re.match(r"[^\W\d_]+", line.words)
        if following is None or not line.words[:1].islower() or _SUSPENDED.match(line.words):
            return False
        if not half.islower() and not half.istitle():
            return True
        with_hyphen = f"{half}-{following[0]}".casefold()
        if half.casefold() in _KEEPS_HYPHEN or with_hyphen in self._hyphenated():
            return True
        self.body.drop_last("-")
        return True

    def _hyphenated(self) -> frozenset[str]:
        if self._written_together is None:
            counted = Counter(found.casefold() for found in _HYPHENATED.findall(self.text))
            self._written_together = frozenset(counted)
        return self._written_together

    # within a line ----------------------------------------------------------------------------------------

    def _inline(
        self, start: int, end: int, into: Mapping, calls: list[FootnoteCall], links: list[Link]
    ) -> None:
        """Write a line without marks of emphasis, calls of footnotes and addresses behind words."""
        text = self.text
        done = start
        closing: int | None = None
        link_at: int | None = None
        position = start
        while True:
            found = _INLINE.search(text, position, end)
            limit = found.start() if found else end
            plain = self._next_plain_call(position)
            if plain is not None and plain < limit and (closing is None or plain < closing):
                mark = self.plain_calls[plain]
                into.add(text[done:plain], done)
                calls.append(FootnoteCall(mark, into.length, plain))
                done = position = plain + len(mark)
                continue
            if link_at is not None:
                close = _CLOSE_LINK.search(text, position, end)
                if close and close.start() <= limit:
                    into.add(text[done : close.start()], done)
                    if close[1]:
                        links.append(Link(link_at, into.length, close[1], close.start(1)))
                    link_at, done, position = None, close.end(), close.end()
                    continue
            if closing is not None and closing < limit:
                into.add(text[done:closing], done)
                done = position = closing + 1
                closing = None
                continue
            if found is None:
                break
            position = found.end()
            if found["raised"] and self._is_exponent(found):
                continue
            if found["called"] and found["called"] not in self.bracketed:
                continue
            into.add(text[done : found.start()], done)
            done = found.end()
            if found["emphasis"]:
                closing = text.index("*", found.end(), end)
            elif found["open"]:
                link_at = into.length
            elif found["raised"] or found["called"] or (found["sup"] and found["sup"].isdecimal()):
                mark = (found["raised"] or found["called"] or found["sup"]).translate(_RAISED_DIGITS)
                calls.append(FootnoteCall(mark, into.length, found.start()))
            elif found["sup"]:
                into.add(found["sup"], found.start("sup"))
        into.add(text[done:end], done)

    def _next_plain_call(self, position: int) -> int | None:
        place = bisect_left(self.plain_call_places, position)
        return self.plain_call_places[place] if place < len(self.plain_call_places) else None

    def _is_exponent(self, found: re.Match[str]) -> bool:
        before = self.text[max(found.start() - 4, 0) : found.start()]
        return _UNIT_BEFORE.search(before) is not None and (found[0] in "²³" or before.endswith("10"))

    # the end ----------------------------------------------------------------------------------------------

    def _finish(self) -> RepairedText:
        body = self.body.finish()
        called = _calls_of(self.footnotes, self.calls)
        footnotes = tuple(
            FootnoteText(
                mark=each.mark,
                body=each.text.finish(),
                start=each.start,
                end=each.end,
                called_at=call.at if call else None,
                called_at_given=call.given_at if call else None,
                links=tuple(each.links),
            )
            for each, call in zip(self.footnotes, called, strict=True)
        )
        return RepairedText(
            text=body.text,
            starts=body.starts,
            origins=body.origins,
            footnotes=footnotes,
            calls=tuple(self.calls),
            links=tuple(self.links),
            furniture=tuple(self.furniture),
        )


_BRACKETED_NOTE = re.compile(r"^[ \t]{0,8}\[\^?(\d{1,3})\]:?[ \t]*\S", re.MULTILINE)
_HEADING = re.compile(r"#{1,6}[ \t]+")
_HYPHENATED = re.compile(r"\b[^\W\d_]{2,30}-[^\W\d_]{2,30}\b")
_BLANK_LINE = re.compile(r"[\n\r][ \t]*[\n\r]|\f")


def _has_blank_line(gap: str) -> bool:
    return _BLANK_LINE.search(gap) is not None


def _calls_of(footnotes: list[_Footnote], calls: list[FootnoteCall]) -> list[FootnoteCall | None]:
    """Find the call of each footnote: the last one before it with its mark (they begin anew on each page)."""
    by_mark: dict[str, list[FootnoteCall]] = {}
    for call in calls:
        by_mark.setdefault(call.mark, []).append(call)
    found: list[FootnoteCall | None] = []
    for footnote in footnotes:
        same = by_mark.get(footnote.mark, []) if footnote.mark else []
        before = [call for call in same if call.given_at < footnote.start]
        found.append(before[-1] if before else same[0] if same else None)
    return found


def repair(text: str) -> RepairedText:
    r"""Take the furniture of pages out of a text and join what it broke.

    Parameters
    ----------
    text : str
        As extracted from a file: plain, or with marks of Markdown.

    Returns
    -------
    RepairedText
        Positions in it lead back to `text` by `origin` and `span`.

    Raises
    ------
    GeomonitorError
        If the text is longer than any paper; texts are not cut silently.

    Examples
    --------
    >>> repaired = repair("Dit blijkt uit de motie-De Roon\n\nOns kenmerk\nBZ-2022.1\n\nover Taiwan.")
    >>> repaired.text
    'Dit blijkt uit de motie-De Roon over Taiwan.'
    >>> repaired.span(32, 43)
    (56, 67)
    """
    if len(text) > LARGEST_TEXT:
        raise GeomonitorError(
            f"The text has {len(text):,} characters, more than any paper.",
            expected=f"at most {LARGEST_TEXT:,} characters",
            next_step="Read the papers one by one.",
        )
    return _Repair(text).run()
