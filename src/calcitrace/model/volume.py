"""Arrays bound to a grid and a unit."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import GridMismatchError
from calcitrace.model.grid import Grid

Mask = NDArray[np.bool_]
Box = tuple[slice, slice, slice]


class Tissue(IntEnum):
    """Values of the anatomy label image; a contract with its readers."""

    AIR = 0
    SOFT = 1
    FAT = 2
    SKELETON = 3
    OTHER_DENSE = 4


@dataclass(frozen=True, slots=True, eq=False)
class HuVolume:
    """CT numbers, shape (slice, row, column): int16 where exact, else float32."""

    hu: NDArray[np.int16] | NDArray[np.float32]
    grid: Grid

    def __post_init__(self) -> None:
        if self.hu.shape != self.grid.shape:
            raise GridMismatchError(self.grid.shape, self.hu.shape)


@dataclass(frozen=True, slots=True, eq=False)
class DensityVolume:
    """Hydroxyapatite density, shape (slice, row, column)."""

    mg_cm3: NDArray[np.float32]
    grid: Grid

    def __post_init__(self) -> None:
        if self.mg_cm3.shape != self.grid.shape:
            raise GridMismatchError(self.grid.shape, self.mg_cm3.shape)


@dataclass(frozen=True, slots=True, eq=False)
class MassVolume:
    """Hydroxyapatite mass in each voxel, shape (slice, row, column)."""

    mg: NDArray[np.float32]
    grid: Grid

    def __post_init__(self) -> None:
        if self.mg.shape != self.grid.shape:
            raise GridMismatchError(self.grid.shape, self.mg.shape)


@dataclass(frozen=True, slots=True, eq=False)
class LabelVolume:
    """Whole numbers that name parts, shape (slice, row, column); 0 is nothing."""

    labels: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.int32]
    grid: Grid

    def __post_init__(self) -> None:
        if self.labels.shape != self.grid.shape:
            raise GridMismatchError(self.grid.shape, self.labels.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Which voxels the scanner measured: a voxel counts if its slice and pixel do.

    Attributes
    ----------
    slices
        Shape (slice,): False where a slice is missing and was filled.
    plane
        Shape (row, column): False outside the reconstructed field of view.
    """

    slices: NDArray[np.bool_]
    plane: NDArray[np.bool_]

    @classmethod
    def full(cls, grid: Grid) -> "Coverage":
        """Everything was measured."""
        return cls(np.ones(grid.shape[0], bool), np.ones(grid.shape[1:], bool))

    def mask(self, box: tuple[slice, slice, slice]) -> Mask:
        """Measured voxels of a box, shape of `array[box]`."""
        return self.slices[box[0], None, None] & self.plane[None, box[1], box[2]]

    @property
    def is_full(self) -> bool:
        """Whether every voxel was measured."""
        return bool(self.slices.all() and self.plane.all())


def bounding_box(mask: Mask) -> Box:
    """Smallest box that holds a mask; one voxel where the mask is empty."""
    plane = np.logical_or.reduce(mask, axis=0)
    spans = [mask.any(axis=(1, 2)), plane.any(axis=1), plane.any(axis=0)]
    edges = [np.flatnonzero(span) for span in spans]
    if not edges[0].size:
        return slice(0, 1), slice(0, 1), slice(0, 1)
    s, r, c = (slice(int(e[0]), int(e[-1]) + 1) for e in edges)
    return s, r, c
