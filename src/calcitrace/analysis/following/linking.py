"""Link deposits of one visit to those of another: overlap, then what is left over.

Landmark pairs give a local residual shift; an overlap graph within one voxel follows,
its weak edges pruned; what is left is matched by surface distance and mass; and what is
still left joins a split or merge where the masses add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree

from calcitrace.analysis.following.bodies import Body, Points
from calcitrace.analysis.following.landmarks import (
    log_mass_ratio,
    residual_shifts_mm,
)
from calcitrace.model.following import FollowingSettings, LinkSource

VOXEL_MAX_MM = 1.5  # thick slices must not link neighbours
# An edge is weak if both of its ends have one twice as strong.
WEAK = 0.5
# A piece must explain at least this share of its mass, and not overshoot by more.
PIECE_FIT, PIECE_OVER = 0.5, 1.5
FAR = 1e6


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """Indices of an earlier and a later body that are linked, and why."""

    before: int
    after: int
    source: LinkSource


def linked(
    before: Sequence[Body], after: Sequence[Body], settings: FollowingSettings
) -> tuple[Edge, ...]:
    """Link bodies that lie in one space.

    Parameters
    ----------
    before, after
        Deposits of two visits; those before may come from several.
    settings
        Reaches and shares.

    Returns
    -------
    tuple of Edge
        Sorted; a body with several is a split or a merge.
    """
    shifts = residual_shifts_mm(before, after, settings)
    here = [body.moved(shift) for body, shift in zip(before, shifts, strict=True)]
    edges = _overlaps(here, after, settings)
    edges |= _matches(here, after, edges, settings)
    edges |= _pieces(here, after, edges, settings)
    return tuple(sorted(edges))


def _overlaps(
    before: Sequence[Body], after: Sequence[Body], settings: FollowingSettings
) -> set[Edge]:
    """Edges between bodies that overlap within one voxel, weak ones pruned."""
    share = np.maximum(_inside(before, after), _inside(after, before).T)
    if share.size == 0:
        return set()
    strong_before, strong_after = share.max(axis=1), share.max(axis=0)
    return {
        Edge(int(i), int(j), LinkSource.OVERLAP)
        for i, j in np.argwhere(share >= settings.overlap_min)
        if share[i, j] >= WEAK * min(strong_before[i], strong_after[j])
    }


def _inside(bodies: Sequence[Body], others: Sequence[Body]) -> Points:
    """Share of each body that lies on each other, shape (bodies, others)."""
    share = np.zeros((len(bodies), len(others)))
    if not bodies or not others:
        return share
    tree = KDTree(np.concatenate([o.points_mm for o in others]))
    owner = np.repeat(np.arange(len(others)), [len(o.points_mm) for o in others])
    for i, body in enumerate(bodies):
        reach = min(max(body.voxel_mm, *(o.voxel_mm for o in others)), VOXEL_MAX_MM)
        found = tree.query(body.points_mm, distance_upper_bound=reach)
        distance, index = np.asarray(found[0]), np.asarray(found[1])
        hits = owner[index[np.isfinite(distance)]]
        share[i] = np.bincount(hits, minlength=len(others)) / len(body.points_mm)
    return share


def _matches(
    before: Sequence[Body],
    after: Sequence[Body],
    edges: set[Edge],
    settings: FollowingSettings,
) -> set[Edge]:
    """One-to-one edges between bodies that overlap nothing (Hungarian method)."""
    left = sorted(set(range(len(before))) - {e.before for e in edges})
    right = sorted(set(range(len(after))) - {e.after for e in edges})
    if not left or not right:
        return set()
    cost = np.full((len(left), len(right)), FAR)
    for a, i in enumerate(left):
        for b, j in enumerate(right):
            if not _may_be_near(before[i], after[j], settings.match_reach_mm):
                continue
            unlike = log_mass_ratio(before[i].mass_mg, after[j].mass_mg)
            cost[a, b] = before[i].gap_mm(after[j]) + settings.match_mass_mm * unlike
    rows, columns = linear_sum_assignment(cost)
    return {
        Edge(left[a], right[b], LinkSource.MATCH)
        for a, b in zip(rows, columns, strict=True)
        if cost[a, b] <= settings.match_reach_mm
    }


def _pieces(
    before: Sequence[Body],
    after: Sequence[Body],
    edges: set[Edge],
    settings: FollowingSettings,
) -> set[Edge]:
    """Edges of what is left to a linked body whose mass then fits better."""
    found: set[Edge] = set()
    pairs = {(e.before, e.after) for e in edges}
    for i, j in _piece_candidates(before, after, pairs, settings):
        found.add(Edge(i, j, LinkSource.PIECE))
    swapped = {(j, i) for i, j in pairs}
    for j, i in _piece_candidates(after, before, swapped, settings):
        found.add(Edge(i, j, LinkSource.PIECE))
    return found


def _piece_candidates(
    wholes: Sequence[Body],
    pieces: Sequence[Body],
    pairs: set[tuple[int, int]],
    settings: FollowingSettings,
) -> list[tuple[int, int]]:
    """(whole, piece) where a piece that has no link explains mass that is missing."""
    taken = {piece for _, piece in pairs}
    sums = dict.fromkeys({whole for whole, _ in pairs}, 0.0)
    for whole, piece in sorted(pairs):
        sums[whole] += pieces[piece].mass_mg
    left = sorted(
        set(range(len(pieces))) - taken, key=lambda k: (-pieces[k].mass_mg, k)
    )
    found: list[tuple[int, int]] = []
    for k in left:
        fits = [
            (wholes[w].gap_mm(pieces[k]), w)
            for w in sorted(sums)
            if _may_be_near(wholes[w], pieces[k], settings.piece_reach_mm)
            and _is_missing(wholes[w], sums[w], pieces[k])
        ]
        gap, whole = min(fits, default=(FAR, -1))
        if gap <= settings.piece_reach_mm:
            found.append((whole, k))
            sums[whole] += pieces[k].mass_mg
    return found


def _is_missing(whole: Body, known_mg: float, piece: Body) -> bool:
    """Whether the whole lacks about the mass of the piece."""
    missing = whole.mass_mg - known_mg
    slack = 2 * (whole.mass_std_mg + piece.mass_std_mg)
    return (
        missing >= PIECE_FIT * piece.mass_mg
        and piece.mass_mg <= PIECE_OVER * missing + slack
    )


def _may_be_near(one: Body, other: Body, reach_mm: float) -> bool:
    """Whether boxes around them come within a reach: quick, and never a wrong no."""
    margin = reach_mm + max(one.voxel_mm, other.voxel_mm)
    low = other.points_mm.min(axis=0) - one.points_mm.max(axis=0)
    high = one.points_mm.min(axis=0) - other.points_mm.max(axis=0)
    return bool(np.maximum(low, high).max() <= margin)
