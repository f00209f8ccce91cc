"""Structural path analysis: the largest supply paths from an economy into a sector."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from geomonitor.chains.leontief import LeontiefSystem
from geomonitor.chains.selection import economies_of, indicator, nodes_of, sectors_of

__all__ = ["SupplyPaths", "supply_paths"]


@dataclass(frozen=True, slots=True)
class SupplyPaths:
    """The largest supply paths from an economy into sectors of another.

    Attributes
    ----------
    table : polars.DataFrame
        One row a path, the largest first: `rank`, `path` (nodes from origin to user, with arrows),
        `steps` (number of deliveries), `share` (value added at the origin, as part of the value of
        the product), `share_of_exposure` (of all that comes from the origin), `cumulative_share`.
    links : polars.DataFrame
        Deliveries on the paths, for a Sankey: `source`, `target`, `step`, `share`; the paths that
        are not listed together as ``other paths``.
    exposure : float
        Value added of the origin in the product.
    coverage : float
        Part of the exposure that the listed paths explain.
    exact : bool
        Whether these are certainly the largest; False where the search stopped at its limit.
    """

    table: pl.DataFrame
    links: pl.DataFrame
    exposure: float
    coverage: float
    exact: bool

    def plot(self) -> Any:
        """Draw the paths as a Sankey."""
        import plotly.graph_objects as go

        names = list(dict.fromkeys([*self.links["source"], *self.links["target"]]))
        place = {name: number for number, name in enumerate(names)}
        return go.Figure(
            go.Sankey(
                node={"label": names},
                link={
                    "source": [place[name] for name in self.links["source"]],
                    "target": [place[name] for name in self.links["target"]],
                    "value": self.links["share"].to_list(),
                },
            )
        )


def supply_paths(
    system: LeontiefSystem,
    to: str,
    origin: str,
    *,
    sectors: Sequence[str] | None = None,
    top: int = 20,
    limit: int = 200_000,
    smallest: float = 1e-7,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> SupplyPaths:
    """Find the largest supply paths from an economy into sectors of another one.

    A path begins where value is added in the origin, and ends in a sector of `to`, whose sectors
    are taken together, weighted by gross output. The search goes from the user upstream, the most
    promising node first: what an unfinished path can still bring is known exactly (the value added
    of the origin in its last node), so that no larger path can be missed.

    Parameters
    ----------
    system : LeontiefSystem
    to, origin : str
        Economies of the table, or groups.
    sectors : sequence of str, optional
        Codes or families of the sectors of `to`; all by default.
    top : int
        Number of paths wanted.
    limit : int
        Largest number of unfinished paths that are looked at.
    smallest : float
        Unfinished paths that can bring less than this part of the value of the product are left.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    SupplyPaths

    Notes
    -----
    Structural path analysis: Defourny and Thorbecke (1984), Economic Journal 94; Lenzen (2003).

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("CHN", "NLD"), ("A",), np.array([[0.0, 50.0], [0.0, 0.0]]),
    ...     np.array([[0.0], [100.0]]), (("*", "total"),), np.array([50.0, 100.0]))
    >>> supply_paths(leontief_system(table), "NLD", "CHN").table.select("path", "share").rows()
    [('CHN_A > NLD_A', 0.5)]
    """
    table = system.table
    users = nodes_of(table, economies_of(table, to, groups), sectors_of(table, sectors))
    marks = indicator(table, [economies_of(table, origin, groups)])[:, 0]
    added = system.value_added_share * marks
    potential = system.contents(added)
    output = np.asarray(table.output_musd, dtype=np.float64)[users]
    weights = output / output.sum() if output.sum() > 0 else output
    exposure = float((weights * potential[users]).sum())

    waiting: list[tuple[float, int, float, tuple[int, ...]]] = []
    number = 0
    for user, weight in zip(users.tolist(), weights.tolist(), strict=True):
        heapq.heappush(waiting, (-weight * potential[user], number, weight, (user,)))
        number += 1
    finished: list[tuple[float, tuple[int, ...]]] = []
    looked = 0
    columns: dict[int, np.ndarray] = {}
    exact = True
    while waiting:
        best = -waiting[0][0]
        if best < smallest:
            break
        if len(finished) >= top and sorted(finished, reverse=True)[top - 1][0] >= best:
            break
        if looked >= limit:
            exact = False
            break
        _, _, weight, path = heapq.heappop(waiting)
        looked += 1
        last = path[-1]
        if added[last] > 0:
            finished.append((weight * float(added[last]), path))
        if last not in columns:
            columns[last] = system.coefficients(np.array([last]))[:, 0]
        promise = weight * columns[last] * potential
        for supplier in np.flatnonzero(promise >= smallest).tolist():
            heapq.heappush(
                waiting,
                (
                    -float(promise[supplier]),
                    number,
                    weight * float(columns[last][supplier]),
                    (*path, supplier),
                ),
            )
            number += 1
    chosen = sorted(finished, reverse=True)[:top]
    found = sum(value for value, _ in chosen)
    nodes = table.nodes
    rows = []
    running = 0.0
    for rank, (value, path) in enumerate(chosen, start=1):
        running += value
        rows.append(
            {
                "rank": rank,
                "path": " > ".join(nodes[node] for node in reversed(path)),
                "steps": len(path) - 1,
                "share": value,
                "share_of_exposure": value / exposure,
                "cumulative_share": running / exposure,
            }
        )
    schema = {
        "rank": pl.Int64,
        "path": pl.String,
        "steps": pl.Int64,
        "share": pl.Float64,
        "share_of_exposure": pl.Float64,
        "cumulative_share": pl.Float64,
    }
    return SupplyPaths(
        table=pl.DataFrame(rows, schema=schema),
        links=_links(chosen, nodes, to, origin, exposure - found),
        exposure=exposure,
        coverage=found / exposure if exposure > 0 else float("nan"),
        exact=exact,
    )


def _links(
    chosen: Sequence[tuple[float, tuple[int, ...]]], nodes: Sequence[str], to: str, origin: str, rest: float
) -> pl.DataFrame:
    """Add up the deliveries on the paths, keeping the steps apart so that the drawing has no loops."""
    rows = []
    for value, path in chosen:
        names = [f"{nodes[node]} [{step}]" if step else nodes[node] for step, node in enumerate(path)]
        rows += [
            {"source": supplier, "target": user, "step": step, "share": value}
            for step, (user, supplier) in enumerate(itertools.pairwise(names))
        ]
    if rest > 0:
        rows.append({"source": f"{origin}: other paths", "target": to, "step": 0, "share": rest})
    schema = {"source": pl.String, "target": pl.String, "step": pl.Int64, "share": pl.Float64}
    return (
        pl.DataFrame(rows, schema=schema)
        .group_by("source", "target", "step")
        .agg(pl.col("share").sum())
        .sort("step", "share", "source", descending=[False, True, False])
    )
