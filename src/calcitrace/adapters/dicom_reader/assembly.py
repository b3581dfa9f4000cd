"""A stack of planes to one volume: read slice by slice into memory allocated once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.clipping import TopPlateau
from calcitrace.adapters.dicom_reader.layout import Layout, Plan
from calcitrace.adapters.dicom_reader.pixels import (
    PixelReader,
    is_padding,
    is_whole,
    significant,
    to_hu,
)
from calcitrace.adapters.dicom_reader.planes import Plane
from calcitrace.adapters.dicom_reader.shear import Frame, common_pixels, shifted
from calcitrace.adapters.unmeasured import AIR_HU, FieldOfView, unmeasured
from calcitrace.errors import UnreadableSourceError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Coverage, HuVolume

Report = Callable[[float], None]
Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """The volume of a stack, and what was noticed on the way."""

    volume: HuVolume
    coverage: Coverage
    n_duplicates: int
    plateau: str | None


class _TooLargeForInt16Error(Exception):
    """A CT number does not fit int16, so the volume must be float32."""


def assemble(layout: Layout, plan: Plan, frame: Frame, report: Report) -> Assembled:
    """Read all slices of a layout onto its lattice.

    CT numbers are int16 where that is exact, else float32. Lattice slices that were not
    measured are air.

    Raises
    ------
    UnreadableSourceError
        If pixels cannot be read, or if two images at one place differ.
    """
    is_resampled = plan.is_uneven or not frame.is_straight
    rescales = [group[0].rescale for group in layout.slices]
    if not is_resampled and all(is_whole(rescale) for rescale in rescales):
        try:
            return _Filler(layout, plan, frame, np.dtype(np.int16)).fill(report)
        except _TooLargeForInt16Error:
            pass
    return _Filler(layout, plan, frame, np.dtype(np.float32)).fill(report)


class _Filler:
    """Fills one volume; the state of one call of `assemble`."""

    def __init__(
        self, layout: Layout, plan: Plan, frame: Frame, dtype: np.dtype[Any]
    ) -> None:
        pixels = layout.slices[0][0].pixels
        self._layout, self._plan, self._frame = layout, plan, frame
        self._reader = PixelReader()
        self._field = FieldOfView((pixels.rows, pixels.columns))
        self._plateau = TopPlateau()
        self._own_shape = (pixels.rows, pixels.columns)
        self._hu: Array = np.empty((plan.n_slices, *frame.shape), dtype)
        self._hu[~plan.covered] = AIR_HU

    def fill(self, report: Report) -> Assembled:
        """Read, convert and place every slice."""
        if self._plan.is_uneven or not self._frame.is_straight:
            self._fill_resampled(report)
        else:
            self._fill_directly(report)
        plane = self._field.measured()
        if not self._frame.is_straight:
            plane = common_pixels(plane, self._frame)
        if not plane.all():
            self._hu[:, ~plane] = AIR_HU
        layout = self._layout
        ceiling = max(_ceiling_hu(group[0]) for group in layout.slices)
        return Assembled(
            HuVolume(self._hu, _grid(layout, self._plan, self._frame)),
            Coverage(self._plan.covered, plane),
            sum(len(group) - 1 for group in layout.slices),
            self._plateau.detail(ceiling),
        )

    def _fill_directly(self, report: Report) -> None:
        n = len(self._layout.slices)
        for i, place in enumerate(self._plan.index):
            self._read(i, self._hu[round(place)])
            if i % 16 == 0:
                report(i / n)

    def _fill_resampled(self, report: Report) -> None:
        """Interpolate linearly between neighbours, but not across gaps."""
        index, n = self._plan.index, len(self._layout.slices)
        pair = [self._straight(0)] * 2
        read = 0
        for j in np.flatnonzero(self._plan.covered):
            i = int(np.searchsorted(index, j + 1e-9, side="right")) - 1
            while read < min(i + 1, n - 1):
                read += 1
                pair = [pair[1], self._straight(read)]
                report(read / n)
            part = 0.0
            if i + 1 < n:
                part = (j - index[i]) / (index[i + 1] - index[i])
                if not self._plan.bridged[i]:  # beside a gap: the slice that lies there
                    part = round(part)
            lower = pair[0] if i + 1 < n else pair[1]
            self._hu[j] = (1 - np.float32(part)) * lower + np.float32(part) * pair[1]

    def _straight(self, i: int) -> NDArray[np.float32]:
        """Source slice `i` on the common plane."""
        hu = np.empty(self._own_shape, np.float32)
        self._read(i, hu)
        return hu if self._frame.is_straight else shifted(hu, self._frame, i)

    def _read(self, i: int, out: Array) -> None:
        """CT numbers of source slice `i`, shape of its own plane."""
        group = self._layout.slices[i]
        plane = group[0]
        stored = self._reader.stored(plane)
        for twin in group[1:]:
            self._check_twin(stored, plane, twin)
        values = significant(stored, plane.pixels)
        if not to_hu(values, plane.rescale, out):
            raise _TooLargeForInt16Error
        certain = unmeasured(out)
        self._field.add(certain, is_padding(stored, plane.pixels))
        if certain is not None:
            out[certain] = AIR_HU
        self._plateau.add(out)

    def _check_twin(self, stored: Array, plane: Plane, twin: Plane) -> None:
        """Refuse two images of one place unless they are the same."""
        other = self._reader.stored(twin)
        if plane.rescale != twin.rescale or not np.array_equal(stored, other):
            msg = (
                "Expected one image at each place, got two that differ at the same "
                "position. Put the series they belong to in folders of their own."
            )
            raise UnreadableSourceError(msg)


def _ceiling_hu(plane: Plane) -> float:
    """Highest CT number that the stored bits can express."""
    bits = plane.pixels.bits_stored - plane.pixels.is_signed
    slope, intercept = plane.rescale.slope or 1.0, plane.rescale.intercept or 0.0
    return (2.0**bits - 1) * slope + intercept


def _grid(layout: Layout, plan: Plan, frame: Frame) -> Grid:
    normal, down, across = layout.axes
    origin = (
        normal * layout.along_mm[0]
        + down * frame.offset_mm[0]
        + across * frame.offset_mm[1]
    )
    spacing = layout.slices[0][0].place.spacing_mm
    if spacing is None:  # `refusals` let none through
        raise AssertionError
    rows, columns = frame.shape
    x, y, z = (float(v) for v in origin)
    return Grid(
        (plan.n_slices, rows, columns),
        (plan.step_mm, *spacing),
        (x, y, z),
        (_vector(normal), _vector(down), _vector(across)),
    )


def _vector(axis: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(v) + 0.0 for v in axis)  # + 0.0: no minus zero
    return x, y, z
