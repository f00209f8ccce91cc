"""The Django app of the register."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["RegisterConfig"]


class RegisterConfig(AppConfig):
    """Cases with evidence, judgements, options, decisions and what followed."""

    name = "geomonitor.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Write every change of a record in the audit trail."""
        from geomonitor.register.trail import follow_records
        from geomonitor.register.trail_events import follow_failed_log_ins

        follow_records()
        follow_failed_log_ins()
