"""Supply risk and economic importance of the study of 2023, computed from its tables of shares.

What `docs_supply_risk.py` lays out and `tests/published/eu_crm` asserts. Import reliance and the indices of
substitutes of 2023 are not in those tables: the typed facts of 2017 stand in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from geomonitor.codes import material_members
from geomonitor.data.raw_materials import (
    governance_mean,
    published_assessments,
    read_governance,
    read_material_data,
)
from geomonitor.materials import (
    EconomicImportance,
    MaterialsEvaluation,
    StageComparison,
    compare_stages,
    importance_of_uses,
    materials_from_production,
    supply_risk,
    use_rows,
)
from geomonitor.trade import importer

__all__ = [
    "CLOSE",
    "GROUPS",
    "HALF",
    "IMPORTER",
    "INPUTS",
    "OUTLIER",
    "YEAR",
    "YEAR_BEFORE",
    "contradicted",
    "economic_indices",
    "evaluate",
    "fitting",
    "group_rows",
    "importance_rows",
    "known_number",
    "outliers",
    "risk_rows",
    "stage_comparison",
    "usual_value_added",
    "whole",
]

IMPORTER, YEAR, YEAR_BEFORE = "EU27_2020", 2023, 2017
GOVERNANCE_YEARS = (2016, 2017, 2018, 2019)
OUTLIER, CLOSE = 0.25, 0.1
# published values have one decimal: what rounds to them lies within half of it
HALF = 0.05
TOLERANCE = 0.05
GROUPS = ("light_rare_earths", "heavy_rare_earths", "platinum_group_metals")
INPUTS = ("import_reliance", "recycling_rate", "substitution_risk")
FILES: Mapping[str, str] = {
    "fact_GlobalSupplyShares_t.csv": "eu-crm-world-supply",
    "fact_EUSupplyShares_t.csv": "eu-crm-sourcing",
    "fact_MaterialUseShares.csv": "eu-crm-use",
}


def evaluate(reference: Path) -> tuple[MaterialsEvaluation, pl.DataFrame, EconomicImportance]:
    """Assess all materials of the study from its tables.

    Parameters
    ----------
    reference : pathlib.Path
        Folder of the reference data.

    Returns
    -------
    MaterialsEvaluation
    polars.DataFrame
        Rows of use.
    EconomicImportance
        With the index of substitutes of 2017.
    """
    folder = reference / "materials" / "eu_crm"
    tables = [read_material_data(folder / name, kind).table for name, kind in FILES.items()]
    path = reference / "governance" / "2020_Worldwide_Governance_Indicators_1996-2019.csv"
    governance = governance_mean(read_governance(path), GOVERNANCE_YEARS)
    uses = use_rows(tables)
    found = materials_from_production(tables, [importer(IMPORTER)], governance)
    return found, uses, importance_of_uses(uses, economic_indices())


def economic_indices() -> pl.DataFrame:
    """Give the published indices of substitutes for economic importance."""
    known = published_assessments().filter(pl.col("substitution_economic").is_not_null())
    return known.select("material", "substitution_economic")


def _published() -> pl.DataFrame:
    return (
        published_assessments()
        .filter(year=YEAR)
        .select("material", published_risk="supply_risk", published_importance="economic_importance")
    )


def risk_rows(found: MaterialsEvaluation) -> pl.DataFrame:
    """Give every material and stage of the shares, beside the published value of the material.

    Parameters
    ----------
    found : MaterialsEvaluation

    Returns
    -------
    polars.DataFrame
        Columns of `Assessment.stages`, `published_risk`, `compared` (the stage that stands beside the
        published value: the one with the highest risk, or where that is open the one of the study of 2017),
        `by_rule` (the former), `deviation` of compared rows, `holds` (whether the bounds hold what rounds to
        the published value), and the `_year` of each input.
    """
    sources = found.parameters.sources.filter(pl.col("measure").is_in(INPUTS))
    years = sources.with_columns(year=pl.col("source").str.extract(r"^published (\d{4})$")).pivot(
        on="measure", on_columns=list(INPUTS), index=["material", "stage"], values="year"
    )
    overall = found.assessment.materials.select("material", overall="supply_risk", highest="stage")
    before = published_assessments().filter(pl.col("year") == YEAR_BEFORE, pl.col("stage").is_not_null())
    risk, target, stage = pl.col("supply_risk"), pl.col("published_risk"), pl.col("stage")
    return (
        found.assessment.stages.join(
            years.rename({name: f"{name}_year" for name in INPUTS}), on=["material", "stage"], how="left"
        )
        .join(_published().select("material", "published_risk"), on="material", how="left")
        .join(overall, on="material", how="left")
        .join(before.select("material", assessed="stage"), on="material", how="left")
        .with_columns(by_rule=pl.col("overall").is_not_null() & (stage == pl.col("highest")))
        .with_columns(
            compared=target.is_not_null()
            & risk.is_not_null()
            & (pl.col("by_rule") | (pl.col("overall").is_null() & (stage == pl.col("assessed")))),
            holds=(pl.col("supply_risk_low") <= target + HALF)
            & (pl.col("supply_risk_high") >= target - HALF),
        )
        .with_columns(deviation=pl.when("compared").then((risk - target).round(9)))
        .sort("material", "stage")
    )


def outliers(rows: pl.DataFrame) -> pl.DataFrame:
    """Give the compared rows that lie apart, the largest deviation first."""
    return rows.filter("compared", pl.col("deviation").abs() > OUTLIER + 1e-9).sort(
        pl.col("deviation").abs(), descending=True
    )


def contradicted(rows: pl.DataFrame) -> list[str]:
    """Name the materials without a value whose published value lies in the bounds of no stage."""
    known = rows.filter(pl.col("published_risk").is_not_null(), ~pl.col("material").is_in(GROUPS))
    found = known.group_by("material").agg(
        pl.col("holds").any(), pl.col("supply_risk").is_null().all().alias("open")
    )
    return sorted(found.filter("open", ~pl.col("holds"))["material"])


def fitting(row: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Find which values of one input give the published supply risk, the others as they are.

    Parameters
    ----------
    row : mapping
        A row of `risk_rows`.
    name : str
        One of `INPUTS`.

    Returns
    -------
    tuple of float or None
        Least and largest on a grid of thousandths from 0 to 1; None where none does.
    """
    grid = np.linspace(0.0, 1.0, 1001)
    inputs = [grid if each == name else np.full(grid.shape, known_number(row[each])) for each in INPUTS]
    governed = [known_number(row[f"governed_{scope}"]) for scope in ("world", "sourcing")]
    risks = supply_risk(governed[0], governed[1], inputs[0], inputs[1], inputs[2])
    near = grid[np.abs(risks - row["published_risk"]) <= HALF + 1e-9]
    return (float(near[0]), float(near[-1])) if near.size else None


