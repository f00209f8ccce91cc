"""Opening a case and taking it through its steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from geomonitor.register.access import may_change_case, require
from geomonitor.register.errors import Codes, NotAllowedError, RuleError
from geomonitor.register.models import STEPS, Case, CaseMember, Decision, RiskJudgement, Role, StepEvent, User
from geomonitor.register.services.writing import (
    change,
    check_version,
    create,
    locked,
    required_reason,
    save,
    withdraw,
)

__all__ = [
    "change_case",
    "close_case",
    "complete_step",
    "end_access",
    "give_access",
    "missing_for_step",
    "open_case",
    "open_case_again",
    "reopen_step",
    "require_change",
    "withdraw_case",
]

_OPTIONS_TO_WEIGH = 2
_CHANGEABLE = frozenset(
    {
        "title",
        "subject_kind",
        "subject_code",
        "subject_name",
        "importer",
        "counterpart",
        "summary",
        "benefits",
        "visibility",
        "assigned_to",
    }
)


@transaction.atomic
def open_case(
    user: User,
    *,
    title: str,
    subject_kind: str,
    subject_name: str,
    subject_code: str = "",
    importer: str = "",
    counterpart: str = "",
    summary: str = "",
    benefits: str = "",
    visibility: str = Case.Visibility.EVERYONE,
    assigned_to: User | None = None,
    example: bool = False,
) -> Case:
    """Open a case; who opens it gets write access, which matters once it is restricted.

    Returns
    -------
    Case
        With a reference such as ``2026-014``: the year, and the next number in it.

    Raises
    ------
    NotAllowedError
        If the user's role does not open cases.
    RuleError
        If a field is not right.
    """
    require(user, "change_cases")
    created = _with_free_reference(
        user,
        lambda reference: Case(
            reference=reference,
            title=title,
            subject_kind=subject_kind,
            subject_code=subject_code,
            subject_name=subject_name,
            importer=importer,
            counterpart=counterpart,
            summary=summary,
            benefits=benefits,
            visibility=visibility,
            assigned_to=assigned_to or user,
            example=example,
        ),
    )
    CaseMember.objects.create(case=created, user=user, access=CaseMember.Access.WRITE, given_by=user)
    return created


def change_case(user: User, case: Case, version: int, **fields: Any) -> Case:
    """Change the head of a case.

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    require_change(user, case)
    foreign = set(fields) - _CHANGEABLE
    if foreign:
        raise RuleError(
            "These are not changed by hand: {fields}.",
            key="not_by_hand",
            values={"fields": ", ".join(sorted(foreign))},
        )
    assigned = fields.get("assigned_to")
    if assigned is not None and not may_change_case(assigned, case):
        raise RuleError(
            "{user} cannot work on this case.",
            key="cannot_work",
            values={"user": assigned.shown_name},
            field="assigned_to",
            expected="a user whose role and access allow changes",
            next_step="Give access first, or choose somebody else.",
        )
    return change(user, case, version, **fields)


def missing_for_step(case: Case, step: int) -> tuple[str, ...]:
    """Say what a step still lacks, as keys of texts; empty when it can be completed.

    Parameters
    ----------
    case : Case
    step : int
        1 to 4.
    """
    if step == 1:
        interests = case.interests.current()
        if not interests.exists():
            return ("interest",)
        return ("interest_unclear",) if interests.filter(touched="unclear").exists() else ()
    if step == 2:
        judged = set(case.judgements.current().values_list("dimension", flat=True))
        return tuple(each for each in RiskJudgement.Dimension.values if each not in judged)
    if step == 3:
        kinds = list(case.options.current().values_list("kind", flat=True))
        lacking = []
        if "do_nothing" not in kinds:
            lacking.append("do_nothing")
        if len(kinds) < _OPTIONS_TO_WEIGH:
            lacking.append("second_option")
        if not case.benefits.strip():
            lacking.append("benefits")
        return tuple(lacking)
    if step == len(STEPS):
        standing = case.decisions.current().filter(state=Decision.State.APPROVED)
        return () if standing.exists() else ("approved_decision",)
    raise RuleError(
        "There is no step {step}.",
        key="step_unknown",
        values={"step": step, "last": len(STEPS)},
        expected="1 to {last}",
    )


