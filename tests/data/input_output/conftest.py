"""Small tables that balance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from geomonitor.data.input_output import InputOutputTable

MakeTable = Callable[..., InputOutputTable]

WORLD_MUSD = 1e8


def _made_table(
    countries: Sequence[str] = ("NLD", "CHN"),
    sectors: Sequence[str] = ("A", "C", "G"),
    categories: Sequence[str] = ("HFCE", "INVNT"),
    *,
    seed: int = 1,
    world_musd: float = WORLD_MUSD,
    taxes: bool = True,
) -> InputOutputTable:
    """A table that balances, of the size of the world."""
    generator = np.random.default_rng(seed)
    size = len(countries) * len(sectors)
    flows = generator.random((size, size)) ** 3
    demand = generator.random((size, len(countries) * len(categories)))
    # enough final demand that every node makes more than it buys
    demand *= 2.0 * max(flows.sum(axis=0).max(), 1.0) / demand.sum(axis=1, keepdims=True)
    output = flows.sum(axis=1) + demand.sum(axis=1)
    scale = world_musd / output.sum()
    flows, demand, output = flows * scale, demand * scale, output * scale
    left = output - flows.sum(axis=0)
    return InputOutputTable(
        "made",
        2022,
        tuple(countries),
        tuple(sectors),
        flows,
        demand,
        tuple((country, category) for country in countries for category in categories),
        output,
        taxes_musd=0.1 * left if taxes else np.zeros(size),
    )


@pytest.fixture(scope="session")
def make_table() -> MakeTable:
    """Make a table that balances."""
    return _made_table


@pytest.fixture
def table() -> InputOutputTable:
    """Two economies by three sectors, with two categories of final demand."""
    return _made_table()
