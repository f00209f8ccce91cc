"""One change of tariffs in several sizes, and the figures of runs, fans and curves."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from geomonitor.errors import DataError
from geomonitor.shocks import (
    Change,
    elasticity_grid,
    rebase,
    run_scenario,
    shock_fan,
    small_calibration,
    small_scenario,
)
from geomonitor.shocks.curve import ResponseCurve, response_curve, scenario_of_points
from geomonitor.shocks.rates import Percent, PercentagePoints


@pytest.fixture(scope="module")
def curve() -> ResponseCurve:
    return response_curve(rebase(small_calibration()), small_scenario(), [100, 25, 50, 25], tolerance=1e-12)


def test_every_size_is_that_of_a_run_of_its_own(curve: ResponseCurve) -> None:
    assert curve.table["points"].unique(maintain_order=True).to_list() == [25.0, 50.0, 100.0]
    base = rebase(small_calibration())
    for points, rows in curve.table.group_by("points", maintain_order=True):
        alone = run_scenario(base, small_scenario(float(str(points[0]))), tolerance=1e-12).economies
        for name in ("real_income_change", "price_change", "wage_change"):
            assert rows[name].to_list() == pytest.approx(alone[name].to_list(), abs=1e-11)


def test_larger_tariffs_cost_both_sides_more(curve: ResponseCurve) -> None:
    falls = dict(curve.monotone(25.0).select("economy", "falls").iter_rows())
    assert falls["NLD"]
    assert falls["CHN"]
    assert curve.monotone(60.0)["falls"].null_count() == 3


def test_the_size_from_which_it_rises_is_named() -> None:
    table = pl.DataFrame(
        {
            "points": [5.0, 10.0, 20.0, 30.0] * 2,
            "economy": ["A"] * 4 + ["B"] * 4,
            "real_income_change": [0.0, -0.1, -0.05, -0.2, -0.1, -0.2, -0.3, -0.4],
        }
    )
    found = ResponseCurve(table, small_scenario()).monotone()
    assert found.rows() == [("A", False, 10.0), ("B", True, None)]
    assert ResponseCurve(table, small_scenario()).monotone(20.0)["falls"].to_list() == [True, True]


def test_only_percentage_points_have_another_size() -> None:
    here = small_scenario()
    (tariff,) = here.changes
    assert scenario_of_points(here, 40.0).changes[0].add == PercentagePoints(40.0)
    denial = Change("denial", ("NLD",), ("CHN",), False, ("goods",))
    for other in (replace(tariff, add=Percent(10.0)), denial):
        with pytest.raises(DataError, match="no size in percentage points"):
            scenario_of_points(replace(here, changes=(tariff, other)), 40.0)
    with pytest.raises(DataError, match="no size"):
        response_curve(rebase(small_calibration()), here, [])


def test_runs_curves_and_fans_are_drawn(curve: ResponseCurve) -> None:
    here = small_calibration()
    result = run_scenario(here, small_scenario())
    (bars,) = result.plot().data
    drawn = dict(zip(bars.y, bars.x, strict=True))
    assert drawn["NLD"] == pytest.approx(100 * result.economies["real_income_change"][0])
    lines = curve.plot(["NLD", "CHN"]).data
    assert [each.name for each in lines] == ["NLD", "CHN"]
    assert list(lines[0].x) == [25.0, 50.0, 100.0]
    assert len(curve.plot().data) == 3
    fan = shock_fan(here, small_scenario(), elasticity_grid(here, [0.5, 1.0, 2.0]), workers=1)
    assert fan.plot(["NLD"]).data[-1].y == ("NLD",)
    nothing = pl.when(pl.col("economy") != "CHN").then(pl.col("mean", "^q.*$"))
    partly = replace(fan, summary=fan.summary.with_columns(nothing))
    assert set(partly.plot().data[-1].y) == {"NLD", "ROW"}
