"""Every page as every role: who may see and do what, and that nobody sees a sealed case.

A URL that is not in the table fails the first test, so a new page is never without a decision on who
may open it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from web.filled_register import PEOPLE, Visitor, body, filled_register
from web.page_table import ARGUMENTS, HIDDEN, address, hidden_addresses, is_call, named_patterns
from web.whole_register import Register, hidden_marks

if TYPE_CHECKING:
    from django.http import HttpResponse

    from geomonitor.findings import Edition

pytestmark = pytest.mark.django_db

Answers = tuple[int, int, int, int, int]


def _all(status: int) -> Answers:
    return (status,) * 5


def _writers(status: int) -> Answers:
    """Analysts and administrators; others may not."""
    return (403, status, 403, status, status)


def _administrators(status: int) -> Answers:
    return (403, 403, 403, status, 403)


# The job is the analyst's; an administrator sees all jobs, others not that there is one.
def _asker(status: int) -> Answers:
    return (404, status, 404, status, 404)


SEEN = _all(200)
NOT_TAKEN = _all(405)
READ_ONLY = (SEEN, NOT_TAKEN)

# Status by role (reader, analyst, decision maker, administrator, second analyst), of GET and of POST. A
# POST is sent empty: 200 or 400 is the form with what is wrong in it, 302 that it was done.
EXPECTED: Mapping[str, tuple[Answers, Answers]] = {
    # accounts
    "home": READ_ONLY,
    "tour": (SEEN, _all(302)),
    "help": READ_ONLY,
    "log-in": (_all(302), _all(302)),
    "log-out": (NOT_TAKEN, _all(302)),
    "account": (SEEN, SEEN),
    "change-password": (SEEN, SEEN),
    "end-sessions": (NOT_TAKEN, _all(302)),
    "set-language": (NOT_TAKEN, _all(404)),
    "set-theme": (NOT_TAKEN, _all(302)),
    "users": (_administrators(200), NOT_TAKEN),
    "user-new": (_administrators(200), _administrators(200)),
    "user-change": (_administrators(200), _administrators(200)),
    # evidence: every role, and nothing to send
    **dict.fromkeys(
        (
            "search",
            "base-map",
            "editions",
            "edition",
            "edition-file",
            "dependencies",
            "product",
            "pairs",
            "pair",
            "figure-data",
            "chains",
            "stacking",
            "materials",
            "material",
            "shocks",
            "scenario-compare",
            "sources",
            "methods",
            "method",
            "compare-editions",
        ),
        READ_ONLY,
    ),
    "scenarios": (SEEN, _writers(422)),
    # not done yet: leads to the job
    "scenario-result": (_asker(302), NOT_TAKEN),
    # cases: every role reads those open to all
    **dict.fromkeys(
        (
            "my-work",
            "cases",
            "case-schema",
            "case",
            "case-interests",
            "case-risk",
            "case-options",
            "case-decision",
            "case-follow-up",
            "case-history",
            "case-access",
            "case-dossier",
            "case-dossier-style",
            "case-json",
        ),
        READ_ONLY,
    ),
    "case-new": (_writers(200), _writers(200)),
    "case-change": (_writers(200), _writers(200)),
    "case-attach": (_writers(200), _writers(200)),
    # a decision waits already
    "case-decision-propose": (_writers(400), _writers(200)),
    # four eyes: the analyst proposed it, and only decision makers judge
    "case-decision-judge": (NOT_TAKEN, (403, 403, 200, 403, 403)),
    "case-assign": (NOT_TAKEN, _writers(200)),
    "case-visibility": (NOT_TAKEN, _writers(200)),
    "case-access-give": (NOT_TAKEN, _writers(200)),
    "case-access-end": (NOT_TAKEN, _writers(200)),
    "case-step-complete": (NOT_TAKEN, _writers(400)),
    "case-step-reopen": (_writers(200), _writers(200)),
    # a decision waits, so it cannot be closed
    "case-close": (_writers(400), _writers(400)),
    "case-open-again": (_writers(200), _writers(200)),
    "case-withdraw": (_writers(200), _writers(200)),
    # step 3 is complete: an option is added after it is reopened
    "case-record-new": (_writers(400), _writers(400)),
    "case-record-change": (_writers(200), _writers(200)),
    "case-record-withdraw": (_writers(200), _writers(200)),
    # instruments and coercion
    "instruments": READ_ONLY,
    "instrument-new": (_writers(200), _writers(400)),
    "coverage": READ_ONLY,
    "instrument": READ_ONLY,
    "instrument-change": (_writers(200), _writers(400)),
    "instrument-withdraw": (NOT_TAKEN, _writers(400)),
    "coercion-cases": READ_ONLY,
    "coercion-case-new": (_writers(200), _writers(400)),
    "coercion-case": READ_ONLY,
    "coercion-case-change": (_writers(200), _writers(400)),
    "coercion-case-withdraw": (NOT_TAKEN, _writers(400)),
    # parliamentary papers
    **dict.fromkeys(
        (
            "papers",
            "paper",
            "paper-graph",
            "dossiers",
            "dossier",
            "motions",
            "motion",
            "commitments",
            "commitment",
        ),
        READ_ONLY,
    ),
    "link-paper": (NOT_TAKEN, _writers(400)),
    "sync-dossier": (NOT_TAKEN, _writers(400)),
    "judge-state": (NOT_TAKEN, _writers(400)),
    "end-judgement": (NOT_TAKEN, _writers(400)),
    # what a user follows; feed and calendar are for who has the address
    **dict.fromkeys(("following", "following-feed", "following-calendar"), READ_ONLY),
    **dict.fromkeys(("follow", "follow-search", "mark-seen"), (NOT_TAKEN, _all(400))),
    **dict.fromkeys(("unfollow", "forget-search", "follow-mail", "follow-addresses"), (NOT_TAKEN, _all(302))),
    # work in the background
    "jobs": READ_ONLY,
    "job-new-edition": (_writers(200), _writers(400)),
    "job": (_asker(200), NOT_TAKEN),
    "job-cancel": (NOT_TAKEN, _asker(302)),
    "health": READ_ONLY,
    "health-live": READ_ONLY,
    # the API, for people
    "api-guide": READ_ONLY,
    "api-tokens": (SEEN, _all(400)),
    # another user's token is not there
    "api-token-revoke": (NOT_TAKEN, (404, 302, 404, 404, 404)),
    "openapi": READ_ONLY,
    # exchange and trail
    "exchange": READ_ONLY,
    "exchange-schema": READ_ONLY,
    "export": READ_ONLY,
    "import": (_writers(302), _writers(400)),
    "import-apply": (NOT_TAKEN, _writers(400)),
    "audit-trail": (_administrators(200), NOT_TAKEN),
    "audit-export": (_administrators(200), NOT_TAKEN),
}

# What somebody who has not logged in gets; everywhere else the way to the page to log in.
OPEN: Mapping[str, tuple[int, int]] = {
    "log-in": (200, 200),
    "set-language": (405, 404),
    "set-theme": (405, 302),
    "health": (200, 405),
    "health-live": (200, 405),
    "openapi": (200, 405),
    "following-feed": (200, 405),
    "following-calendar": (200, 405),
}

METHODS = ("GET", "POST")
NAMES = sorted(ARGUMENTS)
OF_A_CASE = [
    each for each in NAMES if each.split("-")[0] == "case" and each not in {"case-new", "case-schema"}
]
CHANGES = ("INSERT", "UPDATE", "DELETE")
# the trail says who looked; a session is no part of the register
UNGUARDED_TABLES = ("auditlog_logentry", "django_session", "axes_")


@pytest.fixture(scope="module")
def register(
    django_db_setup: None, django_db_blocker: Any, edition_folder: Path, made_edition: Edition
) -> Iterator[Register]:
    with filled_register(django_db_blocker, edition_folder, made_edition, "As it was written") as made:
        yield made


@pytest.fixture(scope="module")
def visitors(register: Register) -> Mapping[str, Visitor]:
    return {name: Visitor(register.users[name]) for name in PEOPLE}


@pytest.fixture(scope="module")
def stranger(register: Register) -> Visitor:
    return Visitor(None)


def test_every_page_has_its_place_in_the_table() -> None:
    named = [name for name, route in named_patterns() if not is_call(route)]
    assert sorted(named) == sorted(set(named)), "two pages have one name"
    assert set(named) == set(ARGUMENTS), "tests/web/page_table.py lacks a page, or has one too many"
    assert set(named) == set(EXPECTED), "EXPECTED lacks a page, or has one too many"
    assert set(OPEN) <= set(named)
    assert set(HIDDEN) <= set(named)


@pytest.mark.parametrize("name", NAMES)
def test_each_role_may_do_what_the_table_says(
    name: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    url = address(name, register)
    found: dict[str, list[int]] = {method: [] for method in METHODS}
    for who in PEOPLE:
        for method in METHODS:
            with CaptureQueriesContext(connection) as queries:
                answer = visitors[who].ask(method, url)
            found[method].append(answer.status_code)
            if answer.status_code >= 400:
                assert _changes(queries) == [], f"{method} {url} as {who} was refused and changed something"
            if who != "analyst":
                assert not _shows_sealed_case(answer, register), f"{method} {url} as {who}"
    assert found == {method: list(each) for method, each in zip(METHODS, EXPECTED[name], strict=True)}


def _shows_sealed_case(answer: HttpResponse, register: Register) -> bool:
    content = body(answer)
    return any(mark.encode() in content for mark in hidden_marks(register))


def _changes(queries: CaptureQueriesContext) -> list[str]:
    return [
        each["sql"][:200]
        for each in queries.captured_queries
        if each["sql"].lstrip().upper().startswith(CHANGES)
        and not any(table in each["sql"] for table in UNGUARDED_TABLES)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_who_has_not_logged_in_is_led_to_the_page_to_log_in(
    name: str, register: Register, stranger: Visitor
) -> None:
    for number, method in enumerate(METHODS):
        answer = stranger.ask(method, address(name, register))
        if name in OPEN:
            assert answer.status_code == OPEN[name][number]
        else:
            assert answer.status_code == 302
            assert answer["Location"].startswith("/log-in/")


@pytest.mark.parametrize("name", OF_A_CASE)
def test_a_sealed_case_is_not_there_for_who_has_no_access(
    name: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    urls = hidden_addresses(name, register)
    assert urls
    for who in PEOPLE:
        if who == "analyst":
            continue
        for url in urls:
            for method, expected in zip(METHODS, EXPECTED[name], strict=True):
                with CaptureQueriesContext(connection) as queries:
                    answer = visitors[who].ask(method, url)
                # a method that the page does not take says nothing about the case
                refused = {405} if 405 in expected else {404}
                if register.restricted.reference not in url and expected[PEOPLE.index(who)] == 403:
                    # nor does it that the role may not do this on the case that is in the address
                    refused.add(403)
                assert answer.status_code in refused, f"{method} {url} as {who}"
                assert _changes(queries) == []


def test_who_has_access_does_see_the_sealed_case(register: Register, visitors: Mapping[str, Visitor]) -> None:
    for url in hidden_addresses("case", register):
        page = visitors["analyst"].get(url).content.decode()
        assert all(mark in page for mark in hidden_marks(register)[:1])


# Where a list, a search, an export or a trail could let a sealed case through, beside the pages themselves.
LISTS = (
    "/search/?q=Sealed",
    "/cases/?words=Sealed",
    "/papers/kst-35207-60/",
    "/exchange/export/json/",
    "/audit/?case={reference}",
    "/audit/?kind=comment",
    "/audit/export/json/?case={reference}",
    "/audit/export/csv/",
)


@pytest.mark.parametrize("url", LISTS)
def test_no_list_lets_a_text_of_a_sealed_case_through(
    url: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    url = url.format(reference=register.restricted.reference)
    for who in PEOPLE:
        answer = visitors[who].get(url)
        assert _shows_sealed_case(answer, register) == (who == "analyst" and answer.status_code == 200), who


@pytest.mark.parametrize("name", [each for each in NAMES if EXPECTED[each][1] != NOT_TAKEN])
def test_a_form_from_elsewhere_is_refused(name: str, register: Register) -> None:
    url = address(name, register)
    guarded = Visitor(register.users["administrator"], enforce_csrf_checks=True)
    with CaptureQueriesContext(connection) as queries:
        answer = guarded.post(url)
    assert answer.status_code == 403
    assert "csrf" not in answer.content.decode().lower().replace("csrfmiddlewaretoken", "").replace(
        "x-csrftoken", ""
    ), "the page speaks of CSRF to people"
    assert _changes(queries) == []
    assert Visitor(None, enforce_csrf_checks=True).post(url).status_code == 403


def test_a_form_with_the_token_of_the_page_is_taken(register: Register) -> None:
    guarded = Visitor(register.users["analyst"], enforce_csrf_checks=True)
    guarded.client.get("/account/")
    token = guarded.client.cookies[settings.CSRF_COOKIE_NAME].value
    sent = {"csrfmiddlewaretoken": token, "language": "en"}
    assert guarded.post("/account/", sent).status_code == 302
    assert guarded.post("/account/", sent, headers={"origin": "https://elsewhere.example"}).status_code == 403
