"""The part of an edition on value chains: what its tables hold, and what it hangs on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geomonitor.chains import exposure, leontief_system, stack_chain
from geomonitor.data.input_output import InputOutputTable, embedded_input_output, save_input_output
from geomonitor.errors import ProfileError, UnknownCodeError
from geomonitor.findings import Edition, compare, frame_sha256, write_edition
from geomonitor.monitor import load_profile, make_edition, planned_edition_id
from geomonitor.monitor.chain_tables import CHAIN_TABLES

SMALL = """
name = "small"
years = [2022]
methods = ["commission-2021"]
counterparts = ["HKG", "CHN", "IRN"]
# what takes long, and says nothing of chains
materials = false
shocks = false
importers = [{ code = "NLD", home_group = "EU27_2020" }, { code = "BENELUX" }]
"""


@pytest.fixture(scope="module")
def edition(real_edition: Edition) -> Edition:
    return real_edition


@pytest.fixture
def profile_of(tmp_path: Path):
    def write(changes: str = ""):
        file = tmp_path / "profile.toml"
        file.write_text(SMALL + changes)
        return load_profile(file)

    return write


def test_every_table_is_there_and_belongs_to_an_importer(edition: Edition) -> None:
    assert set(CHAIN_TABLES) <= set(edition.tables)
    known = {(each["code"], each["home_code"]) for each in edition.record["importers"]}
    for name in CHAIN_TABLES[1:]:
        assert set(edition.tables[name].select("importer", "home").unique().rows()) == known


def test_exposure_is_that_of_one_question(edition: Edition) -> None:
    table = edition.tables["exposure"]
    system = leontief_system(embedded_input_output())
    for to, sectors, family in (("EU27_2020", ["manufacturing"], "manufacturing"), ("SVN", None, "all")):
        asked = exposure(system, to, "CHN", sectors=sectors).total
        row = table.row(
            by_predicate=(pl.col("economy") == to)
            & (pl.col("origin") == "CHN")
            & (pl.col("sectors") == family),
            named=True,
        )
        for name in ("face_value_share", "look_through_share", "value_added_share"):
            assert row[name] == pytest.approx(asked[name], abs=1e-11)


def test_exposure_covers_importers_members_and_origins(edition: Edition) -> None:
    table = edition.tables["exposure"]
    members = set(edition.record["importers"][0]["members"])
    assert set(table["economy"]) == members | {"EU27_2020"}
    origins = table["origin"].unique(maintain_order=True).to_list()
    assert origins[:4] == ["CHN", "USA", "RUS", "TUR"]
    assert 10 <= len(origins) <= 14
    assert not members & set(origins)
    assert table.height == len(origins) * 28 * 2
    assert table.select("economy", "origin", "sectors").is_unique().all()
    shares = table.select(pl.col("^.*_share$"))
    assert shares.min_horizontal().min() >= 0
    # a part of the origins together is less than the whole
    sums = table.group_by("economy", "sectors").agg(pl.col("^.*_share$").sum())
    assert sums.select(pl.col("^.*_share$")).max_horizontal().max() < 1


def test_the_total_is_the_mean_of_the_sectors(edition: Edition) -> None:
    sectors = edition.tables["exposure_sectors"].filter(pl.col("importer") == "EU27_2020")
    known = sectors.filter(pl.col("look_through_share").is_not_null())
    mean = (known["look_through_share"] * known["output_musd"]).sum() / known["output_musd"].sum()
    total = edition.tables["exposure"].filter(
        pl.col("economy") == "EU27_2020", pl.col("origin") == "CHN", pl.col("sectors") == "all"
    )
    assert mean == pytest.approx(total["look_through_share"][0], rel=1e-6)


def test_paths_add_up_to_their_coverage(edition: Edition) -> None:
    paths, links = edition.tables["paths"], edition.tables["path_links"]
    keys = ["importer", "home", "origin"]
    assert paths.select(keys).unique().height == 4
    for key, part in paths.group_by(keys):
        assert part.height == 15
        assert part["exact"].all()
        assert part["exposure_share"].sum() == pytest.approx(part["coverage"][0])
        assert part["path"].str.starts_with(f"{key[2]}_").all()
        mine = links.filter(
            pl.col("importer") == key[0], pl.col("home") == key[1], pl.col("origin") == key[2]
        )
        (rest,) = mine.filter(pl.col("target") == key[0]).rows(named=True)
        assert rest["source"] == f"{key[2]}: other paths"
        whole = part["origin_value_added_share"][0]
        assert rest["product_value_share"] == pytest.approx(whole * (1 - part["coverage"][0]))


def test_shares_of_a_known_stage_add_up_and_unknown_ones_say_why(edition: Edition) -> None:
    stages = edition.tables["chain_stages"]
    keys = ["importer", "home", "chain", "stage"]
    known = stages.filter("known").group_by(keys).agg(pl.col("share").sum())
    assert known["share"].to_list() == pytest.approx([1.0] * known.height)
    unknown = stages.filter(~pl.col("known"))
    assert unknown.height
    assert unknown.select(keys).is_unique().all()
    assert unknown["supplier"].null_count() == unknown["share"].null_count() == unknown.height
    assert unknown["source"].str.starts_with("unknown: ").all()
    home = set(edition.record["importers"][0]["members"])
    assert not home & set(stages["supplier"].drop_nulls())


def test_world_supply_is_told_apart_and_cited(edition: Edition) -> None:
    stages = edition.tables["chain_stages"]
    world = stages.filter(pl.col("evidence") == "production")
    assert set(world.filter(pl.col("chain") == "chips")["stage"]) == {
        "tantalum_ores", "gallium_germanium", "silicon_metal",
    }  # fmt: skip
    for importer, source in world.select("importer", "source").iter_rows():
        assert source.startswith(f"production: world supply, not supply to {importer}")
    assert (world["unit"] == "share of world supply").all()
    assert set(stages["evidence"]) == {"trade", "input-output", "production", "unknown"}
    record = edition.record["chains"]["world_supply"]
    assert [each["code"] for each in record["sources"]] == ["eu-crm-2023"]
    assert record["sources"][0]["citation"]
    assert len(record["sha256"]) == 64


def test_stages_name_their_raw_materials(edition: Edition) -> None:
    stages = edition.tables["chain_stages"].filter(pl.col("importer") == "NLD")
    named = dict(stages.select(pl.concat_str("chain", "stage", separator="/"), "materials").iter_rows())
    assert named["chips/gallium_germanium"] == "gallium;germanium"
    assert named["chips/wafers"] == ""
    described = {each["code"]: each for each in edition.record["chains"]["described"]}
    (minor,) = [each for each in described["chips"]["stages"] if each["code"] == "gallium_germanium"]
    assert minor["kind"] == "processing"
    assert minor["materials"] == [
        {"material": code, "stage": "processing"} for code in ("gallium", "germanium")
    ]


def test_stacking_is_that_of_the_stages(edition: Edition) -> None:
    stages = edition.tables["chain_stages"].filter(pl.col("importer") == "NLD", pl.col("chain") == "magnets")
    values = []
    for _, part in stages.sort("place").group_by("place", maintain_order=True):
        shares = dict(part.select("supplier", "share").iter_rows())
        # where only the largest supplier is known, the dependence on others is not
        others = float("nan") if shares.get("XXX", 0.0) > 0.05 else 0.0
        values.append([shares.get("CHN", others) if part["known"][0] else float("nan")])
    threshold = edition.record["chains"]["threshold"]
    names = [str(number) for number in range(len(values))]
    expected = stack_chain(values, ["CHN"], names, threshold=threshold).table.row(0, named=True)
    found = edition.tables["chain_stacking"].row(
        by_predicate=(pl.col("importer") == "NLD")
        & (pl.col("chain") == "magnets")
        & (pl.col("economy") == "CHN"),
        named=True,
    )
    for name in ("known_stages", "stages_above", "longest_run", "any_stage_exposure", "mean_dependency"):
        assert found[name] == pytest.approx(expected[name])


def test_stacking_across_counts_the_stages_and_the_products(edition: Edition) -> None:
    across = edition.tables["stacking_across"].filter(pl.col("importer") == "EU27_2020")
    single = edition.tables["chain_stacking"].filter(pl.col("importer") == "EU27_2020")
    counted = dict(single.group_by("economy").agg(pl.col("stages_above").sum()).iter_rows())
    for economy, above in across.select("economy", "stages_above").iter_rows():
        assert above == counted.get(economy, 0)
    main = pl.col("method") == edition.record["main_method"]
    dependent = edition.tables["products"].filter(
        main & pl.col("dependent") & (pl.col("label") == "EU27_2020")
    )
    assert across["dependent_count"].sum() == dependent.height
    shares = dependent["main_supplier"].value_counts()["count"] / dependent.height
    assert across["product_concentration"][0] == pytest.approx((shares**2).sum())


def test_the_record_names_the_table_and_the_chains(edition: Edition) -> None:
    about = edition.record["input_output"]
    assert (about["name"], about["year"], about["licence"]) == ("oecd-icio-2022", 2022, "CC BY 4.0")
    assert about["sha256"] == embedded_input_output().metadata["file_sha256"]
    assert about["losses"]["flow_in_dropped_cells_share"] < 0.001
    assert about["not_in_table"] == []
    assert edition.record["chains"]["codes"] == list(load_profile().chains)
    assert len(edition.record["chains"]["sha256"]) == 64


def test_the_name_of_an_edition_hangs_on_table_and_chains(profile_of) -> None:
    changes = ("", "table = false", 'chains = ["magnets"]', "chains = []")
    assert len({planned_edition_id(profile_of(each)) for each in changes}) == len(changes)


def test_a_table_of_the_store_is_used_and_hashed(
    profile_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path / "store"))
    embedded = embedded_input_output()
    with pytest.raises(UnknownCodeError, match="'mine'"):
        planned_edition_id(profile_of('table = "mine"'))
    names = set()
    sectors = embedded.sectors[:9]
    for amount in (10.0, 20.0):
        flows = [[amount if row != column else 1.0 for column in range(27)] for row in range(27)]
        array = np.array(flows)
        table = InputOutputTable(
            "mine", 2020, ("NLD", "CHN", "BEL"), sectors, array, 1000 - array.sum(axis=1, keepdims=True),
            (("*", "total"),), np.full(27, 1000.0), metadata={"sector_scheme": "oecd-icio-2025"},
        )  # fmt: skip
        save_input_output(table)
        made = make_edition(profile_of('table = "mine"\nchains = []'))
        names.add(made.id)
        assert made.record["input_output"]["year"] == 2020
        assert set(made.tables["exposure"]["origin"]) == {"CHN"}
        assert made.record["input_output"]["not_in_table"] == ["HKG", "IRN"]
        assert not {"chain_stages", "stacking_across"} & set(made.tables)
    assert len(names) == 2


def test_without_a_table_there_is_no_such_part(profile_of, edition: Edition) -> None:
    made = make_edition(profile_of('table = ""'))
    assert not set(CHAIN_TABLES) & set(made.tables)
    assert "input_output" not in made.record
    # editions with and without the part are still compared
    assert compare(made, make_edition(profile_of("chains = []"))).table.height == 0


def test_folded_economies_count_as_the_other(profile_of) -> None:
    apart = make_edition(profile_of("")).tables
    folded = make_edition(profile_of('merge = { HKG = "CHN" }')).tables

    def share(tables: dict[str, pl.DataFrame], origins: list[str]) -> float:
        chosen = tables["exposure"].filter(
            pl.col("origin").is_in(origins), pl.col("economy") == "NLD", pl.col("sectors") == "manufacturing"
        )
        return float(chosen["look_through_share"].sum())

    assert share(folded, ["CHN"]) == pytest.approx(share(apart, ["CHN", "HKG"]), abs=1e-9)
    assert share(folded, ["CHN"]) > share(apart, ["CHN"])
    assert "HKG" not in set(folded["chain_stages"]["supplier"].drop_nulls())
    added = {name: tables["paths"].filter(pl.col("origin") == "CHN")["origin_value_added_share"][0]
             for name, tables in (("apart", apart), ("folded", folded))}  # fmt: skip
    assert added["folded"] > added["apart"]


def test_the_tables_are_the_same_every_time_and_on_disk(
    edition: Edition, real_edition_again: tuple[Edition, object], tmp_path: Path
) -> None:
    opened = Edition.open(write_edition(edition, tmp_path).path)
    again, _ = real_edition_again
    for name in CHAIN_TABLES:
        assert frame_sha256(opened.tables[name]) == frame_sha256(again.tables[name])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ("table = 3", "table holds int"),
        ("table = true", "table holds true"),
        ('chains = "magnets"', "chains holds str"),
        ('chains = ["magnet"]', "'magnet' is not known"),
        ('table = false\nchains = ["magnets"]', "but no table"),
    ],
)
def test_wrong_keys_are_told(profile_of, changes: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        profile_of(changes)
