"""Papers and dossiers, and how far each source was read."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from geomonitor.dossier.records import Family

__all__ = ["Dossier", "Paper", "SyncPosition"]

_FAMILIES = [(each.value, each.value) for each in Family]


class Dossier(models.Model):
    """A dossier of parliament, with its chapter: 35207, 36200-X.

    Attributes
    ----------
    source_id : str
        What the Tweede Kamer itself calls it: matters of its feed name nothing else.
    """

    dossier = models.CharField(max_length=40, primary_key=True)
    title = models.TextField(blank=True)
    papers = models.PositiveIntegerField(default=0)
    first_date = models.DateField(null=True)
    last_date = models.DateField(null=True)
    source_id = models.CharField(max_length=40, blank=True, default="", db_index=True)
    example = models.BooleanField(default=False)


class Paper(models.Model):
    """A paper, matter or document: the fields of `geomonitor.dossier.PaperRecord`.

    Attributes
    ----------
    search_row : int
        Row in the search index: days since year 1 times a million plus a serial number, so that the
        index is in order of date. A paper without a date has day 0.
    dossier_known_by : str
        title, where no source gives the dossier and it follows from its title (`DossierTitle`); else empty.
    source : str
        The one whose fields come first: see `geomonitor.archive.merging`.
    source_id : str
        What that source itself calls it; a withdrawal may name nothing else.
    fingerprint : str
        Of the record that this source gave; a load skips what has not changed.
    other_sources : dict
        Where other sources gave it too: {"fingerprints": {source: fingerprint}, "fields": {field: source}}.
    withdrawn_at : datetime or None
        When the source withdrew it; it is then left out of lists and search, and kept.
    """

    paper = models.CharField(max_length=80, unique=True)
    family = models.CharField(max_length=10, choices=_FAMILIES)
    source = models.CharField(max_length=20)
    dossier = models.CharField(max_length=40, blank=True, db_index=True)
    dossier_known_by = models.CharField(max_length=10, blank=True, default="")
    number = models.CharField(max_length=20, blank=True)
    date = models.DateField(null=True, db_index=True)
    kind = models.CharField(max_length=120, blank=True, db_index=True)
    title = models.TextField(blank=True)
    dossier_title = models.TextField(blank=True)
    text = models.TextField(blank=True)
    session_year = models.CharField(max_length=9, blank=True)
    movers = models.JSONField(default=list)
    same_as = models.CharField(max_length=80, blank=True, db_index=True)
    matters = models.JSONField(default=list)
    other_dossiers = models.JSONField(default=list)
    settled = models.BooleanField(null=True)
    cabinet_view = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=500, blank=True)
    missing = models.JSONField(default=list)
    example = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64)
    source_id = models.CharField(max_length=40, blank=True, default="", db_index=True)
    other_sources: models.JSONField[Any, Any] = models.JSONField(default=dict)
    search_row = models.BigIntegerField(unique=True)
    source_changed_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(default=timezone.now, db_index=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["dossier", "date"], name="archive_paper_of_dossier"),
            models.Index(fields=["dossier", "number"], name="archive_paper_numbered"),
        ]

    def __str__(self) -> str:
        """Give the identifier."""
        return self.paper


class SyncPosition(models.Model):
    """How far a source was read: what the next sync goes on from.

    Attributes
    ----------
    scope : str
        A dossier, or "all".
    position : dict
        Next link, skip token, ETag, or the number of lines of a file: what the source understands.
    complete : bool
        Whether the last pass came to the end; one that did not goes on from `position`.
    """

    source = models.CharField(max_length=60)
    scope = models.CharField(max_length=300, default="all")
    position: models.JSONField[Any, Any] = models.JSONField(default=dict)
    complete = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "scope"], name="archive_one_position")]
