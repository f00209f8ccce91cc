"""``geomonitor shock draws``: one scenario under many elasticities, drawn or on a grid."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import OutputFormat
from geomonitor.cli.shock_answer import MODEL
from geomonitor.cli.shock_asked import (
    CalibrationName,
    Deficits,
    ElasticitiesName,
    Focus,
    Form,
    Out,
    ScenarioCode,
    Year,
    asked_shock,
    in_percent,
    parse_numbers,
)

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.cli.shock_asked import AskedShock
    from geomonitor.shocks import ShockFan
    from geomonitor.shocks.uncertainty import Floats

__all__ = ["draws_command"]

_FEW = 50
_COUNTS = ("economy", "variants", "failed")


class Spread(StrEnum):
    """How elasticities are drawn."""

    lognormal = "lognormal"
    uniform = "uniform"


class ShowFan(StrEnum):
    """Tables of many runs."""

    summary = "summary"
    variants = "variants"
    elasticities = "elasticities"
    failures = "failures"


def draws_command(
    code: ScenarioCode,
    draws: Annotated[int, typer.Option("--draws", help="How many draws of elasticities.", min=1)] = 200,
    grid: Annotated[
        str | None,
        typer.Option("--grid", help="Factors on all elasticities instead of draws, such as 0.25,0.5,1,2."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same draws.", min=0)] = 1,
    spread: Annotated[
        float, typer.Option("--spread", help="Standard deviation of the logarithm, or half the width.")
    ] = 0.25,
    distribution: Annotated[Spread, typer.Option("--distribution", help="Of the draws.")] = Spread.lognormal,
    together: Annotated[
        bool, typer.Option("--together", help="One factor for all sectors, instead of one each.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes; all processors by default.", min=1)
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Keep finished parts here, and go on from them when broken off."),
    ] = None,
    focus: Focus = None,
    calibration: CalibrationName = None,
    year: Year = None,
    elasticities: ElasticitiesName = None,
    deficits: Deficits = None,
    show: Annotated[
        ShowFan, typer.Option("--show", help="Quantiles by economy, every variant, or what failed.")
    ] = ShowFan.summary,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Run a scenario under many elasticities, and say how far the results lie apart.

    A grid stands for horizons: small elasticities for a short one, when buyers hardly move to others.

    Example: geomonitor shock draws eu-china-25pp --draws 1000 --seed 1 --workers 2 --folder draws
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.shocks import draw_elasticities, elasticity_grid
    from geomonitor.shocks.methods import shock_methods

    factors = None if grid is None else parse_numbers(grid, "--grid")
    asked = asked_shock(code, focus, calibration, year, elasticities, deficits)
    if factors is None:
        values = draw_elasticities(
            asked.calibration, draws, seed=seed, spread=spread, distribution=distribution.value,
            together=together,
        )  # fmt: skip
        about = f"{draws} draws, seed {seed}, {distribution.value}, spread {spread:g}"
    else:
        values = elasticity_grid(asked.calibration, factors)
        about = f"elasticities times {', '.join(f'{each:g}' for each in factors)}"
    fan = _run(asked, values, workers, folder)
    if fan.failures.height:
        typer.echo(
            f"Note: {fan.failures.height} of {len(values)} variants have no equilibrium (--show failures).",
            err=True,
        )
    frame = _table(fan, asked, show, factors, wide=format is OutputFormat.table)
    title = f"{asked.scenario.name['en']}, {asked.calibration.name}, {about}"
    if format is OutputFormat.table:
        if show is ShowFan.summary:
            title += ": change of real income in percent"
            frame = in_percent(frame, [name for name in frame.columns if name not in _COUNTS])
        else:
            frame = in_percent(frame)
    else:
        method = shock_methods()[MODEL]
        context = {
            "scenario": asked.scenario.code,
            "calibration": asked.calibration.name,
            "variants_of": about,
            "method": method.id,
            "method_version": method.version,
        }
        frame = frame.with_columns(pl.lit(value).alias(name) for name, value in context.items())
    emit(frame, format, title=title, out=out)


def _run(asked: AskedShock, values: Floats, workers: int | None, folder: Path | None) -> ShockFan:
    """Run all variants with a progress bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from geomonitor.shocks import shock_fan

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        task = bar.add_task("Solving", total=len(values))

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        # starting processes takes longer than a few solutions
        used = workers or (1 if len(values) <= _FEW else -1)
        return shock_fan(
            asked.calibration, asked.scenario, values, workers=used, folder=folder, progress=tell
        )


def _table(
    fan: ShockFan, asked: AskedShock, show: ShowFan, factors: Sequence[float] | None, *, wide: bool
) -> pl.DataFrame:
    """Give one of the tables; on a grid every variant is told by its factor."""
    import polars as pl

    from geomonitor.monitor.shock_results import fan_summary, grouped_changes

    if show is ShowFan.failures:
        return fan.failures

    def with_factor(rows: pl.DataFrame) -> pl.DataFrame:
        if factors is None:
            return rows
        return rows.with_columns(elasticity_factor=pl.Series(factors).gather(rows["variant"]))

    if show is ShowFan.elasticities:
        return with_factor(fan.elasticities)
    rows = with_factor(grouped_changes(fan.draws, ["variant"], asked.base(), asked.units))
    if show is ShowFan.variants or (factors is not None and not wide):
        return rows
    if factors is None:
        return fan_summary(rows)
    spread = rows.pivot("elasticity_factor", index="economy", values="real_income_change")
    return spread.rename({name: f"times {float(name):g}" for name in spread.columns if name != "economy"})
