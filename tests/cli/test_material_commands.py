"""`geomonitor materials`: assessment, views, explanation, and what is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geomonitor.cli import main
from geomonitor.data import embedded_dataset
from geomonitor.data.raw_materials import add_material_data
from geomonitor.findings import Edition, write_edition
from geomonitor.materials import material_methods
from geomonitor.monitor.material_tables import published_table

SHARES = """Material,Stage,Country,Share,t
Tungsten,E,China,80%,1.2
Tungsten,E,Vietnam,12%,1.0
Tungsten,E,Russia,8%,1.0
Tungsten,P,China,90%,1.0
Tungsten,P,Austria,10%,0.8
"""
PRODUCTION = """mineral,Country,Country_Code,Country_ISO,unit,data_source,year,production
Lithium (Li2O),Chile,152,CHL,metr. t,r,2022,600.0
Lithium (Li2O),Australia,36,AUS,metr. t,r,2022,400.0
Boron Minerals,Turkey,792,TUR,metr. t,r,2022,900.0
Boron Minerals,United States,840,USA,metr. t,r,2022,100.0
"""
INPUTS = """
[[input]]
material = "tungsten"
measure = "import_reliance"
value = 0.8
author = "panel"
date = 2026-01-31
source = "survey"
"""
DIMENSIONS = (
    "VoiceandAccountability",
    "PoliticalStabilityNoViolence",
    "GovernmentEffectiveness",
    "RegulatoryQuality",
    "RuleofLaw",
    "ControlofCorruption",
)


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Run the command in this process: exit status, standard output, standard error."""

    def call(*arguments: str | Path) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as ended:
            main(["materials", *(str(each) for each in arguments)])
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err.decode()

    return call


@pytest.fixture
def shares(tmp_path: Path) -> str:
    file = tmp_path / "shares.csv"
    file.write_text(SHARES)
    return f"eu-crm-world-supply:{file}"


@pytest.fixture
def production(tmp_path: Path) -> str:
    file = tmp_path / "production.csv"
    file.write_text(PRODUCTION)
    return f"world-mining-data:{file}"


def objects(out: bytes) -> list[dict[str, Any]]:
    def refuse(name: str) -> Any:
        raise AssertionError(f"{name} is no JSON")

    found: list[dict[str, Any]] = json.loads(out, parse_constant=refuse)
    return found


