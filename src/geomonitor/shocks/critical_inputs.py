"""Production lost when an economy no longer delivers, where only critical inputs bind.

The equations, and why their solution is found, are in `geomonitor.shocks.input_propagation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains import (
    Extraction,
    LeontiefSystem,
    economies_of,
    extract_supplier,
    nodes_of,
    sectors_of,
)
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError
from geomonitor.shocks.input_propagation import InputPropagation, Rationing, output_left
from geomonitor.shocks.methods import provenance_of

__all__ = ["CriticalInputLoss", "critical_input_loss"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Critical = Literal["all", "none"] | Mapping[str, Sequence[str]]

_EVERYONE = "*"

_SPOKEN = {
    "inputs_first": "industries are served before final users",
    "proportional": "industries and final users go short in proportion",
}


@dataclass(frozen=True, slots=True)
class CriticalInputLoss:
    """Production lost when deliveries stop.

    Attributes
    ----------
    table : polars.DataFrame
        One row a node: `economy`, `sector`, `output_musd`, `output_loss_share`, `output_loss_musd`,
        `binding_input` (sector whose product holds production back most; null where nothing is lost or no
        single input binds), `extraction_loss_share` (of the economy, downstream, no substitution).
    economies : polars.DataFrame
        `economy`, `output_musd`, `output_loss_musd`, `output_loss_share`, `value_added_loss_musd`, and
        `extraction_loss_share`.
    extraction : Extraction
        The hypothetical extraction of the same deliveries, without substitution: the value that hangs on
        them. Downstream it equals the loss with no critical inputs and rationing in proportion; a missing
        critical input stops more than its value.
    steps : int
    gap : float
        By how much one more round would still lower a node.
    provenance : dict
    """

    table: pl.DataFrame
    economies: pl.DataFrame
    extraction: Extraction
    steps: int
    gap: float
    provenance: dict[str, Any]

    def plot(self, top: int = 20) -> Any:
        """Draw the part of output lost, by node, the largest first.

        Parameters
        ----------
        top : int
        """
        import plotly.graph_objects as go

        shown = (
            self.table.filter(pl.col("output_loss_share") > 0)
            .sort("output_loss_musd", descending=True)
            .head(top)
            .reverse()
        )
        figure = go.Figure(
            go.Bar(
                x=(shown["output_loss_share"] * 100).to_list(),
                y=(shown["economy"] + " " + shown["sector"]).to_list(),
                orientation="h",
            )
        )
        figure.update_layout(xaxis_title="output lost, percent")
        figure.update_yaxes(dtick=1)
        return figure


def critical_input_loss(
    system: LeontiefSystem,
    to: str,
    origin: str,
    *,
    critical: Critical,
    sectors: Sequence[str] | None = None,
    important: Mapping[str, Sequence[str]] | None = None,
    denied_share: float = 1.0,
    rationing: Rationing = "inputs_first",
    groups: Mapping[str, Sequence[str]] | None = None,
) -> CriticalInputLoss:
    """Measure the production lost, everywhere, when deliveries from one economy to another stop.

    Parameters
    ----------
    system : LeontiefSystem
    to : str
        Whose industries no longer receive: an economy of the table, or a group.
    origin : str
        Who no longer delivers.
    critical : {'all', 'none'} or mapping of str to sequence of str
        By using sector (code or family, ``*`` for all), the sectors whose product it cannot do without;
        "all" is Leontief, "none" is linear.
    sectors : sequence of str, optional
        Codes or families of the sectors of `origin` that stop; all by default.
    important : mapping of str to sequence of str, optional
        Inputs without which half of production goes on.
    denied_share : float
        Part of the deliveries that stops, above 0 and at most 1.
    rationing : {'inputs_first', 'proportional'}
        Who goes short first where output falls.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Returns
    -------
    CriticalInputLoss

    Raises
    ------
    DataError
        If receiver and supplier overlap, nothing is delivered, or the share cannot be meant.
    UnknownCodeError
        If a code is not in the table.

    Notes
    -----
    A step costs one pass over the deliveries and one dense system of the nodes that are held back; about ten
    are enough.

    Examples
    --------
    >>> from geomonitor.chains import leontief_system
    >>> table = InputOutputTable("made", 2022, ("CHN", "NLD"), ("A",), np.array([[0.0, 30.0], [0.0, 30.0]]),
    ...     np.array([[70.0], [70.0]]), (("*", "total"),), np.array([100.0, 100.0]))
    >>> found = critical_input_loss(leontief_system(table), "NLD", "CHN", critical="all")
    >>> found.table.filter(economy="NLD")["output_loss_share"].to_list()
    [0.5]
    """
    table = system.table
    if not 0 < denied_share <= 1:
        raise DataError(
            f"A part of {denied_share:g} cannot be denied.",
            where="denied_share",
            expected="above 0 and at most 1",
            next_step="Divide by 100 if it is in percent." if 1 < denied_share <= 100 else None,
        )
    extraction = extract_supplier(system, to, origin, sectors=sectors, groups=groups)
    receivers, suppliers = (economies_of(table, code, groups) for code in (to, origin))
    rows = nodes_of(table, suppliers, sectors_of(table, sectors))
    if not table.flows_musd[np.ix_(rows, nodes_of(table, receivers))].any():
        raise DataError(
            f"{origin} delivers no such inputs to {to}.",
            where=f"table {table.name}",
            expected="deliveries that can stop",
        )
    denied = np.zeros((table.size, len(table.countries)))
    denied[np.ix_(rows, np.array([table.countries.index(each) for each in receivers]))] = denied_share
    binds = _flags(table, critical)
    halves = _flags(table, important) if important else None
    left, steps, gap = output_left(table, denied, binds, halves, rationing=rationing)
    binding = InputPropagation(table, denied, binds, halves, rationing).single_input(left)
    nodes = _node_table(table, left, binding, extraction)
    return CriticalInputLoss(
        table=nodes,
        economies=_economy_table(nodes, system),
        extraction=extraction,
        steps=steps,
        gap=gap,
        provenance=provenance_of(
            "critical-inputs-2022",
            assumptions=(
                _SPOKEN[rationing],
                "no stocks; no supplier delivers more than before",
                "inputs that are neither critical nor important cost no more than their own value",
                f"hypothetical extraction beside it ({extraction.label}) counts by value; a missing critical "
                "input can stop more than its value",
            ),
            table=table.name,
            year=table.year,
            table_citation=table.metadata.get("citation"),
            to=to,
            origin=origin,
            sectors=tuple(sectors) if sectors else "all",
            denied_share=denied_share,
            critical=critical if isinstance(critical, str) else dict(critical),
            important=dict(important) if important else {},
            rationing=rationing,
            steps=steps,
            gap=gap,
        ),
    )


def _flags(table: InputOutputTable, chosen: Critical) -> Flags:
    """Mark ``[input, user]``."""
    size = len(table.sectors)
    if isinstance(chosen, str):
        if chosen not in ("all", "none"):
            raise DataError(
                f"There is no choice {chosen!r} of critical inputs.",
                where="critical",
                expected='"all", "none", or a mapping of using sectors to inputs',
            )
        return np.full((size, size), chosen == "all")
    marks = np.zeros((size, size), dtype=bool)
    for user, inputs in chosen.items():
        users = table.sectors if user == _EVERYONE else sectors_of(table, (user,))
        marks[
            np.ix_(
                np.array([table.sectors.index(each) for each in sectors_of(table, inputs)]),
                np.array([table.sectors.index(each) for each in users]),
            )
        ] = True
    return marks


def _node_table(
    table: InputOutputTable, left: Floats, binding: NDArray[np.intp], extraction: Extraction
) -> pl.DataFrame:
    output = np.asarray(table.output_musd, dtype=np.float64)
    bound = extraction.table.select("economy", extraction_loss_share="downstream_loss_share")
    return (
        pl.DataFrame(
            {
                "economy": np.repeat(np.asarray(table.countries), len(table.sectors)),
                "sector": np.tile(np.asarray(table.sectors), len(table.countries)),
                "output_musd": output,
                "output_loss_share": np.where(output > 0, 1 - left, np.nan),
                "output_loss_musd": (1 - left) * output,
                "binding_input": [table.sectors[place] if place >= 0 else None for place in binding],
            },
            schema_overrides={"binding_input": pl.String},
        )
        .with_columns(pl.col("output_loss_share").fill_nan(None))
        .join(bound, on="economy", how="left", maintain_order="left")
    )


def _economy_table(nodes: pl.DataFrame, system: LeontiefSystem) -> pl.DataFrame:
    added = pl.Series("value_added_loss_musd", system.value_added_share) * nodes["output_loss_musd"]
    return (
        nodes.with_columns(added.alias("value_added_loss_musd"))
        .group_by("economy", maintain_order=True)
        .agg(
            pl.col("output_musd", "output_loss_musd", "value_added_loss_musd").sum(),
            pl.col("extraction_loss_share").first(),
        )
        .with_columns(
            output_loss_share=pl.when(pl.col("output_musd") > 0).then(
                pl.col("output_loss_musd") / pl.col("output_musd")
            )
        )
    )
