"""Motions, and solids with a closed form for every ray."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]
Array = NDArray[np.float64]
Matrix = tuple[Point, Point, Point]

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Pose:
    """Rigid motion in patient space: x -> rotation x + shift.

    Attributes
    ----------
    rotation
        Rows of a proper rotation matrix.
    shift_mm
        Applied after the rotation.
    """

    rotation: Matrix = IDENTITY
    shift_mm: Point = (0.0, 0.0, 0.0)

    @classmethod
    def of_angles(cls, angles_deg: Point, shift_mm: Point = (0.0, 0.0, 0.0)) -> "Pose":
        """Turn about x, then y, then z, in degrees, and shift."""
        a, b, c = (math.radians(v) for v in angles_deg)
        about_x = np.array(
            [[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]]
        )
        about_y = np.array(
            [[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]]
        )
        about_z = np.array(
            [[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]]
        )
        return cls(to_matrix(about_z @ about_y @ about_x), shift_mm)

    def point(self, point_mm: Sequence[float]) -> Point:
        """Where a point goes."""
        moved = np.asarray(self.rotation) @ np.asarray(point_mm) + self.shift_mm
        return to_point(moved)

    def vector(self, vector: Sequence[float]) -> Point:
        """Where a direction goes."""
        return to_point(np.asarray(self.rotation) @ np.asarray(vector))


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """Piece of space with a closed form for every ray.

    Attributes
    ----------
    centre_mm
        Of both quadrics.
    matrix
        Shape (3, 3); inside where |matrix (x - centre)| <= 1. A row of zeros leaves a
        direction free, as along a cylinder.
    planes
        Shape (n, 4), n <= 6, unit normal and offset; inside where normal . x <= offset.
    hole
        Shape (3, 3) or None; what has |hole (x - centre)| < 1 is left out.
    middle_mm, reach_mm
        Ball that holds the solid.
    """

    centre_mm: Point
    matrix: Array
    planes: Array
    hole: Array | None
    middle_mm: Point
    reach_mm: float

    def contains(self, points_mm: Array) -> NDArray[np.bool_]:
        """Whether points, shape (..., 3), lie inside."""
        offset = points_mm - np.asarray(self.centre_mm)
        inside = ((offset @ self.matrix.T) ** 2).sum(-1) <= 1.0
        if len(self.planes):
            inside &= (points_mm @ self.planes[:, :3].T <= self.planes[:, 3]).all(-1)
        if self.hole is not None:
            inside &= ((offset @ self.hole.T) ** 2).sum(-1) >= 1.0
        return np.asarray(inside, bool)


class Form(Protocol):
    """A body whose volume is known exactly."""

    @property
    def volume_mm3(self) -> float:
        """Exact volume."""
        ...

    @property
    def centroid_mm(self) -> Point:
        """Exact centre of volume."""
        ...

    @property
    def solids(self) -> tuple[Solid, ...]:
        """Pieces whose union it is."""
        ...

    def moved(self, pose: Pose) -> Self:
        """Return the same body elsewhere."""
        ...


def to_point(vector: Array) -> Point:
    """Three floats of a vector."""
    x, y, z = (float(v) for v in vector)
    return x, y, z


def to_matrix(rows: Array) -> Matrix:
    """Three rows of a matrix."""
    return to_point(rows[0]), to_point(rows[1]), to_point(rows[2])
