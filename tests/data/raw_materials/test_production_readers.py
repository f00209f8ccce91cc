"""World Mining Data, USGS, BGS and IEA: small made files in the published layouts."""

from __future__ import annotations

import copy
import io
import json

import openpyxl  # type: ignore[import-untyped]
import pytest

from geomonitor.errors import DataError, UnknownCodeError

from .conftest import (
    BGS,
    BGS_RECORD,
    BGS_ROWS,
    IEA,
    USGS,
    WORLD_MINING,
    WORLD_MINING_ROWS,
    Cells,
    Read,
    counts,
    iea_workbook,
    workbook,
    world_mining_workbook,
)

ENTRY = (
    "material",
    "stage",
    "year",
    "economy",
    "quantity",
    "unit",
    "content",
    "quantity_t",
    "quality",
    "row",
)


# World Mining Data


def test_world_mining_data_as_a_long_file(read: Read) -> None:
    data = read(WORLD_MINING + WORLD_MINING_ROWS, "world-mining-data")
    assert data.table.select(ENTRY).rows() == [
        ("lithium", "extraction", 2022, "AUS", 134000.5, "t", "Li2O content", 134000.5, "reported", 2),
        ("lithium", "extraction", 2022, "CHL", 88000.0, "t", "Li2O content", 88000.0, "estimated", 3),
        ("gold", "extraction", 2022, "COD", 45000.0, "kg", "metal content", 45.0, "provisional", 4),
    ]
    assert counts(data) == {}
    assert data.metadata["redistribution"] is False


def test_world_mining_data_as_a_workbook(read: Read) -> None:
    data = read(world_mining_workbook(), "world-mining-data")
    assert data.table.select(ENTRY).rows() == [
        ("lithium", "extraction", 2021, "AUS", 118000.0, "t", "Li2O content", 118000.0, "reported", 3),
        ("lithium", "extraction", 2022, "AUS", 134000.5, "t", "Li2O content", 134000.5, "reported", 3),
        ("lithium", "extraction", 2021, "CHL", 60000.0, "t", "Li2O content", 60000.0, "estimated", 4),
        ("lithium", "extraction", 2022, "CHL", 88000.0, "t", "Li2O content", 88000.0, "estimated", 4),
        ("gold", "extraction", 2021, "TUR", 39000.0, "kg", "metal content", 39.0, "provisional", 3),
        ("gold", "extraction", 2022, "TUR", 31000.0, "kg", "metal content", 31.0, "provisional", 3),
    ]
    assert counts(data) == {"total_row": 2, "entry_left_out": 1}


def test_a_total_of_the_workbook_is_compared(read: Read) -> None:
    data = read(world_mining_workbook(total=250000), "world-mining-data")
    assert counts(data)["total_difference"] == 1
    assert data.check("total_difference").rows["row"][0] == 5


def test_a_cell_without_a_figure_is_not_zero(read: Read) -> None:
    data = read(world_mining_workbook(australia=None), "world-mining-data")
    assert data.table.filter(economy="AUS")["quantity"].to_list() == [118000.0, None]
    assert counts(data)["quantity_missing"] == 1
    # the total is then above the sum, as one expects
    assert "total_difference" not in counts(data)


def test_text_in_a_cell_of_figures_is_an_error(read: Read) -> None:
    with pytest.raises(DataError) as caught:
        read(world_mining_workbook(australia="much"), "world-mining-data")
    assert caught.value.where == "made, row 3, column 2022 of sheet Lithium (Li2O)"


