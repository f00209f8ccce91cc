"""Specifications: what they hold, how their conditions test, and what changing one does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dependency import INDICATORS, MethodSpecification, method, method_ids, methods
from geomonitor.errors import DataError, UnknownCodeError

METHODS = (
    "cae-2021",
    "cbs-2021",
    "cepii-geodep-2024",
    "commission-2021",
    "commission-2023",
    "imf-fragility-2017",
)


def conditions(name: str) -> list[tuple[str, str, float]]:
    return [(each.indicator, each.operator, each.threshold) for each in method(name).conditions]


def test_the_six_methods_are_there() -> None:
    assert method_ids() == METHODS


@pytest.mark.parametrize("name", METHODS)
def test_a_specification_is_whole(name: str) -> None:
    found = method(name)
    assert found.id == name
    assert found.citation
    assert found.known_differences
    assert not found.modified
    assert set(found.title) == set(found.summary) == {"en", "nl"}
    for each in (*found.conditions, *found.severe_conditions):
        assert each.indicator in INDICATORS
        assert set(each.meaning) == {"en", "nl"}
        assert each.source
        assert each.operator in {">", ">="}


def test_reconstructions_are_marked() -> None:
    marked = {name for name, each in methods().items() if each.status == "reconstruction"}
    assert marked == {"cae-2021", "commission-2023", "imf-fragility-2017"}


def value(name: str, amount: float) -> bool:
    return bool(method(name).conditions[0].met(np.array([amount]))[0])


@pytest.mark.parametrize(
    ("amount", "met"),
    [
        (0.4, False),
        (math.nextafter(0.4, 1), False),
        (0.1 + 0.1 + 0.1 + 0.1, False),
        (0.6**2 + 0.2**2, False),
        (math.fsum([0.36, 0.04]), False),
        (0.400001, True),
        (math.nan, False),
        (math.inf, True),
        (0.0, False),
    ],
)
def test_a_strict_threshold_is_not_met_by_itself(amount: float, met: bool) -> None:
    assert value("commission-2021", amount) is met


@pytest.mark.parametrize(
    ("amount", "met"),
    [
        (0.25, True),
        (math.nextafter(0.25, 0), True),
        (0.2499999, False),
        (0.15 + 0.1, True),
        (math.nan, False),
    ],
)
def test_an_inclusive_threshold_is_met_by_itself(amount: float, met: bool) -> None:
    assert value("cbs-2021", amount) is met


@given(st.floats(0, 10))
@settings(max_examples=60)
def test_distance_is_positive_only_beyond_the_threshold(amount: float) -> None:
    condition = method("commission-2021").conditions[0]
    distance = condition.distance(np.array([amount]))[0]
    assert distance == pytest.approx(amount / 0.4 - 1)
    if abs(distance) > 1e-9:
        assert (distance > 0) == bool(condition.met(np.array([amount]))[0])


@pytest.mark.parametrize(("years", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (30, 20)])
def test_persistence_is_scaled_to_the_number_of_years(years: int, needed: int) -> None:
    assert method("cepii-geodep-2024").years_needed(years) == needed
    assert method("commission-2021").years_needed(years) == 1


def test_a_changed_threshold_marks_the_method_and_leaves_the_published_one_alone() -> None:
    published = method("commission-2021")
    changed = published.with_thresholds({"import_concentration": 0.5, "extra_import_share": 0.5})
    assert changed.modified == ("import_concentration > 0.5 (published: 0.4)",)
    assert changed.label == "commission-2021 1.0 (modified)"
    assert changed.as_record()["modified"] == list(changed.modified)
    assert changed.conditions[0].threshold == 0.5
    assert changed.conditions[1:] == published.conditions[1:]
    assert method("commission-2021").conditions[0].threshold == 0.4


def test_the_published_threshold_itself_modifies_nothing() -> None:
    same = method("commission-2021").with_thresholds({"import_concentration": 0.4})
    assert same == method("commission-2021")


def test_severe_thresholds_can_be_changed_too() -> None:
    changed = method("commission-2023").with_thresholds({"world_main_exporter_share": 0.7})
    assert changed.severe_conditions[0].threshold == 0.7
    assert changed.modified == ("world_main_exporter_share >= 0.7 (published: 0.5)",)


def test_a_change_of_a_change_still_names_the_published_threshold() -> None:
    twice = method("commission-2021").with_thresholds({"import_concentration": 0.5})
    twice = twice.with_thresholds({"import_concentration": 0.6})
    assert twice.modified == ("import_concentration > 0.6 (published: 0.4)",)
    assert twice.with_thresholds({"import_concentration": 0.4}).modified == ()


@pytest.mark.parametrize("wrong", [0.0, -0.4, math.nan, math.inf])
def test_a_threshold_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(DataError, match="cannot be a threshold"):
        method("commission-2021").with_thresholds({"import_concentration": wrong})


def test_a_threshold_of_an_indicator_that_is_not_tested_is_refused() -> None:
    with pytest.raises(UnknownCodeError, match="no threshold for 'world_export_concentration'"):
        method("commission-2021").with_thresholds({"world_export_concentration": 0.5})


def test_an_unknown_method_names_near_ones() -> None:
    with pytest.raises(UnknownCodeError) as caught:
        method("comission-2021")
    assert caught.value.next_step is not None
    assert "commission-2021" in caught.value.next_step


@pytest.mark.parametrize("name", METHODS)
def test_the_record_says_every_test(name: str) -> None:
    found: MethodSpecification = method(name)
    record = found.as_record()
    assert [tuple(each) for each in record["conditions"]] == conditions(name)
    assert len(record["severe_conditions"]) == len(found.severe_conditions)
    assert (record["id"], record["version"], record["status"]) == (name, found.version, found.status)
