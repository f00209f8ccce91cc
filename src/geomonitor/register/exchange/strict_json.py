"""JSON as the standard has it: no key twice, no NaN, and not nested without end."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from geomonitor.register.errors import Words
from geomonitor.register.exchange.values import ValueProblemError

__all__ = ["strict_json"]


def strict_json(text: str, deepest: int) -> Any:
    """Read JSON.

    Parameters
    ----------
    text : str
    deepest : int
        Levels of lists and objects within one another, at most.

    Raises
    ------
    ValueProblemError

    Examples
    --------
    >>> strict_json('{"a": [1, null]}', 2)
    {'a': [1, None]}
    >>> strict_json('{"a": 1, "a": 2}', 2)
    Traceback (most recent call last):
        ...
    geomonitor.register.exchange.values.ValueProblemError: The key 'a' stands twice in one object.
    """
    _check_depth(text, deepest)
    try:
        return json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueProblemError(
            Words(
                "This is no JSON: {reason}, line {line}, column {column}.",
                "problem.no_json",
                {"reason": error.msg, "line": error.lineno, "column": error.colno},
            ),
            "JSON",
        ) from error
    except ValueProblemError:
        raise
    except ValueError as error:
        # Python reads whole numbers up to a length only
        raise ValueProblemError(
            Words("A number in the JSON is too long.", "problem.long_number"),
            Words("at most 4300 digits", "expected.digits"),
        ) from error


def _check_depth(text: str, deepest: int) -> None:
    """Refuse before anything reads it: the reader of Python follows each level."""
    depth, inside, escaped = 0, False, False
    for sign in text:
        if inside:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                inside = False
        elif sign == '"':
            inside = True
        elif sign in "[{":
            depth += 1
            if depth > deepest:
                raise ValueProblemError(
                    Words("The JSON is nested too deeply.", "problem.nested"),
                    Words("at most {levels} levels", "expected.levels", {"levels": deepest}),
                )
        elif sign in "]}":
            depth -= 1


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueProblemError(
                Words("The key {key!r} stands twice in one object.", "problem.key_twice", {"key": key[:60]}),
                Words("each key once", "expected.key_once"),
            )
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueProblemError(
        Words("{text} is no number in JSON.", "problem.no_json_number", {"text": text}),
        Words("a finite number, or null", "expected.finite"),
    )
