"""Recognises what a text refers to, in every form that Dutch papers use."""

from __future__ import annotations

import re
from collections.abc import Iterable

from geomonitor.dossier.reading.mapped_text import Link, MappedText, RepairedText
from geomonitor.dossier.reading.mentions import ReferenceMention
from geomonitor.dossier.reading.normal_forms import identify, plain_marks
from geomonitor.dossier.reading.numbered_references import address_spans, numbered_references
from geomonitor.dossier.reading.paper_references import own_dossier_references, paper_references
from geomonitor.dossier.reading.reference_rules import RULES, Found, confidence

__all__ = ["RULES", "references_in", "references_in_title"]

_DIGIT = re.compile(r"\d\d")
_FIVE_DIGITS = re.compile(r"\d\d[ .\u00a0\u202f\u2009\n]{0,3}\d{3}|\d{6}")


def references_in(repaired: RepairedText, *, dossier: str = "") -> tuple[ReferenceMention, ...]:
    """Find the references of a text and of its footnotes, in the order of the given text.

    Parameters
    ----------
    repaired : RepairedText
    dossier : str
        Dossier of the paper itself, where it is known: "op stuk nr. 12" alone is then a number in it.

    Returns
    -------
    tuple of ReferenceMention
        Positions are those of the text that was given to `repair`; none overlap.

    Examples
    --------
    >>> from geomonitor.dossier.reading.page_repair import repair
    >>> [(mention.target, mention.rule) for mention in references_in(repair("Zie Kamerstuk 35 207, nr. 60."))]
    [('kst-35207-60', 'introduced')]
    """
    mentions = _mentions(repaired, repaired.links, "", dossier=dossier)
    for footnote in repaired.footnotes:
        mentions.extend(_mentions(footnote.body, footnote.links, footnote.mark, dossier=dossier))
    return _without_overlaps(mentions)


def references_in_title(title: str, *, dossier: str = "") -> tuple[ReferenceMention, ...]:
    """Find the references of a title: it has no pages and no footnotes.

    Parameters
    ----------
    title : str
    dossier : str
        Dossier of the paper itself, where it is known.

    Examples
    --------
    >>> [mention.target for mention in references_in_title("Motie Karabulut c.s. (30 545, nr 60)")]
    ['kst-30545-60']
    """
    if _DIGIT.search(title) is None and not dossier:
        return ()
    return _without_overlaps(_mentions(MappedText(title, (0,), (0,)), (), "", title=True, dossier=dossier))


def _mentions(
    mapped: MappedText, links: Iterable[Link], footnote: str, *, title: bool = False, dossier: str = ""
) -> list[ReferenceMention]:
    text = plain_marks(mapped.text)
    found = numbered_references(text)
    if _FIVE_DIGITS.search(text):
        found.extend(_outside_addresses(paper_references(text, title=title), text))
    if dossier:
        found.extend(own_dossier_references(text, dossier))
    mentions = []
    for each in _longest(found):
        start, end = mapped.span(each.start, each.end)
        mentions.append(
            _mention(each, start, end, each.quoted or mapped.text[each.start : each.end], footnote)
        )
    for link in links:
        known = identify(link.address)
        if known and not any(mention.target == known[1] for mention in mentions):
            whole = Found(link.start, link.end, *known, "address")
            end = link.given_at + len(link.address)
            mentions.append(_mention(whole, link.given_at, end, link.address, footnote))
    return mentions


def _mention(found: Found, start: int, end: int, quoted: str, footnote: str) -> ReferenceMention:
    return ReferenceMention(
        start=start,
        end=end,
        quoted=" ".join(quoted.split()),
        kind=found.kind,
        target=found.target,
        confidence=confidence(found.rule),
        rule=found.rule,
        footnote=footnote,
    )


def _outside_addresses(found: list[Found], text: str) -> list[Found]:
    spans = address_spans(text)
    if not spans:
        return found
    return [each for each in found if not any(start <= each.start < end for start, end in spans)]


def _longest(found: list[Found]) -> list[Found]:
    """Where two meet keep the longer one; of two as long, the surer one."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, -(one.end - one.start), -confidence(one.rule))):
        if kept and each.start < kept[-1].end:
            if each.end - each.start > kept[-1].end - kept[-1].start:
                kept[-1] = each
            continue
        kept.append(each)
    return kept


def _without_overlaps(mentions: list[ReferenceMention]) -> tuple[ReferenceMention, ...]:
    kept: list[ReferenceMention] = []
    for mention in sorted(mentions, key=lambda one: (one.start, one.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)
