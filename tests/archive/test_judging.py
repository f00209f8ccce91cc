"""What people judge about states: by role, with a reason, kept for good."""

from __future__ import annotations

import pytest

from archive.graph_papers import derive, load, small_dossier
from geomonitor.archive.judging import LONGEST_REASON, end_judgement, judge, judgement_in_force
from geomonitor.archive.models import Motion, StateJudgement
from geomonitor.register.errors import ConflictError, NotAllowedError, RuleError
from geomonitor.register.models import User

MOTION = "kst-39999-10"


@pytest.fixture
def motion(db: None) -> Motion:
    load(small_dossier())
    derive()
    return Motion.objects.get(motion=MOTION)


def test_a_judgement_counts_before_what_was_derived_and_stays_when_states_are_derived_anew(
    motion: Motion, users: dict[str, User]
) -> None:
    made = judge(users["analyst"], "motion", MOTION, "adopted", " The letter speaks of another motion. ")
    derive()
    motion.refresh_from_db()
    assert (motion.state, motion.judged_state, motion.current_state) == ("settled", "adopted", "adopted")
    assert (made.derived_state, made.reason) == ("settled", "The letter speaks of another motion.")


def test_it_is_ended_and_never_deleted(motion: Motion, users: dict[str, User]) -> None:
    made = judge(users["analyst"], "motion", MOTION, "adopted", "Another motion.")
    end_judgement(users["administrator"], made, "It was this one after all.")
    motion.refresh_from_db()
    assert motion.current_state == "settled"
    kept = StateJudgement.objects.get()
    assert (kept.state, kept.reason, kept.ended_by) == ("adopted", "Another motion.", users["administrator"])
    assert kept.ended_reason == "It was this one after all."
    with pytest.raises(RuleError) as refused:
        end_judgement(users["analyst"], made, "Again.")
    assert refused.value.key == "judgement_ended"


def test_another_judgement_ends_the_one_in_force(motion: Motion, users: dict[str, User]) -> None:
    judge(users["analyst"], "motion", MOTION, "adopted", "First thought.")
    judge(users["second_analyst"], "motion", MOTION, "carried_out", "Second thought.")
    first, second = StateJudgement.objects.order_by("id")
    assert (first.ended_by, first.ended_reason) == (users["second_analyst"], "Second thought.")
    motion.refresh_from_db()
    assert judgement_in_force(motion) == second
    assert motion.judged_state == "carried_out"


def test_who_follows_it_hears_of_it(motion: Motion, users: dict[str, User]) -> None:
    made = judge(users["analyst"], "motion", MOTION, "adopted", "Another motion.")
    judged = Motion.objects.get(motion=MOTION).changed_at
    assert judged > motion.changed_at
    end_judgement(users["analyst"], made, "Over.")
    assert Motion.objects.get(motion=MOTION).changed_at > judged


@pytest.mark.parametrize("role", ["reader", "decision_maker"])
def test_not_everybody_judges(motion: Motion, users: dict[str, User], role: str) -> None:
    made = judge(users["analyst"], "motion", MOTION, "adopted", "Another motion.")
    with pytest.raises(NotAllowedError):
        judge(users[role], "motion", MOTION, "rejected", "So it is.")
    with pytest.raises(NotAllowedError):
        end_judgement(users[role], made, "So it is.")
    assert StateJudgement.objects.get().ended_at is None


@pytest.mark.parametrize(
    ("judged", "key", "state", "reason", "why"),
    [
        ("motion", MOTION, "adopted", "  ", "reason_missing"),
        ("motion", MOTION, "adopted", "x" * (LONGEST_REASON + 1), "reason_long"),
        ("motion", MOTION, "overdue", "So it is.", "state_unknown"),
        ("motion", MOTION, "settled", "So it is.", "state_same"),
        ("motion", "kst-39999-999", "adopted", "So it is.", "judged_unknown"),
        ("commitment", MOTION, "met", "So it is.", "judged_unknown"),
    ],
)
def test_what_is_refused(
    motion: Motion, users: dict[str, User], judged: str, key: str, state: str, reason: str, why: str
) -> None:
    with pytest.raises(RuleError) as refused:
        judge(users["analyst"], judged, key, state, reason)
    assert refused.value.key == why
    assert not StateJudgement.objects.exists()


def test_the_derived_state_is_come_back_to_by_ending(motion: Motion, users: dict[str, User]) -> None:
    judge(users["analyst"], "motion", MOTION, "adopted", "Another motion.")
    with pytest.raises(RuleError) as refused:
        judge(users["analyst"], "motion", MOTION, "settled", "As derived.")
    assert refused.value.key == "state_derived"


def test_nothing_is_kept_of_a_judgement_that_fails_halfway(
    motion: Motion, users: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(users["analyst"], "motion", MOTION, "adopted", "First.")

    def fail(*about: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("geomonitor.archive.judging._keep_in_step", fail)
    with pytest.raises(ZeroDivisionError):
        judge(users["analyst"], "motion", MOTION, "rejected", "Second.")
    assert StateJudgement.objects.get().ended_at is None


def test_of_two_who_judge_at_the_same_moment_the_second_is_told(
    motion: Motion, users: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(users["analyst"], "motion", MOTION, "adopted", "First.")
    # as if the first had not been there yet when the second looked
    monkeypatch.setattr("geomonitor.archive.judging.judgement_in_force", lambda row: None)
    with pytest.raises(ConflictError) as refused:
        judge(users["second_analyst"], "motion", MOTION, "rejected", "Second.")
    assert refused.value.record.judged_state == "adopted"
    assert StateJudgement.objects.get().made_by == users["analyst"]
