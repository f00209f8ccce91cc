"""Tables of the EU studies: what is read, and every trap that has a check."""

from __future__ import annotations

import polars as pl
import pytest

from geomonitor.data.raw_materials import MATERIAL_SCHEMA, MaterialData, check_material_table, share_sums
from geomonitor.errors import DataError, UnknownCodeError

from .conftest import Read, counts

SUPPLY = "Material,Stage,Country,Share,t\n"
QUIET = {"not_in_file": 1}


def supply(
    read: Read, *rows: str, material_format: str = "eu-crm-world-supply", **options: str
) -> MaterialData:
    return read(SUPPLY + "".join(f"{row}\n" for row in rows), material_format, **options)


def test_shares_of_world_supply(read: Read) -> None:
    data = supply(
        read,
        "Tungsten,E,China,62.5%,1.1",
        'Tungsten,E,"Congo, D.R.",37.5%,1.0',
        "Tungsten,E,Rwanda,<0.1%,1.0",
    )
    assert data.table.schema == MATERIAL_SCHEMA
    assert data.table.select(
        "material", "stage", "measure", "importer", "years", "year", "economy", "quantity", "quantity_max",
        "unit", "restriction", "quality", "source", "row",
    ).rows() == [
        ("tungsten", "extraction", "world_supply", None, "2016-2020", 2020, "CHN", 0.625, None, "share", 1.1,
         "not stated", "eu-crm-studies", 2),
        ("tungsten", "extraction", "world_supply", None, "2016-2020", 2020, "COD", 0.375, None, "share", 1.0,
         "not stated", "eu-crm-studies", 3),
        ("tungsten", "extraction", "world_supply", None, "2016-2020", 2020, "RWA", None, 0.001, "share", 1.0,
         "below", "eu-crm-studies", 4),
    ]  # fmt: skip
    assert counts(data) == {**QUIET, "below_threshold": 1}
    assert data.failed_checks == ()
    assert data.metadata["licence"] == "CC BY 4.0"
    assert data.metadata["reader"] == "eu-crm-world-supply"


def test_sourcing_is_of_an_importer_and_years_are_given(read: Read) -> None:
    data = supply(
        read, "Tin,P,Belgium,100%,0.8", material_format="eu-crm-sourcing", importer="NLD", years="2012-2016"
    )
    assert data.table.select("importer", "years", "year", "measure").row(0) == (
        "NLD", "2012-2016", 2016, "sourcing",
    )  # fmt: skip
    assert (
        supply(read, "Tin,P,Belgium,100%,0.8", material_format="eu-crm-sourcing").table["importer"][0]
        == "EU27_2020"
    )


@pytest.mark.parametrize(
    ("rows", "checks"),
    [
        # a trap a row; every other row is right and completes 100 %
        (["Tin,E,Atlantis,10%,1", "Tin,E,Peru,90%,1"], {"unknown_economy": 1}),
        (["Tin,E,Peru,100%,1", "Unobtainium,E,Peru,100%,1"], {"unknown_material": 1}),
        (["Tin,X,Peru,100%,1"], {"unknown_stage": 1}),
        (["Tin,E,Peru,9%,1"], {"share_sum": 1}),
        (["Tin,E,Peru,93%,1", "Tin,E,China,20%,1"], {"share_sum": 1}),
        (["Tin,E,Peru,100%,1", "Tin,E,Total,100%,1"], {"total_row": 1}),
        (["Tin,E,Peru,90%,1", "Tin,E,Other countries,10%,1"], {"other_economies": 1}),
        (["Tin,E,Peru,90%,1", "Tin,E,EU-27,10%,1"], {"group_row": 1}),
        (["Tin,E,Peru,50%,1", "Tin,E,Peru,50%,1"], {"duplicate": 1}),
        (["Tin,E,Türkiye,50%,1", "Tin,E,Turkyie,50%,1"], {"duplicate": 1}),
        (["Tin,E,Peru,100%,11"], {"restriction_range": 1}),
        (["Tin,E,Peru,101%,1"], {"share_out_of_range": 1}),
        (["Tin,E,Peru,-3%,1", "Tin,E,China,98%,1"], {"share_out_of_range": 1}),
        (["Tin,E,Peru,94%,1", "Tin,E,China,6,1"], {"percent_sign": 1}),
        (["Tin,E,Peru,99.4%,1", "Tin,E,China,0.6,1"], {"percent_or_fraction": 1}),
        (["Tin,E,Peru,94,1", "Tin,E,China,6,1"], {"percent_sign": 1}),
        (["Tin,E,Peru,0.94,1", "Tin,E,China,0.06,1"], {"percent_sign": 1}),
        (['Tin,E,Peru,"87,5%",1', 'Tin,E,China,"12,5%",1'], {"decimal_comma": 1}),
        (["Tin,E,Peru,87.5%,1", 'Tin,E,China,"12,5%",1'], {"decimal_comma": 1}),
        (["Tin,E,Peru,1.1,93%", "Tin,E,China,7%,1"], {"columns_put_right": 1}),
        (["Tin,E,Peru,30%,93%", "Tin,E,China,100%,1"], {"swapped_columns": 1}),
        (["Tin,E,Peru,7,93%", "Tin,E,China,100%,1"], {"swapped_columns": 1}),
        (["Tin,Peru,E,100%,1"], {"columns_put_right": 1}),
        (["Tin,E,Congo, D.R.,100%,1"], {"columns_put_right": 1}),
        (["Tin,E,Peru,100%,1,,"], {"columns_put_right": 1}),
        (["Tin,E,Peru,100%,"], {}),
        (["", "Tin,E,Peru,100%,1", ""], {}),
    ],
)
def test_every_trap_has_a_check(read: Read, rows: list[str], checks: dict[str, int]) -> None:
    data = supply(read, *rows)
    assert counts(data) == {**QUIET, **checks}
    for name in checks:
        check = data.check(name)
        assert check.rows.height == check.count
        assert set(check.rows["file"]) == {"made"}
        assert check.explanation


