"""Readers of published calibrations: on the published files, and on files that are wrong."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from geomonitor.data.input_output import InputOutputTable, embedded_input_output
from geomonitor.errors import DataError
from geomonitor.shocks import Base, Calibration, Shock, real_wage, rebase, solve_equilibrium
from geomonitor.shocks.bilateral_cubes import read_bilateral_cubes
from geomonitor.shocks.calibration_files import read_caliendo_parro, read_fgh_2014
from geomonitor.shocks.calibration_store import load_calibration
from geomonitor.shocks.elasticities import trade_sectors
from geomonitor.shocks.re_exports import no_home_sales

Floats = NDArray[np.float64]

EU27 = (
    "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK "
    "SVN SWE"
)


def real_income_change(base: Base, shock: Shock) -> Floats:
    found = solve_equilibrium(base.calibration, shock)
    prices = np.prod(found.prices**base.calibration.final_shares, axis=0)
    return np.asarray(found.income_musd / base.equilibrium.income_musd / prices - 1)


def hats(calibration: Calibration) -> float:
    found = solve_equilibrium(calibration, tolerance=1e-13)
    return float(max(np.abs(found.wages - 1).max(), np.abs(found.prices - 1).max()))


# Caliendo and Parro -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def caliendo_parro(reference_data: Path) -> tuple[Path, Calibration, Floats, Floats]:
    folder = reference_data / "models" / "caliendo_parro_2015" / "original_txt"
    return folder, *read_caliendo_parro(folder)


def nafta(calibration: Calibration, before: Floats, after: Floats) -> tuple[Floats, list[int]]:
    places = [calibration.economies.index(code) for code in ("MEX", "CAN", "USA")]
    rates = before.copy()
    for buyer, seller in itertools.permutations(places, 2):
        rates[:, buyer, seller] = after[:, buyer, seller]
    return rates, places


@pytest.mark.reference
def test_nafta_with_zero_deficits(caliendo_parro: tuple[Path, Calibration, Floats, Floats]) -> None:
    _, calibration, before, after = caliendo_parro
    assert calibration.size == (40, 31)
    base = rebase(calibration, "zero")
    assert hats(base.calibration) < 1e-12
    rates, places = nafta(calibration, before, after)
    found = solve_equilibrium(base.calibration, Shock(tariff_rates=rates, deficits="zero"))
    wages = 100 * (real_wage(base, found)[places] - 1)
    np.testing.assert_allclose(wages, [1.7153, 0.3228, 0.1124], atol=5e-5)
    income = 100 * real_income_change(base, Shock(tariff_rates=rates, deficits="zero"))
    np.testing.assert_allclose(income[places], [0.0073, -0.1101, 0.0741], atol=5e-5)


@pytest.mark.reference
def test_sectors_of_nafta_without_home_sales(
    caliendo_parro: tuple[Path, Calibration, Floats, Floats],
) -> None:
    folder, calibration, _, _ = caliendo_parro
    named = no_home_sales(calibration)
    shares = dict(zip(zip(named["economy"], named["sector"], strict=True), named["final_share"], strict=True))
    assert shares["NLD", "30"] == pytest.approx(0.022, abs=5e-4)
    assert shares["MEX", "32"] == pytest.approx(0.014, abs=5e-4)
    assert "26 sectors of economies" in calibration.metadata["notes"][1]
    stripped, _, _ = read_caliendo_parro(folder, re_exports="stripped")
    left = no_home_sales(stripped)
    # where exports exceed output and imports together, nothing is sold at home still
    assert set(left["economy"]) <= {"IDN", "ZAF", "IND"}
    assert any("NLD, sector 30: re-exports of" in note for note in stripped.metadata["notes"])
    # world sales are the same, and so are the balances of trade
    np.testing.assert_allclose(stripped.deficits_musd, calibration.deficits_musd, atol=1e-6)
    assert rebase(stripped, "zero").equilibrium.residuals["world trade"] < 1e-10


@pytest.mark.reference
def test_tariffs_of_nafta_are_fractions(caliendo_parro: tuple[Path, Calibration, Floats, Floats]) -> None:
    _, calibration, before, after = caliendo_parro
    np.testing.assert_array_equal(calibration.tariff_rates, before)
    assert before.max() == pytest.approx(2.7)
    assert np.median(before[before > 0]) < 0.2
    mexico, states = calibration.economies.index("MEX"), calibration.economies.index("USA")
    assert before[:20, mexico, states].mean() > 5 * after[:20, mexico, states].mean()
    assert (before[20:] == 0).all()


def made_folder(folder: Path) -> Path:
    """Files of the authors' shapes, made up: every economy makes 1000 and sells a little to each other."""
    economies, sectors = 31, 40
    inputs = np.full((sectors * economies, sectors), 1 / sectors)
    trade = np.tile(1e3 * (1 - np.eye(economies)), (20, 1))
    tariffs = np.tile(5.0 * (1 - np.eye(economies)), (20, 1))
    files = {
        "B": np.full((sectors, economies), 0.5),
        "GO": np.full((sectors, economies), 1e9),
        "IO": inputs,
        "T": np.full(20, 5.0),
        "tariffs1993": tariffs,
        "tariffs2005": tariffs / 2,
        "xbilat1993": trade,
    }
    for name, values in files.items():
        np.savetxt(folder / f"{name}.txt", values, fmt="%.12g")
    return folder


