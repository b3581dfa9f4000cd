"""Small squares of one tissue, made flat by a quadratic surface."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume, Tissue

Array = NDArray[np.float64]

BLOCK_VOXELS = (9, 28)
EDGE_MM = 1.5  # blur of a neighbouring tissue reaches so far
LAG_MM = 4.0  # noise of soft kernels is shared over 2-3 mm
LAG_FRACTION = 0.36  # of the block; longer lags are what the quadratic takes away
LAG_SLICES_MM, LAG_SLICES_MAX = 3.0, 4
N_GROUPS = 24
N_PER_GROUP = 100  # more cost time and add little
ONE_TISSUE = 0.97


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of blocks, their rim and lags, in voxels."""

    block: int
    rim: int
    lag: int
    lag_slices: int

    @property
    def n_slices(self) -> int:
        """Slices that are read together."""
        return self.lag_slices + 1

    @property
    def padded(self) -> int:
        """Size of the transform, so that lags do not wrap around."""
        return self.block + self.lag


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Flat blocks: residuals, shape (block, slice, voxel), and the slice they start in."""

    residual: Array
    first_slice: NDArray[np.int64]


def layout_for(grid: Grid, block_mm: float) -> Layout:
    """Block and lags that fit the voxels of a grid."""
    spacing = max(grid.spacing_mm[1:])
    block = int(np.clip(round(block_mm / spacing), *BLOCK_VOXELS))
    lag = max(1, min(math.ceil(LAG_MM / spacing), int(LAG_FRACTION * block)))
    across = min(math.ceil(LAG_SLICES_MM / grid.spacing_mm[0]), LAG_SLICES_MAX)
    lag_slices = max(0, min(across, grid.shape[0] - 1))
    return Layout(block, math.ceil(EDGE_MM / spacing), lag, lag_slices)


def flat_blocks(
    volume: HuVolume, anatomy: Anatomy, layout: Layout, *, is_dense: bool = False
) -> Blocks:
    """Blocks of one tissue from evenly spaced groups of slices, made flat.

    Between the bones of a hand hardly a block of a fixed tiling holds one tissue:
    `is_dense` also takes tilings moved by half a block, whose blocks overlap.
    """
    half = (layout.block + 2 * layout.rim) // 2
    moves = [(0, 0), (0, half), (half, 0), (half, half)] if is_dense else [(0, 0)]
    parts = [_tiled(volume, anatomy, layout, move) for move in moves]
    return Blocks(
        np.concatenate([p.residual for p in parts]),
        np.concatenate([p.first_slice for p in parts]),
    )


def _tiled(
    volume: HuVolume, anatomy: Anatomy, layout: Layout, move: tuple[int, int]
) -> Blocks:
    """Blocks of one tiling, moved by (rows, columns)."""
    r, c = (slice(n, None) for n in move)
    last = volume.grid.shape[0] - layout.n_slices
    starts = np.unique(np.linspace(0, last, min(N_GROUPS, last + 1)).astype(np.int64))
    basis = quadratics(layout.block)
    parts: list[Array] = []
    firsts: list[NDArray[np.int64]] = []
    for start in starts:
        group = slice(int(start), int(start) + layout.n_slices)
        used = _one_tissue(_tiles(anatomy.tissue.labels[group, r, c], layout))
        used = used[:: max(1, len(used) // N_PER_GROUP)]
        tiles = _tiles(volume.hu[group, r, c], layout)[:, used]
        inner = slice(layout.rim, layout.rim + layout.block)
        shape = (*tiles.shape[:2], layout.block**2)
        hu = tiles[..., inner, inner].reshape(shape).astype(np.float64)
        hu -= hu.mean(axis=2, keepdims=True)
        parts.append(np.swapaxes(hu - (hu @ basis) @ basis.T, 0, 1))
        firsts.append(np.full(len(used), start, np.int64))
    return Blocks(np.concatenate(parts), np.concatenate(firsts))


def _tiles(array: NDArray[np.generic], layout: Layout) -> NDArray[np.generic]:
    """Cut slices into squares with a rim, shape (slice, tile, row, column)."""
    size = layout.block + 2 * layout.rim
    n, rows, columns = array.shape
    r, c = rows // size, columns // size
    cut = array[:, : r * size, : c * size].reshape(n, r, size, c, size)
    return cut.swapaxes(2, 3).reshape(n, r * c, size, size)


def _one_tissue(tiles: NDArray[np.generic]) -> NDArray[np.int64]:
    """Find tiles that are fat or soft tissue in every slice of the group."""
    # Single voxels of strong noise count as dense.
    is_soft = (tiles == Tissue.SOFT) | (tiles == Tissue.OTHER_DENSE)
    is_fat = tiles == Tissue.FAT
    is_plain = (is_soft | is_fat).all(axis=(0, 2, 3))
    share = np.maximum(is_soft.mean(axis=(2, 3)), is_fat.mean(axis=(2, 3)))
    return np.flatnonzero(is_plain & (share.min(axis=0) >= ONE_TISSUE))


def quadratics(block: int) -> Array:
    """Orthonormal quadratic polynomials over a block, shape (voxel, 6)."""
    x = np.linspace(-1, 1, block)
    r, c = (a.ravel() for a in np.meshgrid(x, x, indexing="ij"))
    columns = np.stack([np.ones_like(r), r, c, r * r, r * c, c * c], axis=1)
    return np.asarray(np.linalg.qr(columns)[0], np.float64)
