"""`screen_flows` against a straightforward pandas script; see README.md beside this file."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from geomonitor.data import embedded_dataset, open_flows
from geomonitor.dependency import method, method_ids, screen_flows
from geomonitor.trade import Importer, importer

YEARS = (2021, 2022, 2023)
IMPORTERS = [
    importer("EU27_2020"),
    importer("NLD"),
    importer("NLD", home_group="EU27_2020"),
    importer("CHN"),
]
SHARED = (
    "import_concentration",
    "extra_import_share",
    "imports_to_exports",
    "imports_to_extra_exports",
    "main_supplier_share",
    "import_value_kusd",
    "export_value_kusd",
)
OF_THE_WORLD = (
    "world_export_concentration",
    "world_economies_concentration",
    "world_main_exporter_share",
)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    file = Path(__file__).with_name("straightforward.py")
    spec = importlib.util.spec_from_file_location("straightforward", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def flows() -> pd.DataFrame:
    frame = open_flows(embedded_dataset(), "pandas", YEARS)
    frame = frame[frame["year"].isin(YEARS)]
    return frame.astype({"exporter": str, "importer": str, "product": str})


@pytest.fixture(scope="module")
def naive(script: ModuleType, flows: pd.DataFrame) -> Callable[[str, Importer], pd.DataFrame]:
    # the slow script works out the same table once, not once a method
    compute, known = script.indicators, {}

    def remembered(frame: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
        if frame is not flows:
            return compute(frame, members, home)
        key = (frozenset(members), frozenset(home))
        if key not in known:
            known[key] = compute(frame, members, home)
        return known[key].copy()

    script.indicators = remembered

    def screened(name: str, each: Importer) -> pd.DataFrame:
        function: Any = getattr(script, name.replace("-", "_"))
        return function(flows, set(each.members), set(each.home))

    return screened


@pytest.mark.parametrize("each", IMPORTERS, ids=lambda each: each.label)
@pytest.mark.parametrize("name", method_ids())
def test_same_numbers_and_verdicts(
    name: str, each: Importer, naive: Callable[[str, Importer], pd.DataFrame]
) -> None:
    dataset = embedded_dataset()
    (found,) = screen_flows(
        dataset.scan(YEARS), [each], method(name), YEARS, whole_dollars=dataset.whole_dollars, verified=True
    )
    expected = naive(name, each)
    table = found.table
    assert table["product"].to_list() == expected.index.to_list()
    assert table.height > 60
    world = OF_THE_WORLD if "world_export_concentration" in table.columns else ()
    scored = ("supply_fragility",) if name == "imf-fragility-2017" else ()
    for column in (*SHARED, *world, *scored):
        ours = table[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        np.testing.assert_allclose(ours, expected[column].to_numpy(dtype=float), rtol=1e-9, err_msg=column)
    counted = {"cepii-geodep-2024": "years_met", "commission-2023": "single_point_of_failure"}
    for column in ("dependent", "main_supplier", *([counted[name]] if name in counted else [])):
        theirs = [None if value is None or value != value else value for value in expected[column]]
        assert table[column].to_list() == theirs, column


def test_the_script_finds_dependencies_that_a_wrong_threshold_would_miss(
    naive: Callable[[str, Importer], pd.DataFrame],
) -> None:
    assert 0 < naive("commission-2021", IMPORTERS[0])["dependent"].sum() < 20
