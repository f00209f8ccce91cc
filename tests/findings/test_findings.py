"""Findings: one row a measured statement, with what is needed to check it."""

from __future__ import annotations

import math
from collections.abc import Callable

import polars as pl
import pytest

from geomonitor.data import embedded_dataset
from geomonitor.dependency import method, method_ids, screen_flows
from geomonitor.findings import FINDING_SCHEMA, Edition, findings_of, findings_table
from geomonitor.trade import importer

YEARS = (2021, 2022, 2023)


def findings(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    dataset = embedded_dataset()
    (found,) = screen_flows(dataset.scan(YEARS), [importer("EU27_2020")], method(name), YEARS, verified=True)
    rows = findings_of(
        found.table,
        method(name),
        subject="EU27_2020",
        period="2021-2023",
        dataset=dataset.name,
        dataset_sha256=dataset.content_sha256,
    )
    return found.table, findings_table(rows)


@pytest.mark.parametrize("name", method_ids())
def test_every_product_has_every_indicator_and_a_verdict(name: str) -> None:
    table, found = findings(name)
    specification = method(name)
    measures = [*specification.indicators(), "dependent"]
    if "domestic_use_kusd" in measures:
        at = measures.index("domestic_use_kusd")
        measures[at : at + 1] = ["domestic_use_lower_kusd", "domestic_use_upper_kusd"]
    if specification.severe_name:
        measures.append(specification.severe_name)
    assert found.height == table.height * len(measures)
    assert found["measure"].unique().sort().to_list() == sorted(measures)
    assert found.schema == pl.Schema(FINDING_SCHEMA)
    for constant in ("subject", "period", "method", "method_version", "dataset", "dataset_sha256"):
        assert found[constant].n_unique() == 1
        assert found[constant].null_count() == 0


@pytest.mark.parametrize("name", method_ids())
def test_verdicts_are_those_of_the_screening(name: str) -> None:
    table, found = findings(name)
    said = found.filter(pl.col("measure") == "dependent")["verdict"].to_list()
    names = {True: "dependent", False: "not dependent", None: "open"}
    assert said == [names[each] for each in table["dependent"].to_list()]


@pytest.mark.parametrize("name", ["commission-2021", "cae-2021", "imf-fragility-2017"])
def test_a_product_is_dependent_exactly_when_all_its_tests_are_met(name: str) -> None:
    _, found = findings(name)
    tests = found.filter(pl.col("measure") != "dependent").group_by("product").agg(
        (pl.col("verdict") == "met").all().alias("all")
    )  # fmt: skip
    verdicts = (
        found.filter(pl.col("measure") == "dependent").select("product", "verdict").join(tests, on="product")
    )
    assert (verdicts["all"] == (verdicts["verdict"] == "dependent")).all()


def test_values_are_unrounded_and_undefined_ones_say_so(edition_of: Callable[..., Edition]) -> None:
    rows = [(2021, "CHN", "NLD", "810600", 1.0), (2021, "USA", "NLD", "810600", 2.0)]
    made = edition_of(rows).findings
    index = made.filter(pl.col("measure") == "import_concentration").row(0, named=True)
    assert index["value"] == 5 / 9
    assert (index["threshold"], index["unit"], index["verdict"], index["counterpart"]) == (
        0.4,
        "index",
        "met",
        "USA",
    )
    ratio = made.filter(pl.col("measure") == "imports_to_exports").row(0, named=True)
    assert (ratio["value"], ratio["verdict"]) == (math.inf, "met")


def test_an_undefined_indicator_is_neither_met_nor_not(edition_of: Callable[..., Edition]) -> None:
    made = edition_of([(2021, "DEU", "FRA", "810600", 1.0)], members=("DEU", "FRA")).findings
    verdicts = dict(zip(made["measure"], made["verdict"], strict=True))
    assert verdicts["import_concentration"] == "undefined"
    assert verdicts["extra_import_share"] == "not met"
    assert verdicts["dependent"] == "not dependent"


def test_a_changed_threshold_shows_in_every_finding(edition_of: Callable[..., Edition]) -> None:
    changed = method("commission-2021").with_thresholds({"import_concentration": 0.5})
    made = edition_of([(2021, "CHN", "NLD", "810600", 1.0)], specification=changed).findings
    assert made["method_version"].unique().to_list() == ["1.0+modified"]
    assert made.filter(pl.col("measure") == "import_concentration")["threshold"].to_list() == [0.5]
