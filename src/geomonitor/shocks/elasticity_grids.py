"""The closed forms of the short run over grids of elasticities, as no elasticity is known well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import polars as pl

from geomonitor.errors import DataError
from geomonitor.shocks.methods import provenance_of
from geomonitor.shocks.short_run import (
    SECOND_ORDER_WARNING,
    armington_real_income,
    ces_output,
    denied_share_price,
    input_price,
    second_order_bound,
)

__all__ = ["ElasticityGrid", "armington_grid", "denied_share_grid", "short_run_grid"]


@dataclass(frozen=True, slots=True)
class ElasticityGrid:
    """One closed form over a grid of elasticities and shares.

    Attributes
    ----------
    table : polars.DataFrame
        One row a combination; changes as fractions.
    response : str
        Column that is drawn against `elasticity`.
    by : tuple of str
        Columns that tell the curves apart.
    provenance : dict
    """

    table: pl.DataFrame
    response: str
    by: tuple[str, ...]
    provenance: dict[str, Any]

    def plot(self) -> Any:
        """Draw the response against the elasticity, one curve a combination of the rest."""
        import plotly.graph_objects as go

        figure = go.Figure()
        shown = self.table.filter(pl.col("elasticity").is_finite()).sort("elasticity")
        for key, part in shown.group_by(self.by, maintain_order=True):
            name = ", ".join(
                f"{column.replace('_', ' ')} {value:g}" for column, value in zip(self.by, key, strict=True)
            )
            figure.add_scatter(
                x=part["elasticity"].to_list(),
                y=(part[self.response] * 100).to_list(),
                mode="lines+markers",
                name=name,
            )
        figure.update_layout(
            xaxis_title="elasticity", yaxis_title=f"{self.response.replace('_', ' ')}, percent"
        )
        return figure


def short_run_grid(
    input_shares: Sequence[float], input_factors: Sequence[float], elasticities: Sequence[float]
) -> ElasticityGrid:
    """Compute output lost to a scarce input over a grid, with the approximations beside it.

    Parameters
    ----------
    input_shares, input_factors, elasticities : sequence of float
        See `ces_output`.

    Returns
    -------
    ElasticityGrid
        With `output_change` (exact), `first_order_change`, `second_order_change`, `second_order_reliable`
        (null for elasticity 0, around which there is no approximation) and `input_price_factor`.

    Examples
    --------
    >>> short_run_grid([0.04], [0.9], [0.0, 0.04, 1.0]).table["output_change"].round(4).to_list()
    [-0.1, -0.0157, -0.0042]
    """
    rows = []
    for share, factor, elasticity in _combinations(input_shares, input_factors, elasticities):
        row: dict[str, Any] = {
            "input_share": share,
            "input_factor": factor,
            "elasticity": elasticity,
            "output_change": ces_output(share, elasticity, factor) - 1,
            "first_order_change": factor**share - 1,
            "second_order_change": None,
            "second_order_reliable": None,
            "input_price_factor": input_price(share, elasticity, factor),
        }
        if elasticity > 0 and factor > 0:
            bound = second_order_bound(share, factor, elasticity=elasticity)
            row |= {"second_order_change": bound.change, "second_order_reliable": bound.reliable}
        rows.append(row)
    schema = {
        **dict.fromkeys(("input_share", "input_factor", "elasticity", "output_change"), pl.Float64),
        "first_order_change": pl.Float64,
        "second_order_change": pl.Float64,
        "second_order_reliable": pl.Boolean,
        "input_price_factor": pl.Float64,
    }
    return ElasticityGrid(
        table=pl.DataFrame(rows, schema=schema),
        response="output_change",
        by=("input_share", "input_factor"),
        provenance=provenance_of("ces-short-run-2022", assumptions=(SECOND_ORDER_WARNING,)),
    )


def denied_share_grid(denied_shares: Sequence[float], trade_elasticities: Sequence[float]) -> ElasticityGrid:
    """Compute the price of a product without some suppliers over a grid.

    Parameters
    ----------
    denied_shares, trade_elasticities : sequence of float
        See `denied_share_price`.

    Returns
    -------
    ElasticityGrid
        With `price_change`.

    Examples
    --------
    >>> denied_share_grid([0.6], [0.5, 5.0]).table["price_change"].round(4).to_list()
    [5.25, 0.2011]
    """
    return _closed_form_grid(
        ("denied_share",),
        _combinations(denied_shares, trade_elasticities),
        "price_change",
        denied_share_price,
        "denied-share-1994",
    )


def armington_grid(
    home_share_before: float,
    home_shares_after: Sequence[float],
    trade_elasticities: Sequence[float],
    value_added_shares: Sequence[float] = (1.0,),
) -> ElasticityGrid:
    """Compute real income from the home share over a grid.

    Parameters
    ----------
    home_share_before : float
    home_shares_after, trade_elasticities, value_added_shares : sequence of float
        See `armington_real_income`.

    Returns
    -------
    ElasticityGrid
        With `real_income_change`.

    Examples
    --------
    >>> armington_grid(0.8, [0.82], [5.0], [1.0, 0.5]).table["real_income_change"].round(6).to_list()
    [-0.004926, -0.009828]
    """
    return _closed_form_grid(
        ("home_share_before", "home_share_after", "value_added_share"),
        [
            (home_share_before, after, added, theta)
            for after, added, theta in _combinations(
                home_shares_after, value_added_shares, trade_elasticities
            )
        ],
        "real_income_change",
        lambda before, after, added, theta: armington_real_income(before, after, theta, added),
        "armington-2012",
    )


def _combinations(*axes: Sequence[float]) -> list[tuple[float, ...]]:
    if not all(len(axis) for axis in axes):
        raise DataError("The grid is empty.", where="grid", expected="at least one number on every axis")
    return [tuple(float(each) for each in combination) for combination in product(*axes)]


def _closed_form_grid(
    by: tuple[str, ...],
    combinations: Sequence[tuple[float, ...]],
    response: str,
    factor: Callable[..., float],
    method: str,
) -> ElasticityGrid:
    rows = [
        {**dict(zip((*by, "elasticity"), each, strict=True)), response: factor(*each) - 1}
        for each in combinations
    ]
    return ElasticityGrid(pl.DataFrame(rows), response, by, provenance_of(method))
