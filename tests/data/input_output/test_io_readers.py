from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geomonitor.data.input_output import InputOutputTable, check_accounts, read_input_output
from geomonitor.data.input_output.sectors import SECTOR_SCHEMES
from geomonitor.errors import DataError, UnknownCodeError

MakeTable = Callable[..., InputOutputTable]
Edit = Callable[[str], str]

OECD_DEMAND = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
FIGARO_DEMAND = ("P3_S13", "P3_S14", "P3_S15", "P51G", "P5M")
WIOD_DEMAND = ("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN")
RATE = 1.25


def rows_of(*parts: Iterable[object]) -> str:
    return ",".join(str(field) for part in parts for field in part)


def write_oecd(table: InputOutputTable, path: Path) -> Path:
    nodes = table.nodes
    demand = ["_".join(label) for label in table.final_demand_labels]
    lines = [rows_of(["V1"], nodes, demand, ["OUT"])]
    for i, node in enumerate(nodes):
        lines.append(rows_of([node], table.flows_musd[i], table.final_demand_musd[i], [table.output_musd[i]]))
    zeros = [0] * (len(demand) + 1)
    lines.append(rows_of(["TLS"], table.taxes_musd, zeros))
    lines.append(rows_of(["VA"], table.value_added_musd, zeros))
    lines.append(rows_of(["OUT"], table.output_musd, zeros))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def oecd(make_table: MakeTable) -> InputOutputTable:
    return make_table(("CHN", "NLD"), SECTOR_SCHEMES["oecd-icio-2025"], OECD_DEMAND)


@pytest.fixture
def oecd_file(oecd: InputOutputTable, tmp_path: Path) -> Path:
    return write_oecd(oecd, tmp_path / "2022_SML.csv")


def assert_same(read: InputOutputTable, made: InputOutputTable, factor: float = 1.0) -> None:
    assert read.nodes == made.nodes
    assert read.final_demand_labels == made.final_demand_labels
    np.testing.assert_allclose(read.flows_musd, made.flows_musd * factor, rtol=1e-9)
    np.testing.assert_allclose(read.final_demand_musd, made.final_demand_musd * factor, rtol=1e-9)
    np.testing.assert_allclose(read.output_musd, made.output_musd * factor, rtol=1e-9)
    np.testing.assert_allclose(
        read.value_added_musd + read.taxes_musd, (made.value_added_musd + made.taxes_musd) * factor, rtol=1e-6
    )


def test_oecd_is_read_back(oecd: InputOutputTable, oecd_file: Path) -> None:
    read = read_input_output(oecd_file, "oecd-icio")
    assert_same(read, oecd)
    np.testing.assert_allclose(read.taxes_musd, oecd.taxes_musd)
    assert (read.name, read.year) == ("oecd-icio-2022", 2022)
    assert read.metadata["sector_scheme"] == "oecd-icio-2025"


def test_oecd_is_read_from_a_zip_by_year(oecd: InputOutputTable, oecd_file: Path, tmp_path: Path) -> None:
    archive = tmp_path / "ICIO2025.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.write(oecd_file, "2021_SML.csv")
        target.write(oecd_file, "2022_SML.csv")
    assert_same(read_input_output(archive, "oecd-icio", 2022), oecd)
    with pytest.raises(DataError, match="There are 2 tables"):
        read_input_output(archive, "oecd-icio")


def test_split_china_and_mexico_are_merged(make_table: MakeTable, tmp_path: Path) -> None:
    sectors = SECTOR_SCHEMES["oecd-icio-2025"]
    split = make_table(("CN1", "CN2", "MX1", "MX2", "NLD"), sectors, OECD_DEMAND)
    read = read_input_output(write_oecd(split, tmp_path / "2022.csv"), "oecd-icio")
    assert read.countries == ("CHN", "MEX", "NLD")
    assert "merged into CHN, MEX" in read.metadata["notes"][0]
    size = len(sectors)
    whole = sum(split.flows_musd[a : a + size, b : b + size] for a in (0, size) for b in (2 * size, 3 * size))
    np.testing.assert_allclose(read.flows_musd[read.country_nodes("CHN"), read.country_nodes("MEX")], whole)
    assert {check.name: check.count for check in check_accounts(read) if check.count} == {}


