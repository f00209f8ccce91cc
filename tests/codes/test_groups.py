from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.codes import (
    ECONOMY_CODES,
    UNALLOCATED_CODES,
    economy,
    group,
    group_codes,
    group_members,
    resolve_importer,
)
from geomonitor.errors import UnknownCodeError

Date = datetime.date
MODERN = Date(2023, 6, 30)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("EU15", 15),
        ("EU25", 25),
        ("EU27_2007", 27),
        ("EU28", 28),
        ("EU27_2020", 27),
        ("EU", 27),
        ("EA19", 19),
        ("EA20", 20),
        ("EA21", 21),
        ("EEA", 30),
        ("EFTA", 4),
        ("EEA_EFTA_UK", 32),
        ("BENELUX", 3),
        ("OECD", 38),
        ("G7", 7),
        ("G20", 19),
        ("BRICS", 10),
        ("USMCA", 3),
        ("ASEAN", 11),
        ("CPTPP", 12),
        ("RCEP", 15),
        ("FIVE_EYES", 5),
        ("NATO", 32),
    ],
)
def test_newest_membership_counts(code: str, count: int) -> None:
    found = group(code)
    assert len(found.members) == count
    assert list(found.members) == sorted(set(found.members))


def test_every_group_has_known_members_names_and_a_source() -> None:
    for code in group_codes():
        found = group(code)
        assert set(found.members) <= set(ECONOMY_CODES)
        assert not set(found.members) & UNALLOCATED_CODES
        assert not any(economy(member).historical for member in found.members)
        assert found.name_en
        assert found.name_nl
        assert found.source
        assert found.valid
        assert code not in ECONOMY_CODES


def test_the_united_kingdom_is_in_eu28_and_not_in_eu27_2020() -> None:
    assert "GBR" in group("EU28")
    assert "GBR" in group("EU27_2007")
    assert "GBR" not in group("EU27_2020")
    assert "HRV" not in group("EU27_2007")
    assert set(group("EU28").members) - set(group("EU27_2020").members) == {"GBR"}


@pytest.mark.parametrize("on", [None, Date(1990, 1, 1), Date(2007, 1, 1), Date(2024, 12, 31)])
def test_eu27_2020_is_the_same_at_all_dates(on: datetime.date | None) -> None:
    assert group("EU27_2020", on=on).members == group("EU", on=Date(2020, 2, 1)).members


@pytest.mark.parametrize(
    ("code", "member", "first_day"),
    [
        ("EU", "HRV", Date(2013, 7, 1)),
        ("EU", "BGR", Date(2007, 1, 1)),
        ("EU", "POL", Date(2004, 5, 1)),
        ("EU", "AUT", Date(1995, 1, 1)),
        ("EA", "GRC", Date(2001, 1, 1)),
        ("EA", "HRV", Date(2023, 1, 1)),
        ("EA", "BGR", Date(2026, 1, 1)),
        ("EEA", "LIE", Date(1995, 5, 1)),
        ("OECD", "CRI", Date(2021, 5, 25)),
        ("OECD", "KOR", Date(1996, 12, 12)),
        ("BRICS", "ZAF", Date(2010, 12, 24)),
        ("BRICS", "IDN", Date(2025, 1, 6)),
        ("CPTPP", "GBR", Date(2024, 12, 15)),
        ("RCEP", "PHL", Date(2023, 6, 2)),
        ("ASEAN", "VNM", Date(1995, 7, 28)),
        ("NATO", "SWE", Date(2024, 3, 7)),
        ("G7", "CAN", Date(1976, 6, 27)),
    ],
)
def test_first_day_of_membership(code: str, member: str, first_day: datetime.date) -> None:
    assert member in group(code, on=first_day)
    assert member not in group(code, on=first_day - datetime.timedelta(days=1))


@pytest.mark.parametrize(
    ("code", "member", "last_day"),
    [
        ("EU", "GBR", Date(2020, 1, 31)),
        ("EEA", "GBR", Date(2020, 1, 31)),
        ("EFTA", "SWE", Date(1994, 12, 31)),
    ],
)
def test_last_day_of_membership(code: str, member: str, last_day: datetime.date) -> None:
    assert member in group(code, on=last_day)
    assert member not in group(code, on=last_day + datetime.timedelta(days=1))


