"""Supply fragility of goods: three properties of every product's world trade network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from geomonitor.codes import ECONOMY_CODES
from geomonitor.trade.frames import collected, flows_frame, merged, only_codes, verify_flows

__all__ = ["Fragility", "clustering_coefficient", "out_degree_spread", "supply_fragility"]

Floats = NDArray[np.float64]

_PRODUCTS_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Fragility:
    """Fragility of the supply of every product, the same for all importers.

    Attributes
    ----------
    table : polars.DataFrame
        `product`, `traders`, `export_concentration`, `out_degree_spread`, `largest_out_degree`,
        `clustering`, `clustering_defined`, `composite` (mean of the three ranks, 0 to 1) and
        `supply_fragility` (rank of the composite, 0 to 1; 1 is the most fragile).
    years : tuple of int
    weighting : {'binary', 'weighted'}
    """

    table: pl.DataFrame
    years: tuple[int, ...]
    weighting: str

    def score_of(self, products: Sequence[str]) -> Floats:
        """Give the fragility of some products; NaN for those without trade."""
        known = dict(zip(self.table["product"], self.table["supply_fragility"], strict=True))
        return np.array([known.get(product, np.nan) for product in products], dtype=np.float64)


def out_degree_spread(weights: Floats) -> float:
    r"""Measure how unevenly exporters stand in a product's network.

    .. math:: O_i = \sum_j v_{ij} / \sum_{ij} v_{ij}, \quad \text{spread} = \operatorname{sd}_i(O_i)

    Parameters
    ----------
    weights : numpy.ndarray of float, shape (n, n)
        Trade from row to column among the n traders of the product.

    Returns
    -------
    float
        Population standard deviation over the traders: 0 when all export alike.

    Notes
    -----
    Korniyenko, Pinat and Dew (2017), IMF WP/17/30, "central players".

    Examples
    --------
    >>> out_degree_spread(np.ones((4, 4)) - np.eye(4))
    0.0
    """
    total = weights.sum()
    if total <= 0:
        return float("nan")
    return float(np.std(weights.sum(axis=1) / total))


def clustering_coefficient(weights: Floats, weighting: Literal["binary", "weighted"] = "binary") -> float:
    """Measure how far traders of a product trade with each other: mean local clustering.

    Links are taken without direction. The local coefficient of a trader with fewer than two
    partners is 0. Weighted, each triangle counts by the geometric mean of its links, divided by
    the largest link (Onnela et al. 2005).

    Parameters
    ----------
    weights : numpy.ndarray of float, shape (n, n)
        Trade from row to column among the n traders of the product.
    weighting : {'binary', 'weighted'}

    Returns
    -------
    float
        Between 0 (no triangles) and 1 (all trade with all); NaN for fewer than three traders.

    Notes
    -----
    Korniyenko, Pinat and Dew (2017), IMF WP/17/30, "tendency to cluster". Cost: two products of
    n x n matrices.

    Examples
    --------
    >>> clustering_coefficient(np.ones((4, 4)) - np.eye(4))
    1.0
    >>> star = np.zeros((4, 4)); star[0, 1:] = 1.0
    >>> clustering_coefficient(star)
    0.0
    """
    count = len(weights)
    if count < 3:
        return float("nan")
    both = weights + weights.T
    np.fill_diagonal(both, 0.0)
    linked = (both > 0).astype(np.float32)
    degree = linked.sum(axis=1)
    if not degree.any():
        return 0.0
    edge = linked if weighting == "binary" else np.cbrt(both / both.max()).astype(np.float32)
    # diag(E^3) without the last product: each row of E^2 against the same column of E
    triangles = np.einsum("ij,ji->i", edge @ edge, edge, dtype=np.float64)
    pairs = degree.astype(np.float64) * (degree - 1.0)
    local = np.divide(triangles, pairs, out=np.zeros(count), where=pairs > 0)
    return float(local.mean())


def supply_fragility(
    flows: Any,
    years: Sequence[int],
    *,
    weighting: Literal["binary", "weighted"] = "binary",
    merge: Mapping[str, str] | None = None,
    whole_dollars: bool = False,
    verified: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Fragility:
    """Rank products by the fragility of their world trade network.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine.
    years : sequence of int
        Years to add up.
    weighting : {'binary', 'weighted'}
        See `clustering_coefficient`.
    merge : mapping of str to str, optional
        Economies to fold into another one.
    whole_dollars, verified : bool
        See `geomonitor.trade.supply_tables`.
    progress : callable, optional
        Called with the number of products done and of all products.

    Returns
    -------
    Fragility

    Raises
    ------
    DataError, UnknownCodeError
        If the flows are not right; see `geomonitor.trade.supply_tables`.

    Notes
    -----
    Korniyenko, Pinat and Dew (2017), IMF WP/17/30: a reconstruction (see the specification
    ``imf-fragility-2017``). Products are taken in batches, so memory stays bounded; time grows
    with the flows plus, for every product, the cube of its number of traders.

    Examples
    --------
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["CHN", "CHN", "USA"],
    ...     "importer": ["NLD", "USA", "NLD"], "product": ["810600"] * 3, "value_kusd": [3.0, 2.0, 1.0]})
    >>> supply_fragility(flows, [2021]).table.select("traders", "clustering").rows()
    [(3, 1.0)]
    """
    frame = flows_frame(flows).select("year", "exporter", "importer", "product", "value_kusd")
    if not verified:
        verify_flows(frame, quantities=False)
    frame = frame.filter(nw.col("year").is_in(sorted(set(years))))
    if whole_dollars:
        # only proportions count below, and whole dollars add up exactly in any order
        frame = frame.with_columns((nw.col("value_kusd") * 1000).round())
    if merge:
        frame = merged(frame, merge)
    listed = collected(frame.select("product").unique())["product"].cast(pl.String).sort().to_list()
    rows: list[tuple[str, int, float, float, float, float]] = []
    for first in range(0, len(listed), _PRODUCTS_AT_ONCE):
        batch = listed[first : first + _PRODUCTS_AT_ONCE]
        part = frame.filter(only_codes(frame, "product", batch))
        edges = collected(part.group_by("product", "exporter", "importer").agg(nw.col("value_kusd").sum()))
        # the matrices are small: threads of the linear algebra would only wait for each other
        with threadpool_limits(limits=1, user_api="blas"):
            rows += _scored(edges, weighting)
        if progress is not None:
            progress(min(first + _PRODUCTS_AT_ONCE, len(listed)), len(listed))
    return Fragility(table=_ranked(rows), years=tuple(sorted(set(years))), weighting=weighting)


def _scored(
    edges: pl.DataFrame, weighting: Literal["binary", "weighted"]
) -> list[tuple[str, int, float, float, float, float]]:
    kind = pl.Enum(ECONOMY_CODES)
    edges = (
        edges.filter(
            (pl.col("value_kusd") > 0)
            & (pl.col("exporter").cast(pl.String) != pl.col("importer").cast(pl.String))
        )
        .with_columns(
            pl.col("product").cast(pl.String),
            pl.col("exporter").cast(pl.String).cast(kind).to_physical().alias("exporter"),
            pl.col("importer").cast(pl.String).cast(kind).to_physical().alias("importer"),
        )
        .sort("product", "exporter", "importer")
    )
    size = len(ECONOMY_CODES)
    rows = []
    for (product,), part in edges.group_by("product", maintain_order=True):
        weights = np.zeros((size, size))
        weights[part["exporter"].to_numpy(), part["importer"].to_numpy()] = part["value_kusd"].to_numpy()
        traders = np.flatnonzero((weights.sum(axis=0) + weights.sum(axis=1)) > 0)
        network = weights[np.ix_(traders, traders)]
        shares = network.sum(axis=1) / network.sum()
        rows.append(
            (
                str(product),
                len(traders),
                float((shares**2).sum()),
                out_degree_spread(network),
                float(shares.max()),
                clustering_coefficient(network, weighting),
            )
        )
    return rows


def _ranked(rows: Sequence[tuple[str, int, float, float, float, float]]) -> pl.DataFrame:
    names = (
        "product",
        "traders",
        "export_concentration",
        "out_degree_spread",
        "largest_out_degree",
        "clustering",
    )
    table = pl.DataFrame(
        rows,
        schema=dict(zip(names, (pl.String, pl.Int64, *[pl.Float64] * 4), strict=True)),
        orient="row",
    )
    table = table.with_columns(
        clustering_defined=pl.col("clustering").is_not_nan(), clustering=pl.col("clustering").fill_nan(0.0)
    )

    def rank(values: Floats) -> Floats:
        # ranks of rounded values, so that rounding noise does not break ties
        # scipy.stats takes a second to import, and few need it
        from scipy.stats import rankdata

        return np.asarray(rankdata(np.round(values, 12)) / max(len(values), 1), dtype=np.float64)

    parts = [
        rank(table[name].to_numpy()) for name in ("export_concentration", "out_degree_spread", "clustering")
    ]
    composite = np.mean(parts, axis=0) if len(table) else np.empty(0)
    return table.with_columns(
        composite=pl.Series(composite, dtype=pl.Float64),
        supply_fragility=pl.Series(rank(composite), dtype=pl.Float64),
    ).sort("product")
