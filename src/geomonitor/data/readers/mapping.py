"""Turn the codes of a file into the codes of Geomonitor, naming every one that is not known."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import polars as pl

from geomonitor.codes import ECONOMY_CODES, near_matches, product_code
from geomonitor.data.readers.base import ECONOMY, ROW, Notes
from geomonitor.errors import UnknownCodeError

__all__ = ["economies_from_iso3", "economies_from_numbers", "hs6_products"]

_HS6 = re.compile(r"[0-9A-Z]{6}")
_SHOWN_CODES = 20


def economies_from_numbers(
    frame: pl.DataFrame, columns: Sequence[str], table: Mapping[int, str], label: str, producer: str
) -> list[pl.Series]:
    """Map numeric country codes to economies.

    Parameters
    ----------
    frame : polars.DataFrame
        Holds the columns (Int32) and `ROW`.
    columns : sequence of str
        The columns with numeric codes.
    table : Mapping of int to str
        The code table.
    label : str
        The file, for people.
    producer : str
        Whose codes they are, for people.

    Returns
    -------
    list of polars.Series
        One a column, of type `ECONOMY`.

    Raises
    ------
    UnknownCodeError
        If the table lacks codes; all are named, with the first row of each.
    """
    size = max(table, default=0) + 1
    lookup = pl.Series([table.get(number) for number in range(size)], dtype=ECONOMY)
    found = []
    for column in columns:
        codes = frame[column]
        # A look-up by position is several times faster than a join over millions of rows; what lies
        # outside the table becomes missing first.
        inside = pl.select(pl.when(codes.is_between(0, size - 1)).then(codes)).to_series()
        found.append(lookup.gather(inside.cast(pl.UInt32)).alias(column))
    _require_known(frame, found, label, "economy", f"a numeric country code of {producer}")
    return found


def economies_from_iso3(frame: pl.DataFrame, columns: Sequence[str], label: str) -> list[pl.Series]:
    """Map alpha-3 codes to economies.

    Parameters
    ----------
    frame : polars.DataFrame
        Holds the columns (text or dictionary) and `ROW`.
    columns : sequence of str
        The columns with codes.
    label : str
        The file, for people.

    Returns
    -------
    list of polars.Series
        One a column, of type `ECONOMY`.

    Raises
    ------
    UnknownCodeError
        If codes are not known; all are named, with the first row of each.
    """
    found = [
        frame[column]
        if frame.schema[column] == ECONOMY
        else frame[column].cast(pl.String).cast(ECONOMY, strict=False)
        for column in columns
    ]
    _require_known(frame, found, label, "economy", "an ISO 3166-1 alpha-3 code in capitals, such as NLD")
    return found


def hs6_products(
    frame: pl.DataFrame, column: str, known: Collection[str], label: str, notes: Notes
) -> pl.Series:
    """Check product codes, and give back leading zeros that were lost.

    Parameters
    ----------
    frame : polars.DataFrame
        Holds `column` (text) and `ROW`.
    column : str
        The column with product codes.
    known : collection of str
        The product table of the release; when it is empty any code of the Harmonized System will do.
    label : str
        The file, for people.
    notes : Notes
        Takes the repair.

    Returns
    -------
    polars.Series
        An Enum over `known` in order, or text when `known` is empty.

    Raises
    ------
    UnknownCodeError
        If codes are not known; all are named, with the first row of each.
    """
    codes = frame[column].cast(pl.String)
    lengths = codes.str.len_bytes()
    if lengths.min() != 6 or lengths.max() != 6:
        codes = codes.str.strip_chars()
        short = (codes.str.len_bytes() == 5) & codes.str.contains(r"^[0-9]{5}$")
        if short.any():
            notes.add(
                "{count} product codes of five digits were given back their leading zero.", int(short.sum())
            )
            codes = pl.select(pl.when(short).then("0" + codes).otherwise(codes)).to_series()
    if known:
        found = codes.cast(pl.Enum(sorted(known)), strict=False)
    else:
        distinct = codes.unique().drop_nulls()
        right = {code for code in distinct if _is_product(code)}
        found = codes if len(right) == len(distinct) else codes.set(~codes.is_in(right), None)
    _require_known(
        frame.with_columns(codes.alias(column)),
        [found.alias(column)],
        label,
        "product",
        "codes of the release's product table"
        if known
        else "six digits of the Harmonized System, such as 010121",
    )
    return found.alias(column)


def _is_product(code: str) -> bool:
    if not _HS6.fullmatch(code):
        return False
    if not code.isdigit():
        # BACI's own tables have 9999AA: commodities not specified according to kind.
        return code.startswith("99")
    try:
        return product_code(code) == code
    except UnknownCodeError:
        return False


def _require_known(
    frame: pl.DataFrame, found: Sequence[pl.Series], label: str, kind: str, expected: str
) -> None:
    """Name every code that was not found, in whichever column, with its first row."""
    wrong = [
        frame.select(
            pl.col(series.name).cast(pl.String).alias("code"), ROW, pl.lit(series.name).alias("column")
        ).filter(series.is_null())
        for series in found
        if series.null_count()
    ]
    if not wrong:
        return
    firsts = (
        pl.concat(wrong)
        .sort(ROW)
        .group_by("code", maintain_order=True)
        .agg(pl.col(ROW).first(), pl.col("column").first(), pl.len().alias("rows"))
    )
    named = [
        f"{code!r} (row {row}, {rows:,} rows)" if rows > 1 else f"{code!r} (row {row})"
        for code, row, _, rows in firsts.head(_SHOWN_CODES).iter_rows()
    ]
    named.extend(repr(code) for code in firsts["code"][_SHOWN_CODES:])
    code, row, column, _ = firsts.row(0)
    near = near_matches(str(code), ECONOMY_CODES) if kind == "economy" else ()
    hint = f"Perhaps {' or '.join(near)} was meant by {code!r}." if near else None
    verb = "s are" if firsts.height > 1 else " is"
    raise UnknownCodeError(
        f"{firsts.height} {kind} code{verb} not known: {', '.join(named)}.",
        where=f"{label}, row {row}, column {column}",
        expected=expected,
        next_step=hint
        or "Correct the codes, or check the HS revision and the code tables that came with it.",
    )
