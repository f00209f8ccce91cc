"""Saving: two people at once lose nothing, a form sent twice counts once, errors keep what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from web.case_forms import hidden_fields, page, send, shown

if TYPE_CHECKING:
    from geomonitor.register.models import Case, User

HEAD = ("title", "subject_kind", "subject_name", "subject_code", "importer", "counterpart")


def _head(case: Case, **changes: str) -> dict[str, Any]:
    return {**{name: getattr(case, name) for name in HEAD}, "summary": "", "benefits": "", **changes}


@pytest.fixture
def second(users: dict[str, User]) -> Client:
    client = Client()
    client.force_login(users["second_analyst"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_second_to_save_sees_both_and_chooses(
    as_analyst: Client, second: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    address = f"/cases/{case.reference}/change/"
    seen = hidden_fields(page(as_analyst, address))
    assert send(second, address, **_head(case, summary="Of the second")).status_code == 302

    conflict = as_analyst.post(address, {**seen, **_head(case, summary="Of the first", benefits="<i>b</i>")})
    assert conflict.status_code == 409
    text = conflict.content.decode()
    assert "Of the first" in text
    assert "Of the second" in text
    assert "second_analyst" in shown(conflict)
    assert "&lt;i&gt;b&lt;/i&gt;" in text
    case.refresh_from_db()
    assert case.summary == "Of the second"

    # what was typed stands in the page, with the version that is there now
    kept = hidden_fields(text)
    assert kept["summary"] == "Of the first"
    assert kept["version"] == str(case.version)
    edited = as_analyst.post(address, {**kept, "conflict": "edit"})
    assert edited.status_code == 200
    assert "Of the first" in edited.content.decode()
    assert 'class="errors"' not in edited.content.decode()
    case.refresh_from_db()
    assert case.summary == "Of the second"

    assert as_analyst.post(address, {**kept, "conflict": "mine"}).status_code == 302
    case.refresh_from_db()
    assert (case.summary, case.benefits) == ("Of the first", "<i>b</i>")


def test_a_conflict_on_a_record_shows_choices_in_words(
    as_analyst: Client, second: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/records/interest/"
    send(as_analyst, root + "new/?about=transitions", touched="unclear", argument="To see")
    address = f"{root}{case.interests.get().pk}/"
    seen = hidden_fields(page(as_analyst, address))
    send(second, address, touched="no", argument="It is not")
    conflict = as_analyst.post(address, {**seen, "touched": "yes", "argument": "It is"})
    assert conflict.status_code == 409
    assert "yes" in shown(conflict)
    assert "It is not" in shown(conflict)


def test_what_was_withdrawn_in_the_meantime_is_not_saved_over(
    as_analyst: Client, second: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/records/paper/"
    send(as_analyst, root + "new/", title="A letter")
    address = f"{root}{case.papers.get().pk}/"
    seen = hidden_fields(page(as_analyst, address))
    send(second, address + "withdraw/", reason="Another case")
    answer = as_analyst.post(address, {**seen, "title": "The letter"})
    assert answer.status_code in {200, 400, 409}
    assert "withdrawn" in shown(answer).lower()
    assert case.papers.get().title == "A letter"


def test_a_form_sent_twice_counts_once(as_analyst: Client, open_case: Callable[..., Case]) -> None:
    from geomonitor.register.models import Case

    case = open_case()
    address = f"/cases/{case.reference}/records/comment/new/"
    fields = {**hidden_fields(page(as_analyst, address)), "text": "Once"}
    answers = [as_analyst.post(address, fields) for _ in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert case.comments.count() == 1

    new = {
        **hidden_fields(page(as_analyst, "/cases/new/")),
        "title": "Twice",
        "subject_kind": "sector",
        "subject_name": "Ports",
        "visibility": "everyone",
    }
    assert [as_analyst.post("/cases/new/", new).status_code for _ in range(2)] == [302, 302]
    assert Case.objects.filter(title="Twice").count() == 1


def test_the_token_of_somebody_else_counts_for_oneself(
    as_analyst: Client, second: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    address = f"/cases/{case.reference}/records/comment/new/"
    fields = {**hidden_fields(page(as_analyst, address)), "text": "Mine"}
    as_analyst.post(address, fields)
    second.post(address, fields)
    assert case.comments.count() == 2


def test_errors_name_the_field_and_keep_what_was_typed(
    as_analyst: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    address = f"/cases/{case.reference}/records/option/new/?about=stockpile"
    answer = send(
        as_analyst,
        address,
        title="A stock of <script>",
        level="eu",
        cost="",
        benefit="x" * 10_001,
        cost_minimum_meur="12",
        cost_maximum_meur="3",
        lead_time_minimum_months="many",
    )
    assert answer.status_code == 200
    text = answer.content.decode()
    seen = shown(answer)
    for expected in (
        "Costs: fill this in.",
        "Benefits: at most 10000 characters, and there are 10001.",
        "Costs in million euro, at most: the largest is smaller than the smallest.",
        "Lead time in months, at least: expected a number",
    ):
        assert expected in seen
    assert "A stock of &lt;script&gt;" in text
    assert 'tabindex="-1" autofocus' in text
    assert 'href="#id_cost"' in text
    assert 'aria-invalid="true"' in text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("importer", "XYZ", "XYZ is no economy or group that is known"),
        ("title", "", "Title: fill this in."),
        ("subject_kind", "person", "Kind of subject: choose from what is offered."),
        ("title", "a\x00b", "there is a sign in the text that cannot be kept"),
    ],
)
def test_the_head_of_a_case_is_checked(
    as_analyst: Client, open_case: Callable[..., Case], field: str, value: str, message: str
) -> None:
    case = open_case()
    answer = send(as_analyst, f"/cases/{case.reference}/change/", **_head(case, **{field: value}))
    assert answer.status_code == 200
    assert message in shown(answer)


def test_errors_are_in_dutch_for_who_reads_dutch(
    as_analyst: Client, users: dict[str, User], open_case: Callable[..., Case]
) -> None:
    case = open_case()
    users["analyst"].language = "nl"
    users["analyst"].save()
    answer = send(as_analyst, f"/cases/{case.reference}/change/", **_head(case, title=""))
    assert "Titel: vul dit in." in shown(answer)


@pytest.mark.parametrize("fields", [{"owner": "", "owner_text": ""}, {"due_on": "soon"}, {"state": "maybe"}])
def test_an_action_needs_an_owner_a_day_and_a_state(
    as_analyst: Client, open_case: Callable[..., Case], fields: dict[str, str]
) -> None:
    case = open_case()
    whole = {
        "title": "Ask",
        "owner_text": "The ministry",
        "due_on": "2027-01-01",
        "remind_days_before": "7",
        "state": "open",
    }
    answer = send(as_analyst, f"/cases/{case.reference}/records/action/new/", **{**whole, **fields})
    assert answer.status_code == 200
    assert not case.actions.exists()


def test_a_paper_links_to_web_addresses_only(as_analyst: Client, open_case: Callable[..., Case]) -> None:
    case = open_case()
    address = f"/cases/{case.reference}/records/paper/new/"
    for url in ("javascript:alert(1)", "ftp://example.org/x", "data:text/html,x"):
        answer = send(as_analyst, address, title="A letter", url=url)
        assert answer.status_code == 200
        assert "Address:" in shown(answer)
    assert not case.papers.exists()
