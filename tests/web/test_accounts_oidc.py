"""Logging in with the organisation's account; only the organisation's server is made up."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from geomonitor.register.models import Role, User
from geomonitor.web import urls as application
from geomonitor.web.accounts import oidc
from geomonitor.web.environment import oidc_settings
from geomonitor.web.language import say

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns = [*oidc.urlpatterns, *application.urlpatterns]
handler400, handler403 = application.handler400, application.handler403
handler404, handler500 = application.handler404, application.handler500

ENVIRONMENT = {
    "GEOMONITOR_OIDC_CLIENT_ID": "geomonitor",
    "GEOMONITOR_OIDC_CLIENT_SECRET": "a-secret-of-tests",
    "GEOMONITOR_OIDC_AUTHORIZATION_ENDPOINT": "https://login.example.org/authorize",
    "GEOMONITOR_OIDC_TOKEN_ENDPOINT": "https://login.example.org/token",
    "GEOMONITOR_OIDC_USER_ENDPOINT": "https://login.example.org/user",
    "GEOMONITOR_OIDC_JWKS_ENDPOINT": "https://login.example.org/keys",
}


@dataclass
class Organisation:
    """The organisation's server: what it says of the one who logs in, and what it was asked."""

    key: rsa.RSAPrivateKey
    claims: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    nonce: str = ""
    token_status: int = 200

    def post(self, url: str, **request: Any) -> requests.Response:
        self.asked.append(url)
        payload = {
            "iss": "https://login.example.org",
            "sub": "42",
            "aud": "geomonitor",
            "exp": int(time.time()) + 60,
            "nonce": self.nonce,
            **self.token,
        }
        signed = jwt.encode(payload, self.key, algorithm="RS256", headers={"kid": "one"})
        return answered({"id_token": signed, "access_token": "x"}, self.token_status)

    def get(self, url: str, **request: Any) -> requests.Response:
        self.asked.append(url)
        assert request["timeout"], "a server that does not answer must not hold a worker"
        if url.endswith("/keys"):
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return answered({"keys": [{**public, "kid": "one", "alg": "RS256"}]})
        return answered({"sub": "42", **self.claims})


def answered(content: dict[str, Any], status: int = 200) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(content).encode()
    response.headers["content-type"] = "application/json"
    return response


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def organisation(
    key: rsa.RSAPrivateKey, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> Organisation:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings.OIDC = oidc_settings()
    for name, value in settings.OIDC.items():
        setattr(settings, name, value)
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "geomonitor.web.accounts.oidc.OrganisationLogIn",
    ]
    server = Organisation(key, claims={"email": "Joris@example.org", "email_verified": True})
    monkeypatch.setattr("mozilla_django_oidc.auth.requests.post", server.post)
    monkeypatch.setattr("mozilla_django_oidc.auth.requests.get", server.get)
    return server


def log_in(client: Client, organisation: Organisation, *, page: str = "") -> HttpResponse:
    """Go the whole way: to the organisation, and back with its code."""
    start = client.get(reverse("oidc_authentication_init"), {"next": page} if page else {})
    asked = {name: values[0] for name, values in parse_qs(urlsplit(start["Location"]).query).items()}
    assert start["Location"].startswith("https://login.example.org/authorize?")
    assert asked["code_challenge_method"] == "S256"
    organisation.nonce = organisation.nonce or asked["nonce"]
    return client.get(reverse("oidc_authentication_callback"), {"state": asked["state"], "code": "c"})


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def test_who_is_new_becomes_a_reader_whatever_the_organisation_says(organisation: Organisation) -> None:
    organisation.claims.update(
        preferred_username="joris",
        given_name="Joris",
        family_name="Bakker",
        role="administrator",
        roles=["administrator"],
        is_superuser=True,
        groups=["geomonitor-administrators"],
    )
    client = Client()
    assert log_in(client, organisation)["Location"] == reverse("home")
    made = User.objects.get(username="joris")
    assert (made.role, made.is_superuser, made.is_staff) == (Role.READER, False, False)
    assert (made.shown_name, made.email) == ("Joris Bakker", "Joris@example.org")
    assert not made.has_usable_password()
    assert is_in(client)


