from __future__ import annotations

import json
from pathlib import Path

import pytest

from geomonitor.chains import STAGE_KINDS, StageMaterial, chain_named, load_chain, load_chains
from geomonitor.codes import HS_REVISIONS, MATERIAL_STAGES, material, material_products
from geomonitor.data import embedded_dataset
from geomonitor.data.input_output import oecd_sectors
from geomonitor.dependency import load_interests
from geomonitor.errors import DataError, UnknownCodeError

GOOD = """
code = "made"
name = { en = "Made", nl = "Gemaakt" }
source = "a test"
date = 2026-11-21
interests = ["transitions"]

[[stage]]
code = "ore"
kind = "extraction"
name = { en = "Ore", nl = "Erts" }
materials = [{ material = "natural graphite", stage = "extraction" }]
products = [{ prefixes = ["2504"], hs_revisions = "HS92-HS22" }]

[[stage]]
code = "car"
kind = "assembly"
name = { en = "Car", nl = "Auto" }
sectors = ["C29"]
buyers = ["G"]
"""


def test_the_shipped_chains_are_those_of_the_letter() -> None:
    known = load_interests().codes
    chains = load_chains(known_interests=known)
    assert {chain.code for chain in chains} == {
        "solar", "batteries", "magnets", "chips", "robotics", "medicines", "defence_industry",
    }  # fmt: skip
    for chain in chains:
        assert "letter to parliament of 13 January 2023" in chain.source
        assert len(chain.stages) >= 3
        kinds = [STAGE_KINDS.index(stage.kind) for stage in chain.stages]
        assert kinds == sorted(kinds), f"the stages of {chain.code} do not run downstream"
        for stage in chain.stages:
            assert set(stage.sectors) | set(stage.buyers) <= set(oecd_sectors())


def test_every_product_of_hs_1992_exists() -> None:
    codes = embedded_dataset().product_names()
    for chain in load_chains():
        for stage in chain.stages:
            for prefix in stage.prefixes("HS92"):
                assert any(code.startswith(prefix) for code in codes), f"{chain.code}, {stage.code}, {prefix}"


@pytest.mark.reference
@pytest.mark.parametrize(("revision", "number"), [(name, place) for place, name in enumerate(HS_REVISIONS)])
def test_every_product_exists_in_every_revision(reference_data: Path, revision: str, number: int) -> None:
    folder = reference_data / "trade" / "nomenclature" / "hs_descriptions"
    table = json.loads((folder / f"comtrade_classificationH{number}.json").read_text("utf-8"))
    codes = {each["id"] for each in table["results"]}
    assert len(codes) > 5000
    missing = [
        (chain.code, stage.code, prefix)
        for chain in load_chains()
        for stage in chain.stages
        for prefix in stage.prefixes(revision)
        if prefix not in codes
    ]
    assert missing == []


def test_stages_of_raw_materials_name_them() -> None:
    # what no study counts apart: chemicals of pharmacy, and silicon that is pure enough
    nameless = {("medicines", "raw_materials"), ("solar", "polysilicon"), ("chips", "silicon")}
    for chain in load_chains():
        for stage in chain.stages:
            named = stage.kind in MATERIAL_STAGES and (chain.code, stage.code) not in nameless
            assert bool(stage.materials) == named, f"{chain.code}, {stage.code}"
            for each in stage.materials:
                assert material(each.material).code == each.material
                assert each.stage == stage.kind
    wanted = {
        "batteries": {"lithium", "cobalt", "nickel", "natural_graphite", "manganese"},
        "magnets": {"neodymium", "dysprosium", "boron"},
        "chips": {"gallium", "germanium", "silicon_metal"},
        "solar": {"silicon_metal"},
        "defence_industry": {"tungsten", "magnesium", "titanium_metal"},
    }
    for code, materials in wanted.items():
        assert materials <= set(chain_named(code).materials)
    both = [stage.kind for stage in chain_named("batteries").stages if stage.kind in MATERIAL_STAGES]
    assert both == ["extraction"] * 5 + ["processing"] * 5


@pytest.mark.parametrize("revision", HS_REVISIONS)
def test_products_of_a_stage_hold_its_materials(revision: str) -> None:
    for chain in load_chains():
        for stage in chain.stages:
            holding = {
                product
                for each in stage.materials
                for entry in material_products(revision, each.material, each.stage)
                for product in entry.products
            }
            if stage.materials:
                assert any(product.startswith(stage.prefixes(revision)) for product in holding), (
                    f"{chain.code}, {stage.code}"
                )


