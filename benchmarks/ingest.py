"""Adding a BACI release to the store: rows a second, peak memory, bytes a row on disk.

    python benchmarks/ingest.py FOLDER --years 1 --rows 11000000

Makes native BACI files (t,i,j,k,v,q) in FOLDER from the seeded generator, then adds them in a
process of its own. Beside it, in the same run: reading the same CSV with Polars and writing it as
Parquet unsorted and unchecked, which is the least that any import must do.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generate_flows import LARGE, make_year


def make_release(folder: Path, years: list[int], rows: int) -> None:
    """Write native BACI files and code tables."""
    import numpy as np
    import polars as pl

    from geomonitor.codes import BACI_ECONOMIES, economy_name

    folder.mkdir(parents=True, exist_ok=True)
    numbers: dict[str, int] = {}
    for number, code in BACI_ECONOMIES.items():
        numbers.setdefault(code, number)
    others = sorted(set(numbers) - set(LARGE))[: 226 - len(LARGE)]
    economies = sorted({*LARGE, *others})
    codes = np.sort(np.random.default_rng(1).choice(np.arange(10_100, 769_999), 5_000, replace=False))
    products = [f"{code:06d}" for code in codes]
    for year in years:
        made = make_year(year, rows, economies, products, seed=1)
        made.select(
            t="year",
            i=pl.col("exporter").cast(pl.String).replace_strict(numbers, return_dtype=pl.Int64),
            j=pl.col("importer").cast(pl.String).replace_strict(numbers, return_dtype=pl.Int64),
            k=pl.col("product").cast(pl.String),
            v=pl.col("value_kusd").round(3),
            q="quantity_t",
        ).write_csv(folder / f"BACI_HS17_Y{year}_V202601.csv", null_value="NA")
    pl.DataFrame({"code": products, "description": [f"made product {code}" for code in products]}).write_csv(
        folder / "product_codes_HS17_V202601.csv"
    )
    pl.DataFrame(
        {
            "country_code": [numbers[code] for code in economies],
            "country_name": [economy_name(code) for code in economies],
            "country_iso2": ["" for _ in economies],
            "country_iso3": economies,
        }
    ).write_csv(folder / "country_codes_V202601.csv")


def add(folder: Path) -> dict[str, float]:
    """Add the release to a store of its own."""
    from geomonitor.data import Store

    with tempfile.TemporaryDirectory(dir=folder.parent) as root:
        start = time.perf_counter()
        added = Store(Path(root)).add(folder, format="baci", name="benchmark")
        seconds = time.perf_counter() - start
        size = sum(file.stat().st_size for file in added.dataset.flow_files())
        rows = added.dataset.metadata["rows"]
    return {"seconds": seconds, "rows": rows, "bytes_per_row": size / rows}


def least(folder: Path) -> dict[str, float]:
    """Read the CSV files and write them as Parquet: no sorting, no checks."""
    import polars as pl

    start = time.perf_counter()
    rows = 0
    with tempfile.TemporaryDirectory(dir=folder.parent) as root:
        for file in sorted(folder.glob("BACI_*.csv")):
            frame = pl.read_csv(file, schema_overrides={"k": pl.String}, null_values="NA")
            frame.write_parquet(Path(root) / f"{file.stem}.parquet")
            rows += frame.height
    return {"seconds": time.perf_counter() - start, "rows": rows}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--rows", type=int, default=11_000_000, help="rows a year")
    parser.add_argument("--task", choices=["add", "least"])
    arguments = parser.parse_args()
    if arguments.task:
        found = add(arguments.folder) if arguments.task == "add" else least(arguments.folder)
        found["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(json.dumps(found))
        return
    if not list(arguments.folder.glob("BACI_*.csv")):
        make_release(arguments.folder, list(range(2021, 2021 + arguments.years)), arguments.rows)
    results = {}
    for task in ("least", "add"):
        command = [sys.executable, __file__, str(arguments.folder), "--task", task]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results[task] = found = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{task:6s} {found['rows']:,} rows in {found['seconds']:.1f} s: "
            f"{found['rows'] / found['seconds'] / 1e6:.2f} million rows a second, "
            f"peak {found['peak_gib']:.2f} GiB"
        )
    print(f"add / least: {results['add']['seconds'] / results['least']['seconds']:.1f}")
    per_row = results["add"]["bytes_per_row"]
    print(f"{per_row:.2f} bytes a row on disk (250 million rows: {250e6 * per_row / 1024**3:.2f} GiB)")


if __name__ == "__main__":
    main()
