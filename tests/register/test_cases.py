"""Cases: steps in order, frozen evidence, four eyes, nothing overwritten, nothing deleted."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, transaction

from geomonitor.errors import DataError
from geomonitor.findings import Edition
from geomonitor.register.access import may, may_change_case, may_read_case, visible_cases
from geomonitor.register.errors import ConflictError, NotAllowedError, RecordKeptError, RuleError
from geomonitor.register.models import (
    Action,
    Case,
    Comment,
    Decision,
    InterestTouched,
    PolicyOption,
    RiskJudgement,
    User,
)
from geomonitor.register.services import cases, content, decisions
from geomonitor.register.services.evidence import attach, finding_sha256, standing

pytestmark = pytest.mark.django_db

Users = dict[str, User]
OpenCase = Callable[..., Case]


def worked(user: User, case: Case, up_to: int = 3) -> Case:
    """Work the steps of a case up to one."""
    if up_to >= 1:
        content.add(user, case, InterestTouched, interest="security", touched="yes", argument="Defence.")
        case = cases.complete_step(user, case, case.version, 1)
    if up_to >= 2:
        for dimension in RiskJudgement.Dimension.values:
            content.add(user, case, RiskJudgement, dimension=dimension, level=3, argument="As measured.")
        case = cases.complete_step(user, case, case.version, 2)
    if up_to >= 3:
        for kind in ("do_nothing", "stockpile"):
            content.add(
                user, case, PolicyOption, kind=kind, title=kind, level="eu", cost="Some.", benefit="Some."
            )
        case = cases.change_case(user, case, case.version, benefits="Low prices.")
        case = cases.complete_step(user, case, case.version, 3)
    return case


def proposed(user: User, case: Case, **fields: Any) -> Decision:
    about = {
        "outcome": "Build a stock.",
        "chosen": case.options.current().filter(kind="stockpile"),
        "decided_by": "Minister for Trade",
        "decided_on": datetime.date(2026, 11, 1),
        "reason": "The risk outweighs the cost.",
        "review_on": datetime.date(2027, 11, 1),
    }
    return decisions.propose(user, case, case.version, **{**about, **fields})


def test_references_count_on_within_a_year(open_case: OpenCase) -> None:
    first, second = open_case(), open_case()
    year = datetime.datetime.now().year
    assert [first.reference, second.reference] == [f"{year}-001", f"{year}-002"]


def test_a_case_goes_through_its_steps_in_order(users: Users, open_case: OpenCase) -> None:
    case, analyst = open_case(), users["analyst"]
    assert case.status == "interest"
    with pytest.raises(RuleError, match="Step 2 cannot be completed"):
        cases.complete_step(analyst, case, case.version, 2)
    assert cases.missing_for_step(case, 1) == ("interest",)
    with pytest.raises(RuleError, match="not complete"):
        cases.complete_step(analyst, case, case.version, 1)
    case = worked(analyst, case)
    assert (case.completed_steps, case.status) == (3, "options" if case.completed_steps == 2 else "decision")
    decision = proposed(analyst, case)
    assert Case.objects.get(pk=case.pk).status == "approval"
    judged = decisions.judge(users["decision_maker"], decision, 1, approve=True, reason="Agreed.")
    case.refresh_from_db()
    assert (judged.state, case.completed_steps, case.status) == ("approved", 4, "follow_up")
    assert [(each.kind, each.step) for each in case.step_events.all()] == [
        ("completed", 1), ("completed", 2), ("completed", 3), ("completed", 4),
    ]  # fmt: skip


def test_an_unclear_interest_does_not_complete_the_step(users: Users, open_case: OpenCase) -> None:
    case = open_case()
    content.add(users["analyst"], case, InterestTouched, interest="security", touched="unclear", argument="?")
    assert cases.missing_for_step(case, 1) == ("interest_unclear",)


def test_options_need_doing_nothing_another_one_and_the_benefits(users: Users, open_case: OpenCase) -> None:
    case = worked(users["analyst"], open_case(), up_to=2)
    assert cases.missing_for_step(case, 3) == ("do_nothing", "second_option", "benefits")


def test_a_completed_step_stands_until_it_is_reopened(users: Users, open_case: OpenCase) -> None:
    analyst = users["analyst"]
    case = worked(analyst, open_case(), up_to=2)
    interest = case.interests.get()
    with pytest.raises(RuleError, match="stands as it is"):
        content.change_content(analyst, interest, interest.version, argument="Other.")
    with pytest.raises(RuleError, match="stands as it is"):
        content.add(analyst, case, InterestTouched, interest="health", touched="no", argument="No.")
    with pytest.raises(RuleError, match="reason is missing"):
        cases.reopen_step(analyst, case, case.version, 1, "  ")
    case = cases.reopen_step(analyst, case, case.version, 1, "New facts.")
    assert case.completed_steps == 0
    content.change_content(analyst, interest, interest.version, argument="Other.")
    assert case.step_events.last().reason == "New facts."


def test_reopening_supersedes_the_decision_but_keeps_it(users: Users, open_case: OpenCase) -> None:
    case = worked(users["analyst"], open_case())
    decision = proposed(users["analyst"], case)
    decisions.judge(users["decision_maker"], decision, 1, approve=True, reason="")
    case.refresh_from_db()
    case = cases.reopen_step(users["analyst"], case, case.version, 3, "A cheaper option.")
    decision.refresh_from_db()
    assert (decision.state, decision.judged_by) == ("superseded", users["decision_maker"])
    case = cases.complete_step(users["analyst"], case, case.version, 3)
    assert proposed(users["analyst"], case).state == "proposed"


def test_four_eyes(users: Users, open_case: OpenCase) -> None:
    case = worked(users["analyst"], open_case())
    decision = proposed(users["analyst"], case)
    for name in ("analyst", "second_analyst", "reader", "administrator"):
        with pytest.raises(NotAllowedError):
            decisions.judge(users[name], decision, 1, approve=True, reason="Yes.")
    # somebody who became a decision maker after proposing
    users["analyst"].role = "decision_maker"
    users["analyst"].save()
    with pytest.raises(NotAllowedError, match="somebody else"):
        decisions.judge(users["analyst"], decision, 1, approve=True, reason="Yes.")
    # and the database itself refuses
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(judged_by=users["analyst"], state="approved")


def test_a_rejected_decision_needs_a_reason_and_leaves_the_step_open(
    users: Users, open_case: OpenCase
) -> None:
    case = worked(users["analyst"], open_case())
    decision = proposed(users["analyst"], case)
    with pytest.raises(RuleError, match="reason"):
        decisions.judge(users["decision_maker"], decision, 1, approve=False, reason="")
    decisions.judge(users["decision_maker"], decision, 1, approve=False, reason="Too dear.")
    case.refresh_from_db()
    assert case.completed_steps == 3
    assert proposed(users["second_analyst"], case).state == "proposed"


def test_a_review_before_the_decision_is_refused(users: Users, open_case: OpenCase) -> None:
    case = worked(users["analyst"], open_case())
    with pytest.raises(RuleError) as caught:
        proposed(users["analyst"], case, review_on=datetime.date(2026, 10, 1))
    assert "review_on" in caught.value.fields


def test_nothing_of_somebody_else_is_overwritten(users: Users, open_case: OpenCase) -> None:
    case = open_case()
    cases.change_case(users["analyst"], case, 1, summary="First.")
    with pytest.raises(ConflictError) as caught:
        cases.change_case(users["second_analyst"], case, 1, summary="Second.")
    assert caught.value.record.summary == "First."
    assert caught.value.wanted == {"summary": "Second."}
    assert Case.objects.get(pk=case.pk).summary == "First."
    # saving what is there already makes no new version
    assert cases.change_case(users["analyst"], case, 2, summary="First.").version == 2


def test_nothing_is_deleted(users: Users, open_case: OpenCase) -> None:
    case = open_case()
    comment = content.add(users["analyst"], case, Comment, text="Hm.")
    for attempt in (case.delete, comment.delete, Case.objects.all().delete, case.comments.all().delete):
        with pytest.raises(RecordKeptError):
            attempt()
    withdrawn = content.withdraw_content(users["analyst"], comment, 1, "Wrong case.")
    assert withdrawn.withdrawn
    assert (case.comments.count(), case.comments.current().count()) == (1, 0)
    with pytest.raises(RuleError, match="already"):
        content.withdraw_content(users["analyst"], comment, 2, "Again.")


def test_comments_belong_to_their_writer(users: Users, open_case: OpenCase) -> None:
    comment = content.add(users["decision_maker"], open_case(), Comment, text="Why?")
    with pytest.raises(NotAllowedError):
        content.change_content(users["analyst"], comment, 1, text="Because.")
    with pytest.raises(NotAllowedError):
        content.add(users["reader"], comment.case, Comment, text="Me too.")


def test_a_restricted_case_is_for_its_members(users: Users, open_case: OpenCase) -> None:
    case = open_case(visibility="members")
    reads = {name: may_read_case(user, case) for name, user in users.items()}
    assert reads == {
        "reader": False, "analyst": True, "decision_maker": False, "administrator": False,
        "second_analyst": False,
    }  # fmt: skip
    cases.give_access(users["analyst"], case, users["second_analyst"], "read")
    assert visible_cases(users["second_analyst"]).get() == case
    assert not may_change_case(users["second_analyst"], case)
    with pytest.raises(NotAllowedError):
        cases.change_case(users["second_analyst"], case, case.version, summary="x")
    cases.give_access(users["administrator"], case, users["second_analyst"], "write")
    assert may_change_case(users["second_analyst"], case)
    cases.end_access(users["second_analyst"], case, users["analyst"])
    with pytest.raises(RuleError, match="Nobody could work"):
        cases.end_access(users["second_analyst"], case, users["second_analyst"])
    assert case.members.count() == 3


def test_a_closed_case_is_opened_again_first(users: Users, open_case: OpenCase) -> None:
    analyst, case = users["analyst"], open_case()
    action = content.add(analyst, case, Action, title="Ask", due_on=datetime.date(2026, 12, 1))
    with pytest.raises(RuleError, match="open actions"):
        cases.close_case(analyst, case, case.version, "No interest touched.")
    content.change_content(analyst, action, 1, state="dropped", result="Not needed.")
    case = cases.close_case(analyst, case, case.version, "No interest touched.")
    assert case.status == "closed"
    with pytest.raises(RuleError, match="closed"):
        cases.change_case(analyst, case, case.version, summary="x")
    case = cases.open_case_again(analyst, case, case.version, "It is touched after all.")
    assert case.status == "interest"


def test_evidence_keeps_its_numbers(users: Users, open_case: OpenCase, edition: Edition) -> None:
    case = open_case()
    row = edition.findings.filter(measure="import_concentration").row(0, named=True)
    evidence = attach(users["analyst"], case, edition, row, "The core of it.")
    assert evidence.finding["value"] == row["value"]
    assert evidence.finding_sha256 == finding_sha256(evidence.finding)
    assert not standing(evidence, edition).differs
    with pytest.raises(RuleError, match="already"):
        attach(users["analyst"], case, edition, row)
    with pytest.raises(DataError, match="does not have"):
        attach(users["analyst"], case, edition, {**row, "value": row["value"] + 0.1})
    with pytest.raises(RuleError, match="keeps its numbers"):
        content.change_content(users["analyst"], evidence, 1, finding={})

    import polars as pl

    newer = Edition(
        {**edition.record, "id": "newer"},
        edition.tables,
        edition.findings.with_columns(value=pl.col("value") + 0.1),
    )
    now = standing(evidence, newer)
    assert now.differs
    assert now.changed == ("value",)
    assert evidence.finding["value"] == row["value"]
    gone = Edition({**edition.record, "id": "without"}, {}, edition.findings.clear())
    assert standing(evidence, gone).now is None


def test_every_change_is_in_the_trail(users: Users, open_case: OpenCase) -> None:
    from auditlog.context import set_actor

    with set_actor(users["analyst"]):
        case = open_case()
        cases.change_case(users["analyst"], case, 1, summary="What it is about.")
    entries = LogEntry.objects.get_for_object(case).order_by("timestamp")
    assert [each.get_action_display() for each in entries] == ["create", "update"]
    assert entries[1].changes_dict == {"summary": ["", "What it is about."]} or (
        entries[1].changes_dict["summary"] == ["", "What it is about."]
    )
    assert entries[1].actor == users["analyst"]


def test_roles(users: Users) -> None:
    assert [name for name, user in users.items() if may(user, "change_cases")] == [
        "analyst", "administrator", "second_analyst",
    ]  # fmt: skip
    users["analyst"].is_active = False
    assert not may(users["analyst"], "read_cases")


def test_the_snapshot_holds_the_whole_case(users: Users, open_case: OpenCase) -> None:
    case = worked(users["analyst"], open_case())
    decision = proposed(users["analyst"], case)
    found = decision.snapshot
    assert found["case"]["title"] == case.title
    assert {len(found[part]) for part in ("judgements",)} == {5}
    assert [each["kind"] for each in found["options"]] == ["do_nothing", "stockpile"]
    assert found["case"]["created_by"] == "analyst"
    assert "password" not in str(found)
