"""Complete bilateral matrices with tariffs, completed with the technology of an input-output table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.data.input_output import InputOutputTable, aggregate, embedded_input_output
from geomonitor.errors import DataError
from geomonitor.shocks.calibration import Calibration
from geomonitor.shocks.calibration_arrays import (
    about_file,
    checked_array,
    elasticity_assumption,
    in_bounds,
    no_home_tariffs,
)
from geomonitor.shocks.calibration_flows import calibration_from_flows, intermediate_purchases
from geomonitor.shocks.elasticities import DEFAULT_ELASTICITIES, trade_sectors
from geomonitor.shocks.elasticities import elasticities as published_elasticities

__all__ = ["read_bilateral_cubes"]

Floats = NDArray[np.float64]

_CUBES = "oecd-icio-28"


def read_bilateral_cubes(
    path: str | Path,
    *,
    table: InputOutputTable | None = None,
    year: int | None = None,
    elasticities: str = DEFAULT_ELASTICITIES,
) -> Calibration:
    """Read complete bilateral matrices with tariffs, and add technology from an input-output table.

    Deliveries to final users are the bilateral totals less intermediate deliveries. Inputs per unit of output
    are those of the table, its sectors brought to the 28 of the matrices. Sellers that the table lacks (the
    rest of the world) deliver to producers as other foreign sellers of the same good do; buyers that it lacks
    use inputs as the economies of the table do together.

    Parameters
    ----------
    path : str or pathlib.Path
        Parquet file with the columns year, sector, importer, exporter, value_musd and tariff (a fraction).
    table : InputOutputTable, optional
        With the 50 sectors of the OECD's tables; the embedded one when left out.
    year : int, optional
        Year of the matrix; that of the table when left out.
    elasticities : str
        Name of a published set.

    Returns
    -------
    Calibration

    Raises
    ------
    DataError
        If columns, a year or cells are missing, an economy of the table is absent, or tariffs are
        percentages.
    """
    table = embedded_input_output() if table is None else table
    year = table.year if year is None else year
    economies, sectors, totals, rates = _read_cube(Path(path), year, table.countries)
    absent = sorted(set(table.countries) - set(economies))
    if absent:
        raise DataError(
            f"The matrices lack economies of the table: {', '.join(absent[:5])}.",
            where=str(path),
            expected=f"all economies of the table {table.name}",
        )
    broad = _brought_to(table, sectors)
    known = np.array([economies.index(code) for code in table.countries])
    others = np.setdiff1d(np.arange(len(economies)), known)
    used = _inputs(broad, totals, rates, known, others)
    notes = []
    if year != table.year:
        notes.append(f"Inputs per unit of output are those of {table.year}, the bilateral matrix of {year}.")
    if others.size:
        named = ", ".join(economies[place] for place in others)
        notes.append(
            f"The table lacks {named}: deliveries from there to producers follow those of other foreign "
            "sellers of the same good, and its own inputs per unit of output are those of all other "
            "economies together."
        )
    return calibration_from_flows(
        f"{_CUBES}-{year}",
        economies,
        sectors,
        trade_musd=totals,
        inputs_musd=used,
        tariff_rates=no_home_tariffs(rates, economies, sectors, str(path)),
        elasticities=published_elasticities(elasticities, sectors, _CUBES),
        metadata={
            **about_file(
                _CUBES,
                f"OECD inter-country input-output tables, {len(economies)} economies by {len(sectors)} "
                f"sectors, {year}",
                "OECD Inter-Country Input-Output Database, http://oe.cd/icio; applied tariffs of Teti, F. "
                "(2024), Missing Tariffs, brought together in the Matlab package tariffwar (A. Lashkaripour)",
                year,
            ),
            "assumptions": [
                "Final deliveries are bilateral totals less intermediate deliveries of the same good.",
                f"Base tariffs are the applied ones that the matrices give for {year}.",
                "Value added is sales less intermediate purchases with the tariffs on them, taxes less "
                "subsidies included.",
                elasticity_assumption(elasticities, sectors, _CUBES),
            ],
            "notes": notes,
            "elasticities": elasticities,
            "table": table.name,
        },
        least_value_added_share=0.0,
    )


def _brought_to(table: InputOutputTable, sectors: Sequence[str]) -> InputOutputTable:
    fine = trade_sectors("oecd-icio-2025")
    services = {code for code, each in fine.items() if each.divisions == ("services",)}
    broad = aggregate(table, sectors={code: "services" for code in table.sectors if code in services})
    if broad.sectors != tuple(sectors):
        raise DataError(
            f"The sectors of the table {table.name} do not become those of the matrices.",
            where="sectors",
            expected=f"the sectors of the OECD's tables: {', '.join(sectors)}",
        )
    return broad


def _inputs(
    table: InputOutputTable,
    totals: Floats,
    rates: Floats,
    known: NDArray[np.intp],
    others: NDArray[np.intp],
) -> Floats:
    """Give inputs by economy, input and user, with tariffs, at the output of the matrices."""
    sectors, economies = len(table.sectors), totals.shape[1]
    inside = np.ix_(np.arange(sectors), known, known)
    _, inputs = intermediate_purchases(table, rates[inside])
    flows = table.flows_musd.reshape(known.size, sectors, known.size, sectors)
    at_home = np.stack([flows[place, :, place, :] for place in range(known.size)]).astype(np.float64)
    paid = totals * (1 + rates)
    foreign = paid[inside].sum(axis=2) - np.einsum("jnn->jn", paid[inside])
    missing = paid[np.ix_(np.arange(sectors), known, others)].sum(axis=2)
    extra = np.divide(missing, foreign, out=np.zeros_like(missing), where=foreign > 0)
    inputs = inputs + (inputs - at_home) * extra.T[:, :, None]
    made = table.output_musd.reshape(known.size, sectors)
    per_output = np.divide(inputs, made[:, None, :], out=np.zeros_like(inputs), where=made[:, None, :] > 0)
    together = inputs.sum(axis=0) / np.where(made.sum(axis=0) > 0, made.sum(axis=0), 1.0)
    technology = np.empty((economies, sectors, sectors))
    technology[known], technology[others] = per_output, together
    return np.asarray(technology * totals.sum(axis=1).T[:, None, :])


def _read_cube(
    path: Path, year: int, first: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], Floats, Floats]:
    """Read one year, whatever the order of the rows; economies in the order of `first`, then others."""
    columns = ("year", "sector", "importer", "exporter", "value_musd", "tariff")
    try:
        lazy = pl.scan_parquet(path)
        absent = [name for name in columns if name not in lazy.collect_schema().names()]
        if absent:
            raise DataError(
                f"The file lacks the columns {', '.join(absent)}.",
                where=str(path),
                expected=", ".join(columns),
            )
        years = lazy.select(pl.col("year").unique().sort()).collect()["year"].to_list()
        frame = lazy.select(columns).filter(pl.col("year") == year).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="a Parquet file of flows"
        ) from error
    if frame.is_empty():
        raise DataError(
            f"The file has no year {year}.",
            where=str(path),
            expected=f"one of {', '.join(map(str, years))}",
        )
    frame = frame.with_columns(pl.col("sector", "importer", "exporter").cast(pl.String))
    frame = frame.with_columns(
        # the published name of the one sector of services
        pl.when(pl.col("sector").str.starts_with("Services"))
        .then(pl.lit("services"))
        .otherwise("sector")
        .alias("sector")
    )
    sectors = tuple(trade_sectors(_CUBES))
    unlike = sorted(set(frame["sector"]) ^ set(sectors))
    if unlike:
        raise DataError(
            f"The sectors are not those of the published matrices; they differ by {', '.join(unlike[:5])}.",
            where=f"{path}, column sector",
            expected=", ".join(sectors),
        )
    present = set(frame["importer"])
    economies = (*(code for code in first if code in present), *sorted(present - set(first)))
    places = {code: number for number, code in enumerate(economies)}
    rows = {code: number for number, code in enumerate(sectors)}
    strangers = sorted(set(frame["exporter"]) ^ set(economies))
    size = len(sectors) * len(economies) ** 2
    keys = (
        frame["sector"].replace_strict(rows, return_dtype=pl.Int64) * len(economies) ** 2
        + frame["importer"].replace_strict(places, return_dtype=pl.Int64) * len(economies)
        + frame["exporter"].replace_strict(places, default=0, return_dtype=pl.Int64)
    )
    if strangers or frame.height != size or keys.n_unique() != size:
        raise DataError(
            f"The matrix of {year} is not complete: {frame.height:,} rows for {len(economies)} economies and "
            f"{len(sectors)} sectors.",
            where=str(path),
            expected=f"{size:,} rows, one a sector, importer and exporter",
        )
    order = keys.to_numpy().argsort()
    shape = (len(sectors), len(economies), len(economies))
    found = []
    for name in ("value_musd", "tariff"):
        values = frame[name].cast(pl.Float64).to_numpy()[order].reshape(shape)
        found.append(checked_array(values, shape, f"{path}, column {name}"))
    in_bounds(found[0], 0.0, np.inf, f"{path}, column value_musd", "amounts of at least 0")
    in_bounds(found[1], 0.0, 5.0, f"{path}, column tariff", "fractions, 0.035 for 3.5 %")
    return economies, sectors, found[0], found[1]
