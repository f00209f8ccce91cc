from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.chains import (
    average_propagation_length,
    downstreamness,
    indicator,
    leontief_system,
    pass_through_frequency,
    pass_through_of_paths,
    pass_through_stacking,
    position_table,
    upstreamness,
)

from .conftest import plain, random_table, table_of

seeds = st.integers(0, 10_000)
modest = settings(max_examples=25, deadline=None)


@modest
@given(seeds)
def test_weighted_means_of_both_positions_are_equal(seed: int) -> None:
    table = random_table(seed)
    system = leontief_system(table)
    weights = table.output_musd
    up = np.average(upstreamness(system), weights=weights)
    assert up == pytest.approx(np.average(downstreamness(system), weights=weights), rel=1e-10)


@modest
@given(seeds)
def test_positions_and_lengths_are_the_formulas(seed: int) -> None:
    table = random_table(seed)
    _, inverse = plain(table)
    system = leontief_system(table)
    np.testing.assert_allclose(
        upstreamness(system), inverse @ table.output_musd / table.output_musd, rtol=1e-8
    )
    np.testing.assert_allclose(downstreamness(system), inverse.sum(axis=0), rtol=1e-8)
    beyond = inverse - np.eye(table.size)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.where(beyond > 1e-15, inverse @ beyond / beyond, np.nan)
    users = np.arange(table.size)
    np.testing.assert_allclose(average_propagation_length(system, users), expected, rtol=1e-7)


@modest
@given(seeds)
def test_passing_through_all_nodes_is_path_length_plus_one(seed: int) -> None:
    table = random_table(seed)
    coefficients, inverse = plain(table)
    users = np.arange(table.size)
    found = pass_through_of_paths(leontief_system(table), np.ones(table.size), users)
    # mean length of paths: sum over k of k A^k, divided by the sum of A^k
    power, weighted = np.eye(table.size), np.zeros_like(inverse)
    for length in range(1, 400):
        power = power @ coefficients
        weighted += length * power
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.where(inverse > 1e-15, weighted / inverse + 1.0, np.nan)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@modest
@given(seeds)
def test_frequency_weights_paths_by_value_added(seed: int) -> None:
    table = random_table(seed)
    coefficients, inverse = plain(table)
    system = leontief_system(table)
    share = 1 - coefficients.sum(axis=0)
    china = indicator(table, [("CHN",)])
    found = pass_through_frequency(system, china)
    expected = share @ inverse @ np.diag(china[:, 0]) @ inverse
    np.testing.assert_allclose(found.frequency[0], expected, rtol=1e-8, atol=1e-12)
    # no value of a region without passing through it
    assert (found.stacking >= -1e-9).all()


@modest
@given(seeds)
def test_frequencies_over_all_regions_add_up_to_the_length(seed: int) -> None:
    table = random_table(seed)
    system = leontief_system(table)
    marks = indicator(table, [(code,) for code in table.countries])
    apart = pass_through_frequency(system, marks).frequency.sum(axis=0)
    together = pass_through_frequency(system, np.ones((table.size, 1))).frequency[0]
    np.testing.assert_allclose(apart, together, rtol=1e-9)


def test_a_chain_of_three_has_known_positions() -> None:
    flows = np.zeros((3, 3))
    flows[0, 1], flows[1, 2] = 30.0, 60.0
    system = leontief_system(table_of(flows, [30.0, 60.0, 100.0], ("CHN", "DEU", "NLD")))
    assert upstreamness(system).tolist() == pytest.approx([3.0, 2.0, 1.0])
    assert downstreamness(system).tolist() == pytest.approx([1.0, 1.5, 1.9])
    assert average_propagation_length(system, np.array([2]))[:2, 0].tolist() == pytest.approx([2.0, 1.0])
    table = pass_through_stacking(system, "NLD", ["CHN", "DEU"])
    rows = {row["origin"]: row for row in table.iter_rows(named=True)}
    # of a hundred, 30 passes China, and 60 passes Germany, which adds half of that itself
    assert rows["CHN"]["pass_through_frequency"] == pytest.approx(0.3)
    assert rows["DEU"]["pass_through_frequency"] == pytest.approx(0.6)
    assert rows["CHN"]["stacking"] == pytest.approx(0.0)
    assert rows["DEU"]["stacking"] == pytest.approx(0.3)


def test_nodes_without_output_have_no_position() -> None:
    table = table_of([[1.0, 0.0], [0.0, 0.0]], [10.0, 0.0])
    found = position_table(leontief_system(table))
    assert found["upstreamness"].to_list() == [pytest.approx(1 / 0.9), None]
    assert found["downstreamness"].to_list() == [pytest.approx(1 / 0.9), None]
