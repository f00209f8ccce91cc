"""Files with elasticities and tariffs by product, for the models of one product's market."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from geomonitor.errors import DataError
from geomonitor.shocks.partial_equilibrium import ELASTICITY_COLUMNS, TARIFF_COLUMNS

__all__ = ["read_elasticities", "read_tariffs"]

_PRODUCT = r"[0-9]{6}"
_PRODUCTS = r"[0-9]{6}|[0-9]{4}|[0-9]{2}|\*"


def read_elasticities(path: str | Path) -> pl.DataFrame:
    """Read elasticities by product.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV file with `product` (six digits) and any of `ELASTICITY_COLUMNS`, without a sign; empty where not
        known, ``inf`` for infinite supply. Other columns are left out.

    Returns
    -------
    polars.DataFrame
        As `geomonitor.shocks.partial_equilibrium.product_elasticities` takes it.

    Raises
    ------
    DataError
        If the file cannot be read, lacks a column, or holds a code or number that is none; the row is named.
    """
    raw = _text(path)
    given = [name for name in ELASTICITY_COLUMNS if name in raw.columns]
    _need(raw, ("product",), path)
    if not given:
        raise DataError(
            "The file has no elasticities.",
            where=f"{path}, columns found: {', '.join(raw.columns)}",
            expected=f"any of {', '.join(ELASTICITY_COLUMNS)}",
        )
    _codes(raw, _PRODUCT, "six digits", path)
    return _numbers(raw.select("product", *given), given, path, optional=True)


def read_tariffs(path: str | Path) -> pl.DataFrame:
    """Read tariffs before and after.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV file with `importer`, `exporter` (economy, group or ``*``), `product` (two, four or six digits, or
        ``*``), `tariff_before` and `tariff_after` as fractions. Other columns are left out.

    Returns
    -------
    polars.DataFrame
        As `geomonitor.shocks.partial_equilibrium.tariffs_of` takes it.

    Raises
    ------
    DataError
        If the file cannot be read, lacks a column, or holds a code or number that is none; the row is named.
    """
    raw = _text(path)
    _need(raw, TARIFF_COLUMNS, path)
    _codes(raw, _PRODUCTS, "two, four or six digits, or *", path)
    return _numbers(raw.select(TARIFF_COLUMNS), TARIFF_COLUMNS[3:], path, optional=False)


def _text(path: str | Path) -> pl.DataFrame:
    try:
        raw = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="a CSV file in UTF-8"
        ) from error
    return raw.rename(lambda name: name.strip().removeprefix("\ufeff")).with_columns(
        pl.all().str.strip_chars()
    )


def _need(raw: pl.DataFrame, columns: Sequence[str], path: str | Path) -> None:
    missing = [name for name in columns if name not in raw.columns]
    if missing:
        raise DataError(
            f"The file lacks {', '.join(missing)}.",
            where=f"{path}, columns found: {', '.join(raw.columns)}",
            expected=", ".join(columns),
        )


def _codes(raw: pl.DataFrame, pattern: str, expected: str, path: str | Path) -> None:
    wrong = (~raw["product"].fill_null("").str.contains(f"^(?:{pattern})$")).arg_true()
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"{raw['product'][row]!r} is no product code.",
            where=f"{path}, row {row + 2}, column product",
            expected=expected,
            next_step="A code that was saved as a number has lost its leading zero.",
        )


def _numbers(raw: pl.DataFrame, names: Sequence[str], path: str | Path, *, optional: bool) -> pl.DataFrame:
    for name in names:
        text = raw[name].replace("", None)
        values = text.cast(pl.Float64, strict=False)
        wrong = values.is_null() & (text.is_not_null() if optional else True)
        if wrong.any():
            row = int(wrong.arg_true()[0])
            raise DataError(
                f"{raw[name][row]!r} is no number.",
                where=f"{path}, row {row + 2}, column {name}",
                expected="a number with a decimal point" + (", or nothing" if optional else ""),
            )
        raw = raw.with_columns(values)
    return raw
