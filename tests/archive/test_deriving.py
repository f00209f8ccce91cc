"""States of motions and commitments, derived from what is in the archive."""

from __future__ import annotations

import datetime

import pytest

from archive.graph_papers import TODAY, derive, load, make, small_dossier
from geomonitor.archive.deriving import derive_for, derive_states
from geomonitor.archive.models import Commitment, Motion, Paper, Reference, Vote

pytestmark = pytest.mark.django_db


def vote(decision: str, outcome: str, day: int, **about: str) -> None:
    Vote.objects.create(
        decision=decision, outcome=outcome, date=datetime.date(2024, 3, day), fingerprint=decision, **about
    )


def rules(record: Motion | Commitment) -> list[str]:
    return [each["rule"] for each in record.state_evidence]


def test_states_of_the_small_dossier() -> None:
    load(small_dossier())
    vote("b1", "Stemmen - aangenomen", 12, motion="kst-39999-10")
    vote("b2", "Stemmen - aangenomen", 12, matter="2024Z00012")
    derive()
    heritage, first, bridges = Motion.objects.order_by("number")
    assert (heritage.state, heritage.settled_by) == ("settled", "kst-39999-21")
    assert heritage.settled_on == datetime.date(2024, 5, 2)
    assert "afgedaan" in heritage.state_evidence[-1]["quoted"]
    assert (first.state, first.settled_by) == ("replaced", "kst-39999-12")
    assert (bridges.state, bridges.settled_by) == ("carried_out", "2024Z00020")
    assert rules(bridges)[-1] == "said_carried_out"


def test_a_committee_that_asks_for_execution_is_no_evidence() -> None:
    load([each for each in small_dossier() if each.paper in {"kst-39999-10", "2024Z00022"}])
    derive()
    motion = Motion.objects.get()
    assert (motion.state, rules(motion)) == ("submitted", ["submitted"])
    assert Reference.objects.filter(motion=motion.motion, paper__paper="2024Z00022").exists()


def test_parliaments_mark_that_a_motion_is_dealt_with_is_no_execution() -> None:
    load([make("2024Z00050", kind="Motie", title="Motie van het lid Vos over varen", settled=True)])
    derive()
    assert Motion.objects.get().state == "submitted"


def test_a_letter_about_a_rejected_motion_is_shown_and_does_not_count() -> None:
    load(small_dossier())
    vote("b1", "Stemmen - verworpen", 12, motion="kst-39999-10")
    derive()
    motion = Motion.objects.get(motion="kst-39999-10")
    assert (motion.state, motion.settled_by) == ("rejected", "")
    assert "motion_not_adopted" in {each["passed_over"] for each in motion.state_evidence}


def test_a_number_that_does_not_fit_the_movers_is_flagged_and_does_not_count() -> None:
    letter = make(
        "2024Z00051",
        kind="Brief regering",
        date=datetime.date(2024, 6, 1),
        title="Uitvoering van de motie van het lid Bos over windmolens (Kamerstuk 39999-10)",
    )
    load([each for each in small_dossier() if each.paper == "kst-39999-10"] + [letter])
    derive()
    motion = Motion.objects.get()
    assert motion.state == "submitted"
    assert [each["passed_over"] for each in motion.state_evidence] == ["", "link_unsure"]
    assert set(Reference.objects.exclude(motion="").values_list("link_rule", flat=True)) == {
        "named_paper_differs"
    }


def test_only_what_changes_is_written() -> None:
    load(small_dossier())
    derive()
    before = dict(Motion.objects.values_list("motion", "changed_at"))
    vote("b1", "Stemmen - aangehouden", 12, motion="kst-39999-11")
    vote("b2", "Stemmen - verworpen", 12, motion="kst-39999-12")
    outcome = derive_states(today=TODAY)
    assert outcome.motions == 2, "the held over one gets evidence, the other one another state"
    after = dict(Motion.objects.values_list("motion", "changed_at"))
    assert {key for key, moment in after.items() if moment != before[key]} == {"kst-39999-12"}
    assert derive_states(today=TODAY) == type(outcome)()


