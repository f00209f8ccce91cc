"""The pages on raw materials hold together: the inputs file, and figures that a program gives."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from geomonitor.data import embedded_dataset, governance, open_flows
from geomonitor.data.raw_materials import MATERIAL_CHECKS, MATERIAL_FORMATS, published_assessments
from geomonitor.materials import (
    INPUT_MEASURES,
    Assessment,
    critical_by_rule,
    load_material_inputs,
    material_methods,
    materials_from_trade,
)
from geomonitor.trade import importer

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "materials.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def by_trade() -> Assessment:
    dataset, years = embedded_dataset(), (2022, 2023, 2024)
    union = [importer("EU27_2020")]
    flows = open_flows(dataset, years=years)
    return materials_from_trade(flows, dataset.hs_revision, union, years, governance(2024)).assessment


def test_the_inputs_file_is_valid(page: str, tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "inputs.toml"
    path.write_text(text, encoding="utf-8")
    entries = load_material_inputs(path).entries
    assert [(each.material, each.measure) for each in entries] == [
        ("tungsten", "import_reliance"),
        ("antimony", "import_reliance"),
        ("antimony", "restriction"),
        ("antimony", "stock_cover_months"),
    ]


def test_every_measure_format_and_method_is_described(page: str) -> None:
    for measure, (_, least, largest) in INPUT_MEASURES.items():
        assert re.search(rf"^\| `{measure}` \|.*\| {least:g}, {largest:g} \|$", page, re.MULTILINE), measure
    for form in MATERIAL_FORMATS:
        assert f"| `{form}` |" in page
    methods = (DOCS / "methods.md").read_text(encoding="utf-8")
    for method in material_methods():
        assert f"\n## {method}\n" in methods


def test_checks_of_the_page_exist(page: str) -> None:
    (section,) = re.findall(r"^## Bad input\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    named = {
        name
        for cell in re.findall(r"^\|[^|]*\|([^|]*)\|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert named
    assert named <= set(MATERIAL_CHECKS)


def test_how_good_the_stand_in_is(page: str, by_trade: Assessment) -> None:
    published = critical_by_rule(published_assessments().filter(year=2023)).select(
        "material", published="supply_risk", listed="critical"
    )
    rows = by_trade.materials.join(published, on="material").filter(pl.col("published").is_not_null())
    apart = rows.select((pl.col("supply_risk") - pl.col("published")).abs().alias("apart")).drop_nulls()
    middle = float(apart.median().item())
    assert f"| {middle:.2f} of {apart.height} materials |" in page
    counts = dict(
        rows.group_by(
            pl.concat_str(pl.col("critical", "listed").cast(pl.String).fill_null("open"), separator=" ")
        )
        .len()
        .iter_rows()
    )
    assert f"| {counts['true true']}, {counts['false false']} |" in page
    assert f"| ours yes, published no | {counts['true false']} (molybdenum" in page
    names = sorted(rows.filter(~pl.col("critical"), pl.col("listed"))["material"])
    assert f"{counts['false true']} ({', '.join(names).replace('_', ' ')})" in page
    assert f"| open | {rows['critical'].null_count()} |" in page


def test_the_first_table_of_the_page(page: str, by_trade: Assessment) -> None:
    for name in ("antimony", "bismuth", "boron"):
        row = by_trade.materials.filter(material=name).row(0, named=True)
        (line,) = (line for line in page.splitlines() if line.startswith(f"  {name} "))
        for value in (row["supply_risk_low"], row["supply_risk_high"], row["main_supplier_share"]):
            assert f" {value:.4f} " in line
        assert f" {row['main_supplier']} " in line