@transaction.atomic
def complete_step(user: User, case: Case, version: int, step: int) -> Case:
    """Complete a step: the next one in order, with nothing missing.

    Step 4 completes itself when a decision is approved.

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    require_change(user, case)
    current = locked(case)
    check_version(current, version, {"completed_steps": step})
    if step == len(STEPS):
        raise RuleError(
            "The last step is completed by the approval of a decision.",
            key="step_last",
            next_step="Propose a decision, and have a decision maker approve it.",
        )
    return completed(user, current, step)


def completed(user: User, current: Case, step: int) -> Case:
    """Complete a step of a case that is locked."""
    if step != current.completed_steps + 1:
        raise RuleError(
            "Step {step} cannot be completed now.",
            key="step_order",
            values={"step": step, "due": current.completed_steps + 1},
            expected="step {due}: steps are completed in order",
            next_step="Complete the steps before it, or reopen it first.",
        )
    missing = missing_for_step(current, step)
    if missing:
        raise RuleError(
            "Step {step} is not complete.",
            key="step_incomplete",
            values={"step": step, "missing": Codes("missing", missing)},
            where="{missing}",
            expected="every part of the step, with its argument",
            next_step="Add what is named, and try again.",
        )
    current.completed_steps = step
    saved = save(user, current)
    StepEvent.objects.create(case=saved, kind=StepEvent.Kind.COMPLETED, step=step, at=timezone.now(), by=user)
    return saved


@transaction.atomic
def reopen_step(user: User, case: Case, version: int, step: int, reason: str) -> Case:
    """Reopen a completed step, and with it those after it; a decision that stood is superseded.

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    require_change(user, case)
    why = required_reason(reason)
    current = locked(case)
    check_version(current, version, {"step": step, "reason": why})
    if not 1 <= step <= current.completed_steps:
        raise RuleError(
            "Step {step} is not complete, so it cannot be reopened.",
            key="step_not_reopened",
            values={"step": step},
        )
    for decision in current.decisions.current().filter(
        state__in=[Decision.State.PROPOSED, Decision.State.APPROVED]
    ):
        decision.state = Decision.State.SUPERSEDED
        save(user, decision)
    current.completed_steps = step - 1
    saved = save(user, current)
    StepEvent.objects.create(
        case=saved, kind=StepEvent.Kind.REOPENED, step=step, at=timezone.now(), by=user, reason=why
    )
    return saved


@transaction.atomic
def close_case(user: User, case: Case, version: int, reason: str) -> Case:
    """Close a case, after its decision or before it (no public interest is touched, say).

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
        Among others while a decision waits for approval or an action is open.
    """
    require_change(user, case)
    why = required_reason(reason)
    current = locked(case)
    check_version(current, version, {"reason": why})
    if current.decisions.current().filter(state=Decision.State.PROPOSED).exists():
        raise RuleError(
            "A decision waits for approval.",
            key="close_waiting",
            next_step="Have it approved or rejected, or withdraw it.",
        )
    if current.actions.current().filter(state="open").exists():
        raise RuleError(
            "There are open actions.",
            key="close_open_actions",
            next_step="Say of each that it is done or dropped.",
        )
    return _closed(user, current, why, timezone.now())


@transaction.atomic
def open_case_again(user: User, case: Case, version: int, reason: str) -> Case:
    """Open a closed case again.

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    require_change(user, case, closed=True)
    why = required_reason(reason)
    current = locked(case)
    check_version(current, version, {"reason": why})
    if current.closed_at is None:
        raise RuleError("The case is open.", key="case_open")
    return _closed(user, current, why, None)


def _closed(user: User, current: Case, reason: str, at: datetime | None) -> Case:
    if at is not None and current.closed_at is not None:
        raise RuleError("The case was closed already.", key="case_closed_already")
    current.closed_at = at
    current.closed_reason = reason if at is not None else ""
    saved = save(user, current)
    kind = StepEvent.Kind.CLOSED if at is not None else StepEvent.Kind.OPENED_AGAIN
    StepEvent.objects.create(case=saved, kind=kind, at=timezone.now(), by=user, reason=reason)
    return saved


def withdraw_case(user: User, case: Case, version: int, reason: str) -> Case:
    """Withdraw a case: it was opened by mistake, say. It stays readable.

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    require_change(user, case)
    return withdraw(user, case, version, reason)


