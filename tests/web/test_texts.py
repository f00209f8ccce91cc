"""Texts: both languages, the same values in both, every key in use there, and every key used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import geomonitor.web
from geomonitor.web.language import texts

ROOT = Path(geomonitor.web.__file__).parent
SAID = re.compile(r"""\{%\s*say\s+"([a-z0-9_.]+)\"""")
SECTION = re.compile(r"""\|said:"([a-z0-9_]+)\"""")


def _values(wording: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(wording) if name}


def _literals(tree: ast.AST) -> Iterator[str]:
    """Give every text in the code; of one with values in it the part before the first value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
            yield f"{node.values[0].value}*"


def _used() -> tuple[set[str], set[str]]:
    """Give the keys that are named whole, and the beginnings of those that are put together."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for file in ROOT.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        whole |= set(SAID.findall(text))
        beginnings |= {f"{section}." for section in SECTION.findall(text)}
        # keys that a template hands on: {% include ... with title="cases.new" %}
        whole |= {each for each in re.findall(r'"([a-z0-9_]+\.[a-z0-9_.]+)"', text) if each in texts()}
        beginnings |= {each for each in re.findall(r'"([a-z0-9_]+\.[a-z0-9_]*)"\|add:', text)}
    for file in ROOT.rglob("*.py"):
        for found in _literals(ast.parse(file.read_text(encoding="utf-8"))):
            if found.endswith("*") and "." in found:
                beginnings.add(found[:-1])
            else:
                whole.add(found)
    return whole, beginnings


def test_each_text_has_both_languages_with_the_same_values() -> None:
    wrong = {
        key: wording
        for key, wording in texts().items()
        if set(wording) != {"en", "nl"}
        or not all(each.strip() for each in wording.values())
        or _values(wording["en"]) != _values(wording["nl"])
    }
    assert wrong == {}


def test_each_text_that_a_template_says_exists() -> None:
    missing = {
        (file.name, key)
        for file in ROOT.rglob("*.html")
        for key in SAID.findall(file.read_text(encoding="utf-8"))
        if key not in texts()
    }
    assert missing == set()


def test_no_text_is_left_over() -> None:
    whole, beginnings = _used()
    # say_many takes the key without its form
    left = {
        key
        for key in texts()
        if key not in whole
        and not any(key.startswith(each) for each in beginnings)
        and re.sub(r"_(one|many)$", "", key) not in whole
    }
    assert left == set()
