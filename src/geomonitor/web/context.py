"""What every template has."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from geomonitor._version import __version__
from geomonitor.web.language import active_language
from geomonitor.web.navigation import edition_switch, navigation

__all__ = ["THEMES", "THEME_COOKIE", "application"]

THEME_COOKIE = "geomonitor_theme"
THEMES = ("light", "dark")


def application(request: HttpRequest) -> dict[str, Any]:
    """Give the language, the theme, the navigation, the version, and whether there is another log-in."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "reader_language": active_language(),
        "theme": chosen if chosen in THEMES else "",
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "edition_switch": SimpleLazyObject(lambda: edition_switch(request)),
        "geomonitor_version": __version__,
        "organisation_log_in": bool(settings.OIDC),
    }