def test_rows_in_another_order_are_put_in_order(oecd: InputOutputTable, oecd_file: Path) -> None:
    lines = oecd_file.read_text().splitlines()
    oecd_file.write_text("\ufeff" + "\r\n".join([lines[0], *lines[:0:-1]]) + "\r\n")
    assert_same(read_input_output(oecd_file, "oecd-icio"), oecd)


def drop_last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[:-10]) + "\n"


def replace_line(number: int, edit: Edit) -> Edit:
    def change(text: str) -> str:
        lines = text.splitlines()
        lines[number] = edit(lines[number])
        return "\n".join(lines) + "\n"

    return change


def set_field(number: int, text: str) -> Edit:
    def change(line: str) -> str:
        fields = line.split(",")
        fields[number] = text
        return ",".join(fields)

    return change


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (drop_last_lines, "have a column and no row: NLD_"),
        (lambda text: text[: int(len(text) * 0.4)], "fields|no row"),
        (lambda text: "\n".join(text.splitlines()[:-1]) + "\n", "no row: OUT"),
        (lambda _: "", "empty"),
        (lambda text: text.splitlines()[0] + "\n", "header and no rows"),
        (replace_line(2, set_field(3, "")), r"row 3 \(CHN_A02\), column 4 \(CHN_A03\)"),
        (replace_line(2, set_field(3, "NaN")), "'NaN' where a number belongs"),
        (replace_line(2, set_field(3, "x")), "'x' where a number belongs"),
        (replace_line(2, set_field(0, "CHN_A01")), "Rows are named more than once: CHN_A01"),
        (replace_line(2, set_field(0, "")), "no column|no row"),
        (replace_line(0, set_field(3, "CHN_A02")), "Columns are named more than once: CHN_A02"),
        (lambda text: text.replace("NLD_", "NLX_"), "NLX"),
        (lambda text: text.replace("_C24A", "_C24"), "unknown: C24; missing: C24A"),
        (lambda text: text.replace("_OUT", "").replace(",OUT\n", ",SUM\n", 1), "without OUT"),
        (replace_line(2, set_field(3, "9e6")), "rows do not balance, worst first: CHN_A02"),
    ],
)
def test_a_wrong_oecd_file_is_refused(oecd_file: Path, edit: Edit, said: str) -> None:
    oecd_file.write_text(edit(oecd_file.read_text()))
    with pytest.raises((DataError, UnknownCodeError)) as caught:
        read_input_output(oecd_file, "oecd-icio")
    assert re.search(said, str(caught.value)), str(caught.value)
    assert caught.value.where is not None


@pytest.mark.parametrize("factor", [1e3, 1e-3])
def test_a_unit_mix_up_is_refused(oecd: InputOutputTable, tmp_path: Path, factor: float) -> None:
    scaled = replace(
        oecd,
        flows_musd=oecd.flows_musd * factor,
        final_demand_musd=oecd.final_demand_musd * factor,
        output_musd=oecd.output_musd * factor,
        value_added_musd=oecd.value_added_musd * factor,
        taxes_musd=oecd.taxes_musd * factor,
    )
    path = write_oecd(scaled, tmp_path / "2022.csv")
    with pytest.raises(DataError, match="factor thousand") as caught:
        read_input_output(path, "oecd-icio")
    assert "Largest:" in caught.value.what
    read = read_input_output(path, "oecd-icio", world_output_musd=1e8 * factor)
    assert read.output_musd.sum() == pytest.approx(1e8 * factor)


def test_an_unbalanced_table_can_be_looked_at(oecd_file: Path) -> None:
    oecd_file.write_text(replace_line(2, set_field(3, "9e6"))(oecd_file.read_text()))
    read = read_input_output(oecd_file, "oecd-icio", check=False)
    assert {check.name for check in check_accounts(read) if check.failed} >= {"rows", "columns"}


