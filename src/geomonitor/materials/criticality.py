"""Which materials are critical: the rule, and the lists that follow from published values."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from geomonitor.materials.specification import MaterialMethod, material_method

__all__ = ["at_one_decimal", "critical_by_rule", "is_critical"]


def at_one_decimal(values: ArrayLike, decimals: int = 1) -> NDArray[np.float64]:
    """Round halves up, as a reader of a table does; binary fractions that are halves on paper go up too.

    Examples
    --------
    >>> at_one_decimal([0.95, 0.949, 2.75]).tolist()
    [1.0, 0.9, 2.8]
    """
    power = 10.0**decimals
    return np.asarray(np.floor(np.asarray(values, dtype=np.float64) * power + 0.5 + 1e-9) / power)


def is_critical(
    supply_risk: ArrayLike, economic_importance: ArrayLike, method: MaterialMethod | None = None
) -> NDArray[np.bool_]:
    """Apply the rule: both values, rounded to one decimal, reach their threshold.

    Parameters
    ----------
    supply_risk, economic_importance : array_like of float
    method : MaterialMethod, optional
        ``eu-crm-2017`` where left out.

    Returns
    -------
    numpy.ndarray of bool
        False where a value is not known; ask before whether it is.

    Examples
    --------
    >>> is_critical([0.95, 0.94, 4.0], [2.8, 7.0, 2.74]).tolist()
    [True, False, False]
    """
    rule = method or material_method("eu-crm-2017")
    decimals = int(rule.parameters["decimals"])
    noise = 1e-9
    with np.errstate(invalid="ignore"):
        risk = at_one_decimal(supply_risk, decimals) >= rule.thresholds["supply_risk"] - noise
        importance = (
            at_one_decimal(economic_importance, decimals) >= rule.thresholds["economic_importance"] - noise
        )
    return np.asarray(risk & importance)


def critical_by_rule(assessments: pl.DataFrame, method: MaterialMethod | None = None) -> pl.DataFrame:
    """Say of published assessments which materials the rule calls critical.

    Parameters
    ----------
    assessments : polars.DataFrame
        `material`, `year`, `supply_risk`, `economic_importance`; nulls where a material was not assessed.
    method : MaterialMethod, optional

    Returns
    -------
    polars.DataFrame
        The table with `critical`: null where a value is missing.

    Examples
    --------
    >>> frame = pl.DataFrame({"material": ["a", "b"], "year": 2023, "supply_risk": [1.0, None],
    ...                       "economic_importance": [2.8, 5.0]})
    >>> critical_by_rule(frame)["critical"].to_list()
    [True, None]
    """
    risk = assessments["supply_risk"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    importance = assessments["economic_importance"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    verdict = pl.Series("critical", is_critical(risk, importance, method))
    known = assessments["supply_risk"].is_not_null() & assessments["economic_importance"].is_not_null()
    return assessments.with_columns(critical=pl.when(known).then(verdict))
