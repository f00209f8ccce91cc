"""The published files themselves: what they hold and what each check finds in them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geomonitor.codes import ECONOMY_CODES, economy_name
from geomonitor.data.raw_materials import (
    governance_check,
    governance_mean,
    read_governance,
    read_material_data,
    read_published_assessments,
    share_sums,
)

from .conftest import BGS, WORLD_MINING, counts


@pytest.mark.reference
def test_world_supply_of_the_study_of_2023(reference_data: Path) -> None:
    data = read_material_data(
        reference_data / "materials" / "eu_crm" / "fact_GlobalSupplyShares_t.csv", "eu-crm-world-supply"
    )
    assert data.table.height == 2561
    assert counts(data) == {"share_sum": 4, "below_threshold": 514, "not_in_file": 1, "encoding": 2}
    assert data.check("share_sum").rows.select("material", "stage").rows() == [
        ("vanadium", "processing"),
        ("nickel", "extraction"),
        ("titanium", "processing"),
        ("roundwood", "extraction"),
    ]
    # with the quotes, t is never a share
    assert data.table["restriction"].unique().sort().to_list() == [0.8, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5]
    cobalt = data.table.filter(material="cobalt", stage="extraction", economy="COD")
    assert cobalt.select("quantity", "restriction", "row").row(0) == (0.628, 1.1, 604)
    assert data.table["economy"].null_count() == 0


@pytest.mark.reference
def test_a_file_that_lost_its_quotes_reads_the_same(reference_data: Path, tmp_path: Path) -> None:
    published = reference_data / "materials" / "eu_crm" / "fact_GlobalSupplyShares_t.csv"
    file = tmp_path / published.name
    file.write_bytes(published.read_bytes().replace(b'"', b""))
    data = read_material_data(file, "eu-crm-world-supply")
    assert data.table.equals(read_material_data(published, "eu-crm-world-supply").table)
    assert counts(data)["columns_put_right"] == 70


@pytest.mark.reference
def test_sourcing_of_the_study_of_2023(reference_data: Path) -> None:
    data = read_material_data(
        reference_data / "materials" / "eu_crm" / "fact_EUSupplyShares_t.csv", "eu-crm-sourcing"
    )
    assert data.table.height == 907
    assert counts(data) == {"share_sum": 25, "percent_sign": 1, "not_in_file": 1, "encoding": 2}
    assert data.check("percent_sign").rows["row"].to_list() == [712]
    sums = share_sums(data.table)
    chromium = sums.filter(material="chromium", stage="extraction")
    assert chromium.select("share_sum", "complete").row(0) == (0.09, False)
    assert sums.filter(material="tungsten")["share_sum"].to_list() == [0.77, 0.91]
    assert sums["share_sum"].max() == pytest.approx(1.011)


@pytest.mark.reference
def test_uses_of_the_study_of_2023(reference_data: Path) -> None:
    data = read_material_data(
        reference_data / "materials" / "eu_crm" / "fact_MaterialUseShares.csv", "eu-crm-use"
    )
    assert data.table.height == 339
    assert counts(data) == {
        "share_sum": 2, "sector_missing": 17, "sector_value_added": 5, "duplicate_application": 1,
        "below_threshold": 1, "not_in_file": 1, "encoding": 2,
    }  # fmt: skip
    # the value added of manganese is shifted against its sectors
    assert set(data.check("sector_value_added").rows["material"]) == {"manganese"}
    assert data.check("share_sum").rows.select("material", "value").rows() == [
        ("magnesium", "1.13"),
        ("indium", "0.9"),
    ]


@pytest.mark.reference
def test_suppliers_without_governance(reference_data: Path) -> None:
    mean = governance_mean(
        read_governance(reference_data / "governance" / "2020_Worldwide_Governance_Indicators_1996-2019.csv"),
        range(2016, 2020),
    )
    for name, material_format in (
        ("fact_GlobalSupplyShares_t.csv", "eu-crm-world-supply"),
        ("fact_EUSupplyShares_t.csv", "eu-crm-sourcing"),
    ):
        data = read_material_data(reference_data / "materials" / "eu_crm" / name, material_format)
        assert governance_check(data.table, mean).count == 0
        assert governance_check(data.table, mean.filter(pl.col("economy") != "CHN")).count > 40


@pytest.mark.reference
def test_assessments(reference_data: Path) -> None:
    folder = reference_data / "materials" / "eu_crm"
    history = read_published_assessments(folder / "dimension_CRMsOverTime.csv", "eu-crm-history")
    assert (history.height, history["material"].n_unique()) == (355, 71)
    assert history["supply_risk"].null_count() == 63
    critical = history.filter(pl.col("supply_risk") >= 1, pl.col("economic_importance") >= 2.8)
    assert critical.group_by("year").len().sort("year")["len"].to_list()[2:] == [26, 30, 32]
    results = read_published_assessments(folder / "eu_crm_2017_results.csv", "eu-crm-2017-results")
    assert results.height == 78
    magnesium = results.row(by_predicate=pl.col("material") == "magnesium", named=True)
    assert (magnesium["supply_risk"], magnesium["import_reliance"], magnesium["recycling_rate"]) == (
        4.0,
        1.0,
        0.09,
    )
    beryllium = results.row(by_predicate=pl.col("material") == "beryllium", named=True)
    assert (beryllium["import_reliance"], beryllium["supply_basis"]) == (None, "world only")


@pytest.mark.reference
def test_world_mining_data_of_2018_to_2024(reference_data: Path) -> None:
    data = read_material_data(
        reference_data / "materials" / "world_mining_data_2018_2024" / "production_long.csv",
        "world-mining-data",
    )
    assert (data.table.height, data.table["material"].n_unique()) == (13_407, 65)
    # Kosovo four times with the code of BACI, French Guiana once with that of Guyana
    assert counts(data) == {"economy_code": 5}
    assert data.table.filter(economy="GUF").height == 7
    assert data.table["economy"].null_count() == 0
    assert data.table["quality"].value_counts().sort("count")["quality"].to_list() == [
        "provisional", "estimated", "reported",
    ]  # fmt: skip
    gold = data.table.filter(material="gold", economy="CHN", year=2022)
    assert gold["quantity_t"].item() == pytest.approx(gold["quantity"].item() / 1000)


@pytest.mark.reference
def test_iea_supply_of_2024(reference_data: Path) -> None:
    data = read_material_data(reference_data / "materials" / "iea_cmde_2024" / "iea.json", "iea-cmde")
    assert (data.table.height, data.table["material"].n_unique()) == (73, 6)
    assert set(data.table["year"]) == {2024}
    # remarks that the extract took for countries, and twelve lists of projections
    assert counts(data) == {
        "total_difference": 2, "total_row": 12, "other_economies": 12, "entry_left_out": 14, "not_in_file": 1,
    }  # fmt: skip
    assert set(data.check("total_difference").rows["material"]) == {"nickel"}
    refined = data.table.filter(material="cobalt", stage="processing", economy="CHN")
    assert refined["quantity_t"].item() == pytest.approx(196_143.4, abs=0.1)


@pytest.mark.parametrize("material_format", ["bgs-wms", "world-mining-data"])
def test_a_hundred_thousand_rows_take_less_than_two_seconds(tmp_path: Path, material_format: str) -> None:
    economies = [code for code in ECONOMY_CODES if code not in ("R20", "XXX", "ZA1")]
    names = {code: economy_name(code) for code in economies}
    keys = [
        (mineral, year, code)
        for mineral in (
            "Cobalt",
            "Copper",
            "Tin",
            "Zinc",
            "Lead",
            "Gold",
            "Silver",
            "Nickel",
            "Antimony",
            "Bismuth",
        )
        for year in range(1980, 2025)
        for code in economies
    ][:100_000]
    if material_format == "bgs-wms":
        header = BGS
        rows = [
            f'Production,"{mineral.lower()}, mine",,"{names[code]}",{code},{year}-01-01 00:00:00,{year}.5,'
            "tonnes (metric),,Estimates.,"
            for mineral, year, code in keys
        ]
    else:
        header = WORLD_MINING
        rows = [
            f'{mineral},"{names[code]}",1,{code},metr. t,r,{year},{year}.5' for mineral, year, code in keys
        ]
    file = tmp_path / "large.csv"
    file.write_text(header + "\n".join(rows) + "\n")
    data = read_material_data(file, material_format)
    assert data.table.height == 100_000