def write_figaro(table: InputOutputTable, path: Path, *, trailing: bool = False) -> Path:
    two = {"NLD": "NL", "ROW": "FIGW1"}
    nodes = [(two[c], s) for c in table.countries for s in table.sectors]
    columns = [*nodes, *((two[c], k) for c, k in table.final_demand_labels)]
    amounts = np.hstack([table.flows_musd, table.final_demand_musd])
    end = "," if trailing else ""
    lines = ["icioiRow,icioiCol,refArea,rowPi,counterpartArea,colPi,obsValue" + end]
    for i, (area, sector) in enumerate(nodes):
        for j, (user, use) in enumerate(columns):
            lines.append(f"{area}_{sector},{user}_{use},{area},{sector},{user},{use},{amounts[i, j]}{end}")
    primary = {
        "D21X31": table.taxes_musd * 0.5,
        "OP_RES": table.taxes_musd * 0.25,
        "OP_NRES": table.taxes_musd * 0.25,
        "D1": table.value_added_musd * 0.5,
        "D29X39": table.value_added_musd * 0.25,
        "B2A3G": table.value_added_musd * 0.25,
    }
    for name, values in primary.items():
        for (user, use), amount in zip(nodes, values, strict=True):
            lines.append(f"W2_{name},{user}_{use},W2,{name},{user},{use},{amount}{end}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def figaro(make_table: MakeTable) -> InputOutputTable:
    return make_table(("NLD", "ROW"), SECTOR_SCHEMES["figaro-64"], FIGARO_DEMAND)


@pytest.mark.parametrize("trailing", [False, True])
def test_figaro_is_read_back(figaro: InputOutputTable, tmp_path: Path, trailing: bool) -> None:
    path = write_figaro(figaro, tmp_path / "flatfile_eu-ic-io_ind-by-ind_2020.csv", trailing=trailing)
    read = read_input_output(path, "figaro", usd_per_eur=RATE)
    assert_same(read, figaro, RATE)
    assert read.year == 2020
    assert any("1.25 USD a euro" in note for note in read.metadata["notes"])
    assert any("cells are not in the file" in note for note in read.metadata["notes"])


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: text[: int(len(text) * 0.4)], "missing|incomplete|fields"),
        (lambda text: "\n".join(text.splitlines()[:-128]) + "\n", "missing: B2A3G"),
        (lambda text: text + text.splitlines()[5] + "\n", "more than once"),
        (lambda text: text.replace(",NL,", ",QQ,"), "QQ"),
        (lambda text: text.replace(",C24,", ",C241,"), "unknown: C241"),
        (replace_line(7, set_field(6, "")), "row 8"),
        (replace_line(7, set_field(6, "nan")), "row 8"),
        (replace_line(7, set_field(6, "9e6")), "do not balance"),
        (replace_line(-1, set_field(3, "B9")), "not known: W2 B9"),
    ],
)
def test_a_wrong_figaro_file_is_refused(
    figaro: InputOutputTable, tmp_path: Path, edit: Edit, said: str
) -> None:
    path = write_figaro(figaro, tmp_path / "figaro_2020.csv")
    path.write_text(edit(path.read_text()))
    with pytest.raises((DataError, UnknownCodeError)) as caught:
        read_input_output(path, "figaro", usd_per_eur=RATE)
    assert re.search(said, str(caught.value)), str(caught.value)


def test_euro_need_a_rate(figaro: InputOutputTable, tmp_path: Path) -> None:
    path = write_figaro(figaro, tmp_path / "figaro_2020.csv")
    with pytest.raises(DataError, match="no exchange rate"):
        read_input_output(path, "figaro")
    with pytest.raises(DataError, match="cannot be right"):
        read_input_output(path, "figaro", usd_per_eur=0.0)


