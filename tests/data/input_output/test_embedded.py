from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import geomonitor.data.input_output.compact as compact
from geomonitor.codes import ECONOMY_CODES
from geomonitor.data.input_output import (
    InputOutputTable,
    check_accounts,
    embedded_input_output,
    input_output_table,
    input_output_tables,
    load_input_output,
    oecd_sectors,
    save_input_output,
    sector_group,
)
from geomonitor.errors import DataError, UnknownCodeError

SAMPLE = Path(compact.__file__).resolve().parents[1] / "sample" / "oecd-icio-2022"


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    path = Path(__file__).resolve().parents[3] / "scripts" / "build_icio_sample.py"
    specification = importlib.util.spec_from_file_location("build_icio_sample", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # dataclasses look their module up by name
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


def test_the_embedded_table_is_whole_and_balances_exactly() -> None:
    table = embedded_input_output()
    assert (len(table.countries), len(table.sectors), table.year) == (80, 50, 2022)
    assert set(table.countries) <= set(ECONOMY_CODES)
    assert table.sectors == tuple(oecd_sectors())
    assert not table.has_destinations
    assert {check.name: check.count for check in check_accounts(table) if check.count} == {
        "inactive_nodes": 51
    }
    rows = table.flows_musd.sum(axis=1, dtype=np.float64) + table.final_demand_musd[:, 0]
    columns = table.flows_musd.sum(axis=0, dtype=np.float64) + table.value_added_musd
    np.testing.assert_allclose(rows, table.output_musd, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(columns, table.output_musd, rtol=1e-12, atol=1e-9)
    assert table.output_musd.sum() == pytest.approx(192.4e6, rel=1e-3)
    assert table.final_demand_musd.min() >= 0.0
    assert table.value_added_musd.min() >= 0.0


def test_the_embedded_table_is_small_and_kept() -> None:
    assert sum(file.stat().st_size for file in SAMPLE.iterdir()) < 8_000_000
    assert embedded_input_output() is embedded_input_output()


def test_losses_and_licence_are_stated() -> None:
    metadata = embedded_input_output().metadata
    assert metadata["licence"] == "CC BY 4.0"
    assert "2025 release" in metadata["citation"]
    losses = metadata["losses"]
    assert losses["cells_kept"] == np.count_nonzero(embedded_input_output().flows_musd)
    assert losses["differences_in_measures"]["look_through_share"]["largest"] < 0.002
    assert losses["differences_in_measures"]["face_value_share"]["largest"] < 0.0002
    source = (SAMPLE / "SOURCE.md").read_text(encoding="utf-8")
    assert f"{losses['cells_kept']:,}" in source
    assert "CC BY 4.0" in source


def test_every_sector_has_names_and_a_group() -> None:
    table = embedded_input_output()
    counts = {group: len(sector_group(table, group)) for group in ("manufacturing", "services", "energy")}
    assert counts == {"manufacturing": 19, "services": 21, "energy": 1}
    for sector in oecd_sectors().values():
        assert sector.name_en
        assert sector.name_nl


@pytest.mark.reference
def test_the_embedded_table_is_close_to_the_full_one(reference_data: Path) -> None:
    with np.load(reference_data / "io" / "oecd_icio_2022_80x50.npz") as archive:
        full = {name: archive[name] for name in archive.files}
    table = embedded_input_output()
    assert tuple(full["countries"]) == table.countries
    assert tuple(full["sectors"]) == table.sectors
    np.testing.assert_array_equal(full["gross_output"], table.output_musd)
    for axis in (0, 1):
        gap = np.abs(
            table.flows_musd.sum(axis=axis, dtype=np.float64) - full["Z"].sum(axis=axis, dtype=np.float64)
        )
        assert (gap <= 2e-4 * table.output_musd + 1e-6).all()
    # what every industry buys from every economy
    by_origin = [
        flows.reshape(80, 50, -1).sum(axis=1, dtype=np.float64) for flows in (table.flows_musd, full["Z"])
    ]
    shares = [part / np.maximum(part.sum(axis=0), 1e-12) for part in by_origin]
    assert np.abs(shares[0] - shares[1]).max() < 2e-4


def test_the_compact_form_rounds_and_drops_nothing_else() -> None:
    generator = np.random.default_rng(3)
    flows = generator.lognormal(0, 4, (70, 70)) * (generator.random((70, 70)) < 0.2)
    flows[10, :] = 0.0
    read = compact.unpack_flows(compact.pack_flows(flows, 11))
    assert ((read > 0) == (flows > 0)).all()
    np.testing.assert_allclose(read, flows, rtol=2.0**-12)
    finest = compact.unpack_flows(compact.pack_flows(flows, 16))
    np.testing.assert_allclose(finest, flows, rtol=2.0**-16.9)
    empty = np.zeros((3, 3))
    np.testing.assert_array_equal(compact.unpack_flows(compact.pack_flows(empty, 11)), empty)
    with pytest.raises(DataError, match="compact form"):
        compact.pack_flows(-np.ones((2, 2)), 11)
    with pytest.raises(DataError, match="compact form"):
        compact.pack_flows(np.ones((2, 2)), 17)


def test_the_same_content_gives_the_same_bytes(tmp_path: Path, table: InputOutputTable) -> None:
    for name in ("one", "two"):
        compact.write_compact(
            tmp_path / name,
            flows_musd=table.flows_musd,
            output_musd=table.output_musd,
            countries=table.countries,
            sectors=table.sectors,
            fraction_bits=11,
        )
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    about = tmp_path / "metadata.json"
    about.write_text(json.dumps({"name": "made", "year": 2022}))
    read = compact.read_compact(tmp_path / "one", about)
    np.testing.assert_allclose(read.flows_musd, table.flows_musd, rtol=2.0**-12)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_damaged_file_is_refused(tmp_path: Path, table: InputOutputTable, keep: float) -> None:
    file, about = tmp_path / "flows.npz", tmp_path / "metadata.json"
    about.write_text('{"name": "made", "year": 2022}')
    compact.write_compact(
        file,
        flows_musd=table.flows_musd,
        output_musd=table.output_musd,
        countries=table.countries,
        sectors=table.sectors,
        fraction_bits=11,
    )
    content = file.read_bytes()
    file.write_bytes(content[: int(keep if keep >= 1 else keep * len(content))])
    with pytest.raises(DataError, match="cannot be read"):
        compact.read_compact(file, about)


def test_the_builder_keeps_sums_and_carries_what_it_drops(builder: ModuleType) -> None:
    generator = np.random.default_rng(5)
    flows = generator.lognormal(2, 4, (24, 24))
    flows[7, :] = flows[:, 7] = 0.0
    output = flows.sum(axis=0) + flows.sum(axis=1) + 1.0
    output[7] = 0.0
    source = builder.SourceTable(("CHN", "DEU", "NLD", "USA"), tuple("ABCDEF"), flows, output)
    kept = builder.kept_cells(source)
    assert not kept[7].any()
    assert kept.sum() < np.count_nonzero(flows)
    fitted = builder.fit(source, kept)
    assert (fitted[~kept] == 0).all()
    np.testing.assert_allclose(fitted.sum(axis=0), flows.sum(axis=0), rtol=1e-6)
    np.testing.assert_allclose(fitted.sum(axis=1), flows.sum(axis=1), rtol=1e-3)
    said = builder.losses(source, kept, fitted)
    assert said["cells_kept"] == kept.sum()
    assert 0.0 < said["flow_in_dropped_cells_share"] < 0.01


def test_the_builder_refuses_another_wheel(builder: ModuleType, tmp_path: Path) -> None:
    wheel = tmp_path / builder.WHEEL_NAME
    wheel.write_bytes(b"another")
    with pytest.raises(DataError, match="checksum"):
        builder.main(["--wheel", str(wheel), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_tables_are_saved_and_loaded(
    tmp_path: Path, table: InputOutputTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path))
    path = save_input_output(replace(table, metadata={"notes": ["a"], "title": "é"}))
    assert path == tmp_path / "input-output" / "made.npz"
    assert input_output_tables() == ("oecd-icio-2022", "made")
    read = input_output_table("made")
    assert read.nodes == table.nodes
    assert read.final_demand_labels == table.final_demand_labels
    assert read.metadata == {"notes": ["a"], "title": "é"}
    for name in ("flows_musd", "final_demand_musd", "output_musd", "value_added_musd", "taxes_musd"):
        np.testing.assert_array_equal(getattr(read, name), getattr(table, name))
    assert [file.name for file in path.parent.iterdir()] == ["made.npz"]
    with pytest.raises(UnknownCodeError, match="no input-output table 'other'"):
        input_output_table("other")
    with pytest.raises(DataError, match="under the name"):
        save_input_output(replace(table, name="../made"))
    with pytest.raises(DataError, match="under the name"):
        save_input_output(replace(table, name="oecd-icio-2022"))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match="cannot be read"):
        load_input_output(path)