# acceptance


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("materials --format json", '"material": "tungsten"'),
        ("materials tungsten --explain", "Tungsten (W)"),
    ],
)
def test_the_commands_of_the_issue_work_as_written(line: str, said: str) -> None:
    geomonitor = Path(sys.executable).with_name("geomonitor")
    done = subprocess.run([geomonitor, *line.split(" ")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout
    if "json" in line:
        rows = objects(done.stdout.encode())
        assert len(rows) > 40
        for row in rows:
            assert isinstance(row["material"], str)
            assert row["critical"] in (True, False, None)
            assert row["basis"] == "trade"
            assert row["method"] == "eu-crm-2017"
            assert row["dataset_sha256"] == embedded_dataset().content_sha256


def test_all_materials_or_the_stages_of_one(run) -> None:
    _, out, error = run("--format", "json")
    assert error == ""
    overall = {row["material"]: row for row in objects(out)}
    _, out, _ = run("wolfraam", "--format", "json")
    stages = {row["stage"]: row for row in objects(out)}
    assert set(stages) == {"extraction", "processing"}
    assert {row["name_nl"] for row in stages.values()} == {"Wolfraam"}
    bottleneck = stages[overall["tungsten"]["stage"]]
    assert overall["tungsten"]["supply_risk"] == bottleneck["supply_risk"]
    _, out, _ = run("--stage", "processing", "--format", "json")
    assert {row["stage"] for row in objects(out)} == {"processing"}
    assert {row["material"] for row in objects(out)} >= {"tungsten", "niobium"}


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_every_format_can_be_read_back(run, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"out.{form}"
    assert run("niobium", "--format", form, "--out", file) == (0, b"", "")
    content = file.read_bytes()
    if form == "json":
        value = objects(content)[0]["supply_risk"]
    else:
        frame = pl.read_csv(io.BytesIO(content)) if form == "csv" else pl.read_parquet(io.BytesIO(content))
        value = frame["supply_risk"][0]
    assert value == pytest.approx(3.7, abs=1.5)


@pytest.mark.parametrize(
    ("option", "columns"),
    [
        ("--factors", {"factor", "value", "contribution", "source", "method"}),
        ("--suppliers", {"scope", "supplier", "share", "governance", "period"}),
        ("--history", {"scope", "year", "concentration", "main_supplier"}),
        ("--published", {"year", "supply_risk", "critical", "listed", "name_nl"}),
        ("--compare-stages", {"measure", "source", "years", "difference", "more_concentrated"}),
    ],
)
def test_every_view_as_data(run, option: str, columns: set[str]) -> None:
    status, out, error = run("tungsten", option, "--format", "json")
    assert (status, error) == (0, "")
    rows = objects(out)
    assert columns <= set(rows[0])
    assert {row["material"] for row in rows} == {"tungsten"}


@pytest.mark.parametrize("arguments", [(), ("tungsten",), ("tungsten", "--factors")])
def test_tables_for_people(run, arguments: tuple[str, ...]) -> None:
    status, out, error = run(*arguments)
    assert status == 0
    # verdicts on a stand-in are called that, away from the data
    assert ("stand in" in error) == ("supply_risk" in out.decode())
    lines = out.decode().splitlines()
    assert lines[0] == "EU27_2020, eu-crm-2017 1.0, trade 2022-2024"
    assert any(line.split()[:1] == ["tungsten"] for line in lines)


def test_the_counts_for_and_against_stand_above_the_comparison(run) -> None:
    _, out, _ = run("--compare-stages", "--format", "json")
    rows = [row for row in objects(out) if row["source"] == "eu-crm-studies"]
    counts = [
        sum(row["more_concentrated"] == stage for row in rows)
        for stage in ("processing", "extraction", "equal")
    ]
    _, out, _ = run("--compare-stages")
    title = out.decode().splitlines()[0]
    assert "eu-crm-studies 2016-2020: {} processing, {} extraction, {} equal".format(*counts) in title
    assert counts[0] > counts[1] > 0


def test_history_has_all_years_whatever_the_period(run) -> None:
    _, out, _ = run("tungsten", "--history", "--years", "2023", "--format", "json")
    assert {row["year"] for row in objects(out)} == set(embedded_dataset().years)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_explain_shows_numbers_and_source(run, tmp_path: Path, language: str) -> None:
    status, out, error = run("boron", "--explain", "--language", language)
    assert (status, error) == (0, "")
    text = out.decode()
    for said in ("Turkey (TUR)", "Source: ") if language == "en" else ("Turkije (TUR)", "Bron: "):
        assert said in text
    assert "CEPII" in text
    if language == "nl":
        file = tmp_path / "boron.txt"
        assert run("boron", "--explain", "--language", language, "--out", file) == (0, b"", "")
        assert file.read_text(encoding="utf-8") == text
        return
    _, out, _ = run("boron", "--explain", "--language", language, "--format", "json")
    steps = objects(out)
    assert [row["step"] for row in steps] == list(range(1, len(steps) + 1))
    assert all(row["title"] in text for row in steps)


# options


def test_a_changed_threshold_marks_the_result(run) -> None:
    status, out, error = run("boron", "--threshold", "supply_risk=9", "--explain", "--format", "json")
    assert status == 0
    assert error == "Modified: supply_risk: 9 (published: 1)\n"
    verdict = next(row for row in objects(out) if row["key"] == "verdict")
    assert verdict["verdict"] is False
    _, out, _ = run("--threshold", "supply_risk=9", "--format", "json")
    assert {row["method_version"] for row in objects(out)} == {"1.0+modified"}
    assert not any(row["critical"] for row in objects(out))


def test_inputs_of_people_come_first(run, tmp_path: Path) -> None:
    file = tmp_path / "inputs.toml"
    file.write_text(INPUTS)
    _, out, _ = run("tungsten", "--inputs", file, "--format", "json")
    assert {row["import_reliance"] for row in objects(out)} == {0.8}
    _, out, _ = run("tungsten", "--inputs", file, "--factors", "--format", "json")
    assert "panel, 2026-01-31: survey" in {row["source"] for row in objects(out)}


def test_another_importer_with_its_home(run) -> None:
    command = ("niobium", "--importer", "NLD", "--format", "json")
    alone = objects(run(*command)[1])[0]
    (home,) = objects(run(*command, "--home-group", "EU27_2020", "--merge", "HKG=CHN,MAC=CHN")[1])
    assert (alone["label"], home["label"]) == ("NLD", "NLD (home EU27_2020)")
    assert alone["import_value_kusd"] > home["import_value_kusd"]


def test_tables_of_production_decide_the_basis(run, shares: str) -> None:
    status, out, error = run("--tables", shares, "--format", "json")
    assert (status, error) == (0, "")
    (row,) = objects(out)
    assert (row["material"], row["basis"], row["dataset"]) == ("tungsten", "production", "shares.csv")
    assert row["period"] == "2016-2020"
    assert "dataset_sha256" not in row
    _, out, _ = run("tungsten", "--tables", shares, "--basis", "trade", "--format", "json")
    assert {row["basis"] for row in objects(out)} == {"trade"}
    _, out, _ = run("--tables", shares, "--compare-stages", "--format", "json")
    assert {row["source"] for row in objects(out)} == {"eu-crm-studies", "shares.csv"}
    _, out, _ = run("tungsten", "--tables", shares, "--explain")
    assert "production, 2016-2020" in out.decode()


def test_data_of_the_store_are_found_by_name(
    run, shares: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    status, _, error = run("--tables", "mine")
    assert (status, "no raw-material data named 'mine'" in error) == (3, True)
    add_material_data(tmp_path / "shares.csv", "eu-crm-world-supply", name="mine")
    _, out, _ = run("tungsten", "--tables", "mine", "--format", "json")
    assert {row["dataset"] for row in objects(out)} == {"mine"}


def test_shares_that_do_not_add_up_are_told_and_give_no_value(run, tmp_path: Path) -> None:
    file = tmp_path / "shares.csv"
    file.write_text(SHARES.replace("80%", "30%"))
    status, out, error = run("tungsten", "--tables", f"eu-crm-world-supply:{file}", "--format", "json")
    assert status == 0
    assert error.startswith("Warning: 1 share_sum in")
    row = next(row for row in objects(out) if row["stage"] == "extraction")
    assert row["supply_risk"] is None
    assert row["reason"] == "world supply: shares add up to less than the whole"


def test_governance_is_the_mean_of_six(run, tmp_path: Path, shares: str) -> None:
    file = tmp_path / "wgi.csv"
    rows = [
        f"{code},{year},{value + place},{name}"
        for code, value in (("CHN", -1.0), ("VNM", -2.0), ("RUS", -2.5), ("AUT", -0.5))
        for year in (2018, 2020)
        for place, name in enumerate(DIMENSIONS[:3])
    ]
    file.write_text("\n".join(["Code,Year,Estimate,Indicator", *rows]) + "\n")
    command = ("tungsten", "--tables", shares, "--governance", file)
    _, out, _ = run(*command, "--suppliers", "--format", "json")
    weights = {row["supplier"]: row["governance"] for row in objects(out)}
    # the mean of value, value + 1 and value + 2
    assert weights == {"CHN": 5.0, "VNM": 7.0, "RUS": 8.0, "AUT": 4.0}
    _, out, _ = run(*command, "--explain")
    assert "governance: mean of 3 indicators in wgi.csv, 2016-2020" in out.decode()


def test_geopolrisk_scores_where_there_is_production(run, production: str) -> None:
    command = ("--method", "geopolrisk-2024", "--tables", production)
    status, out, error = run(*command, "--format", "json")
    assert (status, error) == (0, "")
    rows = {row["material"]: row for row in objects(out)}
    assert rows["boron"]["production_concentration"] == pytest.approx(0.9**2 + 0.1**2)
    row = rows["boron"]
    assert row["score"] == pytest.approx(row["production_concentration"] * row["import_risk"])
    assert (row["year"], row["stage"], row["production"]) == (2022, "extraction", "production.csv")
    status, out, _ = run("boron", *command)
    assert status == 0
    assert "geopolrisk-2024 1.0, 2022" in out.decode().splitlines()[0]


def test_another_engine_prints_the_same(run) -> None:
    command = ("--years", "2022-2024", "--format", "csv")
    assert run(*command, "--engine", "duckdb")[1] == run(*command)[1]


def test_published_needs_no_data(run) -> None:
    _, out, _ = run("gallium", "--published", "--format", "json", "--dataset", "baci-hs92-raw-materials")
    mine = published_table().filter(material="gallium")
    assert [row["supply_risk"] for row in objects(out)] == mine["supply_risk"].to_list()


# bad input


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("unobtanium",), 3, "Perhaps"),
        (("tungsen",), 3, "tungsten"),
        (("helium",), 3, "no data on helium for EU27_2020"),
        (("boron", "--stage", "processing"), 3, "no data on boron at processing"),
        (("boron", "--stage", "processing", "--explain"), 3, "one of extraction"),
        (("boron", "--stage", "smelting"), 2, "smelting"),
        (("--explain",), 2, "needs a material"),
        (("tungsten", "--history", "--suppliers"), 2, "exclude each other"),
        (("--basis", "production"), 2, "needs --tables"),
        (("--basis", "guess"), 2, "guess"),
        (("--tables", "nothing-here"), 3, "nothing-here"),
        (("--tables", "eu-crm-world-supply:absent.csv"), 4, "absent.csv"),
        (("--inputs", "absent.toml"), 4, "absent.toml"),
        (("--tables", "eu-crm-use:absent.csv"), 4, "absent.csv"),
        (("--method", "eu-crm-2018"), 3, "eu-crm-2017"),
        (("--method", "geopolrisk-2024"), 2, "needs --tables"),
        (("--method", "geopolrisk-2024", "--history"), 2, "--history is not of"),
        (("--threshold", "supply_risk"), 2, "NAME=VALUE"),
        (("--threshold", "supply_risk=x"), 2, "not a number"),
        (("--threshold", "risk=1"), 3, "supply_risk"),
        (("--threshold", "supply_risk=nan"), 4, "cannot be supply_risk"),
        (("--importer", "NDL"), 3, "NDL"),
        (("--home-group", "EU_28"), 3, "EU_28"),
        (("--years", "21"), 2, "21"),
        (("--years", "1990"), 3, "1990"),
        (("--dataset", "absent"), 3, "absent"),
        (("--engine", "excel"), 3, "excel"),
        (("--merge", "HKG"), 2, "NAME=VALUE"),
        (("--merge", "HKG=XYZ"), 3, "XYZ"),
        (("--format", "xml"), 2, "xml"),
        (("--language", "de"), 2, "de"),
        (("--out", "absent/folder/out.csv", "--format", "csv"), 1, "absent/folder"),
        (("boron", "--explain", "--out", "absent/folder/out.txt"), 1, "absent/folder"),
    ],
)
def test_bad_input_is_told_without_a_traceback(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], status: int, said: str
) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path))
    found, out, error = run(*arguments)
    assert found == status
    assert said in " ".join(error.replace("│", " ").split())
    assert "Traceback" not in error
    assert out == b""