def write_wiod_2016(table: InputOutputTable, path: Path) -> Path:
    size = len(table.sectors)
    names = [f"{c}{n + 1}" for c in table.countries for n in range(size)]
    demand = [f"{c}{57 + n}" for c in table.countries for n in range(5)]
    lines = [
        rows_of(["IndustryCode", "IndustryDescription", "Country", "RNr", "Year"], names, demand, ["TOT"])
    ]
    for i, (country, n) in enumerate((c, n) for c in table.countries for n in range(size)):
        leading = [table.sectors[n], '"Crop, animal"', country, n + 1, 2014]
        lines.append(
            rows_of(leading, table.flows_musd[i], table.final_demand_musd[i], [table.output_musd[i]])
        )
    zeros = [0] * (len(demand) + 1)
    for code, values in (
        ("II_fob", table.flows_musd.sum(axis=0)),
        ("TXSP", table.taxes_musd * 0.6),
        ("EXP_adj", table.taxes_musd * 0),
        ("PURR", table.taxes_musd * 0),
        ("PURNR", table.taxes_musd * 0),
        ("VA", table.value_added_musd),
        ("IntTTM", table.taxes_musd * 0.4),
        ("GO", table.output_musd),
    ):
        lines.append(rows_of([code, f'"{code}, all"', "TOT", 65, 2014], values, zeros))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def wiod_2016(make_table: MakeTable) -> InputOutputTable:
    return make_table(("NLD", "ROW"), SECTOR_SCHEMES["wiod-2016"], WIOD_DEMAND)


def test_wiod_2016_is_read_back(wiod_2016: InputOutputTable, tmp_path: Path) -> None:
    read = read_input_output(write_wiod_2016(wiod_2016, tmp_path / "wiot.csv"), "wiod-2016")
    assert_same(read, wiod_2016)
    assert read.year == 2014


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: "\n".join(text.splitlines()[:-3]) + "\n", "missing: VA, GO, IntTTM"),
        (lambda text: "\n".join(text.splitlines()[:80]) + "\n", "missing"),
        (lambda text: text[: int(len(text) * 0.3)], "fields|missing"),
        (lambda text: text.replace("RNr", "Nr", 1), "lacks the columns RNr"),
        (lambda text: text.replace(",TOT\n", ",SUM\n", 1), "lacks the columns TOT"),
        (lambda text: text.replace("NLD60", "NLD62", 1), "NLD62"),
        (lambda text: text.replace("NLD", "NLX"), "NLX"),
        (lambda text: text.replace("\nC21,", "\nC21a,"), "unknown: C21a"),
    ],
)
def test_a_wrong_wiod_2016_file_is_refused(
    wiod_2016: InputOutputTable, tmp_path: Path, edit: Edit, said: str
) -> None:
    path = write_wiod_2016(wiod_2016, tmp_path / "wiot.csv")
    path.write_text(edit(path.read_text()))
    with pytest.raises((DataError, UnknownCodeError)) as caught:
        read_input_output(path, "wiod-2016")
    assert re.search(said, str(caught.value)), str(caught.value)


def write_wiod_2013(table: InputOutputTable, path: Path) -> Path:
    two = {"NLD": "NLD", "ROW": "RoW"}
    users = [(two[c], s) for c in table.countries for s in table.sectors]
    demand = [(two[c], n) for c in table.countries for n in ("c37", "c38", "c39", "c41", "c42")]
    columns = [*users, *demand]
    blank = [""] * 4
    lines = [
        rows_of(["Intercountry Input-Output Table", "", "", ""], [""] * (len(columns) + 1)),
        rows_of(["(industry-by-industry)", "", "", ""], [""] * (len(columns) + 1)),
        rows_of(blank, ["15t16"] * len(columns), [""]),
        rows_of(blank, ['"Food, Beverages"'] * len(columns), ["Total output"]),
        rows_of(blank, [c for c, _ in columns], ["TOT"]),
        rows_of(blank, [n for _, n in columns], ["c60"]),
    ]
    for i, (country, number) in enumerate(users):
        lines.append(
            rows_of(
                ["15t16", '"Food, Beverages"', country, number],
                table.flows_musd[i],
                table.final_demand_musd[i],
                [table.output_musd[i]],
            )
        )
    zeros = [0] * (len(demand) + 1)
    for number, values in (
        ("r60", table.flows_musd.sum(axis=0)),
        ("r99", table.taxes_musd * 0.5),
        ("r61", table.taxes_musd * 0.5),
        ("r64", table.value_added_musd),
        ("r69", table.output_musd),
    ):
        lines.append(rows_of(["", number, "TOT", number], values, zeros))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def wiod_2013(make_table: MakeTable) -> InputOutputTable:
    return make_table(("NLD", "ROW"), SECTOR_SCHEMES["wiod-2013"], WIOD_DEMAND)


