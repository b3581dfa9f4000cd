"""What the scan shows apart from deposits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.structures import LabelMap
from calcitrace.model.volume import LabelVolume, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Body, tissues and skeleton of one scan.

    Attributes
    ----------
    tissue
        `Tissue` per voxel, uint8. Outside the body is AIR, gas inside it too.
    body
        Bool, shape of the scan: body with its cavities, without table and clothing.
    skin_mm
        Points on the skin in patient space, shape (n, 3); empty without skin in the
        scan. The cut faces at the scan's ends are no skin.
    skeleton_mm
        Points on the outer surface of the skeleton, shape (n, 3).
    body_diameter_mm
        Water-equivalent diameter of the body in each slice, shape (slice,); NaN where
        no body is in the slice.
    is_truncated
        The body reaches the edge of the field of view.
    segmenter
        Name and version of what found the skeleton.
    structures
        Named structures on the scan's grid; `None` where no segmenter named any.
    """

    tissue: LabelVolume
    body: Mask
    skin_mm: NDArray[np.float64]
    skeleton_mm: NDArray[np.float64]
    body_diameter_mm: NDArray[np.float64]
    is_truncated: bool
    segmenter: str
    structures: LabelMap | None = None
