"""The criticality plane: economic importance against supply risk, and the moves between assessments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from geomonitor.report.figures.labels import place_labels
from geomonitor.report.figures.style import (
    ACCENT,
    INK,
    MUTED,
    PlainFigure,
    as_figure,
    level_line,
    plain,
    plain_figure,
    upright_line,
)
from geomonitor.report.language import Language, short_name

__all__ = ["criticality_figure", "plain_criticality_figure"]

_COMPUTED = "#B9770E"
_AREA = "#FBF3E4"
_MOVES = "#CBD2D9"
_PATH = "#882255"
_MARGIN = {"l": 46, "r": 14, "t": 44, "b": 46}
# a narrow screen has a legend of more rows
_NARROW_TOP = 104
_HEIGHT = 600
# before 2017 the method was another one: those values are not on this scale
_FIRST_YEAR = 2017
_NO_VALUES = pl.DataFrame(
    schema=dict.fromkeys(("supply_risk", "supply_risk_low", "supply_risk_high"), pl.Float64)
    | {"material": pl.String}
)
# pixels: of the column of the page, and below which a screen is narrow
_WIDE = 850
_NARROW = 500


def criticality_figure(
    published: pl.DataFrame,
    names: Mapping[str, str],
    *,
    computed: pl.DataFrame | None = None,
    computed_name: str = "",
    highlight: str | None = None,
    supply_risk_threshold: float = 1.0,
    economic_importance_threshold: float = 2.8,
    first_year: int = _FIRST_YEAR,
    width: int = _WIDE,
    language: Language | None = None,
) -> go.Figure:
    """Draw materials by economic importance and supply risk; the critical area is shaded.

    Parameters
    ----------
    published : polars.DataFrame
        `material`, `year`, `supply_risk`, `economic_importance` (nulls where not assessed), `critical`
        (by the rule) and `listed` (on the published list; null where not known). The latest assessment
        of a material is its marked point, the others a thin line that leads there.
    names : mapping of str to str
        Of the materials, by code.
    computed : polars.DataFrame, optional
        `material`, `supply_risk`, `supply_risk_low`, `supply_risk_high`: a second mark at the published
        economic importance, with the bounds as bars; bounds without a value have no mark.
    computed_name : str
        What the second marks are, in the legend.
    highlight : str, optional
        A material whose moves are drawn boldly, with years; the others fade, and only its own second
        mark stays.
    supply_risk_threshold, economic_importance_threshold : float
    first_year : int
        Assessments before it are left out: up to 2014 the method was another one.
    width : int
        Pixels, for which room for labels is sought; labels without room are in the hover text only.
    language : Language, optional
        English by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> table = pl.DataFrame({"material": ["tungsten"] * 2, "year": [2020, 2023], "supply_risk": [1.6, 1.2],
    ...     "economic_importance": [8.1, 8.7], "critical": [True, True], "listed": [True, True]})
    >>> figure = criticality_figure(table, {"tungsten": "Tungsten"})
    >>> [(trace.name, trace.x) for trace in figure.data][2]
    ('Critical by the rule', (8.7,))
    """
    return as_figure(
        plain_criticality_figure(
            published,
            names,
            computed=computed,
            computed_name=computed_name,
            highlight=highlight,
            supply_risk_threshold=supply_risk_threshold,
            economic_importance_threshold=economic_importance_threshold,
            first_year=first_year,
            width=width,
            language=language,
        )
    )


def plain_criticality_figure(
    published: pl.DataFrame,
    names: Mapping[str, str],
    *,
    computed: pl.DataFrame | None = None,
    computed_name: str = "",
    highlight: str | None = None,
    supply_risk_threshold: float = 1.0,
    economic_importance_threshold: float = 2.8,
    first_year: int = _FIRST_YEAR,
    width: int = _WIDE,
    language: Language | None = None,
) -> PlainFigure:
    """Make the same figure as plain data, for pages that hold many states of it."""
    say = language or Language("en")
    wide = width > _NARROW
    known = published.filter(
        pl.col("year") >= first_year,
        pl.col("supply_risk").is_not_null(),
        pl.col("economic_importance").is_not_null(),
    ).sort("material", "year")
    latest = known.group_by("material", maintain_order=True).last()
    second = _second(latest, computed, highlight)
    # the ends leave room for every own value, so that axes stay where they are when another is chosen
    most_x, most_y = _ranges(known, _second(latest, computed, None))
    path = known.clear() if highlight is None else known.filter(pl.col("material") == highlight)
    annotations = [
        _threshold(say.number(supply_risk_threshold, 1), x=0, y=supply_risk_threshold, xref="paper",
                   xanchor="left", yanchor="bottom"),
        _threshold(say.number(economic_importance_threshold, 1), x=economic_importance_threshold, y=1,
                   yref="paper", xanchor="right", yanchor="top"),
        _threshold(say.say("figure.critical_area"), x=1, y=1, xref="paper", yref="paper", xanchor="right",
                   yanchor="top", font={"size": 11, "color": _COMPUTED}),
        *_years(path, names, most_x, second["supply_risk"].to_list()),
    ]  # fmt: skip
    return plain_figure(
        [
            _moves(known),
            *_points(latest, names, (most_x, most_y), second, say, wide=wide, faded=highlight is not None),
            _second_marks(second, names, computed_name, say),
            _path(path),
        ],
        say,
        height=_HEIGHT,
        annotations=annotations,
        shapes=[
            {"type": "rect", "x0": economic_importance_threshold, "x1": most_x,
             "y0": supply_risk_threshold, "y1": most_y, "fillcolor": _AREA, "line": {"width": 0},
             "layer": "below"},
            {**level_line(supply_risk_threshold, color=INK, width=1, dash="dot"), "layer": "below"},
            {**upright_line(economic_importance_threshold, color=INK, width=1, dash="dot"), "layer": "below"},
        ],
        xaxis={"title": {"text": say.say("figure.economic_importance")}, "range": [0, most_x], "nticks": 10},
        yaxis={"title": {"text": say.say("figure.supply_risk")}, "range": [0, most_y], "nticks": 8},
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1.0,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
        },
        margin=_MARGIN if wide else {**_MARGIN, "t": _NARROW_TOP},
    )  # fmt: skip


def _second(latest: pl.DataFrame, computed: pl.DataFrame | None, highlight: str | None) -> pl.DataFrame:
    """Put own values at the published economic importance of the same material."""
    own = computed if computed is not None else _NO_VALUES
    found = latest.select("material", "economic_importance").join(
        own.select(
            "material",
            exact=pl.col("supply_risk").is_not_null(),
            least=pl.coalesce("supply_risk_low", "supply_risk").cast(pl.Float64),
            most=pl.coalesce("supply_risk_high", "supply_risk").cast(pl.Float64),
            value=pl.col("supply_risk").cast(pl.Float64),
        ),
        on="material",
    )
    found = found.filter(pl.col("least").is_not_null(), pl.col("most").is_not_null()).with_columns(
        supply_risk=pl.coalesce("value", (pl.col("least") + pl.col("most")) / 2)
    )
    return found if highlight is None else found.filter(pl.col("material") == highlight)


def _ranges(known: pl.DataFrame, second: pl.DataFrame) -> tuple[float, float]:
    """End the axes above the largest values."""
    most_y = max([*known["supply_risk"].to_list(), *second["most"].to_list(), 1.5])
    most_x = max([*known["economic_importance"].to_list(), 5.0])
    return most_x * 1.06, most_y * 1.08


def _moves(known: pl.DataFrame) -> dict[str, Any]:
    across: list[float | None] = []
    up: list[float | None] = []
    for _, part in known.group_by("material", maintain_order=True):
        # in the crowd below the thresholds lines say nothing
        if part.height > 1 and part["critical"].fill_null(value=False).any():
            across += [*part["economic_importance"].to_list(), None]
            up += [*part["supply_risk"].to_list(), None]
    return {
        "type": "scatter", "x": across, "y": up, "mode": "lines", "line": {"color": _MOVES, "width": 0.9},
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _points(
    latest: pl.DataFrame, names: Mapping[str, str], ends: tuple[float, float], second: pl.DataFrame,
    say: Language, *, wide: bool, faded: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    critical = pl.col("critical").fill_null(value=False)
    listed = pl.col("listed").fill_null(value=False) & ~critical
    # names of critical materials are placed first, those in the crowd below last
    ranked = latest.with_columns(
        kind=pl.when(critical).then(pl.lit(0)).when(listed).then(pl.lit(1)).otherwise(pl.lit(2))
    ).sort(["kind", "supply_risk", "economic_importance"], descending=[False, True, True])
    inner_width = (_WIDE if wide else 340) - _MARGIN["l"] - _MARGIN["r"]
    inner_height = _HEIGHT - (_MARGIN["t"] if wide else _NARROW_TOP) - _MARGIN["b"]
    labels = [short_name(names.get(code, code), 28 if wide else 14) for code in ranked["material"]]

    def pixels(table: pl.DataFrame) -> tuple[tuple[float, float], ...]:
        return tuple(
            (x / ends[0] * inner_width, y / ends[1] * inner_height)
            for x, y in table.select("economic_importance", "supply_risk").iter_rows()
        )

    places = place_labels(
        pixels(ranked),
        tuple(labels),
        width=inner_width,
        height=inner_height,
        # names stay where they are while one material is followed
        others=() if faded else pixels(second),
    )
    rows = list(zip(ranked.iter_rows(named=True), labels, places, strict=True))
    kinds: tuple[tuple[int, str, dict[str, Any], str], ...] = (
        (2, "not_critical", {"symbol": "circle-open", "color": MUTED, "line": {"width": 1.3}}, MUTED),
        (0, "critical", {"symbol": "circle", "color": ACCENT}, INK),
        (1, "listed_only", {"symbol": "square", "color": "#5B8DB8"}, INK),
    )
    traces = []
    for kind, key, marker, colour in kinds:
        part = [each for each in rows if each[0]["kind"] == kind]
        traces.append(
            {
                "type": "scatter",
                "x": [round(row["economic_importance"], 3) for row, _, _ in part],
                "y": [round(row["supply_risk"], 3) for row, _, _ in part],
                "mode": "markers+text",
                "name": say.say(f"figure.{key}"),
                "marker": {"size": 9, **marker},
                "text": [plain(label) if place else "" for _, label, place in part],
                "textposition": [place or "top center" for _, _, place in part],
                "textfont": {"size": 11, "color": colour},
                "hovertext": [
                    plain(f"{names.get(row['material'], row['material'])}, {row['year']}")
                    for row, _, _ in part
                ],
                "hovertemplate": (
                    f"%{{hovertext}}<br>{say.say('figure.supply_risk')}: %{{y:.1f}}<br>"
                    f"{say.say('figure.economic_importance')}: %{{x:.1f}}<extra></extra>"
                ),
                "opacity": 0.3 if faded else 1,
                "showlegend": bool(part),
                "cliponaxis": False,
            }
        )
    return traces


def _second_marks(second: pl.DataFrame, names: Mapping[str, str], name: str, say: Language) -> dict[str, Any]:
    rows = list(second.iter_rows(named=True))
    return {
        "type": "scatter",
        "x": [round(row["economic_importance"], 3) for row in rows],
        "y": [round(row["supply_risk"], 3) for row in rows],
        "mode": "markers",
        "name": plain(name),
        # bounds alone have no mark between them
        "marker": {
            "symbol": "diamond-open",
            "size": 9,
            "color": _COMPUTED,
            "opacity": [1 if row["exact"] else 0 for row in rows],
            "line": {"width": 1.8},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [_apart(row["most"], row["supply_risk"]) for row in rows],
            "arrayminus": [_apart(row["supply_risk"], row["least"]) for row in rows],
            "color": _COMPUTED,
            "thickness": 1,
            "width": 3,
        },
        "hovertext": [
            plain(
                f"{names.get(row['material'], row['material'])}: "
                f"{say.number(row['value'], 2)} "
                f"({say.number(row['least'], 2)}–{say.number(row['most'], 2)})"
            )
            for row in rows
        ],
        "hovertemplate": f"%{{hovertext}}<extra>{plain(name)}</extra>",
        "showlegend": bool(rows),
        "cliponaxis": False,
    }


def _apart(more: float, less: float) -> float | None:
    """Give the length of a bar; none rather than a bar without length."""
    return round(more - less, 3) if more - less > 0.005 else None


def _path(path: pl.DataFrame) -> dict[str, Any]:
    """Draw the moves of one material boldly."""
    return {
        "type": "scatter",
        "x": path["economic_importance"].to_list(),
        "y": path["supply_risk"].to_list(),
        "mode": "lines+markers",
        "line": {"color": _PATH, "width": 2.5},
        "marker": {"size": [6] * (path.height - 1) + [12], "color": _PATH},
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }


def _years(
    path: pl.DataFrame, names: Mapping[str, str], most_x: float, own: list[float]
) -> list[dict[str, Any]]:
    """Write the years of the moves as annotations, which have a ground of their own."""
    rows = list(path.iter_rows(named=True))
    texts = []
    for number, row in enumerate(rows):
        last = number == len(rows) - 1
        year = f"<b>{plain(names.get(row['material'], row['material']))} {row['year']}</b>"
        # on the side away from the line
        other = rows[number - 1 if last else number + 1] if len(rows) > 1 else row
        above = row["supply_risk"] >= other["supply_risk"]
        # and away from the own value
        covers = last and any(0 < (each - row["supply_risk"]) * (1 if above else -1) < 0.5 for each in own)
        at_the_edge = last and row["economic_importance"] > 0.8 * most_x
        texts.append(
            {
                "x": row["economic_importance"],
                "y": row["supply_risk"],
                "text": year if last else str(row["year"]),
                "showarrow": False,
                "xanchor": "right" if at_the_edge else "center",
                "xshift": 14 if at_the_edge else 0,
                "yshift": (36 if covers else 17 if last else 12) * (1 if above else -1),
                "bgcolor": "rgba(255,255,255,0.8)",
                "font": {"size": 12 if last else 10.5, "color": _PATH},
            }
        )
    return texts


def _threshold(text: str, **place: Any) -> dict[str, Any]:
    return {"text": text, "showarrow": False, "font": {"size": 11, "color": MUTED}, **place}
