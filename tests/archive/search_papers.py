"""Made-up papers for the tests of search, and a search that is slow and plain."""

from __future__ import annotations

import datetime
from typing import Any

from geomonitor.archive.models import Paper
from geomonitor.archive.search import index_papers, rows_for
from geomonitor.dossier.search_query import Item, ItemKind, Query, ids_mark, mark_of
from geomonitor.dossier.search_words import fold, stems_of, text_stems

__all__ = ["answers", "keep", "made"]


def made(paper: str, title: str = "", text: str = "", **about: Any) -> Paper:
    """Make a paper that is not saved yet."""
    given = {"family": "paper", "source": "example", "date": datetime.date(2023, 1, 13), "fingerprint": "-"}
    return Paper(paper=paper, title=title, text=text, **{**given, **about})


def keep(*papers: Paper) -> list[Paper]:
    """Save papers and index them."""
    for paper, row in zip(papers, rows_for([each.date for each in papers]), strict=True):
        paper.search_row = row
    Paper.objects.bulk_create(papers)
    index_papers(papers)
    return list(papers)


def answers(paper: Paper, query: Query) -> bool:
    """Say whether a paper answers a query, by reading it from beginning to end."""
    return all(any(_holds(paper, item) for item in group) for group in query.groups)


def _holds(paper: Paper, item: Item) -> bool:
    return _found(paper, item) != item.negative


def _found(paper: Paper, item: Item) -> bool:
    if item.kind is ItemKind.ANY:
        return any(_found(paper, each) for each in item.any_of)
    if item.kind in (ItemKind.MARK, ItemKind.MARK_PREFIX):
        marks = [ids_mark(paper.paper), mark_of("family", paper.family)]
        marks += [mark_of(name, getattr(paper, name)) for name in ("dossier", "kind") if getattr(paper, name)]
        if item.kind is ItemKind.MARK:
            return item.stems[0] in marks
        return any(mark.startswith(item.stems[0]) for mark in marks)
    columns = [text_stems(paper.title), text_stems(paper.text, paper.dossier_title)]
    if item.title:
        columns = columns[:1]
    if item.kind is ItemKind.PREFIX:
        begins = item.stems[0]
        stems = {stem for column in columns for stem in column.stems.split()}
        # a word that begins so counts in all its inflections
        known = {
            stems_of(token)[0]
            for other in Paper.objects.all()
            for token in text_stems(other.title, other.text, other.dossier_title).tokens
            if fold(token).startswith(begins)
        }
        return any(stem.startswith(begins) or stem in known for stem in stems)
    return any(f" {' '.join(item.stems)} " in f" {column.stems} " for column in columns)
