"""From flows to verdicts in one call, for notebooks and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from geomonitor.dependency.fragility import supply_fragility
from geomonitor.dependency.screening import Screening, ScreeningOptions, measure, screen
from geomonitor.dependency.specification import MethodSpecification
from geomonitor.trade import Importer, supply_tables

__all__ = ["as_frame_of", "screen_flows"]


def screen_flows(
    flows: Any,
    importers: Sequence[Importer],
    specification: MethodSpecification,
    years: Sequence[int],
    *,
    options: ScreeningOptions | None = None,
    merge: Mapping[str, str] | None = None,
    products: Sequence[str] | None = None,
    quantities: bool = True,
    whole_dollars: bool = False,
    verified: bool = False,
) -> tuple[Screening, ...]:
    """Screen importers by one method, straight from the flows.

    Reads no more than the method needs: without world exports where it has no test on them, and
    with years added up in the pass where it pools them.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine.
    importers : sequence of Importer
    specification : MethodSpecification
    years : sequence of int
    options : ScreeningOptions, optional
    merge, products, quantities, whole_dollars, verified
        See `geomonitor.trade.supply_tables`. Quantities are read where the flows have them.

    Returns
    -------
    tuple of Screening
        In the order of the importers; see `as_frame_of` for tables in the caller's engine.

    Examples
    --------
    >>> from geomonitor.dependency import method
    >>> from geomonitor.trade import importer
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["CHN", "USA", "NLD"],
    ...     "importer": ["NLD", "NLD", "USA"], "product": ["810600"] * 3, "value_kusd": [8.0, 2.0, 4.0]})
    >>> found, = screen_flows(flows, [importer("NLD")], method("commission-2021"), [2021], quantities=False)
    >>> found.table.select("product", "import_concentration", "dependent").rows()
    [('810600', 0.68, True)]
    """
    persistent = specification.period_rule == "persistence"
    supply = supply_tables(
        flows,
        importers,
        years,
        world=any(name.startswith("world_") for name in specification.indicators()),
        quantities=quantities,
        merge=merge,
        products=products,
        whole_dollars=whole_dollars,
        verified=verified,
        by_year=persistent,
    )
    scores = None
    if specification.network:
        # the supply tables have checked the values
        scores = supply_fragility(flows, years, merge=merge, whole_dollars=whole_dollars, verified=True)
    measured = measure(supply, importers, options=options, yearly=persistent)
    return tuple(screen(each, specification, fragility=scores) for each in measured)


def as_frame_of(flows: Any, table: pl.DataFrame) -> Any:
    """Give a table back as the kind of frame that the flows are.

    Parameters
    ----------
    flows : frame
        Polars, DuckDB, PySpark, pandas or PyArrow frame.
    table : polars.DataFrame

    Returns
    -------
    frame
        Of the kind of `flows`.

    Examples
    --------
    >>> type(as_frame_of(pl.LazyFrame({"a": [1]}), pl.DataFrame({"b": [2]}))).__name__
    'LazyFrame'
    """
    native = nw.from_native(flows)
    backend = native.implementation
    if backend is nw.Implementation.POLARS:
        return table.lazy() if isinstance(native, nw.LazyFrame) else table
    arrow = table.to_arrow()
    if backend is nw.Implementation.PYARROW:
        return arrow
    if backend is nw.Implementation.DUCKDB:
        import duckdb

        return duckdb.from_arrow(arrow)
    if backend.is_pyspark():
        return native.to_native().sparkSession.createDataFrame(arrow)
    return nw.from_arrow(arrow, backend=backend).to_native()
