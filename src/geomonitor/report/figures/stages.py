"""Extraction beside processing: how concentrated each is, and its largest supplier against a benchmark."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.style import ACCENT, MUTED, PlainFigure, plain, styled
from geomonitor.report.language import Language, short_name

__all__ = ["STAGE_COLOURS", "benchmark_figure", "narrow_dumbbells", "stage_comparison_figure"]

# blue and amber are told apart by every reader; the shape says it too
STAGE_COLOURS = {"extraction": "#C77C02", "processing": ACCENT}
STAGE_SYMBOLS = {"extraction": "circle", "processing": "diamond"}
_STAGES = ("extraction", "processing")
_WARN = "#B03A2E"
_JOINED = "#C9D3DC"
_TOP_LEGEND = {
    "orientation": "h",
    "x": 0,
    "xref": "container",
    "y": 1.0,
    "yref": "container",
    "yanchor": "top",
    "traceorder": "normal",
}


def stage_comparison_figure(
    comparison: pl.DataFrame,
    names: Mapping[str, str],
    *,
    shares: bool = True,
    language: Language | None = None,
) -> go.Figure:
    """Draw how concentrated extraction and processing of each material are, by the difference.

    Parameters
    ----------
    comparison : polars.DataFrame
        One measure of one source: `material`, `extraction`, `processing` (between 0 and 1), `difference`,
        `extraction_supplier`, `processing_supplier` (economies; null where there is none to name).
    names : mapping of str to str
        Of the materials, by code.
    shares : bool
        Whether the measure is a share, drawn as a percentage; an index keeps its scale.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"material": ["cobalt"], "extraction": [0.63], "processing": [0.6],
    ...     "difference": [-0.03], "extraction_supplier": ["COD"], "processing_supplier": ["CHN"]})
    >>> [trace.x for trace in stage_comparison_figure(table, {"cobalt": "Cobalt"}).data]
    [(63.0, 60.0, None), (63.0,), (60.0,)]
    """
    say = language or Language("en")
    rows = list(
        comparison.filter(pl.col("extraction").is_not_null(), pl.col("processing").is_not_null())
        .sort(["difference", "material"], descending=[True, False])
        .iter_rows(named=True)
    )
    points = [{stage: (row[stage], row[f"{stage}_supplier"]) for stage in _STAGES} for row in rows]
    labels = [names.get(row["material"], row["material"]) for row in rows]
    return _dumbbells(points, labels, say, shares=shares)


def benchmark_figure(
    stages: pl.DataFrame,
    names: Mapping[str, str],
    *,
    benchmark: float = 0.65,
    home: Collection[str] = (),
    language: Language | None = None,
) -> go.Figure:
    """Draw the share of the largest supplier of each material and stage against a benchmark.

    Parameters
    ----------
    stages : polars.DataFrame
        One importer: `material`, `stage`, `main_supplier`, `main_supplier_share` (between 0 and 1), and
        where the share is an upper bound its lower one as `main_supplier_share_low`.
    names : mapping of str to str
        Of the materials, by code.
    benchmark : float
        Largest share of one third country, between 0 and 1.
    home : collection of str
        Economies to which the benchmark does not apply: their marks are hollow.
    language : Language, optional
        English by default.

    Examples
    --------
    >>> table = pl.DataFrame({"material": ["cobalt"], "stage": ["processing"], "main_supplier": ["CHN"],
    ...     "main_supplier_share": [0.7]})
    >>> benchmark_figure(table, {"cobalt": "Cobalt"}).data[2].x
    (70.0,)
    """
    say = language or Language("en")
    known = stages.filter(pl.col("main_supplier_share").is_not_null())
    order = (
        known.group_by("material")
        .agg(pl.col("main_supplier_share").max())
        .sort(["main_supplier_share", "material"], descending=[True, False])["material"]
        .to_list()
    )
    if "main_supplier_share_low" not in known.columns:
        known = known.with_columns(main_supplier_share_low=pl.col("main_supplier_share"))
    found: dict[str, dict[str, tuple[float, str | None]]] = {code: {} for code in order}
    least: dict[tuple[str, str], float] = {}
    for material, stage, supplier, share, low in known.select(
        "material", "stage", "main_supplier", "main_supplier_share", "main_supplier_share_low"
    ).iter_rows():
        found[material][stage] = (share, supplier)
        least[material, stage] = share if low is None else low
    figure = _dumbbells(
        list(found.values()),
        [names.get(code, code) for code in order],
        say,
        home=home,
    )
    _add_lower_bounds(figure, found, least)
    figure.add_shape(
        type="rect", x0=benchmark * 100, x1=106, y0=0, y1=1, yref="paper", fillcolor="#FBEDEA",
        line={"width": 0}, layer="below",
    )  # fmt: skip
    figure.add_vline(x=benchmark * 100, line={"color": _WARN, "width": 1.3, "dash": "dot"}, layer="below")
    figure.add_annotation(
        x=benchmark * 100, xanchor="left", y=1, yref="paper", yanchor="bottom", showarrow=False,
        text=say.say("figure.benchmark", share=say.share(benchmark)), font={"size": 11, "color": _WARN},
    )  # fmt: skip
    return figure


def _add_lower_bounds(
    figure: go.Figure,
    found: Mapping[str, Mapping[str, tuple[float, str | None]]],
    least: Mapping[tuple[str, str], float],
) -> None:
    """Draw a thin line from each mark that is an upper bound down to the lower one."""
    for trace, stage in zip(figure.data[1:], _STAGES, strict=True):
        rows = [(code, row[stage][0]) for code, row in found.items() if stage in row]
        trace.error_x = {
            "type": "data",
            "symmetric": False,
            "array": [0] * len(rows),
            "arrayminus": [_percent(share - least[code, stage]) for code, share in rows],
            "color": STAGE_COLOURS[stage],
            "thickness": 1,
            "width": 0,
        }


def narrow_dumbbells(figure: PlainFigure) -> PlainFigure:
    """Give a figure of joined marks as it is drawn on a narrow screen, with room for the codes."""
    axis = figure["layout"]["xaxis"]
    marks = [axis["ticktext"][place] for place in (0, 2, 4)]
    title = axis["title"]["text"].replace(" (", "<br>(").replace(", ", ",<br>")
    narrow = {
        **axis,
        "range": [-22, 124],
        "tickvals": [0, 50, 100],
        "ticktext": marks,
        "title": {"text": title},
    }
    return {**figure, "layout": {**figure["layout"], "xaxis": narrow}}


def _dumbbells(
    points: Sequence[Mapping[str, tuple[float, str | None]]],
    labels: Sequence[str],
    say: Language,
    *,
    shares: bool = True,
    home: Collection[str] = (),
) -> go.Figure:
    """Draw two marks a row, joined, each with the code of its supplier on the outer side."""
    joined: list[float | None] = []
    lines: list[int | None] = []
    for place, row in enumerate(points):
        if len(row) == 2:
            joined += [_percent(row["extraction"][0]), _percent(row["processing"][0]), None]
            lines += [place, place, None]
    figure = go.Figure()
    figure.add_scatter(
        x=joined,
        y=lines,
        mode="lines",
        line={"color": _JOINED, "width": 4},
        hoverinfo="skip",
        showlegend=False,
    )
    for stage in _STAGES:
        drawn = [(place, *row[stage]) for place, row in enumerate(points) if stage in row]
        wording = say.say(f"stage.{stage}")
        colour = STAGE_COLOURS[stage]
        figure.add_scatter(
            x=[_percent(value) for _, value, _ in drawn],
            y=[place for place, _, _ in drawn],
            mode="markers+text",
            name=_capital(wording),
            marker={
                "symbol": [
                    f"{STAGE_SYMBOLS[stage]}{'-open' if supplier in home else ''}" for _, _, supplier in drawn
                ],
                "size": 11,
                "color": colour,
                "line": {"width": 1.6, "color": colour},
            },
            text=[supplier or "" for _, _, supplier in drawn],
            textposition=[
                "middle right" if _outer(points[place], stage) else "middle left" for place, _, _ in drawn
            ],
            textfont={"size": 10, "color": MUTED},
            hovertext=[
                plain(
                    f"{labels[place]}: {say.economy(supplier) if supplier else wording}, "
                    f"{say.share(value, 1) if shares else say.number(value, 2)}"
                )
                for place, value, supplier in drawn
            ],
            hovertemplate=f"%{{hovertext}}<extra>{wording}</extra>",
            cliponaxis=False,
        )
    return styled(
        figure,
        say,
        height=104 + 22 * max(len(labels), 1),
        xaxis={
            "title": {"text": say.say("figure.percent_main_supplier" if shares else "figure.concentration")},
            # room for the codes beside marks at the ends
            "range": [-7, 106],
            "tickvals": [0, 25, 50, 75, 100],
            "ticktext": [
                say.number(part) if shares else say.number(part / 100, 2) for part in (0, 25, 50, 75, 100)
            ],
        },
        yaxis={
            "tickvals": list(range(len(labels))),
            "ticktext": [plain(short_name(label, 24)) for label in labels],
            "range": [len(labels) - 0.4, -0.6],
            "automargin": True,
            "showgrid": False,
            "ticks": "",
        },
        legend=_TOP_LEGEND,
        margin={"l": 120, "r": 12, "t": 52, "b": 52},
    )


def _percent(value: float) -> float:
    return round(value * 100, 2)


def _outer(row: Mapping[str, tuple[float, str | None]], stage: str) -> bool:
    """Say whether a mark is the right one of its row."""
    other = row.get("processing" if stage == "extraction" else "extraction")
    if other is None:
        return True
    return row[stage][0] > other[0] or (row[stage][0] == other[0] and stage == "processing")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
