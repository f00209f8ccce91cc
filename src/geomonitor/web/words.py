"""What the register refused, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geomonitor.errors import DataError, GeomonitorError, UnknownCodeError
from geomonitor.register.errors import Codes, RegisterError, RuleError, Words
from geomonitor.register.facts import risk_kinds
from geomonitor.web.language import active_language, has_text, say

__all__ = ["NotThereError", "PageError", "Said", "WrongRequestError", "in_language", "said"]

# where the names of codes stand among the texts
_NAMES = {
    "role": "role.",
    "action": "action.",
    "step": "case_step.",
    "missing": "missing.",
    "access": "case_people.",
}


class PageError(GeomonitorError):
    """An error that a page raises, in words that are in the language of its reader already."""


class NotThereError(PageError, UnknownCodeError):
    """What a page was asked for does not exist."""

    exit_status = UnknownCodeError.exit_status


class WrongRequestError(PageError, DataError):
    """What a page was asked is not what it can be asked."""

    exit_status = DataError.exit_status


@dataclass(frozen=True, slots=True)
class Said:
    """An error in the language of the reader.

    Attributes
    ----------
    what : str
    where, expected, next_step : str or None
    fields : mapping of str to tuple of str
        Messages by field of the form.
    english : bool
        Whether the words are the library's, which speaks English only: the page marks them as such.
    """

    what: str
    where: str | None
    expected: str | None
    next_step: str | None
    fields: Mapping[str, tuple[str, ...]]
    english: bool

    @property
    def whole(self) -> str:
        """What happened, what was expected and what to do next, on one line: for the head of a form."""
        expected = f"{self.expected[:1].upper()}{self.expected[1:]}." if self.expected else None
        return " ".join(part for part in (self.what, expected, self.next_step) if part)


def said(error: GeomonitorError) -> Said:
    """Say an error in the language of the page that is being made.

    Errors of the register carry a key, by which their words are found; without one, and where it is a
    `PageError`, a page raised them, which speaks the language of the reader already. Other errors are the
    library's.

    Parameters
    ----------
    error : GeomonitorError

    Examples
    --------
    >>> from django.utils import translation
    >>> from geomonitor.register.errors import NotAllowedError
    >>> error = NotAllowedError("You cannot read this case.", key="case_unreadable")
    >>> with translation.override("nl"):
    ...     said(error).what
    'U kunt dit dossier niet lezen.'
    """
    fields = error.fields if isinstance(error, RuleError) else {}
    return Said(
        what=in_language(error.what),
        where=_optional(error.where),
        expected=_optional(error.expected),
        next_step=_optional(error.next_step),
        fields={name: tuple(in_language(each) for each in texts) for name, texts in fields.items()},
        english=not isinstance(error, RegisterError | PageError),
    )


def in_language(text: str) -> str:
    """Give words of the register in the language of the page; any other text as it is.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> from django.utils import translation
    >>> with translation.override("nl"):
    ...     in_language(Words("There is no step {step}.", "rule.step_unknown.what", {"step": 5}))
    'Er is geen stap 5.'
    """
    if not isinstance(text, Words) or not text.key:
        return text
    return say(None, text.key, **{name: _shown(value) for name, value in text.values.items()})


def _optional(text: str | None) -> str | None:
    return text if text is None else in_language(text)


def _shown(value: object) -> object:
    """Name codes, and say words that stand in other words."""
    if isinstance(value, Codes):
        return ", ".join(_name(value.kind, each) for each in value)
    return in_language(value) if isinstance(value, str) else value


def _name(kind: str, code: str) -> str:
    if kind == "risk":
        names = {each.code: each.name[active_language().code] for each in risk_kinds()}
        return names.get(code, code)
    key = _NAMES[kind] + code
    # somebody asked for what does not exist: it has no name
    return say(None, key) if has_text(key) else code
