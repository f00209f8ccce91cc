"""One change of tariffs in several sizes: how the loss grows with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from geomonitor.errors import DataError
from geomonitor.shocks.base import Base
from geomonitor.shocks.equilibrium import solve_equilibrium
from geomonitor.shocks.rates import PercentagePoints
from geomonitor.shocks.scenario_files import Scenario, shock_of
from geomonitor.shocks.welfare import price_index, real_income

__all__ = ["ResponseCurve", "response_curve", "scenario_of_points"]

# below a thousandth of a thousandth of a percent two points are the same
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class ResponseCurve:
    """What a change of tariffs does, by its size.

    Attributes
    ----------
    table : polars.DataFrame
        One row a size and economy: `points` (percentage points), `economy`, `real_income_change`,
        `price_change`, `wage_change`; as fractions.
    scenario : Scenario
        Whose changes were taken.
    """

    table: pl.DataFrame
    scenario: Scenario

    def monotone(self, least_points: float = 0.0) -> pl.DataFrame:
        """Say for whom a larger change means a larger loss.

        Parameters
        ----------
        least_points : float
            Smaller sizes do not count: the best small tariff of a large economy is a gain.

        Returns
        -------
        polars.DataFrame
            `economy`, `falls` (real income falls from every size to the next; null where fewer than two sizes
            count), `first_rise_points` (the size from which it does not; null where it falls).

        Examples
        --------
        >>> from geomonitor.shocks import rebase, small_calibration, small_scenario
        >>> found = response_curve(rebase(small_calibration()), small_scenario(), [25, 50, 100])
        >>> found.monotone().filter(economy="NLD")["falls"].item()
        True
        """
        change = pl.col("real_income_change")
        rises = (change.diff() >= -_SAME).shift(-1, fill_value=False)
        counted = self.table.filter(pl.col("points") >= least_points).sort("points", maintain_order=True)
        return counted.group_by("economy", maintain_order=True).agg(
            falls=pl.when(pl.len() > 1).then((change.diff() < -_SAME).all()),
            first_rise_points=pl.col("points").filter(rises).first(),
        )

    def plot(self, economies: Sequence[str] | None = None) -> Any:
        """Draw real income against the size of the change.

        Parameters
        ----------
        economies : sequence of str, optional
            The five with the largest losses where left out.
        """
        import plotly.graph_objects as go

        last = self.table.filter(pl.col("points") == self.table["points"].max())
        shown = economies or last.sort("real_income_change", "economy").head(5)["economy"].to_list()
        figure = go.Figure()
        for name in shown:
            rows = self.table.filter(pl.col("economy") == name)
            figure.add_scatter(
                x=rows["points"].to_list(),
                y=(100 * rows["real_income_change"]).to_list(),
                mode="lines+markers",
                name=name,
            )
        figure.update_layout(
            title=self.scenario.name["en"],
            xaxis_title="rise of tariffs, percentage points",
            yaxis_title="change of real income, percent (exact)",
        )
        return figure


def scenario_of_points(scenario: Scenario, points: float) -> Scenario:
    """Give every change of tariffs in percentage points another size.

    Parameters
    ----------
    scenario : Scenario
    points : float
        Percentage points.

    Returns
    -------
    Scenario

    Raises
    ------
    DataError
        If nothing in it is a change in percentage points, or something else changes too.

    Examples
    --------
    >>> from geomonitor.shocks.examples import small_scenario
    >>> scenario_of_points(small_scenario(), 50).changes[0].add
    PercentagePoints(points=50)
    """
    other = [each for each in scenario.changes if not isinstance(each.add, PercentagePoints)]
    if other or not scenario.changes:
        kind = f"a {other[0].kind.replace('_', ' ')}" if other else "nothing"
        raise DataError(
            f"The scenario {scenario.code} has {kind} that has no size in percentage points.",
            where=f"scenario {scenario.code}",
            expected="changes of tariffs in percentage points only",
            next_step="Take one such as eu-china-25pp.",
        )
    changes = tuple(replace(each, add=PercentagePoints(points)) for each in scenario.changes)
    return replace(scenario, changes=changes)


def response_curve(
    base: Base, scenario: Scenario, points: Sequence[float], *, tolerance: float = 1e-9
) -> ResponseCurve:
    """Run a scenario with changes of tariffs of several sizes.

    Parameters
    ----------
    base : Base
    scenario : Scenario
        With changes in percentage points only.
    points : sequence of float
        Percentage points.
    tolerance : float

    Returns
    -------
    ResponseCurve
        Sizes in order, each once.

    Raises
    ------
    DataError
        If there is no size, or the scenario has none to change.
    EquilibriumError
        If there is no equilibrium.

    Examples
    --------
    >>> from geomonitor.shocks import rebase, small_calibration, small_scenario
    >>> found = response_curve(rebase(small_calibration()), small_scenario(), [50, 25])
    >>> found.table["points"].unique(maintain_order=True).to_list()
    [25.0, 50.0]
    """
    sizes = sorted({float(each) for each in points})
    if not sizes:
        raise DataError("There is no size.", where="points", expected="such as 10, 25, 50, 100")
    frames, start = [], None
    for size in sizes:
        shock = shock_of(scenario_of_points(scenario, size), base.calibration)
        found = solve_equilibrium(base.calibration, shock, tolerance=tolerance, start=start)
        # wages of one size are near those of the next
        start = found.wages
        frames.append(
            pl.DataFrame(
                {
                    "points": [size] * len(found.wages),
                    "economy": base.calibration.economies,
                    "real_income_change": real_income(base, found) - 1,
                    "price_change": price_index(base.calibration, found) - 1,
                    "wage_change": found.wages - 1,
                }
            )
        )
    return ResponseCurve(pl.concat(frames), scenario)
