"""From shares to supply risk, bounds, contributions and the verdict, on small made frames."""

from __future__ import annotations

from typing import Any, ClassVar

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.errors import DataError
from geomonitor.materials import (
    SUPPLY_RISK_FACTORS,
    Assessment,
    assess,
    importance_of_uses,
    material_method,
    materials_from_production,
    materials_from_trade,
    supply_risk,
)
from geomonitor.trade import Importer, importer, one_a_code

# home of the union of the tests: DEU and NLD
UNION = Importer("UNION", ("DEU", "NLD"), ("DEU", "NLD"), "UNION")
WEIGHTS = pl.DataFrame({"economy": ["CHN", "USA", "BRA", "DEU", "NLD"], "weight": [6.0, 4.0, 5.0, 2.0, 1.0]})
KNOWN = {"import_reliance": 0.6, "recycling_rate": 0.2, "substitution_risk": 0.9}
fraction = st.floats(0.0, 1.0)

Market = dict[str, float]
Markets = dict[tuple[str, str], Market]


def shares(markets: Markets, who: str | None = None) -> pl.DataFrame:
    rows = [
        {"importer": who, "material": material, "stage": stage, "economy": economy, "share": share}
        for (material, stage), market in markets.items()
        for economy, share in market.items()
    ]
    schema = {
        **dict.fromkeys(("importer", "material", "stage", "economy"), pl.String),
        "share": pl.Float64,
    }
    table = pl.DataFrame(rows, schema=schema)
    return table if who else table.drop("importer")


def numbers(stages: list[tuple[str, str]], **values: float | None) -> pl.DataFrame:
    rows = [
        {"importer": "UNION", "material": material, "stage": stage, **values} for material, stage in stages
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(values, pl.Float64))


def assessed(
    world: Markets,
    sourcing: Markets,
    known: dict[str, float | None] | None = None,
    **more: Any,
) -> Assessment:
    values: dict[str, float | None] = {**KNOWN, **(known or {})}
    home = more.pop("home", None)
    return assess(
        shares(world),
        shares(sourcing, "UNION"),
        WEIGHTS,
        numbers(list(world or sourcing), **values),
        [UNION],
        basis="production" if home is None else "trade",
        home=None if home is None else shares(home, "UNION"),
        **more,
    )


def importance(value: float, material: str = "m", **bounds: float) -> pl.DataFrame:
    row = {"importer": "UNION", "material": material, "economic_importance": value, **bounds}
    return pl.DataFrame([row])


def stage(found: Assessment, name: str = "extraction") -> dict[str, Any]:
    return found.stages.filter(stage=name).row(0, named=True)


ORE = ("m", "extraction")
METAL = ("m", "processing")


class TestOneStage:
    def test_the_formula(self) -> None:
        row = stage(assessed({ORE: {"CHN": 0.7, "USA": 0.3}}, {ORE: {"CHN": 0.5, "DEU": 0.5}}))
        world, used = 0.7**2 * 6 + 0.3**2 * 4, 0.5**2 * 6 + 0.5**2 * 2 * 0.8
        assert row["supply_risk"] == pytest.approx((world * 0.3 + used * 0.7) * 0.8 * 0.9)
        assert (row["governed_world"], row["governed_sourcing"]) == pytest.approx((world, used))
        assert row["reason"] is None

    def test_full_reliance_weighs_both_alike(self) -> None:
        row = stage(assessed({ORE: {"CHN": 1.0}}, {ORE: {"USA": 1.0}}, {"import_reliance": 1.0}))
        assert row["supply_risk"] == pytest.approx((6 + 4) / 2 * 0.8 * 0.9)

    def test_no_reliance_counts_what_is_used(self) -> None:
        row = stage(assessed({ORE: {"CHN": 1.0}}, {ORE: {"DEU": 1.0}}, {"import_reliance": 0.0}))
        assert row["supply_risk"] == pytest.approx(2 * 0.8 * 0.8 * 0.9)

    def test_without_sourcing_the_world_counts_and_reliance_does_not(self) -> None:
        row = stage(assessed({ORE: {"CHN": 1.0}}, {}, {"import_reliance": None}))
        assert row["supply_risk"] == pytest.approx(6 * 0.8 * 0.9)

    def test_the_home_supplier_is_not_the_main_supplier(self) -> None:
        row = stage(assessed({ORE: {"CHN": 1.0}}, {ORE: {"DEU": 0.7, "BRA": 0.2, "CHN": 0.1}}))
        assert (row["main_supplier"], row["main_supplier_share"]) == ("BRA", 0.2)

    @pytest.mark.parametrize(("share", "above"), [(0.65, False), (0.651, True)])
    def test_the_benchmark_is_exceeded_and_not_met(self, share: float, above: bool) -> None:
        row = stage(assessed({ORE: {"CHN": 1.0}}, {ORE: {"BRA": share, "DEU": 1 - share}}))
        assert row["above_benchmark"] is above


