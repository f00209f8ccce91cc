"""Papers brought into the archive: added, changed, withdrawn, left alone, and gone on with."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geomonitor.archive import graph, search
from geomonitor.archive.after_loading import derive_all
from geomonitor.archive.dossiers import refresh_dossiers
from geomonitor.archive.load_decisions import load_commitments, load_votes
from geomonitor.archive.loading import load_papers
from geomonitor.archive.models import Commitment, Dossier, Paper, Reference, SyncPosition, Vote
from geomonitor.dossier.records import CommitmentRecord, Family, PaperRecord, PartyVote, VoteRecord
from geomonitor.dossier.sources.unreadable import Unreadable

pytestmark = pytest.mark.django_db

DAY = datetime.date(2024, 5, 14)


def paper(which: int = 60, in_dossier: str = "35207", **fields: Any) -> PaperRecord:
    """Make up a paper as the official publications give it."""
    return PaperRecord(
        **{
            "paper": f"kst-{in_dossier}-{which}",
            "family": Family.PAPER,
            "source": "koop",
            "dossier": in_dossier,
            "number": str(which),
            "date": DAY,
            "kind": "Brief regering",
            "title": "Brief over bijen",
            "dossier_title": "Insecten",
            "text": "De bijen vliegen, zie Kamerstuk 35 207, nr. 46.",
            **fields,
        }
    )


def of_parliament(record: PaperRecord, **fields: Any) -> PaperRecord:
    """Make up the same paper as parliament's own administration gives it, without its text."""
    return dataclasses.replace(record, **{"source": "tweede-kamer", "text": "", **fields})


def rows(model: Any = Paper) -> list[tuple[Any, ...]]:
    return list(model.objects.order_by("pk").values_list())


def writes(queries: CaptureQueriesContext) -> list[str]:
    return [
        each["sql"]
        for each in queries
        if each["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE"))
    ]


def test_papers_are_added_indexed_and_read() -> None:
    outcome = load_papers([paper(60), paper(61, date=None, missing=(("date", "no date in the paper"),))])
    assert (outcome.added, outcome.changed, outcome.unchanged, outcome.incomplete) == (2, 0, 0, 1)
    first, second = Paper.objects.order_by("number")
    assert (first.title, first.date, first.dossier, first.withdrawn_at) == (
        "Brief over bijen",
        DAY,
        "35207",
        None,
    )
    assert first.search_row // 1_000_000 == DAY.toordinal()
    assert second.search_row // 1_000_000 == 0
    assert second.missing == [["date", "no date in the paper"]]
    assert Reference.objects.filter(paper=first, target="kst-35207-46").exists()
    assert found("bijen") == {"kst-35207-60", "kst-35207-61"}
    dossier = Dossier.objects.get()
    assert (dossier.dossier, dossier.title, dossier.papers) == ("35207", "Insecten", 2)
    assert (dossier.first_date, dossier.last_date, dossier.example) == (DAY, DAY, False)


def found(words: str) -> set[str]:
    """Search, as the pages do."""
    request = search.SearchRequest(query=words)
    return {each.paper for each in search.search(request).hits}


def test_a_second_load_writes_nothing() -> None:
    records = [paper(number) for number in range(1, 30)]
    load_papers(records, batch=10)
    before = (rows(), rows(Reference), rows(Dossier), rows(SyncPosition))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        outcome = load_papers(records, batch=10)
    assert (outcome.added, outcome.changed, outcome.unchanged) == (0, 0, 29)
    assert writes(queries) == []
    assert (rows(), rows(Reference), rows(Dossier), rows(SyncPosition)) == before


def test_a_change_is_written_and_read_anew() -> None:
    load_papers([paper(60), paper(61)])
    loaded = dict(Paper.objects.values_list("paper", "loaded_at"))
    changed = paper(60, title="Brief over hommels", text="Hommels, zie Kamerstuk 35 207, nr. 47.")
    outcome = load_papers([changed, paper(61)])
    assert (outcome.added, outcome.changed, outcome.unchanged) == (0, 1, 1)
    assert found("hommels") == {"kst-35207-60"}
    assert found("bijen") == {"kst-35207-61"}
    targets = set(Reference.objects.filter(paper__paper="kst-35207-60").values_list("target", flat=True))
    assert targets == {"kst-35207-47"}
    after = dict(Paper.objects.values_list("paper", "loaded_at"))
    assert after["kst-35207-60"] > loaded["kst-35207-60"]
    assert after["kst-35207-61"] == loaded["kst-35207-61"]


