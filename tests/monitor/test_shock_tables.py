"""The part of an edition on shocks: what its tables hold, how they add up, and what the edition hangs on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from geomonitor.data.input_output import InputOutputTable, embedded_input_output, save_input_output
from geomonitor.errors import ProfileError, UnknownCodeError
from geomonitor.findings import Edition, frame_sha256, write_edition
from geomonitor.monitor import load_profile, make_edition, planned_edition_id
from geomonitor.monitor.profile import Profile
from geomonitor.monitor.shock_findings import shock_findings
from geomonitor.monitor.shock_results import (
    grouped_changes,
    partner_trade,
    partners_of,
    shock_unit,
    unit_changes,
)
from geomonitor.monitor.shock_sources import CURVE_POINTS, GRID_FACTORS, ShockSources, shock_sources
from geomonitor.monitor.shock_tables import SHOCK_TABLES, shock_tables
from geomonitor.shocks import (
    Change,
    Scenario,
    rebase,
    run_scenario,
    scenario,
    small_calibration,
    small_scenario,
)
from geomonitor.shocks.calibrate import embedded_calibration
from geomonitor.shocks.rates import PercentagePoints

SMALL = """
name = "small"
years = [2022]
methods = ["commission-2021"]
materials = false
table = false
importers = [{ code = "NLD", home_group = "EU27_2020" }, { code = "BENELUX" }]
"""
CODES = ("eu-china-25pp", "china-denies-electronics")
# what rounding in the tables can do
ROUNDING = 6e-9


ProfileOf = Callable[[str], Profile]


@pytest.fixture
def profile_of(tmp_path: Path) -> ProfileOf:
    def write(changes: str) -> Profile:
        file = tmp_path / "profile.toml"
        file.write_text(SMALL + changes)
        return load_profile(file)

    return write


@pytest.fixture(scope="module")
def sources() -> ShockSources:
    found = shock_sources(load_profile())
    assert found is not None
    part = replace(found.part, scenarios=tuple(scenario(each) for each in CODES), draws=2)
    return replace(found, part=part)


@pytest.fixture(scope="module")
def made(sources: ShockSources) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    tables, about = shock_tables(sources)
    return tables, about["shocks"]


@pytest.fixture(scope="module")
def tables(made: tuple[dict[str, pl.DataFrame], dict[str, Any]]) -> dict[str, pl.DataFrame]:
    return made[0]


@pytest.fixture(scope="module")
def about(made: tuple[dict[str, pl.DataFrame], dict[str, Any]]) -> dict[str, Any]:
    return made[1]


def one(table: pl.DataFrame, **where: Any) -> dict[str, Any]:
    (row,) = table.filter(**where).rows(named=True)
    return row


# tables


def test_every_table_is_there_with_its_keys(tables: dict[str, pl.DataFrame]) -> None:
    assert set(tables) == set(SHOCK_TABLES)
    keys = {
        "shocks": ["scenario", "economy"],
        "shock_groups": ["scenario", "economy"],
        "shock_links": ["scenario", "links", "economy"],
        "shock_sectors": ["scenario", "economy", "sector"],
        "shock_trade": ["scenario", "buyer", "seller"],
        "shock_curve": ["family", "points", "economy"],
        "shock_fan": ["scenario", "economy"],
        "shock_grid": ["scenario", "elasticity_factor", "economy"],
        "shock_assumptions": ["scenario", "number"],
    }
    for name, columns in keys.items():
        assert tables[name].select(columns).is_unique().all()
        assert tables[name].height
    assert tables["shocks"].height == 2 * 80
    assert set(tables["shocks"].columns) >= {
        *("name_en", "name_nl", "calibration", "in_scenario", "real_income_change", "direct_price_change"),
        *("total_price_change", "price_change", "wage_change", "real_wage_change", "imports_change"),
        *("exports_change", "terms_of_trade", "volume_of_trade", "income_musd", "ratio_total_to_direct"),
    }


def test_numbers_are_those_of_a_run(tables: dict[str, pl.DataFrame]) -> None:
    base = rebase(embedded_calibration(), "zero")
    result = run_scenario(base, scenario("eu-china-25pp"), ["NLD"])
    asked = one(result.economies, economy="NLD")
    row = one(tables["shocks"], scenario="eu-china-25pp", economy="NLD")
    for name in ("real_income_change", "direct_price_change", "total_price_change", "price_change"):
        assert row[name] == pytest.approx(asked[name], abs=ROUNDING)
    assert row["ratio_total_to_direct"] == pytest.approx(
        asked["total_price_change"] / asked["direct_price_change"], abs=1e-4
    )
    sectors = result.sectors.filter(economy="NLD")
    shown = tables["shock_sectors"].filter(scenario="eu-china-25pp", economy="NLD")
    assert shown["sector"].to_list() == sectors["sector"].to_list()
    assert shown["total_price_change"].to_list() == pytest.approx(
        sectors["total_price_change"].to_list(), abs=ROUNDING
    )


def test_a_group_is_the_mean_of_its_members(tables: dict[str, pl.DataFrame]) -> None:
    group = one(tables["shock_groups"], scenario="eu-china-25pp", economy="EU27_2020")
    assert group["members"] == 27
    members = (
        tables["shocks"]
        .filter(pl.col("in_scenario"), pl.col("economy") != "CHN")
        .filter(scenario="eu-china-25pp")
    )
    assert members.height == 27
    mean = np.average(members["real_income_change"], weights=members["income_musd"])
    assert group["real_income_change"] == pytest.approx(mean, abs=1e-7)
    assert group["income_musd"] == pytest.approx(members["income_musd"].sum(), rel=1e-6)
    # trade among members is not foreign to the group, so its foreign trade falls further
    assert group["imports_change"] < members["imports_change"].min()


def test_links_add_to_prices_and_without_them_total_is_direct(tables: dict[str, pl.DataFrame]) -> None:
    links = tables["shock_links"].filter(scenario="eu-china-25pp")
    assert links["links"].unique(maintain_order=True).to_list() == ["none", "materials", "full"]
    alone = links.filter(links="none")
    assert alone["total_price_change"].to_list() == pytest.approx(
        alone["direct_price_change"].to_list(), abs=1e-8
    )
    full = links.filter(links="full")
    assert (full["total_price_change"] >= full["direct_price_change"]).all()
    whole = tables["shocks"].filter(scenario="eu-china-25pp")
    assert full.filter(pl.col("economy") != "EU27_2020")["real_income_change"].to_list() == pytest.approx(
        whole["real_income_change"].to_list(), abs=2e-8
    )
    loss = dict(links.filter(economy="EU27_2020").select("links", "real_income_change").iter_rows())
    # the chains make the loss about twice as large
    assert 1.5 < loss["full"] / loss["none"] < 3


def test_trade_adds_up_over_named_partners_and_others(tables: dict[str, pl.DataFrame]) -> None:
    base = rebase(embedded_calibration(), "zero")
    start, names = base.equilibrium, base.calibration.economies
    flows = start.spending_musd[:, :, None] * start.trade_shares
    place = names.index("NLD")
    abroad = [each for each in range(len(names)) if each != place]
    trade = tables["shock_trade"].filter(scenario="eu-china-25pp")
    for own, other, total in (
        ("buyer", "seller", flows[:, place, abroad].sum()),
        ("seller", "buyer", flows[:, abroad, place].sum()),
    ):
        mine = trade.filter(pl.col(own) == "NLD")
        assert mine["before_musd"].sum() == pytest.approx(total, rel=1e-6)
        assert "OTHER" in mine[other].to_list()
        assert {"CHN", "DEU"} <= set(mine[other])
        assert 13 <= mine.height < 40
    bought = one(trade, buyer="NLD", seller="CHN")
    assert bought["after_musd"] < bought["before_musd"] / 1.5


def test_a_larger_tariff_costs_the_eu_and_china_more(
    tables: dict[str, pl.DataFrame], about: dict[str, Any]
) -> None:
    curve = tables["shock_curve"]
    assert curve["family"].unique().to_list() == ["eu-china-pp"]
    for code in ("EU27_2020", "CHN", "NLD"):
        rows = curve.filter(economy=code)
        assert rows["points"].to_list() == list(CURVE_POINTS)
        counted = rows.filter(pl.col("points") >= 25)["real_income_change"]
        assert (counted.diff().drop_nulls() < 0).all()
    at_25 = one(curve, economy="NLD", points=25.0)["real_income_change"]
    whole = one(tables["shocks"], scenario="eu-china-25pp", economy="NLD")["real_income_change"]
    assert at_25 == pytest.approx(whole, abs=2e-8)
    (described,) = about["curves"]
    assert described["falls_from_25_points"] == {"EU27_2020": True, "NLD": True, "CHN": True}


def test_the_grid_holds_the_scenario_itself_and_the_fan_is_ordered(tables: dict[str, pl.DataFrame]) -> None:
    grid, fan = tables["shock_grid"], tables["shock_fan"]
    assert grid["elasticity_factor"].unique().sort().to_list() == list(GRID_FACTORS)
    for code in CODES:
        itself = one(grid, scenario=code, elasticity_factor=1.0, economy="NLD")["real_income_change"]
        whole = one(tables["shocks"], scenario=code, economy="NLD")["real_income_change"]
        assert itself == pytest.approx(whole, abs=1e-7)
    assert set(fan["variants"]) == {2}
    assert set(fan["failed"]) == {0}
    quantiles = fan.select("q05", "q25", "q50", "q75", "q95")
    assert all(list(row) == sorted(row) for row in quantiles.iter_rows())
    assert {"EU27_2020", "NLD", "CHN", "DEU"} <= set(fan["economy"])
    assert "USA" not in set(fan["economy"])


def test_assumptions_are_said_and_how_it_was_solved_is_not(
    tables: dict[str, pl.DataFrame], about: dict[str, Any]
) -> None:
    texts = tables["shock_assumptions"].filter(scenario="eu-china-25pp")["text"].to_list()
    said = " ".join(texts)
    for word in ("in proportion to the intermediate purchases", "Base tariffs are 0", "Trade elasticities"):
        assert word in said
    assert "solved by" not in said
    solutions = {each["scenario"]: each for each in about["solutions"]}
    assert max(solutions["eu-china-25pp"]["residuals"].values()) < 1e-9


def test_numbers_are_rounded_and_zeros_have_no_sign(tables: dict[str, pl.DataFrame]) -> None:
    for table in tables.values():
        for name, kind in table.schema.items():
            if kind != pl.Float64:
                continue
            values = table[name].drop_nulls().to_numpy()
            assert not (np.signbit(values) & (values == 0)).any()
            if not name.endswith("_musd"):
                assert np.array_equal(values, np.round(values, 8))
    money = tables["shocks"]["income_musd"].to_list()
    assert all(float(f"{each:.7e}") == each for each in money)


# what it hangs on


def test_the_record_says_what_was_run(about: dict[str, Any]) -> None:
    assert about["calibration"]["name"] == "oecd-icio-2022"
    assert about["calibration"]["sha256"] == embedded_input_output().metadata["file_sha256"]
    assert any("Base tariffs are 0" in each for each in about["calibration"]["assumptions"])
    assert about["calibration"]["licence"] == "CC BY 4.0"
    assert "Journal of International Economics" in about["elasticities"]["citation"]
    assert [each["code"] for each in about["scenarios"]] == list(CODES)
    assert about["scenarios"][0]["changes"][0]["add"] == "+25 percentage points"
    assert [each["id"] for each in about["methods"]] == ["caliendo-parro-2015", "leontief-price"]
    assert about["uncertainty"]["draws"] == 2
    assert about["counterparts"]["eu-china-25pp"]["NLD"] == "CHN"
    assert about["counterparts"]["eu-china-25pp"]["CHN"] == "EU27_2020"


def test_the_name_of_an_edition_hangs_on_the_shocks(profile_of: ProfileOf, tmp_path: Path) -> None:
    mine = '[shocks]\nscenarios = ["mine.toml"]\n'
    (tmp_path / "mine.toml").write_text(OWN)
    changes = [
        "",
        "shocks = false",
        '[shocks]\nscenarios = ["eu-china-25pp"]',
        "[shocks]\ndraws = 3",
        "[shocks]\nseed = 2",
        '[shocks]\nelasticities = "shapiro-2016"',
        '[shocks]\nfocus = ["NLD"]',
        mine,
    ]
    names = {planned_edition_id(profile_of(each)) for each in changes}
    assert len(names) == len(changes)
    (tmp_path / "mine.toml").write_text(OWN.replace("10 pp", "20 pp"))
    assert planned_edition_id(profile_of(mine)) not in names
    assert planned_edition_id(profile_of("shocks = true")) == planned_edition_id(profile_of("shocks = true"))


OWN = """
code = "own"
name = { en = "Own", nl = "Eigen" }
source = "made up"
date = 2026-01-31
deficits = "zero"

