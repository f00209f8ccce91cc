"""Trade elasticities by product, from the file that CEPII publishes (ProTEE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import product_code
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["ElasticityCheck", "ProductElasticities", "read_product_elasticities"]

_COLUMNS = {"hs6": "product", "zero": "zero", "positive": "positive", "sigma": "sigma"}
_CITATION = (
    "Fontagné, L., H. Guimbard and G. Orefice (2022), Tariff-based product-level trade elasticities, Journal "
    "of International Economics 137, 103593; CEPII, ProTEE 0.1"
)
_LARGE = 50.0


@dataclass(frozen=True, slots=True)
class ElasticityCheck:
    """What a check of a file of product elasticities found.

    Attributes
    ----------
    name : {'missing', 'not_significant', 'wrong_sign', 'small', 'large', 'leading_zero'}
    count : int
    explanation : str
    rows : polars.DataFrame
        The rows concerned.
    """

    name: str
    count: int
    explanation: str
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ProductElasticities:
    """Trade elasticities by product.

    Attributes
    ----------
    table : polars.DataFrame
        product (six digits), sigma (the estimate as printed, negative), elasticity (its opposite; null where
        missing), zero (the estimate was not significant) and positive (it had the wrong sign), whose sigma is
        the mean of the heading.
    checks : tuple of ElasticityCheck
    hs_revision : str
    citation : str
    path : str
    """

    table: pl.DataFrame
    checks: tuple[ElasticityCheck, ...]
    hs_revision: str = "HS07"
    citation: str = _CITATION
    path: str = field(default="")

    def of(self, products: Sequence[str]) -> NDArray[np.float64]:
        """Give the elasticity of each product, where all have one that can be used.

        Parameters
        ----------
        products : sequence of str
            Codes of the revision of the file.

        Raises
        ------
        DataError
            If a product is not in the file, or its elasticity is missing, 0 or of the wrong sign; the message
            names the first and counts the others.
        """
        values = dict(zip(self.table["product"], self.table["elasticity"], strict=True))
        wrong = [code for code in products if not (values.get(code) or 0.0) > 0]
        if wrong:
            first = wrong[0]
            if first not in values:
                what = f"The product {first} has no row"
            elif values[first] is None:
                what = f"The trade elasticity of the product {first} is missing"
            else:
                what = f"The trade elasticity of the product {first} is {values[first] or 0.0:g}"
            raise DataError(
                f"{what}." if len(wrong) == 1 else f"{what}, and {len(wrong) - 1} others like it.",
                where=self.path or "elasticities by product",
                expected=f"an elasticity above 0 for every product of {self.hs_revision}",
                next_step="Leave the products out, or give their elasticities yourself.",
            )
        return np.array([values[code] for code in products], dtype=np.float64)


def read_product_elasticities(path: str | Path) -> ProductElasticities:
    """Read the product-level trade elasticities of Fontagné, Guimbard and Orefice (2022).

    The file prints the effect of tariffs on trade, which is negative; the elasticity is its opposite. Missing
    estimates stay missing.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV file with the columns HS6, zero, positive and sigma.

    Returns
    -------
    ProductElasticities
        With what the checks found.

    Raises
    ------
    DataError
        If columns are missing, a code, flag or number is none, a product repeats, or most estimates are
        positive.
    """
    where = str(path)
    raw = _text(Path(path))
    for name in ("zero", "positive"):
        bad_flags = raw.with_row_index("row", offset=2).filter(
            ~pl.col(name).is_in(["0", "1"]).fill_null(False)
        )
        if bad_flags.height:
            raise DataError(
                f"{bad_flags[name][0]!r} is no flag.",
                where=f"{where}, row {bad_flags['row'][0]}, column {name}",
                expected="0 or 1",
            )
    codes = _codes(raw["product"].to_list(), where)
    sigma = raw["sigma"].str.strip_chars().replace("", None)
    numbers = sigma.cast(pl.Float64, strict=False)
    wrong = (sigma.is_not_null() & (numbers.is_null() | ~numbers.is_finite().fill_null(False))).arg_true()
    if len(wrong):
        raise DataError(
            f"{sigma[int(wrong[0])]!r} is no number.",
            where=f"{where}, row {int(wrong[0]) + 2}, column sigma",
            expected="a number with a decimal point, or nothing",
        )
    table = pl.DataFrame(
        {
            "product": codes,
            "sigma": numbers,
            "elasticity": -numbers,
            "zero": raw["zero"] == "1",
            "positive": raw["positive"] == "1",
        }
    )
    twice = table.filter(pl.col("product").is_duplicated())
    if twice.height:
        raise DataError(
            f"The product {twice['product'][0]} is there more than once.", where=where, expected="each once"
        )
    if (table["sigma"] > 0).sum() > table["sigma"].count() / 2:
        raise DataError(
            "Most estimates are positive.",
            where=f"{where}, column sigma",
            expected="the effect of tariffs on trade, which is negative",
            next_step="Turn the signs round.",
        )
    lost = pl.Series([len(text.strip()) < 6 for text in raw["product"]])
    return ProductElasticities(table, _checks(table, lost), path=where)


def _text(path: Path) -> pl.DataFrame:
    try:
        raw = pl.read_csv(path, infer_schema=False, encoding="utf8", truncate_ragged_lines=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="a CSV file in UTF-8"
        ) from error
    named = {name: _COLUMNS[name.strip().lower()] for name in raw.columns if name.strip().lower() in _COLUMNS}
    absent = [name for name, column in _COLUMNS.items() if column not in named.values()]
    if absent or not raw.height:
        raise DataError(
            f"The file lacks the columns {', '.join(absent)}." if absent else "The file has no rows.",
            where=str(path),
            expected="HS6, zero, positive, sigma",
        )
    return raw.rename(named).select(_COLUMNS.values())


def _codes(texts: Sequence[str | None], where: str) -> list[str]:
    found = []
    for row, text in enumerate(texts, start=2):
        try:
            found.append(product_code(text or "", where=f"{where}, row {row}"))
        except UnknownCodeError as error:
            raise DataError(
                error.what, where=f"{where}, row {row}, column HS6", expected="a product code of six digits"
            ) from error
    return found


def _checks(table: pl.DataFrame, lost: pl.Series) -> tuple[ElasticityCheck, ...]:
    known = pl.col("elasticity")
    cases = (
        ("missing", known.is_null(), "Products without an estimate; they stay missing."),
        (
            "not_significant",
            pl.col("zero") & known.is_not_null(),
            "The estimate was not significant; the file has the mean of the heading instead.",
        ),
        (
            "wrong_sign",
            (pl.col("positive") & known.is_not_null()) | (known <= 0),
            "The estimate had the wrong sign; the file has the mean of the heading instead, if that is "
            "negative.",
        ),
        ("small", (known > 0) & (known < 1), "Elasticities below 1."),
        ("large", known > _LARGE, f"Elasticities above {_LARGE:g}."),
        ("leading_zero", pl.lit(lost), "Codes of five digits; the leading zero was put back."),
    )
    found = []
    for name, condition, explanation in cases:
        rows = table.filter(condition)
        if rows.height:
            found.append(ElasticityCheck(name, rows.height, explanation, rows))
    return tuple(found)
