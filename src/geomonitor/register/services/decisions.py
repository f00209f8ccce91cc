"""Proposing a decision and having somebody else approve it. What is decided is recorded, not computed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from geomonitor.register.access import may_judge_decision
from geomonitor.register.errors import NotAllowedError, RuleError
from geomonitor.register.models import STEPS, Case, Decision, PolicyOption, Record, User
from geomonitor.register.services.cases import completed, require_change
from geomonitor.register.services.writing import check_version, create, locked, required_reason, save

__all__ = ["SNAPSHOT_FORMAT", "judge", "propose", "snapshot"]

SNAPSHOT_FORMAT = "geomonitor-case/1"


@transaction.atomic
def propose(
    user: User,
    case: Case,
    version: int,
    *,
    outcome: str,
    chosen: Iterable[PolicyOption],
    decided_by: str,
    decided_on: datetime.date,
    reason: str,
    review_on: datetime.date,
) -> Decision:
    """Record a decision, for somebody else to approve.

    Parameters
    ----------
    user : User
    case : Case
    version : int
        Of the case, as the user saw it.
    outcome, reason : str
    chosen : iterable of PolicyOption
        Options of this case that are taken up.
    decided_by : str
        The body or office that decides.
    decided_on, review_on : datetime.date

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    require_change(user, case)
    current = locked(case)
    check_version(current, version, {"outcome": outcome, "reason": reason})
    if current.completed_steps != len(STEPS) - 1:
        raise RuleError(
            "A decision comes after the three steps before it, and once.",
            key="decision_order",
            values={"done": current.completed_steps},
            where="complete steps: {done}",
            next_step="Complete them, or reopen a step.",
        )
    if current.decisions.current().filter(state=Decision.State.PROPOSED).exists():
        raise RuleError(
            "A decision waits for approval already.",
            key="decision_waits",
            next_step="Withdraw that one first.",
        )
    options = list(chosen)
    if any(each.case_id != current.pk or each.withdrawn for each in options):
        raise RuleError(
            "A chosen option is not one of this case.",
            key="option_of_another",
            field="chosen",
            next_step="Choose from the list.",
        )
    if review_on <= decided_on:
        raise RuleError(
            "The review comes after the decision.",
            key="review_before",
            field="review_on",
            next_step="Choose a day after that of the decision.",
        )
    decision = Decision(
        case=current,
        outcome=outcome,
        decided_by=decided_by,
        decided_on=decided_on,
        reason=reason,
        review_on=review_on,
        snapshot=snapshot(current),
    )
    return create(user, decision, {"chosen": options})


@transaction.atomic
def judge(user: User, decision: Decision, version: int, *, approve: bool, reason: str) -> Decision:
    """Approve or reject a decision that somebody else proposed.

    With the approval the last step is complete.

    Raises
    ------
    NotAllowedError
        If the user is no decision maker, or proposed it.
    ConflictError, RuleError
    """
    case = locked(decision.case)
    current = locked(decision)
    if not may_judge_decision(user, case):
        raise NotAllowedError(
            "You cannot approve or reject decisions.",
            key="cannot_judge",
            expected="the role of decision maker, and access to the case",
            next_step="Ask a decision maker.",
        )
    check_version(current, version, {"approve": approve, "reason": reason})
    if current.state != Decision.State.PROPOSED or current.withdrawn:
        raise RuleError(
            "This decision no longer waits for approval.",
            key="decision_judged",
            next_step="Read the page again.",
        )
    if current.created_by_id == user.pk:
        raise NotAllowedError(
            "You proposed this decision, so somebody else approves or rejects it.",
            key="four_eyes",
            expected="four eyes: two different users",
            next_step="Ask another decision maker.",
        )
    current.judged_by = user
    current.judged_at = timezone.now()
    current.judged_reason = reason.strip() if approve else required_reason(reason)
    current.state = Decision.State.APPROVED if approve else Decision.State.REJECTED
    saved = save(user, current)
    if approve:
        completed(user, case, len(STEPS))
    return saved


def snapshot(case: Case) -> dict[str, Any]:
    """Give all of a case as plain data, as JSON holds it; users by their user name.

    Parameters
    ----------
    case : Case
    """
    head = {**_plain_record(case), "status": case.status}
    parts = ("evidence", "interests", "judgements", "options", "decisions", "actions", "papers", "comments")
    events = [
        {
            "kind": each.kind,
            "step": each.step,
            "at": each.at.isoformat(),
            "by": each.by.username if each.by else None,
            "reason": each.reason,
        }
        for each in case.step_events.select_related("by")
    ]
    return {
        "format": SNAPSHOT_FORMAT,
        "case": head,
        **{part: [_plain_record(each) for each in getattr(case, part).all()] for part in parts},
        "history": events,
    }


# a decision holds the case as it was: not again inside the case
_LEFT_OUT = frozenset({"case", "snapshot"})


def _plain_record(record: Record) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in record._meta.concrete_fields:
        if field.name in _LEFT_OUT:
            continue
        value = getattr(record, field.name)
        plain[field.name] = _plain(value)
    for relation in record._meta.many_to_many:
        plain[relation.name] = sorted(str(each.pk) for each in getattr(record, relation.name).all())
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, User):
        return value.username
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict | list | bool | int | float) or value is None:
        return value
    return str(value)