class TestHomeApart:
    """On the basis of trade: imports and home production are known apart."""

    world: ClassVar[Markets] = {ORE: {"CHN": 0.7, "USA": 0.3}}
    abroad: ClassVar[Markets] = {ORE: {"CHN": 0.6, "BRA": 0.4}}
    home: ClassVar[Markets] = {ORE: {"DEU": 0.75, "NLD": 0.25}}
    governed_abroad = 0.6**2 * 6 + 0.4**2 * 5
    governed_home = (0.75**2 * 2 + 0.25**2 * 1) * 0.8

    def row(self, **known: float | None) -> dict[str, Any]:
        return stage(assessed(self.world, self.abroad, known, home=self.home))

    def test_used_is_put_together_by_import_reliance(self) -> None:
        used = 0.6**2 * self.governed_abroad + 0.4**2 * self.governed_home
        assert self.row()["governed_sourcing"] == pytest.approx(used)

    def test_it_is_what_shares_of_use_would_give(self) -> None:
        """The same supply as printed shares of use, home production among them."""
        use = {name: 0.6 * part for name, part in self.abroad[ORE].items()}
        use |= {name: 0.4 * part for name, part in self.home[ORE].items()}
        printed = stage(assessed(self.world, {ORE: use}))
        row = self.row()
        for name in ("supply_risk", "governed_sourcing", "sourcing_concentration", "main_supplier_share"):
            assert row[name] == pytest.approx(printed[name]), name
        assert row["main_supplier"] == printed["main_supplier"] == "CHN"

    def test_full_reliance_leaves_home_out(self) -> None:
        row = self.row(import_reliance=1.0)
        world = 0.7**2 * 6 + 0.3**2 * 4
        assert row["governed_sourcing"] == pytest.approx(self.governed_abroad)
        assert row["supply_risk"] == pytest.approx((world + self.governed_abroad) / 2 * 0.8 * 0.9)
        assert row["main_supplier_share"] == pytest.approx(0.6)

    def test_full_reliance_needs_no_home(self) -> None:
        row = stage(assessed(self.world, self.abroad, {"import_reliance": 1.0}, home={}))
        assert row["supply_risk"] == pytest.approx(self.row(import_reliance=1.0)["supply_risk"])

    def test_home_that_exports_nothing_is_unknown_and_not_nil(self) -> None:
        row = stage(assessed(self.world, self.abroad, {"import_reliance": 0.6}, home={}))
        assert row["supply_risk"] is None
        assert row["reason"] == "production at home is not known"
        low, high = 0.6**2 * self.governed_abroad, 0.6**2 * self.governed_abroad + 0.4**2 * 2 * 0.8
        assert row["governed_sourcing_low"] == pytest.approx(low)
        assert row["governed_sourcing_high"] == pytest.approx(high)

    def test_one_importer_with_two_homes_is_refused(self) -> None:
        with pytest.raises(DataError, match="two homes"):
            one_a_code([importer("NLD"), importer("NLD", home_group="EU27_2020")])

    def test_unknown_reliance_leaves_no_value_and_says_so(self) -> None:
        row = self.row(import_reliance=None)
        assert row["supply_risk"] is None
        assert row["reason"] == "import reliance is not known"
        assert (row["main_supplier_share_low"], row["main_supplier_share"]) == (0.0, 0.6)
        assert row["above_benchmark"] is False

    def test_the_benchmark_is_open_where_reliance_decides(self) -> None:
        abroad = {ORE: {"CHN": 0.9, "BRA": 0.1}}
        row = stage(assessed(self.world, abroad, {"import_reliance": None}, home=self.home))
        assert row["above_benchmark"] is None

    @given(st.tuples(fraction, fraction), fraction)
    @settings(max_examples=10, deadline=None)
    def test_bounds_hold_the_value_of_every_reliance(self, ends: tuple[float, float], where: float) -> None:
        low, high = sorted(ends)
        between = {"import_reliance_low": low, "import_reliance_high": high}
        bounded = self.row(import_reliance=None, **between)
        unknown = self.row(import_reliance=None)
        known = self.row(import_reliance=low + where * (high - low))["supply_risk"]
        # the bounds look at a hundred steps of import reliance; between two of them it moves by less
        for row in (bounded, unknown):
            assert row["supply_risk_low"] - 1e-3 <= known <= row["supply_risk_high"] + 1e-3


