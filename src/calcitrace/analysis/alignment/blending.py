"""One smooth displacement out of the motions of all bones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from calcitrace.analysis.alignment.limbs import Segment
from calcitrace.analysis.alignment.matrices import (
    Matrix,
    moved,
)
from calcitrace.analysis.alignment.pictures import node_places
from calcitrace.model.grid import Grid

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

STEP_MM = 5.0
SOFT_MM, POWER = 1.5, 4.0  # weight of a bone: 1 / (distance + SOFT_MM) ** POWER
SMOOTH_MM = 2.0
TINY, FAR_MM = 1e-12, 200.0
SURFACE_POINTS = 1500  # of each bone


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """What bones say of each node of a lattice.

    Attributes
    ----------
    residual_mm
        Shape (slice, row, column, 3), as (x, y, z) in the space of the moving scan: what
        is added to the first motion.
    quarrel_mm
        Shape (slice, row, column): how far apart bones nearby would move the node.
    loose_mm
        Same shape: error of the bones' own motions.
    bone_mm
        Same shape: distance to the nearest bone.
    """

    residual_mm: Floats
    quarrel_mm: Floats
    loose_mm: Floats
    bone_mm: Floats


def blended(grid: Grid, segments: Sequence[Segment], first: Matrix) -> Blend:
    """Blend the motions of bones: each place moves with the bones about it.

    Parameters
    ----------
    grid
        Lattice of the reference.
    segments
        Bones and their motions.
    first
        Motion of the whole.
    """
    coarse = _coarse(grid)
    nodes = node_places(coarse).reshape(-1, 3)
    base = moved(first, nodes)
    total, weights = np.zeros_like(base), np.full(len(nodes), TINY)
    square, loose = np.zeros(len(nodes)), np.zeros(len(nodes))
    nearest = np.full(len(nodes), np.inf)
    for segment in segments:
        surface = segment.bone.surface_mm
        stride = -(-len(surface) // SURFACE_POINTS)
        away, _ = KDTree(surface[::stride]).query(nodes, eps=0.2)
        weight = 1.0 / (away + SOFT_MM) ** POWER
        places = moved(segment.motion, nodes)
        total += weight[:, None] * (places - base)
        square += weight * ((places - base) ** 2).sum(axis=1)
        loose += weight * segment.variance_mm2(places)
        weights += weight
        nearest = np.minimum(nearest, away)
    mean = total / weights[:, None]
    apart = np.sqrt(np.maximum(square / weights - (mean**2).sum(axis=1), 0))
    ratio = grid.spacing_mm[0] / coarse.spacing_mm[0]
    index = [np.asarray(np.arange(n) * ratio, np.float64) for n in grid.shape]

    def fine(values: Points) -> Floats:
        array = values.reshape(coarse.shape)
        sigma = SMOOTH_MM / coarse.spacing_mm[0]
        smooth = ndimage.gaussian_filter(array, sigma, mode="nearest")
        return _spread(smooth, index).astype(np.float32)

    return Blend(
        np.stack([fine(mean[:, k]) for k in range(3)], axis=-1),
        fine(apart),
        fine(np.sqrt(loose / weights)),
        fine(np.minimum(nearest, FAR_MM)),
    )


def _coarse(grid: Grid) -> Grid:
    """Coarser lattice that holds all nodes of another."""
    step = max(STEP_MM, grid.spacing_mm[0])
    z, y, x = (int(np.ceil(e / step)) + 2 for e in grid.extent_mm)
    return Grid((z, y, x), (step, step, step), grid.origin_mm)


def _spread(array: Points, index: Sequence[Points]) -> Points:
    """Read between nodes, axis by axis."""
    for axis, at in enumerate(index):
        low = np.minimum(at.astype(np.intp), array.shape[axis] - 2)
        part = (at - low).reshape([-1 if k == axis else 1 for k in range(3)])
        array = (
            np.take(array, low, axis) * (1 - part)
            + np.take(array, low + 1, axis) * part
        )
    return array
