"""Small worlds and the embedded sample, screened for what stands around the methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
import pytest

from geomonitor.data import embedded_dataset
from geomonitor.trade import Importer, Supply, importer, supply_tables

Row = tuple[int, str, str, str, float]


def _supply_of(
    rows: Sequence[Row], *codes: str | Importer, tonnes: Sequence[float | None] | None = None
) -> Supply:
    flows = pl.DataFrame(
        list(rows),
        schema={
            "year": pl.Int16,
            "exporter": pl.String,
            "importer": pl.String,
            "product": pl.String,
            "value_kusd": pl.Float64,
        },
        orient="row",
    )
    quantity = tonnes if tonnes is not None else [None] * len(rows)
    flows = flows.with_columns(pl.Series("quantity_t", quantity, dtype=pl.Float64))
    importers = [each if isinstance(each, Importer) else importer(each) for each in codes]
    return supply_tables(flows, importers, sorted({row[0] for row in rows}))


@pytest.fixture(scope="session")
def supply_of() -> Callable[..., Supply]:
    """Make a supply of rows (year, exporter, importer, product, value) for importers."""
    return _supply_of


@pytest.fixture(scope="session")
def sample_flows() -> pl.LazyFrame:
    return pl.scan_parquet(embedded_dataset().flow_files())


@pytest.fixture(scope="session")
def sample_supply(sample_flows: pl.LazyFrame) -> Supply:
    """The EU, its members, China and the United States, 1995-2024."""
    union = importer("EU27_2020")
    importers = [union, *(importer(code) for code in (*union.members, "CHN", "USA"))]
    return supply_tables(sample_flows, importers, range(1995, 2025), whole_dollars=True, verified=True)
