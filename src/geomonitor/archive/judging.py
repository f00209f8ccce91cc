"""A person's judgement on a state, which counts before what was derived; ended, never deleted."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from geomonitor.archive.models import (
    Commitment,
    CommitmentState,
    Judged,
    Motion,
    MotionState,
    StateJudgement,
)
from geomonitor.register.access import require
from geomonitor.register.errors import ConflictError, RuleError
from geomonitor.register.models import User
from geomonitor.register.services.writing import required_reason

__all__ = ["LONGEST_REASON", "end_judgement", "judge", "judgement_in_force"]

LONGEST_REASON = 5_000
"""Characters of a reason."""


def judge(user: User, judged: str, key: str, state: str, reason: str) -> StateJudgement:
    """Judge that a motion or commitment has another state than was derived, with a reason.

    A judgement that is in force is ended by it, with the same reason.

    Parameters
    ----------
    user : User
    judged : str
        motion or commitment.
    key : str
        A motion by its paper or matter; a commitment by its number, or its paper and position.
    state : str
        One of `MotionState` or `CommitmentState`.
    reason : str

    Raises
    ------
    NotAllowedError
        If the user's role does not allow it.
    RuleError
        Without a reason, for a state or record that is not there, or where nothing would change.
    ConflictError
        If somebody else judged at the same moment.
    """
    require(user, "judge_states")
    told = _reason(reason)
    try:
        with transaction.atomic():
            return _judged(user, judged, key, state, told)
    except IntegrityError as error:
        # the database knows one judgement in force for each record
        raise _conflict(judged, key) from error


def _judged(user: User, judged: str, key: str, state: str, reason: str) -> StateJudgement:
    row = _locked(judged, key)
    states = MotionState if judged == Judged.MOTION else CommitmentState
    if state not in states.values:
        raise RuleError(
            "There is no such state.",
            key="state_unknown",
            values={"state": state},
            field="state",
            where="{state}",
            next_step="Choose one of the list.",
        )
    if state == row.current_state:
        raise RuleError(
            "This is the state that counts already.",
            key="state_same",
            values={"state": state},
            field="state",
            where="{state}",
            next_step="Choose another state, or leave it as it is.",
        )
    old = judgement_in_force(row)
    if old is not None and state == row.state:
        raise RuleError(
            "This is the state that was derived: no judgement is needed for it.",
            key="state_derived",
            values={"state": state},
            field="state",
            where="{state}",
            next_step="End the judgement that is in force.",
        )
    if old is not None:
        _end(user, old, reason)
    made = StateJudgement.objects.create(
        judged=judged,
        key=row.motion if isinstance(row, Motion) else row.commitment,
        state=state,
        reason=reason,
        derived_state=row.state,
        made_by=user,
    )
    _keep_in_step(row, state)
    return made


@transaction.atomic
def end_judgement(user: User, judgement: StateJudgement, reason: str) -> StateJudgement:
    """End a judgement, so that the derived state counts again.

    Parameters
    ----------
    user : User
    judgement : StateJudgement
    reason : str

    Raises
    ------
    NotAllowedError
        If the user's role does not allow it.
    RuleError
        Without a reason, or if it was ended already.
    """
    require(user, "judge_states")
    told = _reason(reason)
    row = _found(judgement.judged, judgement.key)
    current = StateJudgement.objects.select_for_update().get(pk=judgement.pk)
    if current.ended_at is not None:
        raise RuleError(
            "This judgement was ended already.", key="judgement_ended", next_step="Read the page again."
        )
    _end(user, current, told)
    # its paper may have been withdrawn since
    if row is not None:
        _keep_in_step(row, "")
    return current


def judgement_in_force(row: Motion | Commitment) -> StateJudgement | None:
    """Give the judgement that counts for a motion or commitment.

    A motion that was judged by its matter, before its paper was known, is found by either.
    """
    if isinstance(row, Motion):
        names = [each for each in (row.motion, row.paper, row.matter) if each]
        found = StateJudgement.objects.filter(judged=Judged.MOTION, key__in=names)
    else:
        found = StateJudgement.objects.filter(judged=Judged.COMMITMENT, key=row.commitment)
    return found.filter(ended_at__isnull=True).order_by("made_at", "id").last()


def _locked(judged: str, key: str) -> Motion | Commitment:
    row = _found(judged, key)
    if row is None:
        raise RuleError(
            "The archive has no such motion or commitment.",
            key="judged_unknown",
            values={"key": key},
            where="{key}",
            expected="a motion or commitment of the archive",
            next_step="Look it up in the list.",
        )
    return row


def _found(judged: str, key: str) -> Motion | Commitment | None:
    """Find the row, and keep others from changing it until the transaction ends."""
    if judged == Judged.MOTION:
        motions = Motion.objects.select_for_update().filter(Q(motion=key) | Q(paper=key) | Q(matter=key))
        return motions.order_by("motion").first()
    return Commitment.objects.select_for_update().filter(commitment=key).first()


def _end(user: User, judgement: StateJudgement, reason: str) -> None:
    judgement.ended_by, judgement.ended_at, judgement.ended_reason = user, timezone.now(), reason
    judgement.save(update_fields=["ended_by", "ended_at", "ended_reason"])


def _keep_in_step(row: Motion | Commitment, state: str) -> None:
    row.judged_state, row.changed_at = state, timezone.now()
    row.save(update_fields=["judged_state", "changed_at"])


def _reason(reason: str) -> str:
    told = required_reason(reason)
    if len(told) > LONGEST_REASON:
        raise RuleError(
            "The reason is too long.",
            key="reason_long",
            values={"length": len(told), "longest": LONGEST_REASON},
            field="reason",
            where="{length} signs",
            expected="at most {longest} signs",
            next_step="Say it in fewer words.",
        )
    return told


def _conflict(judged: str, key: str) -> ConflictError:
    return ConflictError(
        "Somebody else judged this at the same moment; nothing of yours was saved.",
        key="judged_meanwhile",
        record=_found_now(judged, key),
        wanted={},
        next_step="Read the page again.",
    )


def _found_now(judged: str, key: str) -> Motion | Commitment | None:
    if judged == Judged.MOTION:
        return Motion.objects.filter(Q(motion=key) | Q(paper=key) | Q(matter=key)).order_by("motion").first()
    return Commitment.objects.filter(commitment=key).first()
