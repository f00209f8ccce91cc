"""Yearly verdicts, and what comes and goes."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dependency import (
    Fragility,
    ScreeningOptions,
    churn,
    history,
    measure,
    method,
    method_ids,
    screen,
)
from geomonitor.errors import DataError
from geomonitor.trade import Importer, Supply, importer, supply_tables

SupplyOf = Callable[..., Supply]
NLD = importer("NLD")
CONTRACT = [
    "importer",
    "home",
    "method",
    "year",
    "product",
    "dependent",
    "import_concentration",
    "extra_import_share",
    "imports_to_exports",
    "world_export_concentration",
    "main_supplier",
    "main_supplier_share",
    "extra_import_value_kusd",
]


def flags(rows: list[tuple[int, str, bool | None]]) -> pl.DataFrame:
    table = pl.DataFrame(
        rows, schema={"year": pl.Int64, "product": pl.String, "dependent": pl.Boolean}, orient="row"
    )
    return table.with_columns(importer=pl.lit("NLD"), home=pl.lit("NLD"), method=pl.lit("cae-2021"))


@pytest.mark.parametrize("name", [name for name in method_ids() if name != "imf-fragility-2017"])
@pytest.mark.parametrize(
    "whose", [importer("EU27_2020"), importer("NLD", home_group="EU27_2020"), importer("CHN")]
)
def test_a_year_of_the_history_is_the_screening_of_that_year(
    sample_supply: Supply, name: str, whose: Importer
) -> None:
    options = ScreeningOptions(minimum_import_value_kusd=1000.0)
    found = history(sample_supply, whose, method(name), options=options).filter(year=2019)
    expected = screen(
        next(measure(sample_supply, [whose], years=[2019], options=options)), method(name)
    ).table.select(found.drop("year", "method").columns)
    assert found.drop("year", "method").equals(expected)


def test_the_columns_and_rows_of_the_history(sample_supply: Supply) -> None:
    importers = [importer("EU27_2020"), NLD]
    found = history(sample_supply, importers, method("commission-2021"))
    assert found.columns == CONTRACT
    assert found["importer"].unique(maintain_order=True).to_list() == ["EU27_2020", "NLD"]
    assert found["year"].unique().sort().to_list() == list(range(1995, 2025))
    assert not found.select("importer", "year", "product").is_duplicated().any()


def test_an_economy_with_and_without_a_home_group(sample_supply: Supply) -> None:
    at_home = importer("NLD", home_group="EU27_2020")
    found = history(sample_supply, [NLD, at_home], method("commission-2021"), years=[2022])
    assert found["home"].unique(maintain_order=True).to_list() == ["NLD", "EU27_2020"]
    bismuth = found.filter(product="810600")["extra_import_share"].to_list()
    assert bismuth[0] == 1.0 > bismuth[1]


def test_the_verdict_of_several_years_is_open_where_re_exports_decide(supply_of: SupplyOf) -> None:
    rows = [(2021, "CHN", "NLD", "810600", 300_000.0), (2021, "NLD", "DEU", "810600", 100_000.0)]
    assert history(supply_of(rows, "NLD"), NLD, method("cbs-2021"))["dependent"].to_list() == [None]


def test_network_scores_are_asked_for(supply_of: SupplyOf) -> None:
    supply = supply_of([(2020, "CHN", "NLD", "810600", 1.0), (2021, "CHN", "NLD", "810600", 1.0)], "NLD")
    specification = method("imf-fragility-2017")
    scores = {
        year: Fragility(
            table=pl.DataFrame({"product": ["810600"], "supply_fragility": [score]}),
            years=(year,),
            weighting="binary",
        )
        for year, score in ((2020, 0.95), (2021, 0.5))
    }
    found = history(supply, NLD, specification, fragility=scores)
    assert found["dependent"].to_list() == [True, False]
    assert history(supply, NLD, specification, fragility=scores[2020])["dependent"].to_list() == [True, True]
    with pytest.raises(DataError, match="network"):
        history(supply, NLD, specification)
    with pytest.raises(DataError, match="2021"):
        history(supply, NLD, specification, fragility={2020: scores[2020]})


def test_world_exports_are_asked_for(sample_flows: pl.LazyFrame) -> None:
    supply = supply_tables(sample_flows, [NLD], [2021], world=False)
    found = history(supply, NLD, method("commission-2021"))
    assert found["world_export_concentration"].null_count() == len(found)
    with pytest.raises(DataError, match="exports of every exporter"):
        history(supply, NLD, method("cepii-geodep-2024"))


def test_what_comes_and_goes() -> None:
    found = churn(
        flags(
            [
                *((2014, product, True) for product in "abcd"),
                *((2015, product, product in "ab") for product in "abc"),
                (2019, "a", True),
                (2019, "b", False),
                (2019, "e", True),
                (2020, "a", True),
            ]
        )
    )
    assert found.drop("importer", "home", "method").rows() == [
        (2014, 4, None, None, None, None),
        # d is no longer imported: gone
        (2015, 2, 0, 2, 0.5, None),
        # no 2018: a year without a year before
        (2019, 2, None, None, None, 0.75),
        (2020, 1, 0, 1, 0.5, 0.5),
    ]


def test_open_verdicts_are_neither_gone_nor_kept() -> None:
    found = churn(flags([(2020, "a", True), (2020, "b", True), (2021, "a", None), (2021, "b", False)]))
    assert found.row(1, named=True)["gone_share"] == 1.0
    assert found.row(1, named=True)["went"] == 1
    back = churn(flags([(2020, "a", None), (2021, "a", True)])).row(1, named=True)
    assert (back["dependent_count"], back["came"], back["gone_share"]) == (1, 0, None)


def test_importers_and_methods_stay_apart() -> None:
    one = flags([(2020, "a", True), (2021, "a", False)])
    other = one.with_columns(importer=pl.lit("BEL"), dependent=pl.lit(True))
    found = churn(pl.concat([one, other]))
    assert found.filter(year=2021).select("importer", "went").rows() == [("BEL", 0), ("NLD", 1)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdefgh")), min_size=2, max_size=9))
def test_churn_against_sets(sets: list[set[str]]) -> None:
    rows = [(2000 + place, each, each in found) for place, found in enumerate(sets) for each in "abcdefgh"]
    for place, row in enumerate(churn(flags(rows)).iter_rows(named=True)):
        assert row["dependent_count"] == len(sets[place])
        if place:
            before, now = sets[place - 1], sets[place]
            assert (row["came"], row["went"]) == (len(now - before), len(before - now))
            assert row["dependent_count"] == len(before) + row["came"] - row["went"]
            assert row["gone_share"] == (len(before - now) / len(before) if before else None)
        if place >= 5:
            before = sets[place - 5]
            assert row["gone_share_5y"] == (len(before - sets[place]) / len(before) if before else None)


def test_the_churn_of_the_sample_is_of_the_published_order(sample_supply: Supply) -> None:
    """One in five after a year, nearly half after five, says CEPII of all products."""
    found = churn(history(sample_supply, importer("EU27_2020"), method("commission-2021")))
    assert len(found) == 30
    assert found["gone_share"].mean() == pytest.approx(0.234, abs=5e-4)
    assert found["gone_share_5y"].mean() == pytest.approx(0.349, abs=5e-4)
    assert found.filter(year=2019)["gone_share"].is_not_null().all()
