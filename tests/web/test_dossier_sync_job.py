"""A dossier brought up to date by the work queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.test_loading_files import matter
from dossier.played_parliament import PlayedParliament, faults, publication, running
from geomonitor.archive.models import Paper
from geomonitor.errors import GeomonitorError
from geomonitor.web.jobs.kinds import work_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def parliament(settings) -> Iterator[PlayedParliament]:
    with running() as server:
        server.rows = {"Zaak": [matter(1)], "Document": [], "Toezegging": []}
        server.publications["kst-36999-1"] = publication("kst-36999-1", title="Brief", body="Over bijen.")
        settings.DOSSIER_ADDRESS = server.address
        settings.DOSSIER_CONTACT = "dossiers@ministry.example"
        yield server


def test_a_dossier_is_synced(parliament: PlayedParliament, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    result = work_of("dossier-sync")({"dossier": "36999"}, lambda *step: told.append(step), tmp_path)
    assert result == {
        "dossier": "36999", "added": 2, "changed": 0, "withdrawn": 0, "unchanged": 0, "unreadable": 0,
    }  # fmt: skip
    assert Paper.objects.filter(dossier="36999").exists()
    assert "dossiers@ministry.example" in parliament.seen[0][1]["User-Agent"]
    assert told[-1][0] == "Deriving states"
    assert all(0 <= step <= steps for _, step, steps in told)


def test_a_source_that_fails_fails_the_work_and_what_was_read_is_kept(
    parliament: PlayedParliament, tmp_path: Path
) -> None:
    parliament.fault("/OData/v4/2.0/Zaak", faults.body(b"<html>", "text/html"))
    with pytest.raises(GeomonitorError, match="tweede-kamer/Zaak: 127") as error:
        work_of("dossier-sync")({"dossier": "36999"}, lambda *step: None, tmp_path)
    assert "1 new and 0 changed papers were kept" in (error.value.next_step or "")
    assert Paper.objects.get().paper == "kst-36999-1"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"source": "elsewhere"}, "no source"),
        ({"since": "gisteren"}, "no day"),
        ({"dossier": "bijen"}, "bijen"),
    ],
)
def test_what_cannot_be_synced_is_told(parliament, tmp_path: Path, parameters, said: str) -> None:
    with pytest.raises(GeomonitorError, match=said):
        work_of("dossier-sync")({"dossier": "36999", **parameters}, lambda *step: None, tmp_path)
    assert parliament.seen == []
