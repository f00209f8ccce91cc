"""Users, as administrators keep them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse

from geomonitor.register.access import ACTIONS
from geomonitor.register.errors import NotAllowedError, RuleError
from geomonitor.register.models import Role, User
from geomonitor.register.services import people
from geomonitor.web.language import say

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django.fixtures import SettingsWrapper

PASSWORD = "a-long-password-of-tests"

pytestmark = pytest.mark.django_db


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


def about(user: User, **changes: str) -> dict[str, str]:
    """What the form sends back."""
    fields = ("username", "first_name", "last_name", "email", "role", "language")
    return {**{name: getattr(user, name) for name in fields}, **changes}


@pytest.mark.parametrize("role", [role.value for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_keep_users(users: dict[str, User], role: str) -> None:
    client = Client()
    client.force_login(users[role], backend="django.contrib.auth.backends.ModelBackend")
    person = users["reader"]
    for url in (reverse("users"), reverse("user-new"), reverse("user-change", args=[person.pk])):
        assert client.get(url).status_code == 403
    assert client.post(reverse("user-change", args=[person.pk]), {"action": "deactivate"}).status_code == 403
    assert client.post(reverse("user-new"), about(person, username="new")).status_code == 403
    with pytest.raises(NotAllowedError):
        people.create_user(users[role], username="new", role="administrator")
    with pytest.raises(NotAllowedError):
        people.change_user(users[role], users[role], role="administrator")
    with pytest.raises(NotAllowedError):
        people.reset_password(users[role], person)
    assert not User.objects.filter(username="new").exists()


def test_a_new_user_gets_a_password_that_is_shown_once(
    users: dict[str, User], as_administrator: Client
) -> None:
    fields = {"username": "joris", "first_name": "Joris", "last_name": "Bakker", "role": "analyst"}
    answer = as_administrator.post(reverse("user-new"), fields)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    shown = re.search(r'class="secret">([^<]+)<', text_of(answer))
    assert shown is not None
    made = User.objects.get(username="joris")
    assert made.check_password(shown[1])
    assert made.must_change_password
    assert made.role == Role.ANALYST
    for url in (reverse("users"), reverse("user-change", args=[made.pk])):
        assert shown[1] not in text_of(as_administrator.get(url))
    entry = LogEntry.objects.get(object_id=made.pk, action=LogEntry.Action.CREATE)
    assert entry.actor == users["administrator"]
    assert shown[1] not in str(entry.changes_dict)
    assert "password" not in entry.changes_dict


def test_says_which_field_is_not_right(users: dict[str, User], as_administrator: Client) -> None:
    answer = as_administrator.post(
        reverse("user-new"), {"username": "reader", "role": "emperor", "email": "nonsense"}
    )
    page = text_of(answer)
    assert answer.status_code == 200
    for field in ("id_username", "id_role", "id_email"):
        assert f'href="#{field}"' in page
    assert User.objects.count() == len(users)
    with pytest.raises(RuleError) as refused:
        people.create_user(users["administrator"], username="reader", role="reader")
    assert "username" in refused.value.fields


def test_changes_only_what_was_changed(users: dict[str, User], as_administrator: Client) -> None:
    person = users["reader"]
    form = about(person, first_name="Lena")
    # meanwhile somebody else changes another field
    people.change_user(users["administrator"], person, email="lena@example.org")
    form["email"] = "lena@example.org"
    as_administrator.post(reverse("user-change", args=[person.pk]), form)
    person.refresh_from_db()
    assert (person.first_name, person.email) == ("Lena", "lena@example.org")
    changes = [
        set(entry.changes_dict)
        for entry in LogEntry.objects.filter(object_id=person.pk, action=LogEntry.Action.UPDATE)
    ]
    assert {"first_name"} in changes
    assert {"email"} in changes


def test_keeps_the_last_administrator(users: dict[str, User], as_administrator: Client) -> None:
    last = users["administrator"]
    url = reverse("user-change", args=[last.pk])
    answer = as_administrator.post(url, about(last, role="reader"))
    assert "This is the last active administrator." in text_of(answer)
    answer = as_administrator.post(url, {"action": "deactivate"})
    assert answer.status_code == 400
    assert "This is the last active administrator." in text_of(answer)
    last.refresh_from_db()
    assert (last.role, last.is_active) == (Role.ADMINISTRATOR, True)
    with pytest.raises(people.LastAdministratorError):
        people.change_user(last, last, is_active=False)


def test_an_administrator_goes_when_there_is_another(users: dict[str, User]) -> None:
    first = users["administrator"]
    second = people.create_user(first, username="second", role="administrator").user
    people.change_user(second, first, role="reader")
    first.refresh_from_db()
    assert first.role == Role.READER
    with pytest.raises(people.LastAdministratorError):
        people.change_user(second, second, role="analyst")
    # one that was deactivated does not count
    third = people.create_user(second, username="third", role="administrator").user
    people.change_user(second, third, is_active=False)
    with pytest.raises(people.LastAdministratorError):
        people.change_user(second, second, is_active=False)


def test_who_is_deactivated_is_out_at_once(users: dict[str, User], as_administrator: Client) -> None:
    person = users["analyst"]
    client = Client()
    client.post(reverse("log-in"), {"username": "analyst", "password": PASSWORD})
    url = reverse("user-change", args=[person.pk])
    as_administrator.post(url, {"action": "deactivate"})
    assert client.get(reverse("account")).status_code == 302
    answer = Client().post(reverse("log-in"), {"username": "analyst", "password": PASSWORD})
    assert answer.status_code == 200
    assert User.objects.filter(pk=person.pk).exists(), "users are kept"
    as_administrator.post(url, {"action": "activate"})
    assert Client().post(reverse("log-in"), {"username": "analyst", "password": PASSWORD}).status_code == 302


def test_gives_a_new_password(users: dict[str, User], as_administrator: Client) -> None:
    person = users["analyst"]
    client = Client()
    client.post(reverse("log-in"), {"username": "analyst", "password": PASSWORD})
    answer = as_administrator.post(reverse("user-change", args=[person.pk]), {"action": "reset_password"})
    shown = re.search(r'class="secret">([^<]+)<', text_of(answer))
    assert shown is not None
    person.refresh_from_db()
    assert person.check_password(shown[1])
    assert person.must_change_password
    assert client.get(reverse("account")).status_code == 302, "sessions with the old password end"


def test_ends_a_lock_out(users: dict[str, User], as_administrator: Client, settings: SettingsWrapper) -> None:
    client = Client(REMOTE_ADDR="203.0.113.5")
    url = reverse("user-change", args=[users["analyst"].pk])
    assert say("en", "accounts.unlock") not in text_of(as_administrator.get(url))
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(reverse("log-in"), {"username": "analyst", "password": "wrong"})
    assert say("en", "accounts.locked_out") in text_of(as_administrator.get(reverse("users")))
    assert say("en", "accounts.unlock") in text_of(as_administrator.get(url))
    as_administrator.post(url, {"action": "unlock"})
    answer = client.post(reverse("log-in"), {"username": "analyst", "password": PASSWORD})
    assert answer.status_code == 302
    events = LogEntry.objects.filter(object_id=users["analyst"].pk, action=LogEntry.Action.ACCESS)
    unlocked = [entry for entry in events if entry.additional_data["event"] == "unlocked"]
    assert [entry.actor for entry in unlocked] == [users["administrator"]]


def test_refuses_what_cannot_be_done(users: dict[str, User], as_administrator: Client) -> None:
    url = reverse("user-change", args=[users["analyst"].pk])
    assert as_administrator.post(url, {"action": "delete"}).status_code == 400
    assert as_administrator.get(reverse("user-change", args=[999999])).status_code == 404
    with pytest.raises(RuleError):
        people.change_user(users["administrator"], users["analyst"], password="x", is_superuser=True)


def test_explains_what_each_role_may_do(as_administrator: Client) -> None:
    page = text_of(as_administrator.get(reverse("users")))
    for action in ACTIONS:
        assert say("en", f"action.{action}") in page
    row = page.split(say("en", "action.judge_decision"))[1].split("</tr>")[0]
    words = re.findall(r">(yes|no)<", row)
    assert words == ["no", "no", "yes", "no"]


def test_random_passwords_differ() -> None:
    made = {people.random_password() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"(\w{5}-){3}\w{5}", each) for each in made)
    assert not set("".join(made)) & set("0O1lI")
