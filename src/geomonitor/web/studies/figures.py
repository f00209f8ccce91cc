"""Figures that only the pages have: heat maps of stages, and a treemap of raw materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geomonitor.report.content import SUPPLIER_COLOURS
from geomonitor.report.figures.style import INK, PlainFigure, plain, plain_figure
from geomonitor.report.language import Language

__all__ = [
    "StageCell",
    "material_treemap",
    "narrow_heat_map",
    "share_heat_map",
    "supplier_colours",
    "supplier_heat_map",
]

_OTHER = "#C9CED4"
_UNKNOWN = "#F2F2EE"
_MORE = ("#B35806", "#5AAE61", "#7B3294", "#F4A582")
_SHADES = ("#EEF1F4", "#C6DBEF", "#9ECAE1", "#6BAED6", "#3182BD", "#08519C")
_RISK = ((0.0, "#D5D8DC"), (0.5, "#F3E3B3"), (1.0, "#E08E45"), (2.0, "#CC6677"), (3.0, "#882255"))
# colours that a page turns dark with itself, as it does the ink on them
_TURNED = frozenset({_UNKNOWN, "#D5D8DC", "#F3E3B3"})
_ROW = 38
_DARK = 140


@dataclass(frozen=True, slots=True)
class StageCell:
    """A stage of a chain as a heat map shows it.

    Attributes
    ----------
    row : str
        Name of the chain.
    place : int
    stage : str
        Name of the stage.
    supplier : str or None
        Code; none where the suppliers are not known.
    share : float or None
    note : str
        Where the share comes from.
    """

    row: str
    place: int
    stage: str
    supplier: str | None
    share: float | None
    note: str


def supplier_colours(suppliers: Sequence[str], kept: Mapping[str, str]) -> dict[str, str]:
    """Give colours to suppliers in order of their weight: those that they have elsewhere are kept.

    Examples
    --------
    >>> supplier_colours(["CHN", "USA"], {"USA": "#CC6677"})
    {'USA': '#CC6677', 'CHN': '#332288'}
    """
    found = {code: kept[code] for code in suppliers if code in kept}
    free = [colour for colour in (*SUPPLIER_COLOURS, *_MORE) if colour not in kept.values()]
    rest = [code for code in suppliers if code not in found]
    return {**found, **dict(zip(rest, free, strict=False))}


def supplier_heat_map(
    cells: Sequence[StageCell], colours: Mapping[str, str], *, language: Language, other: str, unknown: str
) -> PlainFigure:
    """Draw every stage of every chain in the colour of its largest supplier.

    Parameters
    ----------
    cells : sequence of StageCell
    colours : mapping of str to str
        By supplier; others are grey.
    language : Language
    other, unknown : str
        Their names in the legend.

    Examples
    --------
    >>> cells = [StageCell("Solar", 1, "Silicon", "CHN", 0.8, "trade"), StageCell("Solar", 2, "Cells", None,
    ...     None, "no source")]
    >>> figure = supplier_heat_map(cells, {"CHN": "#332288"}, language=Language("en"), other="Other",
    ...     unknown="not known")
    >>> figure["data"][0]["z"], [trace["name"] for trace in figure["data"][2:]]
    ([[0, 2]], ['China', 'not known'])
    """
    codes = list(colours)
    palette = [*colours.values(), _OTHER, _UNKNOWN]
    rows = list(dict.fromkeys(cell.row for cell in cells))
    places = sorted({cell.place for cell in cells})
    number = {
        (cell.row, cell.place): len(codes) + 1
        if cell.supplier is None
        else codes.index(cell.supplier)
        if cell.supplier in colours
        else len(codes)
        for cell in cells
    }
    used = sorted(set(number.values()))
    names = [*(language.economy(code) for code in codes), other, unknown]
    steps: list[list[Any]] = []
    for place, colour in enumerate(palette):
        steps += [[place / len(palette), colour], [(place + 1) / len(palette), colour]]
    legend = [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "markers",
            "marker": {"symbol": "square", "size": 11, "color": palette[each]},
            "name": plain(names[each]),
        }
        for each in used
    ]
    known = [cell for cell in cells if cell.supplier is not None]
    texts = {
        "type": "scatter",
        "mode": "text",
        "x": [cell.place for cell in known],
        "y": [plain(cell.row) for cell in known],
        "text": [f"{cell.supplier}<br>{language.share(cell.share)}" for cell in known],
        "textfont": {
            "size": 10,
            "color": [_readable(palette[number[cell.row, cell.place]]) for cell in known],
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }
    heat = {
        **_grid(cells, rows, places, language),
        "z": [[number.get((row, place)) for place in places] for row in rows],
        "zmin": -0.5,
        "zmax": len(palette) - 0.5,
        "colorscale": steps,
        "showscale": False,
    }
    figure = _stages_figure([heat, texts, *legend], rows, places, language)
    figure["layout"]["showlegend"] = True
    return figure


def share_heat_map(cells: Sequence[StageCell], *, language: Language) -> PlainFigure:
    """Draw the share of one supplier in every stage of every chain.

    Parameters
    ----------
    cells : sequence of StageCell
        Share of the supplier; none where the suppliers are not known.
    language : Language

    Examples
    --------
    >>> cells = [StageCell("Solar", 1, "Silicon", "CHN", 0.8, "trade")]
    >>> share_heat_map(cells, language=Language("nl"))["data"][0]["z"]
    [[80.0]]
    """
    rows = list(dict.fromkeys(cell.row for cell in cells))
    places = sorted({cell.place for cell in cells})
    shares = {(cell.row, cell.place): cell.share for cell in cells}
    known = [cell for cell in cells if cell.share is not None]
    heat = {
        **_grid(cells, rows, places, language),
        "z": [
            [None if (value := shares.get((row, place))) is None else value * 100 for place in places]
            for row in rows
        ],
        "zmin": 0,
        "zmax": 100,
        "colorscale": [[place / (len(_SHADES) - 1), colour] for place, colour in enumerate(_SHADES)],
        "colorbar": {
            "orientation": "h", "y": 1, "yanchor": "bottom", "thickness": 9, "len": 0.5, "x": 0,
            "xanchor": "left", "ticksuffix": "%", "nticks": 5, "outlinewidth": 0,
        },
    }  # fmt: skip
    texts = {
        "type": "scatter",
        "mode": "text",
        "x": [cell.place for cell in known],
        "y": [plain(cell.row) for cell in known],
        "text": [language.share(cell.share) for cell in known],
        "textfont": {
            "size": 10,
            "color": ["#FFFFFF" if (cell.share or 0) > 0.6 else INK for cell in known],
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return _stages_figure([heat, texts], rows, places, language)


def narrow_heat_map(figure: PlainFigure) -> PlainFigure:
    """Draw a heat map of stages for a telephone: names in two lines, no numbers in cells, the legend below.

    Parameters
    ----------
    figure : PlainFigure
        Of `supplier_heat_map` or `share_heat_map`.

    Examples
    --------
    >>> cells = [StageCell("Hard metals and alloys", 1, "Ore", "CHN", 0.8, "trade")]
    >>> made = narrow_heat_map(share_heat_map(cells, language=Language("en")))
    >>> made["layout"]["yaxis"]["ticktext"], made["data"][1]["text"]
    (['Hard metals and<br>alloys'], [])
    """
    heat, texts, *legend = figure["data"]
    rows = list(heat["y"])
    below = 34 + 20 * len(legend)
    above = 0 if legend else 40
    layout = {
        **figure["layout"],
        "height": above + 8 + _ROW * max(len(rows), 1) + below,
        "margin": {"l": 112, "r": 4, "t": 8 + above, "b": below},
        "yaxis": {
            **figure["layout"]["yaxis"],
            "automargin": False,
            "tickvals": rows,
            "ticktext": [_two_lines(row) for row in rows],
            "tickfont": {"size": 10},
        },
        "xaxis": {**figure["layout"]["xaxis"], "tickangle": 0, "tickfont": {"size": 9}},
        "legend": {
            **figure["layout"]["legend"], "x": 0, "xref": "container", "y": 0, "yref": "container",
            "yanchor": "bottom",
        },
    }  # fmt: skip
    if "colorbar" in heat:
        heat = {**heat, "colorbar": {**heat["colorbar"], "len": 1, "nticks": 3}}
    return {"data": [heat, {**texts, "text": []}, *legend], "layout": layout}


def _two_lines(text: str, width: int = 16) -> str:
    """Break a name in two lines, and cut what is left.

    Examples
    --------
    >>> _two_lines("Permanent magnets for wind turbines")
    'Permanent magnets<br>for wind…'
    """
    words, first = text.split(" "), ""
    while words and len(f"{first} {words[0]}".strip()) <= max(width + 1, len(words[0])):
        first = f"{first} {words.pop(0)}".strip()
    rest = " ".join(words)
    if len(rest) > width:
        cut = rest[: width - 1]
        rest = (cut[: cut.rindex(" ")] if " " in cut else cut) + "…"
    return f"{first}<br>{rest}" if rest else first


def material_treemap(
    parts: Sequence[tuple[str, str, float, float | None, str]],
    *,
    language: Language,
    groups: Mapping[str, str],
) -> PlainFigure:
    """Draw raw materials as areas of their import value, coloured by supply risk.

    Parameters
    ----------
    parts : sequence of (str, str, float, float or None, str)
        Name, group (a key of `groups`), value in thousand dollars, supply risk, and what the pointer says.
    language : Language
    groups : mapping of str to str
        Their names.

    Examples
    --------
    >>> figure = material_treemap([("Tungsten", "extraction", 5.0, 1.2, "")], language=Language("en"),
    ...     groups={"extraction": "Extraction"})
    >>> figure["data"][0]["labels"], figure["data"][0]["values"]
    (['Extraction', 'Tungsten'], [5.0, 5.0])
    """
    present = [code for code in groups if any(each[1] == code for each in parts)]
    sums = {code: sum(each[2] for each in parts if each[1] == code) for code in present}
    colours = [_OTHER for _ in present] + [_risk_colour(each[3]) for each in parts]
    trace = {
        "type": "treemap",
        "ids": [*present, *(f"{group}/{name}" for name, group, *_ in parts)],
        "labels": [plain(groups[code]) for code in present] + [plain(each[0]) for each in parts],
        "parents": ["" for _ in present] + [each[1] for each in parts],
        "values": [sums[code] for code in present] + [each[2] for each in parts],
        "text": [language.money(sums[code]) for code in present]
        + [language.money(each[2]) for each in parts],
        "hovertext": ["" for _ in present] + [each[4] for each in parts],
        "hoverinfo": "label+text",
        "hovertemplate": "%{label}<br>%{text}<br>%{hovertext}<extra></extra>",
        "branchvalues": "total",
        "textinfo": "label+text",
        "marker": {"colors": colours, "line": {"color": "#FFFFFF", "width": 1}},
        "textfont": {"color": [_readable(each) for each in colours]},
        "tiling": {"pad": 2},
        "pathbar": {"visible": False},
    }
    return plain_figure([trace], language, height=420, margin={"l": 0, "r": 0, "t": 4, "b": 4})


def _grid(
    cells: Sequence[StageCell], rows: Sequence[str], places: Sequence[int], language: Language
) -> dict[str, Any]:
    said = {
        (cell.row, cell.place): "<br>".join(
            plain(part)
            for part in (
                cell.stage,
                f"{language.economy(cell.supplier)} {language.share(cell.share, 1)}" if cell.supplier else "",
                cell.note,
            )
            if part
        )
        for cell in cells
    }
    return {
        "type": "heatmap",
        "x": list(places),
        "y": [plain(row) for row in rows],
        "customdata": [[said.get((row, place), "") for place in places] for row in rows],
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
    }


def _stages_figure(
    traces: list[dict[str, Any]], rows: Sequence[str], places: Sequence[int], language: Language
) -> PlainFigure:
    return plain_figure(
        traces,
        language,
        height=110 + _ROW * max(len(rows), 1),
        xaxis={
            "tickvals": list(places), "showgrid": False, "ticks": "", "side": "bottom",
            "range": [min(places, default=1) - 0.5, max(places, default=1) + 0.5],
        },
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
        margin={"l": 210, "r": 8, "t": 64, "b": 30},
    )  # fmt: skip


def _risk_colour(risk: float | None) -> str:
    """Give the colour of a supply risk.

    Examples
    --------
    >>> _risk_colour(None), _risk_colour(1.2)
    ('#F2F2EE', '#E08E45')
    """
    if risk is None:
        return _UNKNOWN
    return [colour for least, colour in _RISK if risk >= least][-1] if risk >= 0 else _RISK[0][1]


def _readable(colour: str) -> str:
    """Give the colour of text that is read well on a colour.

    Examples
    --------
    >>> _readable("#332288"), _readable("#DDCC77"), _readable("#F3E3B3")
    ('#FFFFFF', '#000000', '#1F2933')
    """
    if colour in _TURNED:
        return INK
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#FFFFFF" if 0.299 * red + 0.587 * green + 0.114 * blue < _DARK else "#000000"
