"""Papers read in other processes while others are written: the same rows, in the same order, or an error."""

from __future__ import annotations

import datetime
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.test_loading import paper
from archive.test_loading_files import StoppedError, matter
from geomonitor.archive import graph, loading, reading_ahead
from geomonitor.archive.after_loading import derive_all
from geomonitor.archive.load_files import load_file
from geomonitor.archive.loading import load_papers
from geomonitor.archive.models import Motion, Paper, Reference, SearchStems, SyncPosition
from geomonitor.dossier.records import Family, PaperRecord
from geomonitor.errors import GeomonitorError

pytestmark = pytest.mark.django_db

DAY = datetime.date(2024, 5, 14)


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small batches be read in another process, on a machine with one core too."""
    monkeypatch.setattr(reading_ahead, "_cores", lambda: 2)
    monkeypatch.setattr(reading_ahead, "_WORTH_PROCESSES", 5)


def rows() -> list[list[tuple[Any, ...]]]:
    papers = Paper.objects.order_by("paper").values_list("paper", "dossier", "title", "search_row")
    references = Reference.objects.order_by("paper__paper", "field", "start", "id").values_list(
        "paper__paper", "target", "relation", "field", "start", "end", "quoted", "rule", "movers", "motion"
    )
    motions = Motion.objects.order_by("motion").values_list("motion", "matter", "dossier", "movers", "state")
    stems = SearchStems.objects.order_by("search_row").values_list("search_row", "title", "body", "marks")
    return [list(each) for each in (papers, references, motions, stems)]


def papers() -> list[PaperRecord]:
    """Make up letters that carry out motions, and the matters of the same dossier, which gives no number."""
    letters = [
        paper(
            number, title=f"Uitvoering motie van het lid Vos c.s. over zorg (Kamerstuk 35 207, nr. {number})"
        )
        for number in range(60, 90)
    ]
    matters = [
        paper(
            number,
            paper=f"2024Z{number:05}",
            family=Family.MATTER,
            source="tweede-kamer",
            dossier="",
            kind="Motie",
            title=f"Motie van het lid De Roon over bijen in de wei, deel {number}",
            text="",
        )
        for number in range(1, 31)
    ]
    return [*matters[:12], *letters, *matters[12:]]


@pytest.mark.usefixtures("two_cores")
def test_what_is_read_in_other_processes_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    load_papers(papers(), batch=10)
    derive_all(today=DAY)
    ahead = rows()
    assert len(ahead[1]) > 60
    Paper.objects.all().delete()
    Motion.objects.all().delete()
    SearchStems.objects.all().delete()

    monkeypatch.setattr(reading_ahead, "_WORTH_PROCESSES", 1_000)
    load_papers(papers(), batch=10)
    derive_all(today=DAY)
    assert rows() == ahead


def test_few_papers_are_read_without_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_ahead, "ProcessPoolExecutor", None)
    load_papers(papers())
    assert Paper.objects.count() == 60


@pytest.mark.usefixtures("two_cores")
def test_a_process_that_dies_is_told_in_words_and_the_load_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = [each for each in papers() if each.text]
    monkeypatch.setattr(reading_ahead, "_submitted", lambda pool, wanted: pool.submit(os._exit, 3))
    with pytest.raises(GeomonitorError, match="ended before it was done") as error:
        load_papers(letters, batch=10)
    assert error.value.next_step
    assert not Paper.objects.exists()
    monkeypatch.undo()
    assert load_papers(letters, batch=10).added == 30


@pytest.mark.usefixtures("two_cores")
def test_no_more_than_a_few_batches_are_held() -> None:
    taken = 0
    ahead = []

    def coming() -> Iterator[PaperRecord]:
        nonlocal taken
        for each in papers():
            taken += 1
            ahead.append(taken - Paper.objects.count())
            yield each

    load_papers(coming(), batch=10)
    assert max(ahead) == 10 * reading_ahead.BATCHES_AHEAD


@pytest.mark.usefixtures("two_cores")
def test_a_load_that_is_ended_notes_what_was_written_not_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "zaak.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(matter(number)) + "\n" for number in range(1, 61))
    read, batches = graph.read_papers, iter(range(99))

    def stop_at_third(some: Any) -> None:
        if next(batches) == 2:
            raise StoppedError
        read(some)

    monkeypatch.setattr(graph, "read_papers", stop_at_third)
    with pytest.raises(StoppedError):
        load_file(file, batch=10)
    monkeypatch.setattr(graph, "read_papers", read)
    assert SyncPosition.objects.get(source="file").position["done"] == 19
    outcome = load_file(file, batch=10)
    assert (outcome.went_on_from, outcome.papers.added, outcome.papers.unchanged) == (19, 40, 1)
    with CaptureQueriesContext(connection) as queries:
        assert load_file(file, batch=10).papers.unchanged == 60
    written = ("INSERT", "UPDATE", "DELETE")
    assert not [each["sql"] for each in queries if each["sql"].lstrip().startswith(written)]


def test_titles_learned_in_the_course_of_a_load_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents get no dossier from a title, whether it was learned before they came or after."""
    document = paper(
        7, paper="2024D00007", family=Family.DOCUMENT, source="tweede-kamer", dossier="", title="Bijenbrief"
    )
    load_papers([*papers(), document], batch=10)
    derive_all(today=DAY)
    late = rows()
    assert {each[1] for each in late[0] if each[0].startswith("2024Z")} == {"35207"}
    Paper.objects.all().delete()
    Motion.objects.all().delete()
    SearchStems.objects.all().delete()

    monkeypatch.setattr(loading, "_WORTH_LEARNING", 1)
    monkeypatch.setattr(loading, "_LEARN_AFTER", 1)
    load_papers([*papers(), document], batch=10)
    # those that came after the letters have it already
    assert Paper.objects.filter(family="matter", dossier="35207").count() > 10
    derive_all(today=DAY)
    assert rows() == late
