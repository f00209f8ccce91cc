r"""Prices at given wages and shares: what a shock does at once, and through links between sectors.

The direct effect is what buyers see at the border, :math:`\sum_i \pi_{ni}^j (\hat\kappa_{ni}^j - 1)`. Through
inputs that have become dearer too, prices solve

.. math::
    p_n^j = \sum_i \pi_{ni}^j \bigl[(\hat\kappa_{ni}^j - 1) + (1-\beta_i^j) \sum_k \gamma_i^{kj} p_i^k \bigr],

the price model of Leontief: wages and shares as they were, every rise of costs passed on in full.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import DataError
from geomonitor.shocks.acceleration import anderson
from geomonitor.shocks.calibration import Calibration
from geomonitor.shocks.system import Shock

__all__ = ["PriceEffects", "price_effects"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PriceEffects:
    """Effects on prices to buyers, as fractions; each of shape (J, N).

    Attributes
    ----------
    direct : numpy.ndarray
        At the border, by the share of the suppliers that are hit.
    total : numpy.ndarray
        With the effect through inputs, at wages and shares as they were.
    """

    direct: Floats
    total: Floats

    @property
    def indirect(self) -> Floats:
        """What comes through inputs."""
        return self.total - self.direct

    def index(self, calibration: Calibration, which: str = "total") -> Floats:
        """Weight by final spending: shape (N,)."""
        return np.asarray((calibration.final_shares * getattr(self, which)).sum(axis=0))


def price_effects(calibration: Calibration, shock: Shock) -> PriceEffects:
    r"""Measure direct and total effects on prices.

    Parameters
    ----------
    calibration : Calibration
    shock : Shock
        Of tariffs and costs of trade. A denial has no price at given shares: what is denied counts as lost,
        and the price rises by :math:`(1 - s)^{-1/\theta} - 1` for the share s that is denied.

    Returns
    -------
    PriceEffects

    Raises
    ------
    DataError
        If an economy loses all suppliers of a sector.

    Examples
    --------
    >>> from geomonitor.shocks import small_calibration
    >>> base = small_calibration()
    >>> tariffs = base.tariff_rates.copy()
    >>> tariffs[0, 0, 1] += 0.25
    >>> effects = price_effects(base, Shock(tariffs))
    >>> round(float(effects.direct[0, 0]), 4), bool(effects.total[0, 0] > effects.direct[0, 0])
    (0.0361, True)
    """
    old = calibration.tariff_rates
    new = old if shock.tariff_rates is None else shock.tariff_rates
    factors = (1 + new) / (1 + old)
    if shock.cost_factors is not None:
        factors = factors * shock.cost_factors
    shares = calibration.trade_shares
    if shock.denied is not None:
        lost = np.where(shock.denied, shares, 0.0).sum(axis=2)
        if (lost >= 1 - 1e-12).any():
            sector, buyer = np.argwhere(lost >= 1 - 1e-12)[0]
            raise DataError(
                f"{calibration.economies[buyer]} loses all suppliers of {calibration.sectors[sector]}.",
                where="price effects",
                expected="at least one supplier left",
            )
        scarce = (1 - lost) ** (-1 / calibration.elasticities[:, None]) - 1
        kept = np.where(shock.denied, 0.0, shares)
        shares = kept / np.where(kept.sum(axis=2, keepdims=True) > 0, kept.sum(axis=2, keepdims=True), 1.0)
    else:
        scarce = np.zeros(shares.shape[:2])
    direct = (shares * (factors - 1)).sum(axis=2) + scarce
    bought = 1 - calibration.value_added_shares
    inputs = np.ascontiguousarray(calibration.input_shares.transpose(0, 2, 1))

    def step(prices: Floats) -> Floats:
        costs = bought * (inputs @ prices.T[:, :, None])[:, :, 0].T
        return np.asarray(direct + (shares @ costs[:, :, None])[:, :, 0])

    total, gap, _ = anderson(step, direct, tolerance=1e-13, most_steps=2_000)
    if not gap <= 1e-10:
        raise DataError(
            f"Prices through inputs do not settle (off by {gap:.1e}).",
            where=calibration.name,
            expected="value added in every sector, so that costs do not run round in circles",
        )
    return PriceEffects(direct, total)
