"""Tissue map: air, soft tissue, fat, skeleton and what else is dense."""

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.protocol import AnatomySettings
from calcitrace.model.volume import Mask, Tissue
from calcitrace.model.work import for_each_span

# Fat and muscle are 150 HU apart; averaging over this width keeps noise from mixing
# them, and the septa of fat stay.
SMOOTH_MM = 1.5
# Unlike the averaged value, gas and what is denser than any soft tissue need sharp edges.
GAS_HU = -500
OTHER_DENSE_HU = 150
HU_MIN, HU_MAX = -1000, 3000


def tissue_map(
    hu: NDArray[np.int16] | NDArray[np.float32],
    body: Mask,
    skeleton: Mask,
    pixel_mm: float,
    settings: AnatomySettings,
) -> NDArray[np.uint8]:
    """`Tissue` of every voxel, uint8.

    Parameters
    ----------
    hu
        CT numbers, shape (slice, row, column).
    body, skeleton
        Same shape.
    pixel_mm
        Distance between pixels of a slice.
    settings
        Where fat ends.
    """
    width = 2 * int(SMOOTH_MM / pixel_mm / 2 + 1e-6) + 1
    out = np.zeros(hu.shape, np.uint8)

    def fill(span: range) -> None:
        for k in span:
            if not body[k].any():
                continue
            plane = np.clip(hu[k], HU_MIN, HU_MAX)
            is_fat = _box_sum(plane, width) < settings.fat_threshold_hu * width * width
            kind = np.where(is_fat, np.uint8(Tissue.FAT), np.uint8(Tissue.SOFT))
            kind[plane > OTHER_DENSE_HU] = Tissue.OTHER_DENSE
            kind[plane < GAS_HU] = Tissue.AIR
            kind[skeleton[k]] = Tissue.SKELETON
            np.multiply(kind, body[k], out=out[k], casting="unsafe")

    for_each_span(fill, len(hu))
    return out


def _box_sum(plane: NDArray[np.generic], width: int) -> NDArray[np.int32]:
    """Sum over a square around each pixel; the edge is repeated outwards."""
    half = width // 2
    total = np.pad(plane.astype(np.int32), half, mode="edge")
    for axis in range(2):
        steps = [
            np.moveaxis(total, axis, 0)[i : i + plane.shape[axis]] for i in range(width)
        ]
        total = np.moveaxis(np.add.reduce(steps), 0, axis)
    return total