def test_a_share_that_stands_in_the_column_of_t_is_put_right(read: Read) -> None:
    data = supply(read, "Tin,E,Peru,1.1,93%", "Tin,E,China,7%,1")
    assert data.table.select("economy", "quantity", "restriction").row(0) == ("PER", 0.93, 1.1)
    (row,) = data.check("columns_put_right").rows.rows(named=True)
    assert (row["row"], row["material"], row["stage"], row["value"]) == (2, "tin", "extraction", "93%")


def test_an_unquoted_comma_is_put_right(read: Read) -> None:
    data = supply(read, "Cobalt,E,Congo, D.R.,62.8%,1.1", "Cobalt,E,Korea, South,37.2%,1")
    assert data.table.select("economy", "quantity", "restriction").rows() == [
        ("COD", 0.628, 1.1),
        ("KOR", 0.372, 1.0),
    ]


def test_an_extra_field_that_makes_no_name_is_an_error(read: Read) -> None:
    with pytest.raises(DataError, match="6 fields where the header has 5") as caught:
        supply(read, "Tin,E,Peru,100%,1", "Tin,E,Peru,Lima,100%,1")
    assert caught.value.where == "made, row 3, column t"


def test_an_unknown_economy_has_no_code_and_near_names(read: Read) -> None:
    data = supply(read, "Tin,E,Perru,10%,1", "Tin,E,China,90%,1")
    assert data.table["economy"].to_list() == [None, "CHN"]
    assert data.check("unknown_economy").rows["what"][0] == "'Perru' is not a known economy; near: Peru"
    assert [check.name for check in data.failed_checks] == ["unknown_economy"]


def test_totals_and_unknown_materials_are_not_in_the_table(read: Read) -> None:
    data = supply(read, "Tin,E,Peru,100%,1", "Tin,E,Total,100%,1", "Unobtainium,E,Peru,100%,1")
    assert data.table["row"].to_list() == [2]


def test_a_total_that_is_not_the_sum_is_told(read: Read) -> None:
    data = supply(read, "Tin,E,Peru,60%,1", "Tin,E,China,37%,1", "Tin,E,Total,113%,1")
    assert data.check("total_difference").rows["what"][0] == (
        "the total of 2016-2020 is 1.13 share, its rows add up to 0.97"
    )


def test_an_ambiguous_number_is_not_read(read: Read) -> None:
    data = supply(read, "Tin,E,Peru,1.234%,1", 'Tin,E,China,"12,5%",1', "Tin,E,Bolivia,12.5%,1")
    assert counts(data)["ambiguous_number"] == 1
    assert data.table["quantity"].to_list() == [None, 0.125, 0.125]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Tin,E,Peru,many,1", "Share"),
        ("Tin,E,Peru,,1", "Share"),
        ("Tin,E,Peru,10%,high", "t"),
        ("Tin,E,Peru,10%,<1", "t"),
    ],
)
def test_a_field_that_is_no_number_is_an_error(read: Read, row: str, column: str) -> None:
    with pytest.raises(DataError) as caught:
        supply(read, "Tin,E,China,90%,1", row)
    assert caught.value.where == f"made, row 3, column {column}"


@pytest.mark.parametrize("years", ["16-20", "2020-2016", "2016/2020", ""])
def test_wrong_years_are_an_error(read: Read, years: str) -> None:
    if years:
        with pytest.raises(DataError, match="names no years"):
            supply(read, "Tin,E,Peru,100%,1", years=years)
    else:
        assert supply(read, "Tin,E,Peru,100%,1", years=years).table["year"][0] == 2020


