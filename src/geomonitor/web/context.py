"""What every template has."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from geomonitor._version import __version__
from geomonitor.web.language import active_language

__all__ = ["application"]


def application(request: HttpRequest) -> dict[str, Any]:
    """Give the language, the version, and whether the organisation's log-in is set up."""
    return {
        "reader_language": active_language(),
        "geomonitor_version": __version__,
        "organisation_log_in": bool(settings.OIDC),
    }
