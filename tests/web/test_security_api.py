"""Every call of the API as every role: by token only, never on a sealed case, and nothing by a session."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache

from web.filled_register import PEOPLE, Visitor, body, filled_register
from web.page_table import PRODUCT, is_call, named_patterns
from web.whole_register import TOKENS, Register, hidden_marks

if TYPE_CHECKING:
    from django.http import HttpResponse

    from geomonitor.findings import Edition

pytestmark = pytest.mark.django_db

ROOT = "/api/v1"

# Status by role: reader, analyst, decision maker, administrator, second analyst.
ALL = (200,) * 5
MADE = (403, 201, 403, 201, 201)
CHANGED = (403, 200, 403, 200, 200)
# the steps that it belongs to are complete
TOO_LATE = (403, 400, 403, 400, 400)

Sent = Callable[[Register], Mapping[str, Any]]


def _version(kind: str) -> Sent:
    return lambda register: {"version": register.records[kind].version}


# What each call is sent, and what each role gets.
CALLS: Mapping[tuple[str, str], tuple[Sent | None, tuple[int, ...]]] = {
    ("get", "/editions"): (None, ALL),
    ("get", "/editions/{edition}"): (None, ALL),
    ("get", "/editions/{edition}/findings"): (None, ALL),
    ("get", "/editions/{edition}/dependencies"): (None, ALL),
    ("get", "/editions/{edition}/products/{product}"): (None, ALL),
    ("get", "/cases"): (None, ALL),
    ("post", "/cases"): (
        lambda register: {"title": "New", "subject_kind": "other", "subject_name": "New"},
        MADE,
    ),
    ("get", "/cases/{reference}"): (None, ALL),
    ("patch", "/cases/{reference}"): (
        lambda register: {"version": register.case.version, "summary": "New"},
        CHANGED,
    ),
    ("post", "/cases/{reference}/interests"): (
        lambda register: {"interest": "public_health", "touched": "no", "argument": "New"},
        TOO_LATE,
    ),
    ("patch", "/cases/{reference}/interests/{uid}"): (_version("interest"), TOO_LATE),
    ("post", "/cases/{reference}/judgements"): (
        lambda register: {"dimension": "impact", "level": 1, "argument": "New"},
        TOO_LATE,
    ),
    ("patch", "/cases/{reference}/judgements/{uid}"): (_version("judgement"), TOO_LATE),
    ("post", "/cases/{reference}/options"): (
        lambda register: {"kind": "inform", "title": "New", "level": "eu", "cost": "?", "benefit": "?"},
        TOO_LATE,
    ),
    ("patch", "/cases/{reference}/options/{uid}"): (_version("option"), TOO_LATE),
    ("post", "/cases/{reference}/actions"): (
        lambda register: {"title": "New", "due_on": "2027-01-01"},
        MADE,
    ),
    ("patch", "/cases/{reference}/actions/{uid}"): (_version("action"), CHANGED),
    ("post", "/cases/{reference}/papers"): (lambda register: {"title": "New"}, MADE),
    ("patch", "/cases/{reference}/papers/{uid}"): (_version("paper"), CHANGED),
    # decision makers comment too
    ("post", "/cases/{reference}/comments"): (lambda register: {"text": "New"}, (403, 201, 201, 201, 201)),
    # only one's own
    ("patch", "/cases/{reference}/comments/{uid}"): (_version("comment"), (403, 200, 403, 403, 403)),
    ("get", "/instruments"): (None, ALL),
    ("get", "/instruments/{code}"): (None, ALL),
    ("get", "/coercion-cases"): (None, ALL),
    ("get", "/coercion-cases/{code}"): (None, ALL),
}
NAMES = sorted(CALLS)
IDS = [f"{method} {path}" for method, path in NAMES]
OF_A_CASE = [each for each in NAMES if "{reference}" in each[1]]


@pytest.fixture(scope="module")
def register(
    django_db_setup: None, django_db_blocker: Any, edition_folder: Path, made_edition: Edition
) -> Iterator[Register]:
    with filled_register(django_db_blocker, edition_folder, made_edition, "As it was written") as made:
        yield made


@pytest.fixture(autouse=True)
def _no_pause_for_wrong_tokens() -> Iterator[None]:
    yield
    cache.clear()


def address(path: str, register: Register, *, sealed: bool = False, reference: str = "") -> str:
    """Fill the path of a call."""
    kind = path.split("/")[3].removesuffix("s") if "{uid}" in path else "action"
    records = register.hidden_records if sealed else register.records
    case = register.restricted if sealed else register.case
    return ROOT + path.format(
        edition=register.edition,
        product=PRODUCT,
        reference=reference or case.reference,
        uid=records[kind].pk,
        code=register.instrument.code if "instruments" in path else register.coercion_case.code,
    )


def call(
    visitor: Visitor, method: str, url: str, sent: Mapping[str, Any] | None, token: str | None
) -> HttpResponse:
    """Call the API."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if sent is None:
        return visitor.ask(method, url, headers=headers)
    return visitor.ask(method, url, json.dumps(sent), content_type="application/json", headers=headers)


