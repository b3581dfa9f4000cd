"""Where in a body a point lies: tissue, depth below the skin, gap to bone, bend."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.skin import SkinCloud
from calcitrace.simulation.forms import Form, Point
from calcitrace.simulation.forms.clearance import (
    Clearance,
    bounding_ball,
    nearest_clearance,
)
from calcitrace.simulation.forms.distance import members, nearest_on_surface
from calcitrace.simulation.forms.geometry import Array, Solid, to_point
from calcitrace.simulation.forms.simple import Ellipsoid
from calcitrace.simulation.forms.surface import surface_points

AIR = "air"
STEP_MM = 0.2  # of differences that give curvature
FLATTEST_MM = 400.0  # radius beyond which a surface counts as flat
ROUND_RATIO = 0.9  # of the smaller to the larger curvature: no direction stands out
SAMPLES_ACROSS = 40.0
HEIGHT_STEP_MM = 4.0
NEAR_MM = 12.0  # bones further above or below are looked at only if none is nearer


@dataclass(frozen=True, slots=True)
class Place:
    """A point and the directions of the tissue layers about it.

    Attributes
    ----------
    out, along
        Unit vectors to the skin, and along the body where layers bend least.
    bend_mm
        Radius with which the layer through the point bends across `along`.
    """

    point_mm: Point
    out: Point
    along: Point
    bend_mm: float

    @property
    def around(self) -> Point:
        """Unit vector around the body."""
        return to_point(np.cross(self.along, self.out))


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of one point of a body.

    Attributes
    ----------
    tissue
        Material at the point, "air" outside.
    gap_mm
        To the nearest bone, negative inside one; None in a body without bones.
    depth_mm
        Below the skin, negative outside.
    """

    tissue: str
    gap_mm: float | None
    depth_mm: float


class Surroundings:
    """Answers about one body, computed from its forms."""

    def __init__(self, body: Body) -> None:
        """Sample the skin once, where it is made of more than one form."""
        self.body = body
        self._soft = [(p.form.solids, p.material) for p in body.soft]
        self._all = [(p.form.solids, p.material) for p in body.parts]
        self._bones = tuple(b.form for b in body.bones)
        self._heights = [_heights_mm(bone) for bone in self._bones]
        self._cloud = SkinCloud.of(body.skin) if len(body.skin) > 1 else None
        corners = [surface_points(form, 5.0)[0] for form in body.skin]
        points = np.concatenate(corners)
        self.box_mm: tuple[Point, Point] = (
            to_point(points.min(axis=0)),
            to_point(points.max(axis=0)),
        )

    def site(self, point_mm: Point) -> Site:
        """Tissue, gap and depth of one point."""
        points = np.array([point_mm], float)
        gap = self.gap_mm(points)
        return Site(
            tissue=str(self.tissue(points)[0]),
            gap_mm=None if gap is None else float(gap[0]),
            depth_mm=float(self.depth_mm(points)[0]),
        )

    def tissue(self, points_mm: Array) -> NDArray[np.str_]:
        """Material at points, shape (point,), as parts are painted; "air" outside."""
        return _painted(self._all, points_mm)

    def soft_tissue(self, points_mm: Array) -> NDArray[np.str_]:
        """The same as if there were no bones."""
        return _painted(self._soft, points_mm)

    def gap_mm(self, points_mm: Array, within_mm: float = math.inf) -> Array | None:
        """Distance of points from the nearest bone, shape (point,), negative inside.

        Parameters
        ----------
        points_mm
            Shape (point, 3).
        within_mm
            Bones that lie further above or below all points are left out; the gap is
            then at most too large, and at least this.
        """
        if not self._bones:
            return None
        low, high = points_mm[:, 2].min(), points_mm[:, 2].max()
        gap = np.full(len(points_mm), math.inf)
        for bone, (bottom, top) in zip(self._bones, self._heights, strict=True):
            if bottom - high < within_mm and low - top < within_mm:
                gap = np.minimum(gap, nearest_on_surface(bone, points_mm)[0])
        return gap

    def bone_clearance(self, form: Form) -> Clearance | None:
        """Room between a form and the nearest bone."""
        centre, reach = bounding_ball(form)
        low, high = centre[2] - reach - NEAR_MM, centre[2] + reach + NEAR_MM
        near = [
            bone
            for bone, (bottom, top) in zip(self._bones, self._heights, strict=True)
            if bottom < high and top > low
        ]
        found = nearest_clearance(form, near)
        if found is not None and found.gap_mm < NEAR_MM:
            return found  # all others lie further above or below
        return nearest_clearance(form, self._bones)

    def depth_mm(self, points_mm: Array) -> Array:
        """Depth of points below the skin, shape (point,), negative outside.

        Exact where the skin is one form, else to about 0.02 mm, and to 0.2 mm near the
        crease between two forms.
        """
        if self._cloud is None:
            return -nearest_on_surface(self.body.skin[0], points_mm)[0]
        return self._cloud.depth_mm(points_mm)

    def form_depth(self, form: Form) -> tuple[float, Point]:
        """Depth of a form's shallowest point, and the way from there to the skin."""
        found: list[tuple[float, Point]] = []
        for part in members(form):
            if isinstance(part, Ellipsoid) and len(set(part.radii_mm)) == 1:
                points, less = np.array([part.centre_mm]), part.radii_mm[0]
            else:
                points, less = fine_surface(part), 0.0
            depths = self.depth_mm(points)
            k = int(depths.argmin())
            found.append((float(depths[k]) - less, to_point(points[k])))
        depth, point = min(found)
        return depth, self._out(point)

    def is_within(self, form: Form, tissue: str) -> bool:
        """Whether all of a form lies in one soft tissue, bones aside."""
        points = np.concatenate([fine_surface(m) for m in members(form)])
        return bool((self.soft_tissue(points) == tissue).all())

    def place(self, point_mm: Point, along: Sequence[Form] | None = None) -> Place:
        """Directions and bend of the layers at a point.

        Parameters
        ----------
        along
            Forms whose outline the layers follow; without them the skin.
        """
        forms = self.body.skin if along is None else tuple(along)
        point = np.array([point_mm], float)
        distances = [float(nearest_on_surface(f, point)[0][0]) for f in forms]
        if along is None and self._cloud is not None:
            form = forms[self._cloud.owner(point_mm)]
        else:
            form = forms[int(np.abs(distances).argmin())]
        out = _gradient(form, point[0])
        along_, bend = _bend(form, point[0], out)
        return Place(point_mm, to_point(out), along_, bend)

    def _out(self, point_mm: Point) -> Point:
        if self._cloud is None:
            return to_point(_gradient(self.body.skin[0], np.array(point_mm)))
        return self._cloud.out(point_mm)