class TestUnknown:
    world: ClassVar[Markets] = {ORE: {"CHN": 0.7, "USA": 0.3}}
    sourcing: ClassVar[Markets] = {ORE: {"CHN": 0.5, "DEU": 0.5}}

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("import_reliance", "import reliance is not known"),
            ("recycling_rate", "recycling is not known"),
            ("substitution_risk", "substitutes are not known"),
        ],
    )
    @given(where=fraction)
    @settings(max_examples=6, deadline=None)
    def test_bounds_hold_the_value_of_every_input(self, name: str, reason: str, where: float) -> None:
        row = stage(assessed(self.world, self.sourcing, {name: None}))
        assert (row["supply_risk"], row["reason"]) == (None, reason)
        lowest = material_method("eu-crm-2017").parameters["substitution_lowest"]
        value = lowest + where * (1 - lowest) if name == "substitution_risk" else where
        inside = stage(assessed(self.world, self.sourcing, {name: value}))["supply_risk"]
        assert row["supply_risk_low"] - 1e-9 <= inside <= row["supply_risk_high"] + 1e-9

    def test_a_number_between_bounds(self) -> None:
        row = stage(
            assessed(
                self.world,
                self.sourcing,
                {"recycling_rate": None, "recycling_rate_low": 0.1, "recycling_rate_high": 0.3},
            )
        )
        ends = [
            stage(assessed(self.world, self.sourcing, {"recycling_rate": rate}))["supply_risk"]
            for rate in (0.3, 0.1)
        ]
        assert [row["supply_risk_low"], row["supply_risk_high"]] == pytest.approx(ends)

    def test_unknown_governance_is_no_zero(self) -> None:
        row = stage(assessed({ORE: {"CHN": 0.5, "XKX": 0.5}}, self.sourcing))
        assert row["supply_risk"] is None
        assert row["reason"] == "world supply: governance of a supplier is not known"
        assert row["world_unknown_governance"] == "XKX"
        worst = WEIGHTS.vstack(pl.DataFrame({"economy": ["XKX"], "weight": [10.0]}))
        values = numbers([ORE], **KNOWN)
        at_worst = assess(
            shares({ORE: {"CHN": 0.5, "XKX": 0.5}}),
            shares(self.sourcing, "UNION"),
            worst,
            values,
            [UNION],
            basis="production",
        )
        assert row["supply_risk_high"] == pytest.approx(stage(at_worst)["supply_risk"])

    def test_shares_of_nine_percent(self) -> None:
        row = stage(assessed(self.world, {ORE: {"CHN": 0.05, "BRA": 0.04}}))
        assert row["supply_risk"] is None
        assert row["reason"] == "supply that is used: shares add up to less than the whole"
        assert row["supply_risk_low"] < row["supply_risk_high"]

    def test_shares_of_113_percent_have_no_bounds(self) -> None:
        row = stage(assessed(self.world, {ORE: {"CHN": 0.73, "BRA": 0.40}}))
        assert (row["supply_risk"], row["supply_risk_low"], row["supply_risk_high"]) == (None, None, None)
        assert row["reason"] == "supply that is used: shares add up to more than the whole"


