from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.codes import (
    HS_REVISIONS,
    MATERIAL_STAGES,
    MaterialProduct,
    hs_chapter,
    material,
    material_members,
    material_name,
    material_products,
    materials,
)
from geomonitor.errors import UnknownCodeError

CODES = [found.code for found in materials()]

LIGHT = {"cerium", "lanthanum", "neodymium", "praseodymium", "samarium"}
HEAVY = {
    "dysprosium",
    "erbium",
    "europium",
    "gadolinium",
    "holmium",
    "lutetium",
    "terbium",
    "thulium",
    "ytterbium",
    "yttrium",
}
PLATINUM_GROUP = {"iridium", "palladium", "platinum", "rhodium", "ruthenium"}

# Regulation (EU) 2024/1252, Annex I, section 1, with its rare earths for permanent magnets one by one.
STRATEGIC = {
    "bismuth",
    "boron",
    "cobalt",
    "copper",
    "gallium",
    "germanium",
    "lithium",
    "magnesium",
    "manganese",
    "natural_graphite",
    "nickel",
    "silicon_metal",
    "titanium_metal",
    "tungsten",
    "bauxite",
    "aluminium",
    *("neodymium", "praseodymium", "terbium", "dysprosium", "gadolinium", "samarium", "cerium"),
}

# What is in the embedded extract but no raw material: a finished catalyst, and waste and scrap.
NOT_RAW = {"711510", "711290"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tungsten", "tungsten"),
        ("Wolfraam", "tungsten"),
        ("W", "tungsten"),
        ("Tungsten (W)", "tungsten"),
        ("Barytes", "baryte"),
        ("barite", "baryte"),
        ("vloeispaat", "fluorspar"),
        ("Fosfaaterts", "phosphate_rock"),
        ("Phosphorous", "phosphorus"),
        ("natuurlijk grafiet", "natural_graphite"),
        ("Graphite", "natural_graphite"),
        ("Natural Teak\nwood", "natural_teak_wood"),
        ("  silicon   METAL ", "silicon_metal"),
        ("Siliciummetaal", "silicon_metal"),
        ("Zware zeldzame aardmetalen", "heavy_rare_earths"),
        ("Heavy Rare earths Elements", "heavy_rare_earths"),
        ("LREEs", "light_rare_earths"),
        ("Rare Earths (REO)", "rare_earths"),
        ("platinum-group metals", "platinum_group_metals"),
        ("Titanium", "titanium"),
        ("Titanium metal", "titanium_metal"),
        ("veldspaat", "feldspar"),
    ],
)
def test_names_in_use(text: str, code: str) -> None:
    assert material(text).code == code


@pytest.mark.parametrize("code", CODES)
def test_a_material_is_found_by_every_name_it_has(code: str) -> None:
    found = material(code)
    for name in (found.name_en, found.name_nl, *found.synonyms):
        assert material(name.upper()).code == code
        assert material(name.replace(" ", "-")).code == code
    assert material_name(code, "en") == found.name_en
    assert material_name(code, "nl") == found.name_nl


def test_names_are_given_once_in_each_language() -> None:
    for language in ("en", "nl"):
        names = [material_name(code, language) for code in CODES]
        assert all(names)
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["", "C", "unobtainium", "metal", "natural", "w", "co"])
def test_an_unknown_or_ambiguous_name_is_named(text: str) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        material(text, where="shares.csv, row 3")
    assert repr(text) in str(caught.value)
    assert "row 3" in str(caught.value)


def test_near_names_are_proposed() -> None:
    with pytest.raises(UnknownCodeError, match="tungsten"):
        material("tungstn")
    with pytest.raises(UnknownCodeError, match="language 'de'"):
        material_name("tungsten", "de")


@settings(max_examples=100)
@given(st.text(max_size=12))
def test_any_text_gives_a_material_or_an_error(text: str) -> None:
    try:
        found = material(text)
    except UnknownCodeError:
        return
    assert found.code in CODES


def test_groups_and_their_members() -> None:
    assert set(material_members("light_rare_earths")) == LIGHT
    assert set(material_members("heavy_rare_earths")) == HEAVY
    assert set(material_members("rare_earths")) == {*LIGHT, *HEAVY, "scandium"}
    assert set(material_members("platinum_group_metals")) == PLATINUM_GROUP
    assert material_members("gallium") == ("gallium",)
    assert material("yttrium").parents == ("heavy_rare_earths", "rare_earths")
    assert {parent for found in materials() for parent in found.parents} <= set(CODES)


