"""`geomonitor dependencies`, `explain`, `relations` and `methods`."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geomonitor.cli import main
from geomonitor.data import embedded_dataset
from geomonitor.dependency import method, method_ids, screen_flows
from geomonitor.trade import importer

FIELDS = (
    "product",
    "import_concentration",
    "extra_import_share",
    "imports_to_exports",
    "dependent",
    "main_supplier",
    "main_supplier_share",
)


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Run the command in this process: exit status, standard output, standard error."""

    def call(*arguments: str | Path) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err.decode()

    return call


def objects(out: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(out)
    return found


# acceptance


def test_acceptance_two_as_it_is_written() -> None:
    line = "dependencies --importer EU27_2020 --method commission-2021 --years 2021-2023 --format json"
    geomonitor = Path(sys.executable).with_name("geomonitor")
    done = subprocess.run([geomonitor, *line.split(" ")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert len(rows) == 71
    for row in rows:
        assert set(FIELDS) <= set(row)
        assert isinstance(row["dependent"], bool)
        assert isinstance(row["product"], str)
        assert len(row["product"]) == 6
    assert sum(row["dependent"] for row in rows) == 9


def test_only_dependent_keeps_the_dependent_ones(run) -> None:
    command = ["dependencies", "--importer", "EU27_2020", "--years", "2021-2023", "--format", "json"]
    _, everything, _ = run(*command)
    status, out, _ = run(*command, "--only", "dependent")
    assert status == 0
    assert objects(out) == [row for row in objects(everything) if row["dependent"]]


@pytest.mark.parametrize("name", method_ids())
@pytest.mark.parametrize("code", ["NLD", "CHN", "EU27_2020"])
def test_any_importer_and_any_method(run, code: str, name: str) -> None:
    status, out, error = run(
        "dependencies", "--importer", code, "--method", name, "--years", "2021-2023", "--format", "json"
    )
    assert (status, error) == (0, "")
    rows = objects(out)
    assert len(rows) > 60
    assert all(set(FIELDS) <= set(row) for row in rows)
    (found,) = screen_flows(
        embedded_dataset().scan(), [importer(code)], method(name), [2021, 2022, 2023],
        whole_dollars=True, verified=True,
    )  # fmt: skip
    assert [row["dependent"] for row in rows] == found.table["dependent"].to_list()
    assert {row["method"] for row in rows} == {name}
    assert {row["dataset_sha256"] for row in rows} == {embedded_dataset().content_sha256}


def test_open_verdicts_are_null_and_can_be_asked_for(run) -> None:
    command = [
        "dependencies",
        "--importer",
        "NLD",
        "--method",
        "cbs-2021",
        "--years",
        "2021-2023",
        "--format",
        "json",
    ]
    _, out, _ = run(*command, "--only", "open")
    rows = objects(out)
    assert rows
    assert {row["dependent"] for row in rows} == {None}


# formats


@pytest.mark.parametrize("to_file", [False, True], ids=["stdout", "file"])
@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_every_format_can_be_read_back(run, tmp_path: Path, form: str, to_file: bool) -> None:
    command = ["dependencies", "--importer", "NLD", "--years", "2021", "--format", form]
    file = tmp_path / f"out.{form}"
    status, out, error = run(*command, *(["--out", file] if to_file else []))
    assert (status, error) == (0, "")
    content = file.read_bytes() if to_file else out
    if form == "json":
        found = pl.DataFrame(
            [{name: row[name] for name in ("product", "import_concentration")} for row in objects(content)]
        )
    elif form == "csv":
        found = pl.read_csv(io.BytesIO(content), schema_overrides={"product": pl.String})
    else:
        found = pl.read_parquet(io.BytesIO(content))
    (expected,) = screen_flows(
        embedded_dataset().scan(), [importer("NLD")], method("commission-2021"), [2021],
        whole_dollars=True, verified=True,
    )  # fmt: skip
    for name in ("product", "import_concentration"):
        assert found[name].to_list() == expected.table[name].to_list()


def test_an_infinite_ratio_is_text_in_json(run) -> None:
    _, out, _ = run("dependencies", "--importer", "MLT", "--years", "2021", "--format", "json")
    ratios = [row["imports_to_exports"] for row in objects(out)]
    assert "Infinity" in ratios
    assert not any(isinstance(each, float) and not math.isfinite(each) for each in ratios)


def test_the_table_for_people_names_importer_method_and_years(run) -> None:
    status, out, _ = run(
        "dependencies", "--importer", "NLD", "--home-group", "EU27_2020", "--years", "2019,2021-2022"
    )
    assert status == 0
    title = out.decode().splitlines()[0]
    assert title == "NLD (home EU27_2020), commission-2021 1.0, 2019,2021-2022"
    assert "Bismuth" in out.decode()


def test_years_are_the_last_three_by_default(run) -> None:
    _, out, _ = run("dependencies", "--importer", "NLD", "--format", "json")
    assert objects(out)[0]["period"] == "2022-2024"


# options


def test_a_changed_threshold_marks_the_result(run) -> None:
    status, out, error = run(
        "dependencies", "--importer", "EU27_2020", "--years", "2021-2023", "--threshold",
        "import_concentration=0.6", "--format", "json",
    )  # fmt: skip
    assert status == 0
    assert error == "Modified: import_concentration > 0.6 (published: 0.4)\n"
    rows = objects(out)
    assert {row["method_version"] for row in rows} == {"1.0+modified"}
    assert 0 < sum(row["dependent"] for row in rows) < 9


def test_options_reach_the_screening(run, tmp_path: Path) -> None:
    shares = tmp_path / "shares.csv"
    shares.write_bytes(b"\xef\xbb\xbfproduct,share\r\n270900,0.25\r\n")
    status, out, _ = run(
        "dependencies", "--importer", "EU27_2020", "--years", "2021-2023", "--format", "json",
        "--merge", "HKG=CHN,MAC=CHN", "--include-intra-group", "--minimum-value", "1000000",
        "--re-export-shares", shares, "--partner-group", "OECD", "--robustness",
    )  # fmt: skip
    assert status == 0
    rows = {row["product"]: row for row in objects(out)}
    assert rows["270900"]["re_export_share"] == 0.25
    assert rows["810600"]["re_export_share"] is None
    assert rows["810600"]["above_minimum_value"] is False
    assert rows["252890"]["main_supplier_in_partner_group"] is True
    assert all(0 <= row["stability"] <= 1 for row in rows.values())


@pytest.mark.parametrize("engine", ["duckdb", "pandas", "pyarrow"])
def test_engines_print_the_same(run, engine: str) -> None:
    command = ["dependencies", "--importer", "EU27_2020", "--years", "2021-2023", "--format", "csv"]
    assert run(*command, "--engine", engine)[1] == run(*command)[1]


# bad input

NLD = ("dependencies", "--importer", "NLD")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("dependencies",), 2, "--importer"),
        ((*NLD, "--format", "xml"), 2, "xml"),
        ((*NLD, "--only", "strategic"), 2, "strategic"),
        ((*NLD, "--years", "21"), 2, "21"),
        ((*NLD, "--years", "2023-2021"), 2, "2023-2021"),
        ((*NLD, "--years", ""), 2, "year"),
        ((*NLD, "--years", "1000-9999"), 2, "1000-9999"),
        ((*NLD, "--threshold", "import_concentration"), 2, "NAME=VALUE"),
        ((*NLD, "--threshold", "import_concentration=x"), 2, "not a number"),
        ((*NLD, "--merge", "HKG"), 2, "NAME=VALUE"),
        ((*NLD, "--minimum-value", "-1"), 2, "--minimum-value"),
        ((*NLD, "--minimum-value", "many"), 2, "--minimum-value"),
        ((*NLD, "--minimum-value", "inf"), 4, "cannot be a minimum value"),
        ((*NLD, "--threshold", "import_concentration=-1"), 4, "cannot be a threshold"),
        ((*NLD, "--threshold", "import_concentration=nan"), 4, "cannot be a threshold"),
        ((*NLD, "--threshold", "concentration=0.5"), 3, "concentration"),
        (("dependencies", "--importer", "NDL"), 3, "NDL"),
        (("dependencies", "--importer", ""), 3, "''"),
        ((*NLD, "--home-group", "EU_28"), 3, "EU_28"),
        ((*NLD, "--method", "commission-2020"), 3, "commission-2021"),
        ((*NLD, "--dataset", "absent"), 3, "absent"),
        ((*NLD, "--years", "1990"), 3, "1990"),
        ((*NLD, "--engine", "excel"), 3, "excel"),
        ((*NLD, "--partner-group", "OECDD"), 3, "OECDD"),
        ((*NLD, "--merge", "XYZ=CHN"), 3, "XYZ"),
        ((*NLD, "--merge", "HKG=XYZ"), 3, "XYZ"),
        ((*NLD, "--merge", "NLD=BEL"), 3, "folded into BEL"),
        ((*NLD, "--re-export-shares", "absent.csv"), 4, "absent.csv"),
        ((*NLD, "--out", "absent/folder/out.csv", "--format", "csv"), 1, "absent/folder"),
        (("explain", "810600"), 2, "--importer"),
        (("explain", "bismuth", "--importer", "NLD"), 3, "bismuth"),
        (("explain", "999999", "--importer", "NLD"), None, "999999"),
        (("relations", "mutual", "--importer", "NLD"), 2, "--counterpart"),
        (("relations", "mutual", "--importer", "NLD", "--counterpart", "CHI"), 3, "CHI"),
        (("relations", "sideways", "--importer", "NLD"), 2, "sideways"),
        (("methods", "show", "commission-2020"), 3, "commission-2021"),
        (("absent",), 2, "absent"),
    ],
)
def test_bad_input_is_told_without_a_traceback(
    run, arguments: tuple[str, ...], status: int | None, said: str
) -> None:
    found, out, error = run(*arguments)
    assert found == status if status is not None else found not in (0, 1, 2)
    assert said in " ".join(error.replace("│", " ").split())
    assert "Traceback" not in error
    assert out == b""


