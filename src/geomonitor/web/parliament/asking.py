"""What the address of a page asks: choices, days, words, the page of a list; each refused in words."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, QueryDict
from django.urls import register_converter

from geomonitor.web.language import say
from geomonitor.web.words import NotThereError, WrongRequestError

__all__ = ["CommitmentKey", "Key", "asked_choice", "asked_day", "asked_words", "kept_query", "page_of"]

_LONGEST = 200


class Key:
    """An identifier in an address, in normal form."""

    regex = r"[A-Za-z0-9().,_+-]{1,100}"

    def to_python(self, value: str) -> str:
        """Give the identifier."""
        return value

    def to_url(self, value: str) -> str:
        """Give the part of the address."""
        return value


class CommitmentKey:
    """The key of a commitment in an address: kst-35207-60@4512 as kst-35207-60~4512.

    An @ in an address makes programs for mail take it for one of a person.

    Examples
    --------
    >>> CommitmentKey().to_url("kst-35207-60@4512"), CommitmentKey().to_python("kst-35207-60~4512")
    ('kst-35207-60~4512', 'kst-35207-60@4512')
    """

    regex = r"[A-Za-z0-9().,_+~-]{1,110}"

    def to_python(self, value: str) -> str:
        """Give the key."""
        return value.replace("~", "@")

    def to_url(self, value: str) -> str:
        """Give the part of the address."""
        return value.replace("@", "~")


register_converter(Key, "key")
register_converter(CommitmentKey, "commitment")


def asked_words(request: HttpRequest, name: str, longest: int = _LONGEST) -> str:
    """Read words from the address, with single blanks."""
    return " ".join(request.GET.get(name, "").replace("\x00", " ").split())[:longest]


def asked_choice(request: HttpRequest, name: str, allowed: Collection[str] | Mapping[str, str]) -> str:
    """Read a choice from the address; empty where there is none.

    Raises
    ------
    NotThereError
        If it is none of those allowed.
    """
    value = request.GET.get(name, "")
    if value and value not in allowed:
        raise NotThereError(
            say(None, "parliament.wrong_choice", value=value[:60]),
            where=say(None, f"parliament_filter.{name}"),
            next_step=say(None, "parliament.choose_from_list"),
        )
    return value


def asked_day(request: HttpRequest, name: str) -> datetime.date | None:
    """Read a day from the address.

    Raises
    ------
    WrongRequestError
        If it is no day.
    """
    value = request.GET.get(name, "").strip()
    if not value:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise WrongRequestError(
            say(None, "parliament.wrong_day", value=value[:60]),
            where=say(None, f"parliament_filter.{name}"),
            expected=say(None, "parliament.expected_day"),
        ) from None


def page_of(request: HttpRequest, found: Any, size: int) -> Page[Any]:
    """Give the page of a list that the address asks for; the nearest one where there is no such page."""
    return Paginator(found, size).get_page(request.GET.get("page"))


def kept_query(request: HttpRequest, names: Collection[str], **changed: str) -> str:
    """Give the conditions of the address for another link, as the start of a query; empty ones left out.

    Parameters
    ----------
    request : HttpRequest
    names : collection of str
        Which are kept.
    **changed
        Values that differ; empty leaves the condition out.
    """
    kept = QueryDict(mutable=True)
    for name in names:
        value = changed.get(name, request.GET.get(name, "").replace("\x00", " "))
        if value:
            kept[name] = value
    for name, value in changed.items():
        if name not in names and value:
            kept[name] = value
    return f"{kept.urlencode()}&" if kept else ""
