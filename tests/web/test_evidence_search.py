"""The search: words and codes, names in both languages, and no case that one may not read."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.http import urlencode

from geomonitor.findings import Edition
from geomonitor.register.models import Case, User


def found(client: Client, asked: str) -> str:
    answer = client.get(f"/search/?{urlencode({'q': asked})}")
    assert answer.status_code == 200
    return answer.content.decode().split("<main", 1)[1]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("810600", "Bismuth"),
        ("8106", "Bismuth"),
        ("bismuth WASTE", "810600"),
        ("Türkiye", "/pairs/EU27_2020/TUR/"),
        ("turkije", "/pairs/EU27_2020/TUR/"),
        ("turkey", "/pairs/EU27_2020/TUR/"),
        ("cote d'ivoire", "/pairs/EU27_2020/CIV/"),
        ("wolfraam", "Tungsten"),
        ("geodep", "CEPII"),
        ("cbs-2021", "Statistics Netherlands"),
        ("NLD", "Netherlands"),
        ("european union", "?importer=EU27_2020"),
    ],
)
def test_finds_by_code_and_by_name_in_either_language(
    as_reader: Client, edition: Edition, asked: str, expected: str
) -> None:
    assert expected in found(as_reader, asked)


def test_the_exact_code_comes_first(as_reader: Client, edition: Edition) -> None:
    page = found(as_reader, "chn")
    first = re.search(r'<h2 id="g-economy">.*?<li>(.*?)</li>', page, re.S)
    assert first is not None
    assert "China" in first[1]


@pytest.mark.parametrize(
    "asked",
    ["' OR 1=1 --", "%", "tungs_en", "\\", "'; DROP TABLE register_case; --", "\x00", '"', "<b>x</b>"],
)
def test_signs_of_a_query_language_are_only_signs(
    as_reader: Client, edition: Edition, open_case: Callable[..., Case], asked: str
) -> None:
    open_case(title="Tungsten powders")
    page = found(as_reader, asked)
    assert "Tungsten powders" not in page
    assert "<b>x</b>" not in page
    assert Case.objects.count() == 1


def test_cases_are_found_without_accents_and_only_those_one_may_read(
    as_reader: Client, as_analyst: Client, edition: Edition, open_case: Callable[..., Case]
) -> None:
    open_case(title="Zeldzame aarden uit Türkiye")
    open_case(title="Vertrouwelijk over Turkiye", visibility="members")
    page = found(as_reader, "turkiye")
    assert "Zeldzame aarden" in page
    assert "Vertrouwelijk" not in page
    assert "Vertrouwelijk" in found(as_analyst, "TÜRKIYE")
    answer = as_reader.get("/search/?q=turkiye&download=csv").content.decode("utf-8-sig")
    assert "Zeldzame aarden" in answer
    assert "Vertrouwelijk" not in answer


def test_nothing_found_says_what_to_try(as_reader: Client, edition: Edition) -> None:
    assert "Nothing was found" in found(as_reader, "xyzzy")
    assert "Capitals and accents do not matter" in found(as_reader, "")


def test_economies_are_named_in_the_language_of_the_reader(as_reader: Client, edition: Edition) -> None:
    User.objects.filter(username="reader").update(language="nl")
    page = found(as_reader, "germany")
    assert "Duitsland" in page
