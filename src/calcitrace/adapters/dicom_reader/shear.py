"""Slices of a tilted gantry, shifted in their plane onto a straight grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.dicom_reader.layout import Layout, Plan, UnstackableError
from calcitrace.adapters.unmeasured import AIR_HU
from calcitrace.model.volume import Mask

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The plane that all slices of the volume share.

    Attributes
    ----------
    shape
        Rows and columns: enough for all slices.
    offset_mm
        Position of the first pixel down the rows and across the columns.
    shift_pixels
        How far each source slice lies down and across in it, shape (n, 2), >= 0; zeros
        where slices stack straight.
    """

    shape: tuple[int, int]
    offset_mm: tuple[float, float]
    shift_pixels: Floats

    @property
    def is_straight(self) -> bool:
        """Whether slices are taken as they are."""
        return not self.shift_pixels.any()


def frame_of(layout: Layout, plan: Plan) -> Frame:
    """Find the common plane of a layout.

    Raises
    ------
    UnstackableError
        If no pixel would be measured in all slices.
    """
    first = layout.slices[0][0]
    rows, columns = first.pixels.rows, first.pixels.columns
    if plan.tilt_deg == 0:
        down, across = (float(v) for v in layout.offset_mm.mean(axis=0))
        return Frame((rows, columns), (down, across), np.zeros_like(layout.offset_mm))
    lowest = layout.offset_mm.min(axis=0)
    shift = (layout.offset_mm - lowest) / np.array(first.place.spacing_mm)
    # Rounding in the header is no shift: whole columns stay exact.
    shift[:, np.ptp(shift, axis=0) < 1e-2] = 0  # noqa: PLR2004 -- of a voxel
    extra = np.ceil(shift.max(axis=0)).astype(int)
    if extra[0] >= rows or extra[1] >= columns:
        msg = (
            f"sheared by {plan.tilt_deg:.0f} degrees, so that no pixel is in all slices"
        )
        raise UnstackableError(msg)
    return Frame(
        (rows + int(extra[0]), columns + int(extra[1])),
        (float(lowest[0]), float(lowest[1])),
        shift,
    )


def shifted(hu: NDArray[np.float32], frame: Frame, i: int) -> NDArray[np.float32]:
    """Slice `i` on the common plane, linearly interpolated, air beyond its edges."""
    out = np.full(frame.shape, np.float32(AIR_HU))
    out[: hu.shape[0], : hu.shape[1]] = hu
    for axis in (0, 1):
        shift = float(frame.shift_pixels[i, axis])
        if shift:
            out = _moved(out, shift, axis)
    return out


def common_pixels(plane: Mask, frame: Frame) -> Mask:
    """Pixels of the common plane that every slice measured.

    `plane` are those measured in the slices' own plane.
    """
    covered = np.ones(frame.shape, bool)
    rows, columns = plane.shape
    low = np.floor(frame.shift_pixels.min(axis=0)).astype(int)
    high = np.ceil(frame.shift_pixels.max(axis=0)).astype(int)
    for down in {int(low[0]), int(high[0])}:
        for across in {int(low[1]), int(high[1])}:
            one = np.zeros(frame.shape, bool)
            one[down : down + rows, across : across + columns] = plane
            covered &= one
    return covered


def _moved(image: NDArray[np.float32], shift: float, axis: int) -> NDArray[np.float32]:
    """Move by a fraction of pixels towards higher indices."""
    whole = int(shift)
    part = np.float32(shift - whole)
    image = np.moveaxis(image, axis, 0)
    n = len(image)
    out: NDArray[np.float32] = np.full_like(image, np.float32(AIR_HU))
    out[whole:] = image[: n - whole]
    if part:
        previous = np.full_like(out, np.float32(AIR_HU))
        previous[whole + 1 :] = image[: n - whole - 1]
        out += part * (previous - out)
    return np.ascontiguousarray(np.moveaxis(out, 0, axis))
