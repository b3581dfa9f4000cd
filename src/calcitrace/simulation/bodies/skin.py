"""A skin that is made of several forms, as points where it meets the air."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from calcitrace.simulation.forms import Form, Point
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.forms.geometry import Array, to_point
from calcitrace.simulation.forms.surface import surface_points

CLOUD_MM = 0.9  # between points of a composite skin


class SkinCloud:
    """Points of a skin that is made of several forms, where it meets the air."""

    def __init__(
        self,
        forms: Sequence[Form],
        points: Array,
        normals: Array,
        owners: NDArray[np.intp],
    ) -> None:
        self._forms = tuple(forms)
        self._points, self._normals, self._owners = points, normals, owners
        self._tree = cKDTree(points)

    @classmethod
    def of(cls, forms: Sequence[Form]) -> "SkinCloud":
        """Sample the forms and leave out what lies inside others."""
        points: list[Array] = []
        normals: list[Array] = []
        owners: list[NDArray[np.intp]] = []
        for k, form in enumerate(forms):
            at, out = surface_points(form, CLOUD_MM)
            rest = [f for i, f in enumerate(forms) if i != k]
            seen = np.min([nearest_on_surface(f, at)[0] for f in rest], axis=0) > 0
            points.append(at[seen])
            normals.append(out[seen])
            owners.append(np.full(int(seen.sum()), k, np.intp))
        return cls(
            forms,
            np.concatenate(points),
            np.concatenate(normals),
            np.concatenate(owners),
        )

    def depth_mm(self, points_mm: Array) -> Array:
        """Distance to the plane that touches the skin at the nearest point.

        In a crease, where the nearest point is none that a plane touches, distance to
        that point itself. Negative outside.
        """
        distance, nearest = self._tree.query(points_mm)
        away = self._points[nearest] - points_mm
        to_plane = np.abs((away * self._normals[nearest]).sum(axis=1))
        aside = np.sqrt(np.maximum(distance**2 - to_plane**2, 0.0))
        inside = (
            np.min([nearest_on_surface(f, points_mm)[0] for f in self._forms], 0) < 0
        )
        depth = np.where(aside <= CLOUD_MM, to_plane, distance)
        return np.asarray(np.where(inside, depth, -depth), np.float64)

    def owner(self, point_mm: Point) -> int:
        """Which of the forms is the nearest skin."""
        return int(self._owners[int(self._tree.query(point_mm)[1])])

    def out(self, point_mm: Point) -> Point:
        """Normal of the nearest skin."""
        return to_point(self._normals[int(self._tree.query(point_mm)[1])])
