"""`geomonitor dossier sync`, `load` and `incomplete`, on a database of the tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.test_loading_files import matter, write_rows
from dossier.played_parliament import PlayedParliament, faults, publication, running
from geomonitor.archive.models import Paper
from geomonitor.cli import main
from geomonitor.cli.home import open_home
from geomonitor.errors import GeomonitorError

pytestmark = pytest.mark.django_db

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process: exit status, standard output, standard error."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["dossier", *map(str, arguments)])
        sys.stdout.flush()
        out, error = capfd.readouterr()
        return int(ended.value.code or 0), out, error

    return call


@pytest.fixture
def parliament() -> Iterator[PlayedParliament]:
    with running() as server:
        server.rows = {"Zaak": [matter(1)], "Document": [], "Toezegging": []}
        server.publications["kst-36999-1"] = publication("kst-36999-1", title="Brief", body="Over bijen.")
        yield server


def test_sync_says_what_it_did(run: Run, parliament: PlayedParliament) -> None:
    command = ("sync", "36 999", "--address", parliament.address, "--rate", "20")
    status, out, error = run(*command, "--contact", "me@ministry.example")
    assert (status, error.strip()) == (0, "")
    assert "2 papers added, 0 changed" in out
    assert "me@ministry.example" in parliament.seen[0][1]["User-Agent"]
    status, out, _ = run(*command)
    assert status == 0
    assert "0 papers added, 0 changed, 0 withdrawn" in out


def test_a_source_that_fails_is_told_and_the_other_kept(run: Run, parliament: PlayedParliament) -> None:
    parliament.fault("/OData/v4/2.0/Zaak", faults.body(b"<html>", "text/html"))
    status, out, error = run("sync", "36999", "--address", parliament.address, "--rate", "20")
    assert status == 5
    assert "1 paper added" in out
    assert "tweede-kamer/Zaak: 127.0.0.1" in error
    assert "sends text/html" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "not clear what to sync"),
        (("35207", "--all"), "not clear what to sync"),
        (("bijen",), "bijen"),
        (("35207", "--since", "gisteren"), "'gisteren' is no day"),
        (("35207-60",), "Name its dossier, 35207;"),
        (("35207", "--address", "mirror.example"), "no address of a server"),
        (("35207", "--rate", "0"), "rate 0 is not possible"),
        (("35207", "--contact", "é"), "contact"),
    ],
)
def test_what_cannot_be_synced_is_told(run: Run, arguments: tuple[str, ...], said: str) -> None:
    status, _, error = run("sync", *arguments)
    assert status == 1
    assert said in error
    assert "Traceback" not in error


def test_load_says_what_it_did_and_what_it_could_not_read(run: Run, tmp_path: Path) -> None:
    file = write_rows(
        tmp_path / "zaak.jsonl", [matter(1), matter(2, GestartOp=None), matter(3, Afgedaan="ja")]
    )
    status, out, error = run("load", file)
    assert status == 4
    assert "zaak.jsonl: 2 papers added" in out
    assert "1 incomplete" in out
    assert "line 3" in error
    assert "Afgedaan" in error
    status, out, _ = run("load", file)
    assert "0 papers added, 0 changed, 0 withdrawn, 2 as they were" in out


def test_a_wrong_file_among_others_is_told_before_anything_is_loaded(run: Run, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "zaak.jsonl", [matter(1)])
    status, _, error = run("load", file, tmp_path / "not-there.jsonl")
    assert status == 4
    assert "cannot be read" in error
    assert not Paper.objects.exists()


def test_a_letter_is_named(run: Run, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Datum 13 januari 2023\n\nBetreft Bijen\n\nGeachte voorzitter,\n\nDe bijen.\n")
    status, _, error = run("load", letter, "--paper", "35207")
    assert status == 1
    assert "is a dossier, not a paper" in error
    status, out, _ = run("load", letter, "--paper", "36 999, nr. 8")
    assert status == 0
    assert "1 paper added" in out
    assert Paper.objects.get().paper == "kst-36999-8"


def test_incomplete_lists_field_and_reason(run: Run, tmp_path: Path) -> None:
    run("load", write_rows(tmp_path / "zaak.jsonl", [matter(1), matter(2, GestartOp=None)]))
    status, out, _ = run("incomplete", "--format", "json")
    assert status == 0
    [row] = json.loads(out)
    assert (row["paper"], row["source"], row["field"]) == ("2025Z00002", "tweede-kamer", "date")
    assert "GestartOp" in row["reason"]
    assert run("incomplete", "--dossier", "35 207", "--format", "csv")[1] == "paper,source,field,reason\n"


def test_a_database_that_is_not_up_to_date_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geomonitor.web.serving.database.pending_migrations", lambda: 1)
    with pytest.raises(GeomonitorError, match="not up to date") as error:
        open_home(None)
    assert "geomonitor serve" in (error.value.next_step or "")


def test_a_folder_without_papers_is_told(run: Run, tmp_path: Path) -> None:
    status, out, error = run("load", tmp_path)
    assert status == 4
    assert "0 papers added" in out
    assert error == f"Not loaded: {tmp_path}: There are no papers, votes or commitments in it.\n"


def test_a_dossier_that_no_source_has_is_told(run: Run, parliament: PlayedParliament) -> None:
    parliament.rows = {"Zaak": [], "Document": [], "Toezegging": []}
    parliament.publications.clear()
    status, _, error = run("sync", "36998", "--address", parliament.address, "--rate", "20")
    assert status == 0
    assert error == "No source has papers of dossier 36998. Check its number.\n"


def test_a_sync_that_reads_nothing_names_the_other_way(run: Run, parliament: PlayedParliament) -> None:
    for entity in ("Zaak", "Document", "Toezegging"):
        parliament.fault(f"/OData/v4/2.0/{entity}", faults.body(b"<html>", "text/html"))
    command = ("sync", "36999", "--address", parliament.address, "--rate", "20")
    status, _, error = run(*command, "--source", "tweede-kamer")
    assert status == 5
    assert "set HTTPS_PROXY" in error
    assert "geomonitor dossier load" in error
    parliament.fault("/OData/v4/2.0/Zaak", faults.body(b"<html>", "text/html"))
    status, _, error = run(*command)
    assert status == 5
    assert "HTTPS_PROXY" not in error
