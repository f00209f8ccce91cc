"""The part of an edition on raw materials: supply risk by stage, who supplies, and what was published."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from geomonitor.chains import Chain
from geomonitor.codes import material, material_products
from geomonitor.data import Dataset
from geomonitor.data.raw_materials import (
    on_published_list,
    published_assessments,
    published_list_years,
    published_main_suppliers,
)
from geomonitor.errors import DataError
from geomonitor.materials import (
    NO_SUPPLY_KNOWN,
    compare_stages,
    critical_by_rule,
    production_shares,
)
from geomonitor.monitor.material_sources import Evaluated, MaterialSources

__all__ = ["MATERIAL_TABLES", "material_tables", "published_table", "stage_comparison"]

MATERIAL_TABLES: tuple[str, ...] = (
    "materials",
    "material_stages",
    "material_factors",
    "material_suppliers",
    "material_history",
    "material_published",
    "material_comparison",
)
"""Names of the tables that this part adds to an edition."""

WORLD_EXPORTS = "world exports"
WORLD_PRODUCTION = "world production"
SHARE_MEASURE = "main supplier's share"
CONCENTRATION_MEASURE = "concentration"

_STUDIES = "eu-crm-studies"
_GOVERNANCE = "worldbank-wgi"
_FACTOR_OF_MEASURE = {"recycling_rate": "recycling", "substitution_risk": "substitution"}
# the studies of 2011 and 2014 followed another method, with another threshold
_FIRST_YEAR_OF_RULE = 2017
_SMALLEST_NAMED_SHARE = 1e-4
# Libraries differ in the last bits of a sum; the tables of an edition should not.
_DECIMALS = 12
_MARKET = ("material", "stage")


def material_tables(
    sources: MaterialSources,
    evaluated: Sequence[Evaluated],
    *,
    dataset: Dataset,
    period: str,
    chains: Sequence[Chain] = (),
) -> dict[str, pl.DataFrame]:
    """Make the tables on raw materials.

    Parameters
    ----------
    sources : MaterialSources
    evaluated : sequence of Evaluated
        From `evaluated_materials`.
    dataset : Dataset
    period : str
        The years that were added up, in short.
    chains : sequence of Chain
        Those of the edition, for the chains that name a material.

    Returns
    -------
    dict of str to polars.DataFrame
        Tables by name (`MATERIAL_TABLES`; those without a row are left out).
    """
    measured = pl.concat([_materials(each, chains) for each in evaluated])
    tables = {
        "materials": _with_the_unknown(measured, sources.only, chains)
        if any(each.basis == "trade" for each in evaluated)
        else measured,
        "material_stages": pl.concat([_stages(each, dataset) for each in evaluated]),
        "material_factors": pl.concat([_factors(each) for each in evaluated]),
        "material_suppliers": pl.concat([_suppliers(each) for each in evaluated]),
        "material_history": pl.concat(_histories(evaluated, sources)),
        "material_published": published_table(),
        "material_comparison": stage_comparison(evaluated, period),
    }
    if sources.only:
        tables = {
            name: table.filter(pl.col("material").is_in(list(sources.only))) for name, table in tables.items()
        }
        if not set(measured["material"]) & set(sources.only):
            raise DataError(
                f"There is no trade in {', '.join(sources.only)} in {dataset.name}.",
                where="key materials.only",
                expected="at least one material that the dataset has",
                next_step="See `geomonitor materials` for the materials that there are.",
            )
    return {
        name: tables[name].with_columns(pl.col(pl.Float64).round(_DECIMALS))
        for name in MATERIAL_TABLES
        if tables[name].height
    }


def _labelled(frame: pl.DataFrame, each: Evaluated) -> pl.DataFrame:
    labels = {one.code: one.label for one in each.importers}
    return frame.with_columns(label=pl.col("importer").replace_strict(labels, return_dtype=pl.String))


def _with_the_unknown(found: pl.DataFrame, only: Sequence[str], chains: Sequence[Chain]) -> pl.DataFrame:
    """Add what the latest study looked at and no supply is known of: it does not drop out of sight."""
    studied = _latest_published().filter(pl.col("published_year") == pl.col("published_year").max())
    importers = found.select("importer", "label").unique(maintain_order=True)
    missing = (
        importers.join(studied, how="cross")
        .join(found, on=["label", "material"], how="anti", maintain_order="left")
        .filter(pl.col("material").is_in(list(only)) if only else pl.lit(True))
    )
    if missing.is_empty():
        return found
    names = {code: material(code) for code in missing["material"].unique()}

    def named(attribute: str, kind: Any = pl.String) -> pl.Expr:
        values = {code: getattr(one, attribute) for code, one in names.items()}
        return pl.col("material").replace_strict(values, return_dtype=kind).alias(attribute)

    added = missing.with_columns(
        named("name_en"),
        named("name_nl"),
        named("strategic", pl.Boolean),
        pl.col("material")
        .replace_strict({code: _chains_with(code, chains) for code in names}, return_dtype=pl.String)
        .alias("chains"),
        basis=pl.lit("trade"),
        reason=pl.lit(NO_SUPPLY_KNOWN),
    )
    return pl.concat([found, added], how="diagonal").sort("label", "material", maintain_order=True)


def _latest_published() -> pl.DataFrame:
    return (
        published_table()
        .filter(pl.col("supply_risk").is_not_null())
        .sort("year")
        .group_by("material", maintain_order=True)
        .agg(
            published_year=pl.col("year").last(),
            published_supply_risk=pl.col("supply_risk").last(),
            published_economic_importance=pl.col("economic_importance").last(),
            published_critical=pl.col("critical").last(),
        )
    )


def _materials(each: Evaluated, chains: Sequence[Chain]) -> pl.DataFrame:
    latest = _latest_published()
    found = each.evaluation.assessment.materials
    names = {code: material(code) for code in found["material"].unique()}

    def named(values: Mapping[str, Any], kind: Any = pl.String) -> pl.Expr:
        return pl.col("material").replace_strict(values, return_dtype=kind)

    return (
        _labelled(found, each)
        .join(latest, on="material", how="left", maintain_order="left")
        .select(
            "importer",
            "label",
            "material",
            named({code: one.name_en for code, one in names.items()}).alias("name_en"),
            named({code: one.name_nl for code, one in names.items()}).alias("name_nl"),
            named({code: one.strategic for code, one in names.items()}, pl.Boolean).alias("strategic"),
            *("basis", "stage", "supply_risk", "supply_risk_low", "supply_risk_high"),
            *("economic_importance", "economic_importance_low", "economic_importance_high"),
            *("economic_importance_source", "critical", "reason"),
            *("main_supplier", "main_supplier_share", "above_benchmark"),
            *("published_year", "published_supply_risk", "published_economic_importance"),
            "published_critical",
            named({code: _chains_with(code, chains) for code in names}).alias("chains"),
        )
        .sort("label", "material")
    )


def _chains_with(code: str, chains: Sequence[Chain]) -> str:
    """Name the chains with a stage that yields the material, its group, or a member of it."""
    above = set(material(code).parents)
    found = [
        chain.code
        for chain in chains
        if any(
            one.material == code or one.material in above or code in material(one.material).parents
            for stage in chain.stages
            for one in stage.materials
        )
    ]
    return ";".join(found)


def _stages(each: Evaluated, dataset: Dataset) -> pl.DataFrame:
    evaluation = each.evaluation
    trade = evaluation.trade
    stages = _labelled(evaluation.assessment.stages, each)
    if trade is None:
        nothing = pl.lit(None, dtype=pl.String)
        stages = stages.with_columns(
            products=nothing, products_missing=nothing, import_value_kusd=pl.lit(None, dtype=pl.Float64)
        )
    else:
        counted = trade.products.group_by(_MARKET).agg(pl.col("product").unique().sort().str.join(";"))
        imports = trade.sourcing.group_by("importer", *_MARKET).agg(pl.col("value_kusd").sort().sum())
        stages = (
            stages.join(counted.rename({"product": "products"}), on=_MARKET, how="left")
            .join(_missing_products(trade.products, dataset.hs_revision), on=_MARKET, how="left")
            .join(imports.rename({"value_kusd": "import_value_kusd"}), on=["importer", *_MARKET], how="left")
        )
    unknown = pl.concat_str("world_unknown_governance", "sourcing_unknown_governance", separator=";")
    return stages.select(
        *("importer", "label", "material", "stage", "basis", "products", "products_missing", "mixed"),
        "import_value_kusd",
        *("world_concentration", "sourcing_concentration", "governed_world", "governed_sourcing"),
        *("import_reliance", "import_reliance_low", "import_reliance_high"),
        *("recycling_rate", "substitution_risk", "supply_risk", "supply_risk_low", "supply_risk_high"),
        *("main_world_supplier", "main_world_share", "main_supplier", "main_supplier_share"),
        *("main_supplier_share_low", "above_benchmark"),
        unknown.str.split(";")
        .list.unique()
        .list.sort()
        .list.join(";")
        .str.strip_chars(";")
        .alias("unknown_governance"),
        "reason",
    ).sort("label", "material", "stage")


def _missing_products(counted: pl.DataFrame, hs_revision: str) -> pl.DataFrame:
    """Name the codes that hold a material at a stage and are not in the dataset."""
    present = set(counted["product"])
    rows = [
        (each.material, each.stage, product)
        for each in material_products(hs_revision)
        if each.principal
        for product in each.products
        if product not in present
    ]
    schema = {"material": pl.String, "stage": pl.String, "products_missing": pl.String}
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by(_MARKET)
        .agg(pl.col("products_missing").unique().sort().str.join(";"))
    )


def _factors(each: Evaluated) -> pl.DataFrame:
    evaluation = each.evaluation
    given = evaluation.parameters.sources.select(
        "importer",
        *_MARKET,
        factor=pl.col("measure").replace(_FACTOR_OF_MEASURE),
        given="source",
    )
    own = pl.col("factor").replace_strict(
        {
            "world_concentration": each.source,
            "governance": _GOVERNANCE,
            "restrictions": evaluation.assessment.method.id,
        },
        default=None,
        return_dtype=pl.String,
    )
    return (
        _labelled(evaluation.assessment.factors, each)
        .join(given, on=["importer", *_MARKET, "factor"], how="left", maintain_order="left")
        .with_columns(factor=pl.col("factor").replace({"concentration": "world_concentration"}))
        .select(
            *("importer", "label", "material", "stage", "factor", "value"),
            *("supply_risk", "supply_risk_if_neutral", "contribution"),
            pl.lit(each.basis).alias("basis"),
            pl.coalesce("given", own).alias("source"),
        )
        .sort("label", "material", "stage", maintain_order=True)
    )


def _suppliers(each: Evaluated) -> pl.DataFrame:
    """Give who supplies the world, and each importer; what is too small to name together as OTHER."""
    evaluation = each.evaluation
    codes = pl.DataFrame({"importer": [one.code for one in each.importers]})
    by_scope = [
        codes.join(evaluation.world, how="cross").with_columns(scope=pl.lit("world")),
        evaluation.sourcing.join(codes, on="importer", how="semi").with_columns(scope=pl.lit("importer")),
    ]
    keys = ["importer", *_MARKET, "scope"]
    large = pl.col("economy").is_not_null() & (pl.col("share") >= _SMALLEST_NAMED_SHARE)
    value = pl.col("value_kusd") if evaluation.trade is not None else pl.lit(None, dtype=pl.Float64)
    summed = (
        pl.concat([one.select(*keys, "economy", "share", value_kusd=value) for one in by_scope])
        .filter(pl.col("share").is_not_null())
        .with_columns(supplier=pl.when(large).then("economy").otherwise(pl.lit("OTHER")))
        .group_by(*keys, "supplier")
        .agg(
            value_kusd=pl.when(pl.col("value_kusd").is_not_null().any()).then(
                pl.col("value_kusd").sort().sum()
            ),
            share=pl.col("share").sort().sum(),
        )
        .join(evaluation.weights.rename({"economy": "supplier"}), on="supplier", how="left")
    )
    return (
        _labelled(summed, each)
        .select(
            *("importer", "label", "material", "stage", "scope", "supplier", "value_kusd", "share"),
            pl.col("weight").alias("governance"),
            pl.lit(each.basis).alias("basis"),
        )
        .sort(
            *("label", "material", "stage", "scope", "share", "supplier"),
            descending=[False, False, False, False, True, False],
        )
    )


_HISTORY = ("material", "stage", "scope", "year", "concentration", "main_supplier", "main_supplier_share")


def _histories(evaluated: Sequence[Evaluated], sources: MaterialSources) -> Iterable[pl.DataFrame]:
    seen: set[str] = set()
    for each in evaluated:
        trade = each.evaluation.trade
        if trade is None:
            continue
        # a code that occurs twice, with another home, goes by its label the second time
        scopes = {one.code: one.label if one.code in seen else one.code for one in each.importers}
        world = {"world": WORLD_EXPORTS} if not seen else {}
        seen |= set(scopes)
        yield (
            trade.history.filter(pl.col("scope").is_in([*world, *scopes]))
            .with_columns(pl.col("scope").replace_strict({**world, **scopes}, return_dtype=pl.String))
            .select(*_HISTORY)
            .cast({"year": pl.Int32})
            .sort("scope", "material", "stage", "year")
        )
    if sources.has_supply:
        yield _production_history(sources)


def _production_history(sources: MaterialSources) -> pl.DataFrame:
    shares = production_shares([each.table for each in sources.tables], by_year=True)
    known = pl.col("economy").is_not_null() & pl.col("share").is_not_null()
    return (
        shares.sort(*_MARKET, "year", "share", "economy", descending=[False, False, False, True, False])
        .group_by(*_MARKET, "year", maintain_order=True)
        .agg(
            concentration=(pl.col("share") ** 2).filter(known).sum(),
            main_supplier=pl.col("economy").filter(known).first(),
            main_supplier_share=pl.col("share").filter(known).first(),
        )
        .filter(pl.col("main_supplier").is_not_null())
        .with_columns(scope=pl.lit(WORLD_PRODUCTION))
        .select(*_HISTORY)
        .cast({"year": pl.Int32})
    )


@functools.cache
def published_table() -> pl.DataFrame:
    """Give what the European Commission published on every material, with the rule and the list beside it.

    Returns
    -------
    polars.DataFrame
        `material`, `year`, `supply_risk`, `economic_importance`, `critical` (by the rule; null before 2017,
        when another method held) and `listed` (null where the list of that year is not known).

    Examples
    --------
    >>> published_table().filter(material="copper", year=2023).select("critical", "listed").row(0)
    (False, True)
    """
    printed = published_assessments()
    years = set(published_list_years())
    of_rule = pl.col("year") >= _FIRST_YEAR_OF_RULE
    return (
        critical_by_rule(printed.select("material", "year", "supply_risk", "economic_importance"))
        .with_columns(
            pl.col("year").cast(pl.Int32),
            critical=pl.when(of_rule).then("critical"),
            listed=pl.Series(
                [
                    on_published_list(code, year) if year in years else None
                    for code, year in printed.select("material", "year").iter_rows()
                ],
                dtype=pl.Boolean,
            ),
        )
        .sort("material", "year")
    )


def stage_comparison(evaluated: Sequence[Evaluated], period: str) -> pl.DataFrame:
    """Compare extraction with processing: as published, in trade, and in tables of production.

    In trade only codes that hold one material count: a mixed code says nothing of the one or the other.

    Parameters
    ----------
    evaluated : sequence of Evaluated
    period : str
        Of trade, in short.

    Returns
    -------
    polars.DataFrame
        Tables of `geomonitor.materials.StageComparison`, one after another: the published shares of the
        largest supplier first.
    """
    printed = published_main_suppliers().filter(pl.col("scope") == "world")
    parts = []
    for years in printed["years"].unique().sort():
        # economies that tie for the largest share have a row each
        largest = printed.filter(pl.col("years") == years).unique(_MARKET, keep="first", maintain_order=True)
        values = largest.select(*_MARKET, value="share", supplier="economy")
        parts.append(compare_stages(values, measure=SHARE_MEASURE, source=_STUDIES, years=str(years)).table)
    seen: set[str] = set()
    for each in evaluated:
        if each.basis in seen:
            continue
        seen.add(each.basis)
        stages = each.evaluation.assessment.stages
        tolerance = each.evaluation.assessment.method.parameters["share_sum_tolerance"]
        whole = stages.filter(
            ~pl.col("mixed"),
            pl.col("importer") == stages["importer"].first(),
            (pl.col("world_share_sum") - 1).abs() <= tolerance + 1e-9,
        )
        for measure, column in (
            (SHARE_MEASURE, "main_world_share"),
            (CONCENTRATION_MEASURE, "world_concentration"),
        ):
            values = whole.select(*_MARKET, value=column, supplier="main_world_supplier")
            parts.append(
                compare_stages(
                    values, measure=measure, source=each.source, years=_years_of(each, period)
                ).table
            )
    return pl.concat(parts)


def _years_of(each: Evaluated, period: str) -> str:
    if each.evaluation.trade is not None:
        return period
    return ";".join(each.evaluation.world["years"].drop_nulls().unique().sort())