def test_a_wrong_importer_is_an_error(read: Read) -> None:
    with pytest.raises(UnknownCodeError, match="EU_28"):
        supply(read, "Tin,E,Peru,100%,1", material_format="eu-crm-sourcing", importer="EU_28")
    with pytest.raises(DataError, match="takes no importer"):
        supply(read, "Tin,E,Peru,100%,1", importer="NLD")


def test_encodings_and_line_ends(read: Read) -> None:
    text = SUPPLY + "Tin,E,Türkiye,100%,1\n"
    for content, value in (
        (text.encode("latin-1"), "Latin-1"),
        (text.encode("utf-8-sig"), "UTF-8 with a byte-order mark"),
        (text.encode("utf-16"), "UTF-16"),
        (text.replace("\n", "\r\n").encode(), "CRLF"),
    ):
        data = read(content, "eu-crm-world-supply")
        assert data.table["economy"].to_list() == ["TUR"]
        assert data.check("encoding").rows["value"].to_list() == [value]
    assert read(text.encode(), "eu-crm-world-supply").check("encoding").count == 0


USE = "Material,Application,Share,NACE sector,VA in million €\n"
ELECTRICAL = "C27 - Manufacture of electrical equipment"


def test_use_shares(read: Read) -> None:
    text = (
        USE
        + f"Cobalt,Batteries,60%,{ELECTRICAL},89422\n"
        + '"Cobalt","Cars and\ntrucks",30%,"C29 - Manufacture of motor\nvehicles, trailers",194448\n'
        + "Cobalt,Other,10%,,\n"
        + f"Copper,Wire,100%,{ELECTRICAL},77000\n"
        + f"Tin,Solder,100%,{ELECTRICAL},89422\n"
        + f"Tin,Traces,>0%,{ELECTRICAL},89422\n"
    )
    data = read(text.encode("cp1252"), "eu-crm-use")
    columns = ("material", "application", "sector", "quantity", "value_added_meur", "row")
    assert data.table.select(columns).rows() == [
        ("cobalt", "Batteries", "C27", 0.6, 89422.0, 2),
        ("cobalt", "Cars and trucks", "C29", 0.3, 194448.0, 3),
        ("cobalt", "Other", None, 0.1, None, 6),
        ("copper", "Wire", "C27", 1.0, 77000.0, 7),
        ("tin", "Solder", "C27", 1.0, 89422.0, 8),
        ("tin", "Traces", "C27", None, 89422.0, 9),
    ]  # fmt: skip
    assert set(data.table["measure"]) == {"use"}
    assert counts(data) == {
        **QUIET, "encoding": 1, "sector_missing": 1, "sector_value_added": 1, "below_threshold": 1,
    }  # fmt: skip
    assert data.check("sector_value_added").rows["row"].to_list() == [7]


def test_an_application_that_stands_twice_is_told(read: Read) -> None:
    rows = f"Magnesium,Construction,50%,{ELECTRICAL},89422\n"
    assert counts(read(USE + 2 * rows, "eu-crm-use")) == {**QUIET, "duplicate_application": 1}


def test_sums_of_shares(read: Read) -> None:
    table = supply(
        read,
        "Tin,E,Peru,94%,1",
        "Tin,E,China,<0.9%,1",
        "Tin,E,Laos,<0.1%,1",
        "Tin,P,Peru,105%,1",
        "Lead,E,Peru,94%,1",
    ).table
    sums = share_sums(table)
    assert sums.select("material", "stage", "entries", "share_sum", "share_sum_max", "complete").rows() == [
        ("lead", "extraction", 1, 0.94, 0.94, False),
        ("tin", "extraction", 3, 0.94, 0.95, True),
        ("tin", "processing", 1, 1.05, 1.05, True),
    ]
    assert share_sums(table, tolerance=0.06)["complete"].all()
    assert share_sums(table.clear()).height == 0


def test_two_content_bases_and_units_are_told() -> None:
    row = {
        "material": "lithium",
        "stage": "extraction",
        "measure": "production",
        "year": 2020,
        "quantity": 1.0,
    }
    rows = [
        {**row, "unit": "t", "content": "Li2O content", "row": 1},
        {**row, "unit": "kg", "content": "metal content", "row": 2},
        {**row, "unit": "t", "content": "Li2O content", "year": 2023, "row": 3},
        {**row, "unit": "t", "content": "Li2O content", "quantity": -1.0, "row": 4, "economy": "CHL"},
    ]
    checks = {each.name: each for each in check_material_table(pl.DataFrame(rows, schema=MATERIAL_SCHEMA))}
    assert {name: check.count for name, check in checks.items()} == {
        "content_basis": 1, "mixed_units": 1, "missing_years": 1, "negative_quantity": 1,
    }  # fmt: skip
    assert checks["missing_years"].rows["what"][0] == "no rows for 2021, 2022 between 2020 and 2023"
