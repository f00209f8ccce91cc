"""The body of an official publication as plain text: paragraphs in order, a blank line between them.

An item of a list is a paragraph that begins with its mark, a row of a table one with its cells between
bars. A footnote stands where it is called, as "[noot 3: Kamerstuk 35 207, nr. 46]", so that a reference
in it is found at the sentence that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from geomonitor.dossier.sources.clean_text import clean_text
from geomonitor.dossier.sources.safe_xml import local_name

__all__ = ["body_text", "paragraphs_of"]

# Elements that begin a paragraph of their own, even within another one.
_BLOCKS = frozenset({
    "al", "al-groep", "lijst", "li", "table", "tgroup", "thead", "tbody", "tfoot", "row", "plaatje",
    "illustratie", "citaat", "citaat-artikel", "tussenkop", "kop", "titel", "subtitel", "ondertekening",
    "deze", "functie", "naam", "slotformulering", "aanhef", "divisie", "paragraaf", "hoofdstuk",
    "artikel", "afdeling", "lid", "bijlage", "tekst", "vrije-tekst", "algemeen", "vraag", "antwoord",
    "spreekbeurt", "definitielijst", "definitie-item", "formule", "bron", "voetnoot", "datumtekst",
    "adres", "dagtekening",
})  # fmt: skip
# Elements whose text is one paragraph: what is unknown within them is part of the sentence.
_PARAGRAPHS = frozenset({
    "al", "titel", "subtitel", "tussenkop", "naam", "noot.al", "entry", "li.nr", "functie", "stuknr",
    "datumtekst", "dagtekening",
})  # fmt: skip
# Elements whose parts stand on one line, and what is written between them.
_LINES = {"row": " | ", "kop": " "}
_NOTES = frozenset({"noot", "voetnoot"})
_LEFT_OUT = frozenset({"meta", "metadata", "colspec", "noot.nr", "noot.lijst.nr", "redactie"})


class _Writer:
    """Gathers words until a paragraph is whole."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._words: list[str] = []
        self._marked = False

    def add(self, text: str | None) -> None:
        if text:
            self._words.append(text)
            self._marked = False

    def mark(self, text: str) -> None:
        """Put the mark of an item before the paragraph that follows."""
        self.end_paragraph()
        if text:
            self._words.append(f"{text} ")
            self._marked = True

    def end_paragraph(self) -> None:
        if not self._words or self._marked:
            return
        line = " ".join("".join(self._words).split())
        if line:
            self.paragraphs.append(clean_text(line))
        self._words.clear()

    def finish(self) -> list[str]:
        self._marked = False
        self.end_paragraph()
        return self.paragraphs


def paragraphs_of(elements: Iterable[etree._Element]) -> list[str]:
    """Give the paragraphs of these elements, in order.

    Examples
    --------
    >>> paragraphs_of([etree.fromstring(
    ...     "<tekst><al>Zie de brief<noot><noot.nr>1</noot.nr><noot.al>35 207, nr. 60.</noot.al></noot>.</al>"
    ...     "<lijst><li><li.nr>a.</li.nr><al>een</al></li></lijst></tekst>")])
    ['Zie de brief [noot 1: 35 207, nr. 60.].', 'a. een']
    """
    writer = _Writer()
    for element in elements:
        _write(element, writer, in_sentence=False)
        writer.end_paragraph()
    return writer.finish()


def body_text(elements: Iterable[etree._Element]) -> str:
    r"""Give the text of these elements, paragraphs separated by a blank line.

    Examples
    --------
    >>> body_text([etree.fromstring("<al>De Kamer,</al>"), etree.fromstring("<al>gehoord</al>")])
    'De Kamer,\n\ngehoord'
    """
    return "\n\n".join(paragraphs_of(elements))


def _write(element: etree._Element, writer: _Writer, *, in_sentence: bool) -> None:
    # The depth is bounded by the reader of XML, far below what Python allows.
    name = local_name(element)
    if name in _LEFT_OUT or not name:
        return
    if name in _NOTES:
        writer.add(_note(element))
        return
    if name == "li.nr":
        writer.mark(_line(element))
        return
    if name in _LINES:
        writer.end_paragraph()
        writer.add(_LINES[name].join(" ".join(paragraphs_of([part])) for part in element))
        writer.end_paragraph()
        return
    block = name in _BLOCKS or not in_sentence
    if block:
        writer.end_paragraph()
    writer.add(element.text)
    within = (in_sentence and not block) or name in _PARAGRAPHS
    for child in element:
        _write(child, writer, in_sentence=within)
        writer.add(child.tail)
    if block:
        writer.end_paragraph()


def _note(element: etree._Element) -> str:
    mark = _line(next(element.iter("{*}noot.nr"), None)) or element.get("nr", "") or element.get("id", "")
    text = " ".join(paragraphs_of(child for child in element if local_name(child) != "noot.nr"))
    if not text:
        text = " ".join((element.text or "").split())
    return f" [noot {mark}: {text}]" if mark else f" [noot: {text}]"


def _line(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())
