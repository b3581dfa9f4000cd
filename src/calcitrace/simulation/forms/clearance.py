"""Room between the surfaces of two forms."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from calcitrace.simulation.forms.distance import members, nearest_on_surface
from calcitrace.simulation.forms.geometry import Array, Form, Point, to_point
from calcitrace.simulation.forms.simple import Ellipsoid, Tube
from calcitrace.simulation.forms.surface import surface_points

SAMPLES_ACROSS = 24.0
MAX_ROUNDS = 60
CONVERGED_MM = 1e-5


@dataclass(frozen=True, slots=True)
class Clearance:
    """Room between a form and what is next to it.

    Attributes
    ----------
    gap_mm
        Between the surfaces, exact to about 0.01 mm; negative where they overlap.
    away
        Unit vector from the neighbour to the form, where they are nearest.
    """

    gap_mm: float
    away: Point


def clearance(form: Form, neighbour: Form) -> Clearance:
    """Room between two forms.

    Balls are measured exactly. For others the nearest of many surface points is carried
    from one surface to the other until it stays where it is.

    Parameters
    ----------
    form
        Form whose clearance is wanted, such as a deposit.
    neighbour
        What it must keep clear of.
    """
    found = [_of_member(part, neighbour) for part in members(form)]
    return min(found, key=lambda c: c.gap_mm)


def nearest_clearance(form: Form, neighbours: Iterable[Form]) -> Clearance | None:
    """Room to the nearest of several forms; None without any."""
    centre, reach = bounding_ball(form)
    bounds = [
        (float(nearest_on_surface(other, centre[None])[0][0]) - reach, other)
        for other in neighbours
    ]
    best: Clearance | None = None
    for least_mm, other in sorted(bounds, key=lambda pair: pair[0]):
        if best is not None and least_mm > best.gap_mm:
            break
        found = clearance(form, other)
        if best is None or found.gap_mm < best.gap_mm:
            best = found
    return best


def bounding_ball(form: Form) -> tuple[Array, float]:
    """Centre, shape (3,), and radius of a ball that holds a form closely."""
    balls = [_ball_of_member(part) for part in members(form)]
    if len(balls) == 1:
        return balls[0]
    centres = np.array([centre for centre, _ in balls])
    middle = (centres.min(axis=0) + centres.max(axis=0)) / 2
    reach = np.linalg.norm(centres - middle, axis=1) + [radius for _, radius in balls]
    return middle, float(reach.max())


def _ball_of_member(part: Form) -> tuple[Array, float]:
    if isinstance(part, Tube) and part.half_angle_rad is not None:
        _, side, _ = part.frame()
        outer, half = part.radii_mm[0], part.half_angle_rad
        inner = outer * part.hollow
        bend = (outer + inner) / 2
        middle = (np.array(part.start_mm) + np.array(part.end_mm)) / 2 + bend * side
        # The farthest points are corners, for arcs recede evenly from their middle.
        across = max(
            math.hypot(r * math.cos(half) - bend, r * math.sin(half))
            for r in (inner, outer)
        )
        return middle, math.hypot(across, part.length_mm / 2)
    (solid, *more) = part.solids
    if not more:
        return np.array(solid.middle_mm), solid.reach_mm
    middle = np.array(part.centroid_mm)
    reaches = [math.dist(middle, s.middle_mm) + s.reach_mm for s in part.solids]
    return middle, max(reaches)


def _of_member(part: Form, neighbour: Form) -> Clearance:
    if isinstance(part, Ellipsoid) and len(set(part.radii_mm)) == 1:
        centre = np.array([part.centre_mm])
        distance, near = nearest_on_surface(neighbour, centre)
        gap = float(distance[0]) - part.radii_mm[0]
        return Clearance(gap, _direction(near[0], centre[0], float(distance[0])))
    _, reach = bounding_ball(part)
    points, _ = surface_points(part, max(2 * reach / SAMPLES_ACROSS, 0.1))
    distance, near = nearest_on_surface(neighbour, points)
    k = int(distance.argmin())
    if distance[k] > 0 and not _holds(part, neighbour):
        return _polished(part, neighbour, points[k])
    deepest = min(float(distance[k]), -CONVERGED_MM)
    return Clearance(deepest, _direction(near[k], points[k], float(distance[k])))


def _holds(part: Form, neighbour: Form) -> bool:
    """Whether a member of the neighbour begins inside the part."""
    starts = [surface_points(m, math.inf)[0][:1] for m in members(neighbour)]
    distance, _ = nearest_on_surface(part, np.concatenate(starts))
    return bool((distance < 0).any())


def _polished(part: Form, neighbour: Form, point: Array) -> Clearance:
    """Carry a point to and fro between two surfaces until the distance settles."""
    here = point[None]
    gap = math.inf
    for _ in range(MAX_ROUNDS):
        distance, there = nearest_on_surface(neighbour, here)
        if distance[0] <= 0 or gap - distance[0] < CONVERGED_MM:
            break
        gap = float(distance[0])
        _, here = nearest_on_surface(part, there)
    distance, there = nearest_on_surface(neighbour, here)
    gap = float(distance[0])
    return Clearance(gap, _direction(there[0], here[0], gap))


def _direction(from_mm: Array, to_mm: Array, sign: float) -> Point:
    step = (to_mm - from_mm) * (1.0 if sign >= 0 else -1.0)
    length = float(np.linalg.norm(step))
    return to_point(step / length) if length > 0 else (0.0, 0.0, 0.0)
