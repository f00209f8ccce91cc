"""Governance of six dimensions, and suppliers without an estimate."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geomonitor.data.raw_materials import (
    GOVERNANCE_DIMENSIONS,
    MATERIAL_SCHEMA,
    governance_check,
    governance_mean,
    read_governance,
)
from geomonitor.errors import DataError

HEADER = '"","Country/Territory","Code","Year","Estimate","Lower","Indicator"\n'
ROWS = (
    '"1","Netherlands","NLD",2018,1.8,0,"RuleofLaw"\n'
    '"2","Netherlands","NLD",2019,1.6,0,"RuleofLaw"\n'
    '"3","Netherlands","NLD",2019,0.9,0,"Political Stability No Violence"\n'
    '"4","Niue","NIU",2019,NA,NA,"RuleofLaw"\n'
    '"5","Romania","ROM",2019,0.3,0,"RuleofLaw"\n'
)


@pytest.fixture
def estimates(tmp_path: Path) -> pl.DataFrame:
    file = tmp_path / "wgi.csv"
    file.write_text(HEADER + ROWS)
    return read_governance(file)


def test_estimates_are_read_and_a_missing_one_has_no_row(estimates: pl.DataFrame) -> None:
    assert estimates.rows() == [
        ("NLD", 2018, "rule of law", 1.8),
        ("NLD", 2019, "political stability", 0.9),
        ("NLD", 2019, "rule of law", 1.6),
        ("ROU", 2019, "rule of law", 0.3),
    ]
    assert set(estimates["dimension"]) <= set(GOVERNANCE_DIMENSIONS)


def test_the_mean_is_of_dimensions_after_years(estimates: pl.DataFrame) -> None:
    assert governance_mean(estimates, [2018, 2019]).rows() == [("NLD", 1.3, 2), ("ROU", 0.3, 1)]
    assert governance_mean(estimates, range(2018, 2021)).equals(governance_mean(estimates, [2018, 2019]))
    with pytest.raises(DataError, match="2020"):
        governance_mean(estimates, [2020])
    with pytest.raises(DataError, match="no years"):
        governance_mean(estimates, [])


def test_a_supplier_without_an_estimate_stays_unknown(estimates: pl.DataFrame) -> None:
    rows = [
        {"material": "tin", "stage": "extraction", "economy": economy, "quantity": 0.5, "row": row}
        for row, economy in enumerate(["NLD", "NIU", None, "TWN"], start=2)
    ]
    table = pl.DataFrame(rows, schema=MATERIAL_SCHEMA)
    check = governance_check(table, governance_mean(estimates, [2019]), "made")
    assert check.name == "unknown_governance"
    assert check.rows.select("file", "row", "what").rows() == [
        ("made", 3, "NIU has no governance estimate"),
        ("made", 5, "TWN has no governance estimate"),
    ]


@pytest.mark.reference
def test_the_release_of_2020(reference_data: Path) -> None:
    found = read_governance(
        reference_data / "governance" / "2020_Worldwide_Governance_Indicators_1996-2019.csv"
    )
    assert found.height == 25_981
    assert set(found["dimension"]) == set(GOVERNANCE_DIMENSIONS)
    assert found["year"].unique().sort().to_list()[:4] == [1996, 1998, 2000, 2002]
    mean = governance_mean(found, range(2016, 2021))
    assert (mean.height, mean["dimensions"].max()) == (211, 6)
    assert mean.filter(economy="NLD")["governance"].item() == pytest.approx(1.68, abs=0.02)
    assert mean.filter(economy="COD")["governance"].item() < -1.4
