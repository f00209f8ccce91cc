"""What can go wrong when people work in the register, in words that can be said in another language.

The words here are English, for programs and the command line. Each message has a key and values beside them,
by which the pages say the same in the language of the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from geomonitor.errors import DataError, GeomonitorError

__all__ = [
    "Codes",
    "ConflictError",
    "FindingError",
    "NotAllowedError",
    "RecordKeptError",
    "RegisterError",
    "RuleError",
    "Words",
]


class Codes(tuple[str, ...]):
    """Codes in a message, such as roles: in English as they are, on a page by name.

    Attributes
    ----------
    kind : str
        What they are codes of: 'role', 'action', 'step', 'missing', 'access', 'risk'.

    Examples
    --------
    >>> print(Codes("missing", ["do_nothing", "benefits"]))
    do nothing, benefits
    """

    kind: str

    def __new__(cls, kind: str, codes: Iterable[str]) -> Self:
        """Make it of any iterable."""
        made = super().__new__(cls, codes)
        made.kind = kind
        return made

    def __getnewargs__(self) -> tuple[str, tuple[str, ...]]:
        """Give what a copy is made of."""
        return self.kind, tuple(self)

    def __str__(self) -> str:
        return ", ".join(each.replace("_", " ") for each in self)


class Words(str):
    """English words, with the key and the values by which they are said in another language.

    Parameters
    ----------
    english : str
        With names between braces where values are given.
    key : str
    values : mapping of str to object, optional
        What stands between the braces.

    Examples
    --------
    >>> found = Words("There is no step {step}.", "rule.step_unknown.what", {"step": 5})
    >>> found, found.key
    ('There is no step 5.', 'rule.step_unknown.what')
    """

    __slots__ = ("key", "values")

    key: str
    values: Mapping[str, object]

    def __new__(cls, english: str, key: str = "", values: Mapping[str, object] | None = None) -> Self:
        """Fill in the values."""
        made = super().__new__(cls, english.format(**values) if values else english)
        made.key = key
        made.values = dict(values or {})
        return made


class RegisterError(GeomonitorError):
    """Base of what the register refuses.

    Parameters
    ----------
    what : str
        As in `GeomonitorError`; where there are values, with their names between braces.
    key : str
        Stable name of the message. Without one the words are those of a page, in the reader's language.
    values : mapping of str to object, optional
        What stands between the braces, in any of the texts.
    where, expected, next_step : str, optional
        As in `GeomonitorError`.

    Examples
    --------
    >>> error = RegisterError("There is no step {step}.", key="step_unknown", values={"step": 5})
    >>> error.what, error.key, error.values
    ('There is no step 5.', 'step_unknown', {'step': 5})
    """

    def __init__(
        self,
        what: str,
        *,
        key: str = "",
        values: Mapping[str, object] | None = None,
        where: str | None = None,
        expected: str | None = None,
        next_step: str | None = None,
    ) -> None:
        parts = {"where": where, "expected": expected, "next": next_step}
        if key:
            what = Words(what, f"rule.{key}.what", values)
            parts = {
                name: text if text is None else Words(text, f"rule.{key}.{name}", values)
                for name, text in parts.items()
            }
        super().__init__(what, where=parts["where"], expected=parts["expected"], next_step=parts["next"])
        self.key = key
        self.values = dict(values or {})


class ConflictError(RegisterError):
    """Somebody else changed the record since it was read; nothing was saved.

    Attributes
    ----------
    record : object
        The record as it is now.
    wanted : mapping of str to object
        What was to be written, by field.
    """

    exit_status = 7

    def __init__(self, what: str, *, record: Any, wanted: Mapping[str, Any], **about: Any) -> None:
        super().__init__(what, **about)
        self.record = record
        self.wanted = dict(wanted)


class NotAllowedError(RegisterError):
    """The user's role, or access to the case, does not allow this."""

    exit_status = 8


class RuleError(RegisterError):
    """A rule of the register stands in the way: steps in order, four eyes, a reason that lacks.

    Parameters
    ----------
    field : str, optional
        The field that the message is about.
    fields : mapping of str to list of str, optional
        Messages by field, in the reader's language already, as Django gives them.

    Attributes
    ----------
    fields : mapping of str to list of str
        What is wrong, by field; empty where no one field is.
    """

    exit_status = 9

    def __init__(
        self,
        what: str,
        *,
        field: str | None = None,
        fields: Mapping[str, list[str]] | None = None,
        **about: Any,
    ) -> None:
        super().__init__(what, **about)
        self.fields = {field: [self.what]} if field is not None else dict(fields or {})


class FindingError(RegisterError, DataError):
    """A finding is not one of the edition that it is said to be of."""

    exit_status = DataError.exit_status


class RecordKeptError(RegisterError):
    """Something tried to delete a record; records are withdrawn, with a reason."""

    exit_status = 10
