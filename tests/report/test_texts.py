"""Texts in both languages, numbers and names."""

from __future__ import annotations

import math
import re
import string
from pathlib import Path

import pytest

import geomonitor.report
from geomonitor.dependency import INDICATORS, methods
from geomonitor.errors import UnknownCodeError
from geomonitor.report import Language
from geomonitor.report.language import short_name, texts

# a remark on English names and citations that an English reader does not need
ONLY_DUTCH = {"page.english_names", "method.english_only"}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_there_in_both_languages_with_the_same_fields() -> None:
    for key, wording in texts().items():
        assert set(wording) == {"en", "nl"}, key
        assert wording["nl"].strip(), key
        assert wording["en"].strip() or key in ONLY_DUTCH, key
        assert _fields(wording["en"]) == _fields(wording["nl"]), key


def test_every_text_that_the_report_asks_for_exists() -> None:
    room = Path(geomonitor.report.__file__).parent
    asked = set()
    for file in [*room.rglob("*.py"), *room.rglob("*.j2")]:
        source = file.read_text(encoding="utf-8")
        plain = r'(?:\.say|(?<![\w.])t)\(\s*"([a-z]+\.[a-z0-9_]+)"[,)]'
        asked |= set(re.findall(plain, source))
        counted = re.findall(r'\.count\(\s*"([a-z]+\.[a-z0-9_]+)"', source)
        asked |= {f"{key}_{form}" for key in counted for form in ("one", "many")}
    assert len(asked) > 80
    assert asked <= set(texts())


def test_every_indicator_has_a_formula_and_a_heading() -> None:
    tested = {name for each in methods().values() for name in each.indicators()}
    assert tested <= set(INDICATORS)
    for name in INDICATORS:
        assert f"formula.{name}" in texts()
        assert f"short.{name}" in texts()


@pytest.mark.parametrize(
    ("value", "decimals", "english", "dutch"),
    [
        (1234567.891, 2, "1,234,567.89", "1.234.567,89"),
        (0.5, 2, "0.50", "0,50"),
        (-1.25, 1, "−1.2", "−1,2"),
        (-0.0004, 2, "0.00", "0,00"),
        (math.inf, 2, "∞", "∞"),
        (math.nan, 2, "–", "–"),
        (None, 0, "–", "–"),
    ],
)
def test_numbers_follow_the_language(value: float | None, decimals: int, english: str, dutch: str) -> None:
    assert Language("en").number(value, decimals) == english
    assert Language("nl").number(value, decimals) == dutch


@pytest.mark.parametrize(
    ("value_kusd", "dutch"),
    [
        (547.0, "547 duizend dollar"),
        (1_260.0, "1,3 miljoen dollar"),
        (999_900.0, "1,0 miljard dollar"),
        (566_000_000.0, "566 miljard dollar"),
    ],
)
def test_amounts_are_written_in_words(value_kusd: float, dutch: str) -> None:
    assert Language("nl").money(value_kusd) == dutch


def test_importers_are_named_with_their_home() -> None:
    assert (
        Language("en").importer("NLD", "EU27_2020")
        == "the Netherlands (supply from outside the European Union)"
    )
    assert Language("nl").importer("CHN") == "China"
    assert Language("nl", {"MINE": ["NLD", "BEL"]}).importer("MINE") == "MINE"


def test_variants_are_named() -> None:
    dutch = Language("nl")
    assert dutch.variant("without 2022") == "zonder 2022"
    assert dutch.variant("2022 alone") == "alleen 2022"
    assert dutch.variant("all thresholds +10 %") == "alle drempels +10%"
    assert dutch.variant("something new") == "something new"


def test_short_names_end_at_a_word() -> None:
    assert short_name("Bismuth") == "Bismuth"
    assert len(short_name("x" * 500, 40)) == 40
    assert short_name("Borates: natural, and concentrates thereof", 20) == "Borates: natural…"


def test_an_unknown_language_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UnknownCodeError, match="'de'") as raised:
        Language("de")
    assert raised.value.expected == "one of en, nl"
