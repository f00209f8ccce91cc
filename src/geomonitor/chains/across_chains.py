"""Stacking across chains: dependencies on one economy in several chains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from geomonitor.chains.stacking import (
    ChainStacking,
    any_stage_exposure,
    portfolio_concentration,
    stages_above,
)
from geomonitor.errors import DataError

__all__ = ["StackingAcrossChains", "stack_across_chains"]


@dataclass(frozen=True, slots=True)
class StackingAcrossChains:
    """Dependencies on each economy over several chains.

    Attributes
    ----------
    table : polars.DataFrame
        One row an economy, the most stacked first: `economy`, `weighted_exposure` (any-stage
        exposures, weighted over the chains; a chain without a known stage counts as 0),
        `weighted_exposure_high` (stages that are not known depend on the economy as far as they can),
        `chains_hit` (with a stage above the threshold), `stages_above` (of all chains),
        `main_supplier_stages` (stages of which it is the largest supplier), `interests_hit`
        (number of public interests of the chains hit) and `interests` (their codes).
    stage_concentration : float
        Concentration of the main suppliers over the known stages, see `portfolio_concentration`.
    weights : dict of str to float
        Of the chains; they add up to 1.
    known_chains : tuple of str
        Chains with a known stage.
    threshold : float
    """

    table: pl.DataFrame
    stage_concentration: float
    weights: dict[str, float]
    known_chains: tuple[str, ...]
    threshold: float

    def plot(self, top: int = 10) -> Any:
        """Draw the most stacked economies, with the upper bound as a whisker."""
        import plotly.graph_objects as go

        shown = self.table.sort("weighted_exposure").tail(top)
        low, high = shown["weighted_exposure"] * 100, shown["weighted_exposure_high"] * 100
        figure = go.Figure(
            go.Bar(
                x=low.to_list(),
                y=shown["economy"].to_list(),
                orientation="h",
                error_x={"type": "data", "symmetric": False, "array": (high - low).to_list()},
            )
        )
        figure.update_layout(
            title="Stacking across chains", xaxis_title="weighted any-stage exposure, percent"
        )
        return figure


def stack_across_chains(
    chains: Sequence[ChainStacking],
    *,
    weights: Mapping[str, float] | None = None,
    interests: Mapping[str, Sequence[str]] | None = None,
) -> StackingAcrossChains:
    r"""Measure how dependencies on each economy stack across chains.

    .. math:: T_c = \sum_{ch} w_{ch} S_c(ch)

    Parameters
    ----------
    chains : sequence of ChainStacking
        Made with one threshold.
    weights : mapping of str to float, optional
        Weight of every chain, by code; scaled so that they add up to 1. All equal by default.
    interests : mapping of str to sequence of str, optional
        Public interests that each chain serves, by code of the chain.

    Returns
    -------
    StackingAcrossChains

    Raises
    ------
    DataError
        If chains repeat or differ in threshold, or a weight is missing, negative or not finite.

    Examples
    --------
    >>> from geomonitor.chains import stack_chain
    >>> solar = stack_chain([[0.8], [0.5]], ["CHN"], ["wafer", "panel"], chain="solar")
    >>> chips = stack_chain([[0.2, 0.6]], ["CHN", "TWN"], ["chip"], chain="chips")
    >>> found = stack_across_chains([solar, chips], interests={"solar": ["transitions"]})
    >>> found.table.select("economy", "weighted_exposure", "chains_hit", "interests_hit").rows()
    [('CHN', 0.55, 1, 1), ('TWN', 0.3, 1, 0)]
    """
    codes = [each.chain for each in chains]
    if not chains or len(set(codes)) != len(codes) or len({each.threshold for each in chains}) > 1:
        raise DataError(
            "These chains cannot be taken together.",
            where=", ".join(codes) or "no chain",
            expected="at least one chain, each once, all with the same threshold",
        )
    share = _shares_of(codes, weights)
    economies = sorted({code for each in chains for code in each.economies})
    weighted = np.zeros(len(economies))
    high = np.zeros(len(economies))
    hit = np.zeros((len(chains), len(economies)), dtype=bool)
    above = np.zeros(len(economies), dtype=np.int64)
    main: list[str] = []
    for number, each in enumerate(chains):
        values = each.aligned(economies)
        weighted += share[each.chain] * np.nan_to_num(any_stage_exposure(values))
        high += share[each.chain] * any_stage_exposure(
            np.where(np.isnan(values), each.unknown_at_most[:, np.newaxis], values)
        )
        count = stages_above(values, each.threshold)
        hit[number] = count > 0
        above += count
        main += [code for code in each.main_suppliers() if code is not None]
    served = [
        sorted(
            {
                code
                for number in np.flatnonzero(hit[:, place])
                for code in (interests or {}).get(codes[number], ())
            }
        )
        for place in range(len(economies))
    ]
    counts = Counter(main)
    table = pl.DataFrame(
        {
            "economy": economies,
            "weighted_exposure": weighted,
            "weighted_exposure_high": high,
            "chains_hit": hit.sum(axis=0),
            "stages_above": above,
            "main_supplier_stages": [counts[code] for code in economies],
            "interests_hit": [len(each) for each in served],
            "interests": [";".join(each) for each in served],
        },
        schema_overrides={"economy": pl.String, "interests": pl.String},
    ).sort("weighted_exposure", "economy", descending=[True, False])
    return StackingAcrossChains(
        table=table,
        stage_concentration=portfolio_concentration(main),
        weights=share,
        known_chains=tuple(each.chain for each in chains if not np.isnan(each.dependencies).all()),
        threshold=chains[0].threshold,
    )


def _shares_of(codes: Sequence[str], weights: Mapping[str, float] | None) -> dict[str, float]:
    """Scale the weights of the chains to add up to 1."""
    given = dict.fromkeys(codes, 1.0) if weights is None else dict(weights)
    strange = sorted({*given} ^ {*codes})
    wrong = [code for code, weight in given.items() if not 0.0 <= weight < float("inf")]
    total = sum(given.values())
    if strange or wrong or not total > 0:
        named = ", ".join(strange or wrong) or "all of them 0"
        raise DataError(
            f"The weights of the chains do not fit: {named}.",
            where="option weights",
            expected=f"a number of at least 0 for each of {', '.join(codes)}, not all 0",
        )
    return {code: given[code] / total for code in codes}
