"""Explanations of raw materials: every number follows from the data, and says who said it."""

from __future__ import annotations

import datetime
import re

import polars as pl
import pytest

from geomonitor.chains import load_chains
from geomonitor.codes import material_name, materials
from geomonitor.data.raw_materials import MATERIAL_SCHEMA
from geomonitor.errors import UnknownCodeError
from geomonitor.materials import (
    MaterialInput,
    MaterialInputs,
    MaterialsEvaluation,
    at_one_decimal,
    materials_from_production,
    materials_from_trade,
)
from geomonitor.materials.explain import MaterialExplanation, explain_material
from geomonitor.materials.explain_texts import (
    _DUTCH_REASONS,
    _DUTCH_SCOPES,
    TEXTS,
    spoken_reason,
    spoken_source,
)
from geomonitor.trade import importer

UNION, NLD = importer("EU27_2020"), importer("NLD", home_group="EU27_2020")
GOVERNANCE = pl.DataFrame({"economy": ["CHN", "VNM", "RUS", "AUT"], "governance": [-0.5, 0.0, -1.0, 1.0]})
FLOWS = pl.DataFrame(
    [
        {"year": 2023, "exporter": source, "importer": target, "product": product, "value_kusd": value}
        for product, source, target, value in (
            ("261100", "VNM", "NLD", 60.0),
            ("261100", "RUS", "DEU", 40.0),
            ("261100", "AUT", "CHN", 100.0),
            ("810110", "CHN", "NLD", 75.0),
            ("810110", "VNM", "DEU", 20.0),
            ("810110", "TCA", "FRA", 5.0),
            ("810110", "AUT", "USA", 50.0),
        )
    ]
)


def of_trade(*inputs: MaterialInput) -> MaterialsEvaluation:
    return materials_from_trade(
        FLOWS, "HS92", [UNION, NLD], [2023], GOVERNANCE, inputs=MaterialInputs(inputs)
    )


def given(measure: str, value: float, stage: str | None = None) -> MaterialInput:
    return MaterialInput(
        "tungsten", measure, stage, None, None, value, value, value,
        "panel", datetime.date(2026, 1, 31), "survey", "",
    )  # fmt: skip


def explained(evaluation: MaterialsEvaluation, **options) -> MaterialExplanation:
    options = {"years": "2023", "source": "made", "governance_source": "made estimates", **options}
    return explain_material(evaluation, "tungsten", options.pop("importer", UNION), **options)


@pytest.fixture(scope="module")
def full() -> MaterialExplanation:
    evaluation = of_trade(given("import_reliance", 0.5))
    return explained(evaluation, chains=load_chains())


def step(found: MaterialExplanation, key: str, stage: str | None = None):
    (one,) = [each for each in found.steps if (each.key, each.stage) == (key, stage)]
    return one


def test_the_order_of_the_reasoning(full: MaterialExplanation) -> None:
    of_stage = ["suppliers", "world", "used", "parameters", "supply_risk", "factors", "benchmark"]
    both = ["stages", "economic_importance", "verdict", "goals", "published", "main_suppliers", "chains"]
    assert [(each.stage, each.key) for each in full.steps] == [
        *(("extraction", key) for key in of_stage),
        *(("processing", key) for key in of_stage),
        *((None, key) for key in [*both, "unknown"]),
    ]
    only = explained(of_trade(), stage="processing")
    assert {each.stage for each in only.steps} == {"processing", None}
    # both stages stand side by side all the same
    assert "extraction: supply risk" in step(only, "stages").numbers["en"]


def test_terms_add_up_to_the_concentration(full: MaterialExplanation) -> None:
    for stage in ("extraction", "processing"):
        rows = full.suppliers.filter(stage=stage, scope="world")
        world = step(full, "world", stage).result
        if world is None:
            assert rows["governance"].null_count()
        else:
            assert rows["term"].sum() == pytest.approx(world)
    # members of the home group are free of restrictions
    home = full.suppliers.filter(pl.col("supplier") == "AUT")
    assert set(home["restriction"]) == {0.8}
    assert set(full.suppliers.filter(pl.col("supplier") == "CHN")["restriction"]) == {1.0}


def test_the_formula_with_its_numbers_gives_the_supply_risk(full: MaterialExplanation) -> None:
    one = step(full, "supply_risk", "extraction")
    shown = [float(each) for each in re.findall(r"[\d.]+", one.numbers["en"].splitlines()[0])]
    world, half, used, other_half, not_recycled, substitution, risk = shown
    assert half == 0.25
    assert (world * half + used * other_half) * not_recycled * substitution == pytest.approx(risk, rel=0.01)
    assert one.result == pytest.approx(risk, abs=5e-4)
    assert "0,25" in one.numbers["nl"]


