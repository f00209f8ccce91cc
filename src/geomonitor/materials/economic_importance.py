r"""Economic importance of a raw material: the value added of the sectors that use it.

.. math:: EI = \frac{10}{\max_s Q_s} \sum_s A_s \, Q_s \cdot SI_{EI}

with :math:`A_s` the share of use in sector s, :math:`Q_s` the value added of the sector, and
:math:`SI_{EI}` the index of substitutes by cost and performance.
Source: Blengini et al. (2017), Methodology for establishing the EU list of critical raw materials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from geomonitor.errors import DataError
from geomonitor.materials.specification import MaterialMethod, material_method
from geomonitor.materials.supply_risk import SubstituteUse

__all__ = ["EconomicImportance", "economic_importance", "importance_of_uses", "substitution_economic"]


def economic_importance(
    use_shares: ArrayLike,
    value_added: ArrayLike,
    largest_value_added: float,
    substitution: float,
    *,
    scale: float = 10.0,
) -> float:
    """Measure economic importance.

    Parameters
    ----------
    use_shares : array_like of float, shape (n,)
        Share of the use of the material, by use.
    value_added : array_like of float, shape (n,)
        Value added of the sector of every use, in one unit.
    largest_value_added : float
        Of any manufacturing sector, in the same unit: the sector that would score `scale`.
    substitution : float
        Index of substitutes, at most 1.
    scale : float

    Returns
    -------
    float
        0 to `scale`; NaN where an input is unknown.

    Raises
    ------
    DataError
        If a share or a value is negative, or the largest value added is not above 0.

    Examples
    --------
    >>> round(economic_importance([0.5, 0.3, 0.2], [100, 60, 20], 170, 0.95), 7)
    4.0235294
    """
    shares = np.asarray(use_shares, dtype=np.float64)
    values = np.asarray(value_added, dtype=np.float64)
    if (shares < 0).any() or (values < 0).any() or not largest_value_added > 0:
        raise DataError(
            "A share of use or a value added is negative, or the largest value added is not above 0.",
            where="economic_importance",
            expected="shares and values of at least 0",
        )
    return float(np.sum(shares * values) * scale / largest_value_added * substitution)


def substitution_economic(substitutes: Sequence[SubstituteUse]) -> float:
    r"""Measure how far substitutes lower economic importance.

    .. math:: SI_{EI} = \sum_i \sum_a SCP_{i,a} \, sub_{i,a} \, share_a

    What no substitute can take over counts with 1.

    Parameters
    ----------
    substitutes : sequence of SubstituteUse

    Returns
    -------
    float

    Raises
    ------
    DataError
        If substitutes take over more than the whole of the use.

    Examples
    --------
    >>> round(substitution_economic([SubstituteUse(0.5, 0.4, cost_performance=0.8)]), 4)
    0.96
    """
    taken = sum(each.use_share * each.substitute_share for each in substitutes)
    if taken > 1 + 1e-9:
        raise DataError(
            f"Substitutes take over {taken:.0%} of the use.",
            where="substitution_economic",
            expected="at most 100 %",
        )
    scored = sum(each.cost_performance * each.use_share * each.substitute_share for each in substitutes)
    return float(scored + 1 - taken)


@dataclass(frozen=True, slots=True)
class EconomicImportance:
    """Economic importance of materials, from their uses.

    Attributes
    ----------
    table : polars.DataFrame
        One row a material: `material`, `economic_importance`, `economic_importance_low`,
        `economic_importance_high`, `use_share_sum`, `main_sector`, `main_sector_share`,
        `substitution_economic`, `reason` (why there is no value).
    contributions : polars.DataFrame
        One row a material and sector: `material`, `sector`, `use_share`, `value_added_meur`,
        `contribution` (to economic importance before substitution).
    largest_value_added_meur : float
    """

    table: pl.DataFrame
    contributions: pl.DataFrame
    largest_value_added_meur: float


def importance_of_uses(
    uses: pl.DataFrame,
    substitution: pl.DataFrame | None = None,
    *,
    largest_value_added_meur: float | None = None,
    method: MaterialMethod | None = None,
) -> EconomicImportance:
    """Measure economic importance of every material of a table of uses.

    Shares that do not add up to the whole are not rescaled: outside the tolerance there is no value. Below
    it there are bounds (what is missing goes to no sector, or to the sector with the largest value added);
    above it there are none, since nothing says which share is wrong. A use without a value added leaves
    bounds in the same way.

    Parameters
    ----------
    uses : polars.DataFrame
        Rows of the canonical material table with measure "use": `material`, `sector`, `quantity` (share as a
        fraction), `value_added_meur`.
    substitution : polars.DataFrame, optional
        `material`, `substitution_economic`; a material that is not in it has unknown substitutes: between
        the lowest index that the studies print and 1.
    largest_value_added_meur : float, optional
        Value added of the largest sector; the largest in `uses` where left out.
    method : MaterialMethod, optional
        ``eu-crm-2017`` where left out.

    Returns
    -------
    EconomicImportance

    Raises
    ------
    DataError
        If no use has a value added.

    Examples
    --------
    >>> uses = pl.DataFrame({"material": "m", "sector": ["C24", "C25"], "quantity": [0.6, 0.4],
    ...                      "value_added_meur": [50.0, 100.0]})
    >>> index = pl.DataFrame({"material": ["m"], "substitution_economic": [0.9]})
    >>> importance_of_uses(uses, index).table["economic_importance"].item()
    6.3
    """
    rule = method or material_method("eu-crm-2017")
    # 1e-9: sums of printed decimals carry rounding in the last binary digit
    tolerance = rule.parameters["share_sum_tolerance"] + 1e-9
    scale = rule.parameters["economic_importance_scale"]
    largest = largest_value_added_meur or uses["value_added_meur"].max()
    if not isinstance(largest, float | int) or not largest > 0:
        raise DataError(
            "No use has a value added, so there is nothing to scale by.",
            where="table of uses, column value_added_meur",
            expected="a value above 0, in million euro",
        )
    per_sector = (
        uses.group_by("material", "sector")
        .agg(
            use_share=pl.col("quantity").sum(),
            unknown=pl.col("quantity").is_null().any(),
            without_value=pl.col("quantity").filter(pl.col("value_added_meur").is_null()).sum(),
            value_added_meur=pl.col("value_added_meur").max(),
            contribution=(pl.col("quantity") * pl.col("value_added_meur")).sum() * scale / largest,
        )
        .sort("material", "use_share", "sector", descending=[False, True, False])
    )
    known = (
        substitution.select("material", "substitution_economic")
        if substitution is not None
        else pl.DataFrame(schema={"material": pl.String, "substitution_economic": pl.Float64})
    )
    index, lowest = pl.col("substitution_economic"), rule.parameters["substitution_lowest"]
    total, missing = pl.col("contribution"), 1 - pl.col("use_share_sum")
    # a use without a value added lies between none and that of the largest sector
    unvalued = pl.col("without_value") > 0
    ok = (missing.abs() <= tolerance) & ~pl.col("unknown") & ~unvalued
    bounded = (missing >= -tolerance) & ~pl.col("unknown")
    table = (
        per_sector.group_by("material", maintain_order=True)
        .agg(
            contribution=pl.col("contribution").sum(),
            use_share_sum=pl.col("use_share").sum(),
            unknown=pl.col("unknown").any(),
            without_value=pl.col("without_value").sum(),
            main_sector=pl.col("sector").first(),
            main_sector_share=pl.col("use_share").first(),
        )
        .join(known, on="material", how="left")
        .select(
            "material",
            economic_importance=pl.when(ok).then((total * index).round(12)),
            economic_importance_low=pl.when(bounded).then(total * index.fill_null(lowest)),
            economic_importance_high=pl.when(bounded).then(
                (total + (pl.max_horizontal(missing, 0.0) + pl.col("without_value")) * scale)
                * index.fill_null(1.0)
            ),
            use_share_sum="use_share_sum",
            main_sector="main_sector",
            main_sector_share="main_sector_share",
            substitution_economic="substitution_economic",
            reason=pl.when(pl.col("unknown") | unvalued)
            .then(pl.lit("a use has no share or no value added"))
            .when(missing > tolerance)
            .then(pl.lit("uses add up to less than the whole"))
            .when(missing < -tolerance)
            .then(pl.lit("uses add up to more than the whole"))
            .when(index.is_null())
            .then(pl.lit("substitutes are not known")),
        )
        .sort("material")
    )
    return EconomicImportance(table, per_sector.drop("unknown", "without_value"), float(largest))