def test_a_group_before_its_time_is_an_error() -> None:
    with pytest.raises(UnknownCodeError, match="no members on 1990-01-01"):
        group("CPTPP", on=Date(1990, 1, 1))


@settings(max_examples=60)
@given(st.dates(min_value=Date(1995, 1, 1), max_value=Date(2026, 1, 1)))
def test_relations_between_groups_hold_on_every_date(on: datetime.date) -> None:
    eu, euro_area = group_members("EU", on), group_members("EA", max(on, Date(1999, 1, 1)))
    assert euro_area <= group_members("EU", max(on, Date(1999, 1, 1)))
    assert {"ISL", "NOR"} <= group_members("EEA", on) - eu
    assert group_members("EEA", on) | group_members("EFTA", on) | {"GBR"} == group_members("EEA_EFTA_UK", on)
    assert group_members("BENELUX", on) <= eu


def test_an_economy_is_a_group_of_itself() -> None:
    found = resolve_importer("NLD")
    assert (found.code, found.members, found.name_en, found.name_nl) == (
        "NLD",
        ("NLD",),
        "Netherlands",
        "Nederland",
    )


def test_user_groups_take_economies_groups_and_each_other() -> None:
    extra = {"HOME": ["NLD", "BENELUX"], "WIDER": ["HOME", "NOR", "NLD"], "FORMER": ["EU"]}
    assert group("HOME", extra=extra).members == ("BEL", "LUX", "NLD")
    assert resolve_importer("WIDER", extra=extra).members == ("BEL", "LUX", "NLD", "NOR")
    assert "GBR" in group("FORMER", on=Date(2019, 1, 1), extra=extra)
    assert "GBR" not in group("FORMER", extra=extra)
    assert group("EU28", extra=extra) == group("EU28")


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"A": ["A"]}, "A -> A"),
        ({"A": ["B"], "B": ["C"], "C": ["A"]}, "A -> B -> C -> A"),
        ({"A": ["NLD", "C"], "C": ["D"], "D": ["C"]}, "C -> D -> C"),
    ],
)
def test_a_user_group_that_contains_itself_is_an_error(extra: dict[str, list[str]], named: str) -> None:
    with pytest.raises(UnknownCodeError, match=named):
        group("A", extra=extra)


@pytest.mark.parametrize(
    ("extra", "code", "named"),
    [
        ({"A": ["NLX"]}, "A", "'NLX'"),
        ({"A": []}, "A", "no list of members"),
        ({"A": "NLD"}, "A", "no list of members"),
        ({"NLD": ["BEL"]}, "NLD", "in use"),
        ({"EU28": ["BEL"]}, "EU28", "in use"),
    ],
)
def test_bad_user_groups_are_errors(extra: dict[str, list[str]], code: str, named: str) -> None:
    with pytest.raises(UnknownCodeError, match=named) as caught:
        resolve_importer(code, extra=extra)
    assert caught.value.where == f"group {code}"


@pytest.mark.parametrize(
    ("text", "match"), [("EU27", "EU27_2020"), ("eu28", "EU28"), ("Nederland", "NLD"), ("", None)]
)
def test_unknown_importer_is_named_with_near_matches(text: str, match: str | None) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        resolve_importer(text)
    assert repr(text) in str(caught.value)
    if match is not None:
        assert match in (caught.value.next_step or "")


def test_unknown_group_is_named_with_near_matches() -> None:
    with pytest.raises(UnknownCodeError, match="'OESO'") as caught:
        group("OESO", extra={"OESO_MINE": ["NLD"]})
    assert "OESO_MINE" in (caught.value.next_step or "")


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from(["P", "Q", "R", "S"]),
        st.lists(
            st.sampled_from(["P", "Q", "R", "S", "NLD", "CHN", "G7", "BENELUX"]), min_size=1, max_size=4
        ),
        min_size=1,
    )
)
def test_user_groups_give_economies_or_an_error(extra: dict[str, list[str]]) -> None:
    for code in extra:
        try:
            members = group(code, extra=extra).members
        except UnknownCodeError:
            continue
        assert members
        assert set(members) <= set(ECONOMY_CODES)
        for entry in extra[code]:
            assert group_members(entry, extra=extra) <= set(members)
