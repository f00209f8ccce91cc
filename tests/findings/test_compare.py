"""What came, went and changed between two editions, and whether the right cause is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from geomonitor.dependency import method
from geomonitor.errors import DataError
from geomonitor.findings import Comparison, Edition, compare

EditionOf = Callable[..., Edition]
PRODUCT = "810600"
# two suppliers of 7 and 3: an index of 0.58
BOTH = [(2021, "CHN", "NLD", PRODUCT, 7.0), (2021, "USA", "NLD", PRODUCT, 3.0)]
# five equal suppliers: an index of 0.2
MANY = [(2021, code, "NLD", PRODUCT, 2.0) for code in ("CHN", "USA", "VNM", "JPN", "BRA")]
STRICTER = method("commission-2021").with_thresholds({"import_concentration": 0.6})


def only(found: Comparison) -> dict[str, object]:
    assert found.table.height == 1, found.table
    return found.table.row(0, named=True)


def reason(found: Comparison) -> tuple[object, object]:
    row = only(found)
    return row["change"], row["reason"]


def test_the_same_edition_twice_has_no_changes(edition_of: EditionOf) -> None:
    found = compare(edition_of(BOTH), edition_of(BOTH))
    assert (found.table.height, found.summary.height, found.inputs.height) == (0, 0, 0)


def test_the_threshold_is_the_cause(edition_of: EditionOf) -> None:
    before, after = edition_of(BOTH), edition_of(BOTH, specification=STRICTER)
    assert reason(compare(before, after)) == ("went", "threshold")
    assert reason(compare(after, before)) == ("came", "threshold")
    assert only(compare(before, after))["detail"] == "import_concentration > 0.4 became 0.6"


def test_the_threshold_is_the_cause_even_if_the_data_is_new(edition_of: EditionOf) -> None:
    revised = [(2021, "CHN", "NLD", PRODUCT, 7.1), BOTH[1]]
    after = edition_of(revised, specification=STRICTER, dataset_sha256="bb" * 32)
    assert reason(compare(edition_of(BOTH), after)) == ("went", "threshold")


def test_the_data_is_the_cause_even_if_the_threshold_is_new(edition_of: EditionOf) -> None:
    # by the old threshold the new numbers fail as well
    after = edition_of(MANY, specification=STRICTER, dataset_sha256="bb" * 32)
    assert reason(compare(edition_of(BOTH), after)) == ("went", "data")


def test_the_data_is_the_cause(edition_of: EditionOf) -> None:
    found = compare(edition_of(BOTH), edition_of(MANY, dataset_sha256="bb" * 32))
    assert reason(found) == ("went", "data")
    assert found.inputs["input"].to_list() == ["dataset content"]


def test_trade_is_the_cause(edition_of: EditionOf) -> None:
    rows = [*BOTH, *[(2022, *row[1:]) for row in MANY]]
    found = compare(edition_of(rows), edition_of(rows, years=(2022,)))
    assert reason(found) == ("went", "trade")
    assert only(found)["detail"] == "years 2021 became 2022"
    both = compare(edition_of(rows), edition_of(rows, years=(2022,), dataset_sha256="bb" * 32))
    assert reason(both) == ("went", "trade or data")


def test_the_method_is_the_cause(edition_of: EditionOf) -> None:
    newer = replace(method("commission-2021"), version="2.0")
    found = compare(edition_of(BOTH), edition_of(MANY, specification=newer))
    assert reason(found) == ("went", "method")
    assert only(found)["detail"] == "specification 1.0 became 2.0"


def test_an_option_is_the_cause(edition_of: EditionOf) -> None:
    found = compare(edition_of(BOTH), edition_of(BOTH, minimum_import_value_kusd=100.0))
    assert reason(found) == ("went", "method")
    assert only(found)["detail"] == "option minimum_import_value_kusd: 0.0 became 100.0"


def test_the_program_is_the_cause(edition_of: EditionOf) -> None:
    found = compare(edition_of(BOTH), edition_of(MANY, code_sha256="dd" * 32))
    assert reason(found) == ("went", "method")
    assert only(found)["detail"] == "another version of the program"


def test_the_members_of_a_group_are_the_cause(edition_of: EditionOf) -> None:
    rows = [*BOTH, (2021, "DEU", "USA", PRODUCT, 50.0), (2021, "FRA", "NLD", PRODUCT, 0.5)]
    before, after = (edition_of(rows, members=members) for members in (("FRA", "NLD"), ("DEU", "NLD")))
    found = compare(before, after)
    assert reason(found) == ("went", "method")
    assert only(found)["detail"] == "CLUB gained DEU; CLUB lost FRA"
    assert found.inputs["input"].to_list() == ["importer CLUB"]


def test_another_supplier_and_a_moved_margin_are_listed(edition_of: EditionOf) -> None:
    other = [(2021, "USA", "NLD", PRODUCT, 7.0), (2021, "CHN", "NLD", PRODUCT, 3.0)]
    found = compare(edition_of(BOTH), edition_of(other, dataset_sha256="bb" * 32))
    assert reason(found) == ("supplier changed", "data")
    assert (only(found)["main_supplier_before"], only(found)["main_supplier_after"]) == ("CHN", "USA")
    alone = edition_of([(2021, "CHN", "NLD", PRODUCT, 7.0)], dataset_sha256="bb" * 32)
    assert reason(compare(edition_of(BOTH), alone)) == ("moved", "data")
    assert compare(edition_of(BOTH), alone, moved_by=2.0).table.height == 0


def test_products_that_are_only_in_one_edition(edition_of: EditionOf) -> None:
    more = [
        *BOTH,
        (2021, "CHN", "NLD", "261000", 4.0),
        *[(row[0], row[1], row[2], "250410", 2.0) for row in MANY],
    ]
    found = compare(edition_of(BOTH), edition_of(more, dataset_sha256="bb" * 32))
    row = only(found)
    assert (row["product"], row["change"], row["before"], row["after"]) == (
        "261000",
        "came",
        "not imported",
        "dependent",
    )
    assert row["product_name"] == "Chromium"
    gone = only(compare(edition_of(more, dataset_sha256="bb" * 32), edition_of(BOTH)))
    assert (gone["change"], gone["after"], gone["product_name"]) == ("went", "not imported", "Chromium")


def test_verdicts_that_open_and_close(edition_of: EditionOf) -> None:
    cbs = method("cbs-2021")
    rows = [(2021, "CHN", "NLD", PRODUCT, 300_000.0), (2021, "NLD", "USA", PRODUCT, 100_000.0)]
    unknown = edition_of(rows, specification=cbs)
    known = edition_of(rows, specification=cbs, re_export_shares={PRODUCT: 0.0})
    half = edition_of(rows, specification=cbs, re_export_shares={PRODUCT: 0.5})
    assert reason(compare(unknown, known)) == ("came", "method")
    assert reason(compare(known, unknown)) == ("went", "method")
    assert reason(compare(unknown, half)) == ("closed", "method")
    assert reason(compare(half, unknown)) == ("opened", "method")


def test_the_summary_counts_changes_by_reason(edition_of: EditionOf) -> None:
    many = [*MANY, *[(row[0], row[1], row[2], "250410", 2.0) for row in MANY]]
    both = [*BOTH, *[(row[0], row[1], row[2], "250410", row[4]) for row in BOTH]]
    found = compare(edition_of(many), edition_of(both, dataset_sha256="bb" * 32))
    assert found.summary.rows() == [("NLD", "commission-2021", "came", "data", 2)]


def test_editions_without_anything_in_common_are_refused(edition_of: EditionOf) -> None:
    other = edition_of(BOTH, specification=method("cae-2021"))
    with pytest.raises(DataError, match="nothing in common"):
        compare(edition_of(BOTH), other)


def test_only_what_both_hold_is_compared(edition_of: EditionOf) -> None:
    one, two = edition_of(BOTH), edition_of(MANY, specification=method("cae-2021"))
    both = Edition(
        record={**one.record, "methods": [*one.record["methods"], *two.record["methods"]]},
        tables={"products": pl.concat([one.tables["products"], two.tables["products"]], how="diagonal")},
        findings=one.findings,
    )
    assert compare(one, both).table.height == 0
