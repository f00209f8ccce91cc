"""What the search index is made of; the full-text index itself is a table of the database's own kind.

Everything here follows from the papers, and `geomonitor dossier index` makes it again.
"""

from __future__ import annotations

from django.db import models

__all__ = ["SearchEntry", "SearchGroup", "SearchStems", "StemCount", "StemOfWord"]


class SearchGroup(models.Model):
    """Papers alike in what is counted beside the hits: thousands of hits are counted by their groups.

    Attributes
    ----------
    group : int
        Hash of the fields, so that a group never becomes another one.
    """

    group = models.BigIntegerField(primary_key=True)
    dossier = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=120, blank=True)
    family = models.CharField(max_length=10)


class SearchEntry(models.Model):
    """What the index knows of a paper, in few bytes.

    Attributes
    ----------
    search_row : int
        That of the paper: in order of date.
    paper_id : int
        Primary key of the paper.
    group : int
        That of `SearchGroup`.
    words : int
        How many words of it are indexed.
    cut : bool
        Whether the text goes on after them.
    rules : int
        By which rules its words were made: `geomonitor.dossier.search_words.RULES`.
    content : int
        Hash of what was indexed: a paper of which it is the same need not be indexed again.
    """

    search_row = models.BigIntegerField(primary_key=True)
    paper_id = models.BigIntegerField(unique=True)
    group = models.BigIntegerField()
    words = models.PositiveIntegerField()
    cut = models.BooleanField(default=False)
    rules = models.PositiveSmallIntegerField()
    content = models.BigIntegerField()


class SearchStems(models.Model):
    """The stems of a paper, each between two blanks: what the full-text index was given.

    Attributes
    ----------
    marks : str
        What filters look for: ":all", ":dossier:35207", ":kind:motie", ":id:kst_35207_60".
    """

    search_row = models.BigIntegerField(primary_key=True)
    title = models.TextField(blank=True)
    body = models.TextField(blank=True)
    marks = models.TextField(blank=True)


class StemCount(models.Model):
    """In how many papers a stem occurs; the empty stem counts all papers. Weighs words against each other."""

    stem = models.CharField(max_length=200, primary_key=True)
    papers = models.IntegerField()


class StemOfWord(models.Model):
    """A word that is not its own stem; by these, a search for the beginning of a word finds stems."""

    word = models.CharField(max_length=200, primary_key=True)
    stem = models.CharField(max_length=200)
