"""Concentration kernels against their definition, written out with loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geomonitor.trade import (
    concentration_band,
    herfindahl,
    herfindahl_bounds,
    segment_herfindahl,
    segment_maximum,
    segment_starts,
)

AMOUNTS = st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=40)
SEGMENTS = st.lists(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 1e9)), min_size=1, max_size=8), min_size=1, max_size=12
)


def by_definition(amounts: list[float]) -> float:
    total = math.fsum(amounts)
    return math.fsum((amount / total) ** 2 for amount in amounts)


@given(AMOUNTS)
@settings(max_examples=60)
def test_herfindahl_is_the_sum_of_squared_shares(amounts: list[float]) -> None:
    assert herfindahl(amounts) == pytest.approx(by_definition(amounts), rel=1e-12)


@given(AMOUNTS)
@settings(max_examples=60)
def test_herfindahl_lies_between_equal_shares_and_one_supplier(amounts: list[float]) -> None:
    assert 1 / len(amounts) - 1e-12 <= herfindahl(amounts) <= 1 + 1e-12


@given(AMOUNTS, st.floats(1e-3, 1e3), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_unit_order_and_idle_suppliers_do_not_matter(amounts: list[float], unit: float, random) -> None:
    index = herfindahl(amounts)
    shuffled = random.sample(amounts, len(amounts))
    assert herfindahl([amount * unit for amount in shuffled]) == pytest.approx(index, rel=1e-9)
    assert herfindahl([*amounts, 0.0, 0.0]) == pytest.approx(index, rel=1e-12)


@given(AMOUNTS, AMOUNTS)
@settings(max_examples=60)
def test_merging_two_suppliers_never_lowers_the_index(left: list[float], right: list[float]) -> None:
    assert herfindahl([*left, sum(right)]) >= herfindahl([*left, *right]) * (1 - 1e-12)


@pytest.mark.parametrize("suppliers", [1, 2, 5, 100])
def test_equal_suppliers_give_one_over_their_number(suppliers: int) -> None:
    assert herfindahl([7.0] * suppliers) == pytest.approx(1 / suppliers, rel=1e-12)


@pytest.mark.parametrize("amounts", [[], [0.0], [0.0, 0.0]])
def test_no_supply_has_no_index(amounts: list[float]) -> None:
    assert math.isnan(herfindahl(amounts))


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
def test_an_amount_that_is_no_amount_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite and not negative"):
        herfindahl([1.0, wrong])


@given(AMOUNTS, st.floats(0, 1e9), st.integers(1, 6), st.data())
@settings(max_examples=60)
def test_any_allocation_of_the_unallocated_lies_within_the_bounds(
    amounts: list[float], unallocated: float, new_suppliers: int, data: st.DataObject
) -> None:
    low, high = herfindahl_bounds(amounts, unallocated)
    weights = data.draw(
        st.lists(
            st.floats(0, 1), min_size=len(amounts) + new_suppliers, max_size=len(amounts) + new_suppliers
        )
    )
    total_weight = sum(weights) or 1.0
    weights = [each / total_weight for each in weights] if sum(weights) else [1.0, *weights[1:]]
    known = [*amounts, *[0.0] * new_suppliers]
    allocated = [amount + unallocated * weight for amount, weight in zip(known, weights, strict=True)]
    # a new supplier that takes all can be larger than the largest known one: that is outside the rule
    if max(allocated[len(amounts) :]) <= max(amounts):
        assert low * (1 - 1e-9) <= herfindahl(allocated) <= high * (1 + 1e-9)


def test_bounds_at_their_edges() -> None:
    assert herfindahl_bounds([50, 30], 0) == pytest.approx((0.53125, 0.53125))
    assert herfindahl_bounds([], 5) == (0.0, 1.0)
    assert all(math.isnan(bound) for bound in herfindahl_bounds([], 0))


def flat(segments: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([value for segment in segments for value in segment])
    keys = np.repeat(np.arange(len(segments)), [len(segment) for segment in segments])
    return values, segment_starts(keys)


@given(SEGMENTS)
@settings(max_examples=80)
@example([[0.0], [1.0, 2.0]])
def test_segment_kernels_agree_with_one_segment_at_a_time(segments: list[list[float]]) -> None:
    values, starts = flat(segments)
    total, index = segment_herfindahl(values, starts)
    largest, row = segment_maximum(values, starts)
    assert len(starts) == len(segments)
    for place, segment in enumerate(segments):
        assert total[place] == pytest.approx(math.fsum(segment), rel=1e-12)
        assert largest[place] == max(segment)
        assert row[place] - starts[place] == segment.index(max(segment))
        if sum(segment) > 0:
            assert index[place] == pytest.approx(by_definition(segment), rel=1e-9)
        else:
            assert math.isnan(index[place])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
@settings(max_examples=60)
def test_segments_start_where_any_key_changes(pairs: list[tuple[int, int]]) -> None:
    ordered = sorted(pairs)
    expected = [i for i, pair in enumerate(ordered) if i == 0 or pair != ordered[i - 1]]
    first, second = (np.array([pair[i] for pair in ordered], dtype=np.int64) for i in (0, 1))
    assert segment_starts(first, second).tolist() == expected


def test_an_empty_table_has_no_segments() -> None:
    nothing, starts = np.empty(0), segment_starts(np.empty(0))
    assert len(starts) == 0
    assert [len(part) for part in segment_herfindahl(nothing, starts)] == [0, 0]
    assert [len(part) for part in segment_maximum(nothing, starts)] == [0, 0]


@pytest.mark.parametrize(
    ("index", "band"),
    [
        (0.0, "none"),
        (0.1499999, "none"),
        (0.15, "slight"),
        (0.2499999, "slight"),
        (0.25, "high"),
        (1.0, "high"),
    ],
)
def test_band_edges_belong_to_the_higher_band(index: float, band: str) -> None:
    assert concentration_band(index) == band


def test_an_unknown_index_has_an_unknown_band() -> None:
    assert concentration_band(float("nan")) == "unknown"
