"""Files brought into the archive: recognised by content, gone on with, listed where they cannot be read."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossier.played_parliament import publication
from geomonitor.archive import graph
from geomonitor.archive.load_files import load_file, recognise
from geomonitor.archive.models import Commitment, Dossier, Paper, SyncPosition, Vote
from geomonitor.errors import DataError

CHANGED = "2025-02-19T07:59:02.573+01:00"


def matter(number: int, **fields: Any) -> dict[str, Any]:
    """Make up a row of Zaak, as the open data gives it."""
    return {
        "Id": f"matter-{number}", "Nummer": f"2025Z{number:05}", "Soort": "Brief regering", "Titel": "Bijen",
        "Citeertitel": None, "Alias": None, "Status": "Vrijgegeven",
        "Onderwerp": f"Brief {number} over bijen", "GestartOp": "2025-02-18T00:00:00+01:00",
        "Organisatie": "Tweede Kamer", "Grondslagvoorhang": None,
        "Termijn": None, "Vergaderjaar": "2024-2025", "Volgnummer": number, "HuidigeBehandelstatus": None,
        "Afgedaan": True, "GrootProject": False, "GewijzigdOp": CHANGED, "ApiGewijzigdOp": CHANGED,
        "Verwijderd": False, "Kabinetsappreciatie": None, **fields,
    }  # fmt: skip


def document(number: int, **fields: Any) -> dict[str, Any]:
    """Make up a row of Document."""
    return {
        "Id": f"document-{number}", "Soort": "Brief regering", "DocumentNummer": f"2025D{number:05}",
        "Titel": "Bijen", "Onderwerp": f"Brief {number} over bijen", "Datum": "2025-02-18T00:00:00+01:00",
        "Vergaderjaar": "2024-2025", "Kamer": 2, "Volgnummer": number, "Citeertitel": None, "Alias": None,
        "DatumRegistratie": None, "DatumOntvangst": None, "Aanhangselnummer": None, "KenmerkAfzender": None,
        "Organisatie": "Tweede Kamer", "ContentType": "application/pdf", "ContentLength": 1,
        "GewijzigdOp": CHANGED, "ApiGewijzigdOp": CHANGED, "Verwijderd": False, **fields,
    }  # fmt: skip


def expanded(number: int) -> dict[str, Any]:
    """Make up a motion with its document, and the votes on it."""
    version = {
        "Id": f"version-{number}", "Status": "Vrijgegeven", "Versienummer": 1, "Extensie": ".pdf",
        "Datum": CHANGED, "GewijzigdOp": CHANGED, "ApiGewijzigdOp": CHANGED, "Verwijderd": False,
        "Document_Id": f"document-{number}", "ExterneIdentifier": f"kst-36999-{number}",
    }  # fmt: skip
    votes = [
        {"Id": f"vote-{party}", "Soort": vote, "ActorFractie": party, "FractieGrootte": seats,
         "Persoon_Id": None, "Verwijderd": False}
        for party, vote, seats in (("Eerste", "Voor", 80), ("Tweede", "Tegen", 70))
    ]  # fmt: skip
    decision = {
        "Id": f"decision-{number}", "BesluitSoort": "Stemmen - aangenomen", "BesluitTekst": "Aangenomen.",
        "StemmingsSoort": "Met handopsteken", "Verwijderd": False, "Stemming": votes,
    }  # fmt: skip
    own = document(number, Soort="Motie", HuidigeDocumentVersie=version)
    return matter(number, Soort="Motie", Document=[own], Besluit=[decision])


def write_rows(file: Path, rows: list[dict[str, Any]]) -> Path:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return file


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("zaak.jsonl", b'{"Id": "1"}\n', "rows"),
        ("zaak.jsonl.gz", gzip.compress(b"{}"), "rows"),
        ("rows", b'\xef\xbb\xbf{"Id": "1"}', "rows"),
        ("kst.xml", b"<?xml version='1.0'?><a/>", "publications"),
        ("kst", b"\n<officiele-publicatie/>", "publications"),
        ("papers.zip", b"PK\x03\x04rest", "publications"),
        ("papers.tar.gz", gzip.compress(b"x"), "publications"),
        ("votes.json", b' [{"motion_number": 1}]', "votes_summary"),
        ("letter.md", b"# Geachte voorzitter,", "letter"),
        ("letter.txt", b"Geachte voorzitter,", "letter"),
    ],
)
def test_files_are_recognised_by_what_is_in_them(
    tmp_path: Path, name: str, content: bytes, form: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert recognise(tmp_path / name).form == form
    assert recognise(tmp_path).form == "publications"


@pytest.mark.parametrize(("name", "content"), [("numbers.bin", b"\x01\x02"), ("empty", b"")])
def test_what_is_nothing_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="nothing that can be loaded") as error:
        recognise(tmp_path / name)
    assert "jsonl" in (error.value.expected or "")


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        recognise(tmp_path / "no.jsonl")


@pytest.mark.django_db
def test_matters_with_documents_papers_and_votes(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "moties.jsonl.gz", [expanded(number) for number in range(1, 8)])
    outcome = load_file(file, batch=4)
    assert (outcome.papers.added, outcome.votes.added, outcome.unreadable) == (21, 7, [])
    one = Paper.objects.get(paper="2025Z00003")
    assert (one.same_as, one.dossier, one.number, one.source_id) == ("kst-36999-3", "36999", "3", "matter-3")
    vote = Vote.objects.get(matter="2025Z00003")
    assert (vote.motion, vote.votes_for, vote.votes_against) == ("kst-36999-3", 80, 70)
    assert Dossier.objects.get().papers == 7
    before = [
        list(model.objects.order_by("pk").values_list()) for model in (Paper, Vote, Dossier, SyncPosition)
    ]
    with CaptureQueriesContext(connection) as queries:
        again = load_file(file, batch=4)
    assert (again.papers.unchanged, again.votes.unchanged, again.changed_anything) == (21, 7, False)
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    after = [
        list(model.objects.order_by("pk").values_list()) for model in (Paper, Vote, Dossier, SyncPosition)
    ]
    assert after == before


@pytest.mark.django_db
def test_the_same_matters_with_and_without_documents_do_not_take_turns(tmp_path: Path) -> None:
    whole = write_rows(tmp_path / "whole.jsonl", [expanded(number) for number in range(1, 6)])
    plain = write_rows(tmp_path / "plain.jsonl", [matter(number, Soort="Motie") for number in range(1, 6)])
    for file in (plain, whole, plain):
        load_file(file)
    before = list(Paper.objects.order_by("pk").values_list())
    for file in (whole, plain):
        assert not load_file(file).changed_anything
    assert list(Paper.objects.order_by("pk").values_list()) == before
    assert Paper.objects.get(paper="2025Z00003").same_as == "kst-36999-3"


@pytest.mark.django_db
def test_publications_of_a_folder_and_a_zip(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    texts = {
        f"kst-36999-{number}": publication(f"kst-36999-{number}", title=f"Brief {number}", body="Over bijen.")
        for number in (1, 2)
    }
    for name, content in texts.items():
        (folder / f"{name}.xml").write_bytes(content)
    (folder / "broken.xml").write_bytes(b"<officiele-publicatie>")
    outcome = load_file(folder)
    assert outcome.papers.added == 2
    assert [each.where.rpartition("/")[2].split(",")[0] for each in outcome.unreadable] == ["broken.xml"]
    with zipfile.ZipFile(tmp_path / "papers.zip", "w") as archive:
        for name, content in texts.items():
            archive.writestr(f"{name}.xml", content)
    assert load_file(tmp_path / "papers.zip").papers.unchanged == 2
    assert Paper.objects.get(paper="kst-36999-1").text


@pytest.mark.django_db
def test_a_matter_that_was_deleted_and_has_no_number_is_withdrawn(tmp_path: Path) -> None:
    load_file(write_rows(tmp_path / "first.jsonl", [matter(1), matter(2)]))
    gone = dict.fromkeys(matter(1)) | {"Id": "matter-1", "GewijzigdOp": CHANGED, "Verwijderd": True}
    outcome = load_file(write_rows(tmp_path / "second.jsonl", [gone]))
    assert outcome.papers.withdrawn == 1
    assert Paper.objects.filter(withdrawn_at=None).get().paper == "2025Z00002"


@pytest.mark.django_db
def test_rows_that_cannot_be_read_are_listed_and_the_rest_loaded(tmp_path: Path) -> None:
    file = tmp_path / "zaak.jsonl"
    changed = matter(3)
    del changed["Onderwerp"]
    lines = [json.dumps(matter(1)), "{broken", json.dumps(changed), json.dumps(matter(4, GestartOp=None))]
    file.write_text("\n".join(lines))
    outcome = load_file(file)
    assert (outcome.papers.added, outcome.papers.incomplete) == (2, 1)
    listed = {each.where.rpartition("line ")[2].partition(",")[0]: each.reason for each in outcome.unreadable}
    assert set(listed) == {"2", "3"}
    assert "Onderwerp" in listed["3"]
    assert [field for field, _ in Paper.objects.get(paper="2025Z00004").missing] == ["date"]


@pytest.mark.django_db
def test_commitments_are_loaded_from_rows(tmp_path: Path) -> None:
    rows = [
        {
            "Id": f"c{number}", "Nummer": f"TZ202502-{number:03}", "Tekst": "De minister stuurt een brief.",
            "Functie": "Minister van LVVN", "Ministerie": None, "Status": "Openstaand",
            "Aanmaakdatum": CHANGED, "DatumNakoming": "2025-06-01T00:00:00Z", "ActiviteitNummer": None,
            "KamerbriefNakoming": [], "GewijzigdOp": CHANGED, "Verwijderd": False,
        }
        for number in range(1, 8)
    ]  # fmt: skip
    file = write_rows(tmp_path / "toezegging.jsonl", rows)
    assert load_file(file, batch=3).commitments.added == 7
    assert Commitment.objects.filter(official=True, actor="minister van LVVN").count() == 7
    assert load_file(file, batch=3).commitments.unchanged == 7
    gone = {"Id": "c3", "Verwijderd": True, "Nummer": None, "Tekst": None, "Status": None}
    assert load_file(write_rows(tmp_path / "gone.jsonl", [gone])).commitments.withdrawn == 1
    assert not Commitment.objects.filter(commitment="TZ202502-003").exists()


@pytest.mark.django_db
def test_totals_of_votes(tmp_path: Path) -> None:
    load_file(write_rows(tmp_path / "moties.jsonl", [expanded(1)]))
    file = tmp_path / "votes.json"
    item = {
        "motion_id": "matter-1", "motion_number": "2025Z00001", "final_status": "Stemmen - verworpen",
        "vote_totals": {"Voor": 50, "Tegen": 94},
    }  # fmt: skip
    file.write_text(json.dumps([item]))
    assert load_file(file).votes.added == 1
    vote = Vote.objects.get(decision="matter-1")
    assert (vote.motion, vote.outcome, vote.votes_for) == ("kst-36999-1", "Stemmen - verworpen", 50)
    assert load_file(file).votes.unchanged == 1


@pytest.mark.django_db
def test_a_letter_in_plain_text(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    head = "Ministerie van Bijen\n\nDatum 13 januari 2023\n\nBetreft Een brief over bijen\n\n"
    letter.write_text(head + "Geachte voorzitter,\n\nDe bijen, zie Kamerstuk 35 207, nr. 46.\n")
    with pytest.raises(DataError, match="does not say which paper") as error:
        load_file(letter)
    assert "--paper" in (error.value.next_step or "")
    assert load_file(letter, paper="kst-36999-8").papers.added == 1
    kept = Paper.objects.get()
    assert (kept.source, kept.title, kept.dossier, kept.number) == (
        "text",
        "Een brief over bijen",
        "36999",
        "8",
    )
    assert kept.date is not None
    assert kept.date.isoformat() == "2023-01-13"
    assert load_file(letter, paper="kst-36999-8").papers.unchanged == 1


def test_a_paper_is_named_for_letters_only(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="plain text only"):
        load_file(write_rows(tmp_path / "zaak.jsonl", [matter(1)]), paper="kst-36999-8")


@pytest.mark.django_db
def test_rows_of_something_else_are_refused(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "fractie.jsonl", [{"Id": "1", "NaamNL": "Bijenpartij"}])
    with pytest.raises(DataError, match="nothing that can be loaded") as error:
        load_file(file)
    assert "line 1" in (error.value.where or "")


class StoppedError(Exception):
    """Stands for what ends a load at any moment."""


@pytest.mark.django_db
def test_a_load_that_was_ended_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_rows(tmp_path / "zaak.jsonl", [matter(number) for number in range(1, 26)])
    read, batches = graph.read_papers, iter(range(99))

    def stop_at_third(papers: Any) -> None:
        if next(batches) == 2:
            raise StoppedError
        read(papers)

    monkeypatch.setattr(graph, "read_papers", stop_at_third)
    with pytest.raises(StoppedError):
        load_file(file, batch=10)
    monkeypatch.undo()
    position = SyncPosition.objects.get(source="file")
    # the last line of a batch counts when the next was asked for
    assert (position.complete, position.position["done"]) == (False, 19)
    outcome = load_file(file, batch=10)
    assert (outcome.went_on_from, outcome.papers.added, outcome.papers.unchanged) == (19, 5, 1)
    position.refresh_from_db()
    assert position.complete
    assert load_file(file, batch=10).papers.unchanged == 25


@pytest.mark.django_db
def test_another_file_at_the_same_place_starts_anew(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "zaak.jsonl", [matter(number) for number in range(1, 26)])
    load_file(file)
    SyncPosition.objects.filter(source="file").update(complete=False)
    write_rows(file, [matter(number) for number in range(11, 41)])
    outcome = load_file(file)
    assert (outcome.went_on_from, outcome.papers.added, outcome.papers.unchanged) == (0, 15, 15)


_KILLED = """
import os, signal, sys
import django
django.setup()
from pathlib import Path
from django.core.management import call_command
from geomonitor.archive import graph, load_files
from geomonitor.archive.models import Paper
call_command("migrate", verbosity=0)
read, batches = graph.read_papers, iter(range(99))
def killed(papers):
    read(papers)
    if next(batches) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "killed":
    graph.read_papers = killed
