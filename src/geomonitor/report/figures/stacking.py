"""Value chains: on whom dependencies stack across chains."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import ACCENT, plain, styled
from geomonitor.report.language import Language

__all__ = ["stacking_figure"]

_HATCH_COLOUR = "#C9CED4"


def stacking_figure(across: pl.DataFrame, *, language: Language | None = None) -> go.Figure:
    """Draw on whom dependencies stack across chains, with what unknown stages could add.

    Parameters
    ----------
    across : polars.DataFrame
        `economy`, `weighted_exposure`, `weighted_exposure_high` (between 0 and 1), `stages_above`;
        in the order of the rows.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"economy": ["CHN"], "weighted_exposure": [0.6], "weighted_exposure_high": [0.8],
    ...     "stages_above": [5]})
    >>> [trace.x for trace in stacking_figure(table).data]
    [(60.0,), (20.0,)]
    """
    say = language or Language("en")
    names = [plain(say.economy(code)) for code in across["economy"]]
    low = [value * 100 for value in across["weighted_exposure"]]
    high = [None if value is None else value * 100 for value in across["weighted_exposure_high"]]
    stages = [say.count("figure.stages_above", count) for count in across["stages_above"]]
    figure = go.Figure()
    figure.add_bar(
        x=low,
        y=names,
        orientation="h",
        name=say.say("figure.known_stages"),
        marker={"color": ACCENT},
        text=stages,
        textposition="auto",
        textangle=0,
        customdata=[say.number(value, 1) for value in low],
        hovertemplate="%{y}: %{customdata}%, %{text}<extra></extra>",
    )
    figure.add_bar(
        x=[None if most is None else max(0.0, most - least) for most, least in zip(high, low, strict=True)],
        y=names,
        orientation="h",
        name=say.say("figure.unknown_stages"),
        marker={
            "color": "#FFFFFF",
            "line": {"color": _HATCH_COLOUR, "width": 1},
            "pattern": {"shape": "/", "fgcolor": _HATCH_COLOUR, "size": 8, "solidity": 0.25},
        },
        customdata=[say.number(value, 1) for value in high],
        hovertemplate="%{y}: ≤ %{customdata}%<extra></extra>",
    )
    return styled(
        figure,
        say,
        height=110 + 26 * max(len(names), 1),
        barmode="stack",
        bargap=0.25,
        xaxis={"title": {"text": say.say("figure.percent")}, "range": [0, 100], "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
        },
        margin={"l": 120, "r": 12, "t": 46, "b": 44},
    )
