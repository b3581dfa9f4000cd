"""Likeness of CT numbers: tells how far a shaft slid or turned about itself.

A bone's surface says nothing along a smooth shaft. There soft tissue about the bone
decides: fat, muscle, skin.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.alignment.matrices import (
    Matrix,
    moved,
)
from calcitrace.analysis.alignment.pictures import Picture, slopes
from calcitrace.model.grid import Grid

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

LOWEST_HU, HIGHEST_HU = -250.0, 200.0
ALIKE_HU, UNLIKE_HU = 150.0, 300.0
HIDDEN, HALF = 0.02, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Smooth CT numbers of a visit, ready to be looked up.

    Attributes
    ----------
    grid
        Of the arrays.
    hu
        Clipped, so that bone and soft tissue weigh alike.
    slope
        Shape (3, slice, row, column): derivative along (x, y, z), per mm.
    usable
        Measured, and no deposit.
    nodes_mm, values
        Usable nodes in the body, shape (n, 3), and their CT numbers.
    """

    grid: Grid
    hu: Floats
    slope: Floats
    usable: NDArray[np.bool_]
    nodes_mm: Points
    values: Points

    def at(self, points_mm: Points) -> tuple[Points, Points, NDArray[np.bool_]]:
        """CT numbers, their slopes (n, 3), and whether they count."""
        index = self.grid.to_index(points_mm).T
        hu, *slope = (
            np.asarray(
                ndimage.map_coordinates(a, index, order=1, mode="nearest"), np.float64
            )
            for a in (self.hu, *self.slope)
        )
        near = np.rint(index).astype(np.intp)
        last = np.asarray(self.grid.shape)[:, None] - 1
        inside = ((near >= 0) & (near <= last)).all(axis=0)
        usable = self.usable[tuple(np.clip(near, 0, last))] & inside
        return hu, np.stack(slope, axis=1), usable


def look(picture: Picture, smooth_mm: float) -> Look:
    """Smooth a picture."""
    step = picture.grid.spacing_mm[0]
    hu = ndimage.gaussian_filter(
        np.clip(picture.hu, LOWEST_HU, HIGHEST_HU), smooth_mm / step, mode="nearest"
    )
    slope = slopes(hu, step)
    usable = (picture.seen > HALF) & (picture.deposit < HIDDEN)
    index = np.argwhere(usable & (picture.body > HALF))
    return Look(
        picture.grid,
        hu,
        slope,
        usable,
        picture.grid.to_world_mm(index),
        hu[tuple(index.T)].astype(np.float64),
    )


def unlikeness(points_mm: Points, values: Points, other: Look, motion: Matrix) -> float:
    """Mean difference of CT numbers, from 0 to 1, of what both visits measured."""
    hu, _, usable = other.at(moved(motion, points_mm))
    if not usable.any():
        return 1.0
    away = np.minimum(np.abs(hu - values)[usable], UNLIKE_HU)
    return float(away.mean()) / UNLIKE_HU
