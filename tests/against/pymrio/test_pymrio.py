"""The same numbers as pymrio, on its own test system and on a table of 2,000 nodes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from geomonitor.chains import (
    downstreamness,
    face_value_shares,
    leontief_system,
    look_through_shares,
    market_shares,
    upstreamness,
    value_added_shares,
)
from geomonitor.chains.selection import indicator
from geomonitor.data.input_output import InputOutputTable

# pymrio inverts, we solve: see README.md
TOLERANCE = 1e-8

with warnings.catch_warnings():
    # pymrio warns about optional packages and deprecated calls of its own at import
    warnings.simplefilter("ignore")
    import pymrio


def table_of(flows: np.ndarray, demand: np.ndarray, countries: int) -> InputOutputTable:
    """Name the economies and sectors of an array."""
    size = len(flows)
    return InputOutputTable(
        "made",
        2022,
        tuple(f"R{number:02d}" for number in range(countries)),
        tuple(f"S{number:02d}" for number in range(size // countries)),
        flows,
        demand[:, np.newaxis],
        (("*", "total"),),
        flows.sum(axis=1) + demand,
    )


def made_table(countries: int, sectors: int, seed: int) -> InputOutputTable:
    """Draw a table whose columns leave value added."""
    rng = np.random.default_rng(seed)
    size = countries * sectors
    flows = rng.pareto(1.5, (size, size)) * (rng.random((size, size)) < 0.3)
    demand = rng.random(size) * 10.0 + flows.sum(axis=0)
    return table_of(flows, demand, countries)


@pytest.fixture(scope="module")
def own_system() -> InputOutputTable:
    """The test system of pymrio."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        system = pymrio.load_test()
    return table_of(system.Z.to_numpy(), system.Y.to_numpy().sum(axis=1), len(system.get_regions()))


@pytest.fixture(scope="module")
def large_table() -> InputOutputTable:
    return made_table(40, 50, seed=7)


@pytest.mark.parametrize("name", ["own_system", "large_table"])
def test_shares_agree_with_the_inverse_of_pymrio(name: str, request: pytest.FixtureRequest) -> None:
    table: InputOutputTable = request.getfixturevalue(name)
    output = np.asarray(table.output_musd)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coefficients = np.asarray(pymrio.calc_A(np.asarray(table.flows_musd), output))
        inverse = np.asarray(pymrio.calc_L(coefficients))
        ghosh = np.asarray(pymrio.calc_G(pymrio.calc_B(np.asarray(table.flows_musd), output)))
    system = leontief_system(table)
    origins = indicator(table, [[code] for code in table.countries])
    beyond = inverse - np.eye(len(inverse))
    value_added = 1.0 - coefficients.sum(axis=0)

    expected = (origins.T @ coefficients) / coefficients.sum(axis=0)
    np.testing.assert_allclose(face_value_shares(system, origins), expected, atol=TOLERANCE)
    expected = (origins.T @ beyond) / beyond.sum(axis=0)
    np.testing.assert_allclose(look_through_shares(system, origins), expected, atol=TOLERANCE)
    expected = origins.T @ (value_added[:, np.newaxis] * inverse)
    np.testing.assert_allclose(value_added_shares(system, origins), expected, atol=TOLERANCE)
    # pymrio writes the Ghosh inverse for rows of B transposed or not by version: take the sales side
    sales = output[:, np.newaxis] ** -1 * inverse * output
    assert np.allclose(ghosh, sales, atol=TOLERANCE) or np.allclose(ghosh.T, sales, atol=TOLERANCE)
    downstream = sales - np.eye(len(sales))
    expected = (downstream @ origins).T / downstream.sum(axis=1)
    np.testing.assert_allclose(market_shares(system, origins), expected, atol=TOLERANCE)
    np.testing.assert_allclose(upstreamness(system), sales.sum(axis=1), rtol=TOLERANCE)
    np.testing.assert_allclose(downstreamness(system), inverse.sum(axis=0), rtol=TOLERANCE)
