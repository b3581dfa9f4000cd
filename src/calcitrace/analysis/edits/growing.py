"""What is dense at a place that a reader points at."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.edits.scene import (
    Box,
    Index,
    Scene,
    box_around,
    dense,
    distances_mm,
)
from calcitrace.model.edits import Point
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Mask, Tissue

# A reader's click is this exact; the peak of what is meant lies within.
PEAK_REACH_MM = 2.0
GROWTH_REACH_MM = 25.0
SHELL_INNER_MM, SHELL_OUTER_MM = 3.0, 8.0
# Halfway between tissue and peak lies the surface of what is wider than its blur.
PEAK_FRACTION = 0.5
# Below, the peak could be noise: a click says that something is there, so less than
# what detection asks for will do.
SIGNIFICANT_SIGMAS = 3.0
EVERY_NEIGHBOUR = np.ones((3, 3, 3), bool)


def grown(
    scene: Scene,
    free: Mask,
    tissue: NDArray[np.integer],
    seed: Index,
    point_mm: Point,
) -> tuple[Box, Mask] | None:
    """Component around a seed, down to half of its peak above the tissue around.

    Parameters
    ----------
    scene
        The scan.
    free
        Voxels of the scan that may be taken: in the body and of no candidate.
    tissue
        `Tissue` per voxel.
    seed, point_mm
        The place, as a voxel and in patient space.

    Returns
    -------
    (box, mask) or None
        None where nothing stands out of the noise.
    """
    grid = scene.volume.grid
    box = box_around(grid, seed, GROWTH_REACH_MM)
    hu = scene.volume.hu[box].astype(np.float64)
    away_mm = distances_mm(grid, box, point_mm)
    open_ = free[box] & (tissue[box] != Tissue.SKELETON)
    reach_mm = max(PEAK_REACH_MM, *grid.spacing_mm)
    at_click = open_ & (away_mm <= reach_mm)
    kind = tissue[box]
    shell = open_ & (away_mm >= SHELL_INNER_MM) & (away_mm <= SHELL_OUTER_MM)
    shell &= (kind == Tissue.SOFT) | (kind == Tissue.FAT)
    if not at_click.any() or not shell.any():
        return None
    background_hu = float(np.median(hu[shell]))
    peak = np.unravel_index(int(np.where(at_click, hu, -np.inf).argmax()), hu.shape)
    excess_hu = float(hu[peak]) - background_hu
    sigma_hu = float(scene.noise.sigma_hu.at(np.array([seed]))[0])
    if excess_hu < SIGNIFICANT_SIGMAS * sigma_hu:
        return None
    above = open_ & (away_mm <= GROWTH_REACH_MM)
    above &= hu >= background_hu + PEAK_FRACTION * excess_hu
    parts, _ = ndimage.label(above, structure=EVERY_NEIGHBOUR)
    return box, np.asarray(parts == parts[peak], bool)


def corner_box(grid: Grid, corners_mm: tuple[Point, Point]) -> Box | None:
    """Box of the grid that holds what lies between two corners; `None` outside.

    Between the corners is meant along the axes of the patient, whatever those of the
    scan are.
    """
    ends = np.asarray(corners_mm)
    corners = [[ends[i, axis] for axis, i in enumerate(c)] for c in np.ndindex(2, 2, 2)]
    index = grid.to_index(np.asarray(corners))
    first = np.maximum(np.floor(index.min(axis=0)).astype(int), 0)
    last = np.minimum(np.ceil(index.max(axis=0)).astype(int) + 1, grid.shape)
    if (first >= last).any():
        return None
    s, r, c = (slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
    return s, r, c


def dense_in_box(
    scene: Scene,
    free: Mask,
    tissue: NDArray[np.integer],
    box: Box,
    corners_mm: tuple[Point, Point],
) -> Mask | None:
    """Free voxels above the threshold of detection between two corners.

    Bone is left out: it is cut or included, never taken with a box.

    Parameters
    ----------
    scene, free, tissue
        As for `grown`.
    box
        `corner_box` of the corners.
    corners_mm
        Two opposite corners in patient space.

    Returns
    -------
    mask or None
        Shape of the box; None where nothing is dense.
    """
    low, high = np.sort(np.asarray(corners_mm), axis=0)
    mask = dense(scene, box) & free[box] & (tissue[box] != Tissue.SKELETON)
    where = np.argwhere(mask)
    offset = np.array([part.start for part in box])
    points = scene.volume.grid.to_world_mm(where + offset)
    is_inside = ((points >= low) & (points <= high)).all(axis=1)
    mask[tuple(where[~is_inside].T)] = False
    return mask if mask.any() else None
