"""Physical shortage: the formula, the path by month, bounds for what nobody knows, and the trade store."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.materials import MaterialInput, MaterialInputs, load_material_inputs
from geomonitor.shocks.shortage import Shortage, material_shortage, physical_shortage
from geomonitor.shocks.shortage_inputs import Estimate, ShortageInputs, material_inputs_of, shortage_inputs
from geomonitor.shocks.shortage_path import ShortageCase, shortage_path
from geomonitor.trade import importer

NLD = importer("NLD")
FLOWS = pl.DataFrame(
    [
        {"year": 2021, "exporter": seller, "importer": buyer, "product": "810110", "value_kusd": value,
         "quantity_t": tonnes}
        for seller, buyer, value, tonnes in (
            ("CHN", "NLD", 60.0, 30.0), ("USA", "NLD", 30.0, 5.0), ("JPN", "NLD", 10.0, None),
            ("USA", "JPN", 100.0, 20.0), ("CHN", "USA", 500.0, 200.0), ("USA", "DEU", 40.0, 8.0),
            ("NLD", "USA", 20.0, 4.0),
        )
    ]
)  # fmt: skip
KNOWN: dict[str, float] = {
    "import_share": 0.8,
    "stock_cover_months": 1.0,
    "substitutable_share": 0.0,
    "months_to_substitute": 0.0,
    "divertible_share": 0.1,
    "months_to_redirect": 0.0,
}


def run(inputs: ShortageInputs | None = None, **options: object) -> Shortage:
    chosen: dict[str, object] = {"inputs": inputs or shortage_inputs(**KNOWN), **options}
    return physical_shortage(FLOWS, NLD, ["810110"], ["CHN"], [2021], **chosen)  # type: ignore[arg-type]


def test_the_formula_of_the_whole_period() -> None:
    found = run()
    # a year's use is 12; abroad 0.8 of it, of which 60 % is denied; others sell 140 elsewhere, a tenth moves
    redirectable = 0.1 * 140 / 100
    need, stock, home = 12.0, 1.0, 12 * 0.2
    supply = home + 12 * 0.8 * (0.4 + redirectable)
    assert found.shortage.value == pytest.approx(max(0.0, need - stock - supply) / need)
    assert found.denied_share == Estimate(0.6, 0.6, 0.6, "trade flows")
    assert found.redirectable_share.value == pytest.approx(redirectable)
    assert found.months_of_cover.value == pytest.approx(1.0 / (0.8 * (0.6 - redirectable)))
    assert found.imports_lost == pytest.approx(60.0)
    assert found.suppliers["supplier"].to_list() == ["CHN", "USA", "JPN"]
    assert found.suppliers["third_markets"].to_list() == [0.0, 140.0, 0.0]


def test_what_is_known_leaves_no_bounds() -> None:
    found = run()
    assert found.shortage.low == found.shortage.value == found.shortage.high
    for name in ("gap", "shortage", "stock_left"):
        assert found.table[name].to_list() == found.table[f"{name}_best"].to_list()
        assert found.table[name].to_list() == found.table[f"{name}_worst"].to_list()


def test_the_cap_binds() -> None:
    found = run(shortage_inputs(**KNOWN, redirect_cap=0.05))
    assert found.redirectable_share.value == 0.05
    assert found.shortage.value is not None
    assert found.shortage.value > (run().shortage.value or 0.0)


def test_month_by_month() -> None:
    case = ShortageCase(
        import_share=1.0, denied_share=0.5, redirectable_share=0.2, stock_cover_months=0.8,
        substitutable_share=0.4, months_to_substitute=4.0, months_to_redirect=2.0,
    )  # fmt: skip
    path = shortage_path(case, 5)
    assert path["redirected"].to_list() == pytest.approx([0.1, 0.2, 0.2, 0.2, 0.2])
    assert path["substituted"].to_list() == pytest.approx([0.1, 0.2, 0.3, 0.3, 0.3])
    assert path["gap"].to_list() == pytest.approx([0.3, 0.1, 0.0, 0.0, 0.0])
    assert path["stock_left"].to_list() == pytest.approx([0.5, 0.4, 0.4, 0.4, 0.4])
    assert path["shortage"].to_list() == [0.0] * 5


parts = st.floats(0.0, 1.0)
months = st.one_of(st.floats(0.0, 24.0), st.just(math.inf))
cases = st.builds(ShortageCase, parts, parts, parts, st.floats(0.0, 24.0), parts, months, months)


@settings(max_examples=60)
@given(cases, st.integers(1, 24))
def test_every_month_adds_up(case: ShortageCase, horizon: int) -> None:
    path = shortage_path(case, horizon)
    lost = case.import_share * case.denied_share
    covered = path["redirected"] + path["substituted"] + path["drawn_from_stock"] + path["shortage"]
    assert covered.to_list() == pytest.approx([lost] * horizon, abs=1e-12)
    drawn = path["drawn_from_stock"].sum()
    assert drawn + path["stock_left"][-1] == pytest.approx(case.stock_cover_months, abs=1e-9)
    for name in path.columns[1:]:
        assert path[name].min() >= 0.0  # type: ignore[operator]
    # stocks are not kept while somebody goes short
    assert path.filter(pl.col("shortage") > 1e-12)["stock_left"].to_list() == pytest.approx(
        [0.0] * path.filter(pl.col("shortage") > 1e-12).height, abs=1e-12
    )


@settings(max_examples=60)
@given(cases, st.sampled_from(["stock_cover_months", "substitutable_share", "redirectable_share"]), parts)
def test_more_of_what_helps_never_hurts(case: ShortageCase, name: str, extra: float) -> None:
    numbers = {each: getattr(case, each) for each in ShortageCase.__slots__}
    more = ShortageCase(**{**numbers, name: numbers[name] + extra})
    before, after = (float(shortage_path(each, 12)["shortage"].sum()) for each in (case, more))
    assert after <= before + 1e-12


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(sorted(KNOWN)),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_bounds_hold_every_number_between_them(name: str, first: float, second: float) -> None:
    low, high = sorted((first, second))
    known = {**KNOWN, "substitutable_share": 0.1, "months_to_substitute": 2.0}
    wide = run(shortage_inputs(**{**known, name: (low, high)}))  # type: ignore[arg-type]
    assert wide.shortage.value is None or low == high
    for value in (low, (low + high) / 2, high):
        inside = run(shortage_inputs(**{**known, name: value}))
        assert inside.shortage.value is not None
        assert wide.shortage.low - 1e-12 <= inside.shortage.value <= wide.shortage.high + 1e-12


class TestWhatNobodyKnows:
    def test_nothing_known_gives_the_widest_bounds(self) -> None:
        found = run(shortage_inputs())
        assert (found.shortage.value, found.shortage.low) == (None, 0.0)
        assert found.shortage.high == pytest.approx(0.6)
        assert found.months_of_cover == Estimate(None, 0.0, math.inf, "computed")
        assert found.table["shortage"].null_count() == 12
        assert found.table["stock_left_best"].null_count() == 12
        assert found.table["shortage_worst"].to_list() == pytest.approx([0.6] * 12)
        assert found.inputs.table().filter(input="stock_cover_months")["source"].to_list() == ["not known"]

    def test_when_does_not_matter_for_what_does_not_exist(self) -> None:
        known = {**KNOWN, "divertible_share": 0.0}
        del known["months_to_substitute"], known["months_to_redirect"]
        assert run(shortage_inputs(**known)).shortage.value is not None

    def test_supply_without_a_single_origin_may_be_denied_too(self) -> None:
        table = FLOWS.with_columns(exporter=pl.col("exporter").replace({"JPN": "R20"}))
        found = physical_shortage(table, NLD, ["810110"], ["CHN"], [2021], inputs=shortage_inputs(**KNOWN))
        assert (found.denied_share.low, found.denied_share.high) == pytest.approx((0.6, 0.7))
        assert found.denied_share.value == pytest.approx(60 / 90)
        assert found.suppliers.filter(supplier="R20")["denied"].to_list() == [None]
        assert found.shortage.low < found.shortage.high

    @pytest.mark.parametrize(
        ("name", "value"),
        [("import_share", 1.5), ("stock_cover_months", -1.0), ("divertible_share", 20.0),
         ("redirect_cap", -0.1), ("substitutable_share", (0.5, 0.2)), ("months_to_redirect", math.nan)],
    )  # fmt: skip
    def test_numbers_that_cannot_be(self, name: str, value: object) -> None:
        with pytest.raises(DataError) as caught:
            shortage_inputs(**{name: value})  # type: ignore[arg-type]
        assert caught.value.where is not None
        assert name in caught.value.where


class TestFlows:
    def test_members_of_the_home_group_are_no_third_market(self) -> None:
        inside = importer("NLD", home_group="EU27_2020")
        found = physical_shortage(FLOWS, inside, ["810110"], ["CHN"], [2021], inputs=shortage_inputs(**KNOWN))
        assert found.suppliers.filter(supplier="USA")["third_markets"].to_list() == [100.0]

    def test_by_quantity(self) -> None:
        found = run(unit="quantity")
        assert found.denied_share.value == pytest.approx(30 / 35)
        assert found.unit == "tonnes a year"
        assert any("90.0 % of the value" in each for each in found.provenance["assumptions"])

    def test_years_are_averaged_and_groups_can_be_denied(self) -> None:
        later = FLOWS.with_columns(year=pl.lit(2022, dtype=pl.Int64), value_kusd=pl.col("value_kusd") * 3)
        found = physical_shortage(
            pl.concat([FLOWS, later]), NLD, ["810110"], ["RIVAL"], [2021, 2022],
            inputs=shortage_inputs(**KNOWN), groups={"RIVAL": ("CHN", "JPN")},
        )  # fmt: skip
        assert found.imports_lost == pytest.approx(140.0)
        assert found.denied_share.value == pytest.approx(0.7)

    @pytest.mark.parametrize(
        ("denied", "products", "message"),
        [(["BRA"], ["810110"], "Nothing is imported from BRA"), (["NLD"], ["810110"], "is at home"),
         (["CHN"], ["999999"], "imports none")],
    )  # fmt: skip
    def test_what_touches_nothing(self, denied: list[str], products: list[str], message: str) -> None:
        with pytest.raises(DataError, match=message):
            physical_shortage(FLOWS, NLD, products, denied, [2021], inputs=shortage_inputs(**KNOWN))

    def test_an_unknown_supplier(self) -> None:
        with pytest.raises(UnknownCodeError):
            physical_shortage(FLOWS, NLD, ["810110"], ["QQQ"], [2021])

    def test_a_horizon_of_nothing(self) -> None:
        with pytest.raises(DataError, match="horizon"):
            run(horizon_months=0)

    def test_figure(self) -> None:
        assert [trace.name for trace in run().plot().data] == ["best case", "worst case", "expected"]
        assert [trace.name for trace in run(shortage_inputs()).plot().data] == ["best case", "worst case"]


def entry(measure: str, value: float, high: float | None = None) -> MaterialInput:
    return MaterialInput(
        "tungsten", measure, None, None, None, value if high is None else None, value,
        value if high is None else high, "A. Author", datetime.date(2026, 1, 31), "a survey", "",
    )  # fmt: skip


class TestMaterials:
    def test_inputs_come_with_author_and_date(self) -> None:
        given_inputs = MaterialInputs(
            (
                entry("stock_cover_months", 2.0),
                entry("substitutable_share", 0.1, 0.3),
                entry("import_reliance", 0.9),
            )
        )
        found = material_inputs_of(given_inputs, "tungsten", "processing", "NLD")
        assert found.stock_cover_months == Estimate(2.0, 2.0, 2.0, "A. Author, 2026-01-31: a survey")
        assert (found.substitutable_share.value, found.substitutable_share.high) == (None, 0.3)
        assert found.import_share.value == 0.9
        assert found.months_to_substitute.source == "not known"

    def test_recycling_bounds_what_comes_from_abroad(self) -> None:
        found = material_inputs_of(
            MaterialInputs((entry("secondary_supply_share", 0.4),)), "tungsten", "processing", "NLD"
        )
        assert (found.import_share.value, found.import_share.low, found.import_share.high) == (None, 0.0, 0.6)

    def test_of_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "inputs.toml"
        path.write_text(
            '[[input]]\nmaterial = "tungsten"\nmeasure = "stock_cover_months"\nvalue = 3\nauthor = "B"\n'
            'date = 2026-02-01\nsource = "letter"\n',
            encoding="utf-8",
        )
        found = material_shortage(
            FLOWS, NLD, "tungsten", "processing", ["CHN"], [2021], hs_revision="HS92",
            inputs=load_material_inputs(path), import_share=1.0, divertible_share=0.0,
        )  # fmt: skip
        assert found.inputs.stock_cover_months.value == 3.0
        # three months of cover at six tenths of use
        assert found.months_of_cover.value == pytest.approx(5.0)
        assert found.provenance["material"] == "tungsten"
        assert "810110" in found.provenance["products"]

    def test_numbers_that_are_given_come_before_the_file(self) -> None:
        given = {"stock_cover_months": 2.0, "substitutable_share": (0.1, 0.3), "months_to_substitute": 6.0}
        found = material_shortage(
            FLOWS, NLD, "tungsten", "processing", ["CHN"], [2021], hs_revision="HS92",
            inputs=MaterialInputs((entry("stock_cover_months", 3.0),)), **given,
        )  # fmt: skip
        assert found.inputs.stock_cover_months.value == 2.0
        assert found.inputs.substitutable_share.high == 0.3
        assert found.inputs.months_to_substitute.value == 6.0
        assert "stock_cover_months" not in found.provenance

    def test_a_material_without_products(self) -> None:
        with pytest.raises(UnknownCodeError):
            material_shortage(FLOWS, NLD, "kryptonite", "processing", ["CHN"], [2021], hs_revision="HS92")
