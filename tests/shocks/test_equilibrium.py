"""The equilibrium in changes: accounting, invariance, limits, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.errors import DataError
from geomonitor.shocks import (
    Base,
    Calibration,
    EquilibriumError,
    Shock,
    chained_parts,
    check_calibration,
    first_order_parts,
    home_share_parts,
    made_up_calibration,
    real_income,
    real_wage,
    rebase,
    small_calibration,
    solve_equilibrium,
)

seeds = st.integers(0, 10_000)


def raised(base: Base, points: float, buyers: list[int], sellers: list[int]) -> Shock:
    tariffs = base.calibration.tariff_rates.copy()
    for buyer in buyers:
        for seller in sellers:
            if buyer != seller:
                tariffs[:, buyer, seller] += points
                tariffs[:, seller, buyer] += points
    return Shock(tariffs)


class TestNothingHappens:
    @given(seeds)
    @settings(max_examples=15)
    def test_no_shock_gives_hats_of_one(self, seed: int) -> None:
        base = rebase(made_up_calibration(seed))
        found = solve_equilibrium(base.calibration, tolerance=1e-12)
        for hats in (found.wages, found.prices, found.costs):
            assert np.abs(hats - 1).max() < 1e-12
        assert np.abs(real_income(base, found) - 1).max() < 1e-12

    def test_the_base_keeps_its_own_levels(self, random_base: Base) -> None:
        found = solve_equilibrium(random_base.calibration, tolerance=1e-12)
        np.testing.assert_allclose(found.output_musd, random_base.equilibrium.output_musd, rtol=1e-9)


class TestAccounting:
    @given(seeds, st.sampled_from(["kept", "zero", "proportional"]))
    @settings(max_examples=20)
    def test_every_condition_holds(self, seed: int, deficits: str) -> None:
        base = rebase(made_up_calibration(seed), deficits)  # type: ignore[arg-type]
        shock = replace(raised(base, 0.3, [0, 1], [2]), deficits=deficits)  # type: ignore[arg-type]
        found = solve_equilibrium(base.calibration, shock, tolerance=1e-10)
        assert max(found.residuals.values()) < 1e-8
        assert found.residuals["world trade"] < 1e-10
        value_added = base.calibration.value_added_musd
        assert (found.wages * value_added).sum() == pytest.approx(value_added.sum(), rel=1e-12)
        assert found.income_musd.sum() == pytest.approx(
            value_added.sum() + found.revenue_musd.sum(), rel=1e-9
        )

    @given(seeds, st.floats(0.01, 1_000.0))
    @settings(max_examples=10)
    def test_scaling_the_data_changes_nothing(self, seed: int, factor: float) -> None:
        calibration = made_up_calibration(seed)
        scaled = replace(
            calibration,
            value_added_musd=calibration.value_added_musd * factor,
            deficits_musd=calibration.deficits_musd * factor,
        )
        results = []
        for each in (calibration, scaled):
            base = rebase(each)
            found = solve_equilibrium(base.calibration, raised(base, 0.25, [0], [1]), tolerance=1e-11)
            results.append(real_income(base, found))
        np.testing.assert_allclose(results[0], results[1], rtol=1e-8)

    @given(seeds, st.permutations(range(5)))
    @settings(max_examples=10)
    def test_the_order_of_economies_does_not_matter(self, seed: int, order: list[int]) -> None:
        calibration = made_up_calibration(seed)
        turned = replace(
            calibration,
            economies=tuple(calibration.economies[each] for each in order),
            trade_shares=calibration.trade_shares[:, order][:, :, order],
            tariff_rates=calibration.tariff_rates[:, order][:, :, order],
            value_added_shares=calibration.value_added_shares[:, order],
            input_shares=calibration.input_shares[order],
            final_shares=calibration.final_shares[:, order],
            value_added_musd=calibration.value_added_musd[order],
            deficits_musd=calibration.deficits_musd[order],
        )
        places = [order.index(0)], [order.index(1)]
        first, second = rebase(calibration), rebase(turned)
        here = solve_equilibrium(first.calibration, raised(first, 0.25, [0], [1]), tolerance=1e-11)
        there = solve_equilibrium(second.calibration, raised(second, 0.25, *places), tolerance=1e-11)
        np.testing.assert_allclose(real_income(first, here)[order], real_income(second, there), rtol=1e-8)


class TestLimits:
    def test_chained_parts_go_to_the_exact_change(self, random_base: Base) -> None:
        shock = raised(random_base, 0.5, [0, 1], [2, 3])
        found = solve_equilibrium(random_base.calibration, shock, tolerance=1e-11)
        exact = np.log(real_income(random_base, found))
        errors = [
            np.abs(chained_parts(random_base, shock, steps).total - exact).max() for steps in (1, 4, 16)
        ]
        assert errors[0] > 2.5 * errors[1] > 6 * errors[2]
        assert errors[2] < np.abs(exact).max() / 10

    def test_one_step_of_the_chain_is_the_published_formula(self, random_base: Base) -> None:
        shock = raised(random_base, 0.5, [0], [2])
        found = solve_equilibrium(random_base.calibration, shock, tolerance=1e-10)
        once = first_order_parts(random_base, found, shock)
        chained = chained_parts(random_base, shock, 1)
        np.testing.assert_allclose(once.total, chained.total, atol=1e-8)

    def test_denial_is_the_limit_of_a_cost(self, random_base: Base) -> None:
        shares = random_base.calibration.trade_shares
        denied = np.zeros(shares.shape, dtype=bool)
        denied[1, 0, 2] = True
        cut = solve_equilibrium(random_base.calibration, Shock(denied=denied), tolerance=1e-11)
        dear = solve_equilibrium(
            random_base.calibration, Shock(cost_factors=np.where(denied, 1e6, 1.0)), tolerance=1e-11
        )
        np.testing.assert_allclose(real_income(random_base, cut), real_income(random_base, dear), rtol=1e-7)
        assert cut.trade_shares[1, 0, 2] == 0.0

    def test_larger_tariffs_both_ways_cost_more(self, small_base: Base) -> None:
        losses = []
        for points in (0.25, 0.5, 1.0, 2.0):
            found = solve_equilibrium(small_base.calibration, raised(small_base, points, [0], [1]))
            losses.append(real_income(small_base, found)[:2])
        assert (np.diff(np.array(losses), axis=0) < 0).all()

    def test_without_links_the_real_wage_follows_from_home_shares_alone(self) -> None:
        base = rebase(made_up_calibration(3, deficits=False), "zero", links="none")
        shock = replace(raised(base, 0.3, [0], [1, 2]), deficits="zero")
        found = solve_equilibrium(base.calibration, shock, tolerance=1e-11)
        parts = home_share_parts(base, found)
        assert np.abs(parts.intermediate_goods).max() < 1e-12
        np.testing.assert_allclose(parts.final_goods, np.log(real_wage(base, found)), atol=1e-8)

    def test_the_formula_of_home_shares_holds_with_links(self, random_base: Base) -> None:
        found = solve_equilibrium(
            random_base.calibration, raised(random_base, 0.3, [0], [1, 2]), tolerance=1e-11
        )
        parts = home_share_parts(random_base, found)
        np.testing.assert_allclose(parts.total, np.log(real_wage(random_base, found)), atol=1e-8)

    def test_a_sector_without_home_sales_is_named(self) -> None:
        calibration = small_calibration()
        shares = calibration.trade_shares.copy()
        shares[0, 0] = [0.0, 0.3, 0.7]
        base = rebase(replace(calibration, trade_shares=shares))
        found = solve_equilibrium(base.calibration, raised(base, 0.25, [0], [1]))
        parts = home_share_parts(base, found)
        assert parts.without_home_sales == (("NLD", "goods"),)
        assert np.isnan(parts.final_goods[0])
        assert np.isfinite(parts.final_goods[1:]).all()
        assert np.isfinite(real_income(base, found)).all()

    def test_more_links_make_it_dearer(self) -> None:
        losses = {}
        for links in ("none", "full"):
            base = rebase(small_calibration(), "zero", links=links)  # type: ignore[arg-type]
            shock = replace(raised(base, 0.25, [0], [1]), deficits="zero")
            losses[links] = real_income(base, solve_equilibrium(base.calibration, shock))[0]
        assert losses["full"] < losses["none"]


def broken(**changes: object) -> Calibration:
    return replace(small_calibration(), **changes)  # type: ignore[arg-type]


class TestRefusals:
    def test_no_supplier_left(self, small_base: Base) -> None:
        denied = np.zeros(small_base.calibration.trade_shares.shape, dtype=bool)
        denied[0, 0, :] = True
        with pytest.raises(EquilibriumError, match="NLD has no supplier left in sector goods"):
            solve_equilibrium(small_base.calibration, Shock(denied=denied))

    @pytest.mark.parametrize(
        ("name", "change", "message"),
        [
            ("trade_shares", lambda a: a * 1.1, r"trade_shares of NLD, sector goods add up to 1\.1"),
            ("trade_shares", lambda a: a - 0.2, "trade_shares is negative for goods, NLD, CHN"),
            ("tariff_rates", lambda a: a * 100, "look like percentages"),
            ("tariff_rates", lambda a: a - 2, "-100 % or less"),
            (
                "value_added_shares",
                lambda a: a + 1,
                "part of value added of goods, NLD and 5 more is above 1",
            ),
            ("input_shares", lambda a: a * 2, r"input_shares of NLD, sector goods add up to 2"),
            ("final_shares", lambda a: a * 0.5, r"final_shares of NLD add up to 0\.5"),
            ("value_added_musd", lambda a: a * 0, "Value added of NLD and 2 more is not above 0"),
            ("deficits_musd", lambda a: a + 5.0, "Deficits of the world add up to 15"),
            ("elasticities", lambda a: a * 0, "trade elasticity of goods and 1 more is 0 or negative"),
            ("elasticities", lambda a: a * np.nan, "elasticities is missing or not finite for goods"),
            ("elasticities", lambda a: a[:1], "elasticities has shape"),
        ],
    )
    def test_bad_calibrations(self, name: str, change: object, message: str) -> None:
        values = getattr(small_calibration(), name).copy()
        with pytest.raises(DataError, match=message):
            check_calibration(broken(**{name: change(values)}))  # type: ignore[operator]
