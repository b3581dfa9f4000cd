"""What trees made of a scan: how probably each voxel belongs to a deposit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.volume import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """One scan in the eyes of the voxel stage.

    Attributes
    ----------
    probability
        Shape of the scan, float32, lightly averaged; 0 where it is not bright.
    believed
        Voxels of pieces that are probably deposits and large enough: what of them was
        skeleton leaves it.
    taken
        Those that left it.
    """

    probability: NDArray[np.float32]
    believed: Mask
    taken: Mask
