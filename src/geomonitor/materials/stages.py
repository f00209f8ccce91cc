"""Is processing more concentrated than extraction? Material by material, with the count for and against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

__all__ = ["StageComparison", "compare_stages"]


@dataclass(frozen=True, slots=True)
class StageComparison:
    """The two stages of every material side by side.

    Attributes
    ----------
    table : polars.DataFrame
        One row a material that has both stages: `material`, `measure`, `source`, `years`,
        `extraction_supplier`, `extraction`, `processing_supplier`, `processing`, `difference`
        (processing less extraction) and `more_concentrated` ("processing", "extraction" or "equal").
    single_stage : tuple of str
        Materials with one stage only: nothing to compare.
    """

    table: pl.DataFrame
    single_stage: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many materials are more concentrated at processing, at extraction, or equally.

        Examples
        --------
        >>> frame = pl.DataFrame({"material": "cobalt", "stage": ["extraction", "processing"],
        ...                       "value": [0.63, 0.7], "supplier": ["COD", "CHN"]})
        >>> compare_stages(frame).counts
        {'processing': 1, 'extraction': 0, 'equal': 0}
        """
        found = dict(self.table.group_by("more_concentrated").len().iter_rows())
        return {each: int(found.get(each, 0)) for each in ("processing", "extraction", "equal")}

    def plot(self) -> Any:
        """Draw both stages of every material."""
        import plotly.graph_objects as go

        rows = self.table.sort("difference")
        names = rows["material"].to_list()
        figure = go.Figure()
        for low, high, name in rows.select("extraction", "processing", "material").iter_rows():
            figure.add_scatter(
                x=[low, high], y=[name, name], mode="lines", line_color="#999", showlegend=False
            )
        for stage, symbol in (("extraction", "circle"), ("processing", "diamond")):
            figure.add_scatter(
                x=rows[stage].to_list(), y=names, mode="markers", name=stage, marker_symbol=symbol
            )
        figure.update_layout(xaxis_title=rows["measure"][0] if rows.height else "")
        return figure


def compare_stages(
    values: pl.DataFrame,
    *,
    measure: str = "concentration",
    source: str = "",
    years: str = "",
    tolerance: float = 1e-9,
) -> StageComparison:
    """Compare extraction with processing for every material that has both.

    Parameters
    ----------
    values : polars.DataFrame
        `material`, `stage`, `value` (a concentration or a share) and `supplier` (the largest).
    measure, source, years : str
        What the values are, for the table.
    tolerance : float
        Below which a difference counts as none.

    Returns
    -------
    StageComparison

    Examples
    --------
    >>> frame = pl.DataFrame({"material": ["a", "a", "b"], "value": [0.5, 0.3, 0.9],
    ...                       "stage": ["extraction", "processing", "extraction"], "supplier": "BRA"})
    >>> compare_stages(frame).single_stage
    ('b',)
    """
    known = values.filter(pl.col("value").is_not_null())
    sides = {
        stage: known.filter(pl.col("stage") == stage).select(
            "material", pl.col("supplier").alias(f"{stage}_supplier"), pl.col("value").alias(stage)
        )
        for stage in ("extraction", "processing")
    }
    both = sides["extraction"].join(sides["processing"], on="material", how="inner")
    difference = pl.col("processing") - pl.col("extraction")
    table = both.select(
        "material",
        measure=pl.lit(measure),
        source=pl.lit(source),
        years=pl.lit(years),
        extraction_supplier="extraction_supplier",
        extraction="extraction",
        processing_supplier="processing_supplier",
        processing="processing",
        difference=difference,
        more_concentrated=pl.when(difference > tolerance)
        .then(pl.lit("processing"))
        .when(difference < -tolerance)
        .then(pl.lit("extraction"))
        .otherwise(pl.lit("equal")),
    ).sort("difference", "material", descending=[True, False])
    single = set(known["material"]) - set(table["material"])
    return StageComparison(table, tuple(sorted(single)))
