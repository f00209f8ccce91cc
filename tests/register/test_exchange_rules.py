"""What an import may do: versions, steps, four eyes, access, and all or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry

from geomonitor.register.errors import NotAllowedError
from geomonitor.register.exchange.document import Document
from geomonitor.register.exchange.export import PlainTables, collect
from geomonitor.register.exchange.importing import RegisterChangedError, apply_import, dry_run
from geomonitor.register.exchange.json_format import read_json
from geomonitor.register.exchange.outcome import ImportOutcome
from geomonitor.register.exchange.problems import ImportRefusedError
from geomonitor.register.models import Case, Decision, PaperLink, User
from geomonitor.register.services import cases, content
from register.register_to_exchange import Users, empty, fill
from register.test_exchange import written

pytestmark = pytest.mark.django_db

Edit = Callable[[PlainTables], Any]


@pytest.fixture
def case(users: Users) -> Case:
    return fill(users)


def edited(user: User, edit: Edit) -> Document:
    """An export of what a user sees, with something changed in the file."""
    tables = collect(user)
    edit(tables)
    return read_json(written(tables))


def tried(user: User, edit: Edit, *, history: bool = False) -> ImportOutcome:
    return dry_run(user, edited(user, edit), history=history)


def row_of(tables: PlainTables, case: Case) -> dict[str, Any]:
    return next(row for row in tables["cases"] if row["uid"] == str(case.pk))


def test_a_dry_run_shows_fields_and_writes_nothing(users: Users, case: Case) -> None:
    document = edited(users["analyst"], lambda tables: row_of(tables, case).update(title="Better"))
    entries = LogEntry.objects.count()
    outcome = dry_run(users["analyst"], document)
    (changed,) = outcome.of("changed")
    assert [(each.column, each.before, each.after) for each in changed.fields] == [
        ("title", "Tungsten", "Better")
    ]
    case.refresh_from_db()
    assert (case.title, LogEntry.objects.count()) == ("Tungsten", entries)
    apply_import(users["analyst"], document, sha256="ab", seen=outcome.fingerprint)
    version = case.version
    case.refresh_from_db()
    assert (case.title, case.version, case.changed_by) == ("Better", version + 1, users["analyst"])
    entry = LogEntry.objects.get(additional_data__event="import")
    assert entry.actor == users["analyst"]
    assert entry.additional_data["sha256"] == "ab"
    assert entry.additional_data["rows"]["cases"] == {"changed": 1, "unchanged": 1}


def test_an_older_version_with_other_content_is_a_conflict(users: Users, case: Case) -> None:
    document = edited(users["analyst"], lambda tables: row_of(tables, case).update(title="Mine"))
    cases.change_case(users["second_analyst"], case, case.version, title="Theirs")
    outcome = dry_run(users["analyst"], document)
    (conflict,) = outcome.of("conflict")
    assert ("title", "Theirs", "Mine") in [(each.column, each.before, each.after) for each in conflict.fields]
    assert not outcome.can_be_applied
    with pytest.raises(ImportRefusedError):
        apply_import(users["analyst"], document, sha256="ab")
    case.refresh_from_db()
    assert case.title == "Theirs"


def test_an_older_version_with_the_same_content_is_no_conflict(users: Users, case: Case) -> None:
    document = edited(users["analyst"], lambda tables: None)
    changed = cases.change_case(users["analyst"], case, case.version, title="Another")
    cases.change_case(users["analyst"], changed, changed.version, title="Tungsten")
    assert {each.status for each in dry_run(users["analyst"], document).rows} == {"unchanged"}


def test_a_register_that_changed_since_the_dry_run_is_left_alone(users: Users, case: Case) -> None:
    document = edited(users["analyst"], lambda tables: row_of(tables, case).update(title="Mine"))
    seen = dry_run(users["analyst"], document).fingerprint
    cases.change_case(users["second_analyst"], case, case.version, title="Theirs")
    with pytest.raises(RegisterChangedError) as refused:
        apply_import(users["analyst"], document, sha256="ab", seen=seen)
    assert refused.value.outcome.of("conflict")


def test_all_or_nothing(users: Users, case: Case) -> None:
    def edit(tables: PlainTables) -> None:
        row_of(tables, case)["title"] = "Better"
        tables["papers"][0]["title"] = "Better too"
        # a judgement of a completed step does not change
        tables["judgements"][0]["level"] = 1

    document = edited(users["analyst"], edit)
    outcome = dry_run(users["analyst"], document)
    assert [(each.table, each.row) for each in outcome.problems] == [("judgements", 1)]
    assert "Reopen the step" in outcome.problems[0].expected
    with pytest.raises(ImportRefusedError) as refused:
        apply_import(users["analyst"], document, sha256="ab")
    assert refused.value.problems == outcome.problems
    case.refresh_from_db()
    assert case.title == "Tungsten"
    assert PaperLink.objects.get().title == "Text"


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("decisions", "state", "superseded"),
        ("decisions", "judged_by", None),
        ("cases", "completed_steps", 2),
        ("cases", "reference", "2026-777"),
        ("cases", "created_by", "reader"),
        ("evidence", "finding_sha256", "00"),
        ("step_events", "reason", "Another"),
        ("papers", "withdrawn_at", "2026-01-01T00:00:00+00:00"),
    ],
)
@pytest.mark.parametrize("history", [False, True])
def test_what_people_did_is_not_changed(
    users: Users, case: Case, table: str, column: str, value: Any, history: bool
) -> None:
    user = users["administrator" if history else "analyst"]

    def edit(tables: PlainTables) -> None:
        row = row_of(tables, case) if table == "cases" else tables[table][0]
        row[column] = value

    outcome = tried(user, edit, history=history)
    assert [(each.table, each.column) for each in outcome.problems] == [(table, column)]


def test_the_outcome_of_a_decision_is_not_changed(users: Users, case: Case) -> None:
    outcome = tried(users["analyst"], lambda tables: tables["decisions"][0].update(outcome="Other"))
    assert [each.what for each in outcome.problems]
    assert Decision.objects.get().outcome == "Text"


def test_new_records_stand_in_the_importers_own_name(users: Users, case: Case) -> None:
    uid = str(uuid.uuid4())

    def edit(tables: PlainTables) -> None:
        new = {**tables["papers"][0], "uid": uid, "title": "New", "version": 9, "created_by": "reader"}
        tables["papers"].append(new)

    apply_import(users["second_analyst"], edited(users["second_analyst"], edit), sha256="ab")
    made = PaperLink.objects.get(pk=uid)
    assert (made.title, made.version, made.created_by) == ("New", 1, users["second_analyst"])


def test_a_file_of_another_register_brings_contents_but_no_history(users: Users, case: Case) -> None:
    document = edited(users["analyst"], lambda tables: None)
    empty()
    outcome = apply_import(users["second_analyst"], document, sha256="ab")
    assert {each.table: each.note for each in outcome.of("left_out")} == {
        "decisions": "decision",
        "options": "withdrawn",
        "case_access": "history",
        "step_events": "history",
    }
    made = Case.objects.get(title="Tungsten")
    assert (made.reference, made.completed_steps, made.created_by) == (
        case.reference,
        0,
        users["second_analyst"],
    )
    assert made.judgements.count() == 5
    assert not Decision.objects.exists()


def test_unknown_users_are_made_without_a_way_in_by_an_administrator_only(users: Users, case: Case) -> None:
    document = edited(users["analyst"], lambda tables: None)
    empty()
    User.objects.filter(username="reader").update(username="somebody")
    refused = dry_run(users["analyst"], document)
    assert {each.table for each in refused.of("left_out")} >= {"people"}
    apply_import(users["administrator"], document, sha256="ab", history=True)
    made = User.objects.get(username="reader")
    assert (made.is_active, made.has_usable_password(), made.role) == (False, False, "reader")


@pytest.mark.parametrize("role", ["reader", "decision_maker"])
def test_who_may_not_import(users: Users, case: Case, role: str) -> None:
    with pytest.raises(NotAllowedError):
        tried(users[role], lambda tables: None)


def test_history_is_for_administrators(users: Users, case: Case) -> None:
    with pytest.raises(NotAllowedError):
        tried(users["analyst"], lambda tables: None, history=True)


def test_four_eyes_hold_in_an_import_too(users: Users, case: Case) -> None:
    def proposer_approves(tables: PlainTables) -> None:
        tables["decisions"][0]["judged_by"] = "analyst"

    document = edited(users["analyst"], proposer_approves)
    empty()
    outcome = dry_run(users["administrator"], document, history=True)
    assert "decisions" in {each.table for each in outcome.problems}


def test_nobody_brings_back_an_approval_of_his_own(users: Users, case: Case) -> None:
    document = edited(
        users["analyst"], lambda tables: tables["decisions"][0].update(judged_by="administrator")
    )
    empty()
    outcome = dry_run(users["administrator"], document, history=True)
    assert ("decisions", "judged_by") in {(each.table, each.column) for each in outcome.problems}


def test_a_case_cannot_say_that_it_was_decided_without_a_decision(users: Users, case: Case) -> None:
    document = edited(users["analyst"], lambda tables: tables["decisions"].clear())
    empty()
    outcome = dry_run(users["administrator"], document, history=True)
    assert [(each.table, each.column) for each in outcome.problems] == [("cases", "completed_steps")]


def test_nothing_is_learnt_of_a_restricted_case(users: Users, case: Case) -> None:
    hidden = Case.objects.get(title="Restricted")
    note = content.add(users["analyst"], hidden, PaperLink, title="Secret")

    def edit(tables: PlainTables) -> None:
        tables["cases"].append({**row_of(tables, case), "uid": str(hidden.pk), "reference": "2026-500"})
        tables["papers"][0]["uid"] = str(note.pk)

    outcome = tried(users["second_analyst"], edit)
    assert {each.what for each in outcome.problems} == {"This uid cannot be used here."}
    assert "Secret" not in str(outcome)


def test_a_record_of_another_case_is_no_evidence(users: Users, case: Case) -> None:
    other = cases.open_case(users["analyst"], title="Other", subject_kind="other", subject_name="x")
    evidence = str(case.evidence.get().pk)

    def edit(tables: PlainTables) -> None:
        row = {**tables["interests"][0], "uid": str(uuid.uuid4()), "case": str(other.pk)}
        assert row["evidence"] == [evidence]
        tables["interests"].append(row)

    outcome = tried(users["analyst"], edit)
    assert [each.table for each in outcome.problems] == ["interests"]


def test_a_code_that_is_taken_is_a_problem_at_its_place(users: Users, case: Case) -> None:
    outcome = tried(
        users["analyst"],
        lambda tables: tables["instruments"].append({**tables["instruments"][0], "uid": str(uuid.uuid4())}),
    )
    assert [(each.table, each.row, each.column) for each in outcome.problems] == [("instruments", 2, "code")]
