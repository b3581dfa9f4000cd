"""Deposits of exact volume and mass, as sets of points in patient space."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

MM3_PER_CM3 = 1000.0

Point = tuple[float, float, float]
Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Shape(Protocol):
    """A body with a closed form for its volume."""

    @property
    def volume_mm3(self) -> float:
        """Exact volume."""
        ...

    @property
    def centroid_mm(self) -> Point:
        """Exact centre of mass, (x, y, z)."""
        ...

    @property
    def bounds_mm(self) -> tuple[Point, Point]:
        """Lowest and highest (x, y, z) of a box that holds the body."""
        ...

    def contains(self, x: Array, y: Array, z: Array) -> Mask:
        """Whether points lie in the body; coordinates broadcast."""
        ...


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """Ellipsoid along the axes of the patient; a ball if all radii are the same."""

    centre_mm: Point
    radii_mm: Point

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
    def bounds_mm(self) -> tuple[Point, Point]:
        """Box about the ellipsoid."""
        (x, y, z), (a, b, c) = self.centre_mm, self.radii_mm
        return (x - a, y - b, z - c), (x + a, y + b, z + c)

    def contains(self, x: Array, y: Array, z: Array) -> Mask:
        """Whether points lie in the ellipsoid."""
        (x0, y0, z0), (a, b, c) = self.centre_mm, self.radii_mm
        return ((x - x0) / a) ** 2 + ((y - y0) / b) ** 2 + ((z - z0) / c) ** 2 <= 1.0


def ball(centre_mm: Point, radius_mm: float) -> Ellipsoid:
    """Ellipsoid of one radius."""
    return Ellipsoid(centre_mm, (radius_mm, radius_mm, radius_mm))


@dataclass(frozen=True, slots=True)
class Sheet:
    """Piece of a cylinder's wall that faces the patient's back.

    Attributes
    ----------
    axis_mm
        (x, y) of the cylinder's axis, which runs along z.
    inner_mm, outer_mm
        Radii of the wall.
    half_angle_rad
        Angle to either side of straight back.
    z_mm
        Lowest and highest z.
    """

    axis_mm: tuple[float, float]
    inner_mm: float
    outer_mm: float
    half_angle_rad: float
    z_mm: tuple[float, float]

    @property
    def volume_mm3(self) -> float:
        """Exact volume.

        Examples
        --------
        >>> round(Sheet((0, 0), 9.0, 11.0, 0.5, (0.0, 10.0)).volume_mm3, 6)
        200.0
        """
        section = self.half_angle_rad * (self.outer_mm**2 - self.inner_mm**2)
        return section * (self.z_mm[1] - self.z_mm[0])

    @property
    def centroid_mm(self) -> Point:
        """Exact centre of mass; it lies inside the bend."""
        cubes = self.outer_mm**3 - self.inner_mm**3
        squares = self.outer_mm**2 - self.inner_mm**2
        half = self.half_angle_rad
        back = 2 / 3 * cubes / squares * math.sin(half) / half
        (x, y), (low, high) = self.axis_mm, self.z_mm
        return x, y + back, (low + high) / 2

    @property
    def bounds_mm(self) -> tuple[Point, Point]:
        """Box about the sheet."""
        (x, y), (low, high) = self.axis_mm, self.z_mm
        side = self.outer_mm * math.sin(self.half_angle_rad)
        front = self.inner_mm * math.cos(self.half_angle_rad)
        return (x - side, y + front, low), (x + side, y + self.outer_mm, high)

    def contains(self, x: Array, y: Array, z: Array) -> Mask:
        """Whether points lie in the sheet."""
        across, back = x - self.axis_mm[0], y - self.axis_mm[1]
        radius = np.hypot(across, back)
        in_wall = (radius >= self.inner_mm) & (radius <= self.outer_mm)
        in_angle = np.abs(np.arctan2(across, back)) <= self.half_angle_rad
        return in_wall & in_angle & (z >= self.z_mm[0]) & (z <= self.z_mm[1])


@dataclass(frozen=True, slots=True)
class Deposit:
    """Hydroxyapatite of one density in one tissue.

    Attributes
    ----------
    name
        What a reader of the truth table sees.
    parts
        Bodies that do not overlap; more than one in a cluster.
    density_mg_cm3
        Of hydroxyapatite, within the bodies.
    host_hu
        CT number of the tissue that it lies in, and in part displaces.
    """

    name: str
    parts: tuple[Shape, ...]
    density_mg_cm3: float
    host_hu: float

    @property
    def volume_mm3(self) -> float:
        """Exact volume."""
        return math.fsum(part.volume_mm3 for part in self.parts)

    @property
    def mass_mg(self) -> float:
        """Exact mass."""
        return self.density_mg_cm3 * self.volume_mm3 / MM3_PER_CM3

    @property
    def centroid_mm(self) -> Point:
        """Exact centre of mass."""
        x, y, z = _weighted_mean(
            [part.centroid_mm for part in self.parts],
            [part.volume_mm3 for part in self.parts],
        )
        return x, y, z

    @property
    def reach_mm(self) -> float:
        """Radius of a ball about the centroid that holds the deposit's box."""
        centre = np.array(self.centroid_mm)
        corners = np.array([part.bounds_mm for part in self.parts])
        farthest = np.abs(corners - centre).max(axis=(0, 1))
        return float(np.linalg.norm(farthest))


def _weighted_mean(points: Sequence[Point], weights: Sequence[float]) -> list[float]:
    return [float(v) for v in np.average(np.array(points), axis=0, weights=weights)]
