"""Shares of the world supply of raw materials, from tables of raw-material data and from published facts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from geomonitor.errors import DataError

__all__ = ["WORLD_SUPPLY_SCHEMA", "WorldSupply", "published_world_supply", "world_supply_of"]

WORLD_SUPPLY_SCHEMA = pl.Schema(
    {
        "material": pl.String(),
        "stage": pl.String(),
        "economy": pl.String(),
        "share": pl.Float64(),
        "source": pl.String(),
        "years": pl.String(),
    }
)
"""Columns of shares of world supply: one row a material, stage and economy. A column `main_only` may stand
beside them: true where the row is the largest supplier, and the others are not given."""

_KEY = ["material", "stage"]


@dataclass(frozen=True, slots=True)
class WorldSupply:
    """Shares of world supply, taken from a table of raw-material data.

    Attributes
    ----------
    table : polars.DataFrame
        Columns of `WORLD_SUPPLY_SCHEMA`.
    left_out : polars.DataFrame
        `material`, `stage` and `reason` of what the table has and no shares could be made of.
    """

    table: pl.DataFrame
    left_out: pl.DataFrame


def published_world_supply() -> pl.DataFrame:
    """Give the largest supplier to the world of each material and stage, as far as facts of it ship.

    The other suppliers are not among the facts: of those it is known only that none is larger.

    Returns
    -------
    polars.DataFrame
        Columns of `WORLD_SUPPLY_SCHEMA`, and `main_only`, which is true.

    Examples
    --------
    >>> published_world_supply().row(by_predicate=pl.col("material") == "gallium", named=True)["economy"]
    'CHN'
    """
    from geomonitor.data.raw_materials import published_main_suppliers

    return (
        published_main_suppliers()
        .filter(pl.col("scope") == "world")
        .select(*WORLD_SUPPLY_SCHEMA.names(), pl.lit(value=True).alias("main_only"))
    )


def world_supply_of(table: pl.DataFrame, *, year: int | None = None) -> WorldSupply:
    """Take the shares of world supply from a table of raw-material data.

    Shares are taken as they are printed. Where the table has quantities, an economy's share is its part
    of all quantities of one year; ore, oxide and metal content of a material are never added up.

    Parameters
    ----------
    table : polars.DataFrame
        Columns of `geomonitor.data.raw_materials.MATERIAL_SCHEMA`, with measures "world_supply" or
        "production"; printed shares go before quantities.
    year : int, optional
        Of the quantities; the last year of each material and stage where left out.

    Returns
    -------
    WorldSupply

    Raises
    ------
    DataError
        If the table has neither measure.

    Examples
    --------
    >>> rows = [("gallium", "processing", "production", "2022", 2022, code, tonnes, "t", "metal", "study")
    ...         for code, tonnes in (("CHN", 600.0), ("RUS", 5.0), ("JPN", 3.0))]
    >>> names = ["material", "stage", "measure", "years", "year", "economy", "quantity", "unit", "content",
    ...          "source"]
    >>> world_supply_of(pl.DataFrame(rows, schema=names, orient="row")).table.row(0)
    ('gallium', 'processing', 'CHN', 0.9868421052631579, 'study', '2022')
    """
    wanted = table.filter(
        pl.col("measure").is_in(["world_supply", "production"]), pl.col("stage").is_not_null()
    )
    if wanted.is_empty():
        raise DataError(
            "The table tells nothing of world supply.",
            expected="rows of the measure world_supply or production, with a stage",
            next_step="Name a table of shares of world supply, or of production by economy.",
        )
    parts: list[pl.DataFrame] = []
    left_out: list[tuple[str, str, str]] = []
    for (code, stage), rows in wanted.group_by(_KEY, maintain_order=True):
        printed = rows.filter(pl.col("measure") == "world_supply")
        made = _printed(printed) if printed.height else _produced(rows, year)
        if isinstance(made, str):
            left_out.append((str(code), str(stage), made))
        else:
            parts.append(made.select(WORLD_SUPPLY_SCHEMA.names()))
    return WorldSupply(
        pl.concat([pl.DataFrame(schema=WORLD_SUPPLY_SCHEMA), *parts]),
        pl.DataFrame(left_out, schema=dict.fromkeys((*_KEY, "reason"), pl.String), orient="row"),
    )


def _printed(rows: pl.DataFrame) -> pl.DataFrame | str:
    """Take printed shares of the last years; what is printed as below a bound is not named."""
    last = rows.filter(pl.col("years") == rows.sort("year", nulls_last=False)["years"][-1])
    known = last.filter(pl.col("quantity").is_not_null())
    if known.is_empty():
        return "no share is given"
    return known.with_columns(pl.col("quantity").alias("share"))


def _produced(rows: pl.DataFrame, year: int | None) -> pl.DataFrame | str:
    """Make shares of quantities of one year, unit and content."""
    given = rows.filter(pl.col("quantity").is_not_null())
    given = given.filter(pl.col("year") == (pl.col("year").max() if year is None else year))
    if given.is_empty():
        return "no quantity" + ("" if year is None else f" in {year}")
    chosen = int(given["year"][0])
    for column, spoken in (("unit", "units"), ("content", "contents")):
        kinds = given[column].unique().sort().to_list()
        if len(kinds) > 1:
            return f"quantities in several {spoken}: {', '.join(map(str, kinds))}"
    total = float(given["quantity"].sum())
    if not total > 0:
        return f"nothing produced in {chosen}"
    # bounds ("below") are small; other gaps are figures that were not given
    lacking = rows.filter(pl.col("year") == chosen, pl.col("quantity").is_null())
    if "quality" in lacking.columns:
        lacking = lacking.filter(pl.col("quality").fill_null("") != "below")
    names = ", ".join(sorted(lacking["economy"].fill_null("others").unique()))
    without = f", without {names}" if names else ""
    return (
        given.group_by("material", "stage", "economy", "source", "years", maintain_order=True)
        .agg(pl.col("quantity").sum() / total)
        .with_columns(pl.col("quantity").alias("share"), pl.concat_str("source", pl.lit(without)))
    )
