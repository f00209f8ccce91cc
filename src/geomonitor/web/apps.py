"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["WebConfig"]


class WebConfig(AppConfig):
    """Pages, work in the background, and the API."""

    name = "geomonitor.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
