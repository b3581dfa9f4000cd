"""Ellipsoids, tubes and capsules."""

import math
from dataclasses import dataclass, replace

import numpy as np

from calcitrace.simulation.forms.geometry import (
    IDENTITY,
    Array,
    Matrix,
    Point,
    Pose,
    Solid,
    to_matrix,
    to_point,
)


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """Ellipsoid; a ball if all radii are the same.

    Attributes
    ----------
    radii_mm
        Along the three directions of `axes`.
    axes
        Rows: three orthogonal unit vectors.
    """

    centre_mm: Point
    radii_mm: Point
    axes: Matrix = IDENTITY

    @property
    def volume_mm3(self) -> float:
        """Exact volume.

        Examples
        --------
        >>> round(Ellipsoid((0, 0, 0), (1, 2, 3)).volume_mm3, 3)
        25.133
        """
        return 4 / 3 * math.pi * math.prod(self.radii_mm)

    @property
    def centroid_mm(self) -> Point:
        """The centre."""
        return self.centre_mm

    @property
    def solids(self) -> tuple[Solid, ...]:
        """One quadric."""
        matrix = np.asarray(self.axes, float) / np.asarray(self.radii_mm)[:, None]
        none = np.empty((0, 4))
        reach = max(self.radii_mm)
        return (Solid(self.centre_mm, matrix, none, None, self.centre_mm, reach),)

    def moved(self, pose: Pose) -> "Ellipsoid":
        """Return the same ellipsoid elsewhere."""
        return Ellipsoid(
            pose.point(self.centre_mm), self.radii_mm, _turned(self.axes, pose)
        )


def ball(centre_mm: Point, radius_mm: float) -> Ellipsoid:
    """Ellipsoid of one radius."""
    return Ellipsoid(centre_mm, (radius_mm, radius_mm, radius_mm))


@dataclass(frozen=True, slots=True)
class Tube:
    """Elliptic cylinder with flat ends, or the wall or a wedge of one.

    Attributes
    ----------
    start_mm, end_mm
        Of its axis.
    radii_mm
        Outer half axes of the cross-section, along `side` and across it.
    side
        Direction of the first half axis; its part along the axis is dropped.
    hollow
        Inner over outer radius; 0 is solid.
    half_angle_rad
        The wedge keeps what lies within this angle of `side`, seen from the axis, for
        circular tubes; None keeps the whole ring. Below pi / 2.
    """

    start_mm: Point
    end_mm: Point
    radii_mm: tuple[float, float]
    side: Point = (1.0, 0.0, 0.0)
    hollow: float = 0.0
    half_angle_rad: float | None = None

    @property
    def length_mm(self) -> float:
        """Of the axis."""
        return math.dist(self.start_mm, self.end_mm)

    @property
    def volume_mm3(self) -> float:
        """Exact volume.

        Examples
        --------
        >>> round(Tube((0, 0, 0), (0, 0, 10), (2, 3)).volume_mm3, 3)
        188.496
        >>> wall = Tube(
        ...     (0, 0, 0), (0, 0, 10), (11, 11), hollow=9 / 11, half_angle_rad=0.5
        ... )
        >>> round(wall.volume_mm3, 6)
        200.0
        """
        half = math.pi if self.half_angle_rad is None else self.half_angle_rad
        a, b = self.radii_mm
        return half * a * b * (1 - self.hollow**2) * self.length_mm

    @property
    def centroid_mm(self) -> Point:
        """Exact centre; that of a wedge lies off the axis."""
        middle = (np.asarray(self.start_mm) + np.asarray(self.end_mm)) / 2
        if self.half_angle_rad is None:
            return to_point(middle)
        outer, half = self.radii_mm[0], self.half_angle_rad
        ratio = (1 - self.hollow**3) / (1 - self.hollow**2)
        back = 2 / 3 * outer * ratio * math.sin(half) / half
        return to_point(middle + back * self.frame()[1])

    @property
    def solids(self) -> tuple[Solid, ...]:
        """One quadric between planes."""
        along, side, across = self.frame()
        a, b = self.radii_mm
        matrix = np.stack([side / a, across / b, np.zeros(3)])
        start, end = np.asarray(self.start_mm, float), np.asarray(self.end_mm, float)
        planes = [(*along, along @ end), (*-along, -along @ start)]
        if self.half_angle_rad is not None:
            for sign in (1, -1):
                normal = -side * math.sin(self.half_angle_rad) + (
                    sign * across * math.cos(self.half_angle_rad)
                )
                planes.append((*normal, normal @ start))
        hole = matrix / self.hollow if self.hollow > 0 else None
        middle = to_point((start + end) / 2)
        reach = math.hypot(self.length_mm / 2, max(a, b))
        return (Solid(self.start_mm, matrix, np.array(planes), hole, middle, reach),)

    def moved(self, pose: Pose) -> "Tube":
        """Return the same tube elsewhere."""
        return replace(
            self,
            start_mm=pose.point(self.start_mm),
            end_mm=pose.point(self.end_mm),
            side=pose.vector(to_point(self.frame()[1])),
        )

    def frame(self) -> tuple[Array, Array, Array]:
        """Unit vectors along the axis, to the side and across."""
        along = np.asarray(self.end_mm, float) - np.asarray(self.start_mm, float)
        along /= np.linalg.norm(along)
        side = np.asarray(self.side, float)
        side = side - (side @ along) * along
        if np.linalg.norm(side) < 1e-6:  # noqa: PLR2004 -- any direction will do
            side = np.cross(along, [0.0, 1.0, 0.0])
        side /= np.linalg.norm(side)
        return along, side, np.cross(along, side)


@dataclass(frozen=True, slots=True)
class Capsule:
    """Rod with round ends: two half balls on a cylinder of one radius."""

    start_mm: Point
    end_mm: Point
    radius_mm: float

    @property
    def volume_mm3(self) -> float:
        """Exact volume.

        Examples
        --------
        >>> round(Capsule((0, 0, 0), (0, 0, 3), 1.0).volume_mm3, 4)
        13.6136
        """
        r = self.radius_mm
        return math.pi * r**2 * (math.dist(self.start_mm, self.end_mm) + 4 / 3 * r)

    @property
    def centroid_mm(self) -> Point:
        """Middle of the axis."""
        return to_point((np.asarray(self.start_mm) + np.asarray(self.end_mm)) / 2)

    @property
    def solids(self) -> tuple[Solid, ...]:
        """A cylinder and two balls, which overlap it."""
        r = self.radius_mm
        rod = Tube(self.start_mm, self.end_mm, (r, r))
        ends = ball(self.start_mm, r).solids + ball(self.end_mm, r).solids
        return rod.solids + ends

    def moved(self, pose: Pose) -> "Capsule":
        """Return the same capsule elsewhere."""
        return Capsule(
            pose.point(self.start_mm), pose.point(self.end_mm), self.radius_mm
        )


def _turned(axes: Matrix, pose: Pose) -> Matrix:
    return to_matrix(np.array([pose.vector(axis) for axis in axes]))
