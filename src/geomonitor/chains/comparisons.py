"""Economies beside each other: members ranked, two economies both ways, frequency beside volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains.exposure import (
    EXPOSURE_MEASURES,
    exposure,
    face_value_shares,
    look_through_shares,
    market_shares,
    output_weighted_mean,
    value_added_shares,
)
from geomonitor.chains.leontief import LeontiefSystem
from geomonitor.chains.position import pass_through_frequency
from geomonitor.chains.selection import economies_of, indicator, nodes_of, sectors_of
from geomonitor.errors import DataError

__all__ = ["ABROAD", "TwoWay", "pass_through_stacking", "rank_members", "two_way"]

Floats = NDArray[np.float64]

ABROAD = "abroad"
"""Stands for every economy outside the group that is measured."""


def rank_members(
    system: LeontiefSystem,
    group: str,
    origin: str | None = None,
    *,
    sectors: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> pl.DataFrame:
    """Rank the members of a group by how far they lean on an economy.

    Parameters
    ----------
    system : LeontiefSystem
    group : str
        Whose members; an economy is a group of one.
    origin : str, optional
        On whom: an economy or group; every economy of the table outside `group` where left out.
    sectors : sequence of str, optional
        Codes or families of the members' sectors; all by default.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    polars.DataFrame
        One row a member, the most exposed first: `rank` (by look-through), `economy`, `origin`,
        `output_musd`, the measures of `EXPOSURE_MEASURES` weighted by gross output, and
        `main_origin` with `main_origin_share`: the economy outside the group with the largest part
        of all upstream purchases.

    Raises
    ------
    UnknownCodeError
        If an economy, group or sector is not in the table.
    DataError
        If nothing lies outside the group.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> flows = np.array([[20.0, 30.0, 0.0], [10.0, 20.0, 5.0], [5.0, 1.0, 1.0]])
    >>> table = InputOutputTable("made", 2022, ("NLD", "DEU", "CHN"), ("A",), flows,
    ...     100 - flows.sum(axis=1, keepdims=True), (("*", "total"),), np.full(3, 100.0))
    >>> rank_members(leontief_system(table), "EU27_2020", "CHN").select("rank", "economy").rows()
    [(1, 'NLD'), (2, 'DEU')]
    """
    table = system.table
    members = economies_of(table, group, groups)
    chosen = sectors_of(table, sectors)
    outside = tuple(code for code in table.countries if code not in members)
    if not outside:
        raise DataError(
            "There is no economy outside the group.", where=f"option to {group}", expected="a smaller group"
        )
    sources = outside if origin is None else economies_of(table, origin, groups)
    marks = indicator(table, [sources])
    measures = {
        "face_value_share": face_value_shares(system, marks)[0],
        "look_through_share": look_through_shares(system, marks)[0],
        "value_added_share": value_added_shares(system, marks)[0],
        "market_share": market_shares(system, marks)[0],
    }
    by_origin = look_through_shares(system, indicator(table, [(code,) for code in outside]))
    output = np.asarray(table.output_musd, dtype=np.float64)
    rows: list[dict[str, Any]] = []
    for member in members:
        nodes = nodes_of(table, [member], chosen)
        weights = output[nodes]
        parts = np.array([output_weighted_mean(values[nodes], weights) for values in by_origin])
        largest = int(np.nan_to_num(parts, nan=-1.0).argmax())
        rows.append(
            {
                "economy": member,
                "origin": origin or ABROAD,
                "output_musd": float(weights.sum()),
                **{name: output_weighted_mean(values[nodes], weights) for name, values in measures.items()},
                "main_origin": outside[largest],
                "main_origin_share": float(parts[largest]),
            }
        )
    return (
        pl.DataFrame(rows)
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .sort("look_through_share", "economy", descending=[True, False], nulls_last=True)
        .with_row_index("rank", offset=1)
        .with_columns(pl.col("rank").cast(pl.Int64))
    )


@dataclass(frozen=True, slots=True)
class TwoWay:
    """How far two economies lean on each other.

    Attributes
    ----------
    table : polars.DataFrame
        One row a direction: `economy`, `origin`, `output_musd` and the measures of
        `EXPOSURE_MEASURES`, weighted by the gross output of `economy`.
    balance : dict of str to float or None
        By measure, (first on second - second on first) / their sum: 1 where only the first leans on
        the second, 0 where both lean as far; None where neither does.
    """

    table: pl.DataFrame
    balance: dict[str, float | None]

    def plot(self) -> Any:
        """Draw the measures of both directions beside each other."""
        import plotly.graph_objects as go

        figure = go.Figure()
        for row in self.table.iter_rows(named=True):
            figure.add_bar(
                x=[EXPOSURE_MEASURES[name][0] for name in EXPOSURE_MEASURES],
                y=[None if row[name] is None else row[name] * 100 for name in EXPOSURE_MEASURES],
                name=f"{row['economy']} on {row['origin']}",
            )
        figure.update_layout(barmode="group", yaxis_title="percent")
        return figure


def two_way(
    system: LeontiefSystem,
    first: str,
    second: str,
    *,
    sectors: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> TwoWay:
    """Put the reliance of one economy on another beside that of the other on the first.

    Parameters
    ----------
    system : LeontiefSystem
    first, second : str
        Economies or groups that do not overlap.
    sectors : sequence of str, optional
        Codes or families of the sectors of whoever leans; all by default.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    TwoWay

    Raises
    ------
    DataError
        If the two overlap.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("NLD", "CHN"), ("A",), np.array([[20.0, 30.0], [10.0, 20.0]]),
    ...     np.array([[50.0], [70.0]]), (("*", "total"),), np.array([100.0, 100.0]))
    >>> two_way(leontief_system(table), "NLD", "CHN").table["face_value_share"].round(3).to_list()
    [0.333, 0.6]
    """
    table = system.table
    if set(economies_of(table, first, groups)) & set(economies_of(table, second, groups)):
        raise DataError(
            f"{first} and {second} overlap.",
            where="options to and from",
            expected="two economies or groups without a common member",
        )
    rows = []
    for economy, origin in ((first, second), (second, first)):
        found = exposure(system, economy, origin, sectors=sectors, groups=groups)
        rows.append(
            {
                "economy": economy,
                "origin": origin,
                "output_musd": float(found.table["output_musd"].sum()),
                **found.total,
            }
        )
    balance: dict[str, float | None] = {}
    for name in EXPOSURE_MEASURES:
        there, back = rows[0][name], rows[1][name]
        both = float(there) + float(back)  # type: ignore[arg-type]
        balance[name] = (float(there) - float(back)) / both if both > 0 else None  # type: ignore[arg-type]
    return TwoWay(table=pl.DataFrame(rows).with_columns(pl.col(pl.Float64).fill_nan(None)), balance=balance)


def pass_through_stacking(
    system: LeontiefSystem,
    to: str,
    origins: Sequence[str] | None = None,
    *,
    sectors: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> pl.DataFrame:
    """Measure how often production passes through economies, beyond the value that they add.

    Parameters
    ----------
    system : LeontiefSystem
    to : str
        Whose production: an economy of the table, or a group.
    origins : sequence of str, optional
        Economies or groups; every economy of the table by default.
    sectors : sequence of str, optional
        Codes or families of the sectors of `to`; all by default.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    polars.DataFrame
        The most stacked first: `economy`, `origin`, `pass_through_frequency` (mean number of
        visits), `value_added_share` and `stacking` (the first less the second), weighted by the
        gross output of the sectors of `to`.

    Notes
    -----
    Frequent but thin passing is what value-added measures miss: Inomata and Hanaka (2024).

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> from geomonitor.data.input_output import InputOutputTable
    >>> table = InputOutputTable("made", 2022, ("CHN", "NLD"), ("A",), np.array([[0.0, 50.0], [0.0, 0.0]]),
    ...     np.array([[0.0], [100.0]]), (("*", "total"),), np.array([50.0, 100.0]))
    >>> pass_through_stacking(leontief_system(table), "NLD")["pass_through_frequency"].to_list()
    [1.0, 0.5]
    """
    table = system.table
    sources = tuple(origins or table.countries)
    nodes = nodes_of(table, economies_of(table, to, groups), sectors_of(table, sectors))
    output = np.asarray(table.output_musd, dtype=np.float64)[nodes]
    marks = indicator(table, [economies_of(table, code, groups) for code in sources])
    found = pass_through_frequency(system, marks)
    frequency = [output_weighted_mean(values[nodes], output) for values in found.frequency]
    share = [output_weighted_mean(values[nodes], output) for values in found.value_added_share]
    return (
        pl.DataFrame(
            {
                "economy": [to] * len(sources),
                "origin": list(sources),
                "pass_through_frequency": frequency,
                "value_added_share": share,
            }
        )
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .with_columns((pl.col("pass_through_frequency") - pl.col("value_added_share")).alias("stacking"))
        .sort("stacking", "origin", descending=[True, False], nulls_last=True)
    )
