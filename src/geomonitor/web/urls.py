"""Where every page is."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from geomonitor.web import failures

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("geomonitor.web.accounts.urls")),
    path("", include("geomonitor.web.evidence.urls")),
    path("", include("geomonitor.web.studies.urls")),
    path("", include("geomonitor.web.cases.urls")),
    path("", include("geomonitor.web.instruments.urls")),
    path("", include("geomonitor.web.parliament.urls")),
    path("", include("geomonitor.web.following.urls")),
    path("", include("geomonitor.web.jobs.urls")),
    path("", include("geomonitor.web.exchange.urls")),
    path("api/", include("geomonitor.web.api.urls")),
]

handler400 = failures.bad_request
handler403 = failures.not_permitted
handler404 = failures.not_found
handler500 = failures.server_error
