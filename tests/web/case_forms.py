"""Filling in the forms on cases as a browser does: with the hidden fields of the page."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

__all__ = ["hidden_fields", "page", "send", "shown"]

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def page(client: Client, address: str) -> str:
    """Give a page that has to be there."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def hidden_fields(text: str, action: str = "") -> dict[str, str]:
    """Give the hidden fields of the form with this action, or of the form in the page that has none."""
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", text, re.DOTALL):
        named = re.search(r'action="([^"]*)"', attributes)
        if 'method="post"' in attributes and (named[1] if named else "") == action:
            return {name: unescape(value) for name, value in _HIDDEN.findall(inside)}
    raise AssertionError(f"no form with action {action!r}")


def send(client: Client, address: str, *, on: str = "", **fields: Any) -> HttpResponse:
    """Open a page, fill in its form and send it; `on` is the page where the form has its own address."""
    text = page(client, on or address)
    sent = {**hidden_fields(text, address if on else ""), **fields}
    return client.post(address, sent)  # type: ignore[return-value]


def shown(answer: Any) -> str:
    """Give the text of an answer without its marks, as a reader sees it."""
    text = answer if isinstance(answer, str) else answer.content.decode()
    main = text.split("<main", 1)[-1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())
