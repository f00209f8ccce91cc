"""Write made flows of the size and shape of a BACI release: seeded, canonical, one file a year.

Shape taken from BACI: about 9.6 million rows a year, 226 economies, 5,000 products, popular
products and large economies in many rows (the EU-27 and five large economies take in 45 % of the
rows), log-normal values in whole dollars, 4 % of the quantities missing.

    python benchmarks/generate_flows.py OUT --years 5
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl

from geomonitor.codes import ECONOMY_CODES, UNALLOCATED_CODES, group

LARGE = (*group("EU27_2020").members, "USA", "CHN", "GBR", "JPN", "IND")


def make_year(year: int, rows: int, economies: list[str], products: list[str], seed: int) -> pl.DataFrame:
    """Draw one year of flows, sorted by product, exporter and importer, keys unique."""
    rng = np.random.default_rng([seed, year])
    number = len(economies)
    popularity = np.random.default_rng(seed).lognormal(0, 1, len(products))
    size = np.random.default_rng(seed + 1).pareto(1.0, number) + 0.05
    large = np.isin(economies, LARGE)
    exporting = np.sqrt(size) * np.where(large, 2.0, 0.7)
    importing = np.where(large, 0.45 / large.sum(), 0.55 / (~large).sum())
    keys = np.empty(0, dtype=np.int64)
    while len(keys) < rows:
        draw = int((rows - len(keys)) * 1.6) + 1000
        k = rng.choice(len(products), draw, p=popularity / popularity.sum())
        i = rng.choice(number, draw, p=exporting / exporting.sum())
        j = rng.choice(number, draw, p=importing)
        fresh = ((k.astype(np.int64) * number + i) * number + j)[i != j]
        keys = np.unique(np.concatenate([keys, fresh]))
    if len(keys) > rows:
        keys = np.sort(rng.choice(keys, rows, replace=False))
    k, i, j = keys // (number * number), keys // number % number, keys % number
    value = np.round(rng.lognormal(3, 2.5, rows), 3) + 0.001
    quantity = np.round(value * rng.lognormal(0, 1, rows), 3)
    quantity[rng.random(rows) < 0.04] = np.nan
    economy_type, product_type = pl.Enum(ECONOMY_CODES), pl.Enum(products)
    return pl.DataFrame(
        {
            "year": np.full(rows, year, dtype=np.int16),
            "exporter": pl.Series(np.asarray(economies)[i], dtype=economy_type),
            "importer": pl.Series(np.asarray(economies)[j], dtype=economy_type),
            "product": pl.Series(np.asarray(products)[k], dtype=product_type),
            "value_kusd": value,
            "quantity_t": pl.Series(quantity).fill_nan(None),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--first", type=int, default=2019)
    parser.add_argument("--rows", type=int, default=9_600_000, help="rows a year")
    parser.add_argument("--seed", type=int, default=20220511)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    ordinary = [code for code in ECONOMY_CODES if code not in UNALLOCATED_CODES]
    others = [code for code in ordinary if code not in LARGE]
    economies = sorted({*LARGE, *rng.choice(others, 226 - len(LARGE), replace=False)})
    products = [
        f"{code:06d}" for code in np.sort(rng.choice(np.arange(10_100, 980_000), 5_000, replace=False))
    ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    for year in range(arguments.first, arguments.first + arguments.years):
        frame = make_year(year, arguments.rows, economies, products, arguments.seed)
        frame.write_parquet(arguments.out / f"{year}.parquet", compression="zstd", row_group_size=1_000_000)
        print(f"{year}: {frame.height:,} rows", flush=True)


if __name__ == "__main__":
    main()
