"""The shelf, what a process keeps, texts, figures on a page, and tables as files."""

from __future__ import annotations

import csv
import io
import json
import shutil
import threading
import time
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from django.template import Context, Template

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.findings import Edition
from geomonitor.report import Language
from geomonitor.report.content import Content
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.downloads import table_response
from geomonitor.web.evidence.contents import importer_key
from geomonitor.web.evidence.folding import folded
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.screened import asked_of
from geomonitor.web.evidence.shelf import Shelf
from geomonitor.web.evidence.treemap import treemap_block
from geomonitor.web.language import texts


def with_record(folder: Path, edition: Edition, name: str, created: str) -> None:
    (folder / name).mkdir()
    record = {**edition.record, "id": name, "created": created}
    (folder / name / "edition.json").write_text(json.dumps(record), encoding="utf-8")


def test_the_shelf_lists_whole_editions_newest_first(edition: Edition, tmp_path: Path) -> None:
    with_record(tmp_path, edition, "old", "2025-01-01T00:00:00+00:00")
    with_record(tmp_path, edition, "new", "2026-01-01T00:00:00+00:00")
    (tmp_path / "half").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "edition.json").write_text("{", encoding="utf-8")
    (tmp_path / ".lock-new").write_text("")
    (tmp_path / "notes.txt").write_text("")
    shelf = Shelf(tmp_path)
    assert [entry.id for entry in shelf.editions()] == ["new", "old"]
    assert shelf.newest() == shelf.entry("latest") == shelf.entry("new")
    assert shelf.entry("new").title("nl") == "Strategische afhankelijkheden in grondstoffen"
    with_record(tmp_path, edition, "newest", "2027-01-01T00:00:00+00:00")
    assert shelf.editions()[0].id == "newest"
    shutil.rmtree(tmp_path / "newest")
    assert shelf.editions()[0].id == "new"


@pytest.mark.parametrize("name", ["", "..", ".", "../new", ".lock-new", "nothing", "new/../new"])
def test_the_shelf_opens_nothing_else(edition: Edition, tmp_path: Path, name: str) -> None:
    with_record(tmp_path, edition, "new", "2026-01-01T00:00:00+00:00")
    with pytest.raises(UnknownCodeError, match="There is no edition"):
        Shelf(tmp_path).entry(name)


def test_an_empty_or_absent_shelf_has_no_newest(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "absent").editions() == ()
    with pytest.raises(UnknownCodeError):
        Shelf(tmp_path).open("latest")


def test_an_edition_is_opened_once_and_checked(edition: Edition, tmp_path: Path) -> None:
    assert edition.path is not None
    shutil.copytree(edition.path, tmp_path / edition.id)
    shelf = Shelf(tmp_path)
    assert shelf.open(edition.id) is shelf.open("latest")
    table = tmp_path / edition.id / "tables" / "churn.parquet"
    pl.read_parquet(table).head(3).write_parquet(table)
    assert shelf.open(edition.id).tables["churn"].height > 3
    with pytest.raises(DataError, match="not the one that was written"):
        Shelf(tmp_path).open(edition.id)
    (tmp_path / edition.id).rename(tmp_path / "another")
    with pytest.raises(DataError):
        Shelf(tmp_path).open("another")


def test_what_is_kept_is_bounded_and_the_least_used_goes() -> None:
    made: list[int] = []
    kept: Kept[int] = Kept(2)

    def get(number: int) -> int:
        return kept.get(number, lambda: made.append(number) or number)  # type: ignore[func-returns-value]

    for number in (1, 2, 1, 3, 1, 2):
        assert get(number) == number
    assert made == [1, 2, 3, 2]
    assert len(kept) == 2


def test_an_error_is_not_kept_and_one_at_a_time_makes_what_takes_long() -> None:
    kept: Kept[int] = Kept(2, alone=True)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    made: list[int] = []

    def slow() -> int:
        made.append(1)
        time.sleep(0.05)
        return 7

    found: list[int] = []
    readers = [threading.Thread(target=lambda: found.append(kept.get("a", slow))) for _ in range(6)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    assert found == [7] * 6
    assert len(made) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Türkiye", "turkiye"), ("  Curaçao\t x", "curacao x"), ("ÅLAND", "aland"), ("STRASSE", "strasse")],
)
def test_folding(text: str, expected: str) -> None:
    assert folded(text) == expected
    assert folded(expected) == expected


