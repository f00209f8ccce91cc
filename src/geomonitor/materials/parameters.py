"""What an assessment takes besides shares: recycling, substitutes, import reliance, economic importance.

Each number comes from an input that a person gave, else from a published study; which one is said beside it.
What nobody gave stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from geomonitor.data.raw_materials import published_assessments, recycling_rates
from geomonitor.materials.economic_importance import EconomicImportance
from geomonitor.materials.inputs import MaterialInput, MaterialInputs
from geomonitor.trade import Importer

__all__ = ["STUDY_IMPORTER", "AssessmentParameters", "assessment_parameters"]

STUDY_IMPORTER = "EU27_2020"
"""For whom the published studies give import reliance and economic importance."""

_MEASURES = ("import_reliance", "recycling_rate", "substitution_risk")


@dataclass(frozen=True, slots=True)
class AssessmentParameters:
    """Parameters of an assessment, and where each comes from.

    Attributes
    ----------
    table : polars.DataFrame
        As `assess` takes it: `importer`, `material`, `stage` and the parameters with `_low` and `_high`.
    importance : polars.DataFrame
        `importer`, `material`, `economic_importance` with `_low` and `_high`, and its `_source`.
    sources : polars.DataFrame
        One row a number: `importer`, `material`, `stage`, `measure`, `value`, `low`, `high`, `source`.
    """

    table: pl.DataFrame
    importance: pl.DataFrame
    sources: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Number:
    value: float | None
    low: float | None
    high: float | None
    source: str


def assessment_parameters(
    importers: Sequence[Importer],
    stages: pl.DataFrame,
    *,
    inputs: MaterialInputs | None = None,
    importance: EconomicImportance | None = None,
) -> AssessmentParameters:
    """Gather the parameters of every importer, material and stage.

    Parameters
    ----------
    importers : sequence of Importer
    stages : polars.DataFrame
        `material`, `stage`: what is assessed.
    inputs : MaterialInputs, optional
        What people gave; comes before what is published.
    importance : EconomicImportance, optional
        Computed from uses in the European Union; comes before published values.

    Returns
    -------
    AssessmentParameters
    """
    given = inputs or MaterialInputs()
    published = _Published.read()
    rows, sources, important = [], [], []
    pairs = list(stages.select("material", "stage").unique().sort("material", "stage").iter_rows())
    for code in {each.code: None for each in importers}:
        for name, stage in pairs:
            row: dict[str, object] = {"importer": code, "material": name, "stage": stage}
            for measure in _MEASURES:
                entry = given.find(name, measure, stage=stage, importer=code)
                number = _of_input(entry) if entry else published.number(name, stage, measure, code)
                if number is None:
                    continue
                row |= {
                    measure: number.value,
                    f"{measure}_low": number.low,
                    f"{measure}_high": number.high,
                }
                sources.append(_source(code, name, stage, measure, number))
            rows.append(row)
        for name in dict.fromkeys(name for name, _ in pairs):
            entry = given.find(name, "economic_importance", importer=code)
            number = _of_input(entry) if entry else _importance(name, code, importance, published)
            if number is not None:
                important.append(
                    {
                        "importer": code,
                        "material": name,
                        "economic_importance": number.value,
                        "economic_importance_low": number.low,
                        "economic_importance_high": number.high,
                        "economic_importance_source": number.source,
                    }
                )
                sources.append(_source(code, name, None, "economic_importance", number))
    numbers = {f"{measure}{end}": pl.Float64 for measure in _MEASURES for end in ("", "_low", "_high")}
    keys = {"importer": pl.String, "material": pl.String}
    ends = {f"economic_importance{end}": pl.Float64 for end in ("", "_low", "_high")}
    return AssessmentParameters(
        table=pl.DataFrame(rows, schema={**keys, "stage": pl.String, **numbers}),
        importance=pl.DataFrame(important, schema={**keys, **ends, "economic_importance_source": pl.String}),
        sources=pl.DataFrame(
            sources,
            schema={
                **keys,
                "stage": pl.String,
                "measure": pl.String,
                **dict.fromkeys(("value", "low", "high"), pl.Float64),
                "source": pl.String,
            },
        ),
    )


def _source(
    importer: str, material: str, stage: str | None, measure: str, number: _Number
) -> dict[str, object]:
    return {
        "importer": importer,
        "material": material,
        "stage": stage,
        "measure": measure,
        "value": number.value,
        "low": number.low,
        "high": number.high,
        "source": number.source,
    }


def _of_input(entry: MaterialInput) -> _Number:
    return _Number(entry.value, entry.low, entry.high, f"{entry.author}, {entry.date}: {entry.source}")


def _importance(
    name: str, importer: str, importance: EconomicImportance | None, published: _Published
) -> _Number | None:
    if importer != STUDY_IMPORTER:
        return None
    if importance is not None:
        found = importance.table.filter(pl.col("material") == name)
        if found.height:
            row = found.row(0, named=True)
            if row["economic_importance_high"] is not None:
                value, low, high = (row[f"economic_importance{end}"] for end in ("", "_low", "_high"))
                return _Number(value, low, high, "computed from uses")
    return published.importance(name)


@dataclass(frozen=True, slots=True)
class _Published:
    """Published numbers by material, the latest first."""

    assessments: dict[str, list[dict[str, object]]]
    recycling: dict[str, dict[str, object]]

    @classmethod
    def read(cls) -> _Published:
        assessments: dict[str, list[dict[str, object]]] = {}
        for row in published_assessments().sort("year", descending=True).iter_rows(named=True):
            assessments.setdefault(row["material"], []).append(row)
        recycling = {row["material"]: row for row in recycling_rates().sort("year").iter_rows(named=True)}
        return cls(assessments, recycling)

    def number(self, name: str, stage: str, measure: str, importer: str) -> _Number | None:
        if measure == "recycling_rate" and name in self.recycling:
            row = self.recycling[name]
            return self._as_number(row, measure)
        if measure == "import_reliance" and importer != STUDY_IMPORTER:
            return None
        for row in self.assessments.get(name, []):
            # import reliance is of the stage that the study looked at; recycling and substitutes are of use
            if row[measure] is not None and (measure != "import_reliance" or row["stage"] == stage):
                return self._as_number(row, measure)
        return None

    def importance(self, name: str) -> _Number | None:
        for row in self.assessments.get(name, []):
            if row["economic_importance"] is not None:
                return self._as_number(row, "economic_importance")
        return None

    @staticmethod
    def _as_number(row: dict[str, object], measure: str) -> _Number:
        value = row[measure]
        assert isinstance(value, float)
        return _Number(value, value, value, f"published {row['year']}")
