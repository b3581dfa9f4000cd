"""Shapes of deposits: proportions that any volume can be given to."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.surroundings import Place
from calcitrace.simulation.forms import Ellipsoid, Form, Group, Lobulated, Point, Tube
from calcitrace.simulation.forms import ball as ball_form
from calcitrace.simulation.forms.compound import lens_volume_mm3
from calcitrace.simulation.forms.geometry import to_point

Members = tuple[tuple[Point, float], ...]

WIDEST_RAD = 1.3  # half angle of a sheet about its axis
TRIES_PER_SIZE = 40
# Members of a cluster and lobes of a mass, relative to the largest and to the core.
MEMBER_RADII, MEMBER_GAP = (0.7, 1.0), 0.7
LOBE_RADII, LOBE_DISTANCES, LOBE_GAP, LOBE_TRIES = (0.4, 0.62), (0.82, 1.0), 0.03, 600


class Shape(Protocol):
    """Proportions of a deposit."""

    @property
    def kind(self) -> str:
        """Shape class: "nodule", "sheet", "cluster", "lobulated" or "punctate"."""
        ...

    @property
    def is_bent(self) -> bool:
        """Whether it bends with the layers, so that its form changes with its place."""
        ...

    def half_depth_mm(self, volume_mm3: float) -> float:
        """Half of its extent across the tissue layers."""
        ...

    def form(self, place: Place, volume_mm3: float) -> Form:
        """Form of exactly this volume at a place.

        Raises
        ------
        SceneError
            If it does not fit the place.
        """
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """Ball or ellipsoid.

    Attributes
    ----------
    proportions
        Of the extents across the layers, around the body and along it.
    kind
        "nodule" or "punctate".
    """

    proportions: Point = (1.0, 1.0, 1.0)
    kind: str = "nodule"

    @property
    def is_bent(self) -> bool:
        """Its form is the same everywhere."""
        return False

    def radii_mm(self, volume_mm3: float) -> Point:
        """Half axes of the ellipsoid of a volume."""
        scale = math.cbrt(volume_mm3 / (4 / 3 * math.pi * math.prod(self.proportions)))
        a, b, c = (scale * p for p in self.proportions)
        return a, b, c

    def half_depth_mm(self, volume_mm3: float) -> float:
        """First half axis."""
        return self.radii_mm(volume_mm3)[0]

    def form(self, place: Place, volume_mm3: float) -> Form:
        """Ellipsoid along the layers."""
        axes = (place.out, place.around, place.along)
        return Ellipsoid(place.point_mm, self.radii_mm(volume_mm3), axes)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Plate that bends with the layers.

    Attributes
    ----------
    proportions
        Of thickness, width around the body and length along it.
    """

    proportions: Point = (1.0, 10.0, 12.0)

    @property
    def kind(self) -> str:
        """Shape class."""
        return "sheet"

    @property
    def is_bent(self) -> bool:
        """It bends with the layer that it lies in."""
        return True

    def size_mm(self, volume_mm3: float) -> Point:
        """Thickness, width and length."""
        scale = math.cbrt(volume_mm3 / math.prod(self.proportions))
        a, b, c = (scale * p for p in self.proportions)
        return a, b, c

    def half_depth_mm(self, volume_mm3: float) -> float:
        """Half of its thickness."""
        return self.size_mm(volume_mm3)[0] / 2

    def form(self, place: Place, volume_mm3: float) -> Form:
        """Wedge of a cylinder's wall; its middle lies at the place."""
        thick, wide, long = self.size_mm(volume_mm3)
        bend = place.bend_mm
        half_angle = wide / (2 * bend)
        if half_angle > WIDEST_RAD or thick > bend:
            msg = (
                f"Expected a sheet of at most {2 * WIDEST_RAD * bend:.1f} mm around a "
                f"layer that bends with {bend:.1f} mm, got {wide:.1f} mm. Make it "
                "smaller or place it elsewhere."
            )
            raise SceneError(msg)
        out, along = np.array(place.out), np.array(place.along)
        axis = np.array(place.point_mm) - bend * out
        outer = bend + thick / 2
        return Tube(
            to_point(axis - long / 2 * along),
            to_point(axis + long / 2 * along),
            (outer, outer),
            place.out,
            (bend - thick / 2) / outer,
            half_angle,
        )


