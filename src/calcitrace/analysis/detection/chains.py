"""Components in a row, as calcium in the wall of an artery lies."""

import numpy as np
from numpy.typing import NDArray

REACH_MM, WIDTH_MM, SPAN_MIN_MM = 50.0, 6.0, 20.0
# A cluster of deposits holds many rows by chance: most neighbours must be in this one.
IN_LINE_FRACTION = 0.6
N_NEIGHBOURS_MAX = 40


def chain_lengths(
    centroids_mm: NDArray[np.float64], is_small: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """How many small components lie in line with each one, itself included.

    Parameters
    ----------
    centroids_mm
        Shape (n, 3).
    is_small
        Shape (n,): only these can be parts of a row.

    Returns
    -------
    NDArray
        Shape (n,); 1 where there is no row.
    """
    lengths = np.ones(len(centroids_mm), np.int64)
    small = np.flatnonzero(is_small)
    points = centroids_mm[small]
    for i, point in enumerate(points):
        offset = points - point
        distance = np.linalg.norm(offset, axis=1)
        near = np.flatnonzero((distance <= REACH_MM) & (distance > 0))
        near = near[np.argsort(distance[near], kind="stable")][:N_NEIGHBOURS_MAX]
        if near.size:
            lengths[small[i]] = _longest_row(offset[near], distance[near])
    return lengths


def _longest_row(offset: NDArray[np.float64], distance: NDArray[np.float64]) -> int:
    """Members of the best row through the origin, the origin included."""
    best = 1
    for direction in offset / distance[:, None]:
        along = offset @ direction
        across = np.sqrt(np.maximum(distance**2 - along**2, 0.0))
        is_in = across <= WIDTH_MM
        span = max(0.0, along[is_in].max()) - min(0.0, along[is_in].min())
        if span >= SPAN_MIN_MM and is_in.mean() >= IN_LINE_FRACTION:
            best = max(best, int(is_in.sum()) + 1)
    return best
