"""Reverse, mutual and common dependencies."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from geomonitor.dependency import ScreeningOptions, common, measure, method, mutual, reverse, screen
from geomonitor.errors import DataError
from geomonitor.trade import Supply, importer, supply_tables

SupplyOf = Callable[..., Supply]
UNION = importer("EU27_2020")
CHN = importer("CHN")
COMMISSION = method("commission-2021")
THREE = [2021, 2022, 2023]


def test_a_group_is_one_supplier(supply_of: SupplyOf) -> None:
    # 0.4² + 0.4² + 0.2² = 0.36 by economy; 0.8² + 0.2² = 0.68 with the union as one
    rows = [
        (2021, "DEU", "CHN", "848620", 40.0),
        (2021, "NLD", "CHN", "848620", 40.0),
        (2021, "USA", "CHN", "848620", 20.0),
        (2021, "CHN", "USA", "848620", 1.0),
    ]
    supply = supply_of(rows, "CHN", UNION)
    assert screen(next(measure(supply, [CHN])), COMMISSION).table["dependent"].to_list() == [False]
    found = reverse(supply, UNION, CHN, COMMISSION)
    assert (found.importer.code, found.supplier.code) == ("CHN", "EU27_2020")
    assert found.table.select("product", "value_kusd", "share").row(0) == (
        "848620",
        pytest.approx(80.0),
        pytest.approx(0.8),
    )
    assert found.value_from_supplier_kusd == 80.0


def test_a_user_defined_group_is_one_supplier(supply_of: SupplyOf) -> None:
    rows = [(2021, code, "CHN", "848620", 25.0) for code in ("JPN", "NLD", "USA", "KOR")]
    trio = importer("TRIO", groups={"TRIO": ["JPN", "NLD", "USA"]})
    assert reverse(supply_of(rows, "CHN"), trio, CHN, COMMISSION).table["share"].to_list() == [0.75]


def test_products_whose_main_supplier_is_another_are_left_out(supply_of: SupplyOf) -> None:
    rows = [(2021, "USA", "CHN", "848620", 90.0), (2021, "NLD", "CHN", "848620", 10.0)]
    found = reverse(supply_of(rows, "CHN"), importer("NLD"), CHN, COMMISSION)
    assert len(found.table) == 0
    assert (found.dependent_count, found.dependent_value_kusd, found.value_from_supplier_kusd) == (
        1,
        100.0,
        10.0,
    )


def test_only_the_chosen_years_count(supply_of: SupplyOf) -> None:
    rows = [(year, "NLD", "CHN", "848620", value) for year, value in ((2020, 7.0), (2021, 5.0), (2022, 3.0))]
    found = reverse(supply_of(rows, "CHN"), importer("NLD"), CHN, COMMISSION, years=[2021, 2022])
    assert found.years == (2021, 2022)
    assert found.table["value_kusd"].to_list() == [8.0]
    assert found.value_from_supplier_kusd == 8.0


def test_both_directions(supply_of: SupplyOf) -> None:
    rows = [
        (2021, "CHN", "NLD", "810600", 6.0),
        (2021, "CHN", "DEU", "850511", 3.0),
        (2021, "NLD", "CHN", "848620", 3.0),
        (2021, "USA", "CHN", "250410", 9.0),
    ]
    found = mutual(supply_of(rows, UNION, CHN), UNION, CHN, COMMISSION)
    assert found.table.rows() == [
        ("EU27_2020", "CHN", "commission-2021", "on counterpart", "810600", 6.0, 1.0),
        ("EU27_2020", "CHN", "commission-2021", "on counterpart", "850511", 3.0, 1.0),
        ("EU27_2020", "CHN", "commission-2021", "of counterpart", "848620", 3.0, 1.0),
    ]
    assert found.summary.rows() == [
        ("on counterpart", 2, 2, 1.0, 9.0, 1.0, 9.0, 1.0),
        ("of counterpart", 1, 2, 0.5, 3.0, 0.25, 3.0, 1.0),
    ]
    assert found.product_balance == pytest.approx(1 / 3)
    assert found.value_balance == 0.5


def test_the_other_way_round_is_the_mirror_image(sample_supply: Supply) -> None:
    one = mutual(sample_supply, UNION, CHN, COMMISSION, years=THREE)
    other = mutual(sample_supply, CHN, UNION, COMMISSION, years=THREE)
    turned = {"on counterpart": "of counterpart", "of counterpart": "on counterpart"}
    mirrored = other.summary.with_columns(pl.col("direction").replace(turned)).reverse()
    assert one.summary.equals(mirrored)
    assert one.value_balance is not None
    assert other.value_balance == -one.value_balance


def test_nobody_depends(supply_of: SupplyOf) -> None:
    rows = [(2021, "USA", "NLD", "810600", 6.0), (2021, "USA", "CHN", "810600", 6.0)]
    found = mutual(supply_of(rows, "NLD", "CHN"), importer("NLD"), CHN, COMMISSION)
    assert (found.product_balance, found.value_balance) == (None, None)
    assert found.summary["share_of_bilateral_value"].to_list() == [None, None]


def test_a_supply_whose_years_are_added_up(sample_flows: pl.LazyFrame, sample_supply: Supply) -> None:
    whole = supply_tables(sample_flows, [UNION, CHN], THREE, whole_dollars=True, verified=True, by_year=False)
    expected = mutual(sample_supply, UNION, CHN, COMMISSION, years=THREE)
    assert_frame_equal(mutual(whole, UNION, CHN, COMMISSION).summary, expected.summary)


def test_bismuth_is_the_dependence_on_china_in_the_sample(sample_supply: Supply) -> None:
    found = mutual(sample_supply, UNION, CHN, COMMISSION, years=THREE)
    assert found.table.select("direction", "product").rows() == [("on counterpart", "810600")]
    assert found.table["value_kusd"][0] == pytest.approx(48_044.648, abs=1e-3)


def test_a_supplier_must_be_foreign_and_the_supply_made(sample_supply: Supply) -> None:
    at_home = importer("NLD", home_group="EU27_2020")
    with pytest.raises(DataError, match="is home to"):
        reverse(sample_supply, importer("DEU"), at_home, COMMISSION)
    with pytest.raises(DataError, match="not made for JPN"):
        reverse(sample_supply, UNION, importer("JPN"), COMMISSION)
    with pytest.raises(DataError, match="2031"):
        reverse(sample_supply, UNION, CHN, COMMISSION, years=[2021, 2031])


def test_other_options_hold_too(supply_of: SupplyOf) -> None:
    rows = [(2021, "NLD", "CHN", "848620", 6.0)]
    options = ScreeningOptions(minimum_import_value_kusd=7.0)
    assert len(reverse(supply_of(rows, "CHN"), importer("NLD"), CHN, COMMISSION, options=options).table) == 0


def test_members_that_share_a_dependency(supply_of: SupplyOf) -> None:
    rows = [
        (2021, "CHN", "NLD", "810600", 80.0),
        (2021, "CHN", "DEU", "810600", 10.0),
        (2021, "NLD", "DEU", "810600", 30.0),
        (2021, "USA", "FRA", "810600", 20.0),
        (2021, "USA", "FRA", "250410", 20.0),
    ]
    found = common(supply_of(rows, UNION, *UNION.members), UNION, COMMISSION, years=[2021])
    bismuth = found.table.filter(product="810600")
    assert bismuth.select("member", "dependent", "main_supplier").rows() == [
        ("DEU", False, "CHN"),
        ("FRA", True, "USA"),
        ("NLD", True, "CHN"),
    ]
    assert found.counts.rows() == [("250410", True, 1, 1, 1), ("810600", True, 2, 3, 1)]


def test_members_in_the_sample_are_screened_with_the_group_as_home(sample_supply: Supply) -> None:
    found = common(sample_supply, UNION, COMMISSION, years=THREE)
    nld = importer("NLD", home_group="EU27_2020")
    alone = screen(next(measure(sample_supply, [nld], years=THREE)), COMMISSION).table
    expected = alone.filter(pl.col("product").is_in(found.counts["product"].implode()))
    rows = found.table.filter(member="NLD")
    assert rows["product"].equals(expected["product"])
    assert rows["dependent"].equals(expected["dependent"])
    assert found.table.columns == [
        "importer",
        "method",
        "product",
        "member",
        "dependent",
        "main_supplier",
        "main_supplier_share",
    ]
    assert found.counts.filter(product="810600").row(0) == ("810600", True, 8, 27, 6)
    assert found.counts["group_dependent"].sum() == 9


def test_an_economy_has_no_members_and_all_members_are_needed(sample_supply: Supply) -> None:
    with pytest.raises(DataError, match="no group"):
        common(sample_supply, CHN, COMMISSION)
    pair = importer("PAIR", groups={"PAIR": ["NLD", "JPN"]})
    with pytest.raises(DataError, match="PAIR, JPN"):
        common(sample_supply, pair, COMMISSION)
