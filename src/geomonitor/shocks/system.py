r"""The equations of a counterfactual: prices, output and spending at given wages, and their derivative.

.. math::
    \hat c_n^j = \hat w_n^{\beta} \prod_k (\hat P_n^k)^{\gamma (1-\beta)}, \quad
    \hat P_n^j = \Bigl[\sum_i \pi_{ni}^j (\hat\kappa_{ni}^j \hat c_i^j)^{-\theta_j}\Bigr]^{-1/\theta_j}, \quad
    \pi' = \pi (\hat\kappa \hat c / \hat P)^{-\theta}

Source: Caliendo and Parro (2015), Review of Economic Studies 82(1), equations 10 to 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import GeomonitorError
from geomonitor.shocks.acceleration import anderson
from geomonitor.shocks.calibration import Calibration

__all__ = ["CounterfactualSystem", "Deficits", "EquilibriumError", "Shock"]

Floats = NDArray[np.float64]
Deficits = Literal["kept", "zero", "proportional"]

_INNER_STEPS = 2_000
_OWN_INPUTS = 0.9
_INNER_PART = 1e-2
_INNER_WORST = 1e-4


class EquilibriumError(GeomonitorError):
    """No equilibrium was found."""


@dataclass(frozen=True, slots=True)
class Shock:
    """What changes between the base and the counterfactual.

    Attributes
    ----------
    tariff_rates : numpy.ndarray, shape (J, N, N), optional
        New tariffs, ``[sector, buyer, seller]``; as in the base where left out.
    cost_factors : numpy.ndarray, shape (J, N, N), optional
        Factor on other costs of trade (iceberg); 1 where left out.
    denied : numpy.ndarray of bool, shape (J, N, N), optional
        Where trade stops altogether.
    deficits : {'kept', 'zero', 'proportional'}
        Whether trade deficits stay as they are in money (world value added is the unit), vanish, or move
        with the value added of the economy, world deficits staying at 0.
    """

    tariff_rates: Floats | None = None
    cost_factors: Floats | None = None
    denied: NDArray[np.bool_] | None = None
    deficits: Deficits = "kept"


class CounterfactualSystem:
    """The equations of a counterfactual, with what does not change computed once."""

    def __init__(self, base: Calibration, shock: Shock, tolerance: float) -> None:
        self.base, self.shock = base, shock
        self.sectors, self.economies = base.size
        self.theta = base.elasticities[:, None]
        self.tariffs = base.tariff_rates if shock.tariff_rates is None else shock.tariff_rates
        kappa = (1 + self.tariffs) / (1 + base.tariff_rates)
        if shock.cost_factors is not None:
            kappa = kappa * shock.cost_factors
        weights = base.trade_shares * kappa ** -self.theta[:, :, None]
        if shock.denied is not None:
            weights = np.where(shock.denied, 0.0, weights)
        self.weights = np.ascontiguousarray(weights)
        self.net_weights = np.ascontiguousarray(weights / (1 + self.tariffs))
        # sellers' side: a transposed view would be read across the grain in every step
        self.sold_weights = np.ascontiguousarray(self.net_weights.transpose(0, 2, 1))
        self.buys = base.trade_shares.sum(axis=2) > 0
        self._refuse_nothing_left()
        self.beta = base.value_added_shares
        self.inputs = np.ascontiguousarray(base.input_shares)
        self.inputs_by_user = np.ascontiguousarray(base.input_shares.transpose(0, 2, 1))
        self.value_added = base.value_added_musd
        self.world = float(self.value_added.sum())
        self.floor = max(tolerance * 1e-3, 1e-14)
        self.inner_tolerance = self.floor
        self.log_prices = np.zeros((self.sectors, self.economies))
        # anything positive will do to start from
        self.output = np.broadcast_to(self.value_added / self.sectors, self.beta.shape).copy()
        self.counts = {"prices": 0, "spending": 0}

    def _refuse_nothing_left(self) -> None:
        cut = self.buys & ~(self.weights.sum(axis=2) > 0)
        if cut.any():
            sector, buyer = np.argwhere(cut)[0]
            raise EquilibriumError(
                f"{self.base.economies[buyer]} has no supplier left in sector {self.base.sectors[sector]}.",
                where="the scenario",
                expected="at least one supplier, at home or abroad, of whatever is bought",
                next_step="Leave one supplier, or look at the physical shortage instead.",
            )

    def log_costs(self, log_wages: Floats, log_prices: Floats) -> Floats:
        """Give the costs of producers at wages and prices of inputs."""
        inputs = (self.inputs_by_user @ log_prices.T[:, :, None])[:, :, 0].T
        return np.asarray(self.beta * log_wages + (1 - self.beta) * inputs)

    def solve_prices(self, log_wages: Floats) -> tuple[Floats, Floats, float]:
        """Find the prices that belong to wages: a contraction."""

        def step(log_prices: Floats) -> Floats:
            powered = np.exp(-self.theta * self.log_costs(log_wages, log_prices))
            sums = (self.weights @ powered[:, :, None])[:, :, 0]
            return np.where(self.buys, -np.log(np.where(self.buys, sums, 1.0)) / self.theta, 0.0)

        log_prices, gap, steps = anderson(
            step, self.log_prices, tolerance=self.inner_tolerance, most_steps=_INNER_STEPS
        )
        self.counts["prices"] += steps
        if np.isfinite(gap):
            self.log_prices = log_prices
        return log_prices, self.log_costs(log_wages, log_prices), gap

    def solve_output(
        self, log_wages: Floats, log_prices: Floats, log_costs: Floats
    ) -> tuple[Floats, Floats, Floats, float]:
        """Find output that clears all markets at wages and prices; gives output, spending, income and gap."""
        powered = np.exp(-self.theta * log_costs)
        buying = np.exp(self.theta * log_prices)
        net_share = buying * (self.net_weights @ powered[:, :, None])[:, :, 0]
        labour = np.exp(log_wages) * self.value_added
        deficits = self.deficits_at(log_wages)
        final = self.base.final_shares
        # revenue hangs on spending itself: I = wL + D + sum_j X (1 - net share) is closed by hand
        leak = 1 - np.where(self.buys, net_share, 1.0)
        kept = 1 - (final * leak).sum(axis=0)

        def spend(output: Floats) -> tuple[Floats, Floats]:
            used = (1 - self.beta) * output
            bought = (self.inputs @ used.T[:, :, None])[:, :, 0].T
            income = (labour + deficits + (bought * leak).sum(axis=0)) / kept
            return bought + final * income, income

        def step(output: Floats) -> Floats:
            spending, _ = spend(output)
            return powered * (self.sold_weights @ (spending * buying)[:, :, None])[:, :, 0]

        scale = self.world / self.economies
        output, gap, steps = anderson(
            lambda each: step(each * scale) / scale,
            self.output / scale,
            tolerance=self.inner_tolerance,
            most_steps=_INNER_STEPS,
            memory=8,
        )
        self.counts["spending"] += steps
        output = output * scale
        if np.isfinite(gap):
            self.output = output
        spending, income = spend(output)
        return output, spending, income, gap

    def deficits_at(self, log_wages: Floats) -> Floats:
        """Give the trade deficits by the rule of the shock."""
        if self.shock.deficits == "zero":
            return np.zeros(self.economies)
        if self.shock.deficits == "kept":
            return self.base.deficits_musd
        moved = self.base.deficits_musd * np.exp(log_wages)
        # shares of value added cannot all stay: what is left over is spread over value added
        added = np.exp(log_wages) * self.value_added
        return np.asarray(moved - moved.sum() * added / added.sum())

    def excess(self, log_wages: Floats) -> tuple[Floats, float]:
        """Give the excess of what producers pay to labour over wages, as a part of value added."""
        log_prices, log_costs, price_gap = self.solve_prices(log_wages)
        output, _, _, output_gap = self.solve_output(log_wages, log_prices, log_costs)
        paid = (self.beta * output).sum(axis=0)
        return paid / self.value_added - np.exp(log_wages), max(price_gap, output_gap)

    def aim(self, error: float) -> None:
        """Solve prices and spending no better than wages are known; an error of 0 asks for the best."""
        self.inner_tolerance = min(max(_INNER_PART * error, self.floor), _INNER_WORST)

    def normalised(self, log_wages: Floats) -> Floats:
        """Scale wages so that world value added stays what it was."""
        total = (np.exp(log_wages) * self.value_added).sum()
        return np.asarray(log_wages - np.log(total / self.world))

    def rough_derivative(self, log_wages: Floats) -> Floats:
        """Approximate the derivative of the excess: prices of inputs as wages, spending as it is.

        One product of arrays instead of two linear systems; a secant method mends the rest.
        """
        log_prices, log_costs, _ = self.solve_prices(log_wages)
        _, spending, _, _ = self.solve_output(log_wages, log_prices, log_costs)
        powered, buying = np.exp(-self.theta * log_costs), np.exp(self.theta * log_prices)
        shares = self.weights * powered[:, None, :] * buying[:, :, None]
        sales = self.net_weights * powered[:, None, :] * (buying * spending)[:, :, None]
        # most inputs come from home, so costs move nearly one for one with the own wage
        moving = self.beta + (1 - self.beta) * _OWN_INPUTS
        paid = self.theta * self.beta
        lost = (paid * sales.sum(axis=1) * moving).sum(axis=0)
        gained = ((sales * paid[:, None, :]).transpose(0, 2, 1) @ (shares * moving[:, None, :])).sum(axis=0)
        return np.asarray((gained - np.diag(lost)) / self.value_added[:, None])

    def derivative(self, log_wages: Floats, tolerance: float = 1e-4) -> Floats:
        """Differentiate the excess by log wages, all at once, through prices and output."""
        log_prices, log_costs, _ = self.solve_prices(log_wages)
        _, spending, _, _ = self.solve_output(log_wages, log_prices, log_costs)
        powered, buying = np.exp(-self.theta * log_costs), np.exp(self.theta * log_prices)
        shares = self.weights * powered[:, None, :] * buying[:, :, None]
        net = self.net_weights * powered[:, None, :] * buying[:, :, None]
        theta = self.theta[:, :, None]
        unit = np.eye(self.economies)
        direct = self.beta[:, :, None] * unit

        def d_costs(d_prices: Floats) -> Floats:
            inputs = (self.inputs_by_user @ d_prices.transpose(1, 0, 2)).transpose(1, 0, 2)
            return np.asarray(direct + (1 - self.beta)[:, :, None] * inputs)

        d_prices, _, _ = anderson(
            lambda each: shares @ d_costs(each),
            shares @ direct,
            tolerance=tolerance,
            most_steps=60,
            memory=4,
        )
        d_cost = d_costs(d_prices)
        net_sum = net.sum(axis=2)
        # d(net share of X spent) by buyer, and d(sales) by seller at given spending
        d_net = -theta * (net @ d_cost - net_sum[:, :, None] * d_prices)
        sold = (net * spending[:, :, None]).transpose(0, 2, 1)
        d_sales = -theta * (sold.sum(axis=2)[:, :, None] * d_cost - sold @ d_prices)
        labour = np.exp(log_wages) * self.value_added
        final = self.base.final_shares
        leak = 1 - np.where(self.buys, net_sum, 1.0)
        kept = 1 - (final * leak).sum(axis=0)
        d_revenue = -(spending[:, :, None] * d_net).sum(axis=0)
        d_fixed = labour[:, None] * unit + d_revenue
        if self.shock.deficits == "proportional":
            moved = self.base.deficits_musd * np.exp(log_wages)
            d_fixed = d_fixed + moved[:, None] * unit
        sellers = np.ascontiguousarray(net.transpose(0, 2, 1))

        def step(d_output: Floats) -> Floats:
            used = (1 - self.beta)[:, :, None] * d_output
            bought = (self.inputs @ used.transpose(1, 0, 2)).transpose(1, 0, 2)
            d_income = (d_fixed + (bought * leak[:, :, None]).sum(axis=0)) / kept[:, None]
            d_spending = bought + final[:, :, None] * d_income
            return np.asarray(d_sales + sellers @ d_spending)

        scale = self.world / self.economies
        d_output, _, _ = anderson(
            lambda each: step(each * scale) / scale,
            d_sales / scale,
            tolerance=tolerance,
            most_steps=80,
            memory=4,
        )
        paid = (self.beta[:, :, None] * d_output * scale).sum(axis=0) / self.value_added[:, None]
        return np.asarray(paid - np.exp(log_wages)[:, None] * unit)
