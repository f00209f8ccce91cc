"""Where a node stands in the chains: upstreamness, propagation length, pass-through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains.leontief import LeontiefSystem

__all__ = [
    "PassThrough",
    "average_propagation_length",
    "downstreamness",
    "pass_through_frequency",
    "pass_through_of_paths",
    "position_table",
    "upstreamness",
]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


def upstreamness(system: LeontiefSystem) -> Floats:
    r"""Measure how many stages lie between every node and final demand.

    .. math:: U = (I - B)^{-1} 1, \quad B = \hat{x}^{-1} Z

    Parameters
    ----------
    system : LeontiefSystem

    Returns
    -------
    numpy.ndarray of float, shape (nodes,)
        1 where all goes to final demand; NaN for nodes without output.

    Notes
    -----
    Antras, Chor, Fally and Hillberry (2012), American Economic Review 102(3). In a closed table its
    output-weighted mean equals that of `downstreamness`.
    """
    output = np.asarray(system.table.output_musd, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(output > 0, system.requirements(output) / output, np.nan))


def downstreamness(system: LeontiefSystem) -> Floats:
    r"""Measure how many stages of production lie behind every node.

    .. math:: D = (I - A')^{-1} 1

    Parameters
    ----------
    system : LeontiefSystem

    Returns
    -------
    numpy.ndarray of float, shape (nodes,)
        1 where nothing is bought from other nodes; NaN for nodes without output.

    Notes
    -----
    Fally (2012), "number of stages"; Miller and Temurshoev (2017), Journal of Regional Science.
    """
    active = np.asarray(system.table.output_musd) > 0
    return np.where(active, system.contents(np.ones(system.size)), np.nan)


def position_table(system: LeontiefSystem) -> pl.DataFrame:
    """Give upstreamness and downstreamness of every node as a table.

    Parameters
    ----------
    system : LeontiefSystem

    Returns
    -------
    polars.DataFrame
        `economy`, `sector`, `output_musd`, `upstreamness`, `downstreamness`.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("CHN", "NLD"), ("A",), np.array([[0.0, 50.0], [0.0, 0.0]]),
    ...     np.array([[0.0], [100.0]]), (("*", "total"),), np.array([50.0, 100.0]))
    >>> position_table(leontief_system(table))["upstreamness"].to_list()
    [2.0, 1.0]
    """
    table = system.table
    country, sector = np.divmod(np.arange(system.size), len(table.sectors))
    return pl.DataFrame(
        {
            "economy": [table.countries[place] for place in country],
            "sector": [table.sectors[place] for place in sector],
            "output_musd": np.asarray(table.output_musd, dtype=np.float64),
            "upstreamness": upstreamness(system),
            "downstreamness": downstreamness(system),
        }
    ).with_columns(pl.col("upstreamness", "downstreamness").fill_nan(None))


def average_propagation_length(system: LeontiefSystem, users: Places) -> Floats:
    r"""Measure how many steps a change in demand takes on average from users to suppliers.

    .. math:: \frac{[L (L - I)]_{ij}}{(L - I)_{ij}}

    Parameters
    ----------
    system : LeontiefSystem
    users : numpy.ndarray of int, shape (m,)
        Places of the using nodes.

    Returns
    -------
    numpy.ndarray of float, shape (nodes, m)
        At least 1; NaN where no path leads from user to supplier.

    Notes
    -----
    Dietzenbacher, Romero and Bosma (2005), Estudios de Economia Aplicada 23(2).
    """
    ones = np.zeros((system.size, len(users)))
    ones[users, np.arange(len(users))] = 1.0
    beyond = system.requirements(ones) - ones
    twice = system.requirements(beyond)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(beyond > 1e-15, twice / beyond, np.nan))


def pass_through_of_paths(system: LeontiefSystem, region: Floats, users: Places) -> Floats:
    r"""Count how often production paths visit a region, by origin and user.

    .. math:: \frac{(L D_R L)_{ij}}{L_{ij}}

    Parameters
    ----------
    system : LeontiefSystem
    region : numpy.ndarray of float, shape (nodes,)
        1 for the nodes of the region.
    users : numpy.ndarray of int, shape (m,)
        Places of the nodes that paths lead into.

    Returns
    -------
    numpy.ndarray of float, shape (nodes, m)
        Mean number of visits; NaN where no path leads from origin to user. With all nodes as region
        it is the path length plus one.

    Notes
    -----
    Inomata and Hanaka (2024), Measuring exposure to network concentration risk in global supply
    chains: volume versus frequency, Structural Change and Economic Dynamics 68.
    """
    ones = np.zeros((system.size, len(users)))
    ones[users, np.arange(len(users))] = 1.0
    reached = system.requirements(ones)
    visits = system.requirements(region[:, np.newaxis] * reached)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(reached > 1e-15, visits / reached, np.nan))


@dataclass(frozen=True, slots=True)
class PassThrough:
    """Visits of production paths to regions, by using node.

    Attributes
    ----------
    frequency : numpy.ndarray of float, shape (regions, nodes)
        Mean number of visits on paths weighted by value added at their origin.
    value_added_share : numpy.ndarray of float, shape (regions, nodes)
        Value added of the region in the product.
    """

    frequency: Floats
    value_added_share: Floats

    @property
    def stacking(self) -> Floats:
        """Frequency less value-added share: production often passes where little value is added."""
        return self.frequency - self.value_added_share


def pass_through_frequency(system: LeontiefSystem, regions: Floats) -> PassThrough:
    r"""Count how often the production of every node passes through regions.

    .. math:: \frac{\sum_i v_i (L D_R L)_{ij}}{\sum_i v_i L_{ij}}

    Parameters
    ----------
    system : LeontiefSystem
    regions : numpy.ndarray of float, shape (nodes, regions)
        1 for the nodes of each region.

    Returns
    -------
    PassThrough

    Notes
    -----
    Inomata and Hanaka (2024). Cost: two substitutions a region, for all using nodes together.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("CHN", "NLD"), ("A",), np.array([[0.0, 50.0], [0.0, 0.0]]),
    ...     np.array([[0.0], [100.0]]), (("*", "total"),), np.array([50.0, 100.0]))
    >>> pass_through_frequency(leontief_system(table), np.array([[1.0], [0.0]])).frequency.tolist()
    [[1.0, 0.5]]
    """
    held = system.contents(system.value_added_share)
    visits = system.contents(held[:, np.newaxis] * regions).T
    share = system.contents(system.value_added_share[:, np.newaxis] * regions).T
    with np.errstate(invalid="ignore", divide="ignore"):
        frequency = np.where(held > 0, visits / held, np.nan)
        return PassThrough(frequency=frequency, value_added_share=np.where(held > 0, share / held, np.nan))
