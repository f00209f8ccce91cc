"""Network scores against networkx on random graphs; see README.md beside this file."""

from __future__ import annotations

import networkx as nx
import numpy as np
import polars as pl
import pytest

from geomonitor.data import embedded_dataset
from geomonitor.dependency import clustering_coefficient, out_degree_spread, supply_fragility

SINGLE_PRECISION = 1e-6
GRAPHS = [(3, 0.5), (4, 0.3), (8, 0.2), (12, 0.6), (25, 0.1), (40, 0.35), (60, 0.9)]


def random_trade(traders: int, density: float, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    linked = chance.random((traders, traders)) < density
    trade = np.where(linked, chance.lognormal(3, 3, (traders, traders)), 0.0)
    np.fill_diagonal(trade, 0.0)
    return trade


def undirected(trade: np.ndarray) -> nx.Graph:
    return nx.from_numpy_array(trade + trade.T)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("traders", "density"), GRAPHS)
def test_clustering_is_that_of_networkx(traders: int, density: float, seed: int) -> None:
    trade = random_trade(traders, density, seed)
    graph = undirected(trade)
    binary = nx.average_clustering(graph)
    weighted = nx.average_clustering(graph, weight="weight")
    assert clustering_coefficient(trade) == pytest.approx(binary, abs=SINGLE_PRECISION)
    assert clustering_coefficient(trade, "weighted") == pytest.approx(weighted, abs=SINGLE_PRECISION)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("traders", "density"), GRAPHS)
def test_spread_is_that_of_weighted_out_degrees(traders: int, density: float, seed: int) -> None:
    trade = random_trade(traders, density, seed)
    if not trade.any():
        pytest.fail("the seed makes no trade: choose another")
    graph = nx.from_numpy_array(trade, create_using=nx.DiGraph)
    degrees = np.array([degree for _, degree in graph.out_degree(weight="weight")])
    assert out_degree_spread(trade) == pytest.approx(float(np.std(degrees / degrees.sum())), rel=1e-12)


@pytest.mark.parametrize("weighting", ["binary", "weighted"])
@pytest.mark.parametrize("product", ["250410", "261210", "711039", "810600"])
def test_products_of_the_sample(product: str, weighting: str) -> None:
    flows = embedded_dataset().scan([2021, 2022, 2023]).filter(pl.col("product").cast(pl.String) == product)
    found = supply_fragility(flows, [2021, 2022, 2023], weighting=weighting).table.row(0, named=True)  # type: ignore[arg-type]
    graph = nx.DiGraph()
    for exporter, importer, value in (
        flows.group_by("exporter", "importer").agg(pl.col("value_kusd").sum()).collect().iter_rows()
    ):
        if value > 0:
            graph.add_edge(exporter, importer, weight=value)
    both = nx.Graph()
    both.add_nodes_from(graph)
    for exporter, importer, value in graph.edges(data="weight"):
        before = both.get_edge_data(exporter, importer, {"weight": 0.0})["weight"]
        both.add_edge(exporter, importer, weight=before + value)
    degrees = np.array([degree for _, degree in graph.out_degree(weight="weight")])
    shares = degrees / degrees.sum()
    assert found["traders"] == graph.number_of_nodes()
    assert found["out_degree_spread"] == pytest.approx(float(np.std(shares)), rel=1e-9)
    assert found["export_concentration"] == pytest.approx(float((shares**2).sum()), rel=1e-9)
    assert found["clustering"] == pytest.approx(
        nx.average_clustering(both, weight="weight" if weighting == "weighted" else None),
        abs=SINGLE_PRECISION,
    )
