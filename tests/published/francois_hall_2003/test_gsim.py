"""The example of Francois and Hall (2003); see README.md beside this file."""

from __future__ import annotations

import numpy as np
import pytest

from geomonitor.shocks.gsim_market import clear_market

NAMES = ("USA", "JPN", "EU", "ROW")
# sellers in rows, buyers in columns
TRADE = np.array([[0, 50, 200, 300], [500, 0, 150, 200], [300, 100, 200, 200], [50, 100, 110, 20.0]])
TARIFFS = np.array(
    [[0.0, 0.21, 0.41, 0.22], [0.37, 0.0, 0.31, 0.23], [0.32, 0.36, 0.0, 0.18], [0.57, 0.41, 0.25, 0.15]]
)
PUBLISHED_PRICES = (0.0792, -0.0316, 0.0480, -0.0184)
# computed apart, by the formulas with these prices
PRODUCERS = (46.13596555, -26.24037473, 39.82467824, -5.07319962)
CONSUMERS = (110.59519674, -8.59347368, 68.55885367, -31.37844502)
LEVELS = (0.1265, -0.0323, 0.0793, -0.0173)


def free_trade() -> np.ndarray:
    after = TARIFFS.copy()
    after[0, 2] = after[2, 0] = 0.0
    return after


@pytest.mark.parametrize("place", range(4))
def test_published_prices(place: int) -> None:
    found = clear_market(
        TRADE, TARIFFS, free_trade(), import_demand=1.25, substitution=5.0, export_supply=1.5, form="linear"
    )
    assert found.seller_prices[place] == pytest.approx(PUBLISHED_PRICES[place], abs=5e-5)
    assert found.residual < 1e-14
    assert found.producer_surplus[place] == pytest.approx(PRODUCERS[place], abs=1e-7)
    assert found.consumer_surplus[place] == pytest.approx(CONSUMERS[place], abs=1e-7)


def test_in_levels() -> None:
    after = free_trade()
    found = clear_market(TRADE, TARIFFS, after, import_demand=1.25, substitution=5.0, export_supply=1.5)
    assert found.seller_prices.tolist() == pytest.approx(LEVELS, abs=5e-5)
    # demand written out apart: a price index by buyer, then volumes, which supply has to meet
    paid = (1 + found.seller_prices)[:, None] * (1 + after) / (1 + TARIFFS)
    spent = TRADE * (1 + TARIFFS)
    index = ((spent * paid**-4.0).sum(axis=0) / spent.sum(axis=0)) ** (-1 / 4)
    wanted = (TRADE * paid**-5.0 * index**3.75).sum(axis=1)
    assert wanted == pytest.approx(TRADE.sum(axis=1) * (1 + found.seller_prices) ** 1.5, rel=1e-12)