class TestTolerance:
    def test_shares_of_95_percent_are_whole(self) -> None:
        """1 - 0.95 is a little above 0.05 in binary fractions."""
        row = stage(assessed({ORE: {"CHN": 0.35, "USA": 0.3, "BRA": 0.3}}, {}))
        assert row["supply_risk"] == pytest.approx((0.35**2 * 6 + 0.3**2 * 4 + 0.3**2 * 5) * 0.8 * 0.9)

    def test_uses_of_95_percent_are_whole(self) -> None:
        uses = pl.DataFrame(
            {
                "material": "m",
                "sector": ["C24", "C25"],
                "quantity": [0.35, 0.6],
                "value_added_meur": [50.0, 100.0],
            }
        )
        index = pl.DataFrame({"material": ["m"], "substitution_economic": [1.0]})
        (value,) = importance_of_uses(uses, index).table["economic_importance"]
        assert value == pytest.approx(7.75)

    def test_a_use_without_value_added_leaves_bounds(self) -> None:
        uses = pl.DataFrame(
            {
                "material": "m",
                "sector": ["C25", None],
                "quantity": [0.9, 0.1],
                "value_added_meur": [100.0, None],
            }
        )
        index = pl.DataFrame({"material": ["m"], "substitution_economic": [0.8]})
        row = importance_of_uses(uses, index).table.row(0, named=True)
        assert row["economic_importance"] is None
        assert row["economic_importance_low"] == pytest.approx(0.9 * 10 * 0.8)
        assert row["economic_importance_high"] == pytest.approx(10 * 0.8)
        assert row["reason"] == "a use has no share or no value added"


class TestMaterials:
    world: ClassVar[Markets] = {ORE: {"CHN": 0.5, "USA": 0.5}, METAL: {"CHN": 1.0}}
    sourcing: ClassVar[Markets] = {ORE: {"CHN": 0.5, "DEU": 0.5}, METAL: {"CHN": 0.9, "DEU": 0.1}}

    def test_the_highest_stage_counts(self) -> None:
        found = assessed(self.world, self.sourcing)
        row = found.materials.row(0, named=True)
        assert row["stage"] == "processing"
        assert row["supply_risk"] == found.stages["supply_risk"].max()
        assert row["stages"] == "extraction;processing"

    def test_a_stage_that_may_be_higher_leaves_no_value(self) -> None:
        world = {ORE: {"USA": 1.0}, METAL: {"CHN": 0.5}}
        row = assessed(world, {}).materials.row(0, named=True)
        assert (row["stage"], row["supply_risk"]) == ("processing", None)
        assert row["supply_risk_low"] == pytest.approx(4 * 0.8 * 0.9)
        assert row["supply_risk_high"] > row["supply_risk_low"]

    def test_a_stage_that_cannot_be_higher_does_not_matter(self) -> None:
        world = {ORE: {"CHN": 1.0}, METAL: {"DEU": 0.6, "NLD": 0.3}}
        row = assessed(world, {}).materials.row(0, named=True)
        assert (row["stage"], row["supply_risk"]) == ("extraction", pytest.approx(6 * 0.8 * 0.9))

    def test_a_stage_without_bounds_may_be_the_highest(self) -> None:
        world = {ORE: {"CHN": 1.0}, METAL: {"USA": 0.73, "BRA": 0.40}}
        row = assessed(world, {}, importance=importance(2.0)).materials.row(0, named=True)
        assert (row["supply_risk"], row["supply_risk_high"]) == (None, None)
        assert row["supply_risk_low"] == pytest.approx(6 * 0.8 * 0.9)
        # whatever the other stage is, economic importance is too low
        assert row["critical"] is False

    @pytest.mark.parametrize(("value", "critical"), [(2.75, True), (2.74, False)])
    def test_the_verdict(self, value: float, critical: bool) -> None:
        found = assessed(self.world, self.sourcing, importance=importance(value))
        assert found.materials["critical"].to_list() == [critical]
        assert found.materials["reason"].to_list() == [None]

    def test_no_verdict_without_economic_importance(self) -> None:
        row = assessed(self.world, self.sourcing).materials.row(0, named=True)
        assert (row["critical"], row["reason"]) == (None, "economic importance is not known")

    def test_a_low_risk_needs_no_economic_importance(self) -> None:
        found = assessed({ORE: {"NLD": 1.0}}, {ORE: {"NLD": 1.0}})
        assert found.materials["critical"].to_list() == [False]

    def test_a_verdict_where_all_bounds_agree(self) -> None:
        found = assessed({ORE: {"CHN": 1.0}}, {}, {"recycling_rate_high": 0.5}, importance=importance(6.0))
        sure = assessed(
            {ORE: {"CHN": 1.0}},
            {},
            {"recycling_rate": None, "recycling_rate_high": 0.5},
            importance=importance(6.0),
        )
        assert found.materials["critical"].to_list() == [True]
        row = sure.materials.row(0, named=True)
        assert (row["supply_risk"], row["critical"], row["reason"]) == (None, True, None)

    def test_no_verdict_where_bounds_disagree(self) -> None:
        found = assessed({ORE: {"CHN": 1.0}}, {}, {"recycling_rate": None}, importance=importance(6.0))
        row = found.materials.row(0, named=True)
        assert (row["critical"], row["reason"]) == (None, "recycling is not known")

    def test_no_verdict_where_economic_importance_lies_on_both_sides(self) -> None:
        bounded = pl.DataFrame(
            [
                {
                    "importer": "UNION",
                    "material": "m",
                    "economic_importance": None,
                    "economic_importance_low": 2.0,
                    "economic_importance_high": 4.0,
                }
            ],
            schema_overrides={"economic_importance": pl.Float64},
        )
        row = assessed(self.world, self.sourcing, importance=bounded).materials.row(0, named=True)
        assert (row["critical"], row["reason"]) == (None, "the bounds lie on both sides of a threshold")

    def test_mixed_codes_give_a_value_and_no_verdict(self) -> None:
        mixed = pl.DataFrame({"material": ["m"], "stage": ["processing"]})
        row = assessed(self.world, self.sourcing, importance=importance(6.0), mixed=mixed)
        overall = row.materials.row(0, named=True)
        assert overall["supply_risk"] is not None
        assert (overall["critical"], overall["reason"]) == (None, "its codes hold other materials too")
        assert row.stages["mixed"].to_list() == [False, True]


