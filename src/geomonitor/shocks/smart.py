r"""The market of a product in one importing economy: trade created, trade diverted, prices, welfare (SMART).

Origins are imperfect substitutes. With :math:`\hat p_c` the change of the price that buyers pay for origin
c,

.. math::
    m'_c = m_c \, \frac{\hat p_c^{-\sigma}}{\sum_k s_k \hat p_k^{-\sigma}} \, \hat p_c^{-\varepsilon}, \quad
    \hat p_c = \hat w_c \frac{1+t'_c}{1+t_c}, \quad m'_c = m_c \hat w_c^{\mu}.

The first factor diverts trade between origins and leaves total imports as they are; the second creates
trade. Written with :math:`\hat P^{-\sigma} = \sum_k s_k \hat p_k^{-\sigma}`, all prices of sellers follow
from :math:`\hat P`, and that from one sum: the solution is closed for any supply elasticity. To the first
order creation is :math:`-\varepsilon m_c \Delta t_c / (1+t_c)` and diversion :math:`-\sigma m_c (\Delta
t_c/(1+t_c) - \overline{\Delta t/(1+t)})`; with finite supply and equal changes creation is divided by
:math:`1 + \varepsilon/\mu`. With one preferred origin diversion is Laird and Yeats's.

Sources: Laird and Yeats (1986), The UNCTAD Trade Policy Simulation Model, UNCTAD Discussion Paper 19;
Jammes and Olarreaga (2005), Explaining SMART and GSIM, The World Bank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.errors import DataError
from geomonitor.shocks.methods import provenance_of
from geomonitor.shocks.partial_equilibrium import (
    ELASTICITY_COLUMNS,
    Elasticities,
    product_elasticities,
    tariffs_of,
)
from geomonitor.shocks.rates import Rate
from geomonitor.trade import Importer, segment_starts, supply_tables

__all__ = ["SmartResult", "smart"]

Floats = NDArray[np.float64]
Form = Literal["exact", "marginal"]

_SPOKEN = {
    "exact": "constant elasticities: imports cannot become negative, and diversion adds up to 0",
    "marginal": "first-order formulas: meant for small changes",
}


@dataclass(frozen=True, slots=True)
class SmartResult:
    """What a change of tariffs does to the imports of one economy; changes as fractions.

    Attributes
    ----------
    table : polars.DataFrame
        One row a product and origin: `product`, `exporter`, `imports_before_kusd` (a year), `tariff_before`,
        `tariff_after`, `seller_price_change`, `buyer_price_change`, `trade_creation_kusd`,
        `trade_diversion_kusd` (both volumes at the prices of the base), `price_effect_kusd` (dearer or
        cheaper imports, before tariffs), `imports_after_kusd` (border value),
        `revenue_change_kusd`, `consumer_surplus_change_kusd` (trapezoids).
    products : polars.DataFrame
        The sums by product, with `buyer_price_change` weighted by spending, `welfare_change_kusd` (surplus
        and revenue) and the elasticities.
    importer : Importer
    provenance : dict
    """

    table: pl.DataFrame
    products: pl.DataFrame
    importer: Importer
    provenance: dict[str, Any]

    def plot(self, top: int = 15) -> Any:
        """Draw creation, diversion and price effect by origin, the origins that move most first.

        Parameters
        ----------
        top : int
        """
        import plotly.graph_objects as go

        parts = {
            "trade_creation_kusd": "trade created",
            "trade_diversion_kusd": "trade diverted",
            "price_effect_kusd": "prices of sellers",
        }
        rows = (
            self.table.group_by("exporter")
            .agg(pl.col(name).sum() for name in parts)
            .with_columns(moved=sum((pl.col(name).abs() for name in parts), start=pl.lit(0.0)))
            .sort("moved", "exporter", descending=[True, False])
            .head(top)
            .reverse()
        )
        figure = go.Figure()
        for name, label in parts.items():
            figure.add_bar(
                x=(rows[name] / 1000).to_list(), y=rows["exporter"].to_list(), name=label, orientation="h"
            )
        figure.update_layout(
            barmode="relative",
            title=f"Imports of {self.importer.label}",
            xaxis_title="change, million USD a year",
        )
        return figure


def smart(
    flows: Any,
    importer: Importer,
    years: Sequence[int],
    tariffs: pl.DataFrame,
    *,
    products: Sequence[str] | None = None,
    elasticities: pl.DataFrame | None = None,
    default: Elasticities | None = None,
    unlisted: Rate | None = None,
    form: Form = "exact",
    merge: Mapping[str, str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    whole_dollars: bool = False,
    verified: bool = False,
) -> SmartResult:
    """Simulate a change of tariffs in the market of every product of one importer.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine.
    importer : Importer
        Imports from its home economies are left out.
    years : sequence of int
        Averaged.
    tariffs : polars.DataFrame
        Before and after, as fractions; see `geomonitor.shocks.partial_equilibrium.tariffs_of`.
    products : sequence of str, optional
        HS6 codes; all that are imported by default.
    elasticities : polars.DataFrame, optional
        By product; see `product_elasticities`.
    default : Elasticities, optional
        For what the table does not have; stated with the result.
    unlisted : Rate, optional
        Tariff before and after of flows that `tariffs` does not name; an error where left out.
    form : {'exact', 'marginal'}
        Constant elasticities, or the first-order formulas.
    merge : mapping of str to str, optional
        Economies to fold into another one.
    groups : mapping of str to sequence of str, optional
        User-defined groups that `tariffs` names.
    whole_dollars, verified : bool
        See `geomonitor.trade.supply_tables`.

    Returns
    -------
    SmartResult

    Raises
    ------
    DataError
        If nothing is imported, an elasticity or tariff is missing or cannot be meant, or the first-order
        formulas give negative imports.
    UnknownCodeError
        If a code is not known.

    Notes
    -----
    Cost: one pass over the flows, then a few sums.

    Examples
    --------
    >>> import polars as pl
    >>> from geomonitor.shocks.partial_equilibrium import tariff_change_row
    >>> from geomonitor.shocks.rates import PercentagePoints
    >>> from geomonitor.trade import importer
    >>> flows = pl.DataFrame({"year": [2021, 2021], "exporter": ["CHN", "USA"], "importer": ["NLD", "NLD"],
    ...     "product": ["810600", "810600"], "value_kusd": [60.0, 40.0]})
    >>> tariffs = tariff_change_row("NLD", "CHN", Rate(0.0), PercentagePoints(10.0))
    >>> found = smart(flows, importer("NLD"), [2021], tariffs, default=Elasticities(1.0, 5.0),
    ...     unlisted=Rate(0.0))
    >>> found.table["trade_diversion_kusd"].round(3).to_list()
    [-11.776, 11.776]
    """
    supply = supply_tables(
        flows,
        [importer],
        years,
        world=False,
        quantities=False,
        merge=merge,
        products=products,
        whole_dollars=whole_dollars,
        verified=verified,
        by_year=False,
    )
    imports = (
        supply.table(importer.code)
        .filter(~pl.col("exporter").is_in(list(importer.home)), pl.col("value_kusd") > 0)
        .select(
            "product",
            "exporter",
            imports_before_kusd=pl.col("value_kusd") / len(supply.years),
            importer=pl.lit(importer.code),
        )
        .sort("product", "exporter")
    )
    if not imports.height:
        raise DataError(
            f"{importer.label} imports none of the products.",
            where=f"flows of {', '.join(map(str, supply.years))}",
            expected="imports from outside home",
        )
    units = {importer.code: importer.members, **{each: (each,) for each in imports["exporter"].unique()}}
    rates = tariffs_of(imports, tariffs, units, unlisted=unlisted, groups=groups)
    used = product_elasticities(imports["product"].unique().sort().to_list(), elasticities, default)
    table = _solved(rates, used, form)
    return SmartResult(
        table=table,
        products=_by_product(table, used),
        importer=importer,
        provenance=provenance_of(
            "smart-2005",
            assumptions=_assumptions(form, default, unlisted, used),
            importer=importer.label,
            years=supply.years,
            form=form,
            products=used.height,
        ),
    )


def _assumptions(
    form: Form, default: Elasticities | None, unlisted: Rate | None, used: pl.DataFrame
) -> list[str]:
    said = [_SPOKEN[form], "one market at a time: incomes, wages and other products stay as they are"]
    count = used.filter(pl.col("elasticity_source") != "table").height
    if default is not None and count:
        said.append(f"default elasticities for {count} of {used.height} products: {default}")
    if unlisted is not None:
        said.append(f"flows without a listed tariff pay {unlisted} before and after")
    return said


def _solved(rates: pl.DataFrame, used: pl.DataFrame, form: Form) -> pl.DataFrame:
    starts = segment_starts(rates["product"].to_numpy())
    lengths = np.diff(np.append(starts, rates.height))
    demand, substitution, supply = (
        np.repeat(used[name].to_numpy().astype(np.float64), lengths) for name in ELASTICITY_COLUMNS
    )
    before, after = (rates[name].to_numpy().astype(np.float64) for name in ("tariff_before", "tariff_after"))
    imports = rates["imports_before_kusd"].to_numpy()
    share = imports / np.repeat(np.add.reduceat(imports, starts), lengths)

    def average(values: Floats) -> Floats:
        return np.repeat(np.add.reduceat(share * values, starts), lengths)

    # with infinite supply sellers' prices stay
    price_weight = 1 / (supply + substitution + demand)
    border = 1 - (substitution + demand) * price_weight
    spread = substitution * price_weight
    if form == "exact":
        wedge = np.log1p(after) - np.log1p(before)
        index = -np.log(average(np.exp(-substitution * border * wedge))) / substitution / (1 - spread)
    else:
        wedge = (after - before) / (1 + before)
        index = average(border * wedge) / (1 - spread)
    paid = border * wedge + spread * index
    seller = paid - wedge
    if form == "exact":
        diverted = imports * np.expm1(-substitution * (paid - index))
        created = (imports + diverted) * np.expm1(-demand * paid)
        seller = np.expm1(seller)
    else:
        diverted = -substitution * imports * (paid - index)
        created = -demand * imports * paid
    volume = imports + diverted + created
    _refuse_negative(rates, volume, form)
    buyer = (1 + seller) * (1 + after) / (1 + before) - 1
    return rates.select(
        "product", "exporter", "imports_before_kusd", "tariff_before", "tariff_after"
    ).with_columns(
        seller_price_change=seller,
        buyer_price_change=buyer,
        trade_creation_kusd=created,
        trade_diversion_kusd=diverted,
        price_effect_kusd=volume * seller,
        imports_after_kusd=volume * (1 + seller),
        revenue_change_kusd=after * volume * (1 + seller) - before * imports,
        consumer_surplus_change_kusd=-buyer * (1 + before) * (imports + volume) / 2,
    )


def _refuse_negative(rates: pl.DataFrame, volume: Floats, form: Form) -> None:
    wrong = np.flatnonzero(~(volume >= 0))
    if len(wrong):
        row = rates.row(int(wrong[0]), named=True)
        raise DataError(
            f"The first-order formulas give negative imports of {row['product']} from {row['exporter']} and "
            f"{len(wrong) - 1} other flows.",
            where=f"form {form}",
            expected="changes of tariffs that are small against the elasticities",
            next_step='Use form="exact".',
        )


def _by_product(table: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    amounts = [name for name in table.columns if name.endswith("_kusd")]
    spending = pl.col("imports_before_kusd") * (1 + pl.col("tariff_before"))
    return (
        table.group_by("product", maintain_order=True)
        .agg(
            *(pl.col(name).sum() for name in amounts),
            buyer_price_change=(pl.col("buyer_price_change") * spending).sum() / spending.sum(),
        )
        .with_columns(
            welfare_change_kusd=pl.col("consumer_surplus_change_kusd") + pl.col("revenue_change_kusd")
        )
        .join(used, on="product", how="left", maintain_order="left")
    )
