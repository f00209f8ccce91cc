"""Time the solver of shocks side by side with two plain ways of solving the same model.

    python benchmarks/shocks.py [--reference FOLDER] [--draws 100] [--growth] [--write]

Measures, in one run on one machine, each to 1e-9 and warm:

* one solution of the NAFTA case (31 economies, 40 sectors), of Caliendo and Parro's data where the reference
  folder is given, else of a made-up world of the same size;
* one solution of 80 economies and 50 sectors: the OECD table that ships, for tariffs between the EU and
  China up by 25 and by 100 percentage points, and a made-up world in which two thirds of the economies raise
  tariffs on each other;
* the same by a damped fixed point in vectorised NumPy: wages move by a fifth of the excess, prices and
  spending by repetition from where they were; powers are taken of costs, before they meet the trade shares;
* the same as the paper writes it down: powers of the whole array of trade costs in every step of prices, and
  one dense system of all sectors of all economies for spending in every round. A step and a round are timed,
  and multiplied by the numbers of them that the damped fixed point took;
* draws of elasticities of the OECD table on all processors, with the largest memory of a process;
* growth with economies and with sectors.

With --write the figures go between the marker comments of docs/performance.md.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geomonitor.shocks import (
    Base,
    Shock,
    draw_elasticities,
    made_up_calibration,
    rebase,
    scenario,
    shock_fan,
    shock_of,
    solve_equilibrium,
)
from geomonitor.shocks.calibrate import embedded_calibration

TOLERANCE = 1e-9
SAME = 1e-7
TIMED = 3
"""Steps and rounds of the paper's way that are timed."""

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN = "<!-- Shock figures: begin. Written by benchmarks/shocks.py --write; state the machine. -->"
END = "<!-- Shock figures: end. -->"


@dataclass(frozen=True)
class Plain:
    """What a plain way of solving found, and how long it took."""

    wages: np.ndarray
    rounds: int
    price_steps: int
    seconds: float


def damped_fixed_point(base: Base, shock: Shock, tolerance: float) -> Plain:
    """Solve by repetition: wages move by a fifth of the excess, prices and spending start where they were."""
    start = time.perf_counter()
    calibration = base.calibration
    sectors, economies = calibration.size
    theta = calibration.elasticities[:, None]
    tariffs = shock.tariff_rates if shock.tariff_rates is not None else calibration.tariff_rates
    kappa = (1 + tariffs) / (1 + calibration.tariff_rates)
    labour = calibration.value_added_shares
    weights = calibration.trade_shares * kappa ** -theta[:, :, None]
    value_added, deficits = calibration.value_added_musd, calibration.deficits_musd
    wages, prices = np.ones(economies), np.ones((sectors, economies))
    spending = base.equilibrium.spending_musd.copy()
    steps = 0
    for number in range(10_000):
        for _ in range(10_000):
            steps += 1
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
            return Plain(wages, number + 1, steps, time.perf_counter() - start)
        wages = wages * (1 + 0.2 * excess / wages)
        wages = wages * value_added.sum() / (wages * value_added).sum()
    raise RuntimeError("the damped fixed point did not get there")


@dataclass(frozen=True)
class Written:
    """Seconds that the equations as they stand in the paper would take."""

    prices: float
    spending: float

    @property
    def seconds(self) -> float:
        return self.prices + self.spending


