"""What may never stand in a page, whatever was typed in a field or an address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

if TYPE_CHECKING:
    from django.http import HttpResponse

__all__ = ["HOSTILE", "faults_of_page", "parsed", "query_names", "text_of", "with_class"]

HOSTILE = (
    "=1+1\"><script>alert(1)</script><img src=x onerror=alert(1)>' onfocus='alert(1) "
    "{{7*7}}</textarea></title><svg/onload=alert(1)>javascript:alert(1)&lt;"
)
"""A formula at the start, and ways out of text, attributes, scripts and templates."""

_NEVER = ("style", "iframe", "object", "embed", "base", "frame", "applet")
_ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "poster", "data")
_EMPTY = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


class _Tree(HTMLParser):
    """A page as a tree of elements; an end tag closes the nearest open element of its name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = SubElement(self._open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in _EMPTY:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        here = self._open[-1]
        if len(here):
            here[-1].tail = (here[-1].tail or "") + data
        else:
            here.text = (here.text or "") + data


def parsed(answer: HttpResponse) -> Element:
    """Read a page."""
    tree = _Tree()
    tree.feed(answer.content.decode("utf-8"))
    tree.close()
    return tree.root


def text_of(element: Element) -> str:
    """Give the text in an element, with single blanks."""
    return " ".join("".join(element.itertext()).split())


def with_class(page: Element, *names: str) -> Iterator[Element]:
    """Give the elements of one of these classes."""
    for each in page.iter():
        if set(names) & set(each.get("class", "").split()):
            yield each


def faults_of_page(answer: HttpResponse) -> list[str]:
    """Give what a page has that it may never have; a page that is no HTML has none."""
    if not answer.get("Content-Type", "").startswith("text/html"):
        return []
    page = parsed(answer)
    faults = []
    for element in page.iter():
        if element.tag in _NEVER:
            faults.append(f"<{element.tag}>")
        if element.tag == "script":
            text = (element.text or "").strip()
            if element.get("type") == "application/json":
                json.loads(text)
            elif text or not element.get("src", "").startswith("/static/"):
                faults.append(f"a script in the page: {text[:60]}")
        for name, value in element.attrib.items():
            if name.startswith("on"):
                faults.append(f"<{element.tag} {name}>")
            begins = "".join(value.lower().split())[:12]
            if name in _ADDRESSES and begins.startswith(("javascript:", "data:text", "vbscript:")):
                faults.append(f"<{element.tag} {name}={value[:40]!r}>")
    content = answer.content.decode("utf-8")
    return faults + [mark for mark in ("<script>alert", "<img src=x", "<svg/onload") if mark in content]


def query_names(answer: HttpResponse) -> set[str]:
    """Give the names that the forms and links of a page put in its address."""
    page = parsed(answer)
    names: set[str] = set()
    for form in page.iter("form"):
        if form.get("method", "get").lower() == "get" and "site-search" not in form.get("class", ""):
            fields = (each for each in form.iter() if each.tag in {"input", "select", "textarea", "button"})
            names |= {each.get("name", "") for each in fields}
    for link in page.iter("a"):
        where, _, query = link.get("href", "").partition("#")[0].partition("?")
        if where in ("", answer.wsgi_request.path):
            names |= {each.partition("=")[0] for each in query.split("&")}
    return names - {""}
