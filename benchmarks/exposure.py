"""Exposure of every EU member to every economy, side by side with pymrio and with a bare factorisation.

    python benchmarks/exposure.py [--nodes 4000 8000] [--repeat 2]

4,000 nodes are the embedded OECD table of 2022; other sizes are made tables. Every measurement
runs in a process of its own, so that its peak memory is its own. Look-through and value-added
shares are computed for all users and all origins.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings
from typing import Any

import numpy as np


def made(nodes: int) -> Any:
    """Give the embedded table, or draw one of another size (50 sectors)."""
    from geomonitor.data.input_output import InputOutputTable, embedded_input_output

    table = embedded_input_output()
    if nodes == table.size:
        return table
    rng = np.random.default_rng(nodes)
    flows = rng.random((nodes, nodes), dtype=np.float32)
    np.power(flows, 8, out=flows)
    demand = rng.random(nodes) * 10.0 + flows.sum(axis=0, dtype=np.float64)
    output = flows.sum(axis=1, dtype=np.float64) + demand
    countries = tuple(f"C{number:03d}" for number in range(nodes // 50))
    return InputOutputTable(
        "made", 2022, countries, table.sectors, flows, demand[:, np.newaxis], (("*", "total"),), output
    )


def members(table: Any) -> list[str]:
    from geomonitor.codes import group

    found = [code for code in group("EU27_2020").members if code in table.countries]
    return found or list(table.countries[:27])


def ours(table: Any) -> float:
    """Factorise, and solve for all origins."""
    import polars as pl

    from geomonitor.chains import exposure_matrix, leontief_system

    system = leontief_system(table)
    found = exposure_matrix(system, members(table), measures=("look_through_share", "value_added_share"))
    return float(found.table.filter(pl.col("origin") == table.countries[14])["look_through_share"].sum())


def bare_lu(table: Any) -> float:
    """Factorise the same matrix, and nothing else."""
    from scipy.linalg import lu_factor

    matrix = np.asarray(table.flows_musd, dtype=np.float64)
    output = np.asarray(table.output_musd)
    matrix = matrix * -np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)
    matrix[np.diag_indices_from(matrix)] += 1.0
    factors, _ = lu_factor(matrix.T, overwrite_a=True, check_finite=False)
    return float(factors[0, 0])


def with_pymrio(table: Any) -> float:
    """As a user of pymrio would: an IOSystem by name, calc_system, then the shares from its inverse."""
    return _pymrio(table, system=True)


def pymrio_functions(table: Any) -> float:
    """The least that pymrio can do: calc_A and calc_L, then the shares."""
    return _pymrio(table, system=False)


def _pymrio(table: Any, *, system: bool) -> float:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pymrio

        index = pd.MultiIndex.from_tuples(
            [(country, sector) for country in table.countries for sector in table.sectors],
            names=["region", "sector"],
        )
        flows = pd.DataFrame(np.asarray(table.flows_musd, dtype=np.float64), index=index, columns=index)
        if system:
            demand = pd.DataFrame(
                np.asarray(table.final_demand_musd),
                index=index,
                columns=pd.MultiIndex.from_tuples([("all", "total")], names=["region", "category"]),
            )
            made_system = pymrio.IOSystem(Z=flows, Y=demand)
            made_system.calc_system()
            coefficients, inverse, output = made_system.A, made_system.L, made_system.x
        else:
            output = pd.DataFrame(np.asarray(table.output_musd), index=index, columns=["indout"])
            coefficients = pymrio.calc_A(flows, output)
            inverse = pymrio.calc_L(coefficients)
        value_added = 1.0 - coefficients.sum(axis=0)
        beyond = inverse - np.eye(len(inverse))
        shares = beyond.groupby(level="region", sort=False).sum() / beyond.sum(axis=0)
        added = inverse.mul(value_added, axis=0).groupby(level="region", sort=False).sum()
        weights = output["indout"]
        total = 0.0
        for member in members(table):
            weight = weights[member].to_numpy()
            part = np.nan_to_num(shares[member].to_numpy())
            bought = (beyond[member].sum(axis=0).to_numpy() > 0) * weight
            place = list(shares.index).index(table.countries[14])
            total += float((part * bought).sum(axis=1)[place] / bought.sum())
            (added[member].to_numpy() * weight).sum(axis=1)
    return total


TASKS = {
    "bare_lu": bare_lu,
    "ours": ours,
    "with_pymrio": with_pymrio,
    "pymrio_functions": pymrio_functions,
}


def run_task(name: str, nodes: int, repeat: int) -> None:
    table = made(nodes)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    best, result = float("inf"), 0.0
    for _ in range(repeat):
        start = time.perf_counter()
        result = TASKS[name](table)
        best = min(best, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": best, "peak_gib": peak, "table_gib": base, "result": result}))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, nargs="+", default=[4000, 8000])
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--task", choices=TASKS)
    arguments = parser.parse_args()
    if arguments.task:
        run_task(arguments.task, arguments.nodes[0], arguments.repeat)
        return
    for nodes in arguments.nodes:
        found = {}
        for name in TASKS:
            command = [sys.executable, __file__, "--task", name, "--nodes", str(nodes)]
            done = subprocess.run(
                [*command, "--repeat", str(arguments.repeat)], check=True, capture_output=True, text=True
            )
            found[name] = one = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{nodes:6,} nodes  {name:16s} {one['seconds']:7.2f} s  peak {one['peak_gib']:.2f} GiB"
                f"  result {one['result']:.10f}",
                flush=True,
            )
        mine, peer, bare = found["ours"], found["with_pymrio"], found["bare_lu"]
        least = found["pymrio_functions"]["seconds"] / mine["seconds"]
        print(
            f"{nodes:6,} nodes  pymrio / ours {peer['seconds'] / mine['seconds']:.1f} x time (bar 5), "
            f"{peer['peak_gib'] / mine['peak_gib']:.1f} x memory (bar 2), its functions alone {least:.1f} x; "
            f"ours / bare factorisation {mine['seconds'] / bare['seconds']:.2f} (bar 2)"
        )


if __name__ == "__main__":
    main()
