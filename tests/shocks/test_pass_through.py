"""Prices through the chains: against plain inverses, and the properties of the price model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geomonitor.chains import leontief_system
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks.pass_through import final_use_of, price_pass_through
from geomonitor.shocks.rates import Percent, PercentagePoints, Rate
from geomonitor.shocks.tariff_changes import TariffChange, tariff_changes

ECONOMIES = ("NLD", "CHN", "DEU")
SECTORS = ("C26", "G")
BOTH = (
    TariffChange("NLD", "CHN", PercentagePoints(25.0), ("C26",)),
    TariffChange("CHN", "NLD", PercentagePoints(25.0), ("C26",)),
)


def made_table(seed: int, *, linked: bool = True, destinations: bool = True) -> InputOutputTable:
    generator = np.random.default_rng(seed)
    size = len(ECONOMIES) * len(SECTORS)
    flows = generator.random((size, size)) ** 2 * linked
    demand = generator.random((size, 3)) + 0.05
    labels = tuple((economy, "total") for economy in ECONOMIES)
    if not destinations:
        demand, labels = demand.sum(axis=1, keepdims=True), (("*", "total"),)
    output = np.maximum(flows.sum(axis=1) + demand.sum(axis=1), 1.3 * flows.sum(axis=0))
    demand = demand * ((output - flows.sum(axis=1)) / demand.sum(axis=1))[:, None]
    return InputOutputTable("made", 2022, ECONOMIES, SECTORS, flows, demand, labels, output)


def plain_prices(table: InputOutputTable, delta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The textbook: tariffs on the inputs of every user, times the inverse."""
    coefficients = table.flows_musd / table.output_musd
    buyers = np.repeat(np.arange(len(ECONOMIES)), len(SECTORS))
    cost = (coefficients * delta[:, buyers]).sum(axis=0)
    return np.asarray(cost @ np.linalg.inv(np.eye(table.size) - coefficients))


def test_against_the_plain_inverse() -> None:
    table = made_table(3)
    delta = tariff_changes(table, BOTH)
    found = price_pass_through(leontief_system(table), BOTH, "NLD")
    price = plain_prices(table, delta)
    assert found.nodes["total_price_change"].to_list() == pytest.approx(price.tolist(), abs=1e-13)
    used = table.final_demand_of("NLD")
    direct = (used * delta[:, 0]).sum() / used.sum()
    assert found.direct == pytest.approx(direct)
    assert found.total == pytest.approx(direct + (used * price).sum() / used.sum())
    assert found.total_to_direct == pytest.approx(found.total / found.direct)
    row = found.table.row(0, named=True)
    assert row["hit_share"] == pytest.approx(used[2] / (used[0] + used[2] + used[4]))
    assert row["imported_share"] == pytest.approx((used[2] + used[4]) / (used[0] + used[2] + used[4]))
    assert row["direct_price_change"] == pytest.approx(0.25 * row["hit_share"])


def test_at_home_only_the_producers_at_home_pass_on() -> None:
    table = made_table(4)
    delta = tariff_changes(table, BOTH)
    found = price_pass_through(leontief_system(table), BOTH, "NLD", scope="home")
    coefficients = table.flows_musd / table.output_musd
    cost = (coefficients[:, :2] * delta[:, [0, 0]]).sum(axis=0)
    price = cost @ np.linalg.inv(np.eye(2) - coefficients[:2, :2])
    assert found.nodes["total_price_change"].to_list() == pytest.approx([*price, 0, 0, 0, 0])
    assert found.total < price_pass_through(leontief_system(table), BOTH, "NLD").total


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 100.0), st.sampled_from(["NLD", "CHN", "DEU"]))
def test_the_total_is_never_below_the_direct_effect(seed: int, points: float, economy: str) -> None:
    system = leontief_system(made_table(seed))
    delta = np.abs(np.random.default_rng(seed).standard_normal((system.size, 3))) * points / 100
    delta[0, 1] += 0.01
    for scope in ("world", "home"):
        found = price_pass_through(system, delta, economy, scope=scope)
        assert found.total >= found.direct - 1e-14
        assert (found.table["indirect_price_change"] >= -1e-14).all()
        assert (found.nodes["indirect_price_change"] >= -1e-14).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_without_links_total_and_direct_are_equal(seed: int) -> None:
    found = price_pass_through(leontief_system(made_table(seed, linked=False)), BOTH, "NLD")
    assert found.total == found.direct > 0
    assert found.indirect == 0


def test_partial_pass_through_is_proportional_and_scaling_changes_nothing() -> None:
    table = made_table(5)
    full = price_pass_through(leontief_system(table), BOTH, "NLD")
    half = price_pass_through(leontief_system(table), BOTH, "NLD", pass_through=0.5)
    assert half.direct == pytest.approx(full.direct / 2)
    assert half.total == pytest.approx(full.total / 2)
    assert half.provenance["pass_through"] == 0.5
    scaled = InputOutputTable(
        "made", 2022, ECONOMIES, SECTORS, table.flows_musd * 7, table.final_demand_musd * 7,
        table.final_demand_labels, table.output_musd * 7,
    )  # fmt: skip
    assert price_pass_through(leontief_system(scaled), BOTH, "NLD").total == pytest.approx(full.total)


