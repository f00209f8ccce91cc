"""Calibrations from input-output tables: identities, allocation of final deliveries, re-exports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geomonitor.data.input_output import InputOutputTable, embedded_input_output, save_input_output
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks import Calibration, rebase, solve_equilibrium
from geomonitor.shocks.calibrate import calibration_from_table, embedded_calibration
from geomonitor.shocks.calibration_flows import calibration_from_flows
from geomonitor.shocks.calibration_store import load_calibration
from geomonitor.shocks.final_deliveries import allocate_final_deliveries, final_deliveries_given
from geomonitor.shocks.re_exports import no_home_sales, strip_re_exports

Floats = NDArray[np.float64]


def made_table(
    seed: int = 3, *, economies: int = 3, destinations: bool = True, scale: float = 1.0
) -> InputOutputTable:
    """A balanced table with two sectors of the OECD's scheme, home sales largest."""
    generator = np.random.default_rng(seed)
    countries = ("NLD", "CHN", "ROW", "USA")[:economies]
    sectors = ("C26", "G")
    size = economies * len(sectors)
    home = np.kron(np.eye(economies), np.ones((2, 2)))
    flows = generator.uniform(0.1, 1.0, (size, size)) * (0.2 + home)
    final = generator.uniform(0.5, 2.0, (size, economies)) * (
        0.2 + 3 * np.repeat(np.eye(economies), 2, axis=0)
    )
    labels = tuple((code, "total") for code in countries)
    if not destinations:
        final, labels = final.sum(axis=1, keepdims=True), (("*", "total"),)
    # value added is what is left; final users take enough for that to be positive
    final = final * 4
    output = flows.sum(axis=1) + final.sum(axis=1)
    return InputOutputTable(
        "made",
        2022,
        countries,
        sectors,
        flows_musd=flows * scale,
        final_demand_musd=final * scale,
        final_demand_labels=labels,
        output_musd=output * scale,
        metadata={"sector_scheme": "oecd-icio-2025"},
    )


def largest_change(calibration: Calibration, tolerance: float = 1e-13) -> float:
    found = solve_equilibrium(calibration, tolerance=tolerance)
    return float(max(np.abs(found.wages - 1).max(), np.abs(found.prices - 1).max()))


# calibration from a table -----------------------------------------------------------------------------------


def test_a_table_with_destinations_is_an_equilibrium_as_it_stands() -> None:
    table = made_table()
    made = calibration_from_table(table)
    assert largest_change(made) < 1e-12
    output = table.output_musd.reshape(3, 2)
    inputs = table.flows_musd.sum(axis=0).reshape(3, 2)
    np.testing.assert_allclose(made.value_added_shares, (1 - inputs / output).T, rtol=1e-12)
    np.testing.assert_allclose(made.value_added_musd, (output - inputs).sum(axis=1), rtol=1e-12)
    spent = table.final_demand_musd.sum(axis=0)
    np.testing.assert_allclose(made.deficits_musd, spent - made.value_added_musd, rtol=1e-9, atol=1e-9)
    of_nld = table.final_demand_musd[:, 0].reshape(3, 2).sum(axis=0)
    np.testing.assert_allclose(made.final_shares[:, 0], of_nld / of_nld.sum(), rtol=1e-12)


def test_trade_shares_are_by_buyer_and_seller() -> None:
    table = made_table()
    made = calibration_from_table(table)
    flows = table.flows_musd.reshape(3, 2, 3, 2)
    # the Netherlands (0) buys electronics (0) from China (1)
    bought = flows[:, 0, 0, :].sum(axis=1) + table.final_demand_musd[::2, 0]
    assert made.trade_shares[0, 0, 1] == pytest.approx(bought[1] / bought.sum(), rel=1e-12)
    # Chinese trade (1) uses electronics (0)
    used = flows[:, :, 1, 1].sum(axis=0)
    assert made.input_shares[1, 0, 1] == pytest.approx(used[0] / used.sum(), rel=1e-12)