def test_strategic_raw_materials_are_those_of_the_regulation() -> None:
    groups = {"rare_earths", "light_rare_earths", "heavy_rare_earths", "platinum_group_metals"}
    assert {found.code for found in materials() if found.strategic} == STRATEGIC | PLATINUM_GROUP | groups
    assert material("lithium").strategic_scope == "battery grade"
    assert material("boron").strategic_scope == "metallurgy grade"
    assert all(found.strategic == bool(found.strategic_scope) for found in materials())
    for code in ("light_rare_earths", "heavy_rare_earths", "rare_earths"):
        named = set(material(code).strategic_scope.replace(",", "").split()) & set(CODES)
        assert named == {member for member in material_members(code) if material(member).strategic}


def every_statement() -> dict[str, tuple[MaterialProduct, ...]]:
    return {revision: material_products(revision) for revision in HS_REVISIONS}


def test_every_statement_is_whole() -> None:
    for revision, statements in every_statement().items():
        for found in statements:
            assert found.material in CODES
            assert found.stage in MATERIAL_STAGES
            assert found.products
            assert len(set(found.products)) == len(found.products)
            assert revision in found.hs_revisions
            assert found.content
            assert found.source
            # a share is known only where nothing else is in the code; else what else is must be said
            assert found.share in (1.0, None)
            assert (found.share is None) == bool(found.mixed_with), found


def test_a_material_names_a_product_once_a_stage() -> None:
    for revision, statements in every_statement().items():
        seen = [(found.material, found.stage, code) for found in statements for code in found.products]
        assert len(set(seen)) == len(seen), revision


def test_a_code_is_whole_for_one_material_or_its_groups_only() -> None:
    related = {
        # bauxite and alumina are the first steps of aluminium
        frozenset({"aluminium", "bauxite"}),
    }
    for revision, statements in every_statement().items():
        whole: dict[str, set[str]] = {}
        for found in statements:
            if found.share == 1.0:
                for code in found.products:
                    whole.setdefault(code, set()).add(found.material)
        for code, owners in whole.items():
            for one in owners:
                for other in owners - {one}:
                    kin = other in material(one).parents or one in material(other).parents
                    assert kin or frozenset({one, other}) in related or "roundwood" in (one, other), (
                        revision,
                        code,
                        owners,
                    )


def test_every_stage_has_principal_products() -> None:
    for revision, statements in every_statement().items():
        stages = {(found.material, found.stage) for found in statements}
        principal = {(found.material, found.stage) for found in statements if found.principal}
        assert stages == principal, (revision, stages - principal)


def test_a_material_has_the_same_stages_in_every_revision() -> None:
    stages = {
        revision: {(found.material, found.stage) for found in statements}
        for revision, statements in every_statement().items()
    }
    assert all(found == stages["HS92"] for found in stages.values())


def test_every_single_material_has_products() -> None:
    mapped = {found.material for found in material_products("HS22")}
    assert mapped == set(CODES)


def products(revision: str, code: str, stage: str, share: float | None = 1.0) -> set[str]:
    return {
        product
        for found in material_products(revision, code, stage)
        if found.share == share
        for product in found.products
    }


def test_what_the_revisions_changed() -> None:
    assert products("HS92", "germanium", "processing") == {"811230"}
    assert products("HS12", "germanium", "processing") == set()
    assert products("HS12", "germanium", "processing", share=None) == {"811292", "282560"}
    assert products("HS92", "gallium", "processing", share=None) == {"811291"}
    assert products("HS22", "hafnium", "processing") == {"811231"}
    assert products("HS22", "rhenium", "processing") == {"811241"}
    assert products("HS07", "boron", "extraction") == {"252810", "252890"}
    assert products("HS12", "boron", "extraction") == {"252800"}
    assert products("HS92", "titanium_metal", "processing") == {"810810"}
    assert products("HS02", "titanium_metal", "processing") == {"810820"}
    assert products("HS22", "bismuth", "processing") == {"810610", "810690"}
    assert products("HS92", "rhodium", "processing") == {"711031", "711039"}
    assert products("HS92", "lithium", "extraction") == set()
    assert products("HS92", "tellurium", "processing", share=None) == {"280450"}


def test_waste_and_scrap_inside_a_code_is_said() -> None:
    for revision, code in (
        ("HS92", "810191"),
        ("HS92", "810510"),
        ("HS96", "811000"),
        ("HS17", "810600"),
        ("HS92", "811291"),
        ("HS22", "811292"),
        ("HS22", "811100"),
    ):
        stated = [found for found in material_products(revision) if code in found.products]
        assert stated
        assert all("waste and scrap" in found.note.casefold() for found in stated), (revision, code)


