from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.chains import leontief_system
from geomonitor.chains.leontief import CHECKED_COMBINATIONS
from geomonitor.errors import DataError

from .conftest import plain, random_table, table_of

seeds = st.integers(0, 10_000)
modest = settings(max_examples=25, deadline=None)


@modest
@given(seeds)
def test_solutions_are_those_of_the_plain_inverse(seed: int) -> None:
    table = random_table(seed)
    _, inverse = plain(table)
    system = leontief_system(table)
    right = np.random.default_rng(seed).random((table.size, 3))
    np.testing.assert_allclose(system.requirements(right), inverse @ right, rtol=1e-9)
    np.testing.assert_allclose(system.contents(right), inverse.T @ right, rtol=1e-9)
    np.testing.assert_allclose(system.contents(right[:, 0]), inverse.T @ right[:, 0], rtol=1e-9)


@modest
@given(seeds)
def test_iterated_is_direct(seed: int) -> None:
    table = random_table(seed)
    direct, iterated = leontief_system(table), leontief_system(table, solver="iterative")
    assert iterated.solver == "iterative"
    right = np.random.default_rng(seed).random((table.size, 2))
    np.testing.assert_allclose(iterated.requirements(right), direct.requirements(right), rtol=1e-8)
    np.testing.assert_allclose(iterated.contents(right[:, 0]), direct.contents(right[:, 0]), rtol=1e-8)


@modest
@given(seeds)
def test_output_follows_from_final_demand(seed: int) -> None:
    table = random_table(seed)
    found = leontief_system(table).requirements(table.final_demand_musd[:, 0])
    np.testing.assert_allclose(found, table.output_musd, rtol=1e-9)


def test_single_precision_deliveries_are_multiplied_in_double() -> None:
    table = random_table(3)
    single = table_of(table.flows_musd.astype(np.float32), table.output_musd, table.countries, table.sectors)
    assert single.flows_musd.dtype == np.float32
    double = table_of(single.flows_musd.astype(np.float64), table.output_musd, table.countries, table.sectors)
    ones = np.ones(table.size)
    for solver in ("direct", "iterative"):
        found = leontief_system(single, solver=solver).contents(ones)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, leontief_system(double).contents(ones), rtol=1e-10)


def test_nodes_without_output_take_no_part() -> None:
    flows = np.zeros((3, 3))
    flows[0, 1] = 20.0
    table = table_of(flows, [50.0, 60.0, 0.0], ("NLD", "CHN", "DEU"))
    system = leontief_system(table)
    assert system.value_added_share.tolist() == pytest.approx([1.0, 2 / 3, 0.0])
    assert system.contents(system.value_added_share).tolist() == pytest.approx([1.0, 1.0, 0.0])


def test_a_column_that_takes_more_than_its_output_is_named() -> None:
    table = table_of([[10.0, 90.0], [5.0, 30.0]], [200.0, 100.0])
    with pytest.raises(DataError, match="more inputs than they produce") as raised:
        leontief_system(table)
    assert raised.value.where == "CHN_C26 takes 1.200 of its output"


@pytest.mark.parametrize(
    "flows",
    [
        [[0.0, 10.0, 0.0], [10.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
        # rounding keeps the factors of this one from being singular
        [[1.0, 3.0, 6.0], [2.0, 5.0, 3.0], [7.0, 2.0, 1.0]],
    ],
    ids=["exactly", "nearly"],
)
@pytest.mark.parametrize("solver", ["direct", "iterative"])
def test_a_singular_system_gives_no_number(flows: list[list[float]], solver: str) -> None:
    table = table_of(flows, [10.0, 10.0, 10.0], ("NLD", "CHN", "DEU"))
    with pytest.raises(DataError, match=r"singular|no reliable solution"):
        leontief_system(table, solver=solver).contents(np.ones(3))  # type: ignore[arg-type]


def test_the_backward_error_is_reported(made) -> None:
    for solver in ("direct", "iterative"):
        system = leontief_system(made, solver=solver)
        assert 0.0 <= system.backward_error() < 1e-11


def test_a_wrong_column_among_many_is_refused() -> None:
    system = leontief_system(random_table(11, economies=3, sectors=3))
    right = np.eye(system.size)
    assert right.shape[1] > 2 * CHECKED_COMBINATIONS
    found = system.requirements(right)
    found[1, 2] += 1e-6
    with pytest.raises(DataError, match="no reliable solution"):
        system._check(found, right, transposed=False)


def test_a_wrong_solution_is_refused_and_its_node_named(made) -> None:
    system = leontief_system(made)
    factors, pivots = system._factors
    spoilt = factors.copy(order="F")
    spoilt[2, 2] *= 1.5
    broken = dataclasses.replace(system, _factors=(spoilt, pivots))
    with pytest.raises(DataError, match="no reliable solution") as raised:
        broken.contents(np.ones(made.size))
    assert "node " in raised.value.where
