"""World supply as evidence of a stage: never averaged, never taken for supply to the importer."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.chains import (
    WORLD_SUPPLY_SCHEMA,
    StageShares,
    chain_named,
    check_world_supply,
    load_chains,
    published_world_supply,
    stack_across_chains,
    stack_chain,
    stage_shares,
    world_supply_of,
)
from geomonitor.data import embedded_dataset
from geomonitor.data.input_output import embedded_input_output
from geomonitor.errors import DataError
from geomonitor.trade import importer

EU = importer("EU27_2020")


def supply(*rows: tuple[str, str, str | None, float], source: str = "study") -> pl.DataFrame:
    full = [(*row, source, "2016-2020") for row in rows]
    return pl.DataFrame(full, schema=WORLD_SUPPLY_SCHEMA, orient="row")


GALLIUM = [("gallium", "processing", code, share) for code, share in (("CHN", 0.9), ("DEU", 0.1))]
GERMANIUM = [("germanium", "processing", code, share) for code, share in (("CHN", 0.6), ("RUS", 0.4))]


def chips(world: pl.DataFrame | None, **options: Any) -> StageShares:
    (found,) = stage_shares([chain_named("chips")], options.pop("to", EU), world_supply=world, **options)
    return found


def stage(found: StageShares, code: str = "gallium_germanium") -> dict[str, Any]:
    return found.stages.row(by_predicate=pl.col("stage") == code, named=True)


# what a stage gets


def test_the_weakest_material_stands_for_the_stage_and_is_named() -> None:
    found = chips(supply(*GERMANIUM, *GALLIUM))
    row = stage(found)
    assert row["evidence"] == "production"
    assert row["source"] == (
        "production: world supply, not supply to EU27_2020: gallium, processing, 2016-2020, study"
    )
    assert row["note"].endswith(
        "World supply of gallium (CHN 0.90), the weakest of this and germanium (CHN 0.60)."
    )
    shares = dict(found.table.select("supplier", "share").iter_rows())
    # neither a mean of the materials, nor shares of what comes from abroad
    assert shares == pytest.approx({"CHN": 0.9, "DEU": 0.1})
    assert found.table["unit"].unique().to_list() == ["share of world supply"]
    assert found.plot().layout.xaxis.ticktext[2] == "gallium_germanium<br>(world supply)"


def test_home_production_is_supply_to_the_world_and_no_dependence() -> None:
    found = chips(supply(*GALLIUM))
    assert "DEU" in set(found.table["supplier"])
    assert found.suppliers == ("CHN",)
    # Germany is not home to the United States, and home may be made to count
    assert chips(supply(*GALLIUM), to=importer("USA")).suppliers == ("CHN", "DEU")
    assert chips(supply(*GALLIUM), include_home=True).suppliers == ("CHN", "DEU")
    most_at_home = supply(("gallium", "processing", "DEU", 0.7), ("gallium", "processing", "CHN", 0.3))
    row = stage(chips(most_at_home))
    assert (row["main_supplier"], row["main_supplier_share"]) == ("CHN", pytest.approx(0.3))
    # the weakest is so by its suppliers abroad
    assert "germanium, processing" in stage(chips(pl.concat([most_at_home, supply(*GERMANIUM)])))["source"]


def test_trade_and_table_go_first() -> None:
    world = pl.concat([supply(*GALLIUM), supply(("tantalum", "processing", "CHN", 1.0))])
    options: dict[str, Any] = {
        "dataset": embedded_dataset(),
        "years": [2022],
        "table": embedded_input_output(),
    }
    without, found = chips(None, **options).stages, chips(world, **options).stages
    changed = found.filter(found["evidence"] != without["evidence"])
    assert changed["stage"].to_list() == ["gallium_germanium"]
    assert found.filter(pl.col("stage") == "tantalum")["evidence"].item() == "trade"


def test_a_group_stands_for_a_material_without_shares_of_its_own_and_members_for_a_group() -> None:
    (group,) = stage_shares(
        [chain_named("robotics")], EU, world_supply=supply(("rare_earths", "processing", "CHN", 1.0))
    )
    assert "rare_earths, processing" in stage(group, "rare_earths")["source"]
    chain = chain_named("robotics")
    first = chain.stages[0]
    wide = dataclasses.replace(
        first, materials=(dataclasses.replace(first.materials[0], material="rare_earths"),)
    )
    members = supply(("cerium", "processing", "CHN", 0.7), ("cerium", "processing", "MYS", 0.3),
                     ("terbium", "processing", "CHN", 1.0))  # fmt: skip
    (found,) = stage_shares([dataclasses.replace(chain, stages=(wide,))], EU, world_supply=members)
    assert "terbium, processing" in stage(found, "rare_earths")["source"]


def test_what_a_list_leaves_out_is_nobody() -> None:
    rows = [("gallium", "processing", "CHN", 0.9), ("gallium", "processing", None, 0.04)]
    found = chips(supply(*rows))
    assert dict(found.table.select("supplier", "share").iter_rows()) == pytest.approx(
        {"CHN": 0.9, "XXX": 0.1}
    )
    assert found.suppliers == ("CHN",)
    assert stage(found)["unnamed_at_most"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("gallium", "processing", "CHN", 0.09)], "known for 0.09 of it only"),
        (
            [("gallium", "processing", "CHN", 0.9), ("gallium", "processing", "RUS", 0.23)],
            "adds up to 1.13",
        ),
        ([("gallium", "extraction", "CHN", 1.0)], "no world supply of gallium at processing"),
    ],
)
def test_shares_that_do_not_add_up_leave_the_stage_unknown(
    rows: list[tuple[str, str, str | None, float]], reason: str
) -> None:
    row = stage(chips(supply(*rows)))
    assert row["evidence"] == "unknown"
    assert reason in row["source"]
    assert row["main_supplier"] is None
    # another material of the stage still tells
    also = stage(chips(pl.concat([supply(*rows), supply(*GERMANIUM)])))
    assert also["evidence"] == "production"
    assert reason in also["note"]


def test_rounded_percents_are_scaled_back() -> None:
    found = chips(supply(("gallium", "processing", "CHN", 0.9), ("gallium", "processing", "RUS", 0.13)))
    assert found.table["share"].sum() == pytest.approx(1.0)
    assert found.table["share"][0] == pytest.approx(0.9 / 1.03)


def test_folded_economies_are_one_supplier() -> None:
    rows = supply(("gallium", "processing", "CHN", 0.5), ("gallium", "processing", "HKG", 0.5))
    assert chips(rows, merge={"HKG": "CHN"}).table["share"].to_list() == [1.0]


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["CHN", "USA", "RUS", "JPN", "DEU", "KOR"]), st.integers(1, 100), min_size=1
    ),
    st.dictionaries(
        st.sampled_from(["CHN", "USA", "RUS", "JPN", "DEU", "KOR"]), st.integers(1, 100), min_size=1
    ),
)
def test_the_stage_is_as_weak_as_its_weakest_material(first: dict[str, int], second: dict[str, int]) -> None:
    rows, largest = [], []
    for code, weights in (("gallium", first), ("germanium", second)):
        total = sum(weights.values())
        rows += [(code, "processing", economy, weight / total) for economy, weight in weights.items()]
        largest.append(max((w / total for e, w in weights.items() if e not in EU.home), default=0.0))
    row = stage(chips(supply(*rows)))
    assert (row["main_supplier_share"] or 0.0) == pytest.approx(max(largest))


# only the largest supplier is known


def test_other_suppliers_are_unknown_where_only_the_largest_is_given() -> None:
    world = supply(("gallium", "processing", "CHN", 0.6), ("silicon_metal", "processing", "RUS", 1.0))
    world = world.with_columns(main_only=pl.col("material") == "gallium")
    found = chips(world)
    assert stage(found)["unnamed_at_most"] == pytest.approx(0.4)
    assert "other suppliers are not given" in stage(found)["note"]
    values = dict(zip(found.suppliers, found.dependencies().T, strict=True))
    place = list(found.chain.stage_codes).index("gallium_germanium")
    assert values["CHN"][place] == pytest.approx(0.6)
    assert np.isnan(values["RUS"][place])
    table = found.stack(0.5).table
    russia = table.row(by_predicate=pl.col("economy") == "RUS", named=True)
    assert (russia["known_stages"], russia["stages_above"]) == (1, 1)
    # seven of nine stages are not known at all; of gallium, Russia can have at most 0.4
    assert russia["stages_above_high"] == 8
    assert russia["mean_dependency_high"] == pytest.approx((1 + 0.4 + 7) / 9)


def test_a_largest_supplier_at_home_tells_of_nobody_abroad() -> None:
    world = supply(("gallium", "processing", "DEU", 0.6)).with_columns(main_only=True)
    assert "study names no supplier abroad" in stage(chips(world))["source"]


def test_bounds_of_unknown_dependencies_are_checked_and_kept_across_chains() -> None:
    values = [[0.5, float("nan")], [0.2, 0.1]]
    found = stack_chain(values, ["CHN", "USA"], ["ore", "metal"], chain="made", unknown_at_most=[0.25, 1])
    america = found.table.row(by_predicate=pl.col("economy") == "USA", named=True)
    assert america["bottleneck_high"] == pytest.approx(0.25)
    assert america["any_stage_exposure_high"] == pytest.approx(1 - 0.75 * 0.9)
    across = stack_across_chains([found]).table.row(by_predicate=pl.col("economy") == "USA", named=True)
    assert across["weighted_exposure_high"] == pytest.approx(america["any_stage_exposure_high"])
    # of an economy that the chain does not name nothing is known where others are unknown too
    assert np.isnan(found.aligned(["RUS"])[0, 0])
    assert found.aligned(["RUS"])[1, 0] == 0.0
    for wrong in ([0.5], [0.5, 1.5], [0.5, float("nan")]):
        with pytest.raises(DataError, match="bounds of unknown dependencies"):
            stack_chain(values, ["CHN", "USA"], ["ore", "metal"], unknown_at_most=wrong)


def test_facts_that_ship_tell_of_stages_without_trade() -> None:
    world = published_world_supply()
    assert check_world_supply(world)["main_only"].all()
    options: dict[str, Any] = {
        "dataset": embedded_dataset(),
        "years": [2022, 2023, 2024],
        "table": embedded_input_output(),
    }
    without = stage_shares(load_chains(), EU, **options)
    found = stage_shares(load_chains(), EU, world_supply=world, **options)
    known = [
        sum(each.stages.filter(pl.col("evidence") != "unknown").height for each in part)
        for part in (without, found)
    ]
    assert known == [30, 43]
    for each in found:
        production = each.stages.filter(pl.col("evidence") == "production")
        assert production["source"].str.contains("not supply to EU27_2020").all()
        assert production["source"].str.ends_with("eu-crm-2023").all()


# what is refused


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"material": "unobtainium"}, "row 1, column material", "'unobtainium' is not known"),
        ({"stage": "refining"}, "row 1, column stage", "no stage 'refining'"),
        ({"economy": "QQQ"}, "row 1, column economy", "no economy 'QQQ'"),
        ({"share": 9.0}, "row 1, column share", "9.0 is not a share"),
        ({"share": float("nan")}, "row 1, column share", "nan is not a share"),
        ({"share": None}, "row 1, column share", "None is not a share"),
        ({"share": "0,9"}, "world supply", "another type"),
        ({"source": ""}, "row 1, column source", "source of the share is missing"),
        ({"years": None}, "row 1, column years", "years of the share is missing"),
    ],
)
def test_wrong_shares_are_named(change: dict[str, Any], where: str, what: str) -> None:
    row = dict(zip(WORLD_SUPPLY_SCHEMA.names(), (*GALLIUM[0], "study", "2016-2020"), strict=True))
    with pytest.raises(DataError, match=what) as raised:
        chips(pl.DataFrame([row | change]))
    assert str(raised.value.where).endswith(where)


def test_columns_twice_and_mixed_sources_are_refused() -> None:
    with pytest.raises(DataError, match="columns years are missing"):
        chips(supply(*GALLIUM).drop("years"))
    with pytest.raises(DataError, match="there twice: gallium, processing, CHN"):
        chips(supply(*GALLIUM, GALLIUM[0]))
    with pytest.raises(DataError, match="mixed: gallium, processing"):
        chips(pl.concat([supply(GALLIUM[0]), supply(GALLIUM[1], source="other")]))
    with pytest.raises(DataError, match="nothing to take the suppliers from"):
        chips(None)


# shares from tables of raw-material data


def data(*rows: tuple[Any, ...]) -> pl.DataFrame:
    names = ("material", "stage", "measure", "years", "year", "economy", "quantity", "unit", "content",
             "quality", "source")  # fmt: skip
    kinds = {"quantity": pl.Float64, "economy": pl.String, "stage": pl.String, "year": pl.Int16}
    return pl.DataFrame(rows, schema=names, schema_overrides=kinds, orient="row")


def made(economy: str | None, quantity: float | None, *, year: int = 2022, unit: str = "t",
         content: str = "metal", quality: str = "reported") -> tuple[Any, ...]:  # fmt: skip
    return ("gallium", "processing", "production", str(year), year, economy, quantity, unit, content,
            quality, "survey")  # fmt: skip


def test_quantities_of_one_year_become_shares() -> None:
    table = data(made("CHN", 1.0, year=2021), made("CHN", 6.0), made("RUS", 2.0), made("CHN", 1.0, year=2021),
                 made("CHN", 1.0), made("JPN", None, quality="below"))  # fmt: skip
    found = world_supply_of(table)
    assert found.table.columns == WORLD_SUPPLY_SCHEMA.names()
    assert dict(found.table.select("economy", "share").iter_rows()) == pytest.approx(
        {"CHN": 7 / 9, "RUS": 2 / 9}
    )
    assert found.table["source"].unique().to_list() == ["survey"]
    assert found.left_out.is_empty()
    assert world_supply_of(table, year=2021).table["economy"].to_list() == ["CHN"]
    assert world_supply_of(table, year=1999).left_out["reason"].to_list() == ["no quantity in 1999"]


def test_a_figure_that_is_withheld_is_told() -> None:
    found = world_supply_of(data(made("CHN", 6.0), made("USA", None, quality="not stated")))
    assert found.table["source"].to_list() == ["survey, without USA"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"content": "ore"}, "quantities in several contents: metal, ore"),
        ({"unit": "kg"}, "quantities in several units: kg, t"),
    ],
)
def test_ore_and_metal_are_never_added_up(change: dict[str, Any], reason: str) -> None:
    found = world_supply_of(data(made("CHN", 6.0), made("RUS", 2.0, **change)))
    assert found.table.is_empty()
    assert found.left_out.rows() == [("gallium", "processing", reason)]


def test_printed_shares_go_before_quantities_and_bounds_are_no_shares() -> None:
    printed = ("gallium", "processing", "world_supply", "2016-2020", 2020)
    older = ("gallium", "processing", "world_supply", "2010-2014", 2014)
    table = data(
        made("CHN", 6.0),
        (*printed, "CHN", 0.94, "share", "", "reported", "study"),
        (*printed, "RUS", None, "share", "", "below", "study"),
        (*older, "CHN", 0.5, "share", "", "reported", "study"),
    )
    assert world_supply_of(table).table.rows() == [
        ("gallium", "processing", "CHN", 0.94, "study", "2016-2020")
    ]
    nothing = table.filter(pl.col("measure") == "world_supply", pl.col("quantity").is_null())
    assert world_supply_of(nothing).left_out["reason"].to_list() == ["no share is given"]
    zero = world_supply_of(data(made("CHN", 0.0)))
    assert zero.left_out["reason"].to_list() == ["nothing produced in 2022"]


def test_a_table_of_something_else_is_refused() -> None:
    with pytest.raises(DataError, match="tells nothing of world supply"):
        world_supply_of(data(made("CHN", 6.0)).with_columns(measure=pl.lit("sourcing")))


@pytest.mark.reference
def test_published_tables_give_the_shares_of_the_facts(reference_data: Path) -> None:
    from geomonitor.data.raw_materials import read_material_data

    folder = reference_data / "materials"
    file = folder / "eu_crm" / "fact_GlobalSupplyShares_t.csv"
    world = world_supply_of(read_material_data(file, "eu-crm-world-supply").table).table
    facts = published_world_supply()
    joined = facts.join(world, on=["material", "stage", "economy"], how="left", suffix="_printed")
    assert joined["share_printed"].to_list() == pytest.approx(joined["share"].to_list())
    assert stage(chips(world))["main_supplier"] == "CHN"
    mined = folder / "world_mining_data_2018_2024" / "production_long.csv"
    found = world_supply_of(read_material_data(mined, "world-mining-data").table)
    sums = found.table.group_by("material", "stage").agg(pl.col("share").sum())
    assert sums["share"].to_list() == pytest.approx([1.0] * sums.height)
    assert sums.height > 40
    (mines,) = stage_shares([chain_named("batteries")], EU, world_supply=found.table)
    cobalt = stage(mines, "cobalt_ores")
    assert (cobalt["main_supplier"], cobalt["evidence"]) == ("COD", "production")
