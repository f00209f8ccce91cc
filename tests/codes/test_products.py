from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.codes import (
    HS_REVISIONS,
    UNSPECIFIED_PRODUCT,
    chapter_name,
    hs_chapter,
    hs_chapters,
    hs_revision,
    hs_section,
    product_code,
    section_name,
)
from geomonitor.errors import UnknownCodeError


@pytest.mark.parametrize("names", [("HS17", "HS2017", "H5", "2017", "17", " hs17 ", 2017, 17)])
def test_names_of_a_revision(names: tuple[str | int, ...]) -> None:
    assert {hs_revision(name) for name in names} == {"HS17"}


def test_every_revision_by_each_of_its_names() -> None:
    assert list(HS_REVISIONS.values()) == [1992, 1996, 2002, 2007, 2012, 2017, 2022]
    for number, (revision, year) in enumerate(HS_REVISIONS.items()):
        for name in (revision, f"HS{year}", f"H{number}", str(year), year, revision[2:]):
            assert hs_revision(name) == revision


@pytest.mark.parametrize("text", ["", "HS", "HS18", "H7", "1988", "HS1917", "SITC"])
def test_unknown_revision_is_named(text: str) -> None:
    with pytest.raises(UnknownCodeError, match=f"'{text}'"):
        hs_revision(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("10121", "010121"),
        ("010121", "010121"),
        (10121, "010121"),
        (810600, "810600"),
        (" 810600 ", "810600"),
    ],
)
def test_product_codes(text: str | int, code: str) -> None:
    assert product_code(text) == code


def test_the_code_for_unspecified_products_stays() -> None:
    assert product_code("9999AA") == UNSPECIFIED_PRODUCT
    assert hs_chapter("9999AA") == "99"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8106",
        "81060010",
        "8106.00",
        "81O600",
        "TOTAL",
        "-10121",
        "1e5",
        "810600.0",
        "٨١٠٦٠٠",
        "770100",
        "000121",
        8106,
    ],
)
def test_what_is_no_product_code_is_named(text: str | int) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        product_code(text, where="flows.csv, row 7, column product")
    assert repr(text) in str(caught.value)
    assert "row 7" in str(caught.value)


@settings(max_examples=100)
@given(st.integers(min_value=10_000, max_value=999_999))
def test_a_lost_leading_zero_is_restored(number: int) -> None:
    text = f"{number:06d}"
    if text[:2] in hs_chapters():
        assert product_code(number) == product_code(str(number)) == product_code(text) == text
        assert hs_chapter(text) == text[:2]
    else:
        with pytest.raises(UnknownCodeError):
            product_code(number)


@settings(max_examples=100)
@given(st.text(max_size=8))
def test_any_text_gives_six_digits_or_an_error(text: str) -> None:
    try:
        code = product_code(text)
    except UnknownCodeError:
        return
    assert len(code) == 6
    assert product_code(code) == code


def test_every_chapter_has_a_section_and_names_in_both_languages() -> None:
    assert hs_chapters() == tuple(f"{number:02d}" for number in range(1, 100) if number != 77)
    for language in ("en", "nl"):
        names = [chapter_name(chapter, language) for chapter in hs_chapters()]
        assert all(names)
        assert len(set(names)) == len(names)
        sections = [
            section_name(hs_section(chapter), language) for chapter in hs_chapters() if chapter < "98"
        ]
        assert len(set(sections)) == 21


@pytest.mark.parametrize(
    ("chapter", "section"),
    [
        ("01", "I"),
        ("25", "V"),
        ("27", "V"),
        ("28", "VI"),
        ("71", "XIV"),
        ("81", "XV"),
        ("85", "XVI"),
        ("97", "XXI"),
    ],
)
def test_sections(chapter: str, section: str) -> None:
    assert hs_section(chapter) == section


def test_chapter_names() -> None:
    assert chapter_name("25") == "Salt, stone, cement"
    assert chapter_name("25", "nl") == "Zout, steen, cement"


@pytest.mark.parametrize("chapter", ["77", "1", "00", "100", ""])
def test_unknown_chapter_is_named(chapter: str) -> None:
    with pytest.raises(UnknownCodeError, match=f"'{chapter}'"):
        chapter_name(chapter)
    with pytest.raises(UnknownCodeError, match=f"'{chapter}'"):
        hs_section(chapter)


def test_special_chapters_are_in_no_section() -> None:
    with pytest.raises(UnknownCodeError, match="'99' is in no section"):
        hs_section("99")
    with pytest.raises(UnknownCodeError, match="'XXII'"):
        section_name("XXII")


@pytest.mark.reference
@pytest.mark.parametrize(
    "table",
    [
        "trade/nomenclature/hs_descriptions/product_codes_HS92_V202401b.csv",
        "trade/nomenclature/hs_descriptions/baci_product_codes_HS17_V202301.csv",
        "trade/nomenclature/hs_descriptions/baci_product_codes_HS22_V202501.csv",
    ],
)
def test_every_code_of_the_published_tables_is_a_product(reference_data: Path, table: str) -> None:
    with (reference_data / table).open(encoding="utf-8-sig", newline="") as handle:
        codes = [row["code"] for row in csv.DictReader(handle)]
    assert len(codes) > 5000
    for code in codes:
        assert product_code(code) == code.zfill(6)
        assert product_code(code.lstrip("0")) == code.zfill(6)
