"""Bright blocks of a scan on lattices of about one and two millimetres.

Trees learn from blocks of about the same size whatever the scan's own, so that thin
slices cost no more than they must and look like those that were learnt from.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.detection.threshold import KVP_EXPONENT, REFERENCE_KVP
from calcitrace.model.lattice import Lattice
from calcitrace.model.volume import HuVolume, Mask, Tissue

FINE_MM, N_FINE_MAX = 1.0, 16e6
COARSE_MM = 2.0
BRIGHT_HU = 140.0
WATER_HU, AIR_HU = 50.0, -100.0
LOWEST_HU, HIGHEST_HU = -150, 1500
Array = NDArray[np.float32]
_Kind = TypeVar("_Kind", np.bool_, np.uint8)
Box = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Blocks of the body's box.

    Attributes
    ----------
    box
        Of the scan.
    lattice
        Over the box.
    hu
        Mean CT number as at 120 kVp, not clipped, shape of the lattice.
    light
        The same, clipped; tissue's where there is no body.
    body, bone
        Bool, shape of the lattice.
    at
        Flat indices of the bright blocks of the body.
    """

    box: Box
    lattice: Lattice
    hu: Array
    light: Array
    body: Mask
    bone: Mask
    at: NDArray[np.intp]

    @property
    def spacing_mm(self) -> NDArray[np.float64]:
        """Distance between blocks along each axis."""
        return np.asarray(self.lattice.spacing_mm)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Blocks along each axis."""
        return self.lattice.coarse_shape

    @property
    def index(self) -> NDArray[np.intp]:
        """Of the bright blocks, shape (n, 3)."""
        return np.stack(np.unravel_index(self.at, self.shape), axis=1)


def blocks_of(
    volume: HuVolume,
    body: Mask,
    tissue: NDArray[np.uint8],
    box: Box,
    kvp: float | None,
) -> Blocks:
    """Blocks of a scan.

    Parameters
    ----------
    volume, body, tissue
        The scan, its body and its tissues, of one shape.
    box
        Holds the body.
    kvp
        Calcium's contrast falls with it; as at 120 kVp where unknown.
    """
    grid = volume.grid.crop(box)
    lattice = Lattice.over(grid, FINE_MM, N_FINE_MAX)
    hu = lattice.mean(np.ascontiguousarray(volume.hu[box], np.int16)).astype(np.float32)
    scale = ((kvp or REFERENCE_KVP) / REFERENCE_KVP) ** -KVP_EXPONENT
    hu = np.where(hu > WATER_HU, WATER_HU + (hu - WATER_HU) * np.float32(scale), hu)
    middle = tuple(slice(b // 2, None, b) for b in lattice.block)
    inside = _sampled(body[box], lattice, middle)
    bone = _sampled(tissue[box], lattice, middle) == Tissue.SKELETON
    light = np.clip(np.where(inside, hu, AIR_HU), LOWEST_HU, HIGHEST_HU)
    at = np.flatnonzero((hu > BRIGHT_HU) & inside)
    return Blocks(box, lattice, hu, light.astype(np.float32), inside, bone, at)


def _sampled(
    field: NDArray[_Kind], lattice: Lattice, middle: tuple[slice, ...]
) -> NDArray[_Kind]:
    """Middle voxel of each block; of a block that is cut, its first."""
    out = field[tuple(slice(0, None, b) for b in lattice.block)].copy()
    part = field[middle]
    out[tuple(slice(0, n) for n in part.shape)] = part
    return out


def spread(field: Array, blocks: Blocks, shape: tuple[int, int, int]) -> Array:
    """A field of blocks at every voxel of a scan; 0 outside of the box."""
    out = np.zeros(shape, np.float32)
    part = out[blocks.box]
    z, y, x = blocks.lattice.block
    for k in range(part.shape[0]):
        plane = field[k // z]
        wide = np.repeat(np.repeat(plane, y, axis=0), x, axis=1)
        part[k] = wide[: part.shape[1], : part.shape[2]]
    return out
