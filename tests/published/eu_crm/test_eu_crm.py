"""The Commission's criticality studies: the formula on printed inputs, and the lists by the rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geomonitor.data.raw_materials import published_assessments, published_list, read_published_assessments
from geomonitor.materials import critical_by_rule, supply_risk

# Printed inputs have one decimal (index, substitution) or whole percents: half a unit of each moves the
# supply risk by up to a quarter for the most concentrated materials (rare earths: 9.2, substitution 0.8-1.0).
LARGEST_ERROR = 0.25
MEAN_ERROR = 0.06


def formula(table: pl.DataFrame) -> np.ndarray:
    """Compute supply risk from printed inputs, with the supply that the study used."""
    number = {
        name: table[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in (
            "governed_world",
            "governed_sourcing",
            "import_reliance",
            "recycling_rate",
            "substitution_risk",
        )
    }
    basis = table["supply_basis"].to_numpy()
    world = np.where(basis == "sourcing only", np.nan, number["governed_world"])
    sourcing = np.where(basis == "world only", np.nan, number["governed_sourcing"])
    return np.asarray(
        supply_risk(
            world,
            sourcing,
            number["import_reliance"],
            number["recycling_rate"],
            number["substitution_risk"],
        )
    )


def check(table: pl.DataFrame) -> None:
    rows = table.filter((pl.col("year") == 2017) & pl.col("substitution_risk").is_not_null())
    assert rows.height == 78
    error = np.abs(formula(rows) - rows["supply_risk"].to_numpy())
    assert error.max() <= LARGEST_ERROR + 1e-9
    assert error.mean() <= MEAN_ERROR


def test_formula_on_the_typed_facts() -> None:
    check(published_assessments())


@pytest.mark.reference
def test_formula_on_the_printed_tables(reference_data: Path) -> None:
    path = reference_data / "materials" / "eu_crm" / "eu_crm_2017_results.csv"
    check(read_published_assessments(path, "eu-crm-2017-results"))


def by_rule(table: pl.DataFrame, year: int) -> set[str]:
    verdicts = critical_by_rule(table.filter(pl.col("year") == year))
    return set(verdicts.filter("critical")["material"])


@pytest.mark.reference
def test_thirty_materials_of_2020(reference_data: Path) -> None:
    history = read_published_assessments(
        reference_data / "materials" / "eu_crm" / "dimension_CRMsOverTime.csv", "eu-crm-history"
    )
    found = by_rule(history, 2020)
    assert len(found) == 30
    assert found == set(published_list(2020))


@pytest.mark.reference
def test_thirty_four_materials_of_2023(reference_data: Path) -> None:
    history = read_published_assessments(
        reference_data / "materials" / "eu_crm" / "dimension_CRMsOverTime.csv", "eu-crm-history"
    )
    found = by_rule(history, 2023)
    assert len(found) == 32
    assert {"copper", "nickel"}.isdisjoint(found)
    assert found | {"copper", "nickel"} == set(published_list(2023))


def test_the_lists_follow_from_the_typed_facts() -> None:
    facts = published_assessments()
    for year, extra in ((2020, set()), (2023, {"copper", "nickel"})):
        groups = by_rule(facts, year)
        assert groups | extra == set(published_list(year)), year
