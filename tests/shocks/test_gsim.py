"""World markets: against the market of one importer, by hand, and identities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks.gsim import GsimResult, gsim
from geomonitor.shocks.gsim_market import clear_market
from geomonitor.shocks.partial_equilibrium import Elasticities, tariff_change_row
from geomonitor.shocks.rates import PercentagePoints, Rate
from geomonitor.shocks.smart import smart
from geomonitor.trade import importer

Floats = NDArray[np.float64]
NOTHING = Rate(0.0)
RISE = tariff_change_row("NLD", "CHN", Rate(0.03), PercentagePoints(25.0))
FLOWS = pl.DataFrame(
    [
        {"year": 2021, "exporter": seller, "importer": buyer, "product": "810110", "value_kusd": value}
        for seller, buyer, value in (
            ("CHN", "NLD", 60.0), ("USA", "NLD", 25.0), ("JPN", "NLD", 15.0), ("CHN", "USA", 80.0),
            ("JPN", "USA", 20.0), ("USA", "JPN", 5.0), ("DEU", "FRA", 7.0),
        )
    ]
)  # fmt: skip
NAMES = ("NLD", "CHN", "USA", "JPN")


def run(tariffs: pl.DataFrame = RISE, **options: Any) -> GsimResult:
    chosen: dict[str, Any] = {
        "default": Elasticities(1.25, 5.0, 1.5), "unlisted": NOTHING, **options,
    }  # fmt: skip
    return gsim(FLOWS, [2021], ["810110"], NAMES, tariffs, **chosen)


def market(seed: int, size: int = 4) -> tuple[Floats, Floats, Floats]:
    generator = np.random.default_rng(seed)
    values = generator.random((size, size)) ** 3 * 1000 * (generator.random((size, size)) > 0.2)
    values[0, 1] += 1.0
    before, after = generator.random((2, size, size)) * 0.6
    return values, before, after


elastic = st.tuples(st.floats(0.2, 3.0), st.floats(0.3, 10.0), st.floats(0.2, 20.0))


class TestAgainstOneMarket:
    """With unit demand both models are the same, their substitution differing by 1."""

    @pytest.mark.parametrize("supply", [math.inf, 1.5, 0.3])
    def test_equal_to_smart(self, supply: float) -> None:
        only = FLOWS.filter(importer="NLD")
        world = gsim(
            only, [2021], ["810110"], NAMES, RISE, default=Elasticities(1.0, 6.0, supply), unlisted=Rate(0.03)
        )
        one = smart(
            only, importer("NLD"), [2021], RISE, default=Elasticities(1.0, 5.0, supply), unlisted=Rate(0.03)
        )
        joined = world.trade.join(one.table, on="exporter")
        assert joined.height == 3
        assert joined["value_after_kusd"].to_numpy() == pytest.approx(
            joined["imports_after_kusd"].to_numpy(), rel=1e-11
        )
        assert joined["buyer_price_change"].to_numpy() == pytest.approx(
            joined["buyer_price_change_right"].to_numpy(), rel=1e-9, abs=1e-12
        )

    def test_first_order_totals_agree_for_any_demand(self) -> None:
        small = tariff_change_row("NLD", "CHN", Rate(0.03), PercentagePoints(0.1))
        only = FLOWS.filter(importer="NLD")
        world = gsim(
            only, [2021], ["810110"], NAMES, small, default=Elasticities(2.0, 5.0), unlisted=Rate(0.03),
            form="linear",
        )  # fmt: skip
        one = smart(
            only, importer("NLD"), [2021], small, default=Elasticities(2.0, 5.0), unlisted=Rate(0.03),
            form="marginal",
        )  # fmt: skip
        assert world.trade["value_after_kusd"].sum() == pytest.approx(one.table["imports_after_kusd"].sum())

    def test_the_limit_of_supply(self) -> None:
        values, before, after = market(3)
        chosen: dict[str, Any] = {"import_demand": 1.25, "substitution": 5.0}
        near = clear_market(values, before, after, export_supply=1e8, **chosen)
        infinite = clear_market(values, before, after, export_supply=math.inf, **chosen)
        assert near.volumes == pytest.approx(infinite.volumes, rel=1e-6)
        assert infinite.seller_prices.tolist() == [0.0] * 4
        assert infinite.producer_surplus.tolist() == [0.0] * 4
        assert infinite.steps == 0


def test_by_hand() -> None:
    # one seller to one buyer: x (mu + epsilon) = -epsilon ln(1.1), whatever the substitution
    values, before, after = np.array([[0.0, 100.0], [0.0, 0.0]]), np.zeros((2, 2)), np.full((2, 2), 0.1)
    found = clear_market(values, before, after, import_demand=2.0, substitution=5.0, export_supply=3.0)
    price = 1.1 ** (-2 / 5)
    assert found.seller_prices[0] == pytest.approx(price - 1)
    assert found.volumes[0, 1] == pytest.approx(price**3)
    assert found.composite_prices[1] == pytest.approx(1.1 * price - 1)
    # areas under p ** -2 and over p ** 3
    assert found.consumer_surplus[1] == pytest.approx(100 * (1 / (1.1 * price) - 1))
    assert found.producer_surplus[0] == pytest.approx(100 * (price**4 - 1) / 4)
    linear = clear_market(
        values, before, after, import_demand=2.0, substitution=5.0, export_supply=3.0, form="linear"
    )
    assert linear.seller_prices[0] == pytest.approx(-0.04)
    assert linear.volumes[0, 1] == pytest.approx(1 - 0.12)
    assert linear.producer_surplus[0] == pytest.approx(100 * -0.04 * (1 - 0.06))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), elastic)
def test_demand_meets_supply(seed: int, numbers: tuple[float, float, float]) -> None:
    demand, substitution, supply = numbers
    values, before, after = market(seed)
    found = clear_market(
        values, before, after, import_demand=demand, substitution=substitution, export_supply=supply
    )
    assert found.residual < 1e-10
    sold = values.sum(axis=1)
    asked = (values * found.volumes).sum(axis=1)
    assert asked == pytest.approx(sold * (1 + found.seller_prices) ** supply, rel=1e-9)
    assert (found.volumes >= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), elastic, st.sampled_from(["exact", "linear"]))
def test_nothing_changes_without_a_change(seed: int, numbers: tuple[float, float, float], form: str) -> None:
    values, before, _ = market(seed)
    found = clear_market(
        values, before, before, import_demand=numbers[0], substitution=numbers[1], export_supply=numbers[2],
        form=form,  # type: ignore[arg-type]
    )  # fmt: skip
    assert np.abs(found.seller_prices).max() < 1e-12
    assert np.abs(np.where(values > 0, found.volumes - 1, 0)).max() < 1e-12
    assert np.abs(found.consumer_surplus).max() < 1e-9


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 1000.0))
def test_scaling_trade_leaves_prices(seed: int, scale: float) -> None:
    values, before, after = market(seed)
    chosen: dict[str, Any] = {"import_demand": 1.25, "substitution": 5.0, "export_supply": 1.5}
    once = clear_market(values, before, after, **chosen)
    more = clear_market(scale * values, before, after, **chosen)
    assert more.seller_prices == pytest.approx(once.seller_prices, abs=1e-10)
    assert more.producer_surplus == pytest.approx(scale * once.producer_surplus, rel=1e-7, abs=1e-7 * scale)


def test_both_forms_agree_on_small_changes() -> None:
    values, before, _ = market(11)
    after = before + 1e-5 * np.arange(16).reshape(4, 4)
    chosen: dict[str, Any] = {"import_demand": 1.25, "substitution": 5.0, "export_supply": 1.5}
    exact, linear = (clear_market(values, before, after, form=form, **chosen) for form in ("exact", "linear"))
    assert exact.seller_prices == pytest.approx(linear.seller_prices, rel=1e-3)
    assert exact.consumer_surplus == pytest.approx(linear.consumer_surplus, rel=1e-3)
    assert exact.producer_surplus == pytest.approx(linear.producer_surplus, rel=1e-3)


def test_unit_elasticities_are_limits() -> None:
    values, before, after = market(5)
    for one, near in (((1.0, 5.0), (1.0 + 1e-7, 5.0)), ((1.25, 1.0), (1.25, 1.0 + 1e-7))):
        first, second = (
            clear_market(
                values, before, after, import_demand=each[0], substitution=each[1], export_supply=1.5
            )
            for each in (one, near)
        )
        assert first.seller_prices == pytest.approx(second.seller_prices, abs=1e-6)
        assert first.consumer_surplus == pytest.approx(second.consumer_surplus, rel=1e-5, abs=1e-5)


def test_large_elasticities_and_prohibitive_tariffs() -> None:
    values, before, _ = market(5)
    after = before.copy()
    after[0, 1:] = 50.0
    found = clear_market(values, before, after, import_demand=2.0, substitution=30.0, export_supply=0.5)
    assert found.residual < 1e-9
    assert found.volumes[0, 1] < 0.05


class TestOnFlows:
    def test_welfare_adds_up_and_who_is_hit_loses(self) -> None:
        found = run()
        parts = pl.sum_horizontal("producer_surplus_kusd", "consumer_surplus_kusd", "revenue_kusd")
        assert found.table.select((parts - pl.col("welfare_kusd")).abs().max()).item() < 1e-12
        china = found.table.filter(economy="CHN").row(0, named=True)
        assert china["export_price_change"] < 0
        assert china["producer_surplus_kusd"] < 0
        assert found.table.filter(economy="JPN")["producer_surplus_kusd"][0] > 0
        assert found.table.filter(economy="NLD")["consumer_surplus_kusd"][0] < 0
        assert found.markets["residual"][0] < 1e-12
        assert found.provenance["method"] == "gsim-2009"

    def test_what_is_sold_is_what_is_bought(self) -> None:
        found = run()
        joined = found.trade.with_columns(volume=pl.col("value_before_kusd") * (1 + pl.col("volume_change")))
        by_seller = joined.group_by("exporter").agg(pl.col("volume", "value_before_kusd").sum())
        output = by_seller.join(found.table, left_on="exporter", right_on="economy")
        assert (output["volume"] / output["value_before_kusd"] - 1).to_numpy() == pytest.approx(
            output["output_change"].to_numpy(), abs=1e-12
        )

    def test_who_is_not_named_is_the_rest_of_the_world(self) -> None:
        found = run()
        row = found.trade.filter(exporter="ROW")
        assert row["importer"].to_list() == ["ROW"]
        assert row["value_before_kusd"].to_list() == [7.0]
        assert found.table.filter(economy="NLD")["export_price_change"].to_list() == [None]

    def test_a_group_trades_with_itself(self) -> None:
        found = gsim(
            FLOWS, [2021], ["810110"], ["EU27_2020", "CHN"], RISE.with_columns(importer=pl.lit("EU27_2020")),
            default=Elasticities(1.25, 5.0, 1.5), unlisted=NOTHING,
        )  # fmt: skip
        home = found.trade.filter(exporter="EU27_2020", importer="EU27_2020").row(0, named=True)
        assert home["value_before_kusd"] == 7.0
        assert home["tariff_after"] == 0.0
        assert home["volume_change"] > 0

    def test_home_sales_soften_the_blow(self) -> None:
        home = pl.DataFrame({"economy": ["NLD"], "product": ["810110"], "value_kusd": [400.0]})
        without, with_home = run(), run(home_sales=home)
        prices = [
            each.table.filter(economy="NLD")["composite_price_change"][0] for each in (without, with_home)
        ]
        assert 0 < prices[1] < prices[0]
        assert any("sales at home" in each for each in without.provenance["assumptions"])

    @pytest.mark.parametrize(
        "home",
        [
            pl.DataFrame({"economy": ["NLD"], "value_kusd": [1.0]}),
            pl.DataFrame({"economy": ["XYZ"], "product": ["810110"], "value_kusd": [1.0]}),
            pl.DataFrame({"economy": ["NLD"], "product": ["810110"], "value_kusd": [-1.0]}),
        ],
    )
    def test_home_sales_that_are_none(self, home: pl.DataFrame) -> None:
        with pytest.raises(DataError) as caught:
            run(home_sales=home)
        assert caught.value.where == "home_sales"

    @pytest.mark.parametrize("engine", ["pandas", "duckdb"])
    def test_other_engines_give_the_same(self, engine: str) -> None:
        duckdb = pytest.importorskip("duckdb")
        frame = FLOWS.to_pandas()
        flows = frame if engine == "pandas" else duckdb.from_df(frame)
        found = gsim(
            flows, [2021], ["810110"], NAMES, RISE, default=Elasticities(1.25, 5.0, 1.5), unlisted=NOTHING
        )
        assert found.table.equals(run().table)

    def test_two_coalitions(self) -> None:
        with pytest.raises(DataError, match="NLD is in two coalitions: EU27_2020 and NLD"):
            gsim(
                FLOWS, [2021], ["810110"], ["EU27_2020", "NLD"], RISE, default=Elasticities(1.25, 5.0),
                unlisted=NOTHING,
            )  # fmt: skip

    def test_unknown_and_absent(self) -> None:
        with pytest.raises(UnknownCodeError):
            gsim(FLOWS, [2021], ["810110"], ["QQQ"], RISE, default=Elasticities(1.25, 5.0))
        with pytest.raises(DataError, match="999999 is not traded"):
            gsim(FLOWS, [2021], ["999999"], NAMES, RISE, default=Elasticities(1.25, 5.0), unlisted=NOTHING)

    def test_large_changes_are_not_for_the_linear_form(self) -> None:
        huge = tariff_change_row("NLD", "CHN", Rate(0.0), PercentagePoints(300.0))
        with pytest.raises(DataError, match="negative trade from CHN"):
            run(huge, form="linear")
        assert run(huge).markets["residual"][0] < 1e-9

    def test_figure(self) -> None:
        figure = run().plot()
        assert [trace.name for trace in figure.data] == ["producers", "buyers", "tariff revenue", "welfare"]
