"""Random flows among a few economies."""

from __future__ import annotations

import random
from collections.abc import Callable

import polars as pl
import pytest

ECONOMIES = ("NLD", "DEU", "FRA", "CHN", "HKG", "MAC", "USA", "R20")
PRODUCTS = ("010121", "270900", "810600")
YEARS = (2019, 2020, 2021)

MakeFlows = Callable[..., pl.DataFrame]


@pytest.fixture
def make_flows() -> MakeFlows:
    """Make flows of whole dollars and kilograms from a seed; some keys occur more than once."""

    def make(seed: int, rows: int = 300) -> pl.DataFrame:
        chance = random.Random(seed)
        made = []
        for _ in range(rows):
            exporter, importer = chance.sample(ECONOMIES, 2)
            made.append(
                {
                    "year": chance.choice(YEARS),
                    "exporter": exporter,
                    "importer": importer,
                    "product": chance.choice(PRODUCTS),
                    "value_kusd": chance.randint(1, 10**9) / 1000,
                    "quantity_t": None if chance.random() < 0.2 else chance.randint(0, 10**6) / 1000,
                }
            )
        return pl.DataFrame(made, schema_overrides={"quantity_t": pl.Float64})

    return make