def as_written(base: Base, shock: Shock, rounds: int, price_steps: int) -> Written:
    """Time the equations as they stand in the paper, and multiply by rounds and steps.

    A step of prices takes powers of the whole array; a round solves one dense system for spending. Both are
    timed near the base, where they cost what they cost anywhere.
    """
    calibration = base.calibration
    sectors, economies = calibration.size
    theta = calibration.elasticities[:, None, None]
    tariffs = shock.tariff_rates if shock.tariff_rates is not None else calibration.tariff_rates
    shares, labour = calibration.trade_shares, calibration.value_added_shares
    wages, ones = np.ones(economies), np.ones((sectors, economies))
    buys = shares.sum(axis=2) > 0

    def step(prices: np.ndarray, kappa: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inputs = np.einsum("nkj,kn->jn", calibration.input_shares, np.log(prices))
        costs = wages**labour * np.exp((1 - labour) * inputs)
        sums = (shares * (kappa * costs[:, None, :]) ** -theta).sum(axis=2)
        return np.where(buys, np.where(buys, sums, 1.0) ** (-1 / theta[:, :, 0]), 1.0), costs

    def spend(prices: np.ndarray, costs: np.ndarray, kappa: np.ndarray, tariffs: np.ndarray) -> np.ndarray:
        new = shares * (kappa * costs[:, None, :] / prices[:, :, None]) ** -theta
        net = new / (1 + tariffs)
        # by economy, then sector: what n spends on j for a dollar that i spends on k
        used = calibration.input_shares * (1 - labour).T[:, None, :]
        matrix = np.einsum("njk,kin->njik", used, net).reshape(economies * sectors, -1)
        leak = 1 - np.where(buys, net.sum(axis=2), 1.0)
        for place in range(economies):
            own = slice(place * sectors, (place + 1) * sectors)
            matrix[own, own] += np.outer(calibration.final_shares[:, place], leak[:, place])
        fixed = calibration.final_shares * (wages * calibration.value_added_musd + calibration.deficits_musd)
        system = np.eye(economies * sectors) - matrix
        return np.linalg.solve(system, fixed.T.ravel()).reshape(economies, sectors).T

    same = np.ones_like(tariffs)
    given = base.equilibrium.spending_musd
    # without a shock the system gives back the spending of the base, so it is the same model
    again = spend(*step(ones, same), same, calibration.tariff_rates)
    assert np.abs(again - given).max() < 1e-6 * given.max()
    kappa = (1 + tariffs) / (1 + calibration.tariff_rates)
    prices, costs = step(ones, kappa)
    return Written(
        prices=price_steps * best_of(lambda: step(prices, kappa), TIMED),
        spending=rounds * best_of(lambda: spend(prices, costs, kappa, tariffs), TIMED),
    )


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
        return "made-up world, 31 x 40", base, two_raise_tariffs(base)
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


def large_cases() -> list[tuple[str, Base, Shock]]:
    """Give the cases of 80 economies and 50 sectors."""
    cases = []
    for points in (25, 100):
        asked = scenario(f"eu-china-{points}pp")
        ships = rebase(embedded_calibration(), asked.deficits)
        cases.append((f"OECD table, EU and China +{points} pp", ships, shock_of(asked, ships.calibration)))
    made = rebase(made_up_calibration(2, economies=80, sectors=50))
    return [*cases, ("made-up world, two thirds of it", made, two_raise_tariffs(made))]


def compared(name: str, base: Base, shock: Shock) -> str:
    """Solve one case in three ways: a row of the table."""
    found = solve_equilibrium(base.calibration, shock, tolerance=TOLERANCE)
    ours = best_of(lambda: solve_equilibrium(base.calibration, shock, tolerance=TOLERANCE), 5)
    damped = damped_fixed_point(base, shock, TOLERANCE)
    written = as_written(base, shock, damped.rounds, damped.price_steps)
    apart = np.abs(damped.wages - found.wages).max()
    if not apart < SAME:
        raise SystemExit(f"{name}: the two ways do not solve the same model, wages differ by {apart:.0e}")
    print(
        f"{name}: {ours:.3f} s, {found.steps['wages']} steps of wages ({found.method}); "
        f"damped {damped.seconds:.2f} s, {damped.rounds} rounds, {damped.price_steps} steps of prices; "
        f"as written {written.prices:.1f} s for prices, {written.spending:.0f} s for spending; "
        f"largest difference of a wage {apart:.0e}"
    )
    return (
        f"| {name} | {ours:.3f} | {damped.seconds:.2f} | {written.prices:.1f} | {written.spending:.0f} "
        f"| {damped.seconds / ours:.1f} | {written.seconds / ours:.0f} | {apart:.0e} |"
    )


def drawn(draws: int) -> str:
    """Draw elasticities of the OECD table on all processors: a sentence."""
    from joblib.externals.loky import get_reusable_executor

    calibration = embedded_calibration()
    start = time.perf_counter()
    fan = shock_fan(calibration, scenario("eu-china-25pp"), draw_elasticities(calibration, draws, seed=1))
    taken = time.perf_counter() - start
    # the memory of workers is known once they have ended
    get_reusable_executor().shutdown(wait=True)
    memory = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return (
        f"{draws:,} draws of elasticities of the OECD table, +25 pp, on all processors: {taken:.0f} s, "
        f"{1000 * taken / draws:.0f} ms each, {fan.failures.height} without a result, at most "
        f"{memory / 2**20:.2f} GiB a process."
    )


def grown() -> list[str]:
    """Time made-up worlds of several sizes: rows of a table."""
    rows = []
    for economies, sectors in ((20, 50), (40, 50), (80, 50), (160, 50), (80, 25), (80, 100)):
        world = rebase(made_up_calibration(3, economies=economies, sectors=sectors))
        shock = two_raise_tariffs(world)
        found = solve_equilibrium(world.calibration, shock, tolerance=TOLERANCE)
        seconds = best_of(lambda: solve_equilibrium(world.calibration, shock, tolerance=TOLERANCE), 2)  # noqa: B023
        print(f"{economies} x {sectors}: {seconds:.2f} s")
        rows.append(f"| {economies} | {sectors} | {seconds:.2f} | {found.steps['wages']} |")
    return rows


def write(lines: list[str]) -> None:
    """Put the figures between the marker comments of the page."""
    text = PAGE.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"{PAGE.name} lacks the marker comments: {BEGIN} and {END}")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    content = "\n".join(lines)
    PAGE.write_text(f"{before}{BEGIN}\n\n{content}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, help="folder of the reference data set")
    parser.add_argument("--draws", type=int, default=100, help="draws of elasticities; 0 for none")
    parser.add_argument("--growth", action="store_true", help="measure growth too")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    given = parser.parse_args()

    name, base, shock = nafta(given.reference)
    seconds = best_of(lambda: solve_equilibrium(base.calibration, shock, tolerance=TOLERANCE), 5)
    first = f"{name}, one solution to {TOLERANCE:g}: {seconds:.3f} s (bar: 0.15)."
    print(first)
    lines = [
        f"Measured on {datetime.date.today().isoformat()}, best of five runs, to {TOLERANCE:g}; the damped "
        "fixed point once.",
        "",
        first,
        "",
        "| 80 economies, 50 sectors | Geomonitor, s | damped, s | as written: prices, s | spending, s "
        "| damped / ours | as written / ours | largest difference of a wage |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(compared(*case) for case in large_cases()),
    ]
    if given.draws:
        lines += ["", drawn(given.draws)]
        print(lines[-1])
    if given.growth:
        lines += [
            "",
            "Made-up worlds, two thirds of the economies raise tariffs on each other:",
            "",
            "| economies | sectors | seconds | steps of wages |",
            "|---:|---:|---:|---:|",
            *grown(),
        ]
    if given.write:
        write(lines)


if __name__ == "__main__":
    main()
