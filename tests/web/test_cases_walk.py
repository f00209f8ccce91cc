"""A case from a finding to its follow-up, by the forms that people fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail

from web.case_forms import page, send, shown

if TYPE_CHECKING:
    from django.test import Client

    from geomonitor.findings import Edition
    from geomonitor.register.models import Case, User

DIMENSIONS = ("probability", "impact", "time_to_substitute", "two_way_dependence", "confidence")


def _case(title: str = "Graphite for batteries") -> Case:
    from geomonitor.register.models import Case

    return Case.objects.get(title=title)


def _open_from_finding(client: Client, edition: Edition) -> Case:
    address = f"/cases/new/?edition={edition.id}&importer=EU27_2020&product=280530"
    text = page(client, address)
    digests = [
        line.split('"')[0] for line in text.split('name="finding" value="')[1:] if "checked" in line[:90]
    ]
    assert len(digests) == 4  # the tests of the main method and its verdict
    answer = send(
        client,
        address,
        finding=digests,
        title="Graphite for batteries",
        subject_kind="product",
        subject_code="280530",
        subject_name="Rare-earth metals",
        importer="EU27_2020",
        counterpart="CHN",
        summary="First line\nSecond <b>line</b>",
        benefits="",
        visibility="everyone",
    )
    assert answer.status_code == 302, shown(answer)
    return _case()


def test_a_case_is_opened_from_a_finding_with_its_findings_frozen(
    as_analyst: Client, edition: Edition
) -> None:
    case = _open_from_finding(as_analyst, edition)
    attached = list(case.evidence.all())
    assert {each.finding["measure"] for each in attached} == {
        "import_concentration",
        "extra_import_share",
        "imports_to_exports",
        "dependent",
    }
    row = next(
        each
        for each in edition.findings.iter_rows(named=True)
        if each["measure"] == "extra_import_share"
        and each["subject"] == "EU27_2020"
        and each["product"] == "280530"
        and each["method"] == edition.record["main_method"]
    )
    frozen = next(each for each in attached if each.finding["measure"] == "extra_import_share")
    assert frozen.finding["value"] == row["value"]
    text = page(as_analyst, f"/cases/{case.reference}/")
    assert f"{row['value']:.1%}" in text
    assert "First line<br>Second &lt;b&gt;line&lt;/b&gt;" in text


def test_a_finding_that_the_edition_does_not_have_opens_nothing(as_analyst: Client, edition: Edition) -> None:
    from geomonitor.register.models import Case

    answer = send(
        as_analyst,
        f"/cases/new/?edition={edition.id}&importer=EU27_2020&product=280530",
        finding=["0" * 64],
        title="Made up",
        subject_kind="product",
        subject_name="x",
        visibility="everyone",
    )
    assert answer.status_code == 200
    assert f"not in edition {edition.id}" in shown(answer)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("query", "measures"),
    [
        ("importer=EU27_2020&counterpart=CHN", {"dependent"}),
        (
            "importer=EU27_2020&subject_kind=material&code=rare_earths",
            {"largest_third_country_share_processing"},
        ),
        ("importer=EU27_2020&subject_kind=other&code=eu-china-25pp", {"real_income_change"}),
    ],
)
def test_what_a_case_is_opened_from_brings_its_findings(
    edition: Edition, query: str, measures: set[str]
) -> None:
    from django.http import QueryDict

    from geomonitor.web.cases.opening import WantedFindings, findings_on

    wanted = WantedFindings.of(QueryDict(query))
    found = findings_on(edition, wanted)
    assert measures <= {each.finding["measure"] for each in found}
    assert all(each.finding["subject"].split(" ")[0] == "EU27_2020" for each in found)


def test_a_case_on_a_chain_opens_without_findings(as_analyst: Client, edition: Edition) -> None:
    address = f"/cases/new/?edition={edition.id}&importer=EU27_2020&subject_kind=chain&code=batteries"
    text = page(as_analyst, address + "&subject_name=Batteries+for+cars")
    assert "no findings on this subject" in shown(text)
    assert 'value="Batteries for cars"' in text


def _to_step_four(client: Client, case: Case) -> None:
    root = f"/cases/{case.reference}/"
    new = root + "records/"
    first = str(case.evidence.first().pk)  # type: ignore[union-attr]
    assert "judge at least one public interest" in shown(page(client, root))
    answer = send(
        client,
        new + "interest/new/?about=transitions",
        touched="yes",
        argument="Magnets need it.",
        evidence=[first],
    )
    assert answer.status_code == 302
    complete = root + "steps/1/complete/"
    assert send(client, complete, on=root + "interests/").status_code == 302
    for dimension in DIMENSIONS:
        answer = send(client, f"{new}judgement/new/?about={dimension}", level="3", argument="So it is.")
        assert answer.status_code == 302
    assert send(client, root + "steps/2/complete/", on=root + "risk/").status_code == 302
    for kind in ("do_nothing", "stockpile"):
        answer = send(
            client,
            f"{new}option/new/?about={kind}",
            title=kind.replace("_", " "),
            level="eu",
            cost="Some",
            benefit="Some",
            cost_minimum_meur="1.5",
            cost_maximum_meur="10",
            lead_time_minimum_months="6",
            lead_time_maximum_months="24",
        )
        assert answer.status_code == 302, shown(answer)
    assert "write down the benefits" in shown(page(client, root + "options/"))
    case.refresh_from_db()
    answer = send(
        client,
        root + "change/",
        **{
            name: getattr(case, name)
            for name in ("title", "subject_kind", "subject_name", "subject_code", "importer", "counterpart")
        },
        summary=case.summary,
        benefits="Low prices.",
    )
    assert answer.status_code == 302
    assert send(client, root + "steps/3/complete/", on=root + "options/").status_code == 302
    case.refresh_from_db()
    assert case.completed_steps == 3


def _propose(client: Client, case: Case) -> Any:
    return send(
        client,
        f"/cases/{case.reference}/decision/propose/",
        outcome="A small stock.",
        chosen=[str(case.options.get(kind="stockpile").pk)],
        decided_by="The council",
        decided_on="2026-11-01",
        reason="It bridges.",
        review_on="2027-11-01",
    )


def test_the_whole_way(
    as_analyst: Client, as_decision_maker: Client, users: dict[str, User], edition: Edition
) -> None:
    case = _open_from_finding(as_analyst, edition)
    root = f"/cases/{case.reference}/"
    _to_step_four(as_analyst, case)
    assert _propose(as_analyst, case).status_code == 302

    # four eyes
    own = shown(page(as_analyst, root + "decision/"))
    assert "somebody else approves or rejects it" in own
    assert "Save the judgement" not in own
    assert case.reference in shown(page(as_decision_maker, "/my-work/"))
    decision = case.decisions.get()
    judge = f"{root}decision/{decision.pk}/judge/"
    refused = send(as_decision_maker, judge, on=root + "decision/", verdict="reject", reason="")
    assert refused.status_code == 200
    assert "say why you reject it" in shown(refused)
    answer = send(as_decision_maker, judge, on=root + "decision/", verdict="approve", reason="")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.status == "follow_up"
    approved = shown(page(as_analyst, root + "decision/"))
    assert "approved" in approved
    assert "decision_maker" in approved

    # follow-up
    answer = send(
        as_analyst,
        root + "records/action/new/",
        title="Ask the firms",
        owner=users["analyst"].pk,
        due_on="2026-01-01",
        remind_days_before="14",
        state="open",
    )
    assert answer.status_code == 302
    assert "overdue" in shown(page(as_analyst, root + "follow-up/"))
    assert "Ask the firms" in shown(page(as_analyst, "/my-work/"))
    closed = as_analyst.get(root + "close/")
    assert closed.status_code == 400
    assert "open actions" in shown(closed)
    action = case.actions.get()
    answer = send(
        as_analyst,
        f"{root}records/action/{action.pk}/",
        title="Ask the firms",
        owner=users["analyst"].pk,
        due_on="2026-01-01",
        remind_days_before="14",
        state="done",
        result="",
    )
    assert "Result: say what came of it" in shown(answer)
    answer = send(
        as_analyst,
        f"{root}records/action/{action.pk}/",
        title="Ask the firms",
        owner=users["analyst"].pk,
        due_on="2026-01-01",
        remind_days_before="14",
        state="done",
        result="Three months.",
    )
    assert answer.status_code == 302
    assert send(as_analyst, root + "close/", reason="All done.").status_code == 302
    text = shown(page(as_analyst, root))
    assert "This case is closed: All done." in text
    assert "Change the head" not in text
    assert send(as_analyst, root + "open-again/", reason="New facts.").status_code == 302

    # reopening keeps the decision as superseded
    assert send(as_analyst, root + "steps/2/reopen/", reason="The risk changed.").status_code == 302
    decision.refresh_from_db()
    assert decision.state == "superseded"
    history = shown(page(as_analyst, root + "history/"))
    for text in (
        "Step 2 reopened",
        "The risk changed.",
        "Case closed",
        "Case opened again",
        "Step 4 completed",
    ):
        assert text in history
    assert mail.outbox == []


def test_a_withdrawn_record_stays_with_its_reason(as_analyst: Client, open_case: Callable[..., Case]) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/"
    send(
        as_analyst, root + "records/interest/new/?about=transitions", touched="yes", argument="First thought"
    )
    record = case.interests.get()
    withdraw = f"{root}records/interest/{record.pk}/withdraw/"
    empty = send(as_analyst, withdraw, reason=" ")
    assert "Reason: fill this in." in shown(empty)
    assert send(as_analyst, withdraw, reason="Wrong product").status_code == 302
    text = page(as_analyst, root + "interests/")
    assert "First thought" in text
    assert "struck" in text
    assert "Wrong product" in text
    # and the interest can be judged anew
    answer = send(
        as_analyst, root + "records/interest/new/?about=transitions", touched="no", argument="Second thought"
    )
    assert answer.status_code == 302


def test_steps_are_completed_in_order_and_whole(as_analyst: Client, open_case: Callable[..., Case]) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/"
    for step in (1, 2, 3):
        fields = {"version": case.version, "form_token": f"00000000-0000-0000-0000-00000000000{step}"}
        answer = as_analyst.post(f"{root}steps/{step}/complete/", fields)
        assert answer.status_code == 400
    assert as_analyst.post(f"{root}steps/4/complete/", fields).status_code == 404
    case.refresh_from_db()
    assert case.completed_steps == 0


def test_a_completed_step_stands_until_it_is_reopened(
    as_analyst: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/"
    send(as_analyst, root + "records/interest/new/?about=transitions", touched="yes", argument="Needed")
    send(as_analyst, root + "steps/1/complete/", on=root + "interests/")
    record = case.interests.get()
    answer = as_analyst.get(f"{root}records/interest/{record.pk}/")
    assert answer.status_code == 400
    assert "Reopen the step" in shown(answer)


def test_evidence_is_attached_later_and_once(
    as_analyst: Client, open_case: Callable[..., Case], edition: Edition
) -> None:
    case = open_case(subject_code="280530")
    address = f"/cases/{case.reference}/attach/"
    none = send(as_analyst, address)
    assert "Tick at least one finding" in shown(none)
    text = page(as_analyst, address)
    digest = text.split('name="finding" value="')[1].split('"')[0]
    assert send(as_analyst, address, finding=[digest]).status_code == 302
    assert case.evidence.count() == 1
    assert "attached already" in shown(page(as_analyst, address))
    again = send(as_analyst, address, finding=[digest])
    assert again.status_code == 200
    assert case.evidence.count() == 1
