"""Findings on shocks: what a scenario does to real income and prices of those in focus and those hit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from geomonitor.findings import Finding
from geomonitor.monitor.shock_sources import ShockSources
from geomonitor.shocks.methods import shock_methods

__all__ = ["shock_findings"]

# smaller changes, which the tables round away, are told neither a loss nor a gain
_LEAST_CHANGE = 1e-8


def shock_findings(
    tables: Mapping[str, pl.DataFrame], sources: ShockSources, about: Mapping[str, Any]
) -> Iterable[Finding]:
    """Turn the tables on shocks into findings: what a scenario does to those in focus and those hit.

    The subject is the economy or group, the counterpart whom the scenario sets against it, the product the
    scenario; changes are fractions, and a change that rounds to nothing is neither a loss nor a gain.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        From `shock_tables`.
    sources : ShockSources
    about : mapping
        The entry `shocks` of the record.

    Yields
    ------
    Finding
    """
    method = shock_methods()["caliendo-parro-2015"]
    prices = shock_methods()["leontief-price"]
    calibration = about["calibration"]
    for name in ("shock_groups", "shocks"):
        table = tables.get(name)
        if table is None:
            continue
        for row in table.iter_rows(named=True):
            if not row["in_scenario"] and row["economy"] not in sources.focus:
                continue
            for measure, model in (
                ("real_income_change", method),
                ("direct_price_change", prices),
                ("total_price_change", prices),
            ):
                yield Finding(
                    subject=row["economy"],
                    counterpart=about["counterparts"][row["scenario"]].get(row["economy"]),
                    product=row["scenario"],
                    period=str(calibration["year"]),
                    measure=measure,
                    value=row[measure],
                    unit="fraction",
                    threshold=None,
                    verdict=_verdict(measure, row[measure]),
                    method=model.id,
                    method_version=model.version,
                    dataset=calibration["name"],
                    dataset_sha256=calibration["sha256"],
                )


def _verdict(measure: str, value: float) -> str:
    if abs(value) < _LEAST_CHANGE:
        return "no change"
    if measure == "real_income_change":
        return "loss" if value < 0 else "gain"
    return "rise" if value > 0 else "fall"
