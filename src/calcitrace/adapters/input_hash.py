"""Hash of voxels and geometry: one scan has one hash, however it was stored."""

import hashlib

import numpy as np

from calcitrace.model.volume import Coverage, HuVolume

# Geometry is rounded: files of different formats keep it to a different precision.
ORIGIN_DECIMALS = 2
SPACING_DECIMALS = 4
DIRECTION_DECIMALS = 3


def input_hash(volume: HuVolume, coverage: Coverage) -> str:
    """SHA-256 of a volume in a canonical orientation, as hexadecimal digits.

    Axes are brought by exchange and reversal alone to run most nearly to the head, the
    back and the left, so that flipped or transposed storage changes nothing.
    """
    grid = volume.grid
    axes = np.asarray(grid.direction)
    order = _order(axes)
    is_flipped = [axes[axis, 2 - place] < 0 for place, axis in enumerate(order)]
    flip = tuple(slice(None, None, -1 if flip else None) for flip in is_flipped)
    corner = [0, 0, 0]
    for axis, flipped in zip(order, is_flipped, strict=True):
        corner[axis] = grid.shape[axis] - 1 if flipped else 0
    signs = np.where(is_flipped, -1.0, 1.0)[:, None]
    said = (
        tuple(grid.shape[axis] for axis in order),
        _rounded(np.asarray(grid.spacing_mm)[list(order)], SPACING_DECIMALS),
        _rounded(grid.to_world_mm(np.asarray(corner)), ORIGIN_DECIMALS),
        _rounded(axes[list(order)] * signs, DIRECTION_DECIMALS),
        str(volume.hu.dtype.newbyteorder("<")),
    )
    digest = hashlib.sha256(repr(said).encode())
    for plane in np.transpose(volume.hu, order)[flip]:
        digest.update(np.ascontiguousarray(plane).data)
    if not coverage.is_full:
        is_upright = order == (0, 1, 2)
        slices = coverage.slices[flip[0]] if is_upright else coverage.slices
        plane = coverage.plane[flip[1:]] if is_upright else coverage.plane
        digest.update(np.packbits(slices).data)
        digest.update(np.packbits(plane).data)
    return digest.hexdigest()


def _order(axes: np.ndarray) -> tuple[int, int, int]:
    """Array axes in the order head, back, left, each taken once."""
    left = [0, 1, 2]
    found: list[int] = []
    for world in (2, 1):
        best = max(left, key=lambda axis: abs(float(axes[axis, world])))
        left.remove(best)
        found.append(best)
    return found[0], found[1], left[0]


def _rounded(values: np.ndarray, decimals: int) -> list[float]:
    return (np.round(values, decimals) + 0.0).ravel().tolist()  # + 0.0: no minus zero
