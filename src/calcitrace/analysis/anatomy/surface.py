"""Points on surfaces, and the size of the body in each slice."""

import math

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid
from calcitrace.model.volume import Coverage, HuVolume, Mask

N_POINTS_MAX = 200_000
HU_PER_WATER = 1000.0

Points = NDArray[np.float64]


def surface_points_mm(
    inside: Mask, outside: Mask, grid: Grid, origin: tuple[int, int, int] = (0, 0, 0)
) -> Points:
    """Middles of the voxel faces between two masks, in patient space.

    Parameters
    ----------
    inside, outside
        Masks of one shape; faces at the edge of the array have no outside, so cut
        faces give no point.
    grid
        Lattice of the scan.
    origin
        Index of the masks' first voxel in the scan.

    Returns
    -------
    NDArray
        Shape (n, 3), n at most 200 000: evenly thinned beyond.
    """
    parts = [_faces(inside[k], outside[k], k) for k in range(inside.shape[0])]
    for k in range(inside.shape[0] - 1):
        between = (inside[k] & outside[k + 1]) | (outside[k] & inside[k + 1])
        parts.append(_located(between, k + 0.5, (0.0, 0.0)))
    points = np.concatenate(parts) + np.asarray(origin)
    stride = max(1, math.ceil(len(points) / N_POINTS_MAX))
    return grid.to_world_mm(points[::stride])


def _faces(inside: Mask, outside: Mask, k: int) -> Points:
    """Faces within one slice, as indices of their middles."""
    rows = (inside[:-1] & outside[1:]) | (outside[:-1] & inside[1:])
    columns = (inside[:, :-1] & outside[:, 1:]) | (outside[:, :-1] & inside[:, 1:])
    return np.concatenate(
        [_located(rows, k, (0.5, 0.0)), _located(columns, k, (0.0, 0.5))]
    )


def _located(faces: Mask, k: float, shift: tuple[float, float]) -> Points:
    """Index of each True pixel, moved by half a voxel to the face."""
    row, column = np.divmod(np.flatnonzero(faces), faces.shape[1])
    slices = np.full(len(row), float(k))
    return np.stack([slices, row + shift[0], column + shift[1]], axis=1)


def skin_points_mm(body: Mask, coverage: Coverage, grid: Grid) -> Points:
    """Points where the body meets air; the field of view's edge is no skin."""
    rows, columns = np.flatnonzero(body.any((0, 2))), np.flatnonzero(body.any((0, 1)))
    if not rows.size:
        return np.zeros((0, 3))
    box = (
        slice(0, grid.shape[0]),
        slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
        slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
    )
    inside = body[box]
    air = ~inside
    if not coverage.is_full:
        air &= coverage.mask(box)
    return surface_points_mm(inside, air, grid, (0, box[1].start, box[2].start))


def body_diameter_mm(volume: HuVolume, body: Mask) -> NDArray[np.float64]:
    """Water-equivalent diameter of the body in each slice, shape (slice,), in mm.

    Diameter of the cylinder of water that attenuates as the body does [1]_. NaN where
    no body is in the slice.

    References
    ----------
    .. [1] AAPM Report 220, Use of water equivalent diameter for calculating patient
       size and size-specific dose estimates in CT, 2014, equation 4.
    """
    _, row_mm, column_mm = volume.grid.spacing_mm
    out = np.full(volume.grid.shape[0], np.nan)
    for k, plane in enumerate(body):
        n = int(np.count_nonzero(plane))
        if n == 0:
            continue
        kind = np.int64 if volume.hu.dtype == np.int16 else np.float64
        total_hu = float(np.multiply(volume.hu[k], plane).sum(dtype=kind))
        water = max(0.0, total_hu / HU_PER_WATER + n)
        out[k] = 2 * math.sqrt(water * row_mm * column_mm / math.pi)
    return out


def is_truncated(body: Mask, coverage: Coverage) -> bool:
    """Whether the body reaches the edge of what was measured in the slice plane."""
    inner = np.zeros_like(coverage.plane)
    inner[1:-1, 1:-1] = (
        coverage.plane[1:-1, 1:-1]
        & coverage.plane[:-2, 1:-1]
        & coverage.plane[2:, 1:-1]
        & coverage.plane[1:-1, :-2]
        & coverage.plane[1:-1, 2:]
    )
    shadow = np.logical_or.reduce(body, axis=0)
    return bool((shadow & ~inner).any())
