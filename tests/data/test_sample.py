from __future__ import annotations

import hashlib
import importlib.util
import json
import sqlite3
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

import geomonitor
from geomonitor.codes import BACI_ECONOMIES, ECONOMY_CODES, group
from geomonitor.errors import DataError, UnknownCodeError

SAMPLE = Path(geomonitor.__file__).parent / "data" / "sample"
DATASET = SAMPLE / "baci-hs92-raw-materials"
FLOWS = DATASET / "flows" / "1995-2024.parquet"
KEY = ["year", "product", "exporter", "importer"]
YEARS = ("1996", "1998", "2022", "2023", "2024")


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    script = Path(__file__).resolve().parents[2] / "scripts" / "build_sample.py"
    specification = importlib.util.spec_from_file_location("build_sample", script)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def flows() -> pl.DataFrame:
    return pl.read_parquet(FLOWS)


@pytest.fixture(scope="module")
def metadata() -> dict[str, object]:
    found: dict[str, object] = json.loads((DATASET / "metadata.json").read_text(encoding="utf-8"))
    return found


def test_the_sample_is_small_enough_for_the_wheel() -> None:
    def size(*folders: str) -> int:
        files = (file for folder in folders for file in (SAMPLE / folder).rglob("*") if file.is_file())
        return sum(file.stat().st_size for file in files)

    assert 0 < size("baci-hs92-raw-materials", "wgi") <= 10_000_000
    assert 0 < size("oecd-icio-2022") <= 8_000_000
    # all that is embedded, see docs/data.md
    assert size("") <= 20_000_000


def test_counts(flows: pl.DataFrame, metadata: dict[str, object]) -> None:
    assert flows.height == metadata["rows"] == 1_264_888
    assert flows["product"].n_unique() == metadata["products"] == 74
    assert flows["quantity_t"].null_count() == 61_682
    assert flows["value_kusd"].null_count() == 0
    assert flows["year"].unique().sort().to_list() == metadata["years"] == list(range(1995, 2025))
    assert len(set(flows["exporter"].unique()) | set(flows["importer"].unique())) == metadata["economies"]


def test_columns_and_order(flows: pl.DataFrame) -> None:
    economies = pl.Enum(ECONOMY_CODES)
    assert dict(flows.schema) == {
        "year": pl.Int16(),
        "exporter": economies,
        "importer": economies,
        "product": pl.Enum(sorted(flows["product"].unique().cast(pl.String))),
        "value_kusd": pl.Float64(),
        "quantity_t": pl.Float64(),
    }
    assert flows.select(KEY).equals(flows.select(KEY).sort(KEY))
    assert not flows.select(KEY).is_duplicated().any()
    assert flows.filter(pl.col("exporter") == pl.col("importer")).is_empty()


@pytest.mark.parametrize(("year", "billion_usd"), [(2021, 2547), (2022, 3564)])
def test_world_totals(flows: pl.DataFrame, year: int, billion_usd: int) -> None:
    total = flows.filter(pl.col("year") == year)["value_kusd"].sum()
    assert round(total / 1e6) == billion_usd


def test_shares_that_are_known_from_elsewhere(flows: pl.DataFrame) -> None:
    members = group("EU27_2020").members
    imports = (
        flows.filter(
            pl.col("year") == 2022, pl.col("importer").is_in(members), ~pl.col("exporter").is_in(members)
        )
        .group_by("product", "exporter")
        .agg(pl.col("value_kusd").sum())
        .with_columns(share=pl.col("value_kusd") / pl.col("value_kusd").sum().over("product"))
    )
    for product, exporter, share in (
        ("270900", "RUS", 0.172),
        ("280530", "CHN", 0.77),
        ("250410", "CHN", 0.36),
    ):
        found = imports.filter(pl.col("product") == product, pl.col("exporter") == exporter)["share"].item()
        assert found == pytest.approx(share, abs=0.01)


def test_metadata_describe_the_files(
    builder: ModuleType, flows: pl.DataFrame, metadata: dict[str, object]
) -> None:
    assert metadata["files"] == [
        {
            "name": "flows/1995-2024.parquet",
            "sha256": hashlib.sha256(FLOWS.read_bytes()).hexdigest(),
            "rows": 1_264_888,
        }
    ]
    assert metadata["values_sha256"] == builder.values_sha256(flows)
    assert metadata["hs_revision"] == "HS92"
    assert metadata["licence"] == "Etalab Open License 2.0"


