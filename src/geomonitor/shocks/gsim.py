"""World markets of products after a change of tariffs, from the trade store (GSIM).

The equations are in `geomonitor.shocks.gsim_market`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import resolve_importer
from geomonitor.errors import DataError
from geomonitor.shocks.gsim_market import GsimForm, MarketOutcome, clear_market
from geomonitor.shocks.methods import provenance_of
from geomonitor.shocks.partial_equilibrium import (
    ELASTICITY_COLUMNS,
    Elasticities,
    product_elasticities,
    tariffs_of,
)
from geomonitor.shocks.rates import Rate
from geomonitor.trade import flows_frame
from geomonitor.trade.frames import collected, only_codes, verify_flows

__all__ = ["REST", "GsimResult", "gsim"]

Floats = NDArray[np.float64]

REST = "ROW"
"""All economies that are not named apart."""

_SPOKEN = {
    "exact": "constant elasticities, solved in levels",
    "linear": "linearised in changes of prices, as in the paper of 2003: meant for small changes",
}


@dataclass(frozen=True, slots=True)
class GsimResult:
    """What a change of tariffs does to a world market; changes as fractions, amounts a year.

    Attributes
    ----------
    table : polars.DataFrame
        One row a product and economy: `product`, `economy`, `export_price_change`, `output_change`
        (volume sold), `composite_price_change`, `producer_surplus_kusd`, `consumer_surplus_kusd`,
        `revenue_kusd`, `welfare_kusd` (all changes); null where nothing is sold or bought.
    trade : polars.DataFrame
        One row a product, exporter and importer: `value_before_kusd`, `value_after_kusd`, `volume_change`,
        `buyer_price_change`, `tariff_before`, `tariff_after`.
    markets : polars.DataFrame
        One row a product: `residual`, `steps`, elasticities and their source.
    provenance : dict
    """

    table: pl.DataFrame
    trade: pl.DataFrame
    markets: pl.DataFrame
    provenance: dict[str, Any]

    def plot(self, top: int = 20) -> Any:
        """Draw the change of welfare by economy and its parts, products added up.

        Parameters
        ----------
        top : int
        """
        import plotly.graph_objects as go

        parts = {
            "producer_surplus_kusd": "producers",
            "consumer_surplus_kusd": "buyers",
            "revenue_kusd": "tariff revenue",
        }
        rows = (
            self.table.group_by("economy")
            .agg(pl.col([*parts, "welfare_kusd"]).sum())
            .sort(pl.col("welfare_kusd").abs(), "economy", descending=[True, False])
            .head(top)
            .sort("welfare_kusd")
        )
        figure = go.Figure()
        for name, label in parts.items():
            figure.add_bar(
                x=(rows[name] / 1000).to_list(), y=rows["economy"].to_list(), name=label, orientation="h"
            )
        figure.add_scatter(
            x=(rows["welfare_kusd"] / 1000).to_list(),
            y=rows["economy"].to_list(),
            name="welfare",
            mode="markers",
        )
        figure.update_layout(barmode="relative", xaxis_title="change, million USD a year")
        return figure


def gsim(
    flows: Any,
    years: Sequence[int],
    products: Sequence[str],
    economies: Sequence[str],
    tariffs: pl.DataFrame,
    *,
    elasticities: pl.DataFrame | None = None,
    default: Elasticities | None = None,
    home_sales: pl.DataFrame | None = None,
    unlisted: Rate | None = None,
    form: GsimForm = "exact",
    groups: Mapping[str, Sequence[str]] | None = None,
    verified: bool = False,
) -> GsimResult:
    """Simulate a change of tariffs in the world market of some products, each apart.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine.
    years : sequence of int
        Averaged.
    products : sequence of str
        HS6 codes.
    economies : sequence of str
        Economies and groups to keep apart; the others are the rest of the world, ``ROW``. Trade within a
        group stands as its sales at home.
    tariffs : polars.DataFrame
        Before and after, as fractions; see `geomonitor.shocks.partial_equilibrium.tariffs_of`.
    elasticities : polars.DataFrame, optional
        By product; see `product_elasticities`. The same for all economies.
    default : Elasticities, optional
        For what the table does not have; stated with the result.
    home_sales : polars.DataFrame, optional
        `economy`, `product`, `value_kusd` (a year): what producers sell at home, which trade data lack.
    unlisted : Rate, optional
        Tariff before and after of flows that `tariffs` does not name; an error where left out.
    form : {'exact', 'linear'}
        In levels, or linearised as in the paper of 2003.
    groups : mapping of str to sequence of str, optional
        User-defined groups.
    verified : bool
        Whether the values are known to be finite and not negative, as those of a dataset in the store are.

    Returns
    -------
    GsimResult

    Raises
    ------
    DataError
        If an economy is in two coalitions, a product is not traded, an elasticity or tariff is missing or
        cannot be meant, or a market does not clear.
    UnknownCodeError
        If a code is not known.

    Notes
    -----
    Cost: one pass over the flows, and by product a few dense systems of as many unknowns as economies.

    Examples
    --------
    >>> import polars as pl
    >>> from geomonitor.shocks.partial_equilibrium import tariff_change_row
    >>> from geomonitor.shocks.rates import PercentagePoints
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["CHN", "USA", "CHN"],
    ...     "importer": ["NLD", "NLD", "USA"], "product": ["810600"] * 3, "value_kusd": [60.0, 40.0, 30.0]})
    >>> tariffs = tariff_change_row("NLD", "CHN", Rate(0.0), PercentagePoints(10.0))
    >>> found = gsim(flows, [2021], ["810600"], ["NLD", "CHN", "USA"], tariffs,
    ...     default=Elasticities(1.25, 5.0, 1.5), unlisted=Rate(0.0))
    >>> found.table.filter(economy="CHN")["export_price_change"].round(4).to_list()
    [-0.0387]
    """
    units = _units(economies, groups)
    names = list(units)
    amounts = _amounts(flows, years, products, units, verified=verified)
    if home_sales is not None:
        amounts = _with_home_sales(amounts, home_sales, products, names)
    traded = set(amounts["product"])
    absent = [each for each in products if each not in traded]
    if absent:
        raise DataError(
            f"{', '.join(absent)} is not traded.",
            where=f"flows of {', '.join(map(str, sorted(set(years))))}",
            expected="products with trade",
        )
    rates = tariffs_of(
        amounts.filter(pl.col("exporter") != pl.col("importer")),
        tariffs,
        units,
        unlisted=unlisted,
        groups=groups,
    )
    home = amounts.filter(pl.col("exporter") == pl.col("importer")).with_columns(
        tariff_before=pl.lit(0.0), tariff_after=pl.lit(0.0)
    )
    trade = pl.concat([rates, home.select(rates.columns)]).sort("product", "exporter", "importer")
    used = product_elasticities(sorted(dict.fromkeys(products)), elasticities, default)
    outcomes = [_one_product(trade, row, names, form) for row in used.iter_rows(named=True)]
    return GsimResult(
        table=pl.concat(each[0] for each in outcomes),
        trade=pl.concat(each[1] for each in outcomes),
        markets=used.with_columns(
            residual=pl.Series([each[2].residual for each in outcomes]),
            steps=pl.Series([each[2].steps for each in outcomes]),
        ),
        provenance=provenance_of(
            "gsim-2003" if form == "linear" else "gsim-2009",
            assumptions=_assumptions(form, default, unlisted, used, home_sales),
            years=tuple(sorted(set(years))),
            economies=tuple(names),
            products=tuple(used["product"]),
            form=form,
            largest_residual=max(each[2].residual for each in outcomes),
        ),
    )


def _assumptions(
    form: GsimForm,
    default: Elasticities | None,
    unlisted: Rate | None,
    used: pl.DataFrame,
    home_sales: pl.DataFrame | None,
) -> list[str]:
    said = [_SPOKEN[form], "one market at a time: incomes, wages and other products stay as they are"]
    said.append("trade within a group stands as its sales at home")
    if home_sales is None:
        said.append(
            "other sales at home are not in trade data and are left out: buyers substitute imports only"
        )
    count = used.filter(pl.col("elasticity_source") != "table").height
    if default is not None and count:
        said.append(f"default elasticities for {count} of {used.height} products: {default}")
    if unlisted is not None:
        said.append(f"flows without a listed tariff pay {unlisted} before and after")
    return said


def _units(
    economies: Sequence[str], groups: Mapping[str, Sequence[str]] | None
) -> dict[str, tuple[str, ...]]:
    units: dict[str, tuple[str, ...]] = {}
    seen: dict[str, str] = {}
    for code in economies:
        members = tuple(resolve_importer(code, extra=groups).members)
        twice = [each for each in members if each in seen]
        if twice:
            raise DataError(
                f"{twice[0]} is in two coalitions: {seen[twice[0]]} and {code}.",
                where="economies",
                expected="every economy once",
            )
        seen |= dict.fromkeys(members, code)
        units[code] = members
    if not units:
        raise DataError("No economies are named.", where="economies", expected="at least one")
    return {**units, REST: ()}


def _amounts(
    flows: Any,
    years: Sequence[int],
    products: Sequence[str],
    units: Mapping[str, Sequence[str]],
    *,
    verified: bool,
) -> pl.DataFrame:
    frame = flows_frame(flows).select("year", "exporter", "importer", "product", "value_kusd")
    if not verified:
        verify_flows(frame, quantities=False)
    period = sorted(set(years))
    frame = frame.filter(nw.col("year").is_in(period)).filter(only_codes(frame, "product", products))
    summed = collected(
        frame.group_by("product", "exporter", "importer").agg(nw.col("value_kusd").sum())
    ).with_columns(pl.col("product", "exporter", "importer").cast(pl.String))
    unit_of = {member: code for code, members in units.items() for member in members}
    return (
        summed.with_columns(
            pl.col(side).replace_strict(unit_of, default=REST, return_dtype=pl.String)
            for side in ("exporter", "importer")
        )
        .filter(pl.col("value_kusd") > 0)
        # sorted before they are added, so that every engine gives the same last bit
        .group_by("product", "exporter", "importer")
        .agg(value_before_kusd=pl.col("value_kusd").sort().sum() / len(period))
        .sort("product", "exporter", "importer")
    )


def _with_home_sales(
    amounts: pl.DataFrame, home_sales: pl.DataFrame, products: Sequence[str], names: Sequence[str]
) -> pl.DataFrame:
    needed = ("economy", "product", "value_kusd")
    missing = [each for each in needed if each not in home_sales.columns]
    if missing:
        raise DataError(
            f"The sales at home lack {', '.join(missing)}.", where="home_sales", expected=", ".join(needed)
        )
    value = pl.col("value_kusd").cast(pl.Float64)
    wrong = home_sales.filter(
        value.is_null() | ~value.is_finite() | (value < 0) | ~pl.col("economy").is_in(list(names))
    )
    if wrong.height:
        row = wrong.row(0, named=True)
        raise DataError(
            f"Sales at home of {row['economy']} cannot be {row['value_kusd']}.",
            where="home_sales",
            expected=f"a finite value of at least 0, of one of {', '.join(names)}",
        )
    added = home_sales.filter(pl.col("product").is_in(list(products)), value > 0).select(
        pl.col("product").cast(pl.String),
        exporter=pl.col("economy").cast(pl.String),
        importer=pl.col("economy").cast(pl.String),
        value_before_kusd=value,
    )
    return (
        pl.concat([amounts, added])
        .group_by("product", "exporter", "importer")
        .agg(pl.col("value_before_kusd").sum())
        .sort("product", "exporter", "importer")
    )


def _one_product(
    trade: pl.DataFrame, row: Mapping[str, Any], names: Sequence[str], form: GsimForm
) -> tuple[pl.DataFrame, pl.DataFrame, MarketOutcome]:
    part = trade.filter(pl.col("product") == row["product"])
    place = {name: number for number, name in enumerate(names)}
    cells = tuple(np.array([place[each] for each in part[side]]) for side in ("exporter", "importer"))
    shape = (len(names), len(names))

    def matrix(name: str) -> Floats:
        found = np.zeros(shape)
        found[cells] = part[name].to_numpy()
        return found

    values, before, after = (matrix(each) for each in ("value_before_kusd", "tariff_before", "tariff_after"))
    demand, substitution, supply = (row[each] for each in ELASTICITY_COLUMNS)
    found = clear_market(
        values,
        before,
        after,
        import_demand=demand,
        substitution=substitution,
        export_supply=supply,
        form=form,
        names=[f"{each} ({row['product']})" for each in names],
    )
    new = values * found.volumes * (1 + found.seller_prices[:, None])
    revenue = (after * new - before * values).sum(axis=0)
    sold, bought = values.sum(axis=1), values.sum(axis=0)
    output = np.divide((values * found.volumes).sum(axis=1), sold, out=np.ones_like(sold), where=sold > 0) - 1
    table = pl.DataFrame(
        {
            "product": [row["product"]] * len(names),
            "economy": list(names),
            "export_price_change": np.where(sold > 0, found.seller_prices, np.nan),
            "output_change": np.where(sold > 0, output, np.nan),
            "composite_price_change": np.where(bought > 0, found.composite_prices, np.nan),
            "producer_surplus_kusd": found.producer_surplus,
            "consumer_surplus_kusd": found.consumer_surplus,
            "revenue_kusd": revenue,
            "welfare_kusd": found.producer_surplus + found.consumer_surplus + revenue,
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    paid = (1 + found.seller_prices[:, None]) * (1 + after) / (1 + before) - 1
    return (
        table,
        part.with_columns(
            value_after_kusd=new[cells],
            volume_change=(found.volumes - 1)[cells],
            buyer_price_change=paid[cells],
        ).select(
            "product",
            "exporter",
            "importer",
            "value_before_kusd",
            "value_after_kusd",
            "volume_change",
            "buyer_price_change",
            "tariff_before",
            "tariff_after",
        ),
        found,
    )
