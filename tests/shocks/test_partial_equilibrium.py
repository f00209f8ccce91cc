"""Elasticities by product, and which row of a table of tariffs counts."""

from __future__ import annotations

import math

import polars as pl
import pytest

from geomonitor.errors import DataError, UnknownCodeError
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
        [("tariff_before", None), ("tariff_after", math.nan), ("tariff_after", -1.0), ("tariff_after", 25.0)],
    )
    def test_rates_that_are_none(self, column: str, value: float | None) -> None:
        row = tariff_change_row("NLD", "*", Rate(0.0), Rate(0.1)).with_columns(
            pl.lit(value, dtype=pl.Float64).alias(column)
        )
        with pytest.raises(DataError) as caught:
            rates(row)
        assert caught.value.where == f"tariffs, column {column}"

    def test_columns_and_codes(self) -> None:
        row = tariff_change_row("NLD", "CHN", Rate(0.0), Rate(0.1))
        with pytest.raises(DataError, match="lacks tariff_after"):
            rates(row.drop("tariff_after"))
        with pytest.raises(UnknownCodeError) as caught:
            rates(tariff_change_row("NLD", "QQQ", Rate(0.0), Rate(0.1)))
        assert caught.value.where == "tariffs, column exporter"
