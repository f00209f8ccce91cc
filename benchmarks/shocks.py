"""Time the solver of shocks side by side with a plain damped fixed point.

    python benchmarks/shocks.py [--reference FOLDER] [--draws 100]

Prints, measured in one run on one machine:

* one solution of the NAFTA case (31 economies, 40 sectors) to 1e-9, of Caliendo and Parro's data where the
  reference folder is given, else of a made-up world of the same size;
* one solution of a world of 80 economies and 50 sectors to 1e-9, and the same by the algorithm of the paper:
  damped wages outside, a fixed point of prices and one of spending inside, in vectorised NumPy, each warm;
* draws of elasticities of that world on all processors, with the largest memory of a worker;
* growth with economies and with sectors.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from geomonitor.shocks import (
    Base,
    Shock,
    draw_elasticities,
    made_up_calibration,
    rebase,
    shock_fan,
    small_scenario,
    solve_equilibrium,
)

TOLERANCE = 1e-9


def damped_fixed_point(base: Base, shock: Shock, tolerance: float) -> tuple[np.ndarray, int]:
    """Solve as the paper describes: wages move by a fifth of the excess, everything inside by repetition."""
    calibration = base.calibration
    sectors, economies = calibration.size
    theta = calibration.elasticities[:, None]
    tariffs = shock.tariff_rates if shock.tariff_rates is not None else calibration.tariff_rates
    kappa = (1 + tariffs) / (1 + calibration.tariff_rates)
    shares, labour = calibration.trade_shares, calibration.value_added_shares
    weights = shares * kappa ** -theta[:, :, None]
    value_added, deficits = calibration.value_added_musd, calibration.deficits_musd
    wages, prices = np.ones(economies), np.ones((sectors, economies))
    spending = base.equilibrium.spending_musd.copy()
    for number in range(10_000):
        for _ in range(10_000):
            inputs = np.einsum("nkj,kn->jn", calibration.input_shares, np.log(prices))
            costs = wages**labour * np.exp((1 - labour) * inputs)
            sums = np.einsum("jni,ji->jn", weights, costs**-theta)
            new = np.where(sums > 0, np.where(sums > 0, sums, 1.0) ** (-1 / theta), 1.0)
            gap = np.max(np.abs(new - prices))
            prices = new
            if gap < tolerance / 10:
                break
        new_shares = weights * (costs**-theta)[:, None, :] * (prices**theta)[:, :, None]
        net = new_shares / (1 + tariffs)
        net_sum = net.sum(axis=2)
        for _ in range(10_000):
            output = np.einsum("jn,jni->ji", spending, net)
            income = wages * value_added + deficits + (spending * (1 - net_sum)).sum(axis=0)
            used = np.einsum("nkj,jn->kn", calibration.input_shares, (1 - labour) * output)
            new_spending = used + calibration.final_shares * income
            gap = np.max(np.abs(new_spending - spending)) / spending.max()
            spending = new_spending
            if gap < tolerance / 10:
                break
        output = np.einsum("jn,jni->ji", spending, net)
        excess = (labour * output).sum(axis=0) / value_added - wages
        if np.max(np.abs(excess)) < tolerance:
            return wages, number
        wages = wages * (1 + 0.2 * excess / wages)
        wages = wages * value_added.sum() / (wages * value_added).sum()
    raise RuntimeError("the damped fixed point did not get there")


def best_of(action: Callable[[], object], times: int = 3) -> float:
    """Give the shortest of some runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return min(taken)


def two_raise_tariffs(base: Base, points: float = 0.25) -> Shock:
    """Let the first and the second third of economies raise tariffs on each other."""
    tariffs = base.calibration.tariff_rates.copy()
    third = tariffs.shape[1] // 3
    tariffs[:, :third, third : 2 * third] += points
    tariffs[:, third : 2 * third, :third] += points
    return Shock(tariffs)


def nafta(reference: Path | None) -> tuple[str, Base, Shock]:
    """Give the case of the paper, or a made-up one of its size."""
    if reference is None:
        base = rebase(made_up_calibration(1, economies=31, sectors=40))
        return "made-up world of 31 x 40", base, two_raise_tariffs(base)
    from geomonitor.shocks.calibration_files import read_caliendo_parro

    calibration, _, after = read_caliendo_parro(reference / "models/caliendo_parro_2015/original_txt")
    base = rebase(calibration, "zero")
    places = [base.calibration.economies.index(each) for each in ("MEX", "CAN", "USA")]
    tariffs = base.calibration.tariff_rates.copy()
    for buyer in places:
        for seller in places:
            if buyer != seller:
                tariffs[:, buyer, seller] = after[:, buyer, seller]
    return "NAFTA, 31 x 40", base, Shock(tariffs, deficits="zero")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--reference", type=Path, help="folder of the reference data set")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--growth", action="store_true", help="measure growth too")
    given = parser.parse_args()

    name, base, shock = nafta(given.reference)
    seconds = best_of(lambda: solve_equilibrium(base.calibration, shock, tolerance=TOLERANCE), 5)
    print(f"{name}: {seconds:.3f} s to {TOLERANCE:g}")

    large = rebase(made_up_calibration(2, economies=80, sectors=50))
    shock = two_raise_tariffs(large)
    found = solve_equilibrium(large.calibration, shock, tolerance=TOLERANCE)
    ours = best_of(lambda: solve_equilibrium(large.calibration, shock, tolerance=TOLERANCE))
    start = time.perf_counter()
    wages, rounds = damped_fixed_point(large, shock, TOLERANCE)
    plain = time.perf_counter() - start
    print(f"80 x 50: {ours:.2f} s ({found.steps['wages']} steps of wages)")
    print(f"80 x 50, damped fixed point: {plain:.2f} s ({rounds} rounds)")
    gap = np.abs(wages - found.wages).max()
    print(f"damped / ours: {plain / ours:.1f}, largest difference of a wage {gap:.1e}")

    if given.draws:
        scenario = small_scenario()
        change = replace(
            scenario.changes[0], buyers=("E0", "E1", "E2"), sellers=("E3", "E4"), sectors=("all",)
        )
        scenario = replace(scenario, changes=(change,))
        start = time.perf_counter()
        fan = shock_fan(
            large.calibration, scenario, draw_elasticities(large.calibration, given.draws, seed=1)
        )
        taken = time.perf_counter() - start
        memory = max(
            resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        print(
            f"{given.draws} draws of 80 x 50: {taken:.0f} s, {taken / given.draws:.2f} s each, "
            f"{fan.failures.height} without result, at most {memory / 2**20:.2f} GiB a process"
        )
    if given.growth:
        for economies, sectors in ((20, 50), (40, 50), (80, 50), (160, 50), (80, 25), (80, 100)):
            world = rebase(made_up_calibration(3, economies=economies, sectors=sectors))
            shock = two_raise_tariffs(world)
            seconds = best_of(lambda: solve_equilibrium(world.calibration, shock, tolerance=TOLERANCE), 2)  # noqa: B023
            print(f"{economies} x {sectors}: {seconds:.2f} s")


if __name__ == "__main__":
    main()
