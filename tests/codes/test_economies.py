from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.codes import (
    BACI_ECONOMIES,
    COMTRADE_ECONOMIES,
    ECONOMY_CODES,
    UNALLOCATED_CODES,
    economy,
    economy_from_baci,
    economy_from_comtrade,
    economy_name,
    near_matches,
)
from geomonitor.errors import UnknownCodeError

BACI_OWN_CODES = {"S19": "TWN"}


def test_codes_are_sorted_unique_and_contain_iso_3166() -> None:
    assert list(ECONOMY_CODES) == sorted(set(ECONOMY_CODES))
    assert {country.alpha_3 for country in pycountry.countries} <= set(ECONOMY_CODES)
    assert {"CSK", "DDR", "SUN", "SCG", "ANT", "PUS", "XKX", "R20", "ZA1"} <= set(ECONOMY_CODES)


def test_every_economy_has_a_name_in_both_languages() -> None:
    for code in ECONOMY_CODES:
        found = economy(code)
        assert found.code == code
        for name in (found.name_en, found.name_nl):
            assert name == name.strip()
            assert len(name) > 2
            # The mark of UTF-8 that was read as Latin-1.
            assert "Ã" not in name
    for language in ("en", "nl"):
        names = [economy_name(code, language) for code in ECONOMY_CODES]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("code", "english", "dutch"),
    [
        ("CHN", "China", "China"),
        ("RUS", "Russia", "Rusland"),
        ("KOR", "South Korea", "Zuid-Korea"),
        ("PRK", "North Korea", "Noord-Korea"),
        ("TWN", "Taiwan", "Taiwan"),
        ("TUR", "Turkey", "Turkije"),
        ("VNM", "Vietnam", "Vietnam"),
        ("USA", "United States", "Verenigde Staten"),
        ("GBR", "United Kingdom", "Verenigd Koninkrijk"),
        ("NLD", "Netherlands", "Nederland"),
        ("COD", "DR Congo", "DR Congo"),
        ("CIV", "Côte d'Ivoire", "Ivoorkust"),
        ("DEU", "Germany", "Duitsland"),
    ],
)
def test_everyday_names(code: str, english: str, dutch: str) -> None:
    assert (economy_name(code), economy_name(code, "nl")) == (english, dutch)


def test_unallocated_codes_are_no_single_economy() -> None:
    assert {"R20", "ZA1", "XXX"} == UNALLOCATED_CODES
    assert "TWN" not in UNALLOCATED_CODES


@pytest.mark.parametrize(
    ("baci_code", "code"),
    [
        (490, "TWN"),
        (58, "BEL"),
        (56, "BEL"),
        (251, "FRA"),
        (278, "DDR"),
        (280, "DEU"),
        (200, "CSK"),
        (530, "ANT"),
        (579, "NOR"),
        (697, "R20"),
        (699, "IND"),
        (711, "ZA1"),
        (710, "ZAF"),
        (736, "SDN"),
        (729, "SDN"),
        (757, "CHE"),
        (810, "SUN"),
        (842, "USA"),
        (849, "PUS"),
        (891, "SCG"),
        (516, "NAM"),
    ],
)
def test_baci_codes(baci_code: int, code: str) -> None:
    assert economy_from_baci(baci_code) == code


def test_tables_of_numeric_codes_lead_to_known_economies() -> None:
    assert set(BACI_ECONOMIES.values()) <= set(ECONOMY_CODES)
    assert set(COMTRADE_ECONOMIES.values()) <= set(ECONOMY_CODES)
    assert len(BACI_ECONOMIES) == 238


def test_comtrade_takes_iso_numbers_and_its_own_codes() -> None:
    for country in pycountry.countries:
        # Comtrade counts Monaco with France and uses its number for a remainder.
        expected = "XXX" if country.alpha_3 == "MCO" else country.alpha_3
        assert economy_from_comtrade(int(country.numeric)) == expected
    for number, code in BACI_ECONOMIES.items():
        assert economy_from_comtrade(number) == code


@pytest.mark.parametrize("total", [0, 97])
def test_comtrade_totals_are_an_error(total: int) -> None:
    with pytest.raises(UnknownCodeError, match=f"country code {total} is not known"):
        economy_from_comtrade(total, where="flows.csv, row 3")


@pytest.mark.reference
@pytest.mark.parametrize(
    "table",
    [
        "trade/baci_hs92_rawmaterials_1995_2024/country_codes_V202401b.csv",
        "countries/baci_country_codes_V202501.csv",
    ],
)
def test_every_code_of_the_published_tables_maps(reference_data: Path, table: str) -> None:
    with (reference_data / table).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 238
    for row in rows:
        expected = BACI_OWN_CODES.get(row["country_iso3"], row["country_iso3"])
        assert economy_from_baci(int(row["country_code"])) == expected


@pytest.mark.parametrize(
    ("text", "match"),
    [("NL", "NLD"), ("nld", "NLD"), ("Nederland", "NLD"), ("Zuid-Korea", "KOR"), ("CHNA", "CHN")],
)
def test_unknown_code_is_named_with_near_matches(text: str, match: str) -> None:
    assert match in near_matches(text, ECONOMY_CODES)
    with pytest.raises(UnknownCodeError) as caught:
        economy(text, where="flows.csv, row 12, column exporter")
    message = str(caught.value)
    assert repr(text) in message
    assert "flows.csv, row 12, column exporter" in message
    assert match in message
    assert caught.value.exit_status == 3


@pytest.mark.parametrize("number", [-1, 1, 158, 356, 999_999])
def test_unknown_baci_code_is_named(number: int) -> None:
    with pytest.raises(UnknownCodeError, match=str(number)):
        economy_from_baci(number, where="BACI_HS17_Y2021.csv, row 2")


def test_unknown_language_is_an_error() -> None:
    with pytest.raises(UnknownCodeError, match="'fr'"):
        economy_name("NLD", "fr")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_known_code_or_a_named_error(text: str) -> None:
    if text in ECONOMY_CODES:
        assert economy(text).code == text
    else:
        with pytest.raises(UnknownCodeError) as caught:
            economy(text)
        assert repr(text) in str(caught.value)


@settings(max_examples=100)
@given(st.integers(min_value=-10, max_value=1000))
def test_any_number_is_a_known_economy_or_a_named_error(number: int) -> None:
    if number in BACI_ECONOMIES:
        assert economy_from_baci(number) in ECONOMY_CODES
    else:
        with pytest.raises(UnknownCodeError, match=str(number)):
            economy_from_baci(number)


def test_importing_codes_reaches_no_heavy_package() -> None:
    script = (
        "import sys, geomonitor.codes; "
        "heavy = {'polars', 'pandas', 'numpy', 'pycountry', 'difflib', 'tomllib'} & set(sys.modules); "
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
