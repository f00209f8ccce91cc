r"""The short run in closed form: a home share, one scarce input, a supplier that is gone.

.. math::
    \hat W = (\pi'/\pi)^{-1/(\theta\gamma)}, \quad
    \hat Y = [a \hat E^{\rho} + (1-a) \hat X^{\rho}]^{1/\rho}, \ \rho = (\sigma-1)/\sigma, \quad
    \hat P = (1-s)^{-1/\theta}

The limits (elasticity 0: Leontief, 1: Cobb-Douglas, infinite: perfect substitutes) have their own formulas;
no large number stands in for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.errors import DataError
from geomonitor.shocks.methods import provenance_of

__all__ = [
    "SECOND_ORDER_WARNING",
    "SecondOrderBound",
    "armington_real_income",
    "ces_output",
    "denied_share_price",
    "input_price",
    "second_order_bound",
]

_SMALL = 0.5

# The approximation is called reliable where the next term of its series is below this part of its sum.
_NEXT_TERM = 0.1

SECOND_ORDER_WARNING = (
    "An approximation around the base: it fails for strong complements and large shocks, where it "
    "understates the loss; use it as a bound on small shocks only."
)


def _between(value: float, name: str, low: float, high: float, *, open_ends: bool = False) -> None:
    inside = low < value < high if open_ends else low <= value <= high
    if not inside:
        ends = f"between {low:g} and {high:g}"
        raise DataError(
            f"{name} is {value:g}.",
            where=name,
            expected=f"{ends}, both excluded" if open_ends else ends,
            next_step="Divide by 100 if it is in percent." if 1 < value <= 100 and high == 1 else None,
        )


def _elasticity(value: float, name: str = "elasticity", *, or_zero: bool = False) -> None:
    if math.isnan(value) or value < 0 or (value == 0 and not or_zero):
        least = "of at least 0" if or_zero else "above 0"
        raise DataError(
            f"{name} is {value:g}.",
            where=name,
            expected=f"a number {least}; some sources print elasticities with a minus sign",
        )


def armington_real_income(
    home_share_before: float,
    home_share_after: float,
    trade_elasticity: float,
    value_added_share: float = 1.0,
) -> float:
    r"""Give the factor on real income from the share of home goods: one sector, no tariff revenue.

    .. math:: \hat W = (\pi'_{nn} / \pi_{nn})^{-1/(\theta \gamma)}

    Parameters
    ----------
    home_share_before, home_share_after : float
        Part of spending on goods made at home, above 0 and at most 1; 1 is autarky.
    trade_elasticity : float
        Above 0.
    value_added_share : float
        Part of value added in output; 1 where no materials are used.

    Returns
    -------
    float
        1 for no change.

    Raises
    ------
    DataError
        If a share is 0 or above 1 (without home sales the formula has no answer), or the elasticity is not
        above 0.

    Notes
    -----
    Arkolakis, Costinot and Rodriguez-Clare (2012), New Trade Models, Same Old Gains?, American Economic
    Review 102(1). Tariff revenue, where there is any, comes on top.

    Examples
    --------
    >>> round(100 * (armington_real_income(0.80, 0.82, 5.0) - 1), 7)
    -0.4926348
    """
    for name, share in (("home_share_before", home_share_before), ("home_share_after", home_share_after)):
        if not 0 < share <= 1:
            raise DataError(
                f"{name} is {share:g}.",
                where=name,
                expected="a share above 0 and at most 1: without home sales real income cannot be read from "
                "the home share",
                next_step="Leave re-exports out of the trade flows first.",
            )
    _elasticity(trade_elasticity, "trade_elasticity")
    if not 0 < value_added_share <= 1:
        raise DataError(
            f"value_added_share is {value_added_share:g}.",
            where="value_added_share",
            expected="a part above 0 and at most 1",
        )
    exponent = -1 / (trade_elasticity * value_added_share)
    return float(math.exp(exponent * math.log(home_share_after / home_share_before)))


def ces_output(
    input_share: float, elasticity: float, input_factor: float, other_factor: float = 1.0
) -> float:
    r"""Give the factor on output when one input becomes scarce.

    .. math:: \hat Y = [a \hat E^{(\sigma-1)/\sigma} + (1-a) \hat X^{(\sigma-1)/\sigma}]^{\sigma/(\sigma-1)}

    Parameters
    ----------
    input_share : float
        Cost share of the scarce input in the base, between 0 and 1.
    elasticity : float
        Of substitution between the input and everything else: 0 (Leontief), 1 (Cobb-Douglas) and infinity
        (perfect substitutes) are treated as what they are.
    input_factor : float
        What is left of the input: 0.9 for a loss of 10 %.
    other_factor : float
        The same for everything else.

    Returns
    -------
    float
        1 for no change.

    Raises
    ------
    DataError
        If a share lies outside 0 to 1, or an elasticity or factor is negative.

    Notes
    -----
    Bachmann, Baqaee, Bayer, Kuhn, Löschel, Moll, Peichl, Pittel and Schularick (2022), What if? The economic
    effects for Germany of a stop of energy imports from Russia.

    Examples
    --------
    >>> round(100 * (ces_output(0.04, 0.04, 0.9) - 1), 7)
    -1.5685624
    >>> ces_output(0.04, 0.0, 0.9)
    0.9
    """
    _between(input_share, "input_share", 0.0, 1.0, open_ends=True)
    _elasticity(elasticity, or_zero=True)
    for name, factor in (("input_factor", input_factor), ("other_factor", other_factor)):
        if not (math.isfinite(factor) and factor >= 0):
            raise DataError(
                f"{name} is {factor:g}.",
                where=name,
                expected="a finite factor of at least 0: 0.9 for a loss of 10 %",
            )
    rho = 1.0 if math.isinf(elasticity) else (elasticity - 1) / elasticity if elasticity > 0 else -math.inf
    if math.isinf(rho):
        return min(input_factor, other_factor)
    if min(input_factor, other_factor) == 0:
        if rho <= 0:
            return 0.0
        left = input_share * input_factor**rho + (1 - input_share) * other_factor**rho
        return float(left ** (1 / rho))
    log_input, log_other = math.log(input_factor), math.log(other_factor)
    if rho == 0:
        return math.exp(input_share * log_input + (1 - input_share) * log_other)
    first, second = rho * log_input, rho * log_other
    if max(abs(first), abs(second)) < _SMALL:
        # keeps all digits near Cobb-Douglas, where both terms are nearly 1
        total = math.log1p(input_share * math.expm1(first) + (1 - input_share) * math.expm1(second))
    else:
        # the largest power taken out: near Leontief it would overflow
        top = max(first, second)
        total = top + math.log(
            input_share * math.exp(first - top) + (1 - input_share) * math.exp(second - top)
        )
    return math.exp(total / rho)


def input_price(input_share: float, elasticity: float, input_factor: float) -> float | None:
    """Give the factor on the price of the scarce input against that of output: its marginal product.

    Parameters
    ----------
    input_share, elasticity, input_factor : float
        See `ces_output`.

    Returns
    -------
    float or None
        None for Leontief, where any price clears the market once the input binds.

    Examples
    --------
    >>> round(input_price(0.04, 1.0, 0.5), 6)
    1.94531
    """
    output = ces_output(input_share, elasticity, input_factor)
    if elasticity == 0:
        return None
    if input_factor == 0:
        return 1.0 if math.isinf(elasticity) else math.inf
    log_price = (math.log(output) - math.log(input_factor)) / elasticity
    # beyond the range of numbers the price is as good as infinite
    return math.exp(log_price) if log_price < 700 else math.inf


@dataclass(frozen=True, slots=True)
class SecondOrderBound:
    """Approximation of the loss by the share in spending and how it moves.

    Attributes
    ----------
    first_order, second_order : float
        Terms in logarithms: share times change, and half its derivative times the change squared.
    change : float
        Change of output as a fraction, from both terms.
    exact_change : float or None
        By the CES function; None where only the derivative of the share was given.
    next_term : float or None
        The third term, as a part of the first two together.
    reliable : bool or None
        Whether the next term is small; None where it is not known.
    warning : str
        Where the approximation is known to fail.
    provenance : dict
    """

    first_order: float
    second_order: float
    change: float
    exact_change: float | None
    next_term: float | None
    reliable: bool | None
    warning: str
    provenance: dict[str, Any]

    @property
    def table(self) -> pl.DataFrame:
        """The numbers as a table of one row."""
        names = ("first_order", "second_order", "change", "exact_change", "next_term", "reliable", "warning")
        return pl.DataFrame({name: [getattr(self, name)] for name in names})


def second_order_bound(
    expenditure_share: float,
    input_factor: float,
    *,
    elasticity: float | None = None,
    share_slope: float | None = None,
) -> SecondOrderBound:
    r"""Approximate the loss from a scarce input to the second order.

    .. math:: \Delta\ln W \approx \lambda \Delta\ln m + \tfrac12 \frac{d\lambda}{d\ln m} (\Delta\ln m)^2

    Parameters
    ----------
    expenditure_share : float
        Share of the input in spending in the base.
    input_factor : float
        What is left of the input, above 0.
    elasticity : float, optional
        Of substitution, above 0; the share then moves by :math:`\lambda(1-\lambda)(1-1/\sigma)`.
    share_slope : float, optional
        Change of the share by the logarithm of the quantity, where it is known; one of the two is needed.

    Returns
    -------
    SecondOrderBound

    Raises
    ------
    DataError
        If not exactly one of `elasticity` and `share_slope` is given, or a number cannot be meant.

    Notes
    -----
    Baqaee and Farhi (2019), The macroeconomic impact of microeconomic shocks: beyond Hulten's theorem,
    Econometrica 87(4). The warning goes with every result.

    Examples
    --------
    >>> bound = second_order_bound(0.04, 0.9, elasticity=0.04)
    >>> round(100 * bound.change, 2), round(100 * bound.exact_change, 2), bound.reliable
    (-0.93, -1.57, False)
    """
    if (elasticity is None) == (share_slope is None):
        raise DataError(
            "The share moves by an elasticity or by a slope.",
            where="second-order bound",
            expected="one of elasticity and share_slope",
        )
    _between(expenditure_share, "expenditure_share", 0.0, 1.0, open_ends=True)
    if not (math.isfinite(input_factor) and input_factor > 0):
        raise DataError(
            f"input_factor is {input_factor:g}.",
            where="input_factor",
            expected="a finite factor above 0: around nothing there is no approximation",
        )
    change = math.log(input_factor)
    exact = next_term = reliable = None
    if share_slope is not None:
        slope = share_slope
    else:
        assert elasticity is not None
        _elasticity(elasticity)
        rho = 1 - 1 / elasticity
        slope = expenditure_share * (1 - expenditure_share) * rho
    first, second = expenditure_share * change, 0.5 * slope * change**2
    if elasticity is not None:
        exact = ces_output(expenditure_share, elasticity, input_factor) - 1
        third = slope * rho * (1 - 2 * expenditure_share) * change**3 / 6
        next_term = abs(third) / abs(first + second) if first + second else 0.0 if third == 0 else math.inf
        reliable = next_term <= _NEXT_TERM
    return SecondOrderBound(
        first_order=first,
        second_order=second,
        change=math.expm1(first + second),
        exact_change=exact,
        next_term=next_term,
        reliable=reliable,
        warning=SECOND_ORDER_WARNING,
        provenance=provenance_of(
            "second-order-2019",
            assumptions=(SECOND_ORDER_WARNING,),
            expenditure_share=expenditure_share,
            input_factor=input_factor,
            elasticity=elasticity,
            share_slope=share_slope,
        ),
    )


def denied_share_price(denied_share: float, trade_elasticity: float) -> float:
    r"""Give the factor on the price of a product when suppliers with a share of it are denied.

    .. math:: \hat P = (1-s)^{-1/\theta}

    Parameters
    ----------
    denied_share : float
        Share of the denied suppliers in spending, from 0 to below 1.
    trade_elasticity : float
        Above 0; the elasticity of substitution is one more.

    Returns
    -------
    float
        1 for no change; other suppliers' prices and all income stay as they were.

    Raises
    ------
    DataError
        If nobody is left to buy from, or the elasticity is not above 0.

    Notes
    -----
    Feenstra (1994), New product varieties and the measurement of international prices, American Economic
    Review 84(1): a variety that is gone is one at an infinite price.

    Examples
    --------
    >>> round(denied_share_price(0.6, 5.0), 4), round(denied_share_price(0.6, 0.5), 4)
    (1.2011, 6.25)
    """
    if denied_share == 1:
        raise DataError(
            "All suppliers are denied, so there is no price.",
            where="denied_share",
            expected="a share below 1",
            next_step="Look at the physical shortage instead.",
        )
    _between(denied_share, "denied_share", 0.0, 1.0)
    _elasticity(trade_elasticity, "trade_elasticity")
    return float((1 - denied_share) ** (-1 / trade_elasticity))