@transaction.atomic
def give_access(user: User, case: Case, member: User, access: str) -> CaseMember:
    """Give somebody access to a case; what he had before ends.

    Administrators may do so too on a case that they cannot read: the trail shows it.

    Raises
    ------
    NotAllowedError, RuleError
    """
    _require_access_management(user, case)
    if access not in CaseMember.Access.values:
        raise RuleError(
            "There is no access {access!r}.",
            key="access_unknown",
            values={"access": access, "known": Codes("access", CaseMember.Access.values)},
            expected="one of: {known}",
        )
    locked(case)
    _end(case, member)
    return CaseMember.objects.create(case=case, user=member, access=access, given_by=user)


@transaction.atomic
def end_access(user: User, case: Case, member: User) -> None:
    """End somebody's access; a restricted case keeps at least one who can work on it.

    Raises
    ------
    NotAllowedError, RuleError
    """
    _require_access_management(user, case)
    locked(case)
    others = case.members.filter(until__isnull=True, access=CaseMember.Access.WRITE).exclude(user=member)
    if case.visibility == Case.Visibility.MEMBERS and not others.exists():
        raise RuleError(
            "Nobody could work on this case any more.",
            key="nobody_left",
            next_step="Give somebody else write access first.",
        )
    _end(case, member)


def _end(case: Case, member: User) -> None:
    for each in case.members.filter(user=member, until__isnull=True):
        each.until = timezone.now()
        each.save()


def _require_access_management(user: User, case: Case) -> None:
    if not (may_change_case(user, case) or (user.is_active and user.role == Role.ADMINISTRATOR)):
        raise NotAllowedError(
            "You cannot give access to this case.",
            key="no_access_management",
            expected="write access to the case, or the role of administrator",
            next_step="Ask somebody who works on the case.",
        )


def require_change(user: User, case: Case, *, closed: bool = False) -> None:
    """Refuse changes by whoever may not, and of what is closed or withdrawn.

    Raises
    ------
    NotAllowedError, RuleError
    """
    if not may_change_case(user, case):
        raise NotAllowedError(
            "You cannot change this case.",
            key="case_read_only",
            values={"case": case.reference},
            where="{case}",
            expected="the role of analyst, and write access where the case is restricted",
            next_step="Ask somebody who works on the case.",
        )
    current = Case.objects.only("closed_at", "withdrawn_at").get(pk=case.pk)
    if current.withdrawn:
        raise RuleError(
            "The case was withdrawn.",
            key="case_withdrawn",
            values={"case": case.reference},
            where="{case}",
            next_step="Open a new one.",
        )
    if current.closed_at is not None and not closed:
        raise RuleError(
            "The case is closed.",
            key="case_closed",
            values={"case": case.reference},
            where="{case}",
            next_step="Open it again first.",
        )


def _with_free_reference(user: User, make: Callable[[str], Case]) -> Case:
    """Save a case under the next free reference; under the one after it, where somebody was quicker."""
    while True:
        reference = _next_reference(timezone.localtime())
        try:
            with transaction.atomic():
                return create(user, make(reference))
        except (IntegrityError, RuleError):
            if not Case.objects.filter(reference=reference).exists():
                raise


def _next_reference(now: datetime) -> str:
    """Give the next free reference of the year."""
    start = f"{now.year}-"
    taken = Case.objects.filter(reference__startswith=start).values_list("reference", flat=True)
    return f"{start}{max((int(each.removeprefix(start)) for each in taken), default=0) + 1:03d}"
