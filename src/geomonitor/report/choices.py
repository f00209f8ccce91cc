"""Figures that a reader chooses among: one figure whole, the others as what differs from it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup

from geomonitor.report.figures.style import PlainFigure

__all__ = ["Choice", "chosen_json", "chosen_keys", "plain_data", "safe_json"]

# between the parts of a key; no code has it
_JOIN = "|"


@dataclass(frozen=True, slots=True)
class Choice:
    """A select box beside a figure.

    Attributes
    ----------
    label : str
    options : tuple of (str, str)
        Value and wording; the first one is drawn at first.
    """

    label: str
    options: tuple[tuple[str, str], ...]


def chosen_keys(choices: Sequence[Choice]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the key of every combination of options, with the values in it; the one drawn first leads.

    Examples
    --------
    >>> stage = Choice("Stage", (("ore", "Ore"), ("metal", "Metal")))
    >>> [key for key, _ in chosen_keys([stage, Choice("Whose", (("EU", "EU"),))])]
    ['ore|EU', 'metal|EU']
    """
    for values in itertools.product(*([value for value, _ in choice.options] for choice in choices)):
        yield _JOIN.join(values), values


def chosen_json(
    figures: Mapping[str, PlainFigure],
    readings: Mapping[str, str],
    *,
    narrow: PlainFigure | None = None,
    titles: Mapping[str, str] | None = None,
) -> Markup:
    """Write a figure with its choices as JSON that can stand inside a script element of a page.

    Parameters
    ----------
    figures : mapping of str to PlainFigure
        By key; the first is written whole.
    readings : mapping of str to str
        What each figure says, by the same keys; read out when it is chosen.
    narrow : PlainFigure, optional
        The first figure as it is drawn on a narrow screen.
    titles : mapping of str to str, optional
        Headings, where the heading differs with the choice.

    Examples
    --------
    >>> one = {"data": [{"type": "bar", "x": [1], "y": [2]}], "layout": {}}
    >>> two = {"data": [{"type": "bar", "x": [1], "y": [3]}], "layout": {}}
    >>> str(chosen_json({"a": one, "b": two}, {"a": "2", "b": "3"})).split('"choices":')[1]
    '{"a":{"text":"2"},"b":{"text":"3","data":[{"y":[3]}]}}}'
    """
    first = next(iter(figures.values()))
    whole: dict[str, Any] = {
        **first,
        "choices": {
            key: {
                "text": readings[key],
                **({"title": titles[key]} if titles else {}),
                **_difference(first, each),
            }
            for key, each in figures.items()
        },
    }
    if narrow is not None:
        whole["narrow"] = _difference(first, narrow)
    return safe_json(whole)


def plain_data(figure: go.Figure) -> PlainFigure:
    """Give a figure as plain data."""
    return {"data": figure.to_plotly_json()["data"], "layout": figure.layout.to_plotly_json()}


def safe_json(value: Any) -> Markup:
    """Write JSON that can stand inside a script element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain_value)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _plain_value(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a figure holds {type(value).__name__}, which has no JSON form")


def _difference(first: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Say what has to be set to make the other figure of the first; null takes an entry away."""
    found: dict[str, Any] = {}
    layout = _changed(first["layout"], other["layout"])
    if layout:
        found["layout"] = layout
    if len(first["data"]) != len(other["data"]):
        found["traces"] = other["data"]
        return found
    data = [_changed(one, two) for one, two in zip(first["data"], other["data"], strict=True)]
    if any(data):
        found["data"] = data
    return found


def _changed(first: Mapping[str, Any], other: Mapping[str, Any], depth: int = 1) -> dict[str, Any]:
    """Say what differs, entry by entry, also inside an axis or a marker."""
    found: dict[str, Any] = dict.fromkeys(name for name in first if name not in other)
    for name, value in other.items():
        was = first.get(name)
        if was == value:
            continue
        if depth and isinstance(was, Mapping) and isinstance(value, Mapping):
            found[name] = _changed(was, value, depth - 1)
        else:
            found[name] = value
    return found
