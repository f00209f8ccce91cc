r"""Counterfactual equilibrium of Caliendo and Parro (2015), in changes.

Given wages, prices follow from a contraction, and spending from a linear system; wages are found by a secant
method on the excess of value added, by Newton's method where that fails, and by a damped fixed point where
that fails too. All conditions are measured at the end.

Source: Caliendo and Parro (2015), Estimates of the Trade and Welfare Effects of NAFTA, Review of Economic
Studies 82(1), equations 10 to 14.

Cost: a step is of order J N^2 + N J^2; the rough derivative of order J N^3, once. Memory is a handful of
arrays of J N^2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geomonitor.shocks.calibration import Calibration
from geomonitor.shocks.system import CounterfactualSystem, Deficits, EquilibriumError, Shock
from geomonitor.shocks.wages import damped, newton, secant

__all__ = ["Deficits", "Equilibrium", "EquilibriumError", "Shock", "solve_equilibrium"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """An equilibrium in changes against its calibration.

    Attributes
    ----------
    wages : numpy.ndarray, shape (N,)
        Factor on wages; world value added is the unit of money.
    prices, costs : numpy.ndarray, shape (J, N)
        Factor on the price of a sector to its buyers, and on the cost of its producers.
    trade_shares : numpy.ndarray, shape (J, N, N)
    tariff_rates : numpy.ndarray, shape (J, N, N)
        New ones.
    spending_musd, output_musd : numpy.ndarray, shape (J, N)
        Tariffs included; net of tariffs.
    income_musd, revenue_musd, deficits_musd : numpy.ndarray, shape (N,)
    residuals : dict of str to float
        Largest relative error of every condition.
    steps : dict of str to int
    method : str
        Which solver it was.
    """

    wages: Floats
    prices: Floats
    costs: Floats
    trade_shares: Floats
    tariff_rates: Floats
    spending_musd: Floats
    output_musd: Floats
    income_musd: Floats
    revenue_musd: Floats
    deficits_musd: Floats
    residuals: dict[str, float]
    steps: dict[str, int]
    method: str


def solve_equilibrium(
    base: Calibration,
    shock: Shock | None = None,
    *,
    tolerance: float = 1e-9,
    start: Floats | None = None,
) -> Equilibrium:
    """Find the equilibrium after a shock.

    Parameters
    ----------
    base : Calibration
        Sound (`check_calibration`); for hats against the base, an equilibrium itself (`rebase`).
    shock : Shock, optional
        None finds the equilibrium that belongs to the calibration.
    tolerance : float
        On the excess of value added, as a part of it.
    start : numpy.ndarray, shape (N,), optional
        Wages to start from, such as those of a similar shock.

    Returns
    -------
    Equilibrium

    Raises
    ------
    EquilibriumError
        If an economy has no supplier left, or no equilibrium is found; the message names the worst economy
        and sector.
    """
    system = CounterfactualSystem(base, shock or Shock(), tolerance)
    log_wages = np.zeros(system.economies) if start is None else np.log(np.asarray(start, dtype=np.float64))
    log_wages = system.normalised(log_wages)
    steps, found, method = 0, None, ""
    for way in (secant, newton, damped):
        found, taken, method = way(system, log_wages, tolerance)
        steps += taken
        if found is not None:
            break
    if found is None:
        raise _no_equilibrium(system, log_wages, tolerance)
    return _equilibrium(system, found, steps, method, tolerance)


def _no_equilibrium(system: CounterfactualSystem, log_wages: Floats, tolerance: float) -> EquilibriumError:
    value, inner = system.excess(log_wages)
    worst = int(np.nanargmax(np.abs(np.nan_to_num(value, nan=np.inf))))
    log_prices, _, _ = system.solve_prices(log_wages)
    sector = int(np.nanargmax(np.abs(np.nan_to_num(log_prices[:, worst], nan=np.inf))))
    return EquilibriumError(
        f"No equilibrium was found: value added of {system.base.economies[worst]} is off by "
        f"{value[worst]:.2%}, its price of sector {system.base.sectors[sector]} moves most.",
        where="the scenario",
        expected=f"every condition within {tolerance:g} (prices and spending: {inner:.1e})",
        next_step="Make the shock smaller, or raise the elasticity of that sector.",
    )


def _equilibrium(
    system: CounterfactualSystem, log_wages: Floats, steps: int, method: str, tolerance: float
) -> Equilibrium:
    system.aim(0.0)
    log_prices, log_costs, price_gap = system.solve_prices(log_wages)
    output, spending, income, _ = system.solve_output(log_wages, log_prices, log_costs)
    powered, buying = np.exp(-system.theta * log_costs), np.exp(system.theta * log_prices)
    shares = system.weights * powered[:, None, :] * buying[:, :, None]
    net = shares / (1 + system.tariffs)
    revenue = (spending * np.where(system.buys, 1 - net.sum(axis=2), 0.0)).sum(axis=0)
    deficits = system.deficits_at(log_wages)
    wages = np.exp(log_wages)
    imports = (spending[:, :, None] * net).sum(axis=(0, 2))
    exports = (spending[:, :, None] * net).sum(axis=(0, 1))
    used = (system.inputs @ ((1 - system.beta) * output).T[:, :, None])[:, :, 0].T
    scale = system.value_added
    residuals = {
        "prices": price_gap,
        "trade shares add up": float(np.max(np.abs(shares.sum(axis=2) - 1)[system.buys], initial=0.0)),
        "goods markets": float(
            np.max(np.abs((spending[:, :, None] * net).sum(axis=1) - output)) / (system.world / scale.size)
        ),
        "spending": float(
            np.max(np.abs(used + system.base.final_shares * income - spending)) / (system.world / scale.size)
        ),
        "income": float(np.max(np.abs(wages * scale + revenue + deficits - income) / scale)),
        "value added": float(np.max(np.abs((system.beta * output).sum(axis=0) / scale - wages))),
        "trade balance": float(np.max(np.abs(imports - exports - deficits) / scale)),
        "world trade": float(abs((imports - exports).sum()) / system.world),
    }
    worst = max(residuals, key=lambda name: residuals[name])
    # the balance of trade gathers the errors of all other conditions
    if not residuals[worst] <= 100 * tolerance:
        raise EquilibriumError(
            f"The solution does not hold: {worst} is off by {residuals[worst]:.1e}.",
            where="the scenario",
            expected=f"at most {100 * tolerance:.1e}",
            next_step="Report this case: the solver stopped too early.",
        )
    return Equilibrium(
        wages=wages,
        prices=np.exp(log_prices),
        costs=np.exp(log_costs),
        trade_shares=shares,
        tariff_rates=system.tariffs,
        spending_musd=spending,
        output_musd=output,
        income_musd=income,
        revenue_musd=revenue,
        deficits_musd=deficits,
        residuals=residuals,
        steps={"wages": steps, **system.counts},
        method=method,
    )
