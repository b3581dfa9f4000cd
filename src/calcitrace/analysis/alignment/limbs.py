"""Bone by bone: each turns about its joint with a neighbour that was found before."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from calcitrace.analysis.alignment.bones import Bone, BoneMap
from calcitrace.analysis.alignment.likeness import Look, unlikeness
from calcitrace.analysis.alignment.matrices import (
    Matrix,
    about,
    angle_deg,
    moved,
)
from calcitrace.analysis.alignment.motions import (
    Hold,
    cost_mm,
    covariance,
    fitted,
    fitted_to_both,
)
from calcitrace.analysis.alignment.shafts import is_long, turns, untwisted
from calcitrace.analysis.alignment.views import views_of

Points = NDArray[np.float64]

N_SEARCH, N_FIT = 250, 1500  # surface points of a bone
N_KEPT = 4
SEARCH_MM, FIT_MM = (6.0, 3.0), (3.0, 1.5)
DEGREES_COST = 0.004  # mm of mean distance that a turn by one degree must gain
INNER_MM = 2.0  # counted for an inner point that comes to lie outside bone
TAKEN_MM = 3.0  # or in bone that another bone was found in
# Of a joint, in parts of the bone's surface points; of large bones the hinge lies within.
HOLD_WEIGHTS = (0.15, 0.02, 0.002)
AT_ONCE_MM = 0.45  # a bone that fits as well as this turned about no joint
WORSE_MM = 0.05  # that bone may fit worse where soft tissue fits better
SURE_WEIGHT = 0.02  # of a joint where the error is told
NEAR_JOINT_MM = 18.0  # beyond the gap: the end of the bone that turns
LARGE_FIRST_MM = 5.0  # of gap that a bone of ten times the surface may be farther


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A bone and how it moved.

    Attributes
    ----------
    covariance, centre_mm
        Of shift (mm) and turn (radians) about a centre in the moving scan.
    """

    bone: Bone
    motion: Matrix
    covariance: Points
    centre_mm: Points

    def variance_mm2(self, places_mm: Points) -> Points:
        """Squared error of the motion at places of the moving scan, shape (n,)."""
        arm = places_mm - self.centre_mm
        out = np.zeros(len(arm))
        for along in np.eye(3):
            rows = np.concatenate(
                [np.broadcast_to(along, arm.shape), np.cross(arm, along)], axis=1
            )
            out += np.einsum("ni,ij,nj->n", rows, self.covariance, rows)
        return out


def segments(
    reference: BoneMap,
    target: BoneMap,
    first: Matrix,
    looks: Sequence[tuple[Look, Look]],
) -> tuple[Segment, ...]:
    """Find each bone of the reference in the moving scan.

    Begins with the bone that the first motion explains best, goes on with what lies
    nearest to a bone found before, and tries turns about the joint between them.
    """
    return _Search(reference, target, first, looks).run()


