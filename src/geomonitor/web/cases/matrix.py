"""The risk matrix: where a case stands, shown and not computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["MatrixRow", "risk_matrix"]

_LEVELS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of the matrix: a level of impact, with a cell for every level of probability.

    Attributes
    ----------
    impact : int
    cells : tuple of (int, str)
        Level of probability, and ``here``, ``line`` (same row or column) or nothing.
    """

    impact: int
    cells: tuple[tuple[int, str], ...]


def risk_matrix(levels: Mapping[str, int]) -> tuple[MatrixRow, ...]:
    """Place a case by probability and impact; the highest impact is the first row.

    Nothing is multiplied or added: the levels are places on two scales.

    Parameters
    ----------
    levels : mapping of str to int
        Judged levels by dimension; those that lack leave the matrix without a mark.

    Examples
    --------
    >>> [mark for _, mark in risk_matrix({"probability": 2, "impact": 5})[0].cells]
    ['line', 'here', 'line', 'line', 'line']
    """
    probability, impact = levels.get("probability"), levels.get("impact")
    rows = []
    for row in reversed(_LEVELS):
        cells = []
        for column in _LEVELS:
            mark = ""
            if probability is not None and impact is not None:
                if row == impact and column == probability:
                    mark = "here"
                elif row == impact or column == probability:
                    mark = "line"
            cells.append((column, mark))
        rows.append(MatrixRow(row, tuple(cells)))
    return tuple(rows)
