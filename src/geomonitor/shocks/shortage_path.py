r"""Physical shortage of a product or material when suppliers are denied, month by month.

With the use of a month as 1, :math:`\rho` the part that comes from abroad, d the part of imports that is
denied and r what other suppliers can redirect, what is missing in month t is

.. math:: g_t = \max(0,\ 1 - q_t - (1 - \rho) - \rho (1 - d) - r_t),

where q is use that has moved to substitutes. Stocks are drawn down first; what they do not cover is the
shortage, so that over the whole period it is :math:`\max(0, need - stock - supply) / need` where supply
does not change. Substitution and redirection grow evenly until their month. What nobody knows is a bound:
the best case takes the favourable end of everything that is unknown, the worst case the other one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.shocks.shortage_inputs import SHORTAGE_INPUTS, Estimate, ShortageInputs

__all__ = [
    "CASES",
    "Case",
    "ShortageCase",
    "joined_paths",
    "months_of_cover",
    "over_cases",
    "redirectable_share",
    "shortage_cases",
    "shortage_path",
]

Floats = NDArray[np.float64]
Case = Literal["best", "expected", "worst"]

CASES: tuple[Case, ...] = ("best", "expected", "worst")


@dataclass(frozen=True, slots=True)
class ShortageCase:
    """The numbers of one case.

    Attributes
    ----------
    import_share, substitutable_share : float
        Parts of use.
    denied_share, redirectable_share : float
        Parts of imports.
    stock_cover_months : float
        Months of use; may be infinite.
    months_to_substitute, months_to_redirect : float
        0 for at once, infinite for never.
    """

    import_share: float
    denied_share: float
    redirectable_share: float
    stock_cover_months: float
    substitutable_share: float
    months_to_substitute: float
    months_to_redirect: float


def shortage_path(case: ShortageCase, horizon_months: int) -> pl.DataFrame:
    """Follow use, supply and stocks by month, all as parts of a month's use.

    Parameters
    ----------
    case : ShortageCase
    horizon_months : int

    Returns
    -------
    polars.DataFrame
        `month`, `substituted`, `redirected`, `gap` (before stocks), `drawn_from_stock`, `stock_left`
        (months of use), `shortage`.

    Examples
    --------
    >>> case = ShortageCase(import_share=0.8, denied_share=0.5, redirectable_share=0.1,
    ...     stock_cover_months=0.5, substitutable_share=0.0, months_to_substitute=0.0, months_to_redirect=0.0)
    >>> shortage_path(case, 3)["shortage"].round(2).to_list()
    [0.0, 0.14, 0.32]
    """
    months = np.arange(1, horizon_months + 1, dtype=np.float64)
    lost = case.import_share * case.denied_share
    possible = case.import_share * case.redirectable_share * _ramp(months, case.months_to_redirect)
    redirected = np.minimum(possible, lost)
    # nobody moves to a substitute for what can still be had
    substituted = np.minimum(
        case.substitutable_share * _ramp(months, case.months_to_substitute), lost - redirected
    )
    gap = np.maximum(lost - redirected - substituted, 0.0)
    drawn, left = np.zeros_like(gap), np.zeros_like(gap)
    stock = case.stock_cover_months
    for number, missing in enumerate(gap):
        drawn[number] = min(missing, stock)
        stock -= drawn[number]
        left[number] = stock
    return pl.DataFrame(
        {
            "month": months.astype(np.int64),
            "substituted": substituted,
            "redirected": redirected,
            "gap": gap,
            "drawn_from_stock": drawn,
            "stock_left": left,
            "shortage": gap - drawn,
        }
    )


def _ramp(months: Floats, until: float) -> Floats:
    if until == 0:
        return np.ones_like(months)
    return np.minimum(months, until) / until if math.isfinite(until) else np.zeros_like(months)


def _pick(found: Estimate, case: Case, *, most_is_good: bool) -> float | None:
    if case == "expected":
        return found.value
    return found.high if most_is_good == (case == "best") else found.low


def redirectable_share(known: ShortageInputs, case: Case, third_markets: float) -> float | None:
    """Give what other suppliers can redirect, as a part of imports; None where it is not known.

    Parameters
    ----------
    known : ShortageInputs
    case : {'best', 'expected', 'worst'}
    third_markets : float
        What they sell elsewhere, as a part of imports.
    """
    part = _pick(known.divertible_share, case, most_is_good=True)
    cap = _pick(known.redirect_cap, case, most_is_good=True)
    return None if part is None or cap is None else min(part * third_markets, cap)


def shortage_cases(known: ShortageInputs, denied: Estimate, third_markets: float) -> dict[Case, ShortageCase]:
    """Make the best and the worst case of what is not known, and the expected one where all is known.

    Parameters
    ----------
    known : ShortageInputs
    denied : Estimate
        Part of imports.
    third_markets : float
        What other suppliers sell elsewhere, as a part of imports.
    """
    found: dict[Case, ShortageCase] = {}
    for case in CASES:
        numbers = {
            name: _pick(getattr(known, name), case, most_is_good=good)
            for name, (_, _, good) in SHORTAGE_INPUTS.items()
        }
        numbers["denied_share"] = _pick(denied, case, most_is_good=False)
        numbers["redirectable_share"] = redirectable_share(known, case, third_markets)
        # when it starts does not matter for what does not exist
        for amount, start in (
            ("substitutable_share", "months_to_substitute"),
            ("redirectable_share", "months_to_redirect"),
        ):
            if numbers[amount] == 0:
                numbers[start] = 0.0
        wanted = {each.name: numbers[each.name] for each in fields(ShortageCase)}
        complete = {name: value for name, value in wanted.items() if value is not None}
        if len(complete) == len(wanted):
            found[case] = ShortageCase(**complete)
    return found


def months_of_cover(
    known: ShortageInputs, case: Case, denied: Estimate, third_markets: float
) -> float | None:
    """Give how long stocks last without substitution, once redirected supply has come.

    Parameters
    ----------
    known : ShortageInputs
    case : {'best', 'expected', 'worst'}
    denied : Estimate
        Part of imports.
    third_markets : float
        What other suppliers sell elsewhere, as a part of imports.

    Returns
    -------
    float or None
        Infinite where nothing is missing; None where a number is not known.
    """
    stock = _pick(known.stock_cover_months, case, most_is_good=True)
    imports = _pick(known.import_share, case, most_is_good=False)
    stopped = _pick(denied, case, most_is_good=False)
    moved = redirectable_share(known, case, third_markets)
    if stock is None or imports is None or stopped is None or moved is None:
        return None
    missing = imports * max(stopped - moved, 0.0)
    return stock / missing if missing else math.inf


def over_cases(values: Mapping[Case, float | None], *, most_is_worst: bool = True) -> Estimate:
    """Put the results of the cases together: the expected one, and the others as bounds."""
    best, worst = values["best"], values["worst"]
    assert best is not None
    assert worst is not None
    low, high = (best, worst) if most_is_worst else (worst, best)
    return Estimate(values.get("expected"), low, high, "computed")


def joined_paths(paths: Mapping[Case, pl.DataFrame]) -> pl.DataFrame:
    """Put the paths beside each other; the expected one is null where an input is not known."""
    best = paths["best"]
    found = best.select("month")
    for name in best.columns[1:]:
        unknown = pl.Series(name, [None] * best.height, dtype=pl.Float64)
        found = found.with_columns(
            (paths["expected"][name] if "expected" in paths else unknown).alias(name),
            best[name].alias(f"{name}_best"),
            paths["worst"][name].alias(f"{name}_worst"),
        )
    # a stock that nobody knows covers everything in the best case, and is no number
    stocks = pl.col("stock_left", "stock_left_best", "stock_left_worst")
    return found.with_columns(pl.when(stocks.is_finite()).then(stocks))
