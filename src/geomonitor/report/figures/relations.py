"""Two-way trade and dependence between an importer and its counterparts."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import ACCENT, styled
from geomonitor.report.language import Language

__all__ = ["two_way_figure"]


def two_way_figure(relations: pl.DataFrame, *, language: Language | None = None) -> go.Figure:
    """Draw trade with counterparts both ways, and the part of it on which a side depends.

    Parameters
    ----------
    relations : polars.DataFrame
        `counterpart`; `on_kusd` (imports of products for which it is the main supplier of a
        dependence) and `on_total_kusd` (all imports from it); `of_kusd` and `of_total_kusd` (the same
        of exports to it, by its dependence); thousand dollars a year, totals null where not known.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"counterpart": ["CHN"], "on_kusd": [3e3], "on_total_kusd": [5e3],
    ...     "of_kusd": [0.0], "of_total_kusd": [1e3]})
    >>> [trace.x for trace in two_way_figure(table).data]
    [(-3.0,), (-2.0,), (0.0,), (1.0,)]
    """
    say = language or Language("en")
    names = [say.economy(code) for code in relations["counterpart"]]
    figure = go.Figure()
    most = 1.0
    for prefix, sign, key, dark, light in (
        ("on", -1, "imports", ACCENT, "#AEC4D4"),
        ("of", 1, "exports", "#B9770E", "#EBD3A6"),
    ):
        dependent = [value / 1000 for value in relations[f"{prefix}_kusd"]]
        total = [
            None if value is None else value / 1000 for value in relations[f"{prefix}_total_kusd"].to_list()
        ]
        rest = [
            max(0.0, (whole if whole is not None else part) - part)
            for whole, part in zip(total, dependent, strict=True)
        ]
        most = max(most, *(part + other for part, other in zip(dependent, rest, strict=True)))
        for values, part_key, colour in ((dependent, "dependent", dark), (rest, "rest", light)):
            name = say.say(f"figure.{key}_{part_key}")
            figure.add_bar(
                y=names,
                x=[sign * value for value in values],
                orientation="h",
                name=name,
                customdata=[say.number(value, 1) for value in values],
                marker={"color": colour},
                hovertemplate=f"%{{y}}: %{{customdata}} {say.say('figure.musd_a_year')}<extra>{name}</extra>",
            )
    step = _step(most)
    ticks = [step * number for number in range(-4, 5) if abs(step * number) <= most * 1.05 or number == 0]
    return styled(
        figure,
        say,
        height=140 + 30 * max(len(names), 1),
        barmode="relative",
        bargap=0.3,
        xaxis={
            "tickvals": ticks,
            "ticktext": [say.number(abs(tick), 0 if step >= 1 else 1) for tick in ticks],
            "range": [-most * 1.05, most * 1.05],
            "title": {
                "text": f"{say.say('figure.from_there')}   {say.say('figure.musd_a_year')}   "
                f"{say.say('figure.to_there')}"
            },
            "zeroline": True,
            "zerolinecolor": "#52606D",
        },
        yaxis={"autorange": "reversed", "automargin": True},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 120, "r": 12, "t": 8, "b": 48},
    )


def _step(most: float) -> float:
    """Choose a round step that gives at most four ticks on each side."""
    step = 10.0 ** (len(str(int(most))) - 2)
    while most / step > 4:
        for factor in (2.0, 2.5, 2.0):
            step *= factor
            if most / step <= 4:
                break
    return step
