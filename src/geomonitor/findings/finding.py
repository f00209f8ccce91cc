"""A finding: one measured statement with everything needed to check it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import polars as pl

from geomonitor.dependency import INDICATORS, MethodSpecification

__all__ = ["FINDING_SCHEMA", "Finding", "findings_of", "findings_table"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured statement with its provenance.

    Attributes
    ----------
    subject : str
        Whose dependence: code of the importer, with its home group where one was named.
    counterpart : str or None
        The main supplier.
    product : str
        HS6 code.
    period : str
        Years, such as ``2022-2024``.
    measure : str
        Name of the indicator, or ``dependent`` for the verdict of the method.
    value : float or None
        Unrounded; None where undefined.
    unit : str
    threshold : float or None
    verdict : str
        ``met``, ``not met`` or ``undefined`` for an indicator; ``dependent``, ``not dependent`` or
        ``open`` for a verdict.
    method, method_version : str
    dataset, dataset_sha256 : str

    Examples
    --------
    >>> Finding("EU27_2020", "CHN", "810600", "2021-2023", "import_concentration", 0.509, "index", 0.4,
    ...         "met", "commission-2021", "1.0", "baci", "ab12").verdict
    'met'
    """

    subject: str
    counterpart: str | None
    product: str
    period: str
    measure: str
    value: float | None
    unit: str
    threshold: float | None
    verdict: str
    method: str
    method_version: str
    dataset: str
    dataset_sha256: str


FINDING_SCHEMA: dict[str, type[pl.DataType]] = {
    each.name: pl.Float64 if each.name in {"value", "threshold"} else pl.String for each in fields(Finding)
}


def findings_of(
    table: pl.DataFrame,
    specification: MethodSpecification,
    *,
    subject: str,
    period: str,
    dataset: str,
    dataset_sha256: str,
) -> Iterable[Finding]:
    """Turn a screening into findings: one an indicator and one a verdict, for every product.

    Parameters
    ----------
    table : polars.DataFrame
        Table of a `geomonitor.dependency.Screening`.
    specification : MethodSpecification
    subject, period, dataset, dataset_sha256 : str
        See `Finding`.

    Yields
    ------
    Finding
    """
    version = specification.version + ("+modified" if specification.modified else "")
    tested = {each.indicator: each for each in (*specification.conditions, *specification.severe_conditions)}
    for row in table.iter_rows(named=True):

        def finding(
            measure: str,
            value: float | None,
            unit: str,
            threshold: float | None,
            verdict: str,
            row: Any = row,
        ) -> Finding:
            return Finding(
                subject=subject,
                counterpart=row["main_supplier"],
                product=row["product"],
                period=period,
                measure=measure,
                value=value,
                unit=unit,
                threshold=threshold,
                verdict=verdict,
                method=specification.id,
                method_version=version,
                dataset=dataset,
                dataset_sha256=dataset_sha256,
            )

        for name, condition in tested.items():
            unit = INDICATORS[name][0]
            for column in _columns_of(name):
                value = row.get(column)
                distance = row.get(f"{name}_distance")
                verdict = "undefined" if value is None else _met(condition, value, distance, specification)
                yield finding(column, value, unit, condition.threshold, verdict)
        dependent = row["dependent"]
        named = "open" if dependent is None else ("dependent" if dependent else "not dependent")
        yield finding("dependent", None if dependent is None else float(dependent), "verdict", None, named)
        if specification.severe_name:
            severe = bool(row[specification.severe_name])
            text = specification.severe_name.replace("_", " ")
            yield finding(
                specification.severe_name, float(severe), "verdict", None, text if severe else f"no {text}"
            )


def _columns_of(indicator: str) -> Sequence[str]:
    if indicator == "domestic_use_kusd":
        return ("domestic_use_lower_kusd", "domestic_use_upper_kusd")
    return (indicator,)


def _met(condition: Any, value: float, distance: float | None, specification: MethodSpecification) -> str:
    """Say whether a test is met; with persistence the deciding year counts, not the pooled value."""
    import numpy as np

    if specification.period_rule == "persistence" and distance is not None and math.isfinite(distance):
        value = condition.threshold * (1.0 + distance)
    return "met" if bool(condition.met(np.array([value]))[0]) else "not met"


def findings_table(findings: Iterable[Finding]) -> pl.DataFrame:
    """Give findings as a table.

    Examples
    --------
    >>> findings_table([]).columns[:3]
    ['subject', 'counterpart', 'product']
    """
    return pl.DataFrame([asdict(each) for each in findings], schema=FINDING_SCHEMA)
