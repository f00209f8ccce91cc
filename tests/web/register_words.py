"""The words of the register as they stand in its code: each with its key, its English and its values."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geomonitor.archive
import geomonitor.register
from geomonitor.register import errors
from geomonitor.register.errors import RegisterError
from geomonitor.register.services.people import LastAdministratorError
from geomonitor.web.api import tokens

_CLASSES = {
    LastAdministratorError.__name__,
    *(
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, RegisterError)
    ),
}
_PARTS = {"where": "where", "expected": "expected", "next_step": "next"}
# makes words of what it is given: its callers are looked at
_HELPER = "_wrong"

Names = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Raised:
    """A text where it stands: its key, its English, the names of the values beside it."""

    place: str
    key: str
    english: str
    values: frozenset[str]


@dataclass(frozen=True)
class Unkeyed:
    """An error without a key, or with words that are put together before it gets them."""

    place: str


def raised() -> Iterator[Raised | Unkeyed]:
    """Give every text that the register can raise, and every error that lacks a key."""
    folders = [Path(str(each.__file__)).parent for each in (geomonitor.register, geomonitor.archive)]
    found = {file for folder in folders for file in folder.rglob("*.py")}
    files = {*found, Path(tokens.__file__)} - {Path(errors.__file__)}
    for file in sorted(files):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        tree.body = [each for each in tree.body if getattr(each, "name", "") != _HELPER]
        assigned = {
            node.targets[0].id: _keys(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Dict)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from _of_call(node, assigned, f"{file.name}:{node.lineno}")


def _of_call(call: ast.Call, assigned: Names, place: str) -> Iterator[Raised | Unkeyed]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    named = {str(each.arg): each.value for each in call.keywords}
    if name == "Words":
        values = call.args[2] if len(call.args) > 2 else None
        yield _text(place, _constant(call.args[1]), call.args[0], _values(values, assigned))
    elif name == _HELPER and len(call.args) == 4:
        yield _text(place, _constant(call.args[1]), call.args[0], frozenset({"value"}))
    elif name in _CLASSES or (name == "__init__" and "key" in named):
        key = _constant(named.get("key"))
        texts = {"what": call.args[0]} | {_PARTS[each]: named[each] for each in _PARTS if each in named}
        for part, english in texts.items():
            full = None if key is None else f"rule.{key}.{part}"
            yield _text(place, full, english, _values(named.get("values"), assigned))


def _text(place: str, key: str | None, english: ast.expr, values: frozenset[str]) -> Raised | Unkeyed:
    text = _constant(english)
    return Unkeyed(place) if key is None or text is None else Raised(place, key, text, values)


def _constant(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _values(node: ast.expr | None, assigned: Names) -> frozenset[str]:
    if isinstance(node, ast.Dict):
        return _keys(node)
    return assigned[node.id] if isinstance(node, ast.Name) else frozenset()


def _keys(node: ast.Dict) -> frozenset[str]:
    return frozenset(each.value for each in node.keys if isinstance(each, ast.Constant))
