"""What people follow: saved searches, watches, and when they last looked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

__all__ = ["SavedSearch", "Visit", "Watch", "WatchKind"]


class SavedSearch(models.Model):
    """A search that a user keeps; `query` and `filters` are those of the search page.

    Attributes
    ----------
    seen_at : datetime
        Papers loaded after this moment are new to the user.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=120)
    query = models.CharField(max_length=500)
    filters: models.JSONField[Any, Any] = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="archive_one_search_a_name")]


class WatchKind(models.TextChoices):
    """What can be watched."""

    DOSSIER = "dossier"
    MOTION = "motion"
    COMMITMENT = "commitment"
    PAPER = "paper"


class Watch(models.Model):
    """Something that a user wants to hear about when it changes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")
    kind = models.CharField(max_length=12, choices=WatchKind)
    key = models.CharField(max_length=100, db_index=True)
    made_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="archive_one_watch")]


class Visit(models.Model):
    """When a user last saw what is new, and how the user hears of it elsewhere.

    Attributes
    ----------
    feed_key : str or None
        Secret part of the address of the user's feed and calendar; a new one ends the old addresses.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="archive_visit"
    )
    seen_at = models.DateTimeField(default=timezone.now)
    digest_by_mail = models.BooleanField(default=False)
    digest_sent_at = models.DateTimeField(null=True)
    feed_key = models.CharField(max_length=64, unique=True, null=True)