def test_another_date_gives_another_place_in_the_index() -> None:
    load_papers([paper(60), paper(61)])
    later = DAY + datetime.timedelta(days=40)
    load_papers([paper(60, date=later)])
    moved = Paper.objects.get(paper="kst-35207-60")
    assert moved.search_row // 1_000_000 == later.toordinal()
    assert found("bijen") == {"kst-35207-60", "kst-35207-61"}
    assert Dossier.objects.get().last_date == later


def test_a_paper_and_its_matter_stay_two() -> None:
    matter = PaperRecord(
        paper="2024Z00060", family=Family.MATTER, source="tweede-kamer", title="Brief over bijen",
        dossier="35207", same_as="kst-35207-60", date=DAY,
    )  # fmt: skip
    load_papers([paper(60), matter])
    assert Paper.objects.count() == 2
    assert Dossier.objects.get().papers == 1


@pytest.mark.parametrize("official_first", [True, False])
def test_of_two_titles_the_one_that_goes_on_counts(official_first: bool) -> None:
    short = paper(60, title="Motie van het lid Bij")
    long = of_parliament(short, title="Motie van het lid Bij over honing")
    every = [short, long] if official_first else [long, short]
    for record in [*every, *every]:
        load_papers([record])
    assert Paper.objects.get().title == "Motie van het lid Bij over honing"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_who_counts_for_a_field_does_not_hang_on_the_order(order: tuple[int, ...]) -> None:
    official = paper(60, text="De tekst.", settled=None)
    of_house = of_parliament(official, title="Bijenbrief", settled=True, cabinet_view="Oordeel Kamer")
    letter = dataclasses.replace(
        official, source="text", text="Ruwe tekst.", title="Uit een PDF", settled=None
    )
    records = [official, of_house, letter]
    for index in order:
        load_papers([records[index]])
    kept = Paper.objects.get()
    assert (kept.source, kept.title, kept.text) == ("koop", "Brief over bijen", "De tekst.")
    assert (kept.settled, kept.cabinet_view) == (True, "Oordeel Kamer")
    with CaptureQueriesContext(connection) as queries:
        for record in records:
            assert load_papers([record]).unchanged == 1
    assert writes(queries) == []


def test_what_a_source_without_texts_gives_never_takes_a_text_away() -> None:
    official = paper(60)
    load_papers([official])
    load_papers([of_parliament(official, title="")])
    load_papers([of_parliament(official, title="Anders", session_year="2023-2024")])
    kept = Paper.objects.get()
    assert (kept.text, kept.title, kept.source) == (official.text, official.title, "koop")
    # what the better source does not say is taken from the other, and follows it
    assert kept.session_year == "2023-2024"
    load_papers([of_parliament(official, title="Anders", session_year="2024-2025")])
    kept.refresh_from_db()
    assert kept.session_year == "2024-2025"


def test_a_better_source_takes_over() -> None:
    official = paper(60)
    load_papers([of_parliament(official, title="Bijenbrief", missing=(("text", "no text there"),))])
    assert Paper.objects.get().missing == [["text", "no text there"]]
    load_papers([official])
    kept = Paper.objects.get()
    assert (kept.source, kept.title, kept.missing) == ("koop", "Brief over bijen", [])
    assert kept.text == official.text


def test_the_same_source_with_less_takes_nothing_away() -> None:
    moment = datetime.datetime(2025, 2, 19, 8, tzinfo=datetime.UTC)
    whole = paper(60, source="tweede-kamer", session_year="2023-2024", changed_at=moment)
    partial = dataclasses.replace(whole, dossier="", number="", session_year="")
    load_papers([partial])
    load_papers([whole])
    before = rows()
    with CaptureQueriesContext(connection) as queries:
        for record in (partial, whole, partial):
            assert load_papers([record]).unchanged == 1
    assert writes(queries) == []
    assert rows() == before


def test_an_older_record_of_the_same_source_only_fills() -> None:
    moment = datetime.datetime(2025, 2, 19, 8, tzinfo=datetime.UTC)
    new = paper(60, source="tweede-kamer", settled=True, changed_at=moment)
    old = dataclasses.replace(
        new, settled=False, cabinet_view="Ontraden", changed_at=moment - datetime.timedelta(days=2)
    )
    load_papers([new])
    assert load_papers([old]).changed == 1
    kept = Paper.objects.get()
    assert (kept.settled, kept.cabinet_view, kept.source_changed_at) == (True, "Ontraden", moment)
    before = rows()
    assert load_papers([new, old, new]).changed == 0
    assert rows() == before


