"""Shares of suppliers out of tables of production and of printed shares."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from geomonitor.errors import DataError

__all__ = ["production_shares", "sourcing_shares", "use_rows"]

_KEEP = ("material", "stage", "economy", "share", "share_max", "restriction", "source", "years")


def production_shares(
    tables: Sequence[pl.DataFrame], years: Sequence[int] | None = None, *, by_year: bool = False
) -> pl.DataFrame:
    """Give the shares of economies in world supply of every material and stage.

    Printed shares ("world_supply") are taken as they are, never rescaled. Quantities ("production") are
    turned into shares, years added up; what is printed without an economy ("other countries") stays a part
    of the whole without a single origin. Where a material and stage has both, the printed shares count.

    Parameters
    ----------
    tables : sequence of polars.DataFrame
        Canonical material tables (`geomonitor.data.raw_materials`).
    years : sequence of int, optional
        Which years of quantities are added up; the last one of each material and stage where left out.
    by_year : bool
        Keep years apart, in `year`; printed shares of several years count for their last year.

    Returns
    -------
    polars.DataFrame
        `material`, `stage`, `economy`, `share`, `share_max` (where only a bound is printed), `restriction`,
        `source`, `years`, and with `by_year` also `year`.

    Raises
    ------
    DataError
        If quantities of one material and stage have two units or two content bases (ore and metal, say):
        they cannot be added up.
    """
    printed = [_printed(each, "world_supply", by_year) for each in tables]
    measured = [_measured(each, years, by_year) for each in tables]
    first = pl.concat(printed) if printed else _nothing(by_year)
    by = ["material", "stage", *(["year"] if by_year else [])]
    second = pl.concat(measured) if measured else _nothing(by_year)
    both = [first, second.join(first.select(by).unique(), on=by, how="anti")]
    return pl.concat(both, how="vertical").sort(*by, "share", descending=[*[False] * len(by), True])


def sourcing_shares(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Give the printed shares of suppliers in what importers use.

    Parameters
    ----------
    tables : sequence of polars.DataFrame
        Canonical material tables.

    Returns
    -------
    polars.DataFrame
        `importer`, `material`, `stage`, `economy`, `share`, `share_max`, `restriction`, `source`, `years`.
    """
    found = [
        each.filter(pl.col("measure") == "sourcing").select("importer", *_selected(by_year=False))
        for each in tables
    ]
    if not found:
        return _nothing(by_year=False).select(pl.lit("").alias("importer"), pl.all())
    return pl.concat(found).sort("importer", "material", "stage", "share", descending=[False] * 3 + [True])


def use_rows(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Give the uses of materials by sector, as `importance_of_uses` takes them."""
    found = [
        each.filter(pl.col("measure") == "use").select(
            "material", "application", "sector", "quantity", "value_added_meur"
        )
        for each in tables
    ]
    columns = ("material", "application", "sector")
    schema = {
        **dict.fromkeys(columns, pl.String),
        **dict.fromkeys(("quantity", "value_added_meur"), pl.Float64),
    }
    return pl.concat(found) if found else pl.DataFrame(schema=schema)


def _selected(*, by_year: bool) -> list[pl.Expr]:
    return [
        *(pl.col(name) for name in ("material", "stage", "economy")),
        pl.col("quantity").alias("share"),
        pl.col("quantity_max").alias("share_max"),
        *(pl.col(name) for name in ("restriction", "source", "years")),
        *([pl.col("year")] if by_year else []),
    ]


def _nothing(by_year: bool) -> pl.DataFrame:
    numbers = ("share", "share_max", "restriction")
    schema: dict[str, type[pl.DataType]] = {
        name: pl.Float64 if name in numbers else pl.String for name in _KEEP
    }
    return pl.DataFrame(schema={**schema, **({"year": pl.Int16} if by_year else {})})


def _printed(table: pl.DataFrame, measure: str, by_year: bool) -> pl.DataFrame:
    return table.filter(pl.col("measure") == measure).select(_selected(by_year=by_year))


def _measured(table: pl.DataFrame, years: Sequence[int] | None, by_year: bool) -> pl.DataFrame:
    rows = table.filter(pl.col("measure") == "production")
    if years is not None:
        rows = rows.filter(pl.col("year").is_in(list(years)))
    elif not by_year:
        rows = rows.filter(pl.col("year") == pl.col("year").max().over("material", "stage"))
    _one_basis(rows)
    by = ["material", "stage", *(["year"] if by_year else [])]
    shares = (
        rows.group_by(*by, "economy")
        .agg(
            amount=pl.col("quantity").sort().sum(),
            source=pl.col("source").first(),
            years=pl.when(pl.col("year").min() == pl.col("year").max())
            .then(pl.col("year").min().cast(pl.String))
            .otherwise(pl.format("{}-{}", pl.col("year").min(), pl.col("year").max())),
        )
        .filter(pl.col("amount") > 0)
        .with_columns(share=pl.col("amount") / pl.col("amount").sum().over(by))
    )
    nothing = pl.lit(None, dtype=pl.Float64)
    return shares.select(
        "material",
        "stage",
        "economy",
        "share",
        nothing.alias("share_max"),
        nothing.alias("restriction"),
        "source",
        "years",
        *(["year"] if by_year else []),
    )


def _one_basis(rows: pl.DataFrame) -> None:
    """Refuse to add up ore and metal, or kilograms and tonnes."""
    mixed = (
        rows.group_by("material", "stage")
        .agg(
            units=pl.col("unit").unique().sort().str.join(", "),
            contents=pl.col("content").unique().sort().str.join(", "),
            kinds=pl.max_horizontal(pl.col("unit").n_unique(), pl.col("content").n_unique()),
        )
        .filter(pl.col("kinds") > 1)
        .sort("material", "stage")
    )
    for name, stage, units, contents in mixed.select("material", "stage", "units", "contents").iter_rows():
        raise DataError(
            f"Quantities of {name} at {stage} are in {units}, as {contents}: they cannot be added up.",
            where="table of production, columns unit and content",
            expected="one unit and one content basis a material and stage",
            next_step="Keep one of them, or give each its own table.",
        )
