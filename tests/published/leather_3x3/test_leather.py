"""Positions and exposures of the leather table, to six digits; see README.md beside this file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from geomonitor.chains import downstreamness, exposure, leontief_system, upstreamness
from geomonitor.data.input_output import InputOutputTable

UPSTREAMNESS = (2.098404, 2.176856, 1.631124, 2.107104, 2.180156, 1.839251, 1.989594, 2.101771, 1.758751)
DOWNSTREAMNESS = (1.565401, 1.776986, 2.433220, 1.726920, 1.942745, 2.504757, 1.735891, 2.062201, 2.394124)
MEAN_POSITION = 1.9973847
# German industries on Turkey: face value, look through, value added
GERMANY_ON_TURKEY = (
    (0.185246, 0.235345, 0.097644),
    (0.080692, 0.151215, 0.088667),
    (0.247782, 0.284501, 0.209679),
)
# value added of the first and the last industry in its own exports, and in its own output
IN_EXPORTS = (28.522781, 34.743819)
IN_OUTPUT = (66.753618, 96.783168)
# value added of the first industry in the final goods that the first economy uses
IN_FINAL_GOODS = 24.334582

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def leather(reference_data: Path) -> InputOutputTable:
    with (reference_data / "io" / "leather_3x3" / "leather.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    values = np.array([row[1:] for row in rows[1:]], dtype=np.float64)
    return InputOutputTable(
        "leather", 2005, ("ARG", "TUR", "DEU"), ("agriculture", "textile_leather", "transport"),
        values[:, :9], values[:, 9:12], (("ARG", "total"), ("TUR", "total"), ("DEU", "total")), values[:, 12],
    )  # fmt: skip


def test_positions(leather: InputOutputTable) -> None:
    system = leontief_system(leather)
    assert upstreamness(system).tolist() == pytest.approx(UPSTREAMNESS, abs=1e-6)
    assert downstreamness(system).tolist() == pytest.approx(DOWNSTREAMNESS, abs=1e-6)
    for position in (upstreamness(system), downstreamness(system)):
        assert np.average(position, weights=leather.output_musd) == pytest.approx(MEAN_POSITION, abs=1e-7)


def test_reliance_of_german_industries_on_turkey(leather: InputOutputTable) -> None:
    found = exposure(leontief_system(leather), "DEU", "TUR").table
    columns = ("face_value_share", "look_through_share", "value_added_share")
    assert found.select(columns).rows() == [pytest.approx(row, abs=1e-6) for row in GERMANY_ON_TURKEY]


def test_value_added_in_exports_output_and_final_goods(leather: InputOutputTable) -> None:
    system = leontief_system(leather)
    home = np.repeat(np.arange(3), 3)
    abroad = home[:, np.newaxis] != home[np.newaxis, :]
    foreign_demand = leather.final_demand_musd * (home[:, np.newaxis] != np.arange(3)[np.newaxis, :])
    exports = (leather.flows_musd * abroad).sum(axis=1) + foreign_demand.sum(axis=1)
    for amounts, published in ((exports, IN_EXPORTS), (leather.output_musd, IN_OUTPUT)):
        for place, expected in zip((0, 8), published, strict=True):
            unit = np.zeros(leather.size)
            unit[place] = amounts[place]
            held = system.value_added_share[place] * system.requirements(unit)[place]
            assert held == pytest.approx(expected, abs=1e-6)
    used = system.value_added_share[0] * system.requirements(leather.final_demand_of("ARG"))[0]
    assert used == pytest.approx(IN_FINAL_GOODS, abs=1e-6)