def test_a_dossier_that_was_only_inferred_gives_way_to_one_that_is_said() -> None:
    matter = paper(60, source="tweede-kamer", dossier="", number="")
    load_papers([dataclasses.replace(matter, paper="2024Z00001")])
    Paper.objects.update(dossier="36000", dossier_known_by="title")
    load_papers([dataclasses.replace(matter, paper="2024Z00001", title="Anders")])
    assert Paper.objects.get().dossier == "36000"
    load_papers([dataclasses.replace(matter, paper="2024Z00001", title="Anders", dossier="35207")])
    kept = Paper.objects.get()
    assert (kept.dossier, kept.dossier_known_by) == ("35207", "")


def withdrawal(**fields: Any) -> PaperRecord:
    return PaperRecord(
        **{"paper": "", "family": Family.MATTER, "source": "tweede-kamer", "deleted": True, **fields}
    )


def test_a_withdrawn_paper_is_kept_and_found_no_more() -> None:
    load_papers([paper(60, source="tweede-kamer", source_id="a-guid"), paper(61)])
    outcome = load_papers([withdrawal(source_id="a-guid")])
    assert outcome.withdrawn == 1
    gone = Paper.objects.get(paper="kst-35207-60")
    assert gone.withdrawn_at is not None
    assert found("bijen") == {"kst-35207-61"}
    assert not Reference.objects.filter(paper=gone).exists()
    assert Dossier.objects.get().papers == 1
    before = rows()
    again = load_papers([withdrawal(source_id="a-guid"), withdrawal(source_id="never seen")])
    assert (again.withdrawn, again.unchanged) == (0, 2)
    assert rows() == before


def test_a_paper_that_comes_back_is_there_again() -> None:
    record = paper(60, source="tweede-kamer", source_id="a-guid")
    load_papers([record])
    load_papers([withdrawal(source_id="a-guid")])
    outcome = load_papers([record])
    assert outcome.changed == 1
    assert Paper.objects.get().withdrawn_at is None
    assert found("bijen") == {"kst-35207-60"}


def test_a_source_withdraws_only_what_it_gave() -> None:
    official = paper(60)
    load_papers([official, of_parliament(official)])
    load_papers([withdrawal(paper="kst-35207-60", source_id="a-guid")])
    assert Paper.objects.get().withdrawn_at is None
    load_papers([withdrawal(paper="kst-35207-60", source="koop")])
    assert Paper.objects.get().withdrawn_at is not None


def test_the_same_paper_twice_in_one_batch() -> None:
    outcome = load_papers(
        [paper(60), paper(60, title="Later"), withdrawal(source_id="x"), paper(60, title="Later")]
    )
    assert (outcome.added, outcome.changed, outcome.unchanged) == (1, 1, 2)
    assert Paper.objects.get().title == "Later"
    assert found("later") == {"kst-35207-60"}


def test_what_cannot_be_read_is_listed() -> None:
    outcome = load_papers(
        [
            Unreadable("papers.zip: x.xml", "The XML document is empty."),
            paper(60, paper=""),
            paper(61, kind="x" * 200),
            paper(62, title="een\x00twee \ud800"),
        ]
    )
    assert outcome.added == 1
    assert [each.reason for each in outcome.unreadable] == [
        "The XML document is empty.",
        "it has no identifier",
        "the field kind has 200 signs, where at most 120 are possible",
    ]
    assert Paper.objects.get().title == "eentwee ?"


class StoppedError(Exception):
    """Stands for what ends a load at any moment."""


def test_a_load_that_ends_in_the_middle_leaves_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [paper(number) for number in range(1, 26)]
    batches = itertools.count()
    read = graph.read_papers

    def stop_at_third(papers: Any) -> None:
        read(papers)
        if next(batches) == 2:
            raise StoppedError

    monkeypatch.setattr(graph, "read_papers", stop_at_third)
    with pytest.raises(StoppedError):
        load_papers(records, batch=10)
    assert Paper.objects.count() == 20
    assert len(found("bijen")) == 20
    # nobody came to count the dossier
    assert not Dossier.objects.exists()
    monkeypatch.undo()
    outcome = load_papers(records, batch=10)
    assert (outcome.added, outcome.unchanged) == (5, 20)
    assert Dossier.objects.get().papers == 25
    assert not SyncPosition.objects.exists()


