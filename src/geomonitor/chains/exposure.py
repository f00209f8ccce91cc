"""How far an economy or sector leans on another one, directly and through its suppliers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains.leontief import LeontiefSystem
from geomonitor.chains.measures import chain_measures
from geomonitor.chains.selection import economies_of, indicator, nodes_of, sectors_of

__all__ = [
    "EXPOSURE_MEASURES",
    "Exposure",
    "ExposureMatrix",
    "exposure",
    "exposure_matrix",
    "face_value_shares",
    "look_through_shares",
    "market_shares",
    "output_weighted_mean",
    "value_added_shares",
]

Floats = NDArray[np.float64]

_NAMES = ("face_value_share", "look_through_share", "value_added_share", "market_share")

# name: (English, Dutch, source), from the specifications
EXPOSURE_MEASURES: Mapping[str, tuple[str, str, str]] = {
    name: (each.title["en"], each.title["nl"], each.citation)
    for name, each in ((name, chain_measures()[name]) for name in _NAMES)
}


def _normalised(parts: Floats, whole: Floats) -> Floats:
    """Divide, leaving NaN where there is nothing to share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, parts / whole, np.nan))


def face_value_shares(system: LeontiefSystem, origins: Floats) -> Floats:
    r"""Measure the direct reliance of every node on each origin.

    .. math:: \sum_{i \in c} A_{ij} / \sum_i A_{ij}

    Parameters
    ----------
    system : LeontiefSystem
    origins : numpy.ndarray of float, shape (nodes, origins)
        1 for the nodes of each origin.

    Returns
    -------
    numpy.ndarray of float, shape (origins, nodes)
        NaN for nodes that buy nothing.
    """
    both = np.column_stack([origins, np.ones(system.size)])
    bought = system.coefficients_under(both).T
    return _normalised(bought[:-1], bought[-1])


def look_through_shares(system: LeontiefSystem, origins: Floats) -> Floats:
    r"""Measure the reliance of every node on each origin through all its suppliers.

    .. math:: \sum_{i \in c} (L - I)_{ij} / \sum_i (L - I)_{ij}

    Every transaction on the way counts, as every one can be disrupted; domestic ones too.

    Parameters
    ----------
    system : LeontiefSystem
    origins : numpy.ndarray of float, shape (nodes, origins)
        1 for the nodes of each origin.

    Returns
    -------
    numpy.ndarray of float, shape (origins, nodes)
        NaN for nodes that buy nothing.

    Notes
    -----
    Baldwin, Freeman and Theodorakopoulos (2022), Horses for courses: measuring foreign supply
    chain exposure, NBER Working Paper 30525.
    """
    both = np.column_stack([origins, np.ones(system.size)])
    return _look_through(system, both, system.contents(both))


def _look_through(system: LeontiefSystem, both: Floats, held: Floats) -> Floats:
    upstream = (held - both).T
    # L - I of a node that buys nothing is zero but for rounding, which would pass for a purchase
    buys = system.value_added_share < 1.0
    return _normalised(upstream[:-1], np.where(buys, upstream[-1], 0.0))


def value_added_shares(system: LeontiefSystem, origins: Floats) -> Floats:
    r"""Measure whose value added is in the product of every node.

    .. math:: \sum_{i \in c} v_i L_{ij}

    Parameters
    ----------
    system : LeontiefSystem
    origins : numpy.ndarray of float, shape (nodes, origins)
        1 for the nodes of each origin.

    Returns
    -------
    numpy.ndarray of float, shape (origins, nodes)
        Over all origins they sum to 1; NaN for nodes without output.
    """
    return _value_added(system, system.contents(origins * system.value_added_share[:, np.newaxis]))


def _value_added(system: LeontiefSystem, held: Floats) -> Floats:
    return np.where(system.table.output_musd > 0, held.T, np.nan)