@pytest.mark.parametrize(
    ("content", "where", "said"),
    [
        (b"", "row 1", "lacks the column"),
        (b"product,shares\n810600,0.5\n", "row 1", "lacks the column share"),
        (b"product,share\n810600,half\n", "row 2, column share", "'half' is not a share"),
        (b"product,share\n810600,0.5\n270900,67\n", "row 3, column share", "'67' is not a share"),
        (b"product,share\n810600,nan\n", "row 2, column share", "'nan' is not a share"),
        (b"product,share\n810600\n", "row 2, column share", "is not a share"),
        (b"product,share\nbismuth,0.5\n", "row 2, column product", "bismuth"),
        (b"product,share\n810600,0.5\n810600,0.6\n", "row 3", "there twice"),
        (b"product,share\n\xff\xfe,0.5\n", "shares.csv", "cannot be read"),
    ],
)
def test_a_wrong_file_of_re_export_shares_names_the_row(
    run, tmp_path: Path, content: bytes, where: str, said: str
) -> None:
    file = tmp_path / "shares.csv"
    file.write_bytes(content)
    status, out, error = run(*NLD, "--re-export-shares", file)
    assert (status, out) == (4, b"")
    assert said in error
    assert where in error


def test_nothing_is_written_where_the_call_fails(run, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    run(*NLD, "--years", "1990", "--format", "csv", "--out", file)
    assert list(tmp_path.iterdir()) == []


# explain, relations, methods


@pytest.mark.parametrize("language", ["en", "nl"])
def test_explain_shows_numbers_and_source(run, language: str) -> None:
    status, out, error = run(
        "explain", "810600", "--importer", "EU27_2020", "--years", "2021-2023", "--language", language
    )
    assert (status, error) == (0, "")
    text = out.decode()
    assert "0.5094" in text or "0,5094" in text or "0.509" in text or "0,509" in text
    assert ("Source: " if language == "en" else "Bron: ") in text
    assert "CEPII" in text


@pytest.mark.parametrize("name", method_ids())
def test_explain_works_for_every_method_and_as_data(run, name: str) -> None:
    status, out, _ = run("explain", "810600", "--importer", "NLD", "--method", name, "--format", "json")
    assert status == 0
    assert len(objects(out)) >= 3


@pytest.mark.parametrize("relation", ["reverse", "mutual", "common", "churn", "history", "robustness"])
@pytest.mark.parametrize("form", ["table", "json"])
def test_every_relation(run, relation: str, form: str) -> None:
    status, out, error = run(
        "relations", relation, "--importer", "EU27_2020", "--counterpart", "TUR", "--format", form,
        *(() if relation in ("churn", "history") else ("--years", "2021-2023")),
    )  # fmt: skip
    assert (status, error) == (0, "")
    assert objects(out) if form == "json" else out


def test_methods_are_listed_and_shown(run) -> None:
    _, out, _ = run("methods", "list", "--format", "json")
    assert [row["method"] for row in objects(out) if row["of"] == "products"] == list(method_ids())
    for name in method_ids():
        status, out, _ = run("methods", "show", name, "--format", "json")
        assert status == 0
        said = [row["text"] for row in objects(out) if row["what"] == "test"]
        assert len(said) == len(method(name).conditions)


# help and start-up

COMMANDS = (
    ("run",),
    ("serve",),
    ("worker",),
    ("backup",),
    ("restore",),
    ("dependencies",),
    ("explain",),
    ("relations",),
    ("exposure",),
    ("stacking",),
    ("chains", "list"),
    ("chains", "position"),
    ("chains", "paths"),
    ("chains", "extraction"),
    ("chains", "pass-through"),
    ("chains", "two-way"),
    ("chains", "letter"),
    ("chains", "measures"),
    ("tables", "list"),
    ("tables", "add"),
    ("tables", "check"),
    ("material-page",),
    ("materials",),
    ("material-tables", "list"),
    ("material-tables", "add"),
    ("material-tables", "check"),
    ("material-tables", "show"),
    ("material-tables", "remove"),
    ("shock", "list"),
    ("shock", "show"),
    ("shock", "run"),
    ("shock", "compare"),
    ("shock", "curve"),
    ("shock", "draws"),
    ("shock", "prices"),
    ("shock", "product"),
    ("shock", "short-run"),
    ("shock", "shortage"),
    ("shock", "critical-inputs"),
    ("shock", "methods"),
    ("shock", "elasticities"),
    ("register", "export"),
    ("register", "import"),
    ("compare",),
    ("profile",),
    ("methods", "list"),
    ("methods", "show"),
    ("data", "list"),
    ("data", "show"),
    ("data", "fetch"),
    ("data", "add"),
    ("data", "check"),
    ("data", "path"),
    ("data", "remove"),
    ("data", "sources"),
    ("dossier", "read"),
    ("dossier", "search"),
    ("dossier", "show"),
    ("dossier", "index"),
    ("dossier", "motions"),
    ("dossier", "commitments"),
    ("dossier", "derive"),
    ("dossier", "sync"),
    ("dossier", "load"),
    ("dossier", "incomplete"),
    ("dossier", "digest"),
    ("dossier", "withdraw-example"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_every_command_has_an_example(run, command: tuple[str, ...]) -> None:
    status, out, _ = run(*command, "--help")
    assert status == 0
    example = " ".join(out.decode().split()).partition("Example: ")[2]
    assert f"geomonitor {' '.join(command)}" in example


def test_every_command_is_in_the_list_above() -> None:
    from typer.main import get_command

    from geomonitor.cli import app

    found = set()
    for name, each in get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(each, "commands", None)
        found |= {(name, other) for other in below} if below else {(name,)}
    assert found == set(COMMANDS)


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("-h",)])
def test_version_and_help(run, arguments: tuple[str, ...]) -> None:
    status, out, _ = run(*arguments)
    assert status == 0
    assert b"geomonitor" in out


def loaded_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = {
        "polars",
        "numpy",
        "scipy",
        "pandas",
        "plotly",
        "duckdb",
        "pyspark",
        "pyarrow",
        "narwhals",
        "requests",
        "pooch",
    }
    assert not loaded_after("import geomonitor") & heavy
    assert not loaded_after("import geomonitor.cli") & heavy
