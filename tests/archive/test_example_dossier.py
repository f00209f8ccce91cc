"""The example dossier that the application starts with."""

from __future__ import annotations

import datetime
import tomllib
from importlib import resources
from typing import Any

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db

DOSSIER = "44999"


@pytest.fixture
def loaded() -> int:
    from geomonitor.archive.example import load_example_dossier

    return load_example_dossier()


def motions() -> dict[str, Any]:
    from geomonitor.archive.models import Motion

    return {each.number: each for each in Motion.objects.filter(dossier=DOSSIER)}


def test_every_paper_is_there_and_marked_as_an_example(loaded: int) -> None:
    from geomonitor.archive.models import Commitment, Dossier, Motion, Paper

    papers = list(Paper.objects.order_by("date", "pk"))
    assert loaded == len(papers) == 12
    for paper in papers:
        assert paper.example
        assert paper.dossier == DOSSIER
        assert paper.title.startswith("Voorbeeld: ")
        assert paper.text.rstrip().endswith("zijn verzonnen.")
        assert paper.missing == []
    dossier = Dossier.objects.get(dossier=DOSSIER)
    assert (dossier.example, dossier.papers) == (True, 12)
    assert "verzonnen" in dossier.title
    assert not Motion.objects.filter(example=False).exists()
    assert not Commitment.objects.filter(example=False).exists()


def test_every_state_of_a_motion_occurs(loaded: int) -> None:
    found = motions()
    assert {number: motion.state for number, motion in found.items()} == {
        "3": "carried_out",
        "4": "settled",
        "5": "adopted",
        "6": "rejected",
        "12": "submitted",
    }
    assert found["3"].settled_by == "kst-44999-7"
    assert found["4"].settled_by == "kst-44999-10"
    assert found["3"].movers == ["Voorbeeldsma", "Van der Fictie"]
    assert all(motion.state_evidence for motion in found.values())
    # the progress that a paper tells is shown, and does not count as carried out
    assert "progress_told" in {each["rule"] for each in found["5"].state_evidence}


def test_every_state_of_a_commitment_occurs(loaded: int) -> None:
    from geomonitor.archive.models import Commitment

    official = {each.commitment: each for each in Commitment.objects.filter(official=True)}
    assert official["TZ209901-001"].state == "met"
    assert official["TZ209901-001"].met_by == "kst-44999-8"
    assert official["TZ209901-002"].state == "due"
    read = Commitment.objects.filter(official=False)
    states = [each.state for each in read]
    assert (states.count("overdue"), states.count("due")) == (2, 2)
    assert states.count("open") == 4
    assert {each.kind for each in read} == {"commitment", "announcement"}
    today = timezone.localdate()
    days = {(each.due_until - today).days for each in read if each.due_until}
    assert days == {-45, -10, 9, 18, 75, 240}


def test_what_the_texts_refer_to_is_there(loaded: int) -> None:
    from geomonitor.archive.models import Paper, Reference

    targets = set(Reference.objects.exclude(target="").values_list("target", flat=True))
    own = {target for target in targets if target.startswith(f"kst-{DOSSIER}-")}
    assert own <= set(Paper.objects.values_list("paper", flat=True))
    assert targets - own == {"COM(2020)474", "SWD(2021)352", "32024R1252", "32023R1781", "TZ209901-001"}
    assert not Reference.objects.filter(kind="unreadable").exists()


def test_the_votes_are_of_parties_that_do_not_exist(loaded: int) -> None:
    from geomonitor.archive.models import Vote

    votes = list(Vote.objects.all())
    assert len(votes) == 4
    for vote in votes:
        assert vote.votes_for + vote.votes_against == sum(each["seats"] for each in vote.parties) == 150
        assert all(each["party"].startswith("Partij ") for each in vote.parties)


def test_a_second_start_adds_nothing(loaded: int) -> None:
    from geomonitor.archive.example import load_example_dossier
    from geomonitor.archive.models import Paper, Vote

    before = list(Paper.objects.values_list("paper", "loaded_at"))
    assert load_example_dossier() == 0
    assert list(Paper.objects.values_list("paper", "loaded_at")) == before
    assert Vote.objects.count() == 4


def test_the_first_start_brings_it_in_and_the_next_one_does_not() -> None:
    from geomonitor.web.serving import preparing

    told: list[str] = []
    preparing._load_example_dossier(told.append)
    assert told == ["The example dossier of parliament is there: 12 papers."]
    preparing._load_example_dossier(told.append)
    assert len(told) == 1


def test_where_it_was_withdrawn_it_stays_away(loaded: int) -> None:
    from geomonitor.archive.example import load_example_dossier, withdraw_example_dossier
    from geomonitor.archive.models import Commitment, Dossier, Motion, Paper, Reference, Vote

    assert withdraw_example_dossier() == 12
    assert withdraw_example_dossier() == 0
    assert load_example_dossier() == 0
    assert not Paper.objects.filter(withdrawn_at__isnull=True).exists()
    for left in (Commitment, Motion, Reference, Vote):
        assert not left.objects.exists(), left
    assert not Dossier.objects.filter(papers__gt=0).exists()


def test_an_archive_with_papers_gets_no_example() -> None:
    from geomonitor.archive.example import load_example_dossier
    from geomonitor.archive.loading import load_papers
    from geomonitor.dossier.records import Family, PaperRecord

    record = PaperRecord(
        paper="kst-35207-60", family=Family.PAPER, source="koop", dossier="35207", number="60",
        date=datetime.date(2022, 5, 11), kind="Brief regering", title="Brief",
    )  # fmt: skip
    load_papers([record])
    assert load_example_dossier() == 0
    assert papers_there() == 1


def papers_there() -> int:
    from geomonitor.archive.models import Paper

    return Paper.objects.count()


def test_the_example_case_of_the_register_names_a_paper_that_is_there() -> None:
    from geomonitor.archive.example import register_paper

    file = resources.files("geomonitor.register") / "example.toml"
    linked = tomllib.loads(file.read_text(encoding="utf-8"))["paper"]
    assert (linked["paper"], linked["title"]) == register_paper()


def test_the_texts_name_nobody_who_exists() -> None:
    from geomonitor.archive.example import example_papers

    movers = {mover for paper in example_papers(datetime.date(2026, 3, 1)) for mover in paper.movers}
    assert movers == {"Voorbeeldsma", "Van der Fictie", "Proefstra", "Verzonnen", "Schijnstra"}
