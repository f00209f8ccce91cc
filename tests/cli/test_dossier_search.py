"""Searching papers at the command line, and making the index."""

from __future__ import annotations

import datetime
import json

import polars as pl
import pytest

from archive.search_papers import keep, made
from geomonitor.archive.search import forget_papers
from geomonitor.cli import dossier_search, main

pytestmark = pytest.mark.django_db

Capture = pytest.CaptureFixture[str]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(("dossier", *arguments))
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def two_papers(db: None) -> None:
    """Two papers, one of them not indexed."""
    letter = made(
        "kst-35207-60", "Brief over grondstoffen", "Wij zijn afhankelijk van <b>grondstoffen</b>.",
        dossier="35207", kind="Brief regering",
    )  # fmt: skip
    motion = made("kst-35207-61", "Motie over chips", dossier="35207", kind="Motie")
    motion.date = datetime.date(2024, 2, 1)
    forget_papers(keep(letter, motion)[1:])


def test_search_and_index(capsys: Capture, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert run("search", "grondstof", "--dossier", "35207", "--format", "json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row == {
        "paper": "kst-35207-60",
        "date": "2023-01-13",
        "kind": "Brief regering",
        "dossier": "35207",
        "title": "Brief over **grondstoffen**",
        "snippet": "Wij zijn afhankelijk van <b>**grondstoffen**</b>.",
    }
    assert run("search", "--format", "csv", "--since", "2024-01-01") == 0
    assert capsys.readouterr().out.splitlines() == ["paper,date,kind,dossier,title,snippet"]
    assert run("index") == 0
    assert capsys.readouterr().out.startswith("2 papers: 1 indexed, 0 taken out, in ")
    assert run("search", "--format", "csv", "--since", "2024-01-01") == 0
    assert capsys.readouterr().out.splitlines()[1] == "kst-35207-61,2024-02-01,Motie,35207,Motie over chips,"
    file = tmp_path_factory.mktemp("out") / "papers.parquet"
    assert run("search", "--format", "parquet", "--out", str(file), "--order", "relevance", "brief") == 0
    assert pl.read_parquet(file)["score"][0] > 0


def test_the_table_says_how_many_there_are(capsys: Capture) -> None:
    assert run("index", "--everything") == 0
    capsys.readouterr()
    assert run("search", "--page-size", "1", "--page", "2") == 0
    told = capsys.readouterr().out
    assert told.startswith("2 papers in ")
    assert "page 2 of 2" in told.splitlines()[0]
    assert "kst-35207-60" in told


def test_notes_go_to_the_other_stream_and_wrong_days_are_refused(capsys: Capture) -> None:
    assert run("search", "2022Z99999") == 0
    told = capsys.readouterr()
    assert "0 papers in" in told.out
    assert told.err == "2022Z99999 is not in the archive; what names it is shown.\n"
    assert run("search", "x", "--since", "yesterday") == 1
    assert "yesterday" in capsys.readouterr().err


def test_every_note_has_words() -> None:
    """The keys that the answer documents."""
    from geomonitor.archive.search import SearchAnswer

    documented = (SearchAnswer.__doc__ or "").partition("Keys:")[2].partition("order : Order")[0]
    keys = {word.strip(".,") for word in documented.split() if "_" in word}
    assert keys == set(dossier_search._NOTES)
    assert all(text.format(value="7") for text in dossier_search._NOTES.values())
