"""Results of scenarios that were run: read from their folders, in the form that the reports draw."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from geomonitor.monitor.shock_results import WORLD
from geomonitor.report.content import Content
from geomonitor.report.language import Language
from geomonitor.web.language import has_text, say
from geomonitor.web.studies.scenario_job import RECORD
from geomonitor.web.words import WrongRequestError

__all__ = ["ScenarioRun", "contents_of", "read_run", "spoken_changes"]

_MODEL = "caliendo-parro-2015"
_NO_PRODUCTS: Mapping[str, Any] = {
    "importer": pl.String, "home": pl.String, "method": pl.String, "product": pl.String,
    "product_name": pl.String, "dependent": pl.Boolean, "main_supplier": pl.String,
    "main_supplier_share": pl.Float64, "extra_import_value_kusd": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """A scenario that was run.

    Attributes
    ----------
    uid : str
        Of the job.
    record : mapping
    tables : mapping of str to polars.DataFrame
        As an edition has them, the scenario named by `code`.
    """

    uid: str
    record: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]

    @property
    def code(self) -> str:
        """Name of the run in its tables."""
        return self.uid[:8]

    def name(self, language: str) -> str:
        """Give its name in a language."""
        return str(self.record["name"][language])

    @property
    def about(self) -> Mapping[str, Any]:
        """What the record says of its shocks."""
        found: Mapping[str, Any] = self.record["shocks"]
        return found


def read_run(folder: Path) -> ScenarioRun:
    """Read the result of a run.

    Parameters
    ----------
    folder : pathlib.Path
        Named after the job.

    Raises
    ------
    DataError
        If it is not there, or not whole.
    """
    uid = folder.name
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in record["tables"]}
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        raise WrongRequestError(
            say(None, "scenarios.result_gone"),
            where=uid,
            next_step=say(None, "scenarios.result_gone_next"),
        ) from error
    renamed = {
        name: table.with_columns(pl.lit(uid[:8]).alias("scenario")) if "scenario" in table.columns else table
        for name, table in tables.items()
    }
    return ScenarioRun(uid, record, renamed)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs in the form of an edition."""

    record: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    findings: pl.DataFrame


def contents_of(runs: Sequence[ScenarioRun], language: str) -> Content:
    """Put runs together as an edition with as many scenarios, the first as the main one.

    Parameters
    ----------
    runs : sequence of ScenarioRun
    language : {'en', 'nl'}
    """
    first = runs[0]
    tables: dict[str, pl.DataFrame] = {"products": pl.DataFrame(schema=_NO_PRODUCTS)}
    for name in dict.fromkeys(name for run in runs for name in run.tables):
        parts = [run.tables[name] for run in runs if name in run.tables]
        # one curve of one family can be drawn
        tables[name] = parts[0] if name == "shock_curve" else pl.concat(parts, how="diagonal_relaxed")
    calibration = first.about["calibration"]
    year = int(calibration.get("year") or str(first.record["created"])[:4])
    focus = list(dict.fromkeys(code for run in runs for code in run.about["focus"]))
    methods = first.about["methods"]
    shocks = {
        **first.about,
        "main": first.code,
        "focus": focus,
        "scenarios": [{**each, "code": run.code} for run in runs for each in run.about["scenarios"]],
        "counterparts": {
            run.code: found for run in runs for found in (run.about.get("counterparts") or {}).values()
        },
        "curves": [{**each, "scenario": first.code} for each in first.about.get("curves", ())],
    }
    record = {
        "id": f"scenario-{'-'.join(run.code for run in runs)}",
        "title": {code: run.name(code) for run in (first,) for code in ("en", "nl")},
        "created": first.record["created"],
        "period": [year, year],
        "dataset": {
            "name": calibration["name"],
            "title": calibration.get("title") or calibration["name"],
            "citation": calibration.get("citation"),
            "licence": calibration.get("licence"),
            "content_sha256": calibration.get("sha256"),
        },
        "methods": methods,
        "main_method": _MODEL,
        "importers": [{"code": code, "home_code": code, "label": code} for code in focus if code != WORLD],
        "geomonitor_version": first.record["geomonitor_version"],
        "shocks": shocks,
    }
    return Content.of(_Runs(record, tables, pl.DataFrame()), language)


def spoken_changes(scenario: Mapping[str, Any], language: Language) -> list[str]:
    """Say what a scenario changes, a sentence a change.

    Parameters
    ----------
    scenario : mapping
        As the record of a run has it.
    language : Language

    Examples
    --------
    >>> change = {"kind": "tariff", "buyers": ["NLD"], "sellers": ["CHN"], "both_ways": True,
    ...     "sectors": ["goods"], "add": "+25 percentage points", "set": None, "factor": None}
    >>> spoken_changes({"changes": [change]}, Language("en"))
    ['Tariff +25 percentage points on what the Netherlands buys from China, and the other way round (goods).']
    """
    found = []
    for each in scenario["changes"]:
        size = (
            each.get("add")
            or each.get("set")
            or (language.number(each["factor"], 2) if each.get("factor") else "")
        )
        if language.code == "nl":
            size = size.replace("percentage points", "procentpunt").replace("percent", "procent")
        kind = "tariff_set" if each.get("set") else each["kind"]
        found.append(
            say(
                language,
                f"scenarios_change.{kind}",
                size=size,
                buyers=language.listing(_named(code, language) for code in each["buyers"]),
                sellers=language.listing(_named(code, language) for code in each["sellers"]),
                both=say(language, "scenarios_change.both") if each["both_ways"] else "",
                sectors=", ".join(_sector(code, language) for code in each["sectors"]),
            )
        )
    return found


def _named(code: str, language: Language) -> str:
    return say(language, "scenarios_change.world") if code == WORLD else language.importer(code)


def _sector(code: str, language: Language) -> str:
    key = f"scenarios_sector.{code}"
    return say(language, key) if has_text(key) else code