def _heights_mm(form: Form) -> tuple[float, float]:
    """Lowest and highest z of a form, or a little beyond."""
    z = surface_points(form, HEIGHT_STEP_MM)[0][:, 2]
    return float(z.min()) - HEIGHT_STEP_MM / 2, float(z.max()) + HEIGHT_STEP_MM / 2


def fine_surface(form: Form) -> Array:
    """Points on a form that are close enough to tell what it touches."""
    _, reach = bounding_ball(form)
    return surface_points(form, max(2 * reach / SAMPLES_ACROSS, 0.1))[0]


def _painted(
    parts: Sequence[tuple[tuple[Solid, ...], str]], points_mm: Array
) -> NDArray[np.str_]:
    """Material of the last part that holds each point."""
    out = np.full(len(points_mm), AIR, dtype="<U16")
    if not len(points_mm):
        return out
    centre = (points_mm.min(axis=0) + points_mm.max(axis=0)) / 2
    reach = float(np.linalg.norm(points_mm - centre, axis=1).max())
    for solids, material in parts:
        for solid in solids:
            if math.dist(centre, solid.middle_mm) <= reach + solid.reach_mm:
                out[solid.contains(points_mm)] = material
    return out


def _gradient(form: Form, point: Array) -> Array:
    """Unit vector in which the distance from a form grows fastest."""
    steps = STEP_MM * np.concatenate([np.eye(3), -np.eye(3)])
    values, _ = nearest_on_surface(form, point + steps)
    slope = values[:3] - values[3:]
    return np.asarray(slope / max(float(np.linalg.norm(slope)), 1e-12))


def _bend(form: Form, point: Array, out: Array) -> tuple[Point, float]:
    """Direction in which the layer through a point bends least, and its other bend."""
    first = np.cross(out, np.eye(3)[int(np.abs(out).argmin())])
    first /= np.linalg.norm(first)
    tangents = np.stack([first, np.cross(out, first)])
    h = STEP_MM
    pairs = [(0, 0), (1, 1), (0, 1)]
    offsets = [h * (a * tangents[i] + b * tangents[j]) for i, j in pairs
               for a, b in ((1, 1), (-1, -1), (1, -1), (-1, 1))]  # fmt: skip
    values, _ = nearest_on_surface(form, point + np.array(offsets))
    bends = [(v[0] + v[1] - v[2] - v[3]) / (4 * h * h) for v in values.reshape(3, 4)]
    curvature, axes = np.linalg.eigh([[bends[0], bends[2]], [bends[2], bends[1]]])
    along = axes[:, 0] @ tangents
    if curvature[0] > ROUND_RATIO * curvature[1]:  # as on a ball
        upwards = np.array([0.0, 0.0, 1.0])
        along = upwards - (upwards @ out) * out
        if np.linalg.norm(along) < 1e-3:  # noqa: PLR2004 -- any direction will do
            along = tangents[0]
    along = np.asarray(along / np.linalg.norm(along), np.float64)
    along = along if along[2] >= 0 else -along
    return to_point(along), 1.0 / max(float(curvature[1]), 1.0 / FLATTEST_MM)
