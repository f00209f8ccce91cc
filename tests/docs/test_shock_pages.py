"""The pages on shocks hold together: the scenario file, the keys, and figures that a program gives."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from geomonitor.errors import DataError
from geomonitor.shocks import (
    SECTOR_FAMILIES,
    Calibration,
    ShockResult,
    load_scenario,
    rebase,
    run_scenario,
    scenario,
    scenarios,
    shock_of,
)
from geomonitor.shocks.bilateral_cubes import read_bilateral_cubes
from geomonitor.shocks.calibrate import embedded_calibration
from geomonitor.shocks.calibration_store import CALIBRATION_FORMATS
from geomonitor.shocks.curve import response_curve
from geomonitor.shocks.elasticities import elasticity_sets
from geomonitor.shocks.methods import shock_methods
from geomonitor.shocks.scenario_files import _CHANGE_KEYS, _KEYS

ROOT = Path(__file__).resolve().parents[2]
DOCS, SCRIPTS = ROOT / "docs", ROOT / "scripts"
CUBES = "io/tariffwar_cubes/icio28_bilateral_2011_2022.parquet"
SIZES = (25.0, 50.0, 75.0, 100.0)

# Blocks that take seconds each are made again in part only.
SLOW_BLOCKS = ("years", "sets", "factors")


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "shocks.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def result() -> ShockResult:
    return run_scenario(embedded_calibration(), scenario("eu-china-25pp"), ["NLD"])


@pytest.fixture
def written(page: str, tmp_path: Path) -> Path:
    (text,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "machines.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_scenario_file_is_valid_and_runs(written: Path) -> None:
    found = load_scenario(written)
    assert (found.code, [each.kind for each in found.changes]) == (
        "machines",
        ["tariff", "denial", "trade_cost"],
    )
    calibration = embedded_calibration()
    shock = shock_of(found, calibration)
    assert shock.denied is not None
    assert shock.cost_factors is not None
    result = run_scenario(rebase(calibration, found.deficits), found)
    assert result.economies.filter(economy="RUS")["real_income_change"][0] < 0


def test_the_error_of_the_page_is_what_comes_out(page: str, written: Path) -> None:
    text = written.read_text(encoding="utf-8").replace('add = "20 pp"', 'add = "25"')
    written.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_scenario(written)
    error = caught.value
    lines = (
        f"Error: {error.what}",
        f"  where: {str(error.where).replace(str(written), written.name)}",
        f"  expected: {error.expected}",
        f"  next: {error.next_step}",
    )
    assert "\n".join(lines) in page


def test_every_key_family_scenario_set_and_format_is_described(page: str) -> None:
    for key in (*_KEYS, *_CHANGE_KEYS):
        assert re.search(rf"^\| [^|]*`{key}`", page, re.MULTILINE), key
    for family in SECTOR_FAMILIES:
        assert f"`{family}`" in page
    for code in scenarios():
        assert f"`{code}`" in page, code
    for name in elasticity_sets():
        assert f"| `{name}` |" in page
    for form in CALIBRATION_FORMATS:
        assert f"{form}:" in page


def test_every_model_has_its_section() -> None:
    methods = (DOCS / "methods.md").read_text(encoding="utf-8")
    for name, method in shock_methods().items():
        section = methods.split(f"\n## {name}\n")
        assert len(section) == 2, name
        if name != "hypothetical-extraction":
            assert f"Status: {method.status}." in section[1].split("\n## ")[0], name


@pytest.mark.parametrize("name", ["docs/shocks.md", "README.md"])
def test_the_first_table_is_what_comes_out(name: str, result: ShockResult) -> None:
    rows = {row["economy"]: row for row in result.economies.iter_rows(named=True)}
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = re.findall(r"^  ([A-Z]{3}) +(-?\d.*)$", text, re.MULTILINE)
    shown = [(code, cells.split()) for code, cells in lines if code in rows and len(cells.split()) == 8]
    assert shown
    for code, cells in shown:
        row = rows[code]
        values = [
            *(100 * row[f"{each}_change"] for each in ("real_income", "direct_price", "total_price")),
            row["total_price_change"] / row["direct_price_change"],
            *(100 * row[f"{each}_change"] for each in ("price", "wage", "imports", "exports")),
        ]
        assert cells == [f"{value:.4f}" for value in values], code


def losses_grow(calibration: Calibration) -> None:
    """Tariffs of 25 points and more, both ways: a larger one is a larger loss for members and China."""
    asked = scenario("eu-china-25pp")
    curve = response_curve(rebase(calibration, asked.deficits), asked, SIZES)
    hit = (*asked_members(calibration), "CHN")
    falls = {row["economy"]: row["falls"] for row in curve.monotone(25.0).iter_rows(named=True)}
    assert [code for code in hit if not falls[code]] == []
    first = curve.table.filter(points=25.0)
    assert (first.filter(economy="CHN")["real_income_change"] < 0).all()
    assert (first.filter(economy="NLD")["real_income_change"] < 0).all()


def asked_members(calibration: Calibration) -> list[str]:
    from geomonitor.codes import group

    return [code for code in group("EU27_2020").members if code in calibration.economies]


def test_larger_tariffs_are_larger_losses() -> None:
    losses_grow(embedded_calibration())


@pytest.mark.reference
def test_larger_tariffs_are_larger_losses_on_the_complete_matrix(reference_data: Path) -> None:
    losses_grow(read_bilateral_cubes(reference_data / CUBES))


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.reference
def test_ours_and_published_is_what_the_calibrations_give(reference_data: Path) -> None:
    blocks = [name for name in load_blocks() if name not in SLOW_BLOCKS]
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "docs_shocks.py"), str(reference_data), "--check", "--only", *blocks],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.reference
def test_rows_of_the_slow_tables(reference_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    blocks = load("docs_shocks").Blocks(reference_data)
    lines = (DOCS / "shocks-published.md").read_text(encoding="utf-8").splitlines()
    rows = (
        blocks.year(2011),
        blocks.of_set("simonovska-waugh-2014"),
        blocks.of_factor("china-denies-electronics", 0.25),
    )
    for row in rows:
        assert f"| {' | '.join(row)} |" in lines


def load_blocks() -> tuple[str, ...]:
    """Names of the blocks, as the page has them."""
    text = (DOCS / "shocks-published.md").read_text(encoding="utf-8")
    return tuple(re.findall(r"<!-- (\w+): begin\.", text))