def test_tariffs_are_paid_by_buyers_and_are_no_value_added() -> None:
    table = made_table()
    rates = np.zeros((2, 3, 3))
    rates[0, 0, 1] = 0.25
    made, free = calibration_from_table(table, tariffs=rates), calibration_from_table(table)
    assert largest_change(made) < 1e-12
    assert made.trade_shares[0, 0, 1] > free.trade_shares[0, 0, 1]
    flows = table.flows_musd.reshape(3, 2, 3, 2)
    duty = 0.25 * flows[1, 0, 0, :].sum()
    assert free.value_added_musd[0] - made.value_added_musd[0] == pytest.approx(duty, rel=1e-9)
    assert "those given" in " ".join(made.metadata["assumptions"])


@pytest.mark.parametrize("rule", ["given", "proportional", "balanced"])
def test_scaling_the_data_changes_no_share(rule: str) -> None:
    small = calibration_from_table(made_table(), final_deliveries=rule)  # type: ignore[arg-type]
    large = calibration_from_table(made_table(scale=1e6), final_deliveries=rule)  # type: ignore[arg-type]
    for name in ("trade_shares", "value_added_shares", "input_shares", "final_shares"):
        np.testing.assert_allclose(getattr(small, name), getattr(large, name), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(large.value_added_musd, small.value_added_musd * 1e6, rtol=1e-12)


def test_the_balanced_rule_meets_given_deficits() -> None:
    table = made_table(destinations=False)
    balanced = calibration_from_table(table, final_deliveries="balanced")
    np.testing.assert_allclose(balanced.deficits_musd, 0, atol=1e-7)
    wanted = {"NLD": -0.5, "CHN": 0.5}
    found = calibration_from_table(table, final_deliveries="balanced", deficits_musd=wanted)
    np.testing.assert_allclose(found.deficits_musd, [-0.5, 0.5, 0.0], atol=1e-7)
    assert largest_change(found) < 1e-12


def test_sectors_can_be_added_up_with_the_mean_elasticity_of_their_trade() -> None:
    table = made_table()
    made = calibration_from_table(
        table, sectors={"C26": "all", "G": "all"}, elasticities="caliendo-parro-2015"
    )
    assert made.sectors == ("all",)
    fine = calibration_from_table(table, elasticities="caliendo-parro-2015").elasticities
    assert fine.min() < made.elasticities[0] < fine.max()
    flows = table.flows_musd.reshape(3, 2, 3, 2)
    abroad = np.array(
        [sum(flows[o, s, c].sum() for o in range(3) for c in range(3) if o != c) for s in (0, 1)]
    )
    assert made.elasticities[0] == pytest.approx(float((abroad * fine).sum() / abroad.sum()))


def test_elasticities_can_be_given_by_sector_or_in_order() -> None:
    by_name = calibration_from_table(made_table(), elasticities={"G": 4.0, "C26": 6.0})
    in_order = calibration_from_table(made_table(), elasticities=[6.0, 4.0])
    np.testing.assert_array_equal(by_name.elasticities, in_order.elasticities)


def test_negative_final_deliveries_are_set_to_0_and_the_total_kept() -> None:
    table = made_table()
    final = np.array(table.final_demand_musd)
    final[0] = [5.0, -1.0, 2.0]
    given = replace(
        table, final_demand_musd=final, output_musd=table.flows_musd.sum(axis=1) + final.sum(axis=1)
    )
    found = final_deliveries_given(given)
    assert found.value_musd.min() >= 0
    np.testing.assert_allclose(found.value_musd[0, :, 0], np.array([5.0, 0.0, 2.0]) * 6 / 7)
    assert "1 negative final deliveries" in found.notes[0]
    made = calibration_from_table(given)
    assert found.notes[0] in made.metadata["notes"]
    assert largest_change(made) < 1e-12


def test_an_origin_with_a_negative_total_sells_nothing_to_final_users() -> None:
    table = made_table()
    final = np.array(table.final_demand_musd)
    final[0] = [0.1, -0.2, 0.0]
    value_added = table.value_added_musd
    mended = replace(table, final_demand_musd=final, value_added_musd=value_added)
    found = final_deliveries_given(mended)
    assert found.value_musd[0, :, 0].sum() == 0
    assert "NLD_C26" in found.notes[1]


# what is refused --------------------------------------------------------------------------------------------


def test_a_table_without_destinations_is_not_guessed() -> None:
    with pytest.raises(DataError, match="does not say which economy uses its final goods"):
        calibration_from_table(made_table(destinations=False))


def test_negative_value_added_is_named() -> None:
    table = made_table()
    flows = np.array(table.flows_musd)
    flows[:, 3] *= 40
    output = flows.sum(axis=1) + table.final_demand_musd.sum(axis=1)
    flows_only = replace(
        table, flows_musd=flows, output_musd=output, value_added_musd=output - flows.sum(axis=0)
    )
    with pytest.raises(DataError, match="CHN, sector G, buys inputs") as caught:
        calibration_from_table(flows_only)
    assert "least_value_added_share" in str(caught.value)
    made = calibration_from_table(flows_only, least_value_added_share=0.0)
    assert made.value_added_shares[1, 1] == pytest.approx(0, abs=1e-12)
    assert "scaled" in made.metadata["notes"][-1]
    assert largest_change(rebase(made).calibration) < 1e-12


def test_inputs_can_be_scaled_to_leave_value_added() -> None:
    trade = np.array([[[10.0, 1.0], [1.0, 10.0]]])
    inputs = np.array([[[12.0]], [[4.0]]])
    made = calibration_from_flows(
        "made",
        ("NLD", "CHN"),
        ("goods",),
        trade_musd=trade,
        inputs_musd=inputs,
        tariff_rates=np.zeros((1, 2, 2)),
        elasticities=np.array([4.0]),
        metadata={},
        least_value_added_share=0.1,
    )
    np.testing.assert_allclose(made.value_added_shares, [[0.1, 7 / 11]])
    assert "NLD, sector goods" in made.metadata["notes"][0]


def test_inputs_that_nobody_sells_are_named() -> None:
    trade = np.zeros((2, 2, 2))
    trade[0] = [[10.0, 1.0], [1.0, 10.0]]
    trade[1, 1, 1] = 3.0
    inputs = np.zeros((2, 2, 2))
    inputs[0, 1, 0] = 1.0
    with pytest.raises(DataError, match="NLD uses inputs of sector fuel and buys none of it"):
        calibration_from_flows(
            "made",
            ("NLD", "CHN"),
            ("goods", "fuel"),
            trade_musd=trade,
            inputs_musd=inputs,
            tariff_rates=np.zeros((2, 2, 2)),
            elasticities=np.array([4.0, 4.0]),
            metadata={},
        )


def test_negative_deliveries_are_named() -> None:
    table = made_table()
    flows = np.array(table.flows_musd)
    flows[2, 1] = -0.5
    with pytest.raises(DataError, match="CHN_C26 to NLD_G"):
        calibration_from_table(replace(table, flows_musd=flows))


def test_rows_that_do_not_add_up_are_refused_and_small_gaps_noted() -> None:
    table = made_table()
    output = np.array(table.output_musd)
    output[0] *= 2
    with pytest.raises(DataError, match="most in NLD_C26"):
        calibration_from_table(replace(table, output_musd=output))
    output[0] = table.output_musd[0] * 1.01
    made = calibration_from_table(replace(table, output_musd=output))
    assert any("Sales differ from output" in note for note in made.metadata["notes"])


@pytest.mark.parametrize(
    ("tariffs", "message"),
    [
        (np.zeros((3, 2, 3)), "shape"),
        (np.eye(3)[None].repeat(2, axis=0) * 0.1, "NLD would charge itself"),
        ((1 - np.eye(3))[None].repeat(2, axis=0) * 25, "percentages"),
    ],
)
def test_tariffs_that_cannot_be_meant(tariffs: Floats, message: str) -> None:
    with pytest.raises(DataError, match=message):
        calibration_from_table(made_table(), tariffs=tariffs)


@pytest.mark.parametrize(
    ("elasticities", "message"),
    [
        ({"C26": 5.0}, "'G' has no trade elasticity"),
        ({"C26": 5.0, "G": 4.0, "H": 4.0}, "no sector 'H'"),
        ([5.0], "shape"),
        ([5.0, 0.0], "0 or negative"),
        ([5.0, float("nan")], "missing"),
    ],
)
def test_elasticities_that_cannot_be_used(elasticities: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        calibration_from_table(made_table(), elasticities=elasticities)  # type: ignore[arg-type]


def test_a_table_with_own_sectors_needs_own_elasticities() -> None:
    table = replace(made_table(), metadata={})
    with pytest.raises(UnknownCodeError, match="no published elasticities"):
        calibration_from_table(table)
    assert calibration_from_table(table, elasticities=[4.0, 4.0]).metadata["sector_families"] == {}


def test_deficits_of_an_unknown_economy_are_refused() -> None:
    with pytest.raises(DataError, match="'XYZ'"):
        calibration_from_table(
            made_table(destinations=False), final_deliveries="balanced", deficits_musd={"XYZ": 1.0}
        )


# final deliveries -------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 5))
def test_allocation_keeps_what_every_origin_delivers(seed: int, sectors: int, economies: int) -> None:
    generator = np.random.default_rng(seed)
    bought = generator.uniform(0, 1, (sectors, economies, economies))
    bought *= generator.random((sectors, economies, economies)) < 0.7
    totals = generator.uniform(0, 10, (sectors, economies))
    found = allocate_final_deliveries(bought, totals)
    np.testing.assert_allclose(found.sum(axis=1), totals, rtol=1e-12)
    assert (found >= 0).all()
    # zero stays zero, except at home where producers buy nothing
    foreign = ~np.eye(economies, dtype=bool)
    assert (found[:, foreign][bought[:, foreign] == 0] == 0).all()
    positive = bought + 0.01
    spending = generator.uniform(1, 2, economies)
    both = allocate_final_deliveries(positive, totals, spending_musd=spending)
    np.testing.assert_allclose(both.sum(axis=1), totals, rtol=1e-9)
    np.testing.assert_allclose(
        both.sum(axis=(0, 2)), spending * totals.sum() / spending.sum(), rtol=1e-8, atol=1e-9
    )


def test_allocation_that_no_buyer_can_take_is_an_error() -> None:
    bought = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    with pytest.raises(DataError, match="meets the totals"):
        allocate_final_deliveries(bought, np.array([[5.0, 5.0]]), spending_musd=np.array([9.0, 1.0]))
    with pytest.raises(DataError, match="negative"):
        allocate_final_deliveries(bought, np.array([[-5.0, 5.0]]))


# the embedded table -----------------------------------------------------------------------------------------


def test_the_embedded_calibration_is_an_equilibrium_with_every_industry() -> None:
    table, made = embedded_input_output(), embedded_calibration()
    assert made.size == (50, 80)
    assert made.economies == table.countries
    assert made.sectors == table.sectors
    base = rebase(made)
    assert base.moved < 1e-11
    assert largest_change(base.calibration) < 1e-12
    assert made.value_added_musd.sum() == pytest.approx(float(table.value_added_musd.sum()), rel=1e-8)
    np.testing.assert_allclose(base.equilibrium.output_musd.T.ravel(), table.output_musd, rtol=1e-5, atol=1.0)
    assert embedded_calibration() is made


def test_the_embedded_calibration_says_what_it_assumes() -> None:
    said = " ".join(embedded_calibration().metadata["assumptions"])
    for words in (
        "in proportion to the intermediate purchases",
        "Base tariffs are 0",
        "no rest of the world",
    ):
        assert words in said
    assert "so that trade is balanced" in " ".join(
        embedded_calibration(final_deliveries="balanced").metadata["assumptions"]
    )
    assert embedded_calibration().metadata["sector_families"]["C26"] == "manufacturing"


def test_industries_without_output_are_kept() -> None:
    made = embedded_calibration()
    sector, economy = made.sectors.index("B07"), made.economies.index("NLD")
    assert made.trade_shares[sector, :, economy].sum() == 0
    assert made.value_added_shares[sector, economy] == 1
    assert made.trade_shares[sector, economy].sum() == pytest.approx(1)


def test_sectors_without_home_sales_are_named() -> None:
    found = no_home_sales(embedded_calibration())
    rows = set(zip(found["economy"], found["sector"], strict=True))
    assert ("LUX", "C19") in rows
    assert found["final_share"].is_sorted(descending=True)
    assert found["final_share"].min() > 0  # type: ignore[operator]


# re-exports -------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_netting_out_re_exports_keeps_output_use_and_balances(seed: int, economies: int) -> None:
    generator = np.random.default_rng(seed)
    trade = generator.uniform(0, 1, (1, economies, economies)) * (1 - np.eye(economies))
    exports, imports = trade.sum(axis=1), trade.sum(axis=2)
    # some make less than they export, none less than use at home leaves room for
    output = np.maximum(exports * generator.uniform(0.2, 2, exports.shape), exports - 0.9 * imports)
    names = tuple(f"E{number}" for number in range(economies))
    found, notes = strip_re_exports(trade, output, names, ("goods",))
    assert found.min() >= -1e-12
    np.testing.assert_allclose(found.sum(axis=1), output, rtol=1e-9)
    np.testing.assert_allclose(found.sum(axis=2), output + imports - exports, rtol=1e-9)
    assert len(notes) == int((exports > output).sum())
    hubs = exports > output
    assert (np.einsum("jnn->jn", found)[hubs & (output > 0)] > 0).all()


def test_without_re_exports_trade_stays_as_it_is() -> None:
    trade = np.array([[[0.0, 2.0], [1.0, 0.0]]])
    found, notes = strip_re_exports(trade, np.array([[5.0, 6.0]]), ("NLD", "CHN"), ("goods",))
    np.testing.assert_array_equal(found[0], [[4.0, 2.0], [1.0, 4.0]])
    assert notes == ()


def test_exports_beyond_output_and_imports_are_refused_or_raise_output() -> None:
    trade = np.array([[[0.0, 2.0], [9.0, 0.0]]])
    output = np.array([[1.0, 6.0]])
    with pytest.raises(DataError, match=r"NLD, sector goods, exports 9\.0, makes 1\.0 and imports 2\.0"):
        strip_re_exports(trade, output, ("NLD", "CHN"), ("goods",))
    found, notes = strip_re_exports(trade, output, ("NLD", "CHN"), ("goods",), impossible="raise output")
    np.testing.assert_array_equal(found[0], [[0.0, 2.0], [9.0, 4.0]])
    assert "raised to exports" in notes[0]


def test_re_exports_want_trade_without_home_sales() -> None:
    with pytest.raises(DataError, match="Sales at home of CHN"):
        strip_re_exports(np.array([[[0.0, 1.0], [1.0, 3.0]]]), np.ones((1, 2)), ("NLD", "CHN"), ("goods",))


# by name ----------------------------------------------------------------------------------------------------


def test_calibrations_by_name(tmp_path: Path) -> None:
    assert load_calibration() is embedded_calibration()
    table = made_table()
    folder = tmp_path / "input-output"
    folder.mkdir()
    save_input_output(table, folder / "made.npz")
    found = load_calibration("made", root=tmp_path, elasticity_set="simonovska-waugh-2014")
    assert found.metadata["final_deliveries"] == "given"
    np.testing.assert_array_equal(found.elasticities, 4.0)
    other = load_calibration("made", root=tmp_path, final_deliveries="balanced")
    np.testing.assert_allclose(other.deficits_musd, 0, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("oecd-icio-2023", {}, "oecd-icio-2022"),
        ("nothing:here.npz", {}, "caliendo-parro-2015, fgh-2014, bilateral-cubes"),
        ("oecd-icio-2022", {"year": 2011}, "does not go with"),
        ("fgh-2014:file.npz", {"final_deliveries": "given"}, "does not go with"),
        ("oecd-icio-2022", {"elasticity_set": "fontagne"}, "no set of trade elasticities"),
    ],
)
def test_names_and_options_that_are_not_known(name: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        load_calibration(name, **options)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_the_embedded_table_gives_no_destinations() -> None:
    with pytest.raises(DataError, match="does not say"):
        load_calibration(final_deliveries="given")
