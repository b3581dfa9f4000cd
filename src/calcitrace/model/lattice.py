"""A coarser lattice over a scan: where shapes are found fast, in mm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid
from calcitrace.model.volume import Mask
from calcitrace.model.work import for_each_span

Structure = NDArray[np.bool_]
_Sums = TypeVar("_Sums", NDArray[np.int32], NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Lattice:
    """Blocks of whole voxels; the last block along an axis may be smaller.

    Attributes
    ----------
    shape
        Voxels of the scan along (slice, row, column).
    block
        Voxels per block along each axis.
    spacing_mm
        Distance between blocks along each axis.
    """

    shape: tuple[int, int, int]
    block: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]

    @classmethod
    def over(
        cls, grid: Grid, target_mm: float, n_blocks_max: float = float("inf")
    ) -> "Lattice":
        """Blocks no larger than `target_mm`, or larger where there were too many.

        Parameters
        ----------
        grid
            Lattice of the scan.
        target_mm
            Blocks are at most this long, unless one voxel is longer.
        n_blocks_max
            Memory and time are bounded by it: in large scans blocks grow, shortest
            side first.
        """
        spacing = grid.spacing_mm
        block = [max(1, int(target_mm / s + 1e-6)) for s in spacing]
        while np.prod([n / b for n, b in zip(grid.shape, block, strict=True)]) > (
            n_blocks_max
        ):
            sides = [b * s for b, s in zip(block, spacing, strict=True)]
            block[int(np.argmin(sides))] += 1
        z, y, x = block
        return cls(
            grid.shape, (z, y, x), (z * spacing[0], y * spacing[1], x * spacing[2])
        )

    @property
    def coarse_shape(self) -> tuple[int, int, int]:
        """Blocks along each axis."""
        s, r, c = (-(-n // b) for n, b in zip(self.shape, self.block, strict=True))
        return s, r, c

    def mean(self, array: NDArray[np.int16] | NDArray[np.float32]) -> NDArray[np.int16]:
        """Mean of each block, rounded, shape `coarse_shape`."""
        z, y, x = self.block
        rows, columns = (
            _counts(n, b) for n, b in zip(self.shape[1:], (y, x), strict=True)
        )
        in_plane = np.multiply.outer(rows, columns)
        total_type = np.int32 if array.dtype == np.int16 else np.float64
        out = np.empty(self.coarse_shape, np.int16)
        counts = _counts(self.shape[0], z)

        def fill(span: range) -> None:
            for k in span:
                n = counts[k]
                total = array[k * z : k * z + n].sum(axis=0, dtype=total_type)
                total = _summed(_summed(total, y).T, x).T
                out[k] = np.rint(total / (in_plane * n))

        for_each_span(fill, len(out))
        return out

    def slab(self, coarse: Mask, k: int) -> Mask:
        """Coarse slice `k` at the resolution of the scan, shape (row, column)."""
        _, rows, columns = self.shape
        _, y, x = self.block
        plane = coarse[k]
        if y > 1:
            plane = np.repeat(plane, y, axis=0)[:rows]
        out = np.empty((rows, columns), bool)
        for i in range(x):
            part = out[:, i::x]
            part[:] = plane[:, : part.shape[1]]
        return out

    def slices(self, k: int) -> slice:
        """Slices of the scan that coarse slice `k` holds."""
        return slice(k * self.block[0], min((k + 1) * self.block[0], self.shape[0]))

    def ball(self, radius_mm: float) -> Structure:
        """Structuring element: offsets within `radius_mm`, at least the centre."""
        return ball(self.spacing_mm, radius_mm)


def _counts(n: int, block: int) -> NDArray[np.int64]:
    """Voxels in each block along an axis; the last one may be smaller."""
    return np.diff(np.append(np.arange(0, n, block), n))


def _summed(plane: _Sums, block: int) -> _Sums:
    """Sum blocks of rows, the last one as far as it goes."""
    if block == 1:
        return plane
    out = plane[::block].copy()
    for i in range(1, block):
        part = plane[i::block]
        out[: len(part)] += part
    return out


def ball(spacing_mm: Sequence[float], radius_mm: float) -> Structure:
    """Offsets within `radius_mm` of the middle, any odd shape, True at the middle."""
    reach = [int(radius_mm / s + 1e-6) for s in spacing_mm]
    axes = np.ogrid[tuple(slice(-n, n + 1) for n in reach)]
    squared = sum((a * s) ** 2 for a, s in zip(axes, spacing_mm, strict=True))
    return np.asarray(squared <= radius_mm**2 * (1 + 1e-6))
