"""Logging in and out, the lock-out, passwords, language, colours and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse

from geomonitor.web.language import say

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django.fixtures import SettingsWrapper

    from geomonitor.register.models import User

PASSWORD = "a-long-password-of-tests"
NEW_PASSWORD = "seven-tall-windmills-turn"

pytestmark = pytest.mark.django_db


def log_in(client: Client, username: str, password: str, **more: str) -> HttpResponse:
    return client.post(reverse("log-in"), {"username": username, "password": password, **more})


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_logs_in_and_out(users: dict[str, User]) -> None:
    client = Client()
    answer = log_in(client, "analyst", PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get(reverse("account")).status_code == 200
    assert client.get(reverse("log-out")).status_code == 405, "a link from elsewhere must not log anybody out"
    assert client.post(reverse("log-out")).status_code == 302
    assert client.get(reverse("account"))["Location"].startswith(reverse("log-in"))


def test_the_trail_tells_who_logged_in_and_out(users: dict[str, User]) -> None:
    client = Client(REMOTE_ADDR="203.0.113.5")
    log_in(client, "analyst", PASSWORD)
    client.post(reverse("log-out"))
    entries = LogEntry.objects.filter(action=LogEntry.Action.ACCESS, object_id=users["analyst"].pk)
    found = {entry.additional_data["event"]: entry for entry in entries}
    assert set(found) == {"logged_in", "logged_out"}
    assert found["logged_in"].actor == users["analyst"]
    assert found["logged_in"].remote_addr == "203.0.113.5"


def test_the_answer_tells_nothing_about_which_accounts_there_are(users: dict[str, User]) -> None:
    users["reader"].is_active = False
    users["reader"].save()
    pages = [
        text_of(log_in(Client(), name, password))
        for name, password in [("analyst", "wrong"), ("nobody", "wrong"), ("reader", PASSWORD)]
    ]
    for page in pages:
        assert say("en", "accounts.log_in_failed") in page.replace("&#x27;", "'")
    # apart from the token against forgery and the name that was typed, they are one page
    bare = {
        "\n".join(
            line for line in page.splitlines() if "csrf" not in line.lower() and "id_username" not in line
        )
        for page in pages
    }
    assert len(bare) == 1


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "\\\\elsewhere.example"],
)
def test_leads_to_no_other_host(users: dict[str, User], wanted: str) -> None:
    assert log_in(Client(), "analyst", PASSWORD, next=wanted)["Location"] == "/"
    for name, values in [("set-language", {"language": "nl"}), ("set-theme", {"theme": "dark"})]:
        assert Client().post(reverse(name), {**values, "next": wanted})["Location"] == "/"


def test_leads_to_the_page_that_was_asked(users: dict[str, User]) -> None:
    client = Client()
    asked = client.get(reverse("help"))
    assert asked["Location"] == f"{reverse('log-in')}?next={reverse('help')}"
    assert log_in(client, "analyst", PASSWORD, next=reverse("help"))["Location"] == reverse("help")


def test_locks_out_after_wrong_passwords(users: dict[str, User], settings: SettingsWrapper) -> None:
    client = Client(REMOTE_ADDR="203.0.113.5")
    statuses = [log_in(client, "analyst", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert statuses[:-1] == [200] * (settings.AXES_FAILURE_LIMIT - 1)
    locked = log_in(client, "analyst", PASSWORD)
    assert locked.status_code == 429, "the right password does not help during the pause"
    assert say("en", "failure.locked_out_next", minutes=15) in text_of(locked)
    assert locked["Retry-After"] == "900"
    elsewhere = Client(REMOTE_ADDR="203.0.113.6")
    assert log_in(elsewhere, "analyst", PASSWORD).status_code == 302, "nobody is locked out from elsewhere"


def test_locks_out_names_that_do_not_exist_just_the_same(settings: SettingsWrapper) -> None:
    client = Client(REMOTE_ADDR="203.0.113.5")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "nobody", "wrong")
    assert log_in(client, "nobody", "wrong").status_code == 429


def test_closes_an_address_that_tries_one_password_on_many_accounts(
    users: dict[str, User], settings: SettingsWrapper
) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    client = Client(REMOTE_ADDR="203.0.113.7")
    for number in range(20):
        assert log_in(client, f"somebody{number}", "Welkom01").status_code == 200
    assert log_in(client, "analyst", PASSWORD).status_code == 429
    assert log_in(Client(REMOTE_ADDR="203.0.113.8"), "analyst", PASSWORD).status_code == 302


def test_believes_no_address_that_a_visitor_wrote(users: dict[str, User], settings: SettingsWrapper) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        client = Client(REMOTE_ADDR="203.0.113.5", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
        log_in(client, "analyst", "wrong")
    assert log_in(Client(REMOTE_ADDR="203.0.113.5"), "analyst", PASSWORD).status_code == 429
    answer = log_in(Client(REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="nonsense"), "reader", PASSWORD)
    assert answer.status_code == 302


def test_a_password_that_was_handed_over_is_changed_first(users: dict[str, User]) -> None:
    user = users["analyst"]
    user.must_change_password = True
    user.save()
    client = Client()
    log_in(client, "analyst", PASSWORD)
    for name in ("home", "help", "account"):
        assert client.get(reverse(name))["Location"] == reverse("change-password")
    answer = client.post(
        reverse("change-password"),
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
    )
    assert answer["Location"] == reverse("home")
    assert client.get(reverse("help")).status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.check_password(NEW_PASSWORD)


def test_a_new_password_ends_the_other_sessions_and_stands_in_the_trail(users: dict[str, User]) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        log_in(client, "analyst", PASSWORD)
    here.post(
        reverse("change-password"),
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
    )
    assert here.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302
    entry = LogEntry.objects.filter(object_id=users["analyst"].pk, action=LogEntry.Action.UPDATE).first()
    assert entry is not None
    assert entry.changes_dict == {"password": ["***", "***"]}
    assert entry.actor == users["analyst"]


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("kort", "te kort: het telt ten minste 12 tekens"),
        ("password1234", "Dit wachtwoord is te algemeen"),
        ("123456789012345", "bevat alleen cijfers"),
        ("analyst12345", "te veel op"),
    ],
)
def test_refuses_weak_passwords_in_the_language_of_the_reader(
    users: dict[str, User], as_analyst: Client, password: str, complaint: str
) -> None:
    users["analyst"].language = "nl"
    users["analyst"].save()
    answer = as_analyst.post(
        reverse("change-password"),
        {"old_password": PASSWORD, "new_password1": password, "new_password2": password},
    )
    assert answer.status_code == 200
    assert complaint in text_of(answer)
    users["analyst"].refresh_from_db()
    assert users["analyst"].check_password(PASSWORD)


def test_who_logs_in_elsewhere_has_no_password_to_change(users: dict[str, User]) -> None:
    user = users["reader"]
    user.set_unusable_password()
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("change-password"))
    assert answer.status_code == 400
    assert say("en", "accounts.no_password_here") in text_of(answer).replace("&#x27;", "'")


def test_language_is_kept_in_the_browser_and_with_the_user(
    users: dict[str, User], as_analyst: Client
) -> None:
    anonymous = Client()
    anonymous.post(reverse("set-language"), {"language": "nl"})
    assert '<html lang="nl"' in text_of(anonymous.get(reverse("log-in")))

    answer = as_analyst.post(reverse("set-language"), {"language": "nl", "next": "/help/"})
    assert answer["Location"] == "/help/"
    users["analyst"].refresh_from_db()
    assert users["analyst"].language == "nl"
    other_browser = Client(headers={"accept-language": "en"})
    log_in(other_browser, "analyst", PASSWORD)
    page = other_browser.get("/help/")
    assert '<html lang="nl"' in text_of(page)
    assert page["Content-Language"] == "nl"
    # the next visitor that the same worker serves gets his own language
    assert '<html lang="en"' in text_of(Client(headers={"accept-language": "en"}).get(reverse("log-in")))


@pytest.mark.parametrize(
    ("name", "field", "value"), [("set-language", "language", "fr"), ("set-theme", "theme", "x")]
)
def test_refuses_languages_and_colours_that_there_are_not(name: str, field: str, value: str) -> None:
    assert Client().post(reverse(name), {field: value}).status_code == 404
    assert Client().get(reverse(name)).status_code == 405


def test_the_account_page_sets_the_language(users: dict[str, User], as_reader: Client) -> None:
    assert as_reader.post(reverse("account"), {"language": "nl"}).status_code == 302
    assert '<html lang="nl"' in text_of(as_reader.get(reverse("account")))
    assert as_reader.post(reverse("account"), {"language": "xx"}).status_code == 200
    users["reader"].refresh_from_db()
    assert users["reader"].language == "nl"


def test_colours_are_set_by_the_server(as_reader: Client) -> None:
    assert "data-theme" not in text_of(as_reader.get(reverse("help")))
    answer = as_reader.post(reverse("set-theme"), {"theme": "dark"}, headers={"x-requested-with": "fetch"})
    assert answer.status_code == 204
    assert answer.cookies["geomonitor_theme"]["httponly"]
    assert '<html lang="en" data-theme="dark">' in text_of(as_reader.get(reverse("help")))
    as_reader.post(reverse("set-theme"), {"theme": ""})
    assert "data-theme" not in text_of(as_reader.get(reverse("help")))
    as_reader.cookies["geomonitor_theme"] = '"><script>'
    assert "<script>" not in text_of(as_reader.get(reverse("help")))


def test_logs_out_everywhere_else(users: dict[str, User]) -> None:
    here, elsewhere, other = Client(), Client(), Client()
    for client in (here, elsewhere):
        log_in(client, "analyst", PASSWORD)
    log_in(other, "reader", PASSWORD)
    assert say("en", "accounts.sessions_many", number=2) in text_of(here.get(reverse("account")))
    here.post(reverse("end-sessions"))
    assert here.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302
    assert other.get(reverse("account")).status_code == 200, "only one's own sessions end"


def test_a_form_of_another_site_is_refused(users: dict[str, User]) -> None:
    client = Client(enforce_csrf_checks=True)
    for name in ("log-in", "set-language", "set-theme"):
        answer = client.post(reverse(name), {"username": "analyst", "password": PASSWORD})
        assert answer.status_code == 403
        assert say("en", "failure.csrf") in text_of(answer)
