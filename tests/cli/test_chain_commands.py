"""`geomonitor exposure`, `chains` and `stacking`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geomonitor.chains import (
    chain_named,
    exposure,
    leontief_system,
    load_chains,
    published_world_supply,
    rank_members,
    stage_shares,
)
from geomonitor.cli import main
from geomonitor.data import embedded_dataset
from geomonitor.data.input_output import embedded_input_output, oecd_sectors, save_input_output
from geomonitor.trade import importer

MANUFACTURING = [code for code, sector in oecd_sectors().items() if sector.group == "manufacturing"]
SHARES = ("face_value_share", "look_through_share", "value_added_share", "market_share")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all commands, so that the table is factorised once."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, store: Path) -> Any:
    """Run the command in this process: exit status, standard output, standard error."""
    monkeypatch.setenv("GEOMONITOR_DATA", str(store))

    def call(line: str) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as ended:
            main(line.split())
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err.decode()

    return call


@pytest.fixture(scope="module")
def system():
    return leontief_system(embedded_input_output())


# acceptance 1


def test_exposure_by_sector(run, system) -> None:
    status, out, error = run("exposure --to NLD --from CHN --sectors manufacturing --format json")
    assert (status, error) == (0, "")
    rows = json.loads(out)
    assert [row["sector"] for row in rows] == MANUFACTURING
    table = embedded_input_output()
    for row in rows:
        bought = table.flows_musd[:, table.node_index("NLD", row["sector"])].astype(float)
        assert row["face_value_share"] == pytest.approx(
            bought[table.country_nodes("CHN")].sum() / bought.sum()
        )
        assert 0 < row["face_value_share"] < row["look_through_share"] < 1
        assert 0 < row["value_added_share"] < 1
        assert (row["table"], row["table_year"]) == ("oecd-icio-2022", 2022)


def test_total_is_one_object_weighted_by_output(run, system) -> None:
    _, out, _ = run("exposure --to NLD --from CHN --sectors manufacturing --format json")
    rows = json.loads(out)
    status, out, _ = run("exposure --to NLD --from CHN --sectors manufacturing --total --format json")
    found = json.loads(out)
    assert status == 0
    assert isinstance(found, dict)
    weight = sum(row["output_musd"] for row in rows)
    assert found["output_musd"] == pytest.approx(weight)
    for name in SHARES:
        assert found[name] == pytest.approx(sum(row[name] * row["output_musd"] for row in rows) / weight)


@pytest.mark.parametrize("options", ["", " --from CHN"])
def test_members_are_ranked(run, system, options: str) -> None:
    status, out, error = run(f"exposure --to EU27_2020 --by member{options} --format json")
    assert (status, error) == (0, "")
    rows = json.loads(out)
    assert [row["rank"] for row in rows] == list(range(1, 28))
    shares = [row["look_through_share"] for row in rows]
    assert shares == sorted(shares, reverse=True)
    origin = "CHN" if options else None
    assert [row["economy"] for row in rows] == rank_members(system, "EU27_2020", origin)["economy"].to_list()


def test_a_group_of_ones_own_and_a_stored_table(run, store: Path, monkeypatch) -> None:
    from geomonitor.data.input_output import aggregate

    monkeypatch.setenv("GEOMONITOR_DATA", str(store))
    table = embedded_input_output()
    few = aggregate(
        table, countries={code: code if code in ("NLD", "BEL", "CHN") else "ROW" for code in table.countries}
    )
    save_input_output(few, store / "input-output" / "few.npz")
    status, out, error = run(
        "exposure --to HOME --group HOME=NLD,BEL --from CHN --table few --total --format json"
    )
    assert (status, error) == (0, "")
    expected = exposure(leontief_system(few), "HOME", "CHN", groups={"HOME": ["NLD", "BEL"]})
    assert json.loads(out)["look_through_share"] == pytest.approx(expected.total["look_through_share"])


def test_no_cache_gives_the_same_and_stores_nothing(run, tmp_path: Path, monkeypatch) -> None:
    line = "exposure --to NLD --from CHN --total --format json"
    _, cached, _ = run(line)
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path))
    with pytest.raises(SystemExit):
        main([*line.split(), "--no-cache", "--out", str(tmp_path / "total.json")])
    assert json.loads((tmp_path / "total.json").read_text()) == json.loads(cached)
    assert not (tmp_path / "cache").exists()


# chains


def test_chain_commands_give_data(run) -> None:
    lines = {
        "list": {"chain", "stage", "kind", "interests"},
        "position --to NLD": {"economy", "sector", "upstreamness", "downstreamness"},
        "paths --to NLD --from CHN --sectors C29 --top 5": {"path", "share", "cumulative_share"},
        "extraction --to NLD --from CHN --sectors C26": {
            "output_loss_musd",
            "downstream_loss_share",
            "label",
        },
        "pass-through --to NLD --from CHN,USA": {"pass_through_frequency", "value_added_share", "stacking"},
        "two-way --to NLD --from CHN": {"economy", "origin", *SHARES},
        "letter": {"letter", "ours", "measure", "outcome"},
    }
    for line, columns in lines.items():
        status, out, _ = run(f"chains {line} --format json")
        rows = json.loads(out)
        assert status == 0, line
        assert rows, line
        assert columns <= set(rows[0]), line


def test_the_letter_is_quoted_beside_ours(run) -> None:
    status, out, error = run("chains letter")
    assert status == 0
    assert "Nederland behoort, samen met Oost-Europa, Finland en Zweden" in error
    assert "first partner" in out.decode()


# stacking


def test_stacking_of_one_chain(run) -> None:
    status, out, error = run(
        "stacking magnets --importer NLD --home-group EU27_2020 --years 2022-2024 "
        "--threshold 0.3 --format json"
    )
    assert (status, error) == (0, "")
    rows = json.loads(out)
    (found,) = stage_shares(
        [chain_named("magnets")], importer("NLD", home_group="EU27_2020"),
        dataset=embedded_dataset(), years=[2022, 2023, 2024], table=embedded_input_output(),
        world_supply=published_world_supply(),
    )  # fmt: skip
    expected = found.stack(0.3).table
    assert [row["economy"] for row in rows] == expected["economy"].to_list()
    assert [row["stages_above"] for row in rows] == expected["stages_above"].to_list()
    assert rows[0]["importer"] == "NLD (home EU27_2020)"
    assert rows[0]["threshold"] == 0.3
    assert {row["world_supply_stages"] for row in rows} == {2}


def test_stages_say_where_they_come_from(run) -> None:
    _, out, _ = run("stacking --importer NLD --stages --format json")
    rows = json.loads(out)
    assert {row["chain"] for row in rows} == {chain.code for chain in load_chains()}
    assert {row["evidence"] for row in rows} == {"trade", "input-output", "production", "unknown"}
    for row in rows:
        assert row["source"].startswith(f"{row['evidence']}: ")
        assert (row["share"] is None) == (row["evidence"] == "unknown")
    (minor,) = {row["materials"] for row in rows if row["stage"] == "gallium_germanium"}
    assert minor == "gallium;germanium"
    _, out, _ = run("stacking --importer NLD --stages --trade-only --format json")
    assert {row["evidence"] for row in json.loads(out)} == {"trade", "unknown"}
    _, out, _ = run("stacking --importer NLD --stages --world-supply none --format json")
    assert {row["evidence"] for row in json.loads(out)} == {"trade", "input-output", "unknown"}


def test_world_supply_is_never_called_supply_to_the_importer(run) -> None:
    for line in ("stacking chips --importer NLD", "stacking chips --importer NLD --stages"):
        _, out, _ = run(line)
        assert b"3 stages by world supply, not supply to the importer" in out
    _, out, _ = run("stacking chips --importer NLD --stages --format json")
    sources = {row["source"] for row in json.loads(out) if row["evidence"] == "production"}
    assert len(sources) == 3
    assert all(source.startswith("production: world supply, not supply to NLD: ") for source in sources)


def test_world_supply_of_ones_own(run, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "material,stage,economy,share,source,years\n"
        "Gallium,processing,CHN,0.9,own reading,2024\n"
        "gallium,processing,,0.1,own reading,2024\n"
    )
    status, out, error = run(f"stacking chips --importer NLD --stages --world-supply {file} --format json")
    assert (status, error) == (0, "")
    (row,) = [each for each in json.loads(out) if each["supplier"] == "CHN" and each["share"] == 0.9]
    assert row["source"].endswith("gallium, processing, 2024, own reading")


def test_world_supply_of_a_published_file_and_of_the_store(run, tmp_path: Path) -> None:
    from geomonitor.data.raw_materials import add_material_data

    file = tmp_path / "world.csv"
    shares = [("China", "94%"), ("Russia", "6.0%"), ("Japan", "<0.1%")]
    lines = [f"Gallium,P,{economy},{share},1.0" for economy, share in shares]
    # bounds only: nothing to take shares of
    lines.append("Helium,P,Poland,<0.1%,1.0")
    file.write_text("\n".join(["Material,Stage,Country,Share,t", *lines, ""]))
    add_material_data(file, "eu-crm-world-supply", name="mine", accept=["share_sum"])
    for name in (f"eu-crm-world-supply:{file}", "mine"):
        status, out, error = run(
            f"stacking chips --importer NLD --stages --world-supply {name} --format json"
        )
        assert status == 0, error
        assert "Note: no world supply of helium at processing: no share is given" in error
        made = [each for each in json.loads(out) if each["evidence"] == "production"]
        assert {each["supplier"]: each["share"] for each in made} == pytest.approx({"CHN": 0.94, "RUS": 0.06})


def test_across_chains(run) -> None:
    status, out, _ = run("stacking --importer EU27_2020 --across --years 2022-2024 --format json")
    rows = json.loads(out)
    assert status == 0
    exposures = [row["weighted_exposure"] for row in rows]
    assert rows[0]["economy"] == "CHN"
    assert max(exposures) == exposures[0]
    products = {row["economy"]: row["dependent_products"] for row in rows if row["dependent_products"]}
    total = sum(products.values())
    assert rows[0]["product_concentration"] == pytest.approx(sum((n / total) ** 2 for n in products.values()))
    assert not set(products) & set(importer("EU27_2020").members)


def test_a_chain_of_ones_own(run, tmp_path: Path) -> None:
    (tmp_path / "graphite.toml").write_text(
        'code = "graphite"\nname = { en = "Graphite", nl = "Grafiet" }\n'
        'source = "a test"\ndate = 2026-11-21\ninterests = ["transitions"]\n'
        '[[stage]]\ncode = "mine"\nkind = "extraction"\n'
        'name = { en = "Mine", nl = "Mijn" }\n'
        'products = [{ prefixes = ["2504"], hs_revisions = "HS92-HS22" }]\n'
    )
    status, out, _ = run(f"stacking graphite --importer NLD --chains {tmp_path} --format json")
    assert status == 0
    assert {row["chain"] for row in json.loads(out)} == {"graphite"}


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "table"])
@pytest.mark.parametrize("line", ["exposure --to NLD --from CHN", "stacking chips --importer NLD"])
def test_every_format(run, line: str, form: str) -> None:
    status, out, _ = run(f"{line} --format {form}")
    assert status == 0
    if form == "parquet":
        assert pl.read_parquet(io.BytesIO(out)).height > 10
    elif form == "csv":
        assert pl.read_csv(io.BytesIO(out)).height > 10
    else:
        assert b"CHN" in out


# wrong use


@pytest.mark.parametrize(
    ("line", "status", "text"),
    [
        ("exposure --to NLD", 2, "--from is needed"),
        ("exposure --to EU27_2020 --by member --total", 2, "exclude each other"),
        ("exposure --to NLD --from CHN --sectors C2666", 3, "no sector or family 'C2666'"),
        ("exposure --to NLD --from QQQ", 3, "QQQ"),
        ("exposure --to NLD --from CHN --table none", 3, "none"),
        ("exposure --to NLD --from CHN --group HOME", 2, "NAME=CODE"),
        ("chains two-way --to EU27_2020 --from NLD", 4, "overlap"),
        ("chains extraction --to NLD --from NLD", 4, "cut off from itself"),
        ("chains paths --to NLD", 2, "--from"),
        ("stacking magnet --importer NLD", 3, "no chain 'magnet'"),
        ("stacking --importer NLD --across --stages", 2, "exclude each other"),
        ("stacking magnets --importer NLD --across", 2, "takes all chains"),
        ("stacking magnets --importer NLD --threshold 1.5", 4, "no threshold"),
        ("stacking magnets --importer NLD --years 1990", 3, "1990"),
        ("stacking magnets --importer NLD --merge HKG", 2, "CODE=CODE"),
        ("stacking magnets --importer QQQ", 3, "QQQ"),
        ("stacking magnets --importer NLD --world-supply nothing", 3, "no raw-material data named 'nothing'"),
        ("stacking magnets --importer NLD --world-supply nothing.csv", 4, "cannot be read"),
        ("stacking magnets", 2, "--importer"),
    ],
)
def test_wrong_use_is_told_without_a_traceback(run, line: str, status: int, text: str) -> None:
    found, out, error = run(line)
    assert (found, out) == (status, b"")
    assert text in " ".join(error.replace("│", " ").split())
    assert "Traceback" not in error
