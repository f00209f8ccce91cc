"""Dependency screening of BACI-sized data, side by side with a scan and with a pandas script.

    python benchmarks/generate_flows.py FLOWS --years 5
    python benchmarks/screening.py FLOWS [--repeat 3] [--skip-pandas]

Every measurement runs in a process of its own (so that its peak memory is its own), with the files
in the page cache, and is repeated; the best time counts. Ratios are to the scan in the same run.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COLUMNS = ["year", "exporter", "importer", "product", "value_kusd"]
OTHERS = ("USA", "CHN", "GBR", "JPN", "IND")


# Number of yearly files to take; None takes all.
FILES: int | None = None


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))[:FILES]


def years_of(folder: Path) -> list[int]:
    return [int(file.stem) for file in files_of(folder)]


def row_count(folder: Path) -> int:
    import polars as pl

    return int(pl.scan_parquet(files_of(folder)).select(pl.len()).collect().item())


def scan(folder: Path) -> int:
    """The physical limit: Polars reads the five columns and touches every value."""
    import polars as pl

    flows = pl.scan_parquet(files_of(folder)).select(COLUMNS)
    found = flows.select(pl.col("value_kusd").sum(), pl.exclude("value_kusd").max()).collect()
    return found.height


def scan_duckdb(folder: Path) -> int:
    """The same scan by DuckDB."""
    import duckdb

    flows = duckdb.read_parquet([str(file) for file in files_of(folder)])
    largest = ", ".join(f"max({name})" for name in COLUMNS[:4])
    return len(flows.aggregate(f"{largest}, sum(value_kusd)").fetchall())


def one_method(folder: Path, engine: str = "polars") -> int:
    """commission-2021 for the EU."""
    from geomonitor.dependency import method, screen_flows
    from geomonitor.trade import importer

    (found,) = screen_flows(
        opened(folder, engine),
        [importer("EU27_2020")],
        method("commission-2021"),
        years_of(folder),
        quantities=False,
        whole_dollars=True,
        verified=True,
    )
    return int(found.table["dependent"].sum())


def one_method_duckdb(folder: Path) -> int:
    """commission-2021 for the EU on DuckDB."""
    return one_method(folder, "duckdb")


def opened(folder: Path, engine: str) -> Any:
    if engine == "duckdb":
        import duckdb

        return duckdb.connect().read_parquet([str(file) for file in files_of(folder)])
    import polars as pl

    return pl.scan_parquet(files_of(folder))


def pandas_script(folder: Path) -> int:
    """The same, as an analyst would write it in pandas."""
    import pandas as pd

    from geomonitor.codes import group

    eu = list(group("EU27_2020").members)
    flows = pd.concat([pd.read_parquet(file, columns=COLUMNS) for file in files_of(folder)])
    to_eu = flows[flows["importer"].isin(eu)]
    extra = to_eu[~to_eu["exporter"].isin(eu)]
    intra = to_eu[to_eu["exporter"].isin(eu)]
    exports = flows[flows["exporter"].isin(eu)].groupby("product", observed=True)["value_kusd"].sum()
    by_supplier = extra.groupby(["product", "exporter"], observed=True)["value_kusd"].sum().reset_index()
    m_extra = by_supplier.groupby("product", observed=True)["value_kusd"].sum()
    m_intra = intra.groupby("product", observed=True)["value_kusd"].sum()
    by_supplier["share"] = by_supplier["value_kusd"] / by_supplier["product"].map(m_extra).astype(float)
    by_supplier["square"] = by_supplier["share"] ** 2
    table = pd.DataFrame({"cdi1": by_supplier.groupby("product", observed=True)["square"].sum()})
    table["cdi2"] = m_extra / (m_extra + m_intra.reindex(m_extra.index).fillna(0.0))
    table["cdi3"] = m_extra / exports.reindex(m_extra.index)
    main = by_supplier.sort_values("value_kusd").groupby("product", observed=True).tail(1)
    table["main_supplier"] = main.set_index("product")["exporter"]
    dependent = (table["cdi1"] > 0.4) & (table["cdi2"] > 0.5) & ~(table["cdi3"] <= 1.0)
    return int(dependent.sum())


def all_methods(folder: Path) -> int:
    """Five methods for the EU, its 27 members and five others, in one run."""
    from geomonitor.codes import group
    from geomonitor.dependency import measure, methods, screen
    from geomonitor.trade import importer, supply_tables

    importers = [importer(code) for code in ("EU27_2020", *group("EU27_2020").members, *OTHERS)]
    supply = supply_tables(
        opened(folder, "polars"),
        importers,
        years_of(folder),
        quantities=False,
        whole_dollars=True,
        verified=True,
    )
    plain = [each for each in methods().values() if not each.network]
    return sum(
        int(screen(measured, each).table["dependent"].fill_null(False).sum())
        for measured in measure(supply, importers)
        for each in plain
    )


def network_method(folder: Path) -> int:
    """The network method, the same for all importers."""
    from geomonitor.dependency import supply_fragility

    found = supply_fragility(opened(folder, "polars"), years_of(folder), whole_dollars=True, verified=True)
    return found.table.height


TASKS: dict[str, Callable[[Path], int]] = {
    each.__name__: each
    for each in (scan, scan_duckdb, one_method, one_method_duckdb, pandas_script, all_methods, network_method)
}


def measure_task(name: str, folder: Path, repeat: int, files: int | None = None) -> dict[str, Any]:
    """Run a task in a process of its own."""
    command = [sys.executable, __file__, str(folder), "--task", name, "--repeat", str(repeat)]
    if files is not None:
        command += ["--files", str(files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_task(name: str, folder: Path, repeat: int) -> None:
    best, result = float("inf"), 0
    for _ in range(repeat):
        start = time.perf_counter()
        result = TASKS[name](folder)
        best = min(best, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": best, "peak_gib": peak, "result": result}))


def growth(folder: Path, repeat: int) -> None:
    """Show time and peak memory for more and more years."""
    global FILES
    for number in range(1, len(files_of(folder)) + 1, 2):
        FILES = number
        rows = row_count(folder)
        for name in ("scan", "one_method", "all_methods"):
            found = measure_task(name, folder, repeat, number)
            print(
                f"{rows:12,} rows  {name:12s} {found['seconds']:6.2f} s  peak {found['peak_gib']:.2f} GiB",
                flush=True,
            )
        FILES = None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--task", choices=TASKS)
    parser.add_argument("--skip-pandas", action="store_true")
    parser.add_argument("--files", type=int, help="take only the first so many years")
    parser.add_argument("--growth", action="store_true", help="show how time and memory grow with the years")
    arguments = parser.parse_args()
    global FILES
    FILES = arguments.files
    if arguments.task:
        run_task(arguments.task, arguments.folder, arguments.repeat)
        return
    if arguments.growth:
        growth(arguments.folder, arguments.repeat)
        return
    import polars as pl

    files = files_of(arguments.folder)
    rows = row_count(arguments.folder)
    size = sum(file.stat().st_size for file in files)
    print(f"{rows:,} rows, {len(files)} files, {size / rows:.2f} bytes a row", end=" ")
    print(f"(250 million rows: {250e6 * size / rows / 1024**3:.2f} GiB)")
    print(f"{platform.machine()}, Python {platform.python_version()}, Polars {pl.__version__}")
    limits = {"one_method": 3, "all_methods": 20, "network_method": 150}
    found: dict[str, dict[str, Any]] = {}
    for name in TASKS:
        if name == "pandas_script" and arguments.skip_pandas:
            continue
        repeat = 1 if name in {"network_method", "pandas_script"} else arguments.repeat
        found[name] = measure_task(name, arguments.folder, repeat)
        base = found["scan_duckdb" if name.endswith("duckdb") else "scan"]["seconds"]
        ratio = found[name]["seconds"] / base
        limit = f" (bar {limits[name]})" if name in limits else ""
        print(
            f"{name:18s} {found[name]['seconds']:8.2f} s  {ratio:7.2f} x scan{limit:10s}"
            f"  peak {found[name]['peak_gib']:.2f} GiB  result {found[name]['result']}",
            flush=True,
        )
    if "pandas_script" in found:
        factor = found["pandas_script"]["seconds"] / found["one_method"]["seconds"]
        print(f"pandas / one_method: {factor:.1f} (bar 10)")


if __name__ == "__main__":
    main()
