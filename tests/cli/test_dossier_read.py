"""`geomonitor dossier read`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geomonitor.cli import main

LETTER = """Datum 13 januari 2023

Conform de motie-Kuzu (35 207, nr. 46) is deze lijn uitgedragen.¹
Het ministerie van Defensie zal uw Kamer voor de zomer informeren.

¹ Hiermee voldoet het kabinet aan de toezegging (TZ202211-190).

Hiermee worden de volgende moties afgedaan:

- Motie Kuzu (35207-46)
- Motie Van Baarle c.s. (21501-20, nr. 1847)
"""
PUBLICATION = """<?xml version="1.0" encoding="UTF-8"?>
<officiele-publicatie><metadata><meta name="DC.identifier" content="kst-35207-60"/></metadata>
<kamerstuk><kamerstukkop><tekstregel inhoud="vergaderjaar">Vergaderjaar 2021-2022</tekstregel></kamerstukkop>
<dossier><dossiernummer><dossiernr>35 207</dossiernr></dossiernummer><titel>China</titel></dossier>
<stuk><stuknr>Nr. <ondernummer kamer="2">60</ondernummer></stuknr><titel>BRIEF</titel>
<datumtekst>11 mei 2022</datumtekst>
<vrije-tekst><tekst><al>Conform de motie-Kuzu (35 207, nr. 46) is dit gedaan.</al></tekst></vrije-tekst>
</stuk></kamerstuk></officiele-publicatie>"""


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Run the command in this process: exit status, standard output, standard error."""

    def call(*arguments: str | Path) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as ended:
            main(["dossier", "read", *map(str, arguments)])
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err.decode()

    return call


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "brief.txt"
    path.write_text(LETTER, encoding="utf-8")
    return path


def test_json_gives_everything_with_normal_form_position_confidence_and_rule(run: Any, letter: Path) -> None:
    status, out, error = run(letter, "--format", "json")
    assert (status, error) == (0, "")
    found = json.loads(out)
    assert list(found) == [
        "file",
        "paper",
        "date",
        "characters",
        "references",
        "motions",
        "commitments",
        "dates",
        "bodies",
        "footnotes",
        "settled",
    ]
    assert (found["file"], found["date"], found["characters"]) == ("brief.txt", "2023-01-13", len(LETTER))
    assert [each["target"] for each in found["references"]] == [
        "kst-35207-46",
        "TZ202211-190",
        "kst-35207-46",
        "kst-21501-20-1847",
    ]
    for each in (*found["references"], *found["motions"]):
        assert LETTER[each["start"] : each["end"]] == each["quoted"]
        assert LETTER[: each["start"]].count("\n") + 1 == each["line"]
        assert 0 < each["confidence"] <= 1
        assert each["rule"]
    assert [(each["movers"], each["target"], each["in_list"]) for each in found["motions"]] == [
        (["Kuzu"], "kst-35207-46", False),
        (["Kuzu"], "kst-35207-46", True),
        (["Van Baarle"], "kst-21501-20-1847", True),
    ]
    (promise,) = found["commitments"]
    assert (promise["kind"], promise["due_until"]) == ("commitment", "2023-07-06")
    assert found["settled"]["listed"] == ["kst-35207-46", "kst-21501-20-1847"]
    assert found["settled"]["only_listed"] == ["kst-21501-20-1847"]


PARTS = {
    "references": 4,
    "motions": 3,
    "commitments": 1,
    "dates": 1,
    "bodies": 1,
    "footnotes": 1,
    "settled": 2,
}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_as_rows(run: Any, letter: Path, part: str) -> None:
    status, out, error = run(letter, "--what", part, "--format", "csv")
    assert (status, error) == (0, "")
    frame = pl.read_csv(out)
    assert frame.height == PARTS[part]
    assert "start" in frame.columns or part == "settled"


def test_rows_as_json_and_parquet_and_a_table_in_a_file(run: Any, letter: Path, tmp_path: Path) -> None:
    status, out, error = run(letter, "--what", "motions", "--format", "json")
    assert (status, error) == (0, "")
    rows = json.loads(out)
    status, out, error = run(letter, "--what", "motions", "--format", "parquet")
    assert (status, error) == (0, "")
    assert pl.read_parquet(io.BytesIO(out))["target"].to_list() == [row["target"] for row in rows]
    status, out, error = run(letter, "--what", "motions", "--out", tmp_path / "table.txt")
    assert (status, out, error) == (0, b"", "")
    assert (tmp_path / "table.txt").read_text("utf-8").startswith("brief.txt: ")


