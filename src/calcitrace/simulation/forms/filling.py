"""Which voxels lie in solids, line by line of a grid, compiled."""

from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from calcitrace.model.grid import Grid
from calcitrace.simulation.forms.geometry import Solid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

PARALLEL, PARALLEL_SQUARED = 1e-12, 1e-18


def fill(mask: Mask, grid: Grid, solids: Sequence[Solid], *, value: bool) -> None:
    """Set the voxels of a mask whose centre lies in any of some solids.

    Parameters
    ----------
    mask
        Shape of the grid; changed in place.
    value
        What to write there.
    """
    corners = grid.to_world_mm(
        np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], np.float64)
    )
    for solid in solids:
        hole = np.zeros((3, 3)) if solid.hole is None else solid.hole
        _fill(
            mask,
            corners,
            (
                np.array(solid.centre_mm, np.float64),
                np.ascontiguousarray(solid.matrix),
                np.ascontiguousarray(hole),
                np.ascontiguousarray(solid.planes),
            ),
            value,
        )


@njit(cache=True)
def _between(
    matrix: Array, offset: Array, step: Array, level: float
) -> tuple[float, float]:
    """Part of a line where |matrix (offset + k step)|^2 <= level; the wrong way round if nowhere."""
    a, b, c = 0.0, 0.0, -level
    for i in range(3):
        along, at = 0.0, 0.0
        for j in range(3):
            along += matrix[i, j] * step[j]
            at += matrix[i, j] * offset[j]
        a += along * along
        b += along * at
        c += at * at
    if a < PARALLEL_SQUARED:
        return (-np.inf, np.inf) if c <= 0.0 else (np.inf, -np.inf)
    disc = b * b - a * c
    if disc < 0.0:
        return np.inf, -np.inf
    root = np.sqrt(disc)
    return (-b - root) / a, (-b + root) / a


@njit(cache=True)
def _cut(
    planes: Array, start: Array, step: Array, low: float, high: float
) -> tuple[float, float]:
    """Part of a stretch of a line that lies behind all planes."""
    for k in range(planes.shape[0]):
        slope, room = 0.0, planes[k, 3]
        for m in range(3):
            slope += planes[k, m] * step[m]
            room -= planes[k, m] * start[m]
        if slope > PARALLEL:
            high = min(high, room / slope)
        elif slope < -PARALLEL:
            low = max(low, room / slope)
        elif room < 0.0:
            high = -np.inf
    return low, high


@njit(cache=True, parallel=True)
def _fill(
    mask: Mask,
    corners: Array,
    solid: tuple[Array, Array, Array, Array],
    value: bool,  # noqa: FBT001 -- compiled functions take no keywords
) -> None:
    centre, matrix, hole, planes = solid
    n_slices, n_rows, n_columns = mask.shape
    down, across, step = (
        corners[1] - corners[0],
        corners[2] - corners[0],
        corners[3] - corners[0],
    )
    has_hole = hole.any()
    for i in prange(n_slices):
        for j in range(n_rows):
            start = corners[0] + i * down + j * across
            low, high = _between(matrix, start - centre, step, 1.0)
            low, high = _cut(planes, start, step, low, high)
            low, high = max(low, 0.0), min(high, n_columns - 1.0)
            if low > high:
                continue
            inner, outer = np.inf, -np.inf
            if has_hole:
                inner, outer = _between(hole, start - centre, step, 1.0)
            for column in range(int(np.ceil(low)), int(np.floor(high)) + 1):
                if not inner < column < outer:
                    mask[i, j, column] = value