def test_dossiers_left_uncounted_are_counted_by_the_next_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geomonitor.archive.loading.refresh_dossiers", lambda keys: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load_papers([paper(60)])
    monkeypatch.undo()
    assert not Dossier.objects.exists()
    load_papers([])
    assert Dossier.objects.get().papers == 1


def test_no_more_than_a_batch_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = itertools.count(1)
    ahead = []

    def coming() -> Iterator[PaperRecord]:
        for number in range(1, 31):
            ahead.append(next(taken) - Paper.objects.count())
            yield paper(number)

    load_papers(coming(), batch=10)
    assert max(ahead) == 10


def test_counting_dossiers_anew_changes_nothing() -> None:
    load_papers([paper(60), paper(1, "36200-X", dossier_title="", date=None)])
    before = rows(Dossier)
    assert refresh_dossiers() == 0
    assert rows(Dossier) == before


def test_a_dossier_that_is_inferred_later_comes_into_counts_and_index() -> None:
    matter = {"family": Family.MATTER, "source": "tweede-kamer", "dossier": "", "number": ""}
    load_papers([paper(1, paper="2024Z00001", **matter)])
    assert not Dossier.objects.exists()
    # papers that say both dossier and title teach what the title stands for
    load_papers([paper(number) for number in range(60, 65)])
    derive_all(today=DAY)
    assert Paper.objects.get(paper="2024Z00001").dossier == "35207"
    request = search.SearchRequest(query="bijen", dossier="35207", family="matter")
    assert [each.paper for each in search.search(request).hits] == ["2024Z00001"]
    assert Dossier.objects.get().papers == 6
    before = (rows(), rows(Dossier))
    derive_all(today=DAY)
    assert (rows(), rows(Dossier)) == before


def test_votes_are_kept_once() -> None:
    matter = PaperRecord(
        paper="2024Z00060", family=Family.MATTER, source="tweede-kamer", same_as="kst-35207-60", date=DAY
    )
    load_papers([matter])
    record = VoteRecord(
        decision="b-1", matter="2024Z00060", outcome="Stemmen - aangenomen", votes_for=76, votes_against=74,
        parties=(PartyVote("D66", "Voor", 9),),
    )  # fmt: skip
    assert load_votes([record]).added == 1
    vote = Vote.objects.get()
    assert (vote.motion, vote.votes_for, vote.parties) == (
        "kst-35207-60", 76, [{"party": "D66", "vote": "Voor", "seats": 9}],
    )  # fmt: skip
    before = rows(Vote)
    assert load_votes([record, record]).unchanged == 2
    assert rows(Vote) == before
    changed = load_votes([dataclasses.replace(record, outcome="Stemmen - verworpen")])
    assert (changed.changed, changed.motions) == (1, {"kst-35207-60"})
    assert Vote.objects.get().outcome == "Stemmen - verworpen"


def test_official_commitments_come_change_and_go() -> None:
    record = CommitmentRecord(
        commitment="TZ202405-001", text="De minister stuurt een brief.", actor="minister van LVVN",
        made_on=DAY, due_until=DAY + datetime.timedelta(days=90), status="Openstaand", dossier="35207",
    )  # fmt: skip
    assert load_commitments([record]).added == 1
    kept = Commitment.objects.get()
    assert (kept.official, kept.source_status, kept.due_until) == (True, "Openstaand", record.due_until)
    # what was derived of it is not a reason to write it again
    Commitment.objects.update(met_by="kst-35207-61", state="met")
    before = rows(Commitment)
    assert load_commitments([record]).unchanged == 1
    assert rows(Commitment) == before
    assert load_commitments([dataclasses.replace(record, status="Afgedaan")]).changed == 1
    assert Commitment.objects.get().source_status == "Afgedaan"
    assert load_commitments([dataclasses.replace(record, deleted=True)]).withdrawn == 1
    assert not Commitment.objects.exists()


def test_commitments_that_do_not_fit_are_listed() -> None:
    outcome = load_commitments(
        [CommitmentRecord(commitment="TZ1", actor="x" * 300), Unreadable("line 3", "no number")]
    )
    assert [each.where for each in outcome.unreadable] == ["TZ1", "line 3"]
    assert not Commitment.objects.exists()