@dataclass(frozen=True, slots=True)
class Heap:
    """Balls in fixed relative places: a cluster, or a mass with lobes.

    Attributes
    ----------
    balls
        Centres relative to the place (out, around, along) and radii, in any unit. Of a
        lobulated mass the first is the core.
    kind
        "cluster" or "lobulated".
    """

    balls: Members
    kind: str

    @property
    def is_bent(self) -> bool:
        """Its form is the same everywhere."""
        return False

    def half_depth_mm(self, volume_mm3: float) -> float:
        """Farthest extent from its place."""
        reach = max(math.hypot(*c) + r for c, r in self.balls)
        return reach * self._scale(volume_mm3)

    def form(self, place: Place, volume_mm3: float) -> Form:
        """All balls at their size."""
        scale = self._scale(volume_mm3)
        axes = np.array([place.out, place.around, place.along])
        placed = tuple(
            (to_point(place.point_mm + scale * np.array(c) @ axes), r * scale)
            for c, r in self.balls
        )
        if self.kind == "cluster":
            return Group(tuple(ball_form(c, r) for c, r in placed))
        return Lobulated(placed[0], placed[1:])

    def _scale(self, volume_mm3: float) -> float:
        whole = math.fsum(4 / 3 * math.pi * r**3 for _, r in self.balls)
        if self.kind == "lobulated":
            (centre, radius), *lobes = self.balls
            whole -= math.fsum(
                lens_volume_mm3(radius, r, math.dist(centre, c)) for c, r in lobes
            )
        return math.cbrt(volume_mm3 / whole)


def cluster(n_members: int, rng: np.random.Generator) -> Heap:
    """Balls of different size apart from each other, in a round heap.

    Parameters
    ----------
    n_members
        How many.
    rng
        Decides places and sizes.
    """
    balls: list[tuple[Point, float]] = []
    room, failed = MEMBER_RADII[1], 0
    while len(balls) < n_members:
        radius = float(rng.uniform(*MEMBER_RADII))
        centre = to_point(room * _in_ball(rng))
        if all(
            math.dist(centre, c) >= radius + r + MEMBER_GAP * (radius + r) / 2
            for c, r in balls
        ):
            balls.append((centre, radius))
            continue
        failed += 1
        if failed % TRIES_PER_SIZE == 0:
            room *= 1.1
    middle = np.average([c for c, _ in balls], axis=0, weights=[r**3 for _, r in balls])
    return Heap(tuple((to_point(np.array(c) - middle), r) for c, r in balls), "cluster")


def lobulated(n_lobes: int, rng: np.random.Generator) -> Heap:
    """Ball with at most so many lobes, which do not meet each other.

    Parameters
    ----------
    n_lobes
        How many at most; as many as find room.
    rng
        Decides places and sizes.
    """
    lobes: list[tuple[Point, float]] = []
    for _ in range(LOBE_TRIES):
        if len(lobes) == n_lobes:
            break
        way = rng.normal(size=3)
        distance = float(rng.uniform(*LOBE_DISTANCES))
        centre = to_point(distance * way / np.linalg.norm(way))
        radius = float(rng.uniform(*LOBE_RADII))
        if all(math.dist(centre, c) >= radius + r + LOBE_GAP for c, r in lobes):
            lobes.append((centre, radius))
    core: tuple[Point, float] = ((0.0, 0.0, 0.0), 1.0)
    return Heap((core, *lobes), "lobulated")


def _in_ball(rng: np.random.Generator) -> np.ndarray:
    """Return a point that is uniform in the unit ball."""
    way = rng.normal(size=3)
    return np.asarray(way / np.linalg.norm(way) * rng.uniform() ** (1 / 3))