def test_geopolrisk_says_what_it_lacks(run, production: str, shares: str) -> None:
    command = ("--method", "geopolrisk-2024", "--tables")
    for arguments, status, said in (
        ((shares,), 2, "quantities of production"),
        ((production, "--years", "2021"), 3, "no year with both"),
    ):
        found, out, error = run(*command, *arguments)
        assert (found, out) == (status, b"")
        assert said in " ".join(error.replace("│", " ").split())
    found, _, error = run("tungsten", *command, production)
    assert (found, "no production of tungsten" in error) == (3, True)


# methods


def test_methods_of_raw_materials_are_listed_and_shown(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    def of_methods(*arguments: str) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as ended:
            main(["methods", *arguments])
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err.decode()

    listed = [row for row in objects(of_methods("list", "--format", "json")[1]) if row["of"] != "products"]
    assert [row["method"] for row in listed] == list(material_methods())
    for name, specification in material_methods().items():
        status, out, _ = of_methods("show", name, "--format", "json")
        assert status == 0
        rows = objects(out)
        assert sum(row["what"] == "test" for row in rows) == len(specification.thresholds)
        assert sum(row["what"] == "known difference" for row in rows) == len(specification.known_differences)
    status, _, error = of_methods("show", "eu-crm-2018")
    assert (status, "Did you mean eu-crm-2017" in error) == (3, True)


def test_studied_materials_without_supply_are_not_left_out(run) -> None:
    status, out, _ = run("--format", "json")
    assert status == 0
    (row,) = [each for each in objects(out) if each["material"] == "gallium"]
    assert (row["supply_risk"], row["critical"]) == (None, None)
    assert row["reason"] == "no supply of it is known here"
    assert row["published_critical"] is True


def test_a_page_of_one_material(real_edition: Edition, tmp_path: Path) -> None:
    folder = write_edition(real_edition, tmp_path).path
    assert folder is not None
    page = tmp_path / "wolfraam.html"
    command = Path(sys.executable).with_name("geomonitor")
    done = subprocess.run(
        [command, "material-page", folder, "wolfraam", "--language", "nl", "--out", page],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert "Wolfraam" in text
    assert 'lang="nl"' in text
    missing = subprocess.run(
        [command, "material-page", folder, "unobtainium"], capture_output=True, text=True, check=False
    )
    assert missing.returncode != 0
    assert "unobtainium" in missing.stderr
    assert "Traceback" not in missing.stderr
