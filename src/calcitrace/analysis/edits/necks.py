"""Where a component is narrowest between two places, and its part on one side."""

from dataclasses import dataclass

import edt
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.edits.scene import Index
from calcitrace.model.volume import Mask

FloatArray = NDArray[np.float64]

# Steps of the lattice make false summits of depth: light smoothing takes them away.
SMOOTHING_MM = 0.7
N_HALVINGS = 12  # of the depth at which both sides part: to a 4000th of it
EVERY_NEIGHBOUR = np.ones((3, 3, 3), bool)


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """A component cut in two.

    Attributes
    ----------
    first
        The part on the side of the first place, connected; bool, shape of the mask.
    has_neck
        Whether the component is narrower between the places than at both; without a
        neck it was halved midway.
    """

    first: Mask
    has_neck: bool


def halved(
    mask: Mask, spacing_mm: tuple[float, float, float], first: Index, second: Index
) -> Halves:
    """Cut a component at its neck.

    A watershed of the distance to the surface with two markers: from each place the
    depth is climbed to its summit; the least depth at which what is deeper parts into
    one piece for each summit is that of the neck. What is shallower goes to the nearer
    piece.

    Parameters
    ----------
    mask
        The component, bool, shape (slice, row, column).
    spacing_mm
        Between voxel centres.
    first, second
        Voxels of the mask.
    """
    depth = _depth_mm(mask, spacing_mm)
    summits = _summit(depth, first), _summit(depth, second)
    level = _neck_depth_mm(depth, mask, summits)
    if level is None:
        near = _distance_mm(_marked(mask.shape, first), spacing_mm)
        far = _distance_mm(_marked(mask.shape, second), spacing_mm)
    else:
        pieces = _pieces(depth, mask, level)
        near, far = (_distance_mm(pieces == pieces[s], spacing_mm) for s in summits)
    parts, _ = ndimage.label(mask & (near < far), structure=EVERY_NEIGHBOUR)
    anchor = first if level is None else summits[0]
    return Halves(parts == parts[anchor], has_neck=level is not None)


def _depth_mm(mask: Mask, spacing_mm: tuple[float, float, float]) -> FloatArray:
    """Distance to the surface, lightly smoothed; 0 outside."""
    padded = np.pad(mask, 1).view(np.uint8)
    field = edt.edt(padded, anisotropy=spacing_mm, parallel=1)[1:-1, 1:-1, 1:-1]
    sigma = [SMOOTHING_MM / d for d in spacing_mm]
    smooth = ndimage.gaussian_filter(np.asarray(field, np.float64), sigma)
    return np.asarray(np.where(mask, smooth, 0.0), np.float64)


def _summit(depth: FloatArray, start: Index) -> Index:
    """Deepest voxel reached by always going to the deepest neighbour."""
    at = start
    while True:
        box = tuple(slice(max(0, i - 1), i + 2) for i in at)
        near = depth[box]
        best = np.unravel_index(int(np.argmax(near)), near.shape)
        if near[best] <= depth[at]:
            return at
        s, r, c = (int(b) + part.start for b, part in zip(best, box, strict=True))
        at = s, r, c


def _pieces(depth: FloatArray, mask: Mask, level: float) -> NDArray[np.int32]:
    parts, _ = ndimage.label(mask & (depth >= level), structure=EVERY_NEIGHBOUR)
    return np.asarray(parts, np.int32)


def _neck_depth_mm(
    depth: FloatArray, mask: Mask, summits: tuple[Index, Index]
) -> float | None:
    """Least depth at which both summits are apart; `None` if they never are."""
    low, high = 0.0, float(min(depth[s] for s in summits))

    def apart(level: float) -> bool:
        pieces = _pieces(depth, mask, level)
        return bool(pieces[summits[0]] != pieces[summits[1]])

    if not apart(high):
        return None
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if apart(middle) else (middle, high)
    return high


def _marked(shape: tuple[int, ...], index: Index) -> Mask:
    mask = np.zeros(shape, bool)
    mask[index] = True
    return mask


def _distance_mm(
    mask: Mask, spacing_mm: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Distance of every voxel to a mask that is not empty."""
    field = edt.edt((~mask).view(np.uint8), anisotropy=spacing_mm, parallel=1)
    return np.asarray(field, np.float32)