def test_products_have_names(flows: pl.DataFrame) -> None:
    products = pl.read_parquet(DATASET / "products.parquet")
    assert products.columns == ["product", "name"]
    assert products.height == products["product"].n_unique() == 5022
    assert products["name"].str.len_chars().min() > 2
    assert set(flows["product"].unique().cast(pl.String)) <= set(products["product"])
    assert products.filter(pl.col("product") == "810600")["name"].item().startswith("Bismuth")


@pytest.mark.parametrize("folder", [DATASET, SAMPLE / "wgi"])
def test_every_part_has_a_source_file(folder: Path) -> None:
    text = (folder / "SOURCE.md").read_text(encoding="utf-8")
    assert "Citation" in text
    assert "Licence" in text


@pytest.mark.reference
def test_every_row_is_the_reference(reference_data: Path, flows: pl.DataFrame) -> None:
    folder = reference_data / "trade" / "baci_hs92_rawmaterials_1995_2024"
    reference = pl.read_parquet(folder / "baci_hs92_rawmat_1995_2024.parquet")
    economies = pl.Enum(ECONOMY_CODES)
    expected = reference.select(
        year=pl.col("t").cast(pl.Int16),
        exporter=pl.col("i").cast(pl.Int64).replace_strict(dict(BACI_ECONOMIES), return_dtype=economies),
        importer=pl.col("j").cast(pl.Int64).replace_strict(dict(BACI_ECONOMIES), return_dtype=economies),
        product=pl.col("k").cast(pl.String).cast(flows.schema["product"]),
        value_kusd=pl.col("v").cast(pl.Float64),
        quantity_t=pl.col("q").cast(pl.Float64),
    ).sort(KEY)
    assert flows.equals(expected)


def synthetic_wheel(
    path: Path, *, flows: list[tuple[object, ...]] | None = None, guyana_rows: int = 2
) -> Path:
    """Write a package with the tables that the builder reads, small enough to know every number."""
    folder = path.parent / f"{path.stem}-databases"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "baci.db")) as baci:
        baci.execute("CREATE TABLE baci_trade (t TEXT, i TEXT, j TEXT, k INTEGER, v TEXT, q TEXT)")
        baci.executemany(
            "INSERT INTO baci_trade VALUES (?, ?, ?, ?, ?, ?)",
            flows
            or [
                ("2021", "156", "528", 810600, "29.141000000000002", None),
                ("2020", "490", "528", 810600, "0.001", "0.23399999999999999"),
                ("2020", "58", "842", 10121, "12", "3"),
            ],
        )
        baci.execute("CREATE TABLE product_codes_HS92_V202401b (code TEXT, description TEXT)")
        baci.executemany(
            "INSERT INTO product_codes_HS92_V202401b VALUES (?, ?)",
            [("810600", "Bismuth:  articles"), ("010121", "Horses"), ("9999AA", "Not specified")],
        )
        baci.commit()
    with closing(sqlite3.connect(folder / "wgi.db")) as wgi:
        columns = ", ".join(f'"{year}" TEXT' for year in YEARS)
        wgi.execute(
            f'CREATE TABLE Estimate ("Country/Territory" TEXT, "Code" TEXT, {columns}, "country_code" TEXT)'
        )
        rows = [("Netherlands", "NLD", "1.5", "nan", "0.7", None, "0.4", "528")]
        rows += [("Guyana", "GUY", str(row), "0.1", "0.2", "0.3", "0.3", "328") for row in range(guyana_rows)]
        for name, code in (("Europe EFTA, nes", "R20"), ("Br. Virgin Isds", "VGB"), ("US Misc.", "PUS")):
            rows.append((name, code, "-0.5", "-0.4", "-0.3", "-0.2", "-0.1", "0"))
        wgi.executemany(f"INSERT INTO Estimate VALUES ({', '.join('?' * (len(YEARS) + 3))})", rows)
        wgi.commit()
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("baci.db", "wgi.db"):
            archive.write(folder / name, f"geopolrisk/lib/{name}")
    return path


