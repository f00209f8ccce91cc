"""``geomonitor data fetch`` and ``sources``, against a server on this machine."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from geomonitor.cli import fetch as cli_fetch
from geomonitor.data import registry
from geomonitor.data.registry import Source
from geomonitor.errors import FetchError

from .conftest import (
    BODY,
    SHA256,
    LocalServer,
    a_source,
    serve,
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    app = typer.Typer()
    app.command("fetch")(cli_fetch.fetch_command)
    app.command("sources")(cli_fetch.sources_command)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def offer(monkeypatch: pytest.MonkeyPatch, *offered: Source) -> None:
    monkeypatch.setattr(registry, "sources", lambda: offered)


def test_the_command_downloads_without_adding(
    server: LocalServer, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(monkeypatch, a_source(server.script("/flows.csv", serve())))
    done = run("fetch", "example", "--no-add", "--to", str(tmp_path / "here"))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "here" / "flows.csv").read_bytes() == BODY
    assert "CC BY 4.0" in done.stderr
    assert SHA256 in done.stderr
    assert done.stdout.strip() == str(tmp_path / "here" / "flows.csv")


def test_the_command_adds_what_it_fetched(
    server: LocalServer, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flows = io.BytesIO()
    with zipfile.ZipFile(flows, "w") as archive:
        archive.writestr("BACI_HS17_Y2021_V202601.csv", "t,i,j,k,v,q\n2021,156,528,010121,12.5,1.0\n")
        archive.writestr("country_codes_V202601.csv", COUNTRY_CODES)
        archive.writestr("product_codes_HS17_V202601.csv", "code,description\n010121,Horses\n")
    offer(
        monkeypatch,
        a_source(server.script("/BACI_HS17_V202601.zip", serve(flows.getvalue())), reader="baci"),
    )
    done = run("fetch", "example", "--name", "baci-test")
    assert done.exit_code == 0, (done.output, done.exception)
    metadata = json.loads((tmp_path / "store" / "baci-test" / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["hs_revision"] == "HS17"
    assert metadata["rows"] == 1
    assert (tmp_path / "store" / "downloads" / "BACI_HS17_V202601.zip").exists()
    assert run("fetch", "example", "--name", "baci-test").exit_code == 0
    assert len(server.seen) == 1


COUNTRY_CODES = (
    "country_code,country_name,country_iso2,country_iso3\n156,China,CN,CHN\n528,Netherlands,NL,NLD\n"
)


def test_the_command_refuses_a_source_that_it_cannot_read(
    server: LocalServer, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, a_source(server.script("/flows.csv", serve()), reader=None))
    done = run("fetch", "example")
    assert isinstance(done.exception, FetchError)
    assert "--no-add" in str(done.exception)
    assert server.seen == []


def test_the_sources_are_listed(run: Callable[..., Any]) -> None:
    done = run("sources", "--format", "json")
    assert done.exit_code == 0, (done.output, done.exception)
    listed = {entry["id"]: entry for entry in json.loads(done.stdout)}
    assert listed["cepii-baci-hs92"]["licence"] == "Etalab Open License 2.0"
    assert listed["un-comtrade"]["redistribution"] is False
    assert set(listed["worldbank-wgi"]) == {"id", "title", "licence", "vintage", "redistribution", "embedded"}
