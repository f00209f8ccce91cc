"""What every page has: navigation, language, no script in the page; the start page, the tour, the help."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone, translation

from geomonitor.register.models import Action, Case, Decision, Role, User
from geomonitor.web.accounts.home import TOUR_STEPS, glossary
from geomonitor.web.language import say
from geomonitor.web.navigation import edition_switch, navigation

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django.fixtures import SettingsWrapper

    from geomonitor.findings import Edition

pytestmark = pytest.mark.django_db

OWN_PAGES = ("home", "tour", "help", "account", "change-password", "users", "user-new")


class PageReader(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.hosts: list[str] = []
        self.headings = 0
        self.identifiers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "script" and "src" not in found and found.get("type") != "application/json":
            self.faults.append("a script in the page")
        if tag == "style":
            self.faults.append("a style element in the page")
        self.faults.extend(f"{name} on {tag}" for name in found if name.startswith("on"))
        self.headings += tag == "h1"
        if "id" in found:
            self.identifiers.append(str(found["id"]))
        for name in ("src", "href", "action", "srcset", "poster"):
            value = found.get(name) or ""
            if "//" in value or value.startswith(("javascript:", "data:")):
                self.hosts.append(value)


def read(answer: HttpResponse) -> PageReader:
    page = PageReader()
    page.feed(answer.content.decode())
    return page


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def after_tour(users: dict[str, User]) -> dict[str, User]:
    User.objects.update(tour_seen_at=timezone.now())
    for user in users.values():
        user.refresh_from_db()
    return users


@pytest.mark.parametrize("language", ["en", "nl"])
def test_pages_keep_to_the_policy(after_tour: dict[str, User], edition: Edition, language: str) -> None:
    User.objects.update(language=language)
    client = client_of(after_tour["administrator"])
    urls = [reverse(name) for name in OWN_PAGES] + [
        f"{reverse('tour')}?step={number}" for number in range(1, len(TOUR_STEPS) + 1)
    ]
    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 200, url
        page = read(answer)
        assert page.faults == [], url
        assert page.hosts == [], f"{url} asks another host"
        assert page.headings == 1, url
        assert len(page.identifiers) == len(set(page.identifiers)), url
        assert f'<html lang="{language}"' in answer.content.decode()


def test_sends_the_headers_of_a_page_that_trusts_nobody(after_tour: dict[str, User]) -> None:
    for client in (Client(), client_of(after_tour["reader"])):
        answer = client.get(reverse("log-in"), follow=True)
        directives = {
            part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split(";")
        }
        assert directives == {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src-elem": ["'self'"],
            "style-src-attr": ["'unsafe-inline'"],
            "img-src": ["'self'", "data:", "blob:"],
            "font-src": ["'self'"],
            "connect-src": ["'self'"],
            "form-action": ["'self'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
        }
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in answer, "a laptop has no certificate"


def test_the_session_cookie_is_out_of_reach_of_scripts(users: dict[str, User]) -> None:
    client = Client()
    client.post(reverse("log-in"), {"username": "reader", "password": "a-long-password-of-tests"})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_part_of_a_page_is_never_the_page_to_log_in(users: dict[str, User]) -> None:
    answer = Client().get(reverse("help"), headers={"hx-request": "true"})
    assert (answer.status_code, answer["HX-Refresh"], answer.content) == (401, "true", b"")
    assert Client().get(reverse("help")).status_code == 302
    users["reader"].must_change_password = True
    users["reader"].save()
    answer = client_of(users["reader"]).get(reverse("help"), headers={"hx-request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (401, "true")


def titles(user: User, url: str) -> dict[str, list[str]]:
    request = RequestFactory().get(url)
    request.user = user
    request.resolver_match = resolve(url)
    return {group.key: [entry.title for entry in group.entries] for group in navigation(request).groups}


def test_navigation_shows_what_a_role_may_open(users: dict[str, User]) -> None:
    for role in Role:
        found = titles(users[role.value], "/help/")
        everything = [title for group in found.values() for title in group]
        assert ("administration" in found) == (role == Role.ADMINISTRATOR)
        assert ("Users" in everything) == (role == Role.ADMINISTRATOR)
        assert "Help" in everything


def test_navigation_marks_the_page_that_is_open(users: dict[str, User]) -> None:
    request = RequestFactory().get("/users/new/")
    request.user = users["administrator"]
    request.resolver_match = resolve("/users/new/")
    current = {
        entry.title: entry.current
        for group in navigation(request).groups
        for entry in group.entries
        if entry.current
    }
    assert current == {"Users": "true"}
    request.resolver_match = resolve("/users/")
    assert [e.current for g in navigation(request).groups for e in g.entries if e.title == "Users"] == [
        "page"
    ]


def record(folder: Path, edition: str, created: str) -> None:
    (folder / edition).mkdir(parents=True)
    title = {"en": f"Title of {edition}", "nl": f"Titel van {edition}"}
    about = {"id": edition, "created": created, "period": [2022, 2024], "title": title}
    (folder / edition / "edition.json").write_text(json.dumps(about))


def test_edition_switch_leads_to_the_same_page_of_the_other_edition(
    users: dict[str, User], tmp_path: Path, settings: SettingsWrapper
) -> None:
    settings.EDITIONS = tmp_path
    record(tmp_path, "old", "2025-01-01T00:00:00+00:00")
    record(tmp_path, "new", "2026-01-01T00:00:00+00:00")
    url = reverse("product", kwargs={"edition": "old", "product": "810110"})
    request = RequestFactory().get(f"{url}?method=cbs-2021")
    request.user = users["reader"]
    request.resolver_match = resolve(url)
    found = edition_switch(request)
    other = reverse("product", kwargs={"edition": "new", "product": "810110"})
    assert [(entry.url, entry.current) for entry in found.entries] == [
        (f"{other}?method=cbs-2021", False),
        (f"{url}?method=cbs-2021", True),
    ]
    assert found.current is not None
    assert found.current.title == "Title of old"
    assert found.current.subtitle == "2022–2024 · made on 1 January 2025"
    elsewhere = RequestFactory().get("/help/")
    elsewhere.resolver_match = resolve("/help/")
    assert edition_switch(elsewhere).current is None
    with translation.override("nl"):
        assert edition_switch(request).entries[0].title == "Titel van new"


# --- the tour ----------------------------------------------------------------------------------------


def test_the_first_log_in_leads_through_the_tour(users: dict[str, User], edition: Edition) -> None:
    client = client_of(users["reader"])
    assert client.get("/")["Location"] == reverse("tour")
    for number in range(1, len(TOUR_STEPS) + 1):
        page = client.get(reverse("tour"), {"step": number}).content.decode()
        assert say("en", f"tour.{TOUR_STEPS[number - 1]}_heading") in page
        assert (say("en", "tour.skip") in page) == (number < len(TOUR_STEPS))
    users["reader"].refresh_from_db()
    assert users["reader"].tour_seen_at is None, "reading a page changes nothing"
    assert client.post(reverse("tour"))["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get(reverse("tour")).status_code == 200, "it can be seen again"
    seen = User.objects.get(username="reader").tour_seen_at
    client.post(reverse("tour"))
    assert User.objects.get(username="reader").tour_seen_at == seen


@pytest.mark.parametrize("step", ["0", "6", "two", "1 OR 1=1", ""])
def test_the_tour_has_five_stops(users: dict[str, User], step: str) -> None:
    assert client_of(users["reader"]).get(reverse("tour"), {"step": step}).status_code == 404


def test_the_tour_shows_the_example_only_to_who_may_read_it(
    users: dict[str, User], open_case: Callable[..., Case], edition: Edition
) -> None:
    case = open_case(title="Worked example", example=True)
    client = client_of(users["reader"])
    assert "Worked example" in client.get(reverse("tour"), {"step": 4}).content.decode()
    Case.objects.filter(pk=case.pk).update(visibility=Case.Visibility.MEMBERS)
    assert "Worked example" not in client.get(reverse("tour"), {"step": 4}).content.decode()


def test_pages_do_without_an_edition(
    after_tour: dict[str, User], tmp_path: Path, settings: SettingsWrapper
) -> None:
    settings.EDITIONS = tmp_path / "none"
    client = client_of(after_tour["analyst"])
    home = client.get("/").content.decode()
    assert say("en", "home.no_edition") in home
    assert reverse("job-new-edition") in home
    assert reverse("job-new-edition") not in client_of(after_tour["reader"]).get("/").content.decode()
    assert say("en", "tour.no_edition")[:40] in client.get(reverse("tour"), {"step": 2}).content.decode()


def test_a_damaged_edition_is_told_of_and_breaks_nothing(
    after_tour: dict[str, User], tmp_path: Path, settings: SettingsWrapper
) -> None:
    settings.EDITIONS = tmp_path
    record(tmp_path, "damaged", "2026-01-01T00:00:00+00:00")
    for url in ("/", f"{reverse('tour')}?step=2"):
        answer = client_of(after_tour["reader"]).get(url)
        assert answer.status_code == 200
        assert say("en", "home.edition_damaged") in answer.content.decode()


# --- the start page ----------------------------------------------------------------------------------


def test_the_start_page_counts_as_the_edition_does(after_tour: dict[str, User], edition: Edition) -> None:
    answer = client_of(after_tour["reader"]).get("/")
    products = edition.tables["products"].to_dicts()
    main = edition.record["main_method"]
    for shown in answer.context["numbers"]:
        own = [
            each
            for each in products
            if each["method"] == main and each["label"] == shown.importer.label and each["dependent"]
        ]
        assert own, shown.importer.label
        assert shown.dependent == len(own)
        assert shown.strategic == sum(bool(each["strategic"]) for each in own)
        first, last = edition.record["period"]
        total = sum(each["extra_import_value_kusd"] for each in own)
        assert shown.value_kusd == pytest.approx(total / (last - first + 1))
        suppliers = [each["main_supplier"] for each in own]
        assert shown.supplier_products == max(suppliers.count(each) for each in suppliers)
        assert suppliers.count(shown.supplier) == shown.supplier_products
    assert edition.record["id"] in answer.content.decode()


def test_the_start_page_shows_what_waits(
    after_tour: dict[str, User], open_case: Callable[..., Case], edition: Edition
) -> None:
    analyst, judge = after_tour["analyst"], after_tour["decision_maker"]
    case = open_case(title="Gallium of one supplier")
    late = Action.objects.create(
        case=case, title="Ask the sector", owner=analyst, due_on=timezone.localdate() - timedelta(days=1)
    )
    Action.objects.create(
        case=case, title="Not yet due", owner=analyst, due_on=timezone.localdate() + timedelta(days=1)
    )
    Decision.objects.create(
        case=case,
        outcome="Diversify",
        decided_by="The minister",
        decided_on=date(2026, 1, 1),
        reason="Because",
        review_on=date(2027, 1, 1),
        created_by=analyst,
    )
    page = client_of(analyst).get("/").content.decode()
    assert reverse("case", kwargs={"reference": case.reference}) in page
    assert late.title in page
    assert "Not yet due" not in page
    assert say("en", "home.to_judge") not in page, "nobody judges what he proposed"
    judged = client_of(judge).get("/")
    assert reverse("case-decision", kwargs={"reference": case.reference}) in judged.content.decode()
    assert say("en", "home.nothing") in client_of(after_tour["reader"]).get("/").content.decode()


def test_the_start_page_names_no_case_that_one_may_not_read(
    after_tour: dict[str, User], open_case: Callable[..., Case], edition: Edition
) -> None:
    case = open_case(title="Confidential matter", visibility=Case.Visibility.MEMBERS)
    Decision.objects.create(
        case=case,
        outcome="o",
        decided_by="b",
        decided_on=date(2026, 1, 1),
        reason="r",
        review_on=date(2027, 1, 1),
        created_by=after_tour["analyst"],
    )
    for name in ("reader", "decision_maker", "administrator", "second_analyst"):
        assert "Confidential matter" not in client_of(after_tour[name]).get("/").content.decode()
    assert "Confidential matter" in client_of(after_tour["analyst"]).get("/").content.decode()


def test_names_of_users_and_cases_are_no_markup(
    after_tour: dict[str, User], open_case: Callable[..., Case], edition: Edition
) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    User.objects.filter(username="analyst").update(first_name=nasty, last_name="'\"{{7*7}}")
    open_case(title=nasty, by=after_tour["analyst"])
    for url in ("/", reverse("account"), reverse("help")):
        answer = client_of(after_tour["analyst"]).get(url)
        assert nasty not in answer.content.decode()
        assert read(answer).faults == []
    assert nasty not in client_of(after_tour["administrator"]).get(reverse("users")).content.decode()


def test_help_has_the_words_in_both_languages(users: dict[str, User]) -> None:
    client = client_of(users["reader"])
    for language in ("en", "nl"):
        User.objects.update(language=language)
        page = client.get(reverse("help")).content.decode()
        for entry in glossary():
            assert f"<dt>{entry['word'][language]}</dt>" in page
    words = [entry["word"]["en"] for entry in glossary()]
    assert {"edition", "finding", "method", "profile", "dataset", "strategic dependency"} <= set(words)
    assert words == sorted(words, key=str.casefold)
