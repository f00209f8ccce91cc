"""Trade created and diverted: the published formulas, identities, and supply that meets demand."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.errors import DataError
from geomonitor.shocks.partial_equilibrium import Elasticities, tariff_change_row
from geomonitor.shocks.rates import PercentagePoints, Rate
from geomonitor.shocks.smart import SmartResult, smart
from geomonitor.trade import importer

VALUES = {"CHN": 60.0, "USA": 25.0, "JPN": 15.0}
NOTHING = Rate(0.0)
NLD = importer("NLD", home_group="EU27_2020")


def flows(values: dict[str, float] | None = None, products: tuple[str, ...] = ("810110",)) -> pl.DataFrame:
    amounts = VALUES if values is None else values
    return pl.DataFrame(
        [
            {"year": 2021, "exporter": each, "importer": "NLD", "product": product, "value_kusd": value}
            for product in products
            for each, value in amounts.items()
        ]
    )


def run(
    tariffs: pl.DataFrame, elasticities: Elasticities, form: str = "exact", scale: float = 1.0
) -> SmartResult:
    values = {each: value * scale for each, value in VALUES.items()}
    return smart(
        flows(values), NLD, [2021], tariffs, default=elasticities, unlisted=NOTHING,
        form=form,  # type: ignore[arg-type]
    )  # fmt: skip


RISE = tariff_change_row("NLD", "CHN", Rate(0.03), PercentagePoints(25.0))
ALL = tariff_change_row("NLD", "*", Rate(0.05), PercentagePoints(1.0))


def test_laird_and_yeats_diversion_for_one_origin() -> None:
    found = run(RISE, Elasticities(1.25, 5.0)).table.filter(exporter="CHN").row(0, named=True)
    extra = (1.28 / 1.03) ** -5.0 - 1
    assert found["trade_diversion_kusd"] == pytest.approx(60 * 40 * extra / (60 + 40 + 60 * extra))
    assert found["buyer_price_change"] == pytest.approx(1.28 / 1.03 - 1)
    assert found["seller_price_change"] == 0


def test_first_order_formulas() -> None:
    found = run(
        tariff_change_row("NLD", "CHN", Rate(0.03), PercentagePoints(2.0)),
        Elasticities(1.25, 5.0),
        "marginal",
    )
    row = found.table.filter(exporter="CHN").row(0, named=True)
    wedge = 0.02 / 1.03
    assert row["trade_creation_kusd"] == pytest.approx(-1.25 * 60 * wedge)
    assert row["trade_diversion_kusd"] == pytest.approx(-5 * wedge * 60 * 40 / 100)
    assert row["price_effect_kusd"] == 0
    change = row["trade_creation_kusd"] + row["trade_diversion_kusd"]
    assert row["revenue_change_kusd"] == pytest.approx(0.05 * (60 + change) - 0.03 * 60)
    # with given prices welfare is the trapezoid between the two tariffs
    product = found.products.row(0, named=True)
    assert product["welfare_change_kusd"] == pytest.approx((0.03 + 0.05) / 2 * change)


def test_creation_with_finite_supply_and_equal_changes() -> None:
    found = run(ALL, Elasticities(1.25, 5.0, 1.5), "marginal").table
    wedge = 0.01 / 1.05
    created = [-1.25 * VALUES[each] * wedge / (1 + 1.25 / 1.5) for each in found["exporter"]]
    assert found["trade_creation_kusd"].to_list() == pytest.approx(created)
    assert found["trade_diversion_kusd"].to_list() == pytest.approx([0.0] * 3, abs=1e-12)
    price = -1.25 * wedge / (1.5 + 1.25)
    assert found["seller_price_change"].to_list() == pytest.approx([price] * 3)


amounts = st.dictionaries(
    st.sampled_from(["CHN", "USA", "JPN", "IND", "BRA"]), st.floats(1.0, 1e6), min_size=2, max_size=5
)
elastic = st.builds(
    Elasticities,
    st.floats(0.1, 3.0),
    st.floats(0.2, 10.0),
    st.one_of(st.just(math.inf), st.floats(0.2, 50.0)),
)
points = st.floats(-10.0, 200.0)


@settings(max_examples=25, deadline=None)
@given(amounts, elastic, points)
def test_diversion_adds_up_to_nothing_and_supply_meets_demand(
    values: dict[str, float], elasticities: Elasticities, rise: float
) -> None:
    tariffs = tariff_change_row("NLD", sorted(values)[0], Rate(0.2), PercentagePoints(rise))
    found = smart(flows(values), NLD, [2021], tariffs, default=elasticities, unlisted=Rate(0.1)).table
    total = sum(values.values())
    assert abs(float(found["trade_diversion_kusd"].sum())) <= 1e-11 * total
    volume = found["imports_before_kusd"] + found["trade_diversion_kusd"] + found["trade_creation_kusd"]
    assert (volume >= -1e-12 * total).all()
    if math.isfinite(elasticities.export_supply):
        offered = (
            found["imports_before_kusd"] * (1 + found["seller_price_change"]) ** elasticities.export_supply
        )
        assert volume.to_numpy() == pytest.approx(offered.to_numpy(), rel=1e-8)
    else:
        assert (found["seller_price_change"] == 0).all()
    # a dearer origin does not sell more, and nobody raises his price for it
    first = found.row(0, named=True)
    assert rise * first["trade_diversion_kusd"] <= 1e-9 * total
    assert rise * first["seller_price_change"] <= 1e-12


@settings(max_examples=15, deadline=None)
@given(elastic, st.sampled_from(["exact", "marginal"]))
def test_no_change_of_tariffs_changes_nothing(elasticities: Elasticities, form: str) -> None:
    found = run(tariff_change_row("NLD", "*", Rate(0.1), Rate(0.1)), elasticities, form)
    for name in found.products.columns:
        if "change" in name or "trade" in name or "effect" in name:
            assert abs(found.products[name][0]) < 1e-10


@pytest.mark.parametrize("supply", [1.5, math.inf])
def test_both_forms_agree_on_small_changes(supply: float) -> None:
    small = tariff_change_row("NLD", "CHN", Rate(0.03), PercentagePoints(0.001))
    exact, marginal = (
        run(small, Elasticities(1.25, 5.0, supply), form).table for form in ("exact", "marginal")
    )
    for name in ("trade_creation_kusd", "trade_diversion_kusd", "revenue_change_kusd"):
        assert exact[name].to_numpy() == pytest.approx(marginal[name].to_numpy(), rel=1e-3)


def test_scaling_trade_scales_amounts_only() -> None:
    once, tenfold = (
        run(RISE, Elasticities(1.25, 5.0, 1.5)),
        run(RISE, Elasticities(1.25, 5.0, 1.5), scale=10.0),
    )
    for name in once.table.columns[2:]:
        factor = 10 if name.endswith("_kusd") else 1
        assert tenfold.table[name].to_numpy() == pytest.approx(factor * once.table[name].to_numpy())


def test_supply_that_is_nearly_infinite() -> None:
    near, infinite = (run(RISE, Elasticities(1.25, 5.0, supply)).table for supply in (1e9, math.inf))
    assert near["imports_after_kusd"].to_numpy() == pytest.approx(
        infinite["imports_after_kusd"].to_numpy(), rel=1e-6
    )


def test_products_are_markets_of_their_own() -> None:
    both = smart(
        pl.concat([flows(), flows({"CHN": 5.0, "USA": 95.0}, ("280530",))]), NLD, [2021], RISE,
        default=Elasticities(1.25, 5.0), unlisted=NOTHING,
    )  # fmt: skip
    assert both.products["product"].to_list() == ["280530", "810110"]
    alone = run(RISE, Elasticities(1.25, 5.0))
    assert both.table.filter(product="810110").equals(alone.table)


def test_home_is_left_out_and_years_are_averaged() -> None:
    table = pl.concat(
        [
            flows(),
            flows({"DEU": 1000.0}),
            flows().with_columns(year=pl.lit(2022, dtype=pl.Int64), value_kusd=pl.lit(0.0)),
        ]
    )
    found = smart(table, NLD, [2021, 2022], RISE, default=Elasticities(1.25, 5.0), unlisted=NOTHING)
    assert found.table["exporter"].to_list() == ["CHN", "JPN", "USA"]
    assert found.table["imports_before_kusd"].to_list() == [30.0, 7.5, 12.5]


def test_the_default_and_the_form_are_stated() -> None:
    found = run(RISE, Elasticities(1.25, 5.0))
    assert found.provenance["method"] == "smart-2005"
    assert any("default elasticities for 1 of 1" in each for each in found.provenance["assumptions"])
    assert any("pay 0 %" in each for each in found.provenance["assumptions"])


def test_large_changes_are_not_for_the_first_order() -> None:
    huge = tariff_change_row("NLD", "CHN", Rate(0.03), PercentagePoints(100.0))
    with pytest.raises(DataError, match="negative imports of 810110 from CHN"):
        run(huge, Elasticities(1.25, 5.0), "marginal")
    assert (run(huge, Elasticities(1.25, 5.0)).table["imports_after_kusd"] > 0).all()


def test_nothing_imported() -> None:
    with pytest.raises(DataError, match="imports none"):
        smart(flows({"DEU": 1.0}), NLD, [2021], RISE, default=Elasticities(1.25, 5.0))


def test_no_elasticity_and_no_default() -> None:
    with pytest.raises(DataError, match="has no import_demand_elasticity"):
        smart(flows(), NLD, [2021], RISE, unlisted=NOTHING)


def test_figure() -> None:
    figure = run(RISE, Elasticities(1.25, 5.0)).plot(top=2)
    assert len(figure.data) == 3
    assert figure.data[0].y[-1] == "CHN"
    assert np.isfinite(figure.data[0].x).all()
