"""A small world for examples and tests: three economies and two sectors, made up."""

from __future__ import annotations

import datetime

import numpy as np

from geomonitor.shocks.calibration import Calibration, check_calibration
from geomonitor.shocks.rates import PercentagePoints
from geomonitor.shocks.scenario_files import Change, Scenario

__all__ = ["made_up_calibration", "small_calibration", "small_scenario"]


def small_calibration() -> Calibration:
    """Give a made-up calibration.

    Returns
    -------
    Calibration
        Economies NLD, CHN and ROW; goods (traded, tariffs of 2 to 8 %) and services (hardly traded).

    Examples
    --------
    >>> small_calibration().size
    (2, 3)
    """
    goods = np.array([[0.50, 0.15, 0.35], [0.02, 0.88, 0.10], [0.05, 0.15, 0.80]])
    services = np.array([[0.93, 0.00, 0.07], [0.00, 0.99, 0.01], [0.01, 0.01, 0.98]])
    tariffs = np.zeros((2, 3, 3))
    tariffs[0] = np.array([[0.0, 0.04, 0.02], [0.08, 0.0, 0.08], [0.02, 0.03, 0.0]])
    return Calibration(
        name="small",
        economies=("NLD", "CHN", "ROW"),
        sectors=("goods", "services"),
        trade_shares=np.stack([goods, services]),
        tariff_rates=tariffs,
        value_added_shares=np.array([[0.35, 0.30, 0.35], [0.60, 0.55, 0.60]]),
        input_shares=np.broadcast_to(np.array([[0.6, 0.3], [0.4, 0.7]]), (3, 2, 2)).copy(),
        final_shares=np.array([[0.25, 0.40, 0.30], [0.75, 0.60, 0.70]]),
        value_added_musd=np.array([900.0, 16_000.0, 60_000.0]),
        deficits_musd=np.zeros(3),
        elasticities=np.array([5.0, 5.0]),
        metadata={"sector_families": {"goods": "manufacturing", "services": "services"}},
    )


def small_scenario(points: float = 25.0) -> Scenario:
    """Give a scenario for it: NLD and CHN raise tariffs on each other's goods.

    Parameters
    ----------
    points : float
        Percentage points.

    Returns
    -------
    Scenario

    Examples
    --------
    >>> small_scenario().changes[0].both_ways
    True
    """
    change = Change("tariff", ("NLD",), ("CHN",), True, ("goods",), add=PercentagePoints(points))
    return Scenario(
        code="small",
        name={"en": "Tariffs between two small economies", "nl": "Tarieven tussen twee kleine economieën"},
        about={"en": "", "nl": ""},
        source="made up",
        date=datetime.date(2026, 11, 22),
        deficits="kept",
        changes=(change,),
    )


def made_up_calibration(
    seed: int, economies: int = 5, sectors: int = 4, deficits: bool = True
) -> Calibration:
    """Make a calibration at random, with zero trade in places, tariffs and deficits.

    Parameters
    ----------
    seed : int
    economies, sectors : int
    deficits : bool

    Returns
    -------
    Calibration

    Examples
    --------
    >>> made_up_calibration(1, economies=3, sectors=2).size
    (2, 3)
    """
    random = np.random.default_rng(seed)
    shares = random.uniform(0.01, 1.0, (sectors, economies, economies))
    shares *= random.uniform(size=shares.shape) > 0.2
    home = np.arange(economies)
    shares[:, home, home] = random.uniform(1.0, 6.0, (sectors, economies))
    shares /= shares.sum(axis=2, keepdims=True)
    tariffs = random.uniform(0.0, 0.2, shares.shape)
    tariffs[:, home, home] = 0.0
    inputs = random.uniform(0.05, 1.0, (economies, sectors, sectors))
    final = random.uniform(0.1, 1.0, (sectors, economies))
    value_added = random.uniform(50.0, 1_000.0, economies)
    gaps = random.normal(0, 5.0, economies) if deficits else np.zeros(economies)
    return check_calibration(
        Calibration(
            name=f"made up {seed}",
            economies=tuple(f"E{number}" for number in range(economies)),
            sectors=tuple(f"S{number}" for number in range(sectors)),
            trade_shares=shares,
            tariff_rates=tariffs,
            value_added_shares=random.uniform(0.25, 0.8, (sectors, economies)),
            input_shares=inputs / inputs.sum(axis=1, keepdims=True),
            final_shares=final / final.sum(axis=0),
            value_added_musd=value_added,
            deficits_musd=gaps - gaps.mean(),
            elasticities=random.uniform(2.0, 9.0, sectors),
        )
    )