class _Search:
    """Bones found so far."""

    def __init__(
        self,
        reference: BoneMap,
        target: BoneMap,
        first: Matrix,
        looks: Sequence[tuple[Look, Look]],
    ) -> None:
        self.bones = [b for b in reference.bones if len(b.surface_mm) > 0]
        self.target, self.first = target, first
        self.trees = [KDTree(b.surface_mm) for b in self.bones]
        self.rng = np.random.default_rng(0)
        self.taken = np.zeros(target.grid.shape, np.int32)
        self.motions: dict[int, Matrix] = {}
        self.joints: dict[int, Points] = {}
        self.gaps: dict[tuple[int, int], tuple[float, Points]] = {}
        self.views = views_of(self.bones, looks)

    def run(self) -> tuple[Segment, ...]:
        if not self.bones:
            return ()
        root = max(range(len(self.bones)), key=self._support)
        self._settle(
            root, fitted(self.target, self._sample(root, N_FIT), self.first, FIT_MM)
        )
        while len(self.motions) < len(self.bones):
            child, parent, pivots = self._next()
            self.joints[child] = pivots[0]
            self._settle(child, self._found(child, parent, pivots))
        return tuple(self._segment(k, m) for k, m in sorted(self.motions.items()))

    def _segment(self, k: int, motion: Matrix) -> Segment:
        points = self._sample(k, N_FIT)
        hold = None
        if k in self.joints:
            joint = self.joints[k][None]
            weight = SURE_WEIGHT * len(points)
            hold = Hold(joint, moved(motion, joint), weight)
        view = self.views[k][-1] if self.views[k] else None
        spread, centre = covariance(self.target, points, motion, hold, view)
        return Segment(self.bones[k], motion, spread, centre)

    def _support(self, k: int) -> float:
        """Surface that the first motion puts on bone."""
        points = self.bones[k].surface_mm
        places = moved(self.first, points)
        near = np.abs(self.target.distance_at(places)) < 1.5  # noqa: PLR2004 -- mm, on the bone's surface
        return float(np.count_nonzero(near & self.target.is_seen(places)))

    def _sample(self, k: int, n: int) -> Points:
        points = self.bones[k].surface_mm
        if len(points) <= n:
            return points
        return points[np.random.default_rng(k).permutation(len(points))[:n]]

    def _next(self) -> tuple[int, int, Points]:
        """The nearest bone to those found, its neighbour, and the joint between them."""
        left = [k for k in range(len(self.bones)) if k not in self.motions]
        pairs = [(k, parent) for k in left for parent in self.motions]

        def order(pair: tuple[int, int]) -> float:
            size = len(self.bones[pair[0]].surface_mm)
            return self._joint(*pair)[0] - LARGE_FIRST_MM * math.log10(size)

        child, parent = min(pairs, key=order)
        return child, parent, self._joint(child, parent)[1]

    def _joint(self, k: int, parent: int) -> tuple[float, Points]:
        """Gap between two bones, and where the first may turn against the other."""
        if (k, parent) not in self.gaps:
            points = self._sample(k, N_SEARCH)
            found = self.trees[parent].query(points)
            gaps, nearest = (np.asarray(part) for part in found)
            i = int(gaps.argmin())
            other = self.bones[parent].surface_mm[nearest[i]]
            end = points[gaps < gaps[i] + NEAR_JOINT_MM].mean(axis=0)
            pivots = np.stack([(points[i] + other) / 2, end])
            self.gaps[k, parent] = float(gaps[i]), pivots
        return self.gaps[k, parent]

    def _settle(self, k: int, motion: Matrix) -> None:
        points = self._sample(k, N_FIT)
        hold = None
        if k in self.joints:
            joint = self.joints[k][None]
            weight = HOLD_WEIGHTS[-1] * len(points)
            hold = Hold(joint, moved(motion, joint), weight)
        both = fitted_to_both(self.target, points, motion, self.views[k], hold)
        if self._is_better(k, both, motion):
            motion = both
        self.motions[k] = motion
        index = self._index(moved(motion, self.bones[k].inner_mm))
        for offset in np.ndindex(3, 3, 3):
            near = np.clip(
                index + np.array(offset) - 1, 0, np.array(self.taken.shape) - 1
            )
            self.taken[tuple(near.T)] = k + 1

    def _is_better(self, k: int, new: Matrix, old: Matrix) -> bool:
        """Whether tissue is more alike, and bone fits no worse."""
        if not self.views[k]:
            return False
        view = self.views[k][-1]
        points = self._sample(k, N_FIT)
        before, after = (
            (
                cost_mm(self.target, points, m),
                unlikeness(view.points_mm, view.values, view.other, m),
            )
            for m in (old, new)
        )
        return after[0] < before[0] + WORSE_MM and after[1] < before[1]

    def _index(self, places: Points) -> NDArray[np.intp]:
        index = np.rint(self.target.grid.to_index(places)).astype(np.intp)
        return np.clip(index, 0, np.array(self.taken.shape) - 1)

    def _cost(self, k: int, points: Points, motion: Matrix, parent: Matrix) -> float:
        """How badly a motion fits: surface, inside, and how far it turns."""
        inner = moved(motion, self.bones[k].inner_mm)
        seen = self.target.is_seen(inner)
        outside = (self.target.distance_at(inner) > 0) & seen
        taken = (self.taken[tuple(self._index(inner).T)] > 0) & seen
        return (
            cost_mm(self.target, points, motion)
            + INNER_MM * float(outside.mean())
            + TAKEN_MM * float(taken.mean())
            + DEGREES_COST * angle_deg(motion, parent)
        )

    def _found(self, k: int, parent: int, pivots: Points) -> Matrix:
        """Motion of a bone whose neighbour is known."""
        start = self.motions[parent]
        points = self._sample(k, N_SEARCH)
        joints = moved(start, pivots)

        def cost(motion: Matrix) -> float:
            return self._cost(k, points, motion, start)

        better = [start]
        if cost_mm(self.target, points, start) < AT_ONCE_MM:
            better.append(fitted(self.target, points, start, FIT_MM))
        else:
            ways = turns(start, self.bones[k])
            tries = [about(start, joint, turn) for joint in joints for turn in ways]
            for motion in [start, *sorted(tries, key=cost)[:N_KEPT]]:
                for weight in HOLD_WEIGHTS:
                    hold = Hold(pivots[:1], joints[:1], weight * len(points))
                    better.append(
                        fitted(self.target, points, motion, SEARCH_MM, hold=hold)
                    )
        if is_long(self.bones[k]):
            better += [untwisted(m, start, self.bones[k]) for m in better]
        best = min(better, key=cost)
        many = self._sample(k, N_FIT)
        hold = Hold(pivots[:1], moved(best, pivots[:1]), HOLD_WEIGHTS[-1] * len(many))
        fine = fitted(self.target, many, best, FIT_MM, hold=hold)
        last = [best, fine]
        if is_long(self.bones[k]):
            last.append(untwisted(fine, start, self.bones[k]))
        return min(last, key=lambda m: self._cost(k, many, m, start))
