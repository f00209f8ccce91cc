"""Two-way dependence between an importer and its counterparts."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import ACCENT, styled
from geomonitor.report.language import Language

__all__ = ["two_way_figure"]


def two_way_figure(
    relations: pl.DataFrame, *, importer: str, language: Language | None = None
) -> go.Figure:
    """Draw, by counterpart, products on which each side depends on the other.

    Parameters
    ----------
    relations : polars.DataFrame
        `counterpart`, `on_count` (products on which the importer depends on the counterpart) and
        `of_count` (the other way round), largest first.
    importer : str
        Name of the importer.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"counterpart": ["CHN"], "on_count": [3], "of_count": [1]})
    >>> [trace.x for trace in two_way_figure(table, importer="Netherlands").data]
    [(-3,), (1,)]
    """
    say = language or Language("en")
    names = [say.economy(code) for code in relations["counterpart"]]
    most = max([1, *relations["on_count"].to_list(), *relations["of_count"].to_list()])
    step = max(1, round(most / 4))
    ticks = list(range(0, most + step, step))
    figure = go.Figure()
    for column, sign, key, colour in (
        ("on_count", -1, "figure.depends_on", ACCENT),
        ("of_count", 1, "figure.depended_by", "#C98A1B"),
    ):
        counts = relations[column].to_list()
        figure.add_bar(
            y=names,
            x=[sign * count for count in counts],
            orientation="h",
            name=say.say(key, importer=importer),
            text=[str(count) if count else "" for count in counts],
            textposition="outside",
            cliponaxis=False,
            marker={"color": colour},
            hovertemplate=f"%{{y}}: %{{text}}<extra>{say.say(key, importer=importer)}</extra>",
        )
    return styled(
        figure,
        say,
        height=110 + 26 * max(len(names), 1),
        barmode="relative",
        bargap=0.3,
        xaxis={
            "tickvals": [*[-tick for tick in reversed(ticks[1:])], *ticks],
            "ticktext": [*[str(tick) for tick in reversed(ticks[1:])], *[str(tick) for tick in ticks]],
            "range": [-(most + step), most + step],
            "title": {"text": say.say("figure.products")},
            "zeroline": True,
        },
        yaxis={"autorange": "reversed", "automargin": True},
        margin={"l": 120, "r": 12, "t": 8, "b": 44},
    )
