"""Files that are broken: each is an error that names file, row and column, and leaves no trace."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from geomonitor.data.raw_materials import (
    MATERIAL_FORMATS,
    add_material_data,
    material_data_folder,
    read_governance,
    read_material_data,
    read_published_assessments,
)
from geomonitor.errors import DataError, UnknownCodeError

from .conftest import BGS_RECORD, CSV_FORMATS, IEA, OPTIONS, iea_workbook, workbook, world_mining_workbook

BOM = b"\xef\xbb\xbf"
PLACE = re.compile(r"^.*made.*row \S+.*column.*$", re.DOTALL)


def broken(header: str, rows: str) -> dict[str, bytes]:
    whole = (header + rows).encode()
    return {
        "empty": b"",
        "blank": b" \n\r\n\t\n",
        "only a byte-order mark": BOM,
        "header only": header.encode(),
        "header and blank rows": header.encode() + b"\n\n",
        "wrong header": b"a,b,c\n" + rows.encode(),
        "no header": rows.encode(),
        "a column twice": header.strip().encode() + b"," + header.encode() + rows.encode(),
        "cut in a row": whole[: whole.rindex(b",", 0, -8)],
        "cut in a quote": header.encode() + rows.splitlines()[0].encode() + b'\n"Tungsten,E,Chi',
        "semicolons": whole.replace(b",", b";"),
        "tabs": whole.replace(b",", b"\t"),
        "bars": whole.replace(b",", b"|"),
        "random bytes": bytes(range(256)) * 8,
        "a NUL in a field": whole.replace(b"2", b"\0", 1) if b"2" in whole else whole + b"\0",
        "gzip": b"\x1f\x8b\x08" + os.urandom(40),
        "zip": b"PK\x03\x04" + os.urandom(40),
        "pdf": b"%PDF-1.7\n" + whole,
        "parquet": b"PAR1" + whole,
        "odd UTF-16": b"\xff\xfe" + whole + b"x",
        "an extra field": header.encode() + rows.splitlines()[0].encode() + b",more,and more\n",
        "web page": b"<!DOCTYPE html><html><body>Not found</body></html>\n",
    }


CASES = [
    (material_format, kind, content)
    for material_format, (header, rows) in CSV_FORMATS.items()
    for kind, content in broken(header, rows).items()
]


@pytest.mark.parametrize(
    ("material_format", "kind", "content"),
    CASES,
    ids=[f"{material_format}-{kind}" for material_format, kind, _ in CASES],
)
def test_a_broken_file_names_its_place_and_leaves_no_trace(
    tmp_path: Path, material_format: str, kind: str, content: bytes
) -> None:
    file = tmp_path / "made.csv"
    file.write_bytes(content)
    root = tmp_path / "store"
    material = OPTIONS.get(material_format, {}).get("material")
    with pytest.raises(DataError) as caught:
        add_material_data(file, material_format, name="made", root=root, material=material)
    assert caught.value.where is not None
    assert PLACE.match(caught.value.where), caught.value.where
    assert caught.value.expected
    assert caught.value.next_step
    assert not root.exists()


def documents() -> dict[str, tuple[str, bytes]]:
    bgs = json.dumps({"features": [{"properties": BGS_RECORD}]}).encode()
    iea = json.dumps(IEA).encode()
    lacking = {name: value for name, value in BGS_RECORD.items() if name != "units"}
    truth = json.loads(iea)
    truth["supply"]["Cobalt"]["mining"]["countries"]["Rest of world"]["2024"] = True
    stage = {"supply": {"Cobalt": {"smelting": {"countries": {"China": {"2024": 1.0}}}}}}
    book, table = iea_workbook(), world_mining_workbook()
    return {
        "bgs cut off": ("bgs-wms", bgs[:-9]),
        "bgs without features": ("bgs-wms", b'{"features": []}'),
        "bgs another document": ("bgs-wms", b'{"a": 1}'),
        "bgs features that are no objects": ("bgs-wms", b'{"features": [1, 2]}'),
        "bgs without units": ("bgs-wms", json.dumps([lacking]).encode()),
        "bgs in Latin-1": ("bgs-wms", b'[{"country_trans": "T\xfcrkiye"}]'),
        "bgs deep": ("bgs-wms", b"[" * 100_000),
        "iea cut off": ("iea-cmde", iea[:-3]),
        "iea empty": ("iea-cmde", b""),
        "iea another document": ("iea-cmde", b'{"supply": []}'),
        "iea a list": ("iea-cmde", b"[1]"),
        "iea a truth value": ("iea-cmde", json.dumps(truth).encode()),
        "iea another stage": ("iea-cmde", json.dumps(stage).encode()),
        "iea a year that is none": ("iea-cmde", iea.replace(b"2024", b"2024a")),
        "iea workbook cut off": ("iea-cmde", book[: len(book) // 2]),
        "iea another workbook": ("iea-cmde", table),
        "world mining workbook cut off": ("world-mining-data", table[: len(table) // 2]),
        "world mining another workbook": ("world-mining-data", book),
        "world mining without years": (
            "world-mining-data",
            workbook({"Tin": [["Country", "unit"], ["Peru", "t"]]}),
        ),
        "world mining without units": (
            "world-mining-data",
            workbook({"Tin": [["Country", 2022], ["Peru", 1]]}),
        ),
        "world mining a year twice": (
            "world-mining-data",
            workbook({"Tin": [["Country", "unit", 2022, 2022], ["Peru", "t", 1, 2]]}),
        ),
        "world mining without rows": ("world-mining-data", workbook({"Tin": [["Country", "unit", 2022]]})),
    }


@pytest.mark.parametrize("kind", documents())
def test_a_broken_document_names_its_place_and_leaves_no_trace(tmp_path: Path, kind: str) -> None:
    material_format, content = documents()[kind]
    file = tmp_path / "made"
    file.write_bytes(content)
    root = tmp_path / "store"
    with pytest.raises(DataError) as caught:
        add_material_data(file, material_format, name="made", root=root)
    assert caught.value.where is not None
    assert PLACE.match(caught.value.where), caught.value.where
    assert caught.value.next_step
    assert not root.exists()


@pytest.mark.parametrize("material_format", CSV_FORMATS)
def test_marks_and_line_ends_do_not_change_what_is_read(tmp_path: Path, material_format: str) -> None:
    header, rows = CSV_FORMATS[material_format]
    whole = (header + rows).encode()
    options = OPTIONS.get(material_format, {})
    file = tmp_path / "made"
    file.write_bytes(whole)
    plain = read_material_data(file, material_format, **options)
    assert plain.check("encoding").count == 0
    for content, said in (
        (BOM + whole, ["UTF-8 with a byte-order mark"]),
        (whole.replace(b"\n", b"\r\n"), ["CRLF"]),
        (BOM + whole.replace(b"\n", b"\r\n"), ["UTF-8 with a byte-order mark", "CRLF"]),
        (whole.rstrip(b"\n"), []),
    ):
        file.write_bytes(content)
        data = read_material_data(file, material_format, **options)
        assert data.table.equals(plain.table)
        assert data.check("encoding").rows["value"].to_list() == said


@pytest.mark.parametrize("material_format", MATERIAL_FORMATS)
def test_a_file_that_is_not_there(tmp_path: Path, material_format: str) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_material_data(path, material_format, **OPTIONS.get(material_format, {}))


def test_an_unknown_format_names_near_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        read_material_data(tmp_path / "made", "eu-crm-source")
    assert caught.value.next_step is not None
    assert "eu-crm-sourcing" in caught.value.next_step
    with pytest.raises(UnknownCodeError, match="eu-crm-2017"):
        read_published_assessments(tmp_path / "made", "eu-crm-2017")


GOVERNANCE = "Country/Territory,Code,Year,Estimate,Indicator\n"
HISTORY = "Material,Year,SR,EI\n"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Atlantis,ATL,2019,0.5,RuleofLaw", "Code"),
        ("Netherlands,NLD,19,0.5,RuleofLaw", "Year"),
        ("Netherlands,NLD,2019,high,RuleofLaw", "Estimate"),
        ("Netherlands,NLD,2019,95.1,RuleofLaw", "Estimate"),
        ("Netherlands,NLD,2019,nan0,RuleofLaw", "Estimate"),
        ("Netherlands,NLD,2019,0.5,Happiness", "Indicator"),
        ("Netherlands,NLD,2018,0.5,RuleofLaw", "Estimate"),
        ("Netherlands,NLD,2019,0.5", "Indicator"),
    ],
)
def test_broken_governance(tmp_path: Path, row: str, column: str) -> None:
    file = tmp_path / "made.csv"
    file.write_text(GOVERNANCE + "Netherlands,NLD,2018,1.8,RuleofLaw\n" + row + "\n")
    with pytest.raises(DataError) as caught:
        read_governance(file)
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"made.csv, row 3, column {column}")


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ("Tin,2020,0.9,4.4\nTin,2020,0.9,4.4\n", "made.csv, row 3, column Material"),
        ("Tin,20,0.9,4.4\n", "made.csv, row 2, column Year"),
        ("Tin,2020,low,4.4\n", "made.csv, row 2, column SR"),
        ("Tin,2020,0.9,-4.4\n", "made.csv, row 2, column EI"),
        ("Unobtainium,2020,0.9,4.4\n", "made.csv, row 2"),
        ("", "made.csv, row 2, column Material"),
    ],
)
def test_broken_assessments(tmp_path: Path, rows: str, where: str) -> None:
    file = tmp_path / "made.csv"
    file.write_text(HISTORY + rows)
    with pytest.raises(DataError) as caught:
        read_published_assessments(file, "eu-crm-history")
    assert caught.value.where == where


def test_nothing_of_the_store_is_made_by_looking(tmp_path: Path) -> None:
    assert not material_data_folder(tmp_path / "store").exists()
