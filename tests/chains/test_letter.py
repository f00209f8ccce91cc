from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from geomonitor.chains import EXPOSURE_MEASURES, exposure, leontief_system, letter_claims
from geomonitor.data.input_output import embedded_input_output
from geomonitor.errors import DataError

from .conftest import table_of


@pytest.fixture(scope="module")
def system():
    return leontief_system(embedded_input_output())


@pytest.fixture(scope="module")
def claims(system):
    return letter_claims(system)


def test_every_measure_and_selection_is_shown(claims) -> None:
    assert claims.table.group_by("claim").len().sort("claim").rows() == [("first partner", 8), ("members", 8)]
    assert set(claims.table["measure"]) == set(EXPOSURE_MEASURES)
    assert claims.members.height == 8 * 27
    assert claims.partners.height == 8 * (80 - 27)


def test_the_table_says_what_the_rankings_say(system, claims) -> None:
    for row in claims.table.filter(pl.col("claim") == "first partner").iter_rows(named=True):
        chosen = claims.partners.filter(
            pl.col("sectors") == row["sectors"], pl.col("measure") == row["measure"]
        )
        first = chosen.filter(pl.col("rank") == 1)["origin"][0]
        assert (row["outcome"] == "agrees") == (first == "CHN")
        assert f": {first} " in row["ours"]
    ours = claims.members.filter(
        pl.col("sectors") == "all", pl.col("measure") == "look_through_share", pl.col("economy") == "NLD"
    )
    assert ours["share"][0] == pytest.approx(exposure(system, "NLD", "CHN").total["look_through_share"])


def test_outcomes_follow_the_places() -> None:
    flows = np.zeros((5, 5))
    flows[0, 1:] = [30.0, 20.0, 10.0, 5.0]
    table = table_of(flows, np.full(5, 100.0), ("CHN", "NLD", "FIN", "DEU", "FRA"))
    system = leontief_system(table)

    def outcome(named: list[str]) -> str:
        found = letter_claims(system, named=named, selections={"all": None}).table
        rows = found.filter(pl.col("claim") == "members", pl.col("measure") == "value_added_share")
        return str(rows["outcome"][0])

    assert outcome(["NLD", "FIN"]) == "agrees"
    assert outcome(["NLD", "DEU"]) == "partly"
    assert outcome(["DEU", "FRA"]) == "differs"
    with pytest.raises(DataError, match="named members are none"):
        letter_claims(system, named=["USA"], selections={"all": None})
