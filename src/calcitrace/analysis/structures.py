"""A label map of somebody else's, brought onto the scan's grid."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid
from calcitrace.model.structures import LabelMap, StructureKind
from calcitrace.model.volume import HuVolume, LabelVolume, Mask
from calcitrace.model.work import for_each_span

# An index this far beyond the outermost centres still lies in a voxel.
HALF_VOXEL = 0.5
SAME_PLACE_MM = 1e-3
SAMPLED_VOXELS = 100_000
MOVES_MM = (10.0, 20.0, 40.0)


def on_grid(found: LabelMap, grid: Grid) -> LabelMap:
    """Labels on another grid, each voxel that of the nearest voxel of the map.

    Parameters
    ----------
    found
        On any grid in patient space.
    grid
        Where the labels are wanted.

    Returns
    -------
    LabelMap
        0 where the map does not reach.
    """
    if _is_same(found.labels.grid, grid):
        return found
    source = found.labels
    out: Any = np.zeros(grid.shape, source.labels.dtype)
    # Index in the map = offset + step of each axis of the scan.
    offset = source.grid.to_index(np.asarray(grid.origin_mm))
    ends = grid.to_world_mm(np.eye(3, dtype=np.int64))
    steps = source.grid.to_index(ends) - offset
    row, column = (np.arange(n)[:, None] for n in grid.shape[1:])
    across = (row * steps[1])[:, None, :] + (column * steps[2])[None, :, :] + offset

    def fill(span: range) -> None:
        for k in span:
            index = across + k * steps[0]
            nearest = np.floor(index + HALF_VOXEL).astype(np.int64)
            inside = _is_inside(nearest, source.grid)
            s, r, c = nearest[inside].T
            out[k][inside] = source.labels[s, r, c]

    for_each_span(fill, len(out))
    return LabelMap(
        LabelVolume(out, grid),
        found.structures,
        found.has_whole_skeleton,
        found.frame_of_reference_uid,
    )


def covered_fraction(grid: Grid, region: Mask, of: Grid) -> float:
    """Part of a region of one grid, 0 to 1, that another grid reaches; NaN if empty."""
    index = np.argwhere(region)
    if not len(index):
        return float("nan")
    index = index[:: max(1, len(index) // SAMPLED_VOXELS)]
    there = np.floor(of.to_index(grid.to_world_mm(index)) + HALF_VOXEL)
    return float(_is_inside(there, of).mean())


@dataclass(frozen=True, slots=True)
class BoneFit:
    """Whether the map says bone where the scan shows bone.

    Attributes
    ----------
    mean_hu
        Where the map says bone.
    moved_hu, moved_mm
        The most that the mean would be with the map moved along an axis, and how far.
    """

    mean_hu: float
    moved_hu: float
    moved_mm: float


def bone_fit(found: LabelMap, volume: HuVolume) -> BoneFit | None:
    """Compare CT numbers under the bones of a map with those beside them.

    A map that lies where it belongs has nothing to gain from being moved.

    Parameters
    ----------
    found
        On the grid of the volume.

    Returns
    -------
    BoneFit or None
        None where the map says bone nowhere.
    """
    index = np.argwhere(found.mask(StructureKind.BONE))
    if not len(index):
        return None
    index = index[:: max(1, len(index) // SAMPLED_VOXELS)]
    mean_hu = _mean_hu(index, volume)
    moved = [
        (_mean_hu(index + step, volume), length_mm)
        for length_mm in MOVES_MM
        for step in _steps(length_mm, volume.grid)
    ]
    moved_hu, moved_mm = max(moved)
    return BoneFit(mean_hu, moved_hu, moved_mm)


def _steps(length_mm: float, grid: Grid) -> NDArray[np.int64]:
    """Steps of a length along the axes of a grid, both ways, shape (6, 3)."""
    whole = [round(length_mm / d) for d in grid.spacing_mm]
    return np.concatenate([np.diag(whole), -np.diag(whole)])


def _mean_hu(index: NDArray[np.int64], volume: HuVolume) -> float:
    """Mean over those of some voxels that lie in the volume; -inf if none does."""
    s, r, c = index[_is_inside(index, volume.grid)].T
    return float(volume.hu[s, r, c].mean(dtype=np.float64)) if len(s) else -np.inf


def _is_same(one: Grid, other: Grid) -> bool:
    if one.shape != other.shape:
        return False
    corners = np.array([[0, 0, 0], [n - 1 for n in one.shape]])
    corners = np.concatenate([corners, np.diag(one.shape)])
    apart = one.to_world_mm(corners) - other.to_world_mm(corners)
    return bool(np.abs(apart).max() < SAME_PLACE_MM)


def _is_inside(
    index: NDArray[np.int64] | NDArray[np.float64], grid: Grid
) -> NDArray[np.bool_]:
    return np.asarray(((index >= 0) & (index < np.array(grid.shape))).all(axis=-1))