def test_wiod_2013_is_read_back(wiod_2013: InputOutputTable, tmp_path: Path) -> None:
    read = read_input_output(write_wiod_2013(wiod_2013, tmp_path / "wiot09.csv"), "wiod-2013", 2009)
    assert_same(read, wiod_2013)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: "\n".join(text.splitlines()[:-2]) + "\n", "missing: r64, r69"),
        (lambda text: "\n".join(text.splitlines()[:50]) + "\n", "missing"),
        (lambda text: "\n".join(text.splitlines()[:3]) + "\n", "no row with the numbers"),
        (lambda text: text.replace("RoW", "Elsewhere"), "Elsewhere"),
        (lambda text: text.replace(",c41,", ",c40,", 1), "2 columns that are neither"),
    ],
)
def test_a_wrong_wiod_2013_file_is_refused(
    wiod_2013: InputOutputTable, tmp_path: Path, edit: Edit, said: str
) -> None:
    path = write_wiod_2013(wiod_2013, tmp_path / "wiot.csv")
    path.write_text(edit(path.read_text()))
    with pytest.raises((DataError, UnknownCodeError)) as caught:
        read_input_output(path, "wiod-2013", 2009)
    assert re.search(said, str(caught.value)), str(caught.value)


def write_exiobase(table: InputOutputTable, folder: Path, *, index_row: bool = True) -> Path:
    two = {"NLD": "NL", "CHN": "CN", "WA": "WA"}
    folder.mkdir(exist_ok=True)
    nodes = [(two[c], s) for c in table.countries for s in table.sectors]
    demand = [(two[c], k) for c, k in table.final_demand_labels]
    for name, columns, amounts, second in (
        ("Z.txt", nodes, table.flows_musd, "sector"),
        ("Y.txt", demand, table.final_demand_musd, "category"),
    ):
        lines = [
            "\t".join(["region", "", *(c for c, _ in columns)]),
            "\t".join([second, "", *(s for _, s in columns)]),
        ]
        if index_row:
            lines.append("\t".join(["region", "sector", *("" for _ in columns)]))
        for (country, sector), row in zip(nodes, amounts, strict=True):
            lines.append("\t".join([country, sector, *(str(amount) for amount in row)]))
        (folder / name).write_text("\n".join(lines) + "\n")
    units = ["region\tsector\tunit", *(f"{c}\t{s}\tM.EUR" for c, s in nodes)]
    (folder / "unit.txt").write_text("\n".join(units) + "\n")
    return folder


@pytest.fixture
def exiobase(make_table: MakeTable) -> InputOutputTable:
    return make_table(("NLD", "CHN", "WA"), ("Paddy rice", "Crude oil, extracted", "Health"), taxes=False)


