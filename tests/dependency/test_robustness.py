"""Verdicts under other thresholds, other years and tonnes."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from geomonitor.dependency import Fragility, measure, method, robustness, robustness_of_importers, screen
from geomonitor.trade import Supply, importer

SupplyOf = Callable[..., Supply]
NLD = importer("NLD")


def flags(table: pl.DataFrame, kind: str | None = None) -> dict[str, bool | None]:
    rows = table if kind is None else table.filter(kind=kind)
    return dict(rows.select("variant", "dependent").rows())


def test_the_variants_of_the_commission_method(supply_of: SupplyOf) -> None:
    # index 0.42: within 10 % of the threshold of 0.4, and nothing else near
    rows = [
        (2021, code, "NLD", "810600", value)
        for code, value in zip(("CHN", "USA", "VNM", "JPN"), (60.0, 20.0, 10.0, 10.0), strict=True)
    ]
    found = robustness(supply_of(rows, "NLD", tonnes=[1.0, 1.0, 1.0, 1.0]), NLD, method("commission-2021"))
    assert flags(found.table) == {
        "import_concentration -10 %": True,
        "import_concentration +10 %": False,
        "extra_import_share -10 %": True,
        "extra_import_share +10 %": True,
        "imports_to_exports -10 %": True,
        "imports_to_exports +10 %": True,
        "all thresholds -10 %": True,
        "all thresholds +10 %": False,
        "2021 alone": True,
        # four equal suppliers by weight: 0.25
        "quantity instead of value": False,
    }
    assert found.stability.row(0, named=True) == {
        "product": "810600",
        "dependent": True,
        "variants": 10,
        "same": 7,
        "stability": 0.7,
    }


@pytest.mark.parametrize(("tonnes", "measured"), [([None, 1.0], False), ([1.0, None], True), (None, False)])
def test_tonnes_count_only_where_they_cover_half_of_the_value(
    supply_of: SupplyOf, tonnes: list[float | None] | None, measured: bool
) -> None:
    rows = [(2021, "CHN", "NLD", "810600", 51.0), (2021, "USA", "NLD", "810600", 49.0)]
    found = robustness(supply_of(rows, "NLD", tonnes=tonnes), NLD, method("commission-2021"))
    row = found.table.filter(kind="quantity").row(0, named=True)
    assert row["measured"] is measured
    # all known weight is China's: an index of 1
    assert row["dependent"] is (True if measured else None)
    assert found.stability["variants"].to_list() == [10 if measured else 9]


def test_years_alone_and_left_out(supply_of: SupplyOf) -> None:
    rows = [
        (2020, "CHN", "NLD", "810600", 100.0),
        (2021, "CHN", "NLD", "810600", 10.0),
        (2021, "USA", "NLD", "810600", 10.0),
        (2021, "VNM", "NLD", "810600", 10.0),
    ]
    table = robustness(supply_of(rows, "NLD"), NLD, method("commission-2021")).table
    assert flags(table, "single year") == {"2020 alone": True, "2021 alone": False}
    assert flags(table, "leave one out") == {"without 2020": False, "without 2021": True}


def test_a_year_without_imports_is_not_measured(supply_of: SupplyOf) -> None:
    rows = [(2020, "CHN", "NLD", "810600", 1.0), (2021, "CHN", "DEU", "810600", 1.0)]
    found = robustness(supply_of(rows, "NLD"), NLD, method("cae-2021"))
    not_measured = found.table.filter(~pl.col("measured"), kind="single year")["variant"].to_list()
    assert not_measured == ["2021 alone"]
    assert found.stability["stability"].to_list() == [1.0]


def test_one_year_has_no_year_to_leave_out(supply_of: SupplyOf) -> None:
    found = robustness(supply_of([(2021, "CHN", "NLD", "810600", 1.0)], "NLD"), NLD, method("cae-2021"))
    assert "leave one out" not in found.table["kind"].to_list()


def test_persistence_takes_the_test_of_one_year(supply_of: SupplyOf) -> None:
    rows = [(year, "CHN", "NLD", "810600", 1.0) for year in (2019, 2021)]
    rows += [(2020, code, "NLD", "810600", 1.0) for code in ("CHN", "USA", "VNM")]
    found = robustness(supply_of(rows, "NLD"), NLD, method("cepii-geodep-2024"))
    assert found.stability["dependent"].to_list() == [True]
    assert flags(found.table, "single year") == {
        "2019 alone": True,
        "2020 alone": False,
        "2021 alone": True,
    }


def test_persistence_by_tonnes_judges_every_year_by_tonnes(supply_of: SupplyOf) -> None:
    rows = [
        (year, code, "NLD", "810600", value)
        for year in (2019, 2020, 2021)
        for code, value in (("CHN", 90.0), ("USA", 5.0), ("VNM", 5.0))
    ]
    supply = supply_of(rows, "NLD", tonnes=[1.0] * 9)
    specification = method("cepii-geodep-2024")
    assert screen(next(measure(supply, [NLD])), specification).table["dependent"].to_list() == [True]
    found = robustness(supply, NLD, specification)
    assert flags(found.table, "quantity") == {"quantity instead of value": False}


def test_a_method_without_import_concentration_has_no_quantity_variant(supply_of: SupplyOf) -> None:
    scores = pl.DataFrame({"product": ["810600"], "supply_fragility": [0.95]})
    found = robustness(
        supply_of([(2021, "CHN", "NLD", "810600", 1.0)], "NLD"),
        NLD,
        method("imf-fragility-2017"),
        fragility=Fragility(table=scores, years=(2021,), weighting="binary"),
    )
    assert set(found.table["kind"]) == {"threshold", "single year"}
    assert flags(found.table)["supply_fragility +10 %"] is False


def test_an_open_verdict_is_the_same_as_an_open_one(supply_of: SupplyOf) -> None:
    # imports of 300 million, exports of 100: use at home lies between 200 and 300 million
    rows = [(2021, "CHN", "NLD", "810600", 300_000.0), (2021, "NLD", "DEU", "810600", 100_000.0)]
    found = robustness(supply_of(rows, "NLD"), NLD, method("cbs-2021"))
    assert found.stability["dependent"].to_list() == [None]
    same = flags(found.table)
    assert same["import_concentration +10 %"] is None
    # 10 % more is beyond the upper bound: certainly not dependent
    assert same["domestic_use_kusd +10 %"] is False
    assert found.stability["same"][0] == found.stability["variants"][0] - 2


def test_only_some_products(sample_supply: Supply) -> None:
    found = robustness(
        sample_supply, NLD, method("commission-2021"), years=[2021, 2022], products=["810600", "250410"]
    )
    assert found.stability["product"].to_list() == ["250410", "810600"]


def test_bismuth_of_the_sample(sample_supply: Supply) -> None:
    union = importer("EU27_2020")
    found = robustness(sample_supply, union, method("commission-2021"), years=[2021, 2022, 2023])
    other = found.table.filter(pl.col("product") == "810600", ~pl.col("dependent"))["variant"].to_list()
    assert other == ["2022 alone", "2023 alone", "without 2021"]
    assert found.stability.filter(product="810600")["stability"].to_list() == [0.8]


def test_stability_is_what_the_table_says(sample_supply: Supply) -> None:
    importers = [importer("EU27_2020"), NLD, importer("CHN")]
    for name in ("commission-2021", "cepii-geodep-2024", "cbs-2021"):
        for found in robustness_of_importers(
            sample_supply, importers, method(name), years=[2021, 2022, 2023]
        ):
            base = dict(found.stability.select("product", "dependent").rows())
            for row in found.stability.iter_rows(named=True):
                verdicts = found.table.filter(pl.col("product") == row["product"], pl.col("measured"))
                same = sum(each == base[row["product"]] for each in verdicts["dependent"])
                assert (row["variants"], row["same"]) == (len(verdicts), same)
                assert row["stability"] == same / len(verdicts)


def test_the_years_alone_are_the_screening_of_that_year(sample_supply: Supply) -> None:
    specification = method("cepii-geodep-2024")
    found = robustness(sample_supply, NLD, specification, years=[2021, 2022, 2023])
    alone = screen(next(measure(sample_supply, [NLD], years=[2022])), specification).table
    expected = {row[0]: row[1] for row in alone.select("product", "dependent").rows()}
    variant = found.table.filter(variant="2022 alone")
    assert {row[0]: row[1] for row in variant.filter("measured").select("product", "dependent").rows()} == {
        product: verdict for product, verdict in expected.items() if product in variant["product"].to_list()
    }