def _sent(name: tuple[str, str], register: Register) -> Mapping[str, Any] | None:
    make = CALLS[name][0]
    return make(register) if make is not None else None


def test_every_call_has_its_place_in_the_table() -> None:
    schema = json.loads(Visitor(None).get(f"{ROOT}/openapi.json").content)
    described = {
        (method, path.removeprefix(ROOT)) for path, methods in schema["paths"].items() for method in methods
    }
    assert described == set(CALLS)
    routes = {
        "/" + route.replace("<uuid:", "<").replace("<", "{").replace(">", "}")
        for _, route in named_patterns()
        if is_call(route)
    }
    assert routes == {ROOT + path for _, path in CALLS}, "a call that its description does not tell of"


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_each_role_may_do_what_the_table_says(name: tuple[str, str], register: Register) -> None:
    visitor = Visitor(None, enforce_csrf_checks=True)
    url, sent = address(name[1], register), _sent(name, register)
    found = []
    for who in PEOPLE:
        answer = call(visitor, name[0], url, sent, TOKENS[who])
        found.append(answer.status_code)
        if who != "analyst":
            assert not any(mark.encode() in body(answer) for mark in hidden_marks(register))
        if answer.status_code >= 400:
            assert set(json.loads(answer.content)) >= {"what", "where", "expected", "next"}
    assert tuple(found) == CALLS[name][1]


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_without_a_token_nothing_is_answered_not_even_in_a_session(
    name: tuple[str, str], register: Register
) -> None:
    url, sent = address(name[1], register), _sent(name, register)
    for visitor in (Visitor(None), Visitor(register.users["administrator"])):
        for token in (None, "gm_of-nobody"):
            answer = call(visitor, name[0], url, sent, token)
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"] == "Bearer"
            assert answer["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("name", OF_A_CASE, ids=[f"{method} {path}" for method, path in OF_A_CASE])
def test_a_sealed_case_is_not_there_for_who_has_no_access(name: tuple[str, str], register: Register) -> None:
    sent = _sent(name, register)
    urls = [address(name[1], register, sealed=True)]
    if "{uid}" in name[1]:
        urls.append(address(name[1], register, sealed=True, reference=register.case.reference))
    for who in PEOPLE:
        if who == "analyst":
            continue
        for url in urls:
            assert call(Visitor(None), name[0], url, sent, TOKENS[who]).status_code == 404, f"{url} as {who}"


@pytest.mark.parametrize("name", [each for each in NAMES if each[0] != "get"])
def test_a_token_that_reads_only_changes_nothing(name: tuple[str, str], register: Register) -> None:
    register.token.writes = False
    register.token.save()
    try:
        url = address(name[1], register)
        answer = call(Visitor(None), name[0], url, _sent(name, register), TOKENS["analyst"])
    finally:
        register.token.writes = True
        register.token.save()
    assert answer.status_code == 403
    assert "reads only" in json.loads(answer.content)["what"]


def test_who_has_access_reads_the_sealed_case(register: Register) -> None:
    url = address("/cases/{reference}", register, sealed=True)
    answer = call(Visitor(None), "get", url, None, TOKENS["analyst"])
    assert hidden_marks(register)[0] in answer.content.decode()


def test_who_tries_tokens_has_to_wait(register: Register) -> None:
    visitor, url = Visitor(None), f"{ROOT}/cases"
    found = [call(visitor, "get", url, None, f"gm_{number}").status_code for number in range(25)]
    assert found[0] == 401
    assert found[-1] == 429
    # and so a right token from there is not told apart from a wrong one
    assert call(visitor, "get", url, None, TOKENS["analyst"]).status_code == 429