@pytest.mark.parametrize(
    ("row", "checks"),
    [
        ("Tin,Atlantis,,,metr. t,r,2022,5", {"unknown_economy": 1}),
        ("Unobtainium,Peru,,PER,metr. t,r,2022,5", {"unknown_material": 1}),
        ("Tin,Peru,,PER,bushels,r,2022,5", {"unknown_unit": 1}),
        ("Tin,French Guiana,,GUY,metr. t,r,2022,5", {"economy_code": 1}),
        ("Tin,Taiwan,,S19,metr. t,r,2022,5", {}),
        ("Tin,Peru,,PER,metr. t,r,2022,-5", {"negative_quantity": 1}),
        ("Tin,Peru,,PER,metr. t,r,2022,", {"quantity_missing": 1}),
        ("Tin,Total,,,metr. t,r,2022,5", {"total_row": 1}),
        ('Tin,Peru,,PER,metr. t,r,2022,"12,5"', {"decimal_comma": 1}),
        ("Tin,Korea, South,410,KOR,metr. t,r,2022,5", {"columns_put_right": 1}),
        ("Magnesium,Peru,,PER,metr. t,r,2022,5", {"stage_not_stated": 1}),
    ],
)
def test_traps_of_the_long_file(read: Read, row: str, checks: dict[str, int]) -> None:
    text = WORLD_MINING + "Gold,Ghana,288,GHA,kg,r,2022,130\n" + row + "\n"
    assert counts(read(text, "world-mining-data")) == checks


def test_a_unit_that_is_not_known_is_not_converted(read: Read) -> None:
    data = read(WORLD_MINING + "Tin,Peru,,PER,bushels,r,2022,5\n", "world-mining-data")
    assert data.table.select("quantity", "unit", "quantity_t").row(0) == (5.0, "bushels", None)


def test_years_missing_in_a_series_are_told(read: Read) -> None:
    rows = "".join(f"Tin,Peru,,PER,metr. t,r,{year},5\n" for year in (2018, 2022))
    data = read(WORLD_MINING + rows, "world-mining-data")
    assert data.check("missing_years").rows["what"][0] == "no rows for 2019, 2020, 2021 between 2018 and 2022"


def test_every_sheet_of_the_table_has_a_stage_and_a_material() -> None:
    from geomonitor.codes import material
    from geomonitor.data.raw_materials.readers.world_mining_data import _stages

    assert len(_stages()) == 65
    assert len({material(name).code for name in _stages()}) == 65


# USGS

MINE = '"Mine production, cobalt content"'


def test_usgs_world_file_of_a_commodity(read: Read) -> None:
    rows = (
        f'MCS2024,Congo (Kinshasa),{MINE},"144,000","170,000",,6000000,\n'
        f"MCS2024,Türkiye,{MINE},W,NA,,36000,\n"
        f"MCS2024,Cuba,{MINE},—,less than 1/2 unit,,500000,\n"
        f"MCS2024,Other countries,{MINE},5000,6000,,,\n"
        'MCS2024,World total (rounded),Mine production,"197,000","230,000",,11000000,\n'
    )
    data = read((USGS + rows).encode("cp1252"), "usgs-mcs", material="cobalt")
    table = data.table.select("year", "economy", "quantity", "quantity_max", "quality", "row")
    assert table.rows() == [
        (2022, "COD", 144000.0, None, "reported", 2),
        (2022, "TUR", None, None, "reported", 3),
        (2022, "CUB", 0.0, None, "reported", 4),
        (2022, None, 5000.0, None, "reported", 5),
        (2023, "COD", 170000.0, None, "estimated", 2),
        (2023, "TUR", None, None, "estimated", 3),
        (2023, "CUB", None, 0.5, "below", 4),
        (2023, None, 6000.0, None, "estimated", 5),
    ]
    assert set(data.table["stage"]) == {"extraction"}
    assert set(data.table["content"]) == {"cobalt content"}
    assert counts(data) == {
        "total_row": 2, "other_economies": 2, "withheld": 1, "not_available": 1, "nil": 1,
        "less_than_half_unit": 1, "entry_left_out": 1, "encoding": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "unit", "tonnes"),
    [("Prod_t_2022", "t", 7.0), ("Prod_kt_2022", "kt", 7000.0), ("Prod_kg_Est_2022", "kg", 0.007),
     ("Prod_mct_2022", "million ct", None), ("Prod_mcm_est_2022", "million m3", None)],
)  # fmt: skip
def test_usgs_units_stand_in_the_name_of_the_column(
    read: Read, column: str, unit: str, tonnes: float | None
) -> None:
    data = read(f"Country,Type,{column}\nPeru,Mine production,7\n", "usgs-mcs", material="tin")
    assert data.table.select("unit", "quantity_t").row(0) == (unit, tonnes)
    assert data.table["quality"][0] == ("estimated" if "est" in column.lower() else "reported")


