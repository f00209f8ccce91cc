"""Printed numbers: points, commas, percent signs, bounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.data.raw_materials.numbers import NumberStyle, number_style, read_number

COMMA = NumberStyle(",", sure=True)
MIXED = NumberStyle(".", sure=True, mixed=True)


@pytest.mark.parametrize(
    ("text", "value", "percent", "bound"),
    [
        ("12", 12, False, ""),
        ("12.5", 12.5, False, ""),
        ("1,234", 1234, False, ""),
        ("1,234,567.8", 1234567.8, False, ""),
        ("0.1%", 0.1, True, ""),
        ("62.8 %", 62.8, True, ""),
        ("<0.1%", 0.1, True, "<"),
        (">0%", 0, True, ">"),
        ("-5", -5, False, ""),
        ("−5", -5, False, ""),  # minus sign
        ("1 234 567", 1234567, False, ""),
        ("1\u00a0234", 1234, False, ""),
        ("1e3", 1000, False, ""),
    ],
)
def test_numbers_with_a_point(text: str, value: float, percent: bool, bound: str) -> None:
    assert read_number(text) == (value, percent, bound)


@pytest.mark.parametrize(
    ("text", "value"), [("12,5", 12.5), ("1.234,5", 1234.5), ("1.234", 1234), ("0,125", 0.125), ("7", 7)]
)
def test_numbers_with_a_comma(text: str, value: float) -> None:
    found = read_number(text, COMMA)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "text",
    ["", "NA", "n.a.", "W", "12,5", "1,23", "1.2.3", "12%5", "%", "<", "1e999", "nan", "inf", "1_000", "0x1"],
)
def test_what_is_no_number_is_not_read(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("texts", "decimal", "sure", "mixed"),
    [
        (["1", "22"], ".", False, False),
        (["1,234", "5,678"], ".", False, False),
        (["1.234"], ".", False, False),
        (["1.5"], ".", True, False),
        (["0.125"], ".", True, False),
        (["0,125"], ",", True, False),
        (["1,234,567"], ".", True, False),
        (["1.234.567"], ",", True, False),
        (["12,5%", "1.234%"], ",", True, False),
        (["12,5", "12.5"], ".", True, True),
        (["1.5", "1.234.567"], ".", True, True),
    ],
)
def test_the_style_of_a_column(texts: list[str], decimal: str, sure: bool, mixed: bool) -> None:
    assert number_style(texts) == NumberStyle(decimal, sure, mixed)


def test_in_a_mixed_column_what_could_be_either_is_not_read() -> None:
    assert read_number("1,234", MIXED) is None
    assert read_number("1.234", MIXED) is None
    assert read_number("12,5", MIXED) == (12.5, False, "")
    assert read_number("12.5", MIXED) == (12.5, False, "")


@settings(max_examples=60)
@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=99))
def test_both_styles_say_the_same(whole: int, hundredths: int) -> None:
    value = float(f"{whole}.{hundredths:02d}")
    english = f"{whole:,}.{hundredths:02d}"
    dutch = english.translate(str.maketrans(",.", ".,"))
    for text, style in ((english, number_style([english])), (dutch, number_style([dutch]))):
        found = read_number(text, style)
        assert found is not None
        assert found.value == value


@settings(max_examples=60)
@given(st.text(max_size=12))
def test_any_text_is_a_number_or_none(text: str) -> None:
    for style in (number_style([text]), MIXED, COMMA):
        found = read_number(text, style)
        assert found is None or abs(found.value) < float("inf")
