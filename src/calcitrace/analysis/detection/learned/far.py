"""What lies within centimetres of a bright block, on the coarser lattice."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.detection.learned.blocks import (
    COARSE_MM,
    LOWEST_HU,
    Array,
    Blocks,
)
from calcitrace.analysis.detection.learned.near import FAR_MM, Named, depth_mm
from calcitrace.model.work import in_threads

MEAN_MM = (2.0, 4.0, 8.0)
SPREAD_MM, HIGHEST_MM = 4.0, 6.0
DENSE_HU, DENSE_MM = (130, 250, 400, 700), (3.0, 8.0)
TISSUES_HU = {"gas": (-2000, -400), "fat": (-400, -30), "soft": (-30, 110)}
TISSUE_MM = (3.0, 6.0, 12.0)
MARROW_BELOW_HU, CORTEX_HU = 150, 600
SHARE_MM = (5.0, 10.0)
CORE_MM = (3.0, 5.0, 8.0)
AHEAD_MM = (7.0, 14.0)
HALF = 0.5  # of a coarse block


def far_features(blocks: Blocks) -> Iterator[Named]:
    """Features by name, each of shape (block,)."""
    wide = _Wide(blocks)
    jobs = (
        *(lambda w=w: wide.mean(w) for w in MEAN_MM),
        wide.spread, wide.ends,
        *(lambda d=d: wide.dense(d) for d in DENSE_HU),
        *(lambda t=t: wide.tissue(t) for t in TISSUES_HU),
        wide.distances, wide.bone_shares, wide.cores, wide.ahead,
    )  # fmt: skip
    for found in in_threads(lambda job: list(job()), jobs):
        yield from found


class _Wide:
    """Coarse fields, read where blocks are bright."""

    def __init__(self, blocks: Blocks) -> None:
        self.block = tuple(
            max(1, round(COARSE_MM / s)) for s in blocks.lattice.spacing_mm
        )
        self.spacing_mm = blocks.spacing_mm * self.block
        self.hu = self._shrunk(blocks.hu)
        self.body = self._shrunk(blocks.body) > HALF
        self.light = self._shrunk(blocks.light)
        self.bone = self._shrunk(blocks.bone)
        self.own = blocks.light.reshape(-1)[blocks.at]
        index = blocks.index // self.block
        self.index = index
        self.at: NDArray[np.intp] = np.asarray(
            np.ravel_multi_index(tuple(index.T), self.hu.shape)
        )
        cortex = (blocks.light > CORTEX_HU) & blocks.bone
        self.cortex = self._shrunk(cortex) > 0

    def _shrunk(self, field: NDArray[np.generic]) -> Array:
        out = field.astype(np.float32, copy=False)
        for axis, block in enumerate(self.block):
            if block > 1:
                n = int(out.shape[axis])
                starts: NDArray[np.intp] = np.arange(0, n, block, dtype=np.intp)
                counts = np.diff(np.append(starts, n)).astype(np.float32)
                shape = [1, 1, 1]
                shape[axis] = -1
                total = np.add.reduceat(out, starts, axis=axis)
                out = (total / counts.reshape(shape)).astype(np.float32)
        return np.ascontiguousarray(out)

    def _read(self, field: Array) -> Array:
        return np.asarray(field.reshape(-1)[self.at], np.float32)

    def _blurred(self, field: Array, sigma_mm: float) -> Array:
        return np.asarray(
            ndimage.gaussian_filter(
                field, sigma_mm / self.spacing_mm, mode="nearest", truncate=3.0
            )
        )

    def mean(self, width: float) -> Iterator[Named]:
        smooth = self._read(self._blurred(self.light, width))
        yield f"mean {width:g}", smooth
        yield f"above mean {width:g}", self.own - smooth

    def spread(self) -> Iterator[Named]:
        mean = self._blurred(self.light, SPREAD_MM)
        square = self._blurred(self.light**2, SPREAD_MM) - mean**2
        yield f"spread {SPREAD_MM:g}", self._read(np.sqrt(np.maximum(square, 0)))

    def ends(self) -> Iterator[Named]:
        size = [2 * int(HIGHEST_MM / d + 0.3) + 1 for d in self.spacing_mm]
        highest = ndimage.maximum_filter(self.light, size)
        yield f"highest {HIGHEST_MM:g}", self._read(highest)
        lowest = ndimage.minimum_filter(self.light, size)
        yield f"lowest {HIGHEST_MM:g}", self._read(lowest)

    def dense(self, level: int) -> Iterator[Named]:
        dense = ((self.hu > level) & self.body).astype(np.float32)
        for width in DENSE_MM:
            yield f"over {level} {width:g}", self._read(self._blurred(dense, width))

    def tissue(self, name: str) -> Iterator[Named]:
        low, high = TISSUES_HU[name]
        part = ((self.hu > low) & (self.hu < high) & self.body).astype(np.float32)
        for width in TISSUE_MM:
            yield f"{name} {width:g}", self._read(self._blurred(part, width))

    def distances(self) -> Iterator[Named]:
        marrow = (self.bone > HALF) & (self.light < MARROW_BELOW_HU)
        for name, mask in (("marrow", marrow), ("cortex", self.cortex)):
            yield f"to {name}", self._read(depth_mm(~mask, self.spacing_mm))
        yield "below skin", self._read(depth_mm(self.body, self.spacing_mm))
        for width in SHARE_MM:
            share = self._blurred(marrow.astype(np.float32), width)
            yield f"marrow {width:g}", self._read(share)

    def bone_shares(self) -> Iterator[Named]:
        for width in SHARE_MM:
            yield f"bone {width:g}", self._read(self._blurred(self.bone, width))

    def cores(self) -> Iterator[Named]:
        """How far the thick part of a bone is: a deposit hangs on it like a wart."""
        depth = depth_mm(self.bone > HALF, self.spacing_mm)
        for thick in CORE_MM:
            core = depth >= thick
            far = np.full(core.shape, FAR_MM, np.float32)
            away = depth_mm(~core, self.spacing_mm) if core.any() else far
            yield f"to core {thick:g}", self._read(away)

    def ahead(self) -> Iterator[Named]:
        """Whether it goes on: a shaft does, a deposit ends.

        The less bright of two opposite places, along the best of 13 lines.
        """
        smooth = self._blurred(self.light, 1.5)
        for reach in AHEAD_MM:
            best = np.full(self.at.shape, LOWEST_HU, np.float32)
            second = best.copy()
            for line in _lines():
                step = np.rint(reach * line / self.spacing_mm).astype(int)
                pair = [smooth[tuple(self._moved(step * sign).T)] for sign in (1, -1)]
                less = np.minimum(*pair)
                second = np.maximum(second, np.minimum(best, less))
                best = np.maximum(best, less)
            yield f"ahead {reach:g}", best
            yield f"ahead across {reach:g}", second

    def _moved(self, step: NDArray[np.intp]) -> NDArray[np.intp]:
        top = np.array(self.light.shape) - 1
        return np.asarray(np.clip(self.index + step, 0, top))


def _lines() -> list[NDArray[np.float64]]:
    """Thirteen directions, of length 1, one of each opposite pair."""
    out: list[NDArray[np.float64]] = []
    for z in (-1, 0, 1):
        for y in (-1, 0, 1):
            for x in (-1, 0, 1):
                if (z, y, x) > (0, 0, 0):
                    line = np.array([z, y, x], np.float64)
                    out.append(line / np.linalg.norm(line))
    return out
