"""Growing, shrinking, opening and closing of masks, on all cores."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.model.lattice import Structure
from calcitrace.model.volume import Mask
from calcitrace.model.work import for_each_span, threads_for


def dilated(mask: Mask, structure: Structure) -> Mask:
    """Dilate; nothing comes in from outside the array."""
    return _slab_by_slab(mask, structure, ndimage.binary_dilation)


def eroded(mask: Mask, structure: Structure) -> Mask:
    """Erode; outside the array counts as inside, so cut faces stay where they are."""
    return _slab_by_slab(mask, structure, _eroded)


def _eroded(mask: Mask, structure: Structure) -> Mask:
    return np.asarray(ndimage.binary_erosion(mask, structure, border_value=1))


def _slab_by_slab(
    mask: Mask, structure: Structure, change: Callable[[Mask, Structure], Mask]
) -> Mask:
    """Change slabs of slices at the same time, each with the neighbours it needs.

    Far from the mask nothing changes, so only a box around it is looked at.
    """
    if threads_for(mask.size) == 1:
        return change(mask, structure)
    out = np.zeros(mask.shape, bool)
    reach, *sides = (n // 2 for n in structure.shape)

    def fill(span: range) -> None:
        low = max(0, span.start - reach)
        slab = mask[low : span.stop + reach]
        plane = np.logical_or.reduce(slab, axis=0)
        rows, columns = (
            _around(np.flatnonzero(plane.any(axis=1 - axis)), side)
            for axis, side in enumerate(sides)
        )
        part = change(slab[:, rows, columns], structure)
        own = part[span.start - low : span.stop - low]
        out[span.start : span.stop, rows, columns] = own

    for_each_span(fill, len(mask))
    return out


def _around(index: NDArray[np.intp], reach: int) -> slice:
    """Range that holds indices in order, and some on both sides; empty without any."""
    if not index.size:
        return slice(0, 0)
    return slice(max(0, int(index[0]) - reach), int(index[-1]) + 1 + reach)


def opened(mask: Mask, structure: Structure) -> Mask:
    """Remove what is thinner than the structure; cut faces count as continued."""
    return dilated(eroded(mask, structure), structure)


def closed(mask: Mask, structure: Structure) -> Mask:
    """Bridge what is narrower than the structure; cut faces do not close."""
    return eroded(dilated(mask, structure), structure)


def widened(
    box: tuple[slice, slice, slice],
    structure_shape: Sequence[int],
    shape: Sequence[int],
) -> tuple[slice, slice, slice]:
    """Box with room for a structuring element, within the array."""
    z, y, x = (
        slice(max(0, b.start - n), min(size, b.stop + n))
        for b, n, size in zip(box, structure_shape, shape, strict=True)
    )
    return z, y, x
