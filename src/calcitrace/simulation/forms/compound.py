"""Lobulated masses and clusters."""

import math
from dataclasses import dataclass

import numpy as np

from calcitrace.simulation.forms.geometry import Form, Point, Pose, Solid, to_point
from calcitrace.simulation.forms.simple import ball


@dataclass(frozen=True, slots=True)
class Lobulated:
    """A ball with smaller balls that bulge out of it, apart from each other.

    Attributes
    ----------
    core
        Centre and radius in mm.
    lobes
        The same for each lobe. Lobes may cut the core, not each other.
    """

    core: tuple[Point, float]
    lobes: tuple[tuple[Point, float], ...]

    @property
    def volume_mm3(self) -> float:
        """Exact volume: balls less the lenses that lobes share with the core."""
        (centre, radius) = self.core
        volume = 4 / 3 * math.pi * radius**3
        for place, r in self.lobes:
            lens = lens_volume_mm3(radius, r, math.dist(centre, place))
            volume += 4 / 3 * math.pi * r**3 - lens
        return volume

    @property
    def centroid_mm(self) -> Point:
        """Exact centre of volume: that of the balls less that of the shared lenses."""
        centre, radius = self.core
        weights = [4 / 3 * math.pi * radius**3]
        places = [np.asarray(centre, float)]
        for place, r in self.lobes:
            distance = math.dist(centre, place)
            part = lens_centre_mm(radius, r, distance) / distance if distance else 0.0
            at = np.asarray(place, float)
            weights += [4 / 3 * math.pi * r**3, -lens_volume_mm3(radius, r, distance)]
            places += [at, places[0] + part * (at - places[0])]
        return to_point(np.average(np.array(places), axis=0, weights=weights))

    @property
    def solids(self) -> tuple[Solid, ...]:
        """All balls."""
        return tuple(s for c, r in (self.core, *self.lobes) for s in ball(c, r).solids)

    def moved(self, pose: Pose) -> "Lobulated":
        """Return the same body elsewhere."""
        core = (pose.point(self.core[0]), self.core[1])
        return Lobulated(core, tuple((pose.point(c), r) for c, r in self.lobes))


@dataclass(frozen=True, slots=True)
class Group:
    """Forms that do not overlap: a cluster."""

    members: tuple[Form, ...]

    @property
    def volume_mm3(self) -> float:
        """Exact volume."""
        return math.fsum(m.volume_mm3 for m in self.members)

    @property
    def centroid_mm(self) -> Point:
        """Exact centre of volume."""
        places = np.array([m.centroid_mm for m in self.members])
        weights = [m.volume_mm3 for m in self.members]
        return to_point(np.average(places, axis=0, weights=weights))

    @property
    def solids(self) -> tuple[Solid, ...]:
        """Those of all members."""
        return tuple(s for m in self.members for s in m.solids)

    def moved(self, pose: Pose) -> "Group":
        """Return the same group elsewhere."""
        return Group(tuple(m.moved(pose) for m in self.members))


def lens_volume_mm3(first_mm: float, second_mm: float, distance_mm: float) -> float:
    """Volume that two balls share.

    Examples
    --------
    >>> lens_volume_mm3(1.0, 1.0, 2.0)
    0.0
    >>> round(lens_volume_mm3(2.0, 1.0, 0.5), 4) == round(4 / 3 * math.pi, 4)
    True
    """
    if distance_mm >= first_mm + second_mm:
        return 0.0
    if distance_mm <= abs(first_mm - second_mm):
        return 4 / 3 * math.pi * min(first_mm, second_mm) ** 3
    gap = first_mm + second_mm - distance_mm
    shape = (
        distance_mm**2
        + 2 * distance_mm * (first_mm + second_mm)
        - 3 * (first_mm - second_mm) ** 2
    )
    return math.pi * gap**2 * shape / (12 * distance_mm)


def lens_centre_mm(first_mm: float, second_mm: float, distance_mm: float) -> float:
    """Centre of the volume that two balls share, measured from the first one's.

    Examples
    --------
    >>> lens_centre_mm(1.0, 1.0, 1.0)
    0.5
    >>> lens_centre_mm(3.0, 1.0, 1.5)  # all of the second
    1.5
    """
    if distance_mm <= abs(first_mm - second_mm):
        return 0.0 if first_mm < second_mm else distance_mm
    if distance_mm >= first_mm + second_mm:
        return first_mm
    plane = (distance_mm**2 + first_mm**2 - second_mm**2) / (2 * distance_mm)
    volume, centre = _cap(first_mm, first_mm - plane)
    other, back = _cap(second_mm, second_mm - (distance_mm - plane))
    return (volume * centre + other * (distance_mm - back)) / (volume + other)


def _cap(radius_mm: float, height_mm: float) -> tuple[float, float]:
    """Volume of a ball's cap, and how far its centre lies from the ball's."""
    rest = 3 * radius_mm - height_mm
    volume = math.pi * height_mm**2 * rest / 3
    return volume, 3 * (2 * radius_mm - height_mm) ** 2 / (4 * rest)
