"""Sparse amounts against the same operations on a dense array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.trade import Amounts, amounts_at

SHAPE = (3, 4, 5)
SIZE = int(np.prod(SHAPE))
ROWS = st.lists(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, 1000), st.one_of(st.none(), st.integers(0, 1000))),
    max_size=60,
)


def made(rows: list[tuple[int, int, int | None]], shape: tuple[int, int, int] = SHAPE) -> Amounts:
    places = np.array([place for place, _, _ in rows], dtype=np.int64)
    value = np.array([value for _, value, _ in rows], dtype=np.float64)
    quantity = np.array([quantity or 0 for *_, quantity in rows], dtype=np.float64)
    covered = np.array([0 if quantity is None else value for _, value, quantity in rows], dtype=np.float64)
    columns = {"value_kusd": value, "quantity_t": quantity, "value_with_quantity_kusd": covered}
    return amounts_at(places, columns, shape)


def dense_of(rows: list[tuple[int, int, int | None]]) -> np.ndarray:
    flat = np.zeros(SIZE)
    for place, value, _ in rows:
        flat[place] += value
    return flat.reshape(SHAPE)


def well_formed(amounts: Amounts) -> bool:
    return bool((np.diff(amounts.places) > 0).all() and (amounts.value_kusd > 0).all())


@given(ROWS)
@settings(max_examples=60)
def test_rows_of_one_place_add_up_and_zero_is_no_supply(rows: list[tuple[int, int, int | None]]) -> None:
    amounts = made(rows)
    assert well_formed(amounts)
    np.testing.assert_array_equal(amounts.dense(), dense_of(rows))
    year, product, economy = np.unravel_index(amounts.places, SHAPE)
    np.testing.assert_array_equal(amounts.economy, economy)
    np.testing.assert_array_equal(amounts.segment, year * SHAPE[1] + product)


@given(ROWS)
@settings(max_examples=40)
def test_sparse_and_well_filled_tables_are_summed_alike(rows: list[tuple[int, int, int | None]]) -> None:
    # so large a shape takes the path for sparse tables
    wide = (SHAPE[0], SHAPE[1], SHAPE[2] * 1000)
    spread = [(place // SHAPE[2] * wide[2] + place % SHAPE[2], value, known) for place, value, known in rows]
    sparse, filled = made(spread, wide), made(rows)
    np.testing.assert_array_equal(sparse.dense()[:, :, : SHAPE[2]], filled.dense())
    np.testing.assert_array_equal(sparse.quantity_t, filled.quantity_t)
    np.testing.assert_array_equal(sparse.value_with_quantity_kusd, filled.value_with_quantity_kusd)


@given(ROWS, st.sets(st.integers(0, 2), min_size=1))
@settings(max_examples=60)
def test_years_and_pooling(rows: list[tuple[int, int, int | None]], chosen: set[int]) -> None:
    years, amounts = sorted(chosen), made(rows)
    kept, pooled = amounts.years(years), amounts.pooled(years)
    assert well_formed(kept)
    assert well_formed(pooled)
    np.testing.assert_array_equal(kept.dense(), amounts.dense()[years])
    np.testing.assert_array_equal(pooled.dense()[0], amounts.dense()[years].sum(axis=0))
    assert pooled.quantity_t is not None
    assert amounts.quantity_t is not None
    in_years = np.isin(amounts.places // (SHAPE[1] * SHAPE[2]), years)
    assert pooled.quantity_t.sum() == amounts.quantity_t[in_years].sum()


@given(ROWS, st.lists(st.booleans(), min_size=5, max_size=5))
@settings(max_examples=60)
def test_only_some_economies(rows: list[tuple[int, int, int | None]], wanted: list[bool]) -> None:
    mask = np.array(wanted)
    np.testing.assert_array_equal(made(rows).only_economies(mask).dense(), made(rows).dense() * mask)


@given(ROWS, st.lists(st.integers(0, 4), min_size=5, max_size=5))
@settings(max_examples=60)
def test_moving_economies_keeps_the_sum_of_every_product(
    rows: list[tuple[int, int, int | None]], target: list[int]
) -> None:
    amounts = made(rows)
    moved = amounts.moved(np.array(target, dtype=np.int64))
    expected = np.zeros(SHAPE)
    for source, place in enumerate(target):
        expected[:, :, place] += amounts.dense()[:, :, source]
    assert well_formed(moved)
    np.testing.assert_array_equal(moved.dense(), expected)


def test_amounts_are_divided_by_the_scale_and_quantities_may_be_left_out() -> None:
    amounts = amounts_at(np.array([1]), {"value_kusd": np.array([1500.0])}, (1, 1, 2), scale=1000.0)
    assert amounts.value_kusd.tolist() == [1.5]
    assert amounts.quantity_t is None
    assert amounts.pooled([0]).value_with_quantity_kusd is None


@pytest.mark.parametrize("shape", [(1, 0, 5), (2, 3, 4)])
def test_no_rows(shape: tuple[int, int, int]) -> None:
    nothing = amounts_at(np.empty(0, dtype=np.int64), {"value_kusd": np.empty(0)}, shape)
    assert nothing.dense().shape == shape
    assert nothing.pooled([0]).dense().sum() == 0
