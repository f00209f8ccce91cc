"""The users, clients and cases of the tests of the application, and the application that is served."""

from __future__ import annotations

from tests_of_the_application import *  # noqa: F403
from web.conftest_server import own_database, running_application

__all__ = ["own_database", "running_application"]
