"""The part of an edition on raw materials: what its tables hold, where they come from, what they hang on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geomonitor.chains import load_chains
from geomonitor.codes import material_products
from geomonitor.data import EMBEDDED_NAME, embedded_dataset, governance, open_flows
from geomonitor.data.raw_materials import add_material_data, on_published_list, published_assessments
from geomonitor.errors import DataError, ProfileError, UnknownCodeError
from geomonitor.findings import Edition, frame_sha256, write_edition
from geomonitor.materials import at_one_decimal, materials_from_trade
from geomonitor.monitor import load_profile, make_edition, planned_edition_id
from geomonitor.monitor.material_sources import evaluated_materials, material_sources, only_materials
from geomonitor.monitor.material_tables import MATERIAL_TABLES, material_tables
from geomonitor.trade import importer, supply_tables

YEARS = (2022, 2023, 2024)
SMALL = """
name = "small"
years = [2022, 2023, 2024]
methods = ["cae-2021"]
table = false
shocks = false
importers = [{ code = "EU27_2020" }, { code = "NLD", home_group = "EU27_2020" }]
"""
SHARES = """Material,Stage,Country,Share,t
Tungsten,E,China,80%,1.2
Tungsten,E,Vietnam,12%,1.0
Tungsten,E,Russia,8%,1.0
Tungsten,P,China,90%,1.0
Tungsten,P,Austria,10%,0.8
Cobalt,E,Congo,70%,1.0
"""
INPUTS = """
[[input]]
material = "tungsten"
measure = "import_reliance"
stage = "processing"
importer = "EU27_2020"
value = 0.8
author = "panel of hard-metal makers"
date = 2026-01-31
source = "survey"
"""


@pytest.fixture
def profile_of(tmp_path: Path):
    def write(changes: str = ""):
        file = tmp_path / "profile.toml"
        file.write_text(SMALL + changes)
        return load_profile(file)

    return write


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    file = tmp_path_factory.mktemp("profile") / "profile.toml"
    file.write_text(SMALL)
    return make_edition(load_profile(file))


@pytest.fixture
def store_with_shares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    file = tmp_path / "shares.csv"
    file.write_text(SHARES.replace("Congo", '"Congo, D.R."'))
    with pytest.raises(UnknownCodeError, match="mine"):
        planned_edition_id(load_profile_with_tables(tmp_path))
    add_material_data(file, "eu-crm-world-supply", name="mine", years="2019-2021")
    return file


def load_profile_with_tables(folder: Path, more: str = ""):
    file = folder / "with-tables.toml"
    file.write_text(f'{SMALL}\n[materials]\ntables = ["mine"]\n{more}')
    return load_profile(file)


def tables_of(profile, **options) -> dict[str, pl.DataFrame]:
    """The tables alone, without an edition around them."""
    dataset, sources = embedded_dataset(), material_sources(profile)
    supply = supply_tables(
        open_flows(dataset, years=YEARS), profile.importers, YEARS, quantities=False, verified=True
    )
    evaluated = evaluated_materials(sources, profile.importers, supply=supply, dataset=dataset, years=YEARS)
    return material_tables(sources, evaluated, dataset=dataset, period="2022-2024", **options)


def test_every_table_is_there_and_sorted(edition: Edition) -> None:
    assert set(MATERIAL_TABLES) <= set(edition.tables)
    labels = {each["label"] for each in edition.record["importers"]}
    for name in ("materials", "material_stages", "material_factors", "material_suppliers"):
        table = edition.tables[name]
        assert set(table["label"]) == labels
        assert set(table["basis"]) == {"trade"}
        assert table.select("label", "material").rows() == sorted(table.select("label", "material").rows())
    keys = ["label", "material", "stage"]
    assert edition.tables["materials"].select(keys[:2]).is_unique().all()
    assert edition.tables["material_stages"].select(keys).is_unique().all()
    assert edition.tables["material_factors"].select([*keys, "factor"]).is_unique().all()
    assert edition.tables["material_suppliers"].select([*keys, "scope", "supplier"]).is_unique().all()
    assert edition.tables["material_published"].select("material", "year").is_unique().all()
    history = edition.tables["material_history"]
    assert history.select("material", "stage", "scope", "year").is_unique().all()


def test_the_stages_are_those_of_one_evaluation(edition: Edition) -> None:
    dataset = embedded_dataset()
    who = [importer("EU27_2020")]
    supply = supply_tables(
        open_flows(dataset, years=YEARS), who, YEARS, quantities=False, whole_dollars=True, verified=True
    )
    alone = materials_from_trade(None, "HS92", who, YEARS, governance(2024), supply=supply).assessment
    mine = edition.tables["material_stages"].filter(importer="EU27_2020")
    assert mine.select("material", "stage").rows() == alone.stages.select("material", "stage").rows()
    for name in ("supply_risk", "supply_risk_low", "governed_world", "main_supplier_share"):
        assert mine[name].to_list() == pytest.approx(alone.stages[name].to_list(), abs=1e-12)
    for name in ("main_supplier", "above_benchmark", "reason", "mixed"):
        assert mine[name].to_list() == alone.stages[name].to_list()
    verdicts = edition.tables["materials"].filter(importer="EU27_2020")
    unknown = verdicts.filter(pl.col("stage").is_null())
    assert set(unknown["reason"]) == {"no supply of it is known here"}
    assert {"gallium", "magnesium"} <= set(unknown["material"])
    measured = verdicts.filter(pl.col("stage").is_not_null())
    assert measured["critical"].to_list() == alone.materials["critical"].to_list()


def test_codes_are_counted_or_named_as_missing(edition: Edition) -> None:
    stages = edition.tables["material_stages"].filter(importer="EU27_2020")
    stated: dict[tuple[str, str], set[str]] = {}
    for each in material_products("HS92"):
        stated.setdefault((each.material, each.stage), set()).update(each.products)
    traded = set(open_flows(embedded_dataset()).select("product").unique().collect()["product"])
    for row in stages.iter_rows(named=True):
        counted = set(row["products"].split(";"))
        missing = set((row["products_missing"] or "").split(";")) - {""}
        assert counted <= stated[row["material"], row["stage"]] & traded
        assert missing <= stated[row["material"], row["stage"]] - traded
    assert stages.filter(pl.col("products_missing").is_not_null()).height


def test_factors_add_up_to_the_supply_risk(edition: Edition) -> None:
    factors = edition.tables["material_factors"].filter(pl.col("contribution").is_not_null())
    assert factors["factor"].n_unique() == 6
    difference = factors["supply_risk"] - factors["supply_risk_if_neutral"] - factors["contribution"]
    assert np.abs(difference.to_numpy()).max() < 1e-9
    stages = edition.tables["material_stages"]
    risk = factors.join(stages, on=["label", "material", "stage"], suffix="_of_stage")
    assert risk["supply_risk"].to_list() == risk["supply_risk_of_stage"].to_list()
    # where a number comes from stands beside it
    given = factors.filter(pl.col("factor").is_in(["recycling", "substitution"]), importer="EU27_2020")
    assert given["source"].str.starts_with("published ").all()


def test_suppliers_add_up_and_give_the_concentration(edition: Edition) -> None:
    suppliers = edition.tables["material_suppliers"]
    keys = ["label", "material", "stage", "scope"]
    sums = suppliers.group_by(keys).agg(
        pl.col("share").sum(), (pl.col("share") ** 2).sum().alias("concentration")
    )
    assert sums["share"].to_list() == pytest.approx([1.0] * sums.height)
    world = sums.filter(scope="world").join(edition.tables["material_stages"], on=keys[:3])
    assert world["concentration"].to_list() == pytest.approx(world["world_concentration"].to_list(), abs=1e-3)
    home = set(importer("EU27_2020").members)
    assert not home & set(suppliers.filter(scope="importer")["supplier"])
    assert suppliers["governance"].min() >= 0
    assert suppliers["governance"].max() <= 10


def test_history_covers_every_year_and_every_scope(edition: Edition) -> None:
    history = edition.tables["material_history"]
    assert set(history["scope"]) == {"world exports", "EU27_2020", "NLD"}
    assert history["year"].unique().sort().to_list() == list(embedded_dataset().years)
    assert history["concentration"].is_between(0, 1).all()


def test_published_values_follow_the_rule_and_the_lists(edition: Edition) -> None:
    table = edition.tables["material_published"]
    assert table.height == published_assessments().height
    # another method held before 2017
    assert (
        table.filter(pl.col("year") < 2017)["critical"].null_count()
        == table.filter(pl.col("year") < 2017).height
    )
    by_rule = table.filter(pl.col("year") >= 2017, pl.col("critical").is_not_null())
    risk = at_one_decimal(by_rule["supply_risk"].to_numpy()) >= 1 - 1e-9
    importance = at_one_decimal(by_rule["economic_importance"].to_numpy()) >= 2.8 - 1e-9
    assert by_rule["critical"].to_list() == (risk & importance).tolist()
    row = table.row(by_predicate=(pl.col("material") == "copper") & (pl.col("year") == 2023), named=True)
    assert (row["critical"], row["listed"]) == (False, True)
    for name, year, listed in table.select("material", "year", "listed").sample(30, seed=1).iter_rows():
        assert listed == on_published_list(name, year)
    latest = edition.tables["materials"].filter(importer="EU27_2020", material="tungsten").row(0, named=True)
    assert (latest["published_year"], latest["published_supply_risk"]) == (2023, 1.2)
    assert latest["published_critical"] is True


def test_the_stages_are_compared_as_published_and_in_trade(edition: Edition) -> None:
    table = edition.tables["material_comparison"]
    groups = table.select("measure", "source", "years").unique(maintain_order=True).rows()
    assert groups == [
        ("main supplier's share", "eu-crm-studies", "2016-2020"),
        ("main supplier's share", EMBEDDED_NAME, "2022-2024"),
        ("concentration", EMBEDDED_NAME, "2022-2024"),
    ]
    counts = dict(table.filter(source="eu-crm-studies").group_by("more_concentrated").len().iter_rows())
    assert counts["processing"] > counts["extraction"] > 0
    # cobalt is mined in one country more than it is refined in one
    cobalt = table.row(by_predicate=pl.col("material") == "cobalt", named=True)
    assert (cobalt["extraction_supplier"], cobalt["processing_supplier"]) == ("COD", "CHN")
    assert cobalt["difference"] < 0
    mixed = edition.tables["material_stages"].filter("mixed")
    assert mixed.height
    assert not set(mixed["material"]) & set(table.filter(source=EMBEDDED_NAME)["material"])


def test_chains_that_name_a_material_its_group_or_a_member(profile_of, edition: Edition) -> None:
    assert set(edition.tables["materials"]["chains"]) == {""}
    chosen = [chain for chain in load_chains() if chain.code in ("magnets", "defence_industry")]
    table = tables_of(profile_of(), chains=chosen)["materials"]
    chains = dict(table.filter(importer="EU27_2020").select("material", "chains").iter_rows())
    named = {one.material for chain in chosen if chain.code == "magnets"
             for stage in chain.stages for one in stage.materials}  # fmt: skip
    assert named & set(chains)
    assert all("magnets" in chains[code].split(";") for code in named & set(chains))
    assert "defence_industry" in chains["tungsten"].split(";")
    assert chains["gypsum"] == ""


def test_findings_say_what_the_tables_say(edition: Edition) -> None:
    findings = edition.findings.filter(pl.col("method").is_in(["eu-crm-2017", "crma-2024"]))
    assert findings.select("subject", "product", "measure", "method").is_unique().all()
    assert set(findings["verdict"]) <= {
        "met", "not met", "undefined", "critical", "not critical", "open"
    }  # fmt: skip
    table = edition.tables["materials"].filter(importer="EU27_2020")
    verdicts = findings.filter(subject="EU27_2020", measure="critical")
    assert dict(verdicts.select("product", "verdict").iter_rows()) == {
        name: "open" if critical is None else "critical" if critical else "not critical"
        for name, critical in table.select("material", "critical").iter_rows()
    }
    risks = findings.filter(subject="EU27_2020", measure="supply_risk")
    assert set(risks["threshold"]) == {1.0}
    for row in risks.join(table, left_on="product", right_on="material").iter_rows(named=True):
        low, high = row["supply_risk_low"], row["supply_risk_high"]
        if low is None or high is None:
            assert row["verdict"] == "undefined"
        elif row["verdict"] == "met":
            assert at_one_decimal(low) >= 1
        elif row["verdict"] == "not met":
            assert at_one_decimal(high) < 1
        else:
            assert at_one_decimal(low) < 1 <= at_one_decimal(high)
    assert set(findings["dataset_sha256"]) == {embedded_dataset().content_sha256}


def test_the_record_names_methods_and_sources(edition: Edition) -> None:
    about = edition.record["materials"]
    assert [each["id"] for each in about["methods"]] == ["eu-crm-2017", "crma-2024"]
    assert about["methods"][0]["thresholds"] == {"supply_risk": 1.0, "economic_importance": 2.8}
    assert {"eu-crm-2017", "eu-crm-2023", "eu-list-2023"} <= {each["code"] for each in about["facts"]}
    assert all(each["licence"] and each["citation"] for each in about["facts"])
    assert about["tables"] == about["inputs"] == about["only"] == []


def test_the_same_on_disk_and_from_another_engine(edition: Edition, profile_of, tmp_path: Path) -> None:
    opened = Edition.open(write_edition(edition, tmp_path).path)
    again = make_edition(profile_of(), engine="duckdb")
    for name in MATERIAL_TABLES:
        assert frame_sha256(opened.tables[name]) == frame_sha256(edition.tables[name])
        assert frame_sha256(again.tables[name]) == frame_sha256(edition.tables[name])


def test_without_the_part_there_is_nothing_of_it(profile_of, edition: Edition) -> None:
    made = make_edition(profile_of("materials = false"))
    assert not set(MATERIAL_TABLES) & set(made.tables)
    assert "materials" not in {key for key, value in made.record.items() if value}
    assert not set(made.findings["method"]) & {"eu-crm-2017", "crma-2024"}


def test_only_some_materials_and_inputs_of_people(profile_of, edition: Edition, tmp_path: Path) -> None:
    inputs = tmp_path / "inputs.toml"
    inputs.write_text(INPUTS)
    text = '[materials]\nonly = ["Wolfram", "boron"]\n'
    plain = planned_edition_id(profile_of(text))
    profile = profile_of(f'{text}inputs = ["inputs.toml"]\n')
    name, tables = planned_edition_id(profile), tables_of(profile)
    assert plain != name
    record = material_sources(profile).as_record()
    assert record["only"] == ["tungsten", "boron"]
    assert record["inputs"] == [
        {"name": "inputs.toml", "sha256": hashlib.sha256(inputs.read_bytes()).hexdigest()}
    ]
    inputs.write_text(INPUTS.replace("0.8", "0.7"))
    assert planned_edition_id(profile) != name
    inputs.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        planned_edition_id(profile)

    def processing(table: pl.DataFrame) -> dict[str, object]:
        rows = table.filter(importer="EU27_2020", material="tungsten", stage="processing")
        return rows.row(0, named=True)

    assert set(tables["materials"]["material"]) == {"tungsten", "boron"}
    assert processing(edition.tables["material_stages"])["supply_risk"] is None
    assert processing(tables["material_stages"])["import_reliance"] == 0.8
    assert processing(tables["material_stages"])["supply_risk"] is not None
    source = tables["material_factors"].filter(
        importer="EU27_2020", material="tungsten", stage="processing", factor="import_reliance"
    )["source"]
    assert source.to_list() == ["panel of hard-metal makers, 2026-01-31: survey"]
    with pytest.raises(DataError, match="no trade in helium"):
        tables_of(profile_of('[materials]\nonly = ["helium"]\n'))


def test_tables_of_production_stand_beside_trade(store_with_shares: Path, tmp_path: Path) -> None:
    profile = load_profile_with_tables(tmp_path)
    made = make_edition(profile)
    assert made.record["materials"]["tables"][0]["name"] == "mine"
    materials = made.tables["materials"].filter(importer="EU27_2020")
    measured = materials.filter(pl.col("stage").is_not_null())
    by_basis = measured.group_by("basis").agg(pl.col("material")).sort("basis")
    assert by_basis["basis"].to_list() == ["production", "trade"]
    assert sorted(by_basis["material"][0]) == ["cobalt", "tungsten"]
    row = made.tables["material_stages"].filter(
        basis="production", importer="EU27_2020", material="tungsten", stage="extraction"
    ).row(0, named=True)  # fmt: skip
    assert row["world_concentration"] == pytest.approx(0.8**2 + 0.12**2 + 0.08**2)
    assert (row["products"], row["import_value_kusd"], row["main_world_supplier"]) == (None, None, "CHN")
    compared = made.tables["material_comparison"].filter(source="mine", measure="concentration")
    assert compared.select("material", "years", "more_concentrated").rows() == [
        ("tungsten", "2019-2021", "processing")
    ]
    history = made.tables["material_history"].filter(scope="world production")
    assert history.select("material", "stage", "year").rows() == [
        ("cobalt", "extraction", 2021), ("tungsten", "extraction", 2021), ("tungsten", "processing", 2021)
    ]  # fmt: skip
    suppliers = made.tables["material_suppliers"].filter(basis="production", material="cobalt")
    assert suppliers["value_kusd"].null_count() == suppliers.height
    findings = made.findings.filter(dataset="mine")
    assert set(findings["product"]) == {"cobalt", "tungsten"}
    # another table, another edition
    add_material_data(store_with_shares, "eu-crm-world-supply", name="mine", years="2020-2022", replace=True)
    assert planned_edition_id(profile) != made.id


def test_one_code_with_two_homes_is_two_importers(tmp_path: Path) -> None:
    file = tmp_path / "two.toml"
    file.write_text(SMALL.replace('{ code = "EU27_2020" }', '{ code = "NLD" }'))
    made = tables_of(load_profile(file))
    stages = made["material_stages"]
    assert set(stages["label"]) == {"NLD", "NLD (home EU27_2020)"}
    values = dict(
        stages.filter(material="niobium", stage="processing").select("label", "import_value_kusd").iter_rows()
    )
    assert values["NLD"] > values["NLD (home EU27_2020)"]
    assert set(made["material_history"]["scope"]) == {"world exports", "NLD", "NLD (home EU27_2020)"}


def test_products_that_hold_no_material_are_left_out_of_the_supply() -> None:
    flows = pl.DataFrame(
        {
            "year": [2021, 2021, 2022, 2022],
            "exporter": ["CHN", "TUR", "CHN", "BRA"],
            "importer": ["NLD", "NLD", "DEU", "NLD"],
            "product": ["010110", "252890", "720293", "720293"],
            "value_kusd": [3.0, 2.0, 5.0, 7.0],
        }
    )
    supply = supply_tables(flows, [importer("NLD"), importer("EU27_2020")], [2021, 2022], quantities=False)
    narrow = only_materials(supply, "HS92")
    assert narrow.products == ("252890", "720293")
    for code in (None, "NLD", "EU27_2020"):
        whole = supply.table(code).filter(pl.col("product") != "010110")
        assert narrow.table(code).sort(pl.all()).rows() == whole.sort(pl.all()).rows()
    assert only_materials(narrow, "HS92") is narrow


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ("materials = 3", "materials holds int"),
        ('materials = "tungsten"', "materials holds str"),
        ('[materials]\ntable = ["mine"]', "does not exist: 'table'"),
        ('[materials]\ntables = "mine"', "tables holds str"),
        ("[materials]\ninputs = [3]", "inputs holds"),
        ('[materials]\nonly = ["unobtanium"]', "unobtanium"),
    ],
)
def test_wrong_keys_are_told(profile_of, changes: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        profile_of(changes)
