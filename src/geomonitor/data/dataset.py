"""A dataset: a folder of sorted Parquet flows, a product table and its metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["CANONICAL_COLUMNS", "METADATA_KEYS", "Dataset"]

CANONICAL_COLUMNS = ("year", "exporter", "importer", "product", "value_kusd", "quantity_t")

METADATA_KEYS = (
    "name",
    "title",
    "source",
    "producer",
    "citation",
    "licence",
    "licence_url",
    "hs_revision",
    "years",
    "rows",
    "products",
    "economies",
    "content_sha256",
    "reader",
    "reader_version",
    "files",
    "added",
    "geomonitor_version",
    "notes",
)

_FLOW_FILE = re.compile(r"(?P<first>\d{4})(?:-(?P<last>\d{4}))?\.parquet")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Bilateral trade flows in one HS revision, checked and stored in canonical columns.

    Parameters
    ----------
    name : str
        The name under which the store keeps it.
    path : pathlib.Path
        The folder with ``flows/``, ``products.parquet`` and ``metadata.json``.
    metadata : Mapping
        What is known of its origin, licence, coverage and treatment.

    Examples
    --------
    >>> from geomonitor.data import embedded_dataset
    >>> embedded_dataset().hs_revision
    'HS92'
    """

    name: str
    path: Path
    metadata: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> Dataset:
        """Open the dataset in a folder.

        Parameters
        ----------
        path : pathlib.Path
            A dataset folder.

        Returns
        -------
        Dataset

        Raises
        ------
        DataError
            If the folder has no metadata, or metadata that lacks a key.
        """
        file = path / "metadata.json"
        try:
            metadata = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise DataError(
                "This folder is not a Geomonitor dataset: it has no metadata.json.",
                where=str(path),
                expected="a folder with flows/, products.parquet and metadata.json",
                next_step="Add the data again with `geomonitor data add`.",
            ) from error
        except (ValueError, OSError) as error:
            raise DataError(
                f"The metadata of the dataset cannot be read: {error}.",
                where=str(file),
                expected="a JSON object",
                next_step="Add the data again with `geomonitor data add --replace`.",
            ) from error
        missing = (
            [key for key in METADATA_KEYS if key not in metadata] if isinstance(metadata, dict) else None
        )
        if missing is None or missing:
            raise DataError(
                "The metadata of the dataset is not complete.",
                where=str(file),
                expected=f"the keys {', '.join(missing)}" if missing else "a JSON object",
                next_step="Add the data again with `geomonitor data add --replace`.",
            )
        return cls(name=str(metadata["name"]), path=path, metadata=MappingProxyType(metadata))

    @property
    def years(self) -> tuple[int, ...]:
        """The calendar years that the dataset covers, in order."""
        return tuple(int(year) for year in self.metadata["years"])

    @property
    def hs_revision(self) -> str:
        """The revision of the Harmonized System of every product code, such as ``HS17``."""
        return str(self.metadata["hs_revision"])

    @property
    def content_sha256(self) -> str:
        """The SHA-256 of the bytes that the dataset was read from, whatever the files were called."""
        return str(self.metadata["content_sha256"])

    @property
    def whole_dollars(self) -> bool:
        """Whether every value is a whole number of dollars and every quantity of kilograms, as in BACI.

        Sums of such values are exact, so that they do not depend on the order of adding.
        """
        return bool(self.metadata.get("whole_dollars", False))

    def product_names(self) -> dict[str, str]:
        """Give the name of every product, from the code table that came with the data.

        Returns
        -------
        dict of str to str
            HS6 code to name; empty text where the data came without a code table.

        Raises
        ------
        DataError
            If ``products.parquet`` is missing.
        """
        file = self.path / "products.parquet"
        if not file.is_file():
            raise DataError(
                "The dataset has no product table.",
                where=str(file),
                expected="a Parquet file with the columns product and name",
                next_step="Add the data again with `geomonitor data add --replace`.",
            )
        table = pl.read_parquet(file)
        return dict(zip(table["product"].cast(pl.String), table["name"].fill_null(""), strict=True))

    def flow_files(self, years: Iterable[int] | None = None) -> tuple[Path, ...]:
        """Give the Parquet files that hold the flows of these years.

        A file may span several years (``1995-2024.parquet``), so a reader filters on ``year`` as well.

        Parameters
        ----------
        years : iterable of int, optional
            Calendar years; all years of the dataset when left out.

        Returns
        -------
        tuple of pathlib.Path
            The files, in order of their years.

        Raises
        ------
        UnknownCodeError
            If the dataset does not cover one of the years.
        DataError
            If a file is missing.
        """
        wanted = set(self.years) if years is None else {int(year) for year in years}
        absent = sorted(wanted - set(self.years))
        if absent:
            raise UnknownCodeError(
                f"The dataset {self.name} has no flows of {', '.join(map(str, absent))}.",
                where=str(self.path),
                expected=f"years among {_spans(self.years)}",
                next_step="Choose other years, or add a dataset that covers them.",
            )
        found: list[Path] = []
        covered: set[int] = set()
        for file in sorted((self.path / "flows").glob("*.parquet")):
            match = _FLOW_FILE.fullmatch(file.name)
            if match is None:
                continue
            span = set(range(int(match["first"]), int(match["last"] or match["first"]) + 1))
            if span & wanted:
                found.append(file)
                covered |= span
        lost = sorted(wanted - covered)
        if lost:
            raise DataError(
                f"The dataset {self.name} has lost the flows of {', '.join(map(str, lost))}.",
                where=str(self.path / "flows"),
                expected="one Parquet file a year",
                next_step="Add the data again with `geomonitor data add --replace`.",
            )
        return tuple(found)

    def scan(self, years: Iterable[int] | None = None) -> pl.LazyFrame:
        """Scan the flows lazily with Polars.

        Parameters
        ----------
        years : iterable of int, optional
            Calendar years; all years of the dataset when left out.

        Returns
        -------
        polars.LazyFrame
            Canonical columns: ``year``, ``exporter``, ``importer``, ``product``, ``value_kusd``
            (thousand current US dollars), ``quantity_t`` (tonnes, missing where not known).

        Examples
        --------
        >>> from geomonitor.data import embedded_dataset
        >>> embedded_dataset().scan([2022]).collect_schema().names()
        ['year', 'exporter', 'importer', 'product', 'value_kusd', 'quantity_t']
        """
        wanted = None if years is None else sorted({int(year) for year in years})
        frame = pl.scan_parquet(list(self.flow_files(wanted))).select(CANONICAL_COLUMNS)
        return frame if wanted is None else frame.filter(pl.col("year").is_in(wanted))


def _spans(years: tuple[int, ...]) -> str:
    """Write years as spans: ``1995-1997, 2001``."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