outcome = load_files.load_file(Path(sys.argv[1]), batch=10)
print(outcome.went_on_from, outcome.papers.added, outcome.papers.unchanged, Paper.objects.count())
"""


def test_a_load_whose_process_is_killed_goes_on(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "zaak.jsonl", [matter(number) for number in range(1, 46)])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "GEOMONITOR_HOME": str(tmp_path),
        "GEOMONITOR_SECRET_KEY": "only-for-tests-" * 5,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'killed.sqlite3'}",
    }

    def load(how: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _KILLED, str(file), how]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    assert load("killed").returncode == -signal.SIGKILL
    done = load("whole")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["19", "25", "1", "45"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("letter.pdf", b"%PDF-1.7", "no text but a PDF"),
        ("letter.docx", b"\xd0\xcf\x11\xe0 old", "an old Word file"),
        ("papers.zip", b"PK\x05\x06" + bytes(18), "empty or damaged"),
        ("papers.zip", b"no zip at all", "empty or damaged"),
        ("rows.jsonl", b"no json\n", "no row that can be read. The first: "),
        ("numbers.bin", b"\x01\x02\x03", "nothing that can be loaded"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_loaded_is_named_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(DataError, match=what) as refused:
        load_file(file)
    assert refused.value.next_step
    assert name in str(refused.value.where)
    assert not Paper.objects.exists()