def test_deriving_for_some_papers_comes_to_the_same_as_for_all() -> None:
    papers = small_dossier()
    load(papers[:4])
    derive()
    load(papers[4:])
    derive_for([each.paper for each in papers[4:]], today=TODAY)
    some = list(Motion.objects.order_by("motion").values("motion", "state", "state_evidence", "settled_by"))
    derive()
    assert (
        list(Motion.objects.order_by("motion").values("motion", "state", "state_evidence", "settled_by"))
        == some
    )
    assert derive_for([], today=TODAY).motions == 0


def test_a_commitment_from_open_to_overdue() -> None:
    load(small_dossier())
    until = Commitment.objects.get().due_until
    assert until is not None
    for days, state in ((-31, "open"), (-30, "due"), (0, "due"), (1, "overdue")):
        derive(until + datetime.timedelta(days=days))
        assert Commitment.objects.get().state == state
    assert rules(Commitment.objects.get()) == ["day_passed"]


def test_official_commitments_are_met_by_a_paper_or_by_their_status() -> None:
    common = {"official": True, "text": "De minister zegt toe.", "due_until": datetime.date(2024, 1, 1)}
    Commitment.objects.create(commitment="TZ202401-001", **common, source_status="Openstaand")
    Commitment.objects.create(commitment="TZ202401-002", **common, source_status="Afgedaan")
    Commitment.objects.create(commitment="TZ202401-003", **common, source_met_by="kst-39999-70")
    letter = make("kst-39999-71", kind="Brief", title="Brief", date=datetime.date(2024, 2, 1))
    Paper.objects.bulk_create([letter])
    Commitment.objects.create(commitment="TZ202401-004", **common)
    Reference.objects.create(
        paper=letter, target="TZ202401-004", kind="commitment", relation="meets", field="text", start=0,
        end=12, quoted="TZ202401-004", confidence=1, rule="made_up",
    )  # fmt: skip
    derive()
    found = {each.commitment[-1]: (each.state, each.met_by) for each in Commitment.objects.all()}
    assert found == {
        "1": ("overdue", ""),
        "2": ("met", ""),
        "3": ("met", "kst-39999-70"),
        "4": ("met", "kst-39999-71"),
    }
    Reference.objects.all().delete()
    derive()
    assert Commitment.objects.get(commitment="TZ202401-004").met_by == "", (
        "what no paper says any more is undone"
    )


def test_progress_is_told() -> None:
    load(small_dossier())
    told: list[tuple[int, int]] = []
    derive_states(today=TODAY, progress=lambda text, done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert all(0 <= done <= total for done, total in told)


def test_what_a_letter_promises_for_later_is_not_met_by_it() -> None:
    common = {"official": True, "text": "De minister zegt toe.", "due_until": datetime.date(2024, 1, 1)}
    for number in (1, 2):
        Commitment.objects.create(commitment=f"TZ202401-00{number}", **common)
    text = (
        "De toezegging TZ202401-001 zal later worden nagekomen. "
        "Hiermee voldoet het kabinet aan de toezegging TZ202401-002."
    )
    load([make("kst-39999-71", kind="Brief regering", title="Brief over varen", text=text)])
    derive()
    told = dict(Reference.objects.filter(kind="commitment").values_list("target", "relation"))
    assert told == {"TZ202401-001": "progress", "TZ202401-002": "meets"}
    states = dict(Commitment.objects.filter(official=True).values_list("commitment", "state"))
    assert states == {"TZ202401-001": "overdue", "TZ202401-002": "met"}


def test_a_state_of_play_is_progress_everywhere() -> None:
    title = "Stand van zaken uitvoering motie van het lid Vos over varend erfgoed (Kamerstuk 39999-10)"
    letter = make("2024Z00052", kind="Brief regering", date=datetime.date(2024, 6, 1), title=title)
    load([each for each in small_dossier() if each.paper == "kst-39999-10"] + [letter])
    derive()
    assert set(Reference.objects.filter(motion="kst-39999-10").values_list("relation", flat=True)) == {
        "progress"
    }
    motion = Motion.objects.get()
    assert (motion.state, motion.settled_by, rules(motion)) == (
        "submitted",
        "",
        ["submitted", "progress_told"],
    )
