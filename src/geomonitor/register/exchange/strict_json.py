"""JSON as the standard has it: no key twice, no NaN, and not nested without end."""

from __future__ import annotations

import json
from typing import Any, NoReturn

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
            f"This is no JSON: {error.msg}, line {error.lineno}, column {error.colno}.", "JSON"
        ) from error
    except ValueProblemError:
        raise
    except ValueError as error:
        # Python reads whole numbers up to a length only
        raise ValueProblemError("A number in the JSON is too long.", "at most 4300 digits") from error


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
                raise ValueProblemError("The JSON is nested too deeply.", f"at most {deepest} levels")
        elif sign in "]}":
            depth -= 1


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueProblemError(f"The key {key[:60]!r} stands twice in one object.", "each key once")
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueProblemError(f"{text} is no number in JSON.", "a finite number, or null")
