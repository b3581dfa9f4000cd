"""Bones of a visit: a map of the distance to their surface, and points on each."""

import math
from dataclasses import dataclass

import cc3d
import edt
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from calcitrace.analysis.alignment.pictures import bone_share, slopes, straight_grid
from calcitrace.model.alignment import Sighted
from calcitrace.model.grid import Grid
from calcitrace.model.work import threads_for

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

STEP_MM, N_NODES_MAX = 1.0, 6e6
LEAST_CORE_MM3 = 25.0  # a smaller one moves with what is near
DEPTHS_MM = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
LEAST_POINTS = 40
N_BONES_MAX = 48
SURFACE_MM = 1.2  # between points that are kept
INNER_POINTS = 150  # of each bone
NEAR_DEPOSIT_MM = 1.5  # surface there may be the deposit's
FAR_MM = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Bone:
    """Points of one bone, in patient space, shape (n, 3) each.

    Attributes
    ----------
    surface_mm
        On its outer surface.
    inner_mm
        Within it.
    """

    surface_mm: Points
    inner_mm: Points

    @property
    def centre_mm(self) -> Points:
        """Middle of its surface."""
        centre: Points = self.surface_mm.mean(axis=0)
        return centre


@dataclass(frozen=True, slots=True, eq=False)
class BoneMap:
    """Distance to the surface of the skeleton.

    Attributes
    ----------
    grid
        Of the arrays; straight, with equal steps.
    distance_mm
        Negative inside.
    slope
        Shape (3, slice, row, column): derivative along (x, y, z).
    seen
        Whether the scan measured the node's place.
    bones
        The largest first.
    """

    grid: Grid
    distance_mm: Floats
    slope: Floats
    seen: NDArray[np.bool_]
    bones: tuple[Bone, ...]

    def at(self, points_mm: Points) -> tuple[Points, Points, NDArray[np.bool_]]:
        """Distance, its derivative (n, 3), and whether the place was measured."""
        index = self.grid.to_index(points_mm).T
        distance = _linear(self.distance_mm, index)
        slope = np.stack([_linear(part, index) for part in self.slope], axis=1)
        return distance, slope, self.is_seen(points_mm)

    def distance_at(self, points_mm: Points) -> Points:
        """Distance to the nearest surface, at the nearest node."""
        index = np.rint(self.grid.to_index(points_mm)).astype(np.intp)
        last = np.asarray(self.grid.shape) - 1
        inner = np.clip(index, 0, last)
        beyond = np.abs(index - inner).sum(axis=1) * self.grid.spacing_mm[0]
        out: Points = self.distance_mm[tuple(inner.T)].astype(np.float64) + beyond
        return out

    def is_seen(self, points_mm: Points) -> NDArray[np.bool_]:
        """Whether places were measured; beyond the lattice the scan may go on."""
        index = np.rint(self.grid.to_index(points_mm)).astype(np.intp)
        last = np.asarray(self.grid.shape) - 1
        return np.asarray(self.seen[tuple(np.clip(index, 0, last).T)])

    @property
    def surface_mm(self) -> Points:
        """Surface points of all bones."""
        parts = [bone.surface_mm for bone in self.bones]
        return np.concatenate([np.zeros((0, 3)), *parts])


def bone_map(sighted: Sighted) -> BoneMap | None:
    """Map the skeleton of a visit; None without any."""
    points = sighted.anatomy.skeleton_mm
    if len(points) == 0:
        return None
    grid = straight_grid(points, STEP_MM, N_NODES_MAX)
    share, seen_share = bone_share(sighted, grid)
    bone = share > 0.5  # noqa: PLR2004 -- half a node
    if not bone.any():
        return None
    distance = _signed_mm(bone, share, grid)
    cores = _cores(distance, grid)
    slope = slopes(distance, grid.spacing_mm[0])
    surface = _clean(sighted, _thinned(points, SURFACE_MM))
    index = np.argwhere(cores)
    if not len(index):
        return None
    owner = cores[tuple(index.T)]
    places = grid.to_world_mm(index)
    number = owner[KDTree(places).query(surface)[1]]
    rng = np.random.default_rng(0)
    bones: list[Bone] = []
    for k in range(1, int(owner.max()) + 1):
        inner = places[owner == k]
        if (number == k).sum() >= LEAST_POINTS:
            chosen = inner[rng.permutation(len(inner))[:INNER_POINTS]]
            bones.append(Bone(surface[number == k], chosen))
    seen = seen_share > 0.5  # noqa: PLR2004 -- most of it
    return BoneMap(grid, distance, slope, seen, tuple(bones))


