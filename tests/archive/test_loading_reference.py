"""The reference data brought into the archive: all official publications, and two thousand cases.

All 262,250 cases are loaded by benchmarks/dossier_loading.py. The texts are indexed here and not read:
tests of the reading and of the graph do that, and it takes longer than all the rest.
"""

from __future__ import annotations

import gzip
import json
import tarfile
from pathlib import Path

import pytest

from dossier.played_parliament import faults, running
from geomonitor.archive import graph, reading_ahead
from geomonitor.archive.load_files import load_file
from geomonitor.archive.models import Dossier, Paper, SearchEntry
from geomonitor.archive.sync import SyncOutcome, sync
from geomonitor.dossier.sources.koop import read_publication
from geomonitor.dossier.transport import Client, Politeness

pytestmark = [pytest.mark.reference, pytest.mark.django_db]

CASES = 2_000


@pytest.fixture
def folder(reference_data: Path) -> Path:
    return reference_data / "policy" / "tk_kamerstukken"


def test_all_publications_and_two_thousand_cases(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "read_papers", lambda papers: None)
    monkeypatch.setattr(reading_ahead, "_WORTH_PROCESSES", 1_000_000)
    publications, cases = folder / "kamerstuk_moties_xml.tar.gz", folder / "odata_zaak.jsonl.gz"

    first = load_file(publications).papers
    assert first.unreadable == []
    # one paper stands in the archive twice
    assert first.read == 8_041
    assert Paper.objects.count() == first.added
    papers = Paper.objects.filter(family="paper")
    assert not papers.filter(dossier="").exists()
    assert not papers.filter(number="").exists()
    for lacking in papers.filter(date=None):
        assert "date" in dict(lacking.missing)
    assert papers.exclude(text="").count() >= 8_000
    assert set(papers.filter(dossier="35207").values_list("number", flat=True)) >= {
        str(number) for number in range(83, 97)
    }
    assert Dossier.objects.get(dossier="35207").title

    second = load_file(cases, limit=CASES).papers
    assert second.read == CASES
    assert second.unreadable == []
    matters = Paper.objects.filter(family="matter")
    assert matters.count() == second.added
    # a deleted case has lost its number
    assert second.added + second.unchanged + second.changed == CASES
    for lacking in matters.filter(date=None):
        assert "date" in dict(lacking.missing)
    assert SearchEntry.objects.count() == Paper.objects.count()

    before = list(Paper.objects.order_by("pk").values_list("pk", "loaded_at", "fingerprint", "search_row"))
    assert not load_file(publications).changed_anything
    assert not load_file(cases, limit=CASES).changed_anything
    after = list(Paper.objects.order_by("pk").values_list("pk", "loaded_at", "fingerprint", "search_row"))
    assert after == before


def test_a_dossier_is_synced_from_recorded_answers(folder: Path) -> None:
    """The motions of dossier 35207, as the sources gave them, played by the server on this machine."""
    with running() as parliament:
        with gzip.open(folder / "odata_zaak_motie_expanded.jsonl.gz", "rt", encoding="utf-8") as lines:
            parliament.rows["Zaak"] = [json.loads(line) for line in lines if '"kst-35207-' in line]
        parliament.rows |= {"Document": [], "Toezegging": []}
        with tarfile.open(folder / "kamerstuk_moties_xml.tar.gz") as archive:
            for member in archive:
                file = archive.extractfile(member)
                content = file.read() if file is not None else b""
                if b">35 207<" in content:
                    parliament.publications[read_publication(content, member.name).paper] = content
        parliament.page_size = 5
        motions = len(parliament.rows["Zaak"])
        assert motions > 10
        assert len(parliament.publications) > 10

        def synced() -> SyncOutcome:
            with Client(Politeness(requests_per_second=20), sleep=lambda seconds: None) as client:
                return sync("35 207", client=client, address=parliament.address)

        parliament.fault("/OData/v4/2.0/Zaak?$skip=5", faults.status(429, Retry_After="1"))
        outcome = synced()
        assert (outcome.problems, outcome.unreadable) == ([], [])
        assert Paper.objects.filter(family="matter", same_as__startswith="kst-35207-").count() == motions
        official = Paper.objects.filter(source="koop", dossier="35207")
        assert official.count() == len(parliament.publications)
        assert not official.filter(text="").exists()
        assert not synced().changed_anything
