"""Flows as a lazy table of any engine, and the checks that they pass before they are added up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from geomonitor.codes import ECONOMY_CODES
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["FLOW_COLUMNS", "collected", "flows_frame", "merged", "only_codes", "verify_flows"]

FLOW_COLUMNS = ("year", "exporter", "importer", "product", "value_kusd", "quantity_t")

_AMOUNTS = ("value_kusd", "quantity_t")


def flows_frame(flows: Any, *, needed: Iterable[str] = FLOW_COLUMNS[:5]) -> nw.LazyFrame[Any]:
    """Take any frame that Narwhals knows as a lazy table of flows.

    Parameters
    ----------
    flows : frame
        Polars, DuckDB, PySpark, pandas or PyArrow frame with the canonical columns.
    needed : iterable of str
        Columns that must be there.

    Returns
    -------
    narwhals.LazyFrame

    Raises
    ------
    DataError
        If the object is no frame, or a column is missing or of the wrong kind.

    Examples
    --------
    >>> import polars as pl
    >>> flows_frame(pl.DataFrame({"year": [2021]}), needed=["year"]).collect_schema().names()
    ['year']
    """
    needed = list(needed)
    try:
        frame = nw.from_native(flows)
    except TypeError as error:
        raise DataError(
            f"{type(flows).__name__} is not a table that can be screened.",
            expected="a frame of Polars, DuckDB, PySpark, pandas or PyArrow",
            next_step="Open a dataset with open_flows, or pass a frame with the canonical columns.",
        ) from error
    lazy = frame.lazy() if isinstance(frame, nw.DataFrame) else frame
    found = lazy.collect_schema().names()
    missing = [name for name in needed if name not in found]
    if missing:
        raise DataError(
            f"The flows lack the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}.",
            where=f"columns found: {', '.join(found)}",
            expected=", ".join(FLOW_COLUMNS),
            next_step="Rename the columns, or load the file with `geomonitor data add`.",
        )
    return _as_floats(lazy, needed)


def _as_floats(frame: nw.LazyFrame[Any], needed: Sequence[str]) -> nw.LazyFrame[Any]:
    """Refuse columns of the wrong kind; amounts in decimals or small floats become doubles."""
    schema = frame.collect_schema()
    to_cast = []
    for name in needed:
        kind = schema[name]
        if name in _AMOUNTS:
            right, expected = kind.is_numeric(), "numbers of at least 0"
            if right and kind != nw.Float64:
                to_cast.append(nw.col(name).cast(nw.Float64))
        elif name == "year":
            right, expected = kind.is_integer(), "calendar years as whole numbers"
        else:
            # a number has lost the leading zeros of an HS code
            right, expected = not kind.is_numeric(), "codes as text"
        if not right:
            raise DataError(
                f"The column {name} holds {kind}.",
                where=f"column {name}",
                expected=expected,
                next_step="Load the file with `geomonitor data add`, which says which row is wrong.",
            )
    return frame.with_columns(*to_cast) if to_cast else frame


def merged(frame: nw.LazyFrame[Any], folded: Mapping[str, str]) -> nw.LazyFrame[Any]:
    """Fold economies into others; trade between folded economies disappears."""

    def fold(name: str) -> nw.Expr:
        expression = nw.col(name).cast(nw.String)
        for source, target in folded.items():
            expression = (
                nw.when(nw.col(name).cast(nw.String) == source).then(nw.lit(target)).otherwise(expression)
            )
        return expression.alias(name)

    return frame.with_columns(fold("exporter"), fold("importer")).filter(
        nw.col("exporter") != nw.col("importer")
    )


def only_codes(frame: nw.LazyFrame[Any], name: str, codes: Iterable[str]) -> nw.Expr:
    """Test membership; codes that an enumerated column cannot hold are left out, as they match nothing."""
    dtype = frame.collect_schema()[name]
    listed = sorted(set(codes))
    if isinstance(dtype, nw.Enum):
        known = set(dtype.categories)
        listed = [code for code in listed if code in known]
    return nw.col(name).is_in(listed)


def collected(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Run the pass in the caller's engine and bring its small result to Polars."""
    # Polars' streaming engine keeps the groups, not the flows, in memory
    options = {"engine": "streaming"} if frame.implementation is nw.Implementation.POLARS else {}
    result: pl.DataFrame = frame.collect(backend="polars", **options).to_native()
    return result


def verify_flows(frame: nw.LazyFrame[Any], *, quantities: bool) -> None:
    """Check that every row can be added up: codes known, values finite and not negative.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        See `flows_frame`.
    quantities : bool
        Whether the column `quantity_t` is checked too; a missing quantity is no error.

    Raises
    ------
    DataError
        If a code or value is missing, or a value is negative or not finite.
    UnknownCodeError
        If an exporter or importer is not known.

    Examples
    --------
    >>> flows = pl.DataFrame({"year": [2021], "exporter": ["CHN"], "importer": ["NLD"],
    ...     "product": ["810600"], "value_kusd": [3.0]})
    >>> verify_flows(flows_frame(flows), quantities=False)
    """
    keys = FLOW_COLUMNS[:4]
    names = _AMOUNTS if quantities else _AMOUNTS[:1]
    expressions = [
        nw.when(nw.col(name).is_null()).then(1).otherwise(0).sum().alias(f"{name}_missing")
        for name in (*keys, "value_kusd")
    ]
    for name in names:
        expressions += [
            nw.col(name).min().alias(f"{name}_smallest"),
            # NaN plus anything is NaN, so one sum finds it on every engine
            nw.col(name).sum().alias(f"{name}_sum"),
        ]
    row = collected(frame.select(*expressions)).row(0, named=True)
    problems = [
        (name, f"{row[f'{name}_missing']} missing values")
        for name in (*keys, "value_kusd")
        if row[f"{name}_missing"]
    ]
    for name in names:
        smallest, total = row[f"{name}_smallest"], row[f"{name}_sum"]
        if smallest is not None and smallest < 0:
            problems.append((name, f"negative values, down to {smallest}"))
        elif total is not None and not math.isfinite(total):
            problems.append((name, "values that are not finite"))
    if problems:
        raise DataError(
            "The flows hold values that cannot be added up.",
            where="; ".join(f"column {name}: {text}" for name, text in problems),
            expected="codes in every row, and finite numbers of at least 0; quantities may be missing",
            next_step="Run `geomonitor data check`, or load the file with `geomonitor data add`.",
        )
    for name in ("exporter", "importer"):
        codes = collected(frame.select(name).unique())[name].cast(pl.String)
        unknown = sorted(set(codes) - set(ECONOMY_CODES))
        if unknown:
            raise UnknownCodeError(
                f"The flows hold economies that Geomonitor does not know: {', '.join(unknown)}.",
                where=f"column {name}",
                expected="ISO 3166 alpha-3 codes",
                next_step="Correct the codes, or load the file with `geomonitor data add`: it maps numbers.",
            )
