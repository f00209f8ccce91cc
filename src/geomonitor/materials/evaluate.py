"""From a dataset, or from tables of production, to the assessment of raw materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.data.raw_materials import published_assessments
from geomonitor.errors import DataError
from geomonitor.materials.assessment import Assessment, assess
from geomonitor.materials.economic_importance import EconomicImportance, importance_of_uses
from geomonitor.materials.inputs import MaterialInputs, with_restrictions
from geomonitor.materials.parameters import AssessmentParameters, assessment_parameters
from geomonitor.materials.production_basis import production_shares, sourcing_shares, use_rows
from geomonitor.materials.shares import weighted_governance
from geomonitor.materials.specification import MaterialMethod
from geomonitor.materials.trade_basis import MaterialTrade, material_trade
from geomonitor.trade import Importer, Supply, supply_tables

__all__ = ["MaterialsEvaluation", "materials_from_production", "materials_from_trade"]


@dataclass(frozen=True, slots=True)
class MaterialsEvaluation:
    """An assessment with everything that went into it.

    Attributes
    ----------
    assessment : Assessment
    parameters : AssessmentParameters
    world : polars.DataFrame
        Shares in world supply: `material`, `stage`, `economy`, `share`, ...
    sourcing : polars.DataFrame
        Shares in the supply that importers use: the same with `importer`.
    weights : polars.DataFrame
        `economy`, `weight` of governance.
    trade : MaterialTrade or None
        On the basis of trade.
    """

    assessment: Assessment
    parameters: AssessmentParameters
    world: pl.DataFrame
    sourcing: pl.DataFrame
    weights: pl.DataFrame
    trade: MaterialTrade | None


def materials_from_trade(
    flows: Any,
    hs_revision: str,
    importers: Sequence[Importer],
    years: Sequence[int],
    governance: pl.DataFrame,
    *,
    history_years: Sequence[int] | None = None,
    supply: Supply | None = None,
    merge: Mapping[str, str] | None = None,
    inputs: MaterialInputs | None = None,
    tables: Sequence[pl.DataFrame] = (),
    method: MaterialMethod | None = None,
) -> MaterialsEvaluation:
    """Assess raw materials where only trade is known.

    Parameters
    ----------
    flows : frame
        Canonical flows, of any engine.
    hs_revision : str
        Of the flows.
    importers : sequence of Importer
    years : sequence of int
        Added up.
    governance : polars.DataFrame
        `economy`, `governance` (estimates).
    history_years : sequence of int, optional
        Years of the history; `years` where left out.
    supply : Supply, optional
        Made before from the same flows, years kept apart; made here where left out.
    merge : dict of str to str, optional
        Economies to fold into another one.
    inputs : MaterialInputs, optional
    tables : sequence of polars.DataFrame
        Canonical material tables with uses, for economic importance.
    method : MaterialMethod, optional

    Returns
    -------
    MaterialsEvaluation

    Examples
    --------
    >>> from geomonitor.data import embedded_dataset, governance, open_flows
    >>> from geomonitor.trade import importer
    >>> found = materials_from_trade(open_flows(embedded_dataset(), years=[2023]), "HS92",
    ...                              [importer("EU27_2020")], [2023], governance(2023))
    >>> found.assessment.stages.filter(material="boron", stage="extraction")["main_supplier"].item()
    'TUR'
    """
    wanted = sorted({*years, *(history_years or ())})
    made = supply or supply_tables(
        flows, importers, wanted, by_year=True, quantities=False, merge=dict(merge) if merge else None
    )
    trade = material_trade(made, hs_revision, importers, years)
    given = inputs or MaterialInputs()
    world = with_restrictions(trade.world, given.entries)
    sourcing = with_restrictions(trade.sourcing, given.entries)
    weights = weighted_governance(governance, method)
    parameters = assessment_parameters(
        importers, trade.products, inputs=given, importance=_importance(tables, given)
    )
    found = assess(
        world,
        sourcing,
        weights,
        parameters.table,
        importers,
        basis="trade",
        home=with_restrictions(trade.home, given.entries),
        mixed=trade.products.filter("mixed"),
        importance=parameters.importance,
        method=method,
    )
    return MaterialsEvaluation(found, parameters, world, sourcing, weights, trade)


def materials_from_production(
    tables: Sequence[pl.DataFrame],
    importers: Sequence[Importer],
    governance: pl.DataFrame,
    *,
    years: Sequence[int] | None = None,
    inputs: MaterialInputs | None = None,
    method: MaterialMethod | None = None,
) -> MaterialsEvaluation:
    """Assess raw materials from tables of production or of printed supply shares.

    Parameters
    ----------
    tables : sequence of polars.DataFrame
        Canonical material tables: world supply or production, sourcing, use.
    importers : sequence of Importer
        An importer without printed sourcing counts on world supply alone, as the method prescribes.
    governance : polars.DataFrame
        `economy`, `governance` (estimates).
    years : sequence of int, optional
        Of production quantities that are added up; the last of each material where left out.
    inputs : MaterialInputs, optional
    method : MaterialMethod, optional

    Returns
    -------
    MaterialsEvaluation

    Raises
    ------
    DataError
        If no table has production or world supply.
    """
    given = inputs or MaterialInputs()
    world = with_restrictions(production_shares(tables, years), given.entries)
    sourcing = with_restrictions(sourcing_shares(tables), given.entries)
    if world.is_empty() and sourcing.is_empty():
        raise DataError(
            "No table has production, shares of world supply, or sourcing.",
            where="tables of raw materials",
            expected="a table with the measure production, world_supply or sourcing",
            next_step="See `geomonitor material-tables list`.",
        )
    weights = weighted_governance(governance, method)
    parameters = assessment_parameters(
        importers,
        pl.concat([world.select("material", "stage"), sourcing.select("material", "stage")]),
        inputs=given,
        importance=_importance(tables, given),
    )
    found = assess(
        world,
        sourcing,
        weights,
        parameters.table,
        importers,
        basis="production",
        importance=parameters.importance,
        method=method,
    )
    return MaterialsEvaluation(found, parameters, world, sourcing, weights, None)


def _importance(tables: Sequence[pl.DataFrame], inputs: MaterialInputs) -> EconomicImportance | None:
    uses = use_rows(tables)
    if uses.is_empty():
        return None
    published = (
        published_assessments()
        .filter(pl.col("substitution_economic").is_not_null())
        .sort("year")
        .group_by("material", maintain_order=True)
        .agg(pl.col("substitution_economic").last())
    )
    given = [
        {"material": each.material, "substitution_economic": each.value}
        for each in inputs.entries
        if each.measure == "substitution_economic"
    ]
    ours = pl.DataFrame(given, schema=published.schema).unique("material", keep="last")
    known = pl.concat([ours, published.join(ours, on="material", how="anti")])
    return importance_of_uses(uses, known)
