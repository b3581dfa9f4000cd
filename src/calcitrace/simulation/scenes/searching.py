"""Finds a place that a rule allows, among many that are drawn at random."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.surroundings import Surroundings
from calcitrace.simulation.forms import Capsule, Form, Point, Tube
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.forms.geometry import Array, to_point
from calcitrace.simulation.scenes.placing import (
    Aim,
    Extent,
    Placed,
    Room,
    Rule,
    settled,
)
from calcitrace.simulation.scenes.shapes import Shape

N_POINTS = 4000
LOOK_MM = 25.0  # bones further away are no neighbours
NEAR_BONE_MM = 12.0  # of a bone that a rule names
LAYER_GAP_MM = 0.3  # between a sheet and the layer that it lies on
SHUFFLE_MM = 2.0  # places that are off by no more than this are equally good
OFF_MAX_MM = 8.0  # places that are off by more are not worth a try
FLAT_FREE = np.eye(3)[:2]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Points of a body where a deposit may begin to look for its place.

    Attributes
    ----------
    points_mm
        Shape (point, 3).
    tissue
        Soft tissue at each.
    gap_mm, depth_mm
        To bone (infinite without any near by) and skin.
    """

    points_mm: Array
    tissue: NDArray[np.str_]
    gap_mm: Array
    depth_mm: Array

    @classmethod
    def drawn(
        cls, around: Surroundings, rule: Rule, extent: Extent, rng: np.random.Generator
    ) -> "Places":
        """Points that are uniform in the box of the body, or where the rule puts them."""
        points = _points(around, rule, extent, rng)
        tissue = around.soft_tissue(points)
        points = points[tissue != "air"]
        gap = None if not len(points) else around.gap_mm(points, LOOK_MM)
        return cls(
            points,
            tissue[tissue != "air"],
            np.full(len(points), math.inf) if gap is None else gap,
            around.depth_mm(points) if len(points) else np.empty(0),
        )


@dataclass(frozen=True, slots=True)
class Search:
    """How hard to look.

    Attributes
    ----------
    extent
        Heights between which the deposit must lie; None asks for none.
    n_tries
        Places to try.
    far_mm
        Least distance to bone where the rule asks for no gap.
    """

    extent: Extent | None
    n_tries: int = 60
    far_mm: float = 0.0


def found_place(
    room: Room,
    rule: Rule,
    sized: tuple[Shape, float],
    search: Search,
    drawn: tuple[Places, np.random.Generator],
) -> Placed | None:
    """First place that keeps all of a rule.

    Parameters
    ----------
    room
        Body and what lies in it.
    rule
        Without `at_mm`.
    sized
        Shape of the deposit and its volume in mm3.
    search
        How hard to look.
    drawn
        Places to begin at, and what decides between equally good ones.

    Returns
    -------
    Placed
        None if no place does.
    """
    shape, volume_mm3 = sized
    places, rng = drawn
    half_mm = shape.half_depth_mm(volume_mm3)
    outline = layer(room.around, rule)
    off_mm = _off_mm(places, rule, half_mm, search.far_mm)
    off_mm += _crowding_mm(places, room, half_mm)
    for start in _ranked(places, off_mm, rng)[: search.n_tries]:
        aim = Aim(rule.gap_to_bone_mm, rule.depth_mm, _free(room, rule, start), outline)
        point = start
        if outline is not None:
            point = _on_layer(outline, rule, start, half_mm)
        try:
            rest = settled(room.around, shape, volume_mm3, point, aim)
            if rest is None or not _allowed(room, rule, rest[0], search):
                continue
            placed = room.measured(*rest)
        except SceneError:
            continue  # a sheet too wide for the bend here, or no room
        if rule.gap_to_bone_mm is None and (placed.gap_mm or 0.0) < search.far_mm:
            continue
        return placed
    return None


def layer(around: Surroundings, rule: Rule) -> tuple[Form, ...] | None:
    """Outline that a rule wants a deposit to follow; None is any depth below skin."""
    if rule.along == "fascia":
        return around.body.fascia
    if rule.along == "skin":
        return tuple(p.form for p in around.body.soft if p.material == "fat")
    return None


def _allowed(room: Room, rule: Rule, form: Form, search: Search) -> bool:
    if rule.tissue is not None and not room.around.is_within(form, rule.tissue):
        return False
    return search.extent is None or search.extent.holds(form)


