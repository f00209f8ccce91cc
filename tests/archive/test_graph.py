"""What papers say becomes rows of the graph: references, motions, commitments."""

from __future__ import annotations

import datetime
import itertools
import random

import pytest
from django.utils import timezone

from archive.graph_papers import (
    HERITAGE,
    LETTER_TEXT,
    MOTION_TEXT,
    derive,
    graph_now,
    load,
    make,
    small_dossier,
)
from geomonitor.archive.graph import read_papers
from geomonitor.archive.judging import judge
from geomonitor.archive.models import Commitment, Dossier, Motion, Paper, Reference, Watch, WatchKind
from geomonitor.archive.search import SearchRequest, search
from geomonitor.register.models import User

pytestmark = pytest.mark.django_db


def test_a_motion_that_is_paper_and_matter_is_one_row() -> None:
    load(small_dossier())
    derive()
    motion = Motion.objects.get(motion="kst-39999-10")
    assert (motion.paper, motion.matter, motion.paper_known_by) == ("kst-39999-10", "2024Z00010", "source")
    assert motion.request_text == "verzoekt de regering een plan te maken voor varend erfgoed,"
    assert motion.cabinet_view == "Oordeel Kamer"
    assert motion.movers == ["Vos"]
    assert not Motion.objects.filter(motion="2024Z00010").exists()


def test_the_paper_of_a_matter_follows_from_the_title_of_its_dossier_and_says_so() -> None:
    load(small_dossier())
    assert Motion.objects.get(matter="2024Z00012").motion == "2024Z00012", "nothing is learned yet"
    derive()
    motion = Motion.objects.get(matter="2024Z00012")
    assert (motion.motion, motion.paper_known_by) == ("kst-39999-12", "dossier_title")
    matter = Paper.objects.get(paper="2024Z00012")
    assert (matter.dossier, matter.dossier_known_by) == ("39999", "title")
    assert Dossier.objects.get().papers == 6
    assert "2024Z00012" in {hit.paper for hit in search(SearchRequest(query="bruggen", dossier="39999")).hits}


def test_two_matters_with_one_number_stay_apart() -> None:
    twin = make("2024Z00099", kind="Motie", title="Motie van het lid Bos over iets anders", number="12",
                dossier_title=HERITAGE)  # fmt: skip
    load([*small_dossier(), twin])
    derive()
    assert set(Motion.objects.filter(number="12").values_list("motion", flat=True)) == {
        "2024Z00012",
        "2024Z00099",
    }
    assert set(Motion.objects.filter(number="12").values_list("paper", flat=True)) == {""}


def test_a_matter_whose_movers_differ_is_not_that_paper() -> None:
    paper = make("kst-39999-11", kind="Motie", title="Motie van het lid Bos over bos", movers=["Bos"])
    load([*small_dossier(), paper])
    derive()
    assert Motion.objects.get(motion="kst-39999-11").matter == ""
    assert Motion.objects.get(matter="2024Z00011").motion == "2024Z00011"


def test_a_source_that_gives_the_paper_of_a_matter_needs_no_title() -> None:
    load([make("2024Z00030", kind="Motie", title="Motie van het lid Vos over a", same_as="kst-39999-30",
               dossier="39999", number="30")])  # fmt: skip
    motion = Motion.objects.get()
    assert (motion.motion, motion.matter, motion.paper_known_by) == ("kst-39999-30", "2024Z00030", "source")


def test_commitments_are_read_in_letters_of_the_government_only() -> None:
    load(small_dossier())
    found = Commitment.objects.get()
    assert found.commitment == f"kst-39999-21@{found.start}"
    assert "kosten van onderhoud" in LETTER_TEXT[found.start : found.end]
    assert found.due_until is not None
    assert found.due_until < datetime.date(2024, 7, 2)
    assert not found.official
    Commitment.objects.all().delete()
    load([make("kst-39999-40", kind="Motie", title="Motie van het lid Vos", text=LETTER_TEXT)])
    assert not Commitment.objects.exists()


