"""The CES cases of Bachmann and others (2022); see README.md beside this file."""

from __future__ import annotations

import pytest

from geomonitor.shocks.elasticity_grids import short_run_grid
from geomonitor.shocks.short_run import ces_output, second_order_bound

OURS = {
    (0.04, 0.04, 0.9): -1.5685624,
    (0.04, 0.1, 0.9): -0.6790994,
    (0.04, 0.5, 0.9): -0.4424779,
    (0.04, 1.0, 0.9): -0.4205552,
    (0.04, 0.0, 0.9): -10.0,
    (0.012, 0.1, 0.7): -2.7508721,
    (0.010, 0.1, 0.7): -2.3426042,
}
# bands in percent that hold the printed figures
PUBLISHED = {
    (0.04, 0.04, 0.9): (-1.65, -1.45),
    (0.04, 1.0, 0.9): (-0.45, -0.35),
    (0.04, 0.0, 0.9): (-10.0, -10.0),
    (0.010, 0.1, 0.7): (-2.5, -2.0),
}


@pytest.mark.parametrize("case", OURS)
def test_ours_to_the_digit(case: tuple[float, float, float]) -> None:
    assert 100 * (ces_output(*case) - 1) == pytest.approx(OURS[case], abs=1e-7)


@pytest.mark.parametrize("case", PUBLISHED)
def test_the_published_bands(case: tuple[float, float, float]) -> None:
    low, high = PUBLISHED[case]
    assert low - 1e-9 <= 100 * (ces_output(*case) - 1) <= high + 1e-9


def test_all_cases_but_leontief_lie_in_the_range_of_the_paper() -> None:
    # losses of 0.4 (Cobb-Douglas, its lower end) to 3 % of GDP
    grid = short_run_grid([0.04], [0.9], [0.04, 0.1, 0.5, 1.0]).table
    assert grid["output_change"].is_between(-0.03, -0.004).all()


def test_the_second_order_understates() -> None:
    bound = second_order_bound(0.04, 0.9, elasticity=0.04)
    assert 100 * bound.change == pytest.approx(-0.9286, abs=5e-5)
    assert bound.exact_change is not None
    assert bound.exact_change < bound.change
    assert bound.reliable is False
