"""Small made files in the published layouts."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from geomonitor.data.raw_materials import MaterialData, read_material_data

SUPPLY = "Material,Stage,Country,Share,t\n"
SUPPLY_ROWS = (
    "Tungsten,E,China,62.5%,1.1\n"
    'Tungsten,E,"Congo, D.R.",7.5%,1.0\n'
    "Tungsten,E,Austria,30%,0.8\n"
    "Tungsten,E,Rwanda,<0.1%,1.0\n"
)
USE = "Material,Application,Share,NACE sector,VA in million €\n"
USE_ROWS = (
    'Cobalt,Batteries,60%,"C27 - Manufacture of electrical equipment",89422\n'
    'Cobalt,Alloys,40%,"C25 - Manufacture of fabricated metal products, except machinery",163568\n'
)
WORLD_MINING = "mineral,Country,Country_Code,Country_ISO,unit,data_source,year,production\n"
WORLD_MINING_ROWS = (
    "Lithium (Li2O),Australia,36,AUS,metr. t,r,2022,134000.5\n"
    "Lithium (Li2O),Chile,152,CHL,metr. t,e,2022,88000\n"
    'Gold,"Congo, D.R.",180,COD,kg,p,2022,45000\n'
)
USGS = "Source,Country,Type,Prod_t_2022,Prod_t_est_2023,Prod_notes,Reserves_t,Reserves_notes\n"
USGS_ROWS = (
    'MCS2024,Congo (Kinshasa),"Mine production, cobalt content","144,000","170,000",,6000000,\n'
    'MCS2024,Australia,"Mine production, cobalt content",5800,4600,,1700000,\n'
)
BGS = (
    "bgs_statistic_type_trans,bgs_commodity_trans,bgs_sub_commodity_trans,country_trans,country_iso3_code,year,"
    "quantity,units,data_precision_description,concat_figure_notes_text,concat_table_notes_text\n"
)
BGS_ROWS = (
    'Production,"copper, mine",,Chile,CHL,2022-01-01 00:00:00,5330000,tonnes (metal content),,,\n'
    'Production,"copper, refined",,Chile,CHL,2022-01-01 00:00:00,2150000,tonnes (metric),,Estimates.,\n'
)
BGS_RECORD = {
    "bgs_statistic_type_trans": "Production",
    "bgs_commodity_trans": "lithium minerals",
    "bgs_sub_commodity_trans": "Spodumene",
    "country_trans": "Australia",
    "country_iso3_code": "AUS",
    "year": "2022-01-01T00:00:00Z",
    "quantity": 61000.0,
    "units": "Tonnes (metric)",
    "concat_table_notes_text": None,
}
IEA: dict[str, Any] = {
    "supply": {
        "Cobalt": {
            "mining": {
                "countries": {
                    "Democratic Republic of Congo": {"2024": 180.0, "2030": 200.0},
                    "Rest of world": {"2024": 90.0, "2030": 100.0},
                },
                "total": {"2024": 270.0, "2030": 300.0},
            },
            "refining": {"countries": {"China": {"2024": 196.0, "2030": 250.0}}},
        }
    }
}

CSV_FORMATS: dict[str, tuple[str, str]] = {
    "eu-crm-world-supply": (SUPPLY, SUPPLY_ROWS),
    "eu-crm-sourcing": (SUPPLY, SUPPLY_ROWS),
    "eu-crm-use": (USE, USE_ROWS),
    "world-mining-data": (WORLD_MINING, WORLD_MINING_ROWS),
    "usgs-mcs": (USGS, USGS_ROWS),
    "bgs-wms": (BGS, BGS_ROWS),
}
OPTIONS: dict[str, dict[str, str]] = {"usgs-mcs": {"material": "cobalt"}}

Cells = Sequence[Sequence[object]]


def workbook(sheets: dict[str, Cells]) -> bytes:
    """Write cells into a workbook; None is an empty cell."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell is not None:
                        sheet.write(row, column, cell)
    return stream.getvalue()


def world_mining_workbook(**changed: object) -> bytes:
    """Write two sheets as World Mining Data does: title, header, rows, total, footnote."""
    sheets: dict[str, Cells] = {
        "Lithium (Li2O)": [
            ["Lithium (Li2O)"],
            ["Country", "unit", 2021, 2022, "data source"],
            ["Australia", "metr. t", 118000, changed.get("australia", 134000.5), "r"],
            ["Chile", "metr. t", 60000, 88000, "e"],
            ["Total", "metr. t", 178000, changed.get("total", 222000.5)],
            [],
            ["e: estimated, r: reported"],
        ],
        "Gold": [
            ["Gold"],
            ["Country", "unit", 2021, 2022, "data source"],
            ["Türkiye", "kg", 39000, 31000, "p"],
            ["Total", "kg", 39000, 31000],
        ],
    }
    return workbook(sheets)


def iea_workbook() -> bytes:
    """Write the sheet of supply as the explorer does: mining and refining side by side."""
    years = [2024, 2030]
    return workbook(
        {
            "1 Total demand for key minerals": [["Copper", 1, 2]],
            "2 Total supply for key minerals": [
                ["Total supply for key minerals (kt)"],
                [],
                [None, *years, None, None, *years],
                [],
                ["Lithium - Mining", None, None, None, "Lithium - Chemicals (kt Li)"],
                ["Australia", 90.0, 123.0, None, "China", 170.0, 277.0],
                ["Rest of world", 165.0, 300.0, None, "Rest of world", 71.0, 173.0],
                ["Total", 255.0, 423.0, None, "Total clean technologies", 241.0, 450.0],
                ["Top 3 share", 0.77, 0.67, None, "Top 3 share", 0.96, 0.85],
                ["Notes: base case"],
            ],
        }
    )


Read = Callable[..., MaterialData]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a content to a file and read it in a format."""

    def call(
        content: bytes | str | dict[str, Any], material_format: str, **options: str | None
    ) -> MaterialData:
        if isinstance(content, dict):
            content = json.dumps(content)
        file = tmp_path / "made"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        asked: dict[str, str | None] = {**OPTIONS.get(material_format, {}), **options}
        return read_material_data(file, material_format, **asked)

    return call


def counts(data: MaterialData) -> dict[str, int]:
    """Give the checks that found something, with how many."""
    return {check.name: check.count for check in data.checks if check.count}
