r"""The world market of a product: prices, trade and welfare by economy after a change of tariffs (GSIM).

Origins are imperfect substitutes in every market, and every origin has one price. With log changes of
sellers' prices :math:`x_i` and of tariffs :math:`\rho_{iv}`, demand of market v for origin i changes by

.. math::
    \hat q_{iv} = e^{-\sigma (x_i + \rho_{iv}) + (\sigma - \varepsilon) z_v}, \quad
    e^{(1-\sigma) z_v} = \sum_k \theta_{kv} e^{(1-\sigma)(x_k + \rho_{kv})},

and supply meets it: :math:`\sum_v \phi_{iv} \hat q_{iv} = e^{\mu x_i}`, where theta are shares in spending,
tariffs included, and phi shares in sales. For :math:`\sigma > \varepsilon` the derivative is an M-matrix
that is strictly dominated by its diagonal (the rows add up to :math:`\mu + \varepsilon`), so that there is
one solution and Newton's method finds it.

The first paper solves the system linearised in prices; that is ``form="linear"``, and reproduces its
example.

Sources: Francois and Hall (2003), Global Simulation Analysis of Industry-Level Trade Policy, version 3.0;
Francois and Hall (2009), the same, IIDE Discussion Paper 20090803, in levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import DataError

__all__ = ["GsimForm", "MarketOutcome", "clear_market"]

Floats = NDArray[np.float64]
GsimForm = Literal["exact", "linear"]

_TOLERANCE = 1e-12
_ACCEPTED = 1e-9
_STEPS = 60


@dataclass(frozen=True, slots=True)
class MarketOutcome:
    """The market of one product after a change of tariffs; N economies.

    Attributes
    ----------
    seller_prices : numpy.ndarray, shape (N,)
        Change of the price that each origin receives, as a fraction.
    volumes : numpy.ndarray, shape (N, N)
        Factor on the volume ``[exporter, importer]``.
    composite_prices : numpy.ndarray, shape (N,)
        Change of the price of all that an economy buys.
    producer_surplus, consumer_surplus : numpy.ndarray, shape (N,)
        Change, in the unit of the flows.
    residual : float
        Largest gap between demand for an origin and its supply, as a part of supply.
    steps : int
        Of Newton's method; 0 for a closed form.
    """

    seller_prices: Floats
    volumes: Floats
    composite_prices: Floats
    producer_surplus: Floats
    consumer_surplus: Floats
    residual: float
    steps: int


def clear_market(
    values: Floats,
    tariffs_before: Floats,
    tariffs_after: Floats,
    *,
    import_demand: float,
    substitution: float,
    export_supply: float | Floats,
    form: GsimForm = "exact",
    names: Sequence[str] | None = None,
) -> MarketOutcome:
    """Find the prices at which one product's world market clears.

    Parameters
    ----------
    values : numpy.ndarray of float, shape (N, N)
        Trade ``[exporter, importer]`` before tariffs; sales at home or within a group on the diagonal.
    tariffs_before, tariffs_after : numpy.ndarray of float, shape (N, N)
        Fractions, the same order.
    import_demand, substitution : float
        Elasticities without a sign, above 0.
    export_supply : float or numpy.ndarray of float, shape (N,)
        Of every origin; infinite where its price is given.
    form : {'exact', 'linear'}
    names : sequence of str, optional
        Of the economies, for messages.

    Returns
    -------
    MarketOutcome

    Raises
    ------
    DataError
        If the market does not clear, naming the worst origin, or the linear form gives negative trade.

    Examples
    --------
    >>> values = np.array([[0.0, 60.0], [40.0, 0.0]])
    >>> rise = np.array([[0.0, 0.1], [0.0, 0.0]])
    >>> found = clear_market(values, 0 * rise, rise, import_demand=1.0, substitution=5.0, export_supply=1.0)
    >>> found.seller_prices.round(4).tolist()
    [-0.0465, 0.0]
    """
    supply = np.broadcast_to(np.asarray(export_supply, dtype=np.float64), (len(values),))
    labels = list(names) if names is not None else [str(number) for number in range(len(values))]
    spending = values * (1 + tariffs_before)
    bought, sold = spending.sum(axis=0), values.sum(axis=1)
    spending_shares = np.divide(spending, bought, out=np.zeros_like(spending), where=bought > 0)
    sales_shares = np.divide(values, sold[:, None], out=np.zeros_like(values), where=sold[:, None] > 0)
    solves = (sold > 0) & np.isfinite(supply)
    market = _Market(spending_shares, sales_shares, solves, supply, import_demand, substitution)
    if form == "linear":
        wedge = (tariffs_after - tariffs_before) / (1 + tariffs_before)
        prices, residual = market.linear(wedge)
        steps = 0
        volumes = 1 + market.linear_demand(prices, wedge)
        composite = (spending_shares * ((1 + prices[:, None]) * (1 + wedge) - 1)).sum(axis=0)
        finite = np.where(np.isfinite(supply), supply, 0.0)
        producer = sold * prices * (1 + finite * prices / 2)
        consumer = bought * (-composite + import_demand * composite**2 / 2)
    else:
        wedge = np.log1p(tariffs_after) - np.log1p(tariffs_before)
        logs, residual, steps = market.newton(wedge)
        log_volumes, index = market.demand(logs, wedge)
        prices, volumes, composite = np.expm1(logs), np.exp(log_volumes), np.expm1(index)
        finite = np.where(np.isfinite(supply), supply, 0.0)
        producer = sold * np.expm1((1 + finite) * logs) / (1 + finite)
        consumer = -bought * _power_integral(index, 1 - import_demand)
    worst = market.worst
    if not residual <= _ACCEPTED:
        raise DataError(
            f"The market does not clear: demand and supply of {labels[worst]} differ by {residual:.2g}.",
            where="GSIM",
            expected=f"a gap of at most {_ACCEPTED:g}",
            next_step="Check the elasticities: import demand far above substitution has no stable answer.",
        )
    wrong = np.argwhere((values > 0) & ~(volumes >= 0))
    if len(wrong):
        seller, buyer = wrong[0]
        raise DataError(
            f"The linear form gives negative trade from {labels[seller]} to {labels[buyer]}.",
            where="form linear",
            expected="changes of tariffs that are small against the elasticities",
            next_step='Use form="exact".',
        )
    return MarketOutcome(prices, volumes, composite, producer, consumer, residual, steps)


def _power_integral(logs: Floats, power: float) -> Floats:
    """Integrate ``p ** (power - 1)`` from 1 to ``exp(logs)``; a logarithm for power 0."""
    return logs if power == 0 else np.expm1(power * logs) / power


class _Market:
    """Demand and supply of one product, in changes."""

    def __init__(
        self,
        spending_shares: Floats,
        sales_shares: Floats,
        solves: NDArray[np.bool_],
        supply: Floats,
        demand: float,
        substitution: float,
    ) -> None:
        self.theta, self.phi = spending_shares, sales_shares
        self.solves, self.supply = solves, supply
        self.epsilon, self.sigma = demand, substitution
        self.worst = 0

    def demand(self, prices: Floats, wedge: Floats) -> tuple[Floats, Floats]:
        """Give log changes of volumes, and of the price of all that each market buys."""
        paid = prices[:, None] + wedge
        power = 1 - self.sigma
        if power == 0:
            index = (self.theta * paid).sum(axis=0)
        else:
            # the largest term taken out, so that no power overflows; unused cells do not count
            scaled = np.where(self.theta > 0, power * paid, -np.inf)
            top = np.max(scaled, axis=0)
            top = np.where(np.isfinite(top), top, 0.0)
            sums = (self.theta * np.exp(scaled - top)).sum(axis=0)
            index = np.where(sums > 0, (np.log(np.where(sums > 0, sums, 1.0)) + top) / power, 0.0)
        return -self.sigma * paid + (self.sigma - self.epsilon) * index, index

    def excess(self, prices: Floats, wedge: Floats) -> Floats:
        """Give the log of demand over supply of every origin that is solved for."""
        log_volumes, _ = self.demand(prices, wedge)
        used = np.where(self.phi > 0, log_volumes, -np.inf)
        top = np.where(self.solves, np.max(used, axis=1, initial=-np.inf), 0.0)
        sums = (self.phi * np.exp(used - top[:, None])).sum(axis=1)
        demanded = np.log(np.where(self.solves, sums, 1.0)) + top
        return np.where(self.solves, demanded - np.where(self.solves, self.supply, 0.0) * prices, 0.0)

    def newton(self, wedge: Floats) -> tuple[Floats, float, int]:
        """Solve for log prices; step lengths are halved until the gap falls."""
        prices = np.zeros(len(self.solves))
        gap = self.excess(prices, wedge)
        rows = np.flatnonzero(self.solves)
        steps = 0
        while np.abs(gap).max(initial=0.0) > _TOLERANCE and steps < _STEPS:
            steps += 1
            change = np.zeros_like(prices)
            change[rows] = np.linalg.solve(self._derivative(prices, wedge)[np.ix_(rows, rows)], -gap[rows])
            length, best = 1.0, np.abs(gap).max()
            while length > 1e-6:
                tried = prices + length * change
                new = self.excess(tried, wedge)
                if np.abs(new).max() < best:
                    break
                length /= 2
            else:
                # no step makes the gap smaller: it is at the level of rounding, or there is no solution
                break
            prices, gap = tried, new
        self.worst = int(np.argmax(np.abs(gap)))
        return prices, float(np.abs(np.expm1(gap)).max(initial=0.0)), steps

    def _derivative(self, prices: Floats, wedge: Floats) -> Floats:
        log_volumes, index = self.demand(prices, wedge)
        paid = prices[:, None] + wedge
        sold = np.where(self.phi > 0, self.phi * np.exp(np.minimum(log_volumes, 700.0)), 0.0)
        sums = sold.sum(axis=1, keepdims=True)
        sold = np.divide(sold, sums, out=np.zeros_like(sold), where=sums > 0)
        bought = self.theta * np.exp(np.minimum((1 - self.sigma) * (paid - index), 700.0))
        own = np.where(self.solves, self.sigma + np.where(self.solves, self.supply, 0.0), 1.0)
        return np.asarray((self.sigma - self.epsilon) * sold @ bought.T - np.diag(own))

    def linear_demand(self, prices: Floats, wedge: Floats) -> Floats:
        paid = prices[:, None] + wedge
        return np.asarray(-self.sigma * paid + (self.sigma - self.epsilon) * (self.theta * paid).sum(axis=0))

    def linear(self, wedge: Floats) -> tuple[Floats, float]:
        """Solve the system of 2003, in which changes of volumes are linear in changes of prices."""
        rows = np.flatnonzero(self.solves)
        pull = (self.phi * self.linear_demand(np.zeros(len(self.solves)), wedge)).sum(axis=1)
        matrix = np.diag(self.sigma + np.where(self.solves, self.supply, 0.0)) - (
            (self.sigma - self.epsilon) * self.phi @ self.theta.T
        )
        prices = np.zeros(len(self.solves))
        prices[rows] = np.linalg.solve(matrix[np.ix_(rows, rows)], pull[rows])
        demanded = (self.phi * self.linear_demand(prices, wedge)).sum(axis=1)
        gap = np.where(self.solves, demanded - np.where(self.solves, self.supply, 0.0) * prices, 0.0)
        self.worst = int(np.argmax(np.abs(gap)))
        return prices, float(np.abs(gap).max(initial=0.0))
