"""``geomonitor materials --method geopolrisk-2024``: import-weighted geopolitical supply risk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from geomonitor.cli.material_asked import AskedMaterials
from geomonitor.cli.options import OutputFormat, years_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["print_geopolrisk"]

_SHOWN = (
    *("material", "stage", "year", "production_concentration", "import_risk", "score", "score_low"),
    *("score_high", "price_kusd_t", "characterisation_factor", "reason"),
)


def print_geopolrisk(
    asked: AskedMaterials, code: str | None, stage: str | None, form: OutputFormat, out: Path | None
) -> None:
    """Score raw materials by GeoPolRisk, and print it.

    Parameters
    ----------
    asked : AskedMaterials
    code : str or None
        Of the material; all where None.
    stage : str or None
        Where production is at more than one; extraction comes first where None.
    form : OutputFormat
    out : pathlib.Path or None

    Raises
    ------
    GeomonitorError
        If no table has production, or nothing of the material, the stage or the years.
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data import governance
    from geomonitor.materials.geopolrisk import geopolrisk_scores, governance_risk

    method = asked.sources.methods[0]
    production = _production(asked, code, stage)
    stages = dict(production.select("material", "stage").unique().iter_rows())
    products = _products(asked.dataset.hs_revision, stages)
    wanted = sorted(set(production["year"]) & set(asked.dataset.years))
    years = [year for year in wanted if asked.production_years is None or year in asked.production_years]
    if not years or products.is_empty():
        raise _nothing(asked, wanted)
    if asked.governance_file is None:
        risk = governance_risk(pl.concat([governance(year) for year in years]), method)
    else:
        from geomonitor.data.raw_materials import governance_mean, read_governance

        estimates = read_governance(asked.governance_file)
        risk = governance_risk(
            pl.concat(
                [
                    governance_mean(estimates, [year]).with_columns(year=pl.lit(year, pl.Int16))
                    for year in years
                ]
            ),
            method,
        )
    found = geopolrisk_scores(
        asked.flows(years),
        production,
        risk,
        products,
        [asked.importer],
        years,
        specification=method,
        verified=True,
        whole_dollars=asked.dataset.whole_dollars,
    )
    table = found.table.with_columns(
        pl.col("material").replace_strict(stages, return_dtype=pl.String).alias("stage")
    )
    if form is OutputFormat.table:
        title = f"{asked.importer.label}, {method.label}, {years_text(years)}, {asked.dataset.name}"
        emit(table.select(_SHOWN), form, title=title, out=out)
        return
    specification = found.specification
    context = {
        "method": specification.id,
        "method_version": specification.version + ("+modified" if specification.modified else ""),
        "dataset": asked.dataset.name,
        "dataset_sha256": asked.dataset.content_sha256,
        "production": asked.sources.table_names,
    }
    emit(table.with_columns(pl.lit(value).alias(name) for name, value in context.items()), form, out=out)


def _production(asked: AskedMaterials, code: str | None, stage: str | None) -> pl.DataFrame:
    """Take production of one stage a material: extraction where there are both and none is asked for."""
    import polars as pl

    from geomonitor.errors import UnknownCodeError

    if not asked.sources.tables:
        raise typer.BadParameter(
            "geopolrisk-2024 needs --tables with production, such as world-mining-data:production_long.csv."
        )
    rows = pl.concat([each.table for each in asked.sources.tables]).filter(
        pl.col("measure") == "production", pl.col("stage").is_not_null()
    )
    if rows.is_empty():
        raise typer.BadParameter("geopolrisk-2024 needs --tables with quantities of production.")
    known = rows["material"].unique().sort()
    if code is not None:
        rows = rows.filter(pl.col("material") == code)
    if stage is not None:
        rows = rows.filter(pl.col("stage") == stage)
    if rows.is_empty():
        at = "" if stage is None else f" at {stage}"
        raise UnknownCodeError(
            f"The tables have no production of {code or 'any material'}{at}.",
            where=f"option tables: {asked.sources.table_names}",
            expected=f"one of {', '.join(known)}",
        )
    first = rows.group_by("material").agg(pl.col("stage").min(), several=pl.col("stage").n_unique() > 1)
    several = first.filter("several")["material"].sort()
    if len(several):
        typer.echo(
            f"Note: production of {', '.join(several)} is given at both stages; extraction is taken. "
            "Choose with --stage.",
            err=True,
        )
    return rows.join(first, on=["material", "stage"], how="semi")


def _products(hs_revision: str, stages: dict[str, str]) -> pl.DataFrame:
    import polars as pl

    from geomonitor.codes import material_products

    rows = [
        {"material": each.material, "product": product, "share": each.share}
        for each in material_products(hs_revision)
        if each.principal and stages.get(each.material) == each.stage
        for product in each.products
    ]
    schema = {"material": pl.String, "product": pl.String, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema).unique(maintain_order=True)


def _nothing(asked: AskedMaterials, years: list[int]) -> Exception:
    from geomonitor.errors import UnknownCodeError

    return UnknownCodeError(
        "There is no year with both production and trade.",
        where=f"options tables, dataset and years: {asked.sources.table_names}, {asked.dataset.name}",
        expected=f"years among {years_text(years)}" if years else "tables of the years of the dataset",
    )
