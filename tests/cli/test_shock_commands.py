"""`geomonitor shock`: scenarios, runs, curves, draws, prices, products, shortages, and what is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from geomonitor.cli import main
from geomonitor.data.input_output import InputOutputTable, save_input_output
from geomonitor.data.input_output.store import input_output_folder
from geomonitor.shocks import rebase, run_scenario, scenario, scenarios
from geomonitor.shocks.calibrate import embedded_calibration
from geomonitor.shocks.elasticities import elasticity_sets
from geomonitor.shocks.methods import shock_methods

Run = Callable[..., tuple[int, bytes, str]]

ECONOMIES = ("NLD", "DEU", "CHN", "USA")
SECTORS = ("A01", "C26", "C27", "C29", "G")
MINE = ("--calibration", "mine")

OWN = """
code = "own"
name = {{ en = "Own", nl = "Eigen" }}
source = "made up"
date = 2026-01-31
deficits = "zero"

[[change]]
kind = "tariff"
buyers = {buyers}
sellers = ["CHN"]
both_ways = true
sectors = ["goods"]
add = "{add}"
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a small table, so that most tests are quick."""
    root = tmp_path_factory.mktemp("store")
    size = len(ECONOMIES) * len(SECTORS)
    flows = np.random.default_rng(1).uniform(1.0, 6.0, (size, size))
    # an economy uses most of its own
    flows += np.kron(np.eye(len(ECONOMIES)), np.full((len(SECTORS), len(SECTORS)), 60.0))
    table = InputOutputTable(
        "mine", 2020, ECONOMIES, SECTORS, flows, 1_000 - flows.sum(axis=1, keepdims=True),
        (("*", "total"),), np.full(size, 1_000.0), metadata={"sector_scheme": "oecd-icio-2025"},
    )  # fmt: skip
    input_output_folder(root).mkdir(parents=True)
    save_input_output(table, input_output_folder(root) / "mine.npz")
    return root


@pytest.fixture(autouse=True)
def in_store(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(store))


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run the command in this process: exit status, standard output, standard error."""

    def call(*arguments: str | Path) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as ended:
            main(["shock", *(str(each) for each in arguments)])
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err.decode()

    return call


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Path]:
    def write(buyers: str = '["EU27_2020"]', add: str = "10 pp") -> Path:
        file = tmp_path / "own.toml"
        file.write_text(OWN.format(buyers=buyers, add=add))
        return file

    return write


