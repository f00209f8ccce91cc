from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.codes import ECONOMY_CODES
from geomonitor.data.governance import GOVERNANCE_INDICATOR, governance, governance_years
from geomonitor.errors import DataError

# The rows under a wrong name, and the economies that they became: SOURCE.md beside the table.
REPAIRED = ("GUY", "GUF", "R20", "XKX", "VGB", "VIR", "PUS")
# Codes of the World Bank's release of 2020 that are not ISO 3166.
WORLD_BANK_CODES = {"ADO": "AND", "KSV": "XKX", "ROM": "ROU", "TMP": "TLS", "WBG": "PSE", "ZAR": "COD"}
YEARS = (1996, 1998, 2000, *range(2002, 2025))


def value(code: str, year: int) -> float | None:
    found = governance(year).filter(pl.col("economy") == code)["governance"]
    return found.item() if len(found) else None


def test_columns_years_and_codes() -> None:
    table = governance()
    assert table.columns == ["economy", "year", "governance", "indicator", "governance_year"]
    assert governance_years() == YEARS
    assert set(table["economy"]) <= set(ECONOMY_CODES)
    assert not table.select("economy", "year").is_duplicated().any()
    assert table["indicator"].unique().to_list() == [GOVERNANCE_INDICATOR]
    assert (table["year"] == table["governance_year"]).all()
    assert table.null_count().sum_horizontal().item() == 0
    assert table["governance"].is_between(-3.5, 2.5).all()


def test_known_estimates() -> None:
    assert value("NLD", 2022) == pytest.approx(0.717305, abs=1e-6)
    assert value("CHN", 2022) == pytest.approx(-0.441074, abs=1e-6)
    assert value("TWN", 2022) == pytest.approx(0.754162, abs=1e-6)
    assert value("COD", 1996) == pytest.approx(-2.682813, abs=1e-6)


@pytest.mark.parametrize(
    ("year", "used"), [(1996, 1996), (1997, 1996), (1999, 1998), (2001, 2000), (2030, 2024)]
)
def test_a_year_that_is_not_covered_takes_the_latest_before(year: int, used: int) -> None:
    table = governance(year)
    assert table["governance_year"].unique().to_list() == [used]
    assert table["year"].unique().to_list() == [year]
    assert table["governance"].equals(governance(used)["governance"])


def test_before_the_first_year_nothing_is_known() -> None:
    table = governance(1995)
    assert table.is_empty()
    assert table.schema == governance(1996).schema


@pytest.mark.parametrize("code", ["R20", "ZA1", "SUN", "XXX", "ANT", "PUS", "VGB"])
def test_an_economy_without_estimate_is_absent(code: str) -> None:
    assert value(code, 2022) is None


def test_an_estimate_that_is_missing_in_a_year_is_absent_not_zero() -> None:
    assert value("ABW", 1996) is None
    assert value("ABW", 2004) == pytest.approx(0.993218, abs=1e-6)
    assert governance().filter(pl.col("governance") == 0).is_empty()


def test_french_guiana_is_told_apart_from_guyana() -> None:
    assert value("GUY", 2005) == pytest.approx(-0.454966, abs=1e-6)
    assert value("GUF", 2005) == pytest.approx(0.206954, abs=1e-6)
    assert value("GUF", 2022) is not None
    assert value("GUF", 2023) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=1900, max_value=2100))
def test_no_estimate_comes_from_the_future(year: int) -> None:
    table = governance(year)
    assert table.filter(pl.col("governance_year") > year).is_empty()
    assert table["economy"].is_unique().all()


def test_a_damaged_table_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from geomonitor.data.governance import _estimates

    broken = tmp_path / "wgi.parquet"
    broken.write_bytes(b"PAR1 this is no Parquet")
    monkeypatch.setitem(_estimates.__wrapped__.__globals__, "_TABLE", broken)
    with pytest.raises(DataError, match="cannot be read") as caught:
        _estimates.__wrapped__()
    assert "scripts/build_sample.py" in str(caught.value)


@pytest.mark.reference
def test_every_estimate_is_the_reference(reference_data: Path) -> None:
    file = reference_data / "governance" / "wgi_1996_2024" / "wgi_political_stability_long.csv"
    with file.open(encoding="utf-8", newline="") as handle:
        expected = {
            (row["Code"], int(row["year"])): float(row["Estimate"])
            for row in csv.DictReader(handle)
            if row["Estimate"] not in ("", "nan") and row["Code"] not in REPAIRED
        }
    table = governance().filter(~pl.col("economy").is_in(REPAIRED))
    found = dict(zip(zip(table["economy"], table["year"], strict=True), table["governance"], strict=True))
    assert found == expected


def world_bank_release_of_2020(reference_data: Path) -> pl.DataFrame:
    file = reference_data / "governance" / "2020_Worldwide_Governance_Indicators_1996-2019.csv"
    return pl.read_csv(file, encoding="latin1", null_values=["NA"]).select(
        economy=pl.col("Code").replace(WORLD_BANK_CODES),
        year=pl.col("Year").cast(pl.Int16),
        other="Estimate",
        dimension="Indicator",
    )


@pytest.mark.reference
def test_the_dimension_is_political_stability(reference_data: Path) -> None:
    joined = governance().join(world_bank_release_of_2020(reference_data), on=["economy", "year"])
    correlation = dict(
        joined.group_by("dimension").agg(pl.corr("governance", "other").alias("r")).iter_rows()
    )
    assert correlation["PoliticalStability"] > 0.995
    assert max(r for dimension, r in correlation.items() if dimension != "PoliticalStability") < 0.8


@pytest.mark.reference
def test_every_economy_follows_its_own_series_of_2020(reference_data: Path) -> None:
    release = world_bank_release_of_2020(reference_data).filter(pl.col("dimension") == "PoliticalStability")
    distance = (
        governance()
        .join(release.drop_nulls(), on=["economy", "year"])
        .group_by("economy")
        .agg((pl.col("governance") - pl.col("other")).abs().mean().alias("distance"))
    )
    # Releases revise the past a little; another economy's series is further off (0.2 and more).
    assert distance["distance"].max() < 0.15
    # Economies of later releases of the World Bank only.
    assert set(governance()["economy"]) - set(distance["economy"]) == {"NCL", "PYF"}
