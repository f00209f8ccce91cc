"""A filled register for the tests of one file: made once, and as it was after each request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.test import Client, override_settings

from web.whole_register import Register, whole_register

if TYPE_CHECKING:
    from django.http import HttpResponse

    from geomonitor.findings import Edition

__all__ = ["PEOPLE", "Visitor", "body", "filled_register"]

PEOPLE = ("reader", "analyst", "decision_maker", "administrator", "second_analyst")
"""Who visits; the second analyst has the role of an analyst, and no access to the restricted case."""

PASSWORD = "a-long-password-of-tests"


@contextmanager
def filled_register(blocker: Any, folder: Path, edition: Edition, text: str) -> Iterator[Register]:
    """Fill a register, with `text` in every field, for as long as the tests of a file last."""
    from geomonitor.register.models import Role, User

    with blocker.unblock(), override_settings(EDITIONS=folder), transaction.atomic():
        users = {
            name: User.objects.create_user(
                name,
                f"{name}@example.org",
                PASSWORD,
                role=Role.ANALYST if name == "second_analyst" else name,
                language="en",
            )
            for name in PEOPLE
        }
        yield whole_register(users, edition, text)
        transaction.set_rollback(True)


class Visitor:
    """Somebody with a browser; whatever a request changes is undone.

    Parameters
    ----------
    user : User or None
        None for somebody who has not logged in.
    **options
        Of `django.test.Client`.
    """

    def __init__(self, user: Any, **options: Any) -> None:
        self.client = Client(raise_request_exception=False, **options)
        if user is not None:
            self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def ask(self, method: str, address: str, data: Any = None, **options: Any) -> HttpResponse:
        """Ask for an address, and undo what it changed."""
        kept = SimpleCookie({name: each.value for name, each in self.client.cookies.items()})
        with transaction.atomic():
            answer = getattr(self.client, method.lower())(address, data, **options)
            if answer.streaming:
                # made while the register is as it was asked for
                answer.streamed = answer.getvalue()
            transaction.set_rollback(True)
        self.client.cookies = kept
        return answer

    def get(self, address: str, data: Any = None, **options: Any) -> HttpResponse:
        """Ask for a page."""
        return self.ask("get", address, data, **options)

    def post(self, address: str, data: Any = None, **options: Any) -> HttpResponse:
        """Send a form."""
        return self.ask("post", address, data, **options)


def body(answer: Any) -> bytes:
    """Give what was answered, streamed or not."""
    content: bytes = answer.streamed if answer.streaming else answer.content
    return content
