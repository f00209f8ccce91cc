"""Fixtures that every topic shares."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from geomonitor.findings import Edition
from geomonitor.monitor import load_profile, make_edition

CHROMIUM = os.environ.get("GEOMONITOR_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]

MadeOnce = Callable[[str, Callable[[], Any]], Any]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Make what is costly once a run of the tests, whichever worker needs it first.

    The other workers wait for it and read it; nothing is kept for the next run.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # each worker has a folder of its own in that of the run
        root = root.parent
    folder = root / "made-once"
    folder.mkdir(exist_ok=True)

    def made(name: str, make: Callable[[], Any]) -> Any:
        file = folder / f"{name}.pickle"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                half = file.with_suffix(".half")
                half.write_bytes(pickle.dumps(make()))
                half.rename(file)
        return pickle.loads(file.read_bytes())

    return made


@pytest.fixture(scope="session")
def real_edition(made_once: MadeOnce) -> Edition:
    """The edition of the default profile, on the embedded sample; shared, so never changed by a test."""
    edition: Edition = made_once("real-edition", lambda: make_edition(load_profile()))
    return edition


@pytest.fixture(scope="session")
def real_edition_again(made_once: MadeOnce) -> tuple[Edition, list[tuple[str, int, int]]]:
    """The same edition made a second time, and the progress that was told meanwhile."""

    def make() -> tuple[Edition, list[tuple[str, int, int]]]:
        told: list[tuple[str, int, int]] = []
        again = make_edition(
            load_profile(), progress=lambda text, step, steps: told.append((text, step, steps))
        )
        return again, told

    again: tuple[Edition, list[tuple[str, int, int]]] = made_once("real-edition-again", make)
    return again


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


def _refuse(reason: str) -> None:
    if os.environ.get("GEOMONITOR_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for the tests of a file: while Playwright runs, no test of its process may ask a database."""
    if not Path(CHROMIUM).exists():
        _refuse(f"{CHROMIUM} is not there: this test needs Chromium (GEOMONITOR_CHROMIUM names another)")
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except Error as error:
            _refuse(f"Chromium does not start: {error}")
        yield opened
        opened.close()