def test_who_is_known_keeps_role_and_name(users: dict[str, User], organisation: Organisation) -> None:
    organisation.claims.update(email="ANALYST@example.org", preferred_username="other", given_name="Other")
    client = Client()
    assert log_in(client, organisation, page="/help/")["Location"] == "/help/"
    users["analyst"].refresh_from_db()
    assert (users["analyst"].role, users["analyst"].first_name) == (Role.ANALYST, "")
    assert User.objects.count() == len(users)
    assert client.session["_auth_user_id"] == str(users["analyst"].pk)


def test_does_not_take_over_an_account_by_its_username(
    users: dict[str, User], organisation: Organisation
) -> None:
    organisation.claims.update(preferred_username="administrator")
    client = Client()
    assert log_in(client, organisation)["Location"] == reverse("log-in")
    assert not is_in(client)
    assert User.objects.count() == len(users)


def test_who_was_deactivated_stays_out(users: dict[str, User], organisation: Organisation) -> None:
    organisation.claims["email"] = "analyst@example.org"
    client = Client()
    log_in(client, organisation)
    assert is_in(client)
    User.objects.filter(username="analyst").update(is_active=False)
    assert not is_in(client), "a session ends when the user is deactivated"
    answer = log_in(Client(), organisation)
    assert answer["Location"] == reverse("log-in")


@pytest.mark.parametrize(
    ("claims", "token"),
    [
        ({"email": None}, {}),
        ({"email": ""}, {}),
        ({"email": "no-address"}, {}),
        ({"email": ["a@example.org"]}, {}),
        ({"email_verified": False}, {}),
        ({"email_verified": "false"}, {}),
        ({"sub": "43"}, {}),
        ({}, {"aud": "another-application"}),
        ({}, {"aud": None}),
        ({}, {"nonce": "another"}),
        ({}, {"exp": 1}),
    ],
)
def test_refuses_what_is_not_right(
    organisation: Organisation, claims: dict[str, Any], token: dict[str, Any]
) -> None:
    organisation.claims.update(claims)
    organisation.token = token
    client = Client()
    answer = log_in(client, organisation)
    assert answer["Location"] == reverse("log-in")
    assert say("en", "oidc.failed") in client.get(reverse("log-in")).content.decode().replace("&#x27;", "'")
    assert not User.objects.exists()
    assert not is_in(client)


def test_refuses_a_token_that_another_signed(organisation: Organisation) -> None:
    real = organisation.get
    other = Organisation(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def get(url: str, **request: Any) -> requests.Response:
        return other.get(url, **request) if url.endswith("/keys") else real(url, **request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mozilla_django_oidc.auth.requests.get", get)
        assert log_in(Client(), organisation)["Location"] == reverse("log-in")
    assert not User.objects.exists()


def test_says_so_when_the_organisation_does_not_answer(organisation: Organisation) -> None:
    organisation.token_status = 503
    assert log_in(Client(), organisation)["Location"] == reverse("log-in")


def test_two_accounts_with_one_address_are_not_guessed_between(
    users: dict[str, User], organisation: Organisation
) -> None:
    User.objects.filter(username="reader").update(email="analyst@example.org")
    organisation.claims["email"] = "analyst@example.org"
    client = Client()
    assert log_in(client, organisation)["Location"] == reverse("log-in")
    assert not is_in(client)


def test_a_callback_that_nobody_asked_for_is_refused(organisation: Organisation) -> None:
    url = reverse("oidc_authentication_callback")
    assert Client().get(url, {"state": "made-up", "code": "c"})["Location"] == reverse("log-in")
    started = Client()
    started.get(reverse("oidc_authentication_init"))
    assert started.get(url, {"state": "made-up", "code": "c"})["Location"] == reverse("log-in")
    assert not organisation.asked


def test_the_form_with_a_password_never_asks_the_organisation(organisation: Organisation) -> None:
    url = f"{reverse('log-in')}?state=made-up&code=stolen"
    assert Client().post(url, {"username": "a", "password": "b"}).status_code == 200
    assert not organisation.asked


def test_offers_it_on_the_page_to_log_in(organisation: Organisation, settings: SettingsWrapper) -> None:
    page = Client().get(reverse("log-in"), {"next": "/help/"}).content.decode()
    assert f'href="{reverse("oidc_authentication_init")}?next=/help/"' in page
    settings.OIDC = {}
    assert reverse("oidc_authentication_init") not in Client().get(reverse("log-in")).content.decode()


def test_half_a_setup_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOMONITOR_OIDC_CLIENT_ID", "geomonitor")
    with pytest.raises(ImproperlyConfigured, match="GEOMONITOR_OIDC_CLIENT_SECRET"):
        oidc_settings()
