"""Elasticities by product, and which row of a table of tariffs counts."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks.market_files import read_elasticities, read_tariffs
from geomonitor.shocks.partial_equilibrium import (
    Elasticities,
    product_elasticities,
    tariff_change_row,
    tariffs_of,
)
from geomonitor.shocks.rates import Percent, PercentagePoints, Rate

UNITS = {"NLD": ("NLD",), "CHN": ("CHN",), "USA": ("USA",), "ROW": ()}
PAIRS = pl.DataFrame(
    {"importer": ["NLD"] * 3, "exporter": ["CHN", "USA", "CHN"], "product": ["810110", "810110", "280530"]}
)


class TestElasticities:
    @pytest.mark.parametrize(
        "numbers", [(0.0, 5.0), (-1.25, 5.0), (1.25, 0.0), (math.nan, 5.0), (1.25, math.inf), (1.0, 5.0, 0.0)]
    )
    def test_what_cannot_be(self, numbers: tuple[float, ...]) -> None:
        with pytest.raises(DataError, match="elasticity is"):
            Elasticities(*numbers)

    def test_table_before_default_and_the_source_is_said(self) -> None:
        table = pl.DataFrame(
            {
                "product": ["810110", "280530"],
                "import_demand_elasticity": [2.0, None],
                "substitution_elasticity": [7.0, 8.0],
                "export_supply_elasticity": [math.inf, 3.0],
            }
        )
        found = product_elasticities(["280530", "810110", "250410"], table, Elasticities(1.25, 5.0, 1.5))
        assert found.rows() == [
            ("280530", 1.25, 8.0, 3.0, "table and default"),
            ("810110", 2.0, 7.0, math.inf, "table"),
            ("250410", 1.25, 5.0, 1.5, "default"),
        ]

    def test_without_a_default_what_is_missing_is_named(self) -> None:
        table = pl.DataFrame({"product": ["810110"], "substitution_elasticity": [7.0]})
        with pytest.raises(DataError, match="810110 and 1 more products has no import_demand_elasticity"):
            product_elasticities(["810110", "280530"], table)

    @pytest.mark.parametrize(
        "table",
        [
            pl.DataFrame({"product": ["810110"], "sigma": [5.0]}),
            pl.DataFrame({"product": [810110], "substitution_elasticity": [5.0]}),
            pl.DataFrame({"product": ["810110"] * 2, "substitution_elasticity": [5.0, 6.0]}),
            pl.DataFrame({"product": ["810110"], "substitution_elasticity": [-5.0]}),
            pl.DataFrame({"product": ["810110"], "substitution_elasticity": [0.0]}),
            pl.DataFrame({"product": ["810110"], "import_demand_elasticity": [math.inf]}),
        ],
    )
    def test_tables_that_are_none(self, table: pl.DataFrame) -> None:
        with pytest.raises(DataError):
            product_elasticities(["810110"], table, Elasticities(1.25, 5.0))


def rates(*rows: pl.DataFrame, unlisted: Rate | None = None) -> list[tuple[float, float]]:
    found = tariffs_of(PAIRS, pl.concat(rows), UNITS, unlisted=unlisted)
    assert found.select(PAIRS.columns).equals(PAIRS)
    return found.select("tariff_before", "tariff_after").rows()


class TestTariffs:
    def test_the_most_specific_row_counts(self) -> None:
        found = rates(
            tariff_change_row("*", "*", Rate(0.02), Rate(0.02)),
            tariff_change_row("NLD", "CHN", Rate(0.03), PercentagePoints(25.0)),
            tariff_change_row("NLD", "CHN", Rate(0.04), Percent(100.0), "2805"),
        )
        assert found == [(0.03, 0.28), (0.02, 0.02), (0.04, 0.08)]

    def test_groups_and_prefixes(self) -> None:
        found = rates(
            tariff_change_row("EU27_2020", "*", Rate(0.02), Rate(0.02)),
            tariff_change_row("EU27_2020", "*", Rate(0.05), Rate(0.06), "28"),
        )
        assert found == [(0.02, 0.02), (0.02, 0.02), (0.05, 0.06)]

    def test_rows_that_are_as_specific_are_refused(self) -> None:
        with pytest.raises(DataError, match="2 rows of tariffs fit 810110 from CHN"):
            rates(
                tariff_change_row("NLD", "CHN", Rate(0.03), Rate(0.28)),
                tariff_change_row("NLD", "*", Rate(0.02), Rate(0.02), "810110"),
                unlisted=Rate(0.0),
            )
        with pytest.raises(DataError, match="most specific"):
            rates(*[tariff_change_row("NLD", "*", Rate(0.0), Rate(0.1))] * 2)

    def test_a_flow_without_a_tariff_is_an_error_or_as_stated(self) -> None:
        row = tariff_change_row("NLD", "CHN", Rate(0.0), Rate(0.1))
        with pytest.raises(DataError, match="810110 from USA to NLD") as caught:
            rates(row)
        assert caught.value.next_step is not None
        assert rates(row, unlisted=Rate(0.02))[1] == (0.02, 0.02)

    def test_a_row_may_name_who_does_not_trade(self) -> None:
        found = rates(
            tariff_change_row("NLD", "*", Rate(0.0), Rate(0.1)),
            tariff_change_row("NLD", "JPN", Rate(0.0), Rate(0.2)),
        )
        assert found[0] == (0.0, 0.1)

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("tariff_before", None),
            ("tariff_after", math.nan),
            ("tariff_after", -1.0),
            ("tariff_after", 25.0),
            ("tariff_before", 3.5),
        ],
    )
    def test_rates_that_are_none(self, column: str, value: float | None) -> None:
        row = tariff_change_row("NLD", "*", Rate(0.0), Rate(0.1)).with_columns(
            pl.lit(value, dtype=pl.Float64).alias(column)
        )
        with pytest.raises(DataError) as caught:
            rates(row)
        assert caught.value.where == f"tariffs, column {column}"

    def test_a_hundred_points_are_no_percentages(self) -> None:
        assert rates(tariff_change_row("NLD", "*", Rate(0.03), PercentagePoints(150.0)))[0] == (0.03, 1.53)

    def test_columns_and_codes(self) -> None:
        row = tariff_change_row("NLD", "CHN", Rate(0.0), Rate(0.1))
        with pytest.raises(DataError, match="lacks tariff_after"):
            rates(row.drop("tariff_after"))
        with pytest.raises(UnknownCodeError) as caught:
            rates(tariff_change_row("NLD", "QQQ", Rate(0.0), Rate(0.1)))
        assert caught.value.where == "tariffs, column exporter"


class TestFiles:
    def test_what_is_written_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "elasticities.csv"
        path.write_text(
            "product,substitution_elasticity,export_supply_elasticity,note\n"
            "010121, 4.5,inf,a\n810110,,1.5,b\n",
            encoding="utf-8",
        )
        found = read_elasticities(path)
        assert found.rows() == [("010121", 4.5, math.inf), ("810110", None, 1.5)]
        assert product_elasticities(["010121"], found, Elasticities(1.25, 5.0)).row(0)[1:4] == (
            1.25,
            4.5,
            math.inf,
        )
        path = tmp_path / "tariffs.csv"
        path.write_text(
            "importer,exporter,product,tariff_before,tariff_after\nNLD,*,*,0.03,0.03\nNLD,CHN,2805,0,0.25\n",
            encoding="utf-8-sig",
        )
        assert rates(read_tariffs(path)) == [(0.03, 0.03), (0.03, 0.03), (0.0, 0.25)]

    @pytest.mark.parametrize(
        ("text", "where"),
        [
            ("product,substitution_elasticity\n10121,4.5\n", "row 2, column product"),
            ("product,substitution_elasticity\n010121,4.5\n810110,many\n", "row 3, column substitution"),
            ("product,sigma\n010121,4.5\n", "columns found"),
            ("code,substitution_elasticity\n010121,4.5\n", "columns found"),
            ("", "elasticities.csv"),
        ],
    )
    def test_elasticities_that_are_none(self, tmp_path: Path, text: str, where: str) -> None:
        path = tmp_path / "elasticities.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read_elasticities(path)
        assert caught.value.where is not None
        assert where in caught.value.where

    def test_tariffs_that_are_none(self, tmp_path: Path) -> None:
        path = tmp_path / "tariffs.csv"
        with pytest.raises(DataError, match="cannot be read"):
            read_tariffs(path)
        path.write_text(
            "importer,exporter,product,tariff_before,tariff_after\nNLD,*,*,0.03,\n", encoding="utf-8"
        )
        with pytest.raises(DataError) as caught:
            read_tariffs(path)
        assert caught.value.where == f"{path}, row 2, column tariff_after"
