"""The users, clients and cases of the tests of the application."""

from tests_of_the_application import *  # noqa: F403
