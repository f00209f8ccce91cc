"""Costs of trade between the EU and China doubled, beside Felbermayr, Mahlkow and Sandkamp (2023)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from geomonitor.shocks import ShockResult

pytestmark = pytest.mark.reference

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"

# Other data, sectors and elasticities: a band. See README.md beside this file.
FACTOR = 3.0
FAR_OFF = {"IRL": 0.2, "MLT": 0.2}
LEAST_RANK_CORRELATION = 0.6
BILATERAL_POINTS = 1.0


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


studies = load("shock_studies")


@pytest.fixture(scope="module")
def published(reference_data: Path) -> pl.DataFrame:
    found: pl.DataFrame = studies.published_decoupling(reference_data)
    return found


@pytest.fixture(scope="module")
def ours(reference_data: Path) -> tuple[ShockResult, pl.DataFrame]:
    found: tuple[ShockResult, pl.DataFrame] = studies.our_decoupling(reference_data)
    return found


@pytest.fixture(scope="module")
def both(published: pl.DataFrame, ours: tuple[ShockResult, pl.DataFrame]) -> pl.DataFrame:
    return published.join(ours[1], on="economy", suffix="_ours", validate="1:1")


def test_the_published_table_is_read_whole(published: pl.DataFrame) -> None:
    assert published.height == 28
    assert set(published["economy"]) == {*studies.union_members(), "CHN"}
    netherlands = published.filter(economy="NLD").row(0)
    assert netherlands == ("NLD", -0.90, -2.92, -3.89, -97.71, -1.85, -96.14, 3.98)


def test_the_scenario_is_theirs(ours: tuple[ShockResult, pl.DataFrame]) -> None:
    result = ours[0]
    factors = result.shock.cost_factors
    assert factors is not None
    assert set(np.unique(factors)) == {1.0, 2.0}
    # all sectors, 27 members, both ways
    assert (factors == 2).sum() == len(result.base.calibration.sectors) * 27 * 2
    assert np.abs(result.base.equilibrium.deficits_musd).max() == 0
    assert np.abs(result.found.deficits_musd).max() == 0


def test_everybody_loses(both: pl.DataFrame) -> None:
    assert (both["real_income"] < 0).all()
    assert (both["real_income_ours"] < 0).all()


def test_losses_are_of_the_same_order(both: pl.DataFrame) -> None:
    for code, theirs, mine in both.select("economy", "real_income", "real_income_ours").iter_rows():
        least = FAR_OFF.get(code, 1 / FACTOR)
        assert least < mine / theirs < FACTOR, code
    ratios = both["real_income_ours"] / both["real_income"]
    assert 0.5 < float(np.median(ratios.to_numpy())) < 1


def test_members_stand_in_much_the_same_order(both: pl.DataFrame) -> None:
    members = both.filter(pl.col("economy") != "CHN")
    found = spearmanr(members["real_income"].to_numpy(), members["real_income_ours"].to_numpy())
    assert found.statistic > LEAST_RANK_CORRELATION


def test_trade_with_china_all_but_ends(both: pl.DataFrame) -> None:
    netherlands = both.filter(economy="NLD").row(0, named=True)
    for name in ("imports_from_china", "exports_to_china"):
        assert netherlands[f"{name}_ours"] == pytest.approx(netherlands[name], abs=BILATERAL_POINTS)
        rest = both.filter(pl.col("economy") != "CHN")
        assert rest[f"{name}_ours"].is_between(-99.9, -95).all()
    china = both.filter(economy="CHN").row(0, named=True)
    assert china["exports_ours"] == pytest.approx(china["exports"], abs=BILATERAL_POINTS)
    # trade of China turns to others on the side of exports, and falls on that of imports, as theirs
    assert china["exports_to_others_ours"] > 0 > china["imports_from_others_ours"]
