r"""What tariffs do to prices when costs are passed on through the chains: the price model of Leontief.

A tariff makes inputs dearer at once, :math:`\Delta c_j = \sum_i A_{ij} \Delta\tau_{in} \phi`, and users of
those users' products after that: :math:`(I - A)' \Delta p = \Delta c`. Quantities stay as they are. The
direct effect on what an economy finally uses is the tariff on its own imports; the indirect one comes in
through costs. With no links both are the same, and with tariffs that rise the total is never below the
direct effect, as all terms of the series are at least 0.

Source: Miller and Blair (2009), Input-Output Analysis, section 2.6 (the price model).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains import LeontiefSystem, economies_of, nodes_of
from geomonitor.chains.leontief import BACKWARD_ERROR_BOUND
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError
from geomonitor.shocks.final_deliveries import allocate_final_deliveries, final_deliveries_given
from geomonitor.shocks.methods import provenance_of
from geomonitor.shocks.rates import Rate
from geomonitor.shocks.tariff_changes import TariffChange, tariff_changes

__all__ = ["PricePassThrough", "final_use_of", "price_pass_through"]

Floats = NDArray[np.float64]
Scope = Literal["world", "home"]

_NO_DESTINATIONS = (
    "the table does not say who uses final goods: each good is allocated to economies in proportion to what "
    "their industries buy of it, and stays at home where industries buy none"
)
_LINEAR = "quantities stay as they are, and the tariff is not levied on the rise of prices itself"


@dataclass(frozen=True, slots=True)
class PricePassThrough:
    """Changes of prices through the chains; all as fractions.

    Attributes
    ----------
    table : polars.DataFrame
        One row a product group that the economy finally uses: `sector`, `spending_musd` (basic prices),
        `imported_share`, `hit_share` (of suppliers whose tariff changes), `direct_price_change`,
        `indirect_price_change`, `total_price_change`; null where nothing is used.
    nodes : polars.DataFrame
        One row a producer: `economy`, `sector`, `output_musd`, and the same changes of its cost: from
        tariffs on its own inputs, and from inputs that have become dearer; none abroad where costs are
        passed on at home only.
    economy : str
    direct, indirect, total : float
        Change of the price of all that the economy finally uses.
    provenance : dict
    """

    table: pl.DataFrame
    nodes: pl.DataFrame
    economy: str
    direct: float
    indirect: float
    total: float
    provenance: dict[str, Any]

    @property
    def total_to_direct(self) -> float | None:
        """Total over direct effect; None where there is no direct one."""
        return self.total / self.direct if self.direct else None

    def plot(self, top: int = 20) -> Any:
        """Draw direct and indirect changes by product group, the largest first.

        Parameters
        ----------
        top : int
        """
        import plotly.graph_objects as go

        shown = self.table.drop_nulls("total_price_change").sort("total_price_change").tail(top)
        figure = go.Figure()
        for part in ("direct", "indirect"):
            figure.add_bar(
                x=(shown[f"{part}_price_change"] * 100).to_list(),
                y=shown["sector"].to_list(),
                name=part,
                orientation="h",
            )
        figure.update_layout(
            barmode="relative", title=f"Prices in {self.economy}", xaxis_title="change of price, percent"
        )
        figure.update_yaxes(dtick=1, type="category")
        return figure


def final_use_of(
    table: InputOutputTable, economies: Sequence[str], categories: Sequence[str] | None = None
) -> tuple[Floats, tuple[str, ...]]:
    """Give what some economies finally use of every node.

    Parameters
    ----------
    table : InputOutputTable
    economies : sequence of str
        Of the table.
    categories : sequence of str, optional
        Such as household consumption only, where the table has them; all by default.

    Returns
    -------
    tuple of numpy.ndarray of float, shape (nodes, economies), and tuple of str
        Million USD at basic prices, and what was assumed or mended. Where the table lacks destinations, each
        good is allocated in proportion to what the industries of every economy buy of it, and to its home
        where they buy none.

    Raises
    ------
    DataError
        If the table does not have a category.
    """
    known = dict.fromkeys(kind for _, kind in table.final_demand_labels)
    unknown = [each for each in categories or () if each not in known]
    if unknown:
        raise DataError(
            f"The table {table.name} has no final demand of the category {', '.join(unknown)}.",
            where="option categories",
            expected=f"one of {', '.join(known)}",
        )
    if categories:
        kept = [place for place, (_, kind) in enumerate(table.final_demand_labels) if kind in categories]
        table = replace(
            table,
            final_demand_musd=table.final_demand_musd[:, kept],
            final_demand_labels=tuple(table.final_demand_labels[place] for place in kept),
        )
    if table.has_destinations:
        given = final_deliveries_given(table)
        value, notes = given.value_musd, given.notes
    else:
        value, notes = _allocated(table)
    places = [table.countries.index(each) for each in economies]
    # [sector, buyer, seller] to nodes by buyers
    return value[:, places, :].transpose(2, 0, 1).reshape(table.size, len(places)), notes


def _allocated(table: InputOutputTable) -> tuple[Floats, tuple[str, ...]]:
    shape = (len(table.countries), len(table.sectors))
    bought = table.flows_musd.reshape(*shape, *shape).sum(axis=3, dtype=np.float64)
    totals = table.final_demand_musd.sum(axis=1, dtype=np.float64).reshape(shape)
    lost = float(-totals[totals < 0].sum())
    notes = (f"negative final demand of {lost:,.0f} million USD counts as none",) if lost else ()
    value = allocate_final_deliveries(
        np.ascontiguousarray(bought.transpose(1, 2, 0)),
        np.maximum(totals, 0.0).T,
        where=f"table {table.name}, final demand",
    )
    return value, (_NO_DESTINATIONS, *notes)


def price_pass_through(
    system: LeontiefSystem,
    changes: Sequence[TariffChange] | Floats,
    economy: str,
    *,
    pass_through: float = 1.0,
    base_rates: Floats | Rate | None = None,
    scope: Scope = "world",
    categories: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> PricePassThrough:
    r"""Measure what changes of tariffs do to prices, directly and through the chains.

    Parameters
    ----------
    system : LeontiefSystem
        Factorised; one more substitution is all that is needed.
    changes : sequence of TariffChange or numpy.ndarray of float, shape (nodes, economies)
        See `tariff_changes`; an array holds fractions.
    economy : str
        Whose prices: an economy of the table, or a group.
    pass_through : float
        Part of the tariff that buyers pay, 0 to 1; the rest is borne by the sellers.
    base_rates : numpy.ndarray of float or Rate, optional
        See `tariff_changes`.
    scope : {'world', 'home'}
        Whether costs are passed on in all chains, or only among the producers of `economy`, whose foreign
        suppliers then keep their prices.
    categories : sequence of str, optional
        Of final demand; all by default.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    PricePassThrough

    Raises
    ------
    DataError
        If the changes touch nothing that is bought, overlap, or need base tariffs; or the pass-through lies
        outside 0 to 1.
    UnknownCodeError
        If an economy or sector is not in the table.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.shocks.rates import PercentagePoints
    >>> table = InputOutputTable("made", 2022, ("CHN", "NLD"), ("A",), np.array([[0.0, 50.0], [0.0, 20.0]]),
    ...     np.array([[0.0, 50.0], [0.0, 80.0]]), (("CHN", "total"), ("NLD", "total")),
    ...     np.array([100.0, 100.0]))
    >>> rise = TariffChange("NLD", "CHN", PercentagePoints(10.0))
    >>> found = price_pass_through(leontief_system(table), [rise], "NLD")
    >>> round(found.direct, 4), round(found.total, 4)
    (0.0385, 0.0769)
    """
    table = system.table
    if not 0 <= pass_through <= 1:
        raise DataError(
            f"A pass-through of {pass_through:g} cannot be.", where="pass_through", expected="0 to 1"
        )
    members = economies_of(table, economy, groups)
    delta = _delta(table, changes, base_rates, groups) * pass_through
    cost = _cost_changes(system, delta)
    touched = bool(cost.any())
    if scope == "world":
        price = system.contents(cost)
    else:
        home = nodes_of(table, members)
        cost = np.where(np.isin(np.arange(table.size), home), cost, 0.0)
        price = _passed_on_at_home(system, cost, home)
    uses, notes = final_use_of(table, members, categories)
    columns = [table.countries.index(each) for each in members]
    if not (touched or (uses * delta[:, columns]).any() or pass_through == 0):
        raise DataError(
            "The changes touch nothing that is bought.",
            where="; ".join(str(each) for each in changes) if not isinstance(changes, np.ndarray) else None,
            expected="a tariff on goods that are traded",
        )
    groups_table, overall = _by_group(table, uses, delta[:, columns], price, members)
    assumptions = [_LINEAR, f"buyers pay {100 * pass_through:g} % of the change"]
    assumptions.append(
        "costs are passed on in all chains of the world"
        if scope == "world"
        else f"costs are passed on among the producers of {economy} only"
    )
    if base_rates is None:
        assumptions.append("base tariffs are not known: shares are those of the table, net of tariffs")
    assumptions += notes
    return PricePassThrough(
        table=groups_table,
        nodes=_nodes(table, cost, price),
        economy=economy,
        direct=overall[0],
        indirect=overall[1],
        total=overall[0] + overall[1],
        provenance=provenance_of(
            "leontief-price",
            assumptions=assumptions,
            table=table.name,
            year=table.year,
            table_citation=table.metadata.get("citation"),
            changes=tuple(str(each) for each in changes) if not isinstance(changes, np.ndarray) else None,
            pass_through=pass_through,
            scope=scope,
            categories=tuple(categories) if categories else "all",
            solver=system.solver,
        ),
    )


def _delta(
    table: InputOutputTable,
    changes: Sequence[TariffChange] | Floats,
    base_rates: Floats | Rate | None,
    groups: Mapping[str, Sequence[str]] | None,
) -> Floats:
    if not isinstance(changes, np.ndarray):
        return tariff_changes(table, changes, base_rates=base_rates, groups=groups)
    shape = (table.size, len(table.countries))
    if changes.shape != shape or not np.isfinite(changes).all():
        raise DataError(
            f"The changes have the shape {changes.shape}, or hold numbers that are not finite.",
            where="changes",
            expected=f"finite fractions, shape {shape}",
        )
    return np.asarray(changes, dtype=np.float64)


def _cost_changes(system: LeontiefSystem, delta: Floats) -> Floats:
    """Give the cost of a unit of output of every node that the tariffs on its own inputs add."""
    table = system.table
    cost = np.zeros(system.size)
    for place, country in enumerate(table.countries):
        rows = np.flatnonzero(delta[:, place])
        if len(rows):
            columns = table.country_nodes(country)
            cost[columns] = delta[rows, place] @ system.coefficients(columns)[rows]
    return cost


def _passed_on_at_home(system: LeontiefSystem, cost: Floats, home: NDArray[np.intp]) -> Floats:
    matrix = np.eye(len(home)) - system.coefficients(home)[home].T
    found = np.linalg.solve(matrix, cost[home])
    scale = 2 * np.abs(found).max(initial=0.0) + np.abs(cost[home]).max(initial=0.0)
    worst = np.abs(matrix @ found - cost[home]).max(initial=0.0)
    if not worst <= BACKWARD_ERROR_BOUND * max(scale, float(np.finfo(np.float64).tiny)):
        raise DataError(
            "The system of the producers at home has no reliable solution.",
            where=f"table {system.table.name}",
            expected=f"a relative residual of at most {BACKWARD_ERROR_BOUND:g}",
            next_step="Check the accounts of the table.",
        )
    price = np.zeros(system.size)
    price[home] = found
    return price


def _by_group(
    table: InputOutputTable, uses: Floats, delta: Floats, price: Floats, members: Sequence[str]
) -> tuple[pl.DataFrame, tuple[float, float]]:
    """Add up what is finally used by sector of origin, over suppliers and members."""
    sectors = len(table.sectors)
    foreign = ~np.isin(np.asarray(table.countries), list(members)).repeat(sectors)

    def by_sector(amounts: Floats) -> Floats:
        return np.asarray(amounts.reshape(-1, sectors).sum(axis=0))

    used = uses.sum(axis=1)
    spending = by_sector(used)
    parts = {
        "imported_share": by_sector(used * foreign),
        "hit_share": by_sector((uses * (delta != 0)).sum(axis=1)),
        "direct_price_change": by_sector((uses * delta).sum(axis=1)),
        "indirect_price_change": by_sector(used * price),
    }
    total = spending.sum()
    if not total > 0:
        raise DataError(
            f"{', '.join(members)} finally uses nothing.",
            where=f"table {table.name}",
            expected="final demand above 0",
        )
    overall = (
        float(parts["direct_price_change"].sum() / total),
        float(parts["indirect_price_change"].sum() / total),
    )
    shares = {
        name: np.divide(amounts, spending, out=np.full(sectors, np.nan), where=spending > 0)
        for name, amounts in parts.items()
    }
    frame = pl.DataFrame({"sector": list(table.sectors), "spending_musd": spending, **shares})
    return (
        frame.with_columns(pl.col(pl.Float64).fill_nan(None)).with_columns(
            total_price_change=pl.col("direct_price_change") + pl.col("indirect_price_change")
        ),
        overall,
    )


def _nodes(table: InputOutputTable, cost: Floats, price: Floats) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "economy": np.repeat(np.asarray(table.countries), len(table.sectors)),
            "sector": np.tile(np.asarray(table.sectors), len(table.countries)),
            "output_musd": np.asarray(table.output_musd, dtype=np.float64),
            "direct_price_change": cost,
            "indirect_price_change": price - cost,
            "total_price_change": price,
        }
    )
