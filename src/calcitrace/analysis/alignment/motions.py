"""Rigid motions with scale that bring surface points onto the bones of another scan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.alignment.bones import BoneMap
from calcitrace.analysis.alignment.likeness import ALIKE_HU, Look
from calcitrace.analysis.alignment.matrices import Matrix, moved, turning

Points = NDArray[np.float64]

N_STEPS, N_SCALE_STEPS = 12, 40
DAMPING, SCALE_DAMPING, TINY = 1e-3, 3e-2, 1e-9
ENOUGH = 0.005  # of a node: smaller steps end the search
LEAST_SEEN = 8  # points
# Error of a surface point; neighbours err alike, so many count as one.
SURFACE_MM, POINTS_ALIKE, SURE_MM = 0.4, 30.0, 1.5
TISSUE_HU, NODES_ALIKE = 60.0, 30.0
LONGEST_STEP_MM = 6.0
LOOSE_MM = 8.0  # of what nothing tells


@dataclass(frozen=True, slots=True, eq=False)
class Hold:
    """Points that should stay near where another motion puts them.

    Attributes
    ----------
    points_mm, targets_mm
        In the reference and in the moving scan, shape (n, 3).
    weight
        Of each, where a surface point has 1.
    """

    points_mm: Points
    targets_mm: Points
    weight: float


def fitted(
    target: BoneMap,
    points_mm: Points,
    start: Matrix,
    tolerances_mm: Sequence[float],
    *,
    hold: Hold | None = None,
) -> Matrix:
    """Refine a motion by Gauss-Newton steps on the distance map.

    Points far from any surface weigh little (Geman and McClure), so parts that moved on
    their own, or that only one scan holds, do not pull.

    Parameters
    ----------
    target
        Skeleton of the moving scan.
    points_mm
        On the surface of bones of the reference, shape (n, 3).
    start
        Motion to begin with.
    tolerances_mm
        Distance at which a point loses most of its weight, from coarse to fine.
    hold
        Where some points should stay.
    """
    matrix = start
    for tolerance in tolerances_mm:
        for _ in range(N_STEPS):
            seen = _linearised(target, points_mm, matrix, tolerance)
            if seen is None:
                return matrix
            normal, right = seen.equations(6)
            if hold is not None:
                _pull(hold, matrix, seen, (normal, right))
            normal += (DAMPING * seen.total + TINY) * np.eye(6)
            change = np.asarray(np.linalg.solve(normal, right), np.float64)
            matrix = seen.after(matrix, change)
            if np.linalg.norm(change) < ENOUGH * target.grid.spacing_mm[0]:
                break
    return matrix


def fitted_to_both(
    target: BoneMap,
    points_mm: Points,
    start: Matrix,
    views: Sequence["View"],
    hold: Hold | None = None,
) -> Matrix:
    """Refine a motion by bone surfaces and CT numbers together, each by its precision.

    Parameters
    ----------
    target, points_mm, start, hold
        As for `fitted`; held points should stay within a bone's precision.
    views
        What is looked at, from smooth to fine.
    """
    matrix = start
    for view in views:
        for _ in range(N_STEPS):
            seen = _linearised(target, points_mm, matrix, SURE_MM)
            if seen is None:
                return matrix
            normal, right = seen.equations(6)
            if hold is not None:
                _pull(hold, matrix, seen, (normal, right))
            parts = [a / (SURFACE_MM**2 * POINTS_ALIKE) for a in (normal, right)]
            _see(view, matrix, seen, (parts[0], parts[1]))
            parts[0] += DAMPING * np.trace(parts[0]) / 6 * np.eye(6) + TINY * np.eye(6)
            change = np.asarray(np.linalg.solve(parts[0], parts[1]), np.float64)
            size = float(np.linalg.norm(change))
            change *= min(1.0, LONGEST_STEP_MM / max(size, TINY))
            matrix = seen.after(matrix, change)
            if size < ENOUGH * target.grid.spacing_mm[0]:
                break
    return matrix


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Places of the reference with their CT numbers, and where to look for them."""

    points_mm: Points
    values: Points
    other: Look


def _see(
    view: View, matrix: Matrix, seen: "_Linearised", equations: tuple[Points, Points]
) -> None:
    """Add CT numbers to equations of shift and turn."""
    normal, right = equations
    places = moved(matrix, view.points_mm)
    hu, slope, usable = view.other.at(places)
    away = hu - view.values
    weight = usable / (1 + (away / ALIKE_HU) ** 2) ** 2
    arm = (places - seen.centre) / seen.reach
    rows = np.concatenate([slope, np.cross(arm, slope)], axis=1)
    weighted = (rows * weight[:, None]).T / (TISSUE_HU**2 * NODES_ALIKE)
    normal += weighted @ rows
    right -= weighted @ away


