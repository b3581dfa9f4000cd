"""What lies within a few millimetres of a bright block, at full resolution."""

from collections.abc import Iterator
from typing import cast

import cc3d
import edt
import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.detection.learned.blocks import Array, Blocks
from calcitrace.model.work import in_threads, threads_for

REACH_MM = 3.1
MEAN_MM = (0.8, 1.6)
SHAPE_MM = 1.5
HIGHEST_MM = (1.6, REACH_MM)
PIECE_HU = (200, 400)
FAR_MM = 60.0
CHUNK = 20_000
Named = tuple[str, Array]


def near_features(blocks: Blocks) -> Iterator[Named]:
    """Features by name, each of shape (block,)."""
    yield "hu", np.minimum(blocks.hu.reshape(-1)[blocks.at], 2500)
    yield from _patches(blocks)
    for name, mask in (("to bone", ~blocks.bone), ("in bone", blocks.bone)):
        yield name, depth_mm(mask, blocks.spacing_mm).reshape(-1)[blocks.at]
    for level in PIECE_HU:
        labels = cc3d.connected_components(
            (blocks.hu > level) & blocks.body, connectivity=18
        )
        size = np.bincount(labels.ravel()) * np.prod(blocks.spacing_mm)
        size[0] = 0
        piece = labels.reshape(-1)[blocks.at]
        yield f"piece {level}", np.log1p(size)[piece].astype(np.float32)


def depth_mm(mask: NDArray[np.bool_], spacing_mm: NDArray[np.float64]) -> Array:
    """Distance to the nearest block outside of a mask; cut faces go on."""
    padded = np.pad(mask, 1, mode="edge").view(np.uint8)
    depth = edt.edt(
        padded, anisotropy=tuple(spacing_mm), parallel=threads_for(mask.size)
    )
    return np.minimum(depth[1:-1, 1:-1, 1:-1], np.float32(FAR_MM))


def _patches(blocks: Blocks) -> Iterator[Named]:
    """Weighted means, highest and lowest, slope and second derivatives around."""
    offsets, offset_mm = _offsets(blocks.spacing_mm)
    weights = _weights(offset_mm)
    away_mm = np.linalg.norm(offset_mm, axis=1)
    pad = np.abs(offsets).max(axis=0)
    padded = np.pad(blocks.light, [(n, n) for n in pad], mode="edge")
    steps = np.array([np.prod(padded.shape[axis + 1 :]) for axis in range(3)], int)
    flat = padded.reshape(-1)
    start = (blocks.index + pad) @ steps
    jumps = offsets @ steps
    n = len(start)
    linear = np.empty((n, weights.shape[1]), np.float32)
    ends = np.empty((n, 2 * len(HIGHEST_MM)), np.float32)

    def fill(low: int) -> None:
        part = slice(low, low + CHUNK)
        patch = flat[start[part, None] + jumps]
        linear[part] = patch @ weights
        for k, reach in enumerate(HIGHEST_MM):
            close = patch[:, away_mm <= reach]
            ends[part, 2 * k] = close.max(axis=1)
            ends[part, 2 * k + 1] = close.min(axis=1)

    for _ in in_threads(fill, range(0, n, CHUNK)):
        pass
    own = blocks.light.reshape(-1)[blocks.at]
    for k, width in enumerate(MEAN_MM):
        yield f"mean {width:g}", linear[:, k]
        yield f"above mean {width:g}", own - linear[:, k]
    for k, reach in enumerate(HIGHEST_MM):
        yield f"highest {reach:g}", ends[:, 2 * k]
        yield f"lowest {reach:g}", ends[:, 2 * k + 1]
    first = len(MEAN_MM)
    yield "slope", np.linalg.norm(linear[:, first : first + 3], axis=1)
    second = linear[:, first + 3 :]
    bends = np.linalg.eigvalsh(second[:, [0, 3, 4, 3, 1, 5, 4, 5, 2]].reshape(-1, 3, 3))
    for k in range(3):
        yield f"bend {k}", bends[:, k]


def _offsets(
    spacing_mm: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Neighbours within reach, at least the nearest along each axis."""
    reach = np.maximum(1, (REACH_MM / spacing_mm + 1e-6).astype(int))
    sides: list[int] = (2 * reach + 1).tolist()
    offsets = np.indices(sides).reshape(3, -1).T - reach
    offset_mm = offsets * spacing_mm
    within = (np.abs(offset_mm) <= np.maximum(REACH_MM, spacing_mm)).all(axis=1)
    return offsets[within], offset_mm[within]


def _weights(offset_mm: NDArray[np.float64]) -> Array:
    """Columns: means, then slope and second derivatives of a weighted quadric.

    The quadric is fitted by least squares with Gaussian weights, so slices of any
    thickness give derivatives per mm.
    """
    squared = (offset_mm**2).sum(axis=1)
    columns: list[NDArray[np.float64]] = []
    for width in MEAN_MM:
        weight = np.exp(-squared / (2 * width**2))
        columns.append(weight / weight.sum())
    z, y, x = offset_mm.T
    terms = np.stack(
        [
            np.ones_like(z),
            z,
            y,
            x,
            z * z / 2,
            y * y / 2,
            x * x / 2,
            z * y,
            z * x,
            y * x,
        ],
        axis=1,
    )
    root = np.sqrt(np.exp(-squared / (2 * (2 * SHAPE_MM) ** 2)))
    inverse = cast("NDArray[np.float64]", np.linalg.pinv(terms * root[:, None]))
    solved = inverse * root
    return np.column_stack([*columns, *solved[1:]]).astype(np.float32)