def test_a_build_reads_the_source_exactly(builder: ModuleType, tmp_path: Path) -> None:
    metadata = builder.build(synthetic_wheel(tmp_path / "small.whl"), tmp_path / "out")
    built = pl.read_parquet(tmp_path / "out" / "baci-hs92-raw-materials" / "flows" / "2020-2021.parquet")
    assert built.rows() == [
        (2020, "BEL", "USA", "010121", 12.0, 3.0),
        (2020, "TWN", "NLD", "810600", 0.001, 0.23399999999999999),
        (2021, "CHN", "NLD", "810600", 29.141000000000002, None),
    ]
    assert (metadata["rows"], metadata["years"], metadata["economies"]) == (3, [2020, 2021], 5)
    products = pl.read_parquet(tmp_path / "out" / "baci-hs92-raw-materials" / "products.parquet")
    assert products.rows() == [
        ("010121", "Horses"),
        ("810600", "Bismuth: articles"),
        ("9999AA", "Not specified"),
    ]
    governance = pl.read_parquet(tmp_path / "out" / "wgi" / "wgi_political_stability.parquet")
    assert governance.filter(pl.col("economy") == "NLD").rows() == [
        ("NLD", 1996, 1.5),
        ("NLD", 2022, 0.7),
        ("NLD", 2024, 0.4),
    ]
    # The first row named Guyana is French Guiana, and only up to 2022.
    assert governance.filter(pl.col("economy") == "GUF")["year"].to_list() == [1996, 1998, 2022]
    assert governance.filter(pl.col("economy") == "GUY")["estimate"][0] == 1.0
    assert set(governance["economy"]) == {"NLD", "GUF", "GUY", "XKX", "VIR"}


def test_a_build_is_the_same_to_the_byte_twice(builder: ModuleType, tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        (str(year), str(exporter), "528", product, f"{exporter * year / 1000}", f"{product / 7}")
        for year in range(2000, 2010)
        for exporter in (36, 76, 124, 156, 251, 842)
        for product in (10121, 810600)
    ]
    first = synthetic_wheel(tmp_path / "first.whl", flows=rows)
    second = synthetic_wheel(tmp_path / "second.whl", flows=rows[::-1])
    one, two = (builder.build(wheel, tmp_path / wheel.stem) for wheel in (first, second))
    # The order of rows in the source is no part of the result; only the hash of the input may differ.
    assert {key for key in one if one[key] != two[key]} <= {"content_sha256"}
    for file in sorted((tmp_path / "first").rglob("*.parquet")):
        twin = tmp_path / "second" / file.relative_to(tmp_path / "first")
        assert file.read_bytes() == twin.read_bytes()
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("row", "error", "named"),
    [
        (("2020", "156", "528", 810600, "-1", "1"), DataError, "negative"),
        (("2020", "156", "528", 810600, None, "1"), DataError, "missing"),
        (("2020", "156", "528", 810600, "1", "-1"), DataError, "quantities"),
        (("2020", "156", "156", 810600, "1", "1"), DataError, "with itself"),
        (("2020", "842", "528", 10121, "1", "1"), DataError, "duplicate"),
        (("2020", "7", "528", 810600, "1", "1"), UnknownCodeError, "7"),
        (("2020", "156", "528", 81, "1", "1"), UnknownCodeError, "81"),
        (("2020", "156", "528", 760110, "1", "1"), DataError, "760110"),
    ],
)
def test_a_fault_in_the_source_stops_the_build(
    builder: ModuleType, tmp_path: Path, row: tuple[object, ...], error: type[Exception], named: str
) -> None:
    good = ("2020", "842", "528", 10121, "12", "3")
    wheel = synthetic_wheel(tmp_path / "bad.whl", flows=[good, row])
    with pytest.raises(error, match=named):
        builder.build(wheel, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("guyana_rows", "named"), [(0, r"GUY \(row 1\)"), (3, "two estimates for a year: GUY")]
)
def test_a_repair_that_no_longer_fits_stops_the_build(
    builder: ModuleType, tmp_path: Path, guyana_rows: int, named: str
) -> None:
    wheel = synthetic_wheel(tmp_path / "one.whl", guyana_rows=guyana_rows)
    with pytest.raises(DataError, match=named):
        builder.build(wheel, tmp_path / "out")


def test_another_wheel_is_refused(builder: ModuleType, tmp_path: Path) -> None:
    wheel = synthetic_wheel(tmp_path / "other.whl")
    with pytest.raises(DataError, match="checksum"):
        builder.main(["--wheel", str(wheel), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
