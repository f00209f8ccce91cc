"""Findings on raw materials: supply risk by stage, economic importance, the verdict, and the benchmark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from geomonitor.data import Dataset
from geomonitor.findings import Finding, frame_sha256
from geomonitor.materials import MaterialMethod, at_one_decimal
from geomonitor.monitor.material_sources import MaterialSources

__all__ = ["material_findings"]


def material_findings(
    tables: Mapping[str, pl.DataFrame], sources: MaterialSources, *, dataset: Dataset, period: str
) -> Iterable[Finding]:
    """Turn the tables on raw materials into findings.

    The subject is the importer, the product the code of the material. A test of supply risk is met, or not,
    also where only bounds are known that lie on one side of the threshold.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        From `material_tables`.
    sources : MaterialSources
    dataset : Dataset
    period : str
        The years that were added up, in short.

    Yields
    ------
    Finding
    """
    rule, goals = sources.methods
    where = {
        "trade": (dataset.name, dataset.content_sha256),
        "production": (sources.table_names, _tables_sha256(sources)),
    }

    def finding(
        row: Mapping[str, Any],
        method: MaterialMethod,
        measure: str,
        value: float | None,
        unit: str,
        threshold: float | None,
        verdict: str,
    ) -> Finding:
        name, sha256 = where[row["basis"]]
        return Finding(
            subject=row["label"],
            counterpart=row["main_supplier"],
            product=row["material"],
            period=period,
            measure=measure,
            value=value,
            unit=unit,
            threshold=threshold,
            verdict=verdict,
            method=method.id,
            method_version=method.version + ("+modified" if method.modified else ""),
            dataset=name,
            dataset_sha256=sha256,
        )

    for row in tables["materials"].iter_rows(named=True):
        for measure in ("supply_risk", "economic_importance"):
            threshold = rule.thresholds[measure]
            yield finding(
                row, rule, measure, row[measure], "score", threshold, _met(row, measure, threshold, rule)
            )
        critical = row["critical"]
        verdict = "open" if critical is None else "critical" if critical else "not critical"
        yield finding(
            row, rule, "critical", None if critical is None else float(critical), "verdict", None, verdict
        )
    limit = goals.thresholds["largest_third_country_share"]
    for row in tables["material_stages"].iter_rows(named=True):
        threshold = rule.thresholds["supply_risk"]
        yield finding(
            row,
            rule,
            f"supply_risk_{row['stage']}",
            row["supply_risk"],
            "score",
            threshold,
            _met(row, "supply_risk", threshold, rule),
        )
        above = row["above_benchmark"]
        yield finding(
            row,
            goals,
            f"largest_third_country_share_{row['stage']}",
            row["main_supplier_share"],
            "share",
            limit,
            "undefined" if above is None else "met" if above else "not met",
        )


def _met(row: Mapping[str, Any], measure: str, threshold: float, rule: MaterialMethod) -> str:
    """Test a value, or both its bounds, rounded as the method does."""
    value = row[measure]
    ends: Sequence[float | None] = [value, value]
    if value is None:
        ends = [row[f"{measure}_low"], row[f"{measure}_high"]]
    if any(each is None for each in ends):
        return "undefined"
    rounded = at_one_decimal(np.array(ends, dtype=np.float64), int(rule.parameters["decimals"]))
    reached = rounded >= threshold - 1e-9
    if reached.all():
        return "met"
    return "undefined" if reached.any() else "not met"


def _tables_sha256(sources: MaterialSources) -> str:
    """Hash the tables together; of one alone it is its own hash."""
    hashes = [frame_sha256(each.table) for each in sources.tables]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256(";".join(hashes).encode()).hexdigest()
