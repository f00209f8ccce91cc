"""Papers in and out of the search index."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction

from archive.search_papers import keep, made
from geomonitor.archive import search_index
from geomonitor.archive.models import Paper, SearchEntry, SearchStems, StemCount, StemOfWord
from geomonitor.archive.search import (
    SearchRequest,
    forget_papers,
    index_papers,
    rebuild,
    rows_for,
    search,
)
from geomonitor.errors import DataError

pytestmark = pytest.mark.django_db

DAY = datetime.date(2023, 1, 13)
START = DAY.toordinal() * 1_000_000


def found(query: str) -> list[str]:
    return [hit.paper for hit in search(SearchRequest(query=query)).hits]


def counts() -> dict[str, int]:
    return dict(StemCount.objects.exclude(papers=0).values_list("stem", "papers"))


def true_counts() -> dict[str, int]:
    counted: Counter[str] = Counter()
    for title, body in SearchStems.objects.values_list("title", "body"):
        counted.update({*title.split(), *body.split(), ""})
    return dict(counted)


def index_tables() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (SearchEntry, SearchStems, StemOfWord)]


def sound() -> None:
    """Ask the index itself whether it holds what its table of stems holds."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO archive_search (archive_search, rank) VALUES ('integrity-check', 1)")
            return
        cursor.execute("SELECT search_row FROM archive_search ORDER BY 1")
        rows = [row for (row,) in cursor.fetchall()]
        assert rows == list(SearchStems.objects.order_by("pk").values_list("pk", flat=True))


def test_rows_are_in_order_of_date() -> None:
    later = datetime.date(2023, 2, 1)
    assert rows_for([DAY, later, DAY, None]) == [
        START, later.toordinal() * 1_000_000, START + 1, 0,
    ]  # fmt: skip
    keep(made("kst-1-1"), made("kst-1-2"), made("kst-1-3", date=None))
    assert rows_for([DAY, None, DAY]) == [START + 2, 1, START + 3]
    assert rows_for([]) == []


def test_rows_of_many_days_at_once() -> None:
    days = [DAY + datetime.timedelta(days=number) for number in range(450)]
    keep(*(made(f"kst-1-{number}", date=day) for number, day in enumerate(days)))
    assert rows_for(days) == [day.toordinal() * 1_000_000 + 1 for day in days]


def test_a_day_that_is_full_says_which() -> None:
    paper = made("kst-1-1")
    paper.search_row = START + 999_999
    paper.save()
    with pytest.raises(DataError) as caught:
        rows_for([DAY])
    assert caught.value.where == "2023-01-13"


def test_a_changed_paper_replaces_what_was_there() -> None:
    (paper, _) = keep(made("kst-1-1", "Gallium en chips", "een"), made("kst-1-2", "Gallium"))
    paper.title, paper.kind = "Germanium", "Motie"
    paper.save()
    index_papers([paper])
    assert (found("gallium"), found("germanium"), found("kind:motie")) == (
        ["kst-1-2"],
        ["kst-1-1"],
        ["kst-1-1"],
    )
    assert counts() == true_counts()
    sound()


def test_a_paper_that_moved_to_another_day() -> None:
    paper, other = keep(made("kst-1-1", "Gallium"), made("kst-1-2", "Gallium"))
    paper.date = DAY - datetime.timedelta(days=5)
    (paper.search_row,) = rows_for([paper.date])
    paper.save()
    index_papers([paper])
    assert found("gallium") == ["kst-1-2", "kst-1-1"]
    assert SearchEntry.objects.count() == 2
    # and one that takes the row of another
    other.delete()
    third = made("kst-1-3", "Germanium")
    third.search_row = START + 1
    third.save()
    index_papers([third])
    assert (found("gallium"), found("germanium")) == (["kst-1-1"], ["kst-1-3"])
    assert counts() == true_counts()
    sound()


def test_the_same_again_changes_nothing() -> None:
    papers = keep(made("kst-1-1", "Strategieën"), made("kst-1-2", "Brieven", "over anti-dwang"))
    before = index_tables(), counts()
    index_papers(papers)
    index_papers([])
    assert (index_tables(), counts()) == before


