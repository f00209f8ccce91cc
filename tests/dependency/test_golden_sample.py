"""The golden vector of the Commission's indicators, and the sample against its published check."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.codes import ECONOMY_CODES
from geomonitor.dependency import history, measure, method, screen
from geomonitor.trade import Supply, importer

# imports CN 60, US 20, VN 10, XX 10, intra 40; exports extra 30, intra 40; here in year 2021
GOLDEN = [
    (2021, "CHN", "NLD", "810600", 60.0),
    (2021, "USA", "NLD", "810600", 20.0),
    (2021, "VNM", "DEU", "810600", 10.0),
    (2021, "JPN", "DEU", "810600", 10.0),
    (2021, "FRA", "NLD", "810600", 40.0),
    (2021, "DEU", "USA", "810600", 30.0),
]
THREE = ("import_concentration", "extra_import_share", "imports_to_exports")

rows_of_trade = st.lists(
    st.tuples(
        st.sampled_from([2020, 2021]),
        st.sampled_from(["CHN", "USA", "VNM", "NLD", "DEU", "FRA"]),
        st.sampled_from(["NLD", "DEU", "USA"]),
        st.sampled_from(["810600", "250410"]),
        st.integers(1, 1000).map(float),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[:4],
).map(lambda rows: [row for row in rows if row[1] != row[2]] or [(2021, "CHN", "NLD", "810600", 1.0)])


def screened(supply: Supply, code: str, name: str = "commission-2021", **options: object) -> pl.DataFrame:
    found = next(each for each in supply.importers if each.code == code)
    return screen(next(measure(supply, [found], **options)), method(name)).table  # type: ignore[arg-type]


def test_the_golden_vector(supply_of: Callable[..., Supply]) -> None:
    table = screened(supply_of(GOLDEN, "EU27_2020"), "EU27_2020")
    assert table.select(THREE).row(0) == pytest.approx((0.42, 100 / 140, 100 / 70), rel=1e-14)
    assert table["dependent"].to_list() == [True]
    assert table.select("main_supplier", "main_supplier_share").row(0) == ("CHN", pytest.approx(0.6))


@pytest.mark.parametrize(("other", "dependent"), [(10.0, False), (9.99, True)])
def test_a_concentration_of_exactly_the_threshold_is_not_dependent(
    supply_of: Callable[..., Supply], other: float, dependent: bool
) -> None:
    # 0.6 and four of 0.1 square to 0.4 on paper, and to a last bit off it in floating point
    rows = [(2021, "CHN", "NLD", "810600", 60.0)]
    rows += [(2021, each, "NLD", "810600", other) for each in ("USA", "VNM", "JPN", "BRA")]
    table = screened(supply_of(rows, "NLD"), "NLD")
    assert table["import_concentration"][0] == pytest.approx(0.4, abs=1e-3)
    assert table["dependent"].to_list() == [dependent]


def test_pooled_years_differ_from_the_mean_of_yearly_indices(supply_of: Callable[..., Supply]) -> None:
    rows = [(2020, "CHN", "NLD", "810600", 10.0), (2021, "USA", "NLD", "810600", 30.0)]
    measured = next(measure(supply_of(rows, "NLD"), [importer("NLD")]))
    assert measured.yearly is not None
    yearly = measured.yearly.columns["import_concentration"][:, 0]
    pooled = measured.pooled.columns["import_concentration"][0, 0]
    assert yearly.tolist() == [1.0, 1.0]
    assert pooled == pytest.approx(0.25**2 + 0.75**2)
    assert pooled != pytest.approx(yearly.mean())


def test_pooled_years_differ_from_the_mean_in_the_sample(sample_supply: Supply) -> None:
    measured = next(measure(sample_supply, [importer("EU27_2020")], years=[2021, 2022, 2023]))
    assert measured.yearly is not None
    place = sample_supply.products.index("810600")
    pooled = measured.pooled.columns["import_concentration"][0, place]
    mean = measured.yearly.columns["import_concentration"][:, place].mean()
    assert abs(pooled - mean) > 0.01


def test_the_nine_dependent_products_of_the_sample(sample_supply: Supply) -> None:
    table = screened(sample_supply, "EU27_2020", years=[2021, 2022, 2023])
    found = table.filter("dependent").select("product", "main_supplier").rows()
    # rhodium is the semi-manufactured form: unwrought rhodium (711031) has an index of 0.298
    assert found == [
        ("252890", "TUR"),
        ("252910", "TUR"),
        ("261000", "TUR"),
        ("261210", "NER"),
        ("261710", "TUR"),
        ("283691", "CHL"),
        ("711039", "ZAF"),
        ("720293", "BRA"),
        ("810600", "CHN"),
    ]
    assert table.filter(product="810600")["main_supplier_share"][0] == pytest.approx(0.703, abs=5e-4)
    assert table.filter(product="711031")["import_concentration"][0] == pytest.approx(0.298, abs=5e-4)


def test_the_indicators_against_a_plain_script(sample_flows: pl.LazyFrame, sample_supply: Supply) -> None:
    """The same numbers from a direct reading of the formulas."""
    union = pl.Series(importer("EU27_2020").members, dtype=pl.String)
    flows = (
        sample_flows.filter(pl.col("year").is_between(2021, 2023))
        .with_columns(pl.col("exporter", "importer", "product").cast(pl.String))
        .collect()
    )
    inward = flows.filter(pl.col("importer").is_in(union.to_list()))
    foreign = inward.filter(~pl.col("exporter").is_in(union.to_list()))
    outward = flows.filter(pl.col("exporter").is_in(union.to_list()))
    by_supplier = foreign.group_by("product", "exporter").agg(pl.col("value_kusd").sum())
    expected = (
        by_supplier.group_by("product")
        .agg(
            concentration=(pl.col("value_kusd") ** 2).sum() / pl.col("value_kusd").sum() ** 2,
            extra=pl.col("value_kusd").sum(),
        )
        .join(inward.group_by("product").agg(total=pl.col("value_kusd").sum()), on="product")
        .join(outward.group_by("product").agg(exports=pl.col("value_kusd").sum()), on="product")
        .sort("product")
    )
    table = screened(sample_supply, "EU27_2020", years=[2021, 2022, 2023])
    table = table.join(expected, on="product", how="inner")
    assert len(table) == len(expected) >= 70
    for name, column in (
        ("import_concentration", table["concentration"]),
        ("extra_import_share", table["extra"] / table["total"]),
        ("imports_to_exports", table["extra"] / table["exports"]),
    ):
        np.testing.assert_allclose(table[name].to_numpy(), column.to_numpy(), rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(rows=rows_of_trade, factor=st.floats(0.01, 1e4))
def test_scale_does_not_matter(
    supply_of: Callable[..., Supply], rows: list[tuple[int, str, str, str, float]], factor: float
) -> None:
    scaled = [(*row[:4], row[4] * factor) for row in rows]
    for code in ("NLD", "EU27_2020"):
        before, after = (screened(supply_of(each, code), code) for each in (rows, scaled))
        assert before["product"].equals(after["product"])
        for name in THREE:
            np.testing.assert_allclose(
                before[name].to_numpy(), after[name].to_numpy(), rtol=1e-9, err_msg=name
            )


@settings(max_examples=25, deadline=None)
@given(rows=rows_of_trade, order=st.permutations(["BRA", "CAN", "JPN", "KOR", "ZAF", "TUR"]))
def test_names_of_foreign_suppliers_do_not_matter(
    supply_of: Callable[..., Supply], rows: list[tuple[int, str, str, str, float]], order: list[str]
) -> None:
    named = dict(zip(["CHN", "USA", "VNM"], order, strict=False))
    renamed = [
        (year, named.get(one, one), named.get(other, other), *rest) for year, one, other, *rest in rows
    ]
    before, after = (screened(supply_of(each, "EU27_2020"), "EU27_2020") for each in (rows, renamed))
    for name in (*THREE, "world_export_concentration"):
        np.testing.assert_allclose(before[name].to_numpy(), after[name].to_numpy(), rtol=1e-12)
    assert before["dependent"].equals(after["dependent"])


@settings(max_examples=25, deadline=None)
@given(rows=rows_of_trade)
def test_a_group_imports_what_its_members_import(
    supply_of: Callable[..., Supply], rows: list[tuple[int, str, str, str, float]]
) -> None:
    group = importer("PAIR", groups={"PAIR": ["NLD", "DEU"]})
    members = [importer("NLD"), importer("DEU")]
    supply = supply_of(rows, group, *members)
    whole = screened(supply, "PAIR").select("product", "import_value_kusd")
    parts = pl.concat(screened(supply, each.code) for each in members)
    summed = parts.group_by("product").agg(pl.col("import_value_kusd").sum()).sort("product")
    assert whole["product"].equals(summed["product"])
    np.testing.assert_allclose(whole["import_value_kusd"], summed["import_value_kusd"], rtol=1e-12)


def test_a_first_product_without_a_foreign_supplier(supply_of: Callable[..., Supply]) -> None:
    rows = [(2021, "DEU", "NLD", "250410", 1.0), (2021, "CHN", "NLD", "810600", 1.0)]
    supply = supply_of(rows, "EU27_2020")
    assert screened(supply, "EU27_2020")["main_supplier"].to_list() == [None, "CHN"]
    found = history(supply, importer("EU27_2020"), method("commission-2021"))
    assert found["main_supplier"].to_list() == [None, "CHN"]


def test_there_are_economies_to_permute() -> None:
    assert {"BRA", "CAN", "JPN", "KOR", "ZAF", "TUR"} <= set(ECONOMY_CODES)
