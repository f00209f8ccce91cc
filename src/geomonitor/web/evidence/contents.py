"""Editions as the pages see them: opened, in the reader's language, with the importer that was chosen."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from geomonitor.errors import UnknownCodeError
from geomonitor.report import Language
from geomonitor.report.content import Content, ShownImporter
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.shelf import LATEST, shelf
from geomonitor.web.language import active_language, say
from geomonitor.web.words import NotThereError

__all__ = [
    "among",
    "chosen_importer",
    "content_of",
    "importer_key",
    "method_title",
    "of_edition",
    "page_url",
    "unknown_value",
]

_CONTENTS: Kept[Content] = Kept(8)


def content_of(edition: str, language: str | None = None) -> Content:
    """Open an edition in a language.

    Parameters
    ----------
    edition : str
        Its id, or ``latest``.
    language : {'en', 'nl'}, optional
        That of the page by default.

    Raises
    ------
    UnknownCodeError
        If it is not on the shelf.
    """
    code = language or active_language().code
    entry = shelf().entry(edition)
    return _CONTENTS.get(
        (str(entry.path), entry.created, code), lambda: Content.of(shelf().open(entry.id), code)
    )


def of_edition(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open the edition that the URL names, and give it to the view; ``latest`` leads to the newest.

    The view gets the request, the `Content` and the other parts of the URL.
    """

    @functools.wraps(view)
    def opened(request: HttpRequest, edition: str, **parts: Any) -> HttpResponseBase:
        if edition == LATEST:
            assert request.resolver_match is not None
            newest = shelf().newest()
            if newest is None:
                return HttpResponseRedirect(reverse("editions"))
            address = reverse(request.resolver_match.view_name, kwargs={"edition": newest.id, **parts})
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(f"{address}?{query}" if query else address)
        return view(request, content_of(edition), **parts)

    return opened


def importer_key(content: Content, importer: ShownImporter) -> str:
    """Name an importer in a URL: its code, with its home group where two importers have that code.

    Such as ``NLD``, or ``NLD@EU27_2020``.
    """
    same = [each for each in content.importers if each.code == importer.code]
    return importer.code if len(same) == 1 else f"{importer.code}@{importer.home_code}"


def chosen_importer(content: Content, parameters: Mapping[str, str]) -> ShownImporter:
    """Find the importer that a URL names; the first of the edition where it names none.

    Raises
    ------
    UnknownCodeError
        If the edition has no such importer.
    """
    keys = {importer_key(content, each): each for each in content.importers}
    wanted = parameters.get("importer") or next(iter(keys))
    if wanted in keys:
        return keys[wanted]
    # a case names an importer by its code, or by its label
    for each in content.importers:
        if wanted in (each.code, each.label):
            return each
    raise unknown_value("importer", wanted, keys)


def among(parameters: Mapping[str, str], name: str, possible: Iterable[str], default: str = "") -> str:
    """Read a parameter with few possible values.

    Raises
    ------
    UnknownCodeError
        If it has another value; the message names those that are possible.

    Examples
    --------
    >>> among({"verdict": "open"}, "verdict", ["open", "dependent"])
    'open'
    """
    wanted = parameters.get(name, "") or default
    values = list(possible)
    if wanted and wanted != default and wanted not in values:
        raise unknown_value(name, wanted, values)
    return wanted


def unknown_value(name: str, value: str, possible: Iterable[str]) -> UnknownCodeError:
    """Make the error for a parameter with a value that does not exist."""
    shown = [each for each in possible if each]
    listed = ", ".join(shown[:40]) + (", …" if len(shown) > 40 else "")
    return NotThereError(
        say(None, "asked.unknown", name=name, value=value[:60]),
        where=name,
        expected=say(None, "asked.one_of", values=listed) if shown else say(None, "asked.nothing"),
        next_step=say(None, "asked.next"),
    )


def method_title(method: Mapping[str, Any], language: Language) -> str:
    """Name a method of an edition."""
    title = method.get("title") or {}
    return str(title.get(language.code) or method["id"])


def page_url(name: str, content: Content, query: Mapping[str, Any] | None = None, **parts: str) -> str:
    """Give the address of a page on an edition, with what is not empty of a query.

    Parameters
    ----------
    name : str
        Of the URL, such as ``product``.
    content : Content
    query : mapping, optional
    **parts
        Other parts of the URL.
    """
    address = reverse(name, kwargs={"edition": content.record["id"], **parts})
    kept = {key: value for key, value in (query or {}).items() if value not in (None, "")}
    return f"{address}?{urlencode(kept)}" if kept else address
