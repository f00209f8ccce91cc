"""Shares of suppliers weighted by governance and restrictions, for many materials at once, with bounds.

Cost: one sort and one grouped pass over the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from geomonitor.materials.specification import MaterialMethod, material_method

__all__ = ["governed_shares", "weighted_governance"]

_MORE_THAN_ALL = "shares add up to more than the whole"
_LESS_THAN_ALL = "shares add up to less than the whole"
_NO_ORIGIN = "part of the supply has no single origin"
_UNKNOWN_GOVERNANCE = "governance of a supplier is not known"


def weighted_governance(governance: pl.DataFrame, method: MaterialMethod | None = None) -> pl.DataFrame:
    """Turn governance estimates of economies into weights from 0 (best) to 10 (worst).

    Parameters
    ----------
    governance : polars.DataFrame
        `economy`, `governance` (estimate, about -2.5 to 2.5).
    method : MaterialMethod, optional
        ``eu-crm-2017`` where left out.

    Returns
    -------
    polars.DataFrame
        `economy`, `weight`; an economy without an estimate has no row.

    Examples
    --------
    >>> weighted_governance(pl.DataFrame({"economy": ["CHN"], "governance": [-0.36]})).row(0)
    ('CHN', 5.72)
    """
    numbers = (method or material_method("eu-crm-2017")).parameters
    highest, scale = numbers["governance_highest"], numbers["governance_scale"]
    weight = scale * (highest - pl.col("governance")) / (highest - numbers["governance_lowest"])
    return (
        governance.filter(pl.col("governance").is_not_null())
        .select("economy", weight=weight.clip(0, scale).round(12))
        .sort("economy")
    )


def governed_shares(
    shares: pl.DataFrame,
    weights: pl.DataFrame,
    by: Sequence[str],
    *,
    home: Collection[str] = (),
    method: MaterialMethod | None = None,
) -> pl.DataFrame:
    r"""Measure concentration of supply, plain and weighted by governance and restrictions.

    .. math:: H = \sum_c S_c^2 \, W_c \, t_c

    A share that is printed as below a bound counts as 0 in the value and as the bound in the upper one.
    Shares are not rescaled. What is missing to the whole within the tolerance belongs to one more supplier in
    the upper bound. Outside the tolerance there is no value: where shares add up to less, the upper bound
    gives what is missing to the supplier that weighs most; where they add up to more, there are no bounds.
    A supplier without governance counts between best and worst, and there is a value only where that cannot
    change the index by more than `unknown_tolerance`.

    Parameters
    ----------
    shares : polars.DataFrame
        One row a supplier: the columns of `by`, `economy` (null for what has no single origin), `share`
        (fraction; null where only a bound is printed), and where there are any `share_max` (the bound) and
        `restriction` (null counts as no restriction, or as trade inside the home group).
    weights : polars.DataFrame
        `economy`, `weight`, as `weighted_governance` gives them.
    by : sequence of str
        Columns that tell one market from another.
    home : collection of str
        Economies that are at home: trade with them is free, and they cannot be the largest foreign supplier.
    method : MaterialMethod, optional

    Returns
    -------
    polars.DataFrame
        The columns of `by`, `concentration` (plain Herfindahl-Hirschman index), `governed` (value, null
        where not known), `governed_low`, `governed_high`, `governed_without_restrictions`, `share_sum`,
        `complete` (shares add up within the tolerance), `main_supplier`, `main_supplier_share`,
        `main_foreign_supplier`, `main_foreign_share`, `unknown_governance` (codes, joined by ";") and
        `reason` (null where there is a value).

    Examples
    --------
    >>> shares = pl.DataFrame({"material": "m", "economy": ["CHN", "USA"], "share": [0.9, 0.1]})
    >>> weights = pl.DataFrame({"economy": ["CHN", "USA"], "weight": [5.0, 4.0]})
    >>> governed_shares(shares, weights, ["material"]).select(pl.col("governed").round(6)).item()
    4.09
    """
    numbers = (method or material_method("eu-crm-2017")).parameters
    scale = numbers["governance_scale"]
    # 1e-9: sums of printed decimals carry rounding in the last binary digit
    tolerance, unknown_tolerance = numbers["share_sum_tolerance"] + 1e-9, numbers["unknown_tolerance"]
    columns = shares.columns
    usual_restriction = (
        pl.when(pl.col("economy").is_in(list(home)))
        .then(numbers["restriction_inside_home_group"])
        .otherwise(numbers["restriction_without_measure"])
    )
    rows = (
        shares.select(
            *by,
            "economy",
            share=pl.col("share").fill_null(0.0),
            bound=(
                pl.coalesce("share", "share_max") if "share_max" in columns else pl.col("share")
            ).fill_null(0.0),
            restriction=(
                pl.col("restriction").fill_null(usual_restriction)
                if "restriction" in columns
                else usual_restriction
            ),
        )
        .join(weights, on="economy", how="left")
        .sort(*by, "share", "economy", descending=[*[False] * len(by), True, False], nulls_last=True)
    )
    known = pl.col("economy").is_not_null()
    foreign = known & ~pl.col("economy").is_in(list(home))
    share, bound, factor, weight = (pl.col(name) for name in ("share", "bound", "restriction", "weight"))
    rows = rows.with_columns(missing=(1 - share.sum().over(by)).clip(0.0))
    # a missing part r given to supplier c adds ((S_c + r)^2 - S_c^2) W_c t_c
    missing = pl.col("missing")
    grown = ((share + missing) ** 2 - share**2) * weight.fill_null(scale) * factor
    found = rows.group_by(by, maintain_order=True).agg(
        concentration=(share**2).filter(known).sum(),
        governed_low=(share**2 * weight.fill_null(0.0) * factor).filter(known).sum(),
        # what has no single origin is at worst one more supplier with the worst governance
        at_most=(bound**2 * weight.fill_null(scale) * factor).filter(known).sum()
        + scale * share.filter(~known).sum() ** 2,
        governed_without_restrictions=(share**2 * weight.fill_null(0.0)).filter(known).sum(),
        share_sum=share.sum(),
        missing=missing.first(),
        to_largest=pl.max_horizontal(grown.filter(known).max(), scale * missing.first() ** 2),
        suppliers=(known & (bound > 0)).sum(),
        main_supplier=pl.col("economy").filter(known).first(),
        main_supplier_share=share.filter(known).first(),
        main_foreign_supplier=pl.col("economy").filter(foreign).first(),
        main_foreign_share=share.filter(foreign).first(),
        unknown_governance=pl.col("economy")
        .filter(known & weight.is_null() & (bound > 0))
        .sort()
        .str.join(";"),
    )
    short, over = pl.col("missing") > tolerance, pl.col("share_sum") > 1 + tolerance
    found = found.with_columns(
        complete=~short & ~over,
        governed_low=pl.when(~over).then("governed_low"),
        governed_high=pl.when(~over).then(
            pl.col("at_most") + pl.when(short).then("to_largest").otherwise(scale * missing**2)
        ),
    )
    uncertain = pl.col("at_most") - pl.col("governed_low") > unknown_tolerance
    empty = pl.col("suppliers") == 0
    reason = (
        pl.when(empty)
        .then(pl.lit("no supplier is known"))
        .when(over)
        .then(pl.lit(_MORE_THAN_ALL))
        .when(short)
        .then(pl.lit(_LESS_THAN_ALL))
        .when(uncertain & (pl.col("unknown_governance") != ""))
        .then(pl.lit(_UNKNOWN_GOVERNANCE))
        .when(uncertain)
        .then(pl.lit(_NO_ORIGIN))
    )
    return found.with_columns(reason=reason).select(
        *by,
        *("concentration", "governed_low", "governed_high", "governed_without_restrictions"),
        *("share_sum", "complete", "main_supplier", "main_supplier_share"),
        *("main_foreign_supplier", "main_foreign_share", "unknown_governance", "reason"),
        governed=pl.when(pl.col("reason").is_null()).then("governed_low"),
    )
