"""Soft tissue about each bone, which moves with it."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import KDTree

from calcitrace.analysis.alignment.bones import Bone
from calcitrace.analysis.alignment.likeness import Look
from calcitrace.analysis.alignment.motions import View

VIEW_MM = 60.0  # how far from bone
N_VIEW, LEAST_VIEW = 2000, 30  # nodes for each bone


def views_of(
    bones: Sequence[Bone], looks: Sequence[tuple[Look, Look]]
) -> list[list[View]]:
    """For each bone, the soft tissue that is nearer to it than to others."""
    found: list[list[View]] = [[] for _ in bones]
    if not bones:
        return found
    surface = np.concatenate([b.surface_mm for b in bones])
    owner = np.repeat(np.arange(len(bones)), [len(b.surface_mm) for b in bones])
    tree = KDTree(surface)
    for mine, other in looks:
        found_at = tree.query(mine.nodes_mm, distance_upper_bound=VIEW_MM)
        away, nearest = (np.asarray(part) for part in found_at)
        near = np.isfinite(away)
        number = np.full(len(away), -1)
        number[near] = owner[nearest[near]]
        for k in range(len(bones)):
            index = np.flatnonzero(number == k)
            index = index[np.random.default_rng(k).permutation(len(index))[:N_VIEW]]
            if len(index) >= LEAST_VIEW:
                found[k].append(View(mine.nodes_mm[index], mine.values[index], other))
    return found
