"""Where deposits may still go."""

from dataclasses import dataclass

import edt
import numpy as np
from numpy.typing import NDArray

from calcitrace.insertion.painting import Lattice
from calcitrace.insertion.site import Array, Site
from calcitrace.model.volume import Mask

END_MARGIN_MM = 8.0
APART_MM = 8.0  # between deposits: nearer ones would be one to a reader
MAX_SPOTS = 400_000


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Voxels to start from, with their distances in mm, each of shape (n,).

    Attributes
    ----------
    index
        (slice, row, column), shape (n, 3).
    end
        To the first or the last slice.
    """

    index: NDArray[np.intp]
    bone: NDArray[np.float32]
    skin: NDArray[np.float32]
    fascia: NDArray[np.float32]
    is_fat: NDArray[np.bool_]
    end: Array


@dataclass(slots=True, eq=False)
class Room:
    """Voxels that are allowed and not taken yet; it shrinks as deposits are placed.

    Attributes
    ----------
    at_ends
        Deposits are to be cut by an end of the scan.
    """

    site: Site
    at_ends: bool
    free: Mask
    spots: Spots

    def take(self, cells: Lattice, filled: NDArray[np.bool_]) -> None:
        """Close what a deposit fills and what lies near to it."""
        mm = [p.ravel() for p in cells.points]
        where = np.nonzero(filled)
        at = [m[w] for m, w in zip(mm, where, strict=True)]
        grid = self.site.grid
        box = tuple(
            slice(
                max(0, int((p.min() - APART_MM) / d)),
                max(0, int((p.max() + APART_MM) / d) + 2),
            )
            for p, d in zip(at, grid.spacing_mm, strict=True)
        )
        part = self.free[box]
        voxels = np.unique(np.stack(self.site.voxels((at[0], at[1], at[2]))), axis=1)
        gone = np.ones(part.shape, bool)
        local = [v - b.start for v, b in zip(voxels, box, strict=True)]
        inside = np.all(
            [(v >= 0) & (v < n) for v, n in zip(local, part.shape, strict=True)], axis=0
        )
        gone[tuple(v[inside] for v in local)] = False
        part &= _distance_mm(gone, grid.spacing_mm) > APART_MM


def room_of(site: Site, rng: np.random.Generator, *, at_ends: bool) -> Room:
    """All that is allowed; away from the ends of the scan, unless these are wanted."""
    ends = np.flatnonzero(site.covered)[[0, -1]]
    k = np.arange(len(site.covered))
    end_mm = np.minimum(k - ends[0], ends[1] - k) * site.grid.spacing_mm[0]
    free = site.allowed.copy()
    if not at_ends:
        free &= (end_mm >= END_MARGIN_MM)[:, None, None]
    found = np.flatnonzero(free)
    if found.size > MAX_SPOTS:
        found = np.sort(rng.choice(found, MAX_SPOTS, replace=False))
    index = np.stack(np.unravel_index(found, free.shape), axis=1)
    where = (index[:, 0], index[:, 1], index[:, 2])
    spots = Spots(
        index,
        site.bone_mm[where],
        site.skin_mm[where],
        site.fascia_mm[where],
        site.is_fat[where],
        end_mm[index[:, 0]].astype(np.float64),
    )
    return Room(site, at_ends, free, spots)


def _distance_mm(
    mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> Array:
    """From each voxel to the nearest False one."""
    if mask.all():
        return np.full(mask.shape, np.inf)
    return np.asarray(edt.edt(mask, anisotropy=spacing_mm, parallel=1), np.float64)
