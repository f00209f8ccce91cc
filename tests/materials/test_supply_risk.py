"""Kernels of supply risk and economic importance: golden vectors and properties."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.errors import DataError
from geomonitor.materials import (
    SubstituteUse,
    at_one_decimal,
    economic_importance,
    governance_weight,
    governed_concentration,
    governed_shares,
    import_reliance,
    importance_of_uses,
    is_critical,
    material_method,
    substitution_economic,
    substitution_risk,
    supply_risk,
    supply_risk_bounds,
)

shares = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=8).map(lambda v: np.array(v) / sum(v))
fraction = st.floats(0.0, 1.0)
pairs = st.tuples(fraction, fraction)


class TestGolden:
    """The magnesium-like case and the case of economic importance of methods.md, section 12."""

    def test_governance_of_the_case(self) -> None:
        assert float(governance_weight(-0.36)) == pytest.approx(5.72, abs=1e-12)

    def test_supply_risk(self) -> None:
        assert float(supply_risk(5.0022532, 5.4534708, 1.0, 0.13, 0.9)) == pytest.approx(4.0934159, abs=5e-8)

    def test_the_chinese_part_of_it(self) -> None:
        # 0.89 and 0.93 of supply, weight 5.72, export restriction 1.1; the rest is other suppliers
        world = governed_concentration([0.89], [5.72], [1.1])
        used = governed_concentration([0.93], [5.72], [1.1])
        assert world == pytest.approx(0.89**2 * 5.72 * 1.1)
        assert 5.0022532 - world == pytest.approx(0.0183, abs=5e-4)
        assert 5.4534708 - used == pytest.approx(0.0115, abs=5e-4)

    def test_economic_importance(self) -> None:
        value = economic_importance([0.5, 0.3, 0.2], [100, 60, 20], 170, 0.95)
        assert value == pytest.approx(4.0235294, abs=5e-8)

    def test_full_reliance_weights_half_and_half(self) -> None:
        assert float(supply_risk(4.0, 2.0, 1.0, 0.0, 1.0)) == pytest.approx(3.0)

    def test_no_reliance_counts_what_is_used_only(self) -> None:
        assert float(supply_risk(4.0, 2.0, 0.0, 0.0, 1.0)) == pytest.approx(2.0)


class TestUnknown:
    def test_without_sourcing_the_world_counts_alone(self) -> None:
        assert float(supply_risk(4.0, math.nan, math.nan, 0.5, 1.0)) == pytest.approx(2.0)

    def test_without_reliance_there_is_no_value(self) -> None:
        assert math.isnan(float(supply_risk(4.0, 2.0, math.nan, 0.0, 1.0)))

    def test_unknown_governance_is_not_zero(self) -> None:
        assert math.isnan(governed_concentration([0.6, 0.4], [5.0, math.nan]))

    def test_nobody_supplies(self) -> None:
        assert math.isnan(governed_concentration([0.0], [5.0]))

    @pytest.mark.parametrize("bad", [([-0.1], [5.0], 1.0), ([0.1], [-5.0], 1.0), ([0.1], [5.0], -1.0)])
    def test_negative_numbers_are_refused(self, bad: tuple[list[float], list[float], float]) -> None:
        with pytest.raises(DataError, match="negative"):
            governed_concentration(*bad)

    def test_reliance_of_a_net_exporter_is_nil(self) -> None:
        assert import_reliance([1.0], [2.0], [0.5]).tolist() == [0.0]

    def test_reliance_without_production_data_is_unknown(self) -> None:
        assert math.isnan(float(import_reliance(5.0, 1.0, math.nan)))

    def test_substitutes_cannot_take_more_than_all(self) -> None:
        too_much = [SubstituteUse(0.8, 1.0), SubstituteUse(0.3, 1.0)]
        with pytest.raises(DataError, match="110%"):
            substitution_risk(too_much)
        with pytest.raises(DataError, match="110%"):
            substitution_economic(too_much)


class TestProperties:
    @given(shares, fraction, st.floats(0.0, 0.99), st.floats(0.01, 1.0))
    @settings(max_examples=40)
    def test_falls_with_recycling(self, split: np.ndarray, ir: float, rate: float, more: float) -> None:
        world = governed_concentration(split, np.full(split.size, 5.0))
        higher = rate + (1 - rate) * more
        before, after = (float(supply_risk(world, world, ir, each, 1.0)) for each in (rate, higher))
        assert after < before

    @given(shares, st.floats(0.01, 0.99))
    @settings(max_examples=40)
    def test_rises_with_concentration(self, split: np.ndarray, part: float) -> None:
        # one supplier takes over part of another, with the same governance
        moved = np.sort(split)
        taken = moved[0] * part
        moved = moved + np.eye(moved.size)[-1] * taken - np.eye(moved.size)[0] * taken
        weights = np.full(split.size, 5.0)
        assert governed_concentration(moved, weights) > governed_concentration(split, weights)

    @given(shares, st.integers(0, 7), st.floats(0.1, 5.0))
    @settings(max_examples=40)
    def test_rises_with_worse_governance(self, split: np.ndarray, which: int, worse: float) -> None:
        weights = np.full(split.size, 4.0)
        weaker = weights + worse * np.eye(split.size)[which % split.size]
        assert governed_concentration(split, weaker) > governed_concentration(split, weights)

    @given(shares, st.randoms(use_true_random=False))
    @settings(max_examples=30)
    def test_relabelling_suppliers_changes_nothing(self, split: np.ndarray, random: object) -> None:
        names = [f"E{number}" for number in range(split.size)]
        order = list(names)
        random.shuffle(order)  # type: ignore[attr-defined]
        rows = pl.DataFrame({"material": "m", "economy": names, "share": split})
        weights = pl.DataFrame({"economy": names, "weight": np.linspace(1, 9, split.size)})
        renamed = dict(zip(names, order, strict=True))
        again = [frame.with_columns(pl.col("economy").replace_strict(renamed)) for frame in (rows, weights)]
        before = governed_shares(rows, weights, ["material"]).row(0, named=True)
        after = governed_shares(again[0], again[1], ["material"]).row(0, named=True)
        assert after["governed"] == pytest.approx(before["governed"], rel=1e-12)
        assert after["concentration"] == pytest.approx(before["concentration"], rel=1e-12)

    @given(pairs, pairs, pairs, fraction)
    @settings(max_examples=60)
    def test_bounds_hold_every_value_between_the_inputs(
        self,
        world: tuple[float, float],
        used: tuple[float, float],
        ir: tuple[float, float],
        where: float,
    ) -> None:
        world, used, ir = (tuple(sorted(each)) for each in (world, used, ir))  # type: ignore[assignment]
        low, high = supply_risk_bounds(world, used, ir, (0.1, 0.3), (0.8, 1.0))
        inside = [pair[0] + where * (pair[1] - pair[0]) for pair in (world, used, ir, (0.1, 0.3), (0.8, 1.0))]
        value = float(supply_risk(*inside))
        assert float(low) - 1e-12 <= value <= float(high) + 1e-12


class TestGovernedShares:
    weights = pl.DataFrame({"economy": ["CHN", "USA", "NLD"], "weight": [6.0, 4.0, 2.0]})

    def measured(self, rows: list[tuple[str | None, float | None]], **more: object) -> dict[str, object]:
        frame = pl.DataFrame(
            {"material": "m", "economy": [code for code, _ in rows], "share": [part for _, part in rows]},
            schema={"material": pl.String, "economy": pl.String, "share": pl.Float64},
        )
        return governed_shares(frame, self.weights, ["material"], **more).row(0, named=True)  # type: ignore[arg-type]

    def test_shares_of_nine_percent_give_bounds_and_no_value(self) -> None:
        found = self.measured([("CHN", 0.05), ("USA", 0.04)])
        assert found["governed"] is None
        assert found["reason"] == "shares add up to less than the whole"
        assert found["governed_low"] == pytest.approx(0.05**2 * 6 + 0.04**2 * 4)
        # the missing 91 % with one more supplier of the worst governance
        assert found["governed_high"] == pytest.approx(found["governed_low"] + 0.91**2 * 10)

    def test_shares_of_113_percent_give_nothing(self) -> None:
        found = self.measured([("CHN", 0.73), ("USA", 0.40)])
        assert (found["governed"], found["governed_low"], found["governed_high"]) == (None, None, None)
        assert found["reason"] == "shares add up to more than the whole"

    def test_rounding_is_tolerated_and_bounded(self) -> None:
        found = self.measured([("CHN", 0.6), ("USA", 0.37)])
        assert found["governed"] == pytest.approx(0.6**2 * 6 + 0.37**2 * 4)
        assert found["governed_high"] == pytest.approx(found["governed"] + 10 * 0.03**2)

    def test_a_large_supplier_without_governance_leaves_no_value(self) -> None:
        found = self.measured([("CHN", 0.6), ("XKX", 0.4)])
        assert found["governed"] is None
        assert found["unknown_governance"] == "XKX"
        assert found["governed_high"] - found["governed_low"] == pytest.approx(0.4**2 * 10)

    def test_a_tiny_supplier_without_governance_widens_the_bounds_only(self) -> None:
        found = self.measured([("CHN", 0.99), ("XKX", 0.01)])
        assert found["governed"] == pytest.approx(0.99**2 * 6)
        assert found["governed_high"] > found["governed_low"]

    def test_below_a_bound(self) -> None:
        frame = pl.DataFrame(
            {"material": "m", "economy": ["CHN", "USA"], "share": [1.0, None], "share_max": [None, 0.001]}
        )
        found = governed_shares(frame, self.weights, ["material"]).row(0, named=True)
        assert found["governed"] == pytest.approx(6.0)
        assert found["governed_high"] == pytest.approx(6.0 + 0.001**2 * 4)

    def test_home_is_no_foreign_supplier_and_trades_freely(self) -> None:
        found = self.measured([("NLD", 0.7), ("CHN", 0.3)], home=["NLD"])
        assert (found["main_supplier"], found["main_foreign_supplier"]) == ("NLD", "CHN")
        assert found["governed"] == pytest.approx(0.7**2 * 2 * 0.8 + 0.3**2 * 6)

    def test_what_has_no_single_origin(self) -> None:
        found = self.measured([("CHN", 0.5), (None, 0.5)])
        assert found["governed"] is None
        assert found["reason"] == "part of the supply has no single origin"
        assert found["main_supplier"] == "CHN"


class TestVerdict:
    def test_rounding_goes_up_at_the_half(self) -> None:
        assert at_one_decimal([0.95, 2.75, 1.05, 0.949999]).tolist() == [1.0, 2.8, 1.1, 0.9]

    @pytest.mark.parametrize(
        ("risk", "importance", "critical"),
        [(1.0, 7.1, True), (1.0, 6.4, True), (0.1, 4.0, False), (0.5, 5.7, False), (1.0, 2.7, False)],
    )
    def test_published_edges(self, risk: float, importance: float, critical: bool) -> None:
        """Natural rubber 2020 and phosphate rock 2023 are in; copper and nickel 2023 are not, by the rule."""
        assert is_critical([risk], [importance]).tolist() == [critical]

    def test_unknown_is_not_critical(self) -> None:
        assert is_critical([math.nan], [5.0]).tolist() == [False]

    def test_a_changed_threshold_is_marked(self) -> None:
        rule = material_method("eu-crm-2017").with_values({"supply_risk": 0.5})
        assert is_critical([0.5], [4.0], rule).tolist() == [True]
        assert rule.modified == ("supply_risk: 0.5 (published: 1)",)


class TestUses:
    def uses(self, shares: list[float]) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "material": "m",
                "sector": [f"C2{place}" for place in range(len(shares))],
                "quantity": shares,
                "value_added_meur": [100.0 * (place + 1) for place in range(len(shares))],
            }
        )

    def test_uses_of_113_percent_give_no_value(self) -> None:
        row = importance_of_uses(self.uses([0.6, 0.53])).table.row(0, named=True)
        assert row["economic_importance"] is None
        assert row["economic_importance_high"] is None
        assert row["reason"] == "uses add up to more than the whole"

    def test_uses_of_90_percent_give_bounds(self) -> None:
        index = pl.DataFrame({"material": ["m"], "substitution_economic": [1.0]})
        row = importance_of_uses(self.uses([0.5, 0.4]), index).table.row(0, named=True)
        assert row["economic_importance"] is None
        assert row["economic_importance_low"] == pytest.approx((0.5 * 100 + 0.4 * 200) / 20)
        assert row["economic_importance_high"] == pytest.approx((0.5 * 100 + 0.4 * 200 + 0.1 * 200) / 20)

    def test_unknown_substitutes_leave_bounds(self) -> None:
        row = importance_of_uses(self.uses([0.5, 0.5])).table.row(0, named=True)
        assert row["economic_importance"] is None
        assert row["economic_importance_low"] == pytest.approx(0.8 * row["economic_importance_high"])

    def test_no_value_added_at_all(self) -> None:
        nothing = self.uses([1.0]).with_columns(value_added_meur=pl.lit(0.0))
        with pytest.raises(DataError, match="value added"):
            importance_of_uses(nothing)
