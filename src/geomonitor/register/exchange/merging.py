"""Laying a file beside the register, record by record, and writing through the services."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from geomonitor.errors import DataError, GeomonitorError
from geomonitor.register.access import require, visible_cases
from geomonitor.register.errors import ConflictError, RuleError, Words
from geomonitor.register.exchange.document import Document, FileRow
from geomonitor.register.exchange.export import PlainRow, plain_rows
from geomonitor.register.exchange.outcome import FieldChange, ImportOutcome, RowOutcome, Status
from geomonitor.register.exchange.problems import Problems
from geomonitor.register.exchange.tables import Column, Table, table, tables
from geomonitor.register.models import STEPS, Case, CaseMember, Decision, User
from geomonitor.register.services import cases, content, writing
from geomonitor.register.services.evidence import finding_sha256, frozen_finding

__all__ = ["Merge"]

_REFERENCE = re.compile(r"[0-9]{4}-[0-9]{3,6}", re.ASCII)
# written by the reminders, whoever changes the record
_MOVES_BY_ITSELF = frozenset({"reminded_at"})
_MAY = {
    "instruments": "change_instruments",
    "instrument_risks": "change_instruments",
    "coercion_cases": "change_coercion_cases",
}


class _RowRefusedError(Exception):
    """A row has a problem, which is noted already."""


class Merge:
    """One import, within the transaction of whoever calls.

    Parameters
    ----------
    user : User
    document : Document
    history : bool
        Take over who did what when, for records that are new.
    """

    def __init__(self, user: User, document: Document, *, history: bool) -> None:
        self.user = user
        self.document = document
        self.history = history
        self.problems = Problems()
        self.outcomes: list[RowOutcome] = []
        self.users = {each.username: each for each in User.objects.all()}
        self.visible = {str(uid) for uid in visible_cases(user).values_list("pk", flat=True)}
        self.new_cases: set[str] = set()
        # rows with a problem: what points at them has none of its own
        self.refused: set[tuple[str, str]] = set()

    def run(self) -> ImportOutcome:
        """Write all that can be written, and say what became of each row."""
        for row in self.document.rows["people"]:
            self._person(row)
        for each in tables():
            if each.name == "people":
                continue
            existing = self._existing(each)
            for row in self.document.rows[each.name]:
                try:
                    self._row(each, row, existing.get(row.key))
                except _RowRefusedError:
                    self.refused.add((each.name, str(row.key[0])))
        self._check_restored_cases()
        return ImportOutcome(tuple(self.outcomes), tuple(self.problems.found))

    # --- what is there -------------------------------------------------------------------------------
    def _existing(self, of: Table) -> dict[tuple[Any, ...], tuple[PlainRow, Any]]:
        rows = self.document.rows[of.name]
        if of.versioned:
            records = of.model._default_manager.filter(pk__in=[row.key[0] for row in rows])
        else:
            records = of.model._default_manager.filter(case__in={row.values["case"] for row in rows})
        ordered = records.order_by("pk")
        found = zip(plain_rows(of, ordered), ordered, strict=True)
        return {tuple(each[name] for name in of.keys): (each, record) for each, record in found}

    def _row(self, of: Table, row: FileRow, existing: tuple[PlainRow, Any] | None) -> None:
        case = row.key[0] if of.name == "cases" else row.values.get("case")
        if existing is not None:
            there = existing[0]["uid" if of.name == "cases" else "case"] if case is not None else None
            if there is not None and there not in self.visible:
                self._refuse(
                    row,
                    Words("This uid cannot be used here.", "problem.uid_taken"),
                    Words("a new UUID", "expected.new_uid"),
                    of.keys[0],
                )
            self._known(of, row, *existing)
            return
        if case is not None and of.name != "cases" and case not in self.visible | self.new_cases:
            if ("cases", case) in self.refused:
                raise _RowRefusedError
            self._refuse(
                row,
                Words("There is no case {case}.", "problem.no_case", {"case": case}),
                Words("the uid of a row of {table}", "expected.reference", {"table": "cases"}),
                "case",
            )
        self._new(of, row, case)

    # --- records that the register has ---------------------------------------------------------------
    def _known(self, of: Table, row: FileRow, there: PlainRow, record: Any) -> None:
        if not of.versioned:
            self._require_same(row, there, of.named("history"))
            self._note(row, "unchanged")
            return
        version = row.values["version"]
        if version > there["version"]:
            self._refuse(
                row,
                Words(
                    "Version {version} does not exist yet: the register has version {now}.",
                    "problem.version_ahead",
                    {"version": version, "now": there["version"]},
                ),
                Words("an export of this register", "expected.export_of_this"),
                "version",
            )
        changed = tuple(
            FieldChange(each.name, there[each.name], row.values[each.name])
            for each in of.named("content")
            if there[each.name] != row.values[each.name]
        )
        if version == there["version"]:
            self._require_same(row, there, (*of.named("fixed"), *of.named("history")))
        if not changed:
            self._note(row, "unchanged")
        elif version < there["version"]:
            self._note(row, "conflict", changed, f"version {there['version']}, not {version}")
        else:
            self._change(of, row, record, version, changed)

    def _require_same(self, row: FileRow, there: PlainRow, columns: tuple[Column, ...]) -> None:
        differing = [
            each
            for each in columns
            if there[each.name] != row.values[each.name] and each.name not in _MOVES_BY_ITSELF
        ]
        for column in differing:
            self.problems.add(
                Words("An import does not change this.", "problem.fixed"),
                Words(
                    "as it is in the register: {value!r}",
                    "expected.as_it_is",
                    {"value": str(there[column.name])[:80]},
                ),
                row.table,
                row.number,
                column.name,
            )
        if differing:
            raise _RowRefusedError

    def _change(
        self, of: Table, row: FileRow, record: Any, version: int, changed: tuple[FieldChange, ...]
    ) -> None:
        names = {each.column for each in changed}
        fields, relations = self._python(row, [each for each in of.named("content") if each.name in names])

        def write() -> None:
            if isinstance(record, Case):
                cases.change_case(self.user, record, version, **fields)
            elif of.name in _MAY:
                require(self.user, _MAY[of.name])
                writing.change(self.user, record, version, relations, **fields)
            else:
                content.change_content(self.user, record, version, relations, **fields)

        try:
            self._guarded(row, write)
        except ConflictError as error:
            self._note(row, "conflict", changed, f"version {error.record.version}, not {version}")
            return
        self._note(row, "changed", changed)

    # --- records that the register does not have -----------------------------------------------------
    def _new(self, of: Table, row: FileRow, case: str | None) -> None:
        restores = self.history and (of.name == "cases" or case is None or case in self.new_cases)
        if not restores:
            if not of.versioned:
                self._note(row, "left_out", note="history")
                return
            if of.name == "decisions":
                self._note(row, "left_out", note="decision")
                return
            if row.values["withdrawn_at"] is not None:
                self._note(row, "left_out", note="withdrawn")
                return
        if of.name == "cases" and not _REFERENCE.fullmatch(row.values["reference"]):
            self._refuse(
                row,
                Words("The reference is not right.", "problem.reference"),
                Words("year and number, such as 2026-014", "expected.case_reference"),
                "reference",
            )
        if of.name == "evidence":
            self._check_finding(row)
        if restores:
            self._restore(of, row)
        else:
            self._add(of, row)
        if of.name == "cases":
            self.new_cases.add(row.key[0])
        self._note(row, "new")

    def _add(self, of: Table, row: FileRow) -> None:
        """Make it in the user's own name, through the services."""
        fields, relations = self._python(row, [*of.named("fixed"), *of.named("content")])
        uid = row.key[0]

        def write() -> None:
            if of.name == "cases":
                require(self.user, "change_cases")
                fields["assigned_to"] = fields["assigned_to"] or self.user
                case = writing.create(self.user, Case(uid=uid, **fields))
                CaseMember.objects.create(
                    case=case, user=self.user, access=CaseMember.Access.WRITE, given_by=self.user
                )
                self.visible.add(uid)
            elif of.name in _MAY:
                require(self.user, _MAY[of.name])
                record: Any = of.model(uid=uid, **fields)
                writing.create(self.user, record, relations)
            else:
                model: Any = of.model
                content.add(self.user, fields.pop("case"), model, relations, uid=uid, **fields)

        self._guarded(row, write)

    def _restore(self, of: Table, row: FileRow) -> None:
        """Bring a record back as it was, with who did what when."""
        fields, relations = self._python(row, list(of.columns))
        record: Any = of.model(**fields)
        for name, found in relations.items():
            if any(getattr(each, "case_id", None) not in (None, record.case_id) for each in found):
                self._refuse(
                    row,
                    Words("That belongs to another case.", "problem.another_case"),
                    Words("uids of rows of the same case", "expected.same_case"),
                    name,
                )
        if isinstance(record, Decision) and record.judged_by == self.user:
            self._refuse(
                row,
                Words(
                    "You cannot bring back a judgement of your own on a decision.", "problem.own_judgement"
                ),
                Words("another administrator, who imports it", "expected.another_administrator"),
                "judged_by",
            )

        def write() -> None:
            try:
                record.full_clean()
            except ValidationError as error:
                raise writing.refused(error) from error
            record.save(force_insert=True)
            for name, found in relations.items():
                getattr(record, name).set(found)

        self._guarded(row, write)

    def _person(self, row: FileRow) -> None:
        name = row.values["username"]
        if name in self.users:
            self._note(row, "unchanged")
            return
        if not self.history:
            self._note(row, "left_out", note="account")
            return
        # known by name only: nobody can log in with it
        person = User(
            username=name,
            first_name=row.values["first_name"],
            last_name=row.values["last_name"],
            is_active=False,
        )
        person.set_unusable_password()

        def write() -> None:
            try:
                person.full_clean()
            except ValidationError as error:
                raise writing.refused(error) from error
            person.save(force_insert=True)

        try:
            self._guarded(row, write)
        except _RowRefusedError:
            self.refused.add(("people", name))
            return
        self.users[name] = person
        self._note(row, "new")

    # --- checks --------------------------------------------------------------------------------------
    def _check_finding(self, row: FileRow) -> None:
        finding = row.values["finding"]
        try:
            sound = isinstance(finding, dict) and frozen_finding(finding) == finding
        except DataError as error:
            self._refuse(
                row, error.what, Words("all fields of a finding", "expected.finding_fields"), "finding"
            )
        if not sound:
            self._refuse(
                row,
                Words("This is no finding.", "problem.no_finding"),
                Words("all fields of a finding, and no others", "expected.finding_fields_only"),
                "finding",
            )
        if finding_sha256(finding) != row.values["finding_sha256"]:
            self._refuse(
                row,
                Words("The finding is not the one that was attached.", "problem.other_finding"),
                Words("the finding as exported", "expected.finding_as_exported"),
                "finding",
            )

    def _check_restored_cases(self) -> None:
        """Refuse a case that says it was decided without an approved decision, and the reverse."""
        if not self.history:
            return
        for row in self.document.rows["cases"]:
            if row.key[0] not in self.new_cases:
                continue
            case = Case.objects.get(pk=row.key[0])
            approved = case.decisions.current().filter(state=Decision.State.APPROVED).exists()
            if approved != (case.completed_steps == len(STEPS)):
                self.problems.add(
                    Words("The steps and the decision do not fit.", "problem.steps"),
                    Words(
                        "{steps} complete steps if a decision is approved, and fewer if none is",
                        "expected.steps",
                        {"steps": len(STEPS)},
                    ),
                    row.table,
                    row.number,
                    "completed_steps",
                )

    # --- small parts ---------------------------------------------------------------------------------
    def _guarded(self, row: FileRow, write: Any) -> None:
        """Write, and note what the services or the database refuse."""
        try:
            with transaction.atomic():
                write()
        except ConflictError:
            raise
        except RuleError as error:
            columns = {each.name for each in table(row.table).columns}
            for name, texts in error.fields.items():
                self.problems.add(
                    texts[0] if len(texts) == 1 else " ".join(texts),
                    error.expected or "",
                    row.table,
                    row.number,
                    name if name in columns else "",
                )
            if not error.fields:
                self._note_error(row, error)
            raise _RowRefusedError from error
        except GeomonitorError as error:
            self._note_error(row, error)
            raise _RowRefusedError from error
        except IntegrityError as error:
            self.problems.add(
                Words(
                    "Another record stands in the way: a code or a judgement that may be there once.",
                    "problem.in_the_way",
                ),
                Words("one record of each, not counting those that were withdrawn", "expected.one_of_each"),
                row.table,
                row.number,
            )
            raise _RowRefusedError from error

    def _note_error(self, row: FileRow, error: GeomonitorError) -> None:
        about = error.expected or error.next_step or ""
        if error.expected and error.next_step:
            values = {"expected": error.expected, "next": error.next_step}
            about = Words("{expected}; {next}", "expected.and_next", values)
        self.problems.add(error.what, about, row.table, row.number)

    def _python(self, row: FileRow, columns: list[Column]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
        """Give values for the model: fields, and relations apart."""
        fields: dict[str, Any] = {}
        relations: dict[str, list[Any]] = {}
        for column in columns:
            value = row.values[column.name]
            if column.kind == "references":
                relations[column.name] = [self._record(row, column, each) for each in value]
            elif column.kind == "reference":
                fields[column.name] = None if value is None else self._record(row, column, value)
            elif column.kind == "user":
                fields[column.name] = None if value is None else self._user(row, column, value)
            else:
                fields[column.name] = _python_value(column.kind, value)
        return fields, relations

    def _user(self, row: FileRow, column: Column, name: str) -> User:
        if name not in self.users:
            if ("people", name) in self.refused:
                raise _RowRefusedError
            self._refuse(
                row,
                Words("There is no user {name!r}.", "problem.no_user", {"name": name[:60]}),
                Words("a user of this register", "expected.known_user"),
                column.name,
            )
        return self.users[name]

    def _record(self, row: FileRow, column: Column, uid: str) -> Any:
        found = table(column.target).model._default_manager.filter(pk=uid).first()
        if found is None:
            if (column.target, uid) in self.refused:
                raise _RowRefusedError
            self._refuse(
                row,
                Words("There is no record {uid}.", "problem.no_record", {"uid": uid}),
                Words("the uid of a row of {table}", "expected.reference", {"table": column.target}),
                column.name,
            )
        return found

    def _refuse(self, row: FileRow, what: str, expected: str, column: str) -> None:
        self.problems.add(what, expected, row.table, row.number, column)
        raise _RowRefusedError

    def _note(
        self, row: FileRow, status: Status, fields: tuple[FieldChange, ...] = (), note: str = ""
    ) -> None:
        self.outcomes.append(RowOutcome(row.table, row.number, _label(row.values), status, fields, note))


_LABELS = (
    "reference",
    "code",
    "title",
    "interest",
    "dimension",
    "risk",
    "username",
    "outcome",
    "text",
    "source",
)


def _label(values: Mapping[str, Any]) -> str:
    named = next((str(values[name]) for name in _LABELS if values.get(name)), "")
    return named if len(named) <= 80 else f"{named[:77]}..."


def _python_value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "date":
        return datetime.date.fromisoformat(value)
    if kind == "moment":
        return datetime.datetime.fromisoformat(value)
    return Decimal(value) if kind == "decimal" else value
