"""``geomonitor data``: what it prints, its exit statuses, and no traceback on a user's error."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from geomonitor.cli import app, main
from geomonitor.cli.options import parse_years
from geomonitor.cli.output import emit
from geomonitor.data import CHECKS, Store
from geomonitor.errors import GeomonitorError

SAMPLE = "baci-hs92-raw-materials"
HEAD = "t,i,j,k,v,q\n"
CALL = "from geomonitor.cli import main; main()"


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    return Store()


@pytest.fixture
def flows(tmp_path) -> Path:
    file = tmp_path / "flows.csv"
    file.write_text(HEAD + "2021,528,276,010121,10.5,       2.5\n2021,156,528,810600,99.125,NA\n")
    return file


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.stdout


def add(flows: Path, *more: object) -> str:
    return run("data", "add", flows, "--format", "baci", "--name", "mine", "--revision", "HS17", *more)


def failing(capsys, *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code, capsys.readouterr().err


class TestCommands:
    def test_add_list_show_path_remove(self, store, flows):
        assert "Added mine: 2 rows, 2 products, 3 economies, 2021-2021, HS17." in add(flows)
        assert "nothing to do" in add(flows)
        listed = json.loads(run("data", "list", "--format", "json"))
        assert [row["name"] for row in listed] == [SAMPLE, "mine"]
        assert listed[1]["hs_revision"] == "HS17"
        shown = run("data", "show", "mine", "--format", "csv")
        assert "Etalab Open License 2.0" in shown
        assert store.dataset("mine").content_sha256 in shown
        assert run("data", "path", "mine").strip() == str(store.root / "mine")
        assert run("data", "remove", "mine", "--yes") == "Removed mine.\n"
        assert len(json.loads(run("data", "list", "--format", "json"))) == 1

    def test_remove_asks_first(self, store, flows):
        add(flows)
        result = CliRunner().invoke(app, ["data", "remove", "mine"], input="n\n")
        assert result.exit_code == 1
        assert store.dataset("mine").metadata["rows"] == 2

    def test_repairs_are_told(self, store, flows):
        flows.write_bytes(b"\xef\xbb\xbf" + flows.read_bytes())
        assert "note: A byte-order mark" in add(flows)

    def test_years_replace_and_gap(self, store, flows):
        flows.write_text(HEAD + "".join(f"{year},528,276,010121,1,1\n" for year in (2018, 2020, 2021)))
        add(flows, "--allow-missing-years")
        add(flows, "--years", "2020-2021", "--replace")
        assert store.dataset("mine").years == (2020, 2021)

    def test_check_prints_every_check(self, store):
        printed = run("data", "check", SAMPLE)
        assert all(name in printed for name in CHECKS)
        rows = json.loads(
            run("data", "check", SAMPLE, "--only", "missing_quantities", "--worst", 2, "--format", "json")
        )
        assert [(row["check"], row["count"]) for row in rows] == [("missing_quantities", 61_682)]
        assert len(json.loads(rows[0]["worst"])) == 2

    def test_check_exits_with_1_on_an_error(self, store, flows):
        add(flows)
        (store.root / "mine" / "flows" / "2021.parquet").write_bytes(
            (store.dataset(SAMPLE).flow_files()[0]).read_bytes()
        )
        printed = run("data", "check", "mine", "--only", "changed_files", "--worst", 1, status=1)
        assert "flows/2021.parquet" in printed

    def test_check_exits_with_0_on_information(self, store, flows):
        add(flows)
        assert "missing_quantities" in run("data", "check", "mine", "--only", "missing_quantities")

    @pytest.mark.parametrize(
        "command", ["list", "show", "add", "check", "path", "remove", "fetch", "sources"]
    )
    def test_every_command_has_help_with_an_example(self, command):
        assert "Example: " in " ".join(run("data", command, "--help").split())

    def test_help_names_the_topics(self):
        assert "data" in run("--help")
        assert run("--version").startswith("geomonitor ")


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "status", "words"),
        [
            (("data", "show", "nope"), 3, "no dataset named 'nope'"),
            (("data", "check", SAMPLE, "--only", "nope"), 3, "no check named 'nope'"),
            (("data", "remove", SAMPLE, "--yes"), 4, "ships with Geomonitor"),
            (("data", "add", "absent.zip", "--format", "baci", "--name", "x"), 4, "no such file"),
            (("data", "add", ".", "--format", "excel", "--name", "x"), 3, "'excel' is not known"),
            (("data", "add", ".", "--format", "baci"), 2, "--name"),
            (("data", "list", "--format", "xml"), 2, "xml"),
            (("data", "add", ".", "--format", "baci", "--name", "x", "--years", "21"), 2, "'21'"),
        ],
    )
    def test_status_and_message(self, store, capsys, arguments, status, words):
        found, message = failing(capsys, *arguments)
        assert found == status
        assert words in message
        assert "Traceback" not in message

    def test_process_tells_file_and_row_without_traceback(self, tmp_path, flows):
        flows.write_text(HEAD + "2021,528,276,010121,10.5,2.5\n2021,156,528,810600,-1,NA\n")
        command = ["data", "add", str(flows), "--format", "baci", "--name", "mine", "--revision", "HS17"]
        done = subprocess.run(
            [sys.executable, "-c", CALL, *command],
            capture_output=True,
            text=True,
            check=False,
            env={"GEOMONITOR_DATA": str(tmp_path / "store"), "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 4
        assert done.stdout == ""
        assert done.stderr.startswith("Error: The value (thousand US dollars) is -1.0.")
        assert "flows.csv, row 3, column value_kusd" in done.stderr
        assert "Traceback" not in done.stderr


def test_help_does_not_import_the_heavy_packages():
    code = (
        "import sys, geomonitor.cli\n"
        "print([name for name in ('polars', 'numpy', 'pyarrow', 'scipy', 'plotly') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestEmit:
    FRAME = pl.DataFrame(
        {
            "product": ["810600", "[b]x"],
            "year": [2021, 2022],
            "rows": [12345, None],
            "share": [0.25, float("inf")],
        }
    )

    def test_json_has_one_object_a_row_and_is_strict(self, capsys):
        emit(self.FRAME, "json")
        rows = json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(text))
        assert rows == [
            {"product": "810600", "year": 2021, "rows": 12345, "share": 0.25},
            {"product": "[b]x", "year": 2022, "rows": None, "share": "Infinity"},
        ]

    def test_table_is_for_people(self, capsys):
        emit(self.FRAME, "table", title="A title")
        printed = capsys.readouterr().out
        for text in ("A title", "2021", "12,345", "0.2500", "[b]x", "inf", "-"):
            assert text in printed

    def test_files_round_trip_and_nothing_else_is_left(self, tmp_path):
        emit(self.FRAME, "csv", out=tmp_path / "x.csv")
        emit(self.FRAME, "parquet", out=tmp_path / "x.parquet")
        read = pl.read_csv(tmp_path / "x.csv", schema_overrides={"product": pl.String})
        assert read.equals(self.FRAME)
        assert pl.read_parquet(tmp_path / "x.parquet").equals(self.FRAME)
        assert sorted(file.name for file in tmp_path.iterdir()) == ["x.csv", "x.parquet"]

    def test_parquet_to_a_pipe(self, capsysbinary):
        emit(self.FRAME, "parquet")
        assert pl.read_parquet(io.BytesIO(capsysbinary.readouterr().out)).equals(self.FRAME)

    def test_refusals(self, tmp_path):
        with pytest.raises(GeomonitorError, match="not known"):
            emit(self.FRAME, "xml")
        with pytest.raises(GeomonitorError, match="cannot be written"):
            emit(self.FRAME, "csv", out=tmp_path / "absent" / "x.csv")


@pytest.mark.parametrize("text", ["", "21", "2023-2021", "2021-", "2021;2022", "1000-9999"])
def test_years_that_are_none(text):
    with pytest.raises(typer.BadParameter):
        parse_years(text)


def test_years():
    assert parse_years(None) is None
    assert parse_years("2022, 2019-2020,2020") == (2019, 2020, 2022)
