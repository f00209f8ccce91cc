"""Writing and opening editions: whole or not at all, never changed, never two at once."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import polars.testing
import pytest

from geomonitor.errors import DataError, GeomonitorError
from geomonitor.findings import Edition, edition_id, frame_sha256, write_edition

EditionOf = Callable[..., Edition]
ROWS = [(2021, "CHN", "NLD", "810600", 7.0), (2021, "USA", "NLD", "810600", 3.0)]


@pytest.fixture
def edition(edition_of: EditionOf) -> Edition:
    return edition_of(ROWS)


def visible(folder: Path) -> list[str]:
    """Names in a folder but for lock files, which stay on purpose."""
    return sorted(each.name for each in folder.iterdir() if not each.name.startswith(".lock-"))


def test_an_edition_is_opened_as_it_was_written(edition: Edition, tmp_path: Path) -> None:
    written = write_edition(edition, tmp_path / "out")
    assert written.path == tmp_path / "out" / edition.id
    opened = Edition.open(written.path)
    assert opened.record == written.record
    assert opened.id == edition.id
    assert set(opened.tables) == set(edition.tables)
    for name, table in edition.tables.items():
        polars.testing.assert_frame_equal(opened.tables[name], table, check_exact=True)
    polars.testing.assert_frame_equal(opened.findings, edition.findings, check_exact=True)
    assert visible(tmp_path / "out") == [edition.id]


def test_the_record_counts_and_hashes_every_table(edition: Edition, tmp_path: Path) -> None:
    record = json.loads((write_edition(edition, tmp_path).path / "edition.json").read_text("utf-8"))
    assert record["tables"]["findings"] == {
        "rows": edition.findings.height,
        "sha256": frame_sha256(edition.findings),
    }
    assert set(record["tables"]) == {"products", "findings"}


def test_what_is_written_beside_comes_with_it(edition: Edition, tmp_path: Path) -> None:
    seen: list[Edition] = []

    def finish(made: Edition, folder: Path) -> None:
        seen.append(made)
        (folder / "brief.en.html").write_text("<p>Bismuth</p>", encoding="utf-8")

    written = write_edition(edition, tmp_path, finish=finish)
    assert (written.path / "brief.en.html").read_text("utf-8") == "<p>Bismuth</p>"
    assert seen[0].record["tables"]["products"]["rows"] == 1


def test_a_changed_table_is_detected(edition: Edition, tmp_path: Path) -> None:
    path = write_edition(edition, tmp_path).path
    file = path / "tables" / "products.parquet"
    table = pl.read_parquet(file)
    table.with_columns(dependent=pl.lit(False)).write_parquet(file)
    with pytest.raises(DataError, match="not the one that was written") as caught:
        Edition.open(path)
    assert caught.value.where == str(file)


@pytest.mark.parametrize("name", ["findings.parquet", "tables/products.parquet"])
@pytest.mark.parametrize("how", ["missing", "truncated", "text"])
def test_a_table_that_cannot_be_read_is_named(edition: Edition, tmp_path: Path, name: str, how: str) -> None:
    path = write_edition(edition, tmp_path).path
    file = path / name
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100] if how == "truncated" else b"not parquet")
    with pytest.raises(DataError, match="cannot be read") as caught:
        Edition.open(path)
    assert caught.value.where == str(file)


def test_a_folder_that_is_no_edition_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no edition here"):
        Edition.open(tmp_path)
    with pytest.raises(DataError, match="There is no edition here"):
        Edition.open(tmp_path / "absent")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"tables": 3}', '{"tables": {}}', "\x80"])
def test_a_record_that_is_none_says_so(edition: Edition, tmp_path: Path, text: str) -> None:
    path = write_edition(edition, tmp_path).path
    (path / "edition.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match="record of the edition"):
        Edition.open(path)


def test_the_name_of_an_edition_follows_what_went_in() -> None:
    assert edition_id("demo", {"a": 1, "b": 2}) == edition_id("demo", {"b": 2, "a": 1})
    assert edition_id("demo", {"a": 1}) != edition_id("demo", {"a": 2})
    assert edition_id("demo", {"a": 1}).startswith("demo-")


def test_the_hash_of_a_table_sees_names_types_values_and_order() -> None:
    table = pl.DataFrame({"a": ["x", None], "b": [1.5, None], "c": [True, None]})
    others = [
        table.rename({"a": "d"}),
        table.with_columns(pl.col("b").cast(pl.Float32)),
        table.with_columns(pl.col("a").fill_null("")),
        table.with_columns(pl.col("b").fill_null(0.0)),
        table.with_columns(pl.col("c").fill_null(False)),
        table.reverse(),
        table.select("b", "a", "c"),
        table.head(1),
    ]
    hashes = {frame_sha256(each) for each in (table, *others)}
    assert len(hashes) == len(others) + 1
    assert frame_sha256(table.clone()) == frame_sha256(table)


def test_the_hash_of_a_table_is_not_fooled_by_moving_text_between_rows() -> None:
    left, right = pl.DataFrame({"a": ["x\x00y", "z"]}), pl.DataFrame({"a": ["x", "y\x00z"]})
    assert frame_sha256(left) != frame_sha256(right)


def test_the_hash_survives_a_file(tmp_path: Path) -> None:
    table = pl.DataFrame({"a": ["x", None], "b": [float("inf"), 0.1], "year": [2021, None]})
    table.write_parquet(tmp_path / "t.parquet")
    assert frame_sha256(pl.read_parquet(tmp_path / "t.parquet")) == frame_sha256(table)


# interruptions


def test_writing_again_replaces_the_whole_folder(edition: Edition, tmp_path: Path) -> None:
    first = write_edition(edition, tmp_path).path
    (first / "left-behind.txt").write_text("old")
    write_edition(edition, tmp_path)
    assert not (first / "left-behind.txt").exists()
    assert visible(tmp_path) == [edition.id]


class StopHereError(Exception):
    """Something in the middle."""


@pytest.mark.parametrize("error", [StopHereError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [False, True], ids=["first", "again"])
def test_an_error_in_the_middle_leaves_nothing(
    edition: Edition, tmp_path: Path, error: type[BaseException], before: bool
) -> None:
    if before:
        write_edition(edition, tmp_path)

    def finish(made: Edition, folder: Path) -> None:
        raise error

    with pytest.raises(error):
        write_edition(edition, tmp_path, finish=finish)
    assert visible(tmp_path) == ([edition.id] if before else [])
    if before:
        Edition.open(tmp_path / edition.id)


def run_of(out: Path, edition: Edition, pickled: Path, then: str) -> subprocess.Popen[str]:
    """Write the edition in another process, which says "inside" in the middle and then does something."""
    import pickle

    pickled.write_bytes(pickle.dumps((edition.record, edition.tables, edition.findings)))
    code = f"""
        import pickle, sys, time
        from pathlib import Path
        from geomonitor.findings import Edition, write_edition
        record, tables, findings = pickle.loads(Path({str(pickled)!r}).read_bytes())
        def finish(made, folder):
            print("inside", flush=True)
            {then}
        write_edition(Edition(record=record, tables=tables, findings=findings), {str(out)!r}, finish=finish)
        print("done", flush=True)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_runs_at_once_and_an_interrupted_one(edition: Edition, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with run_of(out, edition, tmp_path / "made", "sys.stdin.readline()") as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "inside\n"
        with pytest.raises(GeomonitorError, match="Another run is"):
            write_edition(edition, out)
        # killed: no cleaning up of its own
        other.send_signal(signal.SIGKILL)
        other.wait(timeout=30)
    assert not (out / edition.id).exists()
    assert [name for name in visible(out) if "incoming" in name]
    write_edition(edition, out)
    assert visible(out) == [edition.id]
    Edition.open(out / edition.id)


def test_a_run_that_ends_lets_the_next_one_in(edition: Edition, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with run_of(out, edition, tmp_path / "made", "sys.stdin.readline()") as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "done\n"
    write_edition(edition, out)
    assert visible(out) == [edition.id]


def test_what_was_set_aside_by_an_interrupted_run_comes_back(edition: Edition, tmp_path: Path) -> None:
    path = write_edition(edition, tmp_path).path
    aside = tmp_path / f".replaced-{edition.id}-1"
    path.rename(aside)

    def finish(made: Edition, folder: Path) -> None:
        # back in its place before anything can go wrong
        assert path.is_dir()
        raise StopHereError

    with pytest.raises(StopHereError):
        write_edition(edition, tmp_path, finish=finish)
    Edition.open(path)


# the disk


@pytest.mark.parametrize("before", [False, True], ids=["first", "again"])
def test_a_full_disk_is_a_clear_error_and_nothing_is_half_written(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    if before:
        write_edition(edition, tmp_path)

    def full(self: pl.DataFrame, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(GeomonitorError, match="disk is full") as caught:
        write_edition(edition, tmp_path)
    monkeypatch.undo()
    assert caught.value.next_step is not None
    assert "--out" in caught.value.next_step
    assert visible(tmp_path) == ([edition.id] if before else [])
    if before:
        Edition.open(tmp_path / edition.id)


def test_a_disk_that_fills_while_the_record_is_written(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_text

    def full(self: Path, *arguments: object, **named: object) -> int:
        if self.name == "edition.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(self, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(GeomonitorError, match="disk is full"):
        write_edition(edition, tmp_path)
    assert visible(tmp_path) == []


def test_the_operating_system_refusing_a_large_file_is_a_clear_error(
    edition: Edition, tmp_path: Path
) -> None:
    # a real refusal by the kernel, in the middle of a table: files of at most 4 kB
    code = f"""
        import resource, signal
        import polars as pl
        from geomonitor.errors import GeomonitorError
        from geomonitor.findings import Edition, write_edition
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        table = pl.DataFrame({{"a": [str(i * 7919 % 100003) for i in range(50000)]}})
        made = Edition(record={{"id": "demo-1"}}, tables={{"products": table}}, findings=table.head(1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            write_edition(made, {str(tmp_path)!r})
        except GeomonitorError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert os.strerror(errno.EFBIG) in done.stdout
    assert visible(tmp_path) == []


@pytest.mark.parametrize("place", ["file", "below a file"])
def test_a_place_that_is_no_folder_is_a_clear_error(edition: Edition, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" if place == "file" else tmp_path / "file" / "out"
    with pytest.raises(GeomonitorError) as caught:
        write_edition(edition, out)
    assert str(out) in str(caught.value)


def test_a_folder_may_move(edition: Edition, tmp_path: Path) -> None:
    path = write_edition(edition, tmp_path / "out").path
    shutil.move(path, tmp_path / "elsewhere")
    assert Edition.open(tmp_path / "elsewhere").id == edition.id


def test_time_is_not_what_names_an_edition(edition_of: EditionOf) -> None:
    first = edition_of(ROWS).id
    time.sleep(0.01)
    assert edition_of(ROWS).id == first
