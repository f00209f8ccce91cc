"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["WebConfig"]


class WebConfig(AppConfig):
    """Pages, work in the background, and the API."""

    name = "geomonitor.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Write in the audit trail who logs in and out."""
        from geomonitor.web.accounts import noted  # noqa: F401  # connects its receivers
