"""Hits of a search as the page shows them: what is the same motion or letter stands there once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from geomonitor.archive.search import Hit
from geomonitor.dossier.reading.normal_forms import shown
from geomonitor.dossier.records import Family
from geomonitor.web.parliament.marking import highlighted
from geomonitor.web.parliament.naming import paper_url

__all__ = ["HitRow", "hit_rows"]

# a paper holds the text; a matter says how it was dealt with; a document is a file
_FIRST = (Family.PAPER, Family.MATTER, Family.DOCUMENT)


@dataclass(frozen=True, slots=True)
class HitRow:
    """A hit as the page shows it, with the others on the page that are the same under another number."""

    hit: Hit
    name: str
    url: str
    title: SafeString
    snippet: SafeString | None
    kind: str
    others: tuple[tuple[str, str], ...]


def hit_rows(hits: Iterable[Hit]) -> list[HitRow]:
    """Make the rows of a page, in the order of the hits.

    Parliament keeps a motion as a matter, a document and a paper. Hits with the same title of the same day
    are shown as one, the paper first; each keeps its own number, as they count apart.
    """
    groups: dict[tuple[str, datetime.date | None] | str, list[Hit]] = {}
    for hit in hits:
        title = " ".join(hit.title.text.split()).casefold()
        groups.setdefault((title, hit.date) if title and hit.date else hit.paper, []).append(hit)
    return [_row(each) for each in groups.values()]


def _row(same: list[Hit]) -> HitRow:
    first, *others = sorted(same, key=lambda each: (not each.identified, _FIRST.index(Family(each.family))))
    return HitRow(
        hit=first,
        name=shown(first.paper),
        url=paper_url(first.paper),
        title=highlighted(first.title.text, first.title.marks),
        snippet=highlighted(first.snippet.text, first.snippet.marks) if first.snippet is not None else None,
        kind=first.kind,
        others=tuple((shown(each.paper), paper_url(each.paper)) for each in others),
    )
