"""The worked example case, and reminders."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

if TYPE_CHECKING:
    from geomonitor.findings import Edition
    from geomonitor.register.models import Action, Case, User

TODAY = datetime.date(2026, 6, 15)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_example_is_whole_but_for_the_approval(
    users: dict[str, User], edition: Edition, language: str
) -> None:
    from geomonitor.register.example import load_example_case
    from geomonitor.register.models import Case

    case = load_example_case(edition, users["analyst"], language)
    assert case.example
    assert case.status == "approval"
    assert case.completed_steps == 3
    row = edition.tables["products"].row(
        by_predicate=(pl.col("importer") == case.importer)
        & (pl.col("product") == case.subject_code)
        & (pl.col("method") == edition.record["main_method"]),
        named=True,
    )
    assert case.counterpart == row["main_supplier"]
    share = f"{row['main_supplier_share'] * 100:.1f}"
    assert (share if language == "en" else share.replace(".", ",")) in case.summary
    again = load_example_case(edition, users["administrator"], language)
    assert again.pk == case.pk
    assert Case.objects.count() == 1


def test_no_number_of_the_example_is_typed() -> None:
    from geomonitor.register import example

    text = example._example()
    wordings = [
        each
        for section in (
            text["case"],
            *text["interest"].values(),
            *text["judgement"].values(),
            *text["option"].values(),
        )
        for wording in section.values()
        if isinstance(wording, dict)
        for each in wording.values()
    ]
    assert len(wordings) > 40
    typed = {number for each in wordings for number in re.findall(r"\d[\d.,]*", each)}
    # the year of a ruling that letter B names, and the ends of an index
    assert {each.strip(".,") for each in typed} <= {"2014", "0", "1"}


def test_the_example_is_not_made_where_it_would_not_be_true(users: dict[str, User], edition: Edition) -> None:
    from geomonitor.errors import DataError
    from geomonitor.register.example import load_example_case
    from geomonitor.register.models import Case

    products = edition.tables["products"].with_columns(strategic=pl.lit(False))
    other = replace(edition, tables={**edition.tables, "products": products})
    with pytest.raises(DataError, match="no strategic dependency"):
        load_example_case(other, users["analyst"])
    assert not Case.objects.exists()


@pytest.fixture
def add_action(users: dict[str, User], open_case: Callable[..., Case]) -> Callable[..., Action]:
    from geomonitor.register.models import Action
    from geomonitor.register.services import content

    case = open_case()

    def make(**fields: Any) -> Action:
        whole = {
            "title": "Ask",
            "owner": users["analyst"],
            "due_on": TODAY,
            "remind_days_before": 14,
            **fields,
        }
        return content.add(users["analyst"], fields.pop("case", None) or case, Action, **whole)

    return make


def test_each_owner_gets_one_mail_a_day(users: dict[str, User], add_action: Callable[..., Action]) -> None:
    add_action(title="Overdue", due_on=TODAY - datetime.timedelta(days=1))
    add_action(title="Soon", due_on=TODAY + datetime.timedelta(days=14))
    add_action(title="Later", due_on=TODAY + datetime.timedelta(days=15))
    add_action(title="Of the second", owner=users["second_analyst"])
    add_action(title="Done", state="done", result="x")
    add_action(title="Long ago", due_on=datetime.date.min, owner=users["second_analyst"])
    add_action(title="Outside", owner=None, owner_text="The ministry")
    call_command("send_reminders", "--on", TODAY.isoformat())
    assert sorted(each.to[0] for each in mail.outbox) == ["analyst@example.org", "second@example.org"]
    first = next(each for each in mail.outbox if each.to == ["analyst@example.org"])
    assert first.subject == "Geomonitor: 2 actions are due"
    assert "14 June 2026 (overdue): Overdue" in first.body
    assert "29 June 2026: Soon" in first.body
    assert "Later" not in first.body
    call_command("send_reminders", "--on", TODAY.isoformat())
    assert len(mail.outbox) == 2
    # a week on, what is still open is in a mail again, and what has come near joins it
    call_command("send_reminders", "--on", (TODAY + datetime.timedelta(days=7)).isoformat())
    assert len(mail.outbox) == 4
    assert "Later" in next(each.body for each in mail.outbox[2:] if each.to == ["analyst@example.org"])


def test_a_reminder_does_not_get_in_the_way_of_who_works_on_the_action(
    add_action: Callable[..., Action],
) -> None:
    action = add_action()
    call_command("send_reminders", "--on", TODAY.isoformat())
    version = action.version
    action.refresh_from_db()
    assert action.version == version
    assert timezone.localtime(action.reminded_at).date() == TODAY


def test_a_restricted_case_is_not_told_by_mail(
    users: dict[str, User], add_action: Callable[..., Action]
) -> None:
    from geomonitor.register.models import Case
    from geomonitor.register.services import cases

    action = add_action(title="Secret thing")
    add_action(title="Secret too", owner=users["second_analyst"])
    case = Case.objects.get(pk=action.case_id)
    cases.change_case(users["analyst"], case, case.version, visibility="members")
    call_command("send_reminders", "--on", TODAY.isoformat())
    # who may no longer read it is not reminded of it
    assert [each.to for each in mail.outbox] == [["analyst@example.org"]]
    assert "Secret" not in mail.outbox[0].body
    assert case.reference in mail.outbox[0].body


def test_the_mail_is_in_the_language_of_the_owner(
    users: dict[str, User], add_action: Callable[..., Action]
) -> None:
    users["analyst"].language = "nl"
    users["analyst"].save()
    add_action()
    call_command("send_reminders", "--on", TODAY.isoformat())
    assert mail.outbox[0].subject == "Geomonitor: 1 actie staat open"
    assert "15 juni 2026" in mail.outbox[0].body


def test_a_mail_that_fails_is_tried_again(
    users: dict[str, User], add_action: Callable[..., Action], monkeypatch: pytest.MonkeyPatch
) -> None:
    from geomonitor.web.management.commands import send_reminders

    add_action()
    add_action(owner=users["second_analyst"])
    real = send_reminders.send_mail

    def sometimes(subject: str, body: str, sender: None, to: list[str]) -> int:
        if to == ["analyst@example.org"]:
            raise ConnectionRefusedError("no server")
        return real(subject, body, sender, to)

    monkeypatch.setattr(send_reminders, "send_mail", sometimes)
    with pytest.raises(CommandError, match="analyst: no server"):
        call_command("send_reminders", "--on", TODAY.isoformat())
    assert [each.to for each in mail.outbox] == [["second@example.org"]]
    monkeypatch.setattr(send_reminders, "send_mail", real)
    call_command("send_reminders", "--on", TODAY.isoformat())
    assert [each.to[0] for each in mail.outbox] == ["second@example.org", "analyst@example.org"]
