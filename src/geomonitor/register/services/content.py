"""What a case holds, with the rules of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import transaction

from geomonitor.register.access import may_read_case, require
from geomonitor.register.errors import Codes, NotAllowedError, RuleError
from geomonitor.register.models import (
    STEPS,
    Action,
    Case,
    Comment,
    Decision,
    Evidence,
    InterestTouched,
    PaperLink,
    PolicyOption,
    RiskJudgement,
    User,
)
from geomonitor.register.services import writing
from geomonitor.register.services.cases import require_change

__all__ = ["STEP_OF", "Content", "add", "change_content", "withdraw_content"]

Content = Evidence | InterestTouched | RiskJudgement | PolicyOption | Decision | Action | PaperLink | Comment
C = TypeVar("C", Evidence, InterestTouched, RiskJudgement, PolicyOption, Decision, Action, PaperLink, Comment)
Relations = Mapping[str, Iterable[Any]]

STEP_OF: Mapping[type, int] = {InterestTouched: 1, RiskJudgement: 2, PolicyOption: 3, Decision: 4}
"""The step that a kind of record belongs to; the others belong to none."""

# what a finding says, and where it came from, is never changed: it is frozen
_FROZEN = frozenset({"edition", "edition_created", "finding", "finding_sha256", "source"})


@transaction.atomic
def add(user: User, case: Case, model: type[C], relations: Relations | None = None, **fields: Any) -> C:
    """Add something to a case.

    Parameters
    ----------
    user : User
    case : Case
    model : type
        Which kind of record.
    relations : mapping of str to iterable, optional
        Evidence or instruments that it points at.
    **fields
        Its values.

    Raises
    ------
    NotAllowedError, RuleError
    """
    if model is Comment:
        _require_comment(user, case)
    else:
        require_change(user, case)
    if model is Decision:
        raise RuleError(
            "A decision is proposed, not added.",
            key="decision_not_added",
            next_step="Use the page of step 4.",
        )
    _require_open_step(writing.locked(case), model)
    _check_relations(case, relations)
    return writing.create(user, model(case=case, **fields), relations)


@transaction.atomic
def change_content(
    user: User, record: C, version: int, relations: Relations | None = None, **fields: Any
) -> C:
    """Change something in a case.

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    _require_record(user, record)
    if "case" in fields or (isinstance(record, Evidence) and _FROZEN & set(fields)):
        raise RuleError(
            "Evidence keeps its numbers, and everything its case.",
            key="evidence_kept",
            next_step="Attach the newer finding beside it, and withdraw this one if it should not count.",
        )
    if isinstance(record, Decision):
        raise RuleError(
            "A decision that was proposed is not changed.",
            key="decision_not_changed",
            next_step="Withdraw it, and propose again.",
        )
    if record.withdrawn:
        raise RuleError("This was withdrawn.", key="withdrawn", next_step="Add it anew.")
    _check_relations(record.case, relations)
    return writing.change(user, record, version, relations, **fields)


@transaction.atomic
def withdraw_content(user: User, record: C, version: int, reason: str) -> C:
    """Withdraw something from a case, with a reason.

    Raises
    ------
    NotAllowedError, ConflictError, RuleError
    """
    _require_record(user, record)
    if isinstance(record, Decision) and record.state != Decision.State.PROPOSED:
        raise RuleError(
            "Only a decision that waits for approval can be withdrawn.",
            key="decision_not_withdrawn",
            next_step="Reopen the step: the decision is then kept as superseded.",
        )
    return writing.withdraw(user, record, version, reason)


def _require_record(user: User, record: C) -> None:
    """Refuse what is not the user's to change, and what belongs to a completed step."""
    if isinstance(record, Comment):
        _require_comment(user, record.case)
        if record.created_by_id != user.pk:
            raise NotAllowedError(
                "A comment is changed by whoever wrote it.",
                key="comment_of_another",
                next_step="Write a comment of your own.",
            )
    else:
        require_change(user, record.case)
    _require_open_step(writing.locked(record.case), type(record))


def _require_comment(user: User, case: Case) -> None:
    require(user, "comment")
    if not may_read_case(user, case):
        raise NotAllowedError("You cannot read this case.", key="case_unreadable")
    if case.closed_at is not None or case.withdrawn:
        raise RuleError(
            "The case is closed.",
            key="case_closed",
            values={"case": case.reference},
            where="{case}",
            next_step="Open it again first.",
        )


def _require_open_step(case: Case, model: type) -> None:
    step = STEP_OF.get(model)
    if step is not None and step <= case.completed_steps:
        raise RuleError(
            "Step {step} ({name}) is complete, so it stands as it is.",
            key="step_stands",
            values={"step": step, "name": Codes("step", [STEPS[step - 1]])},
            next_step="Reopen the step, with a reason, to change it.",
        )


def _check_relations(case: Case, relations: Relations | None) -> None:
    for found in (relations or {}).values():
        for each in found:
            if getattr(each, "case_id", case.pk) != case.pk:
                raise RuleError(
                    "That belongs to another case.",
                    key="another_case",
                    next_step="Attach it to this case first.",
                )