def _cores(distance_mm: Floats, grid: Grid) -> NDArray[np.int32]:
    """Number the insides of bones, the largest first; 0 elsewhere.

    Where blur has joined bones the joint is thinner than both: a core falls apart when
    it is looked at from ever further below the surface.
    """
    least = LEAST_CORE_MM3 / grid.voxel_volume_mm3
    cores = _parts(distance_mm < 0, max(least, 1))
    for depth in DEPTHS_MM:
        deeper = _parts((distance_mm < -depth) & (cores > 0), max(least, 1))
        if not deeper.any():
            break
        # Which core each deeper part lies in; those with two or more are replaced.
        flat, first = np.unique(deeper.ravel(), return_index=True)
        inside = cores.ravel()[first[flat > 0]]
        n_parts = np.bincount(inside, minlength=int(cores.max()) + 1)
        falls_apart = n_parts > 1
        keep = np.where(falls_apart[cores], 0, cores)
        new = np.where(falls_apart[cores] & (deeper > 0), deeper + cores.max(), keep)
        cores = new.astype(np.int32)
    found, inverse, sizes = np.unique(
        cores.ravel(), return_inverse=True, return_counts=True
    )
    sizes[found == 0] = 0
    order = np.argsort(-sizes, kind="stable")[:N_BONES_MAX]
    rank = np.zeros(len(found), np.int32)
    for number, k in enumerate(order, 1):
        if sizes[k] > 0:
            rank[k] = number
    return np.asarray(rank[inverse].reshape(cores.shape))


def _parts(mask: NDArray[np.bool_], least: float) -> NDArray[np.int32]:
    """Connected parts of a least size."""
    found = np.asarray(cc3d.connected_components(mask, connectivity=6), np.int32)
    is_small = np.bincount(found.ravel()) < least
    found[is_small[found]] = 0
    return found


def _signed_mm(bone: NDArray[np.bool_], share: Floats, grid: Grid) -> Floats:
    """Distance to the surface; next to it the share of bone tells it more finely."""
    step, threads = grid.spacing_mm[0], threads_for(bone.size)

    def away(mask: NDArray[np.bool_]) -> Floats:
        found = edt.edt(
            mask.view(np.uint8), anisotropy=grid.spacing_mm, parallel=threads
        )
        return np.asarray(np.minimum(found, FAR_MM), np.float32)

    signed = np.where(bone, step / 2 - away(bone), away(~bone) - step / 2)
    fine = ndimage.gaussian_filter(signed.astype(np.float32), 0.6)
    edge = np.abs(signed) < step
    by_share = ndimage.gaussian_filter((0.5 - share) * step, 0.4)
    return np.where(edge, 0.5 * (fine + by_share), fine).astype(np.float32)


def _thinned(points_mm: Points, step_mm: float) -> Points:
    """One point, the mean, of each cell that has some."""
    cell = np.floor((points_mm - points_mm.min(axis=0)) / step_mm).astype(np.int64)
    n = cell.max(axis=0) + 1
    key = (cell[:, 0] * n[1] + cell[:, 1]) * n[2] + cell[:, 2]
    _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    sums = [np.bincount(inverse, weights=points_mm[:, k]) for k in range(3)]
    return np.stack(sums, axis=1) / counts[:, None]


def _clean(sighted: Sighted, points_mm: Points) -> Points:
    """Points that no deposit is near."""
    labels, grid = sighted.deposits.labels, sighted.volume.grid
    index = np.rint(grid.to_index(points_mm)).astype(np.intp)
    last = np.asarray(grid.shape) - 1
    keep = np.ones(len(points_mm), bool)
    reach = [math.ceil(NEAR_DEPOSIT_MM / s) for s in grid.spacing_mm]
    for axis in range(3):
        for step in range(-reach[axis], reach[axis] + 1):
            near = index.copy()
            near[:, axis] += step
            keep &= labels[tuple(np.clip(near, 0, last).T)] == 0
    return points_mm[keep]


def _linear(array: Floats, index: Points) -> Points:
    return np.asarray(
        ndimage.map_coordinates(array, index, order=1, mode="nearest"), np.float64
    )
