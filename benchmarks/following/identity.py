"""How well deposits are linked, under errors of alignment and of detection."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.following.courses import Course, Pairs
from calcitrace.analysis.following import Body, linked
from calcitrace.model.following import FollowingSettings

Points = NDArray[np.float64]
Linker = Callable[[Sequence[Body], Sequence[Body]], Pairs]
SETTINGS = FollowingSettings()
GATE_MM = 15.0  # of rivals, wide enough for the errors that are tried
N_WAVES, CORRELATION_MM = 24, 40.0
FALSE_MASS_MG = (0.5, 20.0)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of links; shares follow from them."""

    n_right: int = 0
    n_said: int = 0
    n_true: int = 0
    n_events: int = 0  # splits and merges
    n_events_found: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.n_right + other.n_right,
            self.n_said + other.n_said,
            self.n_true + other.n_true,
            self.n_events + other.n_events,
            self.n_events_found + other.n_events_found,
        )

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of links."""
        return 2 * self.n_right / max(self.n_said + self.n_true, 1)

    @property
    def recall_of_events(self) -> float:
        """Share of splits and merges all of whose links were found."""
        return self.n_events_found / max(self.n_events, 1)


def ours(before: Sequence[Body], after: Sequence[Body]) -> Pairs:
    """Links of Calcitrace."""
    return frozenset((e.before, e.after) for e in linked(before, after, SETTINGS))


def hungarian(before: Sequence[Body], after: Sequence[Body]) -> Pairs:
    """One-to-one links with the least sum of distances between centres."""
    cost = _distances(before, after)
    rows, columns = linear_sum_assignment(np.minimum(cost, 10 * GATE_MM))
    return frozenset(
        (int(i), int(j))
        for i, j in zip(rows, columns, strict=True)
        if cost[i, j] <= GATE_MM
    )


def nearest(before: Sequence[Body], after: Sequence[Body]) -> Pairs:
    """Each later deposit to the nearest earlier one."""
    cost = _distances(before, after)
    best = cost.argmin(axis=0)
    return frozenset((int(i), j) for j, i in enumerate(best) if cost[i, j] <= GATE_MM)


LINKERS: dict[str, Linker] = {
    "Calcitrace": ours,
    "Hungarian on centres": hungarian,
    "nearest centre": nearest,
}


def scored(
    courses: Sequence[Course], error_mm: float, share_wrong: float, seed: int
) -> dict[str, Score]:
    """Score of every linker over courses.

    Parameters
    ----------
    courses
        With perfect alignment and detection.
    error_mm
        Root mean square error of the alignment; it varies smoothly in space.
    share_wrong
        Share of deposits that are missed at either visit, and of false ones added.
    seed
        Of both kinds of error.
    """
    totals = dict.fromkeys(LINKERS, Score())
    for number, one in enumerate(courses):
        rng = np.random.default_rng((seed, number))
        course = with_misses(displaced(one, error_mm, rng), share_wrong, rng)
        for name, linker in LINKERS.items():
            totals[name] += score(course, linker(course.before, course.after))
    return totals


def score(course: Course, said: Pairs) -> Score:
    """Count right links, and splits and merges that were found whole."""
    events = [*course.splits, *course.merges]
    return Score(
        n_right=len(said & course.links),
        n_said=len(said),
        n_true=len(course.links),
        n_events=len(events),
        n_events_found=sum(event <= said for event in events),
    )


def displaced(course: Course, error_mm: float, rng: np.random.Generator) -> Course:
    """Move the later deposits as a wrong alignment would."""
    waves = rng.normal(0.0, 1.0 / CORRELATION_MM, (N_WAVES, 3))
    phase = rng.uniform(0.0, 2 * np.pi, (N_WAVES, 3))

    def shift(points: Points) -> Points:
        angle = points @ waves.T
        wave = np.cos(angle[:, :, None] + phase[None]).sum(axis=1)
        # Each axis has a third of the mean square.
        return np.asarray(error_mm / np.sqrt(3) * np.sqrt(2 / N_WAVES) * wave)

    after = tuple(
        replace(b, points_mm=b.points_mm + shift(b.points_mm)) for b in course.after
    )
    return replace(course, after=after)


def with_misses(course: Course, share: float, rng: np.random.Generator) -> Course:
    """Drop deposits of both visits, and add false ones."""
    if share == 0:
        return course
    kept = [
        [k for k in range(len(bodies)) if rng.random() >= share]
        for bodies in (course.before, course.after)
    ]
    places = [{k: n for n, k in enumerate(side)} for side in kept]

    def left(pairs: Pairs) -> Pairs:
        return frozenset(
            (places[0][i], places[1][j])
            for i, j in pairs
            if i in places[0] and j in places[1]
        )

    events = [[left(e) for e in side] for side in (course.splits, course.merges)]
    splits, merges = ([e for e in side if len(e) > 1] for side in events)
    both = [
        [*(bodies[k] for k in side), *_false(bodies, share, rng)]
        for bodies, side in zip((course.before, course.after), kept, strict=True)
    ]
    return Course(
        tuple(both[0]), tuple(both[1]), left(course.links), tuple(splits), tuple(merges)
    )


def _false(
    bodies: Sequence[Body], share: float, rng: np.random.Generator
) -> list[Body]:
    """Small false deposits somewhere among the true ones."""
    every = np.concatenate([b.points_mm for b in bodies])
    low = np.asarray(every.min(axis=0), np.float64)
    high = np.asarray(every.max(axis=0), np.float64)
    found: list[Body] = []
    for _ in range(round(share * len(bodies))):
        like = bodies[int(rng.integers(len(bodies)))]
        least, most = FALSE_MASS_MG
        mass = math.exp(rng.uniform(math.log(least), math.log(most)))
        points = like.points_mm - like.centre_mm + rng.uniform(low, high)
        found.append(Body(points, like.voxel_mm, mass, 0.1 * mass))
    return found


def _distances(before: Sequence[Body], after: Sequence[Body]) -> Points:
    old = np.array([b.centre_mm for b in before])
    new = np.array([b.centre_mm for b in after])
    return np.asarray(np.linalg.norm(old[:, None] - new[None], axis=2))
