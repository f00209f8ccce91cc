"""The nine dependent raw materials of the Union, on the reference data; see README.md beside this file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geomonitor.codes import BACI_ECONOMIES
from geomonitor.dependency import method, screen_flows
from geomonitor.trade import importer

YEARS = (2021, 2022, 2023)
NINE = {
    "252890": "TUR",  # natural borates
    "252910": "TUR",  # felspar
    "261000": "TUR",  # chromium ores
    "261210": "NER",  # uranium ores
    "261710": "TUR",  # antimony ores
    "283691": "CHL",  # lithium carbonate
    "711039": "ZAF",  # semi-manufactured rhodium
    "720293": "BRA",  # ferro-niobium
    "810600": "CHN",  # bismuth
}


@pytest.fixture(scope="module")
def flows(reference_data: Path) -> pl.DataFrame:
    folder = reference_data / "trade" / "baci_hs92_rawmaterials_1995_2024"
    frame = pl.scan_parquet(folder / "baci_hs92_rawmat_1995_2024.parquet").filter(pl.col("t").is_in(YEARS))
    return frame.select(
        year=pl.col("t"),
        exporter=pl.col("i").replace_strict(BACI_ECONOMIES, return_dtype=pl.String),
        importer=pl.col("j").replace_strict(BACI_ECONOMIES, return_dtype=pl.String),
        product=pl.col("k").cast(pl.String),
        value_kusd=pl.col("v"),
        quantity_t=pl.col("q"),
    ).collect()


@pytest.fixture(scope="module")
def table(flows: pl.DataFrame) -> pl.DataFrame:
    (found,) = screen_flows(flows, [importer("EU27_2020")], method("commission-2021"), YEARS)
    return found.table


@pytest.mark.reference
def test_the_nine_dependent_products_and_their_main_suppliers(table: pl.DataFrame) -> None:
    dependent = table.filter(pl.col("dependent"))
    assert dict(dependent.select("product", "main_supplier").iter_rows()) == NINE


@pytest.mark.reference
def test_bismuth(table: pl.DataFrame) -> None:
    row = table.filter(pl.col("product") == "810600").row(0, named=True)
    assert row["import_concentration"] == pytest.approx(0.5094, abs=5e-5)
    assert row["main_supplier_share"] == pytest.approx(0.70, abs=0.005)


@pytest.mark.reference
def test_71_of_the_74_products_are_imported(flows: pl.DataFrame, table: pl.DataFrame) -> None:
    assert table.height == 71
    assert flows["product"].n_unique() <= 74
