"""Verdicts under moved thresholds, against the edition's own and against the command line's way."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest
from django.test import Client
from django.utils import translation
from polars.testing import assert_frame_equal

from geomonitor.data import Store
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.findings import Edition
from geomonitor.report.content import Content
from geomonitor.web.evidence import recompute
from geomonitor.web.evidence.recompute import NotRecomputableError, edition_table, recomputed
from geomonitor.web.evidence.screened import asked_of, found_for


@pytest.fixture
def content(edition: Edition) -> Iterator[Content]:
    with translation.override("en"):
        yield Content.of(edition, "en")


def test_unmoved_thresholds_give_the_verdicts_of_the_edition_for_every_method_and_importer(
    content: Content,
) -> None:
    compared = 0
    for importer in content.importers:
        for method in content.methods:
            again = recomputed(content, importer, method["id"], {})
            own = edition_table(content, importer, method["id"])
            shared = [name for name in again.table.columns if name in own.columns]
            assert {"dependent", "margin", "strategic", "main_supplier", "import_concentration"} <= set(
                shared
            )
            assert {f"{name}_distance" for name, _, _ in method["conditions"]} <= set(shared)
            left = again.table.select(shared).sort("product")
            right = own.select(shared).sort("product").cast(left.schema)
            assert_frame_equal(left, right, check_exact=True)
            assert not again.specification.modified
            assert again.came.is_empty()
            assert again.went.is_empty()
            compared += 1
    assert compared == 12


@pytest.mark.parametrize(
    ("method", "thresholds"),
    [
        ("commission-2021", {"import_concentration": 0.3}),
        ("commission-2021", {"import_concentration": 0.6, "extra_import_share": 0.2}),
        ("cepii-geodep-2024", {"import_concentration": 0.2, "world_export_concentration": 0.1}),
        ("imf-fragility-2017", {"supply_fragility": 0.5}),
        ("commission-2023", {"world_main_exporter_share": 0.3}),
        ("cbs-2021", {"domestic_use_kusd": 1000.0}),
    ],
)
def test_moved_thresholds_judge_as_the_dependency_room_does(
    content: Content, method: str, thresholds: dict[str, float]
) -> None:
    """Against a screening that shares nothing with the page but the flows."""
    from geomonitor.data import embedded_dataset, open_flows
    from geomonitor.dependency import method as specification_of
    from geomonitor.dependency import screen_flows
    from geomonitor.trade import importer as importer_of

    years = content.record["profile"]["years"]
    flows = open_flows(embedded_dataset(), "polars", years)
    specification = specification_of(method).with_thresholds(thresholds)
    (expected,) = screen_flows(
        flows,
        [importer_of("NLD", home_group="EU27_2020")],
        specification,
        years,
        whole_dollars=True,
        verified=True,
    )
    found = recomputed(content, content.importers[1], method, thresholds)
    left = found.table.select("product", "dependent", "margin").sort("product")
    right = expected.table.select("product", "dependent", "margin").sort("product")
    assert left["dependent"].to_list() == right["dependent"].to_list()
    # the command adds the years up in the pass over the flows: another order of adding
    assert_frame_equal(left, right, rel_tol=1e-12)
    assert found.specification.modified == specification.modified
    assert len(found.specification.modified) == len(thresholds)


def test_a_lower_threshold_lets_products_come_and_names_them(content: Content) -> None:
    found = recomputed(content, content.importers[0], "commission-2021", {"import_concentration": 0.3})
    came = set(found.came["product"])
    own = edition_table(content, content.importers[0], "commission-2021")
    now = found.table.filter(pl.col("dependent"))["product"]
    assert came == set(now) - set(own.filter(pl.col("dependent"))["product"])
    assert "260600" in came
    assert found.went.is_empty()
    higher = recomputed(content, content.importers[0], "commission-2021", {"import_concentration": 0.7})
    assert "810600" in set(higher.went["product"])
    assert higher.came.is_empty()


def test_persistence_is_judged_year_by_year_not_on_the_pooled_value(content: Content) -> None:
    moved = {"world_export_concentration": 0.1}
    found = recomputed(content, content.importers[0], "cepii-geodep-2024", moved).table
    tests = {"import_concentration": 0.4, "world_export_concentration": 0.1, "imports_to_extra_exports": 1.0}
    # the way that would be quicker and wrong
    pooled = pl.all_horizontal(*(pl.col(name) > limit for name, limit in tests.items()))
    wrong = found.filter(pooled.ne_missing(pl.col("dependent")))
    assert wrong["product"].to_list() == ["251910", "260200", "711029"]
    needed = found.filter("dependent")["years_met"].unique().to_list()
    assert not set(found.filter(~pl.col("dependent"))["years_met"]) & set(needed)


def test_refuses_a_threshold_that_the_method_has_not_or_that_is_none(content: Content) -> None:
    with pytest.raises(UnknownCodeError, match="no threshold for 'supply_fragility'"):
        recomputed(content, content.importers[0], "commission-2021", {"supply_fragility": 0.3})
    with pytest.raises(DataError, match="cannot be a threshold"):
        recomputed(content, content.importers[0], "commission-2021", {"import_concentration": -1.0})


def test_without_the_dataset_the_own_verdicts_are_offered_and_it_is_said_why(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: Store, name: str) -> object:
        raise UnknownCodeError(f"There is no dataset named {name!r}.")

    monkeypatch.setattr(Store, "dataset", gone)
    found = found_for(content, asked_of(content, {}))
    assert "baci-hs92-raw-materials" in found.refused
    assert found.table.height == 10
    with pytest.raises(NotRecomputableError, match="not in the store"):
        found_for(content, asked_of(content, {"t_import_concentration": "0.3"}))


def test_a_dataset_with_other_content_is_not_taken(content: Content) -> None:
    dataset = {**content.record["dataset"], "content_sha256": "0" * 64}
    other = Content(
        {**content.record, "dataset": dataset}, content.tables, content.findings, content.language
    )
    with pytest.raises(NotRecomputableError, match="not the one that this edition was made from"):
        recompute.dataset_of(other)


def test_a_method_of_another_version_is_not_taken(content: Content) -> None:
    methods = [{**each, "version": "0.9"} for each in content.record["methods"]]
    other = Content(
        {**content.record, "methods": methods}, content.tables, content.findings, content.language
    )
    with pytest.raises(NotRecomputableError, match=r"version 0\.9"):
        recompute.edition_specification(other, "commission-2021")


def test_a_threshold_that_the_profile_changed_is_that_of_the_edition(content: Content) -> None:
    methods = [
        {**each, "conditions": [["import_concentration", ">", 0.3], *each["conditions"][1:]]}
        if each["id"] == "commission-2021"
        else each
        for each in content.record["methods"]
    ]
    other = Content(
        {**content.record, "methods": methods}, content.tables, content.findings, content.language
    )
    own = recompute.edition_specification(other, "commission-2021")
    assert own.modified == ("import_concentration > 0.3 (published: 0.4)",)
    (slider, *_) = found_for(other, asked_of(other, {})).sliders
    assert (slider.value, slider.own, slider.published) == (0.3, 0.3, 0.4)


def test_the_page_shows_what_comes_when_a_threshold_is_moved(as_reader: Client, edition: Edition) -> None:
    page = as_reader.get(f"/editions/{edition.id}/dependencies/?t_import_concentration=0.3").content.decode()
    assert "Dependent now, not in the edition: 6" in page
    assert "not those of the published method" in page
    assert "0.30 (published: 0.40)" in page
    assert "16 of 71 products shown" in page
    plain = as_reader.get(f"/editions/{edition.id}/dependencies/?t_import_concentration=0.4").content.decode()
    assert "published method. Changed" not in plain
    assert "10 of 71 products shown" in plain
