"""The texts of the application, in the language of the reader."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import get_language

from geomonitor.report import LANGUAGES, Language

__all__ = ["active_language", "has_text", "say", "say_lazy", "texts"]


@functools.cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Read every text of the application: key, then language.

    Raises
    ------
    ValueError
        If two files have the same key.

    Examples
    --------
    >>> sorted(texts()["site.name"])
    ['en', 'nl']
    """
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(Path(__file__).with_name("texts").glob("*.toml")):
        with file.open("rb") as handle:
            for section, entries in tomllib.load(handle).items():
                for name, wording in entries.items():
                    key = f"{section}.{name}"
                    if key in found:
                        raise ValueError(f"The text {key} stands twice, the second time in {file.name}.")
                    found[key] = wording
    return found


def active_language() -> Language:
    """Give the language of the page that is being made, with its marks in numbers and its names.

    Examples
    --------
    >>> active_language().code
    'en'
    """
    code = (get_language() or "en").split("-")[0]
    return _language(code if code in LANGUAGES else "en")


@functools.cache
def _language(code: str) -> Language:
    return Language(code)


def has_text(key: str) -> bool:
    """Say whether there is a text with this key."""
    return key in texts()


def say(language: HttpRequest | Language | str | None, key: str, **values: object) -> str:
    """Give a text of the application.

    Parameters
    ----------
    language : HttpRequest, Language, str or None
        None and a request take the active language.
    key : str
        Such as ``site.name``.
    **values
        What stands between braces in the text.

    Examples
    --------
    >>> say("nl", "site.name")
    'Geomonitor'
    """
    if isinstance(language, Language):
        code = language.code
    elif isinstance(language, str):
        code = language
    else:
        code = active_language().code
    wording = texts()[key][code]
    return wording.format(**values) if values else wording


def _say_active(key: str, values: tuple[tuple[str, Any], ...] = ()) -> str:
    return say(None, key, **dict(values))


_lazy = lazy(_say_active, str)


def say_lazy(key: str, **values: object) -> str:
    """Give a text that is chosen when it is shown (a lazy string): for labels of forms."""
    return _lazy(key, tuple(values.items()))
