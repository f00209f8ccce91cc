"""Fixtures that every topic shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder with reference data, or a skip that says why (a failure where CI promised it)."""
    folder = os.environ.get("GEOMONITOR_REFERENCE_DATA")
    if folder and Path(folder).is_dir():
        return Path(folder)
    reason = (
        f"GEOMONITOR_REFERENCE_DATA names {folder!r}, which is not a folder"
        if folder
        else "GEOMONITOR_REFERENCE_DATA is not set: this test needs the reference data set"
    )
    if os.environ.get("GEOMONITOR_REQUIRE_REFERENCE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