def test_forgotten_and_withdrawn_papers_leave_no_trace() -> None:
    papers = keep(made("kst-1-1", "Gallium"), made("kst-1-2", "Gallium"), made("kst-1-3", "Gallium"))
    forget_papers(papers[:1])
    forget_papers(papers[:1])
    papers[1].withdrawn_at = datetime.datetime.now(datetime.UTC)
    papers[1].save()
    index_papers([papers[1]])
    assert found("gallium") == ["kst-1-3"]
    assert counts() == true_counts() == {"": 1, "gallium": 1}
    sound()


def test_nothing_is_kept_of_a_batch_that_fails() -> None:
    def fail() -> None:
        with transaction.atomic():
            keep(made("kst-1-1", "Gallium"))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()
    assert found("gallium") == []
    assert not StemCount.objects.exists()
    sound()


def test_rebuild_makes_the_same_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_BATCH", 3)
    keep(*(made(f"kst-1-{number}", f"Gallium {number}", "brieven " * number) for number in range(10)))
    before = index_tables(), counts()
    told: list[tuple[str, int, int]] = []
    outcome = rebuild(lambda text, done, total: told.append((text, done, total)), everything=True)
    assert (outcome.papers, outcome.indexed, outcome.forgotten) == (10, 10, 0)
    assert (index_tables(), counts()) == before
    assert [(done, total) for text, done, total in told if text == "Indexing papers"] == [
        (0, 10), (3, 10), (6, 10), (9, 10), (10, 10),
    ]  # fmt: skip
    outcome = rebuild()
    assert (outcome.papers, outcome.indexed, outcome.forgotten) == (10, 0, 0)
    sound()


def test_rebuild_mends_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_BATCH", 3)
    papers = keep(*(made(f"kst-1-{number}", f"Gallium w{number}") for number in range(10)))
    Paper.objects.filter(paper="kst-1-2").update(title="Germanium")
    Paper.objects.filter(paper="kst-1-4").update(withdrawn_at=datetime.datetime.now(datetime.UTC))
    Paper.objects.filter(paper__in=["kst-1-5", "kst-1-9"]).delete()
    forget_papers([papers[0]])
    SearchEntry.objects.filter(paper_id=papers[7].pk).update(rules=0)
    outcome = rebuild()
    assert (outcome.papers, outcome.indexed, outcome.forgotten) == (8, 3, 3)
    assert found("germanium") == ["kst-1-2"]
    assert found("gallium") == [f"kst-1-{number}" for number in (8, 7, 6, 3, 1, 0)]
    assert counts() == true_counts()
    sound()


def test_a_rebuild_that_was_ended_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_BATCH", 3)
    keep(*(made(f"kst-1-{number}", f"Gallium w{number}") for number in range(10)))

    def end(text: str, done: int, total: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(end, everything=True)
    assert search(SearchRequest(query="gallium")).total == 6
    outcome = rebuild()
    assert (outcome.papers, outcome.indexed) == (10, 4)
    assert search(SearchRequest(query="gallium")).total == 10


def test_everything_is_made_anew_of_a_damaged_index() -> None:
    keep(made("kst-1-1", "Gallium"))
    SearchStems.objects.update(title="wrong")
    rebuild(everything=True)
    assert found("gallium") == ["kst-1-1"]
    sound()


def test_long_and_odd_texts() -> None:
    keep(
        made("kst-1-1", "x" * 50_000, "y" * 50_000 + " gallium"),
        made("kst-1-2", " ".join(f"w{number}é" for number in range(30_000)), ""),
        made("kst-1-3", "中文 Ελλάδα \U0001f600 \ufeff", 'ﬁnanciën\' "quoted" \\ % _ $$'),
        made("kst-1-4", "", "", kind="%'\\;", dossier="'"),
    )
    assert found("gallium") == ["kst-1-1"]
    assert found("Ελλάδα") == found("financien quoted") == ["kst-1-3"]
    assert found("w29é") == ["kst-1-2"]
    assert search(SearchRequest(kind="%'\\;")).total == 4 - 3
    assert search(SearchRequest()).total == 4
    sound()


def test_a_text_of_many_different_words_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL holds no more than a megabyte of different words."""
    text = " ".join(f"woord{number:x}abcdefghijklmnopqrstuvwxyz" for number in range(40_000))
    keep(made("kst-1-1", "Lang", text))
    entry = SearchEntry.objects.get()
    assert entry.cut
    assert 10_000 < entry.words < 40_000