@pytest.mark.parametrize("index_row", [False, True])
def test_exiobase_is_read_back(exiobase: InputOutputTable, tmp_path: Path, index_row: bool) -> None:
    folder = write_exiobase(exiobase, tmp_path / "IOT_2019_ixi", index_row=index_row)
    (folder / "satellite").mkdir()
    (folder / "satellite" / "unit.txt").write_text("stressor\tunit\nCO2\tkg\n")
    read = read_input_output(folder, "exiobase-3", usd_per_eur=RATE)
    assert_same(read, exiobase, RATE)
    assert read.year == 2019
    archive = tmp_path / "IOT_2019_ixi.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for file in folder.rglob("*.txt"):
            target.write(file, f"IOT_2019_ixi/{file.relative_to(folder).as_posix()}")
    assert_same(read_input_output(archive, "exiobase-3", usd_per_eur=RATE), exiobase, RATE)


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        ("Z.txt", lambda text: "\n".join(text.splitlines()[:-2]) + "\n", "7 rows; the last is WA"),
        ("Y.txt", lambda text: "\n".join(text.splitlines()[:-2]) + "\n", "7 rows; the last is WA"),
        ("Z.txt", lambda text: text[: len(text) // 2], "fields|rows"),
        ("Z.txt", lambda text: text.replace("Health", "Cure", 1), "a row and no column: NL Health"),
        ("Z.txt", lambda text: text.replace("NL", "QX"), "The economy 'QX' is not known"),
        ("Y.txt", lambda text: text.replace("Health", "Cure"), "different rows: .*Cure"),
        ("Y.txt", lambda text: text.replace("CN", "DE", 2), "different regions: CN, DE"),
        ("Y.txt", lambda text: text.replace("INVNT", "HFCE", 1), "Columns are named more than once: NL HFCE"),
        ("Z.txt", lambda text: text.replace("region", "country", 1), "do not name regions"),
        ("unit.txt", lambda text: text.replace("M.EUR", "tonnes", 1), "tonnes"),
    ],
)
def test_a_wrong_exiobase_file_is_refused(
    exiobase: InputOutputTable, tmp_path: Path, name: str, edit: Edit, said: str
) -> None:
    folder = write_exiobase(exiobase, tmp_path / "IOT_2019_ixi")
    (folder / name).write_text(edit((folder / name).read_text()))
    with pytest.raises((DataError, UnknownCodeError)) as caught:
        read_input_output(folder, "exiobase-3", usd_per_eur=RATE)
    assert re.search(said, str(caught.value)), str(caught.value)


def test_exiobase_needs_both_files(exiobase: InputOutputTable, tmp_path: Path) -> None:
    folder = write_exiobase(exiobase, tmp_path / "IOT_2019_ixi")
    (folder / "Y.txt").unlink()
    with pytest.raises(DataError, match=r"no file Y\.txt"):
        read_input_output(folder, "exiobase-3", usd_per_eur=RATE)


def write_square(table: InputOutputTable, path: Path) -> Path:
    demand = ["_".join(label) for label in table.final_demand_labels]
    lines = [rows_of(["row"], table.nodes, demand, ["output"])]
    for i, node in enumerate(table.nodes):
        lines.append(rows_of([node], table.flows_musd[i], table.final_demand_musd[i], [table.output_musd[i]]))
    lines.append(rows_of(["taxes"], table.taxes_musd, [0] * (len(demand) + 1)))
    lines.append(rows_of(["value_added"], table.value_added_musd, [0] * (len(demand) + 1)))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_square_csv_is_read_back(table: InputOutputTable, tmp_path: Path) -> None:
    read = read_input_output(write_square(table, tmp_path / "made.csv"), "labelled", 2022, name="own")
    assert_same(read, table)
    assert read.name == "own"
    with pytest.raises(DataError, match="year of the table"):
        read_input_output(tmp_path / "made.csv", "labelled")


def test_arrays_are_read_back(table: InputOutputTable, tmp_path: Path) -> None:
    path = tmp_path / "made_2022.npz"
    arrays = {
        "Z": table.flows_musd,
        "F": table.final_demand_musd,
        "output": table.output_musd,
        "taxes": table.taxes_musd,
        "countries": np.array(table.countries),
        "industries": np.array(table.sectors),
        "categories": np.array(["HFCE", "INVNT"]),
    }
    np.savez(path, allow_pickle=False, **arrays)
    assert_same(read_input_output(path, "labelled"), table)
    np.savez(path, allow_pickle=False, **{name: array for name, array in arrays.items() if name != "F"})
    read = read_input_output(path, "labelled")
    assert not read.has_destinations
    np.savez(path, allow_pickle=False, **{**arrays, "industries": np.array(["A", "C"])})
    with pytest.raises(DataError, match="shapes"):
        read_input_output(path, "labelled")
    np.savez(path, allow_pickle=False, **{name: array for name, array in arrays.items() if name != "output"})
    with pytest.raises(DataError, match="no array with output"):
        read_input_output(path, "labelled")
    np.savez(
        path, allow_pickle=False, **{name: array for name, array in arrays.items() if name != "categories"}
    )
    with pytest.raises(DataError, match="4 columns and no labels"):
        read_input_output(path, "labelled")
    np.savez(
        path,
        allow_pickle=False,
        **{**arrays, "Z": np.where(table.flows_musd > 2e6, np.nan, table.flows_musd)},
    )
    with pytest.raises(DataError, match="missing or infinite"):
        read_input_output(path, "labelled")
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataError, match="cannot be read"):
        read_input_output(path, "labelled")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: text.replace("NLD_A,", "NLDA,"), "NLDA"),
        (lambda text: text.replace(",output", ",sum", 1), "no column with gross output"),
        (lambda text: text.replace("CHN_INVNT", "DEU_INVNT", 1), "neither a sector nor final demand"),
        (lambda text: "\n".join(text.splitlines()[:4]) + "\n", "neither a sector nor|no row|not"),
    ],
)
def test_a_wrong_square_is_refused(table: InputOutputTable, tmp_path: Path, edit: Edit, said: str) -> None:
    path = write_square(table, tmp_path / "made.csv")
    path.write_text(edit(path.read_text()))
    with pytest.raises((DataError, UnknownCodeError)) as caught:
        read_input_output(path, "labelled", 2022)
    assert re.search(said, str(caught.value)), str(caught.value)


