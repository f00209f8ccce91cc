"""Checks on a whole table: ranges, duplicates, sums of shares, content bases, years and totals."""

from __future__ import annotations

import polars as pl

from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.table import MaterialCheck, share_sums

__all__ = ["check_material_table", "table_checks"]

_TOTAL_TOLERANCE = 0.02


def check_material_table(table: pl.DataFrame, name: str = "") -> tuple[MaterialCheck, ...]:
    """Run the checks that need no file on a canonical table, such as several put together.

    Parameters
    ----------
    table : polars.DataFrame
        Columns as in `MATERIAL_SCHEMA`.
    name : str
        A name for the column `file` of the rows.

    Returns
    -------
    tuple of MaterialCheck
        Those that found something.

    Examples
    --------
    >>> from geomonitor.data.raw_materials import MATERIAL_SCHEMA
    >>> rows = [{"material": "lithium", "stage": "extraction", "measure": "production", "unit": "t",
    ...          "content": basis, "quantity": 1.0, "year": 2022} for basis in ("Li2O", "metal content")]
    >>> [(found.name, found.count) for found in
    ...     check_material_table(pl.DataFrame(rows, schema=MATERIAL_SCHEMA))]
    [('content_basis', 1)]
    """
    notes = CheckNotes(name)
    table_checks(table, notes)
    return tuple(found for found in notes.results() if found.count)


def table_checks(table: pl.DataFrame, notes: CheckNotes, totals: pl.DataFrame | None = None) -> None:
    """Run the checks that need the whole table.

    Parameters
    ----------
    table : polars.DataFrame
        Columns as in `MATERIAL_SCHEMA`.
    notes : CheckNotes
        Takes what they find.
    totals : polars.DataFrame, optional
        The printed totals, in the same columns.
    """
    _check_ranges(table, notes)
    _check_duplicates(table, notes)
    _check_share_sums(table, notes)
    _check_bases(table, notes)
    _check_years(table, notes)
    if totals is not None and totals.height:
        _check_totals(table, totals, notes)


def _check_ranges(table: pl.DataFrame, notes: CheckNotes) -> None:
    quantity, is_share = pl.col("quantity"), pl.col("unit") == "share"
    for check, wrong, column, what in (
        (
            "share_out_of_range",
            is_share & ((quantity < 0) | (quantity > 1)),
            "quantity",
            "a share outside 0-100 %",
        ),
        ("negative_quantity", ~is_share & (quantity < 0), "quantity", "a negative quantity"),
        (
            "restriction_range",
            ~pl.col("restriction").is_between(0.5, 2.0),
            "restriction",
            "a trade factor outside 0.5-2",
        ),
    ):
        for found in table.filter(wrong).iter_rows(named=True):
            notes.add(
                check,
                found["row"],
                what,
                material=found["material"],
                stage=found["stage"],
                value=found[column],
            )


def _check_duplicates(table: pl.DataFrame, notes: CheckNotes) -> None:
    keys = ["material", "stage", "measure", "importer", "years", "content", "source"]
    for check, name, rows in (
        ("duplicate", "economy", table.filter(pl.col("measure") != "use", pl.col("economy").is_not_null())),
        ("duplicate_application", "application", table.filter(pl.col("measure") == "use")),
    ):
        by = [*keys, name, *(["sector"] if name == "application" else [])]
        repeated = rows.with_columns(
            entries=pl.len().over(by),
            first=pl.col("row").min().over(by),
            place=pl.int_range(pl.len()).over(by),
        ).filter(pl.col("entries") > 1, pl.col("place") > 0)
        for found in repeated.sort("row", nulls_last=True).iter_rows(named=True):
            notes.add(
                check,
                found["row"],
                f"{found[name]} is also in row {found['first']}",
                material=found["material"],
                stage=found["stage"],
                value=found["quantity"],
            )


def _check_share_sums(table: pl.DataFrame, notes: CheckNotes) -> None:
    sums = share_sums(table).filter(~pl.col("complete"))
    # the worst first
    for found in sums.sort((pl.col("share_sum") - 1).abs(), descending=True).iter_rows(named=True):
        notes.add(
            "share_sum",
            None,
            f"{found['entries']} shares of {found['measure'].replace('_', ' ')} add up to "
            f"{100 * found['share_sum']:.1f} %"
            + (
                f", at most {100 * found['share_sum_max']:.1f} % with the bounds"
                if found["share_sum_max"] > found["share_sum"] + 1e-9
                else ""
            ),
            material=found["material"],
            stage=found["stage"],
            value=found["share_sum"],
        )


def _check_bases(table: pl.DataFrame, notes: CheckNotes) -> None:
    keys = ["source", "material", "stage", "measure", "importer"]
    quantities = table.filter(pl.col("unit") != "share")
    for check, column, what in (
        ("content_basis", "content", "content bases"),
        ("mixed_units", "unit", "units"),
    ):
        several = (
            quantities.group_by(keys)
            .agg(pl.col(column).unique().sort(), pl.col("row").min())
            .filter(pl.col(column).list.len() > 1)
            .sort("material", "stage")
        )
        for found in several.iter_rows(named=True):
            notes.add(
                check,
                found["row"],
                f"several {what}: {', '.join(str(each) for each in found[column])}",
                material=found["material"],
                stage=found["stage"],
                value=len(found[column]),
            )


def _check_years(table: pl.DataFrame, notes: CheckNotes) -> None:
    series = (
        table.filter(pl.col("measure") == "production")
        .group_by("source", "material", "stage", "content", "unit")
        .agg(pl.col("year").drop_nulls().unique().sort(), pl.col("row").min())
        .sort("material", "stage", "content")
    )
    for found in series.iter_rows(named=True):
        years = found["year"]
        lacking = sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years else []
        if lacking:
            notes.add(
                "missing_years",
                found["row"],
                f"no rows for {', '.join(map(str, lacking))} between {years[0]} and {years[-1]}",
                material=found["material"],
                stage=found["stage"],
                value=len(lacking),
            )


def _check_totals(table: pl.DataFrame, totals: pl.DataFrame, notes: CheckNotes) -> None:
    keys = ["material", "stage", "measure", "importer", "years", "unit"]
    amounts = table.group_by(*keys, "content").agg(
        pl.col("quantity").sum().alias("added"), complete=pl.col("quantity").is_not_null().all()
    )
    # a total seldom repeats the content basis; then it is compared where there is one basis only
    exact = totals.join(amounts, on=[*keys, "content"], how="inner", nulls_equal=True)
    single = amounts.filter(pl.len().over(keys) == 1).drop("content")
    other = totals.join(exact, on="row", how="anti").join(single, on=keys, how="inner", nulls_equal=True)
    difference = pl.col("added") - pl.col("quantity")
    compared = pl.concat([exact, other], how="diagonal").filter(
        difference.abs() > _TOTAL_TOLERANCE * pl.col("quantity").abs(),
        # where rows are withheld, a total above the sum is what one expects
        pl.col("complete") | (difference > 0),
    )
    for found in compared.sort("row").iter_rows(named=True):
        notes.add(
            "total_difference",
            found["row"],
            f"the total of {found['years']} is {found['quantity']:,.6g} {found['unit']}, "
            f"its rows add up to {found['added']:,.6g}",
            material=found["material"],
            stage=found["stage"],
            value=found["quantity"],
        )
