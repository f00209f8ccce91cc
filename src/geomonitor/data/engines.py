"""Open the flows of a dataset in the engine that the user chose."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from geomonitor.data.dataset import CANONICAL_COLUMNS, Dataset
from geomonitor.errors import GeomonitorError, UnknownCodeError

__all__ = ["ENGINES", "open_flows"]


def _polars(files: Sequence[Path], columns: Sequence[str]) -> Any:
    import polars as pl

    return pl.scan_parquet(list(files)).select(columns)


def _duckdb(files: Sequence[Path], columns: Sequence[str]) -> Any:
    duckdb = _module("duckdb")
    # an unnamed connection of its own: two runs in one process do not share state
    connection = duckdb.connect()
    relation = connection.read_parquet([str(file) for file in files])
    return relation.select(", ".join(columns))


def _pandas(files: Sequence[Path], columns: Sequence[str]) -> Any:
    pandas = _module("pandas")
    parts = [pandas.read_parquet(file, columns=list(columns)) for file in files]
    whole = parts[0] if len(parts) == 1 else pandas.concat(parts, ignore_index=True)
    for name in ("exporter", "importer", "product"):
        if not isinstance(whole[name].dtype, pandas.CategoricalDtype):
            whole[name] = whole[name].astype("category")
    return whole


def _pyarrow(files: Sequence[Path], columns: Sequence[str]) -> Any:
    arrow, dataset = _module("pyarrow"), _module("pyarrow.dataset")
    table = dataset.dataset([str(file) for file in files]).to_table(columns=list(columns))
    plain = [
        arrow.field(field.name, arrow.string()) if arrow.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(arrow.schema(plain))


def _pyspark(files: Sequence[Path], columns: Sequence[str]) -> Any:
    sql = _module("pyspark.sql")
    # a local session talks to itself only
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = sql.SparkSession.getActiveSession() or (
        sql.SparkSession.builder.master("local[*]")
        .appName("geomonitor")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .getOrCreate()
    )
    return session.read.parquet(*(str(file) for file in files)).select(*columns)


_OPENERS: Mapping[str, Callable[[Sequence[Path], Sequence[str]], Any]] = {
    "polars": _polars,
    "duckdb": _duckdb,
    "pandas": _pandas,
    "pyarrow": _pyarrow,
    "pyspark": _pyspark,
}

ENGINES = tuple(_OPENERS)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        extra = {"pyspark": "spark"}.get(name.partition(".")[0], name.partition(".")[0])
        raise GeomonitorError(
            f"The engine {name.partition('.')[0]} is not installed.",
            where="option engine",
            expected=f"one of {', '.join(ENGINES)}, installed",
            next_step=f"Install it with `pip install 'geomonitor[{extra}]'`, or use --engine polars.",
        ) from error


def open_flows(
    dataset: Dataset,
    engine: str = "polars",
    years: Sequence[int] | None = None,
    *,
    columns: Sequence[str] = CANONICAL_COLUMNS,
) -> Any:
    """Open the flows of a dataset as a frame of an engine.

    Parameters
    ----------
    dataset : Dataset
    engine : {'polars', 'duckdb', 'pandas', 'pyarrow', 'pyspark'}
        Polars and DuckDB are lazy and read what is asked for; pandas and PyArrow read the files
        into memory; PySpark uses the active session, or starts a local one.
    years : sequence of int, optional
        Years to open; a file may hold more, so filter on `year` as well.
    columns : sequence of str
        Columns to open.

    Returns
    -------
    polars.LazyFrame, duckdb.DuckDBPyRelation, pandas.DataFrame, pyarrow.Table or pyspark DataFrame

    Raises
    ------
    UnknownCodeError
        If there is no such engine, or the dataset lacks a year.
    GeomonitorError
        If the engine is not installed.

    Examples
    --------
    >>> from geomonitor.data import embedded_dataset
    >>> open_flows(embedded_dataset(), years=[2021]).collect_schema().names()[:3]
    ['year', 'exporter', 'importer']
    """
    if engine not in _OPENERS:
        raise UnknownCodeError(
            f"There is no engine {engine!r}.", where="option engine", expected=f"one of {', '.join(ENGINES)}"
        )
    return _OPENERS[engine](dataset.flow_files(years), list(columns))