def test_factors_are_those_of_the_assessment(full: MaterialExplanation) -> None:
    rows = full.factors.filter(stage="extraction", factor="recycling")
    line = next(
        text for text in step(full, "factors", "extraction").numbers["en"].splitlines()
        if text.startswith("recycling")
    )  # fmt: skip
    risk, neutral, contribution = (float(each) for each in re.findall(r"-?[\d.]+", line)[1:])
    assert risk - neutral == pytest.approx(contribution, abs=2e-3)
    assert rows["contribution"].item() == pytest.approx(contribution, abs=1e-3)
    # at most 1 of what is not recycled counts
    assert contribution < 0


def test_who_said_a_number_stands_beside_it(full: MaterialExplanation) -> None:
    said = step(full, "parameters", "processing").numbers
    assert "import reliance: 0.5 (panel, 2026-01-31: survey)" in said["en"]
    assert "recycling, part of use: 0.42 (published 2023)" in said["en"]
    assert "recycling, deel van het gebruik: 0,42 (gepubliceerd 2023)" in said["nl"]
    assert step(full, "economic_importance").numbers["en"] == "8.7\nsource: published 2023"
    assert "governance: made estimates" in step(full, "world", "extraction").numbers["en"]


def test_the_verdict_shows_the_rounding() -> None:
    for recycling in (0.0, 0.9):
        inputs = [given("import_reliance", 0.5), given("recycling_rate", recycling)]
        found = explained(of_trade(*inputs, given("economic_importance", 2.76)))
        line = step(found, "verdict").numbers["en"].splitlines()[0]
        if found.supply_risk is not None:
            rounded = float(at_one_decimal(found.supply_risk))
            assert f"-> {rounded:g} >= 1: {'yes' if rounded >= 1 else 'no'}" in line
        assert "economic importance 2.76 -> 2.8 >= 2.8: yes" in step(found, "verdict").numbers["en"]
        assert found.critical is step(found, "verdict").verdict


def test_what_is_not_known_has_bounds_and_no_value() -> None:
    found = explained(of_trade(), importer=NLD)
    assert found.supply_risk is None
    assert found.critical is None
    assert "= between " in step(found, "supply_risk", "extraction").numbers["en"]
    assert (
        "import reliance: between 0 and 1 (not known)"
        in step(found, "parameters", "extraction").numbers["en"]
    )
    assert "economic importance: not known (>= 2.8: open)" in step(found, "verdict").numbers["en"]
    assert (
        "Het oordeel is open: het economisch belang is niet bekend." in step(found, "verdict").numbers["nl"]
    )
    unknown = step(found, "unknown").numbers["en"].splitlines()
    assert {"extraction: import reliance", "processing: import reliance", "economic importance"} <= set(
        unknown
    )
    of_union = step(explained(of_trade()), "unknown").numbers["en"]
    assert "governance of Turks and Caicos Islands (TCA)" in of_union
    assert (
        "the studies measure the European Union, ours NLD (home EU27_2020)"
        in step(found, "published").numbers["en"]
    )


def test_goals_material_by_material(full: MaterialExplanation) -> None:
    said = step(full, "goals").numbers["en"].splitlines()
    assert said[0].startswith("a strategic raw material (all)")
    assert said[1:] == [
        "extracted at home (1 - import reliance): 50.0 %, goal 10.0 %: yes",
        "processed at home (1 - import reliance): 50.0 %, goal 40.0 %: yes",
        "recycled: 42.0 %, goal 25.0 %: yes",
    ]
    unknown = step(explained(of_trade(), importer=NLD), "goals").numbers["en"]
    assert "processed at home (1 - import reliance): not known, goal 40.0 %: not known" in unknown


def test_the_benchmark_is_on_the_largest_third_country(full: MaterialExplanation) -> None:
    one = step(full, "benchmark", "processing")
    assert one.numbers["en"].startswith("China (CHN): ")
    # three quarters of imports are half of what is used
    assert one.result == pytest.approx(0.5 * 0.75)
    assert one.verdict is False
    assert step(explained(of_trade(given("import_reliance", 1.0))), "benchmark", "processing").verdict is True


def test_published_values_beside_ours(full: MaterialExplanation) -> None:
    said = step(full, "published").numbers["en"]
    assert "2023: supply risk 1.2, economic importance 8.7; on the list of the EU" in said
    assert "study of 2017 7.5" in said
    assert "ours takes shares in trade of 2023 for shares in supply" in said
    ours = full.supply_risk
    assert step(full, "published").result == (None if ours is None else pytest.approx(ours - 1.2))
    main = step(full, "main_suppliers")
    assert "processing: China (CHN) 85.6 % (2016-2020, eu-crm-2023)" in main.numbers["en"]
    assert main.result == pytest.approx(0.856 - 0.826)
    nobody = pl.DataFrame(schema={"material": pl.String, "year": pl.Int16, "supply_risk": pl.Float64})
    nothing = explained(of_trade(), published=nobody)
    assert step(nothing, "published").numbers["nl"] == "er is niets over gepubliceerd"


