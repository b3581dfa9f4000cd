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
        """Centre of volume, with the lenses weighed at the lobes' inner faces."""
        centre, radius = self.core
        weights = [4 / 3 * math.pi * radius**3]
        places = [np.asarray(centre, float)]
        for place, r in self.lobes:
            lens = lens_volume_mm3(radius, r, math.dist(centre, place))
            weights.append(4 / 3 * math.pi * r**3 - lens)
            places.append(np.asarray(place, float))
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
