"""The workbook, read back with another program."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from geomonitor.errors import DataError, GeomonitorError
from geomonitor.findings import Edition
from geomonitor.report import write_workbook


@pytest.fixture(scope="module")
def workbook(real_edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(real_edition, tmp_path_factory.mktemp("books") / "workbook.en.xlsx", "en")


@pytest.fixture(scope="module")
def book(workbook: Path) -> openpyxl.Workbook:
    """The workbook as another program reads it; shared, so never changed by a test."""
    return openpyxl.load_workbook(workbook)


def test_a_sheet_a_table_with_the_same_values(book: openpyxl.Workbook, real_edition: Edition) -> None:
    sheet = book["Products"]
    table = real_edition.tables["products"]
    assert [cell.value for cell in sheet[1]] == table.columns
    assert sheet.max_row == table.height + 1
    column = table.columns.index("import_concentration")
    for number, expected in enumerate(table["import_concentration"].head(20), start=2):
        assert sheet.cell(number, column + 1).value == pytest.approx(expected)
    place = table.columns.index("product")
    assert sheet.cell(2, place + 1).value == table["product"][0]
    assert book["Churn"].max_row == real_edition.tables["churn"].height + 1
    assert book["Findings"].max_row == real_edition.findings.height + 1


def test_sheets_are_ready_to_use(workbook: Path, book: openpyxl.Workbook) -> None:
    assert book.sheetnames[:2] == ["Read me", "Charts"]
    sheet = book["Products"]
    assert sheet.freeze_panes is not None
    assert sheet.auto_filter.ref is not None
    with zipfile.ZipFile(workbook) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) >= 6


def test_provenance_is_complete(book: openpyxl.Workbook, real_edition: Edition) -> None:
    sheet = book["Provenance"]
    entries = {row[0]: row[1] for row in sheet.iter_rows(min_row=2, max_col=2, values_only=True)}
    assert entries["id"] == real_edition.record["id"]
    assert entries["dataset.content_sha256"] == real_edition.record["dataset"]["content_sha256"]
    assert entries["methods.1.id"] == "commission-2021"


def test_every_column_is_explained(book: openpyxl.Workbook, real_edition: Edition) -> None:
    sheet = book["Read me"]
    explained = {row[1] for row in sheet.iter_rows(values_only=True) if row[2]}
    for table in real_edition.tables.values():
        assert set(table.columns) <= explained


def test_text_is_never_a_formula_and_stays_intact(hostile_edition: Edition, tmp_path: Path) -> None:
    path = write_workbook(hostile_edition, tmp_path / "workbook.xlsx")
    book = openpyxl.load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                assert cell.hyperlink is None, (sheet.title, cell.coordinate)
    names = hostile_edition.tables["products"]["product_name"]
    place = hostile_edition.tables["products"].columns.index("product_name") + 1
    read = [book["Products"].cell(number, place).value or "" for number in range(2, names.len() + 2)]
    assert read == names.to_list()
    assert any(value.startswith("=cmd") for value in read)


def test_the_same_edition_gives_the_same_bytes(few_of_all: Edition, tmp_path: Path) -> None:
    first, again = (
        write_workbook(few_of_all, tmp_path / f"{name}.xlsx", "en") for name in ("first", "again")
    )
    assert again.read_bytes() == first.read_bytes()


def test_dutch_sheets(nothing_dependent: Edition, tmp_path: Path) -> None:
    path = write_workbook(nothing_dependent, tmp_path / "workbook.nl.xlsx", "nl")
    assert openpyxl.load_workbook(path, read_only=True).sheetnames[:3] == [
        "Lees mij",
        "Grafieken",
        "Producten",
    ]


def test_a_failed_write_keeps_the_old_file(
    real_edition: Edition, few_of_all: Edition, tmp_path: Path
) -> None:
    with pytest.raises(GeomonitorError, match="cannot be written"):
        write_workbook(few_of_all, tmp_path / "missing" / "workbook.xlsx")
    path = tmp_path / "workbook.xlsx"
    path.write_bytes(b"old")
    broken = Edition(real_edition.record, {"products": pl.DataFrame({"importer": ["NLD"]})}, pl.DataFrame())
    with pytest.raises(DataError, match="lacks columns"):
        write_workbook(broken, path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["workbook.xlsx"]


def test_others_may_read_the_file(workbook: Path) -> None:
    assert stat.S_IMODE(workbook.stat().st_mode) == 0o644
