from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geomonitor.chains import cached_system, factor_folder, leontief_system

from .conftest import random_table


@pytest.fixture
def notes() -> list[str]:
    return []


def only(folder: Path) -> Path:
    (found,) = (each for each in folder.iterdir() if not each.name.startswith("."))
    return found


def test_a_second_question_takes_the_stored_factors(made, tmp_path: Path, notes, monkeypatch) -> None:
    first = cached_system(made, folder=tmp_path, notify=notes.append)
    monkeypatch.setattr("geomonitor.chains.factor_cache.leontief_system", None)
    second = cached_system(made, folder=tmp_path, notify=notes.append)
    ones = np.ones(made.size)
    plain = leontief_system(made)
    for system in (first, second):
        assert (system.requirements(ones) == plain.requirements(ones)).all()
        assert (system.contents(ones) == plain.contents(ones)).all()
        assert (system.value_added_share == plain.value_added_share).all()
    assert notes == []


def test_another_table_has_factors_of_its_own(made, tmp_path: Path) -> None:
    cached_system(made, folder=tmp_path)
    cached_system(random_table(8), folder=tmp_path)
    assert len([each for each in tmp_path.iterdir() if not each.name.startswith(".")]) == 2


@pytest.mark.parametrize("damage", ["flip", "cut", "record", "gone", "other shape"])
def test_a_damaged_cache_is_made_again_and_says_so(made, tmp_path: Path, notes, damage: str) -> None:
    cached_system(made, folder=tmp_path)
    kept = only(tmp_path)
    factors = kept / "factors.npy"
    content = bytearray(factors.read_bytes())
    if damage == "flip":
        content[-3] ^= 0xFF
        factors.write_bytes(content)
    elif damage == "cut":
        factors.write_bytes(content[:-20])
    elif damage == "record":
        (kept / "record.json").write_text("{")
    elif damage == "gone":
        (kept / "pivots.npy").unlink()
    else:
        other = tmp_path / "other"
        cached_system(random_table(1, sectors=1), folder=other)
        for file in only(other).iterdir():
            (kept / file.name).write_bytes(file.read_bytes())
    found = cached_system(made, folder=tmp_path, notify=notes.append)
    ones = np.ones(made.size)
    assert (found.contents(ones) == leontief_system(made).contents(ones)).all()
    assert len(notes) == 1
    assert "made again" in notes[0]
    cached_system(made, folder=tmp_path, notify=notes.append)
    assert len(notes) == 1
    assert set(json.loads((kept / "record.json").read_text())) == {
        "factors", "pivots", "value_added_share", "inverse_output",
    }  # fmt: skip


def test_a_cache_that_cannot_be_written_is_told_and_not_needed(made, tmp_path: Path, notes) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    found = cached_system(made, folder=blocked / "factors", notify=notes.append)
    assert found.solver == "direct"
    assert len(notes) == 1
    assert "not stored" in notes[0]


def test_the_cache_lies_in_the_store(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path))
    assert factor_folder() == tmp_path / "cache" / "factors"
