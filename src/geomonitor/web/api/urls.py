"""Where the API and the pages on it are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.api import pages
from geomonitor.web.api.application import api_urls, openapi

__all__ = ["page_patterns", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/openapi.json", openapi, name="openapi"),
    # names such as api-list-cases
    *(
        path(f"v1/{each.pattern}", each.callback, name=f"api-{str(each.name).replace('_', '-')}")
        for each in api_urls()
    ),
]

page_patterns: list[URLPattern | URLResolver] = [
    path("account/tokens/", pages.api_tokens, name="api-tokens"),
    path("account/tokens/<uuid:uid>/revoke/", pages.api_token_revoke, name="api-token-revoke"),
    path("api-guide/", pages.api_guide, name="api-guide"),
]
"""Pages for people: not below the address of the API, whose errors are JSON."""