class TestFactors:
    world: ClassVar[Markets] = {ORE: {"CHN": 0.7, "USA": 0.3}}
    sourcing: ClassVar[Markets] = {ORE: {"CHN": 0.5, "DEU": 0.5}}

    def test_every_factor_at_one(self) -> None:
        found = assessed(self.world, self.sourcing)
        rows = {row["factor"]: row for row in found.factors.iter_rows(named=True)}
        assert tuple(rows) == SUPPLY_RISK_FACTORS
        risk = stage(found)["supply_risk"]
        world, used = 0.7**2 * 6 + 0.3**2 * 4, 0.5**2 * 6 + 0.5**2 * 2 * 0.8
        neutral = {
            "governance": supply_risk(0.7**2 + 0.3**2, 0.5, 0.6, 0.2, 0.9),
            "restrictions": supply_risk(world, 0.5**2 * 6 + 0.5**2 * 2, 0.6, 0.2, 0.9),
            "import_reliance": supply_risk(world, used, 1.0, 0.2, 0.9),
            "recycling": risk / 0.8,
            "substitution": risk / 0.9,
        }
        for name, value in neutral.items():
            assert rows[name]["supply_risk_if_neutral"] == pytest.approx(float(value)), name
            assert rows[name]["contribution"] == pytest.approx(risk - float(value)), name
        assert rows["concentration"]["value"] == pytest.approx(0.7**2 + 0.3**2)

    def test_no_contribution_where_there_is_no_value(self) -> None:
        found = assessed(self.world, self.sourcing, {"import_reliance": None}).factors
        assert found["contribution"].null_count() == found.height
        (alone,) = found.filter(factor="import_reliance")["supply_risk_if_neutral"].to_list()
        known = assessed(self.world, self.sourcing, {"import_reliance": 1.0})
        assert alone == pytest.approx(stage(known)["supply_risk"])