def test_unknown_formats_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownCodeError, match="'eora'"):
        read_input_output(tmp_path, "eora")
    with pytest.raises(DataError, match="no such file"):
        read_input_output(tmp_path / "none.csv", "figaro", usd_per_eur=RATE)
    (tmp_path / "table.xlsx").write_bytes(b"x")
    with pytest.raises(DataError, match="another kind"):
        read_input_output(tmp_path / "table.xlsx", "wiod-2016")


@pytest.mark.reference
@pytest.mark.parametrize(
    ("year", "deviation_musd", "dutch_value_added_musd"),
    [(1995, 106, 403_814), (2000, 113, 371_803), (2008, 103, 842_517), (2011, 108, 815_936)],
)
def test_wiod_of_the_reference_data_balances_within_its_rounding(
    reference_data: Path, year: int, deviation_musd: int, dutch_value_added_musd: int
) -> None:
    table = read_input_output(reference_data / "io" / "wiod2013_41x35" / f"wiot_{year}.npz", "wiod-2013")
    assert (len(table.countries), len(table.sectors), table.year) == (41, 35, year)
    assert {"ROU", "ROW", "NLD"} <= set(table.countries)
    gaps = table.flows_musd.sum(axis=1) + table.final_demand_musd.sum(axis=1) - table.output_musd
    assert np.abs(gaps).max() == deviation_musd
    assert table.value_added_musd[table.country_nodes("NLD")].sum() == dutch_value_added_musd
    assert not [check.name for check in check_accounts(table) if check.failed]


@pytest.mark.reference
def test_the_leather_table_is_read_and_balances(reference_data: Path) -> None:
    names = {"Argentina": "ARG", "Turkey": "TUR", "Germany": "DEU"}
    path = reference_data / "io" / "leather_3x3" / "leather.csv"
    table = read_input_output(path, "labelled", 2005, economies=names)
    assert table.countries == ("ARG", "TUR", "DEU")
    assert table.has_destinations
    assert table.flows_musd[table.node_index("TUR", "Agriculture"), 8] == 8.9
    np.testing.assert_allclose(
        table.flows_musd.sum(axis=1) + table.final_demand_musd.sum(axis=1), table.output_musd
    )
    inputs = table.flows_musd / table.output_musd
    downstreamness = np.linalg.solve((np.eye(9) - inputs).T, np.ones(9))
    np.testing.assert_allclose(downstreamness[:3], [1.565401, 1.776986, 2.433220], atol=5e-7)
    with pytest.raises(UnknownCodeError, match="Argentina"):
        read_input_output(path, "labelled", 2005)


@pytest.mark.reference
def test_the_full_oecd_arrays_are_read(reference_data: Path) -> None:
    path = reference_data / "io" / "oecd_icio_2022_80x50.npz"
    table = read_input_output(path, "labelled", world_output_musd=1e8)
    assert (table.size, table.year, table.has_destinations) == (4000, 2022, False)
    assert not [check.name for check in check_accounts(table) if check.failed]
