"""Where to begin: motions of the whole body, however it lies.

Bones and soft tissue of the reference, turned in many ways, are laid over the moving scan
at every shift at once (correlation by Fourier transform).
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from calcitrace.analysis.alignment.bones import BoneMap
from calcitrace.analysis.alignment.likeness import look, unlikeness
from calcitrace.analysis.alignment.matrices import (
    Matrix,
    angle_deg,
    moved,
    turning,
)
from calcitrace.analysis.alignment.motions import (
    View,
    cost_mm,
    fitted,
    fitted_to_both,
)
from calcitrace.analysis.alignment.pictures import Picture

Floats = NDArray[np.float32]
Points = NDArray[np.float64]
Spectrum = NDArray[np.complex64]

N_SEARCH, N_FINE = 800, 4000  # surface points
# Of the best shifts and turns; and of those, which are tried again from places around.
N_KEPT, N_SHIFTED, SHIFTS_MM, ALIKE_MM = 10, 2, (10.0, 20.0), 6.0
# Tolerances: wide ones reach far, but in a hand they find the mean of all bent fingers.
SCHEDULES_MM, FINE_MM = ((12.0, 6.0, 3.0), (4.0, 2.0)), (3.0, 1.5)
GOOD_MM, GOOD_SHARE = 2.0, 0.45  # of surface on bone: no other turns are tried
DEGREES_COST, SHIFT_COST = 0.002, 0.001  # mm per degree and per mm: rather move little
TURNS_DEG = (15.0, 30.0)
UNSEEN_MM = 3.0  # what surface that the moving scan does not hold counts
SMOOTH_MM = 5.0  # of soft tissue
N_TURNS = 160
# What a reference node of bone or soft tissue is worth on bone, muscle, fat and air.
WORTH = {
    "bone": (1.0, -0.15, -0.15, -0.5),
    "muscle": (-0.05, 0.06, -0.04, -0.06),
    "fat": (-0.05, -0.04, 0.06, -0.06),
}
FAT_HU = -30.0
UNLIKE_COST = 4.0  # mm, of tissue that is wholly unlike
N_VIEW = 1500  # nodes of soft tissue


def first_motion(
    reference: BoneMap, target: BoneMap, pictures: tuple[Picture, Picture]
) -> Matrix:
    """Motion that lays most bone on bone; other bones may still lie elsewhere.

    Parameters
    ----------
    reference, target
        Skeletons of both visits.
    pictures
        Both visits on coarse lattices of one step.
    """
    rng = np.random.default_rng(0)
    surface = reference.surface_mm
    points = surface[rng.permutation(len(surface))[:N_SEARCH]]
    layers = _Layers(*pictures)
    mine, other = (look(picture, SMOOTH_MM) for picture in pictures)
    chosen = rng.permutation(len(mine.nodes_mm))[:N_VIEW]
    view = View(mine.nodes_mm[chosen], mine.values[chosen], other)
    trial = _Trial(target, points, view)
    trial.run([np.eye(4)])
    for turns in (_near_turns(), _all_turns()):
        trial.run(layers.starts(turns))
        for start in trial.best(N_SHIFTED):
            trial.run([_shifted(start, shift) for shift in _shifts()])
        trial.refine(N_SHIFTED)
        if _share(target, points, trial.best(1)[0]) > GOOD_SHARE:
            break
    fine = surface[rng.permutation(len(surface))[:N_FINE]]
    return fitted(target, fine, trial.best(1)[0], FINE_MM)


class _Trial:
    """Motions that were tried, with their costs."""

    def __init__(self, target: BoneMap, points: Points, view: View) -> None:
        self.target, self.points, self.view = target, points, view
        self.found: list[tuple[float, Matrix]] = []

    def run(self, starts: Sequence[Matrix]) -> None:
        """Refine motions by bone."""
        for start in starts:
            for tolerances in SCHEDULES_MM:
                motion = fitted(self.target, self.points, start, tolerances)
                self._note(motion)
        self.found.sort(key=lambda pair: pair[0])

    def refine(self, n: int) -> None:
        """Fit the best ones by bone and soft tissue together."""
        for motion in self.best(n):
            self._note(fitted_to_both(self.target, self.points, motion, [self.view]))
        self.found.sort(key=lambda pair: pair[0])

    def _note(self, motion: Matrix) -> None:
        cost = _cost(self.target, self.points, motion, self.view)
        self.found.append((cost, motion))

    def best(self, n: int) -> list[Matrix]:
        """The best motions that differ."""
        kept: list[Matrix] = []
        for _, motion in self.found:
            places = moved(motion, self.points)
            if all(_apart(places, moved(m, self.points)) > ALIKE_MM for m in kept):
                kept.append(motion)
            if len(kept) == n:
                break
        return kept


def _apart(one: Points, other: Points) -> float:
    return float(np.sqrt(((one - other) ** 2).sum(axis=1).mean()))


def _shifts() -> list[Points]:
    return [
        sign * far * axis for far in SHIFTS_MM for axis in np.eye(3) for sign in (1, -1)
    ]


def _shifted(motion: Matrix, shift_mm: Points) -> Matrix:
    out = motion.copy()
    out[:3, 3] += shift_mm
    return out


def _cost(target: BoneMap, points: Points, motion: Matrix, view: View) -> float:
    """How badly a motion fits, in mm: bones, soft tissue, and how far it goes."""
    shift = float(np.linalg.norm((moved(motion, points) - points).mean(axis=0)))
    return (
        cost_mm(target, points, motion, unseen_mm=UNSEEN_MM)
        + UNLIKE_COST * unlikeness(view.points_mm, view.values, view.other, motion)
        + DEGREES_COST * angle_deg(motion, np.eye(4))
        + SHIFT_COST * shift
    )


def _share(target: BoneMap, points: Points, motion: Matrix) -> float:
    """Part of the surface that lies on bone."""
    places = moved(motion, points)
    near = np.abs(target.distance_at(places)) < GOOD_MM
    return float((near & target.is_seen(places)).mean())


def _motion(turn: Points, shift_mm: Points) -> Matrix:
    out = np.eye(4)
    out[:3, :3] = turn
    out[:3, 3] = shift_mm
    return out


def _near_turns() -> list[Points]:
    """No turn, and turns about each axis as a patient on the table may have."""
    turns = [np.eye(3)]
    for degrees in TURNS_DEG:
        for axis in np.eye(3):
            turns += [turning(np.radians(sign * degrees) * axis) for sign in (1, -1)]
    return turns


def _all_turns() -> list[Points]:
    """Turns spread over all that there are (quaternions of a super-Fibonacci spiral)."""
    phi, psi = np.sqrt(2.0), 1.533751168755204288118041
    found: list[Points] = []
    for i in range(N_TURNS):
        s = i + 0.5
        t = s / N_TURNS
        r, big = np.sqrt(t), np.sqrt(1 - t)
        alpha, beta = 2 * np.pi * s / phi, 2 * np.pi * s / psi
        x, y = r * np.sin(alpha), r * np.cos(alpha)
        z, w = big * np.sin(beta), big * np.cos(beta)
        half = float(np.arccos(np.clip(abs(w), 0, 1)))
        axis = np.array([x, y, z]) * (np.sign(w) or 1.0)
        found.append(turning(axis / max(float(np.linalg.norm(axis)), 1e-9) * 2 * half))
    return found


class _Layers:
    """Worth of bone and of soft tissue at each place of the moving scan, transformed."""

    def __init__(self, reference: Picture, moving: Picture) -> None:
        parts = [_parts(reference), _parts(moving)]
        self.nodes = {
            name: _nodes(reference, part)
            for name, part in zip(WORTH, parts[0], strict=False)
        }
        places, weights = self.nodes["bone"]
        self.middle = np.average(places, axis=0, weights=weights)
        reach = max(
            float(np.linalg.norm(part[0] - self.middle, axis=1).max(initial=0.0))
            for part in self.nodes.values()
        )
        self.step = moving.grid.spacing_mm[0]
        half = int(np.ceil(reach / self.step)) + 1
        self.half = half
        self.shape = [
            fft.next_fast_len(n + 2 * half + 1, real=True) for n in moving.grid.shape
        ]
        self.moving = moving
        stack = np.stack(parts[1])
        self.worth: dict[str, Spectrum] = {}
        for name, values in WORTH.items():
            worth = np.tensordot(np.array(values, np.float32), stack, 1)
            self.worth[name] = np.asarray(fft.rfftn(worth, self.shape), np.complex64)

    def starts(self, turns: Sequence[Points]) -> list[Matrix]:
        """The best motions that differ, of all turns and all shifts."""
        found = sorted(
            (score, k, shift)
            for k, turn in enumerate(turns)
            for score, shift in self.shifts(turn)
        )[::-1]
        places = self.nodes["bone"][0]
        kept: list[Matrix] = []
        for _, k, shift in found:
            motion = _motion(turns[k], np.array(shift))
            there = moved(motion, places)
            if all(_apart(there, moved(m, places)) > 2 * ALIKE_MM for m in kept):
                kept.append(motion)
            if len(kept) == N_KEPT:
                break
        return kept

    def shifts(
        self, turn: Points, n: int = 3
    ) -> Iterator[tuple[float, tuple[float, float, float]]]:
        """The best shifts after a turn about the origin, with their worth."""
        spectra: list[Spectrum] = []
        for name, (points, weights) in self.nodes.items():
            away = (points - self.middle) @ turn.T / self.step
            index = np.rint(away[:, ::-1]).astype(np.intp) + self.half
            flat = np.ravel_multi_index(tuple(index.T), self.shape)
            count = np.bincount(flat, weights, int(np.prod(self.shape)))
            spectrum = fft.rfftn(count.reshape(self.shape).astype(np.float32))
            spectra.append(self.worth[name] * np.conj(spectrum))
        total = np.asarray(np.sum(spectra, axis=0), np.complex64)
        score: Floats = np.asarray(fft.irfftn(total, self.shape), np.float32)
        for _ in range(n):
            at = np.unravel_index(int(score.argmax()), score.shape)
            value = float(score[at])
            shape = np.array(self.moving.grid.shape)
            node = np.where(at >= shape, np.array(at) - self.shape, at) + self.half
            place = self.moving.grid.to_world_mm(node.astype(np.float64))
            x, y, z = (float(v) for v in place - turn @ self.middle)
            yield value, (x, y, z)
            box = tuple(slice(max(0, a - 3), a + 4) for a in at)
            score[box] = -np.inf


def _parts(picture: Picture) -> tuple[Floats, ...]:
    """Bone, muscle, fat, and air that was measured, at each node."""
    bone, soft = picture.bone, np.clip(picture.body - picture.bone, 0, 1)
    is_fat = picture.hu < FAT_HU
    return (
        bone,
        np.where(is_fat, 0, soft),
        np.where(is_fat, soft, 0),
        np.clip(picture.seen - picture.body, 0, 1),
    )


def _nodes(picture: Picture, weight: Floats) -> tuple[Points, Points]:
    """Places and weights of nodes that count."""
    index = np.argwhere(weight > 0.05)  # noqa: PLR2004 -- the rest does not count
    return picture.grid.to_world_mm(index), weight[tuple(index.T)].astype(np.float64)
