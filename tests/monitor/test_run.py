"""The main job: what an edition holds, that it is the same every time, and on every engine."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from geomonitor.data import embedded_dataset
from geomonitor.dependency import method, screen_flows
from geomonitor.findings import Edition, compare, frame_sha256, write_edition
from geomonitor.monitor import load_profile, make_edition, planned_edition_id
from geomonitor.monitor.chain_tables import CHAIN_TABLES
from geomonitor.monitor.material_tables import MATERIAL_TABLES
from geomonitor.monitor.shock_tables import SHOCK_TABLES
from geomonitor.trade import importer

TABLES = {
    "products",
    "history",
    "suppliers",
    "robustness",
    "churn",
    "common",
    "relations",
    "relations_summary",
    "fragility",
    *CHAIN_TABLES,
    *MATERIAL_TABLES,
    *SHOCK_TABLES,
}
Told = list[tuple[str, int, int]]


@pytest.fixture(scope="module")
def edition(real_edition: Edition) -> Edition:
    return real_edition


def hashes(edition: Edition) -> dict[str, str]:
    return {name: frame_sha256(table) for name, table in edition.tables.items()}


def test_an_edition_of_the_default_profile_is_whole(edition: Edition) -> None:
    assert set(edition.tables) == TABLES
    assert all(table.height for table in edition.tables.values())
    assert edition.findings.height > 3000
    labels = edition.tables["products"]["label"].unique().sort().to_list()
    assert labels == ["EU27_2020", "NLD (home EU27_2020)"]
    assert edition.tables["products"]["method"].n_unique() == 6


def test_every_product_of_every_method_stands_in_the_table(edition: Edition) -> None:
    products = edition.tables["products"]
    counts = products.group_by("label", "method").agg(
        pl.len(), pl.col("product").n_unique().alias("distinct")
    )
    assert counts["len"].to_list() == counts["distinct"].to_list()
    assert counts["len"].n_unique() <= 2
    assert products["product_name"].null_count() == 0
    # governance of the main supplier where there is one
    named = products.filter(pl.col("main_supplier").is_not_null())
    assert named["governance"].null_count() / named.height < 0.05


def test_the_main_job_gives_what_one_screening_gives(edition: Edition) -> None:
    dataset = embedded_dataset()
    (found,) = screen_flows(
        dataset.scan(), [importer("EU27_2020")], method("cbs-2021"), [2022, 2023, 2024],
        whole_dollars=dataset.whole_dollars, verified=True,
    )  # fmt: skip
    mine = edition.tables["products"].filter(
        (pl.col("label") == "EU27_2020") & (pl.col("method") == "cbs-2021")
    )
    assert mine["product"].to_list() == found.table["product"].to_list()
    assert mine["dependent"].to_list() == found.table["dependent"].to_list()
    assert mine["import_concentration"].to_list() == pytest.approx(
        found.table["import_concentration"].to_list(), rel=1e-12, nan_ok=True
    )


def test_strategic_is_dependent_with_an_interest_and_no_easy_substitute(edition: Edition) -> None:
    products = edition.tables["products"]
    strategic = products.filter(pl.col("strategic"))
    assert strategic.height
    assert strategic["dependent"].all()
    assert (strategic["interests"] != "").all()


def test_history_covers_every_year_of_the_dataset(edition: Edition) -> None:
    history = edition.tables["history"]
    assert sorted(history["year"].unique().to_list()) == list(range(1995, 2025))
    assert history["method"].unique().to_list() == ["commission-2021"]
    assert history["product_name"].null_count() == 0


def test_suppliers_add_up_to_all_foreign_supply(edition: Edition) -> None:
    suppliers = edition.tables["suppliers"]
    sums = suppliers.group_by("importer", "home", "year", "product").agg(pl.col("share").sum())
    assert sums["share"].to_list() == pytest.approx([1.0] * sums.height)
    most = suppliers.filter(pl.col("supplier") != "OTHER").group_by("importer", "home", "product").agg(
        pl.col("supplier").n_unique()
    )  # fmt: skip
    assert most["supplier"].max() == 8
    main = pl.col("method") == edition.record["main_method"]
    flagged = edition.tables["products"].filter(pl.col("dependent") & main)["product"].unique().sort()
    assert suppliers["product"].unique().sort().to_list() == flagged.to_list()


def test_stability_is_the_share_of_variants_with_the_same_verdict(edition: Edition) -> None:
    products = edition.tables["products"].filter(pl.col("stability").is_not_null())
    assert products.height
    assert products["stability"].is_between(0, 1).all()


def test_the_record_says_all_that_went_in(edition: Edition) -> None:
    record = json.loads(json.dumps(edition.record))
    assert record["dataset"]["content_sha256"] == embedded_dataset().content_sha256
    assert record["dataset"]["licence"]
    assert record["main_method"] == "commission-2021"
    assert record["period"] == [2022, 2024]
    assert {each["id"] for each in record["methods"]} == set(edition.tables["products"]["method"])
    assert record["environment"]["polars"] == pl.__version__
    assert record["id"] == planned_edition_id(load_profile())


def test_the_same_inputs_give_the_same_edition(
    edition: Edition, real_edition_again: tuple[Edition, Told], tmp_path: Path
) -> None:
    again, _ = real_edition_again
    assert again.id == edition.id
    assert hashes(again) == hashes(edition)
    assert frame_sha256(again.findings) == frame_sha256(edition.findings)
    opened = Edition.open(write_edition(again, tmp_path).path)
    assert hashes(opened) == hashes(edition)
    assert compare(edition, opened).table.height == 0


@pytest.mark.parametrize("engine", ["duckdb", "pyarrow"])
def test_another_engine_gives_the_same_tables_to_the_last_bit(edition: Edition, engine: str) -> None:
    other = make_edition(load_profile(), engine=engine)
    assert other.id == edition.id
    assert other.record["engine"] == engine
    assert hashes(other) == hashes(edition)


def test_progress_goes_from_the_first_step_to_the_last(real_edition_again: tuple[Edition, Told]) -> None:
    _, told = real_edition_again
    assert [step for _, step, _ in told] == list(range(1, 11))
    assert {steps for *_, steps in told} == {10}
    assert len({text for text, *_ in told}) == 10


def test_what_goes_in_decides_the_name(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    text = 'name = "p"\nyears = [2021]\nmethods = ["cae-2021"]\nimporters = [{ code = "NLD" }]\n'
    names = set()
    for change in (
        "",
        "minimum_import_value_kusd = 1.0\n",
        "[thresholds.cae-2021]\nextra_import_share = 0.6\n",
    ):
        file.write_text(text + change)
        names.add(planned_edition_id(load_profile(file)))
    assert len(names) == 3


@pytest.mark.parametrize(
    "changes",
    [
        'methods = ["imf-fragility-2017"]',
        'methods = ["cepii-geodep-2024"]\npartner_group = "EU27_2020"',
        'methods = ["commission-2021"]\nmerge = { HKG = "CHN", MAC = "CHN" }\ncounterparts = ["CHN", "HKG"]',
        'methods = ["cbs-2021"]\nre_export_shares = { 270900 = 0.3 }\nintra_group = "included"',
        'methods = ["commission-2023"]\nengine = "duckdb"',
    ],
)
def test_other_profiles_run_too(tmp_path: Path, changes: str) -> None:
    file = tmp_path / "p.toml"
    head = f'name = "p"\nyears = [2019, 2021]\n{changes}\n'
    file.write_text(head + 'importers = [{ code = "BENELUX" }, { code = "NLD", home_group = "EEA" }]\n')
    made = make_edition(load_profile(file))
    assert made.tables["products"]["label"].n_unique() == 2
    written = write_edition(made, tmp_path / "out")
    assert Edition.open(written.path).id == made.id


def test_compare_names_the_cause_between_real_editions(tmp_path: Path) -> None:
    text = 'name = "p"\nyears = [{}]\nmethods = ["commission-2021"]\nimporters = [{{ code = "EU27_2020" }}]\n'
    # without the parts that have causes of their own
    text += "table = false\nmaterials = false\nshocks = false\n"
    threshold = "[thresholds.commission-2021]\nimport_concentration = {}\n"

    def made(years: str, limit: float) -> Edition:
        file = tmp_path / "p.toml"
        file.write_text(text.format(years) + threshold.format(limit))
        return make_edition(load_profile(file))

    base = made("2021, 2022, 2023", 0.45)
    stricter = compare(base, made("2021, 2022, 2023", 0.6)).table.filter(pl.col("change") == "went")
    assert stricter.height >= 2
    assert stricter["reason"].unique().to_list() == ["threshold"]
    later = compare(base, made("2018, 2019, 2020", 0.45)).table
    assert later.height
    assert later["reason"].unique().to_list() == ["trade"]
