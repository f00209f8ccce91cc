"""Supply tables against a plain group-by, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pyarrow as pa
import pytest

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.trade import Importer, flows_frame, importer, supply_tables

MakeFlows = Callable[..., pl.DataFrame]

PAIR = {"PAIR": ["NLD", "DEU"]}
GROUP = importer("PAIR", groups=PAIR)
MERGE = {"HKG": "CHN", "MAC": "CHN"}
YEARS = (2019, 2020, 2021)


def naive(
    flows: pl.DataFrame,
    members: Sequence[str] | None,
    *,
    years: Sequence[int] = YEARS,
    merge: dict[str, str] | None = None,
    products: Sequence[str] | None = None,
    by_year: bool = True,
) -> pl.DataFrame:
    """Add up as one would at a prompt: what goes to these members, or to the world."""
    frame = flows.filter(pl.col("year").is_in(years))
    if products is not None:
        frame = frame.filter(pl.col("product").is_in(products))
    if merge:
        frame = frame.with_columns(
            pl.col("exporter").replace(merge), pl.col("importer").replace(merge)
        ).filter(pl.col("exporter") != pl.col("importer"))
    if members is not None:
        frame = frame.filter(pl.col("importer").is_in(members))
    keys = ["year", "product", "exporter"] if by_year else ["product", "exporter"]
    known = pl.when(pl.col("quantity_t").is_not_null()).then("value_kusd").otherwise(0.0)
    return (
        frame.group_by(keys)
        .agg(
            pl.col("value_kusd").sum(),
            pl.col("quantity_t").sum(),
            known.sum().alias("value_with_quantity_kusd"),
        )
        .sort(keys)
    )


def assert_same(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    polars.testing.assert_frame_equal(
        found.cast({"year": pl.Int64}, strict=False) if "year" in found.columns else found,
        expected,
        rel_tol=1e-12,
        check_row_order=True,
        check_column_order=True,
    )


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("by_year", [True, False])
@pytest.mark.parametrize("merge", [None, MERGE])
@pytest.mark.parametrize(
    "importers",
    [["NLD"], ["PAIR"], ["NLD", "CHN", "PAIR"], ["NLD", "USA"]],
    ids=lambda codes: "+".join(codes),
)
def test_supply_is_a_group_by(
    make_flows: MakeFlows, seed: int, by_year: bool, merge: dict[str, str] | None, importers: list[str]
) -> None:
    flows = make_flows(seed)
    wanted = [importer(code, groups=PAIR) for code in importers]
    supply = supply_tables(flows, wanted, YEARS, merge=merge, by_year=by_year)
    assert_same(supply.table(), naive(flows, None, merge=merge, by_year=by_year))
    for each in wanted:
        assert_same(supply.table(each.code), naive(flows, each.members, merge=merge, by_year=by_year))


@pytest.mark.parametrize("wanted", [[importer("NLD")], [importer("NLD"), GROUP]], ids=["one", "two"])
def test_without_world_only_exports_of_members_are_there(
    make_flows: MakeFlows, wanted: list[Importer]
) -> None:
    flows = make_flows(3)
    narrow, wide = (supply_tables(flows, wanted, YEARS, world=world) for world in (False, True))
    members = {code for each in wanted for code in each.members}
    assert_same(narrow.table(), naive(flows, None).filter(pl.col("exporter").is_in(members)))
    for each in wanted:
        assert_same(narrow.table(each.code), wide.table(each.code).cast({"year": pl.Int64}))


def test_without_quantities_values_stay_the_same(make_flows: MakeFlows) -> None:
    flows = make_flows(4)
    supply = supply_tables(flows.drop("quantity_t"), [GROUP], YEARS, quantities=False)
    assert_same(
        supply.table("PAIR"),
        naive(flows, GROUP.members).select("year", "product", "exporter", "value_kusd"),
    )


def test_some_products_and_years_only(make_flows: MakeFlows) -> None:
    flows = make_flows(5)
    supply = supply_tables(flows, [GROUP], [2021, 2019, 2021], products=["270900", "999999"])
    assert supply.years == (2019, 2021)
    assert supply.products == ("270900",)
    assert_same(supply.table("PAIR"), naive(flows, GROUP.members, years=[2019, 2021], products=["270900"]))


def test_rows_with_the_same_key_add_up(make_flows: MakeFlows) -> None:
    flows = make_flows(6)
    once = supply_tables(flows, [GROUP], YEARS, whole_dollars=True)
    twice = supply_tables(pl.concat([flows, flows]), [GROUP], YEARS, whole_dollars=True)
    np.testing.assert_array_equal(twice.imports["PAIR"].value_kusd, once.imports["PAIR"].value_kusd * 2)
    np.testing.assert_array_equal(twice.exports.quantity_t, once.exports.quantity_t * 2)


@pytest.mark.parametrize("by_year", [True, False])
def test_the_order_of_rows_does_not_matter_to_the_last_bit(make_flows: MakeFlows, by_year: bool) -> None:
    flows = make_flows(7, rows=2000)
    wanted = [importer("NLD"), importer("CHN"), GROUP]
    first = supply_tables(flows, wanted, YEARS, whole_dollars=True, by_year=by_year)
    for seed in (1, 2, 3):
        other = supply_tables(
            flows.sample(fraction=1, shuffle=True, seed=seed),
            wanted,
            YEARS,
            whole_dollars=True,
            by_year=by_year,
        )
        for code in (None, "NLD", "CHN", "PAIR"):
            polars.testing.assert_frame_equal(first.table(code), other.table(code), check_exact=True)


def test_importers_with_the_same_code_and_another_home_share_their_supplies(make_flows: MakeFlows) -> None:
    flows = make_flows(8)
    wanted = [importer("NLD"), importer("NLD", home_group="EU27_2020")]
    supply = supply_tables(flows, wanted, YEARS)
    assert supply.importers == tuple(wanted)
    assert_same(supply.table("NLD"), naive(flows, ["NLD"]))


def test_a_year_without_flows_stands_empty(make_flows: MakeFlows) -> None:
    supply = supply_tables(make_flows(9), [GROUP], [2021, 2022])
    dense = supply.imports["PAIR"].dense()
    assert dense[0].sum() > 0
    assert dense[1].sum() == 0


@pytest.mark.parametrize("by_year", [True, False])
def test_no_flows_at_all(make_flows: MakeFlows, by_year: bool) -> None:
    supply = supply_tables(make_flows(9), [importer("NLD"), GROUP], [1990], by_year=by_year)
    assert supply.products == ()
    assert supply.table("PAIR").height == supply.table().height == 0


def test_years_added_up_take_one_place(make_flows: MakeFlows) -> None:
    supply = supply_tables(make_flows(9), [GROUP], YEARS, by_year=False)
    assert supply.exports.shape[0] == supply.imports["PAIR"].shape[0] == 1
    assert supply.years == YEARS


# what is refused


@pytest.mark.parametrize("column", ["exporter", "importer"])
@pytest.mark.parametrize("wanted", [[importer("NLD")], [importer("NLD"), importer("CHN")]])
def test_an_unknown_economy_is_named(make_flows: MakeFlows, column: str, wanted: list[Importer]) -> None:
    flows = make_flows(10).with_columns(pl.col(column).replace({"USA": "XYZ"}))
    for world in (True, False):
        with pytest.raises(UnknownCodeError, match="XYZ") as caught:
            supply_tables(flows, wanted, YEARS, world=world)
        assert caught.value.where == f"column {column}"


def test_an_unknown_exporter_is_named_even_in_verified_flows(make_flows: MakeFlows) -> None:
    flows = make_flows(10).with_columns(pl.col("exporter").replace({"USA": "XYZ"}))
    with pytest.raises(UnknownCodeError, match="XYZ"):
        supply_tables(flows, [GROUP], YEARS, verified=True)


@pytest.mark.parametrize("column", ["year", "exporter", "importer", "product", "value_kusd", "quantity_t"])
def test_a_missing_column_is_named(make_flows: MakeFlows, column: str) -> None:
    with pytest.raises(DataError, match=f"lack the column {column}"):
        supply_tables(make_flows(11).drop(column), [GROUP], YEARS)


@pytest.mark.parametrize(
    ("column", "wrong", "said"),
    [
        ("value_kusd", -1.0, "column value_kusd: negative values, down to -1.0"),
        ("value_kusd", float("nan"), "column value_kusd: values that are not finite"),
        ("value_kusd", float("inf"), "column value_kusd: values that are not finite"),
        ("value_kusd", None, "column value_kusd: 1 missing values"),
        ("quantity_t", -0.5, "column quantity_t: negative values, down to -0.5"),
        ("quantity_t", float("nan"), "column quantity_t: values that are not finite"),
        ("quantity_t", float("inf"), "column quantity_t: values that are not finite"),
        ("exporter", None, "column exporter: 1 missing values"),
        ("importer", None, "column importer: 1 missing values"),
        ("product", None, "column product: 1 missing values"),
        ("year", None, "column year: 1 missing values"),
    ],
)
def test_a_value_that_cannot_be_added_up_is_refused(
    make_flows: MakeFlows, column: str, wrong: float | str | None, said: str
) -> None:
    flows = make_flows(12)
    row = flows.head(1).with_columns(pl.lit(wrong, dtype=flows.schema[column]).alias(column))
    with pytest.raises(DataError) as caught:
        supply_tables(pl.concat([flows, row]), [GROUP], YEARS)
    assert caught.value.where == said


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("value_kusd", pl.String),
        ("quantity_t", pl.String),
        ("year", pl.String),
        ("year", pl.Float64),
        ("product", pl.Int64),
    ],
)
def test_a_column_of_the_wrong_kind_is_refused(
    make_flows: MakeFlows, column: str, kind: type[pl.DataType]
) -> None:
    flows = make_flows(13).with_columns(pl.col(column).cast(kind))
    for verified in (False, True):
        with pytest.raises(DataError, match=f"The column {column} holds"):
            supply_tables(flows, [GROUP], YEARS, verified=verified)


@pytest.mark.parametrize("kind", [pl.Int64, pl.Float32, pl.Decimal(18, 3)])
def test_amounts_of_other_numeric_kinds_are_taken_as_doubles(
    make_flows: MakeFlows, kind: pl.DataType
) -> None:
    flows = make_flows(14).with_columns(pl.col("value_kusd").round(0) % 1000 + 1)
    found = supply_tables(flows.with_columns(pl.col("value_kusd").cast(kind)), [GROUP], YEARS)
    assert_same(found.table("PAIR"), naive(flows, GROUP.members))


@pytest.mark.parametrize("thing", [None, 3, {"year": [2021]}, "flows.csv"])
def test_what_is_no_frame_is_refused(thing: object) -> None:
    with pytest.raises(DataError, match="is not a table that can be screened"):
        flows_frame(thing)


@pytest.mark.parametrize(
    ("wanted", "merge", "said"),
    [
        (importer("HKG"), MERGE, "HKG cannot be measured"),
        (importer("ONE_GROUP", groups={"ONE_GROUP": ["HKG", "USA"]}), MERGE, "HKG cannot be measured"),
        (
            importer("NLD", home_group="ONE_GROUP", groups={"ONE_GROUP": ["HKG"]}),
            MERGE,
            "HKG cannot be taken as home",
        ),
        (importer("NLD"), {"XYZ": "CHN"}, "'XYZ' is not known"),
        (importer("NLD"), {"HKG": "XYZ"}, "'XYZ' is not known"),
        (importer("NLD"), {"HKG": "MAC", "MAC": "CHN"}, "folded itself"),
    ],
)
def test_a_merge_that_would_lose_trade_is_refused(
    make_flows: MakeFlows, wanted: Importer, merge: dict[str, str], said: str
) -> None:
    with pytest.raises(UnknownCodeError, match=said):
        supply_tables(make_flows(15), [wanted], YEARS, merge=merge)


def test_a_group_may_hold_both_sides_of_a_merge(make_flows: MakeFlows) -> None:
    flows, asia = make_flows(16), importer("ASIA", groups={"ASIA": ["CHN", "HKG", "MAC"]})
    supply = supply_tables(flows, [asia], YEARS, merge=MERGE)
    assert_same(supply.table("ASIA"), naive(flows, ["CHN"], merge=MERGE))


@pytest.mark.parametrize(("importers", "years"), [([], YEARS), ([GROUP], [])])
def test_nothing_asked_for_is_refused(make_flows: MakeFlows, importers: list, years: list) -> None:
    with pytest.raises(ValueError, match="at least one importer and one year"):
        supply_tables(make_flows(17), importers, years)


@pytest.mark.parametrize("engine", ["pandas", "pandas categorical", "pyarrow", "duckdb", "duckdb decimal"])
def test_every_kind_of_frame_gives_the_same_supply(make_flows: MakeFlows, engine: str) -> None:
    flows = make_flows(18)
    arrow: pa.Table = flows.to_arrow()
    connection = duckdb.connect()
    texts = ["exporter", "importer", "product"]
    frame: object
    if engine == "pandas":
        frame = flows.to_pandas()
    elif engine == "pandas categorical":
        frame = flows.to_pandas().astype(dict.fromkeys(texts, pd.CategoricalDtype()))
    elif engine == "pyarrow":
        frame = arrow
    else:
        kind = "DECIMAL(18, 3)" if engine.endswith("decimal") else "DOUBLE"
        frame = connection.from_arrow(arrow).select(
            f"year, exporter, importer, product, value_kusd::{kind} AS value_kusd, quantity_t"
        )
    supply = supply_tables(frame, [importer("NLD"), GROUP], YEARS, whole_dollars=True)
    expected = supply_tables(flows, [importer("NLD"), GROUP], YEARS, whole_dollars=True)
    for code in (None, "NLD", "PAIR"):
        polars.testing.assert_frame_equal(supply.table(code), expected.table(code), check_exact=True)
