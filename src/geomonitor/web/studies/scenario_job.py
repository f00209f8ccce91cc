"""The work of a scenario: run in the background, its tables written to a folder."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geomonitor._version import __version__
from geomonitor.monitor.chain_tables import table_sha256
from geomonitor.monitor.profile import ShocksPart
from geomonitor.monitor.shock_sources import ShockSources
from geomonitor.monitor.shock_tables import shock_tables
from geomonitor.shocks import scenario_from
from geomonitor.web.jobs.kinds import Progress

__all__ = ["RECORD", "SEED", "run_scenario_job", "sources_of"]

RECORD = "scenario.json"
SEED = 1
_STEPS = 3


def sources_of(parameters: Mapping[str, Any]) -> ShockSources:
    """Turn the parameters of a job into what the tables on shocks are made of.

    Parameters
    ----------
    parameters : mapping
        `scenario` (as a scenario file has it, the date as text), `calibration` (an input-output table of
        the store), `elasticities` (a published set; empty for that of the calibration), `focus` (economies
        and groups; those of the scenario where empty), `draws`.

    Raises
    ------
    GeomonitorError
        If the scenario is not sound, or there is no such table.

    Examples
    --------
    >>> change = {"kind": "denial", "buyers": ["NLD"], "sellers": ["CHN"], "sectors": ["C26"]}
    >>> asked = {"scenario": {"code": "own", "name": {"en": "Mine", "nl": "Mijn"}, "source": "own",
    ...     "date": "2026-01-31", "deficits": "zero", "change": [change]}, "calibration": "oecd-icio-2022",
    ...     "elasticities": "", "focus": [], "draws": 0}
    >>> sources_of(asked).focus
    ('NLD', 'CHN')
    """
    raw = dict(parameters["scenario"])
    raw["date"] = datetime.date.fromisoformat(raw["date"])
    scenario = scenario_from(raw, "scenario")
    named = [code for each in scenario.changes for code in (*each.buyers, *each.sellers) if code != "WORLD"]
    focus = tuple(dict.fromkeys(parameters["focus"] or named))
    calibration = str(parameters["calibration"])
    part = ShocksPart(
        scenarios=(scenario,),
        calibration=calibration,
        elasticities=parameters["elasticities"] or None,
        focus=focus,
        draws=int(parameters["draws"]),
        seed=SEED,
    )
    return ShockSources(part=part, focus=focus, groups={}, calibration_sha256=table_sha256(calibration, None))


def run_scenario_job(parameters: Mapping[str, Any], progress: Progress, folder: Path) -> dict[str, Any]:
    """Run a scenario and leave its tables in a folder.

    Parameters
    ----------
    parameters : mapping
        See `sources_of`.
    progress : callable
    folder : pathlib.Path
        Gets a Parquet file a table, and `RECORD`.

    Returns
    -------
    dict
        `scenario` (its name by language) and `tables` (rows by name).

    Raises
    ------
    GeomonitorError
        If the scenario is not sound, touches nothing, or has no equilibrium.
    """
    progress("Reading the calibration of the scenario", 1, _STEPS)
    sources = sources_of(parameters)
    (scenario,) = sources.part.scenarios
    progress("Running the scenario under many elasticities", 2, _STEPS)
    tables, about = shock_tables(sources)
    progress("Writing the results of the scenario", 3, _STEPS)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    record = {
        "name": dict(scenario.name),
        "created": datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
        "geomonitor_version": __version__,
        "parameters": dict(parameters),
        "tables": sorted(tables),
        **about,
    }
    (folder / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    return {"scenario": dict(scenario.name), "tables": {name: each.height for name, each in tables.items()}}
