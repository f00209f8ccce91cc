"""The store: nothing half-written, nothing lost, the same bytes do nothing, two runs never meet."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys

import polars as pl
import pytest

from geomonitor.codes import ECONOMY_CODES
from geomonitor.data import CANONICAL_COLUMNS, Dataset, Store, embedded_dataset, ingest, staging, store_root
from geomonitor.data.dataset import METADATA_KEYS
from geomonitor.errors import DataError, UnknownCodeError


def left_in(store: Store) -> list[str]:
    return sorted(file.name for file in store.root.iterdir() if not file.name.startswith(".lock-"))


class TestDataset:
    def test_contract_on_disk(self, store, make_baci):
        dataset = store.add(make_baci(), name="b", format="baci").dataset
        assert set(METADATA_KEYS) <= set(json.loads((dataset.path / "metadata.json").read_text()))
        for entry, year in zip(dataset.metadata["files"], dataset.years, strict=True):
            assert entry["name"] == f"flows/{year}.parquet"
            schema = pl.read_parquet_schema(dataset.path / entry["name"])
            assert tuple(schema) == CANONICAL_COLUMNS
            assert schema["year"] == pl.Int16
            assert schema["exporter"] == schema["importer"] == pl.Enum(ECONOMY_CODES)
            assert schema["value_kusd"] == schema["quantity_t"] == pl.Float64
        assert sum(entry["rows"] for entry in dataset.metadata["files"]) == dataset.metadata["rows"] == 5

    def test_flow_files_by_year(self, store, make_baci):
        dataset = store.add(make_baci(), name="b", format="baci").dataset
        assert [file.name for file in dataset.flow_files([2021])] == ["2021.parquet"]
        assert dataset.scan([2021]).collect()["year"].unique().to_list() == [2021]
        with pytest.raises(UnknownCodeError, match="1999"):
            dataset.flow_files([1999, 2021])
        (dataset.path / "flows" / "2020.parquet").unlink()
        with pytest.raises(DataError, match="lost the flows of 2020"):
            dataset.flow_files()

    def test_embedded_sample_spans_years_in_one_file(self):
        sample = embedded_dataset()
        assert len(sample.flow_files([1995, 2024])) == 1
        assert sample.scan([2022]).collect()["year"].unique().to_list() == [2022]
        assert sample.metadata["products"] == 74
        assert set(sample.scan().collect()["product"].cast(pl.String)) <= set(sample.product_names())

    def test_broken_metadata_is_told(self, store, make_baci):
        dataset = store.add(make_baci(), name="b", format="baci").dataset
        file = dataset.path / "metadata.json"
        file.write_text('{"name": "b"}')
        with pytest.raises(DataError, match="not complete"):
            store.dataset("b")
        file.write_text("{")
        with pytest.raises(DataError, match="cannot be read"):
            store.datasets()
        file.unlink()
        with pytest.raises(DataError, match="not a Geomonitor dataset"):
            Dataset.open(dataset.path)


class TestStore:
    def test_lists_the_sample_first_and_names_what_exists(self, store, make_baci):
        store.add(make_baci(), name="b", format="baci")
        assert [found.name for found in store.datasets()] == ["baci-hs92-raw-materials", "b"]
        assert store.dataset("baci-hs92-raw-materials") == embedded_dataset()
        with pytest.raises(UnknownCodeError, match="baci-hs92-raw-materials, b"):
            store.dataset("../b")

    @pytest.mark.parametrize("name", ["", "B", "a/b", "..", ".b", "a b", "x" * 65, "baci-hs92-raw-materials"])
    def test_names_that_cannot_be(self, store, make_baci, name):
        with pytest.raises(DataError, match="name"):
            store.add(make_baci(), name=name, format="baci")

    def test_remove(self, store, make_baci):
        store.add(make_baci(), name="b", format="baci")
        store.remove("b")
        assert left_in(store) == []
        with pytest.raises(UnknownCodeError):
            store.remove("b")
        with pytest.raises(DataError, match="ships with"):
            store.remove("baci-hs92-raw-materials")

    def test_root_from_the_environment(self, monkeypatch, tmp_path):
        monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "a"))
        assert store_root() == tmp_path / "a"
        monkeypatch.delenv("GEOMONITOR_DATA")
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "b"))
        assert store_root() == tmp_path / "b" / "geomonitor"
        monkeypatch.delenv("XDG_DATA_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert store_root() == tmp_path / ".local" / "share" / "geomonitor"


class TestSameBytes:
    def test_adding_again_does_nothing(self, store, make_baci):
        folder = make_baci()
        first = store.add(folder, name="b", format="baci")
        before = {file: file.stat().st_mtime_ns for file in first.dataset.path.rglob("*")}
        again = store.add(folder, name="b", format="baci")
        assert (first.outcome, again.outcome) == ("added", "unchanged")
        assert {file: file.stat().st_mtime_ns for file in first.dataset.path.rglob("*")} == before

    def test_hash_does_not_depend_on_names_or_order(self, store, tmp_path):
        for folder, names in (("x", ("a.csv", "b.csv")), ("y", ("d.csv", "c.csv"))):
            (tmp_path / folder).mkdir()
            for year, name in zip((2020, 2021), names, strict=True):
                (tmp_path / folder / name).write_text(f"t,i,j,k,v,q\n{year},528,276,010121,1,1\n")
        one, other = (
            store.add(tmp_path / folder, name=folder, format="baci", revision="HS17").dataset
            for folder in "xy"
        )
        assert one.content_sha256 == other.content_sha256
        assert one.scan().collect().equals(other.scan().collect())

    def test_other_bytes_or_options_need_replace(self, store, make_baci):
        folder = make_baci()
        old = store.add(folder, name="b", format="baci").dataset.content_sha256
        with pytest.raises(DataError, match="exists"):
            store.add(folder, name="b", format="baci", years=[2021])
        (folder / "BACI_HS17_Y2022_V202501.csv").write_text("t,i,j,k,v,q\n2022,528,276,010121,1,1\n")
        with pytest.raises(DataError, match="--replace"):
            store.add(folder, name="b", format="baci")
        assert store.dataset("b").content_sha256 == old
        added = store.add(folder, name="b", format="baci", replace=True)
        assert added.outcome == "replaced"
        assert store.dataset("b").years == (2020, 2021, 2022)
        assert left_in(store) == ["b"]


class TestAtomic:
    def test_full_disk_from_polars(self, store, make_baci, monkeypatch):
        folder = make_baci()
        store.add(folder, name="b", format="baci")
        real = pl.DataFrame.write_parquet

        def full(frame, target, **options):
            # /dev/full refuses every byte with ENOSPC, as a full disk does.
            real(frame, "/dev/full" if str(target).endswith("2021.parquet") else target, **options)

        monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
        with pytest.raises(DataError, match="disk is full"):
            store.add(folder, name="b", format="baci", years=[2021], replace=True)
        with pytest.raises(DataError, match="disk is full"):
            store.add(folder, name="c", format="baci")
        assert left_in(store) == ["b"]
        assert store.dataset("b").years == (2020, 2021)

    @pytest.mark.parametrize(
        ("number", "words"),
        [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "disk is full"), (errno.EACCES, "Permission denied")],
    )
    def test_refusal_while_swapping_in(self, store, make_baci, monkeypatch, number, words):
        def refuse(*_):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(ingest, "swap_in", refuse)
        with pytest.raises(DataError, match=words):
            store.add(make_baci(), name="b", format="baci")
        assert left_in(store) == []

    def test_no_room_is_told_before_reading(self, store, make_baci, monkeypatch):
        monkeypatch.setattr(ingest, "_PARQUET_SHARE_OF_CSV", 2.0**60)
        with pytest.raises(DataError, match="no room for this dataset"):
            store.add(make_baci(), name="b", format="baci")
        assert left_in(store) == []

    def test_root_that_cannot_be_made(self, tmp_path, make_baci):
        (tmp_path / "file").write_text("")
        with pytest.raises(DataError, match="refuses"):
            Store(tmp_path / "file" / "store").add(make_baci(), name="b", format="baci")

    def test_interruption_leaves_nothing(self, store, make_baci, monkeypatch):
        def interrupt(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(ingest, "_describe", interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.add(make_baci(), name="b", format="baci")
        assert left_in(store) == []

    def test_swap_that_broke_off_is_put_back(self, store, make_baci):
        dataset = store.add(make_baci(), name="b", format="baci").dataset
        dataset.path.rename(store.root / ".replaced-b-123")
        (store.root / ".incoming-b-123").mkdir()
        (store.root / ".incoming-b-c-123").mkdir()
        assert store.add(make_baci(), name="b", format="baci").outcome == "unchanged"
        assert left_in(store) == [".incoming-b-c-123", "b"]


SLOW = """
import sys, time
from pathlib import Path
from geomonitor.data import Store, ingest
def wait(*arguments):
    print("busy", flush=True)
    time.sleep(60)
