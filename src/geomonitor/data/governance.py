"""Governance of economies: the World Bank's estimate of political stability, from the embedded sample."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from geomonitor.errors import DataError

__all__ = ["GOVERNANCE_INDICATOR", "governance", "governance_years"]

GOVERNANCE_INDICATOR = "WGI political stability and absence of violence/terrorism (estimate)"

_TABLE = Path(__file__).with_name("sample") / "wgi" / "wgi_political_stability.parquet"


def governance(year: int | None = None) -> pl.DataFrame:
    """Return the governance estimate of every economy that has one.

    An economy without an estimate has no row: not known is not zero. The estimates of 2023 and 2024 follow a
    revised method and are not comparable in level with those up to 2022.

    Parameters
    ----------
    year : int, optional
        The year asked for. Where it has no estimates (1997, 1999, 2001, after the last year) those of the
        latest year before it are taken, and `governance_year` says which; before the first year the table is
        empty. All years when left out.

    Returns
    -------
    polars.DataFrame
        Columns `economy`, `year` (the year asked for), `governance` (about -2.5, weak, to 2.5, strong),
        `indicator` and `governance_year` (the year of the estimate); sorted by economy and year.

    Raises
    ------
    DataError
        The embedded table is missing or damaged.

    Examples
    --------
    >>> governance(2001).filter(pl.col("economy") == "NLD").select("year", "governance_year").row(0)
    (2001, 2000)

    References
    ----------
    Kaufmann, D., Kraay, A. and Mastruzzi, M. (2010). The Worldwide Governance Indicators: Methodology and
    Analytical Issues. World Bank Policy Research Working Paper 5430. Data: CC BY 4.0.
    """
    table = _estimates()
    if year is None:
        return table
    covered = [available for available in governance_years() if available <= year]
    if not covered:
        return table.clear()
    return table.filter(pl.col("governance_year") == covered[-1]).with_columns(year=pl.lit(year, pl.Int16))


def governance_years() -> tuple[int, ...]:
    """Return the years that have estimates.

    Examples
    --------
    >>> governance_years()[:4]
    (1996, 1998, 2000, 2002)
    """
    return tuple(_estimates()["governance_year"].unique().sort())


@cache
def _estimates() -> pl.DataFrame:
    try:
        table = pl.read_parquet(_TABLE, columns=["economy", "year", "estimate"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The embedded governance table cannot be read: {error}",
            where=_TABLE.name,
            next_step="Install Geomonitor again, or rebuild the sample with scripts/build_sample.py.",
        ) from error
    return table.select(
        "economy",
        "year",
        governance=pl.col("estimate"),
        indicator=pl.lit(GOVERNANCE_INDICATOR),
        governance_year=pl.col("year"),
    ).sort("economy", "year")