def test_chains_that_it_feeds(full: MaterialExplanation) -> None:
    assert "(defence_industry): Tungsten" in step(full, "chains").numbers["en"]
    assert step(explained(of_trade()), "chains").numbers["en"] == "no chain file names it"


def test_shares_of_production_are_explained_too() -> None:
    rows = [
        {"material": "tungsten", "stage": "extraction", "measure": "world_supply", "unit": "share",
         "years": "2016-2020", "year": 2020, "economy": economy, "quantity": share, "source": "made"}
        for economy, share in (("CHN", 0.8), ("VNM", 0.12), ("RUS", 0.08))
    ]  # fmt: skip
    table = pl.DataFrame(rows, schema=MATERIAL_SCHEMA)
    evaluation = materials_from_production([table], [UNION], GOVERNANCE)
    found = explained(evaluation, years="2016-2020")
    assert found.basis == "production"
    assert "production, 2016-2020" in found.as_text().splitlines()[1]
    assert step(found, "suppliers", "extraction").formula["nl"].startswith("aandelen in het wereldaanbod")
    # nothing is known of what the Union uses: world supply counts alone
    one = step(found, "supply_risk", "extraction")
    assert one.formula["en"] == TEXTS["en"]["risk_formula_alone"]
    world = 0.8**2 * 6 + 0.12**2 * 5 + 0.08**2 * 7
    assert found.supply_risk == pytest.approx(world * (1 - 0.42) * 1.0)
    assert "processing: no data" in step(found, "unknown").numbers["en"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_text_and_table_say_the_same(full: MaterialExplanation, language: str) -> None:
    text, table = full.as_text(language), full.as_table(language)
    assert text.splitlines()[0] == f"{material_name('tungsten', language)} (W)"
    assert table.height == len(full.steps)
    for row in table.iter_rows(named=True):
        assert f"{row['step']}. {row['title']}" in text
        assert all(line in text for line in row["numbers"].splitlines())
    assert "{" not in text
    assert "None" not in text
    assert not re.search(r"\bnan\b", text)


def test_a_language_that_is_not_spoken(full: MaterialExplanation) -> None:
    for call in (full.as_text, full.as_table):
        with pytest.raises(UnknownCodeError, match="not spoken"):
            call("de")


def test_what_is_not_there_is_named() -> None:
    evaluation = of_trade()
    with pytest.raises(UnknownCodeError, match="'unobtanium' is not known"):
        explain_material(evaluation, "unobtanium", UNION, years="2023", source="made")
    with pytest.raises(UnknownCodeError, match="no data on helium for EU27_2020"):
        explain_material(evaluation, "helium", UNION, years="2023", source="made")
    with pytest.raises(UnknownCodeError, match="'smelting' is not known"):
        explained(evaluation, stage="smelting")
    one_stage = materials_from_trade(
        FLOWS.filter(pl.col("product") == "810110"), "HS92", [UNION], [2023], GOVERNANCE
    )
    with pytest.raises(UnknownCodeError, match="no data on tungsten at extraction") as caught:
        explained(one_stage, stage="extraction")
    assert caught.value.expected == "one of processing"


def test_both_languages_say_everything() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["nl"])
    fields = re.compile(r"{(\w+)}")
    for key, text in TEXTS["en"].items():
        assert set(fields.findall(text)) == set(fields.findall(TEXTS["nl"][key])), key
    assert {each.strategic_scope for each in materials() if each.strategic} <= set(_DUTCH_SCOPES)
    assert spoken_source("Panel, 2026-01-31: survey", "nl") == "Panel, 2026-01-31: survey"


def test_every_reason_of_an_assessment_is_translated() -> None:
    import inspect

    from geomonitor.materials import assessment, shares

    code = inspect.getsource(assessment) + inspect.getsource(shares)
    said = set(re.findall(r'pl\.lit\("([a-z][^"]*(?:not known|known|too|threshold|origin|whole))"\)', code))
    said |= {getattr(shares, name) for name in dir(shares) if re.fullmatch(r"_[A-Z_]+", name)
             and isinstance(getattr(shares, name), str)}  # fmt: skip
    said.add(assessment.NO_SUPPLY_KNOWN)
    assert len(said) >= 10
    assert {each for each in said if spoken_reason(each, "nl") == each} == set()
    assert set(_DUTCH_REASONS) <= said
