"""Trade around a measure: on hand-made flows, and on the embedded sample."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from geomonitor.data import Dataset, embedded_dataset
from geomonitor.data.dataset import METADATA_KEYS
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.register.trade_effect import EFFECT_COLUMNS, trade_effect

# AUS sells to CHN until a measure of 2003; JPN and BRA are others
FLOWS = [
    # year, exporter, importer, product, value, quantity
    *((year, "AUS", "CHN", "100300", 100.0, 10.0) for year in (2000, 2001, 2002)),
    (2003, "AUS", "CHN", "100300", 50.0, 5.0),
    (2004, "AUS", "CHN", "100300", 10.0, None),
    (2005, "AUS", "CHN", "100300", 10.0, 1.0),
    *((year, "BRA", "CHN", "100300", 100.0, 10.0) for year in (2000, 2001, 2002)),
    *((year, "BRA", "CHN", "100300", 200.0, 10.0) for year in (2003, 2004, 2005)),
    *((year, "AUS", "JPN", "100300", 300.0, 10.0) for year in range(2000, 2006)),
    *((year, "BRA", "JPN", "100300", 7.0, 1.0) for year in range(2000, 2006)),
    # other goods, the other direction, and trade within the targets
    *((year, "AUS", "CHN", "270100", 999.0, 1.0) for year in range(2000, 2006)),
    *((year, "CHN", "AUS", "100300", 555.0, 1.0) for year in range(2000, 2006)),
    *((year, "AUS", "NZL", "100300", 1000.0, 1.0) for year in range(2000, 2006)),
]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder: Path = tmp_path_factory.mktemp("small")
    (folder / "flows").mkdir()
    frame = pl.DataFrame(
        FLOWS,
        schema={
            "year": pl.Int16,
            "exporter": pl.String,
            "importer": pl.String,
            "product": pl.String,
            "value_kusd": pl.Float64,
            "quantity_t": pl.Float64,
        },
        orient="row",
    )
    frame.write_parquet(folder / "flows" / "2000-2005.parquet")
    pl.DataFrame(
        {"product": ["100300", "100400", "270100"], "name": ["Barley", "Oats", "Coal"]}
    ).write_parquet(folder / "products.parquet")
    metadata = dict.fromkeys(METADATA_KEYS, "") | {
        "name": "small",
        "hs_revision": "HS92",
        "years": list(range(2000, 2006)),
    }
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return Dataset.open(folder)


def test_the_target_and_the_trade_that_was_not_hit_stand_side_by_side(dataset: Dataset) -> None:
    effect = trade_effect(
        dataset, "CHN", ["AUS"], ["1003"], 2003, direction="imports", ended_year=2004, years_around=3
    )
    assert effect.reason is None
    assert effect.products == ("100300",)
    assert effect.missing_years == (2006, 2007)
    table = effect.table
    assert tuple(table.columns) == EFFECT_COLUMNS
    assert table["period"].to_list() == ["before"] * 3 + ["during"] * 2 + ["afterwards"]
    assert table["hit_value_kusd"].to_list() == [100, 100, 100, 50, 10, 10]
    assert table["sender_others_value_kusd"].to_list() == [100, 100, 100, 200, 200, 200]
    assert table["target_others_value_kusd"].to_list() == [1300] * 6
    assert table["rest_value_kusd"].to_list() == [7] * 6


def test_changes_are_yearly_means_next_to_the_control(dataset: Dataset) -> None:
    effect = trade_effect(dataset, "CHN", ["AUS"], ["100300"], 2003, direction="imports", ended_year=2004)
    hit = effect.change("hit")
    assert hit is not None
    assert hit.before_value_kusd == pytest.approx(100)
    assert hit.during_value_kusd == pytest.approx(30)
    assert hit.change_during == pytest.approx(-0.7)
    # the control doubled, so that 30 stands against 200
    assert hit.change_during_to_control == pytest.approx(30 / 200 - 1)
    assert hit.change_afterwards == pytest.approx(-0.9)
    control = effect.change("sender_others")
    assert control is not None
    assert control.change_during == pytest.approx(1.0)
    assert control.change_during_to_control is None


def test_quantities_say_for_which_share_they_are_known(dataset: Dataset) -> None:
    table = trade_effect(dataset, "CHN", ["AUS"], ["100300"], 2003, direction="imports").table
    row = table.filter(pl.col("year") == 2004).row(0, named=True)
    assert row["hit_quantity_t"] is None
    assert row["hit_quantity_known_share"] == 0.0
    assert row["sender_share"] == pytest.approx(10 / 1310)


def test_trade_among_targets_is_left_out(dataset: Dataset) -> None:
    alone = trade_effect(dataset, "CHN", ["AUS"], ["100300"], 2003, direction="imports").table
    both = trade_effect(dataset, "CHN", ["AUS", "NZL"], ["100300"], 2003, direction="imports").table
    assert alone["target_others_value_kusd"][0] - both["target_others_value_kusd"][0] == 1000


def test_the_other_direction_is_other_trade(dataset: Dataset) -> None:
    effect = trade_effect(dataset, "CHN", ["AUS"], ["100300"], 2003, direction="exports")
    assert effect.table["hit_value_kusd"].to_list() == [555] * 6


@pytest.mark.parametrize(
    ("products", "started", "direction", "revision", "reason"),
    [
        ([], 2003, "imports", None, "no_products"),
        (["1003"], 2003, "other", None, "direction_not_trade"),
        (["1003"], 2003, "imports", "HS17", "other_hs_revision"),
        (["1004"], 2003, "imports", None, "products_not_in_dataset"),
        (["9999"], 2003, "imports", None, "products_not_in_dataset"),
        (["1003"], 2000, "imports", None, "years_not_in_dataset"),
        (["1003"], 2006, "imports", None, "years_not_in_dataset"),
    ],
)
def test_what_the_data_do_not_allow_is_said_and_not_assumed(
    dataset: Dataset, products: list[str], started: int, direction: str, revision: str | None, reason: str
) -> None:
    effect = trade_effect(
        dataset, "CHN", ["AUS"], products, started, direction=direction, hs_revision=revision
    )
    assert effect.reason == reason
    assert effect.table.is_empty()
    assert effect.changes == ()
    assert tuple(effect.table.columns) == EFFECT_COLUMNS


def test_no_trade_before_gives_a_table_and_no_change(dataset: Dataset) -> None:
    effect = trade_effect(dataset, "NLD", ["AUS"], ["1003"], 2003, direction="imports")
    assert effect.reason == "no_trade_before"
    assert not effect.table.is_empty()
    hit = effect.change("hit")
    assert hit is not None
    assert hit.change_during is None


def test_part_of_the_products_is_measured_and_the_rest_named(dataset: Dataset) -> None:
    effect = trade_effect(dataset, "CHN", ["AUS"], ["1003", "1004", "8888"], 2003, direction="imports")
    assert effect.products == ("100300",)
    assert effect.missing_products == ("100400", "8888")


def test_unknown_words_are_refused(dataset: Dataset) -> None:
    with pytest.raises(UnknownCodeError, match="direction"):
        trade_effect(dataset, "CHN", ["AUS"], ["1003"], 2003, direction="up")
    with pytest.raises(UnknownCodeError):
        trade_effect(dataset, "CHN", ["AUZ"], ["1003"], 2003, direction="imports")
    with pytest.raises(DataError, match="no years to compare"):
        trade_effect(dataset, "CHN", ["AUS"], ["1003"], 2003, direction="imports", ended_year=2002)


def test_rare_earths_of_2010_are_measured_on_the_embedded_sample() -> None:
    effect = trade_effect(
        embedded_dataset(),
        "CHN",
        ["JPN"],
        ["280530", "284610", "284690"],
        2010,
        direction="exports",
        ended_year=2010,
        hs_revision="HS92",
    )
    assert effect.reason is None
    assert effect.products == ("280530", "284610", "284690")
    assert effect.missing_years == ()
    rows = {row["year"]: row for row in effect.table.iter_rows(named=True)}
    assert set(rows) == set(range(2007, 2014))
    # the year of the reports shows no fall in quantity against the year before; prices came after
    assert rows[2010]["hit_quantity_t"] > rows[2009]["hit_quantity_t"]
    price = {year: row["hit_value_kusd"] / row["hit_quantity_t"] for year, row in rows.items()}
    assert price[2011] > 3 * price[2010]
    # Japan's dependence on China fell afterwards
    assert rows[2013]["sender_share"] < rows[2007]["sender_share"]


def test_the_coal_stop_of_2020_is_seen_in_the_embedded_sample() -> None:
    effect = trade_effect(
        embedded_dataset(), "CHN", ["AUS"], ["2701"], 2020, direction="imports", ended_year=2023
    )
    rows = {row["year"]: row for row in effect.table.iter_rows(named=True)}
    assert rows[2021]["hit_quantity_t"] < 0.3 * rows[2019]["hit_quantity_t"]
    hit, others = effect.change("hit"), effect.change("sender_others")
    assert hit is not None
    assert others is not None
    assert hit.change_during is not None
    assert others.change_during is not None
    assert hit.change_during < 0 < others.change_during