def test_usgs_unit_of_the_row_may_not_contradict_the_column(read: Read) -> None:
    text = "Country,Type,Unit_Meas,Prod_t_2022\nPeru,Mine production,kilograms,7\n"
    data = read(text, "usgs-mcs", material="tin")
    assert counts(data) == {"unknown_unit": 1}
    assert data.table["quantity_t"][0] is None


def test_usgs_world_file_of_all_commodities(read: Read) -> None:
    text = (
        "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,CAP_2023,RESERVES_2024\n"
        'MCS2025,Cobalt,Canada,"Mine production, cobalt content",metric tons,4300,4500,,,220000\n'
        'MCS2025,Aluminum,China,"Smelter production, aluminum",thousand metric tons,41000,43000,,45000,\n'
        "MCS2025,Cement,China,Cement production,thousand metric tons,2100000,1900000,,,\n"
    )
    data = read(text, "usgs-mcs", material=None)
    assert data.table.select("material", "stage", "year", "quantity", "unit", "content").rows() == [
        ("cobalt", "extraction", 2023, 4300.0, "t", "cobalt content"),
        ("aluminium", "processing", 2023, 41000.0, "kt", "aluminum"),
        ("cobalt", "extraction", 2024, 4500.0, "t", "cobalt content"),
        ("aluminium", "processing", 2024, 43000.0, "kt", "aluminum"),
    ]
    # cement, capacity, reserves
    assert counts(data) == {"entry_left_out": 3}


def test_usgs_long_file(read: Read) -> None:
    text = (
        "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes\n"
        'SILVER,Salient Statistics,Silver,United States,Production,Mine,metric tons,2024,"1,050",\n'
        "SILVER,World Mine Production and Reserves,Silver,Mexico,Production,Mine production,metric tons,"
        '2024,"5,780",\n'
        "SILVER,World Mine Production and Reserves,Silver,Mexico,Production,Mine production,metric tons,"
        '2025_estimated,"6,300",\n'
        "SILVER,World Mine Production and Reserves,Silver,World total,Production,Mine production: rounded,"
        'metric tons,2024,"5,800",\n'
        "SILVER,World Mine Production and Reserves,Silver,Peru,Reserves,Reserves,metric tons,2025,"
        '"110,000",\n'
    )
    data = read(text, "usgs-mcs", material=None)
    assert data.table.select("material", "year", "economy", "quantity", "quality").rows() == [
        ("silver", 2024, "MEX", 5780.0, "reported"),
        ("silver", 2025, "MEX", 6300.0, "estimated"),
    ]
    assert counts(data) == {"total_row": 1, "entry_left_out": 2}


