"""How far a smooth shaft slid along itself, told by the places of deposits.

Along a shaft neither bone nor even tissue tells where one is. What is left is the pattern
of deposits: a slide after which most lie where there were some before. Only their middles
count, so growth does not pull, and only directions that nothing else tells are changed.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.alignment.limbs import Segment
from calcitrace.analysis.alignment.matrices import moved
from calcitrace.model.volume import LabelVolume

Points = NDArray[np.float64]

# Error along a direction from which on deposits are asked; noise makes it look smaller
# than it is.
LOOSE_MM, FOLLOW_MM = 0.45, 0.2  # of the largest bone, and of those that go along
ALONG = 0.9  # cosine between the loosest directions of bones that slide together
REACH_MM, STEP_MM = 25.0, 0.25  # slides that are tried
NEAR_MM, ASIDE_MM = 1.5, 4.0  # of two middles along the slide, and across it
LEAST, LEAST_SHARE = 3, 0.4  # deposits that must agree
SURE_MM = 1.0  # error of a slide that deposits tell


def middles_mm(deposits: LabelVolume) -> Points:
    """Middle of each deposit in patient space, shape (n, 3)."""
    flat = np.flatnonzero(deposits.labels)
    if not flat.size:
        return np.zeros((0, 3))
    owner = deposits.labels.ravel()[flat]
    index = np.stack(np.unravel_index(flat, deposits.labels.shape), axis=1)
    _, number, counts = np.unique(owner, return_inverse=True, return_counts=True)
    sums = [np.bincount(number, weights=index[:, k]) for k in range(3)]
    return deposits.grid.to_world_mm(np.stack(sums, axis=1) / counts[:, None])


def slid(
    segments: Sequence[Segment], reference_mm: Points, moving_mm: Points
) -> tuple[Segment, ...]:
    """Let bones slide along what nothing else tells, where deposits agree on it.

    Parameters
    ----------
    segments
        Bones and their motions.
    reference_mm, moving_mm
        Middles of the deposits of each visit.
    """
    if not segments or min(len(reference_mm), len(moving_mm)) < LEAST:
        return tuple(segments)
    largest = max(segments, key=lambda s: len(s.bone.surface_mm))
    error_mm, way = _loosest(largest)
    if error_mm < LOOSE_MM:
        return tuple(segments)
    slide_mm = _slide_mm(moved(largest.motion, reference_mm), moving_mm, way)
    if slide_mm is None:
        return tuple(segments)
    return tuple(_moved_along(s, way, slide_mm) for s in segments)


def _slide_mm(mapped: Points, there: Points, way: Points) -> float | None:
    """Slide on which most deposits agree; the smallest of equally good ones."""
    apart = there[None] - mapped[:, None]
    along = apart @ way
    aside = np.linalg.norm(apart - along[..., None] * way, axis=2)
    slides = np.arange(-REACH_MM, REACH_MM + STEP_MM, STEP_MM)
    slides = slides[np.argsort(np.abs(slides), kind="stable")]
    off = np.where(aside[None] < ASIDE_MM, along[None] - slides[:, None, None], np.inf)
    likely = np.exp(-0.5 * (np.abs(off).min(axis=2) / NEAR_MM) ** 2).sum(axis=1)
    best = float(slides[int(likely.argmax())])
    agree = (np.abs(along - best) < 2 * NEAR_MM) & (aside < ASIDE_MM)
    n = int(agree.any(axis=1).sum())
    least = max(LEAST, LEAST_SHARE * min(len(mapped), len(there)))
    if n < least:
        return None
    return float(np.median(along[agree]))


def _loosest(segment: Segment) -> tuple[float, Points]:
    """Error of the shift that is known worst, and its direction."""
    values, vectors = np.linalg.eigh(segment.covariance[:3, :3])
    return float(np.sqrt(values[-1])), np.asarray(vectors[:, -1], np.float64)


def _moved_along(segment: Segment, way: Points, slide_mm: float) -> Segment:
    """Bone after a slide, if its own loosest direction is that of the slide."""
    error_mm, own = _loosest(segment)
    if error_mm < FOLLOW_MM or abs(float(own @ way)) < ALONG:
        return segment
    motion = segment.motion.copy()
    motion[:3, 3] += slide_mm * way
    row = np.concatenate([way, np.zeros(3)])
    known = np.linalg.inv(segment.covariance) + np.outer(row, row) / SURE_MM**2
    return replace(
        segment,
        motion=motion,
        covariance=np.asarray(np.linalg.inv(known), np.float64),
        centre_mm=segment.centre_mm + slide_mm * way,
    )
