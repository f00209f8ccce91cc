"""How sure is it? The same shock under many elasticities, drawn or on a grid.

Draws are seeded, run on all processors through joblib (its Dask and Ray back ends carry them over machines),
and can be taken up again where a run was broken off. Every worker has its own copy of the calibration.

Cost: one solution a draw, or two where the data are no equilibrium by themselves; memory is one calibration a
worker.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.errors import DataError
from geomonitor.shocks.base import Base, rebase
from geomonitor.shocks.calibration import Calibration
from geomonitor.shocks.equilibrium import EquilibriumError, solve_equilibrium
from geomonitor.shocks.scenario_files import Scenario, shock_of
from geomonitor.shocks.welfare import price_index, real_income

__all__ = ["QUANTILES", "ShockFan", "draw_elasticities", "elasticity_grid", "shock_fan"]

Floats = NDArray[np.float64]
Distribution = Literal["lognormal", "uniform"]
Progress = Callable[[int, int], None]

QUANTILES: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles that a fan shows."""

_CHUNK = 25
_SAME_BASE = 1e-9


@dataclass(frozen=True, slots=True)
class ShockFan:
    """Results of one scenario under many elasticities.

    Attributes
    ----------
    draws : polars.DataFrame
        One row a variant and economy: `variant`, `economy`, `real_income_change`, `price_change`,
        `wage_change`; nulls where no equilibrium was found.
    summary : polars.DataFrame
        One row an economy: `economy`, `variants`, `failed`, `mean` and the quantiles `q05` to `q95` of the
        change of real income.
    elasticities : polars.DataFrame
        One row a variant and sector: `variant`, `sector`, `elasticity`.
    failures : polars.DataFrame
        `variant`, `what`: why there is no result.
    """

    draws: pl.DataFrame
    summary: pl.DataFrame
    elasticities: pl.DataFrame
    failures: pl.DataFrame

    def plot(self, economies: Sequence[str] | None = None) -> Any:
        """Draw the middle half and the middle nine tenths for every economy."""
        import plotly.graph_objects as go

        # an economy without any result has no place in the figure
        rows = self.summary.drop_nulls("q50").sort("q50")
        if economies is not None:
            rows = rows.filter(pl.col("economy").is_in(list(economies)))
        figure = go.Figure()
        names = rows["economy"].to_list()
        for low, high, width in (("q05", "q95", 2), ("q25", "q75", 8)):
            for name, start, end in rows.select("economy", low, high).iter_rows():
                figure.add_scatter(
                    x=[100 * start, 100 * end],
                    y=[name, name],
                    mode="lines",
                    line={"width": width, "color": "#336699"},
                    showlegend=False,
                )
        figure.add_scatter(x=(100 * rows["q50"]).to_list(), y=names, mode="markers", name="median")
        figure.update_layout(xaxis_title="change of real income, percent")
        return figure


def draw_elasticities(
    calibration: Calibration,
    draws: int,
    *,
    seed: int,
    spread: float = 0.25,
    distribution: Distribution = "lognormal",
    together: bool = False,
) -> Floats:
    """Draw trade elasticities around those of a calibration.

    Parameters
    ----------
    calibration : Calibration
    draws : int
    seed : int
        The same seed gives the same draws.
    spread : float
        "lognormal": standard deviation of the logarithm, the median is the elasticity itself. "uniform": half
        the width as a part of the elasticity, below 1.
    distribution : {'lognormal', 'uniform'}
    together : bool
        One factor for all sectors, instead of one each.

    Returns
    -------
    numpy.ndarray, shape (draws, J)

    Raises
    ------
    DataError
        If there is no draw, or the spread cannot be meant.

    Examples
    --------
    >>> from geomonitor.shocks import small_calibration
    >>> first = draw_elasticities(small_calibration(), 3, seed=1)
    >>> bool((first == draw_elasticities(small_calibration(), 3, seed=1)).all())
    True
    """
    if draws < 1 or not spread > 0 or (distribution == "uniform" and spread >= 1):
        raise DataError(
            f"{draws} draws with a spread of {spread:g} ({distribution}) cannot be made.",
            where="draws",
            expected="at least 1 draw, a spread above 0, and below 1 where it is uniform",
        )
    random = np.random.default_rng(seed)
    shape = (draws, 1 if together else len(calibration.sectors))
    if distribution == "lognormal":
        factors = np.exp(spread * random.standard_normal(shape))
    else:
        factors = 1 + spread * random.uniform(-1.0, 1.0, shape)
    return np.asarray(calibration.elasticities * factors)