class TestImporters:
    world: ClassVar[Markets] = {ORE: {"CHN": 0.6, "BRA": 0.4}, METAL: {"CHN": 1.0}}

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        sourcing = pl.concat(
            [
                shares({ORE: {"BRA": 1.0}, METAL: {"CHN": 0.5, "DEU": 0.5}}, "UNION"),
                shares({ORE: {"CHN": 1.0}}, "USA"),
            ]
        )
        parameters = pl.concat(
            [
                numbers([ORE, METAL], **KNOWN),
                numbers([ORE], **KNOWN).with_columns(importer=pl.lit("USA")),
            ]
        )
        return shares(self.world), sourcing, parameters

    def run(self, who: list[Importer], *, seed: int | None = None) -> Assessment:
        world, sourcing, parameters = self.frames()
        weights = WEIGHTS
        if seed is not None:
            world, sourcing, parameters, weights = (
                each.sample(fraction=1.0, shuffle=True, seed=seed)
                for each in (world, sourcing, parameters, weights)
            )
        return assess(world, sourcing, weights, parameters, who, basis="production")

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_the_order_of_rows_and_importers_changes_nothing(self, seed: int) -> None:
        usa = importer("USA")
        first, again = self.run([UNION, usa]), self.run([usa, UNION], seed=seed)
        for name in ("stages", "materials", "factors"):
            assert getattr(first, name).equals(getattr(again, name)), name

    def test_an_importer_named_twice_counts_once(self) -> None:
        assert self.run([UNION, UNION]).stages.equals(self.run([UNION]).stages)

    def test_an_importer_without_data_is_measured_on_world_supply(self) -> None:
        stages = self.run([importer("JPN")]).stages
        assert stages["governed_sourcing"].null_count() == stages.height
        assert stages["main_supplier"].null_count() == stages.height
        # its recycling is not known either: no value, and bounds
        assert stages["supply_risk"].null_count() == stages.height
        assert (stages["supply_risk_low"] < stages["supply_risk_high"]).all()

    def test_nobody(self) -> None:
        found = self.run([])
        assert (found.stages.height, found.materials.height, found.factors.height) == (0, 0, 0)
        assert found.stages.columns == self.run([UNION]).stages.columns


GOVERNANCE = pl.DataFrame(
    {"economy": ["TUR", "USA", "CHN", "DEU", "NLD"], "governance": [-1.0, 0.5, -0.5, 1.0, 1.5]}
)


