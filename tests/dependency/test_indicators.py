"""Every indicator on small worlds that can be worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from geomonitor.codes import ECONOMY_CODES
from geomonitor.dependency import INDICATORS, Indicators, ScreeningOptions, measure
from geomonitor.trade import Supply, herfindahl_bounds, importer

MakeSupply = Callable[..., Supply]
PRODUCT = "810600"
EU = importer("EU27_2020")

# foreign: China 60, the US 20, Vietnam 10, Japan 10; inside 40; exports 30 outside, 40 inside
GOLDEN = [
    (2021, "CHN", "NLD", PRODUCT, 60.0),
    (2021, "USA", "NLD", PRODUCT, 20.0),
    (2021, "VNM", "DEU", PRODUCT, 10.0),
    (2021, "JPN", "FRA", PRODUCT, 10.0),
    (2021, "FRA", "NLD", PRODUCT, 40.0),
    (2021, "DEU", "USA", PRODUCT, 30.0),
    (2021, "CHN", "USA", PRODUCT, 50.0),
]


def pooled(supply: Supply, place: int = 0, **options: Any) -> Indicators:
    chosen = ScreeningOptions(**options)
    return list(measure(supply, supply.importers, options=chosen))[place].pooled


def column(found: Indicators, name: str) -> float:
    return float(found.columns[name][0, 0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("import_value_kusd", 140.0),
        ("extra_import_value_kusd", 100.0),
        ("intra_import_value_kusd", 40.0),
        ("export_value_kusd", 70.0),
        ("import_concentration", 0.42),
        ("extra_import_share", 0.7142857142857143),
        ("imports_to_exports", 1.4285714285714286),
        ("imports_to_extra_exports", 100 / 30),
        ("main_supplier_share", 0.6),
        ("supplier_count", 4.0),
        ("unallocated_share", 0.0),
        # exporters: China 110, the US 20, Vietnam 10, Japan 10 and the Union 30
        ("world_export_concentration", 13600 / 32400),
        # the same, with France 40 and Germany 30 apart
        ("world_economies_concentration", 15200 / 48400),
        ("world_main_exporter_share", 110 / 180),
    ],
)
def test_indicators_of_a_group(supply_of: MakeSupply, name: str, value: float) -> None:
    assert column(pooled(supply_of(GOLDEN, EU)), name) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("home", "name", "value"),
    [
        (None, "import_value_kusd", 120.0),
        (None, "extra_import_value_kusd", 120.0),
        (None, "extra_import_share", 1.0),
        (None, "import_concentration", (60**2 + 20**2 + 40**2) / 120**2),
        (None, "imports_to_exports", math.inf),
        ("EU27_2020", "import_value_kusd", 120.0),
        ("EU27_2020", "extra_import_value_kusd", 80.0),
        ("EU27_2020", "extra_import_share", 80 / 120),
        ("EU27_2020", "import_concentration", (60**2 + 20**2) / 80**2),
        ("EU27_2020", "imports_to_exports", math.inf),
        # a single economy: world exports are those of every economy, whatever counts as home
        (None, "world_export_concentration", 15200 / 48400),
        ("EU27_2020", "world_export_concentration", 15200 / 48400),
    ],
)
def test_all_partners_and_third_countries_are_two_indicators(
    supply_of: MakeSupply, home: str | None, name: str, value: float
) -> None:
    supply = supply_of(GOLDEN, importer("NLD", home_group=home))
    assert column(pooled(supply), name) == pytest.approx(value, rel=1e-14)


def test_suppliers_at_home_count_where_asked(supply_of: MakeSupply) -> None:
    found = pooled(supply_of(GOLDEN, EU), intra_group="included")
    assert column(found, "import_concentration") == pytest.approx(
        (60**2 + 20**2 + 2 * 10**2 + 40**2) / 140**2
    )
    # the share of foreign supply and the ratio to exports do not change
    assert column(found, "extra_import_share") == pytest.approx(100 / 140)
    assert column(found, "imports_to_exports") == pytest.approx(100 / 70)
    home = pooled(supply_of(GOLDEN, importer("NLD", home_group="EU27_2020")), intra_group="included")
    assert column(home, "import_concentration") == pytest.approx((60**2 + 20**2 + 40**2) / 120**2)


def test_pooled_years_are_not_the_mean_of_yearly_indices(supply_of: MakeSupply) -> None:
    rows = [(2020, "CHN", "NLD", PRODUCT, 100.0), (2021, "USA", "NLD", PRODUCT, 300.0)]
    (measured,) = measure(supply_of(rows, "NLD"), [importer("NLD")])
    assert measured.yearly is not None
    yearly = measured.yearly.columns["import_concentration"][:, 0]
    assert yearly.tolist() == [1.0, 1.0]
    assert column(measured.pooled, "import_concentration") == (100**2 + 300**2) / 400**2
    assert column(measured.pooled, "import_concentration") != yearly.mean()


def test_main_supplier_is_the_largest_and_ties_go_by_code(supply_of: MakeSupply) -> None:
    rows = [(2021, code, "NLD", PRODUCT, 5.0) for code in ("USA", "CHN", "VNM")]
    assert ECONOMY_CODES[pooled(supply_of(rows, "NLD")).main_supplier[0, 0]] == "CHN"


def test_a_product_that_is_not_imported(supply_of: MakeSupply) -> None:
    rows = [(2021, "CHN", "USA", PRODUCT, 5.0), (2021, "CHN", "NLD", "270900", 1.0)]
    found = pooled(supply_of(rows, "NLD"))
    assert column(found, "import_value_kusd") == 0.0 or found.columns["import_value_kusd"][0].min() == 0.0
    absent = int(np.argmin(found.columns["import_value_kusd"][0]))
    for name in ("import_concentration", "extra_import_share", "main_supplier_share"):
        assert math.isnan(found.columns[name][0, absent])
    assert found.main_supplier[0, absent] == -1


def test_only_supplies_from_home(supply_of: MakeSupply) -> None:
    found = pooled(supply_of([(2021, "DEU", "NLD", PRODUCT, 5.0)], EU))
    assert column(found, "extra_import_share") == 0.0
    assert math.isnan(column(found, "import_concentration"))
    assert found.main_supplier[0, 0] == -1
    # nothing reaches the world market
    assert math.isnan(column(found, "world_export_concentration"))
    assert found.world_main_exporter[0, 0] == -1


def test_unallocated_partners_give_the_bounds_of_the_kernel(supply_of: MakeSupply) -> None:
    rows = [
        (2021, "CHN", "NLD", PRODUCT, 50.0),
        (2021, "USA", "NLD", PRODUCT, 30.0),
        (2021, "R20", "NLD", PRODUCT, 15.0),
        (2021, "ZA1", "NLD", PRODUCT, 5.0),
    ]
    found = pooled(supply_of(rows, "NLD"))
    low, high = herfindahl_bounds([50.0, 30.0], 20.0)
    assert column(found, "import_concentration_lower") == pytest.approx(low, rel=1e-14)
    assert column(found, "import_concentration_upper") == pytest.approx(high, rel=1e-14)
    assert column(found, "unallocated_share") == pytest.approx(0.2)
    assert low < column(found, "import_concentration") < high


def test_all_supply_unallocated(supply_of: MakeSupply) -> None:
    found = pooled(supply_of([(2021, "R20", "NLD", PRODUCT, 15.0)], "NLD"))
    assert column(found, "import_concentration_lower") == 0.0
    assert column(found, "import_concentration_upper") == 1.0


def test_taiwan_is_an_economy_not_an_unallocated_partner(supply_of: MakeSupply) -> None:
    found = pooled(supply_of([(2021, "TWN", "NLD", PRODUCT, 15.0)], "NLD"))
    assert column(found, "unallocated_share") == 0.0


def test_concentration_by_tonnes_stands_beside_that_by_value(supply_of: MakeSupply) -> None:
    rows = [
        (2021, "CHN", "NLD", PRODUCT, 50.0),
        (2021, "USA", "NLD", PRODUCT, 50.0),
        (2021, "VNM", "NLD", PRODUCT, 100.0),
        (2021, "DEU", "NLD", PRODUCT, 800.0),
    ]
    home = importer("NLD", home_group="EU27_2020")
    found = pooled(supply_of(rows, home, tonnes=[90.0, 10.0, None, 7.0]))
    assert column(found, "import_concentration") == pytest.approx(0.375)
    assert column(found, "quantity_concentration") == pytest.approx(0.82)
    assert column(found, "import_quantity_t") == 100.0
    assert column(found, "quantity_coverage") == pytest.approx(0.5)


def test_no_known_quantity_has_no_concentration_by_tonnes(supply_of: MakeSupply) -> None:
    found = pooled(supply_of(GOLDEN, EU))
    assert math.isnan(column(found, "quantity_concentration"))
    assert column(found, "quantity_coverage") == 0.0


@pytest.mark.parametrize(
    ("shares", "bounds"),
    # 100 from outside; 30 of the exports leave the group: trade among the members (40) is neither
    [({}, (100.0 - 30.0, 100.0)), ({PRODUCT: 0.25}, (75.0, 75.0)), ({PRODUCT: 0.0}, (100.0, 100.0))],
)
def test_imports_for_use_at_home_lie_between_bounds(
    supply_of: MakeSupply, shares: dict[str, float], bounds: tuple[float, float]
) -> None:
    found = pooled(supply_of(GOLDEN, EU), re_export_shares=shares)
    assert column(found, "domestic_use_lower_kusd") == pytest.approx(bounds[0])
    assert column(found, "domestic_use_upper_kusd") == pytest.approx(bounds[1])


def test_more_exports_than_imports_leave_nothing_for_certain(supply_of: MakeSupply) -> None:
    rows = [(2021, "CHN", "NLD", PRODUCT, 5.0), (2021, "NLD", "USA", PRODUCT, 50.0)]
    assert column(pooled(supply_of(rows, "NLD")), "domestic_use_lower_kusd") == 0.0


def test_imports_for_use_at_home_are_a_year(supply_of: MakeSupply) -> None:
    rows = [(year, "CHN", "NLD", PRODUCT, 30.0 * (year - 2018)) for year in (2019, 2020, 2021)]
    found = pooled(supply_of(rows, "NLD"))
    assert column(found, "domestic_use_upper_kusd") == pytest.approx(60.0)
    assert column(found, "import_value_kusd") == pytest.approx(180.0)


def test_re_exports_are_taken_from_both_sides_of_the_ratio(supply_of: MakeSupply) -> None:
    found = pooled(supply_of(GOLDEN, EU), re_export_shares={PRODUCT: 0.25})
    # a quarter of the 100 from outside passes through: 25 of the exports of 70, and of the imports
    assert column(found, "imports_to_exports_net_of_re_exports") == pytest.approx(75 / 45)
    assert column(found, "re_export_share") == 0.25
    assert column(found, "imports_to_exports") == pytest.approx(100 / 70)


def test_exports_that_only_pass_through_leave_an_infinite_ratio(supply_of: MakeSupply) -> None:
    found = pooled(supply_of(GOLDEN, EU), re_export_shares={PRODUCT: 0.8})
    assert column(found, "imports_to_exports_net_of_re_exports") == math.inf


def test_every_indicator_has_a_unit_and_a_name_in_both_languages() -> None:
    for unit, english, dutch in INDICATORS.values():
        assert unit
        assert english
        assert dutch


def test_an_economy_does_not_supply_itself(supply_of: MakeSupply) -> None:
    # some sources report returned goods as imports from oneself
    rows = [(2021, "NLD", "NLD", PRODUCT, 100.0), (2021, "CHN", "NLD", PRODUCT, 5.0)]
    found = pooled(supply_of(rows, "NLD"))
    assert column(found, "import_value_kusd") == 5.0
    assert column(found, "extra_import_share") == 1.0
    assert column(found, "import_concentration") == 1.0
