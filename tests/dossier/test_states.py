"""States of motions and commitments, from the evidence alone."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.states import (
    Evidence,
    commitment_state,
    met_evidence,
    motion_state,
    paper_evidence,
    replaced_evidence,
    status_evidence,
    submitted_evidence,
    taken_over_evidence,
    vote_evidence,
)

SUBMITTED = datetime.date(2024, 1, 10)
VOTED = datetime.date(2024, 1, 16)
LATER = datetime.date(2024, 5, 1)


def submitted() -> Evidence:
    return submitted_evidence("kst-35207-46", SUBMITTED)


def voted(outcome: str, date: datetime.date = VOTED) -> Evidence:
    return vote_evidence(outcome, decision=f"b-{date}", date=date)


def letter(
    relation: str = "carries_out", date: datetime.date | None = LATER, confidence: float = 1.0
) -> Evidence:
    return paper_evidence(
        relation, paper=f"kst-35207-{relation}", date=date, quoted="uitvoering motie", confidence=confidence
    )


@pytest.mark.parametrize(
    ("outcome", "rule", "state"),
    [
        ("Stemmen - aangenomen", "voted_for", "adopted"),
        ("Stemmen - verworpen", "voted_down", "rejected"),
        ("Stemmen - niet aangenomen", "voted_down", "rejected"),
        ("Stemmen - gestaakt", "votes_tied", ""),
        ("Stemmen - uitstellen", "vote_put_off", ""),
        ("Stemmen - aangehouden", "held_over", "held_over"),
        ("Aangehouden (art. 69 RvO)", "held_over", "held_over"),
        ("Ingetrokken", "withdrawn", "withdrawn"),
        ("Vervallen", "lapsed", "withdrawn"),
        ("Overgenomen", "taken_over", "adopted"),
        ("Behandelen", "outcome_unknown", ""),
    ],
)
def test_what_an_outcome_means(outcome: str, rule: str, state: str) -> None:
    found = vote_evidence(outcome)
    assert (found.rule, found.state) == (rule, state)


def test_totals_count_only_where_the_words_do_not_say_it() -> None:
    assert vote_evidence("Stemmen - verworpen", votes_for=80, votes_against=70).state == "rejected"
    assert vote_evidence("Stemmen", votes_for=80, votes_against=70).state == "adopted"
    assert vote_evidence("Stemmen", votes_for=70, votes_against=80).state == "rejected"
    assert vote_evidence("Stemmen", votes_for=75, votes_against=75).state == ""
    assert "(80-70)" in vote_evidence("Stemmen", votes_for=80, votes_against=70).quoted


@pytest.mark.parametrize(
    ("evidence", "state", "by"),
    [
        ([], "submitted", ""),
        ([voted("Stemmen - aangehouden")], "held_over", ""),
        ([voted("Stemmen - aangehouden"), voted("Stemmen - aangenomen", LATER)], "adopted", ""),
        ([voted("Stemmen - aangenomen"), voted("Ingetrokken", LATER)], "withdrawn", ""),
        ([voted("Stemmen - gestaakt")], "submitted", ""),
        ([replaced_evidence("kst-35207-50", VOTED, "t.v.v.")], "replaced", "kst-35207-50"),
        (
            [voted("Stemmen - aangenomen"), replaced_evidence("kst-35207-50", VOTED, "t.v.v.")],
            "adopted",
            "",
        ),
        ([voted("Stemmen - aangenomen"), letter()], "carried_out", "kst-35207-carries_out"),
        ([voted("Stemmen - aangenomen"), letter(), letter("settles")], "settled", "kst-35207-settles"),
        # no vote is known of most motions: a letter that says so counts all the same
        ([letter()], "carried_out", "kst-35207-carries_out"),
        ([voted("Stemmen - verworpen"), letter()], "rejected", ""),
        ([voted("Stemmen - aangenomen"), letter(confidence=0.4)], "adopted", ""),
        ([voted("Stemmen - aangenomen"), letter(date=datetime.date(2023, 12, 1))], "adopted", ""),
        ([voted("Stemmen - aangenomen"), letter(date=None)], "carried_out", "kst-35207-carries_out"),
    ],
)
def test_the_state_of_a_motion(evidence: list[Evidence], state: str, by: str) -> None:
    for order in itertools.permutations([submitted(), *evidence]):
        found = motion_state(order, motion_date=SUBMITTED)
        assert (found.state, found.by) == (state, by)
        assert len(found.evidence) == len(evidence) + 1, "nothing is left unsaid"


def test_evidence_that_does_not_count_says_why() -> None:
    early, unsure, rejected = (
        motion_state([letter(date=datetime.date(2023, 12, 1))], motion_date=SUBMITTED),
        motion_state([letter(confidence=0.4)]),
        motion_state([voted("Stemmen - verworpen"), letter()]),
    )
    assert [each.passed_over for each in early.evidence] == ["before_motion"]
    assert [each.passed_over for each in unsure.evidence] == ["link_unsure"]
    assert [each.passed_over for each in rejected.evidence] == ["", "motion_not_adopted"]


def test_progress_is_told_and_is_no_execution() -> None:
    told = paper_evidence(
        "carries_out", paper="kst-1", date=LATER, quoted="stand van zaken", progress_only=True
    )
    found = motion_state([voted("Stemmen - aangenomen"), told])
    assert found.state == "adopted"
    assert told in found.evidence


def test_the_first_paper_that_says_so_is_the_one() -> None:
    second = paper_evidence("carries_out", paper="kst-35207-90", date=LATER, quoted="")
    first = paper_evidence("carries_out", paper="kst-35207-91", date=VOTED, quoted="")
    assert motion_state([second, first]).by == "kst-35207-91"


def test_a_motion_that_the_government_took_over_is_adopted_without_a_vote() -> None:
    found = taken_over_evidence("Overgenomen", "kst-35207-46", SUBMITTED)
    assert found is not None
    assert motion_state([submitted(), found]).state == "adopted"
    assert taken_over_evidence("Oordeel Kamer", "kst-35207-46", SUBMITTED) is None


evidences = st.builds(
    Evidence,
    rule=st.sampled_from(["voted_for", "said_settled", "replaced", "submitted"]),
    state=st.sampled_from(
        ["", "adopted", "rejected", "settled", "carried_out", "replaced", "submitted", "held_over"]
    ),
    paper=st.sampled_from(["kst-1", "kst-2"]),
    date=st.none() | st.dates(datetime.date(2024, 1, 1), datetime.date(2024, 1, 4)),
)


@given(st.lists(evidences, max_size=6), st.randoms())
def test_the_order_of_evidence_makes_no_difference(found: list[Evidence], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert motion_state(found, motion_date=SUBMITTED) == motion_state(
        shuffled + shuffled, motion_date=SUBMITTED
    )


TODAY = datetime.date(2023, 4, 2)


@pytest.mark.parametrize(
    ("due_text", "due_until", "state", "rule"),
    [
        ("", None, "open", "no_time_given"),
        ("op korte termijn", None, "open", "no_day_given"),
        ("in het eerste kwartaal van 2023", datetime.date(2023, 3, 31), "overdue", "day_passed"),
        ("vandaag", datetime.date(2023, 4, 2), "due", "day_near"),
        ("voor mei", datetime.date(2023, 5, 2), "due", "day_near"),
        ("voor de zomer", datetime.date(2023, 5, 3), "open", "day_ahead"),
    ],
)
def test_the_state_of_a_commitment(
    due_text: str, due_until: datetime.date | None, state: str, rule: str
) -> None:
    found = commitment_state([], today=TODAY, due_text=due_text, due_until=due_until)
    assert (found.state, found.evidence[-1].rule) == (state, rule)


def test_how_near_is_due_can_be_chosen() -> None:
    until = datetime.date(2023, 4, 20)
    assert commitment_state([], today=TODAY, due_until=until, due_within_days=14).state == "open"
    assert commitment_state([], today=TODAY, due_until=until, due_within_days=18).state == "due"


def test_a_paper_that_names_it_meets_it_whatever_the_day() -> None:
    past = datetime.date(2023, 1, 1)
    paper = met_evidence("kst-35207-70", LATER, "hiermee doe ik gestand")
    status = status_evidence("Openstaand", "TZ202211-190")
    assert status is not None
    found = commitment_state([status, paper], today=TODAY, due_until=past)
    assert (found.state, found.by, found.on) == ("met", "kst-35207-70", LATER)
    assert {each.rule for each in found.evidence} == {"parliament_open", "said_met"}


def test_parliaments_own_status_meets_it_without_a_paper() -> None:
    status = status_evidence(" Afgedaan ", "TZ202211-190")
    assert status is not None
    found = commitment_state([status], today=TODAY, due_until=datetime.date(2023, 1, 1))
    assert (found.state, found.by) == ("met", "")


def test_an_unknown_status_is_shown_and_decides_nothing() -> None:
    status = status_evidence("Geannuleerd", "TZ202211-190")
    assert status is not None
    found = commitment_state([status], today=TODAY)
    assert (found.state, found.evidence[0].rule) == ("open", "status_unknown")
    assert status_evidence("", "TZ202211-190") is None
