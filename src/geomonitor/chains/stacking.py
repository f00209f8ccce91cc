"""Stacking: several dependencies on one economy along one chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from geomonitor.errors import DataError

__all__ = [
    "ChainStacking",
    "any_stage_exposure",
    "bottleneck",
    "longest_run",
    "mean_dependency",
    "portfolio_concentration",
    "stack_chain",
    "stages_above",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# What shares that were added up may stray from [0, 1].
_ROUNDING = 1e-9


def _stages(dependencies: ArrayLike) -> Floats:
    """Take dependencies as stages by economies, refusing what is no share."""
    values = np.asarray(dependencies, dtype=np.float64)
    if values.ndim == 1:
        values = values[:, np.newaxis]
    wrong = np.argwhere((values < -_ROUNDING) | (values > 1 + _ROUNDING))
    if values.ndim != 2 or len(wrong):
        named = f"stage {wrong[0][0] + 1}, economy {wrong[0][1] + 1}" if len(wrong) else "stage dependencies"
        what = f"{values[tuple(wrong[0])]:g} is no dependency." if len(wrong) else "There are too many axes."
        raise DataError(
            what, where=named, expected="stages by economies, each from 0 to 1, or NaN where not known"
        )
    return np.clip(values, 0.0, 1.0)


def _without_known(values: Floats, found: Floats) -> Floats:
    """Leave NaN where no stage is known."""
    return np.asarray(np.where(np.isnan(values).all(axis=0), np.nan, found))


def stages_above(dependencies: ArrayLike, threshold: float) -> Integers:
    r"""Count the stages that depend on each economy for more than a threshold.

    .. math:: N_c(h) = \#\{k: D_k(c) > h\}

    Parameters
    ----------
    dependencies : array_like of float, shape (stages, economies) or (stages,)
        Part of each stage that depends on each economy, in [0, 1]; NaN where not known.
    threshold : float
        A stage counts when its dependency is strictly above it.

    Returns
    -------
    numpy.ndarray of int, shape (economies,)
        Stages that are not known do not count.

    Examples
    --------
    >>> stages_above([0.9, 0.3, np.nan, 0.4], 0.3).tolist()
    [2]
    """
    return np.asarray((_stages(dependencies) > threshold).sum(axis=0), dtype=np.int64)


def longest_run(dependencies: ArrayLike, threshold: float) -> Integers:
    """Measure the longest run of consecutive stages above a threshold.

    Parameters
    ----------
    dependencies : array_like of float, shape (stages, economies) or (stages,)
        In the order of the chain; NaN where not known.
    threshold : float
        See `stages_above`.

    Returns
    -------
    numpy.ndarray of int, shape (economies,)
        A stage that is not known neither counts nor bridges: it ends a run, since a run is claimed
        only where every stage of it is known.

    Examples
    --------
    >>> longest_run([0.9, 0.8, np.nan, 0.9, 0.1], 0.3).tolist()
    [2]
    """
    values = _stages(dependencies)
    current = np.zeros(values.shape[1], dtype=np.int64)
    longest = current.copy()
    for above in values > threshold:
        current = np.where(above, current + 1, 0)
        longest = np.maximum(longest, current)
    return longest


def any_stage_exposure(dependencies: ArrayLike) -> Floats:
    r"""Measure the chance that the chain stops, if each stage fails on its own.

    .. math:: S_c = 1 - \prod_k (1 - D_k(c))

    Parameters
    ----------
    dependencies : array_like of float, shape (stages, economies) or (stages,)
        See `stages_above`.

    Returns
    -------
    numpy.ndarray of float, shape (economies,)
        Between the largest dependency and 1; stages that are not known are left out, which makes
        it a lower bound; NaN where none is known.

    Notes
    -----
    A stage split in two of the same dependency raises it: compare only chains whose stages are as
    fine as each other's, and countries within one chain.

    Examples
    --------
    >>> any_stage_exposure([0.5, 0.5]).tolist(), any_stage_exposure([0.5, 0.0]).tolist()
    ([0.75], [0.5])
    """
    values = _stages(dependencies)
    return _without_known(values, 1.0 - np.prod(1.0 - np.nan_to_num(values), axis=0))


def bottleneck(dependencies: ArrayLike) -> Floats:
    """Give the largest dependency of any known stage; NaN where none is known.

    Parameters
    ----------
    dependencies : array_like of float, shape (stages, economies) or (stages,)
        See `stages_above`.

    Examples
    --------
    >>> bottleneck([0.5, np.nan, 0.7]).tolist()
    [0.7]
    """
    values = _stages(dependencies)
    return _without_known(values, np.nan_to_num(values).max(axis=0, initial=0.0))


def mean_dependency(dependencies: ArrayLike) -> Floats:
    """Average the dependency over the known stages; NaN where none is known.

    Parameters
    ----------
    dependencies : array_like of float, shape (stages, economies) or (stages,)
        See `stages_above`.

    Examples
    --------
    >>> mean_dependency([0.5, np.nan, 0.75]).tolist()
    [0.625]
    """
    values = _stages(dependencies)
    known = (~np.isnan(values)).sum(axis=0)
    return _without_known(values, np.nan_to_num(values).sum(axis=0) / np.maximum(known, 1))


def portfolio_concentration(main_suppliers: Sequence[str]) -> float:
    r"""Measure how far dependencies lie with few main suppliers.

    .. math:: HHI_{dep} = \sum_c (n_c / n)^2

    Parameters
    ----------
    main_suppliers : sequence of str
        Main supplier of every dependent product, or of every stage.

    Returns
    -------
    float
        1 where all have the same main supplier; NaN where there are none.

    Examples
    --------
    >>> portfolio_concentration(["CHN", "CHN", "USA", "TUR"])
    0.375
    """
    if not main_suppliers:
        return float("nan")
    counts = np.array(list(Counter(main_suppliers).values()), dtype=np.float64)
    return float((counts**2).sum() / counts.sum() ** 2)


@dataclass(frozen=True, slots=True)
class ChainStacking:
    """Dependencies on each economy along the stages of one chain.

    Attributes
    ----------
    chain : str
        Code of the chain.
    stages, economies : tuple of str
        Rows and columns of `dependencies`.
    dependencies : numpy.ndarray of float, shape (stages, economies)
        Part of each stage that depends on each economy; NaN where not known.
    threshold : float
        Above which a stage counts.
    unknown_at_most : numpy.ndarray of float, shape (stages,)
        The largest dependency that can stand where one is not known.
    table : polars.DataFrame
        One row an economy, the most stacked first: `chain`, `economy`, `stages`, `known_stages`,
        `stages_above`, `longest_run`, `any_stage_exposure`, `bottleneck`, `bottleneck_stage`,
        `mean_dependency`, and bounds where stages are not known (`_low`: they do not depend on the
        economy; `_high`: they depend on it as far as they can, wholly if nothing is known). Measures are
        null where no stage is known.
    """

    chain: str
    stages: tuple[str, ...]
    economies: tuple[str, ...]
    dependencies: Floats
    threshold: float
    unknown_at_most: Floats
    table: pl.DataFrame

    def main_suppliers(self) -> tuple[str | None, ...]:
        """Give the largest supplier of every stage; None where not known or without suppliers."""
        found: list[str | None] = []
        for row in self.dependencies:
            known = np.nan_to_num(row)
            place = int(known.argmax()) if len(known) else 0
            found.append(self.economies[place] if len(known) and known[place] > 0 else None)
        return tuple(found)

    def aligned(self, economies: Sequence[str]) -> Floats:
        """Give the dependencies for other economies: 0 for those that supply nothing, as far as is known.

        Parameters
        ----------
        economies : sequence of str

        Returns
        -------
        numpy.ndarray of float, shape (stages, economies)
            NaN in stages that are not known, or not known for economies that are not among `economies`.
        """
        missing = np.isnan(self.dependencies)
        # without economies, no stage is known
        unknown = np.asarray(missing.all(axis=1) | missing.any(axis=1))
        values = np.where(unknown[:, np.newaxis], np.nan, np.zeros((len(self.stages), len(economies))))
        place = {code: number for number, code in enumerate(self.economies)}
        for number, code in enumerate(economies):
            if code in place:
                values[:, number] = self.dependencies[:, place[code]]
        return values

    def plot(self, top: int = 6) -> Any:
        """Draw every stage as a bar of its suppliers; a stage not known stays empty, and says so."""
        import plotly.graph_objects as go

        codes = self.table["economy"].head(top).to_list()
        values = self.aligned(codes) * 100
        figure = go.Figure()
        for number, code in enumerate(codes):
            above = [share > self.threshold * 100 for share in values[:, number].tolist()]
            outline = ["black" if each else "white" for each in above]
            figure.add_bar(
                x=list(self.stages),
                y=np.nan_to_num(values[:, number]).tolist(),
                name=code,
                marker={"line": {"color": outline, "width": [2 if each else 0 for each in above]}},
            )
        for stage, row in zip(self.stages, self.dependencies, strict=True):
            if np.isnan(row).all():
                figure.add_annotation(
                    x=stage, y=2, text="not known", showarrow=False, textangle=-90, yanchor="bottom"
                )
        figure.update_layout(
            barmode="stack",
            title=f"{self.chain}: suppliers of every stage",
            yaxis={"title": "percent of the supply", "range": [0, 100]},
        )
        return figure


def stack_chain(
    dependencies: ArrayLike,
    economies: Sequence[str],
    stages: Sequence[str],
    *,
    threshold: float = 0.3,
    chain: str = "",
    unknown_at_most: ArrayLike | None = None,
) -> ChainStacking:
    """Measure how dependencies on each economy stack along a chain.

    Parameters
    ----------
    dependencies : array_like of float, shape (stages, economies)
        Part of each stage that depends on each economy, in [0, 1]; NaN where not known.
    economies, stages : sequence of str
        Codes of the columns and rows; stages in the order of the chain.
    threshold : float
        Above which (strictly) a stage counts.
    chain : str
        Code of the chain.
    unknown_at_most : array_like of float, shape (stages,), optional
        The largest dependency that can stand where one is not known, for the upper bounds; 1 by default.

    Returns
    -------
    ChainStacking

    Raises
    ------
    DataError
        If a dependency, a bound or the threshold is not a share, or labels do not fit the dependencies.

    Examples
    --------
    >>> shares = [[0.8, 0.1], [np.nan, np.nan], [0.5, 0.5]]
    >>> found = stack_chain(shares, ["CHN", "USA"], ["ore", "metal", "magnet"])
    >>> found.table.select("economy", "stages_above", "longest_run", "any_stage_exposure").rows()
    [('CHN', 2, 1, 0.9), ('USA', 1, 1, 0.55)]
    >>> found.table.select("stages_above_high", "longest_run_high").row(0)
    (3, 3)
    """
    values = _stages(dependencies)
    where = f"chain {chain}" if chain else "stage dependencies"
    if values.shape != (len(stages), len(economies)):
        raise DataError(
            f"There are {values.shape[0]} x {values.shape[1]} dependencies.",
            where=where,
            expected=f"{len(stages)} stages by {len(economies)} economies",
        )
    for labels in (stages, economies):
        if len(set(labels)) != len(labels):
            twice = sorted({each for each in labels if list(labels).count(each) > 1})
            raise DataError(f"{', '.join(twice)} is there twice.", where=where, expected="each code once")
    if not 0.0 <= threshold < 1.0:
        raise DataError(
            f"{threshold:g} is no threshold.", where="option threshold", expected="at least 0 and below 1"
        )
    most = np.ones(len(stages)) if unknown_at_most is None else np.asarray(unknown_at_most, dtype=np.float64)
    if most.shape != (len(stages),) or not ((most >= 0) & (most <= 1)).all():
        raise DataError(
            "The bounds of unknown dependencies do not fit.",
            where=where,
            expected=f"{len(stages)} numbers from 0 to 1, one a stage",
        )
    unknown = np.isnan(values)
    full = np.where(unknown, most[:, np.newaxis], values)
    filled = np.nan_to_num(values)
    largest = filled.argmax(axis=0) if len(stages) else np.zeros(len(economies), dtype=np.int64)
    known = (~unknown).sum(axis=0)
    any_stage = any_stage_exposure(values)
    columns: dict[str, Any] = {
        "chain": [chain] * len(economies),
        "economy": list(economies),
        "stages": np.full(len(economies), len(stages)),
        "known_stages": known,
        "stages_above": stages_above(values, threshold),
        "stages_above_high": stages_above(full, threshold),
        "longest_run": longest_run(values, threshold),
        "longest_run_high": longest_run(full, threshold),
        "any_stage_exposure": any_stage,
        "any_stage_exposure_high": any_stage_exposure(full),
        "bottleneck": bottleneck(values),
        "bottleneck_high": bottleneck(full),
        "bottleneck_stage": [
            stages[place] if filled[place, number] > 0 else None
            for number, place in enumerate(largest.tolist())
        ],
        "mean_dependency": mean_dependency(values),
        "mean_dependency_low": mean_dependency(filled),
        "mean_dependency_high": mean_dependency(full),
    }
    schema = {"chain": pl.String, "economy": pl.String, "bottleneck_stage": pl.String}
    table = (
        pl.DataFrame(columns, schema_overrides=schema)
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .with_columns(
            pl.when(pl.col("known_stages") > 0).then(pl.col(name)).alias(name)
            for name in ("stages_above", "longest_run")
        )
        .sort(
            "stages_above",
            "any_stage_exposure",
            "economy",
            descending=[True, True, False],
            nulls_last=True,
        )
    )
    return ChainStacking(
        chain=chain,
        stages=tuple(stages),
        economies=tuple(economies),
        dependencies=values,
        threshold=threshold,
        unknown_at_most=most,
        table=table,
    )
