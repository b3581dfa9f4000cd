"""What operations work on: the scan, and what was found in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.deposit import Candidate
from calcitrace.model.edits import Point
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Mask

Box = tuple[slice, slice, slice]
Index = tuple[int, int, int]
Labels = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.int32]

SOFT_TISSUE_HU = 50.0  # as in detection: muscle


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The scan that operations look at.

    Attributes
    ----------
    floor_hu, noise_sigmas
        What is dense: above both, as detection has it.
    """

    volume: HuVolume
    coverage: Coverage
    noise: Noise
    floor_hu: float
    noise_sigmas: float


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Candidates of a scan, their labels, and the anatomy they lie in."""

    candidates: tuple[Candidate, ...]
    labels: LabelVolume
    anatomy: Anatomy


def index_of(grid: Grid, point_mm: Point) -> Index | None:
    """Voxel that holds a point; `None` outside of the grid."""
    s, r, c = (round(float(v)) for v in grid.to_index(np.asarray(point_mm)))
    inside = all(0 <= i < n for i, n in zip((s, r, c), grid.shape, strict=True))
    return (s, r, c) if inside else None


def box_around(grid: Grid, index: Index, reach_mm: float) -> Box:
    """Box of the grid that reaches so far to all sides of a voxel."""
    s, r, c = (
        slice(max(0, i - k), min(n, i + k + 1))
        for i, k, n in zip(index, grid.radius_voxels(reach_mm), grid.shape, strict=True)
    )
    return s, r, c


def box_of(labels: Labels, label: int) -> Box | None:
    """Smallest box that holds a label; `None` where it has no voxel."""
    planes = [k for k, plane in enumerate(labels) if (plane == label).any()]
    if not planes:
        return None
    inside = labels[planes[0] : planes[-1] + 1] == label
    rows = np.flatnonzero(inside.any(axis=(0, 2)))
    columns = np.flatnonzero(inside.any(axis=(0, 1)))
    return (
        slice(planes[0], planes[-1] + 1),
        slice(int(rows[0]), int(rows[-1]) + 1),
        slice(int(columns[0]), int(columns[-1]) + 1),
    )


def distances_mm(grid: Grid, box: Box, point_mm: Point) -> NDArray[np.float64]:
    """Distance of each voxel of a box to a point, shape of the box."""
    at = grid.to_index(np.asarray(point_mm))
    z, y, x = (
        _squared_mm(part, float(middle), step)
        for part, middle, step in zip(box, at, grid.spacing_mm, strict=True)
    )
    squared = z[:, None, None] + y[None, :, None] + x[None, None, :]
    return np.asarray(np.sqrt(squared), np.float64)


def _squared_mm(part: slice, middle: float, step_mm: float) -> NDArray[np.float64]:
    index = np.arange(part.start, part.stop, dtype=np.float64)
    return ((index - middle) * step_mm) ** 2


def dense(scene: Scene, box: Box) -> Mask:
    """Voxels of a box that detection would call bright."""
    hu = scene.volume.hu[box]
    bright = hu > scene.floor_hu
    index = np.argwhere(bright)
    offset = np.array([part.start for part in box])
    limit = SOFT_TISSUE_HU + scene.noise_sigmas * scene.noise.sigma_hu.at(
        index + offset
    )
    bright[tuple(index.T)] = hu[tuple(index.T)] > limit
    return np.asarray(bright, bool)


def widened(box: Box, shape: tuple[int, ...]) -> Box:
    """Box with one more voxel on every side, as far as there are any."""
    s, r, c = (
        slice(max(0, part.start - 1), min(n, part.stop + 1))
        for part, n in zip(box, shape, strict=True)
    )
    return s, r, c
