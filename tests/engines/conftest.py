"""A slice of the embedded sample, opened by every engine."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from geomonitor.data import Dataset, embedded_dataset

YEARS = (2021, 2022, 2023)
PRODUCTS = (
    "250410",
    "252890",
    "252910",
    "260300",
    "261000",
    "261210",
    "261710",
    "283691",
    "711039",
    "720293",
    "810430",
    "810600",
)


@pytest.fixture(scope="session")
def slice_of_sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A dataset folder with twelve products and four years of the sample, one file a year."""
    whole, root = embedded_dataset(), tmp_path_factory.mktemp("slice")
    (root / "flows").mkdir()
    known = set(whole.product_names())
    chosen = [product for product in PRODUCTS if product in known]
    frame = whole.scan([2020, *YEARS]).filter(pl.col("product").cast(pl.String).is_in(chosen)).collect()
    for (year,), part in frame.group_by("year"):
        part.sort("product", "exporter", "importer").write_parquet(root / "flows" / f"{year}.parquet")
    pl.read_parquet(whole.path / "products.parquet").write_parquet(root / "products.parquet")
    metadata = {**whole.metadata, "name": "slice", "years": [2020, *YEARS], "rows": frame.height}
    (root / "metadata.json").write_text(json.dumps(metadata, default=str))
    return Dataset.open(Path(root))