[[change]]
kind = "tariff"
buyers = ["NLD"]
sellers = ["CHN"]
sectors = ["goods"]
add = "10 pp"
"""


def test_the_part_can_be_left_out(profile_of: ProfileOf) -> None:
    without = make_edition(profile_of("shocks = false"))
    assert not [name for name in without.tables if name.startswith("shock")]
    assert without.record["shocks"] is None


def test_a_scenario_and_a_calibration_of_ones_own(
    profile_of: ProfileOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    (tmp_path / "own.toml").write_text(OWN)
    part = '[shocks]\nscenarios = ["own.toml"]\ncalibration = "mine"\ndraws = 1\n'
    with pytest.raises(UnknownCodeError, match="'mine'"):
        planned_edition_id(profile_of(part))
    sectors = embedded_input_output().sectors[:9]
    size = 3 * len(sectors)
    flows = np.full((size, size), 2.0) + 20.0 * np.eye(size)
    table = InputOutputTable(
        "mine", 2020, ("NLD", "CHN", "BEL"), sectors, flows, 200 - flows.sum(axis=1, keepdims=True),
        (("*", "total"),), np.full(size, 200.0), metadata={"sector_scheme": "oecd-icio-2025"},
    )  # fmt: skip
    save_input_output(table)
    made = make_edition(profile_of(part))
    assert made.record["shocks"]["calibration"]["year"] == 2020
    assert set(made.tables["shocks"]["economy"]) == {"NLD", "CHN", "BEL"}
    assert one(made.tables["shocks"], economy="CHN")["in_scenario"]
    assert made.tables["shock_curve"]["family"].unique().to_list() == ["own"]
    assert {"NLD", "BENELUX"} <= set(made.tables["shock_sectors"]["economy"])
    found = made.findings.filter(product="own")
    assert set(found["measure"]) == {"real_income_change", "direct_price_change", "total_price_change"}
    mine = one(found, subject="NLD", measure="real_income_change")
    assert (mine["counterpart"], mine["period"], mine["dataset"]) == ("CHN", "2020", "mine")
    opened = Edition.open(write_edition(made, tmp_path / "out").path or Path())
    for name in SHOCK_TABLES:
        assert frame_sha256(opened.tables[name]) == frame_sha256(made.tables[name])


def test_importers_that_the_calibration_lacks_are_named(sources: ShockSources) -> None:
    part = replace(sources.part, scenarios=sources.part.scenarios[:1], draws=0)
    tables, about = shock_tables(replace(sources, part=part, focus=("KEN", "NLD")))
    assert about["shocks"]["not_in_calibration"] == ["KEN"]
    assert tables["shock_sectors"]["economy"].unique().to_list() == ["NLD"]
    assert "shock_fan" not in tables
    with pytest.raises(UnknownCodeError, match="KEN"):
        shock_tables(replace(sources, part=replace(part, focus=("KEN",)), focus=("KEN",)))


def test_findings_name_subject_counterpart_and_verdict(
    sources: ShockSources, made: tuple[dict[str, pl.DataFrame], dict[str, Any]]
) -> None:
    found = list(shock_findings(*(made[0], sources, made[1])))
    by_key = {(each.subject, each.product, each.measure): each for each in found}
    eu = by_key["EU27_2020", "eu-china-25pp", "real_income_change"]
    assert (eu.counterpart, eu.verdict, eu.unit, eu.period) == ("CHN", "loss", "fraction", "2022")
    assert eu.method == "caliendo-parro-2015"
    assert eu.value is not None
    assert eu.value < 0
    china = by_key["CHN", "china-denies-electronics", "direct_price_change"]
    assert (china.verdict, china.counterpart, china.method) == ("no change", "EU27_2020", "leontief-price")
    assert by_key["NLD", "eu-china-25pp", "total_price_change"].verdict == "rise"
    assert not any(each.subject == "USA" for each in found)
    assert all(each.value is not None and math.isfinite(each.value) for each in found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ("shocks = 3", "shocks holds int"),
        ("[shocks]\nscenario = []", "'scenario'"),
        ("[shocks]\nscenarios = []", "no scenario"),
        ('[shocks]\nscenarios = "eu-china-25pp"', "scenarios holds str"),
        ('[shocks]\nscenarios = ["eu-china-25"]', "no scenario 'eu-china-25'"),
        ('[shocks]\nscenarios = ["absent.toml"]', "cannot be read"),
        ('[shocks]\nelasticities = "caliendo"', "no set of trade elasticities"),
        ('[shocks]\nfocus = ["XYZ"]', "XYZ"),
        ("[shocks]\ndraws = -1", "cannot be made"),
        ("[shocks]\ndraws = true", "draws holds bool"),
        ("[shocks]\ndraws = 1000000", "cannot be made"),
    ],
)
def test_wrong_keys_are_told(profile_of: ProfileOf, changes: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        profile_of(changes)


def test_two_files_with_one_code_are_told(profile_of: ProfileOf, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(OWN)
    with pytest.raises(ProfileError, match="same code"):
        profile_of('[shocks]\nscenarios = ["one.toml", "two.toml"]')


# economies and groups


def test_partners_are_those_that_the_scenario_names() -> None:
    here = small_calibration()
    change = Change("tariff", ("EU27_2020",), ("WORLD",), False, ("goods",), add=PercentagePoints(5.0))
    wide: Scenario = replace(small_scenario(), changes=(change,))

    def partners(asked: Scenario, code: str) -> list[str]:
        return [each.code for each in partners_of(asked, here, shock_unit(here, code))]

    assert partners(small_scenario(), "EU27_2020") == ["CHN"]
    assert partners(small_scenario(), "ROW") == []
    assert partners(wide, "NLD") == ["WORLD"]
    assert partners(wide, "ROW") == ["EU27_2020"]


def test_changes_and_trade_of_a_group_leave_out_trade_inside_it() -> None:
    here = small_calibration()
    result = run_scenario(here, small_scenario(), here.economies)
    world = shock_unit(here, "WORLD")
    (row,) = unit_changes(result, [world]).rows(named=True)
    assert row["members"] == 3
    assert row["imports_change"] is None
    pair = shock_unit(here, "PAIR", {"PAIR": ["NLD", "CHN"]})
    trade = one(partner_trade(result, pair, [world]), partner="WORLD")
    alone = [
        one(partner_trade(result, shock_unit(here, code), [shock_unit(here, "ROW")]), partner="ROW")
        for code in ("NLD", "CHN")
    ]
    for name in ("imports_before_musd", "exports_after_musd"):
        assert trade[name] == pytest.approx(sum(each[name] for each in alone))
    with pytest.raises(UnknownCodeError, match="no economy KEN"):
        shock_unit(here, "KEN")


def test_a_group_without_one_value_has_none() -> None:
    base = rebase(small_calibration())
    table = pl.DataFrame(
        {"variant": [0, 0, 0], "economy": ["NLD", "CHN", "ROW"], "real_income_change": [0.1, None, 0.3]}
    )
    world = shock_unit(base.calibration, "WORLD")
    found = grouped_changes(table, ["variant"], base, [world, shock_unit(base.calibration, "NLD")])
    assert found["real_income_change"].to_list() == [None, 0.1]
