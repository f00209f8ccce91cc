"""`geomonitor run`, `compare` and `profile`, end to end."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from geomonitor.cli import main
from geomonitor.findings import Edition
from geomonitor.monitor import load_profile

Run = Callable[..., tuple[int, str, str]]

SMALL = """
name = "small"
years = [2021, 2022, 2023]
methods = ["commission-2021", "cbs-2021"]
languages = ["en"]

[title]
en = "A small edition"

[[importers]]
code = "EU27_2020"
"""
# without the parts that take long, for what does not hang on them
QUICK = SMALL.replace("\n\n", "\ntable = false\nmaterials = false\nshocks = false\n\n", 1)
# with all parts, and few draws of the one that takes longest
WHOLE = f"{SMALL}\n[shocks]\ndraws = 2\n"


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process: exit status, standard output, standard error."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(QUICK, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two editions of the small profile: as it is, and with another threshold."""
    root = tmp_path_factory.mktemp("editions")
    texts = {"plain": WHOLE, "strict": f"{WHOLE}\n[thresholds.commission-2021]\nimport_concentration = 0.6\n"}
    for name, text in texts.items():
        (root / f"{name}.toml").write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            main(["run", "--profile", str(root / f"{name}.toml"), "--out", str(root / name)])
        assert not ended.value.code
    plain, strict = (next((root / name).glob("small-*")) for name in texts)
    return plain, strict


def test_run_leaves_an_edition_with_everything_in_it(editions: tuple[Path, Path]) -> None:
    edition = Edition.open(editions[0])
    assert edition.record["title"]["en"] == "A small edition"
    files = {each.name for each in editions[0].iterdir()}
    assert files == {"edition.json", "findings.parquet", "tables", "brief.en.html", "workbook.en.xlsx"}
    assert [each.name for each in editions[0].parent.iterdir() if not each.name.startswith(".")] == [
        edition.id
    ]
    html = (editions[0] / "brief.en.html").read_text("utf-8")
    assert "A small edition" in html
    assert edition.record["dataset"]["content_sha256"][:12] in html
    # a workbook is a zip archive
    assert (editions[0] / "workbook.en.xlsx").read_bytes()[:2] == b"PK"


def test_run_prints_the_dependent_products_and_where_the_edition_is(
    run: Run, profile: Path, tmp_path: Path
) -> None:
    status, out, _ = run("run", "--profile", profile, "--out", tmp_path / "out")
    assert status == 0
    path = next((tmp_path / "out").glob("small-*"))
    assert f"Edition: {path}" in out
    assert "A small edition, 2021-2023, commission-2021" in out
    for product in ("810600", "261000", "720293"):
        assert product in out


def test_a_rerun_on_the_same_inputs_writes_nothing(run: Run, profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("run", "--profile", profile, "--out", out)
    path = next(out.glob("small-*"))
    before = {each: each.stat().st_mtime_ns for each in path.rglob("*")}
    status, text, _ = run("run", "--profile", profile, "--out", out, "--engine", "duckdb", "--language", "nl")
    assert status == 0
    assert "was there already" in text
    assert "leverancier" in text
    assert {each: each.stat().st_mtime_ns for each in path.rglob("*")} == before
    status, text, _ = run("run", "--profile", profile, "--out", out, "--again")
    assert status == 0
    assert "was there already" not in text
    assert json.loads((path / "edition.json").read_text("utf-8"))["id"] == path.name


def test_compare_names_the_threshold(run: Run, editions: tuple[Path, Path]) -> None:
    status, out, error = run("compare", *editions, "--format", "json")
    assert (status, error) == (0, "")
    rows = json.loads(out)
    went = [row for row in rows if row["change"] == "went"]
    assert {row["product"] for row in went} >= {"261000", "261210", "810600"}
    assert {row["reason"] for row in went} == {"threshold"}
    assert {row["detail"] for row in went} == {"import_concentration > 0.4 became 0.6"}
    assert {row["method"] for row in went} == {"commission-2021"}


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_compare_can_be_read_back(editions: tuple[Path, Path], tmp_path: Path, form: str, run: Run) -> None:
    file = tmp_path / f"changes.{form}"
    status, out, _ = run("compare", *editions, "--summary", "--format", form, "--out", file)
    assert (status, out) == (0, "")
    content = io.BytesIO(file.read_bytes())
    read = {"csv": pl.read_csv, "json": pl.read_json, "parquet": pl.read_parquet}[form]
    assert read(content)["change"].to_list() == ["moved", "went"]


def test_compare_says_what_went_in_differently(run: Run, editions: tuple[Path, Path]) -> None:
    _, out, _ = run("compare", *editions)
    assert "What went in differently" in out
    assert "method commission-2021" in out
    same = run("compare", editions[0], editions[0], "--format", "json")[1]
    assert json.loads(same) == []


def test_profile_prints_what_can_be_run(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("profile")
    assert status == 0
    (tmp_path / "mine.toml").write_text(out, encoding="utf-8")
    assert load_profile(tmp_path / "mine.toml") == load_profile()


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (SMALL.replace("years", "yaers"), 6, "Did you mean years?"),
        (SMALL.replace("EU27_2020", "EU27_2021"), 6, "EU27_2021"),
        (SMALL.replace("2023", "2033"), 3, "2033"),
        (SMALL.replace("languages", "dataset = 'absent'\nlanguages"), 3, "absent"),
        ("name =", 6, "not valid TOML"),
        ("", 6, "lacks name"),
    ],
)
def test_a_wrong_profile_leaves_nothing(run: Run, tmp_path: Path, text: str, status: int, said: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text, encoding="utf-8")
    found, out, error = run("run", "--profile", file, "--out", tmp_path / "out")
    assert found == status
    assert said in error
    assert "Traceback" not in error
    assert out == ""
    assert not list(tmp_path.glob("out/[!.]*"))


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("run", "--profile", "absent.toml"), 6, "no such profile"),
        (("run", "--engine", "excel"), 3, "excel"),
        (("run", "--language", "de"), 2, "de"),
        (("compare", "absent", "also-absent"), 4, "no edition here"),
        (("compare", "absent"), 2, "AFTER"),
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
    assert said.lower() in error.lower()
    assert "Traceback" not in error
    assert out == ""
    assert list(tmp_path.glob("**/edition.json")) == []


def test_a_changed_edition_is_not_compared(run: Run, editions: tuple[Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(editions[0], copy)
    table = pl.read_parquet(copy / "tables" / "products.parquet")
    table.with_columns(dependent=pl.lit(False)).write_parquet(copy / "tables" / "products.parquet")
    status, _, error = run("compare", copy, editions[1])
    assert status == 4
    assert "not the one that was written" in error


def test_a_place_that_is_a_file_is_a_clear_error(run: Run, profile: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    status, _, error = run("run", "--profile", profile, "--out", tmp_path / "out")
    assert status not in (0, 2)
    assert str(tmp_path / "out") in error
    assert "Traceback" not in error
    assert (tmp_path / "out").read_text() == "in the way"


def test_an_interrupted_run_leaves_no_edition(profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = (
        "import os, signal, geomonitor.report as report\n"
        "def stop(*arguments, **named): os.kill(os.getpid(), signal.SIGINT)\n"
        "report.write_brief = stop\n"
        "from geomonitor.cli import main\n"
        f"main(['run', '--profile', {str(profile)!r}, '--out', {str(out)!r}])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert [each.name for each in out.iterdir() if not each.name.startswith(".lock-")] == []
