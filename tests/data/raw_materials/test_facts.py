from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from geomonitor.codes import ECONOMY_CODES, MATERIAL_STAGES, material, material_members, materials
from geomonitor.data.raw_materials import facts
from geomonitor.data.raw_materials.facts import (
    fact_sources,
    on_published_list,
    published_assessments,
    published_list,
    published_list_years,
    published_main_suppliers,
    recycling_rates,
)
from geomonitor.errors import DataError, UnknownCodeError

CODES = {found.code for found in materials()}


def build_script() -> ModuleType:
    path = Path(__file__).resolve().parents[3] / "scripts" / "build_material_facts.py"
    specification = importlib.util.spec_from_file_location("build_material_facts", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def by_rule(year: int, economic_importance: float) -> set[str]:
    assessed = published_assessments().filter(
        pl.col("year") == year,
        pl.col("supply_risk") >= 1.0,
        pl.col("economic_importance") >= economic_importance,
    )
    return set(assessed["material"])


def test_tables_have_known_codes_and_sources() -> None:
    for table in (published_assessments(), published_main_suppliers(), recycling_rates()):
        assert not table.is_empty()
        assert set(table["material"]) <= CODES
        assert set(table["source"]) <= set(fact_sources())
    assert set(published_main_suppliers()["economy"]) <= set(ECONOMY_CODES)
    assert set(published_main_suppliers()["stage"]) == set(MATERIAL_STAGES)
    assert set(published_main_suppliers()["scope"]) == {"world", "EU sourcing"}


def test_every_source_says_what_to_cite() -> None:
    for source in fact_sources().values():
        assert source.title
        assert source.citation
        assert source.producer
        assert source.licence
        assert source.licence_url.startswith("https://")


def test_figures_are_within_their_bounds() -> None:
    table = published_assessments()
    assert table.select("material", "year").is_duplicated().sum() == 0
    for column in ("supply_risk", "economic_importance", "governed_world", "governed_sourcing"):
        assert table[column].drop_nulls().is_between(0, 10).all()
    for column in ("import_reliance", "recycling_rate", "substitution_economic", "substitution_risk"):
        assert table[column].drop_nulls().is_between(0, 1).all()
    assert published_main_suppliers()["share"].is_between(0, 1, closed="right").all()
    rates = recycling_rates()
    assert rates["recycling_rate"].is_between(0, 1).all()
    assert rates.select("material", "year").is_duplicated().sum() == 0
    assert set(rates["year"]) == {2017, 2023}


def test_the_study_of_2017_has_all_inputs() -> None:
    inputs = published_assessments().filter(pl.col("stage").is_not_null())
    assert inputs.height == 78
    assert set(inputs["year"]) == {2017}
    assert inputs["supply_basis"].null_count() == 0
    assert inputs["governed_world"].null_count() == 0
    assert inputs.filter(material="beryllium").select("import_reliance", "governed_sourcing").row(0) == (
        None,
        None,
    )
    assert inputs.filter(material="tungsten").drop("year", "source").row(0) == (
        "tungsten",
        "extraction",
        1.8,
        7.3,
        0.44,
        0.42,
        0.9,
        1.0,
        7.5,
        1.9,
        "world and sourcing",
    )


def test_what_was_not_assessed_has_no_row() -> None:
    table = published_assessments()
    assert table.filter(material="arsenic", year=2017).is_empty()
    assert table.filter(material="bauxite", year=2023).is_empty()
    assert table.filter(material="arsenic", year=2020).height == 1
    assert recycling_rates().filter(material="gallium")["year"].to_list() == [2017]
    assert recycling_rates().filter(material="uranium").is_empty()


@pytest.mark.parametrize(("year", "entries"), [(2011, 14), (2014, 20), (2017, 27), (2020, 30), (2023, 34)])
def test_lists_have_their_published_length(year: int, entries: int) -> None:
    listed = published_list(year)
    assert len(set(listed)) == len(listed) == entries
    assert set(listed) <= CODES
    assert all(on_published_list(code, year) for code in listed)
    assert year in published_list_years()


@pytest.mark.parametrize(
    ("year", "economic_importance", "by_other_means"),
    [
        # 2011 and 2014 asked an importance of 5; in 2011 rare earths were assessed as two groups and scandium
        (2011, 5.0, {"rare_earths"}),
        (2014, 5.0, set()),
        (2017, 2.8, {"coking_coal"}),
        (2020, 2.8, set()),
        (2023, 2.8, {"copper", "nickel"}),
    ],
)
def test_lists_follow_from_the_published_values(
    year: int, economic_importance: float, by_other_means: set[str]
) -> None:
    critical = by_rule(year, economic_importance)
    assert set(published_list(year)) - critical == by_other_means
    assert all(on_published_list(code, year) for code in critical)
    groups = {"heavy_rare_earths", "light_rare_earths", "platinum_group_metals"}
    single = {
        code for code in critical - groups if not groups & set(material(code).parents) and code != "scandium"
    }
    assert single <= set(published_list(year))


def test_members_of_groups_and_joint_entries() -> None:
    for year in (2014, 2017, 2020, 2023):
        for group in ("light_rare_earths", "heavy_rare_earths", "platinum_group_metals"):
            assert all(on_published_list(member, year) for member in material_members(group))
    assert on_published_list("Palladium", 2023)
    assert on_published_list("bauxite", 2020)
    assert not on_published_list("aluminium", 2020)
    assert on_published_list("bauxite", 2023)
    assert on_published_list("aluminium", 2023)
    assert on_published_list("titanium_metal", 2020)
    assert not on_published_list("titanium", 2023)
    assert on_published_list("rare_earths", 2020)
    assert on_published_list("scandium", 2011)
    assert not on_published_list("scandium", 2014)
    assert not on_published_list("rare_earths", 2014)
    assert not on_published_list("gold", 2023)


def test_unknown_years_and_materials_are_named() -> None:
    with pytest.raises(UnknownCodeError, match="2019"):
        published_list(2019)
    with pytest.raises(UnknownCodeError, match="2026"):
        on_published_list("tungsten", 2026)
    with pytest.raises(UnknownCodeError, match="unobtainium"):
        on_published_list("unobtainium", 2020)


def test_main_suppliers() -> None:
    table = published_main_suppliers()
    found = {
        (row["material"], row["stage"], row["scope"]): (row["economy"], row["share"])
        for row in table.iter_rows(named=True)
    }
    assert found["cobalt", "extraction", "world"] == ("COD", 0.628)
    assert found["boron", "extraction", "EU sourcing"] == ("TUR", 0.99)
    assert found["niobium", "processing", "EU sourcing"] == ("BRA", 0.82)
    assert found["magnesium", "processing", "EU sourcing"] == ("CHN", 0.97)
    # shares that add up to 77 % and 88.7 % give no largest supplier
    assert ("tungsten", "extraction", "EU sourcing") not in found
    assert ("vanadium", "processing", "world") not in found
    # a tie has a row for each
    gold = table.filter(material="gold", scope="EU sourcing")
    assert gold["economy"].to_list() == ["BGR", "FIN"]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("main_suppliers.csv", "material,stage\nx"),
        ("recycling_rates.csv", "material,recycling_rate,year,source\ntin,much,2017,eu-crm-2017\n"),
        ("recycling_rates.csv", "material,recycling_rate,year,source\ntin,0.1,2017,hearsay\n"),
        ("recycling_rates.csv", None),
        ("sources.toml", "[eu-crm-2017\n"),
        ("sources.toml", "[eu-crm-2017]\ntitle = 'no citation'\n"),
    ],
)
def test_damaged_facts_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: str | None
) -> None:
    shutil.copytree(facts._FACTS, tmp_path / "facts")
    if damage is None:
        (tmp_path / "facts" / name).unlink()
    else:
        (tmp_path / "facts" / name).write_text(damage, encoding="utf-8")
    monkeypatch.setattr(facts, "_FACTS", tmp_path / "facts")
    for cached in (facts._table, facts._sources):
        cached.cache_clear()
    try:
        with pytest.raises(DataError, match="cannot be read") as caught:
            (published_main_suppliers(), recycling_rates())
        assert name in str(caught.value)
    finally:
        for cached in (facts._table, facts._sources):
            cached.cache_clear()


def test_the_script_names_a_reference_folder_that_lacks_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_script().main([str(tmp_path), "--check"]) == DataError.exit_status
    assert "lacks a file" in capsys.readouterr().err


@pytest.mark.reference
def test_facts_are_those_of_the_reference_data(
    reference_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = build_script()
    assert script.main([str(reference_data / "materials"), "--check"]) == 0
    assert capsys.readouterr().out == "Differ: none\n"
    shutil.copytree(script.FACTS, tmp_path / "facts")
    changed = tmp_path / "facts" / "main_suppliers.csv"
    changed.write_text(changed.read_text(encoding="utf-8").replace("0.628", "0.629"), encoding="utf-8")
    monkeypatch.setattr(script, "FACTS", tmp_path / "facts")
    assert script.main([str(reference_data / "materials"), "--check"]) == 1
    assert capsys.readouterr().out == "Differ: main_suppliers.csv\n"
    assert "0.629" in changed.read_text(encoding="utf-8")
    assert script.main([str(reference_data / "materials")]) == 0
    assert "0.629" not in changed.read_text(encoding="utf-8")
