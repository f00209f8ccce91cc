"""One contract for every engine: the same numbers, the same verdicts, the caller's kind of frame."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import polars.testing
import pyarrow as pa
import pytest

from geomonitor.data import ENGINES, Dataset, open_flows
from geomonitor.dependency import ScreeningOptions, as_frame_of, method, method_ids, screen_flows
from geomonitor.errors import DataError, GeomonitorError, UnknownCodeError
from geomonitor.findings import frame_sha256
from geomonitor.monitor import load_profile
from geomonitor.monitor.material_sources import evaluated_materials, material_sources
from geomonitor.monitor.material_tables import MATERIAL_TABLES, material_tables
from geomonitor.trade import importer, supply_tables

YEARS = (2021, 2022, 2023)
IMPORTERS = (importer("EU27_2020"), importer("NLD", home_group="EU27_2020"), importer("CHN"))
MERGE = {"HKG": "CHN", "MAC": "CHN"}
KINDS = ("polars", "polars eager", "duckdb", "pandas", "pyarrow", "pyspark")
# with `--dist loadfile` one worker runs this file, and starts the one session
SPARK = pytest.mark.spark
OTHER_KINDS = [pytest.param(kind, marks=SPARK) if kind == "pyspark" else kind for kind in KINDS[1:]]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """One small local session for the module."""
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .appName("geomonitor-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.driver.memory", "1g")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def opened(request: pytest.FixtureRequest, slice_of_sample: Dataset) -> Callable[[str], Any]:
    def open_as(kind: str) -> Any:
        if kind == "pyspark":
            request.getfixturevalue("spark")
        frame = open_flows(slice_of_sample, kind.split()[0], YEARS)
        return frame.collect() if kind == "polars eager" else frame

    return open_as


def screened(flows: Any, name: str, **options: Any) -> list[pl.DataFrame]:
    found = screen_flows(flows, IMPORTERS, method(name), YEARS, verified=True, **options)
    return [each.table for each in found]


@pytest.mark.parametrize("kind", OTHER_KINDS)
@pytest.mark.parametrize("name", method_ids())
def test_every_method_gives_the_same_on_every_engine(
    opened: Callable[[str], Any], kind: str, name: str
) -> None:
    found, expected = screened(opened(kind), name), screened(opened("polars"), name)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.height > 8
        polars.testing.assert_frame_equal(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_whole_dollars_are_the_same_to_the_last_bit(opened: Callable[[str], Any], kind: str) -> None:
    for name in ("commission-2021", "cepii-geodep-2024"):
        found = screened(opened(kind), name, whole_dollars=True)
        for ours, theirs in zip(found, screened(opened("polars"), name, whole_dollars=True), strict=True):
            polars.testing.assert_frame_equal(ours, theirs, check_exact=True)


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_options_and_checks_work_on_every_engine(opened: Callable[[str], Any], kind: str) -> None:
    options = ScreeningOptions(intra_group="included", minimum_import_value_kusd=100.0, partner_group="OECD")

    def found_on(engine: str) -> list[pl.DataFrame]:
        found = screen_flows(
            opened(engine), IMPORTERS, method("commission-2023"), YEARS,
            options=options, merge=MERGE, products=["810600", "261000", "999999"],
        )  # fmt: skip
        return [each.table for each in found]

    found = found_on(kind)
    for ours, theirs in zip(found, found_on("polars"), strict=True):
        assert ours["product"].to_list() == ["261000", "810600"]
        polars.testing.assert_frame_equal(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("kind", KINDS[1:-1])
def test_raw_materials_are_the_same_to_the_last_bit(
    opened: Callable[[str], Any], kind: str, slice_of_sample: Dataset
) -> None:
    sources = material_sources(load_profile())
    assert sources is not None
    who = IMPORTERS[:2]

    def tables_on(engine: str) -> dict[str, pl.DataFrame]:
        supply = supply_tables(
            opened(engine), who, YEARS, quantities=False, merge=MERGE, whole_dollars=True, verified=True
        )
        evaluated = evaluated_materials(sources, who, supply=supply, dataset=slice_of_sample, years=YEARS)
        return material_tables(sources, evaluated, dataset=slice_of_sample, period="2021-2023")

    found, expected = tables_on(kind), tables_on("polars")
    assert set(found) == set(MATERIAL_TABLES)
    assert found["materials"].height > 15
    for name, table in found.items():
        assert frame_sha256(table) == frame_sha256(expected[name])


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_wrong_values_are_refused_on_every_engine(opened: Callable[[str], Any], kind: str) -> None:
    flows = nw.from_native(opened(kind))
    wrong = flows.with_columns(value_kusd=nw.col("value_kusd") - 1.0).to_native()
    with pytest.raises(DataError, match="cannot be added up"):
        screen_flows(wrong, IMPORTERS, method("commission-2021"), YEARS)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("polars", pl.LazyFrame),
        ("polars eager", pl.DataFrame),
        ("duckdb", duckdb.DuckDBPyRelation),
        ("pandas", pd.DataFrame),
        ("pyarrow", pa.Table),
        pytest.param("pyspark", None, marks=SPARK),
    ],
)
def test_results_come_back_in_the_engine_of_the_caller(
    opened: Callable[[str], Any], kind: str, expected: type | None
) -> None:
    flows = opened(kind)
    (table,) = (each for each in screened(flows, "commission-2021")[:1])
    returned = as_frame_of(flows, table)
    if expected is None:
        assert type(returned) is type(flows)
    else:
        assert isinstance(returned, expected)
    frame = nw.from_native(returned)
    back = (frame.collect("polars") if isinstance(frame, nw.LazyFrame) else frame).to_polars()
    assert back.columns == table.columns
    assert back["product"].to_list() == table["product"].to_list()
    assert back["dependent"].to_list() == table["dependent"].to_list()
    shares = table["import_concentration"].to_list()
    assert back["import_concentration"].to_list() == pytest.approx(shares, rel=1e-15)


def test_an_engine_reads_only_the_years_asked_for(slice_of_sample: Dataset) -> None:
    years = open_flows(slice_of_sample, "duckdb", [2021]).aggregate("min(year), max(year)").fetchall()
    assert years == [(2021, 2021)]


def test_only_some_columns(slice_of_sample: Dataset) -> None:
    for kind in ("polars", "duckdb", "pandas", "pyarrow"):
        frame = open_flows(slice_of_sample, kind, [2021], columns=["year", "exporter", "importer", "product"])
        assert nw.from_native(frame).collect_schema().names() == ["year", "exporter", "importer", "product"]


def test_an_unknown_engine_is_named(slice_of_sample: Dataset) -> None:
    with pytest.raises(UnknownCodeError, match="no engine 'excel'") as caught:
        open_flows(slice_of_sample, "excel")
    assert caught.value.expected is not None
    assert all(engine in caught.value.expected for engine in ENGINES)


def test_a_year_that_is_not_there_is_named(slice_of_sample: Dataset) -> None:
    for engine in ENGINES:
        with pytest.raises(UnknownCodeError, match="1990"):
            open_flows(slice_of_sample, engine, [1990, 2021])


@pytest.mark.parametrize(
    ("engine", "extra"),
    [("duckdb", "geomonitor[duckdb]"), ("pandas", "geomonitor[pandas]"), ("pyspark", "geomonitor[spark]")],
)
def test_an_engine_that_is_not_installed_says_how_to_install_it(
    slice_of_sample: Dataset, monkeypatch: pytest.MonkeyPatch, engine: str, extra: str
) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name.partition(".")[0] == engine:
            raise ModuleNotFoundError(f"No module named {engine!r}", name=engine)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(GeomonitorError, match=f"The engine {engine} is not installed") as caught:
        open_flows(slice_of_sample, engine)
    assert caught.value.next_step is not None
    assert extra in caught.value.next_step


def test_other_engines_are_not_imported_until_they_are_chosen() -> None:
    import subprocess

    code = (
        "import sys; from geomonitor.data import embedded_dataset, open_flows; "
        "open_flows(embedded_dataset(), 'polars', [2021]); "
        "print([name for name in ('pandas', 'duckdb', 'pyspark') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