def known_number(value: float | None) -> float:
    """Give a number, NaN where it is not known."""
    return float("nan") if value is None else float(value)


def group_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Give the arithmetic mean over the members of a group, as the studies make groups.

    Parameters
    ----------
    rows : polars.DataFrame
        Of `risk_rows`.

    Returns
    -------
    polars.DataFrame
        `group`, `stage`, `members`, `low`, `high`, `world_only`, `published_risk`; only where every member
        has shares.
    """
    found = []
    for code in GROUPS:
        members = material_members(code)
        for stage in ("extraction", "processing"):
            chosen = rows.filter(pl.col("material").is_in(members), pl.col("stage") == stage)
            if chosen.height == len(members):
                lowered = (1 - chosen["recycling_rate"]) * chosen["substitution_risk"]
                found.append(
                    {
                        "group": code,
                        "stage": stage,
                        "members": chosen.height,
                        "low": chosen["supply_risk_low"].mean(),
                        "high": chosen["supply_risk_high"].mean(),
                        "world_only": (chosen["governed_world"] * lowered).mean(),
                        "published_risk": _published().filter(material=code)["published_risk"].item(),
                    }
                )
    return pl.DataFrame(found)


def importance_rows(uses: EconomicImportance) -> pl.DataFrame:
    """Give economic importance of every material with uses, beside the published value.

    Parameters
    ----------
    uses : EconomicImportance

    Returns
    -------
    polars.DataFrame
        Columns of `EconomicImportance.table`, `published_importance`, `deviation`, `index_low` and
        `index_high` (what the index of substitutes has to be), and `cause` of a deviation.
    """
    index, low, high = (pl.col(name) for name in ("substitution_economic", "index_low", "index_high"))
    unsubstituted = pl.col("economic_importance") / index
    return (
        uses.table.join(_published(), on="material", how="left")
        .with_columns(
            deviation=(pl.col("economic_importance") - pl.col("published_importance")).round(9),
            index_low=(pl.col("published_importance") - HALF) / unsubstituted,
            index_high=(pl.col("published_importance") + HALF) / unsubstituted,
        )
        .with_columns(
            cause=pl.when(low > 1)
            .then(pl.lit("uses or value added"))
            .when((high < index - HALF) | (low > index + HALF))
            .then(pl.lit("another index of substitutes"))
            .when(pl.col("deviation").abs() > HALF)
            .then(pl.lit("decimals of the index"))
        )
        .sort("material")
    )


def usual_value_added(uses: pl.DataFrame) -> pl.DataFrame:
    """Give every sector the value added that most rows have."""
    known = uses.drop_nulls(["sector", "value_added_meur"])
    usual = known.group_by("sector").agg(usual=pl.col("value_added_meur").mode().max())
    return uses.join(usual, on="sector", how="left").with_columns(value_added_meur="usual").drop("usual")


def whole(scope: str) -> pl.Expr:
    """Say whether printed shares add up to the whole."""
    return pl.col(f"{scope}_share_sum").is_between(1 - TOLERANCE - 1e-9, 1 + TOLERANCE + 1e-9)


def stage_comparison(found: MaterialsEvaluation, value: str, scope: str = "world") -> StageComparison:
    """Compare the stages, where the shares add up to the whole.

    Parameters
    ----------
    found : MaterialsEvaluation
    value : str
        Such as "world_concentration" or "main_world_share".
    scope : str
        "world" or "sourcing".

    Returns
    -------
    StageComparison
    """
    supplier = "main_world_supplier" if scope == "world" else "main_supplier"
    return compare_stages(
        found.assessment.stages.select(
            "material", "stage", value=pl.when(whole(scope)).then(value), supplier=supplier
        )
    )