def test_usgs_needs_a_material_where_the_file_has_none(read: Read) -> None:
    with pytest.raises(DataError, match="does not name its material"):
        read("Country,Type,Prod_t_2022\nPeru,Mine production,7\n", "usgs-mcs", material=None)
    with pytest.raises(UnknownCodeError, match="unobtainium"):
        read("Country,Type,Prod_t_2022\nPeru,Mine production,7\n", "usgs-mcs", material="unobtainium")
    with pytest.raises(DataError, match="names its materials itself"):
        read("Commodity,Country,Type,Prod_t_2022\nTin,Peru,Mine production,7\n", "usgs-mcs", material="tin")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Country,Type,Year\nPeru,Mine production,7\n", "no column of production"),
        ("Country,Type,Prod_stone_2022\nPeru,Mine production,7\n", "'stone'"),
        ("Country,Type,Prod_t_2022\nPeru,Mine production,plenty\n", "'plenty'"),
    ],
)
def test_usgs_files_that_are_not_right(read: Read, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(text, "usgs-mcs", material="tin")


# BGS


def test_bgs_csv(read: Read) -> None:
    data = read(BGS + BGS_ROWS, "bgs-wms")
    assert data.table.select(ENTRY).rows() == [
        (
            "copper",
            "extraction",
            2022,
            "CHL",
            5330000.0,
            "t",
            "mine, metal content",
            5330000.0,
            "reported",
            2,
        ),
        ("copper", "processing", 2022, "CHL", 2150000.0, "t", "refined", 2150000.0, "estimated", 3),
    ]
    assert counts(data) == {}


def test_bgs_json_reads_as_csv_does(read: Read) -> None:
    document = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": BGS_RECORD}]}
    data = read(document, "bgs-wms")
    assert data.table.select(ENTRY).rows() == [
        ("lithium", "extraction", 2022, "AUS", 61000.0, "t", "Spodumene", 61000.0, "reported", 1),
    ]
    assert read(json.dumps([BGS_RECORD]), "bgs-wms").table.equals(data.table)


@pytest.mark.parametrize(
    ("row", "checks"),
    [
        ('Imports,"tin, mine",,Peru,PER,2022,5,tonnes (metric),,,', {"entry_left_out": 1}),
        ("Production,cement,,Peru,PER,2022,5,tonnes (metric),,,", {"entry_left_out": 1}),
        ("Production,kryptonite,,Peru,PER,2022,5,tonnes (metric),,,", {"unknown_material": 1}),
        ('Production,"tin, mine",,Atlantis,,2022,5,tonnes (metric),,,', {"unknown_economy": 1}),
        ('Production,"tin, mine",,Peru,BOL,2022,5,tonnes (metric),,,', {"economy_code": 1}),
        ('Production,"tin, mine",,Peru,PER,2022,5,barrels,,,', {"unknown_unit": 1}),
        (
            'Production,"tin, mine",,Peru,PER,2022,,tonnes (metric),Figures not available,,',
            {"not_available": 1},
        ),
        ('Production,"tin, mine",,Peru,PER,2022,,tonnes (metric),,,', {"quantity_missing": 1}),
        ('Production,"tin, mine",,Peru,PER,2022,0,tonnes (metric),Nil (nothing produced),,', {"nil": 1}),
        (
            'Production,"tin, mine",,Peru,PER,2022,0,tonnes (metric),Less than half unit,,',
            {"less_than_half_unit": 1},
        ),
        ('Production,"tin, mine",,World total,,2022,5,tonnes (metric),,,', {"total_row": 1}),
        ("Production,gallium,,Peru,PER,2022,5,kilograms,,,", {"stage_not_stated": 1}),
    ],
)
def test_traps_of_bgs(read: Read, row: str, checks: dict[str, int]) -> None:
    assert counts(read(BGS + BGS_ROWS + row + "\n", "bgs-wms")) == checks


def test_bgs_forms_are_content_bases_of_their_own(read: Read) -> None:
    rows = (
        "Production,lithium minerals,Spodumene,Australia,AUS,2022,61000,tonnes (metric),,,\n"
        "Production,lithium minerals,Spodumene,Australia,AUS,2022,2800,tonnes (Li content),,,\n"
        'Production,"platinum group metals, mine",Palladium,Canada,CAN,2022,15000,'
        "kilograms (metal content),,,\n"
    )
    data = read(BGS + rows, "bgs-wms")
    assert data.table.select("material", "content", "quantity_t").rows() == [
        ("lithium", "Spodumene", 61000.0),
        ("lithium", "Spodumene, Li content", 2800.0),
        ("palladium", "mine, Palladium, metal content", 15.0),
    ]
    assert counts(data) == {"content_basis": 1}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"year": "long ago"}, "column year"),
        ({"quantity": "plenty"}, "column quantity"),
        ({"units": None}, ""),
    ],
)
def test_bgs_features_that_are_not_right(read: Read, changed: dict[str, object], said: str) -> None:
    document = {"features": [{"properties": {**BGS_RECORD, **changed}}]}
    if said:
        with pytest.raises(DataError) as caught:
            read(document, "bgs-wms")
        assert caught.value.where == f"made, row 1, {said}"
    else:
        assert counts(read(document, "bgs-wms")) == {"unknown_unit": 1}


