"""The API: tokens, roles, access to cases, versions, and errors as JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from geomonitor.findings import Edition
from geomonitor.register.models import Case, RiskJudgement, User
from geomonitor.register.services import cases
from geomonitor.web.api.tokens import FAILURES_A_PAUSE, make_token
from geomonitor.web.models import ApiToken

pytestmark = pytest.mark.django_db

OpenCase = Callable[..., Case]


class Api:
    """A program with a token."""

    def __init__(self, token: str) -> None:
        # forms need a token against forgery, the API does not
        self.client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        options: dict[str, Any] = {"query_params": query}
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(self.client, method)(f"/api/v1/{path}", **options)
        assert answer["Content-Type"].startswith("application/json"), answer.content
        return answer.status_code, answer.json()


def api_of(user: User, *, writes: bool = True) -> Api:
    return Api(make_token(user, "test", days=1, writes=writes)[1])


@pytest.fixture(autouse=True)
def _no_failures() -> None:
    cache.clear()


@pytest.fixture
def reader(users: dict[str, User]) -> Api:
    return api_of(users["reader"])


@pytest.fixture
def analyst(users: dict[str, User]) -> Api:
    return api_of(users["analyst"])


# --- tokens -----------------------------------------------------------------------------------------
def test_a_token_is_shown_once_and_kept_as_a_hash(as_analyst: Client) -> None:
    page = as_analyst.post("/account/tokens/", {"name": "Nightly", "days": 30}).content.decode()
    token = page.partition('id="new-token">')[2].partition("<")[0]
    kept = ApiToken.objects.get()
    assert len(token) > 43
    assert token not in json.dumps(ApiToken.objects.values()[0], default=str)
    assert token not in as_analyst.get("/account/tokens/").content.decode()
    assert token not in str(list(LogEntry.objects.values()))
    assert kept.expires_at - timezone.now() < datetime.timedelta(days=30, seconds=1)
    assert Api(token)("get", "cases")[0] == 200
    assert Api(token)("post", "cases", {})[0] in (403, 422)
    events = LogEntry.objects.filter(additional_data__event="token_made")
    assert [each.additional_data["name"] for each in events] == ["Nightly"]
    as_analyst.post(f"/account/tokens/{kept.pk}/revoke/")
    assert Api(token)("get", "cases")[0] == 401


@pytest.mark.parametrize("form", [{}, {"name": "x", "days": 0}, {"name": "x", "days": 366}, {"days": 5}])
def test_a_form_that_is_not_right(as_analyst: Client, form: dict[str, Any]) -> None:
    assert as_analyst.post("/account/tokens/", form).status_code == 400
    assert not ApiToken.objects.exists()


def test_tokens_of_others_are_not_found(as_reader: Client, users: dict[str, User]) -> None:
    token, _ = make_token(users["analyst"], "mine", days=1, writes=False)
    assert as_reader.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_tokens_that_do_not_hold(users: dict[str, User]) -> None:
    _, text = make_token(users["analyst"], "x", days=1, writes=True)
    assert Api(text)("get", "cases")[0] == 200
    ApiToken.objects.update(expires_at=timezone.now())
    assert Api(text)("get", "cases")[0] == 401
    ApiToken.objects.update(expires_at=timezone.now() + datetime.timedelta(days=1))
    User.objects.filter(pk=users["analyst"].pk).update(is_active=False)
    assert Api(text)("get", "cases")[0] == 401
    User.objects.filter(pk=users["analyst"].pk).update(is_active=True, must_change_password=True)
    assert Api(text)("get", "cases")[0] == 403


def test_no_token_and_a_session_are_no_way_in(client: Client, as_analyst: Client) -> None:
    for each in (client, as_analyst):
        answer = each.get("/api/v1/cases")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert set(answer.json()) == {"what", "where", "expected", "next"}


def test_an_address_that_tries_tokens_has_to_wait(users: dict[str, User]) -> None:
    text = make_token(users["analyst"], "x", days=1, writes=True)[1]
    statuses = [Api(f"gmt_{number}")("get", "cases")[0] for number in range(FAILURES_A_PAUSE + 1)]
    assert statuses == [401] * FAILURES_A_PAUSE + [429]
    assert Api(text)("get", "cases")[0] == 429
    other = Client(REMOTE_ADDR="203.0.113.9", headers={"Authorization": f"Bearer {text}"})
    assert other.get("/api/v1/cases").status_code == 200


def test_the_last_use_is_noted_at_most_once_a_minute(users: dict[str, User]) -> None:
    token, text = make_token(users["analyst"], "x", days=1, writes=True)
    Api(text)("get", "cases")
    token.refresh_from_db()
    first = token.last_used_at
    Api(text)("get", "cases")
    token.refresh_from_db()
    assert first is not None
    assert token.last_used_at == first
    earlier = timezone.now() - datetime.timedelta(minutes=2)
    ApiToken.objects.update(last_used_at=earlier)
    Api(text)("get", "cases")
    token.refresh_from_db()
    assert token.last_used_at > earlier


# --- evidence ---------------------------------------------------------------------------------------
def test_editions_and_findings(reader: Api, edition: Edition) -> None:
    status, found = reader("get", "editions")
    assert status == 200
    assert [each["id"] for each in found] == [edition.id]
    assert reader("get", "editions/latest")[1]["id"] == edition.id
    status, page = reader("get", "editions/latest/findings", measure="dependent", limit=2, offset=1)
    assert (status, len(page["findings"])) == (200, 2)
    assert page["count"] == edition.findings.filter(measure="dependent").height
    assert {each["measure"] for each in page["findings"]} == {"dependent"}


def test_dependencies_and_products(reader: Api, edition: Edition) -> None:
    _, page = reader("get", "editions/latest/dependencies", dependent="true", limit=1)
    (row,) = page["dependencies"]
    assert page["count"] == edition.tables["products"].filter(dependent=True).height
    status, product = reader("get", f"editions/latest/products/{row['product']}")
    assert status == 200
    assert row in product["verdicts"]
    listed = edition.tables["suppliers"]["product"][0]
    suppliers = reader("get", f"editions/latest/products/{listed}")[1]["suppliers"]
    assert {each["product"] for each in suppliers} == {listed}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("editions/none", 404),
        ("editions/latest/products/999999", 404),
        ("editions/latest/products/x", 422),
        ("editions/latest/findings?limit=1001", 422),
        ("editions/latest/findings?limit=0", 422),
        ("editions/latest/findings?offset=-1", 422),
        ("editions/latest/dependencies?dependent=perhaps", 422),
        ("nothing", 404),
        ("cases/2026-999", 404),
        ("instruments/none", 404),
        ("coercion-cases/none", 404),
    ],
)
def test_what_is_not_there(reader: Api, edition: Edition, path: str, status: int) -> None:
    found, body = reader("get", path)
    assert found == status
    assert body["what"]


# --- cases ------------------------------------------------------------------------------------------
NEW = {"title": "Tungsten", "subject_kind": "product", "subject_name": "Tungsten powders"}


def test_open_change_and_fill_a_case(analyst: Api, users: dict[str, User]) -> None:
    status, case = analyst("post", "cases", {**NEW, "assigned_to": "second_analyst"})
    assert (status, case["assigned_to"], case["status"]) == (201, "second_analyst", "interest")
    path = f"cases/{case['reference']}"
    status, changed = analyst("patch", path, {"version": 1, "summary": "In short"})
    assert (status, changed["version"], changed["summary"], changed["title"]) == (
        200, 2, "In short", "Tungsten",
    )  # fmt: skip
    status, made = analyst(
        "post", f"{path}/judgements", {"dimension": "impact", "level": 4, "argument": "Large"}
    )
    assert (status, made["level"], made["created_by"]) == (201, 4, "analyst")
    status, made = analyst("patch", f"{path}/judgements/{made['uid']}", {"version": 1, "level": 5})
    assert (status, made["level"], made["argument"], made["version"]) == (200, 5, "Large", 2)
    assert analyst("post", f"{path}/comments", {"text": "Seen"})[0] == 201
    assert analyst("post", f"{path}/papers", {"title": "Letter"})[0] == 201
    option = {"kind": "do_nothing", "title": "Wait", "level": "eu", "cost": "0", "benefit": "0"}
    assert analyst("post", f"{path}/options", {**option, "cost_minimum_meur": 1.5})[0] == 201
    assert (
        analyst("post", f"{path}/interests", {"interest": "x", "touched": "yes", "argument": "y"})[0] == 422
    )
    action = {"title": "Ask", "due_on": "2027-01-01", "owner": "analyst"}
    assert analyst("post", f"{path}/actions", action)[0] == 201
    whole = analyst("get", path)[1]
    assert [len(whole[each]) for each in ("judgements", "comments", "papers", "options", "actions")] == [
        1
    ] * 5
    assert whole["options"][0]["cost_minimum_meur"] == "1.5"
    entry = LogEntry.objects.filter(content_type__model="riskjudgement").latest()
    assert entry.actor == users["analyst"]
    seen = LogEntry.objects.filter(action=LogEntry.Action.ACCESS, content_type__model="case")
    assert [each.actor for each in seen] == [users["analyst"]]


def test_a_conflict_gives_both_versions(analyst: Api, users: dict[str, User], open_case: OpenCase) -> None:
    case = open_case()
    cases.change_case(users["second_analyst"], case, 1, title="Theirs")
    status, body = analyst("patch", f"cases/{case.reference}", {"version": 1, "title": "Mine"})
    assert status == 409
    assert (body["current"]["title"], body["current"]["version"], body["wanted"]) == (
        "Theirs", 2, {"title": "Mine"},
    )  # fmt: skip
    case.refresh_from_db()
    assert case.title == "Theirs"


def test_rules_of_the_register_hold(analyst: Api, users: dict[str, User], open_case: OpenCase) -> None:
    case = open_case()
    path = f"cases/{case.reference}"
    body = {"dimension": "impact", "level": 4, "argument": "Large"}
    assert analyst("post", f"{path}/judgements", body)[0] == 201
    assert analyst("post", f"{path}/judgements", body)[0] == 400
    assert analyst("patch", path, {"version": 1, "assigned_to": "nobody"})[0] == 400
    assert analyst("patch", path, {"version": 1, "assigned_to": "reader"})[0] == 400
    assert analyst("patch", path, {"version": 1, "reference": "2026-777"})[0] == 422
    assert analyst("patch", path, {"version": 1, "completed_steps": 4})[0] == 422
    assert analyst("post", f"{path}/decisions", {})[0] == 404
    wrong = {**body, "dimension": "probability", "evidence": ["8c9f0d5e-5f0b-4c55-9f64-0a1d6f0f7a10"]}
    assert analyst("post", f"{path}/judgements", wrong)[0] == 400
    assert RiskJudgement.objects.count() == 1


@pytest.mark.parametrize(("role", "status"), [("reader", 403), ("decision_maker", 403), ("analyst", 201)])
def test_roles_hold(users: dict[str, User], role: str, status: int) -> None:
    assert api_of(users[role])("post", "cases", NEW)[0] == status


def test_a_token_that_only_reads(users: dict[str, User], open_case: OpenCase) -> None:
    case = open_case()
    api = api_of(users["analyst"], writes=False)
    assert api("get", f"cases/{case.reference}")[0] == 200
    assert api("post", "cases", NEW)[0] == 403
    assert api("patch", f"cases/{case.reference}", {"version": 1, "title": "x"})[0] == 403
    assert api("post", f"cases/{case.reference}/comments", {"text": "x"})[0] == 403


def test_a_restricted_case_is_not_found(users: dict[str, User], open_case: OpenCase) -> None:
    case = open_case(visibility="members")
    shown = open_case()
    api = api_of(users["second_analyst"])
    path = f"cases/{case.reference}"
    for method, place, body in (
        ("get", path, None),
        ("patch", path, {"version": 1, "title": "x"}),
        ("post", f"{path}/comments", {"text": "x"}),
    ):
        assert api(method, place, body)[0] == 404
    comment = api_of(users["analyst"])("post", f"{path}/comments", {"text": "Secret"})[1]["uid"]
    # a record of another case is not found through one that may be read
    place = f"cases/{shown.reference}/comments/{comment}"
    assert api("patch", place, {"version": 1, "text": "x"})[0] == 404
    assert [each["reference"] for each in api("get", "cases")[1]["cases"]] == [shown.reference]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"", b'{"title": "a\\u0000"}', b"\xff", b'{"title": "\\ud800"}']
)
def test_bodies_that_are_not_right(analyst: Api, body: bytes) -> None:
    answer = analyst.client.post("/api/v1/cases", body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json()["what"]


def test_instruments_and_coercion_cases(reader: Api) -> None:
    from geomonitor.register.services.catalogues import load_catalogues

    load_catalogues()
    status, page = reader("get", "instruments", limit=2)
    assert (status, len(page["instruments"])) == (200, 2)
    code = page["instruments"][0]["code"]
    assert reader("get", f"instruments/{code}")[1] == page["instruments"][0]
    status, page = reader("get", "coercion-cases", limit=1)
    code = page["coercion_cases"][0]["code"]
    assert reader("get", f"coercion-cases/{code}")[1] == page["coercion_cases"][0]


# --- pages ------------------------------------------------------------------------------------------
def test_the_guide_lists_every_call(as_reader: Client, client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    page = as_reader.get("/api-guide/").content.decode()
    for path in schema["paths"]:
        assert f"<code>{path}</code>" in page
    assert "curl" in page
    assert schema["components"]["securitySchemes"]["BearerToken"] == {"type": "http", "scheme": "bearer"}
