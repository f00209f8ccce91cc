"""The API as a whole: OpenAPI, tokens, errors."""

from __future__ import annotations

import functools
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from geomonitor._version import __version__
from geomonitor.web.api import evidence, register
from geomonitor.web.api.errors import handle_errors
from geomonitor.web.api.security import BearerToken

__all__ = ["api", "api_schema", "api_urls", "openapi"]

api = NinjaAPI(
    title="Geomonitor",
    version=__version__,
    description="Findings of editions, and the register of cases, instruments and coercion cases.",
    docs_url=None,
    openapi_url=None,
    auth=BearerToken(),
    urls_namespace="api",
)
handle_errors(api)
api.add_router("", evidence.router)
api.add_router("", register.router)


def api_urls() -> list[URLPattern]:
    """Give the addresses of the calls; they ask for a token, not for a log-in."""
    every: list[Any] = api._get_urls()
    patterns = [each for each in every if each.name != "api-root"]
    for pattern in patterns:
        pattern.callback = login_not_required(pattern.callback)
    return patterns


@functools.cache
def api_schema() -> dict[str, Any]:
    """Give the OpenAPI description."""
    return dict(api.get_openapi_schema(path_prefix="/api/v1/"))


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """Give the OpenAPI document; it says nothing that the source code does not say."""
    return JsonResponse(api_schema(), json_dumps_params={"indent": 1})