def test_reading_again_touches_nothing(django_assert_max_num_queries: object) -> None:
    load(small_dossier())
    derive()
    before, rows = graph_now(), list(Reference.objects.values_list("pk", flat=True))
    moments = list(Motion.objects.values_list("pk", "changed_at"))
    read_papers(list(Paper.objects.all()))
    derive()
    assert graph_now() == before
    assert list(Reference.objects.values_list("pk", flat=True)) == rows
    assert list(Motion.objects.values_list("pk", "changed_at")) == moments


def test_the_number_of_queries_does_not_grow_with_the_papers(django_assert_max_num_queries: object) -> None:
    many = [
        make(f"2024Z1{at:04}", kind="Motie", number=str(at), dossier_title=HERITAGE,
             title=f"Motie van het lid Vos over onderwerp {at} (t.v.v. 39999-{at})")
        for at in range(1, 301)
    ]  # fmt: skip
    Paper.objects.bulk_create(many)
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        read_papers(many)
    assert Motion.objects.count() == 300


def orders() -> list[tuple[int, ...]]:
    """Some of the orders in which seven papers can come, always the same ones."""
    every = list(itertools.permutations(range(7)))
    return [every[0], every[-1], *random.Random(7).sample(every, 2)]


def test_the_order_of_loading_makes_no_difference() -> None:
    graphs = []
    for order in orders():
        papers = small_dossier()
        for at in order:
            load([papers[at]])
        derive()
        graphs.append(graph_now())
        Commitment.objects.all().delete()
        Motion.objects.all().delete()
        Paper.objects.all().delete()
        derive()
    assert all(each == graphs[0] for each in graphs[1:])


def test_loading_with_states_derived_in_between_comes_to_the_same() -> None:
    load(small_dossier())
    derive()
    at_once = graph_now()
    Commitment.objects.all().delete()
    Motion.objects.all().delete()
    Paper.objects.all().delete()
    derive()
    for each in reversed(small_dossier()):
        load([each])
        derive()
    assert graph_now() == at_once


def test_watches_and_judgements_follow_a_motion_that_gets_its_paper(users: dict[str, User]) -> None:
    matter = next(each for each in small_dossier() if each.paper == "2024Z00010")
    load([matter])
    analyst = users["analyst"]
    Watch.objects.create(user=analyst, kind=WatchKind.MOTION, key="2024Z00010")
    judge(analyst, "motion", "2024Z00010", "settled", "Told so in the debate.")
    load([each for each in small_dossier() if each.paper != "2024Z00010"])
    derive()
    motion = Motion.objects.get(matter="2024Z00010")
    assert motion.motion == "kst-39999-10"
    assert motion.judged_state == "settled"
    assert Watch.objects.get().key == "kst-39999-10"


def test_a_commitment_keeps_its_name_when_the_text_before_it_changes(users: dict[str, User]) -> None:
    load(small_dossier())
    found = Commitment.objects.get()
    judge(users["analyst"], "commitment", found.commitment, "met", "Sent on paper.")
    letter = Paper.objects.get(paper="kst-39999-21")
    letter.text = letter.text.replace("Geachte voorzitter,", "Zeer geachte mevrouw de voorzitter,")
    letter.save()
    read_papers([letter])
    again = Commitment.objects.get()
    assert (again.pk, again.commitment, again.judged_state) == (found.pk, found.commitment, "met")
    assert again.start != found.start
    letter.text = "Geachte voorzitter,\n\nEr is niets meer te zeggen."
    letter.save()
    read_papers([letter])
    assert Commitment.objects.get().judged_state == "met", "what somebody judged stays"


def test_a_withdrawn_paper_takes_its_rows_along() -> None:
    papers = load(small_dossier())
    for each in papers:
        each.withdrawn_at = timezone.now()
        each.save()
    read_papers(papers)
    assert not Reference.objects.exists()
    assert not Commitment.objects.exists()
    assert not Motion.objects.exists()


def test_what_a_motion_asks_is_more_than_one_paragraph() -> None:
    text = MOTION_TEXT.replace(
        "een plan te maken voor varend erfgoed,",
        "een plan te maken;\n\nverzoekt de regering voorts te varen,",
    )
    load([make("kst-39999-50", kind="Motie", title="Motie van het lid Vos", text=text)])
    assert Motion.objects.get().request_text.split("\n\n") == [
        "verzoekt de regering een plan te maken;",
        "verzoekt de regering voorts te varen,",
    ]
