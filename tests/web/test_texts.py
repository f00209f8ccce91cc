"""Texts: both languages, the same values in both, every key in use there, and every key used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import geomonitor.web
from geomonitor.web.language import texts
from web.register_words import Raised, raised

ROOT = Path(geomonitor.web.__file__).parent
SAID = re.compile(r"""\{%\s*say\s+"([a-z0-9_.]+)\"""")
SECTION = re.compile(r"""\|said:"([a-z0-9_]+)\"""")


def _values(wording: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(wording) if name}


def _literals(tree: ast.AST) -> Iterator[str | re.Pattern[str]]:
    """Give every text in the code; one with values in it as a pattern, where it can be a key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [each.value if isinstance(each, ast.Constant) else None for each in node.values]
            if any(isinstance(each, str) and "." in each for each in parts):
                yield re.compile(
                    "".join("[a-z0-9_]+" if each is None else re.escape(str(each)) for each in parts)
                )


def _used() -> tuple[set[str], list[re.Pattern[str]]]:
    """Give the keys that are named whole, and patterns of those that are put together."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for file in ROOT.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        whole |= set(SAID.findall(text))
        beginnings |= {f"{section}." for section in SECTION.findall(text)}
        # keys that a template hands on: {% include ... with title="cases.new" %}
        whole |= {each for each in re.findall(r'"([a-z0-9_]+\.[a-z0-9_.]+)"', text) if each in texts()}
        beginnings |= set(re.findall(r'"([a-z0-9_]+\.[a-z0-9_]*)"\|add:', text))
    for file in ROOT.rglob("*.py"):
        for found in _literals(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(found, str):
                whole.add(found)
            else:
                patterns.append(found)
    return whole, [*patterns, *(re.compile(re.escape(each) + ".*") for each in beginnings)]


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
    whole, patterns = _used()
    whole |= {each.key for each in raised() if isinstance(each, Raised)}
    # say_many takes the key without its form
    left = {
        key
        for key in texts()
        if key not in whole
        and not any(each.fullmatch(key) for each in patterns)
        and re.sub(r"_(one|many)$", "", key) not in whole
    }
    assert left == set()