def test_the_revision_chooses_the_codes() -> None:
    cells = {stage.code: stage for stage in chain_named("batteries").stages}["cells"]
    assert cells.prefixes("HS07") == ("850780",)
    assert cells.prefixes("HS12") == ("850760",)
    turbines = chain_named("magnets").stages[-1]
    assert turbines.prefixes("HS92") == ()
    minor = {stage.code: stage for stage in chain_named("chips").stages}["gallium_germanium"]
    assert minor.prefixes("HS96") == ("811230", "811291", "282560")
    assert minor.prefixes("HS02") == ("811230", "811292", "282560")
    assert minor.prefixes("HS07") == ("811292", "282560")
    for revision in HS_REVISIONS:
        assert chain_named("solar").products(revision, ["280461", "660110"]) == ("280461",)


def test_a_chain_of_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "made.toml").write_text(GOOD)
    chains = load_chains(tmp_path)
    assert chains[-1].code == "made"
    assert chains[-1].stages[1].buyers == ("G",)
    # names of a material are taken, and its code is kept
    assert chains[-1].stages[0].materials == (StageMaterial("natural_graphite", "extraction"),)
    assert chains[-1].stages[1].materials == ()
    assert chain_named("made", chains).products("HS22", ["250410", "250510"]) == ("250410",)


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('code = "made"', 'code = "Made It"', "key code", "cannot be a code"),
        ('code = "made"', "", "key code", "is missing"),
        ('source = "a test"', 'source = " "', "key source", "is empty"),
        ("date = 2026-11-21", 'date = "today"', "key date", "not a date"),
        ("date = 2026-11-21", "date = 2026-11-21T00:00:00", "key date", "not a date"),
        ('interests = ["transitions"]', 'interests = ["glory"]', "key interests", "no interest 'glory'"),
        ('interests = ["transitions"]', "interests = []", "key interests", "is empty"),
        (
            'name = { en = "Made", nl = "Gemaakt" }',
            'name = { en = "Made" }',
            "key name, key nl",
            "is missing",
        ),
        ('kind = "extraction"', 'kind = "mining"', "stage 1 (ore), key kind", "no kind 'mining'"),
        ('kind = "extraction"', 'kind = "extraction"\nkid = 1', "stage 1 (ore), key kid", "no key 'kid'"),
        ('["2504"]', '["25040"]', "stage 1 (ore), products 1, key prefixes", "not a product prefix"),
        ('["2504"]', "[2504]", "stage 1 (ore), products 1, key prefixes", "not a product prefix"),
        ('"HS92-HS22"', '"HS22-HS92"', "products 1, key hs_revisions", "not a range"),
        ('sectors = ["C29"]', 'sectors = ["C2999"]', "stage 2 (car), key sectors", "no sector 'C2999'"),
        ('sectors = ["C29"]', "", "stage 2 (car), key note", "Neither materials nor products nor sectors"),
        ('sectors = ["C29"]', 'note = "x"', "stage 2 (car), key buyers", "Buyers need sectors"),
        ('code = "car"', 'code = "ore"', "key stage", "there twice"),
        ('"natural graphite"', '"graphit"', "materials 1, key material", "'graphit' is not known"),
        ('"natural graphite"', "1", "materials 1, key material", "not a text"),
        (', stage = "extraction" }', " }", "materials 1, key stage", "is missing"),
        (', stage = "extraction" }', ', stage = "mining" }', "materials 1, key stage", "at 'mining'"),
        (', stage = "extraction" }', ', stage = "processing" }', "materials 1, key stage", "does not yield"),
        ('kind = "extraction"', 'kind = "component"', "materials 1, key stage", "does not yield"),
        (
            "materials = [",
            'materials = [{ material = "natural_graphite", stage = "extraction" }, ',
            "materials 2, key material",
            "there twice",
        ),
        ("materials = [{", "materials = [{ share = 1.0,", "materials 1, key share", "no key 'share'"),
        ('code = "made"', 'code = "made', "made.toml", "no TOML"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, old: str, new: str, where: str, what: str) -> None:
    assert old in GOOD
    file = tmp_path / "made.toml"
    file.write_text(
        GOOD.replace(old, new, 1).replace('buyers = ["G"]', "" if "note" in where else 'buyers = ["G"]')
    )
    with pytest.raises(DataError, match=what) as raised:
        load_chain(file, known_interests=load_interests().codes)
    assert str(file) in raised.value.where
    assert where in raised.value.where


def test_one_chain_is_not_defined_twice(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD.replace('"made"', '"solar"'))
    with pytest.raises(DataError, match=r"'solar' is in solar.toml too"):
        load_chains(tmp_path)


def test_a_folder_without_chains_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no chain files"):
        load_chains(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        load_chain(tmp_path / "none.toml")


def test_an_unknown_chain_is_named_with_near_ones() -> None:
    with pytest.raises(UnknownCodeError, match="no chain 'magnet'") as raised:
        chain_named("magnet")
    assert "magnets" in raised.value.next_step
