"""Which inserted deposits were found, and which candidates hold none of them."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.errors import GridMismatchError
from calcitrace.model.insertion import Insertion

FOUND_SHARE = 0.2  # of a deposit's mass
EXPLAINED_SHARE = 0.2  # of a candidate's voxels
NEIGHBOURS = np.ones((3, 3, 3), bool)


@dataclass(frozen=True, slots=True)
class Overlap:
    """What candidates hold of one deposit.

    Attributes
    ----------
    shares
        Candidate label and the part of the deposit's true mass in its voxels.
    centre
        Label of the candidate in the voxel of its centre of mass; 0 for none.
    """

    deposit_id: int
    shares: tuple[tuple[int, float], ...]
    centre: int

    def share(self, labels: Collection[int]) -> float:
        """Part of the mass that some candidates hold together."""
        return sum(part for label, part in self.shares if label in labels)

    def is_found(self, labels: Collection[int]) -> bool:
        """Whether some candidates hold a fifth of its mass, or its centre."""
        return self.centre in labels or self.share(labels) >= FOUND_SHARE


def overlaps(insertion: Insertion, labels: NDArray[np.integer]) -> tuple[Overlap, ...]:
    """What candidates hold of each inserted deposit.

    Parameters
    ----------
    insertion
        The truth.
    labels
        Candidate label of each voxel, shape of the scan, 0 for none.

    Raises
    ------
    GridMismatchError
        If the labels have another shape than the scan.
    """
    grid = insertion.scan.volume.grid
    if labels.shape != grid.shape:
        raise GridMismatchError(grid.shape, labels.shape)
    boxes = ndimage.find_objects(insertion.labels.labels, len(insertion.deposits))
    out: list[Overlap] = []
    for deposit, box in zip(insertion.deposits, boxes, strict=True):
        here = np.clip(
            np.rint(grid.to_index(np.array(deposit.centroid_mm))).astype(int),
            0,
            np.array(grid.shape) - 1,
        )
        centre = int(labels[tuple(here)])
        inside = insertion.labels.labels[box] == deposit.deposit_id
        mass = insertion.mass.mg[box][inside].astype(np.float64)
        found = labels[box][inside]
        shares = tuple(
            (int(label), float(mass[found == label].sum() / mass.sum()))
            for label in np.unique(found[found > 0])
        )
        out.append(Overlap(deposit.deposit_id, shares, centre))
    return tuple(out)


def explained(insertion: Insertion, labels: NDArray[np.integer]) -> frozenset[int]:
    """Candidates that hold some inserted deposit; others are not of our making.

    A fifth of the candidate's voxels lie in a deposit or next to one.
    """
    near = ndimage.binary_dilation(insertion.labels.labels > 0, NEIGHBOURS)
    sizes = np.bincount(np.ravel(labels))
    inside = np.bincount(np.ravel(labels[near]), minlength=sizes.size)
    enough = inside >= EXPLAINED_SHARE * np.maximum(sizes, 1)
    enough[0] = False
    return frozenset(int(label) for label in np.flatnonzero(enough & (inside > 0)))
