"""The bones near a deposit, one apart from the other.

The mask of the skeleton is closed over gaps of thin cortex, and where bones lie as close
together as in a hand, so is the tissue between them. Here that tissue is given back: what
is soft, joined to the outside of the mask and in no plane surrounded by dense voxels.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.model.volume import Mask

SOFT_BELOW_HU = 200.0
# Muscle with noise: no more than this many sigmas above it counts as soft as well.
MUSCLE_HU, NOISE_SIGMAS = 60.0, 4.0


def without_bridges(skeleton: Mask, hu: NDArray[np.float64], sigma_hu: float) -> Mask:
    """Skeleton less the soft tissue between its bones.

    Parameters
    ----------
    skeleton
        Bones with their marrow, shape of the box.
    hu
        CT numbers, same shape.
    sigma_hu
        Noise of a voxel.

    Returns
    -------
    Mask
        Same shape. Marrow stays: it touches no outside, or cortex surrounds it in a plane.
    """
    soft = skeleton & (hu < max(SOFT_BELOW_HU, MUSCLE_HU + NOISE_SIGMAS * sigma_hu))
    if not soft.any() or skeleton.all():
        return skeleton
    parts, n = ndimage.label(soft)
    touching = ndimage.binary_dilation(~skeleton) & soft
    is_open = np.zeros(n + 1, bool)
    is_open[parts[touching]] = True
    is_open[0] = False
    bridge = is_open[parts] & ~_surrounded(skeleton & ~soft)
    return skeleton & ~bridge


def _surrounded(dense: Mask) -> Mask:
    """Voxels inside a closed ring of dense voxels in some plane."""
    out = np.zeros_like(dense)
    for axis in range(3):
        flat = ndimage.generate_binary_structure(3, 1)
        keep = [slice(None)] * 3
        for end in (0, 2):
            keep[axis] = slice(end, end + 1)
            flat[tuple(keep)] = False
        outside = ndimage.binary_propagation(
            _frame(dense, axis) & ~dense, flat, mask=~dense
        )
        out |= ~outside & ~dense
    return out


def _frame(like: Mask, axis: int) -> Mask:
    """Voxels at the edge of every plane across an axis."""
    frame = np.zeros_like(like)
    for other in (a for a in range(3) if a != axis):
        edge = np.moveaxis(frame, other, 0)
        edge[0] = edge[-1] = True
    return frame
