"""Where the names of points go, so that none lies over another."""

from __future__ import annotations

import functools

__all__ = ["place_labels"]

# the eight places around a point in the order in which they are tried: name, direction right, direction up
_PLACES = (
    ("middle right", 1, 0),
    ("middle left", -1, 0),
    ("top center", 0, 1),
    ("bottom center", 0, -1),
    ("top right", 1, 1),
    ("bottom right", 1, -1),
    ("top left", -1, 1),
    ("bottom left", -1, -1),
)

Box = tuple[float, float, float, float]


@functools.lru_cache(maxsize=8)
def place_labels(
    points: tuple[tuple[float, float], ...],
    labels: tuple[str, ...],
    *,
    width: float,
    height: float,
    letter: float = 6.3,
    line: float = 13.0,
    marker: float = 9.0,
    others: tuple[tuple[float, float], ...] = (),
) -> tuple[str | None, ...]:
    """Find a place beside each point for its label, the first points first.

    Parameters
    ----------
    points : tuple of (float, float)
        In pixels, from the lower left corner of the plot.
    labels : tuple of str
    width, height : float
        Of the plot, pixels.
    letter, line, marker : float
        Width of a letter, height of a line and size of a marker, pixels.
    others : tuple of (float, float)
        Other markers that labels should not lie over.

    Returns
    -------
    tuple of str or None
        Plotly's name of the place; none for a label that fits nowhere and is better left out.

    Examples
    --------
    >>> place_labels(((50, 50), (52, 50)), ("Cobalt", "Nickel"), width=200, height=100)
    ('middle right', 'middle left')
    >>> place_labels(((5, 7),) * 3, ("Cobalt",) * 3, width=60, height=18)
    ('middle right', None, None)
    """
    half = marker / 2
    taken: list[Box] = [(x - half, y - half, x + half, y + half) for x, y in (*points, *others)]
    places: list[str | None] = []
    for number, ((x, y), label) in enumerate(zip(points, labels, strict=True)):
        found = None
        for name, right, up in _PLACES:
            box = _box(x, y, right, up, len(label) * letter, line, half)
            if not _inside(box, width, height):
                continue
            if any(_overlap(box, other) for place, other in enumerate(taken) if place != number):
                continue
            taken.append(box)
            found = name
            break
        places.append(found)
    return tuple(places)


def _box(x: float, y: float, right: int, up: int, long: float, line: float, half: float) -> Box:
    left = x + right * (half + 2) - (0.0 if right > 0 else long if right < 0 else long / 2)
    # beside the point the label is centred on it; in a corner it stands just above or below
    low = y - line / 2 if up == 0 else y + half if up > 0 else y - half - line
    return left, low, left + long, low + line


def _inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
