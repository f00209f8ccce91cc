"""The page on stacking says what the embedded data give."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geomonitor.chains import StageShares, load_chains, published_world_supply, stage_shares
from geomonitor.data import embedded_dataset
from geomonitor.data.input_output import embedded_input_output
from geomonitor.trade import importer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "stacking.md"


@pytest.fixture(scope="module")
def found() -> tuple[StageShares, ...]:
    return stage_shares(
        load_chains(),
        importer("EU27_2020"),
        dataset=embedded_dataset(),
        years=(2022, 2023, 2024),
        table=embedded_input_output(),
        world_supply=published_world_supply(),
    )


def test_every_stage_is_in_the_table_with_its_main_supplier(found: tuple[StageShares, ...]) -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    lost = []
    for row in pl.concat([each.stages for each in found]).iter_rows(named=True):
        name = row["name_en"][0].lower() + row["name_en"][1:]
        fed = {"trade": "trade", "input-output": "table: ", "production": "world supply of "}
        beginning = f"| {row['chain']} | {name} | {fed.get(row['evidence'], 'unknown')}"
        share = row["main_supplier_share"]
        ending = "| | |" if share is None else f"| {row['main_supplier']} | {share:.2f} |"
        if not any(line.startswith(beginning) and line.endswith(ending) for line in lines):
            lost.append(f"{beginning} ... {ending}")
    assert lost == []


def test_the_counts_of_known_stages_are_those_of_the_page(found: tuple[StageShares, ...]) -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    evidence = pl.concat([each.stages for each in found])["evidence"].to_list()
    counts = {kind: evidence.count(kind) for kind in ("trade", "input-output", "production")}
    assert (
        f"Of {len(evidence)} stages in the seven chains that ship, the embedded trade and table give "
        f"{counts['trade'] + counts['input-output']}; world supply gives {counts['production']} more."
    ) in text
    for each in found:
        assert f"| `{each.chain.code}` | {len(each.chain.stages)} |" in text