def parsed(out: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(out, parse_constant=refuse)


# acceptance


def test_the_command_of_the_issue_works_as_written() -> None:
    line = "shock run eu-china-25pp --focus NLD --format json"
    geomonitor = Path(sys.executable).with_name("geomonitor")
    done = subprocess.run([geomonitor, *line.split(" ")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = parsed(done.stdout.encode())
    (focus,) = found["focus"]
    result = run_scenario(rebase(embedded_calibration(), "zero"), scenario("eu-china-25pp"), ["NLD"])
    expected = result.economies.row(by_predicate=pl.col("economy") == "NLD", named=True)
    for name in ("real_income_change", "direct_price_change", "total_price_change", "price_change"):
        assert focus[name] == pytest.approx(expected[name], abs=1e-9)
    assert focus["ratio_total_to_direct"] == pytest.approx(
        expected["total_price_change"] / expected["direct_price_change"]
    )
    assert len(focus["sectors"]) == 50
    first = focus["sectors"][0]
    # the product group that is hit most, with its effect by the share of the partner
    assert first["direct_price_change"] == pytest.approx(0.25 * first["partner_share"], rel=1e-6)
    assert first["total_price_change"] > first["direct_price_change"] > 0.02
    china, world = focus["trade"]
    assert (china["partner"], world["partner"], focus["partners"]) == ("CHN", "WORLD", ["CHN"])
    assert china["imports_after_musd"] < china["imports_before_musd"] < world["imports_before_musd"]
    assert china["exports_after_musd"] < china["exports_before_musd"]
    assert len(found["economies"]) == 80
    assert found["scenario"]["changes"][0]["size"] == "+25 percentage points"
    assert found["calibration"]["elasticities"]["set"] == "fontagne-guimbard-orefice-2022"
    assert (found["method"]["id"], found["method"]["version"]) == ("caliendo-parro-2015", "1.0")
    assert "Base tariffs are 0." in found["assumptions"]
    assert max(found["residuals"].values()) < 1e-7


# facts


def test_scenarios_are_listed_and_shown(run: Run) -> None:
    status, out, error = run("list", "--format", "json")
    assert (status, error) == (0, "")
    rows = parsed(out)
    assert [row["scenario"] for row in rows] == list(scenarios())
    assert "+25 percentage points" in next(
        row["changes"] for row in rows if row["scenario"] == "eu-china-25pp"
    )
    status, out, _ = run("show", "china-denies-electronics", "--format", "json")
    shown = {row["what"]: row["text"] for row in parsed(out)}
    assert "C26: no trade" in shown["change"]
    assert shown["name (nl)"].startswith("China ontzegt")
    assert run("list")[1].decode().count("\n") > len(scenarios())


def test_methods_and_elasticities_are_listed_with_their_source(run: Run) -> None:
    rows = parsed(run("methods", "--format", "json")[1])
    assert [row["method"] for row in rows] == list(shock_methods())
    assert all(row["citation"] and row["limits"] for row in rows)
    rows = parsed(run("elasticities", "--format", "json")[1])
    assert [row["set"] for row in rows] == list(elasticity_sets())
    rows = parsed(run("elasticities", "caliendo-parro-2015", "--format", "json")[1])
    assert {row["sector"]: row["elasticity"] for row in rows}["C10T12"] == 2.62
    assert "Fontagn" in run("elasticities")[1].decode()


# runs


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_every_table_can_be_read_back(run: Run, own: Callable[..., Path], tmp_path: Path, form: str) -> None:
    file = tmp_path / f"out.{form}"
    command = ("run", own(), "--calibration", "mine", "--focus", "NLD", "--show", "prices")
    assert run(*command, "--format", form, "--out", file) == (0, b"", "")
    content = file.read_bytes()
    if form == "json":
        frame = pl.DataFrame(parsed(content))
    else:
        frame = pl.read_csv(io.BytesIO(content)) if form == "csv" else pl.read_parquet(io.BytesIO(content))
    assert set(frame["sector"]) == set(SECTORS)
    assert set(frame["scenario"]) == {"own"}
    assert set(frame["method"]) == {"caliendo-parro-2015"}
    assert frame["spending_share"].sum() == pytest.approx(1.0)
    goods = frame.filter(pl.col("sector") != "G")
    assert goods["direct_price_change"].to_list() == pytest.approx((0.1 * goods["partner_share"]).to_list())


@pytest.mark.parametrize(
    ("show", "columns"),
    [
        ("economies", {"economy", "members", "real_income_change", "ratio_total_to_direct"}),
        ("sectors", {"sector_name_nl", "trade_elasticity", "output_change", "price_change"}),
        ("trade", {"partner", "in_scenario", "imports_before_musd", "exports_change"}),
        ("assumptions", {"number", "assumption"}),
    ],
)
def test_every_view_as_data_and_for_people(
    run: Run, own: Callable[..., Path], show: str, columns: set[str]
) -> None:
    command = ("run", own(), "--calibration", "mine", "--focus", "EU27_2020", "--show", show)
    status, out, error = run(*command, "--format", "json")
    assert (status, error) == (0, "")
    rows = parsed(out)
    assert columns <= set(rows[0])
    assert {row["calibration"] for row in rows} == {"mine"}
    if show == "economies":
        assert [row["economy"] for row in rows] == ["EU27_2020", *ECONOMIES]
        assert [row["members"] for row in rows] == [2, 1, 1, 1, 1]
    if show == "trade":
        assert {row["partner"]: row["in_scenario"] for row in rows} == {"CHN": True, "USA": False}
    status, out, error = run(*command)
    assert (status, error) == (0, "")
    text = out.decode()
    assert "caliendo-parro-2015" in text
    assert "Base tariffs are 0." in text


def test_trade_by_sector_adds_up(run: Run, own: Callable[..., Path]) -> None:
    command = ("run", own(), "--calibration", "mine", "--focus", "NLD", "--show", "trade", "--format", "json")
    whole = parsed(run(*command)[1])
    parts = pl.DataFrame(parsed(run(*command, "--by-sector")[1]))
    summed = parts.group_by("partner").agg(pl.col("imports_before_musd").sum())
    found = dict(summed.iter_rows())
    assert len(whole) == 3
    for row in whole:
        assert found[row["partner"]] == pytest.approx(row["imports_before_musd"])


def test_a_file_gets_its_assumptions_told_beside_it(
    run: Run, own: Callable[..., Path], tmp_path: Path
) -> None:
    file = tmp_path / "out.txt"
    status, out, error = run("run", own(), "--calibration", "mine", "--out", file)
    assert (status, out) == (0, b"")
    assert "Base tariffs are 0." in error
    text = file.read_text()
    assert "real_income_%" in text
    # those that the scenario names come first
    assert text.index("EU27_2020  ") < text.index("CHN  ") < text.index("USA  ")


def test_elasticities_of_a_file(run: Run, own: Callable[..., Path], tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("sector,elasticity\n" + "".join(f"{each},4.0\n" for each in SECTORS))
    command = ("run", own(), "--calibration", "mine", "--focus", "NLD", "--format", "json")
    status, out, error = run(*command, "--elasticities", file)
    assert (status, error) == (0, "")
    found = parsed(out)
    assert found["scenario"]["code"] == "own"
    assert {row["trade_elasticity"] for row in found["focus"][0]["sectors"]} == {4.0}
    assert "Trade elasticities are those of the file own.csv." in found["assumptions"]
    assert not any("Fontagn" in each for each in found["assumptions"])
    for text, said in (
        ("A01,4.0", "C26 has no elasticity, nor have 3 others"),
        ("A01,four", "row 2, column elasticity"),
        ("A01,4\nA01,4", "there twice"),
        ("".join(f"{each},{4 * (each != 'G')}\n" for each in SECTORS), "trade elasticity of G"),
        ("".join(f"{each},4\n" for each in (*SECTORS, "Z")), "no sector 'Z'"),
    ):
        file.write_text(f"sector,elasticity\n{text}\n")
        status, out, error = run(*command, "--elasticities", file)
        assert (status, out) == (4, b"")
        assert said in error


def test_links_and_deficits_are_switches(run: Run) -> None:
    command = ("compare", "eu-china-25pp", "--focus", "EU27_2020,CHN", "--format", "json")
    rows = parsed(run(*command, "--links", "full,none")[1])
    income = {(row["links"], row["economy"]): row["real_income_change"] for row in rows}
    assert 1.5 < income["full", "EU27_2020"] / income["none", "EU27_2020"] < 3
    alone = [row for row in rows if row["links"] == "none"]
    assert all(row["ratio_total_to_direct"] == pytest.approx(1.0) for row in alone)
    kept = parsed(run(*command, "--deficits", "kept")[1])
    assert {row["deficits"] for row in kept} == {"kept"}
    assert kept[0]["real_income_change"] != pytest.approx(income["full", "EU27_2020"], rel=1e-3)


def test_scenarios_side_by_side(run: Run) -> None:
    command = ("compare", "eu-china-25pp", "eu-china-50pp", "--calibration", "mine", "--focus", "NLD")
    first, second = parsed(run(*command, "--format", "json")[1])
    assert (first["scenario"], second["scenario"]) == ("eu-china-25pp", "eu-china-50pp")
    assert second["real_income_change"] < first["real_income_change"] < 0
    status, out, _ = run(*command)
    assert status == 0
    assert "eu-china-50pp" in out.decode()


def test_a_curve_says_whether_more_is_worse(run: Run) -> None:
    command = ("curve", "eu-china-25pp", "--points", "25,50 pp,100", "--focus", "CHN,EU27_2020,USA")
    status, out, error = run(*command, "--format", "json")
    assert (status, error) == (0, "")
    rows = parsed(out)
    falls = {row["economy"]: row["falls"] for row in rows}
    assert falls == {"CHN": True, "EU27_2020": True, "USA": False}
    assert {row["first_rise_points"] for row in rows if row["economy"] == "USA"} == {25.0}
    assert [row["points"] for row in rows if row["economy"] == "CHN"] == [25.0, 50.0, 100.0]
    text = run(*command)[1].decode()
    assert "100 pp" in text
    assert "larger_is_worse" in text


# many elasticities


def test_draws_are_seeded_and_summed_up(run: Run, own: Callable[..., Path], tmp_path: Path) -> None:
    command = (
        *("draws", own(), "--calibration", "mine", "--draws", "3", "--focus", "NLD,EU27_2020"),
        *("--format", "json"),
    )
    status, out, error = run(*command, "--folder", tmp_path / "parts")
    assert (status, error) == (0, "")
    rows = parsed(out)
    assert [row["economy"] for row in rows] == ["NLD", "EU27_2020"]
    assert all(row["q05"] <= row["q50"] <= row["q95"] < 0 for row in rows)
    assert rows[0]["variants_of"] == "3 draws, seed 1, lognormal, spread 0.25"
    assert list((tmp_path / "parts").glob("*.parquet"))
    # from the finished parts
    assert run(*command, "--folder", tmp_path / "parts")[1] == out
    variants = parsed(run(*command, "--folder", tmp_path / "parts", "--show", "variants")[1])
    assert len(variants) == 6
    status, _, error = run(*command, "--seed", "2", "--folder", tmp_path / "parts")
    assert (status, "another run" in error) == (4, True)


def test_a_grid_stands_for_horizons(run: Run) -> None:
    command = ("draws", "eu-china-decoupling", "--calibration", "mine", "--grid", "0.5,1", "--focus", "NLD")
    short, long = parsed(run(*command, "--format", "json")[1])
    assert (short["elasticity_factor"], long["elasticity_factor"]) == (0.5, 1.0)
    assert short["real_income_change"] < long["real_income_change"] < 0
    assert "times 0.5" in run(*command)[1].decode()
    shown = parsed(run(*command, "--show", "elasticities", "--format", "json")[1])
    assert len(shown) == 2 * len(SECTORS)


# prices and products


def test_prices_through_the_chains(run: Run, own: Callable[..., Path]) -> None:
    command = ("prices", own(), "--focus", "NLD", "--table", "mine")
    found = parsed(run(*command, "--format", "json")[1])
    assert found["total_price_change"] > found["direct_price_change"] > 0
    assert found["ratio_total_to_direct"] == pytest.approx(
        found["total_price_change"] / found["direct_price_change"]
    )
    assert {row["sector"] for row in found["groups"]} == set(SECTORS)
    assert all(row["total_price_change"] >= row["direct_price_change"] for row in found["groups"])
    assert found["provenance"]["method"] == "leontief-price"
    status, out, _ = run(*command, "--show", "producers", "--format", "csv")
    assert status == 0
    assert set(pl.read_csv(io.BytesIO(out))["economy"]) == {"NLD"}


def test_a_tariff_in_the_market_of_a_product(run: Run, tmp_path: Path) -> None:
    command = ("product", "280530", "--importer", "EU27_2020", "--from", "CHN", "--rise", "25 pp")
    found = parsed(run(*command, "--format", "json")[1])
    (product,) = found["products"]
    assert product["buyer_price_change"] > 0
    assert product["trade_diversion_kusd"] == pytest.approx(0, abs=1e-6)
    china = next(row for row in found["origins"] if row["exporter"] == "CHN")
    assert china["trade_diversion_kusd"] < 0 < china["revenue_change_kusd"]
    assert "default elasticities for 1 of 1 products" in " ".join(found["provenance"]["assumptions"])
    given = tmp_path / "elasticities.csv"
    given.write_text("product,substitution_elasticity\n280530,2.5\n")
    (changed,) = parsed(run(*command, "--elasticities", given, "--format", "json")[1])["products"]
    assert (changed["substitution_elasticity"], changed["elasticity_source"]) == (2.5, "table and default")
    published = tmp_path / "protee.csv"
    published.write_text("HS6,zero,positive,sigma\n280530,0,0,-7.5\n")
    _, out, error = run(*command, "--elasticities", published, "--format", "json")
    assert parsed(out)["products"][0]["substitution_elasticity"] == 7.5
    assert "by HS07, the trade by HS92" in error
    world = parsed(run(*command, "--model", "gsim", "--format", "json")[1])
    sellers = {row["economy"]: row["export_price_change"] for row in world["economies"]}
    assert sellers["CHN"] < 0
    rates = tmp_path / "tariffs.csv"
    rates.write_text("importer,exporter,product,tariff_before,tariff_after\nEU27_2020,CHN,*,0,0.25\n")
    same = ("product", "280530", "--importer", "EU27_2020", "--tariffs", rates, "--format", "json")
    assert parsed(run(*same)[1])["products"] == found["products"]
    assert "welfare_change_kusd" in run(*command)[1].decode()


# the short run


def test_the_short_run_in_closed_form(run: Run) -> None:
    command = ("short-run", "--input-share", "4%", "--loss", "0.1", "--elasticity", "0,0.04,1")
    rows = parsed(run(*command, "--format", "json")[1])
    assert [round(row["output_change"], 6) for row in rows] == [-0.1, -0.015686, -0.004206]
    assert [row["second_order_reliable"] for row in rows] == [None, False, True]
    assert "use it as a bound" in run(*command)[1].decode()
    rows = parsed(run("short-run", "--denied-share", "60%", "--elasticity", "0.5,5", "--format", "json")[1])
    assert [round(row["price_change"], 4) for row in rows] == [5.25, 0.2011]
    (row,) = parsed(
        run(
            *("short-run", "--home-share", "0.8", "--home-share-after", "0.82", "--elasticity", "5"),
            *("--format", "json"),
        )[1]
    )
    assert round(row["real_income_change"], 6) == -0.004926


def test_a_shortage_with_what_is_known(run: Run) -> None:
    command = ("shortage", "tungsten", "--importer", "EU27_2020", "--from", "CHN", "--months", "6")
    known = (
        *("--stock-months", "1", "--import-share", "90%", "--substitutable-share", "0"),
        *("--months-to-substitute", "0", "--divertible-share", "0", "--months-to-redirect", "0"),
    )
    found = parsed(run(*command, *known, "--format", "json")[1])
    denied = found["denied_share"]["value"]
    expected = (6 * 0.9 * denied - 1) / 6
    assert found["shortage"]["value"] == pytest.approx(expected)
    assert len(found["months"]) == 6
    assert found["months_of_cover"]["value"] == pytest.approx(1 / (0.9 * denied))
    unknown = parsed(run(*command, "--stock-months", "1..3", "--format", "json")[1])
    assert unknown["shortage"]["value"] is None
    assert unknown["shortage"]["low"] <= unknown["shortage"]["high"]
    products = parsed(run("shortage", "--products", "260300", "--from", "CHL", *known, "--format", "json")[1])
    assert {row["supplier"] for row in products["suppliers"]} > {"CHL", "PER"}
    assert "prices do not ration use" in run(*command)[1].decode()


def test_critical_inputs_bind(run: Run) -> None:
    command = (
        *("critical-inputs", "--to", "EU27_2020", "--from", "CHN", "--sectors", "C26"),
        *("--table", "mine", "--no-cache"),
    )
    none, some = (
        {row["economy"]: row for row in parsed(run(*command, *more, "--format", "json")[1])}
        for more in (("--critical", "none"), ("--critical", "C29=C26,C27"))
    )
    assert 0 < none["DEU"]["output_loss_share"] < some["DEU"]["output_loss_share"] < 1
    status, out, _ = run(*command, "--critical", "C29=C26", "--show", "sectors")
    assert status == 0
    assert "Motor vehicles" in out.decode()


# bad input


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("show", "eu-china-25"), 3, "Did you mean eu-china-25pp"),
        (("run", "eu-china-25"), 3, "no scenario 'eu-china-25'"),
        (("run", "absent.toml"), 4, "cannot be read"),
        (("run", "eu-china-25pp", "--focus", "XYZ"), 3, "XYZ"),
        (("run", "eu-china-25pp", "--focus", "KEN"), 3, "no economy KEN"),
        (("run", "eu-china-25pp", "--focus", ","), 2, "names nothing"),
        (("run", "eu-china-25pp", "--elasticities", "caliendo-parro-2014"), 3, "caliendo-parro-2015"),
        (("run", "eu-china-25pp", "--elasticities", "absent.csv"), 4, "absent.csv"),
        (("run", "eu-china-25pp", "--calibration", "yours"), 3, "no calibration 'yours'"),
        (("run", "eu-china-25pp", "--calibration", "fgh-2014:absent.npz"), 4, "absent.npz"),
        (("run", "eu-china-25pp", "--calibration", "excel:absent"), 3, "excel:absent"),
        (("run", "eu-china-25pp", "--calibration", "oecd-icio:absent.csv"), 4, "absent.csv"),
        (("run", "eu-china-25pp", "--year", "2015"), 3, "2015"),
        (("run", "eu-china-25pp", "--links", "some"), 2, "some"),
        (("run", "eu-china-25pp", "--deficits", "half"), 2, "half"),
        (("run", "eu-china-25pp", "--show", "everything"), 2, "everything"),
        (("run", "eu-china-25pp", "--by-sector"), 2, "--show trade"),
        (("run", "north-america-free-trade"), 4, "touches nothing"),
        (
            ("run", "eu-china-25pp", *MINE, "--format", "csv", "--out", "absent/folder/x.csv"),
            1,
            "absent/folder",
        ),
        (
            ("run", "eu-china-25pp", *MINE, "--format", "json", "--out", "absent/folder/x"),
            1,
            "absent/folder",
        ),
        (("compare", "eu-china-25pp", "--links", "full,some"), 2, "some"),
        (("compare", "eu-china-25pp", "nothing"), 3, "nothing"),
        (("curve", "eu-china-25pp", "--points", "25%"), 2, "percentage points are meant"),
        (("curve", "eu-china-25pp", "--points", "ten"), 4, "no rate"),
        (("curve", "china-denies-electronics"), 4, "denial"),
        (("draws", "eu-china-25pp", "--draws", "0"), 2, "draws"),
        (("draws", "eu-china-25pp", "--grid", "0"), 4, "not above 0"),
        (("draws", "eu-china-25pp", "--grid", "x"), 2, "not a number"),
        (("draws", "eu-china-25pp", "--spread", "0"), 4, "spread"),
        (("prices", "china-denies-electronics", "--focus", "NLD"), 4, "denies trade"),
        (("prices", "eu-china-25pp", "--focus", "KEN", "--table", "mine"), 3, "KEN"),
        (
            ("prices", "eu-china-25pp", "--focus", "NLD", "--table", "mine", "--pass-through", "25"),
            4,
            "cannot",
        ),
        (("prices", "eu-china-25pp", "--focus", "NLD", "--table", "yours"), 3, "yours"),
        (("product", "280530", "--importer", "NLD"), 2, "--from and --rise"),
        (("product", "280530", "--importer", "NLD", "--from", "CHN", "--rise", "25 %"), 2, "25 pp"),
        (("product", "280530", "--importer", "NLD", "--from", "CHN", "--rise", "25"), 4, "no unit"),
        (("product", "28", "--importer", "NLD", "--from", "CHN", "--rise", "25 pp"), 3, "28"),
        (("product", "280530", "--importer", "NLD", "--from", "XYZ", "--rise", "25 pp"), 3, "XYZ"),
        (("product", "280530", "--importer", "NLD", "--base", "3 pp"), 2, "a change"),
        (("product", "280530", "--importer", "NLD", "--tariffs", "absent.csv"), 4, "absent.csv"),
        (("short-run", "--elasticity", "1"), 2, "is needed"),
        (("short-run", "--input-share", "4", "--loss", "0.1", "--elasticity", "1"), 4, "Divide by 100"),
        (("short-run", "--input-share", "0.04", "--loss", "10", "--elasticity", "1"), 2, "not a part"),
        (("short-run", "--input-share", "0.04", "--elasticity", "1"), 2, "go together"),
        (("short-run", "--denied-share", "1", "--elasticity", "5"), 4, "All suppliers"),
        (("short-run", "--denied-share", "0.5", "--elasticity", "-5"), 4, "minus sign"),
        (("shortage", "--from", "CHN"), 2, "raw material"),
        (("shortage", "tungsten"), 2, "--from"),
        (("shortage", "tungsten", "--from", "DEU"), 4, "at home"),
        (("shortage", "tungsten", "--from", "CHN", "--import-share", "90"), 4, "import_share"),
        (("shortage", "unobtanium", "--from", "CHN"), 3, "unobtanium"),
        (("critical-inputs", "--to", "NLD", "--from", "NLD", "--table", "mine"), 4, "NLD"),
        (("critical-inputs", "--to", "NLD", "--from", "CHN", "--critical", "C29"), 2, "NAME=VALUE"),
        (("elasticities", "caliendo"), 3, "no set"),
        (("elasticities", "caliendo-parro-2015", "--classification", "nace"), 3, "nace"),
    ],
)
def test_bad_input_is_told_without_a_traceback(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    found, out, error = run(*arguments)
    assert found == status
    assert said in " ".join(error.replace("│", " ").split())
    assert "Traceback" not in error
    assert out == b""
    assert not list(tmp_path.glob("**/x*"))


@pytest.mark.parametrize(
    ("buyers", "add", "status", "said"),
    [
        ('["EU27_2020", "CHN"]', "10 pp", 4, "CHN is on both sides"),
        ('["EU27_2020", "NLD"]', "10 pp", 4, "NLD is in two coalitions"),
        ('["XYZ"]', "10 pp", 3, "XYZ"),
        ('["EU27_2020"]', "10", 4, "no unit"),
        # a quarter of a tariff of zero is nothing, where 25 pp is a lot
        ('["EU27_2020"]', "25 %", 4, "touches nothing"),
    ],
)
def test_a_scenario_that_cannot_be_is_told(
    run: Run, own: Callable[..., Path], buyers: str, add: str, status: int, said: str
) -> None:
    found, out, error = run("run", own(buyers, add))
    assert (found, out) == (status, b"")
    assert said in error


def test_an_unknown_sector_is_told(run: Run, own: Callable[..., Path]) -> None:
    file = own()
    file.write_text(file.read_text().replace('"goods"', '"C99"'))
    status, _, error = run("run", file)
    assert (status, "no sector 'C99'" in error) == (3, True)
