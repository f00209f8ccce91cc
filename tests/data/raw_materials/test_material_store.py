"""Raw-material data in the store: whole or not at all, and as they were added."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import polars as pl
import pytest

from geomonitor.data.raw_materials import (
    MATERIAL_CHECKS,
    add_material_data,
    material_data,
    material_data_folder,
    material_data_list,
    read_material_data,
    remove_material_data,
    store,
)
from geomonitor.data.staging import name_lock
from geomonitor.errors import DataError, UnknownCodeError

from .conftest import SUPPLY, SUPPLY_ROWS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shares.csv"
    path.write_text(SUPPLY + SUPPLY_ROWS)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


def wrong(file: Path) -> Path:
    file.write_text(SUPPLY + SUPPLY_ROWS + "Tin,E,Atlantis,100%,1\n")
    return file


def test_what_is_added_is_what_was_read(file: Path, root: Path) -> None:
    kept = add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    read = read_material_data(file, "eu-crm-world-supply")
    assert kept.table.equals(read.table)
    assert [(each.name, each.severity, each.count) for each in kept.checks] == [
        (each.name, each.severity, each.count) for each in read.checks
    ]
    assert all(mine.rows.equals(theirs.rows) for mine, theirs in zip(kept.checks, read.checks, strict=True))
    assert set(read.metadata) <= set(kept.metadata)
    assert kept.metadata["files"] == read.metadata["files"]
    assert material_data_list(root) == ("shares",)
    assert material_data("shares", root).table.equals(read.table)


def test_the_same_file_again_changes_nothing_and_another_asks(file: Path, root: Path) -> None:
    first = add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    again = add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    assert again.metadata["added"] == first.metadata["added"]
    with pytest.raises(DataError, match="already"):
        add_material_data(file, "eu-crm-sourcing", name="shares", root=root)
    replaced = add_material_data(file, "eu-crm-sourcing", name="shares", root=root, replace=True)
    assert set(replaced.table["measure"]) == {"sourcing"}
    assert material_data_list(root) == ("shares",)


def test_errors_keep_data_out_unless_they_are_accepted(file: Path, root: Path) -> None:
    with pytest.raises(DataError, match="1 unknown_economy") as caught:
        add_material_data(wrong(file), "eu-crm-world-supply", name="shares", root=root)
    assert caught.value.where == "shares.csv, row 6"
    assert caught.value.next_step is not None
    assert "unknown_economy" in caught.value.next_step
    assert not root.exists()
    kept = add_material_data(
        file, "eu-crm-world-supply", name="shares", root=root, accept=["unknown_economy"]
    )
    assert kept.metadata["accepted"] == ["unknown_economy"]
    assert [each.name for each in kept.failed_checks] == ["unknown_economy"]
    with pytest.raises(UnknownCodeError, match="unknown_countries"):
        add_material_data(file, "eu-crm-world-supply", name="x", root=root, accept=["unknown_countries"])


def test_removing(file: Path, root: Path) -> None:
    add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    assert remove_material_data("shares", root) == material_data_folder(root) / "shares"
    assert material_data_list(root) == ()
    with pytest.raises(UnknownCodeError, match="shares"):
        remove_material_data("shares", root)


@pytest.mark.parametrize("name", ["", "Shares", "../shares", ".shares", "a" * 65, "a/b"])
def test_names_that_are_no_names(file: Path, root: Path, name: str) -> None:
    with pytest.raises(DataError, match="cannot be the name"):
        add_material_data(file, "eu-crm-world-supply", name=name, root=root)
    with pytest.raises(UnknownCodeError):
        material_data(name, root)


def test_an_unknown_name_names_what_there_is(file: Path, root: Path) -> None:
    add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    with pytest.raises(UnknownCodeError) as caught:
        material_data("share", root)
    assert caught.value.expected == "one of shares"


@pytest.mark.parametrize("damage", ["cut", "changed", "lost", "metadata", "version"])
def test_damage_is_told(file: Path, root: Path, damage: str) -> None:
    add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    folder = material_data_folder(root) / "shares"
    table = folder / "table.parquet"
    if damage == "cut":
        table.write_bytes(table.read_bytes()[:100])
    elif damage == "changed":
        pl.read_parquet(table).head(1).write_parquet(table)
    elif damage == "lost":
        table.unlink()
    elif damage == "metadata":
        (folder / "metadata.json").write_text("{")
    else:
        text = (folder / "metadata.json").read_text()
        (folder / "metadata.json").write_text(text.replace('"format_version": 1', '"format_version": 2'))
    with pytest.raises(DataError, match="cannot be read"):
        material_data("shares", root)


def test_a_full_disk_leaves_what_was_there(file: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = add_material_data(file, "eu-crm-world-supply", name="shares", root=root)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store, "_write", full)
    with pytest.raises(DataError, match="disk is full"):
        add_material_data(file, "eu-crm-sourcing", name="shares", root=root, replace=True)
    assert material_data("shares", root).table.equals(first.table)
    assert [each.name for each in material_data_folder(root).iterdir() if each.is_dir()] == ["shares"]


def test_two_runs_never_meet(file: Path, root: Path) -> None:
    add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    with name_lock(material_data_folder(root), "shares"):
        with pytest.raises(DataError, match="Another run"):
            add_material_data(file, "eu-crm-sourcing", name="shares", root=root, replace=True)
        with pytest.raises(DataError, match="Another run"):
            remove_material_data("shares", root)
    assert material_data_list(root) == ("shares",)


def test_debris_of_an_interrupted_run_is_cleared(file: Path, root: Path) -> None:
    folder = material_data_folder(root)
    left = folder / ".incoming-shares-1"
    left.mkdir(parents=True)
    (left / "table.parquet").write_bytes(b"PAR1")
    assert material_data_list(root) == ()
    add_material_data(file, "eu-crm-world-supply", name="shares", root=root)
    assert not left.exists()


def test_every_check_says_what_it_means() -> None:
    for severity, explanation in MATERIAL_CHECKS.values():
        assert severity in ("error", "warning", "note")
        assert explanation.endswith(".")
