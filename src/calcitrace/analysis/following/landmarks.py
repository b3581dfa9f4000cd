"""Pairs that are surely the same, and the shift that they say is left."""

import math
from collections.abc import Sequence

import numpy as np

from calcitrace.analysis.following.bodies import Body, Points
from calcitrace.model.following import FollowingSettings

# A pair is sure if the next best would cost this much more, for either of the two.
NEXT_BEST, NEXT_BEST_MM = 1.5, 2.0
MASS_RATIO_MAX = 3.0
# Weight of "no shift": one landmark alone is not believed in full.
NO_SHIFT_WEIGHT = 0.5
MIN_MASS_MG = 1e-3


def log_mass_ratio(one: float, other: float) -> float:
    """Absolute logarithm of a mass ratio; what noise made negative counts as nothing."""
    return abs(math.log(max(one, MIN_MASS_MG) / max(other, MIN_MASS_MG)))


def landmark_pairs(
    before: Sequence[Body], after: Sequence[Body], settings: FollowingSettings
) -> list[tuple[int, int]]:
    """Mutual nearest pairs without a rival.

    Returns
    -------
    list of (int, int)
        Indices of `before` and `after`. Nearest is by distance of the centres and
        likeness of the masses.
    """
    if not before or not after:
        return []
    centres = np.array([body.centre_mm for body in after])
    cost = np.array(
        [
            np.linalg.norm(centres - body.centre_mm, axis=1)
            + settings.match_mass_mm
            * np.array([log_mass_ratio(body.mass_mg, b.mass_mg) for b in after])
            for body in before
        ]
    )
    pairs: list[tuple[int, int]] = []
    for i in range(len(before)):
        j = int(np.argmin(cost[i]))
        if int(np.argmin(cost[:, j])) != i:
            continue
        rivals = np.concatenate([np.delete(cost[i], j), np.delete(cost[:, j], i)])
        next_best = float(rivals.min()) if rivals.size else math.inf
        best = float(cost[i, j])
        distance = float(np.linalg.norm(centres[j] - before[i].centre_mm))
        ratio = log_mass_ratio(before[i].mass_mg, after[j].mass_mg)
        if (
            next_best > NEXT_BEST * best + NEXT_BEST_MM
            and distance <= settings.pair_reach_mm
            and ratio <= math.log(MASS_RATIO_MAX)
        ):
            pairs.append((i, j))
    return pairs


def residual_shifts_mm(
    before: Sequence[Body], after: Sequence[Body], settings: FollowingSettings
) -> Points:
    """Shift of each earlier body that the landmarks around it agree on.

    Returns
    -------
    ndarray
        Shape (before, 3), mm. Zero far from any landmark.
    """
    pairs = landmark_pairs(before, after, settings)
    if not pairs:
        return np.zeros((len(before), 3))
    places = np.array([before[i].centre_mm for i, _ in pairs])
    shifts = np.array([after[j].centre_mm - before[i].centre_mm for i, j in pairs])
    result = np.zeros((len(before), 3))
    for k, body in enumerate(before):
        squared = ((places - body.centre_mm) ** 2).sum(axis=1)
        weight = np.exp(-squared / (2 * settings.shift_scale_mm**2))
        result[k] = weight @ shifts / (weight.sum() + NO_SHIFT_WEIGHT)
    return result
