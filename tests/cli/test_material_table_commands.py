"""``geomonitor material-tables``: data come in, are listed, checked, shown and removed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from geomonitor.cli import main

SHARES = (
    "Material,Stage,Country,Share,t\n"
    "Tungsten,E,Austria,34%,0.8\nTungsten,E,Portugal,43%,0.8\n"
    'Cobalt,P,"Congo, D.R.",100%,1\n'
)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(("material-tables", *arguments))
    said = capsys.readouterr()
    return int(stop.value.code or 0), said.out, said.err


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    path = tmp_path / "shares.csv"
    path.write_text(SHARES)
    return path


def add(capsys: pytest.CaptureFixture[str], file: Path, *more: str) -> tuple[int, str, str]:
    return run(capsys, "add", str(file), "--format", "eu-crm-sourcing", "--name", "made", *more)


def test_data_are_added_listed_checked_shown_and_removed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "list", "--format", "json")[:2] == (0, "[]\n")
    status, out, err = add(capsys, file)
    assert (status, out) == (0, "made: 3 rows on 2 materials; see geomonitor material-tables check made\n")
    assert "Warning: 1 share_sum" in err

    _, out, _ = run(capsys, "list", "--format", "json")
    (row,) = json.loads(out)
    assert (row["name"], row["materials"], row["years"], row["warnings"]) == ("made", 2, "2020", 1)

    status, out, _ = run(capsys, "check", "made", "--format", "json")
    assert (status, [each["check"] for each in json.loads(out)]) == (0, ["share_sum", "not_in_file"])
    _, out, _ = run(capsys, "check", "made", "--only", "share_sum", "--rows", "--format", "json")
    (row,) = json.loads(out)
    assert (row["check"], row["material"], row["value"]) == ("share_sum", "tungsten", "0.77")
    assert len(json.loads(run(capsys, "check", "made", "--all", "--format", "json")[1])) > 20
    assert run(capsys, "check", "made", "--only", "duplicate", "--rows", "--format", "json")[1] == "[]\n"

    _, out, _ = run(
        capsys, "show", "made", "--material", "Wolfram", "--stage", "extraction", "--format", "json"
    )
    assert [(each["economy"], each["quantity"]) for each in json.loads(out)] == [("AUT", 0.34), ("PRT", 0.43)]
    _, out, _ = run(capsys, "show", "made", "--sums", "--format", "csv")
    assert "eu-crm-studies,tungsten,extraction,sourcing,EU27_2020,2016-2020,2,0.77,0.77,false" in out
    _, out, _ = run(capsys, "show", "made")
    assert "restriction" in out
    assert "value_added_meur" not in out

    assert run(capsys, "remove", "made", "--yes")[:2] == (0, "Removed made.\n")
    assert run(capsys, "list", "--format", "json")[1] == "[]\n"


def test_errors_keep_data_out_until_they_are_accepted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(SHARES + "Tin,P,Atlantis,100%,1\n")
    status, out, err = add(capsys, file)
    assert (status, out) == (4, "")
    assert "shares.csv, row 5" in err
    assert "Traceback" not in err
    status, _, err = add(capsys, file, "--accept", "unknown_economy")
    assert status == 0
    assert "Error: 1 unknown_economy" in err
    assert run(capsys, "check", "made")[0] == 0
    assert json.loads(run(capsys, "list", "--format", "json")[1])[0]["errors_accepted"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("add", "nowhere.csv", "--format", "eu-crm-use", "--name", "x"), 4, "nowhere.csv"),
        (("add", "nowhere.csv", "--format", "excel", "--name", "x"), 3, "eu-crm-world-supply"),
        (("check", "nothing"), 3, "nothing"),
        (("show", "nothing"), 3, "nothing"),
        (("remove", "nothing"), 3, "nothing"),
        (("check", "made", "--only", "nonsense"), 3, "share_sum"),
        (("show", "made", "--material", "unobtainium"), 3, "unobtainium"),
        (("show", "made", "--stage", "recycling"), 3, "extraction, processing"),
    ],
)
def test_wrong_use_says_what_to_do(
    file: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, said: str
) -> None:
    add(capsys, file)
    found, out, err = run(capsys, *arguments)
    assert (found, out) == (status, "")
    assert said in err
    assert "Traceback" not in err


def test_nothing_is_removed_without_a_yes(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(capsys, file)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    status, _, _ = run(capsys, "remove", "made")
    assert status != 0
    assert json.loads(run(capsys, "list", "--format", "json")[1])[0]["name"] == "made"