def market_shares(system: LeontiefSystem, markets: Floats) -> Floats:
    r"""Measure the reliance of every node on each market through all its customers (Ghosh).

    .. math:: \sum_{j \in c} (G - I)_{ij} / \sum_j (G - I)_{ij}, \quad G = \hat{x}^{-1} L \hat{x}

    Parameters
    ----------
    system : LeontiefSystem
    markets : numpy.ndarray of float, shape (nodes, markets)
        1 for the nodes of each market.

    Returns
    -------
    numpy.ndarray of float, shape (markets, nodes)
        NaN for nodes that sell nothing to other nodes.
    """
    output = np.asarray(system.table.output_musd, dtype=np.float64)[:, np.newaxis]
    both = np.column_stack([markets, np.ones(system.size)])
    weighted = both * output
    downstream = system.requirements(weighted) - weighted
    sells = system.table.flows_musd.sum(axis=1, dtype=np.float64) > 0
    # divided by output on both sides of the share, so that it drops out
    return _normalised(downstream[:, :-1].T, np.where(sells, downstream[:, -1], 0.0))


@dataclass(frozen=True, slots=True)
class Exposure:
    """How far the sectors of an economy lean on another one.

    Attributes
    ----------
    table : polars.DataFrame
        One row a sector: `economy`, `sector`, `output_musd` and the measures of
        `EXPOSURE_MEASURES`; null where a sector buys or sells nothing.
    total : dict of str to float
        The measures over the sectors together, weighted by gross output.
    to, origin : str
        Whose exposure, and to whom.
    sectors : tuple of str
    provenance : dict
        Table, year, licence and repairs, solver and its backward error.
    """

    table: pl.DataFrame
    total: dict[str, float]
    to: str
    origin: str
    sectors: tuple[str, ...]
    provenance: dict[str, Any]

    def plot(self, top: int = 20) -> Any:
        """Draw face value beside look-through, the largest sectors by look-through first."""
        import plotly.graph_objects as go

        shown = self.table.drop_nulls("look_through_share").sort("look_through_share").tail(top)
        names = (shown["economy"] + " " + shown["sector"]).to_list()
        figure = go.Figure()
        for name in ("face_value_share", "look_through_share", "value_added_share"):
            values = (shown[name] * 100).to_list()
            figure.add_scatter(x=values, y=names, mode="markers", name=EXPOSURE_MEASURES[name][0])
        figure.update_layout(title=f"{self.to} on {self.origin}", xaxis_title="percent")
        figure.update_yaxes(dtick=1)
        return figure


def output_weighted_mean(values: Floats, output: Floats) -> float:
    """Average by gross output, over the nodes where the measure is defined."""
    known = ~np.isnan(values) & (output > 0)
    return float(np.average(values[known], weights=output[known])) if known.any() else float("nan")


def _measures(system: LeontiefSystem, origins: Floats, names: Sequence[str]) -> dict[str, Floats]:
    """Compute measures by name; the two that look upstream share one substitution."""
    found: dict[str, Floats] = {}
    if {"look_through_share", "value_added_share"} <= set(names):
        both = np.column_stack([origins, np.ones(system.size)])
        weighted = origins * system.value_added_share[:, np.newaxis]
        held = system.contents(np.column_stack([both, weighted]))
        found["look_through_share"] = _look_through(system, both, held[:, : both.shape[1]])
        found["value_added_share"] = _value_added(system, held[:, both.shape[1] :])
    functions = {
        "face_value_share": face_value_shares,
        "look_through_share": look_through_shares,
        "value_added_share": value_added_shares,
        "market_share": market_shares,
    }
    return {name: found[name] if name in found else functions[name](system, origins) for name in names}


def _provenance(system: LeontiefSystem) -> dict[str, Any]:
    table = system.table
    return {
        "table": table.name,
        "year": table.year,
        "solver": system.solver,
        "backward_error": system.backward_error(),
        **{key: table.metadata.get(key) for key in ("title", "citation", "licence", "notes")},
    }


