"""The papers around a paper: what it refers to, what refers to it, and how."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from geomonitor.archive.models import Motion, Paper, Reference

__all__ = ["LIGHT_PAPER", "STRENGTH", "GraphEdge", "GraphNode", "Neighbourhood", "neighbourhood"]

LIGHT_PAPER = (
    "paper",
    "family",
    "source",
    "dossier",
    "number",
    "date",
    "kind",
    "title",
    "dossier_title",
    "movers",
    "same_as",
    "settled",
    "cabinet_view",
    "url",
    "example",
    "loaded_at",
)
"""Fields of a paper in lists: all but its text and bookkeeping."""

# What a paper does with another counts for more than that it names it.
STRENGTH = {
    "settles": 6,
    "carries_out": 5,
    "meets": 4,
    "answers": 3,
    "replaces": 2,
    "progress": 1,
    "mentions": 0,
}
"""How much a relation says, where a paper refers to the same thing in several ways."""
# Of a paper that everybody refers to, so many places at most are looked at.
_MOST_PLACES = 5_000


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A paper, motion, dossier, law or Union document in the graph.

    Parameters
    ----------
    key : str
        Normal form; a matter or document that became a paper is that paper.
    kind : str
        As `Reference.kind`; motion where it is one.
    distance : int
        Steps from the paper in the middle.
    paper : Paper or None
        None where the archive does not have it. Without its text.
    motion : Motion or None
    """

    key: str
    kind: str
    distance: int
    paper: Paper | None
    motion: Motion | None


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """What one paper does with another: the strongest of its references, and how many there are."""

    source: str
    target: str
    relation: str
    places: int


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Nodes, the middle first; edges between them; and how many neighbours were left out."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    left_out: int


@dataclass(slots=True)
class _Found:
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    relation: dict[tuple[str, str], str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


def neighbourhood(paper: str, *, depth: int = 1, largest: int = 60) -> Neighbourhood:
    """Give the graph around a paper.

    Parameters
    ----------
    paper : str
        Any identifier of it.
    depth : int
        Steps from it, 1 to 3.
    largest : int
        Nodes at most; those that something is done with go before those that are only named, then those
        with more places.

    Returns
    -------
    Neighbourhood
    """
    middle = _heads([paper])[paper]
    distance = {middle: 0}
    found = _Found()
    left_out: set[str] = set()
    edge = {middle}
    for step in range(1, max(1, min(depth, 3)) + 1):
        near = _step(edge, found)
        fresh = sorted(near - set(distance), key=lambda key: _order(key, set(distance), found))
        room = max(0, largest - len(distance))
        left_out |= set(fresh[room:])
        edge = set(fresh[:room])
        distance |= dict.fromkeys(fresh[:room], step)
        if not edge:
            break
    keys = sorted(distance, key=lambda key: (distance[key], _order(key, set(distance), found)))
    papers, motions = _papers(keys), _motions(keys)
    nodes = tuple(
        GraphNode(
            key,
            "motion" if key in motions else found.kinds.get(key, "paper"),
            distance[key],
            papers.get(key),
            motions.get(key),
        )
        for key in keys
    )
    edges = tuple(
        GraphEdge(source, target, found.relation[source, target], places)
        for (source, target), places in sorted(found.places.items())
        if source in distance and target in distance
    )
    return Neighbourhood(nodes, edges, len(left_out - set(distance)))


def _step(keys: set[str], found: _Found) -> set[str]:
    """Add the references from and to some nodes; give the nodes at their other ends."""
    names = _names(keys)
    rows = (
        Reference.objects.filter(paper__withdrawn_at__isnull=True)
        .filter(Q(paper__paper__in=names) | Q(target__in=names) | Q(motion__in=names))
        .exclude(target="", motion="")
        .order_by("-relation", "id")
        .values_list("paper__paper", "target", "motion", "kind", "relation")[:_MOST_PLACES]
    )
    places = [(paper, motion or target, kind, relation) for paper, target, motion, kind, relation in rows]
    heads = _heads({name for source, target, _, _ in places for name in (source, target)})
    near: set[str] = set()
    added: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for source, target, kind, relation in places:
        pair = heads[source], heads[target]
        if pair[0] == pair[1]:
            continue
        added[pair][relation] += 1
        found.kinds.setdefault(pair[1], kind)
        near |= set(pair)
    for pair, counted in added.items():
        # a pair that an earlier step met is counted anew, not twice
        found.places[pair] = counted.total()
        found.relation[pair] = max(counted, key=lambda each: STRENGTH[each])
    return near


def _order(key: str, known: set[str], found: _Found) -> tuple[int, int, str]:
    pairs = [pair for pair in found.places if key in pair and (known & set(pair)) - {key}]
    strength = max((STRENGTH[found.relation[pair]] for pair in pairs), default=0)
    return -strength, -sum(found.places[pair] for pair in pairs), key


def _names(keys: Iterable[str]) -> set[str]:
    """Give all identifiers of some nodes."""
    names = set(keys)
    names |= set(Paper.objects.filter(same_as__in=names).values_list("paper", flat=True))
    names |= set(Motion.objects.filter(paper__in=names).exclude(matter="").values_list("matter", flat=True))
    return names


def _heads(names: Iterable[str]) -> dict[str, str]:
    """Give for each identifier the one that its node goes by."""
    wanted = set(names)
    heads = {name: name for name in wanted}
    linked = Motion.objects.filter(matter__in=wanted).exclude(paper="")
    heads |= dict(linked.values_list("matter", "paper"))
    became = Paper.objects.filter(paper__in=wanted).exclude(same_as="")
    heads |= dict(became.values_list("paper", "same_as"))
    return heads


def _papers(keys: Iterable[str]) -> dict[str, Paper]:
    wanted = set(keys)
    found = Paper.objects.filter(Q(paper__in=wanted) | Q(same_as__in=wanted), withdrawn_at__isnull=True)
    papers: dict[str, Paper] = {}
    for each in found.only(*LIGHT_PAPER).order_by("paper"):
        if each.same_as in wanted:
            papers.setdefault(each.same_as, each)
    return papers | {each.paper: each for each in found.only(*LIGHT_PAPER) if each.paper in wanted}


def _motions(keys: Iterable[str]) -> dict[str, Motion]:
    return {each.motion: each for each in Motion.objects.filter(motion__in=set(keys))}