def elasticity_grid(calibration: Calibration, factors: Sequence[float]) -> Floats:
    """Scale all elasticities by each of some factors, such as 0.25 for a short horizon.

    Parameters
    ----------
    calibration : Calibration
    factors : sequence of float
        Above 0.

    Returns
    -------
    numpy.ndarray, shape (factors, J)

    Raises
    ------
    DataError
        If a factor is not above 0.

    Examples
    --------
    >>> from geomonitor.shocks import small_calibration
    >>> elasticity_grid(small_calibration(), [0.5, 1.0]).tolist()
    [[2.5, 2.5], [5.0, 5.0]]
    """
    scale = np.asarray(factors, dtype=np.float64)
    if not scale.size or not (scale > 0).all():
        raise DataError("A factor on elasticities is not above 0.", where="grid", expected="numbers above 0")
    return np.outer(scale, calibration.elasticities)


def shock_fan(
    calibration: Calibration,
    scenario: Scenario,
    elasticities: Floats,
    *,
    workers: int = -1,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    tolerance: float = 1e-8,
) -> ShockFan:
    """Run a scenario under many elasticities.

    Parameters
    ----------
    calibration : Calibration
    scenario : Scenario
    elasticities : numpy.ndarray, shape (variants, J)
    workers : int
        Processes; -1 for all processors. Another back end of joblib, chosen with
        ``joblib.parallel_config``, is used as it is.
    folder : str or pathlib.Path, optional
        Where finished parts are kept, so that a run that was broken off goes on from there.
    progress : callable, optional
        Called with the number of finished variants and of all.
    tolerance : float

    Returns
    -------
    ShockFan

    Raises
    ------
    DataError
        If elasticities have a wrong shape, or the folder holds parts of another run.

    Examples
    --------
    >>> from geomonitor.shocks import elasticity_grid, small_calibration
    >>> from geomonitor.shocks.examples import small_scenario
    >>> here = small_calibration()
    >>> fan = shock_fan(here, small_scenario(), elasticity_grid(here, [0.5, 1.0, 2.0]), workers=1)
    >>> fan.summary["variants"].to_list()
    [3, 3, 3]
    """
    import joblib

    values = np.asarray(elasticities, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(calibration.sectors):
        raise DataError(
            f"The elasticities have shape {values.shape}.",
            where="elasticities",
            expected=f"(variants, {len(calibration.sectors)})",
        )
    kept = None if folder is None else _Kept(Path(folder), _key(calibration, scenario, values, tolerance))
    base = rebase(calibration, scenario.deficits)
    start = solve_equilibrium(base.calibration, shock_of(scenario, base.calibration), tolerance=tolerance)
    chunks = [range(first, min(first + _CHUNK, len(values))) for first in range(0, len(values), _CHUNK)]
    parts: dict[int, pl.DataFrame] = {} if kept is None else kept.read(len(chunks))
    done = sum(len(chunks[number]) for number in parts)
    if progress is not None:
        progress(done, len(values))
    todo = [number for number in range(len(chunks)) if number not in parts]
    job = _Job(calibration, base, scenario, start.wages, tolerance)
    # Ray's back end, as that of multiprocessing, gives results only when all are there
    backend, _ = joblib.parallel.get_active_backend()
    given = "generator_unordered" if backend.supports_return_generator else "list"
    results = joblib.Parallel(n_jobs=workers, return_as=given)(
        joblib.delayed(_run_chunk)(job, number, list(chunks[number]), values[list(chunks[number])])
        for number in todo
    )
    for number, frame in results:
        parts[number] = frame
        if kept is not None:
            kept.write(number, frame)
        done += len(chunks[number])
        if progress is not None:
            progress(done, len(values))
    return _fan(pl.concat([parts[number] for number in range(len(chunks))]), calibration, values)


@dataclass(frozen=True, slots=True)
class _Job:
    """What a worker needs."""

    calibration: Calibration
    base: Base
    scenario: Scenario
    wages: Floats
    tolerance: float


def _run_chunk(job: _Job, number: int, variants: list[int], elasticities: Floats) -> tuple[int, pl.DataFrame]:
    frames = []
    for variant, theta in zip(variants, elasticities, strict=True):
        try:
            frames.append(_run_one(job, variant, theta))
        except EquilibriumError as error:
            # one variant without equilibrium is a result too: it is counted and named
            nothing = pl.lit(None, dtype=pl.Float64)
            frames.append(
                pl.DataFrame({"economy": job.calibration.economies}).select(
                    pl.lit(variant, pl.Int32).alias("variant"),
                    "economy",
                    real_income_change=nothing,
                    price_change=nothing,
                    wage_change=nothing,
                    failure=pl.lit(error.what),
                )
            )
    return number, pl.concat(frames)


def _run_one(job: _Job, variant: int, theta: Floats) -> pl.DataFrame:
    if job.base.moved <= _SAME_BASE:
        # data that are an equilibrium are one under any elasticities
        base = replace(job.base, calibration=job.base.calibration.with_elasticities(theta))
    else:
        base = rebase(
            job.calibration.with_elasticities(theta), job.scenario.deficits, tolerance=job.tolerance
        )
    shock = shock_of(job.scenario, base.calibration)
    found = solve_equilibrium(base.calibration, shock, tolerance=job.tolerance, start=job.wages)
    return pl.DataFrame(
        {
            "variant": pl.Series([variant] * len(found.wages), dtype=pl.Int32),
            "economy": base.calibration.economies,
            "real_income_change": real_income(base, found) - 1,
            "price_change": price_index(base.calibration, found) - 1,
            "wage_change": found.wages - 1,
            "failure": pl.Series([None] * len(found.wages), dtype=pl.String),
        }
    )


def _fan(rows: pl.DataFrame, calibration: Calibration, values: Floats) -> ShockFan:
    rows = rows.sort("variant", maintain_order=True)
    order = {name: place for place, name in enumerate(calibration.economies)}
    change = pl.col("real_income_change")
    summary = (
        rows.group_by("economy")
        .agg(
            variants=pl.len(),
            failed=pl.col("failure").is_not_null().sum(),
            mean=change.mean(),
            **{
                f"q{round(100 * part):02d}": change.quantile(part, interpolation="linear")
                for part in QUANTILES
            },
        )
        .sort(pl.col("economy").replace_strict(order, return_dtype=pl.Int32))
    )
    variants, sectors = values.shape
    return ShockFan(
        draws=rows.drop("failure"),
        summary=summary,
        elasticities=pl.DataFrame(
            {
                "variant": np.repeat(np.arange(variants, dtype=np.int32), sectors),
                "sector": np.tile(np.asarray(calibration.sectors), variants),
                "elasticity": values.ravel(),
            }
        ),
        failures=rows.filter(pl.col("failure").is_not_null())
        .unique("variant", maintain_order=True)
        .select("variant", what="failure"),
    )


def _key(calibration: Calibration, scenario: Scenario, values: Floats, tolerance: float) -> str:
    digest = hashlib.sha256()
    for array in (
        calibration.trade_shares,
        calibration.tariff_rates,
        calibration.value_added_shares,
        calibration.input_shares,
        calibration.final_shares,
        calibration.value_added_musd,
        calibration.deficits_musd,
        values,
    ):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(f"{scenario!r} {tolerance!r}".encode())
    return digest.hexdigest()


class _Kept:
    """Finished parts in a folder, with what they belong to."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.note = folder / "run.json"
        folder.mkdir(parents=True, exist_ok=True)
        if self.note.exists():
            found: Mapping[str, Any] = json.loads(self.note.read_text(encoding="utf-8"))
            if found.get("key") != key:
                raise DataError(
                    "The folder holds parts of another run.",
                    where=str(folder),
                    expected="parts of the same calibration, scenario, elasticities and tolerance",
                    next_step="Choose an empty folder, or delete this one.",
                )
        else:
            self.note.write_text(json.dumps({"key": key}), encoding="utf-8")

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:05d}.parquet"

    def read(self, count: int) -> dict[int, pl.DataFrame]:
        found = {}
        for number in range(count):
            if self._path(number).exists():
                found[number] = pl.read_parquet(self._path(number))
        return found

    def write(self, number: int, frame: pl.DataFrame) -> None:
        path = self._path(number)
        beside = path.with_suffix(f".{os.getpid()}.tmp")
        frame.write_parquet(beside)
        beside.replace(path)
