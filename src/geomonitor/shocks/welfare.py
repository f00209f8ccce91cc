r"""What a shock does to real income: exactly, and by its parts.

The change of real income is exact, :math:`\hat W_n = \hat I_n / \prod_j (\hat P_n^j)^{\alpha_n^j}`. The
published parts of Caliendo and Parro (2015) are a first step in a straight line, which overstates large cuts
of tariffs: they explain, and chained over small steps they add up to the exact change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geomonitor.shocks.base import Base, take_as_base
from geomonitor.shocks.calibration import Calibration
from geomonitor.shocks.equilibrium import Equilibrium, Shock, solve_equilibrium

__all__ = [
    "WelfareParts",
    "chained_parts",
    "first_order_parts",
    "home_share_parts",
    "price_index",
    "real_income",
    "real_wage",
]

Floats = NDArray[np.float64]


def price_index(calibration: Calibration, found: Equilibrium) -> Floats:
    """Give the factor on the price of final spending, by economy: shape (N,)."""
    return np.asarray(np.exp((calibration.final_shares * np.log(found.prices)).sum(axis=0)))


def real_income(base: Base, found: Equilibrium) -> Floats:
    """Give the exact factor on real income, by economy.

    Parameters
    ----------
    base : Base
    found : Equilibrium
        After the shock.

    Returns
    -------
    numpy.ndarray, shape (N,)

    Examples
    --------
    >>> from geomonitor.shocks import rebase, small_calibration, solve_equilibrium
    >>> base = rebase(small_calibration())
    >>> abs(real_income(base, solve_equilibrium(base.calibration)) - 1).max() < 1e-9
    np.True_
    """
    return np.asarray(found.income_musd / base.equilibrium.income_musd / price_index(base.calibration, found))


def real_wage(base: Base, found: Equilibrium) -> Floats:
    """Give the factor on the real wage, by economy: shape (N,)."""
    return np.asarray(found.wages / price_index(base.calibration, found))


@dataclass(frozen=True, slots=True)
class WelfareParts:
    """Parts of the change of real income, as fractions of income; each of shape (N,).

    Attributes
    ----------
    terms_of_trade : numpy.ndarray
        Prices of exports against prices of imports.
    volume_of_trade : numpy.ndarray
        Tariff revenue on the change of the volume of imports.
    trade_costs : numpy.ndarray
        What higher costs of trade use up.
    steps : int
        In how many steps the shock was taken.
    """

    terms_of_trade: Floats
    volume_of_trade: Floats
    trade_costs: Floats
    steps: int

    @property
    def total(self) -> Floats:
        """Sum of the parts."""
        return self.terms_of_trade + self.volume_of_trade + self.trade_costs


def first_order_parts(base: Base, found: Equilibrium, shock: Shock | None = None) -> WelfareParts:
    r"""Split the effect as Caliendo and Parro (2015) do: to first order, at the trade of the base.

    .. math:: d \ln W_n = \frac{1}{I_n} \sum_{j,i} (E_{ni}^j d\ln c_n^j - M_{ni}^j d\ln c_i^j)
        + \frac{1}{I_n} \sum_{j,i} \tau_{ni}^j M_{ni}^j (d\ln M_{ni}^j - d\ln c_i^j)

    with :math:`d \ln x = \hat x - 1` and tariffs of the base. For large shocks it is far off: Mexico's gain
    from NAFTA is 1.31 % by it and 0.007 % exactly.

    Parameters
    ----------
    base : Base
    found : Equilibrium
        After the shock.
    shock : Shock, optional
        Needed where costs of trade change; what they use up is a part of its own.

    Returns
    -------
    WelfareParts

    Notes
    -----
    Caliendo and Parro (2015), equation 17.
    """
    before = base.equilibrium.spending_musd[:, :, None] * base.equilibrium.trade_shares
    imports = before / (1 + base.calibration.tariff_rates)
    after = found.spending_musd[:, :, None] * found.trade_shares / (1 + found.tariff_rates)
    d_cost = found.costs - 1
    factors = shock.cost_factors if shock is not None else None
    d_trade_cost = np.zeros_like(imports) if factors is None else factors - 1
    # home sales cancel: what the producer gains the buyer pays
    earned = (imports.sum(axis=1) * d_cost).sum(axis=0)
    paid = (imports * d_cost[:, None, :]).sum(axis=(0, 2))
    grown = np.divide(after, imports, out=np.ones_like(imports), where=imports > 0) - 1
    volume = base.calibration.tariff_rates * imports * (grown - d_cost[:, None, :] - d_trade_cost)
    income = base.equilibrium.income_musd
    return WelfareParts(
        terms_of_trade=(earned - paid) / income,
        volume_of_trade=volume.sum(axis=(0, 2)) / income,
        trade_costs=-(imports * d_trade_cost).sum(axis=(0, 2)) / income,
        steps=1,
    )


def chained_parts(base: Base, shock: Shock, steps: int, *, tolerance: float = 1e-10) -> WelfareParts:
    """Take a shock in equal steps, each from the equilibrium before, and add up the parts.

    Parameters
    ----------
    base : Base
    shock : Shock
        Of tariffs and costs of trade; a denial has no small steps.
    steps : int
        The sum goes to the exact change of real income (in logarithms) as they grow.
    tolerance : float

    Returns
    -------
    WelfareParts

    Raises
    ------
    ValueError
        If the shock denies trade, or there is no step.
    """
    if shock.denied is not None or steps < 1:
        raise ValueError("a chain needs at least one step, and a shock of tariffs or costs only")
    old = base.calibration.tariff_rates
    new = old if shock.tariff_rates is None else shock.tariff_rates
    root = None if shock.cost_factors is None else shock.cost_factors ** (1 / steps)
    current, parts = base, []
    for number in range(1, steps + 1):
        part = Shock(old + (new - old) * number / steps, root, deficits=shock.deficits)
        found = solve_equilibrium(current.calibration, part, tolerance=tolerance)
        parts.append(first_order_parts(current, found, part))
        current = take_as_base(current.calibration, found)
    return WelfareParts(
        terms_of_trade=np.sum([each.terms_of_trade for each in parts], axis=0),
        volume_of_trade=np.sum([each.volume_of_trade for each in parts], axis=0),
        trade_costs=np.sum([each.trade_costs for each in parts], axis=0),
        steps=steps,
    )


@dataclass(frozen=True, slots=True)
class HomeShareParts:
    """The change of the log real wage, by what changed in home shares; each of shape (N,).

    Attributes
    ----------
    final_goods, intermediate_goods, sectoral_linkages : numpy.ndarray
        NaN for an economy of `without_home_sales`.
    without_home_sales : tuple of tuple of str
        Economy and sector where final spending meets no home sales: the formula has no value there.
    """

    final_goods: Floats
    intermediate_goods: Floats
    sectoral_linkages: Floats
    without_home_sales: tuple[tuple[str, str], ...]

    @property
    def total(self) -> Floats:
        """Sum of the parts."""
        return self.final_goods + self.intermediate_goods + self.sectoral_linkages


def home_share_parts(base: Base, found: Equilibrium) -> HomeShareParts:
    r"""Split the change of the real wage by home shares, final goods, intermediates and links apart.

    .. math:: \ln \frac{\hat w_n}{\hat P_n} = -\sum_j \frac{\alpha_n^j}{\theta_j} \ln \hat\pi_{nn}^j
        - \sum_j \frac{\alpha_n^j}{\theta_j} \frac{1-\gamma_n^j}{\gamma_n^j} \ln \hat\pi_{nn}^j
        - \sum_j \frac{\alpha_n^j}{\gamma_n^j} \sum_k \gamma_n^{k,j} (1-\gamma_n^j)
          \ln \frac{\hat P_n^k}{\hat P_n^j}

    Parameters
    ----------
    base : Base
    found : Equilibrium

    Returns
    -------
    HomeShareParts
        An economy that spends on a sector without home sales (the "Rotterdam effect": re-exports that were
        counted as its own) has no value by this formula, and is named with the sector.

    Notes
    -----
    Caliendo and Parro (2015), equation 15.
    """
    calibration = base.calibration
    home = np.arange(len(calibration.economies))
    before, after = calibration.trade_shares[:, home, home], found.trade_shares[:, home, home]
    final, theta = calibration.final_shares, calibration.elasticities[:, None]
    none = (final > 0) & ~((before > 0) & (after > 0))
    safe_before, safe_after = np.where(before > 0, before, 1.0), np.where(after > 0, after, 1.0)
    change = np.where(none, np.nan, np.log(safe_after / safe_before))
    change = np.where(final > 0, change, 0.0)
    labour = calibration.value_added_shares
    prices = np.log(found.prices)
    inputs = (calibration.input_shares.transpose(0, 2, 1) @ prices.T[:, :, None])[:, :, 0].T
    bought = calibration.input_shares.sum(axis=1).T
    links = (final / labour * (1 - labour) * (inputs - bought * prices)).sum(axis=0)
    parts = final / theta * change
    return HomeShareParts(
        final_goods=-parts.sum(axis=0),
        intermediate_goods=-(parts * (1 - labour) / labour).sum(axis=0),
        sectoral_linkages=-links,
        without_home_sales=tuple(
            (calibration.economies[economy], calibration.sectors[sector])
            for sector, economy in np.argwhere(none)
        ),
    )