def test_the_table_shows_what_an_analyst_asks_first(run: Any, letter: Path) -> None:
    status, out, error = run(letter)
    assert (status, error) == (0, "")
    shown = out.decode()
    assert shown.splitlines()[0] == f"brief.txt: no identifier found, 2023-01-13, {len(LETTER)} characters"
    for words in (
        "Motions (3)",
        "Commitments (1)",
        "References (4)",
        "list and running text differ in 1",
        "kst-21501-20-1847",
        "2023-07-06",
        "carries_out",
    ):
        assert words in shown


def test_two_parts_as_json_make_one_object(run: Any, letter: Path) -> None:
    status, out, _ = run(letter, "--what", "motions", "--what", "settled", "--format", "json")
    assert status == 0
    assert set(json.loads(out)) == {"file", "paper", "date", "characters", "motions", "settled"}


def test_nothing_found_is_said(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "leeg.txt"
    path.write_text("Er staat niets in.", encoding="utf-8")
    status, out, _ = run(path)
    assert status == 0
    assert "Motions: none." in out.decode()
    assert "no list of motions that it settles" in out.decode()


def test_paper_date_and_names_can_be_given(run: Any, letter: Path, tmp_path: Path) -> None:
    names = tmp_path / "namen.txt"
    names.write_text("Aalberts-Bergsma\n", encoding="utf-8")
    letter.write_text(
        "De motie Aalberts-Bergsma volgt. Ik informeer uw Kamer hierover nader in maart.", encoding="utf-8"
    )
    status, out, _ = run(
        letter, "--paper", "35207-60", "--date", "2022-05-11", "--names", names, "--format", "json"
    )
    assert status == 0
    found = json.loads(out)
    assert (found["paper"], found["date"]) == ("kst-35207-60", "2022-05-11")
    assert found["motions"][0]["movers"] == ["Aalberts-Bergsma"]
    assert found["commitments"][0]["due_until"] == "2023-03-31"


def test_an_official_publication_is_read_from_its_xml(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "kst-35207-60.xml"
    path.write_text(PUBLICATION, encoding="utf-8")
    status, out, error = run(path, "--format", "json")
    assert (status, error) == (0, "")
    found = json.loads(out)
    assert (found["paper"], found["date"]) == ("kst-35207-60", "2022-05-11")
    assert [each["target"] for each in found["motions"]] == ["kst-35207-46"]


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<officiele-publicatie>&b;</officiele-publicatie>"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.txt", None),
        ("missing.xml", None),
        ("brief.pdf", b"%PDF-1.7 binary"),
        ("brief.docx", b"PK\x03\x04 zip"),
        ("empty.txt", b""),
        ("binary.txt", bytes(range(256)) * 20),
        ("laughs.xml", BILLION_LAUGHS.encode()),
        ("broken.xml", b"<officiele-publicatie>"),
        ("other.xml", b"<html><body>motie</body></html>"),
    ],
)
def test_what_cannot_be_read_is_said_without_a_traceback(
    run: Any, tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    status, out, error = run(path, "--format", "json")
    assert status not in (0, 2)
    assert out == b""
    assert name in error
    assert "Traceback" not in error


def test_a_text_that_is_too_long_is_refused(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "lang.txt"
    path.write_text("a" * 5_000_001, encoding="utf-8")
    status, _, error = run(path)
    assert status == 4
    assert "5,000,001 characters" in error
    assert "lang.txt" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "csv"], "--what references"),
        (["--what", "motions", "--what", "dates", "--format", "csv"], "2 parts"),
        (["--paper", "geen stuk"], "--paper"),
        (["--date", "13-01-2023"], "2023-01-13"),
        (["--names", "er-is-niets.txt"], "er-is-niets.txt"),
    ],
)
def test_options_that_cannot_be_are_explained(
    run: Any, letter: Path, arguments: list[str], said: str
) -> None:
    status, out, error = run(letter, *arguments)
    assert status != 0
    assert out == b""
    assert said in error
    assert "Traceback" not in error
