"""Pages on cases: who sees what, the list, the evidence beside a newer edition, the dossier."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import polars as pl
import pytest
from django.test import Client

from web.case_forms import page, send, shown

if TYPE_CHECKING:
    from geomonitor.findings import Edition
    from geomonitor.register.models import Case, User

PAGES = ("", "interests/", "risk/", "options/", "decision/", "follow-up/", "access/", "history/", "dossier/")


@pytest.fixture
def example(users: dict[str, User], edition: Edition) -> Case:
    """The worked example, made by the analyst."""
    from geomonitor.register.example import load_example_case

    return load_example_case(edition, users["analyst"])


def test_a_reader_reads_everything_and_is_offered_nothing(as_reader: Client, example: Case) -> None:
    for each in PAGES:
        text = page(as_reader, f"/cases/{example.reference}/{each}")
        content = text.split("<main", 1)[1]
        assert "<form" not in content
        for word in ("records/", "/change/", "/withdraw/", "/reopen/", "/attach/", "/close/"):
            assert word not in content, (each, word)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_pages_are_whole_in_both_languages(
    as_analyst: Client, users: dict[str, User], example: Case, language: str
) -> None:
    users["analyst"].language = language
    users["analyst"].save()
    for each in PAGES:
        text = page(as_analyst, f"/cases/{example.reference}/{each}")
        assert f'<html lang="{language}"' in text
        assert text.count("<h1") == 1


def test_a_restricted_case_does_not_exist_for_others(
    as_analyst: Client, as_reader: Client, users: dict[str, User], example: Case
) -> None:
    root = f"/cases/{example.reference}/"
    answer = send(as_analyst, root + "access/visibility/", on=root + "access/", visibility="members")
    assert answer.status_code == 302
    for each in PAGES:
        assert as_reader.get(root + each).status_code == 404
    assert example.reference not in page(as_reader, "/cases/")
    give = {"user": users["reader"].pk, "access": "read"}
    assert send(as_analyst, root + "access/give/", on=root + "access/", **give).status_code == 302
    assert "CONFIDENTIAL" in page(as_reader, root + "dossier/")
    member = example.members.get(user=users["reader"])
    end = f"{root}access/{member.pk}/end/"
    assert send(as_analyst, end, on=root + "access/").status_code == 302
    assert as_reader.get(root).status_code == 404
    row = page(as_analyst, root + "access/").split('<tr class="struck">')[1].split("</tr>")[0]
    assert "reader" in row
    assert "<form" not in row


def test_who_restricts_a_case_does_not_lock_himself_out(
    as_administrator: Client, users: dict[str, User], open_case: Callable[..., Case]
) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/"
    answer = send(as_administrator, root + "access/visibility/", on=root + "access/", visibility="members")
    assert answer.status_code == 302
    assert page(as_administrator, root)


def test_a_case_is_assigned_to_somebody_who_can_work_on_it(
    as_analyst: Client, users: dict[str, User], open_case: Callable[..., Case]
) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/"
    assign = root + "access/assign/"
    answer = send(as_analyst, assign, on=root + "access/", assigned_to=users["reader"].pk)
    assert answer.status_code == 200
    assert f"{users['reader'].shown_name} cannot work on this case." in shown(answer)
    answer = send(as_analyst, assign, on=root + "access/", assigned_to=users["second_analyst"].pk)
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.assigned_to == users["second_analyst"]


def test_opening_a_case_and_its_dossier_is_in_the_trail(
    as_reader: Client, open_case: Callable[..., Case]
) -> None:
    from auditlog.models import LogEntry

    case = open_case()
    for each in ("", "dossier/", "case.json"):
        before = LogEntry.objects.filter(action=LogEntry.Action.ACCESS, object_pk=str(case.pk)).count()
        as_reader.get(f"/cases/{case.reference}/{each}")
        after = LogEntry.objects.filter(action=LogEntry.Action.ACCESS, object_pk=str(case.pk))
        assert after.count() == before + 1
        newest = after.latest("timestamp")
        assert newest.actor is not None
        assert newest.actor.username == "reader"


def test_the_list_without_cases_says_what_to_do(as_analyst: Client, users: dict[str, User]) -> None:
    text = shown(page(as_analyst, "/cases/"))
    assert "There is no case yet." in text
    assert "Open one from a finding" in text


def test_the_list_is_filtered_and_sorted(as_analyst: Client, open_case: Callable[..., Case]) -> None:
    one = open_case(title="Alpha", counterpart="CHN")
    two = open_case(title="Beta", counterpart="RUS", visibility="members")
    send(
        as_analyst,
        f"/cases/{one.reference}/records/interest/new/?about=public_health",
        touched="yes",
        argument="x",
    )
    for query, expected in {
        "words=alp": [one],
        "counterpart=RUS": [two],
        "restricted=yes": [two],
        "interest=public_health": [one],
        "assigned=me&sort=title": [one, two],
        "assigned=nobody": [],
        "status=interest&sort=newest": [two, one],
        "status=closed": [],
        "step=0&sort=reference": [one, two],
        "words=%27%20OR%201=1": [],
    }.items():
        text = page(as_analyst, f"/cases/?{query}")
        assert re.findall(r'<th scope="row" class="wrap"><a href="/cases/([^/]+)/"', text) == [
            each.reference for each in expected
        ], query
    assert as_analyst.get("/cases/?status=bogus").status_code == 404


def test_the_list_as_a_file(as_analyst: Client, open_case: Callable[..., Case]) -> None:
    case = open_case(title="=cmd|' /C calc'!A0")
    answer = as_analyst.get("/cases/?download=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == case.reference
    assert rows[1][1].startswith("'=cmd")
    assert as_analyst.get("/cases/?download=xlsx").content[:2] == b"PK"


def _newer(edition: Edition, folder: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    from geomonitor.findings import write_edition

    record = {**edition.record, "id": "raw-materials-newer", "created": "2099-01-01T00:00:00+00:00"}
    write_edition(replace(edition, record=record, findings=change(edition.findings), path=None), folder)


def test_a_newer_edition_that_says_otherwise_is_shown_with_both_numbers(
    as_analyst: Client, example: Case, edition: Edition, tmp_path: Path, settings: Any
) -> None:
    measured = pl.col("measure") == "extra_import_share"
    verdict = (pl.col("measure") == "dependent") & (pl.col("method") == "commission-2021")
    gone = (pl.col("measure") == "imports_to_exports") & (pl.col("method") == "commission-2021")

    def change(findings: pl.DataFrame) -> pl.DataFrame:
        return findings.filter(~gone).with_columns(
            value=pl.when(measured).then(pl.col("value") - 0.3).otherwise("value"),
            verdict=pl.when(verdict).then(pl.lit("not dependent")).otherwise("verdict"),
        )

    before = page(as_analyst, f"/cases/{example.reference}/")
    assert "Now " not in before
    _newer(edition, tmp_path, change)
    settings.EDITIONS = tmp_path
    then = example.evidence.get(finding__measure="extra_import_share").finding["value"]
    text = shown(page(as_analyst, f"/cases/{example.reference}/"))
    assert f"{then:.1%}" in text
    assert f"Now {then - 0.3:.1%} in edition raw-materials-newer of 1 January 2099" in text
    assert "−30.0 percentage points" in text
    assert "Now not dependent" in text
    assert "no longer makes this statement" in text
    assert "The newest edition (raw-materials-newer) says the same." in text
    assert "says otherwise on 3 of these findings" in text
    dossier = shown(page(as_analyst, f"/cases/{example.reference}/dossier/"))
    assert f"Now {then - 0.3:.1%} in edition raw-materials-newer" in dossier


def test_the_risk_matrix_has_one_place_and_no_product(as_reader: Client, example: Case) -> None:
    text = page(as_reader, f"/cases/{example.reference}/risk/")
    table = text.split('<table class="matrix">')[1].split("</table>")[0]
    rows = re.findall(r"<tr>.*?</tr>", table.split("<tbody>")[1], re.DOTALL)
    levels = {each.dimension: each.level for each in example.judgements.all()}
    places = [
        (5 - row, column + 1)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL))
        if "this case" in cell
    ]
    assert places == [(levels["impact"], levels["probability"])]
    assert f"probability {levels['probability']} and impact {levels['impact']}" in table
    assert not re.search(r"<td[^>]*>[^<]*\d", table)


def test_the_dossier_holds_all_of_the_case(as_reader: Client, example: Case) -> None:
    text = page(as_reader, f"/cases/{example.reference}/dossier/")
    for expected in (
        example.reference,
        example.title,
        "Step 1",
        "Step 2",
        "Step 3",
        "Step 4",
        "Example council",
        "Do nothing",
        "BACI",
        "Step 3 completed",
        *(each.finding_sha256 for each in example.evidence.all()),
    ):
        assert expected in text, expected
    assert "<nav" not in text
    assert "<script" not in text


def test_the_running_head_of_the_dossier_is_safe(as_reader: Client, open_case: Callable[..., Case]) -> None:
    case = open_case(title='x"; } body { display: none } @import "//evil.example";')
    answer = as_reader.get(f"/cases/{case.reference}/dossier/page.css")
    style = answer.content.decode()
    assert answer["Content-Type"].startswith("text/css")
    assert style.count("{") == style.count("}") == 5
    assert "@import" not in style
    assert "counter(page)" in style


def test_the_json_meets_its_schema(as_reader: Client, as_analyst: Client, example: Case) -> None:
    address = f"/cases/{example.reference}/records/"
    send(as_analyst, address + "comment/new/", text="A remark", about_part="risk")
    send(as_analyst, address + "paper/new/", title="A letter", url="https://example.org/a")
    answer = as_reader.get(f"/cases/{example.reference}/case.json")
    schema = json.loads(as_reader.get("/cases/case.schema.json").content)
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    case = json.loads(answer.content)
    assert [each.message for each in validator.iter_errors(case)] == []
    assert case["case"]["reference"] == example.reference
    assert {len(case[part]) for part in ("comments", "decisions", "actions")} == {1}
    # the example has one of its own, without an address
    assert [each["url"] for each in case["papers"]] == ["", "https://example.org/a"]
    # and the schema notices what is not right
    case["judgements"][0]["level"] = 9
    case["case"]["person"] = "somebody"
    del case["evidence"][0]["finding_sha256"]
    assert len(list(validator.iter_errors(case))) == 3
    assert "describedby" in answer["Link"]


def test_comments_are_changed_by_who_wrote_them(
    as_analyst: Client, as_decision_maker: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    new = f"/cases/{case.reference}/records/comment/new/"
    assert (
        send(as_decision_maker, new, text="Is this so?\n<img src=x>", about_part="decision").status_code
        == 302
    )
    comment = case.comments.get()
    text = page(as_analyst, f"/cases/{case.reference}/")
    assert "Is this so?<br>&lt;img src=x&gt;" in text
    assert str(comment.pk) + "/" not in text
    assert as_analyst.get(f"/cases/{case.reference}/records/comment/{comment.pk}/").status_code == 403
    address = f"/cases/{case.reference}/records/comment/{comment.pk}/"
    assert send(as_decision_maker, address, text="It is so.", about_part="").status_code == 302
    comment.refresh_from_db()
    assert (comment.text, comment.about) == ("It is so.", "")


def test_a_refused_step_leads_back_to_the_case(as_analyst: Client, open_case: Callable[..., Case]) -> None:
    case = open_case()
    answer = as_analyst.post(f"/cases/{case.reference}/steps/3/complete/", {"version": case.version})
    assert answer.status_code == 400
    assert f'href="/cases/{case.reference}/">Back to the case</a>' in answer.content.decode()
