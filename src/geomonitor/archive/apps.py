"""The Django app of the archive."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ArchiveConfig"]


class ArchiveConfig(AppConfig):
    """Papers, references, motions, commitments, votes, and what people search and watch."""

    name = "geomonitor.archive"
    label = "archive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Write every judgement of a person in the audit trail."""
        from auditlog.registry import auditlog

        from geomonitor.archive.models import StateJudgement

        auditlog.register(StateJudgement)