def test_an_even_rise_of_all_prices_of_inputs_is_what_inputs_make_of_it() -> None:
    # a tariff of 10 % on everything, home too, raises a price by 10 % of all upstream purchases
    table = made_table(6)
    system = leontief_system(table)
    found = price_pass_through(system, np.full((system.size, 3), 0.1), "NLD")
    bought = system.contents(1.0 - system.value_added_share)
    assert found.nodes["total_price_change"].to_list() == pytest.approx((0.1 * bought).tolist())


class TestRates:
    def test_points_percent_and_levels_on_base_tariffs(self) -> None:
        table = made_table(1)
        base = np.full((table.size, 3), 0.03)

        def change(what: PercentagePoints | Percent | Rate) -> float:
            rise = TariffChange("NLD", "CHN", what, ("C26",))
            return float(tariff_changes(table, [rise], base_rates=base)[2, 0])

        assert change(PercentagePoints(25.0)) == pytest.approx(0.25)
        assert change(Percent(25.0)) == pytest.approx(0.0075)
        assert change(Rate(0.1)) == pytest.approx(0.07)

    def test_one_rate_for_all(self) -> None:
        rise = TariffChange("NLD", "CHN", Percent(100.0))
        delta = tariff_changes(made_table(1), [rise], base_rates=Rate(0.05))
        assert delta[2:4, 0].tolist() == pytest.approx([0.05, 0.05])
        assert delta[:2].sum() == delta[4:].sum() == 0

    def test_percent_need_base_tariffs(self) -> None:
        for what in (Percent(25.0), Rate(0.1)):
            with pytest.raises(DataError, match="tariffs before"):
                tariff_changes(made_table(1), [TariffChange("NLD", "CHN", what)])

    @pytest.mark.parametrize(
        "base",
        [np.zeros((2, 2)), np.full((6, 3), np.nan), np.full((6, 3), -1.0), np.full((6, 3), 3.5)],
    )
    def test_base_tariffs_that_are_none(self, base: NDArray[np.float64]) -> None:
        with pytest.raises(DataError) as caught:
            tariff_changes(made_table(1), BOTH, base_rates=base)
        assert caught.value.where == "base_rates"


class TestFinalUse:
    def test_by_destination(self) -> None:
        table = made_table(2)
        used, notes = final_use_of(table, ["CHN", "NLD"])
        assert used[:, 0] == pytest.approx(table.final_demand_of("CHN"))
        assert notes == ()

    def test_without_destinations_in_proportion_to_industries(self) -> None:
        table = made_table(2, destinations=False)
        used, notes = final_use_of(table, ECONOMIES)
        assert used.sum(axis=1) == pytest.approx(table.final_demand_musd[:, 0])
        bought = table.flows_musd[:, :2].sum(axis=1) / table.flows_musd.sum(axis=1)
        assert used[:, 0] == pytest.approx(bought * table.final_demand_musd[:, 0])
        assert "in proportion" in notes[0]
        found = price_pass_through(leontief_system(table), BOTH, "NLD")
        assert any("in proportion" in each for each in found.provenance["assumptions"])

    def test_categories(self) -> None:
        table = made_table(2)
        split = np.column_stack([table.final_demand_musd * 0.75, table.final_demand_musd * 0.25])
        labels = tuple((each, kind) for kind in ("households", "state") for each in ECONOMIES)
        table = InputOutputTable(
            "made", 2022, ECONOMIES, SECTORS, table.flows_musd, split, labels, table.output_musd
        )
        used, _ = final_use_of(table, ["NLD"], ["households"])
        assert used[:, 0] == pytest.approx(0.75 * table.final_demand_of("NLD"))
        with pytest.raises(DataError, match="firms"):
            final_use_of(table, ["NLD"], ["firms"])


class TestBadInput:
    def test_buyers_that_are_sellers(self) -> None:
        with pytest.raises(DataError, match="both sides"):
            tariff_changes(made_table(1), [TariffChange("NLD", "NLD", PercentagePoints(1.0))])

    def test_unknown_economies_and_sectors(self) -> None:
        for change in (
            TariffChange("NLD", "JPN", PercentagePoints(1.0)),
            TariffChange("NLD", "CHN", PercentagePoints(1.0), ("C99",)),
        ):
            with pytest.raises(UnknownCodeError):
                tariff_changes(made_table(1), [change])

    def test_changes_that_touch_nothing(self) -> None:
        system = leontief_system(made_table(1))
        with pytest.raises(DataError, match="touch nothing"):
            price_pass_through(system, [], "NLD")

    def test_a_pass_through_that_cannot_be(self) -> None:
        with pytest.raises(DataError, match="cannot be"):
            price_pass_through(leontief_system(made_table(1)), BOTH, "NLD", pass_through=50.0)

    def test_an_array_of_the_wrong_shape(self) -> None:
        with pytest.raises(DataError, match="shape"):
            price_pass_through(leontief_system(made_table(1)), np.zeros((3, 3)), "NLD")


def test_a_group_is_its_members_together() -> None:
    system = leontief_system(made_table(8))
    groups = {"HOME": ("NLD", "DEU")}
    rise = [TariffChange("HOME", "CHN", PercentagePoints(10.0))]
    both = price_pass_through(system, rise, "HOME", groups=groups)
    parts = [price_pass_through(system, rise, each, groups=groups) for each in groups["HOME"]]
    weights = [float(part.table["spending_musd"].sum()) for part in parts]
    assert both.total == pytest.approx(np.average([part.total for part in parts], weights=weights))


def test_figure() -> None:
    figure = price_pass_through(leontief_system(made_table(3)), BOTH, "NLD").plot()
    assert [trace.name for trace in figure.data] == ["direct", "indirect"]
