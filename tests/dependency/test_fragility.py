"""Network scores on graphs whose answer is known, and the ranks made of them."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from geomonitor.dependency import clustering_coefficient, out_degree_spread, supply_fragility
from geomonitor.errors import DataError, UnknownCodeError

STAR, RING, COMPLETE, PAIR = "010121", "270900", "810600", "261000"
TRADERS = ("CHN", "USA", "NLD", "DEU", "FRA")


def flows(edges: dict[str, list[tuple[str, str, float]]], year: int = 2021) -> pl.DataFrame:
    rows = [
        (year, exporter, importer, product, value)
        for product, each in edges.items()
        for exporter, importer, value in each
    ]
    return pl.DataFrame(rows, schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row")


EDGES = {
    STAR: [("CHN", other, 5.0) for other in TRADERS[1:]],
    RING: [(TRADERS[i], TRADERS[(i + 1) % 5], 5.0) for i in range(5)],
    COMPLETE: [(a, b, 5.0) for a in TRADERS for b in TRADERS if a != b],
    PAIR: [("CHN", "USA", 5.0)],
}


@pytest.mark.parametrize("size", [3, 5, 20])
def test_a_star_is_spread_most_and_clusters_nowhere(size: int) -> None:
    star = np.zeros((size, size))
    star[0, 1:] = 2.0
    assert out_degree_spread(star) == pytest.approx(math.sqrt(size - 1) / size)
    for weighting in ("binary", "weighted"):
        assert clustering_coefficient(star, weighting) == 0.0
    for seed in range(20):
        other = np.random.default_rng(seed).random((size, size)) * (1 - np.eye(size))
        assert out_degree_spread(other) < out_degree_spread(star)


@pytest.mark.parametrize("size", [3, 5, 20])
def test_a_complete_graph_is_even_and_clusters_wholly(size: int) -> None:
    complete = np.ones((size, size)) - np.eye(size)
    assert out_degree_spread(complete) == pytest.approx(0.0, abs=1e-15)
    for weighting in ("binary", "weighted"):
        assert clustering_coefficient(complete, weighting) == pytest.approx(1.0, abs=1e-6)


def test_too_few_traders_or_no_trade() -> None:
    assert math.isnan(clustering_coefficient(np.ones((2, 2)) - np.eye(2)))
    assert math.isnan(out_degree_spread(np.zeros((3, 3))))
    for weighting in ("binary", "weighted"):
        assert clustering_coefficient(np.zeros((3, 3)), weighting) == 0.0


def test_scores_of_every_product() -> None:
    table = supply_fragility(flows(EDGES), [2021]).table
    rows = {row["product"]: row for row in table.iter_rows(named=True)}
    assert [rows[name]["traders"] for name in (STAR, RING, COMPLETE, PAIR)] == [5, 5, 5, 2]
    assert [rows[name]["export_concentration"] for name in (STAR, RING, COMPLETE, PAIR)] == pytest.approx(
        [1.0, 0.2, 0.2, 1.0]
    )
    assert [rows[name]["clustering"] for name in (STAR, RING, COMPLETE, PAIR)] == [0.0, 0.0, 1.0, 0.0]
    assert [rows[name]["largest_out_degree"] for name in (STAR, RING, COMPLETE)] == pytest.approx(
        [1, 0.2, 0.2]
    )


def test_two_traders_have_no_clustering_and_are_flagged() -> None:
    table = supply_fragility(flows(EDGES), [2021]).table
    assert table.filter(~pl.col("clustering_defined"))["product"].to_list() == [PAIR]


def test_ranks_by_hand() -> None:
    table = supply_fragility(flows(EDGES), [2021]).table.sort("product")
    # products sort as star, pair, ring, complete; ranks from 1/4 to 1, ties share their mean rank
    assert table["product"].to_list() == [STAR, PAIR, RING, COMPLETE]
    concentration = np.array([3.5, 3.5, 1.5, 1.5]) / 4
    spread = np.array([3, 4, 1.5, 1.5]) / 4
    clustering = np.array([2, 2, 2, 4]) / 4
    composite = (concentration + spread + clustering) / 3
    np.testing.assert_allclose(table["composite"].to_numpy(), composite, rtol=1e-12)
    assert table["supply_fragility"].to_list() == [0.75, 1.0, 0.25, 0.5]


def test_the_score_of_a_product_without_trade_is_unknown() -> None:
    scores = supply_fragility(flows(EDGES), [2021]).score_of(["999999", STAR])
    assert math.isnan(scores[0])
    assert scores[1] == 0.75


def test_years_are_added_up_and_others_left_out() -> None:
    both = pl.concat([flows(EDGES, 2020), flows(EDGES, 2021), flows({STAR: EDGES[COMPLETE]}, 1999)])
    one, two = supply_fragility(flows(EDGES), [2021]).table, supply_fragility(both, [2020, 2021]).table
    assert one.equals(two)


def test_trade_with_itself_and_zero_values_make_no_network() -> None:
    noise = flows({STAR: [("CHN", "CHN", 9.0), ("FRA", "DEU", 0.0)]})
    assert supply_fragility(flows(EDGES), [2021]).table.equals(
        supply_fragility(pl.concat([flows(EDGES), noise]), [2021]).table
    )


def test_no_flows_give_an_empty_table() -> None:
    assert supply_fragility(flows(EDGES), [1990]).table.height == 0


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    supply_fragility(flows(EDGES), [2021], progress=lambda done, of: told.append((done, of)))
    assert told == [(4, 4)]


def test_the_order_of_rows_does_not_matter_to_the_last_bit() -> None:
    chance = np.random.default_rng(5)
    rows = [
        (a, b, round(float(chance.random()) * 1e6, 3))
        for a in TRADERS
        for b in TRADERS
        for _ in range(9)
        if a != b
    ]
    frame = flows({STAR: rows, RING: rows[::3]})
    first = supply_fragility(frame, [2021], whole_dollars=True).table
    for seed in range(3):
        shuffled = frame.sample(fraction=1, shuffle=True, seed=seed)
        assert supply_fragility(shuffled, [2021], whole_dollars=True).table.equals(first)


@pytest.mark.parametrize(
    ("edge", "error"),
    [
        (("CHN", "XYZ", 1.0), UnknownCodeError),
        (("XYZ", "CHN", 1.0), UnknownCodeError),
        (("CHN", "USA", -1.0), DataError),
        (("CHN", "USA", math.nan), DataError),
    ],
)
def test_wrong_flows_are_refused(edge: tuple[str, str, float], error: type[Exception]) -> None:
    with pytest.raises(error):
        supply_fragility(flows({**EDGES, "999999": [edge]}), [2021])