def test_every_text_has_both_languages_and_the_same_values() -> None:
    import re

    for key, wording in texts().items():
        assert set(wording) == {"en", "nl"}, key
        places = {code: set(re.findall(r"{(\w+)}", text)) for code, text in wording.items()}
        assert places["en"] == places["nl"], key


_EVIL = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "|cmd", '=HYPERLINK("http://x")')


def test_no_text_of_a_download_runs_as_a_formula() -> None:
    table = DataTable.of("t", [Column("=heading"), Column("n", "ratio")], [(text, -1.5) for text in _EVIL])
    answer = table_response(table, "a/b c", "csv", title="t", provenance=[], language=Language("en"))
    assert answer["Content-Disposition"] == 'attachment; filename="a-b-c.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "'=heading"
    assert all(row[0].startswith("'") for row in rows[1:])
    # a number stays one, negative too
    assert {row[1] for row in rows[1:]} == {"-1.5"}
    answer = table_response(
        table, "x", "xlsx", title="=t", provenance=[("=a", "=b")], language=Language("en")
    )
    for sheet in openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)


def test_a_dutch_csv_has_dutch_marks_and_a_frame_is_a_table_too() -> None:
    frame = pl.DataFrame({"name": ["a;b", None], "share": [0.25, float("nan")], "yes": [True, False]})
    answer = table_response(frame, "x", "csv", title="t", provenance=[], language=Language("nl"))
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert lines[:3] == ["name;share;yes", '"a;b";0,25;ja', ";;nee"]
    with pytest.raises(UnknownCodeError, match="download as 'ods'"):
        table_response(frame, "x", "ods", title="t", provenance=[])


def test_cells_of_a_table_are_escaped() -> None:
    table = DataTable.of(
        "<b>", [Column("<i>"), Column("x", "name")], [("<script>", "<img>"), ("b", '" onclick="')]
    )
    page = Template("{% load components %}{% data_table t links=l %}").render(
        Context({"t": table, "l": {0: ["/a?x=1&y=2", ""]}})
    )
    assert "<script>" not in page
    assert "<img>" not in page
    assert "&lt;script&gt;" in page
    assert '<a href="/a?x=1&amp;y=2">' in page
    assert 'onclick="' not in page


def test_the_treemap_is_as_large_as_its_products(edition: Edition) -> None:
    content = Content.of(edition, "en")
    importer = content.importers[0]
    table = content.of_importer("products", importer).filter(pl.col("dependent"))
    block = treemap_block(content, importer, table, anchor="t")
    figure = json.loads(str(block.figure))
    trace = figure["data"][0]
    total = table["extra_import_value_kusd"].sum() / 3 / 1000
    assert sum(trace["values"]) == pytest.approx(total)
    assert len(trace["ids"]) == len(set(trace["ids"])) == len(trace["parents"])
    assert set(trace["parents"]) - {""} <= set(trace["ids"])
    assert sum(row[-1] for row in block.table.rows) == pytest.approx(1.0)
    other = figure["choices"]["interest"]
    ids = other["data"][0]["ids"] if "data" in other else other["traces"][0]["ids"]
    assert "g:public_health" in ids
    assert treemap_block(content, importer, table.clear(), anchor="t").figure is None


def test_the_query_holds_the_whole_state_and_no_default(edition: Edition) -> None:
    content = Content.of(edition, "en")
    asked = {
        "importer": "NLD",
        "method": "cbs-2021",
        "verdict": "all",
        "supplier": "CHN",
        "interest": "transitions",
        "chapter": "81",
        "strategic": "yes",
        "q": "tung sten",
        "t_import_concentration": "0.3",
        "sort": "-share",
        "page": "2",
    }
    found = asked_of(content, asked)
    assert found.query(content) == asked
    assert asked_of(content, {}).query(content) == {}
    assert asked_of(content, {"t_import_concentration": "0,35"}).thresholds == {"import_concentration": 0.35}
    assert asked_of(content, {"t_import_concentration": "0.4"}).thresholds == {}


def test_two_importers_of_one_code_have_names_of_their_own_in_the_url(edition: Edition) -> None:
    plain = {"code": "NLD", "home_code": "NLD", "label": "NLD", "members": ["NLD"]}
    record = {**edition.record, "importers": [*edition.record["importers"], plain]}
    content = Content(record, edition.tables, edition.findings, Language("en"))
    assert [importer_key(content, each) for each in content.importers] == [
        "EU27_2020",
        "NLD@EU27_2020",
        "NLD@NLD",
    ]
