"""The references around a paper, drawn over time: what it refers to, and what refers to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from geomonitor.archive.models import Paper
from geomonitor.archive.neighbourhood import GraphEdge, GraphNode, Neighbourhood, neighbourhood
from geomonitor.dossier.paper_kinds import is_motion, of_government
from geomonitor.dossier.reading.normal_forms import shown
from geomonitor.register.access import require
from geomonitor.report.blocks import Block
from geomonitor.report.choices import safe_json
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.style import ACCENT, plain_figure
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.evidence.shown import Shown
from geomonitor.web.language import active_language, say
from geomonitor.web.parliament.naming import Named, named_paper, named_targets, shortened
from geomonitor.web.parliament.paper import found_paper
from geomonitor.web.parliament.references import strength
from geomonitor.web.parliament.tables import archive_provenance

__all__ = ["LARGEST_GRAPH", "Node", "graph_figure", "graph_table", "nodes_around", "paper_graph"]

LARGEST_GRAPH = 60
"""Papers that are drawn around one."""

_LEVELS = 6
_NAMED_EACH_WAY = 8
_HEIGHT = 520

_KINDS: Mapping[str, tuple[str, str]] = {
    "here": (ACCENT, "star"),
    "motion": ("#882255", "diamond"),
    "government": ("#117733", "square"),
    "other": ("#B9770E", "circle"),
}
"""Colour and symbol of each kind of paper."""


@dataclass(frozen=True, slots=True)
class Node:
    """A paper around another one.

    Attributes
    ----------
    group : str
        Kind of paper, by which it is drawn: here, motion, government or other.
    direction : str
        here, from (the paper refers to it), to (it refers to the paper) or both.
    """

    paper: Named
    group: str
    direction: str
    relation: str
    relation_name: str
    places: int


@require_safe
def paper_graph(request: HttpRequest, paper: str) -> HttpResponse:
    """Draw the references around a paper, with their table."""
    require(request.user, "read_evidence")
    around = found_paper(paper)
    found = neighbourhood(around.paper.paper, largest=LARGEST_GRAPH)
    nodes = nodes_around(found)
    name = shown(around.paper.paper)
    table = graph_table(name, nodes)
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {"references": table},
            name=f"geomonitor-{around.paper.paper}",
            title=name,
            provenance=archive_provenance(request),
        )
    drawn = [each for each in nodes if each.paper.date is not None]
    edges = [each for each in found.edges if found.nodes[0].key not in (each.source, each.target)]
    context = {
        "paper": around.paper,
        "name": name,
        "shown": graph_figure(around.paper, drawn, edges),
        "nodes": [(each, *_said(each)) for each in nodes],
        "count": len(nodes),
        "undrawn": len(nodes) - len(drawn),
        "left_out": found.left_out,
        "largest": LARGEST_GRAPH,
    }
    return render(request, "web/parliament/graph.html", context)


def nodes_around(found: Neighbourhood) -> list[Node]:
    """Give the papers around the one in the middle, in the order of the neighbourhood."""
    middle = found.nodes[0].key
    forth = {each.target: each for each in found.edges if each.source == middle}
    back = {each.source: each for each in found.edges if each.target == middle}
    others = named_targets(each.key for each in found.nodes if each.paper is None)
    nodes = []
    for each in found.nodes[1:]:
        edges = [edge for edge in (forth.get(each.key), back.get(each.key)) if edge is not None]
        if not edges:
            continue
        said = min(edges, key=lambda edge: strength(edge.relation))
        nodes.append(
            Node(
                paper=named_paper(each.paper) if each.paper is not None else others[each.key],
                group=_group(each),
                direction="both" if len(edges) == 2 else "from" if said.source == middle else "to",
                relation=said.relation,
                relation_name=say(
                    None,
                    f"relation.{said.relation}" if said.source == middle else f"relation.{said.relation}_by",
                ),
                places=sum(edge.places for edge in edges),
            )
        )
    return nodes


def _group(node: GraphNode) -> str:
    if node.motion is not None or node.kind == "motion":
        return "motion"
    if node.paper is None:
        return "other"
    if is_motion(node.paper.kind, node.paper.title):
        return "motion"
    known = bool(node.paper.kind) and of_government(node.paper.kind, node.paper.title)
    return "government" if known else "other"


def _said(node: Node) -> tuple[str, str]:
    """Name the kind of a node, and its direction."""
    return say(None, f"paper_graph.group_{node.group}"), say(None, f"paper_graph.way_{node.direction}")


def graph_table(name: str, nodes: Sequence[Node]) -> DataTable:
    """Make the table of what is around a paper."""
    return DataTable.of(
        say(None, "paper_graph.table", paper=name),
        [
            Column(say(None, "paper_graph.paper")),
            Column(say(None, "paper_graph.paper_title")),
            Column(say(None, "paper_graph.date")),
            Column(say(None, "paper_graph.kind")),
            Column(say(None, "paper_graph.direction")),
            Column(say(None, "paper_graph.relation")),
            Column(say(None, "paper_graph.places"), "count"),
        ],
        [
            (
                each.paper.name,
                shortened(each.paper.title) or None,
                each.paper.date.isoformat() if each.paper.date else None,
                *_said(each),
                each.relation_name,
                each.places,
            )
            for each in nodes
        ],
    )


def graph_figure(paper: Paper, nodes: Sequence[Node], edges: Sequence[GraphEdge]) -> Shown:
    """Draw papers by their date: above the line those that refer to this one, below it what it refers to.

    Parameters
    ----------
    paper : Paper
    nodes : sequence of Node
        Those that are drawn; each has a date.
    edges : sequence of GraphEdge
        References among them.
    """
    name = shown(paper.paper)
    figure = None
    if nodes and paper.date is not None:
        figure = safe_json(_plotted(paper, nodes, edges))
    back = sum(1 for each in nodes if each.direction != "from")
    block = Block(
        anchor="references",
        title=say(None, "paper_graph.figure", paper=name),
        note=say(None, "paper_graph.note"),
        description=say(
            None,
            "paper_graph.description",
            paper=name,
            outgoing=sum(1 for each in nodes if each.direction != "to"),
            incoming=back,
        ),
        figure=figure,
        table=graph_table(name, ()),
        height=_HEIGHT,
    )
    date = paper.date.isoformat() if paper.date else "–"
    return Shown(block, say(None, "paper_graph.about", date=date), "references", downloads=None)


def _heights(paper: Paper, nodes: Sequence[Node]) -> dict[str, float]:
    """Give the height of each node: neighbours in time stand at different heights."""
    heights: dict[str, float] = {paper.paper: 0.0}
    for below, sign in ((False, 1), (True, -1)):
        in_time = sorted(
            (each for each in nodes if (each.direction == "from") is below),
            key=lambda each: (str(each.paper.date), each.paper.key),
        )
        for number, each in enumerate(in_time):
            heights[each.paper.key] = sign * (1 + (number * 2 + number // 3) % _LEVELS)
    return heights


def _plotted(paper: Paper, nodes: Sequence[Node], edges: Sequence[GraphEdge]) -> Mapping[str, Any]:
    here = Node(named_paper(paper), "here", "here", "", "", 0)
    heights = _heights(paper, nodes)
    dates = {each.paper.key: str(each.paper.date) for each in (here, *nodes)}
    middle = paper.paper
    said = [(middle, each.paper.key) for each in nodes if each.relation != "mentions"]
    named = [(middle, each.paper.key) for each in nodes if each.relation == "mentions"]
    among = [(each.source, each.target) for each in edges if each.source in dates and each.target in dates]
    traces: list[dict[str, Any]] = [
        _lines(said, dates, heights, "strong", {"color": ACCENT, "width": 2}),
        _lines(named, dates, heights, "weak", {"color": "#9AA5B1", "width": 1}),
        _lines(among, dates, heights, "between", {"color": "#9AA5B1", "width": 1, "dash": "dot"}),
    ]
    for group, (colour, symbol) in _KINDS.items():
        of_group = [each for each in (here, *nodes) if each.group == group]
        if not of_group:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text" if group == "here" or _few(nodes) else "markers",
                "name": escape(say(None, f"paper_graph.group_{group}")),
                "x": [dates[each.paper.key] for each in of_group],
                "y": [heights[each.paper.key] for each in of_group],
                "text": [escape(each.paper.name.removeprefix("Kamerstuk ")) for each in of_group],
                "textposition": "top center",
                "textfont": {"size": 10},
                "hovertext": [_hover(each) for each in of_group],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "marker": {"symbol": symbol, "size": 18 if group == "here" else 11, "color": colour},
                "cliponaxis": False,
            }
        )
    return plain_figure(
        [each for each in traces if each["x"]],
        active_language(),
        height=_HEIGHT,
        margin={"l": 16, "r": 24, "t": 8, "b": 36},
        xaxis={"type": "date", "tickformat": "%m-%Y", "nticks": 8, "automargin": True},
        yaxis={
            "showticklabels": False,
            "range": [min(heights.values()) - 1, max(heights.values()) + 1],
            "showgrid": False,
        },
    )


def _few(nodes: Sequence[Node]) -> bool:
    below = sum(1 for each in nodes if each.direction == "from")
    return max(below, len(nodes) - below) <= _NAMED_EACH_WAY


def _lines(
    pairs: Sequence[tuple[str, str]],
    dates: Mapping[str, str],
    heights: Mapping[str, float],
    kind: str,
    line: Mapping[str, Any],
) -> dict[str, Any]:
    xs: list[str | None] = []
    ys: list[float | None] = []
    for pair in pairs:
        xs += [*(dates[key] for key in pair), None]
        ys += [*(heights[key] for key in pair), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(say(None, f"paper_graph.line_{kind}")),
        "x": xs,
        "y": ys,
        "line": line,
        "hoverinfo": "skip",
        "connectgaps": False,
    }


def _hover(node: Node) -> str:
    lines = [node.paper.name, str(node.paper.date), shortened(node.paper.title, 90)]
    if node.relation_name:
        lines.append(node.relation_name)
    return "<br>".join(escape(each) for each in lines if each)
