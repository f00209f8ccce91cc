"""Closed forms of the short run: golden values, limits and properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.errors import DataError
from geomonitor.shocks.elasticity_grids import armington_grid, denied_share_grid, short_run_grid
from geomonitor.shocks.short_run import (
    SECOND_ORDER_WARNING,
    armington_real_income,
    ces_output,
    denied_share_price,
    input_price,
    second_order_bound,
)

shares = st.floats(0.001, 0.5)
factors = st.floats(0.05, 1.0)
elasticities = st.floats(0.01, 20.0)


class TestCes:
    @pytest.mark.parametrize(
        ("share", "elasticity", "factor", "percent"),
        [
            (0.04, 0.04, 0.9, -1.5685624),
            (0.04, 0.1, 0.9, -0.6790994),
            (0.012, 0.1, 0.7, -2.7508721),
            (0.04, 0.5, 0.9, -0.4424779),
        ],
    )
    def test_golden(self, share: float, elasticity: float, factor: float, percent: float) -> None:
        assert 100 * (ces_output(share, elasticity, factor) - 1) == pytest.approx(percent, abs=1e-7)

    def test_limits_are_what_they_are(self) -> None:
        assert ces_output(0.04, 0.0, 0.9) == 0.9
        assert ces_output(0.04, 1.0, 0.9) == pytest.approx(0.9**0.04, rel=1e-15)
        assert ces_output(0.04, math.inf, 0.9) == pytest.approx(0.04 * 0.9 + 0.96, rel=1e-15)
        assert ces_output(0.04, 0.0, 1.2, 0.9) == 0.9

    @pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15])
    def test_near_cobb_douglas_no_digit_is_lost(self, gap: float) -> None:
        exact = ces_output(0.3, 1.0, 0.5)
        for elasticity in (1 - gap, 1 + gap):
            assert ces_output(0.3, elasticity, 0.5) == pytest.approx(exact, rel=max(gap, 1e-14))

    @pytest.mark.parametrize("elasticity", [1e-3, 1e-6, 1e-30, 5e-324])
    def test_near_leontief_nothing_overflows(self, elasticity: float) -> None:
        assert ces_output(0.04, elasticity, 0.9) == pytest.approx(0.9, rel=4 * elasticity + 1e-12)

    @given(shares, elasticities, factors)
    def test_between_leontief_and_perfect_substitutes(
        self, share: float, elasticity: float, factor: float
    ) -> None:
        output = ces_output(share, elasticity, factor)
        assert factor - 1e-12 <= output <= 1 - share * (1 - factor) + 1e-12

    @given(shares, elasticities, elasticities, factors)
    def test_easier_substitution_loses_less(
        self, share: float, first: float, second: float, factor: float
    ) -> None:
        low, high = sorted((first, second))
        assert ces_output(share, low, factor) <= ces_output(share, high, factor) + 1e-12

    @given(shares, elasticities, factors, st.floats(0.1, 5.0))
    def test_constant_returns(self, share: float, elasticity: float, factor: float, scale: float) -> None:
        scaled = ces_output(share, elasticity, scale * factor, scale)
        assert scaled == pytest.approx(scale * ces_output(share, elasticity, factor), rel=1e-10)

    def test_without_the_input(self) -> None:
        assert ces_output(0.04, 0.5, 0.0) == 0.0
        assert ces_output(0.04, 1.0, 0.0) == 0.0
        assert ces_output(0.25, 2.0, 0.0) == pytest.approx(0.75**2)

    @pytest.mark.parametrize(
        ("share", "elasticity", "factor"),
        [(0.0, 0.5, 0.9), (1.0, 0.5, 0.9), (4.0, 0.5, 0.9), (0.04, -0.5, 0.9), (0.04, 0.5, -0.1)],
    )
    def test_bad_input_gives_no_number(self, share: float, elasticity: float, factor: float) -> None:
        with pytest.raises(DataError):
            ces_output(share, elasticity, factor)

    @pytest.mark.parametrize("place", range(3))
    def test_what_is_no_number_is_refused(self, place: int) -> None:
        numbers = [0.04, 0.5, 0.9]
        numbers[place] = math.nan
        with pytest.raises(DataError):
            ces_output(*numbers)

    @given(shares, st.floats(0.05, 5.0), st.floats(0.2, 0.99))
    def test_price_is_the_marginal_product(self, share: float, elasticity: float, factor: float) -> None:
        step = 1e-6
        slope = (
            ces_output(share, elasticity, factor + step) - ces_output(share, elasticity, factor - step)
        ) / (2 * step)
        assert input_price(share, elasticity, factor) == pytest.approx(slope / share, rel=1e-3, abs=1e-6)

    def test_price_at_the_limits(self) -> None:
        assert input_price(0.04, 0.0, 0.9) is None
        assert input_price(0.04, math.inf, 0.9) == 1.0
        assert input_price(0.04, 0.5, 0.0) == math.inf
        assert input_price(0.04, 0.5, 1.0) == 1.0


class TestSecondOrder:
    def test_the_energy_example(self) -> None:
        bound = second_order_bound(0.04, 0.9, elasticity=0.04)
        assert 100 * (bound.first_order + bound.second_order) == pytest.approx(-0.93, abs=5e-3)
        assert bound.exact_change == pytest.approx(-0.015685624, abs=5e-10)
        assert bound.reliable is False
        assert bound.warning == SECOND_ORDER_WARNING
        assert bound.table.height == 1

    @given(shares, st.floats(0.1, 10.0), st.floats(0.97, 1.0))
    def test_small_shocks_are_met(self, share: float, elasticity: float, factor: float) -> None:
        bound = second_order_bound(share, factor, elasticity=elasticity)
        assert bound.exact_change is not None
        third = abs((1 - 1 / elasticity) ** 2 * math.log(factor) ** 3)
        assert abs(bound.change - bound.exact_change) <= third + 1e-12

    def test_the_slope_may_be_given(self) -> None:
        by_slope = second_order_bound(0.04, 0.9, share_slope=0.04 * 0.96 * (1 - 1 / 0.04))
        assert by_slope.change == second_order_bound(0.04, 0.9, elasticity=0.04).change
        assert by_slope.reliable is None
        assert by_slope.exact_change is None

    def test_cobb_douglas_is_exact(self) -> None:
        bound = second_order_bound(0.04, 0.5, elasticity=1.0)
        assert bound.change == pytest.approx(bound.exact_change)
        assert bound.reliable is True

    @pytest.mark.parametrize(
        "choice", [{}, {"elasticity": 0.5, "share_slope": 0.1}, {"elasticity": 0.0}, {"elasticity": -1.0}]
    )
    def test_bad_choices(self, choice: dict[str, float]) -> None:
        with pytest.raises(DataError):
            second_order_bound(0.04, 0.9, **choice)
        with pytest.raises(DataError):
            second_order_bound(0.04, 0.0, elasticity=0.5)


class TestArmington:
    def test_golden(self) -> None:
        assert 100 * (armington_real_income(0.80, 0.82, 5.0) - 1) == pytest.approx(-0.4926348, abs=5e-8)
        half = armington_real_income(0.80, 0.82, 5.0, 0.5)
        assert 100 * (half - 1) == pytest.approx(-0.9828427, abs=5e-8)

    @given(st.floats(0.05, 1.0), st.floats(0.05, 1.0), st.floats(0.5, 15.0), st.floats(0.1, 1.0))
    def test_there_and_back(self, before: float, after: float, theta: float, added: float) -> None:
        there = armington_real_income(before, after, theta, added)
        assert there * armington_real_income(after, before, theta, added) == pytest.approx(1.0)
        assert (there <= 1) == (after >= before) or there == pytest.approx(1.0)

    @pytest.mark.parametrize(
        "numbers",
        [(0.0, 0.8, 5.0, 1.0), (0.8, 0.0, 5.0, 1.0), (80.0, 82.0, 5.0, 1.0), (0.8, 0.8, 0.0, 1.0),
         (0.8, 0.8, -5.0, 1.0), (0.8, 0.8, 5.0, 0.0), (0.8, math.nan, 5.0, 1.0)],
    )  # fmt: skip
    def test_bad_input(self, numbers: tuple[float, float, float, float]) -> None:
        with pytest.raises(DataError):
            armington_real_income(*numbers)


class TestDeniedShare:
    def test_examples(self) -> None:
        assert denied_share_price(0.6, 5.0) == pytest.approx(1.2011, abs=5e-5)
        assert denied_share_price(0.6, 0.5) == pytest.approx(6.25)
        assert denied_share_price(0.0, 5.0) == 1.0

    def test_nobody_left(self) -> None:
        with pytest.raises(DataError, match="no price"):
            denied_share_price(1.0, 5.0)

    @pytest.mark.parametrize(("share", "theta"), [(1.1, 5.0), (-0.1, 5.0), (60.0, 5.0), (0.6, 0.0)])
    def test_bad_input(self, share: float, theta: float) -> None:
        with pytest.raises(DataError):
            denied_share_price(share, theta)


class TestGrids:
    def test_every_combination_and_its_value(self) -> None:
        grid = short_run_grid([0.012, 0.04], [0.7, 0.9], [0.0, 0.04, 1.0])
        assert grid.table.height == 12
        row = grid.table.filter(input_share=0.04, input_factor=0.9, elasticity=0.04).row(0, named=True)
        assert row["output_change"] == ces_output(0.04, 0.04, 0.9) - 1
        assert row["second_order_reliable"] is False
        leontief = grid.table.filter(elasticity=0.0)
        assert leontief["second_order_change"].null_count() == leontief.height
        assert grid.provenance["method"] == "ces-short-run-2022"

    def test_other_grids(self) -> None:
        prices = denied_share_grid([0.2, 0.6], [0.5, 5.0]).table
        assert prices.filter(denied_share=0.6, elasticity=0.5)["price_change"][0] == pytest.approx(5.25)
        incomes = armington_grid(0.8, [0.82, 0.9], [5.0], [1.0]).table
        assert incomes["real_income_change"].to_list() == pytest.approx(
            [armington_real_income(0.8, each, 5.0) - 1 for each in (0.82, 0.9)]
        )

    def test_curves(self) -> None:
        figure = short_run_grid([0.012, 0.04], [0.9], [0.04, 0.5, math.inf]).plot()
        assert len(figure.data) == 2
        assert list(figure.data[0].x) == [0.04, 0.5]

    def test_an_empty_axis_is_named(self) -> None:
        with pytest.raises(DataError, match="empty"):
            denied_share_grid([0.2], [])