# IEA


def test_iea_json(read: Read) -> None:
    data = read(IEA, "iea-cmde")
    assert data.table.select(
        "material", "stage", "year", "economy", "quantity", "unit", "quantity_t"
    ).rows() == [
        ("cobalt", "extraction", 2024, "COD", 180.0, "kt", 180000.0),
        ("cobalt", "extraction", 2024, None, 90.0, "kt", 90000.0),
        ("cobalt", "processing", 2024, "CHN", 196.0, "kt", 196000.0),
    ]
    assert counts(data) == {"other_economies": 1, "total_row": 1, "entry_left_out": 2, "not_in_file": 1}


def test_iea_total_that_is_not_the_sum_is_told(read: Read) -> None:
    document = copy.deepcopy(IEA)
    document["supply"]["Cobalt"]["mining"]["total"]["2024"] = 200.0
    assert counts(read(document, "iea-cmde"))["total_difference"] == 1


def test_iea_remark_among_countries_is_no_country(read: Read) -> None:
    document = copy.deepcopy(IEA)
    document["supply"]["Cobalt"]["mining"]["countries"]["Notes: base case"] = {"2024": None, "2030": None}
    data = read(document, "iea-cmde")
    assert data.table.equals(read(IEA, "iea-cmde").table.with_columns(row=data.table["row"]))
    assert counts(data)["entry_left_out"] == 3


def test_iea_workbook(read: Read) -> None:
    data = read(iea_workbook(), "iea-cmde")
    assert data.table.select("material", "stage", "year", "economy", "quantity", "content", "row").rows() == [
        ("lithium", "extraction", 2024, "AUS", 90.0, "not stated", 6),
        ("lithium", "extraction", 2024, None, 165.0, "not stated", 7),
        ("lithium", "processing", 2024, "CHN", 170.0, "chemicals", 6),
        ("lithium", "processing", 2024, None, 71.0, "chemicals", 7),
    ]
    assert counts(data)["total_row"] == 2
    assert "total_difference" not in counts(data)


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"Sheet1": [["a", 1]]}, "no sheet of supply"),
        ({"2 Total supply for key minerals": [["a", 1]]}, "no row of years"),
        (
            {"2 Total supply for key minerals": [[None, 2024, 2030], ["Australia", 1, 2]]},
            "'Australia' where a mineral",
        ),
        (
            {"2 Total supply for key minerals": [[None, 2024, 2030], ["Tin - Mining"], ["Peru", "x", 2]]},
            "'x' where a quantity",
        ),
    ],
)
def test_iea_workbooks_that_are_not_right(read: Read, sheets: dict[str, Cells], said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(workbook(sheets), "iea-cmde")


def test_a_workbook_of_another_program_reads_the_same(read: Read) -> None:
    made = io.BytesIO(world_mining_workbook())
    stream = io.BytesIO()
    # openpyxl leaves out what xlsxwriter writes and writes absolute paths between the parts
    openpyxl.load_workbook(made).save(stream)
    assert stream.getvalue() != made.getvalue()
    data = read(stream.getvalue(), "world-mining-data")
    assert data.table.equals(read(world_mining_workbook(), "world-mining-data").table)
