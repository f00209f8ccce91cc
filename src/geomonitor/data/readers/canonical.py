"""Canonical CSV or Parquet: year, exporter, importer, product, value_kusd, quantity_t."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from geomonitor.codes import hs_revision
from geomonitor.data.dataset import CANONICAL_COLUMNS
from geomonitor.data.readers.base import ROW, Notes, ReadOptions, Survey
from geomonitor.data.readers.csvfile import Column, read_csv
from geomonitor.data.readers.mapping import economies_from_iso3, hs6_products
from geomonitor.data.readers.members import Member
from geomonitor.errors import DataError

__all__ = ["CanonicalReader"]

_COLUMNS = (
    Column("year", "integer"),
    Column("exporter", "text"),
    Column("importer", "text"),
    Column("product", "text"),
    Column("value_kusd", "number"),
    Column("quantity_t", "number", required=False),
)
_TEXT_TYPES = (pl.String, pl.Categorical, pl.Enum)
_BATCH_ROWS = 2_000_000


class CanonicalReader:
    """Reads flows that are in canonical columns already, such as a dataset of another store.

    Examples
    --------
    >>> CanonicalReader().format
    'canonical'
    """

    format = "canonical"
    version = 1
    adds_up_unallocated = False

    def survey(self, members: Sequence[Member], options: ReadOptions, notes: Notes) -> Survey:
        """Find the flow files, and the revision and product table where a dataset folder has them.

        Parameters
        ----------
        members : sequence of Member
            CSV or Parquet files, or a dataset folder.
        options : ReadOptions
            The revision is needed when there is no ``metadata.json``.
        notes : Notes
            Takes what was noticed.

        Returns
        -------
        Survey

        Raises
        ------
        DataError
            If there are no flow files, or the revision is not stated.
        UnknownCodeError
            If the revision is not known.
        """
        by_name = {member.label: member for member in members}
        flow_files = tuple(
            member
            for member in members
            if member.basename.lower().endswith((".csv", ".parquet"))
            and member.basename.lower() not in ("products.csv", "products.parquet")
        )
        if not flow_files:
            raise DataError(
                "There are no flow files here.",
                where=", ".join(member.label for member in members[:5]) or "the folder is empty",
                expected="CSV or Parquet with the columns " + ", ".join(CANONICAL_COLUMNS),
                next_step="Point at the file or folder with the flows.",
            )
        others = [
            by_name[name] for name in ("metadata.json", "products.csv", "products.parquet") if name in by_name
        ]
        declared = _declared_revision(by_name.get("metadata.json"))
        revision = hs_revision(options.revision) if options.revision is not None else declared
        if revision is None:
            raise DataError(
                "The HS revision is not known.",
                where=flow_files[0].label,
                expected="a revision: canonical columns do not name one",
                next_step="State the revision, for example --revision HS17.",
            )
        if declared is not None and declared != revision:
            raise DataError(
                f"The dataset is in {declared}, not in {revision}.",
                where="metadata.json, key hs_revision",
                expected=f"--revision {declared}, or none",
                next_step="Leave --revision out.",
            )
        return Survey(
            hs_revision=revision,
            product_names=_product_names(by_name),
            flow_files=flow_files,
            other_files=tuple(others),
            title=f"Bilateral trade flows, {revision}",
        )

    def read(
        self, file: Path, label: str, survey: Survey, options: ReadOptions, notes: Notes
    ) -> Iterator[pl.DataFrame]:
        """Read one CSV or Parquet file.

        Parameters
        ----------
        file : pathlib.Path
            The file.
        label : str
            Its name for people.
        survey : Survey
            What `survey` found.
        options : ReadOptions
            Not used: the store keeps the years that were asked for.
        notes : Notes
            Takes the repairs.

        Yields
        ------
        polars.DataFrame
            Canonical columns and `ROW`: in a Parquet file the first row is row 1.

        Raises
        ------
        DataError
            If columns are missing or of another type.
        UnknownCodeError
            If codes are not known.
        """
        parquet = label.lower().endswith(".parquet")
        for frame in _read_parquet(file, label) if parquet else read_csv(file, label, _COLUMNS, notes):
            yield frame.select(
                "year",
                *economies_from_iso3(frame, ("exporter", "importer"), label),
                hs6_products(frame, "product", survey.product_names, label, notes),
                "value_kusd",
                "quantity_t",
                ROW,
            )


def _read_parquet(file: Path, label: str) -> Iterator[pl.DataFrame]:
    try:
        lazy = pl.scan_parquet(file)
        schema = lazy.collect_schema()
        _require_schema(schema, label)
        yield from (
            lazy.select(
                pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(ROW),
                pl.col("year").cast(pl.Int32),
                "exporter",
                "importer",
                pl.col("product").cast(pl.String),
                pl.col("value_kusd").cast(pl.Float64),
                pl.col("quantity_t").cast(pl.Float64),
            ).collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True)
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = (str(error) or "it is damaged").splitlines()[0]
        raise DataError(
            f"The Parquet file cannot be read: {reason}.",
            where=label,
            expected="a complete Parquet file",
            next_step="Make or download the file again.",
        ) from error


def _require_schema(schema: pl.Schema, label: str) -> None:
    missing = [name for name in CANONICAL_COLUMNS if name not in schema]
    if missing:
        raise DataError(
            f"The file has no column {', '.join(missing)}.",
            where=f"{label}: found {', '.join(schema.names()[:40])}",
            expected=f"the columns {', '.join(CANONICAL_COLUMNS)}",
            next_step="Rename the columns, or name another --format.",
        )
    for column in _COLUMNS:
        kind = schema[column.name]
        right = {
            "integer": kind.is_integer(),
            "number": kind.is_numeric(),
            "text": isinstance(kind, _TEXT_TYPES),
        }[column.kind]
        if not right:
            raise DataError(
                f"The column is of type {kind}.",
                where=f"{label}, column {column.name}",
                expected={"integer": "whole numbers", "number": "numbers", "text": "text"}[column.kind],
                next_step="Write the column with its own type.",
            )


def _declared_revision(member: Member | None) -> str | None:
    if member is None:
        return None
    try:
        metadata = json.loads(member.read_bytes())
    except ValueError as error:
        raise DataError(
            f"The metadata cannot be read: {error}.",
            where=member.label,
            expected="a JSON object",
            next_step="Correct or remove metadata.json.",
        ) from error
    declared = metadata.get("hs_revision") if isinstance(metadata, dict) else None
    return None if declared is None else hs_revision(str(declared))


def _product_names(by_name: dict[str, Member]) -> dict[str, str]:
    member = by_name.get("products.parquet") or by_name.get("products.csv")
    if member is None:
        return {}
    raw = member.read_bytes()
    try:
        if member.basename == "products.parquet":
            table = pl.read_parquet(io.BytesIO(raw))
            rows = list(zip(table["product"].cast(pl.String), table["name"].cast(pl.String), strict=True))
        else:
            reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
            rows = [(row["product"], row["name"]) for row in reader]
    except (pl.exceptions.PolarsError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DataError(
            f"The product table cannot be read: {str(error).splitlines()[0]}.",
            where=member.label,
            expected="the columns product and name, in UTF-8",
            next_step="Correct or remove the product table.",
        ) from error
    names = {str(code): name or "" for code, name in rows}
    if len(names) != len(rows):
        raise DataError(
            "The product table names a product twice.",
            where=member.label,
            expected="each product once",
            next_step="Correct or remove the product table.",
        )
    return dict(sorted(names.items()))
