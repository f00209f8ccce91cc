"""The Commission's three indicators and thresholds; see README.md beside this file."""

from __future__ import annotations

import polars as pl
import pytest

from geomonitor.dependency import method, screen_flows
from geomonitor.trade import importer

PRODUCT = "810600"
PUBLISHED = {"import_concentration": 0.42, "extra_import_share": 0.7142857, "imports_to_exports": 1.4285714}
SEVEN_DIGITS = 1e-7


def judged(
    foreign: dict[str, float], *, inside: float, sold_outside: float, name: str = "commission-2021"
) -> dict[str, object]:
    rows = [(2018, code, "NLD", PRODUCT, value) for code, value in foreign.items()]
    rows += [(2018, "FRA", "NLD", PRODUCT, inside), (2018, "DEU", "CHE", PRODUCT, sold_outside)]
    flows = pl.DataFrame(rows, schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row")
    (found,) = screen_flows(flows, [importer("EU27_2020")], method(name), [2018], quantities=False)
    return found.table.row(0, named=True)


def test_the_thresholds_are_the_published_ones() -> None:
    tests = [(each.indicator, each.operator, each.threshold) for each in method("commission-2021").conditions]
    assert tests == [
        ("import_concentration", ">", 0.4),
        ("extra_import_share", ">", 0.5),
        ("imports_to_exports", ">", 1.0),
    ]
    assert method("commission-2021").status == "exact"


@pytest.mark.parametrize("name", ["commission-2021", "commission-2023"])
def test_the_golden_vector(name: str) -> None:
    row = judged({"CHN": 60, "USA": 20, "VNM": 10, "JPN": 10}, inside=40, sold_outside=30, name=name)
    assert {each: row[each] for each in PUBLISHED} == pytest.approx(PUBLISHED, abs=SEVEN_DIGITS)
    assert row["dependent"] is True


@pytest.mark.parametrize(
    ("foreign", "inside", "sold_outside", "dependent"),
    [
        # exactly on the edge of each threshold in turn, and just beyond it
        ({"CHN": 60, "USA": 10, "VNM": 10, "JPN": 10, "BRA": 10}, 40, 30, False),
        ({"CHN": 60.01, "USA": 10, "VNM": 10, "JPN": 10, "BRA": 10}, 40, 30, True),
        ({"CHN": 60, "USA": 20, "VNM": 10, "JPN": 10}, 100, 0, False),
        ({"CHN": 60, "USA": 20, "VNM": 10, "JPN": 10}, 99.99, 0, True),
        ({"CHN": 60, "USA": 20, "VNM": 10, "JPN": 10}, 40, 60, False),
        ({"CHN": 60, "USA": 20, "VNM": 10, "JPN": 10}, 40, 59.99, True),
    ],
)
def test_strict_thresholds_on_unrounded_values(
    foreign: dict[str, float], inside: float, sold_outside: float, dependent: bool
) -> None:
    assert judged(foreign, inside=inside, sold_outside=sold_outside)["dependent"] is dependent


def test_trade_inside_the_union_is_in_the_third_indicator() -> None:
    # exports outside alone would give a ratio of 100/30
    row = judged({"CHN": 100}, inside=80, sold_outside=30)
    assert row["imports_to_exports"] == pytest.approx(100 / 110)
    assert row["dependent"] is False
