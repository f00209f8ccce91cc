"""A verdict step by step, in two languages."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from geomonitor.dependency import (
    Measurement,
    ScreeningOptions,
    explain,
    measure,
    method,
    method_ids,
    robustness,
    screen,
    supply_fragility,
)
from geomonitor.errors import UnknownCodeError
from geomonitor.trade import Supply, importer

SupplyOf = Callable[..., Supply]
UNION = importer("EU27_2020")
COMMISSION = method("commission-2021")
THREE = [2021, 2022, 2023]


@pytest.fixture(scope="module")
def measured(sample_supply: Supply) -> Measurement:
    return next(measure(sample_supply, [UNION], years=THREE))


def test_bismuth_in_english(measured: Measurement, sample_supply: Supply) -> None:
    found = explain(
        measured,
        COMMISSION,
        "810600",
        robustness=robustness(sample_supply, UNION, COMMISSION, years=THREE),
        names={"810600": "Bismuth"},
    )
    assert found.dependent is True
    text = found.as_text("en")
    for line in (
        "810600 Bismuth",
        "EU27_2020, 2021-2023, commission-2021 1.0",
        "China (CHN): 48,045 thousand USD (70.3 %)",
        "0.7033² + 0.074² + 0.0648² + 0.043² + 0.0412² + … = 0.5094",
        "test: 0.5094 > 0.4",
        "68,315 thousand USD / 114,336 thousand USD = 0.5975",
        "68,315 thousand USD / 59,467 thousand USD = 1.1488",
        "The product is dependent.",
        "imports_to_exports: +14.9 %",
        "The verdict turns first if imports_to_exports changes by -13.0 %, to at most 1, all else equal.",
        "12 of 15; another verdict with: 2022 alone, 2023 alone, without 2021",
    ):
        assert line in text, line


def test_bismuth_in_dutch(measured: Measurement) -> None:
    text = explain(measured, COMMISSION, "810600").as_text("nl")
    for line in (
        "China (CHN): 48.045 duizend USD (70,3 %)",
        "toets: 0,5094 > 0,4",
        "Het product is afhankelijk.",
        "-> ja",
    ):
        assert line in text, line
    assert "thousand" not in text


def test_the_numbers_are_those_of_the_screening(measured: Measurement) -> None:
    table = screen(measured, COMMISSION).table
    for row in table.iter_rows(named=True):
        found = explain(measured, COMMISSION, row["product"])
        steps = {each.key: each for each in found.steps}
        assert found.dependent == row["dependent"] == steps["verdict"].verdict
        assert found.suppliers["value_kusd"].sum() == pytest.approx(row["extra_import_value_kusd"])
        assert found.suppliers["share_squared"].sum() == pytest.approx(row["import_concentration"], rel=1e-12)
        assert found.suppliers["supplier"][0] == row["main_supplier"]
        tests = [steps[each.indicator].verdict for each in COMMISSION.conditions]
        assert all(tests) == row["dependent"]


@pytest.mark.parametrize("name", method_ids())
def test_every_method_explains_every_product(
    name: str, sample_flows: pl.LazyFrame, sample_supply: Supply
) -> None:
    specification = method(name)
    fragility = supply_fragility(sample_flows, THREE) if specification.network else None
    options = ScreeningOptions(minimum_import_value_kusd=5000.0, intra_group="included")
    for whose in (UNION, importer("NLD", home_group="EU27_2020"), importer("MLT")):
        found = next(measure(sample_supply, [whose], years=THREE, options=options))
        for product in screen(found, specification, fragility=fragility).table["product"]:
            explained = explain(found, specification, product, fragility=fragility)
            assert explained.as_text("en").strip()
            assert explained.as_text("nl").strip()
            table = explained.as_table("nl")
            assert table.columns == ["step", "title", "formula", "numbers", "result", "verdict"]
            assert len(table) == len(explained.steps)


def test_persistence_shows_every_year(measured: Measurement) -> None:
    found = explain(measured, method("cepii-geodep-2024"), "283691")
    text = found.as_text()
    assert "2021: " in text
    assert "all tests met in the same year: 3 of 3 years; needed: 2" in text
    assert found.dependent is True


def test_groups_as_one_supplier(supply_of: SupplyOf) -> None:
    rows = [(2021, code, "CHN", "848620", 10.0) for code in ("DEU", "NLD", "USA")]
    options = ScreeningOptions(supplier_groups=("EU27_2020",))
    found = explain(
        next(measure(supply_of(rows, "CHN"), [importer("CHN")], options=options)), COMMISSION, "848620"
    )
    assert found.suppliers.select("supplier", "value_kusd").rows() == [("EU27_2020", 20.0), ("USA", 10.0)]
    step = next(each for each in found.steps if each.key == "import_concentration")
    assert step.result == pytest.approx(5 / 9)


def test_no_exports_is_beyond_every_threshold(supply_of: SupplyOf) -> None:
    found = explain(
        next(measure(supply_of([(2021, "CHN", "NLD", "810600", 1.0)], "NLD"), [importer("NLD")])),
        COMMISSION,
        "810600",
    )
    text = found.as_text()
    assert "1 thousand USD / 0 thousand USD = ∞" in text
    assert "imports_to_exports: beyond every threshold (there are no exports)" in text


def test_all_supply_from_home_is_undefined_not_a_number(supply_of: SupplyOf) -> None:
    supply = supply_of([(2021, "DEU", "NLD", "810600", 1.0)], UNION)
    found = explain(next(measure(supply, [UNION])), COMMISSION, "810600")
    assert found.dependent is False
    assert "undefined: there is nothing to divide by" in found.as_text()
    assert len(found.suppliers) == 0


def test_an_open_verdict_says_so(supply_of: SupplyOf) -> None:
    rows = [(2021, "CHN", "NLD", "810600", 300_000.0), (2021, "NLD", "DEU", "810600", 100_000.0)]
    found = explain(next(measure(supply_of(rows, "NLD"), [importer("NLD")])), method("cbs-2021"), "810600")
    assert found.dependent is None
    assert "The verdict is open" in found.as_text()
    assert "between 200,000 thousand USD and 300,000 thousand USD a year" in found.as_text()


def test_an_unknown_product_is_refused_with_near_ones(measured: Measurement, supply_of: SupplyOf) -> None:
    with pytest.raises(UnknownCodeError, match="no product 810690") as caught:
        explain(measured, COMMISSION, "810690", names={"810600": "Bismuth"})
    assert "Near codes: 810600 (Bismuth)." in str(caught.value)
    rows = [(2021, "CHN", "NLD", "810600", 1.0), (2021, "CHN", "DEU", "250410", 1.0)]
    supply = supply_of(rows, "NLD")
    with pytest.raises(UnknownCodeError, match="NLD did not import 250410 in 2021"):
        explain(next(measure(supply, [importer("NLD")])), COMMISSION, "250410")


def test_another_language_is_refused(measured: Measurement) -> None:
    with pytest.raises(UnknownCodeError, match="'fr'"):
        explain(measured, COMMISSION, "810600").as_text("fr")