def test_unknown_questions_are_named() -> None:
    with pytest.raises(UnknownCodeError, match="stage 'mining'"):
        material_products("HS92", stage="mining")
    with pytest.raises(UnknownCodeError, match="HS18"):
        material_products("HS18")
    with pytest.raises(UnknownCodeError, match="unobtainium"):
        material_products("HS92", "unobtainium")
    assert material_products("H0", "Wolfraam") == material_products("HS92", "tungsten")


def latin_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="latin-1", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.reference
@pytest.mark.parametrize("number", range(7))
def test_every_product_is_in_the_revision(reference_data: Path, number: int) -> None:
    revision = list(HS_REVISIONS)[number]
    tables = reference_data / "trade/nomenclature/hs_descriptions"
    described = json.loads(
        (tables / f"comtrade_classificationH{number}.json").read_text(encoding="utf-8-sig")
    )
    known = {entry["id"] for entry in described["results"] if len(entry["id"]) == 6}
    assert len(known) > 5000
    used = {code for found in material_products(revision) for code in found.products}
    assert used - known == set()
    baci = {
        "HS92": "product_codes_HS92_V202401b.csv",
        "HS02": "baci_product_codes_HS02_V202501.csv",
        "HS17": "baci_product_codes_HS17_V202301.csv",
        "HS22": "baci_product_codes_HS22_V202501.csv",
    }
    if revision in baci:
        with (tables / baci[revision]).open(encoding="utf-8-sig", newline="") as handle:
            assert used - {row["code"].zfill(6) for row in csv.DictReader(handle)} == set()


@pytest.mark.reference
def test_the_map_follows_the_concordances(reference_data: Path) -> None:
    """A code that is whole in one revision comes from codes that name the material in the revision before."""
    path = reference_data / "trade/nomenclature/hs_concordance/HS_consolidated_comtrade_concordances.csv"
    before: dict[tuple[str, str], set[str]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            before.setdefault((row["adjustment"], row["code.after"].zfill(6)), set()).add(
                row["code.before"].zfill(6)
            )
    years = list(HS_REVISIONS.items())
    traced = 0
    untraced = set()
    for (older, older_year), (newer, newer_year) in itertools.pairwise(years):
        named: dict[str, set[str]] = {}
        for found in material_products(older):
            named.setdefault(found.material, set()).update(found.products)
        for found in material_products(newer):
            if found.share != 1.0:
                continue
            for code in found.products:
                origins = before.get((f"{newer_year} to {older_year}", code), set())
                traced += bool(origins)
                if origins and not origins & named[found.material]:
                    untraced.add((newer, found.material, code, *sorted(origins)))
    assert traced > 1000
    assert untraced == set()


@pytest.mark.reference
def test_every_raw_material_of_the_embedded_extract_is_mapped(reference_data: Path) -> None:
    path = reference_data / "trade/baci_hs92_rawmaterials_1995_2024/products_in_extract.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        extract = {row["code"] for row in csv.DictReader(handle)}
    assert len(extract) == 74
    mapped = {code for found in material_products("HS92") for code in found.products}
    assert extract - mapped == NOT_RAW
    assert {hs_chapter(code) for code in extract & mapped} >= {"25", "26", "27", "28", "71", "72", "81"}


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("materials/eu_crm/dimension_CRMsOverTime.csv", "Material"),
        ("materials/eu_crm/fact_GlobalSupplyShares_t.csv", "Material"),
        ("materials/eu_crm/fact_EUSupplyShares_t.csv", "Material"),
        ("materials/eu_crm/fact_MaterialUseShares.csv", "Material"),
        ("materials/eu_crm/eu_crm_2017_results.csv", "material"),
        ("materials/eu_crm/dimension_ScreenedMatGroupings.csv", "screened_material"),
        ("materials/world_mining_data_2018_2024/production_long.csv", "mineral"),
        ("materials/world_mining_data_2018_2024/HS_Code_Map.csv", "Sheet_name"),
        ("materials/world_mining_data_2018_2024/HS_Code_Map.csv", "Reference ID"),
    ],
)
def test_every_material_of_the_sources_is_known(reference_data: Path, name: str, column: str) -> None:
    names = {row[column] for row in latin_rows(reference_data / name) if row.get(column)}
    # a byte-order mark and the end of a quoted list of industries stand where a name should
    found = {text for text in names if text != "vehicles"}
    assert len(found) > 50
    for text in found:
        assert material(text).code in CODES


@pytest.mark.reference
def test_every_material_of_the_iea_is_known(reference_data: Path) -> None:
    data = json.loads((reference_data / "materials/iea_cmde_2024/iea.json").read_text(encoding="utf-8"))
    assert {material(name).code for name in data["supply"]} == {
        "copper",
        "cobalt",
        "lithium",
        "nickel",
        "natural_graphite",
        "rare_earths",
    }
