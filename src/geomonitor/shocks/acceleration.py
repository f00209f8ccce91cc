"""Fixed points, accelerated: Anderson's mixing of the last steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["anderson"]

Floats = NDArray[np.float64]


def anderson(
    step: Callable[[Floats], Floats],
    start: Floats,
    *,
    tolerance: float,
    most_steps: int,
    memory: int = 6,
) -> tuple[Floats, float, int]:
    """Find x with ``step(x) = x`` by Anderson's acceleration.

    Parameters
    ----------
    step : callable
        A map that contracts, or nearly.
    start : numpy.ndarray
    tolerance : float
        On the largest absolute difference between x and its image.
    most_steps : int
    memory : int
        Number of earlier steps that are mixed.

    Returns
    -------
    tuple of numpy.ndarray, float and int
        The image of the last point, its largest difference, and the number of steps. The caller judges.

    Notes
    -----
    Walker and Ni (2011), Anderson acceleration for fixed-point iterations, SIAM Journal on Numerical
    Analysis 49(4).

    Examples
    --------
    >>> value, gap, steps = anderson(np.cos, np.array([1.0]), tolerance=1e-12, most_steps=50)
    >>> round(float(value[0]), 6)
    0.739085
    """
    shape, size = start.shape, start.size
    point = start.ravel()
    images = np.empty((memory, size))
    gaps = np.empty((memory, size))
    kept, last_image, last_gap = 0, point, point
    largest = np.inf
    image = point
    for number in range(1, most_steps + 1):
        image = step(point.reshape(shape)).ravel()
        gap = image - point
        largest = float(np.max(np.abs(gap), initial=0.0))
        if not largest > tolerance:
            return image.reshape(shape), largest, number
        if number == 1:
            point = image
        else:
            row = kept % memory
            images[row], gaps[row] = image - last_image, gap - last_gap
            kept += 1
            used = min(kept, memory)
            # normal equations of a handful of columns; a ridge keeps them solvable when steps line up
            matrix = gaps[:used] @ gaps[:used].T
            matrix[np.diag_indices(used)] += 1e-14 * max(float(np.trace(matrix)), 1e-300)
            weights = np.linalg.solve(matrix, gaps[:used] @ gap)
            point = image - weights @ images[:used]
        last_image, last_gap = image, gap
    return image.reshape(shape), largest, most_steps
