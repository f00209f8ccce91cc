"""``geomonitor tables``: a table comes in, is listed, checked, and used by another command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geomonitor.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    said = capsys.readouterr()
    return int(stop.value.code or 0), said.out, said.err


@pytest.fixture
def made_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    flows = np.array([[20.0, 30.0], [10.0, 20.0]])
    demand = np.array([[50.0], [70.0]])
    file = tmp_path / "made.npz"
    np.savez(
        file,
        Z=flows,
        F=demand,
        output=flows.sum(axis=1) + demand[:, 0],
        countries=np.array(["NLD", "CHN"]),
        industries=np.array(["A"]),
    )
    return file


def test_a_table_is_added_listed_checked_and_used(
    made_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(
        capsys, "tables", "add", str(made_file), "--format", "labelled", "--name", "made", "--year", "2020"
    )
    assert status == 0
    assert "2 economies by 1 sectors, 2020" in out

    _, out, _ = run(capsys, "tables", "list", "--format", "json")
    assert [row["name"] for row in json.loads(out)] == ["oecd-icio-2022", "made"]

    status, out, _ = run(capsys, "tables", "check", "made", "--format", "json")
    counts = {row["check"]: row["count"] for row in json.loads(out)}
    assert status == 0
    assert counts["rows"] == counts["columns"] == 0

    _, out, _ = run(
        capsys, "exposure", "--to", "NLD", "--from", "CHN", "--table", "made", "--total", "--format", "json"
    )
    assert json.loads(out)["value_added_share"] == pytest.approx(0.5 * 0.1 / 0.61)


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (("tables", "add", "nowhere.csv", "--format", "figaro", "--name", "x"), 4, "no such file"),
        (("tables", "check", "nothing"), 3, "oecd-icio-2022"),
    ],
)
def test_wrong_use_says_what_to_do(
    made_file: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, text: str
) -> None:
    found, _, err = run(capsys, *arguments)
    assert found == status
    assert text in err
    assert "Traceback" not in err


def test_an_unknown_format_names_the_known_ones(made_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "tables", "add", str(made_file), "--format", "excel", "--name", "x")
    assert status == 3
    assert "oecd-icio" in err