def exposure(
    system: LeontiefSystem,
    to: str,
    origin: str,
    *,
    sectors: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Exposure:
    """Measure how far an economy or group leans on another one, sector by sector.

    Parameters
    ----------
    system : LeontiefSystem
    to : str
        Whose exposure: an economy of the table, or a group.
    origin : str
        To whom: an economy of the table, or a group.
    sectors : sequence of str, optional
        Codes or families of the sectors of `to`; all by default.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    Exposure

    Raises
    ------
    UnknownCodeError
        If an economy, group or sector is not in the table.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("NLD", "CHN"), ("A",), np.array([[20.0, 30.0], [10.0, 20.0]]),
    ...     np.array([[50.0], [70.0]]), (("*", "total"),), np.array([100.0, 100.0]))
    >>> found = exposure(leontief_system(table), "NLD", "CHN")
    >>> round(found.total["look_through_share"], 4), round(found.total["market_share"], 4)
    (0.3448, 0.6122)
    """
    table = system.table
    users = economies_of(table, to, groups)
    chosen = sectors_of(table, sectors)
    nodes = nodes_of(table, users, chosen)
    measures = _measures(
        system, indicator(table, [economies_of(table, origin, groups)]), tuple(EXPOSURE_MEASURES)
    )
    output = np.asarray(table.output_musd, dtype=np.float64)[nodes]
    country, sector = np.divmod(nodes, len(table.sectors))
    frame = pl.DataFrame(
        {
            "economy": [table.countries[place] for place in country],
            "sector": [table.sectors[place] for place in sector],
            "output_musd": output,
            **{name: values[0][nodes] for name, values in measures.items()},
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    return Exposure(
        table=frame,
        total={name: output_weighted_mean(values[0][nodes], output) for name, values in measures.items()},
        to=to,
        origin=origin,
        sectors=chosen,
        provenance=_provenance(system),
    )


@dataclass(frozen=True, slots=True)
class ExposureMatrix:
    """Exposure of every economy to every economy.

    Attributes
    ----------
    table : polars.DataFrame
        `economy` (whose exposure), `origin`, and the measures, weighted by gross output.
    sectors : tuple of str
        The sectors of `economy` taken together.
    provenance : dict
    """

    table: pl.DataFrame
    sectors: tuple[str, ...]
    provenance: dict[str, Any]

    def plot(self, measure: str = "look_through_share") -> Any:
        """Draw a heat map of one measure, home left out."""
        import plotly.graph_objects as go

        wide = self.table.filter(pl.col("economy") != pl.col("origin")).pivot(
            on="origin", index="economy", values=measure
        )
        columns = [name for name in wide.columns if name != "economy"]
        values = (wide.select(columns).to_numpy() * 100).tolist()
        figure = go.Figure(go.Heatmap(z=values, x=columns, y=wide["economy"].to_list(), colorscale="Blues"))
        figure.update_layout(title=EXPOSURE_MEASURES[measure][0], xaxis_title="origin", yaxis_title="economy")
        return figure


def exposure_matrix(
    system: LeontiefSystem,
    economies: Sequence[str] | None = None,
    origins: Sequence[str] | None = None,
    *,
    sectors: Sequence[str] | None = None,
    measures: Sequence[str] = ("face_value_share", "look_through_share", "value_added_share"),
    groups: Mapping[str, Sequence[str]] | None = None,
) -> ExposureMatrix:
    """Measure the exposure of many economies to many origins at once.

    Parameters
    ----------
    system : LeontiefSystem
    economies, origins : sequence of str, optional
        Economies or groups; all economies of the table by default.
    sectors : sequence of str, optional
        Codes or families of the sectors of `economies`; all by default.
    measures : sequence of str
        Of `EXPOSURE_MEASURES`.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    ExposureMatrix

    Notes
    -----
    Cost: one substitution an origin and measure, beside the factorisation: the columns of all users
    come with it.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("NLD", "CHN"), ("A",), np.array([[20.0, 30.0], [10.0, 20.0]]),
    ...     np.array([[50.0], [70.0]]), (("*", "total"),), np.array([100.0, 100.0]))
    >>> exposure_matrix(leontief_system(table)).table["value_added_share"].round(4).to_list()
    [0.918, 0.082, 0.3443, 0.6557]
    """
    table = system.table
    users = tuple(economies or table.countries)
    sources = tuple(origins or table.countries)
    chosen = sectors_of(table, sectors)
    marks = indicator(table, [economies_of(table, code, groups) for code in sources])
    shares = _measures(system, marks, measures)
    output = np.asarray(table.output_musd, dtype=np.float64)
    columns: dict[str, list[Any]] = {"economy": [], "origin": [], **{name: [] for name in measures}}
    for user in users:
        nodes = nodes_of(table, economies_of(table, user, groups), chosen)
        columns["economy"] += [user] * len(sources)
        columns["origin"] += sources
        for name in measures:
            part = shares[name][:, nodes]
            weights = np.where(np.isnan(part), 0.0, output[nodes])
            with np.errstate(invalid="ignore"):
                columns[name] += (np.nansum(part * weights, axis=1) / weights.sum(axis=1)).tolist()
    frame = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
    return ExposureMatrix(table=frame, sectors=chosen, provenance=_provenance(system))
