"""The same users and cases as the tests of the pages have."""

from tests_of_the_application import *  # noqa: F403
