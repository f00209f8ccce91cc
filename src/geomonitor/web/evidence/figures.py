"""Data of figures at their own address, which a browser keeps: an edition never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from geomonitor._version import __version__
from geomonitor.errors import UnknownCodeError
from geomonitor.report import LANGUAGES
from geomonitor.report.blocks import Block
from geomonitor.report.content import Content
from geomonitor.report.figures.world import base_map
from geomonitor.web.evidence.contents import content_of, unknown_value
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.shelf import LATEST, shelf

__all__ = ["base_map_view", "figure_data", "figure_maker", "figure_url", "made_block"]

FigureMaker = Callable[[Content, Mapping[str, str]], Block | None]

_MAKERS: dict[str, FigureMaker] = {}
_BLOCKS: Kept[Block | None] = Kept(256)
_KEPT_BY_BROWSER = "private, max-age=31536000, immutable"


def figure_maker(kind: str) -> Callable[[FigureMaker], FigureMaker]:
    """Register what makes a figure of an edition and a query; the decorated function is unchanged.

    Parameters
    ----------
    kind : str
        Name in the address of the figure's data, such as ``map``.
    """

    def registered(maker: FigureMaker) -> FigureMaker:
        if kind in _MAKERS:
            raise ValueError(f"There are two makers of figures named {kind!r}.")
        _MAKERS[kind] = maker
        return maker

    return registered


def made_block(content: Content, kind: str, query: Mapping[str, str]) -> Block | None:
    """Make a figure with its table, or take it from those that the process keeps."""
    key = (content.record["id"], content.language.code, kind, tuple(sorted(query.items())))
    return _BLOCKS.get(key, lambda: _MAKERS[kind](content, query))


def figure_url(content: Content, kind: str, query: Mapping[str, str]) -> str:
    """Give the address of a figure's data: with the language and the version, so that it can be kept."""
    address = reverse("figure-data", kwargs={"edition": content.record["id"], "kind": kind})
    whole = {**query, "language": content.language.code, "version": __version__}
    return f"{address}?{urlencode(sorted(whole.items()))}"


@require_safe
def figure_data(request: HttpRequest, edition: str, kind: str) -> HttpResponse:
    """Answer with the data of a figure."""
    if kind not in _MAKERS:
        raise unknown_value("figure", kind, sorted(_MAKERS))
    if edition == LATEST:
        # what is kept for long must name the edition itself
        return HttpResponseRedirect(
            f"{reverse('figure-data', kwargs={'edition': shelf().entry(LATEST).id, 'kind': kind})}"
            f"?{request.META.get('QUERY_STRING', '')}"
        )
    query = {name: str(value) for name, value in request.GET.items() if value}
    query.pop("version", None)
    language = query.pop("language", "en")
    if language not in LANGUAGES:
        raise unknown_value("language", language, LANGUAGES)
    content = content_of(shelf().entry(edition).id, language)
    block = made_block(content, kind, query)
    if block is None or block.figure is None:
        raise UnknownCodeError("There is nothing to draw.", where=kind)
    return _kept_by_browser(request, str(block.figure))


@require_safe
def base_map_view(request: HttpRequest) -> HttpResponse:
    """Answer with the base map of the world."""
    return _kept_by_browser(request, base_map())


def _kept_by_browser(request: HttpRequest, text: str) -> HttpResponse:
    body = text.encode("utf-8")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer: HttpResponse = HttpResponse(body, content_type="application/json")
    answer["ETag"] = tag
    answer["Cache-Control"] = _KEPT_BY_BROWSER
    found = get_conditional_response(request, etag=tag, response=answer)
    return found if isinstance(found, HttpResponse) else answer
