"""What must hold before flows enter the store: values, keys, years, and the files as written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from geomonitor.codes import ECONOMY_CODES
from geomonitor.data.dataset import CANONICAL_COLUMNS
from geomonitor.errors import DataError

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "flow_keys",
    "missing_years",
    "verify_file",
    "verify_unique",
    "verify_values",
    "verify_years",
    "whole_units",
]

FIRST_YEAR = 1900
LAST_YEAR = 2200
_SHOWN_DUPLICATES = 3
_QUANTITIES = {
    "year": "year",
    "value_kusd": "value (thousand US dollars)",
    "quantity_t": "quantity (tonnes)",
}


def verify_values(frame: pl.DataFrame, label: str) -> None:
    """Verify that years are years, and values and quantities finite and not negative.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical columns and ``row``, the row of the file.
    label : str
        The file, for people.

    Raises
    ------
    DataError
        On the first row that is wrong; the message says how many there are.
    """
    value, quantity = pl.col("value_kusd"), pl.col("quantity_t")
    rules = (
        (
            "year",
            ~pl.col("year").is_between(FIRST_YEAR, LAST_YEAR),
            f"a year from {FIRST_YEAR} to {LAST_YEAR}",
        ),
        ("value_kusd", value.is_null() | ~value.is_finite(), "a finite number"),
        ("quantity_t", quantity.is_not_null() & ~quantity.is_finite(), "a finite number, or nothing"),
        ("value_kusd", value < 0, "a number of at least 0"),
        ("quantity_t", quantity.is_not_null() & (quantity < 0), "a number of at least 0, or nothing"),
    )
    # One pass for all rules together, since nearly every file passes.
    counts = frame.select(
        *(rule.fill_null(True).sum().alias(str(number)) for number, (_, rule, _) in enumerate(rules))
    ).row(0)
    for (column, rule, expected), count in zip(rules, counts, strict=True):
        if count:
            first = frame.filter(rule.fill_null(True)).head(1)
            found = first[column][0]
            shown = "missing" if found is None else found
            rows = f" in {count:,} rows" if count > 1 else ""
            raise DataError(
                f"The {_QUANTITIES[column]} is {shown}{rows}.",
                where=f"{label}, row {first['row'][0]}, column {column}",
                expected=expected,
                next_step="Correct the row, or download the file again.",
            )


def flow_keys(frame: pl.DataFrame) -> pl.Series:
    """Give one number a row that orders by product, exporter and importer within a year.

    Parameters
    ----------
    frame : polars.DataFrame
        With Enum columns ``product``, ``exporter`` and ``importer``.

    Returns
    -------
    polars.Series
        UInt32 where the numbers fit, else UInt64.
    """
    economies = len(ECONOMY_CODES)
    products = frame["product"].dtype
    count = len(products.categories) if isinstance(products, pl.Enum) else 0
    kind = pl.UInt32 if count * economies**2 < 2**32 else pl.UInt64
    product, exporter, importer = (
        frame[name].to_physical().cast(kind) for name in ("product", "exporter", "importer")
    )
    return ((product * economies + exporter) * economies + importer).alias("key")


def verify_unique(frame: pl.DataFrame, keys: pl.Series, year: int, labels: Sequence[str]) -> None:
    """Verify that no flow of a year is there twice.

    Parameters
    ----------
    frame : polars.DataFrame
        One year in order of `keys`, with ``row`` and ``file``, the position in `labels`.
    keys : polars.Series
        The sorted keys of its rows.
    year : int
        The year.
    labels : sequence of str
        The files, for people.

    Raises
    ------
    DataError
        If keys repeat; the first are named with both their rows.
    """
    if keys.len() < 2:
        return
    repeats = keys[1:] == keys[:-1]
    count = int(repeats.sum())
    if not count:
        return
    firsts = repeats.arg_true().head(_SHOWN_DUPLICATES).to_list()
    named = []
    for position in firsts:
        one, other = frame.row(position, named=True), frame.row(position + 1, named=True)
        places = sorted((labels[found["file"]], found["row"]) for found in (one, other))
        named.append(
            f"{one['exporter']} to {one['importer']}, product {one['product']}: "
            + " and ".join(f"{label} row {row}" for label, row in places)
        )
    raise DataError(
        f"Flows of {year} are there more than once: {count:,} row{'s' if count > 1 else ''} too many.",
        where="; ".join(named),
        expected="one row for each year, exporter, importer and product",
        next_step="Keep one row of each, or add them up.",
    )


def missing_years(years: Sequence[int]) -> tuple[int, ...]:
    """Give the years that lack between the first and the last.

    Examples
    --------
    >>> missing_years([2019, 2021, 2022])
    (2020,)
    """
    return tuple(sorted(set(range(min(years), max(years) + 1)) - set(years))) if years else ()


def verify_years(
    years: Sequence[int], wanted: Sequence[int] | None, *, allow_missing: bool
) -> tuple[int, ...]:
    """Verify that the years are complete.

    Parameters
    ----------
    years : sequence of int
        The years that were found.
    wanted : sequence of int or None
        The years that were asked for.
    allow_missing : bool
        Accept years missing in the middle.

    Returns
    -------
    tuple of int
        The years that lack, when that is allowed.

    Raises
    ------
    DataError
        If years lack.
    """
    absent = tuple(sorted(set(wanted) - set(years))) if wanted is not None else missing_years(years)
    if absent and not allow_missing:
        raise DataError(
            f"The flows of {', '.join(map(str, absent))} are missing.",
            where=f"found {', '.join(map(str, sorted(years))) or 'no year at all'}",
            expected="the years that were asked for" if wanted is not None else "years without a gap",
            next_step="Add the files of these years, or accept the gap with --allow-missing-years.",
        )
    return absent


def verify_file(file: Path, rows: int) -> None:
    """Verify that a flow file reads back with all its rows and columns.

    Parameters
    ----------
    file : pathlib.Path
        A Parquet file that was just written.
    rows : int
        How many rows went in.

    Raises
    ------
    DataError
        If it does not.
    """
    lazy = pl.scan_parquet(file)
    found = lazy.select(pl.len()).collect().item()
    if found != rows or tuple(lazy.collect_schema().names()) != CANONICAL_COLUMNS:
        raise DataError(
            f"A file that was written reads back with {found:,} rows.",
            where=str(file),
            expected=f"{rows:,} rows of {', '.join(CANONICAL_COLUMNS)}",
            next_step="Check the disk, and run it again.",
        )


def whole_units(frame: pl.DataFrame) -> bool:
    """Say whether every value is a whole number of dollars and every quantity of kilograms.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical flows: thousand dollars and tonnes.

    Examples
    --------
    >>> whole_units(pl.DataFrame({"value_kusd": [1.5], "quantity_t": [0.0001]}))
    False
    """
    # a double holds a thousandth of these sizes to far better than a hundredth of a unit
    off = [
        ((pl.col(name) * 1000) - (pl.col(name) * 1000).round()).abs().max().fill_null(0.0) < 0.01
        for name in ("value_kusd", "quantity_t")
    ]
    return all(frame.select(*off).row(0))
