r"""Supply risk of a raw material at a stage, as the European Commission measures it since 2017.

.. math::
    SR = \bigl[ H_{world} \cdot IR/2 + H_{used} (1 - IR/2) \bigr] \cdot (1 - EoL) \cdot SI_{SR},
    \quad H = \sum_c S_c^2 \, W_c \, t_c

with :math:`S_c` the share of supplier c in world supply or in the supply that is used, :math:`W_c` its
governance from 0 (best) to 10 (worst), :math:`t_c` its restrictions on trade, IR import reliance, EoL the
part of use that recycling of end-of-life products covers, and :math:`SI_{SR}` the index of substitutes.

Source: Blengini et al. (2017), Methodology for establishing the EU list of critical raw materials.
Kernels take arrays of any one shape; unknown is NaN and stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geomonitor.errors import DataError

__all__ = [
    "SUPPLY_RISK_FACTORS",
    "SubstituteUse",
    "governance_weight",
    "governed_concentration",
    "import_reliance",
    "sourcing_with_home",
    "substitution_risk",
    "supply_risk",
    "supply_risk_bounds",
]

Floats = NDArray[np.float64]

SUPPLY_RISK_FACTORS: tuple[str, ...] = (
    "concentration",
    "governance",
    "restrictions",
    "import_reliance",
    "recycling",
    "substitution",
)
"""What makes up a supply risk; each can be put at 1 to see what it contributes."""


def governance_weight(
    estimate: ArrayLike, *, lowest: float = -2.5, highest: float = 2.5, scale: float = 10.0
) -> Floats:
    r"""Turn governance estimates into weights: 0 where governance is best, `scale` where it is worst.

    .. math:: W = scale \cdot (highest - estimate) / (highest - lowest)

    Parameters
    ----------
    estimate : array_like of float
        World Bank estimates, about -2.5 to 2.5; NaN where unknown.
    lowest, highest : float
        Ends of the scale of the estimates, fixed, so that a weight does not depend on other economies.
    scale : float
        Weight of the worst.

    Returns
    -------
    numpy.ndarray of float
        Clipped to 0 and `scale`; NaN where the estimate is unknown.

    Examples
    --------
    >>> governance_weight([-0.36, 2.5, float("nan")]).round(2).tolist()
    [5.72, 0.0, nan]
    """
    values = np.asarray(estimate, dtype=np.float64)
    return np.clip(scale * (highest - values) / (highest - lowest), 0.0, scale)


def governed_concentration(shares: ArrayLike, weights: ArrayLike, restrictions: ArrayLike = 1.0) -> float:
    r"""Measure concentration with every supplier weighted by governance and restrictions.

    .. math:: H = \sum_c S_c^2 \, W_c \, t_c

    Parameters
    ----------
    shares : array_like of float, shape (n,)
        Shares of suppliers, as fractions; not rescaled to add up to 1.
    weights : array_like of float, shape (n,)
        Governance of suppliers, 0 (best) to 10 (worst).
    restrictions : array_like of float
        Factor of restrictions on trade of suppliers: 1 without, above 1 with an export tax, quota or
        prohibition, 0.8 inside the home group.

    Returns
    -------
    float
        NaN where a supplier with a share has unknown governance, or there is no supplier.

    Raises
    ------
    DataError
        If a share, weight or factor is negative.

    Examples
    --------
    >>> round(governed_concentration([0.89, 0.05], [5.72, 4.0], [1.1, 1.0]), 6)
    4.993893
    """
    share, weight, factor = np.broadcast_arrays(
        np.asarray(shares, dtype=np.float64),
        np.asarray(weights, dtype=np.float64),
        np.asarray(restrictions, dtype=np.float64),
    )
    for name, values in (("share", share), ("weight", weight), ("factor", factor)):
        if (values < 0).any():
            raise DataError(
                f"A {name} of a supplier is negative.", where="governed_concentration", expected="at least 0"
            )
    used = share > 0
    if not used.any():
        return float("nan")
    return float(np.sum(share[used] ** 2 * weight[used] * factor[used]))


def import_reliance(imports: ArrayLike, exports: ArrayLike, production: ArrayLike) -> Floats:
    r"""Measure which part of what is used comes from abroad, net of exports.

    .. math:: IR = (M - X) / (P + M - X)

    Parameters
    ----------
    imports, exports, production : array_like of float
        Of the importer, in one unit.

    Returns
    -------
    numpy.ndarray of float
        Clipped to 0 and 1; NaN where nothing is known to be used.

    Examples
    --------
    >>> import_reliance([80.0, 10.0], [20.0, 50.0], [40.0, 60.0]).tolist()
    [0.6, 0.0]
    """
    net = np.asarray(imports, dtype=np.float64) - np.asarray(exports, dtype=np.float64)
    used = np.asarray(production, dtype=np.float64) + net
    # a net exporter relies on nobody, also where its stocks make apparent use zero or less
    with np.errstate(divide="ignore", invalid="ignore"):
        reliance = np.where(net <= 0, np.where(np.isnan(used), np.nan, 0.0), net / used)
    return np.clip(np.where((net > 0) & (used <= 0), np.nan, reliance), 0.0, 1.0)


def sourcing_with_home(abroad: ArrayLike, home: ArrayLike, reliance: ArrayLike) -> Floats:
    r"""Put supply from abroad and from home together, where each is known by itself.

    .. math:: H_{used} = IR^2 H_{abroad} + (1 - IR)^2 H_{home}

    Exact where no supplier is on both sides and import reliance is the share of what comes from abroad.

    Parameters
    ----------
    abroad, home : array_like of float
        Concentration, plain or weighted, among suppliers abroad and among those at home; NaN where there are
        none.
    reliance : array_like of float
        Import reliance, 0 to 1.

    Returns
    -------
    numpy.ndarray of float
        NaN where import reliance, or a side that counts, is not known.

    Examples
    --------
    >>> sourcing_with_home([5.0, 5.0], [2.0, float("nan")], [0.5, 1.0]).tolist()
    [1.75, 5.0]
    """
    outside, inside, part = (np.asarray(each, dtype=np.float64) for each in (abroad, home, reliance))
    from_abroad = np.where(part == 0, 0.0, part**2 * outside)
    from_home = np.where(part == 1, 0.0, (1 - part) ** 2 * inside)
    return np.asarray(from_abroad + from_home)


@dataclass(frozen=True, slots=True)
class SubstituteUse:
    """A substitute of a material in one use.

    Attributes
    ----------
    use_share : float
        Share of the use in all use of the material.
    substitute_share : float
        Part of that use that the substitute could take over.
    production, criticality, co_production : float
        Scores of the substitute, 0.8 to 1: how much is produced, whether it is critical, whether it is a
        by-product.
    cost_performance : float
        Score of its cost and performance, for economic importance.
    """

    use_share: float
    substitute_share: float
    production: float = 1.0
    criticality: float = 1.0
    co_production: float = 1.0
    cost_performance: float = 1.0


def substitution_risk(substitutes: Sequence[SubstituteUse]) -> float:
    r"""Measure how far substitutes lower the supply risk.

    .. math:: SI_{SR} = \sum_i (SP_i \, SCr_i \, SCo_i)^{1/3} \sum_a sub_{i,a} \, share_a

    What no substitute can take over counts with 1.

    Parameters
    ----------
    substitutes : sequence of SubstituteUse
        Every substitute in every use.

    Returns
    -------
    float
        1 where nothing can be substituted.

    Raises
    ------
    DataError
        If substitutes take over more than the whole of the use.

    Examples
    --------
    >>> round(substitution_risk([SubstituteUse(0.5, 0.4, 0.8, 0.8, 0.8)]), 4)
    0.96
    """
    taken = sum(each.use_share * each.substitute_share for each in substitutes)
    if taken > 1 + 1e-9:
        raise DataError(
            f"Substitutes take over {taken:.0%} of the use.",
            where="substitution_risk",
            expected="at most 100 %",
        )
    scored = sum(
        (each.production * each.criticality * each.co_production) ** (1 / 3)
        * each.use_share
        * each.substitute_share
        for each in substitutes
    )
    return float(scored + 1 - taken)


def supply_risk(
    governed_world: ArrayLike,
    governed_sourcing: ArrayLike,
    reliance: ArrayLike,
    recycling_rate: ArrayLike,
    substitution: ArrayLike,
) -> Floats:
    """Measure supply risk.

    Parameters
    ----------
    governed_world, governed_sourcing : array_like of float
        Concentration weighted by governance and restrictions, of world supply and of the supply that is
        used. Where one of them is not known the other counts alone, as the method prescribes.
    reliance : array_like of float
        Import reliance, 0 to 1; needed only where both concentrations are known.
    recycling_rate : array_like of float
        Part of use that recycling of end-of-life products covers, 0 to 1.
    substitution : array_like of float
        Index of substitutes, at most 1.

    Returns
    -------
    numpy.ndarray of float
        About 0 to 7; NaN where an input that is needed is not known.

    Examples
    --------
    The case of methods.md, like magnesium:

    >>> round(float(supply_risk(5.0022532, 5.4534708, 1.0, 0.13, 0.9)), 7)
    4.0934159
    """
    world = np.asarray(governed_world, dtype=np.float64)
    sourcing = np.asarray(governed_sourcing, dtype=np.float64)
    half = np.asarray(reliance, dtype=np.float64) / 2
    mixed = world * half + sourcing * (1 - half)
    known = np.where(np.isnan(sourcing), world, np.where(np.isnan(world), sourcing, mixed))
    lowered = (1 - np.asarray(recycling_rate, dtype=np.float64)) * np.asarray(substitution, dtype=np.float64)
    return np.asarray(known * lowered)


def supply_risk_bounds(
    governed_world: tuple[ArrayLike, ArrayLike],
    governed_sourcing: tuple[ArrayLike, ArrayLike],
    reliance: tuple[ArrayLike, ArrayLike],
    recycling_rate: tuple[ArrayLike, ArrayLike],
    substitution: tuple[ArrayLike, ArrayLike],
) -> tuple[Floats, Floats]:
    """Bound supply risk where inputs are known between bounds only.

    The risk rises with both concentrations and with the index of substitutes, falls with recycling, and
    goes in a straight line with import reliance, so its extremes lie at the ends of the inputs.

    Parameters
    ----------
    governed_world, governed_sourcing, reliance, recycling_rate, substitution : tuple of array_like
        Lower and upper bound of every input of `supply_risk`.

    Returns
    -------
    tuple of numpy.ndarray of float

    Examples
    --------
    >>> low, high = supply_risk_bounds((2, 2), (1, 1), (0, 1), (0, 0.5), (1, 1))
    >>> float(low), float(high)
    (0.5, 1.5)
    """
    ends = []
    for side in (0, 1):
        at = [
            supply_risk(
                governed_world[side],
                governed_sourcing[side],
                reliance[end],
                recycling_rate[1 - side],
                substitution[side],
            )
            for end in (0, 1)
        ]
        ends.append(np.minimum(*at) if side == 0 else np.maximum(*at))
    return ends[0], ends[1]
