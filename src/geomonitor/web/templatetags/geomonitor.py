"""Texts and numbers in templates, in the language of the reader."""

from __future__ import annotations

import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from geomonitor.web.language import active_language
from geomonitor.web.language import say as say_text
from geomonitor.web.words import in_language as words_in_language

__all__ = ["register"]

register = template.Library()


@register.simple_tag
def say(key: str, **values: Any) -> str:
    """Give a text; values are escaped with it."""
    return say_text(None, key, **values)


@register.filter
def said(code: str, section: str) -> str:
    """Give the text of a code: ``{{ case.subject_kind|said:"subject_kind" }}``."""
    return say_text(None, f"{section}.{code}")


@register.filter
def in_language(text: str) -> str:
    """Say words of the register, such as a problem with an import, in the language of the page."""
    return words_in_language(text)


@register.filter
def number(value: float | None, decimals: int = 0) -> str:
    """Write a number with the language's marks."""
    return active_language().number(value, decimals)


@register.filter
def share(value: float | None, decimals: int = 1) -> str:
    """Write a share between 0 and 1 as a percentage."""
    return active_language().share(value, decimals)


@register.filter
def money_kusd(value: float | None) -> str:
    """Write an amount of thousand dollars in words."""
    return active_language().money(value)


@register.filter
def economy(code: str | None) -> str:
    """Name an economy or a group."""
    if not code:
        return "–"
    return active_language().importer(code)


@register.filter
def date_text(value: datetime.date | datetime.datetime | None) -> str:
    """Write a date in words; a moment in the time of the reader, to the minute."""
    if value is None:
        return "–"
    if isinstance(value, datetime.datetime):
        return date_format(timezone.localtime(value), "j F Y H:i")
    return date_format(value, "j F Y")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Look something up."""
    return mapping[key]
