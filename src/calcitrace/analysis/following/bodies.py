"""Deposits as clouds of points in a space that all visits share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from calcitrace.model.volume import LabelVolume

Points = NDArray[np.float64]
# A large deposit is known well enough by as many voxels.
MAX_POINTS = 6000


@dataclass(frozen=True, eq=False)
class Body:
    """One deposit: where its voxels lie, and what it weighs.

    Attributes
    ----------
    points_mm
        Voxel centres, shape (n, 3), in a space shared by all bodies.
    voxel_mm
        Longest edge of its voxels.
    """

    points_mm: Points
    voxel_mm: float
    mass_mg: float
    mass_std_mg: float

    @cached_property
    def centre_mm(self) -> Points:
        """Mean of the points, shape (3,)."""
        return np.asarray(self.points_mm.mean(axis=0))

    @cached_property
    def tree(self) -> KDTree:
        """For nearest points."""
        return KDTree(self.points_mm)

    def moved(self, shift_mm: Points) -> "Body":
        """Return the same somewhere else."""
        return replace(self, points_mm=self.points_mm + shift_mm)

    def gap_mm(self, other: "Body") -> float:
        """Between nearest voxel centres, less one voxel: 0 where they touch."""
        nearest, _ = other.tree.query(self.points_mm)
        return max(0.0, float(np.min(nearest)) - max(self.voxel_mm, other.voxel_mm))


def points_of(labels: LabelVolume) -> dict[int, Points]:
    """Voxel centres of every label in patient space, at most `MAX_POINTS` of each."""
    found = _boxes(labels)
    points: dict[int, Points] = {}
    for label, box in enumerate(found, start=1):
        if box is None:
            continue
        index = np.argwhere(labels.labels[box] == label)
        index = index[:: -(-len(index) // MAX_POINTS)]
        start = np.array([part.start for part in box])
        points[label] = labels.grid.to_world_mm(index + start)
    return points


def _boxes(labels: LabelVolume) -> Sequence[tuple[slice, ...] | None]:
    """Box of every label from 1; `None` for a label without a voxel."""
    return ndimage.find_objects(labels.labels)


def bodies_of(
    points_mm: Mapping[int, Points],
    masses: Mapping[int, tuple[float, float]],
    voxel_mm: float,
) -> dict[int, Body]:
    """Bodies by deposit number, from mapped points and (mass, one sigma) in mg."""
    return {
        number: Body(points_mm[number], voxel_mm, *mass)
        for number, mass in masses.items()
        if number in points_mm
    }
