"""Users by role, clients that are logged in, and the embedded edition, made once for all workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from geomonitor.findings import Edition
    from geomonitor.register.models import Case, User

PASSWORD = "a-long-password-of-tests"


@pytest.fixture(autouse=True)
def language_of_the_settings() -> None:
    """Forget the language of the last request: Django keeps it in the thread."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(scope="session")
def edition_folder(tmp_path_factory: pytest.TempPathFactory, real_edition: Edition) -> Path:
    """A folder of editions with the embedded edition in it."""
    from geomonitor.findings import write_edition

    folder = tmp_path_factory.mktemp("editions")
    write_edition(real_edition, folder)
    return folder


@pytest.fixture(scope="session")
def made_edition(edition_folder: Path) -> Edition:
    from geomonitor.findings import Edition

    (folder,) = (each for each in edition_folder.iterdir() if (each / "edition.json").exists())
    return Edition.open(folder)


@pytest.fixture
def edition(made_edition: Edition, edition_folder: Path, settings: object) -> Edition:
    """The embedded edition, where the application looks for editions."""
    settings.EDITIONS = edition_folder  # type: ignore[attr-defined]
    return made_edition


def users_by_role() -> dict[str, User]:
    """Make one user a role, by role; and a second analyst."""
    from geomonitor.register.models import Role, User

    made = {
        role.value: User.objects.create_user(
            role.value, f"{role.value}@example.org", PASSWORD, role=role, language="en"
        )
        for role in Role
    }
    made["second_analyst"] = User.objects.create_user(
        "second_analyst", "second@example.org", PASSWORD, role=Role.ANALYST, language="en"
    )
    return made


@pytest.fixture
def users(db: None) -> dict[str, User]:
    """One user a role, by role; and a second analyst."""
    return users_by_role()


def _client(user: User) -> Client:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def as_reader(users: dict[str, User]) -> Client:
    return _client(users["reader"])


@pytest.fixture
def as_analyst(users: dict[str, User]) -> Client:
    return _client(users["analyst"])


@pytest.fixture
def as_decision_maker(users: dict[str, User]) -> Client:
    return _client(users["decision_maker"])


@pytest.fixture
def as_administrator(users: dict[str, User]) -> Client:
    return _client(users["administrator"])


@pytest.fixture
def open_case(users: dict[str, User]) -> Callable[..., Case]:
    """Open a case as the analyst; fields by keyword."""
    from geomonitor.register.services import cases

    def make(**fields: object) -> Case:
        by = fields.pop("by", users["analyst"])
        about = {
            "title": "Tungsten from one country",
            "subject_kind": "product",
            "subject_code": "810110",
            "subject_name": "Tungsten powders",
            "importer": "EU27_2020",
            "counterpart": "CHN",
        }
        return cases.open_case(by, **{**about, **fields})

    return make
