"""What every record of the register has: a version, who made and changed it, and no deletion."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from geomonitor.register.errors import RecordKeptError

__all__ = ["Record", "RecordQuerySet"]


def _kept(what: str) -> NoReturn:
    raise RecordKeptError(
        "{record} is not deleted: the register keeps what was once there.",
        key="record_kept",
        values={"record": what},
        next_step="Withdraw it, with a reason.",
    )


class RecordQuerySet(models.QuerySet[Any]):
    """Records, with and without those that were withdrawn."""

    def current(self) -> Self:
        """Leave out what was withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def delete(self) -> NoReturn:
        """Refuse."""
        _kept("A record")


class Record(models.Model):
    """A record that people keep.

    Attributes
    ----------
    uid : uuid.UUID
        The same in every export and import.
    version : int
        Goes up with each change; who saves says which version was read.
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    withdrawn_reason = models.TextField(blank=True, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def withdrawn(self) -> bool:
        """Whether it was withdrawn."""
        return self.withdrawn_at is not None

    def delete(self, *arguments: Any, **options: Any) -> NoReturn:
        """Refuse."""
        _kept(type(self).__name__)