def test_made_up_files_are_read(tmp_path: Path) -> None:
    calibration, before, after = read_caliendo_parro(made_folder(tmp_path))
    assert calibration.value_added_musd[0] == pytest.approx(40 * 500)
    assert before[0, 0, 1] == pytest.approx(0.05)
    assert after[0, 0, 1] == pytest.approx(0.025)
    np.testing.assert_allclose(calibration.deficits_musd, 0, atol=1e-9)
    by_name = load_calibration(f"caliendo-parro-2015:{tmp_path}", elasticity_set="simonovska-waugh-2014")
    np.testing.assert_array_equal(by_name.elasticities, 4.0)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("GO", None, "cannot be read"),
        ("GO", "1 2\n3 4\n", r"\(2, 2\)"),
        ("T", "5\n" * 19 + "nan\n", "missing or not finite, the first at 20"),
        ("T", "0.2\n" * 20, "0.2 at 1"),
        ("T", "five\n" * 20, "cannot be read"),
        ("B", ("50 " * 31 + "\n") * 40, "50 at 1 x 1"),
        ("tariffs1993", ("0.05 " * 31 + "\n") * 620, "look like fractions"),
        ("tariffs1993", ("5 " * 31 + "\n") * 620, "ARG would charge itself"),
        ("tariffs2005", ("-5 " * 31 + "\n") * 620, "-5 at 1 x 1"),
        ("GO", ("1e6 " * 31 + "\n") * 40, "times world output"),
        ("xbilat1993", ("1 " * 31 + "\n") * 620, "times world output"),
    ],
)
def test_wrong_files_of_nafta_are_named(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    folder = made_folder(tmp_path)
    path = folder / f"{name}.txt"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_caliendo_parro(folder)
    assert name in str(caught.value.where) or "ARG" in message


# Felbermayr, Groeschl and Heiland ---------------------------------------------------------------------------


@pytest.mark.reference
def test_doubling_barriers_on_the_calibration_of_2014(reference_data: Path) -> None:
    path = reference_data / "io" / "wiod2014_fgh_44x50" / "calibration_2014_44x50.npz"
    calibration = load_calibration(f"fgh-2014:{path}")
    assert calibration.size == (50, 44)
    base = rebase(calibration, "zero")
    assert hats(base.calibration) < 1e-12
    europe = [calibration.economies.index(code) for code in EU27.split()]
    china = calibration.economies.index("CHN")
    factors = np.ones(calibration.trade_shares.shape)
    factors[:, europe, china] = factors[:, china, europe] = 2.0
    found = 100 * real_income_change(base, Shock(cost_factors=factors, deficits="zero"))
    # an independent solver on the same data and elasticities gave these
    wanted = {"NLD": -1.11, "DEU": -0.68, "FRA": -0.38, "CHN": -0.48}
    for code, value in wanted.items():
        assert found[calibration.economies.index(code)] == pytest.approx(value, abs=0.01)
    with np.load(path) as arrays:
        np.testing.assert_allclose(calibration.final_shares, arrays["alpha"], atol=1e-12)
        np.testing.assert_allclose(calibration.deficits_musd, -arrays["S_n"], atol=0.1)
    assert "within ROW too" in calibration.metadata["assumptions"][0]


def made_arrays() -> dict[str, NDArray[np.generic]]:
    sectors, economies = 50, 3
    tau = np.full((sectors, economies, economies), 1.05)
    tau[:, np.arange(economies), np.arange(economies)] = 1.0
    return {
        "countries": np.array(["NLD", "CHN", "ROW"]),
        "pi": np.full((sectors, economies, economies), 1 / economies),
        "tau": tau,
        "G": np.full((economies, sectors, sectors), 1 / sectors),
        "B": np.full((sectors, economies), 0.5),
        "alpha": np.full((sectors, economies), 1 / sectors),
        "X0": np.full((sectors, economies), 100.0),
    }


def test_made_up_arrays_are_read(tmp_path: Path) -> None:
    path = tmp_path / "made.npz"
    np.savez(path, allow_pickle=False, **made_arrays())
    calibration = read_fgh_2014(path)
    np.testing.assert_allclose(calibration.tariff_rates[0], 0.05 * (1 - np.eye(3)), atol=1e-12)
    assert calibration.sectors == tuple(trade_sectors("fgh-2014"))
    net = 100 / 3 * (1 + 2 / 1.05)
    np.testing.assert_allclose(calibration.value_added_musd, 50 * 0.5 * net)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("tau", lambda values: values - 1, "tau"),
        ("tau", lambda values: values * 100, "tau"),
        ("pi", lambda values: values[:-1], "shape"),
        ("pi", lambda values: -values, "pi"),
        ("alpha", lambda values: values * 100, "alpha"),
        ("G", lambda values: np.where(values > 0, np.nan, values), "missing or not finite"),
        ("X0", None, "lacks the arrays X0"),
    ],
)
def test_wrong_arrays_are_named(tmp_path: Path, name: str, change: object, message: str) -> None:
    arrays = made_arrays()
    if change is None:
        del arrays[name]
    else:
        arrays[name] = change(arrays[name])  # type: ignore[operator]
    path = tmp_path / "made.npz"
    np.savez(path, allow_pickle=False, **arrays)
    with pytest.raises(DataError) as caught:
        read_fgh_2014(path)
    assert message in f"{caught.value.what} {caught.value.where}"


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "made.npz"
    path.write_text("no arrays", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        read_fgh_2014(path)


# complete bilateral matrices --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cubes(reference_data: Path) -> Path:
    return reference_data / "io" / "tariffwar_cubes" / "icio28_bilateral_2011_2022.parquet"


@pytest.mark.reference
def test_the_complete_matrix_of_2022(cubes: Path) -> None:
    calibration = load_calibration(f"bilateral-cubes:{cubes}")
    assert calibration.size == (28, 81)
    base = rebase(calibration)
    assert base.moved < 1e-3
    assert hats(base.calibration) < 1e-12
    frame = pl.scan_parquet(cubes).filter(pl.col("year") == 2022).collect()
    frame = frame.with_columns(pl.col("importer", "exporter", "sector").cast(pl.String))
    bought = frame.filter((pl.col("importer") == "NLD") & (pl.col("sector") == "C26"))
    paid = bought["value_musd"].cast(pl.Float64) * (1 + bought["tariff"].cast(pl.Float64))
    china = paid.filter(bought["exporter"] == "CHN")[0] / paid.sum()
    sector, buyer = calibration.sectors.index("C26"), calibration.economies.index("NLD")
    found = calibration.trade_shares[sector, buyer, calibration.economies.index("CHN")]
    assert found == pytest.approx(china, rel=1e-6)
    traded = frame.filter(pl.col("importer") != pl.col("exporter"))
    imports = float(traded.filter(pl.col("importer") == "NLD")["value_musd"].to_numpy().sum(dtype=np.float64))
    exports = float(traded.filter(pl.col("exporter") == "NLD")["value_musd"].to_numpy().sum(dtype=np.float64))
    assert calibration.deficits_musd[buyer] == pytest.approx(imports - exports, rel=1e-4)
    # the table and the matrix are of one edition: hardly any final purchases are below 0
    short = [note for note in calibration.metadata["notes"] if "exceed all purchases" in note]
    assert "0.01% of world spending" in short[0]


@pytest.mark.reference
def test_a_year_other_than_that_of_the_table_is_said(cubes: Path) -> None:
    calibration = read_bilateral_cubes(cubes, year=2011)
    assert "are those of 2022, the bilateral matrix of 2011" in calibration.metadata["notes"][0]
    assert rebase(calibration).equilibrium.residuals["world trade"] < 1e-10
    with pytest.raises(DataError, match="has no year 2005"):
        read_bilateral_cubes(cubes, year=2005)


def made_cube(table: InputOutputTable) -> pl.DataFrame:
    """The matrix of a small table with one economy more, which sells and buys a tenth of what others do."""
    sectors = (*table.sectors[:27], "Services (aggregate)")
    economies = (*table.countries, "ROW")
    size = len(table.countries)
    flows = table.flows_musd.reshape(size, 50, size, 50).sum(axis=3, dtype=np.float64)
    bought = np.concatenate([flows[:, :27], flows[:, 27:].sum(axis=1, keepdims=True)], axis=1) * 1.5
    cube = np.zeros((28, size + 1, size + 1))
    cube[:, :size, :size] = bought.transpose(1, 2, 0)
    cube[:, size, :size] = cube[:, :size, :size].sum(axis=1) / 10
    cube[:, :size, size] = cube[:, :size, :size].sum(axis=2) / 10
    cube[:, size, size] = cube[:, size, :size].sum(axis=1)
    rows = list(itertools.product(sectors, economies, economies))
    sector, importer, exporter = zip(*rows, strict=True)
    return pl.DataFrame(
        {
            "year": [table.year] * len(rows),
            "sector": sector,
            "importer": importer,
            "exporter": exporter,
            "value_musd": cube.ravel(),
            "tariff": np.where(np.array(importer) == np.array(exporter), 0.0, 0.05),
        }
    )


@pytest.fixture(scope="module")
def small_table() -> InputOutputTable:
    """The embedded table, all economies but two added up."""
    from geomonitor.data.input_output import aggregate

    table = embedded_input_output()
    return aggregate(table, countries={code: "USA" for code in table.countries if code not in ("NLD", "CHN")})


def test_matrices_add_the_technology_of_the_table(small_table: InputOutputTable, tmp_path: Path) -> None:
    path, shuffled = tmp_path / "cube.parquet", tmp_path / "shuffled.parquet"
    frame = made_cube(small_table)
    frame.write_parquet(path)
    frame.sample(fraction=1.0, shuffle=True, seed=1).write_parquet(shuffled)
    calibration = read_bilateral_cubes(path, table=small_table)
    assert calibration.economies == (*small_table.countries, "ROW")
    assert calibration.sectors == (*small_table.sectors[:27], "services")
    assert "The table lacks ROW" in calibration.metadata["notes"][0]
    other = read_bilateral_cubes(shuffled, table=small_table)
    np.testing.assert_array_equal(calibration.trade_shares, other.trade_shares)
    np.testing.assert_array_equal(calibration.input_shares, other.input_shares)
    # inputs of Dutch machinery per unit of output: the table's, tariffs on foreign ones and what comes from
    # the economy that the table lacks, in proportion to other imports
    place, size = small_table.countries.index("NLD"), len(small_table.countries)
    node = small_table.node_index("NLD", "C28")
    column = small_table.flows_musd[:, node].reshape(size, 50).astype(np.float64)
    goods = np.concatenate([column[:, :27], column[:, 27:].sum(axis=1, keepdims=True)], axis=1)
    home, foreign = goods[place], goods.sum(axis=0) - goods[place]
    bought = frame.filter((pl.col("importer") == "NLD") & (pl.col("exporter") != "NLD"))
    missing = bought.filter(pl.col("exporter") == "ROW")["value_musd"].to_numpy()
    known = (
        bought.filter(pl.col("exporter") != "ROW")["value_musd"].to_numpy().reshape(28, size - 1).sum(axis=1)
    )
    used = home + 1.05 * foreign * (1 + missing / known)
    sector = calibration.sectors.index("C28")
    share = 1 - used.sum() / small_table.output_musd[node]
    assert calibration.value_added_shares[sector, place] == pytest.approx(share, rel=1e-9)
    np.testing.assert_allclose(calibration.input_shares[place, :, sector], used / used.sum(), rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop("tariff"), "lacks the columns tariff"),
        (lambda frame: frame.slice(1), "is not complete"),
        (lambda frame: pl.concat([frame, frame.slice(0, 1)]), "is not complete"),
        (lambda frame: frame.with_columns(pl.col("tariff") * 1000), "tariff"),
        (lambda frame: frame.with_columns(pl.lit(0.05).alias("tariff")), "would charge itself"),
        (lambda frame: frame.with_columns(-pl.col("value_musd")), "value_musd"),
        (
            lambda frame: frame.with_columns(
                pl.when(pl.col("importer") == "NLD").then(None).otherwise("value_musd").alias("value_musd")
            ),
            "missing or not finite",
        ),
        (lambda frame: frame.filter(pl.col("sector") != "C26"), "differ by C26"),
        (lambda frame: frame.with_columns(pl.lit(2020).alias("year")), "has no year 2022"),
        (
            lambda frame: frame.filter((pl.col("importer") != "CHN") & (pl.col("exporter") != "CHN")),
            "lack economies of the table: CHN",
        ),
    ],
)
def test_wrong_matrices_are_named(
    small_table: InputOutputTable, tmp_path: Path, change: object, message: str
) -> None:
    path = tmp_path / "cube.parquet"
    change(made_cube(small_table)).write_parquet(path)  # type: ignore[operator]
    with pytest.raises(DataError) as caught:
        read_bilateral_cubes(path, table=small_table)
    assert message in f"{caught.value.what} {caught.value.where}"


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    path = tmp_path / "cube.parquet"
    path.write_text("year,sector\n", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        read_bilateral_cubes(path)
