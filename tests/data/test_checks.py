"""Each check finds what was planted, that alone, and nothing in a sound dataset."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence

import polars as pl
import pytest

from geomonitor.data import CHECKS, Dataset, embedded_dataset, run_checks
from geomonitor.data.check_rules import BREAK_FACTOR, OUTLIER_MINIMUM_ROWS
from geomonitor.errors import UnknownCodeError

YEARS = range(2015, 2021)
PRODUCTS = [f"8106{number:02}" for number in range(10)]
PAIRS = [("CHN", "NLD"), ("CHN", "DEU"), ("USA", "NLD"), ("USA", "DEU"), ("NLD", "DEU")]
Row = tuple[int, str, str, str, float, float | None]


def clean_rows() -> list[Row]:
    """Sound flows: every product, pair and year; values and unit values near each other."""
    return [
        (year, exporter, importer, product, 20_000.0 + 10 * at, 1000.0 * (1 + 0.01 * (at % 3)))
        for year in YEARS
        for product in PRODUCTS
        for at, (exporter, importer) in enumerate(PAIRS)
    ]


@pytest.fixture
def make_dataset(tmp_path):
    """Write a dataset folder straight, past the verification of the store."""

    def make(
        rows: Sequence[Row], years: Sequence[int] = YEARS, products: Sequence[str] = PRODUCTS
    ) -> Dataset:
        (tmp_path / "flows").mkdir()
        frame = pl.DataFrame(
            rows,
            schema={
                "year": pl.Int16, "exporter": pl.String, "importer": pl.String, "product": pl.String,
                "value_kusd": pl.Float64, "quantity_t": pl.Float64,
            },
            orient="row",
        )  # fmt: skip
        files = []
        for year in years:
            file = tmp_path / "flows" / f"{year}.parquet"
            frame.filter(pl.col("year") == year).write_parquet(file)
            files.append(
                {"name": f"flows/{year}.parquet", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
            )
        pl.DataFrame({"product": products, "name": [""] * len(products)}).write_parquet(
            tmp_path / "products.parquet"
        )
        metadata = dict(embedded_dataset().metadata) | {"name": "made", "years": list(years), "files": files}
        (tmp_path / "metadata.json").write_text(json.dumps(metadata))
        return Dataset.open(tmp_path)

    return make


def counts(dataset: Dataset) -> dict[str, int]:
    return {found.name: found.count for found in run_checks(dataset) if found.count}


def worst(dataset: Dataset, name: str) -> pl.DataFrame:
    return run_checks(dataset, [name])[0].worst


def test_sound_dataset_has_nothing(make_dataset):
    dataset = make_dataset(clean_rows())
    assert counts(dataset) == {}
    assert [found.name for found in run_checks(dataset)] == list(CHECKS)
    assert not any(found.failed for found in run_checks(dataset))


def test_duplicate_keys(make_dataset):
    rows = clean_rows()
    dataset = make_dataset([*rows, rows[3], rows[3], rows[7]])
    assert counts(dataset) == {"duplicate_keys": 3}
    year, exporter, importer, product, *_ = rows[3]
    assert worst(dataset, "duplicate_keys").row(0) == (year, exporter, importer, product, 2)
    assert run_checks(dataset, ["duplicate_keys"])[0].failed


def test_changed_files(make_dataset):
    dataset = make_dataset(clean_rows())
    file = dataset.path / "flows" / "2016.parquet"
    pl.read_parquet(file).with_columns(pl.col("value_kusd") * 1.5).write_parquet(file)
    assert counts(dataset) == {"changed_files": 1}
    assert worst(dataset, "changed_files")["file"].to_list() == ["flows/2016.parquet"]


def test_codes_outside_the_product_table(make_dataset):
    dataset = make_dataset(clean_rows(), products=PRODUCTS[1:])
    assert counts(dataset) == {"mixed_hs_revisions": 1}
    found = worst(dataset, "mixed_hs_revisions")
    assert found.select("product", "reason").row(0) == (PRODUCTS[0], "not in the product table")


def test_revisions_put_together(make_dataset):
    def renamed(code: str, year: int) -> str:
        # The first three codes of 2012 become others in the revision of 2017.
        return f"9{code[1:]}" if year >= 2017 and code in PRODUCTS[:3] else code

    rows = [(year, i, j, renamed(code, year), v, q) for year, i, j, code, v, q in clean_rows()]
    dataset = make_dataset(rows, products=sorted({row[3] for row in rows}))
    assert counts(dataset) == {"mixed_hs_revisions": 6}
    reasons = worst(dataset, "mixed_hs_revisions")["reason"].unique().sort().to_list()
    assert reasons == ["begins where HS17 came in", "ends where HS17 came in"]


def test_codes_that_change_in_another_year_are_no_revision(make_dataset):
    rows = [
        (year, i, j, f"9{code[1:]}" if year >= 2018 and code in PRODUCTS[:3] else code, v, q)
        for year, i, j, code, v, q in clean_rows()
    ]
    dataset = make_dataset(rows, products=sorted({row[3] for row in rows}))
    assert "mixed_hs_revisions" not in counts(dataset)


def test_exporter_equals_importer(make_dataset):
    dataset = make_dataset([*clean_rows(), (2016, "CHN", "CHN", PRODUCTS[0], 30_000.0, 1500.0)])
    assert counts(dataset) == {"exporter_equals_importer": 1}
    assert worst(dataset, "exporter_equals_importer").row(0)[:4] == (2016, "CHN", "CHN", PRODUCTS[0])


def test_zero_values(make_dataset):
    dataset = make_dataset([*clean_rows(), (2016, "USA", "CHN", PRODUCTS[0], 0.0, 3.0)])
    assert counts(dataset) == {"zero_values": 1}


def test_missing_years(make_dataset):
    years = [2015, 2016, 2018, 2019, 2020]
    dataset = make_dataset([row for row in clean_rows() if row[0] in years], years=years)
    assert counts(dataset) == {"missing_years": 1}
    assert worst(dataset, "missing_years")["year"].to_list() == [2017]


def test_missing_quantities(make_dataset):
    rows = [
        (*row[:5], None) if row[0] == 2017 and row[3] == PRODUCTS[4] and row[1] == "CHN" else row
        for row in clean_rows()
    ]
    dataset = make_dataset(rows)
    assert counts(dataset) == {"missing_quantities": 2}
    found = worst(dataset, "missing_quantities").row(0, named=True)
    assert (found["product"], found["year"], found["share_of_rows"]) == (PRODUCTS[4], 2017, 0.4)
    assert found["share_of_value"] == pytest.approx(40_010 / 100_100)


def test_unallocated_partners(make_dataset):
    dataset = make_dataset([*clean_rows(), (2016, "XXX", "NLD", PRODUCTS[0], 5.0, 0.25)])
    assert counts(dataset) == {"unallocated_partners": 1}
    assert worst(dataset, "unallocated_partners").row(0)[:4] == ("XXX", "exporter", 1, 5.0)


class TestUnitValues:
    def rows(self, others: int) -> list[Row]:
        """One product and year with `others` near unit values and one far off."""
        importers = ["AUT", "BEL", "CZE", "DNK", "ESP", "FIN", "FRA", "GRC", "HUN", "IRL", "ITA", "POL"][
            :others
        ]
        near = [(2016, "JPN", code, PRODUCTS[0], 10.0 + at, 10.0) for at, code in enumerate(importers)]
        return [*near, (2016, "JPN", "SWE", PRODUCTS[0], 10.0, 1000.0)]

    def test_far_off_is_found_with_its_score(self, make_dataset):
        planted = self.rows(OUTLIER_MINIMUM_ROWS)
        dataset = make_dataset(planted, years=[2016])
        assert run_checks(dataset, ["unit_value_outliers"])[0].count == 1
        logs = sorted(math.log(value / quantity) for *_, value, quantity in planted)
        median = logs[5]
        deviation = sorted(abs(value - median) for value in logs)[5]
        found = worst(dataset, "unit_value_outliers").row(0, named=True)
        assert found["importer"] == "SWE"
        assert found["robust_z"] == pytest.approx((math.log(0.01) - median) / (1.4826 * deviation))

    def test_too_few_quantities_are_not_judged(self, make_dataset):
        dataset = make_dataset(self.rows(OUTLIER_MINIMUM_ROWS - 2), years=[2016])
        assert counts(dataset) == {}


class TestSuddenBreaks:
    def scaled(self, factor: float, exporter: str | None = None) -> list[Row]:
        return [
            (*row[:4], row[4] * factor, row[5] * factor)
            if row[0] == 2017 and row[3] == PRODUCTS[2] and exporter in (None, row[1])
            else row
            for row in clean_rows()
        ]

    @pytest.mark.parametrize("factor", [BREAK_FACTOR * 1.01, 1 / (BREAK_FACTOR * 1.01)])
    def test_product_and_its_exporters(self, make_dataset, factor):
        dataset = make_dataset(self.scaled(factor))
        # The product, and each of its three exporters.
        assert counts(dataset) == {"sudden_breaks": 4}
        found = worst(dataset, "sudden_breaks").row(0, named=True)
        assert (found["product"], found["exporter"], found["year"]) == (PRODUCTS[2], None, 2017)

    @pytest.mark.parametrize("factor", [BREAK_FACTOR * 0.99, 1 / (BREAK_FACTOR * 0.99)])
    def test_less_than_the_factor_is_none(self, make_dataset, factor):
        assert counts(make_dataset(self.scaled(factor))) == {}

    def test_exporter_that_vanishes_for_a_year(self, make_dataset):
        rows = [
            row for row in clean_rows() if not (row[0] == 2017 and row[3] == PRODUCTS[2] and row[1] == "USA")
        ]
        dataset = make_dataset(rows)
        assert counts(dataset) == {"sudden_breaks": 1}
        assert worst(dataset, "sudden_breaks").row(0) == (PRODUCTS[2], "USA", 2017, 40_050.0, 0.0, 40_050.0)

    def test_small_values_and_lasting_changes_are_none(self, make_dataset):
        small = [(year, "AUS", "NLD", PRODUCTS[1], 9_000.0 if year == 2017 else 1.0, None) for year in YEARS]
        lasting = [
            (year, "BRA", "NLD", PRODUCTS[1], 90_000.0 if year >= 2017 else 100.0, None) for year in YEARS
        ]
        dataset = make_dataset([*clean_rows(), *small, *lasting])
        assert "sudden_breaks" not in counts(dataset)

    def test_gap_between_years_of_the_dataset_is_none(self, make_dataset):
        years = [2015, 2016, 2018, 2019, 2020]
        dataset = make_dataset([row for row in clean_rows() if row[0] in years], years=years)
        assert "sudden_breaks" not in counts(dataset)


def test_embedded_sample_has_no_error():
    results = run_checks(embedded_dataset())
    assert {found.name: found.count for found in results if found.severity == "error"} == {
        "changed_files": 0,
        "mixed_hs_revisions": 0,
        "duplicate_keys": 0,
    }
    # Counted apart, straight from the flows.
    flows = embedded_dataset().scan().collect()
    by_name = {found.name: found for found in results}
    assert by_name["missing_quantities"].count == flows["quantity_t"].null_count() == 61_682
    assert by_name["exporter_equals_importer"].count == 0
    assert by_name["unallocated_partners"].count > 0
    assert all(found.worst.height <= 10 for found in results)


def test_unknown_check_is_named():
    with pytest.raises(UnknownCodeError, match="'nonsense'"):
        run_checks(embedded_dataset(), ["nonsense"])


def test_results_are_frozen():
    result = run_checks(embedded_dataset(), ["missing_years"])[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.count = 1