def flows(rows: list[tuple[int, str, str, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(*row, None) for row in rows],
        schema={
            "year": pl.Int16,
            "exporter": pl.String,
            "importer": pl.String,
            "product": pl.String,
            "value_kusd": pl.Float64,
            "quantity_t": pl.Float64,
        },
        orient="row",
    )


class TestFromTrade:
    """Natural borates (252810 and 252890 in HS 1992) and bismuth (810600)."""

    rows: ClassVar[list[tuple[int, str, str, str, float]]] = [
        (2022, "TUR", "DEU", "252890", 80.0),
        (2022, "USA", "NLD", "252890", 20.0),
        (2022, "DEU", "NLD", "252890", 50.0),
        (2022, "NLD", "USA", "252890", 50.0),
        (2022, "CHN", "NLD", "810600", 10.0),
        (2021, "USA", "NLD", "252890", 900.0),
    ]

    def test_shares_of_the_world_abroad_and_home(self) -> None:
        union = importer("EU27_2020")
        found = materials_from_trade(flows(self.rows), "HS92", [union], [2022], GOVERNANCE)
        trade = found.trade
        assert trade is not None
        boron = {"material": "boron", "stage": "extraction"}
        assert dict(trade.world.filter(**boron).select("economy", "share").iter_rows()) == pytest.approx(
            {"TUR": 0.4, "USA": 0.1, "DEU": 0.25, "NLD": 0.25}
        )
        assert dict(trade.sourcing.filter(**boron).select("economy", "share").iter_rows()) == pytest.approx(
            {"TUR": 0.8, "USA": 0.2}
        )
        assert dict(trade.home.filter(**boron).select("economy", "share").iter_rows()) == pytest.approx(
            {"DEU": 0.5, "NLD": 0.5}
        )

    def test_import_reliance_of_the_study_is_of_the_union_only(self) -> None:
        both = [importer("EU27_2020"), importer("NLD", home_group="EU27_2020")]
        found = materials_from_trade(flows(self.rows), "HS92", both, [2022], GOVERNANCE)
        stages = found.assessment.stages.filter(material="boron", stage="extraction")
        union, netherlands = (
            stages.filter(importer=code).row(0, named=True) for code in ("EU27_2020", "NLD")
        )
        assert (union["basis"], union["import_reliance"]) == ("trade", 1.0)
        assert union["supply_risk"] is not None
        assert (netherlands["import_reliance"], netherlands["supply_risk"]) == (None, None)
        assert netherlands["reason"] == "import reliance is not known"
        assert netherlands["main_supplier"] == "USA"

    def test_the_order_of_flows_and_importers_changes_nothing(self) -> None:
        both = [importer("EU27_2020"), importer("USA")]
        first = materials_from_trade(flows(self.rows), "HS92", both, [2022], GOVERNANCE)
        again = materials_from_trade(flows(self.rows[::-1]), "HS92", both[::-1], [2022], GOVERNANCE)
        assert first.assessment.stages.equals(again.assessment.stages)
        assert first.assessment.materials.equals(again.assessment.materials)

    def test_years_of_the_history_do_not_enter_the_shares(self) -> None:
        union = [importer("EU27_2020")]
        found = materials_from_trade(
            flows(self.rows), "HS92", union, [2022], GOVERNANCE, history_years=[2021, 2022]
        )
        alone = materials_from_trade(flows(self.rows), "HS92", union, [2022], GOVERNANCE)
        assert found.assessment.stages.equals(alone.assessment.stages)
        assert found.trade is not None
        years = found.trade.history.filter(material="boron", scope="world")["year"].to_list()
        assert years == [2021, 2022]

    def test_an_importer_that_imports_nothing(self) -> None:
        found = materials_from_trade(flows(self.rows), "HS92", [importer("JPN")], [2022], GOVERNANCE)
        row = found.assessment.stages.filter(material="bismuth").row(0, named=True)
        assert (row["main_supplier"], row["governed_sourcing"]) == (None, None)
        assert row["governed_world"] == pytest.approx(6.0)

    def test_an_unallocated_partner_is_no_supplier(self) -> None:
        rows = [*self.rows[4:5], (2022, "R20", "NLD", "810600", 30.0)]
        found = materials_from_trade(flows(rows), "HS92", [importer("EU27_2020")], [2022], GOVERNANCE)
        row = found.assessment.stages.filter(material="bismuth").row(0, named=True)
        assert row["main_supplier"] == "CHN"
        assert row["main_supplier_share"] == pytest.approx(0.25)
        assert row["reason"] == "world supply: part of the supply has no single origin"


class TestFromProduction:
    def test_quantities_of_two_kinds_are_not_added_up(self) -> None:
        from geomonitor.data.raw_materials import MATERIAL_SCHEMA
        from geomonitor.errors import DataError

        rows = [
            {
                "material": "lithium",
                "stage": "extraction",
                "measure": "production",
                "year": 2022,
                "economy": economy,
                "quantity": 10.0,
                "unit": "t",
                "content": content,
                "source": "made",
            }
            for economy, content in (("AUS", "Li2O"), ("CHL", "metal content"))
        ]
        table = pl.DataFrame(rows, schema=MATERIAL_SCHEMA)
        with pytest.raises(DataError, match="Li2O, metal content"):
            materials_from_production([table], [importer("EU27_2020")], GOVERNANCE)
        same = table.with_columns(content=pl.lit("Li2O"))
        found = materials_from_production([same], [importer("EU27_2020")], GOVERNANCE)
        assert found.world["share"].to_list() == [0.5, 0.5]

    def test_no_table(self) -> None:
        from geomonitor.errors import DataError

        with pytest.raises(DataError, match="No table has production"):
            materials_from_production([], [importer("EU27_2020")], GOVERNANCE)
