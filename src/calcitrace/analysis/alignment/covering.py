"""What two visits both saw."""

import edt
import numpy as np
import SimpleITK as sitk  # noqa: N813 -- the name its documentation uses
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.alignment.pictures import (
    corners_mm,
    node_places,
    straight_grid,
    to_image,
)
from calcitrace.model.alignment import Alignment, Sighted
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Coverage, Mask

Points = NDArray[np.float64]

STEP_MM, N_NODES_MAX = 5.0, 4e5
END_SLICES = 1.0  # that a voxel keeps from the first and the last slice of either visit


def common_coverage(alignment: Alignment, reference: Sighted, moving: Sighted) -> Mask:
    """Voxels of the reference that the moving visit saw as well.

    What lies less than a slice from the end of a stack, or next to a missing slice, is
    not counted: a deposit there may reach beyond.

    Parameters
    ----------
    alignment
        From reference to moving.
    reference, moving
        The visits that it belongs to.

    Returns
    -------
    Mask
        On the grid of the reference.
    """
    grid = reference.volume.grid
    whole = tuple(slice(0, n) for n in grid.shape)
    box = corners_mm(grid, (whole[0], whole[1], whole[2]))
    lattice = straight_grid(box, STEP_MM, N_NODES_MAX)
    places = alignment.to_moving(node_places(lattice).reshape(-1, 3))
    room = _room_mm(moving, places).reshape(lattice.shape)
    image = to_image(room.astype(np.float32), lattice)
    out = np.empty(grid.shape, bool)
    own = _slice_room(reference.coverage) >= 1.0 + END_SLICES
    for k in range(grid.shape[0]):
        if not own[k]:
            out[k] = False
            continue
        layer = grid.crop((slice(k, k + 1), whole[1], whole[2]))
        like = to_image(np.zeros(layer.shape, np.uint8), layer)
        read = sitk.Resample(
            image, like, sitk.Transform(), sitk.sitkLinear, -1.0, sitk.sitkFloat32
        )
        out[k] = sitk.GetArrayViewFromImage(read)[0] >= 0
        out[k] &= reference.coverage.plane
    return out


def _room_mm(sighted: Sighted, places_mm: Points) -> Points:
    """How far places lie from what was not measured; negative where it was not."""
    coverage, grid = sighted.coverage, sighted.volume.grid
    index = grid.to_index(places_mm)
    slices = _slice_room(coverage)
    n = len(slices)
    padded = np.concatenate([[0.0], slices, [0.0]])
    along = np.interp(index[:, 0], np.arange(-1, n + 1), padded)
    along -= np.maximum(0, -1 - index[:, 0]) + np.maximum(0, index[:, 0] - n)
    along_mm = (along - 1.0 - END_SLICES) * grid.spacing_mm[0]
    across_mm = _plane_room_mm(coverage, grid, index[:, 1:])
    return np.asarray(np.minimum(along_mm, across_mm), np.float64)


def _slice_room(coverage: Coverage) -> Points:
    """Slices from each slice to the nearest that was not measured; 0 if it was not."""
    n = len(coverage.slices)
    missing = np.concatenate([[-1], np.flatnonzero(~coverage.slices), [n]])
    away = np.abs(np.arange(n)[:, None] - missing[None]).min(axis=1)
    return np.asarray(away, np.float64)


def _plane_room_mm(coverage: Coverage, grid: Grid, index: Points) -> Points:
    """Distance from the edge of the field of view, positive within."""
    padded = np.pad(coverage.plane, 1)
    spacing = grid.spacing_mm[1:]
    room = edt.edt(padded.view(np.uint8), anisotropy=spacing, parallel=1)
    room = room - edt.edt((~padded).view(np.uint8), anisotropy=spacing, parallel=1)
    last = np.asarray(padded.shape) - 1
    at = np.clip(index + 1, 0, last)
    beyond = np.abs(index + 1 - at) @ np.asarray(spacing)
    read = ndimage.map_coordinates(room.astype(np.float64), at.T, order=1)
    out: Points = read - beyond - min(spacing) / 2
    return out
