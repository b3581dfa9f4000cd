"""Voxels that the scanner never measured: which they are, and what is put there."""

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.volume import Mask

AIR_HU = -1024
# No attenuation gives less than -1000 HU; noise and streaks reach some hundred below.
# What lies under this was written by the scanner to say "nothing here" (-2000 - 1024,
# -2048 ...).
UNMEASURED_BELOW_HU = -1500
# Part of the pixels that may lie on the wrong side of a circle and still be its edge.
DISC_MISFIT = 0.02


class FieldOfView:
    """Gathers, slice by slice, the pixels that are unmeasured in all of them.

    A padding value that could also be tissue or air counts only where the measured
    pixels then form a disc: many scanners write -1024 both outside the field of view
    and in air.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._certain: Mask = np.ones(shape, bool)
        self._said: Mask = np.ones(shape, bool)

    def add(self, certain: Mask | None, said: Mask | None) -> None:
        """Take in one slice: below the possible, and equal to the padding value."""
        both = [mask for mask in (certain, said) if mask is not None]
        self._certain &= certain if certain is not None else False
        self._said &= np.logical_or.reduce(both) if both else np.False_

    def measured(self) -> Mask:
        """Pixels inside the field of view, shape (row, column)."""
        if self._said.any() and not self._said.all() and _is_disc(~self._said):
            return ~self._said
        if self._certain.all():
            return np.ones_like(self._certain)
        return ~self._certain


def unmeasured(hu: NDArray[np.int16] | NDArray[np.float32]) -> Mask | None:
    """Voxels that cannot be measurements, NaN included; `None` if there is none."""
    # One pass for the common case; NaN makes the comparison false.
    if hu.min() >= UNMEASURED_BELOW_HU:
        return None
    return ~(hu >= UNMEASURED_BELOW_HU)


def _is_disc(inside: Mask) -> bool:
    """Whether pixels fill a disc about their centre, cut by the image's edges or not."""
    rows, columns = (
        np.flatnonzero(inside.any(axis=1)),
        np.flatnonzero(inside.any(axis=0)),
    )
    n_rows, n_columns = inside.shape
    down = np.arange(n_rows, dtype=np.float64) - float(rows[0] + rows[-1]) / 2
    across = (
        np.arange(n_columns, dtype=np.float64) - float(columns[0] + columns[-1]) / 2
    )
    squared = np.add.outer(down**2, across**2)
    # The area says the radius, also where the image cuts the disc.
    limit = float(np.sort(squared, axis=None)[np.count_nonzero(inside) - 1])
    wrong = np.count_nonzero(inside != (squared <= limit))
    return bool(wrong <= DISC_MISFIT * inside.size)
