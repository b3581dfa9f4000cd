"""Where voxels lie in the patient: lattice, orientation, position."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import InputError

Direction = tuple[
    tuple[float, float, float],
    tuple[float, float, float],
    tuple[float, float, float],
]

# Array axes are (slice, row, column); for a standard axial scan slices run to the head
# (+z), rows to the back (+y), columns to the patient's left (+x).
AXIAL: Direction = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
ORTHONORMAL_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Grid:
    """A regular lattice of voxel centres in patient space (DICOM LPS, mm).

    Attributes
    ----------
    shape
        Voxels along (slice, row, column).
    spacing_mm
        Distance between centres along (slice, row, column).
    origin_mm
        Patient position (x, y, z) of the centre of voxel (0, 0, 0).
    direction
        Three unit vectors in patient space: where the slice index, the row index and
        the column index grow to. Orthogonal; either handedness.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: Direction = AXIAL

    def __post_init__(self) -> None:
        if any(n < 1 for n in self.shape):
            msg = f"Expected a grid with voxels along every axis, got {self.shape}."
            raise InputError(msg)
        if not all(math.isfinite(s) and s > 0 for s in self.spacing_mm):
            msg = f"Expected positive spacing in mm, got {self.spacing_mm}."
            raise InputError(msg)
        if not all(math.isfinite(o) for o in self.origin_mm):
            msg = f"Expected a finite grid origin in mm, got {self.origin_mm}."
            raise InputError(msg)
        axes = np.asarray(self.direction)
        if not np.allclose(axes @ axes.T, np.eye(3), atol=ORTHONORMAL_TOLERANCE):
            msg = f"Expected orthogonal unit axes, got {self.direction}."
            raise InputError(msg)

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel."""
        return math.prod(self.spacing_mm)

    @property
    def n_voxels(self) -> int:
        """Number of voxels."""
        return math.prod(self.shape)

    @property
    def extent_mm(self) -> tuple[float, float, float]:
        """Length of the lattice along (slice, row, column), voxel edges included."""
        s, r, c = (n * d for n, d in zip(self.shape, self.spacing_mm, strict=True))
        return s, r, c

    @property
    def affine(self) -> NDArray[np.float64]:
        """Matrix, shape (4, 4), from (slice, row, column) to patient (x, y, z) mm."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.asarray(self.direction).T * np.asarray(self.spacing_mm)
        matrix[:3, 3] = self.origin_mm
        return matrix

    def to_world_mm(
        self, index: NDArray[np.floating] | NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Patient position of voxel indices, shape (..., 3), may be fractional."""
        axes = np.asarray(self.direction, np.float64)
        steps = np.asarray(index, np.float64) * np.asarray(self.spacing_mm)
        world: NDArray[np.float64] = steps @ axes + np.asarray(self.origin_mm)
        return world

    def to_index(self, point_mm: NDArray[np.floating]) -> NDArray[np.float64]:
        """Fractional voxel indices of patient positions, shape (..., 3)."""
        axes = np.asarray(self.direction, np.float64)
        offset = np.asarray(point_mm, np.float64) - np.asarray(self.origin_mm)
        index: NDArray[np.float64] = offset @ axes.T / np.asarray(self.spacing_mm)
        return index

    def crop(self, box: tuple[slice, slice, slice]) -> "Grid":
        """Return the grid of `array[box]`; the box holds plain start and stop."""
        starts: list[int] = []
        shape: list[int] = []
        for part, n in zip(box, self.shape, strict=True):
            start, stop, step = part.indices(n)
            if step != 1:
                msg = f"Expected a box without steps, got step {step}."
                raise InputError(msg)
            starts.append(start)
            shape.append(stop - start)
        x, y, z = (float(v) for v in self.to_world_mm(np.asarray(starts)))
        s, r, c = shape
        return Grid((s, r, c), self.spacing_mm, (x, y, z), self.direction)

    def radius_voxels(self, radius_mm: float) -> tuple[int, int, int]:
        """Whole voxels along each axis that a length in mm reaches at least."""
        s, r, c = (math.ceil(radius_mm / d - 1e-9) for d in self.spacing_mm)
        return s, r, c
