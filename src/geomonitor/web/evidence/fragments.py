"""Parts of pages that are the same for every reader, rendered once a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from geomonitor.report.content import Content
from geomonitor.web.evidence.kept import Kept

__all__ = ["fragment"]

# a fragment is some tens of kilobytes
_FRAGMENTS: Kept[SafeString] = Kept(400)


def fragment(
    content: Content,
    template: str,
    query: Mapping[str, str],
    context: Callable[[], Mapping[str, Any]],
) -> SafeString:
    """Render a part of a page on an edition, or take it from those that are kept.

    It must hold nothing of the reader: no name, no right, no case, no token.

    Parameters
    ----------
    content : Content
        The edition, in the language of the page.
    template : str
    query : mapping of str to str
        All that decides what the part says, beside the edition and its language.
    context : callable
        Gives the context of the template; called only where the part is not kept.
    """
    key = (content.record["id"], content.language.code, template, tuple(sorted(query.items())))
    return _FRAGMENTS.get(key, lambda: render_to_string(template, {"content": content, **context()}))
