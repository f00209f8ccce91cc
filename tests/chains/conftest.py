"""Small closed tables, and the plain inverse to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from geomonitor.data.input_output import InputOutputTable

MakeTable = Callable[..., InputOutputTable]

ECONOMIES = ("NLD", "CHN", "DEU", "USA")
SECTORS = ("C26", "C29", "G", "B07")


def table_of(
    flows: Sequence[Sequence[float]] | NDArray[np.float64],
    output: Sequence[float] | NDArray[np.float64],
    countries: Sequence[str] = ("NLD", "CHN"),
    sectors: Sequence[str] = ("C26",),
) -> InputOutputTable:
    """A table whose final demand is what deliveries leave of output."""
    flows, output = np.asarray(flows), np.asarray(output, dtype=np.float64)
    demand = output - flows.sum(axis=1, dtype=np.float64)
    return InputOutputTable(
        "made", 2022, tuple(countries), tuple(sectors),
        flows, demand[:, np.newaxis], (("*", "total"),), output,
        metadata={"sector_scheme": "oecd-icio-2025", "citation": "made for a test", "licence": "CC0"},
    )  # fmt: skip


def random_table(
    seed: int, economies: int = 3, sectors: int = 2, *, taken: float = 0.8, empty: float = 0.3
) -> InputOutputTable:
    """A table in which every column takes at most `taken` of its output, with some cells empty."""
    generator = np.random.default_rng(seed)
    size = economies * sectors
    flows = generator.random((size, size)) ** 2 * (generator.random((size, size)) > empty)
    output = np.maximum(flows.sum(axis=0), 0.1) / (taken * (0.5 + 0.5 * generator.random(size)))
    scale = 10.0 ** generator.uniform(0, 4)
    return table_of(flows * scale, output * scale, ECONOMIES[:economies], SECTORS[:sectors])


def plain(table: InputOutputTable) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The coefficients and the inverse, as the textbook writes them."""
    coefficients = table.flows_musd / table.output_musd
    return coefficients, np.linalg.inv(np.eye(table.size) - coefficients)


@pytest.fixture
def made() -> InputOutputTable:
    """Three economies by two sectors."""
    return random_table(7)
