"""GeoDep's three criteria and its rule of two in three years; see README.md beside this file."""

from __future__ import annotations

import itertools
import math

import polars as pl
import pytest

from geomonitor.dependency import method, screen_flows
from geomonitor.trade import importer

PRODUCT = "850650"
YEARS = (2019, 2020, 2021)
GEODEP_WITHOUT_EXPORTS = 9999
# which of the three criteria fails in a year
FAILURES = ("none", "imports", "world", "ratio")


def year_of(failure: str, year: int) -> list[tuple[int, str, str, str, float]]:
    rows = [(year, "CHN", "FRA", PRODUCT, 90.0), (year, "USA", "FRA", PRODUCT, 10.0)]
    rows += [(year, "CHN", "BRA", PRODUCT, 300.0)]
    if failure == "imports":
        rows += [(year, code, "FRA", PRODUCT, 60.0) for code in ("JPN", "KOR", "VNM")]
    if failure == "world":
        rows += [(year, code, "BRA", PRODUCT, 300.0) for code in ("JPN", "KOR", "VNM")]
    if failure == "ratio":
        rows += [(year, "FRA", "BRA", PRODUCT, 100.0)]
    return rows


def judged(failures: tuple[str, ...]) -> dict[str, object]:
    rows = [row for failure, year in zip(failures, YEARS, strict=True) for row in year_of(failure, year)]
    flows = pl.DataFrame(rows, schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row")
    (found,) = screen_flows(flows, [importer("FRA")], method("cepii-geodep-2024"), YEARS, quantities=False)
    return found.table.row(0, named=True)


def test_the_criteria_are_the_published_ones() -> None:
    found = method("cepii-geodep-2024")
    assert [(each.operator, each.threshold) for each in found.conditions] == [
        (">", 0.4),
        (">", 0.4),
        (">", 1.0),
    ]
    assert (found.period_rule, found.required_years, found.out_of_years) == ("persistence", 2, 3)


@pytest.mark.parametrize("failures", list(itertools.product(FAILURES, repeat=3)), ids="-".join)
def test_two_of_three_years(failures: tuple[str, ...]) -> None:
    met = sum(failure == "none" for failure in failures)
    row = judged(failures)
    assert row["years_met"] == met
    assert row["dependent"] is (met >= 2)


def test_a_ratio_without_exports_passes_as_it_does_when_it_is_written_9999() -> None:
    row = judged(("none", "none", "none"))
    assert row["imports_to_extra_exports"] == math.inf
    condition = method("cepii-geodep-2024").conditions[2]
    values = pl.Series([float(GEODEP_WITHOUT_EXPORTS), math.inf]).to_numpy()
    assert condition.met(values).tolist() == [True, True]
