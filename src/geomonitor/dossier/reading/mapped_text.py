"""A text that was made from another one, with the way back for every character."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

__all__ = ["FootnoteCall", "FootnoteText", "Link", "MappedText", "Mapping", "RepairedText"]


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text in pieces of another one, in its order.

    Parameters
    ----------
    text : str
    starts : tuple of int
        Where each piece begins in `text`; the first is 0.
    origins : tuple of int
        Where each piece begins in the given text; within a piece, both run on together.

    Examples
    --------
    >>> made = MappedText("een twee", (0, 3), (0, 40))
    >>> made.origin(4), made.span(4, 8)
    (41, (41, 45))
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def origin(self, position: int) -> int:
        """Give the position in the given text of a character of this one."""
        if not self.starts:
            return 0
        piece = max(bisect_right(self.starts, position) - 1, 0)
        return self.origins[piece] + position - self.starts[piece]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give start and end in the given text; what was taken out between them lies within."""
        if end <= start:
            return self.origin(start), self.origin(start)
        return self.origin(start), self.origin(end - 1) + 1


@dataclass(frozen=True, slots=True)
class FootnoteCall:
    """A mark in the running text: `at` is where it stood in the repaired text, `given_at` in the given."""

    mark: str
    at: int
    given_at: int


@dataclass(frozen=True, slots=True)
class Link:
    """An address behind words: `start` and `end` of the words as repaired, `given_at` of the address."""

    start: int
    end: int
    address: str
    given_at: int


@dataclass(frozen=True, slots=True)
class FootnoteText:
    """The text of a footnote, taken out of the running text.

    Parameters
    ----------
    mark : str
        Its number; empty where a footnote has lost it.
    body : MappedText
        Without the mark.
    start, end : int
        In the given text, with the mark.
    called_at : int or None
        Where it is called, in the repaired text.
    called_at_given : int or None
        The same in the given text.
    links : tuple of Link
    """

    mark: str
    body: MappedText
    start: int
    end: int
    called_at: int | None
    called_at_given: int | None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class RepairedText(MappedText):
    """Running text without the furniture of pages; footnotes stand beside it.

    Parameters
    ----------
    footnotes : tuple of FootnoteText
        In the order of the given text.
    calls : tuple of FootnoteCall
        Marks of footnotes in the running text, in its order.
    links : tuple of Link
        Addresses that stood behind words, in the order of the text.
    furniture : tuple of (int, int)
        Lines of the given text that were left out, as start and end.
    """

    footnotes: tuple[FootnoteText, ...] = ()
    calls: tuple[FootnoteCall, ...] = ()
    links: tuple[Link, ...] = ()
    furniture: tuple[tuple[int, int], ...] = ()


class Mapping:
    """Collects the pieces of a text that is being made."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._origins: list[int] = []
        self.length = 0

    def add(self, part: str, origin: int) -> None:
        """Add a part that stands in the given text from `origin`."""
        if not part:
            return
        if not self._starts or self._origins[-1] + self.length - self._starts[-1] != origin:
            self._starts.append(self.length)
            self._origins.append(origin)
        self._parts.append(part)
        self.length += len(part)

    def drop_last(self, part: str) -> None:
        """Take the last character back."""
        if self._parts and self._parts[-1].endswith(part):
            self._parts[-1] = self._parts[-1][: -len(part)]
            self.length -= len(part)

    def finish(self) -> MappedText:
        """Give the text with its map."""
        return MappedText("".join(self._parts), tuple(self._starts), tuple(self._origins))
