"""Verdicts: edges, years, bounds, options and distances."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import polars.testing
import pytest

from geomonitor.dependency import (
    Fragility,
    MethodSpecification,
    ScreeningOptions,
    measure,
    method,
    method_ids,
    screen,
    screen_flows,
    supply_fragility,
)
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.trade import Importer, Supply, importer, supply_tables

MakeSupply = Callable[..., Supply]
PRODUCT = "810600"
Row = tuple[int, str, str, str, float]


def screened(
    supply: Supply,
    name: str | MethodSpecification = "commission-2021",
    fragility: Fragility | None = None,
    **options: Any,
) -> pl.DataFrame:
    specification = method(name) if isinstance(name, str) else name
    (measured,) = measure(supply, supply.importers, options=ScreeningOptions(**options))
    return screen(measured, specification, fragility=fragility).table


def only(table: pl.DataFrame) -> dict[str, Any]:
    assert table.height == 1
    return table.row(0, named=True)


def supplies(values: dict[str, float], year: int = 2021, product: str = PRODUCT) -> list[Row]:
    return [(year, code, "NLD", product, value) for code, value in values.items()]


# thresholds


@pytest.mark.parametrize(
    "values",
    [
        # all of them square to 0.4 on paper, and some to a bit beside it in floating point
        {"CHN": 60.0, **dict.fromkeys(("USA", "VNM", "JPN", "BRA"), 10.0)},
        {"CHN": 0.6, **dict.fromkeys(("USA", "VNM", "JPN", "BRA"), 0.1)},
        {"CHN": 0.6 / 3, **dict.fromkeys(("USA", "VNM", "JPN", "BRA"), 0.1 / 3)},
        {"CHN": 0.6 * 0.07, **dict.fromkeys(("USA", "VNM", "JPN", "BRA"), 0.1 * 0.07)},
        {"CHN": 6e8 / 7, **dict.fromkeys(("USA", "VNM", "JPN", "BRA"), 1e8 / 7)},
    ],
)
def test_a_concentration_of_exactly_the_threshold_is_not_dependent(
    supply_of: MakeSupply, values: dict[str, float]
) -> None:
    row = only(screened(supply_of(supplies(values), "NLD")))
    assert row["import_concentration"] == pytest.approx(0.4, rel=1e-14)
    assert row["dependent"] is False
    assert row["import_concentration_distance"] == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize(("exports", "dependent"), [(100.0, False), (99.99, True), (100.01, False)])
def test_imports_must_exceed_exports(supply_of: MakeSupply, exports: float, dependent: bool) -> None:
    rows = [*supplies({"CHN": 100.0}), (2021, "NLD", "USA", PRODUCT, exports)]
    assert only(screened(supply_of(rows, "NLD")))["dependent"] is dependent


@pytest.mark.parametrize(("inside", "dependent"), [(100.0, False), (99.99, True)])
def test_foreign_supply_must_be_most_of_it(supply_of: MakeSupply, inside: float, dependent: bool) -> None:
    rows = [*supplies({"CHN": 100.0, "DEU": inside})]
    supply = supply_of(rows, importer("NLD", home_group="EU27_2020"))
    assert only(screened(supply))["dependent"] is dependent


def test_without_exports_the_ratio_is_infinite_and_passes(supply_of: MakeSupply) -> None:
    row = only(screened(supply_of(supplies({"CHN": 1.0}), "NLD")))
    assert row["imports_to_exports"] == math.inf
    assert row["dependent"] is True
    # an infinite distance is not what decides
    assert row["margin"] == pytest.approx(1.0)


def test_products_that_are_not_imported_are_not_in_the_table(supply_of: MakeSupply) -> None:
    rows = [*supplies({"CHN": 1.0}), (2021, "CHN", "USA", "270900", 5.0)]
    assert screened(supply_of(rows, "NLD"))["product"].to_list() == [PRODUCT]


def test_an_importer_without_imports_has_an_empty_table_of_the_same_kind(supply_of: MakeSupply) -> None:
    full = screened(supply_of(supplies({"CHN": 1.0}), "NLD"))
    empty = screened(supply_of(supplies({"CHN": 1.0}), "FRA"))
    assert empty.height == 0
    assert empty.schema == full.schema


def test_supply_from_home_only_is_not_dependent(supply_of: MakeSupply) -> None:
    row = only(screened(supply_of(supplies({"DEU": 9.0}), importer("EU27_2020"))))
    assert row["dependent"] is False
    assert row["import_concentration"] is None
    assert row["main_supplier"] is None
    assert row["margin"] is None


@pytest.mark.parametrize("name", [each for each in method_ids() if each != "cepii-geodep-2024"])
def test_the_margin_is_the_smallest_distance_and_has_the_sign_of_the_verdict(
    name: str, sample_flows: pl.LazyFrame
) -> None:
    specification = method(name)
    (found,) = screen_flows(
        sample_flows,
        [importer("EU27_2020")],
        specification,
        [2021, 2022, 2023],
        whole_dollars=True,
        verified=True,
    )
    distances = [f"{each.indicator}_distance" for each in specification.conditions]
    table = found.table.filter(pl.col("margin").is_not_null())
    assert table.height > 60
    smallest = table.select(pl.min_horizontal(distances)).to_series()
    assert table["margin"].to_list() == smallest.to_list()
    certain = table.filter(pl.col("dependent").is_not_null())
    assert ((certain["margin"] > 0) == certain["dependent"]).all()


def test_a_changed_threshold_moves_verdict_and_distance(supply_of: MakeSupply) -> None:
    supply = supply_of(supplies({"CHN": 7.0, "USA": 3.0}), "NLD")
    changed = method("commission-2021").with_thresholds({"import_concentration": 0.6})
    assert only(screened(supply))["dependent"] is True
    row = only(screened(supply, changed))
    assert row["dependent"] is False
    assert row["margin"] == pytest.approx(0.58 / 0.6 - 1)


# years


def persistent(supply_of: MakeSupply, years: Sequence[bool]) -> dict[str, Any]:
    rows: list[Row] = []
    for year, met in enumerate(years, start=2015):
        # China alone sells to the world and to NLD in years that meet the test; else there are five
        sellers = ("CHN",) if met else ("CHN", "USA", "VNM", "JPN", "BRA")
        rows += [(year, seller, "NLD", PRODUCT, 10.0) for seller in sellers]
    return only(screened(supply_of(rows, "NLD"), "cepii-geodep-2024"))


@pytest.mark.parametrize(
    ("years", "dependent"),
    [
        ([True, True, False], True),
        ([False, True, True], True),
        ([True, False, False], False),
        ([True], True),
        ([False], False),
        ([True, False], False),
        ([True, True], True),
        ([True, True, True, False], True),
        ([True, True, False, False], False),
        ([True, True, True, True, False], True),
        ([True, True, True, False, False], False),
    ],
)
def test_persistence_counts_years(supply_of: MakeSupply, years: list[bool], dependent: bool) -> None:
    row = persistent(supply_of, years)
    assert row["dependent"] is dependent
    assert row["years_met"] == sum(years)
    assert (row["margin"] > 0) is dependent


def test_conditions_must_hold_in_the_same_year(supply_of: MakeSupply) -> None:
    rows: list[Row] = []
    # each condition alone holds in two of three years, all together in one only
    for year, concentrated, exporting in ((2019, True, False), (2020, True, True), (2021, False, False)):
        sellers = ("CHN",) if concentrated else ("CHN", "USA", "VNM", "JPN", "BRA")
        rows += [(year, seller, "NLD", PRODUCT, 10.0) for seller in sellers]
        rows += [(year, "CHN", "USA", PRODUCT, 500.0)]
        rows += [(year, "NLD", "USA", PRODUCT, 60.0)] if exporting else []
    row = only(screened(supply_of(rows, "NLD"), "cepii-geodep-2024"))
    assert row["years_met"] == 1
    assert row["dependent"] is False
    assert row["imports_to_extra_exports_distance"] > 0
    assert row["import_concentration_distance"] > 0
    assert row["margin"] < 0


def test_a_year_without_imports_is_not_met(supply_of: MakeSupply) -> None:
    rows = [
        *supplies({"CHN": 10.0}, 2019),
        (2020, "CHN", "USA", PRODUCT, 1.0),
        *supplies({"CHN": 10.0}, 2021),
    ]
    row = only(screened(supply_of(rows, "NLD"), "cepii-geodep-2024"))
    assert (row["years_met"], row["dependent"]) == (2, True)


def test_some_of_the_years_can_be_measured(supply_of: MakeSupply) -> None:
    supply = supply_of([*supplies({"CHN": 1.0}, 2020), *supplies({"USA": 1.0}, 2021)], "NLD")
    (measured,) = measure(supply, supply.importers, years=[2021])
    assert only(screen(measured, method("commission-2021")).table)["main_supplier"] == "USA"


def test_years_that_are_not_there_are_refused(supply_of: MakeSupply) -> None:
    supply = supply_of(supplies({"CHN": 1.0}), "NLD")
    for years in ([2020], []):
        with pytest.raises(DataError, match="does not hold these years"):
            next(measure(supply, supply.importers, years=years))


def test_what_was_not_added_up_is_not_screened(supply_of: MakeSupply) -> None:
    flows = pl.DataFrame(
        supplies({"CHN": 1.0}), schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row"
    )
    each = [importer("NLD")]
    summed = supply_tables(flows, each, [2021], quantities=False, by_year=False)
    with pytest.raises(DataError, match="Years apart cannot be measured"):
        next(measure(summed, each))
    (measured,) = measure(summed, each, yearly=False)
    assert screen(measured, method("commission-2021")).table["dependent"].to_list() == [True]
    with pytest.raises(DataError, match="tests every year apart"):
        screen(measured, method("cepii-geodep-2024"))
    with pytest.raises(DataError, match="trade networks"):
        screen(measured, method("imf-fragility-2017"))
    narrow = supply_tables(flows, each, [2021], quantities=False, world=False)
    with pytest.raises(DataError, match="exports of every exporter"):
        screen(next(measure(narrow, each)), method("cbs-2021"))


# CBS: imports for use at home between bounds


@pytest.mark.parametrize(
    ("imports", "exports", "shares", "dependent"),
    [
        (300_000.0, 0.0, {}, True),
        (279_875.0, 0.0, {}, False),
        (200_000.0, 0.0, {}, False),
        # might all be re-exported: open, until the share is known
        (300_000.0, 100_000.0, {}, None),
        (300_000.0, 100_000.0, {PRODUCT: 0.0}, True),
        (300_000.0, 100_000.0, {PRODUCT: 0.05}, True),
        (300_000.0, 100_000.0, {PRODUCT: 0.33}, False),
        (900_000.0, 100_000.0, {}, True),
    ],
)
def test_the_verdict_is_open_where_it_hangs_on_re_exports(
    supply_of: MakeSupply, imports: float, exports: float, shares: dict[str, float], dependent: bool | None
) -> None:
    rows = [*supplies({"CHN": imports})]
    rows += [(2021, "NLD", "USA", PRODUCT, exports)] if exports else []
    row = only(screened(supply_of(rows, "NLD"), "cbs-2021", re_export_shares=shares))
    assert row["dependent"] is dependent


def test_a_verdict_that_fails_another_test_is_not_open(supply_of: MakeSupply) -> None:
    five = dict.fromkeys(("CHN", "USA", "VNM", "JPN", "BRA"), 60_000.0)
    rows = [*supplies(five), (2021, "NLD", "USA", PRODUCT, 100_000.0)]
    assert only(screened(supply_of(rows, "NLD"), "cbs-2021"))["dependent"] is False


def test_below_the_minimum_value_nothing_is_open_either(supply_of: MakeSupply) -> None:
    rows = [*supplies({"CHN": 300_000.0}), (2021, "NLD", "USA", PRODUCT, 100_000.0)]
    row = only(screened(supply_of(rows, "NLD"), "cbs-2021", minimum_import_value_kusd=400_000.0))
    assert row["dependent"] is False


# Commission 2023: single point of failure


@pytest.mark.parametrize(
    ("china", "korea", "severe"),
    [(50.0, 50.0, True), (49.0, 51.0, True), (10.0, 0.0, True), (40.0, 30.0, False)],
)
def test_single_point_of_failure(supply_of: MakeSupply, china: float, korea: float, severe: bool) -> None:
    rows = [
        *supplies({"CHN": 10.0}),
        (2021, "CHN", "USA", PRODUCT, china),
        (2021, "KOR", "USA", PRODUCT, korea),
    ]
    rows += [(2021, "JPN", "USA", PRODUCT, 30.0)] if not severe else []
    row = only(screened(supply_of(rows, "NLD"), "commission-2023"))
    assert row["dependent"] is True
    assert row["single_point_of_failure"] is severe


def test_only_a_dependent_product_is_a_single_point_of_failure(supply_of: MakeSupply) -> None:
    rows = [
        *supplies({"CHN": 10.0}),
        (2021, "NLD", "USA", PRODUCT, 10.0),
        (2021, "CHN", "USA", PRODUCT, 99.0),
    ]
    row = only(screened(supply_of(rows, "NLD"), "commission-2023"))
    assert row["world_main_exporter"] == "CHN"
    assert row["world_main_exporter_share"] > 0.5
    assert (row["dependent"], row["single_point_of_failure"]) == (False, False)


def test_the_largest_exporter_at_home_is_no_foreign_one(supply_of: MakeSupply) -> None:
    rows = [*supplies({"CHN": 10.0}), (2021, "DEU", "USA", PRODUCT, 90.0)]
    row = only(screened(supply_of(rows, importer("NLD", home_group="EU27_2020")), "commission-2023"))
    assert (row["world_main_exporter"], row["world_main_exporter_share"]) == ("CHN", pytest.approx(0.1))


# fragility


def test_fragile_products_that_are_imported_on_balance(sample_flows: pl.LazyFrame) -> None:
    (found,) = screen_flows(sample_flows, [importer("NLD")], method("imf-fragility-2017"), [2022])
    scores = supply_fragility(sample_flows, [2022]).table.select("product", score="supply_fragility")
    table = found.table.join(scores, on="product")
    assert table["supply_fragility"].to_list() == table["score"].to_list()
    expected = (table["score"] > 0.9) & (table["imports_to_exports"] > 1)
    assert table["dependent"].to_list() == expected.to_list()
    assert 0 < expected.sum() < table.height


# options


@pytest.mark.parametrize(("minimum", "dependent"), [(0.0, True), (50.0, True), (50.01, False)])
def test_minimum_value_is_of_foreign_imports_a_year(
    supply_of: MakeSupply, minimum: float, dependent: bool
) -> None:
    rows = [
        *supplies({"CHN": 40.0, "DEU": 30.0}, 2020),
        *supplies({"CHN": 60.0, "DEU": 30.0}, 2021),
    ]
    supply = supply_of(rows, importer("NLD", home_group="EU27_2020"))
    row = only(screened(supply, minimum_import_value_kusd=minimum))
    assert (row["dependent"], row["above_minimum_value"]) == (dependent, dependent)
    # shown all the same
    assert row["import_concentration"] == 1.0


@pytest.mark.parametrize(("supplier", "friend"), [("USA", True), ("CHN", False), ("TWN", False)])
def test_partner_group_says_who_the_main_supplier_is(
    supply_of: MakeSupply, supplier: str, friend: bool
) -> None:
    row = only(screened(supply_of(supplies({supplier: 9.0}), "NLD"), partner_group="OECD"))
    assert row["main_supplier_in_partner_group"] is friend


def test_partner_group_of_no_supplier_is_unknown(supply_of: MakeSupply) -> None:
    row = only(screened(supply_of(supplies({"DEU": 9.0}), importer("EU27_2020")), partner_group="OECD"))
    assert row["main_supplier_in_partner_group"] is None


def test_supplier_groups_are_one_supplier(supply_of: MakeSupply) -> None:
    rows = supplies({"CHN": 40.0, "SAU": 30.0, "ARE": 30.0})
    gulf = {"GULF": ["SAU", "ARE"]}
    apart = only(screened(supply_of(rows, "NLD")))
    row = only(screened(supply_of(rows, "NLD"), supplier_groups=("GULF",), groups=gulf))
    assert apart["import_concentration"] == pytest.approx(0.34)
    assert row["import_concentration"] == pytest.approx(0.52)
    assert row["main_supplier"] in gulf["GULF"]
    assert row["main_supplier_share"] == pytest.approx(0.6)


def test_home_is_never_part_of_a_supplier_group(supply_of: MakeSupply) -> None:
    rows = supplies({"CHN": 40.0, "USA": 30.0, "DEU": 100.0})
    home: Importer = importer("NLD", home_group="EU27_2020")
    row = only(screened(supply_of(rows, home), supplier_groups=("OECD",)))
    assert row["extra_import_value_kusd"] == 70.0
    assert row["main_supplier"] == "CHN"


def test_folding_hong_kong_and_macao_raises_the_share_of_china(supply_of: MakeSupply) -> None:
    rows = [
        *supplies({"CHN": 40.0, "HKG": 15.0, "MAC": 5.0, "USA": 40.0}),
        (2021, "CHN", "HKG", PRODUCT, 99.0),
    ]
    flows = pl.DataFrame(rows, schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row")
    apart, folded = (
        screen_flows(
            flows, [importer("NLD")], method("cepii-geodep-2024"), [2021], quantities=False, merge=merge
        )[0].table.row(0, named=True)
        for merge in (None, {"HKG": "CHN", "MAC": "CHN"})
    )
    assert (apart["main_supplier"], apart["main_supplier_share"]) == ("CHN", pytest.approx(0.4))
    assert (folded["main_supplier"], folded["main_supplier_share"]) == ("CHN", pytest.approx(0.6))
    assert folded["import_concentration"] == pytest.approx(0.6**2 + 0.4**2)
    # trade between China and Hong Kong is no export any more
    assert folded["world_export_concentration"] == pytest.approx(0.52)
    assert apart["dependent"] is False
    assert folded["dependent"] is True


def test_re_exports_can_flip_a_verdict_and_the_ratio_without_them_shows_it(supply_of: MakeSupply) -> None:
    # all exports are goods that only pass through: the published ratio says there is own capacity
    rows = [*supplies({"CHN": 100.0}), (2021, "NLD", "DEU", PRODUCT, 100.0)]
    row = only(screened(supply_of(rows, "NLD"), re_export_shares={PRODUCT: 0.67}))
    assert row["dependent"] is False
    assert row["imports_to_exports"] == pytest.approx(1.0)
    assert row["imports_to_exports_net_of_re_exports"] == pytest.approx(33 / 33)
    row = only(screened(supply_of(rows, "NLD"), re_export_shares={PRODUCT: 0.9}))
    assert row["imports_to_exports_net_of_re_exports"] == pytest.approx(1.0)
    rows[-1] = (2021, "NLD", "DEU", PRODUCT, 110.0)
    row = only(screened(supply_of(rows, "NLD"), re_export_shares={PRODUCT: 0.8}))
    assert row["imports_to_exports"] < 1
    assert row["imports_to_exports_net_of_re_exports"] == pytest.approx(20 / 30)


@pytest.mark.parametrize("share", [-0.1, 1.1, 67.0, math.nan])
def test_a_re_export_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(DataError, match="between 0 and 1"):
        ScreeningOptions(re_export_shares={PRODUCT: share})


@pytest.mark.parametrize("minimum", [-1.0, math.nan, math.inf])
def test_a_minimum_value_that_is_none_is_refused(minimum: float) -> None:
    with pytest.raises(DataError, match="cannot be a minimum value"):
        ScreeningOptions(minimum_import_value_kusd=minimum)


def test_an_unknown_partner_group_is_named(supply_of: MakeSupply) -> None:
    with pytest.raises(UnknownCodeError, match="OECDD"):
        screened(supply_of(supplies({"CHN": 1.0}), "NLD"), partner_group="OECDD")


# one call


@pytest.mark.parametrize("name", method_ids())
def test_screening_from_flows_is_screening_from_supply(name: str, sample_flows: pl.LazyFrame) -> None:
    importers, years = [importer("EU27_2020"), importer("CHN")], [2020, 2021, 2022]
    specification = method(name)
    direct = screen_flows(sample_flows, importers, specification, years, whole_dollars=True, verified=True)
    supply = supply_tables(sample_flows, importers, years, whole_dollars=True, verified=True)
    scores = supply_fragility(sample_flows, years, whole_dollars=True) if specification.network else None
    for found, measured in zip(direct, measure(supply, importers), strict=True):
        full = screen(measured, specification, fragility=scores).table
        # years added up in the pass or after it: the last bit may differ, no more
        polars.testing.assert_frame_equal(
            full.select(found.table.columns), found.table, rel_tol=1e-12, abs_tol=1e-12
        )
        assert found.dependent["product"].to_list() == full.filter(pl.col("dependent"))["product"].to_list()
