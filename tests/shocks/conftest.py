"""Calibrations for the tests of shocks."""

from __future__ import annotations

import pytest

from geomonitor.shocks import Base, made_up_calibration, rebase, small_calibration


@pytest.fixture(scope="session")
def small_base() -> Base:
    """The small world, at its equilibrium."""
    return rebase(small_calibration())


@pytest.fixture(scope="session")
def random_base() -> Base:
    """A larger world, at its equilibrium."""
    return rebase(made_up_calibration(7))