ingest._describe = wait
Store(Path(sys.argv[1])).add(Path(sys.argv[2]), name="b", format="baci")
"""


class TestTwoRuns:
    @pytest.fixture
    def busy(self, store, make_baci):
        """A run in another process that is in the middle of adding b."""
        command = [sys.executable, "-c", SLOW, str(store.root), str(make_baci())]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == "busy\n"
                yield process
            finally:
                process.kill()

    def test_second_run_is_told_and_the_first_is_not_disturbed(self, store, make_baci, busy):
        with pytest.raises(DataError, match="Another run is changing the dataset b"):
            store.add(make_baci(), name="b", format="baci")
        assert left_in(store) == [f".incoming-b-{busy.pid}"]
        assert store.add(make_baci(), name="other", format="baci").outcome == "added"

    def test_killed_run_is_cleared_by_the_next(self, store, make_baci, busy):
        busy.send_signal(signal.SIGKILL)
        busy.wait()
        assert left_in(store) == [f".incoming-b-{busy.pid}"]
        assert [found.name for found in store.datasets()] == ["baci-hs92-raw-materials"]
        assert store.add(make_baci(), name="b", format="baci").outcome == "added"
        assert left_in(store) == ["b"]


def test_lock_is_free_again_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), staging.name_lock(tmp_path, "b"):
        raise RuntimeError
    with staging.name_lock(tmp_path, "b"):
        pass


def test_progress_tells_every_byte_and_row(store, make_baci, monkeypatch):
    steps: list[list[int]] = []
    told: list[tuple[int, str]] = []

    class Recorder:
        def begin(self, _step, total_bytes):
            steps.append([total_bytes, 0])

        def advance(self, done_bytes):
            steps[-1][1] += done_bytes

        def rows(self, rows, label):
            told.append((rows, label))

    monkeypatch.setattr(ingest, "_progress", lambda _: contextlib.nullcontext(Recorder()))
    store.add(make_baci(), name="b", format="baci")
    assert len(steps) == 2
    assert all(total == done > 0 for total, done in steps)
    assert told == [(0, "BACI_HS17_Y2020_V202501.csv"), (2, "BACI_HS17_Y2021_V202501.csv"), (5, "done")]


def test_progress_bar_is_drawn_on_standard_error(store, make_baci, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    store.add(make_baci(), name="b", format="baci", progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Reading" in captured.err