def scaled(
    target: BoneMap, points_mm: Points, start: Matrix, tolerance_mm: float
) -> Matrix:
    """Refine a motion and its scale.

    Kernel and slice thickness move all surfaces outwards or inwards. A common offset
    takes that up, for it is no change of size; the scale follows slowly, so that where
    only one of them can be known, as on a cylinder, it is the offset.
    """
    matrix, offset = start, 0.0
    for _ in range(N_SCALE_STEPS):
        seen = _linearised(target, points_mm, matrix, tolerance_mm, offset)
        if seen is None:
            return matrix
        normal, right = seen.equations(8)
        damping = np.full(8, DAMPING)
        damping[6] = SCALE_DAMPING
        normal += seen.total * np.diag(damping) + TINY * np.eye(8)
        change = np.asarray(np.linalg.solve(normal, right), np.float64)
        matrix = seen.after(matrix, change)
        offset -= float(change[7])
        if np.linalg.norm(change) < ENOUGH * target.grid.spacing_mm[0]:
            break
    return matrix


def covariance(
    target: BoneMap,
    points_mm: Points,
    matrix: Matrix,
    hold: Hold | None,
    view: View | None,
) -> tuple[Points, Points]:
    """How well a motion is known: covariance of shift and turn about a centre.

    Returns
    -------
    covariance
        Shape (6, 6), in mm and radians; what no surface tells is as wide as `LOOSE_MM`.
    centre_mm
        In the moving scan, shape (3,).
    """
    seen = _linearised(target, points_mm, matrix, SURE_MM)
    scale = np.ones(6)
    if seen is None:
        centre: Points = moved(matrix, points_mm).mean(axis=0)
        return LOOSE_MM**2 * np.diag([1.0, 1.0, 1.0, 1e-2, 1e-2, 1e-2]), centre
    normal, _ = seen.equations(6)
    if hold is not None:
        _pull(hold, matrix, seen, (normal, np.zeros(6)))
    normal = normal / (SURFACE_MM**2 * POINTS_ALIKE)
    if view is not None:
        _see(view, matrix, seen, (normal, np.zeros(6)))
    normal += np.eye(6) / LOOSE_MM**2
    scale[3:] = 1.0 / seen.reach
    out: Points = np.linalg.inv(normal) * np.outer(scale, scale)
    return out, seen.centre


@dataclass(frozen=True, slots=True, eq=False)
class _Linearised:
    """Distances of moved points, and how they change."""

    rows: Points
    weight: Points
    distance: Points
    centre: Points
    reach: float

    @property
    def total(self) -> float:
        """Weight of all points."""
        return float(self.weight.sum())

    def equations(self, n: int) -> tuple[Points, Points]:
        """Normal matrix and right side of the first n unknowns."""
        rows = self.rows[:, :n]
        weighted = (rows * self.weight[:, None]).T
        return weighted @ rows, -weighted @ self.distance

    def after(self, matrix: Matrix, change: Points) -> Matrix:
        """Motion after a step: shift, turn about the centre, then scale if it has any."""
        rotation = turning(change[3:6] / self.reach)
        grown = 1.0
        if len(change) > 6:  # noqa: PLR2004 -- more than a rigid motion
            grown = float(np.exp(np.clip(change[6] / self.reach, -0.03, 0.03)))
        out = np.eye(4)
        out[:3, :3] = grown * rotation @ matrix[:3, :3]
        turned = rotation @ (matrix[:3, 3] - self.centre)
        out[:3, 3] = grown * turned + self.centre + change[:3]
        return out


def _linearised(
    target: BoneMap,
    points_mm: Points,
    matrix: Matrix,
    tolerance: float,
    offset_mm: float = 0.0,
) -> _Linearised | None:
    """Look points up; None where the moving scan holds too few of them."""
    places = moved(matrix, points_mm)
    distance, slope, seen = target.at(places)
    if np.count_nonzero(seen) < LEAST_SEEN:
        return None
    distance = distance - offset_mm
    weight = seen / (1 + (distance / tolerance) ** 2) ** 2
    centre = places.mean(axis=0)
    reach = float(np.sqrt(((places - centre) ** 2).sum(1).mean())) + TINY
    arm = (places - centre) / reach
    rows = np.concatenate(
        [
            slope,
            np.cross(arm, slope),
            (arm * slope).sum(axis=1, keepdims=True),
            np.ones((len(places), 1)),
        ],
        axis=1,
    )
    return _Linearised(rows, weight, distance, centre, reach)


def _pull(
    hold: Hold, matrix: Matrix, seen: _Linearised, equations: tuple[Points, Points]
) -> None:
    """Add held points to equations of shift and turn."""
    normal, right = equations
    there = moved(matrix, hold.points_mm)
    arm = (there - seen.centre) / seen.reach
    for axis in range(3):
        along = np.zeros_like(there)
        along[:, axis] = 1.0
        rows = np.concatenate([along, np.cross(arm, along)], axis=1)
        normal += hold.weight * rows.T @ rows
        right -= hold.weight * rows.T @ (there - hold.targets_mm)[:, axis]


def cost_mm(
    target: BoneMap,
    points_mm: Points,
    matrix: Matrix,
    most_mm: float = 4.0,
    unseen_mm: float = 2.0,
) -> float:
    """Mean distance of moved points from bone, each counted up to a limit.

    What lies outside the moving scan counts as half fitting.
    """
    places = moved(matrix, points_mm)
    distance = np.minimum(np.abs(target.distance_at(places)), most_mm)
    return float(np.where(target.is_seen(places), distance, unseen_mm).mean())
