from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from geomonitor.chains import chain_named, load_chains, stage_shares
from geomonitor.data import embedded_dataset
from geomonitor.data.input_output import embedded_input_output
from geomonitor.errors import DataError
from geomonitor.trade import importer

from .conftest import random_table, table_of

YEARS = (2022, 2023, 2024)
NLD = importer("NLD", home_group="EU27_2020")


@pytest.fixture(scope="module")
def both():
    return {
        each.chain.code: each
        for each in stage_shares(
            load_chains(), NLD, dataset=embedded_dataset(), years=YEARS, table=embedded_input_output()
        )
    }


def test_trade_shares_are_foreign_supplies_added_up_over_years(both) -> None:
    flows = embedded_dataset().scan(YEARS).with_columns(pl.col("exporter", "product").cast(pl.String))
    supplied = (
        flows.filter(
            pl.col("importer").cast(pl.String) == "NLD",
            pl.col("product").is_in(["280530", "284610", "284690"]),
            ~pl.col("exporter").is_in(NLD.home),
        )
        .group_by("exporter")
        .agg(pl.col("value_kusd").sum())
        .collect()
    )
    expected = dict(supplied.with_columns(pl.col("value_kusd") / pl.col("value_kusd").sum()).iter_rows())
    found = both["magnets"].table.filter(pl.col("stage") == "rare_earths")
    assert dict(found.select("supplier", "share").iter_rows()) == pytest.approx(expected)
    assert found["source"].unique().to_list() == [
        "trade: baci-hs92-raw-materials, 2022-2024, 280530, 284610, 284690"
    ]
    assert not set(found["supplier"]) & set(NLD.home)


def test_shares_from_the_table_are_what_the_buyers_buy(both) -> None:
    table = embedded_input_output()
    users = [table.node_index("NLD", "C29")]
    bought = {
        code: float(table.flows_musd[table.node_index(code, "C27"), users].sum(dtype=np.float64))
        for code in table.countries
        if code not in NLD.home
    }
    total = sum(bought.values())
    found = both["batteries"].table.filter(pl.col("stage") == "cells")
    expected = {code: value / total for code, value in bought.items() if value > 0}
    assert dict(found.select("supplier", "share").iter_rows()) == pytest.approx(expected)
    assert found["source"][0] == "input-output: oecd-icio-2022, 2022, sector C27, bought by C29"
    assert found["unit"][0] == "million current USD"


def test_what_nothing_holds_is_unknown_and_says_why(both) -> None:
    stages = both["solar"].stages
    assert stages["evidence"].to_list() == ["unknown"] * 4 + ["input-output"]
    assert stages["source"][2] == "unknown: 280461 not in the dataset"
    assert stages["unnamed_at_most"].to_list() == [1.0] * 4 + [0.0]
    assert np.isnan(both["solar"].dependencies()[:4]).all()
    assert not np.isnan(both["solar"].dependencies()[4]).any()
    partly = both["defence_industry"].stages.filter(pl.col("stage") == "tungsten")
    assert partly["source"][0].endswith("810110, lacks 284180, 720280, 810191")


def test_stages_name_their_raw_materials(both) -> None:
    stages = both["chips"].stages
    named = dict(stages.select("stage", "materials").iter_rows())
    assert named["gallium_germanium"] == "gallium;germanium"
    assert named["wafers"] == ""


def test_shares_of_every_known_stage_sum_to_one(both) -> None:
    for found in both.values():
        summed = found.table.group_by("stage").agg(pl.col("share").sum())
        assert summed["share"].to_list() == pytest.approx([1.0] * summed.height)
        known = found.stages.filter(pl.col("evidence") != "unknown")
        assert set(summed["stage"]) == set(known["stage"])


def test_the_stack_is_that_of_the_shares(both) -> None:
    found = both["magnets"].stack(0.3)
    china = found.table.filter(pl.col("economy") == "CHN").row(0, named=True)
    shares = both["magnets"].table.filter(pl.col("supplier") == "CHN")["share"].to_list()
    assert china["stages_above"] == sum(share > 0.3 for share in shares)
    assert china["any_stage_exposure"] == pytest.approx(1 - np.prod([1 - share for share in shares]))
    assert (china["stages"], china["known_stages"]) == (6, 3)


def test_trade_alone_and_table_alone() -> None:
    chain = chain_named("batteries")
    (trade,) = stage_shares([chain], NLD, dataset=embedded_dataset(), years=[2022])
    assert set(trade.stages["evidence"]) == {"trade", "unknown"}
    assert trade.stages["source"][2].startswith("trade: baci-hs92-raw-materials, 2022, ")
    (accounts,) = stage_shares([chain], NLD, table=embedded_input_output())
    assert accounts.stages["evidence"].to_list() == ["unknown"] * 10 + ["input-output"] * 2
    with pytest.raises(DataError, match="nothing to take the suppliers from"):
        stage_shares([chain], NLD)


def test_home_counts_only_on_request() -> None:
    chain = chain_named("batteries")
    table = random_table(3, sectors=2, empty=0.0)
    (foreign,) = stage_shares([chain], importer("NLD"), table=table)
    assert "NLD" not in foreign.suppliers
    assert foreign.stages["source"][10].startswith("unknown: sector C27 not in made")
    (whole,) = stage_shares([chain], importer("NLD"), table=table, include_home=True)
    assert "NLD" in whole.suppliers
    assert whole.stages["source"][11].endswith("home included")
    assert whole.table["share"].sum() == pytest.approx(1.0)


def test_no_imports_and_no_purchases_are_unknown_too() -> None:
    flows = pl.DataFrame(
        [
            (2022, "CHN", "DEU", "280530", 5.0),
            (2022, "CHN", "NLD", "252890", 5.0),
            (2022, "R20", "NLD", "252890", 5.0),
        ],
        schema=["year", "exporter", "importer", "product", "value_kusd"],
        orient="row",
    )
    table = table_of(np.zeros((6, 6)), np.ones(6), ("NLD", "CHN"), ("C27", "C28", "D"))
    (found,) = stage_shares(
        [chain_named("magnets")],
        importer("NLD"),
        dataset=embedded_dataset(),
        years=[2022],
        flows=flows,
        table=table,
    )
    assert found.stages["source"].to_list() == [
        "trade: baci-hs92-raw-materials, 2022, 252890",
        "unknown: 253090, 261220 not in the dataset",
        "unknown: 281000, 2840 not in the dataset",
        "unknown: no imports from abroad",
        "unknown: 850511 not in the dataset",
        "unknown: no code in HS92; no purchases from C27, C28 in made",
    ]
    # what comes from no single economy is supply, and no economy that dependencies stack on
    assert found.table["share"].to_list() == [0.5, 0.5]
    assert found.suppliers == ("CHN",)
    assert found.stack().table["bottleneck"].to_list() == [0.5]


def test_folded_economies_are_one_supplier_in_both_sources() -> None:
    chains = [chain_named("chips")]
    options = {"dataset": embedded_dataset(), "years": YEARS, "table": embedded_input_output()}
    (apart,) = stage_shares(chains, NLD, **options)
    (folded,) = stage_shares(chains, NLD, merge={"HKG": "CHN"}, **options)
    for stage in ("tantalum", "chips"):
        both = apart.table.filter(pl.col("stage") == stage, pl.col("supplier").is_in(["HKG", "CHN"]))
        one = folded.table.filter(pl.col("stage") == stage, pl.col("supplier").is_in(["HKG", "CHN"]))
        assert one["supplier"].to_list() == ["CHN"]
        assert one["share"][0] == pytest.approx(both["share"].sum(), rel=1e-3)