def _off_mm(places: Places, rule: Rule, half_mm: float, far_mm: float) -> Array:
    """By how much places miss the wanted distances; infinite in another tissue."""
    off = np.zeros(len(places.points_mm))
    if rule.gap_to_bone_mm is None:
        off += 3 * np.maximum(half_mm + far_mm - places.gap_mm, 0.0)
    else:
        off += np.abs(places.gap_mm - half_mm - rule.gap_to_bone_mm)
    if rule.depth_mm is not None:
        off += np.abs(places.depth_mm - half_mm - rule.depth_mm)
    if rule.tissue is not None:
        off[places.tissue != rule.tissue] = math.inf
    return off


def _crowding_mm(places: Places, room: Room, half_mm: float) -> Array:
    """By how much places are too near to other deposits."""
    crowding = np.zeros(len(places.points_mm))
    for _, form in room.taken:
        distance, _ = nearest_on_surface(form, places.points_mm)
        lacking = half_mm + room.separation_mm - distance
        crowding = np.maximum(crowding, 3 * lacking)
    return crowding


def _ranked(places: Places, off_mm: Array, rng: np.random.Generator) -> list[Point]:
    """Places from better to worse; equally good ones come in any order."""
    shuffled = off_mm + rng.uniform(0.0, SHUFFLE_MM, len(off_mm))
    order = np.argsort(shuffled, kind="stable")
    return [to_point(places.points_mm[k]) for k in order if off_mm[k] <= OFF_MAX_MM]


def _free(room: Room, rule: Rule, start: Point) -> Array:
    """Directions in which a deposit may move without leaving its rule."""
    if rule.angle_deg is None:
        return FLAT_FREE if rule.z_mm is not None else np.eye(3)
    x, y = _axis(room.around, rule.bone, start[2])
    away = np.array([start[0] - x, start[1] - y, 0.0])
    radial = away / max(float(np.linalg.norm(away)), 1e-9)
    return radial[None] if rule.z_mm is not None else np.stack([radial, np.eye(3)[2]])


def _on_layer(
    outline: Sequence[Form], rule: Rule, start: Point, half_mm: float
) -> Point:
    """Place of a deposit that lies on the outline, on the side of its tissue."""
    point = np.array([start])
    found = [nearest_on_surface(form, point) for form in outline]
    distance, surface = min(found, key=lambda f: abs(float(f[0][0])))
    out = (point[0] - surface[0]) / (float(distance[0]) or 1.0)
    side = 1.0 if rule.along == "fascia" and rule.tissue != "muscle" else -1.0
    return to_point(surface[0] + side * (half_mm + LAYER_GAP_MM) * out)


def _points(
    around: Surroundings, rule: Rule, extent: Extent, rng: np.random.Generator
) -> Array:
    """Points in the box of the body, uniform but for what the rule fixes."""
    low, high = (np.array(corner) for corner in around.box_mm)
    low[2], high[2] = max(low[2], extent.z_mm[0]), min(high[2], extent.z_mm[1])
    points: Array = low + rng.uniform(size=(N_POINTS, 3)) * np.maximum(high - low, 0.0)
    if rule.z_mm is not None:
        points[:, 2] = rule.z_mm
    if rule.angle_deg is not None:
        angle = math.radians(rule.angle_deg)
        widest = float(np.abs([low[:2], high[:2]]).max())
        radius = widest * rng.uniform(size=N_POINTS)
        axis = np.array([_axis(around, rule.bone, float(z)) for z in points[:, 2]])
        points[:, 0] = axis[:, 0] + radius * math.cos(angle)
        points[:, 1] = axis[:, 1] + radius * math.sin(angle)
    if rule.bone is not None:
        form = named_bone(around, rule.bone)
        reach = NEAR_BONE_MM + (rule.gap_to_bone_mm or 0.0)
        points = points[nearest_on_surface(form, points)[0] < reach]
    return points


def named_bone(around: Surroundings, name: str) -> Form:
    """Outer form of a bone.

    Raises
    ------
    SceneError
        If the body has no bone of that name.
    """
    for bone in around.body.bones:
        if bone.name == name:
            return bone.form
    known = ", ".join(b.name for b in around.body.bones)
    msg = f'Expected the name of a bone of the {around.body.name}, got "{name}". Known: {known}.'
    raise SceneError(msg)


def _axis(around: Surroundings, bone: str | None, z_mm: float) -> tuple[float, float]:
    """Where the axis of a bone, or of the body, meets a height."""
    if bone is None:
        return 0.0, 0.0
    form = named_bone(around, bone)
    if not isinstance(form, Tube | Capsule):
        return form.centroid_mm[:2]
    start, end = np.array(form.start_mm), np.array(form.end_mm)
    rise = end[2] - start[2]
    part = 0.5 if rise == 0 else min(max((z_mm - start[2]) / rise, 0.0), 1.0)
    point = start + part * (end - start)
    return float(point[0]), float(point[1])
